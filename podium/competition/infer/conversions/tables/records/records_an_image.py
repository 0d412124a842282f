"""Records in a file an image, beside it or in a tree of their own: tables of train and of test.

train/3.xml  <Find><Site>A</Site><Mineral>gypsum</Mineral></Find>   train: 3.jpg, A, gypsum
test/8.xml   <Find><Site>B</Site></Find>                          → test:  8.jpg, B

photos/3.jpg
notes/3.json  {"held": {"K-7": {"kg": 2}, "R-2": {"kg": 1}}, "count": 2}  →  3.jpg, 2

Records of things, whose names differ from file to file, are no columns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from podium.competition.ids.patterns import file_stem
from podium.competition.infer.annotations.shapes import in_like_folders
from podium.competition.infer.conversions.tables.records.nested_records import cell_of
from podium.competition.infer.conversions.tables.records.record_files import content_of
from podium.competition.infer.files import OF_TRAIN, DataFolder, FolderPart, ImageFile
from podium.competition.infer.labels.column_names import is_label_name
from podium.competition.infer.shares import HALF, NEARLY_ALL
from podium.competition.languages import is_called

__all__ = ["RecordsAnImage", "first_record", "records_an_image"]

_LARGEST = 1_000_000  # bytes of the record of one image
_IMAGE = "image"


class _Records(NamedTuple):
    """The table of the records of a part's images, and the files that it is made of."""

    sources: tuple[str, ...]
    table: pd.DataFrame


class RecordsAnImage(NamedTuple):
    """The records of `train` and, where its images have some, of `test`; no part without any.

    Attributes:
        parts: by their names.
        lacking: fields that records of train have and those of test lack, as what is predicted.
    """

    parts: dict[str, _Records]
    lacking: tuple[str, ...] = ()


def records_an_image(
    folder: DataFolder, *, known: Collection[str], asked: Sequence[str]
) -> RecordsAnImage:
    """Return the tables of records, where something tells what is predicted.

    Records of test lack a field, one is asked for, or one is called as labels or counts are; of
    several so called none is, as any may be a fact.

    Args:
        known: files that something was made of, as boxes of annotation tools.
        asked: the columns to predict, as the sample submission or a person names them.
    """
    for paths in _files_of_records(folder, known):
        train = _of_part(folder, paths, OF_TRAIN)
        if train is None:
            continue
        test = _of_part(folder, paths, ("test",))
        fields = [str(one) for one in train.table if one != _IMAGE]
        lacking = () if test is None else tuple(_fields_of_train(train.table, test.table))
        called = [one for one in fields if is_label_name(one) or is_called(one, "count")]
        if lacking or {*asked} & {*fields} or len(called) == 1:
            return RecordsAnImage(
                {"train": train} | ({} if test is None else {"test": test}), lacking
            )
    return RecordsAnImage({})


def first_record(folder: DataFolder) -> tuple[str, dict[str, str]] | None:
    """Return the first file of records of train with its fields, whatever is predicted; or None."""
    found = (_of_part(folder, paths, OF_TRAIN) for paths in _files_of_records(folder, ()))
    train = next((one for one in found if one is not None), None)
    if train is None:
        return None
    fields = train.table.drop(columns=_IMAGE).iloc[0].to_dict()
    return train.sources[0], {str(name): str(cell) for name, cell in fields.items()}


def _files_of_records(folder: DataFolder, known: Collection[str]) -> Iterator[list[str]]:
    """Yield the files of each form that may have a record, without those that are known."""
    for end in (".xml", ".json"):
        yield [one for one in folder.others if one.lower().endswith(end) and one not in known]


def _fields_of_train(train: pd.DataFrame, test: pd.DataFrame) -> list[str]:
    """Return the fields that test lacks; those that few records of train have may be remarks."""
    return [str(one) for one in train if one not in test and (train[one] != "").mean() >= HALF]


def _of_part(
    folder: DataFolder, paths: Sequence[str], parts: Sequence[FolderPart]
) -> _Records | None:
    """Return the records of the images of some parts; None where many of these have none."""
    images = folder.of_part(*parts)
    of_image: dict[str, str] = {}
    for path in paths:
        image = _image_of(folder, path)
        if image is not None and image.part in parts:
            if image.path in of_image:
                return None
            of_image[image.path] = path
    if not images or len(of_image) < NEARLY_ALL * len(images):
        return None
    contents = []
    for path in of_image.values():
        is_short = (folder.path / path).stat().st_size < _LARGEST
        content = content_of(folder.path / path) if is_short else None
        if not isinstance(content, dict) or _has_lists(content):
            return None
        contents.append(content)
    names = list(dict.fromkeys(name for one in contents for name in one))
    inner = [name for name in names if any(isinstance(one.get(name), dict) for one in contents)]
    if any(not _are_of_things([one.get(name, {}) for one in contents]) for name in inner):
        return None
    none = {*inner, _IMAGE}
    plain = [name for name in names if name not in none]
    cells = [[cell_of(one.get(name)) for name in plain] for one in contents]
    table = pd.DataFrame(cells, columns=plain, dtype=object)
    table.insert(0, _IMAGE, list(of_image))
    return _Records(tuple(of_image.values()), table) if plain else None


def _image_of(folder: DataFolder, path: str) -> ImageFile | None:
    """Return the image that a file is called as; of several the one whose folders are alike."""
    named = folder.by_last_name.get(file_stem(path), [])
    near = in_like_folders(named, path)
    return near[0] if len(near) == 1 else None


def _has_lists(value: Any) -> bool:
    """Return whether lists lie in a record, as of boxes, at any depth."""
    if isinstance(value, dict):
        return any(map(_has_lists, value.values()))
    return isinstance(value, list)


def _are_of_things(records: Sequence[Any]) -> bool:
    """Return whether the records in those of images are of things, each with names of its own."""
    if not all(isinstance(one, Mapping) for one in records):
        return False
    if not all(isinstance(thing, Mapping) for one in records for thing in one.values()):
        return False
    n_with = sum(map(bool, records))
    names = Counter(name for one in records for name in one)
    return all(n < HALF * n_with for n in names.values())
