"""The level in the middle of those as good: by hand, and against scoring each draw."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from podium.tasks.protocols.find import pixel_kind
from podium.tuning.masks import decision as mask_goodness
from podium.tuning.masks.counts import CountTable
from podium.tuning.masks.decision import (
    CountScorer,
    GatedTable,
    MaskChoice,
    choose_mask_decision,
    goodness_of_all,
    level_of,
    middle_level,
)
from podium.tuning.masks.space import MaskCandidate
from podium.tuning.step_grid import StepCandidate

LEVELS = np.round(np.arange(0.1, 0.95, 0.1), 2)
DICE = CountScorer.of("mean_dice", "binary", {"empty": "one"})


def table_of(quality: np.ndarray, candidates: list[Any]) -> CountTable:
    """Masks of 1,000 pixels whose Dice is `quality` `(A, N)`, in images of 10,000 pixels."""
    both = np.round(quality * 1000).astype(np.int64)
    size = np.full_like(both, 1000)
    known = np.full_like(both, 10_000)
    ones = np.stack([both, size, size, known], axis=-1)
    rest = np.stack([known - 2 * size + both, known - size, known - size, known], axis=-1)
    counts = np.stack([rest, ones], axis=2)
    nothing = counts[0].copy()
    nothing[:, 1, :2] = 0
    return CountTable(pixel_kind("binary"), tuple(candidates), counts, nothing)


@pytest.mark.parametrize(
    ("goodness", "error", "wanted"),
    [
        ([0, 0, 0, 9, 0, 0, 0, 0, 0], 0.0, 3),  # no other is as good
        ([0, 0, 0, 9, 8, 8, 8, 8, 0], 1.0, 5),  # levels 3 to 7
        ([0, 0, 0, 9, 8, 8, 0, 0, 0], 1.0, 4),
        ([9, 0, 0, 0, 0, 0, 0, 0, 8], 1.0, 0),  # two summits, and a valley in the middle
        ([9, 8, 7, 7, 7, 7, 7, 8, 9], 1.0, 4),  # a dent that may be chance
        ([0, 0, 8, 9, 0, 0, 0, 0, 0], 1.0, 3),  # of two that are as near to it, the better
    ],
)
def test_the_middle_of_what_is_as_good(goodness: Any, error: float, wanted: int) -> None:
    errors = np.full(9, error)
    found = middle_level(LEVELS, np.array(goodness, float), errors, is_weight=False)
    assert found == wanted


def test_the_middle_is_that_of_odds_and_of_ratios() -> None:
    goodness, errors = np.ones(5), np.zeros(5)
    low = np.array([0.01, 0.02, 0.03, 0.1, 0.5])  # odds of 1 to 99 and 1: the middle is 1 to 10
    assert middle_level(low, goodness, errors, is_weight=False) == 3
    weights = np.array([0.25, 0.5, 1.0, 2.0, 16.0])  # 2 is the middle of 1/4 and 16
    assert middle_level(weights, goodness, errors, is_weight=True) == 3


def test_a_lucky_level_gives_way_to_the_middle_and_raw_keeps_it() -> None:
    """Images differ; levels do not, but for one at the end that a single image is lucky with."""
    rng = np.random.default_rng(0)
    quality = 0.6 + 0.01 * rng.standard_normal((9, 60))
    quality[0] = 0.2  # the plain decision, here at 0.1, is worse
    quality[8, 0] = 1.0
    gated = GatedTable.of(table_of(quality, [MaskCandidate(float(t)) for t in LEVELS]), None)
    rows = np.arange(60)
    assert choose_mask_decision(gated, DICE, rows, raw=True).decision == MaskChoice(((8, 0),))
    ((found, _),) = choose_mask_decision(gated, DICE, rows).decision.picks
    assert 3 <= found <= 6


def test_a_level_that_is_better_on_every_image_stays() -> None:
    rng = np.random.default_rng(1)
    quality = np.tile(0.5 + 0.2 * rng.standard_normal(60).clip(-2, 2), (9, 1))
    quality[7] += 0.05
    gated = GatedTable.of(table_of(quality, [MaskCandidate(float(t)) for t in LEVELS]), None)
    for raw in (False, True):
        assert choose_mask_decision(gated, DICE, np.arange(60), raw=raw).decision == MaskChoice(
            ((7, 0),)
        )


def test_levels_are_those_of_candidates_alike_in_all_else() -> None:
    """The other area is as good at every level, and is no level of the best one."""
    rng = np.random.default_rng(2)
    candidates = [MaskCandidate(float(t), least) for least in (0, 30) for t in LEVELS]
    quality = 0.6 + 0.05 * rng.standard_normal((18, 1)) + 0.2 * rng.standard_normal((1, 40))
    quality[9:] -= 0.1
    quality[0] -= 0.4  # the plain decision, which must not be what is left
    gated = GatedTable.of(table_of(quality.clip(0, 1), candidates), None)
    ((found, _),) = choose_mask_decision(gated, DICE, np.arange(40)).decision.picks
    assert 0 < found < 9


def test_levels_of_a_user_s_steps() -> None:
    one = StepCandidate.of([{"threshold": 0.3}, {"median": 5}])
    other = StepCandidate.of([{"threshold": 0.7}, {"median": 5}])
    third = StepCandidate.of([{"threshold": 0.7}, {"median": 3}])
    found = [level_of(each) for each in (one, other, third)]
    assert None not in found
    assert [level for level, _ in found] == [0.3, 0.7, 0.7]  # type: ignore[misc]
    assert found[0][1] == found[1][1] != found[2][1]  # type: ignore[index]
    for steps in (
        [{"hysteresis": {"low": 0.2, "high": 0.4}}],
        [{"threshold": [0.2, 0.4]}],
        [{"threshold": 0}],
    ):
        assert level_of(StepCandidate.of(steps)) is None


@pytest.mark.parametrize("name", ["mean_dice", "global_dice", "mean_iou", "pixel_accuracy"])
@pytest.mark.parametrize("at_once", [1, 1 << 20])
def test_scores_of_all_are_those_of_each(
    name: str, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mask_goodness, "VALUES_AT_ONCE", at_once)
    scorer = CountScorer.of(name, "binary", {})
    rng = np.random.default_rng(3)
    made = table_of(rng.random((7, 12)), [MaskCandidate(0.1 * a) for a in range(1, 8)])
    made.counts[2, :, 1] = 0  # undefined in some metrics
    gated = GatedTable.of(made, rng.random((12, 1)))
    rows = np.array([3, 1, 8])
    every = [one.picks[0] for one in gated.common()]
    found = goodness_of_all(
        scorer, lambda some: gated.look_up_each([every[i] for i in some], rows), len(every)
    )
    wanted = [scorer.goodness(gated.look_up(one, rows)) for one in gated.common()]
    np.testing.assert_allclose(found, wanted, rtol=1e-14)
