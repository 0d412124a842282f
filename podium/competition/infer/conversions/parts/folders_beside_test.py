"""Folders of test beside the one that is called as that of the images of train.

train/images/7.png  test/images/9.png  test/drawn/9.png   →  train/images/7.png  test/images/9.png
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.parts.copies_of_kinds import are_named
from podium.competition.infer.files import (
    DataFolder,
    FolderPart,
    ImageFile,
    images_below,
    is_test_table,
    possible_image_names,
    without_part,
)
from podium.competition.languages import is_called
from podium.errors import plural

__all__ = ["without_folders_beside_test"]

_OF_TEST: tuple[FolderPart, ...] = ("test", "unlabelled", "holdout")
_FEWEST_IMAGES = 3


def without_folders_beside_test(data: CompetitionData) -> tuple[DataFolder, list[str]]:
    """Return the folder without what lies beside images of test, and notes on it.

    All images of train lie below folders of one name, which is one of images, and so do images of
    test. Folders beside these, of which train has none, hold files that are each named as one of
    those images, and nothing asks for them: they are no further images.

    Args:
        data: files that a table of test or the sample submission names are left in.
    """
    folder = data.folder
    train = folder.train_images
    if not train or folder.channels:
        return folder, []
    shared = set[str].intersection(*({*image.folder.split("/")} for image in train))
    called = {one for one in shared if without_part(one) and is_called(one, "image", "in colour")}
    notes = []
    for where, below in images_below(folder.of_part(*_OF_TEST)).items():
        places = {one: images for one, images in below.items() if without_part(one)}
        kept = called & places.keys()
        if len(kept) != 1:
            continue
        [name] = kept
        known = {_key(where, name, image) for image in places[name]}
        others = {
            other: images
            for other, images in places.items()
            if other != name and _are_named_as(known, [_key(where, other, one) for one in images])
        }
        gone = {image.path for images in others.values() for image in images}
        if len(known) < _FEWEST_IMAGES or not gone:
            continue
        if are_named(folder, data.sample, gone) or _are_in_a_table(folder, data.tables, gone):
            continue
        folder = folder.put_beside(gone)
        notes.append(
            f"{plural(len(gone), 'file')} in {', '.join(sorted(others))} of "
            f"{where or 'the data folder'} are not read: they are named as the images in {name}, "
            f"and all images of train lie in {name}, too"
        )
    return folder, notes


def _key(where: str, name: str, image: ImageFile) -> str:
    start = len(f"{where}/{name}/".lstrip("/"))
    return image.path[start:].rpartition(".")[0]


def _are_named_as(known: Collection[str], keys: Sequence[str]) -> bool:
    """Return whether each key is that of an image, or has an end more or another beginning."""
    return all(
        key in known
        or any(
            "/".join(filter(None, (place, name))) in known
            for name, _, _ in possible_image_names(stem)
        )
        for key in keys
        for place, _, stem in [key.rpartition("/")]
    )


def _are_in_a_table(
    folder: DataFolder, tables: Mapping[str, pd.DataFrame], gone: Collection[str]
) -> bool:
    """Return whether a cell of a table of test names some of these files, and no others."""
    cells = (
        cell
        for path, table in tables.items()
        if is_test_table(path)
        for name in table.columns
        for cell in table[name].unique()
    )
    named = (folder.named(cell) for cell in cells)
    return any(images and all(one.path in gone for one in images) for images in named)
