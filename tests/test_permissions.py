"""Every route has a right."""

import pytest
from flask import Flask

from portal.permissions import PERMISSIONS, RIGHTS, RouteWithoutRight, needs, refuse_undeclared


def a_view() -> str:
    return "seen"


def test_a05_a_route_without_a_line_stops_the_start() -> None:
    app = Flask("tests", static_folder=None)
    app.add_url_rule("/new", "news.new", a_view)

    with pytest.raises(RouteWithoutRight, match=r'"news\.new": "…"'):
        refuse_undeclared(app, {})


def test_a_line_with_an_unknown_right_stops_the_start() -> None:
    app = Flask("tests", static_folder=None)
    app.add_url_rule("/new", "news.new", a_view)

    with pytest.raises(RouteWithoutRight, match="no right everybody"):
        refuse_undeclared(app, {"news.new": "everybody"})


def test_a_view_that_names_another_right_than_the_table_stops_the_start() -> None:
    app = Flask("tests", static_folder=None)
    app.add_url_rule("/new", "news.new", needs("admin")(a_view))

    with pytest.raises(RouteWithoutRight, match="the view says admin, the table public"):
        refuse_undeclared(app, {"news.new": "public"})


def test_a_view_cannot_name_a_right_that_does_not_exist() -> None:
    with pytest.raises(ValueError, match="everything"):
        needs("everything")


def test_every_line_has_a_route_and_a_right(app: Flask) -> None:
    assert {endpoint: right for endpoint, right in PERMISSIONS.items() if right not in RIGHTS} == {}
    # the demo's own pages are there only when it runs
    expected = {endpoint for endpoint, right in PERMISSIONS.items() if right != "demo"}
    assert sorted(expected - set(app.view_functions)) == []


def test_every_view_of_ours_names_its_right(app: Flask) -> None:
    unnamed = [
        endpoint
        for endpoint, view in app.view_functions.items()
        if not hasattr(view, "needs") and not endpoint.startswith("assets.")
    ]

    assert unnamed == []
