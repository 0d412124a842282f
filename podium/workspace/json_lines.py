"""Files of JSON objects, one a line, that only grow; several processes may write to them.

A line that a killed process left cut harms neither the lines before it nor those after it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from podium.errors import RunError
from podium.workspace import atomic

__all__ = ["append", "locked", "read"]

_WAIT_FOR_LOCK_S = 60.0


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of `folder`'s files while the body runs; others wait for it.

    Raises:
        RunError: another process has held it for a minute.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / ".lock", timeout=_WAIT_FOR_LOCK_S)
    try:
        lock.acquire()
    except Timeout as error:
        raise RunError(
            "another process has been writing here for a minute",
            where=folder,
            fix="end it if it hangs; then repeat the command",
        ) from error
    try:
        yield
    finally:
        lock.release()


def append(file: Path, values: Sequence[dict[str, Any]]) -> None:
    """Add a line for each of `values`, in one write that has reached the disk on return.

    The caller holds `growing`. A cut line at the end is ended first.

    Raises:
        ValueError: a number is nan or infinite, which JSON does not have.
    """
    if not values:
        return
    lines = "".join(json.dumps(v, ensure_ascii=False, allow_nan=False) + "\n" for v in values)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("ab+", buffering=0) as stream:
        end = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, end - 1))
        is_cut = stream.read(1) not in (b"", b"\n")
    # A team's name may hold half a character; the rest of it is still kept.
    content = ("\n" + lines if is_cut else lines).encode("utf-8", errors="replace")
    atomic.append(file, content)


def read(file: Path) -> list[dict[str, Any]]:
    """Return the objects of `file` in their order, without lines that are none; [] for no file."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return []
    found = []
    for line in text.split("\n"):
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict):
            found.append(value)
    return found
