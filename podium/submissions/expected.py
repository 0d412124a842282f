"""The names of the rows that a sample submission has, read from the file each time they are needed.

Their number is that of the rows of a submission, which may be millions: they are never held.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from podium.competition.spec import Competition
from podium.errors import DataError, some
from podium.submissions.blocks import Block, read_blocks
from podium.submissions.format import KEY_SEPARATOR, Format, expected_keys
from podium.submissions.header import sample_with_rows
from podium.submissions.key_index import KeyIndex
from podium.submissions.lines import Line, LineError

__all__ = ["SampleKeys", "expected_rows", "rows_of_sample"]

_AT_ONCE = 1 << 16
_REPEATED_AT_MOST = 1000


def expected_rows(competition: Competition, form: Format) -> tuple[Iterable[str], str]:
    """Return the rows that a submission must have, in order, each once, and where that is said.

    They may be gone through many times. Those of a sample stay in its file; the sample's ids win
    over the test folder's: they are the list that the host scores by. Rows of pixels are those of
    `pixel_keys.expected_pixels`.

    Raises:
        DataError: the sample cannot be read, or repeats a row.
    """
    sample = sample_with_rows(competition)
    if sample is None:
        return expected_keys(competition, form)
    return rows_of_sample(sample, form), sample.name


def rows_of_sample(path: Path, form: Format) -> Iterable[str]:
    """Return the names of the rows of the sample at `path`, each once; objects repeat their image.

    Raises:
        DataError: the file cannot be read, or repeats a row.
    """
    keys = SampleKeys(path, form)
    repeated = _repeated_hashes(keys)
    if not len(repeated):
        return keys
    if form.rows == "instance":
        return _Indexed(keys)
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


class _Indexed:
    """Names, each once and where it came first; they lie on the disk."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._index = KeyIndex(keys)

    def __iter__(self) -> Iterator[str]:
        return self._index.unseen()


@dataclass(frozen=True)
class SampleKeys:
    """The names of the rows of the file at `path`, in order; may be gone through many times.

    Raises:
        DataError: when gone through: the file cannot be read, has no rows, or lacks a column that
            names them.
    """

    path: Path
    form: Format

    def __iter__(self) -> Iterator[str]:
        wanted = [self.form.header[i] for i in self.form.key_columns]
        try:
            yield from self._names(wanted)
        except FileNotFoundError as error:
            fix = "correct submission.sample in competition.yaml"
            raise DataError("there is no such file", where=self.path, fix=fix) from error
        except LineError as error:
            where = f"{self.path}:{error.line}"
            raise DataError(error.message, where=where, fix=error.fix) from error

    def _names(self, wanted: list[str]) -> Iterator[str]:
        n_columns, at = self._columns(wanted)
        lines = read_blocks(self.path, max(2, n_columns), longest=self.path.stat().st_size + 1)
        next(lines, None)
        n_rows = 0
        for part in lines:
            n_rows += 1
            if isinstance(part, Block):
                columns = [_stripped(part.column(i)) for i in at]
                yield from (
                    columns[0]
                    if len(at) == 1
                    else map(KEY_SEPARATOR.join, zip(*columns, strict=True))
                )
            elif part.cells:
                yield self._name(part, at, n_columns)
        if not n_rows:
            fix = "give a file with a header and rows"
            raise DataError("has no rows", where=self.path, fix=fix)

    def _columns(self, wanted: list[str]) -> tuple[int, list[int]]:
        """Return how many columns the file has, and where those stand that name a row."""
        header = next(read_blocks(self.path, 2, longest=1 << 20), None)
        names = [cell.strip() for cell in header.cells] if isinstance(header, Line) else []
        missing = [one for one in wanted if one not in names]
        if missing:
            raise DataError(
                f"has no column {some(missing)}",
                where=f"{self.path}:1",
                fix="correct submission.columns in competition.yaml",
            )
        return len(names), [names.index(one) for one in wanted]

    def _name(self, line: Line, at: list[int], n_columns: int) -> str:
        if len(line.cells) != n_columns:
            raise DataError(
                f"has {len(line.cells)} cells, the header {n_columns}",
                where=f"{self.path}:{line.number}",
                fix="quote cells that hold a comma",
            )
        return KEY_SEPARATOR.join(line.cells[i].strip() for i in at)


def _stripped(cells: list[str]) -> list[str]:
    # Most samples have no spaces, and a look at all cells together is much faster than at each.
    return [one.strip() for one in cells] if " " in "".join(cells) else cells
