"""Names of folders or files that hold the number to predict with its unit, as a table.

train/T05_412mm/1.jpg         image                   piece_1  level  level_unit
train/T03_38.5cm/2.jpg    →   train/T05_412mm/1.jpg   T05      412    mm
                              train/T03_38.5cm/2.jpg  T03      38.5   cm
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder, ImageFile
from podium.competition.infer.labels.cells import numbers_of
from podium.competition.infer.labels.columns import PIECE
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.units_of_measure import answer_units, find_measure

__all__ = ["number_without_table", "table_of_measured_names"]

_MEASURED = re.compile(r"(?P<number>\d+(?:[.,]\d+)?) ?(?P<unit>[^\W\d_]{1,10}|%)")
FOLDER = "folder"
_SIGNS = ("_", "-", " ")


class _Pieces(NamedTuple):
    """The pieces of names, and the one of them that is a number with its unit."""

    of_names: Mapping[str, Sequence[str]]
    place: int
    dimension: str

    def number_and_unit(self, name: str) -> tuple[str, str]:
        """Return the number of a name with a decimal point, and its unit."""
        found = _MEASURED.fullmatch(self.of_names[name][self.place])
        assert found is not None
        return found["number"].replace(",", "."), found["unit"]


def table_of_measured_names(data: CompetitionData) -> MadeTable | None:
    """Return a table of the numbers that names of folders, or of files, hold with units, or None.

    The sample asks for one number, that no table has. One piece of each name is a number with a
    unit of one dimension, which names to predict lack. A text must tell the unit of the answers, or
    a number of the sample be none by which classes are counted: `5mm` and `10mm` may be classes.
    """
    sample = data.sample
    asked = number_without_table(data)
    if sample is None or asked is None:
        return None
    column, images = asked
    for is_folder in (True, False):
        names = [_name(one, is_folder=is_folder) for one in images]
        pieces = _pieces(dict.fromkeys(names))
        if pieces is None or _has_number(data.folder, is_folder=is_folder):
            continue
        told = answer_units(data.folder, sample, [column], {column: pieces.dimension}, "")
        if not told[column] and not _is_no_index(sample, len({*names})):
            continue
        found = [pieces.number_and_unit(name) for name in names]
        n = len(pieces.of_names[names[0]])
        others = {
            f"{PIECE}{k + 1}": [pieces.of_names[name][k] for name in names]
            for k in range(n)
            if k != pieces.place and (is_folder or _has_few(pieces, k))
        }
        # Images of one folder share their number: they must not cross folds.
        of_folder = {FOLDER: [one.folder for one in images]} if is_folder else {}
        cells = {
            "image": [one.path for one in images],
            **of_folder,
            **others,
            column: [number for number, _ in found],
            f"{column}_unit": [unit for _, unit in found],
        }
        reader = (
            f"the number with a unit in the names of {'folders' if is_folder else 'images'}, as "
            f"{names[0]}, and the pieces beside it"
        )
        paths = tuple(one.path for one in images)
        return MadeTable(paths, reader, pd.DataFrame(cells, dtype=object))
    return None


def number_without_table(data: CompetitionData) -> tuple[str, list[ImageFile]] | None:
    """Return the one number that the sample asks for and no table has, and the images of train.

    None without either.
    """
    sample = data.sample
    if sample is None or len(sample.values) != 1 or not sample.has_numbers:
        return None
    [column] = sample.values
    images = data.folder.train_images
    is_known = any(column in table for table in data.tables.values())
    return (column, images) if images and not is_known else None


def _name(image: ImageFile, *, is_folder: bool) -> str:
    return image.folder.rpartition("/")[2] if is_folder else image.stem


def _pieces(names: Sequence[str] | Mapping[str, None]) -> _Pieces | None:
    """Return the pieces of names between signs, of which one is a number with its unit, or None."""
    for sign in _SIGNS:
        of_names = {name: name.split(sign) for name in names}
        if len({*map(len, of_names.values())}) != 1 or len(of_names) < 2:
            continue
        columns = [*zip(*of_names.values(), strict=True)]
        measured = [(k, _dimension(cells)) for k, cells in enumerate(columns)]
        places = [(k, dimension) for k, dimension in measured if dimension]
        if len(places) == 1:
            [(place, dimension)] = places
            return _Pieces(of_names, place, dimension)
    return None


def _dimension(cells: Sequence[str]) -> str:
    """Return what numbers with units measure; "" where a cell is none, or they differ in it."""
    found = [_MEASURED.fullmatch(one) for one in cells]
    measures = [None if one is None else find_measure(one["unit"]) for one in found]
    dimensions = {"" if one is None else one.dimension for one in measures}
    return dimensions.pop() if len(dimensions) == 1 else ""


def _has_number(folder: DataFolder, *, is_folder: bool) -> bool:
    """Return whether names to predict hold such a number, too: then it is known of them."""
    test = folder.of_part("test", "holdout")
    return bool(test) and _pieces([_name(one, is_folder=is_folder) for one in test]) is not None


def _has_few(pieces: _Pieces, place: int) -> bool:
    """Return whether several names share each value of a piece, on average."""
    cells = [one[place] for one in pieces.of_names.values()]
    return 1 < len({*cells}) <= len(cells) / 2


def _is_no_index(sample: SampleSubmission, n_classes: int) -> bool:
    """Return whether a number of the sample is a fraction, or more than there are classes."""
    numbers = numbers_of(sample.table[sample.values[0]])
    return numbers is not None and bool(((numbers % 1 != 0) | (numbers > n_classes)).any())
