"""Shared style of all figures: quiet axes, a palette safe for colour-blind readers, layouts.

The colours are names as much as colours: `podium.reporting.plot` turns each of them into a variable
of the page's style sheet, so that one drawing serves light and dark pages. The layouts are a row
for each member of a blend, and an axis of days in UTC with lines of steps; several curves of one
quantity are drawn as their mean and spread.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "ACCENT",
    "GRID",
    "INK",
    "MUTED",
    "ON_ACCENT",
    "SERIES",
    "band_of",
    "days_of",
    "fold_color",
    "legend_above",
    "member_rows",
    "name_rows",
    "over_time",
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


def fold_color(number: int, n: int) -> tuple[float, float, float, float]:
    """Return the tint of fold `number` of `n`: folds are one family, the first the darkest."""
    return tint(ACCENT, [1 - 0.68 * number / max(n - 1, 1)])[0]


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


def member_rows(
    names: Sequence[str], order: NDArray[np.intp], width_px: float
) -> tuple[Figure, Axes]:
    """Return a figure with a row for each name."""
    pitch = 25 if len(order) <= 20 else 15
    figure, axes = panel(width_px, 92 + pitch * len(order))
    size = 10.5 if pitch == 25 else 9
    shown = [plain(names[at], longest=int(width_px / 20)) for at in order]
    name_rows(axes, shown, fontsize=size)
    axes.locator_params(axis="x", nbins=5)
    return figure, axes


def name_rows(axes: Axes, names: Sequence[str], **font: Any) -> None:
    """Name the rows 0, 1, … of a drawing from its top down, with light lines between values."""
    axes.set_yticks(range(len(names)), names, **font)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.grid(axis="x")
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)


def days_of(at: Sequence[datetime]) -> NDArray[np.float64]:
    """Return moments as what a time axis counts in, `(T,)`."""
    return np.asarray(date2num(list(at)), dtype=np.float64)


def over_time(axes: Axes) -> None:
    """Write few days, or hours, under the axes, and light lines behind them."""
    locator = AutoDateLocator(minticks=3, maxticks=6, tz=UTC)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, tz=UTC))
    axes.xaxis.get_offset_text().set(color=MUTED, fontsize=10.5)
    axes.set_xlabel("UTC")
    axes.grid(axis="y")
    axes.set_axisbelow(True)
    axes.margins(x=0.03)


Curve = NDArray[np.float64]


class Band(NamedTuple):
    """Statistics of several curves by epoch, each `(epochs,)`; nan where none has a value.

    Attributes:
        low, high: of them.
        mean: of them.
        std: deviation around it, with n - 1; nan of a single value.
    """

    low: Curve
    mean: Curve
    high: Curve
    std: Curve


def band_of(curves: Sequence[ArrayLike]) -> Band:
    """Return the spread of `curves`, `(epochs,)` each, which may end early and have gaps (nan)."""
    rows = [np.asarray(one, dtype=np.float64) for one in curves]
    table = np.full((len(rows), max(map(len, rows), default=0)), np.nan)
    for at, row in zip(table, rows, strict=True):
        at[: len(row)] = row
    known = np.isfinite(table)
    n = known.sum(axis=0)
    mean = np.where(known, table, 0).sum(axis=0) / np.maximum(n, 1)
    squares = (np.where(known, table - mean, 0) ** 2).sum(axis=0)
    std = np.where(n > 1, np.sqrt(squares / np.maximum(n - 1, 1)), np.nan)
    low = np.where(known, table, np.inf).min(axis=0, initial=np.inf)
    high = np.where(known, table, -np.inf).max(axis=0, initial=-np.inf)
    low, mean, high = (np.where(n > 0, one, np.nan) for one in (low, mean, high))
    return Band(low, mean, high, std)
