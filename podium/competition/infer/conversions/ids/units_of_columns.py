"""Rows of a table, and of the sample submission, that several columns name: a hive and a date.

kaptar  datum       atkak
K03     2024-05-01  12     →  train/K03/2024-05-01/IMG_1.jpg, IMG_2.jpg, …

Each row is of several images: a unit. The folders of the images, or parts of the names of files,
are cells of the columns; or a table of images has these columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import pandas as pd

from podium.competition.ids.patterns import without_zeros
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import ImageFile, is_test_table, may_be_train_table
from podium.competition.infer.ids.dates import date_forms
from podium.competition.infer.image_tables import match_images, match_of_train
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.shares import NEARLY_ALL
from podium.errors import some

__all__ = ["ImagesOfUnits", "images_of_units", "sample_of_units"]

_MOST_COLUMNS = 8
_MOST_KEYS = 3
_SIGNS = ("_", "__", "-", ".", " ")
_BETWEEN = ("/", "_", "|", "~")
_IMAGES = ("image", "image file", "path of the image")


@dataclass(frozen=True)
class ImagesOfUnits:
    """Tables with a row for each image, of units that columns name together.

    Attributes:
        path: of the table of units.
        train: with their images.
        test: the images to predict, with the cells of these columns; None without such.
        test_path: of the table of units to predict, which `test` is in place of; "" without one.
    """

    path: str
    train: MadeTable
    test: MadeTable | None
    test_path: str


def sample_of_units(data: CompetitionData) -> SampleSubmission | None:
    """Return a sample with one column of ids in place of its first ones, or None.

    None but where these are the columns of a table, none of them names a row alone, and a table of
    images has all that the sample names: its rows are of several images each, or of one.
    """
    sample = data.sample
    if sample is None or {"lookup", "wide", "kind", "id_of"} & sample.file.keys():
        return None
    header = [sample.id, *sample.values]
    for n in range(2, min(_MOST_KEYS, len(header) - 1) + 1):
        keys = header[:n]
        cells = sample.table[keys]
        is_key = not cells.duplicated().any() and not any(cells[one].is_unique for one in keys)
        if not is_key or (cells == "").any(axis=None):
            continue
        wanted = set(cells.itertuples(index=False, name=None))
        for path, table in data.tables.items():
            if not set(keys) <= set(table.columns) or set(header[n:]) & {*keys}:
                continue
            match = match_images(data.folder, path, table, ("test", "other", "train"))
            if match is None or match.id in keys:
                continue
            # A key of image and class is of no table: the classes of these images are asked for.
            if wanted <= set(table[keys].itertuples(index=False, name=None)):
                return _with_one_id(sample, keys)
    return None


def _with_one_id(sample: SampleSubmission, keys: Sequence[str]) -> SampleSubmission | None:
    """Return the sample with its first columns joined by a sign that no cell has."""
    texts = ["".join(row) for row in sample.table[[*keys]].itertuples(index=False, name=None)]
    sign = next((one for one in _BETWEEN if not any(one in text for text in texts)), None)
    if sign is None:
        return None
    return sample.with_one_id(sign.join(f"{{{one}}}" for one in keys), of="unit")


def images_of_units(data: CompetitionData) -> ImagesOfUnits | None:
    """Return tables with a row for each image of the units of a table of train, or None.

    None but where no column names images, and parts of their paths are cells of two or three
    columns, which name a row together. The parts may be spelt otherwise, as dates are.
    """
    folder, sample = data.folder, data.sample
    train = folder.train_images
    test = folder.of_part("test")
    if sample is None or not train:
        return None
    answers = sample.values if sample.table[sample.id].is_unique else sample.values[-1:]
    for path, table in data.tables.items():
        if not may_be_train_table(path) or len(table) < 2:
            continue
        # Classes that are numbers name numbered images by chance.
        asked = [one for one in table if set(table[one]) <= set(sample.values)]
        known_of = table.drop(columns=[*answers, *asked], errors="ignore")
        if known_of.empty or match_of_train(folder, path, known_of) is not None:
            continue
        places = _places(train, known_of)
        for keys in _keys(table, places):
            own = _units_of(train, keys, places, table)
            rows = table[list(keys)].itertuples(index=False, name=None)
            known = set(rows)
            n_known = sum(one in known for one in own)
            n_rows = len(known.intersection(own))
            is_pool = not test and not folder.of_part("train")
            if n_rows < NEARLY_ALL * len(table):
                continue
            if not is_pool and n_known < NEARLY_ALL * len(train):
                continue
            if n_known == n_rows and all(places[one].how == "plain" for one in keys):
                continue  # an image a row, which is named by its path
            images = [*train, *test]
            units = [*own, *(_units_of(test, keys, places, table) if test else [])]
            return _made(path, table, keys, images, units, data.tables, sample)
    return None


@dataclass(frozen=True)
class _PathPiece:
    """A part of the paths of images that holds the cells of a column.

    Attributes:
        back: which folder, from the last one; -1 is the file's name.
        sign: that parts it; "" where all of it is meant.
        piece: which of its pieces.
        how: what the texts are in the column: as they are, numbers without zeros, or dates.
    """

    back: int
    sign: str
    piece: int
    how: str

    def text(self, image: ImageFile) -> str:
        """Return the part of an image's path; "" without one."""
        folders = image.folder.split("/") if image.folder else []
        parts = [*folders, image.stem][::-1]
        if self.back >= len(parts):
            return ""
        pieces = parts[self.back].split(self.sign) if self.sign else [parts[self.back]]
        return pieces[self.piece] if self.piece < len(pieces) else ""


def _places(images: Sequence[ImageFile], table: pd.DataFrame) -> dict[str, _PathPiece]:
    """Return where the paths of images hold the cells of each column, the whole folders first."""
    depth = max(image.folder.count("/") + 2 for image in images)
    signs = ("", *_SIGNS)
    most = 1 + max(image.path.count(sign) for image in images for sign in _SIGNS)
    ways = [
        _PathPiece(back, sign, piece, "")
        for sign in signs
        for back in range(min(depth, 8))
        for piece in range(1 if not sign else min(most, 6))
    ]
    texts = {way: [way.text(image) for image in images] for way in ways}
    found: dict[str, _PathPiece] = {}
    columns = [str(one) for one in table.columns if table[one].str.len().between(1, 64).all()]
    for column in columns[:_MOST_COLUMNS]:
        cells = set(table[column])
        if len(cells) < 2:
            continue
        for way, own in texts.items():
            how = next(_hows(set(own) - {""}, cells), None)
            if how is not None:
                found[column] = replace(way, how=how)
                break
    return found


def _hows(texts: set[str], cells: set[str]) -> Iterator[str]:
    """Yield the ways in which nearly all cells are among the texts."""
    for how in ("plain", "number", "date"):
        spelt = _respelt(texts, cells, how)
        if len(cells & set(spelt.values())) >= NEARLY_ALL * len(cells):
            yield how


def _respelt(texts: set[str], cells: set[str], how: str) -> dict[str, str]:
    """Return the texts as the cells of a column are spelt; those that cannot be are as they are."""
    if how == "plain":
        return {one: one for one in texts}
    if how == "number":
        # Numbers of folders have zeros in front, as K03 beside K3 has not.
        return {one: without_zeros(one) for one in texts}
    best: dict[str, str] = {}
    n_best = 0
    reads = date_forms({one for one in texts if re.search(r"\d", one)})
    for write in date_forms(cells):
        for read in reads:
            days = {one: read.read(one) for one in texts}
            spelt = {one: one if day is None else write.write(day) for one, day in days.items()}
            n = len(cells & set(spelt.values()))
            if n > n_best:
                best, n_best = spelt, n
    return best


def _keys(table: pd.DataFrame, places: Mapping[str, _PathPiece]) -> Iterator[tuple[str, ...]]:
    """Yield the columns, the fewest first, that name a row together and none of which does so."""
    several = [one for one in places if not table[one].is_unique]
    if len(several) < len(places):
        return  # a column names the rows alone
    for n in range(2, _MOST_KEYS + 1):
        for keys in combinations(several, n):
            spots = {(places[one].back, places[one].sign, places[one].piece) for one in keys}
            if len(spots) == n and not table.duplicated(list(keys)).any():
                yield keys


def _units_of(
    images: Sequence[ImageFile],
    keys: Sequence[str],
    places: Mapping[str, _PathPiece],
    table: pd.DataFrame,
) -> list[tuple[str, ...]]:
    """Return the cells of the columns for each image."""
    columns = []
    for key in keys:
        place = places[key]
        texts = [place.text(image) for image in images]
        spelt = _respelt(set(texts), set(table[key]), place.how)
        columns.append([spelt.get(text, text) for text in texts])
    return list(zip(*columns, strict=True))


def _made(
    path: str,
    table: pd.DataFrame,
    keys: Sequence[str],
    images: Sequence[ImageFile],
    units: Sequence[tuple[str, ...]],
    tables: Mapping[str, pd.DataFrame],
    sample: SampleSubmission,
) -> ImagesOfUnits:
    """Return the tables of images: those of units of `table`, and those of the units to predict."""
    called = next(one for one in _IMAGES if one not in table)
    rows = pd.DataFrame(units, columns=list(keys), dtype=object)
    rows.insert(0, called, [image.path for image in images])
    train = rows.merge(table, on=list(keys), validate="m:1")
    reader = f"{path} with a row for each image of its {some(list(keys))}"
    rest = rows[~rows[called].isin(train[called])]
    test, test_path = None, ""
    for other, one in tables.items():
        if is_test_table(other) and set(keys) <= set(one) and not one.duplicated([*keys]).any():
            rest, test_path = rest.merge(one, on=list(keys), validate="m:1"), other
            break
    if not test_path and set(keys) <= set(sample.table) and not rest.empty:
        # Images of further units are of neither.
        asked = sample.table[list(keys)].drop_duplicates()
        named = rest.merge(asked, on=list(keys), validate="m:1")
        rest = rest if named.empty else named
    if not rest.empty:
        told = f"the images of other {some(list(keys))} than those of {path}"
        sources = (path, *([test_path] if test_path else []))
        test = MadeTable(sources, told, rest.reset_index(drop=True))
    return ImagesOfUnits(path, MadeTable((path,), reader, train), test, test_path)
