"""Recall, precision and F1 of each class with their intervals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from podium.errors import either
from podium.reporting.figures._panel import legend_above, name_rows, panel, plain, series
from podium.reporting.plot import Plot
from podium.reporting.subjects import LabelSubject

__all__ = ["ALL_UP_TO", "PLACE", "SHOWN", "TITLE", "class_scores", "example", "plots"]

TITLE, PLACE = "By class", 30


def plots(subject: LabelSubject) -> Iterator[Plot]:
    """Yield one plot, the lowest recall on top; of more than 40 classes one of each end."""
    scores, names = subject.scores, subject.names
    if scores is None:
        return
    lowest = int(np.nanargmin(np.nan_to_num(scores.values[:, 0], nan=2.0)))
    alt = (
        f"Recall, precision and F1 of {either(len(names), 'class', 'classes')}; lowest recall: "
        f"{names[lowest]} with {scores.values[lowest, 0]:.3f}"
    )
    # Of equal scores, those of many rows are more certain.
    order = np.argsort(-scores.truth, kind="stable")
    given = [names[i] for i in order], scores.values[order], scores.intervals[order]
    figure = class_scores(*given)
    caption = "Lowest recall on top; lines are 95 % bootstrap intervals."
    if len(names) <= ALL_UP_TO:
        yield Plot(figure, "classes", "By class", alt, caption)
        return
    caption = f"The {SHOWN} of lowest recall; lines are 95 % bootstrap intervals."
    yield Plot(figure, "classes", "Lowest", alt, caption)
    figure = class_scores(*given, highest=True)
    best = int(np.argmax(np.nan_to_num(scores.values[:, 0], nan=-1.0)))
    alt = (
        f"Recall, precision and F1 of the {SHOWN} best of "
        f"{either(len(names), 'class', 'classes')}; highest recall: "
        f"{names[best]} with {scores.values[best, 0]:.3f}"
    )
    caption = f"The {SHOWN} of highest recall; all classes stand in the table."
    yield Plot(figure, "best-classes", "Highest", alt, caption)


ALL_UP_TO, SHOWN = 40, 20
_MARKERS = ("o", "s", "D")


def class_scores(
    names: Sequence[str],
    scores: ArrayLike,
    intervals: ArrayLike,
    *,
    labels: Sequence[str] = ("recall", "precision", "F1"),
    highest: bool = False,
) -> Figure:
    """Return a row for each class, lowest first score on top; of more than 40 classes 20 of them.

    Args:
        names: `(C,)`.
        scores: `(C, S)`; nan where undefined.
        intervals: `(C, S, 2)`: low and high.
        labels: `(S,)`, names of the scores.
        highest: of many classes those with the highest first score, the highest on top.
    """
    values, bounds = np.asarray(scores, dtype=float), np.asarray(intervals, dtype=float)
    ranked = -values[:, 0] if highest else values[:, 0]
    order = np.argsort(np.nan_to_num(ranked, nan=2.0), kind="stable")
    order = order if len(order) <= ALL_UP_TO else order[:SHOWN]
    figure, axes = panel(420, 70 + (42 if len(order) <= 12 else 32) * len(order))
    rows = np.arange(len(order))
    for number, label in enumerate(labels):
        at = rows + 0.24 * (number - (len(labels) - 1) / 2)
        low, high = bounds[order, number].T
        axes.hlines(at, low, high, color=series(number), lw=1.4, alpha=0.75)
        axes.plot(
            values[order, number], at, _MARKERS[number % 3], ms=5, color=series(number), label=label
        )
    name_rows(axes, [plain(names[i], longest=18) for i in order])
    seen = np.stack([values[order], bounds[order, :, 0]])
    lowest = np.min(seen[np.isfinite(seen)], initial=1.0)
    axes.set_xlim(np.floor(10 * lowest - 0.1) / 10 - 0.005, 1.01)
    legend_above(figure, axes)
    return figure


def example() -> Figure:
    """Return eight made-up classes with recall, precision and F1."""
    rng = np.random.default_rng(0)
    recall, precision = rng.uniform(0.45, 0.95, (2, 8))
    scores = np.stack([recall, precision, 2 * recall * precision / (recall + precision)], axis=1)
    intervals = np.stack([scores - 0.06, np.minimum(scores + 0.05, 1)], axis=-1)
    return class_scores([f"species {i + 1}" for i in range(8)], scores, intervals)
