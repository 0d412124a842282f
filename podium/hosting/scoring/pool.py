"""Scores submissions while a host runs: in few processes, within a time and a memory limit."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from podium.errors import RunError, SubmissionError
from podium.hosting.scoring.score import HiddenAnswers, SubmissionScores, score_file
from podium.hosting.spec import FileState, HostSpec, file_state

__all__ = ["HostStoppedError", "LoadedSolution", "ScoringPool", "SolutionChangedError"]

_logger = logging.getLogger(__name__)

# A file of this size of labels, or for masks of so many pixels, is scored in some 0.1 s at worst.
LIGHT_BYTES = 256 << 10
_LIGHT_PLACES = 2
_START_S = 120.0  # to import what scoring needs, or to read a large solution, on a busy machine
_LEAST_MEMORY = 1 << 30
_MAIN = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from podium.hosting.scoring.worker import main; main(int(sys.argv[2]))"
)
_NO_MEMORY = "scoring this file needs more memory than the host allows; nothing was counted"


class HostStoppedError(Exception):
    """The host is being stopped; scoring did not begin."""


class SolutionChangedError(Exception):
    """The solution is no longer the one that was read."""


@dataclass(frozen=True)
class LoadedSolution:
    """The means of scoring: the solution, its file, and the digest of both and metric.

    `state` is that of the file when it was read.
    """

    solution: HiddenAnswers
    file: Path
    digest: str
    state: FileState | None

    def is_current(self) -> bool:
        """Return whether what scoring reads is what was read: labels are in memory, masks not."""
        return self.solution.labels is not None or file_state(self.file) == self.state


class ScoringPool:
    """Scores files for several threads; one that is slow, or kills its process, stops no other.

    Small files of labels and of masks as text are scored in this process, two at a time. All others
    go to processes of their own, which are started when they are first needed.

    Args:
        places: processes at most; default: half of the CPUs, at least two.
        memory_bytes: that each of them may hold; default: its part of half of the machine's.
    """

    def __init__(self, *, places: int | None = None, memory_bytes: int | None = None) -> None:
        n = places or max(2, min(8, (os.cpu_count() or 2) // 2))
        self._memory = memory_bytes or max(_LEAST_MEMORY, _machine_bytes() // (2 * n))
        self._free = {"light": _LIGHT_PLACES, "heavy": n}
        self._changed = threading.Condition()
        self._at_work: set[_Worker] = set()
        self._idle: list[_Worker] = []
        self._n_busy, self._is_stopped, self._is_closed = 0, False, False

    def score(self, path: Path, spec: HostSpec, answers: LoadedSolution) -> SubmissionScores | str:
        """Return the scores of the file at `path`, or why it has none.

        Raises:
            SolutionChangedError: read the solution anew, and try again.
            HostStoppedError: `stop` was called before a place was free.
            RunError: the metric or podium failed; the log has the traceback.
        """
        is_light = _is_light(path, spec, answers.solution)
        with self._place("light" if is_light else "heavy"):
            outcome: SubmissionScores | str
            try:
                if is_light:
                    outcome = score_file(path, spec, answers.solution)
                else:
                    outcome = self._elsewhere(path, spec, answers)
            except SubmissionError as error:
                outcome = error.message[:2000]
            except MemoryError:
                outcome = _NO_MEMORY
            except Exception as error:
                if answers.is_current():
                    raise
                raise SolutionChangedError from error
        if not answers.is_current():
            raise SolutionChangedError
        return outcome

    def stop(self) -> bool:
        """Let nothing begin any more; return whether something is at work."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify_all()
            return self._n_busy > 0

    def close(self) -> None:
        """End the processes, also those at work."""
        self.stop()
        with self._changed:
            self._is_closed = True
            workers = [*self._idle, *self._at_work]
            self._idle.clear()
        for worker in workers:
            worker.end()

    @contextmanager
    def _place(self, kind: str) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: self._is_stopped or self._free[kind] > 0)
            if self._is_stopped:
                raise HostStoppedError
            self._free[kind] -= 1
            self._n_busy += 1
        try:
            yield
        finally:
            with self._changed:
                self._free[kind] += 1
                self._n_busy -= 1
                self._changed.notify_all()

    def _elsewhere(
        self, path: Path, spec: HostSpec, answers: LoadedSolution
    ) -> SubmissionScores | str:
        for is_last in (False, True):
            worker = self._take()
            try:
                reply = worker.score(path, spec, answers)
            except _DiedError:
                worker.end()
                _logger.warning("a process that scored %s died", path)
                if is_last:
                    return "scoring this file ended its process twice; nothing was counted"
                continue
            except _LateError:
                worker.end()
                return f"scoring took longer than {spec.max_score_s:g} s; nothing was counted"
            except BaseException:
                worker.end()
                raise
            finally:
                with self._changed:
                    self._at_work.discard(worker)
            if "memory" in reply:
                worker.end()
                return _NO_MEMORY
            with self._changed:
                self._idle.append(worker)
            return _outcome(reply, path)
        raise AssertionError

    def _take(self) -> _Worker:
        with self._changed:
            if self._is_closed:
                raise HostStoppedError
            worker = self._idle.pop() if self._idle else _Worker(self._memory)
            self._at_work.add(worker)
        return worker


def _outcome(reply: Mapping[str, Any], path: Path) -> SubmissionScores | str:
    if "stale" in reply:
        raise SolutionChangedError
    if "refused" in reply:
        return str(reply["refused"])[:2000]
    if "failed" in reply:
        _logger.error("scoring %s failed:\n%s", path, reply["failed"])
        raise RunError("scoring failed", where=path)
    return SubmissionScores(reply["public"], reply["private"])


class _DiedError(Exception):
    """The process ended before it replied."""


class _LateError(Exception):
    """The process was ended because it took too long."""


class _Worker:
    """The process of `worker`, which takes one request at a time."""

    def __init__(self, memory_bytes: int) -> None:
        self._loaded: str | None = None
        self._process = subprocess.Popen(
            [sys.executable, "-c", _MAIN, json.dumps(sys.path), str(memory_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,  # Ctrl-C reaches the host alone, which lets this one finish
        )

    def score(self, path: Path, spec: HostSpec, answers: LoadedSolution) -> dict[str, Any]:
        """Return the answer of the process; raises _DiedError and _LateError."""
        if self._loaded != answers.digest:
            about = {
                "spec": spec.model_dump(mode="json"),
                "root": str(spec.root or answers.file.parent),
                "solution": str(answers.file),
                "digest": answers.digest,
            }
            try:
                reply = self._ask({"load": about}, _START_S)
            except _LateError as error:
                raise _DiedError from error
            if "loaded" not in reply:
                return reply
            self._loaded = answers.digest
        return self._ask({"file": str(path), "limit_s": spec.max_score_s}, spec.max_score_s)

    def _ask(self, question: dict[str, Any], limit_s: float) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        is_late = threading.Event()

        def end() -> None:
            is_late.set()
            self._process.kill()

        timer = threading.Timer(limit_s, end)
        timer.daemon = True
        timer.start()
        try:
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except (OSError, ValueError):  # it is gone, or `end` closed the pipes
            line = ""
        finally:
            timer.cancel()
        if not line.endswith("\n"):
            raise _LateError if is_late.is_set() else _DiedError
        reply: dict[str, Any] = json.loads(line)
        return reply

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError, ValueError):
                if pipe is not None:
                    pipe.close()


def _is_light(path: Path, spec: HostSpec, solution: HiddenAnswers) -> bool:
    if spec.format.file.kind == "png":  # a few kilobytes become gigabytes of pixels
        return False
    if any(":" in one.metric.name for one in spec.of_answers) or path.stat().st_size > LIGHT_BYTES:
        return False
    return solution.is_light(spec)


def _machine_bytes() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return 8 << 30
