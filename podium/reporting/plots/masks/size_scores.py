"""The score of each image against the size of what is in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator
from numpy.typing import ArrayLike, NDArray

from podium.errors import plural
from podium.reporting.figures._panel import ACCENT, MUTED, SERIES, panel, plain
from podium.reporting.plot import Plot
from podium.reporting.subjects import MaskSubject

__all__ = [
    "MIN_FOR_QUARTILES",
    "PLACE",
    "TITLE",
    "example",
    "plots",
    "running_quartiles",
    "size_scores",
]

TITLE, PLACE = "Masks", 20


def plots(subject: MaskSubject) -> Iterator[Plot]:
    """Yield one plot, a point an image."""
    lens = subject.lens
    figure = size_scores(lens.sizes, lens.scores, label=f"{lens.metric} of the image")
    defined = np.isfinite(lens.scores)
    empty = (lens.sizes == 0) & defined
    alt = (
        f"{lens.metric} of each of {int(defined.sum())} images against the share of it that "
        f"is an object; median {np.median(lens.scores[defined]):.3f}"
        if defined.any()
        else "No image has a score by itself"
    )
    caption = "One point an image, out of fold"
    has_line = (defined & ~empty).sum() >= MIN_FOR_QUARTILES
    caption += "; line: running median, with half of the images in its band." if has_line else "."
    if empty.any():
        stay = int((empty & ~lens.is_touched).sum())
        caption += (
            f" Of {plural(int(empty.sum()), 'image')} without an object, {stay:,} are predicted "
            "empty."
        )
    yield Plot(figure, "mask-sizes", "Score by size", alt, caption)


SHOWN = 4000
MIN_FOR_QUARTILES = 40
_QUARTILES = (0.25, 0.5, 0.75)
_EMPTY_AT = 0.2  # of the axis, left of the smallest object
Floats = NDArray[np.float64]


def size_scores(sizes: ArrayLike, scores: ArrayLike, *, label: str) -> Figure:
    """Return a point for each image; of many images, 4,000 evenly spaced ones.

    Images without an object are in a column of their own on the left: the axis is logarithmic.
    The line is the median of images of similar size, and half of them are in the band.

    Args:
        sizes: `(N,)`, share of the image's known pixels that are of an object, in [0, 1].
        scores: `(N,)`; nan is left out.
        label: the score.
    """
    size, score = (np.asarray(one, dtype=np.float64) for one in (sizes, scores))
    known = np.isfinite(size) & np.isfinite(score)
    size, score = size[known], score[known]
    figure, axes = panel(420, 300)
    filled = size > 0
    keep = np.linspace(0, len(size) - 1, min(len(size), SHOWN)).astype(int)
    shown = np.zeros(len(size), bool)
    shown[keep] = True
    style: dict[str, Any] = {"ms": 4.5, "mew": 0, "color": ACCENT, "alpha": 0.7}
    axes.plot(100 * size[filled & shown], score[filled & shown], "o", label="image", **style)
    middle = running_quartiles(size[filled], score[filled])
    if len(middle):
        at, lower, median, upper = middle.T
        axes.fill_between(100 * at, lower, upper, color=SERIES[1], alpha=0.22, lw=0)
        axes.plot(100 * at, median, color=SERIES[1], lw=1.8, label="running median")
    low, high = (100 * size[filled].min(), 100 * size.max()) if filled.any() else (1.0, 10.0)
    axes.set_xscale("log")
    if (~filled).any():
        _draw_empty(axes, low, max(high / low, 2.0), score[~filled & shown], style)
    axes.xaxis.set_major_locator(LogLocator(numticks=6) if high > 10 * low else MaxNLocator(5))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g} %"))
    axes.set(xlabel="object, share of the image", ylabel=plain(label))
    axes.grid()
    axes.set_axisbelow(True)
    return figure


def running_quartiles(sizes: Floats, scores: Floats) -> Floats:
    """Return `(B, 4)`: of images of neighbouring sizes the median size, and quartiles of the score.

    They are in up to 8 bins of equally many images; empty for fewer than 40.
    """
    if len(sizes) < MIN_FOR_QUARTILES:
        return np.zeros((0, 4))
    order = np.argsort(sizes, kind="stable")
    bins = np.array_split(order, min(8, len(sizes) // 10))
    return np.array(
        [[np.median(sizes[one]), *np.quantile(scores[one], _QUARTILES)] for one in bins]
    )


def _draw_empty(
    axes: Axes, low: float, ratio: float, scores: Floats, style: dict[str, Any]
) -> None:
    """Draw images without an object left of the smallest one, spread so that they are visible."""
    place = low / ratio**_EMPTY_AT
    spread = ratio ** (0.4 * _EMPTY_AT * np.linspace(-1, 1, len(scores) + 2))[1:-1]
    axes.plot(place * spread, scores, "o", **style)
    axes.axvline(low / ratio ** (0.4 * _EMPTY_AT), color=MUTED, lw=1, ls=(0, (3, 3)))
    axes.annotate(
        "empty",
        (place, 1),
        (0, 3),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        color=MUTED,
        fontsize=10,
        ha="center",
    )


def example() -> Figure:
    """Return 300 made-up images: small objects are found less well, a tenth have none."""
    rng = np.random.default_rng(0)
    sizes = 10 ** rng.uniform(-3, -0.4, 300)
    scores = np.clip(0.95 + 0.22 * np.log10(sizes) + rng.normal(0, 0.09, 300), 0, 1)
    sizes[:30], scores[:30] = 0, rng.random(30) < 0.8
    return size_scores(sizes, scores, label="dice of the image")
