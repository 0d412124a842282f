"""A Python with nothing installed and no network, in a folder of its own.

Nothing of the developer's environment is seen in it: no PYTHONPATH, no home, no caches, no
variables but those that say how many threads to use.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from podium.errors import RunError
from podium.submissions.packages.image_links import link_distributions
from podium.submissions.packages.limited import Ran, run_limited

__all__ = ["EmptyRoom", "Network", "how_network_is_cut", "make_room"]

Network = Literal["unshare", "guard"]
_KEPT = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "CUDA_VISIBLE_DEVICES")
_UNSHARE = ("unshare", "--map-root-user", "--net", "--")
_WAIT_S = 300.0
_NOWHERE = "http://127.0.0.1:9"

_GUARD = '''\
"""No network: whatever is asked of a socket but of the machine's own files is refused."""

import errno
import socket
import sys

_REFUSED = {"socket.connect", "socket.sendto", "socket.sendmsg"}
_NAMES = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}


def _look(event, arguments):
    if event in _NAMES:
        raise socket.gaierror(socket.EAI_AGAIN, "there is no network in a rehearsal")
    if event in _REFUSED and arguments[0].family != getattr(socket, "AF_UNIX", None):
        raise OSError(errno.ENETUNREACH, "there is no network in a rehearsal")


sys.addaudithook(_look)
'''


@dataclass(frozen=True)
class EmptyRoom:
    """An environment of its own.

    Attributes:
        root: its folder; `work` in it is where commands run, and `home` the home.
        network: how it is cut: "unshare", a network namespace that has none, or "guard", sockets
            that Python refuses.
    """

    root: Path
    network: Network

    @property
    def python(self) -> Path:
        return self.root / "venv" / "bin" / "python"

    @property
    def work(self) -> Path:
        return self.root / "work"

    @property
    def site(self) -> Path:
        """The folder of what is installed."""
        return next((self.root / "venv" / "lib").glob("python*/site-packages"))

    def environ(self) -> dict[str, str]:
        """Return the whole environment of a command."""
        home = self.root / "home"
        env = {
            "PATH": f"{self.python.parent}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(home),
            "TMPDIR": str(self.root / "tmp"),
            "XDG_CACHE_HOME": str(home / "cache"),
            "HF_HOME": str(home / "huggingface"),
            "TORCH_HOME": str(home / "torch"),
            "MPLCONFIGDIR": str(home / "matplotlib"),
            "LANG": "C.UTF-8",
            "VIRTUAL_ENV": str(self.root / "venv"),
            "PYTHONNOUSERSITE": "1",
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_NO_CACHE_DIR": "1",
        }
        env |= {name: os.environ[name] for name in _KEPT if name in os.environ}
        if self.network == "guard":
            names = ("http_proxy", "https_proxy", "all_proxy", "ftp_proxy")
            env |= dict.fromkeys([*names, *(name.upper() for name in names)], _NOWHERE)
        return env

    def run(self, words: Sequence[str], *, max_time_s: float, max_memory: int, output: Path) -> Ran:
        """Run this room's Python with `words`; see `run_limited`.

        Raises:
            RunError: it failed, or took more than it may.
        """
        cut = _UNSHARE if self.network == "unshare" else ()
        return run_limited(
            [*cut, str(self.python), *words],
            env=self.environ(),
            cwd=self.work,
            output=output,
            max_time_s=max_time_s,
            max_memory=max_memory,
        )


def how_network_is_cut() -> Network:
    """Return "unshare" where this user may make a network namespace, else "guard"."""
    if shutil.which(_UNSHARE[0]) is None:
        return "guard"
    done = subprocess.run([*_UNSHARE, "true"], capture_output=True, check=False)
    return "guard" if done.returncode else "unshare"


def make_room(
    root: Path,
    *,
    network: Network | None = None,
    linked: Iterable[str] = (),
    with_pip: bool = True,
) -> EmptyRoom:
    """Return a new environment in the folder `root`, which must be empty or absent.

    Args:
        root: its folder.
        network: how it is cut; None: the better way that this user is permitted.
        linked: installed distributions that are linked into it; see `link_distributions`.
        with_pip: whether it has pip, of the version that came with Python.

    Raises:
        RunError: no environment can be made with this Python.
    """
    room = EmptyRoom(root.resolve(), network or how_network_is_cut())
    for name in ("home", "tmp", "work"):
        (room.root / name).mkdir(parents=True)
    said = [sys.executable, "-m", "venv", *([] if with_pip else ["--without-pip"])]
    clean = {"PATH": os.defpath, "HOME": str(room.root / "home")}
    done = subprocess.run(
        [*said, str(room.root / "venv")],
        env=clean,
        capture_output=True,
        text=True,
        timeout=_WAIT_S,
        check=False,
    )
    if done.returncode:
        words = (done.stderr or done.stdout).strip()[-400:]
        raise RunError(f"no empty environment can be made: {words}", fix="install Python's venv")
    if links := list(linked):
        link_distributions(links, room.root / "image")
        (room.site / "image.pth").write_text(f"{room.root / 'image'}\n")
    if room.network == "guard":
        # By a .pth, not as sitecustomize: a distribution of Linux may have one that comes first.
        (room.site / "podium_no_network.py").write_text(_GUARD)
        (room.site / "podium_no_network.pth").write_text("import podium_no_network\n")
    return room
