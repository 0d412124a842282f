"""No image is both in train and to be predicted: what is to be predicted leaves train.

list.csv: train/1.jpg … val/9.jpg, test: the images in val/  →  train has the rows of train/ alone
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder, ImageFile
from podium.competition.infer.parts.to_predict import PartImages
from podium.competition.infer.parts.train import TrainPart
from podium.competition.infer.sources import Sources
from podium.errors import DataError, plural, some

__all__ = ["ImagesInBoth", "images_in_both", "refuse_images_in_both", "with_train_apart"]

_FEWEST_VALUES = 2  # classes, or numbers


class ImagesInBoth(NamedTuple):
    """The images that train and test share; false where there are none."""

    paths: frozenset[str]
    """Relative to the data folder; of those that are none of its images, as samples have them."""
    ids: frozenset[str]
    """Of the samples of train."""


def images_in_both(
    root: Path, folder: DataFolder, train: pd.DataFrame, test: pd.DataFrame
) -> ImagesInBoth | None:
    """Return the images that train and test share; None where there are none.

    Args:
        root: of the competition, which relative paths start from.
        train: the samples of train, as `load_samples` returns them.
        test: those to be predicted.
    """
    to_predict = {path for images in _own_images(test) for path in images}
    of_train = _own_images(train)
    shared = {path for images in of_train for path in images} & to_predict
    if not shared:
        return None
    by_path = {(folder.path.absolute() / one.path).as_posix(): one.path for one in folder.images}
    full = ((root.absolute() / one).as_posix() for one in shared)
    pairs = zip(train["id"], of_train, strict=True)
    ids = frozenset(str(id_) for id_, images in pairs if not shared.isdisjoint(images))
    return ImagesInBoth(frozenset(by_path.get(one, one) for one in full), ids)


def _own_images(samples: pd.DataFrame) -> list[tuple[str, ...]]:
    """Return the files of each sample; of slices with neighbours the own one alone."""
    if "slice" in samples:
        return [(images[len(images) // 2],) for images in samples["images"]]
    return list(samples["images"])


def with_train_apart(
    sources: Sources, train: TrainPart, test: PartImages, shared: ImagesInBoth
) -> Sources:
    """Return the sources with a table of train without the images that are to be predicted.

    Args:
        sources: as the parts were found in them.
        train: a table that is one of the sources, or images whose path tells their class.
        test: the images to predict, which a list, the sample or the name of their folder tells.
        shared: the images of both.

    Raises:
        DataError: nothing tells that these are to be predicted, or too little of train is left.
    """
    folder, labels = sources.folder, train.labels
    of_part = {one.path for one in folder.of_part("test", "holdout")}
    is_told = test.table is not None or of_part.issuperset(shared.paths)
    if not is_told or labels is None:
        raise refuse_images_in_both(folder, shared, train, test)
    told = f"{plural(len(shared.paths), 'image')} that are to be predicted ({test.why})"
    match, folders = train.match, train.folders
    if match is not None and match.path in sources.tables and not match.several:
        # A row may name an image of validation, too, which is none of its match.
        rest = [
            str(cell) not in shared.ids and (one is None or one.path not in shared.paths)
            for cell, one in zip(match.table[match.id], match.images, strict=True)
        ]
        rows = match.table[rest].reset_index(drop=True)
        columns = [one for one in labels.column_names if one in rows]
        if any(rows[one].nunique() < _FEWEST_VALUES for one in columns):
            raise refuse_images_in_both(folder, shared, train, test)
        made = MadeTable((match.path,), f"{match.path} without the rows of {told}", rows)
        return sources.with_table(_name(match.path, sources), made, instead_of=match.path)
    if folders is not None:
        pairs = zip(folders.images, folders.labels, strict=True)
        cells = [(one.path, label) for one, label in pairs if one.path not in shared.paths]
        if len({label for _, label in cells}) < _FEWEST_VALUES:
            raise refuse_images_in_both(folder, shared, train, test)
        table = pd.DataFrame(cells, columns=["image", "label"], dtype=object)
        read = tuple(_first_of_class(folders.images, folders.labels))
        made = MadeTable(read, f"the class of each image, without {told}", table)
        return sources.with_table("train_apart.csv", made)
    raise refuse_images_in_both(folder, shared, train, test)


def _first_of_class(images: Collection[ImageFile], labels: Collection[str]) -> list[str]:
    """Return the path of an image of each class."""
    first: dict[str, str] = {}
    for one, label in zip(images, labels, strict=True):
        first.setdefault(label, one.path)
    return [*first.values()]


def _name(path: str, sources: Sources) -> str:
    """Return the name of a table that no made one has."""
    name = f"{Path(path).stem}_apart.csv"
    known = {Path(one).name for one in (*sources.tables, *sources.folder.made)}
    return f"{path.replace('/', '_').rpartition('.')[0]}_apart.csv" if name in known else name


def refuse_images_in_both(
    folder: DataFolder, shared: ImagesInBoth, train: TrainPart, test: PartImages
) -> DataError:
    """Return the error that images of train are to be predicted, with what to do."""
    of_train = train.pattern if train.match is None else train.match.path
    return DataError(
        f"{plural(len(shared.paths), 'image')} of train ({of_train}) "
        f"{'is' if len(shared.paths) == 1 else 'are'} to be predicted, too "
        f"({test.why}): {some(sorted(shared.paths), 3)}",
        where=folder.path,
        fix="write train.csv with a row an image of train and its label, and test.csv with a row "
        "an image to predict; no image stands in both",
    )
