"""Locks between processes: who comes second is told at once who came first."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from podium.errors import RunError
from podium.workspace import atomic
from podium.workspace.clock import now

__all__ = ["hold"]


@contextmanager
def hold(path: Path, *, what: str) -> Iterator[None]:
    """Hold the lock file `path` while the body runs; the system frees it when the process dies.

    What dead processes left half-written beside the lock file is removed first.

    Args:
        path: the lock file; made with its folders, and left in place (removing it would split the
            waiters).
        what: what is locked, for the message: "fold 0 of baseline-3fa1c2d4".

    Raises:
        RunError: another process, or another thread, holds it; says which process and since when.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise _taken(path, what) from error
    holder = _holder_file(path)
    try:
        atomic.sweep(path.parent)
        _tell(holder)
        yield
    finally:
        with suppress(OSError):
            holder.unlink(missing_ok=True)
        lock.release()


def _holder_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.holder")


def _tell(holder: Path) -> None:
    about = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "since": now().isoformat(timespec="seconds"),
    }
    atomic.write_json(holder, about)


def _taken(path: Path, what: str) -> RunError:
    try:
        about = json.loads(_holder_file(path).read_text(encoding="utf-8"))
        who = f"process {about['pid']} on {about['host']} since {about['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        who = "another process"
    return RunError(
        f"{what} is being worked on by {who}",
        where=path,
        fix="wait until it has finished, or end it; then repeat the command",
    )
