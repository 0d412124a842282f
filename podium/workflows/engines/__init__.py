"""Engines that run the tasks of a command, one file each, found by file name.

A file exports `ENGINE`, which makes an engine from what follows its name in `--on`: `local:2` is
the file `local` with "2", `ray://head:10001` the file `ray` with "//head:10001". The engine places
tasks, runs them again where a process or a node died, and cancels them; nothing here schedules. A
task can be run again at any time: what it does is in the workspace, and what is there is not done
again. Importing a file imports nothing of its engine.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from podium.errors import PodiumError, RunError, UsageError
from podium.workflows import engines
from podium.workflows.task_files import EngineWithFiles, TaskFiles, run_with_files
from podium.workspace import extensions
from podium.workspace.jobs import (
    JobRecord,
    LogReader,
    begin_jobs,
    cancel_file,
    end_job,
    recorded,
    this_process,
    timestamp,
)
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress
from podium.workspace.trust import allow_code

if TYPE_CHECKING:
    from podium.training.recipe import Recipe

__all__ = [
    "HERE",
    "MAX_RETRIES",
    "Engine",
    "Needs",
    "Task",
    "TaskEnd",
    "killed",
    "open_engine",
    "run_task",
    "run_tasks",
    "task_workspace",
    "workspace_arguments",
]

HERE = "local:1"
"""One task after the other in this process: no engine."""

MAX_RETRIES = 3
"""So often a task whose process or node died is run again."""

_LOOK_EVERY_S = 0.5


@dataclass(frozen=True)
class Needs:
    """What a task takes of a node while it runs.

    Attributes:
        cpus: processors.
        gpus: GPUs, where the engine has any.
        memory: bytes; None: not known.
    """

    cpus: int = 1
    gpus: int = 1
    memory: int | None = None

    @classmethod
    def of_training(cls, recipe: Recipe) -> Needs:
        """Return what a training by `recipe` takes: each of its devices a GPU and its readers."""
        return cls(recipe.devices * (1 + recipe.workers), recipe.devices)


@dataclass(frozen=True)
class Task:
    """A piece of a command.

    Attributes:
        name: unique in the workspace: `baseline-3fa1c2d4.fold-0`.
        title: of its lines on the terminal: "fold 0 of baseline-3fa1c2d4".
        folder: of the records of jobs.
        function: of a module of podium; called with `arguments` and `progress`.
        arguments: by name, plain data.
        needs: what it takes.
        reads: files of artefacts that it needs where no disk is shared, relative to the workspace,
            as patterns; what these artefacts are made from, and all that is no artefact, it has.
        writes: the files and folders that it writes, likewise; none: it needs a shared disk.
        files: where it finds and keeps them; None: in the workspace.
    """

    name: str
    title: str
    folder: Path
    function: Callable[..., Any]
    arguments: dict[str, Any] = field(default_factory=dict)
    needs: Needs = Needs()
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    files: TaskFiles | None = None


@dataclass(frozen=True)
class TaskEnd:
    """The end of a task.

    Attributes:
        name: of the task.
        value: that its function returned.
        error: that it raised, or why the engine gave it up.
        is_cancelled: whether it was cancelled.
    """

    name: str
    value: Any = None
    error: PodiumError | None = None
    is_cancelled: bool = False

    @property
    def state(self) -> Literal["done", "failed", "cancelled"]:
        """The end as a record of a job has it."""
        return "cancelled" if self.is_cancelled else "done" if self.error is None else "failed"


class Engine(Protocol):
    """Runs tasks in other processes.

    Attributes:
        name: as in `--on`.
        slots: how many tasks run side by side, as far as is known now.
    """

    name: str
    slots: int

    def submit(self, task: Task) -> None:
        """Let `run_task(task)` run in another process, when there is room."""

    def wait(self, timeout_s: float) -> list[TaskEnd]:
        """Return the tasks that ended since the last call, at the latest after `timeout_s`."""
        ...

    def cancel(self, name: str) -> None:
        """Cancel a task that waits or runs; it ends soon, with `is_cancelled`."""

    def close(self) -> None:
        """End what still runs, and wait for it."""


@contextmanager
def open_engine(text: str) -> Iterator[Engine | None]:
    """Open the engine that `--on` names; None for `local:1`, which is this process.

    After a comma follows the object storage through which its machines get their files.

    Raises:
        UsageError: there is no such engine, it is not installed, or its address means nothing.
        RunError: it cannot be reached.
    """
    place, _, storage = text.partition(",")
    name, _, address = place.partition(":")
    if text in (HERE, "local"):
        yield None
        return
    make = extensions.load(engines, name, "ENGINE")
    try:
        engine: Engine = make(address)
    except ModuleNotFoundError as error:
        raise UsageError(
            f"--on {name} needs the package {error.name}",
            fix=f"pip install 'podium-kaggle[{name}]'",
        ) from error
    try:
        yield EngineWithFiles(engine, storage) if storage else engine
    finally:
        engine.close()


def workspace_arguments(workspace: Workspace) -> dict[str, Any]:
    """Return the arguments of a task that say which workspace: plain data, for any process."""
    scratch = workspace.scratch
    return {
        "root": str(workspace.root.resolve()),
        "scratch": None if scratch is None else str(scratch),
    }


def task_workspace(root: str, scratch: str | None) -> Workspace:
    """Return the workspace of a task's arguments."""
    return Workspace(Path(root), None if scratch is None else Path(scratch))


def run_task(task: Task) -> TaskEnd:
    """Run a task in this process, with its record; an error of podium's is a value of its end."""
    if task.files is None:
        return _run_here(task)
    try:
        return run_with_files(task, _run_here)
    except PodiumError as error:
        return TaskEnd(task.name, error=error)
    except OSError as error:
        return TaskEnd(task.name, error=RunError(f"{task.title}: {error}"))


def _run_here(task: Task) -> TaskEnd:
    with recorded(task.folder, task.name) as progress:
        # Nobody sits here: the command that gave the task away asked already.
        extensions.ask_before_code(partial(allow_code, tell=progress.say, ask=None))
        try:
            return TaskEnd(task.name, task.function(**task.arguments, progress=progress))
        except PodiumError as error:
            return TaskEnd(task.name, error=error)
        except Exception as error:
            place = extensions.user_code_location(error)
            why = f"{type(error).__name__}: {error}"
            return TaskEnd(task.name, error=RunError(f"{task.title}: {why}", where=place))


def killed(task: Task, attempts: int) -> TaskEnd:
    """Return the end of a task whose process died again and again."""
    return TaskEnd(
        task.name,
        error=RunError(
            f"{task.title}: its process was killed {attempts} times (out of memory?)",
            fix="podium jobs; then repeat the command, which goes on",
        ),
    )


def run_tasks(
    engine: Engine, tasks: Sequence[Task], *, progress: Progress = SILENT
) -> Iterator[TaskEnd]:
    """Yield the ends of tasks as they come; what they say is passed on, under their titles.

    When the caller is interrupted or does not read on, the rest is cancelled.

    Args:
        engine: that runs them.
        tasks: all of the same workspace.
        progress: of the command.
    """
    if not tasks:
        return
    left, folder = {one.name: one for one in tasks}, tasks[0].folder
    _begin(engine, tasks, folder)
    log, asked = LogReader(folder), set[str]()

    def pass_on(task: Task) -> None:
        for line in log.new_lines(task.name):
            said = line.strip()
            progress.say(said if task.title in said else f"{task.title}: {said}")

    try:
        for task in tasks:
            engine.submit(task)
        while left:
            for ended in engine.wait(_LOOK_EVERY_S):
                task = left.pop(ended.name)
                pass_on(task)
                why = None if ended.error is None else str(ended.error)
                end_job(folder, task.name, ended.state, why)
                yield ended
            for task in left.values():
                pass_on(task)
                if task.name not in asked and cancel_file(folder, task.name).exists():
                    asked.add(task.name)
                    engine.cancel(task.name)
    finally:
        for name in left:
            engine.cancel(name)
        if left:
            engine.close()
        for name in left:
            end_job(folder, name, "interrupted")


def _begin(engine: Engine, tasks: Sequence[Task], folder: Path) -> None:
    command = " ".join(["podium", *sys.argv[1:]])
    begin_jobs(
        folder,
        [JobRecord(one.name, command, engine.name, this_process(), timestamp()) for one in tasks],
    )
