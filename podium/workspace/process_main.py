"""The other end of `processes.call`: read what to call, call it, leave the answer in a file.

It imports little, because every call to a host begins with it.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any, BinaryIO

from podium.errors import PodiumError, from_os_error

__all__ = ["main"]


def main(answer: str) -> None:
    """Read the call from the pipe, run its function, leave the result in `answer`."""
    pipe = os.fdopen(os.dup(0), "rb")
    question = json.loads(pipe.readline())
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    threading.Thread(target=_die_with_the_caller, args=(pipe,), daemon=True).start()
    content = _answer(question["target"], question["argument"])
    handle = os.open(answer, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        json.dump(content, stream)
    sys.stdout.flush()
    # No clean-up at exit: a library's thread that does not end must not hold the result back.
    os._exit(0)


def _die_with_the_caller(pipe: BinaryIO) -> None:
    pipe.read()
    os.killpg(0, signal.SIGKILL)


def _answer(target: str, argument: Any) -> dict[str, Any]:
    try:
        module, _, function = target.partition(":")
        result = getattr(importlib.import_module(module), function)(argument)
        json.dumps(result)
    except PodiumError as error:
        return _error_facts(type(error).__name__, error)
    except OSError as error:
        # Libraries derive network errors from OSError: only the system's own have a number.
        return (
            _error_facts("RunError", from_os_error(error))
            if error.errno
            else _foreign_error_facts(error)
        )
    except (Exception, SystemExit) as error:
        return _foreign_error_facts(error)
    return {"result": result}


def _error_facts(name: str, error: PodiumError) -> dict[str, Any]:
    about = {"class": name, "message": error.message, "where": error.where, "fix": error.fix}
    return {"error": about | {"ours": True}}


def _foreign_error_facts(error: BaseException) -> dict[str, Any]:
    return {"error": {"class": type(error).__name__, "message": str(error), "ours": False}}
