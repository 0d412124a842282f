"""Workers of a study: equal tasks of an engine, each of which takes one trial after the other.

Optuna's storage is all that they share: it records which trials are taken, and finds those whose
worker died. A worker that the engine runs again takes the next trial, as any other does.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from podium.errors import RunError
from podium.workflows.engines import Engine, Needs, Task, run_tasks
from podium.workspace.progress import SILENT, Progress

__all__ = ["run_workers"]


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
    """Run workers until all have ended, and show each line that one says.

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
