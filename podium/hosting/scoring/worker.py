"""A process that scores files for a host: it may be killed at any time, and nothing is lost."""

from __future__ import annotations

import json
import math
import os
import signal
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from podium.errors import SubmissionError
from podium.hosting.scoring.score import score_file
from podium.hosting.scoring.solution import read_solution, solution_digest
from podium.hosting.spec import HostSpec

__all__ = ["main"]

_GRACE_S = 10  # beyond the host's own limit, for where the host was killed


def main(memory_bytes: int) -> None:
    """Serve requests from stdin, a JSON object a line, on stdout, until stdin ends.

    `{"load": …}` reads spec and solution, `{"file": …}` scores a file; `pool` in this folder
    describes the replies.

    Args:
        memory_bytes: that this process may hold; 0: any.
    """
    # The output of a metric must not mix with the replies.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    if memory_bytes and sys.platform == "linux":
        import resource

        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
    # Where the host was killed, nobody reads a reply, nor what Python reports about that.
    with suppress(BrokenPipeError):
        _serve(answers)
    os._exit(0)


def _serve(answers: TextIO) -> None:
    known: dict[str, Any] = {}
    for line in sys.stdin:
        try:
            reply = _answer(json.loads(line), known)
        except MemoryError:
            reply = {"memory": True}
        except Exception:
            reply = {"failed": traceback.format_exc()}
        answers.write(json.dumps(reply) + "\n")
        answers.flush()


def _answer(request: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    if "load" in request:
        about = request["load"]
        spec = HostSpec.model_validate(about["spec"]).at(Path(about["root"]))
        file = Path(about["solution"])
        known.clear()
        if not file.is_file() or solution_digest(file, spec) != about["digest"]:
            return {"stale": True}
        known.update(spec=spec, solution=read_solution(file, spec.format))
        return {"loaded": True}
    with suppress(AttributeError):  # Windows has no alarm
        signal.alarm(math.ceil(request["limit_s"]) + _GRACE_S)
    try:
        scores = score_file(Path(request["file"]), known["spec"], known["solution"])
    except SubmissionError as error:
        return {"refused": error.message}
    finally:
        with suppress(AttributeError):
            signal.alarm(0)
    return {"public": scores.public, "private": scores.private}
