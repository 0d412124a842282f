"""What the page shows of labels: confusion, scores of classes, calibration, mistakes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from podium.ensembling.blend import Blend
from podium.errors import PodiumError
from podium.reporting import per_class
from podium.reporting.best import Lens, Mistake
from podium.reporting.per_class import ClassScores
from podium.reporting.plots import Group, drawn_by_title, labels
from podium.reporting.subjects import LabelSubject
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
    """What is shown of the labels of a blend, or of a run alone.

    Attributes:
        id: of the blend or run.
        blend: the blend's classify part; None: these are the labels of a run.
        metric: what the labels are scored in.
        score: the honest one of the blend, or the OOF score of the run.
        n_rows: out-of-fold rows with a label.
        names: `(C,)`.
        groups: what is drawn of them.
        scores: of each class, where there are such.
        pairs: (truth, said, rows, share of the true class), those confused most often first.
        cards: the most confident mistakes.
    """

    id: str
    blend: Blend | None
    metric: str
    score: float | None
    n_rows: int
    names: list[str]
    groups: list[Group]
    scores: ClassScores | None
    pairs: list[tuple[str, str, int, float]]
    cards: list[Card]


def view_labels(
    identity: str,
    blend: Blend | None,
    subject: LabelSubject,
    problems: list[str],
    *,
    metric: str,
    score: float | None,
) -> LabelView:
    """Return what is shown of the rows of `subject`; `problems` get what cannot be."""
    of = f"labels-{identity}" if blend is None else f"blend-{identity}"
    return LabelView(
        identity,
        blend,
        metric,
        score,
        len(subject.lens.truth),
        subject.names,
        drawn_by_title(labels, subject, problems=problems, of=of),
        subject.scores,
        _pairs(subject),
        _cards(subject.lens, problems),
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
