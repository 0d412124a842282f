"""Copies of images in which people painted: what has the colour of the paint is the mask.

train/photos/7.png     the photograph
train/marked/7.png     the same pixels, but for what was painted, or drawn around, in one colour

What a drawn line encloses is foreground, as it is. Each becomes a mask file in `made/masks/`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from podium.competition.infer.conversions.masks.copies import (
    Colour,
    find_painted_copies,
    without_folders,
)
from podium.competition.infer.conversions.masks.outlines import Outlines
from podium.competition.infer.files import DataFolder, ImageFile
from podium.competition.infer.masks.values import ClassNames
from podium.competition.infer.parts.marked_copies import picture_pixels
from podium.errors import some
from podium.workspace.progress import SILENT, Progress

__all__ = ["write_painted_copies"]

_PROBED = 8
_ENCLOSED = 1.5  # what lines enclose, by what they cover
_FOREGROUND = 255


def write_painted_copies(
    folder: DataFolder, target: Path, *, progress: Progress = SILENT
) -> tuple[DataFolder, Outlines] | None:
    """Return the folder without painted copies, and their masks written to `target`; else None.

    Files of a folder are painted copies where each has the name and the size of an image in another
    one, and its pixels but for those of a few colours, which the images have not there.

    Args:
        target: the folder for the masks.
        progress: of the masks.
    """
    found = find_painted_copies(folder)
    if found is None:
        return None
    pairs, colours = found
    stems = [image.stem for image in pairs.values()]
    if len(set(stems)) < len(stems):
        return None
    places = {path.rpartition("/")[0] for path in pairs}
    planes = {path: _painted(folder.path, path, image, colours) for path, image in pairs.items()}
    are_lines = _are_lines(list(planes.values()))
    target.mkdir(parents=True, exist_ok=True)
    files: dict[str, list[Path]] = {}
    with progress.bar("reading painted copies", len(pairs)) as advance:
        for path, image in pairs.items():
            mask = np.zeros(planes[path].shape[1:], dtype=np.uint8)
            for value, plane in enumerate(planes[path], start=1):
                area = ndimage.binary_fill_holes(plane) if are_lines else plane
                mask[area] = _FOREGROUND if len(colours) == 1 else value
            files[image.stem] = [target / f"{image.stem}.png"]
            Image.fromarray(mask).save(files[image.stem][0])
            advance(1)
    hexes = [f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in colours]
    notes = [f"what is painted {some(hexes)} in {some(sorted(places))} is taken for masks"]
    if are_lines:
        notes.append("what the lines enclose is foreground, and the lines are")
    named: dict[int | str, str] = {0: "background", _FOREGROUND: "foreground"}
    if len(colours) > 1:
        named = {0: "background", **dict(enumerate(hexes, start=1))}
    outlines = Outlines(
        files,
        tuple(pairs),
        f"copies of images, painted in {some(sorted(places))}",
        ClassNames("", named=named),
        (),
        tuple(notes),
        unnamed="colours" if len(colours) > 1 else "",
    )
    return without_folders(folder, places), outlines


def _painted(root: Path, path: str, image: ImageFile, colours: list[Colour]) -> NDArray[np.bool_]:
    """Return the pixels of each colour of the paint that differ from the image, `(K, H, W)`."""
    copy, original = picture_pixels(root / path), picture_pixels(root / image.path)
    assert copy is not None
    differs = np.ones(copy.shape[:2], dtype=np.bool_)
    if original is not None and original.shape == copy.shape:
        differs = (copy != original).any(axis=-1)
    return np.stack([differs & (copy == np.array(one)).all(axis=-1) for one in colours])


def _are_lines(planes: list[NDArray[np.bool_]]) -> bool:
    """Return whether what is painted mostly encloses more than it covers."""
    drawn = [plane for each in planes for plane in each if plane.any()]
    enclosing = [
        np.count_nonzero(ndimage.binary_fill_holes(one)) >= _ENCLOSED * np.count_nonzero(one)
        for one in drawn[:: max(1, len(drawn) // (4 * _PROBED))]
    ]
    return bool(2 * sum(enclosing) > len(enclosing))
