"""Programs that start as forks of a Python which has loaded what podium trains with.

A fresh Python loads that for seconds of the processor; a tutorial types dozens of commands. The
programs hand their words, folder, variables, stdout and stderr to a server, which runs them in
forks and returns how they ended. A signal to a program does not reach its fork: what is sent one is
started otherwise (`forked.py`, a fresh Python), and so is what is measured or must not have loaded
something.
"""

from __future__ import annotations

import atexit
import functools
import gc
import importlib
import json
import multiprocessing
import os
import runpy
import select
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

__all__ = ["PODIUM", "loaded_programs", "loaded_python"]

PODIUM = Path(sys.executable).with_name("podium")
# What is missing here, a program loads itself.
_MODULES = (
    "optuna",
    "podium.cli.app",
    "podium.cli.blends",
    "podium.competition.checks.data",
    "podium.cli.hosting",
    "podium.cli.submission_files",
    "podium.ensembling.climbing._kernels",
    "podium.reporting",
    "podium.reporting.pages.report_page",
    "podium.training.fit.fold",
    "podium.workflows.submission.submitting",
    "podium.workflows.training",
)
_PROGRAM = """\
#!{python} -SE
import json, os, socket, sys
server = socket.socket(socket.AF_UNIX)
server.connect({address!r})
about = json.dumps([{words!r} + sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
socket.send_fds(server, [len(about).to_bytes(4, "big")], [1, 2])
server.sendall(about)
code = int(server.recv(16))
if code < 0:
    os.kill(os.getpid(), -code)
sys.exit(code)
"""


@functools.cache
def loaded_programs() -> Path:
    """Return a folder with `python` and `podium`, for the front of a PATH.

    Their server is started by the first call in a process, and ends with the process.
    """
    folder = Path(tempfile.mkdtemp(prefix="podium-"))  # the address of a socket must be short
    address = str(folder / "server")
    for name, words in (("python", []), ("podium", [str(PODIUM)])):
        text = _PROGRAM.format(python=sys.executable, address=address, words=words)
        (folder / name).write_text(text, "utf-8")
        (folder / name).chmod(0o755)
    command = [sys.executable, __file__, address]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def close() -> None:
        server.communicate()
        shutil.rmtree(folder)

    atexit.register(close)
    assert server.stdout is not None
    assert server.stdout.readline() == b"ready\n", "the server of loaded programs has ended"
    return folder


def loaded_python() -> str:
    """Return the path of a `python` that takes `FILE …` or `-c CODE …`, and no other options."""
    return str(loaded_programs() / "python")


def _serve(address: str) -> None:
    """Run one program after the other, each in a fork, until stdin ends."""
    for name in _MODULES:
        importlib.import_module(name)
    gc.freeze()  # a fork that looks for garbage would copy every page
    context = multiprocessing.get_context("fork")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen()
        print("ready", flush=True)  # noqa: T201 — for whoever started it
        while listening in select.select([listening, sys.stdin], [], [])[0]:
            caller, _ = listening.accept()
            size, streams, _, _ = socket.recv_fds(caller, 4, 2)
            with caller, caller.makefile("rb") as rest:
                about = json.loads(rest.read(int.from_bytes(size, "big")))
                fork = context.Process(target=_run, args=(streams, *about))
                fork.start()
                for one in streams:
                    os.close(one)
                fork.join()
                caller.sendall(str(fork.exitcode).encode())
    gc.unfreeze()


def _run(streams: list[int], words: list[str], folder: str, variables: dict[str, str]) -> None:
    for number, stream in enumerate(streams, start=1):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    tempfile.tempdir = None
    if threads := variables.get("OMP_NUM_THREADS"):  # of the program, and not of the server
        sys.modules["torch"].set_num_threads(int(threads))
    if words[0] == "-c":
        sys.path[0], sys.argv = "", ["-c", *words[2:]]
        exec(compile(words[1], "<string>", "exec"), {"__name__": "__main__"})
    else:
        sys.path[0], sys.argv = str(Path(words[0]).parent), words
        runpy.run_path(words[0], run_name="__main__")


if __name__ == "__main__":
    _serve(sys.argv[1])
