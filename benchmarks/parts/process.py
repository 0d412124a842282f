"""What a benchmark measures of a process: its memory, and itself in one of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

__all__ = ["held", "in_a_process"]


def held(name: str) -> float:
    """Return a line of the kernel's account of this process, as VmRSS or VmHWM, in MiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(f"{name}:"))) / 1024


def in_a_process(file: str, *arguments: str) -> Any:
    """Return what `file` prints as JSON when it is run with `arguments`, on one thread."""
    done = subprocess.run(
        [sys.executable, file, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    return json.loads(done.stdout)
