"""Engines that run the tasks of a command, one file each, found by file name.

A file exports `ENGINE`, which makes an engine from what follows its name in `--on`: `local:2` is
the file `local` with "2", `ray://head:10001` the file `ray` with "//head:10001". The engine places
tasks, runs them again where a process or a node died, and cancels them; nothing here schedules. A
task can be run again at any time: what it does is in the workspace, and what is there is not done
again. Importing a file imports nothing of its engine.
"""

from __future__ import annotations

import difflib
import sys
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypeVar

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
    "Flow",
    "InProcess",
    "Needs",
    "Task",
    "TaskBatch",
    "TaskEnd",
    "killed",
    "open_engine",
    "run_flows",
    "run_task",
    "run_tasks",
    "run_workers",
    "task_workspace",
    "workspace_arguments",
]

T = TypeVar("T")

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
class InProcess(Generic[T]):
    """A value of this process among a task's arguments; a task of another process gets None for it.

    So a task that runs here has at hand what elsewhere it makes again from its other arguments.
    """

    value: T | None

    def __reduce__(self) -> tuple[Any, ...]:
        return InProcess, (None,)


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


@dataclass(frozen=True)
class TaskBatch:
    """Tasks that a flow waits for.

    Attributes:
        tasks: they may be made one by one: here each is asked for once the one before has ended.
        ended: called with the end of each, in whatever order they end; what it raises is raised in
            the flow where it waits, and ends all.
    """

    tasks: Iterable[Task]
    ended: Callable[[TaskEnd], None]


Flow = Generator[TaskBatch, None, T]
"""Work of several steps, some of them tasks: it yields a batch, and goes on when all have ended."""


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
def open_engine(on: str | Engine | None) -> Iterator[Engine | None]:
    """Open the engine that `--on` names; None for `local:1`, which is this process.

    After a comma follows the object storage through which its machines get their files. What is
    open already, of a caller that has more for it to do, is yielded and stays open.

    Raises:
        UsageError: there is no such engine, it is not installed, or its address means nothing.
        RunError: it cannot be reached.
    """
    if not isinstance(on, str) or on in (HERE, "local"):
        yield None if isinstance(on, str) else on
        return
    place, _, storage = on.partition(",")
    name, _, address = place.partition(":")
    _require_engine(name, place)
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


def _require_engine(name: str, place: str) -> None:
    """Check that there is an engine `name`; the error has `place` as it was meant, if one is near.

    Raises:
        UsageError: there is none.
    """
    known = extensions.names(engines)
    near = difflib.get_close_matches(name.lower(), known, n=1)
    if ":" in name or name in known or not near:
        return
    others = ", ".join(one for one in known if one != near[0])
    raise UsageError(
        f"there is no {name!r} among the engines",
        fix=f"write {near[0]}{place.removeprefix(name)}; others: {others}",
    )


def workspace_arguments(workspace: Workspace) -> dict[str, Any]:
    """Return the arguments of a task that name its workspace: plain data, for any process."""
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
        extensions.ask_before_code(partial(allow_code, report=progress.say, ask=None))
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
    engine: Engine | None, tasks: Iterable[Task], *, progress: Progress = SILENT
) -> Iterator[TaskEnd]:
    """Yield the ends of tasks as they come; what they print is passed on, under their titles.

    When the caller is interrupted or does not read on, the rest is cancelled.

    Args:
        engine: that runs them; None: this process, one after the other.
        tasks: all of the same workspace.
        progress: of the command.
    """
    if engine is None:
        yield from (_end_here(one, progress) for one in tasks)
        return
    with closing(_Running(engine, progress)) as running:
        running.submit(list(tasks))
        yield from running.ends()


def run_flows(
    engine: Engine | None, flows: Iterable[Flow[T]], *, progress: Progress = SILENT
) -> list[T]:
    """Return what the flows return, in their order.

    An engine has the tasks of all of them side by side, and of several tasks of one name runs one.
    Here one flow follows the other. What a flow raises ends all.

    Args:
        engine: that runs the tasks; None: this process.
        flows: all of the same workspace; here each is asked for once the one before is done.
        progress: of the command.
    """
    if engine is None:
        return [_result_here(one, progress) for one in flows]
    results: dict[int, T] = {}
    waiting: defaultdict[str, list[tuple[int, TaskBatch]]] = defaultdict(list)
    every, open_tasks = list(flows), defaultdict[int, int](int)
    with ExitStack() as opened, closing(_Running(engine, progress)) as running:
        for flow in every:
            opened.enter_context(closing(flow))

        def go_on(at: int) -> None:
            """Let a flow go on until it waits for tasks, or is done."""
            try:
                while not open_tasks[at]:
                    batch = next(every[at])
                    tasks = list(batch.tasks)
                    open_tasks[at] = len(tasks)
                    new = [one for one in tasks if one.name not in waiting]
                    for one in tasks:
                        waiting[one.name].append((at, batch))
                    running.submit(new)
            except StopIteration as done:
                results[at] = done.value

        for at in range(len(every)):
            go_on(at)
        for end in running.ends():
            for at, batch in waiting.pop(end.name):
                _report_end(every[at], batch, end)
                open_tasks[at] -= 1
                go_on(at)
    return [results[at] for at in range(len(every))]


def _end_here(task: Task, progress: Progress) -> TaskEnd:
    try:
        return TaskEnd(task.name, task.function(**task.arguments, progress=progress))
    except PodiumError as error:
        return TaskEnd(task.name, error=error)


def _report_end(flow: Flow[T], batch: TaskBatch, end: TaskEnd) -> None:
    try:
        batch.ended(end)
    except BaseException as error:
        flow.throw(error)
        raise


def _result_here(flow: Flow[T], progress: Progress) -> T:
    with closing(flow):
        try:
            while True:
                batch = next(flow)
                for end in run_tasks(None, batch.tasks, progress=progress):
                    _report_end(flow, batch, end)
        except StopIteration as done:
            result: T = done.value
            return result


class _Running:
    """Tasks of a command on an engine; those that have not ended when it is closed are cancelled.

    Args:
        engine: that runs them.
        progress: gets what they print.
    """

    def __init__(self, engine: Engine, progress: Progress) -> None:
        self._engine, self._progress = engine, progress
        self._left: dict[str, Task] = {}
        self._log: LogReader | None = None
        self._asked: set[str] = set()

    def submit(self, tasks: Sequence[Task]) -> None:
        """Record tasks, all of the same workspace, and give them to the engine."""
        if not tasks:
            return
        facts = " ".join(["podium", *sys.argv[1:]]), self._engine.name, this_process(), timestamp()
        begin_jobs(tasks[0].folder, [JobRecord(one.name, *facts) for one in tasks])
        self._log = self._log or LogReader(tasks[0].folder)
        for task in tasks:
            self._left[task.name] = task
            self._engine.submit(task)

    def ends(self) -> Iterator[TaskEnd]:
        """Yield the ends of tasks until none is left; more may be submitted meanwhile."""
        while self._left:
            for end in self._engine.wait(_LOOK_EVERY_S):
                task = self._left.pop(end.name)
                self._pass_on(task)
                why = None if end.error is None else str(end.error)
                end_job(task.folder, task.name, end.state, why)
                yield end
            for task in self._left.values():
                self._pass_on(task)
                if task.name in self._asked or not cancel_file(task.folder, task.name).exists():
                    continue
                self._asked.add(task.name)
                self._engine.cancel(task.name)

    def close(self) -> None:
        """Cancel what is left, and wait for it."""
        for name in self._left:
            self._engine.cancel(name)
        if self._left:
            self._engine.close()
        for task in self._left.values():
            end_job(task.folder, task.name, "interrupted")
        self._left.clear()

    def _pass_on(self, task: Task) -> None:
        assert self._log is not None
        for line in self._log.new_lines(task.name):
            text = line.strip()
            self._progress.say(text if task.title in text else f"{task.title}: {text}")


def run_workers(
    engine: Engine,
    study: str,
    function: Callable[..., None],
    arguments: dict[str, Any],
    *,
    folder: Path,
    workers: int | None = None,
    most: int,
    needs: Needs,
    progress: Progress = SILENT,
) -> None:
    """Run workers until all have ended, and show each line that one prints.

    One that ends by an error is reported; its trial is left to the others, and to the caller.

    Args:
        engine: that runs them.
        study: its name.
        function, arguments: of each worker, as a task has them.
        folder: of the records of jobs.
        workers: how many; None: as many as the engine has room for.
        most: trials, and so workers that make sense.
        needs: of each.
        progress: gets the lines.

    Raises:
        RunError: all of them ended by an error.
    """
    n = min(workers or engine.slots, most)
    tasks = [
        Task(f"{study}.worker-{one}", f"worker {one}", folder, function, arguments, needs)
        for one in range(1, n + 1)
    ]
    errors = [end.error for end in run_tasks(engine, tasks, progress=progress) if end.error]
    for error in errors:
        progress.say(str(error))
    if len(errors) == n:
        raise RunError(
            f"no worker lasted: {errors[0].message}",
            fix="mend that; then repeat the command, which goes on",
        ) from errors[0]
