"""How much more frequent each image's like is in test than in train, by a classifier of the two.

    w(x) = p(test | x) / p(train | x) · n_train / n_test

Under covariate shift, where equal images have equal labels in both parts, the mean of a loss over
train rows that are weighted so is its mean over the test set (Shimodaira 2000, Sugiyama et al.
2007). The probabilities are cross-fitted: no row is scored by a classifier that was fitted on it or
on another row of its group. Two classifiers are combined, because one of them alone is wrong often:
a logistic regression, which is smooth, and boosted trees, which find what is not a sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from podium.competition import metrics
from podium.competition.folds import fold_rows, make_folds
from podium.competition.scores.bootstrap import interval
from podium.competition.scores.estimates import effective_size
from podium.errors import DataError
from podium.workspace.subsets import some_rows

__all__ = [
    "MIN_ROWS",
    "N_FOLDS",
    "DensityRatio",
    "density_ratio",
    "principal_components",
    "probability_features",
]

MIN_ROWS = 20  # of each part; below, a classifier of them finds nothing
N_FOLDS = 5
MAX_RATIO = 20.0  # of larger ratios one row would outweigh many, and they are not known so well
_MOST_FITTED = 20_000  # rows of each part that a classifier is fitted on
_MOST_SCORED = 20_000  # rows of each part whose AUC has an interval
_LEAST_PROB = 1e-4
_MOST_CLASSES = 24  # logits that are features each; of more their main components
_FARTHEST = 5.0  # standard deviations: a broken file must not be the regression's only row


@dataclass(frozen=True)
class DensityRatio:
    """The ratio of densities, test over train, at N rows of train and M of test.

    Attributes:
        train: `(N,)`, at most 20; all 1 where the parts do not differ.
        test: `(M,)`, the same of the test rows.
        auc: of the cross-fitted classifier of train against test.
        auc_interval: its 95 % bootstrap interval over groups.
        auc_left: of the same, with the train rows weighted by their ratios: near 0.5 where the
            weighted train rows are like the test's, and above where train has none like them.
    """

    train: NDArray[np.float64]
    test: NDArray[np.float64]
    auc: float
    auc_interval: tuple[float, float]
    auc_left: float

    @property
    def differs(self) -> bool:
        """Whether the parts differ by more than chance: the AUC's interval lies above a half."""
        return self.auc_interval[0] > 0.5

    @property
    def weights(self) -> NDArray[np.float64]:
        """The ratios of train rows as weights `(N,)` of mean 1."""
        return np.asarray(self.train / self.train.mean())

    @property
    def n_effective(self) -> float:
        """Number of unweighted rows from which a mean would be as precise."""
        return effective_size(self.train)


def density_ratio(
    train: NDArray[np.floating[Any]],
    test: NDArray[np.floating[Any]],
    *,
    groups: Sequence[object] | None = None,
    seed: int = 0,
) -> DensityRatio:
    """Return the ratio of densities at the rows of `train` `(N, F)` and `test` `(M, F)`.

    Args:
        train: features; nan where unknown.
        test: features of the same columns.
        groups: `(N + M,)`, groups that must not cross the folds of the cross-fit: train rows first.
        seed: of the folds, the classifiers and the interval.

    Raises:
        DataError: a part has fewer than 20 rows, or too few groups for the folds.
    """
    n, m = len(train), len(test)
    if min(n, m) < MIN_ROWS:
        raise DataError(f"at least {MIN_ROWS} images of each part are needed to compare them")
    features = _plain(np.concatenate([train, test]).astype(np.float64))
    is_test = np.repeat([0, 1], [n, m])
    group = np.array([str(one) for one in (range(n + m) if groups is None else groups)])
    logits = _cross_fitted(features, is_test, group, seed)  # of equally many rows of both parts
    probs = 1 / (1 + np.exp(-logits))
    auc, bounds = _auc(is_test, probs, group, seed)
    if bounds[0] <= 0.5:
        return DensityRatio(np.ones(n), np.ones(m), auc, bounds, auc)
    ratio = np.minimum(np.exp(logits), MAX_RATIO)
    left = _weighted_auc(probs[:n], ratio[:n], probs[n:])
    return DensityRatio(ratio[:n], ratio[n:], auc, bounds, left)


def principal_components(
    values: NDArray[np.floating[Any]], n: int, *, most_rows: int = 5000, seed: int = 0
) -> NDArray[np.float64]:
    """Return the rows of `values` `(N, F)` on their first principal axes, `(N, n)` or fewer.

    Args:
        values: of all parts together: which part a row is of plays no role.
        n: number of axes.
        most_rows: of which the axes are computed.
        seed: of the choice of these rows.
    """
    some = some_rows(len(values), most_rows, np.random.default_rng(seed))
    middle = values[some].mean(axis=0)
    axes = np.linalg.eigh(np.cov((values[some] - middle).T.astype(np.float64)))[1][:, ::-1]
    return np.asarray((values - middle) @ axes[:, :n], dtype=np.float64)


def probability_features(probs: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Return features of an image from a network's predictions, `(N, C + 1)` or fewer.

    Logits, which of many classes are reduced to their main components, and how sure the network is.

    Args:
        probs: `(N, C)`, in [0, 1], of both parts, each row predicted by one fold model that was not
            trained on it: a mean of several is surer, and would give the test set away.
    """
    inside = np.clip(np.asarray(probs, dtype=np.float64), _LEAST_PROB, 1 - _LEAST_PROB)
    logits = np.log(inside / (1 - inside))
    surest = np.abs(logits).min(axis=1) if logits.shape[1] == 1 else logits.max(axis=1)
    if logits.shape[1] > _MOST_CLASSES:
        logits = principal_components(logits, _MOST_CLASSES)
    return np.column_stack([logits, surest])


def _plain(features: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the columns that vary, unknown values as the median, and a column that marks them.

    Outliers are drawn in; all is of mean 0 and standard deviation 1.
    """
    unknown = ~np.isfinite(features)
    columns = []
    for column, missing in zip(features.T, unknown.T, strict=True):
        known = column[~missing]
        if len(known):
            columns.append(np.where(missing, np.median(known), column))
        if missing.any():
            columns.append(missing.astype(np.float64))
    varied = [one for one in columns if np.ptp(one) > 0]
    if not varied:
        return np.zeros((len(features), 1))
    scaled = StandardScaler().fit_transform(np.stack(varied, axis=1))
    return np.asarray(np.clip(scaled, -_FARTHEST, _FARTHEST), dtype=np.float64)


def _cross_fitted(
    features: NDArray[np.float64], is_test: NDArray[np.int64], group: NDArray[Any], seed: int
) -> NDArray[np.float64]:
    """Return the logits `(N + M,)` of test against train, as if both were equally frequent."""
    rows = pd.DataFrame({"label": is_test, "group": group})
    folds = make_folds(rows, scheme="stratified_group", n=N_FOLDS, seed=seed)
    each = np.empty((len(features), 2))
    rng = np.random.default_rng(seed)
    for k in range(N_FOLDS):
        seen, held = fold_rows(folds, k)
        # So small a fit is eight times slower on two threads of a busy machine than on one.
        with threadpool_limits(limits=1):
            each[held] = _logits(features, is_test, _fitted_rows(is_test, seen, rng), held, seed)
    found = np.empty(len(features))
    for k in range(N_FOLDS):
        seen, held = fold_rows(folds, k)
        joined = LogisticRegression(class_weight="balanced").fit(each[seen], is_test[seen])
        found[held] = joined.decision_function(each[held])
    return found


def _fitted_rows(
    is_test: NDArray[np.int64], seen: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    parts = [seen[is_test[seen] == part] for part in (0, 1)]
    if min(map(len, parts)) == 0:
        raise DataError("too few groups of images to compare train with test")
    return np.concatenate([part[some_rows(len(part), _MOST_FITTED, rng)] for part in parts])


def _logits(
    features: NDArray[np.float64],
    is_test: NDArray[np.int64],
    seen: NDArray[np.int64],
    held: NDArray[np.int64],
    seed: int,
) -> NDArray[np.float64]:
    """Return the logits `(held, 2)` of both classifiers, fitted on the rows `seen`."""
    models = (
        LogisticRegression(C=0.1, max_iter=500),
        HistGradientBoostingClassifier(
            max_iter=60,
            max_leaf_nodes=8,
            min_samples_leaf=10,
            l2_regularization=1.0,
            early_stopping=False,
            random_state=seed,
        ),
    )
    columns = []
    for model in models:
        # Balanced by what joins them: with weights of rows the trees' bins take ten times as long.
        model.fit(features[seen], is_test[seen])
        prob = np.clip(model.predict_proba(features[held])[:, 1], _LEAST_PROB, 1 - _LEAST_PROB)
        columns.append(np.log(prob / (1 - prob)))
    return np.stack(columns, axis=1)


def _auc(
    is_test: NDArray[np.int64], probs: NDArray[np.float64], group: NDArray[Any], seed: int
) -> tuple[float, tuple[float, float]]:
    rng = np.random.default_rng(seed)
    parts = [np.flatnonzero(is_test == part) for part in (0, 1)]
    some = np.concatenate([part[some_rows(len(part), _MOST_SCORED, rng)] for part in parts])
    bounds = interval("auc", is_test[some], probs[some], groups=group[some], n=200, seed=seed)
    return metrics.score("auc", is_test, probs), bounds


def _weighted_auc(
    train: NDArray[np.float64], weights: NDArray[np.float64], test: NDArray[np.float64]
) -> float:
    """Return how often a test row's value is above that of a weighted train row, ties a half."""
    order = np.argsort(train, kind="stable")
    below = np.concatenate([[0.0], np.cumsum(weights[order])])
    left, right = (np.searchsorted(train[order], test, side=side) for side in ("left", "right"))
    return float((below[left] + below[right]).mean() / 2 / below[-1])
