"""Which pixels a view shows, and of which pixels of an earlier view they are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor
from view_geometry import geometry

from podium.competition.truths.masks import IGNORE
from podium.tasks.protocols.find import pixel_kind
from podium.training import policies
from podium.training.data.augment import StreamAugmentations, build_train
from podium.training.data.crops import CropPlan
from podium.training.data.rows import MaskForm, SampleRows
from podium.training.data.sampling import UNLABELLED, Batch, Stream, ViewSpec
from podium.training.data.streams import Feed, Normaliser
from podium.training.method import Step
from podium.training.recipe import Input
from podium.workspace import extensions

SIDE = 32
FROM_IMAGE = 200  # blue of what is a pixel of the image, and not a border or a hole
# Nearest neighbour in the image, too: it shows exactly the pixels that follow.
EXACT: dict[str, list[Any]] = {
    "flip": [{"name": "HorizontalFlip", "p": 1}, {"name": "VerticalFlip", "p": 0.5}],
    "rotation": [{"name": "Affine", "rotate": [-40, 40], "interpolation": 0, "p": 1}],
    "shear, scale and shift": [
        {
            "name": "Affine",
            "shear": [-20, 20],
            "scale": [0.6, 1.5],
            "translate_percent": [-0.3, 0.3],
            "interpolation": 0,
            "p": 1,
        }
    ],
    "mirrored border": [
        {"name": "Affine", "rotate": [-40, 40], "interpolation": 0, "border_mode": 4, "p": 1}
    ],
    "cutout": [{"name": "CoarseDropout", "hole_height_range": [0.3, 0.5], "fill": 0, "p": 1}],
    "crop": [{"name": "RandomCrop", "height": 20, "width": 24}, {"name": "Resize", "height": SIDE,
              "width": SIDE, "interpolation": 0}],
    "all": [
        {"name": "D4", "p": 1},
        {"name": "SomeOf", "n": 1, "p": 1, "transforms": [
            {"name": "Affine", "rotate": [-40, 40], "interpolation": 0, "p": 1},
            {"name": "Perspective", "interpolation": 0, "p": 1},
        ]},
        {"name": "CoarseDropout", "num_holes_range": [1, 3], "fill": 0, "p": 1},
    ],
}  # fmt: skip


class Images(list):
    def window(self, index: int) -> NDArray[np.uint8]:
        return self[index]


def coordinates(height: int, width: int) -> NDArray[np.uint8]:
    """Return an image whose red is the row and whose green is the column."""
    rows, columns = np.mgrid[:height, :width]
    return np.stack([rows * 3, columns * 3, 0 * rows + FROM_IMAGE], axis=2).astype(np.uint8)


def unlabelled(
    n: int = 6, size: tuple[int, int] = (SIDE, SIDE), kind: Any = "multiclass"
) -> SampleRows:
    return SampleRows(
        images=Images([coordinates(*size)] * n),
        at=np.arange(n),
        ids=[f"u{i}" for i in range(n)],
        target={},
        weight=np.ones(n, dtype=np.float32),
        form=MaskForm(pixel_kind(kind), {"binary": 1, "multiclass": 3, "multilabel": 2}[kind]),
    )


def batch_of(rows: SampleRows, spec: Input, views: tuple[ViewSpec, ...], index: int = 0) -> Batch:
    feed = Feed({UNLABELLED: rows}, StreamAugmentations(spec), seed=0, phase=0)
    stream = Stream("u", len(rows), pools=(UNLABELLED,), views=views, masks=True)
    made = feed.make(stream, Step(0, 0, 0, index, 0, 9, 9))
    assert made is not None
    batch = feed.to_batch(made, Normaliser((0, 0, 0), (1 / 255,) * 3))
    for name, images in batch.views.items():  # uint8 values again
        batch.views[name] = images.round()
    return batch


def on_top(weak: str, size: int | None = None) -> tuple[ViewSpec, ...]:
    small = None if size is None else (size, size)
    return (ViewSpec("weak", weak), ViewSpec("strong", "train", size=small, of="weak"))


def assert_follows(batch: Batch) -> float:
    """Check that what is predicted on the weak view lands where the strong view has its pixels."""
    weak, strong = batch.views["weak"], batch.views["strong"]
    shown = batch.shown["strong"]
    moved = batch.follow(weak, "strong", missing=-5)
    for channel in range(3):
        assert torch.equal(moved[:, channel][shown], strong[:, channel][shown])
    is_image = strong[:, 2] == FROM_IMAGE
    assert torch.equal(shown, is_image)
    assert (moved[:, 0][batch.places["strong"] < 0] == -5).all()
    same = torch.nn.functional.interpolate(weak, strong.shape[2:])
    return float((same != strong).float().mean())


@pytest.mark.parametrize("fit", ["resize", "pad", "tile"])
@pytest.mark.parametrize("weak", ["none", "weak"])
@pytest.mark.parametrize("policy", EXACT)
def test_predictions_of_the_weak_view_follow_every_change_of_geometry(
    policy: str, weak: str, fit: Any
) -> None:
    size = (SIDE, SIDE) if fit == "resize" else (20, 30)  # else there is a border around it
    rows = unlabelled(size=size)
    if fit == "tile":
        rows = replace(rows, tiles=CropPlan((SIDE, SIDE), [size] * len(rows)))
    changed = 0.0
    for index in range(2):
        batch = batch_of(rows, Input(size=SIDE, fit=fit, train=EXACT[policy]), on_top(weak), index)
        changed += assert_follows(batch)
        assert torch.equal(batch.shown["weak"], batch.views["weak"][:, 2] == FROM_IMAGE)
    assert changed > 2 * 0.03


@pytest.mark.parametrize("size", [16, 24])
def test_a_smaller_view_follows_as_well(size: int) -> None:
    crop = [{"name": "RandomCrop", "height": size, "width": size}, {"name": "D4", "p": 1}]
    batch = batch_of(unlabelled(), Input(size=SIDE, train=crop), on_top("weak", size))
    assert batch.views["strong"].shape == (6, 3, size, size)
    assert batch.places["strong"].shape == (6, size, size)
    assert_follows(batch)
    # One that is only scaled takes the nearest pixel, where the image is a mean of several.
    batch = batch_of(unlabelled(), Input(size=SIDE, train="none"), on_top("weak", size))
    moved = batch.follow(batch.views["weak"], "strong", missing=0)
    far = (moved - batch.views["strong"])[:, :2].abs() / 3
    assert batch.shown["strong"].all()
    assert far.median() <= SIDE / size


def test_randaugment_and_cutout_follow_to_within_a_pixel() -> None:
    """The default strong view, its colours left out: they are what tells where a pixel is from."""

    views = {"none": build_train(Input(size=SIDE, train="none")), "strong": geometry("strong")}
    feed = Feed({UNLABELLED: unlabelled(30)}, lambda s: views[s.policy], seed=0, phase=0)
    specs = (ViewSpec("weak", "none"), ViewSpec("strong", "strong", of="weak"))
    stream = Stream("u", 30, pools=(UNLABELLED,), views=specs, masks=True)
    made = feed.make(stream, Step(0, 0, 0, 0, 0, 9, 9))
    batch = feed.to_batch(made, Normaliser((0, 0, 0), (1 / 255,) * 3))
    moved = batch.follow(batch.views["weak"], "strong", missing=0)
    shows = batch.shown["strong"] & (batch.views["strong"][:, 2] > FROM_IMAGE - 2)
    far = ((moved - batch.views["strong"]).abs() / 3)[:, :2].amax(dim=1)
    assert (far[shows] <= 1.5).float().mean() > 0.98
    holes = (~batch.shown["strong"]).float().mean(dim=(1, 2))
    assert holes.min() > 0.2  # of the Cutout, a quarter of the image
    assert (
        batch.views["strong"][:, 2][~batch.shown["strong"]] < FROM_IMAGE - 2
    ).float().mean() > 0.95


@pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel"])
def test_stored_masks_follow_to_a_view_on_top_of_another(kind: Any) -> None:
    rng = np.random.default_rng(0)
    layers = (2,) if kind == "multilabel" else ()
    values = [0, 1, 2, IGNORE] if kind == "multiclass" else [0, 1, IGNORE]
    masks = [rng.choice(values, (20, 30, *layers)).astype(np.uint8) for _ in range(5)]
    rows = replace(unlabelled(6, (20, 30), kind), masks=[*masks, None])
    spec = Input(size=SIDE, fit="pad", train=EXACT["all"])
    batch = batch_of(rows, spec, on_top("weak"))
    weak, strong = batch.masks["weak"], batch.masks["strong"]
    missing = -1 if kind == "multiclass" else float("nan")
    moved = batch.follow(weak, "strong", missing=missing)
    torch.testing.assert_close(moved, strong, rtol=0, atol=0, equal_nan=True)
    assert known(strong).any()
    assert not known(strong)[(~batch.shown["strong"]).reshape(known(strong).shape)].any()
    assert batch.targets["segment"] is weak


def known(mask: Tensor) -> Tensor:
    """Return which pixels have an answer in the first layer."""
    first = mask if mask.ndim == 3 else mask[:, 0]
    return ~first.isnan() & (first != -1)


def test_samples_without_masks_have_shown_pixels_and_no_masks() -> None:
    batch = batch_of(unlabelled(), Input(size=SIDE, train="strong"), on_top("weak"))
    assert batch.masks == {}
    assert batch.targets == {}
    assert set(batch.shown) == {"weak", "strong"}
    assert set(batch.places) == {"strong"}
    assert batch.shown["weak"].dtype == torch.bool
    assert batch.places["strong"].dtype == torch.int64


def test_a_stream_without_masks_has_the_same_images_and_no_shown_pixels() -> None:
    rows, spec = unlabelled(), Input(size=SIDE, train="strong")
    feed = Feed({UNLABELLED: rows}, StreamAugmentations(spec), seed=0, phase=0)
    stream = Stream("u", 6, pools=(UNLABELLED,), views=on_top("weak"))
    step = Step(0, 0, 0, 3, 0, 9, 9)
    with_masks, without = feed.make(replace(stream, masks=True), step), feed.make(stream, step)
    for name, images in with_masks.views.images.items():
        assert torch.equal(images, without.views.images[name])
    assert without.views.shown == without.views.places == without.views.masks == {}


EVERY = [*extensions.names(policies), *EXACT.values()]
FILLED = [{"name": "Rotate", "limit": [45, 45], "border_mode": 0, "fill_mask": 0, "p": 1}]


@pytest.mark.parametrize("fit", ["resize", "pad"])
@pytest.mark.parametrize("policy", [*EVERY, FILLED])
def test_shown_pixels_do_not_depend_on_the_mask(policy: Any, fit: Any) -> None:
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (26, 40, 3), dtype=np.uint8)
    flat = rng.integers(0, 3, (26, 40)).astype(np.uint8)
    holes = np.where(rng.random(flat.shape) < 0.3, IGNORE, flat).astype(np.uint8)
    layers = rng.integers(0, 2, (26, 40, 3)).astype(np.uint8)
    some = np.where(rng.random(layers.shape) < 0.3, IGNORE, layers).astype(np.uint8)
    view = build_train(Input(size=24, train=policy, fit=fit))
    for seed in range(4):
        plain = view.showing(image, seed)
        assert plain.mask is None
        for mask in (flat, holes, layers, some, np.full_like(flat, IGNORE)):
            seen = view.showing(image, seed, mask)
            np.testing.assert_array_equal(seen.shown, plain.shown)
            image_alone, mask_alone = view(image, seed, mask)
            np.testing.assert_array_equal(seen.image, image_alone)
            np.testing.assert_array_equal(seen.mask, mask_alone)
        traced = view.following(image, seed, flat)
        np.testing.assert_array_equal(traced.shown, plain.shown)
        np.testing.assert_array_equal(traced.image, plain.image)
        np.testing.assert_array_equal(traced.mask, view(image, seed, flat)[1])
    if policy is FILLED:
        assert not plain.shown.all()
