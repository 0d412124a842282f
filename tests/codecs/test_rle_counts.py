"""Runs as counts in turn, background first: against masks painted pixel by pixel."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from podium.codecs import coco, rle
from podium.codecs.rle import RleError
from podium.errors import CodecError

MASKS = arrays(np.bool_, st.tuples(st.integers(1, 7), st.integers(1, 7)))


def painted(text: str, height: int, width: int, order: str) -> list[list[int]]:
    """Return the mask that counts describe, by walking over its pixels one by one."""
    mask = [[0] * width for _ in range(height)]
    walk = (
        [(row, column) for row in range(height) for column in range(width)]
        if order == "C"
        else [(row, column) for column in range(width) for row in range(height)]
    )
    at, value = 0, 0
    for count in text.split(" "):
        for _ in range(int(count)):
            row, column = walk[at]
            mask[row][column] = value
            at += 1
        value = 1 - value
    assert at == height * width
    return mask


@given(mask=MASKS, order=st.sampled_from("FC"))
def test_a_mask_is_what_its_counts_paint_and_comes_back(mask: np.ndarray, order: str) -> None:
    text = rle.encode(mask, order=order, counts=True)
    assert painted(text, *mask.shape, order) == mask.astype(int).tolist()
    assert "0" not in text.split(" ")[1:]
    back = rle.decode(text, mask.shape, order=order, counts=True)
    assert np.array_equal(back, mask)
    assert back.flags.c_contiguous
    assert rle.n_counted(text, at_most=100) == mask.size
    of_columns = rle.encode(mask, order="F", counts=True)
    assert [*map(int, of_columns.split())] == coco.counts(mask)
    in_memory = np.asfortranarray(mask)
    assert rle.encode(in_memory, order=order, counts=True) == text


def test_counts_as_a_host_explains_them() -> None:
    mask = np.zeros((3, 4), dtype=bool)
    assert rle.encode(mask, order="C", counts=True) == "12"
    mask[0, :2] = mask[2, 3] = True
    assert rle.encode(mask, order="C", counts=True) == "0 2 9 1"
    assert rle.encode(mask, order="F", counts=True) == "0 1 2 1 7 1"


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("", 1, "sum to 0, and the image has 12 pixels"),
        ("5 2 4", 5, "sum to 11, and the image has 12 pixels, 3 x 4"),
        ("5 2 6", 5, "sum to 13, and the image has 12"),
        ("5 0 7", 3, "only the first"),
        ("5 -2 9", 3, "'-2' is not a whole number"),
        ("5 2.0 5", 3, "not a whole number"),
        ("12x", 1, "not a whole number"),
        ("٥ 7", 1, "no ASCII digit"),
        ("9" * 30, 1, "not a whole number"),
    ],
)
def test_wrong_counts_are_named_with_their_character(text: str, column: int, words: str) -> None:
    with pytest.raises(RleError, match=words) as caught:
        rle.decode(text, (3, 4), counts=True)
    assert caught.value.column == column


@pytest.mark.parametrize("options", [{"second": "last"}, {"join": "-"}, {"relative": True}])
def test_counts_have_no_starts(options: dict[str, object]) -> None:
    with pytest.raises(CodecError, match="no starts"):
        rle.encode(np.ones((2, 2), dtype=bool), counts=True, **options)
    with pytest.raises(CodecError, match="no starts"):
        rle.decode("0 4", (2, 2), counts=True, **options)


def test_more_pixels_than_may_be_are_refused() -> None:
    with pytest.raises(RleError, match=r"sum to 4,000, and a mask has 100 at most"):
        rle.n_counted("3000 1000", at_most=100)
