"""Fixtures of every room: fixed seeds, and a check that a test leaves nothing behind."""

from __future__ import annotations

import atexit
import functools
import gc
import importlib
import importlib.metadata
import itertools
import os
import random
import re
import shutil
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import alembic.util
import numpy as np
import pytest
import sqlalchemy as sa
import typer.testing
import yaml
from _pytest.doctest import DoctestModule
from hypothesis import HealthCheck, settings
from tiers import mark_other_cases

# Set before anything imports them: no version check over the network, no second thread pool.
os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
if "PYTEST_XDIST_WORKER" in os.environ:
    # A worker a core: with the threads of all cores in each they would wait for one another.
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# Lightning looks through all that is installed each time a network trains or predicts, in vain: a
# tenth of a short training. Before it is imported, because it takes the function itself.
importlib.metadata.entry_points = functools.cache(importlib.metadata.entry_points)

# Tests write 100,000s of small files, which a disk takes ten times as long for as the memory.
_MEMORY, _ROOM = Path("/dev/shm"), 8 * 2**30  # a container often has 64 MiB there
if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))

# The user's own state is none of a test's business; every worker has its own.
os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="podium-tests-state-")
atexit.register(shutil.rmtree, os.environ["XDG_STATE_HOME"], ignore_errors=True)

# Properties are tried on the same examples in every run, however long one takes on a busy machine:
# a change is refused for what it does. `pytest --hypothesis-profile=search` looks for new ones.
_PATIENT: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("search", **_PATIENT)
settings.register_profile("certain", **_PATIENT, derandomize=True, database=None)
settings.load_profile("certain")

# Libraries set these at import or on first use; they are not a test's leak.
_SET_BY_LIBRARIES = (
    "KMP_",
    "TORCH",
    "PYTORCH",
    "CUDA",
    "OMP_",
    "PYTEST_",
    "MPL",
    "TQDM",
    "HF_",
    "QT_",
    "LD_LIBRARY_PATH",  # cv2 sets it at import
)
_THREAD_GRACE_S = 20.0  # a thread that ends may wait long for a busy machine


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Look for no garbage in 12,000 tests and what they import: it was a quarter of the time.

    All of it stays to the end: later searches pass it over, and are seldom (they took a twentieth).
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
        gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return one worker more than there are cores: one always waits for a process or a host."""
    n = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (n or 1) + 1


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Mark cases by `other_cases` before marks choose tests, and sort those that are chosen."""
    mark_other_cases(items)
    yield
    _deal(items)


def _deal(items: list[pytest.Item]) -> None:
    """Begin each worker's share with tests that take longest: at the end, one would be waited for.

    Shares are those of xdist's `worksteal`: of one length, in the order of the tests.
    """
    first = [one for one in items if one.get_closest_marker("first")]
    others = iter([one for one in items if not one.get_closest_marker("first")])
    n, dealt = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")), list[pytest.Item]()
    for worker in range(n):
        mine = first[worker::n]
        size = (len(items) - len(dealt)) // (n - worker)
        dealt += [*mine, *itertools.islice(others, max(0, size - len(mine)))]
    items[:] = [*dealt, *others]


class _DoctestsWherePrompted:
    """Takes a module for a file of doctests where it shows a prompt, and no other.

    Files of tests have none: to look for some there was a twelfth of their collection.
    """

    @staticmethod
    @pytest.hookimpl(wrapper=True)
    def pytest_collect_file(file_path: Path) -> Iterator[None]:
        found = yield
        if any(isinstance(one, DoctestModule) for one in found) and (
            b">>>" not in file_path.read_bytes()
        ):
            return [one for one in found if not isinstance(one, DoctestModule)]
        return found

    @staticmethod
    def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
        """Leave examples in a workspace to `tests/workflows/api/test_notebook_workspace.py`."""
        items[:] = [
            one
            for one in items
            if not isinstance(one, pytest.DoctestItem)
            or not any(re.search(r"\bws\.|~/leaves", part.source) for part in one.dtest.examples)
        ]


def pytest_unconfigure() -> None:
    """Let the end clear away what it would: libraries look then whether they left something.

    Once: pytest looks five times, each of which takes a second of so many objects.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)


def pytest_configure(config: pytest.Config) -> None:
    """Register what a conftest of this folder is not asked about: files beside it."""
    config.pluginmanager.register(_DoctestsWherePrompted())


@pytest.fixture(scope="session")
def miniatures() -> ModuleType:
    """Give the module `miniatures.py`, whose functions write small competitions."""
    return importlib.import_module("miniatures")


@pytest.fixture(scope="session")
def packed_labels(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A workspace of labels with two trained runs, one of its own network, and its package."""
    made = importlib.import_module("packed_workspaces")
    root = tmp_path_factory.mktemp("labels")
    made.labels(root)
    return made.packed_of(root)


@pytest.fixture(scope="session")
def packed_masks(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The same of masks and labels by one network."""
    made = importlib.import_module("packed_workspaces")
    root = tmp_path_factory.mktemp("masks")
    made.masks(root)
    return made.packed_of(root)


@pytest.fixture(scope="session", autouse=True)
def command_line_made_once() -> Iterator[None]:
    """Make the commands' parsers in the first test that runs one: 50 ms each time otherwise."""
    make = typer.testing._get_command
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer.testing, "_get_command", functools.cache(make))
        yield


@pytest.fixture(scope="session", autouse=True)
def migrations_read_once() -> Iterator[None]:
    """Execute Optuna's ten scripts of its tables once, and not whenever a study is opened."""
    load, known = alembic.util.load_python_file, {}

    def load_once(folder: Any, name: Any) -> ModuleType:
        if Path(folder).name != "versions":  # env.py does its work while it is loaded
            return load(folder, name)
        key = (str(folder), str(name))
        known[key] = known.get(key) or load(folder, name)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alembic.util, "load_python_file", load_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def documents_composed_once() -> Iterator[None]:
    """Compose a text of YAML once: thousands of tests read the same few recipes, for 5 ms each."""
    compose = yaml.compose
    kept = functools.lru_cache(1000)(compose)  # nobody changes its nodes

    def compose_once(stream: Any, Loader: Any = yaml.Loader) -> Any:
        return (kept if isinstance(stream, str) else compose)(stream, Loader)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml, "compose", compose_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def networks_drawn_once() -> Iterator[None]:
    """Work out the drawing of a network once: every run has one, a tenth of a short training."""
    fold = sys.modules.get("podium.training.fit.fold")  # where it is not loaded, few tests train
    with pytest.MonkeyPatch.context() as patch:
        for name in ("network_parts", "head_inputs") if fold else ():
            patch.setattr(fold, name, _once_a_network(getattr(fold, name)))
        yield


def _once_a_network(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return `function` of a network, its size and more, whose answers are kept."""
    kept: dict[Any, Any] = {}

    def once(network: Any, size: Any, *more: Any) -> Any:
        weights = [(tuple(one.shape), one.requires_grad) for one in network.parameters()]
        kinds = tuple(map(type, network.modules()))  # an own module of each workspace is its own
        key = (repr(network), kinds, tuple(weights), size, more)
        if key not in kept:
            kept[key] = function(network, size, *more)
        return kept[key]

    return once


@pytest.fixture(scope="session", autouse=True)
def seeds_of_no_accelerator() -> Iterator[None]:
    """Where there is no GPU, note no stack of calls for it whenever torch is seeded."""
    torch = sys.modules.get("torch")
    with pytest.MonkeyPatch.context() as patch:
        if torch is not None and not torch.cuda.is_available():
            for module in ("cuda.random", "xpu.random", "mtia"):
                patch.setattr(f"torch.{module}._lazy_call", lambda call, **_: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def flush() -> Iterator[Callable[[int], None]]:
    """Do not wait for the disk in this process; give the real `os.fsync` to tests that want it.

    What is written survives a killed process without it; no test cuts the power. A database that
    sets `synchronous` itself keeps what it set.
    """
    real = os.fsync

    def accept(handle: int) -> None:
        os.fstat(handle)  # a closed one is still an error

    sa.event.listen(sa.Engine, "connect", _wait_for_no_disk)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", accept)
        yield real
    sa.event.remove(sa.Engine, "connect", _wait_for_no_disk)


def _wait_for_no_disk(connection: Any, _: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous=OFF")


@pytest.fixture(autouse=True)
def seeds() -> None:
    """The global generators start alike in every test (podium's own never use them)."""
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 — third-party code draws from the global generator


@pytest.fixture(autouse=True)
def nothing_leaks() -> Iterator[None]:
    """Fail a test that leaves an environment variable changed, a thread running, or another cwd."""
    environment, cwd = dict(os.environ), os.getcwd()  # noqa: PTH109 — compared as text
    threads = set(threading.enumerate())
    yield
    assert os.getcwd() == cwd, "the test changed the working directory"  # noqa: PTH109
    changed = {
        key
        for key in environment.keys() | os.environ.keys()
        if environment.get(key) != os.environ.get(key) and not key.startswith(_SET_BY_LIBRARIES)
    }
    assert not changed, f"the test changed the environment: {sorted(changed)}"
    deadline = time.monotonic() + _THREAD_GRACE_S
    while left := [t for t in threading.enumerate() if t not in threads and not t.daemon]:
        assert time.monotonic() < deadline, f"the test left threads running: {left}"
        time.sleep(0.02)
