"""Objects from probabilities: areas, watersheds, scores, and what is refused."""

from __future__ import annotations

import heapq
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import ndimage

from podium.errors import UsageError
from podium.predictions import MaskArrays, decide_mask
from podium.predictions.decisions.masks import check_object_steps, decide_masks
from podium.predictions.decisions.objects import decide_instances, instances_of


def of(*planes: Any) -> MaskArrays:
    """Return one image whose classes have these probabilities."""
    return MaskArrays(["a"], [np.stack([np.asarray(one, np.float32) for one in planes], axis=-1)])


def discs(*places: tuple[float, float, float], size: tuple[int, int] = (40, 60)) -> np.ndarray:
    """Return where any of the discs (row, column, radius) is."""
    rows, columns = np.indices(size)
    found = [(rows - r) ** 2 + (columns - c) ** 2 < radius**2 for r, c, radius in places]
    return np.any(found, axis=0)


PLANE = np.array(
    [
        [0.9, 0.9, 0.0, 0.6, 0.0],
        [0.7, 0.0, 0.0, 0.0, 0.0],
        [0.0, 0.8, 0.0, 0.5, 0.5],
    ]
)


def test_areas_of_touching_pixels_are_objects_whose_score_is_their_mean() -> None:
    found = instances_of(of(PLANE), 0, None, "binary")
    np.testing.assert_array_equal(
        found.labels(), [[1, 1, 0, 2, 0], [1, 0, 0, 0, 0], [0, 1, 0, 3, 3]]
    )
    np.testing.assert_allclose(found.scores, [(0.9 + 0.9 + 0.7 + 0.8) / 4, 0.6, 0.5], rtol=1e-6)
    by_sides = instances_of(of(PLANE), 0, [{"objects": {"connectivity": 1}}], "binary")
    assert sorted(by_sides.areas.tolist()) == [1, 1, 2, 3]


def test_steps_before_and_after_objects() -> None:
    steps = [{"threshold": 0.55}, {"min_area": 2}, {"objects": None}]
    assert instances_of(of(PLANE), 0, steps, "binary").areas.tolist() == [4]
    steps = [{"threshold": 0.5}, {"objects": None}, {"min_area": 2}]
    assert instances_of(of(PLANE), 0, steps, "binary").areas.tolist() == [4, 2]
    steps = [{"objects": {"connectivity": 1}}, {"largest": 2}]
    assert instances_of(of(PLANE), 0, steps, "binary").areas.tolist() == [3, 2]
    steps = [{"objects": None}, {"largest": [1, 2]}]
    found = instances_of(of(PLANE, PLANE), 0, steps, "multilabel")
    assert found.areas.tolist() == [4, 4, 2]
    assert found.classes.tolist() == [0, 1, 1]
    # Seeds by hysteresis: only the area that is sure somewhere is taken apart.
    steps = [{"hysteresis": {"low": 0.5, "high": 0.85}}, {"objects": None}]
    assert instances_of(of(PLANE), 0, steps, "binary").areas.tolist() == [4]


@pytest.mark.slow
def test_the_instances_of_a_watershed_are_scored_each_by_its_own_pixels() -> None:
    """Two discs that touch: one is surer, and each score is the mean over what the cut gave it."""
    left, right = discs((20, 18, 10)), discs((20, 36, 10))
    plane = np.where(left, 0.9, np.where(right, 0.6, 0.1)).astype(np.float32)
    split = {"split": "watershed", "distance": 6}
    found = instances_of(of(plane), 0, [{"threshold": 0.5}, {"objects": split}], "binary")
    assert len(found) == 2
    for one, score in zip(found.planes(), found.scores, strict=True):
        assert score == pytest.approx(float(plane[one].mean(dtype=np.float64)), rel=1e-6)
    assert found.scores[0] > 0.85 > 0.65 > found.scores[1]


def test_each_class_has_objects_of_its_own_and_they_may_overlap() -> None:
    other = np.zeros_like(PLANE)
    other[0] = 0.75
    found = instances_of(of(PLANE, other), 0, [{"threshold": [0.85, 0.5]}], "multilabel")
    assert found.classes.tolist() == [0, 1]
    assert found.areas.tolist() == [2, 5]
    assert found.intersection(0, found, 1) == 2
    union = decide_mask(of(PLANE, other), 0, [{"threshold": [0.85, 0.5]}, "objects"], "multilabel")
    np.testing.assert_array_equal(union, np.stack([PLANE > 0.85, other > 0.5], axis=-1))


def test_pixels_that_no_view_covered_are_of_no_object() -> None:
    plane = PLANE.copy()
    plane[0, 1] = np.nan
    found = instances_of(of(plane), 0, [{"threshold": 0.85}], "binary")
    assert found.areas.tolist() == [1]
    assert found.scores[0] == np.float32(0.9)


def test_a_gate_empties_the_image() -> None:
    steps = [{"gate": 0.4}, {"threshold": 0.5}, {"objects": {}}]
    assert len(instances_of(of(PLANE), 0, steps, "binary", presence=np.array([0.3]))) == 0
    ((_, found),) = decide_instances(of(PLANE), steps, "binary", presence=np.array([[0.4]]))
    assert len(found) == 3
    with pytest.raises(UsageError, match="needs a classifier"):
        decide_instances(of(PLANE), steps, "binary")


@pytest.mark.parametrize("distance", [3, 6, 9])
def test_a_watershed_takes_touching_discs_of_two_sizes_apart_at_their_neck(distance: int) -> None:
    plane = discs((20, 18, 13), (20, 37, 8)) * 0.9
    whole = instances_of(of(plane), 0, None, "binary")
    assert len(whole) == 1
    split = {"split": "watershed", "distance": distance}
    found = instances_of(of(plane), 0, [{"threshold": 0.5}, {"objects": split}], "binary")
    assert len(found) == 2
    np.testing.assert_array_equal(found.labels() > 0, plane > 0)
    # The circles meet where 13² - (c - 18)² = 8² - (37 - c)².
    neck = (13**2 - 8**2 + 37**2 - 18**2) / (2 * (37 - 18))
    left = np.argsort([box[1] for box in found.boxes])[0]
    expected = (plane > 0) & (np.indices(plane.shape)[1] < neck)
    assert np.count_nonzero(found.plane(left) ^ expected) <= 0.05 * expected.sum()


def test_a_higher_threshold_gives_the_seeds_and_what_has_none_is_no_object() -> None:
    plane = np.full((9, 21), 0.1)
    plane[2:7, 2:9] = plane[2:7, 9:16] = 0.6  # one area
    plane[4, 4] = plane[4, 13] = 0.9
    plane[2:4, 18:20] = 0.7  # another, nowhere sure
    split = {"split": "watershed", "seed": 0.85}
    found = instances_of(of(plane), 0, [{"threshold": 0.5}, {"objects": split}], "binary")
    assert len(found) == 2
    assert found.areas.sum() == 70
    assert abs(int(np.diff(found.areas)[0])) <= 10
    both = {"split": "watershed", "seed": 0.55, "distance": 30}
    assert len(instances_of(of(plane), 0, [{"objects": both}], "binary")) == 2


def test_an_image_that_is_all_object_and_one_that_is_none() -> None:
    split = [{"objects": {"split": "watershed", "distance": 3}}]
    assert instances_of(of(np.ones((5, 7))), 0, split, "binary").areas.tolist() == [35]
    assert len(instances_of(of(np.zeros((5, 7))), 0, split, "binary")) == 0


small = arrays.arrays(
    np.int32, st.tuples(st.integers(1, 7), st.integers(1, 7)), elements=st.integers(0, 4)
)


@settings(deadline=None)
@given(levels=small, where=st.integers(0, 2**49 - 1), by_corners=st.booleans())
def test_the_flood_is_that_of_a_plain_queue(
    levels: np.ndarray, where: int, by_corners: bool
) -> None:
    from podium.predictions._kernels import flood

    bits = np.array([where >> n & 1 for n in range(levels.size)]).reshape(levels.shape)
    seeds, _ = ndimage.label(bits & (levels > 0))
    labels = seeds.astype(np.int32)
    flood(levels, labels, by_corners=by_corners)
    np.testing.assert_array_equal(labels, flooded(levels, seeds, by_corners))


def flooded(levels: np.ndarray, seeds: np.ndarray, by_corners: bool) -> np.ndarray:
    """Return the watershed as a queue of all pixels has it: highest first, then the earliest."""
    labels, queue, number = seeds.copy(), [], 0
    for row, column in np.argwhere(seeds):
        heapq.heappush(queue, (-levels[row, column], number, row, column))
        number += 1
    while queue:
        level, _, row, column = heapq.heappop(queue)
        for r, c in np.ndindex(3, 3):
            r, c = row + r - 1, column + c - 1
            is_inside = 0 <= r < len(levels) and 0 <= c < levels.shape[1]
            is_corner = r != row and c != column
            if not is_inside or (is_corner and not by_corners):
                continue
            if levels[r, c] and not labels[r, c]:
                labels[r, c] = labels[row, column]
                heapq.heappush(queue, (max(-levels[r, c], level), number, r, c))
                number += 1
    return labels


@settings(deadline=None, max_examples=50)
@given(
    plane=arrays.arrays(
        np.float32,
        st.tuples(st.integers(1, 12), st.integers(1, 12)),
        elements=st.sampled_from([0, 0.6, 0.9]),
    ),
    distance=st.integers(1, 5),
    connectivity=st.sampled_from([1, 2]),
)
def test_objects_of_a_watershed_cover_the_mask_once_and_hold_together(
    plane: np.ndarray, distance: int, connectivity: int
) -> None:
    split = {"connectivity": connectivity, "split": "watershed", "distance": distance}
    found = instances_of(of(plane), 0, [{"threshold": 0.5}, {"objects": split}], "binary")
    covered = np.sum([np.zeros(plane.shape, int), *found.planes()], axis=0)
    np.testing.assert_array_equal(covered, (plane >= 0.5).astype(int))
    for one in found.planes():
        assert ndimage.label(one, np.ones((3, 3)))[1] == 1


@pytest.mark.parametrize("workers", [1, 3])
def test_many_images_are_decided_in_order(workers: int) -> None:
    rng = np.random.default_rng(3)
    probs = MaskArrays(list("abcde"), [rng.random((7, 9, 2), np.float32) for _ in range(5)])
    steps = [{"threshold": 0.6}, {"objects": {"connectivity": 1}}, {"min_area": [2, 3]}]
    got = list(decide_instances(probs, steps, "multilabel", workers=workers))
    assert [one for one, _ in got] == list("abcde")
    masks = dict(decide_masks(probs, steps, "multilabel", workers=workers))
    for i, (one, found) in enumerate(got):
        expected = instances_of(probs, i, steps, "multilabel")
        np.testing.assert_array_equal(found.labels(), expected.labels())
        np.testing.assert_array_equal(
            masks[one][..., 0],
            np.any(
                [
                    np.zeros((7, 9), bool),
                    *expected.take(np.flatnonzero(expected.classes == 0)).planes(),
                ],
                axis=0,
            ),
        )


@pytest.mark.parametrize(
    ("steps", "what"),
    [
        ([{"objects": {"split": "cut"}}], "none or watershed"),
        ([{"objects": {"splitt": "watershed"}}], "objects takes connectivity"),
        ([{"objects": {"split": "watershed"}}], "needs seed"),
        ([{"objects": {"distance": 4}}], "only where it splits"),
        ([{"objects": {"split": "watershed", "seed": [0.1, 0.2, 0.3]}}], "2 or 1 finite"),
        ([{"objects": {"split": "watershed", "distance": -1}}], ">= 0"),
        ([{"objects": {}}, {"objects": {}}], "stands twice"),
        ([{"objects": {}}, {"threshold": 0.5}], "no step on objects"),
        ([{"objects": {}}, {"median": 5}], "before objects"),
        ([{"objects": {}}, {"min_area": -4}], "in pixels, >= 0"),
        ([{"argmax": None}, {"objects": {}}], "no step for multilabel|not a step"),
    ],
)
def test_what_cannot_be_meant_is_refused(steps: list[dict[str, Any]], what: str) -> None:
    with pytest.raises(UsageError, match=what):
        check_object_steps(steps, "multilabel", 2)
