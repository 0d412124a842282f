"""Masks in a table with a column for each image and a row for each pixel, written as mask files.

,0.png,1.png,2.png         the pixels of 0.png, line by line: 0 0 3 …
Pixel 0,0,0,0              →   made/masks/0.png, made/masks/1.png …
Pixel 1,0,5,0
Pixel 2,3,5,0

Which way the pixels run is told by the images: those of one value are alike in the right one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.masks.outlines import Outlines
from podium.competition.infer.files import ImageFile
from podium.competition.infer.masks.values import ClassNames
from podium.competition.infer.pictures import picture_size, read_pixels
from podium.errors import DataError, plural, some
from podium.workspace.progress import SILENT, Progress

__all__ = ["PixelTables", "write_columns_of_pixels"]

_FEWEST = 3  # columns of images
_HIGHEST = 255
_MOST_VALUES = 64
_PROBED = 20
_NUMBER = re.compile(r"\D*(\d+)")


class PixelTables(NamedTuple):
    """The masks that a table of pixels has, and the tables of this form.

    Attributes:
        outlines: the masks.
        to_send: tables that have a column for each image to predict.
        notes: what they are, and what of them is not read.
    """

    outlines: Outlines
    to_send: tuple[str, ...]
    notes: tuple[str, ...]


def write_columns_of_pixels(
    data: CompetitionData, target: Path, *, progress: Progress = SILENT
) -> PixelTables | None:
    """Return the masks of the one table of train of this form, written to `target`; or None.

    Columns of zeros alone that are all behind the others, or before them, have no mask: their
    images may have no label.

    Args:
        data: the sample submission is among its tables.
        target: the folder for the masks.
        progress: of the masks.

    Raises:
        DataError: an image has another size than the others, so that its pixels are not known.
    """
    folder, tables = data.folder, data.tables
    of_train = folder.of_part("train", "other", "holdout")
    found = [
        (path, named, order)
        for path, table in tables.items()
        if (named := _columns_of(table, of_train)) and (order := _rows_of(table)) is not None
    ]
    of_test = folder.of_part("test")
    sent = [path for path, one in tables.items() if _columns_of(one, of_test) and len(of_test) > 1]
    found = [one for one in found if one[0] not in sent] or found
    if len(found) != 1:
        return None
    [(path, named, order)] = found
    values = _whole(tables[path][list(named)])
    if values is None:
        return None
    values = values[order]  # (H·W, N)
    sizes = {name: picture_size(folder.path / one.path) for name, one in named.items()}
    first = next(iter(sizes.values()))
    if first is None or first[0] * first[1] != len(values):
        return None
    other = next((name for name, size in sizes.items() if size != first), "")
    if other:
        raise DataError(
            f"the column {other} has {plural(len(values), 'pixel')}, as all others, and its "
            "image has not",
            where=folder.path / path,
            fix="mend the image, or take its column out of the table",
        )
    masks = _by_line(values, first)
    shown = [read_pixels(folder.path / one.path) for one in [*named.values()][:_PROBED]]
    told = "line by line"
    turned = _by_column(values, first)
    if _spread(turned, shown) < _spread(masks, shown):
        masks, told = turned, "column by column"
    blank = _blank_end(values)
    target.mkdir(parents=True, exist_ok=True)
    files: dict[str, list[Path]] = {}
    kept = [
        (image, mask)
        for image, mask, is_blank in zip(named.values(), masks, blank, strict=True)
        if not is_blank
    ]
    keys = {image.path: image.stem for image, _ in kept}
    with progress.bar("writing masks", len(kept)) as advance:
        for image, mask in kept:
            files[image.stem] = [target / f"{image.stem}.png"]
            Image.fromarray(mask.astype(np.uint8)).save(files[image.stem][0])
            advance(1)
    height, width = first
    notes = [
        f"{path} has a column for each of {plural(len(named), 'image')} and a row for each of "
        "their "
        f"{height} × {width} pixels, {told}: they are masks"
    ]
    if blank.any():
        rest = [name for name, is_blank in zip(named, blank, strict=True) if is_blank]
        notes.append(
            f"{plural(len(rest), 'column')} of {path} at one end ({some(rest, 3)}) "
            f"{'has' if len(rest) == 1 else 'have'} zeros alone, and no mask is made of "
            f"{'it' if len(rest) == 1 else 'them'}"
        )
    notes += [
        f"{one} has a column for each image to predict and a row for each pixel: podium writes no "
        "such file, and what it sends is of another form. Write submission.file: {kind: png}, and "
        "fill a column of that table with numpy.asarray(PIL.Image.open(mask)).ravel() of each PNG"
        f"{'.T' if told != 'line by line' else ''}"
        for one in sent
    ]
    outlines = Outlines(
        files, (path,), "columns of pixels", ClassNames(""), (), (), are_numbers=True, keys=keys
    )
    return PixelTables(outlines, tuple(sent), tuple(notes))


def _columns_of(table: pd.DataFrame, images: Sequence[ImageFile]) -> dict[str, ImageFile]:
    """Return the image of each column behind the first; {} where one names none of `images`."""
    columns = [str(one) for one in table.columns[1:]]
    by_name = {name: one for one in images for name in (one.stem, one.name)}
    if len(columns) < _FEWEST or len(table) < _FEWEST or len({*columns}) < len(columns):
        return {}
    named = {one: by_name[one] for one in columns if one in by_name}
    stems = {one.stem for one in named.values()}
    return named if len(stems) == len(columns) else {}


def _rows_of(table: pd.DataFrame) -> list[int] | None:
    """Return the rows in the order of the numbers of their pixels; None where these are others."""
    found = [_NUMBER.fullmatch(cell) for cell in table.iloc[:, 0].map(str)]
    numbers = [int(one[1]) for one in found if one is not None]
    if len(numbers) < len(found) or not numbers:
        return None
    order = sorted(range(len(numbers)), key=numbers.__getitem__)
    first = numbers[order[0]]
    is_whole = [numbers[one] for one in order] == [*range(first, first + len(numbers))]
    return order if is_whole and first in (0, 1) else None


def _whole(cells: pd.DataFrame) -> NDArray[np.int64] | None:
    """Return cells as whole numbers of a byte, of few values; None where they are others."""
    try:
        numbers = cells.to_numpy().astype(np.float64)
    except ValueError:
        return None
    is_whole = bool(np.isfinite(numbers).all()) and not np.any(numbers % 1)
    if not is_whole or numbers.min() < 0 or numbers.max() > _HIGHEST:
        return None
    return numbers.astype(np.int64) if 1 < len(np.unique(numbers)) <= _MOST_VALUES else None


def _by_line(values: NDArray[np.int64], size: tuple[int, int]) -> NDArray[np.int64]:
    return values.T.reshape(-1, *size)


def _by_column(values: NDArray[np.int64], size: tuple[int, int]) -> NDArray[np.int64]:
    return values.T.reshape(-1, size[1], size[0]).transpose(0, 2, 1)


def _spread(masks: NDArray[np.int64], images: Sequence[NDArray[np.uint8] | None]) -> float:
    """Return how far pixels of one value of a mask lie from their mean, in all images."""
    total = 0.0
    for mask, image in zip(masks, images, strict=False):
        if image is None or image.shape[:2] != mask.shape:
            continue
        grey = image.reshape(*mask.shape, -1).mean(axis=2)
        for value in np.unique(mask):
            inside = grey[mask == value]
            total += float(((inside - inside.mean()) ** 2).sum())
    return total


def _blank_end(values: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which columns are of zeros alone, where these are all at one end; else none."""
    blank: NDArray[np.bool_] = np.asarray(~values.any(axis=0), dtype=np.bool_)
    n = int(blank.sum())
    is_end = n > 1 and (blank[-n:].all() or blank[:n].all())
    return blank if is_end else np.zeros_like(blank)
