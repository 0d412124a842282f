"""Mask files of single objects: a folder of them beside each image."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from podium.competition.infer.files import DataFolder, ImageFile
from podium.competition.infer.mask_values import MaskContent
from podium.competition.infer.masks import MaskFiles, train_masks

__all__ = ["find_object_files"]

_ENOUGH = 0.9


def find_object_files(
    folder: DataFolder, images: Sequence[ImageFile], *, stem: str = "{stem}"
) -> MaskFiles | None:
    """Return the masks where each image has a folder of files, one an object; else None.

    As in `train/17/images/17.png` and `train/17/masks/*.png`: the folder around that of the masks
    is called as the image is, and their own names say nothing.

    Args:
        folder: with the masks among its images.
        images: of train.
        stem: how the stem of an image is spelt in a pattern: `{stem}` or `{id}`.
    """
    stems = {image.stem for image in images}
    of_image: dict[str, list[ImageFile]] = defaultdict(list)
    places: Counter[tuple[str, str]] = Counter()
    for mask in train_masks(folder):
        around, _, last = mask.folder.rpartition("/")
        base, _, name = around.rpartition("/")
        if name in stems:
            of_image[name].append(mask)
            places[base, last] += 1
    if not of_image or len(of_image) < _ENOUGH * len(stems) or len(places) > 1:
        return None
    masks = [mask for each in of_image.values() for mask in each]
    own_names = sum(mask.stem == name for name, each in of_image.items() for mask in each)
    mean = len(masks) / len(of_image)
    if mean < 1.5 or own_names > 0.1 * len(masks):
        return None
    (base, last), _ = places.most_common(1)[0]
    suffixes = {mask.suffix for mask in masks}
    suffix = suffixes.pop() if len(suffixes) == 1 else ".*"
    pattern = "/".join(filter(None, (base, stem, last, f"*{suffix}")))
    why = f"each image has a folder of mask files, {mean:.1f} on average: one an object"
    content = MaskContent("instance", [], None, None, why, 0, 0)
    return MaskFiles(pattern, content, len(of_image), why)
