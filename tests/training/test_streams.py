from __future__ import annotations

from collections import Counter

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from podium.training.methods._protocol import Step, Stream
from podium.training.streams import Feed, Normaliser, Rows, _repeats


def rows_of(n: int, strata: np.ndarray | None = None) -> Rows:
    images = [np.full((4, 4, 3), i, dtype=np.uint8) for i in range(n)]
    return Rows(
        images=images,
        at=np.arange(n),
        ids=[f"id{i}" for i in range(n)],
        target={"classify": np.arange(n)},
        weight=np.ones(n, dtype=np.float32),
        strata=strata,
    )


def seen_seeds(log: list[tuple[int, int]]):
    """Return a view that notes which image it saw with which seed."""

    def view(image: np.ndarray, seed: int) -> np.ndarray:
        log.append((int(image[0, 0, 0]), seed))
        return image

    return view


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
    feed = Feed(rows_of(n), {"train": seen_seeds([])}, seed=0, phase=0)
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
    feed = Feed(rows_of(11), {"train": seen_seeds(log_a)}, seed=0, phase=0)
    for index in range(7):
        feed.make(stream, step(index))
    log_b: list[tuple[int, int]] = []
    Feed(rows_of(11), {"train": seen_seeds(log_b)}, seed=0, phase=0).make(stream, step(6))
    assert log_b == log_a[-5:]


def test_micro_batches_follow_each_other_in_one_stream() -> None:
    feed = Feed(rows_of(12), {"train": seen_seeds([])}, seed=0, phase=0, accumulate=2)
    whole = Feed(rows_of(12), {"train": seen_seeds([])}, seed=0, phase=0)
    halves = [feed.make(Stream("labelled", 3), step(i, m)).index for i in (0, 1) for m in (0, 1)]
    wholes = [whole.make(Stream("labelled", 6), step(i)).index for i in (0, 1)]
    assert np.concatenate(halves).tolist() == np.concatenate(wholes).tolist()


def test_every_visit_of_a_sample_has_a_seed_of_its_own() -> None:
    log: list[tuple[int, int]] = []
    strata = np.array([0] * 9 + [1])  # balanced: the last sample is drawn five times a pass
    feed = Feed(rows_of(10, strata), {"train": seen_seeds(log)}, seed=0, phase=0)
    for index in range(4):
        feed.make(Stream("labelled", 10, sampling="balanced"), step(index))
    assert Counter(image for image, _ in log)[9] == 20
    assert len({seed for _, seed in log}) == len(log)


def test_equal_views_of_a_sample_are_drawn_independently() -> None:
    log: list[tuple[int, int]] = []
    feed = Feed(rows_of(4), {"train": seen_seeds(log)}, seed=0, phase=0)
    feed.make(Stream("labelled", 4, views=("train", "train")), step(0))
    assert len({seed for _, seed in log}) == 8


def test_streams_of_other_names_seeds_and_phases_come_in_another_order() -> None:
    def order(name: str = "labelled", seed: int = 0, phase: int = 0) -> list[int]:
        feed = Feed(rows_of(30), {"train": seen_seeds([])}, seed=seed, phase=phase)
        return feed.make(Stream(name, 30), step(0)).index.tolist()

    orders = [order(), order(name="other"), order(seed=1), order(phase=1)]
    assert len({tuple(one) for one in orders}) == 4
    assert order() == orders[0]


def test_images_are_normalised_as_the_formula_says_and_lie_channels_last() -> None:
    images = torch.arange(2 * 4 * 5 * 3, dtype=torch.uint8).reshape(2, 4, 5, 3)
    mean, std = (0.5, 0.4, 0.3), (0.2, 0.3, 0.4)
    out = Normaliser(mean, std)(images)
    assert out.shape == (2, 3, 4, 5)
    assert out.is_contiguous(memory_format=torch.channels_last)
    expected = (images.double() / 255 - torch.tensor(mean).double()) / torch.tensor(std).double()
    torch.testing.assert_close(out.permute(0, 2, 3, 1).double(), expected, atol=1e-6, rtol=1e-6)
