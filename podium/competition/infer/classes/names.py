"""Lists of classes that come with the data: tables, texts and JSON that name values or colours.

classes.csv         0,sky / 1,tree           a number each
legend.json         {"sky": [0, 0, 255]}     a colour each
labels.txt          sky / tree               in order
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd

from podium.competition.ids.patterns import is_image
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.files import DataFolder
from podium.competition.infer.masks.values import ClassNames
from podium.competition.infer.readme.pixel_values import readme_pixel_values
from podium.competition.languages import is_called
from podium.competition.spelling import name_words

__all__ = [
    "colour_of",
    "colours_of_table",
    "find_class_names",
    "is_class_list",
    "name_column",
    "names_colours",
]

_MOST_VALUES = 255
_LARGEST = 1_000_000  # bytes of JSON that may list classes
_COLOUR_LINE = re.compile(r"(\d{1,3})[\s,;]+(\d{1,3})[\s,;]+(\d{1,3})")
_NUMBER_FIRST = re.compile(r"(?P<n>-?\d{1,3})\s*[:,;=.)\t ]\s*(?P<name>\D.{0,59})")
_NUMBER_LAST = re.compile(r"(?P<name>.{0,59}[^\d\s:,;=-])\s*[:,;=\t ]\s*(?P<n>-?\d{1,3})")
_JSON_LISTS = frozenset({"config", "info", "map", "mapping", "meta", "metadata"})
_NAME_COLUMNS = ("name", "class", "label", "nom", "nombre", "nome", "klasse", "classe", "clase")
_COLOUR_COLUMNS = (
    ("r", "g", "b"), ("red", "green", "blue"), ("color",), ("colour",), ("hex",), ("rgb",),
)  # fmt: skip
_JSON_COLOURS = ("color", "colour", "rgb", "hex")
_NUMBERS = ("id", "value", "index", "number", "pixel")
_HEX = re.compile(r"#[0-9A-Fa-f]{6}")


def is_class_list(path: str, table: pd.DataFrame) -> bool:
    """Return whether a table names classes: called so, and each name stands once."""
    called = is_called(path.rpartition("/")[2], "class list", "colour list")
    name = (_columns_and_name(table)[1] or _only_words(table)) if called else None
    return name is not None and bool(table[name].is_unique)


def _lists_names(path: str) -> bool:
    """Return whether a file is called a list of classes."""
    name = path.rpartition("/")[2]
    return is_called(name, "class list") or not _LABELS.isdisjoint(name_words(name))


def _lists_names_or_colours(path: str) -> bool:
    """Return whether a file is called a list of classes, or of their colours."""
    return _lists_names(path) or is_called(path.rpartition("/")[2], "colour list")


_LABELS = frozenset({"label", "labels"})


def _columns_and_name(table: pd.DataFrame) -> tuple[dict[str, str], str | None]:
    """Return the columns by their names in lower case, and the one that names a class."""
    columns = {str(column).strip().lower(): str(column) for column in table.columns}
    return columns, next((columns[one] for one in _NAME_COLUMNS if one in columns), None)


def _three_of_bytes(table: pd.DataFrame) -> list[tuple[str, ...]]:
    """Return the columns of numbers up to 255, in small letters, if they are three; else [].

    Of four, one may be called the number of the class.
    """
    found = [
        str(column).strip().lower()
        for column in table.columns
        if table[column].str.fullmatch(r"\d{1,3}").all()
        and pd.to_numeric(table[column]).le(_MOST_VALUES).all()
    ]
    if len(found) > len("rgb"):
        found = [one for one in found if one not in _NUMBERS]
    return [tuple(found)] if len(found) == len("rgb") else []


def _only_words(table: pd.DataFrame) -> str | None:
    """Return the one column of words, each once, whatever it is called; None where several are."""
    found = _columns_of_words(table)
    return found[0] if len(found) == 1 else None


def _columns_of_words(table: pd.DataFrame) -> list[str]:
    """Return the columns of words, each of which stands once."""
    return [
        str(column)
        for column in table.columns
        if table[column].is_unique and table[column].str.contains(r"[^\W\d_]{2}").all()
        if not table[column].str.fullmatch(_HEX).any()
    ]


def find_class_names(data: CompetitionData) -> ClassNames | None:
    """Return the names of classes in a table (`name,r,g,b` or `id,name`), a text file or JSON."""
    folder = data.folder
    of_tables = (_of_table(path, table) for path, table in data.tables.items())
    texts = (path for path in folder.texts if not _names_images(folder, path))
    of_texts = (_of_text(path, folder.path / path) for path in texts)
    of_jsons = (_of_json(path, folder.path / path) for path in folder.jsons)
    of_readme = map(_of_readme, [folder])
    # None is read behind the first that names some.
    every = chain(of_tables, of_texts, of_jsons, of_readme)
    return next((found for found in every if found is not None), None)


def _of_readme(folder: DataFolder) -> ClassNames | None:
    found = readme_pixel_values(folder)
    if found is None:
        return None
    path, named = found
    return ClassNames(path, named=dict[int | str, str](named.items()))


def _of_table(path: str, table: pd.DataFrame) -> ClassNames | None:
    _, name = _columns_and_name(table)
    if name is None and _lists_names_or_colours(path):
        name = _only_words(table)
    if name is None or table[name].map(is_image).all():
        return None
    named, channels = colours_of_table(table, name)
    if named:
        return ClassNames(
            path, named=named, numbers=_numbers_beside(table.drop(columns=channels), name)
        )
    number = _number_column(path, table)
    if number is None or number == name:
        return None
    pairs = zip(table[number], table[name], strict=True)
    return ClassNames(path, named={int(n): str(text) for n, text in pairs})


def colours_of_table(table: pd.DataFrame, name: str) -> tuple[dict[int | str, str], list[str]]:
    """Return the name of each colour in a table, and the columns of the colours; {} without these.

    Columns are called colours, or all their cells are such, whatever they are called.

    Args:
        table: of texts.
        name: the column of the names.
    """
    if not 2 <= len(table) <= _MOST_VALUES:
        return {}, []
    columns, _ = _columns_and_name(table)
    of_colours = [(key,) for key, one in columns.items() if table[one].map(colour_of).all()]
    for channels in (*_COLOUR_COLUMNS, *_three_of_bytes(table), *of_colours):
        if set(channels) <= set(columns):
            used = [columns[one] for one in channels]
            cells = zip(*(table[one] for one in used), strict=True)
            named = _each_once([colour_of(" ".join(row)) for row in cells], list(table[name]))
            if named:
                return named, used
    return {}, []


def name_column(table: pd.DataFrame) -> str | None:
    """Return the column that names classes: one called so, or the first of words, each once."""
    _, name = _columns_and_name(table)
    return name or next(iter(_columns_of_words(table)), None)


def _numbers_beside(table: pd.DataFrame, name: str) -> dict[str, int]:
    """Return the number of each class in a column that is called so, or {}.

    Else in the only column of numbers that ascend from 0 or 1, by any name.
    """
    numbered = {
        str(one).strip().lower(): str(one)
        for one in table
        if table[one].is_unique and table[one].str.fullmatch(r"\d{1,3}").all()
    }
    called = [numbered[one] for one in _NUMBERS if one in numbered]
    found = called or (list(numbered.values()) if len(numbered) == 1 else [])
    if not called and found:
        values = [int(cell) for cell in table[found[0]]]
        found = found if values[0] <= 1 and values == sorted(values) else []
    if not found:
        return {}
    return {str(text): int(n) for n, text in zip(table[found[0]], table[name], strict=True)}


def _of_text(path: str, file: Path) -> ClassNames | None:
    if not _lists_names_or_colours(path):
        return None
    lines = _lines(file)
    named = _named_colours(lines) or (_numbered_names(lines) if _lists_names(path) else {})
    if named:
        return ClassNames(path, named=named)
    listed = _listed_names(lines) if _lists_names(path) else ()
    return ClassNames(path, listed=listed) if listed else None


def _names_images(folder: DataFolder, path: str) -> bool:
    """Return whether most lines of a text begin with the name of an image: `ADE_1 street`."""
    if not _lists_names_or_colours(path):
        return False
    firsts = [line.split()[0] for line in _lines(folder.path / path) if line.split()]
    named = [one for one in firsts if one in folder.by_last_name and not one.isdecimal()]
    return 2 * len(named) > len(firsts)


def _of_json(path: str, file: Path) -> ClassNames | None:
    """Return the names of colours in JSON; of numbers and in order, where it is called a list."""
    is_list = _lists_names_or_colours(path)
    parts = _parts_of_json(path, file)
    for part in parts:
        pairs = _name_pairs(part)
        names = [name for name, _ in pairs]
        named = _each_once([colour_of(key) for _, key in pairs], names)
        if not named and is_list and len(set(names)) == len(names):
            named = _each_once([_number_of(key) for _, key in pairs], names)
        if named:
            return ClassNames(path, named=named)
    for part in parts:
        are_names = isinstance(part, list) and all(isinstance(one, str) for one in part)
        if is_list and are_names and (listed := _listed_names(part)):
            return ClassNames(path, listed=listed)
    return None


def names_colours(path: str, file: Path) -> bool:
    """Return whether JSON names colours, so that it is no table of images."""
    found = _of_json(path, file)
    return found is not None and any(isinstance(one, str) for one in found.named)


def _parts_of_json(path: str, file: Path) -> list[Any]:
    """Return the content of JSON that is called after classes, and each of its values; or []."""
    words = set(name_words(path.rpartition("/")[2]))
    is_list = _lists_names_or_colours(path) or bool(_JSON_LISTS & words)
    is_named = is_list and path.endswith(".json")
    if not is_named or file.stat().st_size > _LARGEST:
        return []
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return []
    return [content, *(content.values() if isinstance(content, dict) else ())]


def _name_pairs(content: object) -> list[tuple[str, object]]:
    """Return the names in JSON, each with the colour or number that stands with it."""
    if isinstance(content, dict):
        pairs = list(content.items())
        if pairs and all(isinstance(value, str) and not colour_of(value) for _, value in pairs):
            return [(value, key) for key, value in pairs]
        return pairs
    if not isinstance(content, list) or not all(isinstance(one, dict) for one in content):
        return []
    found = []
    for one in content:
        names = [one[key] for key in _NAME_COLUMNS if isinstance(one.get(key), str)]
        keys = [one[key] for key in (*_JSON_COLOURS, *_NUMBERS) if key in one]
        if not names or not keys:
            return []
        found.append((names[0], keys[0]))
    return found


def _each_once(keys: Sequence[int | str | None], names: Sequence[str]) -> dict[int | str, str]:
    """Return the name of each key, where there are two or more and none is lacking; else {}."""
    if None in keys or len(set(keys)) < len(keys) or not 2 <= len(keys) <= _MOST_VALUES:
        return {}
    return {key: str(name) for key, name in zip(keys, names, strict=True) if key is not None}


def colour_of(value: object) -> str | None:
    """Return a colour as `#rrggbb`: of such a text, of `135 206 235`, or of three numbers."""
    if isinstance(value, list):
        value = " ".join(map(str, value[:3])) if 3 <= len(value) <= 4 else None
    if not isinstance(value, str):
        return None
    if _HEX.fullmatch(value.strip()):
        return value.strip().lower()
    numbers = _COLOUR_LINE.fullmatch(value.strip(" ()[]"))
    if numbers is None or max(map(int, numbers.groups())) > _MOST_VALUES:
        return None
    red, green, blue = map(int, numbers.groups())
    return f"#{red:02x}{green:02x}{blue:02x}"


def _number_of(value: object) -> int | None:
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,3}", value):
        return int(value)
    is_small = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1000
    return int(value) if is_small and isinstance(value, int) else None


def _numbered_names(lines: Sequence[str]) -> dict[int | str, str]:
    """Return the name of each number of lines as `0 sky`, `-1: unknown` or `sky 0`, or {}."""
    for pattern in (_NUMBER_FIRST, _NUMBER_LAST):
        found = [pattern.fullmatch(line) for line in lines]
        named: dict[int | str, str] = {int(one["n"]): one["name"] for one in found if one}
        if 2 <= len(named) == len(lines) <= _MOST_VALUES and len({*named.values()}) == len(named):
            return named
    return {}


def _named_colours(lines: Sequence[str]) -> dict[int | str, str]:
    """Return the name of each colour of lines as `255 0 0 building` or `building: #ff0000`."""
    named: dict[int | str, str] = {}
    for line in lines:
        found = _HEX.search(line) or _COLOUR_LINE.search(line)
        if found is None and line.startswith(("#", "//")):
            continue  # a heading
        colour = None if found is None else colour_of(found[0])
        name = (
            "" if found is None else (line[: found.start()] + line[found.end() :]).strip(" \t,;:=")
        )
        if colour is None or not name:
            return {}
        named[colour] = name
    numbered = {key: _NUMBER_FIRST.fullmatch(name) for key, name in named.items()}
    plain = {key: one["name"] for key, one in numbered.items() if one is not None}
    if len(plain) == len(named) and len({one["n"] for one in numbered.values() if one}) == len(
        named
    ):
        return plain  # `1 dirt 108 64 20`
    return named


def _number_column(path: str, table: pd.DataFrame) -> str | None:
    is_list = _lists_names_or_colours(path) and 2 <= len(table) <= _MOST_VALUES
    if not is_list:
        return None
    for column in table.columns:
        cells = table[column]
        if cells.str.fullmatch(r"-?\d{1,3}").all() and cells.is_unique:
            return str(column)
    return None


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return []
    return [line.strip() for line in text.splitlines() if line.strip()]


def _listed_names(lines: Sequence[str]) -> tuple[str, ...]:
    lines = [re.sub(r"^\d+\s*[:,;\t ]\s*", "", line).strip() for line in lines]
    lines = [line for line in lines if line]
    is_list = 2 <= len(lines) <= _MOST_VALUES and all(len(line) <= 60 for line in lines)
    return tuple(lines) if is_list and len(set(lines)) == len(lines) else ()
