"""What `podium tune lr` and `podium tune batch` print of what they measured."""

from __future__ import annotations

import shlex

import numpy as np
import pytest

from podium.cli.tuning.rate_and_batch import print_batches, print_rates
from podium.tuning.batch_size import BatchTrial
from podium.tuning.learning_rate import LearningRateTest, rising_rates
from podium.workflows.tuning.rate_and_batch import RecipeRate


@pytest.mark.parametrize(
    ("speeds", "limit", "says", "says_not"),
    [
        ({8: 438.6, 16: 524.3, 32: 899.9}, 32, "speed still grows at 32: raise --most", "beyond"),
        ({8: 438.6, 16: 524.3, 20: 899.9}, 32, "speed still grows at 20\n", "--most"),
        ({8: 438.6, 16: 899.9, 24: None}, 32, "speed still grows at 16\n", "--most"),
        ({8: 438.6, 16: 899.9, 32: 902.0}, 32, "speed no longer grows beyond: 16", "still"),
        ({16: 500.0}, 16, "the only size that was tried: 16", "speed"),
        ({1: 500.0, 2: None}, 16, "the only size that fits: 1", "speed"),
    ],
)
def test_speed_ends_only_where_a_larger_batch_was_no_faster(
    capsys: pytest.CaptureFixture[str],
    speeds: dict[int, float | None],
    limit: int,
    says: str,
    says_not: str,
) -> None:
    trials = [BatchTrial(size, speed, why="" if speed else "-") for size, speed in speeds.items()]
    print_batches(trials, "tiny", limit=limit, as_json=False)
    printed = capsys.readouterr().out
    assert says in printed
    assert says_not not in printed


def test_rates_of_few_steps_are_called_rough(capsys: pytest.CaptureFixture[str]) -> None:
    found = LearningRateTest(rising_rates(20), np.linspace(2.0, 1.0, 20))
    for steps, is_rough in (20, True), (100, False):
        own = RecipeRate("optimizer.lr", 1e-3)
        print_rates(found, own, "tiny", steps=steps, figure=None, as_json=False)
        assert ("take --steps 100" in capsys.readouterr().out) == is_rough


def test_the_next_command_trains_with_the_rate_and_what_was_overridden(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rates = rising_rates(100)
    # Falls as a logistic curve over log lr, whose steepest point is where lr is 1e-3.
    falling = LearningRateTest(rates, 1 + 1 / (1 + (rates / 1e-3) ** 2))
    own = RecipeRate("phases[1].optimizer.lr", 0.1)
    typed = ("input.size=64", "phases[1].optimizer.lr=0.1")
    print_rates(falling, own, "tiny", typed, steps=100, figure=None, as_json=False)
    last = capsys.readouterr().out.splitlines()[-1]
    *words, override = shlex.split(last)
    assert words == ["next:", "podium", "train", "tiny", "-o", "input.size=64", "-o"]
    key, rate = override.split("=")
    assert key == own.key
    assert 5e-4 < float(rate) < 2e-3


def test_without_a_rate_to_propose_no_command_follows(capsys: pytest.CaptureFixture[str]) -> None:
    flat = LearningRateTest(rising_rates(100), np.ones(100))
    own = RecipeRate("optimizer.lr", 0.1)
    print_rates(flat, own, "tiny", steps=100, figure=None, as_json=False)
    assert "next:" not in capsys.readouterr().out
