"""Each policy follows its name and its paper."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import albumentations as A
import numpy as np
import pytest
from numpy.typing import NDArray

from podium.errors import RecipeError
from podium.training import policies
from podium.training.data.augment import Augmentation, build_train
from podium.training.policies.photometric import photometric
from podium.training.policies.strong import strong
from podium.training.recipe import Input
from podium.workspace import extensions


def gradient(side: int = 32) -> NDArray[np.uint8]:
    rows, columns = np.mgrid[:side, :side]
    return np.stack([rows * 4, columns * 4, 255 - rows * 2 - columns * 2], axis=2).astype(np.uint8)


def views(policy: str, image: NDArray[np.uint8], n: int = 200) -> list[NDArray[np.uint8]]:
    view = build_train(Input(size=image.shape[0], train=policy))
    return [view(image, seed) for seed in range(n)]


@pytest.mark.parametrize("policy", extensions.names(policies))
@pytest.mark.parametrize("size", [(8, 8), (33, 33), (24, 40)])
def test_every_policy_ends_at_small_odd_and_oblong_sizes(
    policy: str, size: tuple[int, int]
) -> None:
    view = build_train(Input(size=size, train=policy))
    for seed in range(30):
        seen = view(gradient(max(size)), seed)
        assert seen.shape == (*size, 3)
        assert seen.dtype == np.uint8


SINGLE = [one for one in extensions.names(policies) if not one.endswith("_batched")]


@pytest.mark.parametrize("policy", SINGLE)
def test_the_transforms_of_every_policy_end_at_an_oblong_size_themselves(policy: str) -> None:
    """Else a view is brought to its size a second time, out of proportion."""
    size = 24, 40
    compose = A.Compose(extensions.load(policies, policy, "POLICY")(size))
    image = gradient(40)[:24]
    for seed in range(30):
        compose.set_random_state(np.random.default_rng(seed), random.Random(seed))
        assert compose(image=image)["image"].shape == (*size, 3)


def test_none_changes_nothing() -> None:
    assert all((seen == gradient()).all() for seen in views("none", gradient(), n=5))


def test_weak_is_exactly_a_flip_and_a_mirrored_shift_of_up_to_an_eighth() -> None:
    image = gradient()
    possible = {}
    for flip in (False, True):
        turned = image[:, ::-1] if flip else image
        padded = np.pad(turned, ((4, 4), (4, 4), (0, 0)), mode="reflect")
        for down in range(9):
            for right in range(9):
                window = padded[down : down + 32, right : right + 32]
                possible[window.tobytes()] = (flip, down, right)
    found = [possible[seen.tobytes()] for seen in views("weak", image, n=400)]
    assert np.mean([flip for flip, _, _ in found]) == pytest.approx(0.5, abs=0.125)  # 5 sigma
    assert {down for _, down, _ in found} == set(range(9))
    assert {right for _, _, right in found} == set(range(9))


def test_medium_crops_half_to_all_of_the_image() -> None:
    image = np.zeros((64, 64, 3), dtype=np.uint8)
    image[:, :, 0] = np.arange(64)[:, None] * 4
    spans = [
        (int(seen[:, :, 0].max()) - int(seen[:, :, 0].min())) / 252
        for seen in views("medium", image)
    ]
    assert min(spans) < 0.8 < max(spans)


def magnitudes(transform: A.BasicTransform) -> int:
    """Return how many different pictures the transform makes of one image."""
    composed = A.Compose([transform])
    made = set()
    for seed in range(60):
        composed.set_random_state(np.random.default_rng(seed), random.Random(seed))
        made.add(composed(image=gradient())["image"].tobytes())
    return len(made)


def operations() -> list[A.BasicTransform]:
    return list(next(one for one in strong((32, 32)) if isinstance(one, A.SomeOf)).transforms)


@pytest.mark.parametrize("operation", operations(), ids=lambda one: type(one).__name__)
def test_every_operation_of_strong_draws_its_magnitude(operation: A.BasicTransform) -> None:
    """RandAugment at one magnitude is not FixMatch's."""
    least = {A.NoOp: 1, A.AutoContrast: 1, A.Equalize: 1, A.Posterize: 5}  # 4, 5, 6, 7 or 8 bits
    found = magnitudes(operation)
    assert found == least[type(operation)] if type(operation) in least else found > 20


def test_an_operation_of_one_magnitude_would_be_noticed() -> None:
    fixed = [
        A.Affine(rotate=(30, 30), p=1),
        A.Solarize(threshold_range=(0.5, 0.5), p=1),
        A.Sharpen(alpha=(0.9, 0.9), lightness=(0.5, 0.5), p=1),
    ]
    assert [magnitudes(one) for one in fixed] == [1, 1, 1]


def test_strong_always_does_two_operations_perhaps_one_twice() -> None:
    some = next(one for one in strong((32, 32)) if isinstance(one, A.SomeOf))
    assert (some.n, some.replace, some.p) == (2, True, 1.0)
    assert all(one.p == 1 for one in some.transforms)
    assert len(some.transforms) == 13


@pytest.mark.parametrize("side", [8, 32, 67])
def test_strong_always_cuts_a_hole_of_half_the_sides(side: int) -> None:
    """White stays white but for the colours and borders: the last thing done is a grey hole."""
    white = np.full((side, side, 3), 255, dtype=np.uint8)
    holes = {(side // 2, side // 2)}
    for seen in views("strong", white, n=100):
        grey = (seen == 128).all(axis=2)
        windows = np.lib.stride_tricks.sliding_window_view(grey, next(iter(holes)))
        assert windows.all(axis=(2, 3)).any()


def test_the_hole_of_strong_lies_anywhere() -> None:
    white = np.full((32, 32, 3), 255, dtype=np.uint8)
    seen = [(one == 128).all(axis=2) for one in views("strong", white, n=400)]
    found = np.stack([one for one in seen if one.mean() == 0.25])  # no filled border beside it
    assert len(found) > 150
    starts = {tuple(np.argwhere(one)[0].tolist()) for one in found}
    assert {row for row, _ in starts} >= set(range(1, 16))
    assert {column for _, column in starts} >= set(range(1, 16))


def test_strong_changes_colours_and_shapes_more_than_weak() -> None:
    image = gradient()
    weak = np.mean([np.abs(one.astype(int) - image).mean() for one in views("weak", image)])
    strong = np.mean([np.abs(one.astype(int) - image).mean() for one in views("strong", image)])
    assert strong > 1.3 * weak


def is_grey(image: NDArray[np.uint8]) -> bool:
    return bool((np.ptp(image.astype(int), axis=2) <= 1).all())


COLOURED = [
    "byol",
    "byol_solarize",
    "global_crop",
    "jitter_grey",
    "local_crop",
    "moco_v2",
    "moco_v2_small",
    "photometric",
    "simclr",
    "simclr_small",
]


@pytest.mark.parametrize("policy", COLOURED)
def test_a_fifth_of_the_views_is_grey(policy: str) -> None:
    image = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    share = np.mean([is_grey(seen) for seen in views(policy, image, n=300)])
    assert share == pytest.approx(0.2, abs=0.09)  # 4 sigma


def steepness(image: NDArray[np.uint8]) -> float:
    return float(np.abs(np.diff(image.astype(float), axis=1)).mean())


def blurred(policy: str, side: int = 224) -> float:
    """Return the share of the views of fine noise that are a good deal smoother than most."""
    noise = np.random.default_rng(0).integers(0, 256, (side, side), dtype=np.uint8)
    transforms = extensions.load(policies, policy, "POLICY")((side, side))
    kept = [one for one in transforms if isinstance(one, A.GaussianBlur | A.Solarize)]
    composed = A.Compose(kept)
    smooth = []
    for seed in range(120):
        composed.set_random_state(np.random.default_rng(seed), random.Random(seed))
        seen = composed(image=noise[..., None].repeat(3, axis=2))["image"]
        smooth.append((seen != noise[..., None]).mean() > 0.6)
    return float(np.mean(smooth))


def test_views_of_byol_are_blurred_always_and_seldom() -> None:
    # Of a standard deviation of up to 0.28 pixels the kernel has one pixel: a tenth of the draws.
    assert blurred("byol") == pytest.approx(0.9, abs=0.08)
    assert blurred("byol_solarize") == pytest.approx(0.09, abs=0.09)
    assert blurred("byol", side=32) == 0  # small images are not blurred


def test_views_of_simclr_and_moco_are_blurred_half_of_the_time_and_small_ones_never() -> None:
    for policy in ("simclr", "moco_v2"):
        assert blurred(policy) == pytest.approx(0.45, abs=0.15)
        assert blurred(policy, side=32) == 0
    for policy in ("simclr_small", "moco_v2_small"):
        assert blurred(policy) == 0


@pytest.mark.parametrize(
    ("policy", "strength"),
    [("simclr", 0.8), ("simclr_small", 0.4), ("moco_v2", 0.4), ("moco_v2_small", 0.4)],
)
def test_colours_change_by_the_ranges_of_the_paper(policy: str, strength: float) -> None:
    transforms = extensions.load(policies, policy, "POLICY")((32, 32))
    jitter = next(one for one in transforms if isinstance(one, A.ColorJitter))
    composed = A.Compose([jitter])
    grey = np.full((8, 8, 3), 100, dtype=np.uint8)
    seen = []
    for seed in range(500):
        composed.set_random_state(np.random.default_rng(seed), random.Random(seed))
        seen.append(composed(image=grey)["image"].mean() / 100)
    # Of one grey contrast, saturation and hue leave all as it is.
    changed = [one for one in seen if abs(one - 1) > 0.005]
    assert min(seen) == pytest.approx(1 - strength, abs=0.05)
    assert max(seen) == pytest.approx(1 + strength, abs=0.05)
    assert len(changed) / 500 == pytest.approx(0.8, abs=0.1)


def test_flip_does_nothing_else() -> None:
    image = gradient()
    flipped = [bool((one == image[:, ::-1]).all()) for one in views("flip", image, n=400)]
    kept = [bool((one == image).all()) for one in views("flip", image, n=400)]
    assert all(a != b for a, b in zip(flipped, kept, strict=True))
    assert np.mean(flipped) == pytest.approx(0.5, abs=0.125)


def test_a_fifth_of_the_second_views_of_byol_is_solarised() -> None:
    """Solarising inverts what is bright: white becomes black, and nothing else does that."""
    white = np.full((32, 32, 3), 255, dtype=np.uint8)
    dark = {
        policy: float(np.mean([seen.mean() < 100 for seen in views(policy, white, n=300)]))
        for policy in ("byol", "byol_solarize")
    }
    assert dark["byol"] == 0
    assert dark["byol_solarize"] == pytest.approx(0.2, abs=0.09)


@pytest.mark.parametrize(
    ("policy", "least", "most"),
    [("byol", 0.08, 1), ("byol_solarize", 0.08, 1), ("crop", 0.2, 1), ("global_crop", 0.25, 1),
     ("local_crop", 0.05, 0.25), ("moco_v2", 0.2, 1), ("moco_v2_small", 0.2, 1),
     ("simclr", 0.08, 1), ("simclr_small", 0.08, 1)],
)  # fmt: skip
def test_windows_cover_the_share_of_the_image_in_the_paper(
    policy: str, least: float, most: float
) -> None:
    side = 240
    rows, columns = np.mgrid[:side, :side].astype(np.uint8)
    image = np.stack([rows, columns, 0 * rows], axis=2)
    window = extensions.load(policies, policy, "POLICY")((64, 64))[0]
    composed = A.Compose([window])
    shares, ratios = [], []
    for seed in range(400):
        composed.set_random_state(np.random.default_rng(seed), random.Random(seed))
        seen = composed(image=image)["image"].astype(int)
        high, wide = (int(np.ptp(seen[..., channel])) + 1 for channel in (0, 1))
        shares.append(high * wide / side**2)
        ratios.append(wide / high)
    # Whole pixels, and the mean of those at the edges where the window shrinks.
    assert min(shares) == pytest.approx(least, rel=0.25)
    assert min(shares) > least * 0.8
    assert max(shares) <= most * 1.1
    assert max(shares) > most * 0.85
    assert min(ratios) == pytest.approx(3 / 4, rel=0.1)
    assert max(ratios) == pytest.approx(4 / 3, rel=0.1)


def test_photometric_moves_nothing() -> None:
    for transform in photometric((32, 32)):
        assert isinstance(transform, A.ImageOnlyTransform)
    image = gradient()
    view = build_train(Input(size=32, train="photometric"))
    places = [view.following(image, seed).places for seed in range(30)]
    assert all((one == np.arange(32 * 32).reshape(32, 32)).all() for one in places)
    assert len({view(image, seed).tobytes() for seed in range(30)}) > 20


def test_jitter_grey_moves_nothing_but_by_a_flip() -> None:
    view = build_train(Input(size=32, train="jitter_grey"))
    numbers = np.arange(32 * 32).reshape(32, 32)
    found = [view.following(gradient(), seed).places for seed in range(100)]
    flips = [bool((one == numbers[:, ::-1]).all()) for one in found]
    assert all(flip or (one == numbers).all() for flip, one in zip(flips, found, strict=True))
    assert np.mean(flips) == pytest.approx(0.5, abs=0.25)


def own(root: Path, text: str) -> Callable[[], Augmentation]:
    (root / "my_policies.py").write_text(f"import albumentations as A\n{text}")
    return lambda: build_train(Input(size=16, train="my_policies:POLICY"), root)


def test_a_policy_of_ones_own_comes_from_the_workspace(tmp_path: Path) -> None:
    flip = own(tmp_path, "POLICY = lambda size: [A.HorizontalFlip(p=1.0)]\n")
    image = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    np.testing.assert_array_equal(flip()(image, 0), image[:, ::-1])


@pytest.mark.parametrize(
    ("text", "message", "where"),
    [
        ("def POLICY(size):\n    return [A.NoSuch()]\n", "fails: AttributeError", "py:3"),
        ("def POLICY(): ...\n", "fails: TypeError", "input.train"),
        ("def POLICY(size): return [print]\n", "an object of type builtin_function", "input.train"),
        ("POLICY = 3\n", "is of type int, not a function from", "my_policies.py:2"),
        ("POLICIES = 3\n", "there is no POLICY in it", "my_policies.py"),
    ],
)
def test_an_error_in_a_users_policy_is_reported(
    tmp_path: Path, text: str, message: str, where: str
) -> None:
    with pytest.raises(RecipeError) as caught:
        own(tmp_path, text)()
    assert message in caught.value.message
    assert str(caught.value.where).endswith(where)
