"""Streams over several pools: each in an order of its own, whatever else is drawn, and when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch

from podium.tasks.protocols.find import pixel_kind
from podium.training.data import streams
from podium.training.data.augment import StreamAugmentations
from podium.training.data.crops import CropPlan
from podium.training.data.rows import MaskForm, SampleRows
from podium.training.data.sampling import LABELLED, PSEUDO, UNLABELLED, Pool, Stream, ViewSpec
from podium.training.data.streams import Feed, HostBatch, Normaliser, in_processes
from podium.training.method import Step
from podium.training.recipe import Input

SIZES = {LABELLED: 7, UNLABELLED: 23, PSEUDO: 5}
FIRST = {LABELLED: 0, UNLABELLED: 50, PSEUDO: 100}  # grey of each pool's first image
GRID = np.add.outer(np.arange(16) * 12, np.arange(16)).astype(np.uint8)[..., None].repeat(3, 2)
TWO = (ViewSpec("weak", "weak"), ViewSpec("strong", "strong", of="weak"))
STREAMS = (
    Stream("labelled", 3, masks=True),
    Stream("u", 9, pools=(UNLABELLED,), views=TWO, masks=True),
    Stream("partner", 9, pools=(UNLABELLED,), views=(ViewSpec("weak", "weak"),)),
    Stream("all", 8, pools=(LABELLED, PSEUDO, UNLABELLED)),
)


class Images(list):
    def window(self, index: int) -> np.ndarray:
        return self[index]


def rows_of(pool: Pool, n: int | None = None) -> SampleRows:
    """Return rows whose images are grey of a tone that no other row has; all ids are alike."""
    n = SIZES[pool] if n is None else n
    has_answers = pool != UNLABELLED
    return SampleRows(
        images=Images(np.full((16, 16, 3), FIRST[pool] + i, np.uint8) for i in range(n)),
        at=np.arange(n),
        ids=[f"id{i}" for i in range(n)],
        target={"classify": np.arange(n) % 3} if has_answers else {},
        weight=np.full(n, 1 + FIRST[pool], dtype=np.float32),
        strata=np.arange(n) % 3 if has_answers else None,
        masks=Images(np.full((16, 16), i % 3, np.uint8) for i in range(n)) if has_answers else None,
        form=MaskForm(pixel_kind("multiclass"), 3),
        answered={"classify": np.ones(n, dtype=bool)} if has_answers else {},
    )


def feed_of(*pools: Pool, size: int = 16, **given: Any) -> Feed:
    rows = {pool: rows_of(pool) for pool in pools or SIZES}
    return Feed(
        rows,
        StreamAugmentations(Input(size=size, train="weak")),
        **{"seed": 0, "phase": 0, **given},
    )


def step(index: int, micro: int = 0) -> Step:
    return Step(seed=0, phase=0, epoch=0, index=index, micro=micro, per_epoch=5, total=100)


def make(feed: Feed, index: int) -> dict[str, HostBatch]:
    return {one.name: feed.make(one, step(index)) for one in STREAMS}


def assert_equal(first: HostBatch, second: HostBatch) -> None:
    np.testing.assert_array_equal(first.index, second.index)
    assert torch.equal(first.weight, second.weight)
    for name in ("images", "masks", "shown", "places"):
        ours, theirs = getattr(first.views, name), getattr(second.views, name)
        assert list(ours) == list(theirs)
        assert all(torch.equal(ours[key], theirs[key]) for key in ours)
    assert first.targets.keys() == second.targets.keys()
    for task, values in first.targets.items():
        assert torch.equal(values, second.targets[task])


def indices(feed: Feed, stream: Stream, steps: Iterable[int]) -> list[int]:
    return [int(i) for at in steps for i in feed.make(stream, step(at)).index]


def by_row(batch: HostBatch, view: str) -> torch.Tensor:
    """Return the images of a view in the order of the rows."""
    return batch.views.images[view][torch.from_numpy(np.argsort(batch.index))]


@pytest.mark.parametrize("stream", STREAMS, ids=lambda one: one.name)
def test_a_stream_is_the_same_whatever_streams_are_beside_it(stream: Stream) -> None:
    together, alone = feed_of(), feed_of(*stream.pools)
    for index in range(5):
        assert_equal(make(together, index)[stream.name], alone.make(stream, step(index)))


def test_batches_of_any_step_are_made_in_any_order_and_are_equal() -> None:
    one, other = feed_of(), feed_of()
    in_order = [make(one, index) for index in range(6)]
    for index in (5, 0, 3, 3, 1):
        for name, batch in make(other, index).items():
            assert_equal(batch, in_order[index][name])


@pytest.mark.slow
def test_processes_make_the_batches_that_one_makes() -> None:
    alone = [make(feed_of(), index) for index in range(6)]
    made = list(in_processes(partial(make, feed_of()), list(range(6)), workers=2))
    assert len(made) == 6
    for ours, theirs in zip(alone, made, strict=True):
        for name in ours:
            assert_equal(ours[name], theirs[name])


def test_streams_of_one_pool_come_in_orders_of_their_own() -> None:
    feed = feed_of()
    orders = [indices(feed, replace(STREAMS[1], name=name), range(3)) for name in ("u", "v")]
    assert orders[0] != orders[1]
    rows = replace(rows_of(UNLABELLED), images=Images([GRID] * 23))
    feed = Feed({UNLABELLED: rows}, StreamAugmentations(Input(size=16)), seed=0, phase=0)
    made = [feed.make(replace(one, batch_size=23), step(0)) for one in STREAMS[1:3]]
    assert not torch.equal(*(by_row(one, "weak") for one in made))


def test_the_index_of_a_batch_leads_to_its_images_targets_and_weights() -> None:
    feed = feed_of()
    pools: dict[str, tuple[Pool, ...]] = {one.name: one.pools for one in STREAMS}
    seen = set()
    for at in range(12):
        for name, batch in make(feed, at).items():
            tones = [FIRST[pool] + i for pool in pools[name] for i in range(SIZES[pool])]
            weights = [1 + FIRST[pool] for pool in pools[name] for _ in range(SIZES[pool])]
            first = next(iter(batch.views.images.values()))
            assert first[:, 8, 8, 0].tolist() == [tones[i] for i in batch.index]
            assert batch.weight.tolist() == [weights[i] for i in batch.index]
            seen |= {(name, int(i)) for i in batch.index}
    assert len([one for one in seen if one[0] == "all"]) == sum(SIZES.values())


def test_targets_of_unlabelled_samples_are_missing_in_the_form_of_the_others() -> None:
    labelled = replace(
        rows_of(LABELLED), target={"classify": np.arange(7), "regress": np.ones((7, 2), np.float32)}
    )
    feed = Feed(
        {LABELLED: labelled, UNLABELLED: rows_of(UNLABELLED)},
        StreamAugmentations(Input(size=16)),
        seed=0,
        phase=0,
    )
    stream = Stream("both", 30, pools=(UNLABELLED, LABELLED), masks=True)
    made = feed.make(stream, step(0))
    batch = feed.to_batch(made, Normaliser((0, 0, 0), (1, 1, 1)))
    is_unlabelled = batch.index < SIZES[UNLABELLED]
    assert int(is_unlabelled.sum()) == 23
    classes, numbers = batch.targets["classify"], batch.targets["regress"]
    assert classes.dtype == torch.int64
    assert numbers.shape == (30, 2)
    assert (classes[is_unlabelled] == -1).all()
    assert torch.equal(classes[~is_unlabelled], batch.index[~is_unlabelled] - 23)
    assert numbers[is_unlabelled].isnan().all()
    assert (numbers[~is_unlabelled] == 1).all()
    assert (batch.targets["segment"][is_unlabelled] == -1).all()
    assert (batch.targets["segment"][~is_unlabelled] >= 0).all()
    assert (
        feed.to_batch(feed.make(STREAMS[2], step(0)), Normaliser((0, 0, 0), (1, 1, 1))).targets
        == {}
    )


def test_samples_of_two_pools_with_one_name_are_augmented_differently() -> None:
    images = Images([GRID] * 7)
    rows = {pool: replace(rows_of(pool, 7), images=images) for pool in (LABELLED, UNLABELLED)}
    feed = Feed(rows, StreamAugmentations(Input(size=16, train="strong")), seed=0, phase=0)
    made = feed.make(Stream("both", 14, pools=(LABELLED, UNLABELLED)), step(0))
    shown = by_row(made, "train")
    assert all(not torch.equal(shown[i], shown[7 + i]) for i in range(7))


def test_pools_that_are_missing_or_empty_give_nothing() -> None:
    feed = feed_of(LABELLED)
    assert feed.make(STREAMS[1], step(0)) is None
    assert sorted(feed.make(replace(STREAMS[3], batch_size=9), step(0)).index) == list(range(7))
    empty = Feed(
        {UNLABELLED: rows_of(UNLABELLED, 0)}, StreamAugmentations(Input(size=16)), seed=0, phase=0
    )
    assert empty.make(STREAMS[1], step(0)) is None


def test_windows_of_several_pools_are_cut_of_their_own_images() -> None:
    rows = {}
    for pool, side in ((LABELLED, 20), (UNLABELLED, 40)):
        tiles = CropPlan((16, 16), [(side, side)] * SIZES[pool])
        big = [np.full((side, side, 3), FIRST[pool] + i, np.uint8) for i in range(SIZES[pool])]
        rows[pool] = replace(rows_of(pool), images=Images(big), masks=None, tiles=tiles)
    spec = Input(size=16, fit="tile", train="none")
    feed = Feed(rows, StreamAugmentations(spec), seed=0, phase=0)
    pass_length = 7 * 4 + 23 * 9
    made = feed.make(Stream("both", pass_length, pools=(LABELLED, UNLABELLED), masks=True), step(0))
    counts = np.bincount(made.index)
    assert counts.tolist() == [4] * 7 + [9] * 23
    tones = [FIRST[LABELLED] + i for i in range(7)] + [FIRST[UNLABELLED] + i for i in range(23)]
    assert made.views.images["train"][:, 0, 0, 0].tolist() == [tones[i] for i in made.index]
    assert made.views.shown["train"].all()


def test_views_have_sizes_of_their_own() -> None:
    views = (
        ViewSpec("large", "global_crop"),
        *(ViewSpec(f"small{i}", "local_crop", size=(8, 10)) for i in range(3)),
    )
    made = feed_of().make(Stream("u", 4, pools=(UNLABELLED,), views=views), step(0))
    shapes = {name: tuple(images.shape[1:3]) for name, images in made.views.images.items()}
    small = dict.fromkeys(("small0", "small1", "small2"), (8, 10))
    assert shapes == {"large": (16, 16), **small}
    assert not torch.equal(made.views.images["small0"], made.views.images["small1"])


# What changes at the beginning of an epoch


def test_a_pool_that_is_put_starts_a_new_order_at_its_step() -> None:
    stream = Stream("pseudo", 5, pools=(PSEUDO,))
    feed = feed_of(LABELLED, UNLABELLED)
    assert feed.make(stream, step(9)) is None
    feed.put(PSEUDO, rows_of(PSEUDO), since=10, round=3)
    first = indices(feed, stream, range(10, 14))
    for number in range(4):  # whole passes from its first step on
        assert sorted(first[5 * number : 5 * number + 5]) == list(range(5))
    with pytest.raises(ValueError, match="step 9 is before 10"):
        feed.make(stream, step(9))


def test_what_is_put_is_a_function_of_pool_step_and_round_alone() -> None:
    stream = Stream("pseudo", 5, pools=(PSEUDO,), views=(ViewSpec("strong", "strong"),))
    unbroken = feed_of(LABELLED)
    unbroken.put(PSEUDO, rows_of(PSEUDO, 3), since=5, round=1)
    unbroken.make(stream, step(7))
    unbroken.put(PSEUDO, rows_of(PSEUDO), since=10, round=2)
    resumed = feed_of(LABELLED)
    resumed.put(PSEUDO, rows_of(PSEUDO), since=10, round=2)
    resumed.put(PSEUDO, rows_of(PSEUDO), since=10, round=2)  # asked again: the same
    for index in (10, 12, 11):
        assert_equal(unbroken.make(stream, step(index)), resumed.make(stream, step(index)))


def test_rounds_differ_in_order_and_views_and_round_0_is_as_if_it_had_always_been_there() -> None:
    stream = Stream("pseudo", 40, pools=(PSEUDO,), views=(ViewSpec("strong", "strong"),))
    rows = replace(rows_of(PSEUDO, 40), images=Images([GRID] * 40))
    made = []
    for number in range(3):
        feed = feed_of(LABELLED)
        feed.put(PSEUDO, rows, since=0, round=number)
        made.append(feed.make(stream, step(0)))
    assert (made[1].index != made[2].index).any()
    assert not torch.equal(by_row(made[1], "strong"), by_row(made[2], "strong"))
    there = Feed({PSEUDO: rows}, StreamAugmentations(Input(size=16)), seed=0, phase=0)
    assert_equal(made[0], there.make(stream, step(0)))


def test_only_streams_of_a_pool_begin_anew_when_it_is_put() -> None:
    feed, untouched = feed_of(), feed_of()
    feed.put(PSEUDO, rows_of(PSEUDO, 2), since=4, round=1)
    for one in STREAMS[:3]:
        assert_equal(feed.make(one, step(6)), untouched.make(one, step(6)))
    both = Stream("both", 9, pools=(LABELLED, PSEUDO))
    assert sorted(feed.make(both, step(4)).index) == list(range(9))


def test_a_pool_can_be_emptied() -> None:
    feed = feed_of()
    feed.put(PSEUDO, None, since=4, round=1)
    assert feed.make(Stream("pseudo", 5, pools=(PSEUDO,)), step(4)) is None
    feed.put(PSEUDO, rows_of(PSEUDO, 0), since=8, round=2)
    assert feed.make(Stream("pseudo", 5, pools=(PSEUDO,)), step(8)) is None


def test_a_stream_that_rests_goes_on_where_it_stopped() -> None:
    """Every third step alone asks for it: not a sample is passed over."""
    stream, feed = STREAMS[1], feed_of()
    rested = [
        feed.make(replace(stream, number=number), step(3 * number)).index for number in range(5)
    ]
    unrested = [feed_of().make(stream, step(number)).index for number in range(5)]
    np.testing.assert_array_equal(rested, unrested)


def test_passes_are_not_drawn_again_for_every_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """A permutation of half a million samples takes longer than a step."""
    calls, order = [], streams.pass_order

    def counted(*args: Any, **named: Any) -> Any:
        calls.append(named["pass_"])
        return order(*args, **named)

    monkeypatch.setattr(streams, "pass_order", counted)
    feed = feed_of()
    for index in range(20):
        for one in STREAMS:
            feed.make(replace(one, number=index), step(index))
    # 60 of 7, 180 of 23 twice, 160 of 35: so many passes have begun.
    assert len(calls) == 9 + 8 + 8 + 5
