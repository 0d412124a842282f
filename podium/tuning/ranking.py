"""Where "none of the classes" stands in a ranking: as if its probability were a threshold, tuned.

Of a row it matters only how many of its likeliest classes reach the threshold. So the metric's sums
of every row with the answer in each of its k + 1 places are all that is needed: as the threshold
passes a probability, the answer moves one place up in that row, and one count of moves over all
probabilities gives every point of the curve (`sweep.py`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.predictions.decide import default_steps
from podium.predictions.rankings import rank, top_of
from podium.predictions.top_k import TopK
from podium.tuning.curve import Curve
from podium.tuning.plateau import group_codes
from podium.tuning.scoring import Scorer
from podium.tuning.sweep import Draws, Sweep
from podium.tuning.thresholds import MAX_POINTS, spread
from podium.tuning.worth import is_worth_it

__all__ = ["fit_ranking", "unknown_curve"]


def fit_ranking(
    probs: NDArray[Any] | TopK,
    scorer: Scorer,
    *,
    raw: bool = False,
    groups: NDArray[Any] | None = None,
    seed: int = 0,
) -> list[dict[str, Any]]:
    """Return the step of `decide` that makes what the metric needs, a ranking or confident classes.

    Where "none of the classes" is right for some rows of a ranking (a truth of -1), it stands at
    the robust threshold (`Curve.robust`) if that gains more than the standard error of its gain
    over leaving it out.

    Args:
        probs: `(N, C)`.
        scorer: the metric and the truth of the rows.
        raw: take the best threshold itself.
        groups: `(N,)`: rows that are drawn together; None: each by itself.
        seed: of the draws that say what a gain is worth.
    """
    k = _places(scorer)
    plain = default_steps(scorer.kind, scorer.metric.needs, k=k)
    if not scorer.is_tunable:
        return plain
    curve, sweep = _swept(probs, scorer)
    if raw or sweep is None:
        unknown = curve.best()
    else:
        codes, _ = group_codes(groups, len(scorer.truth))
        # A row has a place for each class that it lists, and is drawn with all of them.
        draws = Draws(
            len(sweep.places), np.repeat(codes, len(sweep.places) // len(codes)), seed=seed
        )
        unknown = curve.robust(sweep.errors(curve.scores, draws))
    tuned = [{"topk": {"k": k, "unknown": unknown}}]
    said = [scorer.prediction(probs, steps) for steps in (plain, tuned)]
    return tuned if is_worth_it(scorer, *said, groups=groups, seed=seed) else plain


def unknown_curve(probs: NDArray[Any] | TopK, scorer: Scorer) -> Curve:
    """Return the score of every threshold of "none of the classes" that makes a difference.

    Args:
        probs: `(N, C)`, compared as float32, the type in which they are stored.
        scorer: of a metric that needs a ranking, and its truth: -1 where no class is right.
    """
    return _swept(probs, scorer)[0]


def _swept(probs: NDArray[Any] | TopK, scorer: Scorer) -> tuple[Curve, Sweep | None]:
    """Return the curve, and what can say its errors; None where the metric has no sums."""
    values = probs if isinstance(probs, TopK) else np.asarray(probs, dtype=np.float32)
    k = _places(scorer)
    classes, best = top_of(values, k)
    distinct, places = np.unique(best, return_inverse=True)
    above_all = np.nextafter(distinct[-1], np.float32(np.inf))
    thresholds = np.append(distinct, above_all).astype(np.float32)
    sums = _sums_at_places(classes, scorer, k, values.shape[1])
    if sums is None:
        if len(thresholds) > MAX_POINTS:
            thresholds = thresholds[spread(len(thresholds), MAX_POINTS)]
        scores = np.array([scorer.score(rank(values, k, unknown=float(t))) for t in thresholds])
        return Curve(thresholds, scores, scorer.metric.greater_is_better), None
    # Of a row whose j likeliest classes reach the threshold the answer stands at place j.
    n_rows, n_listed = classes.shape
    below = np.zeros((n_rows, n_listed, sums.shape[2]))
    below[:, 0] = sums[0]
    moves = (sums[1:] - sums[:-1]).transpose(1, 0, 2)
    sweep = Sweep(
        scorer,
        thresholds,
        places.reshape(-1).astype(np.int64),
        np.arange(best.size),
        below.reshape(best.size, -1),
        moves.reshape(best.size, -1),
    )
    return Curve(thresholds, sweep.scores(), scorer.metric.greater_is_better), sweep


def _places(scorer: Scorer) -> int:
    return int(scorer.metric.complete(scorer.options).get("k", 1))


def _sums_at_places(
    classes: NDArray[np.int64], scorer: Scorer, k: int, n_classes: int
) -> NDArray[np.float64] | None:
    """Return the sums of each row with the answer at each place `(places, N, S)`, if any."""
    if scorer.metric.sums is None or scorer.metric.value is None:
        return None
    at_place = []
    for place in range(classes.shape[1] + 1):
        said = np.insert(classes, place, n_classes, axis=1)[:, :k]
        at_place.append(metrics.sums(scorer.metric, scorer.truth, said, **scorer.options))
    return np.stack([np.asarray(one, dtype=np.float64) for one in at_place])
