"""Predicted against true rows of each class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, SymmetricalLogLocator
from matplotlib.transforms import Bbox
from numpy.typing import ArrayLike, NDArray

from podium.reporting.figures._panel import ACCENT, INK, MUTED, panel, plain, series

__all__ = ["example", "predicted_counts"]

NAMED, TRIED = 8, 60
TOGETHER = 2  # names of one point; of more, their number

Floats = NDArray[np.float64]


def predicted_counts(
    truth: ArrayLike, predicted: ArrayLike, names: Sequence[str], *, error: ArrayLike | None = None
) -> Figure:
    """Return a point for each class on logarithmic axes, with the line where both are equal.

    Above the line a class is predicted too often. The largest outliers have their names; colour
    marks the classes that are off by more than their error.

    Args:
        truth: `(C,)`, rows of each class.
        predicted: `(C,)`, rows predicted as each class.
        names: `(C,)`.
        error: `(C,)`, half of the 95 % interval of predicted - truth; None: of Poisson counts.
    """
    right, other = (np.asarray(one, dtype=np.float64) for one in (truth, predicted))
    half = 1.96 * np.sqrt(right + other) if error is None else np.asarray(error, dtype=np.float64)
    off = other - right
    is_off = np.abs(off) > half
    figure, axes = panel(420, 400)
    most = max(right.max(initial=1), other.max(initial=1))
    least = _scale(axes, np.concatenate([right, other]), most)
    axes.plot([least, 1.3 * most], [least, 1.3 * most], color=MUTED, lw=1, ls=(0, (3, 3)), zorder=1)
    for color, alpha, chosen, label in (
        (ACCENT, 0.55, ~is_off, "within its interval"),
        (series(1), 0.9, is_off, "off by more"),
    ):
        if not chosen.any():
            continue
        axes.plot(
            right[chosen], other[chosen], "o", ms=5, mew=0, alpha=alpha, color=color, label=label
        )
    axes.set(xlabel="rows of the class", ylabel="rows predicted as the class")
    axes.set_aspect("equal")
    axes.grid()
    axes.set_axisbelow(True)
    axes.legend(
        loc="upper left", bbox_to_anchor=(0, 1.09), ncols=2, frameon=False, labelcolor=MUTED,
        fontsize=10, handletextpad=0.1, columnspacing=1.2, borderaxespad=0,
    )  # fmt: skip
    _name(figure, axes, right, other, off / np.maximum(half, 1e-9), names)
    return figure


def _scale(axes: Axes, values: Floats, most: float) -> float:
    """Set both axes to one scale, and return their lower limit; a zero needs a linear part."""
    has_zero = bool((values == 0).any())
    least = -0.6 if has_zero else float(values.min()) / 1.3
    kind = {"value": "symlog", "linthresh": 1, "linscale": 0.4} if has_zero else {"value": "log"}
    for axis, scale, limits in (
        (axes.xaxis, axes.set_xscale, axes.set_xlim),
        (axes.yaxis, axes.set_yscale, axes.set_ylim),
    ):
        scale(**kind)
        limits(least, 1.3 * most)
        if has_zero:
            axis.set_major_locator(SymmetricalLogLocator(base=10, linthresh=1))
        elif most / max(least, 1e-9) < 20:
            axis.set_major_locator(MaxNLocator(5, integer=True))
        else:
            axis.set_major_locator(LogLocator(subs=(1.0, 3.0)))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        axis.set_minor_locator(MaxNLocator(1))
        axis.set_minor_formatter(FuncFormatter(lambda *_: ""))
    return least


def _name(
    figure: Figure, axes: Axes, x: Floats, y: Floats, strangeness: Floats, names: Sequence[str]
) -> None:
    """Write the names of the largest outliers away from the line, without overlaps.

    Classes at one point share a line.
    """
    at_point: dict[tuple[float, float], list[str]] = {}
    for name, point in zip(names, zip(x.tolist(), y.tolist(), strict=True), strict=True):
        at_point.setdefault(point, []).append(name)
    figure.draw_without_rendering()  # the positions of points are final only after this
    inside = axes.get_window_extent()
    taken: list[Bbox] = []
    for i in np.argsort(-np.abs(strangeness), kind="stable")[:TRIED]:
        if len(taken) == NAMED or y[i] == x[i]:
            break
        here = at_point.pop((float(x[i]), float(y[i])), [])
        if not here:
            continue
        shown = [plain(name, longest=16) for name in here[:TOGETHER]]
        others = len(here) - len(shown)
        for is_left in (y[i] > x[i], y[i] <= x[i]):  # better on its own side of the line
            text = axes.annotate(
                ", ".join([*shown, *([f"{others} more"] if others else [])]),
                (x[i], y[i]),
                (-6 if is_left else 6, 0),
                textcoords="offset points",
                ha="right" if is_left else "left",
                va="center",
                fontsize=9.5,
                color=INK,
            )
            text.set_in_layout(False)
            box = text.get_window_extent()
            is_seen = inside.x0 <= box.x0 and box.x1 <= inside.x1
            if is_seen and not any(box.overlaps(other) for other in taken):
                taken.append(box)
                break
            text.remove()


def example() -> Figure:
    """Return 60 made-up classes, rare ones of which are predicted too rarely."""
    rng = np.random.default_rng(0)
    truth = np.round(np.exp(rng.normal(4, 1.1, 60))).astype(int) + 1
    predicted = rng.poisson(truth * (truth / 60.0) ** 0.15)
    return predicted_counts(truth, predicted, [f"species {i + 1}" for i in range(60)])
