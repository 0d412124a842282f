"""Masks of colours that are drawings of masks of numbers, beside these.

labels/numbers/train/7.png      0, 2, 255
labels/colours/train/7.png      the same, each number in a colour of its own: not used

A drawing tells more than its numbers: a 0 that has a colour is no background.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import permutations
from pathlib import Path
from typing import NamedTuple

import numpy as np

from podium.competition.infer.files import ImageFile, common_folder
from podium.competition.infer.masks.content import pixels_of
from podium.competition.infer.masks.values import ClassNames
from podium.competition.infer.pictures import read_picture
from podium.errors import plural

__all__ = ["UndrawnMasks", "colours_of_numbers", "without_drawings"]

_FEWEST = 3
_PROBED = 8
_MOST_FOLDERS = 6


class UndrawnMasks(NamedTuple):
    """Masks without drawings of them.

    Attributes:
        masks: those that are left.
        names: of the numbers, where a drawing has 0 in a colour; else None.
        note: on the drawings; "" where there are none.
    """

    masks: Sequence[ImageFile]
    names: ClassNames | None = None
    note: str = ""


def without_drawings(root: Path, masks: Sequence[ImageFile]) -> UndrawnMasks:
    """Return the masks without those that draw others of them in colours.

    Two folders side by side hold files of the same paths; where one has numbers the other has
    colours, and each number is always of the same colour, nearly all of them of another one.

    Args:
        root: the data folder.
        masks: of one folder, at any depth.
    """
    levels = [mask.path.split("/") for mask in masks]
    drawings, colours = set[str](), dict[int, int]()
    for level in range(min(map(len, levels), default=1) - 1):
        places: dict[str, dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
        for mask, names in zip(masks, levels, strict=True):
            rest = "/".join(names[level + 1 :])
            places["/".join(names[:level])][names[level]][rest] = mask.path
        for folders in places.values():
            if len(folders) > _MOST_FOLDERS:
                continue
            for one, other in permutations(folders.values(), 2):
                found = colours_of_numbers(root, other, drawn=one)
                drawings |= {*one.values()} if found else set()
                colours |= found
    if not drawings:
        return UndrawnMasks(masks)
    where = common_folder(mask for mask in masks if mask.path in drawings)
    note = (
        f"{plural(len(drawings), 'mask')} in {where} {'is' if len(drawings) == 1 else 'are'} not "
        "used: they draw the others in colours"
    )
    kept = [mask for mask in masks if mask.path not in drawings]
    if not colours.get(0):
        return UndrawnMasks(kept, None, note)
    named: dict[int | str, str] = {
        one: f"class {one}" if colours[one] else "void" for one in sorted(colours)
    }
    return UndrawnMasks(kept, ClassNames(where, named=named), note)


def colours_of_numbers(
    root: Path, masks: Mapping[str, str], *, drawn: Mapping[str, str]
) -> dict[int, int]:
    """Return the colour of each number of masks, by their paths in their folder; {} without these.

    Objects have more numbers than their classes have colours: these are no drawings of them.
    """
    if masks.keys() != drawn.keys() or len(masks) < _FEWEST:
        return {}
    pairs = np.empty((0, 2), dtype=np.int64)
    for name in sorted(masks)[:: max(1, len(masks) // _PROBED)]:
        numbers, colours = (read_picture(root / each[name], pixels_of) for each in (masks, drawn))
        if numbers is None or colours is None or numbers[1] or not colours[1]:
            return {}
        if numbers[0].shape != colours[0].shape:
            return {}
        each = np.stack([numbers[0].ravel(), colours[0].ravel()], axis=1)
        pairs = np.unique(np.concatenate([pairs, each]), axis=0)
    n_numbers, n_colours = (len(np.unique(pairs[:, place])) for place in (0, 1))
    is_drawn = len(pairs) == n_numbers > 1 and n_colours >= n_numbers - 1
    return {int(number): int(colour) for number, colour in pairs} if is_drawn else {}
