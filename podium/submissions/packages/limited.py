"""A command under limits of time and memory, measured with all processes that it starts."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from podium.errors import RunError

__all__ = ["Ran", "run_limited"]

_LOOK_S = 0.05
_QUOTED_CHARACTERS = 1500
_PROC = Path("/proc")


@dataclass(frozen=True)
class Ran:
    """How a command ran.

    Attributes:
        seconds: from its start to its end.
        peak_bytes: the most memory (RSS) that its processes had together; pages that they share
            count for each. None where the system has no /proc.
    """

    seconds: float
    peak_bytes: int | None


def run_limited(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    output: Path,
    max_time_s: float,
    max_memory: int,
) -> Ran:
    """Run `command` to its end; beyond a limit it is killed with all that it started.

    Args:
        command: the words.
        env: its whole environment.
        cwd: where it runs.
        output: gets what it prints.
        max_time_s: seconds.
        max_memory: bytes of all its processes together.

    Raises:
        RunError: it took longer or more memory, and by how much; or it failed.
    """
    start = time.monotonic()
    with output.open("wb") as sink:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
        )
        tree = _Tree(process.pid)
        try:
            while process.poll() is None:
                tree.look()
                seconds = time.monotonic() - start
                if tree.peak > max_memory:
                    raise _beyond_memory(tree.peak, max_memory, seconds)
                if seconds > max_time_s:
                    raise _beyond_time(seconds, max_time_s)
                time.sleep(_LOOK_S)
        finally:
            tree.kill()
            process.wait()
    seconds = time.monotonic() - start
    if seconds > max_time_s:
        raise _beyond_time(seconds, max_time_s)
    if process.returncode:
        raise RunError(
            f"it ended with exit code {process.returncode} after {seconds:.1f} s; it printed last: "
            f"{_last_words(output)}",
            where=command[-1],
        )
    return Ran(seconds, tree.peak if _PROC.is_dir() else None)


def _beyond_memory(peak: int, most: int, seconds: float) -> RunError:
    return RunError(
        f"it took {peak / 1e9:.2f} GB of memory after {seconds:.0f} s, "
        f"{(peak - most) / 1e9:.2f} GB more than the {most / 1e9:g} GB that it may, and was killed",
        fix="pack fewer members, or smaller batches and tiles; or give what the host has: "
        "--max-memory",
    )


def _beyond_time(seconds: float, most: float) -> RunError:
    return RunError(
        f"it took {seconds:.1f} s, {seconds - most:.1f} s more than the {most:g} s that it may",
        fix="pack fewer members, folds or views; or give what the host allows: --max-time",
    )


def _last_words(output: Path) -> str:
    text = output.read_bytes()[-16 * _QUOTED_CHARACTERS :].decode("utf-8", errors="replace")
    return text.strip()[-_QUOTED_CHARACTERS:]


class _Tree:
    """The processes that one started, and theirs: also those whose parents have ended."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._seen: dict[int, str] = {}
        self.peak = 0

    def look(self) -> None:
        """Find the processes of the tree and note the memory that they have together."""
        table = dict(_processes())
        mine = {
            pid
            for pid, (_, session, started) in table.items()
            if pid == self._root or session == self._root or self._seen.get(pid) == started
        }
        n_known = 0
        while n_known != len(mine):
            n_known = len(mine)
            mine |= {pid for pid, (parent, _, _) in table.items() if parent in mine}
        self._seen = {pid: table[pid][2] for pid in mine if pid in table}
        memory = [_memory(pid) for pid in mine]
        # A process's own highest shows a peak between two looks.
        now, highest = sum(one for one, _ in memory), max((high for _, high in memory), default=0)
        self.peak = max(self.peak, now, highest)

    def kill(self) -> None:
        """End every process of the tree that is still there."""
        self.look()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._root, signal.SIGKILL)
        for pid in self._seen:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)


def _processes() -> list[tuple[int, tuple[int, int, str]]]:
    """Return of each process its parent, its session, and when it started."""
    found = []
    with contextlib.suppress(OSError):
        for folder in os.scandir(_PROC):
            if folder.name.isdecimal():
                with contextlib.suppress(OSError, IndexError):
                    text = Path(folder.path, "stat").read_text()
                    after = text.rpartition(")")[2].split()  # a name may hold spaces and brackets
                    found.append((int(folder.name), (int(after[1]), int(after[3]), after[19])))
    return found


def _memory(pid: int) -> tuple[int, int]:
    """Return the bytes that a process has now, and the most that it had."""
    sizes = {"VmRSS": 0, "VmHWM": 0}
    with contextlib.suppress(OSError):
        for line in (_PROC / str(pid) / "status").read_text().splitlines():
            name, _, rest = line.partition(":")
            if name in sizes:
                sizes[name] = int(rest.split()[0]) * 1024
    return sizes["VmRSS"], sizes["VmHWM"]
