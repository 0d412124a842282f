"""Tables whose rows are of several images each: from a first to a last one, or lists of numbers.

first,last,kind          image,range,kind                  kind,no             no,kind
IMG_04,IMG_06,oak   →    IMG_04,IMG_04 to IMG_06,oak       oak,"4–6, 9"   →    4,oak
                         IMG_05,IMG_04 to IMG_06,oak                           5,oak
                         IMG_06,IMG_04 to IMG_06,oak                           6,oak
                                                                               9,oak
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

import pandas as pd

from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder, ImageFile, may_be_train_table
from podium.competition.infer.shares import NEARLY_ALL
from podium.competition.languages import meaning_words
from podium.competition.spelling import name_words
from podium.errors import plural

__all__ = ["rows_of_ranges"]

_DASH = r"\s*[-–—]\s*"
_ITEM = rf"\d+(?:{_DASH}\d+)?"
_LIST = re.compile(rf"\s*{_ITEM}(?:\s*[,;]\s*{_ITEM})*\s*")
_RANGE = re.compile(rf"(\d+)(?:{_DASH}(\d+))?")
_MOST = 1_000_000  # numbers of a range
_FEWEST_IMAGES = 4  # images
_FEWEST_OF_RANGE = 3  # in some row: two are those of the left and the right side


def rows_of_ranges(folder: DataFolder, path: str, table: pd.DataFrame) -> MadeTable | None:
    """Return a table with a row an image, where rows are of several in their order; else None."""
    if not may_be_train_table(path) or len(table.columns) < 2:
        return None
    return _of_lists(folder, path, table) or _of_ends(folder, path, table)


def _of_lists(folder: DataFolder, path: str, table: pd.DataFrame) -> MadeTable | None:
    """Return the rows of a column of numbers as `4–6, 9`, each number once, that name images."""
    for name in map(str, table.columns):
        cells = list(table[name])
        has_range = any(re.search(rf"\d{_DASH}\d", cell) for cell in cells)
        if not has_range or not all(map(_LIST.fullmatch, cells)):
            continue
        rows = [(number, row) for row, cell in enumerate(cells) for number in _numbers(cell)]
        numbers = [number for number, _ in rows]
        known = _numbers_of(folder.images)
        n_known = sum(number in known for number in numbers)
        if len(set(numbers)) < len(numbers) or n_known < max(
            _FEWEST_IMAGES, NEARLY_ALL * len(numbers)
        ):
            continue
        rest = [one for one in table.columns if one != name]
        made = table[rest].iloc[[row for _, row in rows]].reset_index(drop=True)
        made.insert(0, name, [str(number) for number in numbers])
        reader = f"{path} with a row for each of the {plural(len(rows), 'number')} in {name}"
        return MadeTable((path,), reader, made.astype(object))
    return None


def _numbers_of(images: Sequence[ImageFile]) -> set[int]:
    """Return the last numbers in the names of images, those that are of one image alone."""
    found = Counter(
        int(numbers[-1])
        for image in images
        if image.part != "mask" and (numbers := re.findall(r"\d+", image.stem))
    )
    return {number for number, n in found.items() if n == 1}


def _numbers(cell: str) -> list[int]:
    """Return the numbers of `4–6, 9`; none of a range that ends before it begins, or is endless."""
    found: list[int] = []
    for match in _RANGE.finditer(cell):
        first, last = int(match[1]), int(match[2] or match[1])
        if not first <= last <= first + _MOST:
            return []
        found += range(first, last + 1)
    return found


def _of_ends(folder: DataFolder, path: str, table: pd.DataFrame) -> MadeTable | None:
    """Return the rows from a first to a last image of a folder, in the order of their names."""
    names = [str(one) for one in table.columns]
    of_images = [one for one in names if all(len(folder.named(cell)) == 1 for cell in table[one])]
    if len(of_images) != 2:
        return None
    first, last = of_images
    order: dict[str, list[ImageFile]] = defaultdict(list)
    for image in folder.images:
        if image.part != "mask":
            order[image.folder].append(image)
    for each in order.values():
        each.sort(key=lambda image: _natural(image.name))
    place = {image.path: n for each in order.values() for n, image in enumerate(each)}
    rows: list[tuple[ImageFile, int]] = []
    longest = 0
    for row, (start, end) in enumerate(zip(table[first], table[last], strict=True)):
        begin, stop = folder.named(start)[0], folder.named(end)[0]
        if begin.folder != stop.folder or place[begin.path] > place[stop.path]:
            return None
        between = order[begin.folder][place[begin.path] : place[stop.path] + 1]
        rows += [(image, row) for image in between]
        longest = max(longest, len(between))
    paths = [image.path for image, _ in rows]
    # Pairs of images lie anywhere; ranges follow each other, and none lies over another one.
    if len(set(paths)) < len(paths) or longest < _FEWEST_OF_RANGE:
        return None
    whole = sum(len(order[one]) for one in {image.folder for image, _ in rows})
    if len(rows) < NEARLY_ALL * whole and not _are_ends(first, last):
        return None
    rest = [one for one in names if one not in of_images]
    at = [row for _, row in rows]
    made = table[rest].iloc[at].reset_index(drop=True)
    ends = [f"{start} to {end}" for start, end in zip(table[first], table[last], strict=True)]
    for name, cells in (
        ("range", [ends[row] for row in at]),
        ("image", [_spelt(one, table[first].iloc[0]) for one, _ in rows]),
    ):
        made.insert(0, name if name not in rest else f"{name} of the row", cells)
    reader = f"{path} with a row for each of {plural(len(rows), 'image')} from {first} to {last}"
    return MadeTable((path,), reader, made.astype(object))


def _natural(name: str) -> list[tuple[int, int, str]]:
    """Return what sorts names by their numbers: `IMG_9` before `IMG_10`."""
    return [
        (0, int(part), "") if part.isdecimal() else (1, 0, part)
        for part in re.split(r"(\d+)", name)
    ]


def _are_ends(first: str, last: str) -> bool:
    starts, ends = meaning_words("span start"), meaning_words("span end")
    return bool(starts & {*name_words(first)}) and bool(ends & {*name_words(last)})


def _spelt(image: ImageFile, like: str) -> str:
    """Return an image's name, stem or path, as another one is spelt."""
    if "/" in like:
        return image.path
    return image.name if "." in like else image.stem
