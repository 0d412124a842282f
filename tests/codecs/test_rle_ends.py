"""Runs by their last pixel or their stop, with a sign between: against masks drawn by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from podium.codecs import rle
from podium.codecs.rle import RleError
from podium.errors import CodecError

MASKS = arrays(np.bool_, st.tuples(st.integers(1, 7), st.integers(1, 7)))


def pixels_by_hand(text: str, *, base: int, second: str, join: str, between: str) -> set[int]:
    """Return the places of pixels that runs set, from 0."""
    runs = text.split(between) if text else []
    if join == between:
        numbers = [int(one) for one in runs]
    else:
        pairs = [run.split(join) for run in runs]
        assert all(len(pair) == 2 for pair in pairs)
        numbers = [int(one) for pair in pairs for one in pair]
    found: set[int] = set()
    for first, end in zip(numbers[::2], numbers[1::2], strict=True):
        behind = {"length": first + end, "last": end + 1, "stop": end}[second]
        found |= set(range(first - base, behind - base))
    return found


@given(
    mask=MASKS,
    order=st.sampled_from("FC"),
    base=st.sampled_from([0, 1]),
    second=st.sampled_from(["length", "last", "stop"]),
    join=st.sampled_from([" ", "-", ":", ",", ".."]),
    between=st.sampled_from([" ", ";", "|", "::;"]),
)
def test_a_mask_is_the_pixels_of_its_runs_and_comes_back(
    mask: np.ndarray, order: str, base: int, second: str, join: str, between: str
) -> None:
    between = between.replace(join, "+") if join != " " else between
    signs = {"second": second, "join": join, "between": between}
    options = {"order": order, "base": base, **signs}
    text = rle.encode(mask, **options)
    flat = mask.T.ravel() if order == "F" else mask.ravel()
    assert pixels_by_hand(text, base=base, **signs) == set(np.flatnonzero(flat))
    assert np.array_equal(rle.decode(text, mask.shape, **options), mask)
    plain = np.flatnonzero(flat)
    reached = rle.last_pixel(text, base=base, **signs)
    assert reached == (plain[-1] + 1 if len(plain) else 0)


def test_intervals_as_a_host_has_them() -> None:
    mask = np.zeros((3, 4), dtype=bool)
    mask[0, 1:3] = mask[2, 3] = True
    assert rle.encode(mask, order="C", base=0, second="last", join="-") == "1-2 11-11"
    assert rle.encode(mask, order="C", base=1, second="stop") == "2 4 12 13"


def test_runs_between_other_signs() -> None:
    mask = np.zeros((3, 4), dtype=bool)
    mask[0, 1:3] = mask[2, 3] = True
    ends = {"order": "C", "base": 0, "second": "last"}
    assert rle.encode(mask, **ends, join=":", between=";") == "1:2;11:11"
    assert rle.encode(mask, **ends, between="|") == "1 2|11 11"
    relative = {"order": "C", "base": 0, "relative": True, "join": ":", "between": ";"}
    assert rle.encode(mask, **relative) == "1:2;8:1"
    assert np.array_equal(rle.decode("1:2;8:1", mask.shape, **relative), mask)


@pytest.mark.parametrize(
    ("text", "options", "column", "words"),
    [
        ("1-2 5", {"second": "last", "join": "-"}, 5, "not two numbers"),
        ("1-2 9-5", {"second": "last", "join": "-"}, 7, "before it starts"),
        ("1-2 2-3", {"second": "last", "join": "-"}, 5, "run"),
        ("1-2 4-x", {"second": "last", "join": "-"}, 7, "."),
        ("1-2 4-13", {"second": "last", "join": "-"}, 7, "."),
        ("1 1", {"second": "stop"}, 3, "before it starts"),
        ("1 2 4", {"second": "last"}, 5, "."),
        ("1--2", {"second": "last", "join": "-"}, 1, "not two numbers"),
        ("1:2;5", {"second": "last", "join": ":", "between": ";"}, 5, "not two numbers"),
        ("1:2;5:5;", {"second": "last", "join": ":", "between": ";"}, 9, "not two numbers"),
        ("1:2; 5:5", {"second": "last", "join": ":", "between": ";"}, 5, "."),
        ("1:2 5:5", {"second": "last", "join": ":", "between": ";"}, 1, "not two numbers"),
        ("1 2;9 5", {"second": "last", "between": ";"}, 7, "before it starts"),
    ],
)
def test_a_wrong_run_is_named_with_its_character(
    text: str, options: dict[str, str], column: int, words: str
) -> None:
    with pytest.raises(RleError, match=words) as caught:
        rle.decode(text, (3, 4), **options)
    assert caught.value.column == column


@pytest.mark.parametrize(
    "options",
    [
        {"second": "end"},
        {"join": ""},
        {"join": "1"},
        {"between": ""},
        {"between": "; "},
        {"join": ";", "between": ";"},
        {"join": ":", "between": ":;"},
        {"between": ";", "counts": True},
        {"second": "last", "relative": True},
    ],
)
def test_switches_that_cannot_be_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(CodecError):
        rle.encode(np.ones((1, 1), dtype=bool), **options)
    with pytest.raises(CodecError):
        rle.decode("1 1", (1, 1), **options)
