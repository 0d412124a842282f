"""The contract of a reader of image files: its options, the form of its pixels, how a file opens.

Values of a file are converted to the type of `data.reader`, or refused where that would lose any.
An error in reading a file is raised as a DataError that names the file.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, PositiveInt, model_validator

from podium.competition.truths.pixels import BROKEN_FIX, Dtype, ImageBands, Pixels
from podium.errors import DataError, PodiumError, either, plural
from podium.workspace.documents import refuse_falling

__all__ = [
    "FileReader",
    "FrameOptions",
    "PixelOptions",
    "ReaderOptions",
    "conversion",
    "describe_format",
    "frame_numbers",
    "misfit",
    "pixels_of",
    "reading_errors",
]


_RANGES: dict[str, tuple[float, float]] = {"uint8": (0, 255), "uint16": (0, 65535)}
FrameNumber = Annotated[int, Field(ge=0)]


class ReaderOptions(BaseModel):
    """The options beside a reader's name; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PixelOptions(ReaderOptions):
    """The form of the pixels of a file."""

    channels: PositiveInt | None = Field(
        default=None, description="how many numbers a pixel of a file has"
    )
    dtype: Dtype = Field(default="uint8", description="of a number")
    range: tuple[float, float] | None = Field(
        default=None,
        description="the values that are 0 and 1 to a network; default: of uint8 [0, 255], of "
        "uint16 [0, 65535]; float32 has none",
    )

    @model_validator(mode="after")
    def _range_rises(self) -> Self:
        if self.range is not None:
            refuse_falling(*self.range, key="range")
        return self

    @model_validator(mode="after")
    def _floats_need_a_range(self) -> Self:
        if self.dtype == "float32" and self.range is None and self._needs_range:
            raise ValueError("range: float32 has none of its own: write range: [lowest, highest]")
        return self

    @property
    def _needs_range(self) -> bool:
        return True


class FrameOptions(PixelOptions):
    """The form of the pixels of a file that holds several images."""

    take: FrameNumber | tuple[FrameNumber, ...] | None = Field(
        default=None,
        description="which image of a file that holds several, from 0; of a list the channels "
        "stand one after the other; default: all of them",
    )

    @property
    def n_taken(self) -> int | None:
        """Number of frames taken; None: all."""
        if self.take is None:
            return None
        return len(self.take) if isinstance(self.take, tuple) else 1

    @model_validator(mode="after")
    def _takes_something(self) -> Self:
        if self.take == ():
            raise ValueError("take: name at least one")
        return self


@dataclass(frozen=True)
class FileReader:
    """A way to read image files, exported as `READER` by one file of this folder.

    Importing the file imports no heavy or optional library.

    Args:
        options: the model of the reader's options.
        pixels: from options to the form of the images; opens no file.
        open: from a path and options to its image, of that form. It may raise whatever its library
            raises: the caller distinguishes damage from a failing disk. Errors are raised here, not
            by the bands, as far as that needs no second reading.
        size: from a path and options to (height, width) of that, from the header alone.
        require: raises DataError where a library is not installed.
    """

    options: type[ReaderOptions]
    pixels: Callable[[Any], Pixels]
    open: Callable[[Path, Any], ImageBands]
    size: Callable[[Path, Any], tuple[int, int]]
    require: Callable[[], None] = lambda: None


def pixels_of(form: PixelOptions, channels: int) -> Pixels:
    """Return the form of pixels of `channels` channels, with the range of `form`."""
    low, high = form.range or _RANGES.get(form.dtype, (0, 1))
    return Pixels(channels, form.dtype, float(low), float(high))


def frame_numbers(options: FrameOptions, n: int) -> Sequence[int]:
    """Return the numbers of the images that are read of a file that holds `n`.

    Raises:
        ValueError: there are not so many.
    """
    take = options.take
    numbers = range(n) if take is None else (take,) if isinstance(take, int) else take
    if max(numbers, default=0) >= n:
        raise ValueError(f"it has {plural(n, 'image')}, take has number {max(numbers)} (from 0)")
    return numbers


Array = NDArray[Any]
_EXACT = 2**24  # whole numbers to which float32 is exact


def conversion(found: np.dtype[Any], dtype: Dtype, path: Path, *, fill: float | None = None) -> Any:
    """Return a function that brings values of the type `found` to `dtype`.

    Whole numbers of another width are taken where each of them fits, floating-point ones only as
    float32.

    Args:
        found: of the values in the file.
        dtype: as declared.
        path: of the file, for errors.
        fill: replacement of nan values; None: such a file is refused.

    Raises:
        DataError: no value of the type fits; or, from the function, one does not.
    """
    if found.kind not in "buif":
        raise DataError(
            f"the values are {found}, not numbers", where=path, fix="write numbers, or a reader"
        )
    if found.kind == "f" and dtype != "float32":
        raise misfit(path, f"values are {found}, competition.yaml declares {dtype}", _FLOATS)
    to = np.dtype(dtype)

    def as_declared(values: Array) -> Array:
        if found.kind == "f":
            return _floats(values, path, fill)
        if found.kind != "b" and not np.can_cast(found, to, "safe"):
            _refuse_outside(values, dtype, path)
        return np.ascontiguousarray(values, dtype=to)

    return as_declared


_FLOATS = "write data.reader: {…, dtype: float32, range: [lowest, highest]}"


def _floats(values: Array, path: Path, fill: float | None) -> Array:
    with np.errstate(over="ignore"):  # it is inf then, which is refused
        found = np.array(values, dtype=np.float32)
    is_none = ~np.isfinite(found)
    if is_none.any():
        if fill is None:
            raise misfit(
                path,
                f"{either(int(is_none.sum()), 'value is', 'values are')} nan or infinite",
                "write data.reader: {…, fill: 0}, the value to put there",
            )
        found[is_none] = fill
    return found


def _refuse_outside(values: Array, dtype: Dtype, path: Path) -> None:
    if not values.size:
        return
    low, high = int(values.min()), int(values.max())
    if dtype == "float32":
        least, most = -_EXACT, _EXACT
    else:
        limits = np.iinfo(dtype)
        least, most = int(limits.min), int(limits.max)
    if low < least or high > most:
        fix = f"write a data.reader.dtype that holds them ({_FLOATS})"
        raise misfit(path, f"values lie in {low} … {high}, competition.yaml declares {dtype}", fix)


def misfit(path: Path, what: str, fix: str | None = None) -> DataError:
    """Return the error on a file whose pixels are not of the declared form."""
    usual = "mend data.reader in competition.yaml: all images have one form of pixels"
    return DataError(f"the image has another form of pixels: {what}", where=path, fix=fix or usual)


def channels_fit(found: int, declared: int, path: Path) -> None:
    """Raise DataError unless an image has as many channels as declared."""
    if found != declared:
        raise misfit(path, f"it has {found} channels, competition.yaml declares {declared}")


Conversion = Callable[[Array], Array]


_KINDS = {
    b"DICM": ("a DICOM file", "dicom"),
    b"\x93NUMPY": ("an array of numpy", "npy"),
    b"PK\x03\x04": ("a ZIP archive, or arrays of numpy (.npz)", "npy"),
    b"II*\x00": ("a TIFF file", "tiff"),
    b"MM\x00*": ("a TIFF file", "tiff"),
    b"II+\x00": ("a large TIFF file", "tiff"),
    b"MM\x00+": ("a large TIFF file", "tiff"),
    b"\x89PNG": ("a PNG file", "image"),
    b"\xff\xd8\xff": ("a JPEG file", "image"),
    b"RIFF": ("a WebP file", "image"),
    b"GIF8": ("a GIF file", "image"),
    b"BM": ("a BMP file", "image"),
}


@contextmanager
def reading_errors(path: Path) -> Iterator[None]:
    """Raise what a library raises on a file as a DataError that names it.

    Libraries raise any exception on damage, so every exception counts as damage except errors of
    the disk or the mount.

    Raises:
        DataError: the file is missing, may not be read, or is not what its reader reads.
        OSError: the disk failed.
    """
    try:
        yield
    except PodiumError:
        raise
    except FileNotFoundError as cause:
        fix = "mend the path in the table or in competition.yaml, or download the file again"
        raise DataError("the image is missing", where=path, fix=fix) from cause
    except PermissionError as cause:
        fix = "give this user the right to read it"
        raise DataError("the image may not be read", where=path, fix=fix) from cause
    except IsADirectoryError as cause:
        fix = "mend the pattern of the images in competition.yaml"
        raise DataError("this is a folder, not an image", where=path, fix=fix) from cause
    except MemoryError as cause:
        fix = "cut the image into tiles, or shrink it"
        raise DataError("the image does not fit in memory", where=path, fix=fix) from cause
    except Exception as cause:
        # EINVAL: an impossible offset that the file itself holds.
        if isinstance(cause, OSError) and cause.errno not in (None, errno.EINVAL):
            raise  # of the disk or the mount, not of the file
        message = f"the image is truncated or damaged: {cause or type(cause).__name__}"
        raise DataError(message, where=path, fix=BROKEN_FIX) from cause


def describe_format(path: Path, reader: str, known: str) -> DataError:
    """Return the error on a file that `reader` cannot read, with its format by the first bytes.

    Args:
        path: of the file.
        reader: the name of the reader.
        known: the fault as text, such as "no image format that Pillow reads".
    """
    with path.open("rb") as file:
        start = file.read(132)
    if not start:
        return DataError("the file is empty", where=path, fix=BROKEN_FIX)
    if start.lstrip().lower().startswith((b"<!doc", b"<html")):
        message = "this is a web page, not an image: the download needed a login"
        return DataError(message, where=path, fix=BROKEN_FIX)
    is_called_so = path.suffix.lower() in (".dcm", ".dicom") and reader == "image"
    is_dicom = start[128:132] == b"DICM" or is_called_so
    head = b"DICM" if is_dicom else start
    for magic, (what, better) in _KINDS.items():
        if head.startswith(magic) and better != reader:
            return DataError(
                f"this is {what}, which the reader {reader!r} does not read",
                where=path,
                fix=f"write data.reader: {better} in competition.yaml, or mend the pattern of the "
                "images",
            )
    return DataError(f"{known}; the file begins with {start[:8]!r}", where=path, fix=BROKEN_FIX)
