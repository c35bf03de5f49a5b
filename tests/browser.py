"""A real browser for tests: Debian's Chromium through Playwright, the portal on a port of its own, and axe.

Tests that use it are marked `browser`. A missing Chromium skips them, unless PORTAL_TEST_REQUIRE=all.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal
from weakref import WeakSet

import axe_playwright_python
import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from tests.peers.require import need

AXE: Final = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS: Final = ["color-contrast", "link-in-text-block"]
"""The rules of those that see colours; the others find the same in every theme."""
SLOW: Final = 20_000
"""Milliseconds after which anything in the browser counts as stuck."""

ARGUMENTS: Final = [
    "--no-sandbox",  # containers run the tests as root
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

_without_javascript: WeakSet[BrowserContext] = WeakSet()

RUN_AXE: Final = """([only, limit]) => Promise.race([
    axe.run(document, {runOnly: only, resultTypes: ["violations"]}),
    new Promise((_, refuse) => setTimeout(() => refuse(new Error("axe took too long")), limit)),
]).then(found => found.violations.map(each => ({
    rule: each.id, help: each.help,
    places: each.nodes.map(node => node.target.join(" ") + ": " + node.html.slice(0, 160)),
})))"""

MEASURE: Final = """least => [...document.querySelectorAll("a[href], button, input, select, summary")]
    .filter(each => each.checkVisibility() && each.type != "hidden")
    .filter(each => !each.closest("p, td, dd, .sr, .cat, .item"))
    .map(each => ({text: each.outerHTML.slice(0, 90), box: each.getBoundingClientRect()}))
    .filter(({box}) => box.left >= 0 && (box.width < least || box.height < least))
    .map(({text, box}) => `${text} ${Math.round(box.width)}x${Math.round(box.height)}`)"""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a run; every page gets a context of its own."""
    chromium = need("chromium", "chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS, timeout=SLOW)
        yield started
        started.close()


@contextmanager
def serve(app: Flask) -> Iterator[str]:
    """Serve an app on a free port as long as the block lasts; give its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.daemon_threads = True  # type: ignore[attr-defined]  # socketserver's; a polling page may not hold the end
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()


@contextmanager
def page_at(
    browser: Browser,
    address: str = "",
    *,
    width: int = 1280,
    theme: Literal["light", "dark"] = "light",
    javascript: bool = True,
    language: str = "en",
    **options: Any,
) -> Iterator[Page]:
    """Open a fresh page, at an address if one is given; `complaints(page)` is what its console says."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=theme,
        java_script_enabled=javascript,
        locale=language,
        **options,
    )
    context.set_default_timeout(SLOW)
    if not javascript:
        _without_javascript.add(context)
    page = context.new_page()
    heard: list[str] = []
    page.on("console", lambda line: heard.append(line.text) if line.type in ("error", "warning") else None)
    page.on("pageerror", lambda problem: heard.append(str(problem)))
    _complaints[id(page)] = heard
    try:
        if address:
            page.goto(address)
        yield page
    finally:
        context.close()
        _complaints.pop(id(page), None)


_complaints: dict[int, list[str]] = {}


def complaints(page: Page) -> list[str]:
    """Give the errors and warnings of the page's console: broken scripts, and what the CSP refused."""
    return _complaints[id(page)]


def axe_violations(page: Page, *, only_colours: bool = False) -> list[str]:
    """Give what axe finds wrong with the page as it is now, a line for each place."""
    if page.context in _without_javascript:
        raise RuntimeError("axe never answers where JavaScript is off: look at the page with it on.")
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    only = {"type": "rule", "values": COLOURS} if only_colours else {"type": "tag", "values": TAGS}
    found: list[dict[str, Any]] = page.evaluate(RUN_AXE, [only, SLOW])
    return [f"{each['rule']} ({each['help']}): {place}" for each in found for place in each["places"]]


def sideways(page: Page) -> int:
    """Give how many pixels the page is wider than its window; 0 is right."""
    wider: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wider


def small_targets(page: Page, least: int = 24) -> list[str]:
    """Give the controls that are hard to hit; not links in running text, nor those that fill a card."""
    found: list[str] = page.evaluate(MEASURE, least)
    return found
