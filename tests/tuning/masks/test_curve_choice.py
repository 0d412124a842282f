"""The threshold that is taken from a curve of masks: robust, raw, and exactly scored."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from podium.competition import metrics
from podium.errors import DataError
from podium.predictions.decisions.masks import decide_masks
from podium.predictions.store.masks import MaskArrays, MaskProbs
from podium.tuning.curves import Curve, plateau_error
from podium.tuning.masks import curve as mask_curve
from podium.tuning.masks.curve import fit_mask_threshold, mask_threshold_curve, mask_unit_sums


def images(
    n: int = 40, *, side: int = 12, steps: int = 150, scale: float = 1.0, seed: int = 0
) -> tuple[MaskArrays, list[np.ndarray]]:
    """Calibrated probabilities of `steps` values at most, times `scale`; images differ."""
    rng = np.random.default_rng(seed)
    arrays, truths = [], []
    for _ in range(n):
        probs = rng.random((side, side, 1)) ** rng.uniform(0.5, 3)
        truths.append((rng.random((side, side)) < probs[..., 0]).astype(np.uint8))
        arrays.append((np.round(probs * steps) / steps * scale).astype(np.float16))
    return MaskArrays([f"i{i}" for i in range(n)], arrays), truths


def score_of(probs: MaskProbs, truths: list[Any], threshold: float, metric: str) -> float:
    predicted = [one for _, one in decide_masks(probs, [{"threshold": threshold}], "binary")]
    return metrics.score(metric, truths, predicted)


@pytest.mark.parametrize("metric", ["mean_dice", "global_dice"])
def test_the_robust_threshold_is_the_centre_of_what_is_as_good_as_the_best(metric: str) -> None:
    probs, truths = images()
    curve = mask_threshold_curve(probs, truths, metric)
    assert len(curve.thresholds) <= 200
    sums = mask_unit_sums(probs, truths, metric, curve.thresholds)
    errors = plateau_error(metrics.get(metric), sums, seed=3)
    found = fit_mask_threshold(probs, truths, metric, seed=3)
    assert found == curve.robust(errors)
    assert curve.score_at(found) == score_of(probs, truths, found, metric)
    raw = fit_mask_threshold(probs, truths, metric, raw=True)
    assert raw == curve.best() != found
    assert score_of(probs, truths, raw, metric) == curve.scores.max() >= curve.score_at(found)


@pytest.fixture
def n_drawn(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """At how many thresholds standard errors were drawn, each time."""
    requested: list[int] = []

    def noted(metric: Any, sums: Any, **options: Any) -> Any:
        requested.append(len(sums))
        return plateau_error(metric, sums, **options)

    monkeypatch.setattr(mask_curve, "plateau_error", noted)
    return requested


@pytest.mark.parametrize(("name", "most"), [("MOST_UNITS_OF", 60), ("MOST_UNIT_SUMS", 60 * 60 * 2)])
def test_errors_at_some_thresholds_give_those_of_all(
    name: str, most: int, n_drawn: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    probs, truths = images(60)
    exact = fit_mask_threshold(probs, truths, "mean_dice")
    monkeypatch.setattr(mask_curve, name, most)
    found = fit_mask_threshold(probs, truths, "mean_dice")
    assert 30 < n_drawn[1] <= 60 < n_drawn[0]
    assert abs(found - exact) < 0.03


def test_the_best_threshold_and_both_ends_have_errors() -> None:
    probs, truths = images(20)
    curve = mask_threshold_curve(probs, truths, "mean_dice")
    at = mask_curve._points(curve, np.arange(len(curve.thresholds))[::-1], 40)
    best = int(curve.scores.argmax())
    assert {best, best - 1, best + 1, 0, len(curve.thresholds) - 1} <= set(at.tolist())
    assert len(at) <= 40


def test_images_of_one_group_are_drawn_together() -> None:
    probs, truths = images(12)
    copies = MaskArrays([f"c{i}" for i in range(48)], probs.arrays * 4)
    groups = np.tile(np.arange(12), 4)
    alone = fit_mask_threshold(copies, truths * 4, "mean_dice")
    together = fit_mask_threshold(copies, truths * 4, "mean_dice", groups=groups)
    assert together == fit_mask_threshold(probs, truths, "mean_dice")
    assert alone != together  # four times as many images would make errors half as large


def test_thresholds_of_rare_pixels_are_small() -> None:
    probs, truths = images(scale=0.004)
    found = fit_mask_threshold(probs, truths, "mean_dice")
    expected = fit_mask_threshold(*images(), "mean_dice")
    assert found == pytest.approx(0.004 * expected, rel=0.5)
    assert score_of(probs, truths, found, "mean_dice") > 0.95 * score_of(
        *images(), expected, "mean_dice"
    )


@pytest.mark.parametrize("raw", [False, True])
def test_of_means_a_threshold_of_the_curve_is_taken(raw: bool) -> None:
    halves, truths = images()
    rng = np.random.default_rng(1)
    probs = MaskArrays(
        halves.ids,
        [
            np.clip(one + rng.normal(0, 1e-4, one.shape), 0, 1).astype(np.float32)
            for one in halves.arrays
        ],
    )
    curve = mask_threshold_curve(probs, truths, "mean_dice")
    found = fit_mask_threshold(probs, truths, "mean_dice", raw=raw)
    assert np.float32(found) in curve.thresholds
    assert curve.score_at(found) == score_of(probs, truths, found, "mean_dice")


def test_where_no_threshold_has_a_score_none_is_taken() -> None:
    probs, truths = images(3)
    nothing = [np.full_like(one, 255) for one in truths]
    with pytest.raises(DataError, match="undefined at every threshold"):
        fit_mask_threshold(probs, nothing, "global_dice")
    empty = [np.zeros_like(one) for one in truths]
    found = fit_mask_threshold(probs, empty, "mean_dice")
    assert score_of(probs, empty, found, "mean_dice") == 1.0


@pytest.mark.parametrize("raw", [False, True])
def test_of_means_the_last_threshold_is_taken_where_no_pixel_is_best(raw: bool) -> None:
    halves, truths = images(10)
    probs = MaskArrays(halves.ids, [0.4 * one.astype(np.float32) for one in halves.arrays])
    empty = [np.zeros_like(one) for one in truths]
    found = fit_mask_threshold(probs, empty, "mean_dice", raw=raw)
    assert found == mask_threshold_curve(probs, empty, "mean_dice").thresholds[-1]
    assert score_of(probs, empty, found, "mean_dice") == 1.0


def test_points_of_a_curve_are_its_ends_its_best_and_others_that_are_spread() -> None:
    """No pixel reaches the last hundred thresholds: by pixels they are all one."""
    n, best, most = 300, 120, 60
    scores = -np.abs(np.arange(n) - best).astype(np.float64)
    thresholds = np.linspace(0, 1, n, dtype=np.float32)
    falling = (1e6 * 0.95 ** np.arange(200)).astype(np.int64)
    tails = (np.zeros(100, np.int64), np.arange(100, 0, -1) * 17)
    for is_greater, tail in itertools.product((True, False), tails):
        reached = np.concatenate([falling, tail])
        curve = Curve(thresholds, scores if is_greater else -scores, is_greater)
        at = mask_curve._points(curve, reached, most)
        assert (np.diff(at) > 0).all()
        assert {0, n - 1, *range(best - 4, best + 5)} <= set(at.tolist())
        assert len(at) <= most
        each = (most - 9) // 2
        assert np.diff(at).max() <= np.ceil((n - 1) / (each - 1))
        levels = np.linspace(reached[0], reached[-1], each)
        by_pixels = {int(np.flatnonzero(reached <= one)[0]) for one in levels}
        by_number = {round(i * (n - 1) / (each - 1)) for i in range(each)}
        assert set(at.tolist()) == {*range(best - 4, best + 5), *by_pixels, *by_number}
        # No more pixels lie between one and the next than the share of each, and one step.
        assert -np.diff(reached[at]).min() <= reached[0] / (each - 1) - np.diff(reached).min()
