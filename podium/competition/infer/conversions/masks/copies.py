"""Copies of images in a folder of their own, of which masks are made: cut out, or painted in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace

from podium.competition.infer.files import DataFolder, ImageFile, with_train

__all__ = ["images_by_folder", "without_folders"]


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
