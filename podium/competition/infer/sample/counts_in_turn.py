"""Masks of a sample as counts in turn, `812 6 152 9 18221`: read as starts and lengths.

How many pixels are background, how many are of the mask, and so on; the first number is 0 where the
first pixel is of the mask, and all sum to the pixels of the image. A blank mask is this sum alone,
which is what a placeholder shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.files import DataFolder, ImageFile
from podium.competition.infer.pictures import size_as_seen
from podium.competition.infer.sample.runs import split_keys
from podium.competition.infer.sample.submission import SampleSubmission

__all__ = ["with_runs_of_counts"]

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
        sizes = {size_as_seen(folder.path / one.path) for one in images[row]}
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
