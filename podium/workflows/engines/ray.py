"""`--on ray`, `--on ray://HEAD:10001`: the nodes of a Ray cluster.

`ray` joins the cluster of this machine (RAY_ADDRESS, or the one that `ray start` began), and starts
one of this machine alone where there is none. Each node needs podium, of the same version, and the
workspace under the same path. Ray places the tasks by their needs, runs those of a node or process
that died on another, and cancels them.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from podium.errors import RunError
from podium.workflows.engines import MAX_RETRIES, Task, TaskEnd, killed, run_task

if TYPE_CHECKING:
    import ray

__all__ = ["ENGINE"]


class RayEngine:
    """Runs tasks on the nodes of a Ray cluster.

    Args:
        address: "//HEAD:10001" of a client's server; "" for the cluster of this machine.

    Raises:
        RunError: there is no cluster at this address.
    """

    name = "ray"

    def __init__(self, address: str) -> None:
        import ray

        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing leaves the machine
        self._ray = ray
        quiet: dict[str, Any] = {"logging_level": "error", "log_to_driver": False}
        try:
            ray.init(f"ray:{address}" if address else None, **quiet)
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise RunError(
                f"there is no Ray cluster at ray:{address}: {error}"
                if address
                else f"the Ray cluster of this machine cannot be joined: {error}",
                fix="ray status shows what runs; ray start --head begins a cluster",
            ) from error
        total = ray.cluster_resources()
        self._has_gpus = total.get("GPU", 0) > 0
        self.slots = max(1, int(total.get("GPU" if self._has_gpus else "CPU", 1)))
        self._tasks: dict[ray.ObjectRef[TaskEnd], Task] = {}

    def submit(self, task: Task) -> None:
        needs = task.needs
        run = self._ray.remote(run_task).options(
            name=task.name,
            num_cpus=needs.cpus,
            num_gpus=needs.gpus if self._has_gpus else 0,
            memory=needs.memory,
            max_retries=MAX_RETRIES,
        )
        self._tasks[run.remote(task)] = task

    def wait(self, timeout_s: float) -> list[TaskEnd]:
        every = list(self._tasks)
        done, _ = self._ray.wait(every, num_returns=1, timeout=timeout_s)
        if done:
            done, _ = self._ray.wait(every, num_returns=len(every), timeout=0)
        return [self._end_of(one, self._tasks.pop(one)) for one in done]

    def cancel(self, name: str) -> None:
        for one, task in self._tasks.items():
            if task.name == name:
                self._ray.cancel(one)

    def close(self) -> None:
        for one in self._tasks:
            self._ray.cancel(one, force=True)
        self._tasks.clear()
        self._ray.shutdown()

    def _end_of(self, one: ray.ObjectRef[TaskEnd], task: Task) -> TaskEnd:
        errors = self._ray.exceptions
        try:
            ended: TaskEnd = self._ray.get(one)
        except errors.TaskCancelledError:
            return TaskEnd(task.name, is_cancelled=True)
        except (errors.WorkerCrashedError, errors.OutOfMemoryError, errors.NodeDiedError):
            return killed(task, 1 + MAX_RETRIES)
        except errors.RayError as error:
            lines = str(error).strip().splitlines()
            why = f"{task.title}: Ray gave it up: {lines[-1] if lines else type(error).__name__}"
            return TaskEnd(task.name, error=RunError(why, fix="podium jobs"))
        return ended


ENGINE = RayEngine
