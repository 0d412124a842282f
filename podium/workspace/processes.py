"""One function in a process of its own: time limit, output captured, errors brought back.

For calls that may hang, exit, print secrets or load much: the Kaggle client, facts of the GPU. The
process ends with its caller, whatever ends the caller: it watches a pipe that only the caller holds
open. Until it has ended it holds the locks (`locks.wait_and_hold`) that its caller had.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import podium.errors
from podium.errors import RunError, TaskTimeoutError
from podium.workspace.atomic import temporary_folder
from podium.workspace.credentials import SHORTEST_SECRET
from podium.workspace.locks import held_descriptors

__all__ = ["call", "process_has_ended", "process_identity", "redact"]

_MAIN = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
    "from podium.workspace.process_main import main; main(sys.argv[2])"
)
_GRACE_S = 5.0
_QUOTED_CHARACTERS = 400
_SECRET_NAME = re.compile(r"TOKEN|KEY|SECRET|PASSW", re.IGNORECASE)
_SECRET_TEXT = re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=:-]+")
_URL_QUERY = re.compile(r"(https?://[^\s?'\"]+)\?[^\s'\"]+")


def call(
    target: str, argument: Any, *, timeout_s: float, env: Mapping[str, str] | None = None
) -> Any:
    """Return the result of the function `target` for `argument`, run in a new process.

    Args:
        target: "package.module:function"; it takes one JSON value and returns one.
        argument: a JSON value. It goes over a pipe, so it may hold a secret.
        timeout_s: seconds after which the process and its children are killed.
        env: the whole environment of the process; default as ours.

    Raises:
        PodiumError: of the class that `target` raised, with its message, place and fix.
        TaskTimeoutError: no result within `timeout_s`.
        RunError: `target` raised anything else, or its process ended without a result. What it
            printed last is quoted, without secrets.
    """
    with temporary_folder("podium-task") as private:
        answer, output = private / "answer.json", private / "output.txt"
        with output.open("wb") as sink:
            process = subprocess.Popen(
                [sys.executable, "-c", _MAIN, json.dumps(sys.path), str(answer)],
                stdin=subprocess.PIPE,
                stdout=sink,
                stderr=subprocess.STDOUT,
                env=None if env is None else dict(env),
                start_new_session=True,
                pass_fds=held_descriptors(),
            )
        try:
            _send(process, target, argument)
            process.wait(timeout_s)
        except subprocess.TimeoutExpired as error:
            raise TaskTimeoutError(
                f"{target} did not answer within {timeout_s:g} s",
                fix="repeat the command; check the network when it happens again",
            ) from error
        finally:
            _end(process)
        return _result(
            target, answer, _Ended(process.returncode, output, os.environ if env is None else env)
        )


def redact(text: str, env: Mapping[str, str]) -> str:
    """Return `text` without the secrets in `env`, authorisation headers and the queries of URLs.

    Example:
        >>> redact("sent Bearer abc.def to https://a.b/c?sig=1", {})
        'sent Bearer *** to https://a.b/c?***'
    """
    for name, value in env.items():
        if _SECRET_NAME.search(name) and len(value) >= SHORTEST_SECRET:
            text = text.replace(value, "***")
    return _URL_QUERY.sub(r"\1?***", _SECRET_TEXT.sub(r"\1 ***", text))


def process_identity() -> list[str] | None:
    """Return what names this process among all that ever ran; None where the system has no such.

    That is the boot of its machine, the container, its number, and when it began.
    """
    return _identity(os.getpid())


def process_has_ended(identity: Sequence[str] | None) -> bool:
    """Return whether a process has ended; of other machines and containers nothing is known."""
    own = process_identity()
    if identity is None or own is None or list(identity[:2]) != own[:2]:
        return False
    return _identity(int(identity[2])) != list(identity)


def _identity(pid: int) -> list[str] | None:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        container = str(Path("/proc/self/ns/pid").readlink())
        facts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if facts[0] == "Z" else [boot, container, str(pid), facts[19]]


class _Ended:
    """The end of a process: its exit status and what it printed."""

    def __init__(self, status: int, output: Path, env: Mapping[str, str]) -> None:
        self.status = status
        self._output = output
        self._env = env

    def clean(self, text: str) -> str:
        return redact(text, self._env)

    def last_lines(self) -> str:
        with self._output.open("rb") as stream:
            stream.seek(max(0, self._output.stat().st_size - 16 * _QUOTED_CHARACTERS))
            text = stream.read().decode("utf-8", errors="replace")
        # Redacted whole, then cut: a cut secret would not be found.
        text = self.clean(text).strip()
        return text[-_QUOTED_CHARACTERS:]

    def why(self) -> str:
        if self.status < 0:
            name = signal.Signals(-self.status).name
            return f"was ended by {name}" + (" (out of memory?)" if name == "SIGKILL" else "")
        return f"ended with exit code {self.status}"


def _send(process: subprocess.Popen[bytes], target: str, argument: Any) -> None:
    assert process.stdin is not None
    question = json.dumps({"target": target, "argument": argument})
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(question.encode() + b"\n")
        process.stdin.flush()


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the process group, children that outlived their parent too, and close the pipe."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE_S)
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()


def _result(target: str, answer: Path, ended: _Ended) -> Any:
    try:
        content = json.loads(answer.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError) as error:
        words = ended.last_lines()
        last_output = f"; it printed last: {words}" if words else ""
        raise RunError(f"{target} {ended.why()} without an answer{last_output}") from error
    if "error" not in content:
        return content["result"]
    failure = content["error"]
    name, message = failure["class"], ended.clean(failure["message"])
    if failure["ours"]:
        kind = getattr(podium.errors, name, RunError)
        raise kind(message, where=failure["where"], fix=failure["fix"])
    words = ended.last_lines() if name == "SystemExit" else ""
    raise RunError(
        f"{target} failed: {name}: {message}" + (f"; it printed last: {words}" if words else "")
    )
