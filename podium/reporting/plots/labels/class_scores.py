"""Recall, precision and F1 of each class with their intervals."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from podium.reporting.figures.class_scores import ALL_UP_TO, SHOWN, class_scores
from podium.reporting.plot import Plot
from podium.reporting.subjects import LabelSubject

TITLE, PLACE = "By class", 30


def plots(subject: LabelSubject) -> Iterator[Plot]:
    """Yield one plot, the lowest F1 on top; of more than 40 classes one of each end."""
    scores, names = subject.scores, subject.names
    if scores is None:
        return
    lowest = int(np.nanargmin(np.nan_to_num(scores.values[:, 2], nan=2.0)))
    alt = (
        f"Recall, precision and F1 of {len(names)} classes; lowest F1: "
        f"{names[lowest]} with {scores.values[lowest, 2]:.3f}"
    )
    # Of equal scores, those of many rows are more certain.
    order = np.argsort(-scores.truth, kind="stable")
    given = [names[i] for i in order], scores.values[order], scores.intervals[order]
    figure = class_scores(*given)
    caption = "Lowest F1 on top; lines are 95 % bootstrap intervals."
    if len(names) <= ALL_UP_TO:
        yield Plot(figure, "classes", "By class", alt, caption)
        return
    caption = f"The {SHOWN} lowest F1; lines are 95 % bootstrap intervals."
    yield Plot(figure, "classes", "Lowest", alt, caption)
    figure = class_scores(*given, highest=True)
    best = int(np.argmax(np.nan_to_num(scores.values[:, 2], nan=-1.0)))
    alt = (
        f"Recall, precision and F1 of the {SHOWN} best of {len(names)} classes; highest F1: "
        f"{names[best]} with {scores.values[best, 2]:.3f}"
    )
    caption = f"The {SHOWN} highest F1; all classes stand in the table."
    yield Plot(figure, "best-classes", "Highest", alt, caption)
