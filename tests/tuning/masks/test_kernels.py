"""The compiled loops over pixels, each against scipy and plain comparisons; and in Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from compiled_loops import WAYS, run_as
from scipy import ndimage

from podium.tuning.masks._kernels import histograms, levels

IGNORE = 255
CROSS, SQUARE = ndimage.generate_binary_structure(2, 1), ndimage.generate_binary_structure(2, 2)


@pytest.fixture(params=WAYS)
def loop(request: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Return a function from a loop's name to the loop."""
    for module in (histograms, levels):
        run_as(request.param, module, monkeypatch)
    return lambda name: getattr(histograms if hasattr(histograms, name) else levels, name)


def truth_of(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Return a truth of 0, 1, and what is left out."""
    return rng.choice(np.array([0, 1, IGNORE], np.uint8), shape, p=[0.5, 0.4, 0.1])


def assert_histograms(counts: np.ndarray, truth: np.ndarray, at: np.ndarray) -> None:
    """Compare counts `(LANES, C, bins, 2)` with those of the bins that pixels are `at`."""
    expected = np.zeros_like(counts)
    for (p, c), right in np.ndenumerate(truth):
        if right <= 1:
            expected[p % histograms.LANES, c, at[p, c], right] += 1
    np.testing.assert_array_equal(counts, expected)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_whole_numbers_are_counted_in_their_bins(loop: Any, dtype: Any) -> None:
    rng = np.random.default_rng(0)
    values, truth = rng.integers(0, 9, (50, 2)).astype(dtype), truth_of(rng, (50, 2))
    bins = np.array([0, 0, 0, 1, 1, 2, 2, 2, 3], np.uint16)
    counts = np.zeros((histograms.LANES, 2, 4, 2), np.int32)
    assert loop("count_looked_up")(values, truth, bins, counts) == 0
    assert_histograms(counts, truth, bins[values])
    truth[3, 0], truth[7, 1] = 9, 4
    counts[...] = 0
    assert loop("count_looked_up")(values, truth, bins, counts) == 9
    assert_histograms(counts, truth, bins[values])


@pytest.mark.parametrize("thresholds", [[0.0, 0.3, 0.5], [0.25, 0.2500001, 0.250002, 1.0], [0.5]])
def test_floats_are_counted_by_how_many_thresholds_they_reach(
    loop: Any, thresholds: list[float]
) -> None:
    rng = np.random.default_rng(0)
    edges = np.array(thresholds, np.float32)
    odd = [np.nan, -np.nan, np.inf, -np.inf, -0.0, 0.0, -1.0, -1e-30, 1.0, 1.0000001, 2.0, 3e38]
    values = [
        odd,
        edges,
        np.nextafter(edges, 2),
        np.nextafter(edges, -1),
        rng.random(41 - len(odd)),
    ]
    column = np.concatenate(values).astype(np.float32)
    pixels = np.ascontiguousarray(np.stack([column, rng.permutation(column)], axis=1))
    truth = truth_of(rng, pixels.shape)
    bits = np.append(edges.view(np.uint32), np.uint32(0xFFFFFFFF))
    cells = np.arange((histograms.ONE >> histograms.CELL) + 1) << histograms.CELL
    below = np.searchsorted(edges.view(np.uint32), cells, side="right").astype(np.uint16)
    counts = np.zeros((histograms.LANES, 2, len(edges) + 1, 2), np.int32)
    assert loop("count_floats")(pixels.view(np.uint32), truth, bits, below, counts) == 0
    assert_histograms(counts, truth, (pixels[..., None] >= edges).sum(axis=2))
    truth[5, 1], truth[6, 0] = 3, 2
    assert loop("count_floats")(pixels.view(np.uint32), truth, bits, below, counts) == 3


def test_how_many_thresholds_a_value_reaches_is_what_comparing_each_gives(loop: Any) -> None:
    rng = np.random.default_rng(0)
    edges = np.sort(np.append(rng.random(20), [0.5, 0.50001, 0.9999, 1.0])).astype(np.float32)
    odd = np.array([np.nan, np.inf, -np.inf, -0.5, 0, 1, 1.5], np.float32)
    values = np.concatenate([odd, edges, np.nextafter(edges, 2), np.nextafter(edges, -1)])
    cells = np.floor(edges * np.float32(levels.CELLS)).astype(int)
    starts = np.searchsorted(cells, np.arange(levels.CELLS + 1)).astype(np.int64)
    found = np.full(len(values), 77, np.uint8)
    loop("count_reached")(values, edges, starts, found)
    assert found.tolist() == (values[:, None] >= edges).sum(axis=1).tolist()


@pytest.mark.parametrize("is_open_beyond", [False, True])
@pytest.mark.parametrize("has_corners", [False, True])
@pytest.mark.parametrize("most", [1, 4, 12])
def test_basins_are_flooded_from_the_level_at_which_they_are_too_large(
    loop: Any, most: int, has_corners: bool, is_open_beyond: bool
) -> None:
    rng = np.random.default_rng(most)
    for shape in ((9, 8), (1, 7), (5, 1)):
        heights = rng.integers(0, 6, shape).astype(np.uint8)
        heights[rng.random(shape) < 0.2] = 254
        framed = np.pad(heights, 1, constant_values=levels.BEYOND)
        found = np.full(shape, 99, np.uint8)
        loop("flood")(framed, most, has_corners, is_open_beyond, found)
        expected = np.full(shape, levels.BEYOND)
        for level in (254, *range(6, -1, -1)):
            parts, _ = ndimage.label(heights <= level, SQUARE if has_corners else CROSS)
            large = np.bincount(parts.ravel()) > most
            if is_open_beyond:
                edge = [parts[0], parts[-1], parts[:, 0], parts[:, -1]]
                large[np.concatenate(edge)] = True
            expected[large[parts] & (parts > 0)] = level
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("areas", [[1], [2, 5], [1, 3, 3, 8, 30]])
def test_components_are_counted_at_every_threshold_and_by_every_area(
    loop: Any, areas: list[int]
) -> None:
    rng = np.random.default_rng(len(areas))
    for shape, n_levels in (((11, 9), 3), ((8, 8), 12), ((1, 9), 2), ((7, 1), 2)):
        heights = rng.integers(0, n_levels + 1, shape).astype(np.uint8)
        truth = truth_of(rng, shape)
        expected = np.zeros((n_levels, len(areas), 2), np.int64)
        for threshold in range(n_levels):
            parts, n_parts = ndimage.label(heights > threshold, SQUARE)
            for part in range(1, n_parts + 1):
                inside = parts == part
                sums = [(truth[inside] == 1).sum(), (truth[inside] != IGNORE).sum()]
                expected[threshold, inside.sum() >= np.array(areas)] += sums
        is_whole = []
        for n_slots in (1, 2, 4, 8, heights.size):
            found = np.full_like(expected, -7)
            given = (heights, truth, np.array(areas), levels.APART, n_slots, found)
            is_whole.append(loop("count_components")(*given))
            if is_whole[-1]:
                np.testing.assert_array_equal(found, expected)
        assert is_whole == sorted(is_whole)
        assert is_whole[-1]
        # One that has passed all areas needs no slot any more.
        assert is_whole[0] == (max(areas) == 1)


@pytest.mark.parametrize("there", [0, 0b1, 0b101, 0b10001, 0b10101010, 0b1010, 0b11111111, 0b11])
def test_of_neighbours_that_touch_one_is_asked(there: int) -> None:
    """They are numbered from the one above, clockwise; those that touch are one part of a ring."""
    places = [(0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0), (0, 0)]
    ring = np.zeros((3, 3), bool)
    for number, place in enumerate(places):
        ring[place] = there >> number & 1
    parts, n_parts = ndimage.label(ring, SQUARE)
    found = [number for number in levels.APART[there].tolist() if number >= 0]
    assert len(found) == n_parts
    assert {parts[places[number]] for number in found} == set(range(1, n_parts + 1))
