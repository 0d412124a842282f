"""Public against honest scores of submissions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from podium.errors import plural
from podium.reporting.figures._panel import ACCENT, INK, MUTED, SERIES, legend_above, panel, plain
from podium.reporting.plot import NARROW_PX, Plot
from podium.reporting.subjects import BoardSubject
from podium.submissions.board.analysis import LEAST_POINTS

__all__ = ["PLACE", "TITLE", "cv_lb", "example", "plots"]

TITLE, PLACE = "CV against LB", 30

_NONE = (math.nan, math.nan)


def plots(subject: BoardSubject) -> Iterator[Plot]:
    """Yield a point for each submission and the line through them; nothing of fewer than three."""
    view, names, line = subject.view, subject.part.names, subject.part.analysis.cv_lb
    if line is None or line.n < LEAST_POINTS:
        return
    points = line.points
    rows = {row.id: row for row in view.rows}
    expected = next((one.expected - one.honest for one in points if one.expected is not None), None)
    fitted = None
    if line.slope is not None and line.intercept is not None:
        fitted = (line.slope, line.intercept)
    odd = [names[one.id] if one.flag else "" for one in points]
    wide, narrow = (
        cv_lb(
            [one.honest for one in points],
            [one.public for one in points],
            label=view.metric,
            intervals=[rows[one.id].honest_interval or _NONE for one in points],
            line=fitted,
            gap=expected,
            odd=odd,
            width_px=width,
        )
        for width in (420, NARROW_PX)
    )
    alt = f"Public against honest {view.metric} of {plural(line.n, 'submission')}"
    if line.slope is not None:
        alt += f"; slope {line.slope:.2f}"
    if line.rank_correlation is not None:
        alt += f", rank correlation {line.rank_correlation:.2f}"
    alt += f"; odd: {', '.join(filter(None, odd))}" if any(odd) else "; none is odd"
    caption = (
        "Lines are the 95 % intervals of the honest scores. Promised: the honest score and the "
        "median gap of all."
    )
    yield Plot(wide, "cv-lb", "Public against honest", alt, caption, narrow)


_LARGE_UP_TO = 30  # submissions


def cv_lb(
    honest: ArrayLike,
    public: ArrayLike,
    *,
    label: str,
    intervals: ArrayLike | None = None,
    line: tuple[float, float] | None = None,
    gap: float | None = None,
    odd: Sequence[str] | None = None,
    width_px: float = 420,
) -> Figure:
    """Return a point for each submission, the least-squares line, and the expected line.

    Args:
        honest, public: `(K,)`.
        label: the metric.
        intervals: `(K, 2)`, bounds of the honest scores; nan where there are none.
        line: slope and intercept.
        gap: how far public scores are above honest ones in general; the expected line has slope 1
            and this offset.
        odd: `(K,)`, the names of outliers, "" for the others.
        width_px: of the figure.
    """
    x, y = (np.asarray(one, dtype=np.float64) for one in (honest, public))
    names = [""] * len(x) if odd is None else list(odd)
    is_odd = np.array([bool(name) for name in names], dtype=np.bool_)
    figure, axes = panel(width_px, 330)
    size = 7 if len(x) <= _LARGE_UP_TO else 4.5
    if intervals is not None:
        bounds = np.asarray(intervals, dtype=np.float64)
        axes.hlines(
            y,
            bounds[:, 0],
            bounds[:, 1],
            color=MUTED,
            lw=1.2,
            alpha=0.45 if len(x) <= _LARGE_UP_TO else 0.2,
        )
        # Of wide intervals the axis would show little else.
        axes.set_xlim(*_around(x, bounds))
    axes.plot(x[~is_odd], y[~is_odd], "o", ms=size, color=ACCENT, label="submission")
    if is_odd.any():
        axes.plot(x[is_odd], y[is_odd], "D", ms=7, color=SERIES[1], label="odd one")
    axes.margins(y=0.12)
    # The lines below begin at 0, which is far from the points.
    axes.set(xlim=axes.get_xlim(), ylim=axes.get_ylim())
    if gap is not None:
        axes.axline(
            (0, gap), slope=1, color=MUTED, lw=1.2, ls=(0, (3, 3)), label="promised", zorder=1
        )
    if line is not None:
        slope, intercept = line
        axes.axline((0, intercept), slope=slope, color=SERIES[2], lw=1.8, label="fitted", zorder=1)
    axes.set(xlabel=plain(f"honest {label}"), ylabel=plain(f"public {label}"))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(nbins=5))
    axes.grid()
    axes.set_axisbelow(True)
    middle = sum(axes.get_xlim()) / 2
    gaps = y - x
    for name, at_x, at_y in zip(names, x, y, strict=True):
        if name:
            typical = at_x + float(np.median(gaps))
            is_left = at_x <= middle
            is_below = at_y < typical  # where most are not
            axes.annotate(
                plain(name),
                (at_x, at_y),
                (-4 if is_left else 4, -7 if is_below else 7),
                textcoords="offset points",
                ha="left" if is_left else "right",
                va="top" if is_below else "bottom",
                fontsize=10.5,
                color=INK,
            )
    legend_above(figure, axes, columns=4 if width_px > 400 else 2)
    return figure


def _around(x: NDArray[np.float64], bounds: NDArray[np.float64]) -> tuple[float, float]:
    """Return limits that hold the points, and of the bounds as much as five times their spread."""
    low, high = float(x.min()), float(x.max())
    room = 2 * max(high - low, 1e-9)
    far = bounds[np.isfinite(bounds)]
    lowest = max(float(far.min()), low - room) if far.size else low
    highest = min(float(far.max()), high + room) if far.size else high
    lowest, highest = min(lowest, low), max(highest, high)
    edge = 0.06 * max(highest - lowest, 1e-6)
    return lowest - edge, highest + edge


def example() -> Figure:
    """Return twelve made-up submissions, of which one got less than its score promised."""
    rng = np.random.default_rng(0)
    honest = np.sort(rng.uniform(0.70, 0.82, 12))
    public = honest - 0.012 + rng.normal(0, 0.006, 12)
    public[8] -= 0.05
    odd = ["" if i != 8 else "a leaky feature" for i in range(12)]
    slope, intercept = np.polyfit(honest, public, 1)
    gap = float(np.median(public - honest))
    return cv_lb(
        honest,
        public,
        label="accuracy",
        intervals=np.stack([honest - 0.011, honest + 0.011], axis=1),
        line=(slope, intercept),
        gap=gap,
        odd=odd,
    )
