"""Tables that `podium init` makes of other files: of lists, of JSON, of paths written otherwise.

`train.txt` with lines as `images/7.jpg 3`; JSON with `images`, `annotations` and `categories`, a
list of records, or names and their labels; a table with a column that marks whether each row is of
train or of test. Each becomes a CSV in the workspace's `made/tables/`, which podium then reads as
any other: the data folder is never written to.
"""

from __future__ import annotations

import csv
import itertools
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from podium.competition.ids.patterns import IMAGE_SUFFIXES, is_image
from podium.competition.infer.classes.names import names_colours
from podium.competition.infer.conversions.tables.records.nested_records import (
    cell_of,
    flat_record,
    tables_of_records,
)
from podium.competition.infer.conversions.tables.records.record_files import (
    content_of,
    is_record_file,
)
from podium.competition.infer.conversions.tables.records.records_an_image import (
    RecordsAnImage,
    first_record,
    records_an_image,
)
from podium.competition.infer.conversions.tables.texts.explained_lists import (
    table_of_explained_list,
)
from podium.competition.infer.conversions.tables.texts.lines_beside import columns_by_line
from podium.competition.infer.files import (
    DataFolder,
    ImageFile,
    guess_part,
    is_test_table,
    named_as_images,
)
from podium.competition.infer.ids.paths import names_units
from podium.competition.infer.image_tables import IN_DATA, are_beside_train, match_images
from podium.competition.infer.readme.texts import as_in_texts, texts_beside
from podium.competition.infer.shares import NEARLY_ALL

__all__ = [
    "LARGEST",
    "MadeTable",
    "fields_beside_images",
    "fields_of_images",
    "made_tables",
    "name_of_copy",
    "names_images",
    "stem_of_table",
    "table_of_list",
    "table_of_text",
    "unused_records",
    "with_files",
]

LARGEST = 500_000_000  # bytes of a file that is read whole

_PROBED = 200

_LONGEST = 10_000  # bytes of the label of one image

_MOST_WORDS = 4  # of a label; five are the numbers of a box

_MOST_FIELDS = 12  # of a line: a longer one is a text

_LINE = re.compile(r"(?P<image>\S.*?)(?:(?:\s*,\s*|\s+)(?P<label>[^\s,]+))?")


class MadeTable(NamedTuple):
    """A table, the files that it is made of, and as what these were read."""

    sources: tuple[str, ...]
    reader: str
    table: pd.DataFrame
    sep: str = ","
    decimal: str = ""
    """The sign before the fractions of numbers; "" where there are none."""
    encoding: str = "utf-8"
    """Of its letters."""
    header: bool = True
    """Whether its first line names the columns, or is a row."""
    digits: tuple[tuple[str, str], ...] = ()
    """The columns whose digits were those of another script, each with the 0 of it."""
    blanks_are_unknown: bool = False
    """Whether blank cells beside 0 and 1 are labels that nobody knows."""


def made_tables(
    folder: DataFolder,
    tables: Mapping[str, pd.DataFrame],
    *,
    known: Collection[str] = (),
    sent: AbstractSet[str] = frozenset(),
    asked: Sequence[str] = (),
) -> dict[str, MadeTable]:
    """Return the tables by name.

    Args:
        folder: of the data.
        tables: that are there, by path. Where one of them names the images of train, lists and
            JSON are not read; where some name those to predict alone, lists and JSON of train are.
        known: files that something was made of, as those of annotation tools.
        sent: what cells of the sample submission list, where they hold answers of one column.
        asked: the columns to predict, as the sample submission or a person names them.
    """
    made: dict[str, MadeTable] = {}
    for path, table in tables.items():
        if (found := with_files(folder, table, in_folders=True)) is not None:
            reader = f"a table whose files lie in folders of another column: {found.columns[-1]}"
            made[f"{stem_of_table(path)}.csv"] = MadeTable((path,), reader, found)
    if made:
        return made
    tables = {path: one for path, one in tables.items() if not _names_others(folder, path, one)}
    naming = [path for path, table in tables.items() if names_images(folder, table)]
    lists = {path: tables[path] for path in naming if len(tables[path].columns) == 1}
    by_class = _lists_of_classes(folder, lists) if len(lists) == len(naming) else None
    if by_class is not None:
        return {"classes_of_lists.csv": by_class}
    if any(not _is_to_predict(folder, path, tables[path]) for path in naming):
        return made
    for path, table in tables.items():
        if path in naming:
            continue
        if (found := with_files(folder, table)) is not None:
            reader = f"a table whose files lie elsewhere: {found.columns[-1]} is where"
            made[f"{stem_of_table(path)}.csv"] = MadeTable((path,), reader, found)
        elif (found := _with_whole_ids(folder, table)) is not None:
            reader = "a table whose ids were written as fractions (7.0)"
            made[f"{stem_of_table(path)}.csv"] = MadeTable((path,), reader, found)
    if made:
        return made
    of_images = records_an_image(folder, known=known, asked=asked)
    if of_images.lacking:
        return _tables_of(of_images)
    if (beside := _beside_images(folder, asked)) is not None:
        return {"beside_images.csv": beside}
    texts, series = frozenset(folder.texts), _lists_side_by_side(folder)
    every = [*folder.texts, *filter(is_record_file, folder.others)]
    n_called = Counter((stem_of_table(path), path in texts) for path in every)
    for path in every:
        file = folder.path / path
        if path in known or file.stat().st_size > LARGEST or names_colours(path, file):
            continue
        is_text = path in texts
        text = table_of_text(folder, file) if is_text else None
        together = series.get(path)
        if text is None and together is not None:
            text = together.texts[path]
        tables_of_file = {} if text is None else {"": text.table}
        if not is_text:
            tables_of_file = {
                name: one if names_images(folder, one) else _with_known_files(folder, one)
                for name, one in tables_of_records(folder, content_of(file), sent).items()
            }
        # Other JSON may tell of classes, whose folders it names.
        is_lines = path.endswith(".jsonl") and not is_test_table(path)
        judged = [*tables_of_file.values()] if together is None else [together.rows]
        if naming and all(_is_to_predict(folder, path, one) for one in judged):
            continue
        if not any(
            names_images(folder, one)
            or (is_lines and any(names_units(folder, one[name]) for name in one))
            for one in judged
        ):
            continue
        alike = n_called[stem_of_table(path), is_text] > 1
        stem = path.rpartition(".")[0].replace("/", "_") if alike else stem_of_table(path)
        if text is not None:
            made[f"{stem}.csv"] = _with_lines_beside(folder, text.made_of(path))
            continue
        for name, one in tables_of_file.items():
            reader = f"records in {file.suffix[1:].upper()}"
            made[f"{stem}_{name}.csv" if name else f"{stem}.csv"] = MadeTable((path,), reader, one)
    if not made:
        return _tables_of(of_images)
    # Ages are names of numbered images by chance.
    told = {path for one in made.values() for path in one.sources[1:]}
    return {name: one for name, one in made.items() if one.sources[0] not in told}


class _Series(NamedTuple):
    """Lists of one folder, by path, and the rows of all of them."""

    texts: dict[str, _TextTable]
    rows: pd.DataFrame


def _lists_side_by_side(folder: DataFolder) -> dict[str, _Series]:
    """Return the lists of images and labels of which a folder has several, by the path of each.

    Nearly all of their rows together name images: of a short list one image that is not there is a
    large share.
    """
    of_place: dict[str, dict[str, _TextTable]] = defaultdict(dict)
    n_texts = Counter(path.rpartition("/")[0] for path in folder.texts)
    for path in folder.texts:
        file, place = folder.path / path, path.rpartition("/")[0]
        if n_texts[place] < _FEWEST_LISTS or file.stat().st_size > LARGEST:
            continue
        rows = _pairs_of_lines(_without_sign_at_end(_lines_of(file)))
        if rows and all(is_image(image) for image, _ in rows):
            table = pd.DataFrame(rows, columns=["image", "label"], dtype=object)
            of_place[place][path] = _TextTable(table, _sign_of_lines(file), has_header=False)
    found = dict[str, _Series]()
    for lists in of_place.values():
        whole = pd.concat([one.table for one in lists.values()], ignore_index=True)
        if len(lists) >= _FEWEST_LISTS and _name_images(folder, whole["image"]):
            found |= dict.fromkeys(lists, _Series(lists, whole))
    return found


_FEWEST_LISTS = 3


def _pairs_of_lines(lines: Sequence[str]) -> list[tuple[str, str]]:
    """Return the image and the label of each line of a list; [] where a line has no such two."""
    found = [_LINE.fullmatch(line) for line in lines]
    rows = [(one["image"], one["label"]) for one in found if one is not None and one["label"]]
    return rows if len(rows) == len(lines) else []


def _name_images(folder: DataFolder, cells: pd.Series[str]) -> bool:
    """Return whether nearly all cells name images."""
    return sum(bool(folder.named(cell)) for cell in cells) >= NEARLY_ALL * len(cells)


def _tables_of(records: RecordsAnImage) -> dict[str, MadeTable]:
    """Return the records of each part as a table, by its name."""
    return {
        f"{part}_records.csv": MadeTable(sources, f"the records of images of {part}", table)
        for part, (sources, table) in records.parts.items()
    }


def _with_lines_beside(folder: DataFolder, listed: MadeTable) -> MadeTable:
    """Return the table of a list with what other texts tell of its images, line by line."""
    if [*listed.table] != ["image"]:
        return listed
    [path] = listed.sources
    columns = columns_by_line(folder, path, list(listed.table["image"]))
    if not columns:
        return listed
    table = listed.table.assign(**{name: cells for name, (_, cells) in columns.items()})
    sources = (path, *(other for other, _ in columns.values()))
    return MadeTable(sources, "a list of images, and what stands in the same lines", table)


def unused_records(folder: DataFolder, tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return why files of records give no labels of train, a sentence for each file; [] without.

    Args:
        folder: of the data.
        tables: that are there, by path, with those that were made.
    """
    of_train = [
        path
        for path, table in tables.items()
        if path not in folder.made
        and names_images(folder, table)
        and not _is_to_predict(folder, path, table)
    ]
    beside = {path for one in named_as_images(folder) for path in one.paths.values()}
    records = [path for path in folder.others if is_record_file(path) and path not in beside]
    found = []
    for path in records[:_MOST_TOLD]:
        if (folder.path / path).stat().st_size > LARGEST:
            continue
        content = content_of(folder.path / path)
        if content is None:
            found.append(f"{path} cannot be read, as it is damaged or empty")
            continue
        made = tables_of_records(folder, content)
        naming = [one for one in made.values() if names_images(folder, one)]
        if naming and of_train:
            found.append(f"{path} is not used, as {of_train[0]} names the images of train already")
        elif naming and all(_is_to_predict(folder, path, one) for one in naming):
            found.append(f"{path} names images to predict alone")
        elif made and not naming:
            first = next(iter(made.values())).iloc[0]
            fields = [f"{name} {str(cell)[:_MOST_SHOWN]!r}" for name, cell in first.items()]
            told = ", ".join(fields[:4]) + " …" * (len(fields) > 4)
            found.append(f"no field of the records in {path} names an image: {told}")
        elif not made:
            found.append(f"{path} has no list of records, and no names of images with labels")
    return found


_MOST_TOLD = 4  # files of records
_MOST_SHOWN = 30  # letters of a cell


def _lists_of_classes(folder: DataFolder, tables: Mapping[str, pd.DataFrame]) -> MadeTable | None:
    """Return the classes of images by lists, each called as the class of its images; else None.

    Two lists or more lie in one folder, as texts or tables of one column (`oak.txt`, `pine.txt`),
    and none is called as a part of the data. Where an image is in several, images beside those that
    are listed have no class.
    """
    of_folder: dict[str, dict[str, list[str]]] = defaultdict(dict)
    n_files = Counter(path.rpartition("/")[0] for path in (*folder.texts, *tables))
    for path in folder.texts:
        file = folder.path / path
        if guess_part(path) == "other" and file.stat().st_size < LARGEST:
            found = table_of_list(folder, file)
            if found is not None and len(found.columns) == 1:
                of_folder[path.rpartition("/")[0]][path] = list(found.iloc[:, 0])
    for path, table in tables.items():
        if guess_part(path) == "other":
            of_folder[path.rpartition("/")[0]][path] = list(table.iloc[:, 0])
    for place, lists in of_folder.items():
        if len(lists) < 2 or len(lists) < NEARLY_ALL * n_files[place]:
            continue
        rows = [(image, stem_of_table(path)) for path, images in lists.items() for image in images]
        reader = "lists of images, called as their classes"
        table = pd.DataFrame(rows, columns=["image", "label"], dtype=object)
        if not table["image"].is_unique:
            table, n_without = _with_all_images(folder, table)
            reader += f"; {n_without:,} images of train in none of them have no class"
        return MadeTable(tuple(lists), reader, table)
    return None


def _with_all_images(folder: DataFolder, rows: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Return a row an image with 1 or 0 for each class, and how many images have none.

    These are the images in the folders of those that have one.
    """
    listed = {one.path: cell for cell in rows["image"] for one in folder.named(cell)}
    folders = {path.rpartition("/")[0] for path in listed}
    first = next(iter(rows["image"]))
    rest = [
        one.name if "." in first else one.stem
        for one in folder.images
        if one.folder in folders and one.path not in listed and one.part != "mask"
    ]
    wide = pd.crosstab(rows["image"], rows["label"]).clip(upper=1)
    wide = wide.reindex([*dict.fromkeys(rows["image"]), *rest], fill_value=0)
    return wide.astype(str).rename_axis("image").reset_index().astype(object), len(rest)


def _with_whole_ids(folder: DataFolder, table: pd.DataFrame) -> pd.DataFrame | None:
    """Return the table with `7` for `7.0` in the column that names images then; None without."""
    for column in table.columns:
        if table[column].str.fullmatch(r"\d+\.0").all():
            whole = table.assign(**{str(column): table[column].str.removesuffix(".0")})
            if names_images(folder, whole[[column]]):
                return whole
    return None


def _beside_images(folder: DataFolder, asked: Sequence[str]) -> MadeTable | None:
    """Return the labels that a file beside each image of train holds: a line, or JSON.

    JSON with objects inside, which may be boxes, is a table where it has what is asked for.
    """
    for paths, read in (
        (folder.texts, _of_line),
        (folder.texts, _of_keys),
        (folder.jsons, _of_fields),
        (folder.jsons, _of_nested_fields),
    ):
        made = _read_beside(folder, paths, read)
        if made is None:
            continue
        if read is _of_nested_fields:
            table = _called_as_asked(made.table, asked)
            if not _has_asked(table, asked):
                continue
            made = made._replace(table=table)
        return made
    return None


def fields_of_images(folder: DataFolder) -> MadeTable | None:
    """Return a row an image of train with the fields of the JSON beside it, without lists; or None.

    Args:
        folder: with the images.
    """
    return _read_beside(folder, folder.jsons, _of_plain_fields)


def _read_beside(
    folder: DataFolder, paths: Sequence[str], read: Callable[[Path], dict[str, str] | None]
) -> MadeTable | None:
    """Return a row for each image of train with what is read of the file beside it.

    None where many images have no such file, or one cannot be read so.
    """
    images = {
        image.path.rpartition(".")[0]: image.path
        for image in folder.images
        if image.part in ("train", "other")
    }
    sources = [path for path in paths if path.rpartition(".")[0] in images]
    places = {path.rpartition("/")[0] for path in sources}
    n = sum(path.rpartition("/")[0] in places for path in images)
    if not sources or len(sources) < NEARLY_ALL * n:
        return None
    rows = []
    for path in sources:
        row = read(folder.path / path)
        if row is None:
            return None
        rows.append({"image": images[path.rpartition(".")[0]], **row})
    table = pd.DataFrame(rows, dtype=object).fillna("")
    reader = f"the {len(rows):,} {Path(sources[0]).suffix} files beside the images"
    return MadeTable(tuple(sources), reader, table)


def _of_line(file: Path) -> dict[str, str] | None:
    """Return the only line of a text, if it is no box: a label."""
    try:
        lines = file.read_text(encoding="utf-8-sig").split("\n") if _is_short(file) else []
    except (OSError, UnicodeDecodeError):
        return None
    lines = [line.strip() for line in lines if line.strip()]
    if len(lines) != 1 or len(lines[0].split()) > _MOST_WORDS:
        return None
    return {"label": _behind_own_name(file, lines[0])}


def _behind_own_name(file: Path, line: str) -> str:
    """Return what stands behind the name of the image that a text is of, or the whole line.

    Example:
        >>> _behind_own_name(Path("train/img_1.txt"), "img_1.jpg, 37")
        '37'
    """
    found = re.fullmatch(r"(?P<name>.+?)\s*[,;:\t]\s*(?P<rest>\S.*)", line)
    if found is None or not is_image(found["name"]):
        return line
    own = Path(found["name"].replace("\\", "/")).stem
    return found["rest"] if own == file.stem else line


_KEY = re.compile(r"(\w[\w .()-]{0,60}?)\s*[:=]\s*(.*)")


def _of_keys(file: Path) -> dict[str, str] | None:
    """Return what the lines of a text have behind names: `species: oak`; else None."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines() if _is_short(file) else []
    except (OSError, UnicodeDecodeError):
        return None
    found = [_KEY.fullmatch(line.strip()) for line in lines if line.strip()]
    if not found or None in found:
        return None
    fields = {one[1]: one[2].strip() for one in found if one is not None}
    return fields if len(fields) == len(found) else None


def _of_fields(file: Path) -> dict[str, str] | None:
    """Return the fields of a JSON that has no lists and no objects inside; else None."""
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig")) if _is_short(file) else None
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(content, dict) or any(
        isinstance(one, dict | list) for one in content.values()
    ):
        return None
    return {str(name): cell_of(value) for name, value in content.items()}


def _of_nested_fields(file: Path) -> dict[str, str] | None:
    """Return the fields of a JSON with those of the objects in it; None where it has lists."""
    fields = _flat_fields(file)
    if not fields or any(isinstance(one, dict | list) for one in fields.values()):
        return None
    return {name: cell_of(value) for name, value in fields.items()}


def _of_plain_fields(file: Path) -> dict[str, str] | None:
    """Return the fields of a JSON with those of the objects in it, without lists; else None."""
    plain = {
        name: cell_of(one)
        for name, one in _flat_fields(file).items()
        if not isinstance(one, dict | list)
    }
    return plain or None


def _flat_fields(file: Path) -> dict[str, Any]:
    """Return what the fields of a JSON hold, and those of the objects in it; {} of others."""
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig")) if _is_short(file) else None
    except (OSError, ValueError, RecursionError):
        return {}
    return flat_record(content) if isinstance(content, dict) else {}


def _called_as_asked(table: pd.DataFrame, asked: Sequence[str]) -> pd.DataFrame:
    """Return a table with `reading_level`, or `level_value`, called `level`, if this is asked for.

    Where several fields end so, none of them is.
    """
    names = {}
    for one in asked:
        ends = [name for name in map(str, table) if name.endswith(f"_{one}")]
        found = ends or [name for name in map(str, table) if name == f"{one}_value"]
        if one not in table and len(found) == 1:
            names[found[0]] = one
    return table.rename(columns=names)


def _has_asked(table: pd.DataFrame, asked: Sequence[str]) -> bool:
    """Return whether a table has all columns that are asked for, or one with them as values."""
    if not asked or {*asked} <= {*table}:
        return bool(asked)
    return len(asked) > 1 and any({*table[one]} == {*asked} for one in table)


def fields_beside_images(folder: DataFolder) -> str:
    """Return which fields the records of images have, a file each, of the first; "" without."""
    stems = {image.path.rpartition(".")[0] for image in folder.images}
    for path in folder.jsons:
        fields = _of_nested_fields(folder.path / path) if path.rpartition(".")[0] in stems else None
        if fields:
            return _told_fields(path, fields)
    record = first_record(folder)
    return "" if record is None else _told_fields(*record)


def _told_fields(path: str, fields: Mapping[str, str]) -> str:
    told = [f"{name} {cell[:_MOST_SHOWN]!r}" for name, cell in fields.items()]
    return f"{path} has the fields {', '.join(told[:_MOST_FIELDS])}"


def _is_short(file: Path) -> bool:
    return file.stat().st_size < _LONGEST


def stem_of_table(path: str) -> str:
    """Return the name of a file before its first point, which a table made of it is called by."""
    return path.rpartition("/")[2].split(".")[0]


def name_of_copy(path: str) -> str:
    """Return what a table of the data is called where it is written again, with its folders."""
    return f"{path.replace('/', '_').rpartition('.')[0]}.csv"


def names_images(folder: DataFolder, table: pd.DataFrame) -> bool:
    """Return whether nine in ten cells of a column, or more, name images."""
    probe = table.iloc[:: max(1, len(table) // _PROBED)]
    return len(probe) > 0 and any(
        sum(bool(folder.named(cell)) for cell in probe[name]) >= NEARLY_ALL * len(probe)
        for name in table.columns
    )


def _names_others(folder: DataFolder, path: str, table: pd.DataFrame) -> bool:
    """Return whether a table names a few images beside those of the train folder alone."""
    match = match_images(folder, path, table, ("train", "other"))
    return match is not None and are_beside_train(folder, path, match.paths)


def _is_to_predict(folder: DataFolder, path: str, table: pd.DataFrame) -> bool:
    """Return whether a table is called as one of test, or its columns name no other images."""
    if is_test_table(path):
        return True
    probe = table.iloc[:: max(1, len(table) // _PROBED)]
    of_train = (
        sum(any(one.part in ("train", "other") for one in folder.named(cell)) for cell in cells)
        for cells in (probe[name] for name in probe.columns)
    )
    return max(of_train, default=0) < NEARLY_ALL * len(probe)


def with_files(
    folder: DataFolder, table: pd.DataFrame, *, in_folders: bool = False
) -> pd.DataFrame | None:
    """Return a table of paths of another machine with a column more: where the files lie here.

    Paths may have backslashes, other folders in front, and other small and large letters. None
    where no column names nearly all its files, each one file, or where two cells name the same one.

    Args:
        folder: with the images.
        table: its cells, as text.
        in_folders: whether the folder of a file stands in another column, as programs of cameras
            write it, and files of several folders are called alike.
    """
    cells = {str(name): list(table[name]) for name in table.columns}
    if in_folders:
        cells = _paths_of_columns(cells)
        if not cells:
            return None
    by_stem: dict[str, list[ImageFile]] = defaultdict(list)
    by_folder: dict[str, list[str]] = defaultdict(list)
    for image in folder.images:
        by_folder[image.folder.rpartition("/")[2].casefold()].append(image.path)
        if image.part != "mask":
            by_stem[image.stem.casefold()].append(image)
    single = {name: paths[0] for name, paths in by_folder.items() if len(paths) == 1}
    for name, each in cells.items():
        paths = [_nearest(cell, by_stem) or _alone_in_folder(cell, single) for cell in each]
        named = {(cell, path) for cell, path in zip(each, paths, strict=True) if path}
        if len({path for _, path in named}) < len(named):
            continue  # `1.tif/2` is the second row of `1.tif`, and not of `2.tif`
        if paths and sum(map(bool, paths)) >= NEARLY_ALL * len(paths):
            return table.assign(**{f"{name}{IN_DATA}": paths})
    return None


def _with_known_files(folder: DataFolder, table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with where its files lie, if it has paths of another machine, else itself."""
    found = with_files(folder, table)
    return table if found is None else found


def _alone_in_folder(cell: str, single: Mapping[str, str]) -> str:
    """Return the path of the one file in a folder as a path has it, by another name; "" for none.

    Args:
        cell: perhaps a path to a file.
        single: the path of the file by the name of its folder, where it is alone there.
    """
    parts = cell.replace("\\", "/").casefold().split("/")
    return single.get(parts[-2], "") if len(parts) > 2 and is_image(parts[-1]) else ""


def _paths_of_columns(cells: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Return the paths of files by the column of their names, behind those of their folders."""
    folders = [name for name, each in cells.items() if all(re.search(r"[/\\]", x) for x in each)]
    files = [name for name, each in cells.items() if all(map(is_image, each))]
    return {
        last: [f"{one}/{name}" for one, name in zip(cells[first], cells[last], strict=True)]
        for first, last in itertools.product(folders, files)
        if first != last and len(set(cells[last])) < len(cells[last])
    }


def _nearest(cell: str, by_stem: Mapping[str, Sequence[ImageFile]]) -> str:
    """Return the path of the file that a cell means, by as many folders as agree; "" for none.

    Of an address on the web another part than the last one may be the file's name.
    """
    parts = cell.replace("\\", "/").casefold().split("/")
    if "://" in cell:
        parts = parts[: max((n + 1 for n, one in enumerate(parts) if one in by_stem), default=0)]
        if not parts:
            parts = cell.casefold().split("/")
    stem, _, suffix = parts[-1].rpartition(".")
    images = by_stem.get(stem if stem and f".{suffix}" in IMAGE_SUFFIXES else parts[-1], ())

    def agreeing(image: ImageFile) -> int:
        # The file may lie in folders that the cell leaves out, as `images` of `patient/images/1`.
        folders = iter(image.folder.casefold().split("/")[::-1])
        return sum(1 for _ in itertools.takewhile(lambda part: part in folders, parts[-2::-1]))

    best = max(map(agreeing, images), default=0)
    nearest = [image.path for image in images if agreeing(image) == best]
    return nearest[0] if len(nearest) == 1 else ""


class _TextTable(NamedTuple):
    """The table of a text, the sign between its cells, and whether its first line names them."""

    table: pd.DataFrame
    sep: str
    has_header: bool

    def made_of(self, path: str) -> MadeTable:
        reader = "a table in a text" if self.has_header else "a list of images"
        return MadeTable((path,), reader, self.table, self.sep, header=self.has_header)


def table_of_text(folder: DataFolder, file: Path) -> _TextTable | None:
    """Return the table of a text, below a header, or as a list of images; None where it is none."""
    below = _table_below_header(folder, _lines_of(file))
    if below is not None:
        return below
    listed = table_of_list(folder, file)
    if listed is None:
        return None
    return _TextTable(listed, _sign_of_lines(file), has_header=listed.columns[0] != "image")


def _lines_of(file: Path) -> list[str]:
    """Return the lines of a text that are no remarks and not blank; [] where it cannot be read."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def _without_sign_at_end(lines: Sequence[str]) -> Sequence[str]:
    """Return the lines of a text; where a sign between cells ends each, without this last one."""
    sign = lines[0][-1] if lines else ""
    if sign not in ",;|" or not all(line.endswith(sign) for line in lines):
        return lines
    return [line[:-1].rstrip() for line in lines]


def table_of_list(folder: DataFolder, file: Path) -> pd.DataFrame | None:
    """Return the table of a list of images, a line each, perhaps with labels behind it.

    Its first column is `image`, or what the first line of a list of images alone calls it.
    """
    lines = _without_sign_at_end(_lines_of(file))
    probe = lines[:: max(1, len(lines) // _PROBED)]
    whole = sum(bool(folder.named(line)) for line in probe)
    if probe and whole >= NEARLY_ALL * len(probe):
        called = _header_of_list(folder, file, lines)
        column, images = (called, lines[1:]) if called else ("image", lines)
        return pd.DataFrame({column: images}, dtype=object)
    if rows := _pairs_of_lines(lines):
        table = pd.DataFrame(rows, columns=["image", "label"], dtype=object)
        if names_images(folder, table):
            return table
    has_semicolons = all(";" in line for line in lines)
    sign = r"\s*;\s*" if has_semicolons else r"\s*,\s*|\s+"
    cells = [re.split(sign, line) for line in lines]
    n = {len(row) for row in cells}
    if len(n) != 1 or not 2 < min(n) <= _MOST_FIELDS:
        return table_of_explained_list(folder, lines) if lines else None
    fields = [f"field_{number}" for number in range(2, min(n) + 1)]
    fields = _columns_in_texts(folder, file.name, min(n)) or fields
    return pd.DataFrame(cells, columns=["image", *fields], dtype=object)


def _header_of_list(folder: DataFolder, file: Path, lines: Sequence[str]) -> str:
    """Return the first line of a list of images where it is a header; "" where it is an image.

    It has no file. It has no ending, and all below have that of an image; or another table begins
    with it.
    """
    first, *rest = lines
    if not rest or folder.named(first):
        return ""
    if not is_image(first) and all(map(is_image, rest)):
        return first
    others = (folder.path / path for path in (*folder.tables, *folder.texts))
    near = itertools.islice((one for one in others if one != file), _PROBED)
    return first if any(first == _first_cell(one) for one in near) else ""


def _first_cell(file: Path) -> str:
    """Return what stands before the first sign between cells of a table; "" of a single column."""
    try:
        with file.open(encoding="utf-8-sig") as text:
            first, sign, _ = re.split(r"([\t,;|])", text.readline(_LONGEST), maxsplit=1)
    except (OSError, UnicodeDecodeError, ValueError):
        return ""
    return first.strip(' "') if sign else ""


def _columns_in_texts(folder: DataFolder, name: str, n: int) -> list[str]:
    """Return what a text beside the data calls the cells of a list behind the images; or [].

    Behind the name of the list stand as many names as a row has cells, with commas between them.
    """
    begins = re.compile(rf"\W*{re.escape(as_in_texts(name))}\W*:(?P<names>.*)")
    for _, text in texts_beside(folder, by_line=True):
        for line in filter(None, map(begins.match, text.split("\n"))):
            names = [one.strip() for one in re.sub(r"\([^()]*\)", "", line["names"]).split(",")]
            are_names = all(0 < len(one.split()) <= _MOST_WORDS for one in names)
            if are_names and len(names) == len({"image", *names[1:]}) == n:
                return names[1:]
    return []


def _table_below_header(folder: DataFolder, lines: Sequence[str]) -> _TextTable | None:
    """Return the table of lines whose first one names the columns; None where it is as the others.

    A column has the names of images, and no cell of the first line is one. Where single blanks part
    the cells, the first line has words, and a column has numbers or names of files alone.
    """
    for sign in "\t,;| ":
        if not lines or sign not in lines[0]:
            continue
        rows = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=sign)]
        header, rest = rows[0], rows[1:]
        if not rest or any(len(row) != len(header) for row in rest):
            continue
        if "" in header or len(set(header)) < len(header) or any(map(folder.named, header)):
            return None
        table = pd.DataFrame(rest, columns=header, dtype=object)
        if sign == " " and not _is_header_of_words(table):
            return None  # a list whose first image has no file
        return _TextTable(table, sign, has_header=True) if names_images(folder, table) else None
    return None


def _is_header_of_words(table: pd.DataFrame) -> bool:
    """Return whether columns are called by words, and the cells of one are of another form.

    These are numbers, or names of image files.
    """
    are_words = all(str(name).isidentifier() for name in table.columns)
    return are_words and any(
        table[name].str.isdecimal().all() or all(map(is_image, table[name]))
        for name in table.columns
    )


def _sign_of_lines(file: Path) -> str:
    """Return the sign that parts the cells of each line of a list, as often; "" where none does."""
    lines = [one for one in file.read_text(encoding="utf-8-sig").splitlines() if one.strip()]
    for sign in "\t,;|":
        numbers = {line.count(sign) for line in lines}
        has_blanks = any(re.search(rf"[ ]{re.escape(sign)}|{re.escape(sign)}[ ]", x) for x in lines)
        if len(numbers) == 1 and numbers != {0} and not has_blanks:
            return sign
    return ""
