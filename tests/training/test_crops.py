"""Windows lie inside their image, cover it, and find what is rare."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.competition.truths.masks import IGNORE
from podium.training.data import crops
from podium.training.data.crops import (
    CropPlan,
    CropWindow,
    covering_windows,
    find_class_pixels,
    n_windows,
)

sides = st.integers(1, 50)
sizes = st.tuples(sides, sides)


@given(image=sizes, size=sizes)
def test_the_covering_windows_show_every_pixel_once_as_new(
    image: tuple[int, int], size: tuple[int, int]
) -> None:
    seen, answered = np.zeros(image, dtype=int), np.zeros(image, dtype=int)
    mask = np.ones(image, dtype=np.uint8)
    windows = covering_windows(image, size)
    for window in windows:
        part = window.of_mask(mask)
        assert part.shape == (min(image[0], size[0]), min(image[1], size[1]))
        rows = slice(window.top, window.top + window.height)
        columns = slice(window.left, window.left + window.width)
        seen[rows, columns] += 1
        answered[rows, columns] += part == 1
    assert mask.all()
    assert (answered == 1).all()
    assert (seen >= 1).all()
    assert len(windows) == n_windows(image, size)
    smallest = next(n for n in range(1, 3000) if n >= (image[0] / size[0]))
    assert n_windows((image[0], 1), (size[0], 1)) == smallest


@given(image=sizes, size=sizes, seed=st.integers(0, 2**64 - 1), pixel=sizes)
def test_a_drawn_window_is_whole_inside_and_the_same_for_the_same_seed(
    image: tuple[int, int], size: tuple[int, int], seed: int, pixel: tuple[int, int]
) -> None:
    mask = np.zeros(image, dtype=np.uint8)
    row, column = min(pixel[0], image[0]) - 1, min(pixel[1], image[1]) - 1
    mask[row, column] = 1
    places = find_class_pixels(mask, "a")
    for foreground in (0.0, 1.0):
        tiles = CropPlan(size, [image], foreground, [places])
        window = tiles.draw(0, seed)
        assert (window.height, window.width) == (min(image[0], size[0]), min(image[1], size[1]))
        assert 0 <= window.top <= image[0] - window.height
        assert 0 <= window.left <= image[1] - window.width
        assert window == tiles.draw(0, seed)
        if foreground:
            assert window.of(mask).sum() == 1


def test_windows_lie_everywhere() -> None:
    tiles = CropPlan((4, 6), [(9, 10)])
    found = Counter((w.top, w.left) for seed in range(3000) if (w := tiles.draw(0, seed)))
    assert set(found) == {(top, left) for top in range(6) for left in range(5)}
    assert max(found.values()) < 2 * 100 < 4 * min(found.values())  # 100 each


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_the_share_of_windows_that_look_for_foreground_is_kept(share: float) -> None:
    mask = np.zeros((200, 200), dtype=np.uint8)
    mask[150, 30] = 1
    tiles = CropPlan((5, 5), [mask.shape], share, [find_class_pixels(mask, "a")])
    hits = np.mean([tiles.draw(0, seed).of(mask).any() for seed in range(2000)])
    by_chance = 25 / 196**2
    assert hits == pytest.approx(share + (1 - share) * by_chance, abs=0.05)


def test_a_rare_class_is_found_as_often_as_a_common_one() -> None:
    mask = np.zeros((64, 64), dtype=np.uint8)
    mask[:, :40] = 1
    mask[60, 60] = 3
    places = find_class_pixels(mask, "a")
    assert places is not None
    rng = np.random.default_rng(0)
    drawn = [places.draw(rng) for _ in range(2000)]
    values = Counter(int(mask[pixel]) for pixel in drawn)
    assert set(values) == {1, 3}
    assert values[3] / 2000 == pytest.approx(0.5, abs=0.06)  # five standard errors
    common = np.array([pixel for pixel in drawn if mask[pixel] == 1])
    assert len(np.unique(common, axis=0)) > 200
    np.testing.assert_allclose(common.mean(axis=0), [31.5, 19.5], atol=6)  # no corner preferred


@pytest.mark.parametrize("band", [1, 70, 10**6])
@pytest.mark.parametrize("n_layers", [0, 3])
def test_places_are_pixels_of_their_class_whatever_the_bands(
    monkeypatch: pytest.MonkeyPatch, band: int, n_layers: int
) -> None:
    rng = np.random.default_rng(1)
    shape = (33, 21, n_layers) if n_layers else (33, 21)
    mask = rng.choice([0, 1, 1 if n_layers else 2, IGNORE], size=shape).astype(np.uint8)
    if n_layers:
        mask[..., 2] = 0
    whole = find_class_pixels(mask, "a")
    monkeypatch.setattr(crops, "BAND_PIXELS", band)
    places = find_class_pixels(mask, "a")
    assert places is not None
    assert whole is not None
    assert len(places.pixels) == 2
    for layer, (numbers, same) in enumerate(zip(places.pixels, whole.pixels, strict=True)):
        np.testing.assert_array_equal(numbers, same)
        flat = mask[..., layer].ravel() == 1 if n_layers else mask.ravel() == layer + 1
        assert flat[numbers].all()
        assert len(np.unique(numbers)) == min(crops.KEPT, flat.sum())


def test_empty_or_unknown_masks_have_no_places() -> None:
    assert find_class_pixels(np.zeros((5, 5), np.uint8), "a") is None
    assert find_class_pixels(np.full((5, 5), IGNORE, np.uint8), "a") is None
    assert find_class_pixels(np.full((5, 5, 2), IGNORE, np.uint8), "a") is None


def test_a_window_is_a_copy() -> None:
    image = np.zeros((4, 4, 3), np.uint8)
    image.flags.writeable = False
    part = CropWindow(0, 0, 2, 4).of(image)
    part += 1
    assert image.sum() == 0
