"""Sums of candidates on objects and volumes: look-ups are what deciding afresh gives."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.competition.scores.sum_scorer import SumScorer
from podium.competition.truths.instances import Instances
from podium.competition.truths.volumes import Volume, refuse_torn_volumes, volumes_of
from podium.errors import DataError, UsageError
from podium.predictions import MaskArrays, decide_mask
from podium.predictions.decisions.objects import instances_of
from podium.tasks.protocols.find import pixel_kind
from podium.tuning.masks.decision import (
    PLAIN,
    GatedTable,
    MaskChoice,
    choose_mask_decision,
    steps_of,
)
from podium.tuning.masks.space import MaskCandidate, mask_space
from podium.tuning.masks.sums import sum_objects, sum_volumes

SIZE = (48, 64)


def cells(n: int, seed: int, *, n_classes: int = 1) -> tuple[list[Instances], MaskArrays]:
    """Return images of discs, some of which touch, and a blurry network's predictions of them."""
    rng = np.random.default_rng(seed)
    rows, columns = np.indices(SIZE)
    truths, arrays = [], []
    for _ in range(n):
        labels = np.zeros(SIZE, np.int32)
        probs = np.full((*SIZE, n_classes), 0.05, np.float32)
        classes = []
        for number in range(1, int(rng.integers(1, 6))):
            y, x, radius = rng.uniform(5, 43), rng.uniform(5, 59), rng.uniform(4, 8)
            distance = np.hypot(rows - y, columns - x)
            disc = (distance < radius) & (labels == 0)
            if not disc.any():
                continue
            labels[disc] = number
            classes.append(int(rng.integers(n_classes)))
            predicted = np.clip(0.85 - 0.04 * distance, 0.05, None) * (distance < radius + 2)
            probs[..., classes[-1]] = np.maximum(probs[..., classes[-1]], predicted)
        truths.append(Instances.from_labels(labels, classes))
        arrays.append(probs + rng.uniform(0, 0.04, probs.shape).astype(np.float32))
    return truths, MaskArrays([f"i{i}" for i in range(n)], arrays)


@pytest.mark.parametrize("kind", ["binary", "multilabel"])
def test_each_candidate_has_the_sums_of_its_own_decision(kind: Any) -> None:
    n_classes = 1 if kind == "binary" else 2
    truths, probs = cells(4, 1, n_classes=n_classes)
    space = mask_space("instance", probs.sizes, trials=45)
    scorer = SumScorer.of("iou_precision", pixel_kind(kind), n_classes=n_classes)
    table = sum_objects(probs, truths, space, scorer, workers=2)
    assert {one.apart for one in space.candidates} == {0, 2, 3}
    gated = GatedTable.of(table, None)
    for a in range(len(space.candidates)):
        choice = MaskChoice(((a, 0),))
        steps = steps_of(gated, choice, n_classes)
        predicted = [instances_of(probs, i, steps, kind) for i in range(4)]
        expected = metrics.sums("iou_precision", truths, predicted)
        np.testing.assert_array_equal(gated.look_up(choice, np.arange(4)), expected)
    assert steps_of(gated, PLAIN, n_classes) == []
    nothing = [Instances.nothing(SIZE)] * 4
    np.testing.assert_array_equal(table.empty, metrics.sums("iou_precision", truths, nothing))


def test_a_watershed_is_chosen_where_objects_touch() -> None:
    truths, probs = cells(24, 2)
    # Two discs that always touch, and a network that cannot tell them apart.
    rows, columns = np.indices(SIZE)
    both = [np.hypot(rows - 24, columns - c) < 10 for c in (22, 40)]
    labels = np.where(both[0], 1, 0) + np.where(both[1] & ~both[0], 2, 0)
    truths = [Instances.from_labels(labels)] * 24
    probs = replace(probs, arrays=[np.where(labels > 0, 0.9, 0.1)[..., None]] * 24)
    space = mask_space("instance", probs.sizes, trials=45)
    scorer = SumScorer.of("iou_precision", pixel_kind("binary"), n_classes=1)
    gated = GatedTable.of(sum_objects(probs, truths, space, scorer), None)
    choice = choose_mask_decision(gated, scorer, np.arange(24)).decision
    steps = steps_of(gated, choice, 1)
    assert [name for step in steps for name in step] == ["threshold", "objects"]
    assert steps[1]["objects"]["split"] == "watershed"
    found = instances_of(probs, 0, steps, "binary")
    assert metrics.score("iou_precision", truths[:1], [found]) > 0.8
    assert scorer.score(gated.look_up(PLAIN, np.arange(24))) < 0.3


def test_a_gate_empties_whole_images() -> None:
    truths, probs = cells(6, 3)
    scorer = SumScorer.of("iou_f2", pixel_kind("binary"), n_classes=1)
    space = mask_space("instance", probs.sizes, trials=1)
    table = sum_objects(probs, truths, space, scorer)
    presence = np.array([[0.01], [0.9], [0.04], [0.3], [0.6], [0.02]])
    gated = GatedTable.of(table, presence)
    g = gated.gates.index(0.1)
    found = gated.look_up(MaskChoice(((0, g),)), np.arange(6))
    steps = [{"gate": 0.1}, {"threshold": 0.5}, {"objects": {}}]
    predicted = [instances_of(probs, i, steps, "binary", presence=presence[i]) for i in range(6)]
    np.testing.assert_array_equal(found, metrics.sums("iou_f2", truths, predicted))
    assert steps_of(gated, MaskChoice(((0, g),)), 1) == steps
    with pytest.raises(UsageError, match="a gate for an image"):
        table.where(np.ones((6, 2), bool))


def test_an_image_without_truth_or_of_another_size_is_named() -> None:
    truths, probs = cells(3, 4)
    scorer = SumScorer.of("iou_precision", pixel_kind("binary"), n_classes=1)
    space = mask_space("instance", probs.sizes, trials=1)
    with pytest.raises(DataError, match=r"i1.*no mask"):
        sum_objects(probs, [truths[0], None, truths[2]], space, scorer)
    with pytest.raises(DataError, match=r"i2.*sizes do not match"):
        sum_objects(probs, [*truths[:2], Instances.nothing((4, 4))], space, scorer)


def volume_dice(truth: Any, predicted: Any, **_: Any) -> np.ndarray:
    """Return twice the voxels in both, and those in each, of every volume."""
    return np.array(
        [[2 * (t & s).sum(), t.sum() + s.sum()] for t, s in zip(truth, predicted, strict=True)]
    )


DICE_OF_VOLUMES = Metric.from_sums(
    "volume_dice",
    needs="volumes",
    greater_is_better=True,
    kinds=frozenset({"binary", "multilabel", "multiclass"}),
    sums=volume_dice,
    # The mean over volumes of a ratio would be none of sums: here voxels are pooled.
    value=lambda sums, **_: float(sums[:, 0].sum() / max(1, sums[:, 1].sum())),
)
DICE_OF_VOLUMES = replace(DICE_OF_VOLUMES, task="segment")


@pytest.mark.parametrize("kind", ["binary", "multilabel", "multiclass"])
def test_each_candidate_has_the_sums_of_its_own_volumes(kind: Any) -> None:
    rng = np.random.default_rng(5)
    channels = {"binary": 1, "multilabel": 2, "multiclass": 3}[kind]
    depths = (3, 2)
    sizes = [(9, 11)] * 3 + [(7, 5)] * 2
    arrays = [rng.random((*size, channels), np.float32) for size in sizes]
    probs = MaskArrays(list("abcde"), arrays)
    masks = [
        rng.integers(0, 2, (*size, 2) if kind == "multilabel" else size, np.uint8) for size in sizes
    ]
    volumes = [Volume("u", np.array([2, 0, 1])), Volume("v", np.array([3, 4]))]
    assert tuple(len(one.rows) for one in volumes) == depths
    scorer = SumScorer.of(DICE_OF_VOLUMES, pixel_kind(kind), n_classes=2)
    space = mask_space(kind, probs.sizes, trials=12)
    gated = GatedTable.of(sum_volumes(probs, masks, volumes, space, scorer), None)
    for a, candidate in enumerate(space.candidates):
        choice = MaskChoice(((a, 0),))
        steps = steps_of(gated, choice, channels)
        predicted = [decide_mask(probs, i, steps, kind) for i in range(5)]
        expected = volume_dice(
            [np.stack([masks[i] for i in one.rows]) for one in volumes],
            [np.stack([predicted[i] for i in one.rows]) for one in volumes],
        )
        np.testing.assert_array_equal(gated.look_up(choice, np.arange(2)), expected, str(candidate))


def test_slices_of_two_sizes_are_no_volume() -> None:
    probs = MaskArrays(list("ab"), [np.zeros((3, 3, 1)), np.zeros((4, 3, 1))])
    masks = [np.zeros((3, 3), np.uint8), np.zeros((4, 3), np.uint8)]
    scorer = SumScorer.of(DICE_OF_VOLUMES, pixel_kind("binary"), n_classes=1)
    space = mask_space("binary", probs.sizes, trials=1)
    with pytest.raises(DataError, match=r"u.*slice 1 has the shape \(4, 3\)"):
        sum_volumes(probs, masks, [Volume("u", np.arange(2))], space, scorer)


def test_a_volume_is_the_slices_of_a_unit_in_the_order_of_their_numbers() -> None:
    ids = ["k_10", "k_9", "m_1", "k_0011", "m_0"]
    samples = pd.DataFrame({"id": ids, "unit": ["k", "k", "m", "k", "m"]})
    found = {one.name: one.rows.tolist() for one in volumes_of(samples)}
    assert found == {"k": [1, 0, 3], "m": [4, 2]}
    samples["slice"] = [3, 7, 0, 5, 1]
    found = {one.name: one.rows.tolist() for one in volumes_of(samples)}
    assert found == {"k": [0, 3, 1], "m": [2, 4]}
    with pytest.raises(DataError, match="no column groups images to volumes"):
        volumes_of(pd.DataFrame({"id": ids, "unit": ids}))
    alone = pd.DataFrame({"id": ids, "unit": ids, "volume": list("kkmkm")})
    assert [one.name for one in volumes_of(alone)] == ["k", "m"]
    refuse_torn_volumes(volumes_of(alone), np.array([0, 0, 1, 0, 1]))
    with pytest.raises(DataError, match=r"slices of 1 volume lie in several folds: 'k'"):
        refuse_torn_volumes(volumes_of(alone), np.array([0, 0, 1, 2, 1]))
    with pytest.raises(DataError, match="one place"):
        volumes_of(samples.assign(slice=0))


def test_the_grid_of_objects_begins_with_areas_that_touch() -> None:
    space = mask_space("instance", [(256, 256)], trials=50)
    assert space.candidates[0] == MaskCandidate(0.5, apart=0)
    assert space.axes == {
        "threshold": [0.2, 0.35, 0.5, 0.65, 0.8],
        "min_area": [0, 3, 26],
        "apart": [0, 5, 13],
    }
    assert len(set(space.candidates)) == 45
    point = {"threshold": 0.2, "min_area": 3, "apart": 13}
    found = [space.candidates[a] for a in space.numbers_at(point)]
    assert found == [MaskCandidate(0.2, 3, apart=13)]
