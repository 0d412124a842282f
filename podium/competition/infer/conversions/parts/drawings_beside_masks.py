"""Pictures that draw masks, as boxes around what is in them: they are no images.

images/7.jpg  masks/7_mask.jpg  boxes/7_mask_box.jpg   →  images/7.jpg  masks/7_mask.jpg
images/7.jpg  ann/masks/7.png   ann/distances/7.png    →  images/7.jpg  ann/masks/7.png
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from podium.competition.infer.files import (
    DataFolder,
    ImageFile,
    possible_image_names,
)
from podium.competition.infer.masks.files import train_masks
from podium.competition.infer.pictures import read_pixels
from podium.errors import plural, some

__all__ = ["without_drawings_beside"]

_FEWEST = 3
_PROBED = 8


def without_drawings_beside(folder: DataFolder) -> tuple[DataFolder, str]:
    """Return the folder without pictures that draw masks, and a note on them; "" without any.

    Every picture of their folder has the name of a mask, with an end added behind it, and the mask
    has that of an image, with another end. Or they have the names of masks in folders beside theirs
    and of images that lie elsewhere, and are black wherever the mask is, as distances to its border
    are.
    """
    of_place: dict[str, list[ImageFile]] = defaultdict(list)
    for image in folder.of_part("train", "other"):
        of_place[image.folder].append(image)
    stems = {image.stem for images in of_place.values() for image in images}
    masks = {mask.stem for mask in train_masks(folder)} - stems
    drawn = {
        place: images
        for place, images in of_place.items()
        if len(images) >= _FEWEST and all(_mask_of(image, masks) for image in images)
    }
    left = stems - {image.stem for images in drawn.values() for image in images}
    places = [
        place
        for place, images in drawn.items()
        if all(_has_image(_mask_of(image, masks), left) for image in images)
    ]
    why = "they are named after masks, and not after images, as drawings of masks are"
    if not places:
        places = _maps_of_masks(folder, of_place)
        why = "they are black wherever the masks beside them are, as distances to the borders are"
    if not places:
        return folder, ""
    gone = {image.path for place in places for image in of_place[place]}
    note = (
        f"{plural(len(gone), 'picture')} in {some(sorted(places), 3)} "
        f"{'is' if len(gone) == 1 else 'are'} not used: {why}"
    )
    return folder.put_beside(gone), note


def _maps_of_masks(folder: DataFolder, of_place: Mapping[str, Sequence[ImageFile]]) -> list[str]:
    """Return the folders whose pictures show nothing outside the masks beside them."""
    beside: dict[tuple[str, str], list[ImageFile]] = defaultdict(list)
    for mask in train_masks(folder):
        beside[mask.folder.rpartition("/")[0], mask.stem].append(mask)
    found = [
        place
        for place, images in of_place.items()
        if len(images) >= _FEWEST
        and all((place.rpartition("/")[0], image.stem) in beside for image in images)
        and all(
            any(
                _is_inside(folder.path / image.path, folder.path / mask.path)
                for mask in beside[place.rpartition("/")[0], image.stem]
            )
            for image in images[:: max(1, len(images) // _PROBED)]
        )
    ]
    rest = {image.stem for place, each in of_place.items() if place not in found for image in each}
    are_elsewhere = all(image.stem in rest for place in found for image in of_place[place])
    return found if are_elsewhere else []


def _is_inside(picture: Path, mask: Path) -> bool:
    """Return whether a picture of one channel is 0 where a mask is, and more than one value else.

    The mask is 0 somewhere, and not everywhere.
    """
    drawn, inside = read_pixels(picture), read_pixels(mask)
    if drawn is None or inside is None or drawn.ndim != 2 or drawn.shape != inside.shape:
        return False
    is_mask = bool(inside.any()) and not inside.all()
    return is_mask and not drawn[inside == 0].any() and len(np.unique(drawn[inside != 0])) > 1


def _mask_of(image: ImageFile, masks: set[str]) -> str:
    """Return the stem of the mask that a picture is named after, with an end; "" without one."""
    names = (name for name, front, end in possible_image_names(image.stem) if end and not front)
    return next((name for name in names if name in masks), "")


def _has_image(mask: str, images: set[str]) -> bool:
    """Return whether a mask is named after one of the images, with an end."""
    return any(name in images for name, _, _ in possible_image_names(mask))
