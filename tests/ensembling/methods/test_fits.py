"""Fits of the methods: the best exponent, the best member, regressions at their optimum."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.ensembling import blend
from podium.ensembling.method import (
    OUTPUT_SIZES,
    BlendMethod,
    Fitted,
    before_thresholds,
    load_method,
)
from podium.ensembling.methods.power import EXPONENTS
from podium.predictions import decide
from podium.tuning.scoring import LabelScorer


def multiclass(seed, n=40, n_members=4):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n)
    sure = np.eye(3)[truth] * rng.uniform(0, 2, (n_members, 1, 1))
    exp = np.exp(sure + rng.standard_normal((n_members, n, 3)))
    return (exp / exp.sum(2, keepdims=True)).astype(np.float32), truth


@given(seed=st.integers(0, 10**6), metric=st.sampled_from(["log_loss", "accuracy", "macro_f1"]))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_best_is_the_first_member_that_scores_best(seed, metric):
    members, truth = multiclass(seed, n=12)
    members = members[[0, 1, 0, 2]]  # the third ties with the first
    scorer = LabelScorer.of(metric, truth, n_outputs=3)
    scores = [scorer.of_probs(one) for one in members]
    expected = scores.index((min if metric == "log_loss" else max)(scores))
    fitted = load_method("best").fitted(members, scorer, seed=0)
    assert fitted.weights == tuple(float(m == expected) for m in range(4))
    np.testing.assert_array_equal(load_method("best").combined(members, fitted), members[expected])


@given(seed=st.integers(0, 10**6), metric=st.sampled_from(["log_loss", "accuracy"]))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_power_takes_the_exponent_that_scores_best(seed, metric):
    members, truth = multiclass(seed, n=15)
    scorer = LabelScorer.of(metric, truth, n_outputs=3)
    scores = []
    for a in EXPONENTS:
        mean = (members.astype(np.float64) ** a).mean(0) ** (1 / a)
        probs = (mean / mean.sum(1, keepdims=True)).astype(np.float32)
        predicted = probs if metric == "log_loss" else probs.argmax(1)
        scores.append(metrics.score(metric, truth, predicted))
    fitted = load_method("power").fitted(members, scorer, seed=0)
    found = EXPONENTS.index(fitted.params["exponent"])
    best = min(scores) if metric == "log_loss" else max(scores)
    assert scores[found] == pytest.approx(best, rel=1e-6)
    if metric == "accuracy":
        assert found == scores.index(best)  # of equal ones the nearest to the plain mean


def test_logistic_stacking_is_at_the_optimum_of_its_penalised_loss():
    members, truth = multiclass(0, n=80, n_members=3)
    fitted = load_method("stack_logistic").fitted(
        members, LabelScorer.of("log_loss", truth, n_outputs=3), seed=0
    )
    for c in range(3):
        odds = np.log(members[:, :, c] / (1 - members[:, :, c].astype(np.float64))).T
        sign = np.where(truth == c, 1, -1)

        def loss(w, odds=odds, sign=sign):
            return np.logaddexp(0, -sign * (odds @ w[:3] + w[3])).sum() + w[:3] @ w[:3] / 2

        found = [one[c] for one in fitted.params["coefficients"]]
        optimum = minimize(loss, np.zeros(4), tol=1e-10).fun
        assert loss(np.array([*found, fitted.params["intercepts"][c]])) <= optimum + 1e-4
    sizes = np.abs(np.array(fitted.params["coefficients"])).sum(1)
    np.testing.assert_allclose(fitted.weights, sizes / sizes.sum())


@pytest.mark.parametrize("unit", [1e-3, 1.0, 1e4])
def test_ridge_stacking_solves_its_normal_equations_in_any_unit(unit):
    rng = np.random.default_rng(0)
    truth = rng.standard_normal(50)
    values = truth + rng.standard_normal((3, 50)) * [[0.3], [1], [2]] + 4
    fitted = load_method("stack_ridge").fitted(
        unit * values[..., None], LabelScorer.of("rmse", unit * truth, n_outputs=1), seed=0
    )
    spread = np.sqrt(values.var(1).mean())
    centred = (values - values.mean(1, keepdims=True)).T / spread
    gram = centred.T @ centred + np.eye(3)
    expected = np.linalg.solve(gram, centred.T @ (truth - truth.mean())) / spread
    np.testing.assert_allclose(fitted.params["coefficients"], expected, rtol=1e-7)
    intercept = unit * (truth.mean() - expected @ values.mean(1))
    assert fitted.params["intercept"] == pytest.approx(intercept, rel=1e-7)


@given(seed=st.integers(0, 10**6), n_members=st.integers(2, 6))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_a_vote_is_the_majority_and_ties_go_to_the_larger_mean(seed, n_members):
    rng = np.random.default_rng(seed)
    truth = np.array([0, 1, 2] * 5)
    # Eighths are exact in float32, and so are the means that break ties.
    members = rng.multinomial(8, [1 / 3] * 3, (n_members, 15)) / 8
    how, scorer = load_method("vote"), LabelScorer.of("accuracy", truth, n_outputs=3)
    predicted = decide(
        how.combined(members, how.fitted(members, scorer, seed=0)), None, "multiclass"
    )
    for row in range(15):
        votes = np.bincount(members[:, row].argmax(1), minlength=3)
        likely = members[:, row].sum(0)
        ranked = sorted(range(3), key=lambda c, v=votes, p=likely: (-v[c], -p[c], c))
        assert predicted[row] == ranked[0]
    yes = members[..., :1]
    scorer = LabelScorer.of("accuracy", truth > 0, n_outputs=1, kind="binary")
    predicted = decide(how.combined(yes, how.fitted(yes, scorer, seed=0)), None, "binary")
    votes, mean = (yes >= 0.5).sum(0)[:, 0], yes.mean(0)[:, 0]
    is_tie = 2 * votes == n_members
    np.testing.assert_array_equal(predicted, np.where(is_tie, mean >= 0.5, 2 * votes > n_members))


def spearman(truth, probs):
    order, right = probs.argsort().argsort(), truth.argsort().argsort()
    return float(np.corrcoef(order, right)[0, 1])


def test_ranks_are_for_metrics_of_order_and_for_thresholds():
    how, rng = load_method("rank"), np.random.default_rng(0)

    def refusal(metric, kind, truth, n_outputs):
        return how.refuses(LabelScorer.of(metric, truth, n_outputs=n_outputs, kind=kind))

    labels, several = rng.integers(0, 2, 30), rng.integers(0, 2, (30, 3))
    assert refusal("auc", "binary", labels, 1) == ""
    assert refusal("auc", "multilabel", several, 3) == ""
    assert refusal("auc", "multiclass", several[:, 0] + several[:, 1], 3) == ""
    assert refusal("f1", "binary", labels, 1) == ""
    assert refusal("macro_f1", "multilabel", several, 3) == ""
    assert "scores values" in refusal("log_loss", "binary", labels, 1)
    assert "scores values" in refusal("pf1", "binary", labels, 1)
    assert "scores values" in refusal("brier", "multilabel", several, 3)
    assert "cannot be compared" in refusal("accuracy", "multiclass", labels, 2)
    assert "no values" in refusal("mae", "ordinal", labels, 1)
    assert "scores values" in refusal("rmse", "regression", rng.random(30), 1)
    # A user's own metric is run, not looked up by name.
    own = Metric("spearman", "probs", True, frozenset({"regression"}), spearman)
    assert refusal(own, "regression", rng.random(30), 1) == ""


@pytest.mark.slow
def test_a_threshold_on_ranks_keeps_its_positive_rate_on_a_smoother_test_set():
    rng = np.random.default_rng(0)
    truth = (rng.random(400) < 0.2).astype(int)
    members = (0.3 * truth + 0.7 * rng.random((3, 400)))[..., None]
    found = blend(members, truth, "f1", np.arange(400) % 4, method="rank", n_resamples=5)
    how = load_method("rank")
    rates = []
    for probs, folds in ((members, np.arange(400) % 4), (0.4 + 0.2 * members, None)):
        combined = how.combined(how.prepared(probs, folds), found.fitted)
        rates.append(decide(combined, found.decision, "binary").mean())
    assert rates[0] == pytest.approx(rates[1], abs=0.02)
    assert decide(0.4 + 0.2 * members.mean(0), [{"threshold": 0.7}], "binary").mean() == 0


@pytest.mark.slow
def test_stacked_ratings_stay_between_the_lowest_and_the_highest_class():
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 3, 300)
    shy = np.clip(0.55 * truth[:, None] + 0.2 * rng.normal(size=(4, 300, 1)), 0, 2)
    shy[:, :4] = 2  # so sure that a line through the others goes far beyond
    members, folds = shy.astype(np.float32), np.arange(300) % 4
    made = blend(
        members, truth, "qwk", folds, kind="ordinal", n_classes=3, method="stack_ridge",
        n_resamples=20,
    )  # fmt: skip
    assert made.honest > 0.8
    values = np.array(made.params["coefficients"]) @ members[:, :, 0].astype(np.float64)
    values += made.params["intercept"]
    assert values.max() > 2.5
    predicted = load_method("stack_ridge").combined(members, made.fitted)
    np.testing.assert_allclose(predicted[:, 0], values.clip(0, 2), atol=1e-5)


@pytest.mark.parametrize(("n_classes", "highest"), [(5, 4), (None, 2)])
def test_a_line_through_ratings_ends_at_the_lowest_and_the_highest_class(n_classes, highest):
    truth = np.arange(30) % 3  # the highest classes of five are nowhere
    members = np.random.default_rng(0).normal(truth, 0.5, (2, 30))[..., None]
    scorer = LabelScorer.of("mae", truth, n_outputs=1, kind="ordinal", n_classes=n_classes)
    how = load_method("stack_ridge")
    fitted = how.fitted(members, scorer, seed=0)
    combined = how.combined(np.array([[-99.0, 1.0, 99.0]] * 2)[..., None], fitted)
    assert combined[[0, 2], 0].tolist() == [0, highest]
    assert 0 < combined[1, 0] < 2


@pytest.mark.parametrize("method", ["best", "hill_climb", "bagged"])
@pytest.mark.parametrize(("metric", "n_labels"), [("f1", 1), ("mcc", 1), ("macro_f1", 2)])
def test_a_member_that_ranks_well_below_one_half_gets_weight_where_thresholds_follow(
    method: str, metric: str, n_labels: int
) -> None:
    rng = np.random.default_rng(0)
    truth = (rng.random((200, n_labels)) < 0.2).astype(int)
    good = 0.1 + 0.3 * truth + 0.05 * rng.random(truth.shape)  # all of it below 0.5
    weak = np.clip(0.2 + 0.4 * truth + 0.3 * rng.normal(size=truth.shape), 0.01, 0.99)
    right = truth[:, 0] if n_labels == 1 else truth
    scorer = LabelScorer.of(metric, right, n_outputs=n_labels)
    assert scorer.of_probs(weak) > scorer.of_probs(good) + 0.2, "decided at 0.5"
    weights = load_method(method).fitted(np.stack([good, weak]), scorer, seed=0).weights
    assert weights[0] > 0.5


@pytest.mark.parametrize("method", ["best", "hill_climb", "bagged"])
def test_ratings_that_round_to_few_classes_get_weight_where_cut_points_follow(method: str) -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 4, 300)
    # Each class lies on the wrong side of one half, which cut points mend.
    good = (truth + 0.6 + 0.02 * rng.random(300)).clip(0, 3)[:, None]
    weak = (truth + rng.normal(0, 0.8, 300)).clip(0, 3)[:, None]
    scorer = LabelScorer.of("accuracy", truth, n_outputs=1, kind="ordinal")
    assert scorer.of_probs(weak) > scorer.of_probs(good) + 0.1, "rounded"
    weights = load_method(method).fitted(np.stack([good, weak]), scorer, seed=0).weights
    assert weights[0] > 0.5


def test_weights_of_other_metrics_are_fitted_for_these() -> None:
    one_class = LabelScorer.of("accuracy", np.arange(30) % 3, n_outputs=3)
    of_probs = LabelScorer.of("auc", np.arange(30) % 2, n_outputs=1)
    for scorer in (one_class, of_probs):
        assert before_thresholds(scorer) is scorer


def test_probabilities_of_several_outputs_are_shares_of_each() -> None:
    raw = np.array([[0.1, 0.3, 0.2, 0.2, 0.4], [0.0, 0.0, 0.5, 0.0, 0.0]])
    method = BlendMethod(
        fit=lambda members, objective, *, seed: Fitted.equal(2), combine=lambda *_: raw
    )
    made = method.combined(np.stack([raw, raw]), Fitted.of([0.5, 0.5], {OUTPUT_SIZES: (2, 3)}))
    expected = [[0.25, 0.75, 0.25, 0.25, 0.5], [0.5, 0.5, 1.0, 0.0, 0.0]]
    np.testing.assert_allclose(made, expected, rtol=1e-6)
