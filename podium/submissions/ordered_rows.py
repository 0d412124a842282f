"""Rows of a submission that come in any order, leave in the wanted one, and are read back."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import BinaryIO

import numpy as np

from podium.errors import SubmissionError, some
from podium.submissions.format import Format
from podium.submissions.problems import Problems
from podium.submissions.read import read_body, refuse
from podium.submissions.shelf import Shelf

__all__ = ["OrderedRows", "csv_line", "refuse_other_rows"]

_SHOWN = 1000
_ODD = re.compile('[,"\r\n]')


class OrderedRows:
    """Writes the header, then the rows named `keys` in that order; a row that is early waits.

    In memory are the names of the rows, five bytes a row more, and rows that wait, until they are
    too many for it: these wait on the disk.

    Args:
        file: open for writing, empty.
        form: the format of the rows.
        keys: the names of the rows that the file must have, each once.
        folder: where rows wait.
    """

    def __init__(self, file: BinaryIO, form: Format, keys: Sequence[str], folder: Path) -> None:
        self._file, self._form, self._keys = file, form, keys
        self._positions = {key: i for i, key in enumerate(keys)}
        self._shelf = Shelf(folder)
        self._digests = np.zeros(len(keys), dtype=np.uint32)
        self._is_there = np.zeros(len(keys), dtype=np.bool_)
        self._is_dropped = np.zeros(len(keys), dtype=np.bool_)
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
        position = self._positions.get(key)
        if position is None:
            self._n_extra += 1
            self._extra += [key] * (len(self._extra) < _SHOWN)
            return
        if self._is_there[position]:
            raise SubmissionError(f"ids stand more than once in the predictions: {some([key])}")
        self._is_there[position] = True
        self._digests[position] = _digest(rows)
        self._is_dropped[position] = not rows
        lines = [csv_line(cells) for cells in rows]
        self._longest = max([self._longest, *map(len, lines)])
        self._shelf.put(position, b"".join(lines))
        while (waiting := self._shelf.take(self._next)) is not None:
            self._file.write(waiting)
            self._next += 1

    def finish(self, said_by: str) -> None:
        """Refuse rows that are missing or extra; `said_by` says which there must be."""
        absent = np.flatnonzero(~self._is_there)
        missing = [self._keys[i] for i in absent[:_SHOWN].tolist()]
        refuse_other_rows(missing, self._extra, said_by, n=(len(absent), self._n_extra))

    def close(self) -> None:
        """Forget rows that still wait."""
        self._shelf.close()

    def compare(self, written: Path, path: Path) -> None:
        """Read the finished file `written` back; anything but what was put is an error at `path`.

        Raises:
            SubmissionError: the file cannot be read, or a row is another one.
        """
        problems, wrong, n_read = Problems(), list[str](), 0
        lines = read_body(written, self._form, problems, longest=self._longest)
        put = np.flatnonzero(~self._is_dropped)
        for key, rows in groupby(lines, key=lambda line: self._form.key(line.cells)):
            at = int(put[n_read]) if n_read < len(put) else None
            digest = _digest(line.cells for line in rows)
            if at is None or self._keys[at] != key or self._digests[at] != digest:
                wrong += [key] * (len(wrong) < _SHOWN)
            n_read += 1
        found = problems.listed()
        if not found and not wrong and n_read == len(put):
            return
        try:
            refuse(path, found)
        except SubmissionError as error:
            raise SubmissionError(
                f"the written file cannot be read back: {error.message}", where=path, fix=error.fix
            ) from error
        wrong = wrong or [self._keys[i] for i in put[n_read : n_read + _SHOWN]]
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
