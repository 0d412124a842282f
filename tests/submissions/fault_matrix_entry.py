"""`podium` with short times, and with a kill before a step that was counted in advance.

    python fault_matrix_entry.py submit mine.csv

The variable FAULT_MATRIX holds JSON: `limits` (seconds by function of the official client),
`short` (the one of them that begins when the file `met` is there), `doubt_s`, `kill` (the number of
the step before which the process kills itself), `trace` (a file for the steps).
A step is a receipt's writing or a process of the official client.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from podium.submissions.upload import client, submit
from podium.workspace import atomic

SETTINGS = json.loads(os.environ.get("FAULT_MATRIX", "{}"))
LIMITS: dict[str, float] = SETTINGS.get("limits", {})
steps: list[str] = []
call_really, write_really = client.call_official, atomic.write_json
wait_really = subprocess.Popen.wait


def step(name: str) -> None:
    """Note a step; die before it when it is the one."""
    if SETTINGS.get("kill") == len(steps):
        os.kill(os.getpid(), signal.SIGKILL)
    steps.append(name)
    if "trace" in SETTINGS:
        Path(SETTINGS["trace"]).write_text("\n".join(steps), encoding="utf-8")


def call_quickly(endpoint: Any, target: str, argument: Any, *, timeout_s: float) -> Any:
    """Call the official client with the time limit of the cell."""
    function = target.rpartition(":")[2]
    step(f"call {function}")
    return call_really(endpoint, target, argument, timeout_s=LIMITS.get(function, LIMITS["other"]))


def wait_late(process: subprocess.Popen[Any], timeout: float | None = None) -> int:
    """Wait for a process; a short time begins when the host was asked, not when Python starts."""
    if timeout is not None and timeout == SETTINGS.get("short"):
        met, until = Path(SETTINGS["met"]), time.monotonic() + LIMITS["other"]
        while process.poll() is None and not met.exists() and time.monotonic() < until:
            time.sleep(0.02)
        met.unlink(missing_ok=True)
    return wait_really(process, timeout)


def write_counted(path: Path, content: Any) -> None:
    """Write a file; a receipt is a step."""
    if path.name == "receipt.json":
        step(f"write {content['state']}")
    write_really(path, content)


def main() -> None:
    """Run the command line."""
    client.call_official = call_quickly
    atomic.write_json = write_counted
    subprocess.Popen.wait = wait_late  # type: ignore[method-assign,assignment]
    submit.RECONCILE_S = submit.UNLISTED_S = SETTINGS["doubt_s"]
    from podium.cli.app import main as podium

    try:
        podium()
    finally:
        step("end")


if __name__ == "__main__":
    sys.argv[0] = "podium"
    main()
