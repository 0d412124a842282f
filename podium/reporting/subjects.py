"""What figures are of: a run, a blend, the data, labels and masks that were said out of fold."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podium.competition.spec import Competition
from podium.errors import DataError
from podium.reporting import per_class
from podium.reporting.best import Lens, look_through
from podium.reporting.class_counts import ClassCounts, class_counts
from podium.reporting.confused import Confusable, by_confusion
from podium.reporting.label_source import LabelSource
from podium.reporting.mask_classes import MaskClasses, mask_classes
from podium.reporting.mask_lens import MaskLens, mask_names
from podium.reporting.member_errors import MemberErrors
from podium.workspace.layout import Workspace

if TYPE_CHECKING:
    from podium.reporting.board_part import BoardPart
    from podium.reporting.data_summary import DataSummary
    from podium.reporting.entries import BlendEntry, RunEntry
    from podium.submissions.board import BoardRow, BoardView

__all__ = [
    "MOST_CLASSES",
    "BlendSubject",
    "BlendsSubject",
    "BoardSubject",
    "DataSubject",
    "LabelSubject",
    "MaskSubject",
    "RunSubject",
    "labels_of_run",
    "labels_under",
    "masks_under",
    "sent_rows",
]

MOST_CLASSES = 2000
"""Beyond so many nobody reads a table of them, and one of pairs would fill the memory."""


@dataclass(frozen=True)
class RunSubject:
    """A run.

    Attributes:
        workspace, competition: where it lies and what it is about.
        entry: what is known of it.
        runs: all runs of the workspace, it among them, the best first.
        metrics: name of each task's metric in `metrics.csv`, the scored one first.
        data: what it learnt from, read once for all runs.
    """

    workspace: Workspace
    competition: Competition
    entry: RunEntry
    runs: tuple[RunEntry, ...]
    metrics: tuple[str, ...]
    data: DataSummary


@dataclass(frozen=True)
class BlendSubject:
    """A blend, the data whose rows it says, and what was read of members, once for all blends."""

    workspace: Workspace
    competition: Competition
    entry: BlendEntry
    data: DataSummary
    errors: MemberErrors = field(default_factory=MemberErrors)


@dataclass(frozen=True)
class BlendsSubject:
    """All blends, the best honest score first; those scored by another metric last."""

    workspace: Workspace
    competition: Competition
    entries: tuple[BlendEntry, ...]


@dataclass(frozen=True)
class BoardSubject:
    """The board: its rows, and what they say together."""

    workspace: Workspace
    competition: Competition
    view: BoardView
    part: BoardPart


@dataclass(frozen=True)
class DataSubject:
    """The data, and the runs that have learnt from them, the best first."""

    workspace: Workspace
    competition: Competition
    data: DataSummary
    runs: tuple[RunEntry, ...]


@dataclass(frozen=True)
class LabelSubject:
    """Labels that were said out of fold.

    Attributes:
        lens: the rows.
        names: `(C,)` of the classes.
        scores: of each class; None of a regression, and of more than 2,000 classes.
        counts: `(C, C)`, rows of each true class by what was said; None where `scores` is, and of
            labels of which a row has several.
        counted: how often each class is there, and is said; None of a regression.
        trained: `(C,)`, rows of the train part that have the class; None where that is not known.
    """

    lens: Lens
    names: list[str]
    scores: per_class.ClassScores | None
    counts: NDArray[np.int64] | None
    counted: ClassCounts | None = None
    trained: NDArray[np.int64] | None = None

    @cached_property
    def confusable(self) -> Confusable | None:
        """Which classes are confused with one another; None where there are no counts.

        Ratings stay in their order.
        """
        if self.counts is None:
            return None
        if self.lens.competition.kind == "ordinal":
            return Confusable(np.arange(len(self.counts)), ())
        return by_confusion(self.counts)

    def pairs(self, n: int) -> list[tuple[int, int, int, float]]:
        """Return the `n` most frequent confusions, as `per_class.confused_pairs` does.

        There are none of values, nor of labels of which a row has several.
        """
        if self.lens.competition.kind in ("regression", "multilabel"):
            return []
        return per_class.confused_pairs(self.lens.truth, self.lens.decisions, n=n)


@dataclass(frozen=True)
class MaskSubject:
    """Masks that were made out of fold.

    Attributes:
        lens: the images.
        names: `(C,)` of the mask classes.
        classes: what there is to say of each of them.
        units: what a bootstrap draws.
    """

    lens: MaskLens
    names: list[str]
    classes: MaskClasses
    units: str


def sent_rows(view: BoardView) -> list[tuple[datetime, BoardRow]]:
    """Return what a host took and when, oldest first; a receipt that was not sent is none."""
    rows = [row for row in view.rows if row.state in ("submitted", "complete")]
    each = [(datetime.fromisoformat(row.submitted or row.created), row) for row in rows]
    return sorted(each, key=lambda one: one[0])


def labels_of_run(competition: Competition, entry: RunEntry, data: DataSummary) -> LabelSubject:
    """Return the out-of-fold labels of a run alone, decided plainly.

    Raises:
        DataError: the run has no predictions of labels, or the data or folds cannot be read.
    """
    if entry.predictions is None:
        raise DataError(f"run {entry.id} has no predictions yet", fix="podium predict")
    if data.samples is None or data.folds is None:
        raise DataError("the train part, or its folds, cannot be read", fix="podium check")
    source = LabelSource(competition, (entry.predictions,))
    return labels_under(look_through(source, data.samples, data.folds), data)


def labels_under(lens: Lens, data: DataSummary | None = None) -> LabelSubject:
    """Return the rows under `lens` with what is counted of them and of the train part."""
    known = None if data is None else data.counts
    trained = None if known is None or not known.size else known.sum(axis=1)
    kind, names = lens.competition.kind, lens.competition.label_names
    n = len(names)
    if kind == "regression":
        return LabelSubject(lens, names, None, None)
    if kind == "multilabel":
        truth, said = (np.asarray(one, dtype=bool) for one in (lens.truth, lens.decisions))
    else:
        truth, said = (per_class.one_hot(one, n) for one in (lens.truth, lens.decisions))
    counted = class_counts(truth, said, groups=lens.groups)
    if n > MOST_CLASSES:
        return LabelSubject(lens, names, None, None, counted, trained)
    scores = per_class.class_scores(truth, said, groups=lens.groups)
    if kind == "multilabel":
        return LabelSubject(lens, names, scores, None, counted, trained)
    counts = per_class.confusion_counts(lens.truth, lens.decisions, n)
    return LabelSubject(lens, names, scores, counts, counted, trained)


def masks_under(lens: MaskLens) -> MaskSubject:
    """Return the images under `lens` with what is counted of them."""
    units = "images" if lens.groups is None else "groups"
    return MaskSubject(lens, mask_names(lens.competition), mask_classes(lens), units)
