"""The score of each class in each fold: which fold is worst, and because of which class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from podium.competition import metrics
from podium.errors import DataError
from podium.reporting.labels.evaluation import LabelEvaluation
from podium.reporting.labels.statistics import one_hot
from podium.reporting.masks.evaluation import MaskClassScorer, MaskEvaluation, mask_names
from podium.reporting.pages.moving_threshold import metric_of_decisions, score_of_decisions

__all__ = ["ClassByFold", "class_by_fold_of_labels", "class_by_fold_of_masks"]

MOST_CLASSES = 60
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ClassByFold:
    """Scores of C classes in F folds; of a class, more is better.

    Attributes:
        metric: of the whole fold.
        class_metric: of a class.
        greater_is_better: of `metric`.
        names: `(C,)`.
        folds: `(F,)` their numbers.
        scores: `(C, F)`, nan where undefined.
        whole: `(F,)`, of all rows of the fold; nan where undefined.
    """

    metric: str
    class_metric: str
    greater_is_better: bool
    names: list[str]
    folds: list[int]
    scores: Floats
    whole: Floats

    @property
    def lowest(self) -> list[float]:
        """`(F,)`, the lowest score of a class in each fold; nan where none is defined."""
        return [min(known, default=np.nan) for known in (c[np.isfinite(c)] for c in self.scores.T)]

    @property
    def lowest_of_all(self) -> tuple[int, int]:
        """(fold, class) as positions of the lowest score; only where `worst` is not None."""
        number, fold = np.unravel_index(np.nanargmin(self.scores), self.scores.shape)
        return int(fold), int(number)

    @property
    def worst(self) -> tuple[int, int] | None:
        """(fold, class) as positions: the worst fold, and the class that scores lowest in it."""
        value = self.whole if self.greater_is_better else -self.whole
        if not np.isfinite(value).any():
            return None
        fold = int(np.nanargmin(value))
        if not np.isfinite(self.scores[:, fold]).any():
            return None
        return fold, int(np.nanargmin(self.scores[:, fold]))


def class_by_fold_of_masks(lens: MaskEvaluation) -> ClassByFold | None:
    """Return the scores of the mask classes by fold; None of one fold, of objects, of many classes.

    Args:
        lens: the images.
    """
    names, folds = mask_names(lens.competition), np.unique(lens.folds).tolist()
    if lens.of_objects is not None or len(folds) < 2 or len(names) > MOST_CLASSES:
        return None
    of_class = MaskClassScorer.of(lens.competition)
    rows = [lens.folds == fold for fold in folds]
    whole = np.full(len(folds), np.nan)
    for i, some in enumerate(rows):
        try:
            whole[i] = lens.scorer(lens.counts[some])
        except DataError:
            continue  # no pixel of any class is true, and none is predicted
    return ClassByFold(
        lens.scorer.name,
        of_class.name,
        lens.scorer.is_better(1.0, 0.0),
        names,
        folds,
        np.stack([of_class(lens.counts[some]) for some in rows], axis=1),
        whole,
    )


def class_by_fold_of_labels(lens: LabelEvaluation, names: list[str]) -> ClassByFold | None:
    """Return the recall of each class by fold; None of one fold, of numbers, of many classes.

    Args:
        lens: the rows.
        names: `(C,)` of the classes.
    """
    kind, folds = lens.competition.kind, np.unique(lens.folds).tolist()
    if kind.is_continuous or len(folds) < 2 or len(names) > MOST_CLASSES:
        return None
    truth, decided = (
        scipy.sparse.csr_array(np.asarray(one == 1, dtype=np.float64))
        if kind.is_by_class
        else one_hot(one, len(names))
        for one in (lens.truth, lens.decisions)
    )
    metric, options = metric_of_decisions(lens)
    scores, whole = [], []
    for fold in folds:
        rows = np.flatnonzero(lens.folds == fold)
        there = np.asarray(truth[rows].sum(axis=0), dtype=np.float64)
        found = np.asarray(truth[rows].multiply(decided[rows]).sum(axis=0), dtype=np.float64)
        scores.append(np.divide(found, there, out=np.full(len(names), np.nan), where=there > 0))
        score = score_of_decisions(metric, lens.truth[rows], lens.decisions[rows], options)
        whole.append(np.nan if score is None else score)
    return ClassByFold(
        metric,
        "recall",
        metrics.get(metric, root=lens.competition.root).greater_is_better,
        names,
        folds,
        np.stack(scores, axis=1),
        np.array(whole),
    )
