"""Rows and masks of each class by fold."""

from __future__ import annotations

from collections.abc import Iterator

from podium.reporting.data_summary import EMPTY
from podium.reporting.figures.class_balance import class_balance
from podium.reporting.plot import Plot
from podium.reporting.subjects import DataSubject

TITLE, PLACE = "Classes", 10


def plots(subject: DataSubject) -> Iterator[Plot]:
    """Yield the rows of each class by fold, and in how many masks of each fold a class is."""
    data = subject.data
    if data.counts is not None and data.counts.size:
        totals = data.counts.sum(axis=1)
        alt = (
            f"Rows of each of {len(totals)} classes, by fold; from {int(totals.min())} to "
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
