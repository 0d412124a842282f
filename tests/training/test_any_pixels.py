"""Views of images that are not RGB of 8 bits: no bit is lost, no channel is left behind."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from training.policy_views import fewest_views

from podium.competition.truths.pixels import RGB8, Pixels
from podium.errors import RecipeError
from podium.training import policies
from podium.training.data.augment import (
    Augmentation,
    StreamAugmentations,
    build_eval,
    build_train,
    fit_image,
)
from podium.training.data.sampling import ViewSpec
from podium.training.recipe import Input
from podium.workspace import extensions

EVERY = extensions.names(policies)
GREY8 = Pixels(channels=1)
FOUR8 = Pixels(channels=4)
DEEP = Pixels(4, "uint16", 0, 4095)
SEVEN = Pixels(7, "uint16", 0, 65535)
HOUNSFIELD = Pixels(1, "float32", -1000, 1000)
RGB16 = Pixels(3, "uint16", 0, 65535)
FORMS = [GREY8, FOUR8, DEEP, SEVEN, HOUNSFIELD, RGB16, Pixels(5, "uint8", 10, 200)]
FITS = ["resize", "centre_crop", "pad", "tile"]


def image(pixels: Pixels, size: tuple[int, int] = (50, 40), seed: int = 0) -> NDArray[Any]:
    """Return smooth noise over the whole range."""
    draw = np.random.default_rng(seed).random((*size, pixels.channels), dtype=np.float32)
    smooth = cv2.GaussianBlur(draw, (5, 5), 1).reshape(draw.shape)
    found = pixels.low + (pixels.high - pixels.low) * smooth
    return found.astype(pixels.dtype)


@pytest.mark.parametrize("pixels", FORMS, ids=str)
@pytest.mark.parametrize("policy", EVERY)
def test_every_policy_takes_every_form_and_gives_what_networks_see(
    policy: str, pixels: Pixels
) -> None:
    view = build_train(Input(size=(32, 24), train=policy), None, pixels)
    mask = (image(GREY8)[..., 0] > 128).astype(np.uint8)
    found = []
    for seed in range(8):
        given = image(pixels)
        seen, moved = view(given, seed, mask)
        assert seen.shape == (32, 24, pixels.channels)
        assert moved.shape == (32, 24)
        assert seen.dtype == pixels.network_form.dtype
        assert seen.flags.c_contiguous
        if seen.dtype == np.float32:
            assert seen.min() >= 0
            assert seen.max() <= 1
        np.testing.assert_array_equal(given, image(pixels))
        np.testing.assert_array_equal(view(given, seed), seen)
        np.testing.assert_array_equal(view.showing(given, seed).image, seen)
        np.testing.assert_array_equal(view.following(given, seed, mask).image, seen)
        found.append(seen.tobytes())
    assert len(set(found)) >= fewest_views(policy)


@pytest.mark.parametrize("policy", EVERY)
def test_no_policy_rounds_twelve_bits_to_eight(policy: str) -> None:
    """A picture in the lowest 8 of 12 bits has 256 levels: in 8 bits 16 of them would be left."""
    faint = np.random.default_rng(1).integers(0, 256, (40, 40, 4)).astype(np.uint16)
    view = build_train(Input(size=40, train=policy), None, DEEP)
    for seed in range(20):
        seen = view(faint, seed)
        kept = seen[(seen > 0) & (seen < 1)] * 255
        assert np.abs(kept - np.rint(kept)).max() > 0.05


@pytest.mark.parametrize("policy", EVERY)
def test_rgb_of_sixteen_bits_is_drawn_as_rgb_of_eight(policy: str) -> None:
    """The same windows, flips and colours, where no operation works in 8 bits alone."""
    if policy in ("strong", "strong_batched", "weak_batched"):
        return  # has fewer operations; batches of 8 bits draw other numbers than single images
    eight = image(RGB8)
    sixteen = eight.astype(np.uint16) * 257
    spec = Input(size=32, train=policy)
    of_8, of_16 = build_train(spec), build_train(spec, None, RGB16)
    far = [np.abs(of_8(eight, seed) / 255 - of_16(sixteen, seed)).mean() for seed in range(30)]
    # Solarising and bicubic overshoots differ in single pixels.
    assert np.mean(far) < 0.01


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize("size", [(17, 23), (25, 20), (90, 90)])
def test_layers_are_fitted_as_each_alone(fit: Any, size: tuple[int, int]) -> None:
    for pixels in (SEVEN, Pixels(5, "float32", 0, 1), GREY8):
        given = image(pixels)
        fitted = fit_image(given, size, fit, black=3)
        assert fitted.dtype == given.dtype
        assert fitted.shape == (*size, pixels.channels)
        for layer in range(pixels.channels):
            one = np.ascontiguousarray(given[..., layer : layer + 1])
            alone = fit_image(one, size, fit, black=3)
            np.testing.assert_allclose(fitted[..., layer], alone[..., 0], rtol=1e-6, atol=1)


def test_the_range_of_the_spec_is_zero_to_one_and_what_is_filled_up_is_zero() -> None:
    given = np.full((10, 20, 1), 0, dtype=np.float32)
    given[:, :10] = -5000
    given[:, 15:] = 1000
    seen = build_eval(Input(size=20, fit="pad"), HOUNSFIELD)(given, 0)[..., 0]
    assert (seen[5:15, :10] == 0).all()
    assert (seen[5:15, 10:15] == 0.5).all()
    assert (seen[5:15, 15:] == 1).all()
    assert (seen[:5] == 0).all()
    assert (seen[15:] == 0).all()


@pytest.mark.parametrize("pixels", [DEEP, HOUNSFIELD, FOUR8], ids=str)
def test_view_on_top_of_another_is_not_scaled_to_the_range_twice(pixels: Pixels) -> None:
    views = StreamAugmentations(Input(size=32, train="none"), None, pixels)
    first, second = ViewSpec("weak", "none"), ViewSpec("strong", "none", of="weak")
    seen = views(first)(image(pixels), 0)
    np.testing.assert_array_equal(views(second)(seen, 1), seen)
    assert views(first) is views(ViewSpec("other", "none"))


def test_light_is_the_formula_of_brightness_and_contrast() -> None:
    """Every pixel is a · x + o, with one a and one o for all channels."""
    view = build_train(Input(size=32, train="jitter_grey"), None, Pixels(2, "float32", 0, 1))
    given = image(Pixels(2, "float32", 0, 1), (32, 32)) * 0.2 + 0.4  # far from both ends
    brightness, contrast = [], []
    for seed in range(200):
        seen = view(given, seed)
        flipped = given[:, ::-1]
        like = given if abs(np.corrcoef(given.ravel(), seen.ravel())[0, 1]) > 0.99 else flipped
        factor, offset = np.polyfit(like.ravel(), seen.ravel(), 1)
        np.testing.assert_allclose(seen, factor * like + offset, atol=1e-4)
        brightness.append(seen.mean() / like.mean())  # what contrast leaves as it is
        contrast.append(factor / brightness[-1])
    for drawn in (brightness, contrast):
        assert np.mean(np.isclose(drawn, 1, atol=1e-4)) == pytest.approx(0.2, abs=0.1)
        assert 0.599 <= min(drawn) < 0.65
        assert 1.35 < max(drawn) <= 1.401
    assert abs(np.corrcoef(brightness, contrast)[0, 1]) < 0.3


def test_windows_that_grow_do_not_overshoot_the_range() -> None:
    checks = (np.indices((12, 12)).sum(axis=0) % 2).astype(np.float32)[..., None]
    for policy in ("byol", "local_crop", "global_crop"):
        view = build_train(Input(size=40, train=policy), None, Pixels(1, "float32", 0, 1))
        for seed in range(60):
            seen = view(checks, seed)
            assert seen.min() >= 0
            assert seen.max() <= 1


@pytest.mark.parametrize(
    ("train", "pixels", "complaint"),
    [
        (["ToGray"], FOUR8, "ToGray does not take images of 4 channels of 8 bits"),
        (["HueSaturationValue"], DEEP, "HueSaturationValue does not take images of 4 channels"),
        # Seldom: one sample of a thousand would have stopped the first epoch.
        (
            [{"name": "OneOf", "p": 0.001, "transforms": [{"name": "ToGray"}, {"name": "Blur"}]}],
            SEVEN,
            "ToGray does not take images of 7 channels of float32",
        ),
        ([{"name": "Posterize", "p": 0.01}], DEEP, "Posterize rounds to 8 bits"),
        (["Equalize"], HOUNSFIELD, "Equalize rounds to 8 bits"),
        (["Normalize"], FOUR8, "Normalize"),
        ([{"name": "Normalize", "mean": [0.1], "std": [0.1]}], HOUNSFIELD, "leave out Normalize"),
        (["ToTensorV2"], GREY8, "ToTensorV2|something else"),
    ],
)
def test_a_list_that_cannot_take_the_images_is_refused_at_the_start(
    train: list[Any], pixels: Pixels, complaint: str
) -> None:
    with pytest.raises(RecipeError, match=complaint):
        build_train(Input(size=32, train=train), None, pixels)


@pytest.mark.parametrize("pixels", FORMS, ids=str)
def test_a_list_that_takes_any_channels_is_taken(pixels: Pixels) -> None:
    train = [
        "HorizontalFlip",
        {"name": "RandomBrightnessContrast", "p": 1},
        {"name": "OneOf", "p": 1, "transforms": [{"name": "GaussNoise"}, {"name": "Blur"}]},
        {"name": "CoarseDropout", "p": 1},
    ]
    view = build_train(Input(size=32, train=train), None, pixels)
    assert view(image(pixels), 3).shape == (32, 32, pixels.channels)


def test_a_users_policy_gets_the_form_of_images_if_it_has_the_argument(tmp_path: Any) -> None:
    (tmp_path / "looks.py").write_text(
        "import albumentations as A\n"
        "asked = []\n"
        "def TOLD(size, pixels):\n"
        "    asked.append(pixels)\n"
        "    return [A.HorizontalFlip()]\n"
        "def GREY(size):\n"
        "    return [A.ToGray(p=0.001)]\n"
    )
    view = build_train(Input(size=16, train="looks:TOLD"), tmp_path, DEEP)
    assert isinstance(view, Augmentation)
    wanted = extensions.ExtensionContract("a list", lambda found: isinstance(found, list))
    asked = extensions.load_user_object(
        "looks:asked", error=RecipeError, root=tmp_path, contract=wanted
    )
    assert asked == [Pixels(4, "float32", 0, 1)]
    with pytest.raises(RecipeError, match="ToGray does not take images of 4 channels"):
        build_train(Input(size=16, train="looks:GREY"), tmp_path, DEEP)
    build_train(Input(size=16, train="looks:GREY"), tmp_path)
