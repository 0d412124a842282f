from __future__ import annotations

import math

import numpy as np
import pytest

from podium.tuning.learning_rate import LearningRateTest, has_diverged, rising_rates


def descend(curvature: float, n: int = 100) -> LearningRateTest:
    """Return gradient descent on a x² / 2 while the rate rises, stopped where it has diverged."""
    x, losses, rates = 1.0, [], rising_rates(n)
    for rate in rates:
        losses.append(curvature * x * x / 2)
        if has_diverged(losses):
            break
        x -= rate * curvature * x
    return LearningRateTest(rates[: len(losses)], np.array(losses))


def test_rates_rise_by_one_factor_from_end_to_end() -> None:
    rates = rising_rates(5, 1e-4, 1.0)
    assert rates == pytest.approx([1e-4, 1e-3, 1e-2, 1e-1, 1.0])
    for wrong in ((1, 1e-4, 1.0), (5, 0.0, 1.0), (5, 1.0, 1e-4)):
        with pytest.raises(ValueError, match="expected"):
            rising_rates(*wrong)


@pytest.mark.parametrize("curvature", [5.0, 30.0, 1000.0])
def test_a_quadratic_diverges_at_the_first_rate_above_two_over_its_curvature(
    curvature: float,
) -> None:
    found = descend(curvature)
    limit = 2 / curvature
    assert found.diverges is not None
    assert limit < found.diverges <= limit * rising_rates(100)[1] / rising_rates(100)[0]
    assert found.safe == pytest.approx(found.diverges / 10)
    assert found.safe < limit
    assert found.steepest is not None
    assert 1e-3 * limit < found.steepest < limit


def test_a_loss_that_is_no_number_has_diverged_at_the_rate_that_made_it_so() -> None:
    found = LearningRateTest(np.array([0.1, 0.2, 0.4, 0.8]), np.array([1.0, 0.9, 0.8, math.nan]))
    assert found.diverges == 0.4
    assert len(found.smoothed) == 3
    assert has_diverged([1.0, math.inf])


@pytest.mark.parametrize("losses", [[1.0, 0.9, 1.1, 0.8], [-0.1, -0.5, -0.9, -0.7], [2.0] * 9])
def test_noise_is_no_divergence(losses: list[float]) -> None:
    found = LearningRateTest(rising_rates(len(losses)), np.array(losses))
    assert found.diverges is None
    assert found.safe is None


def test_a_loss_that_ends_far_above_its_start_has_diverged_from_its_lowest_on() -> None:
    # Of 20 steps, measured: the running mean of ten of them never reaches four times its lowest.
    losses = np.array([
        1.481, 1.552, 1.574, 1.436, 1.459, 1.453, 1.562, 1.437, 1.491, 1.474,
        1.494, 1.321, 1.117, 0.924, 1.37, 1.871, 4.887, 1.452, 1.719, 3.993,
    ])  # fmt: skip
    assert not has_diverged(list(losses))
    found = LearningRateTest(rising_rates(20), losses)
    assert found.diverges == rising_rates(20)[13]
    assert found.safe is not None
    assert found.safe <= found.diverges / 10
    assert LearningRateTest(rising_rates(15), losses[:15]).diverges is None
    rng = np.random.default_rng(0)
    noise = [LearningRateTest(rising_rates(20), rng.lognormal(0, 0.3, 20)) for _ in range(100)]
    assert sum(one.diverges is not None for one in noise) <= 1


def test_a_loss_near_nothing_may_rise_a_little() -> None:
    losses = [1.0, *[1e-6] * 80, 1e-3]
    assert not has_diverged(losses)
    assert has_diverged([*losses, *[100.0] * 3])


def test_a_negative_loss_that_explodes_has_diverged() -> None:
    assert has_diverged([-0.1, -0.5, -0.9, *[50.0] * 3])


def test_the_steepest_descent_is_where_the_loss_falls_and_not_late() -> None:
    rates = rising_rates(101, 1e-5, 1.0)  # twenty steps a decade
    losses = 2 - np.tanh((np.log10(rates) + 3) / 0.3)  # steepest at 1e-3
    noisy = losses + np.random.default_rng(0).normal(0, 0.01, 101)
    assert LearningRateTest(rates, losses).steepest == pytest.approx(1e-3, rel=1e-6)
    assert LearningRateTest(rates, noisy).steepest == pytest.approx(1e-3, rel=0.3)


def test_two_losses_may_fall_and_one_does_not() -> None:
    rates = np.array([0.1, 0.2])
    assert LearningRateTest(rates, np.array([9.0, 1.0])).steepest == 0.1
    assert LearningRateTest(rates, np.array([9.0, math.nan])).steepest is None


def test_a_loss_that_only_rises_has_no_descent() -> None:
    assert LearningRateTest(rising_rates(20), np.linspace(1, 2, 20)).steepest is None


def test_what_is_safe_lies_no_higher_than_the_lowest_loss() -> None:
    rates = rising_rates(60, 1e-6, 10.0)
    fall, climb = np.linspace(2.0, 1.0, 25), np.geomspace(1.0, 200.0, 35)
    found = LearningRateTest(rates, np.concatenate([fall, climb]))
    late = LearningRateTest(
        rates, np.concatenate([fall, np.full(30, 1.2), np.geomspace(1.2, 900.0, 5)])
    )
    assert found.diverges is not None
    assert found.safe == pytest.approx(found.diverges / 10)
    assert late.diverges is not None
    assert late.safe is not None
    assert late.safe < late.diverges / 10
    assert late.safe == pytest.approx(rates[24], rel=0.5)


def test_noise_is_no_fall() -> None:
    rates = rising_rates(40, 1e-6, 1.0)
    still = 2.0 + 0.01 * np.random.default_rng(0).standard_normal(40)
    assert LearningRateTest(rates, still).steepest is None
    assert LearningRateTest(rates, still - np.linspace(0, 0.2, 40)).steepest is not None
