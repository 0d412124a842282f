"""Copies of images in a folder of their own: cut out, painted in, or with dots on things."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from podium.competition.infer.files import DataFolder, ImageFile
from podium.competition.infer.masks.search import with_train
from podium.competition.infer.parts.marked_copies import drawn_names, picture_pixels
from podium.competition.infer.shares import NEARLY_ALL
from podium.competition.languages import is_called

__all__ = ["MOST_COLOURS", "Colour", "find_painted_copies", "images_by_folder", "without_folders"]

MOST_COLOURS = 8
"""Of what is painted into copies: what changed otherwise has more."""
Colour = tuple[int, int, int]
_FEWEST_COPIES = 3
_PROBED = 8
_MOST_FOLDERS = 12


def images_by_folder(folder: DataFolder) -> dict[str, dict[str, ImageFile]]:
    """Return the images of each folder by their stems."""
    found: dict[str, dict[str, ImageFile]] = defaultdict(dict)
    for one in folder.images:
        found[one.folder][one.stem] = one
    return found


def without_folders(folder: DataFolder, places: Collection[str]) -> DataFolder:
    """Return the folder without the images that lie in `places`, which are copies of others."""
    images = tuple(one for one in folder.images if one.folder not in places)
    return replace(folder, images=with_train(images))


def find_painted_copies(
    folder: DataFolder,
) -> tuple[dict[str, ImageFile], list[Colour]] | None:
    """Return the image of each painted copy, by the path of this, and colours of the paint.

    The colours are those of some of the copies. None where no folder holds painted copies.
    """
    of_folder = images_by_folder(folder)
    if len(of_folder) > _MOST_FOLDERS:
        return None
    n_called = Counter(name.rpartition("/")[2] for name in of_folder)
    for name, copies in sorted(of_folder.items()):
        for other, images in sorted(of_folder.items()):
            if name == other or len(copies) < _FEWEST_COPIES or not copies.keys() <= images.keys():
                continue
            called = other.rpartition("/")[2]
            if is_called(called, "mask") and not is_called(called, "image"):
                continue
            # A folder that is called as that of the images to predict holds the images.
            is_of_images = n_called[called] > 1
            colours = _colours_of_paint(folder.path, copies, images, is_sure=is_of_images)
            if colours:
                return {one.path: images[stem] for stem, one in copies.items()}, colours
    return None


def _colours_of_paint(
    root: Path,
    copies: Mapping[str, ImageFile],
    images: Mapping[str, ImageFile],
    *,
    is_sure: bool,
) -> list[Colour]:
    """Return the colours of all pixels in which copies differ; [] where these are no few.

    The images have more colours there, unless `is_sure` that they are no copies themselves.
    """
    found: set[Colour] = set()
    below: set[Colour] = set()
    n_painted = n_probed = 0
    for stem in drawn_names(copies, _PROBED):
        copy, image = (
            picture_pixels(root / copies[stem].path),
            picture_pixels(root / images[stem].path),
        )
        if copy is None or image is None or copy.shape != image.shape:
            return []
        differs = (copy != image).any(axis=-1)
        n_probed += 1
        if not differs.any():
            continue
        paint, there = (np.unique(one[differs], axis=0) for one in (copy, image))
        if differs.all() or len(paint) > MOST_COLOURS:
            return []
        for colours, each in ((found, paint), (below, there)):
            colours |= {(int(red), int(green), int(blue)) for red, green, blue in each}
        n_painted += 1
    # One image may have one colour below a dot, where a thing is evenly coloured.
    if len(below) <= len(found) and not is_sure:
        return []
    is_paint = len(found) <= MOST_COLOURS and n_painted >= max(2, (1 - NEARLY_ALL) * n_probed)
    return sorted(found) if is_paint else []
