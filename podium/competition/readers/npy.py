"""Arrays of numpy, `.npy` (mapped, so that a window is read alone) and `.npz`; pickles are refused.

`axes` names the axes of the array in order: H and W, C for channels, T for the frames, of which
`take` selects some; frames stacked as channels are ordered by frame, then by channel.
"""

from __future__ import annotations

import math
import threading
import zipfile
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from podium.competition.readers._reader import (
    FileReader,
    FrameOptions,
    channels_fit,
    conversion,
    describe_format,
    frame_numbers,
    misfit,
    pixels_of,
)
from podium.competition.truths.pixels import (
    BROKEN_FIX,
    ArrayBands,
    ImageBands,
    Pixels,
    refuse_too_large,
)
from podium.errors import DataError, some

__all__ = ["MAGIC", "READER", "read_array", "read_header"]

MAGIC, _ZIP = b"\x93NUMPY", b"PK\x03\x04"
_HEADERS = threading.Lock()  # numpy's parser of them, `ast`, may fail in several threads at once
_LARGEST_MEMBER = 2**32  # bytes of an array in an archive, which is unpacked in memory


class NpyOptions(FrameOptions):
    """Options of the numpy reader."""

    axes: str = Field(
        default="HWC",
        description="of the array, in order: H, W, C (channels), T (frames, see take); an array of "
        "two axes is HW",
    )
    key: str | None = Field(
        default=None, description="of an .npz: the array's name; default: the only one"
    )
    fill: float | None = Field(
        default=None, description="stands for nan; default: files with nan are refused"
    )

    @model_validator(mode="after")
    def _axes_are_some(self) -> Self:
        if not {"H", "W"} <= set(self.axes) <= set("HWCT") or len(set(self.axes)) < len(self.axes):
            raise ValueError(f"axes: H and W, perhaps C and T, each once; got {self.axes!r}")
        if self.take is not None and "T" not in self.axes:
            raise ValueError("take: frames need T among axes, as axes: HWT")
        if "T" in self.axes and self.take is None and self.channels is None:
            raise ValueError("take: set the frames (a number or a list), or channels for all")
        return self

    @property
    def n_channels(self) -> int:
        """Number of channels of an image."""
        if self.channels is not None:
            return self.channels
        return (3 if "C" in self.axes else 1) * (self.n_taken or 1)


def _pixels(options: NpyOptions) -> Pixels:
    return pixels_of(options, options.n_channels)


def _open(path: Path, options: NpyOptions) -> ImageBands:
    array = _array(path, options)
    image = _in_order(array, path, options)
    channels_fit(image.shape[2], options.n_channels, path)
    form = conversion(array.dtype, options.dtype, path, fill=options.fill)
    bands = ArrayBands(image, np.dtype(options.dtype), form, is_lazy=isinstance(array, np.memmap))
    bands.window(0, 0, 1, 1)
    return bands


def _size(path: Path, options: NpyOptions) -> tuple[int, int]:
    with path.open("rb") as file:
        is_archive = file.read(4) == _ZIP
    if is_archive:
        with zipfile.ZipFile(path) as archive, archive.open(_member(archive, path, options)) as one:
            shape = read_header(one)[0]
    else:
        shape = _array(path, options).shape
    axes = "HW" if len(shape) == 2 else options.axes
    return shape[axes.index("H")], shape[axes.index("W")]


def _in_order(array: NDArray[Any], path: Path, options: NpyOptions) -> NDArray[Any]:
    """Return the array as `(H, W, C)`, a view as far as that is one."""
    axes = "HW" if array.ndim == 2 and "T" not in options.axes else options.axes
    if array.ndim != len(axes):
        raise misfit(
            path,
            f"the array is {array.shape}, competition.yaml declares axes {axes}",
            "write data.reader.axes in the order of the array, as HWC or THW",
        )
    image = array.transpose([axes.index(one) for one in "HWTC" if one in axes])
    refuse_too_large(image.shape, array.dtype.itemsize, path)
    if "T" in axes:
        frames = _frames(image, path, options)
        return frames.reshape(*frames.shape[:2], -1) if frames.ndim == 4 else frames
    return image if image.ndim == 3 else image[:, :, None]


def _frames(image: NDArray[Any], path: Path, options: NpyOptions) -> NDArray[Any]:
    """Return the frames that are taken of `(H, W, T, …)`; neighbours as a view."""
    try:
        numbers = list(frame_numbers(options, image.shape[2]))
    except ValueError as error:
        raise misfit(path, str(error)) from error
    if numbers == list(range(numbers[0], numbers[-1] + 1)):
        return image[:, :, numbers[0] : numbers[-1] + 1]
    return image[:, :, numbers]


def _array(path: Path, options: NpyOptions) -> NDArray[Any]:
    """Return the array in a file, mapped where that is possible."""
    with path.open("rb") as file:
        is_archive = file.read(len(_ZIP)) == _ZIP
    return _of_archive(path, options) if is_archive else read_array(path)


def read_array(path: Path) -> NDArray[Any]:
    """Return the array in an `.npy` file, mapped: only used parts are read.

    Raises:
        DataError: it is no such file, a pickle, empty or cut off.
        ValueError: its header is damaged.
    """
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise describe_format(path, "npy", "no array of numpy")
        file.seek(0)
        shape, is_fortran, dtype = read_header(file)
        _refuse_objects(dtype, path)
        start = file.tell()
        there = path.stat().st_size - start
    needed = math.prod(shape) * dtype.itemsize
    if there < needed:
        raise DataError(
            f"the array is cut off: {shape} of {dtype} needs {needed:,} bytes, there are {there:,}",
            where=path,
            fix=BROKEN_FIX,
        )
    if not needed:
        raise misfit(path, f"the array {shape} is empty")
    return np.memmap(path, dtype, "r", start, shape, "F" if is_fortran else "C")


def _of_archive(path: Path, options: NpyOptions) -> NDArray[Any]:
    with zipfile.ZipFile(path) as archive:
        member = _member(archive, path, options)
        with archive.open(member) as file:
            shape, is_fortran, dtype = read_header(file)
            _refuse_objects(dtype, path)
            n_bytes = math.prod(shape) * dtype.itemsize
            if n_bytes > min(_LARGEST_MEMBER, member.file_size):
                raise DataError(
                    f"the array {shape} of {dtype} is too large, or cut off: {n_bytes:,} bytes",
                    where=path,
                    fix="save each image as .npy, which is read a window at a time",
                )
            content = file.read(n_bytes)
    found = np.frombuffer(content, dtype=dtype, count=math.prod(shape))
    return found.reshape(shape, order="F" if is_fortran else "C")


def _member(archive: zipfile.ZipFile, path: Path, options: NpyOptions) -> zipfile.ZipInfo:
    arrays = {
        one.filename.removesuffix(".npy"): one
        for one in archive.infolist()
        if one.filename.endswith(".npy")
    }
    if options.key is None and len(arrays) == 1:
        return next(iter(arrays.values()))
    if options.key not in arrays:
        found = "several arrays" if options.key is None else f"no array {options.key!r}"
        raise DataError(
            f"the archive has {found if arrays else 'no array'}; its arrays are {some(arrays)}",
            where=path,
            fix="write data.reader: {name: npy, key: …} in competition.yaml",
        )
    return arrays[options.key]


def read_header(file: Any) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Return shape, order (whether Fortran's) and type of an array in an open file.

    Raises:
        ValueError: the header is damaged.
    """
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0
    if version != (1, 0):
        read = np.lib.format.read_array_header_2_0
    with _HEADERS:
        shape, is_fortran, dtype = read(file)
    if any(side < 0 for side in shape):
        raise ValueError(f"the shape is {shape}")
    return shape, is_fortran, dtype


def _refuse_objects(dtype: np.dtype[Any], path: Path) -> None:
    if dtype.hasobject:
        raise DataError(
            "the file holds Python objects (a pickle), which can run code when they are read",
            where=path,
            fix="save plain numbers: np.save(path, array.astype('float32'))",
        )


READER = FileReader(NpyOptions, _pixels, _open, _size)
