"""`--on local:N`: N processes of this machine, by the standard library's process pools.

Each process has its share of the cores and one GPU in turn. A pool of its own for each, so that a
process that dies takes no other's task along. The processes end with this one, whatever ends it.
"""

from __future__ import annotations

import multiprocessing
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    CancelledError,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
)
from concurrent.futures import wait as wait_for
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from types import ModuleType

from podium.errors import UsageError
from podium.workflows.engines import MAX_RETRIES, Task, TaskEnd, killed, run_task

__all__ = ["ENGINE"]

_GRACE_S = 30.0
_TRIES = 3
_THREADS = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "OPENCV_FOR_THREADS_NUM",
)


class LocalEngine:
    """Runs tasks in processes of this machine.

    Args:
        address: how many processes, as text.

    Raises:
        UsageError: it is no number from 1 on, or processes have no sessions here, as on Windows.
    """

    name = "local"

    def __init__(self, address: str) -> None:
        if not address.isdecimal() or int(address) < 1:
            raise UsageError(
                f"--on local takes a number of processes, got {address!r}", fix="write local:2"
            )
        if not hasattr(os, "setsid"):
            raise UsageError(
                "--on local needs processes with sessions, which this system lacks",
                fix="leave --on out, or use --on ray",
            )
        self.slots = n = int(address)
        cores, gpus = _cores(), _gpus(os.environ)
        shares = cores_of_processes(cores, n)
        self._free: queue.SimpleQueue[_Process] = queue.SimpleQueue()
        self._processes = [
            _Process(shares[at], environment_of(at, n, len(cores), gpus, os.environ))
            for at in range(n)
        ]
        for one in self._processes:
            self._free.put(one)
        self._threads = ThreadPoolExecutor(n)
        self._futures: dict[Future[TaskEnd], Task] = {}
        self._running: dict[str, _Process] = {}
        self._cancelled: set[str] = set()
        self._interrupted: set[str] = set()

    def submit(self, task: Task) -> None:
        self._futures[self._threads.submit(self._run, task)] = task

    def wait(self, timeout_s: float) -> list[TaskEnd]:
        done, _ = wait_for(self._futures, timeout_s, FIRST_COMPLETED)
        ended = []
        for one in done:
            task = self._futures.pop(one)
            ended.append(TaskEnd(task.name, is_cancelled=True) if one.cancelled() else one.result())
        return ended

    def cancel(self, name: str) -> None:
        self._cancelled.add(name)
        for future, task in self._futures.items():
            if task.name != name or future.cancel() or name in self._interrupted:
                continue  # a second interrupt would end what a task does about the first one
            if name in self._running and self._running[name].interrupt():
                self._interrupted.add(name)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        for _ in range(_TRIES):
            for name in list(self._running):
                self.cancel(name)
            until = time.monotonic() + _GRACE_S / _TRIES
            while self._running and time.monotonic() < until:
                time.sleep(0.05)
            # Once more, but no sooner: what is raised while an object is being deleted is lost,
            # and a second interrupt at once would end what a task does about the first.
            self._interrupted.clear()
        for one in self._processes:
            one.close()

    def _run(self, task: Task) -> TaskEnd:
        process = self._free.get()
        self._running[task.name] = process
        try:
            for _ in range(1 + MAX_RETRIES):
                if task.name in self._cancelled:
                    return TaskEnd(task.name, is_cancelled=True)
                try:
                    return process.run(task)
                except (KeyboardInterrupt, CancelledError):
                    return TaskEnd(task.name, is_cancelled=True)
                except BrokenProcessPool:
                    process.close()
            return killed(task, 1 + MAX_RETRIES)
        finally:
            del self._running[task.name]
            self._free.put(process)


ENGINE = LocalEngine


class _Process:
    """One process, which is started when it is needed, and anew where it died."""

    def __init__(self, cores: Sequence[int], environment: Mapping[str, str]) -> None:
        self._about = (list(cores), dict(environment))
        self._pool: ProcessPoolExecutor | None = None
        self._pid: int | None = None

    def run(self, task: Task) -> TaskEnd:
        """Return the end of a task.

        Raises:
            BrokenProcessPool: the process died.
        """
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                1, multiprocessing.get_context("spawn"), initializer=_begin, initargs=self._about
            )
            with _main_module_left_out():
                started = self._pool.submit(os.getpid)
            self._pid = started.result()
        return self._pool.submit(run_task, task).result()

    def interrupt(self) -> bool:
        """Raise KeyboardInterrupt in the task that runs; return whether there is a process."""
        if self._pid is None:
            return False
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGINT)
        return True

    def close(self) -> None:
        """End the process; kill it, with what it started, where that takes too long."""
        pool, pid, self._pool, self._pid = self._pool, self._pid, None, None
        if pool is None:
            return
        pool.shutdown(wait=False, cancel_futures=True)
        for one in list((pool._processes or {}).values()):
            one.join(_GRACE_S)
        if pid is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)


_ONE_AT_A_TIME = threading.Lock()


@contextmanager
def _main_module_left_out() -> Iterator[None]:
    """Let a process begin without running the user's script again.

    A spawned process imports the main module of its parent. A script that trains without `if
    __name__ == "__main__":` would train there, too. Tasks are functions of podium: none needs it.
    """
    with _ONE_AT_A_TIME:
        main, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


def _begin(cores: list[int], environment: dict[str, str]) -> None:
    """Make this process one of an engine's: before libraries look at cores, threads and GPUs."""
    os.environ.update(environment)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, cores)
    os.setsid()  # Ctrl-C comes from the engine, once
    # In the background (`… &`, nohup) a process begins with interrupts ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    for _ in range(_TRIES):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(_GRACE_S / _TRIES)
    os.killpg(0, signal.SIGKILL)


def cores_of_processes(cores: Sequence[int], n: int) -> list[tuple[int, ...]]:
    """Return the cores of each of `n` processes: as many for each; where cores are few, one.

    Example:
        >>> cores_of_processes([0, 1, 2, 3, 4], 2), cores_of_processes([0, 1], 3)
        ([(0, 1), (2, 3)], [(0,), (1,), (0,)])
    """
    each = max(1, len(cores) // n)
    return [tuple(cores[(one * each + at) % len(cores)] for at in range(each)) for one in range(n)]


def environment_of(
    at: int, n: int, n_cores: int, gpus: Sequence[str], environment: Mapping[str, str]
) -> dict[str, str]:
    """Return what is set in the environment of process `at` of `n`: threads, and its GPU.

    Args:
        at: from 0 on.
        n: how many processes there are.
        n_cores: how many cores they share.
        gpus: as CUDA_VISIBLE_DEVICES names them; dealt out in turn.
        environment: where a smaller number of threads may be set, which is kept.

    Example:
        >>> two = environment_of(1, 2, 8, ["0"], {"OMP_NUM_THREADS": "1"})
        >>> two["OMP_NUM_THREADS"], two["NUMBA_NUM_THREADS"], two["CUDA_VISIBLE_DEVICES"]
        ('1', '4', '0')
    """
    each = max(1, n_cores // n)
    threads = {
        name: str(min(each, int(value)) if (value := environment.get(name, "")).isdigit() else each)
        for name in _THREADS
    }
    return {**threads, **({"CUDA_VISIBLE_DEVICES": gpus[at % len(gpus)]} if gpus else {})}


def _cores() -> list[int]:
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def _gpus(environment: Mapping[str, str]) -> list[str]:
    """Return the GPUs visible to this process, without loading torch."""
    if "CUDA_VISIBLE_DEVICES" in environment:
        named = environment["CUDA_VISIBLE_DEVICES"].split(",")
        return [one.strip() for one in named if one.strip()]
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    try:
        found = subprocess.run(
            [program, "-L"], capture_output=True, text=True, check=False, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    n = sum(line.startswith("GPU ") for line in found.stdout.splitlines())
    return [str(number) for number in range(n)] if n > 1 else []
