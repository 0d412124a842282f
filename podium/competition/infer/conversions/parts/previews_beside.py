"""Previews of rasters, in folders beside these: the rasters are the images.

images/7.tif, 4 bands of 16 bits    quicklook/7.jpg    →  images
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import tifffile

from podium.competition.infer.conversions.parts.copies_of_kinds import (
    are_named,
    without_images_beside,
)
from podium.competition.infer.files import DataFolder, ImageFile
from podium.competition.infer.pictures import picture_size
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.shares import NEARLY_ALL
from podium.competition.languages import is_called
from podium.errors import plural, some

__all__ = ["without_previews"]

_FEWEST = 3
_MOST_FOLDERS = 6
"""Side by side: more are classes, or patients, whose files have the same names."""
_PROBED = 8
_LOSSY = (".jpg", ".jpeg")
_RASTERS = (".tif", ".tiff")
_MOST_COLOURS = 3  # bands of a picture
_ALPHA = (1, 2)  # of TIFF's ExtraSamples: how opaque a pixel is


def without_previews(
    folder: DataFolder, sample: SampleSubmission | None
) -> tuple[DataFolder, list[str]]:
    """Return the folder without previews of images beside them, and notes on these.

    Nearly all previews have the name of an image of one folder beside theirs, and its shape. Their
    folder is called so; or they are JPEGs, and the images TIFFs of more bands than colours, or of
    several bands of more than 8 bits.

    Args:
        sample: the sample submission: files that it names are left in.
    """
    beside: dict[str, dict[str, list[ImageFile]]] = defaultdict(lambda: defaultdict(list))
    for image in folder.images:
        if image.part != "mask":
            where, _, name = image.folder.rpartition("/")
            beside[where][name].append(image)
    found: dict[str, dict[str, str]] = {}
    for where, each in beside.items():
        if 2 <= len(each) <= _MOST_FOLDERS:
            found[where] = _previews(folder.path, each)
    notes = []
    for where, previews in found.items():
        for name, kept in previews.items():
            gone = {image.path for image in beside[where][name]}
            if are_named(folder, sample, gone):
                continue
            folder = without_images_beside(folder, gone)
            notes.append(
                f"{plural(len(gone), 'picture')} in {some([f'{where}/{name}'.strip('/')])} "
                f"{'is' if len(gone) == 1 else 'are'} not "
                f"used: they are previews of the images in {some([f'{where}/{kept}'.strip('/')])}"
            )
    return folder, notes


def _previews(root: Path, each: Mapping[str, Sequence[ImageFile]]) -> dict[str, str]:
    """Return the folders of previews, and those of the images that they show."""
    found = {}
    called = {name for name in each if is_called(name, "preview")}
    for name, pictures in each.items():
        own = {one.stem: one for one in pictures}
        if len(own) < max(_FEWEST, len(pictures)):
            continue
        shown = []
        for other, images in each.items():
            if other == name or other in called:
                continue
            by_stem = {one.stem: one for one in images}
            shared = sorted(own.keys() & by_stem)
            if len(shared) < NEARLY_ALL * len(own):
                continue
            probe = shared[:: max(1, len(shared) // _PROBED)]
            pairs = [(root / own[stem].path, root / by_stem[stem].path) for stem in probe]
            is_preview = name in called or all(map(_is_lossy_copy, *zip(*pairs, strict=True)))
            if is_preview and all(_are_of_one_shape(*pair) for pair in pairs):
                shown.append(other)
        if len(shown) == 1:
            found[name] = shown[0]
    return found


def _is_lossy_copy(picture: Path, image: Path) -> bool:
    """Return whether a JPEG cannot hold what a TIFF has: further bands, or deeper ones."""
    if picture.suffix.lower() not in _LOSSY or image.suffix.lower() not in _RASTERS:
        return False
    try:
        with tifffile.TiffFile(image) as opened:
            page = opened.pages[0]
            bands, is_deep = int(page.samplesperpixel), int(page.bitspersample) > 8
            bands -= any(int(one) in _ALPHA for one in page.extrasamples)
    except Exception:  # tifffile raises what it likes
        return False
    return bands > _MOST_COLOURS or (is_deep and bands > 1)


def _are_of_one_shape(picture: Path, image: Path) -> bool:
    """Return whether two pictures have one shape, in any sizes, as far as headers tell it."""
    one, other = picture_size(picture), picture_size(image)
    if one is None or other is None:
        return one is not None
    difference = one[0] * other[1] - one[1] * other[0]  # none, but for parts of a pixel
    return abs(difference) <= max(*one, *other)
