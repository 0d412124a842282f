"""How time, memory and output of the board grow with submissions, and a host's with connections.

    python benchmarks/scaling.py [--submissions 100 1000 5000 20000] [--connections 1000]

Each workspace has so many submissions, two thirds with a receipt and the rest sent by other means,
of 30 blends; `adopt` takes a host's list for the first time, the commands run as they are typed,
each in a process of its own. The exponent is the slope of the logarithms of the last two rows, of
what is beyond the first one: 1 is linear.

A host is flooded with idle connections from one address; `open` is the most sockets that its
process
had at once, as the system counts them.
"""

from __future__ import annotations

import argparse
import contextlib
import math
import os
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from podium.competition.spec import load_competition
from podium.hosting import init_host
from podium.submissions.board.view import board
from podium.submissions.upload.client import HostListing, Limits, ListedSubmission
from podium.submissions.upload.endpoint import Endpoint
from podium.submissions.upload.receipt import RECEIPT_FILE, Receipt
from podium.workspace.layout import Workspace
from podium.workspace.records import Record, write_record

BLENDS = 30
COMMANDS = (("board",), ("board", "--all"), ("board", "--json"), ("finals",))
_MEASURED = """
import resource, runpy, sys
sys.argv = ["podium", *sys.argv[1:]]
try:
    from podium.cli.app import main
    main()
finally:
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(used.ru_maxrss, used.ru_utime + used.ru_stime, file=sys.stderr)
"""
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


def measure_board(n: int, folder: Path) -> dict[str, tuple[float, float, int]]:
    """Return seconds of CPU, MB and bytes of output of each command with `n` submissions."""
    folder.mkdir()
    workspace, listed = make_workspace(folder, n)
    began = time.process_time()
    board(workspace, load_competition(folder), Endpoint(), client=Listed(listed))  # type: ignore[arg-type]
    found = {"adopt": (time.process_time() - began, math.nan, 0)}
    for words in COMMANDS:
        done = subprocess.run(
            [sys.executable, "-c", _MEASURED, "-w", str(folder), *words, "--offline"],
            capture_output=True,
            check=False,
        )
        kb, seconds = map(float, done.stderr.split()[-2:])
        found[" ".join(words)] = (seconds, kb / 1024, len(done.stdout))
    return found


def measure_host(n: int, folder: Path) -> tuple[float, int]:
    """Return the CPU seconds of a host and its most open sockets while `n` connections come."""
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
            for _ in range(n):
                one = socket.create_connection((about.hostname or "", about.port or 0), timeout=60)
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
    *_, (n, low), (m, high) = zip(sizes, values, strict=True)
    low, high = low - values[0], high - values[0]
    if len(sizes) < 3 or not low > 0 or not high > 0:
        return "–"
    return f"{math.log(high / low) / math.log((m - sizes[0]) / (n - sizes[0])):.2f}"


def main() -> None:
    """Print a row for each number of submissions, and of connections."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--submissions", type=int, nargs="*", default=[100, 1000, 5000, 20000])
    parser.add_argument("--connections", type=int, nargs="*", default=[1000, 2000, 4000])
    options = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 16384)), hard))
    with tempfile.TemporaryDirectory() as root:
        rows = {n: measure_board(n, Path(root, str(n))) for n in options.submissions}
        for name in ("adopt", *(" ".join(words) for words in COMMANDS)) if rows else ():
            print(f"\n{name:13}submissions   CPU s      MB    output")
            for n, found in rows.items():
                seconds, mb, size = found[name]
                print(f"{n:24,} {seconds:7.2f} {mb:7.0f} {size:9,}")
            times, sizes = ([one[name][k] for one in rows.values()] for k in (0, 1))
            print(f"{'exponent':>24} {_exponent([*rows], times):>7} {_exponent([*rows], sizes):>7}")
        if options.connections:
            print("\nconnections    CPU s    open at once")
        for n in options.connections:
            used, most = measure_host(n, Path(root, f"host-{n}"))
            print(f"{n:11,} {used:8.2f} {most:15,}")


if __name__ == "__main__":
    main()
