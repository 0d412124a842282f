"""Counts at every threshold and least area against labelling, deciding and counting each mask."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from podium.competition.metrics import mask_counts
from podium.competition.truths.masks import IGNORE
from podium.errors import DataError
from podium.predictions import MaskArrays, decide_mask
from podium.tasks.protocols.find import pixel_kind
from podium.tuning.masks import level_images as module
from podium.tuning.masks.level_images import (
    MOST_LEVELS,
    area_curve,
    counts_of_decisions,
    level_decisions,
    levels_of,
)

seeds = st.integers(0, 2**32 - 1)
TOUCHING = np.ones((3, 3))


def image_of(seed: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Levels in specks or blobs, truth with unknown pixels, and how many levels there may be."""
    rng = np.random.default_rng(seed)
    n_levels = int(rng.choice([1, 2, 3, 5, MOST_LEVELS]))
    height, width = rng.integers(1, 18, 2)
    levels = rng.integers(0, n_levels + 1, (height, width))
    if rng.random() < 0.5:
        levels = np.kron(levels, np.ones((2, 3), np.int64))[:height, :width]
    truth = rng.integers(0, 2, (height, width)).astype(np.uint8)
    truth[rng.random((height, width)) < 0.2] = IGNORE
    return levels.astype(np.uint8), truth, n_levels


@pytest.mark.slow
@given(seed=seeds, areas=st.lists(st.floats(0, 40), min_size=1, max_size=6))
@settings(max_examples=300, deadline=None)
def test_the_curve_is_what_labelling_each_mask_gives(seed: int, areas: list[float]) -> None:
    levels, truth, n_levels = image_of(seed)
    found = area_curve(levels, truth, areas, n_levels=n_levels)
    for t in range(n_levels):
        labels, n = ndimage.label(levels > t, TOUCHING)
        sizes = np.bincount(labels.ravel(), minlength=n + 1)
        for a, least in enumerate(areas):
            kept = (labels > 0) & (sizes[labels] >= least)
            expected = [(kept & (truth == 1)).sum(), (kept & (truth != IGNORE)).sum()]
            assert found[t, a].tolist() == expected, (t, least)


def test_by_hand() -> None:
    levels = np.array([[3, 0, 1, 2], [0, 3, 0, 2], [1, 0, 0, 0]], np.uint8)
    truth = np.array([[1, 0, 0, 1], [1, 1, 1, IGNORE], [0, 0, 0, 0]], np.uint8)
    # Above 2: the corner's two pixels, over their corner one. Above 1: the two at the right, one of
    # them unknown, are another. Above 0: the pixel between them joins both, and one below.
    assert area_curve(levels, truth, [1, 2, 3, 7], n_levels=3).tolist() == [
        [[3, 5], [3, 5], [3, 5], [0, 0]],
        [[3, 3], [3, 3], [0, 0], [0, 0]],
        [[2, 2], [2, 2], [0, 0], [0, 0]],
    ]


def test_many_components_at_a_time_and_one_that_winds() -> None:
    levels = np.zeros((121, 121), np.uint8)
    levels[::2, ::2] = 2  # 3,721 components, more than there is room for at first
    levels[1::2] = 1
    truth = np.ones_like(levels)
    found = area_curve(levels, truth, [1, 2], n_levels=2)
    assert found[..., 1].tolist() == [[61 * 61 + 60 * 121] * 2, [61 * 61, 0]]
    snake = np.zeros((99, 99), np.uint8)
    snake[::2] = 1
    snake[1::4, -1], snake[3::4, 0] = 1, 1
    size = int(snake.sum())
    found = area_curve(snake, np.ones_like(snake), [size, size + 1], n_levels=1)
    assert found.tolist() == [[[size, size], [0, 0]]]


STEPS: dict[str, st.SearchStrategy[Any]] = {
    "median": st.sampled_from([1, 3, 5]),
    "open": st.integers(0, 2),
    "close": st.integers(0, 2),
    "fill_holes": st.one_of(st.none(), st.integers(0, 5)),
    "min_area": st.one_of(st.integers(0, 9), st.floats(0, 9)),
}


@st.composite
def decisions(draw: st.DrawFn, n_classes: int) -> list[dict[str, Any]]:
    """A threshold and steps that act on levels, with one value or one a class."""

    def values(one: st.SearchStrategy[Any]) -> Any:
        if draw(st.booleans()):
            return draw(one)
        return [draw(one) for _ in range(n_classes)]

    names = draw(st.lists(st.sampled_from(sorted(STEPS)), max_size=3))
    threshold = values(st.sampled_from([0.0, 0.25, 0.3, 0.5, 0.55, 1.0]))
    return [{"threshold": threshold}, *({name: values(STEPS[name])} for name in names)]


def probs_of(seed: int, n_classes: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    height, width = rng.integers(1, 16, 2)
    coarse = rng.random((8, 8, n_classes))
    probs = np.kron(coarse, np.ones((2, 2, 1)))[:height, :width]
    probs = np.round((0.7 * probs + 0.3 * rng.random(probs.shape)) * 20) / 20
    probs[rng.random((height, width)) < 0.05] = np.nan  # not covered
    truth = rng.integers(0, 2, probs.shape).astype(np.uint8)
    truth[rng.random(probs.shape) < 0.1] = IGNORE
    return probs.astype(np.float32), truth


@pytest.mark.slow
@pytest.mark.other_cases("long")
@pytest.mark.parametrize("kind", ["binary", "multilabel"])
@given(data=st.data(), seed=seeds)
@settings(max_examples=150, deadline=None)
def test_counts_are_those_of_deciding(kind: Any, data: st.DataObject, seed: int) -> None:
    n_classes = 1 if kind == "binary" else 2
    probs, truth = probs_of(seed, n_classes)
    truth = truth[..., 0] if kind == "binary" else truth
    steps = data.draw(st.lists(decisions(n_classes), min_size=1, max_size=6))
    each = [level_decisions(one, pixel_kind(kind), n_classes) for one in steps]
    assert None not in each
    found = counts_of_decisions(
        lambda thresholds: levels_of(probs, thresholds),
        truth,
        [one for one in each if one is not None],
        kind=pixel_kind(kind),
        n_outputs=n_classes,
    )
    arrays = MaskArrays(["a"], [probs])
    for one, counts in zip(steps, found, strict=True):
        predicted = decide_mask(arrays, 0, one, kind)
        expected = mask_counts(truth, predicted, kind=kind, n_outputs=n_classes)
        np.testing.assert_array_equal(counts, expected, str(one))


def test_more_thresholds_than_a_byte_counts_are_read_in_parts() -> None:
    probs, truth = probs_of(3, 1)
    thresholds = np.linspace(0, 1, 2 * MOST_LEVELS + 5).tolist()
    steps = [[{"threshold": t}, {"min_area": 3}] for t in thresholds]
    reads: list[int] = []

    def read(some: Any) -> np.ndarray:
        reads.append(len(some))
        return levels_of(probs, some)

    each = [level_decisions(one, pixel_kind("binary"), 1) or [] for one in steps]
    found = counts_of_decisions(read, truth[..., 0], each, kind=pixel_kind("binary"), n_outputs=1)
    assert reads == [MOST_LEVELS, MOST_LEVELS, 5]
    arrays = MaskArrays(["a"], [probs])
    for one, counts in zip(steps, found, strict=True):
        predicted = decide_mask(arrays, 0, one, "binary")
        expected = mask_counts(truth[..., 0], predicted, kind="binary", n_outputs=1)
        np.testing.assert_array_equal(counts, expected)


def test_decisions_that_differ_in_threshold_and_area_share_a_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    probs, truth = probs_of(4, 1)
    passes: list[int] = []

    def counted(*given: Any, **options: Any) -> np.ndarray:
        passes.append(len(given[2]))
        return area_curve(*given, **options)

    monkeypatch.setattr(module, "area_curve", counted)
    each = [
        level_decisions(
            [{"threshold": t}, {"median": side}, {"min_area": least}], pixel_kind("binary"), 1
        )
        for t in (0.2, 0.4, 0.6)
        for side in (1, 3)
        for least in (0, 1, 4, 9)
    ]
    counts_of_decisions(
        lambda some: levels_of(probs, some),
        truth[..., 0],
        [one or [] for one in each],
        kind=pixel_kind("binary"),
        n_outputs=1,
    )
    assert passes == [3, 3]  # of two filters, each with three areas that differ


@pytest.mark.parametrize(
    "steps",
    [
        [{"hysteresis": {"low": 0.3, "high": 0.6}}],
        [{"threshold": 0.5}, {"largest": 1}],
        [{"gate": 0.3}, {"threshold": 0.5}],
    ],
)
def test_what_levels_cannot_tell_is_left_to_deciding(steps: Any) -> None:
    assert level_decisions(steps, pixel_kind("binary"), 1) is None


def test_truth_of_another_size_or_value_is_refused() -> None:
    probs, truth = probs_of(5, 1)
    plain = [level_decisions([{"threshold": 0.5}], pixel_kind("binary"), 1) or []]
    for wrong in (truth[:-1, :, 0], np.full_like(truth[..., 0], 7)):
        with pytest.raises(DataError):
            counts_of_decisions(
                lambda some: levels_of(probs, some),
                wrong,
                plain,
                kind=pixel_kind("binary"),
                n_outputs=1,
            )
