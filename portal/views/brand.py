"""An organisation's own colour: the shades that follow from it, and when it cannot be used."""

import re
from collections.abc import Callable

from portal.errors import Misconfigured
from portal.i18n import N_

STANDARD = "#0b5563"
"""The portal's own colour, whose shades are chosen by eye and stand in tokens.css."""

READABLE = 4.5
WHITE, BLACK = (255, 255, 255), (0, 0, 0)
PAPER, NIGHT = (239, 237, 230), (34, 46, 49)
"""The darkest ground of the light theme and the lightest of the dark one (`sunk` in tokens.css)."""

Colour = tuple[int, int, int]


def _parse(text: str) -> Colour:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise Misconfigured(
            N_("The colour %(colour)s cannot be read. Write it as six digits, for example #0b5563."),
            colour=text,
        )
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def _css(colour: Colour) -> str:
    return "#" + "".join(f"{part:02x}" for part in colour)


def _mix(one: Colour, other: Colour, share: float) -> Colour:
    """Mix a share of the other colour into the first."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _until(colour: Colour, other: Colour, enough: Callable[[Colour], bool]) -> Colour:
    """Mix in more of the other colour until it is enough."""
    for hundredths in range(0, 101, 4):
        mixed = _mix(colour, other, hundredths / 100)
        if enough(mixed):
            return mixed
    return other


def _luminance(colour: Colour) -> float:
    def linear(part: int) -> float:
        value = part / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(part) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast of two colours as WCAG counts it, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def brand_css(text: str) -> str:
    """Write the tokens of an own colour; refuse one on which white text is hard to read."""
    colour = _parse(text)
    measured = contrast(colour, WHITE)
    if measured < READABLE:
        raise Misconfigured(
            N_(
                "The colour %(colour)s is too light: white text on it has a contrast of %(measured)s, "
                "and 4.5 is needed. Choose a darker one."
            ),
            colour=text,
            measured=f"{measured:.1f}",
        )
    bright = _until(colour, WHITE, lambda each: contrast(each, NIGHT) >= 7)
    dusk = _mix(NIGHT, colour, 0.35)
    pairs = {
        "brand": (colour, bright),
        "brand-d": (_mix(colour, BLACK, 0.25), _mix(bright, WHITE, 0.3)),
        "brand-ink": (WHITE, _mix(colour, BLACK, 0.65)),
        "brand-soft": (
            _until(_mix(colour, WHITE, 0.88), WHITE, lambda each: contrast(each, colour) >= READABLE),
            _until(dusk, BLACK, lambda each: contrast(each, bright) >= READABLE),
        ),
        "link": (_until(colour, BLACK, lambda each: contrast(each, PAPER) >= READABLE), bright),
        "hero": (_mix(colour, BLACK, 0.15), _mix(colour, BLACK, 0.55)),
        "hero2": (colour, _mix(colour, BLACK, 0.4)),
    }
    plain = "".join(f"--p-{name}:{_css(light)};" for name, (light, _) in pairs.items())
    both = "".join(f"--p-{n}:light-dark({_css(light)},{_css(dark)});" for n, (light, dark) in pairs.items())
    return f":root{{{plain}}}\n@supports (color:light-dark(#000,#fff)){{:root{{{both}}}}}\n"
