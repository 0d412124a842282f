"""Predicted against true values of a regression."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from podium.reporting.figures._panel import MUTED, legend_above, panel, series

__all__ = ["example", "predicted"]

SHOWN, FEW = 4000, 1000  # a few points may be larger


def predicted(truth: ArrayLike, predicted_values: ArrayLike, folds: ArrayLike) -> Figure:
    """Return a point for each row, coloured by fold; of many rows, 4,000 evenly spaced ones.

    Args:
        truth: `(N,)`.
        predicted_values: `(N,)`.
        folds: `(N,)`.
    """
    figure, axes = panel(420, 380)
    right, value, fold = (np.asarray(one) for one in (truth, predicted_values, folds))
    keep = np.linspace(0, len(right) - 1, min(len(right), SHOWN)).astype(int)
    size, alpha = (5.5, 0.75) if len(keep) < FEW else (3.5, 0.55)
    for number, one in enumerate(np.unique(fold)):
        rows = keep[fold[keep] == one]
        axes.plot(
            right[rows],
            value[rows],
            "o",
            ms=size,
            alpha=alpha,
            mew=0,
            color=series(number),
            label=f"fold {one}",
        )
    axes.axline((float(right.mean()),) * 2, slope=1, color=MUTED, lw=1, ls=(0, (3, 3)))
    axes.set(xlabel="truth", ylabel="predicted")
    axes.grid()
    axes.set_axisbelow(True)
    legend_above(figure, axes)
    return figure


def example() -> Figure:
    """Return 400 made-up rows in four folds."""
    rng = np.random.default_rng(0)
    truth = rng.gamma(4, 10, 400)
    predicted_values = 6 + 0.85 * truth + rng.normal(0, 6, 400)
    return predicted(truth, predicted_values, np.arange(400) % 4)
