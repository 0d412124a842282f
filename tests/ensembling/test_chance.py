"""Whether a difference of two scores is perhaps by chance, beside a sign test by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from podium.competition import metrics
from podium.ensembling.chance import in_draws, is_beyond_chance, share_of_units
from podium.ensembling.honest import OofUnits


def units(right: np.ndarray, metric: str = "accuracy", ids: np.ndarray | None = None) -> OofUnits:
    names = np.arange(len(right)).astype(str) if ids is None else ids
    sums = np.column_stack([right, np.ones(len(right))]).astype(float)
    return OofUnits(names, None, metrics.get(metric), {}, sums=sums)


def pair(ahead: int, behind: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return which of `n` rows two runs have right: some rows one of them alone, else both."""
    one, other = np.ones(n), np.ones(n)
    other[:ahead] = 0
    one[ahead : ahead + behind] = 0
    return one, other


def sign_test(ahead: int, behind: int) -> float:
    n = ahead + behind
    return min(1.0, 2 * sum(math.comb(n, k) for k in range(min(ahead, behind) + 1)) / 2**n)


@pytest.mark.parametrize("n", [60, 600])
def test_what_a_sign_test_doubts_is_perhaps_by_chance_and_what_it_does_not_is_sure(n: int) -> None:
    for ahead, behind in ((4, 0), (7, 3), (10, 3), (8, 1), (12, 0), (20, 4), (30, 20), (40, 10)):
        if ahead + behind <= n:
            share = share_of_units(*map(units, pair(ahead, behind, n)))
            assert share is not None
            p = sign_test(ahead, behind)
            assert not (p > 0.1 and is_beyond_chance(share)), (ahead, behind, share)
            assert not (p < 0.002 and not is_beyond_chance(share)), (ahead, behind, share)
            back = share_of_units(*map(units, reversed(pair(ahead, behind, n))))
            assert back == pytest.approx(1 - share)


def test_two_scores_whose_intervals_overlap_may_differ_surely() -> None:
    """Both have 55 to 65 % of 600 rows right, and the better one is better in 40 of them."""
    right = (np.arange(600) % 5 < 3).astype(float)
    better = right.copy()
    better[np.flatnonzero(right == 0)[:40]] = 1
    each = np.array([right.mean(), better.mean()])
    half = 1.96 * np.sqrt(each * (1 - each) / 600)
    assert each[0] + half[0] > each[1] - half[1]
    share = share_of_units(units(better), units(right))
    assert is_beyond_chance(share)
    assert in_draws(share) == " in 100% of draws"


def test_errors_are_better_where_they_are_less_and_rows_are_found_by_their_ids() -> None:
    errors = np.linspace(1, 2, 50)
    ids = np.array([f"i{k}" for k in range(50)])
    backwards = units(errors[::-1] + 0.1, "mae", ids[::-1])
    assert share_of_units(units(errors, "mae", ids), backwards) == 1.0
    assert share_of_units(backwards, units(errors, "mae", ids)) == 0.0
    assert is_beyond_chance(0.0)


def test_what_nothing_compares_is_perhaps_by_chance() -> None:
    one, others = units(np.ones(4)), units(np.ones(4), ids=np.array(list("abcd")))
    assert share_of_units(one, others) is None
    assert share_of_units(one, units(np.ones(4), "mae")) is None
    assert share_of_units(one, None) is None
    assert in_draws(None) == ", perhaps by chance"
