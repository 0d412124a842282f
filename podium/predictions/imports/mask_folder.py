"""Masks in a folder: a grey PNG or an npy for each image, or one folder of them for each class.

The names of the files are the ids. Headers are read first, so that what is wrong is reported before
anything is kept; pixels are read one image at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.errors import DataError, either, plural, some
from podium.predictions.imports.arrays import open_npy
from podium.predictions.imports.schema import SUM_TOLERANCE, ImportSchema
from podium.predictions.store.masks import MaskDtype, Size

__all__ = ["MaskFolder", "read_mask_folder"]

_SUFFIXES = (".png", ".npy")
_GREYS: Mapping[str, int] = {"1": 1, "L": 255, "I;16": 65535, "I;16B": 65535, "I;16L": 65535}
"""Modes of Pillow that are one channel, and what is white."""
_WHITE = {"|b1": 1, "|u1": 255, "<u2": 65535}

_VALUES_AT_ONCE = 2**20

Masks = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class MaskFolder:
    """The masks in one folder; of an image one file, or one of each class.

    Attributes:
        path: the folder.
        ids: `(N,)`, the names of the files below it, in order.
        files: `(N,)` of one file, or C, or (background not there) C - 1.
        form: the expected values.
        label: its name, where it is of one fold model.
        dtype: how they are best kept: greys of 8 bits as uint8.
    """

    path: Path
    ids: list[str]
    files: list[tuple[Path, ...]]
    form: ImportSchema
    label: str = ""
    dtype: MaskDtype = "uint8"
    folds: None = None
    notes: tuple[str, ...] = field(default=())

    def row(self, i: int) -> str:
        """Return the file of image `i`."""
        return self.files[i][0].relative_to(self.path).as_posix()

    def require_size(self, i: int, size: Size) -> None:
        """Raise DataError unless the files of image `i` are of `size`, (height, width)."""
        for file in self.files[i]:
            got = _shape(file)[:2]
            if got != size:
                is_swapped = got[::-1] == size
                swapped = "; height and width are swapped" if is_swapped else ""
                fix = "resize the probabilities to that size, without a threshold"
                if is_swapped:
                    fix = "transpose the probabilities of each image (in numpy: a.T) and write anew"
                raise DataError(
                    f"the mask is {got[0]} × {got[1]}, its image in the competition's frame "
                    f"{size[0]} × {size[1]} (height × width){swapped}",
                    where=file,
                    fix=fix,
                )

    def bands(self, i: int) -> Iterator[Masks]:
        """Yield the probabilities of image `i` from top to bottom, `(rows, W, C)` at a time.

        Raises:
            DataError: a value is none, naming the file and the pixel.
        """
        planes = [_plane(file) for file in self.files[i]]
        height, width = planes[0].shape[:2]
        n_rows = max(1, _VALUES_AT_ONCE // (width * self.form.n_channels))
        for top in range(0, height, n_rows):
            parts = [_shares(one[top : top + n_rows]) for one in planes]
            yield self._checked(np.concatenate(parts, axis=2), top, self.files[i][0])

    def _checked(self, raw: NDArray[np.float64], top: int, where: Path) -> Masks:
        """Return rows from `top` on as probabilities; a background that is missing is the rest."""
        form, width = self.form, raw.shape[1]

        def pixel(at: int) -> str:
            return f"the pixel in row {top + at // width}, column {at % width} (from 0)"

        if raw.shape[2] == form.n_channels - 1:
            rest = 1 - raw.sum(axis=2, keepdims=True)
            low = int(rest.argmin())
            if rest.min() < -form.tolerance:
                raise DataError(
                    f"the classes of {pixel(low)} sum to {1 - float(rest.min()):.4g}",
                    where=where,
                    fix="give the probabilities after the softmax",
                )
            raw = np.concatenate([rest.clip(0, None), raw], axis=2)
        checked = form.checked(raw.reshape(-1, form.n_channels), pixel, where)
        return checked.astype(np.float32).reshape(-1, width, form.n_channels)

    def refuse_numbers(self, greatest: float) -> None:
        """Raise DataError where nothing is brighter than the number of the last class.

        Args:
            greatest: probability in all masks, of uint8 files.
        """
        if self.dtype == "uint8" and 0 < greatest < 1.5 / 255:
            raise DataError(
                "no value of all masks is above 1 of 255: these are numbers of classes, not "
                "probabilities",
                where=self.path,
                fix="write round(255 · probability) into the PNGs, or float16 into npy files",
            )


def read_mask_folder(path: Path, form: ImportSchema, *, label: str = "") -> MaskFolder:
    """Return the masks in the folder `path`, of which headers were read.

    Below it lie `<id>.png` or `<id>.npy`, (H, W) or (H, W, C); or folders with the names of the
    classes, each with such files. Of a multiclass task the background may be left out.

    Raises:
        DataError: there are no such files, one is damaged or of colours, an image has two files, or
            lacks one of a class.
    """
    try:
        names = sorted(one.name for one in path.iterdir() if one.is_dir())
    except OSError as error:
        raise DataError(f"cannot be read: {error}", where=path) from error
    by_class = [one for one in form.channels if one in names]
    if form.n_channels > 1 and by_class:
        needed = [one for one in form.channels if one != "background" or one in names]
        missing = [one for one in needed if one not in names]
        if missing:
            raise DataError(
                f"no folder for {either(len(missing), 'class', 'classes')}: {some(missing)}",
                where=path,
                fix="give each class of competition.yaml a folder, or none",
            )
        # Each class is rounded to a grey by itself.
        form = ImportSchema(form.task, form.kind, form.channels, form.logits, _tolerance(form))
        ids, files = _of_classes(path, needed)
    else:
        found = _files(path)
        ids, files = list(found), [(one,) for one in found.values()]
    if not ids:
        raise DataError(
            "there is no PNG or npy here",
            where=path,
            fix="write one file an image, named by its id",
        )
    dtype: MaskDtype = "uint8"
    for several in files:
        n_channels = sum(_channels(one) for one in several)
        allowed = {form.n_channels}
        if form.kind.has_background and not form.logits:
            allowed.add(form.n_channels - 1)
        if n_channels not in allowed:
            raise DataError(
                f"there are {plural(n_channels, 'channel')}, {form.n_channels} are wanted: "
                f"{some(form.channels)}",
                where=several[0],
                fix="write (height, width, channels) npy files, or a folder for each class",
            )
        if not all(_is_grey_of_bytes(one) for one in several):
            dtype = "float16"
        if form.logits and any(one.suffix.lower() == ".png" for one in several):
            raise DataError("a PNG holds no logits", where=several[0], fix="leave --logits out")
    return MaskFolder(path, ids, files, form, label, dtype)


def _tolerance(form: ImportSchema) -> float:
    return SUM_TOLERANCE + 0.5 * form.n_channels / 255


def _of_classes(path: Path, classes: Sequence[str]) -> tuple[list[str], list[tuple[Path, ...]]]:
    each = [_files(path / one) for one in classes]
    ids = list(each[0])
    for one, files in zip(classes, each, strict=True):
        lost = sorted(set(ids) ^ set(files))
        if lost:
            raise DataError(
                f"the images of {classes[0]} and {one} differ: {some(lost)}",
                where=path / one,
                fix="write a mask of every class for every image, black where nothing is",
            )
    return ids, [tuple(files[one] for files in each) for one in ids]


def _files(folder: Path) -> dict[str, Path]:
    """Return the masks below `folder` by their path without the ending, in order."""
    found: dict[str, Path] = {}
    for file in sorted(folder.rglob("*")):
        if file.suffix.lower() not in _SUFFIXES or not file.is_file():
            continue
        one = file.relative_to(folder).with_suffix("").as_posix()
        if one in found:
            raise DataError(
                f"{one!r} has two files: {found[one].name} and {file.name}",
                where=folder,
                fix="keep one of them",
            )
        found[one] = file
    return found


def _shape(file: Path) -> tuple[int, ...]:
    """Return (height, width) or (height, width, channels) from the header."""
    if file.suffix.lower() == ".npy":
        return tuple(open_npy(file).shape)
    width, height, _ = _png(file)
    return height, width


def _channels(file: Path) -> int:
    shape = _shape(file)
    if len(shape) not in (2, 3) or 0 in shape:
        raise DataError(
            f"a mask is (height, width) or (height, width, channels), not {shape}", where=file
        )
    return shape[2] if len(shape) == 3 else 1


def _is_grey_of_bytes(file: Path) -> bool:
    if file.suffix.lower() == ".npy":
        return open_npy(file).dtype.itemsize == 1
    return _GREYS[_png(file)[2]] <= 255


def _png(file: Path) -> tuple[int, int, str]:
    """Return width, height and Pillow's mode of a grey PNG, from its header."""
    from PIL import Image

    try:
        # A header may name any size: it is compared with the image's before a pixel is unpacked.
        with Image.open(file, formats=["PNG"]) as opened:
            (width, height), mode = opened.size, opened.mode
            mode = "I;16" if mode == "I" else mode  # older versions of Pillow
    except Exception as error:  # Pillow raises what it likes on damage
        raise _broken(file, error) from error
    if mode not in _GREYS:
        what = "indices of a palette" if mode == "P" else "colours"
        raise DataError(
            f"the PNG has {what}, not greys",
            where=file,
            fix="write the probability as one grey of 8 or 16 bits; many classes as (H, W, C) npy",
        )
    return width, height, mode


def _plane(file: Path) -> NDArray[Any]:
    """Return the values in a file, `(H, W, C)`; of an npy they stay on the disk."""
    if file.suffix.lower() == ".npy":
        values = open_npy(file)
        if values.dtype.kind != "f" and values.dtype.newbyteorder("<").str not in _WHITE:
            raise DataError(
                f"{values.dtype} is not how probabilities are kept",
                where=file,
                fix="save float16 or float32 in [0, 1]",
            )
    else:
        from PIL import Image

        _png(file)
        try:
            with Image.open(file, formats=["PNG"]) as opened:
                values = np.asarray(opened)
        except Exception as error:  # as above
            raise _broken(file, error) from error
        if values.dtype.itemsize > 2:  # 16 bits, as older versions of Pillow have them
            values = values.astype(np.uint16)
    return values[..., None] if values.ndim == 2 else values


def _shares(values: NDArray[Any]) -> NDArray[np.float64]:
    """Return greys as shares of white, and other numbers as they are."""
    white = _WHITE.get(values.dtype.newbyteorder("<").str, 1)
    return values.astype(np.float64) / white


def _broken(file: Path, error: Exception) -> DataError:
    return DataError(f"no PNG can be read: {error}", where=file, fix="write it again")
