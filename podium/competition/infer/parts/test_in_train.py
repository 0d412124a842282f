"""Images to predict in a folder of their own inside the one of train.

training/part_1/7_image.png, 7_mask.png      train
training/exam/7_image.png               →    test: called so, and without a mask

training/7.png                               train: a table has its label
training/exam/7.png                     →    test: called so, and in no row
"""

from __future__ import annotations

from collections.abc import Sequence

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.files import (
    DataFolder,
    ImageFile,
    guess_part,
    guess_part_of_path,
    may_be_train_table,
    possible_image_names,
)
from podium.competition.infer.image_tables import match_of_train
from podium.competition.infer.shares import NEARLY_ALL

__all__ = ["with_test_beside_masks", "with_test_beside_rows"]


def with_test_beside_masks(images: Sequence[ImageFile]) -> tuple[ImageFile, ...]:
    """Return the images, those of a folder called test inside the one of train as of test.

    Only where no other folder is of test, and each mask is of an image beside such a folder: what
    has masks is for training, as the inner part of a data set that was parted twice.
    """
    paths = _inside(images)
    masks = [one for one in images if one.part == "mask"]
    if not paths or not masks:
        return tuple(images)
    if any(guess_part_of_path(one.path) == "test" or _is_in_test(one.folder) for one in masks):
        return tuple(images)
    rest = [one for one in images if one.part == "train" and one.path not in paths]
    places, names = {one.folder for one in rest}, {one.stem for one in rest}
    apart = (one for one in masks if one.folder not in places)
    if any(names.isdisjoint(name for name, *_ in possible_image_names(one.stem)) for one in apart):
        return tuple(images)
    return tuple(one._replace(part="test") if one.path in paths else one for one in images)


def with_test_beside_rows(data: CompetitionData) -> DataFolder:
    """Return the folder, images in a folder called test inside the one of train as of test.

    Only where no other folder is of test, and a table has a row for nearly each other image of
    train and for none of these.
    """
    folder = data.folder
    paths = frozenset() if folder.of_part("mask") else _inside(folder.images)
    rest = {one.path for one in folder.of_part("train")} - paths
    for path, table in data.tables.items() if paths else ():
        match = match_of_train(folder, path, table) if may_be_train_table(path) else None
        named = {one.path for one in (() if match is None else match.images) if one is not None}
        if len(named & rest) >= NEARLY_ALL * len(rest) and named.isdisjoint(paths):
            return folder.with_part("test", paths)
    return folder


def _inside(images: Sequence[ImageFile]) -> frozenset[str]:
    """Return the paths of the images in a folder called test inside the one of train.

    None where that has no other images, or others are of test.
    """
    of_train = {one.path: _is_in_test(one.folder) for one in images if one.part == "train"}
    if all(of_train.values()) or any(one.part == "test" for one in images):
        return frozenset()
    return frozenset(path for path, is_inside in of_train.items() if is_inside)


def _is_in_test(folder: str) -> bool:
    """Return whether the next folder called as a part inside the one of train is called test."""
    called = (guess_part(one) for one in folder.split("/"))
    return [one for one in called if one != "other"][:2] == ["train", "test"]
