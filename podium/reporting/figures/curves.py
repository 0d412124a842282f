"""Loss or score by epoch, one line a fold; phases follow each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator
from numpy.typing import ArrayLike

from podium.reporting.figures._panel import GRID, LEGEND, MUTED, fold_color, panel, plain

__all__ = ["curves", "example", "mark_phases"]


def curves(
    valid: Mapping[str, ArrayLike],
    *,
    label: str,
    train: Mapping[str, ArrayLike] | None = None,
    start: Mapping[str, float] | None = None,
    phases: Sequence[tuple[int, str]] = (),
    log: bool = False,
) -> Figure:
    """Return one line for each fold; what belongs to training is thin and dashed.

    Args:
        valid: fold → `(epochs,)`, the values to read; nan where there is none.
        label: what the values are.
        train: fold → `(epochs,)`, the same of the training rows.
        start: fold → the value before the first epoch, drawn as epoch 0.
        phases: (first epoch, name) of each phase; epochs count from 1, over all phases.
        log: whether the axis is logarithmic.
    """
    figure, axes = panel(360, 230)
    folds = sorted({*valid, *(train or {})}, key=_in_order)
    for number, fold in enumerate(folds):
        color: dict[str, Any] = {"color": fold_color(number, len(folds))}
        if train is not None and fold in train:
            values = np.asarray(train[fold], dtype=float)
            epochs = np.arange(1, len(values) + 1)
            name = f"_{_named(fold)}, training"  # beside the pointer, and in no legend
            axes.plot(epochs, values, lw=1, ls=(0, (3, 2)), label=name, **color)
        if fold in valid:
            before = [start[fold]] if start is not None and fold in start else []
            values = np.asarray([*before, *np.asarray(valid[fold])], dtype=float)
            epochs = np.arange(len(values)) + 1 - len(before)
            marker = "o" if len(values) < 16 else ""
            axes.plot(
                epochs,
                values,
                lw=1.8,
                ms=3.5,
                marker=marker,
                label=_named(fold),
                **color,
            )
    if log:
        axes.set_yscale("log")
        low, high = axes.get_ylim()
        is_narrow = high < 100 * low
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if is_narrow else (1,), numticks=8))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter("{x:.3g}")
    axes.set_ylabel(plain(label))
    mark_phases(axes, phases)
    if 1 < len(valid) <= 7:
        axes.legend(loc="best", **LEGEND)
    return figure


def mark_phases(axes: Axes, phases: Sequence[tuple[int, str]]) -> None:
    """Name the phases above the axes and draw a line where one follows another."""
    axes.set_xlabel("epoch")
    axes.grid(axis="y")
    axes.set_axisbelow(True)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=9, integer=True))
    for number, (first, name) in enumerate(phases):
        if number:
            axes.axvline(first - 0.5, color=GRID, lw=1.2, zorder=0)
        axes.annotate(
            plain(name, longest=14),
            xy=(first - (0.5 if number else 0), 1),
            xycoords=("data", "axes fraction"),
            xytext=(3 if number else 0, 3),
            textcoords="offset points",
            color=MUTED,
            fontsize=10,
            va="bottom",
        )


def _named(fold: str) -> str:
    return f"fold {fold}" if fold.isdigit() else plain(fold)


def _in_order(fold: str) -> tuple[bool, int, str]:
    return (not fold.isdigit(), int(fold) if fold.isdigit() else 0, fold)


def example() -> Figure:
    """Return the loss of three made-up folds in two phases."""
    rng, epoch = np.random.default_rng(0), np.arange(20)
    train = {str(k): 2.2 * np.exp(-epoch / 6) + rng.normal(0, 0.02, 20) + 0.1 for k in range(3)}
    valid = {k: one + 0.02 * epoch + rng.normal(0, 0.03, 20) for k, one in train.items()}
    return curves(valid, label="loss", train=train, phases=[(1, "head"), (6, "all of it")])
