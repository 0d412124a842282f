"""Tables as spreadsheets and programs write them: other signs, titles, no header, row numbers.

A table of semicolons with decimal commas, letters of Windows, lines of text around it, or without
a header becomes one with commas, points and names of columns. A text with a separator in it, which
makes a row longer than the header, is one cell again.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

import pandas as pd

from podium.competition.digits import ascii_number
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.made_table import LARGEST, MadeTable
from podium.competition.infer.encodings import WORD, FoundPage, decode
from podium.competition.infer.files import DataFolder
from podium.competition.infer.image_tables import names_images
from podium.competition.infer.labels.lists import LIST_SIGNS, signs_in_names
from podium.competition.infer.sample.runs import are_runs
from podium.competition.infer.sample.submission import is_sample_submission
from podium.competition.infer.shares import NEARLY_ALL
from podium.errors import plural, some

__all__ = [
    "IdsToPredict",
    "decimals_as_points",
    "ids_of_units",
    "ids_to_predict",
    "of_other_dialect",
    "with_decimal_points",
    "with_header",
    "with_one_header",
    "with_tabs",
    "with_texts_joined",
    "without_index",
    "without_titles",
]

_BLANKS = " "
"""One or more between two cells."""

_COMMENTS = re.compile(r"\A(?:\s*#[^\n]*\n)+")

_MOST_LONG = 0.05  # of all rows
_FEWEST_ROWS = 20
_WORDS_OF_TEXT = 3  # of a cell in the middle of a column of texts
_SHARE_OF_IDS = 0.9  # different cells of a column that names rows


class IdsToPredict(NamedTuple):
    """The ids of what is to be predicted, which may be units of several images."""

    column: str
    """What a column of them is called."""
    cells: frozenset[str]
    may_be_alone: bool = False
    """Whether a table may have no column but theirs."""


def ids_to_predict(data: CompetitionData) -> list[IdsToPredict]:
    """Return the ids that may name what is to be predicted: of tables of test, and its folders.

    Columns with one value in all rows name nothing, nor does a sample submission, which may be
    called as a table of test. Images of test whose names repeat from folder to folder may be named
    by both, with a sign between.
    """
    found = [
        IdsToPredict(str(name), frozenset(table[name]) - {""})
        for path, table in data.test_tables.items()
        if not is_sample_submission(path)
        for name in table.columns
    ]
    images = data.folder.of_part("test")
    pairs = [(image.folder.rpartition("/")[2], image.stem) for image in images]
    found.append(IdsToPredict("id", frozenset(place for place, _ in pairs)))
    if len({stem for _, stem in pairs}) < len(pairs):
        found += [IdsToPredict("id", frozenset(map(sign.join, pairs))) for sign in _JOINING]
    return [one for one in found if len(one.cells) > 1]


_JOINING = ("_", "-", "/")
"""Signs between the folder and the name of an image, in an id of both."""


def ids_of_units(folder: DataFolder) -> list[IdsToPredict]:
    """Return the ids of units of a few images each: their names begin so, or their folder is it.

    As `0001` of `0001_L.jpg` and `0001_R.jpg`, or of `0001/L.jpg`: nearly all images have such an
    id, with a digit, which others in their folder have, too. A class would have more images.
    """
    images = [image for image in folder.images if image.part != "mask"]
    of_folders = [(image.folder, image.folder.rpartition("/")[2]) for image in images]
    found = [_ids_of_few(of_folders)]
    for words in range(1, _MOST_WORDS_OF_VIEW + 1):
        end = re.compile(rf"(?:[_ .-]+[^\W_]+){{{words}}}$")
        starts = [(image.folder, end.sub("", image.stem)) for image in images]
        found.append(_ids_of_few(starts))
    return [IdsToPredict("id", one, may_be_alone=True) for one in found if len(one) > 1]


def _ids_of_few(ids: Sequence[tuple[str, str]]) -> frozenset[str]:
    """Return the ids, with their folders, that a few images each have; none where most are others.

    Args:
        ids: the folder and the possible id of each image.
    """
    counts = Counter(ids)
    few = {one for one, n in counts.items() if 1 < n <= _MOST_VIEWS and re.search(r"\d", one[1])}
    if sum(counts[one] for one in few) < NEARLY_ALL * len(ids):
        return frozenset()
    return frozenset(name for _, name in few)


_MOST_WORDS_OF_VIEW = 2  # behind the id of a unit
_MOST_VIEWS = 12  # of a unit


def of_other_dialect(
    folder: DataFolder,
    path: str,
    page: FoundPage,
    ids: Sequence[IdsToPredict] = (),
    *,
    is_told: bool = False,
) -> MadeTable | None:
    """Return a table that a spreadsheet wrote: semicolons, decimal commas, letters of Windows.

    None where it is none: every row has as many cells, two or more.

    Args:
        page: the encoding of a table that is not UTF-8.
        ids: that rows may have in place of names of images, where there is no header.
        is_told: whether a text tells that tables have no header.
    """
    file = folder.path / path
    if file.suffix.lower() not in _PLAIN or file.stat().st_size > LARGEST:
        return None
    try:
        content = file.read_bytes()
        text, encoding = decode(content, page.page)
    except (OSError, UnicodeDecodeError):
        return None
    below = _COMMENTS.sub("", text)
    remarks = ", lines of remarks above" if below != text else ""
    for sign in (";", "\t", ",", "|", _BLANKS):
        try:
            if sign == _BLANKS:
                rows = [line.split() for line in below.splitlines()]
            else:
                lines = io.StringIO(below, newline="")
                rows = list(csv.reader(lines, delimiter=sign, strict=True))
        except csv.Error:
            continue
        rows = [[cell.strip() for cell in row] for row in rows if any(map(str.strip, row))]
        whole = without_titles(rows)
        titles = ", lines of text around" if len(whole) < len(rows) else ""
        rows, joined = with_texts_joined(with_one_header(whole), sign)
        widths = {len(row) for row in rows}
        if len(rows) < 2 or len(widths) != 1 or min(widths) < 2:
            continue
        below_first = pd.DataFrame(rows[1:], dtype=object)
        called = _columns_without_header(folder, rows[0], below_first, ids, is_told=is_told)
        # Blanks without the name of an image in each row part the words of a sentence.
        if called is None and (sign == _BLANKS or len(set(rows[0])) < len(rows[0])):
            continue
        body, names = (rows[1:], rows[0]) if called is None else (rows, called)
        table = pd.DataFrame(body, columns=names, dtype=object)
        pointed = decimals_as_points(table, commas_apart=False) if sign != "," else []
        commas = f", decimal commas in {some(pointed)}" if pointed else ""
        has_points = any(table[name].str.fullmatch(_POINTED).any() for name in table.columns)
        decimal = "," if pointed else "." if has_points else ""
        letters = _letters(content, text, page if encoding == page.page else FoundPage(encoding))
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


def with_one_header(rows: list[list[str]]) -> list[list[str]]:
    """Return the rows with the two of a header in one: `size` over `width` is `size width`.

    The second one has no name where the first has one of a single column, and no number. The first
    column is called in one of the two: pandas writes the name of row labels into the second one.
    """
    if len(rows) < 3 or len({len(row) for row in rows[:3]}) > 1:
        return rows
    upper, lower = rows[0], rows[1]
    is_header = (
        ((bool(upper[0]) and lower[0] == "") or _names_row_labels(rows))
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


def _names_row_labels(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether the second row calls the first column, which the first row leaves blank.

    It is as no label below it, and blank where the first row calls a single column.
    """
    upper, lower, below = rows[0], rows[1], rows[2:]
    if upper[0] or not lower[0] or _form_of_cell(lower[0]) in {_form_of_cell(x[0]) for x in below}:
        return False
    following = [*upper[1:], "the end"]
    return not any(
        under and over and behind and upper.count(over) == 1
        for over, under, behind in zip(upper, lower, following, strict=True)
    )


def with_texts_joined(rows: list[list[str]], sign: str) -> tuple[list[list[str]], str]:
    """Return the rows with the parts of a text in one cell, and what was done; "" for nothing.

    Few rows are longer than the header, and all others as long. Of each there is one column of
    texts whose cell it may be: with it joined, every other cell stands in its column elsewhere, or
    looks as those of a column of ids. Where a row fits in two ways, or in none, all stay.

        id,kind,title                         id,kind,title
        7,shirt,Blue shirt for men      →     7,shirt,Blue shirt for men
        8,shirt,Checked, blue shirt           8,shirt,"Checked,blue shirt"

    Args:
        rows: the header, and the cells of each row.
        sign: what separates them.
    """
    width = len(rows[0]) if rows else 0
    body = [row for row in rows[1:] if len(row) == width]
    long = [row for row in rows[1:] if len(row) != width]
    if not long or len(body) < _FEWEST_ROWS or len(long) > max(1, _MOST_LONG * len(body)):
        return rows, ""
    if min(map(len, long)) < width or width < 2:
        return rows, ""
    columns = [_Column([row[place] for row in body]) for place in range(width)]
    found = {id(row): _joined(row, columns, sign) for row in long}
    if any(one is None for one in found.values()):
        return rows, ""
    kept = [found.get(id(row)) or row for row in rows]
    return kept, f", {plural(len(long), 'row')} with {sign!r} in a text, which is one cell again"


class _Column:
    """The cells of a column of rows that are as long as the header."""

    def __init__(self, cells: Sequence[str]) -> None:
        self.values = frozenset(cells)
        known = [cell for cell in cells if cell]
        self.is_text = bool(known) and median(len(one.split()) for one in known) >= _WORDS_OF_TEXT
        self.are_ids = len(self.values) >= _SHARE_OF_IDS * len(cells)
        self.forms = (
            frozenset(map(_form_of_cell, self.values)) if self.are_ids else frozenset[str]()
        )

    def may_hold(self, cell: str) -> bool:
        return (
            self.is_text
            or cell in self.values
            or (self.are_ids and _form_of_cell(cell) in self.forms)
        )


def _joined(row: list[str], columns: Sequence[_Column], sign: str) -> list[str] | None:
    """Return the row with a text of several parts in one cell; None: no column fits, or several."""
    more = len(row) - len(columns)
    ways = []
    for place, column in enumerate(columns):
        if not column.is_text:
            continue
        text = sign.join(row[place : place + more + 1])
        cells = [*row[:place], text, *row[place + more + 1 :]]
        if all(one.may_hold(cell) for one, cell in zip(columns, cells, strict=True)):
            ways.append(cells)
    return ways[0] if len(ways) == 1 else None


def _form_of_cell(cell: str) -> str:
    """Return a cell with A for letters in a run, and 0 for digits."""
    return re.sub(r"\d+", "0", re.sub(r"[^\W\d_]+", "A", cell))


def with_decimal_points(path: str, table: pd.DataFrame) -> MadeTable | None:
    """Return a table with tabs whose numbers have decimal commas with points; None: none has.

    Numbers as `1,000` may be thousands, which are written so where a point marks the fractions.

    Args:
        table: its cells, as they are.
    """
    table = table.copy()
    pointed = decimals_as_points(table) if ".tsv" in path.lower() else []
    if not pointed:
        return None
    sep = "\t"
    reader = f"cells between {sep!r}, decimal commas in {some(pointed)}"
    return MadeTable((path,), reader, table, sep, ",")


def with_tabs(path: str, table: pd.DataFrame) -> MadeTable:
    """Return a table with tabs, which is a sample submission, with the signs that it shows.

    Args:
        table: its cells, as they are.
    """
    has_points = any(table[name].str.fullmatch(_POINTED).any() for name in table.columns)
    sep = "\t"
    return MadeTable((path,), f"cells between {sep!r}", table, sep, "." if has_points else "")


def with_header(
    folder: DataFolder,
    path: str,
    table: pd.DataFrame,
    ids: Sequence[IdsToPredict] = (),
    *,
    is_told: bool = False,
) -> MadeTable | None:
    """Return a table without a header with names of columns; None where the first row is a header.

    Its first row names an image, or has one of the `ids`, as the others do, and what stands beside
    it stands in other rows, too, name by name where it is a list, or is a number or runs as all of
    its column are; or a text tells that tables have no header.
    """
    first = [str(name) for name in table.columns]
    called = _columns_without_header(folder, first, table, ids, is_told=is_told)
    if called is None:
        return None
    whole = pd.DataFrame([first, *table.to_numpy().tolist()], columns=called, dtype=object)
    sep = "\t" if ".tsv" in path.lower() else ","
    return MadeTable((path,), _without_header(called), whole, sep, header=False)


def _without_header(called: Sequence[str]) -> str:
    return f"no header: its columns are called {', '.join(called)}"


def _columns_without_header(
    folder: DataFolder,
    first: Sequence[str],
    below: pd.DataFrame,
    ids: Sequence[IdsToPredict] = (),
    *,
    is_told: bool = False,
) -> list[str] | None:
    """Return what columns are called whose first row is one as the others; None: it is a header.

    Args:
        first: the cells of the first row.
        below: the other rows.
        ids: that rows may have in place of names of images.
        is_told: whether a text tells that tables have no header: then an id alone shows it.
    """
    files = {image.name for image in folder.images} | {image.stem for image in folder.images}
    if not any(cell.rpartition("/")[2] in files for cell in first):
        first, below = [ascii_number(cell) for cell in first], below.map(ascii_number)
    named = [k for k, cell in enumerate(first) if cell.rpartition("/")[2] in files]
    named = _with_an_id_a_row(first, below, named)
    column = "image"
    if len(named) != 1 or not names_images(folder, below.iloc[:, named]):
        of_ids = ((one.column, _places_of(one, first, below)) for one in ids)
        column, named = next((one for one in of_ids if one[1]), ("", []))
        if not named and is_told:
            column, named = "id", _places_of_numbered(first, below)
        if not named:
            return None
    rest = [k for k in range(len(first)) if k not in named]
    for k in rest if not is_told else ():
        cells = (first[k], *below.iloc[:, k])
        are_numbers = all(re.fullmatch(rf"{_POINTED}|[+-]?\d+(?:,\d+)?", one) for one in cells)
        if not are_numbers and not are_runs(cells, by_name=True) and not _stands_below(cells):
            return None
    fields = ["label"] if len(rest) == 1 else [f"field_{n}" for n in range(2, len(rest) + 2)]
    column = "id" if column in fields else column
    called = dict(zip([*named, *rest], [column, *fields], strict=True))
    return [called[k] for k in range(len(first))]


def _stands_below(cells: Sequence[str]) -> bool:
    """Return whether a first cell, or each name of the list that it has, stands in others, too."""
    first, *below = cells
    if first in below:
        return True
    for sign in (*LIST_SIGNS, *signs_in_names([first])):
        if not sign.strip() or sign not in first:
            continue  # blanks part the words of a sentence
        names = {name.strip() for name in first.split(sign)}
        known = {name.strip() for cell in below for name in cell.split(sign)}
        if len(names) > 1 and names <= known:
            return True
    return False


def _with_an_id_a_row(first: Sequence[str], below: pd.DataFrame, places: list[int]) -> list[int]:
    """Return those of several columns whose cells differ: a label may be a number as an id is."""
    if len(places) < 2:
        return places
    cells = {k: [first[k], *below.iloc[:, k]] for k in places}
    return [k for k in places if len(set(cells[k])) == len(cells[k])]


def _places_of(ids: IdsToPredict, first: Sequence[str], below: pd.DataFrame) -> list[int]:
    """Return the place of the one column, mostly of several, that holds ids alone, or []."""
    if len(first) < 2 and not ids.may_be_alone:
        return []
    found = [k for k, cell in enumerate(first) if cell in ids.cells]
    found = [k for k in found if len(below) and ids.cells.issuperset(below.iloc[:, k])]
    found = _with_an_id_a_row(first, below, found)
    return found if len(found) == 1 else []


def _places_of_numbered(first: Sequence[str], below: pd.DataFrame) -> list[int]:
    """Return the place of the first of several columns of ids with digits, all of one form, or [].

    As `A17` above `A18` and `A23`: no cell stands twice.
    """
    for k, cell in enumerate(first if len(first) > 1 else ()):
        cells = [cell, *below.iloc[:, k]]
        is_one_form = len({_form_of_cell(one) for one in cells}) == 1
        if is_one_form and re.search(r"\d", cell) and len(set(cells)) == len(cells) > 1:
            return [k]
    return []


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


def _letters(content: bytes, text: str, page: FoundPage) -> str:
    """Return in which encoding a table was read, how sure that is, and what to do where it is not.

    A word of the table shows it; where another encoding fits about as well, as that has it, too.
    """
    if page.page == "utf-8":
        return ""
    if page.page == "utf-16":
        return ", the encoding utf-16, by its mark"
    fix = "where names look wrong, save it as UTF-8 and run podium init again"
    for rival in page.rivals:
        other = content.decode(rival, "replace")
        pairs = zip(WORD.findall(text), WORD.findall(other), strict=False)
        word, found = next((one for one in pairs if one[0] != one[1]), ("", ""))
        if word:
            return (
                f", the encoding {page.page} as a guess: {word!r} is {found!r} in {rival}, which "
                f"fits about as well ({fix})"
            )
    word = next((one for one in WORD.findall(text) if not one.isascii()), "")
    if page.text:
        shown = f" ({word!r})" if word else ""
        return f", the encoding {page.page}{shown}, which {page.text} certainly has"
    if not word:
        return f", the encoding {page.page} as a guess, as no word shows it ({fix})"
    return f", the encoding {page.page} ({word!r}), which fits by far better than others ({fix})"


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


def decimals_as_points(table: pd.DataFrame, *, commas_apart: bool = True) -> list[str]:
    """Write the decimal commas of a table as points, in place, and return the columns with any.

    Args:
        commas_apart: whether no semicolon parts its cells, so that a comma may mark thousands.
    """
    pointed = [str(name) for name in table.columns if _has_commas(table[name])]
    pointed = [name for name in pointed if not _may_list_numbers(table[name])]
    if commas_apart:
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
