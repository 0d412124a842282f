from __future__ import annotations

import numpy as np
import pytest

from podium.tuning.labels.decision import fit_decision
from podium.tuning.one_standard_error import (
    _standard_error,
    gain_and_error,
    passes_one_standard_error,
)
from podium.tuning.scoring import LabelScorer


def scorer_of(truth: np.ndarray, metric: str = "accuracy", n: int = 3) -> LabelScorer:
    return LabelScorer.of(metric, truth, n_outputs=n, kind="multiclass")


def test_the_standard_error_of_an_accuracy_gain_is_that_of_a_mean_of_differences() -> None:
    rng = np.random.default_rng(0)
    truth, plain, tuned = (rng.integers(0, 3, 500) for _ in range(3))
    differences = (tuned == truth).astype(float) - (plain == truth)
    gain, error = gain_and_error(scorer_of(truth), plain, tuned, n=2000)
    assert gain == pytest.approx(differences.mean())
    # 2,000 draws know a standard error to about 1.6 % (1 / sqrt(2 n)).
    assert error == pytest.approx(differences.std() / np.sqrt(500), rel=0.06)


def test_two_defined_draws_have_a_standard_error_and_fewer_have_none() -> None:
    assert _standard_error(np.array([1.0, np.nan, 4.0])) == pytest.approx(3 / np.sqrt(2))
    for draws in ([], [1.0], [np.nan, 1.0]):
        assert _standard_error(np.array(draws)) == np.inf


def test_sums_and_rows_give_the_same_draws() -> None:
    from dataclasses import replace

    rng = np.random.default_rng(1)
    truth, plain, tuned = (rng.integers(0, 3, 60) for _ in range(3))
    quick = scorer_of(truth, "macro_f1")
    slow = replace(quick, metric=replace(quick.metric, sums=None, value=None))
    assert gain_and_error(quick, plain, tuned) == pytest.approx(gain_and_error(slow, plain, tuned))


def test_equal_decisions_gain_nothing_and_are_not_kept() -> None:
    truth = np.arange(30) % 3
    assert gain_and_error(scorer_of(truth), truth, truth) == (0.0, 0.0)
    assert not passes_one_standard_error(scorer_of(truth), truth, truth)


def test_a_gain_on_every_row_passes_and_a_loss_does_not() -> None:
    truth = np.arange(30) % 3
    assert passes_one_standard_error(scorer_of(truth), (truth + 1) % 3, truth)
    assert not passes_one_standard_error(scorer_of(truth), truth, (truth + 1) % 3)


def test_on_balanced_calibrated_rows_tuning_costs_less_with_the_rule_than_without() -> None:
    """Where argmax is right, any tuned gain is luck: fresh rows must not lose by it."""
    from podium.predictions.decisions.labels import decide
    from podium.tuning.labels.class_weights import fit_class_weights

    with_rule, without = [], []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        probs = rng.dirichlet([1.0] * 3, 1100).astype(np.float32)
        truth = np.array([rng.choice(3, p=p / p.sum()) for p in probs.astype(float)])
        fit, fresh = slice(0, 100), slice(100, None)
        plain = (probs[fresh].argmax(1) == truth[fresh]).mean()
        steps = fit_decision(probs[fit], truth[fit], "accuracy", "multiclass", trials=25)
        predicted = decide(probs[fresh], steps, "multiclass")
        with_rule.append((predicted == truth[fresh]).mean() - plain)
        weights = fit_class_weights(probs[fit], truth[fit], "accuracy", trials=25)
        predicted = decide(probs[fresh], [{"class_weights": weights.tolist()}], "multiclass")
        without.append((predicted == truth[fresh]).mean() - plain)
    assert np.mean(without) < 0
    assert np.mean(with_rule) > np.mean(without) / 2
