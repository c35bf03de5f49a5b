"""Making the web app: the one place where all parts meet."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from flask import Blueprint, Flask, request
from flask import session as cookie
from flask_babel import Babel
from flask_login import current_user
from jinja2 import StrictUndefined

from portal import auth, error_pages, keys, permissions, views, web
from portal import settings as settings_module
from portal.db import Database
from portal.i18n import FORMATS, TRANSLATIONS, language_of, refresh
from portal.settings import Settings
from portal.views import assets, shell
from portal.work.world import open_portal

ROOT: Final = Path(__file__).parent
LARGEST_POST: Final = 2 * 1024 * 1024


def build(
    settings: Settings | None = None, database: Database | None = None, *, also: Sequence[Blueprint] = ()
) -> Flask:
    """Make the app from settings and a database; from the environment's, unless they are given."""
    settings = settings or settings_module.load()
    keys.use(keys.load(settings.text("secret.key"), settings.data_dir))
    app = Flask("portal", root_path=str(ROOT), template_folder=str(templates()), static_folder=None)
    app.extensions["settings"] = settings
    app.extensions["database"] = database or open_portal(settings)
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_POST,
        MAX_FORM_MEMORY_SIZE=LARGEST_POST,
        MAX_FORM_PARTS=2_000,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session
        WTF_CSRF_SSL_STRICT=False,  # `web` looks at where a post comes from itself, on plain HTTP too
    )
    app.jinja_env.undefined = StrictUndefined
    web.init_app(app)
    auth.init_app(app)
    _speak(app, settings)
    _dress(app, settings)
    error_pages.init_app(app)
    for blueprint in (*views.blueprints(), *also):
        app.register_blueprint(blueprint)
    permissions.init_app(app)
    shell.init_app(app)
    return app


def templates() -> Path:
    """Tell where the templates are: beside the package in a checkout, inside it when installed."""
    inside = ROOT / "templates"
    return inside if inside.is_dir() else ROOT.parent / "templates"


def _speak(app: Flask, settings: Settings) -> None:
    refresh()

    def language() -> str:
        offered = settings.names("portal.languages")
        wishes = [cookie.get("language"), *(tag for tag, _ in request.accept_languages)]
        if current_user.is_authenticated:
            wishes.insert(0, current_user.person.language)
        known = (language_of(wish) for wish in wishes if isinstance(wish, str))
        return FORMATS[next((each for each in known if each in offered), settings.main_language)]

    Babel(
        app,
        default_locale=FORMATS[settings.main_language],
        default_timezone=settings.text("portal.zone"),
        default_translation_directories=str(TRANSLATIONS),
        locale_selector=language,
        timezone_selector=lambda: settings.text("portal.zone"),
    )


def _dress(app: Flask, settings: Settings) -> None:
    logo, colour = settings.file("portal.logo"), settings.text("portal.brand_colour")
    own = "" if settings.is_default("portal.brand_colour") else colour
    assets.init_app(app, colour=own, logo=logo)
