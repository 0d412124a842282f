"""A list of images for each class, in files side by side: MIRFlickr's `annotations/dog.txt`.

annotations/dog.txt       3, 7, 8                  image  tags
annotations/night.txt     2, 7              →      1
annotations/dog_r1.txt    7                        2      night
train.txt                 1, 2, 3, 7               3      dog
                                                   7      dog night
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import PurePosixPath
from typing import NamedTuple

import pandas as pd

from podium.competition.ids.patterns import without_zeros
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.made_table import LARGEST, MadeTable, stem_of_table
from podium.competition.infer.conversions.tables.texts.lists_of_images import table_of_list
from podium.competition.infer.encodings import read_text
from podium.competition.infer.files import DataFolder, guess_part
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.shares import NEARLY_ALL
from podium.errors import plural, some

__all__ = ["ListsOfClasses", "classes_of_lists", "lists_of_classes"]

_LARGEST = 1 << 22  # bytes of a list
_FEWEST = 2  # lists
_MOST_UNKNOWN = 0.1  # of what lists name


class ListsOfClasses(NamedTuple):
    """The images of train with the classes whose lists have them.

    Attributes:
        table: a row for each image.
        instead_of: the table of images whose columns it has; "" without one.
        test: the rows of that table that are to be predicted; None without them.
        notes: on what is not used.
    """

    table: MadeTable
    instead_of: str
    test: MadeTable | None
    notes: list[str]


def lists_of_classes(data: CompetitionData) -> ListsOfClasses | None:
    """Return a table with the classes of each image, where a folder has a list for each class.

    The sample submission has their names: as its columns, or as the words of its one column. A list
    that is a part of another one, and is called as that one with more behind it, is a stricter
    version of it, which the sample does not have. Images of train are those of a list that is
    called so: of these, no list has those of no class. `made_tables` reads lists without one, which
    have the names of files, where no table has these.
    """
    folder, tables, sample = data.folder, data.tables, data.sample
    if sample is None or not (sent := _sent(sample)):
        return None
    for lists in _lists_of_folders(folder, sent):
        of_train, classes = _ids_of_train(folder, lists), _classes_of(lists, sample)
        if of_train is None or len(classes) < _FEWEST:
            continue
        path, ids = of_train
        unknown = set[str]().union(*classes.values()) - {*ids}
        if {*ids} & {*sample.table[sample.id]} or not {*ids} <= _known_names(folder):
            continue
        if len(unknown) > _MOST_UNKNOWN * len(ids):
            continue
        by, wide = _with_columns(pd.DataFrame({sample.id: ids}, dtype=object), sample.id, tables)
        answers = {one: ["01"[name in own] for name in ids] for one, own in classes.items()}
        if {*answers} & {*map(str, wide)}:
            continue
        used = [one for one in lists if PurePosixPath(one).stem in classes]
        reader = f"the images of {path}, with 1 in each class whose list has them ({some(used, 2)})"
        sources = (*used, path, *([by] if by else []))
        made = MadeTable(sources, reader, wide.assign(**answers).astype(object))
        notes = [f"{some(sorted(unknown), 3)} of lists of classes are no images of train"]
        notes = notes if unknown else []
        if stricter := [one for one in lists if one not in used]:
            told = f"{some(stricter, 3)} are not used"
            notes.append(f"{told}: each is a part of a list that is called alike")
        return ListsOfClasses(made, by, _of_test(tables, by, sample), notes)
    return None


def _classes_of(
    lists: Mapping[str, Sequence[str]], sample: SampleSubmission
) -> dict[str, set[str]]:
    """Return what the list of each class has, without stricter lists; {} of other classes."""
    sent, named = _sent(sample), {PurePosixPath(path).stem: path for path in lists}
    if not sent <= named.keys():
        return {}
    classes = {
        one: {*lists[path]}
        for one, path in named.items()
        if one in sent or not _is_of_another(one, named, lists)
    }
    return {} if len(sample.values) > 1 and classes.keys() != sent else classes


def _sent(sample: SampleSubmission) -> set[str]:
    """Return the classes that a sample submission has: its columns, or the words of its one."""
    return {*sample.values} if len(sample.values) > 1 else {*sample.listed}


def _known_names(folder: DataFolder) -> set[str]:
    """Return what images may be called in a list: by path or name, or by the last number in it."""
    images = folder.of_part("train", "other", "test", "holdout")
    known = {name for one in images for name in (one.path, one.stem, one.path.rpartition("/")[2])}
    numbers = (re.findall(r"\d+", one.stem)[-1:] for one in images)
    return known | {name for each in numbers for n in each for name in (n, without_zeros(n))}


def _of_test(
    tables: Mapping[str, pd.DataFrame], path: str, sample: SampleSubmission
) -> MadeTable | None:
    """Return the rows of a table that are to be predicted, by the ids of the sample."""
    ids = sample.table[[sample.id]].drop_duplicates()
    by, rows = _with_columns(ids, sample.id, {path: tables[path]} if path else {})
    told = f"the rows of {path} that {sample.path} names"
    return MadeTable((by, sample.path), told, rows.astype(object)) if by else None


def _lists_of_folders(folder: DataFolder, sent: AbstractSet[str]) -> Iterator[dict[str, list[str]]]:
    """Yield the texts of each folder with the lines of each, where each line is of one word.

    Folders without a text for each class of `sent` are not read: they may hold 100,000 of them.
    """
    of_folder: dict[str, list[str]] = defaultdict(list)
    for path in folder.texts:
        if path.endswith(".txt"):
            of_folder[path.rpartition("/")[0]].append(path)
    for paths in of_folder.values():
        if sent <= {PurePosixPath(path).stem for path in paths}:
            lists = {path: lines for path in paths if (lines := _lines(folder, path))}
            if len(lists) >= _FEWEST:
                yield lists


def _lines(folder: DataFolder, path: str) -> list[str]:
    """Return the lines of a list, each of which is one word; [] of another text."""
    file = folder.path / path
    if file.stat().st_size > _LARGEST:
        return []
    lines = [one.strip() for one in read_text(file, folder).splitlines() if one.strip()]
    return lines if all(len(one.split()) == 1 for one in lines) else []


def _is_of_another(name: str, named: Mapping[str, str], lists: Mapping[str, Sequence[str]]) -> bool:
    """Return whether a list is a part of another one whose name it goes on from, as `dog_r1`."""
    return any(
        name.startswith((f"{one}_", f"{one}-", f"{one}."))
        and {*lists[named[name]]} <= {*lists[path]}
        for one, path in named.items()
    )


def _ids_of_train(
    folder: DataFolder, lists: Mapping[str, Sequence[str]]
) -> tuple[str, list[str]] | None:
    """Return the one list that is called as train, with its lines, each once; None without it."""
    texts = [
        path
        for path in folder.texts
        if path not in lists and guess_part(path.rpartition("/")[2]) == "train"
    ]
    found = [(path, _lines(folder, path)) for path in texts]
    found = [(path, list(dict.fromkeys(lines))) for path, lines in found if lines]
    return found[0] if len(found) == 1 else None


def _with_columns(
    plain: pd.DataFrame, key: str, tables: Mapping[str, pd.DataFrame]
) -> tuple[str, pd.DataFrame]:
    """Return ids with the columns that a table has in a row for each of them, and its path."""
    ids = {*plain[key]}
    for path, table in tables.items():
        for column in map(str, table):
            if table[column].is_unique and ids <= {*table[column]}:
                rows = table.set_index(column).loc[list(plain[key])].reset_index()
                return path, rows.rename(columns={column: key})
    return "", plain


def classes_of_lists(data: CompetitionData) -> MadeTable | None:
    """Return the classes of images by lists, each called as the class of its images; else None.

    Two lists or more lie in one folder, as texts or tables of one column (`oak.txt`, `pine.txt`),
    and none is called as a part of the data. Where an image is in several, images beside those that
    are listed have no class.
    """
    folder = data.folder
    of_folder: dict[str, dict[str, list[str]]] = defaultdict(dict)
    n_files = Counter(path.rpartition("/")[0] for path in (*folder.texts, *data.tables))
    for path in folder.texts:
        file = folder.path / path
        if guess_part(path) == "other" and file.stat().st_size < LARGEST:
            found = table_of_list(folder, file)
            if found is not None and len(found.columns) == 1:
                of_folder[path.rpartition("/")[0]][path] = list(found.iloc[:, 0])
    for path, table in data.tables.items():
        if guess_part(path) == "other":
            of_folder[path.rpartition("/")[0]][path] = list(table.iloc[:, 0])
    for place, lists in of_folder.items():
        if len(lists) < 2 or len(lists) < NEARLY_ALL * n_files[place]:
            continue
        rows = [(image, stem_of_table(path)) for path, images in lists.items() for image in images]
        reader = "lists of images, called as their classes"
        table = pd.DataFrame(rows, columns=["image", "label"], dtype=object)
        if not table["image"].is_unique:
            table, n_without = _with_all_images(folder, table)
            reader += (
                f"; {plural(n_without, 'image')} of train in none of them "
                f"{'has' if n_without == 1 else 'have'} no class"
            )
        return MadeTable(tuple(lists), reader, table)
    return None


def _with_all_images(folder: DataFolder, rows: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Return a row an image with 1 or 0 for each class, and how many images have none.

    These are the images in the folders of those that have one.
    """
    listed = {one.path: cell for cell in rows["image"] for one in folder.named(cell)}
    folders = {path.rpartition("/")[0] for path in listed}
    first = next(iter(rows["image"]))
    rest = [
        one.name if "." in first else one.stem
        for one in folder.images
        if one.folder in folders and one.path not in listed and one.part != "mask"
    ]
    wide = pd.crosstab(rows["image"], rows["label"]).clip(upper=1)
    wide = wide.reindex([*dict.fromkeys(rows["image"]), *rest], fill_value=0)
    return wide.astype(str).rename_axis("image").reset_index().astype(object), len(rest)
