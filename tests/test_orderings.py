"""The verdicts on the orderings of the studies: differences paired by seed, and their intervals."""

from __future__ import annotations

import math
from pathlib import Path
from types import ModuleType

import pytest
from scipy import stats
from scripts import BENCHMARKS, script

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    """The part of the program that decides."""
    return script(BENCHMARKS / "parts" / "verdicts.py")


@pytest.mark.parametrize(
    ("above", "below", "verdict"),
    [
        ((0.53, 0.52, 0.54), (0.50, 0.50, 0.50), "shown"),
        ((0.53, 0.52, 0.48), (0.50, 0.50, 0.50), "not shown"),
        ((0.47, 0.48, 0.46), (0.50, 0.50, 0.50), "the other way"),
        # Seeds differ by far more than the rows do: only what is paired shows it.
        ((0.91, 0.31, 0.62), (0.90, 0.30, 0.60), "not shown"),
        ((0.912, 0.311, 0.611), (0.90, 0.30, 0.60), "shown"),
    ],
)
def test_an_interval_of_paired_differences_decides(
    bench: ModuleType, above: tuple[float, ...], below: tuple[float, ...], verdict: str
) -> None:
    found = bench.difference(dict(enumerate(above)), dict(enumerate(below)))
    peer = stats.ttest_rel(above, below).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((peer.low, peer.high))
    assert found.verdict == verdict


def test_by_hand_three_seeds(bench: ModuleType) -> None:
    # Differences .03, .02, .04: mean .03, deviation .01, t of two degrees of freedom 4.3027.
    found = bench.difference({0: 0.53, 1: 0.52, 2: 0.54}, {0: 0.5, 1: 0.5, 2: 0.5})
    assert (found.mean, found.n, found.n_above) == (pytest.approx(0.03), 3, 3)
    assert found.high - found.mean == pytest.approx(4.3027 * 0.01 / math.sqrt(3), abs=1e-6)


def test_seeds_that_one_row_lacks_do_not_count_and_one_seed_shows_nothing(
    bench: ModuleType,
) -> None:
    found = bench.difference({0: 0.9, 1: 0.5}, {0: 0.1, 2: 0.9})
    assert (found.n, found.verdict) == (1, "not shown")
    assert found.mean == pytest.approx(0.8)


def test_tables_show_rows_by_their_mean_and_every_claim_of_them(bench: ModuleType) -> None:
    noted = {
        "pretrained network": {
            str(k): {"scores": {"pretrained network": 0.7 + k / 100}, "seconds": 30} for k in (0, 1)
        },
        "own CNN": {str(k): {"scores": {"own CNN": 0.5 + k / 100}, "seconds": 10} for k in (0, 1)},
    }
    lines = bench.tables(noted, [("pretrained network", "own CNN"), ("own CNN", "another")], [0, 1])
    rows = [line for line in lines if line.startswith("| ")]
    assert rows[2] == "| pretrained network | 0.700 | 0.710 | 0.705 ± 0.005 | 30 |"
    assert rows[3] == "| own CNN | 0.500 | 0.510 | 0.505 ± 0.005 | 10 |"
    assert (
        rows[-1] == "| pretrained network > own CNN | +0.200 | +0.200 to +0.200 | 2 of 2 | shown |"
    )


def test_scores_by_seed_are_read_from_a_page(bench: ModuleType) -> None:
    page = """
| variant | threshold | 42 | 43 | mean | loss |
| --- | --- | --- | --- | --- | --- |
| warm-up |  | 0.788 | 0.810 | 0.799 | 2.28 → 0.60 |
| local | 0.90 + 0.02 e | 0.928 | 0.932 | 0.930 | 1.49 → 0.25 |

| table | without seeds |
| --- | --- |
| one | 7 |
| two | eight |

| arm | seed 0 |
| --- | --- |
| A | 0.5 |
| warm-up | 0.1 |
"""
    assert bench.printed_rows(page) == {
        "warm-up": {42: 0.788, 43: 0.810},
        "local 0.90 + 0.02 e": {42: 0.928, 43: 0.932},
        "A": {0: 0.5},
    }


def test_the_page_of_orderings_has_the_verdicts_of_what_other_pages_print(
    bench: ModuleType,
) -> None:
    told = (ROOT / "docs/orderings.md").read_text(encoding="utf-8").splitlines()
    for page, claims in bench.PRINTED.items():
        rows = bench.printed_rows((ROOT / page).read_text(encoding="utf-8"))
        lines = bench.verdicts(rows, claims)
        assert len(lines) == 2 + len(claims), f"{page} lacks a row"
        assert not set(lines) - set(told), page
