"""Blends of a kind with two columns of numbers that are no probabilities, as directions are."""

from __future__ import annotations

import numpy as np
import pytest

from podium.competition.metrics import Metric
from podium.ensembling.members import errors_of
from podium.ensembling.method import load_method, method_names
from podium.tasks.protocols.find import image_kind
from podium.tuning.scoring import LabelScorer

ANGLE = image_kind("angle")
TAKEN = {"bagged", "best", "hill_climb", "mean", "paying", "search", "simplex", "stack_ridge"}


def vectors(degrees: np.ndarray) -> np.ndarray:
    radians = np.deg2rad(degrees)
    return np.stack([np.cos(radians), np.sin(radians)], axis=-1)


def apart(degrees: np.ndarray, other: np.ndarray) -> np.ndarray:
    return (degrees - other + 180) % 360 - 180


def problem(n: int = 200) -> tuple[np.ndarray, LabelScorer]:
    rng = np.random.default_rng(0)
    truth = rng.uniform(0, 360, n)
    noisy = truth + np.array([[10], [20], [60]]) * rng.normal(size=(3, n))
    metric = Metric(
        "mean_error",
        "decisions",
        False,
        frozenset({"angle"}),
        lambda truth, degrees: float(np.abs(apart(degrees, truth)).mean()),
    )
    return vectors(noisy).astype(np.float32), LabelScorer(metric, truth, ANGLE)


@pytest.mark.parametrize("name", method_names())
def test_a_method_blends_two_columns_or_refuses_with_the_reason(name: str) -> None:
    members, scorer = problem()
    how = load_method(name)
    reason = how.refuses(scorer)
    assert (reason == "") == (name in TAKEN)
    if reason:
        assert "angle" in reason
        assert "has probabilities" not in reason
        return
    fitted = how.fitted(members, scorer, seed=0)
    score = scorer.of_probs(how.combined(members, fitted))
    assert score <= max(scorer.of_probs(one) for one in members)
    if name in ("simplex", "stack_ridge", "hill_climb"):
        assert score <= 1.02 * scorer.of_probs(members[0])
        assert fitted.weights[0] > fitted.weights[2]


def test_errors_are_those_that_the_kind_finds() -> None:
    members = vectors(np.array([[359.0, 10.0]]))
    assert errors_of(members, np.array([1.0, 350.0]), ANGLE) == pytest.approx(
        np.array([[-2.0, 20.0]])
    )
