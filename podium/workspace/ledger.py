"""The index over records, receipts and leaderboard snapshots, made from these files.

The files are the truth: deleting the index loses nothing. A broken index, or one of another schema,
is made again; where none can be written (a read-only or full disk), it is kept in memory.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool, StaticPool

from podium.errors import PodiumError, RunError
from podium.workspace import json_lines
from podium.workspace.layout import ADOPTED_FILE, RECEIPT_FILE, Workspace
from podium.workspace.records import RECORD_FILE, Record, read_record

__all__ = ["Artefact", "Ledger"]


_logger = logging.getLogger(__name__)

_SCHEMA_VERSION = 2
_WAIT_FOR_DATABASE_S = 30.0
# SQLite's primary codes: the file is broken, or is not (any longer) our database.
_BROKEN = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

T = TypeVar("T")

_tables = sa.MetaData()
_about = sa.Table("about", _tables, sa.Column("schema_version", sa.Integer, nullable=False))
# One row a file that was read: its state then, its content, or why it could not be read.
_files = sa.Table(
    "file",
    _tables,
    sa.Column("path", sa.String, primary_key=True),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("mtime_ns", sa.Integer, nullable=False),
    sa.Column("problem", sa.String),
)
_artefacts = sa.Table(
    "artefact",
    _tables,
    sa.Column("path", sa.String, primary_key=True),
    sa.Column("kind", sa.String, nullable=False, index=True),
    sa.Column("id", sa.String, nullable=False, index=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("status", sa.String, nullable=False),
    sa.Column("created", sa.String, nullable=False, index=True),
    sa.Column("podium", sa.String, nullable=False),
    sa.Column("parents", sa.JSON, nullable=False),
    sa.Column("scores", sa.JSON, nullable=False),
    sa.Column("details", sa.JSON, nullable=False),
)
_snapshots = sa.Table(
    "snapshot",
    _tables,
    sa.Column("path", sa.String, primary_key=True),
    sa.Column("line", sa.Integer, primary_key=True),
    sa.Column("content", sa.JSON, nullable=False),
)


@dataclass(frozen=True)
class Artefact:
    """A run, blend, submission, import or pseudo-label table, as in its record or receipt."""

    kind: str
    id: str
    name: str
    status: str
    created: datetime
    folder: str
    podium: str
    parents: tuple[str, ...]
    scores: dict[str, Any]
    details: dict[str, Any]


@dataclass(frozen=True)
class _FileState:
    """A file as it is on the disk."""

    path: str
    size: int
    mtime_ns: int


class Ledger:
    """The index of one workspace.

    Several processes may use it at once.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._engine = self._opened()

    @property
    def problems(self) -> list[str]:
        """Why files could not be read, each beginning with the file; they are skipped."""
        query = (
            sa.select(_files.c.problem).where(_files.c.problem.is_not(None)).order_by(_files.c.path)
        )
        return self._safely(lambda connection: list(connection.scalars(query)))

    def rebuild(self) -> dict[str, int]:
        """Make the index anew from the files; return how many artefacts of each kind there are.

        Leaderboard lines are counted as "snapshot". Files that cannot be read are logged, and
        listed by `problems`.
        """
        self._safely(_forget_all)
        self.refresh()
        query = sa.select(_artefacts.c.kind, sa.func.count()).group_by(_artefacts.c.kind)
        lines = sa.select(sa.func.count()).select_from(_snapshots)
        counts = self._safely(lambda c: {row[0]: int(row[1]) for row in c.execute(query)})
        n_lines = self._safely(lambda c: int(c.scalar(lines) or 0))
        return dict(sorted(counts.items())) | ({"snapshot": n_lines} if n_lines else {})

    def refresh(self) -> int:
        """Read new and changed files, forget those that are gone; return how many that were."""
        return self._safely(self._refresh)

    def artefacts(self, kind: str | None = None) -> list[Artefact]:
        """Return the artefacts of the last refresh, oldest first."""
        query = sa.select(_artefacts).order_by(_artefacts.c.created, _artefacts.c.path)
        if kind is not None:
            query = query.where(_artefacts.c.kind == kind)
        rows = self._safely(lambda c: [_artefact(row) for row in c.execute(query).mappings()])
        return _without_duplicates(rows)

    def snapshots(self) -> list[dict[str, Any]]:
        """Return the lines of `board/*.jsonl` of the last refresh, by file and line."""
        query = sa.select(_snapshots.c.content).order_by(_snapshots.c.path, _snapshots.c.line)
        return self._safely(lambda connection: list(connection.scalars(query)))

    def _refresh(self, connection: sa.Connection) -> int:
        now = {seen.path: seen for seen in self._on_disk()}
        then = {
            row.path: _FileState(row.path, row.size, row.mtime_ns)
            for row in connection.execute(_known())
        }
        gone = [path for path in then if path not in now]
        changed = [seen for path, seen in now.items() if then.get(path) != seen]
        for path in (*gone, *(seen.path for seen in changed)):
            _forget(connection, path)
        for seen in changed:
            self._index(connection, seen)
        return len(gone) + len(changed)

    def _on_disk(self) -> Iterator[_FileState]:
        for folder in self._workspace.artefact_folders():
            # A submission may have both: its receipt is what the board needs.
            for name in (RECEIPT_FILE, RECORD_FILE):
                if (folder / name).is_file():
                    yield from self._state(folder / name)
                    break
        for file in sorted(self._workspace.board.glob("*.jsonl")):
            yield from self._state(file)

    def _state(self, file: Path) -> Iterator[_FileState]:
        with suppress(FileNotFoundError):
            status = file.stat()
            path = file.relative_to(self._workspace.root).as_posix()
            yield _FileState(path, status.st_size, status.st_mtime_ns)

    def _index(self, connection: sa.Connection, seen: _FileState) -> None:
        file, problem = self._workspace.root / seen.path, None
        try:
            if file.name == RECORD_FILE:
                _put(connection, _artefacts, [record_row(seen.path, read_record(file.parent))])
            elif file.name == RECEIPT_FILE:
                _put(connection, _artefacts, [receipt_row(seen.path, file)])
            elif file.name == ADOPTED_FILE:
                _put(connection, _artefacts, adopted_rows(seen.path, file))
            else:
                rows, problem = snapshot_rows(seen.path, file)
                _put(connection, _snapshots, rows)
        except PodiumError as error:
            problem = str(error)
        except OSError as error:
            problem = f"{file}: {error.strerror or error}"
        if problem is not None:
            _logger.warning("skipped: %s", problem)
        about = {"path": seen.path, "size": seen.size, "mtime_ns": seen.mtime_ns}
        _put(connection, _files, [{**about, "problem": problem}])

    def _safely(self, work: Callable[[sa.Connection], T]) -> T:
        """Do `work` in one transaction; when the database fails, on a new index or in memory."""
        try:
            with self._engine.begin() as connection:
                return work(connection)
        except DatabaseError as error:
            self._engine = self._replaced(error)
        with self._engine.begin() as connection:
            if work != self._refresh:
                self._refresh(connection)
            return work(connection)

    def _opened(self) -> sa.Engine:
        file = self._workspace.ledger_db
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            return _prepared(_file_engine(file))
        except (OSError, DatabaseError) as error:
            return self._replaced(error)

    def _replaced(self, error: Exception) -> sa.Engine:
        """Return an engine on a new file when the old one is broken or gone, else one in memory."""
        file = self._workspace.ledger_db
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            if not file.exists() or _is_broken(error):
                _logger.warning("the index %s is made again: %s", file, error)
                for name in (file, file.with_name(f"{file.name}-journal")):
                    name.unlink(missing_ok=True)
                return _prepared(_file_engine(file))
        except (OSError, DatabaseError) as second:
            error = second
        _logger.warning("the index is kept in memory, not in %s: %s", file, error)
        return _prepared(sa.create_engine("sqlite://", poolclass=StaticPool))


def _is_broken(error: Exception) -> bool:
    code = getattr(getattr(error, "orig", None), "sqlite_errorcode", None)
    # The low byte is the primary code.
    return code is not None and code & 0xFF in _BROKEN


def _file_engine(file: Path) -> sa.Engine:
    # No pool: nothing stays open between calls, so the file may be deleted at any time. Each
    # transaction takes the write lock when it begins (sqlite3's own handling would let two
    # processes make the tables at once).
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(file)),
        poolclass=NullPool,
        connect_args={"timeout": _WAIT_FOR_DATABASE_S, "isolation_level": None},
    )
    sa.event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _prepared(engine: sa.Engine) -> sa.Engine:
    """Make the tables; those of another schema are dropped first."""
    with engine.begin() as connection:
        known = sa.inspect(connection).get_table_names()
        if known and _version(connection, known) != _SCHEMA_VERSION:
            found = sa.MetaData()
            found.reflect(connection)
            found.drop_all(connection)
            known = []
        if not known:
            _tables.create_all(connection)
            connection.execute(sa.insert(_about).values(schema_version=_SCHEMA_VERSION))
    return engine


def _version(connection: sa.Connection, known: list[str]) -> int | None:
    if _about.name not in known:
        return None
    return connection.scalar(sa.select(_about.c.schema_version))


def _known() -> sa.Select[Any]:
    return sa.select(_files.c.path, _files.c.size, _files.c.mtime_ns)


def _forget_all(connection: sa.Connection) -> None:
    for table in (_files, _artefacts, _snapshots):
        connection.execute(sa.delete(table))


def _forget(connection: sa.Connection, path: str) -> None:
    for table in (_files, _artefacts, _snapshots):
        # A file of several artefacts has a row for each: its path, "#", and the id.
        is_of = (table.c.path == path) | table.c.path.startswith(f"{path}#", autoescape=True)
        connection.execute(sa.delete(table).where(is_of))


def _put(connection: sa.Connection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    # OR REPLACE: another process may have indexed the same file a moment ago.
    if rows:
        connection.execute(sa.insert(table).prefix_with("OR REPLACE"), list(rows))


def _without_duplicates(rows: list[Artefact]) -> list[Artefact]:
    """Return the artefacts without adopted submissions that are a receipt's own."""
    receipts = {
        (one.details["target"], one.details.get("slug"), one.details["ref"]): one
        for one in rows
        if not one.details.get("adopted") and {"target", "ref"} <= one.details.keys()
    }

    def has_receipt(one: Artefact) -> bool:
        about = one.details
        key = (about.get("target"), about.get("slug"), about.get("ref"))
        if not about.get("adopted") or key not in receipts:
            return False
        marker = f"[{receipts[key].details.get('description_id')}]"
        return about["target"] == "kaggle" or marker in str(about.get("description"))

    return [one for one in rows if not has_receipt(one)]


def _artefact(row: sa.RowMapping) -> Artefact:
    return Artefact(
        kind=row["kind"],
        id=row["id"],
        name=row["name"],
        status=row["status"],
        created=datetime.fromisoformat(row["created"]),
        folder=row["path"].rpartition("/")[0],
        podium=row["podium"],
        parents=tuple(row["parents"]),
        scores=row["scores"],
        details=row["details"],
    )


_FINISHED_STATES = ("complete", "scored", "finished")
_FAILED_STATES = ("error", "failed", "refused")


def record_row(path: str, record: Record) -> dict[str, Any]:
    """Return the row of a record that stands in `path` (below the workspace)."""
    fields = record.model_dump(
        mode="json", include={"kind", "id", "name", "status", "podium", "parents"}
    )
    return fields | {
        "path": path,
        "created": _iso(record.created),
        "scores": record.scores,
        "details": record.details,
    }


def receipt_row(path: str, file: Path) -> dict[str, Any]:
    """Return the row of the receipt in `file`, which is `path` below the workspace.

    Raises:
        RunError: the file is not a receipt.
    """
    receipt = _json(file.read_text(encoding="utf-8", errors="replace"), str(file))
    identity = str(receipt.get("id", file.parent.name))
    scores = {key: receipt.get(key) for key in ("honest", "public_score", "private_score")}
    details = {
        key: receipt.get(key)
        for key in ("state", "file_sha256", "description_id", "target", "slug", "ref")
    }
    return {
        "path": path,
        "kind": "submission",
        "id": identity,
        "name": identity,
        "status": _status(str(receipt.get("state", ""))),
        "created": _iso(_parse_time(receipt.get("created"), file)),
        "podium": str(receipt.get("podium", "")),
        "parents": [str(source) for source in receipt.get("sources") or []],
        "scores": {key: value for key, value in scores.items() if value is not None},
        "details": {key: value for key, value in details.items() if value is not None},
    }


def adopted_rows(path: str, file: Path) -> list[dict[str, Any]]:
    """Return a row for each submission that was sent by other means, as last listed.

    Lines that are none are left out, as the board leaves them out.
    """
    newest: dict[str, dict[str, Any]] = {}
    for line in json_lines.read(file):
        identity, seen = str(line.get("id", "")), str(line.get("seen", ""))
        if line.get("kind") == "adopted" and seen >= str(newest.get(identity, {}).get("seen", "")):
            newest[identity] = line
    return [_adopted_row(f"{path}#{identity}", file, one) for identity, one in newest.items()]


def _adopted_row(path: str, file: Path, line: dict[str, Any]) -> dict[str, Any]:
    scores = {key: line.get(key) for key in ("public_score", "private_score")}
    about = ("target", "slug", "ref", "description", "file_name", "sources", "likely_from")
    return {
        "path": path,
        "kind": "submission",
        "id": str(line["id"]),
        "name": str(line["id"]),
        "status": _status(str(line.get("status", ""))),
        "created": _iso(_parse_time(line.get("created"), file)),
        "podium": "",
        "parents": [],
        "scores": {key: value for key, value in scores.items() if value is not None},
        "details": {"adopted": True, **{key: line.get(key) for key in about}},
    }


def _status(state: str) -> str:
    if state.lower() in _FINISHED_STATES:
        return "finished"
    return "failed" if state.lower() in _FAILED_STATES else "unfinished"


def snapshot_rows(path: str, file: Path) -> tuple[list[dict[str, Any]], str | None]:
    """Return the lines of a snapshot file, and why others are left out, or None.

    What a killed process left cut at the end is no complaint.
    """
    text = file.read_text(encoding="utf-8", errors="replace")
    numbered = [(at, line) for at, line in enumerate(text.split("\n"), 1) if line.strip()]
    rows, problem = [], None
    for at, line in numbered:
        try:
            rows.append({"path": path, "line": at, "content": _json(line, f"{file}:{at}")})
        except RunError as error:
            is_cut = at == numbered[-1][0] and not text.endswith("\n")
            problem = problem if is_cut or problem else str(error)
    return rows, problem


def _json(text: str, where: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise RunError(
            f"this is not JSON: {error}", where=where, fix="remove or mend it"
        ) from error
    if not isinstance(value, dict):
        raise RunError("this is not a JSON object", where=where, fix="remove or mend it")
    return value


def _parse_time(text: object, file: Path) -> datetime:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise RunError(
            f"created must be a time such as 2026-11-20T06:58:54+00:00, got {text!r}", where=file
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _iso(moment: datetime) -> str:
    # One zone and one width, so that the order of the texts is the order of the times.
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
