"""Masks that come as cropped pieces, with the place of each in its image in a table.

    piece,photo,x,y                  pieces/p17.png: 255 is the thing, 0 the rest
    p17,ab3,49,12
    p18,ab3,60,14

Each piece is pasted at its place, pixel for pixel, and the mask of an image is all that its pieces
show together; of several classes where a column beside tells the class of a piece. Columns that no
word tells apart, and whether the first pixel is 0 or 1, are tested against all pieces and the sizes
of their images: none may leave its image. Of two ways that fit a person chooses.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.ids.patterns import bare_name
from podium.competition.infer.annotations.shapes import (
    RUNS,
    AnnotatedImage,
    Annotations,
    Point,
    Shape,
)
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.labels.unpredicted import coded_masks_column
from podium.competition.infer.conversions.masks.outlines import MOST_CLASSES
from podium.competition.infer.evidence import Reading, choose
from podium.competition.infer.files import DataFolder, ImageFile, may_be_train_table
from podium.competition.infer.labels.cells import sort_classes
from podium.competition.infer.labels.column_names import ACROSS_WORDS, DOWN_WORDS
from podium.competition.infer.pictures import picture_size, read_pixels
from podium.competition.infer.sample.runs import runs_column
from podium.competition.infer.shares import HALF, NEARLY_ALL
from podium.competition.languages import meaning_words
from podium.competition.spelling import name_words
from podium.errors import DataError, either, plural

__all__ = ["PastedPieces", "read_pieces"]

_WHOLE = r"\d{1,6}(?:\.0+)?"
_FEWEST = 3  # pieces
_PROBED = 24  # pieces whose pixels are looked at before all are read
_MOST_OPEN = 4  # columns of whole numbers of which two may be the place


class PastedPieces(NamedTuple):
    """The pieces of a table, as shapes of images.

    Attributes:
        annotations: of the images.
        path: of the table.
    """

    annotations: Annotations
    path: str


class _PlaceColumns(NamedTuple):
    """The columns of the left and the upper place, and the number of the first pixel."""

    x: str
    y: str
    base: int

    @property
    def description(self) -> str:
        """How places are counted."""
        return f"{self.x} counts across and {self.y} down, from {self.base}"


@dataclass(frozen=True)
class _Pieces:
    """The rows of a table of pieces, of images of train that are there.

    Attributes:
        path: of the table.
        rows: of the table, of these alone.
        files: the piece of each row.
        images: the image of each.
        sizes: height and width of each piece, (n, 2).
        of_image: those of its image, (n, 2).
        label: the column of classes; None without.
        n_left: rows whose image or piece is not there.
    """

    path: str
    rows: pd.DataFrame
    files: Sequence[ImageFile]
    images: Sequence[ImageFile]
    sizes: NDArray[np.int64]
    of_image: NDArray[np.int64]
    label: str | None
    n_left: int


def read_pieces(data: CompetitionData) -> PastedPieces | None:
    """Return the pieces of masks that a table places in images of train; None without such.

    A piece has 0 and one other value, and is smaller than its image. They are none where the sample
    submission asks for no masks, or, without one, where images to predict are such pictures, too.

    Raises:
        DataError: most pieces lie in their image, and some do not.
    """
    for path, table in data.tables.items():
        if not may_be_train_table(path) or len(table) < _FEWEST or not _may_be_masks(data):
            continue
        pieces = _read(data.folder, path, table)
        if pieces is None:
            continue
        ways = [_tested(pieces, way) for way in _ways(pieces)]
        if not ways:
            continue
        choice = choose(ways, len(pieces.rows))
        n_out = choice.chosen.n_against
        if n_out > HALF * len(pieces.rows) or not _are_masks(data.folder, pieces.files):
            continue
        if n_out:
            raise DataError(
                f"the rows place pieces of masks in images, and {choice.chosen.against}, where "
                f"{choice.chosen.value.description}",
                where=data.folder.path / path,
                fix="correct these rows, or take them away",
            )
        first, *others = (
            _images(data.folder, pieces, one.value) for one in (choice.chosen, *choice.others)
        )
        rest = zip(others, choice.others, strict=True)
        annotations = Annotations(
            "pieces of masks",
            len(first),
            first,
            classes=() if pieces.label is None else sort_classes([*pieces.rows[pieces.label]]),
            notes=[*_notes(pieces, choice.chosen.value)],
            others=[(images, one.why) for images, one in rest],
            pictures=[one.path for one in pieces.files],
        )
        return PastedPieces(annotations, path)
    return None


def _may_be_masks(data: CompetitionData) -> bool:
    """Return whether masks are asked for, or nothing shows what is."""
    sample = data.sample
    if sample is not None:
        return runs_column(sample) is not None or bool(coded_masks_column(sample))
    test = data.folder.of_part("test")
    return not test or not _are_masks(data.folder, test)


def _read(folder: DataFolder, path: str, table: pd.DataFrame) -> _Pieces | None:
    """Return the pieces that a table names with their images; None where it is another table."""
    whole = [str(one) for one in table if table[one].str.fullmatch(_WHOLE).all()]
    if len(whole) < 2:
        return None
    named = [(str(one), files) for one in table for files in _files_of(folder, table[one])]
    for (piece, of_piece), (image, of_rows) in permutations(named, 2):
        if piece == image or not table[piece].is_unique:
            continue
        pairs = list(zip(of_piece, of_rows, strict=True))
        kept = [
            n
            for n, (own, of) in enumerate(pairs)
            if own is not None and of is not None and of.part != "test"
        ]
        own, of = ([pair[side] for n in kept if (pair := pairs[n])] for side in (0, 1))
        files, images = [one for one in own if one], [one for one in of if one]
        places = {one.path for one in files}
        if len(kept) < max(_FEWEST, HALF * len(table)) or places & {one.path for one in images}:
            continue
        sizes, of_image = _sizes(folder, files), _sizes(folder, images)
        if sizes is None or of_image is None:
            continue
        is_smaller = (sizes <= of_image).all(axis=1) & (sizes < of_image).any(axis=1)
        if is_smaller.mean() < NEARLY_ALL:
            continue
        rows = table.iloc[kept].reset_index(drop=True)
        label = _label(rows, {piece, image, *whole})
        return _Pieces(path, rows, files, images, sizes, of_image, label, len(table) - len(kept))
    return None


def _files_of(folder: DataFolder, cells: pd.Series[str]) -> list[list[ImageFile | None]]:
    """Return the pictures that cells name, None of another cell; [] where few name one.

    Names that are those of pictures of several folders are of one of these: each is a way.
    """
    alike: dict[str, list[ImageFile]] = {}
    for one in folder.images:
        alike.setdefault(one.stem, []).append(one)
    named = {cell: alike.get(bare_name(cell.strip()), []) for cell in cells.unique()}
    alone = {cell: each[0] for cell, each in named.items() if len(each) == 1}
    ways = [alone]
    if len(alone) < len(named):
        for place in sorted({one.folder for each in named.values() for one in each}):
            inside = {
                cell: [one for one in each if one.folder == place] for cell, each in named.items()
            }
            ways.append({cell: each[0] for cell, each in inside.items() if len(each) == 1})
    found = [[way.get(cell) for cell in cells] for way in ways]
    return [one for one in found if sum(each is not None for each in one) >= HALF * len(one)]


def _sizes(folder: DataFolder, files: Sequence[ImageFile]) -> NDArray[np.int64] | None:
    """Return the height and the width of each picture, (n, 2); None where one cannot be read."""
    known = {one.path: picture_size(folder.path / one.path) for one in dict.fromkeys(files)}
    found = [known[one.path] for one in files]
    return None if None in found else np.array(found, dtype=np.int64).reshape(-1, 2)


def _label(rows: pd.DataFrame, used: Collection[str]) -> str | None:
    """Return the column of classes, which is called so and has several; None without."""
    words = meaning_words("object class")
    names = [one for one in map(str, rows) if one not in used and words & {*name_words(one)}]
    found = [one for one in names if 1 < rows[one].nunique() <= min(MOST_CLASSES, len(rows) // 2)]
    return found[0] if found and not (rows[found[0]].str.strip() == "").any() else None


def _ways(pieces: _Pieces) -> Iterator[_PlaceColumns]:
    """Yield the ways in which columns of whole numbers may be places, the usual one first."""
    rows = pieces.rows
    whole = [str(one) for one in rows if rows[one].str.fullmatch(_WHOLE).all()]
    sizes = {tuple(side) for side in pieces.sizes.T.tolist()}
    # Width and height of a piece are those of its file, and a number of its own is its name.
    open_columns = [
        one
        for one in whole
        if tuple(rows[one].astype(float).astype(int)) not in sizes
        and not _counts(rows[one])
        and one != pieces.label
    ]
    across, down = (
        [one for one in open_columns if words & {*name_words(one)}]
        for words in (ACROSS_WORDS, DOWN_WORDS)
    )
    if len(across) == len(down) == 1 and across != down:
        pairs = [(across[0], down[0])]
    elif len(open_columns) <= _MOST_OPEN:
        pairs = list(permutations(open_columns, 2))
    else:
        pairs = []
    yield from (_PlaceColumns(x, y, base) for base in (0, 1) for x, y in pairs)


def _counts(cells: pd.Series[str]) -> bool:
    """Return whether a column numbers the rows."""
    numbers = cells.astype(float)
    return bool(numbers.is_unique and (numbers.diff().dropna() == 1).all())


def _tested(pieces: _Pieces, way: _PlaceColumns) -> Reading[_PlaceColumns]:
    """Return a way with the pieces that would leave their image."""
    corners = _corners(pieces, way)
    outside = (corners < 0) | (corners + pieces.sizes > pieces.of_image)
    is_out: NDArray[np.bool_] = np.asarray(outside.any(axis=1))
    if not is_out.any():
        return Reading(way, f"where {way.description}")
    row = int(np.argmax(is_out))
    (top, left), (height, width) = corners[row] + way.base, pieces.sizes[row]
    high, wide = pieces.of_image[row]
    against = (
        f"{is_out.sum():,} of {plural(len(is_out), 'piece')} would leave the image, such as "
        f"{pieces.files[row].path} of {width:,} × {height:,} pixels (width × height) at "
        f"{left:,}, {top:,} of {pieces.images[row].path}, which has {wide:,} × {high:,}"
    )
    return Reading(way, f"where {way.description}", against, int(is_out.sum()))


def _corners(pieces: _Pieces, way: _PlaceColumns) -> NDArray[np.int64]:
    """Return the row and the column of the upper left pixel of each piece, (n, 2)."""
    numbers = pieces.rows[[way.y, way.x]].astype(float).to_numpy()
    corners: NDArray[np.int64] = numbers.astype(np.int64) - way.base
    return corners


def _are_masks(folder: DataFolder, files: Sequence[ImageFile]) -> bool:
    """Return whether pieces have 0 and one value beside it, all of them the same."""
    seen: set[int] = set()
    for one in files[:: max(1, len(files) // _PROBED)]:
        pixels = _pixels(folder, one)
        if pixels is None:
            return False
        seen |= {*np.unique(pixels).tolist()}
        if len(seen | {0}) > 2:
            return False
    return 0 in seen and len(seen) == 2


def _pixels(folder: DataFolder, one: ImageFile) -> NDArray[np.integer] | None:
    """Return a piece as numbers `(H, W)`; None where its channels differ or it cannot be read."""
    pixels = read_pixels(folder.path / one.path)
    if pixels is None or pixels.dtype.kind not in "biu" or pixels.ndim not in (2, 3):
        return None
    if pixels.ndim == 3:
        colours = pixels[..., :3]
        if (colours != colours[..., :1]).any():
            return None
        pixels = colours[..., 0]
    return pixels.astype(np.int64)


def _images(folder: DataFolder, pieces: _Pieces, way: _PlaceColumns) -> list[AnnotatedImage]:
    """Return the images with the runs of their pieces.

    Raises:
        DataError: a piece cannot be read, or has further values.
    """
    shapes: dict[ImageFile, list[Shape]] = {}
    sizes: dict[ImageFile, tuple[int, int]] = {}
    values: dict[int, str] = {}
    labels = ["object"] * len(pieces.rows) if pieces.label is None else pieces.rows[pieces.label]
    each = zip(
        pieces.files, pieces.images, labels, _corners(pieces, way), pieces.of_image, strict=True
    )
    for file, image, label, (top, left), (height, width) in each:
        pixels = _pixels(folder, file)
        found = [] if pixels is None else [one for one in np.unique(pixels).tolist() if one]
        values |= dict.fromkeys(found, file.path)
        if pixels is None or len(values) > 1:
            told = "cannot be read" if pixels is None else f"has the value {found[-1]}, too"
            raise DataError(
                f"the piece of a mask {told}: all others have 0 and one other value",
                where=folder.path / file.path,
                fix="write it as a PNG of 0 and that value",
            )
        runs = _runs(pixels != 0, int(top), int(left))
        shapes.setdefault(image, []).append((str(label), RUNS, runs))
        sizes[image] = int(height), int(width)
    return [
        AnnotatedImage(pieces.path, image, sizes[image], each) for image, each in shapes.items()
    ]


def _runs(pixels: NDArray[np.bool_], top: int, left: int) -> list[Point]:
    """Return the first place of each run of a row of pixels, and the one behind it, in turn."""
    edges = np.diff(np.pad(pixels, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    corner = np.array([top, left])
    starts, ends = (np.argwhere(edges == step) + corner for step in (1, -1))
    pairs: list[Point] = []
    for (row, start), (_, end) in zip(starts.tolist(), ends.tolist(), strict=True):
        pairs += [(start, row), (end, row)]
    return pairs


def _notes(pieces: _Pieces, way: _PlaceColumns) -> Iterator[str]:
    """Yield what was made of the pieces."""
    n = len({one.path for one in pieces.images})
    yield (
        f"{plural(len(pieces.rows), 'picture')} that {pieces.path} places in "
        f"{plural(n, 'image')} are pieces of masks: the mask of an image is what its pieces show "
        f"together, where {way.description}"
    )
    if pieces.n_left:
        yield (
            f"{either(pieces.n_left, 'row is', 'rows are')} of an image that is not to learn from, "
            f"or of a piece that is not there, and not used: see {pieces.path}"
        )
