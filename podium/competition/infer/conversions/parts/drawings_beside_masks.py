"""Pictures that draw masks, as boxes around what is in them: they are no images.

images/7.jpg  masks/7_mask.jpg  boxes/7_mask_box.jpg   →  images/7.jpg  masks/7_mask.jpg
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from podium.competition.infer.files import (
    DataFolder,
    ImageFile,
    possible_image_names,
)
from podium.competition.infer.masks.files import train_masks
from podium.errors import plural, some

__all__ = ["without_drawings_beside"]

_FEWEST = 3


def without_drawings_beside(folder: DataFolder) -> tuple[DataFolder, str]:
    """Return the folder without pictures that draw masks, and a note on them; "" without any.

    Every picture of their folder has the name of a mask, with an end added behind it, and the mask
    has that of an image, with another end.
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
    if not places:
        return folder, ""
    gone = {image.path for place in places for image in drawn[place]}
    note = (
        f"{plural(len(gone), 'picture')} in {some(sorted(places), 3)} are not used: they are named "
        "after masks, and not after images, as drawings of masks are"
    )
    images = tuple(one for one in folder.images if one.path not in gone)
    return replace(folder, images=images, beside=(*folder.beside, *sorted(gone))), note


def _mask_of(image: ImageFile, masks: set[str]) -> str:
    """Return the stem of the mask that a picture is named after, with an end; "" without one."""
    names = (name for name, front, end in possible_image_names(image.stem) if end and not front)
    return next((name for name in names if name in masks), "")


def _has_image(mask: str, images: set[str]) -> bool:
    """Return whether a mask is named after one of the images, with an end."""
    return any(name in images for name, _, _ in possible_image_names(mask))
