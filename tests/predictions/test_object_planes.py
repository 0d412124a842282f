"""Planes taken apart: against plain loops over the areas, and against scipy."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import ndimage

from podium.predictions import MaskArrays
from podium.predictions._kernels import boxes_of, mean_values, squared_distances
from podium.predictions.decisions import objects
from podium.predictions.decisions.objects import instances_by_split, instances_of

planes = arrays.arrays(
    np.uint8, st.tuples(st.integers(1, 14), st.integers(1, 14)), elements=st.sampled_from([0, 1, 1])
)


def blobs(seed: int, size: tuple[int, int] = (90, 120), *, n_classes: int = 1) -> MaskArrays:
    """Return one image of noisy discs that touch, at the edge of the image, too."""
    rng = np.random.default_rng(seed)
    rows, columns = np.indices(size)
    probs = np.full((*size, n_classes), 0.03, np.float32)
    for _ in range(30):
        y, x, radius = rng.uniform(0, size[0]), rng.uniform(0, size[1]), rng.uniform(2, 11)
        distance = np.hypot(rows - y, columns - x)
        plane = probs[..., int(rng.integers(n_classes))]
        np.maximum(plane, 1 / (1 + np.exp(distance - radius)), out=plane)
    noisy = np.clip(probs + rng.normal(0, 0.08, probs.shape), 0, 1).astype(np.float32)
    noisy[rng.random(size) < 0.002] = np.nan
    return MaskArrays(["a"], [noisy])


@settings(deadline=None, max_examples=80)
@given(plane=planes)
def test_distances_are_those_of_scipy_and_equal_ones_are_equal(plane: np.ndarray) -> None:
    if plane.all():
        np.testing.assert_array_equal(squared_distances(plane), np.ones_like(plane))
        return
    exact = np.rint(ndimage.distance_transform_edt(plane) ** 2)
    np.testing.assert_array_equal(squared_distances(plane), exact)


def plain_seeds(mask: np.ndarray, apart: int, connectivity: int) -> list[set[tuple[int, int]]]:
    """Return the pixels of each seed: area by area, every pixel compared with a whole disc."""
    structure = np.ones((3, 3)) if connectivity == 2 else None
    areas, n = ndimage.label(mask, structure)
    squares = np.rint(ndimage.distance_transform_edt(mask) ** 2)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * apart + 1, 2 * apart + 1))
    half = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (apart | 1, apart | 1))
    seeds = []
    for number in range(1, n + 1):
        inside = areas == number
        heights = np.where(inside, squares, 0)
        is_peak = inside & (heights >= ndimage.grey_dilation(heights, footprint=disc))
        broad = ndimage.binary_dilation(is_peak, half) & inside
        numbers, _ = ndimage.label(broad, np.ones((3, 3)))
        seeds += [
            {(r, c) for r, c in np.argwhere(is_peak & (numbers == one)).tolist()}
            for one in np.unique(numbers[is_peak]).tolist()
        ]
    return seeds


@pytest.mark.other_cases("slow", every=5)
@pytest.mark.parametrize("apart", [1, 2, 5, 12])
@pytest.mark.parametrize("connectivity", [1, 2])
@pytest.mark.parametrize("threshold", [0.4, 0.8])
def test_each_seed_of_a_distance_has_one_object(
    apart: int, connectivity: int, threshold: float
) -> None:
    for seed in range(3):
        probs = blobs(seed)
        split = {"split": "watershed", "distance": apart, "connectivity": connectivity}
        found = instances_of(probs, 0, [{"threshold": threshold}, {"objects": split}], "binary")
        mask = np.nan_to_num(probs.arrays[0][..., 0]) >= np.float32(threshold)
        expected = plain_seeds(mask, apart, connectivity)
        labels = found.labels()
        assert len(found) == len(expected)
        assert all(found.areas)
        numbers = [{int(labels[at]) for at in seed} for seed in expected]
        assert all(len(one) == 1 for one in numbers)
        assert set[int]().union(*numbers) == set(range(1, len(found) + 1))


def test_a_lobe_is_a_seed_beside_a_larger_area() -> None:
    rows, columns = np.indices((32, 64))
    large, small, end = (
        np.hypot(rows - 15, columns - at) < radius for at, radius in ((15, 9), (30, 4), (52, 6))
    )
    bar = (abs(rows - 15) < 2) & (columns > 30) & (columns < 52)
    probs = MaskArrays(["a"], [(large | small | end | bar)[..., None] * np.float32(0.9)])
    split = {"split": "watershed", "distance": 15}
    labels = instances_of(probs, 0, [{"threshold": 0.5}, {"objects": split}], "binary").labels()
    assert sorted({int(labels[15, at]) for at in (15, 30, 52)}) == [1, 2, 3]
    assert labels.max() == 3


@settings(deadline=None, max_examples=60)
@given(
    labels=arrays.arrays(np.int32, (7, 5), elements=st.sampled_from([0, 1, 2, 4])),
    bands=st.sampled_from([1, 2, 7]),
)
def test_boxes_and_means_are_those_of_each_number_by_itself(labels: np.ndarray, bands: int) -> None:
    values = np.random.default_rng(0).random((7, 5, 2), np.float32)
    values[3, 2] = np.nan
    boxes = boxes_of(labels)
    rows = [slice(top, min(7, top + bands)) for top in range(0, 7, bands)]
    means = mean_values([labels, labels * 0], [(one, values[one]) for one in rows])
    assert len(means[1]) == 1
    for number in range(1, len(boxes)):
        where = labels == number
        if not where.any():
            assert boxes[number, 2] == 0
            continue
        ((found_rows, found_columns),) = ndimage.find_objects(where.astype(int))
        assert boxes[number].tolist() == [
            found_rows.start, found_columns.start, found_rows.stop, found_columns.stop
        ]  # fmt: skip
        mean = np.nan_to_num(values[..., 0][where].astype(np.float64)).mean()
        np.testing.assert_allclose(means[0][number], mean, rtol=1e-12)


SPLITS: list[dict[str, Any]] = [
    {"objects": {}},
    {"objects": {"connectivity": 1}},
    {"objects": {"split": "watershed", "distance": 3}},
    {"objects": {"split": "watershed", "distance": 9, "connectivity": 1}},
    {"objects": {"split": "watershed", "seed": 0.8}},
    {"objects": {"split": "watershed", "seed": 0.8, "distance": 5}},
]


@pytest.mark.parametrize("are_shared", [True, False])
@pytest.mark.parametrize(("kind", "n_classes"), [("binary", 1), ("multilabel", 2)])
def test_what_splits_share_changes_none_of_them(
    kind: Any, n_classes: int, are_shared: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects, "_BAND_VALUES", 1500)  # several bands, several sums
    if not are_shared:
        monkeypatch.setattr(objects, "_SHARED_VALUES", 0)
    probs = blobs(7, n_classes=n_classes)
    before = [{"threshold": 0.45}]
    together = list(instances_by_split(probs, 0, before, SPLITS, kind))
    assert len({len(one) for one in together}) > 3
    for split, found in zip(SPLITS, together, strict=True):
        alone = instances_of(probs, 0, [*before, split], kind)
        assert found.boxes == alone.boxes
        np.testing.assert_array_equal(found.labels(), alone.labels())
        np.testing.assert_array_equal(found.classes, alone.classes)
        np.testing.assert_array_equal(found.scores, alone.scores)
