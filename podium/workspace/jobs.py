"""Jobs: tasks of a command that run in processes of their own, and a record of each.

`.podium/jobs/NAME.json` records where a task runs, since when, how far it is and how it ended;
`NAME.log` has the lines that it wrote; `NAME.cancel` asks the command to cancel it. The process
of the task writes the first two, the command that waits for it the rest, so nobody has to ask a
server. They are in the workspace itself, never on a scratch disk, which other machines do not see.
"""

from __future__ import annotations

import json
import os
import socket
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any, Literal

from podium.errors import PodiumError, UsageError, some
from podium.workspace.atomic import remove, write_json
from podium.workspace.ids import short_digest
from podium.workspace.layout import Workspace
from podium.workspace.machine import now
from podium.workspace.progress import JsonLines, Progress, format_duration

__all__ = [
    "JobRecord",
    "JobState",
    "LogReader",
    "begin_jobs",
    "cancel_file",
    "cancel_job",
    "damaged_jobs",
    "describe_jobs",
    "describe_times",
    "end_job",
    "jobs_of",
    "recorded",
    "this_process",
    "timestamp",
]

JobState = Literal["waiting", "running", "done", "failed", "cancelled", "interrupted", "lost"]

WRITE_EVERY_S = 2.0
SILENT_AFTER_S = 180.0
FORGOTTEN_AFTER_S = 86400.0
OPEN: tuple[JobState, ...] = ("waiting", "running")


@dataclass(frozen=True)
class JobRecord:
    """A task of a command: where it runs, how far it is, and what it ended with.

    Attributes:
        name: of the task, unique in the workspace: `baseline-3fa1c2d4.fold-0`.
        command: the command that waits for it, as typed.
        engine: that runs it.
        waiter: host:pid of that command.
        queued: when it was given to the engine.
        state: "lost": the command that waited for it, or its own process, is gone.
        worker: host:pid of the process that runs it.
        began: when this attempt began.
        attempts: how often it was begun; more than once where a process or node died.
        updated: when its process last wrote.
        progress: the last event of its progress (docs/progress.md).
        ended: when it ended.
        error: why it failed.
    """

    name: str
    command: str
    engine: str
    waiter: str
    queued: str
    state: JobState = "waiting"
    worker: str | None = None
    began: str | None = None
    attempts: int = 0
    updated: str | None = None
    progress: dict[str, Any] = field(default_factory=dict)
    ended: str | None = None
    error: str | None = None

    @property
    def line(self) -> str:
        """How far it is, for a person; what it failed of, where it did."""
        if self.error is not None:
            return self.error.partition("\n")[0]
        facts = self.progress
        if facts.get("event") == "training":
            score = f", {facts['metric']} {facts['score']:.4f}" if facts.get("score") else ""
            return (
                f"{facts['phase']}, epoch {facts['epoch']} of {facts['epochs']}, "
                f"step {facts['step']} of {facts['steps']}{score}"
            )
        if facts.get("event") == "progress":
            return f"{facts['label']}: {facts['done']} of {facts['total']}"
        return ""

    @property
    def is_silent(self) -> bool:
        """Whether it runs, as far as is known, and has written nothing for minutes."""
        last = self.updated or self.began
        return self.state == "running" and last is not None and _age_s(last) > SILENT_AFTER_S

    def describe_state(self) -> str:
        """Return the state, the attempt where it is not the first, and whether it is silent."""
        again = f", attempt {self.attempts}" if self.attempts > 1 else ""
        silent = ", no sign of life" if self.is_silent else ""
        return f"{self.state}{again}{silent}"

    def to_json(self) -> dict[str, Any]:
        """Return the record as an object of JSON, with its `line`."""
        return {**asdict(self), "line": self.line, "is_silent": self.is_silent}


def this_process() -> str:
    """Return host:pid of this process."""
    return f"{socket.gethostname()}:{os.getpid()}"


def timestamp() -> str:
    """Return the time as records have it."""
    return now().isoformat(timespec="seconds")


def _age_s(text: str) -> float:
    return (now() - datetime.fromisoformat(text)).total_seconds()


def describe_times(record: JobRecord) -> str:
    """Return when a task began, or was queued, and how long it took or has taken."""
    began = datetime.fromisoformat(record.began or record.queued)
    until = now() if record.ended is None else datetime.fromisoformat(record.ended)
    took = format_duration(max(0.0, (until - began).total_seconds()))
    return f"{began:%m-%d %H:%M} UTC, {took}"


def record_file(folder: Path, name: str) -> Path:
    """Return the file of a task's record."""
    return folder / f"{name}.json"


def log_file(folder: Path, name: str) -> Path:
    """Return the file of a task's messages, a line each."""
    return folder / f"{name}.log"


def cancel_file(folder: Path, name: str) -> Path:
    """Return the file whose presence asks to cancel a task."""
    return folder / f"{name}.cancel"


def read_job(folder: Path, name: str) -> JobRecord | None:
    """Return a task's record; None where there is none that can be read, or it is damaged."""
    try:
        facts = json.loads(record_file(folder, name).read_text(encoding="utf-8"))
        checksum = facts.pop("checksum", None)  # older records have none
        is_whole = checksum is None or checksum == short_digest(facts)
        return JobRecord(**facts) if is_whole and facts["name"] == name else None
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def damaged_jobs(workspace: Workspace) -> Iterator[Path]:
    """Give each record of a task that is not what podium wrote."""
    for file in sorted(workspace.jobs.glob("*.json")):
        if file.is_file() and read_job(workspace.jobs, file.stem) is None:
            yield file


def write_job(folder: Path, record: JobRecord) -> None:
    """Write a task's record, whole or not at all."""
    facts = asdict(record)
    write_json(record_file(folder, record.name), {**facts, "checksum": short_digest(facts)})


def begin_jobs(folder: Path, records: list[JobRecord]) -> None:
    """Record tasks that wait for the engine; those that ended a day ago are forgotten."""
    folder.mkdir(parents=True, exist_ok=True)
    for known in _read_all(folder):
        if known.ended is not None and _age_s(known.ended) > FORGOTTEN_AFTER_S:
            _forget(folder, known.name)
    for record in records:
        _forget(folder, record.name)
        write_job(folder, record)


def _forget(folder: Path, name: str) -> None:
    for file in (log_file, cancel_file, record_file):
        remove(file(folder, name))


def end_job(folder: Path, name: str, state: JobState, error: str | None = None) -> None:
    """Record how a task ended; what its own process wrote stays."""
    record = read_job(folder, name)
    if record is not None:
        write_job(folder, replace(record, state=state, error=error, ended=timestamp()))
    remove(cancel_file(folder, name))


def jobs_of(workspace: Workspace) -> list[JobRecord]:
    """Return the tasks of this workspace's commands, the oldest first.

    Those of a command that is gone from this machine are "lost": it is to be started again.
    """
    found = (_checked(one) for one in _read_all(workspace.jobs))
    return sorted(found, key=lambda one: (one.queued, one.name))


def describe_jobs(workspace: Workspace) -> str | None:
    """Return how many tasks run, wait, failed or are lost, in words; None where none does."""
    states = Counter(one.state for one in jobs_of(workspace))
    shown: tuple[JobState, ...] = ("running", "waiting", "failed", "lost")
    return ", ".join(f"{states[one]} {one}" for one in shown if states[one]) or None


def _read_all(folder: Path) -> Iterator[JobRecord]:
    for file in sorted(folder.glob("*.json")):
        record = read_job(folder, file.stem)
        if record is not None:
            yield record


def _checked(record: JobRecord) -> JobRecord:
    if record.state in OPEN and _is_gone(record.waiter):
        return replace(record, state="lost", error="the command that waited for it has ended")
    return record


def _is_gone(process: str) -> bool:
    """Return whether a process of this machine has ended; of others nothing is known."""
    host, _, pid = process.rpartition(":")
    if host != socket.gethostname():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except (OSError, ValueError):
        return False
    with suppress(OSError, IndexError):  # what nobody has waited for is still listed
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return False


def cancel_job(workspace: Workspace, name: str) -> list[str]:
    """Ask to cancel a task, or all tasks whose name begins so; return their names.

    The command that waits for them cancels them within seconds; what they saved stays.

    Raises:
        UsageError: no task of this name waits or runs.
    """
    open_jobs = [one.name for one in jobs_of(workspace) if one.state in OPEN]
    chosen = [one for one in open_jobs if one == name] or [
        one for one in open_jobs if one.startswith(name)
    ]
    if not chosen:
        raise UsageError(
            f"no task {name!r} waits or runs",
            fix=f"those that do are {some(open_jobs)}" if open_jobs else "podium jobs",
        )
    for one in chosen:
        cancel_file(workspace.jobs, one).touch()
    return chosen


@contextmanager
def recorded(folder: Path, name: str) -> Iterator[Progress]:
    """Record that this process runs a task; yield the progress that its record is kept up by."""
    known = read_job(folder, name) or JobRecord(name, "", "", "", timestamp())
    progress = _JobProgress(
        folder,
        replace(
            known,
            state="running",
            worker=this_process(),
            began=timestamp(),
            attempts=known.attempts + 1,
            error=None,
        ),
    )
    try:
        yield progress
    finally:
        progress.save()


class _JobProgress(JsonLines):
    """Progress that is kept in a task's record, and its sentences in the task's log."""

    def __init__(self, folder: Path, record: JobRecord) -> None:
        super().__init__(self._keep)
        self._folder, self._record = folder, record
        self.save()

    def save(self) -> None:
        self._record = replace(self._record, updated=timestamp())
        self._due = monotonic() + WRITE_EVERY_S
        known = read_job(self._folder, self._record.name)
        if known is not None and known.ended is not None:
            return  # an engine may report a cancelled task before its process has noticed
        with suppress(OSError, PodiumError):  # a full disk is the work's to report
            write_job(self._folder, self._record)

    def _keep(self, line: str) -> None:
        event: Mapping[str, Any] = json.loads(line)
        if event["event"] == "message":
            with suppress(OSError), log_file(self._folder, self._record.name).open("a") as log:
                log.write(json.dumps(event["text"], ensure_ascii=False) + "\n")
            return
        self._record = replace(self._record, progress=dict(event))
        if monotonic() >= self._due:
            self.save()


class LogReader:
    """Reads the lines that tasks wrote since the last call."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, int] = {}

    def new_lines(self, name: str) -> list[str]:
        """Return the lines that task `name` wrote since the last call."""
        at = self._read.get(name, 0)
        try:
            with log_file(self._folder, name).open("rb") as log:
                log.seek(at)
                text = log.read()
        except OSError:
            return []
        whole = text[: text.rfind(b"\n") + 1]
        self._read[name] = at + len(whole)
        return [json.loads(line) for line in whole.decode("utf-8").splitlines() if line]
