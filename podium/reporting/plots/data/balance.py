"""Rows and masks of each class by fold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from podium.errors import either
from podium.reporting.data_summary import EMPTY
from podium.reporting.figures._panel import (
    MUTED,
    fold_color,
    legend_above,
    name_rows,
    panel,
    plain,
)
from podium.reporting.plot import Plot
from podium.reporting.subjects import DataSubject

__all__ = ["PLACE", "TITLE", "class_balance", "example", "plots"]

TITLE, PLACE = "Classes", 10


def plots(subject: DataSubject) -> Iterator[Plot]:
    """Yield the rows of each class by fold, and in how many masks of each fold a class is."""
    data = subject.data
    if data.counts is not None and data.counts.size:
        totals = data.counts.sum(axis=1)
        alt = (
            f"Rows of each of {either(len(totals), 'class', 'classes')}, by fold; from "
            f"{int(totals.min())} to "
            f"{int(totals.max())} a class"
        )
        figure = class_balance(data.counts, data.classes, data.fold_names)
        yield Plot(figure, "balance", "Classes by fold", alt)
    masks = data.masks
    if masks is not None and masks.n_masks:
        names = [*masks.names, *([EMPTY] if masks.n_empty else [])]
        counts = masks.counts[: len(names)]
        each = zip(names[:8], counts.sum(axis=1).tolist(), strict=False)
        alt = f"Masks with each class, by fold: {', '.join(f'{name} {n}' for name, n in each)}"
        figure = class_balance(counts, names, data.fold_names)
        caption = "Images whose mask has the class."
        yield Plot(figure, "mask-balance", "Masks by fold", alt, caption)


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
            color=fold_color(number, len(folds)),
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
    name_rows(axes, [plain(names[i], longest=18) for i in order])
    axes.set_xlabel("images")
    axes.margins(x=0.09)
    legend_above(figure, axes)
    return figure


def example() -> Figure:
    """Return twelve made-up classes, some of them rare, in five folds."""
    rng = np.random.default_rng(0)
    rows = 400 / np.arange(1, 13) ** 0.8
    counts = rng.poisson(rows[:, None] / 5, (12, 5))
    return class_balance(counts, [f"species {i + 1}" for i in range(12)], list("01234"))
