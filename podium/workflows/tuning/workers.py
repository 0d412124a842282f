"""Several workers of one study on one machine: processes that share its cores and its GPUs.

A worker is the same command once more, with a number. It prints a line on stdout for each trial
that ends, which its parent shows; the end of its stderr is kept, for when it dies. It ends with its
parent, whatever ends that: it watches a pipe that only the parent holds open.
"""

from __future__ import annotations

import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import IO

from podium.errors import RunError
from podium.workspace.progress import SILENT, Progress

__all__ = ["cores_of_workers", "end_with_parent", "run_workers", "worker_environments"]

PODIUM = (sys.executable, "-c", "from podium.cli.app import main; main()")
"""podium itself, wherever it is installed."""

_GRACE_S = 30.0
_TRIES = 3
_THREADS = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "OPENCV_FOR_THREADS_NUM",
)
_INTERRUPTED = [128 + number for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)]
_LAST_WORDS = 12


def run_workers(
    commands: Sequence[Sequence[str]],
    *,
    environment: Mapping[str, str] | None = None,
    progress: Progress = SILENT,
    program: Sequence[str] = PODIUM,
) -> None:
    """Run workers side by side until all have ended, and show each line that one prints.

    A worker that dies is reported; its trial is left to the others, and to the caller.

    Args:
        commands: arguments of `podium` for each worker.
        environment: variables that are set for all of them, beside those of this process.
        progress: gets the lines, and the cause of each death.
        program: called with these arguments.

    Raises:
        RunError: all of them died.
        KeyboardInterrupt: after the workers, who are interrupted too, have ended.
    """
    lines: queue.SimpleQueue[tuple[int, str | None]] = queue.SimpleQueue()
    workers: list[_Worker] = []
    cores, around = _cores(), {**os.environ, **(environment or {})}
    settings = worker_environments(len(commands), len(cores), _gpus(os.environ), os.environ)
    try:
        for command, own, mine in zip(
            commands, settings, cores_of_workers(cores, len(commands)), strict=True
        ):
            with _running_on(mine):
                whole = [*program, *command]
                workers.append(_Worker(len(workers) + 1, whole, {**around, **own}, lines))
        _show(workers, lines, progress)
    except BaseException:
        _end(workers)
        raise
    died = [death for worker in workers if (death := worker.death()) is not None]
    for death in died:
        progress.say(death)
    if len(died) == len(workers):
        raise RunError(
            f"no worker lasted: {died[0]}", fix="mend that; then repeat the command, which goes on"
        )


def cores_of_workers(cores: Sequence[int], n: int) -> list[tuple[int, ...]]:
    """Return the cores of each of `n` workers: as many for each; where cores are few, one.

    Example:
        >>> cores_of_workers([0, 1, 2, 3, 4], 2), cores_of_workers([0, 1], 3)
        ([(0, 1), (2, 3)], [(0,), (1,), (0,)])
    """
    each = max(1, len(cores) // n)
    return [
        tuple(cores[(worker * each + at) % len(cores)] for at in range(each)) for worker in range(n)
    ]


def worker_environments(
    n: int, n_cores: int, gpus: Sequence[str], environment: Mapping[str, str]
) -> list[dict[str, str]]:
    """Return what is set in the environment of each of `n` workers: threads, and its GPU.

    Args:
        n: how many workers there are.
        n_cores: how many cores they share.
        gpus: as CUDA_VISIBLE_DEVICES names them; dealt out in turn.
        environment: where a smaller number of threads may be set, which is kept.

    Example:
        >>> one, two = worker_environments(2, 8, ["0"], {"OMP_NUM_THREADS": "1"})
        >>> one["OMP_NUM_THREADS"], two["NUMBA_NUM_THREADS"], two["CUDA_VISIBLE_DEVICES"]
        ('1', '4', '0')
    """
    each = max(1, n_cores // n)
    threads = {
        name: str(min(each, int(value)) if (value := environment.get(name, "")).isdigit() else each)
        for name in _THREADS
    }
    return [
        {**threads, **({"CUDA_VISIBLE_DEVICES": gpus[worker % len(gpus)]} if gpus else {})}
        for worker in range(n)
    ]


def end_with_parent() -> None:
    """Have this process, a worker, interrupted when its parent ends, and killed if that is slow.

    Called from the main thread.
    """
    # In the background (`… &`, nohup) a process begins with interrupts ignored. Ours come from the
    # parent alone, and keep their meaning.
    signal.signal(signal.SIGINT, signal.default_int_handler)

    def watch() -> None:
        with suppress(OSError):
            # Until the other end is closed. Not by sys.stdin: a thread that has its lock when
            # Python ends makes it abort.
            while os.read(0, 1024):
                pass
        for _ in range(_TRIES):
            # More than one: what is raised while an object is being deleted is lost.
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(_GRACE_S / _TRIES)
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=watch, name="parent", daemon=True).start()


class _Worker:
    """A process; its output is read by threads, so that it never waits for us."""

    def __init__(
        self,
        number: int,
        command: Sequence[str],
        environment: Mapping[str, str],
        lines: queue.SimpleQueue[tuple[int, str | None]],
    ) -> None:
        self.number = number
        self._last: deque[str] = deque(maxlen=_LAST_WORDS)
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(environment),
            text=True,
            errors="replace",
            start_new_session=True,  # Ctrl-C comes from us, once
        )
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self._threads = [
            threading.Thread(target=self._pass_on, args=(self.process.stdout, lines), daemon=True),
            threading.Thread(target=self._keep, args=(self.process.stderr,), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def _pass_on(self, stream: IO[str], lines: queue.SimpleQueue[tuple[int, str | None]]) -> None:
        for line in stream:
            lines.put((self.number, line.rstrip("\n")))
        lines.put((self.number, None))

    def _keep(self, stream: IO[str]) -> None:
        self._last.extend(line.rstrip("\n") for line in stream)

    def close(self) -> None:
        """Wait for the process, and for all of its output."""
        self.process.wait()
        for thread in self._threads:
            thread.join(_GRACE_S)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                with suppress(OSError):
                    stream.close()

    def death(self) -> str | None:
        """Return which worker died of what; None for a worker that finished."""
        code = self.process.returncode
        if code == 0:
            return None
        who = f"worker {self.number} (process {self.process.pid})"
        if code < 0:
            name = signal.Signals(-code).name
            return f"{who} was ended by {name}" + (" (out of memory?)" if name == "SIGKILL" else "")
        if code in _INTERRUPTED:
            return f"{who} was interrupted"
        lines = list(self._last)
        begins = [at for at, line in enumerate(lines) if line.startswith("podium: ")]
        words = lines[begins[-1] :] if begins else lines[-1:]
        return f"{who} ended with exit code {code}: " + "\n".join(words).removeprefix("podium: ")


def _show(
    workers: Sequence[_Worker],
    lines: queue.SimpleQueue[tuple[int, str | None]],
    progress: Progress,
) -> None:
    talking = len(workers)
    while talking:
        number, line = lines.get()
        if line is None:
            talking -= 1
        else:
            progress.say(f"worker {number}: {line}")
    for worker in workers:
        worker.close()


def _end(workers: Sequence[_Worker]) -> None:
    """Interrupt all workers, so that their work is resumable; kill those that take too long."""
    for worker in workers:
        with suppress(ProcessLookupError):
            worker.process.send_signal(signal.SIGINT)
    until = time.monotonic() + _GRACE_S
    for worker in workers:
        try:
            worker.process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(worker.process.pid, signal.SIGKILL)
        worker.close()


def _cores() -> list[int]:
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


@contextmanager
def _running_on(cores: Sequence[int]) -> Iterator[None]:
    """Have a process that the body starts run on `cores` alone, where the system can do that."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)  # of this thread, which a child inherits
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


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
