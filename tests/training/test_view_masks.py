"""A mask moves exactly as its image does, and is never an answer where the image shows nothing."""

from __future__ import annotations

import itertools
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from view_geometry import geometry

from podium.competition.truths.masks import IGNORE
from podium.training import policies
from podium.training.data.augment import build_eval, build_train, fit_image, fit_mask
from podium.training.recipe import Input
from podium.workspace import extensions

EVERY = extensions.names(policies)
LISTED: list[Any] = [
    [{"name": "Affine", "rotate": [-40, 40], "shear": [-10, 10], "scale": [0.6, 1.4], "p": 1}],
    [{"name": "SomeOf", "n": 2, "transforms": ["D4", {"name": "Perspective", "p": 1}], "p": 1}],
    [{"name": "ElasticTransform", "alpha": 30, "border_mode": 0, "p": 1}],
    [{"name": "RandomResizedCrop", "size": [32, 32], "scale": [0.3, 1], "p": 1}],
    [{"name": "GridDistortion", "p": 1}, {"name": "RandomRotate90", "p": 1}],
]
SIDE = 48


def places(height: int = SIDE, width: int = SIDE) -> NDArray[np.uint8]:
    """Return an image whose red is the row and whose green is the column; blue says it is one."""
    rows, columns = np.mgrid[:height, :width]
    return np.stack([rows * 4, columns * 4, np.full_like(rows, 200)], axis=2).astype(np.uint8)


def layers(height: int = SIDE, width: int = SIDE, n: int = 1) -> NDArray[np.uint8]:
    rng = np.random.default_rng(3)
    return rng.integers(0, 2, (height, width, n)).astype(np.uint8)


@pytest.mark.parametrize("fit", ["resize", "centre_crop", "pad", "tile"])
@pytest.mark.parametrize("policy", [*EVERY, *LISTED])
def test_image_and_mask_come_from_the_same_places(policy: Any, fit: Any) -> None:
    view = geometry(policy, fit)
    image = places(SIDE, 40)
    known = 0
    for seed in range(10):
        for coordinate in (0, 1):
            mask = image[..., coordinate] // 4
            seen, moved = view(image, seed, mask)
            assert moved.shape == (32, 32)
            shows = (seen[..., 2] > 195) & (moved != IGNORE)
            far = np.abs(seen[..., coordinate] / 4.0 - moved.astype(float))[shows]
            # Half a pixel for the nearest one, as much again for an image that is averaged; a
            # border that mirrors may mix places from both sides of the fold.
            scale = max(SIDE, 40) / 32
            assert (far <= 1.01 * scale + 0.5).mean() > 0.98
            known += int(shows.sum())
            # Borders and holes are IGNORE, but for the line where they are mixed with the image.
            nothing = cv2.erode((seen[..., 2] < 5).astype(np.uint8), np.ones((3, 3))) > 0
            assert (moved[nothing] == IGNORE).all()
    assert known > 10 * 2 * 200


@pytest.mark.parametrize("policy", [*EVERY, *LISTED])
def test_the_image_is_the_same_to_the_bit_with_and_without_its_mask(policy: Any) -> None:
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (50, 44, 3), dtype=np.uint8)
    masks = [layers(50, 44, 1)[..., 0], *(layers(50, 44, n) for n in (1, 2, 7))]
    view = build_train(Input(size=(32, 40), train=policy))
    for seed, mask in itertools.product(range(10), masks):
        seen, moved = view(image, seed, mask)
        np.testing.assert_array_equal(seen, view(image, seed))
        assert moved.shape == (32, 40, *mask.shape[2:])
        assert moved.dtype == np.uint8
        assert moved.flags.c_contiguous


@pytest.mark.parametrize("policy", [*EVERY, *LISTED])
def test_every_layer_of_a_mask_moves_as_a_mask_of_one_layer(policy: Any) -> None:
    image, many = places(), layers(n=6)
    many[:4, :, 2] = IGNORE
    view = build_train(Input(size=32, train=policy))
    for seed in range(10):
        _, moved = view(image, seed, many)
        for layer in range(6):
            alone = view(image, seed, np.ascontiguousarray(many[..., layer]))[1]
            np.testing.assert_array_equal(moved[..., layer], alone)


def test_a_hole_is_ignored_in_the_mask() -> None:
    white, ones = np.full((32, 32, 3), 255, np.uint8), np.ones((32, 32), np.uint8)
    with_hole = 0
    for name in ("strong", [{"name": "CoarseDropout", "p": 1}], [{"name": "GridDropout", "p": 1}]):
        view = geometry(name) if name == "strong" else build_train(Input(size=32, train=name))
        for seed in range(20):
            seen, mask = view(white, seed, ones)
            hole = (seen == 0).all(axis=2)
            with_hole += hole.any()
            assert (mask[hole] == IGNORE).all()
            # Between image and border two pixels may be mixed; the mask takes the nearer one.
            assert (mask[(seen == 255).all(axis=2)] == 1).all()
    assert with_hole > 50


def test_a_mirrored_border_keeps_its_mask() -> None:
    view = build_train(Input(size=SIDE, train="weak"))
    for seed in range(20):
        seen, mask = view(places(), seed, places()[..., 0] // 4)
        np.testing.assert_array_equal(seen[..., 0] // 4, mask)


def test_a_fill_that_the_recipe_names_is_kept() -> None:
    turn = {"name": "Rotate", "limit": [45, 45], "border_mode": 0, "p": 1}
    ones = layers(n=3) | 1
    for fill, corner in (({}, IGNORE), ({"fill_mask": 0}, 0)):
        view = build_train(Input(size=SIDE, train=[{**turn, **fill}]))
        assert view(places(), 0, ones[..., 0])[1][0, 0] == corner
        assert (view(places(), 0, ones)[1][0, 0] == corner).all()


@given(
    height=st.integers(1, 60),
    width=st.integers(1, 60),
    size=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    fit=st.sampled_from(["resize", "centre_crop", "pad", "tile"]),
    n=st.sampled_from([0, 1, 3, 6]),
)
def test_a_fitted_mask_has_the_images_shape_and_is_unknown_where_it_was_filled_up(
    height: int, width: int, size: tuple[int, int], fit: Any, n: int
) -> None:
    image = np.full((height, width, 3), 9, np.uint8)
    mask = layers(height, width, max(1, n))
    mask = mask if n else mask[..., 0]
    seen, fitted = build_eval(Input(size=size, fit=fit))(image, 0, mask)
    assert fitted.shape == (*size, *mask.shape[2:])
    is_filled = (seen == 0).all(axis=2)
    assert (fitted[is_filled] == IGNORE).all()
    assert (fitted[~is_filled] != IGNORE).all()
    for layer in range(n):
        alone = fit_mask(np.ascontiguousarray(mask[..., layer]), size, fit)
        np.testing.assert_array_equal(fitted[..., layer], alone)


@pytest.mark.parametrize("fit", ["resize", "centre_crop", "pad"])
def test_a_fitted_mask_takes_the_value_at_the_centre_of_each_pixel(fit: Any) -> None:
    image = places(45, 30)
    seen = fit_image(image, (18, 18), fit)
    for coordinate in (0, 1):
        fitted = fit_mask(image[..., coordinate] // 4, (18, 18), fit)
        shows = seen[..., 2] == 200
        far = np.abs(seen[..., coordinate] / 4.0 - fitted)[shows]
        assert far.max() <= 0.5 + 1 / 8  # half a pixel of the original, and rounding to 8 bits


def test_tile_cuts_and_fills_but_never_scales() -> None:
    image = places(20, 50)
    seen, mask = build_eval(Input(size=30, fit="tile"))(image, 0, image[..., 1] // 4)
    np.testing.assert_array_equal(seen[5:25], image[:, 10:40])
    np.testing.assert_array_equal(mask[5:25], image[:, 10:40, 1] // 4)
    assert (mask[:5] == IGNORE).all()
    assert (mask[25:] == IGNORE).all()


def test_more_layers_than_opencv_takes_are_resized_as_few() -> None:
    n = 254
    mask = np.random.default_rng(0).integers(0, 2, (20, 30, n)).astype(np.uint8)
    resized = fit_mask(mask, (33, 41), "resize")
    assert resized.shape == (33, 41, n)
    for first in range(0, n, 50):
        few = np.ascontiguousarray(mask[..., first : first + 50])
        np.testing.assert_array_equal(
            resized[..., first : first + 50], fit_mask(few, (33, 41), "resize")
        )
