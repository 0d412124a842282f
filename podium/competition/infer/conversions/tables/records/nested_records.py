"""Tables of records: in lists at any depth, images with categories, names and their labels.

{"records": [{"file": {"name": "7.jpg"}, "review": {"verdict": "good"}}, …]}

records: file_name,review_verdict
         7.jpg,good
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import pandas as pd

from podium.competition.infer.files import DataFolder
from podium.competition.infer.shares import NEARLY_ALL
from podium.competition.languages import is_called

__all__ = ["cell_of", "flat_record", "tables_of_records"]

_DEEPEST = 4
"""Levels in which lists are looked for."""
_PROBED = 200
_FEWEST_RECORDS = 3
"""Fewer under keys may be parts of the data."""
_LINKED = 0.5
"""The least share of annotations that are of an image of the list."""


def tables_of_records(
    folder: DataFolder, content: Any, sent: AbstractSet[str] = frozenset()
) -> dict[str, pd.DataFrame]:
    """Return the table of records by "", or those of their lists by where they stand; {} without.

    They are one table where they are a list, or name images as keys or in `images`; several where
    other lists lie beside these, as one of classes.

    Args:
        content: of a file, as `content_of` has it.
        sent: what cells of the sample submission list, where they hold answers of one column.
    """
    lists = {"_".join(path): rows for path, rows in _lists(folder, content)}
    is_annotated = isinstance(content, dict) and "annotations" in content
    rows = _row_an_image(folder, list(_rows(content, sent)))
    if rows and (len(lists) < 2 or is_annotated) and _name_images(folder, rows):
        return {"": _table(rows)}
    found = {name: _row_an_image(folder, rows) for name, rows in lists.items() if name}
    if any(_name_images(folder, one) for one in found.values()):
        return {name: _table(rows) for name, rows in found.items()}
    # The files of the one list may be named as on another machine, or by none of its fields.
    rows = rows or (next(iter(found.values())) if len(found) == 1 else [])
    return {"": _table(rows)} if rows else {}


def _table(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return records as a table; what lies in a record's records has a column of its own."""
    rows = [flat_record(row) for row in rows]
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


def flat_record(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record with the fields of the records in it, whose names follow those of these.

    Example:
        >>> flat_record({"tank": "T05", "reading": {"level": 12.3}})
        {'tank': 'T05', 'reading_level': 12.3}
    """
    return dict(_flat(row))


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
    elif isinstance(content, dict) and (
        _are_images(folder, list(content)) or _are_records_by_key(folder, content)
    ):
        yield path, list(_rows(content))
    elif isinstance(content, dict) and len(path) < _DEEPEST:
        for name, one in content.items():
            yield from _lists(folder, one, (*path, re.sub(r"[^\w.-]+", "_", str(name))))


def _are_records_by_key(folder: DataFolder, content: Mapping[str, Any]) -> bool:
    """Return whether values are records by any keys, each with the name of its image."""
    rows = list(content.values())
    are_records = len(rows) >= _FEWEST_RECORDS and all(isinstance(one, dict) for one in rows)
    return are_records and _name_images(folder, rows)


def _are_images(folder: DataFolder, names: Sequence[str]) -> bool:
    """Return whether most of the first names are those of images."""
    first = names[:_PROBED]
    return bool(first) and sum(bool(folder.named(one)) for one in first) >= NEARLY_ALL * len(first)


def _name_images(folder: DataFolder, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether values of some field of records name images, in most of the first ones."""
    first = [flat_record(row) for row in rows[:_PROBED]]
    names = {name for row in first for name in row}
    return any(_are_images(folder, [str(row.get(name, "")) for row in first]) for name in names)


def _row_an_image(folder: DataFolder, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a record for each image, where records list several, as those of a study do."""
    names = {name for row in rows for name in row}
    lists = [name for name in names if all(_images_in(folder, name, row.get(name)) for row in rows)]
    if len(lists) != 1:
        return rows
    [images] = lists
    return [
        {**one, **_without(row, images)}
        for row in rows
        for one in _images_in(folder, images, row[images])
    ]


def _images_in(folder: DataFolder, name: str, value: Any) -> list[dict[str, Any]]:
    """Return a record for each image of a list of names, or of records with a name; [] of others.

    Args:
        name: of the field, before which the further fields of its records stand.
        value: of the field.
    """
    if not isinstance(value, list) or not value:
        return []
    if all(isinstance(one, str) and folder.named(one) for one in value):
        return [{"image": one} for one in value]
    if not all(isinstance(one, dict) for one in value):
        return []
    files = [
        key
        for key in value[0]
        if all(isinstance(one.get(key), str) and folder.named(one[key]) for one in value)
    ]
    if len(files) != 1:
        return []
    [file] = files
    return [
        {"image": one[file]} | {f"{name}_{key}": one[key] for key in one if key != file}
        for one in value
    ]


def _without(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in (name, "image")}


def _rows(content: Any, sent: AbstractSet[str] = frozenset()) -> Iterator[dict[str, Any]]:
    """Yield a row an image."""
    if isinstance(content, list):
        if all(isinstance(one, dict) for one in content):
            yield from content
        return
    if not isinstance(content, dict):
        return
    images = content.get("images")
    if isinstance(images, list) and images and all(isinstance(one, dict) for one in images):
        yield from _annotated(content, images, sent)
    elif content and all(isinstance(one, str | int | float) for one in content.values()):
        for image, label in content.items():
            yield {"image": image, "label": label}
    elif content and all(isinstance(one, dict) for one in content.values()):
        for image, facts in content.items():
            yield {"image": image, **facts}


def _annotated(
    content: Mapping[str, Any], images: list[dict[str, Any]], sent: AbstractSet[str]
) -> Iterator[dict[str, Any]]:
    """Yield the images with their categories; nothing where these are of objects.

    Keys may be called anything: those join whose values match, as `image_id` of annotations and
    `id`, or `image_id`, of images. Categories stand there by name, or by number where the sample
    has numbers of theirs. Where nothing is called as a label, all that is annotated stands there.
    """
    annotations = content.get("annotations") or []
    if not isinstance(annotations, list) or any(not isinstance(x, dict) for x in annotations):
        return
    if any("bbox" in one or "segmentation" in one for one in annotations):
        return
    facts = [
        {name: value for name, value in image.items() if not isinstance(value, list)}
        for image in images
    ]
    link = _link(annotations, images)
    if link is None:
        yield from facts
        return
    of_annotation, of_image = link
    of_each: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in annotations:
        of_each[str(one.get(of_annotation))].append(one)
    rows = [(image, of_each.get(str(image[of_image]), [])) for image in facts]
    key = _label_key(annotations, of_annotation)
    if key is None:
        is_one_each = all(len(found) <= 1 for _, found in rows)
        for image, found in rows:
            yield {**(found[0] if is_one_each and found else {}), **image}
        return
    names = _names_of_classes(
        content, key, {cell for one in annotations for cell in _cells(one, key)}
    )
    if sent and sent <= names.keys() and not sent <= set(names.values()):
        names = {number: number for number in names}
    labels = [[names[cell] for one in found for cell in _cells(one, key)] for _, found in rows]
    several = any(len(each) > 1 for each in labels)
    for (image, _), each in zip(rows, labels, strict=True):
        yield {**image, "label": (";" if several else "").join(each)}


def _link(
    annotations: Sequence[Mapping[str, Any]], images: Sequence[Mapping[str, Any]]
) -> tuple[str, str] | None:
    """Return the key of annotations whose values are those of a key of images, and that; or None.

    Where several are, the one that is called after images is it, else the one of most images.
    """
    found = []
    own = {key for key in images[0] if all(_is_plain(one.get(key)) for one in images)}
    for of_image in sorted(own):
        known = {str(one[of_image]) for one in images}
        if len(known) < len(images):
            continue
        for of_annotation in dict.fromkeys(key for one in annotations for key in one):
            values = [
                str(one[of_annotation]) for one in annotations if _is_plain(one.get(of_annotation))
            ]
            share = sum(value in known for value in values) / len(annotations)
            if share >= _LINKED:
                called = is_called(of_annotation, "image")
                found.append((called, share, len(set(values)), of_annotation, of_image))
    return max(found)[3:] if found else None


def _label_key(annotations: Sequence[Mapping[str, Any]], link: str) -> str | None:
    """Return the key of annotations that is called as labels are; None without one, or of two."""
    keys = dict.fromkeys(key for one in annotations for key in one if key != link)
    called = [key for key in keys if is_called(key, "label")]
    usual = [key for key in called if key == "category_id"]
    called = usual or called
    return called[0] if len(called) == 1 else None


def _names_of_classes(
    content: Mapping[str, Any], key: str, cells: Collection[str]
) -> dict[str, str]:
    """Return the name of each class by what annotations call it: itself, where no list has it."""
    lists = sorted(content, key=lambda name: name != "categories")
    for name in lists:
        rows = content[name]
        is_list = isinstance(rows, list) and rows and all(isinstance(one, dict) for one in rows)
        is_of_classes = is_called(name, "label", "class list")
        if not is_list or name in ("annotations", "images") or not is_of_classes:
            continue
        for number in dict.fromkeys((key, "id", *rows[0])):
            numbers = [str(one.get(number)) for one in rows]
            if len(set(numbers)) == len(rows) and set(cells) <= set(numbers):
                return dict(zip(numbers, _names(rows, number), strict=True))
    return {cell: cell for cell in cells}


def _names(rows: Sequence[Mapping[str, Any]], number: str) -> list[str]:
    """Return what classes are called: `name`, or the first field that is words, another in each."""
    fields = [key for key in dict.fromkeys(("name", *rows[0])) if key != number]
    for field in fields:
        names = [one.get(field) for one in rows]
        are_words = all(isinstance(one, str) and one for one in names)
        if are_words and (field == "name" or len(set(names)) == len(rows)):
            return [str(one) for one in names]
    return [str(one[number]) for one in rows]


def _cells(annotation: Mapping[str, Any], key: str) -> list[str]:
    value = annotation.get(key)
    values = value if isinstance(value, list) else [] if value is None else [value]
    return [cell_of(one) for one in values]


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def cell_of(value: Any) -> str:
    """Return a value as the cell of a table: "" for none, several of a list between semicolons."""
    if value is None:
        return ""
    return ";".join(map(str, value)) if isinstance(value, list) else str(value)
