"""Lists and tables that tell which images of one pool are to be predicted, and train without them.

list.txt: 1 … 36, test.txt: 3, 6 …     →  train has the rows of list.txt that test.txt has not
train1.txt, test1.txt, train2.txt …    →  the first split alone: each has other images to predict
labels.csv: 1 … 36, test_list.txt: 3 … →  test is the list, and train has the other rows
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.parts.one_pool import images_without_masks
from podium.competition.infer.conversions.parts.samples_by_content import why_to_predict
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.encodings import read_text
from podium.competition.infer.files import (
    DataFolder,
    FolderPart,
    guess_part,
    is_called_to_predict,
    may_be_train_table,
)
from podium.competition.infer.image_tables import match_images
from podium.competition.infer.sample.submission import SampleSubmission
from podium.errors import plural, some

__all__ = [
    "ListedPart",
    "TrainWithoutTest",
    "WholeList",
    "listed_part",
    "other_splits",
    "trains_without_test",
    "whole_lists",
]

_LARGEST = 100_000_000  # bytes of a list
_POOL: tuple[FolderPart, ...] = ("train", "other")
_TESTED: tuple[FolderPart, ...] = ("other", "holdout", "test")


class ListedPart(NamedTuple):
    """A list of the images to predict, as a table of test."""

    name: str
    """Of the table."""
    table: MadeTable
    note: str
    """"" where the list is called as one of test."""
    is_sure: bool = True
    """Whether its images can hardly be anything else than those to predict."""


class TrainWithoutTest(NamedTuple):
    """A table without the rows of images that are to be predicted."""

    path: str
    table: MadeTable | None
    """None where another table has the other rows, and this one is left out."""
    note: str


class WholeList(NamedTuple):
    """A list of all images of a part, in place of lists of some of them, as of each class."""

    name: str
    """Of the table, where it is made."""
    table: MadeTable | None
    """None where it is one of the tables."""
    parts: list[str]
    """The lists in whose place it is."""
    note: str


def whole_lists(data: CompetitionData) -> Iterator[WholeList]:
    """Yield the list of all images to predict, of those in a folder of several such lists.

    `test.txt` where it has what `cat_test.txt` and `dog_test.txt` have together, else these two
    together, where they share no image. Lists of train that are parts of one are left out, too.
    """
    lists: dict[tuple[str, FolderPart], dict[str, frozenset[str]]] = defaultdict(dict)
    for path, table in data.tables.items():
        where, _, name = path.rpartition("/")
        part = guess_part(name)
        if part not in ("train", "test") or len(table.columns) != 1:
            continue
        match = match_images(data.folder, path, table, (*_POOL, *_TESTED))
        if match is not None and match.n_found == len(table):
            lists[where, part][path] = match.paths
    for (_, part), each in lists.items():
        if len(each) < _FEWEST_LISTS:
            continue
        every = set().union(*each.values())
        whole = next((path for path, one in each.items() if one == every), None)
        parts = [path for path in each if path != whole]
        is_apart = sum(len(each[path]) for path in parts) == len(every)
        if not is_apart or set().union(*(each[path] for path in parts)) != every:
            continue
        told = f"{plural(len(parts), 'list')} of images ({some(parts, 3)})"
        if whole is not None:
            yield WholeList("", None, parts, f"{whole} has the images of {told}, and is used")
        elif part == "test" and len({_without_digits(path) for path in parts}) == len(parts):
            names = [cell for path in parts for cell in data.tables[path].iloc[:, 0]]
            made = MadeTable(tuple(parts), f"{told} together", _column(names))
            yield WholeList("test_of_lists.csv", made, parts, f"all of {told} are to be predicted")


_FEWEST_LISTS = 2


def _without_digits(path: str) -> str:
    """Return a path without numbers: `test1` and `test2` may be of two splits."""
    return re.sub(r"\d", "", path)


def other_splits(data: CompetitionData) -> tuple[list[str], str]:
    """Return the tables of further splits of the same images, and a note; [] and "" without such.

    `train1` and `test1`, `train2` and `test2` …, or `Val1/Train` and `Val1/Test` of each folder: an
    image to predict of one is of train in another, so that these are no pieces of one table. That
    split is used whose train has all images to predict of the others, or else the first.
    """
    tables = data.tables
    families: dict[str, dict[_SplitKey, dict[FolderPart, str]]] = defaultdict(
        lambda: defaultdict(dict)
    )
    for path in tables:
        split = _split_of(path)
        if split is not None:
            family, key, part = split
            families[family][key][part] = path
    for parts in families.values():
        splits = {key: one for key, one in sorted(parts.items()) if {"train", "test"} <= {*one}}
        if len(splits) < 2 or any("train" in one and "test" not in one for one in parts.values()):
            continue
        train = {
            one: _paths(data.folder, of["train"], tables[of["train"]], _TESTED)
            for one, of in splits.items()
        }
        test = {
            one: _paths(data.folder, of["test"], tables[of["test"]], _TESTED)
            for one, of in splits.items()
        }
        whole = [
            key for key in splits if all(test[one] <= train[key] for one in splits if one != key)
        ]
        first = (whole or [*splits])[0]
        others = [key for key in splits if key != first]
        shared = [test[first] & train[key] for key in others]
        shared += [test[key] & train[first] for key in others] if whole else []
        if not any(shared) or any(test[key] & train[key] for key in splits):
            continue
        rest = [path for key, of in parts.items() if key != first for path in of.values()]
        note = (
            f"{plural(len(splits), 'split')} of the same images "
            f"{'is' if len(splits) == 1 else 'are'} listed; that of "
            f"{some(sorted(splits[first].values()), 3)} is used, and not {some(sorted(rest), 9)}"
        )
        return rest, note
    return [], ""


_SplitKey = tuple[int, str]


def _split_of(path: str) -> tuple[str, _SplitKey, FolderPart] | None:
    """Return the family of a table of a split, its key there, and its part; None of others.

    The key is the number behind its name, or the folder where its name is the word for its part.

    Example:
        >>> _split_of("lists/train_2.csv"), _split_of("cv/Val3/Test.csv"), _split_of("tags.csv")
        (('lists', (2, ''), 'train'), ('', (0, 'cv/Val3'), 'test'), None)
    """
    where, _, name = path.rpartition("/")
    stem = name.rpartition(".")[0]
    numbered = re.fullmatch(r"(.*?)[_\-. ]?(\d{1,3})", stem)
    if numbered is not None and guess_part(name) != "other":
        return where, (int(numbered[2]), ""), guess_part(name)
    part = guess_part(name) if where and re.fullmatch(r"[A-Za-z]+", stem) else "other"
    return ("", (0, where), part) if part in ("train", "test") else None


def listed_part(data: CompetitionData) -> ListedPart | None:
    """Return the list of the images to predict, where nothing else tells any; else None.

    It is a text with the name of an image a line, called as one of test; else, where there is one
    of train as well, a text or a table called as validation; else the one list of images that have
    no label, while others have one.

    Args:
        data: with the images, all of one pool.
    """
    folder, tables = data.folder, data.tables
    if data.sample is not None or folder.of_part("test", "holdout") or data.test_tables:
        return None
    lists = _of_masks(folder, list(_lists(data)))
    of_part: dict[FolderPart, list[tuple[str, list[str]]]] = defaultdict(list)
    for path, names in lists:
        same = of_part[guess_part(path.rpartition("/")[2])]
        if names not in [others for _, others in same]:  # a table may be made of a text
            same.append((path, names))
    if len(of_part["test"]) == 1:
        path, names = of_part["test"][0]
        made = MadeTable((path,), "a list of images", _column(names))
        return ListedPart(f"{Path(path).stem}.csv", made, "")
    if of_part["test"]:
        return None
    trains = [one for one, _ in of_part["train"]]
    trains += [one for one in tables if guess_part(one.rpartition("/")[2]) == "train"]
    if len(of_part["holdout"]) != 1 or not trains:
        return _list_without_labels(data)
    path, names = of_part["holdout"][0]
    made = MadeTable((path,), "a list of images", _column(names))
    note = (
        f"there is no test part: the {plural(len(names), 'image')} of {path} "
        f"{'stands' if len(names) == 1 else 'stand'} for it"
    )
    return ListedPart(f"{Path(path).stem}_as_test.csv", made, note)


def _list_without_labels(data: CompetitionData) -> ListedPart | None:
    """Return the one list of images none of which has a label, where others have one; or None.

    Of several lists it is the one that is called as what is to be predicted.
    """
    whole = {path: table for path, table in data.tables.items() if len(table.columns) > 1}
    found: list[tuple[str, list[str], str]] = []
    for path, names in _lists(data, of_any_name=True):
        is_other = guess_part(path.rpartition("/")[2]) in ("train", "unlabelled")
        if is_other or any(names == others for _, others, _ in found):
            continue
        if why := why_to_predict(replace(data, tables=whole), names):
            found.append((path, names, why))
    called = [
        one for one in found if is_called_to_predict(one[0].rpartition("/")[2].partition(".")[0])
    ]
    chosen = called or found
    if len(chosen) != 1:
        return None
    path, names, why = chosen[0]
    made = MadeTable((path,), "a list of images", _column(names))
    note = f"{path} is taken as the list of images to predict: it names {why}"
    return ListedPart(f"{Path(path).stem}_as_test.csv", made, note, bool(called))


def trains_without_test(data: CompetitionData) -> Iterator[TrainWithoutTest]:
    """Yield the tables of train without the rows of images that a table of test names.

    Args:
        data: where the sample submission names other images than the table, nothing is known.
    """
    folder, tables = data.folder, data.tables
    to_predict: dict[str, str] = {}
    for path, table in data.test_tables.items():
        if _is_of_sample(table, data.sample):
            match = match_images(folder, path, table, _TESTED)
            if match is not None and not match.several:
                named = (one.path for one in match.images if one is not None)  # in their order
                to_predict |= dict.fromkeys(named, path)
    if not to_predict:
        return
    for path, table in tables.items():
        of_validation = guess_part(path.rpartition("/")[2]) == "holdout"
        if not (may_be_train_table(path) or of_validation):
            continue
        match = match_images(folder, path, table, _POOL)
        if match is None or match.several:
            continue
        paths = ["" if one is None else one.path for one in match.images]
        of_test = [one in to_predict for one in paths]
        if of_validation and all(of_test):
            by = some(sorted({to_predict[one] for one in paths}), 3)
            note = f"{path} has the images to predict that {by} lists, and no others"
            yield TrainWithoutTest(path, None, note)
        if not any(of_test) or all(of_test):
            continue
        rest = [not one for one in of_test]
        rows, n = table[rest].reset_index(drop=True), sum(of_test)
        listed = sorted({to_predict[one] for one in paths if one in to_predict})
        own = {one for one, is_kept in zip(paths, rest, strict=True) if is_kept}
        alike = [
            other
            for other, one in tables.items()
            if other != path and may_be_train_table(other) and list(one) == list(table)
            if _paths(folder, other, one, _POOL) == own
        ]
        told = f"{plural(n, 'row')} of images to predict, which {some(listed, 3)} lists"
        if alike:
            note = f"{path} has {told}: {alike[0]} has the others, and is used in its place"
            yield TrainWithoutTest(path, None, note)
            continue
        made = MadeTable((path,), f"{path} without the {told}", rows)
        yield TrainWithoutTest(path, made, "")


def _is_of_sample(table: pd.DataFrame, sample: SampleSubmission | None) -> bool:
    """Return whether the ids of the sample, if there is one, are cells of a column."""
    if sample is None:
        return True
    ids = set(sample.table[sample.id])
    return any(ids <= set(table[column]) for column in table)


def _paths(
    folder: DataFolder, path: str, table: pd.DataFrame, parts: Sequence[FolderPart]
) -> frozenset[str]:
    match = match_images(folder, path, table, parts)
    return frozenset() if match is None else match.paths


def _lists(data: CompetitionData, *, of_any_name: bool = False) -> Iterator[tuple[str, list[str]]]:
    """Yield path and names of each text, or table of one column, that names a part of the images.

    Not all of them: such a list tells of no part. The first line of a list `of_any_name` may be the
    name of its column.
    """
    folder = data.folder
    n_images = len(folder.of_part("train", "other"))
    for path in folder.texts:
        file = folder.path / path
        is_other = guess_part(path.rpartition("/")[2]) == "other"
        if (is_other and not of_any_name) or file.stat().st_size > _LARGEST:
            continue
        lines = (one.strip() for one in read_text(file, folder).splitlines())
        names = [one for one in lines if one]
        if of_any_name and len(names) > 1 and not folder.named(names[0]):
            names = names[1:]
        if _name_a_part(folder, names, n_images):
            yield path, names
    for path, table in data.tables.items():
        is_other = guess_part(path.rpartition("/")[2]) == "other"
        if (is_other and not of_any_name) or len(table.columns) != 1:
            continue
        names = list(table.iloc[:, 0])
        if _name_a_part(folder, names, n_images):
            yield path, names


def _of_masks(
    folder: DataFolder, lists: list[tuple[str, list[str]]]
) -> list[tuple[str, list[str]]]:
    """Return the lists of images that all have masks, where there are such; else all lists.

    All are returned where the one list that is called as one of test names images without masks:
    these are held back, and some of train may be lost.
    """
    without = set(images_without_masks(folder))
    tests = {
        tuple(names): all(folder.named(one)[0] in without for one in names)
        for path, names in lists
        if guess_part(path.rpartition("/")[2]) == "test"
    }
    if [*tests.values()] == [True]:
        return lists
    masked = [
        (path, names)
        for path, names in lists
        if without and not any(folder.named(one)[0] in without for one in names)
    ]
    return masked or lists


def _name_a_part(folder: DataFolder, names: Sequence[str], n_images: int) -> bool:
    images = [folder.named(one) for one in names]
    paths = {one[0].path for one in images if len(one) == 1 and one[0].part in _POOL}
    return 0 < len(paths) == len(names) < n_images


def _column(names: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame({"image": list(names)}, dtype=object)
