"""Which classes are said too often or too rarely, out of fold and in the test part."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from podium.reporting.figures.predicted_counts import predicted_counts
from podium.reporting.figures.predicted_shares import predicted_shares
from podium.reporting.figures.predicted_surplus import predicted_surplus
from podium.reporting.label_statistics import count_by_class
from podium.reporting.plot import Plot
from podium.reporting.subjects import LabelSubject

TITLE, PLACE = "Over- and under-predicted", 25


def plots(subject: LabelSubject) -> Iterator[Plot]:
    """Yield said against true counts of each class, their difference, and shares by part."""
    counted, names = subject.counted, subject.names
    if counted is None:
        return
    truth, said, error = counted.truth, counted.said, counted.error
    over, under = counted.extremes(3)
    words = (_listed("most too often", over, subject), _listed("most too rarely", under, subject))
    alt = f"Rows said to be of each of {len(names)} classes against those that are. "
    is_off = np.abs(counted.surplus) > error
    caption = (
        f"One point a class, out of fold; {int(is_off.sum()):,} of {len(names):,} are off by more "
        "than their 95 % interval."
    )
    figure = predicted_counts(truth, said, names, error=error)
    yield Plot(figure, "predicted-counts", "Said against there", alt + " ".join(words), caption)
    figure = predicted_surplus(truth, said, names, error=error)
    alt = "Rows said beyond those that are there, by class. " + " ".join(words)
    units = "rows" if subject.lens.groups is None else "groups of rows"
    caption = (
        f"Difference out of fold with 95 % intervals over {units}, and how many times as often as "
        "it is there a class is said."
    )
    yield Plot(figure, "predicted-surplus", "Too often, too rarely", alt, caption)
    yield from _shares(subject)


def _shares(subject: LabelSubject) -> Iterator[Plot]:
    lens, names, counted = subject.lens, subject.names, subject.counted
    assert counted is not None
    counts = {}
    if subject.trained is not None:
        counts["train labels"] = subject.trained
    counts["said out of fold"] = counted.said
    in_test = None if lens.source is None else lens.source.said_in_test()
    if in_test is not None:
        counts["said in test"] = count_by_class(in_test, len(names))
    if len(counts) < 2:
        return
    figure = predicted_shares(counts, names)
    parts = ", ".join(f"{label} ({int(np.sum(one)):,})" for label, one in counts.items())
    alt = f"Share of each class in {parts}"
    caption = (
        "What the class is of all. Out of fold unlike the train labels: the decision leans. "
        "Test unlike both: the test part has other shares, or other images."
    )
    yield Plot(figure, "predicted-shares", "Shares by part", alt, caption)


def _listed(what: str, classes: list[int], subject: LabelSubject) -> str:
    counted = subject.counted
    assert counted is not None
    each = (f"{subject.names[i]} ({counted.said[i]} for {counted.truth[i]})" for i in classes)
    return f"Said {what}: {', '.join(each)}." if classes else f"None is said {what}."
