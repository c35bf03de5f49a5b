"""The pages. Every module here with a blueprint, always called `bp`, is found; there is no list to edit."""

from importlib import import_module
from pkgutil import iter_modules

from flask import Blueprint


def blueprints() -> list[Blueprint]:
    """Give every page's blueprint, in the order of their names."""
    modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
    return [module.bp for module in modules if hasattr(module, "bp")]
