"""Blends of masks in a process whose address space is limited."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.first
@pytest.mark.slow
@pytest.mark.long
def test_a_blend_in_a_small_process_equals_one_without_a_limit(tmp_path: Path) -> None:
    """20 x 240 masks of 256 x 256 are 1,258 MB as floats; 1,074 MB of addresses are there."""
    script = [sys.executable, "benchmarks/mask_memory.py", "--members", "20", "--masks", "240"]
    done = subprocess.run(
        [*script, "--limit", "1024", "--folder", str(tmp_path)],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
        # Each thread takes 72 MiB of addresses, used or not, and there is one for each core.
        preexec_fn=on_two_cores if hasattr(os, "sched_setaffinity") else None,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "equal to the byte: yes" in done.stdout


def on_two_cores() -> None:
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
