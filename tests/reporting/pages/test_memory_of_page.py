"""A page of more runs holds no more of them at once."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]
CLASSES, ROWS, FEW, MANY = 400, 4000, 3, 12


def peak_of(n_runs: int, folder: Path) -> float:
    """Return what the process that builds the page holds at its peak more than before, in MiB."""
    sizes = ["--runs", str(n_runs), "--classes", str(CLASSES), "--rows", str(ROWS)]
    done = subprocess.run(
        [sys.executable, "benchmarks/report.py", *sizes, "--blends", "1", "--folder", str(folder)],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"^the page: .* s, (\d+) MiB", done.stdout, re.MULTILINE)
    assert found is not None, done.stdout
    return float(found[1])


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is told by Linux only")
def test_four_times_as_many_runs_take_less_than_half_of_what_they_predict(tmp_path: Path) -> None:
    one = CLASSES * ROWS * 4 / 2**20
    few, many = (peak_of(n, tmp_path) for n in (FEW, MANY))
    assert many - few < (MANY - FEW) * one / 2, (few, many)
