"""This machine, found without loading torch: its first GPU, memory, processors and clock.

`n_cores` counts the processors that this process may use: in a container often fewer than the
machine has. `now` is the one place where podium reads the time, so that a test can pass its own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

__all__ = [
    "Machine", "busy_note", "free_memory", "has_bf16", "n_cores", "now", "own_distribution",
    "this_machine",
]  # fmt: skip


_MEMINFO = Path("/proc/meminfo")
_CONTAINER = Path("/sys/fs/cgroup")
_DRIVER_TIMEOUT_S = 10.0
_BUSY = 0.5


@dataclass(frozen=True)
class Machine:
    """The processors, memory and first GPU.

    Attributes:
        cores: that this process may use.
        memory: bytes that are free; None where it cannot be read.
        gpu: its name; None without one.
        gpu_memory: its bytes; 0 without one.
    """

    cores: int
    memory: int | None = None
    gpu: str | None = None
    gpu_memory: int = 0


def this_machine() -> Machine:
    """Return the facts of this machine, from the system and the NVIDIA driver."""
    name, gpu_memory = _gpu()
    return Machine(n_cores(), free_memory(), name, gpu_memory)


def busy_note() -> str | None:
    """Return a line where other programs took half of the processors in the last minute, or more.

    Seconds that are measured then are longer than on an idle machine. None where that is not so, or
    where the system does not report it, as Windows.
    """
    if not hasattr(os, "getloadavg"):
        return None
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    if load < _BUSY * cores:
        return None
    return (
        f"this machine is busy: {load:.1f} programs ran on its {cores} cores in the last minute; "
        "idle, it is faster than the times that are measured now"
    )


def free_memory() -> int | None:
    """Return the bytes that a process can have, also of its container; None: it cannot be read."""
    found = []
    with suppress(OSError, ValueError, IndexError):
        [line] = [one for one in _MEMINFO.read_text().splitlines() if "MemAvailable" in one]
        found.append(int(line.split()[1]) * 1024)
    with suppress(OSError, ValueError):  # "max" is no number: no limit
        limit = int((_CONTAINER / "memory.max").read_text())
        # Files that are cached count as used, and are given up when a process needs the room.
        stats = dict(line.split() for line in (_CONTAINER / "memory.stat").read_text().splitlines())
        used = int((_CONTAINER / "memory.current").read_text()) - int(stats.get("file", 0))
        found.append(max(limit - used, 0))
    return min(found, default=None)


def _gpu() -> tuple[str | None, int]:
    """Return the name and the bytes of the first GPU that the driver lists."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return None, 0
    words = [program, "--query-gpu=name,memory.total", "--format=csv,noheader,nounits"]
    with suppress(OSError, subprocess.SubprocessError, ValueError, IndexError):
        done = subprocess.run(
            words, capture_output=True, text=True, timeout=_DRIVER_TIMEOUT_S, check=True
        )
        name, mib = done.stdout.splitlines()[0].rsplit(",", 1)
        return name.strip(), int(mib) << 20
    return None, 0


def n_cores() -> int:
    """Return the number of processors that the system lets this process run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def has_bf16(listing: str | None = None) -> bool:
    """Return whether the processor computes in bfloat16 itself; elsewhere torch emulates it.

    Args:
        listing: text of /proc/cpuinfo; default: this machine's. Without one: no.

    Example:
        >>> has_bf16("flags : sse2 avx512_bf16"), has_bf16("Features : fp bf16"), has_bf16("")
        (True, True, False)
    """
    if listing is None:
        with suppress(OSError):
            listing = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    return bool({"avx512_bf16", "amx_bf16", "bf16"} & set((listing or "").split()))


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def own_distribution() -> Distribution:
    """Return what is installed of podium itself: its requirements, and its name on an index.

    Raises:
        PackageNotFoundError: podium runs from its sources and was never installed.
    """
    try:
        return distribution("podium-kaggle")
    except PackageNotFoundError:
        return distribution("podium")  # installed before 0.2.0 gave it that name
