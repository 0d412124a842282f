"""Views without albumentations' frame: equal to `albumentations.Compose`, sample by sample."""

from __future__ import annotations

import random
from typing import Any

import albumentations as A
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from podium.errors import RecipeError
from podium.training.data.augment import build_train
from podium.training.data.lean_views import LeanView
from podium.training.policies.medium import medium
from podium.training.policies.simclr_small import simclr_small
from podium.training.policies.strong import strong
from podium.training.policies.weak import weak
from podium.training.recipe import Input

N = 150


def images(size: tuple[int, int]) -> list[NDArray[np.uint8]]:
    """Return images of noise, of few greys, of one colour, and of a gradient."""
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (*size, 3)).astype(np.uint8)
    ramp = np.linspace(0, 255, size[1]).astype(np.uint8)
    slope = np.broadcast_to(ramp[None, :, None], (*size, 3)).copy()
    return [noise, noise // 4 + 60, np.full((*size, 3), 128, dtype=np.uint8), slope]


def composed(compose: A.Compose, image: NDArray[np.uint8], seed: int) -> Any:
    """Return the view as albumentations alone makes it."""
    compose.set_random_state(np.random.default_rng(seed), random.Random(seed))
    return compose(image=image)["image"]


def assert_alike(transforms: list[Any], size: tuple[int, int], n: int = N) -> None:
    """Assert that both ways give the same pixels for `n` seeds, in one order and alone."""
    compose, lean = A.Compose(transforms), LeanView(transforms)
    seeds = np.random.default_rng(1).integers(0, 2**63, n).tolist()
    pictures = images(size)
    for number, seed in enumerate(seeds):
        image = pictures[number % len(pictures)]
        before = image.copy()
        expected, found = composed(compose, image, seed), lean(image, seed)
        np.testing.assert_array_equal(found, expected)
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(image, before)
    alone = LeanView(transforms)  # what came before changes nothing
    np.testing.assert_array_equal(alone(pictures[0], seeds[0]), lean(pictures[0], seeds[0]))


@pytest.mark.parametrize("policy", [weak, strong, medium, simclr_small])
@pytest.mark.parametrize("size", [(28, 28), (17, 40)])
def test_a_policy_gives_the_pixels_of_albumentations(policy: Any, size: tuple[int, int]) -> None:
    assert_alike(policy(size), size)


_GREY = {"border_mode": cv2.BORDER_CONSTANT, "fill": 128}
ONE_BY_ONE = [
    A.HorizontalFlip(p=0.5),
    A.VerticalFlip(p=0.3),
    A.NoOp(p=0.5),
    A.Affine(translate_px={"x": (-40, 40), "y": (-3, 3)}, p=0.9, **_GREY),
    A.Affine(translate_percent=(-0.9, 0.9), p=1.0, border_mode=cv2.BORDER_WRAP),
    A.Affine(translate_percent=(-0.2, 0.2), rotate=(-90, 200), p=1.0, fill=(1, 2, 3)),
    A.Affine(scale=(0.5, 1.5), shear=(-20, 20), rotate=(-5, 5), p=1.0, **_GREY),
    A.Affine(scale=(0.5, 1.5), keep_ratio=True, p=1.0),
    A.Affine(rotate=(-45, 45), fit_output=True, p=1.0),
    A.Affine(rotate=(0, 1e-9), p=1.0),
    A.AutoContrast(p=1.0),
    A.Equalize(p=1.0),
    A.Posterize(num_bits=(1, 7), p=1.0),
    A.Solarize(p=0.7),
    A.RandomBrightnessContrast(p=1.0),
    A.RandomBrightnessContrast(brightness_by_max=False, p=1.0),
    A.ColorJitter(p=1.0),
    A.Sharpen(p=1.0),
    A.ToGray(p=0.5),
    A.CoarseDropout(p=0.8),
    A.CoarseDropout(num_holes_range=(1, 1), hole_height_range=(0.2, 0.6), fill=7, p=1.0),
    A.CoarseDropout(num_holes_range=(1, 3), fill="random", p=1.0),
    A.CoarseDropout(num_holes_range=(1, 2), hole_height_range=(2, 5), hole_width_range=(2, 5), p=1),
    A.OneOf([A.HorizontalFlip(p=1), A.GaussNoise(p=1), A.Affine(rotate=(-9, 9), p=1)], p=0.8),
    A.RandomResizedCrop((20, 24), p=1.0),
    A.GaussNoise(p=1.0),
    A.ElasticTransform(p=1.0),
]


@pytest.mark.parametrize("one", ONE_BY_ONE, ids=lambda one: type(one).__name__)
def test_a_transform_draws_as_much_as_that_of_albumentations(one: Any) -> None:
    # What follows draws from both generators: a draw too many or too few would show.
    after = [A.ColorJitter(p=1.0), A.CoarseDropout(p=1.0, num_holes_range=(1, 1))]
    assert_alike([one, *after], (19, 23), n=40)


@pytest.mark.parametrize("replace", [True, False])
def test_some_of_several_are_chosen_alike(replace: bool) -> None:
    several = [A.HorizontalFlip(p=0.5), A.Solarize(p=1.0), A.Posterize(p=1.0), A.ToGray(p=1.0)]
    assert_alike([A.SomeOf(several, n=2, replace=replace, p=0.9), A.GaussNoise(p=1.0)], (12, 9))


def test_a_subclass_of_a_transform_does_what_it_does() -> None:
    class Inverted(A.HorizontalFlip):
        def apply(self, img: NDArray[np.uint8], **params: Any) -> NDArray[np.uint8]:
            return 255 - img

    assert_alike([Inverted(p=0.5), A.HorizontalFlip(p=0.5)], (12, 9))


def test_a_view_with_a_mask_shows_the_image_that_it_shows_without() -> None:
    view = build_train(Input.model_validate({"size": 24, "train": "strong"}))
    mask = np.zeros((24, 24), dtype=np.uint8)
    for seed in range(40):
        image = images((24, 24))[seed % 4]
        np.testing.assert_array_equal(view(image, seed), view(image, seed, mask)[0])


def test_an_image_that_transforms_refuse_is_an_error_of_the_recipe() -> None:
    spec = {"size": 24, "train": [{"name": "RandomCrop", "height": 40, "width": 40, "p": 1.0}]}
    view = build_train(Input.model_validate(spec))
    with pytest.raises(RecipeError, match="the augmentation fails on an image of 30 x 30"):
        view(np.zeros((30, 30, 3), dtype=np.uint8), 0)
