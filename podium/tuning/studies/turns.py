"""Turns: of all workers of a study, one at a time takes a trial or ends one.

A worker that is killed gives its turn back: the system frees the lock of a file, and PostgreSQL the
one of a connection that is gone.
"""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from podium.errors import RunError, from_os_error
from podium.tuning.studies.places import Place, explained

if TYPE_CHECKING:
    import sqlalchemy

__all__ = ["Turn", "no_turn", "turn_by_file", "turn_by_postgresql"]

Turn = Callable[[], AbstractContextManager[None]]

LONGEST_WAIT_S = 600
"""A sampler may compute for seconds in its turn; one that takes longer than this hangs."""

_ASK_EVERY_S = 0.005
_NO_LOCKS_HERE = (errno.EOPNOTSUPP, errno.ENOLCK)


def no_turn() -> AbstractContextManager[None]:
    """Return the turn of a study that nobody shares."""
    return nullcontext()


def turn_by_file(path: Path) -> Turn:
    """Return turns by a lock on `path`, which is made and left in place.

    A mounted drive that knows no locks keeps nobody out: one worker is well there, and of several
    one may run a trial too many.
    """
    lock = FileLock(path, timeout=LONGEST_WAIT_S)

    @contextmanager
    def turn() -> Iterator[None]:
        try:
            try:
                lock.acquire(poll_interval=_ASK_EVERY_S)
            except Timeout as error:
                raise _hangs(path) from error
            except NotImplementedError:  # filelock's word for ENOSYS
                pass
            except OSError as error:
                if error.errno not in _NO_LOCKS_HERE:
                    raise from_os_error(error) from error
            yield
        finally:
            # By force: a second Ctrl-C may come when the lock is ours, and not yet counted so.
            lock.release(force=True)

    return turn


def turn_by_postgresql(engine: sqlalchemy.Engine, place: Place, name: str) -> Turn:
    """Return turns by an advisory lock of the server, whose key is a digest of `name`."""
    import sqlalchemy

    key = int.from_bytes(hashlib.sha256(f"podium {name}".encode()).digest()[:8], signed=True)
    wait = sqlalchemy.text(f"set local lock_timeout = '{LONGEST_WAIT_S}s'")
    lock = sqlalchemy.text(f"select pg_advisory_xact_lock({key})")

    @contextmanager
    def turn() -> Iterator[None]:
        try:
            # A transaction of its own connection: however it ends, the lock ends with it.
            with engine.begin() as connection:
                connection.execute(wait)
                connection.execute(lock)
                yield
        except sqlalchemy.exc.SQLAlchemyError as error:
            raise explained(place, error) from error

    return turn


def _hangs(path: Path) -> RunError:
    return RunError(
        f"another worker of this study has had its turn for {LONGEST_WAIT_S} seconds",
        where=path,
        fix="end the worker that hangs; then repeat the command",
    )
