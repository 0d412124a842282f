"""What the page shows of a blend's labels: confusion, scores of classes, calibration, mistakes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from podium.ensembling.blend import Blend
from podium.errors import PodiumError
from podium.reporting import per_class
from podium.reporting.best import Lens, Mistake
from podium.reporting.per_class import ClassScores
from podium.reporting.plots import Group, drawn_by_title, labels
from podium.reporting.subjects import LabelSubject, labels_under
from podium.reporting.thumbnails import files_of, thumbnail

__all__ = ["Card", "LabelView", "view_labels"]

MISTAKES = 24


@dataclass(frozen=True)
class Card:
    """A mistake with its picture."""

    mistake: Mistake
    id: str
    fold: int
    picture: str


@dataclass(frozen=True)
class LabelView:
    """What is shown of the labels of the blend `id`; `pairs` are those confused most often."""

    id: str
    blend: Blend
    n_rows: int
    names: list[str]
    groups: list[Group]
    scores: ClassScores | None
    pairs: list[tuple[str, str, int, float]]
    cards: list[Card]


def view_labels(identity: str, blend: Blend, lens: Lens, problems: list[str]) -> LabelView:
    """Return what is shown of the rows under `lens`; `problems` get what cannot be."""
    subject = labels_under(lens)
    return LabelView(
        identity,
        blend,
        len(lens.truth),
        subject.names,
        drawn_by_title(labels, subject, problems=problems, of=f"blend-{identity}"),
        subject.scores,
        _pairs(subject),
        _cards(lens, problems),
    )


def _pairs(subject: LabelSubject) -> list[tuple[str, str, int, float]]:
    """Return (truth, said, rows, share of the true class) of what is confused most often."""
    lens, names = subject.lens, subject.names
    if subject.counts is not None:
        found, sizes = per_class.confused_pairs(subject.counts), subject.counts.sum(axis=1)
    elif lens.competition.kind == "multiclass":
        found = per_class.pairs_of_many(lens.truth, lens.decisions, len(names))
        sizes = np.bincount(lens.truth, minlength=len(names))
    else:
        return []
    return [(names[right], names[said], n, n / int(sizes[right])) for right, said, n in found]


def _cards(lens: Lens, problems: list[str]) -> list[Card]:
    cards = []
    for mistake in lens.mistakes(MISTAKES):
        row = lens.samples.iloc[mistake.row]
        try:
            files = files_of(lens.competition, row["images"])
            picture = thumbnail(files, lens.competition.reader)
        except PodiumError as error:
            problems.append(str(error))
            picture = ""
        cards.append(Card(mistake, str(row["id"]), int(lens.folds[mistake.row]), picture))
    return cards
