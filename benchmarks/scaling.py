"""How time and memory grow with images, classes, members, submissions and connections.

    python benchmarks/scaling.py [--images 1000 10000 100000] [--classes 10 100 1000]
        [--members 5 25 100] [--submissions 100 1000 5000 20000] [--connections 1000]
        [--addresses 1000 2000 4000 8000]

    images       a download of small pictures with labels: `init`, `check`, `folds`
    classes      2,000 rows: `import` of predictions of every class, `blend` of three such members
    members      2,000 rows of 10 classes: `blend` of so many imported members
    submissions  of 30 blends, two thirds with a receipt and the rest sent by other means: `board`
                 whole, with --all and with --json, `finals`; `adopt` takes a host's list for the
                 first time
    connections  idle ones from one address flood a host; `open` is the most sockets that its
                 process had at once, as the system counts them
    addresses    the same, each connection from another address of 127.0.0.0/8

Subjects that are not named are left out where others are. Commands run as they are typed, each in a
process of its own; CPU is that of all cores. The exponent is the slope of the logarithms of the
last two rows, of what is beyond the first one: 1 is linear, 0 is constant.
"""

from __future__ import annotations

import argparse
import contextlib
import math
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
from many_files import Cost, measure, write_table
from PIL import Image

from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples
from podium.competition.spec import load_competition
from podium.hosting import init_host
from podium.submissions.board.view import board
from podium.submissions.upload.client import HostListing, Limits, ListedSubmission
from podium.submissions.upload.endpoint import Endpoint
from podium.submissions.upload.receipt import Receipt
from podium.workflows.importing import ImportTarget, import_files
from podium.workspace.layout import RECEIPT_FILE, Workspace
from podium.workspace.records import Record, write_record

BLENDS = 30
ROWS, MEMBER_CLASSES = 2000, 10
_COMPETITION = """
name: Growth
tasks: {classify: multiclass}
classes: [a, b]
data:
  train: {table: train.csv, id: id, images: "train/{id}", label: label}
  test: {images: "test/*.png"}
metric: {name: accuracy}
submission: {sample: sample.csv, value: name}
kaggle: {slug: growth, public_share: 0.3}
"""


def make_workspace(root: Path, n: int) -> tuple[Workspace, list[ListedSubmission]]:
    """Return a workspace with receipts of two thirds of `n` submissions, and the host's list."""
    (root / "competition.yaml").write_text(_COMPETITION)
    (root / "sample.csv").write_text("id,label\n0,a\n")
    (root / "train.csv").write_text("id,label\n")
    workspace = Workspace(root)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    blends = [f"blend-{number:08x}" for number in range(BLENDS)]
    for number, name in enumerate(blends):
        (workspace.blends / name).mkdir(parents=True)
        score = 0.8 + number / 1000
        scores = {"metric": "accuracy", "honest": score, "honest_interval": [score - 0.02, score]}
        about = {"kind": "blend", "id": name, "name": "blend", "created": start}
        write_record(workspace.blends / name, Record(**about, status="finished", scores=scores))
    listed = []
    for number in range(n):
        at, blend = start + timedelta(minutes=number), blends[number * 7919 % BLENDS]
        identity, score = f"{number:08x}", 0.7 + (number * 7919 % n) / n / 5
        is_ours = number % 3 < 2
        if is_ours:
            receipt = Receipt(
                id=identity, description_id=f"podium-{identity}", created=at, slug="growth",
                target="kaggle", file=f"submissions/{blend}.csv", file_sha256=identity, bytes=1000,
                sources=[blend], state="complete", ref=number + 1, submitted=at, public_score=score,
            )  # fmt: skip
            folder = workspace.submissions / identity
            folder.mkdir(parents=True)
            (folder / RECEIPT_FILE).write_text(receipt.model_dump_json())  # unflushed: quick
        text = f"[podium-{identity}]" if is_ours or number % 6 == 2 else "by hand"
        listed.append(
            ListedSubmission(
                number + 1, at.isoformat(), text, f"{blend}.csv", "COMPLETE", "", score, None, 1000
            )
        )
    return workspace, listed[::-1]


class Listed:
    """A client that has the list in its hands."""

    def __init__(self, entries: Sequence[ListedSubmission]) -> None:
        self._listing = HostListing(
            Limits(1, len(entries), 4),
            tuple(entries),
            tuple({"team": f"t{k}", "score": 1 - k / 5000} for k in range(3000)),
            is_whole=True,
        )

    def listing(self) -> HostListing:
        return self._listing


Costs = dict[str, Cost]


def measure_images(n: int, folder: Path) -> Costs:
    """Return what commands over a download of `n` pictures cost."""
    write_table(folder / "data", n)
    commands = {"init": ["init", "data"], "check": ["check"], "folds": ["folds"]}
    return {name: measure(words, folder) for name, words in commands.items()}


def measure_classes(n: int, folder: Path) -> Costs:
    """Return what importing, and blending three members, of `n` classes costs."""
    files = write_members(folder, 3, n)
    costs = {"import": measure(["import", *files[0], "--name", "a"], folder)}
    import_members(folder, files[1:], ["b", "c"])
    return {**costs, "blend": measure(["blend", "a", "b", "c"], folder)}


def measure_members(n: int, folder: Path) -> Costs:
    """Return what a blend of `n` members costs."""
    files = write_members(folder, n, MEMBER_CLASSES)
    names = [f"m{number}" for number in range(n)]
    import_members(folder, files, names)
    return {"blend": measure(["blend", *names], folder)}


def import_members(folder: Path, files: Sequence[Sequence[str]], names: Sequence[str]) -> None:
    """Import members without the seconds that a process of its own takes for each."""
    target = ImportTarget.of(Workspace(folder), load_competition(folder))
    for (oof, _, test), name in zip(files, names, strict=True):
        import_files(target, [Path(oof)], test=[Path(test)], name=name)


def measure_board(n: int, folder: Path) -> Costs:
    """Return what commands with `n` submissions cost."""
    workspace, listed = make_workspace(folder, n)
    wall, began = time.perf_counter(), time.process_time()
    board(workspace, load_competition(folder), Endpoint(), client=Listed(listed))  # type: ignore[arg-type]
    adopted = Cost(time.process_time() - began, time.perf_counter() - wall, math.nan)
    # `finals` has nothing to propose here, and refuses.
    found = {
        line: measure([*line.split(), "--offline"], folder, may_fail=True)
        for line in ("board", "board --all", "board --json", "finals")
    }
    return {"adopt": adopted, **found}


def write_members(folder: Path, n: int, classes: int) -> list[list[str]]:
    """Write a workspace of labels, and predictions of `n` members as words of `import`."""
    rng = np.random.default_rng(0)
    names = [f"c{number:04d}" for number in range(classes)]
    (folder / "competition.yaml").write_text(
        _COMPETITION.replace("[a, b]", f"[{', '.join(names)}]").replace('/{id}"', '/{id}.png"')
    )
    label = np.arange(ROWS) % classes
    for part in ("train", "test"):
        (folder / part).mkdir()
        for number in range(ROWS):
            pixels = rng.integers(0, 256, (4, 4, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / part / f"{number}.png", compress_level=0)
    rows = [f"{number},{names[one]}" for number, one in enumerate(label)]
    (folder / "train.csv").write_text("\n".join(["id,label", *rows]) + "\n")
    sample = [f"{number},{names[0]}" for number in range(ROWS)]
    (folder / "sample.csv").write_text("\n".join(["id,label", *sample]) + "\n")
    workspace, competition = Workspace(folder), load_competition(folder)
    samples = load_samples(competition, "train")
    folds = ensure_folds(workspace, competition, samples)
    right = samples["label"].to_numpy(dtype=np.int64)
    words = []
    for number in range(n):
        files = []
        for part in ("oof", "test"):
            probs = rng.random((ROWS, classes), dtype=np.float32)
            if part == "oof":
                probs[np.arange(ROWS), right] += 0.2 + 0.5 * rng.random(ROWS)
            probs /= probs.sum(axis=1, keepdims=True)
            ids = samples["id"] if part == "oof" else np.arange(ROWS)
            kept = {"ids": np.array([str(one) for one in ids]), "probs": probs}
            files.append(folder / f"{part}-{number}.npz")
            np.savez(files[-1], **kept, **({"folds": folds} if part == "oof" else {}))
        words.append([str(files[0]), "--test", str(files[1])])
    return words


def measure_host(n: int, folder: Path, *, are_apart: bool) -> tuple[float, int]:
    """Return the CPU seconds of a host and its most open sockets while `n` connections come.

    They come from one address, or each from another.
    """
    folder.mkdir()
    (folder / "solution.csv").write_text("id,label\n0,a\n1,b\n")
    (folder / "sample.csv").write_text("id,label\n0,a\n1,a\n")
    (folder / "competition.yaml").write_text(_COMPETITION)
    init_host(folder / "host", load_competition(folder), folder / "solution.csv", ("ann",))
    process = subprocess.Popen(
        [sys.executable, "-c", "from podium.cli.app import main; main()", "host", "serve",
              str(folder / "host"), "--port", "0"],
        stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        url = next(line for line in process.stderr if "http://" in line).split(" at ")[1].split()[0]
        about = urlsplit(url)
        descriptors = Path(f"/proc/{process.pid}/fd")
        before, most = len(list(descriptors.iterdir())), 0
        cpu, is_over = _cpu_s(process.pid), threading.Event()

        def watch() -> None:
            nonlocal most
            while not is_over.is_set():
                most = max(most, len(list(descriptors.iterdir())) - before)
                time.sleep(0.002)

        watcher = threading.Thread(target=watch)
        watcher.start()
        with contextlib.ExitStack() as stack:
            to = about.hostname or "", about.port or 0
            for number in range(n):
                at = f"127.1.{number // 250}.{number % 250 + 1}" if are_apart else "127.0.0.1"
                one = socket.create_connection(to, timeout=60, source_address=(at, 0))
                stack.enter_context(contextlib.closing(one))
            time.sleep(1)
            used = _cpu_s(process.pid) - cpu
            is_over.set()
            watcher.join()
        return used, most
    finally:
        process.kill()
        process.wait()


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _exponent(sizes: Sequence[int], values: Sequence[float]) -> str:
    """Return the slope of the last two, of what is beyond the first."""
    if len(sizes) < 3:
        return "–"
    *_, (n, low), (m, high) = zip(sizes, values, strict=True)
    low, high = low - values[0], high - values[0]
    if not low > 0 or not high > 0:
        return "–"
    return f"{math.log(high / low) / math.log((m - sizes[0]) / (n - sizes[0])):.2f}"


SUBJECTS: dict[str, tuple[Callable[[int, Path], Costs], list[int]]] = {
    "images": (measure_images, [1_000, 10_000, 100_000]),
    "classes": (measure_classes, [10, 100, 1_000]),
    "members": (measure_members, [5, 25, 100]),
    "submissions": (measure_board, [100, 1_000, 5_000, 20_000]),
}


def print_costs(subject: str, sizes: Sequence[int], root: Path) -> None:
    """Print what each command costs by the size of a subject, and then the exponents."""
    rows: dict[str, list[Cost]] = {}
    if sizes:
        print(f"\n{subject:>12}  {'command':<12}   CPU s      MB")
    for n in sizes:
        folder = root / f"{subject}-{n}"
        folder.mkdir()
        for name, cost in SUBJECTS[subject][0](n, folder).items():
            rows.setdefault(name, []).append(cost)
            print(f"{n:12,}  {name:<12} {cost.cpu:7.2f} {cost.memory:7.0f}", flush=True)
        shutil.rmtree(folder)
    for name, costs in rows.items():
        times, memory = (_exponent(sizes, [getattr(one, of) for one in costs]) for of in _OF)
        print(f"{'exponent':>12}  {name:<12} {times:>7} {memory:>7}", flush=True)


_OF = ("cpu", "memory")


def main() -> None:
    """Print a table for each command of each subject, and a row for each number of connections."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    every = {name: sizes for name, (_, sizes) in SUBJECTS.items()}
    every["connections"] = [1000, 2000, 4000]
    every["addresses"] = [1000, 2000, 4000, 8000]
    for name in every:
        parser.add_argument(f"--{name}", type=int, nargs="*", default=[])
    asked: dict[str, list[int]] = vars(parser.parse_args())
    asked = asked if any(asked.values()) else every
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 16384)), hard))
    with tempfile.TemporaryDirectory() as root:
        for name in SUBJECTS:
            print_costs(name, asked[name], Path(root))
        for name in ("connections", "addresses"):
            if asked[name]:
                print(f"\n{name:>11}    CPU s    ms each    open at once")
            for n in asked[name]:
                folder = Path(root, f"{name}-{n}")
                used, most = measure_host(n, folder, are_apart=name == "addresses")
                print(f"{n:11,} {used:8.2f} {1e3 * used / n:10.3f} {most:15,}", flush=True)


if __name__ == "__main__":
    main()
