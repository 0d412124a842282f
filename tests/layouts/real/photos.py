"""Writers of images: photos, scans, bands."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from dicom_files import dicom_bytes
from numpy.typing import NDArray
from PIL import Image

from layouts.drawing import Size, paint_photo, save_pixels
from layouts.real.kinds import LABELS, TWO
from layouts.real.made import BROAD, SIZE, Builder, Readings
from layouts.real.names import hex_name
from layouts.real.readings import reading_of
from layouts.truth import Label, TrueSample

__all__ = [
    "class_folders",
    "copy_photo",
    "paint_other_photo",
    "save_tiff",
    "save_tiff_of_numbers",
    "write_bands",
    "write_class_folders",
    "write_dicom",
    "write_grey",
    "write_other_photo",
    "write_photos",
]


def write_photos(
    made: Builder, paths: Iterable[str], label: Label | None, size: Size = SIZE
) -> None:
    for path in paths:
        made.image(path, TrueSample(size, label), part="train")


def class_folders(
    root: str, classes: Sequence[str], name: str, more: Callable[[Builder], None] | None = None
) -> Callable[[Path], Readings]:
    def write(data: Path) -> Readings:
        made = Builder(data)
        for label in classes:
            names = [name.format(label=label, n=n, hex=hex_name(label, n)) for n in range(1, 11)]
            write_photos(made, [f"{root}{label}/{one}" for one in names], label)
        if more is not None:
            more(made)
        return (reading_of(made, LABELS if len(classes) > 2 else TWO, classes=classes),)

    return write


def write_class_folders(
    made: Builder, paths: Callable[[str, int], str], names: Iterable[str], n: int
) -> None:
    for name in names:
        write_photos(made, [paths(name, k) for k in range(1, n + 1)], name)


def write_grey(made: Builder, path: str, true: TrueSample, part: str = "train") -> None:
    """Write a picture of one channel."""
    pixels = made.random.integers(0, 255, true.size).astype(np.uint8)
    made.image(path, true, part=part, pixels=pixels)


def paint_other_photo(made: Builder, path: str, size: tuple[int, int] = BROAD) -> None:
    """Write a picture that is no sample."""
    save_pixels(made.data / path, paint_photo(made.random, size))


def write_other_photo(made: Builder, path: str, size: Size) -> None:
    """Write a photo that is no sample."""
    save_pixels(made.data / path, made.random.integers(0, 255, (*size, 3)).astype(np.uint8))


def write_dicom(made: Builder, path: str, true: TrueSample, part: str) -> None:
    (made.data / path).parent.mkdir(parents=True, exist_ok=True)
    pixels = made.random.integers(0, 4000, true.size).astype(np.uint16)
    (made.data / path).write_bytes(dicom_bytes(pixels))
    (made.train if part == "train" else made.test)[path] = true


def copy_photo(made: Builder, path: str, other: str) -> None:
    """Write the image once more at another path."""
    (made.data / other).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(made.data / path, made.data / other)
    made.train[other] = made.train[path]


def write_bands(made: Builder, path: str, size: Size, n: int, true: TrueSample, part: str) -> None:
    """Write a TIFF of many channels of real numbers."""
    deep = made.random.uniform(0, 4000, (*size, n)).astype(np.float32)
    (made.data / path).parent.mkdir(parents=True, exist_ok=True)
    tifffile.imwrite(made.data / path, deep, photometric="minisblack", planarconfig="contig")
    (made.train if part == "train" else made.test)[path] = true


def save_tiff(path: Path, values: NDArray[Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(values).save(path)


def save_tiff_of_numbers(path: Path, values: np.ndarray) -> None:
    """Write a TIFF of one channel."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tifffile.imwrite(path, values)
