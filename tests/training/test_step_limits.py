"""What limits a step: by hand from seconds, and once measured for real."""

from __future__ import annotations

import pytest

from podium.training.step_limits import StepLimits, measure_step


@pytest.mark.parametrize(
    ("batch_s", "transfer_s", "arithmetic_s", "limit", "images_per_s", "workers"),
    [
        (0.1, 0.01, 0.4, "arithmetic", 40, 0),
        (0.4, 0.01, 0.1, "views", 40, 4),
        (0.5, 0.2, 0.1, "views", 32, 3),
        (0.1, 0.8, 0.4, "transfer", 20, 0),
    ],
)
def test_the_slowest_part_is_the_step(
    batch_s: float,
    transfer_s: float,
    arithmetic_s: float,
    limit: str,
    images_per_s: float,
    workers: int,
) -> None:
    found = StepLimits("cpu", 16, 224, 0.01, batch_s, transfer_s, arithmetic_s)
    assert found.limit == limit
    assert found.images_per_s == pytest.approx(images_per_s)
    assert found.workers == workers


@pytest.mark.slow
def test_a_step_is_measured() -> None:
    facts = measure_step(2)
    seconds = [facts[name] for name in ("decode_s", "batch_s", "transfer_s", "arithmetic_s")]
    assert all(0 < one < 60 for one in seconds)
    assert facts["images_per_s"] == pytest.approx(2 / max(seconds[1:]))
    assert facts["limit"] in ("views", "transfer", "arithmetic")
