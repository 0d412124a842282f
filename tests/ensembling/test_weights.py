"""Hill climbing against a plain loop over all picks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from podium.competition import metrics
from podium.ensembling import hill_climb
from podium.ensembling.hill_climbing import check_members, mean_weights
from podium.errors import DataError, UsageError

# Sixty-fourths add up without rounding, so that ties are ties in either way of adding.
sixty_fourths = st.integers(0, 64).map(lambda k: k / 64)


@st.composite
def problems(draw):
    m, n = draw(st.integers(1, 4)), draw(st.integers(1, 6))
    members = draw(hnp.arrays(np.float64, (m, n), elements=sixty_fourths))
    if m > 1 and draw(st.booleans()):
        members[-1] = members[0]  # twins always tie
    truth = draw(hnp.arrays(np.int64, (n,), elements=st.integers(0, 1)))
    return members, truth


def caruana(members, score, rounds, patience=10**6):
    """Every ensemble is averaged afresh from its list of picks; `score` is to be maximised."""
    picks, path = [], []
    for _ in range(rounds):
        tried = [score(np.mean([members[p] for p in [*picks, m]], 0)) for m in range(len(members))]
        picks.append(tried.index(max(tried)))
        path.append(max(tried))
        if len(path) - 1 - path.index(max(path)) == patience:
            break
    length = path.index(max(path)) + 1
    return np.array([picks[:length].count(m) / length for m in range(len(members))])


@settings(max_examples=60, deadline=None)
@given(problems(), st.integers(1, 9), st.integers(1, 9))
def test_it_equals_a_plain_loop_on_accuracy_ties_included(problem, rounds, patience):
    members, truth = problem

    def accuracy(probs):
        return np.mean((probs >= 0.5) == truth)

    given = {"rounds": rounds, "kind": "binary"}
    got = hill_climb(members, truth, "accuracy", **given)
    np.testing.assert_array_equal(got, caruana(members, accuracy, rounds))
    got = hill_climb(members, truth, "accuracy", patience=patience, **given)
    expected = caruana(members, accuracy, rounds, patience)
    np.testing.assert_array_equal(got, expected)


@settings(max_examples=60, deadline=None)
@given(problems(), st.integers(1, 9))
def test_it_equals_a_plain_loop_on_a_loss_given_as_a_function(problem, rounds):
    members, truth = problem

    def loss(truth, probs):
        return float(np.abs(truth - np.reshape(probs, -1)).sum())

    expected = caruana(members, lambda p: -loss(truth, p), rounds)
    got = hill_climb(members, truth, loss, rounds=rounds, greater_is_better=False)
    np.testing.assert_array_equal(got, expected)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_it_equals_a_plain_loop_on_multiclass_log_loss(seed):
    rng = np.random.default_rng(seed)
    members = rng.dirichlet(np.ones(3), (4, 12))
    truth = rng.integers(0, 3, 12)
    expected = caruana(members, lambda p: -metrics.score("log_loss", truth, p), 12)
    np.testing.assert_allclose(hill_climb(members, truth, "log_loss", rounds=12), expected)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 5))
def test_weights_are_shares_and_never_worse_than_the_best_member(seed, bags):
    rng = np.random.default_rng(seed)
    members = rng.dirichlet(np.ones(3), (5, 20)).astype(np.float32)
    truth = rng.integers(0, 3, 20)
    weights = hill_climb(members, truth, "log_loss", rounds=10, bags=bags, seed=seed)
    assert weights.shape == (5,)
    assert (weights >= 0).all()
    assert weights.sum() == pytest.approx(1)
    if bags == 1:
        blended = metrics.score("log_loss", truth, np.tensordot(weights, members, 1))
        assert blended <= min(metrics.score("log_loss", truth, one) for one in members) + 1e-12


def test_a_perfect_member_gets_all_the_weight():
    truth = np.arange(30) % 3
    noise = np.random.default_rng(0).dirichlet(np.ones(3), (2, 30))
    members = np.stack([noise[0], np.eye(3)[truth], noise[1]])
    assert hill_climb(members, truth, "log_loss").tolist() == [0, 1, 0]
    assert hill_climb(members, truth, "accuracy").tolist() == [0, 1, 0]


def test_of_equal_members_the_first_is_taken():
    member = np.random.default_rng(0).dirichlet(np.ones(2), 10)
    assert hill_climb([member] * 3, np.arange(10) % 2, "accuracy").tolist() == [1, 0, 0]


def test_a_bag_of_two_members_has_both_so_that_the_data_and_no_seed_weighs_them():
    truth = np.arange(40) % 2
    good, bad = np.where(truth == 1, 0.9, 0.1), np.where(truth == 1, 0.1, 0.9)
    for seed in range(3):
        found = hill_climb([bad, good], truth, "log_loss", rounds=5, bags=20, seed=seed)
        assert found.tolist() == [0.0, 1.0]


def test_bags_see_half_of_the_members_each_and_repeat_with_their_seed():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 40)
    members = np.stack([np.clip(truth + rng.normal(0, s, 40), 0, 1) for s in (0.3, 1, 1, 1)])
    alone = hill_climb(members, truth, "log_loss", kind="binary", rounds=1)
    bagged = [hill_climb(members, truth, "log_loss", rounds=1, bags=20, seed=s) for s in (0, 0, 1)]
    assert alone.tolist() == [1, 0, 0, 0]
    # Member 0 wins every bag that it is in: about half of them.
    assert 0.2 < bagged[0][0] < 0.8
    assert bagged[0].tolist() == bagged[1].tolist() != bagged[2].tolist()


def test_arguments_are_not_changed():
    members = np.random.default_rng(0).random((3, 8, 1)).astype(np.float32)
    before = members.copy()
    hill_climb(members, np.arange(8) % 2, "log_loss")
    np.testing.assert_array_equal(members, before)


def test_equal_weights_are_shares():
    assert mean_weights(4).tolist() == [0.25] * 4
    with pytest.raises(UsageError, match="no member"):
        mean_weights(0)


def test_what_cannot_be_climbed_is_refused():
    good = np.full((2, 3, 1), 0.5)
    bad = good.copy()
    bad[1, 2] = np.nan
    with pytest.raises(DataError, match="member 1 has values that are not finite in 1 row: 2"):
        hill_climb(bad, np.array([0, 1, 0]), "log_loss")
    for dtype in (np.float16, np.float32):
        with pytest.raises(DataError, match=r"b has values .* in 1 row: 'z\.png'"):
            check_members(bad.astype(dtype), ("a", "b"), ["x.png", "y.png", "z.png"])
    huge = np.full((1, 3, 1), np.finfo(np.float32).max)  # finite, and their sum is not
    assert check_members(huge) is huge
    with pytest.raises(DataError, match="3 rows, the truth has 2"):
        hill_climb(good, np.array([0, 1]), "log_loss")
    with pytest.raises(DataError, match=r"shape \(M, N, C\)"):
        hill_climb(np.zeros(3), np.array([0, 1, 0]), "log_loss")
    for wrong in ("rounds", "bags", "patience"):
        with pytest.raises(UsageError, match=f"{wrong} must be at least 1"):
            hill_climb(good, np.array([0, 1, 0]), "log_loss", **{wrong: 0})
