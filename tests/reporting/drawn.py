"""What a figure shows, for tests of its data."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

__all__ = ["axes_of", "named", "texts", "ticks"]


def axes_of(figure: Figure) -> Axes:
    """Return the only axes of a figure, which is drawn once to see that it can be."""
    (axes,) = figure.axes
    figure.draw_without_rendering()
    return axes


def named(axes: Axes) -> dict[object, Line2D]:
    """Return the lines by their names."""
    return {line.get_label(): line for line in axes.lines}


def texts(axes: Axes) -> list[str]:
    """Return what is written within the axes."""
    return [one.get_text() for one in axes.texts]


def ticks(axes: Axes) -> list[str]:
    """Return the names of rows, from below."""
    return [one.get_text() for one in axes.get_yticklabels()]
