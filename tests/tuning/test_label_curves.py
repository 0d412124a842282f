"""Every point of every curve is the score of the whole decision with one parameter changed."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.competition.metrics import Metric
from podium.competition.scores import bootstrap
from podium.predictions.decisions.labels import decide
from podium.tuning.curves import ParameterCurve, thinned
from podium.tuning.labels.decision_curves import label_curves
from podium.tuning.scoring import LabelScorer

C = 3
NAMES = ["cat", "dog", "fox"]
RATINGS = ["none", "mild", "severe", "worst"]
CASES = {
    "binary": ("binary", "f1", {}, [{"threshold": 0.37}]),
    "binary, plain": ("binary", "accuracy", {}, []),
    "binary, mcc": ("binary", "mcc", {}, [{"threshold": 0.2}]),
    "multilabel, by class": ("multilabel", "macro_f1", {}, [{"threshold": [0.3, 0.5, 0.62]}]),
    "multilabel, by row": (
        "multilabel",
        "f1",
        {"average": "samples"},
        [{"threshold": [0.3, 0.5, 0.62]}, {"at_least": 1}, {"at_most": 2}],
    ),
    "ordinal": ("ordinal", "qwk", {}, [{"cuts": [0.4, 1.1, 2.6]}]),
    "ordinal, rounded": ("ordinal", "accuracy", {}, []),
    "multiclass": ("multiclass", "macro_f1", {}, [{"class_weights": [0.6, 1.0, 2.0]}]),
    "multiclass, plain": ("multiclass", "accuracy", {}, []),
    "ranking": ("multiclass", "map_at_k", {"k": 2}, [{"topk": {"k": 2, "unknown": 0.5}}]),
}


def rows_of(kind: str, n: int, seed: int, *, coarse: bool = False):
    """Return (probs, truth) of a task with right and wrong rows, ties among them where coarse."""
    rng = np.random.default_rng(seed)
    if kind == "ordinal":
        truth = rng.integers(0, 4, n)
        probs = np.clip(truth + rng.normal(0, 0.7, n), 0, 3)[:, None]
    elif kind == "multiclass":
        truth = rng.integers(0, C, n)
        probs = rng.dirichlet(np.ones(C), n) + 0.4 * np.eye(C)[truth]
    else:
        truth = rng.integers(0, 2, (n, C) if kind == "multilabel" else n)
        probs = np.clip(0.3 * truth + 0.7 * rng.random(truth.shape), 0, 1).reshape(n, -1)
    probs = np.round(probs * 4) / 4 if coarse else probs
    return probs.astype(np.float32), truth


def curves_and_scorer(case: str, n: int, seed: int, **given):
    kind, metric, options, steps = CASES[case]
    probs, truth = rows_of(kind, n, seed, **given)
    if case == "ranking":
        truth = np.where(np.arange(n) % 4 == 0, -1, truth)
    scorer = LabelScorer.of(
        metric,
        truth,
        n_outputs=probs.shape[1],
        kind=kind,
        options=options,
        n_classes=4 if kind == "ordinal" else None,
    )
    names = RATINGS if kind == "ordinal" else NAMES
    return label_curves(probs, scorer, steps, names), scorer, probs, steps


def with_value(curve: ParameterCurve, value: float, kind: str, steps: list) -> list:
    """Return the decision with the parameter of the curve at a value."""
    plain = {
        "threshold": [{"threshold": 0.5}],
        "cuts": [{"cuts": [0.5, 1.5, 2.5]}],
        "class_weights": [{"class_weights": [1.0] * C}],
    }
    found = copy.deepcopy(steps) or plain[curve.parameter]
    if curve.parameter == "unknown":
        found[0]["topk"]["unknown"] = value
    elif curve.name == "":
        found[0]["threshold"] = value
    else:
        # A cut has the name of the rating that begins there.
        at = RATINGS.index(curve.name) - 1 if kind == "ordinal" else NAMES.index(curve.name)
        found[0][curve.parameter][at] = value
    return found


@pytest.mark.parametrize("case", CASES)
@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 1000), coarse=st.booleans())
def test_each_point_equals_deciding_and_scoring(case: str, seed: int, coarse: bool) -> None:
    curves, scorer, probs, steps = curves_and_scorer(case, 30, seed, coarse=coarse)
    assert len(curves) == {"binary": 1, "ranking": 1}.get(case.split(",")[0], 3) or coarse
    for curve in curves:
        assert curve.chosen in np.float32(curve.values).astype(float) or np.float32(
            curve.chosen
        ) in np.float32(curve.values)
        assert curve.plain is None or np.float32(curve.plain) in np.float32(curve.values)
        assert list(curve.values) == sorted(curve.values)
        for value, score in zip(curve.values, curve.scores, strict=True):
            expected = scorer.of_probs(probs, with_value(curve, value, scorer.kind, steps))
            assert score == pytest.approx(expected, abs=1e-12)
        assert curve.score_at(curve.chosen) == pytest.approx(
            scorer.of_probs(probs, steps), abs=1e-12
        )


@pytest.mark.parametrize(
    ("chosen", "plain", "gain"),
    [(0.9, 0.1, 0.25), (0.9, None, 0.0), (0.9, 0.5, 0.0), (0.5, 0.9, 0.0)],
)
def test_a_gain_is_of_scores_that_are_known(
    chosen: float, plain: float | None, gain: float
) -> None:
    scores, errors = (0.5, None, 0.75), (None,) * 3
    for is_greater_better in (True, False):
        curve = ParameterCurve(
            "threshold", "", (0.1, 0.5, 0.9), scores, errors, chosen, plain, 0.9, is_greater_better
        )
        assert curve.gain == (gain if is_greater_better else -gain)


def test_the_place_of_unknown_has_points_where_it_becomes_the_first() -> None:
    (curve,), _, probs, _ = curves_and_scorer("ranking", 30, 0)
    best = np.unique(probs.max(axis=1))
    expected = np.unique([*best, np.nextafter(best[-1], np.float32(2)), np.float32(0.5)])
    assert np.float32(curve.values).tolist() == expected.tolist()


def test_a_class_may_weigh_a_32nd_to_32_times_of_what_is_chosen() -> None:
    curves, *_ = curves_and_scorer("multiclass", 60, 0)
    for curve, chosen in zip(curves, [0.6, 1.0, 2.0], strict=True):
        assert (curve.values[0], curve.values[-1]) == pytest.approx((chosen / 32, chosen * 32))
        steps = np.diff(np.log(curve.values))
        assert steps.max() == pytest.approx(2 * np.log(32) / 40)


@pytest.mark.parametrize("case", ["binary", "multilabel, by row", "ordinal"])
def test_the_best_of_a_curve_is_the_best_of_all_distinct_values(case: str) -> None:
    """More distinct values than a curve keeps: the maximum is among those that are kept."""
    curves, scorer, probs, steps = curves_and_scorer(case, 700, 3)
    for c, curve in enumerate(curves):
        assert 100 < len(curve.values) <= 210
        if case == "ordinal":
            cuts = steps[0]["cuts"]
            low, high = ([-1, *cuts][c], [*cuts, 9][c + 1])
            every = [v for v in np.unique(probs[:, 0]) if low <= v <= high]
        else:
            every = np.unique(probs[:, c])
        scores = [
            scorer.of_probs(probs, with_value(curve, float(value), scorer.kind, steps))
            for value in every
        ]
        assert max(one for one in curve.scores if one is not None) == pytest.approx(max(scores))
        assert curve.score_at(curve.best) == pytest.approx(max(scores))


def test_standard_errors_are_those_of_paired_draws() -> None:
    curves, scorer, probs, steps = curves_and_scorer("multilabel, by row", 200, 5)
    for curve in curves:
        drawn = np.stack(
            [
                bootstrap.scores(
                    scorer.metric,
                    scorer.truth,
                    decide(probs, with_value(curve, value, "multilabel", steps), "multilabel"),
                    n=2000,
                    seed=1,
                    **scorer.options,
                )
                for value in (curve.best, curve.values[10], curve.values[-10])
            ]
        )
        for at, other in ((10, drawn[1]), (-10, drawn[2])):
            # 100 draws know a standard error to about 7 % (1 / sqrt(2 n)): three times that.
            assert curve.standard_errors[at] == pytest.approx(
                np.std(drawn[0] - other, ddof=1), rel=0.22, abs=1e-12
            )
        low, high = curve.plateau
        assert low <= curve.best <= high


def test_groups_are_drawn_together_and_make_standard_errors_larger() -> None:
    kind, metric, options, steps = CASES["binary"]
    probs, truth = rows_of(kind, 60, 0)
    tenfold, right = np.repeat(probs, 10, axis=0), np.repeat(truth, 10)
    scorer = LabelScorer.of(metric, right, n_outputs=1, kind=kind, options=options)
    groups = np.repeat(np.arange(60), 10)
    alone = label_curves(tenfold, scorer, steps, [""])[0]
    together = label_curves(tenfold, scorer, steps, [""], groups=groups)[0]
    assert alone.scores == together.scores
    errors = [np.array(one.standard_errors) for one in (together, alone)]
    is_known = errors[1] > 0
    ratio = np.median(errors[0][is_known] / errors[1][is_known])
    assert ratio == pytest.approx(np.sqrt(10), rel=0.3)


def test_a_metric_without_sums_has_the_same_curve_at_fewer_points() -> None:
    curves, scorer, probs, steps = curves_and_scorer("binary", 300, 2)

    def f1(truth, predicted, **_):
        return 2 * (truth & predicted).sum() / max(1, truth.sum() + predicted.sum())

    own = Metric("mine:f1", "decisions", True, frozenset({"binary"}), f1)
    slow = LabelScorer.of(own, scorer.truth, n_outputs=1, kind="binary")
    (found,) = label_curves(probs, slow, steps, [""])
    assert len(found.values) <= 50
    for value, score, error in zip(found.values, found.scores, found.standard_errors, strict=True):
        assert score == pytest.approx(scorer.of_probs(probs, [{"threshold": value}]))
        assert error is not None
    assert found.chosen == curves[0].chosen == 0.37


def test_a_curve_is_read_as_it_was_written_and_where_nothing_is_decided_there_is_none() -> None:
    import json

    curves, *_ = curves_and_scorer("multilabel, by class", 50, 1)
    for curve in curves:
        assert ParameterCurve.from_json(json.loads(json.dumps(curve.to_json()))) == curve
    probs, truth = rows_of("binary", 40, 0)
    scorer = LabelScorer.of("auc", truth, n_outputs=1, kind="binary")
    assert label_curves(probs, scorer, [], [""]) == ()
    scorer = LabelScorer.of("rmse", truth.astype(float), n_outputs=1, kind="regression")
    assert label_curves(probs, scorer, [], [""]) == ()


def test_thinning_keeps_ends_and_required_points() -> None:
    values = np.sort(np.random.default_rng(0).random(5000)).astype(np.float32)
    kept = thinned(values, [0.5, 0.25], 100)
    assert len(kept) <= 102
    assert {values[0], values[-1], np.float32(0.5), np.float32(0.25)} <= set(kept)
    np.testing.assert_array_equal(thinned(values[:5], [], 100), values[:5])


def test_scores_that_differ_by_rounding_alone_are_one_plateau() -> None:
    scores = np.array([0.3, 0.1 + 0.2, 0.2])  # the second is larger by rounding
    values = np.array([0.1, 0.2, 0.3])
    drawn = np.tile(scores, (3, 1))
    curve = ParameterCurve.of(
        "threshold", "", values, scores, drawn, chosen=0.1, plain=0.5, greater_is_better=True
    )
    assert curve is not None
    assert curve.plateau == (0.1, 0.2)
