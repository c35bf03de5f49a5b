"""The build's hook: compiles the translations, and puts templates and configuration inside the wheel."""

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE = Path(__file__).parent


class Hook(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's own parameter is of no use here
    """What hatchling calls before it builds a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile; a checkout that is installed in place keeps its folders where they are."""
        # by its path: the build has no portal installed
        runpy.run_path(str(HERE / "compiler.py"))["compile_catalogues"](HERE)
        if version == "standard":
            build_data["force_include"] |= {"templates": "portal/templates", "config": "portal/config"}
