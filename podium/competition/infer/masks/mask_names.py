"""The names of masks: of which image each is, and which parts of names and folders are classes.

masks/7_mask.png of 7.png           the image, and what is added to its name
masks/7_cat.png, masks/7_dog.png    an end for each class
masks/cat/7.png, masks/dog/7.png    a folder for each class
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from podium.competition.infer.files import ImageFile, letters_behind_numbers, possible_image_names
from podium.competition.infer.ids.keys import common_start, ends_of_signs
from podium.competition.languages import is_called

__all__ = [
    "MOST_CLASSES",
    "Affix",
    "affix_text",
    "class_ends",
    "class_folders",
    "has_each_an_end",
    "images_of_masks",
    "masks_of_plainest_end",
    "pieces_of_masks",
    "without_classes",
]

MOST_CLASSES = 50
"""Of masks: more files of an image are its objects."""


class Affix(NamedTuple):
    """The parts of a mask's name before and after the name of its image."""

    prefix: str
    suffix: str


def images_of_masks(masks: Sequence[ImageFile], stems: set[str]) -> dict[str, tuple[str, Affix]]:
    """Return the stem of the image of each mask, and the text added to it, by the mask's path.

    Letters that the names of all masks have behind a number are added, too: `0001m` of `0001`.
    """
    found = {}
    for mask in masks:
        for one, prefix, suffix in possible_image_names(mask.stem):
            if one in stems:
                found[mask.path] = (one, Affix(prefix, suffix))
                break
    end = "" if found else letters_behind_numbers([mask.stem for mask in masks])
    for mask in masks if end else ():
        if (one := mask.stem.removesuffix(end)) in stems:
            found[mask.path] = (one, Affix("", end))
    return found


def affix_text(affix: Affix) -> str:
    """Return what is added to the name of an image, as a note shows it."""
    return " … ".join(filter(None, affix))


def masks_of_plainest_end(
    masks: Sequence[ImageFile], of_mask: Mapping[str, tuple[str, Affix]], suffixes: Sequence[str]
) -> list[ImageFile]:
    """Return the masks whose end all other ends have, too, behind a word; [] without such.

    As `_label` beside `_inst_label`, which numbers the objects of `_label`: no class has that end.
    """
    plain = min(suffixes, key=len, default="")
    if len(suffixes) < 2 or not all(one.endswith(plain) for one in suffixes):
        return []
    if not is_called(plain, "mask"):
        return []
    return [mask for mask in masks if of_mask[mask.path][1] == ("", plain)]


def pieces_of_masks(
    masks: Sequence[ImageFile], of_mask: Mapping[str, tuple[str, Affix]], affix: Affix
) -> list[ImageFile]:
    """Return the masks whose names have a number more than those of others: `7_mask_1` of `7_mask`.

    [] where a name goes on otherwise, as `7_mask_seen`, or the image has no mask without a number.
    """
    if not affix.suffix:
        return []
    whole = {of_mask[mask.path][0] for mask in masks if of_mask[mask.path][1] == affix}
    further = [
        (mask, stem, end.suffix.removeprefix(affix.suffix))
        for mask in masks
        for stem, end in [of_mask[mask.path]]
        if end != affix and end.prefix == affix.prefix and end.suffix.startswith(affix.suffix)
    ]
    if any(_NUMBER.fullmatch(rest) is None or stem not in whole for _, stem, rest in further):
        return []
    return [mask for mask, *_ in further]


_NUMBER = re.compile(r"[_\-. ]?\(?\d+\)?")


def class_folders(
    masks: Sequence[ImageFile],
    of_mask: dict[str, tuple[str, Affix]],
    below: dict[str, str],
    pattern: str,
) -> list[str]:
    """Return the folders that hold the masks of one class each, `[]` where folders are no classes.

    An image then has masks in several of them, or their names are not names of image folders.
    """
    folders = sorted({below[mask.path].rpartition("/")[2] for mask in masks})
    around = {below[mask.path].rpartition("/")[0] for mask in masks}
    if len(around) > 1:
        return []
    if not 2 <= len(folders) <= MOST_CLASSES or any("/" in one or not one for one in folders):
        return []
    of_image: dict[str, set[str]] = defaultdict(set)
    for mask in masks:
        of_image[of_mask[mask.path][0]].add(below[mask.path].rpartition("/")[2])
    several = sum(len(one) > 1 for one in of_image.values())
    if "{class}" in pattern or several < 0.1 * len(of_image):
        return []
    return folders


def class_ends(
    masks: Sequence[ImageFile],
    of_mask: dict[str, tuple[str, Affix]],
    affixes: Counter[Affix],
) -> list[str]:
    """Return the endings of the masks' names that stand for a class each, `[]` where none do."""
    often = [affix for affix, count in affixes.items() if count >= 0.05 * max(affixes.values())]
    suffixes = [affix.suffix for affix in often if affix.suffix and not affix.prefix]
    if len(suffixes) < 2 or len(suffixes) > MOST_CLASSES:
        return []
    # `_mask`, `_mask_1`: several masks of one image, which are not classes; `_neck_l` may be one.
    longer = [
        (suffix, other)
        for suffix in suffixes
        for other in suffixes
        if suffix != other and suffix.startswith(other)
    ]
    are_pieces = any(
        is_called(one, "mask") or _NUMBER.fullmatch(suffix.removeprefix(one))
        for suffix, one in longer
    )
    if longer and (are_pieces or len(suffixes) < _SEVERAL_CLASSES):
        return []
    of_image: dict[str, set[str]] = defaultdict(set)
    for mask in masks:
        stem, affix = of_mask[mask.path]
        of_image[stem].add(affix.suffix)
    several = sum(len(one) > 1 for one in of_image.values())
    is_class = several >= 0.1 * len(of_image)
    return sorted(suffixes) if is_class else []


_SEVERAL_CLASSES = 4


def has_each_an_end(masks: Sequence[ImageFile], of_mask: Mapping[str, tuple[str, Affix]]) -> bool:
    """Return whether the names in each folder have an end of their own, as `_HE` and `_EX`."""
    of_folder: dict[str, set[Affix]] = defaultdict(set)
    for mask in masks:
        of_folder[mask.folder.rpartition("/")[2]].add(of_mask[mask.path][1])
    ends = [next(iter(each)) for each in of_folder.values() if len(each) == 1]
    return len(ends) == len(of_folder) > 1 and len({*ends}) == len(ends)


def without_classes(suffixes: Sequence[str], sent: Sequence[str]) -> tuple[Affix, list[str]]:
    """Return the common part of the endings, with {class} in it, and the classes.

    Where words are common to all of them, as `_mask_cat` and `_mask_dog`, the classes that are
    submitted decide whether these are part of a name, else whether they mean a mask.
    """
    common = common_start(suffixes)
    starts = [end for end in ends_of_signs(common) if end < min(map(len, suffixes))] or [0]
    ways = [[suffix[start:] for suffix in suffixes] for start in starts]
    fitting = [n for n, classes in enumerate(ways) if set(classes) == set(sent)]
    chosen = fitting[0] if fitting else (-1 if is_called(common, "mask") else 0)
    return Affix("", f"{common[: starts[chosen]]}{{class}}"), ways[chosen]
