"""Where "none of the classes" stands in a ranking: as if its probability were a threshold, tuned.

Of a row it matters only how many of its likeliest classes reach the threshold. So the metric's sums
of every row with the answer in each of its k + 1 places are all that is needed: as the threshold
passes a probability, the answer moves one place up in that row, and one cumulative sum over all
sorted probabilities gives every point of the curve.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.predictions.decide import default_steps
from podium.predictions.rankings import rank, top_of
from podium.predictions.top_k import TopK
from podium.tuning.scoring import Scorer
from podium.tuning.thresholds import MAX_POINTS, Curve
from podium.tuning.worth import is_worth_it

__all__ = ["fit_ranking", "unknown_curve"]


def fit_ranking(
    probs: NDArray[Any] | TopK, scorer: Scorer, *, seed: int = 0
) -> list[dict[str, Any]]:
    """Return the step of `decide` that makes what the metric needs, a ranking or confident classes.

    Where "none of the classes" is right for some rows of a ranking (a truth of -1), it stands at
    the best threshold if that gains more than the standard error of its gain over leaving it out.

    Args:
        probs: `(N, C)`.
        scorer: the metric and the truth of the rows.
        seed: of the draws that say what a gain is worth.
    """
    k = _places(scorer)
    plain = default_steps(scorer.kind, scorer.metric.needs, k=k)
    if not scorer.is_tunable:
        return plain
    tuned = [{"topk": {"k": k, "unknown": unknown_curve(probs, scorer).best()}}]
    said = [scorer.prediction(probs, steps) for steps in (plain, tuned)]
    return tuned if is_worth_it(scorer, *said, seed=seed) else plain


def unknown_curve(probs: NDArray[Any] | TopK, scorer: Scorer) -> Curve:
    """Return the score of every threshold of "none of the classes" that makes a difference.

    Args:
        probs: `(N, C)`, compared as float32, the type in which they are stored.
        scorer: of a metric that needs a ranking, and its truth: -1 where no class is right.
    """
    values = probs if isinstance(probs, TopK) else np.asarray(probs, dtype=np.float32)
    k = _places(scorer)
    classes, best = top_of(values, k)
    thresholds = _thresholds(best)
    scores = _from_sums(classes, best, thresholds, scorer, k, values.shape[1])
    if scores is None:
        if len(thresholds) > MAX_POINTS:
            chosen = np.linspace(0, len(thresholds) - 1, MAX_POINTS).round().astype(np.int64)
            thresholds = thresholds[chosen]
        scores = np.array([scorer.score(rank(values, k, unknown=float(t))) for t in thresholds])
    return Curve(thresholds, scores, scorer.metric.greater_is_better)


def _places(scorer: Scorer) -> int:
    return int(scorer.metric.complete(scorer.options).get("k", 1))


def _thresholds(best: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the distinct probabilities, and one above all of them."""
    distinct = np.unique(best)
    return np.append(distinct, np.nextafter(distinct[-1], np.float32(np.inf)))


def _from_sums(
    classes: NDArray[np.int64],
    best: NDArray[np.float32],
    thresholds: NDArray[np.float32],
    scorer: Scorer,
    k: int,
    n_classes: int,
) -> NDArray[np.float64] | None:
    """Return the score at each threshold `(T,)`; None where the metric has no sums."""
    metric, options = scorer.metric, scorer.metric.complete(scorer.options)
    if metric.sums is None or metric.value is None:
        return None
    n_listed = classes.shape[1]
    at_place = []
    for place in range(n_listed + 1):
        said = np.insert(classes, place, n_classes, axis=1)[:, :k]
        at_place.append(metrics.sums(metric, scorer.truth, said, **scorer.options))
    sums = np.stack([np.asarray(one, dtype=np.float64) for one in at_place])  # (places, N, S)
    # Above the probability of its j-th class the answer stands at j, up to it at j + 1.
    moves = (sums[:-1] - sums[1:]).transpose(1, 0, 2).reshape(best.size, -1)  # row by row
    order = np.argsort(best.reshape(-1), kind="stable")
    passed = np.concatenate([np.zeros((1, sums.shape[2])), np.cumsum(moves[order], axis=0)])
    n_below = np.searchsorted(best.reshape(-1)[order], thresholds, side="left")
    totals = sums[-1].sum(axis=0) + passed[n_below]  # (T, S)
    each = np.array([metric.value(one[None], **options) for one in totals])
    return np.round(each, 12)  # sums of thirds end differently by the order: they are one plateau
