"""The tables of a host's SQLite file, and how one of an older podium becomes one of this."""

from __future__ import annotations

import sqlalchemy as sa

from podium.errors import HostError

__all__ = ["VERSION", "migrate", "settings", "submissions", "uploads"]

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
            f"the host's database has version {version}, this podium knows {VERSION}",
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
