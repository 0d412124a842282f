"""Rows of a submission that come in any order, leave in the wanted one, and are read back."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from pathlib import Path
from typing import BinaryIO, NoReturn

import numpy as np

from podium.errors import SubmissionError, some
from podium.submissions.format import Format
from podium.submissions.key_index import KeyIndex
from podium.submissions.keys import Ahead
from podium.submissions.problems import Problem, Problems
from podium.submissions.read import read_body, refuse
from podium.submissions.shelf import Shelf, on_disk

__all__ = ["OrderedRows", "csv_line", "refuse_other_rows", "refuse_read_back"]

_SHOWN = 1000
_AT_ONCE = 1 << 14
_KNOWN = np.dtype([("digest", np.uint32), ("state", np.uint8)])
_ABSENT, _THERE, _DROPPED = 0, 1, 2
"""States of a row: it has not come; it came; it came, and has no rows in the file."""

_ODD = re.compile('[,"\r\n]')


class OrderedRows:
    """Writes the header, then the rows named `keys` in that order; a row that is early waits.

    Memory does not grow with the number of rows: names are read along with the rows, and from the
    first row on that is early looked up in a `KeyIndex`; what is known of each row is on the disk.

    Args:
        file: open for writing, empty.
        form: the format of the rows.
        keys: the names of the rows that the file must have, each once; gone through several times.
        folder: where rows wait.
    """

    def __init__(self, file: BinaryIO, form: Format, keys: Iterable[str], folder: Path) -> None:
        self._file, self._form, self._keys = file, form, keys
        self._n = len(keys) if isinstance(keys, Sequence) else sum(1 for _ in keys)
        self._ahead, self._index = Ahead(keys), _Lazy(keys)
        self._shelf = Shelf(folder, self._n)
        self._known = on_disk(folder, _KNOWN, (self._n,))
        self._extra: list[str] = []
        self._n_extra = 0
        self._next = 0
        self._longest = self._file.write(csv_line(form.header))

    def put(self, cells: Sequence[str]) -> None:
        """Take one row.

        Raises:
            SubmissionError: its name was there before.
        """
        self.put_all(self._form.key(cells), [cells])

    def put_all(self, key: str, rows: Sequence[Sequence[str]]) -> None:
        """Take all rows of one name, which may be none or several, as the objects of an image.

        Raises:
            SubmissionError: its name was there before.
        """
        position = self._next if [key] == self._ahead.peek(1) else self._index.position(key)
        if position is None:
            self._n_extra += 1
            self._extra += [key] * (len(self._extra) < _SHOWN)
            return
        if self._known["state"][position] != _ABSENT:
            raise SubmissionError(f"ids stand more than once in the predictions: {some([key])}")
        self._known[position] = _digest(rows), _THERE if rows else _DROPPED
        lines = [csv_line(cells) for cells in rows]
        self._longest = max([self._longest, *map(len, lines)])
        waiting: bytes | None = b"".join(lines)
        if position != self._next:
            self._shelf.put(position, b"".join(lines))
            return
        while waiting is not None:
            self._file.write(waiting)
            self._ahead.drop(1)
            self._next += 1
            waiting = self._shelf.take(self._next) if self._ahead.peek(1) else None

    def finish(self, said_by: str) -> None:
        """Refuse rows that are missing or extra; `said_by` says which there must be."""
        n_missing, missing = 0, list[str]()
        if self._next < self._n:
            for key, (_, state) in zip(self._keys, self._records(), strict=True):
                n_missing += state == _ABSENT
                missing += [key] * (state == _ABSENT and len(missing) < _SHOWN)
        refuse_other_rows(missing, self._extra, said_by, n=(n_missing, self._n_extra))

    def close(self) -> None:
        """Forget rows that still wait."""
        self._shelf.close()
        self._index.close()

    def compare(self, written: Path, path: Path) -> None:
        """Read the finished file `written` back; anything but what was put is an error at `path`.

        Raises:
            SubmissionError: the file cannot be read, or a row is another one.
        """
        problems, wrong = Problems(), list[str]()
        lines = read_body(written, self._form, problems, longest=self._longest)
        put = self._put()
        for key, rows in groupby(lines, key=lambda line: self._form.key(line.cells)):
            if next(put, None) != (key, _digest(line.cells for line in rows)):
                wrong += [key] * (len(wrong) < _SHOWN)
        found, lost = problems.listed(), [key for key, _ in islice(put, _SHOWN)]
        if found or wrong or lost:
            refuse_read_back(path, found, wrong or lost)

    def _put(self) -> Iterator[tuple[str, int]]:
        """Yield name and digest of what was put and has rows, in order."""
        for key, (digest, state) in zip(self._keys, self._records(), strict=True):
            if state == _THERE:
                yield key, digest

    def _records(self) -> Iterator[tuple[int, int]]:
        """Yield digest and state of each row, in order."""
        for start in range(0, self._n, _AT_ONCE):
            yield from self._known[start : min(start + _AT_ONCE, self._n)].tolist()


class _Lazy:
    """The places of names, looked up on the disk; nothing is made until the first one is asked."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._keys = keys
        self._index: KeyIndex | None = None

    def position(self, key: str) -> int | None:
        """Return the place of `key`, or None where nobody expects it."""
        if self._index is None:
            self._index = KeyIndex(self._keys)
        known = self._index.find(key)
        return None if known is None else known.position

    def close(self) -> None:
        if self._index is not None:
            self._index.close()


def refuse_read_back(path: Path, problems: list[Problem], wrong: Sequence[str]) -> NoReturn:
    """Refuse a finished file that was read back: with errors, or the rows `wrong` as others.

    Raises:
        SubmissionError: always.
    """
    try:
        refuse(path, problems)
    except SubmissionError as error:
        raise SubmissionError(
            f"the written file cannot be read back: {error.message}", where=path, fix=error.fix
        ) from error
    raise SubmissionError(
        f"what was read back is not what was written, for {some(wrong)}",
        where=path,
        fix="check the disk, and that ids hold no line breaks; then write it again",
    )


def refuse_other_rows(
    missing: Sequence[str],
    extra: Sequence[str],
    said_by: str,
    *,
    n: tuple[int, int] | None = None,
) -> None:
    """Refuse predictions whose rows are not those that `said_by` names.

    Args:
        missing, extra: names of rows, of which the first few are told.
        said_by: who says which rows there must be.
        n: how many are missing and extra, where not all of them are given.
    """
    if not missing and not extra:
        return
    n_missing, n_extra = (len(missing), len(extra)) if n is None else n
    parts = [f"{said_by} has {n_missing:,} rows without a prediction: {some(missing)}"] * bool(
        missing
    )
    parts += [f"{n_extra:,} predictions have no row in {said_by}: {some(extra)}"] * bool(extra)
    raise SubmissionError(
        "; ".join(parts),
        fix="make submission.id and data.test.id in competition.yaml give the same ids; "
        "or drop submission.sample when the sample is out of date",
    )


def csv_line(cells: Sequence[str]) -> bytes:
    """Return one line of a CSV, with quotes where a cell needs them."""
    return (",".join(map(_quoted, cells)) + "\n").encode()


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if _ODD.search(cell) else cell


def _digest(rows: Iterable[Sequence[str]]) -> int:
    found = 0
    for cells in rows:
        found = zlib.crc32(("\0".join(cells) + "\n").encode(), found)
    return found
