"""Checking a file of masks against what pandas takes to read it as text, as ratios in one run.

    python benchmarks/checking.py [--rows 100000] [--rounds 7]

A file of runs as in a competition of defects on steel (256 × 1600 pixels, half of the rows blank,
some forty runs in the others) is checked whole: names against the sample submission, every number
of every run against the size of the image. pandas reads the same file, cells as text. `shuffled` is
the same file with its rows in another order than the sample's. Memory is what the process holds
more at its peak than before, for a file and for one of ten times as many rows, each in a process of
its own. One thread; the fastest of several rounds by turns counts. Exits with 1 where a goal is
missed: faster than pandas in order, and no more memory for ten times as many rows.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from parts.process import held

from podium.submissions.format.mask_sizes import MaskSizes
from podium.submissions.format.masks import check_masks
from podium.submissions.format.row_names import SampleKeys
from podium.submissions.format.spec import SubmissionFormat

SIZE = (256, 1600)
BLANK, RUNS = 0.5, 40
FORM = SubmissionFormat(
    task="segment",
    kind="binary",
    columns={"ImageId": "id", "EncodedPixels": "value"},
    value="rle",
)
MORE = 1.5
"""What ten times as many rows may take: no more memory, but measuring is not exact."""


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; return 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7, help="the fastest counts")
    parser.add_argument("--memory-of", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.memory_of is not None:
        print(memory_of(options.memory_of))
        return 0
    with tempfile.TemporaryDirectory() as name:
        return compare(Path(name), options.rows, options.rounds)


def compare(folder: Path, n_rows: int, rounds: int) -> int:
    """Print what was measured in files below `folder`."""
    write_files(folder, n_rows)
    seconds = fastest(
        {
            "podium": lambda: refuse_problems(folder, "in-order.csv"),
            "podium, shuffled": lambda: refuse_problems(folder, "shuffled.csv"),
            "pandas": lambda: read_by_pandas(folder / "in-order.csv"),
        },
        rounds,
    )
    n_bytes = (folder / "in-order.csv").stat().st_size
    print(f"{n_rows:,} rows, {n_bytes / 2**20:.1f} MiB; ratio: pandas' seconds divided by podium's")
    for name, taken in seconds.items():
        print(f"{name:18} {taken:7.3f} s {seconds['pandas'] / taken:7.2f}")
    if not Path("/proc/self/clear_refs").exists():
        print("memory is measured on Linux only")
        return int(seconds["podium"] > seconds["pandas"])
    large = folder / "large"
    large.mkdir()
    write_files(large, 10 * n_rows)
    grown = [measured(one) for one in (folder, large)]
    print(f"memory for {n_rows:,} rows {grown[0]:.1f} MiB, for {10 * n_rows:,} {grown[1]:.1f} MiB")
    return int(seconds["podium"] > seconds["pandas"] or grown[1] > MORE * grown[0] + 1)


def write_files(folder: Path, n_rows: int) -> None:
    """Write sample.csv, in-order.csv and shuffled.csv."""
    rng = np.random.default_rng(0)
    texts = ["", *(runs(rng) for _ in range(500))]
    which = np.where(rng.random(n_rows) < BLANK, 0, rng.integers(1, len(texts), n_rows))
    orders = {"in-order.csv": np.arange(n_rows), "shuffled.csv": rng.permutation(n_rows)}
    for name, order in orders.items():
        with (folder / name).open("w") as file:
            file.write("ImageId,EncodedPixels\n")
            file.writelines(f"{i:08x}.jpg,{texts[which[i]]}\n" for i in order)
    with (folder / "sample.csv").open("w") as file:
        file.write("ImageId,EncodedPixels\n")
        file.writelines(f"{i:08x}.jpg,1 1\n" for i in range(n_rows))


def runs(rng: np.random.Generator) -> str:
    """Return the text of a mask of about `RUNS` runs."""
    cuts = np.sort(rng.choice(SIZE[0] * SIZE[1], 2 * max(1, rng.poisson(RUNS)), replace=False))
    pairs = zip(cuts[::2].tolist(), cuts[1::2].tolist(), strict=True)
    return " ".join(f"{start + 1} {stop - start}" for start, stop in pairs)


def refuse_problems(folder: Path, name: str) -> None:
    """Check a file; it has no fault."""
    keys = SampleKeys(folder / "sample.csv", FORM)
    found = check_masks(folder / name, FORM, keys, MaskSizes(frame=SIZE), rows_source="sample.csv")
    assert not [one for one in found if one.level == "error"], found


def read_by_pandas(file: Path) -> None:
    """Read the file as a competitor's notebook does."""
    import pandas as pd

    pd.read_csv(file, dtype=str, keep_default_na=False)


def fastest(ways: dict[str, Callable[[], None]], rounds: int) -> dict[str, float]:
    """Return the seconds of the fastest round of each."""
    found = dict.fromkeys(ways, float("inf"))
    for _ in range(rounds + 1):  # the first round compiles and fills the disk's cache
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            found[name] = min(found[name], time.perf_counter() - start)
    return found


def measured(folder: Path) -> float:
    """Return `memory_of` in a process of its own."""
    command = [sys.executable, __file__, "--memory-of", str(folder)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def memory_of(folder: Path) -> float:
    """Return how many MiB the process holds more at its peak for checking both files."""
    refuse_problems_of_nothing(folder)
    Path("/proc/self/clear_refs").write_text("5")  # the peak so far is forgotten
    before = held("VmRSS")
    refuse_problems(folder, "in-order.csv")
    refuse_problems(folder, "shuffled.csv")
    return held("VmHWM") - before


def refuse_problems_of_nothing(folder: Path) -> None:
    """Check a file of one row, so that what is compiled and imported does not count."""
    small = folder / "small"
    small.mkdir(exist_ok=True)
    for name in ("sample.csv", "one.csv"):
        (small / name).write_text("ImageId,EncodedPixels\na,1 1\n")
    refuse_problems(small, "one.csv")


if __name__ == "__main__":
    sys.exit(main())
