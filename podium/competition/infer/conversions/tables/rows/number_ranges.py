"""Tables whose rows are of the images of a range of numbers, which names of files end in.

lot   from  to  ash        image  range   lot   ash
B-7   12    14  3.1   →    P012   12-14   B-7   3.1
B-2   15    15  2.8        P014   12-14   B-7   3.1
                           P015   15-15   B-2   2.8

A number without a file is of an image that was deleted; one of no range is of nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, pairwise
from typing import NamedTuple

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import ImageFile, is_test_table, may_be_train_table
from podium.competition.infer.labels.cells import numbers_of
from podium.competition.infer.shares import HALF, NEARLY_ALL
from podium.errors import plural

__all__ = ["rows_of_number_ranges"]

_END = re.compile(r"(?P<front>|.*\D)(?P<number>\d{1,12})(?P<suffix>\.[A-Za-z]\w*)?")
_NUMBER = re.compile(r"(.*?)(\d{1,12})\D*")
_MOST_COLUMNS = 12
_FEWEST_ROWS = 4  # fewer have disjoint ranges by chance
_FEWEST_OF_RANGE = 3  # numbers of some row: two are those of a left and a right side
_LEAST_MEAN = 1.5  # images of a row: of fewer, rows are of one image each


class _Ranges(NamedTuple):
    """Two columns with the first and the last number of each row.

    Attributes:
        first, last: the columns.
        front: what stands before the numbers in the cells; "" where they are bare.
    """

    first: str
    last: str
    front: str

    def of(self, table: pd.DataFrame) -> list[tuple[int, int]] | None:
        """Return the ends of each row; None where they are no numbers, or not in order."""
        ends = [_ends(table[one], self.front) for one in (self.first, self.last)]
        if None in ends:
            return None
        pairs = list(zip(*(one for one in ends if one is not None), strict=True))
        return pairs if all(low <= high for low, high in pairs) else None


def rows_of_number_ranges(data: CompetitionData) -> dict[str, MadeTable]:
    """Return tables with a row an image, by the paths of those whose rows are of ranges of numbers.

    Two columns of a table of train hold a first and a last number, in that order in every row; no
    two rows, of any table with these columns, have a number in common; and what names of images end
    in are such numbers: of half of the images, of half of the numbers and of nearly every row. No
    image that the sample submission names is of a row of train.
    """
    for path, table in data.tables.items():
        if not may_be_train_table(path) or is_test_table(path) or len(table) < _FEWEST_ROWS:
            continue
        for ranges in _ways(table):
            if found := _made(data, path, ranges):
                return found
    return {}


def _ways(table: pd.DataFrame) -> Iterator[_Ranges]:
    fronts: dict[str, str] = {}
    for column in map(str, table.columns[:_MOST_COLUMNS]):
        match = _END.fullmatch(table[column].iloc[0])
        if match is not None and _ends(table[column], match["front"]) is not None:
            fronts[column] = match["front"]
    for first, last in combinations(fronts, 2):
        if fronts[first] == fronts[last]:
            yield _Ranges(first, last, fronts[first])


def _ends(cells: pd.Series[str], front: str) -> list[int] | None:
    """Return the numbers that cells end in behind the same letters; None where some do not."""
    found = [_END.fullmatch(cell) for cell in cells]
    if any(one is None or one["front"] != front for one in found):
        return None
    return [int(one["number"]) for one in found if one is not None]


def _made(data: CompetitionData, path: str, ranges: _Ranges) -> dict[str, MadeTable]:
    """Return the tables of these ranges with a row an image; {} where numbers are of no images."""
    test = data.folder.of_part("test")
    tables = {
        other: table
        for other, table in data.tables.items()
        if {ranges.first, ranges.last} <= {*table} and not table.empty
    }
    ends = {other: ranges.of(table) for other, table in tables.items()}
    if None in ends.values():
        return {}
    known = {other: one for other, one in ends.items() if one is not None}
    of_test = {other for other in tables if is_test_table(other)}
    own = _numbered(data.folder.train_images, ranges.front)
    others = _numbered(test, ranges.front) if test else own
    if not own:
        return {}
    rows: dict[str, list[tuple[int, ImageFile]]] = {}
    spans: dict[bool, list[tuple[int, int]]] = {True: [], False: []}
    for other, pairs in known.items():
        is_apart = bool(test) and other in of_test
        spans[is_apart] += pairs
        rows[other] = _images_of(pairs, others if is_apart else own)
    if not all(map(_are_disjoint, spans.values())):
        return {}
    if not all(
        _are_of_images(known[other], rows[other], is_sparse=other != path) for other in tables
    ):
        return {}
    pool = len(data.folder.train_images)
    n_named = sum(len(each) for other, each in rows.items() if not (test and other in of_test))
    if n_named < HALF * pool or len(rows[path]) < _LEAST_MEAN * len(tables[path]):
        return {}
    if _sends_train_images(data, {image.path for _, image in rows[path]}):
        return {}
    # What has the same facts in each of its ranges is what was taken, in more than one go.
    is_of_lots = _has_several_ranges(data, tables[path].drop(columns=[ranges.first, ranges.last]))
    return {
        other: _with_rows(
            data, other, table, ranges, known[other], rows[other], with_range=not is_of_lots
        )
        for other, table in tables.items()
    }


def _numbered(images: Sequence[ImageFile], front: str) -> dict[int, ImageFile]:
    """Return the images by the last number of their names; {} where two have the same.

    Args:
        images: of a part.
        front: what stands before the number, or "" where this may be anything.
    """
    found: dict[int, ImageFile] = {}
    for image in images:
        match = _NUMBER.fullmatch(image.stem)
        if match is None or (front and match[1] != front):
            continue
        if int(match[2]) in found:
            return {}
        found[int(match[2])] = image
    return found


def _images_of(
    pairs: Sequence[tuple[int, int]], images: Mapping[int, ImageFile]
) -> list[tuple[int, ImageFile]]:
    """Return the images of each row, with its place, in the order of the numbers."""
    order = sorted(images)
    found = []
    for row, (low, high) in enumerate(pairs):
        if high - low <= len(order):
            inside = [n for n in range(low, high + 1) if n in images]
        else:
            inside = [n for n in order if low <= n <= high]
        found += [(row, images[n]) for n in inside]
    return found


def _are_disjoint(pairs: Sequence[tuple[int, int]]) -> bool:
    return all(one[1] < other[0] for one, other in pairwise(sorted(pairs)))


def _are_of_images(
    pairs: Sequence[tuple[int, int]], rows: Sequence[tuple[int, ImageFile]], *, is_sparse: bool
) -> bool:
    """Return whether nearly all rows have an image, and half of the numbers do.

    Args:
        pairs: the ends of each row.
        rows: of the images.
        is_sparse: whether ranges of one or two numbers alone are enough.
    """
    n_numbers = sum(high - low + 1 for low, high in pairs)
    longest = max(high - low + 1 for low, high in pairs)
    n_with = len({row for row, _ in rows})
    is_long = is_sparse or longest >= _FEWEST_OF_RANGE
    return is_long and n_with >= NEARLY_ALL * len(pairs) and len(rows) >= HALF * n_numbers


def _sends_train_images(data: CompetitionData, of_train: set[str]) -> bool:
    """Return whether the sample submission names an image of train."""
    sample = data.sample
    if sample is None:
        return False
    named = (data.folder.named(cell) for cell in sample.table[sample.id])
    return any(len(each) == 1 and each[0].path in of_train for each in named)


def _with_rows(
    data: CompetitionData,
    path: str,
    table: pd.DataFrame,
    ranges: _Ranges,
    pairs: Sequence[tuple[int, int]],
    rows: Sequence[tuple[int, ImageFile]],
    *,
    with_range: bool,
) -> MadeTable:
    """Return a table with a row for each image of its rows, and a range in place of two ends."""
    rest = [str(one) for one in table if one not in (ranges.first, ranges.last)]
    at = [row for row, _ in rows]
    made = table[rest].iloc[at].reset_index(drop=True)
    cells = [f"{pairs[row][0]}-{pairs[row][1]}" for row in at]
    named = [_spelt(data, image) for _, image in rows]
    columns = [*([("range", cells)] if with_range else []), ("image", named)]
    for name, values in columns:
        made.insert(0, name if name not in rest else f"{name} of the row", values)
    reader = (
        f"{path} with a row for each of {plural(len(rows), 'image')} whose number is from "
        f"{ranges.first} to {ranges.last}"
    )
    return MadeTable((path,), reader, made.astype(object))


def _has_several_ranges(data: CompetitionData, facts: pd.DataFrame) -> bool:
    """Return whether a column names what some rows share with all other facts, as a lot does."""
    asked = set() if data.sample is None else {*data.sample.values}
    for column in map(str, facts):
        cells = facts[column]
        n = cells.nunique()
        is_id = numbers_of(cells) is None or all("." not in cell for cell in cells)
        if column in asked or not is_id or not HALF * len(cells) <= n < len(cells):
            continue
        others = facts.drop(columns=column)
        if len(others.columns) and (others.groupby(cells).nunique() == 1).all(axis=None):
            return True
    return False


def _spelt(data: CompetitionData, image: ImageFile) -> str:
    """Return the name of an image as the sample submission has it, or without its ending."""
    sample = data.sample
    is_whole = sample is not None and sample.table[sample.id].str.endswith(image.suffix).all()
    return image.name if is_whole else image.stem
