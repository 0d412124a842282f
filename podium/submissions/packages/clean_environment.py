"""A clean environment: a Python with nothing installed and no network, in a folder of its own.

Nothing of the developer's environment reaches it: no PYTHONPATH, no home, no caches, no variables
but those that set the number of threads. Commands run under limits of time and memory, measured
with all processes that they start. Distributions that the host's image has are linked: copying
torch and CUDA's libraries takes minutes; a folder of links takes a second, and hides all that is
installed beside them.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from podium.errors import RunError
from podium.submissions.packages.wheels import installed, site_files

__all__ = ["CleanEnvironment", "NetworkIsolation", "make_clean_environment"]


NetworkIsolation = Literal["unshare", "guard"]
_KEPT = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "CUDA_VISIBLE_DEVICES")
_UNSHARE = ("unshare", "--map-root-user", "--net", "--")
_WAIT_S = 300.0
_NOWHERE = "http://127.0.0.1:9"

_GUARD = '''\
"""No network: every use of a socket but one to the machine's own files is refused."""

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
class CleanEnvironment:
    """An environment of its own.

    Attributes:
        root: its folder; `work` in it is where commands run, and `home` the home.
        network: how it is cut: "unshare", a network namespace that has none, or "guard", sockets
            that Python refuses.
    """

    root: Path
    network: NetworkIsolation

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

    def run(
        self, words: Sequence[str], *, max_time_s: float, max_memory: int, output: Path
    ) -> ResourceUsage:
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


def network_isolation() -> NetworkIsolation:
    """Return "unshare" where this user may make a network namespace, else "guard"."""
    if shutil.which(_UNSHARE[0]) is None:
        return "guard"
    done = subprocess.run([*_UNSHARE, "true"], capture_output=True, check=False)
    return "guard" if done.returncode else "unshare"


def make_clean_environment(
    root: Path,
    *,
    network: NetworkIsolation | None = None,
    linked: Iterable[str] = (),
    with_pip: bool = True,
) -> CleanEnvironment:
    """Return a new environment in the folder `root`, which must be empty or absent.

    Args:
        root: its folder.
        network: how it is cut; None: the better way that this user is permitted.
        linked: installed distributions that are linked into it; see `link_distributions`.
        with_pip: whether it has pip: the one that is installed here by a link, else, after some
            seconds, that which came with Python.

    Raises:
        RunError: no environment can be made with this Python.
    """
    room = CleanEnvironment(root.resolve(), network or network_isolation())
    for name in ("home", "tmp", "work"):
        (room.root / name).mkdir(parents=True)
    own_pip = _pip_here() if with_pip else ()
    is_made = with_pip and not own_pip
    command = [sys.executable, "-m", "venv", *([] if is_made else ["--without-pip"])]
    clean = {"PATH": os.defpath, "HOME": str(room.root / "home")}
    done = subprocess.run(
        [*command, str(room.root / "venv")],
        env=clean,
        capture_output=True,
        text=True,
        timeout=_WAIT_S,
        check=False,
    )
    if done.returncode:
        words = (done.stderr or done.stdout).strip()[-400:]
        raise RunError(f"no empty environment can be made: {words}", fix="install Python's venv")
    if links := list(dict.fromkeys([*linked, *own_pip])):
        link_distributions(links, room.root / "image")
        (room.site / "image.pth").write_text(f"{room.root / 'image'}\n")
    if room.network == "guard":
        # By a .pth, not as sitecustomize: a distribution of Linux may have one that comes first.
        (room.site / "podium_no_network.py").write_text(_GUARD)
        (room.site / "podium_no_network.pth").write_text("import podium_no_network\n")
    return room


def _pip_here() -> tuple[str, ...]:
    """Return the name of pip where it is installed here, and can be linked."""
    try:
        site_files(installed("pip"))
    except RunError:
        return ()
    return ("pip",)


_POLL_S, _LONGEST_POLL_S = 0.05, 0.25
_QUOTED_CHARACTERS = 1500
_PROC = Path("/proc")


@dataclass(frozen=True)
class ResourceUsage:
    """The result of a command: its time and memory.

    Attributes:
        seconds: from its start to its end.
        peak_bytes: the most memory (RSS) that its processes had together; pages that they share
            count for each. None where the system has no /proc.
    """

    seconds: float
    peak_bytes: int | None


def run_limited(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    output: Path,
    max_time_s: float,
    max_memory: int,
) -> ResourceUsage:
    """Run `command` to its end; beyond a limit it is killed with all that it started.

    Args:
        command: the words.
        env: its whole environment.
        cwd: where it runs.
        output: gets what it prints.
        max_time_s: seconds.
        max_memory: bytes of all its processes together.

    Raises:
        RunError: it took longer or more memory, and by how much; or it failed.
    """
    start = time.monotonic()
    with output.open("wb") as sink:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
        )
        tree = _ProcessTree(process.pid)
        try:
            while process.poll() is None:
                tree.measure()
                seconds = time.monotonic() - start
                if tree.peak > max_memory:
                    raise _beyond_memory(tree.peak, max_memory, seconds)
                if seconds > max_time_s:
                    raise _beyond_time(seconds, max_time_s)
                # Each look reads of all processes of the machine: seldom in a run of hours.
                time.sleep(min(max(_POLL_S, seconds / 50), _LONGEST_POLL_S))
        finally:
            tree.kill()
            process.wait()
    seconds = time.monotonic() - start
    if seconds > max_time_s:
        raise _beyond_time(seconds, max_time_s)
    if process.returncode:
        raise RunError(
            f"it ended with exit code {process.returncode} after {seconds:.1f} s; it printed last: "
            f"{_last_words(output)}",
            where=command[-1],
        )
    return ResourceUsage(seconds, tree.peak if _PROC.is_dir() else None)


def _beyond_memory(peak: int, most: int, seconds: float) -> RunError:
    return RunError(
        f"it took {peak / 1e9:.2f} GB of memory after {seconds:.0f} s, "
        f"{(peak - most) / 1e9:.2f} GB more than the {most / 1e9:g} GB that it may, and was killed",
        fix="pack fewer members, or smaller batches and tiles; or set what the host has: "
        "--max-memory",
    )


def _beyond_time(seconds: float, most: float) -> RunError:
    return RunError(
        f"it took {seconds:.1f} s, {seconds - most:.1f} s more than the {most:g} s that it may",
        fix="pack fewer members, folds or views; or set what the host allows: --max-time",
    )


def _last_words(output: Path) -> str:
    text = output.read_bytes()[-16 * _QUOTED_CHARACTERS :].decode("utf-8", errors="replace")
    return text.strip()[-_QUOTED_CHARACTERS:]


class _ProcessTree:
    """The processes that one started, and theirs: also those whose parents have ended."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._seen: dict[int, str] = {}
        self.peak = 0

    def measure(self) -> None:
        """Find the processes of the tree and note the memory that they have together."""
        table = dict(_processes())
        mine = {
            pid
            for pid, (_, session, started) in table.items()
            if pid == self._root or session == self._root or self._seen.get(pid) == started
        }
        n_known = 0
        while n_known != len(mine):
            n_known = len(mine)
            mine |= {pid for pid, (parent, _, _) in table.items() if parent in mine}
        self._seen = {pid: table[pid][2] for pid in mine if pid in table}
        memory = [_memory(pid) for pid in mine]
        # A process's own maximum includes a peak between two samples.
        now, highest = sum(one for one, _ in memory), max((high for _, high in memory), default=0)
        self.peak = max(self.peak, now, highest)

    def kill(self) -> None:
        """End every process of the tree that is still there."""
        self.measure()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._root, signal.SIGKILL)
        for pid in self._seen:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)


def _processes() -> list[tuple[int, tuple[int, int, str]]]:
    """Return of each process its parent, its session, and when it started."""
    found = []
    with contextlib.suppress(OSError):
        for folder in os.scandir(_PROC):
            if folder.name.isdecimal():
                with contextlib.suppress(OSError, IndexError):
                    text = Path(folder.path, "stat").read_text()
                    after = text.rpartition(")")[2].split()  # a name may hold spaces and brackets
                    found.append((int(folder.name), (int(after[1]), int(after[3]), after[19])))
    return found


def _memory(pid: int) -> tuple[int, int]:
    """Return the bytes that a process has now, and the most that it had."""
    sizes = {"VmRSS": 0, "VmHWM": 0}
    with contextlib.suppress(OSError):
        for line in (_PROC / str(pid) / "status").read_text().splitlines():
            name, _, rest = line.partition(":")
            if name in sizes:
                sizes[name] = int(rest.split()[0]) * 1024
    return sizes["VmRSS"], sizes["VmHWM"]


def link_distributions(names: Iterable[str], to: Path) -> dict[str, str]:
    """Link the files of the installed distributions `names` into the folder `to`, laid out as here.

    Returns:
        Their versions, by name.

    Raises:
        RunError: one is not installed, or not from a wheel.
    """
    to.mkdir(parents=True, exist_ok=True)
    versions = {}
    for name in names:
        one = installed(name)
        versions[name] = one.version
        _link_files(site_files(one), to)
    return versions


def _link_files(files: Mapping[str, Path], to: Path) -> None:
    """Link `files`, by their places, into `to`: a folder that holds no others by one link.

    Torch has 12,000 files, most of them headers: a link for each took seconds.
    """
    names: dict[str, set[str]] = {}
    for place in files:
        while place:
            folder, _, name = place.rpartition("/")
            names.setdefault(folder, set()).add(name)
            place = folder

    @functools.cache
    def folder_here(place: str) -> Path | None:
        """Return the folder of that place if all in it, but what is compiled, is of `files`."""
        inner = [f"{place}/{name}" for name in names[place]]
        parents = [folder_here(one) if one in names else files[one] for one in inner]
        if None in parents or len({one.parent for one in parents if one}) > 1:
            return None
        here = next(one.parent for one in parents if one)
        there = {one.name for one in here.iterdir()}
        return here if there <= {*names[place], "__pycache__"} else None

    todo = sorted(names[""]) if files else []
    while todo:
        place = todo.pop()
        link = to / place
        if place not in names:
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(files[place])
            if link.suffix == ".py":
                _link_compiled(files[place], link)
        elif (here := folder_here(place)) is None:
            todo += [f"{place}/{name}" for name in sorted(names[place])]
        elif not link.exists():
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(here)


def _link_compiled(path: Path, link: Path) -> None:
    """Link what Python compiled of a module: it is valid as long as the module is what it was."""
    compiled = Path(importlib.util.cache_from_source(str(path)))
    if compiled.is_file():
        there = Path(importlib.util.cache_from_source(str(link)))
        there.parent.mkdir(exist_ok=True)
        there.symlink_to(compiled)
