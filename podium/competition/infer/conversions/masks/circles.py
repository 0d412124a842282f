"""Masks that come as circles in a table, or as ellipses along the axes, a row an object.

    plot,x,y,radius              photo,species,cx,cy,rx,ry
    7,21.6,22.8,7.6              7,oak,21.6,22.8,7.6,5.0

The middle of a circle is x, its column, and y, its row, in pixels; a diameter may stand in place of
the radius. A pixel belongs to a circle whose middle is not farther from it than the radius. Where
the middle of the first pixel is, at (0, 0), (0.5, 0.5) or (1, 1), a text beside the data may state;
(0, 0) else, with a note. An image has no object where its rows are blank, or where it has no row
and no other one has a blank row.

Such a table may as well hold the numbers to predict: it is read so only where masks are asked for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.infer.annotations.shapes import (
    AnnotatedImage,
    Annotations,
    Shape,
)
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.masks.outlines import (
    MOST_CLASSES,
    TOUCHES,
    find_outlines,
)
from podium.competition.infer.files import DataFolder, FolderPart, ImageFile, may_be_train_table
from podium.competition.infer.image_tables import ImageTable, match_images
from podium.competition.infer.pictures import picture_size
from podium.competition.infer.readme.texts import SENTENCE_END, texts_beside
from podium.competition.infer.sample.runs import find_runs, runs_column
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.languages import begins_as, meaning_words
from podium.competition.spelling import name_words, singular_words
from podium.errors import DataError, either, plural, shortened, some

__all__ = ["read_circles"]

_ROLES: Mapping[str, frozenset[str]] = {
    "x": frozenset({"x", "cx", "xc", "xcenter", "xcentre", "col", "column"}),
    "y": frozenset({"y", "cy", "yc", "ycenter", "ycentre", "row"}),
    "radius": frozenset({"radius", "rad", "r"}),
    "diameter": frozenset({"diameter", "diam", "dia"}),
    "rx": frozenset({"rx", "xr", "xradius", "radiusx"}),
    "ry": frozenset({"ry", "yr", "yradius", "radiusy"}),
    "z": frozenset({"z", "cz"}),
    "angle": frozenset({"angle", "theta", "rotation", "orientation", "tilt"}),
    "green": frozenset({"g", "green"}),
}
"""What the words of a column's name stand for."""
_PARTS: tuple[FolderPart, ...] = ("train", "other", "holdout")
_SIZES = (("radius",), ("diameter",), ("rx", "ry"))
_PLAIN = frozenset({
    "c", "center", "centre", "px", "pix", "pixel", "pixels", "coord", "coordinate", "pos",
    "position", "in", "of", "the", "circle", "ellipse",
})  # fmt: skip
"""Words of a column's name that tell nothing more."""
_PLACES = frozenset({
    "point", "keypoint", "landmark", "center", "centre", "location", "position", "coordinate",
    "coord", "xy", "xyr", "circle", "ellipse", "box", "boxe", "bbox",
})  # fmt: skip
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_FEWEST_PLACES = 20
"""Circles that would not all lie in one corner of their images."""
_CORNER = 0.6
_LONGEST = 120  # letters of a sentence that are shown


class _CircleColumns(NamedTuple):
    """The columns of a table of circles.

    Attributes:
        x, y: the middle.
        sizes: the radius, the diameter, or the halves of both axes.
        is_diameter: whether the size is a diameter.
        angle: by which ellipses are turned; None without.
    """

    x: str
    y: str
    sizes: tuple[str, ...]
    is_diameter: bool
    angle: str | None

    @property
    def numbers(self) -> list[str]:
        return [self.x, self.y, *self.sizes]


class _FirstPixel(NamedTuple):
    """Both coordinates of the middle of the first pixel, and the text that tells it, or ""."""

    at: float
    told: str


@dataclass(frozen=True)
class _Circles:
    """The rows of a table of circles, blank ones without.

    Attributes:
        match: of the table.
        columns: of it.
        rows: the index of each row.
        images: the image of each.
        label: the column of the classes; None without.
        labels: the class of each.
        numbers: x, y and the halves of both axes, (n, 4).
        blank: the images of blank rows.
        n_repeated: rows that are left out, as they repeat another one.
    """

    match: ImageTable
    columns: _CircleColumns
    rows: Sequence[int]
    images: Sequence[ImageFile]
    label: str | None
    labels: Sequence[str]
    numbers: NDArray[np.float64]
    blank: Sequence[ImageFile]
    n_repeated: int

    def row(self, number: int) -> str:
        """Return which line of the table one is in, as an editor counts."""
        return f"row {self.rows[number] + 2}"


def read_circles(data: CompetitionData, annotations: Annotations | None) -> Annotations | None:
    """Return the circles of a table, where masks are to be sent; None without such.

    They are none, too, where a table has runs, or anything has outlines.

    Args:
        data: without a sample submission, a folder that is called so has PNGs to send.
        annotations: of an annotation tool; None without.

    Raises:
        DataError: a cell is no number, a size is not above 0, a circle lies outside its image,
            places are fractions of it, ellipses are turned, or a text has y from below, or x down.
    """
    folder = data.folder
    for path, table in data.tables.items():
        columns = _columns_of(table) if may_be_train_table(path) else None
        match = match_images(folder, path, table, _PARTS) if columns else None
        if columns is None or match is None or match.several or match.id in columns.numbers:
            continue
        if not _are_drawn(folder, match, columns, data.sample):
            continue
        # What is given pixel by pixel, or by corners, is the mask, and circles only tell of it.
        if find_runs(data) or find_outlines(data, annotations):
            return None
        circles = _read(folder, match, columns)
        return None if circles is None else _annotations(folder, circles, data.sample)
    return None


def _columns_of(table: pd.DataFrame) -> _CircleColumns | None:
    """Return the columns of circles, by their names; None where it is another table."""
    words = {str(one): set(name_words(str(one))) - _PLAIN for one in table.columns}
    known = frozenset[str]().union(*_ROLES.values())
    # crown_x, crown_y, crown_radius
    shared = Counter(word for each in words.values() for word in each - known)
    common = {word for word, n in shared.items() if n > 2}
    called: dict[str, list[str]] = {role: [] for role in _ROLES}
    for name, each in words.items():
        left = each - common
        for role, names in _ROLES.items():
            is_axis = role in ("rx", "ry") and left in (
                {axis, word} for axis in role[1] for word in ("radius", "r")
            )
            if (len(left) == 1 and left <= names) or is_axis:
                called[role].append(name)
    sizes = next((each for each in _SIZES if all(called[one] for one in each)), None)
    if sizes is None or called["z"] or (called["green"] and sizes == ("radius",)):
        return None
    if any(len(called[one]) != 1 for one in ("x", "y", *sizes)):
        return None
    columns = _CircleColumns(
        called["x"][0],
        called["y"][0],
        tuple(called[one][0] for one in sizes),
        sizes == ("diameter",),
        next(iter(called["angle"]), None),
    )
    cells = table[columns.numbers]
    are_numbers = cells.apply(lambda column: column.str.strip().str.fullmatch(_NUMBER))
    return columns if (are_numbers.to_numpy().mean(axis=0) > 0.5).all() else None


def _are_drawn(
    folder: DataFolder,
    match: ImageTable,
    columns: _CircleColumns,
    sample: SampleSubmission | None,
) -> bool:
    """Return whether masks are asked for, and none of the numbers of circles."""
    if sample is not None:
        runs, asked = runs_column(sample), {*map(str, sample.table.columns)}
        return runs is not None and not asked & {*columns.numbers} and not _names_places(runs)
    has_pngs = any(
        begins_as(level, "sent") or begins_as(level, "example")
        for one in folder.images
        if one.suffix.lower() == ".png"
        for level in one.folder.split("/")
    )
    return has_pngs and not match.table[match.id].is_unique


def _names_places(column: str) -> bool:
    """Return whether a column is called as points or circles are, whose numbers look like runs."""
    return not _PLACES.isdisjoint(singular_words(column))


def _read(folder: DataFolder, match: ImageTable, columns: _CircleColumns) -> _Circles | None:
    """Return the circles of the images that are there; None where they are of none."""
    table = match.table
    is_blank = (table[columns.numbers].apply(lambda one: one.str.strip()) == "").all(axis=1)
    label = _class_column(match, columns, is_blank)
    place = f"{folder.path / match.path}"
    rows, images, labels, numbers, blank = [], [], [], [], []
    seen, n_repeated = set[tuple[object, ...]](), 0
    for row, image in enumerate(match.images):
        if image is None:
            continue
        if is_blank.iloc[row]:
            blank.append(image)
            continue
        cells = [str(table[one].iloc[row]).strip() for one in columns.numbers]
        where = f"{place}, row {row + 2}"
        for column, cell in zip(columns.numbers, cells, strict=True):
            if not _NUMBER.fullmatch(cell):
                raise DataError(
                    f"{column} is {cell!r}, and other rows hold circles",
                    where=where,
                    fix="write a number, or leave all of "
                    f"{', '.join(columns.numbers)} blank where there is no object",
                )
        x, y, *sizes = map(float, cells)
        if min(sizes) <= 0:
            raise DataError(
                f"{some(columns.sizes)} is {some([f'{one:g}' for one in sizes])}, which is no size",
                where=where,
                fix="write a number above 0, or take the row away",
            )
        if label is not None and table[label].iloc[row] == "":
            raise DataError(
                f"{label} is blank, and other rows have a class",
                where=where,
                fix="write the class of the circle, or take the row away",
            )
        halves = [size / 2 if columns.is_diameter else size for size in sizes]
        circle = (x, y, halves[0], halves[-1])
        name = "object" if label is None else str(table[label].iloc[row])
        if (image.path, name, *circle) in seen:
            n_repeated += 1
            continue
        seen.add((image.path, name, *circle))
        rows.append(row)
        images.append(image)
        labels.append(name)
        numbers.append(circle)
    if not rows:
        return None
    found = _Circles(
        match, columns, rows, images, label, labels, np.array(numbers), blank, n_repeated
    )
    _refuse_turned(folder, found)
    return found


def _class_column(
    match: ImageTable, columns: _CircleColumns, is_blank: pd.Series[bool]
) -> str | None:
    """Return the column with the class of a circle; None without, or where it numbers circles."""
    rows = match.table[~is_blank]
    for one in map(str, match.table.columns):
        if one in (match.id, *columns.numbers) or not meaning_words("object class") & set(
            name_words(one)
        ):
            continue
        n, n_pairs = rows[one].nunique(), len(rows[[match.id, one]].drop_duplicates())
        names_images = n > 1 and n == n_pairs == rows[match.id].nunique()
        if n <= MOST_CLASSES and n < len(rows) and not names_images:
            return one
    return None


def _refuse_turned(folder: DataFolder, circles: _Circles) -> None:
    """Raise where ellipses are turned."""
    angle = circles.columns.angle
    if angle is None or len(circles.columns.sizes) < 2:
        return
    cells = circles.match.table[angle].iloc[list(circles.rows)]
    is_turned = ~cells.str.fullmatch(r"\s*[+-]?0*(\.0*)?\s*")
    if is_turned.any():
        number = int(np.argmax(is_turned.to_numpy()))
        raise DataError(
            f"{angle} is {cells.iloc[number]!r}: ellipses that are turned are not drawn, as a "
            "table tells neither the unit nor the direction",
            where=f"{folder.path / circles.match.path}, {circles.row(number)}",
            fix="write the outlines as polygons, or mask files",
        )


def _annotations(
    folder: DataFolder, circles: _Circles, sample: SampleSubmission | None
) -> Annotations:
    """Return circles as the shapes of their images, with what a person should check."""
    match, columns = circles.match, circles.columns
    first = _first_pixel(folder)
    own = {one.path: one for one in (*circles.images, *circles.blank)}
    without, told = _images_without(folder, circles, sample)
    own |= {one.path: one for one in without}
    sizes = {path: _size(folder, one) for path, one in own.items()}
    _refuse_outside(folder, circles, sizes)
    shapes: dict[str, list[Shape]] = {path: [] for path in own}
    n_without_pixel = 0
    for image, label, (x, y, rx, ry) in zip(
        circles.images, circles.labels, circles.numbers.tolist(), strict=True
    ):
        middle = (x - first.at + 0.5, y - first.at + 0.5)
        n_without_pixel += not _has_pixel(middle, (rx, ry), sizes[image.path])
        corner = (middle[0] + rx, middle[1] + ry)
        shapes[image.path].append((label, "ellipse", [middle, corner]))
    what = "circles" if len(columns.sizes) == 1 else "ellipses"
    notes = [_note_on_first_pixel(match.path, columns, first, what)]
    notes = notes if first.at or not first.told else []
    if n_without_pixel:
        notes.append(
            f"{match.path}: {n_without_pixel:,} of {len(circles.rows):,} {what} hold the middle of "
            "no pixel, and are left out"
        )
    if circles.n_repeated:
        repeated = plural(circles.n_repeated, "row")
        notes.append(f"{match.path}: {repeated} with the {what} of another row are left out")
    notes += [f"{match.path}: {told}"] if told else []
    n_gone = sum(one is None for one in match.images)
    if n_gone:
        notes.append(
            f"{match.path}: {plural(n_gone, 'row')} of images that are not there, or are of test, "
            "are left out"
        )
    notes += [*_note_on_corner(circles, sizes), *_notes_on_columns(circles)]
    drawn = [
        AnnotatedImage(match.path, image, sizes[path], shapes[path]) for path, image in own.items()
    ]
    reader = f"{what} ({', '.join(columns.numbers)})"
    return Annotations(reader, len(drawn), drawn, notes=notes, are_single=True)


def _note_on_first_pixel(path: str, columns: _CircleColumns, first: _FirstPixel, what: str) -> str:
    """Return where the middle of the first pixel is taken to be."""
    drawn = f"{path}: {what} are drawn with the middle of the top left pixel at {columns.x} "
    drawn += f"{first.at:g}, {columns.y} {first.at:g}"
    if first.told:
        return f"{drawn}, as {first.told}"
    return (
        f"{drawn}, and {columns.y} counts down: no text beside the data says where it is. Where "
        f"the corner of the image is (0, 0), take 0.5 off {columns.x} and {columns.y}; where "
        "pixels are counted from 1, take 1 off"
    )


def _notes_on_columns(circles: _Circles) -> list[str]:
    """Return which columns of few values tell circles of an image apart, and are not used."""
    match, columns = circles.match, circles.columns
    rows = match.table.iloc[list(circles.rows)]
    notes = []
    for name in map(str, rows.columns):
        if name in (match.id, circles.label, *columns.numbers):
            continue
        # Ids and measures are other ones in each row.
        is_few = 2 * rows[name].nunique() <= len(rows) and rows[name].nunique() <= MOST_CLASSES
        if is_few and (rows.groupby(match.id)[name].nunique() > 1).any():
            notes.append(
                f"{match.path}: {name} differs among the rows of an image and is not used: where "
                "it tells classes apart, call it class; where several people drew the same "
                "objects, keep the rows of one"
            )
    return notes


def _images_without(
    folder: DataFolder, circles: _Circles, sample: SampleSubmission | None
) -> tuple[list[ImageFile], str]:
    """Return the images without a row that have no object, and what became of all without a row.

    They lie beside those with a row, and the sample does not name them.
    """
    named = [one for one in circles.match.images if one is not None]
    known, folders = {one.path for one in named}, {one.folder for one in named}
    if sample is not None:
        known |= {one.path for cell in sample.table[sample.id] for one in folder.named(cell)}
    rest = [
        one
        for one in folder.of_part("train", "other")
        if one.path not in known and one.folder in folders
    ]
    if not rest:
        return [], ""
    shown = f"{plural(len(rest), 'image')} without a row ({some([one.name for one in rest], 2)})"
    if circles.blank:
        return [], f"{shown} are left out, as blank rows name those without an object"
    return rest, f"{shown} are taken to have no object"


def _size(folder: DataFolder, image: ImageFile) -> tuple[int, int]:
    size = picture_size(folder.path / image.path)
    if size is None:
        raise DataError(
            "its height and width cannot be read, and a table has circles in such images",
            where=folder.path / image.path,
            fix="write it anew, as PNG or TIFF",
        )
    return size


def _refuse_outside(
    folder: DataFolder, circles: _Circles, sizes: Mapping[str, tuple[int, int]]
) -> None:
    """Raise where places are fractions of the image, or a circle touches no pixel of its own."""
    columns, place = circles.columns, f"{folder.path / circles.match.path}"
    x, y, rx, ry = circles.numbers.T
    height, width = np.array([sizes[one.path] for one in circles.images]).T
    if (np.abs([x, y]) <= 1).all() and (height > 2).any() and (width > 2).any():
        raise DataError(
            f"{columns.x} and {columns.y} are all between -1 and 1, as fractions of an image are, "
            f"and nothing tells of what {some(columns.sizes)} is one",
            where=place,
            fix=f"write {', '.join(columns.numbers)} in pixels",
        )
    is_out = (x + rx < -1) | (x - rx > width + 1) | (y + ry < -1) | (y - ry > height + 1)
    if not is_out.any():
        return
    number = int(np.argmax(is_out))
    cells = circles.match.table[columns.numbers].iloc[circles.rows[number]]
    shown = ", ".join(f"{name} {cell}" for name, cell in cells.items())
    others = f", as {int(is_out.sum()) - 1:,} more of {plural(len(is_out), 'row')}" * bool(
        is_out.sum() > 1
    )
    raise DataError(
        f"{shown} lies outside its image {circles.images[number].path}, which is "
        f"{height[number]:,} × {width[number]:,} (height × width){others}",
        where=f"{place}, {circles.row(number)}",
        fix=f"write {columns.x} as column and {columns.y} as row, in pixels of the image, or take "
        "such rows away",
    )


def _note_on_corner(circles: _Circles, sizes: Mapping[str, tuple[int, int]]) -> Iterator[str]:
    """Yield where many circles all lie in one corner, as those of smaller images do."""
    x, y, *_ = circles.numbers.T
    height, width = np.array([sizes[one.path] for one in circles.images]).T
    right, bottom = float((x / width).max()), float((y / height).max())
    if len(x) >= _FEWEST_PLACES and max(right, bottom) < _CORNER:
        yield (
            f"{circles.match.path}: all {either(len(x), 'place lies', 'places lie')} in the top "
            f"left {right:.0%} × "
            f"{bottom:.0%} of the images: find out whether {circles.columns.x} and "
            f"{circles.columns.y} are in pixels of these images, or of smaller ones"
        )


def _has_pixel(
    middle: tuple[float, float], halves: tuple[float, float], size: tuple[int, int]
) -> bool:
    """Return whether an ellipse holds the middle of a pixel: the nearest one, of each axis."""
    total = 0.0
    for at, half, length in zip(middle, halves, reversed(size), strict=True):
        nearest = min(max(np.floor(at), 0), length - 1) + 0.5
        total += float((nearest - at) / half) ** 2
    return total <= 1 + TOUCHES


_PAIR = r"\(? ?(0|0[.,]5|[.,]5|1) ?[,;|/] ?(?:\1) ?\)?(?![\d.,]*\d)"
_MIDDLES = r"(?:cent(?:re|er)|middle)s?"
_IS = r"(?:(?:is|are|lies?|stands?|at|has|have|the|coordinates?|position|x|y|and),? ){0,6}"
_OWN = r"(?:(?:whose|has|have|having|with|its|their|the) ){0,2}"
_WHICH = r"(?:(?:the|a|each|first|top|upper|left|most|leftmost|uppermost|corner|image['’]s) ){0,6}"
_TOLD = (
    re.compile(rf"\bpixel(?:['’]?s)?,? {_OWN}{_MIDDLES},? {_IS}{_PAIR}"),
    re.compile(rf"\b{_MIDDLES} of {_WHICH}pixels?,? {_IS}{_PAIR}"),
)
_WHOLE = re.compile(
    rf"\bpixel {_MIDDLES} (?:are |lie |stand )?(?:at |on |have )?(?:the )?"
    r"(half |whole |)(?:integers?|numbers)\b"
)
_FROM_BELOW = re.compile(r"\b(?:bottom|lower) (?:left|right)\b|\bfrom (?:the )?bottom\b")
_ORIGIN = re.compile(r"\borigin\b|\by\b|\(0, ?0\)")
_X_DOWN = re.compile(r"\bx ?(?:\(row\)|(?:is|=|:|means) ?(?:the )?(?:row|vertical)\b)")


def _first_pixel(folder: DataFolder) -> _FirstPixel:
    """Return where the middle of the first pixel is, as texts state; (0, 0) where none does.

    Raises:
        DataError: a text has y from below, or x down, or texts differ.
    """
    found: dict[float, str] = {}
    for path, text in texts_beside(folder):
        for sentence in SENTENCE_END.split(text):
            below = _FROM_BELOW.search(sentence)
            if (below and _ORIGIN.search(sentence)) or _X_DOWN.search(sentence):
                raise DataError(
                    f"{shortened(sentence.strip(), _LONGEST)!r} may say that y counts from below, "
                    "or that x counts down, and circles are drawn with x from the left and y from "
                    "the top",
                    where=folder.path / path,
                    fix="write them so, and take the sentence away",
                )
            told = [match for way in _TOLD for match in way.finditer(sentence)]
            for match in told if below is None else ():
                at = float(match[1].replace(",", "."))
                found.setdefault(at, f"{path} says {match[0].strip()!r}")
            for match in _WHOLE.finditer(sentence):
                at = 0.5 if match[1] == "half " else 0.0
                found.setdefault(at, f"{path} says {match[0].strip()!r}")
    if len(found) > 1:
        raise DataError(
            f"{' and '.join(found.values())}, and the middle of the first pixel is one of these",
            where=folder.path,
            fix="take the sentence away that is wrong",
        )
    return next((_FirstPixel(at, told) for at, told in found.items()), _FirstPixel(0.0, ""))
