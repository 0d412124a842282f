"""Several folders that may be the one to predict: which of them is, and what the others are.

seg_test/cat/7.jpg              has labels as train has    →  validation
seg_pred/9.jpg                  has none                   →  to predict
Test/cat/7.jpg                  called as Training is      →  to predict
test-multiple/9.jpg             called otherwise           →  left out, with a note
test/1.bmp, testResized/1.bmp   the same at another size   →  the former
test_1/1.bmp, test_1/labels.csv has a table of its labels  →  validation
test_2/1.bmp                    has none                   →  to predict
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.files import DataFolder, FolderPart, ImageFile, guess_part
from podium.competition.infer.labels.column_names import is_label_name
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.shares import NEARLY_ALL
from podium.competition.languages import is_called
from podium.competition.spelling import name_words
from podium.errors import plural

__all__ = ["with_one_part_to_predict", "with_test_of_labels_apart"]


_Groups = Mapping[str, Sequence[ImageFile]]


def with_one_part_to_predict(
    folder: DataFolder, sample: SampleSubmission | None
) -> tuple[DataFolder, list[str]]:
    """Return the folder with the images to predict in one part, and notes on what is left out.

    Args:
        sample: the sample submission; where it names images of one folder, that is the one.
    """
    train = _groups(folder, "train")
    if not train or folder.channels:
        return folder, []
    folder = _with_folders_called_so(folder, train)
    folder, notes = _without_resized(folder)
    test = _groups(folder, "test")
    names = {one for images in train.values() for image in images for one in _below(image, train)}
    labelled = [where for where, images in test.items() if _share_in(names, images, test) == 1]
    rest = [where for where, images in test.items() if _share_in(names, images, test) == 0]
    if len(test) < 2 or not labelled or len(labelled) + len(rest) < len(test) or not rest:
        return folder, notes
    chosen = _chosen(folder, test, labelled, rest, {_kind(one) for one in train}, sample)
    if chosen == rest:
        paths = {image.path for where in labelled for image in test[where]}
        return folder.with_part("holdout", paths), notes
    if chosen == labelled:
        gone = {image.path for where in rest for image in test[where]}
        told = (
            f"{plural(len(gone), 'image')} in {', '.join(rest)} "
            f"{'is' if len(gone) == 1 else 'are'} not used: those in "
            f"{', '.join(labelled)} are to be predicted, which lie as those of train do"
        )
        return folder.without(gone), [*notes, told]
    return folder, notes


def with_test_of_labels_apart(data: CompetitionData) -> tuple[DataFolder, list[str], str]:
    """Return the folder, images of test that have labels as those of validation, and a note.

    And the tables that have these labels. Such a table lies in a folder of test and names each
    image there in one column, with a few different values in one that is called as labels are;
    other folders of test have no table. Else the folder as it is, no tables and "".

    Args:
        data: where it has a sample submission, this tells what is to be predicted.
    """
    folder, tables = data.folder, data.tables
    test = _groups(folder, "test")
    if data.sample is not None or len(test) < 2 or folder.channels or not folder.of_part("train"):
        return folder, [], ""
    inside = {where: [path for path in tables if path.startswith(f"{where}/")] for where in test}
    labelled = [
        where
        for where, paths in inside.items()
        if len(paths) == 1 and _has_labels(tables[paths[0]], test[where])
    ]
    rest = [where for where, paths in inside.items() if not paths]
    if not labelled or not rest or len(labelled) + len(rest) < len(test):
        return folder, [], ""
    known = {image.path for where in labelled for image in test[where]}
    beside = [path for where in labelled for path in inside[where]]
    note = (
        f"{plural(len(known), 'image')} in {', '.join(labelled)} "
        f"{'is' if len(known) == 1 else 'are'} not used, and have the labels "
        f"of {', '.join(beside)}, which lies there: those in {', '.join(rest)} are to be predicted"
    )
    return folder.with_part("holdout", known), beside, note


def _has_labels(table: pd.DataFrame, images: Sequence[ImageFile]) -> bool:
    """Return whether a table has each image in a row, and a column of labels with a few values."""
    ways = ([image.name for image in images], [image.stem for image in images])
    names = [
        column
        for column in table.columns
        for way in ways
        if sorted(table[column]) == sorted(way) and len(set(way)) == len(way)
    ]
    return bool(names) and any(
        is_label_name(str(column))
        and "" not in set(table[column])
        and 1 < table[column].nunique() <= len(table) / 2
        for column in table.columns
        if column not in names
    )


def _chosen(
    folder: DataFolder,
    test: _Groups,
    labelled: list[str],
    rest: list[str],
    kinds: Collection[tuple[str, ...]],
    sample: SampleSubmission | None,
) -> list[str]:
    """Return the folders that are to be predicted, [] where nothing tells.

    The sample names their images; else those without labels, if they are called as train is but for
    the word of the part; else those with labels, if they alone are called so.
    """
    if sample is not None:
        named = {image.path for id_ in sample.table[sample.id] for image in folder.named(id_)}
        of = [where for where, images in test.items() if named & {one.path for one in images}]
        return next((each for each in (rest, labelled) if of and set(of) <= set(each)), [])
    called = [where for where in rest if _kind(where) in kinds]
    if len(called) == len(rest):
        return rest
    return labelled if not called and all(_kind(one) in kinds for one in labelled) else []


def _groups(folder: DataFolder, part: FolderPart) -> _Groups:
    """Return the images of a part by the outermost folder that is called so."""
    found: dict[str, list[ImageFile]] = defaultdict(list)
    for image in folder.of_part(part):
        names = image.folder.split("/")
        depth = next((n for n, one in enumerate(names) if _part_of(one) == part), None)
        if depth is None:
            return {}
        found["/".join(names[: depth + 1])].append(image)
    return found


def _part_of(name: str) -> FolderPart:
    part = guess_part(name)
    return "test" if part == "other" and is_called(name, "to predict") else part


def _kind(where: str) -> tuple[str, ...]:
    """Return the words of a folder's name but for those of its part: `seg` of `seg_train`."""
    words = name_words(where.rpartition("/")[2])
    return tuple(
        one for one in words if not is_called(one, "train", "test", "validation", "to predict")
    )


def _below(image: ImageFile, groups: _Groups) -> list[str]:
    """Return the names of the folders of an image below that of its group."""
    where = next(one for one in groups if image.folder == one or image.folder.startswith(f"{one}/"))
    return [one for one in image.folder[len(where) :].split("/") if one]


def _share_in(names: Collection[str], images: Sequence[ImageFile], groups: _Groups) -> float:
    """Return the share of images that lie in folders of these names, of which there are several."""
    own = {where: images for where in groups if groups[where] is images}
    inside = [[one for one in _below(image, own) if one in names] for image in images]
    several = len({one for each in inside for one in each}) > 1
    return sum(map(bool, inside)) / len(images) if several else 0.0


def _with_folders_called_so(folder: DataFolder, train: _Groups) -> DataFolder:
    """Return the folder; images in one called as what is predicted are to be predicted.

    It is called as train is but for that word, its files are of the same kind, and not all of them
    have the names of others, after which what somebody predicted is named.
    """
    kinds = {_kind(one) for one in train}
    suffixes = {image.suffix.lower() for images in train.values() for image in images}
    found: dict[str, list[ImageFile]] = defaultdict(list)
    for image in folder.of_part("other"):
        names = image.folder.split("/")
        depth = next((n for n, one in enumerate(names) if is_called(one, "to predict")), None)
        if depth is not None:
            found["/".join(names[: depth + 1])].append(image)
    others = {image.stem for image in folder.of_part("train", "test", "holdout", "mask")}
    for where, images in found.items():
        n_named = sum(image.stem in others for image in images)
        is_alike = {image.suffix.lower() for image in images} <= suffixes
        if _kind(where) in kinds and is_alike and n_named < NEARLY_ALL * len(images):
            folder = folder.with_part("test", {image.path for image in images})
    return folder


def _without_resized(folder: DataFolder) -> tuple[DataFolder, list[str]]:
    """Return the folder without images that another folder of their part has at another size.

    Such a folder is called as the other one with a word for that, and its files have the names of
    those in the other one.
    """
    notes = []
    parts: tuple[FolderPart, ...] = ("train", "test")
    for part in parts:
        groups = _groups(folder, part)
        kinds = {_kind(where): where for where in groups}
        for where, images in groups.items():
            words = _kind(where)
            plain = tuple(one for one in words if not is_called(one, "resized"))
            other = kinds.get(plain) if plain != words else None
            if other is None:
                continue
            stems = {image.stem for image in images}
            n_shared = len(stems & {image.stem for image in groups[other]})
            if n_shared < NEARLY_ALL * len(stems):
                continue
            gone = {image.path for image in images}
            folder = folder.without(gone)
            notes.append(
                f"{plural(len(gone), 'image')} in {where} {'is' if len(gone) == 1 else 'are'} "
                "not used: they have the names of "
                f"those in {other}, and that folder is called as one of the same at another size"
            )
    return folder, notes
