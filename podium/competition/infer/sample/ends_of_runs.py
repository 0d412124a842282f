"""Runs of a sample that name their ends, `5820-5834 5948-5963`: read as starts and lengths.

Two numbers with a sign between are a first and a last pixel, or the pixel behind that: a run of one
pixel, `7-7`, tells the first, and two that touch, `3-7 7-9`, the second.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from podium.codecs import rle
from podium.competition.infer.sample.runs import EMPTY_CELLS, is_runs_name
from podium.competition.infer.sample.submission import SampleSubmission

__all__ = ["with_lengths_of_runs"]

_RUNS = re.compile(r"\d+(?P<join>[-–:_~/]|\.\.)\d+(?: \d+(?P=join)\d+)*")
_WORD = re.compile(r"[^\W\d_]{2,}")
_LONGEST = 16  # digits of a number: a longer one is none of a pixel


def with_lengths_of_runs(sample: SampleSubmission) -> SampleSubmission:
    """Return the sample with runs as starts and lengths in a column of first and last pixels.

    All its cells are such, or those of an empty mask: one of the usual ones, or one word. Cells of
    one run each, which dates and ranges of values are alike, count where the column is called so.
    """
    for column in sample.values:
        cells = list(sample.table[column])
        if (pairs := _pairs(cells, is_called=is_runs_name(column))) is None:
            continue
        second, join, is_sure = pairs
        lengths = [
            _lengths(cell, second, join) if _RUNS.fullmatch(cell) else cell for cell in cells
        ]
        return replace(
            sample,
            table=sample.table.assign(**{column: lengths}),
            runs=column,
            run_pairs={"second": second, "join": join},
            why_pairs="" if is_sure else f"cells have two numbers with {join!r} between",
        )
    return sample


def _pairs(cells: Sequence[str], *, is_called: bool) -> tuple[rle.Second, str, bool] | None:
    """Return what follows a start, the sign between, and whether cells show it; None: no runs."""
    matches = {cell: _RUNS.fullmatch(cell) for cell in dict.fromkeys(cells)}
    found = {cell: match["join"] for cell, match in matches.items() if match is not None}
    rest = [cell for cell in matches if cell not in found and cell not in EMPTY_CELLS]
    is_rest_a_word = len(rest) < 2 and all(map(_WORD.fullmatch, rest))
    if not found or len(set(found.values())) > 1 or not is_rest_a_word:
        return None
    [join] = set(found.values())
    if not is_called and not any(" " in cell for cell in found):
        return None
    touch = single = False
    for cell in found:
        runs = [run.split(join) for run in cell.split()]
        if any(len(number) > _LONGEST for run in runs for number in run):
            return None
        numbers = [(int(first), int(end)) for first, end in runs]
        ascend = all(first <= end for first, end in numbers)
        if not ascend or any(end > after for (_, end), (after, _) in pairwise(numbers)):
            return None
        touch |= any(end == after for (_, end), (after, _) in pairwise(numbers))
        single |= any(first == end for first, end in numbers)
    if touch and single:
        return None
    return "stop" if touch else "last", join, touch or single


def _lengths(cell: str, second: rle.Second, join: str) -> str:
    """Return the runs of a cell as starts and lengths."""
    numbers = ((int(first), int(end)) for first, end in (run.split(join) for run in cell.split()))
    more = 1 if second == "last" else 0
    return " ".join(f"{first} {end - first + more}" for first, end in numbers)
