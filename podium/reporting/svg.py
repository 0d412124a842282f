"""Figures as SVG: inside a page, with its colours and its text; or as files of their own."""

from __future__ import annotations

import base64
import io
import re
import warnings
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from podium.reporting.figures._panel import ACCENT, GRID, INK, MUTED, ON_ACCENT, SERIES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["VARIABLES", "inline_svg", "svg_file"]

VARIABLES = {
    INK: "--ink",
    MUTED: "--muted",
    GRID: "--grid",
    ACCENT: "--accent",
    ON_ACCENT: "--on-accent",
    **{color: f"--series-{number}" for number, color in enumerate(SERIES)},
}
_NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}
_TAG = re.compile(r"<[^>]*>")
_COLOR = re.compile("|".join(VARIABLES))
_FONT = re.compile(r"font: (?:\w+ )*?([\d.]+)px [^;\"]+")
_FAMILY = re.compile(r"font-family: [^;\"]+;? ?")
_NUMBERED = re.compile(r' id="[a-zA-Z0-9.]+_\d+"')
_STYLE = re.compile(r"<defs>\s*<style.*?</style>\s*</defs>", re.DOTALL)  # it rules the whole page
_PNG = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=\s]+)")
_FEW_COLOURS, _QUALITY = 1024, 90
_HEAD = re.compile(r'<svg [^>]*?viewBox="([^"]+)"[^>]*>')


def inline_svg(figure: Figure, *, name: str, alt: str) -> Markup:
    """Return `figure` as an `<svg>` for a page with the variables `VARIABLES`.

    Args:
        figure: what to draw.
        name: unique in the page; ids inside the drawing depend on it.
        alt: what the figure shows, for those who cannot see it.
    """
    from matplotlib import rc_context

    stream = io.StringIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": name}), warnings.catch_warnings():
        # The page's fonts draw the text: a sign that matplotlib's own font lacks is no fault.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure.savefig(stream, format="svg", transparent=True, metadata=_NO_METADATA)
    text = stream.getvalue()
    start = _HEAD.search(text)
    assert start is not None, "matplotlib wrote no svg"
    body = _TAG.sub(lambda match: _themed(match[0]), _STYLE.sub("", text[start.end() :], count=1))
    width = float(start[1].split()[2])
    head = (
        f'<svg role="img" aria-label="{escape(alt)}" viewBox="{start[1]}"'
        f' style="--natural: {width:.0f}px" xmlns:xlink="http://www.w3.org/1999/xlink">'
    )
    body = _PNG.sub(lambda match: _as_webp(match[1]), body)
    return Markup(head + body.strip())  # matplotlib escapes its texts


def _as_webp(png: str) -> str:
    """Return a picture in base64 as a data URI of WebP: of photographs a seventh of the size.

    What has few colours (a table in shades, a mask alone) stays as it is to the bit.
    """
    from PIL import Image

    picture = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGBA")
    is_drawn = picture.getcolors(_FEW_COLOURS) is not None
    stream = io.BytesIO()
    picture.save(stream, format="WEBP", lossless=is_drawn, quality=_QUALITY, method=4, exact=True)
    return "data:image/webp;base64," + base64.b64encode(stream.getvalue()).decode("ascii")


def svg_file(figure: Figure, *, name: str) -> str:
    """Return `figure` as a file of its own: on white, its letters drawn; equal figures, equal text.

    Args:
        figure: what to draw.
        name: ids inside the drawing depend on it.
    """
    from matplotlib import rc_context

    stream = io.StringIO()
    with rc_context({"svg.fonttype": "path", "svg.hashsalt": name}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure.savefig(stream, format="svg", facecolor="white", metadata=_NO_METADATA)
    return stream.getvalue()


def _themed(tag: str) -> str:
    """Return a tag of matplotlib's SVG with the page's colours and font."""
    tag = _NUMBERED.sub("", tag)
    tag = _FONT.sub(r"font-size: \1px", tag)
    tag = _FAMILY.sub("", tag)
    return _COLOR.sub(lambda match: f"var({VARIABLES[match[0]]})", tag)
