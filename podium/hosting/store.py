"""The host's database, an SQLite file: one transaction checks the quota and adds the submission.

A database of an older podium is brought to this version in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from podium.errors import HostError
from podium.hosting.quota import DailyQuota
from podium.hosting.scoring.score import SubmissionScores

__all__ = ["Row", "StaleSolutionError", "Store", "StoreBusyError", "StoreFullError"]


Row = sa.RowMapping
_WAIT_FOR_DATABASE_S = 30.0
_KEPT_CONNECTIONS = 16
_BUSY, _LOCKED, _FULL = 5, 6, 13  # result codes of SQLite
_SOLUTION = "solution"


class StoreBusyError(HostError):
    """Another process held the database longer than we wait; nothing was changed."""


class StoreFullError(HostError):
    """The disk is full; nothing was changed."""


class StaleSolutionError(Exception):
    """It was scored by a solution that is no longer the one that counts."""


class Store:
    """The stored state of the host: for several threads and processes, durable once returned."""

    def __init__(self, file: Path) -> None:
        with suppress(OSError):  # of another user, or on a read-only disk: SQLite reports it
            file.touch(mode=0o600)
            file.chmod(0o600)  # private scores are in it, and in the files that SQLite puts beside
        url = sa.URL.create("sqlite", database=str(file))
        options = {
            "timeout": _WAIT_FOR_DATABASE_S,
            "isolation_level": None,
            "check_same_thread": False,
        }
        self._engine = sa.create_engine(
            url, pool_size=_KEPT_CONNECTIONS, max_overflow=-1, connect_args=options
        )
        sa.event.listen(self._engine, "connect", _make_durable)
        sa.event.listen(self._engine, "begin", _begin)
        self._reading = self._engine.execution_options(is_reading=True)
        with self._transaction() as connection:
            migrate(connection)

    def start_upload(
        self,
        *,
        token: str,
        user: str,
        team: str,
        file_name: str,
        n_bytes: int,
        at: datetime,
        quota: DailyQuota,
    ) -> int:
        """Return the number of a new upload that `token` names.

        Raises:
            QuotaError: the team began too many uploads on this UTC day, or too large ones.
        """
        values = {"token": token, "user": user, "file_name": file_name, "bytes": n_bytes}
        with self._transaction() as connection:
            quota.check_upload(*self._begun(connection, team, at), n_bytes)
            made = connection.execute(
                sa.insert(uploads).values({**values, "team": team, "at": _iso(at)})
            )
            assert made.inserted_primary_key is not None
            return int(made.inserted_primary_key[0])

    def upload(self, token: str) -> Row | None:
        """Return the upload that `token` names, or None."""
        return self._one(sa.select(uploads).where(uploads.c.token == token))

    def finish_upload(self, number: int, place: Callable[[], object] = lambda: None) -> bool:
        """Note that all bytes of the upload have arrived, and return whether they are taken.

        Args:
            number: of the upload.
            place: puts the bytes where they belong; not called for an upload whose scoring began.
        """
        open_one = sa.and_(uploads.c.id == number, uploads.c.is_sealed.is_(False))
        with self._transaction() as connection:
            done = sa.update(uploads).where(open_one).values(is_complete=True)
            if connection.execute(done).rowcount == 0:
                return False
            place()
            return True

    def seal(self, number: int) -> None:
        """Note that the upload is being scored: its file may no longer change."""
        with self._transaction() as connection:
            done = sa.update(uploads).where(uploads.c.id == number).values(is_sealed=True)
            connection.execute(done)

    def sweep(self, before: datetime) -> list[int]:
        """Forget uploads begun before that moment and never submitted; return their numbers."""
        unused = sa.and_(
            uploads.c.at < _iso(before), ~sa.exists().where(submissions.c.upload == uploads.c.id)
        )
        with self._transaction() as connection:
            numbers = list(connection.scalars(sa.select(uploads.c.id).where(unused)))
            connection.execute(sa.delete(uploads).where(unused))
        return numbers

    def of_upload(self, number: int) -> Row | None:
        """Return the submission made of this upload, or None."""
        return self._one(_joined().where(submissions.c.upload == number))

    def add(
        self,
        *,
        upload: int,
        user: str,
        team: str,
        at: datetime,
        description: str,
        outcome: SubmissionScores | str,
        quota: DailyQuota,
        solution: str | None = None,
    ) -> int:
        """Keep a scored (or, with the reason as text, refused) submission and return its number.

        The number that it has is returned when this upload was submitted before.

        Args:
            solution: the state of the solution that scored it; None: any.

        Raises:
            QuotaError: all valid submissions of the team's UTC day are used.
            StaleSolutionError: another solution counts by now.
        """
        values = {"upload": upload, "user": user, "team": team, "at": _iso(at)}
        with self._transaction() as connection:
            known = sa.select(submissions.c.ref).where(submissions.c.upload == upload)
            ref = connection.scalar(known)
            if ref is not None:
                return int(ref)
            if solution is not None and self._setting(connection, _SOLUTION) != solution:
                raise StaleSolutionError
            if isinstance(outcome, SubmissionScores):
                quota.check_submission(self._count(connection, team, at))
            made = connection.execute(
                sa.insert(submissions).values(
                    {**values, "description": description, **_result(outcome)}
                )
            )
            assert made.inserted_primary_key is not None
            return int(made.inserted_primary_key[0])

    def count(self, team: str, day: datetime | None = None) -> int:
        """Return the number of valid submissions of `team`, on the UTC day of `day` or ever."""
        with self._read_transaction() as connection:
            return self._count(connection, team, day)

    def submissions(self, team: str | None = None) -> list[Row]:
        """Return the submissions of `team`, or of all, newest first, with file name and size."""
        query = _joined().order_by(submissions.c.ref.desc())
        if team is not None:
            query = query.where(submissions.c.team == team)
        with self._read_transaction() as connection:
            return list(connection.execute(query).mappings())

    def choose(self, team: str, refs: Sequence[int]) -> None:
        """Make these of the team's submissions its finals, and no others."""
        mine = submissions.c.team == team
        with self._transaction() as connection:
            connection.execute(sa.update(submissions).where(mine).values(is_final=False))
            chosen = sa.and_(mine, submissions.c.ref.in_(refs), submissions.c.status == "COMPLETE")
            connection.execute(sa.update(submissions).where(chosen).values(is_final=True))

    def solution(self) -> str | None:
        """Return the state of the solution that counts; None where none was noted yet."""
        with self._read_transaction() as connection:
            return self._setting(connection, _SOLUTION)

    def adopt_solution(self, solution: str) -> bool:
        """Let this state of the solution count, unless another one has scored a submission.

        Return whether it counts.
        """
        with self._transaction() as connection:
            known = self._setting(connection, _SOLUTION)
            is_used = connection.scalar(sa.select(submissions.c.ref).limit(1)) is not None
            if known != solution and known is not None and is_used:
                return False
            self._note_solution(connection, solution)
        return True

    def rescore(self, outcomes: Mapping[int, SubmissionScores | str], solution: str) -> bool:
        """Set new scores of all submissions at once, and return whether none was missing.

        Nothing is changed when another submission came meanwhile: score that too, and try again.

        Args:
            outcomes: by number, of every submission.
            solution: the state of the solution that scored them; it counts from here on.
        """
        with self._transaction() as connection:
            if set(connection.scalars(sa.select(submissions.c.ref))) != set(outcomes):
                return False
            for ref, outcome in outcomes.items():
                mine = submissions.c.ref == ref
                connection.execute(sa.update(submissions).where(mine).values(_result(outcome)))
            self._note_solution(connection, solution)
        return True

    def close(self) -> None:
        self._engine.dispose()

    @staticmethod
    def _note_solution(connection: sa.Connection, solution: str) -> None:
        connection.execute(sa.delete(settings).where(settings.c.name == _SOLUTION))
        connection.execute(sa.insert(settings).values(name=_SOLUTION, value=solution))

    @staticmethod
    def _setting(connection: sa.Connection, name: str) -> str | None:
        found = connection.scalar(sa.select(settings.c.value).where(settings.c.name == name))
        return None if found is None else str(found)

    @staticmethod
    def _begun(connection: sa.Connection, team: str, day: datetime) -> tuple[int, int]:
        """Return number and bytes of the uploads that the team began on that UTC day."""
        start, end = day_of(day)
        mine = sa.and_(uploads.c.team == team, uploads.c.at >= start, uploads.c.at < end)
        counted = sa.select(sa.func.count(), sa.func.sum(uploads.c.bytes)).where(mine)
        n_begun, n_bytes = connection.execute(counted).one()
        return int(n_begun), int(n_bytes or 0)

    @staticmethod
    def _count(connection: sa.Connection, team: str, day: datetime | None) -> int:
        valid = sa.and_(submissions.c.team == team, submissions.c.status == "COMPLETE")
        if day is not None:
            start, end = day_of(day)
            valid = sa.and_(valid, submissions.c.at >= start, submissions.c.at < end)
        counted = sa.select(sa.func.count()).select_from(submissions).where(valid)
        return int(connection.scalar(counted) or 0)

    def _one(self, query: sa.Select[Any]) -> Row | None:
        with self._read_transaction() as connection:
            return connection.execute(query).mappings().first()

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        with self._explained(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _read_transaction(self) -> Iterator[sa.Connection]:
        with self._explained(), self._reading.begin() as connection:
            yield connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.OperationalError as error:
            code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
            kinds = {_BUSY: StoreBusyError, _LOCKED: StoreBusyError, _FULL: StoreFullError}
            raise kinds.get(code, HostError)(
                f"the host's database cannot be used: {error.orig}",
                where=self._engine.url.database,
                fix="check the disk's space and the file's permissions",
            ) from error


def day_of(moment: datetime) -> tuple[str, str]:
    """Return start and end of the UTC day of `moment` as ISO text."""
    start = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return _iso(start), _iso(start + timedelta(days=1))


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _result(outcome: SubmissionScores | str) -> dict[str, object]:
    if isinstance(outcome, SubmissionScores):
        scores = {"public": outcome.public, "private": outcome.private}
        return {"status": "COMPLETE", "error": "", **scores}
    return {
        "status": "ERROR",
        "error": outcome,
        "public": None,
        "private": None,
    }


def _joined() -> sa.Select[Any]:
    file = (uploads.c.file_name, uploads.c.bytes)
    return sa.select(submissions, *file).join(uploads, uploads.c.id == submissions.c.upload)


def _begin(connection: sa.Connection) -> None:
    is_reading = connection.get_execution_options().get("is_reading", False)
    # Immediate: two submissions of one moment must not both see the last free place of the day.
    connection.exec_driver_sql("BEGIN" if is_reading else "BEGIN IMMEDIATE")


def _make_durable(connection: Any, _: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")  # acknowledged means on the disk
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


VERSION = 2  # 1: a user was a team, and nobody chose finals
_tables = sa.MetaData()

uploads = sa.Table(
    "upload",
    _tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("token", sa.String, unique=True, nullable=False),
    sa.Column("user", sa.String, nullable=False),
    sa.Column("file_name", sa.String, nullable=False),
    sa.Column("bytes", sa.Integer, nullable=False),
    sa.Column("is_complete", sa.Boolean, nullable=False, default=False),
    sa.Column("team", sa.String, nullable=False, server_default=""),
    sa.Column("at", sa.String, nullable=False, server_default=""),  # ISO, UTC
    # Its scoring has begun: from here on the file must not change.
    sa.Column("is_sealed", sa.Boolean, nullable=False, server_default=sa.false()),
)
submissions = sa.Table(
    "submission",
    _tables,
    sa.Column("ref", sa.Integer, primary_key=True),
    # Unique: the same upload submitted twice is one submission.
    sa.Column("upload", sa.ForeignKey("upload.id"), unique=True, nullable=False),
    sa.Column("user", sa.String, nullable=False, index=True),
    sa.Column("at", sa.String, nullable=False),  # ISO, UTC: text order is time order
    sa.Column("description", sa.String, nullable=False),
    sa.Column("status", sa.String, nullable=False),  # COMPLETE or ERROR
    sa.Column("error", sa.String, nullable=False),
    sa.Column("public", sa.Float),
    sa.Column("private", sa.Float),
    sa.Column("team", sa.String, nullable=False, server_default=""),
    sa.Column("is_final", sa.Boolean, nullable=False, server_default=sa.false()),
    sqlite_autoincrement=True,
)
settings = sa.Table(
    "setting",
    _tables,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("value", sa.String, nullable=False),
)

_ADDED = {
    "upload": (
        "team VARCHAR NOT NULL DEFAULT ''",
        "at VARCHAR NOT NULL DEFAULT ''",
        "is_sealed BOOLEAN NOT NULL DEFAULT 0",
    ),
    "submission": ("team VARCHAR NOT NULL DEFAULT ''", "is_final BOOLEAN NOT NULL DEFAULT 0"),
}


def migrate(connection: sa.Connection) -> None:
    """Make the tables, or bring those of an older podium to this version, in one transaction.

    Raises:
        HostError: a newer podium made them.
    """
    version = int(connection.exec_driver_sql("PRAGMA user_version").scalar() or 0)
    if version > VERSION:
        raise HostError(
            f"the host's database has version {version}, this podium supports {VERSION}",
            fix="use the podium that made it, or a newer one",
        )
    if version == 0 and sa.inspect(connection).has_table("upload"):
        for table, columns in _ADDED.items():
            for column in columns:
                connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN {column}")
            connection.exec_driver_sql(f'UPDATE {table} SET team = "user"')
    if version < VERSION:
        _tables.create_all(connection)
        connection.exec_driver_sql(
            "CREATE INDEX IF NOT EXISTS submission_team_at ON submission (team, at)"
        )
        connection.exec_driver_sql(f"PRAGMA user_version = {VERSION}")
