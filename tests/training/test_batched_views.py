"""Views drawn over a batch: albumentations with the same numbers, whatever the batch is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import albumentations as A
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from podium.competition.truths.masks import IGNORE
from podium.competition.truths.pixels import Pixels
from podium.errors import RecipeError
from podium.training.data.augment import build_train
from podium.training.data.batched_views import BatchedView, splitmix64
from podium.training.policies.strong import strong
from podium.training.policies.weak import weak
from podium.training.recipe import Input

SIZE = (19, 24)
SEEDS = np.random.default_rng(3).integers(0, 2**63, 48).tolist()


def images(size: tuple[int, int] = SIZE) -> list[NDArray[np.uint8]]:
    """Return an image a seed: of noise, of few greys, of one colour, of two values, a gradient."""
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (*size, 3)).astype(np.uint8)
    ramp = np.linspace(0, 255, size[1]).astype(np.uint8)
    slope = np.broadcast_to(ramp[None, :, None], (*size, 3)).copy()
    kinds = [noise, noise // 4 + 60, np.full((*size, 3), 128, dtype=np.uint8), slope]
    kinds.append(np.where(noise > 200, 255, 3).astype(np.uint8))
    return [kinds[n % len(kinds)] for n in range(len(SEEDS))]


def numbers(seed: int, n: int) -> list[float]:
    """Return the first numbers of a seed in [0, 1), by Python's whole numbers."""
    found, all_bits = [], 2**64 - 1
    for k in range(1, n + 1):
        z = (seed + k * 0x9E3779B97F4A7C15) & all_bits
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & all_bits
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & all_bits
        found.append(((z ^ (z >> 31)) >> 11) / 2**53)
    return found


def test_numbers_are_those_of_splitmix64() -> None:
    # The published sequence of the seed 1234567.
    known = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431]
    assert splitmix64([0, 1234567, 5], 4)[1].tolist() == known
    assert ((splitmix64(SEEDS, 9) >> np.uint64(11)) / 2**53).tolist() == [
        numbers(seed, 9) for seed in SEEDS
    ]


def _between(low: float, high: float, number: float) -> float:
    return low + (high - low) * number


def _fixed(value: float) -> tuple[float, float]:
    return (value, value)


_GREY = {"border_mode": cv2.BORDER_CONSTANT, "fill": 128, "p": 1.0}


def _moved(n: list[float]) -> A.Affine:
    x, y = -5 + int(11 * n[0]), -3 + int(7 * n[1])
    return A.Affine(translate_px={"x": _fixed(x), "y": _fixed(y)}, **_GREY)


def _shifted(n: list[float]) -> A.Affine:
    x, y = (int(_between(-0.3, 0.3, u) * side) for u, side in zip(n, (24, 19), strict=False))
    return A.Affine(translate_px={"x": _fixed(x), "y": _fixed(y)}, p=1, border_mode=cv2.BORDER_WRAP)


def _turned(n: list[float]) -> A.Affine:
    shear = {"x": _fixed(_between(-9, 20, n[2])), "y": _fixed(_between(-20, 9, n[3]))}
    scale = {"x": _fixed(_between(0.5, 1.5, n[4])), "y": _fixed(_between(0.7, 1.2, n[5]))}
    return A.Affine(shear=shear, scale=scale, rotate=_fixed(_between(-90, 200, n[6])), **_GREY)


# A transform, and the one without chance that the numbers of a sample make of it.
EACH: list[tuple[Any, Callable[[list[float]], Any]]] = [
    (A.NoOp(p=1), lambda n: A.NoOp(p=1)),
    (A.HorizontalFlip(p=1), lambda n: A.HorizontalFlip(p=1)),
    (A.HorizontalFlip(p=0.4), lambda n: A.HorizontalFlip(p=float(n[0] < 0.4))),
    (A.VerticalFlip(p=0.3), lambda n: A.VerticalFlip(p=float(n[0] < 0.3))),
    (A.Affine(translate_px={"x": (-5, 5), "y": (-3, 3)}, **_GREY), _moved),
    (A.Affine(translate_percent=(-0.3, 0.3), border_mode=cv2.BORDER_WRAP, p=1), _shifted),
    (
        A.Affine(
            shear={"x": (-9, 20), "y": (-20, 9)},
            scale={"x": (0.5, 1.5), "y": (0.7, 1.2)},
            rotate=(-90, 200),
            **_GREY,
        ),
        _turned,
    ),
    (A.AutoContrast(p=1), lambda n: A.AutoContrast(p=1)),
    (A.Equalize(p=1), lambda n: A.Equalize(p=1)),
    (A.Posterize((1, 7), p=1), lambda n: A.Posterize((1 + int(7 * n[0]),) * 2, p=1)),
    (
        A.Solarize((0.2, 0.9), p=0.7),
        lambda n: A.Solarize(_fixed(_between(0.2, 0.9, n[1])), p=float(n[0] < 0.7)),
    ),
    (
        A.RandomBrightnessContrast((-0.9, 0.5), (-0.4, 0.9), p=1),
        lambda n: A.RandomBrightnessContrast(
            _fixed(_between(-0.9, 0.5, n[1])), _fixed(_between(-0.4, 0.9, n[0])), p=1
        ),
    ),
    (
        A.ColorJitter(0, 0, (0.1, 1.9), 0, p=1),
        lambda n: A.ColorJitter(0, 0, _fixed(_between(0.1, 1.9, n[0])), 0, p=1),
    ),
    (
        A.Sharpen((0.0, 0.9), (0.5, 1.5), p=1),
        lambda n: A.Sharpen(_fixed(_between(0, 0.9, n[0])), _fixed(_between(0.5, 1.5, n[1])), p=1),
    ),
]


@pytest.mark.parametrize(("one", "fixed"), EACH, ids=lambda one: type(one).__name__)
def test_a_transform_gives_the_pixels_of_albumentations(one: Any, fixed: Any) -> None:
    pictures = images()
    made = BatchedView([one])(pictures, SEEDS)
    for seed, image, found in zip(SEEDS, pictures, made, strict=True):
        expected = A.Compose([fixed(numbers(seed, 10))])(image=image)["image"]
        np.testing.assert_array_equal(found, expected)


def test_holes_lie_inside_the_image_and_everywhere() -> None:
    one = A.CoarseDropout((1, 2), (0.3, 0.5), (0.2, 0.4), fill=7, p=1)
    whole = [np.full((*SIZE, 3), 200, dtype=np.uint8)] * len(SEEDS)
    for seed, found in zip(SEEDS, BatchedView([one])(whole, SEEDS), strict=True):
        n = numbers(seed, 9)
        expected = whole[0].copy()
        for hole in range(1 + int(2 * n[0])):
            # All heights, then all widths, then where they begin.
            tall, wide, down, right = n[1 + hole], n[3 + hole], n[5 + hole], n[7 + hole]
            height = int(19 * _between(0.3, 0.5, tall))
            width = int(24 * _between(0.2, 0.4, wide))
            top, left = int((19 - height + 1) * down), int((24 - width + 1) * right)
            expected[top : top + height, left : left + width] = 7
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("replace", [True, False])
def test_every_operation_is_chosen_equally_often(replace: bool) -> None:
    # Each adds what shows that it was there: brightness of 1, 4, 16 and 64 of 255.
    steps = [1, 4, 16, 64]
    several = [A.RandomBrightnessContrast(_fixed((v + 0.5) / 255), 0, p=1) for v in steps]
    seeds = np.random.default_rng(8).integers(0, 2**63, 4000).tolist()
    black = [np.zeros((2, 2, 3), dtype=np.uint8)] * len(seeds)
    made = BatchedView([A.SomeOf(several, n=2, replace=replace, p=1)])(black, seeds)
    sums, counts = np.unique(made[:, 0, 0, 0], return_counts=True)
    pairs = [(a, b) for a in steps for b in steps if replace or a != b]
    expected = dict.fromkeys(map(sum, pairs), 0.0)
    for pair in pairs:
        expected[sum(pair)] += 4000 / len(pairs)
    assert sums.tolist() == sorted(expected)
    for total, count in zip(sums.tolist(), counts.tolist(), strict=True):
        assert abs(count - expected[total]) < 5 * np.sqrt(expected[total])


def test_chosen_operations_run_in_the_order_of_the_list() -> None:
    several = [A.Solarize((0, 0), p=1), A.RandomBrightnessContrast(_fixed(20.5 / 255), 0, p=1)]
    black = [np.zeros((2, 2, 3), dtype=np.uint8)] * len(SEEDS)
    made = BatchedView([A.SomeOf(several, n=2, replace=True, p=1)])(black, SEEDS)
    # Twice the first, the first and then the second, twice the second.
    assert set(made[:, 0, 0, 0].tolist()) == {0, 255, 40}


@pytest.mark.parametrize("policy", ["weak_batched", "strong_batched"])
def test_a_view_depends_on_image_and_seed_alone(policy: str) -> None:
    view, pictures = build_train(Input(size=SIZE, train=policy)), images()
    before = [one.copy() for one in pictures]
    made = view.of_batch(pictures, SEEDS)
    np.testing.assert_array_equal(view.of_batch(pictures[::-1], SEEDS[::-1])[::-1], made)
    np.testing.assert_array_equal(pictures, before)
    fresh = build_train(Input(size=SIZE, train=policy))
    for image, seed, one in zip(pictures, SEEDS, made, strict=True):
        np.testing.assert_array_equal(fresh(image, seed), one)
    assert len({one.tobytes() for one in made[::5]}) > len(made[::5]) // 2  # of one image


def test_policies_have_the_transforms_of_those_by_sample() -> None:
    for name, policy in (("weak_batched", weak), ("strong_batched", strong)):
        (drawn,) = build_train(Input(size=SIZE, train=name)).transforms
        kinds = [type(one) for one in policy(SIZE)]
        assert [type(one) for one in drawn.transforms] == kinds


def test_images_of_another_size_are_fitted_first() -> None:
    view = build_train(Input(size=SIZE, train="weak_batched"))
    large = [np.repeat(np.repeat(one, 2, 0), 2, 1) for one in images()]
    np.testing.assert_array_equal(view.of_batch(large, SEEDS), view.of_batch(images(), SEEDS))


@pytest.mark.parametrize("layers", [None, 1, 3])
def test_a_mask_moves_with_its_image(layers: int | None) -> None:
    still = {"border_mode": cv2.BORDER_CONSTANT, "fill": 0, "interpolation": cv2.INTER_NEAREST}
    moves = [
        A.HorizontalFlip(p=0.5),
        A.Affine(rotate=(-40, 40), fill_mask=IGNORE, p=0.7, **still),
        A.Affine(translate_percent=(-0.4, 0.4), fill_mask=IGNORE, p=0.7, **still),
        A.CoarseDropout((1, 2), (0.2, 0.5), (0.2, 0.5), fill=0, fill_mask=IGNORE, p=0.7),
    ]
    number = np.arange(1, SIZE[0] * SIZE[1] + 1).reshape(SIZE) % 251 + 1
    image = np.repeat(number[:, :, None], 3, axis=2).astype(np.uint8)
    mask = number.astype(np.uint8)
    planes = {"plane": np.stack([mask])}
    for seed in SEEDS:
        planes = {"plane": mask[None].copy()}
        (found,) = BatchedView(moves)([image], [seed], planes)
        expected = np.where(found[:, :, 0] == 0, IGNORE, found[:, :, 0])
        np.testing.assert_array_equal(planes["plane"][0], expected)
    view = build_train(Input(size=SIZE, train="strong_batched"))
    whole = mask if layers is None else np.repeat(mask[:, :, None], layers, axis=2)
    for seed in SEEDS[:12]:
        shown, moved = view(image, seed, whole)
        np.testing.assert_array_equal(shown, view(image, seed))
        places = view.following(image, seed).places
        assert places is not None
        taken = np.where(places < 0, IGNORE, mask.ravel()[places])
        for layer in moved.reshape(*SIZE, -1).transpose(2, 0, 1):
            np.testing.assert_array_equal(layer, taken)


def test_a_transform_without_a_function_is_refused() -> None:
    with pytest.raises(RecipeError, match="GaussNoise with these arguments is not drawn over"):
        BatchedView([A.GaussNoise(p=1)])
    with pytest.raises(RecipeError, match="ColorJitter with these arguments"):
        BatchedView([A.SomeOf([A.NoOp(), A.ColorJitter(p=1)], n=1)])


def test_images_of_other_forms_have_the_same_policy_by_sample() -> None:
    grey = Pixels(1, "uint16", 0.0, 65535.0)
    view = build_train(Input(size=8, train="strong_batched"), pixels=grey)
    image = np.arange(64, dtype=np.uint16).reshape(8, 8, 1) * 1000
    made = view.of_batch([image] * 20, list(range(20)))
    assert made.shape == (20, 8, 8, 1)
    assert made.dtype == np.float32
    np.testing.assert_array_equal(made[7], view(image, 7))
