"""Regions that come with each image, as the field of view: images to predict have them, too.

training/images/21_training.tif      test/images/01_test.tif         photographs
training/mask/21_training_mask.gif   test/mask/01_test_mask.gif      two values: a region of each
training/1st_manual/21_manual1.gif                                   the truth: of train alone
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from podium.competition.ids.patterns import file_stem
from podium.competition.infer.conversions.masks.look_folders import (
    ends_of_folders,
    look_of_picture,
    values_of_two,
)
from podium.competition.infer.files import DataFolder, ImageFile, guess_part_of_path, without_part
from podium.competition.infer.shares import NEARLY_ALL
from podium.errors import some

__all__ = ["find_regions", "note_of_regions", "regions_that_differ"]

_FEWEST_REGIONS = 3
_LOOKED_AT = 8
_COMPARED = 3  # with their photographs, which are slower to look at
_MOST_NAMES = 12
_FEWEST_VALUES = 16
"""Values that a photograph has more of."""


class _Kind(NamedTuple):
    """Files of one kind, by part and by what tells an image.

    That is its folder and its name, with its end or without, or the name alone.
    """

    by_name: dict[str, dict[str, ImageFile]]
    by_base: dict[str, dict[str, ImageFile]]
    by_stem: dict[str, dict[str, ImageFile]]


def find_regions(folder: DataFolder) -> frozenset[str]:
    """Return the paths of pictures of two values that lie beside photographs, in train and in test.

    Of two kinds of folders (`images` and `mask`, `train_images` and `train_fov`) in one level, each
    file of the second is named as one of the first, perhaps with another end, and has its size. A
    third kind that train has alone is the truth: beside it, folders inside `images` may be others.
    """
    parts = [guess_part_of_path(one.path) for one in folder.images]
    if "test" not in parts:
        return frozenset()
    ends = ends_of_folders(folder.images)
    levels = [one.path.split("/") for one in folder.images]
    found: set[str] = set()
    for level in range(max(map(len, levels), default=1) - 1):
        kinds: dict[str, _Kind] = {}
        for one, names, part in zip(folder.images, levels, parts, strict=True):
            if len(names) <= level + 1:
                continue
            name = without_part(names[level])
            if name not in kinds and len(kinds) == _MOST_NAMES:
                kinds.clear()
                break
            kind = kinds.setdefault(
                name, _Kind(defaultdict(dict), defaultdict(dict), defaultdict(dict))
            )
            where = "/".join([*names[:level], "", *names[level + 1 : -1]])
            kind.by_name[part][f"{where}/{one.stem}"] = one
            base = one.stem.removesuffix(ends.get(one.folder, ""))
            kind.by_base[part][f"{where}/{base}"] = one
            kind.by_stem[part].setdefault(one.stem, one)
        has_truth = any(not one.by_name.get("test") for one in kinds.values())
        for name, regions in kinds.items():
            others = (images for other, images in kinds.items() if other != name)
            if any(_are_regions(folder.path, regions, images, has_truth) for images in others):
                found |= {one.path for each in regions.by_name.values() for one in each.values()}
    return frozenset(found)


def _are_regions(root: Path, regions: _Kind, images: _Kind, by_stem: bool) -> bool:
    """Return whether the files of a kind are regions of images of another one, in each part."""
    parts = {part for part, each in regions.by_name.items() if each}
    if "test" not in parts or len(parts) < 2 or not parts <= images.by_name.keys():
        return False
    values: set[int] = set()
    for part in parts:
        pairs = _pairs(regions, images, part, by_stem)
        n = len(regions.by_name[part])
        if len(pairs) < max(_FEWEST_REGIONS if part != "test" else 1, NEARLY_ALL * n):
            return False
        for n_before, (region, image) in enumerate(pairs[:: max(1, len(pairs) // _LOOKED_AT)]):
            own = values_of_two(root / region.path)
            values |= own
            if not own or len(values) > 2:
                return False
            if n_before < _COMPARED and not _is_photo_of(root, region, image):
                return False
    return len(values) == 2


def _pairs(
    regions: _Kind, images: _Kind, part: str, by_stem: bool
) -> Sequence[tuple[ImageFile, ImageFile]]:
    ways: list[tuple[Mapping[str, ImageFile], Mapping[str, ImageFile]]] = [
        (regions.by_name[part], images.by_name[part]),
        (regions.by_base[part], images.by_base[part]),
    ]
    if by_stem:
        ways.append((regions.by_stem[part], images.by_stem[part]))
    every = [
        [(one, others[key]) for key, one in own.items() if key in others] for own, others in ways
    ]
    return max(every, key=len)


def _is_photo_of(root: Path, region: ImageFile, image: ImageFile) -> bool:
    own, photo = (look_of_picture(root / one.path) for one in (region, image))
    if own is None or photo is None:
        return False
    return own.size == photo.size and len(photo.values) > _FEWEST_VALUES


def regions_that_differ(folder: DataFolder, regions: frozenset[str]) -> frozenset[str]:
    """Return these regions where each shows another place, as fields of view do not.

    Only where nothing else can be what is to be learnt: no table, no list, one folder of images in
    each part; or where images to predict have the other masks of train, too. Test is labelled then.

    Args:
        folder: without the regions.
        regions: relative to it.
    """
    others = {one.folder for one in folder.images}
    lists = [one for one in folder.texts if not _README.match(one.rpartition("/")[2])]
    more = (*folder.tables, *folder.books, *folder.jsons, *lists, *folder.of_part("mask"))
    is_open = not more and len(others) <= 2
    if not regions or not (is_open or _are_labelled(folder, regions)):
        return frozenset()
    of_folder: dict[str, list[str]] = defaultdict(list)
    for path in sorted(regions):
        of_folder[path.rpartition("/")[0]].append(path)
    for paths in of_folder.values():
        shown = [_rarer(folder.path / one) for one in paths[:: max(1, len(paths) // _LOOKED_AT)]]
        shares = [
            float((one & other).sum()) / max(float((one | other).sum()), 1.0)
            for one, other in combinations(shown, 2)
        ]
        if len(shown) < _FEWEST_REGIONS or float(np.mean(shares)) > _SHARED:
            return frozenset()
    return regions


def _are_labelled(folder: DataFolder, regions: frozenset[str]) -> bool:
    """Return whether images to predict that have a region have a mask of another kind as well.

    So have those of train: then nothing marks the region as what comes with an image.
    """
    masks: dict[str, set[str]] = defaultdict(set)
    for mask in folder.of_part("mask"):
        masks[guess_part_of_path(mask.path)].add(mask.stem)
    named: dict[str, set[str]] = defaultdict(set)
    for path in regions:
        named[guess_part_of_path(path)].add(file_stem(path))
    return all(len(masks[part] & stems) >= NEARLY_ALL * len(stems) for part, stems in named.items())


_README = re.compile(r"read.?me|licen[cs]e", re.I)
_SHARED = 0.5
"""Of the pixels that two fields of view have, those that both have, at least."""
_SIDE = 64


def _rarer(path: Path) -> NDArray[np.bool_]:
    """Return where a picture of two values has the rarer one, as a square of a few pixels."""
    with Image.open(path) as opened:
        grey = opened.convert("L").resize((_SIDE, _SIDE), Image.Resampling.NEAREST)
    pixels = np.asarray(grey)
    high = pixels > (int(pixels.min()) + int(pixels.max())) / 2
    return ~high if 2 * np.count_nonzero(high) > high.size else high


def note_of_regions(folder: DataFolder) -> str:
    """Return where regions lie, what they are not used for, and how to use them; "" without any."""
    if not folder.regions:
        return ""
    places = sorted({path.rpartition("/")[0] for path in folder.regions})
    return (
        f"the pictures in {some(places, 4)} have two values, and images to predict have such, too: "
        "they are a region of each image, as its field of view, and no masks to learn. They are "
        "not used: not as an input, and no pixel outside them is left out of training or of the "
        "score. For an input more, name both in data.train and in data.test, as images: {photo: "
        "…/{id}.png, region: …/{id}.png}"
    )
