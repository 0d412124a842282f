"""The command `podium` as a shell finds it, forked from a process that has loaded podium already.

A fresh Python loads what a training needs for seconds of the processor, and a tutorial types dozens
of commands. The program `podium` of `Loaded.folder`, for the front of a PATH, hands its words, its
folder, its variables and its open streams to a server, which runs the command in a fork of its own.
"""

from __future__ import annotations

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

__all__ = ["Loaded"]

PODIUM = Path(sys.executable).with_name("podium")
# What commands load on their way; what is missing here, a command loads itself.
_MODULES = (
    "optuna",
    "podium.cli.app",
    "podium.cli.blends",
    "podium.cli.checks",
    "podium.cli.hosting",
    "podium.cli.submission_files",
    "podium.reporting",
    "podium.training.fit.fold",
    "podium.workflows.submission.submitting",
    "podium.workflows.training",
)
_PROGRAM = """\
#!{python} -SE
import json, os, socket, sys
server = socket.socket(socket.AF_UNIX)
server.connect({address!r})
about = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
socket.send_fds(server, [len(about).to_bytes(4, "big")], [0, 1, 2])
server.sendall(about)
sys.exit(int(server.recv(16)))
"""


class Loaded:
    """A server of the command; `close` ends it.

    Attributes:
        folder: where its program `podium` is.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="podium-"))  # addresses must be short
        address, program = str(self.folder / "server"), self.folder / "podium"
        program.write_text(_PROGRAM.format(python=sys.executable, address=address), "utf-8")
        program.chmod(0o755)
        self._server = subprocess.Popen(
            [sys.executable, __file__, address], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._server.stdout is not None
        assert self._server.stdout.readline() == b"ready\n", "the server of the command has ended"

    def close(self) -> None:
        self._server.communicate(timeout=60)
        shutil.rmtree(self.folder)


def _serve(address: str) -> None:
    """Run one command after the other, each in a fork, until stdin ends."""
    for name in _MODULES:
        importlib.import_module(name)
    gc.freeze()  # a fork that looks for garbage would copy every page
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen()
        print("ready", flush=True)  # noqa: T201 — for whoever started it
        while listening in select.select([listening, sys.stdin], [], [])[0]:
            caller, _ = listening.accept()
            size, streams, _, _ = socket.recv_fds(caller, 4, 3)
            with caller, caller.makefile("rb") as rest:
                typed = json.loads(rest.read(int.from_bytes(size, "big")))
                fork = multiprocessing.get_context("fork").Process(target=_run, args=(streams, *typed))
                fork.start()
                for one in streams:
                    os.close(one)
                fork.join()
                caller.sendall(str(fork.exitcode).encode())
    gc.unfreeze()


def _run(streams: list[int], words: list[str], folder: str, variables: dict[str, str]) -> None:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    sys.path[0], sys.argv = str(PODIUM.parent), [str(PODIUM), *words]
    runpy.run_path(str(PODIUM), run_name="__main__")


if __name__ == "__main__":
    _serve(sys.argv[1])
