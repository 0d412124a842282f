"""Validation, as a host calls it, as a part of train: it has its truth, and folds validate.

train/1.jpg  train/1_mask.png        train/1.jpg  train/1_mask.png
valid/2.jpg  valid/2_mask.png   →    valid/2.jpg  valid/2_mask.png   of train, too
test/3.jpg                           test/3.jpg
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.files import (
    DataFolder,
    FolderPart,
    ImageFile,
    common_folder,
    guess_part,
    possible_image_names,
)
from podium.competition.infer.image_tables import match_images
from podium.competition.infer.sample.submission import SampleSubmission
from podium.errors import plural

__all__ = ["with_labelled_validation", "with_validation_part"]


def with_validation_part(data: CompetitionData) -> tuple[DataFolder, str]:
    """Return the folder with images of validation as those of train, and a note; else as it is, "".

    Where the sample submission names each of them, they are to be predicted with the others. Else
    there are others to predict, in a folder of test or all that the sample submission names, which
    names none of them, and each has a mask, as those of train have, or a row with a label. A name
    that an image of train has, too, would be no id. One pattern finds both parts, so it must find
    nothing else: images beside masks lie in these parts, and names of rows are of one image each.
    """
    folder, sample = data.folder, data.sample
    before = folder
    rest = folder.of_part("other")
    if not folder.of_part("test") and sample is not None and _n_sent(rest, sample) == len(rest):
        folder = folder.with_part("test", {one.path for one in rest})
    train, more = folder.of_part("train"), folder.of_part("holdout")
    stems = [image.stem for image in (*train, *more)]
    if not (train and more and folder.of_part("test")) or len(set(stems)) < len(stems):
        return before, ""
    if sample is not None and (n_sent := _n_sent(more, sample)):
        of_test = {one.stem for one in folder.of_part("test")}
        if n_sent < len(more) or any(one.stem in of_test for one in more):
            return before, ""
        where = common_folder(more)
        note = (
            f"{plural(len(more), 'image')} in {where} {'is' if len(more) == 1 else 'are'} to be "
            "predicted with those of test, as "
            f"{sample.path} names them"
        )
        return folder.with_part("test", {one.path for one in more}), note
    others = folder.of_part("test", "unlabelled", "other")
    has_masks = _have_masks(folder, train, more) and not folder.of_part("other")
    if not has_masks:
        is_apart = {image.stem for image in others}.isdisjoint(stems)
        if not (is_apart and _have_rows(folder, data.tables, train, more)):
            return before, ""
    first, other = train[0].path.partition("/")[0], more[0].path.partition("/")[0]
    if first == other:
        first, other = "train", "validation"
    note = (
        f"{plural(len(train), 'image')} of {first} and {len(more):,} of {other} are trained on "
        "together, as folds validate"
    )
    return folder.with_part("train", {one.path for one in more}), note


def with_labelled_validation(data: CompetitionData) -> tuple[DataFolder, str]:
    """Return the folder with validation as train where it alone is labelled, and a note; else "".

    Validation lies in class folders of one level, test does not, and train is not there, or in one
    folder, which has no label then. No table names an image, and the sample none of validation.
    """
    folder = data.folder
    labelled, train, test = (folder.of_part(one) for one in ("holdout", "train", "test"))
    if not (labelled and test) or folder.of_part("mask", "other", "unlabelled"):
        return folder, ""
    folders = {one.folder for one in labelled}
    around = {one.rpartition("/")[0] for one in folders}
    names = {one.rpartition("/")[2] for one in folders}
    are_classes = len(names) > 1 and all(guess_part(one) == "other" for one in names)
    if len(around) > 1 or not are_classes or len({one.folder for one in train}) > 1:
        return folder, ""
    if any(one.folder.rpartition("/")[2] in names for one in (*test, *train)):
        return folder, ""
    if data.sample is not None and _n_sent(labelled, data.sample):
        return folder, ""
    parts: tuple[FolderPart, ...] = ("train", "holdout")
    if any(match_images(folder, path, one, parts) is not None for path, one in data.tables.items()):
        return folder, ""
    folder = folder.with_part("train", {one.path for one in labelled})
    folder = folder.with_part("unlabelled", {one.path for one in train})
    rest = (
        f", and {plural(len(train), 'image')} of train {'has' if len(train) == 1 else 'have'} none"
        if train
        else ""
    )
    return folder, f"the images to learn from are those of {around.pop()}: they have labels{rest}"


def _n_sent(images: Sequence[ImageFile], sample: SampleSubmission) -> int:
    """Return how many of the images cells of a column of the sample submission name."""
    columns = [set(sample.table[column].astype(str)) for column in sample.table.columns]
    return max(
        sum(not cells.isdisjoint((one.path, one.name, one.stem)) for one in images)
        for cells in columns
    )


def _have_masks(folder: DataFolder, train: Sequence[ImageFile], more: Sequence[ImageFile]) -> bool:
    """Return whether each image has a mask in a folder of its own part."""
    masks: dict[str, set[str]] = {"train": set(), "holdout": set()}
    for mask in folder.of_part("mask"):
        parts = {guess_part(one) for one in mask.folder.split("/")}
        for part in parts & masks.keys():
            masks[part] |= {name for name, *_ in possible_image_names(mask.stem)}
    of_train = {one.stem for one in train} & masks["train"]
    return bool(of_train) and {one.stem for one in more} <= masks["holdout"]


def _have_rows(
    folder: DataFolder,
    tables: Mapping[str, pd.DataFrame],
    train: Sequence[ImageFile],
    more: Sequence[ImageFile],
) -> bool:
    """Return whether each image has a row of cells as those of images of train.

    It has no more blank cells than the fullest row of train.
    """
    known: dict[tuple[str, ...], dict[str, int]] = {}
    further = {image.path for image in more}
    for path, table in tables.items():
        if any(guess_part(one) == "test" for one in path.split("/")):
            continue
        match = match_images(folder, path, table, ("train", "holdout"))
        if match is None or len(table.columns) < 2:
            continue
        n_blank = (table == "").sum(axis=1)
        paths = [None if one is None else one.path for one in match.images]
        of_more = [one in further for one in paths]
        if any(of_more) and not _vary(table[of_more]):
            continue
        columns = tuple(map(str, table.columns))
        named = {one: int(n) for one, n in zip(paths, n_blank, strict=True) if one}
        known.setdefault(columns, {}).update(named)
    return any(_has_all(each, train, more) for each in known.values())


def _vary(rows: pd.DataFrame) -> bool:
    """Return whether two columns or more differ between rows: an id, and what may be a label.

    What a host keeps to itself is a placeholder, the same in each row.
    """
    return sum(rows[column].nunique() > 1 for column in rows.columns) > 1


def _has_all(
    known: Mapping[str, int], train: Sequence[ImageFile], more: Sequence[ImageFile]
) -> bool:
    """Return whether images of train are known, and all further ones with no more blank cells.

    Args:
        known: the number of blank cells in the row of each image, by its path.
        train, more: the images.
    """
    fewest = min((known[one.path] for one in train if one.path in known), default=-1)
    return all(known.get(one.path, fewest + 1) <= fewest for one in more)
