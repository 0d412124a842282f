"""Pictures with nothing but a dot for each thing of an image, beside it or in another folder.

train/001cell.png   the photograph
train/001dots.png   three red pixels on black
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import permutations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from podium.competition.infer.conversions.masks.copies import MOST_COLOURS, images_by_folder
from podium.competition.infer.files import DataFolder, ImageFile
from podium.competition.infer.parts.marked_copies import drawn_names, picture_pixels

__all__ = ["find_dot_pictures", "ground_of"]

_FEWEST = 3
_PROBED = 8
_MOST_FOLDERS = 12
_LARGEST_SHARE = 0.1  # of the pixels of a picture, that its dots cover together
_NUMBERED = (re.compile(r"(?P<end>\D*)(?P<key>\d.*)"), re.compile(r"(?P<key>.*\d)(?P<end>\D*)"))
"""How names of one folder are told apart: `cell001` and `dots001`, or `001cell` and `001dots`."""


def ground_of(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the colour `(3,)` that most pixels of a picture `(H, W, 3)` have."""
    colours, counts = np.unique(picture.reshape(-1, 3), axis=0, return_counts=True)
    ground: NDArray[np.uint8] = colours[counts.argmax()]
    return ground


def find_dot_pictures(folder: DataFolder) -> dict[str, ImageFile] | None:
    """Return the image of each picture of dots, by the path of this; None without such pictures.

    Both have the same name in two folders, or in one folder names that differ before or behind a
    number. Every picture has its image, and a few colours on one ground.
    """
    for dots, images in _pairs(folder):
        if len(dots) >= _FEWEST and dots.keys() <= images.keys():
            names = drawn_names(dots, _PROBED)
            if all(_has_dots(folder.path / dots[one].path) for one in names) and not any(
                _has_dots(folder.path / images[one].path) for one in names
            ):
                return {one.path: images[key] for key, one in dots.items()}
    return None


def _pairs(folder: DataFolder) -> Iterator[tuple[Mapping[str, ImageFile], Mapping[str, ImageFile]]]:
    """Yield each two kinds of pictures that may be dots and images, by what their names share."""
    of_folder = images_by_folder(folder)
    if len(of_folder) > _MOST_FOLDERS:
        return
    for one, other in permutations(sorted(of_folder), 2):
        yield of_folder[one], of_folder[other]
    for place in sorted(of_folder):
        for names in _NUMBERED:
            kinds = _kinds(names, of_folder[place].values())
            if len(kinds) <= _MOST_FOLDERS:
                for first, second in permutations(sorted(kinds), 2):
                    yield kinds[first], kinds[second]


def _kinds(names: re.Pattern[str], images: Iterable[ImageFile]) -> dict[str, dict[str, ImageFile]]:
    """Return the images whose names have the same end, by the rest of the name."""
    found: dict[str, dict[str, ImageFile]] = defaultdict(dict)
    for one in images:
        match = names.fullmatch(one.stem)
        if match is not None:
            found[match["end"]][match["key"]] = one
    return found


def _has_dots(path: Path) -> bool:
    """Return whether a picture is of one ground and of a few other colours on a small part."""
    picture = picture_pixels(path)
    if picture is None:
        return False
    other = (picture != ground_of(picture)).any(axis=-1)
    return bool(other.mean() <= _LARGEST_SHARE and len(_colours(picture[other])) <= MOST_COLOURS)


def _colours(pixels: NDArray[np.uint8]) -> Collection[tuple[int, ...]]:
    return set(map(tuple, np.unique(pixels, axis=0).tolist()))
