"""Labels on the page: confusion, scores of classes, calibration, and cards of mistakes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from podium.ensembling.blend import Blend
from podium.errors import PodiumError, plural
from podium.reporting.class_by_fold import ClassByFold, class_by_fold_of_labels
from podium.reporting.figures.confusion import WRITTEN_UP_TO
from podium.reporting.images.thumbnails import LARGEST_PX, files_of, thumbnail
from podium.reporting.labels.evaluation import LabelEvaluation, Mistake
from podium.reporting.labels.statistics import ClassScores
from podium.reporting.masks.painting import class_colors
from podium.reporting.pages.kept_drawings import KeptDrawings
from podium.reporting.pages.moving_threshold import moving_labels
from podium.reporting.plots import Group, labels
from podium.reporting.score_by_output import ScoreByOutput, score_by_output
from podium.reporting.subjects import LabelSubject

__all__ = ["LabelView", "view_labels"]

MISTAKES, PAIRS = 24, 20
MOST_REPORTED = 3  # pictures that cannot be read; of more, their number
RIGHT = 12  # rows that were decided rightly: the least sure, and as many of the surest
RIGHT_PX = 128
LISTED, OF_PAIR = 8, 3  # frequent confusions in a short table, and images of each in the gallery
EXTREMES, IMAGES = 3, 3  # overpredicted classes, as many underpredicted ones, and images of each


@dataclass(frozen=True)
class MistakeCard:
    """A mistake with its picture."""

    mistake: Mistake
    id: str
    fold: int
    picture: str


@dataclass(frozen=True)
class MiscountedClass:
    """A class predicted too often or too rarely, with images of wrong decisions.

    Attributes:
        name: of the class.
        truth, predicted: rows of the class, and rows predicted as the class.
        cards: false positives if the class is predicted too often, else false negatives.
    """

    name: str
    truth: int
    predicted: int
    cards: list[MistakeCard]


@dataclass(frozen=True)
class LabelView:
    """The labels of a blend, or of a run alone, as the page shows them.

    Attributes:
        id: of the blend or run.
        blend: the blend's classify part; None for the labels of a run.
        metric: of the labels.
        score: the honest one of the blend, or the OOF score of the run.
        n_rows: out-of-fold rows with a label.
        names: `(C,)`.
        groups: figures of the labels.
        scores: of each class, if labels are classes.
        pairs: (truth, predicted, rows, share of the true class), the most frequent first.
        confused: groups of confused classes, if there are many classes: (classes, rows of them
            predicted as another class of the group, share of all mistakes about these rows), most
            rows first.
        cards: the most confident mistakes.
        of_pairs: mistakes of the most frequent confusions that are not among these.
        samples: of the classes predicted too often or too rarely, the largest difference first.
        right: rows decided rightly, the least sure first, beside the mistakes in the gallery.
        slider: of `moving_labels`; None where no threshold decides.
        by_fold: recall of the classes in each fold; None where there is no such table.
        by_output: the score of each of several outputs; None where there is one.
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
    confused: list[tuple[list[str], int, float]]
    cards: list[MistakeCard]
    samples: list[MiscountedClass]
    right: list[MistakeCard] = field(default_factory=list)
    slider: dict[str, Any] | None = None
    of_pairs: list[MistakeCard] = field(default_factory=list)
    by_fold: ClassByFold | None = None
    by_output: ScoreByOutput | None = None

    @property
    def colors(self) -> dict[str, str]:
        """Class → its colour on the page."""
        return dict(zip(self.names, class_colors(len(self.names)), strict=True))


def view_labels(
    identity: str,
    blend: Blend | None,
    subject: LabelSubject,
    problems: list[str],
    *,
    metric: str,
    score: float | None,
    kept: KeptDrawings | None = None,
    files: Iterable[Path] = (),
) -> LabelView:
    """Return what is shown of the rows of `subject`; `problems` get what cannot be.

    Args:
        identity: of the blend or run.
        blend: the blend's part; None of a run.
        subject: the rows.
        problems: is added to.
        metric, score: of the labels.
        kept: drawings of earlier pages; None: all is drawn.
        files: that the predictions lie in.
    """
    kept, shown = kept or KeptDrawings.nowhere(), [*files]
    names = subject.names
    unread: list[str] = []
    mistakes = subject.lens.mistakes(MISTAKES)
    cards = _cards(subject.lens, mistakes, unread)
    shown_rows = {one.row for one in mistakes}
    pairs = subject.pairs(PAIRS)
    of_pairs = [
        one
        for truth, predicted, _, _ in pairs[:LISTED]
        for one in subject.lens.mistakes_of_pair(truth, predicted, OF_PAIR)
        if one.row not in shown_rows
    ]
    confused = _cards(subject.lens, of_pairs, unread, largest=RIGHT_PX)
    samples = _miscounted(subject, unread)
    right = _cards(subject.lens, subject.lens.right(RIGHT), unread, largest=RIGHT_PX)
    problems += unread[:MOST_REPORTED]
    if len(unread) > MOST_REPORTED:
        problems.append(
            f"{plural(len(unread) - MOST_REPORTED, 'more image')} of mistakes cannot be read"
        )
    of = f"labels-{identity}" if blend is None else f"blend-{identity}"
    by_fold = class_by_fold_of_labels(subject.lens, names)
    return LabelView(
        identity,
        blend,
        metric,
        score,
        len(subject.lens.truth),
        names,
        kept.groups(labels, subject, problems=problems, of=of, files=shown),
        subject.scores,
        [(names[right], names[predicted], n, share) for right, predicted, n, share in pairs],
        _confused(subject),
        cards,
        samples,
        right,
        kept.value(
            f"threshold-{of}", files=shown, facts=None, make=lambda: moving_labels(subject.lens)
        ),
        confused,
        None if by_fold is None else by_fold.beside_honest(blend),
        score_by_output(subject.lens),
    )


def _confused(subject: LabelSubject) -> list[tuple[list[str], int, float]]:
    counts, found = subject.counts, subject.confusable
    if counts is None or found is None or len(counts) <= WRITTEN_UP_TO:
        return []
    groups = []
    for start, stop in found.blocks:
        rows = found.order[start:stop]
        right = int(counts[rows, rows].sum())
        inside = int(counts[np.ix_(rows, rows)].sum()) - right
        mistakes = int(counts[rows].sum()) - right
        groups.append(([subject.names[i] for i in rows], inside, inside / max(mistakes, 1)))
    return sorted(groups, key=lambda one: -one[1])[:PAIRS]


def _miscounted(subject: LabelSubject, problems: list[str]) -> list[MiscountedClass]:
    counted, lens = subject.counted, subject.lens
    if counted is None:
        return []
    over, under = counted.extremes(EXTREMES)
    classes = [*over, *under]
    if len(subject.names) == 2 and not lens.competition.kind.is_by_class:
        classes = over  # the other class has the same difference with the opposite sign
    found = []
    for number in classes:
        mistakes = lens.mistakes_about(number, IMAGES, false_positives=number in over)
        truth, predicted = int(counted.truth[number]), int(counted.predicted[number])
        cards = _cards(lens, mistakes, problems)
        found.append(MiscountedClass(subject.names[number], truth, predicted, cards))
    return found


def _cards(
    lens: LabelEvaluation,
    mistakes: list[Mistake],
    problems: list[str],
    *,
    largest: int = LARGEST_PX,
) -> list[MistakeCard]:
    cards = []
    for mistake in mistakes:
        row = lens.samples.iloc[mistake.row]
        try:
            files = files_of(lens.competition, row["images"])
            picture = thumbnail(files, lens.competition.reader, largest=largest)
        except PodiumError as error:
            if str(error) not in problems:
                problems.append(str(error))
            picture = ""
        cards.append(MistakeCard(mistake, str(row["id"]), int(lens.folds[mistake.row]), picture))
    return cards
