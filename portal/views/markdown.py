"""Texts of items written in Markdown, as safe HTML: no raw HTML, nothing that a sanitiser does not know."""

from functools import lru_cache
from typing import Final

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

from catalog.texts import Texts
from portal.views.order_fields import words

TAGS: Final = {"p", "ul", "ol", "li", "strong", "em", "a", "code", "pre", "h3", "h4", "blockquote", "br"}
SCHEMES: Final = {"https", "http", "mailto", "tel"}


def shown(texts: Texts | None) -> tuple[Markup, str]:
    """Return a text as HTML in the reader's language, and its language where that is not the page's."""
    text, language = words(texts)
    return html_of(text), language


@lru_cache(maxsize=512)
def html_of(text: str) -> Markup:
    """Turn Markdown into HTML; headings begin below those of the page."""
    reader = MarkdownIt("commonmark", {"html": False})
    tokens = reader.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = "h3" if token.tag in ("h1", "h2", "h3") else "h4"
    raw = reader.renderer.render(tokens, reader.options, {})
    clean = nh3.clean(raw, tags=TAGS, attributes={"a": {"href"}}, url_schemes=SCHEMES, link_rel="noopener")
    return Markup(clean)  # noqa: S704 - what the sanitiser lets through
