"""Faults planted one at a time in what podium exists for, and whether the tests find them.

    python benchmarks/mutants.py calls             run the tests, note which calls which function
    python benchmarks/mutants.py calls tests/x.py  the same for some tests, beside what is noted
    python benchmarks/mutants.py plant [-n 520]    plant faults, run the tests of their functions
    python benchmarks/mutants.py plant --again     try those that survived again, on new tests too
    python benchmarks/mutants.py table             print the table of what was planted

A fault is a small change that a person could make: a condition turned round, a comparison of the
other sign, plus for minus, `and` for `or`, a number one too large, a statement left out. Each is
planted in a copy of the package; the tests of `make test` that call the function run, until one
fails. Faults are drawn by a seed, as many in each room. What is found counts only if the test that
found it passes without the fault. `equivalent_faults.toml` lists, with reasons, drawn faults that
change nothing that anyone could see.
"""

from __future__ import annotations

import argparse
import ast
import functools
import gc
import importlib
import importlib.metadata
import itertools
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parents[1]
KNOWN = ROOT / "build/mutants"
EQUIVALENT = ROOT / "benchmarks/equivalent_faults.toml"
ROOMS = {
    "codecs": ["codecs/**/*.py"],
    "metrics": ["competition/metrics/*.py", "competition/bootstrap.py"],
    "folds": ["competition/folds.py", "competition/folds_file.py", "competition/strata.py"],
    "leakage": ["competition/fold_leaks.py", "competition/checks/*.py"],
    "methods": ["training/methods/*.py", "training/semi_supervised.py"],
    "decide": ["predictions/decisions/*.py"],
    "tune": ["tuning/**/*.py"],
    "blend": ["ensembling/**/*.py"],
    "upload": ["submissions/upload/*.py"],
}
FIRST, MORE = 15.0, 60.0  # seconds of the tests that are tried first, and if none of them fails
LONGEST = 60.0  # seconds of the processor for one test, beside ten times what it took when noted
PATIENCE = 4  # seconds of the clock for each of the processor: the machine may be busy
MEMORY = 16 * 2**30  # bytes; a loop that fills it ends in a MemoryError
_SWAPPED: dict[type[ast.AST], tuple[str, str]] = {
    ast.Eq: ("==", "!="), ast.NotEq: ("!=", "=="), ast.Lt: ("<", ">="), ast.GtE: (">=", "<"),
    ast.Gt: (">", "<="), ast.LtE: ("<=", ">"), ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"), ast.Is: ("is", "is not"), ast.IsNot: ("is not", "is"),
    ast.Add: ("+", "-"), ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"), ast.Div: ("/", "*"), ast.FloorDiv: ("//", "*"), ast.And: ("and", "or"),
    ast.Or: ("or", "and"),
}  # fmt: skip
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Fault:
    """One change of one file: the bytes between two offsets are replaced.

    Attributes:
        room: of `ROOMS`.
        file: relative to the repository.
        function: qualified name of the function that holds it.
        line: of the change.
        start, end: offsets in the file's bytes.
        new: what stands there instead.
        was, becomes: the line before and after, from the change's first line on.
    """

    room: str
    file: str
    function: str
    line: int
    start: int
    end: int
    new: str
    was: str
    becomes: str


def faults_of(room: str, path: Path, root: Path = ROOT) -> Iterator[Fault]:
    """Yield the faults that can be planted in one file."""
    data = path.read_bytes()
    starts = [0]
    for one in data.splitlines(keepends=True):
        starts.append(starts[-1] + len(one))

    def at(node: Any) -> tuple[int, int]:
        first = starts[node.lineno - 1] + node.col_offset
        return first, starts[node.end_lineno - 1] + node.end_col_offset

    def between(left: Any, right: Any, old: str, new: str) -> tuple[int, int, str] | None:
        first, last = at(left)[1], at(right)[0]
        gap = data[first:last].decode()
        if gap.replace("(", "").replace(")", "").strip() != old:
            return None
        place = first + gap.encode().index(old.encode())
        return place, place + len(old.encode()), new

    file = path.relative_to(root).as_posix()
    for name, node in _nodes_of_functions(ast.parse(data)):
        for start, end, new in _changes(node, at, between):
            line = data.count(b"\n", 0, start) + 1
            changed = data[:start] + new.encode() + data[end:]
            was, becomes = (_line(text, starts[line - 1]) for text in (data, changed))
            yield Fault(room, file, name, line, start, end, new, was, becomes)


def _line(text: bytes, start: int) -> str:
    return text[start:].split(b"\n", 1)[0].decode().strip()


def _nodes_of_functions(tree: ast.AST, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (qualified name, node) of the code in functions, without errors' texts and types."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, _FUNCTIONS):
            inner = f"{name}.{node.name}" if name else node.name
            for part in node.body:
                yield from _code(inner, part)
        elif isinstance(node, ast.ClassDef):
            yield from _nodes_of_functions(node, f"{name}.{node.name}" if name else node.name)


def _code(name: str, node: ast.AST) -> Iterator[tuple[str, Any]]:
    if isinstance(node, ast.Raise | ast.Assert | ast.JoinedStr | ast.Import | ast.ImportFrom):
        return
    if isinstance(node, ast.Expr) and _is_progress(node.value):
        return
    if isinstance(node, _FUNCTIONS):
        for part in node.body:
            yield from _code(f"{name}.<locals>.{node.name}", part)
        return
    yield name, node
    for part_of_node, value in ast.iter_fields(node):
        if part_of_node in ("annotation", "decorator_list", "returns"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _code(name, child)


def _is_progress(node: ast.expr) -> bool:
    """Return whether a call writes a line of progress, whose text is no result."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "say"
    )


def _changes(node: Any, at: Any, between: Any) -> Iterator[tuple[int, int, str]]:
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        found = between(node.left, node.comparators[0], *_SWAPPED[type(node.ops[0])])
        if found:
            yield found
    elif isinstance(node, ast.BinOp) and type(node.op) in _SWAPPED:
        found = between(node.left, node.right, *_SWAPPED[type(node.op)])
        if found and not isinstance(node.left, ast.Constant | ast.JoinedStr):
            yield found
    elif isinstance(node, ast.BoolOp):
        found = between(node.values[0], node.values[1], *_SWAPPED[type(node.op)])
        if found:
            yield found
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield at(node)[0], at(node.operand)[0], ""
    elif isinstance(node, ast.If | ast.IfExp | ast.While) and not isinstance(
        node.test, ast.Compare | ast.BoolOp | ast.UnaryOp
    ):
        start, _ = at(node.test)
        yield start, start, "not "
    elif isinstance(node, ast.Constant) and type(node.value) is int and abs(node.value) < 1000:
        start, end = at(node)
        yield start, end, str(node.value + 1)
    elif isinstance(node, ast.AugAssign) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    ):
        yield *at(node), "pass"


def faults_by_room() -> dict[str, list[Fault]]:
    """Return all faults that can be planted."""
    found = {}
    for room, patterns in ROOMS.items():
        files = sorted({file for one in patterns for file in (ROOT / "podium").glob(one)})
        found[room] = [fault for file in files for fault in faults_of(room, file)]
    return found


def drawn(n: int, seed: int) -> list[Fault]:
    """Return `n` faults, as many of each room as there are, spread by a seed."""
    shuffled = faults_by_room()
    for room, found in shuffled.items():
        random.Random(f"{seed} {room}").shuffle(found)
    chosen: list[Fault] = []
    while len(chosen) < n and any(shuffled.values()):
        for found in shuffled.values():
            if found and len(chosen) < n:
                chosen.append(found.pop())
    return chosen


def equivalent_faults() -> dict[tuple[str, str, str, str], str]:
    """Return (file, function, line before, line after) → why nobody could see the change."""
    listed = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))["fault"]
    return {(f["file"], f["function"], f["was"], f["becomes"]): f["reason"] for f in listed}


def _key(fault: Fault) -> tuple[str, str, str, str]:
    return fault.file, fault.function, fault.was, fault.becomes


# Which test calls which function: a plugin of pytest, loaded with `-p mutants` -------------------

_PACKAGE = f"{ROOT / 'podium'}{os.sep}"
_CALLED: dict[str, Any] = {}
_NOW: list[set[str]] = []


def _see(frame: FrameType, event: str, _argument: Any) -> None:
    code = frame.f_code
    if event == "call" and _NOW and code.co_filename.startswith(_PACKAGE):
        _NOW[-1].add(f"{code.co_filename[len(_PACKAGE) - 7 :]}:{code.co_qualname}")


def pytest_runtest_setup(item: Any) -> None:
    """Begin to note the functions that the test calls."""
    del item
    _NOW[:] = [set()]
    sys.setprofile(_see)
    threading.setprofile(_see)
    _CALLED["began"] = time.perf_counter()


def pytest_runtest_teardown(item: Any) -> None:
    """Keep the functions that the test called, and how long it took."""
    sys.setprofile(None)
    took = time.perf_counter() - _CALLED.pop("began", time.perf_counter())
    if _NOW:
        _CALLED[item.nodeid] = {"seconds": round(took, 3), "functions": sorted(_NOW.pop())}


def pytest_sessionfinish(session: Any) -> None:
    """Write what was noted; each worker has a file of its own."""
    del session
    if _CALLED and "PODIUM_CALLS" in os.environ:
        folder = Path(os.environ["PODIUM_CALLS"])
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{time.time_ns()}-{os.getpid()}.json").write_text(json.dumps(_CALLED))


def note_calls(tests: list[str], workers: int) -> None:
    """Run the quick tests, or some of them, and write which of them calls which function."""
    calls = KNOWN / "calls"
    if not tests:
        shutil.rmtree(calls, ignore_errors=True)
    path = os.pathsep.join([str(ROOT / "benchmarks"), str(ROOT), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PODIUM_CALLS": str(calls), "PYTHONPATH": path}
    words = ["-m", "pytest", "-q", "-p", "mutants", "-m", "not slow", "-n", str(workers), *tests]
    subprocess.run([sys.executable, *words], cwd=ROOT, env=environment, check=False)


# Which tests are tried for a fault ---------------------------------------------------------------


@dataclass
class Calls:
    """What was noted: the tests of each function, and how many seconds each test took."""

    seconds: dict[str, float] = field(default_factory=dict)
    by_function: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    by_file: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def read(cls) -> Calls:
        """Return what was noted, of each test the latest."""
        latest: dict[str, Any] = {}
        for file in sorted((KNOWN / "calls").glob("*.json")):
            latest |= json.loads(file.read_text())
        calls, texts = cls(), functools.cache(lambda file: (ROOT / file).read_text("utf-8"))
        for test, noted in latest.items():
            place, *_, name = test.split("[")[0].split("::")
            if not (ROOT / place).exists() or f"def {name}(" not in texts(place):
                continue  # it is not there any more
            calls.seconds[test] = noted["seconds"]
            for function in noted["functions"]:
                calls.by_function[function].add(test)
                calls.by_file[function.split(":")[0]].add(test)
        return calls

    def tests_of(self, fault: Fault) -> tuple[list[str], list[str]]:
        """Return the tests that call the fault's function, and the others of its file."""
        ours = self.by_function.get(f"{fault.file}:{fault.function}", set())
        others = self.by_file.get(fault.file, set()) - ours
        if not ours:  # compiled functions are called by no Python that could be noted
            others = others | self._of_importers(fault.file)
        return self._in_order(fault, ours), self._in_order(fault, others)

    def _of_importers(self, file: str, depth: int = 2) -> set[str]:
        name = file.removesuffix("/__init__.py").removesuffix(".py").replace("/", ".")
        package, _, last = name.rpartition(".")
        pattern = re.compile(
            rf"from {re.escape(name)} import|from {re.escape(package)} import .*{last}"
        )
        found: set[str] = set()
        for path in (ROOT / "podium").rglob("*.py"):
            if pattern.search(path.read_text(encoding="utf-8")):
                importer = path.relative_to(ROOT).as_posix()
                tests = self.by_file.get(importer, set())
                found |= tests
                if depth:
                    found |= self._of_importers(importer, depth - 1)
        return found

    def _in_order(self, fault: Fault, tests: Iterable[str]) -> list[str]:
        """Return of each test one case, those of the fault's folder first; then the next cases."""
        folder = Path("tests", *Path(fault.file).parts[1:-1])
        cases: dict[str, list[str]] = defaultdict(list)
        for test in sorted(tests, key=lambda test: (self.seconds[test], test)):
            cases[test.split("[")[0]].append(test)
        ordered = []
        for each in cases.values():
            for turn, test in enumerate(each):
                is_near = Path(test.split("::")[0]).is_relative_to(folder)
                ordered.append((turn, not is_near, self.seconds[test], test))
        return [test for *_, test in sorted(ordered)]


def _as_many(tests: list[str], seconds: dict[str, float], most: float) -> list[str]:
    """Return the tests from the first on that take `most` seconds together; at least one."""
    sums = itertools.accumulate(seconds[test] + 0.02 for test in tests)
    return [test for test, so_far in zip(tests, sums, strict=True) if so_far <= most] or tests[:1]


# Planting ----------------------------------------------------------------------------------------

_LIBRARIES = (
    "albumentations",
    "cv2",
    "hypothesis",
    "lightning",
    "matplotlib.pyplot",
    "numba",
    "numpy",
    "optuna",
    "pandas",
    "PIL.Image",
    "pyarrow",
    "pytest",
    "requests",
    "scipy.ndimage",
    "scipy.optimize",
    "scipy.stats",
    "segmentation_models_pytorch",
    "sklearn.isotonic",
    "sklearn.linear_model",
    "sklearn.metrics",
    "sklearn.model_selection",
    "sqlalchemy",
    "tifffile",
    "timm",
    "torch",
    "torchvision",
    "typer.testing",
    "yaml",
)


def _load_libraries() -> None:
    """Import what the tests import, once; each run of tests is a fork that has them already."""
    os.environ |= {"OMP_NUM_THREADS": "1", "NO_ALBUMENTATIONS_UPDATE": "1", "HF_HUB_OFFLINE": "1"}
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    cached: Any = functools.cache(importlib.metadata.entry_points)  # as tests/conftest.py does
    importlib.metadata.entry_points = cached
    for name in _LIBRARIES:
        with suppress(ImportError):
            importlib.import_module(name)
    gc.freeze()


class _Watch:
    """A plugin of pytest that writes which test runs and which failed, and ends one that hangs."""

    def __init__(self, seconds: dict[str, float], told: Path) -> None:
        self.seconds, self.told = seconds, told
        self.limit("")

    def limit(self, test: str) -> None:
        """Let the process end by a signal when the test that begins takes too long."""
        most = LONGEST + 10 * self.seconds.get(test, 0.0)
        signal.setitimer(signal.ITIMER_PROF, most)
        signal.setitimer(signal.ITIMER_REAL, PATIENCE * most)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.told.write_text(nodeid)
        self.limit(nodeid)

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed:
            self.told.write_text(report.nodeid)

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self.told.write_text(report.nodeid)


class Copy:
    """A copy of the package and its tests, in which one run of tests takes place at a time."""

    def __init__(self) -> None:
        memory = Path("/dev/shm")
        self.place = Path(
            tempfile.mkdtemp(prefix="mutants-", dir=memory if memory.is_dir() else None)
        )
        self.root, self.told = self.place / "podium", self.place / "told"
        ignored = shutil.ignore_patterns("results")
        for folder in ("podium", "tests", "examples", "docs", "benchmarks"):
            shutil.copytree(ROOT / folder, self.root / folder, ignore=ignored)
        for one in (*ROOT.glob("*.toml"), *ROOT.glob("*.md"), ROOT / "Makefile"):
            shutil.copy2(one, self.root / one.name)

    def plant(self, fault: Fault, n: int) -> None:
        """Change the file; `n` makes its time one that no compiled file has seen."""
        whole = (ROOT / fault.file).read_bytes()
        place = self.root / fault.file
        place.write_bytes(whole[: fault.start] + fault.new.encode() + whole[fault.end :])
        os.utime(place, (1_000_000_000 + n,) * 2)

    def mend(self, fault: Fault) -> None:
        """Bring the file back as it was."""
        shutil.copy2(ROOT / fault.file, self.root / fault.file)

    def start(self, tests: list[str], seconds: dict[str, float], is_compiled: bool) -> int:
        """Start the tests in a fork of this process; return its id."""
        self.told.write_text("")
        process = os.fork()
        if process == 0:
            self._run(tests, seconds, is_compiled)
        return process

    def _run(self, tests: list[str], seconds: dict[str, float], is_compiled: bool) -> NoReturn:
        code = 70
        try:
            os.setsid()
            os.chdir(self.root)
            with (self.place / "log").open("w") as log:
                os.dup2(log.fileno(), 1)
                os.dup2(log.fileno(), 2)
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            os.environ["PYTHONPATH"] = os.pathsep.join([str(self.root), str(self.root / "tests")])
            ours = (str(ROOT), str(ROOT / "benchmarks"))
            sys.path[:] = [str(self.root), *(one for one in sys.path if one not in ours)]
            if is_compiled:  # numba does not see a change of a file whose functions another inlines
                compiled = self.place / "compiled"
                shutil.rmtree(compiled, ignore_errors=True)
                os.environ["NUMBA_CACHE_DIR"] = str(compiled)
                vars(importlib.import_module("numba.core.config"))["CACHE_DIR"] = str(compiled)
            words = ["-x", "-q", "--no-header", "-p", "no:cacheprovider", "-n", "0"]
            words += ["-W", "ignore::pytest.PytestAssertRewriteWarning", "-m", "not slow"]
            words += [f"--basetemp={self.place / 'temporary'}"]
            watch = _Watch(seconds, self.told)
            code = int(importlib.import_module("pytest").main([*words, *tests], plugins=[watch]))
        finally:
            os._exit(code)


@dataclass(frozen=True)
class _Trial:
    """A run of tests: with the fault, or without it of the test that found it."""

    fault: Fault
    tests: list[str]
    more: list[str]  # that are tried if none of `tests` fails
    how: str = ""  # what is to be confirmed without the fault
    test: str = ""
    seconds: float = 0.0


class _Planting:
    """Tries faults in copies of the package, as many at once as there are workers."""

    def __init__(self, workers: int, first: float, more: float) -> None:
        self.calls, self.first, self.more = Calls.read(), first, more
        self.passing: set[str] = set()  # tests that pass without a fault
        self.failing: set[str] = set()  # tests that do not, in a copy
        self.count = itertools.count()
        _load_libraries()
        self.free = [Copy() for _ in range(workers)]
        self.copies = list(self.free)

    def run(self, faults: list[Fault]) -> Iterator[dict[str, Any]]:
        """Yield of each fault whether it was found."""
        waiting = [self._first_trial(fault) for fault in reversed(faults)]
        running: dict[int, tuple[_Trial, Copy, float]] = {}
        while waiting or running:
            while waiting and self.free:
                trial, copy = waiting.pop(), self.free.pop()
                running[self._start(trial, copy)] = trial, copy, time.perf_counter()
            process, status = os.wait()
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process, signal.SIGKILL)
            trial, copy, began = running.pop(process)
            copy.mend(trial.fault)
            self.free.append(copy)
            took = trial.seconds + time.perf_counter() - began
            then = self._judge(replace(trial, seconds=took), status, copy.told.read_text())
            if isinstance(then, _Trial):
                waiting.append(then)
            else:
                ending = {"how": then[0], "test": then[1], "seconds": round(took, 1)}
                yield asdict(trial.fault) | ending

    def close(self) -> None:
        """Remove the copies."""
        for copy in self.copies:
            shutil.rmtree(copy.place, ignore_errors=True)

    def _first_trial(self, fault: Fault) -> _Trial:
        ours, others = self.calls.tests_of(fault)
        tests = _as_many(ours or others, self.calls.seconds, self.first)
        tried = set(tests)
        more = _as_many(
            [test for test in (*ours, *others) if test not in tried], self.calls.seconds, self.more
        )
        return _Trial(fault, tests, more)

    def _start(self, trial: _Trial, copy: Copy) -> int:
        if not trial.how:
            copy.plant(trial.fault, next(self.count))
        tests = [test for test in trial.tests if test not in self.failing]
        text = (ROOT / trial.fault.file).read_text(encoding="utf-8")
        is_compiled = not trial.how and ("numba" in text or "_kernels" in text)
        return copy.start(tests, self.calls.seconds, is_compiled)

    def _judge(self, trial: _Trial, status: int, told: str) -> _Trial | tuple[str, str]:
        """Return what is tried next, or how it ended and by which test."""
        ended_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        code = 0 if ended_by else os.WEXITSTATUS(status)
        has_passed = not ended_by and code in (0, 5)  # 5: no test was left to run
        if trial.how:
            (self.passing if has_passed else self.failing).update(trial.tests)
            if has_passed:
                return trial.how, trial.test
            rest = [t for t in trial.more if t not in self.failing]
            return replace(trial, tests=rest, more=[], how="", test="")
        if has_passed:
            if trial.more:
                return replace(trial, tests=trial.more, more=[])
            return "survived", ""
        how = "hangs" if ended_by in (signal.SIGPROF, signal.SIGALRM) else "found"
        if told in self.passing:
            return how, told
        # Tests of an error on collecting are all that were asked of that file.
        confirming = [told] if told in trial.tests else [
            t for t in trial.tests if not told or t.startswith(told)
        ] or trial.tests  # fmt: skip
        return replace(
            trial, tests=confirming, more=[*trial.tests, *trial.more], how=how, test=told
        )


def plant(n: int, seed: int, workers: int, again: bool, first: float, more: float) -> None:
    """Plant `n` faults, and write after each whether it was found; those known are passed over."""
    KNOWN.mkdir(parents=True, exist_ok=True)
    known = _results(n, seed)
    done = [f for f, result in known.items() if not (again and result["how"] == "survived")]
    faults = [fault for fault in drawn(n, seed) if fault not in done]
    planting = _Planting(workers, first, more)
    try:
        for result in planting.run(faults):
            with (KNOWN / "results.jsonl").open("a", encoding="utf-8") as file:
                file.write(json.dumps(result) + "\n")
            if result["how"] == "survived":
                print("survived: {file}:{line} {function}: {was} → {becomes}".format(**result))
                sys.stdout.flush()
    finally:
        planting.close()


def _results(n: int, seed: int) -> dict[Fault, dict[str, Any]]:
    """Return what is known of the drawn faults; the last trial of each counts."""
    file = KNOWN / "results.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    found = {}
    for line in lines:
        result = json.loads(line)
        found[tuple(result[name] for name in Fault.__annotations__)] = result
    ordered = {fault: found.get(tuple(asdict(fault).values())) for fault in drawn(n, seed)}
    return {fault: result for fault, result in ordered.items() if result}


def table(n: int, seed: int) -> str:
    """Return the tables: what was planted and found in each room, and which are equivalent."""
    equivalent = equivalent_faults()
    there = {room: len(faults) for room, faults in faults_by_room().items()}
    rows: dict[str, Counter[str]] = {room: Counter() for room in there}
    reasons = []
    for fault, result in _results(n, seed).items():
        how = result["how"]
        if _key(fault) in equivalent and how == "survived":
            how = "equivalent"
            reasons.append((fault, equivalent[_key(fault)]))
        rows[fault.room][how] += 1
    rows["all"] = sum(rows.values(), Counter[str]())
    there["all"] = sum(there.values())
    head = ("room", "there are", "planted", "found", "by a hang", "equivalent", "survived", "share")
    lines = [f"| {' | '.join(head)} |", "| --- " + "| --: " * 7 + "|"]
    for name, counted in rows.items():
        planted, found = counted.total(), counted["found"] + counted["hangs"]
        share = f"{found / max(planted - counted['equivalent'], 1):.1%}"
        numbers = (there[name], planted, found, counted["hangs"], counted["equivalent"])
        cells = (name, *map(str, numbers), str(counted["survived"]), share)
        lines.append(f"| {' | '.join(cells)} |")
    if reasons:
        lines += [
            "",
            "| equivalent | was | becomes | nobody sees it because |",
            "| --- | --- | --- | --- |",
        ]
    for fault, reason in sorted(reasons, key=lambda one: (one[0].file, one[0].line)):
        place = f"`{fault.file.removeprefix('podium/')}` {fault.function}"
        cells = (place, f"`{fault.was}`", f"`{fault.becomes}`", reason)
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Run one of the three commands."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("command", choices=["calls", "plant", "table"])
    parser.add_argument("tests", nargs="*", help="of calls: the tests to run; all")
    parser.add_argument("-n", type=int, default=520)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--again", action="store_true", help="try those that survived again")
    parser.add_argument("--first", type=float, default=FIRST, help="seconds of tests tried first")
    parser.add_argument("--more", type=float, default=MORE, help="seconds of tests tried then")
    given = parser.parse_args()
    if given.command == "calls":
        note_calls(given.tests, given.workers)
        return
    if given.command == "plant":
        plant(given.n, given.seed, given.workers, given.again, given.first, given.more)
    print(table(given.n, given.seed))


if __name__ == "__main__":
    main()
