"""Honest against optimistic scores: how much fitting and scoring on the same rows flatters."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from podium.errors import plural
from podium.reporting.figures._panel import (
    ACCENT,
    MUTED,
    SERIES,
    legend_above,
    name_rows,
    panel,
    plain,
)
from podium.reporting.plot import NARROW_PX, Plot
from podium.reporting.subjects import BlendsSubject

__all__ = ["PLACE", "TITLE", "optimism", "plots"]

TITLE, PLACE = "Optimism", 10

CAPTION = (
    "Optimistic: weights and decision were fitted on the rows that they are scored on. The gap "
    "grows with what is fitted and with fewer rows; a blend with a wide one is better than others "
    "on paper only. Believe the honest score, and of many blends a little less than the best one."
)


def plots(subject: BlendsSubject) -> Iterator[Plot]:
    """Yield both scores of each blend by the competition's metric, the best honest one on top."""
    entries = [one for one in subject.entries if one.scored_by is None]
    if not entries:
        return
    blends, names = [one.blend for one in entries], [one.id for one in entries]
    honest, optimistic = [one.honest for one in blends], [one.optimistic for one in blends]
    bounds = [one.honest_interval or (math.nan, math.nan) for one in blends]
    label = blends[0].metric
    alt = f"Honest and optimistic {label} of {plural(len(names), 'blend')}: " + "; ".join(
        f"{name} {low:.4f} and {high:.4f}"
        for name, low, high in list(zip(names, honest, optimistic, strict=True))[:6]
    )
    caption = CAPTION if len(names) <= SHOWN else f"{CAPTION} The best {SHOWN} of {len(names)}."
    wide, narrow = (
        optimism(names, honest, optimistic, label=label, intervals=bounds, width_px=width)
        for width in (720, NARROW_PX)
    )
    yield Plot(wide, "optimism", "Honest and optimistic", alt, caption, narrow)


SHOWN = 24


def optimism(
    names: Sequence[str],
    honest: ArrayLike,
    optimistic: ArrayLike,
    *,
    label: str,
    intervals: ArrayLike | None = None,
    width_px: float = 720,
) -> Figure:
    """Return a row for each blend, in their order, with both scores; of many the first 24.

    On the right is the optimistic score minus the honest one.

    Args:
        names: `(K,)`.
        honest, optimistic: `(K,)`.
        label: the metric.
        intervals: `(K, 2)`, bounds of the honest scores; nan where there are none.
        width_px: of the figure.
    """
    low, high = (np.asarray(one, dtype=np.float64)[:SHOWN] for one in (honest, optimistic))
    rows = np.arange(len(low))
    figure, axes = panel(width_px, 92 + 27 * len(rows))
    if intervals is not None:
        bounds = np.asarray(intervals, dtype=np.float64).reshape(-1, 2)[:SHOWN]
        axes.hlines(rows, *bounds.T, color=ACCENT, lw=2.2, alpha=0.3, label="95 % interval")
    axes.hlines(rows, low, high, color=SERIES[1], lw=1.6)
    axes.plot(high, rows, "o", ms=7, mfc="none", mew=1.6, color=SERIES[1], label="optimistic")
    axes.plot(low, rows, "o", ms=7.5, color=ACCENT, label="honest")
    for row, gap in zip(rows, high - low, strict=True):
        axes.annotate(
            f"{gap:+.4f}".replace("-", "−"),
            (1, row),
            (6, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="center",
            fontsize=10.5,
            color=MUTED,
        )
    name_rows(axes, [plain(one, longest=int(width_px / 18)) for one in names[:SHOWN]])
    axes.set_xlabel(plain(label))
    axes.margins(x=0.04)
    axes.locator_params(axis="x", nbins=7 if width_px > 400 else 4)
    legend_above(figure, axes, columns=3 if width_px > 400 else 2)
    return figure


def example() -> Figure:
    """Return the figure of six blends, the flattered one below the best."""
    names = ["simplex of 5", "mean of 5", "stack of 5", "hill climb", "mean of 2", "unet alone"]
    honest = np.array([0.842, 0.838, 0.835, 0.831, 0.822, 0.801])
    gaps = np.array([0.004, 0.001, 0.019, 0.006, 0.001, 0.003])
    bounds = np.stack([honest - 0.012, honest + 0.012], axis=1)
    return optimism(names, honest, honest + gaps, label="macro F1", intervals=bounds)
