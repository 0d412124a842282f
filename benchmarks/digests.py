"""Digests: the share of a command's time that checking what it reads takes, and all digests.

    python benchmarks/digests.py [--images 90] [--rounds 1] [--folder DIR]

A workspace with a resnet18 (random weights, 45 MB a checkpoint) over three folds. Each command runs
in a process of its own with nothing found intact before, so that every file that it reads is hashed
once; the time inside of `digests.state_of` and of the comparison of cache entries is summed and
divided by that of the command, start-up included. `all digests` are those of data, too, and of what
is written, with their files: every function of `workspace/digests.py`, `FileDigests`, and what is
compared of the cache; its time of the processor, of all threads, is divided by that of the whole
process. Everything is warm in the disk's cache. `verify`
reads all files and does nothing else, so its time alone is printed, and so is the speed of the
digest beside that of a bare read. Exits with 1 where a command checks for
more than 3 % of its time, or its digests take more than that.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from podium.workspace import digests

MOST_PERCENT = 3.0
RECIPE = """\
model: {backbone: resnet18, pretrained: false}
input: {size: 64, train: weak}
optimizer: {name: adamw, lr: 1e-3}
batch_size: 32
phases: [{name: only, epochs: 1}]
"""
COMMANDS = {
    "train, a fold": ["train", "base", "--folds", "0"],
    "train, from the weights of a run": ["train", "base", "-o", "model.from=RUN", "--folds", "0"],
    "predict": ["predict", "RUN", "--tta", "hflip"],
    "blend": ["blend", "RUN", "--name", "again"],
    "show": ["show", "RUN"],
    "submit --dry-run": ["submit", "--dry-run", "RUN"],
}
# Of `digests`, whatever the others are made of; `listing` is a block around its caller's work.
OF_DIGESTS = (
    "sha256",
    "state_of",
    "is_kept",
    "is_whole",
    "read_sums",
    "content_of",
    "note_tree",
    "forget",
    "copy",
    "_write",
)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; return 1 if checking takes too long."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=90)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where 1 GB has room; default: temporary")
    parser.add_argument("--command", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    asked = parser.parse_args(argv)
    if asked.command:
        print(json.dumps(measured(asked.folder, asked.command)))
        return 0
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        root = Path(folder)
        write(root, asked.images)
        in_a_child(root, ["train", "base"])
        (run,) = (one.name for one in root.glob("runs/*"))
        print(
            "| command | s | MB checked | ms of checking | % | s CPU | ms all digests | % of CPU |"
        )
        print("| --- | --: | --: | --: | --: | --: | --: | --: |")
        worst, n_trained = 0.0, 0
        for name, words in COMMANDS.items():
            each = []
            for number in range(asked.rounds):
                fresh = [one.replace("RUN", run).replace("again", f"b{number}") for one in words]
                again = ["--again", str(n_trained := n_trained + 1)] if words[0] == "train" else []
                each.append(in_a_child(root, [*fresh, *again]))
            found = min(each, key=lambda one: one["checking"] / one["seconds"])
            share = 100 * found["checking"] / found["seconds"]
            every = 100 * found["digests_cpu"] / found["cpu"]
            worst = max(worst, share, every)
            ms, mb = 1000 * found["checking"], found["bytes"] / 1e6
            print(
                f"| {name} | {found['seconds']:.2f} | {mb:.1f} | {ms:.0f} | {share:.2f} "
                f"| {found['cpu']:.2f} | {1000 * found['digests_cpu']:.0f} | {every:.2f} |",
                flush=True,
            )
        found = in_a_child(root, ["verify"])
        n_bytes = sum(one.stat().st_size for one in (root / "runs").rglob("*") if one.is_file())
        weights = min(root.glob("runs/*/fold-0/last.pt"))
        print(f"sha256 {speed(weights, digests.sha256):.1f} GB/s, ", end="")
        print(f"a bare read {speed(weights, Path.read_bytes):.1f} GB/s")
        print(f"verify: {n_bytes / 1e6:,.0f} MB in {found['seconds']:.2f} s, start-up included")
    print(f"at most {MOST_PERCENT:g} %: {'yes' if worst <= MOST_PERCENT else 'no'}")
    return 0 if worst <= MOST_PERCENT else 1


def speed(file: Path, read: Callable[[Path], object]) -> float:
    """Return the GB a second at which `read` reads a file, the fastest of five times."""
    times = []
    for _ in range(5):
        began = time.perf_counter()
        read(file)
        times.append(time.perf_counter() - began)
    return file.stat().st_size / min(times) / 1e9


def write(root: Path, n_images: int) -> None:
    """Write a competition of noise in two colours."""
    rng = np.random.default_rng(0)
    for split, count in (("train", n_images), ("test", n_images // 3)):
        (root / "data" / split).mkdir(parents=True)
        for i in range(count):
            pixels = rng.integers(0, 200, (96, 96, 3)).astype(np.uint8)
            pixels[..., i % 2] += 40
            Image.fromarray(pixels).save(root / f"data/{split}/{i:04d}.png")
    rows = [f"{i:04d},{('red', 'green')[i % 2]}" for i in range(n_images)]
    (root / "data/train.csv").write_text("\n".join(["id,label", *rows, ""]))
    (root / "competition.yaml").write_text(
        "name: colours\ntasks: {classify: multiclass}\nclasses: [red, green]\ndata:\n"
        "  train: {table: data/train.csv, id: id, images: 'data/train/{id}.png', label: label}\n"
        "  test: {images: 'data/test/*.png'}\n"
        "folds: {scheme: stratified, n: 3, seed: 1}\nmetric: {name: log_loss}\n"
    )
    (root / "recipes").mkdir()
    (root / "recipes/base.yaml").write_text(RECIPE)


def in_a_child(root: Path, words: Sequence[str]) -> dict[str, Any]:
    """Return what `measured` finds in a process of its own, whose start counts, too."""
    began = time.perf_counter()
    command = [sys.executable, __file__, "--folder", str(root), "--command", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"podium {' '.join(words)}:\n{done.stdout}{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {**found, "seconds": time.perf_counter() - began}


def measured(root: Path, words: Sequence[str]) -> dict[str, Any]:
    """Return the seconds of checking in one command, and the bytes that were checked.

    `cpu` is the time of the processor of this process, `digests_cpu` that within digests.
    """
    from typer.testing import CliRunner

    from podium.cli.app import app
    from podium.competition import cache
    from podium.workspace.ids import FileDigests

    spent: list[float] = []
    n_bytes: list[int] = []
    is_check = [False]  # else a digest is that of a file that is written

    def timed(check: Callable[..., Any]) -> Callable[..., Any]:
        def checked(*args: Any, **options: Any) -> Any:
            began, is_check[0] = time.perf_counter(), True
            try:
                return check(*args, **options)
            finally:
                is_check[0] = False
                spent.append(time.perf_counter() - began)

        return checked

    def counted(hashed: Callable[[Path], str]) -> Callable[[Path], str]:
        def counting(path: Path) -> str:
            if is_check[0]:
                n_bytes.append(path.stat().st_size)
            return hashed(path)

        return counting

    cpu: list[float] = []
    is_inside = [False]  # else what calls another one would count twice

    def summed(function: Callable[..., Any]) -> Callable[..., Any]:
        def within(*args: Any, **options: Any) -> Any:
            if is_inside[0]:
                return function(*args, **options)
            began, is_inside[0] = time.process_time(), True
            try:
                return function(*args, **options)
            finally:
                is_inside[0] = False
                cpu.append(time.process_time() - began)

        return within

    digests.sha256 = counted(digests.sha256)
    digests.state_of = timed(digests.state_of)
    cache._intact = timed(cache._intact)
    for name in OF_DIGESTS:
        setattr(digests, name, summed(getattr(digests, name)))
    cache._intact = summed(cache._intact)
    for method in ("each", "of_many"):
        setattr(FileDigests, method, summed(getattr(FileDigests, method)))
    done = CliRunner().invoke(app, ["-w", str(root), *words])
    if done.exit_code:
        sys.exit(done.output)
    return {
        "checking": sum(spent),
        "bytes": sum(n_bytes),
        "digests_cpu": sum(cpu),
        "cpu": time.process_time(),
    }


if __name__ == "__main__":
    sys.exit(main())
