"""Runs are what a walk over the pixels finds; a text that is not a list of runs is refused."""

from __future__ import annotations

import ctypes
import itertools
import mmap
import os
import subprocess
import sys
import threading
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from podium.codecs import rle
from podium.codecs._loops import coco as coco_loops
from podium.codecs._loops import decoder
from podium.codecs.rle import AxisOrder, RleError
from podium.errors import CodecError, UsageError

MASKS = hnp.arrays(np.bool_, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=9))
ORDERS, BASES, RELATIVE = st.sampled_from(["F", "C"]), st.sampled_from([0, 1]), st.booleans()


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    """Load the loops: the first call takes seconds, and hypothesis gives an example 0.2 of one."""
    rle.decode(rle.encode(np.ones((2, 2), dtype=np.bool_)), (2, 2))


def runs_by_hand(mask: NDArray[Any], order: str, base: int, relative: bool) -> str:
    """Walk over the pixels one by one."""
    height, width = mask.shape
    pixels = (
        [mask[y, x] for x in range(width) for y in range(height)]
        if order == "F"
        else [mask[y, x] for y in range(height) for x in range(width)]
    )
    words, last_end, at = [], None, 0
    for is_set, group in itertools.groupby(bool(p) for p in pixels):
        n = len(list(group))
        if is_set:
            start = at + base if not relative or last_end is None else at - last_end
            words += [str(start), str(n)]
            last_end = at + n
        at += n
    return " ".join(words)


def mask_by_hand(
    text: str, shape: tuple[int, int], order: str, base: int, relative: bool
) -> NDArray[np.bool_]:
    numbers = [int(word) for word in text.split()]
    mask, end = np.zeros(shape, dtype=np.bool_), None
    for start, length in zip(numbers[::2], numbers[1::2], strict=True):
        first = start - base if not relative or end is None else end + start
        end = first + length
        for pixel in range(first, end):
            y, x = (
                (pixel % shape[0], pixel // shape[0])
                if order == "F"
                else (pixel // shape[1], pixel % shape[1])
            )
            mask[y, x] = True
    return mask


def snippet(mask: NDArray[np.uint8]) -> str:
    """Encode as the notebooks of most mask competitions do."""
    pixels = np.concatenate([[0], mask.flatten(order="F"), [0]])
    runs = np.where(np.diff(pixels) != 0)[0] + 1
    runs[1::2] -= runs[::2]
    return " ".join(map(str, runs))


def random_mask(shape: tuple[int, int], share: float, seed: int) -> NDArray[np.bool_]:
    """Draw a mask of a given coverage, in patches of several sizes."""
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 20))
    coarse = rng.random((shape[0] // size + 1, shape[1] // size + 1)) < share
    mask = np.kron(coarse, np.ones((size, size), dtype=np.bool_))[: shape[0], : shape[1]]
    return np.ascontiguousarray(mask)


@given(mask=MASKS, order=ORDERS, base=BASES, relative=RELATIVE)
@example(mask=np.ones((3, 3), dtype=np.bool_), order="F", base=1, relative=True)
def test_runs_are_those_of_a_pixel_walk_and_decode_back(
    mask: NDArray[np.bool_], order: AxisOrder, base: int, relative: bool
) -> None:
    text = rle.encode(mask, order=order, base=base, relative=relative)
    assert text == runs_by_hand(mask, order, base, relative)
    back = rle.decode(text, mask.shape, order=order, base=base, relative=relative)
    np.testing.assert_array_equal(back, mask)


@settings(max_examples=60)
@given(
    height=st.integers(1, 200),
    width=st.integers(1, 330),
    share=st.sampled_from([0.0, 0.01, 0.3, 0.5, 0.97, 1.0]),
    order=ORDERS,
    base=BASES,
    relative=RELATIVE,
    seed=st.integers(0, 2**32 - 1),
)
@example(height=3, width=64, share=1.0, order="F", base=1, relative=False, seed=0)
@example(height=64, width=1, share=1.0, order="C", base=0, relative=False, seed=0)
def test_masks_wider_than_a_machine_word_come_back(
    height: int, width: int, share: float, order: AxisOrder, base: int, relative: bool, seed: int
) -> None:
    mask = random_mask((height, width), share, seed)
    text = rle.encode(mask, order=order, base=base, relative=relative)
    by_hand = mask_by_hand(text, mask.shape, order, base, relative)
    np.testing.assert_array_equal(by_hand, mask)
    back = rle.decode(text, mask.shape, order=order, base=base, relative=relative)
    np.testing.assert_array_equal(back, mask)
    assert back.dtype == np.bool_
    assert back.flags.c_contiguous


@settings(max_examples=40)
@given(
    side=st.sampled_from([1, 17, 64, 101, 128, 256]),
    share=st.sampled_from([0.02, 0.5, 1.0]),
    seed=st.integers(0, 2**32 - 1),
)
def test_text_is_that_of_the_usual_snippet(side: int, share: float, seed: int) -> None:
    mask = random_mask((side, side), share, seed)
    assert rle.encode(mask) == snippet(mask.astype(np.uint8))


def test_noise_needs_more_room_than_the_first_buffer_and_gets_it() -> None:
    mask = np.random.default_rng(0).random((300, 257)) < 0.5
    for order in ("F", "C"):
        text = rle.encode(mask, order=order)  # type: ignore[arg-type]
        assert text == runs_by_hand(mask, order, 1, relative=False)
        np.testing.assert_array_equal(rle.decode(text, mask.shape, order=order), mask)  # type: ignore[arg-type]


def test_a_few_objects_in_a_large_image_are_filled_where_they_lie() -> None:
    """In strips of 64 columns, from the first row of an object to its last one."""
    mask = np.zeros((120, 330), dtype=np.bool_)
    for rows, columns in (((20, 60), (70, 95)), ((0, 9), (120, 140)), ((100, 120), (322, 330))):
        mask[slice(*rows), slice(*columns)] = True
    mask[30:40, 75:80] = False  # a hole: two runs in each of its columns
    text = " ".join(f"{start} {n}" for start, n in _runs_down(mask))
    np.testing.assert_array_equal(rle.decode(text, mask.shape), mask)
    assert rle.encode(mask) == text


def _runs_down(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return (start, length) of the runs of each column, joined where one goes on at the next."""
    found: list[tuple[int, int]] = []
    for at in np.flatnonzero(mask.T.reshape(-1)) + 1:
        if found and sum(found[-1]) == at:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((int(at), 1))
    return found


def _before_a_wall(content: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a copy whose last byte is the last that the process may read."""
    n_pages = -(-content.size // mmap.PAGESIZE)
    place = mmap.mmap(-1, (n_pages + 1) * mmap.PAGESIZE)
    copy = np.frombuffer(place, np.uint8, content.size, n_pages * mmap.PAGESIZE - content.size)
    copy[:] = content.reshape(-1)
    wall = ctypes.c_void_p(copy.ctypes.data + content.size)
    assert ctypes.CDLL(None).mprotect(wall, ctypes.c_size_t(mmap.PAGESIZE), 0) == 0
    return copy.reshape(content.shape)


@pytest.mark.skipif(sys.platform != "linux", reason="needs mprotect as Linux has it")
def test_no_byte_behind_a_mask_or_a_text_is_read() -> None:
    """Loops read 64 bytes at a time. A process that reads one behind the wall ends by a signal."""
    rng = np.random.default_rng(0)
    masks = [rng.integers(0, 2, size, dtype=np.uint8) for size in ((3, 5), (9, 64), (7, 100))]
    masks.append(np.zeros((1, 640), dtype=np.uint8))
    masks[-1][:, 500:576] = 1  # it ends where a strip of 64 columns does
    expected = [
        (runs_by_hand(one, "C", 1, False), runs_by_hand(one, "F", 1, False)) for one in masks
    ]
    many = " ".join(f"{start} 1" for start in range(1, 60, 2))
    text = f"1 2 5 3,4 1 7 x,{many}".encode()
    starts, stops = np.array([0, 8, 16]), np.array([7, 15, len(text)])
    process = os.fork()
    if process == 0:
        code = 1
        try:
            for mask, (along, down) in zip(map(_before_a_wall, masks), expected, strict=True):
                assert rle.encode(mask, order="C") == along
                assert rle.encode(mask) == down
                room = _before_a_wall(np.zeros(mask.size, np.uint8))
                runs = np.frombuffer(down.encode(), np.uint8)
                decoder.decode(runs, room, *mask.shape, True, 1, False)
                np.testing.assert_array_equal(room.reshape(mask.shape), mask)
                room[:] = 0
                coco_loops.paint(_counts(mask), room, *mask.shape)
                np.testing.assert_array_equal(room.reshape(mask.shape), mask)
            data = _before_a_wall(np.frombuffer(text, np.uint8))
            found = rle.are_valid(data, starts, stops, np.full(3, 99))
            assert found.tolist() == [True, False, True]
            for n in range(60, len(many)):
                cut, nowhere = many[:n], np.zeros(1, np.int64)
                data = _before_a_wall(np.frombuffer(cut.encode(), np.uint8))
                is_whole = len(cut.split()) % 2 == 0
                status, _ = decoder.decode(data, np.zeros(99, np.uint8), 9, 11, True, 1, False)
                assert (status == decoder.VALID) == is_whole
                assert rle.are_valid(data, nowhere, nowhere + n, nowhere + 99)[0] == is_whole
                rle.are_valid(data, nowhere, nowhere + n - 1, nowhere + 99)
            code = 0
        finally:
            os._exit(code)
    assert os.waitpid(process, 0)[1] == 0


def _counts(mask: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return how many pixels down the columns are unset, then set, then unset, and so on."""
    down = mask.T.reshape(-1).astype(int)
    return np.diff(np.flatnonzero(np.diff(down, prepend=0)), prepend=0, append=down.size)


def test_numbers_of_nine_digits_are_written_and_read() -> None:
    shape = (10_001, 10_000)
    mask = np.zeros(shape, dtype=np.bool_)
    mask[-1, -1] = mask[0, 0] = mask[5, 0] = True
    text = rle.encode(mask, order="C")
    assert text == "1 1 50001 1 100010000 1"
    back = rle.decode(text, shape, order="C")
    assert back[-1, -1]
    assert back.sum() == 3
    assert rle.encode(np.ones(shape, dtype=np.bool_)) == "1 100010000"
    assert rle.decode("1 100010000", shape).all()


def test_each_number_has_its_digits() -> None:
    # A run that starts at each power of ten and beside it, and at each pair of last digits.
    starts = sorted({10**p + d for p in range(7) for d in (-1, 0, 1)} | set(range(0, 1000, 2)))
    starts = [s for s, following in itertools.pairwise([*starts, 10**9]) if following > s + 1]
    mask = np.zeros((1, 1_000_100), dtype=np.bool_)
    mask[0, starts] = True
    text = rle.encode(mask, order="C", base=0)
    assert text == " ".join(f"{s} 1" for s in starts)
    np.testing.assert_array_equal(rle.decode(text, mask.shape, order="C", base=0), mask)


@pytest.mark.parametrize("dtype", [np.bool_, np.uint8])
def test_every_memory_layout_gives_the_same_runs(dtype: type[np.generic]) -> None:
    large = (random_mask((90, 300), 0.4, 3) * 255).astype(dtype)
    mask = large[::2, ::3]
    expected = runs_by_hand(mask, "F", 1, relative=False)
    read_only = np.ascontiguousarray(mask)
    read_only.flags.writeable = False
    for same in (mask, np.ascontiguousarray(mask), np.asfortranarray(mask), read_only):
        before = same.copy()
        assert rle.encode(same) == expected
        np.testing.assert_array_equal(same, before)
    reverse = mask[::-1, ::-1]
    assert rle.encode(reverse, order="C") == runs_by_hand(reverse, "C", 1, relative=False)


@given(mask=hnp.arrays(np.uint8, (3, 70), elements=st.sampled_from([0, 1, 2, 128, 255])))
def test_every_value_but_zero_is_set(mask: NDArray[np.uint8]) -> None:
    assert rle.encode(mask) == rle.encode(mask != 0)
    assert rle.encode(mask, order="C") == rle.encode(mask != 0, order="C")


def test_relative_runs_are_those_of_siim() -> None:
    # 12 pixels down the columns: 0 1 1 0 | 0 0 1 0 | 0 0 1 1. The file of that competition counts
    # from 0, and each further start from the end of the run before it.
    mask = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 1], [0, 0, 1]], dtype=np.uint8)
    assert rle.encode(mask, base=0, relative=True) == "1 2 3 1 3 2"
    assert rle.encode(mask, base=1, relative=True) == "2 2 3 1 3 2"
    np.testing.assert_array_equal(rle.decode("1 2 3 1 3 2", (4, 3), base=0, relative=True), mask)


def test_a_run_that_reaches_the_last_pixel_is_kept() -> None:
    # SIIM's sample encoder writes a run only where a 0 follows it, and so loses this one.
    mask = np.array([[0, 1], [0, 1]], dtype=np.uint8)
    assert rle.encode(mask, base=0, relative=True) == "2 2"


def test_an_empty_mask_is_an_empty_text_and_back() -> None:
    assert rle.encode(np.zeros((7, 5), dtype=np.bool_)) == ""
    for text in ("", " ", "\t\r\n"):
        assert not rle.decode(text, (7, 5)).any()
    for shape in ((0, 5), (5, 0), (0, 0)):
        assert rle.encode(np.zeros(shape, dtype=np.bool_)) == ""
        assert rle.decode("", shape).shape == shape


def test_blanks_around_numbers_and_runs_that_touch_are_read() -> None:
    expected = np.array([[0, 1, 1, 1, 1, 0]], dtype=np.bool_)
    for text in ("2 4", " 2  4 ", "2\t4\r\n", "2 1 3 3", "002 4", "2 2 4 2"):
        for order in ("F", "C"):
            np.testing.assert_array_equal(rle.decode(text, (1, 6), order=order), expected)  # type: ignore[arg-type]
    # Down the columns, touching at the top of a column.
    np.testing.assert_array_equal(rle.decode("1 2 3 1", (2, 2)), [[1, 1], [1, 0]])
    assert rle.decode("1 1 0 3", (2, 2), relative=True).all()


def test_numbers_of_any_length_are_read_behind_another_blank_than_a_space() -> None:
    """Numbers between spaces are found 64 bytes at a time, others one by one."""
    for first, length, blank, digits in itertools.product((1, 12), (1, 34), "\t\n ", (4, 6, 7)):
        runs = [(first, length), *((10 ** (digits - 1) + 90 * k, 7 + k) for k in range(9))]
        text = " ".join(f"{start} {n}" for start, n in runs)
        for at in (0, 1):
            words = text.split(" ")
            words[at : at + 2] = [blank.join(words[at : at + 2])]
            start, n = runs[-1]
            expected = np.zeros((1, start + n), dtype=np.bool_)
            for start, n in runs:
                expected[0, start - 1 : start - 1 + n] = True
            assert (rle.decode(" ".join(words), expected.shape, order="C") == expected).all()
            data, nowhere = np.frombuffer(" ".join(words).encode(), np.uint8), np.zeros(1, np.int64)
            for size in (start + n - 1, start + n - 2):
                found = rle.are_valid(data, nowhere, nowhere + data.size, nowhere + size)
                assert found[0] == (size == start + n - 1)


@pytest.mark.parametrize(
    ("text", "column", "complaint"),
    [
        ("3", 1, "start 3 has no length"),
        ("1 2 5", 5, "start 5 has no length"),
        ("1 2 5 ", 5, "start 5 has no length"),
        ("1 3 3 2", 5, "start 3 is not after"),
        ("5 2 1 1", 5, "start 1 is not after"),
        ("5 1 5 1", 5, "start 5 is not after"),
        ("0 1", 1, "start 0 is outside the 4 x 5 pixels"),
        ("21 1", 1, "start 21 is outside"),
        ("1 1 99 1", 5, "start 99 is outside"),
        ("20 2", 4, "length 2 goes beyond"),
        ("1 21", 3, "length 21 goes beyond"),
        ("1 1 3 0", 7, "length 0"),
        ("1 x", 3, "'x' is not a whole number"),
        ("abc", 1, "'abc' is not a whole number"),
        ("1 2 3", 5, "no length"),
        ("-1", 1, "'-1' is not"),
        ("-1 2", 1, "'-1' is not"),
        ("1 -2", 3, "'-2' is not"),
        ("+1 2", 1, r"'\+1' is not"),
        ("1 2.0", 3, r"'2\.0' is not"),
        ("1e1 2", 1, "'1e1' is not"),
        ("1_0 2", 1, "'1_0' is not"),
        ("1,2", 1, "'1,2' is not"),
        ("1 2;", 3, "'2;' is not"),
        ("nan", 1, "'nan' is not"),
        ("0x1 2", 1, "'0x1' is not"),
        ("1 2\x0b3 4", 3, "is not a whole number"),
        ("1 2\x00", 3, "is not a whole number"),
        ("99999999999999999999999 1", 1, "start 99999999999999999999… is outside"),
        ("1 99999999999999999999999999", 3, "goes beyond"),
        (f"1 {2**64 + 1}", 3, "goes beyond"),
        (f"{2**64 + 1} 1", 1, "is outside"),
        ("1" * 5000, 1, "no length"),
        ("1" * 5000 + " 1", 1, "is outside"),
        ("1 ２", 3, "'２' is no ASCII digit"),
        ("٣ 1", 1, "no ASCII digit"),
        ("1 2\u00a03 4", 4, "no ASCII digit"),
        ("1 \ud800", 3, "no ASCII digit"),
    ],
)
def test_text_that_is_no_list_of_runs_is_refused_with_its_column(
    text: str, column: int, complaint: str
) -> None:
    orders: tuple[AxisOrder, ...] = ("F", "C")
    for order in orders:
        with pytest.raises(RleError, match=complaint) as caught:
            rle.decode(text, (4, 5), order=order)
        assert caught.value.column == column
        assert str(caught.value).startswith(f"column {column}: ")


@pytest.mark.parametrize("broken", ["x", "-5", "1.5", "5\u00a0", "000000000000000000099999999"])
def test_an_error_far_into_a_long_text_is_found_too(broken: str) -> None:
    runs = [f"{10 * i + 1} {i % 9 + 1}" for i in range(900)]
    words = " ".join(runs).split(" ")
    for index in (0, 1, 700, 701, 1798, 1799):
        column = len(" ".join(words[:index])) + (2 if index else 1)
        text = " ".join([*words[:index], broken, *words[index + 1 :]])
        with pytest.raises(RleError) as caught:
            rle.decode(text, (100, 100))
        assert column <= caught.value.column <= column + 1


@given(
    text=st.text(alphabet="0123456789 -.x", max_size=30)
    | st.lists(st.integers(0, 30), max_size=8).map(lambda n: " ".join(map(str, n))),
    order=ORDERS,
    base=BASES,
    relative=RELATIVE,
)
def test_any_text_is_either_refused_or_decoded_to_its_mask(
    text: str, order: AxisOrder, base: int, relative: bool
) -> None:
    shape = (4, 6)
    if is_valid(text, 24, base, relative):
        mask = rle.decode(text, shape, order=order, base=base, relative=relative)
        np.testing.assert_array_equal(mask, mask_by_hand(text, shape, order, base, relative))
        return
    with pytest.raises(RleError) as caught:
        rle.decode(text, shape, order=order, base=base, relative=relative)
    assert 1 <= caught.value.column <= len(text)


def is_valid(text: str, n_pixels: int, base: int, relative: bool) -> bool:
    words, end = text.split(), 0
    if len(words) % 2 or not all(set(word) <= set("0123456789") for word in words):
        return False
    for i in range(0, len(words), 2):
        start, length = int(words[i]), int(words[i + 1])
        first = end + start if relative and i else start - base
        if first < end or length < 1 or first + length > n_pixels:
            return False
        end = first + length
    return True


@pytest.mark.parametrize("odd", ["\x0b", "\x0c", "\x1c", "\x1f"])
def test_characters_that_python_takes_for_blanks_are_none(odd: str) -> None:
    for text, column in ((odd, 1), (f"1 2 {odd}", 5), (f"1 {odd}", 3), (f"{odd}1 2", 1)):
        with pytest.raises(RleError, match="is not a whole number") as caught:
            rle.decode(text, (4, 4))
        assert caught.value.column == column
        assert repr(odd)[1:-1] in caught.value.message


@pytest.mark.parametrize("text", [None, float("nan"), 3, b"1 2"])
def test_a_cell_that_is_no_text_is_refused(text: Any) -> None:
    with pytest.raises(RleError, match="expected the text of runs"):
        rle.decode(text, (2, 2))


@pytest.mark.parametrize(
    ("mask", "complaint"),
    [
        (np.zeros((2, 2)), r"got float64 \(2, 2\)(?s:.*)probs >= threshold"),
        (np.zeros((2, 2), dtype=np.int64), "got int64"),
        (np.zeros((2, 2, 3), dtype=np.bool_), r"got bool \(2, 2, 3\)"),
        (np.zeros(4, dtype=np.uint8), r"got uint8 \(4,\)"),
        (np.zeros((2, 2), dtype=np.int8), "got int8"),
    ],
)
def test_arrays_that_are_no_mask_are_refused(mask: NDArray[Any], complaint: str) -> None:
    with pytest.raises(CodecError, match=complaint):
        rle.encode(mask)


@pytest.mark.parametrize("options", [{"order": "K"}, {"base": 2}, {"base": -1}])
def test_unknown_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(CodecError, match="order F or C and base 0 or 1"):
        rle.encode(np.zeros((2, 2), dtype=np.bool_), **options)
    with pytest.raises(CodecError, match="order F or C and base 0 or 1"):
        rle.decode("1 1", (2, 2), **options)


def test_an_impossible_shape_is_refused() -> None:
    with pytest.raises(CodecError, match="shape"):
        rle.decode("1 1", (-1, 4))


def test_threads_encode_side_by_side() -> None:
    masks = [random_mask((200, 200), 0.4, seed) for seed in range(8)]
    expected = [rle.encode(mask) for mask in masks]
    found: list[str] = [""] * len(masks)

    def work(i: int) -> None:
        for _ in range(20):
            found[i] = rle.encode(masks[i])

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(masks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == expected


def test_numba_is_loaded_on_first_use_only() -> None:
    script = (
        "import sys; from podium.codecs import rle; assert 'numba' not in sys.modules; "
        "import numpy as np; rle.encode(np.ones((2, 2), bool)); assert 'numba' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120)


runs = st.lists(
    st.one_of(
        st.integers(0, 30).map(str),
        st.sampled_from(
            ["0", "", " ", "x", "-1", "99999999", "1000000000000000000000", "3.0", "\t"]
        ),
    ),
    max_size=40,
)


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(
    cells=st.lists(runs, min_size=1, max_size=6),
    size=st.tuples(st.integers(1, 30), st.integers(1, 30)),
    base=st.sampled_from([0, 1]),
    relative=st.booleans(),
)
def test_many_texts_are_valid_exactly_where_they_can_be_decoded(cells, size, base, relative):
    texts = [" ".join(one) for one in cells]
    data = np.frombuffer(",".join(texts).encode(), dtype=np.uint8)
    lengths = np.array([len(one) for one in texts])
    starts = np.concatenate([[0], np.cumsum(lengths[:-1] + 1)]).astype(np.int64)
    n_pixels = np.full(len(texts), size[0] * size[1])
    found = rle.are_valid(data, starts, starts + lengths, n_pixels, base=base, relative=relative)

    def decodes(text):
        try:
            rle.decode(text, size, base=base, relative=relative)
        except rle.RleError:
            return False
        return True

    assert found.tolist() == [decodes(one) for one in texts]


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), relative=st.booleans(), cut=st.integers(0, 3))
def test_the_texts_of_true_masks_are_valid_and_their_last_pixel_may_not_leave(seed, relative, cut):
    rng = np.random.default_rng(seed)
    masks = [rng.random((40, 50)) < rng.random() for _ in range(5)]
    texts = [rle.encode(mask, relative=relative) for mask in masks]
    data = np.frombuffer("\n".join(texts).encode(), dtype=np.uint8)
    lengths = np.array([len(one) for one in texts])
    starts = np.concatenate([[0], np.cumsum(lengths[:-1] + 1)]).astype(np.int64)
    last = [int(np.flatnonzero(mask.T.ravel()).max(initial=-1)) + 1 for mask in masks]
    n_pixels = np.array([max(1, one - cut) for one in last])
    found = rle.are_valid(data, starts, starts + lengths, n_pixels, relative=relative)
    assert found.tolist() == [one <= n for one, n in zip(last, n_pixels.tolist(), strict=True)]


@pytest.mark.parametrize("behind", ["", "," + "7" * 80])
def test_numbers_of_any_length_are_compared_with_the_last_pixel(behind: str) -> None:
    """Up to seven digits are read at once where 64 bytes can be read, more of them one by one."""
    for n_start, n_length in itertools.product(range(1, 13), repeat=2):
        start, length = 10 ** (n_start - 1) + 3, 10 ** (n_length - 1) + 2
        text = f"{start} {length}"
        data = np.frombuffer((text + behind).encode(), np.uint8)
        last = start + length - 1
        for n_pixels in (last, last - 1):
            begin, end, size = (np.array([one]) for one in (0, len(text), n_pixels))
            assert rle.are_valid(data, begin, end, size)[0] == (n_pixels == last)


@pytest.mark.parametrize("base", [2, -1])
def test_a_base_that_is_none_is_refused_before_any_text_is_checked(base: int) -> None:
    place = np.zeros(1, dtype=np.int64)
    with pytest.raises(CodecError, match="order F or C and base 0 or 1"):
        rle.are_valid(np.zeros(1, dtype=np.uint8), place, place, place + 4, base=base)


def test_masks_in_tensors_frames_and_lists_have_the_runs_of_their_array() -> None:
    mask = np.array([[0, 1, 1], [1, 0, 1]], dtype=np.uint8)
    runs = runs_by_hand(mask, "F", 1, False)
    asked = torch.tensor(mask)
    for given_mask in (asked, asked.bool(), asked.T.contiguous().T, pd.DataFrame(mask)):
        assert rle.encode(given_mask) == runs
    for listed in (mask.tolist(), mask.astype(bool).tolist(), [tuple(row) for row in mask * 255]):
        assert rle.encode(listed) == runs
    other: list[Any] = [
        asked.float(),
        asked.long(),
        [[0.2, 0.9]],
        [[0, -1]],
        [[0, 256]],
        [1, 0],
        [],
    ]
    for refused in other:
        with pytest.raises(CodecError, match="expected a mask"):
            rle.encode(refused)
    for refused in [None, "1 2", [[1, 0], [1]], 3, [["a"]]]:
        with pytest.raises(UsageError, match="mask must be an array"):
            rle.encode(refused)


@pytest.mark.parametrize("shape", ["1 2", (2, 2, 3), (2.0, 2.0), 4, None, (2,)])
def test_a_shape_that_is_not_two_whole_numbers_is_refused(shape: Any) -> None:
    with pytest.raises(UsageError, match="shape must be two whole numbers"):
        rle.decode("1 2", shape)
    with pytest.raises(UsageError, match="shape must be"):  # changed places
        rle.decode((2, 2), "1 2")  # type: ignore[arg-type]
