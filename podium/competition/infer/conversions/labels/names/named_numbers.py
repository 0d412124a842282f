"""Names of files whose numbers stand behind words, one of them as the sample calls it, as a table.

train/lap03_f024_ang275.5_vel12.png   image               lap  f    angle  vel
sample: id,angle                   →  train/lap03_f024_…  03   024  275.5  12
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pandas as pd

from podium.competition.infer.conversions.labels.names.measured_names import asked_of_names
from podium.competition.infer.conversions.tables.made_tables import MadeTable
from podium.competition.infer.files import DataFolder
from podium.competition.infer.sample.submission import SampleSubmission

__all__ = ["table_of_named_numbers"]

_PIECE = re.compile(r"(?P<word>[^\W\d_]+)[ =]?(?P<number>-?\d+(?:[.,]\d+)?)")
_SIGNS = ("_", "-", " ")
_SHORTEST = 2  # letters by which a piece is called as a column
_FEWEST = 2


def table_of_named_numbers(
    folder: DataFolder, tables: Mapping[str, pd.DataFrame], sample: SampleSubmission | None
) -> MadeTable | None:
    """Return a table of the numbers in names of train, a column for each word; None of others.

    The sample asks for one number, that no table has. The word of one piece is the beginning of the
    column's name, or the name that of the word, and names to predict have no such piece.

    Args:
        folder: with images.
        tables: by path, without the sample submission.
        sample: the sample submission.
    """
    of_names = asked_of_names(folder, tables, sample)
    if of_names is None or len(of_names[1]) < _FEWEST:
        return None
    column, images = of_names
    found = _numbers([one.stem for one in images])
    asked = [word for word in found or () if _are_alike(word, column)]
    test = [one.stem for one in folder.of_part("test", "holdout")]
    known = (_numbers(test) or {}) if test else {}
    if found is None or len(asked) != 1 or asked[0] in known:
        return None
    cells = {
        "image": [one.path for one in images],
        **{column if word == asked[0] else word: numbers for word, numbers in found.items()},
    }
    name = images[0].stem
    reader = f"the numbers in the names of images, as {name}, of which {asked[0]} is {column}"
    return MadeTable(tuple(one.path for one in images), reader, pd.DataFrame(cells, dtype=object))


def _numbers(names: Sequence[str]) -> dict[str, list[str]] | None:
    """Return the numbers of names by their words, which are the same in each; else None."""
    for sign in _SIGNS:
        rows = [[_PIECE.fullmatch(piece) for piece in name.split(sign)] for name in names]
        words = {tuple("" if one is None else one["word"] for one in row) for row in rows}
        if len(words) == 1 and all(first := next(iter(words))) and len({*first}) == len(first):
            columns = zip(*rows, strict=True)
            return {
                word: ["" if one is None else one["number"].replace(",", ".") for one in column]
                for word, column in zip(first, columns, strict=True)
            }
    return None


def _are_alike(word: str, column: str) -> bool:
    one, other = sorted((word.casefold(), column.casefold()), key=len)
    return len(one) >= _SHORTEST and other.startswith(one)
