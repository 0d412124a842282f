"""Masks that are called as a piece of the names of their images, as by the tile of each scene.

train/T23LLH/RGB/T23LLH_20190714_r01c04_RGB.png      scene, date, tile, kind
train/T23LLH/GT/r01c04.png                           the tile
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence

from podium.competition.ids.patterns import Pattern
from podium.competition.infer.files import CUT, ImageFile, one_suffix, possible_image_names
from podium.competition.infer.shares import HALF, NEARLY_ALL

__all__ = ["are_pieces", "cells_of_pieces", "masks_by_fields"]

_FEWEST = 3  # masks: fewer are pieces of names by chance
_MOST_VIEWS = 12  # images that one mask is of


def are_pieces(masks: Collection[str], images: Collection[str]) -> bool:
    """Return whether nearly each mask is called as the same piece of the names of images.

    Half of the images have a mask, and nearly each mask the same number of them.

    Args:
        masks: their names, without endings.
        images: those of images that lie beside the folder of masks.

    Example:
        >>> are_pieces(["r0c1", "r0c2", "r1c1"], ["A_r0c1_x", "A_r0c2_x", "A_r1c1_x"])
        True
    """
    if len(masks) < _FEWEST or not 1 <= len(images) <= _MOST_VIEWS * 2 * len(masks):
        return False
    names = set(masks)
    for texts in _pieces(images):
        counts = Counter(texts)
        if counts.keys() == set(images):
            continue  # the whole names
        known = counts.keys() & names
        if len(known) < max(_FEWEST, NEARLY_ALL * len(names), HALF * len(counts)):
            continue
        n_views, n = Counter(counts.values()).most_common(1)[0]
        if n_views <= _MOST_VIEWS and n >= NEARLY_ALL * len(counts):
            return True
    return False


def _pieces(names: Collection[str]) -> Iterator[list[str]]:
    """Yield the same piece of each name, between signs, for every piece; none of uneven names."""
    parted = [CUT.split(name) for name in names]
    signs = [CUT.findall(name) for name in names]
    if len({len(one) for one in parted}) != 1:
        return
    n = len(parted[0])
    for start in range(n):
        for end in range(start + 1, n + 1):
            if end - start < n:
                yield [
                    _joined(pieces[start:end], between[start : end - 1])
                    for pieces, between in zip(parted, signs, strict=True)
                ]


def _joined(pieces: Sequence[str], signs: Sequence[str]) -> str:
    return pieces[0] + "".join(a + b for a, b in zip(signs, pieces[1:], strict=True))


def cells_of_pieces(masks: Sequence[ImageFile], images: Sequence[ImageFile]) -> list[str]:
    """Return what masks call their images: the folders that differ and the name.

    [] where a name of a mask is that of an image, perhaps with more around it, or no piece of one.
    """
    stems = {image.stem for image in images}
    named = (name for mask in masks for name, *_ in possible_image_names(mask.stem))
    if len(masks) < _FEWEST or any(name in stems for name in named):
        return []
    own = {mask.stem for mask in masks}
    if not any(len(own & {*texts}) >= NEARLY_ALL * len(own) for texts in _pieces(stems)):
        return []
    levels = [mask.folder.split("/") for mask in masks]
    if len({*map(len, levels)}) > 1:
        return []
    differ = [n for n, texts in enumerate(zip(*levels, strict=True)) if len({*texts}) > 1]
    if len({mask.stem for mask in masks}) == len(masks):
        differ = []
    return [
        "_".join([*(level[n] for n in differ), mask.stem])
        for mask, level in zip(masks, levels, strict=True)
    ]


def masks_by_fields(
    masks: Sequence[ImageFile], images: Sequence[ImageFile], pattern: str
) -> tuple[str, dict[str, ImageFile]] | None:
    """Return the pattern of masks in fields of that of images, and the image of each; or None.

    Args:
        masks: of train.
        images: of train.
        pattern: of the images, with a field for each piece of their paths.
    """
    folders, _, name = pattern.rpartition("/")
    if "*" in pattern or not Pattern(name).fields or not masks:
        return None
    levels = folders.split("/") if folders else []
    known = {image: found for image in images if (found := Pattern(pattern).match(image.path))}
    # All folders down to the last one that differs; what is below it is the masks' own.
    last = max((n for n, one in enumerate(levels) if "{" in one), default=-1)
    n_common = last + 1 if last >= 0 else _n_shared(levels, masks)
    start, suffix = "/".join(levels[:n_common]), one_suffix(masks, otherwise=".*")
    belows = {"/".join(mask.folder.split("/")[n_common:]) for mask in masks}
    if len(belows) != 1 or ".*" in suffix:
        return None
    below = belows.pop()
    by_path = {mask.path: mask for mask in masks}
    for field in _runs_of_fields(name):
        made = "/".join(filter(None, (start, below, f"{field}{suffix}")))
        of_mask = defaultdict[str, list[ImageFile]](list)
        for image, fields in known.items():
            path = Pattern(made).fill(fields)
            if path in by_path:
                of_mask[path].append(image)
        if len(of_mask) >= NEARLY_ALL * len(masks) and max(map(len, of_mask.values())) == 1:
            return made, {path: one for path, [one] in of_mask.items()}
    return None


def _n_shared(levels: Sequence[str], masks: Sequence[ImageFile]) -> int:
    """Return how many of the first folders of images are those of all masks."""
    of_masks = [mask.folder.split("/") for mask in masks]
    n = 0
    while n < len(levels) and all(one[n : n + 1] == [levels[n]] for one in of_masks):
        n += 1
    return n


def _runs_of_fields(name: str) -> Iterator[str]:
    """Yield each piece of a file's name from one field to another, the shortest first."""
    places = [one.span() for one in re.finditer(r"\{[^{}]+\}", name)]
    runs = [(a, b) for n, (a, _) in enumerate(places) for _, b in places[n:]]
    yield from (name[a:b] for a, b in sorted(runs, key=lambda one: one[1] - one[0]))
