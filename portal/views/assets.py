"""What pages are dressed in: our own files, Bootstrap's CSS, the typeface, and the icons.

Every file is read once at start, and its address carries the digest of its content, so that browsers may
keep it for ever. Third-party files come from the installed packages that carry them, never from copies.
"""

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, current_app, request, url_for
from markupsafe import Markup

from portal.views import charts, formatting, saying, statuses
from portal.views.brand import STANDARD, brand_css

bp = Blueprint("assets", __name__)

OWN = Path(__file__).parents[1] / "static"
FOREVER = "public, max-age=31536000, immutable"
COMPRESSED = {".css", ".js", ".svg", ".ttf"}
FONT = "public-sans.ttf"


@dataclass(frozen=True)
class Asset:
    """One file as it is sent."""

    name: str
    body: bytes

    @cached_property
    def digest(self) -> str:
        """The start of the content's SHA-256; a part of the address."""
        return hashlib.sha256(self.body).hexdigest()[:12]

    @cached_property
    def packed(self) -> bytes | None:
        """The file compressed, made when first asked for."""
        if Path(self.name).suffix not in COMPRESSED:
            return None
        return gzip.compress(self.body, mtime=0)

    @property
    def mimetype(self) -> str:
        """What the browser is told that it is."""
        if self.name.endswith(".ttf"):
            return "font/ttf"
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"


def _bootstrap() -> Path:
    return Path(str(files("flask_bootstrap"))) / "static" / "bootstrap5"


def _font() -> Path | None:
    """Return the typeface's file, if the package is installed; the system's fonts do as well."""
    if find_spec("fontpkg_public_sans") is None:
        return None
    path = Path(str(files("fontpkg_public_sans"))) / "files" / "PublicSans[wght].ttf"
    return path if path.is_file() else None


def _theme(font: Asset | None, colour: str) -> bytes:
    """Write the one stylesheet that depends on the installation: its typeface and its colour."""
    face = ""
    if font:
        face = (
            '@font-face{font-family:"Public Sans";font-weight:100 900;font-display:swap;'
            f'src:url("../{font.digest}/{font.name}") format("truetype")}}\n'
        )
    return (face + (brand_css(colour) if colour not in ("", STANDARD) else "")).encode()


def load_assets(*, colour: str = "", logo: Path | None = None) -> dict[str, Asset]:
    """Read every file that pages may ask for."""
    found = {path.name: path for path in OWN.iterdir() if path.is_file()}
    found["bootstrap.css"] = _bootstrap() / "css" / "bootstrap.min.css"
    if logo:
        found[f"logo{logo.suffix.lower()}"] = logo
    if typeface := _font():
        found[FONT] = typeface
    assets = {name: Asset(name, path.read_bytes()) for name, path in found.items()}
    assets["theme.css"] = Asset("theme.css", _theme(assets.get(FONT), colour))
    return assets


def load_icons() -> dict[str, Markup]:
    """Read Bootstrap's sprite into one ready `<svg>` per icon."""
    sprite = (_bootstrap() / "icons" / "bootstrap-icons.svg").read_text(encoding="utf-8")
    symbols = re.findall(r'<symbol[^>]*viewBox="([^"]+)"[^>]*id="([^"]+)"[^>]*>(.*?)</symbol>', sprite, re.S)
    # the sprite is a file of an installed package, not anybody's input; only these are ever shown
    return {
        name: Markup(  # noqa: S704
            '<svg class="ico" aria-hidden="true" focusable="false" '
            f'viewBox="{box}" fill="currentColor">{shapes}</svg>'
        )
        for box, name, shapes in symbols
    }


def asset(name: str) -> str:
    """Return the address of a file, with the digest of its content."""
    assets: dict[str, Asset] = current_app.extensions["assets"]
    return url_for("assets.show", digest=assets[name].digest, name=name)


def icon(name: str) -> Markup:
    """Return an icon as inline SVG, hidden from screen readers; a circle if unknown."""
    icons: dict[str, Markup] = current_app.extensions["icons"]
    return icons.get(name) or icons["circle"]


@bp.get("/static/<digest>/<name>")
def show(digest: str, name: str) -> Response:
    """Send one file; for ever if the address is the one of this very content."""
    found: Asset | None = current_app.extensions["assets"].get(name)
    if found is None:
        abort(404)
    response = Response(found.body, mimetype=found.mimetype)
    if found.packed is not None and request.accept_encodings["gzip"]:
        response.set_data(found.packed)
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    # a page from before an update asks with the old digest: it gets the new file, but may not keep it
    response.headers["Cache-Control"] = FOREVER if digest == found.digest else "no-cache"
    return response


def init_app(app: Flask, *, colour: str = "", logo: Path | None = None) -> None:
    """Read the files once, and give templates `asset()`, `icon()`, the formats, charts and states.

    The app registers `bp` besides. `colour` is the organisation's own (`#rrggbb`, refused if white text on it
    cannot be read), `logo` its picture.
    """
    app.extensions["assets"] = load_assets(colour=colour, logo=logo)
    app.extensions["icons"] = load_icons()
    app.add_template_global(asset, "asset")
    app.add_template_global(icon, "icon")
    for module in (charts, formatting, saying, statuses):
        module.init_app(app)
