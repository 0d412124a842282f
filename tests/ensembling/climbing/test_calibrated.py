"""The loss of calibrated means against scipy's search, and the picks against a plain loop."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.metrics import f1_score

from podium.ensembling.climbing._calibrated import CalibratedLoss, before_class_weights
from podium.ensembling.hill_climbing import climb
from podium.ensembling.method import load_method
from podium.tuning.scoring import LabelScorer


def least_loss(probs: np.ndarray, truth: np.ndarray) -> float:
    """Return the least log loss of softmax(s log p) over s from 0.1 to 10."""
    logs = np.log(np.maximum(probs, 1e-6))

    def loss(logarithm: float) -> float:
        made = log_softmax(np.exp(logarithm) * logs, axis=1)
        return -float(made[np.arange(len(truth)), truth].mean())

    ends = tuple(np.log([0.1, 10]))
    found = minimize_scalar(loss, bounds=ends, method="bounded", options={"xatol": 1e-6})
    return min(float(found.fun), *map(loss, ends))


def drawn(seed: int, n_members: int, n: int, n_classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Return members `(M, N, C)` of different sureness, one of them bad, and the truth."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, n_classes, n)
    seen = 2 * np.eye(n_classes)[truth] + rng.normal(0, 0.7, (n, n_classes))
    logits = seen + rng.normal(0, 1, (n_members, n, n_classes))
    logits[-1] = rng.normal(0, 2, (n, n_classes))
    return softmax(logits * rng.uniform(0.2, 3, (n_members, 1, 1)), axis=2), truth


def goal_of(metric: str, truth: np.ndarray, members: Any, **options: Any) -> Any:
    scorer = LabelScorer.of(metric, truth, n_outputs=members.shape[2], options=options)
    goal = before_class_weights(members, scorer)
    return None if goal is scorer else goal


@pytest.mark.parametrize("sureness", [0.02, 0.3, 1, 8, 60])
def test_the_loss_is_that_of_the_best_scale(sureness: float) -> None:
    members, truth = drawn(1, 2, 120, 4)
    probs = softmax(np.log(members[0]) * sureness, axis=1)
    assert goal_of("macro_f1", truth, members).of_probs(probs) == pytest.approx(
        least_loss(probs, truth), abs=2e-4
    )
    sure = np.eye(4)[truth]  # no scale is too high
    assert goal_of("macro_f1", truth, members).of_probs(sure) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_picks_are_those_of_a_loop_that_calibrates_every_mean(dtype: Any) -> None:
    members, truth = drawn(2, 4, 90, 3)
    members = members.astype(dtype)
    picks: list[int] = []
    scored = []
    for _ in range(5):
        means = [members[[*picks, m]].astype(float).mean(axis=0) for m in range(4)]
        losses = [least_loss(mean, truth) for mean in means]
        picks.append(int(np.argmin(losses)))
        scored.append(min(losses))
        found = climb(members, goal_of("balanced_accuracy", truth, members), rounds=len(picks))
        best = picks[: 1 + int(np.argmin(scored))]
        assert found.tolist() == (np.bincount(best, minlength=4) / len(best)).tolist()
    assert len(set(picks)) > 2


def test_a_class_without_a_probability_counts_as_the_least_one_in_a_mean_of_any_picks() -> None:
    members, truth = drawn(4, 3, 60, 3)
    members[:, np.arange(60)[:20], truth[:20]] = 0  # no member has the true class of these rows
    members = (members / members.sum(axis=2, keepdims=True)).astype(np.float32)
    goal = goal_of("macro_f1", truth, members)
    for picks in ((0,), (0, 1), (2, 1, 1, 0)):
        mean = members[list(picks)].astype(float).mean(axis=0)
        assert goal.additions(members).score(picks) == pytest.approx(
            least_loss(mean, truth), abs=1e-3
        )


def test_members_that_are_alike_and_not_sure_enough_are_averaged() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 2300)
    members = np.eye(3)[truth] + rng.random((4, 2300, 3)) * 2
    members /= members.sum(axis=2, keepdims=True)
    seen, right = members[:, :300], truth[:300]
    scorer = LabelScorer.of("macro_f1", right, n_outputs=3)
    weights = np.asarray(load_method("hill_climb").fitted(seen, scorer, seed=0).weights)
    assert weights.min() > 0.1
    by_loss = climb(seen, LabelScorer.of("log_loss", right, n_outputs=3), rounds=50)
    scores = [
        f1_score(truth[300:], np.tensordot(w, members[:, 300:], 1).argmax(axis=1), average="macro")
        for w in (weights, by_loss)
    ]
    assert scores[0] > scores[1] + 0.005


def test_a_member_that_ranks_well_but_misses_rare_classes_gets_weight() -> None:
    rng = np.random.default_rng(0)
    truth = rng.choice(3, 400, p=[0.8, 0.1, 0.1])
    good = softmax(np.eye(3)[truth] * 1.5 + rng.normal(0, 0.2, (400, 3)) + [3, 0, 0], axis=1)
    weak = softmax(np.eye(3)[truth] * 3 + rng.normal(0, 2, (400, 3)), axis=1)
    scorer = LabelScorer.of("macro_f1", truth, n_outputs=3)
    assert scorer.of_probs(weak) > scorer.of_probs(good) + 0.2
    members = np.stack([good, weak])
    assert load_method("hill_climb").fitted(members, scorer, seed=0).weights[0] > 0.5


def test_other_objectives_stay_as_they_are() -> None:
    members, truth = drawn(3, 2, 60, 3)
    assert isinstance(goal_of("macro_f1", truth, members, labels="truth"), CalibratedLoss)
    assert goal_of("macro_f1", truth, members, labels=[1]) is None
    assert goal_of("macro_f1", truth, members - 1) is None, "no probabilities"
    assert goal_of("macro_f1", truth + 1, members) is None, "a class without a column"
    assert goal_of("accuracy", truth, members) is None
    assert goal_of("log_loss", truth, members) is None
    assert goal_of("macro_f1", (truth > 0).astype(int), members[:, :, :1]) is None
