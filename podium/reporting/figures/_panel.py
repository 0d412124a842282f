"""The look that all figures share: quiet axes, a palette safe for colour-blind eyes.

The colours are names as much as colours: `podium.reporting.svg` turns each of them into a variable
of the page's style sheet, so that one drawing serves light and dark pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

__all__ = [
    "ACCENT",
    "GRID",
    "INK",
    "MUTED",
    "ON_ACCENT",
    "SERIES",
    "legend_above",
    "panel",
    "panels",
    "plain",
    "quiet_panels",
    "series",
    "tint",
]

INK, MUTED, GRID = "#1b1e23", "#5f6773", "#dfe2e7"
ACCENT, ON_ACCENT = "#0f62a6", "#fefefe"
# Okabe & Ito 2008, "Color universal design"; black, which dark pages swallow, is grey here.
SERIES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8a9099")

LEGEND: dict[str, Any] = {
    "frameon": False,
    "fontsize": 10.5,
    "labelcolor": MUTED,
    "handlelength": 1.2,
    "handletextpad": 0.4,
    "columnspacing": 1.3,
    "borderaxespad": 0.2,
    "labelspacing": 0.3,
}

_PX_PER_INCH = 72  # of matplotlib's SVG
_DIGITS = re.compile(r"-[0-9a-f]{8}$")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]+")
_STYLE: dict[str, Any] = {
    "axes.edgecolor": GRID,
    "axes.labelcolor": MUTED,
    "axes.labelsize": 11,
    "axes.linewidth": 1,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "figure.facecolor": "white",  # notebooks may be dark; pages leave it out
    "axes.facecolor": "none",
    "font.size": 11,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "text.color": INK,
    "xtick.color": GRID,
    "xtick.labelcolor": MUTED,
    "xtick.labelsize": 10.5,
    "ytick.color": GRID,
    "ytick.labelcolor": MUTED,
    "ytick.labelsize": 10.5,
}


def panel(width_px: float, height_px: float) -> tuple[Figure, Axes]:
    """Return an empty figure of this size with one quiet pair of axes."""
    with rc_context(_STYLE):
        figure = Figure(
            figsize=(width_px / _PX_PER_INCH, height_px / _PX_PER_INCH), layout="constrained"
        )
        axes = figure.add_subplot()
    axes.tick_params(length=0)
    return figure, axes


def quiet_panels(
    n_rows: int, n_columns: int, width_px: float, height_px: float, *, sharex: bool = False
) -> tuple[Figure, Any]:
    """Return an empty figure of this size, and its quiet axes `(n_rows, n_columns)`."""
    with rc_context(_STYLE):
        figure = Figure(
            figsize=(width_px / _PX_PER_INCH, height_px / _PX_PER_INCH), layout="constrained"
        )
        grid = figure.subplots(n_rows, n_columns, squeeze=False, sharex=sharex)
    for axes in grid.flat:
        axes.tick_params(length=0)
    return figure, grid


def panels(n_rows: int, n_columns: int, width_px: float, height_px: float) -> tuple[Figure, Any]:
    """Return an empty figure of this size, and its axes `(n_rows, n_columns)`, for pictures."""
    figure, grid = quiet_panels(n_rows, n_columns, width_px, height_px)
    for axes in grid.flat:
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
    return figure, grid


def legend_above(figure: Figure, axes: Axes, *, columns: int = 6) -> None:
    """Put the names of what is drawn above the axes, each once."""
    named: dict[str, Any] = {}
    for handle, name in zip(*axes.get_legend_handles_labels(), strict=True):
        named.setdefault(name, handle)
    if named:
        figure.legend(
            list(named.values()), list(named), loc="outside upper left", ncols=columns, **LEGEND
        )


def series(number: int) -> str:
    """Return the colour of the series `number`; they repeat after seven."""
    return SERIES[number % len(SERIES)]


def plain(name: object, *, longest: int = 24) -> str:
    r"""Return a name from data as text that a figure shows as it is, cut to `longest` signs.

    An id of podium's own keeps its digits.

    Example:
        >>> plain("a$x$ b")
        'a\\$x\\$ b'
        >>> plain("unet-of-many-words-0a1b2c3d", longest=16)
        'unet-o…-0a1b2c3d'
    """
    text = _UNPRINTABLE.sub(" ", str(name)).strip()
    # Of runs of one recipe the eight digits at the end are all that differs.
    end = _DIGITS.search(text)
    kept = end[0] if end is not None and longest >= 14 else ""
    cut = text if len(text) <= longest else f"{text[: longest - 1 - len(kept)]}…{kept}"
    return cut.replace("$", r"\$")  # between two of them, matplotlib would read a formula


def tint(color: str, strength: Iterable[float]) -> list[tuple[float, float, float, float]]:
    """Return `color` once for each strength in [0, 1], as its opacity."""
    return [(*to_rgb(color), float(alpha)) for alpha in strength]
