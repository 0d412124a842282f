"""A row for each member of a blend."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from podium.reporting.figures._panel import panel, plain

__all__ = ["member_rows"]


def member_rows(
    names: Sequence[str], order: NDArray[np.intp], width_px: float
) -> tuple[Figure, Axes]:
    """Return a figure with a row for each name."""
    pitch = 25 if len(order) <= 20 else 15
    figure, axes = panel(width_px, 92 + pitch * len(order))
    size = 10.5 if pitch == 25 else 9
    shown = [plain(names[at], longest=int(width_px / 20)) for at in order]
    axes.set_yticks(range(len(order)), shown, fontsize=size)
    axes.set_ylim(len(order) - 0.4, -0.6)
    axes.grid(axis="x")
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)
    axes.locator_params(axis="x", nbins=5)
    return figure, axes
