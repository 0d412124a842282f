"""Steps on level images against the same steps on the mask of every threshold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from podium.predictions.decisions.masks import REGIONS, apply_regions
from podium.tuning.masks.level_images import (
    COMMUTING,
    MOST_LEVELS,
    changes_nothing,
    filtered,
    levels_of,
)

PARAMETERS: dict[str, st.SearchStrategy[Any]] = {
    "median": st.sampled_from([1, 3, 5, 7, 9, 21]),
    "open": st.integers(0, 5),
    "close": st.integers(0, 5),
    "fill_holes": st.one_of(st.none(), st.integers(0, 9)),
    "min_area": st.one_of(st.integers(0, 12), st.floats(1, 8), st.just(150)),
}
noise = hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, max_side=14))
few_levels = st.integers(1, 4).flatmap(
    lambda top: hnp.arrays(
        np.uint8,
        st.tuples(st.integers(1, 20), st.integers(1, 20)),
        elements=st.integers(0, top),
    )
)


@st.composite
def shapes(draw: st.DrawFn) -> np.ndarray:
    """Boxes and rings of different heights over each other: holes, bridges, what touches edges."""
    image = np.zeros((draw(st.integers(6, 24)), draw(st.integers(6, 24))), np.uint8)
    for _ in range(draw(st.integers(1, 7))):
        top, left = draw(st.integers(-3, 20)), draw(st.integers(-3, 20))
        height, width = draw(st.integers(1, 16)), draw(st.integers(1, 16))
        part = image[max(0, top) : top + height, max(0, left) : left + width]
        if not part.size:
            continue
        inside = part[1:-1, 1:-1].copy()
        part[...] = draw(st.integers(0, 5))
        if draw(st.booleans()):
            part[1:-1, 1:-1] = inside
    return image


def speckled(seed: int) -> np.ndarray:
    """Pixels that are all drawn: many holes and areas of one, two, three … pixels."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, rng.integers(2, 6), rng.integers(3, 16, 2), np.uint8)


images = st.one_of(
    st.integers(0, 2**32 - 1).map(speckled),
    noise.map(lambda one: np.minimum(one, MOST_LEVELS)),
    few_levels,
    shapes(),
)
steps_ = st.lists(
    st.sampled_from(sorted(COMMUTING)).flatmap(
        lambda name: st.tuples(st.just(name), PARAMETERS[name])
    ),
    min_size=1,
    max_size=3,
)


def decided(mask: np.ndarray, steps: list[tuple[str, Any]]) -> np.ndarray:
    return apply_regions(mask.astype(np.uint8), steps, 1)


@pytest.mark.parametrize("name", sorted(COMMUTING))
@given(data=st.data(), levels=images)
@settings(max_examples=60, deadline=None)
def test_a_step_on_levels_is_that_step_on_the_mask_of_every_threshold(
    name: str, data: st.DataObject, levels: np.ndarray
) -> None:
    steps = [(name, data.draw(PARAMETERS[name]))]
    _check(levels, steps)


@given(levels=images, steps=steps_)
@settings(max_examples=200, deadline=None)
def test_steps_after_each_other_are_too(levels: np.ndarray, steps: list[tuple[str, Any]]) -> None:
    _check(levels, steps)


def _check(levels: np.ndarray, steps: list[tuple[str, Any]]) -> None:
    kept = levels.copy()
    found = filtered(levels, steps)
    np.testing.assert_array_equal(levels, kept)  # it is not changed
    # Between two levels that an image has, masks are the same.
    for t in sorted({0, *(int(one) - 1 for one in np.unique(levels) if one), *np.unique(levels)}):
        expected = decided(levels > t, steps)
        np.testing.assert_array_equal(found > t, expected > 0, f"{steps} above {t}")


def test_wide_filters_of_real_sizes_are_the_same() -> None:
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, MOST_LEVELS + 1, (9, 11))
    levels = np.kron(coarse, np.ones((7, 9), np.uint8)).astype(np.uint8)
    levels[rng.random(levels.shape) < 0.1] = 0
    for step in (("median", 99), ("open", 12), ("close", 49), ("fill_holes", 40), ("median", 31)):
        found = filtered(levels, [step])
        for t in (0, 40, 128, 253):
            expected = decided(levels > t, [step])
            np.testing.assert_array_equal(found > t, expected > 0, f"{step} above {t}")


def test_only_the_largest_area_does_not_commute() -> None:
    assert set(REGIONS) - set(COMMUTING) == {"largest"}


def test_the_largest_area_may_vanish_when_the_mask_grows() -> None:
    levels = np.array([[2, 2, 0, 1, 1, 1]], np.uint8)
    kept = [decided(levels > t, [("largest", 1)]) for t in (1, 0)]
    assert kept[0].tolist() == [[1, 1, 0, 0, 0, 0]]
    assert kept[1].tolist() == [[0, 0, 0, 1, 1, 1]]


@given(
    values=hnp.arrays(
        np.float32,
        hnp.array_shapes(max_dims=3, max_side=6),
        elements=st.one_of(
            st.floats(0, 1, width=32), st.sampled_from([np.float32(np.nan), -1.0, 0.5, 2.0])
        ),
    ),
    thresholds=st.lists(
        st.one_of(st.floats(-0.5, 1.5), st.sampled_from([0.5, 0.1, 0.3])), min_size=1, max_size=30
    ),
)
@settings(max_examples=200, deadline=None)
def test_levels_count_the_thresholds_that_are_reached(
    values: np.ndarray, thresholds: list[float]
) -> None:
    at = sorted([*thresholds, *(float(one) for one in values.ravel()[:3] if one == one)])
    expected = sum((values >= np.float32(t)).astype(int) for t in at)
    np.testing.assert_array_equal(levels_of(values, at), expected)


def test_steps_that_change_nothing_are_recognised() -> None:
    nothing = [("median", 1), ("min_area", 1), ("min_area", 0), ("open", 0), ("fill_holes", 0)]
    assert all(changes_nothing(*one) for one in nothing)
    something = [("median", 3), ("min_area", 1.5), ("close", 1), ("fill_holes", None)]
    assert not any(changes_nothing(*one) for one in something)
