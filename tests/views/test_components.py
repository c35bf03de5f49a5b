"""The components: each on one page, looked at by axe in both themes, wide and narrow."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from portal import states
from portal.views.statuses import STATUSES
from tests.browser import axe_violations, complaints, page_at, serve, sideways, small_targets

TEMPLATES = Path(__file__).parents[2] / "templates"
BOTH_WIDTHS = pytest.mark.parametrize("width", [1280, 390])
BOTH_THEMES = pytest.mark.parametrize("theme", ["light", "dark"])


@pytest.fixture
def demo_page(app: Flask) -> Iterator[str]:
    """The address of the page with every component."""
    app.debug = True
    with serve(app) as address:
        yield f"{address}/dev/components"


@pytest.mark.browser
@BOTH_THEMES
@BOTH_WIDTHS
def test_axe_finds_nothing(browser: Browser, demo_page: str, width: int, theme: str) -> None:
    with page_at(browser, f"{demo_page}?theme={theme}", width=width) as page:
        shut = axe_violations(page)
        page.click(".me summary")
        with_menu = axe_violations(page)

        assert shut == []
        assert with_menu == []
        assert complaints(page) == []


@pytest.mark.browser
def test_nothing_sticks_out_and_everything_can_be_hit(browser: Browser, demo_page: str) -> None:
    for width in (320, 390, 768, 1280):
        with page_at(browser, demo_page, width=width) as page:
            assert (width, sideways(page)) == (width, 0)
            assert small_targets(page) == []


@pytest.mark.browser
def test_text_at_double_size_does_not_stick_out(browser: Browser, demo_page: str) -> None:
    with page_at(browser, demo_page, width=1280) as page:
        page.evaluate("document.documentElement.style.fontSize = '200%'")

        assert sideways(page) == 0


@pytest.mark.browser
def test_what_has_focus_is_never_under_the_bottom_bar(browser: Browser, demo_page: str) -> None:
    with page_at(browser, demo_page, width=390, reduced_motion="reduce") as page:  # or it is still scrolling
        page.evaluate("document.querySelector('main').focus()")
        hidden = []
        for _ in range(45):
            page.keyboard.press("Tab")
            covered = page.evaluate(
                """() => {
                    const bar = document.querySelector(".mainnav").getBoundingClientRect();
                    const box = document.activeElement.getBoundingClientRect();
                    const inBar = document.activeElement.closest(".mainnav");
                    return !inBar && box.top > bar.top ? document.activeElement.outerHTML.slice(0, 80) : "";
                }"""
            )
            hidden += [covered] if covered else []

        assert hidden == []


@pytest.mark.browser
def test_errors_get_the_focus_and_lead_to_their_fields(browser: Browser, demo_page: str) -> None:
    with page_at(browser, demo_page) as page:
        assert page.title().startswith("Error:")
        assert page.evaluate("document.activeElement.id") == "error-summary"

        page.click("#error-summary a:has-text('Choose a model')")

        assert page.evaluate("location.hash") == "#model"
        assert page.evaluate("document.getElementById('model').type") == "radio"


@pytest.mark.browser
def test_without_javascript_the_page_says_how_to_go_on(browser: Browser, demo_page: str) -> None:
    with page_at(browser, demo_page, javascript=False) as page:
        assert page.locator("button:has-text('Update the form')").is_visible()
        assert not page.locator("button:has-text('Print')").is_visible()
        page.click(".me summary")
        assert page.locator("button:has-text('Sign out')").is_visible()


@pytest.mark.browser
def test_dark_is_for_the_screen_and_paper_is_white(browser: Browser, demo_page: str) -> None:
    with page_at(browser, f"{demo_page}?theme=dark") as page:
        ground = "getComputedStyle(document.querySelector('.sum')).backgroundColor"
        assert page.evaluate(ground) == "rgb(25, 35, 37)"

        page.emulate_media(media="print")

        assert page.evaluate(ground) == "rgb(255, 255, 255)"
        assert not page.locator(".top").is_visible()


def test_the_page_is_not_there_outside_of_development(client: FlaskClient) -> None:
    assert client.get("/dev/components").status_code == 404


def rendered(app: Flask, template: str, **values: object) -> str:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        return " ".join(render_template_string(template, **values).split())


def test_a_field_ties_hint_and_error_to_its_control(app: Flask) -> None:
    html = rendered(
        app,
        """{% from "_components/field.html" import field %}
        {{ field("ks", "Centre", hint="Five digits", error="Five, please", value="4", required=true) }}""",
    )

    assert html == (
        '<div class="fld has-err"> <label class="form-label" for="ks">Centre</label> '
        '<p class="hint form-text" id="ks-hint">Five digits</p>'
        '<input class="form-control is-invalid" type="text" id="ks" name="ks" aria-invalid="true" '
        'aria-describedby="ks-hint ks-err" required value="4"> '
        '<p class="err invalid-feedback d-block" id="ks-err"><span class="sr">Error: </span>'
        "Five, please</p> </div>"
    )


@pytest.mark.parametrize("kind", ["text", "textarea", "select", "radio", "cards", "checkboxes", "checkbox"])
def test_every_text_of_a_field_is_escaped(app: Flask, kind: str) -> None:
    evil = '"><script>alert(1)</script>'
    html = rendered(
        app,
        """{% from "_components/field.html" import field %}
        {{ field("q", evil, type=kind, hint=evil, error=evil, value=evil, suffix=evil,
                 choices=[{"value": evil, "label": evil, "hint": evil, "price": evil}]) }}""",
        evil=evil,
        kind=kind,
    )

    assert html.count("alert(1)") >= 3
    assert "<script>" not in html


def test_chosen_values_are_kept_whatever_their_type(app: Flask) -> None:
    html = rendered(
        app,
        """{% from "_components/field.html" import field %}
        {{ field("a", "A", type="select", value=7, choices=choices) }}
        {{ field("b", "B", type="radio", value="7", choices=choices) }}
        {{ field("c", "C", type="checkboxes", value=[7], choices=choices) }}""",
        choices=[{"value": 7, "label": "seven"}, {"value": "8", "label": "eight"}],
    )

    assert re.findall(r'value="(\w*)"(?: selected| checked)', html) == ["7", "7", "7"]


def test_only_what_may_be_left_out_is_marked(app: Flask) -> None:
    html = rendered(
        app,
        """{% from "_components/field.html" import field %}
        {{ field("a", "Needed", required=true) }}{{ field("b", "Other") }}
        {{ field("c", "Tick", type="checkbox") }}""",
    )

    assert re.findall(r"(\w+) <span class=\"opt\">", html) == ["Other"]


def test_every_state_has_its_look() -> None:
    nouns = {
        "request": states.RequestState,
        "task": states.TaskState,
        "approval": states.ApprovalState,
        "holding": states.HoldingState,
        "account": states.AccountState,
        "item": states.ItemState,
        "resource": states.ResourceState,
        "mail": states.MailState,
    }

    missing = [(noun, state) for noun, kind in nouns.items() for state in kind if state not in STATUSES[noun]]

    assert missing == []


def test_every_icon_that_templates_name_exists(app: Flask) -> None:
    icons = app.extensions["icons"]
    named = {
        name
        for file in TEMPLATES.rglob("*.html")
        for name in re.findall(r'icon\("([a-z0-9-]+)"\)', file.read_text(encoding="utf-8"))
    }
    named |= {status.icon for looks in STATUSES.values() for status in looks.values()}

    assert len(named) > 30
    assert sorted(named - set(icons)) == []


def test_no_template_has_anything_inline() -> None:
    forbidden = re.compile(r"\sstyle=|<style|<script(?![^>]*\ssrc=)|\son[a-z]{3,}=|\|\s*safe\b|javascript:")
    files = [file for file in TEMPLATES.rglob("*.html") if "mail" not in file.relative_to(TEMPLATES).parts]

    texts = {file.name: file.read_text(encoding="utf-8") for file in files}
    found = [(name, hit) for name, text in texts.items() for hit in forbidden.findall(text)]

    assert len(files) > 30
    assert found == []
