"""What the page's script does, in a real browser, on pages made for it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from flask import Flask, Response, request
from playwright.sync_api import Browser, expect

from portal.views.assets import OWN
from tests.browser import page_at, serve

FRAME = """<!doctype html><html lang="en"><title>t</title><script src="/portal.js" defer></script>
<body>{body}<div id="announcer" aria-live="polite"></div></body></html>"""

POLLED = '<div id="box" data-poll="/fragment" data-every="0.1">beginning</div>'
LIVE = """<form id="f" method="post" data-live="/live" data-live-target="#questions, #sum">
<div id="questions"><label>Name <input id="name" name="name"></label>
<input id="other" name="other"></div></form><aside id="sum">nothing</aside>"""
MENU = """<input id="q" data-search><input id="text"><details id="menu" data-menu><summary>Menu</summary>
<button id="in">in</button></details><button id="out">out</button>
<pre id="line">the line</pre><button data-copy="#line" data-copied="Copied" hidden>Copy</button>"""


@dataclass
class Heard:
    """What the server was asked."""

    looks: int = 0
    forms: list[dict[str, list[str]]] = field(default_factory=list)


@dataclass
class Stage:
    """A small app with one page for each behaviour."""

    address: str
    heard: Heard


@pytest.fixture
def stage() -> Iterator[Stage]:
    app, heard = Flask(__name__), Heard()

    @app.get("/portal.js")
    def script() -> Response:
        return Response((OWN / "portal.js").read_text(encoding="utf-8"), mimetype="text/javascript")

    @app.get("/<any(polled, live, menu):name>")
    def page(name: str) -> str:
        return FRAME.format(body={"polled": POLLED, "live": LIVE, "menu": MENU}[name])

    @app.get("/fragment")
    def fragment() -> Response:
        heard.looks += 1
        headers = {"X-Poll": "stop"} if heard.looks == 3 else {}
        return Response(f"<p data-announce>Step {heard.looks} of 3</p>", headers=headers)

    @app.post("/live")
    def live() -> str:
        heard.forms.append(request.form.to_dict(flat=False))
        name = request.form["name"]
        error = "Write more" if "name" in request.form.getlist("touched") else ""
        return f"""<div id="questions"><label>Name <input id="name" name="name" value="{name}"></label>
        <input id="other" name="other"><p id="error">{error}</p></div>
        <aside id="sum"><b data-announce>{name}!</b></aside>"""

    with serve(app) as address:
        yield Stage(address, heard)


@pytest.mark.browser
def test_polling_shows_news_reads_them_aloud_and_ends_when_told(browser: Browser, stage: Stage) -> None:
    with page_at(browser, f"{stage.address}/polled") as page:
        expect(page.locator("#box")).to_have_text("Step 3 of 3")
        expect(page.locator("#announcer")).to_have_text("Step 3 of 3")
        page.wait_for_timeout(400)  # three more looks would fit in

        assert stage.heard.looks == 3


@pytest.mark.browser
def test_a_live_form_keeps_focus_and_cursor_while_its_parts_are_renewed(
    browser: Browser, stage: Stage
) -> None:
    with page_at(browser, f"{stage.address}/live") as page:
        page.locator("#name").press_sequentially("Noh")
        page.keyboard.press("ArrowLeft")
        page.keyboard.type("a")

        expect(page.locator("#sum")).to_have_text("Noah!")
        expect(page.locator("#announcer")).to_have_text("Noah!")
        assert page.evaluate("document.activeElement.id") == "name"
        assert page.evaluate("document.activeElement.selectionStart") == 3


@pytest.mark.browser
def test_quick_typing_asks_once_for_what_stands_there_last(browser: Browser, stage: Stage) -> None:
    with page_at(browser, f"{stage.address}/live") as page:
        page.locator("#name").press_sequentially("Noah", delay=20)
        expect(page.locator("#sum")).to_have_text("Noah!")

        assert [form["name"] for form in stage.heard.forms] == [["Noah"]]


@pytest.mark.browser
def test_a_field_is_checked_when_it_is_left_not_while_typing(browser: Browser, stage: Stage) -> None:
    with page_at(browser, f"{stage.address}/live") as page:
        page.locator("#name").press_sequentially("N")
        expect(page.locator("#sum")).to_have_text("N!")
        assert page.locator("#error").text_content() == ""

        page.keyboard.press("Tab")

        expect(page.locator("#error")).to_have_text("Write more")
        assert page.evaluate("document.activeElement.id") == "other"


@pytest.mark.browser
def test_a_menu_closes_on_escape_and_on_a_click_beside_it(browser: Browser, stage: Stage) -> None:
    with page_at(browser, f"{stage.address}/menu") as page:
        is_open = "document.getElementById('menu').open"
        page.click("summary")
        page.click("#in")
        assert page.evaluate(is_open) is True

        page.keyboard.press("Escape")
        assert page.evaluate(is_open) is False
        assert page.evaluate("document.activeElement.tagName") == "SUMMARY"

        page.click("summary")
        page.click("#out")
        assert page.evaluate(is_open) is False


@pytest.mark.browser
def test_a_slash_goes_to_the_search_field_but_stays_a_slash_in_a_text(browser: Browser, stage: Stage) -> None:
    with page_at(browser, f"{stage.address}/menu") as page:
        page.click("#text")
        page.keyboard.press("/")
        assert page.input_value("#text") == "/"

        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.id") == "q"
        assert page.input_value("#q") == ""


@pytest.mark.browser
def test_buttons_that_need_the_script_are_seen_only_with_it(browser: Browser, stage: Stage) -> None:
    with page_at(browser, f"{stage.address}/menu", javascript=False) as page:
        assert not page.locator("[data-copy]").is_visible()
    with page_at(browser, f"{stage.address}/menu", permissions=["clipboard-write", "clipboard-read"]) as page:
        page.click("[data-copy]")

        expect(page.locator("#announcer")).to_have_text("Copied")
        assert page.evaluate("navigator.clipboard.readText()") == "the line"
