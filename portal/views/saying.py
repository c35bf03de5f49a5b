"""Putting what a query says into the reader's language."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel.lists import format_list
from flask import Flask
from flask_babel import get_locale, gettext

from catalog.texts import Texts
from portal.domain.queries.said import Brief, Said
from portal.i18n import text
from portal.views import formatting
from portal.web import current_settings


def say(what: Any) -> str:
    """Say a sentence, a text in several languages, a day, a moment or a list as the reader reads it."""
    match what:
        case None:
            return ""
        case Said():
            return str(gettext(what.message, **{name: say(value) for name, value in what.values.items()}))
        case str():
            return what
        case bool():
            return str(gettext("Yes") if what else gettext("No"))
        case Texts():
            return say(what.root)
        case Mapping():
            return text(what, formatting.page_language(), main=current_settings().main_language)
        case datetime():
            return formatting.moment(what)
        case Brief():
            return formatting.day(what.day, "short")
        case date():
            return formatting.day(what)
        case int() | float() | Decimal():
            return formatting.number(what)
        case list() | tuple():
            return format_list([say(each) for each in what], locale=get_locale()) if what else ""
    return str(what)


def init_app(app: Flask) -> None:
    """Give templates the filter `say`."""
    app.add_template_filter(say, "say")
