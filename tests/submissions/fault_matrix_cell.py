"""One cell of the fault matrix: break a submission, repeat the command, and judge what is there."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forked import ForkedScript
from submissions.faulty_host import (
    CLASSES,
    IDS,
    TRUTH,
    Fault,
    FaultyHost,
    Hold,
    serving,
    write_competition,
)

__all__ = ["Cell", "Outcome", "steps_of_a_run", "tried"]

ENTRY = Path(__file__).with_name("fault_matrix_entry.py")
TESTS = Path(__file__).parents[1]
DOUBT_S = 4.0
LATE_S = 1.5
PATIENT_S, IMPATIENT_S = 60.0, 5.0
RUN_LIMIT_S = 180.0
WRONG = 2  # rows of eight: the score is 0.75
SENT = ("submitted", "complete")


@dataclass(frozen=True)
class Cell:
    """What breaks: faults, or a kill.

    `kill` is a step's number, or "command", "client" or "both" when `hold` has met its request.
    `slow` names the functions of the official client that get a short time limit, which begins
    when the host hears of what it is to be slow with.
    """

    faults: tuple[Fault, ...] = ()
    slow: tuple[str, ...] = ()
    kill: int | str | None = None
    hold: Hold | None = None
    board: bool = False
    forget: bool = False  # .podium is deleted before the second run, too, not only before the third


@dataclass(frozen=True)
class Outcome:
    """What run 1 said in a word, what the host had after both, and every rule that was broken."""

    word: str
    after_first: int
    after_second: int
    problems: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.word} {self.after_first}→{self.after_second}"


@dataclass(frozen=True)
class _Run:
    status: int
    out: str
    err: str
    was_killed: bool


class _Place:
    """The folders of a cell: workspace, home, and what others could read of the temporary ones."""

    def __init__(self, root: Path, host: FaultyHost) -> None:
        self.root, self.host = root, host
        self.workspace, self.met = root / "workspace", root / "met"
        for folder in (self.workspace, root / "home", root / "tmp"):
            folder.mkdir()
        _write_files(self.workspace, host.url)

    def start(self, cell: Cell, *, first: bool, trace: Path | None = None) -> ForkedScript:
        slow = dict.fromkeys(cell.slow, IMPATIENT_S) if first else {}
        settings: dict[str, Any] = {"limits": {"other": PATIENT_S, **slow}, "doubt_s": DOUBT_S}
        if slow:
            settings |= {"short": IMPATIENT_S, "met": str(self.met)}
            self.host.told_of_slow = self.met.touch
        if first and isinstance(cell.kill, int):
            settings["kill"] = cell.kill
        if trace is not None:
            settings["trace"] = str(trace)
        env = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(sys.path),
            "HOME": str(self.root / "home"),
            "TMPDIR": str(self.root / "tmp"),
            "KAGGLE_API_TOKEN": self.host.token,
            "FAULT_MATRIX": json.dumps(settings),
            "OMP_NUM_THREADS": "1",
            "COLUMNS": "200",
        }
        # Later runs see the score at the second look, however slow the machine is until then.
        options = ["--wait", "3s" if first else "60s", *([] if cell.board else ["--json"])]
        return ForkedScript(ENTRY, ["submit", "mine.csv", *options], env=env, cwd=self.workspace)

    def forget(self) -> None:
        shutil.rmtree(self.workspace / ".podium", ignore_errors=True)

    def receipts(self) -> list[dict[str, Any]]:
        paths = sorted((self.workspace / "submissions").glob("*/receipt.json"))
        return [json.loads(path.read_text(encoding="utf-8")) for path in paths]

    def leaks(self) -> list[str]:
        """Return the files that hold a secret of the host and are not for this user alone."""
        wanted = [text.encode() for text in (*self.host.secrets(), "/upload/")]
        found = []
        for path in self.root.rglob("*"):
            with contextlib.suppress(OSError):
                if path.is_file() and any(text in path.read_bytes() for text in wanted):
                    hidden = (self.root / "tmp") in path.parents and self._is_private(path)
                    found += [] if hidden else [str(path.relative_to(self.root))]
        return found

    def _is_private(self, path: Path) -> bool:
        inner = path.relative_to(self.root / "tmp").parts
        first = self.root / "tmp" / inner[0]
        return len(inner) > 1 and first.stat().st_mode & 0o077 == 0


def tried(cell: Cell) -> Outcome:
    """Run the command twice, broken and mended, then once more, and return what came of it."""
    with tempfile.TemporaryDirectory(prefix="fault-matrix-") as folder, serving() as host:
        place = _Place(Path(folder), host)
        host.faults, host.hold = list(cell.faults), cell.hold
        # A score that is not there at once: otherwise nothing polls.
        host.pending_lists = int(cell.hold is not None and cell.hold.phase == "poll")
        host.next_run()
        process = place.start(cell, first=True)
        first = _finished(process, cell)
        host.mend()
        met = set(cell.faults) <= host.met and (cell.hold is None or cell.hold.met.is_set())
        if isinstance(cell.kill, int):
            met = first.status == -signal.SIGKILL
        problems = [] if met else ["the fault was never met"]
        receipts = place.receipts()
        if cell.kill is None:
            host.settle()
        else:
            problems += _late_duplicates(host, receipts)
        after_first = len(host.submissions)
        problems += _judged_first(first, receipts, host) + [f"leaked: {f}" for f in place.leaks()]
        if cell.forget:
            place.forget()
        host.next_run()
        second = _finished(place.start(cell, first=False), None)
        host.settle()
        after_second = len(host.submissions)
        problems += _judged_second(second, place, host)
        place.forget()
        third = _finished(place.start(cell, first=False), None)
        if len(host.submissions) != after_second or "same content" not in third.err:
            problems.append(f"without .podium the third run was not refused: {third.err}")
        problems += _unclean(second, host) + _unclean(third, host)
        problems += [f"leaked in the end: {name}" for name in place.leaks()]
        if problems:
            problems += [f"run 1: {first}", f"run 2: {second}", f"host: {host.log}"]
        return Outcome(_word(first, receipts), after_first, after_second, tuple(problems))


def steps_of_a_run() -> list[str]:
    """Return the steps of a submission where nothing breaks, as the entry counts them."""
    with tempfile.TemporaryDirectory(prefix="fault-matrix-") as folder, serving() as host:
        place = _Place(Path(folder), host)
        trace = Path(folder, "trace.txt")
        run = _finished(place.start(Cell(board=True), first=True, trace=trace), None)
        assert run.status == 0, run
        return trace.read_text(encoding="utf-8").split("\n")


def _finished(process: ForkedScript, cell: Cell | None) -> _Run:
    """Wait for the command's end, which a held request may bring about."""
    killed = False
    if cell is not None and cell.hold is not None:
        if cell.hold.met.wait(RUN_LIMIT_S / 2):
            killed = cell.kill in ("command", "both")
            _kill(process.pid, str(cell.kill))
        cell.hold.release.set()
    try:
        out, err = process.communicate(timeout=RUN_LIMIT_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        return _Run(process.returncode, out, err + "\nit did not end", was_killed=False)
    killed = killed or (cell is not None and isinstance(cell.kill, int))
    return _Run(process.returncode, out, err, killed)


def _kill(command: int, what: str) -> None:
    children = Path(f"/proc/{command}/task/{command}/children").read_text().split()
    for pid in map(int, children) if what in ("client", "both") else ():
        os.kill(pid, signal.SIGKILL)
    if what in ("command", "both"):
        os.kill(command, signal.SIGKILL)


def _word(run: _Run, receipts: list[dict[str, Any]]) -> str:
    state = receipts[0]["state"] if receipts else "none"
    if run.was_killed:
        return {"none": "no receipt"}.get(state, state)
    if run.status != 0:
        return "doubt" if state == "uploading" else "refused"
    if "looking whether the host has it" in run.err:
        return "found"
    return "sent" if state == "complete" else "unscored"


def _judged_first(run: _Run, receipts: list[dict[str, Any]], host: FaultyHost) -> list[str]:
    problems = _unclean(run, host)
    n_sent = len(host.submissions)
    state = receipts[0]["state"] if receipts else "none"
    if n_sent > 1 or len(receipts) > 1:
        problems.append(f"{n_sent} submissions, {len(receipts)} receipts after run 1")
    if not run.was_killed and (run.status == 0) != (state in SENT):
        problems.append(f"exit code {run.status} with a receipt that says {state}")
    if state in SENT and n_sent == 0:
        problems.append(f"the receipt says {state}, and the host has nothing")
    if state not in (*SENT, "uploading") and n_sent == 1:
        problems.append(f"the receipt says {state}, and the host has it")
    return problems + (_disagreeing(receipts[0], host) if receipts and n_sent == 1 else [])


def _judged_second(run: _Run, place: _Place, host: FaultyHost) -> list[str]:
    problems = []
    receipts = place.receipts()
    if len(host.submissions) != 1 or len(receipts) != 1:
        return [f"{len(host.submissions)} submissions, {len(receipts)} receipts after run 2"]
    (receipt,) = receipts
    if run.status != 0 and "same content" not in run.err:
        problems.append(f"run 2 failed: {run.err}")
    if receipt["state"] != "complete" or receipt["public_score"] != 1 - WRONG / len(IDS):
        problems.append(f"after run 2: {receipt['state']}, {receipt['public_score']}")
    if host.submissions[0].content != (place.workspace / "mine.csv").read_bytes():
        problems.append("the host has other bytes")
    return problems + _disagreeing(receipt, host)


def _disagreeing(receipt: dict[str, Any], host: FaultyHost) -> list[str]:
    one, problems = host.submissions[0], []
    if receipt["ref"] not in (None, one.ref) or (receipt["ref"] is None) != (
        receipt["state"] not in SENT
    ):
        problems.append(f"the receipt says number {receipt['ref']}, the host {one.ref}")
    if f"[{receipt['description_id']}]" not in one.description:
        problems.append(f"the receipt's id is not in {one.description!r}")
    if receipt["public_score"] not in (None, one.score):
        problems.append(f"the receipt says {receipt['public_score']}, the host {one.score}")
    return problems


def _late_duplicates(host: FaultyHost, receipts: list[dict[str, Any]]) -> list[str]:
    """A killed command whose submission comes late must not say that nothing is there."""
    state = receipts[0]["state"] if receipts else "none"
    late = host.has_late and not host.submissions
    return [f"something comes late, and the receipt says {state}"] * (late and state != "uploading")


def _unclean(run: _Run, host: FaultyHost) -> list[str]:
    text = run.out + run.err
    problems = ["a secret on the screen"] * any(one in text for one in host.secrets())
    problems += ["an upload's address on the screen"] * ("/upload/" in text)
    problems += ["a traceback"] * ("Traceback" in text or "unexpected" in text)
    problems += ["it did not end"] * ("it did not end" in run.err)
    if not run.was_killed and run.status != 0 and not ("podium: " in text and "fix:" in text):
        problems.append("an error without a message or a fix")
    return problems


def _write_files(folder: Path, url: str) -> None:
    other = dict(zip(CLASSES, reversed(CLASSES), strict=True))
    predicted = [other[TRUTH[one]] if row < WRONG else TRUTH[one] for row, one in enumerate(IDS)]
    rows = zip(IDS, predicted, strict=True)
    (folder / "mine.csv").write_text("id,label\n" + "".join(f"{i},{c}\n" for i, c in rows))
    write_competition(folder, url)
    (folder / "train.csv").write_text("id,label\n")
