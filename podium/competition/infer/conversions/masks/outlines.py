"""Masks that come as outlines, written as mask files.

Annotation tools have files of their own: see `podium/competition/infer/annotations/tools`.

A table, called as its image is, with a row a vertex in the order of the outline:

    contour,x,y
    0,3.5,2.0
    0,16.0,3.0

A table of images with an outline a row, or several, as a list of corners or as well-known text:

    image,polygon                                image,species,geometry
    7,"[[3.5, 2.0], [16.0, 3.0], [15.0, 9.0]]"   7,oak,"POLYGON ((3.5 2, 16 3, 15 9, 3.5 2))"

On a map, where images have a place on it, no column names an image:

    species,geometry
    oak,"POLYGON ((502529.61 5730359.15, 502528.62 5730361.65, 502523.6 5730359.66))"

Each becomes a PNG in the workspace's `made/masks/`: 0 is background, and classes count from 1 in
the order of their names, or in that of the file that lists them. Of shapes that overlap the later
one is seen. Where classes share more than their edges, each has a file of its own, and maps of all
classes lie beside these, for a host to whom a pixel is of one class alone.
"""

from __future__ import annotations

import ast
import math
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from podium.competition.ids.patterns import file_stem
from podium.competition.infer.annotations.on_map import MapOutline, outlines_on_images
from podium.competition.infer.annotations.shapes import (
    RUNS,
    AnnotatedImage,
    Annotations,
    Point,
    Shape,
    at_size_of_picture,
    images_of_names,
    with_holes,
    without_slips,
)
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.masks.corner_pixels import (
    PIXELS,
    corners_as_pixels,
    fill_pixels,
)
from podium.competition.infer.files import (
    DataFolder,
    ImageFile,
    common_folder,
    possible_image_names,
)
from podium.competition.infer.masks.files import ClassMaps
from podium.competition.infer.masks.values import ClassNames
from podium.competition.infer.pictures import displayed_size
from podium.competition.infer.sample.runs import runs_column
from podium.competition.infer.shares import HALF
from podium.competition.languages import meaning_words
from podium.competition.spelling import name_words
from podium.errors import either, plural
from podium.workspace.progress import SILENT, Progress

__all__ = [
    "MOST_CLASSES",
    "TOUCHES",
    "Outlined",
    "Outlines",
    "draw",
    "drawn_objects",
    "find_outlines",
    "write_outlines",
]

MOST_CLASSES = 254
TOUCHES = 1e-9
"""How much farther a pixel of an ellipse may be, of its size squared: 14 - 21.6 is not -7.6."""
_SHARED = 0.01  # of all drawn pixels: fewer are edges of classes that touch


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
        keys: the name in `files` of each image that has a mask, by its path; {} where stems tell.
        maps: folders beside made/masks, with one file an image, where classes share pixels.
        absent: why an image without a file has an empty mask; "" where nothing tells.
        pictures: further files that they are made of, which are no tables and no texts.
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
    keys: Mapping[str, str] = field(default_factory=dict)
    maps: ClassMaps | None = None
    absent: str = ""
    pictures: Sequence[str] = ()


class Outlined(NamedTuple):
    """The outlines of a folder: of files of one form, by the name of the image, and all labels.

    A name is the stem, or, where several images have one, the path below the folder of all.
    """

    annotations: Annotations
    found: dict[str, AnnotatedImage]
    labels: list[str]


def find_outlines(data: CompetitionData, annotations: Annotations | None) -> Outlined | None:
    """Return the outlines of images of train, or None. Arguments are those of `write_outlines`.

    Raises:
        DataError: a picture has other proportions than when its outlines were drawn.
    """
    folder = data.folder
    images = {one.path: one for one in folder.of_part("train", "other", "holdout")}
    if annotations is None or not annotations.has_outlines:
        annotations = _in_tables(data) or _in_cells(data)
        annotations = None if annotations is None else without_slips(annotations)
    if annotations is None or annotations.n < 2 or (annotations.on_map and _sends_labels(data)):
        return None
    annotated = {one.image.path: one for one in annotations.images if one.image.path in images}
    names = _names_of([one.image for one in annotated.values()])
    drawn = {names[path]: one for path, one in annotated.items()}
    if len(drawn) < max(len(annotated), HALF * annotations.n):
        return None
    found = {stem: each for stem, one in drawn.items() if (each := at_size_of_picture(folder, one))}
    if resized := _resized(drawn, found):
        annotations = replace(annotations, notes=[*annotations.notes, resized])
    found, at_edges = (found, "") if annotations.on_map else corners_as_pixels(found)
    if at_edges:
        annotations = replace(annotations, notes=[*annotations.notes, at_edges])
    areas = [shape for one in found.values() for shape in one.shapes if shape[1] in _FORMS]
    labels = list(annotations.classes) or sorted({label for label, _, _ in areas})
    return Outlined(annotations, found, labels) if areas and len(labels) <= MOST_CLASSES else None


def _sends_labels(data: CompetitionData) -> bool:
    """Return whether a column of a table is sent: outlines on a map are further facts then."""
    sample = data.sample
    if sample is None or runs_column(sample) is not None:
        return False
    return any({*sample.values} & {*table.columns} for table in data.tables.values())


def _resized(drawn: Mapping[str, AnnotatedImage], found: Mapping[str, AnnotatedImage]) -> str:
    """Return what was scaled to the size of its picture, as text; "" for nothing."""
    pairs = [(drawn[name].size, one) for name, one in found.items() if drawn[name].size is not None]
    scaled = [(old, one) for old, one in pairs if old != one.size]
    if not scaled:
        return ""
    old, first = scaled[0]
    assert old is not None
    assert first.size is not None
    return (
        f"the shapes of {plural(len(scaled), 'image')} are scaled to the size of the picture, as "
        f"those of {first.source}, drawn on {old[1]} x {old[0]} pixels: {first.image.path} has "
        f"{first.size[1]} x {first.size[0]}"
    )


def _names_of(images: Sequence[ImageFile]) -> dict[str, str]:
    """Return the stem of each image by its path; where images share one, paths below all."""
    if len({one.stem for one in images}) == len(images):
        return {one.path: one.stem for one in images}
    start = len(common_folder(images))
    return {one.path: one.path[start:].lstrip("/").rpartition(".")[0] for one in images}


def drawn_objects(one: AnnotatedImage) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Yield the label and the pixels of each object that has some."""
    for shape in one.shapes:
        pixels = _drawn(one._replace(shapes=[shape]), {shape[0]: 1}) > 0
        if pixels.any():
            yield shape[0], pixels


def write_outlines(
    data: CompetitionData,
    target: Path,
    annotations: Annotations | None,
    *,
    progress: Progress = SILENT,
) -> Outlines | None:
    """Return the masks of the images of train, written to `target`; None without outlines.

    Args:
        target: the folder for the masks.
        annotations: of an annotation tool; None without.
        progress: of the files.

    Raises:
        DataError: a picture has other proportions than when its outlines were drawn.
    """
    outlined = find_outlines(data, annotations)
    if outlined is None:
        return None
    drawn, others = draw(outlined, target, progress=progress), list[tuple[str, str]]()
    for number, (images, why) in enumerate(outlined.annotations.others, start=2):
        place = target.with_name(f"{target.name}_{number}")
        own = {one.image.path: one for one in images}
        found = {key: own[one.image.path] for key, one in outlined.found.items()}
        draw(outlined._replace(found=found), place, progress=progress)
        others.append((place.name, why))
    return replace(drawn, others=tuple(others)) if others else drawn


def draw(outlined: Outlined, target: Path, *, progress: Progress = SILENT) -> Outlines:
    """Return the masks of outlines, written to `target`."""
    annotations, found, labels = outlined
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
            files[stem][0].parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(mask).save(files[stem][0])
            advance(1)
    notes = list(annotations.notes)
    n_left = sum(len(one.shapes) for one in found.values()) - len(areas)
    if n_left:
        notes.append(f"{either(n_left, 'shape is', 'shapes are')} points or lines, and in no mask")
    classes: tuple[str, ...] = ()
    maps = None
    if n_shared > _SHARED * n_drawn and all(map(_IN_A_NAME.fullmatch, labels)):
        classes = tuple(labels)
        for stem, one in found.items():
            files[stem][0].unlink()
            files[stem] = [target / f"{stem}_{label}.png" for label in labels]
            for label, file in zip(labels, files[stem], strict=True):
                Image.fromarray(_drawn(one, {label: 255})).save(file)
        why = f"outlines of several classes share {n_shared:,} of {plural(n_drawn, 'pixel')}"
        maps = ClassMaps(_write_maps(found, target, values, n_drawn), classes, why)
        where = " and ".join(name for name, _ in maps.folders)
        notes.append(
            f"{why}: the masks of each class have these pixels in both, and the maps of all "
            f"classes in {where}, beside them, in one alone"
        )
    elif n_shared:
        notes.append(
            f"outlines of several classes share {n_shared:,} of {plural(n_drawn, 'pixel')}: each "
            "is of the later one"
        )
    named: dict[int | str, str] = {0: "background", **{n: label for label, n in values.items()}}
    used = tuple(dict.fromkeys(one.source for one in found.values() if one.source))
    names = ClassNames("", named=named)
    return Outlines(
        files, used, annotations.reader, names, classes, tuple(notes),
        unnamed=annotations.unnamed, keys={one.image.path: key for key, one in found.items()},
        maps=maps, absent=annotations.absent, pictures=annotations.pictures,
    )  # fmt: skip


def _write_maps(
    found: Mapping[str, AnnotatedImage], target: Path, values: Mapping[str, int], n_drawn: int
) -> tuple[tuple[str, str], ...]:
    """Return the folders beside `target` that maps were written to, and which outline is seen.

    That is the later one, or the smaller one, as of a thing on another; where both are alike, one
    folder has them.
    """
    later, smaller = (target.with_name(f"{target.name}_by_{one}") for one in ("order", "size"))
    n_differ = 0
    for stem, one in found.items():
        drawn = [_drawn(one, values), _drawn(_smaller_last(one), values)]
        n_differ += int(np.count_nonzero(drawn[0] != drawn[1]))
        for folder, mask in zip((later, smaller), drawn, strict=True):
            file = folder / f"{stem}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(mask).save(file)
    if n_differ > _SHARED * n_drawn:
        return (
            (later.name, "a pixel in several outlines is of the later one alone"),
            (smaller.name, "a pixel in several outlines is of the smaller one alone"),
        )
    shutil.rmtree(smaller)
    why = "a pixel in several outlines is of the later one alone, which is the smaller one, too"
    return ((later.name, why),)


def _smaller_last(one: AnnotatedImage) -> AnnotatedImage:
    """Return the image with its shapes by their number of pixels, the largest first."""

    def n_pixels(shape: Shape) -> int:
        return int(np.count_nonzero(_drawn(one._replace(shapes=[shape]), {shape[0]: 1})))

    return one._replace(shapes=sorted(one.shapes, key=n_pixels, reverse=True))


_IN_A_NAME = re.compile(r"\w[\w .()+-]*")


def _labels(one: AnnotatedImage) -> set[str]:
    return {label for label, form, _ in one.shapes if form in _FORMS}


def _drawn(one: AnnotatedImage, values: Mapping[str, int]) -> NDArray[np.uint8]:
    """Return the shapes with these labels, each of its value."""
    assert one.size is not None
    mask = np.zeros(one.size, dtype=np.uint8)
    for label, form, points in one.shapes:
        if form in _FORMS and points and label in values:
            _FORMS[form](mask, points, values[label])
    return mask


def _in_tables(data: CompetitionData) -> Annotations | None:
    """Return the shapes of tables of vertices; None without such."""
    paths = [path for path, table in data.tables.items() if _corners(table) is not None]
    paths = [path for path in paths if _image_of_table(data.folder, path) is not None]
    if not paths:
        return None
    read = (_in_table(data.folder, path, data.tables[path]) for path in paths)
    return Annotations("outlines as tables of vertices", len(paths), [one for one in read if one])


def _image_of_table(folder: DataFolder, path: str) -> ImageFile | None:
    """Return the image that a table is called after, with a word more or as it is; else None."""
    stem = file_stem(path)
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


def _in_table(folder: DataFolder, path: str, table: pd.DataFrame) -> AnnotatedImage | None:
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
    labels = [one for one in labels if meaning_words("object class") & set(name_words(one))][:1]
    size = displayed_size(folder.path / image.path)
    if size is None:
        return None
    shapes: list[Shape] = []
    starts = pd.Series(False, index=table.index)
    for name in of_outline:
        starts |= table[name] != table[name].shift()
    for _, rows in table.groupby(starts.cumsum()):
        points = list(zip(*(rows[one].astype(float) for one in corners), strict=True))
        label = str(rows[labels[0]].iloc[0]) if labels else "object"
        shapes.append((label, "polygon", points))
    return AnnotatedImage(path, image, size, shapes)


def _in_cells(data: CompetitionData) -> Annotations | None:
    """Return the shapes of a table whose cells are outlines, in pixels or on a map; else None."""
    folder = data.folder
    for path, table in data.tables.items():
        columns = [str(one) for one in table.columns]
        outlines = {name: _outlines_of(name, table[name]) for name in columns}
        found = [name for name, each in outlines.items() if each is not None]
        if len(found) != 1:
            continue
        rest = [name for name in columns if name not in found]
        images = {name: images_of_names(folder, path, table[name]) for name in rest}
        of_images = [name for name in rest if all(cell in images[name] for cell in table[name])]
        labels = [name for name in rest if meaning_words("object class") & set(name_words(name))][
            :1
        ]
        names = list(table[labels[0]]) if labels else ["object"] * len(table)
        reader = f"outlines in the column {found[0]}"
        each = zip(names, outlines[found[0]] or (), strict=True)
        placed = [MapOutline(path, name, ring) for name, rings in each for ring in rings]
        on_map = outlines_on_images(folder, placed, reader)
        if on_map is not None and on_map.images:
            return on_map
        if not of_images:
            continue
        named = images[of_images[0]]
        shapes: dict[str, list[Shape]] = {}
        for cell, name, rings in zip(
            table[of_images[0]], names, outlines[found[0]] or (), strict=True
        ):
            own = shapes.setdefault(named[cell].path, [])
            own += [(name, "polygon", ring) for ring in rings]
        drawn = []
        for image in folder.images:
            if image.path in shapes:
                size = displayed_size(folder.path / image.path)
                if size is not None:
                    drawn.append(AnnotatedImage(path, image, size, shapes[image.path]))
        if all(map(_is_inside, drawn)):
            is_row_each = all(len(rings) == 1 for rings in outlines[found[0]] or ())
            are_single = is_row_each and not labels and len(table) > len(drawn)
            return Annotations(reader, len(drawn), drawn, are_single=are_single)
    return None


def _is_inside(one: AnnotatedImage) -> bool:
    """Return whether corners lie in the image, but for few close to it, and are no shares of it."""
    assert one.size is not None
    height, width = one.size
    corners = [corner for _, _, points in one.shapes for corner in points]
    n_inside = sum(-1 <= x <= width + 1 and -1 <= y <= height + 1 for x, y in corners)
    are_close = all(
        -_CLOSE * width <= x <= (1 + _CLOSE) * width
        and -_CLOSE * height <= y <= (1 + _CLOSE) * height
        for x, y in corners
    )
    fit = are_close and n_inside >= _MOSTLY_INSIDE * len(corners)
    return fit and not (corners and all(0 <= number <= 1 for one in corners for number in one))


_CLOSE = 0.25
"""How far outside a corner may lie, of the size of the image: a thing goes on behind its edge."""
_MOSTLY_INSIDE = 0.5  # of the corners of an image

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
    """Return the polygons of `((x y, x y, …))`, or of several such, each with its holes.

    Raises:
        ValueError: it is something else.
    """
    if text.upper() == "EMPTY":
        return []
    polygons = [text[1:-1]]
    if is_multiple:
        polygons = re.findall(r"\((\s*\([^()]*\)(?:\s*,\s*\([^()]*\))*\s*)\)", text)
    drawn = []
    for polygon in polygons:
        rings = [
            [(float(x), float(y)) for x, y, *_ in (corner.split() for corner in ring.split(","))]
            for ring in re.findall(r"\(([^()]*)\)", polygon)
        ]
        if not rings:
            raise ValueError("no ring")
        drawn.append(with_holes(rings[0], rings[1:]))
    return drawn


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


_FEWEST_CORNERS = 3


def _stays(cells: pd.Series[str]) -> bool:
    """Return whether a column has one cell over an outline: mostly three vertices or more."""
    runs = (cells != cells.shift()).cumsum()
    return bool(runs.value_counts().median() >= _FEWEST_CORNERS) if len(cells) else False


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


def _ellipse(mask: NDArray[np.uint8], points: Sequence[Point], value: int) -> None:
    """Fill the pixels whose middles are not outside."""
    (x, y), (right, bottom) = points[0], points[-1]
    width, height = right - x, bottom - y
    top, left = (max(0, math.floor(at) - 1) for at in (y - height, x - width))
    part = mask[top : max(0, math.ceil(bottom) + 1), left : max(0, math.ceil(right) + 1)]
    rows, columns = np.ogrid[: part.shape[0], : part.shape[1]]
    far = ((columns + left + 0.5 - x) / width) ** 2 + ((rows + top + 0.5 - y) / height) ** 2
    part[far <= 1 + TOUCHES] = value


def _rectangle_of_pixels(mask: NDArray[np.uint8], points: Sequence[Point], value: int) -> None:
    (x, y), (other_x, other_y) = points[0], points[-1]
    fill_pixels(mask, [(x, y), (other_x, y), (other_x, other_y), (x, other_y)], value)


def _runs(mask: NDArray[np.uint8], points: Sequence[Point], value: int) -> None:
    for (start, row), (end, _) in zip(points[::2], points[1::2], strict=True):
        mask[int(row), int(start) : int(end)] = value


_FORMS = {
    RUNS: _runs,
    "polygon": _polygon, "rectangle": _rectangle, "circle": _circle, "ellipse": _ellipse,
    PIXELS["polygon"]: fill_pixels, PIXELS["rectangle"]: _rectangle_of_pixels,
}  # fmt: skip
