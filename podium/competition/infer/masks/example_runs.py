"""Worked rows of a few images of train in the form of the sample: how runs are to be written.

example_rows_of_train.csv   image,class,runs / a07,long,0:2;130:133 / a07,short,

The images have mask files, as all others, so that such a table is none of train. Each way to write
runs is tried on its cells: the right one gives pixels that the masks keep apart from all others, a
value of theirs being inside or outside of a class in every image.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.codecs import rle
from podium.competition.calibrate.codec import Estimate
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.files import DataFolder
from podium.competition.infer.masks.content import mask_numbers
from podium.competition.infer.masks.files import mask_of_each_image
from podium.competition.infer.sample.runs import EMPTY_CELLS, is_runs_name, split_keys
from podium.competition.infer.sample.runs_as_lengths import RunSigns, signs_of_runs
from podium.competition.infer.sample.submission import SampleSubmission

__all__ = ["ExampleRuns", "find_example_runs"]

_MOST = 0.1
"""The share of the images with masks that an example has at most."""
_READ = 200  # rows that are compared with masks
_WAYS: tuple[tuple[rle.Second, bool], ...] = (
    ("length", False), ("last", False), ("stop", False), ("length", True),
)  # fmt: skip


@dataclass(frozen=True)
class ExampleRuns:
    """A table of worked rows, and how its runs are written.

    Attributes:
        path: of the table.
        column: of its runs.
        signs: between the numbers of a run, and between runs.
        n: images that it has.
        ways: options of `podium.codecs.rle` that give the masks of train; () where none does.
    """

    path: str
    column: str
    signs: RunSigns
    n: int
    ways: tuple[Mapping[str, Any], ...]

    @property
    def parts(self) -> dict[str, Estimate]:
        """What is certain of `base`, `order` and `relative`, as all ways have it."""
        why = f"so the runs of {self.path} are the masks of their images, pixel by pixel"
        return {
            name: Estimate(self.ways[0][name], "certain", why)
            for name in ("base", "order", "relative")
            if len({way[name] for way in self.ways}) == 1
        }

    @property
    def seconds(self) -> list[rle.Second]:
        """What may follow a start."""
        return list(dict.fromkeys(way["second"] for way in self.ways))


def find_example_runs(data: CompetitionData) -> ExampleRuns | None:
    """Return the table of train that shows how runs are to be written; None without such."""
    sample, folder = data.sample, data.folder
    if sample is None:
        return None
    header = {str(one) for one in sample.table}
    alike = {path: one for path, one in data.tables.items() if {*map(str, one)} == header}
    if not alike:
        return None
    masks = {stem: mask.path for stem, mask in mask_of_each_image(folder).items()}
    for path, table in alike.items():
        stems = _stems_of_rows(folder, table, sample)
        n = len({*stems})
        if not stems or not {*stems} <= masks.keys() or n > _MOST * len(masks):
            continue
        for column in sample.values:
            signs = signs_of_runs(list(table[column]), is_called=is_runs_name(column))
            if signs is not None:
                rows = list(_rows(folder, table, column, sample, stems, masks))
                return ExampleRuns(path, column, signs, n, tuple(_ways_that_fit(rows, signs)))
    return None


def _stems_of_rows(
    folder: DataFolder, table: pd.DataFrame, sample: SampleSubmission
) -> Sequence[str]:
    """Return the stem of the image of each row; [] where a row names none, or several."""
    cells = list(table[sample.id])
    if not all(map(folder.named, cells)):
        split = split_keys(cells, folder)
        cells = [] if split is None else list(split.ids)
    images = [{image.stem for image in folder.named(one)} if one else set() for one in cells]
    return [one.pop() for one in images] if all(len(one) == 1 for one in images) else []


@dataclass(frozen=True)
class _Row:
    """A worked row: what it is of beside its image, its text, and the mask file's numbers."""

    key: str
    text: str
    numbers: NDArray[np.int64]


def _rows(
    folder: DataFolder,
    table: pd.DataFrame,
    column: str,
    sample: SampleSubmission,
    stems: Sequence[str],
    masks: Mapping[str, str],
) -> Iterator[_Row]:
    """Yield the rows whose mask file has a number for each pixel."""
    others = [one for one in sample.values if one != column]
    read: dict[str, NDArray[np.int64] | None] = {}
    for (_, row), stem in list(zip(table.iterrows(), stems, strict=True))[:_READ]:
        if stem not in read:
            read[stem] = mask_numbers(folder.path / masks[stem])
        numbers = read[stem]
        if numbers is not None:
            # Of ids with a class, as a07_long, what is left tells the class.
            own = "" if stem not in row[sample.id] else row[sample.id].replace(stem, "", 1)
            yield _Row("\n".join([own, *(row[one] for one in others)]), row[column], numbers)


def _ways_that_fit(rows: Sequence[_Row], signs: RunSigns) -> Iterator[Mapping[str, Any]]:
    """Yield the options of `podium.codecs.rle` under which all rows are masks of their images."""
    for (second, relative), base, order in product(_WAYS, (0, 1), ("C", "F")):
        way = {
            "base": base, "order": order, "relative": relative, "second": second,
            "join": signs.join, "between": signs.between,
        }  # fmt: skip
        if rows and _fits(rows, way):
            yield way


def _fits(rows: Sequence[_Row], way: Mapping[str, Any]) -> bool:
    """Return whether each value of masks is inside of the runs of a class, or outside."""
    inside, outside = defaultdict[str, set[int]](set), defaultdict[str, set[int]](set)
    for row in rows:
        try:
            text = "" if row.text in EMPTY_CELLS else row.text
            mask = rle.decode(text, row.numbers.shape, **way)
        except rle.RleError:
            return False
        inside[row.key].update(np.unique(row.numbers[mask]).tolist())
        outside[row.key].update(np.unique(row.numbers[~mask]).tolist())
        if inside[row.key] & outside[row.key]:
            return False
    return any(inside.values())
