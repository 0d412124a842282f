"""Every run and blend on one scale: folds, OOF, honest with its interval, optimistic, public."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from podium.reporting.figures._panel import (
    ACCENT,
    MUTED,
    SERIES,
    legend_above,
    name_rows,
    panel,
    plain,
)

__all__ = ["ScoreRow", "example", "scores"]

SHOWN = 24


@dataclass(frozen=True)
class ScoreRow:
    """A run or blend and its scores; None without one.

    Attributes:
        name: shown at its row.
        value: the unbiased score: pooled OOF of a run, honest of a blend.
        folds: of each fold.
        interval: bounds of `value`.
        optimistic: fitted and scored on the same rows.
        public: of the submission made from it.
    """

    name: str
    value: float | None
    folds: Sequence[float] = ()
    interval: tuple[float, float] | None = None
    optimistic: float | None = None
    public: float | None = None


def scores(rows: Sequence[ScoreRow], *, label: str, width_px: float = 720) -> Figure:
    """Return a row for each of `rows`, in their order; of many the first 24.

    Args:
        rows: what was scored.
        label: the metric.
        width_px: of the figure; names are cut to about a third of it.
    """
    shown = rows[:SHOWN]
    figure, axes = panel(width_px, (78 if width_px > 400 else 104) + 27 * len(shown))
    for at, row in enumerate(shown):
        _draw(axes, at, row)
    name_rows(axes, [plain(row.name, longest=int(width_px / 18)) for row in shown])
    axes.set_xlabel(plain(label))
    axes.margins(x=0.04)
    legend_above(figure, axes, columns=5 if width_px > 400 else 3)
    return figure


def _draw(axes: Axes, at: int, row: ScoreRow) -> None:
    if row.folds:
        axes.plot(row.folds, [at] * len(row.folds), "|", ms=11, mew=1.6, color=MUTED, label="folds")
    if row.interval is not None:
        axes.hlines(at, *row.interval, color=ACCENT, lw=2.2, alpha=0.45, label="95 % interval")
    if row.optimistic is not None:
        axes.plot(
            row.optimistic, at, "o", ms=7, mfc="none", mew=1.4, color=SERIES[1], label="optimistic"
        )
    if row.value is not None:
        axes.plot(row.value, at, "o", ms=7.5, color=ACCENT, label="OOF / honest")
    if row.public is not None:
        axes.plot(row.public, at, "D", ms=6.5, color=SERIES[2], label="public")


def example() -> Figure:
    """Return a made-up blend and the three runs in it."""
    rng = np.random.default_rng(0)
    values = {"convnext": 0.842, "swin": 0.836, "resnet50": 0.811}
    rows = [
        ScoreRow(name, one, tuple(one + rng.normal(0, 0.01, 5))) for name, one in values.items()
    ]
    blend = ScoreRow("blend of three", 0.857, (), (0.845, 0.868), 0.861, 0.851)
    return scores([blend, *rows], label="accuracy")
