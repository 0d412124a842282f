"""Images beside those that the network finds nearest to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.samples import truth
from podium.competition.spec import Competition
from podium.competition.units import has_label
from podium.errors import DataError
from podium.reporting.figures.neighbours import neighbours
from podium.reporting.plot import Plot
from podium.reporting.run_features import (
    FeatureNeighbours,
    can_find_neighbours,
    choose_queries,
    is_among_best,
    neighbours_of,
)
from podium.reporting.shown_answers import shown_of
from podium.reporting.subjects import RunSubject
from podium.reporting.thumbnails import files_of, shrunk

TITLE, PLACE = "Representations", 52
QUERIES, NEAREST, BEST = 6, 5, 3
_SIDE_PX = 72


def plots(subject: RunSubject) -> Iterator[Plot]:
    """Yield six images with their five nearest, of the best runs that kept features."""
    samples = subject.data.samples
    if samples is None or not is_among_best(
        subject, BEST, lambda run: can_find_neighbours(subject, run)
    ):
        return
    near = neighbours_of(subject, NEAREST)
    if near is None:
        return
    labels = _labels(subject)
    classes = None if labels is None else _one_each(labels[near.queries])
    rows = choose_queries(near, classes, QUERIES)
    if not rows:
        return
    at = [[int(near.queries[i]), *(int(one) for one in near.found[i] if one >= 0)] for i in rows]
    pictures: dict[int, NDArray[np.uint8]] = {}
    for one in sorted({one for row in at for one in row}):
        files = files_of(subject.competition, samples["images"].iloc[one])
        pictures[one] = shrunk(files, subject.competition.reader, largest=_SIDE_PX)
    names = [[_name(subject.competition, labels, one) for one in row] for row in at]
    same = None if near.same is None else near.same[rows]
    wide, narrow = (
        neighbours(
            [[pictures[one] for one in row] for row in at],
            names,
            near.similarity[rows],
            same,
            narrow=is_narrow,
        )
        for is_narrow in (False, True)
    )
    text = _describe(subject, near)
    ids = samples["id"]
    alt = f"Nearest images by the features of run {subject.entry.id}. {text} " + "; ".join(
        f"{ids.iloc[row[0]]} ({of[0] or 'no label'}): "
        + ", ".join(one or "no label" for one in of[1:])
        for row, of in zip(at, names, strict=True)
    )
    yield Plot(wide, "neighbours", "Nearest neighbours", alt, text, narrow)


def _labels(subject: RunSubject) -> NDArray[Any] | None:
    samples = subject.data.samples
    if samples is None or not subject.competition.has_labels:
        return None
    try:
        return truth(samples, subject.competition)
    except DataError:
        return None


def _one_each(labels: NDArray[Any]) -> NDArray[Any]:
    """Return a value for each row that equal labels share."""
    if labels.ndim == 1:
        return labels
    return np.array(["".join(map(str, row)) for row in labels.tolist()])


def _name(competition: Competition, labels: NDArray[Any] | None, row: int) -> str:
    if labels is None or not has_label(labels[[row]])[0]:
        return ""
    return shown_of(competition.kind).text(labels[row], competition.label_names)


def _describe(subject: RunSubject, near: FeatureNeighbours) -> str:
    text = f"By the cosine of the network's features: {near.where}."
    if near.same is None or not (near.same >= 0).any():
        return text
    has_several = subject.competition.kind.is_by_class
    what = "have a label in common" if has_several else "are of its class"
    k, share, first = near.found.shape[1], 100 * near.share(), 100 * near.share(1)
    return (
        f"{text} Of an image's {k} nearest, {share:.0f} % {what}; of its nearest one alone, "
        f"{first:.0f} % (kNN accuracy with k = 1). The most confident mistakes come first."
    )
