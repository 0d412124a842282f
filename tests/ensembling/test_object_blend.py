"""Blends of objects: honest scores by brute force, with sums of images and without."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from ensembling.fits import fit_masks
from scipy import ndimage

from podium.competition import metrics
from podium.competition.truths.instances import Instances
from podium.ensembling.masks.rows import MaskRows
from podium.ensembling.rows import LoneGroupError
from podium.errors import DataError
from podium.predictions import MaskArrays
from podium.predictions.decisions.objects import instances_of
from podium.tuning.masks.space import mask_space

SIZE, N = (32, 48), 18
FOLDS = np.repeat([0, 1, 2], [10, 4, 4])


def scene(i: int, seed: int) -> tuple[Instances, np.ndarray]:
    """Return two discs that touch and a network that does not see the edge between them.

    In fold 0 it sees a halo around them, which a high threshold takes away; in the others it is not
    sure of what it sees, and a high threshold takes everything away.
    """
    rng = np.random.default_rng([seed, i])
    rows, columns = np.indices(SIZE)
    y, x, radius = rng.uniform(10, 20), rng.uniform(10, 22), rng.uniform(6, 8)
    one = np.hypot(rows - y, columns - x) < radius
    other = (np.hypot(rows - y, columns - x - 1.7 * radius) < radius) & ~one
    area = one | other
    if FOLDS[i] == 0:
        predicted = np.where(
            area, 0.9, np.where(ndimage.binary_dilation(area, iterations=3), 0.6, 0.1)
        )
    else:
        predicted = np.where(area, 0.57, 0.1)
    predicted = predicted + rng.uniform(-0.02, 0.02, SIZE)
    return Instances.from_labels(one + 2 * other), predicted[..., None].astype(np.float32)


def rows_of(n_members: int = 1) -> MaskRows:
    ids = [f"i{i}" for i in range(N)]
    members = tuple(
        MaskArrays(ids, [scene(i, 0)[1] ** (1 + m) for i in range(N)]) for m in range(n_members)
    )
    truths: list[Any] = [scene(i, 0)[0] for i in range(N)]
    names = tuple(f"m{m}" for m in range(n_members))
    return MaskRows(ids, members, truths, FOLDS, None, names)


def steps_of_candidates() -> list[list[dict[str, Any]]]:
    space = mask_space("instance", [SIZE] * N, trials=45)
    return [[{"threshold": one.level}, *one.cleaning] for one in space.candidates]


@pytest.mark.slow
@pytest.mark.other_cases("long")
@pytest.mark.parametrize("name", ["iou_precision", "mask_map", "panoptic_quality"])
def test_the_honest_score_is_that_of_the_decisions_of_other_folds(name: str) -> None:
    rows = rows_of()
    made, _ = fit_masks(rows, name, "binary", n_outputs=1, trials=45, n_resamples=50, raw=True)
    candidates = steps_of_candidates()
    predicted = [
        [instances_of(rows.members[0], i, steps, "binary") for i in range(N)]
        for steps in candidates
    ]

    def score(decided: list[Instances], inside: np.ndarray) -> float:
        at = np.flatnonzero(inside)
        return metrics.score(name, [rows.truths[i] for i in at], [decided[i] for i in at])

    honest: list[Instances] = [None] * N  # type: ignore[list-item]
    chosen: list[int] = []
    for fold in range(3):
        # The best is better than the plain one by far more than luck, and not the same everywhere.
        best = int(np.argmax([score(one, fold != FOLDS) for one in predicted]))
        chosen.append(best)
        assert score(predicted[best], fold != FOLDS) > score(predicted[0], fold != FOLDS) + 0.1
        for i in np.flatnonzero(fold == FOLDS):
            honest[i] = predicted[best][i]
    every = np.ones(N, bool)
    assert chosen[0] not in chosen[1:]
    assert made.honest == pytest.approx(score(honest, every))
    best = int(np.argmax([score(one, every) for one in predicted]))
    assert made.decision == tuple(candidates[best])
    assert made.optimistic == pytest.approx(score(predicted[best], every))
    assert made.untuned == pytest.approx(score(predicted[0], every))
    assert made.honest_interval is not None
    assert made.honest_interval[0] <= made.honest <= made.honest_interval[1]
    for fold in range(3):
        assert made.by_fold[fold] == pytest.approx(score(honest, fold == FOLDS))
    assert (made.n_scored, made.kind, made.task) == (N, "binary", "segment")


@pytest.mark.parametrize("name", ["mask_map", "panoptic_quality"])
def test_one_fold_with_one_group_is_scored_plainly(name: str) -> None:
    every = np.arange(N)
    zeros = np.zeros(N, int)
    rows = replace(rows_of(2), folds=zeros, groups=np.array(["a"] * N, object))
    made, _ = fit_masks(rows, name, "binary", n_outputs=1, n_resamples=20, plain=True)
    mixed = rows.mixed([0.5, 0.5])
    decided = [instances_of(mixed, i, [{"threshold": 0.5}], "binary") for i in every]
    assert made.honest == pytest.approx(metrics.score(name, list(rows.truths), decided))
    assert made.optimistic == pytest.approx(made.honest)
    assert made.weights == (0.5, 0.5)
    assert made.decision == ()
    assert made.honest_interval is None
    assert any("nothing was fitted" in one for one in made.notes)
    for options in ({"plain": False}, {"plain": True, "method": "hill_climb"}):
        with pytest.raises(LoneGroupError, match="cannot be cross-fitted"):
            fit_masks(rows, name, "binary", n_outputs=1, n_resamples=20, **options)


def test_raw_takes_a_gain_within_its_error_of_a_metric_without_sums() -> None:
    """Of noise no threshold is better than another, but one scores best."""
    rng = np.random.default_rng(3)
    discs = [scene(i, 0)[1] > 0.4 for i in range(N)]
    noisy = [0.6 * one + 0.2 + rng.normal(0, 0.6, one.shape) for one in discs]
    blurred = [ndimage.gaussian_filter(one, (2, 2, 0)).clip(0, 1) for one in noisy]
    members = (MaskArrays(rows_of().ids, [one.astype(np.float32) for one in blurred]),)
    rows = replace(rows_of(), members=members)
    thresholds = [0.5, 0.49, 0.51, 0.505, 0.495]
    grid: Any = ({"threshold": {"try": thresholds}},)
    robust, raw = (
        fit_masks(rows, "mask_map", "binary", n_outputs=1, n_resamples=10, grid=grid, raw=raw)[0]
        for raw in (False, True)
    )
    scores = {
        one: metrics.score(
            "mask_map",
            rows.truths,
            [instances_of(members[0], i, [{"threshold": one}], "binary") for i in range(N)],
        )
        for one in thresholds
    }
    best = max(thresholds, key=lambda one: scores[one])
    assert best != 0.5
    assert (robust.raw, raw.raw) == (False, True)
    assert robust.decision == ({"threshold": 0.5},)
    assert raw.decision == ({"threshold": best},)
    assert raw.optimistic == pytest.approx(scores[best])


@pytest.mark.parametrize("name", ["iou_f2", "mask_map"])
def test_a_member_that_is_better_alone_is_reported(name: str) -> None:
    rows = rows_of(2)
    one, _ = fit_masks(rows, name, "binary", n_outputs=1, trials=1, n_resamples=10)
    assert one.weights == (0.5, 0.5)
    assert one.decision == ()
    assert one.honest == one.optimistic == one.untuned
    noise = MaskArrays(rows.ids, [np.full((*SIZE, 1), 0.01, np.float32)] * N)
    rows = replace(rows, members=(rows.members[0], noise))
    one, _ = fit_masks(rows, name, "binary", n_outputs=1, trials=1, n_resamples=10)
    # A mean of 0.9 and 0.01 is below one half: nothing is said.
    assert any(note.startswith("m0 alone") for note in one.notes)


def test_a_metric_that_scores_one_set_at_a_time_is_not_tuned() -> None:
    mine = replace(metrics.get("mask_map"), name="mine", score_draws=None, source="00000000")
    rows = rows_of()
    made, _ = fit_masks(rows, mine, "binary", n_outputs=1, n_resamples=50)
    assert (made.decision, made.honest_interval) == ((), None)
    assert any("no tuning" in note for note in made.notes)
    plain = [instances_of(rows.members[0], i, None, "binary") for i in range(N)]
    assert made.honest == pytest.approx(metrics.score("mask_map", rows.truths, plain))


def test_images_of_a_group_stay_together() -> None:
    rows = replace(rows_of(), groups=np.array([f"g{i // 4}" for i in range(N)], dtype=object))
    for name in ("iou_precision", "mask_map"):
        with pytest.raises(DataError, match="groups lie in two folds"):
            fit_masks(rows, name, "binary", n_outputs=1, trials=1)


def test_probabilities_are_scored_as_they_are() -> None:
    rng = np.random.default_rng(7)
    ids = [f"i{i}" for i in range(12)]
    masks: list[Any] = [rng.integers(0, 2, (6, 8), np.uint8) for _ in ids]
    arrays = [np.clip(mask + rng.normal(0, 0.3, mask.shape), 0, 1)[..., None] for mask in masks]
    members = (MaskArrays(ids, arrays), MaskArrays(ids, [one**2 for one in arrays]))
    rows = MaskRows(ids, members, masks, np.arange(12) % 3, None, ("a", "b"))
    made, _ = fit_masks(rows, "pixel_rmse", "binary", n_outputs=1, n_resamples=50)
    mean = [np.float32((one + one**2) / 2)[..., 0] for one in arrays]
    squares = [(values - mask) ** 2 for values, mask in zip(mean, masks, strict=True)]
    assert made.honest == pytest.approx(np.sqrt(np.mean(squares)), rel=1e-6)
    assert (made.decision, made.untuned, made.optimistic) == ((), None, made.honest)
