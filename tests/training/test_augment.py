"""A view depends on the image and the seed, and fits the input's size."""

from __future__ import annotations

import random
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from training.policy_views import fewest_views

from podium.errors import RecipeError
from podium.training import policies
from podium.training.data.augment import StreamAugmentations, build_eval, build_train
from podium.training.data.sampling import ViewSpec
from podium.training.recipe import Input
from podium.workspace import extensions

EVERY = extensions.names(policies)
LIST: list[Any] = [
    "HorizontalFlip",
    {"name": "Rotate", "limit": [-30, 30], "p": 0.7},
    {"name": "OneOf", "p": 1, "transforms": [{"name": "GaussNoise"}, {"name": "ToGray", "p": 1}]},
]


def image(height: int = 50, width: int = 40, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("policy", [*EVERY, LIST])
def test_a_view_is_a_function_of_image_and_seed_whatever_ran_before(policy: Any) -> None:
    spec = Input(size=(32, 48), train=policy)
    fresh = [build_train(spec)(image(), seed) for seed in range(10)]
    used = build_train(spec)
    for seed in (7, 3, 3, 9):
        np.testing.assert_array_equal(used(image(), seed), fresh[seed])
        used(image(seed=1), 100 + seed)
    n_views = len({view.tobytes() for view in fresh})
    assert n_views >= fewest_views(policy)


@pytest.mark.parametrize("policy", [*EVERY, LIST])
def test_the_global_generators_are_neither_read_nor_moved(policy: Any) -> None:
    view = build_train(Input(size=32, train=policy))
    first = view(image(), 5)
    random.seed(99)
    np.random.seed(99)  # noqa: NPY002 — the global generator is under test
    python, numpy = random.getstate(), str(np.random.get_state())  # noqa: NPY002
    np.testing.assert_array_equal(view(image(), 5), first)
    assert random.getstate() == python
    assert str(np.random.get_state()) == numpy  # noqa: NPY002


@given(
    height=st.integers(1, 90),
    width=st.integers(1, 90),
    size=st.tuples(st.integers(8, 40), st.integers(8, 40)),
    fit=st.sampled_from(["resize", "centre_crop", "pad"]),
    policy=st.sampled_from(EVERY),
)
def test_whatever_comes_in_the_input_size_comes_out(
    height: int, width: int, size: tuple[int, int], fit: Any, policy: str
) -> None:
    spec = Input(size=size, fit=fit, train=policy)
    for view in (build_train(spec), build_eval(spec)):
        seen = view(image(height, width), 2**63 + 1)
        assert seen.shape == (*size, 3)
        assert seen.dtype == np.uint8
        assert seen.flags.c_contiguous


def test_the_given_image_is_not_changed() -> None:
    given_image = image(32, 32)
    before = given_image.copy()
    for policy in (*EVERY, LIST):
        view = build_train(Input(size=32, train=policy))
        for seed in range(5):
            view(given_image, seed)
    np.testing.assert_array_equal(given_image, before)


def test_evaluation_is_the_same_for_every_seed_and_leaves_a_fitting_image_alone() -> None:
    view = build_eval(Input(size=(50, 40)))
    np.testing.assert_array_equal(view(image(), 1), image())
    np.testing.assert_array_equal(view(image(), 2), image())


def test_centre_crop_keeps_the_middle_and_the_proportions() -> None:
    wide = np.zeros((10, 30, 3), dtype=np.uint8)
    wide[:, 10:20] = 200
    seen = build_eval(Input(size=10, fit="centre_crop"))(wide, 0)
    assert (seen == 200).all()


def test_pad_keeps_the_whole_image_between_black_bars() -> None:
    wide = np.full((10, 20, 3), 200, dtype=np.uint8)
    seen = build_eval(Input(size=20, fit="pad"))(wide, 0)
    assert (seen[5:15] == 200).all()
    assert (seen[:5] == 0).all()
    assert (seen[15:] == 0).all()


def test_resize_keeps_the_whole_image_and_bends_the_proportions() -> None:
    halves = np.zeros((10, 20, 3), dtype=np.uint8)
    halves[:, 10:] = 200
    seen = build_eval(Input(size=10))(halves, 0)
    assert (seen[:, :5] == 0).all()
    assert (seen[:, 5:] == 200).all()


def test_shrinking_averages_and_does_not_pick_pixels() -> None:
    stripes = np.zeros((64, 64, 3), dtype=np.uint8)
    stripes[:, ::2] = 200
    for fit in ("resize", "centre_crop", "pad"):
        assert (build_eval(Input(size=16, fit=fit))(stripes, 0) == 100).all()


def test_a_policy_that_crops_gets_the_whole_image() -> None:
    big = cv2.resize(np.eye(8, dtype=np.uint8)[..., None].repeat(3, 2) * 255, (256, 256))
    crop = {"name": "RandomCrop", "height": 32, "width": 32}
    seen = build_train(Input(size=32, train=[crop]))(big, 3)
    windows = np.lib.stride_tricks.sliding_window_view(big[..., 0], (32, 32))
    assert (windows == seen[..., 0]).all(axis=(2, 3)).any()  # cut out at full resolution


@pytest.mark.parametrize(
    ("policy", "complaint"),
    [
        ("weka", r"no 'weka' among the policies(?s:.*)write weak"),
        (["HorizontalFlop"], r"no transform 'HorizontalFlop'(?s:.*)write HorizontalFlip"),
        ([{"name": "Rotate", "limits": 3}], "Rotate refuses its arguments: .*limits"),
        ([{"name": "Rotate", "p": 2}], "Rotate refuses its arguments"),
        ([{"p": 0.5}], "expected .name: HorizontalFlip"),
        ([3], "expected .name: HorizontalFlip.*got 3"),
        ([{"name": "OneOf", "transforms": ["Flop"]}], "no transform 'Flop'"),
        (["Normalize"], r"8 bits(?s:.*)leave out Normalize"),
        (["os"], "no transform 'os'"),
        (
            [{"name": "RandomCrop", "height": 999, "width": 999}],
            "the augmentation fails on an image of 64 x 64",
        ),
    ],
)
def test_an_impossible_policy_is_refused_before_training(policy: Any, complaint: str) -> None:
    with pytest.raises(RecipeError, match=complaint):
        build_train(Input(size=32, train=policy))


def test_views_are_the_recipes_own_and_policies_by_name_at_sizes_of_their_own() -> None:
    spec = Input(size=(32, 48), train="medium", fit="pad")
    views = StreamAugmentations(spec)
    pairs = [
        (ViewSpec("a"), spec),
        (ViewSpec("b", "strong"), Input(size=(32, 48), train="strong", fit="pad")),
        (ViewSpec("c", size=(16, 8)), Input(size=(16, 8), train="medium", fit="pad")),
        (ViewSpec("d", "none", size=(8, 8)), Input(size=8, train="none", fit="pad")),
    ]
    for asked, equal in pairs:
        view, expected = views(asked), build_train(equal)
        for seed in range(5):
            np.testing.assert_array_equal(view(image(), seed), expected(image(), seed))
    assert views(ViewSpec("another name")) is views(ViewSpec("train"))  # built once
    of_list = StreamAugmentations(Input(size=16, train=LIST))(ViewSpec("train"))
    np.testing.assert_array_equal(
        of_list(image(), 3), build_train(Input(size=16, train=LIST))(image(), 3)
    )


@pytest.mark.parametrize(
    ("specs", "complaint"),
    [
        ([ViewSpec("weak", "weka")], r"no 'weka' among the policies(?s:.*)write weak"),
        ([ViewSpec("a", "weak"), ViewSpec("a", "strong")], "two views of a stream are called 'a'"),
        ([ViewSpec("a", of="b"), ViewSpec("b")], "view 'a' is of 'b', which is none of the views"),
        ([ViewSpec("a", of="a")], "view 'a' is of 'a'"),
        ([ViewSpec("a"), ViewSpec("b"), ViewSpec("c", of="d")], "one of a, b"),
    ],
)
def test_impossible_views_are_refused_before_training(
    specs: list[ViewSpec], complaint: str
) -> None:
    with pytest.raises(RecipeError, match=complaint):
        StreamAugmentations(Input(size=32)).check(specs)


def test_possible_views_are_built() -> None:
    specs = [ViewSpec("weak", "weak"), *(ViewSpec(s, "strong", of="weak") for s in ("s1", "s2"))]
    StreamAugmentations(Input(size=32)).check(specs)
    StreamAugmentations(Input(size=32)).check([])
