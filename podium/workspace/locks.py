"""Locks between processes: the second one gets an error at once that names the holder."""

from __future__ import annotations

import errno
import json
import os
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from podium.errors import RunError
from podium.workspace import atomic
from podium.workspace.machine import now

__all__ = [
    "LockHolder",
    "find_holder",
    "held_descriptors",
    "hold",
    "machine_lock_file",
    "user_lock_file",
    "user_state_folder",
    "wait_and_hold",
]

_POLL_EVERY_S = 0.1
_NO_LOCKS_HERE = (errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOLCK)
_LONGEST_NOTE = 1000
_held: set[int] = set()


@dataclass(frozen=True)
class LockHolder:
    """The process that holds a lock file, its machine, and since when (ISO 8601, UTC)."""

    pid: int
    host: str
    since: str

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host} since {self.since}"


@contextmanager
def hold(path: Path, *, what: str, wait_s: float = 0.0) -> Iterator[None]:
    """Hold the lock file `path` while the body runs; the system frees it when the process dies.

    What dead processes left half-written beside the lock file is removed first.

    Args:
        path: the lock file; made with its folders, and left in place (removing it would split the
            waiters).
        what: what is locked, for the message: "fold 0 of baseline-3fa1c2d4".
        wait_s: seconds to wait for a holder that is about to end.

    Raises:
        RunError: another process, or another thread, holds it; the message names the process and
            since when.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path, timeout=wait_s)
    try:
        lock.acquire()
    except Timeout as error:
        raise _already_locked(path, what) from error
    try:
        atomic.sweep(path.parent)
        _write_holder(path, json.dumps(asdict(_this_holder())))
        yield
    finally:
        _write_holder(path, "")
        lock.release()


def find_holder(path: Path) -> LockHolder | None:
    """Return the process that holds the lock file `path`; None: nobody does.

    Where the file system has no locks, the note of a killed process counts as a holder.
    """
    holder = _read_holder(path)
    # Without a note the lock is not tried: for that moment nobody else could take it.
    return holder if holder is not None and _is_locked(path) else None


def _is_locked(path: Path) -> bool:
    try:
        import fcntl
    except ModuleNotFoundError:  # Windows: whether a file is locked shows only who writes to it
        return True
    with suppress(OSError), path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError as error:
            return error.errno in _NO_LOCKS_HERE
    return False


def _write_holder(path: Path, text: str) -> None:
    """Write who holds the lock into its file: what a killed holder leaves there is never read."""
    with suppress(OSError):  # a full disk takes nothing from the lock
        path.write_text(text, encoding="utf-8")


def _this_holder() -> LockHolder:
    return LockHolder(os.getpid(), socket.gethostname(), now().isoformat(timespec="seconds"))


def _read_holder(path: Path) -> LockHolder | None:
    """Return the holder as its file has it; None: there is none, or it is not readable."""
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        return LockHolder(int(about["pid"]), str(about["host"]), str(about["since"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _already_locked(path: Path, what: str) -> RunError:
    return _worked_on(path, what, str(_read_holder(path) or "another process"))


def _worked_on(path: Path, what: str, who: str) -> RunError:
    return RunError(
        f"{what} is being worked on by {who}",
        where=path,
        fix="wait until it has finished, or end it; then repeat the command",
    )


@contextmanager
def wait_and_hold(
    path: Path,
    *,
    what: str,
    wait_s: float = 0.0,
    waiting: Callable[[str], None] | None = None,
    everyone: bool = False,
) -> Iterator[None]:
    """Hold the lock file `path` as `hold` does, after a wait for its holder.

    A process that `tasks.call` starts meanwhile holds it, too: when this process is killed, the
    next one gets its turn after that process has ended, not before. A mounted drive without locks
    keeps no process out.

    Args:
        path: the lock file; made with its folders, and left in place.
        what: what is locked, for the message.
        wait_s: seconds to wait for it.
        waiting: called once, with the holder that is waited for.
        everyone: let other users of the machine lock the file, too.

    Raises:
        RunError: it is held for longer; the message names the process and since when.
        OSError: the file cannot be made or opened.
    """
    descriptor = _opened(path, everyone=everyone)
    try:
        _wait_for_lock(descriptor, path, what, wait_s, waiting)
        _held.add(descriptor)
        try:
            _note(descriptor, json.dumps(asdict(_this_holder())))
            yield
        finally:
            _held.discard(descriptor)
            _note(descriptor, "")
    finally:
        os.close(descriptor)  # closed, not unlocked: a process of ours that lives keeps it


def held_descriptors() -> tuple[int, ...]:
    """Return the open files of the turns that this process has, for its children to inherit."""
    return tuple(_held)


def user_state_folder(env: Mapping[str, str] = os.environ) -> Path | None:
    """Return the folder of podium's state for this user, on every machine of theirs; None: no home.

    Batch systems and containers give each job a temporary folder of its own, and share this one.
    """
    try:
        state = Path(env.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    except RuntimeError:
        return None
    return state / "podium"


def user_lock_file(name: str, env: Mapping[str, str] = os.environ) -> Path | None:
    """Return the path of a lock file that all shells of this user share, or None without a home."""
    state = user_state_folder(env)
    return None if state is None else state / "locks" / f"{name}.lock"


def machine_lock_file(name: str) -> Path | None:
    """Return the path of a lock file that all users of this machine share, or None without one.

    That is, those with the same temporary folder.
    """
    folder = Path(tempfile.gettempdir()) / "podium-locks"
    with suppress(OSError):
        folder.mkdir()
        folder.chmod(0o1777)
    return folder / f"{name}.lock" if folder.is_dir() and not folder.is_symlink() else None


def _opened(path: Path, *, everyone: bool) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    flags = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW
    with suppress(FileNotFoundError):
        return os.open(path, flags)
    try:
        # Never O_CREAT alone: in a shared folder Linux refuses that for another user's file.
        descriptor = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o666)
    except FileExistsError:
        return os.open(path, flags)
    if everyone:
        os.fchmod(descriptor, 0o666)
    return descriptor


def _wait_for_lock(
    descriptor: int,
    path: Path,
    what: str,
    wait_s: float,
    waiting: Callable[[str], None] | None,
) -> None:
    import fcntl  # no such module on Windows, where nothing else of this one needs it

    deadline = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise _worked_on(path, what, _noted_holder(descriptor)) from None
            if waiting is not None:
                waiting(f"{what} is being worked on by {_noted_holder(descriptor)}")
                waiting = None
            time.sleep(_POLL_EVERY_S)
        except OSError as error:
            if error.errno not in _NO_LOCKS_HERE:
                raise
            return
        else:
            return


def _note(descriptor: int, text: str) -> None:
    """Write the holder into the file; a full disk takes nothing from the lock."""
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, text.encode(), 0)


def _noted_holder(descriptor: int) -> str:
    """Return the holder; other users may have written the file, so little of it is trusted."""
    try:
        about = json.loads(os.pread(descriptor, _LONGEST_NOTE, 0))
        who = f"process {int(about['pid'])} on {about['host']} since {about['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
    return "".join(one for one in who if one.isprintable())
