"""Calibration: the reliability curve and its expected calibration error."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from podium.reporting.figures._panel import ACCENT, GRID, MUTED, panel, tint
from podium.reporting.labels.statistics import reliability
from podium.reporting.plot import Plot
from podium.reporting.subjects import LabelSubject

__all__ = ["PLACE", "TITLE", "calibration", "example", "plots"]

TITLE, PLACE = "Calibration", 20


def plots(subject: LabelSubject) -> Iterator[Plot]:
    """Yield the curve; values and ratings have none."""
    lens, kind = subject.lens, subject.lens.competition.kind
    if not kind.is_prob:
        return
    confidence, is_right = lens.confidence()
    ece = reliability(confidence, is_right).ece
    if kind.is_exclusive:
        xlabel, ylabel = "confidence in the most probable class", "share that was right"
        above = "Points above the diagonal are under-confident, below it over-confident"
    else:
        xlabel, ylabel = "probability", "share that was positive"
        above = "Points above the diagonal are under-predicted, below it over-predicted"
    counted = "labels" if kind.is_by_class else "rows"
    figure = calibration(confidence, is_right, xlabel=xlabel, ylabel=ylabel)
    alt = f"Calibration curve; expected calibration error {ece:.3f} over 10 bins"
    caption = (
        f"Expected calibration error {ece:.3f}. {above}; bars show how many {counted} a bin has, "
        "lines are Wilson's 95 % intervals."
    )
    yield Plot(figure, "calibration", "Calibration", alt, caption)


def calibration(
    confidence: ArrayLike,
    is_right: ArrayLike,
    *,
    n_bins: int = 10,
    xlabel: str = "confidence",
    ylabel: str = "share that was right",
) -> Figure:
    """Return the curve over bins of equal width, with the number of rows in each below it.

    Args:
        confidence: `(N,)` in [0, 1].
        is_right: `(N,)` bool: whether the prediction was correct.
        n_bins: number of bins.
        xlabel: label of the confidence.
        ylabel: label of the accuracy.
    """
    bins = reliability(confidence, is_right, n_bins=n_bins)
    figure, axes = panel(400, 330)
    axes.plot([0, 1], [0, 1], color=MUTED, lw=1, ls=(0, (3, 3)), zorder=1)
    tallest = max(bins.count.max(), 1)
    axes.bar(
        (bins.low + bins.high) / 2,
        0.22 * bins.count / tallest,
        width=0.9 / n_bins,
        color=tint(ACCENT, [0.25])[0],
        zorder=0,
    )
    filled = bins.count > 0
    axes.errorbar(
        bins.confidence[filled],
        bins.share[filled],
        yerr=bins.error[:, filled],
        color=ACCENT,
        marker="o",
        ms=5,
        lw=1.8,
        elinewidth=1.2,
        zorder=3,
    )
    axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel=xlabel, ylabel=ylabel)
    axes.grid(color=GRID)
    axes.set_axisbelow(True)
    return figure


def example() -> Figure:
    """Return the curve of 2,000 made-up rows of which too many are thought certain."""
    rng = np.random.default_rng(0)
    confidence = rng.beta(5, 1.6, 2000)
    return calibration(confidence, rng.random(2000) < confidence**1.5)
