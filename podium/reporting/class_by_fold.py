"""The score of each class in each fold: which fold is worst, and because of which class.

No fold is called the worst where the folds differ no more than folds of rows drawn at random do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.competition.scores.bootstrap import scores_of_counts, unit_codes
from podium.ensembling.blend import Blend
from podium.errors import DataError
from podium.reporting.labels.evaluation import LabelEvaluation
from podium.reporting.labels.statistics import one_hot
from podium.reporting.masks.evaluation import MaskClassScorer, MaskEvaluation, mask_names
from podium.reporting.pages.moving_threshold import metric_of_decisions, score_of_decisions

__all__ = [
    "ClassByFold",
    "class_by_fold_of_labels",
    "class_by_fold_of_masks",
    "spread_by_chance",
]

MOST_CLASSES = 60
DIGITS = 4  # of a score, as pages write it
N_DRAWS = 200  # of folds at random
LEVEL = 0.95
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class HonestByFold:
    """Honest scores of F folds.

    Attributes:
        metric: its name.
        greater_is_better: its direction.
        scores: `(F,)`, nan where undefined.
    """

    metric: str
    greater_is_better: bool
    scores: Floats


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
        by_chance: by how much the best and the worst of as many folds drawn at random differ in at
            most 95 % of draws; 0: not known.
        honest: of a blend, whose `whole` is of rows that it was fitted on: the honest score of each
            fold, which folds are compared by; None of a run.
    """

    metric: str
    class_metric: str
    greater_is_better: bool
    names: list[str]
    folds: list[int]
    scores: Floats
    whole: Floats
    by_chance: float = 0.0
    honest: HonestByFold | None = None

    @property
    def lowest(self) -> list[float]:
        """`(F,)`, the lowest score of a class in each fold; nan where none is defined."""
        return [min(known, default=np.nan) for known in (c[np.isfinite(c)] for c in self.scores.T)]

    @property
    def lowest_of_all(self) -> tuple[int, int]:
        """(fold, class) as positions of the lowest score; only where one is defined."""
        number, fold = np.unravel_index(np.nanargmin(self.scores), self.scores.shape)
        return int(fold), int(number)

    @property
    def compared(self) -> HonestByFold:
        """Scores that folds are compared by: honest ones."""
        return self.honest or HonestByFold(self.metric, self.greater_is_better, self.whole)

    @property
    def worst_folds(self) -> list[int]:
        """Positions of the folds that score worst; none where all differ as by chance.

        Scores are the same where they are written the same.
        """
        by = self.compared
        value = np.round(by.scores if by.greater_is_better else -by.scores, DIGITS)
        if self.spread <= self.by_chance:
            return []
        return [int(fold) for fold in np.flatnonzero(value == np.nanmin(value))]

    @property
    def spread(self) -> float:
        """By how much the best and the worst fold differ, as pages write scores."""
        value = np.round(self.compared.scores, DIGITS)
        known = value[np.isfinite(value)]
        return float(np.ptp(known)) if len(known) else 0.0

    @property
    def is_by_chance(self) -> bool:
        """Whether the folds differ, and no more than by chance."""
        return 0 < self.spread <= self.by_chance and bool(np.isfinite(self.scores).any())

    @property
    def worst(self) -> tuple[int, int] | None:
        """(fold, class) as positions: a worst fold, and the class that scores lowest in these."""
        folds = self.worst_folds
        if not np.isfinite(self.scores[:, folds]).any():
            return None
        number, at = np.unravel_index(
            np.nanargmin(self.scores[:, folds]), (len(self.names), len(folds))
        )
        return folds[int(at)], int(number)

    def beside_honest(self, blend: Blend | None) -> ClassByFold:
        """Return the same with the honest scores of `blend`, whose rows these are."""
        if blend is None or not blend.by_fold:
            return self
        scores = np.array([blend.by_fold.get(fold, np.nan) for fold in self.folds])
        honest = HonestByFold(blend.metric, blend.greater_is_better, scores)
        return replace(self, honest=honest)


def spread_by_chance(
    metric: str | Metric,
    folds: NDArray[np.int64],
    groups: NDArray[Any] | None,
    truth: Any = None,
    prediction: Any = None,
    *,
    sums: NDArray[Any] | None = None,
    **options: Any,
) -> float:
    """Return the spread of the scores of folds that 95 % of draws of the folds stay within.

    Rows, or whole groups, change their folds at random; each fold keeps the number that it has.

    Args:
        metric: as of `scores_of_counts`, like `truth`, `prediction`, `sums` and `options`.
        folds: `(N,)`.
        groups: `(N,)`, what stays together; None: rows.
    """
    codes = unit_codes(groups, len(folds))
    of_unit = folds[np.unique(codes, return_index=True)[1]]
    numbers, rng = np.unique(folds), np.random.default_rng(0)
    draws = (
        (rng.permutation(of_unit) == numbers[:, None]).astype(np.int64) for _ in range(N_DRAWS)
    )
    found = scores_of_counts(metric, codes, draws, truth, prediction, sums=sums, **options)
    spread = np.ptp(found.reshape(N_DRAWS, len(numbers)), axis=1)
    known = spread[np.isfinite(spread)]
    return float(np.quantile(known, LEVEL)) if len(known) else 0.0


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
        spread_by_chance(
            lens.scorer.metric,
            lens.folds,
            lens.groups,
            sums=lens.scorer.sums(lens.counts),
            **lens.scorer.options,
        ),
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
    own = metrics.get(metric, root=lens.competition.root)
    return ClassByFold(
        metric,
        "recall",
        own.greater_is_better,
        names,
        folds,
        np.stack(scores, axis=1),
        np.array(whole),
        spread_by_chance(own, lens.folds, lens.groups, lens.truth, lens.decisions, **options),
    )
