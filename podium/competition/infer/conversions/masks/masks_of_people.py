"""Masks that several people drew of the same images, of which the majority becomes one mask.

images/7.png  masks/expert1/7.png  masks/expert2/7.png  masks/expert3/7.png  →  made/masks/7.png

Where no file is blank, one who drew nothing has no file, and counts as blank. Else a person without
a file has not read the image. Both ways are written where they differ, for a person to choose.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from podium.competition.infer.conversions.masks.look_folders import values_of_two
from podium.competition.infer.conversions.masks.outlines import Outlines
from podium.competition.infer.files import DataFolder, ImageFile
from podium.competition.infer.masks.files import train_masks
from podium.competition.infer.masks.values import ClassNames
from podium.competition.infer.pictures import picture_size, read_pixels
from podium.competition.languages import meaning_words
from podium.competition.spelling import name_words
from podium.errors import DataError, some
from podium.workspace.progress import SILENT, Progress

__all__ = ["write_masks_of_people"]

_FEWEST_PEOPLE = 3  # of two, none is outvoted
_FOREGROUND = 255
_PROBED = 12  # images
_ALIKE = 0.5  # of the pixels that either of two people drew, both did

_Drawn = Mapping[str, Mapping[str, ImageFile]]
"""The files in the folder of each person, by their stems."""


class _Votes(NamedTuple):
    """How many people drew each pixel of an image, `(H, W)`, and how many drew none."""

    counts: NDArray[np.int64]
    n_blank: int


def write_masks_of_people(
    folder: DataFolder, target: Path, *, progress: Progress = SILENT
) -> tuple[DataFolder, Outlines] | None:
    """Return the folder without each person's masks, and the majority's, written to `target`.

    None where there are no such: folders side by side, called after annotators, hold pictures of
    two values with the names of images, and most of what one draws the others draw, too. A pixel
    is foreground where more than half of the people drew it.

    Args:
        target: the folder for the masks; one beside it gets those of the other way.
        progress: of the masks.

    Raises:
        DataError: a mask cannot be read, or two of an image differ in size.
    """
    drawn = _folders_of_people(train_masks(folder))
    images = _images_of(folder, drawn)
    if not images or not _draw_alike(folder.path, drawn):
        return None
    beside = target.parent / f"{target.name}_2"
    for one in (target, beside):
        one.mkdir(parents=True, exist_ok=True)
    n_missing = n_blank = n_differ = 0
    with progress.bar("reading the masks of each person", len(images)) as advance:
        for stem, image in images.items():
            paths = [folder.path / each[stem].path for each in drawn.values() if stem in each]
            votes = _votes(folder.path / image.path, paths)
            n_missing += len(drawn) - len(paths)
            n_blank += votes.n_blank
            of_all, of_readers = (2 * votes.counts > n for n in (len(drawn), len(paths)))
            n_differ += bool((of_all != of_readers).any())
            for where, mask in ((target, of_all), (beside, of_readers)):
                pixels = np.where(mask, _FOREGROUND, 0).astype(np.uint8)
                Image.fromarray(pixels).save(where / f"{stem}.png")
            advance(1)
    count = ("counts as nothing drawn", "counts as not read")
    if n_blank:  # who draws nothing leaves a blank file: one without a file has not read the image
        kept = target.rename(target.parent / f"{target.name}_3")
        beside.rename(target)
        kept.rename(beside)
        count = (count[1], count[0])
    if not n_differ:
        shutil.rmtree(beside)
    people = some(sorted(drawn), 4)
    note = f"a pixel is foreground where more than half of {people} drew it"
    if n_missing:
        why = "others are blank" if n_blank else "none is blank"
        note += (
            f"; a file that a person lacks ({n_missing:,} of {len(drawn) * len(images):,}) "
            f"{count[0]}, as {why}"
        )
    outlines = Outlines(
        {stem: [target / f"{stem}.png"] for stem in images},
        tuple(one.path for each in drawn.values() for one in each.values()),
        f"masks of {len(drawn)} people: {people}",
        ClassNames("", named={0: "background", _FOREGROUND: "foreground"}),
        (),
        (note,),
        others=((beside.name, f"where a file that a person lacks {count[1]}"),) if n_differ else (),
    )
    gone = set(outlines.sources)
    rest = tuple(one for one in folder.images if one.path not in gone)
    return replace(folder, images=rest), outlines


def _folders_of_people(masks: Sequence[ImageFile]) -> _Drawn:
    """Return the masks of each person, by the folder; {} where folders are not called so."""
    beside: dict[tuple[str, frozenset[str]], dict[str, dict[str, ImageFile]]] = defaultdict(dict)
    words = meaning_words("annotator")
    for one in masks:
        where, _, name = one.folder.rpartition("/")
        if called := words.intersection(name_words(name)):
            people = beside[where, frozenset(called)]
            people.setdefault(one.folder, {})[one.stem] = one
    if len(beside) != 1:
        return {}
    [drawn] = beside.values()
    n_files = sum(map(len, drawn.values()))
    return drawn if len(drawn) >= _FEWEST_PEOPLE and n_files == len(masks) else {}


def _images_of(folder: DataFolder, drawn: _Drawn) -> dict[str, ImageFile]:
    """Return the images of the folders that have one for each mask, by stem; {} without such."""
    stems = {stem for each in drawn.values() for stem in each}
    places = {one.folder for one in folder.images if one.part == "train" and one.stem in stems}
    images: dict[str, ImageFile] = {}
    for one in folder.images:
        if one.folder in places:
            if one.stem in images:
                return {}
            images[one.stem] = one
    return images if stems and stems <= images.keys() else {}


def _draw_alike(root: Path, drawn: _Drawn) -> bool:
    """Return whether people draw the same things, in pictures of two values, as far as is read."""
    of_two = [
        (one[stem], other[stem])
        for one, other in combinations(drawn.values(), 2)
        for stem in sorted(one.keys() & other.keys())[:: max(1, len(one) // _PROBED)]
    ]
    shares = []
    for pair in of_two:
        if any(not values_of_two(root / one.path) for one in pair):
            return False
        masks = [_foreground(root / one.path) for one in pair]
        if masks[0].shape != masks[1].shape:
            return False
        either = np.count_nonzero(masks[0] | masks[1])
        if either:
            shares.append(np.count_nonzero(masks[0] & masks[1]) / either)
    return bool(shares) and float(np.median(shares)) >= _ALIKE


def _votes(image: Path, masks: Sequence[Path]) -> _Votes:
    """Return the votes of the people who have a mask of an image.

    Raises:
        DataError: a mask cannot be read, or two differ in size.
    """
    if not masks:
        return _Votes(np.zeros(picture_size(image) or (1, 1), dtype=np.int64), 0)
    drawn = [_foreground(one) for one in masks]
    for path, one in zip(masks, drawn, strict=True):
        if one.shape != drawn[0].shape:
            raise DataError(
                f"the mask has another size than {masks[0]}, which is of the same image",
                where=path,
                fix="bring the masks of an image to its size with nearest neighbours",
            )
    return _Votes(np.sum(drawn, axis=0, dtype=np.int64), sum(not one.any() for one in drawn))


def _foreground(path: Path) -> NDArray[np.bool_]:
    pixels = read_pixels(path)
    if pixels is None:
        raise DataError("the mask cannot be read", where=path, fix="mend the file or remove it")
    return np.asarray(pixels.reshape(*pixels.shape[:2], -1).max(axis=-1) > 0)
