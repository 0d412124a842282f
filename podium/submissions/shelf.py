"""Lines of a file that come in another order than the one in which they must stand."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Shelf", "on_disk"]

_HELD_AT_MOST = 32 << 20
_OVERHEAD = 160
"""Bytes that a line in memory takes beside its text."""


class Shelf:
    """Lines by position until their turn comes; memory does not grow with their number.

    Args:
        folder: where files without a name are made when lines are too many for memory; the system
            removes them when they are closed, also by the end of the process.
        n: how many positions there are.
    """

    def __init__(self, folder: Path, n: int) -> None:
        self._folder, self._n = folder, n
        self._lines: dict[int, bytes] = {}
        self._held = 0
        self._spill: IO[bytes] | None = None
        self._places: NDArray[np.int64] | None = None

    def put(self, position: int, line: bytes) -> None:
        """Keep the line of one position."""
        if self._held + len(line) + _OVERHEAD <= _HELD_AT_MOST:
            self._lines[position] = line
            self._held += len(line) + _OVERHEAD
            return
        if self._spill is None or self._places is None:
            self._spill = tempfile.TemporaryFile(  # noqa: SIM115 — `close` closes it
                dir=self._folder
            )
            self._places = on_disk(self._folder, np.dtype(np.int64), (self._n, 2))
        # An end of 0 is that of a line that is not there: a place is noted as its end.
        start = self._spill.seek(0, 2)
        self._places[position] = start, start + len(line) + 1
        self._spill.write(line)

    def take(self, position: int) -> bytes | None:
        """Return the line and forget it; None when it has not come yet."""
        line = self._lines.pop(position, None)
        if line is not None:
            self._held -= len(line) + _OVERHEAD
            return line
        if self._spill is None or self._places is None or position >= self._n:
            return None
        start, end = self._places[position].tolist()
        if not end:
            return None
        self._places[position] = 0
        self._spill.seek(start)
        return self._spill.read(end - 1 - start)

    def close(self) -> None:
        """Forget all lines."""
        self._places = None
        if self._spill is not None:
            self._spill.close()


def on_disk(folder: Path, dtype: np.dtype[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Return an array of zeros in a file without a name in `folder`, which goes with the array."""
    with tempfile.TemporaryFile(dir=folder) as file:
        rows = max(1, shape[0])
        return np.memmap(file, dtype, "w+", shape=(rows, *shape[1:]))
