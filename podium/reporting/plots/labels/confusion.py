"""The confusion matrix, as counts and as shares of its rows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from matplotlib.figure import Figure

from podium.errors import either, plural
from podium.reporting.figures.confusion import NAMED_UP_TO, WRITTEN_UP_TO, confusion
from podium.reporting.labels.statistics import ConfusionOrder
from podium.reporting.plot import NARROW_PX, Plot
from podium.reporting.subjects import LabelSubject

TITLE, PLACE = "Confusion", 10
_STRENGTH = " Strength: share of the row."


def plots(subject: LabelSubject) -> Iterator[Plot]:
    """Yield the matrix as counts and as shares; of more than 16 classes ordered by confusion."""
    counts, names, confusable = subject.counts, subject.names, subject.confusable
    if counts is None or confusable is None:
        return
    n, right = len(names), int(np.diag(counts).sum())
    alt = (
        f"Confusion matrix of {either(n, 'class', 'classes')}: {right} of {int(counts.sum())} "
        "rows right"
    )
    is_small = n <= WRITTEN_UP_TO
    found = ConfusionOrder(np.arange(n), ()) if is_small else confusable
    words = _describe(found, names)

    def drawn(*, normalise: bool, width_px: float | None = None) -> Figure:
        return confusion(
            counts,
            names,
            normalise=normalise,
            order=found.order,
            blocks=found.blocks,
            width_px=width_px,
        )

    for normalise in (False, True):
        yield Plot(
            drawn(normalise=normalise),
            "confusion-shares" if normalise else "confusion",
            "Row-normalised" if normalise else "Counts",
            f"{alt}, as shares of each true class" if normalise else f"{alt}.{words}",
            "Per cent of each actual class; the diagonal is recall."
            if normalise
            else f"Rows: actual. Columns: predicted.{_STRENGTH if is_small else words}",
            narrow=None if is_small else drawn(normalise=normalise, width_px=NARROW_PX),
        )


def _describe(found: ConfusionOrder, names: list[str]) -> str:
    if len(names) <= WRITTEN_UP_TO or (found.order == np.arange(len(names))).all():
        return ""
    text = " Confused classes are adjacent."
    n = len(found.blocks)
    if not n:
        return text
    boxes = " Boxes: groups" if len(names) <= NAMED_UP_TO else f" There are {plural(n, 'group')}"
    return f"{text}{boxes} with more mistakes among themselves than with all other classes."
