"""Masks that come as arrays, written as mask files: `.npy` of planes, `.npz` and MATLAB's `.mat`.

An array is a number a pixel, `(H, W)`, a colour a pixel, `(H, W, 3)`, or a plane of 0 and 1 for
each class or object, `(H, W, C)` or `(C, H, W)`:

    labels/7.npz      mask (480, 640), the numbers of classes
    labels/7.mat      GT (480, 640)
    masks/7.npy       (480, 640, 5), a plane a class

Planes that share no pixel become one mask with the number of the plane, from 1, or from 0 where
each pixel is in one; else each becomes a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.io import loadmat

from podium.competition.languages import is_called
from podium.errors import DataError, some

__all__ = ["ARCHIVES", "array_of_archive", "numbers_of_planes", "planes_of"]

ARCHIVES = (".npz", ".mat")
_COLOURS = (3, 4)


def array_of_archive(path: Path) -> NDArray[np.generic]:
    """Return the array of a mask in an archive of arrays, without axes of one place.

    Of several it is the one that is called a mask, or the only one of two axes.

    Raises:
        DataError: the file cannot be read, or holds none or several.
    """
    found = {
        name: array
        for name, one in _arrays(path).items()
        if (array := np.squeeze(one)).ndim in (2, 3) and array.dtype.kind in "buif"
    }
    called = {name: one for name, one in found.items() if is_called(name, "mask")}
    flat = {name: one for name, one in found.items() if one.ndim == 2}
    for each in (found, called, flat):
        if len(each) == 1:
            return next(iter(each.values()))
    what = f"several arrays may be the mask: {some(sorted(found))}" if found else "no array"
    raise DataError(
        f"the file holds {what}",
        where=path,
        fix="write a file with one array (H, W) a mask: np.save(path.with_suffix('.npy'), mask)",
    )


def _arrays(path: Path) -> Mapping[str, NDArray[np.generic]]:
    """Return the arrays of numbers of an archive, by name.

    Raises:
        DataError: it cannot be read.
    """
    try:
        if path.suffix.lower() == ".mat":
            content = loadmat(path)
            return {name: one for name, one in content.items() if isinstance(one, np.ndarray)}
        with np.load(path, allow_pickle=False) as opened:
            return {name: opened[name] for name in opened.files}
    except Exception as error:  # of a damaged file both raise what they like
        raise DataError(
            f"the arrays cannot be read: {error}",
            where=path,
            fix="write each mask as PNG: Image.fromarray(mask.astype('uint8')).save(...)",
        ) from error


def planes_of(
    array: NDArray[np.generic], size: tuple[int, int] | None, path: Path
) -> NDArray[np.bool_] | NDArray[np.generic]:
    """Return the planes of an array `(C, H, W)`, or its colours `(H, W, 3)`.

    Args:
        array: of three axes.
        size: (height, width) of the image; None where it is not known.
        path: of the file.

    Raises:
        DataError: it has another size, or a plane has several values.
    """
    fix = "write one number a pixel, (H, W), or a plane of 0 and 1 for each class, (H, W, C)"
    is_last = array.shape[:2] == size or (size is None and array.shape[2] == min(array.shape))
    if not is_last and size is not None and array.shape[1:] != size:
        shape = " × ".join(map(str, array.shape))
        raise DataError(
            f"the mask is {shape}, and its image {size[0]} × {size[1]}", where=path, fix=fix
        )
    if is_last and array.shape[2] in _COLOURS and array.dtype == np.uint8 and array.max() > 1:
        return array[..., :3]
    planes = np.moveaxis(array, -1, 0) if is_last else array
    for plane in planes:
        if np.unique(plane[plane != 0]).size > 1:
            least, middle, _ = sorted(array.shape)
            if 2 * least <= middle:
                fix += (
                    f"; where it is a volume of {least} slices, write a file for each slice, of "
                    "images and masks, as Volumes in docs/objects.md has it"
                )
            raise DataError("a plane of the mask holds several values", where=path, fix=fix)
    return np.asarray(planes != 0)


def numbers_of_planes(planes: NDArray[np.bool_], first: int) -> NDArray[np.int64]:
    """Return the number of the plane that each pixel is in, counted from `first`; else 0."""
    numbers = np.arange(first, first + len(planes), dtype=np.int64)
    return np.asarray(np.where(planes, numbers[:, None, None], 0).sum(axis=0))
