"""Tables of records: in lists at any depth, images with categories, names and their labels.

{"records": [{"file": {"name": "7.jpg"}, "review": {"verdict": "good"}}, …]}

records: file_name,review_verdict
         7.jpg,good
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from podium.competition.infer.files import DataFolder

__all__ = ["cell_of", "tables_of_records"]

_DEEPEST = 4
"""Levels in which lists are looked for."""
_PROBED, _ENOUGH = 200, 0.9


def tables_of_records(folder: DataFolder, content: Any) -> dict[str, pd.DataFrame]:
    """Return the table of records by "", or those of their lists by where they stand; {} without.

    They are one table where they are a list, or name images as keys or in `images`; several where
    other lists lie beside these, as one of classes.

    Args:
        folder: with the images.
        content: of a file, as `content_of` has it.
    """
    lists = {"_".join(path): rows for path, rows in _lists(folder, content)}
    is_annotated = isinstance(content, dict) and "annotations" in content
    rows = _row_an_image(folder, list(_rows(content)))
    if rows and (len(lists) < 2 or is_annotated) and _name_images(folder, rows):
        return {"": _table(rows)}
    found = {name: _row_an_image(folder, rows) for name, rows in lists.items() if name}
    if any(_name_images(folder, one) for one in found.values()):
        return {name: _table(rows) for name, rows in found.items()}
    return {"": _table(rows)} if rows else {}


def _table(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return records as a table; what lies in a record's records has a column of its own."""
    rows = [dict(_flat(row)) for row in rows]
    names = list(dict.fromkeys(name for row in rows for name in row))
    # An empty list is an answer, as no finding is, and no lack of one.
    with_empty = {name for name in names if any(row.get(name) == [] for row in rows)}
    cells = [
        [
            json.dumps(row[name], ensure_ascii=False)
            if name in with_empty and isinstance(row.get(name), list)
            else cell_of(row.get(name))
            for name in names
        ]
        for row in rows
    ]
    return pd.DataFrame(cells, columns=names, dtype=object)


def _flat(row: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
            value = value[0]
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{before}{name}_")
        else:
            yield f"{before}{name}", value


def _lists(
    folder: DataFolder, content: Any, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    """Yield each list of records, or records by image, with the names of what it lies in."""
    if isinstance(content, list) and content and all(isinstance(one, dict) for one in content):
        yield path, content
    elif isinstance(content, dict) and _are_images(folder, list(content)):
        yield path, list(_rows(content))
    elif isinstance(content, dict) and len(path) < _DEEPEST:
        for name, one in content.items():
            yield from _lists(folder, one, (*path, re.sub(r"[^\w.-]+", "_", str(name))))


def _are_images(folder: DataFolder, names: Sequence[str]) -> bool:
    """Return whether most of the first names are those of images."""
    first = names[:_PROBED]
    return bool(first) and sum(bool(folder.named(one)) for one in first) >= _ENOUGH * len(first)


def _name_images(folder: DataFolder, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether values of some field of records name images, in most of the first ones."""
    first = [dict(_flat(row)) for row in rows[:_PROBED]]
    names = {name for row in first for name in row}
    return any(_are_images(folder, [str(row.get(name, "")) for row in first]) for name in names)


def _row_an_image(folder: DataFolder, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a record for each image, where records list several, as those of a study do."""

    def are_images(value: Any) -> bool:
        return (
            isinstance(value, list)
            and bool(value)
            and all(isinstance(one, str) and folder.named(one) for one in value)
        )

    names = {name for row in rows for name in row}
    lists = [name for name in names if all(are_images(row.get(name)) for row in rows)]
    if len(lists) != 1:
        return rows
    [images] = lists
    return [{"image": one, **_without(row, images)} for row in rows for one in row[images]]


def _without(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in (name, "image")}


def _rows(content: Any) -> Iterator[dict[str, Any]]:
    """Yield a row an image."""
    if isinstance(content, list):
        if all(isinstance(one, dict) for one in content):
            yield from content
        return
    if not isinstance(content, dict):
        return
    images = content.get("images")
    if isinstance(images, list) and all(isinstance(one, dict) for one in images):
        yield from _annotated(content, images)
    elif content and all(isinstance(one, str | int | float) for one in content.values()):
        for image, label in content.items():
            yield {"image": image, "label": label}
    elif content and all(isinstance(one, dict) for one in content.values()):
        for image, facts in content.items():
            yield {"image": image, **facts}


def _annotated(
    content: Mapping[str, Any], images: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Yield the images with the names of their categories; nothing where these are of objects."""
    annotations = content.get("annotations") or []
    if not isinstance(annotations, list) or any(not isinstance(x, dict) for x in annotations):
        return
    if any("bbox" in one or "segmentation" in one for one in annotations):
        return
    names = {one.get("id"): one.get("name") for one in content.get("categories") or []}
    labels: dict[Any, list[str]] = defaultdict(list)
    for one in annotations:
        number = one.get("category_id")
        labels[one.get("image_id")].append(cell_of(names.get(number, number)))
    several = any(len(each) > 1 for each in labels.values())
    for image in images:
        facts = {name: value for name, value in image.items() if not isinstance(value, list)}
        found = labels.get(image.get("id"), [])
        label = {"label": (";" if several else "").join(found)} if annotations else {}
        yield {**facts, **label}


def cell_of(value: Any) -> str:
    """Return a value as the cell of a table: "" for none, several of a list between semicolons."""
    if value is None:
        return ""
    return ";".join(map(str, value)) if isinstance(value, list) else str(value)
