"""How the files that pages are dressed in are sent."""

import gzip
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.errors import Misconfigured
from portal.views.assets import OWN, Asset, load_assets


def addresses(client: FlaskClient) -> list[str]:
    page = client.get("/sign-in").get_data(as_text=True)
    return re.findall(r'(?:href|src)="(/static/[^"]+)"', page)


def test_every_file_of_a_page_is_kept_for_ever(client: FlaskClient) -> None:
    found = addresses(client)
    answers = [client.get(address) for address in found]

    assert len(found) == 6
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.headers["Cache-Control"] for answer in answers} == {"public, max-age=31536000, immutable"}


def test_an_address_from_before_an_update_gets_the_new_file_but_may_not_keep_it(client: FlaskClient) -> None:
    answer = client.get("/static/0123456789ab/portal.css")

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-cache"


def test_files_are_sent_compressed_to_those_who_can_read_it(client: FlaskClient) -> None:
    plain = client.get("/static/x/bootstrap.css")
    packed = client.get("/static/x/bootstrap.css", headers={"Accept-Encoding": "gzip"})

    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 5


@pytest.mark.parametrize("name", ["nothing.css", "..%2f..%2fsettings.py", "assets.py"])
def test_only_known_files_are_sent(client: FlaskClient, name: str) -> None:
    assert client.get(f"/static/x/{name}").status_code == 404


def test_the_typeface_is_found_from_its_stylesheet(client: FlaskClient) -> None:
    theme = next(address for address in addresses(client) if address.endswith("/theme.css"))
    css = client.get(theme).get_data(as_text=True)
    font = re.search(r'url\("\.\./([^"]+)"\)', css)

    assert font
    answer = client.get(f"/static/{font[1]}")
    assert answer.mimetype == "font/ttf"
    assert "immutable" in answer.headers["Cache-Control"]


def test_without_the_typefaces_package_the_system_font_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.views.assets.find_spec", lambda name: None)

    assets = load_assets()

    assert "public-sans.ttf" not in assets
    assert assets["theme.css"].body == b""


def test_an_own_colour_and_logo_are_sent(tmp_path: Path) -> None:
    logo = tmp_path / "town.SVG"
    logo.write_text("<svg/>")

    assets = load_assets(colour="#7a2f63", logo=logo)

    assert assets["logo.svg"].body == b"<svg/>"
    assert b"--p-brand:#7a2f63" in assets["theme.css"].body


def test_the_standard_colour_keeps_the_shades_chosen_by_eye() -> None:
    assert b"--p-brand" not in load_assets(colour="#0b5563")["theme.css"].body


def test_an_unreadable_colour_stops_the_start() -> None:
    with pytest.raises(Misconfigured):
        load_assets(colour="#ffd166")


def test_another_content_has_another_address() -> None:
    assert Asset("a.css", b"a{}").digest != Asset("a.css", b"b{}").digest


def test_own_files_stay_small() -> None:
    assert (OWN / "portal.css").stat().st_size < 30_000
    assert (OWN / "portal.js").stat().st_size < 8_000


def test_colours_stand_only_in_the_tokens() -> None:
    css = (OWN / "portal.css").read_text(encoding="utf-8")
    allowed = {"#fff", "#000"}  # text on the hero, which is dark in both themes; paper

    assert set(re.findall(r"#[0-9a-fA-F]{3,6}\b(?=[;, )])", css)) <= allowed


def test_an_unknown_icon_is_a_circle(app: Flask) -> None:
    with app.test_request_context():
        icon = app.jinja_env.globals["icon"]
        assert callable(icon)
        assert icon("no-such-icon") == icon("circle")
        assert icon("bag") != icon("circle")
