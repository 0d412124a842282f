"""Where studies are kept, as a URL says it: a SQLite file, a journal file, or PostgreSQL.

Passwords stand in URLs, so no message shows one as it was given: `Place.shown` hides them. All
users of a machine see the words of a command, so a URL may leave its password to `PGPASSWORD`.
"""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from podium.errors import RunError, UsageError

__all__ = ["Place", "explained", "place_of", "without_password"]

_PASSWORD = "PGPASSWORD"
"""The variable in which PostgreSQL's own programs look for a password, too."""

FORMS = "sqlite:///FILE, journal:FILE or postgresql://USER@HOST/DATABASE"


@dataclass(frozen=True)
class Place:
    """Where studies are kept.

    Attributes:
        kind: of storage.
        shown: the URL for people, its password hidden.
        path: the file, of SQLite and the journal.
        url: for SQLAlchemy, of SQLite and PostgreSQL.
        connect_args: for the database's driver.
    """

    kind: Literal["sqlite", "journal", "postgresql"]
    shown: str
    path: Path | None = None
    url: str = field(default="", repr=False)
    connect_args: dict[str, Any] = field(default_factory=dict, repr=False)


def place_of(url: str) -> Place:
    """Return the place that `url` means; files are relative to the working folder.

    Raises:
        UsageError: it is none of the three, or its file cannot be.
    """
    if url.startswith("journal:"):
        path = _file(url, url.removeprefix("journal:"))
        return Place("journal", url, path)
    if url.startswith("sqlite:"):
        path = _file(url, url.removeprefix("sqlite://").removeprefix("/"))
        return Place("sqlite", url, path, url)
    if url.startswith(("postgresql://", "postgresql+pg8000://")):
        return _postgresql(url)
    scheme = url.partition(":")[0] if ":" in url else url
    raise UsageError(f"studies cannot be kept in {scheme!r}", fix=f"write {FORMS}")


def without_password(url: str) -> tuple[str, dict[str, str]]:
    """Return `url` without its password, and the environment in which it means the same.

    Example:
        >>> without_password("postgresql://me:s3cret@db.lab/studies")
        ('postgresql://me@db.lab/studies', {'PGPASSWORD': 's3cret'})
    """
    import sqlalchemy

    if place_of(url).kind != "postgresql":
        return url, {}
    parsed = sqlalchemy.make_url(url)
    if parsed.password is None:
        return url, {}
    bare = sqlalchemy.URL.create(
        parsed.drivername,
        parsed.username,
        None,
        parsed.host,
        parsed.port,
        parsed.database,
        parsed.query,
    )
    return bare.render_as_string(hide_password=False), {_PASSWORD: parsed.password}


def _file(url: str, name: str) -> Path:
    """Return the file of `url`; Optuna would make a nameless one, or one that memory forgets."""
    if url.startswith("sqlite:") and not url.startswith("sqlite:///"):
        raise UsageError(f"{url!r} names no file", fix="write sqlite:///FILE with three slashes")
    if not name or name == ":memory:" or "?" in name:
        raise UsageError(f"{url!r} names no file", fix=f"write {FORMS}")
    path = Path(name)
    if path.is_dir():
        raise UsageError("studies need a file, and this is a folder", where=path)
    if not path.parent.is_dir():
        raise UsageError(
            "the folder of the studies is not there", where=path, fix=f"mkdir -p {path.parent}"
        )
    return path


def _postgresql(url: str) -> Place:
    import sqlalchemy

    try:
        parsed = sqlalchemy.make_url(url)
    except (sqlalchemy.exc.ArgumentError, ValueError) as error:
        raise UsageError("the PostgreSQL URL cannot be read", fix=_FIX) from error
    if not parsed.database:
        raise UsageError("the PostgreSQL URL names no database", fix=_FIX)
    options = dict(parsed.query)
    bare = parsed.set(drivername="postgresql+pg8000", query={})
    if parsed.password is None and _PASSWORD in os.environ:
        bare = bare.set(password=os.environ[_PASSWORD])
    connect_args = _encryption(options.pop("sslmode", None))
    if "unix_sock" in options:
        connect_args["unix_sock"] = options.pop("unix_sock")
    options.pop("channel_binding", None)  # the driver uses it where the server offers it
    if options:
        raise UsageError(
            f"podium knows no option {sorted(options)[0]!r} of a PostgreSQL URL",
            fix="leave it out: sslmode, channel_binding and unix_sock are known",
        )
    return Place(
        "postgresql",
        bare.set(drivername="postgresql").render_as_string(hide_password=True),
        url=bare.render_as_string(hide_password=False),
        connect_args=connect_args,
    )


_FIX = "write postgresql://USER:PASSWORD@HOST:5432/DATABASE, with %40 for an @ in the password"


def _encryption(mode: Any) -> dict[str, Any]:
    """Return what the driver needs for `sslmode`, with the meanings of PostgreSQL's own client."""
    if mode in {None, "disable", "allow", "prefer"}:
        return {}
    if mode not in {"require", "verify-ca", "verify-full"}:
        raise UsageError(
            f"sslmode cannot be {mode!r}", fix="write sslmode=require or sslmode=verify-full"
        )
    context = ssl.create_default_context()
    if mode != "verify-full":
        context.check_hostname = False
    if mode == "require":
        context.verify_mode = ssl.CERT_NONE
    return {"ssl_context": context}


_FIXES = {
    "28P01": "check the user and the password in the URL",
    "28000": "check the user and the password in the URL",
    "3D000": "make the database with createdb, or check its name in the URL",
    "55P03": "end the worker of this study that hangs; then repeat the command",
    "42501": "let this user make tables: grant create on schema public",
}


def explained(place: Place, error: BaseException) -> RunError:
    """Return an error of a database as one that names the place and the fix, and no password."""
    cause: BaseException = error
    while True:
        deeper = getattr(cause, "orig", None) or cause.__cause__
        if not isinstance(deeper, BaseException):
            break
        cause = deeper
    told = cause.args[0] if cause.args and isinstance(cause.args[0], dict) else {}
    message = str(told.get("M") or cause) or type(cause).__name__
    if place.kind == "postgresql":
        fix = _FIXES.get(str(told.get("C")), "check that the server runs, and its host and port")
    elif "disk is full" in message:
        fix = "free disk space; then repeat the command"
    else:
        fix = "check that the file is a database of studies, and that it may be written"
    return RunError(f"the studies cannot be reached: {message}", where=place.shown, fix=fix)
