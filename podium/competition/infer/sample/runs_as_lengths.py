"""Masks of a sample in other forms of runs, read as starts and lengths.

Runs may name their ends, `5820-5834 5948-5963`, with another sign than a blank between two, as in
`5820:5834;5948:5963`. Two numbers with a sign between are a first and a
last pixel, or the pixel behind that: a run of one pixel, `7-7`, tells the first, and two that
touch, `3-7 7-9`, the second.

Or they are counts in turn, `812 6 152 9 18221`: how many pixels are background, how many are of the
mask, and so on; the first number is 0 where the first pixel is of the mask, and all sum to the
pixels of the image. A blank mask is this sum alone, which is what a placeholder shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from types import MappingProxyType
from typing import NamedTuple

import pandas as pd

from podium.codecs import rle
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.files import DataFolder, ImageFile
from podium.competition.infer.pictures import displayed_size
from podium.competition.infer.sample.runs import EMPTY_CELLS, is_runs_name, split_keys
from podium.competition.infer.sample.submission import SampleSubmission

__all__ = [
    "RunSigns",
    "lengths_of",
    "signs_of_runs",
    "with_lengths_of_runs",
    "with_runs_of_counts",
]

_RUNS = re.compile(
    r"\d+(?P<join>[-–:_~/]|\.\.)\d+"
    r"(?:(?P<between>[ ;,|])\d+(?P=join)\d+(?:(?P=between)\d+(?P=join)\d+)*)?"
)
_PAIRS_OF_BLANKS = re.compile(
    r"\d+ \d+(?:(?P<between>[;,|:/])\d+ \d+(?:(?P=between)\d+ \d+)*)?|\d+(?: \d+)*"
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_LONGEST = 16  # digits of a number: a longer one is none of a pixel


class RunSigns(NamedTuple):
    """The signs between the two numbers of a run, and between two runs."""

    join: str
    between: str

    @property
    def options(self) -> dict[str, str]:
        """As `submission.rle` has them, those that are no blanks."""
        return {name: sign for name, sign in self._asdict().items() if sign != " "}


def with_lengths_of_runs(
    sample: SampleSubmission, *, shown: Mapping[str, RunSigns] = MappingProxyType({})
) -> SampleSubmission:
    """Return the sample with runs as starts and lengths in a column of first and last pixels.

    All its cells are such, or those of an empty mask: one of the usual ones, or one word. Cells of
    one run each, which dates and ranges of values are alike, count where the column is called so,
    or a text shows several runs in it.

    Args:
        sample: the sample.
        shown: the signs of several runs in a cell of a column, where rows of texts have such.
    """
    if sample.run_pairs:
        return sample
    for column in sample.values:
        cells = list(sample.table[column])
        own = shown.get(column)
        called = own is not None or is_runs_name(column)
        if (pairs := _pairs(cells, is_called=called, shown=own)) is None:
            continue
        second, signs, is_sure = pairs
        return replace(
            sample,
            table=sample.table.assign(
                **{column: [lengths_of(one, second, signs) for one in cells]}
            ),
            runs=column,
            run_pairs={"second": second, **signs.options},
            why_pairs="" if is_sure else f"cells have two numbers with {signs.join!r} between",
        )
    return sample


def signs_of_runs(cells: Sequence[str], *, is_called: bool = False) -> RunSigns | None:
    """Return the signs of runs that cells hold, of any two numbers; None where they hold others.

    One of them has several runs, unless their column `is_called` after runs.
    """
    found = _signs(cells, _RUNS) or _signs(cells, _PAIRS_OF_BLANKS)
    filled = [cell for cell in cells if cell[:1].isdecimal() and cell not in EMPTY_CELLS]
    if found is None or not (is_called or any(len(_numbers(cell)) > 2 for cell in filled)):
        return None
    return found if all(len(_numbers(cell)) % 2 == 0 for cell in filled) else None


def _signs(cells: Sequence[str], pattern: re.Pattern[str]) -> RunSigns | None:
    """Return the signs of all cells but those of an empty mask; None where a cell has others."""
    matches = {cell: pattern.fullmatch(cell) for cell in dict.fromkeys(cells)}
    found = {cell: match for cell, match in matches.items() if match and cell not in EMPTY_CELLS}
    rest = [cell for cell in matches if cell not in found and cell not in EMPTY_CELLS]
    is_rest_a_word = len(rest) < 2 and all(map(_WORD.fullmatch, rest))
    joins = {match.groupdict().get("join") or " " for match in found.values()}
    between = {match["between"] for match in found.values() if match["between"]}
    if len(joins) != 1 or len(between) > 1 or not is_rest_a_word:
        return None
    return RunSigns(joins.pop(), next(iter(between), " "))


def _numbers(cell: str) -> list[int]:
    return [int(one) for one in re.findall(r"\d+", cell)]


def _pairs(
    cells: Sequence[str], *, is_called: bool, shown: RunSigns | None = None
) -> tuple[rle.Second, RunSigns, bool] | None:
    """Return what follows a start, the signs, and whether cells show it; None: no runs."""
    signs = _signs(cells, _RUNS)
    found = [cell for cell in dict.fromkeys(cells) if _RUNS.fullmatch(cell)]
    if signs is None or (shown is not None and shown.join != signs.join):
        return None
    if any(len(number) > _LONGEST for cell in found for number in re.findall(r"\d+", cell)):
        return None
    numbers = {cell: _numbers(cell) for cell in found}
    if not is_called and not any(len(each) > 2 for each in numbers.values()):
        return None
    touch = single = False
    for each in numbers.values():
        runs = list(zip(each[::2], each[1::2], strict=True))
        ascend = all(first <= end for first, end in runs)
        if not ascend or any(end > after for (_, end), (after, _) in pairwise(runs)):
            return None
        touch |= any(end == after for (_, end), (after, _) in pairwise(runs))
        single |= any(first == end for first, end in runs)
    if touch and single:
        return None
    if shown is not None and not any(len(each) > 2 for each in numbers.values()):
        signs = shown
    return "stop" if touch else "last", signs, touch or single


def lengths_of(cell: str, second: rle.Second, signs: RunSigns) -> str:
    """Return the runs of a cell as starts and lengths; a cell of no runs as it is."""
    if cell in EMPTY_CELLS or signs.join not in cell or not cell[:1].isdecimal():
        return cell
    each = _numbers(cell)
    more = {"length": None, "last": 1, "stop": 0}[second]
    runs = zip(each[::2], each[1::2], strict=True)
    return " ".join(f"{a} {b if more is None else b - a + more}" for a, b in runs)


_COUNTS = re.compile(r"(?:0 )?[1-9]\d{0,9}(?: [1-9]\d{0,9})*")
_MOST_IMAGES = 500
"""Of which sizes are read; the cells of all rows have the form of counts."""


def with_runs_of_counts(data: CompetitionData) -> SampleSubmission | None:
    """Return the sample with runs as starts and lengths in its column of counts; None without one.

    Each cell is counts, and they sum to the pixels of the row's image. A column of single numbers
    that a table has, too, is none: it may be of labels.
    """
    sample = data.sample
    if sample is None or sample.runs is not None or sample.pixels is not None:
        return None
    columns = [one for one in sample.values if sample.table[one].str.fullmatch(_COUNTS).all()]
    columns = [one for one in columns if not _is_of_a_table(data.tables, sample.table, one)]
    if not columns or sample.table.empty:
        return None
    ids = list(sample.table[sample.id])
    sizes = dict(_pixels_of_rows(data.folder, ids))
    if not sizes:
        return None
    found = [one for one in columns if _sum_to(sample.table[one], sizes)]
    if len(found) != 1:
        return None
    runs = [_runs(cell) for cell in sample.table[found[0]]]
    table = sample.table.assign(**{found[0]: runs})
    return replace(sample, table=table, runs=found[0], run_pairs={"counts": True})


def _is_of_a_table(tables: Mapping[str, pd.DataFrame], sample: pd.DataFrame, column: str) -> bool:
    is_single = not sample[column].str.contains(" ").any()
    return is_single and any(column in one for one in tables.values())


def _pixels_of_rows(folder: DataFolder, ids: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield some rows with the number of pixels of their image; nothing where one has none."""
    images = [_images(folder, one) for one in ids]
    if not all(images):
        split = split_keys(ids, folder)
        images = [] if split is None else [_images(folder, one) for one in split.ids]
    if not images or not all(images):
        return
    for row in range(0, len(ids), max(1, len(ids) // _MOST_IMAGES)):
        sizes = {displayed_size(folder.path / one.path) for one in images[row]}
        size = sizes.pop() if len(sizes) == 1 else None
        yield row, 0 if size is None else size[0] * size[1]


def _images(folder: DataFolder, name: str) -> list[ImageFile]:
    """Return the images that a row may be of: those to predict, where some are called so."""
    named = folder.named(name) if name else []
    return [one for one in named if one.part == "test"] or named


def _sum_to(cells: pd.Series[str], n_pixels: Mapping[int, int]) -> bool:
    return all(sum(map(int, cells.iloc[row].split())) == n for row, n in n_pixels.items())


def _runs(cell: str) -> str:
    """Return the runs of counts as starts, from 1, and lengths; "" of a blank mask."""
    counts = [int(one) for one in cell.split()]
    ends = list(accumulate(counts))
    return " ".join(f"{ends[n - 1] + 1} {counts[n]}" for n in range(1, len(counts), 2))
