"""Masks that come as numbers, a number a pixel, written as mask files.

A text or a table named as its image, as the Stanford Background Dataset has them, with a line for
each row of pixels and blanks, tabs or commas between the numbers:

    labels/6000124.regions.txt       -1 0 0 0 1 1 …
                                     -1 0 0 1 1 1 …

Arrays of numpy (`.npy`), where some number is below 0 or a mask has planes, and archives of arrays
(`.npz`, `.mat`), as `mask_planes.py` has them. Each becomes a PNG in the workspace's
`made/masks/` with the same numbers, so that a list of classes names them as it is; a number below 0
marks pixels that are not labelled, and becomes 255.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from podium.competition.infer.conversions.masks.outlines import Outlines
from podium.competition.infer.conversions.masks.planes import (
    ARCHIVES,
    array_of_archive,
    numbers_of_planes,
    planes_of,
)
from podium.competition.infer.files import (
    DataFolder,
    NamedFiles,
    named_as_images,
    possible_image_names,
)
from podium.competition.infer.masks.content import mask_array
from podium.competition.infer.masks.files import train_masks
from podium.competition.infer.masks.values import ClassNames
from podium.competition.infer.pictures import picture_size
from podium.competition.languages import is_called
from podium.competition.made_files import MADE
from podium.errors import DataError, plural, some
from podium.workspace.progress import SILENT, Progress

__all__ = ["UNLABELLED", "write_number_masks"]

UNLABELLED = 255
"""The value of pixels whose number is below 0."""
_ENDINGS = (".txt", ".csv", ".tsv", ".dat")
_PROBED = 5
_MOST_VALUES = 64
"""Different numbers of a few files: more are depths or heights, unless they are called masks."""
_HIGHEST = 65535
_Read = Callable[[Path], NDArray[np.int64]]


def write_number_masks(
    folder: DataFolder, target: Path, *, progress: Progress = SILENT
) -> Outlines | None:
    """Return the masks of train that come as numbers, written to `target`; None without such.

    Args:
        folder: with images, and with masks that are no images among its files.
        target: the folder for the masks.
        progress: of the masks.

    Raises:
        DataError: masks of several kinds fit, one is not as large as its image, or numbers do not
            fit into a file.
    """
    masks = train_masks(folder)
    if masks:
        stems = {image.stem for image in folder.of_part("train", "other", "holdout")}
        arrays = {
            stem: mask.path
            for mask in masks
            for stem in [one for one, *_ in possible_image_names(mask.stem) if one in stems][:1]
        }
        if not all(path.lower().endswith(".npy") for path in arrays.values()):
            return None
        if any(_n_axes(folder.path / one) == _PLANES for one in arrays.values()):
            return _written_planes(folder, arrays, _npy, target, progress)
        if not any(_has_negative(folder.path / one) for one in arrays.values()):
            return None
        return _written(folder, arrays, _array, "arrays of numbers", target, progress)
    kinds = [one for one in named_as_images(folder) if _are_masks(folder, one)]
    if len(kinds) > 1:
        raise DataError(
            f"masks of several kinds lie beside the images: {', '.join(map(str, kinds))}",
            where=folder.path,
            fix="repeat podium init with a folder that has the images, and the masks of one kind",
        )
    if not kinds:
        return None
    # Masks of images to predict would be their answers.
    parts = {image.stem: image.part for image in folder.images}
    paths = {
        stem: path
        for stem, path in kinds[0].paths.items()
        if parts[stem] in ("train", "other", "holdout")
    }
    if not paths:
        return None
    if not kinds[0].end.lower().endswith(ARCHIVES):
        return _written(folder, paths, _grid, "grids of numbers", target, progress)
    axes = {array_of_archive(folder.path / path).ndim for path in paths.values()}
    if _PLANES in axes:
        return _written_planes(folder, paths, array_of_archive, target, progress)
    return _written(folder, paths, _flat, "arrays of numbers", target, progress)


_PLANES = 3  # axes


def _n_axes(path: Path) -> int:
    """Return how many axes of more than one place an array has; 0 where it cannot be read."""
    try:
        shape = np.load(path, mmap_mode="r", allow_pickle=False).shape
    except (OSError, ValueError, EOFError):
        return 0
    return sum(n > 1 for n in shape)


def _has_negative(path: Path) -> bool:
    try:
        is_signed = np.load(path, mmap_mode="r", allow_pickle=False).dtype.kind in "if"
        return is_signed and bool((_array(path) < 0).any())
    except (OSError, ValueError, EOFError, DataError):
        return False


def _array(path: Path) -> NDArray[np.int64]:
    """Return the whole numbers of an array of two axes.

    Raises:
        DataError: it holds anything else.
    """
    return _whole(_npy(path), path)


def _flat(path: Path) -> NDArray[np.int64]:
    """Return the whole numbers of the array of two axes in an archive.

    Raises:
        DataError: it holds anything else.
    """
    return _whole(array_of_archive(path), path)


def _npy(path: Path) -> NDArray[Any]:
    """Return the array of a file.

    Raises:
        DataError: it cannot be read.
    """
    try:
        return mask_array(path)
    except (OSError, ValueError, EOFError) as error:
        raise DataError(f"the array cannot be read: {error}", where=path, fix=_FIX) from error


def _whole(numbers: NDArray[Any], path: Path) -> NDArray[np.int64]:
    if numbers.ndim != 2 or numbers.dtype.kind not in "buif" or np.any(numbers % 1):
        raise DataError("the array is not of a whole number a pixel", where=path, fix=_FIX)
    return numbers.astype(np.int64)


_FIX = "mend or remove the file"


def _grid(path: Path) -> NDArray[np.int64]:
    """Return the whole numbers of the lines of a text, of which each has as many.

    Raises:
        DataError: it holds anything else.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").replace(",", " ").replace(";", " ").split("\n")
        rows = [np.array(line.split(), dtype=np.int64) for line in lines if line.strip()]
        return np.stack(rows)
    except (OSError, ValueError, OverflowError) as error:
        what = "the lines are not as many whole numbers each"
        raise DataError(what, where=path, fix=_FIX) from error


def _are_masks(folder: DataFolder, files: NamedFiles) -> bool:
    """Return whether a few files are grids as large as their images, of numbers of classes."""
    if files.end.lower().endswith(ARCHIVES):
        return _are_archives(folder, files)
    if not files.end.lower().endswith(_ENDINGS) or len(files.paths) < 2:
        return False
    found, stems = set[int](), list(files.paths)
    images = {image.stem: image.path for image in folder.images if image.part != "mask"}
    for stem in stems[:: max(1, len(stems) // _PROBED)][:_PROBED]:
        try:
            numbers = _grid(folder.path / files.paths[stem])
        except DataError:
            return False
        if numbers.shape != _size(folder.path / images[stem]):
            return False
        found |= {*np.unique(numbers).tolist()}
    is_named = is_called(f"{files.folder} {files.end}", "mask")
    return len(found) > 1 and (is_named or len(found) <= _MOST_VALUES)


def _are_archives(folder: DataFolder, files: NamedFiles) -> bool:
    """Return whether archives of arrays are masks: of images of train alone, and as large as these.

    One that cannot be read is a mask that must be mended where the files are called so.
    """
    images = {image.stem: image for image in folder.images if image.part != "mask"}
    if any(images[stem].part == "test" for stem in files.paths):
        return False  # what images to predict have, too, is known of all
    is_named = is_called(f"{files.folder} {files.end}", "mask")
    found, stems = set[float](), list(files.paths)
    for stem in stems[:: max(1, len(stems) // _PROBED)][:_PROBED]:
        try:
            array = array_of_archive(folder.path / files.paths[stem])
        except DataError:
            return is_named
        size = _size(folder.path / images[stem].path)
        if size not in (array.shape[:2], array.shape[1:]):
            return False
        found |= {*np.unique(array)[: _MOST_VALUES + 1].tolist()}
    return len(found) > 1 and (is_named or len(found) <= _MOST_VALUES)


def _size(path: Path) -> tuple[int, int] | None:
    """Return the (height, width) of an image; None where it cannot be read."""
    if path.suffix.lower() != ".npy":
        return picture_size(path)
    try:
        height, width = np.load(path, mmap_mode="r", allow_pickle=False).shape[:2]
    except (OSError, ValueError, SyntaxError):
        return None
    return height, width


def _written(
    folder: DataFolder,
    paths: Mapping[str, str],
    read: _Read,
    reader: str,
    target: Path,
    progress: Progress,
) -> Outlines:
    """Return the masks that were written, of files by the stem of their image.

    Raises:
        DataError: as `write_number_masks`.
    """
    target.mkdir(parents=True, exist_ok=True)
    files: dict[str, list[Path]] = {}
    found = Counter[int]()
    images = {image.stem: image.path for image in folder.images if image.part != "mask"}
    with progress.bar("writing masks", len(paths)) as advance:
        for stem, path in paths.items():
            numbers = read(folder.path / path)
            _check_size(numbers, _size(folder.path / images[stem]), folder.path / path)
            values, counts = np.unique(numbers, return_counts=True)
            found.update(dict(zip(values.tolist(), counts.tolist(), strict=True)))
            _check_values(found, folder.path / path)
            mask = np.where(numbers < 0, UNLABELLED, numbers)
            files[stem] = [target / f"{stem}.png"]
            dtype = np.uint8 if mask.max() <= UNLABELLED else np.uint16
            Image.fromarray(mask.astype(dtype)).save(files[stem][0])
            advance(1)
    note, unlabelled = _negative(found)
    return Outlines(
        files,
        tuple(paths.values()),
        reader,
        ClassNames(""),
        (),
        (note,) if note else (),
        are_numbers=True,
        unlabelled=unlabelled,
    )


def _written_planes(
    folder: DataFolder,
    paths: Mapping[str, str],
    load: Callable[[Path], NDArray[Any]],
    target: Path,
    progress: Progress,
) -> Outlines:
    """Return the masks that were written of planes, or of colours, by the stem of their image.

    Raises:
        DataError: as `write_number_masks`, or planes of other numbers overlap.
    """
    target.mkdir(parents=True, exist_ok=True)
    images = {image.stem: image.path for image in folder.images if image.part != "mask"}

    def read(stem: str) -> NDArray[Any]:
        path, size = folder.path / paths[stem], _size(folder.path / images[stem])
        array = load(path)
        if array.ndim != _PLANES:
            _check_size(_whole(array, path), size, path)
            return array
        return planes_of(array, size, path)

    numbers, overlap, whole = set[int](), "", True
    for stem, path in paths.items():
        planes = read(stem)
        if planes.dtype == np.bool_ and planes.ndim == _PLANES:
            n_each = np.count_nonzero(planes, axis=0)
            numbers.add(len(planes))
            overlap = overlap or (path if n_each.max() > 1 else "")
            whole = whole and bool(n_each.min() > 0)
    if overlap and len(numbers) > 1:
        raise DataError(
            f"the planes of a mask share pixels, and masks have {some(sorted(numbers))} planes",
            where=folder.path / overlap,
            fix="write as many planes a mask as there are classes; or, of objects, write a file an "
            "object: masks/7/1.png, masks/7/2.png",
        )
    n = max(numbers, default=0)
    classes = tuple(str(number) for number in range(1, n + 1)) if overlap else ()
    first = int(not (whole and len(numbers) == 1))
    files: dict[str, list[Path]] = {}
    with progress.bar("writing masks", len(paths)) as advance:
        for stem in paths:
            planes = read(stem)
            ends = [f"_{one}.png" for one in classes] or [".png"]
            files[stem] = [target / f"{stem}{end}" for end in ends]
            if planes.dtype != np.bool_ or planes.ndim != _PLANES:
                pages = [planes.astype(np.uint8)]
            elif classes:
                pages = [plane.astype(np.uint8) * np.uint8(255) for plane in planes]
            else:
                pages = [numbers_of_planes(planes, first).astype(np.uint16)]
                pages = [
                    page.astype(np.uint8) if page.max() <= UNLABELLED else page for page in pages
                ]
            for page, file in zip(pages, files[stem], strict=True):
                Image.fromarray(page).save(file)
            advance(1)
    note = (
        f"the {plural(n, 'plane')} of each mask {'is' if n == 1 else 'are'} taken for the "
        "classes, in their order"
    )
    if len(numbers) > 1:
        note = "the planes of a mask, of which others have more, are taken for its objects"
    notes = [note] if n else []
    return Outlines(
        files,
        tuple(paths.values()),
        "planes of arrays",
        ClassNames(""),
        classes,
        tuple(notes),
        are_numbers=not classes,
        unnamed="planes" if classes else "",
    )


def _negative(found: Mapping[int, int]) -> tuple[str, int | None]:
    """Return a note on the numbers below 0, and the value of the pixels that had one, or None."""
    below = sorted(value for value in found if value < 0)
    if not below:
        return "", None
    n_pixels = sum(found[value] for value in below)
    told = " and ".join(map(str, below[:4])) + " and others" * (len(below) > 4)
    note = (
        f"the masks hold {told} ({plural(n_pixels, 'pixel')}): a mask file has no number below "
        "0, so that these pixels are "
        f"{UNLABELLED} in {MADE}/masks"
    )
    if set(found) <= {0, -1}:
        # As 255 becomes where it is kept in a byte with a sign.
        return f"{note}; beside 0 alone they are taken for what is drawn: check tasks", None
    return f"{note}, and taken for pixels that are not labelled", UNLABELLED


def _check_size(numbers: NDArray[np.int64], size: tuple[int, int] | None, path: Path) -> None:
    """Raise where a mask is not as large as its image; one that cannot be read is told elsewhere.

    Raises:
        DataError: it is not.
    """
    if size is not None and numbers.shape != size:
        raise DataError(
            f"the mask has {plural(numbers.shape[0], 'row')} of "
            f"{plural(numbers.shape[1], 'number')}, and its "
            f"image {plural(size[0], 'row')} of {plural(size[1], 'pixel')}",
            where=path,
            fix="mend the mask, or leave it out: an image may have none",
        )


def _check_values(found: Mapping[int, int], path: Path) -> None:
    """Raise where numbers do not fit into a mask file, with those below 0 as `UNLABELLED`.

    Raises:
        DataError: they do not.
    """
    low, high = min(found), max(found)
    if high > _HIGHEST or (low < 0 and high >= UNLABELLED):
        raise DataError(
            f"masks hold numbers from {low} to {high}: a mask file has numbers from 0 to "
            f"{_HIGHEST}, and those below 0 become {UNLABELLED}",
            where=path,
            fix="number classes, or the objects of each image, from 0 for background, to "
            f"{UNLABELLED - 1} where some number is below 0",
        )
