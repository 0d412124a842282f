"""Our own submissions over time: honest and public scores, and the best so far of each."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from podium.errors import plural
from podium.reporting.figures._panel import (
    ACCENT,
    SERIES,
    days_of,
    legend_above,
    over_time,
    panel,
    plain,
)
from podium.reporting.plot import NARROW_PX, Plot
from podium.reporting.subjects import BoardSubject, sent_rows

__all__ = ["PLACE", "TITLE", "best_so_far", "own_scores", "plots"]

TITLE, PLACE = "Our submissions", 10

NAN = math.nan


def plots(subject: BoardSubject) -> Iterator[Plot]:
    """Yield honest and public scores over time; nothing for a single submission."""
    view = subject.view
    rows = [(at, row) for at, row in sent_rows(view) if row.target == view.target]
    honest = [NAN if row.honest is None else row.honest for _, row in rows]
    public = [NAN if row.public_score is None else row.public_score for _, row in rows]
    known = [one for one in zip(honest, public, strict=True) if not all(map(math.isnan, one))]
    if len(known) < 2:
        return
    at: list[datetime] = [moment for moment, _ in rows]
    better = view.greater_is_better
    wide, narrow = (
        own_scores(at, honest, public, label=view.metric, greater_is_better=better, width_px=width)
        for width in (420, NARROW_PX)
    )
    alt = (
        f"{view.metric} of {plural(len(rows), 'submission')} from {at[0]:%Y-%m-%d} to "
        f"{at[-1]:%Y-%m-%d}"
    )
    for name, scores in (("honest", honest), ("public", public)):
        best = best_so_far(scores, greater_is_better=better)
        first = next((one for one in best if not math.isnan(one)), NAN)
        if not math.isnan(first):
            alt += f"; best {name} from {first:.4f} to {best[-1]:.4f}"
    caption = "Marks: each submission. Lines: the best so far."
    yield Plot(wide, "own-scores", "Our scores over time", alt, caption, narrow)


_LARGE_UP_TO = 30  # submissions


def own_scores(
    at: Sequence[datetime],
    honest: ArrayLike,
    public: ArrayLike,
    *,
    label: str,
    greater_is_better: bool = True,
    width_px: float = 420,
) -> Figure:
    """Return a mark for each score, and a line of steps along the best so far.

    Args:
        at: `(K,)`, times of submission, ascending.
        honest, public: `(K,)`; nan if unknown.
        label: the metric.
        greater_is_better: the metric's direction.
        width_px: of the figure.
    """
    figure, axes = panel(width_px, 260)
    days, size = days_of(at), 6.5 if len(at) <= _LARGE_UP_TO else 4
    shown = (("public", public, SERIES[2], "D"), ("honest", honest, ACCENT, "o"))
    for name, scores, color, marker in shown:
        values = np.asarray(scores, dtype=np.float64)
        if not np.isfinite(values).any():
            continue
        best = best_so_far(values, greater_is_better=greater_is_better)
        axes.plot(days, best, drawstyle="steps-post", lw=1.8, color=color, label=f"best {name}")
        axes.plot(days, values, marker, ms=size, color=color, alpha=0.75, label=name)
    axes.set_ylabel(plain(label))
    over_time(axes)
    legend_above(figure, axes, columns=4 if width_px > 400 else 2)
    return figure


def best_so_far(scores: ArrayLike, *, greater_is_better: bool = True) -> NDArray[np.float64]:
    """Return the best score up to each one, `(K,)`; nan before the first known.

    Example:
        >>> best_so_far([float("nan"), 0.5, 0.25, 0.75]).tolist()
        [nan, 0.5, 0.5, 0.75]
    """
    better = np.fmax if greater_is_better else np.fmin
    return np.asarray(better.accumulate(np.asarray(scores, dtype=np.float64)))


def example() -> Figure:
    """Return the figure of twenty submissions in three weeks."""
    rng = np.random.default_rng(0)
    at = [datetime(2026, 11, 1, tzinfo=UTC) + timedelta(hours=25 * k) for k in range(20)]
    honest = 0.70 + 0.1 * (1 - np.exp(-np.arange(20) / 8)) + rng.normal(0, 0.008, 20)
    return own_scores(at, honest, honest - 0.01 + rng.normal(0, 0.006, 20), label="accuracy")
