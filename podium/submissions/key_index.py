"""The names of the rows that a file must have, on the disk: for files that are out of order."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

__all__ = ["KeyIndex", "Known"]

_CACHE_KIB = 4_096


@dataclass(frozen=True, slots=True)
class Known:
    """A name that must be there: its place, and the line where it was seen (None: not yet)."""

    position: int
    line: int | None


class KeyIndex:
    """Names with their positions and lines, in a file without a name: memory stays the same.

    Args:
        expected: the names in order; of a name that stands there twice the first place counts.
    """

    def __init__(self, expected: Iterable[str] = ()) -> None:
        # A database without a name lies in a file that nobody else sees, and goes with the process.
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

    def find(self, key: str) -> Known | None:
        """Return what is known of `key`; None for a name that nobody expects and nobody saw."""
        found = self._rows.execute(
            "SELECT position, line FROM keys WHERE key = ?", (key,)
        ).fetchone()
        return None if found is None else Known(*found)

    def mark(self, key: str, line: int) -> None:
        """Note that an expected `key` stands in `line`."""
        self._rows.execute("UPDATE keys SET line = ? WHERE key = ?", (line, key))

    def add(self, key: str, line: int) -> Known | None:
        """Note a `key` that nobody expects; return what was known of it, if it was seen before."""
        added = self._rows.execute("INSERT OR IGNORE INTO keys VALUES (?, -1, ?)", (key, line))
        return None if added.rowcount else self.find(key)

    def unseen(self, start: int = 0) -> Iterator[str]:
        """Give the expected names from position `start` on that were not seen, in order."""
        found = self._rows.execute(
            "SELECT key FROM keys WHERE line IS NULL AND position >= ? ORDER BY position", (start,)
        )
        return (row[0] for row in found)

    def n_unseen(self, start: int = 0) -> int:
        """Return how many names `unseen` gives."""
        found = self._rows.execute(
            "SELECT COUNT(*) FROM keys WHERE line IS NULL AND position >= ?", (start,)
        ).fetchone()
        return int(found[0])

    def close(self) -> None:
        """Forget everything."""
        self._rows.close()
