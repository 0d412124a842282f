"""The VGG Image Annotator (VIA): its JSON of many images, or its table with a row a region.

    {"7.jpg91342": {"filename": "7.jpg", "regions": [{"region_attributes": {"kind": "roof"},
        "shape_attributes": {"name": "polygon", "all_points_x": […], "all_points_y": […]}}]}}

The table has such objects in cells, and a row without a shape for an image without a region:

    filename,region_count,region_shape_attributes,region_attributes
    7.jpg,1,"{""name"":""point"",""cx"":58,""cy"":7}","{""kind"":""roof""}"
    8.jpg,0,{},{}
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from podium.competition.infer.annotations.shapes import (
    AnnotatedImage,
    AnnotationFiles,
    Annotations,
    Shape,
    ellipse,
    nearest_image,
)
from podium.competition.infer.shares import ALL_BUT_FEW
from podium.competition.languages import is_called, meaning_words
from podium.competition.spelling import name_words
from podium.errors import DataError, plural

__all__ = ["read_tool"]

_FILE, _OF_IMAGE = "filename", "file_attributes"
_SHAPE, _OF_REGION = "region_shape_attributes", "region_attributes"
_Record = Mapping[str, Any]


def read_tool(files: AnnotationFiles) -> Annotations | None:
    """Return the regions of VIA's files, of all of its images; None without one.

    Raises:
        DataError: a region cannot be read.
    """
    records = [(path, one) for path, each in files.jsons.items() for one in _of_json(each)]
    for path, table in files.tables.items():
        records += [(path, one) for one in _of_table(table)]
    named = [
        (path, image, one)
        for path, one in records
        if (image := nearest_image(files.folder, path, str(one[_FILE]))) is not None
    ]
    if not named:
        return None
    regions = [each for _, _, one in named for each in _regions(one)]
    label, notes = _label(regions)
    bare = 0 if label is None else sum(not _value(each, label) for each in regions)
    if bare:
        notes.append(f"{plural(bare, 'region')} without {label} left out")
    images = []
    for path, image, one in named:
        try:
            own = [each for each in _regions(one) if label is None or _value(each, label)]
            shapes = [_shape(each, label) for each in own]
            labels = {str(k): _text(v) for k, v in (one.get(_OF_IMAGE) or {}).items()}
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise DataError(
                f"a region of {image.name} cannot be read: {error!r}",
                where=files.folder.path / path,
                fix="open the file in the VGG Image Annotator and save it again",
            ) from error
        images.append(AnnotatedImage(path, image, None, shapes, labels))
    reader = "outlines of the VGG Image Annotator"
    return Annotations(reader, len(named), images, notes=notes)


def _of_json(content: Any) -> list[_Record]:
    """Return the images of a JSON; [] where it is another."""
    if isinstance(content, dict) and "_via_img_metadata" in content:
        content = content["_via_img_metadata"]
    if not isinstance(content, dict) or not content:
        return []
    images = list(content.values())
    are = all(isinstance(one, dict) and {_FILE, "regions"} <= set(one) for one in images)
    return images if are else []


def _of_table(table: pd.DataFrame) -> list[_Record]:
    """Return the images of a table as the JSON has them; [] where it is another."""
    table = table.rename(columns={f"#{_FILE}": _FILE})
    if not {_FILE, _SHAPE, _OF_REGION} <= {*table.columns}:
        return []
    found: dict[str, dict[str, Any]] = {}
    try:
        for row in table.to_dict("records"):
            one = found.setdefault(str(row[_FILE]), {_FILE: row[_FILE], "regions": []})
            one[_OF_IMAGE] = json.loads(row.get(_OF_IMAGE) or "{}")
            shape, about = (json.loads(row[name] or "{}") for name in (_SHAPE, _OF_REGION))
            if shape:
                one["regions"].append({"shape_attributes": shape, "region_attributes": about})
    except ValueError:
        return []
    return list(found.values())


def _regions(one: _Record) -> Sequence[_Record]:
    regions = one["regions"] or []
    return list(regions.values()) if isinstance(regions, dict) else regions


def _label(regions: Iterable[_Record]) -> tuple[str | None, list[str]]:
    """Return the attribute of regions that names their class, and what is to be checked.

    It is one that every region has, or all but a few, and of several one that is called after a
    class.
    """
    named = [
        {name for name, value in (one.get(_OF_REGION) or {}).items() if value} for one in regions
    ]
    n_each = Counter(name for each in named for name in each)
    shared = sorted(name for name, n in n_each.items() if n == len(named))
    shared = shared or sorted(name for name, n in n_each.items() if n >= ALL_BUT_FEW * len(named))
    called = [
        one
        for one in shared
        if is_called(one, "label") or meaning_words("object class") & {*name_words(one)}
    ]
    called = called or shared
    if len(called) < 2:
        return (called[0] if called else None), []
    names = ", ".join(called)
    return called[0], [
        f"the regions have the attributes {names}: {called[0]} is taken for the class"
    ]


def _value(one: _Record, label: str) -> object:
    return (one.get(_OF_REGION) or {}).get(label)


def _text(value: Any) -> str:
    """Return a value as a cell: of a checkbox the names that are checked."""
    if isinstance(value, dict):
        return ";".join(sorted(str(name) for name, is_on in value.items() if is_on))
    return str(value)


def _shape(one: _Record, label: str | None) -> Shape:
    value = "object" if label is None else one[_OF_REGION][label]
    text = " ".join(sorted(value)) if isinstance(value, dict) else str(value)
    shape = one["shape_attributes"]
    form = str(shape["name"])
    if form == "polygon":
        xs, ys = shape["all_points_x"], shape["all_points_y"]
        return text, form, [(float(x), float(y)) for x, y in zip(xs, ys, strict=True)]
    if form == "rect":
        x, y = float(shape["x"]), float(shape["y"])
        return text, "rectangle", [(x, y), (x + float(shape["width"]), y + float(shape["height"]))]
    if form in ("circle", "ellipse"):
        middle = float(shape["cx"]), float(shape["cy"])
        width = float(shape["r"] if form == "circle" else shape["rx"])
        height = float(shape["r"] if form == "circle" else shape["ry"])
        return text, "polygon", ellipse(middle, width, height, float(shape.get("theta") or 0.0))
    if form == "point":
        return text, form, [(float(shape["cx"]), float(shape["cy"]))]
    return text, form, []
