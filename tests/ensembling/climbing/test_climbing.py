"""Picks of hill climbing by bounds against a loop that makes and scores every mean."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.competition import metrics
from podium.ensembling.climbing._kernels import lead, of_the_true_class
from podium.ensembling.hill_climbing import PlainAdditions, additions_of, climb, known_dtype
from podium.errors import DataError
from podium.tuning.scoring import LabelScorer

# metric, its options, kind, columns
CASES: list[tuple[str, dict[str, Any], Any, int]] = [
    ("auc", {}, "binary", 1),
    ("auc", {"undefined": "skip"}, "multiclass", 3),
    ("auc", {"average": "weighted", "undefined": "skip"}, "multilabel", 3),
    ("auc", {"average": "micro"}, "multilabel", 2),
    ("log_loss", {}, "binary", 1),
    ("log_loss", {"eps": 0.1}, "binary", 1),
    ("log_loss", {}, "multilabel", 3),
    ("log_loss", {}, "multiclass", 3),
    ("log_loss", {"rescale": False}, "multiclass", 9),
    ("accuracy", {}, "binary", 1),
    ("accuracy", {}, "multiclass", 4),
    ("f1", {}, "binary", 1),
    ("f1", {"average": "micro"}, "multiclass", 3),
    ("macro_f1", {"labels": "truth"}, "multiclass", 3),
    ("macro_f1", {"zero_division": 1}, "multiclass", 4),
    ("fbeta", {"average": "macro", "labels": [0, 2]}, "multiclass", 3),
    ("balanced_accuracy", {}, "multiclass", 3),
    ("mcc", {"undefined": "zero"}, "multiclass", 3),
    ("qwk", {"undefined": "zero"}, "ordinal", 1),
    ("qwk", {"undefined": "one"}, "multiclass", 4),
    ("mae", {}, "ordinal", 1),
    ("accuracy", {}, "ordinal", 1),
    ("brier", {}, "binary", 1),
    ("brier", {}, "multilabel", 3),
    ("brier", {}, "multiclass", 3),
    ("rmse", {}, "regression", 1),
    ("rmse", {}, "ordinal", 1),
]


def plain_climb(
    members: np.ndarray, scorer: LabelScorer, rounds: int, patience: int, allowed: list[int]
) -> tuple[list[int], list[int]]:
    """Return all picks, and those of the best round: every mean is made and scored."""
    metric, picks, best, best_score = scorer.metric, [], [], None
    for _ in range(rounds if len(allowed) > 1 else 1):
        total = np.zeros(members.shape[1:])
        for pick in picks:
            total += members[pick]
        found, found_score = None, None
        for m in allowed:
            score = scorer.of_probs((total + members[m]) / (len(picks) + 1))
            if found is None or metric.is_better(score, found_score):
                found, found_score = m, score
        picks.append(found)
        if best_score is None or metric.is_better(found_score, best_score):
            best, best_score = list(picks), found_score
        elif len(picks) - len(best) >= patience:
            break
    return picks, best


def weights_of(picks: list[int], n_members: int) -> list[float]:
    return [picks.count(m) / len(picks) for m in range(n_members)]


def same_as_plain(members: np.ndarray, scorer: LabelScorer, *, rounds: int, patience: int) -> None:
    refused = None
    try:
        _, picks = plain_climb(members, scorer, rounds, patience, list(range(len(members))))
    except DataError as error:
        refused = error.message
    if refused is not None:
        with pytest.raises(DataError) as caught:
            climb(members, scorer, rounds=rounds, patience=patience)
        assert caught.value.message == refused
        return
    got = climb(members, scorer, rounds=rounds, patience=patience)
    assert got.tolist() == weights_of(picks, len(members))


@st.composite
def problems(draw: Any) -> tuple[np.ndarray, LabelScorer]:
    name, options, kind, n_columns = draw(st.sampled_from(CASES))
    n_members, n = draw(st.integers(1, 5)), draw(st.integers(1, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    form = draw(st.sampled_from(["smooth", "coarse", "sure"]))
    members = rng.random((n_members, n, n_columns))
    if form == "coarse":  # eighths tie, within a row, a column and between members
        members = np.round(members * 8) / 8
    if form == "sure":  # near 0 and 1, and some of them exactly so
        members = 1 / (1 + np.exp(-40 * (members - 0.5)))
        members[rng.random(members.shape) < 0.2] = 0
        members[rng.random(members.shape) < 0.1] = 1
    scale = {"regression": 2000.0, "ordinal": 3.0}.get(kind, 1.0)
    if kind == "multiclass":
        members += 1e-3 if name in ("log_loss", "brier") else 0
        members /= np.maximum(members.sum(axis=2, keepdims=True), 1e-9)
    members = (members * scale).astype(draw(st.sampled_from([np.float32, np.float64, np.float16])))
    if n_members > 1:
        change = draw(st.sampled_from(["none", "twin", "constant", "a bit"]))
        if change == "twin":
            members[-1] = members[0]
        elif change == "constant":
            members[0] = members[0, 0]
        elif change == "a bit":  # the last bit of one number tells two members apart
            members[-1] = members[0]
            members[-1, 0, 0] = np.nextafter(members[0, 0, 0], members.dtype.type(0))
    if kind == "multilabel":
        truth = rng.integers(0, 2, (n, n_columns))
    elif kind == "regression":
        truth = rng.random(n) * scale
    else:
        n_classes = {"binary": 2, "ordinal": 4}.get(kind, n_columns)
        truth = rng.integers(0, draw(st.integers(1, n_classes)), n)
    scorer = LabelScorer.of(
        name, truth, n_outputs=n_columns, kind=kind, options=options, n_classes=4
    )
    return members, scorer


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(problems(), st.integers(1, 12), st.integers(1, 12))
def test_weights_are_those_of_the_plain_loop(
    problem: tuple[np.ndarray, LabelScorer], rounds: int, patience: int
) -> None:
    same_as_plain(*problem, rounds=rounds, patience=patience)


@pytest.mark.slow
@settings(max_examples=50, deadline=None)
@given(problems(), st.lists(st.integers(0, 100), max_size=10))
def test_bounds_hold_the_score_and_scores_are_the_plain_ones(
    problem: tuple[np.ndarray, LabelScorer], some_picks: list[int]
) -> None:
    members, scorer = problem
    picks = tuple(pick % len(members) for pick in some_picks)
    additions, plain = additions_of(members, scorer), PlainAdditions(members, scorer)
    try:
        expected = [plain.score((*picks, m)) for m in range(len(members))]
    except DataError:
        return
    assert [additions.score((*picks, m)) for m in range(len(members))] == expected
    bounds = additions.bounds(picks, np.arange(len(members)))
    if bounds is not None:
        assert (bounds[0] <= expected).all()
        assert (expected <= bounds[1]).all()


def case_of(
    name: str, options: dict[str, Any], kind: Any, n_columns: int, *, m: int, n: int
) -> tuple[np.ndarray, LabelScorer]:
    """Return `m` members that predict `n` rows of each class of a case."""
    rng = np.random.default_rng(0)
    members = rng.dirichlet(np.ones(n_columns + 1), (m, n))[..., :n_columns]
    if kind == "multiclass":
        members /= members.sum(axis=2, keepdims=True)
    truth = rng.permutation(np.arange(n) % (2 if kind == "binary" else max(2, n_columns)))
    if kind == "multilabel":
        truth = (np.arange(n)[:, None] + np.arange(n_columns)) % 2
    scorer = LabelScorer.of(
        name, truth, n_outputs=n_columns, kind=kind, options=options, n_classes=4
    )
    return members, scorer


@pytest.mark.parametrize(("name", "options", "kind", "n_columns"), CASES)
def test_no_case_goes_the_plain_way(
    name: str, options: dict[str, Any], kind: Any, n_columns: int
) -> None:
    members, scorer = case_of(name, options, kind, n_columns, m=3, n=30)
    assert not isinstance(additions_of(members, scorer), PlainAdditions)


@pytest.mark.parametrize(("name", "options", "kind", "n_columns"), CASES)
@pytest.mark.parametrize(("m", "n"), [(60, 10), (3, 600)])
def test_bounds_hold_and_are_narrow_for_many_members_of_few_rows_and_few_of_many(
    name: str, options: dict[str, Any], kind: Any, n_columns: int, m: int, n: int
) -> None:
    """What is wide holds any score, but rules out no member: every mean would be made."""
    members, scorer = case_of(name, options, kind, n_columns, m=m, n=n)
    additions, plain = additions_of(members, scorer), PlainAdditions(members, scorer)
    allowed = np.array([2, 0])
    for picks in ((), (1,), (0, 2, 2), tuple(np.arange(40) % m)):
        bounds = additions.bounds(picks, allowed)
        assert bounds is not None
        expected = [plain.score((*picks, pick)) for pick in allowed]
        assert (bounds[0] <= expected).all()
        assert (expected <= bounds[1]).all()
        width = bounds[1] - bounds[0]
        if name == "auc":
            assert n < 100 or (width < 2e-3).all()
        else:
            assert (width <= 1e-10 * np.abs(expected)).all()


def test_what_a_file_does_not_know_goes_the_plain_way() -> None:
    rng = np.random.default_rng(0)
    members, truth = rng.random((3, 20, 1)), np.arange(20) % 2

    def is_plain(metric: Any, probs: Any = members, right: Any = truth, **given: Any) -> bool:
        scorer = LabelScorer.of(metric, right, n_outputs=probs.shape[2], **given)
        return isinstance(additions_of(probs, scorer), PlainAdditions)

    def auc(truth: Any, probs: Any) -> float:
        return 1.0

    assert not is_plain("auc")
    assert is_plain(auc)  # a function of that name
    assert is_plain("auc", greater_is_better=False)
    assert is_plain("auc", right=np.zeros(20, dtype=int))
    several = np.stack([np.where(np.arange(20) % 5, truth, -1), truth], axis=1)  # -1: not known
    two: dict[str, Any] = {"probs": rng.random((3, 20, 2)), "kind": "multilabel"}
    assert not is_plain("auc", right=several, **two)
    assert is_plain("auc", right=np.where(several < 0, -2, several), **two)
    assert is_plain("log_loss", probs=members * 2)
    assert is_plain("log_loss", options={"eps": 1e-30})
    assert is_plain("accuracy", probs=rng.random((3, 20, 2)), right=rng.integers(0, 2, (20, 2)))
    assert is_plain("macro_f1", probs=rng.random((3, 20, 2)), right=truth, options={"n_classes": 5})
    assert is_plain("log_loss", probs=rng.random((3, 20, 2)), right=truth)  # sums far from 1
    for options in ({}, {"rescale": False}):
        halves = np.full((3, 20, 2), 0.5)
        assert not is_plain("log_loss", probs=halves, right=truth, options=options)
        halves[2, 19] = 1.001, -0.001  # the sum is 1
        assert is_plain("log_loss", probs=halves, right=truth, options=options)
    halves[2, 19] = 1.001, 0.0
    assert is_plain("log_loss", probs=halves, right=truth, options={"rescale": False})
    halves[2, 19] = 1.0, 0.0
    assert not is_plain("log_loss", probs=halves, right=truth, options={"rescale": False})


@pytest.mark.parametrize("name", metrics.names())
def test_files_are_named_after_metrics_and_score_alike(name: str) -> None:
    metric = metrics.get(name)
    for kind, n_columns in (("binary", 1), ("multiclass", 3), ("ordinal", 1), ("regression", 1)):
        if kind not in metric.kinds or metric.task != "classify":
            continue
        if metric.needs in ("ranking", "confident"):
            continue
        rng = np.random.default_rng(1)
        members = rng.dirichlet(np.ones(3), (4, 25))[..., :n_columns]
        truth = np.arange(25) % {"binary": 2, "multiclass": 3, "ordinal": 3}.get(kind, 25)
        scorer = LabelScorer.of(name, truth, n_outputs=n_columns, kind=kind, n_classes=3)
        same_as_plain(members, scorer, rounds=6, patience=6)


@pytest.mark.other_cases("slow")
@pytest.mark.parametrize(
    ("name", "n_columns"), [("auc", 1), ("log_loss", 1), ("log_loss", 5), ("accuracy", 5)]
)
def test_many_rows_give_the_plain_weights(name: str, n_columns: int) -> None:
    rng = np.random.default_rng(2)
    n = 20_000
    truth = rng.integers(0, max(2, n_columns), n)
    logits = rng.normal(0, 1, (n, n_columns))
    if n_columns == 1:
        logits += truth[:, None] - 0.5
        members = [1 / (1 + np.exp(-logits - rng.normal(0, 1, (n, 1)))) for _ in range(6)]
    else:
        logits[np.arange(n), truth] += 1
        each = [np.exp(logits + rng.normal(0, 1, (n, n_columns))) for _ in range(6)]
        members = [one / one.sum(axis=1, keepdims=True) for one in each]
    values = np.stack(members).astype(np.float32)
    scorer = LabelScorer.of(name, truth, n_outputs=n_columns)
    same_as_plain(values, scorer, rounds=12, patience=12)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int8, np.longdouble])
def test_numbers_become_floats_that_hold_them_and_those_that_are_stay(dtype: Any) -> None:
    given = np.arange(12).reshape(2, 3, 2).astype(dtype)
    found = known_dtype(given.transpose(2, 1, 0))
    expected = {np.float16: np.float32, np.float32: np.float32}.get(dtype, np.float64)
    assert found.dtype == expected
    assert found.flags.c_contiguous
    np.testing.assert_array_equal(found, given.transpose(2, 1, 0))
    assert (known_dtype(given) is given) == (dtype in (np.float32, np.float64)), "not copied"


def test_bags_climb_over_the_members_that_they_have() -> None:
    rng = np.random.default_rng(3)
    members, truth = rng.random((6, 50, 1)), rng.integers(0, 2, 50)
    scorer = LabelScorer.of("auc", truth, n_outputs=1)
    draws = np.random.default_rng(7)
    each = []
    for _ in range(5):
        allowed = np.sort(draws.permutation(6)[:3]).tolist()
        each.append(weights_of(plain_climb(members, scorer, 8, 3, allowed)[1], 6))
    got = climb(members, scorer, rounds=8, patience=3, bags=5, seed=7)
    assert got.tolist() == np.mean(each, axis=0).tolist()


@pytest.mark.parametrize("n", [127, 129, 512, 2047, 2049, 5000])
@pytest.mark.parametrize("noise", [1.0, 20.0])  # nothing is clipped, and much is
def test_logarithms_of_products_hold_at_the_edges_of_blocks(n: int, noise: float) -> None:
    rng = np.random.default_rng(n)
    members = 1 / (1 + np.exp(-rng.normal(0, noise, (3, n, 1))))
    check_log_losses(members, rng.integers(0, 2, n), eps=1e-4)


@pytest.mark.parametrize("n_classes", [2, 8, 9, 17])
def test_sums_of_rows_are_those_of_all_classes(n_classes: int) -> None:
    rng = np.random.default_rng(n_classes)
    member, truth = rng.random((50, n_classes)), rng.integers(0, n_classes, 50)
    right = np.empty(50)
    apart = member.sum(axis=1) - 1
    expected = apart.mean(), np.abs(apart).max(), member.min(), member.max()
    assert of_the_true_class(member, truth, right) == pytest.approx(expected)
    np.testing.assert_array_equal(right, member[np.arange(50), truth])


def test_the_class_that_leads_is_the_likeliest_and_members_gain_what_it_lacks() -> None:
    """Of equal ones the first leads. With another leader every row is looked at for each member."""
    rng = np.random.default_rng(0)
    values = np.round(rng.random((3, 40, 4)), 1)
    highest = values.max(axis=2)
    leader, gain, most_gain = np.full(40, -1), np.zeros((3, 40)), np.zeros(40)
    for total in (values.sum(axis=0), values[1] + values[2]):
        lead(values, total, highest, leader, gain, most_gain)
        expected = highest - values[:, np.arange(40), total.argmax(axis=1)]
        np.testing.assert_array_equal(leader, total.argmax(axis=1))
        np.testing.assert_array_equal(gain, expected)
        np.testing.assert_array_equal(most_gain, expected.max(axis=0))


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("multiclass", [0.25, 0.5, 0.25], [0.5, 0.25, 0.25]),
        ("binary", [0.25], [0.75]),
        ("ordinal", [1.25], [1.75]),
    ],
)
def test_means_that_lie_at_an_edge_or_next_to_it_are_decided_as_plainly(
    kind: Any, one: list[float], other: list[float]
) -> None:
    beside = np.array([0, 1e-9, 2e-8, 4e-8, 1e-7, 3e-6])
    beside = np.concatenate([beside, -beside])[:, None]
    second = np.tile(other, (len(beside), 1))
    second[:, :1] += beside
    members = np.stack([np.tile(one, (len(beside), 1)), second])
    for right in range(len(one) if len(one) > 1 else 2):
        scorer = LabelScorer.of(
            "accuracy", np.full(len(beside), right), n_outputs=len(one), kind=kind, n_classes=4
        )
        additions, plain = additions_of(members, scorer), PlainAdditions(members, scorer)
        for picks in ((0,), (1,), (0, 1, 1)):
            bounds = additions.bounds(picks, np.arange(2))
            assert bounds is not None
            expected = [plain.score((*picks, m)) for m in range(2)]
            assert bounds[0].tolist() == bounds[1].tolist() == expected


@pytest.mark.parametrize("picks", [(), (0,), (0, 1, 2, 2)])
def test_bounds_of_an_area_hold_for_numbers_of_all_sizes(picks: tuple[int, ...]) -> None:
    rng = np.random.default_rng(1)
    members, truth = 10 ** rng.uniform(-14, 0, (3, 900, 1)), rng.integers(0, 2, 900)
    # What is tiny is in one cell: larger last bits of a smaller number are no order.
    members[:, :500, 0] = np.where(truth[:500], 2.0**-30 * (1 + 2.0**-9), 2.0**-20)
    members[:, 0] = 0
    scorer = LabelScorer.of("auc", truth, n_outputs=1)
    low, high = bounds_of_areas(members, truth, picks)
    for m in range(3):
        mean = members[[*picks, m]].mean(axis=0)
        assert low[m] <= scorer.of_probs(mean) <= high[m]


@pytest.mark.parametrize("rescale", [False, True])
@pytest.mark.parametrize("eps", [0.1, 1e-7])
def test_sure_classes_are_clipped_where_every_sum_is_one(eps: float, rescale: bool) -> None:
    """As of decisions, of 0 and 1 alone, or of thirty-seconds."""
    rng = np.random.default_rng(0)
    first = rng.integers(0, 33, (3, 40)) / 32
    first[:, :20] = rng.integers(0, 2, (3, 20))
    members, truth = np.stack([first, 1 - first], axis=2), rng.integers(0, 2, 40)
    options = {"eps": eps, "rescale": rescale}
    scorer = LabelScorer.of("log_loss", truth, n_outputs=2, kind="multiclass", options=options)
    additions, plain = additions_of(members, scorer), PlainAdditions(members, scorer)
    assert not isinstance(additions, PlainAdditions)
    for picks in ((), (1,), (0, 2, 2)):
        bounds = additions.bounds(picks, np.arange(3))
        assert bounds is not None
        expected = [plain.score((*picks, m)) for m in range(3)]
        assert (bounds[0] <= expected).all()
        assert (expected <= bounds[1]).all()
        np.testing.assert_allclose(bounds[0], bounds[1], rtol=1e-9)


def test_sure_rows_are_clipped_where_no_row_is_unsure() -> None:
    rng = np.random.default_rng(0)
    truth, of_truth = rng.integers(0, 2, 2000), 1 - 0.5 * rng.random((3, 2000)) ** 3
    members = np.where(truth, of_truth, 1 - of_truth)[..., None]
    check_log_losses(members, truth, eps=0.1)
    check_log_losses(1 - members, truth, eps=0.1)  # unsure ones, where none is sure


@pytest.mark.parametrize(
    ("prob", "n"), [(1e-6, 9000), (1e-4, 12_000), (1e-3, 20_000), (0.45, 140_000)]
)
def test_products_are_taken_apart_before_they_vanish_whatever_all_rows_have(
    prob: float, n: int
) -> None:
    """Each lane multiplies as many factors as it may: of few rows none comes near to 0."""
    members = prob * (1 + 0.01 * np.random.default_rng(0).random((3, n, 1)))
    members[0] *= 1e-6  # it adds nothing to a sum that is small already
    check_log_losses(members, np.ones(n, dtype=np.int64), eps=1e-15)


def test_products_of_many_rows_that_are_all_wrong_do_not_vanish() -> None:
    logits = np.random.default_rng(0).normal(0, 40, 20_000) + np.zeros((3, 1))
    members = 1 / (1 + np.exp(-logits[..., None]))
    check_log_losses(members, (members[0, :, 0] < 0.5).astype(np.int64), eps=1e-12, rtol=0.05)


def check_log_losses(members: Any, truth: Any, *, eps: float, rtol: float = 1e-7) -> None:
    """Compare the bounds of log losses, which are narrow, with the plain scores."""
    scorer = LabelScorer.of("log_loss", truth, n_outputs=1, options={"eps": eps})
    additions, plain = additions_of(members, scorer), PlainAdditions(members, scorer)
    for picks in ((), (1,), (0, 2, 2), (0, 1, 2) * 30):
        bounds = additions.bounds(picks, np.arange(3))
        assert bounds is not None
        expected = [plain.score((*picks, m)) for m in range(3)]
        assert (bounds[0] <= expected).all()
        assert (expected <= bounds[1]).all()
        np.testing.assert_allclose(bounds[0], bounds[1], rtol=rtol)


def test_what_rounding_does_to_members_that_are_surely_wrong_is_in_the_bounds() -> None:
    members = 1 - np.random.default_rng(0).random((3, 40, 1)) * 1e-13
    scorer = LabelScorer.of("log_loss", np.zeros(40, dtype=int), n_outputs=1)
    additions, plain = additions_of(members, scorer), PlainAdditions(members, scorer)
    for picks in ((1,), (0, 2, 2), (0, 1, 2, 2, 1, 0, 1)):
        bounds = additions.bounds(picks, np.arange(3))
        assert bounds is not None
        expected = [plain.score((*picks, m)) for m in range(3)]
        assert (bounds[0] <= expected).all()
        assert (expected <= bounds[1]).all()


def test_what_rounding_does_to_a_mean_far_from_zero_is_in_the_bounds() -> None:
    rng = np.random.default_rng(0)
    truth = 1e6 + rng.random(200)
    members = truth[None, :, None] + rng.normal(0, 1e-9, (3, 200, 1))
    scorer = LabelScorer.of("rmse", truth, n_outputs=1, kind="regression")
    additions, plain = additions_of(members, scorer), PlainAdditions(members, scorer)
    for picks in ((1,), (0, 2, 2), (0, 1, 2, 2, 1, 0, 1), (0, 1, 2) * 100):
        bounds = additions.bounds(picks, np.arange(3))
        assert bounds is not None
        expected = [plain.score((*picks, m)) for m in range(3)]
        assert (bounds[0] <= expected).all()
        assert (expected <= bounds[1]).all()


@pytest.mark.parametrize("picks", [(), (0,), (0, 1, 0)])
def test_bounds_of_an_area_are_a_thousandth_apart_and_hold_constant_members(
    picks: tuple[int, ...],
) -> None:
    """Wide bounds would hold, too, but decide nothing: every mean would be sorted."""
    rng = np.random.default_rng(5)
    truth = rng.integers(0, 2, 600)
    members = 0.3 + 0.1 * rng.random((3, 600, 1)) + 0.05 * truth[:, None]
    for scale in (1e-6, 1.0, 1e6):
        low, high = bounds_of_areas(scale * members, truth, picks)
        assert (high - low < 1e-3).all()
    np.full(4096 + 64, 1 << 30, np.int32)  # what is read behind an array is no 0
    low, high = bounds_of_areas(np.full_like(members, 0.25), truth, picks)
    assert (low <= 0.5).all()
    assert (high >= 0.5).all()


def bounds_of_areas(
    members: np.ndarray, truth: np.ndarray, picks: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray]:
    scorer = LabelScorer.of("auc", truth, n_outputs=1)
    bounds = additions_of(members, scorer).bounds(picks, np.arange(len(members)))
    assert bounds is not None
    return bounds
