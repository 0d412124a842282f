"""Mask files: from pixel values or colours to the classes that `competition.yaml` maps them to.

Image files, and numpy arrays (`.npy`): `(H, W)` or `(H, W, 1)` of integers or booleans.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from podium.competition.images import read_image
from podium.competition.readers.npy import MAGIC, read_array
from podium.competition.spec import Competition
from podium.competition.truths.pixels import refuse_too_large
from podium.errors import DataError, plural
from podium.tasks.protocols.names import PIXELS

__all__ = [
    "IGNORE",
    "MaskError",
    "MaskFault",
    "mask_values",
    "read_mask_file",
    "read_object_numbers",
]


IGNORE = 255
MaskFault = Literal["file", "size", "values", "noise", "runs"]

_SHOWN = 5
_LOSSY = ("JPEG", "MPO", "WEBP", "JPEG2000")
_NEAR = 16  # grey levels (colours: of each channel) that JPEG moves a pixel by, as a rule


class MaskError(DataError):
    """A mask cannot be used; `fault` is the kind of the error."""

    def __init__(
        self, message: str, *, fault: MaskFault, where: object = None, fix: str | None = None
    ) -> None:
        self.fault = fault
        super().__init__(message, where=where, fix=fix)


@dataclass(frozen=True)
class MaskValues:
    """The meaning of the pixel values of a mask file.

    Attributes:
        meaning: pixel value, or colour as 0xRRGGBB, to the mask's value: 0 background, class index
            + 1 (1 in a file of one class or one object), `IGNORE`.
        are_colours: whether the keys are colours.
        is_default: whether the meaning is podium's default, as the competition sets none.
    """

    meaning: Mapping[int, int]
    are_colours: bool
    is_default: bool


def mask_values(competition: Competition) -> MaskValues:
    """Return the meaning of pixel values in the competition's mask files."""
    train = competition.data.train
    is_binary = competition.masks_are_binary
    if train.mask_values is None:
        meaning = dict(enumerate(range(len(competition.classes) + 1)))
        if is_binary:
            meaning = {0: 0, 1: 1, 255: 1, 65535: 1}  # white in 1, 8 and 16 bits
    else:
        names = _binary_names(competition) if is_binary else _names(competition)
        meaning = {_number(pixel): names[name] for pixel, name in train.mask_values.items()}
    are_colours = any(isinstance(one, str) for one in [train.ignore, *(train.mask_values or {})])
    if train.ignore is not None:
        meaning[_number(train.ignore)] = IGNORE
    return MaskValues(meaning, are_colours, train.mask_values is None)


def _binary_names(competition: Competition) -> dict[str, int]:
    names = {"background": 0, "foreground": 1}
    if not competition.masks_by_class and not competition.masks_by_object:
        names |= {name: number for number, name in enumerate(competition.classes_of(PIXELS))}
    return names


def _names(competition: Competition) -> dict[str, int]:
    names = {name: number + 1 for number, name in enumerate(competition.classes)}
    return {**names, "background": 0}


def _number(pixel: int | str) -> int:
    return int(pixel[1:], 16) if isinstance(pixel, str) else pixel


def read_mask_file(path: Path, values: MaskValues) -> NDArray[np.uint8]:
    """Return the mask in a file as `(H, W)` uint8, its pixels mapped by `values`.

    An EXIF rotation is not applied: mask files are written by programs, not by cameras. Of an
    indexed file the index is the value, unless `values` are colours; a grey image in RGB has one
    value.

    Raises:
        MaskError: the file is missing, damaged or no image, or has a value without a meaning.
    """
    try:
        if is_array(path):
            return _meaning(values_of_array(path), values, path, "")
        with Image.open(path) as opened:
            opened.load()
            kind = opened.format or ""
            pixels = _pixels(opened, values, path)
    except (MemoryError, MaskError):
        raise
    except DataError as error:
        raise MaskError(error.message, fault="file", where=path, fix=error.fix) from error
    except Exception as cause:  # Pillow raises any exception on damage; read_image explains it
        raise _unreadable(path) from cause
    return _meaning(pixels, values, path, kind)


def read_object_numbers(path: Path, ignore: int | str | None = None) -> NDArray[np.int32]:
    """Return the number of the object that each pixel of a file is of, `(H, W)`.

    Of a grey or indexed file of 1 to 32 bits the value is the number, of a coloured one each colour
    is an object, and 0, or black, is background.

    Args:
        path: the file.
        ignore: value or colour of unlabelled pixels; -1 in the returned array.

    Raises:
        MaskError: the file is missing, damaged or no image, or its values are no whole numbers.
    """
    try:
        if is_array(path):
            return _numbered(values_of_array(path).astype(np.int64), path, ignore)
        with Image.open(path) as opened:
            opened.load()
            if opened.mode == "F":
                raise _floating(path)
            if opened.mode in ("1", "L", "P") or opened.mode.startswith("I"):
                values = np.asarray(opened).astype(np.int64)
            elif opened.mode in ("LA", "PA"):
                values = np.asarray(opened)[..., 0].astype(np.int64)
            else:
                values = _objects_of_colours(np.asarray(opened.convert("RGB")), ignore)
    except (MemoryError, MaskError):
        raise
    except DataError as error:
        raise MaskError(error.message, fault="file", where=path, fix=error.fix) from error
    except Exception as cause:  # as in `read_mask_file`
        raise _unreadable(path) from cause
    return _numbered(values, path, ignore)


def _numbered(values: NDArray[np.int64], path: Path, ignore: int | str | None) -> NDArray[np.int32]:
    if values.min(initial=0) < 0 or values.max(initial=0) > np.iinfo(np.int32).max:
        raise MaskError(
            "the numbers of objects are from 1, 0 is background: found "
            f"{int(values.min())} … {int(values.max())}",
            fault="values",
            where=path,
            fix="write the map of objects as PNG or TIFF of 16 bits",
        )
    numbers = values.astype(np.int32)
    if ignore is not None:
        numbers[values == _number(ignore)] = -1
    return numbers


def _objects_of_colours(channels: NDArray[np.uint8], ignore: int | str | None) -> NDArray[np.int64]:
    """Return 0xRRGGBB of each pixel; of grey that is written as colours the grey."""
    is_grey = (channels == channels[..., :1]).all()
    if is_grey and not isinstance(ignore, str):
        return channels[..., 0].astype(np.int64)
    return _packed(channels).astype(np.int64)


def _floating(path: Path) -> MaskError:
    return MaskError(
        "the pixels of the mask are floating-point numbers",
        fault="values",
        where=path,
        fix="write the masks as PNG of 8 or 16 bits",
    )


def _unreadable(path: Path) -> MaskError:
    try:
        read_image(path)
    except DataError as error:
        message = error.message.replace("the image is", "the mask is", 1)
        return MaskError(message, fault="file", where=path, fix=error.fix)
    return MaskError("the mask cannot be read", fault="file", where=path, fix="write it as PNG")


def _pixels(image: Image.Image, values: MaskValues, path: Path) -> NDArray[np.integer[Any]]:
    """Return the value, or 0xRRGGBB, of every pixel `(H, W)`."""
    if values.are_colours:
        return _packed(np.asarray(image.convert("RGB")))
    if image.mode == "1":
        # Other programs write such a file's white as 255.
        white = 255 if 1 not in values.meaning and 255 in values.meaning else 1
        return np.asarray(image).astype(np.uint8) * np.uint8(white)
    if image.mode in ("L", "P") or image.mode.startswith("I"):
        return np.asarray(image)
    if image.mode in ("LA", "PA"):
        return np.asarray(image)[..., 0]
    if image.mode == "F":
        raise _floating(path)
    channels = np.asarray(image if image.mode in ("RGB", "RGBA") else image.convert("RGB"))
    grey = channels[..., 0]
    is_coloured = (channels[..., 1] != grey) | (channels[..., 2] != grey)
    if is_coloured.any():
        found = _counted(_packed(channels[is_coloured]), are_colours=True)
        raise MaskError(
            f"the mask is coloured, and mask_values does not define its colours: {found}",
            fault="values",
            where=path,
            fix="data.train.mask_values: {'#000000': background, '#ff0000': <class>, …}",
        )
    return grey


def _packed(channels: NDArray[np.uint8]) -> NDArray[np.int32]:
    red, green, blue = (channels[..., c].astype(np.int32) for c in range(3))
    return red << 16 | green << 8 | blue


def _meaning(
    pixels: NDArray[np.integer[Any]], values: MaskValues, path: Path, kind: str
) -> NDArray[np.uint8]:
    if pixels.dtype != np.uint8:
        return _many_valued(pixels, values, path, kind)
    # Of a large mask, a histogram and a table cost a tenth of comparing pixels, and no memory.
    occurs = set(np.flatnonzero(cv2.calcHist([pixels], [0], None, [256], [0, 256])).tolist())
    unknown = sorted(occurs - values.meaning.keys())
    if unknown:
        raise _unknown(pixels[np.isin(pixels, unknown)], values, path, kind)
    if values.is_default and {1, 255} <= occurs and values.meaning[255] == 1:
        raise _two_foregrounds(pixels, path)
    mask: NDArray[np.uint8] = cv2.LUT(pixels, _table(tuple(values.meaning.items())))
    return mask


def _many_valued(
    pixels: NDArray[np.integer[Any]], values: MaskValues, path: Path, kind: str
) -> NDArray[np.uint8]:
    mask = np.zeros(pixels.shape, dtype=np.uint8)
    is_known = np.zeros(pixels.shape, dtype=bool)
    for pixel, meant in values.meaning.items():
        is_meant = pixels == pixel
        mask[is_meant] = meant
        is_known |= is_meant
    if not is_known.all():
        raise _unknown(pixels[~is_known], values, path, kind)
    return mask


@lru_cache(maxsize=8)
def _table(meaning: tuple[tuple[int, int], ...]) -> NDArray[np.uint8]:
    table = np.zeros(256, dtype=np.uint8)
    for pixel, meant in meaning:
        if pixel < len(table):
            table[pixel] = meant
    return table


def _two_foregrounds(pixels: NDArray[np.integer[Any]], path: Path) -> MaskError:
    ones, whites = int((pixels == 1).sum()), int((pixels == 255).sum())
    return MaskError(
        f"the mask has both 1 ({plural(ones, 'pixel')}) and 255 ({plural(whites, 'pixel')}): one "
        "of them may mark unlabelled pixels",
        fault="values",
        where=path,
        fix="data.train.ignore: 255, or mask_values: {0: background, 1: foreground, 255: …}",
    )


def _unknown(
    unknown: NDArray[np.integer[Any]], values: MaskValues, path: Path, kind: str
) -> MaskError:
    known = ", ".join(_written(one, values.are_colours) for one in sorted(values.meaning))
    what = f"{_counted(unknown, values.are_colours)}; known are {known}"
    if kind in _LOSSY or _is_noise(unknown, values):
        return MaskError(
            f"the mask has values that mean nothing, which look like JPEG noise: {what}",
            fault="noise",
            where=path,
            fix="take the masks before they were saved as JPEG or resized with smoothing; or write "
            "the known value that is nearest to each pixel, as PNG",
        )
    fix = "name the class of each value in data.train.mask_values, or set data.train.ignore to it"
    if (unknown < 0).any():
        fix = (
            "values are whole numbers from 0 on: write the masks with 255 in place of those below "
            "0, and data.train.ignore: 255; podium init writes them so"
        )
    return MaskError(
        f"the mask has values that mean nothing: {what}", fault="values", where=path, fix=fix
    )


def _is_noise(unknown: NDArray[np.integer[Any]], values: MaskValues) -> bool:
    """Return True where several values spread around the mapped ones, and these lie far apart."""
    found, counts = np.unique(unknown, return_counts=True)
    known = _split(np.array(sorted(values.meaning)), values.are_colours)  # (K, channels)
    between = np.abs(known[:, None] - known[None]).max(axis=-1)
    far = between[~np.eye(len(known), dtype=bool)]
    if values.is_default and not values.are_colours:
        far = far[far > 1]  # 0 and 1, or 0 and 255: two ways to write a binary mask
    if len(found) < 3 or len(far) == 0 or far.min() <= 2 * _NEAR:
        return False
    distance = np.abs(_split(found, values.are_colours)[:, None] - known[None]).max(axis=-1)
    return bool(counts[distance.min(axis=1) <= _NEAR].sum() >= counts.sum() / 2)


def _split(pixels: NDArray[np.integer[Any]], are_colours: bool) -> NDArray[np.int64]:
    numbers = pixels.astype(np.int64)
    if not are_colours:
        return numbers[:, None]
    return np.stack([numbers >> 16, numbers >> 8 & 255, numbers & 255], axis=-1)


def _counted(pixels: NDArray[np.integer[Any]], are_colours: bool) -> str:
    """Return the values by count, as "37 (120 pixels), 38 (4 pixels) and 7 more"."""
    found, counts = np.unique(pixels, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    shown = [
        f"{_written(found[i], are_colours)} ({plural(counts[i], 'pixel')})" for i in order[:_SHOWN]
    ]
    rest = len(found) - len(shown)
    return ", ".join(shown) + (f" and {rest:,} more" if rest > 0 else "")


def _written(pixel: int, are_colours: bool) -> str:
    return f"#{pixel:06x}" if are_colours else str(pixel)


def is_array(path: Path) -> bool:
    """Return whether a file is an array of numpy, by how it begins."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def values_of_array(path: Path) -> NDArray[np.integer[Any]]:
    """Return the values of an array `(H, W)`; false and true are 0 and 1, of 8 bits.

    Raises:
        DataError: it is cut off, a pickle, or no such array.
    """
    found = read_array(path)
    if found.ndim == 3 and found.shape[2] == 1:
        found = found[:, :, 0]
    if found.ndim != 2 or found.dtype.kind not in "bui":
        raise DataError(
            f"the mask is {found.dtype} {found.shape}, not whole numbers (height, width)",
            where=path,
            fix="save it as np.save(path, mask.astype('uint8'))",
        )
    refuse_too_large(found.shape, found.dtype.itemsize, path)
    values = np.array(found)
    return values.view(np.uint8) if values.dtype == bool else values
