"""Masks that come as outlines, written as mask files.

A JSON an image, as labelme writes it:

    {"imagePath": "7.tif", "imageHeight": 48, "imageWidth": 40, "shapes": [
        {"label": "roof", "shape_type": "polygon", "points": [[3.5, 2.0], [16.0, 3.0], …]}]}

A JSON of many images, as the VGG Image Annotator (VIA) writes it:

    {"7.jpg91342": {"filename": "7.jpg", "regions": [{"region_attributes": {"kind": "roof"},
        "shape_attributes": {"name": "polygon", "all_points_x": […], "all_points_y": […]}}]}}

A JSON of many images, as Label Studio exports it: `label_studio.py`.

A text an image, as YOLO reads it: a line an object, its class from 0, then x and y of each corner
as shares of width and height. `data.yaml` or a list names the classes:

    0 0.15 0.04 0.4 0.06 0.38 0.2

A table, called as its image is, with a row a vertex in the order of the outline:

    contour,x,y
    0,3.5,2.0
    0,16.0,3.0

A table of images with an outline a row, or several, as a list of corners or as well-known text:

    image,polygon                                image,species,geometry
    7,"[[3.5, 2.0], [16.0, 3.0], [15.0, 9.0]]"   7,oak,"POLYGON ((3.5 2, 16 3, 15 9, 3.5 2))"

Each becomes a PNG in the workspace's `made/masks/`: 0 is background, and classes count from 1 in
the order of their names, those of YOLO in that of its list. Of shapes that overlap the later one is
seen; where classes share more than their edges, each has a file of its own.
"""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from podium.competition.infer.conversions.masks.label_studio import StudioImage, studio_images
from podium.competition.infer.conversions.masks.shapes import Point, Shape, ellipse
from podium.competition.infer.files import (
    DataFolder,
    ImageFile,
    possible_image_names,
)
from podium.competition.infer.mask_values import ClassNames
from podium.competition.spelling import name_words
from podium.errors import DataError
from podium.workspace.marked_yaml import parse_yaml, plain_value
from podium.workspace.progress import SILENT, Progress

__all__ = [
    "CLASS_COLUMNS",
    "MOST_CLASSES",
    "Drawings",
    "DrawnImage",
    "Outlined",
    "Outlines",
    "Shape",
    "draw",
    "drawn_objects",
    "find_outlines",
    "is_via",
    "write_outlines",
]

MOST_CLASSES = 254
_ENOUGH = 0.5
_SHARED = 0.01  # of all drawn pixels: fewer are edges of classes that touch
_LARGEST = 50_000_000  # bytes of a file
_LARGEST_LIST = 1_000_000  # of names


@dataclass(frozen=True)
class Outlines:
    """Masks that were written.

    Attributes:
        files: by the stem of the image: one, or one of each class.
        sources: the files that they are made of, relative to the data folder.
        reader: what the sources are.
        names: of the values.
        classes: in the order of the files of an image; () where it has one file.
        notes: what is in no mask.
        are_numbers: whether the values are the host's own numbers, which a list of classes may
            name.
        unlabelled: the value of pixels that are not labelled; None where there are none.
        others: folders beside made/masks, with the masks of readings that fit as well, and why.
        unnamed: what stands for the classes where they have numbers in place of names, as pages.
    """

    files: Mapping[str, Sequence[Path]]
    sources: tuple[str, ...]
    reader: str
    names: ClassNames
    classes: tuple[str, ...]
    notes: tuple[str, ...]
    are_numbers: bool = False
    unlabelled: int | None = None
    others: tuple[tuple[str, str], ...] = ()
    unnamed: str = ""


class DrawnImage(NamedTuple):
    """The shapes of an image, and its height and width."""

    source: str
    image: ImageFile
    size: tuple[int, int]
    shapes: list[Shape]


class Drawings(NamedTuple):
    """The shapes of images, in files of one form.

    Attributes:
        reader: what the files are.
        n: of the images that they are of.
        each: of them, those that can be read.
        labels: all of them in order, where the files list them.
        notes: what a person should check.
        unnamed: as that of `Outlines`.
    """

    reader: str
    n: int
    each: Iterator[DrawnImage]
    labels: Sequence[str] = ()
    notes: Sequence[str] = ()
    unnamed: str = ""


class Outlined(NamedTuple):
    """The outlines of a folder: of files of one form, by the stem of the image, and all labels."""

    drawings: Drawings
    found: dict[str, DrawnImage]
    labels: list[str]


def find_outlines(folder: DataFolder, tables: Mapping[str, pd.DataFrame]) -> Outlined | None:
    """Return the outlines of images of train, or None. Arguments are those of `write_outlines`."""
    images = [one for one in folder.images if one.part in ("train", "other", "holdout")]
    stems = {image.stem for image in images}
    drawings = (
        _in_jsons(folder)
        or _in_one_json(folder)
        or _in_texts(folder)
        or _in_tables(folder, tables)
        or _in_cells(folder, tables)
    )
    if len(stems) < len(images) or drawings is None or drawings.n < 2:
        return None
    found = {one.image.stem: one for one in drawings.each if one.image in images}
    if len(found) < _ENOUGH * drawings.n:
        return None
    areas = [shape for one in found.values() for shape in one.shapes if shape[1] in _FORMS]
    labels = list(drawings.labels) or sorted({label for label, _, _ in areas})
    return Outlined(drawings, found, labels) if areas and len(labels) <= MOST_CLASSES else None


def drawn_objects(one: DrawnImage) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Yield the label and the pixels of each object that has some."""
    for shape in one.shapes:
        pixels = _drawn(one._replace(shapes=[shape]), {shape[0]: 1}) > 0
        if pixels.any():
            yield shape[0], pixels


def write_outlines(
    folder: DataFolder,
    target: Path,
    tables: Mapping[str, pd.DataFrame],
    *,
    progress: Progress = SILENT,
) -> Outlines | None:
    """Return the masks of the images of train, written to `target`; None without outlines.

    Args:
        folder: with a JSON, a text or a table for most images of train, or a JSON of them all.
        target: the folder for the masks.
        tables: of the folder, by path.
        progress: of the files.

    Raises:
        DataError: all that is known of objects is their boxes.
    """
    outlined = find_outlines(folder, tables)
    return None if outlined is None else draw(outlined, target, progress=progress)


def draw(outlined: Outlined, target: Path, *, progress: Progress = SILENT) -> Outlines:
    """Return the masks of outlines, written to `target`."""
    drawings, found, labels = outlined
    areas = [shape for one in found.values() for shape in one.shapes if shape[1] in _FORMS]
    values = {label: number for number, label in enumerate(labels, start=1)}
    target.mkdir(parents=True, exist_ok=True)
    n_shared = n_drawn = 0
    files: dict[str, list[Path]] = {}
    with progress.bar("drawing masks", len(found)) as advance:
        for stem, one in found.items():
            mask = _drawn(one, values)
            own = sum(int(np.count_nonzero(_drawn(one, {label: 1}))) for label in _labels(one))
            n_drawn += int(np.count_nonzero(mask))
            n_shared += own - int(np.count_nonzero(mask))
            files[stem] = [target / f"{stem}.png"]
            Image.fromarray(mask).save(files[stem][0])
            advance(1)
    notes = list(drawings.notes)
    n_left = sum(len(one.shapes) for one in found.values()) - len(areas)
    if n_left:
        notes.append(f"{n_left:,} shapes are points or lines, and in no mask")
    classes: tuple[str, ...] = ()
    if n_shared > _SHARED * n_drawn and all(map(_IN_A_NAME.fullmatch, labels)):
        classes = tuple(labels)
        for stem, one in found.items():
            files[stem][0].unlink()
            files[stem] = [target / f"{stem}_{label}.png" for label in labels]
            for label, file in zip(labels, files[stem], strict=True):
                Image.fromarray(_drawn(one, {label: 255})).save(file)
    elif n_shared:
        notes.append(
            f"outlines of several classes share {n_shared:,} of {n_drawn:,} pixels: each is of the "
            "later one"
        )
    named: dict[int | str, str] = {0: "background", **{n: label for label, n in values.items()}}
    used = tuple(dict.fromkeys(one.source for one in found.values()))
    names = ClassNames("", named=named)
    return Outlines(
        files, used, drawings.reader, names, classes, tuple(notes), unnamed=drawings.unnamed
    )


_IN_A_NAME = re.compile(r"\w[\w .()+-]*")


def _labels(one: DrawnImage) -> set[str]:
    return {label for label, form, _ in one.shapes if form in _FORMS}


def _drawn(one: DrawnImage, values: Mapping[str, int]) -> NDArray[np.uint8]:
    """Return the shapes with these labels, each of its value."""
    mask = np.zeros(one.size, dtype=np.uint8)
    for label, form, points in one.shapes:
        if form in _FORMS and points and label in values:
            _FORMS[form](mask, points, values[label])
    return mask


def _in_jsons(folder: DataFolder) -> Drawings | None:
    """Return the shapes of files as labelme's; None where the first JSON is another."""
    if len(folder.jsons) < 2 or _outlined(folder, folder.jsons[0]) is None:
        return None
    read = (_outlined(folder, path) for path in folder.jsons)
    return Drawings("outlines in JSON", len(folder.jsons), (one for one in read if one))


def _outlined(folder: DataFolder, path: str) -> DrawnImage | None:
    """Return the shapes of an image of labelme's JSON; None where it is another."""
    file = folder.path / path
    try:
        content: Any = json.loads(file.read_bytes()) if file.stat().st_size < _LARGEST else None
        shapes = [_shape(one) for one in content["shapes"]]
        name = str(content.get("imagePath") or file.stem).replace("\\", "/").rpartition("/")[2]
        image = _nearest(folder, path, name) or _nearest(folder, path, file.stem)
        if image is None:
            return None
        height, width = content.get("imageHeight"), content.get("imageWidth")
        size = (int(height), int(width)) if height and width else _size(folder, image)
        return DrawnImage(path, image, size, shapes)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _nearest(folder: DataFolder, path: str, name: str) -> ImageFile | None:
    """Return the image of this name, of several the one in the folder of the file `path`."""
    named = folder.named(name)
    near = [one for one in named if one.folder == path.rpartition("/")[0]] or named
    return near[0] if len(near) == 1 else None


def _size(folder: DataFolder, image: ImageFile) -> tuple[int, int]:
    with Image.open(folder.path / image.path) as opened:
        width, height = opened.size
    return height, width


def is_via(content: Any) -> bool:
    """Return whether a JSON is of the VGG Image Annotator: images by key, each with regions."""
    return bool(_via_images(content))


def _via_images(content: Any) -> list[dict[str, Any]]:
    if isinstance(content, dict) and "_via_img_metadata" in content:
        content = content["_via_img_metadata"]
    if not isinstance(content, dict) or not content:
        return []
    images = list(content.values())
    are = all(isinstance(one, dict) and {"filename", "regions"} <= set(one) for one in images)
    return images if are else []


def _in_one_json(folder: DataFolder) -> Drawings | None:
    """Return the shapes of files with those of many images; None without any.

    Raises:
        DataError: a region cannot be read.
    """
    via: list[tuple[str, dict[str, Any]]] = []
    studio: list[tuple[str, StudioImage]] = []
    for path in folder.jsons:
        file = folder.path / path
        try:
            content = json.loads(file.read_bytes()) if file.stat().st_size < _LARGEST else None
        except (OSError, ValueError, RecursionError):
            continue
        via += [(path, one) for one in _via_images(content)]
        studio += [(path, one) for one in studio_images(content)]
    return _in_via(folder, via) or _in_label_studio(folder, studio)


def _in_via(folder: DataFolder, images: Sequence[tuple[str, dict[str, Any]]]) -> Drawings | None:
    """Return the shapes of VIA's images, each with the path of its file; None without any.

    Raises:
        DataError: a region cannot be read.
    """
    found: list[tuple[str, ImageFile, list[Mapping[str, Any]]]] = []
    for path, one in images:
        image = _nearest(folder, path, str(one["filename"]))
        regions = one["regions"] or []
        if image is not None:
            each = regions.values() if isinstance(regions, dict) else regions
            found.append((path, image, list(each)))
    named = [
        {name for name, value in (one.get("region_attributes") or {}).items() if value}
        for _, _, regions in found
        for one in regions
    ]
    # The attribute that every region has, and of several the one that is called after a class.
    shared = sorted(set.intersection(*named)) if named else []
    called = [one for one in shared if CLASS_COLUMNS & set(name_words(one))] or shared
    label = called[0] if called else None
    notes = []
    if len(called) > 1:
        notes.append(
            f"the regions have the attributes {', '.join(called)}: {label} is taken for the class"
        )

    def read() -> Iterator[DrawnImage]:
        for path, image, regions in found:
            try:
                shapes = [_region(one, label) for one in regions]
                yield DrawnImage(path, image, _size(folder, image), shapes)
            except (KeyError, TypeError, ValueError) as error:
                raise DataError(
                    f"a region of {image.name} cannot be read: {error!r}",
                    where=folder.path / path,
                    fix="open the file in the VGG Image Annotator and save it again",
                ) from error

    reader = "outlines of the VGG Image Annotator"
    return Drawings(reader, len(found), read(), (), notes) if found else None


def _in_label_studio(
    folder: DataFolder, images: Sequence[tuple[str, StudioImage]]
) -> Drawings | None:
    """Return the shapes of Label Studio's images, each with the path of its file; None if none."""
    found: list[DrawnImage] = []
    for path, one in images:
        image = next(filter(None, (_nearest(folder, path, name) for name in one.names)), None)
        if image is not None:
            found.append(DrawnImage(path, image, one.size or _size(folder, image), one.shapes))
    n_several = sum(one.n_annotations > 1 for _, one in images)
    several = f"{n_several:,} images have several annotations: of each the first one is drawn"
    notes = [several] if n_several else []
    reader = "outlines of Label Studio"
    return Drawings(reader, len(images), iter(found), (), notes) if found else None


def _region(one: Mapping[str, Any], label: str | None) -> Shape:
    value = "object" if label is None else one["region_attributes"][label]
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
        x, y = float(shape["cx"]), float(shape["cy"])
        width = float(shape["r"] if form == "circle" else shape["rx"])
        height = float(shape["r"] if form == "circle" else shape["ry"])
        turn = float(shape.get("theta") or 0.0)
        return text, "polygon", ellipse((x, y), width, height, turn)
    return text, form, []


_BOX, _FEWEST_NUMBERS = 5, 7  # class, middle and size; class and three corners


def _in_texts(folder: DataFolder) -> Drawings | None:
    """Return the shapes of texts as YOLO's; None without such for images.

    Raises:
        DataError: they hold boxes alone.
    """
    rows: dict[str, tuple[ImageFile, list[list[float]]]] = {}
    for path in folder.texts:
        image = _nearest(folder, path, path.rpartition("/")[2].rpartition(".")[0])
        lines = None if image is None else _yolo_lines(folder.path / path)
        if image is not None and lines is not None:
            rows[path] = (image, lines)
    every = [line for _, lines in rows.values() for line in lines]
    if not every:
        return None
    if all(len(line) == _BOX for line in every):
        first = next(path for path, (_, lines) in rows.items() if lines)
        raise DataError(
            f"the {len(every):,} lines of {len(rows):,} texts are boxes without outlines, and "
            "podium predicts labels, numbers and masks: no boxes",
            where=folder.path / first,
            fix="for which classes an image has, write train.csv with the columns image and "
            "labels, several between semicolons; for masks, add the outlines",
        )
    n_classes = 1 + int(max(line[0] for line in every))
    names, unnamed = _yolo_names(folder.path), ""
    if len(names) < n_classes:
        unnamed = "numbers of classes"
        names = [f"class {n}" for n in range(n_classes)]

    def read() -> Iterator[DrawnImage]:
        for path, (image, lines) in rows.items():
            height, width = _size(folder, image)
            shapes: list[Shape] = []
            for line in lines:
                xs = [width * x for x in line[1::2]]
                ys = [height * y for y in line[2::2]]
                if len(line) == _BOX:  # the middle and the size of a box
                    (x, across), (y, down) = xs, ys
                    xs, ys = [x - across / 2, x + across / 2], [y - down / 2, y + down / 2]
                form = "rectangle" if len(line) == _BOX else "polygon"
                shapes.append((names[int(line[0])], form, list(zip(xs, ys, strict=True))))
            yield DrawnImage(path, image, (height, width), shapes)

    reader = "outlines as YOLO reads them"
    return Drawings(reader, len(rows), read(), names, unnamed=unnamed)


def _yolo_lines(file: Path) -> list[list[float]] | None:
    """Return the numbers of each line: class, and x and y as shares; None where it is another."""
    try:
        text = file.read_text(encoding="utf-8") if file.stat().st_size < _LARGEST else "-"
        lines = [[float(cell) for cell in line.split()] for line in text.splitlines()]
    except (OSError, ValueError):
        return None
    lines = [line for line in lines if line]
    for line in lines:
        fits = len(line) == _BOX or (len(line) >= _FEWEST_NUMBERS and len(line) % 2 == 1)
        if not fits or not line[0].is_integer() or line[0] < 0:
            return None
        if not all(-0.01 <= one <= 1.01 for one in line[1:]):
            return None
    return lines


def _yolo_names(data: Path) -> list[str]:
    """Return the names of classes from 0, of `names` in a YAML, or a line each; [] without."""
    for file in _short_texts(data, "*.y*ml", "*/*.y*ml"):
        document, _ = parse_yaml(file.read_text(encoding="utf-8", errors="replace"), file.name)
        content = None if document is None else plain_value(document)
        found = content.get("names") if isinstance(content, dict) else None
        if isinstance(found, dict):
            found = [found.get(str(number)) for number in range(len(found))]
        if isinstance(found, list) and found and all(isinstance(one, str | int) for one in found):
            names = [str(one) for one in found]
            if len(set(names)) == len(names):
                return names
    for file in _short_texts(data, "classes.txt", "*.names", "*/classes.txt"):
        lines = file.read_text(encoding="utf-8-sig", errors="replace").splitlines()
        names = [line.strip() for line in lines if line.strip()]
        if names and len(set(names)) == len(names):
            return names
    return []


def _short_texts(data: Path, *patterns: str) -> list[Path]:
    """Return regular files, no pipes, that a list of names can be."""
    found = (file for pattern in patterns for file in sorted(data.glob(pattern)))
    return [one for one in found if one.is_file() and one.stat().st_size < _LARGEST_LIST]


def _in_tables(folder: DataFolder, tables: Mapping[str, pd.DataFrame]) -> Drawings | None:
    """Return the shapes of tables of vertices; None without such."""
    paths = [path for path, table in tables.items() if _corners(table) is not None]
    paths = [path for path in paths if _image_of_table(folder, path) is not None]
    if not paths:
        return None
    read = (_in_table(folder, path, tables[path]) for path in paths)
    return Drawings("outlines as tables of vertices", len(paths), (one for one in read if one))


def _image_of_table(folder: DataFolder, path: str) -> ImageFile | None:
    """Return the image that a table is called after, with a word more or as it is; else None."""
    stem = path.rpartition("/")[2].rpartition(".")[0]
    for name, *_ in possible_image_names(stem):
        named = {one.path: one for one in folder.by_last_name.get(name, [])}
        if len(named) == 1:
            return next(iter(named.values()))
    return None


def _corners(table: pd.DataFrame) -> tuple[str, str] | None:
    """Return the columns of x and y of a table of vertices; None where it is another table."""
    words = {str(column): name_words(str(column)) for column in table.columns}
    found = [[one for one, words in words.items() if axis in words] for axis in ("x", "y")]
    if any(len(one) != 1 for one in found):
        return None
    x, y = found[0][0], found[1][0]
    are_numbers = all(table[one].str.fullmatch(_NUMBER).all() for one in (x, y))
    return (x, y) if are_numbers else None


_NUMBER = re.compile(r"-?\d+(\.\d*)?([eE][+-]?\d+)?")


def _in_table(folder: DataFolder, path: str, table: pd.DataFrame) -> DrawnImage | None:
    """Return the shapes of a table of vertices, else None.

    A column whose cells stay the same over the vertices of an outline tells outlines apart, and one
    of words names their class.
    """
    image, corners = _image_of_table(folder, path), _corners(table)
    if image is None or corners is None:
        return None
    rest = [str(name) for name in table.columns if name not in corners]
    of_outline = [name for name in rest if _stays(table[name])]
    labels = [one for one in of_outline if not table[one].str.fullmatch(_NUMBER).any()]
    labels = [one for one in labels if _LABELS & set(name_words(one))][:1]
    try:
        size = _size(folder, image)
    except (OSError, ValueError, Image.DecompressionBombError):
        return None
    shapes: list[Shape] = []
    starts = pd.Series(False, index=table.index)
    for name in of_outline:
        starts |= table[name] != table[name].shift()
    for _, rows in table.groupby(starts.cumsum()):
        points = list(zip(*(rows[one].astype(float) for one in corners), strict=True))
        label = str(rows[labels[0]].iloc[0]) if labels else "object"
        shapes.append((label, "polygon", points))
    return DrawnImage(path, image, size, shapes)


def _in_cells(folder: DataFolder, tables: Mapping[str, pd.DataFrame]) -> Drawings | None:
    """Return the shapes of a table whose cells are outlines in pixels; None without such."""
    for path, table in tables.items():
        columns = [str(one) for one in table.columns]
        outlines = {name: _outlines_of(name, table[name]) for name in columns}
        found = [name for name, each in outlines.items() if each is not None]
        if len(found) != 1:
            continue
        rest = [name for name in columns if name not in found]
        images = [
            name for name in rest if all(len(folder.named(cell)) == 1 for cell in table[name])
        ]
        if not images:
            continue
        labels = [name for name in rest if CLASS_COLUMNS & set(name_words(name))][:1]
        names = list(table[labels[0]]) if labels else ["object"] * len(table)
        shapes: dict[str, list[Shape]] = {}
        for cell, name, rings in zip(
            table[images[0]], names, outlines[found[0]] or (), strict=True
        ):
            own = shapes.setdefault(folder.named(cell)[0].path, [])
            own += [(name, "polygon", ring) for ring in rings]
        drawn = []
        for image in folder.images:
            if image.path in shapes:
                with suppress(OSError, ValueError, Image.DecompressionBombError):
                    size = _size(folder, image)
                    drawn.append(DrawnImage(path, image, size, shapes[image.path]))
        if all(map(_is_inside, drawn)):
            return Drawings(f"outlines in the column {found[0]}", len(drawn), iter(drawn))
    return None


def _is_inside(one: DrawnImage) -> bool:
    """Return whether corners lie in the image, and are no shares of it."""
    height, width = one.size
    corners = [corner for _, _, points in one.shapes for corner in points]
    fit = all(-1 <= x <= width + 1 and -1 <= y <= height + 1 for x, y in corners)
    return fit and not (corners and all(0 <= number <= 1 for one in corners for number in one))


_OUTLINE_NAMES = frozenset(
    [
        "polygon",
        "polygons",
        "outline",
        "outlines",
        "contour",
        "contours",
        "geometry",
        "segmentation",
    ]
)
_WELL_KNOWN = re.compile(r"(MULTI)?POLYGON\s*(EMPTY|\(.*\))", re.IGNORECASE | re.DOTALL)


def _outlines_of(name: str, cells: pd.Series[str]) -> list[list[list[Point]]] | None:
    """Return the outlines of each cell, [] of an empty one; None where a cell is something else.

    Lists of corners need a column that is called after outlines, as landmarks are lists, too.
    """
    is_called = bool(_OUTLINE_NAMES & set(name_words(name)))
    found: list[list[list[Point]]] = []
    for cell in cells:
        well_known = _WELL_KNOWN.fullmatch(cell.strip())
        try:
            if well_known is not None:
                found.append(_of_well_known_text(well_known[2], is_multiple=bool(well_known[1])))
            elif is_called:
                found.append(_of_lists(ast.literal_eval(cell) if cell.strip() else []))
            else:
                return None
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            return None
    return found if any(found) else None


def _of_well_known_text(text: str, *, is_multiple: bool) -> list[list[Point]]:
    """Return the rings of `((x y, x y, …))`, or of several such; ValueError: one has a hole."""
    polygons = re.findall(r"\(\s*\(([^()]*)\)\s*\)", text)
    rings = re.findall(r"\(([^()]*)\)", text)
    if polygons != rings or (len(rings) > 1 and not is_multiple):
        raise ValueError("an outline has a hole")
    return [
        [(float(x), float(y)) for x, y, *_ in (corner.split() for corner in ring.split(","))]
        for ring in rings
    ]


def _of_lists(value: Any) -> list[list[Point]]:
    """Return the rings of a list of corners, of such lists, or of lists of x and y in turn.

    Raises:
        ValueError, TypeError: it is something else.
    """
    if not value:
        return []
    if all(isinstance(number, int | float) for corner in value for number in corner):
        if all(len(corner) == 2 for corner in value):
            if len(value) < _FEWEST_CORNERS:
                raise ValueError("an outline has fewer than three corners")
            return [[(float(x), float(y)) for x, y in value]]
        if all(len(ring) % 2 == 0 and len(ring) >= 2 * _FEWEST_CORNERS for ring in value):
            return [
                [(float(x), float(y)) for x, y in zip(ring[::2], ring[1::2], strict=True)]
                for ring in value
            ]
        raise ValueError("neither corners nor outlines")
    return [ring for part in value for ring in _of_lists(part)]


_LABELS = frozenset({"class", "label", "category", "name", "type"})
CLASS_COLUMNS = _LABELS | {"kind", "object", "species"}
_FEWEST_CORNERS = 3


def _stays(cells: pd.Series[str]) -> bool:
    """Return whether a column has one cell over an outline: mostly three vertices or more."""
    runs = (cells != cells.shift()).cumsum()
    return bool(runs.value_counts().median() >= _FEWEST_CORNERS) if len(cells) else False


def _shape(one: Mapping[str, Any]) -> Shape:
    points = [(float(x), float(y)) for x, y in one["points"]]
    return str(one["label"]), str(one.get("shape_type") or "polygon"), points


def _polygon(mask: NDArray[np.uint8], points: Sequence[Point], value: int) -> None:
    """Fill the pixels whose middles lie inside, by the even-odd rule."""
    height = len(mask)
    edges = list(zip(points, [*points[1:], points[0]], strict=True))
    rows = [y for _, y in points]
    for row in range(max(0, int(min(rows))), min(height, math.ceil(max(rows)))):
        middle = row + 0.5
        crossed = sorted(
            x + (middle - y) * (next_x - x) / (next_y - y)
            for (x, y), (next_x, next_y) in edges
            if (y <= middle) != (next_y <= middle)
        )
        for start, end in zip(crossed[::2], crossed[1::2], strict=True):
            mask[row, max(0, math.ceil(start - 0.5)) : max(0, math.ceil(end - 0.5))] = value


def _rectangle(mask: NDArray[np.uint8], points: Sequence[Point], value: int) -> None:
    (x, y), (other_x, other_y) = points[0], points[-1]
    _polygon(mask, [(x, y), (other_x, y), (other_x, other_y), (x, other_y)], value)


def _circle(mask: NDArray[np.uint8], points: Sequence[Point], value: int) -> None:
    (x, y), edge = points[0], points[-1]
    rows, columns = np.ogrid[: mask.shape[0], : mask.shape[1]]
    mask[np.hypot(columns + 0.5 - x, rows + 0.5 - y) <= math.dist((x, y), edge)] = value


_FORMS = {"polygon": _polygon, "rectangle": _rectangle, "circle": _circle}
