"""Folders whose files are copies of those of another folder, with marks drawn into them.

Train/7.png          the photograph
TrainDotted/7.png    the same pixels, but for the dots that somebody put on things
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from podium.competition.infer.files import DataFolder
from podium.competition.infer.pictures import read_picture
from podium.competition.infer.shares import NEARLY_ALL

__all__ = ["drawn_names", "find_marked_copies", "marked_folders", "picture_pixels"]

_FEWEST_COPIES = 3
_PROBED = 8
_MOST_PROBED = 64  # where the first ones have no mark
_MOST_FOLDERS = 12
_MOST_PIXELS = 50_000_000
_NOISE = 32  # of 255, by which JPEG may change a pixel
_MOST_MARKED = 0.5
_MOST_COLOURS = 8


def marked_folders(folder: DataFolder) -> tuple[str, str] | None:
    """Return a folder of marked copies and that of the images themselves, or None."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for one in folder.images:
        found[one.folder][one.stem] = one.path
    return find_marked_copies(folder.path, found)


def find_marked_copies(
    root: Path, folders: Mapping[str, Mapping[str, str]]
) -> tuple[str, str] | None:
    """Return the name of a folder of marked copies and of that of the images, or None.

    Nearly every file of one has the name and the size of a file in the other, and most of its
    pixels, which it has not in common with files of other names: what a fixed camera takes is alike
    in all of them. Some pixels differ by more than JPEG changes them, so that a change which nobody
    can see, or an image that lies in the folder of each of its labels, is no mark.

    Args:
        root: the data folder.
        folders: by name, the paths of their images below `root` by what tells these apart.
    """
    if len(folders) > _MOST_FOLDERS:
        return None
    first: dict[str, NDArray[np.uint8] | None] = {}

    def read(path: str) -> NDArray[np.uint8] | None:
        # The first file of a folder is compared with that of each other one.
        if path in first:
            return first[path]
        pixels = picture_pixels(root / path)
        if len(first) < _MOST_FOLDERS:
            first[path] = pixels
        return pixels

    for one, other in combinations(sorted(folders), 2):
        shared = sorted(folders[one].keys() & folders[other].keys())
        fewer = min(len(folders[one]), len(folders[other]))
        if len(shared) < _FEWEST_COPIES or len(shared) < NEARLY_ALL * fewer:
            continue
        probes = drawn_names(shared, _MOST_PROBED)
        pairs = list[tuple[NDArray[np.uint8], NDArray[np.uint8]]]()
        for n, key in enumerate(probes):
            a, b = read(folders[one][key]), read(folders[other][key])
            if a is None or b is None or _share_of_other_pixels(a, b) > _MOST_MARKED:
                pairs = []
                break
            if _differ(a, b).any():
                pairs.append((a, b))
            if len(pairs) >= 2 and n + 1 >= _PROBED:
                break
        if len(pairs) >= 2 and _are_of_their_names(pairs):
            return (other, one) if _has_marks(pairs) else (one, other)
    return None


def drawn_names(names: Collection[str], most: int) -> list[str]:
    """Return some of the names, the same ones each time, in an order of chance.

    Every n-th may be one of several kinds of files, as of `7_fg`, `7_label` and `7_rgb`.
    """
    return random.Random(0).sample(sorted(names), min(most, len(names)))


def picture_pixels(path: Path) -> NDArray[np.uint8] | None:
    """Return the colours of a picture `(H, W, 3)`; None where it cannot be read or is too large."""

    def read(image: Image.Image) -> NDArray[np.uint8] | None:
        if image.width * image.height > _MOST_PIXELS or image.mode.startswith(("I", "F")):
            return None
        return np.asarray(image.convert("RGB"))

    return read_picture(path, read)


def _differ(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return the pixels that differ by more than JPEG changes them."""
    differs: NDArray[np.bool_] = (np.abs(one.astype(np.int16) - other) > _NOISE).any(axis=-1)
    return differs


def _share_of_other_pixels(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Return the share of pixels that differ, of those that are not the ground of both; 1 for all.

    Black around a bright thing is the same in every picture.
    """
    if one.shape != other.shape:
        return 1.0
    colours, counts = np.unique(one.reshape(-1, 3)[::7], axis=0, return_counts=True)
    ground = colours[counts.argmax()]
    is_ground = ~(_differ(one, ground[None, None]) | _differ(other, ground[None, None]))
    # A photograph of one grey has its noise for a content.
    things = ~is_ground if counts.max() > 0.2 * counts.sum() else np.ones_like(is_ground)
    n = np.count_nonzero(things)
    return np.count_nonzero(_differ(one, other) & things) / n if n else 0.0


def _are_of_their_names(pairs: Sequence[tuple[NDArray[np.uint8], NDArray[np.uint8]]]) -> bool:
    """Return whether pictures of other names are less alike than those of one name are."""
    own = [float(np.mean(_differ(*pair))) for pair in pairs]
    of_shape: dict[tuple[int, ...], list[tuple[NDArray[np.uint8], NDArray[np.uint8]]]] = {}
    for pair in pairs:
        of_shape.setdefault(pair[0].shape, []).append(pair)
    # Pictures of several sizes, as of several cameras, are compared with those of their size.
    others = [
        float(np.mean(_differ(a, b)))
        for alike in of_shape.values()
        if len(alike) > 1
        for (a, _), (_, b) in zip(alike, [*alike[1:], alike[0]], strict=True)
    ]
    return float(np.median(own)) < _MOST_MARKED * float(np.median(others or [1.0]))


def _has_marks(pairs: Sequence[tuple[NDArray[np.uint8], NDArray[np.uint8]]]) -> bool:
    """Return whether the second pictures have the marks: fewer colours there, or more vivid ones.

    Args:
        pairs: of pictures of one name, some of whose pixels differ.
    """
    there = [
        np.concatenate([pair[side][_differ(*pair)] for pair in pairs]).astype(int)
        for side in (0, 1)
    ]
    n = [len(np.unique(one, axis=0)) for one in there]
    if min(n) <= _MOST_COLOURS and n[0] != n[1]:
        return n[1] < n[0]
    vivid = [float(np.mean(one.max(axis=-1) - one.min(axis=-1))) for one in there]
    return vivid[1] > vivid[0]
