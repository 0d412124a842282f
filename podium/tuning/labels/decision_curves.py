"""Curves of a decision on labels: one for each threshold, cut point, class weight or `unknown`.

All other parameters and steps stay as the decision has them, so that every curve passes through the
score of the whole decision at its own chosen value.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.predictions.decisions.labels import (
    Step,
    decide,
    default_steps,
    name_and_parameter,
    steps_output,
)
from podium.predictions.top_k import TopK, top_classes
from podium.tasks.protocols.needs import are_decisions
from podium.tuning.curves import MOST_SCORED, Curve, CurveRows, ParameterCurve, thinned
from podium.tuning.labels.search import tuning_of
from podium.tuning.scoring import LabelScorer

if TYPE_CHECKING:
    from podium.tasks.protocols.kind import Kind

__all__ = ["MOST_CURVES", "cut_curves", "label_curves", "threshold_curves", "weight_curves"]

MOST_CURVES = 100  # of classes: of more, those with most rows
MOST_SUMS = 400_000_000  # numbers that the sums of all rows may be
WIDEST = 32.0  # times: how much more, or less, than chosen a class may weigh
N_WEIGHTS = 41  # a factor of 1.19 apart

Floats = NDArray[np.float64]
Steps = list[dict[str, Any]]


def label_curves(
    probs: NDArray[Any] | TopK,
    scorer: LabelScorer,
    steps: Sequence[Step],
    names: Sequence[str],
    *,
    groups: NDArray[Any] | None = None,
    seed: int = 0,
) -> tuple[ParameterCurve, ...]:
    """Return the curves of a decision; none where nothing is decided by a parameter.

    None either of a metric with more sums (rows times classes) than memory should hold.

    Args:
        probs: of the rows `(N, C)`; of thousands of classes `TopK`, whose `unknown` has a curve.
        scorer: the metric and the truth of the rows.
        steps: the decision; empty: the plain one.
        names: of the classes `(C,)`.
        groups: `(N,)`: rows that are drawn together for standard errors; None: each by itself.
        seed: of the draws.
    """
    if not scorer.is_tunable and not scorer.metric.scores_confident:
        return ()
    factor, decided = scorer.for_decisions()
    if decided is not scorer:
        found = label_curves(probs, decided, steps, names, groups=groups, seed=seed)
        offset = scorer.of_other_terms(probs) if found else 0.0
        return tuple(one.scaled(factor, offset) for one in found)
    k = scorer.metric.n_ranked(scorer.options)
    every = [dict([name_and_parameter(one)]) for one in steps]
    every = every or default_steps(scorer.kind, scorer.metric.needs, k=k)
    n = len(scorer.truth)
    if _n_sums(scorer, probs) > MOST_SUMS:
        return ()
    rows = CurveRows.of(
        scorer.metric, scorer.options, n, truth=scorer.truth, groups=groups, seed=seed
    )
    if not are_decisions(steps_output(every)):
        return tuple(_unknown(probs, rows, every, scorer.kind))
    if isinstance(probs, TopK):
        return ()
    values = np.asarray(probs, dtype=np.float32).reshape(len(probs), -1)
    return tuple(tuning_of(scorer.kind).curves(values, rows, scorer, every, names))


def threshold_curves(
    values: NDArray[np.float32],
    rows: CurveRows,
    steps: Steps,
    names: Sequence[str],
    kind: Kind,
) -> Iterator[ParameterCurve]:
    """Yield the curve of each class's threshold, the others held."""
    n_classes = values.shape[1]
    chosen = np.broadcast_to(np.asarray(steps[0]["threshold"], np.float64), (n_classes,))
    ends = np.finfo(np.float32)
    assert rows.truth is not None
    for c in _most_frequent(rows.truth.reshape(len(values), -1)):

        def decided(threshold: float, c: int = c) -> NDArray[Any]:
            held = chosen.copy()
            held[c] = threshold
            given = float(held[0]) if kind.is_single else held.tolist()
            return decide(values, [{"threshold": given}, *steps[1:]], kind)

        column = values[:, c]
        distinct = np.unique(column)
        above = np.nextafter(distinct[-1], np.float32(np.inf))
        found = _curve_of_places(
            rows,
            np.append(distinct, above),
            column,
            # Below every value all rows are positive.
            decided(float(ends.min)),
            decided(float(ends.max)),
            ("threshold", names[c] if kind.is_by_class else "", float(chosen[c]), 0.5),
            (0.0, 1.0),
        )
        if found is not None:
            yield found


def cut_curves(
    ratings: NDArray[np.float32],
    rows: CurveRows,
    steps: Steps,
    names: Sequence[str],
    n_classes: int,
) -> Iterator[ParameterCurve]:
    """Yield the curve of each cut point between its neighbours."""
    values, plain = ratings[:, 0], np.arange(n_classes - 1) + 0.5
    chosen = np.asarray(steps[0].get("cuts", plain), dtype=np.float64)
    reached = np.searchsorted(chosen.astype(np.float32), values, side="right")
    for k in range(len(chosen)):
        low = chosen[k - 1] if k else min(0.0, float(values.min()))
        last = k + 1 == len(chosen)
        high = max(float(len(chosen)), float(values.max())) if last else chosen[k + 1]
        inside = (values >= np.float32(low)) & (last | (values < np.float32(high)))
        if not inside.any():
            continue
        distinct = np.unique(values[inside])
        above = np.nextafter(distinct[-1], np.float32(np.inf))
        thresholds = np.append(distinct, min(above, np.float32(high)) if not last else above)
        at_rounding = float(plain[k]) if low <= plain[k] <= high else None
        found = _curve_of_places(
            rows,
            np.unique(thresholds),
            values,
            np.where(inside, k + 1, reached),
            np.where(inside, k, reached),
            ("cuts", names[k + 1] if len(names) > k + 1 else str(k + 1), chosen[k], at_rounding),
            (low, high),
        )
        if found is not None:
            yield found


def _curve_of_places(
    rows: CurveRows,
    thresholds: NDArray[np.float32],
    values: NDArray[np.float32],
    before: NDArray[Any],
    after: NDArray[Any],
    about: tuple[str, str, float, float | None],
    limits: tuple[float, float],
) -> ParameterCurve | None:
    """Return the curve of a threshold that rows reach (`before`) or do not (`after`).

    Args:
        rows: what is scored.
        thresholds: `(T,)`, ascending: all that make a difference.
        values: `(N,)`, what each row has.
        before, after: decisions of the rows.
        about: the parameter, its name, the value that is chosen and the plain one.
        limits: between which the raw maximum may lie.
    """
    parameter, name, chosen, plain = about
    better = rows.metric.greater_is_better
    required = [chosen] if plain is None else [chosen, plain]
    if not rows.metric.has_sums:
        points = thinned(thresholds, required, MOST_SCORED)
        scores, drawn = rows.by_prediction(_decided(before, after, values >= t) for t in points)
        best = None
    else:
        sums = rows.sums(before), rows.sums(after)
        # Of all thresholds the scores, to find the maximum; of those that are kept draws, too.
        place = np.searchsorted(thresholds, values, side="right")
        whole = rows.scores(rows.totals(*sums, place, len(thresholds)))
        if np.isnan(whole).all():
            return None
        best = Curve(thresholds, rows.metric.goodness(whole)).best(low=limits[0], high=limits[1])
        points = thinned(thresholds, [*required, best])
        place = np.searchsorted(points, values, side="right")
        scores = rows.scores(rows.totals(*sums, place, len(points)))
        drawn = rows.drawn_along(*sums, place, len(points))
    return ParameterCurve.of(
        parameter,
        name,
        points,
        scores,
        drawn,
        chosen=chosen,
        plain=plain,
        greater_is_better=better,
        best=best,
    )


def _decided(
    before: NDArray[Any], after: NDArray[Any], is_reached: NDArray[np.bool_]
) -> NDArray[Any]:
    reached = is_reached.reshape(-1, *[1] * (before.ndim - 1))
    return np.where(reached, before, after)


def weight_curves(
    values: NDArray[np.float32], rows: CurveRows, steps: Steps, names: Sequence[str]
) -> Iterator[ParameterCurve]:
    """Yield the curve of each class's weight, the others held."""
    n_classes = values.shape[1]
    chosen = np.asarray(steps[0].get("class_weights", np.ones(n_classes)), dtype=np.float64)
    if n_classes < 2 or n_classes > MOST_CURVES:
        return
    exact = values.astype(np.float64)
    weighted = exact * chosen
    factors = WIDEST ** np.linspace(-1, 1, N_WEIGHTS)
    factors[N_WEIGHTS // 2] = 1.0
    for c in range(n_classes):
        others = weighted.copy()
        others[:, c] = -1.0  # below every product
        other = others.argmax(axis=1)
        of_other = others[np.arange(len(values)), other]
        start = chosen[c] if chosen[c] > 0 else 1.0
        points = np.unique([*(start * factors), chosen[c], 1.0])
        # As decide compares: the largest product, of equals the first class.
        place = np.full(len(values), len(points), dtype=np.int64)
        for g in range(len(points) - 1, -1, -1):
            product = exact[:, c] * points[g]
            place[(product > of_other) | ((product == of_other) & (c < other))] = g
        after = np.full(len(values), c)
        if rows.metric.has_sums:
            sums = rows.sums(other), rows.sums(after)
            scores = rows.scores(rows.totals(*sums, place, len(points)))
            drawn: Floats | None = rows.drawn_along(*sums, place, len(points))
        else:
            each = (_decided(other, after, place > g) for g in range(len(points)))
            scores, drawn = rows.by_prediction(each)
        found = ParameterCurve.of(
            "class_weights",
            names[c],
            points,
            scores,
            drawn,
            chosen=float(chosen[c]),
            plain=1.0,
            greater_is_better=rows.metric.greater_is_better,
        )
        if found is not None:
            yield found


def _unknown(
    probs: NDArray[Any] | TopK, rows: CurveRows, steps: Steps, kind: Kind
) -> Iterator[ParameterCurve]:
    """Yield the curve of where "none of the classes" stands, if it stands anywhere."""
    ((name, parameter),) = steps[0].items()
    chosen = (parameter or {}).get("unknown")
    if chosen is None:
        return
    best = np.unique(top_classes(probs, 1)[1].astype(np.float32))
    above = np.nextafter(best[-1], np.float32(np.inf))
    points = thinned(np.append(best, above), [float(chosen)], MOST_SCORED)
    each = (decide(probs, [{name: {**parameter, "unknown": float(t)}}], kind) for t in points)
    scores, drawn = rows.by_prediction(each)
    found = ParameterCurve.of(
        "unknown",
        "",
        points,
        scores,
        drawn,
        chosen=float(chosen),
        plain=None,
        greater_is_better=rows.metric.greater_is_better,
    )
    if found is not None:
        yield found


def _n_sums(scorer: LabelScorer, probs: NDArray[Any] | TopK) -> int:
    """Return how many numbers the sums of all rows are; a metric without has none."""
    first = np.zeros(1, dtype=np.int64)
    one = scorer.take(first)
    predicted = one.prediction(probs[first])
    sums = metrics.sums(scorer.metric, one.truth, predicted, **scorer.options)
    return 0 if sums is None else len(scorer.truth) * sums.shape[1]


def _most_frequent(truth: NDArray[Any]) -> list[int]:
    """Return the columns that have curves, in their order."""
    n_rows = (truth > 0).sum(axis=0)
    return sorted(np.argsort(-n_rows, kind="stable")[:MOST_CURVES].tolist())
