"""Scores of several arms over seeds: a dot for each seed, the mean, and the spread."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from podium.reporting.figures._panel import (
    ACCENT,
    MUTED,
    SERIES,
    legend_above,
    name_rows,
    panel,
    plain,
)
from podium.reporting.plot import svg_file

__all__ = ["example", "seeds", "seeds_file"]

LONGEST_NAME = 44


def seeds(names: Sequence[str], scores: ArrayLike, *, label: str, width_px: float = 720) -> Figure:
    """Return a row for each arm, in their order: its seeds, their mean, one deviation around it.

    Shapes differ, too, so that no meaning depends on colour alone.

    Args:
        names: `(A,)`, of the arms.
        scores: `(A, S)`, nan where a seed has none.
        label: the metric.
        width_px: of the figure.
    """
    values = np.asarray(scores, dtype=float).reshape(len(names), -1)
    figure, axes = panel(width_px, 88 + 34 * len(names))
    for at, row in enumerate(values):
        known = row[np.isfinite(row)]
        if len(known) > 1:
            mean, std = known.mean(), known.std(ddof=1)
            spread = "mean ± standard deviation"
            axes.hlines(at, mean - std, mean + std, color=ACCENT, lw=2.4, alpha=0.5, label=spread)
        if len(known):
            axes.plot(known.mean(), at, "|", ms=17, mew=2.6, color=ACCENT, label="mean")
        axes.plot(
            known, [at] * len(known), "o", ms=6, mfc="none", mew=1.5, color=SERIES[1], label="seed"
        )
        if not len(known):
            axes.annotate(
                "no score yet",
                (0.01, at),
                xycoords=("axes fraction", "data"),
                va="center",
                color=MUTED,
            )
    name_rows(axes, [plain(one, longest=LONGEST_NAME) for one in names])
    axes.set_xlabel(plain(label, longest=60))
    axes.margins(x=0.05)
    legend_above(figure, axes)
    return figure


def seeds_file(names: Sequence[str], scores: ArrayLike, *, label: str, name: str) -> str:
    """Return the figure `seeds` as an SVG file; ids in it depend on `name`."""
    return svg_file(seeds(names, scores, label=label), name=name)


def example() -> Figure:
    """Return three made-up ways of learning with five seeds each."""
    rng = np.random.default_rng(0)
    scores = np.array([[0.71], [0.76], [0.78]]) + rng.normal(0, 0.012, (3, 5))
    return seeds(["labels alone", "mixup", "FixMatch"], scores, label="accuracy")
