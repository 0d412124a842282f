"""The confusion matrix, as counts and as shares of its rows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from podium.reporting.figures.confusion import WRITTEN_UP_TO, confusion
from podium.reporting.plot import Plot
from podium.reporting.subjects import LabelSubject

TITLE, PLACE = "Confusion", 10


def plots(subject: LabelSubject) -> Iterator[Plot]:
    """Yield the matrix as counts and, where they can be written into it, as shares."""
    counts, names = subject.counts, subject.names
    if counts is None:
        return
    right = int(np.diag(counts).sum())
    alt = f"Confusion matrix of {len(names)} classes: {right} of {int(counts.sum())} rows right"
    caption = "Rows: truth. Columns: what was said. Strength: share of the row."
    yield Plot(confusion(counts, names), "confusion", "Counts", alt, caption)
    if len(names) <= WRITTEN_UP_TO:
        figure = confusion(counts, names, normalise=True)
        alt = f"{alt}, as shares of each true class"
        caption = "Per cent of each true class; the diagonal is recall."
        yield Plot(figure, "confusion-shares", "Row-normalised", alt, caption)
