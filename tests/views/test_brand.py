"""An organisation's own colour."""

import re

import pytest

from portal.errors import Misconfigured
from portal.views.brand import NIGHT, PAPER, WHITE, Colour, brand_css, contrast


def colours(css: str, name: str) -> tuple[Colour, Colour]:
    found = re.search(rf"--p-{name}:light-dark\((#\w{{6}}),(#\w{{6}})\)", css)
    assert found
    light, dark = (
        (int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)) for text in (found[1], found[2])
    )
    return light, dark


@pytest.mark.parametrize("colour", ["#0b5563", "#7a2f63", "#1c5a9e", "#000000", "#767676", "#b3261e"])
def test_every_readable_colour_gives_readable_shades(colour: str) -> None:
    css = brand_css(colour)
    brand, on_it, soft, link = (colours(css, name) for name in ("brand", "brand-ink", "brand-soft", "link"))

    assert contrast(brand[0], on_it[0]) >= 4.5
    assert contrast(brand[1], on_it[1]) >= 4.5
    assert contrast(link[0], PAPER) >= 4.5
    assert contrast(link[1], NIGHT) >= 4.5
    assert contrast(brand[0], soft[0]) >= 4.5
    assert contrast(brand[1], soft[1]) >= 4.5


@pytest.mark.parametrize("colour", ["#ffd166", "#7fcad3", "#ffffff", "#777777"])
def test_a_colour_that_white_text_drowns_in_is_refused(colour: str) -> None:
    with pytest.raises(Misconfigured, match="too light"):
        brand_css(colour)


@pytest.mark.parametrize("colour", ["teal", "#12345", "#0b5563;}", "rgb(1,2,3)"])
def test_what_is_no_colour_is_refused(colour: str) -> None:
    with pytest.raises(Misconfigured, match="cannot be read"):
        brand_css(colour)


def test_contrast_is_counted_as_wcag_does() -> None:
    assert contrast((0, 0, 0), WHITE) == 21
    assert round(contrast((118, 118, 118), WHITE), 2) == 4.54
