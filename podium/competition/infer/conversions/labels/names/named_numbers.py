"""Names of files whose numbers stand behind words, one of them as the sample calls it, as a table.

train/lap03_f024_ang275.5_vel12.png   image               lap  f    angle  vel
sample: id,angle                   →  train/lap03_f024_…  03   024  275.5  12

So it is with one number in names of folders, which a text shows:

train/cam7/20201105_L2/00151.jpg      image                             folder  level
sample: id,level                   →  train/cam7/20201105_L2/00151.jpg  cam7    2
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.labels.names.measured_names import number_without_table
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder, ImageFile, common_folder
from podium.competition.infer.readme.texts import sentences_beside, texts_as_written
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.phrases import any_phrase, plain_signs

__all__ = ["table_of_named_numbers"]

_PIECE = re.compile(r"(?P<word>[^\W\d_]+)[ =]?(?P<number>-?\d+(?:[.,]\d+)?)")
_SIGNS = ("_", "-", " ")
_SHORTEST = 2  # letters by which a piece is called as a column
_FEWEST = 2
_FOLDER = "folder"


def table_of_named_numbers(data: CompetitionData) -> MadeTable | None:
    """Return a table of the numbers in names of train, a column for each word; None of others.

    The sample asks for one number, that no table has. The word of one piece is the beginning of the
    column's name, or the name that of the word, and names to predict have no such piece.
    """
    of_names = number_without_table(data)
    if of_names is None or len(of_names[1]) < _FEWEST:
        return None
    column, images = of_names
    found = _numbers([one.stem for one in images])
    asked = [word for word in found or () if _are_alike(word, column)]
    test = [one.stem for one in data.folder.of_part("test", "holdout")]
    known = (_numbers(test) or {}) if test else {}
    if found is None or len(asked) != 1 or asked[0] in known:
        return _of_folders(data.folder, column, images, data.sample)
    cells = {
        "image": [one.path for one in images],
        **{column if word == asked[0] else word: numbers for word, numbers in found.items()},
    }
    name = images[0].stem
    reader = f"the numbers in the names of images, as {name}, of which {asked[0]} is {column}"
    return MadeTable(tuple(one.path for one in images), reader, pd.DataFrame(cells, dtype=object))


def _of_folders(
    folder: DataFolder, column: str, images: Sequence[ImageFile], sample: SampleSubmission | None
) -> MadeTable | None:
    """Return a table of the numbers in names of the innermost folders of train, or None.

    Names have other pieces, too, and several of them each number. The word before it is the
    column's, or its beginning where a text shows the name of such a folder; folders to predict have
    no such number. A number apart from all others, which is no answer as a text states, is left
    blank.

    Args:
        column: that the sample asks for.
        images: of train.
    """
    of_folders = {one.folder: _piece_of(one.folder, column) for one in images}
    pieces = [one for one in of_folders.values() if one is not None]
    numbers = {one.number for one in pieces}
    ways = {(one.sign, one.place, one.word) for one in pieces}
    is_each = len(pieces) == len(of_folders) and len(ways) == 1
    if not is_each or not 2 <= len(numbers) <= len(pieces) / 2 or sample is None:
        return None
    if not {*sample.table[column]} <= numbers or any(
        _piece_of(one.folder, column) for one in folder.of_part("test", "holdout")
    ):
        return None
    [(sign, _, word)] = ways
    texts = [text for _, text in texts_as_written(folder)]
    is_shown = any(re.search(rf"\w{sign}{word}\d", text) for text in texts)
    if not is_shown and len(word) < _SHORTEST:
        return None
    blank, told = _no_answer(folder, word, numbers)
    top = common_folder(images)
    cells = [
        (one.path, _places(one, top), "" if piece.number == blank else piece.number)
        for one, piece in zip(images, (of_folders[one.folder] for one in images), strict=True)
        if piece is not None
    ]
    name = images[0].folder.rpartition("/")[2]
    reader = f"the numbers in the names of folders, as {name}, of which {word} is {column}{told}"
    table = pd.DataFrame(cells, columns=["image", _FOLDER, column], dtype=object)
    return MadeTable(tuple(one.path for one in images), reader, table)


class _Piece(NamedTuple):
    """The piece of a folder's name that has the number to predict."""

    sign: str
    place: int
    word: str
    number: str


def _piece_of(path: str, column: str) -> _Piece | None:
    """Return the one piece of a name of several whose word begins the column's name, or None."""
    name = path.rpartition("/")[2]
    for sign in _SIGNS:
        rows = [_PIECE.fullmatch(piece) for piece in name.split(sign)]
        found = [
            _Piece(sign, k - len(rows), one["word"], one["number"])
            for k, one in enumerate(rows)
            if one is not None and column.casefold().startswith(one["word"].casefold())
        ]
        if len(found) == 1 and len(rows) > 1:
            return found[0]
    return None


def _places(image: ImageFile, top: str) -> str:
    """Return the folders of an image above that with the number, else this one."""
    inner = image.folder.removeprefix(top).strip("/")
    return inner.rpartition("/")[0] or inner


def _no_answer(folder: DataFolder, word: str, numbers: Collection[str]) -> tuple[str, str]:
    """Return the number that is apart from all others and no answer, and which text states it."""
    whole = sorted(int(one) for one in numbers if one.isdecimal())
    if len(whole) < len(numbers) or len(whole) < _FEWEST + 1 or whole[-1] - whole[-2] == 1:
        return "", ""
    last = next(one for one in numbers if int(one) == whole[-1])
    called = re.compile(rf"(?<![\w-]){re.escape(f'{word}{last}')}(?!\w)", re.ASCII | re.IGNORECASE)
    no_answer = any_phrase("leave out", "without labels")
    for path, sentence in sentences_beside(folder):
        found = no_answer.search(plain_signs(sentence)) if called.search(sentence) else None
        if found is not None:
            return last, f"; {word}{last} is none, as {path} says {found[0]!r}"
    return "", ""


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
