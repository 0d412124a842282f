"""The optimum on the simplex against a fine grid, SLSQP, the metrics and the conditions of KKT."""

import itertools

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.optimize import minimize

from podium.competition import metrics
from podium.ensembling import simplex, simplex_weights
from podium.ensembling.method import load_method
from podium.ensembling.simplex import (
    RIDGE,
    LogLoss,
    SquaredError,
    _regular,
    fit_columns,
    minimise,
    quadratic_minimum,
)
from podium.errors import DataError, UsageError
from podium.predictions.top_k import TopK, TopKMembers
from podium.tasks.protocols.find import image_kind
from podium.tuning.scoring import LabelScorer

# (metric, kind, options): every loss that has an optimum to be found.
LOSSES = [
    ("log_loss", "binary", {}),
    ("log_loss", "multilabel", {}),
    ("log_loss", "multiclass", {}),
    ("log_loss", "multiclass", {"rescale": False}),
    ("log_loss", "multiclass", {"class_weights": [1.0, 0.0, 5.0]}),
    ("weighted_log_loss", "binary", {}),
    ("weighted_log_loss", "multilabel", {"weights": [1, 0, 5], "positive": 3.0}),
    ("weighted_log_loss", "multilabel", {"weights": [1, 2, 5], "over": "row"}),
    ("weighted_log_loss", "multilabel", {"weights": [1, 2, 5], "over": "exam", "positive": 3.0}),
    ("brier", "binary", {}),
    ("brier", "multilabel", {}),
    ("brier", "multiclass", {}),
    ("rmse", "regression", {}),
]
SQUARES = ("rmse",)  # the squared error is minimised, and its root scored


def drawn(kind, rng, m=3, n=30, c=3):
    """Members in float64 that are correlated with the truth, and the truth."""
    if kind == "regression":
        truth = rng.normal(0, 3, n)
        return truth[:, None] + rng.normal(0.5, rng.uniform(1, 4, (m, 1, 1)), (m, n, 1)), truth
    if kind == "multiclass":
        truth = rng.integers(0, c, n)
        logits = rng.normal(0, 2, (m, n, c)) + 2 * np.eye(c)[truth]
        probs = np.exp(logits)
        return probs / probs.sum(axis=2, keepdims=True), truth
    c = 1 if kind == "binary" else c
    truth = rng.integers(0, 2, (n, c))
    probs = 1 / (1 + np.exp(-rng.normal(2 * truth - 1, 3, (m, n, c))))
    return probs, truth[:, 0] if kind == "binary" else truth


def loss_at(weights, members, truth, metric, options):
    """The metric of the mean in float64, which rounding may take above 1 by a hair."""
    mean = np.tensordot(np.asarray(weights), np.asarray(members, dtype=np.float64), 1)
    if metric not in SQUARES:
        mean = np.minimum(mean, np.maximum(1.0, np.max(members)))
    score = metrics.score(metric, truth, mean, **options)
    return score**2 if metric in SQUARES else score


def best_plainly(metric, members, truth, steps, eps=1e-15):
    """The least loss of a grid's weights in plain numpy, of columns or of rows of classes."""
    weights = np.array(list(grid(len(members), steps)))
    mean = np.tensordot(weights, np.asarray(members, dtype=np.float64), 1)
    if mean.ndim == 3:
        right = mean[:, np.arange(len(truth)), truth] / mean.sum(axis=2)
    else:
        right = np.where(truth == 1, mean, 1 - mean)
    losses = (1 - right) ** 2 if metric == "brier" else -np.log(np.clip(right, eps, 1 - eps))
    return losses.mean(axis=1).min()


def grid(m, steps):
    """All weights that are multiples of 1 / steps."""
    for cuts in itertools.product(range(steps + 1), repeat=m - 1):
        if sum(cuts) <= steps:
            yield np.array([*cuts, steps - sum(cuts)]) / steps


@pytest.mark.parametrize(("metric", "kind", "options"), LOSSES)
@pytest.mark.parametrize("m", [2, 3])
def test_no_weights_of_a_grid_are_better(metric, kind, options, m):
    members, truth = drawn(kind, np.random.default_rng(m), m=m)
    found = simplex_weights(members, truth, metric, kind=kind, options=options)
    at = {tuple(w): loss_at(w, members, truth, metric, options) for w in grid(m, 24)}
    assert found.loss <= min(at.values()) + 1e-12
    assert found.loss == pytest.approx(
        loss_at(found.weights, members, truth, metric, options), abs=1e-12
    )
    assert found.gap <= 1e-9 * max(1, found.loss)
    assert found.is_scored
    # Its neighbour in the grid is not far: the optimum is no artefact of one row.
    assert np.abs(np.array(min(at, key=at.get)) - found.weights).max() <= 0.05


@pytest.mark.parametrize(("metric", "kind", "options"), LOSSES)
def test_it_equals_slsqp(metric, kind, options):
    members, truth = drawn(kind, np.random.default_rng(5), m=6, n=80)

    def scored(weights):
        shares = np.maximum(weights, 0)
        return loss_at(shares / shares.sum(), members, truth, metric, options)

    peer = minimize(
        scored,
        np.full(6, 1 / 6),
        method="SLSQP",
        bounds=[(0, 1)] * 6,
        constraints={"type": "eq", "fun": lambda weights: weights.sum() - 1},
        options={"ftol": 1e-13, "maxiter": 300},
    )
    found = simplex_weights(members, truth, metric, kind=kind, options=options)
    assert found.loss <= peer.fun + 1e-10
    np.testing.assert_allclose(found.weights, peer.x / peer.x.sum(), atol=2e-4)


@pytest.mark.parametrize(("metric", "kind", "options"), LOSSES)
def test_weights_above_zero_have_one_slope_and_no_other_has_a_lower_one(metric, kind, options):
    members, truth = drawn(kind, np.random.default_rng(7), m=5, n=60)
    weights = simplex_weights(members, truth, metric, kind=kind, options=options).weights
    h = 1e-6  # towards each member: differences from both sides where the member has a weight
    slopes = []
    for vertex in np.eye(5):
        near = [loss_at(weights + t * (vertex - weights), members, truth, metric, options)
                for t in (0, h)]  # fmt: skip
        slopes.append((near[1] - near[0]) / h)
    scale = max(1.0, loss_at(weights, members, truth, metric, options))
    assert min(slopes) > -1e-4 * scale
    np.testing.assert_allclose(np.array(slopes)[weights > 1e-6], 0, atol=1e-4 * scale)
    assert weights.sum() == pytest.approx(1, abs=1e-15)
    assert (weights >= 0).all()


eighths = st.integers(0, 8).map(lambda k: k / 8)


@st.composite
def awkward(draw):
    """Binary members with zeros, ones, twins and constants."""
    m, n = draw(st.integers(1, 4)), draw(st.integers(1, 6))
    members = draw(hnp.arrays(np.float64, (m, n), elements=eighths))
    if m > 1 and draw(st.booleans()):
        members[-1] = members[0]
    if draw(st.booleans()):
        members[0] = draw(eighths)
    truth = draw(hnp.arrays(np.int64, (n,), elements=st.integers(0, 1)))
    return members, truth


ROUNDED = (  # here the loss stops to fall, by rounding, before the gap is closed
    np.array([[0.125, 0.125, 0, 0, 0.5, 0.875], [1, 0.25, 0, 0, 0, 0]]),
    np.array([0, 1, 0, 0, 1, 0]),
)


@settings(max_examples=60, deadline=None)
@example(ROUNDED, "log_loss")
@given(awkward(), st.sampled_from(["log_loss", "brier", "weighted_log_loss"]))
def test_the_gap_is_no_less_than_what_is_missed(problem, metric):
    members, truth = problem
    found = simplex_weights(members, truth, metric, kind="binary")
    assert found.weights.sum() == pytest.approx(1, abs=1e-12)
    assert (found.weights >= 0).all()
    best = best_plainly(metric, members, truth, 6 if len(members) > 3 else 20)
    assert found.loss - best <= found.gap + 1e-12
    assert found.gap < 1e-9
    assert found.loss == pytest.approx(loss_at(found.weights, members, truth, metric, {}), abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(1e-4, 0.2))
def test_the_gap_holds_for_a_metric_that_clips_much(seed, eps):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, 12)
    members = np.where(rng.random((3, 12)) < 0.3, 1 - truth, truth) * rng.choice(
        [1.0, 0.9], (3, 12)
    )
    found = simplex_weights(members, truth, "log_loss", kind="binary", options={"eps": eps})
    best = best_plainly("log_loss", members, truth, 16, eps)
    assert found.loss - best <= found.gap + 1e-12
    assert found.loss == pytest.approx(
        loss_at(found.weights, members, truth, "log_loss", {"eps": eps})
    )


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.0, 0.7))
def test_the_gap_holds_where_rows_do_not_sum_to_one(seed, spread):
    rng = np.random.default_rng(seed)
    members, truth = drawn("multiclass", rng, m=3, n=12)
    members = members * rng.uniform(1 - spread, 1, (3, 12, 1)) * rng.uniform(0.3, 1, (3, 1, 1))
    found = simplex_weights(members, truth, "log_loss")
    best = best_plainly("log_loss", members, truth, 16)
    assert found.loss == pytest.approx(loss_at(found.weights, members, truth, "log_loss", {}))
    assert found.loss - best <= found.gap + 1e-12


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_the_bound_lies_below_the_loss_of_all_weights_wherever_it_is_taken(seed):
    rng = np.random.default_rng(seed)
    members, truth = drawn("multiclass", rng, m=3, n=12)
    members = members * rng.uniform(0.5, 1, (3, 12, 1)) * rng.uniform(0.3, 1, (3, 1, 1))
    right, sums = members[:, np.arange(12), truth], members.sum(axis=2)
    loss = LogLoss(right, np.full(12, 1 / 12), 1e-15, sums=sums)
    at = rng.dirichlet(np.ones(3))
    bound = loss.lower_bound(at, loss.image(at))
    assert bound <= best_plainly("log_loss", members, truth, 12) + 1e-12


@settings(max_examples=25, deadline=None)
@given(awkward(), st.integers(0, 100))
def test_another_member_never_makes_the_optimum_worse(problem, seed):
    members, truth = problem
    more = np.vstack([members, np.random.default_rng(seed).random((1, len(truth)))])
    before, after = (simplex_weights(x, truth, "log_loss", kind="binary") for x in (members, more))
    assert after.loss <= before.loss + after.gap + 1e-12


@pytest.mark.parametrize(("metric", "kind", "options"), LOSSES)
def test_members_in_another_order_have_their_weights_in_that_order(metric, kind, options):
    members, truth = drawn(kind, np.random.default_rng(3), m=6, n=50)
    order = np.array([4, 0, 5, 2, 1, 3])
    first, other = (
        simplex_weights(x, truth, metric, kind=kind, options=options).weights
        for x in (members, members[order])
    )
    np.testing.assert_allclose(other, first[order], atol=1e-6)


def test_twins_share_their_weight_and_change_nothing_else():
    members, truth = drawn("binary", np.random.default_rng(1), m=3, n=60)
    alone = simplex_weights(members, truth, "log_loss", kind="binary")
    twice = simplex_weights(
        np.concatenate([members, members[:1]]), truth, "log_loss", kind="binary"
    )
    assert twice.loss == pytest.approx(alone.loss, abs=1e-12)
    assert twice.weights[0] == pytest.approx(twice.weights[3], rel=1e-3)
    np.testing.assert_allclose(twice.weights[0] + twice.weights[3], alone.weights[0], rtol=1e-4)


def test_a_member_that_is_sure_and_wrong_once_keeps_a_weight_where_another_saves_the_row():
    truth = np.ones(1000, dtype=np.int64)
    sure = np.full(1000, 0.99)
    sure[0] = 0.0  # the log loss of this row alone would be 34.5
    members = np.stack([sure, np.full(1000, 0.5)])
    found = simplex_weights(members, truth, "log_loss", kind="binary")
    # Σ_r ln q_r = 999 ln(0.99 - 0.49 w) + ln(0.5 w) is highest where this slope is 0.
    w = found.weights[1]
    assert 999 * 0.49 / (0.99 - 0.49 * w) == pytest.approx(1 / w, rel=1e-4)
    assert found.gap < 1e-10


@pytest.mark.parametrize(
    ("metric", "kind"), [("log_loss", "binary"), ("brier", "multiclass"), ("rmse", "regression")]
)
def test_a_lone_member_weighs_everything(metric, kind):
    members, truth = drawn(kind, np.random.default_rng(0), m=1)
    found = simplex_weights(members, truth, metric, kind=kind)
    assert found.weights.tolist() == [1]
    assert found.loss == pytest.approx(loss_at([1], members, truth, metric, {}))
    assert found.gap == pytest.approx(0, abs=1e-12)


def test_members_that_know_everything_or_nothing():
    truth = np.arange(20) % 2
    known = simplex_weights(
        np.stack([truth, 1 - truth]).astype(float), truth, "log_loss", kind="binary"
    )
    assert known.weights.tolist() == [1, 0]
    assert known.loss == pytest.approx(0, abs=1e-14)
    # All say 0 of what is right: clipped, every weight costs ln 1e15.
    wrong = simplex_weights(np.stack([1.0 - truth] * 2), truth, "log_loss", kind="binary")
    assert wrong.loss == pytest.approx(np.log(1e15))
    assert wrong.gap < 1e-10


def test_a_truth_of_one_class_takes_the_member_with_its_highest_probability():
    members = np.stack([np.full((9, 3), [0.5, 0.3, 0.2]), np.full((9, 3), [0.7, 0.2, 0.1])])
    assert simplex_weights(members, np.zeros(9, int), "log_loss").weights.tolist() == [0, 1]
    one_column = simplex_weights(members[:, :, 0], np.zeros(9, int), "brier", kind="binary")
    assert one_column.weights.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("metric", "kind", "name"),
    [("accuracy", "binary", "log loss"), ("auc", "multilabel", "log loss"),
     ("accuracy", "multiclass", "log loss"), ("mae", "regression", "squared error"),
     ("qwk", "ordinal", "squared error")],
)  # fmt: skip
def test_a_metric_that_is_not_smooth_is_replaced_by_the_proper_loss_with_a_note(metric, kind, name):
    rng = np.random.default_rng(2)
    members, truth = drawn("regression" if kind == "ordinal" else kind, rng)
    truth = np.clip(np.round(truth), 0, 4).astype(int) if kind == "ordinal" else truth
    found = simplex_weights(members, truth, metric, kind=kind)
    proper = {"log loss": "log_loss", "squared error": "rmse"}[name]
    smooth = simplex_weights(members, truth, proper, kind=kind)
    assert (found.name, found.is_scored) == (name, False)
    np.testing.assert_array_equal(found.weights, smooth.weights)
    scorer = LabelScorer.of(metric, truth, n_outputs=members.shape[2], kind=kind)
    made = load_method("simplex").fitted(members, scorer, seed=0)
    assert made.weights == tuple(found.weights)
    assert made.notes[0].startswith(
        f"{metric} changes in steps, so weights are fitted by the {name}: "
    )
    assert made.notes[0].endswith(f"no other weights of these members have a lower {name}")


def test_r2_is_best_where_the_squared_error_is_lowest():
    members, truth = drawn("regression", np.random.default_rng(4))
    found, by_error = (
        simplex_weights(members, truth, one, kind="regression") for one in ("r2", "rmse")
    )
    assert found.is_scored
    np.testing.assert_array_equal(found.weights, by_error.weights)


def test_a_function_with_the_name_of_a_metric_is_not_taken_for_it():
    def log_loss(truth, probs):
        return -float(np.abs(truth - probs[:, 0]).mean())

    members, truth = drawn("binary", np.random.default_rng(4))
    assert not simplex_weights(members, truth, log_loss, kind="binary").is_scored


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_small_floats_are_computed_in_float64(dtype):
    members, truth = drawn("multiclass", np.random.default_rng(6), n=200)
    small = members.astype(dtype)
    found = simplex_weights(small, truth, "log_loss")
    assert found.loss == pytest.approx(
        loss_at(found.weights, small, truth, "log_loss", {}), abs=1e-12
    )
    best = min(loss_at(w, small, truth, "log_loss", {}) for w in grid(3, 30))
    assert found.loss <= best
    assert found.gap < {np.float16: 1e-6, np.float32: 1e-11}[dtype]


def test_of_thousands_of_classes_those_that_are_not_listed_count_their_share():
    members, truth = drawn("multiclass", np.random.default_rng(8), n=60, c=9)
    cut = [TopK.of(one.astype(np.float32), 3) for one in members]
    scorer = LabelScorer.of("log_loss", truth, n_outputs=9, kind="multiclass")
    got = load_method("simplex").fitted(TopKMembers(cut), scorer, seed=0)
    dense = np.stack([one.dense() for one in cut])
    np.testing.assert_allclose(
        got.weights, simplex_weights(dense, truth, "log_loss").weights, atol=1e-5
    )


def test_rows_of_no_known_class_cost_the_same_whatever_the_weights():
    members, truth = drawn("multiclass", np.random.default_rng(9), n=40)
    some = truth.copy()
    some[::4] = -1
    got = simplex_weights(members, some, "accuracy", kind="multiclass").weights
    known = simplex_weights(members[:, some >= 0], some[some >= 0], "log_loss").weights
    np.testing.assert_array_equal(got, known)


@pytest.mark.parametrize(("metric", "power"), [("log_loss", None), ("brier", 2)])
def test_unknown_cells_of_a_row_cost_nothing_and_its_others_do(metric, power):
    members, truth = drawn("multilabel", np.random.default_rng(10), n=40)
    some = np.where(np.arange(truth.size).reshape(truth.shape) % 4 == 1, -1, truth)
    found = simplex_weights(members, some, metric, kind="multilabel")
    known = some >= 0
    mean = np.tensordot(np.array(list(grid(3, 40))), members[:, known], 1)
    right = np.where(some[known] == 1, mean, 1 - mean)
    losses = (-np.log(right) if power is None else (1 - right) ** power).mean(axis=1)
    assert losses.min() - 1e-3 < found.loss <= losses.min() + 1e-12


def test_what_cannot_be_fitted_is_refused():
    members, truth = drawn("binary", np.random.default_rng(0))
    with pytest.raises(DataError, match="0 or 1"):
        simplex_weights(members, np.where(truth == 1, -1, 0), "auc", kind="binary")
    with pytest.raises(DataError, match="member 1 predicts 3, which is no probability"):
        simplex_weights(
            np.where(np.arange(3)[:, None, None] == 1, 3.0, members),
            truth,
            "log_loss",
            kind="binary",
        )
    with pytest.raises(DataError, match="not finite"):
        simplex_weights(members * np.nan, truth, "log_loss", kind="binary")
    with pytest.raises(DataError, match="30 rows, the truth has 29"):
        simplex_weights(members, truth[1:], "log_loss", kind="binary")
    with pytest.raises(DataError, match="0 or 1"):
        simplex_weights(members, truth + 1, "auc", kind="binary")
    several, classes = drawn("multiclass", np.random.default_rng(0))
    several[2, 5] = 0
    with pytest.raises(DataError, match="member 2 gives no class of row 5 a probability"):
        simplex_weights(several, classes, "log_loss")
    for metric in ("accuracy", "brier"):
        with pytest.raises(DataError, match="no row's true class is among the 3 columns"):
            simplex_weights(several, classes - 9, metric, kind="multiclass")
    two = LabelScorer.of("auc", truth[:, None].repeat(2, 1), n_outputs=2, kind="multilabel")
    with pytest.raises(DataError, match=r"0 or 1 in 3 columns, got \(30, 2\)"):
        simplex.fit_simplex(several, two)
    with pytest.raises(UsageError, match="several classes are right"):
        simplex_weights(several, np.stack([classes, classes], 1), "map_at_k", kind="multiclass")


BY_OUTPUT = ("log_loss_by_output", "multioutput[2,2]")


@pytest.mark.parametrize(
    ("metric", "kind", "options", "value", "is_refused"),
    [
        ("log_loss", "multiclass", {}, -0.1, True),
        ("log_loss", "multiclass", {}, 1.5, False),  # divided by the sum of its row
        ("log_loss", "multiclass", {"rescale": False}, 1.5, True),
        (*BY_OUTPUT, {"outputs": [2, 2]}, -0.1, True),
        (*BY_OUTPUT, {"outputs": [2, 2]}, 1.5, False),
        (*BY_OUTPUT, {"outputs": [2, 2], "rescale": False}, 1.5, True),
        (*BY_OUTPUT, {"outputs": [2, 2], "rescale": False}, 0.7, False),
        ("log_loss", "multiclass", {"rescale": False}, 0.7, False),
        ("log_loss", "multilabel", {}, 1.5, True),
    ],
)
def test_what_is_no_probability_is_refused(metric, kind, options, value, is_refused):
    n_columns = 4 if kind.startswith("multioutput") else 3
    members = np.random.default_rng(1).uniform(0.1, 0.9, (2, 8, n_columns))
    members[:, 5:] /= members[:, 5:].sum(axis=2, keepdims=True)
    members[0, 0] = 1 / 2 if n_columns == 4 else 1 / 3  # sums that are 1, and need no division
    members[1, 3, 2] = value
    truth = np.arange(8) % 3 if kind == "multiclass" else np.tile([1, 0, 0, 1][:n_columns], (8, 1))
    task = image_kind(kind)
    scorer = LabelScorer.of(metric, truth, n_outputs=n_columns, kind=task, options=options)
    if not is_refused:
        found = simplex.fit_simplex(members, scorer)
        assert found.loss == pytest.approx(scorer.score(np.tensordot(found.weights, members, 1)))
        return
    with pytest.raises(DataError, match=f"member 1 predicts {value:g}, which is no probability"):
        simplex.fit_simplex(members, scorer)
    if kind == "multilabel":
        with pytest.raises(DataError, match=r"member 1 predicts .*, which is no probability"):
            fit_columns(members, scorer)


def test_a_member_without_a_probability_for_an_output_is_named():
    members, truth = np.full((3, 5, 4), 0.5), np.tile([1, 0, 0, 1], (5, 1))
    members[2, 1, 2:] = 0
    scorer = LabelScorer.of(
        BY_OUTPUT[0], truth, n_outputs=4, kind=image_kind(BY_OUTPUT[1]), options={"outputs": [2, 2]}
    )
    with pytest.raises(DataError, match="member 2 gives no class of an output a probability"):
        simplex.fit_simplex(members, scorer)


@pytest.mark.parametrize("metric", ["log_loss", "brier", "weighted_log_loss"])
def test_columns_are_fitted_to_what_is_known_of_them(metric):
    """Of a column nothing, of one a single row; one that the metric does not count is fitted."""
    members, truth = drawn("multilabel", np.random.default_rng(12), n=30, c=4)
    truth[:, 0], truth[1:, 1], truth[:9, 2] = -1, -1, -1
    members[:, 0, 1] = 0.3, 0.6, 0.5
    options = {"weights": [1, 2, 0, 3], "over": "row"} if metric == "weighted_log_loss" else {}
    scorer = LabelScorer.of(metric, truth, n_outputs=4, kind="multilabel", options=options)
    found = fit_columns(members, scorer)
    np.testing.assert_allclose(found[0].weights, 1 / 3)
    weights = np.array(list(grid(3, 60)))
    for c in (1, 2, 3):
        known = truth[:, c] >= 0
        positive = truth[known, c] == 1
        mean = np.tensordot(weights, members[:, known, c], 1)
        right = np.where(positive, mean, 1 - mean)
        losses = (1 - right) ** 2 if metric == "brier" else -np.log(right)
        share = 1 + positive if options and c != 2 else np.ones(len(positive))
        least = (losses @ share / share.sum()).min()
        assert least - 1e-3 < found[c].loss <= least + 1e-12


def test_numbers_of_columns_are_fitted_to_those_that_are_known():
    rng = np.random.default_rng(13)
    truth = rng.normal(size=(40, 2))
    members = truth + rng.normal(size=(3, 40, 2)) * [[[0.5]], [[1.0]], [[1.5]]]
    truth[:15, 1] = np.nan
    known = np.isfinite(truth)
    found = simplex_weights(members, truth, "rmse", kind="multitarget")
    off = np.tensordot(np.array(list(grid(3, 60))), members[:, known], 1) - truth[known]
    least = (off**2).mean(axis=1).min()
    assert least - 1e-3 < found.loss <= least + 1e-12
    angles = rng.uniform(0, 360, 40)
    vectors = np.stack([np.cos(np.deg2rad(angles)), np.sin(np.deg2rad(angles))], axis=1)
    near = vectors + rng.normal(size=(2, 40, 2))
    turned = simplex_weights(near, angles, "mean_angular_error", kind="angle")
    off = np.tensordot(turned.weights, near, 1) - vectors
    assert turned.loss == pytest.approx((off**2).mean())


def form_of(form, rng, m=3, n=20):
    """A loss of drawn cells."""
    members, share = rng.uniform(0.1, 0.9, (m, n)), rng.dirichlet(np.ones(n))
    return {
        "squares": SquaredError.of(members[..., None], rng.random((n, 1)), 1 / n),
        "cells": LogLoss(members, share, 1e-15, rng.random(n) < 0.4),
        "rows with sums": LogLoss(members, share, 1e-15, sums=members + rng.random((m, n))),
    }[form]


FORMS = ["squares", "cells", "rows with sums"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("block", [1, 14])
def test_blocks_of_cells_change_nothing(form, block, monkeypatch):
    weights, change, members = np.array([0.5, 0, 0.5]), np.array([-0.5, 0.3, 0.2]), np.array([0, 2])
    found = []
    for size in (simplex.BLOCK, block):
        monkeypatch.setattr(simplex, "BLOCK", size)
        loss = form_of(form, np.random.default_rng(0))
        image = loss.image(weights)
        found.append([image, loss.value(image), loss.gradient(image), loss.hessian(image, members),
                      loss.lower_bound(weights, image), loss.image(change)])  # fmt: skip
    for whole, in_blocks in zip(*found, strict=True):
        np.testing.assert_allclose(in_blocks, whole, rtol=1e-12)


@pytest.mark.parametrize("s", [None, 0.8, 2.0])
def test_a_cell_costs_its_logarithm_and_below_a_floor_the_tangent(s):
    """The tangent through (0, -ln eps) touches at e · eps: by hand, for one member and one cell."""
    eps = 0.02
    largest = 1.0 if s is None else s
    for q in (0.0, 0.01, 0.05, 0.06, 0.3, 0.5, 0.995):
        sums = None if s is None else np.array([[s]])
        loss = LogLoss(np.array([[q * largest]]), np.ones(1), eps, sums=sums)
        image = loss.image(np.ones(1))
        is_low = q < eps * np.e
        expected = -np.log(eps) - q / (eps * np.e) if is_low else -np.log(q)
        assert loss.value(image) == pytest.approx(expected)
        assert loss.scored(image) == pytest.approx(-np.log(min(max(q, eps), 1 - eps)))
        bent = loss.hessian(image, np.array([0]))
        assert bent.item() == pytest.approx(0.0 if is_low else 1.0)


def test_a_step_takes_no_cell_below_a_tenth():
    values = np.array([[0.5, 0.9, 1e-9], [0.0, 0.2, 0.0], [0.4, 0.9, 0.0]])
    loss = LogLoss(values, np.full(3, 1 / 3), 1e-6)
    image = loss.image(np.array([1.0, 0, 0]))
    # The first cell would lose all, the third as well, but it lies where the loss is a line.
    assert loss.longest(image, loss.image(np.array([-1.0, 1, 0]))) == pytest.approx(0.9)
    assert loss.longest(image, loss.image(np.array([-1.0, 0, 1]))) == 1.0


class HighError(SquaredError):
    """A squared error far above zero, where rounding hides by how much it falls."""

    def value(self, image):
        return 1e8 + super().value(image)

    def hessian(self, image, members):
        return 2 * super().hessian(image, members)  # steps are halved, so that there are many


def test_where_rounding_hides_that_the_loss_falls_the_gap_shows_the_way():
    found = minimise(HighError(np.diag([1.0, 2.0, 4.0])), np.array([0.5, 0.25, 0.25]))
    np.testing.assert_allclose(found, np.array([4, 2, 1]) / 7, atol=1e-7)


class FlatterError(SquaredError):
    """A squared error whose curvature is told too small, so that steps go too far."""

    factor = 2.0

    def hessian(self, image, members):
        return super().hessian(image, members) / self.factor


@pytest.mark.parametrize("factor", [2.0, 3.0, 7.0])
@pytest.mark.parametrize("unit", [1e-9, 1.0])
def test_steps_that_go_too_far_are_shortened_until_the_loss_falls(factor, unit, monkeypatch):
    """With half the curvature a step ends where the loss is what it was, on the other side."""
    loss = FlatterError(unit * np.diag([1.0, 2.0, 4.0]))
    monkeypatch.setattr(FlatterError, "factor", factor)
    found = minimise(loss, np.array([0.5, 0.25, 0.25]))
    np.testing.assert_allclose(found, np.array([4, 2, 1]) / 7, atol=1e-4)


def test_weights_off_the_simplex_are_brought_onto_it():
    np.testing.assert_allclose(simplex._on_simplex(np.array([0.3, -0.1, 0.9])), [0.25, 0, 0.75])


@pytest.mark.parametrize("form", FORMS)
def test_the_minimum_is_found_from_wherever_the_search_begins(form):
    n_used = 0
    for seed in range(4):
        loss = form_of(form, np.random.default_rng(seed), m=4, n=30)
        found = [minimise(loss, start) for start in (*np.eye(4), np.full(4, 1 / 4))]
        for one in found[1:]:
            np.testing.assert_allclose(one, found[0], atol=1e-4)
        n_used = max(n_used, int((found[0] > 1e-3).sum()))
    assert n_used > 1


@pytest.mark.parametrize("form", FORMS)
def test_slopes_and_curvatures_are_those_of_finite_differences(form):
    loss = form_of(form, np.random.default_rng(11))
    weights, step = np.array([0.5, 0.2, 0.3]), 1e-5
    ends = [[loss.image(weights + s * one) for s in (step, -step)] for one in np.eye(3)]
    slopes = [(loss.value(up) - loss.value(down)) / (2 * step) for up, down in ends]
    image = loss.image(weights)
    np.testing.assert_allclose(loss.gradient(image), slopes, rtol=1e-6)
    bent = [(loss.gradient(up) - loss.gradient(down)) / (2 * step) for up, down in ends]
    above = loss.hessian(image, np.arange(3)) - bent
    if form == "rows with sums":  # their own curvature is below 0, and left out
        assert np.linalg.eigvalsh(above).min() > -1e-6
        assert np.trace(above) > 1e-3
    else:
        np.testing.assert_allclose(above, 0, atol=1e-6)


def test_arguments_are_not_changed():
    members, truth = drawn("multilabel", np.random.default_rng(0))
    before = members.copy()
    simplex_weights(members, truth, "weighted_log_loss")
    np.testing.assert_array_equal(members, before)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 7))
def test_a_quadratic_is_as_low_as_its_best_support_makes_it(seed, m):
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(m, m + 1))
    hessian, linear = root @ root.T, rng.normal(size=m)

    def value(v):
        return v @ hessian @ v / 2 + linear @ v

    expected = np.inf
    for size in range(1, m + 1):  # every support, solved by itself
        for support in map(list, itertools.combinations(range(m), size)):
            system = np.zeros((size + 1, size + 1))
            system[:size, :size] = hessian[np.ix_(support, support)]
            system[size, :size] = system[:size, size] = 1
            inside = np.linalg.solve(system, [*-linear[support], 1])[:size]
            if (inside >= 0).all():
                v = np.zeros(m)
                v[support] = inside
                expected = min(expected, value(v))
    # From where members leave, and join; in any unit.
    for start, unit in itertools.product((np.full(m, 1 / m), np.eye(m)[0]), (1e-12, 1.0, 1e12)):
        found = quadratic_minimum(unit * hessian, unit * linear, start)
        assert found.sum() == pytest.approx(1)
        assert value(found) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("scale", [1e-9, 1e-6, 1e6])
def test_weights_do_not_depend_on_the_unit_of_the_numbers(scale):
    rng = np.random.default_rng(3)
    truth = rng.normal(size=60)
    members = truth + rng.normal(size=(3, 60)) * np.array([[0.5], [0.8], [1.2]])
    plain = simplex_weights(members, truth, "rmse", kind="regression").weights
    scaled = simplex_weights(members * scale, truth * scale, "rmse", kind="regression").weights
    assert max(plain) < 0.9
    np.testing.assert_allclose(scaled, plain, atol=1e-5)


def test_members_that_are_zero_everywhere_have_weights_too():
    found = simplex_weights(np.zeros((2, 5)), np.arange(5.0), "rmse", kind="regression")
    assert sum(found.weights) == pytest.approx(1)
    assert min(found.weights) >= 0


@given(seed=st.integers(0, 2**16), m=st.integers(2, 4))
@settings(max_examples=15, deadline=None)
def test_no_weights_are_below_the_bound_of_a_squared_error_which_the_best_reach(seed, m):
    rng = np.random.default_rng(seed)
    members, target = rng.normal(size=(m, 20, 2)), rng.normal(size=(20, 2))
    loss = SquaredError.of(members, target, 1 / 20)
    for at in rng.dirichlet(np.ones(m), 5):
        by_hand = ((np.tensordot(at, members, 1) - target) ** 2).sum() / 20
        assert loss.value(loss.image(at)) == pytest.approx(by_hand)
        bound = loss.lower_bound(at, loss.image(at))
        others = [loss.value(one) for one in rng.dirichlet(np.ones(m), 50)]
        assert bound <= min(others) + 1e-9
    best = minimise(loss, np.full(m, 1 / m))
    assert loss.lower_bound(best, best) == pytest.approx(loss.value(best), abs=1e-6)


@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8])
def test_what_is_solved_can_be_inverted_where_members_are_equal_or_zero(scale):
    rows = np.random.default_rng(0).normal(size=(4, 50))
    rows[1], rows[3] = rows[0], 0
    hessian = scale * rows @ rows.T
    regular = _regular(hessian)
    sizes = np.linalg.eigvalsh(regular)
    assert sizes.min() > 0
    assert sizes.min() < 1e-9 * sizes.max()
    np.testing.assert_allclose(regular, hessian, rtol=1e-9, atol=1e-9 * scale)
    np.testing.assert_allclose(_regular(np.zeros((2, 2))), RIDGE * np.eye(2))
