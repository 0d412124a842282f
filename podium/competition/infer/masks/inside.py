"""Masks in a folder inside that of their images, where names of images come back in other folders.

Class1/Train/0010.PNG, Class1/Train/Label/0010_label.PNG
Class2/Train/0010.PNG                                        →    no mask of its own
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from podium.competition.infer.files import ImageFile, possible_image_names

__all__ = ["MasksInside", "mask_of_another", "masks_inside"]


class MasksInside(NamedTuple):
    """Where the masks lie, from the folder of their images on."""

    folder: str
    prefix: str
    suffix: str
    """What stands before and after the name of the image in that of the mask."""


def masks_inside(masks: Sequence[ImageFile], images: Sequence[ImageFile]) -> MasksInside | None:
    """Return where all of the masks lie from their images on, in the same folder below; else None.

    Args:
        masks: each of which is one of an image.
        images: by paths alone, as their names come back.
    """
    stems = {image.path.rpartition(".")[0] for image in images}
    found: set[MasksInside] = set()
    for mask in masks:
        above, _, inner = mask.folder.rpartition("/")
        for name, prefix, suffix in possible_image_names(mask.stem):
            if "/".join(filter(None, (above, name))) in stems:
                found.add(MasksInside(inner, prefix, suffix))
                break
        else:
            return None
        if len(found) > 1:
            return None
    return found.pop() if found else None


def mask_of_another(masks: Sequence[ImageFile], images: Sequence[ImageFile]) -> tuple[str, str]:
    """Return an image and a mask that has its name, but lies in folders of another one; or "".

    A pattern of any folders would lead from the image to this mask.
    """
    of_stem: dict[str, list[str]] = defaultdict(list)
    for image in images:
        of_stem[image.stem].append(image.path)
    if len(of_stem) == len(images):
        return "", ""
    for mask in masks:
        names = (name for name, _, _ in possible_image_names(mask.stem) if name in of_stem)
        named = of_stem[next(names, "")]
        near = [_n_shared(path, mask.path) for path in named]
        far = [path for path, n in zip(named, near, strict=True) if n < max(near)]
        if far:
            return far[0], mask.path
    return "", ""


def _n_shared(one: str, other: str) -> int:
    """Return how many names of folders two paths share."""
    return len({*one.split("/")[:-1]} & {*other.split("/")[:-1]})
