"""Shapes of runs under a codec, against masks that are painted and labelled by OpenCV."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_runs import runs_of as written

from podium.competition.calibrate.codec import (
    RunConvention,
    RunPairs,
    fault_of,
    n_pieces,
    n_stubs,
    painted,
    runs_of,
)


@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    height=st.integers(1, 12),
    width=st.integers(1, 12),
    density=st.sampled_from([0.2, 0.5, 0.8]),
    order=st.sampled_from(["F", "C"]),
    base=st.sampled_from([0, 1]),
    relative=st.booleans(),
)
def test_pieces_are_those_of_the_painted_mask(
    seed: int, height: int, width: int, density: float, order: str, base: int, relative: bool
) -> None:
    mask = np.random.default_rng(seed).random((height, width)) < density
    runs = runs_of(written(mask, order=order, base=base, relative=relative))
    if not mask.any():
        assert runs is None
        return
    assert runs is not None
    reading = RunConvention(base, relative)
    assert fault_of(runs, reading, mask.size) == ""
    shown = painted([runs], reading, (height, width), order)
    assert shown is not None
    np.testing.assert_array_equal(shown, mask)
    n, _ = cv2.connectedComponents(mask.astype(np.uint8), connectivity=4)
    assert n_pieces(runs, reading, height if order == "F" else width) == n - 1


@pytest.mark.parametrize(
    ("start", "length", "n"),
    [
        (3, 3, 1),  # pixels 3, 4 | 5 of lines of five: one pixel in the next line
        (4, 3, 1),  # 4 | 5, 6: one pixel at the end of a line
        (5, 3, 0),
        (2, 3, 0),
        (3, 4, 0),  # two and two
        (4, 2, 0),  # too short to be the end of an object
        (4, 7, 1),  # both ends are such, and it is one run
    ],
)
def test_a_stub_is_a_run_that_leaves_its_line_by_one_pixel(start: int, length: int, n: int) -> None:
    runs = RunPairs(np.array([start]), np.array([length]))
    assert n_stubs(runs, RunConvention(0, False), 5) == n
    assert n_stubs(RunPairs(runs.starts + 1, runs.lengths), RunConvention(1, False), 5) == n


def test_touching_rows_of_one_line_are_one_piece() -> None:
    runs = runs_of("1 2 3 1 5 1")
    assert runs is not None
    assert n_pieces(runs, RunConvention(1, False), 10) == 2
    assert n_pieces(runs, RunConvention(1, False), 2) == 1  # 1 2 | 3 . | 5: below each other


@pytest.mark.parametrize(
    ("text", "reading", "fault"),
    [
        ("0 2", RunConvention(1, False), "starts below"),
        ("0 2", RunConvention(0, False), ""),
        ("9 2", RunConvention(0, False), "ends beyond"),
        ("9 2", RunConvention(1, False), ""),
        ("5 2 6 1", RunConvention(1, False), "descends"),
        ("5 2 6 1", RunConvention(1, True), "ends beyond"),
        ("5 2 2 1", RunConvention(1, True), ""),
        ("5 2 7 1", RunConvention(1, False), ""),
    ],
)
def test_the_fault_of_an_impossible_convention_is_named(
    text: str, reading: RunConvention, fault: str
) -> None:
    runs = runs_of(text)
    assert runs is not None
    assert fault_of(runs, reading, 10) == fault


@pytest.mark.parametrize("text", ["", "1", "1 0", "1 2 3", "a 1", "-1", "1 2.0", "1 " + "9" * 20])
def test_text_that_is_no_runs_under_any_codec_gives_none(text: str) -> None:
    assert runs_of(text) is None
