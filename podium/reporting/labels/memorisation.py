"""Memorisation: a run's predictions of rows that it was trained on, beside those out of fold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from podium.competition.samples import truth as truth_of
from podium.competition.spec import Competition
from podium.errors import DataError
from podium.predictions.decisions.labels import decide
from podium.predictions.explanations import TrainingRowDecisions
from podium.predictions.store.positions import positions
from podium.predictions.store.reading import PredictionSet
from podium.tasks.protocols.names import IMAGES

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FoldMemorisation", "memorisation_by_fold"]


@dataclass(frozen=True)
class LabelTally:
    """Rows with a label.

    Attributes:
        n: number of rows.
        right: number of rows whose predicted labels are exactly the true ones.
        predicted, truth: `(C,)`, rows predicted as each class, and rows of each class.
    """

    n: int
    right: int
    predicted: NDArray[np.int64]
    truth: NDArray[np.int64]

    @property
    def surplus(self) -> NDArray[np.float64]:
        """`(C,)`: share of rows predicted as a class minus its true share; 0 without rows."""
        return np.asarray((self.predicted - self.truth) / max(self.n, 1))

    @property
    def share(self) -> str:
        """The share that is right, as "41.3 %"; an en dash without rows."""
        return f"{100 * self.right / self.n:.1f} %" if self.n else "–"

    def __add__(self, other: LabelTally) -> LabelTally:
        return LabelTally(
            self.n + other.n,
            self.right + other.right,
            self.predicted + other.predicted,
            self.truth + other.truth,
        )


@dataclass(frozen=True)
class FoldMemorisation:
    """A fold: rows that its network was trained on, and rows out of fold."""

    fold: int
    training: LabelTally
    unseen: LabelTally


def memorisation_by_fold(
    competition: Competition,
    predictions: Path,
    samples: pd.DataFrame,
    training: Mapping[int, TrainingRowDecisions],
) -> list[FoldMemorisation]:
    """Return training and out-of-fold rows of each fold of `training`, with plain decisions.

    Args:
        competition: with labels that are classes.
        predictions: the run's prediction set.
        samples: the train part.
        training: predictions on training rows, by fold.

    Raises:
        DataError: a row is no longer in the train part, or the predictions cannot be read.
    """
    labels = truth_of(samples, competition)
    every = _sparse(labels, len(competition.label_names))
    unknown = scipy.sparse.csr_array(labels < 0, dtype=np.float64) if labels.ndim == 2 else None
    is_known = samples["label"].notna().to_numpy()
    if competition.open_set is not None:  # it is counted by class
        is_known = is_known & (labels >= 0)
    oof = PredictionSet(predictions).oof(IMAGES)
    decided = decide(oof.probs, None, competition.kind)
    folds, at_oof = np.asarray(oof.folds), _rows(samples, oof.ids)
    found = []
    for fold, decisions in training.items():
        of_fold = np.flatnonzero(folds == fold)
        unseen = TrainingRowDecisions.of([oof.ids[row] for row in of_fold], decided[of_fold])
        found.append(
            FoldMemorisation(
                fold,
                _tally(every, unknown, is_known, _rows(samples, decisions.ids), decisions),
                _tally(every, unknown, is_known, at_oof[of_fold], unseen),
            )
        )
    return found


def _rows(samples: pd.DataFrame, ids: list[str]) -> NDArray[np.int64]:
    at = positions(list(samples["id"]), ids)
    if (at < 0).any():
        missing = int((at < 0).sum())
        raise DataError(f"{missing} predicted rows are no longer in the train part")
    return at


def _tally(
    every: scipy.sparse.csr_array,
    unknown: scipy.sparse.csr_array | None,
    is_known: NDArray[np.bool_],
    at: NDArray[np.int64],
    decisions: TrainingRowDecisions,
) -> LabelTally:
    has_label = is_known[at]
    ends = np.concatenate([[0], np.cumsum([len(one) for one in decisions.classes])])
    flat = np.array([one for each in decisions.classes for one in each], dtype=np.int64)
    shape = (len(at), every.shape[1])
    answers = scipy.sparse.csr_array((np.ones(len(flat)), flat, ends), shape=shape)[has_label]
    truth = every[at[has_label]]
    if unknown is not None:  # a class that is unknown of a row is neither right nor wrong
        answers = answers - answers.multiply(unknown[at[has_label]])
    wrong = np.asarray(abs(answers - truth).sum(axis=1))
    return LabelTally(len(wrong), int((wrong == 0).sum()), _counts(answers), _counts(truth))


def _counts(rows: scipy.sparse.csr_array) -> NDArray[np.int64]:
    return np.asarray(rows.sum(axis=0)).astype(np.int64)


def _sparse(labels: NDArray[Any], n_classes: int) -> scipy.sparse.csr_array:
    """Return labels `(N,)` or `(N, C)` as rows of ones; a missing one as a row of none."""
    if labels.ndim == 2:
        return scipy.sparse.csr_array(labels == 1, dtype=np.float64)
    there = labels >= 0
    ends = np.concatenate([[0], np.cumsum(there)])
    shape = (len(labels), n_classes)
    return scipy.sparse.csr_array((np.ones(ends[-1]), labels[there], ends), shape=shape)
