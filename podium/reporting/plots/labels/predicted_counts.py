"""Classes predicted too often or too rarely, out of fold and in the test part."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from podium.errors import either
from podium.reporting.figures.predicted_counts import predicted_counts
from podium.reporting.figures.predicted_shares import predicted_shares
from podium.reporting.figures.predicted_surplus import predicted_surplus
from podium.reporting.labels.statistics import count_by_class
from podium.reporting.plot import Plot
from podium.reporting.subjects import LabelSubject

TITLE, PLACE = "Over- and under-predicted", 25


def plots(subject: LabelSubject) -> Iterator[Plot]:
    """Yield predicted against true counts of each class, their difference, and shares by part."""
    counted, names = subject.counted, subject.names
    if counted is None:
        return
    truth, predicted, error = counted.truth, counted.predicted, counted.error
    over, under = counted.extremes(3)
    words = (_listed("most too often", over, subject), _listed("most too rarely", under, subject))
    alt = f"Predicted against actual rows of each of {either(len(names), 'class', 'classes')}. "
    is_off = np.abs(counted.surplus) > error
    caption = (
        f"One point a class, out of fold; {int(is_off.sum()):,} of {len(names):,} are off by more "
        "than their 95 % interval."
    )
    figure = predicted_counts(truth, predicted, names, error=error)
    yield Plot(
        figure, "predicted-counts", "Predicted against actual", alt + " ".join(words), caption
    )
    figure = predicted_surplus(truth, predicted, names, error=error)
    alt = "Predicted rows minus actual rows, by class. " + " ".join(words)
    units = "rows" if subject.lens.groups is None else "groups of rows"
    caption = (
        f"Difference out of fold with 95 % intervals over {units}, and the ratio of predicted to "
        "actual rows."
    )
    yield Plot(figure, "predicted-surplus", "Too often, too rarely", alt, caption)
    yield from _shares(subject)


def _shares(subject: LabelSubject) -> Iterator[Plot]:
    lens, names, counted = subject.lens, subject.names, subject.counted
    assert counted is not None
    counts = {}
    if subject.trained is not None:
        counts["train labels"] = subject.trained
    counts["predicted out of fold"] = counted.predicted
    in_test = None if lens.source is None else lens.source.test_decisions()
    if in_test is not None:
        counts["predicted in test"] = count_by_class(in_test, len(names))
    if len(counts) < 2:
        return
    figure = predicted_shares(counts, names)
    parts = ", ".join(f"{label} ({int(np.sum(one)):,})" for label, one in counts.items())
    alt = f"Share of each class in {parts}"
    caption = (
        "Share of all rows. Out of fold unlike the train labels: the decision is biased. "
        "Test unlike both: the test part has other shares, or other images."
    )
    yield Plot(figure, "predicted-shares", "Shares by part", alt, caption)


def _listed(what: str, classes: list[int], subject: LabelSubject) -> str:
    counted = subject.counted
    assert counted is not None
    each = (f"{subject.names[i]} ({counted.predicted[i]} for {counted.truth[i]})" for i in classes)
    return f"Predicted {what}: {', '.join(each)}." if classes else f"None is predicted {what}."
