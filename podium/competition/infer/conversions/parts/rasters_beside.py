"""Rasters of another kind beside images in colour of the same places: heights, depths, heat.

images/7.tif         laser/7.tif, floats                    →  images
photos/photo_7.png   heat/ir_7.png, of 16 bits              →  photos
colour/oak/rgb.png   depth_raw/oak/raw.png, of 16 bits      →  colour
                     depth_colour/oak/drawn.png, a drawing of the depths

What a folder of one part is, one of the same name is in the others: `test/laser`, as `train/laser`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from podium.competition.infer.conversions.parts.copies_of_kinds import (
    are_named,
    without_images_beside,
)
from podium.competition.infer.files import DataFolder, ImageFile, images_below, without_part
from podium.competition.infer.ids.keys import NUMBER_BEHIND
from podium.competition.infer.pictures import read_pixels
from podium.competition.infer.reader import are_grey
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.languages import is_called
from podium.errors import plural

__all__ = ["without_rasters_beside"]

_FEWEST_IMAGES = 3
_MOST_FOLDERS = 6
"""Side by side: more are classes, or patients, whose files have the same names."""
_PROBED = 8
_FEWEST_VALUES = 32
"""Of a raster of what was measured: masks have fewer."""


def without_rasters_beside(
    folder: DataFolder, sample: SampleSubmission | None
) -> tuple[DataFolder, list[str]]:
    """Return the folder without rasters beside images in colour, and notes on them.

    Of folders side by side with files of the same paths and sizes, one is called as images, or as
    what is in colour, and its pictures are in colour. The others hold one channel of more than 8
    bits; or they are called as heights, as drawings of these are. Two folders in colour without
    such a name may both be images, and stay.

    Args:
        sample: the sample submission: files that it names are left in.
    """
    below = images_below(one for one in folder.images if one.part != "mask")
    found: dict[str, _Beside] = {}
    for where, places in _side_by_side(folder, below).items():
        named = [name for name in places if is_called(name, "image", "in colour")]
        kept = [name for name in named if not is_called(name, "heights")]
        if len(kept) != 1 or not _are_rasters_beside(folder.path, places, kept[0]):
            continue
        others = {name: below[where][name] for name in places if name != kept[0]}
        found[where] = _Beside(kept[0], others)
    for where, one in _called_alike(below, [*found.values()]).items():
        found.setdefault(where, one)
    notes = []
    for where, one in found.items():
        gone = {image.path for each in one.others.values() for image in each}
        if are_named(folder, sample, gone):
            continue
        folder = without_images_beside(folder, gone)
        notes.append(
            f"{plural(len(gone), 'file')} in {', '.join(one.others)} of "
            f"{where or 'the data folder'} are not read: they are rasters of another kind beside "
            f"the images in {one.kept}, which are in colour"
        )
    return folder, notes


class _Beside(NamedTuple):
    """A folder of images in colour, and the files in those of rasters beside it, by name."""

    kept: str
    others: Mapping[str, Sequence[ImageFile]]


def _called_alike(
    places: Mapping[str, Mapping[str, Sequence[ImageFile]]], known: Sequence[_Beside]
) -> dict[str, _Beside]:
    """Return the folders of each place that are called as `known` ones, images and rasters."""
    found = {}
    for where, below in places.items():
        for one in known:
            others = {name: below[name] for name in one.others if name in below}
            if one.kept in below and others:
                found[where] = _Beside(one.kept, others)
    return found


def _side_by_side(
    folder: DataFolder, below: Mapping[str, Mapping[str, Sequence[ImageFile]]]
) -> dict[str, dict[str, dict[str, ImageFile]]]:
    """Return folders that lie side by side, each with its files by the same keys.

    A key is the path inside the folder, or that of the deepest folder where each has one file; or
    the number that ends it, where each folder has a word of its own before the numbers.
    """
    n_files = Counter(image.folder for image in folder.images)
    keyed = {}
    for where, all_places in below.items():
        # A folder of test beside those of train, which has no word of what lies in it, is neither.
        places = {name: one for name, one in all_places.items() if without_part(name)}
        if not 2 <= len(places) <= _MOST_FOLDERS:
            continue
        each = {}
        for name, images in places.items():
            start = len(f"{where}/{name}/".lstrip("/"))
            are_alone = all(n_files[image.folder] == 1 for image in images)
            each[name] = {
                (image.folder if are_alone else image.path.rpartition(".")[0])[start:]: image
                for image in images
            }
        if len({frozenset(one) for one in each.values()}) > 1:
            each = {name: _by_number(files) for name, files in each.items()}
        first = next(iter(each.values()))
        if len(first) >= _FEWEST_IMAGES and all(
            one.keys() == first.keys() for one in each.values()
        ):
            keyed[where] = each
    return keyed


def _by_number(files: Mapping[str, ImageFile]) -> dict[str, ImageFile]:
    """Return the files by the numbers that end their keys, behind one text: `7` of `depth_7`.

    None at all where the text differs, or a key ends in no number.
    """
    parts = [NUMBER_BEHIND.fullmatch(key) for key in files]
    found = [one.groups() for one in parts if one is not None]
    if len(found) < len(files) or len({start for start, _ in found}) > 1:
        return {}
    return {number: image for (_, number), image in zip(found, files.values(), strict=True)}


def _are_rasters_beside(
    root: Path, places: Mapping[str, Mapping[str, ImageFile]], kept: str
) -> bool:
    """Return whether the pictures of one folder are in colour, and those of all others rasters.

    Some of the pictures are looked at: those of one key have one size in all folders.
    """
    keys = sorted(places[kept])
    keys = keys[:: max(1, len(keys) // _PROBED)]
    probes = {name: [root / each[key].path for key in keys] for name, each in places.items()}
    read = {name: map(read_pixels, each) for name, each in probes.items()}
    pictures = {name: [one for one in each if one is not None] for name, each in read.items()}
    sizes = {tuple(one.shape[:2] for one in each) for each in pictures.values()}
    if len(sizes) != 1 or any(len(each) < len(keys) for each in pictures.values()):
        return False
    are_of_8_bits = all(one.ndim == 3 and one.dtype == np.uint8 for one in pictures[kept])
    if not are_of_8_bits or are_grey(probes[kept]):
        return False
    measured = [name for name, each in pictures.items() if all(map(_is_measured, each))]
    rest = places.keys() - {kept, *measured}
    return len(measured) > 0 and all(is_called(name, "heights") for name in rest)


def _is_measured(pixels: NDArray[np.generic]) -> bool:
    """Return whether pixels are one channel of more than 8 bits, with more values than masks."""
    is_deep = np.issubdtype(pixels.dtype, np.number) and pixels.dtype.itemsize > 1
    return is_deep and pixels.ndim == 2 and len(np.unique(pixels)) >= _FEWEST_VALUES
