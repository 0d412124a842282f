"""Folders of masks that no word calls so: each file has the name and size of an image.

områden/norr/bilder/ruta_01.tif     four bands of 16 bits
områden/norr/tolkning/ruta_01.png      10, 20 and 40: a mask, by its look
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import tifffile
from PIL import Image

from podium.competition.infer.files import DataFolder, FolderPart, ImageFile, guess_part, with_train

__all__ = ["with_masks_by_look", "without_masks_by_look"]

_NEARLY_ALL = 0.9
_FEWEST_MASKS = 3
_LOOKED_AT = 12
_MOST_NAMES = 12
"""Folders of one level: of more of them none is of masks alone."""
_MOST_VALUES = 48
_MOST_COLOURS = 16
_MOST_PIXELS = 50_000_000
_PARTS = frozenset({"test", "train", "unlabelled", "holdout"})


def with_masks_by_look(folder: DataFolder) -> DataFolder:
    """Return the folder with the masks that lie in folders of any name, where no others are.

    Two names of a level of folders are those of images and masks where nearly every file below the
    one has a file of its name below the other, and a sample of these are as large, flat, and of a
    few values or colours, where the others have many.
    """
    if folder.of_part("mask") or folder.sample_mask:
        return folder
    roots = next(_roots(folder), frozenset())
    if not roots:
        return folder
    images = [
        one._replace(part="mask") if _is_below(one.path, roots) else one for one in folder.images
    ]
    return replace(folder, images=with_train(images), mask_folders=roots, masks_by_look=roots)


def without_masks_by_look(folder: DataFolder) -> DataFolder:
    """Return the folder with these masks as images, as a sample of labels has it."""
    images = []
    for one in folder.images:
        parts = map(guess_part, one.path.split("/")[:-1])
        part: FolderPart = next((part for part in parts if part != "other"), "other")
        images.append(one._replace(part=part) if one.part == "mask" else one)
    return replace(
        folder, images=tuple(images), mask_folders=frozenset(), masks_by_look=frozenset()
    )


def _roots(folder: DataFolder) -> Iterator[frozenset[str]]:
    """Yield the folders that hold masks alone, by their look."""
    levels = [one.path.split("/") for one in folder.images]
    for level in range(max(map(len, levels), default=1) - 1):
        below: dict[str, dict[str, ImageFile]] = defaultdict(dict)
        for one, names in zip(folder.images, levels, strict=True):
            if len(names) <= level + 1:
                continue
            if names[level] not in below and len(below) == _MOST_NAMES:
                below.clear()
                break
            rest = [*names[:level], "", *names[level + 1 : -1], one.stem]
            below[names[level]]["/".join(rest)] = one
        for images in below:
            masks = [
                name
                for name in below
                if name != images
                and not {guess_part(name), guess_part(images)} & _PARTS
                and _are_masks(folder.path, below[name], below[images])
            ]
            if masks:  # one folder, or one a class
                yield frozenset(
                    "/".join(one.path.split("/")[: level + 1])
                    for name in masks
                    for one in below[name].values()
                )


def _are_masks(root: Path, masks: Mapping[str, ImageFile], images: Mapping[str, ImageFile]) -> bool:
    shared = [one for one in masks if one in images]
    if len(shared) < max(_FEWEST_MASKS, _NEARLY_ALL * len(masks)):
        return False
    if any(masks[one].part in ("test", "unlabelled") for one in masks):
        return False  # what images to predict have, too, is a part of the image
    every: set[int] = set()
    n_plain = n_probed = 0
    for one in shared[:: max(1, len(shared) // _LOOKED_AT)]:
        mask, image = _look(root / masks[one].path), _look(root / images[one].path)
        if mask is None or len(mask.values) > mask.most or image is None:
            return False
        if image.size != mask.size or len(image.values) <= max(_MOST_COLOURS, len(mask.values)):
            return False
        every |= mask.values
        n_plain += len(mask.values) == 1
        n_probed += 1
        if len(every) > mask.most:
            return False  # drawings, each of its own colours
    return 2 * n_plain <= n_probed  # else blank pictures


def _is_below(path: str, roots: frozenset[str]) -> bool:
    folders: Sequence[str] = path.split("/")[:-1]
    return any("/".join(folders[: n + 1]) in roots for n in range(len(folders)))


class _Look(NamedTuple):
    """What a picture looks like.

    Attributes:
        size: (height, width).
        values: a number for each of its values or colours, not more than tell it from a mask.
        most: values that it may have as a mask.
    """

    size: tuple[int, int]
    values: frozenset[int]
    most: int


def _look(path: Path) -> _Look | None:
    """Return the look of a picture or an array; None where it cannot be read, or is too large."""
    try:
        pixels = _pixels(path)
    except Exception:  # Pillow raises what it likes
        return None
    if pixels is None or pixels.ndim not in (2, 3) or not np.issubdtype(pixels.dtype, np.number):
        return None
    is_single = pixels.ndim == 2 and np.issubdtype(pixels.dtype, np.integer)
    flat = pixels.reshape(pixels.shape[0] * pixels.shape[1], -1)
    keys = np.zeros(len(flat), np.int64)
    for channel in range(flat.shape[1]):
        keys = keys * 1_000_003 + flat[:, channel].astype(np.int64)
    values = frozenset(np.unique(keys)[: _MOST_VALUES + 2].tolist())
    most = _MOST_VALUES if is_single else _MOST_COLOURS
    return _Look((pixels.shape[0], pixels.shape[1]), values, most)


def _pixels(path: Path) -> np.ndarray | None:
    if path.suffix.lower() in (".tif", ".tiff"):
        with tifffile.TiffFile(path) as file:
            page = file.pages[0]
            too_large = page.shape[0] * page.shape[1] > _MOST_PIXELS
            return None if too_large else page.asarray()
    if path.suffix.lower() == ".npy":
        array = np.squeeze(np.load(path, mmap_mode="r", allow_pickle=False))
        return None if array.size > _MOST_PIXELS else np.asarray(array)
    with Image.open(path) as image:
        return None if image.width * image.height > _MOST_PIXELS else np.asarray(image)
