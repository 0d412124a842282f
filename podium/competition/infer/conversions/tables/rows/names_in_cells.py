"""Tables with a row for several images, whose names stand in one cell: they get a row an image.

shell  photographs     age          image  shell  age
ZM/7   a.jpg; b.jpg    3       →    a.jpg  ZM/7   3
ZM/8   c.jpg           5            b.jpg  ZM/7   3
                                    c.jpg  ZM/8   5

The rows are units of their images. Their labels may stand in another table, by the same ids. The
names may stand in numbered columns, too, of which some are blank (`photo_1`, `photo_2` …).
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import (
    DataFolder,
    FolderPart,
    ImageFile,
    is_test_table,
    may_be_train_table,
)
from podium.competition.infer.image_tables import match_images
from podium.competition.infer.labels.cells import has_fractions, numbers_of
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.shares import NEARLY_ALL
from podium.competition.spelling import name_words, numbered_names
from podium.errors import plural, some

__all__ = ["NamesInCells", "column_of_names", "rows_of_name_cells"]

_ANY_PART: tuple[FolderPart, ...] = ("train", "other", "test", "holdout", "unlabelled")
_PROBED = 500
_FIRST = 20  # of these, of which one at least names an image
_LONGEST = 10_000  # letters of a cell: runs of a mask are longer
_FEWEST_LISTS = 2  # cells of several names
_MOST = 0.5  # of the names: some files may be lost
_MOST_SHARED = 0.1  # of the images: more are of several rows by intent
_SHOWN = 5
_MAY_LIST = r"[;|,\s]"
_SIGNS = tuple(map(re.compile, (r";", r"\|", r"\n", r",", r"\s+", r"[;|,\n]")))
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_BRACKETS = ("[]", "()", "{}")
_OF_IDS = frozenset({"id", "ids", "no", "nr", "num", "number", "code", "key", "name", "index"})
_IMAGES = ("image", "image file", "file of the image")
_ROWS = ("row", "row of the table", "number of the row")


@dataclass(frozen=True)
class NamesInCells:
    """What was made of tables whose cells list the names of images.

    Attributes:
        tables: as they are to be written, by the paths of those that they are in place of.
        used: the tables that nothing else is to be taken from.
        to_predict: the paths of those of rows to predict, by their names or by the sample's ids.
        unit: the column that names the row of an image; "" where no table was made.
        bare: the rows to predict none of whose images is there.
        notes: on names without a file, on rows without an image, on images of several rows.
    """

    tables: dict[str, MadeTable]
    used: tuple[str, ...] = ()
    to_predict: frozenset[str] = frozenset()
    unit: str = ""
    bare: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Listing:
    """A table whose column lists images.

    Attributes:
        path, table, column: of it.
        names: of each row, those whose files are there.
        lost: of each row, those whose files are not.
        key: the column that names a row.
        is_of_test: whether the rows are to be predicted.
    """

    path: str
    table: pd.DataFrame
    column: str
    names: tuple[tuple[str, ...], ...]
    lost: tuple[tuple[str, ...], ...]
    key: str = ""
    is_of_test: bool = False


def rows_of_name_cells(data: CompetitionData) -> NamesInCells | None:
    """Return the tables with a row an image, or None where no column lists images.

    Numbered columns of names count as one that lists them, where some are blank. Two cells of a
    column or more list several names between semicolons, commas, bars, blanks or line breaks, or as
    a list of JSON, Python or numpy; most names are those of images, with or without ending and
    folder; and no other column of the table names images. A column of the same name in another
    table is read so, too, where its cells have one name each.

    A name without a file is left out, and so is an image that several rows list, as it is of no one
    unit; a note names both. Where many images are of several rows, no table is made.
    """
    sample = data.sample
    answers = () if sample is None else tuple(sample.values)
    listings = _listings(replace(data, tables=_with_joined_columns(data)), answers)
    if not listings:
        return None
    asked = set() if sample is None else set(sample.table[sample.id])
    listings = _with_parts(_with_keys(listings, sample), asked, answers)
    listings, notes = _without_shared(data.folder, listings, asked)
    if not listings:
        return NamesInCells({}, notes=tuple(notes))
    unit = listings[0].key
    made: dict[str, MadeTable] = {}
    used, bare = list[str](), list[str]()
    listed_in = {one.path for one in listings}
    rest = {path: table for path, table in data.tables.items() if path not in listed_in}
    for one in listings:
        notes += _notes_on_lost(one, asked)
        bare += _bare(one, asked)
        rows = _row_an_image(one, keep=sample is not None and sample.id == one.column)
        reader = f"{one.path} with a row for each image that {one.column} lists"
        labels = _table_of_labels(replace(data, tables=rest), one, answers)
        if labels is None:
            made[one.path] = MadeTable((one.path,), reader, rows)
            continue
        path, column = labels
        listed = set(one.table[one.key])
        gone = [id_ for id_ in rest[path][column] if id_ not in listed]
        if gone:
            notes.append(f"{_rows_of(gone, path)} in {one.path}; left out: {some(gone)}")
        used.append(path)
        for other, test in rest.items():
            own = _key_in(test, one) if is_test_table(other) else None
            if own is None:
                continue
            to_predict = rows[unit].isin(set(test[own]))
            of_test = _with_columns(rows[to_predict], unit, test, own)
            made[other] = MadeTable((one.path, other), f"{reader}, of {other}", of_test)
            rows = rows[~to_predict].reset_index(drop=True)
            used.append(other)
            known = {*of_test[unit], *bare}
            gone = [id_ for id_ in test[own] if id_ not in known]
            if gone:
                notes.append(_to_mend(gone, other, own))
                bare += gone
        told = f"{reader}, with the columns of {path}"
        train = _with_columns(rows, unit, rest[path], column)
        made[one.path] = MadeTable((one.path, path), told, train)
    to_send = {path for path in made if is_test_table(path)}
    to_send |= {one.path for one in listings if one.is_of_test}
    return NamesInCells(made, tuple(used), frozenset(to_send), unit, tuple(bare), tuple(notes))


def column_of_names(
    folder: DataFolder, table: pd.DataFrame, answers: Collection[str] = ()
) -> str | None:
    """Return the column whose cells list images, several in some, or None.

    Args:
        answers: the columns that the sample submission asks for, which list labels.
    """
    for column in map(str, table.columns):
        if column in answers:
            continue
        cells = table[column][table[column].str.contains(_MAY_LIST)]
        cells = cells[cells.str.len() <= _LONGEST]
        probe = list(cells.iloc[:: max(1, len(cells) // _PROBED)])
        probe = [cell for cell in probe if not _is_there(folder, cell)]
        first = _split(folder, probe[:_FIRST])
        if not any(_is_there(folder, name) for one in first for name in one):
            continue
        lists = _split(folder, probe)
        found = [[_is_there(folder, name) for name in one] for one in lists]
        n_names, n_found = sum(map(len, found)), sum(map(sum, found))
        if sum(sum(one) > 1 for one in found) < _FEWEST_LISTS or n_found <= _MOST * n_names:
            continue
        names = [name for one in lists for name in one]
        # Numbers of classes name numbered images by chance, and stand in many rows.
        is_by_chance = all(map(str.isdecimal, names)) and (
            len(set(names)) < len(names) or n_found < NEARLY_ALL * n_names
        )
        others = table.drop(columns=column)
        if is_by_chance or (
            not others.empty and match_images(folder, "", others, _ANY_PART) is not None
        ):
            continue
        return column
    return None


def _listings(data: CompetitionData, answers: Collection[str]) -> list[_Listing]:
    """Return the tables whose columns list images, and those with a column of the same name."""
    folder = data.folder
    columns = {path: column_of_names(folder, one, answers) for path, one in data.tables.items()}
    called = {column for column in columns.values() if column is not None}
    found = []
    for path, table in data.tables.items():
        column = columns[path] or next((one for one in map(str, table) if one in called), None)
        if column is None:
            continue
        lists = _split(folder, list(table[column]))
        there = [[name for name in one if _is_there(folder, name)] for one in lists]
        lost = [tuple(name for name in one if not _is_there(folder, name)) for one in lists]
        if columns[path] is not None or sum(map(len, there)) > _MOST * sum(map(len, lists)):
            names = tuple(_as_files_are(folder, one) for one in there)
            found.append(_Listing(path, table, column, names, tuple(lost)))
    return found


def _with_joined_columns(data: CompetitionData) -> dict[str, pd.DataFrame]:
    """Return tables with one column in place of `photo_1`, `photo_2` … with names of images.

    Where none of their cells is blank, each row has as many images, which is another form, and so
    is a table that tells something of each image, as `kind_1` and `kind_2`.
    """
    numbered = {path: _families(list(map(str, table))) for path, table in data.tables.items()}
    told = {
        stem
        for columns in numbered.values()
        for stem, one in columns.items()
        if any(stem != other and one.keys() == each.keys() for other, each in columns.items())
    }
    found = {}
    for path, table in data.tables.items():
        for stem, by_number in numbered[path].items():
            columns = list(by_number.values())
            if stem not in told and _are_names_with_blanks(data.folder, table[columns]):
                table = _joined(table, stem, columns)
        found[path] = table
    return found


def _families(names: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return names that are alike but for a number, or for the word behind or in front of one.

    Example:
        >>> _families(["id", "photo_1", "photo_2"])
        {'photo': {'1': 'photo_1', '2': 'photo_2'}}
        >>> _families(["id", "near_view", "far_view"])
        {'view': {'near': 'near_view', 'far': 'far_view'}}
    """
    found = numbered_names(names)
    for place in (0, -1):
        of_word: dict[str, dict[str, str]] = {}
        for name in names:
            words = name_words(name)
            if len(words) > 1:
                rest = words[1:] if place == 0 else words[:-1]
                of_word.setdefault(words[place], {})["_".join(rest)] = name
        found |= {
            word: each for word, each in of_word.items() if len(each) > 1 and word not in found
        }
    return found


def _are_names_with_blanks(folder: DataFolder, cells: pd.DataFrame) -> bool:
    """Return whether two columns or more hold names of images, and some blanks."""
    if len(cells.columns) < 2 or not any(cells[name].eq("").any() for name in cells):
        return False
    shown = [[cell for cell in cells[name].iloc[:_FIRST] if cell] for name in cells]
    return all(sum(_is_there(folder, cell) for cell in one) > _MOST * len(one) for one in shown)


def _joined(table: pd.DataFrame, stem: str, columns: Sequence[str]) -> pd.DataFrame:
    name = stem if stem not in table else f"{columns[0]} to {columns[-1]}"
    lists = [";".join(filter(None, row)) for row in table[columns].itertuples(index=False)]
    place = list(map(str, table.columns)).index(columns[0])
    joined = table.drop(columns=list(columns))
    joined.insert(place, name, pd.Series(lists, index=table.index, dtype=object))
    return joined


def _is_there(folder: DataFolder, name: str) -> bool:
    return bool(_named(folder, name))


def _named(folder: DataFolder, name: str) -> list[ImageFile]:
    """Return the images that a name means, also one in other small and large letters."""
    images = [image for image in folder.named(name) if image.part != "mask"]
    if images:
        return images
    folded = name.casefold()
    image = folder.by_folded_name.get(folded.rpartition("/")[2])
    if image is None:
        return []
    path, end = f"/{image.path.casefold()}", "/" + folded.lstrip("./")
    return [image] if path.endswith((end, end + image.suffix.casefold())) else []


def _as_files_are(folder: DataFolder, names: Sequence[str]) -> tuple[str, ...]:
    """Return the names of images, each image once, in the letters of the files."""
    found: dict[str, str] = {}
    for name in names:
        first = _named(folder, name)[0]
        found.setdefault(first.path, name if folder.named(name) else first.path)
    return tuple(found.values())


def _split(folder: DataFolder, cells: Sequence[str]) -> list[list[str]]:
    """Return the names that each cell lists, by the sign by which most names are those of images.

    A cell that names an image as it stands, perhaps with a blank, is one name.
    """
    known = {cell: names for cell in cells if (names := _in_brackets(cell)) is not None}
    known |= {cell: [cell] for cell in cells if _is_there(folder, cell)}
    rest = [cell for cell in cells if cell not in known]
    ways = [[_parts(cell, sign) for cell in rest] for sign in _SIGNS]

    def fit(lists: list[list[str]]) -> tuple[int, int]:
        there = sum(_is_there(folder, name) for one in lists for name in one)
        return there, -sum(map(len, lists))

    best = max(ways, key=fit)
    each = iter(best)
    return [known[cell] if cell in known else next(each) for cell in cells]


def _in_brackets(cell: str) -> list[str] | None:
    """Return the names of a list of JSON, of Python or of numpy; None for another cell.

    Example:
        >>> _in_brackets('["a.jpg", "b.jpg"]'), _in_brackets("['a.jpg' 'b.jpg']")
        (['a.jpg', 'b.jpg'], ['a.jpg', 'b.jpg'])
        >>> _in_brackets("[a.jpg, b.jpg]"), _in_brackets("a.jpg, b.jpg")
        (['a.jpg', 'b.jpg'], None)
    """
    text = cell.strip()
    if len(text) < 2 or text[0] + text[-1] not in _BRACKETS:
        return None
    try:
        items = json.loads(text)
    except ValueError:
        items = None
    if isinstance(items, list) and all(isinstance(one, str) for one in items):
        return [one.strip() for one in items]
    quoted = [first or second for first, second in _QUOTED.findall(text)]
    return quoted or _parts(text[1:-1], re.compile(r"[,;\s]+"))


def _parts(cell: str, sign: re.Pattern[str]) -> list[str]:
    parts = (one.strip().strip("\"'").strip() for one in sign.split(cell))
    return [one.replace("\\", "/") for one in parts if one]


def _without_shared(
    folder: DataFolder, listings: Sequence[_Listing], asked: Collection[str]
) -> tuple[list[_Listing], list[str]]:
    """Return the tables with the images that several rows list left out, and a note on these.

    Rows of one id are one. An image of rows of train and of one to predict stays in the latter.
    None are returned where many images are of several rows, as in a table of pairs.
    """
    rows_of: dict[str, dict[str, tuple[_Listing, int]]] = {}
    for one in listings:
        for row, (key, names) in enumerate(zip(one.table[one.key], one.names, strict=True)):
            for name in names:
                rows_of.setdefault(_path(folder, name, one), {}).setdefault(key, (one, row))
    shared = {path: keys for path, keys in rows_of.items() if len(keys) > 1}
    if not shared:
        return list(listings), []
    example, keys = next(iter(shared.items()))
    first, second = (f"row {row + 2} of {one.path}" for one, row in [*keys.values()][:2])
    told = f"{first} and {second} list {example}"
    column = next(iter(keys.values()))[0].column
    if len(shared) > _MOST_SHARED * len(rows_of):
        return [], [
            f"{column} lists {len(shared):,} of {plural(len(rows_of), 'image')} in several rows "
            f"({told}), so that an image is of no one row: no row an image is made of it"
        ]
    # The one row to predict keeps an image beside rows of train, which lose it.
    kept = {}
    for path, keys in shared.items():
        to_predict = [key for key, (one, _) in keys.items() if one.is_of_test or key in asked]
        kept[path] = to_predict[0] if len(to_predict) == 1 else None
    found = []
    for one in listings:
        left = []
        for key, names in zip(one.table[one.key], one.names, strict=True):
            pairs = [(name, _path(folder, name, one)) for name in names]
            left.append(
                tuple(name for name, path in pairs if path not in shared or kept[path] == key)
            )
        found.append(replace(one, names=tuple(left)))
    are = "images are" if len(shared) > 1 else "image is"
    note = (
        f"{len(shared):,} {are} of several rows in {column} ({told}), and left out of them, but "
        f"for a row to predict beside rows of train: {some(list(shared))}. Where such an image is "
        "of one row, take it out of the others"
    )
    return found, [note]


def _path(folder: DataFolder, name: str, one: _Listing) -> str:
    """Return the path of the image that a name in a table means; of several that of its part."""
    return min(
        _named(folder, name), key=lambda image: (image.part == "test") != one.is_of_test
    ).path


def _with_parts(
    listings: Sequence[_Listing], asked: set[str], answers: Collection[str]
) -> list[_Listing]:
    """Return the tables with whether they are of rows to predict.

    They are called so; or the sample names their rows, nearly all of them and none of other tables,
    and they have no answer.
    """

    def has_answers(one: _Listing) -> bool:
        return any(name in one.table and one.table[name].ne("").any() for name in answers)

    found = []
    for one in listings:
        ids = set(one.table[one.key])
        others = {id_ for other in listings if other is not one for id_ in other.table[other.key]}
        n = len(asked & (ids - others))
        is_asked = n >= NEARLY_ALL * max(len(asked), len(ids)) and len(listings) > 1
        is_of_test = is_test_table(one.path) or (is_asked and not has_answers(one))
        found.append(replace(one, is_of_test=is_of_test))
    return found


def _with_keys(listings: Sequence[_Listing], sample: SampleSubmission | None) -> list[_Listing]:
    """Return the tables with the column of ids, of one name in all.

    It has the ids of the sample submission; else the cells of all rows differ in it, and are no
    measures. Without such a column, rows are numbered.
    """
    ids = set() if sample is None else set(sample.table[sample.id])
    answers = set() if sample is None else set(sample.values)
    shared = set.intersection(*(set(map(str, one.table.columns)) for one in listings))
    keys = {}
    for one in listings:
        columns = [name for name in map(str, one.table.columns) if name != one.column]
        if sample is not None and sample.id in one.table:
            keys[one.path] = sample.id
            continue
        own = [name for name in columns if ids and ids <= set(one.table[name])]
        unique = [
            name
            for name in columns
            if one.table[name].is_unique
            and not one.table[name].eq("").any()
            and name not in answers
            and not has_fractions(one.table[name])
        ]
        called = [name for name in unique if _OF_IDS & {*name_words(name)}]
        others = [
            name
            for name in unique
            if numbers_of(one.table[name]) is None or (name in shared and len(listings) > 1)
        ]
        keys[one.path] = next(iter([*own, *called, *others]), "")
    first = next((keys[one.path] for one in listings if is_test_table(one.path)), "")
    first = first or next(filter(None, keys.values()), "")
    if not first:
        every = {str(name) for one in listings for name in one.table}
        first = next(name for name in _ROWS if name not in every)
    found = []
    for one in listings:
        key, table = keys[one.path], one.table
        if first not in table:
            numbers = [str(row + 1) for row in range(len(table))]
            table = table.rename(columns={key: first}) if key else table.assign(**{first: numbers})
        found.append(replace(one, table=table, key=first))
    return found


def _row_an_image(one: _Listing, *, keep: bool) -> pd.DataFrame:
    """Return the rows of the images that are there.

    Args:
        one: the table.
        keep: whether its column of lists stays, as the ids of rows.
    """
    called = next(name for name in _IMAGES if name not in one.table)
    pairs = [(row, name) for row, names in enumerate(one.names) for name in names]
    table = one.table if keep else one.table.drop(columns=one.column)
    rows = table.iloc[[row for row, _ in pairs]].reset_index(drop=True)
    rows.insert(0, called, pd.Series([name for _, name in pairs], dtype=object))
    return rows


def _table_of_labels(
    data: CompetitionData, one: _Listing, answers: Sequence[str]
) -> tuple[str, str] | None:
    """Return the table that has the labels of the rows, and its column of their ids; or None."""
    if one.is_of_test or set(answers) & set(one.table.columns):
        return None
    found = []
    for path, table in data.tables.items():
        column = _key_in(table, one) if may_be_train_table(path) else None
        if column is None or match_images(data.folder, path, table, _ANY_PART) is not None:
            continue
        if len(table.columns) > 1:
            found.append((bool(set(answers) & set(table.columns)), len(table), path, column))
    return None if not found else max(found)[2:]


def _key_in(table: pd.DataFrame, one: _Listing) -> str | None:
    """Return the column of another table that has ids of the rows, each once; None without."""
    ids = set(one.table[one.key])
    named = [name for name in map(str, table.columns) if table[name].is_unique]
    shares = {name: table[name].isin(ids).mean() for name in named if len(table)}
    known = [name for name in named if len(table) and shares[name] >= NEARLY_ALL]
    return one.key if one.key in known else next(iter(known), None)


def _with_columns(rows: pd.DataFrame, unit: str, table: pd.DataFrame, key: str) -> pd.DataFrame:
    """Return the rows with the further columns of a table of units, blank where it has no row."""
    new = [name for name in table if name != key and name not in rows]
    own = table[[key, *new]].rename(columns={key: unit})
    return rows.merge(own, on=unit, how="left", validate="m:1").fillna("")


def _notes_on_lost(one: _Listing, asked: Collection[str]) -> list[str]:
    """Return notes on the names that have no file, and on the rows that have no image."""
    ids = list(one.table[one.key])
    notes = []
    lost = {name: ids[row] for row, names in enumerate(one.lost) for name in names}
    if lost:
        named = ", ".join(f"{name!r} of {id_!r}" for name, id_ in [*lost.items()][:_SHOWN])
        named += f" and {len(lost) - _SHOWN:,} more" if len(lost) > _SHOWN else ""
        what = "name has no file and is" if len(lost) == 1 else "names have no file and are"
        notes.append(f"{len(lost):,} {what} left out of {one.column} of {one.path}: {named}")
    to_predict = _bare(one, asked)
    bare = {id_ for id_, names in zip(ids, one.names, strict=True) if not names}
    rest = [id_ for id_ in ids if id_ in bare - {*to_predict}]
    if rest:
        notes.append(f"{_rows_of(rest, one.path)} that is there; left out: {some(rest)}")
    if to_predict:
        notes.append(_to_mend(to_predict, one.path, one.key))
    return notes


def _rows_of(ids: Sequence[str], path: str) -> str:
    return f"{plural(len(ids), 'row')} of {path} {'have' if len(ids) > 1 else 'has'} no image"


def _to_mend(ids: Sequence[str], path: str, key: str) -> str:
    return (
        f"to mend before sending: {_rows_of(ids, path)}, and {'are' if len(ids) > 1 else 'is'} to "
        f"be predicted ({key}: {some(ids)}): nothing predicts them, and podium submit refuses a "
        "file without them: put an image of such a name there, or ask the host"
    )


def _bare(one: _Listing, asked: Collection[str]) -> list[str]:
    """Return the rows to predict without an image, by the cell of their ids."""
    rows = zip(one.table[one.key], one.names, strict=True)
    return [id_ for id_, names in rows if not names and (one.is_of_test or id_ in asked)]
