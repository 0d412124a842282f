"""Predictions on training rows compared with those out of fold: memorisation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from podium.predictions.explanations import read_training_decisions
from podium.reporting.figures._panel import (
    GRID,
    MUTED,
    legend_above,
    name_rows,
    panel,
    plain,
    series,
)
from podium.reporting.figures.predicted_shares import predicted_shares
from podium.reporting.labels.memorisation import memorisation_by_fold
from podium.reporting.plot import Plot
from podium.reporting.subjects import RunSubject

__all__ = ["PLACE", "TITLE", "example", "memorised_surplus", "plots"]

TITLE, PLACE = "Memorisation", 45


def plots(subject: RunSubject) -> Iterator[Plot]:
    """Yield the classes predicted too often on either side, after `podium explain --learnt`."""
    entry, data = subject.entry, subject.data
    training = read_training_decisions(subject.workspace.runs / entry.id)
    if not training or entry.predictions is None or data.samples is None:
        return
    each = memorisation_by_fold(subject.competition, entry.predictions, data.samples, training)
    first, *others = each
    seen, unseen = first.training, first.unseen
    for one in others:
        seen, unseen = seen + one.training, unseen + one.unseen
    figure = memorised_surplus(seen.surplus, unseen.surplus, subject.competition.label_names)
    by_fold = "; ".join(
        f"fold {one.fold}: {one.training.share} of {one.training.n:,} trained on, "
        f"{one.unseen.share} of {one.unseen.n:,} out of fold"
        for one in each
    )
    alt = (
        f"Classes that run {entry.id} predicts too often on training rows and out of fold. "
        f"Correct rows, {by_fold}"
    )
    caption = (
        f"Correct: {seen.share} of the training rows that were predicted, {unseen.share} out of "
        "fold. Far apart: the network memorised its rows. A mark right of the line: the class is "
        "predicted more often than it is true."
    )
    yield Plot(
        figure, "learnt-surplus", "Over-predicted, training rows and out of fold", alt, caption
    )
    counts = {
        "actual, validation": unseen.truth,
        "predicted, training": seen.predicted,
        "predicted, validation": unseen.predicted,
    }
    names = subject.competition.label_names
    texts = [
        f"{name} {a} and {b}"
        for name, a, b in zip(names[:8], seen.predicted, unseen.predicted, strict=False)
    ]
    alt = f"Rows predicted as each class, training and validation: {'; '.join(texts)}"
    caption = "The share of the rows that is predicted as each class, and the share that is of it."
    figure = predicted_shares(counts, names)
    yield Plot(figure, "learnt-counts", "Predicted counts, train and validation", alt, caption)


SHOWN = 20


def memorised_surplus(training: ArrayLike, unseen: ArrayLike, names: Sequence[str]) -> Figure:
    """Return a row for each class with a mark for each side; of many those furthest from 0.

    A mark right of 0: the class is predicted too often there. Both marks: the training is biased.
    Only the out-of-fold mark: the network has not seen enough of what it takes for the class.

    Args:
        training: `(C,)`, (rows predicted as the class - rows of the class) / rows, in training.
        unseen: `(C,)`, the same out of fold.
        names: `(C,)`.
    """
    each = [100 * np.asarray(one, dtype=np.float64) for one in (training, unseen)]
    order = np.argsort(-np.max(np.abs(each), axis=0), kind="stable")[:SHOWN]
    order = order[np.argsort(-each[1][order], kind="stable")]
    at = np.arange(len(order))
    figure, axes = panel(420, 80 + 26 * len(order))
    axes.hlines(at, *(one[order] for one in each), color=GRID, lw=5, zorder=1)
    axes.axvline(0, color=MUTED, lw=1, zorder=1)
    for number, (label, marker) in enumerate((("training rows", "s"), ("out of fold", "o"))):
        axes.plot(
            each[number][order], at, marker, ms=6.5, mew=0, color=series(1 - number), label=label
        )
    name_rows(axes, [plain(names[i], longest=18) for i in order])
    axes.set_xlabel("predicted - actual, per cent of the rows")
    axes.margins(x=0.08)
    legend_above(figure, axes)
    return figure


def example() -> Figure:
    """Return ten made-up classes, memorised in training and biased out of fold."""
    rng = np.random.default_rng(0)
    unseen = rng.normal(0, 0.03, 10)
    training = 0.2 * unseen + rng.normal(0, 0.004, 10)
    names = [f"species {i + 1}" for i in range(10)]
    return memorised_surplus(training - training.mean(), unseen - unseen.mean(), names)
