"""A figure with what is said of it: for a page as an SVG, for a paper as a file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from podium.reporting.svg import inline_svg

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["NARROW_PX", "Drawing", "Plot", "drawn"]

NARROW_PX = 330  # what a phone of 390 has for a figure
_COLUMN_PX = 520
_WIDTH = re.compile(r"--natural: (\d+)px")


@dataclass(frozen=True)
class Plot:
    """A figure and its words.

    Attributes:
        figure: what is drawn.
        name: of a file with it; unique among the plots of one run, blend or page.
        title: of two or three words.
        alt: what it shows, with its numbers, for those who cannot see it.
        caption: what one must know to read it.
        narrow: the same for a phone, `NARROW_PX` wide, where the wide one cannot be read there.
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
        """Whether it cannot be read in a column beside others."""
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
