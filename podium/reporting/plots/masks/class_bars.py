"""One score of each class as bars with intervals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from podium.errors import either
from podium.reporting.figures._panel import ACCENT, INK, MUTED, name_rows, panel, plain, tint
from podium.reporting.plot import Plot
from podium.reporting.subjects import MaskSubject

__all__ = ["PLACE", "TITLE", "class_bars", "example", "plots"]

TITLE, PLACE = "Masks", 10


def plots(subject: MaskSubject) -> Iterator[Plot]:
    """Yield one plot, the lowest score on top."""
    classes, names = subject.classes, subject.names
    figure = class_bars(names, classes.scores, classes.intervals, label=classes.metric)
    texts = ", ".join(
        f"{name} {score:.3f}" for name, score in zip(names[:8], classes.scores, strict=False)
    )
    alt = f"{classes.metric}, {either(len(names), 'class', 'classes')}: {texts}"
    caption = f"Lowest on top; lines are 95 % bootstrap intervals over {subject.units}."
    yield Plot(figure, "mask-classes", "By class", alt, caption)


SHOWN = 30


def class_bars(
    names: Sequence[str], scores: ArrayLike, intervals: ArrayLike, *, label: str
) -> Figure:
    """Return a bar for each class, the lowest score on top; of many classes the lowest 30.

    Args:
        names: `(C,)`.
        scores: `(C,)`; nan where undefined.
        intervals: `(C, 2)`: low and high; nan where undefined.
        label: the score.
    """
    values, bounds = np.asarray(scores, dtype=float), np.asarray(intervals, dtype=float)
    order = np.argsort(np.nan_to_num(values, nan=np.inf), kind="stable")[:SHOWN]
    figure, axes = panel(420, 60 + 30 * len(order))
    rows = np.arange(len(order))
    axes.barh(rows, np.nan_to_num(values[order]), height=0.62, color=tint(ACCENT, [0.7])[0])
    axes.hlines(rows, *bounds[order].T, color=INK, lw=1.6)
    for row, number in zip(rows, order, strict=True):
        value, high = values[number], bounds[number, 1]
        axes.annotate(
            f"{value:.3f}" if np.isfinite(value) else "undefined",
            (np.nanmax([value, high, 0.0]), row),
            (6, 0),
            textcoords="offset points",
            va="center",
            color=MUTED,
            fontsize=10,
        )
    name_rows(axes, [plain(names[i], longest=18) for i in order])
    axes.set_xlabel(plain(label))
    axes.margins(x=0.16)
    axes.set_xlim(left=0)
    return figure


def example() -> Figure:
    """Return eight made-up classes with the intervals of their scores."""
    rng = np.random.default_rng(0)
    scores = rng.uniform(0.4, 0.95, 8)
    width = rng.uniform(0.02, 0.08, 8)
    intervals = np.stack([scores - width, np.minimum(scores + width, 1)], axis=1)
    return class_bars([f"organ {i + 1}" for i in range(8)], scores, intervals, label="dice")
