"""The one-standard-error rule: whether a tuned decision gained more than chance.

On a few hundred rows the best of many thresholds or class weights beats the plain decision by luck
alone. A tuned decision is kept when its gain over the plain one is larger than the standard error
of that gain, by a paired bootstrap over the rows (Breiman et al. 1984, §3.4.3, has the rule for
trees: prefer the simpler model within one standard error).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import bootstrap, metrics
from podium.competition.metrics import Metric
from podium.errors import DataError
from podium.tuning.scoring import LabelScorer

__all__ = [
    "gain_and_error",
    "gain_and_error_of_sums",
    "passes_one_standard_error",
    "sums_pass_one_standard_error",
]

DRAWS = 100


def passes_one_standard_error(
    scorer: LabelScorer,
    plain: NDArray[Any],
    tuned: NDArray[Any],
    *,
    groups: NDArray[Any] | None = None,
    seed: int = 0,
) -> bool:
    """Return whether decisions `tuned` gain more over `plain` than the standard error of the gain.

    Args:
        scorer: the metric and the truth of the rows.
        plain, tuned: decisions of the same rows.
        groups: `(N,)`: rows that are drawn together; None: each by itself.
        seed: of the draws.
    """
    gain, standard_error = gain_and_error(scorer, plain, tuned, groups=groups, seed=seed)
    return gain > standard_error


def gain_and_error(
    scorer: LabelScorer,
    plain: NDArray[Any],
    tuned: NDArray[Any],
    *,
    groups: NDArray[Any] | None = None,
    n: int = DRAWS,
    seed: int = 0,
) -> tuple[float, float]:
    """Return by how much `tuned` scores better than `plain`, and the standard error of that.

    Args:
        scorer: the metric and the truth of the rows.
        plain, tuned: decisions of the same rows.
        groups: `(N,)`: rows that are drawn together; None: each by itself.
        n: number of bootstrap draws; a draw in which the metric is undefined is left out.
        seed: of the draws.
    """
    sign = 1.0 if scorer.metric.greater_is_better else -1.0
    gain = sign * (scorer.score(tuned) - scorer.score(plain))
    if np.array_equal(plain, tuned):
        return gain, 0.0
    # One seed for both: each draw takes the same rows, so that the difference is paired.
    of_plain, of_tuned = (
        bootstrap.scores(
            scorer.metric, scorer.truth, prediction, groups=groups, n=n, seed=seed, **scorer.options
        )
        for prediction in (plain, tuned)
    )
    return gain, _standard_error(of_tuned - of_plain)


def sums_pass_one_standard_error(
    metric: Metric,
    plain: NDArray[Any],
    tuned: NDArray[Any],
    *,
    options: Mapping[str, Any],
    groups: NDArray[Any] | None = None,
    seed: int = 0,
) -> bool:
    """Return `passes_one_standard_error` of two decisions on masks, by their sums `(N, S)`.

    False where either has no score at all.
    """
    try:
        gain, standard_error = gain_and_error_of_sums(
            metric, plain, tuned, options=options, groups=groups, seed=seed
        )
    except DataError:
        return False
    return gain > standard_error


def gain_and_error_of_sums(
    metric: Metric,
    plain: NDArray[Any],
    tuned: NDArray[Any],
    *,
    options: Mapping[str, Any],
    groups: NDArray[Any] | None = None,
    n: int = DRAWS,
    seed: int = 0,
) -> tuple[float, float]:
    """Return the result of `gain_and_error` for two decisions by their sums.

    Args:
        metric: one with sums.
        plain, tuned: `(N, S)`: the metric's sums of both decisions, a row a unit.
        options: options of the metric.
        groups: `(N,)`: rows that are drawn together; None: each by itself.
        n: number of bootstrap draws.
        seed: of the draws.

    Raises:
        DataError: the metric is undefined on all rows.
    """
    sign = 1.0 if metric.greater_is_better else -1.0
    of_all = [metrics.value(metric, sums, **options) for sums in (plain, tuned)]
    gain = sign * (of_all[1] - of_all[0])
    if np.array_equal(plain, tuned):
        return gain, 0.0
    of_plain, of_tuned = (
        bootstrap.scores(metric, sums=sums, groups=groups, n=n, seed=seed, **options)
        for sums in (plain, tuned)
    )
    return gain, _standard_error(of_tuned - of_plain)


def _standard_error(gains: NDArray[np.float64]) -> float:
    gains = gains[~np.isnan(gains)]
    return float(np.std(gains, ddof=1)) if len(gains) > 1 else float("inf")
