"""Texts that each tell one thing of images by a number of theirs, as one table.

images.txt              1 cat/7.jpg  ┐
image_class_labels.txt  1 4          ├→  image  image_class_labels  train_test_split
train_test_split.txt    1 0          ┘
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.conversions.tables.rows.several_rows import BOX_NAMES
from podium.competition.infer.encodings import read_text
from podium.competition.infer.files import DataFolder
from podium.competition.infer.image_tables import names_images
from podium.competition.spelling import name_words

__all__ = ["table_of_texts"]

_LARGEST = 100_000_000  # bytes
_FEWEST_IMAGES = 3  # images
_BOX_WORDS = BOX_NAMES | {"bounding"}
_NUMBER = re.compile(r"\d+|(?=[a-f-]*\d)[0-9a-f-]{8,}")
"""A number of an image, as `12` or `232c90af-774a-02de-fccf-7481eb5c43f8`."""


def table_of_texts(folder: DataFolder) -> MadeTable | None:
    """Return the table of texts of one folder that have the same numbers; None without such.

    Each line is a number and one thing. One text has the names of the images, and each of the
    others gives a column, called as that text. There are two or more.
    """
    places: dict[str, list[str]] = defaultdict(list)
    for path in folder.texts:
        if (folder.path / path).stat().st_size < _LARGEST:
            places[path.rpartition("/")[0]].append(path)
    for paths in places.values():
        read = {path: rows for path in paths if (rows := _by_number(folder, path)) is not None}
        for names, rows in read.items():
            image = pd.Series(rows, dtype=object)
            if len(rows) < _FEWEST_IMAGES or not names_images(folder, image.to_frame("image")):
                continue
            others = [path for path in read if path != names and read[path].keys() == rows.keys()]
            others = [path for path in others if not _BOX_WORDS & set(name_words(_stem(path)))]
            columns = [_stem(path) for path in others]
            if not others or len({"image", *columns}) <= len(columns):
                continue
            cells = {_stem(path): pd.Series(read[path], dtype=object) for path in others}
            table = pd.DataFrame({"image": image, **cells}).loc[list(rows)].reset_index(drop=True)
            told = ", ".join(path.rpartition("/")[2] for path in others)
            reader = f"what {told} tell of the images of {names} by their numbers"
            return MadeTable((names, *others), reader, table)
    return None


def _by_number(folder: DataFolder, path: str) -> Mapping[str, str] | None:
    """Return what the lines of a text have behind their numbers; None where a line is another."""
    lines = [one.split(None, 1) for one in read_text(folder.path / path, folder).splitlines()]
    rows = {one[0]: one[1].strip() for one in lines if len(one) == 2 and _NUMBER.fullmatch(one[0])}
    return rows if rows and len(rows) == sum(map(bool, lines)) else None


def _stem(path: str) -> str:
    return Path(path).stem
