"""Names of images of train that hold the label, which names to predict lack, as a table.

train/GP-1004_recto_C.tif   →   image                      piece_1  piece_2  grade
test/GP-1266_recto.tif          train/GP-1004_recto_C.tif  GP-1004  recto    C

Where the sample asks for a grade of GP-1266, of several images, the table has a row for GP-1004,
with what a register tells of it.

Names that begin with a class of the sample's columns, in any spelling, are such a table, too:

OAK_plot07_1.jpg       →   image               label     plot
sweet-gum_plot4_2.jpg      OAK_plot07_1.jpg    oak       plot07
                           sweet-gum_plot4_2…  sweetgum  plot4
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.labels.names.pieces_of_names import pieces_by_place
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.labels.cells import holds_numbers
from podium.competition.infer.labels.column_names import is_label_name
from podium.competition.infer.labels.columns import PIECE
from podium.competition.spelling import letters_of

__all__ = ["LabelsInNames", "table_of_classes_in_names", "table_of_labels_in_names"]

_SIGNS = ("_", "-", " ")
_PATH_NAMES = ("image", "file", "path", "photo")
"""Names of the column of paths: the first that is none of the sample's."""
_ENDS = re.compile(r"[-_. ]+")
_NUMBERED = re.compile(r"(?P<word>[^\W\d_]{2,})\d+")
_LABEL = "label"
_FEWEST_CLASSES = 2


@dataclass(frozen=True)
class LabelsInNames:
    """A table with labels that names of images hold, and the path of the one that it is instead of.

    "" where it is beside all others.
    """

    table: MadeTable
    register: str = ""


def table_of_labels_in_names(data: CompetitionData) -> LabelsInNames | None:
    """Return a table of the words of the sample that names of train hold, or None.

    The sample asks for one column, and no table has that, all its words or a column called as a
    label: the tables are of other facts. Every name of train has one piece more than every name to
    predict, in one place, and every word of the sample stands there, of which one alone is no
    number: that is a placeholder. Pieces that are the ids of the sample are called so, and where
    they are of several images with one label, the table has a row for each, that of the table which
    has one for each of them, too.

    Args:
        data: with images of both parts.
    """
    tables, sample = data.tables, data.sample
    train, test = data.folder.of_part("train"), data.folder.of_part("test", "holdout")
    if sample is None or len(sample.values) != 1 or not train or not test:
        return None
    column = sample.values[0]
    words = {*sample.table[column]}
    if len(words) == 1 and holds_numbers(sample.table[column]):
        return None  # the placeholder of whatever is asked for
    if any(column in one or _holds(one, words) for one in tables.values()):
        return None
    if any(is_label_name(str(name)) for one in tables.values() for name in one):
        return None
    for sign in _SIGNS:
        cells = pieces_by_place([one.stem for one in train], sign)
        of_test = pieces_by_place([one.stem for one in test], sign)
        if not of_test or len(cells) != len(of_test) + 1:
            continue
        places = [k for k, each in enumerate(cells) if _are_labels(each, words)]
        if len(places) != 1:
            continue
        [place] = places
        rest = [each for k, each in enumerate(cells) if k != place]
        ids = {*sample.table[sample.id]}
        named = {
            sample.id if {*known} == ids else f"{PIECE}{k + 1}": each
            for k, (each, known) in enumerate(zip(rest, of_test, strict=True))
        }
        paths = [one.path for one in train]
        path = next(one for one in _PATH_NAMES if one not in (column, *named))
        table = pd.DataFrame({path: paths, **named, column: cells[place]}, dtype=object)
        register = ""
        if sample.id in named:
            of_ids = table[[sample.id, column]].drop_duplicates()
            if of_ids[sample.id].is_unique and len(of_ids) < len(table):
                register, table = _with_register(of_ids, sample.id, tables)
        reader = (
            f"the pieces between {sign!r} of the names of images, as {train[0].name}: names to "
            f"predict, as {test[0].name}, lack the {column}"
        )
        sources = (*([register] if register else []), *paths)
        return LabelsInNames(MadeTable(sources, reader, table), register)
    return None


def table_of_classes_in_names(data: CompetitionData) -> MadeTable | None:
    """Return a table of the sample's classes that names of train begin with, or None.

    Capitals and signs within the class count for nothing; behind it stands a sign. Every
    name of train begins with a class, each class has several, and no name to predict has one. A
    piece that is one word and a number in all names, as `plot07`, is a column called as the word.

    Args:
        data: with images of both parts. No table has a column called as a label, or one of the
            classes; the sample submission has a column for each class.
    """
    sample = data.sample
    train, test = data.folder.of_part("train"), data.folder.of_part("test", "holdout")
    if sample is None or len(sample.values) < _FEWEST_CLASSES or not train or not test:
        return None
    classes = {letters_of(one): one for one in sample.values}
    if len(classes) < len(sample.values) or not all(classes):
        return None
    columns = [(str(name), one[name]) for one in data.tables.values() for name in one]
    if any(is_label_name(name) or {*map(letters_of, one)} >= {*classes} for name, one in columns):
        return None
    begun = [_begun_with(one.stem, classes) for one in train]
    found = [one for one in begun if one is not None]
    counts = Counter(name for name, _ in found)
    if len(found) < len(train) or len(counts) < len(classes) or min(counts.values()) == 1:
        return None
    if any(_begun_with(one.stem, classes) for one in test):
        return None
    table = pd.DataFrame({"image": [one.path for one in train]}, dtype=object)
    table[_LABEL] = [name for name, _ in found]
    for cells in zip(*_pieces([rest for _, rest in found]), strict=True):
        numbered = [_NUMBERED.fullmatch(cell) for cell in cells]
        words = {"" if one is None else one["word"].casefold() for one in numbered}
        if len(words) == 1 and (word := min(words)) and word not in table:
            table[word] = [cell.casefold() for cell in cells]
    reader = (
        f"the classes of {sample.path} that names of images begin with, capitals and signs aside, "
        f"as {train[0].name}"
    )
    return MadeTable(tuple(one.path for one in train), reader, table)


def _begun_with(name: str, classes: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the class that a name begins with, the longest, and what stands behind its sign.

    Args:
        name: of a file, without its ending.
        classes: by their letters.
    """
    for sign in reversed([*_ENDS.finditer(name)]):
        if (letters := letters_of(name[: sign.start()])) in classes and name[sign.end() :]:
            return classes[letters], name[sign.end() :]
    return None


def _pieces(names: Sequence[str]) -> list[list[str]]:
    """Return the pieces of each name; none where names have other numbers of them."""
    rows = [_ENDS.split(one) for one in names]
    return rows if len({*map(len, rows)}) == 1 else []


def _with_register(
    labels: pd.DataFrame, key: str, tables: Mapping[str, pd.DataFrame]
) -> tuple[str, pd.DataFrame]:
    """Return the path of the first table with one row for each key, and its rows with the labels.

    "" and the labels themselves where there is none.
    """
    for path, table in tables.items():
        for column in table:
            if table[column].is_unique and {*labels[key]} <= {*table[column]}:
                of_keys = labels.rename(columns={key: column})
                return path, table.merge(of_keys, on=column, validate="1:1")
    return "", labels


def _holds(table: pd.DataFrame, words: set[str]) -> bool:
    """Return whether a table that has rows of many things has a column with all the words."""
    return any(words <= {*table[one]} and not table[one].is_unique for one in table)


def _are_labels(cells: Sequence[str], words: set[str]) -> bool:
    """Return whether cells are few words, and those of the sample are among them."""
    return words <= {*cells} and 1 < len({*cells}) <= max(2, len(cells) // 3)
