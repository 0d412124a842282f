from __future__ import annotations

import pytest

from podium.tuning.batch_size import BatchTrial, fastest_batch, largest_batch, search_batches


class Machine:
    """A machine with room up to a batch size, and a speed that grows up to another."""

    def __init__(self, most: int, full_speed_at: int = 32) -> None:
        self.most, self.full_speed_at = most, full_speed_at
        self.asked: list[int] = []

    def __call__(self, size: int) -> BatchTrial:
        self.asked.append(size)
        fits = size <= self.most
        return BatchTrial(size, float(min(size, self.full_speed_at)) if fits else None)


@pytest.mark.parametrize("most", [1, 2, 3, 7, 8, 9, 63, 64, 65, 100, 777])
def test_the_largest_that_fits_is_found_to_an_eighth(most: int) -> None:
    machine = Machine(most)
    found = largest_batch(search_batches(machine, most=1024))
    assert found is not None
    assert found.size <= most <= found.size + max(found.size // 8, 1)
    assert len(machine.asked) == len(set(machine.asked)) <= 12


def test_sizes_double_until_one_does_not_fit_and_are_bisected_then() -> None:
    machine = Machine(100)
    search_batches(machine)
    assert machine.asked == [8, 16, 32, 64, 128, 96, 112, 104]


def test_nothing_above_the_most_is_tried() -> None:
    machine = Machine(10**6)
    assert [one.size for one in search_batches(machine, most=50)] == [8, 16, 32, 50]


def test_where_no_batch_fits_there_is_none() -> None:
    trials = search_batches(Machine(0))
    assert [one.size for one in trials] == [1, 2, 4, 8]
    assert largest_batch(trials) is fastest_batch(trials) is None


def test_the_fastest_is_the_smallest_beyond_which_speed_hardly_grows() -> None:
    found = fastest_batch(search_batches(Machine(200, full_speed_at=32)))
    assert found is not None
    assert found.size == 32
    almost = [BatchTrial(8, 96.0), BatchTrial(16, 100.0), BatchTrial(32, None)]
    assert fastest_batch(almost) == almost[0]


def test_a_size_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="1 or more"):
        search_batches(Machine(8), start=0)
