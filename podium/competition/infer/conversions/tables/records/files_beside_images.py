"""Labels in a file beside each image: a line, lines of a name and a value, or JSON.

train/7.png  train/7.txt      oak
train/8.png  train/8.txt      species: oak
train/9.png  train/9.json     {"species": "oak", "place": {"height": 7}}
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from podium.competition.ids.patterns import is_image
from podium.competition.infer.conversions.tables.dialects.spreadsheets import decimals_as_points
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.conversions.tables.records.nested_records import cell_of, flat_record
from podium.competition.infer.conversions.tables.records.records_an_image import first_record
from podium.competition.infer.files import DataFolder
from podium.competition.infer.shares import NEARLY_ALL
from podium.errors import some

__all__ = ["beside_images", "fields_beside_images", "fields_of_images"]


_LONGEST = 10_000  # bytes of the label of one image
_MOST_WORDS = 4  # of a label; five are the numbers of a box
_MOST_FIELDS = 12  # of a line: a longer one is a text
_MOST_SHOWN = 30  # letters of a cell


def beside_images(folder: DataFolder, asked: Sequence[str]) -> MadeTable | None:
    """Return the labels that a file beside each image of train holds: a line, or JSON.

    JSON with objects inside, which may be boxes, is a table where it has what is asked for.
    """
    for paths, read in (
        (folder.texts, _of_line),
        (folder.texts, _of_keys),
        (folder.jsons, _of_fields),
        (folder.jsons, _of_nested_fields),
    ):
        made = _read_beside(folder, paths, read)
        if made is None:
            continue
        if read is _of_keys:  # as a person wrote them
            pointed = decimals_as_points(made.table)
            if pointed:
                reader = f"{made.reader}, with decimal commas in {some(pointed)}"
                made = made._replace(reader=reader)
        if read is _of_nested_fields:
            table = _with_names_of_sample(made.table, asked)
            if not _has_columns_to_send(table, asked):
                continue
            made = made._replace(table=table)
        return made
    return None


def fields_of_images(folder: DataFolder) -> MadeTable | None:
    """Return a row an image of train with the fields of its JSON, without lists; or None."""
    return _read_beside(folder, folder.jsons, _of_plain_fields)


def fields_beside_images(folder: DataFolder) -> str:
    """Return which fields the records of images have, a file each, of the first; "" without."""
    stems = {image.path.rpartition(".")[0] for image in folder.images}
    for path in folder.jsons:
        fields = _of_nested_fields(folder.path / path) if path.rpartition(".")[0] in stems else None
        if fields:
            return _fields_note(path, fields)
    record = first_record(folder)
    return "" if record is None else _fields_note(*record)


def _read_beside(
    folder: DataFolder, paths: Sequence[str], read: Callable[[Path], dict[str, str] | None]
) -> MadeTable | None:
    """Return a row for each image of train with what is read of the file beside it.

    None where many images have no such file, or one cannot be read so.
    """
    images = {
        image.path.rpartition(".")[0]: image.path
        for image in folder.images
        if image.part in ("train", "other")
    }
    sources = [path for path in paths if path.rpartition(".")[0] in images]
    places = {path.rpartition("/")[0] for path in sources}
    n = sum(path.rpartition("/")[0] in places for path in images)
    if not sources or len(sources) < NEARLY_ALL * n:
        return None
    rows = []
    for path in sources:
        row = read(folder.path / path)
        if row is None:
            return None
        rows.append({"image": images[path.rpartition(".")[0]], **row})
    table = pd.DataFrame(rows, dtype=object).fillna("")
    reader = f"the {len(rows):,} {Path(sources[0]).suffix} files beside the images"
    return MadeTable(tuple(sources), reader, table)


def _of_line(file: Path) -> dict[str, str] | None:
    """Return the only line of a text, if it is no box: a label."""
    try:
        lines = file.read_text(encoding="utf-8-sig").split("\n") if _is_short(file) else []
    except (OSError, UnicodeDecodeError):
        return None
    lines = [line.strip() for line in lines if line.strip()]
    if len(lines) != 1 or len(lines[0].split()) > _MOST_WORDS:
        return None
    return {"label": _behind_own_name(file, lines[0])}


def _behind_own_name(file: Path, line: str) -> str:
    """Return what stands behind the name of the image that a text is of, or the whole line.

    Example:
        >>> _behind_own_name(Path("train/img_1.txt"), "img_1.jpg, 37")
        '37'
    """
    found = re.fullmatch(r"(?P<name>.+?)\s*[,;:\t]\s*(?P<rest>\S.*)", line)
    if found is None or not is_image(found["name"]):
        return line
    own = Path(found["name"].replace("\\", "/")).stem
    return found["rest"] if own == file.stem else line


_KEY = re.compile(r"(\w[^:=]{0,60}?)\s*[:=]\s*(.*)")


def _of_keys(file: Path) -> dict[str, str] | None:
    """Return what the lines of a text have behind names: `species: oak`; else None."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines() if _is_short(file) else []
    except (OSError, UnicodeDecodeError):
        return None
    found = [_KEY.fullmatch(line.strip()) for line in lines if line.strip()]
    if not found or None in found:
        return None
    fields = {one[1]: one[2].strip() for one in found if one is not None}
    return fields if len(fields) == len(found) else None


def _of_fields(file: Path) -> dict[str, str] | None:
    """Return the fields of a JSON that has no lists and no objects inside; else None."""
    content = _object_in(file)
    if content is None or any(isinstance(one, dict | list) for one in content.values()):
        return None
    return {str(name): cell_of(value) for name, value in content.items()}


def _of_nested_fields(file: Path) -> dict[str, str] | None:
    """Return the fields of a JSON with those of the objects in it; None where it has lists."""
    fields = _flat_fields(file)
    if not fields or any(isinstance(one, dict | list) for one in fields.values()):
        return None
    return {name: cell_of(value) for name, value in fields.items()}


def _of_plain_fields(file: Path) -> dict[str, str] | None:
    """Return the fields of a JSON with those of the objects in it, without lists; else None."""
    plain = {
        name: cell_of(one)
        for name, one in _flat_fields(file).items()
        if not isinstance(one, dict | list)
    }
    return plain or None


def _flat_fields(file: Path) -> dict[str, Any]:
    """Return what the fields of a JSON hold, and those of the objects in it; {} of others."""
    return flat_record(_object_in(file) or {})


def _object_in(file: Path) -> dict[str, Any] | None:
    """Return the object that a short JSON is; None of others."""
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig")) if _is_short(file) else None
    except (OSError, ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _with_names_of_sample(table: pd.DataFrame, asked: Sequence[str]) -> pd.DataFrame:
    """Return a table with `reading_level`, or `level_value`, called `level`, if this is asked for.

    Where several fields end so, none of them is.
    """
    names = {}
    for one in asked:
        ends = [name for name in map(str, table) if name.endswith(f"_{one}")]
        found = ends or [name for name in map(str, table) if name == f"{one}_value"]
        if one not in table and len(found) == 1:
            names[found[0]] = one
    return table.rename(columns=names)


def _has_columns_to_send(table: pd.DataFrame, asked: Sequence[str]) -> bool:
    """Return whether a table has all columns that are asked for, or one with them as values."""
    if not asked or {*asked} <= {*table}:
        return bool(asked)
    return len(asked) > 1 and any({*table[one]} == {*asked} for one in table)


def _fields_note(path: str, fields: Mapping[str, str]) -> str:
    told = [f"{name} {cell[:_MOST_SHOWN]!r}" for name, cell in fields.items()]
    return f"{path} has the fields {', '.join(told[:_MOST_FIELDS])}"


def _is_short(file: Path) -> bool:
    return file.stat().st_size < _LONGEST
