"""Images that come as numbers, written as image files: `podium init` on a folder without any.

Tables with a row an image and a column a pixel (`label,pixel0,pixel1,…`, as Digit Recognizer has
them), and arrays of many images (`train.npz` with `images` and `labels`; `X_train.npy` and
`y_train.npy`). Each becomes a folder of PNG files and a table beside it. An array without labels of
its length is left to the readers: it may be one image, or a volume.
"""

from __future__ import annotations

import math
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from podium.competition.ids.patterns import files_below, is_image
from podium.competition.infer.files import FolderPart, guess_part, name_words
from podium.competition.infer.submission import is_sample_submission
from podium.competition.tables import TABLE_SUFFIXES, read_table
from podium.errors import DataError
from podium.workspace.atomic import write_text
from podium.workspace.progress import SILENT, Progress

__all__ = ["WrittenImages", "write_images"]

_FEWEST_PIXELS = 16
_MOST_ARRAYS = 8
_SIDES = (1, 3, 4)
_PIXEL = re.compile(r"(?:pixel|px|p)?_?(\d+)(?:[x_]\d+)?", re.I)
_ID = "id"


@dataclass
class _Part:
    """Images of train or of test: arrays `(N, H, W)` or `(N, H, W, C)`, and the other columns."""

    source: str
    pixels: NDArray[Any]
    columns: dict[str, list[str]] = field(default_factory=dict)


class WrittenImages(NamedTuple):
    """Images of a part as files: their folder, or a file beside, what it is made of, a note."""

    path: Path
    source: Path
    reader: str
    note: str


def write_images(data: Path, target: Path, *, progress: Progress = SILENT) -> list[WrittenImages]:
    """Return what was written to `target`, part by part; [] where `data` holds no such images.

    Args:
        data: a folder without image files.
        target: a folder that is not there yet, or was written by an earlier call.
        progress: of the images.

    Raises:
        DataError: rows of pixels are no square and no other size is told.
    """
    if any(is_image(path) for path in files_below(data, "")):
        return []
    tables = [path for path in files_below(data, "") if path.lower().endswith(TABLE_SUFFIXES)]
    samples = [path for path in tables if is_sample_submission(path)]
    parts = dict(_of_tables(data, [path for path in tables if path not in samples]))
    parts = parts or dict(_of_arrays(data))
    if "train" not in parts or not parts["train"].columns:
        return []
    ids = read_table(data / samples[0]).iloc[:, 0] if samples else pd.Series([], dtype=object)
    written = []
    for name, part in parts.items():
        n = len(part.pixels)
        names = part.columns.pop(_ID, None) or _row_names(n, ids if name == "test" else None)
        folder = target / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        with progress.bar(f"writing {name}", n) as advance:
            for one, pixels in zip(names, part.pixels, strict=True):
                Image.fromarray(_as_bytes(pixels, part.pixels)).save(folder / f"{one}.png")
                advance(1)
        table = pd.DataFrame({_ID: names, **part.columns}, dtype=object)
        write_text(target / f"{name}.csv", table.to_csv(index=False, lineterminator="\n"))
        size = " × ".join(map(str, part.pixels.shape[1:3]))
        note = f"{folder}: {n:,} images of {size} pixels, the rows of {part.source}"
        reader = f"arrays of {size} pixels, {part.pixels.dtype}"
        written.append(WrittenImages(folder, data / part.source, reader, note))
    for path in samples[:1]:
        file = target / Path(path).name
        shutil.copyfile(data / path, file)
        written.append(WrittenImages(file, data / path, "a copy", f"{file}: a copy of {path}"))
    return written


def _row_names(n: int, expected: pd.Series[str] | None) -> list[str]:
    """Return the ids that a sample submission has, where there is one a row; else row numbers."""
    if expected is not None and len(expected) == n and expected.is_unique:
        return [str(one) for one in expected]
    return [str(row) for row in range(n)]


def _as_bytes(pixels: NDArray[Any], every: NDArray[Any]) -> NDArray[np.uint8]:
    """Return an image as bytes; fractions of one become 0 to 255."""
    if np.issubdtype(every.dtype, np.floating) and float(every.max()) <= 1:
        pixels = pixels * 255
    pixels = pixels[..., 0] if pixels.ndim == 3 and pixels.shape[-1] == 1 else pixels
    rounded: NDArray[np.uint8] = np.clip(np.rint(pixels), 0, 255).astype(np.uint8)
    return rounded


def _of_tables(data: Path, paths: Sequence[str]) -> Iterator[tuple[str, _Part]]:
    for path in paths:
        head = pd.read_csv(data / path, nrows=5, sep="\t" if ".tsv" in path else ",")
        pixels = [name for name in head.columns if _PIXEL.fullmatch(str(name))]
        if len(pixels) < _FEWEST_PIXELS:
            continue
        part = guess_part(path.rpartition("/")[2])
        table = pd.read_csv(data / path, sep="\t" if ".tsv" in path else ",")
        values = table[pixels].to_numpy()
        others = {
            (_ID if {"id", "imageid"} & set(name_words(str(name))) else str(name)): [
                str(cell) for cell in table[name]
            ]
            for name in table.columns
            if name not in pixels
        }
        name = part if part != "other" else "train"
        yield name, _Part(path, _shaped(values, where=path), others)


def _shaped(values: NDArray[Any], where: str) -> NDArray[Any]:
    """Return rows of H·W or H·W·C pixels as images that are square."""
    n, width = values.shape
    for channels in _SIDES:
        side = math.isqrt(width // channels)
        if side * side * channels == width:
            return values.reshape(n, side, side, *([] if channels == 1 else [channels]))
    raise DataError(
        f"rows of {width:,} pixels are no square image",
        where=where,
        fix="write the images as files, and name their folder",
    )


def _of_arrays(data: Path) -> Iterator[tuple[str, _Part]]:
    paths = [path for path in files_below(data, "") if path.lower().endswith((".npz", ".npy"))]
    if len(paths) > _MOST_ARRAYS:
        return  # a file an image
    arrays: dict[str, Mapping[str, NDArray[Any]]] = {}
    for path in paths:
        try:
            read = np.load(data / path, allow_pickle=False)
        except (OSError, ValueError, EOFError):
            continue
        stem = path.rpartition("/")[2].rpartition(".")[0]
        arrays[path] = {stem: read} if path.endswith(".npy") else dict(read)
    named = [(path, name, array) for path, each in arrays.items() for name, array in each.items()]
    images = [one for one in named if one[2].ndim in (3, 4) and one[2].dtype.kind in "uif"]
    if any(array.ndim == 4 and array.shape[-1] not in _SIDES for _, _, array in images):
        return
    labels = [one for one in named if one[2].ndim == 1 or one[2].shape[1:] == (1,)]
    for path, name, array in images:
        part = _part_of(name) if _part_of(name) != "other" else _part_of(path)
        of_it = [
            found.reshape(-1)
            for file, other, found in labels
            if len(found) == len(array)
            and (file == path or _part_of(other) == part)
            and _part_of(other) in (part, "other")
        ]
        columns = {"label": [str(one) for one in of_it[0]]} if of_it else {}
        yield (part if part != "other" else "train"), _Part(path, array, columns)


def _part_of(name: str) -> FolderPart:
    return guess_part(name.rpartition("/")[2])
