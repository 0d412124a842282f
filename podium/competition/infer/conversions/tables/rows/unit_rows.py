"""Tables with a row for several images, which the folders of these name: a session, a patient."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.ids.spelt_ids import key_of_signs
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import (
    CUT,
    DataFolder,
    ImageFile,
    may_be_train_table,
)
from podium.competition.infer.ids.paths import find_shared_names, names_units
from podium.competition.infer.ids.pieces import paths_of_ids, pieces_of_images
from podium.competition.infer.image_tables import match_images, match_of_train
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.shares import NEARLY_ALL
from podium.errors import DataError, plural, some

__all__ = ["ImagesOfIds", "images_of_ids", "rows_of_pool", "units_not_found", "without_repeats"]


def without_repeats(
    folder: DataFolder, path: str, table: pd.DataFrame, sample: SampleSubmission | None
) -> MadeTable | None:
    """Return a table of train without the rows that stand twice, where its rows are of folders.

    None where no row does, or the rows are of images.

    Raises:
        DataError: rows of one folder differ, and the sample submission has a row for each folder.
    """
    if not may_be_train_table(path):
        return None
    if match_of_train(folder, path, table) is not None:
        return None
    once = table.drop_duplicates().reset_index(drop=True)
    for column in map(str, table.columns):
        is_id = sample is not None and sample.id == column
        if table[column].is_unique or not (once[column].is_unique or is_id):
            continue
        if not names_units(folder, once[column]):
            continue
        if once[column].is_unique:
            n = len(table) - len(once)
            return MadeTable((path,), f"{path} without {plural(n, 'row')} that stand twice", once)
        counts = once[column].value_counts()
        several = counts[counts > 1]
        first = once[once[column] == several.index[0]]
        differ = [one for one in map(str, once.columns) if first[one].nunique() > 1]
        raise DataError(
            f"{plural(len(several), 'cell')} of {column} "
            f"{'has' if len(several) == 1 else 'have'} several rows that differ, as "
            f"{several.index[0]!r} in {some(differ)}: its images are in one folder",
            where=folder.path / path,
            fix=f"leave one row for each {column}",
        )
    return None


def rows_of_pool(data: CompetitionData) -> dict[str, MadeTable] | None:
    """Return tables of train and of test with a row for each image of a pool, by the table of each.

    None but where the names of units stand once each in a table of train, and in a table of test or
    in the sample submission. Folders of train and test lie together, or those of the one are units
    and those of the other hold files that begin with them: `cellar/W-7/top.jpg` and
    `blind/X-3__top.jpg`. So it is with units of one image each in test, `people/17/17_1.jpg` and
    `blind/1f96d8.jpg`, where the table of train has the columns that the sample asks for.
    """
    folder, sample = data.folder, data.sample
    has_parts = bool(folder.of_part("train") or folder.of_part("test"))
    pool = folder.of_part("train", "test", "other")
    if not pool:
        return None
    of_sample = {} if sample is None else {sample.path: sample.table[[sample.id]]}
    of_test = data.test_tables | of_sample
    for path, table in data.tables.items():
        if not may_be_train_table(path):
            continue
        for column in map(str, table.columns):
            if not table[column].is_unique or len(table.columns) < 2:
                continue
            wanted = [(one, rows) for one, rows in of_test.items() if column in rows]
            if sample is not None and not wanted and sample.id not in table:
                # The file to send may call the units otherwise than the table of train does.
                wanted = [(sample.path, of_sample[sample.path].set_axis([column], axis=1))]
            if not wanted:
                continue
            test_path, test = wanted[0]
            test = test.drop_duplicates(column)
            names = pd.concat([table[column], test[column]], ignore_index=True)
            if not names.is_unique:
                continue
            own = None if has_parts else _names_of_pool(pool, names)
            known = {*names} - {""}
            single = {*test[column]} if _has_answers_sent(table, column, sample) else set[str]()
            units, told = own or (_names_of_folders(pool, known, single), "")
            units = units or _names_by_pieces(pool, names)
            of_parts = (table[column], test[column])
            if len(set(units)) == len(pool) or not all({*units} & {*one} for one in of_parts):
                continue
            used = {*units}
            called = "image" if "image" not in {*table, *test} else "path of the image"
            paths = pd.DataFrame({called: [one.path for one in pool], column: units}, dtype=object)
            return {
                source: MadeTable(
                    (source,),
                    f"{source} with a row for each image of a {column}{told}"
                    f"{_bare_rows(rows[column], used)}",
                    paths.merge(rows, on=column, validate="m:1"),
                )
                for source, rows in ((path, table), (test_path, test))
            }
    return None


def _bare_rows(names: pd.Series[str], used: Collection[str]) -> str:
    """Return which rows have no image, as the end of a sentence; "" where each has one."""
    bare = [one for one in names if one not in used]
    return f", without {plural(len(bare), 'row')} that no image is of: {some(bare)}" if bare else ""


def _names_of_pool(
    pool: Sequence[ImageFile], names: pd.Series[str]
) -> tuple[Sequence[str], str] | None:
    """Return the name of each image, and how folders spell names; None where they show none."""
    shared, spelt, told = find_shared_names(pool, [], names), dict[str, str](), ""
    if shared is None and (spelt := _spelt_folders(pool, names)):
        shared = find_shared_names(pool, [], pd.Series(list(spelt), dtype=object))
        first, name = next(iter(spelt.items()))
        told = f", whose folder is spelt otherwise ({first} for {name})"
    if shared is None:
        return None
    return [spelt.get(one, one) for one in shared.of_train], told


def _names_by_pieces(pool: Sequence[ImageFile], names: pd.Series[str]) -> Sequence[str]:
    """Return the name of each image whose path has the pieces of it; () where few images have one.

    `V02-C011` is the name of `train/round2_v02_c011_leaf3.jpg`. Images of no name are of "".
    """
    named = paths_of_ids(pieces_of_images(pool), list(names))
    if named is None:
        return ()
    of_image = {n: name for name, each in zip(names, named, strict=True) for n in each}
    is_of_one = len(of_image) == sum(map(len, named))
    return [of_image.get(n, "") for n in range(len(pool))] if is_of_one else ()


def _has_answers_sent(table: pd.DataFrame, column: str, sample: SampleSubmission | None) -> bool:
    """Return whether a table has what the sample asks for, of units that `column` names.

    A list of classes has another answer in each row, and the folders that it names are no units.
    """
    if sample is None or column in sample.values or not {*sample.values} <= {*table}:
        return False
    return any(not table[one].is_unique for one in sample.values)


def _names_of_folders(
    pool: Sequence[ImageFile], known: Collection[str], single: Collection[str]
) -> Sequence[str]:
    """Return the name of each image, where some lie in folders called so, and others begin so.

    () where all images are named in one way, or many have no name, or many names no image.

    Args:
        pool: the images of train and test.
        known: the names of units.
        single: those that may be of one image, which is called so.
    """
    alone = [next((name for name in (one.name, one.stem) if name in single), "") for one in pool]
    units = [own or _unit_among(one, known) for own, one in zip(alone, pool, strict=True)]
    n_named = sum(map(bool, units))
    is_mixed = 0 < sum(bool(_folder_among(one, known)) for one in pool) < n_named
    if (
        not is_mixed
        or n_named < NEARLY_ALL * len(pool)
        or len({*units} - {""}) < NEARLY_ALL * len(known)
    ):
        return ()
    return units


def units_not_found(data: CompetitionData) -> DataError | None:
    """Return the error that no image is of a unit to predict, where images of train are of units.

    None where the units of train are not shown by folders, or by what names of files begin with,
    and where a table names the image of each row to predict.
    """
    sample = data.sample
    if sample is None or not sample.table[sample.id].is_unique:
        return None
    asked = {*sample.table[sample.id]} - {""}
    images = [image for image in data.folder.images if image.part != "mask"]
    if any(image.stem in asked or image.name in asked for image in images):
        return None  # a row of the sample is an image, and no folder of several
    if images_of_ids(data, sample) is not None:
        return None
    for path, table in data.tables.items():
        if not may_be_train_table(path) or len(table.columns) < 2:
            continue
        for column in map(str, table.columns):
            known = {*table[column]} - {""}
            if not table[column].is_unique or known & asked:
                continue
            units = [_unit_among(image, known) for image in images]
            n_named = sum(map(bool, units))
            n_units = len({*units} - {""})
            is_of_units = n_units >= NEARLY_ALL * len(known) and n_named > n_units
            if not is_of_units or any(_unit_among(image, asked) for image in images):
                continue
            rest = [one for one, unit in zip(images, units, strict=True) if not unit]
            used = next(one for one, unit in zip(images, units, strict=True) if unit)
            return _no_unit(data.folder, path, column, _unit_among(used, known), used, rest, sample)
    return None


_SHOWN = 4


class ImagesOfIds(NamedTuple):
    """A table that has each id to predict in one column, and its image in another.

    Attributes:
        path: of the table.
        ids: the column of the ids, or those that name a row together.
        files: the column of the images.
        first: the image of the first row of the sample submission.
    """

    path: str
    ids: tuple[str, ...]
    files: str
    first: ImageFile


def images_of_ids(data: CompetitionData, sample: SampleSubmission) -> ImagesOfIds | None:
    """Return the table that has each id of the sample beside its image, or None.

    Ids that repeat are those of several columns together, the first ones of the sample.

    Args:
        sample: whose ids are no names of images.
    """
    folder = data.folder
    header = [str(one) for one in sample.table]
    n = next((n for n in range(1, len(header)) if not _repeats(sample.table, header[:n])), 0)
    keys = [sample.id] if n < _SEVERAL_KEYS else header[:n]
    asked = _cells_of(sample.table, keys)
    for path, table in data.tables.items():
        ways = [(str(one),) for one in table] if len(keys) == 1 else [tuple(keys)]
        found = [one for one in ways if {*one} <= {*table} and {*asked} <= {*_cells_of(table, one)}]
        match = match_images(folder, path, table, ("test", "other", "holdout")) if found else None
        of_ids = {column for one in found for column in one}
        if match is None or match.file_column is None or match.file_column in of_ids:
            continue
        for one in found:
            known = dict(zip(_cells_of(table, one), match.images, strict=True))
            images = [image for cells in asked if (image := known[cells]) is not None]
            if len(images) == len(asked):
                return ImagesOfIds(path, one, str(match.file_column), images[0])
    return None


_SEVERAL_KEYS = 2


def _repeats(table: pd.DataFrame, columns: Sequence[str]) -> bool:
    return bool(table.duplicated([*columns]).any())


def _cells_of(table: pd.DataFrame, columns: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the cells of the columns in each row."""
    return list(table[[*columns]].itertuples(index=False, name=None))


def _no_unit(
    folder: DataFolder,
    path: str,
    column: str,
    unit: str,
    used: ImageFile,
    rest: Sequence[ImageFile],
    sample: SampleSubmission,
) -> DataError:
    """Return the error of `units_not_found`.

    Args:
        path: of the table of train.
        column: of the units.
        unit: one of them.
        used: an image of it.
        rest: the images of no unit.
    """
    first = str(sample.table[sample.id].iloc[0])
    what = (
        f"no images to predict: {path} has a row for the images of a {column}, as {unit!r} for "
        f"{used.path}, and no image is of a row of {sample.path}, as {first!r}"
    )
    places: dict[str, list[ImageFile]] = {}
    for image in rest:
        places.setdefault(image.folder, []).append(image)
    looked = [
        f"{where or 'the data folder itself'} ({plural(len(each), 'image')}, as {each[0].name})"
        for where, each in [*places.items()][:_SHOWN]
    ]
    more = f" and {plural(len(places) - _SHOWN, 'more folder')}" if len(places) > _SHOWN else ""
    why = (
        f"looked in {', '.join(looked)}{more}: no folder there is called as one, and no name of a "
        "file begins with one and a sign"
        if rest
        else "no folder holds further images"
    )
    example = rest[0] if rest else used._replace(path=f"test/{used.name}")
    where = f"{example.folder}/" if example.folder else ""
    fix = (
        f"put the images of each {sample.id} of {sample.path} into a folder of its name, as "
        f"{where}{first}/{example.name}, or let their names begin with it, as "
        f"{where}{first}__{example.name}"
    )
    return DataError(f"{what}; {why}", where=folder.path, fix=fix)


def _unit_among(image: ImageFile, names: Collection[str]) -> str:
    """Return the name whose folder an image lies in, or that its own begins with; "" without."""
    return _folder_among(image, names) or _start_among(image.stem, names)


def _folder_among(image: ImageFile, names: Collection[str]) -> str:
    """Return the deepest folder of an image that is one of the names; "" without one."""
    return next((one for one in reversed(image.folder.split("/")) if one in names), "")


def _start_among(stem: str, names: Collection[str]) -> str:
    """Return the longest name that stands before a sign of a file's name; "" without one."""
    starts = (stem[: cut.start()] for cut in reversed([*CUT.finditer(stem)]))
    return next((one for one in starts if one in names), "")


def _spelt_folders(pool: Sequence[ImageFile], names: Iterable[str]) -> dict[str, str]:
    """Return the names by the folders that they are but for their signs; {} where one has none."""
    folders: dict[tuple[str, ...], set[str]] = {}
    for part in {part for image in pool for part in image.folder.split("/")}:
        folders.setdefault(key_of_signs(part), set()).add(part)
    found: dict[str, str] = {}
    for name in names:
        spelt = folders.get(key_of_signs(name), set())
        if len(spelt) != 1 or spelt <= found.keys():
            return {}
        found[next(iter(spelt))] = name
    return found
