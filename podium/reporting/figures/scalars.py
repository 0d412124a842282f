"""Scalars that a method reports, by epoch: several side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from podium.reporting.figures._panel import INK, LEGEND, band_of, plain, quiet_panels, series
from podium.reporting.figures.curves import mark_phases

__all__ = ["MOST_PANELS", "example", "scalars"]

MOST_PANELS = 4
FEW, KEY = 3, 18  # lines with their names between them; px of a row of names below

_STYLES = ("-", (0, (4, 2)), (0, (1, 1.5)), (0, (4, 1.5, 1, 1.5)))


def scalars(
    panels: Mapping[str, Mapping[str, Mapping[str, ArrayLike]]],
    *,
    phases: Sequence[tuple[int, str]] = (),
    width_px: float = 720,
) -> Figure:
    """Return a panel for each group of scalars: the mean over folds, from their lowest to highest.

    Args:
        panels: title → name of a scalar → fold → `(epochs,)`; nan where nothing was written.
        phases: (first epoch, name) of each phase; epochs count from 1, over all phases.
        width_px: of the figure; below 500 the panels stand in one column. One panel alone has no
            title, and takes half of it.
    """
    n_columns = 1 if width_px < 500 or len(panels) == 1 else 2
    n_rows = -(-len(panels) // n_columns)
    width = width_px if width_px < 500 else width_px * n_columns / 2
    most = max(len(named) for named in panels.values())
    below = KEY * -(-most // 2) if most > FEW else 0
    figure, grid = quiet_panels(n_rows, n_columns, width, 30 + (205 + below) * n_rows)
    for axes in grid.flat[len(panels) :]:
        axes.set_axis_off()
    for axes, (title, named) in zip(grid.flat, panels.items(), strict=False):
        for number, (name, folds) in enumerate(named.items()):
            _curve(axes, list(folds.values()), name, number)
        longest = max(len(np.asarray(one)) for of in named.values() for one in of.values())
        axes.set_xlim(0.5, longest + 0.5)
        mark_phases(axes, phases)
        if len(panels) > 1:
            axes.set_title(plain(title, longest=40), loc="left", fontsize=11.5, color=INK, pad=18)
        if len(named) > FEW:  # they would hide what they name
            at = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.2), "ncols": 2}
            axes.legend(**at, **LEGEND)
        elif len(named) > 1:
            axes.legend(loc="best", **LEGEND)
        elif (name := next(iter(named))).lower() not in title.lower():
            axes.set_ylabel(plain(name, longest=30))
    return figure


def _curve(axes: Axes, folds: Sequence[ArrayLike], name: str, number: int) -> None:
    low, mean, high, _ = band_of(folds)
    epochs = np.arange(1, len(mean) + 1)
    style: dict[str, Any] = {
        "color": series(number),
        "ls": _STYLES[number % len(_STYLES)],
        "marker": "o" if np.isfinite(mean).sum() < 16 else "",
    }
    axes.plot(epochs, mean, lw=1.8, ms=3.5, label=plain(name, longest=30), **style)
    if len(folds) > 1:
        axes.fill_between(epochs, low, high, color=series(number), alpha=0.16, lw=0)


def example() -> Figure:
    """Return a FlexMatch-like training: thresholds, spread and probe of three folds."""
    draw, epochs = np.random.default_rng(1), np.arange(1, 25)

    def rising(to: float, speed: float) -> dict[str, Any]:
        curve = to * (1 - np.exp(-epochs / speed))
        return {str(k): curve + draw.normal(0, 0.02, 24) for k in range(3)}

    return scalars(
        {
            "Threshold": {"of labels": rising(0.9, 6), "of masks": rising(0.8, 9)},
            "Spread of vectors": {"spread": rising(0.95, 3)},
            "Probe: accuracy": {"neighbours": rising(0.7, 8), "linear": rising(0.8, 8)},
        },
        phases=[(1, "warm-up"), (5, "flexmatch")],
    )
