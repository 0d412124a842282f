"""Loss while the learning rate rises, with what to take of it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from podium.reporting.figures._panel import ACCENT, GRID, MUTED, legend_above, panel, series

__all__ = ["example", "rates"]

_STYLES = ("-", "--", ":")


def rates(
    lr: ArrayLike,
    losses: ArrayLike,
    smoothed: ArrayLike,
    *,
    marks: Mapping[str, float],
    width_px: float = 720,
) -> Figure:
    """Return the losses as dots, the smoothed ones as a line, and a vertical line for each mark.

    Args:
        lr: `(T,)`, drawn on a logarithmic axis.
        losses: `(T,)`.
        smoothed: `(T,)`.
        marks: rate by its name.
        width_px: of the figure.
    """
    figure, axes = panel(width_px, 330)
    axes.plot(lr, losses, ".", ms=4, color=MUTED, alpha=0.6, label="loss of a step")
    axes.plot(lr, smoothed, lw=2, color=ACCENT, label="smoothed")
    for number, (name, rate) in enumerate(marks.items()):
        style = _STYLES[number % len(_STYLES)]
        axes.axvline(rate, color=series(number + 1), lw=1.6, ls=style, label=name)
    axes.set(xscale="log", xlabel="learning rate", ylabel="loss")
    axes.grid(axis="y", color=GRID)
    axes.set_axisbelow(True)
    legend_above(figure, axes)
    return figure


def example() -> Figure:
    """Return a made-up range test: flat, falling, and gone."""
    rng = np.random.default_rng(0)
    lr = np.geomspace(1e-6, 1, 200)
    smoothed = 2.3 - 1.5 / (1 + (2e-3 / lr) ** 1.3) + (lr / 0.12) ** 2
    smoothed = np.minimum(smoothed, 5)
    losses = smoothed + rng.normal(0, 0.12, 200)
    return rates(lr, losses, smoothed, marks={"steepest": 2e-3, "lowest / 10": 3e-3})
