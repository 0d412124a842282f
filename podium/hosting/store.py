"""The host's memory, an SQLite file: one transaction decides about quota and submission."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from podium.errors import HostError, QuotaError
from podium.hosting.scoring import Scores

__all__ = ["Row", "Store", "day_of"]

Row = sa.RowMapping
_WAIT_FOR_DATABASE_S = 30.0
_tables = sa.MetaData()

_uploads = sa.Table(
    "upload",
    _tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("token", sa.String, unique=True, nullable=False),
    sa.Column("user", sa.String, nullable=False),
    sa.Column("file_name", sa.String, nullable=False),
    sa.Column("bytes", sa.Integer, nullable=False),
    sa.Column("is_complete", sa.Boolean, nullable=False, default=False),
)
_submissions = sa.Table(
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
    sqlite_autoincrement=True,
)


class Store:
    """What the host remembers: for several threads and processes, durable once returned."""

    def __init__(self, file: Path) -> None:
        url = sa.URL.create("sqlite", database=str(file))
        options = {"timeout": _WAIT_FOR_DATABASE_S, "isolation_level": None}
        self._engine = sa.create_engine(url, poolclass=NullPool, connect_args=options)
        sa.event.listen(self._engine, "connect", _make_durable)
        # Immediate: two submissions of one moment must not both see the last free place of the day.
        sa.event.listen(self._engine, "begin", lambda c: c.exec_driver_sql("BEGIN IMMEDIATE"))
        with self._transaction() as connection:
            _tables.create_all(connection)

    def start_upload(self, *, token: str, user: str, file_name: str, n_bytes: int) -> int:
        """Return the number of a new upload that `token` names."""
        values = {"token": token, "user": user, "file_name": file_name, "bytes": n_bytes}
        with self._transaction() as connection:
            made = connection.execute(sa.insert(_uploads).values(values))
            assert made.inserted_primary_key is not None
            return int(made.inserted_primary_key[0])

    def upload(self, token: str) -> Row | None:
        """Return the upload that `token` names, or None."""
        return self._one(sa.select(_uploads).where(_uploads.c.token == token))

    def finish_upload(self, number: int) -> None:
        """Note that all bytes of the upload have arrived."""
        with self._transaction() as connection:
            done = sa.update(_uploads).where(_uploads.c.id == number).values(is_complete=True)
            connection.execute(done)

    def of_upload(self, number: int) -> Row | None:
        """Return the submission made of this upload, or None."""
        return self._one(_joined().where(_submissions.c.upload == number))

    def add(
        self,
        *,
        upload: int,
        user: str,
        at: datetime,
        description: str,
        outcome: Scores | str,
        daily_limit: int,
    ) -> int:
        """Keep a scored (or, with the reason as text, refused) submission and return its number.

        Raises:
            QuotaError: the user has `daily_limit` valid submissions of this UTC day already.
        """
        is_valid = isinstance(outcome, Scores)
        values = {
            "upload": upload,
            "user": user,
            "at": at.astimezone(UTC).isoformat(timespec="milliseconds"),
            "description": description,
            "status": "COMPLETE" if is_valid else "ERROR",
            "error": "" if isinstance(outcome, Scores) else outcome,
            "public": outcome.public if isinstance(outcome, Scores) else None,
            "private": outcome.private if isinstance(outcome, Scores) else None,
        }
        with self._transaction() as connection:
            if is_valid and self._count(connection, user, at) >= daily_limit:
                raise QuotaError(f"all {daily_limit} submissions of today (UTC) are used up")
            made = connection.execute(sa.insert(_submissions).values(values))
            assert made.inserted_primary_key is not None
            return int(made.inserted_primary_key[0])

    def count(self, user: str, day: datetime | None = None) -> int:
        """Return the number of valid submissions of `user`, on the UTC day of `day` or ever."""
        with self._transaction() as connection:
            return self._count(connection, user, day)

    def submissions(self, user: str | None = None) -> list[Row]:
        """Return the submissions of `user`, or of all, newest first, with file name and size."""
        wanted = _joined().order_by(_submissions.c.ref.desc())
        if user is not None:
            wanted = wanted.where(_submissions.c.user == user)
        with self._transaction() as connection:
            return list(connection.execute(wanted).mappings())

    def close(self) -> None:
        self._engine.dispose()

    @staticmethod
    def _count(connection: sa.Connection, user: str, day: datetime | None) -> int:
        mine = _submissions.c.user == user
        valid = sa.and_(mine, _submissions.c.status == "COMPLETE")
        if day is not None:
            start, end = day_of(day)
            valid = sa.and_(valid, _submissions.c.at >= start, _submissions.c.at < end)
        counted = sa.select(sa.func.count()).select_from(_submissions).where(valid)
        return int(connection.scalar(counted) or 0)

    def _one(self, wanted: sa.Select[Any]) -> Row | None:
        with self._transaction() as connection:
            return connection.execute(wanted).mappings().first()

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except sa.exc.OperationalError as error:
            raise HostError(
                f"the host's database cannot be used: {error.orig}",
                where=self._engine.url.database,
                fix="check the disk's space and the file's permissions",
            ) from error


def day_of(moment: datetime) -> tuple[str, str]:
    """Return start and end of the UTC day of `moment` as ISO text."""
    start = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    end = start + timedelta(days=1)
    return start.isoformat(timespec="milliseconds"), end.isoformat(timespec="milliseconds")


def _joined() -> sa.Select[Any]:
    file = (_uploads.c.file_name, _uploads.c.bytes)
    return sa.select(_submissions, *file).join(_uploads, _uploads.c.id == _submissions.c.upload)


def _make_durable(connection: Any, _: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")  # acknowledged means on the disk
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()
