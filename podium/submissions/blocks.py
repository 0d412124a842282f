"""Many lines of a CSV at once: where their cells lie in a buffer, found without a loop in Python.

Lines that need a CSV reader (quotes, letters that are not ASCII, a wrong number of cells, blanks)
come one by one, as `read_lines` gives them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from podium.submissions.lines import Line, next_line, pass_bom

__all__ = ["Block", "read_blocks"]

BLOCK_BYTES = 1 << 19  # what the arrays made of it fit in a cache
_NEWLINE, _RETURN, _COMMA = 10, 13, 44
_ODD_LINES = 64
"""Lines that are read one by one before the next block is tried."""


@dataclass(frozen=True)
class Block:
    """Whole lines that follow one another, each with a cell for each column.

    Attributes:
        text: the lines, ASCII without quotes.
        number: of the first line; the header is 1.
        offset: of the first line, in bytes from the beginning of the file.
        bounds: int64 `(N, columns + 1)`: the cell of column c of line i is
            `text[bounds[i, c] : bounds[i, c + 1] - 1]`.
    """

    text: bytes
    number: int
    offset: int
    bounds: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.bounds)

    @property
    def data(self) -> NDArray[np.uint8]:
        """The bytes of `text`, read-only."""
        return np.frombuffer(self.text, dtype=np.uint8)

    def starts(self, column: int) -> NDArray[np.int64]:
        """Return where the cells of one column begin, `(N,)`."""
        return np.ascontiguousarray(self.bounds[:, column])

    def stops(self, column: int) -> NDArray[np.int64]:
        """Return the byte after each cell of one column, `(N,)`."""
        stops = self.bounds[:, column + 1] - 1
        if column + 2 == self.bounds.shape[1] and b"\r" in self.text:
            stops -= self.data[np.maximum(stops - 1, 0)] == _RETURN
        return np.asarray(stops)

    def column(self, column: int) -> list[str]:
        """Return the cells of one column."""
        text = self.text.decode("ascii")
        spans = zip(self.starts(column).tolist(), self.stops(column).tolist(), strict=True)
        return [text[start:stop] for start, stop in spans]

    def line(self, i: int) -> Line:
        """Return line `i` as `read_lines` does."""
        ends = self.bounds[i].tolist()
        cells = self.text[ends[0] : ends[-1]].decode("ascii").rstrip("\r\n").split(",")
        return Line(self.number + i, self.offset + ends[0], cells)


def read_blocks(path: Path, n_columns: int, *, longest: int) -> Iterator[Block | Line]:
    """Yield the lines of the file from the first on, in blocks where that can be done.

    Args:
        path: a CSV in UTF-8, as `read_lines` takes it.
        n_columns: cells that lines in blocks have, at least 2.
        longest: bytes that a line may have; more are never held in memory.

    Raises:
        LineError: as `read_lines`.
        OSError: the file cannot be opened.
    """
    with path.open("rb", buffering=BLOCK_BYTES) as file:
        pass_bom(file)
        number, n_alone = 1, 1  # the header comes alone
        while True:
            for _ in range(n_alone):
                found = next_line(file, number, longest=longest)
                if found is None:
                    return
                line, n_lines = found
                yield line
                number += n_lines
            offset = file.tell()
            while (block := _next_block(file, offset, number, n_columns)) is not None:
                yield block
                number, offset = number + len(block), offset + len(block.text)
            file.seek(offset)
            n_alone = _ODD_LINES  # what is odd rarely is so alone


def _next_block(file: BinaryIO, offset: int, number: int, n_columns: int) -> Block | None:
    """Return the regular lines from `offset` on; None where the first one is not."""
    file.seek(offset)
    text = file.read(BLOCK_BYTES)
    text = text[: _regular(text)]
    text = text[: text.rfind(b"\n") + 1]
    if not text:
        return None
    data = np.frombuffer(text, dtype=np.uint8)
    is_mark = data == _COMMA
    is_mark |= data == _NEWLINE
    ends = np.flatnonzero(is_mark)
    is_newline = data[ends] == _NEWLINE
    n_lines = int(np.count_nonzero(is_newline))
    n_whole = _n_whole(is_newline, n_lines, n_columns)
    if n_whole == 0:
        return None
    marks = ends[: n_whole * n_columns].reshape(n_whole, n_columns)
    bounds = np.empty((n_whole, n_columns + 1), dtype=np.int64)
    bounds[:, 1:] = marks + 1
    bounds[0, 0] = 0
    bounds[1:, 0] = marks[:-1, -1] + 1
    return Block(text[: int(bounds[-1, -1])], number, offset, bounds)


def _regular(text: bytes) -> int:
    """Return how many bytes at the beginning hold nothing that needs a CSV reader."""
    stops = [at for at in (text.find(b'"'), text.find(b"\0")) if at >= 0]
    if b"\r" in text and text.count(b"\r") != text.count(b"\r\n"):
        stops.append(text.find(b"\r"))
    if not text.isascii():
        stops.append(int(np.argmax(np.frombuffer(text, dtype=np.uint8) >= 128)))
    return min(stops, default=len(text))


def _n_whole(is_newline: NDArray[np.bool_], n_lines: int, n_columns: int) -> int:
    """Return how many lines at the beginning have `n_columns` cells."""
    n = min(n_lines, len(is_newline) // n_columns)
    grid = is_newline[: n * n_columns].reshape(n, n_columns)
    is_whole = grid[:, -1] & ~grid[:, :-1].any(axis=1)
    return n if is_whole.all() else int(np.argmin(is_whole))
