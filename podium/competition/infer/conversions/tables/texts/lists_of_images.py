"""Texts that list images, a line each, perhaps with labels behind: `images/7.jpg 3`.

A text whose first line names columns is a table; what a README calls the cells names them, too.
"""

from __future__ import annotations

import csv
import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from podium.competition.ids.patterns import is_image
from podium.competition.infer.conversions.tables.made_table import LARGEST, MadeTable
from podium.competition.infer.conversions.tables.texts.explained_lists import (
    table_of_explained_list,
)
from podium.competition.infer.files import DataFolder
from podium.competition.infer.image_tables import names_images
from podium.competition.infer.readme.texts import as_in_texts, texts_beside
from podium.competition.infer.shares import NEARLY_ALL

__all__ = ["TextTable", "lists_side_by_side", "table_of_list", "table_of_text"]


_PROBED = 200
_LONGEST = 10_000  # bytes of the label of one image
_MOST_WORDS = 4  # of a label; five are the numbers of a box
_MOST_FIELDS = 12  # of a line: a longer one is a text
_FEWEST_LISTS = 3  # of a folder that are read together

_LINE = re.compile(r"(?P<image>\S.*?)(?:(?:\s*,\s*|\s+)(?P<label>[^\s,]+))?")


class TextTable(NamedTuple):
    """The table of a text, the sign between its cells, and whether its first line names them."""

    table: pd.DataFrame
    sep: str
    has_header: bool

    def made_of(self, path: str) -> MadeTable:
        reader = "a table in a text" if self.has_header else "a list of images"
        return MadeTable((path,), reader, self.table, self.sep, header=self.has_header)


def table_of_text(folder: DataFolder, file: Path) -> TextTable | None:
    """Return the table of a text, below a header, or as a list of images; None where it is none."""
    below = _table_below_header(folder, _lines_of(file))
    if below is not None:
        return below
    listed = table_of_list(folder, file)
    if listed is None:
        return None
    return TextTable(listed, _sign_of_lines(file), has_header=listed.columns[0] != "image")


def table_of_list(folder: DataFolder, file: Path) -> pd.DataFrame | None:
    """Return the table of a list of images, a line each, perhaps with labels behind it.

    Its first column is `image`, or what the first line of a list of images alone calls it.
    """
    lines = _without_sign_at_end(_lines_of(file))
    probe = lines[:: max(1, len(lines) // _PROBED)]
    whole = sum(bool(folder.named(line)) for line in probe)
    if probe and whole >= NEARLY_ALL * len(probe):
        called = _header_of_list(folder, file, lines)
        column, images = (called, lines[1:]) if called else ("image", lines)
        return pd.DataFrame({column: images}, dtype=object)
    if rows := _pairs_of_lines(lines):
        table = pd.DataFrame(rows, columns=["image", "label"], dtype=object)
        if names_images(folder, table):
            return table
    has_semicolons = all(";" in line for line in lines)
    sign = r"\s*;\s*" if has_semicolons else r"\s*,\s*|\s+"
    cells = [re.split(sign, line) for line in lines]
    n = {len(row) for row in cells}
    if len(n) != 1 or not 2 < min(n) <= _MOST_FIELDS:
        return table_of_explained_list(folder, lines) if lines else None
    fields = [f"field_{number}" for number in range(2, min(n) + 1)]
    fields = _columns_in_texts(folder, file.name, min(n)) or fields
    return pd.DataFrame(cells, columns=["image", *fields], dtype=object)


def _header_of_list(folder: DataFolder, file: Path, lines: Sequence[str]) -> str:
    """Return the first line of a list of images where it is a header; "" where it is an image.

    It has no file. It has no ending, and all below have that of an image; or another table begins
    with it.
    """
    first, *rest = lines
    if not rest or folder.named(first):
        return ""
    if not is_image(first) and all(map(is_image, rest)):
        return first
    others = (folder.path / path for path in (*folder.tables, *folder.texts))
    near = itertools.islice((one for one in others if one != file), _PROBED)
    return first if any(first == _first_cell(one) for one in near) else ""


def _first_cell(file: Path) -> str:
    """Return what stands before the first sign between cells of a table; "" of a single column."""
    try:
        with file.open(encoding="utf-8-sig") as text:
            first, sign, _ = re.split(r"([\t,;|])", text.readline(_LONGEST), maxsplit=1)
    except (OSError, UnicodeDecodeError, ValueError):
        return ""
    return first.strip(' "') if sign else ""


def _columns_in_texts(folder: DataFolder, name: str, n: int) -> list[str]:
    """Return what a text beside the data calls the cells of a list behind the images; or [].

    Behind the name of the list stand as many names as a row has cells, with commas between them.
    """
    begins = re.compile(rf"\W*{re.escape(as_in_texts(name))}\W*:(?P<names>.*)")
    for _, text in texts_beside(folder, by_line=True):
        for line in filter(None, map(begins.match, text.split("\n"))):
            names = [one.strip() for one in re.sub(r"\([^()]*\)", "", line["names"]).split(",")]
            are_names = all(0 < len(one.split()) <= _MOST_WORDS for one in names)
            if are_names and len(names) == len({"image", *names[1:]}) == n:
                return names[1:]
    return []


def _table_below_header(folder: DataFolder, lines: Sequence[str]) -> TextTable | None:
    """Return the table of lines whose first one names the columns; None where it is as the others.

    A column has the names of images, and no cell of the first line is one. Where single blanks part
    the cells, the first line has words, and a column has numbers or names of files alone.
    """
    for sign in "\t,;| ":
        if not lines or sign not in lines[0]:
            continue
        rows = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=sign)]
        header, rest = rows[0], rows[1:]
        if not rest or any(len(row) != len(header) for row in rest):
            continue
        if "" in header or len(set(header)) < len(header) or any(map(folder.named, header)):
            return None
        table = pd.DataFrame(rest, columns=header, dtype=object)
        if sign == " " and not _is_header_of_words(table):
            return None  # a list whose first image has no file
        return TextTable(table, sign, has_header=True) if names_images(folder, table) else None
    return None


def _is_header_of_words(table: pd.DataFrame) -> bool:
    """Return whether columns are called by words, and the cells of one are of another form.

    These are numbers, or names of image files.
    """
    are_words = all(str(name).isidentifier() for name in table.columns)
    return are_words and any(
        table[name].str.isdecimal().all() or all(map(is_image, table[name]))
        for name in table.columns
    )


class Series(NamedTuple):
    """Lists of one folder, by path, and the rows of all of them."""

    texts: dict[str, TextTable]
    rows: pd.DataFrame


def lists_side_by_side(folder: DataFolder) -> dict[str, Series]:
    """Return the lists of images and labels of which a folder has several, by the path of each.

    Nearly all of their rows together name images: of a short list one image that is not there is a
    large share.
    """
    of_place: dict[str, dict[str, TextTable]] = defaultdict(dict)
    n_texts = Counter(path.rpartition("/")[0] for path in folder.texts)
    for path in folder.texts:
        file, place = folder.path / path, path.rpartition("/")[0]
        if n_texts[place] < _FEWEST_LISTS or file.stat().st_size > LARGEST:
            continue
        rows = _pairs_of_lines(_without_sign_at_end(_lines_of(file)))
        if rows and all(is_image(image) for image, _ in rows):
            table = pd.DataFrame(rows, columns=["image", "label"], dtype=object)
            of_place[place][path] = TextTable(table, _sign_of_lines(file), has_header=False)
    found = dict[str, Series]()
    for lists in of_place.values():
        whole = pd.concat([one.table for one in lists.values()], ignore_index=True)
        if len(lists) >= _FEWEST_LISTS and _name_images(folder, whole["image"]):
            found |= dict.fromkeys(lists, Series(lists, whole))
    return found


def _name_images(folder: DataFolder, cells: pd.Series[str]) -> bool:
    """Return whether nearly all cells name images."""
    return sum(bool(folder.named(cell)) for cell in cells) >= NEARLY_ALL * len(cells)


def _pairs_of_lines(lines: Sequence[str]) -> list[tuple[str, str]]:
    """Return the image and the label of each line of a list; [] where a line has no such two."""
    found = [_LINE.fullmatch(line) for line in lines]
    rows = [(one["image"], one["label"]) for one in found if one is not None and one["label"]]
    return rows if len(rows) == len(lines) else []


def _lines_of(file: Path) -> list[str]:
    """Return the lines of a text that are no remarks and not blank; [] where it cannot be read."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def _without_sign_at_end(lines: Sequence[str]) -> Sequence[str]:
    """Return the lines of a text; where a sign between cells ends each, without this last one."""
    sign = lines[0][-1] if lines else ""
    if sign not in ",;|" or not all(line.endswith(sign) for line in lines):
        return lines
    return [line[:-1].rstrip() for line in lines]


def _sign_of_lines(file: Path) -> str:
    """Return the sign that parts the cells of each line of a list, as often; "" where none does."""
    lines = [one for one in file.read_text(encoding="utf-8-sig").splitlines() if one.strip()]
    for sign in "\t,;|":
        numbers = {line.count(sign) for line in lines}
        has_blanks = any(re.search(rf"[ ]{re.escape(sign)}|{re.escape(sign)}[ ]", x) for x in lines)
        if len(numbers) == 1 and numbers != {0} and not has_blanks:
            return sign
    return ""
