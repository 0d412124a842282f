"""Subjects of the plots: a run, a blend, all blends, the board, the data, labels, masks.

A folder of `podium.reporting.plots` takes one of these classes. Errors and decisions of a blend's
members are read a fold at a time, each set once for all blends of a page; at most a few hundred
thousand numbers of each are kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podium.competition.samples import truth as truth_of
from podium.competition.spec import Competition
from podium.ensembling.members import correlation, errors_of
from podium.errors import DataError
from podium.predictions.decisions.labels import decide
from podium.predictions.store.positions import positions
from podium.predictions.store.reading import PredictionSet
from podium.reporting.labels import statistics as label_statistics
from podium.reporting.labels.evaluation import LabelEvaluation, LabelSource, evaluate_labels
from podium.reporting.labels.statistics import (
    ClassCounts,
    ConfusionOrder,
    class_counts,
    order_by_confusion,
)
from podium.reporting.masks.evaluation import (
    MaskClassScores,
    MaskEvaluation,
    mask_class_scores,
    mask_names,
)
from podium.tasks.protocols.names import IMAGES
from podium.workspace.layout import Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from podium.reporting.board_summary import BoardSummary
    from podium.reporting.data_summary import DataSummary
    from podium.reporting.entries import BlendEntry, RunEntry
    from podium.submissions.board.view import BoardRow, BoardView

__all__ = [
    "BlendSubject",
    "BlendsSubject",
    "BoardSubject",
    "DataSubject",
    "LabelSubject",
    "MaskSubject",
    "MemberErrors",
    "RunSubject",
    "label_subject_of",
    "label_subject_of_run",
    "mask_subject_of",
    "sent_rows",
]


MOST_NUMBERS = 200_000  # of one member: classes of a multilabel row, or rows
LEAST_ROWS = 500


@dataclass(frozen=True)
class _MemberPredictions:
    """Predictions of one set for the sampled rows; R numbers, C per row if labels are many.

    Attributes:
        errors: `(R,)`, nan for rows that it lacks.
        decisions: `(R,)`, plain decisions, -1 for rows that it lacks; all -1 for a regression.
    """

    errors: NDArray[np.float32]
    decisions: NDArray[np.int32]


@dataclass(frozen=True)
class MemberErrors:
    """Errors and decisions of prediction sets of labels; those that were read once are kept."""

    kept: dict[Path, _MemberPredictions] = field(default_factory=dict, repr=False)

    def correlation(
        self, sets: Sequence[Path], competition: Competition, samples: pd.DataFrame
    ) -> NDArray[np.float64]:
        """Return the correlations `(M, M)` of the errors of sets of labels, nan where undefined.

        Many rows are sampled evenly; of a row only values that all members predicted are used.

        Args:
            sets: of the members.
            competition: of the labels.
            samples: the train part.

        Raises:
            DataError: predictions are missing or damaged.
        """
        each = np.stack([self._of(one, competition, samples).errors for one in sets])
        is_common = np.isfinite(each).all(axis=0)
        return correlation(each[:, is_common].astype(np.float64))

    def agreement(
        self, sets: Sequence[Path], competition: Competition, samples: pd.DataFrame
    ) -> NDArray[np.float64]:
        """Return the share `(M, M)` of rows, or labels of rows, with equal decisions of two sets.

        Decisions are plain: the most probable class, or p >= 0.5. nan where nothing is decided, or
        no row is common. Arguments and errors are those of `correlation`.
        """
        each = np.stack([self._of(one, competition, samples).decisions for one in sets])
        each = each[:, (each >= 0).all(axis=0)]
        if not each.shape[1]:
            return np.full((len(sets), len(sets)), np.nan)
        return np.stack([(each == one).mean(axis=1) for one in each])

    def _of(
        self, root: Path, competition: Competition, samples: pd.DataFrame
    ) -> _MemberPredictions:
        if root not in self.kept:
            self.kept[root] = _read(root, competition, samples)
        return self.kept[root]


def _read(root: Path, competition: Competition, samples: pd.DataFrame) -> _MemberPredictions:
    truth = truth_of(samples, competition)
    is_known = samples["label"].notna().to_numpy()
    if competition.open_set is not None:  # -1 is no class
        is_known = is_known & (truth >= 0)
    width = truth.shape[1] if truth.ndim > 1 else 1
    rows = np.flatnonzero(is_known)
    n = min(len(rows), max(LEAST_ROWS, MOST_NUMBERS // width))
    rows = rows[np.linspace(0, len(rows) - 1, n).astype(np.int64)] if n else rows
    place = np.full(len(samples), -1)
    place[rows] = np.arange(len(rows))
    wrong = np.full((len(rows), width), np.nan, np.float32)
    decided = np.full((len(rows), width), -1, np.int32)
    ids = list(samples["id"])
    predicted = PredictionSet(root)
    for fold in predicted.folds("oof", IMAGES):
        reader = predicted.fold("oof", IMAGES, fold)
        at = positions(ids, reader.ids)
        looked_at = np.flatnonzero((at >= 0) & (place[at] >= 0))
        if not len(looked_at):
            continue
        probs, right = reader.probs()[looked_at], truth[at[looked_at]]
        where = place[at[looked_at]]
        errors = errors_of([probs], right, competition.kind)
        there = np.isfinite(right.reshape(len(looked_at), width).astype(np.float64))
        if competition.kind.is_by_class:
            there &= right >= 0
        of_rows = np.full(there.shape, np.nan, np.float32)
        of_rows[there] = errors.reshape(-1)
        wrong[where] = of_rows
        if not competition.kind.is_continuous:
            decisions = decide(probs, None, competition.kind)
            decided[where] = np.asarray(decisions).reshape(len(looked_at), width)
    return _MemberPredictions(wrong.ravel(), decided.ravel())


MOST_CLASSES = 2000
"""Beyond this number a table is unreadable, and one of pairs would fill the memory."""


@dataclass(frozen=True)
class RunSubject:
    """A run.

    Attributes:
        workspace, competition: that it belongs to.
        entry: its row in the table of runs.
        runs: all runs of the workspace, it among them, the best first.
        metrics: name of each task's metric in `metrics.csv`, the scored one first.
        data: its training data, read once for all runs.
    """

    workspace: Workspace
    competition: Competition
    entry: RunEntry
    runs: tuple[RunEntry, ...]
    metrics: tuple[str, ...]
    data: DataSummary


@dataclass(frozen=True)
class BlendSubject:
    """A blend, the data it predicts, and the members' predictions, read once for all blends."""

    workspace: Workspace
    competition: Competition
    entry: BlendEntry
    data: DataSummary
    errors: MemberErrors = field(default_factory=MemberErrors)


@dataclass(frozen=True)
class BlendsSubject:
    """All blends, the best first (`ranked_blends`); those scored by another metric last."""

    workspace: Workspace
    competition: Competition
    entries: tuple[BlendEntry, ...]


@dataclass(frozen=True)
class BoardSubject:
    """The board: its rows, and their joint analysis."""

    workspace: Workspace
    competition: Competition
    view: BoardView
    part: BoardSummary


@dataclass(frozen=True)
class DataSubject:
    """The data, and the runs that were trained on them, the best first."""

    workspace: Workspace
    competition: Competition
    data: DataSummary
    runs: tuple[RunEntry, ...]


@dataclass(frozen=True)
class LabelSubject:
    """Labels that were predicted out of fold.

    Attributes:
        lens: the rows.
        names: `(C,)` of the classes.
        scores: of each class; None of a regression, and of more than 2,000 classes.
        counts: `(C, C)`, rows by true and by predicted class; None if `scores` is None, and for
            multilabel rows.
        counted: true and predicted rows of each class; None for a regression.
        trained: `(C,)`, rows of the train part that have the class; None if unknown.
    """

    lens: LabelEvaluation
    names: list[str]
    scores: label_statistics.ClassScores | None
    counts: NDArray[np.int64] | None
    counted: ClassCounts | None = None
    trained: NDArray[np.int64] | None = None

    @cached_property
    def confusable(self) -> ConfusionOrder | None:
        """Groups of classes confused with one another; None without counts.

        Ratings stay in their order.
        """
        if self.counts is None:
            return None
        if self.lens.competition.kind.is_ordered:
            return ConfusionOrder(np.arange(len(self.counts)), ())
        return order_by_confusion(self.counts)

    def pairs(self, n: int) -> list[tuple[int, int, int, float]]:
        """Return the `n` most frequent confusions, as `per_class.confused_pairs` does.

        There are none of values, nor of labels of which a row has several.
        """
        if not self.lens.competition.kind.is_counted:
            return []
        return label_statistics.confused_pairs(self.lens.truth, self.lens.decisions, n=n)


@dataclass(frozen=True)
class MaskSubject:
    """Masks that were predicted out of fold.

    Attributes:
        lens: the images.
        names: `(C,)` of the mask classes.
        classes: scores and counts of each mask class.
        units: that a bootstrap draws.
    """

    lens: MaskEvaluation
    names: list[str]
    classes: MaskClassScores
    units: str


def sent_rows(view: BoardView) -> list[tuple[datetime, BoardRow]]:
    """Return what a host took and when, oldest first; a receipt that was not sent is none."""
    rows = [row for row in view.rows if row.state in ("submitted", "complete")]
    each = [(datetime.fromisoformat(row.submitted or row.created), row) for row in rows]
    return sorted(each, key=lambda one: one[0])


def label_subject_of_run(
    competition: Competition, entry: RunEntry, data: DataSummary
) -> LabelSubject:
    """Return the out-of-fold labels of a run alone, decided plainly.

    Raises:
        DataError: the run has no predictions of labels, or the data or folds cannot be read.
    """
    if entry.predictions is None:
        raise DataError(f"run {entry.id} has no predictions yet", fix="podium predict")
    if data.samples is None or data.folds is None:
        raise DataError("the train part, or its folds, cannot be read", fix="podium check")
    source = LabelSource(competition, (entry.predictions,))
    return label_subject_of(evaluate_labels(source, data.samples, data.folds), data)


def label_subject_of(lens: LabelEvaluation, data: DataSummary | None = None) -> LabelSubject:
    """Return the rows under `lens` with what is counted of them and of the train part."""
    known = None if data is None else data.counts
    trained = None if known is None or not known.size else known.sum(axis=1)
    kind, names = lens.competition.kind, lens.competition.label_names
    n = len(names)
    if kind.is_continuous:
        return LabelSubject(lens, names, None, None)
    if kind.is_by_class:
        # What is decided of a class that is unknown is neither right nor wrong.
        truth = np.asarray(lens.truth == 1)
        predicted = np.asarray(lens.decisions, dtype=bool) & np.asarray(lens.truth >= 0)
    else:
        truth, predicted = (
            label_statistics.one_hot(one, n) for one in (lens.truth, lens.decisions)
        )
    counted = class_counts(truth, predicted, groups=lens.groups)
    if n > MOST_CLASSES:
        return LabelSubject(lens, names, None, None, counted, trained)
    scores = label_statistics.class_scores(truth, predicted, groups=lens.groups)
    if kind.is_by_class:
        return LabelSubject(lens, names, scores, None, counted, trained)
    counts = label_statistics.confusion_counts(lens.truth, lens.decisions, n)
    return LabelSubject(lens, names, scores, counts, counted, trained)


def mask_subject_of(lens: MaskEvaluation) -> MaskSubject:
    """Return the images under `lens` with what is counted of them."""
    units = "images" if lens.groups is None else "groups"
    return MaskSubject(lens, mask_names(lens.competition), mask_class_scores(lens), units)
