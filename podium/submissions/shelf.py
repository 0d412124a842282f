"""Lines of a file that come in another order than the one in which they must stand."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import IO

__all__ = ["Shelf"]

_HELD_AT_MOST = 64 << 20


class Shelf:
    """Lines by position until their turn comes.

    Args:
        folder: where a file without a name is made when lines are too many for memory; the system
            removes it when it is closed, also by the end of the process.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lines: dict[int, bytes] = {}
        self._places: dict[int, tuple[int, int]] = {}
        self._held = 0
        self._spill: IO[bytes] | None = None

    def put(self, position: int, line: bytes) -> None:
        """Keep the line of one position."""
        if self._held + len(line) <= _HELD_AT_MOST:
            self._lines[position] = line
            self._held += len(line)
            return
        if self._spill is None:
            self._spill = tempfile.TemporaryFile(  # noqa: SIM115 — `close` closes it
                dir=self._folder
            )
        self._places[position] = (self._spill.seek(0, 2), len(line))
        self._spill.write(line)

    def take(self, position: int) -> bytes | None:
        """Return the line and forget it; None when it has not come yet."""
        line = self._lines.pop(position, None)
        if line is not None:
            self._held -= len(line)
            return line
        place = self._places.pop(position, None)
        if place is None or self._spill is None:
            return None
        self._spill.seek(place[0])
        return self._spill.read(place[1])

    def close(self) -> None:
        """Forget all lines."""
        if self._spill is not None:
            self._spill.close()
