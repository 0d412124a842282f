"""Adversarial validation: a classifier of train against test images on cheap features.

A small classifier on cheap numbers (size, bytes a pixel, colours, header) is cross-validated; its
AUC is 0.5 where both parts come from one source. With an AUC far above, a validation score may not
carry over to test, and the most predictive features show the difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from podium.competition import metrics
from podium.competition.folds import fold_rows, make_folds
from podium.competition.scores.bootstrap import interval
from podium.errors import DataError
from podium.workspace.subsets import some_rows

__all__ = ["MIN_ROWS", "adversarial_validation"]

MIN_ROWS = 20  # of each part; below, an AUC is meaningless
N_FOLDS = 5


@dataclass(frozen=True)
class PredictiveFeature:
    """A feature that alone separates train from test: its AUC (0.5 to 1) and both medians."""

    feature: str
    auc: float
    train_median: float
    test_median: float


@dataclass(frozen=True)
class AdversarialResult:
    """The separability of train and test.

    Args:
        auc: of the cross-validated classifier, over all rows.
        low: lower end of its 95 % bootstrap interval over groups.
        high: upper end.
        predictive: the most predictive features, best first.
    """

    auc: float
    low: float
    high: float
    predictive: tuple[PredictiveFeature, ...]


def adversarial_validation(
    train: NDArray[np.float64],
    test: NDArray[np.float64],
    names: Sequence[str],
    *,
    groups: Sequence[object] | None = None,
    most_rows: int = 4000,
    seed: int = 0,
) -> AdversarialResult:
    """Return the separability of the rows of `train` `(N, F)` and `test` `(M, F)`.

    Args:
        train: features; nan where unknown.
        test: features of the same columns.
        names: of the columns.
        groups: `(N + M,)`, groups that must not cross the folds of the cross-validation: train rows
            first.
        most_rows: of each part; a random choice is taken of larger ones.
        seed: of the choice, the folds and the classifier.

    Raises:
        DataError: a part has fewer than 20 rows or groups.
    """
    if min(len(train), len(test)) < MIN_ROWS:
        raise DataError(f"at least {MIN_ROWS} images of each part are needed to compare them")
    rng = np.random.default_rng(seed)
    chosen = [some_rows(len(part), most_rows, rng) for part in (train, test)]
    features = np.concatenate([train[chosen[0]], test[chosen[1]]])
    is_test = np.repeat([0, 1], [len(rows) for rows in chosen])
    every = np.concatenate([chosen[0], chosen[1] + len(train)])
    group = every if groups is None else np.asarray(groups, dtype=object)[every]
    probs = _cross_validated(features, is_test, group, seed)
    low, high = interval("auc", is_test, probs, groups=group, n=200, seed=seed)
    return AdversarialResult(
        metrics.score("auc", is_test, probs), low, high, _most_predictive(features, is_test, names)
    )


def _cross_validated(
    features: NDArray[np.float64], is_test: NDArray[np.int64], group: NDArray[Any], seed: int
) -> NDArray[np.float64]:
    rows = pd.DataFrame({"label": is_test, "group": [str(name) for name in group]})
    try:
        folds = make_folds(rows, scheme="stratified_group", n=N_FOLDS, seed=seed)
    except DataError as error:
        train, test = (rows["group"][is_test == part].nunique() for part in (0, 1))
        raise DataError(
            "whether an image of test can be told from one of train is not known: that is asked of "
            f"groups that a classifier has not seen, {N_FOLDS} times, and train has {train:,} "
            f"groups and test {test:,}: too few, or too unequal, for some of both each time"
        ) from error
    probs = np.empty(len(features))
    for k in range(N_FOLDS):
        seen, held = fold_rows(folds, k)
        # A column that no row knows has no thresholds, which scikit-learn does not catch.
        known = np.isfinite(features[seen]).any(axis=0)
        shown = features[:, known] if known.any() else np.zeros((len(features), 1))
        model = HistGradientBoostingClassifier(
            max_iter=60,
            max_leaf_nodes=8,
            min_samples_leaf=5,
            random_state=seed,
        )
        # So small a fit is eight times slower on two threads of a busy machine than on one.
        with threadpool_limits(limits=1):
            model.fit(shown[seen], is_test[seen])
            probs[held] = model.predict_proba(shown[held])[:, 1]
    return probs


def _most_predictive(
    features: NDArray[np.float64], is_test: NDArray[np.int64], names: Sequence[str]
) -> tuple[PredictiveFeature, ...]:
    found = []
    for name, column in zip(names, features.T, strict=True):
        known = np.isfinite(column)
        if len(np.unique(is_test[known])) < 2:
            continue
        auc = metrics.score("auc", is_test[known], column[known])
        medians = (float(np.median(column[known & (is_test == part)])) for part in (0, 1))
        found.append(PredictiveFeature(name, max(auc, 1 - auc), *medians))
    return tuple(sorted(found, key=lambda one: -one.auc))
