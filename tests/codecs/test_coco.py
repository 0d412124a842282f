"""Counts are pycocotools' both ways; a text that it would not write is refused, never misread."""

from __future__ import annotations

import base64
import warnings
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from pycocotools import mask as peer

from podium.codecs import coco, coco64
from podium.codecs.rle import RleError
from podium.errors import CodecError

MASKS = hnp.arrays(np.bool_, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=9))
CHARACTERS = st.text(alphabet=st.sampled_from("0123456789:;<=>?@ABCMNOPQRS_`abno~ /"), max_size=12)


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    """Load the loops: the first call takes seconds, and hypothesis gives an example 0.2 of one."""
    coco.decode(coco.encode(np.ones((2, 2), dtype=np.bool_)), (2, 2))


def patches(shape: tuple[int, int], size: int, share: float, seed: int) -> NDArray[np.bool_]:
    """Draw a mask in squares of `size`."""
    rng = np.random.default_rng(seed)
    coarse = rng.random((shape[0] // size + 1, shape[1] // size + 1)) < share
    return np.kron(coarse, np.ones((size, size), dtype=np.bool_))[: shape[0], : shape[1]]


def peer_text(mask: NDArray[np.bool_]) -> str:
    return str(peer.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"], "ascii")


def peer_mask(text: str, shape: tuple[int, int]) -> NDArray[np.bool_]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # its own, of numpy 2's `copy`
        found: NDArray[np.bool_] = peer.decode({"size": list(shape), "counts": text}) > 0
    return found


def mask_or_column(codec: Any, text: str, shape: tuple[int, int]) -> Any:
    """Return the mask, or the column of what is wrong."""
    try:
        return codec.decode(text, shape)
    except RleError as error:
        return error.column


@given(mask=MASKS)
@example(mask=np.ones((3, 3), dtype=np.bool_))
@example(mask=np.zeros((3, 3), dtype=np.bool_))
def test_a_small_mask_is_the_text_of_pycocotools_and_comes_back(mask: NDArray[np.bool_]) -> None:
    text = coco.encode(mask)
    assert text == peer_text(mask)
    back = coco.decode(text, mask.shape)
    np.testing.assert_array_equal(back, mask)
    assert back.dtype == np.bool_
    assert back.flags.c_contiguous


@settings(max_examples=100)
@given(
    height=st.integers(1, 300),
    width=st.integers(1, 330),
    size=st.integers(1, 40),
    share=st.sampled_from([0.0, 0.02, 0.5, 0.98, 1.0]),
    layout=st.sampled_from(["C", "F", "sliced", "reversed"]),
    seed=st.integers(0, 2**32 - 1),
)
def test_any_mask_and_layout_agrees_with_pycocotools_both_ways(
    height: int, width: int, size: int, share: float, layout: str, seed: int
) -> None:
    plain = patches((height, width), size, share, seed)
    laid: dict[str, Callable[[], NDArray[Any]]] = {
        "C": lambda: np.ascontiguousarray(plain),
        "F": lambda: np.asfortranarray(plain),
        "sliced": lambda: np.repeat(plain, 2, axis=1)[:, ::2],
        "reversed": lambda: np.ascontiguousarray(plain[::-1])[::-1],
    }
    mask = laid[layout]()
    before = mask.copy()
    text = coco.encode(mask)
    assert text == peer_text(plain)
    np.testing.assert_array_equal(coco.decode(text, plain.shape), peer_mask(text, plain.shape))
    np.testing.assert_array_equal(coco64.decode(coco64.encode(mask), plain.shape), plain)
    np.testing.assert_array_equal(mask, before)
    assert len(text) <= coco.longest(plain.size)
    assert len(coco64.encode(mask)) <= coco64.longest(plain.size)
    assert coco.n_pixels(text, at_most=plain.size) == plain.size


def test_a_mask_worked_by_hand() -> None:
    # Down the columns: 0 1 1 0 0 1 → counts 1 2 2 1; the fourth is written as 1 - 2 = -1, "O".
    mask = np.array([[0, 1, 0], [1, 0, 1]], dtype=np.uint8)
    assert coco.counts(mask) == [1, 2, 2, 1]
    assert coco.encode(mask) == "122O"
    assert coco.counts(np.ones((2, 2), dtype=np.bool_)) == [0, 4]
    assert coco.encode(np.ones((5, 20), dtype=np.bool_)) == "0T3"  # 100 = 4 + 3 · 32: "T" "3"


@given(mask=MASKS)
def test_uncompressed_counts_are_those_of_pycocotools(mask: NDArray[np.bool_]) -> None:
    numbers = coco.counts(mask)
    height, width = mask.shape
    compressed = peer.frPyObjects({"size": [height, width], "counts": numbers}, height, width)
    np.testing.assert_array_equal(peer_mask(compressed["counts"], mask.shape), mask)


@settings(max_examples=400)
@given(text=CHARACTERS, shape=st.tuples(st.integers(0, 6), st.integers(0, 6)))
def test_a_text_is_read_only_if_it_is_what_would_be_written(
    text: str, shape: tuple[int, int]
) -> None:
    mask = mask_or_column(coco, text, shape)
    if isinstance(mask, int):
        assert 1 <= mask <= len(text) + 1
        return
    assert coco.encode(mask) == text
    if mask.size:
        np.testing.assert_array_equal(mask, peer_mask(text, shape))


@settings(max_examples=400)
@given(data=st.data(), mask=MASKS)
def test_a_changed_text_is_refused_or_is_another_mask_for_pycocotools_too(
    data: st.DataObject, mask: NDArray[np.bool_]
) -> None:
    text = coco.encode(mask)
    at = data.draw(st.integers(0, len(text)))
    cut = data.draw(st.integers(0, 2))
    changed = text[:at] + data.draw(CHARACTERS) + text[at + cut :]
    found = mask_or_column(coco, changed, mask.shape)
    if isinstance(found, int):
        return
    np.testing.assert_array_equal(found, peer_mask(changed, mask.shape))


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("", 1, "end after 0 of the 2 x 3 pixels (height x width)"),
        ("12", 3, "end after 3 of the 2 x 3 pixels"),
        ("1221", 4, "go beyond the 2 x 3 pixels"),
        ("6", None, ""),
        ("7", 1, "go beyond"),
        ("0", 2, "end after 0"),
        ("1023", 2, "only the first may be 0"),
        ("O", 1, "only the first may be 0"),
        ("122N", 4, "only the first may be 0"),  # 2 - 2
        ("12 2", 3, "' ' is none of the characters"),
        ("122p", 4, "'p' is none"),
        ("12é", 3, "'é' is none"),
        ("12\x00", 3, "is none"),
        ("122_", 4, "cut off"),
        ("V0", 1, "not written as short as it can be"),  # 6 = 22 - 16 with a needless zero
        ("P" * 30 + "1", 1, "go beyond"),
        ("ooooooo0", 1, "go beyond"),
        ("oooooo1", 1, "go beyond"),
    ],
)
def test_each_fault_of_counts_is_named_with_its_column(
    text: str, column: int | None, words: str
) -> None:
    if column is None:
        assert not coco.decode(text, (2, 3)).any()
        return
    with pytest.raises(RleError) as caught:
        coco.decode(text, (2, 3))
    assert caught.value.column == column
    assert words in caught.value.message


def packed(text: str) -> str:
    return base64.b64encode(zlib.compress(text.encode("latin-1"), 9)).decode()


def test_masks_packed_by_pycocotools_are_read() -> None:
    mask = patches((30, 40), 5, 0.4, 1)
    np.testing.assert_array_equal(coco64.decode(packed(peer_text(mask)), mask.shape), mask)
    unpacked = zlib.decompress(base64.b64decode(coco64.encode(mask))).decode()
    np.testing.assert_array_equal(peer_mask(unpacked, mask.shape), mask)


GOOD = packed("122O")


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("", None, "cut off"),
        ("122O", 1, "no zlib stream"),
        ("1 2", 2, "' ' is no character of base64"),
        (GOOD[:3] + "\n" + GOOD[3:], 4, "no character of base64"),
        (GOOD + "=", None, "length that cannot be"),
        ("A", 1, "length that cannot be"),
        ("=AAA", 1, "no character"),
        ("é", 1, "no character"),
        ("-_AA", 1, "no character"),
        (base64.b64encode(zlib.compress(b"122O")[:-1]).decode(), None, "cut off"),
        (base64.b64encode(zlib.compress(b"122O") + b"x").decode(), None, "something follows"),
        (base64.b64encode(zlib.compress(b"122O")[:-1] + b"x").decode(), 1, "no zlib stream"),
        (packed("122P1"), 1, "character 4 of the counts in it: the counts go beyond"),
        (packed("122"), 1, "character 4 of the counts in it: the counts end after 5"),
        (packed("12\xff"), 1, "character 3 of the counts in it: 'ÿ' is none"),
        (packed("1" * 100), 1, "more counts than a mask of this size"),
    ],
)
def test_each_fault_of_a_packed_text_is_named(text: str, column: int | None, words: str) -> None:
    with pytest.raises(RleError) as caught:
        coco64.decode(text, (2, 3))
    assert words in caught.value.message
    assert caught.value.column == (max(len(text), 1) if column is None else column)


def test_spare_bits_of_base64_are_refused() -> None:
    data = zlib.compress(b"122OO")
    text = base64.b64encode(data).decode()
    assert text.endswith("=")
    last = text.rstrip("=")[-1]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    twin = text.rstrip("=")[:-1] + alphabet[alphabet.index(last) + 1]
    twin += "=" * (len(text) - len(twin))
    assert base64.b64decode(twin) == data
    with pytest.raises(RleError, match="cannot be last in base64"):
        coco64.decode(twin, (2, 3))


def test_a_bomb_is_not_inflated() -> None:
    import tracemalloc

    bomb = base64.b64encode(zlib.compress(b"1" * (200 << 20), 9)).decode()
    tracemalloc.start()
    with pytest.raises(RleError, match="more counts"):
        coco64.decode(bomb, (1000, 1000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8_000_000


@settings(max_examples=300)
@given(data=st.data(), mask=MASKS)
def test_a_changed_packed_text_is_refused_or_agrees_with_an_independent_reader(
    data: st.DataObject, mask: NDArray[np.bool_]
) -> None:
    text = coco64.encode(mask)
    at = data.draw(st.integers(0, len(text)))
    put = data.draw(st.text(alphabet="ABab01+/= ", max_size=4))
    changed = text[:at] + put + text[at + data.draw(st.integers(0, 4)) :]
    found = mask_or_column(coco64, changed, mask.shape)
    if isinstance(found, int):
        assert 1 <= found <= len(changed) + 1
        return
    inner = zlib.decompress(base64.b64decode(changed)).decode()
    np.testing.assert_array_equal(found, peer_mask(inner, mask.shape))


@pytest.mark.parametrize("codec", [coco, coco64])
def test_probabilities_and_other_shapes_are_refused(codec: Any) -> None:
    with pytest.raises(CodecError, match="bool or uint8"):
        codec.encode(np.zeros((2, 2)))
    with pytest.raises(CodecError, match=r"\(H, W\)"):
        codec.encode(np.zeros(4, dtype=np.bool_))
    with pytest.raises(CodecError, match="shape"):
        codec.decode(codec.encode(np.zeros((1, 1), dtype=np.bool_)), (-1, 2))
    assert codec.decode(codec.encode(np.zeros((0, 3), dtype=np.bool_)), (0, 3)).shape == (0, 3)


def test_a_value_above_one_is_set() -> None:
    assert coco.encode(np.array([[0, 255]], dtype=np.uint8)) == "11"


def test_the_longest_deflated_mask_is_little_more_than_a_third_longer_than_its_counts() -> None:
    plain, deflated = coco.longest(1_000_000), coco64.longest(1_000_000)
    assert 4 / 3 < deflated / plain < 1.34  # base64 writes three bytes as four characters
