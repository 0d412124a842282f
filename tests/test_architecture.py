"""The layout that the README promises: rooms in order, one file an addition."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from loaded_python import loaded_python
from scripts import BENCHMARKS, script

from podium.workspace import extensions

ROOT = Path(__file__).resolve().parents[1]
VAGUE = {"utils.py", "helpers.py", "common.py", "misc.py", "base.py", "manager.py"}
SOURCES = sorted((ROOT / "podium").rglob("*.py"))


def test_a_room_imports_only_rooms_left_of_it() -> None:
    code = (
        "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    )
    environment = {**os.environ, "PYTHONPATH": "."}
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def code_size() -> Any:
    """The program that counts, and the package's files as it reads them."""
    module = script(BENCHMARKS / "code_size.py")
    vars(module)["own"] = module.sources(ROOT / "podium")
    return module


def test_a_public_class_name_stands_once_in_the_package(code_size: Any) -> None:
    assert not code_size.classes_twice(code_size.own)


def test_no_code_outside_tasks_compares_the_name_of_a_kind_or_a_task(code_size: Any) -> None:
    assert not code_size.kind_literals(code_size.own)


def test_a_comparison_with_the_name_of_a_kind_is_found(code_size: Any, tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text('def f(kind): return kind in ("binary", "angle")\n')
    assert sum(code_size.kind_literals(code_size.sources(tmp_path)).values()) == 1


@pytest.mark.slow
def test_no_loop_makes_the_same_set_again_for_each_of_its_items() -> None:
    """`one for one in images if one not in set(others)` takes minutes of 100,000 images."""
    found = [
        f"{path.relative_to(ROOT)}:{line}: {code}"
        for path in SOURCES
        for line, code in repeated_containers(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not found, "\n".join(found)


def test_a_set_that_each_item_makes_again_is_found() -> None:
    code = "[x for x in a if x in set(b)]; [x for x in a if x in b]; [x for x in a if x in set(x)]"
    assert [one for _, one in repeated_containers(ast.parse(code))] == ["x in set(b)"]


def repeated_containers(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the line and code of each `in` of a comprehension that makes its container anew.

    It makes it for each item, and of nothing that differs from item to item.
    """
    for node in ast.walk(module):
        if not isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
            continue
        given = {
            name.id
            for loop in node.generators
            for name in ast.walk(loop.target)
            if isinstance(name, ast.Name)
        }
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        for part in [*parts, *(one for loop in node.generators for one in loop.ifs)]:
            for test in ast.walk(part):
                if not isinstance(test, ast.Compare):
                    continue
                if not any(isinstance(one, ast.In | ast.NotIn) for one in test.ops):
                    continue
                for container in test.comparators:
                    names = {one.id for one in ast.walk(container) if isinstance(one, ast.Name)}
                    if makes_a_container(container) and not names & given:
                        yield test.lineno, ast.unparse(test)


def makes_a_container(node: ast.expr) -> bool:
    if isinstance(node, ast.Set):
        return any(isinstance(one, ast.Starred) for one in node.elts)
    makers = {"set", "frozenset", "list", "tuple", "dict", "sorted"}
    is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    return isinstance(node, ast.ListComp | ast.SetComp) or (is_call and node.func.id in makers)


# torch, timm, pandas, matplotlib, numba or a server that a command may not need (22); a cycle of
# two modules that call each other (2). What several functions need so is an attribute of its
# package (`podium.workspace.lazy`), and a command's own import does not count.
MOST_INNER_IMPORTS = 24


def test_few_functions_import_modules_of_the_package(code_size: Any) -> None:
    found = code_size.imports_in_functions(code_size.own)
    commands = ROOT / "podium/cli/commands"
    inner = {path: n for path, n in found.items() if path.parent != commands}
    assert sum(inner.values()) <= MOST_INNER_IMPORTS, inner


def test_a_file_is_named_after_its_subject() -> None:
    assert not [p for p in SOURCES if p.name in VAGUE]


ADDITIONS = pytest.mark.parametrize(
    ("package", "attribute", "source"),
    [
        (
            "podium.competition.metrics", "METRIC",
            "from dataclasses import replace\n"
            "from podium.competition.metrics.accuracy import METRIC as ACCURACY\n"
            "METRIC = replace(ACCURACY, name='added')\n",
        ),
        (
            "podium.submissions.values", "VALUE",
            "from dataclasses import replace\n"
            "from podium.submissions.values.prob import VALUE as PROB\n"
            "VALUE = replace(PROB, name='added')\n",
        ),
        ("podium.training.policies", "POLICY", "def POLICY(size): return []\n"),
        ("podium.models.backbones", "BACKBONE", "def BACKBONE(**options): return None\n"),
        (
            "podium.models.decoders", "DECODER",
            "from podium.models.decoders._decoder import Decoder\nDECODER = Decoder(print)\n",
        ),
        ("podium.models.heads", "HEAD", "def HEAD(shape, n_outputs, spec): return None\n"),
        ("podium.training.losses", "LOSS", "def LOSS(logits, target, given): return logits\n"),
        ("podium.training.methods", "METHOD", "METHOD = object()\n"),
        (
            "podium.ensembling.methods", "METHOD",
            "from podium.ensembling.methods.mean import METHOD as MEAN\nMETHOD = MEAN\n",
        ),
        (
            "podium.competition.infer.annotations.tools", "read_tool",
            "def read_tool(files): return None\n",
        ),
    ],
)  # fmt: skip


@ADDITIONS
def test_an_addition_is_one_file(
    package: str, attribute: str, source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = __import__(package, fromlist=["__path__"])
    (tmp_path / "added.py").write_text(source)
    monkeypatch.setattr(module, "__path__", [*module.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, f"{package}.added", raising=False)
    assert "added" in extensions.names(module)
    extensions.load(module, "added", attribute)
    sys.modules.pop(f"{package}.added", None)


@ADDITIONS
def test_an_addition_of_ones_own_is_one_file_beside_competition_yaml(
    package: str, attribute: str, source: str, tmp_path: Path
) -> None:
    module = __import__(package, fromlist=["__path__"])
    (tmp_path / "added_own.py").write_text(source)
    loaded = extensions.load(module, f"added_own:{attribute}", attribute, root=tmp_path)
    assert loaded is not None
    assert "added_own" not in sys.modules, "another workspace may have its own"


# What Python has on POSIX systems alone: each use is one more thing that Windows cannot do. It
# stands in one of these files, whose list may only shrink.
POSIX_ONLY = {
    "os": {"fork", "getuid", "geteuid", "killpg", "setsid", "sysconf", "fchmod", "mkfifo", "nice",
           "getpgid", "getpgrp", "statvfs", "sched_getaffinity", "sched_setaffinity", "WNOHANG"},
    "signal": {"SIGKILL", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGSTOP", "SIGCONT", "alarm",
               "setitimer", "pthread_sigmask"},
}  # fmt: skip
POSIX_MODULES = {"fcntl", "grp", "pty", "pwd", "resource", "termios"}
POSIX_FILES = {
    "hosting/scoring/pool.py", "hosting/scoring/worker.py", "hosting/server.py",
    "submissions/packages/clean_environment.py", "training/fit/trial_steps.py",
    "workflows/engines/local.py", "workspace/digests.py", "workspace/locks.py",
    "workspace/machine.py", "workspace/process_main.py", "workspace/processes.py",
}  # fmt: skip


def posix_only(source: str) -> set[str]:
    """Return what a module uses that only POSIX systems have."""
    found = set[str]()
    if not any(name in source for name in POSIX_MODULES.union(*POSIX_ONLY.values())):
        return found  # most modules need not be parsed
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.attr in POSIX_ONLY.get(node.value.id, set()):
                found.add(f"{node.value.id}.{node.attr}")
        elif isinstance(node, ast.Import):
            found |= {one.name for one in node.names} & POSIX_MODULES
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or ""} & POSIX_MODULES
            found |= {
                f"{node.module}.{one.name}"
                for one in node.names
                if one.name in POSIX_ONLY.get(node.module or "", set())
            }
    return found


def test_calls_that_only_posix_has_stand_in_known_files() -> None:
    found = {
        path.relative_to(ROOT / "podium").as_posix(): names
        for path in SOURCES
        if (names := posix_only(path.read_text(encoding="utf-8")))
    }
    assert set(found) == POSIX_FILES, found


@pytest.mark.slow
def test_every_module_is_imported_without_what_only_posix_has() -> None:
    # A fork of a Python that has loaded the libraries: to load them is most of it.
    code = f"""
import importlib, os, pkgutil, signal, sys, types
import podium
names = [one.name for one in pkgutil.walk_packages(podium.__path__, "podium.")]
names = [one for one in names if not one.endswith("__main__")]
for name in names:
    importlib.import_module(name)  # the libraries are there, and stay
for name in [one for one in sys.modules if one.partition(".")[0] == "podium"]:
    del sys.modules[name]
sys.modules.update(dict.fromkeys({sorted(POSIX_MODULES)}))
for module, gone in ((os, {sorted(POSIX_ONLY["os"])}), (signal, {sorted(POSIX_ONLY["signal"])})):
    for name in gone:
        vars(module).pop(name, None)
sys.platform = "win32"
sys.modules["msvcrt"] = types.ModuleType("msvcrt")
for name in names:
    importlib.import_module(name)
print(len(names), flush=True)
os._exit(0)  # libraries that clean up may miss what was taken
"""
    done = subprocess.run(
        [loaded_python(), "-c", code], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[-1]) > 500


def test_a_call_that_only_posix_has_is_found() -> None:
    source = "import os, fcntl\nfrom signal import SIGKILL\nos.killpg(1, SIGKILL)\nos.kill(1, 2)\n"
    assert posix_only(source) == {"fcntl", "signal.SIGKILL", "os.killpg"}


def test_temporary_folders_of_a_killed_process_are_swept() -> None:
    own = {"TemporaryDirectory", "mkdtemp"}  # `atomic.temporary_folder` removes those of the dead
    found = [
        path.relative_to(ROOT).as_posix()
        for path in SOURCES
        if any(name in (text := path.read_text(encoding="utf-8")) for name in own)
        for node in ast.walk(ast.parse(text))
        if getattr(node, "attr", getattr(node, "id", None)) in own
    ]
    assert not found
