"""Files and folders that appear whole or not at all, whenever the process is killed.

A write goes to a temporary name in the same folder, reaches the disk (fsync), and is renamed. The
temporary name holds the process that wrote it, so that `sweep` removes what dead processes left and
nothing else. Files of artefacts get their digest beside them, see `workspace.digests`.
"""

from __future__ import annotations

import errno
import functools
import hashlib
import json
import logging
import os
import re
import secrets
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from podium.errors import PodiumError, RunError
from podium.workspace import digests

__all__ = [
    "ExistsError",
    "append",
    "flush",
    "link",
    "move",
    "new_folder",
    "remove",
    "replacing",
    "sweep",
    "temporary_folder",
    "write_bytes",
    "write_json",
    "write_text",
]

_logger = logging.getLogger(__name__)

_TEMPORARY = re.compile(
    r"\.(?P<name>.+)\.podium-(?P<host>\w{8})-(?P<pid>\d+)-(?P<born>\d+)-\w{8}\.tmp"
)
_FOREIGN_LEFTOVER_AFTER_S = 24 * 3600
_PROBE_BYTES = 1 << 20
_NO_MORE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


@contextmanager
def replacing(path: Path, *, mode: int | None = None, digest: bool = False) -> Iterator[Path]:
    """Yield a temporary path beside `path`; what is written there replaces `path` at the end.

    When the body raises, `path` keeps its old content and the temporary file is removed. Missing
    folders are made. A symbolic link stays a link; the file that it points to is replaced. What a
    killed process left half-written in a folder of an artefact goes with the next file there.

    Args:
        path: the file to write.
        mode: permissions of the file, as `0o600` for secrets; default as the umask sets.
        digest: keep its digest beside it, which is always done for files of artefacts.

    Raises:
        OSError: naming `path`, when the disk is full, read-only, …

    Example:
        >>> import tempfile
        >>> file = Path(tempfile.mkdtemp()) / "a.txt"
        >>> with replacing(file) as temporary:
        ...     _ = temporary.write_text("whole")
        >>> file.read_text()
        'whole'
    """
    target = Path(os.path.realpath(path))
    temporary = _temporary(target)
    with _naming(path):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            if mode is not None:
                os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode))
            yield temporary
            flush(temporary)
            if digest or digests.is_kept(path):
                sweep(target.parent)  # what a killed writer left in an artefact
                with digests.listing(path, digests.sha256(temporary), _spare_sums(path)):
                    temporary.replace(target)
            else:
                temporary.replace(target)
        except BaseException as error:
            fault = _write_fault(temporary, error)
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise error if fault is None else fault from error
        flush(target.parent)


def write_bytes(path: Path, content: bytes, *, mode: int | None = None) -> None:
    """Write `content` to `path`, whole or not at all."""
    with replacing(path, mode=mode) as temporary:
        temporary.write_bytes(content)


def write_text(path: Path, text: str, *, mode: int | None = None) -> None:
    """Write `text` to `path` as UTF-8 with newlines as they are, whole or not at all."""
    write_bytes(path, text.encode("utf-8"), mode=mode)


def write_json(path: Path, value: Any, *, mode: int | None = None) -> None:
    """Write `value` to `path` as indented JSON, keys in their order, whole or not at all.

    Raises:
        ValueError: a number is nan or infinite, which JSON does not have.
    """
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    write_text(path, text + "\n", mode=mode)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder beside `path`; at the end it gets the name `path`.

    When the body raises, the temporary folder is removed.

    Raises:
        ExistsError: `path` exists already; a finished folder never changes.
        OSError: naming `path`, when the disk is full, read-only, …
    """
    _refuse(path)
    temporary = _temporary(path)
    with _naming(path):
        temporary.mkdir(parents=True)
        try:
            yield temporary
            digests.note_tree(temporary)
            _flush_tree(temporary)
            _rename_folder(temporary, path)
        except BaseException as error:
            fault = _write_fault(temporary / "probe", error)
            shutil.rmtree(temporary, ignore_errors=True)
            raise error if fault is None else fault from error
        flush(path.parent)


@contextmanager
def temporary_folder(name: str, home: Path | None = None) -> Iterator[Path]:
    """Yield a new folder in `home` that only this user can read; None: of the system's temporary.

    It is removed at the end; one of a process that was killed, when the next one is made.
    """
    home = Path(tempfile.gettempdir()) if home is None else home
    sweep(home)
    folder = _temporary(home / name)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove(path: Path) -> None:
    """Remove the file at `path`, where there is one, and its digest."""
    digests.forget(path, _spare_sums(path))
    path.unlink(missing_ok=True)


def link(source: Path, to: Path) -> None:
    """Give `source` a second name in its folder, where nothing is; a copy on drives without those.

    What is replaced and never changed is as good under two names as twice.
    """
    digests.copy(source, to, _spare_sums(to))
    try:
        to.hardlink_to(source)
    except OSError:
        with replacing(to) as temporary:
            shutil.copyfile(source, temporary)


def move(source: Path, to: Path) -> None:
    """Rename `source` to another name in its folder, whose file it replaces."""
    digests.copy(source, to, _spare_sums(to))
    source.replace(to)
    digests.forget(source, _spare_sums(source))


def append(path: Path, content: bytes) -> None:
    """Add `content` to the end of the file at `path`, which has reached the disk on return.

    The caller sees to it that nobody else does so meanwhile.
    """
    with ExitStack() as listed:
        if digests.is_kept(path):
            known = path.read_bytes() if path.is_file() else b""
            if digests.state_of(path) == "damaged":
                _logger.warning("%s was changed by something else than podium", path)
            digest = hashlib.sha256(known + content).hexdigest()
            listed.enter_context(digests.listing(path, digest, _spare_sums(path)))
        with path.open("ab", buffering=0) as stream:
            while content:
                content = content[stream.write(content) :]
            os.fsync(stream.fileno())


def sweep(folder: Path) -> list[Path]:
    """Remove what dead processes left half-written in `folder`, and return what it was.

    Leftovers of other machines, whose processes cannot be checked, go when they are a day old.
    """
    if not folder.is_dir():
        return []
    with os.scandir(folder) as entries:
        names = sorted(one.name for one in entries if one.name.endswith(".tmp"))
    dead = [folder / name for name in names if _is_leftover(folder / name)]
    for entry in dead:
        with suppress(OSError):
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    return dead


def is_temporary(path: Path) -> bool:
    """Return whether `path` is one of the temporary names of this module."""
    return _TEMPORARY.fullmatch(path.name) is not None


def _temporary(path: Path) -> Path:
    pid = os.getpid()
    token = f"{_host_id()}-{pid}-{_own_start_time() or 0}-{secrets.token_hex(4)}"
    # Most file systems allow 255 bytes a name; the token needs about 60.
    return path.with_name(f".{path.name[:120]}.podium-{token}.tmp")


def _spare_sums(path: Path) -> Path:
    return _temporary(path.with_name(digests.SUMS_FILE))


def _is_leftover(entry: Path) -> bool:
    match = _TEMPORARY.fullmatch(entry.name)
    if match is None:
        return False
    if match["host"] == _host_id():
        return _start_time(int(match["pid"])) != int(match["born"])
    with suppress(OSError):
        return time.time() - entry.stat().st_mtime > _FOREIGN_LEFTOVER_AFTER_S
    return False


@functools.cache
def _host_id() -> str:
    """Return 8 hex for where process ids are unique: a machine, its boot, its pid namespace."""
    parts = [socket.gethostname()]
    with suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii"))
    with suppress(OSError):
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:8]


@functools.cache
def _own_start_time() -> int | None:
    return _start_time(os.getpid())


os.register_at_fork(after_in_child=_own_start_time.cache_clear)


def _start_time(pid: int) -> int | None:
    """Return when the process started, in clock ticks; None when it is dead, 0 if unknown.

    Process ids are used again, in containers at once: an id alone does not identify the writer.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        return int(stat.rpartition(")")[2].split()[19])
    except FileNotFoundError:
        return None if Path("/proc/self/stat").exists() else _start_time_without_proc(pid)
    except (OSError, IndexError, ValueError):
        return 0


def _start_time_without_proc(pid: int) -> int | None:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except OSError:
        pass
    return 0


class ExistsError(RunError):
    """A folder has its name already: it was there, or another process made it meanwhile."""


def _refuse(path: Path) -> None:
    if path.exists() or path.is_symlink():
        raise ExistsError(
            "exists already, and a finished folder never changes",
            where=path,
            fix="use it: an earlier command, or one that ran beside this one, made it",
        )


def _rename_folder(temporary: Path, path: Path) -> None:
    _refuse(path)
    try:
        temporary.rename(path)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
            _refuse(path)
        raise


def _flush_tree(folder: Path) -> None:
    for root, _, files in os.walk(folder):
        for name in files:
            flush(Path(root, name))
        flush(Path(root))


def flush(path: Path) -> None:
    """Wait until the file or folder is on the disk; folders of some drives (FUSE) cannot do it."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        if path.is_dir():
            return
        raise
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):
            raise
    finally:
        os.close(handle)


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Make an OSError name `path`: that of a failed write lacks the file, numpy's the cause."""
    try:
        yield
    except OSError as error:
        if error.errno is not None and (error.filename is None or _is_ours(error.filename)):
            error.filename, error.filename2 = str(path), None
        raise


def _is_ours(filename: object) -> bool:
    return isinstance(filename, str | os.PathLike) and is_temporary(Path(filename))


def _write_fault(file: Path, error: BaseException) -> OSError | None:
    """Return why nothing more can be written to `file`, where a library's error does not state it.

    torch, numpy and others raise errors of their own on a full disk: a write shows the system's.
    """
    is_clear = isinstance(error, PodiumError) or (
        isinstance(error, OSError) and error.errno is not None
    )
    if is_clear or not isinstance(error, Exception):
        return None
    try:
        with file.open("ab") as probe:
            probe.write(bytes(_PROBE_BYTES))
            flush(file)
    except OSError as fault:
        return fault if fault.errno in _NO_MORE else None
    return None
