"""Images that are several files each, told by the ends of their names: `7_red`, `7_green`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

import pandas as pd

from podium.competition.infer.files import DataFolder, ImageFile
from podium.competition.infer.submission import Sample

__all__ = ["channel_pattern", "with_channels"]

_MOST = 12
_ENOUGH = 0.9
_READ = 300  # cells of a column
_ORDER = ("red", "green", "blue", "yellow")


def with_channels(
    folder: DataFolder, tables: Mapping[str, pd.DataFrame], sample: Sample | None
) -> DataFolder:
    """Return the folder with one image for the files of a sample, where it has several.

    The ends of names are words, the same for nearly every image, and a table names what stands
    before them and never the whole (as `10_left` of a table of eyes is). The image is called as if
    the end were not there; `folder.channels` are the ends.
    """
    images = [image for image in folder.images if image.part != "mask"]
    of_base: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for image in images:
        base, sign, end = image.stem.rpartition("_")
        if sign and base and end.isalpha():
            of_base[image.folder, base, image.suffix].add(end)
    if not of_base or sum(map(len, of_base.values())) < _ENOUGH * len(images):
        return folder
    ends = max(of_base.values(), key=len)
    whole = [key for key, found in of_base.items() if found == ends]
    if not 2 <= len(ends) <= _MOST or len(whole) < _ENOUGH * len(of_base):
        return folder
    bases = {base for _, base, _ in of_base}
    named = set(_cells([*tables.values(), *([] if sample is None else [sample.table])]))
    whole_names = {name for image in images for name in (image.name, image.stem)}
    if not named & bases or named & whole_names:
        return folder
    parts = {(image.folder, image.suffix): image.part for image in images}
    one_each = [
        ImageFile(f"{where}/{base}{suffix}" if where else f"{base}{suffix}", parts[where, suffix])
        for where, base, suffix in whole
    ]
    masks = [image for image in folder.images if image.part == "mask"]
    ordered = sorted(ends, key=lambda end: (_ORDER.index(end) if end in _ORDER else 99, end))
    return replace(folder, images=(*one_each, *masks), channels=tuple(ordered))


def channel_pattern(pattern: str, channel: str) -> str:
    """Return the pattern of one of the files of an image.

    Example:
        >>> channel_pattern("train/{Id}.png", "red"), channel_pattern("test/*.png", "red")
        ('train/{Id}_red.png', 'test/{id}_red.png')
    """
    folders, slash, name = pattern.rpartition("/")
    stem, dot, suffix = name.rpartition(".")
    return f"{folders}{slash}{'{id}' if stem == '*' else stem}_{channel}{dot}{suffix}"


def _cells(tables: Iterable[pd.DataFrame]) -> Iterable[str]:
    for table in tables:
        shown = table.iloc[:: max(1, len(table) // _READ)]
        for column in table.columns:
            for cell in shown[column]:
                yield str(cell).rpartition("/")[2]
