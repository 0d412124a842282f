"""The blend of members that pay: few rows fit few weights, many rows the optimum."""

import numpy as np
import pytest

from podium.ensembling.method import load_method
from podium.ensembling.methods.paying import _leaving_out
from podium.ensembling.simplex import fit_simplex, loss_at
from podium.tuning.scoring import LabelScorer

KINDS = ("binary", "regression")


def drawn(kind, n, skills, seed, *, is_fair=True):
    """Return members `(M, n, 1)` that know so much each, and an objective of their rows."""
    rng = np.random.default_rng(seed)
    signal = rng.normal(size=n)
    noise = rng.normal(size=(len(skills), n))
    skills = np.array(skills)[:, None]
    seen = skills * signal + np.sqrt(1 - skills**2) * noise
    if kind == "regression":
        return (skills * seen)[..., None], LabelScorer.of("rmse", signal, n_outputs=1, kind=kind)
    truth = (signal > 0).astype(np.int64)
    # In the tests of a weak member it is too sure, and the good one is not sure enough.
    probs = 1 / (1 + np.exp(-(2 * skills if is_fair else np.where(skills > 0.5, 0.5, 2)) * seen))
    return probs[..., None], LabelScorer.of("accuracy", truth, n_outputs=1, kind=kind)


@pytest.mark.parametrize("kind", KINDS)
def test_a_weak_member_costs_fresh_rows_less_than_at_the_optimum(kind):
    skills, scores = (0.8, 0.3, 0.1), {"simplex": [], "paying": []}
    for seed in range(12):
        members, objective = drawn(kind, 30, skills, seed, is_fair=False)
        fresh, truth = drawn(kind, 2_000, skills, 100 + seed, is_fair=False)
        for name, found in scores.items():
            method = load_method(name)
            fitted = method.fitted(members, objective, seed=0)
            found.append(truth.of_probs(method.combined(fresh, fitted)))
    gain = np.mean(scores["paying"]) - np.mean(scores["simplex"])
    assert (gain > 0) == objective.metric.greater_is_better


@pytest.mark.parametrize("kind", KINDS)
def test_members_that_are_alike_are_averaged_on_few_rows(kind):
    members, objective = drawn(kind, 40, (0.7, 0.7, 0.7), 1)
    weights = np.array(load_method("paying").fitted(members, objective, seed=0).weights)
    equal = np.full(3, 1 / 3)
    kept = np.count_nonzero(weights > 1e-6)
    n_loss = 40 * (loss_at(equal, members, objective) - loss_at(weights, members, objective))
    # Equal weights, or weights that are better on these rows by what fitting them costs.
    assert weights == pytest.approx(equal) or n_loss >= kept - 1


@pytest.mark.parametrize("kind", KINDS)
def test_many_rows_have_the_optimum(kind):
    members, objective = drawn(kind, 20_000, (0.8, 0.7, 0.6), 2)
    fitted = load_method("paying").fitted(members, objective, seed=0)
    np.testing.assert_allclose(fitted.weights, fit_simplex(members, objective).weights)


def test_one_row_with_a_probability_of_zero_does_not_outweigh_the_others():
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 2, 100)
    good = np.where(truth == 1, 0.85, 0.15)
    good[0] = 1 - truth[0]
    members = np.stack([good, np.full(100, 0.5)])[..., None]
    objective = LabelScorer.of("accuracy", truth, n_outputs=1, kind="binary")
    assert load_method("paying").fitted(members, objective, seed=0).weights == (1.0, 0.0)


def test_no_probability_counts_as_less_than_half_a_row(monkeypatch):
    members, objective = drawn("binary", 25, (0.7, 0.6), 0)
    asked = set()

    def noting(*given, least):
        asked.add(least)
        return loss_at(*given, least=least)

    monkeypatch.setattr("podium.ensembling.methods.paying.loss_at", noting)
    load_method("paying").fitted(members, objective, seed=0)
    assert asked == {1 / 50}


def test_a_row_of_no_known_class_changes_nothing():
    members, objective = drawn("binary", 60, (0.9, 0.3), 4)
    two = np.concatenate([1 - members, members], axis=2)
    fitted = []
    for truth in (objective.truth, np.append(objective.truth, 7)):
        scorer = LabelScorer.of("accuracy", truth, n_outputs=2, kind="multiclass")
        rows = np.concatenate([two, two[:, :1]], axis=1)[:, : len(truth)]
        fitted.append(load_method("paying").fitted(rows, scorer, seed=0))
    assert fitted[0].weights == pytest.approx(fitted[1].weights)


def test_a_useless_member_leaves_two_that_complete_each_other_averaged():
    """Two members know as much, each of another half of the rows; a third one knows nothing."""
    rng = np.random.default_rng(5)
    truth = rng.integers(0, 2, 120)
    good, unsure = np.where(truth == 1, 0.95, 0.05), np.where(truth == 1, 0.45, 0.55)
    first = np.where(np.arange(120) % 2 == 0, good, unsure)
    second = np.where(np.arange(120) % 2 == 1, good, unsure)
    useless = rng.uniform(0.05, 0.95, 120)
    scorer = LabelScorer.of("accuracy", truth, n_outputs=1, kind="binary")
    members = np.stack([first, second, useless])[..., None]
    weights = load_method("paying").fitted(members, scorer, seed=0).weights
    assert weights[:2] == pytest.approx((0.5, 0.5), abs=0.05)
    assert weights[2] == 0


@pytest.mark.parametrize(
    ("above", "n_steps"),
    [
        ([0.4, 3.0], 2),  # 3.4 is no more than one weight and an error of 2.6
        ([0.6, 3.0], 1),  # 3.6 is more than one weight and an error of 2.4
        ([1.1], 2),  # of one row there is no error
        ([0.25, 0.25, 0.25], 2),
        ([0.4, 0.4, 0.4], 1),
    ],
)
def test_a_member_is_left_out_by_what_its_weight_costs_and_one_standard_error(above, n_steps):
    """The error of a sum of n numbers is their standard deviation times the root of n."""
    members, objective = drawn("binary", 30, (0.7, 0.6), 0)

    def losses(weights):
        return np.array(above) if (weights == 0).any() else np.zeros(len(above))

    steps = list(_leaving_out(members, objective, np.array([0.5, 0.5]), losses))
    assert [len(kept) for kept, _, _ in steps] == [2, 1][:n_steps]
