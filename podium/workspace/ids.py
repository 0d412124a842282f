"""Names made of what determines a result: canonical JSON, short digests, and digests of files.

A file's sha256 is kept with its path and what `stat` returns of its content: size, number on the
disk, and both times of change, of which no copy that keeps times (`cp -p`, `rsync -a`, an unpacked
archive) can bring the second. So the next digest costs one `stat`.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sqlite3
import time
import zlib
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

__all__ = ["FileDigests", "canonical_json", "sha256", "short_digest"]

_logger = logging.getLogger(__name__)

_SHORT = 8
# A younger file may change again within the grain of its clock, which on FAT is 2 s.
_SETTLED_AFTER_NS = 2_000_000_000
_WAIT_FOR_DATABASE_S = 10.0
_THREADS = 4
_WORTH_THREADS_BYTES = 8 * 2**20  # less is read by the time that threads have started
# The stamp is text: numbers of files may have all 64 bits, and integers of SQLite have a sign.
_TABLE = (
    "CREATE TABLE IF NOT EXISTS digest_of_file"
    " (path TEXT PRIMARY KEY, stamp TEXT, sha256 TEXT, checksum INTEGER)"
)
_IS_THERE = "SELECT 1 FROM sqlite_master WHERE name = 'digest_of_file'"
_OLD_TABLE = "DROP TABLE IF EXISTS digest"  # its stamps had size and mtime alone

_Stamp = tuple[int, int, int, int]  # size, mtime_ns, ctime_ns, inode


def canonical_json(obj: Any) -> str:
    """Return the one JSON text of `obj`: keys sorted, no blanks, plain ASCII.

    Raises:
        ValueError: a number is nan or infinite.
        TypeError: something is not JSON (a path, a set, an array): its text could change.

    Example:
        >>> canonical_json({"b": 1.0, "a": (True, None)})
        '{"a":[true,null],"b":1.0}'
    """
    return json.dumps(
        obj, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    )


def short_digest(obj: Any) -> str:
    """Return 8 hex digits of the sha256 of the canonical JSON of `obj`."""
    return hashlib.sha256(canonical_json(obj).encode("ascii")).hexdigest()[:_SHORT]


class FileDigests:
    """The sha256 of files, cached in the workspace's private folder.

    Several processes may share the cache; on a read-only or full disk, or with a broken cache, the
    digests are the same and only slower.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._database = workspace.private / "digests.db"
        self._root = os.path.join(workspace.root.resolve(), "")  # noqa: PTH118 — ends in a slash
        self._known: dict[str, tuple[_Stamp, str]] | None = None

    def of(self, path: Path) -> str:
        """Return the sha256 of the file at `path`, 64 hex digits.

        Raises:
            OSError: the file is missing or cannot be read.
        """
        return self.each([path])[0]

    def of_many(
        self, paths: Iterable[Path] | Mapping[str, Path], *, progress: Progress = SILENT
    ) -> str:
        """Return one sha256 over the sorted pairs (name, digest), wherever the files lie.

        Args:
            paths: files, named by their file names, or a mapping from names to files.
            progress: gets a bar while files are read.

        Raises:
            OSError: a file is missing or cannot be read.
        """
        if isinstance(paths, Mapping):
            names, files = list(paths), list(paths.values())
        else:
            files = list(paths)
            names = [file.name for file in files]
        pairs = sorted(zip(names, self.each(files, progress=progress), strict=True))
        return hashlib.sha256(canonical_json(pairs).encode("ascii")).hexdigest()

    def each(self, files: Sequence[Path], *, progress: Progress = SILENT) -> list[str]:
        """Return the sha256 of each of `files`; those that are not cached are read in threads.

        Raises:
            OSError: a file is missing or cannot be read.
        """
        if self._known is None:
            self._known = self._load()
        known = self._known
        keys = [self._key(file) for file in files]
        stamps = [_stamp(file) for file in files]
        missing = {
            key: (file, stamp)
            for key, file, stamp in zip(keys, files, stamps, strict=True)
            if key not in known or known[key][0] != stamp
        }
        fresh = _hash(missing, progress)
        self._store({key: entry for key, entry in fresh.items() if _is_settled(entry[0])})
        return [fresh[key][1] if key in fresh else known[key][1] for key in keys]

    def _key(self, file: Path) -> str:
        # Relative inside the workspace, so that a moved workspace keeps its cache. As text: every
        # training asks for each image several times, and paths take ten times as long.
        absolute = os.path.abspath(file)  # noqa: PTH100 — a link keeps its own name
        return absolute.removeprefix(self._root)

    def _load(self) -> dict[str, tuple[_Stamp, str]]:
        if not self._database.is_file():
            return {}
        try:
            rows = self._rows()
        except sqlite3.DatabaseError as error:
            self._give_up_on(error)
            return {}
        return {
            path: (_stamp_of(stamp), digest)
            for path, stamp, digest, checksum in rows
            if checksum == _checksum(path, stamp, digest)
        }

    def damaged(self) -> int:
        """Return the number of digests in the cache that are not what was written there."""
        return len(self._rows()) - len(self._load())

    def _rows(self) -> list[tuple[str, str, str, int]]:
        with closing(self._connect()) as connection:
            if not connection.execute(_IS_THERE).fetchall():
                return []
            return connection.execute("SELECT * FROM digest_of_file").fetchall()

    def _store(self, entries: dict[str, tuple[_Stamp, str]]) -> None:
        if not entries:
            return
        if self._known is not None:
            self._known.update(entries)
        rows = [
            (key, text, digest, _checksum(key, text, digest))
            for key, (stamp, digest) in entries.items()
            for text in [" ".join(map(str, stamp))]
        ]
        try:
            self._database.parent.mkdir(parents=True, exist_ok=True)
            with closing(self._connect()) as connection, connection:
                connection.execute(_TABLE)
                connection.execute(_OLD_TABLE)
                connection.executemany(
                    "INSERT OR REPLACE INTO digest_of_file VALUES (?, ?, ?, ?)", rows
                )
        except (OSError, sqlite3.DatabaseError) as error:
            self._give_up_on(error)

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self._database, timeout=_WAIT_FOR_DATABASE_S)

    def _give_up_on(self, error: Exception) -> None:
        _logger.warning("digests are not cached in %s: %s", self._database, error)
        # OperationalError: locked, read-only or full, and the file may be good. Else it is broken.
        if isinstance(error, sqlite3.DatabaseError) and not isinstance(
            error, sqlite3.OperationalError
        ):
            with suppress(OSError):
                self._database.unlink(missing_ok=True)


def _checksum(key: str, stamp: str, digest: str) -> int:
    return zlib.crc32(f"{key} {stamp} {digest}".encode())


def _stamp(file: Path) -> _Stamp:
    facts = file.stat()
    return facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino


def _stamp_of(text: str) -> _Stamp:
    size, mtime, ctime, inode = map(int, text.split())
    return size, mtime, ctime, inode


def _is_settled(stamp: _Stamp) -> bool:
    return time.time_ns() - stamp[1] > _SETTLED_AFTER_NS


def _hash(
    files: dict[str, tuple[Path, _Stamp]], progress: Progress
) -> dict[str, tuple[_Stamp, str]]:
    if not files:
        return {}
    fresh: dict[str, tuple[_Stamp, str]] = {}
    is_little = sum(stamp[0] for _, stamp in files.values()) < _WORTH_THREADS_BYTES
    with progress.bar("reading files", len(files)) as advance, ThreadPoolExecutor(_THREADS) as pool:
        each = map if is_little else pool.map  # a pool that gets no work starts no thread
        digests = each(sha256, [file for file, _ in files.values()])
        for (key, (_, stamp)), digest in zip(files.items(), digests, strict=True):
            fresh[key] = (stamp, digest)
            advance(1)
    return fresh


def sha256(file: Path) -> str:
    """Return the sha256 of a file, 64 hex digits; it is read in pieces."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
