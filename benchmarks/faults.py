"""Faults planted in every long command, and what is left after the same command ran again.

    python benchmarks/faults.py                          every campaign, a sample of ten minutes
    python benchmarks/faults.py kills -n 100             100 kills of each command
    python benchmarks/faults.py kills --only train,tune  of the commands whose names begin so
    python benchmarks/faults.py kills --only soup --trial 17   the kill of that number once more
    python benchmarks/faults.py disk signals twice read-only damage upload host --seed 3
    python benchmarks/faults.py --sample                 cheap commands, two minutes: `.ci/run`

A small competition is taken through all commands once; the workspace before each is kept. A trial
puts one of them in the same place, runs the command in a fork of this process with a fault, and
then the command again without. Compared with an undisturbed run is every file that the command made
(tensors by their values, databases by the trials that finished); what differs between two
undisturbed runs, as times do, is left out. A seed and a number name a trial. With `--notes` a
campaign goes on where it was stopped: the file has a line for each trial, and the tables count all
of them. To make a trial again after a mend, remove its line.

    kills      SIGKILL at a random file event (a file opened to be written, renamed, removed or
               flushed to the disk, a commit of a database), or a few milliseconds after one
    signals    the same with SIGTERM and SIGHUP
    disk       a file system of the right size less what the command still needs (root only)
    read-only  a file system that cannot be written (root only: skipped elsewhere)
    twice      two processes with the same command, begun within 50 ms
    clock      at a random file event the clock jumps by up to a year, back or forth; every second
               command is killed at a later one, and the next has the right time again
    memory     an address space of what the command has at its start, and a random share of what it
               needs more; or a process that it forked is killed, as a system short of memory does
    damage     a file of a finished workspace: a bit turned, the end cut off, bytes added, the
               content of another one of its kind; then `podium verify`, all that reads it, and what
               verify says to do
    upload     calls to a host on loopback that break, the command killed between its steps
    host       `podium host serve` killed while three teams submit, and started again

survived: the same files as undisturbed, or for damage: named, or without effect; lost: the second
command failed, or made other files, or what verify says to do does not end the damage; doubled:
something is there twice; silent: a result differs and nobody said so, or a command ended well
without its files; unexpected: a message that podium has for what it did not foresee, or a
traceback. The exit code is 1 where one of the last four is not 0; what happened is printed.

With a time, each campaign has an equal share of what is left, and makes one trial at least. A
sample sets up and disturbs the commands of `SAMPLE` alone, each campaign in an order of its own.
Its workspaces are smaller: a trial of it is made again with `--sample`, too.
"""

from __future__ import annotations

import argparse
import atexit
import csv
import datetime
import errno
import hashlib
import importlib
import json
import multiprocessing
import os
import random
import re
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ |= {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

import inkless_pages  # noqa: E402
import numpy as np  # noqa: E402 — after the number of threads
import pytest  # noqa: E402
import sqlalchemy  # noqa: E402
import torch  # noqa: E402
import typer  # noqa: E402
import yaml  # noqa: E402
from PIL import Image  # noqa: E402

import podium.training.fit.fold as fitting  # noqa: E402
from podium.cli.app import app  # noqa: E402
from podium.hosting import init_host  # noqa: E402
from podium.hosting.users import read_tokens  # noqa: E402
from podium.workspace.atomic import is_temporary  # noqa: E402

PODIUM = typer.main.get_command(app)  # building it is most of what a short command takes

CLASSES = ("red", "green", "blue")
# Unlabelled images are enough for three requests: of two commands at once, and of one more.
N, N_TEST, N_UNLABELLED, SIDE = 12, 4, 9, 16
HEAD = """\
seed: {seed}
model: {{backbone: cnn, pretrained: false, options: {{widths: [4, 8]}}, drop_path: 0.1}}
input: {{size: 16, train: medium}}
optimizer: {{name: adamw, lr: 1e-2, schedule: one_cycle, clip_norm: 1.0}}
batch_size: 4
ema_decay: 0.9
"""
UNLABELLED = "unlabelled: [unlabelled, train]\n"
RECIPES = {
    "small": "mix: {mixup: 0.4, cutmix: 1.0}\naccumulate: 2\nphases:\n"
    "  - {name: head, epochs: 1, freeze: [backbone]}\n"
    "  - {name: whole, epochs: 3, steps_per_epoch: 3}\n",
    "other": "phases:\n  - {name: whole, epochs: 2, loss: {classify: {ce: 1, focal: 1}}}\n",
    "again": "phases:\n  - {name: whole, epochs: 2, loss: {classify: {ce: 1, focal: 1}}}\n",
    "pseudo": UNLABELLED + "phases:\n  - {name: labels, epochs: 2}\n"
    "  - {name: permanent, epochs: 2, method: "
    "{name: pseudo_label, mode: permanent, threshold: 0.34}}\n"
    "  - {name: local, epochs: 2, method: {name: pseudo_label, mode: local, threshold: 0.34}}\n",
    "fixmatch": UNLABELLED + "phases:\n  - {name: match, epochs: 4, steps_per_epoch: 3, method: "
    "{name: fixmatch, ratio: 2, threshold: 0.34}}\n",
    "byol": UNLABELLED + "phases:\n  - {name: pretrain, epochs: 3, steps_per_epoch: 3, method: "
    "{name: byol, hidden: 16, size: 8}}\n  - {name: labels, epochs: 2}\n",
}
SPACE = "optimizer.lr: {low: 1e-4, high: 1e-1, log: true}\nbatch_size: [4, 8]\n"


@dataclass(frozen=True)
class Command:
    """One command of the chain.

    Attributes:
        is_timed: it does what fits into a time, so bits may differ.
        goes_on: what it says of each folder that it made before, when it then makes the next one,
            as it is meant to.
    """

    name: str
    words: tuple[str, ...]
    is_timed: bool = False
    before: Callable[[Path], None] | None = None
    goes_on: str = ""


def chain() -> list[Command]:
    """Return the commands in the order in which they make a workspace."""
    methods = [Command(f"train {name}", ("train", name)) for name in ("pseudo", "fixmatch", "byol")]
    return [
        Command("init", ("init", "data")),
        Command("check", ("check",), before=write_own_spec),
        Command("folds", ("folds",)),
        Command("train", ("train", "small")),
        Command("train two", ("train", "other", "again")),
        *methods,
        Command(
            "predict", ("predict", "small", "--split", "oof,test,unlabelled", "--tta", "hflip")
        ),
        Command(
            "import",
            ("import", "oof.csv", "--test", "test.csv", "--name", "made"),
            before=elsewhere,
        ),
        Command("tune thresholds", ("tune", "thresholds", "small", "--trials", "3")),
        Command(
            "tune recipe",
            ("tune", "recipe", "other", "--space", "space.yaml", "--trials", "3"),
        ),
        Command("tune losses", ("tune", "losses", "other", "--trials", "3")),
        Command("tune lr", ("tune", "lr", "small", "--steps", "10")),
        Command("soup", ("soup", "other", "again", "--name", "soup")),
        Command("blend", ("blend", "small", "other", "made", "--name", "mix", "--trials", "3")),
        Command(
            "blend auto",
            ("blend", "--auto", "--methods", "mean,hill_climb", "--name", "best", "--trials", "3"),
        ),
        Command("study", ("study", "compare", "other", "again", "--epochs", "2", "--seeds", "0")),
        Command("pseudo", ("pseudo", "small", "--threshold", "0.34")),
        Command(
            "label",
            ("label", "request", "small", "--n", "3", "--by", "margin"),
            goes_on="has no answer yet",
        ),
        Command("explain", ("explain", "small", "0001")),
        Command("submit dry", ("submit", "mix", "--dry-run")),
        Command("report", ("report",)),
        Command("pack", ("pack", "small", "--to", "pack", "--wheels", "recipes")),
        Command("auto", ("auto", "--time", "60s"), is_timed=True),
    ]


SAMPLE = (
    "init", "check", "folds", "train", "train two", "predict", "import", "tune thresholds",
    "soup", "blend", "pseudo", "label", "submit dry",
)  # fmt: skip
"""Cheap commands that write each kind of artefact, and need none of the others."""
SAMPLE_MINUTES = 1.5
"""What is loaded before, and the last trial, take the rest of two."""

COLUMNS = ("survived", "lost", "doubled", "silent", "unexpected", "left behind")
BAD = ("lost", "doubled", "silent", "unexpected")
MOST_MISSED = 3
"""So many moments are drawn for a trial: a command may end before one comes."""


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it printed."""

    code: int
    printed: str

    @property
    def is_unexpected(self) -> bool:
        """Whether podium did not foresee it."""
        return "podium: unexpected" in self.printed or "Traceback (most recent" in self.printed


class Rig:
    """One place where workspaces are copied to, worked on and compared.

    Attributes:
        work: the workspace, always of one path: records hold it.
        stages: name of a command → the workspace before it.
        seconds: name of a command → what it took the processor, undisturbed.
        chain: the commands that make the workspace.
        is_sample: whether these are those of `SAMPLE`.
        known: each trial as `notes` has it, by campaign, what was disturbed, seed and number.
        wanted: the number of the only trial to make; None: those that `known` has not.
    """

    def __init__(
        self,
        folder: Path,
        seed: int,
        notes: Path | None = None,
        wanted: int | None = None,
        *,
        is_sample: bool = False,
    ) -> None:
        self.folder, self.seed, self.notes, self.wanted = folder, seed, notes, wanted
        self.is_sample = is_sample
        self.chain = [one for one in chain() if one.name in SAMPLE or not is_sample]
        self.work, self.stages = folder / "disk/work", folder / "stages"
        self.seconds: dict[str, float] = {}
        self.known: dict[tuple[str, str, int, int], dict[str, Any]] = {}
        self.stage, self.since_s = "", 0.0
        self.read: tuple[tuple[dict[str, Any], list[Ended]], list[str]] | None = None
        self.linked: dict[Path, tuple[int, int]] = {}
        self.undisturbed: dict[str, tuple[dict[str, Any], list[int]]] = {}
        self.until: float | None = None
        self.n_made = 0
        self.campaign, self.every_s, self.rng = "", 0.0, random.Random(seed)
        for one in ("disk/home", "disk/tmp", "stages"):
            (folder / one).mkdir(parents=True)
        if notes is not None and notes.is_file():
            for line in notes.read_text("utf-8").splitlines():
                self.keep(json.loads(line))

    def prepare(self, last: str) -> None:
        """Run the chain once up to a command, and keep the workspace before each and at the end."""
        make(self.work)
        for command in self.chain:
            if command.before is not None:
                command.before(self.work)
            shutil.copytree(self.work, self.stages / command.name)
            loaded = self.folder / "loaded.txt"
            before = used_s()
            ended = self.run(command, lambda loaded=loaded: atexit.register(note_loaded, loaded))
            self.seconds[command.name] = used_s() - before
            if ended.code:
                raise SystemExit(f"{command.name} failed undisturbed:\n{ended.printed}")
            load_here(loaded)
            if command.name == last:
                break
        shutil.copytree(self.work, self.stages / "end")

    def reset(self, stage: str) -> None:
        """Make the workspace what it was before a command.

        Files are linked where podium writes another one and renames it: a link to the stage that is
        still there is known to be unchanged. One that was written in place ends the campaign.
        """
        for path, was in self.linked.items():
            if state_of(path) != was:
                raise SystemExit(f"{path} was written in place: name its suffix in IN_PLACE")
        for one in ("tmp", "home"):
            shutil.rmtree(self.folder / "disk" / one, ignore_errors=True)
            (self.folder / "disk" / one).mkdir()
        if stage != self.stage:
            self.linked.clear()
        self.stage = stage
        self.restore(self.stages / stage, self.work)

    def restore(self, source: Path, to: Path) -> None:
        """Make a folder what another one is; files that are links to its files stay."""
        to.mkdir(exist_ok=True)
        is_one_disk = source.stat().st_dev == to.stat().st_dev
        missing = {one.name: one for one in os.scandir(source)}
        for one in os.scandir(to):
            like = missing.get(one.name)
            if one.is_dir(follow_symlinks=False):
                if like is None or not like.is_dir():
                    shutil.rmtree(one)
            elif like is not None and is_one_disk and like.inode() == one.inode():
                del missing[one.name]
            else:
                Path(one).unlink()
        for name, one in missing.items():
            (self.restore if one.is_dir() else self.link)(Path(one), to / name)

    def link(self, source: Path, to: Path) -> None:
        """Link a file of a stage, or copy one that may be written in place."""
        try:
            if source.name.endswith(IN_PLACE):
                raise OSError
            to.hardlink_to(source)
            self.linked[source] = state_of(source)
        except OSError:  # of that kind, or on a file system of its own
            shutil.copy2(source, to)

    def start(self, command: Command, hook: Callable[[], None] | None = None) -> Process:
        """Begin a command in a fork of this process."""
        return Process(self.folder, self.work, command.words, hook, self.every_s)

    def run(self, command: Command, hook: Callable[[], None] | None = None) -> Ended:
        """Run a command to its end."""
        return self.start(command, hook).wait()

    def reference(self, command: Command) -> tuple[dict[str, Any], list[int]]:
        """Return what two undisturbed runs agree on, and the file events of each."""
        if command.name not in self.undisturbed:
            begin = time.monotonic()
            found: list[dict[str, Any]] = []
            counts: list[int] = []
            count = multiprocessing.RawValue("q", 0)
            for self.every_s in CHECKPOINTS_S:
                self.reset(command.name)
                count.value = 0
                ended = self.run(command, lambda: count_events(count))
                assert ended.code == 0, ended.printed
                found.append({} if command.is_timed else facts(self.work))
                counts.append(int(count.value))
            same = {
                key: value
                for key, value in found[0].items()
                if found[-1].get(key, MISSING) == value
            }
            # A key that only one of them has must be allowed to be there.
            either = {key for one in found for key in one}
            same |= dict.fromkeys(either - set(same), MISSING)
            self.undisturbed[command.name] = same, counts
            if self.until is not None:  # the campaigns that come later use it, too
                self.until += time.monotonic() - begin
        return self.undisturbed[command.name]

    def tried(self, what: str) -> int:
        """Return how many trials of this campaign were made, of all seeds."""
        return sum(key[:2] == (self.campaign, what) for key in self.known)

    def trials(self, what: str, n: int) -> Iterator[int]:
        """Yield the numbers of trials to make until there are `n`, or the time is over.

        A trial draws from `rng`, which begins anew for each: seed and number name it.
        """
        numbers = range(n * MOST_MISSED) if self.wanted is None else [self.wanted]
        for number in numbers:
            key = self.campaign, what, self.seed, number
            if self.wanted is None:
                if self.tried(what) >= n or not self.has_time():
                    return
                if key in self.known:
                    continue
            self.rng = random.Random(f"{self.campaign} {what} {self.seed} {number}")
            self.every_s = CHECKPOINTS_S[number % len(CHECKPOINTS_S)]
            self.since_s = used_s()
            yield number

    def record(self, what: str, number: int, found: Sequence[str], words: str = "") -> None:
        """Keep what came of a trial: its verdict, and what else is counted."""
        one = {"campaign": self.campaign, "what": what, "seed": self.seed, "number": number}
        one |= {"found": list(found), "seconds": round(used_s() - self.since_s, 3), "words": words}
        self.keep(one)
        self.n_made += 1
        show(named(one))
        if any(bad in found for bad in BAD):
            show(words)
        if self.notes is not None:
            with self.notes.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(one) + "\n")

    def keep(self, one: dict[str, Any]) -> None:
        """Know a trial."""
        self.known[one["campaign"], one["what"], one["seed"], one["number"]] = one

    def begin(self, campaign: str, until: float | None) -> None:
        """Begin a campaign, which ends with the first trial that is over after `until`."""
        self.campaign, self.until, self.n_made = campaign, until, 0

    def has_time(self) -> bool:
        """Return whether the time of the campaign is not over, or it has made no trial."""
        return self.until is None or self.n_made == 0 or time.monotonic() < self.until


CHECKPOINTS_S = (0.0, 0.1)
"""Steps after a checkpoint come again in trials of odd numbers; every step is one in others."""
IN_PLACE = (
    ".db", "-wal", "-shm", "-journal", ".jsonl", ".lock", ".holder", ".turn", ".features",
)  # fmt: skip


def state_of(path: Path) -> tuple[int, int]:
    """Return what changes when a file is written."""
    facts_of = path.stat()
    return facts_of.st_mtime_ns, facts_of.st_size


def used_s() -> float:
    """Return the seconds of processor that this process and its ended children used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def note_loaded(file: Path) -> None:
    """Write which modules this process has loaded."""
    file.write_text("\n".join(sys.modules))


def load_here(file: Path) -> None:
    """Load what a fork had to load: the next one begins at once."""
    for name in file.read_text().split("\n"):
        if name not in sys.modules and not name.startswith(("podium_workspace", "__")):
            with suppress(Exception):
                importlib.import_module(name)


class Missing:
    """Stands for what may be anything: a time, a process."""

    def __repr__(self) -> str:
        return "(anything)"


MISSING = Missing()


LONGEST_S = 1800.0
"""What takes longer hangs, on a busy machine, too."""


class Process:
    """A command in a fork, with a home and a temporary folder of its own."""

    def __init__(
        self,
        folder: Path,
        work: Path,
        words: Sequence[str],
        hook: Callable[[], None] | None = None,
        every_s: float = 0.0,
    ) -> None:
        handle, name = tempfile.mkstemp(dir=folder, suffix=".log")
        self.log = Path(name)
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            code = 70
            try:
                os.setsid()
                for number in (signal.SIGTERM, signal.SIGHUP):  # nohup has the latter ignored
                    signal.signal(number, signal.SIG_DFL)
                os.dup2(handle, 1)
                os.dup2(handle, 2)
                settle(folder / "disk", work, every_s)
                if hook is not None:
                    hook()
                sys.argv = ["podium", *words]
                PODIUM(["-w", str(work), *words])
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else int(end.code is not None)
            except BaseException:
                traceback.print_exc()
            finally:
                with suppress(BaseException):
                    atexit._run_exitfuncs()
                with suppress(BaseException):
                    sys.stdout.flush()
                    sys.stderr.flush()
                os._exit(code)
        os.close(handle)

    def send(self, number: int) -> None:
        """Send a signal to the process alone."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def is_over(self) -> bool:
        """Return whether it ended; `wait` then returns at once."""
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def wait(self, limit_s: float = LONGEST_S) -> Ended:
        """Return how it ended; what takes too long is killed, and said."""
        late = threading.Timer(limit_s, self.send, (signal.SIGKILL,))
        late.start()
        try:
            _, status = os.waitpid(self.pid, 0)
        except BaseException:  # the campaign is stopped
            self.send(signal.SIGKILL)
            self.end_group()
            raise
        finally:
            is_late = not late.is_alive()
            late.cancel()
        printed = self.log.read_text("utf-8", errors="replace")
        self.log.unlink()
        code = os.waitstatus_to_exitcode(status)
        return Ended(code, printed + "\n(it hung)" * is_late)

    def end_group(self) -> None:
        """End what it left running."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)


def settle(disk: Path, work: Path, every_s: float) -> None:
    """Make this process that of a user of its own, in the workspace."""
    os.environ |= {"HOME": str(disk / "home"), "TMPDIR": str(disk / "tmp"), "COLUMNS": "200"}
    for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        os.environ.pop(name, None)
    tempfile.tempdir = None
    os.chdir(work)
    defaults = fitting.fit_fold.__kwdefaults__
    assert defaults is not None
    defaults["checkpoint_every_s"] = every_s


# -- moments ----------------------------------------------------------------------------------

CHANGING = {
    "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate",
    "sqlite3.connect",
}  # fmt: skip
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def on_file_event(act: Callable[[], None]) -> None:
    """Call `act` at every file event, fsync and commit of this process."""
    own, sync, busy = os.getpid(), os.fsync, threading.local()

    def happened() -> None:
        if os.getpid() == own and not getattr(busy, "is_", False):
            busy.is_ = True
            act()
            busy.is_ = False

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event == "open":
            flags = args[2]
            if isinstance(flags, int) and flags & WRITING:
                happened()
        elif event in CHANGING:
            happened()

    def synced(handle: Any) -> None:
        happened()
        sync(handle)
        happened()

    os.fsync = synced
    sys.addaudithook(hook)
    sqlalchemy.event.listen(sqlalchemy.Engine, "commit", lambda _: happened())


def count_events(count: Any) -> None:
    """Count the file events of this process in memory that its parent sees."""

    def act() -> None:
        count.value += 1

    on_file_event(act)


def signal_at(number: int, which: int, after_s: float) -> Callable[[], None]:
    """Return a hook: this process gets a signal at its file event `number`, or soon after."""

    def install() -> None:
        left = number

        def act() -> None:
            nonlocal left
            left -= 1
            if left != 0:
                return
            if after_s:
                timer = threading.Timer(after_s, os.kill, (os.getpid(), which))
                timer.daemon = True
                timer.start()
            else:
                os.kill(os.getpid(), which)

        on_file_event(act)

    return install


# -- what is there ----------------------------------------------------------------------------

# A report killed before it wrote what it showed reports the same changes once more.
UNCOMPARED = re.compile(
    r"(^|/)(\.podium|__pycache__)(/|$)|\.lock(\.holder)?$|^disk/|^report/shown\.json$"
)
TIMED = re.compile(
    r"(^|_)(seconds|s|ms|minutes|s/epoch|elapsed|duration|took|per_s|created|begun|date|host|pid)$"
)

WRITTEN = re.compile(r'Written by podium \S+ on [^<]* UTC|<meta name="podium-state"[^>]*>')
"""The date and the state in a page."""


def facts(root: Path) -> dict[str, Any]:
    """Return what every file of a workspace holds, by path and place in it."""
    found: dict[str, Any] = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if UNCOMPARED.search(name) or not path.is_file() or name.startswith("data/"):
            continue
        if is_temporary(path) or any(is_temporary(one) for one in path.parents):
            continue  # `leftovers` counts them
        about = path.stat()
        held: Sequence[tuple[str, Any]] | None = None
        if about.st_nlink > 1:  # still the file of the stage
            key = about.st_ino, about.st_mtime_ns, about.st_size
            held = UNTOUCHED.get(key) or UNTOUCHED.setdefault(key, list(content(path)))
        for where, value in held or content(path):
            found[f"{name}{where}"] = value
    return found


UNTOUCHED: dict[tuple[int, int, int], list[tuple[str, Any]]] = {}
"""Contents of linked files of stages, by inode, time and size."""


def content(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield what a file holds, place by place."""
    if path.suffix in (".json", ".jsonl"):
        lines = path.read_text("utf-8").splitlines() if path.suffix == ".jsonl" else []
        values = [json.loads(line) for line in lines] if lines else json.loads(path.read_bytes())
        yield from leaves(values)
    elif path.suffix == ".pt":
        yield from leaves(torch.load(path, weights_only=True, map_location="cpu"))
    elif path.suffix == ".csv":
        rows = list(csv.reader(path.open(newline="", encoding="utf-8")))
        yield "", digest(json.dumps(untimed(rows)).encode())
    elif path.suffix == ".yaml":  # its comments tell when it was written
        yield from leaves(yaml.safe_load(path.read_bytes()))
    elif path.name == "table.md":
        lines = path.read_text("utf-8").splitlines()
        rows = [[cell.strip() for cell in line.split("|")] for line in lines if "|" in line]
        yield "", digest(json.dumps([untimed(rows), lines[-1]]).encode())
    elif path.suffix == ".html":
        yield "", digest(WRITTEN.sub("", path.read_text("utf-8")).encode())
    elif path.name == "studies.db":
        yield from finished_trials(path)
    elif path.suffix in (".db", ".db-wal", ".db-shm", ".db-journal"):
        return
    else:
        yield "", digest(path.read_bytes())


def untimed(rows: list[list[str]]) -> list[list[str]]:
    """Return rows of a table without the columns of times; the first row has their names."""
    timed = {k for k, name in enumerate(rows[0] if rows else []) if TIMED.search(name)}
    return [[cell for k, cell in enumerate(row) if k not in timed] for row in rows]


def leaves(value: Any, where: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the leaves of nested values; tensors by their digest."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if not TIMED.search(str(key)):
                yield from leaves(inner, f"{where}>{key}")
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from leaves(inner, f"{where}>{number}")
    elif isinstance(value, torch.Tensor):
        flat = torch.cat([value.reshape(-1)])  # a copy: strides of single values may be anything
        about = f"{value.dtype} {tuple(value.shape)}".encode()
        yield where, digest(about + flat.view(torch.uint8).numpy().tobytes())
    else:
        yield where, repr(value)


def finished_trials(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield parameters and values of the trials that finished, study by study."""
    query = (
        "select s.study_name, group_concat(distinct p.param_name || '=' || p.param_value), v.value "
        "from trials t join studies s using (study_id) left join trial_params p using (trial_id) "
        "left join trial_values v using (trial_id) where t.state = 'COMPLETE' "
        "group by t.trial_id order by t.trial_id"
    )
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    counts: Counter[str] = Counter()
    # Workers end trials in any order: a killed one's trial is done again by the next that is free.
    for study, params, value in sorted(connection.execute(query), key=repr):
        counts[study] += 1
        yield f">{study}>{counts[study]}", f"{params} {value}"
    connection.close()


def digest(data: bytes) -> str:
    """Return a short sha256."""
    return hashlib.sha256(data).hexdigest()[:16]


def difference(expected: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """Return where a workspace differs from the undisturbed one."""
    keys = sorted({*expected, *found})
    return [
        key
        for key in keys
        if expected.get(key) is not MISSING and found.get(key) != expected.get(key)
    ]


ROOMS = ("runs/", "blends/", "submissions/", "imports/", "pseudo/", "labels/")


def folder_of(place: str) -> str:
    """Return the folder of the artefact that a place is in; "" if it is in none."""
    is_inside = place.startswith(ROOMS) and place.count("/") > 1
    return "/".join(place.split("/")[:2]) if is_inside else ""


def added(places: Iterable[str], expected: Mapping[str, Any]) -> set[str]:
    """Return the folders of artefacts that are more than undisturbed."""
    return {*map(folder_of, places)} - {*map(folder_of, expected), ""}


def without_next(
    command: Command, places: list[str], expected: Mapping[str, Any], printed: str
) -> list[str]:
    """Return the places without those of next folders, where what made each named the first ones.

    The first ones are all those in the room of undisturbed runs.

    Args:
        printed: by all processes that ran.
    """
    more = added(places, expected)
    rooms = {one.partition("/")[0] for one in more}
    if not command.goes_on or len(rooms) != 1:
        return places
    (room,) = rooms
    known = {one.partition("/")[2] for one in map(folder_of, expected) if one.startswith(room)}
    n_named = min((printed.count(f"{name} {command.goes_on}") for name in known), default=0)
    return [one for one in places if folder_of(one) not in more] if len(more) <= n_named else places


def leftovers(disk: Path) -> list[str]:
    """Return half-written files, and what lies in the temporary folder."""
    half = [path for path in (disk / "work").rglob("*") if is_temporary(path)]
    return [str(one.relative_to(disk)) for one in (*half, *(disk / "tmp").iterdir())]


# -- campaigns --------------------------------------------------------------------------------


def kills(rig: Rig, commands: Sequence[Command], n: int, numbers: Sequence[int]) -> None:
    """Send a signal at random moments of each command, and run it again."""
    for command in commands:
        for number in rig.trials(command.name, n):
            n_events = rig.reference(command)[1][number % len(CHECKPOINTS_S)]
            which = numbers[number // len(CHECKPOINTS_S) % len(numbers)]
            moment = rig.rng.randint(1, max(1, n_events))
            after_s = rig.rng.choice((0.0, rig.rng.uniform(0.0, 0.03)))
            rig.every_s = CHECKPOINTS_S[number % len(CHECKPOINTS_S)]
            rig.reset(command.name)
            first = rig.start(command, signal_at(moment, which, after_s))
            ended = first.wait()
            met = ended.code < 0 or "interrupted" in ended.printed or ended.code > 128
            if which == signal.SIGKILL and not met:
                continue  # over before its moment came
            what = (
                f"{signal.Signals(which).name} at {moment} of {n_events} + {after_s * 1000:.0f} ms"
            )
            # Another signal may be swallowed: what ends well in spite of it is counted.
            judge_again(rig, command, number, ended, what, *("ended well",) * (ended.code == 0))
            first.end_group()


def judge_again(
    rig: Rig, command: Command, number: int, first: Ended, what: str, *also: str
) -> None:
    """Run the command again, undisturbed, and record what came of it."""
    expected, _ = rig.reference(command) if not command.is_timed else ({}, [])
    # What ended well has done its work: the second command would hide that it has not.
    is_done = first.code == 0 and not command.is_timed
    short = difference(expected, facts(rig.work)) if is_done else []
    short = [one for one in short if not is_said(one, first)]
    short = without_next(command, short, expected, first.printed)
    again = rig.run(command)
    if again.code and "is locked" in again.printed:
        time.sleep(2.0)  # workers of the killed one may hold a lock until they see that it is gone
        also = (*also, "locked for a while")
        again = rig.run(command)
    places = [] if command.is_timed else difference(expected, facts(rig.work))
    places = without_next(command, places, expected, first.printed + again.printed)
    failed = re.findall(r"trial (\d+) failed: .*memory", again.printed)
    if failed and all(place.startswith("studies.db>") for place in places):
        # A search goes on without a trial that found no memory, which may be the trial's own fault.
        places, also = [], (*also, "a failed trial told")
    left = leftovers(rig.folder / "disk")
    verdict = "survived"
    if first.is_unexpected or again.is_unexpected:
        verdict = "unexpected"
    elif again.code and (places or "already" not in again.printed):
        verdict = "lost"  # what had ended before the signal came makes some refuse
    elif added([*short, *places], expected):
        verdict = "doubled"
    elif places:
        verdict = "lost"
    elif short:
        verdict = "silent"
    words = ""
    if verdict != "survived" or left or also:
        words = (
            f"{what}; exit {first.code} then {again.code}; "
            f"differs: {short[:4]} then {places[:4]}; "
            f"left: {left[:4]}\n{tail(first)}\n--\n{tail(again)}"
        )
    rig.record(command.name, number, (verdict, *("left behind",) * bool(left), *also), words)


def is_said(place: str, ended: Ended) -> bool:
    """Return whether a command said that it could not write the file of a place."""
    name = place.partition(">")[0].rpartition("/")[2]
    return any(name in line and "[Errno " in line for line in ended.printed.splitlines())


def tail(ended: Ended) -> str:
    """Return the last lines that a command printed."""
    return "\n".join(ended.printed.strip().splitlines()[-6:])


def full_disk(rig: Rig, commands: Sequence[Command], n: int) -> None:
    """Run each command where the disk is full after a share of what it writes."""
    for command in commands:
        for number in rig.trials(command.name, n):
            rig.reference(command)
            with mounted(rig.folder / "disk"):
                rig.reset(command.name)
                before = shutil.disk_usage(rig.work).free
                rig.run(command)
                needed = max(before - shutil.disk_usage(rig.work).free, 1 << 16)
                rig.reset(command.name)
                share = rig.rng.uniform(0, 1)
                ballast = rig.folder / "disk/ballast"
                size = shutil.disk_usage(rig.work).free - int(share * needed)
                with ballast.open("wb") as stream:
                    os.posix_fallocate(stream.fileno(), 0, size)
                ended = rig.run(command)
                ballast.unlink()
                what = f"{share:.0%} of {needed >> 10} KiB free"
                judge_again(rig, command, number, ended, what, *unsaid(ended, errno.ENOSPC))


def read_only(rig: Rig, commands: Sequence[Command], n: int) -> None:
    """Run each command where nothing can be written."""
    disk = rig.folder / "disk"
    for command in commands:
        for number in rig.trials(command.name, min(n, 1)):
            rig.reference(command)
            with mounted(disk):
                rig.reset(command.name)
                subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
                ended = rig.run(command)
                subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
                also = unsaid(ended, errno.EROFS)
                judge_again(rig, command, number, ended, "read-only", *also)


def unsaid(ended: Ended, number: int) -> tuple[str, ...]:
    """Return what is counted where a command failed and did not say which error of a file."""
    words = (os.strerror(number), *("disk is full",) * (number == errno.ENOSPC))  # SQLite says so
    said = any(one in ended.printed for one in words)
    return () if said or ended.code == 0 else ("cause not said",)


def may_mount(disk: Path) -> bool:
    """Return whether this process may mount a file system: a container's root may not."""
    words = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk]
    if os.geteuid() or subprocess.run(words, capture_output=True).returncode:
        return False
    subprocess.run(["umount", disk], check=True)
    return True


@contextmanager
def mounted(disk: Path) -> Iterator[None]:
    """Put a small file system over the folder of the workspace."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=192m", "tmpfs", disk], check=True)
    try:
        yield
    finally:
        for _ in range(50):  # what a command left running may still hold it
            if subprocess.run(["umount", disk], capture_output=True).returncode == 0:
                break
            time.sleep(0.1)
        for one in ("home", "tmp"):
            (disk / one).mkdir(exist_ok=True)


def twice(rig: Rig, commands: Sequence[Command], n: int) -> None:
    """Run each command in two processes at once, then once more."""
    for command in commands:
        for number in rig.trials(command.name, n):
            rig.reference(command)
            rig.reset(command.name)
            one = rig.start(command)
            time.sleep(rig.rng.uniform(0, 0.05))
            other = rig.start(command)
            ends = (one.wait(), other.wait())
            printed = "\n-- the other:\n".join(end.printed for end in ends)
            also = ("both refused",) * all(end.code for end in ends)
            first = Ended(max(e.code for e in ends), printed)
            judge_again(rig, command, number, first, "two at once", *also)


JUMPS_S = (-365 * 86400, -86400, -3600, -60, 60, 3600, 86400, 365 * 86400)


def clock(rig: Rig, commands: Sequence[Command], n: int) -> None:
    """Move the clock while each command runs, and run it again with the right time."""
    for command in commands:
        for number in rig.trials(command.name, n):
            n_events = rig.reference(command)[1][number % len(CHECKPOINTS_S)]
            jump_s, moment = rig.rng.choice(JUMPS_S), rig.rng.randint(1, max(1, n_events))
            until = rig.rng.randint(moment, max(moment, n_events)) if number % 2 else 0
            rig.every_s = CHECKPOINTS_S[number % len(CHECKPOINTS_S)]
            rig.reset(command.name)
            hook = clock_moved(jump_s, moment, until)
            ended = rig.run(command, hook)
            what = f"{jump_s:+,} s at {moment} of {n_events}, killed at {until or 'no event'}"
            judge_again(rig, command, number, ended, what, *failed_in_time(ended))


def failed_in_time(ended: Ended) -> tuple[str, ...]:
    """Return what is counted of a command that was not killed, and failed."""
    return ("failed at first",) * (ended.code > 0)


def clock_moved(jump_s: int, moment: int, until: int) -> Callable[[], None]:
    """Return a hook: from its file event `moment` on this process sees another time.

    Args:
        jump_s: seconds by which it is later.
        moment: number of the event, from 1.
        until: number of that at which the process is killed; 0: of none.
    """

    def install() -> None:
        events, true_s, true_ns, true_date = 0, time.time, time.time_ns, datetime.datetime

        def moved() -> int:
            return jump_s if events >= moment else 0

        class Moved(true_date):  # type: ignore[misc, valid-type]
            """The moved clock's dates."""

            @classmethod
            def now(cls, tz: datetime.tzinfo | None = None) -> Moved:
                return cls.fromtimestamp(true_s() + moved(), tz)

        def act() -> None:
            nonlocal events
            events += 1
            if events == until:
                os.kill(os.getpid(), signal.SIGKILL)

        time.time = lambda: true_s() + moved()
        time.time_ns = lambda: true_ns() + moved() * 10**9
        for module in list(sys.modules.values()):
            if getattr(module, "__name__", "").startswith(("podium", "optuna", "datetime")):
                for name, value in list(vars(module).items()):
                    if value is true_date:
                        setattr(module, name, Moved)
        on_file_event(act)

    return install


def memory(rig: Rig, commands: Sequence[Command], n: int) -> None:
    """Run each command in too little memory, or without one of its processes, and again."""
    needs = multiprocessing.RawArray("q", 2)
    for command in commands:
        for number in rig.trials(command.name, n):
            rig.reference(command)
            rig.reset(command.name)
            rig.run(command, lambda: note_needs(needs))
            n_bytes, n_forks = needs
            rig.reset(command.name)
            if number % 2 and n_forks:
                nth, after_s = rig.rng.randint(1, n_forks), rig.rng.uniform(0, 0.2)
                hook = fork_killed(nth, after_s)
                what = f"fork {nth} of {n_forks} killed after {after_s * 1000:.0f} ms"
            else:
                share = rig.rng.uniform(0, 1)
                hook = memory_limited(int(share * n_bytes))
                what = f"{share:.0%} of {n_bytes >> 20} MiB more"
            process = rig.start(command, hook)
            ended = process.wait(15 + 15 * rig.seconds[command.name])
            process.end_group()
            # A thread of Python that finds no memory at its start never tells that it has begun.
            is_hung = "(it hung)" in ended.printed
            judge_again(rig, command, number, ended, what, *("waited, killed",) * is_hung)


def note_needs(needs: Any) -> None:
    """Write what this process needs: bytes of addresses beyond those that it has, and forks."""
    needs[0], needs[1], before = 0, 0, addresses("VmSize")

    def end() -> None:
        needs[0] = addresses("VmPeak") - before

    def forked() -> None:
        needs[1] += 1

    atexit.register(end)
    os.register_at_fork(after_in_parent=forked)


def addresses(what: str) -> int:
    """Return VmSize or VmPeak of this process, in bytes."""
    status = Path("/proc/self/status").read_text()
    found = re.search(rf"{what}:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) << 10


def memory_limited(n_bytes: int) -> Callable[[], None]:
    """Return a hook: this process gets so many bytes of addresses more than it has, none beyond."""

    def install() -> None:
        limit = addresses("VmSize") + n_bytes
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    return install


def fork_killed(nth: int, after_s: float) -> Callable[[], None]:
    """Return a hook: the process that this one forks as its n-th is killed after some seconds."""

    def install() -> None:
        n_forks = 0

        def forked() -> None:
            nonlocal n_forks
            n_forks += 1

        def born() -> None:
            if n_forks + 1 == nth:
                timer = threading.Timer(after_s, os.kill, (os.getpid(), signal.SIGKILL))
                timer.daemon = True
                timer.start()

        os.register_at_fork(after_in_parent=forked, after_in_child=born)

    return install


# What reads artefacts: everything that a damaged one could change without a word.
CONSUMERS = (
    Command("train", ("train", "small")),
    Command("predict", ("predict", "small", "--split", "oof,test,unlabelled", "--tta", "hflip")),
    Command("blend", ("blend", "small", "other", "made", "--name", "later", "--trials", "3")),
    Command("submit dry", ("submit", "mix", "--dry-run")),
    Command("show", ("show", "mix")),
    Command("pseudo", ("pseudo", "small", "--threshold", "0.35")),
    Command("tune losses", ("tune", "losses", "other", "--trials", "4")),
    Command("jobs", ("jobs",)),
    Command("report", ("report",)),
)
DAMAGES = ("flip", "swap", "cut", "append")


def damage(rig: Rig, n: int) -> None:
    """Damage one file of each kind in a finished workspace, run what reads it, and mend it."""
    rig.reset("end")
    paths = [path for path in sorted(rig.work.rglob("*")) if is_artefact(path, rig.work)]
    kinds: dict[str, list[str]] = {}
    for path in paths:
        name = path.relative_to(rig.work).as_posix()
        kinds.setdefault(kind_of(name), []).append(name)
    if rig.read is None:
        expected = consumed(rig)
        rig.reset("end")
        rig.read = expected, difference(expected[0], consumed(rig)[0])
    order = list(enumerate(sorted(kinds)))
    random.Random(rig.seed).shuffle(order)  # a short campaign has files of all rooms
    for place, kind in order:
        for number in rig.trials(kind, n):
            name, how = rig.rng.choice(kinds[kind]), DAMAGES[(place + number) % len(DAMAGES)]
            alike = [rig.work / one for one in kinds[kind] if one != name]
            others = alike or [one for one in paths if one.suffix == Path(name).suffix]
            judge_damage(rig, (kind, number), name, how, others, rig.read)


def is_artefact(path: Path, root: Path) -> bool:
    """Return whether a file of a workspace was made by podium alone, and is read again."""
    name = path.relative_to(root).as_posix()
    skipped = (".lock", ".holder", ".db-wal", ".db-shm", ".pyc", "/LAST")
    by_hand = name.startswith(("data/", "recipes/")) or ("/" not in name and name != "folds.csv")
    return path.is_file() and not by_hand and not name.endswith(skipped)


def kind_of(name: str) -> str:
    """Return what kind of file a path of a workspace is: without ids and numbers."""
    name = re.sub(r"[^/]+(?=\.whl$)", "*", name)
    parts = [re.sub(r"[0-9a-f]{8,}|\d+", "#", part) for part in name.split("/")]
    if len(parts) > 2 and parts[0] != ".podium":
        parts[1] = "*"
    return "/".join(parts)


def consumed(rig: Rig) -> tuple[dict[str, Any], list[Ended]]:
    """Return what all readers make of a finished workspace, and how they ended."""
    dear = {one.name for one in chain()} - {one.name for one in rig.chain}
    ends = [rig.run(one) for one in CONSUMERS if one.name not in dear]
    made = {}
    for pattern in ("runs", "blends", "submissions", "pseudo", "recipes"):
        folder = rig.work / pattern
        for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
            name = path.relative_to(rig.work).as_posix()
            if path.is_file() and not UNCOMPARED.search(name):
                with suppress(Exception):  # the damaged file itself need not be readable
                    made |= {f"{name}{where}": value for where, value in content(path)}
    return made, ends


def judge_damage(
    rig: Rig,
    trial: tuple[str, int],
    name: str,
    how: str,
    others: Sequence[Path],
    undisturbed: tuple[tuple[dict[str, Any], list[Ended]], list[str]],
) -> None:
    """Damage one file, verify, run what reads it, and do what verify says."""
    (expected, ends_before), noise = undisturbed
    rig.reset("end")
    path, at = rig.work / name, rig.rng.random()
    before, stat = path.read_bytes(), path.stat()
    data, place = bytearray(before), int(at * len(before))
    if how == "flip" and data:
        data[place] ^= 1 << rig.rng.randrange(8)
    elif how == "cut":
        del data[place:]
    elif how == "append":
        data += rig.rng.randbytes(rig.rng.randint(1, 64))
    elif how == "swap":
        fitting = [one for one in others if one != path and one.exists()]
        data = bytearray(rig.rng.choice(fitting or [path]).read_bytes())
    if data == before:
        return
    path.unlink()  # it may be a link to the stage
    path.write_bytes(data)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    verified, faults = verify(rig)
    made, ends = consumed(rig)
    refused = [one for one, was in zip(ends, ends_before, strict=True) if one.code != was.code]
    said = path.name in "".join(one.printed for one in ends)
    changed = [
        key
        for key in difference(expected, made)
        if key not in noise and not key.startswith(name) and key in expected
    ]
    mending = mend(rig) if faults else []
    unexpected = [one for one in (*ends, verified, *mending) if one.is_unexpected]
    if unexpected:
        verdict = "unexpected"
    elif mending and mending[-1].code:
        verdict = "lost"
    elif refused or said or not changed:
        verdict = "survived"
    else:
        verdict = "silent"
    also = ("found by verify",) * bool(verified.code)
    also += ("mended",) * bool(faults and not (mending and mending[-1].code))
    words = ""
    if verdict != "survived" or not verified.code:
        printed = "\n--\n".join(tail(one) for one in unexpected or mending or ends)
        words = (
            f"{how} of {name} at {at:.3f}; verify: {faults or 'all right'}; "
            f"changed: {changed[:4]}\n{printed}"
        )
    rig.record(*trial, (verdict, *also), words)


def verify(rig: Rig) -> tuple[Ended, list[dict[str, str]]]:
    """Return how `podium verify` ended, and the faults that it lists."""
    ended = rig.run(Command("verify", ("verify", "--json")))
    with suppress(ValueError, KeyError):
        text = ended.printed
        return ended, list(json.loads(text[text.index("{") : text.rindex("}") + 1])["faults"])
    return ended, []


def mend(rig: Rig) -> list[Ended]:
    """Do what `podium verify` says; return how each command ended, verify last."""
    ended, faults = verify(rig)
    ends = []
    for fault in faults:
        path = rig.work / fault["file"]
        said = re.match(r"(?:remove|move) (\S+?)[,:;]?(?: |$)", fault["fix"])
        if "from a copy" in fault["fix"]:
            with suppress(FileNotFoundError, shutil.SameFileError):
                shutil.copyfile(rig.stages / "end" / fault["file"], path)
            continue
        if said is not None:
            lost = path if said[1] in ("it", "this") else rig.work / said[1]
            shutil.rmtree(lost) if lost.is_dir() else lost.unlink(missing_ok=True)
        is_whole = "it had" not in fault["fix"] and "made it" not in fault["fix"]
        quoted = re.findall(r"`podium ([^`]+)`", fault["fix"])
        for words in map(str.split, () if "only shown" in fault["fix"] else quoted):
            # Options that podium does not know are those of the chain.
            ran = [one.words for one in chain() if one.words[0] == words[0]]
            known = [one for one in ran if one[1:2] == tuple(words[1:2])] or ran
            ends.append(rig.run(Command("", tuple(words) if is_whole or not known else known[-1])))
    ended = verify(rig)[0] if faults else ended
    failed = [one for one in ends if one.code]
    return [*ends, failed[0] if failed else ended]


def upload(rig: Rig, n: int) -> None:
    """Break calls of a submission, and kill the command between its steps."""
    from submissions.fault_matrix import cells
    from submissions.fault_matrix_cell import tried

    # Each process of a cell would load this script anew, which takes longer than the cell.
    sys.modules["__main__"].__file__ = None
    every = list(cells().items())
    random.Random(rig.seed).shuffle(every)
    if rig.is_sample:  # they wait until a short limit of time ends a call
        every = [(key, cell) for key, cell in every if not cell.slow]
    for number in rig.trials("submit", min(n, len(every))):
        key, cell = every[number % len(every)]
        outcome = tried(cell)
        text = " · ".join(outcome.problems)
        verdict = "survived"
        if "unexpected" in text or "Traceback" in text:
            verdict = "unexpected"
        elif outcome.after_second > 1:
            verdict = "doubled"
        elif outcome.problems:
            verdict = "lost"
        rig.record("submit", number, (verdict,), f"{key}: {text[:1500]}" if text else "")


# -- a host ---------------------------------------------------------------------------------------

TEAMS, EACH = ("ann", "bob", "cy"), 3


def kill_hosts(rig: Rig, n: int) -> None:
    """Kill a host at file events while three teams submit, start it again, and read its board."""
    from tests.hosting.conftest import PUBLIC, TRUTH, decisions, make_competition, submission_text

    stage = rig.stages / "host"
    if not stage.exists():
        asked = rig.folder / "asked"
        asked.mkdir()
        init_host(stage, make_competition(asked, daily_limit=EACH), asked / "solution.csv", TEAMS)
    # Answer k of team t has k + EACH * t wrong rows: what it scores is counted here.
    files = {f"{t} {k}": k + EACH * t for t in range(len(TEAMS)) for k in range(EACH)}
    expected = {
        text: (TEAMS[int(text[0])], round(float((decisions(wrong) == TRUTH)[PUBLIC].mean()), 9))
        for text, wrong in files.items()
    }
    contents = {text: submission_text(wrong).encode() for text, wrong in files.items()}
    if "host" not in rig.undisturbed:
        count = multiprocessing.RawValue("q", 0)
        ends, problems = hosted(rig, contents, expected, lambda: count_events(count), False)
        assert not problems, (problems, ends)
        rig.undisturbed["host"] = {}, [int(count.value)]
    n_events = rig.undisturbed["host"][1][0]
    for number in rig.trials("host serve", n):
        moment = rig.rng.randint(1, n_events)
        after_s = rig.rng.choice((0.0, rig.rng.uniform(0.0, 0.03)))
        hook = signal_at(moment, signal.SIGKILL, after_s)
        ends, problems = hosted(rig, contents, expected, hook, number % 2 == 1)
        left = leftovers(rig.folder / "disk")
        verdict = next((one for one in BAD if one in problems), "survived")
        if any(end.is_unexpected for end in ends):
            verdict = "unexpected"
        words = f"at {moment} of {n_events} + {after_s * 1000:.0f} ms; {problems}; left: {left[:4]}"
        words = "\n--\n".join((words, *map(tail, ends))) if verdict != "survived" or left else ""
        rig.record("host serve", number, (verdict, *("left behind",) * bool(left)), words)


def hosted(
    rig: Rig,
    contents: Mapping[str, bytes],
    expected: Mapping[str, tuple[str, float]],
    hook: Callable[[], None],
    is_repeated: bool,
) -> tuple[list[Ended], dict[str, str]]:
    """Serve a host with a hook while all teams submit, and again when it dies.

    Returns:
        How each of the servers ended, and problems: a verdict → what is wrong.
    """
    from requests import RequestException

    from tests.hosting.processes import Student

    rig.reset("host")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ("host", "serve", str(rig.work), "--port", str(port))
    url, tokens = f"http://127.0.0.1:{port}", read_tokens(rig.work / "tokens.json")

    def listed(team: str) -> Counter[tuple[str, str, float]]:
        student = Student(url, tokens[team])
        try:
            entries = student.submissions()
        finally:
            student.close()
        return Counter(
            (str(one["description"]), str(one["status"]), round(float(str(one["publicScore"])), 9))
            for one in entries
        )

    def submit_all(team: str) -> None:
        """Submit the team's files one by one; a lost answer is looked up, or asked for again."""
        for text, content in contents.items():
            if expected[text][0] != team:
                continue
            token = ""
            while True:
                student = Student(url, tokens[team])
                try:
                    if not token:
                        is_there = any(one[0] == text for one in listed(team))
                        if is_there:
                            break
                        about = {"contentLength": len(content)}
                        began = student.call("StartSubmissionUpload", about).json()
                        student.put(began["createUrl"], content).raise_for_status()
                    token = token or began["token"]
                    about = {"blobFileTokens": token, "submissionDescription": text}
                    reply = student.call("CreateSubmission", about)
                    answers.put((text, reply.status_code))
                    break
                except RequestException:
                    token = token if is_repeated else ""
                    time.sleep(0.02)
                finally:
                    student.close()

    answers: Any = multiprocessing.get_context("fork").SimpleQueue()
    server, ends = Process(rig.folder, rig.work, words, hook), []
    loaded = rig.folder / "loaded.txt"

    def again() -> None:
        atexit.register(note_loaded, loaded)

    students = [
        Process(rig.folder, rig.work, (), lambda team=team: sys.exit(submit_all(team)))
        for team in TEAMS
    ]
    until = time.monotonic() + LONGEST_S
    while not all(one.is_over() for one in students) and time.monotonic() < until:
        if server.is_over():
            ends.append(server.wait())
            server = Process(rig.folder, rig.work, words, again)
        time.sleep(0.01)
    problems = {"lost": "the teams did not come to an end"} if time.monotonic() >= until else {}
    for one in students:
        one.send(signal.SIGKILL)
        if (ended := one.wait()).code > 0:
            problems["unexpected"] = ended.printed
    if not ends:  # its moment has not come: after the last answer is one, too
        server.send(signal.SIGKILL)
        ends.append(server.wait())
        server = Process(rig.folder, rig.work, words, again)
    answered = []
    while not answers.empty():
        answered.append(answers.get())
    found: Counter[tuple[str, str, float]] | None = None
    while found is None and not server.is_over() and time.monotonic() < until + LONGEST_S:
        with suppress(RequestException):
            found = sum((listed(team) for team in TEAMS), Counter())
        time.sleep(0.01)
    if found is None:
        server.end_group()
        return [*ends, server.wait()], {"lost": "the host does not come back"}
    whole = Counter((text, "COMPLETE", score) for text, (_, score) in expected.items())
    refused = [one for one in answered if one[1] != 200]
    if missing := {text for text, _ in answered} - {one[0] for one in found}:
        problems.setdefault("lost", "")
        problems["lost"] += f"answered with success, and not there: {missing}"
    if refused or whole - found:
        problems.setdefault("lost", "")
        problems["lost"] += f"refused: {refused}; not as undisturbed: {whole - found}"
    if found - whole:
        problems["doubled"] = f"more than undisturbed: {found - whole}"
    reader = Student(url, tokens[TEAMS[0]])
    board = reader.call("GetLeaderboard", {}).json()["submissions"]
    reader.close()
    best: dict[str, float] = {}
    for team, score in expected.values():
        best[team] = max(score, best.get(team, 0.0))
    if {one["teamName"]: round(float(one["score"]), 9) for one in board} != best:
        problems["silent"] = f"another board: {board}"
    server.send(signal.SIGTERM)
    ends.append(server.wait())
    load_here(loaded)
    return ends, problems


# -- the competition --------------------------------------------------------------------------


def make(root: Path) -> None:
    """Write a competition of coloured noise and its recipes."""
    rng = np.random.default_rng(0)
    for split, n in (("train", N), ("unlabelled", N_UNLABELLED), ("test", N_TEST)):
        (root / "data" / split).mkdir(parents=True)
        for i in range(n):
            image = rng.integers(0, 160, (SIDE, SIDE, 3)).astype(np.uint8)
            image[..., i % 3] += 40
            Image.fromarray(image).save(root / f"data/{split}/{i:04d}.png")
    rows = "\n".join(f"{i:04d},{CLASSES[i % 3]}" for i in range(N))
    (root / "data/train.csv").write_text(f"id,label\n{rows}\n")
    sample = "\n".join(f"{i:04d},red" for i in range(N_TEST))
    (root / "data/sample_submission.csv").write_text(f"id,label\n{sample}\n")
    (root / "space.yaml").write_text(SPACE)
    (root / "recipes").mkdir()
    for seed, (name, text) in enumerate(RECIPES.items()):
        (root / f"recipes/{name}.yaml").write_text(HEAD.format(seed=seed) + text)


def write_own_spec(root: Path) -> None:
    """Replace what `init` wrote: two folds are quicker."""
    (root / "competition.yaml").write_text(
        "name: colours\ntasks: {classify: multiclass}\n"
        f"classes: [{', '.join(CLASSES)}]\ndata:\n"
        "  train: {table: data/train.csv, id: id, images: 'data/train/{id}.png', label: label}\n"
        "  unlabelled: {images: 'data/unlabelled/*.png'}\n"
        "  test: {images: 'data/test/*.png'}\n"
        "folds: {n: 2, seed: 1}\nmetric: {name: accuracy}\n"
        "submission: {sample: data/sample_submission.csv, value: name}\n"
    )


def elsewhere(root: Path) -> None:
    """Write predictions that were made elsewhere."""
    rng = np.random.default_rng(1)
    folds = dict(list(csv.reader((root / "folds.csv").open()))[1:])
    header = ",".join(CLASSES)
    for name, n in (("oof", N), ("test", N_TEST)):
        rows = [f"id,{header}" + ",fold" * (name == "oof")]
        for i, probs in enumerate(rng.dirichlet(np.ones(3), n)):
            cells = [f"{i:04d}", *(f"{p:.6f}" for p in probs)]
            rows.append(",".join(cells + [folds[f"{i:04d}"]] * (name == "oof")))
        (root / f"{name}.csv").write_text("\n".join(rows) + "\n")


# -- the command line -------------------------------------------------------------------------

CAMPAIGNS = (
    "kills", "signals", "disk", "read-only", "twice", "clock", "memory", "damage", "upload", "host",
)  # fmt: skip


def main() -> int:
    """Run campaigns, print their tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("campaigns", nargs="*", metavar="CAMPAIGN", help=", ".join(CAMPAIGNS))
    parser.add_argument("-n", type=int, help="trials of each command; default: what time allows")
    parser.add_argument("--minutes", type=float, help="for everything; default 10 without -n")
    parser.add_argument("--sample", action="store_true", help="of cheap commands, 2 minutes")
    parser.add_argument("--only", default="", help="commands whose names begin so, by commas")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--trial", type=int, help="only the one of this number")
    parser.add_argument("--notes", type=Path, help="a file of trials, which are not made again")
    args = parser.parse_args()
    if unknown := sorted(set(args.campaigns) - set(CAMPAIGNS)):
        parser.error(f"no campaign {', '.join(unknown)}: there are {', '.join(CAMPAIGNS)}")
    torch.set_num_threads(1)
    inkless_pages.draw_nothing(pytest.MonkeyPatch())
    begin, minutes = time.monotonic(), args.minutes
    if minutes is None and args.n is None and args.trial is None:
        minutes = SAMPLE_MINUTES if args.sample else 10.0
    chosen = args.campaigns or CAMPAIGNS
    wanted = tuple(args.only.split(",")) if args.only else ("",)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the folder is removed
    # In memory where that is a file system: what is flushed would wait for the disk. Not a
    # TemporaryDirectory: forks would remove it when they end.
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix="faults-", dir=memory)).resolve()
    rig = Rig(folder, args.seed, args.notes, args.trial, is_sample=args.sample)
    commands = [one for one in rig.chain if one.name.startswith(wanted)]
    try:
        # Damage needs a finished workspace; the last of the chain finishes nothing for others.
        if set(chosen) - {"upload", "host"}:
            rig.prepare(rig.chain[-1].name if "damage" in chosen else commands[-1].name)
        commands.sort(key=lambda one: rig.seconds.get(one.name, 0.0))
        for number, campaign in enumerate(chosen):
            now = time.monotonic()
            until = None
            if minutes is not None:
                until = now + (begin + minutes * 60 - now) / (len(chosen) - number)
            rig.begin(campaign, until)
            if campaign in ("disk", "read-only") and not may_mount(rig.folder / "disk"):
                show(f"{campaign}: skipped, only root may mount a file system")
                continue
            if args.sample:
                random.Random(f"{args.seed} {campaign}").shuffle(commands)
            # Without a number of trials, rounds over all commands go on while there is time.
            for n in range(1, 1000) if args.n is None else [args.n]:
                if rig.has_time():
                    run_campaign(rig, commands, n)
            print(f"\n### {campaign}\n\n{table(campaign, rig.known.values())}\n", flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    bad = [one for one in rig.known.values() if set(BAD) & set(one["found"])]
    for one in bad:  # once more, where the end of a log is all that is kept of it
        show(named(one) + f"\n{one['words']}\n")
    return int(bool(bad))


def run_campaign(rig: Rig, commands: Sequence[Command], n: int) -> None:
    """Make the trials of a campaign until there are `n` of each command."""
    if rig.campaign == "kills":
        kills(rig, commands, n, [signal.SIGKILL])
    elif rig.campaign == "signals":
        kills(rig, commands, n, [signal.SIGTERM, signal.SIGHUP])
    elif rig.campaign == "disk":
        full_disk(rig, commands, n)
    elif rig.campaign == "read-only":
        read_only(rig, commands, n)
    elif rig.campaign == "twice":
        twice(rig, commands, n)
    elif rig.campaign == "clock":
        clock(rig, commands, n)
    elif rig.campaign == "memory":
        memory(rig, commands, n)
    elif rig.campaign == "damage":
        damage(rig, n)
    elif rig.campaign == "upload":
        upload(rig, n)
    else:
        kill_hosts(rig, n)


def table(campaign: str, trials: Iterable[Mapping[str, Any]]) -> str:
    """Return a campaign's trials as Markdown: what was found, and seconds of processor for each."""
    rows: dict[str, Counter[str]] = {}
    seconds: dict[str, list[float]] = {}
    for one in trials:
        if one["campaign"] == campaign:
            for name in (one["what"], "together"):
                rows.setdefault(name, Counter()).update(("tried", *one["found"]))
                seconds.setdefault(name, []).append(one["seconds"])
    counted = {name for row in rows.values() for name in row}
    columns = ("tried", *COLUMNS, *sorted(counted - {"tried", *COLUMNS}))
    lines = [f"| what | {' | '.join(columns)} | s of CPU |"]
    lines.append("| --- " * (len(columns) + 2) + "|")
    order = [*(command.name for command in chain()), *rows.keys() - {"together"}, "together"]
    for name in dict.fromkeys(order):
        if row := rows.get(name):
            counts = " | ".join(str(row[one]) for one in columns)
            lines.append(f"| {name} | {counts} | {np.mean(seconds[name]):.2f} |")
    return "\n".join(lines)


def named(trial: Mapping[str, Any]) -> str:
    """Return a trial's campaign, command and number, and what was found."""
    return f"{trial['campaign']} {trial['what']} {trial['number']}: {', '.join(trial['found'])}"


def show(text: str) -> None:
    """Print progress."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
