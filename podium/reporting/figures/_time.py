"""An axis of days, in UTC, and lines of steps over it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from numpy.typing import NDArray

from podium.reporting.figures._panel import MUTED

__all__ = ["days_of", "over_time"]


def days_of(at: Sequence[datetime]) -> NDArray[np.float64]:
    """Return moments as what a time axis counts in, `(T,)`."""
    return np.asarray(date2num(list(at)), dtype=np.float64)


def over_time(axes: Axes) -> None:
    """Write few days, or hours, under the axes, and light lines behind them."""
    locator = AutoDateLocator(minticks=3, maxticks=6, tz=UTC)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, tz=UTC))
    axes.xaxis.get_offset_text().set(color=MUTED, fontsize=10.5)
    axes.set_xlabel("UTC")
    axes.grid(axis="y")
    axes.set_axisbelow(True)
    axes.margins(x=0.03)
