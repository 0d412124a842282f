"""Files of tasks whose machines share no disk: `--on ray,s3://bucket/leaves`.

The command sends what its tasks need and takes what they wrote; a task finds its files in a folder
of its machine, and what it writes is kept on the storage every few seconds while it runs. Engines
see tasks and their ends alone.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from podium.errors import PodiumError, RunError, UsageError
from podium.workspace.atomic import remove
from podium.workspace.jobs import (
    OPEN,
    JobRecord,
    log_file,
    read_job,
    record_file,
    this_process,
    write_job,
)
from podium.workspace.layout import Workspace
from podium.workspace.locks import hold
from podium.workspace.records import read_record
from podium.workspace.storage.inputs import files_below, send, take
from podium.workspace.storage.objects import ObjectStore
from podium.workspace.storage.parts import StoredPart, TakenOverError

if TYPE_CHECKING:
    from podium.workflows.engines import Engine, Task, TaskEnd

__all__ = ["EngineWithFiles", "TaskFiles", "run_with_files"]

SAVE_EVERY_S = 5.0
_LOOK_EVERY_S = 5.0
_TAKE_WITHIN_S = 3600.0
_SAVE_AT_THE_END_WITHIN_S = 300.0
_LOOK_AT_ONCE = 8


@dataclass(frozen=True)
class TaskFiles:
    """Where a task finds its files, and keeps what it writes.

    Attributes:
        url: of the storage.
        inputs: kind of files → the digest to take them by.
    """

    url: str
    inputs: dict[str, str]


class EngineWithFiles:
    """An engine whose machines share no disk with this one.

    Args:
        engine: that runs the tasks.
        url: of the storage.

    Raises:
        UsageError: it is no address, or its package is not installed.
        RunError: it cannot be reached, or has no conditional writes.
    """

    def __init__(self, engine: Engine, url: str) -> None:
        self._store = ObjectStore(url)
        self._store.require_conditions()
        self._engine = engine
        self.name, self.slots = engine.name, engine.slots
        self._sent: dict[Path, str] = {}
        self._open: dict[str, Task] = {}
        self._records = _Records(self._store)

    def submit(self, task: Task) -> None:
        """Send the files that a task needs, and give it to the engine.

        Raises:
            UsageError: the task does not name what it writes.
        """
        if not task.writes:
            raise UsageError(
                f"{task.title} needs a disk that its machines share",
                fix=f"leave ,{self._store.url} out of --on, or use podium train and predict",
            )
        root = task.arguments["root"]
        for path in _paths(task):
            if not path.is_relative_to(root):
                raise UsageError(
                    "lies outside the workspace, and machines without its disk do not see it",
                    where=path,
                    fix=f"move it into {root}",
                )
        self._part(task).offer(this_process())
        self._records.forget(task.name)
        files = TaskFiles(self._store.url, self._send(task))
        self._open[task.name] = task
        self._engine.submit(replace(task, files=files))

    def wait(self, timeout_s: float) -> list[TaskEnd]:
        """Return the tasks that ended; what they wrote is in the workspace."""
        ends = [self._taken(one) for one in self._engine.wait(timeout_s)]
        self._records.refresh(list(self._open.values()))
        return ends

    def cancel(self, name: str) -> None:
        """Cancel a task; what it has saved stays on the storage."""
        self._engine.cancel(name)

    def close(self) -> None:
        """End what still runs."""
        self._engine.close()

    def _taken(self, end: TaskEnd) -> TaskEnd:
        task = self._open.pop(end.name)
        self._records.refresh([task], now=True)
        try:
            is_there = self._part(task).fetch()
        except PodiumError as error:
            return replace(end, value=None, error=end.error or error)
        if not is_there and end == replace(end, value=None, error=None, is_cancelled=False):
            why = f"{task.title}: nothing came back; its machine may have another podium"
            return replace(end, value=None, error=RunError(why, fix="install the same versions"))
        return end

    def _part(self, task: Task) -> StoredPart:
        return StoredPart(self._store, task.name, Path(task.arguments["root"]), task.writes)

    def _send(self, task: Task) -> dict[str, str]:
        workspace = Workspace(Path(task.arguments["root"]), _scratch(task))
        root = workspace.root
        if root not in self._sent:
            self._sent[root] = send(self._store, workspace, files_below(root, "data"))
        rest = [one for one in files_below(root) if not one.startswith("data/")]
        return {
            "data": self._sent[root],
            "settings": send(self._store, workspace, rest),
            "artefacts": send(self._store, workspace, _artefacts(workspace, task.reads)),
        }


def _artefacts(workspace: Workspace, patterns: Sequence[str]) -> list[str]:
    """Return the files that `patterns` name, and those of what their artefacts are made from."""
    root = workspace.root
    files = {file for one in patterns for file in root.glob(one)}
    for record in [file for file in files if file.name == "record.json"]:
        for parent in read_record(record.parent).parents:
            folder = workspace.artefact(parent)
            files.update(file for file in folder.rglob("*") if "predictions" not in file.parts[:-1])
    paths = (file.relative_to(root) for file in files if file.is_file())
    return sorted(one.as_posix() for one in paths if not any(p[0] == "." for p in one.parts))


def _scratch(task: Task) -> Path | None:
    scratch = task.arguments["scratch"]
    return None if scratch is None else Path(scratch)


def _paths(task: Task) -> list[Path]:
    """Return the absolute paths among a task's arguments, but that of its scratch folder."""
    texts = (one for key, one in task.arguments.items() if key != "scratch")
    return [Path(one) for one in texts if isinstance(one, str) and Path(one).is_absolute()]


def _moved(task: Task, root: Path) -> dict[str, Any]:
    """Return a task's arguments with the paths of its workspace in the folder `root`."""
    was = task.arguments["root"]
    moved = {str(one): str(root / one.relative_to(was)) for one in _paths(task)}
    return {
        key: moved.get(one, one) if isinstance(one, str) else one
        for key, one in task.arguments.items()
    }


def run_with_files(task: Task, run: Callable[[Task], TaskEnd]) -> TaskEnd:
    """Run a task in a folder of this machine, from the state in which another one left it.

    Args:
        task: with its files.
        run: runs it.

    Raises:
        TakenOverError: another process has it now.
        RunError: the storage cannot be reached.
    """
    files = task.files
    assert files is not None
    store = ObjectStore(files.url)
    root = _folder_here(files.url, task)
    workspace = Workspace(root)
    with hold(root / ".podium" / "files.lock", what=str(root), wait_s=_TAKE_WITHIN_S):
        for kind, manifest in files.inputs.items():
            take(store, manifest, workspace, kind=None if kind == "artefacts" else kind)
    for file in (record_file, log_file):
        remove(file(workspace.jobs, task.name))
    part = StoredPart(store, task.name, root, task.writes)
    part.claim(this_process())
    saver = _Saver(store, part, workspace.jobs, task.name)
    here = replace(
        task,
        files=None,
        folder=workspace.jobs,
        arguments={**_moved(task, root), "root": str(root), "scratch": None},
    )
    try:
        with saver.saving():
            end = run(here)
        if saver.lost is not None:
            raise saver.lost
    except KeyboardInterrupt:
        if saver.lost is not None:
            raise saver.lost from None
        with suppress(PodiumError):
            part.publish()
        raise
    try:
        saver.save_all()
    except PodiumError:
        if end.error is None:
            raise
    return end


def _folder_here(url: str, task: Task) -> Path:
    """Return the folder of a workspace on this machine: below --scratch, or the user's caches."""
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "podium"
    token = hashlib.sha256(url.encode()).hexdigest()[:8]
    folder = (_scratch(task) or caches) / "files" / f"{Path(task.arguments['root']).name}-{token}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class _Saver:
    """Keeps on the storage what a task writes, and how far it is, while it runs.

    Args:
        store: that both are written to.
        part: what the task writes.
        jobs: the folder of its record.
        name: of the task, which runs in the thread that makes this.
    """

    def __init__(self, store: ObjectStore, part: StoredPart, jobs: Path, name: str) -> None:
        self.lost: TakenOverError | None = None
        self._store, self._part = store, part
        self._jobs, self._name = jobs, name
        self._record = b""
        self._is_over = threading.Event()
        self._runs_in = threading.get_ident()

    @contextmanager
    def saving(self) -> Iterator[None]:
        """Save every few seconds while the body runs; interrupt it once another process has it."""
        thread = threading.Thread(target=self._run, name="files", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._is_over.set()
            thread.join()

    def save_all(self) -> None:
        """Save the end of a task; storage that cannot be reached is tried for minutes.

        Raises:
            RunError: it could not be reached.
        """
        until = time.monotonic() + _SAVE_AT_THE_END_WITHIN_S
        while True:
            try:
                self._save_record()
                if self._part.publish() or time.monotonic() > until:
                    return
            except TakenOverError:
                raise
            except RunError:
                if time.monotonic() > until:
                    raise
            time.sleep(min(1.0, SAVE_EVERY_S))

    def _run(self) -> None:
        while not self._is_over.wait(SAVE_EVERY_S):
            try:
                self._save_record()
                self._part.publish()
            except TakenOverError as error:
                self.lost = error
                if not self._is_over.is_set():
                    self._interrupt()
                return
            except (RunError, OSError):
                continue  # the work goes on; what cannot be saved at its end is an error

    def _interrupt(self) -> None:
        """Raise KeyboardInterrupt where the task runs: SIGINT may be ignored, as behind `&`."""
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(self._runs_in), ctypes.py_object(KeyboardInterrupt)
        )

    def _save_record(self) -> None:
        log = log_file(self._jobs, self._name)
        record = read_job(self._jobs, self._name)
        if record is None:
            return
        lines = log.read_text(encoding="utf-8").splitlines() if log.is_file() else []
        content = json.dumps({"record": asdict(record), "log": lines}).encode()
        if content != self._record:
            self._store.put(_record_name(self._name), content)
            self._record = content


class _Records:
    """Brings the records of tasks into the workspace of the command."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._due = 0.0
        self._lines: dict[tuple[str, str], int] = {}

    def forget(self, name: str) -> None:
        """Remove the record of an earlier task of this name."""
        self._store.remove([_record_name(name)])

    def refresh(self, tasks: Sequence[Task], *, now: bool = False) -> None:
        """Bring the records of `tasks` up to date, where they were last read seconds ago."""
        if not now and time.monotonic() < self._due:
            return
        if not now:
            self._due = time.monotonic() + _LOOK_EVERY_S
        with ThreadPoolExecutor(_LOOK_AT_ONCE) as pool:
            found = list(pool.map(self._read, [one.name for one in tasks]))
        for task, facts in zip(tasks, found, strict=True):
            if facts is not None:
                self._keep(task, JobRecord(**facts["record"]), facts["log"])

    def _read(self, name: str) -> dict[str, Any] | None:
        try:
            content = self._store.get(_record_name(name))
        except RunError:
            return None
        return None if content is None else dict(json.loads(content))

    def _keep(self, task: Task, seen: JobRecord, lines: Sequence[str]) -> None:
        known = read_job(task.folder, task.name)
        if known is None or known.state not in OPEN:
            return
        is_new = (seen.worker, seen.began) != (known.worker, known.began)
        write_job(
            task.folder,
            replace(
                known,
                state="running",
                worker=seen.worker,
                began=seen.began,
                attempts=known.attempts + is_new,
                updated=seen.updated,
                progress=seen.progress,
            ),
        )
        key = (task.name, f"{seen.worker} {seen.began}")
        new = lines[self._lines.get(key, 0) :]
        if new:
            with log_file(task.folder, task.name).open("a", encoding="utf-8") as log:
                log.write("".join(f"{one}\n" for one in new))
            self._lines[key] = len(lines)


def _record_name(task: str) -> str:
    return f"records/{task}.json"
