"""Tables whose ids and numbers have digits of other scripts: `۰۰۱۲` for 0012, `۶۲٫۵` for 62.5."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from podium.competition.digits import DECIMAL_SIGNS, ascii_digits, ascii_number, digits_of, zeros_of
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.files import DataFolder
from podium.competition.infer.ids.paths import names_units
from podium.competition.infer.image_tables import names_images
from podium.errors import plural

__all__ = ["OtherDigits", "in_ascii_digits"]

_MOST_SHOWN = 4
_MARKS = re.compile("[\u200e\u200f\u061c]")  # of the direction of a text: they are not seen
_NUMBERS = re.compile(r"[+＋\-−－]?[٫.．]?\d[\d٬٫.,،，．/／:：\-−－ ]*(?P<unit>\D*)")
_THOUSANDS = re.compile(r"(?P<sign>[+＋\-−－]?)(?P<whole>\d{1,3}(?:٬\d{3})+)(?P<rest>(?!٬)\D.*|)")
_NO_NUMBER = re.compile(r"[+-]?\d+[/٬]\d+")  # a slash may mark fractions, or part of a date
_OTHER_SIGNS = {"−": "-", "－": "-", "＋": "+", "،": ",", "，": ",", "／": "/", "：": ":"}
_SIGNS = str.maketrans(_OTHER_SIGNS)


class OtherDigits(NamedTuple):
    """A table with digits of ASCII, and what its columns had.

    Attributes:
        table: its cells.
        zeros: the 0 of the digits of a column whose cells are written back by it.
        decimal: the sign before fractions, where it is none of ASCII; "" without.
        lost: columns whose cells cannot be written back so, each with a cell.
        reader: of which columns, with a cell of each.
    """

    table: pd.DataFrame
    zeros: tuple[tuple[str, str], ...]
    decimal: str
    lost: Mapping[str, str]
    reader: str


def in_ascii_digits(data: CompetitionData) -> dict[str, OtherDigits]:
    """Return the tables with digits of other scripts in numbers, or in names of images.

    A column is read alike in every table that has it. One whose cells name images or other columns
    as they are, and one of words, keep their digits.
    """
    tables = data.tables
    called = {str(name) for table in tables.values() for name in table.columns}
    others = {
        str(name): None
        for table in tables.values()
        for name in table.columns
        if not _has_ascii_digits(table[name])
    }
    numbers: dict[str, bool] = {}
    for name in others:
        parts = [table[name] for table in tables.values() if name in table.columns]
        cells = pd.concat(parts, ignore_index=True).drop_duplicates()
        cells = cells[cells.str.contains(r"\d", regex=True)]
        if set(cells) <= called:
            continue
        if _name(data.folder, cells):
            continue
        if _are_numbers(cells):
            numbers[name] = True
        elif any(_name(data.folder, one.map(ascii_digits)) for one in parts):
            numbers[name] = False
    found = {}
    for path, table in tables.items():
        own = {name: numbers[name] for name in map(str, table.columns) if name in numbers}
        if any(not _has_ascii_digits(table[name]) for name in own):
            found[path] = _read(table, own)
    return found


def _has_ascii_digits(cells: pd.Series[str]) -> bool:
    # Of most tables, which may be large, the first look is all.
    return all(map(str.isascii, cells)) or all(cell == ascii_digits(cell) for cell in cells)


def _name(folder: DataFolder, cells: pd.Series[str]) -> bool:
    """Return whether cells name images, or units of them."""
    return names_images(folder, cells.to_frame()) or names_units(folder, cells)


def _are_numbers(cells: pd.Series[str]) -> bool:
    """Return whether all cells are numbers, dates or ranges of them, with one unit or none.

    What has a word behind it is a number where fractions show it, and else may be a name.
    """
    found = [_NUMBERS.fullmatch(_MARKS.sub("", cell)) for cell in cells]
    units = {"" if one is None else one["unit"].strip() for one in found} - {""}
    has_word = any(map(str.isalpha, "".join(units)))
    has_fractions = cells.str.contains(r"\d[٫.．]\d", regex=True).any()
    return None not in found and len(units) < 2 and (not has_word or bool(has_fractions))


def _read(table: pd.DataFrame, columns: Mapping[str, bool]) -> OtherDigits:
    """Return a table with the digits of columns as those of ASCII.

    Args:
        columns: those to read, each with whether it holds numbers.
    """
    made = table.copy()
    zeros: list[tuple[str, str]] = []
    lost: dict[str, str] = {}
    shown: list[str] = []
    decimal = ""
    for name, are_numbers in columns.items():
        cells = table[name]
        if _has_ascii_digits(cells):
            continue
        made[name] = cells.map(_number if are_numbers else ascii_digits)
        signs = [one for one in DECIMAL_SIGNS if are_numbers and cells.str.contains(one).any()]
        sign = signs[0] if signs else "."
        decimal = sign if signs else decimal
        of_scripts = zeros_of(cells)
        zero = min(of_scripts, key=lambda one: (one == "0", one))
        back = [digits_of(zero, cell) for cell in made[name]]
        if are_numbers:
            back = [cell.replace(".", sign) for cell in back]
        changed = [cell for cell, again in zip(cells, back, strict=True) if cell != again]
        if changed:
            lost[name] = changed[0]
        else:
            zeros.append((name, zero))
        others = [cell for cell in cells if cell != ascii_digits(cell)]
        example = next((cell for cell in others if sign in cell), others[0])
        after = _number(example) if are_numbers else ascii_digits(example)
        odd = next((cell for cell in made[name] if _NO_NUMBER.fullmatch(cell)), "")
        text = f", and {odd} is text, not a number" if odd else ""
        shown.append(f"{name} ({example!r} is {after}{text})")
    more = len(shown) - _MOST_SHOWN
    rest = f" and {plural(more, 'more column')}" if more > 0 else ""
    reader = f"digits of other scripts in {', '.join(shown[:_MOST_SHOWN])}{rest}"
    return OtherDigits(made, tuple(zeros), decimal, lost, reader)


def _number(cell: str) -> str:
    """Return a number in the signs of ASCII; thousands count where each part has three digits."""
    cell = _MARKS.sub("", cell)
    whole = _THOUSANDS.fullmatch(cell)
    if whole is not None:
        cell = whole["sign"] + whole["whole"].replace("٬", "") + whole["rest"]
    return ascii_number(cell).translate(_SIGNS)
