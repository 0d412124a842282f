"""Rows of each class by fold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from podium.reporting.figures._panel import GRID, MUTED, legend_above, panel, plain, series

__all__ = ["class_balance", "example"]

SHOWN = 40


def class_balance(counts: ArrayLike, names: Sequence[str], folds: Sequence[str]) -> Figure:
    """Return a bar for each class, cut into its folds; of many classes the rarest 40.

    Args:
        counts: `(C, F)`, rows of each class in each fold.
        names: `(C,)`.
        folds: `(F,)`.
    """
    table = np.asarray(counts)
    order = np.argsort(-table.sum(axis=1), kind="stable")[-SHOWN:]
    table, rows = table[order], np.arange(len(order))
    figure, axes = panel(420, 70 + 25 * len(order))
    left = np.zeros(len(order))
    for number, fold in enumerate(folds):
        axes.barh(
            rows,
            table[:, number],
            left=left,
            height=0.66,
            color=series(number),
            alpha=0.85,
            label=f"fold {fold}" if fold.isdigit() else plain(fold),
        )
        left += table[:, number]
    for row, total in zip(rows, table.sum(axis=1), strict=True):
        axes.annotate(
            f"{total:,}",
            (total, row),
            (4, 0),
            textcoords="offset points",
            va="center",
            color=MUTED,
            fontsize=10,
        )
    axes.set_yticks(rows, [plain(names[i], longest=18) for i in order])
    axes.set(ylim=(len(order) - 0.4, -0.6), xlabel="images")
    axes.grid(axis="x", color=GRID)
    axes.set_axisbelow(True)
    axes.margins(x=0.09)
    axes.spines["left"].set_visible(False)
    legend_above(figure, axes)
    return figure


def example() -> Figure:
    """Return twelve made-up classes, some of them rare, in five folds."""
    rng = np.random.default_rng(0)
    rows = 400 / np.arange(1, 13) ** 0.8
    counts = rng.poisson(rows[:, None] / 5, (12, 5))
    return class_balance(counts, [f"species {i + 1}" for i in range(12)], list("01234"))
