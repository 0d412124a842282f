"""Rows for the things in images that rows name: their labels and places stand in several tables.

labels.csv:  plate,row,1,2     places.csv: plate,well,x,y,r     made: id,plate,x,y,r,label
             P1,A,0,3                      P1,A1,32,32,17    →        P1-A01,P1,32,32,17,0
             P1,B,,2                       P1,A2,72,32,17             P1-A02,P1,72,32,17,3 …

Labels stand in a map (`maps`), or in a row for each thing. Ids are as the sample submission has
them; it names the things to predict, or is such a map itself. Places without a column of images are
those of each image. Where no table has places, those of a map are a grid that the photos show.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import permutations
from typing import NamedTuple

import pandas as pd

from podium.competition.infer.conversions.images.place_grids import find_grid
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.conversions.tables.rows.maps import (
    PlaceKey,
    PlaceMap,
    column_of_images,
    find_map,
    join_maps,
)
from podium.competition.infer.conversions.tables.rows.several_rows import (
    box_columns,
    circle_columns,
)
from podium.competition.infer.files import DataFolder, ImageFile
from podium.competition.infer.ids.pieces import text_pieces
from podium.competition.infer.labels.cells import numbers_of
from podium.competition.infer.shares import ALL_BUT_FEW, HALF
from podium.errors import DataError, plural, some

__all__ = [
    "PlacedRows",
    "place_of_table",
    "refuse_unplaced",
    "rows_of_places",
    "sample_of_map",
]

_RUN = re.compile(r"\d+|[^\W\d_]+")
_BOX = 4  # columns
_MOST_IDS = 3  # columns of a sample that name a thing together
_BOX_NAMES = ("x", "y", "w", "h")
_GRID = "the grid in the photos"
SIGN = "_"
"""Between the pieces of ids of things that a sample names by several columns."""


class _PlaceToPredict(NamedTuple):
    """A thing that a row, or a cell, of the sample submission is of.

    Attributes:
        id: its own.
        image: that it is in.
        key: the name of its place, by its pieces.
        text: what its id has behind that of the image.
    """

    id: str
    image: ImageFile
    key: PlaceKey
    text: str


class _ToPredict(NamedTuple):
    """The things of a sample submission, and its columns that name them; () of a map."""

    things: list[_PlaceToPredict]
    columns: tuple[str, ...] = ()


class PlacedRows(NamedTuple):
    """Rows of train and of test with an id, an image and a place each.

    Attributes:
        id, image: the columns with these.
        place: the columns of a box, or of a circle.
        tables: of train and of test.
        used: the tables that they are made of, without the sample submission.
        sample: the path of this.
        notes: on cells that are left out, and on places that no table has.
    """

    id: str
    image: str
    place: Sequence[str]
    tables: Mapping[str, MadeTable]
    used: frozenset[str]
    sample: str
    notes: tuple[str, ...]


class _Thing(NamedTuple):
    """A thing with a label: its image, the name of its place, and the other cells of its row."""

    image: ImageFile
    key: PlaceKey
    cells: Mapping[str, str]

    @property
    def label(self) -> str:
        """What stands in a map: the last cell."""
        return list(self.cells.values())[-1]


class _Labelled(NamedTuple):
    """What a table tells of things in images: these, the column of images, and that of labels."""

    path: str
    image: str
    things: Sequence[_Thing]
    is_map: bool


def place_of_table(table: pd.DataFrame) -> list[str]:
    """Return the four columns of a box, or the three of a circle; [] without."""
    box = box_columns(table)
    return box if len(box) == _BOX else circle_columns(table) if not box else []


def rows_of_places(
    folder: DataFolder,
    tables: Mapping[str, pd.DataFrame],
    samples: Callable[[Mapping[str, pd.DataFrame]], Sequence[str]],
    label: str | None = None,
) -> PlacedRows | None:
    """Return a row for each thing in an image that a table has the label, or the sample a row, of.

    Args:
        folder: with the images.
        tables: all, by path.
        samples: returns the paths of the sample submissions among tables.
        label: the columns that a person calls labels, between commas: those of whole images are no
            places that photos would show.

    Raises:
        DataError: the table of places lacks some of these.
    """
    placed = {path: columns for path, one in tables.items() if (columns := place_of_table(one))}
    if len({*map(tuple, placed.values())}) > 1:
        return None
    tables, files = join_maps(tables, lambda cell: _image(folder, cell) is not None)
    maps = _maps_of(folder, tables)
    path = next(iter(samples(tables)), None) or _sample_map(maps)
    if path is None:
        return None
    asked = _places_to_predict(folder, tables[path], maps.get(path))
    if asked is None:
        return None
    answers = [one for one in map(str, tables[path].columns) if one not in asked.columns]
    answer = answers[0] if asked.columns and len(answers) == 1 else ""
    labelled = _labelled(folder, tables, maps, (path, *placed), asked, answer)
    if labelled is None:
        return None
    pairs = _pairs(maps[labelled.path]) if labelled.is_map else {}
    asked = _straight(asked, pairs)
    labelled, notes = _without_unlabelled_places(labelled, {one.key for one in asked.things})
    making = partial(_RowsOfThings, folder, tables, files, labelled, asked, sample=path)
    if not placed:
        of = maps.get(labelled.path)
        is_map = of is not None and _are_its_places(of, maps.get(path), labelled, asked)
        if of is None or not is_map or {*(label or "").split(",")} & {*of.columns}:
            return None
        found = _grid_places(folder, of, labelled, asked)
        if found is None:
            return None
        notes = (*notes, found.note)
        return making(found.places, _BOX_NAMES, (), notes=notes).rows()
    wanted = {(one.image.path, one.key) for one in labelled.things}
    wanted |= {(one.image.path, one.key) for one in asked.things}
    places = dict[tuple[str, PlaceKey], list[str]]()
    for source, columns in placed.items():
        places |= _places(folder, tables[source], columns, wanted, pairs)
    n_placed = sum(_place(places, *one) is not None for one in wanted)
    if n_placed < ALL_BUT_FEW * len(wanted):
        return None
    if n_placed < len(wanted):
        lacking = [
            f"{' '.join(key)} of {image}"
            for image, key in sorted(wanted)
            if _place(places, image, key) is None
        ]
        raise DataError(
            f"no place is given of {plural(len(lacking), 'thing')}: {some(lacking)}",
            where=folder.path / next(iter(placed)),
            fix="add a row for each of them",
        )
    columns = place_of_table(tables[next(iter(placed))])
    return making(places, columns, tuple(placed), notes=notes).rows()


class _GridPlaces(NamedTuple):
    """The boxes of a grid that photos show, by image and name of the place, and a note."""

    places: dict[tuple[str, PlaceKey], list[str]]
    note: str


def _grid_places(
    folder: DataFolder, of: PlaceMap, labelled: _Labelled, asked: _ToPredict
) -> _GridPlaces | None:
    """Return the places that all photos show, where a map calls them as a plate; None without."""
    if not of.is_numbered or {*of.table.columns} & {*_BOX_NAMES}:
        return None
    each: dict[PlaceKey, tuple[int, int]] = {
        (*text_pieces(row), *text_pieces(column)): of.place(row, column)
        for row in of.table[of.row].unique()
        for column in of.columns
    }
    parts = [{one.image.path for one in things} for things in (labelled.things, asked.things)]
    n_rows, n_columns = of.table[of.row].nunique(), len(of.columns)
    grid = find_grid(folder.path, parts, n_rows, n_columns)
    if grid is None:
        return None
    wanted = {(one.image.path, one.key) for one in labelled.things}
    wanted |= {(one.image.path, one.key) for one in asked.things}
    places = {(path, key): grid.box(path, *each[key]) for path, key in wanted if key in each}
    corner = min(each, key=lambda key: each[key])
    first = "".join(corner).upper()
    note = (
        f"no table has the places: all photos show {n_rows} × {n_columns} of them, {first} at the "
        f"upper left, {grid.describe()}. Where these are others, write places.csv into the data, "
        "with the columns place, x, y, r (centre and radius)"
    )
    return _GridPlaces(places, note) if len(places) == len(wanted) else None


def sample_of_map(
    folder: DataFolder, path: str, table: pd.DataFrame
) -> tuple[MadeTable, dict[str, object]] | None:
    """Return a sample submission that is a map with a row for each filled cell, and its form.

    Each cell is of the image that is called as image, row and column together, as `P1_A_2`. Files
    to send have the columns again (`submission.file.pivot`).
    """
    starts = {one.stem.rsplit(SIGN, 2)[0] for one in folder.images}
    found = find_map(path, table, starts.__contains__)
    if found is None or found.others:
        return None
    each = found.table[[found.image, found.row]].apply(SIGN.join, axis=1)
    cells = list(found.cells())
    ids = [f"{each[one.line]}{SIGN}{one.column}" for one in cells]
    if not ids or any(_image(folder, one) is None for one in ids):
        return None
    column = next(one for one in ("column", "column of the place") if one not in table)
    id_ = next(one for one in ("id", "id of the place") if one not in table)
    label = _label_of_map(table)
    made = pd.DataFrame({id_: ids, label: [one.label for one in cells]}, dtype=object)
    id_of = SIGN.join(f"{{{one}}}" for one in (found.image, found.row, column))
    reader = f"{path} with a row for each cell, as {found.columns[0]} to {found.columns[-1]} are "
    reader += "columns of places"
    return MadeTable((path,), reader, made), {"id_of": id_of, "pivot": list(found.columns)}


def refuse_unplaced(
    folder: DataFolder, tables: Mapping[str, pd.DataFrame], sample: str, of_sample: pd.DataFrame
) -> None:
    """Raise where labels of a map are those of things in images, and no table has their places.

    The sample submission names these things by ids; or it is such a map itself, with rows called A,
    B, C … and columns called 1, 2, 3 …: tables with several labels of an image may be alike.

    Args:
        folder: with the images.
        tables: all, by path, without the sample.
        sample: its path.
        of_sample: its cells.

    Raises:
        DataError: podium must know where the things lie.
    """
    tables, _ = join_maps(tables, lambda cell: _image(folder, cell) is not None)
    maps = _maps_of(folder, {**tables, sample: of_sample})
    own = maps.pop(sample, None)
    asked = _places_to_predict(folder, of_sample, own) if maps else None
    if asked is None:
        return
    for path, one in maps.items():
        named = _straight(asked, _pairs(one))
        of_map = _things_of_map(folder, one, "")
        labelled, _ = _without_unlabelled_places(of_map, {place.key for place in named.things})
        if not _are_its_places(one, own, labelled, named):
            continue
        rows, first = list(one.table[one.row]), next(one.cells())
        image, row = one.table[one.image].iloc[first.line], rows[first.line]
        labels = ",".join(one.columns)
        raise DataError(
            f"each cell is of a place in the image that its row names, as {row}{first.column} of "
            f"{image}, and no table has these places, nor do all photos show one grid for sure",
            where=folder.path / path,
            fix=f"write places.csv into the data, with the columns {one.image}, place, x, y, w, h "
            f"(left, top, width and height in pixels) or {one.image}, place, x, y, r (centre and "
            f"radius), and a row for each, as {image},{row}{first.column},15,15,34,34; leave "
            f"{one.image} out where places are the same in all images. Where the columns are "
            f"labels of whole images: podium init --label {labels}",
        )


def _maps_of(folder: DataFolder, tables: Mapping[str, pd.DataFrame]) -> dict[str, PlaceMap]:
    """Return the tables that may be maps of places, by path."""

    def is_image(cell: str) -> bool:
        return _image(folder, cell) is not None

    found = ((path, find_map(path, table, is_image)) for path, table in tables.items())
    return {path: one for path, one in found if one is not None}


def _sample_map(maps: Mapping[str, PlaceMap]) -> str | None:
    """Return the map that is a sample submission by what it holds; None without.

    It is the one whose cells are all the same, and has the columns of another map and none of its
    images.
    """
    found = [
        path
        for path, one in maps.items()
        if not one.others
        and len({cell.label for cell in one.cells()}) == 1
        and any(_is_like(one, other) for other in maps.values())
    ]
    return found[0] if len(found) == 1 else None


def _is_like(one: PlaceMap, other: PlaceMap) -> bool:
    """Return whether two maps have the same columns, and no image in common."""
    same = (one.image, one.row, one.columns) == (other.image, other.row, other.columns)
    return same and {*one.table[one.image]}.isdisjoint(other.table[other.image])


def _image(folder: DataFolder, cell: str) -> ImageFile | None:
    """Return the image that a cell names alone."""
    images = folder.named(cell) if cell else []
    return images[0] if len(images) == 1 else None


def _places_to_predict(
    folder: DataFolder, table: pd.DataFrame, as_map: PlaceMap | None = None
) -> _ToPredict | None:
    """Return the things that a sample submission has a row, or a cell, for; None of other samples.

    Its first column begins with the name of an image and goes on with that of a place; or it names
    the image, and the one or two behind it the place.

    Args:
        folder: with the images.
        table: the sample.
        as_map: the sample, where it may be a map of places.
    """
    if as_map is not None and not as_map.others:
        images = [_image(folder, one) for one in as_map.table[as_map.image]]
        rows = list(as_map.table[as_map.row])
        each = [(images[one.line], (rows[one.line], one.column)) for one in as_map.cells()]
        return _ToPredict(
            [_place_to_predict(image, names) for image, names in each if image is not None]
        )
    ids = list(table.iloc[:, 0])
    if (found := _ids_with_places(folder, ids)) is not None:
        return _ToPredict(found, (str(table.columns[0]),))
    if not all(_image(folder, one) for one in {*ids}):
        return None
    for n in range(2, min(_MOST_IDS + 1, len(table.columns))):
        columns = tuple(map(str, table.columns[:n]))
        if not table.duplicated([*columns]).any():
            rows_of_ids = table[[*columns]].itertuples(index=False)
            of_rows = [(_image(folder, first), rest) for first, *rest in rows_of_ids]
            things = [
                _place_to_predict(image, names) for image, names in of_rows if image is not None
            ]
            return _ToPredict(things, columns)
    return None


def _place_to_predict(image: ImageFile, names: Sequence[str]) -> _PlaceToPredict:
    """Return the thing in an image that one name, or two, of its place are of."""
    text = _joined(*names)
    key = tuple(one for name in names for one in text_pieces(name))
    return _PlaceToPredict(f"{image.stem}{text}", image, key, text)


def _joined(*pieces: str) -> str:
    return "".join(f"{SIGN}{one}" for one in pieces)


def _ids_with_places(folder: DataFolder, ids: Sequence[str]) -> list[_PlaceToPredict] | None:
    """Return the things of ids that are an image and a place each; None where one is not."""
    images = {text_pieces(one.stem): one for one in folder.images if _image(folder, one.stem)}
    longest = max(map(len, images), default=0)
    found = []
    for id_ in ids:
        runs = [*_RUN.finditer(id_)]
        pieces = text_pieces(id_)
        ends = range(min(longest, len(pieces) - 1), 0, -1) if len(runs) == len(pieces) else ()
        n = next((one for one in ends if pieces[:one] in images), 0)
        if not n:
            return None
        text = id_[runs[n - 1].end() :]
        found.append(_PlaceToPredict(id_, images[pieces[:n]], pieces[n:], text))
    return found


def _straight(asked: _ToPredict, pairs: Mapping[PlaceKey, PlaceKey]) -> _ToPredict:
    """Return the things with the names of places as a map has them."""
    things = [one._replace(key=pairs.get(one.key, one.key)) for one in asked.things]
    return asked._replace(things=things)


def _are_its_places(
    of: PlaceMap, own: PlaceMap | None, labelled: _Labelled, asked: _ToPredict
) -> bool:
    """Return whether the things to predict have the places of a map, as far as names tell.

    Args:
        of: the map.
        own: the sample, where it may be a map of places, too.
        labelled: the things of the map.
        asked: those to predict.
    """
    if own is not None and not (_is_like(own, of) and own.is_numbered and of.is_numbered):
        return False
    keys = {one.key for one in labelled.things}
    named = {one.key for one in asked.things}
    # Controls may have labels, and are not asked for.
    n_both = len(named & keys)
    return n_both >= ALL_BUT_FEW * len(named) and n_both >= HALF * len(keys)


def _without_unlabelled_places(
    labelled: _Labelled, keys: Collection[PlaceKey]
) -> tuple[_Labelled, tuple[str, ...]]:
    """Return the things without those whose label is none, and a note on these.

    A label, other than a number, that stands only at places which the sample never asks for, as
    `SC` of a control, is none.

    Args:
        labelled: of a map or of rows.
        keys: the names of places that are asked for in any image.
    """
    labels = [one.label for one in labelled.things]
    asked = {one.label for one in labelled.things if one.key in keys}
    is_none = {one for one in labels if one not in asked and numbers_of(pd.Series([one])) is None}
    if not labelled.is_map or not asked or not is_none:
        return labelled, ()
    kept = [one for one in labelled.things if one.label not in is_none]
    places = {"".join(one.key).upper() for one in labelled.things if one.label in is_none}
    note = (
        f"{plural(len(labels) - len(kept), 'cell')} of {labelled.path} are left out: "
        f"{some(sorted(is_none))} stands only at {some(sorted(places))}, which the sample "
        "submission never asks for"
    )
    return labelled._replace(things=kept), (note,)


def _pairs(of: PlaceMap) -> dict[PlaceKey, PlaceKey]:
    """Return the names of places with the column first, by those with the row first."""
    each = [
        (text_pieces(row), text_pieces(column))
        for row in of.table[of.row].unique()
        for column in of.columns
    ]
    straight = {row + column for row, column in each}
    return {column + row: row + column for row, column in each if column + row not in straight}


def _labelled(
    folder: DataFolder,
    tables: Mapping[str, pd.DataFrame],
    maps: Mapping[str, PlaceMap],
    others: Collection[str],
    asked: _ToPredict,
    label: str,
) -> _Labelled | None:
    """Return the things of the one table of labels; None where there is none, or several.

    Args:
        folder: with the images.
        tables: all, by path.
        maps: those that may be maps.
        others: the paths of the sample submission and of tables of places.
        asked: what is to be predicted, of whose images no label is known.
        label: what the cells of a map are called; "" as none of its columns is.
    """
    rest = {path: one for path, one in tables.items() if path not in others}
    found = [_things_of_map(folder, one, label) for path, one in maps.items() if path in rest]
    if not found:
        of_rows = (_things_of_rows(folder, path, one) for path, one in rest.items())
        found = [one for one in of_rows if one is not None]
    apart = {one.image.path for one in asked.things}
    found = [
        one
        for one in found
        if one.things and apart.isdisjoint(thing.image.path for thing in one.things)
    ]
    return found[0] if len(found) == 1 else None


def _things_of_map(folder: DataFolder, of: PlaceMap, label: str) -> _Labelled:
    label = label if label and label not in of.table else _label_of_map(of.table)
    images = [_image(folder, one) for one in of.table[of.image]]
    rows = of.table[[of.row, *of.others]].to_dict("records")
    things = []
    for cell in of.cells():
        image, row = images[cell.line], rows[cell.line]
        if image is not None:
            others = {name: row[name] for name in of.others}
            key = (*text_pieces(row[of.row]), *text_pieces(cell.column))
            things.append(_Thing(image, key, {**others, label: cell.label}))
    return _Labelled(of.path, of.image, things, is_map=True)


def _label_of_map(table: pd.DataFrame) -> str:
    """Return what the cells of a map are called: as none of its columns is."""
    return next(one for one in ("label", "value", "label of the place") if one not in table)


def _things_of_rows(folder: DataFolder, path: str, table: pd.DataFrame) -> _Labelled | None:
    """Return the things of a table with a row for each: two columns name it, and a third is."""
    image = column_of_images(table, lambda cell: _image(folder, cell) is not None)
    if image is None or table[image].is_unique:
        return None
    rest = [one for one in map(str, table.columns) if one != image]
    place = next((one for one in rest if not table.duplicated([image, one]).any()), None)
    others = [one for one in rest if one != place]
    if place is None or not others:
        return None
    things = [
        _Thing(found, _without(text_pieces(row[place]), found), {one: row[one] for one in others})
        for row in table.to_dict("records")
        if (found := _image(folder, row[image])) is not None
    ]
    return _Labelled(path, image, things, is_map=False)


def _without(key: PlaceKey, image: ImageFile) -> PlaceKey:
    """Return the name of a place without that of its image, with which it may begin."""
    own = text_pieces(image.stem)
    return key[len(own) :] if key[: len(own)] == own and len(key) > len(own) else key


def _places(
    folder: DataFolder,
    table: pd.DataFrame,
    columns: Sequence[str],
    wanted: Collection[tuple[str, PlaceKey]],
    pairs: Mapping[PlaceKey, PlaceKey],
) -> dict[tuple[str, PlaceKey], list[str]]:
    """Return the cells of box or circle by image and name of the place; "" is each image.

    One column names the places, or two together: those that name most of the `wanted` ones.
    """
    image = column_of_images(table, lambda cell: _image(folder, cell) is not None)
    rest = [one for one in map(str, table.columns) if one not in (image, *columns)]
    cells = table[list(columns)].to_numpy().tolist()
    images = [None] * len(table) if image is None else [_image(folder, one) for one in table[image]]
    best = dict[tuple[str, PlaceKey], list[str]]()
    most = 0
    for names in [*((one,) for one in rest), *permutations(rest, 2)]:
        found = dict[tuple[str, PlaceKey], list[str]]()
        rows = table[list(names)].itertuples(index=False)
        for at, row, place in zip(images, rows, cells, strict=True):
            key = tuple(one for cell in row for one in text_pieces(str(cell)))
            key = key if at is None else _without(key, at)
            found.setdefault(("" if at is None else at.path, pairs.get(key, key)), place)
        n = sum(_place(found, *one) is not None for one in wanted)
        if n > most and len(found) == len(table):
            best, most = found, n
    return best


def _place(
    places: Mapping[tuple[str, PlaceKey], list[str]], image: str, key: PlaceKey
) -> list[str] | None:
    return places.get((image, key)) or places.get(("", key))


@dataclass(frozen=True)
class _RowsOfThings:
    """Makes the rows of train and of test; facts of images are those of the things in them.

    Attributes:
        folder: with the images.
        tables: all, by path.
        files: those that a table was joined of, by its path.
        labelled: the things of train.
        asked: those to predict.
        places: of all, by image and name.
        columns: of these.
        placed: the paths of the tables of places.
        sample: the path of the sample submission.
        notes: on what was left out, and on a grid.
    """

    folder: DataFolder
    tables: Mapping[str, pd.DataFrame]
    files: Mapping[str, tuple[str, ...]]
    labelled: _Labelled
    asked: _ToPredict
    places: Mapping[tuple[str, PlaceKey], list[str]]
    columns: Sequence[str]
    placed: tuple[str, ...]
    sample: str
    notes: tuple[str, ...]

    def rows(self) -> PlacedRows:
        """Return the tables."""
        spelt = _speller(self.asked.things)
        things, asked = self.labelled.things, self.asked.things
        of_train = {
            self._id: [one.image.stem + spelt(one.key) for one in things],
            **self._cells(things),
            **{name: [one.cells[name] for one in things] for name in things[0].cells},
        }
        of_test = {self._id: [one.id for one in asked], **self._cells(asked)}
        of_test = {name: cells for name, cells in of_test.items() if any(cells)}
        facts = tuple(dict.fromkeys(path for path, _ in self._facts.values()))
        made = {}
        for part, columns in (("train", of_train), ("test", of_test)):
            own = self.labelled.path if part == "train" else self.sample
            told = (own, *(self.placed or (_GRID,)), *facts)
            reader = f"{', '.join(self.columns)} of {', '.join(told)}"
            table = pd.DataFrame(columns, dtype=object)
            made[part] = MadeTable(self._files_of(*self.placed, own, *facts), reader, table)
        used = frozenset(self._files_of(self.labelled.path, *self.placed, *facts))
        return PlacedRows(
            self._id, self.labelled.image, self.columns, made, used, self.sample, self.notes
        )

    def _files_of(self, *paths: str) -> tuple[str, ...]:
        return tuple(file for path in paths for file in self.files.get(path, (path,)))

    @cached_property
    def _taken(self) -> set[str]:
        """The columns of images, labels and places."""
        return {self.labelled.image, *self.labelled.things[0].cells, *self.columns}

    @cached_property
    def _id(self) -> str:
        """The column of ids: as the sample calls it, where it has one."""
        own = self.asked.columns if len(self.asked.columns) == 1 else ()
        return str(next(one for one in (*own, "id", "id of the thing") if one not in self._taken))

    def _cells(self, things: Sequence[_Thing | _PlaceToPredict]) -> dict[str, list[str]]:
        """Return the image, the facts of it and the place of each thing, by column."""
        paths = [one.image.path for one in things]
        placed = [_place(self.places, one.image.path, one.key) or () for one in things]
        return {
            self.labelled.image: [one.image.stem for one in things],
            **{name: [cells.get(path, "") for path in paths]
               for name, (_, cells) in self._facts.items()},
            **dict(zip(self.columns, map(list, zip(*placed, strict=True)), strict=True)),
        }  # fmt: skip

    @cached_property
    def _facts(self) -> dict[str, tuple[str, dict[str, str]]]:
        """What tables with a row an image tell: by column, their path and the cell by image.

        What is the same of all images of train is left out.
        """
        found = dict[str, tuple[str, dict[str, str]]]()
        of_train = {one.image.path for one in self.labelled.things}
        for path, table in self.tables.items():
            image = column_of_images(table, lambda cell: _image(self.folder, cell) is not None)
            is_other = path in (self.sample, self.labelled.path, *self.placed)
            if is_other or image is None or not table[image].is_unique:
                continue
            images = [_image(self.folder, one) for one in table[image]]
            paths = ["" if one is None else one.path for one in images]
            if not of_train <= {*paths}:
                continue
            for column in map(str, table.columns):
                cells = dict(zip(paths, table[column], strict=True))
                is_new = column not in {image, self._id, *self._taken, *found}
                if is_new and len({cells[one] for one in of_train}) > 1:
                    found[column] = path, cells
        return found


def _speller(asked: Sequence[_PlaceToPredict]) -> Callable[[PlaceKey], str]:
    """Return what writes the name of a place as ids have it: with their signs, case and zeros."""
    known = {one.key: one.text for one in asked}
    first = asked[0].text
    texts = [[run[0] for run in _RUN.finditer(one.text)] for one in asked]
    has_zeros = [any(run[0] == "0" != run for run in each) for each in zip(*texts, strict=False)]
    widths = [len(run) if zeros else 1 for run, zeros in zip(texts[0], has_zeros, strict=False)]

    def spelt(key: PlaceKey) -> str:
        if key in known or len(key) != len(texts[0]):
            return known.get(key, _joined(*key))
        cells = iter(zip(key, widths, strict=True))

        def as_known(run: re.Match[str]) -> str:
            piece, width = next(cells)
            return str(piece.upper() if run[0].isupper() else piece.zfill(width))

        return _RUN.sub(as_known, first)

    return spelt
