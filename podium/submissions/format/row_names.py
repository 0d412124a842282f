"""Names of rows: those that a submission must have, those that it has, and the sample of each.

The expected names come from the sample submission, which is read each time they are needed: there
may be millions of rows, so names are never held in memory. A file whose rows stand in the expected
order is compared name by name as it goes by, and nothing of it is kept. From the first row on that
stands elsewhere, names are looked up in a `KeyIndex`, a database on the disk.
"""

from __future__ import annotations

import sqlite3
import tempfile
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path, PurePath

import numpy as np
from numpy.typing import NDArray

from podium.competition.ids.patterns import without_zeros
from podium.competition.spelling import composed
from podium.errors import SHOWN_AT_MOST, DataError, plural, some
from podium.submissions.format.csv_text import CsvBlock, CsvLine, of_competition, read_blocks
from podium.submissions.format.file_formats import plain_text
from podium.submissions.format.problems import Problems
from podium.submissions.format.spec import KEY_SEPARATOR, SubmissionFormat

__all__ = [
    "KeyCheck",
    "KeyIndex",
    "KeyLookahead",
    "SampleKeys",
    "meant_ids",
    "misspellings",
    "owners_of",
    "plain_sample",
    "rows_of_sample",
]


_COMPARED_AT_MOST = 10_000
_READ_AT_ONCE = 1024
_Missing = Iterable[str]


class KeyCheck:
    """Checks the row names of a file one by one, then reports which are missing.

    Args:
        expected: the names that must be there, iterated more than once; None: unknown.
        rows_source: the source of these names, for messages (`sample_submission.csv`).
        problems: where the faults go.
        may_repeat: whether a name may have several rows, as an image with several objects has.
        may_be_missing: whether a name may have none.
        pngs: returns the PNG that holds the row of a name, where the file is a ZIP of them.
    """

    def __init__(
        self,
        expected: Iterable[str] | None,
        rows_source: str,
        problems: Problems,
        *,
        may_repeat: bool = False,
        may_be_missing: bool = False,
        pngs: Callable[[str], str] | None = None,
    ) -> None:
        self._pngs = pngs
        self._expected = expected
        self._source = rows_source
        self._problems = problems
        self._may_repeat, self._may_be_missing = may_repeat, may_be_missing
        self._ahead = None if expected is None else KeyLookahead(expected)
        self._lines = _LineNumbers()
        self._index = KeyIndex() if expected is None else None
        self._last: str | None = None
        self._n_in_order = self._n_known = self._n_extra = 0
        self._extra: list[tuple[str, int]] = []
        self._extra_names: dict[str, None] = {}
        self._extra_pngs, self._n_extra_pngs, self._last_png = list[str](), 0, ""
        self._first_moved: int | None = None

    def peek(self, n: int) -> Sequence[str]:
        """Return the names of the next rows, at most `n`, as long as all stood in their places."""
        if self._ahead is None or self._index is not None:
            return ()
        return self._ahead.peek(n)

    def advance(self, n: int, line: int) -> None:
        """Take note that the next `n` rows, in the lines from `line` on, have those names."""
        assert self._ahead is not None
        self._lines.note(self._n_in_order, line)
        self._ahead.drop(n)
        self._n_in_order += n
        self._n_known += n

    def see(self, key: str, line: int) -> bool:
        """Take note of the row `key` at `line`; return whether it is the first of its name."""
        if self._may_repeat and key == self._last:
            return False
        self._last = key
        if self._index is None:
            if [key] == list(self.peek(1)):
                self.advance(1, line)
                return True
            self._index = KeyIndex(self._expected or ())
        return self._look_up(self._index, key, line)

    def _look_up(self, index: KeyIndex, key: str, line: int) -> bool:
        if self._expected is None:
            again = index.add(key, line)
            return again is None or self._again(key, line, again.line)
        known = index.find(key)
        if known is None:
            self._n_extra += 1
            self._note_png(key)
            if len(self._extra) < SHOWN_AT_MOST:
                self._extra.append((key, line))
            if len(self._extra_names) <= _COMPARED_AT_MOST:
                self._extra_names[key] = None
            return True
        if known.position < self._n_in_order:
            return self._again(key, line, self._lines.of(known.position))
        if known.line is not None:
            return self._again(key, line, known.line)
        index.mark(key, line)
        if known.position != self._n_known and self._first_moved is None:
            self._first_moved = line
        self._n_known += 1
        return True

    def expects(self, key: str) -> bool:
        """Return whether a row that was seen has a name that must be there, as far as is known."""
        if self._expected is None or self._index is None:  # no row stood elsewhere yet
            return True
        return self._index.find(key) is not None

    def _note_png(self, key: str) -> None:
        """Take note of the PNG of an unexpected row; the rows of one follow one another."""
        if self._pngs is None or (png := self._pngs(key)) == self._last_png:
            return
        self._last_png = png
        self._n_extra_pngs += 1
        if len(self._extra_pngs) < _COMPARED_AT_MOST:
            self._extra_pngs.append(png)

    def _again(self, key: str, line: int, first: int | None) -> bool:
        if not self._may_repeat:
            offender = f"{key!r}, first in line {first}"
            self._problems.add("repeated ids", offender, line=line, fix="write one row for each id")
        return False

    def finish(self) -> None:
        """Report what is extra, missing or in another order."""
        if self._ahead is None:
            return
        n_missing, missing = self._missing()
        n_all = self._n_known + n_missing
        if self._pngs is not None:
            self._report_pngs(self._pngs, missing, n_missing)
            return
        if self._n_extra:
            is_whole = n_missing == len(missing)
            meant = misspellings(self._extra_names, missing) if is_whole else {}
            self._report_extra(missing, meant)
            # An id that is misspelt is one fault, not an id too many and one that is missing.
            n_missing -= len(meant)
            misspelt = frozenset(meant.values())
            missing = [one for one in missing if one not in misspelt]
        if n_missing and not self._may_be_missing:
            self._problems.add(
                f"ids of {self._source} that are missing ({n_missing:,} of {n_all:,}): "
                f"{_few(missing, n_missing)}",
                fix=f"write one row for each id of {self._source}",
            )
        if not n_missing and not self._n_extra and self._first_moved is not None:
            self._problems.add(
                f"the rows are not in the order of {self._source}",
                line=self._first_moved,
                fix="no need where the host matches by id; sort them to be sure",
                level="warning",
            )

    def _report_pngs(self, png_of: Callable[[str], str], missing: list[str], n: int) -> None:
        """Report the mask files that are too many or missing: one may hold several rows."""
        source, is_whole = self._source, n == len(missing)
        extra, n_extra = self._extra_pngs, self._n_extra_pngs
        absent = list(dict.fromkeys(map(png_of, missing)))
        # Of many files both lists are cut: as many are compared.
        moved = _moved_files(extra if is_whole else extra[: len(absent)], absent)
        if moved is not None:
            self._report_moved(moved)
            n_extra -= len(moved.files)
            extra = [one for one in extra if one not in moved.files]
            absent = [one for one in absent if one not in moved.files.values()]
        if n_extra:
            meant = misspellings(extra, absent) if is_whole and n_extra == len(extra) else {}
            slip = None if moved else _likely_slip(self._extra[0][0], missing, source)
            slip = slip or meant_ids(extra[:SHOWN_AT_MOST], meant)
            absent = [one for one in absent if one not in meant.values()]
            title = f"files of no row of {source} ({n_extra:,}): {_few(extra, n_extra)}"
            self._problems.add(title, fix=slip or f"leave them out: {source} has no such image")
        if absent and not self._may_be_missing:
            more = "" if is_whole else " or more"
            self._problems.add(
                f"files that are missing ({len(absent):,}{more}): {_few(absent, len(absent))}",
                fix=f"write one for each image of {source}, also where its mask is empty",
            )

    def _report_moved(self, moved: _MovedFiles) -> None:
        """Report files that lie in a folder around their place, or lack one."""
        n, folder = len(moved.files), moved.folder
        is_every = n == self._n_extra_pngs and not self._n_known
        all_of = "all files" if is_every else f"{plural(n, 'file')}"
        shown = _few(list(moved.files), n)
        if moved.is_around:
            self._problems.add(
                f"{all_of} lie in the folder {folder}: {shown}", fix="pack them without the folder"
            )
        else:
            self._problems.add(
                f"{all_of} lack their folder, {folder}: {shown}", fix=f"pack them in {folder}"
            )

    def _missing(self) -> tuple[int, list[str]]:
        """Return how many names are missing, and the first of them."""
        if self._index is not None:
            index, start = self._index, self._n_in_order
            return index.n_unseen(start), list(islice(index.unseen(start), _COMPARED_AT_MOST))
        assert self._ahead is not None
        first = list(islice(self._ahead.rest(), _COMPARED_AT_MOST))
        return len(first) + sum(1 for _ in self._ahead.rest()), first

    def _report_extra(self, missing: list[str], meant: dict[str, str]) -> None:
        key, at = self._extra[0]
        shown = [extra for extra, _ in self._extra]
        fix = (
            _likely_slip(key, missing, self._source)
            or meant_ids(shown, meant)
            or f"take the ids from {self._source}"
        )
        if at == 1 and self._n_extra == 1:  # line 1 is a row where files have no header
            fix = "leave the first line out, if it is a header: the host's sample has none"
        title = f"ids that are not in {self._source}"
        for extra, line in self._extra:
            self._problems.add(title, repr(extra), line=line, fix=fix)
        self._problems.count(title, self._n_extra - len(self._extra))


@dataclass(frozen=True)
class _MovedFiles:
    """Files of a ZIP that would have their place without a folder, or in one.

    Args:
        folder: with a slash at its end.
        is_around: whether the files lie in it, and should not; else they should, and do not.
        files: the place of each by its path in the ZIP.
    """

    folder: str
    is_around: bool
    files: dict[str, str]


def _moved_files(extra: Sequence[str], absent: Sequence[str]) -> _MovedFiles | None:
    """Return the unexpected files that are missing ones but for a folder, if most of them are."""
    found: dict[tuple[str, bool], dict[str, str]] = {}
    for is_around, longer, shorter in ((True, extra, absent), (False, absent, extra)):
        known = frozenset(shorter)
        for path in longer:
            for folder, below in _cuts(path):
                if below in known:
                    pair = (path, below) if is_around else (below, path)
                    found.setdefault((folder, is_around), {})[pair[0]] = pair[1]
    if not found:
        return None
    (folder, is_around), files = max(found.items(), key=lambda one: len(one[1]))
    return _MovedFiles(folder, is_around, files) if 2 * len(files) > len(extra) else None


def _cuts(path: str) -> Iterator[tuple[str, str]]:
    """Yield each folder of a path, with its slash, and what is below it."""
    at = path.find("/") + 1
    while at:
        yield path[:at], path[at:]
        at = path.find("/", at) + 1


class KeyLookahead:
    """The names that come next, read a few at a time."""

    def __init__(self, expected: Iterable[str]) -> None:
        self._rest = iter(expected)
        self._next: list[str] = []
        self._at = 0

    def peek(self, n: int) -> list[str]:
        if len(self._next) - self._at < n:
            self._next = self._next[self._at :]
            self._at = 0
            # A few at once, also where they are needed one by one.
            self._next += islice(self._rest, max(n, _READ_AT_ONCE) - len(self._next))
        return self._next[self._at : self._at + n]

    def drop(self, n: int) -> None:
        self._at += n

    def rest(self) -> Iterator[str]:
        """Yield all that come next, each once."""
        waiting, self._next = self._next[self._at :], []
        self._at = 0
        yield from waiting
        yield from self._rest


class _LineNumbers:
    """The line of each row, where nearly all follow one another: what is kept are the jumps."""

    def __init__(self) -> None:
        self._positions: list[int] = []
        self._shifts: list[int] = []

    def note(self, position: int, line: int) -> None:
        shift = line - position
        if not self._shifts or self._shifts[-1] != shift:
            self._positions.append(position)
            self._shifts.append(shift)

    def of(self, position: int) -> int:
        return position + self._shifts[bisect_right(self._positions, position) - 1]


def _few(missing: list[str], n: int) -> str:
    shown = some(missing[:SHOWN_AT_MOST])
    return shown if n <= SHOWN_AT_MOST else f"{shown} and {n - SHOWN_AT_MOST:,} more"


def _likely_slip(key: str, missing: Iterable[str], rows_source: str) -> str | None:
    """Return how `key` probably came to differ from a missing id, as an instruction."""
    for expected in missing:
        if PurePath(key).stem == expected:
            parts = [("/" in key, "the folder"), (PurePath(key).suffix, "the extension")]
            what = " and ".join(name for is_there, name in parts if is_there)
            return f"drop {what}, as {rows_source} has {expected!r}"
        if PurePath(expected).stem == key:
            return f"keep the extension, as {rows_source} has {expected!r}"
        if without_zeros(expected) == without_zeros(key.removesuffix(".0")):
            return f"keep ids as text (pandas: dtype=str): {rows_source} has {expected!r}"
        if composed(key) == composed(expected):
            return (
                "keep ids as they are: Unicode composes accents in two ways, and "
                f"{rows_source} has {expected!a}, the file {key!a}"
            )
        if key.strip().lower() == expected.lower():
            return f"keep case and spacing, as {rows_source} has {expected!r}"
    return None


_TYPOS_AT_MOST = 200
_LETTERS_OF_A_TYPO = 4
"""At least, of an id of which one is wrong: of shorter ones, the rest says too little."""


def misspellings(extra: Collection[str], missing: Collection[str]) -> dict[str, str]:
    """Return the missing id that each unexpected one misspells, where there is one such pair alone.

    An id misspells another where it has its letters and digits (case, spaces, signs, zeros in
    front, a folder and an extension left out), or where one letter is another, is missing, is too
    many or stands elsewhere. Of more than 10,000 on a side none is compared.

    Args:
        extra: ids of a file that nobody asks for.
        missing: all ids that the file lacks.

    Example:
        >>> misspellings(["IMG-1.jpg", "cat_02"], ["IMG_1.jpg", "cat_03", "cat_05"])
        {'IMG-1.jpg': 'IMG_1.jpg'}
    """
    if max(len(extra), len(missing)) > _COMPARED_AT_MOST:
        return {}
    found: dict[str, str] = {}
    rest, absent = list(extra), list(missing)
    for of_extra, of_missing in _SPELLINGS:
        pairs = _only_pairs({one: {of_extra(one)} for one in rest}, absent, of_missing)
        found |= pairs
        rest = [one for one in rest if one not in pairs]
        absent = [one for one in absent if one not in pairs.values()]
    if len(rest) <= _TYPOS_AT_MOST:
        found |= _only_pairs({one: _less_a_letter(one) for one in rest}, absent, _less_a_letter)
    return {one: found[one] for one in extra if one in found}


def _only_pairs(
    extra: dict[str, set[str]],
    missing: Iterable[str],
    forms_of: Callable[[str], str | set[str]],
) -> dict[str, str]:
    """Return the pairs of names that share a form with each other, and with no other name."""
    having: dict[str, list[str]] = {}
    for one, forms in extra.items():
        for form in forms - {""}:
            having.setdefault(form, []).append(one)
    near: dict[str, set[str]] = {}
    for other in missing:
        found = forms_of(other)
        for form in {found} if isinstance(found, str) else found:
            for one in having.get(form, ()):
                near.setdefault(one, set()).add(other)
    n_near = Counter(other for others in near.values() for other in others)
    return {
        one: other
        for one, others in near.items()
        if len(others) == 1 and n_near[other := next(iter(others))] == 1
    }


def _letters(name: str) -> str:
    """Return the letters and digits of a name in small letters, of a number without its zeros."""
    plain = without_zeros(name.strip().removesuffix(".0"))
    return "".join(filter(str.isalnum, composed(plain).casefold()))


def _less_a_letter(name: str) -> set[str]:
    """Return a name with each of its letters left out, and itself; {} for a short one."""
    if len(_stem(name)) < _LETTERS_OF_A_TYPO:
        return set()
    return {name, *(name[:i] + name[i + 1 :] for i in range(len(name)))}


def _stem(name: str) -> str:
    return PurePath(name).stem


_SPELLINGS = ((_stem, str), (str, _stem), (_letters, _letters))
"""Forms of an unexpected and of a missing id that are equal where it is the same one."""


def meant_ids(shown: Sequence[str], meant: dict[str, str]) -> str | None:
    """Return the question whether these ids are others; None where none has another."""
    pairs = [(one, meant[one]) for one in shown if one in meant]
    if not pairs:
        return None
    if len(shown) == 1:
        return f"did you mean {pairs[0][1]!r}?"
    return f"did you mean {', '.join(f'{other!r} for {one!r}' for one, other in pairs)}?"


_AT_ONCE = 1 << 16
_REPEATED_AT_MOST = 1000


def rows_of_sample(path: Path, form: SubmissionFormat) -> Iterable[str]:
    """Return the names of the rows of the sample at `path`, each once; objects repeat their image.

    They may be iterated many times, and stay in the file. Those of pixels are not read yet.

    Raises:
        DataError: the file cannot be read, or repeats a row.
    """
    keys = SampleKeys(path, form)
    if form.rows == "pixel":
        return keys
    repeated = _repeated_hashes(keys)
    if not len(repeated):
        return keys
    if form.rows_are_objects:
        return _IndexedKeys(keys)
    wanted = set(repeated[:_REPEATED_AT_MOST].tolist())
    found = Counter(key for key in keys if hash(key) in wanted)
    twice = [key for key, count in found.items() if count > 1]
    if twice:
        raise DataError(
            f"the same id stands more than once: {some(twice)}",
            where=path,
            fix="remove the repeated rows",
        )
    return keys


def _repeated_hashes(keys: Iterable[str]) -> NDArray[np.int64]:
    """Return the hashes that several names have; all of them are sorted on the disk."""
    rest = iter(keys)
    with tempfile.TemporaryFile() as file:
        n = 0
        while some_of_them := list(islice(rest, _AT_ONCE)):
            hashes = np.fromiter(map(hash, some_of_them), np.int64, len(some_of_them))
            n += len(hashes)
            file.write(hashes.tobytes())
        if not n:
            return np.zeros(0, dtype=np.int64)
        file.flush()
        every = np.memmap(file, np.int64, "r+", shape=(n,))
        every.sort()
        found = []
        for start in range(0, n, _AT_ONCE):
            part = np.asarray(every[start : start + _AT_ONCE + 1])
            found.append(part[1:][part[1:] == part[:-1]][:_REPEATED_AT_MOST])
        return np.unique(np.concatenate(found))


class _IndexedKeys:
    """Names, each once and where it came first; they lie on the disk."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._index = KeyIndex(keys)

    def __iter__(self) -> Iterator[str]:
        return self._index.unseen()


@dataclass(frozen=True)
class SampleKeys:
    """The names of the rows of the file at `path`, in order; may be gone through many times.

    The file may be as `init` makes it, with the columns of the format, or as the host has it: with
    the columns of `file.id_of` in place of the id, with other signs, or without a header.

    Raises:
        DataError: when gone through: the file cannot be read, has no rows, or lacks a column that
            names them.
    """

    path: Path
    form: SubmissionFormat
    told: Path | None = None
    """The file that messages name, where `path` is a plain copy of it."""

    def __iter__(self) -> Iterator[str]:
        with of_competition(self.path, missing="correct submission.sample in competition.yaml"):
            plain = replace(self, path=plain_sample(self.path, self.form), told=self.path)
            yield from plain._names(_key_names(self.form))

    def _names(self, key_names: list[str]) -> Iterator[str]:
        n_columns, at = self._columns(key_names)
        lines = read_blocks(self.path, max(2, n_columns), longest=self.path.stat().st_size + 1)
        next(lines, None)
        n_rows = 0
        for part in lines:
            n_rows += 1
            if isinstance(part, CsvBlock):
                columns = [_stripped(part.column(i)) for i in at]
                if self.form.numbers_objects:
                    columns = [list(map(self.form.image_name, columns[0]))]
                yield from (
                    columns[0]
                    if len(at) == 1
                    else map(KEY_SEPARATOR.join, zip(*columns, strict=True))
                )
            elif part.cells:
                yield self._name(part, at, n_columns)
        if not n_rows:
            fix = "give a file with a header and rows"
            raise DataError("has no rows", where=self.told or self.path, fix=fix)

    def _columns(self, key_names: list[str]) -> tuple[int, list[int]]:
        """Return how many columns the file has, and where those stand that name a row."""
        names = _header(self.path)
        missing = [one for one in key_names if one not in names]
        if missing:
            raise DataError(
                f"has no column {some(missing)}",
                where=f"{self.told or self.path}:1",
                fix="correct submission.columns in competition.yaml",
            )
        return len(names), [names.index(one) for one in key_names]

    def _place(self, line: int) -> str:
        """Return the place of a line of `path`, as the host's file counts its lines."""
        if self.told in (None, self.path):
            return f"{self.path}:{line}"
        return f"{self.told}:{line - 1 + self.form.file.first_line}"

    def _name(self, line: CsvLine, at: list[int], n_columns: int) -> str:
        if len(line.cells) != n_columns:
            raise DataError(
                f"has {plural(len(line.cells), 'cell')}, the header {n_columns}",
                where=self._place(line.number),
                fix="quote cells that hold a comma",
            )
        name = KEY_SEPARATOR.join(line.cells[i].strip() for i in at)
        return self.form.image_name(name) if self.form.numbers_objects else name


def plain_sample(path: Path, form: SubmissionFormat) -> Path:
    """Return the path of the sample with the columns that name its rows: its own, or of a copy.

    Raises:
        LineError: it is as the host has it, and a line cannot be read.
    """
    is_text = not (form.file.reads_as_plain or form.file.kind == "png")
    if not is_text or set(_key_names(form)) <= set(_header(path)):
        return path
    return plain_text(path, form)


def _key_names(form: SubmissionFormat) -> list[str]:
    return [form.header[i] for i in form.key_columns]


def _header(path: Path) -> list[str]:
    header = next(read_blocks(path, 2, longest=1 << 20), None)
    return [cell.strip() for cell in header.cells] if isinstance(header, CsvLine) else []


def _stripped(cells: list[str]) -> list[str]:
    # Most samples have no spaces, and one check of all cells is much faster than one of each.
    return [one.strip() for one in cells] if " " in "".join(cells) else cells


def owners_of(form: SubmissionFormat) -> Callable[[str], list[str]]:
    """Return the function from the name of a row to the ids of the samples that it may be of.

    There is more than one where a class's name ends another's: `x_a_b` is the class `b` of `x_a`,
    or `a_b` of `x`.
    """
    if form.id == "{id}" and len(form.key_columns) == 1:
        return lambda key: [key]
    blank = [""] * max(1, len(form.classes))
    mark = "\0"  # in no id
    numbers = range(len(form.row_names)) if form.rows == "image_class" else (None,)
    around = {
        (before, after)
        for number in numbers
        for before, _, after in [form.key(form.row_cells(mark, number, blank)).partition(mark)]
    }
    longest_first = sorted(around, key=lambda pair: len(pair[0]) + len(pair[1]), reverse=True)

    def owners(key: str) -> list[str]:
        return [
            key[len(before) : len(key) - len(after)]
            for before, after in longest_first
            if key.startswith(before)
            and key.endswith(after)
            and len(key) >= len(before) + len(after)
        ]

    return owners


_CACHE_KIB = 4_096


@dataclass(frozen=True, slots=True)
class IndexedKey:
    """A name that must be there: its place, and the line that has it (None: not yet)."""

    position: int
    line: int | None


class KeyIndex:
    """Names with their positions and lines, in a file without a name: memory stays the same.

    Args:
        expected: the names in order; of a name that stands there twice the first place counts.
    """

    def __init__(self, expected: Iterable[str] = ()) -> None:
        # SQLite puts a database without a name in a private file, and removes it with the process.
        self._rows = sqlite3.connect("", isolation_level=None)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", f"cache_size=-{_CACHE_KIB}"):
            self._rows.execute(f"PRAGMA {pragma}")
        self._rows.execute(
            "CREATE TABLE keys (key TEXT PRIMARY KEY, position INTEGER, line INTEGER) WITHOUT ROWID"
        )
        self._rows.execute("BEGIN")
        self._rows.executemany(
            "INSERT OR IGNORE INTO keys VALUES (?, ?, NULL)",
            ((key, position) for position, key in enumerate(expected)),
        )

    def find(self, key: str) -> IndexedKey | None:
        """Return the entry of `key`; None for a name that is neither expected nor noted."""
        found = self._rows.execute(
            "SELECT position, line FROM keys WHERE key = ?", (key,)
        ).fetchone()
        return None if found is None else IndexedKey(*found)

    def mark(self, key: str, line: int) -> None:
        """Note that an expected `key` stands in `line`."""
        self._rows.execute("UPDATE keys SET line = ? WHERE key = ?", (line, key))

    def add(self, key: str, line: int) -> IndexedKey | None:
        """Note an unexpected `key`; return its earlier entry, if there is one."""
        added = self._rows.execute("INSERT OR IGNORE INTO keys VALUES (?, -1, ?)", (key, line))
        return None if added.rowcount else self.find(key)

    def unseen(self, start: int = 0) -> Iterator[str]:
        """Yield the expected names from position `start` on that the file lacks, in order."""
        found = self._rows.execute(
            "SELECT key FROM keys WHERE line IS NULL AND position >= ? ORDER BY position", (start,)
        )
        return (row[0] for row in found)

    def n_unseen(self, start: int = 0) -> int:
        """Return the number of names that `unseen` yields."""
        found = self._rows.execute(
            "SELECT COUNT(*) FROM keys WHERE line IS NULL AND position >= ?", (start,)
        ).fetchone()
        return int(found[0])

    def close(self) -> None:
        """Forget everything."""
        self._rows.close()
