"""Seconds of CPU and peak memory of `podium init` and `podium check`, by the number of files.

    python benchmarks/many_files.py [--sizes 3000 10000 30000] [--to /dev/shm]
    python benchmarks/many_files.py --sizes 100000
    python benchmarks/many_files.py --init --layouts classes masks patients

The files are photographs of 32 × 32 pixels, nine in ten of them of train with a table of labels in
ten classes; the others are test, with a sample submission. In other layouts the labels are folders,
masks, or those of patients with a folder each. Each command is a process of its own;
`check` reads every picture, compares them, and asks whether test is unlike train. CPU is that of
all cores.
"""

from __future__ import annotations

import argparse
import itertools
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

SIDE, CLASSES, SOURCES, VIEWS = 32, 10, 64, 8


@dataclass(frozen=True)
class Cost:
    """What a command took: seconds of CPU and of the clock, MiB at most."""

    cpu: float
    clock: float
    memory: float


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[3_000, 10_000, 30_000])
    parser.add_argument("--to", type=Path, default=Path("/dev/shm"), help="folder for the files")
    parser.add_argument("--init", action="store_true", help="leave out check")
    parser.add_argument("--layouts", nargs="+", choices=LAYOUTS, default=["table"])
    options = parser.parse_args(argv)
    commands = [("init", ["init", "data"]), ("check", ["check"])]
    commands = commands[:1] if options.init else commands
    print(
        f"{'layout':<10}{'files':>8}  {'command':<8}{'CPU s':>8}{'ms a file':>11}{'clock s':>9}"
        f"{'MiB':>7}"
    )
    to = options.to if options.to.is_dir() else None
    for layout, n in itertools.product(options.layouts, options.sizes):
        with tempfile.TemporaryDirectory(dir=to) as root:
            LAYOUTS[layout](Path(root) / "data", n)
            for name, command in commands:
                cost = measure(command, Path(root))
                print(
                    f"{layout:<10}{n:>8,}  {name:<8}{cost.cpu:>8.1f}{1000 * cost.cpu / n:>11.2f}"
                    f"{cost.clock:>9.1f}{cost.memory:>7.0f}",
                    flush=True,
                )
            shutil.rmtree(Path(root) / "data")
    return 0


def write_table(data: Path, n: int) -> None:
    """Write `n` pictures of two folders, with the labels of train in a table."""
    rows: dict[str, list[str]] = {"train": ["id,label"], "test": ["id,label"]}
    for number, part, picture in _pictures(n):
        _save(picture, data / part / f"{number:06d}.png")
        rows[part].append(f"{number:06d},{_class_of(number)}")
    (data / "train.csv").write_text("\n".join(rows["train"]) + "\n")
    (data / "sample_submission.csv").write_text("\n".join(rows["test"]) + "\n")


def write_classes(data: Path, n: int) -> None:
    """Write `n` pictures, those of train in a folder for each class."""
    sent = ["id,label"]
    for number, part, picture in _pictures(n):
        folder = data / "test" if part == "test" else data / "train" / _class_of(number)
        _save(picture, folder / f"{number:06d}.png")
        sent += [f"{number:06d},c0"] if part == "test" else []
    (data / "sample_submission.csv").write_text("\n".join(sent) + "\n")


def write_masks(data: Path, n: int) -> None:
    """Write `n` files: pictures, and a mask beside each one of train."""
    sent = ["id,rle"]
    for number, part, picture in _pictures(10 * n // 19):
        _save(picture, data / part / f"images/{number:06d}.png")
        if part == "test":
            sent.append(f"{number:06d},1 3")
        else:
            mask = np.where(picture.mean(axis=2) > picture.mean(), 255, 0).astype(np.uint8)
            _save(mask, data / f"train/masks/{number:06d}_mask.png")
    (data / "sample_submission.csv").write_text("\n".join(sent) + "\n")


def write_patients(data: Path, n: int) -> None:
    """Write `n` pictures in a folder for each patient, with a table of patients and their views."""
    rows: dict[str, list[str]] = {
        "train": ["patient,view,age,diagnosis"],
        "test": ["patient,view,age"],
    }
    sent = ["patient,diagnosis"]
    for number, _, picture in _pictures(n):
        patient, view = number // VIEWS, number % VIEWS
        part = "test" if patient % 10 == 9 else "train"
        _save(picture, data / f"images/p{patient:05d}/v{view}.png")
        more = [] if part == "test" else ["ab"[patient % 2]]
        rows[part].append(",".join([f"p{patient:05d}", str(view), str(20 + patient % 60), *more]))
        sent += [f"p{patient:05d},a"] if part == "test" and view == 0 else []
    for part, lines in rows.items():
        (data / f"{part}.csv").write_text("\n".join(lines) + "\n")
    (data / "sample_submission.csv").write_text("\n".join(sent) + "\n")


LAYOUTS = {
    "table": write_table,
    "classes": write_classes,
    "masks": write_masks,
    "patients": write_patients,
}


def _pictures(n: int) -> Iterator[tuple[int, str, np.ndarray]]:
    """Yield number, part and pixels: random windows of a few large pictures, turned and lit."""
    random = np.random.default_rng(0)
    sources = [_large_picture(random) for _ in range(SOURCES)]
    for number in range(n):
        source = sources[int(random.integers(SOURCES))]
        top, left = random.integers(0, source.shape[0] - SIDE, size=2)
        window = source[top : top + SIDE, left : left + SIDE]
        window = np.rot90(window, int(random.integers(4))) * random.uniform(0.5, 1.0)
        noise = random.normal(0, 6, (SIDE, SIDE, 3))
        part = "test" if number % 10 == 9 else "train"
        yield number, part, np.clip(window + noise, 0, 255).astype(np.uint8)


def _class_of(number: int) -> str:
    return f"c{number // 10 * 7 % CLASSES}"


def _save(pixels: np.ndarray, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(file, compress_level=1)


def _large_picture(random: np.random.Generator) -> np.ndarray:
    """Return a smooth picture of 256 × 256 with coarse and fine structure."""
    layers = [
        np.asarray(
            Image.fromarray(random.integers(0, 255, (size, size, 3)).astype(np.uint8)).resize(
                (256, 256), Image.Resampling.BICUBIC
            ),
            dtype=np.float64,
        )
        for size in (4, 16, 64)
    ]
    return 0.5 * layers[0] + 0.3 * layers[1] + 0.2 * layers[2]


_MEASURED = """
import atexit, os, pathlib
status, kept = pathlib.Path("/proc/self/status"), pathlib.Path(os.environ["COST_FILE"])
if status.exists():  # elsewhere, what a process took counts the one that started it
    atexit.register(lambda: kept.write_text(status.read_text()))
from podium.cli.app import main
main()
"""


def measure(command: Sequence[str], root: Path, *, may_fail: bool = False) -> Cost:
    """Run a command of podium in `root`, and return what it took.

    Raises:
        SystemExit: it failed, and may not.
    """
    started = time.perf_counter()
    full = [sys.executable, "-c", _MEASURED, *command]
    with tempfile.TemporaryFile() as output, tempfile.NamedTemporaryFile("r") as held:
        env = {**os.environ, "COST_FILE": held.name}
        running = subprocess.Popen(full, cwd=root, stdout=output, stderr=subprocess.STDOUT, env=env)
        _, status, used = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
        if running.returncode != 0 and not may_fail:
            output.seek(0)
            raise SystemExit(output.read().decode())
        lines = held.read().splitlines()
    clock = time.perf_counter() - started
    mib = used.ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
    if peaks := [line.split()[1] for line in lines if line.startswith("VmHWM")]:
        mib = int(peaks[0]) / 1024
    return Cost(used.ru_utime + used.ru_stime, clock, mib)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.exit(main())
