"""Facts of images in a record each, called as they are: a table of these that tells a group.

masks/7.json  {"attributes": {"field_id": "F04", "date": "2022-06-05"}}  →  7, F04, 2022-06-05
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import pandas as pd

from podium.competition.ids.patterns import file_stem
from podium.competition.infer.conversions.tables.records.nested_records import (
    cell_of,
    flat_record,
)
from podium.competition.infer.conversions.tables.records.record_files import content_of
from podium.competition.infer.files import DataFolder, ImageFile
from podium.competition.infer.shares import NEARLY_ALL

__all__ = ["IMAGE", "FactsOfImages", "facts_of_images"]

IMAGE = "image"
_LARGEST = 100_000  # bytes of the record of one image


class FactsOfImages(NamedTuple):
    """The facts of images in records.

    Attributes:
        sources: the paths of the records.
        table: a row for each image with its name without the ending, and cells that are blank where
            its record has no such field, or is not there.
        without: the images that have no record.
    """

    sources: tuple[str, ...]
    table: pd.DataFrame
    without: tuple[str, ...]


def facts_of_images(
    folder: DataFolder, images: Sequence[ImageFile], *, known: Collection[str] = ()
) -> FactsOfImages | None:
    """Return the facts of images in files that are called as they are, wherever these lie.

    None where many images have no such file, or one has several.

    Args:
        folder: with the files.
        images: whose names differ.
        known: files that something else was made of, as outlines.
    """
    stems = [image.stem for image in images]
    names_of_images = {*stems}
    for end in (".json", ".xml"):
        paths = [one for one in folder.others if one.lower().endswith(end) and one not in known]
        of_stem = {file_stem(path): path for path in paths if file_stem(path) in names_of_images}
        n_files = sum(file_stem(path) in of_stem for path in paths)
        is_of_each = len(names_of_images) == len(stems) and len(of_stem) == n_files
        if not stems or not is_of_each or len(of_stem) < NEARLY_ALL * len(stems):
            continue
        facts = {stem: _facts(folder, path) for stem, path in of_stem.items()}
        names = dict.fromkeys(name for one in facts.values() for name in one if name != IMAGE)
        if not names or not all(facts.values()):
            continue
        rows = [[one, *(facts.get(one, {}).get(name, "") for name in names)] for one in stems]
        table = pd.DataFrame(rows, columns=[IMAGE, *names], dtype=object)
        without = tuple(image.path for image in images if image.stem not in of_stem)
        return FactsOfImages(tuple(of_stem.values()), table, without)
    return None


def _facts(folder: DataFolder, path: str) -> dict[str, str]:
    """Return the fields of a record that are no lists; {} of what is no record."""
    file = folder.path / path
    content: Any = content_of(file) if file.stat().st_size < _LARGEST else None
    while isinstance(content, dict) and len(content) == 1:  # `{"attributes": {…}}`
        [inner] = content.values()
        if not isinstance(inner, dict):
            break
        content = inner
    if not isinstance(content, dict):
        return {}
    plain = flat_record(content).items()
    return {name: cell_of(one) for name, one in plain if not isinstance(one, dict | list)}
