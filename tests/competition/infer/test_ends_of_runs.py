"""Runs of a sample that name their first and last pixels, as hosts write them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from podium.competition.infer.sample.runs_as_lengths import with_lengths_of_runs
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.spec import infer


def sample_of(cells: list[str], column: str = "region") -> SampleSubmission:
    ids = [f"a{n}" for n in range(len(cells))]
    return SampleSubmission("sample.csv", pd.DataFrame({"id": ids, column: cells}, dtype=object))


@pytest.mark.parametrize(
    ("cells", "lengths", "pairs", "is_sure"),
    [
        (["3-9 12-14", "none"], ["3 7 12 3", "none"], {"second": "last", "join": "-"}, False),
        (["3-9 12-12", "-"], ["3 7 12 1", "-"], {"second": "last", "join": "-"}, True),
        (["3:9 9:14"], ["3 6 9 5"], {"second": "stop", "join": ":"}, True),
        (["0..4 6..7", ""], ["0 5 6 2", ""], {"second": "last", "join": ".."}, False),
        (
            ["3:9;12:12", "0:1"],
            ["3 7 12 1", "0 2"],
            {"second": "last", "join": ":", "between": ";"},
            True,
        ),
    ],
)
def test_first_and_last_pixels_are_runs(
    cells: list[str], lengths: list[str], pairs: dict[str, str], is_sure: bool
) -> None:
    found = with_lengths_of_runs(sample_of(cells))
    assert found.runs == "region"
    assert list(found.table["region"]) == lengths
    assert found.run_pairs == pairs
    assert (found.why_pairs == "") == is_sure


@pytest.mark.parametrize(
    "cells",
    [
        ["2020-01", "2021-03"],  # one pair a cell: dates
        ["3-9 5-14"],  # the second begins inside the first
        ["9-3 12-14"],
        ["3-9 12:14"],
        ["3-9;12-14 16-17"],
        ["3-9;12-14", "3-9,12-14"],
        ["3-9 12-14", "cat", "dog"],
        ["7-7 8-9 9-11"],  # one pixel, and two that touch
        ["1 2 3 4"],
    ],
)
def test_other_cells_are_none(cells: list[str]) -> None:
    given = sample_of(cells)
    assert with_lengths_of_runs(given) is given


def test_a_competition_of_intervals_is_read_with_one_question(tmp_path: Path) -> None:
    data, rng = tmp_path / "data", np.random.default_rng(0)
    for number in range(12):
        part = "train" if number < 8 else "test"
        for folder in ("images", "masks") if number < 8 else ("images",):
            file = data / part / folder / f"t{number}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            pixels = rng.integers(0, 255, (20, 30), dtype=np.uint8)
            if folder == "masks":
                pixels = np.where(np.add.outer(np.arange(20), np.arange(30)) > 20 + number, 255, 0)
            Image.fromarray(pixels.astype(np.uint8)).save(file)
    rows = ["t8;3-9 33-39", "t9;empty", "t10;empty", "t11;empty"]
    (data / "sample_submission.csv").write_text("\n".join(["id;pixels", *rows]) + "\n")
    (data / "README.md").write_text("Pixels are numbered from 0, row by row, from left to right.\n")
    spec = infer(data, tmp_path).competition
    assert spec.to_choose == ["submission.rle"]
    rle = spec.submission.rle
    assert (rle.base, rle.order, rle.second, rle.join) == (0, "C", "last", "-")
    assert spec.submission.empty == "empty"


def test_a_row_in_a_text_shows_the_sign_between_runs(tmp_path: Path) -> None:
    data, rng = tmp_path / "data", np.random.default_rng(0)
    for number in range(12):
        part = "train" if number < 8 else "test"
        for folder in ("images", "masks") if number < 8 else ("images",):
            file = data / part / folder / f"t{number}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            pixels = rng.integers(0, 255, (20, 30), dtype=np.uint8)
            if folder == "masks":
                pixels = np.where(np.add.outer(np.arange(20), np.arange(30)) > 20 + number, 255, 0)
            Image.fromarray(pixels.astype(np.uint8)).save(file)
    # The sample alone has no two runs in a cell, and its column no name of runs.
    rows = [f"t{number},0:29" for number in range(8, 12)]
    (data / "sample_submission.csv").write_text("\n".join(["id,area", *rows]) + "\n")
    page = "<p>Pixels are numbered from 0, row by row.</p><pre>id,area\nz9,3:9;33:33\nz8,</pre>"
    (data / "page.html").write_text(page)
    rle = infer(data, tmp_path).competition.submission.rle
    assert (rle.base, rle.order, rle.second) == (0, "C", "last")
    assert (rle.join, rle.between) == (":", ";")
