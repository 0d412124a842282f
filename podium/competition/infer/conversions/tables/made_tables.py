"""Tables that `podium init` makes of other files: of lists, of JSON, of what spreadsheets write.

`train.txt` with lines as `images/7.jpg 3`; JSON with `images`, `annotations` and `categories`, a
list of records, or names and their labels; a table with a column that marks whether each row is of
train or of test. Each becomes a CSV in the workspace's `made/tables/`, which podium then reads as
any other: the data folder is never written to.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from podium.codecs import coco
from podium.competition.digits import ascii_number
from podium.competition.ids.patterns import IMAGE_SUFFIXES, is_image
from podium.competition.infer.classes.names import names_colours
from podium.competition.infer.conversions.tables.explained_lists import table_of_explained_list
from podium.competition.infer.conversions.tables.long_rows import with_texts_joined
from podium.competition.infer.conversions.tables.record_files import content_of, is_record_file
from podium.competition.infer.conversions.tables.records import cell_of, tables_of_records
from podium.competition.infer.encodings import WORD, FoundPage, decode
from podium.competition.infer.files import DataFolder, ImageFile, guess_part, is_test_table
from podium.competition.infer.ids.paths import names_units
from podium.competition.infer.image_tables import IN_DATA
from podium.competition.infer.sample.runs import EMPTY_CELLS, are_runs, is_runs_name
from podium.competition.infer.sample.submission import SampleSubmission, is_sample_submission
from podium.competition.spelling import name_words
from podium.errors import DataError, some

__all__ = [
    "MadeTable",
    "made_tables",
    "names_images",
    "of_other_dialect",
    "sample_of_class_columns",
    "sample_of_list",
    "sample_of_records",
    "sheets_of_book",
    "table_of_list",
    "test_of_sample",
    "with_decimal_points",
    "with_header",
    "with_tabs",
    "without_titles",
]

_ENOUGH = 0.9
_LARGEST = 500_000_000  # bytes of a file that is read whole
_PROBED = 200
_LONGEST = 10_000  # bytes of the label of one image
_MOST_WORDS = 4  # of a label; five are the numbers of a box
_MOST_FIELDS = 12  # of a line: a longer one is a text
_COMMENTS = re.compile(r"\A(?:\s*#[^\n]*\n)+")
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


def made_tables(
    folder: DataFolder,
    tables: Mapping[str, pd.DataFrame],
    *,
    known: Collection[str] = (),
    sent: AbstractSet[str] = frozenset(),
) -> dict[str, MadeTable]:
    """Return the tables by name.

    Args:
        folder: of the data.
        tables: that are there, by path. Where one of them names the images of train, lists and
            JSON are not read.
        known: files that something was made of, as those of annotation tools.
        sent: what cells of the sample submission list, where they hold answers of one column.
    """
    made: dict[str, MadeTable] = {}
    for path, table in tables.items():
        if (found := _with_files(folder, table, in_folders=True)) is not None:
            reader = f"a table whose files lie in folders of another column: {found.columns[-1]}"
            made[f"{_stem(path)}.csv"] = MadeTable((path,), reader, found)
    if made:
        return made
    naming = [path for path, table in tables.items() if names_images(folder, table)]
    lists = {path: tables[path] for path in naming if len(tables[path].columns) == 1}
    by_class = _lists_of_classes(folder, lists) if len(lists) == len(naming) else None
    if by_class is not None:
        return {"classes_of_lists.csv": by_class}
    if naming:
        return made
    for path, table in tables.items():
        if (found := _with_files(folder, table)) is not None:
            reader = f"a table whose files lie elsewhere: {found.columns[-1]} is where"
            made[f"{_stem(path)}.csv"] = MadeTable((path,), reader, found)
        elif (found := _with_whole_ids(folder, table)) is not None:
            reader = "a table whose ids were written as fractions (7.0)"
            made[f"{_stem(path)}.csv"] = MadeTable((path,), reader, found)
    if made:
        return made
    if (beside := _beside_images(folder)) is not None:
        return {"beside_images.csv": beside}
    records = [path for path in folder.others if is_record_file(path)]
    for path in (*folder.texts, *records):
        file = folder.path / path
        if path in known or file.stat().st_size > _LARGEST or names_colours(path, file):
            continue
        is_text = path in folder.texts
        text = _table_of_text(folder, file) if is_text else None
        tables_of_file = {} if text is None else {"": text.table}
        if not is_text:
            tables_of_file = tables_of_records(folder, content_of(file), sent)
        # Other JSON may tell of classes, whose folders it names.
        is_lines = path.endswith(".jsonl") and not is_test_table(path)
        if not any(
            names_images(folder, one)
            or (is_lines and any(names_units(folder, one[name]) for name in one))
            for one in tables_of_file.values()
        ):
            continue
        if text is not None:
            made[f"{_stem(path)}.csv"] = text.made_of(path)
            continue
        for name, one in tables_of_file.items():
            reader = f"records in {file.suffix[1:].upper()}"
            stem = f"{_stem(path)}_{name}" if name else _stem(path)
            made[f"{stem}.csv"] = MadeTable((path,), reader, one)
    return made


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
        if guess_part(path) == "other" and file.stat().st_size < _LARGEST:
            found = table_of_list(folder, file)
            if found is not None and list(found.columns) == ["image"]:
                of_folder[path.rpartition("/")[0]][path] = list(found["image"])
    for path, table in tables.items():
        if guess_part(path) == "other":
            of_folder[path.rpartition("/")[0]][path] = list(table.iloc[:, 0])
    for place, lists in of_folder.items():
        if len(lists) < 2 or len(lists) < _ENOUGH * n_files[place]:
            continue
        rows = [(image, _stem(path)) for path, images in lists.items() for image in images]
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


def _beside_images(folder: DataFolder) -> MadeTable | None:
    """Return the labels that a file beside each image of train holds: a line, or flat JSON."""
    images = {
        image.path.rpartition(".")[0]: image.path
        for image in folder.images
        if image.part in ("train", "other")
    }
    for paths, read in (
        (folder.texts, _of_line),
        (folder.texts, _of_keys),
        (folder.jsons, _of_fields),
    ):
        sources = [path for path in paths if path.rpartition(".")[0] in images]
        places = {path.rpartition("/")[0] for path in sources}
        n = sum(path.rpartition("/")[0] in places for path in images)
        if not sources or len(sources) < _ENOUGH * n:
            continue
        rows = []
        for path in sources:
            row = read(folder.path / path)
            if row is None:
                break
            rows.append({"image": images[path.rpartition(".")[0]], **row})
        else:
            table = pd.DataFrame(rows, dtype=object).fillna("")
            reader = f"the {len(rows):,} {Path(sources[0]).suffix} files beside the images"
            return MadeTable(tuple(sources), reader, table)
    return None


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


def _is_short(file: Path) -> bool:
    return file.stat().st_size < _LONGEST


def of_other_dialect(folder: DataFolder, path: str, page: FoundPage) -> MadeTable | None:
    """Return a table that a spreadsheet wrote: semicolons, decimal commas, letters of Windows.

    None where it is none: every row has as many cells, two or more.

    Args:
        folder: of the data.
        path: of the table.
        page: the encoding of a table that is not UTF-8.
    """
    file = folder.path / path
    if file.suffix.lower() not in _PLAIN or file.stat().st_size > _LARGEST:
        return None
    try:
        content = file.read_bytes()
        text, encoding = decode(content, page.page)
    except (OSError, UnicodeDecodeError):
        return None
    below = _COMMENTS.sub("", text)
    remarks = ", lines of remarks above" if below != text else ""
    for sign in (";", "\t", ",", "|"):
        try:
            rows = list(csv.reader(io.StringIO(below, newline=""), delimiter=sign, strict=True))
        except csv.Error:
            continue
        rows = [[cell.strip() for cell in row] for row in rows if any(map(str.strip, row))]
        whole = without_titles(rows)
        titles = ", lines of text around" if len(whole) < len(rows) else ""
        rows, joined = with_texts_joined(_with_one_header(whole), sign)
        widths = {len(row) for row in rows}
        if len(rows) < 2 or len(widths) != 1 or min(widths) < 2:
            continue
        called = _columns_without_header(folder, rows[0], pd.DataFrame(rows[1:], dtype=object))
        if called is None and len(set(rows[0])) < len(rows[0]):
            continue
        body, names = (rows[1:], rows[0]) if called is None else (rows, called)
        table = pd.DataFrame(body, columns=names, dtype=object)
        pointed = _with_points(table) if sign != "," else []
        commas = f", decimal commas in {some(pointed)}" if pointed else ""
        has_points = any(table[name].str.fullmatch(_POINTED).any() for name in table.columns)
        decimal = "," if pointed else "." if has_points else ""
        rivals = page.rivals if encoding == page.page else ()
        letters = _letters(content, text, encoding, rivals)
        bare = "" if called is None else f", {_without_header(called)}"
        reader = f"cells between {sign!r}{letters}{commas}{remarks}{titles}{joined}{bare}"
        return MadeTable((path,), reader, table, sign, decimal, encoding, called is None)
    return None


def without_titles(rows: list[list[str]]) -> list[list[str]]:
    """Return the rows of a sheet without a title above, and remarks below, in one cell each.

    Example:
        >>> without_titles([["Trees, 2024", ""], ["file", "tree"], ["7.jpg", "oak"], ["May", ""]])
        [['file', 'tree'], ['7.jpg', 'oak']]
    """
    filled = [sum(map(bool, row)) for row in rows]
    # A title stands in the first column: pandas leaves that of row numbers without a name.
    titles = itertools.takewhile(lambda row: row[:1] != [""] and not any(row[1:]), rows)
    start = len(list(titles))
    if len(rows) - start < 2 or sorted(filled)[len(filled) // 2] < 2:
        return rows
    kept = rows[start:]
    # A row with an id alone is one without an answer, and its cell looks as those above.
    forms = {_form_of_cell(row[0]) for row in kept[1:] if sum(map(bool, row)) > 1}
    while sum(map(bool, kept[-1])) == 1 and _form_of_cell("".join(kept[-1])) not in forms:
        kept = kept[:-1]
    return kept


def _form_of_cell(cell: str) -> str:
    """Return a cell with A for runs of letters and 0 for those of digits."""
    return re.sub(r"\d+", "0", re.sub(r"[^\W\d_]+", "A", cell))


def _with_one_header(rows: list[list[str]]) -> list[list[str]]:
    """Return the rows with the two of a header in one: `size` over `width` is `size width`.

    The second one has no name where the first has one of a single column, and no number.
    """
    if len(rows) < 3 or len({len(row) for row in rows[:3]}) > 1:
        return rows
    upper, lower = rows[0], rows[1]
    is_header = (
        bool(upper[0])
        and lower[0] == ""
        and any(lower)
        and not any(re.search(r"\d", cell) and not re.search(r"[^\W\d_]", cell) for cell in lower)
        and (len(set(upper)) < len(upper) or "" in upper)
    )
    if not is_header:
        return rows
    names, last = [], ""
    for over, under in zip(upper, lower, strict=True):
        last = over or last
        names.append(f"{last} {under}".strip() if under else over)
    return [names, *rows[2:]] if len(set(names)) == len(names) and all(names) else rows


def with_decimal_points(path: str, table: pd.DataFrame) -> MadeTable | None:
    """Return a table with tabs whose numbers have decimal commas with points; None: none has.

    Numbers as `1,000` may be thousands, which are written so where a point marks the fractions.

    Args:
        path: of the table.
        table: its cells, as they are.
    """
    table = table.copy()
    pointed = _with_points(table, tabs=True) if ".tsv" in path.lower() else []
    if not pointed:
        return None
    sep = "\t"
    reader = f"cells between {sep!r}, decimal commas in {some(pointed)}"
    return MadeTable((path,), reader, table, sep, ",")


def with_tabs(path: str, table: pd.DataFrame) -> MadeTable:
    """Return a table with tabs, which is a sample submission, with the signs that it shows.

    Args:
        path: of the table.
        table: its cells, as they are.
    """
    has_points = any(table[name].str.fullmatch(_POINTED).any() for name in table.columns)
    sep = "\t"
    return MadeTable((path,), f"cells between {sep!r}", table, sep, "." if has_points else "")


def with_header(folder: DataFolder, path: str, table: pd.DataFrame) -> MadeTable | None:
    """Return a table without a header with names of columns; None where the first row is a header.

    Its first row names an image, as the others do, and what stands beside it stands in other rows,
    too, or is a number or runs as all of its column are.
    """
    first = [str(name) for name in table.columns]
    called = _columns_without_header(folder, first, table)
    if called is None:
        return None
    whole = pd.DataFrame([first, *table.to_numpy().tolist()], columns=called, dtype=object)
    sep = "\t" if ".tsv" in path.lower() else ","
    return MadeTable((path,), _without_header(called), whole, sep, header=False)


def _without_header(called: Sequence[str]) -> str:
    return f"no header: its columns are called {', '.join(called)}"


def _columns_without_header(
    folder: DataFolder, first: Sequence[str], below: pd.DataFrame
) -> list[str] | None:
    """Return what columns are called whose first row is one as the others; None: it is a header.

    Args:
        folder: with the images.
        first: the cells of the first row.
        below: the other rows.
    """
    files = {image.name for image in folder.images} | {image.stem for image in folder.images}
    if not any(cell in files for cell in first):
        first, below = [ascii_number(cell) for cell in first], below.map(ascii_number)
    named = [k for k, cell in enumerate(first) if cell in files]
    if len(named) > 1:  # a label may be a number that a file has for its name; ids differ
        cells = {k: [first[k], *below.iloc[:, k]] for k in named}
        named = [k for k in named if len(set(cells[k])) == len(cells[k])]
    rest = [k for k in range(len(first)) if k not in named]
    if len(named) != 1 or not rest or not names_images(folder, below.iloc[:, named]):
        return None
    for k in rest:
        column = (first[k], *below.iloc[:, k])
        are_numbers = all(re.fullmatch(rf"{_POINTED}|[+-]?\d+(?:,\d+)?", one) for one in column)
        if not are_numbers and not are_runs(column, by_name=True) and first[k] not in column[1:]:
            return None
    fields = ["label"] if len(rest) == 1 else [f"field_{n}" for n in range(2, len(rest) + 2)]
    called = dict(zip([*named, *rest], ["image", *fields], strict=True))
    return [called[k] for k in range(len(first))]


def without_index(folder: DataFolder, path: str, table: pd.DataFrame) -> MadeTable | None:
    """Return a table without the row numbers that pandas wrote first; None where it has none.

    Another column names its images. Else these numbers do, and have a name.
    """
    first, *rest = (str(name) for name in table.columns)
    if not rest or re.fullmatch(r"|Unnamed: ?\d+", first) is None:
        return None
    if not names_images(folder, table[rest]):
        name = "image" if "image" not in rest else "file"
        if not names_images(folder, table[[first]]) or is_sample_submission(path):
            return None
        what = f"a first column without a name, which is called {name}"
        return MadeTable((path,), what, table.rename(columns={first: name}))
    cells = list(table.iloc[:, 0])
    if not any(cells == [str(n + start) for n in range(len(cells))] for start in (0, 1)):
        return None
    what = "a first column without a name that numbers the rows, which is left out"
    return MadeTable((path,), what, table[rest])


def sheets_of_book(folder: DataFolder, path: str) -> dict[str, MadeTable]:
    """Return the tables of a workbook by name: a table for each sheet of several cells.

    Raises:
        DataError: it is damaged, or openpyxl, which reads it, is not installed.
    """
    file = folder.path / path
    save = "or save it as CSV"
    try:
        sheets = pd.read_excel(
            file, sheet_name=None, header=None, dtype=str, keep_default_na=False, engine="openpyxl"
        )
    except ImportError as error:
        raise DataError(
            "workbooks are read with openpyxl, which is not installed",
            where=path,
            fix=f"pip install 'podium-kaggle[xlsx]', {save}",
        ) from error
    except Exception as error:  # openpyxl lets through what zipfile and the XML reader raise
        what = f"the workbook cannot be read: {str(error) or type(error).__name__}"
        raise DataError(what, where=path, fix=f"open it and save it again, {save}") from error
    found = {}
    for sheet, cells in sheets.items():
        rows = [[str(cell).strip() for cell in row] for row in cells.fillna("").to_numpy()]
        rows = _with_one_header(without_titles([row for row in rows if any(row)]))
        kept = [k for k in range(len(rows[0]) if rows else 0) if any(row[k] for row in rows)]
        rows = [[row[k] for k in kept] for row in rows]
        if len(rows) < 2 or len(kept) < 2 or len(set(rows[0])) < len(kept):
            continue
        name = _stem(path) if len(sheets) == 1 else f"{_stem(path)}_{sheet}"
        table = pd.DataFrame(rows[1:], columns=rows[0], dtype=object)
        name = re.sub(r"[^\w.-]+", "_", name)
        found[f"{name}.csv"] = MadeTable((path,), f"the sheet {sheet!r} of a workbook", table)
    return found


def sample_of_list(folder: DataFolder) -> MadeTable | None:
    """Return the sample submission that is a text, with a header or without one; or None."""
    for path in folder.texts:
        file = folder.path / path
        if not is_sample_submission(path) or file.stat().st_size > _LARGEST:
            continue
        found = _table_of_text(folder, file)
        if found is None or len(found.table.columns) < 2:
            continue
        if names_images(folder, found.table):
            return found.made_of(path)
    return None


def sample_of_records(folder: DataFolder) -> tuple[MadeTable, dict[str, object], str | None] | None:
    """Return the sample submission that is a JSON list of records, its form, its column of counts.

    COCO results have a mask as `{"size": [height, width], "counts": text}`: it becomes the counts,
    with columns for the size. None where there is no such list.
    """
    for path in folder.jsons:
        words = set(name_words(path.rpartition("/")[2].rpartition(".")[0]))
        file = folder.path / path
        if not words & _SAMPLES or file.suffix != ".json" or file.stat().st_size > _LARGEST:
            continue
        try:
            content = json.loads(file.read_bytes())
        except (OSError, ValueError, RecursionError):
            continue
        if (by_id := _sample_by_id(folder, path, content)) is not None:
            return by_id
        if not isinstance(content, list) or not content or not isinstance(content[0], dict):
            continue
        if any(not isinstance(one, dict) or set(one) != set(content[0]) for one in content):
            continue
        names = list(content[0])
        counts = [name for name in names if all(_are_counts(one[name]) for one in content)]
        order = sorted(names, key=lambda name: (not _is_id(name), names.index(name)))
        rows = []
        for one in content:
            row = {name: cell_of(one[name]) for name in order}
            for name in counts[:1]:
                height, width = one[name]["size"]
                row |= {name: _counts_text(one[name]), "height": str(height), "width": str(width)}
            rows.append(row)
        if len(order) < 2:
            continue
        as_text = [
            name
            for name in order
            if name not in counts and any(_is_number_text(one[name]) for one in content)
        ]
        form: dict[str, object] = {"kind": "json", **({"as_text": as_text} if as_text else {})}
        reader = "a list of records"
        if counts and any(isinstance(one[counts[0]]["counts"], list) for one in content):
            reader += " with counts as numbers; files to send have them as text, as COCO's own"
        made = MadeTable((path,), reader, pd.DataFrame(rows, dtype=object))
        return made, form, counts[0] if counts else None
    return None


def _sample_by_id(
    folder: DataFolder, path: str, content: Any
) -> tuple[MadeTable, dict[str, object], str | None] | None:
    """Return a sample submission that has answers by their ids; None where it is another JSON.

    As `{"7.jpg": "cat"}`, or with a record of answers each. Most ids name images.
    """
    if not isinstance(content, dict) or not content:
        return None
    answers = list(content.values())
    are_records = all(isinstance(one, dict) and one for one in answers)
    if not are_records and any(isinstance(one, dict | list) for one in answers):
        return None
    records = answers if are_records else [{"label": one} for one in answers]
    names = list(records[0])
    flat = all(not isinstance(cell, dict | list) for one in records for cell in one.values())
    if not flat or any(list(one) != names for one in records):
        return None
    column = next(name for name in ("id", "image", "id of the row") if name not in names)
    cells = [[key, *map(cell_of, one.values())] for key, one in zip(content, records, strict=True)]
    table = pd.DataFrame(cells, columns=[column, *names], dtype=object)
    if not names_images(folder, table[[column]]):
        return None
    as_text = [name for name in names if any(_is_number_text(one[name]) for one in records)]
    form: dict[str, object] = {"kind": "json", "by_id": True}
    made = MadeTable((path,), "answers by their ids", table)
    return made, {**form, **({"as_text": as_text} if as_text else {})}, None


def sample_of_class_columns(sample: SampleSubmission) -> tuple[MadeTable, dict[str, object]] | None:
    """Return a sample of masks with a column of runs a class as a row a class, and its form.

    As `tile,water,road`: every cell is blank, an empty mask or runs. None where it is another one,
    as where one column alone is called after runs.
    """
    cells = sample.table[sample.values]
    called = [name for name in sample.values if is_runs_name(name)]
    if len(sample.values) < 2 or len(called) not in (0, len(sample.values)):
        return None
    if sample.file.keys() - {"sep", "encoding"}:
        return None
    if not sample.table[sample.id].is_unique or not all(
        set(cells[name]) <= _EMPTY or are_runs(cells[name], by_name=True) for name in cells
    ):
        return None
    names = _class_names(sample.values) if called else sample.values
    if len(set(names)) < len(names):
        return None
    n = len(cells)
    table = pd.DataFrame(
        {
            sample.id: [one for one in sample.table[sample.id] for _ in names],
            "class": names * n,
            "rle": list(cells.to_numpy().ravel()),
        },
        dtype=object,
    )
    made = MadeTable((sample.path,), "a column a class", table)
    return made, {"wide": dict(zip(names, sample.values, strict=True))}


_EMPTY = frozenset(EMPTY_CELLS) - {"-1"}
_RUNS_WORD = r"(?:rle|mask|runs|pixels|encoded|segmentation)"
_OF_CLASS = (
    re.compile(rf"(?P<name>.+)[_\-. ]+{_RUNS_WORD}", re.I),
    re.compile(rf"{_RUNS_WORD}[_\-. ]+(?P<name>.+)", re.I),
)


def _class_names(columns: Sequence[str]) -> list[str]:
    """Return the columns without the word for runs: `water_rle` is of water."""
    for way in _OF_CLASS:
        found = [way.fullmatch(column) for column in columns]
        names = [one["name"] for one in found if one is not None]
        if len(names) == len(columns):
            return names
    return list(columns)


_SAMPLES = frozenset({"sample", "example", "submission", "template", "results", "result", "format"})


def _is_id(name: str) -> bool:
    return bool({"id", "image", "file"} & set(name_words(name))) and "category" not in name.lower()


def _are_counts(value: Any) -> bool:
    if not isinstance(value, dict) or "size" not in value:
        return False
    counts = value.get("counts")
    are_numbers = isinstance(counts, list) and all(isinstance(one, int) for one in counts)
    return isinstance(counts, str) or are_numbers


def _counts_text(value: Mapping[str, Any]) -> str:
    counts = value["counts"]
    return counts if isinstance(counts, str) else coco.encode_counts(np.asarray(counts, np.int64))


def _is_number_text(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value) is not None


def _letters(content: bytes, text: str, encoding: str, rivals: Sequence[str]) -> str:
    """Return how a table's letters were read, with a word of it that has such letters.

    Where another page would do as well, the word is shown as that has it, too.
    """
    if encoding == "utf-8":
        return ""
    for page in rivals:
        other = content.decode(page, "replace")
        pairs = zip(WORD.findall(text), WORD.findall(other), strict=False)
        word, found = next((one for one in pairs if one[0] != one[1]), ("", ""))
        if word:
            return f", text as {encoding}: {word!r}, which is {found!r} as {page}"
    word = next((one for one in WORD.findall(text) if not one.isascii()), "")
    return f", text as {encoding}" + (f" ({word!r})" if word else "")


_PLAIN = (".csv", ".tsv")

_POINTED = r"[+-]?\d*\.\d+(?:[eE][+-]?\d+)?"
_DECIMAL = re.compile(r"[+-]?\d+(?:,(?P<part>\d+))?(?:[eE][+-]?\d+)?")


def _has_commas(cells: pd.Series[str]) -> bool:
    """Return whether numbers have a decimal comma; a list of numbers has several in some cell."""
    known = _without_word([cell for cell in cells if cell])
    found = [_DECIMAL.fullmatch(cell) for cell in known]
    return (
        bool(known) and None not in found and any(one is not None and one["part"] for one in found)
    )


def _without_word(cells: Sequence[str]) -> list[str]:
    """Return the cells without the one text that may stand among numbers: `k.A.`, `n/a`."""
    words = {cell for cell in cells if _DECIMAL.fullmatch(cell) is None}
    rest = [cell for cell in cells if cell not in words]
    is_one = len(words) == 1 and not any(sign.isdigit() or sign == "," for sign in min(words))
    return rest if is_one and len(cells) - len(rest) <= _MOST_MISSING * len(cells) else [*cells]


_MOST_MISSING = 0.2


def _with_points(table: pd.DataFrame, *, tabs: bool = False) -> list[str]:
    """Write the decimal commas of a table as points, in place, and return the columns with any.

    Args:
        table: its cells, as text.
        tabs: whether tabs part its cells, so that a comma may as well mark thousands.
    """
    pointed = [str(name) for name in table.columns if _has_commas(table[name])]
    pointed = [name for name in pointed if not _may_list_numbers(table[name])]
    if tabs:
        numbers = {name: table[name][table[name].str.match(r"[+-]?\d|$")] for name in pointed}
        pointed = [name for name in pointed if not _may_be_thousands(numbers[name])]
    for name in pointed:
        table[name] = table[name].str.replace(",", ".")
    return pointed


def _may_list_numbers(cells: pd.Series[str]) -> bool:
    """Return whether cells with a comma may list two numbers, as classes, and others hold one.

    Each cell names two in their order, and what comes second differs and stands alone, too.
    """
    pairs = {tuple(cell.split(",")) for cell in cells if "," in cell}
    alone = {cell for cell in cells if cell and "," not in cell}
    seconds = {pair[1] for pair in pairs}
    return (
        len(seconds) > 1
        and seconds <= alone
        and all(one.isdecimal() and str(int(one)) == one for pair in pairs for one in pair)
        and all(int(first) < int(second) for first, second in pairs)
    )


def _may_be_thousands(cells: pd.Series[str]) -> bool:
    """Return whether all commas stand where those of thousands do: `1,250` beside `980`."""
    return all(re.fullmatch(r"[+-]?[1-9]\d{0,2},\d{3}|[+-]?\d{1,3}|", cell) for cell in cells)


def _stem(path: str) -> str:
    return path.rpartition("/")[2].split(".")[0]


def names_images(folder: DataFolder, table: pd.DataFrame) -> bool:
    """Return whether nine in ten cells of a column, or more, name images."""
    probe = table.iloc[:: max(1, len(table) // _PROBED)]
    return len(probe) > 0 and any(
        sum(bool(folder.named(cell)) for cell in probe[name]) >= _ENOUGH * len(probe)
        for name in table.columns
    )


def test_of_sample(
    folder: DataFolder, tables: Mapping[str, pd.DataFrame], sample: SampleSubmission | None
) -> MadeTable | None:
    """Return a table of the images to predict, where the sample has their paths otherwise; or None.

    Its ids are paths of another machine, or have other small and large letters, and each is of one
    file. No table lists these images.

    Args:
        folder: with the images.
        tables: by path, without the sample submission.
        sample: the sample submission.
    """
    of_test = folder.of_part("test")
    images = tuple(of_test or folder.of_part("other"))
    if sample is None or not images or not sample.table[sample.id].is_unique:
        return None
    if any(is_test_table(path) for path in tables):
        return None
    known = {name for image in images for name in (image.stem, image.name)}
    cells = sample.table[sample.id]
    if any(folder.named(cell) or cell in known for cell in cells):
        return None
    if not of_test and not all(re.search(r"[/\\]", cell) for cell in cells):
        return None
    found = _with_files(replace(folder, images=images), sample.table[[sample.id]])
    if found is None or (found[f"{sample.id}{IN_DATA}"] == "").any():
        return None
    if of_test and len(found) < len(images):
        return None
    reader = f"the ids of {sample.path}, with the files that they mean"
    return MadeTable((sample.path,), reader, found)


def _with_files(
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
    for image in folder.images:
        if image.part != "mask":
            by_stem[image.stem.casefold()].append(image)
    for name, each in cells.items():
        paths = [_nearest(cell, by_stem) for cell in each]
        named = {(cell, path) for cell, path in zip(each, paths, strict=True) if path}
        if len({path for _, path in named}) < len(named):
            continue  # `1.tif/2` is the second row of `1.tif`, and not of `2.tif`
        if paths and sum(map(bool, paths)) >= _ENOUGH * len(paths):
            return table.assign(**{f"{name}{IN_DATA}": paths})
    return None


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


def _table_of_text(folder: DataFolder, file: Path) -> _TextTable | None:
    """Return the table of a text, below a header, or as a list of images; None where it is none."""
    below = _table_below_header(folder, _lines_of(file))
    if below is not None:
        return below
    listed = table_of_list(folder, file)
    return None if listed is None else _TextTable(listed, _sign_of_lines(file), has_header=False)


def _lines_of(file: Path) -> list[str]:
    """Return the lines of a text that are no remarks and not blank; [] where it cannot be read."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def table_of_list(folder: DataFolder, file: Path) -> pd.DataFrame | None:
    """Return the table of a list of images, a line each, perhaps with labels behind it."""
    lines = _lines_of(file)
    probe = lines[:: max(1, len(lines) // _PROBED)]
    whole = sum(bool(folder.named(line)) for line in probe)
    if probe and whole >= _ENOUGH * len(probe):
        return pd.DataFrame({"image": lines}, dtype=object)
    found = [_LINE.fullmatch(line) for line in lines]
    rows = [(one["image"], one["label"]) for one in found if one is not None and one["label"]]
    if rows and len(rows) == len(lines):
        table = pd.DataFrame(rows, columns=["image", "label"], dtype=object)
        if names_images(folder, table):
            return table
    cells = [re.split(r"\s*,\s*|\s+", line) for line in lines]
    n = {len(row) for row in cells}
    if len(n) != 1 or not 2 < min(n) <= _MOST_FIELDS:
        return table_of_explained_list(folder, lines) if lines else None
    fields = [f"field_{number}" for number in range(2, min(n) + 1)]
    return pd.DataFrame(cells, columns=["image", *fields], dtype=object)


def _table_below_header(folder: DataFolder, lines: Sequence[str]) -> _TextTable | None:
    """Return the table of lines whose first one names the columns; None where it is as the others.

    A column has the names of images, and no cell of the first line is one.
    """
    for sign in "\t,;|":
        if not lines or sign not in lines[0]:
            continue
        rows = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=sign)]
        header, rest = rows[0], rows[1:]
        if not rest or any(len(row) != len(header) for row in rest):
            continue
        if "" in header or len(set(header)) < len(header) or any(map(folder.named, header)):
            return None
        table = pd.DataFrame(rest, columns=header, dtype=object)
        return _TextTable(table, sign, has_header=True) if names_images(folder, table) else None
    return None


def _sign_of_lines(file: Path) -> str:
    """Return the sign that parts the cells of each line of a list, as often; "" where none does."""
    lines = [one for one in file.read_text(encoding="utf-8-sig").splitlines() if one.strip()]
    for sign in "\t,;|":
        numbers = {line.count(sign) for line in lines}
        has_blanks = any(re.search(rf"[ ]{re.escape(sign)}|{re.escape(sign)}[ ]", x) for x in lines)
        if len(numbers) == 1 and numbers != {0} and not has_blanks:
            return sign
    return ""
