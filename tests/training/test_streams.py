from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from podium.tasks.protocols.find import pixel_kind
from podium.training.data.augment import StreamAugmentations, build_eval, build_train
from podium.training.data.crops import CropPlan, find_class_pixels
from podium.training.data.rows import MaskForm, SampleRows
from podium.training.data.streams import Feed, Normaliser, _repeats
from podium.training.method import LABELLED, Step, Stream, ViewSpec
from podium.training.recipe import Input


def rows_of(n: int, strata: np.ndarray | None = None) -> SampleRows:
    images = [np.full((4, 4, 3), i, dtype=np.uint8) for i in range(n)]
    return SampleRows(
        images=images,
        at=np.arange(n),
        ids=[f"id{i}" for i in range(n)],
        target={"classify": np.arange(n)},
        weight=np.ones(n, dtype=np.float32),
        strata=strata,
    )


def seen_seeds(log: list[tuple[int, int]]):
    """Return a view that records its images and seeds."""

    def view(image: np.ndarray, seed: int) -> np.ndarray:
        log.append((int(image[0, 0, 0]), seed))
        return image

    return view


def feed_of(rows: SampleRows, view: Any, **named: int) -> Feed:
    """Return the feed of labelled rows in one view."""
    return Feed({LABELLED: rows}, lambda spec: view, **named)


def step(index: int, micro: int = 0) -> Step:
    return Step(seed=3, phase=1, epoch=0, index=index, micro=micro, per_epoch=4, total=100)


@given(values=st.lists(st.integers(0, 5), max_size=30))
def test_repeats_counts_what_stood_before(values: list[int]) -> None:
    by_hand = [values[:i].count(value) for i, value in enumerate(values)]
    assert _repeats(np.array(values, dtype=np.int64)).tolist() == by_hand


@given(n=st.integers(1, 23), size=st.integers(1, 9), passes=st.integers(1, 3))
def test_every_pass_has_every_sample_once_across_the_borders_of_batches(
    n: int, size: int, passes: int
) -> None:
    feed = feed_of(rows_of(n), seen_seeds([]), seed=0, phase=0)
    batch = min(n, size)
    steps = -(-n * passes // batch)
    drawn = np.concatenate(
        [feed.make(Stream("labelled", size), step(i)).index for i in range(steps)]
    )
    for number in range(passes):
        assert sorted(drawn[number * n : (number + 1) * n]) == list(range(n))


def test_a_step_made_alone_is_the_step_made_after_all_before_it() -> None:
    stream = Stream("labelled", 5)
    log_a: list[tuple[int, int]] = []
    feed = feed_of(rows_of(11), seen_seeds(log_a), seed=0, phase=0)
    for index in range(7):
        feed.make(stream, step(index))
    log_b: list[tuple[int, int]] = []
    feed_of(rows_of(11), seen_seeds(log_b), seed=0, phase=0).make(stream, step(6))
    assert log_b == log_a[-5:]


def test_micro_batches_follow_each_other_in_one_stream() -> None:
    feed = feed_of(rows_of(12), seen_seeds([]), seed=0, phase=0, accumulate=2)
    whole = feed_of(rows_of(12), seen_seeds([]), seed=0, phase=0)
    halves = [feed.make(Stream("labelled", 3), step(i, m)).index for i in (0, 1) for m in (0, 1)]
    wholes = [whole.make(Stream("labelled", 6), step(i)).index for i in (0, 1)]
    assert np.concatenate(halves).tolist() == np.concatenate(wholes).tolist()


def test_every_visit_of_a_sample_has_a_seed_of_its_own() -> None:
    log: list[tuple[int, int]] = []
    strata = np.array([0] * 9 + [1])  # balanced: the last sample is drawn five times a pass
    feed = feed_of(rows_of(10, strata), seen_seeds(log), seed=0, phase=0)
    for index in range(4):
        feed.make(Stream("labelled", 10, sampling="balanced"), step(index))
    assert Counter(image for image, _ in log)[9] == 20
    assert len({seed for _, seed in log}) == len(log)


def test_equal_views_of_a_sample_are_drawn_independently() -> None:
    log: list[tuple[int, int]] = []
    feed = feed_of(rows_of(4), seen_seeds(log), seed=0, phase=0)
    feed.make(Stream("labelled", 4, views=(ViewSpec("one"), ViewSpec("two"))), step(0))
    assert len({seed for _, seed in log}) == 8


def test_streams_of_other_names_seeds_and_phases_come_in_another_order() -> None:
    def order(name: str = "labelled", seed: int = 0, phase: int = 0) -> list[int]:
        feed = feed_of(rows_of(30), seen_seeds([]), seed=seed, phase=phase)
        return feed.make(Stream(name, 30), step(0)).index.tolist()

    orders = [order(), order(name="other"), order(seed=1), order(phase=1)]
    assert len({tuple(one) for one in orders}) == 4
    assert order() == orders[0]


def test_images_are_normalised_by_the_formula_and_lie_channels_last() -> None:
    images = torch.arange(2 * 4 * 5 * 3, dtype=torch.uint8).reshape(2, 4, 5, 3)
    mean, std = (0.5, 0.4, 0.3), (0.2, 0.3, 0.4)
    out = Normaliser(mean, std)(images)
    assert out.shape == (2, 3, 4, 5)
    assert out.is_contiguous(memory_format=torch.channels_last)
    expected = (images.double() / 255 - torch.tensor(mean).double()) / torch.tensor(std).double()
    torch.testing.assert_close(out.permute(0, 2, 3, 1).double(), expected, atol=1e-6, rtol=1e-6)


class Stack:
    """Images or masks with `window`, that note which of the two ways they were read."""

    def __init__(self, arrays: list) -> None:
        self.arrays, self.windows, self.wholes = arrays, 0, 0

    def __len__(self) -> int:
        return len(self.arrays)

    def __getitem__(self, index: int) -> np.ndarray:
        self.wholes += 1
        return self.arrays[index]

    def window(self, index: int) -> np.ndarray:
        self.windows += 1
        found = self.arrays[index]
        if found is not None:
            found.flags.writeable = False
        return found


def masked_rows(
    n: int = 7, *, kind: str = "multiclass", sides: tuple[int, int] = (8, 8)
) -> SampleRows:
    """Return images whose every pixel encodes its place, with masks that do, too; some without."""
    images, masks = [], []
    for i in range(n):
        rows, columns = np.mgrid[: sides[0] + i, : sides[1] + 2 * i]
        images.append(np.stack([rows, columns, 0 * rows + i], axis=2).astype(np.uint8))
        flat = (rows * 7 + columns).astype(np.uint8) % 3
        if kind != "multiclass":
            flat = flat % 2
        if kind == "multilabel":
            flat = np.stack([flat, 1 - flat], axis=2)
        masks.append(None if i % 3 == 1 else flat)
    return SampleRows(
        images=Stack(images),
        at=np.arange(n)[::-1].copy(),
        ids=[f"id{i}" for i in range(n)],
        target={"classify": np.arange(n)},
        weight=np.ones(n, dtype=np.float32),
        masks=Stack(masks),
        form=MaskForm(pixel_kind(kind), {"binary": 1, "multiclass": 3, "multilabel": 2}[kind]),
    )


def tiled(rows: SampleRows, size: tuple[int, int] = (8, 8), foreground: float = 0.0) -> SampleRows:
    shapes = [rows.images.window(int(at)).shape[:2] for at in rows.at]
    masks = [rows.masks.window(int(at)) for at in rows.at]
    places = [
        None if mask is None else find_class_pixels(mask, name)
        for mask, name in zip(masks, rows.ids, strict=True)
    ]
    return replace(rows, tiles=CropPlan(size, shapes, foreground, places))


TILE = Input(size=8, fit="tile", train="weak")


@pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel"])
def test_masks_come_with_their_samples_and_are_unknown_where_there_are_none(kind: str) -> None:
    rows = masked_rows(kind=kind)
    feed = feed_of(rows, build_eval(Input(size=(8, 8), fit="tile")), seed=0, phase=0)
    made = feed.make(Stream("labelled", 7, masks=True), step(0))
    batch = feed.to_batch(made, Normaliser((0, 0, 0), (1, 1, 1)))
    assert batch.targets["segment"] is batch.masks["train"]
    for place, row in enumerate(made.index):
        at = int(rows.at[row])
        target = batch.targets["segment"][place]
        if at % 3 == 1:
            assert ((target == -1) | target.isnan()).all()
            continue
        top, left = at // 2, at  # the middle 8 x 8 of an image of 8 + at by 8 + 2 at
        mask = rows.masks.arrays[at][top : top + 8, left : left + 8].astype(float)
        expected = {"binary": mask[None], "multiclass": mask, "multilabel": mask}[kind]
        if kind == "multilabel":
            expected = expected.transpose(2, 0, 1)
        np.testing.assert_array_equal(target.numpy(), expected)


def test_a_stream_without_masks_reads_none_and_has_the_same_images() -> None:
    rows = masked_rows()
    feed = feed_of(rows, build_train(Input(size=8, train="strong")), seed=0, phase=0)
    with_masks = feed.make(Stream("labelled", 5, masks=True), step(2))
    reads = rows.masks.wholes
    without = feed.make(Stream("labelled", 5), step(2))
    assert rows.masks.wholes == reads
    assert without.views.masks == {}
    assert torch.equal(without.views.images["train"], with_masks.views.images["train"])
    assert "segment" not in feed.to_batch(without, Normaliser((0, 0, 0), (1, 1, 1))).targets


def test_every_view_has_a_mask_of_its_own() -> None:
    rows = masked_rows(3)
    feed = Feed({LABELLED: rows}, StreamAugmentations(Input(size=8)), seed=0, phase=0)
    views = (ViewSpec("weak", "weak"), ViewSpec("strong", "strong"))
    made = feed.make(Stream("labelled", 3, views=views, masks=True), step(0))
    batch = feed.to_batch(made, Normaliser((0, 0, 0), (1, 1, 1)))
    assert list(batch.masks) == ["weak", "strong"]
    assert not torch.equal(batch.masks["weak"], batch.masks["strong"])
    assert batch.targets["segment"] is batch.masks["weak"]


def test_a_pass_over_windows_has_as_many_of_each_image_as_cover_it() -> None:
    rows = tiled(masked_rows(5, sides=(6, 20)))
    feed = feed_of(rows, build_train(TILE), seed=0, phase=0)
    counts = [
        -(-height // 8) * -(-width // 8)
        for height, width in (rows.images.arrays[int(at)].shape[:2] for at in rows.at)
    ]
    assert rows.pass_length == sum(counts)
    stream = Stream("labelled", rows.pass_length, masks=True)
    for index in range(2):
        assert Counter(feed.make(stream, step(index)).index.tolist()) == dict(enumerate(counts))
    assert rows.images.wholes == rows.masks.wholes == 0  # nothing was read but windows


@pytest.mark.parametrize("foreground", [0.0, 0.7])
def test_the_window_of_an_image_and_of_its_mask_are_one(foreground: float) -> None:
    rows = tiled(masked_rows(4, sides=(10, 12)), foreground=foreground)
    feed = feed_of(rows, build_eval(TILE), seed=0, phase=0)
    drawn = set()
    for index in range(6):
        made = feed.make(Stream("labelled", 5, masks=True), step(index))
        for row, image, mask in zip(
            made.index,
            made.views.images["train"].numpy(),
            made.views.masks["train"].numpy(),
            strict=True,
        ):
            if int(rows.at[row]) % 3 == 1:
                assert (mask == 255).all()
                continue
            expected = (image[..., 0].astype(int) * 7 + image[..., 1]) % 3
            np.testing.assert_array_equal(mask, expected)
            drawn.add((int(row), int(image[0, 0, 0]), int(image[0, 0, 1])))
    assert len(drawn) > 10


def test_all_views_of_a_sample_show_the_same_window() -> None:
    rows = tiled(masked_rows(4, sides=(20, 20)))
    feed = feed_of(rows, build_eval(TILE), seed=0, phase=0)
    made = feed.make(Stream("labelled", 6, views=(ViewSpec("a"), ViewSpec("b"))), step(1))
    assert torch.equal(made.views.images["a"], made.views.images["b"])


def test_a_batch_of_windows_is_a_function_of_its_step() -> None:
    stream = Stream("labelled", 5, masks=True, sampling="balanced")
    made = []
    for first in (0, 5):
        rows = replace(tiled(masked_rows(6), foreground=0.5), strata=np.array([0, 0, 0, 0, 0, 1]))
        feed = feed_of(rows, build_train(TILE), seed=0, phase=0)
        for index in range(first, 6):
            batch = feed.make(stream, step(index))
        made.append(batch)
    assert torch.equal(made[0].views.images["train"], made[1].views.images["train"])
    assert torch.equal(made[0].views.masks["train"], made[1].views.masks["train"])


def test_balanced_windows_see_every_class_as_often_however_large_its_images_are() -> None:
    rows = replace(tiled(masked_rows(6)), strata=np.array([0, 0, 0, 0, 0, 1]))
    feed = feed_of(rows, build_eval(TILE), seed=0, phase=0)
    stream = Stream("labelled", rows.pass_length, sampling="balanced")
    classes = rows.strata[feed.make(stream, step(0)).index]
    assert abs((classes == 1).sum() - rows.pass_length / 2) <= 0.5


def test_the_windows_of_an_image_are_rows_of_one_fold_only() -> None:
    every = masked_rows(6, sides=(20, 20))
    train, valid = np.array([0, 2, 5]), np.array([1, 3, 4])
    seen = []
    for rows in (every.subset(train), every.subset(valid)):
        fold = tiled(rows)
        feed = feed_of(fold, build_eval(TILE), seed=0, phase=0)
        batch = feed.make(Stream("labelled", fold.pass_length), step(0))
        seen.append(set(batch.views.images["train"][..., 2].unique().tolist()))  # blue: which image
    assert not seen[0] & seen[1]
    assert seen[0] | seen[1] == set(range(6))
