"""Image files as arrays `(H, W, C)`: always upright, always of the form that the reader defines."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from podium.competition.readers import IMAGE, Reader
from podium.competition.readers.image import orientation
from podium.competition.truths.pixels import (
    BROKEN_FIX,
    ArrayBands,
    EnlargedBands,
    ImageBands,
    StackedBands,
)
from podium.errors import DataError
from podium.workspace.ids import FileDigests
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

__all__ = [
    "ImageBands",
    "exif_orientation",
    "first_file",
    "image_size",
    "joint_digest",
    "read_bands",
    "read_image",
    "refuse_other_size",
    "sha256_of_images",
    "stacked_bands",
]

Files = Path | Sequence[Path | None]
"""The file of an image, or those whose channels stand one after the other; None: zeros."""


def read_image(files: Files, reader: Reader = IMAGE) -> NDArray[Any]:
    """Return the image as `(H, W, C)` of the form `reader.pixels`, C-contiguous and writable.

    With the default reader that is uint8 in RGB. The EXIF orientation is applied. Transparent
    pixels are shown on grey (128), because the colour behind them is arbitrary. Grey is repeated to
    three channels; 16-bit grey is divided by 257, whatever the image's own range is, so that equal
    values stay equal across images.

    Args:
        files: one, or several: the channels of the first stand before those of the second. The
            first is the largest; one of half its height and width, or a third …, is enlarged.
            Instead of a file that is None there are zeros.
        reader: how a file is read.

    Raises:
        DataError: a file is missing, empty, truncated, no image, or has pixels of another kind; or
            one is of a size that does not fit the first's.
        OSError: the disk failed.
    """
    return read_bands(files, reader).whole()


def read_bands(files: Files, reader: Reader = IMAGE) -> ImageBands:
    """Return the image as `read_image` does, in bands; all that can be wrong is raised here.

    Of a file that is read by window, only the window's pixels are read later.
    """
    if isinstance(files, Path):
        return reader.open(files)
    parts = [None if file is None else reader.open(file) for file in files]
    return stacked_image(parts, files)


def stacked_image(parts: Sequence[ImageBands | None], files: Sequence[Path | None]) -> ImageBands:
    """Return images of one view as one of the first one's size, None as zeros.

    Raises:
        DataError: the size of one does not fit the first's; `files` names them.
    """
    first = next(part for part in parts if part is not None)
    where = files[parts.index(first)]
    for part, file in zip(parts, files, strict=True):
        if part is not None:
            refuse_other_size(part.shape, first.shape, file, where)
    if len(parts) == 1:
        return first
    nothing = np.broadcast_to(np.zeros((1, 1, 1), dtype=first.dtype), first.shape)
    zeros = ArrayBands(nothing, first.dtype, is_lazy=True)
    return stacked_bands([zeros if part is None else part for part in parts])


def stacked_bands(parts: Sequence[ImageBands]) -> ImageBands:
    """Return images as one; those that are not of the first one's size are brought to it."""
    height, width, _ = parts[0].shape
    return StackedBands(
        [
            part if part.shape[:2] == (height, width) else EnlargedBands(part, (height, width))
            for part in parts
        ]
    )


def refuse_other_size(
    shape: Sequence[int], first: Sequence[int], file: Path | None, where: Path | None
) -> None:
    """Raise DataError where the size of the image in `file` does not fit that of the first.

    It fits where it is the same, or where one whole number divides both sides of the first, but
    for a pixel that rounding takes or adds.

    Args:
        shape: of the image in `file`, (height, width, …).
        first: of the image in `where`, the first one of the sample.
    """
    if _fits(shape, first):
        return
    fix = "mend the patterns of data.….images in competition.yaml, or the files"
    if _fits(first, shape):
        fix = "write the larger file first in data.….images: the others are enlarged to its size"
    raise DataError(
        f"a sample has images of two sizes: this one is {shape[0]} × {shape[1]}, that in "
        f"{where} is {first[0]} × {first[1]} (height × width)",
        where=file,
        fix=fix,
    )


def _fits(small: Sequence[int], large: Sequence[int]) -> bool:
    times = max(1, round(large[0] / small[0]))
    sides = zip(small[:2], large[:2], strict=True)
    return all(abs(long - times * short) < times for short, long in sides)


def joint_digest(digests: Sequence[str]) -> str:
    """Return the sha256 of an image by those of its files, in order; of one file, that one's."""
    if len(digests) == 1:
        return digests[0]
    return hashlib.sha256(" ".join(digests).encode("ascii")).hexdigest()


def sha256_of_images(
    workspace: Workspace,
    root: Path,
    images: Sequence[tuple[str, ...]],
    progress: Progress = SILENT,
) -> list[str]:
    """Return the sha256 of each image, of all its files: equal ones are one picture.

    Raises:
        OSError: a file is missing or cannot be read.
    """
    files = [root / path for paths in images for path in paths if path]
    found = iter(FileDigests(workspace).each(files, progress=progress))
    return [joint_digest([next(found) if path else "" for path in paths]) for paths in images]


def first_file(paths: Sequence[str]) -> str:
    """Return the first path of a sample that is one: its image has the sample's size.

    Before the first slice of a volume, and behind the last, there may be none ("").
    """
    return next(path for path in paths if path)


def image_size(path: Path, reader: Reader = IMAGE) -> tuple[int, int]:
    """Return (height, width) as `read_image` would, from the file's header alone.

    A user's own reader has no access to headers: it decodes the file.

    Raises:
        DataError: the header cannot be read.
    """
    try:
        return reader.size(path)
    except DataError:
        raise
    except Exception as cause:  # a library raises what it likes on damage
        raise DataError(f"no image can be read: {cause}", where=path, fix=BROKEN_FIX) from cause


def exif_orientation(path: Path) -> int:
    """Return the EXIF orientation of an image file: 1 upright, 5 to 8 with its sides exchanged.

    1 also where the file cannot be read: reading the image raises the error.
    """
    try:
        with Image.open(path) as opened:
            return orientation(opened, path)
    except Exception:  # Pillow raises what it likes on damage
        return 1
