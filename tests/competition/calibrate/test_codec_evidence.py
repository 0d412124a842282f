"""The codec of masks is found from their texts; parameters without evidence are not sure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from codec_miniatures import blobs
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from plain_runs import runs_of

from podium.codecs import coco, coco64, rle
from podium.competition.calibrate.codec import CodecEstimate, ImageTexts, infer_codec

Mask = NDArray[np.bool_]


def blotch(size: tuple[int, int], n: int, rng: np.random.Generator) -> Mask:
    """Return a mask of `n` ellipses."""
    mask = np.zeros(size, dtype=bool)
    for one in blobs(size, n, rng):
        mask |= one
    return mask


def images(
    masks: Sequence[Mask], *, truth: bool = False, scale: int = 1, **codec: Any
) -> list[ImageTexts]:
    found = []
    for number, mask in enumerate(masks):
        text = runs_of(mask, **codec)
        size = (mask.shape[0] * scale, mask.shape[1] * scale)
        estimated: Callable[[], Mask | None] | None = (lambda mask=mask: mask) if truth else None
        found.append(ImageTexts(str(number), size, (text,) if text else (), estimated))
    return found


def estimated(estimate: CodecEstimate) -> dict[str, tuple[Any, str]]:
    return {name: (one.value, one.sure) for name, one in estimate.estimates.items()}


def values_of(estimate: CodecEstimate) -> dict[str, Any]:
    assert estimate.kind.value == "rle"
    return {name: one.value for name, one in estimate.estimates.items() if name != "kind"}


@pytest.mark.parametrize("order", ["F", "C"])
@pytest.mark.parametrize("base", [0, 1])
@pytest.mark.parametrize("relative", [False, True])
def test_a_codec_that_equals_the_mask_files_is_certain(
    order: str, base: int, relative: bool
) -> None:
    rng = np.random.default_rng(1)
    masks = [blotch((40, 40), 3, rng) for _ in range(6)]
    estimate = infer_codec(images(masks, truth=True, order=order, base=base, relative=relative))
    assert values_of(estimate) == {"order": order, "base": base, "relative": relative}
    assert estimate.sure == "certain"
    assert "6 of 6" in estimate.order.why


def test_a_few_differing_files_lower_the_certainty_and_many_are_ignored() -> None:
    rng = np.random.default_rng(11)
    masks = [blotch((40, 60), 3, rng) for _ in range(10)]
    given = images(masks, truth=True, order="C")
    other = [blotch((40, 60), 3, rng) for _ in range(10)]

    def differing(n: int) -> CodecEstimate:
        estimated = [replace(given[k], truth=lambda k=k: other[k]) for k in range(n)]
        return infer_codec([*estimated, *given[n:]])

    assert estimated(differing(1))["order"] == ("C", "likely")
    assert "equals 9 of 10 mask files" in differing(1).order.why
    assert differing(1).contradiction == "at best 9 of 10 masks are what their files show"
    assert differing(10).contradiction == "at best 0 of 10 masks are what their files show"
    assert "pieces" in differing(10).order.why


@pytest.mark.parametrize("order", ["F", "C"])
@pytest.mark.parametrize("base", [0, 1])
@pytest.mark.parametrize("relative", [False, True])
@pytest.mark.parametrize("size", [(48, 80), (65, 44)])
def test_without_mask_files_objects_at_the_borders_determine_the_codec(
    order: str, base: int, relative: bool, size: tuple[int, int]
) -> None:
    rng = np.random.default_rng(2)
    masks = [blotch(size, 4, rng) for _ in range(30)]
    estimate = infer_codec(images(masks, order=order, base=base, relative=relative))
    assert values_of(estimate) == {"order": order, "base": base, "relative": relative}
    assert estimate.order.sure == "likely"
    assert estimate.relative.sure == "certain"
    assert estimate.base.sure in ("certain", "likely")


def test_a_start_of_zero_is_base_0_and_a_run_to_the_last_pixel_base_1() -> None:
    full = np.ones((6, 9), dtype=bool)
    for base in (0, 1):
        estimate = infer_codec(images([full], base=base))
        assert estimated(estimate)["base"] == (base, "certain")
    assert estimated(infer_codec(images([full], base=0)))["order"] == ("F", "not sure")


@pytest.mark.parametrize("base", [0, 1])
def test_objects_away_from_the_border_leave_the_base_open(base: int) -> None:
    rng = np.random.default_rng(3)
    masks = [np.pad(blotch((24, 40), 3, rng), 8) for _ in range(20)]
    estimate = infer_codec(images(masks, order="C", base=base))
    assert estimated(estimate)["order"] == ("C", "likely")
    assert estimated(estimate)["base"] == (1, "not sure")
    assert f"{estimate.base.why}; {estimate.base.fix}".count("1 is usual") == 1
    assert estimate.base.fix


def test_the_order_of_square_images_is_open_without_files_and_pictures() -> None:
    rng = np.random.default_rng(4)
    masks = [blotch((50, 50), 3, rng) for _ in range(30)]
    estimate = infer_codec(images(masks, order="C"))
    assert estimate.order.sure == "not sure"
    assert estimate.order.value == "F"
    assert estimated(estimate)["base"] == (1, estimate.base.sure)


@pytest.mark.parametrize("order", ["F", "C"])
def test_the_order_of_square_images_is_found_from_their_pictures(order: str) -> None:
    rng = np.random.default_rng(5)
    masks = [blotch((50, 50), 2, rng) for _ in range(20)]
    given = []
    for one, mask in zip(images(masks, order=order), masks, strict=True):
        picture = (mask * 90 + rng.normal(90, 15, mask.shape)).astype(np.float32)
        given.append(
            ImageTexts(one.image, one.size, one.texts, None, lambda picture=picture: picture)
        )
    assert estimated(infer_codec(given))["order"] == (order, "likely")


def test_noisy_pictures_leave_the_order_open() -> None:
    rng = np.random.default_rng(6)
    masks = [blotch((50, 50), 2, rng) for _ in range(30)]
    given = []
    for one in images(masks, order="C"):
        picture = rng.normal(90, 15, (50, 50)).astype(np.float32)
        given.append(
            ImageTexts(one.image, one.size, one.texts, None, lambda picture=picture: picture)
        )
    assert infer_codec(given).order.sure == "not sure"


@pytest.mark.parametrize(
    "mask", [np.zeros((20, 30), dtype=bool), np.eye(1, 600, 47).reshape(20, 30) > 0]
)
def test_no_mask_and_a_single_pixel_leave_the_codec_open(mask: Mask) -> None:
    estimate = infer_codec(images([mask]))
    assert estimate.sure == "not sure"
    assert [estimate.order.sure, estimate.base.sure, estimate.relative.sure] == ["not sure"] * 3
    assert values_of(estimate) == {"order": "F", "base": 1, "relative": False}


def test_symmetric_blobs_of_square_images_leave_the_order_open_despite_mask_files() -> None:
    mask = np.zeros((21, 21), dtype=bool)
    mask[5:16, 5:16] = True
    estimate = infer_codec(images([mask], truth=True))
    assert estimate.order.sure == "not sure"
    assert estimated(estimate)["base"] == (1, "certain")


def test_masks_of_images_a_quarter_as_large_are_recognised() -> None:
    rng = np.random.default_rng(7)
    masks = [blotch((35, 52), 2, rng) for _ in range(30)]
    estimate = infer_codec(images(masks, scale=4))
    assert (estimate.scale.value, estimate.scale.sure) == (4, "likely")
    assert estimated(estimate)["order"] == ("F", "likely")
    assert "35 × 52" in estimate.scale.why
    # That masks are smaller than their images is likely at most, and so is all that rests on it.
    assert estimate.relative.sure == "likely"


def test_masks_of_larger_images_are_reported_and_nothing_is_sure() -> None:
    rng = np.random.default_rng(8)
    masks = [blotch((60, 90), 3, rng) for _ in range(10)]
    small = [ImageTexts(one.image, (15, 22), one.texts) for one in images(masks)]
    estimate = infer_codec(small)
    assert estimate.sure == "not sure"
    assert "another size" in estimate.order.why


def test_unreadable_cells_lower_the_certainty() -> None:
    rng = np.random.default_rng(9)
    given = images([blotch((48, 80), 4, rng) for _ in range(20)])
    broken = [ImageTexts("b", (48, 80), ("5 0 9 1",)), ImageTexts("c", (48, 80), ("7 3 9",))]
    estimate = infer_codec([*given, *broken])
    assert estimate.n_left_out == 2
    assert estimate.relative.sure == "likely"
    assert values_of(estimate) == {"order": "F", "base": 1, "relative": False}


@pytest.mark.parametrize(("kind", "codec"), [("coco", coco), ("coco64", coco64)])
def test_counts_of_coco_are_recognised_by_their_cells(kind: str, codec: Any) -> None:
    rng = np.random.default_rng(10)
    masks = [blotch((40, 60), 3, rng) for _ in range(5)]
    given = [ImageTexts(str(n), (40, 60), (codec.encode(one),)) for n, one in enumerate(masks)]
    estimate = infer_codec(given)
    assert estimated(estimate) == {"kind": (kind, "certain")}
    assert estimate.kind.value == kind


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    n_masks=st.integers(1, 6),
    n_blobs=st.integers(0, 4),
    noise=st.sampled_from([0.0, 0.02, 0.4]),
    order=st.sampled_from(["F", "C"]),
    base=st.sampled_from([0, 1]),
    relative=st.booleans(),
    truth=st.booleans(),
)
def test_an_estimate_is_never_certain_and_wrong(
    seed: int,
    size: tuple[int, int],
    n_masks: int,
    n_blobs: int,
    noise: float,
    order: str,
    base: int,
    relative: bool,
    truth: bool,
) -> None:
    rng = np.random.default_rng(seed)
    masks = [blotch(size, n_blobs, rng) ^ (rng.random(size) < noise) for _ in range(n_masks)]
    codec = {"order": order, "base": base, "relative": relative}
    estimate = infer_codec(images(masks, truth=truth, **codec))
    for name, one in estimate.estimates.items():
        if one.sure == "certain" and name != "kind":
            assert one.value == codec[name], (name, one)
    for mask, image in zip(masks, images(masks, **codec), strict=True):
        for text in image.texts:
            np.testing.assert_array_equal(rle.decode(text, size, **codec), mask)


def test_cells_that_contradict_each_other_leave_the_base_open() -> None:
    first, last = np.zeros((2, 20, 30), dtype=bool)
    first[:4, :6] = True
    last[-4:, -6:] = True
    given = [
        *images([first] * 5, base=0),
        *images([last] * 5, base=1),
    ]
    estimate = infer_codec(given)
    assert estimate.sure == "not sure"
    assert "each way to count" in estimate.base.why


def test_pictures_that_disagree_leave_the_order_open() -> None:
    rng = np.random.default_rng(12)
    given = []
    for number, one in enumerate(blotch((50, 50), 2, rng) for _ in range(20)):
        # Eight of twenty have faint edges under the other order.
        mask, height = (one, 120) if number % 5 < 3 else (one.T, 40)
        picture = (mask * height).astype(np.float32)
        text = runs_of(one)
        given.append(
            ImageTexts(str(number), (50, 50), (text,), None, lambda picture=picture: picture)
        )
    assert infer_codec(given).order.sure == "not sure"


def test_noise_and_a_single_object_in_two_pieces_leave_the_order_open() -> None:
    rng = np.random.default_rng(13)
    noise = [rng.random((48, 80)) < 0.4 for _ in range(10)]
    assert infer_codec(images(noise)).order.sure == "not sure"
    one = np.zeros((20, 40), dtype=bool)
    one[5:15, 10:20] = True
    estimate = infer_codec(images([one]))
    assert estimate.order.sure == "not sure"
    assert "in 1 piece, under the other order in 2" in estimate.order.why


@settings(max_examples=200, deadline=None)
@given(
    texts=st.lists(st.text("0123456789  -ab\t٣", min_size=1, max_size=14), min_size=1, max_size=6),
    numbers=st.lists(st.lists(st.integers(0, 60), min_size=1, max_size=8), max_size=6),
    size=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    truth=st.booleans(),
)
def test_any_cells_have_an_estimate(
    texts: list[str], numbers: list[list[int]], size: tuple[int, int], truth: bool
) -> None:
    mask = np.ones(size, dtype=bool)
    cells = [*texts, *(" ".join(map(str, each)) for each in numbers)]
    given = [ImageTexts(str(n), size, (cell,)) for n, cell in enumerate(cells)]
    given.append(ImageTexts("all", size, tuple(cells), (lambda: mask) if truth else None))
    estimate = infer_codec(given)
    assert estimate.n_texts == 2 * len(cells)
    assert {one.sure for one in estimate.estimates.values()} <= {"certain", "likely", "not sure"}
    assert estimate.estimates
