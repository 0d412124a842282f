"""A figure with its title, caption and alternative text: inside a page as SVG, or as a file.

Inside a page, colours become the variables of its style sheet, so that one drawing serves light and
dark pages, and text takes the page's font. A file of its own is on white, its letters as shapes.
"""

from __future__ import annotations

import base64
import io
import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from podium.reporting.figures._panel import ACCENT, GRID, INK, MUTED, ON_ACCENT, SERIES
from podium.reporting.pages.hover import hover_points

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["NARROW_PX", "Drawing", "Plot", "drawn", "svg_file"]


NARROW_PX = 330  # what a phone of 390 has for a figure
_COLUMN_PX = 520
_WIDTH = re.compile(r"--natural: (\d+)px")
NO_NAME = re.compile(r"[^\w.-]+")
"""What a file's name is without."""


@dataclass(frozen=True)
class Plot:
    """A figure with its title, caption and alternative text.

    Attributes:
        figure: a Matplotlib figure.
        name: of its file; unique among the plots of one run, blend or page.
        title: of two or three words.
        alt: alternative text with the figure's numbers, for screen readers.
        caption: explanation needed to read the figure.
        narrow: a version for phones, `NARROW_PX` wide, if the wide one is not legible there.
    """

    figure: Figure
    name: str
    title: str
    alt: str
    caption: str = ""
    narrow: Figure | None = None


@dataclass(frozen=True)
class Drawing:
    """A plot as a page holds it; `narrow` is the same for a phone."""

    svg: Markup
    title: str
    caption: str = ""
    narrow: Markup | None = None

    @property
    def is_broad(self) -> bool:
        """Whether it is not legible in a column beside others."""
        found = _WIDTH.search(self.svg)
        return found is not None and int(found[1]) > _COLUMN_PX


def drawn(plot: Plot, *, of: str = "") -> Drawing:
    """Return `plot` as SVG; `of` makes its name unique where a page has several of that name."""
    name = f"{of}-{plot.name}" if of else plot.name
    narrow = None
    if plot.narrow is not None:
        narrow = inline_svg(plot.narrow, name=f"{name}-narrow", alt=plot.alt)
    svg = inline_svg(plot.figure, name=name, alt=plot.alt)
    return Drawing(svg, plot.title, plot.caption, narrow)


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
        alt: alternative text, for screen readers.
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
    width, height = map(float, start[1].split()[2:])
    points = hover_points(figure, width, height)
    read = f' data-points="{escape(points)}"' if points else ""
    head = (
        f'<svg role="img" aria-label="{escape(alt)}" viewBox="{start[1]}"{read}'
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
