"""Faults planted one at a time in what podium exists for, and whether the tests find them.

    python benchmarks/mutants.py calls             run the tests, note which calls which function
    python benchmarks/mutants.py calls tests/x.py  the same for some tests, beside what is noted
    python benchmarks/mutants.py plant [-n 520]    plant faults, run the tests of their functions
    python benchmarks/mutants.py plant --again     try those that survived again, on new tests too
    python benchmarks/mutants.py table             print the table of what was planted

A fault is a small change that a person could make: a condition turned round, a comparison of the
other sign, plus for minus, `and` for `or`, a number one too large, a statement left out. Faults are
drawn by a seed, as many in each room. Each is planted in a fork of a process that has collected the
tests, and what survives there in a copy of the package; the tests of `make test` that call the
function run, until one fails. What is found counts only if its test passes without the fault.
`equivalent_faults.toml` lists, with reasons, faults that change nothing that anyone could see.
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
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parents[1]
KNOWN = ROOT / "build/mutants"
EQUIVALENT = ROOT / "benchmarks/equivalent_faults.toml"
ROOMS = {
    "codecs": ["codecs/**/*.py"],
    "metrics": ["competition/metrics/*.py", "competition/scores/bootstrap.py"],
    "folds": [
        "competition/folds/__init__.py",
        "competition/folds/file.py",
        "competition/folds/strata.py",
    ],
    "leakage": ["competition/folds/leaks.py", "competition/checks/*.py"],
    "methods": ["training/methods/*.py", "training/semi_supervised.py"],
    "decide": ["predictions/decisions/*.py"],
    "tune": ["tuning/**/*.py"],
    "blend": ["ensembling/**/*.py"],
    "upload": ["submissions/upload/*.py"],
}
FIRST, MORE = 8.0, 90.0  # seconds of the tests that are tried first, and of all
CASES = 8  # of a test that are tried before other tests
LONGEST = 20.0  # seconds of the processor for one test, beside ten times what it took when noted
COMPILING = 40.0  # more of them where numba compiles
PATIENCE = 20  # seconds of the clock for each of the processor: the machine may be busy
MEMORY = 16 * 2**30  # bytes; a loop that fills it ends in a MemoryError
Seconds = tuple[float, float]
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
        start, _ = at(node)  # brackets around what is turned round stay
        yield start, start + len("not "), ""
    elif isinstance(node, ast.If | ast.IfExp | ast.While) and not isinstance(
        node.test, ast.Compare | ast.BoolOp | ast.UnaryOp | ast.NamedExpr
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


@functools.cache
def faults_by_room() -> dict[str, tuple[Fault, ...]]:
    """Return all faults that can be planted."""
    found = {}
    for room, patterns in ROOMS.items():
        files = sorted({file for one in patterns for file in (ROOT / "podium").glob(one)})
        found[room] = tuple(fault for file in files for fault in faults_of(room, file))
    return found


def drawn(n: int, seed: int, rooms: Sequence[str] = ()) -> list[Fault]:
    """Return `n` faults, as many of each room as there are, or of `rooms`, spread by a seed."""
    there = faults_by_room()
    shuffled = {room: list(there[room]) for room in there if room in (rooms or there)}
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


def _processor_s() -> float:
    """Return the seconds of the processor so far: the clock's count what else the machine does."""
    of = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(one.ru_utime + one.ru_stime for one in map(resource.getrusage, of))


def pytest_runtest_setup(item: Any) -> None:
    """Begin to note the functions that the test calls."""
    del item
    _NOW[:] = [set()]
    sys.setprofile(_see)
    threading.setprofile(_see)
    _CALLED["began"] = _processor_s()


def pytest_runtest_teardown(item: Any) -> None:
    """Keep the functions that the test called, and how long it took."""
    sys.setprofile(None)
    took = _processor_s() - _CALLED.pop("began", _processor_s())
    if _NOW:
        _CALLED[item.nodeid] = {"seconds": round(took, 6), "functions": sorted(_NOW.pop())}


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
    words = [
        "-m",
        "pytest",
        "-q",
        "-p",
        "mutants",
        "-m",
        "not long and not alone",
        "-n",
        str(workers),
        *tests,
    ]
    subprocess.run([sys.executable, *words], cwd=ROOT, env=environment, check=False)


# Which tests are tried for a fault ---------------------------------------------------------------


@dataclass
class Calls:
    """What was noted: of each test its seconds and how many functions it calls; whose tests."""

    seconds: dict[str, float] = field(default_factory=dict)
    n_called: dict[str, int] = field(default_factory=dict)
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
            called = f"def {name.rpartition('.')[2]}("  # of a doctest its function, or the module
            if not (ROOT / place).exists() or not (called in texts(place) or "." in name):
                continue  # it is not there any more
            calls.seconds[test] = noted["seconds"]
            calls.n_called[test] = len(noted["functions"])
            for function in noted["functions"]:
                calls.by_function[function].add(test)
                calls.by_file[function.split(":")[0]].add(test)
        return calls

    def tests_of(self, fault: Fault) -> tuple[list[str], list[str]]:
        """Return the tests that call the fault's function, and the others of its file."""
        ours = self.by_function.get(f"{fault.file}:{fault.function}", set())
        others = self.by_file.get(fault.file, set())
        if _is_compiled(fault):  # most calls are none of Python, that could be noted
            others = others.union(*(self.by_file.get(one, ()) for one in _importers(fault.file)))
        others = others - ours
        # Commands that a test runs as programs are not noted: tests of the folder may find it, too.
        near = {test for test in self.seconds if _is_near(test, fault)} - ours
        rest = (others & near, others - near, near - others)
        ordered = [test for part in rest for test in self._in_order(part)]
        return self._in_order(ours), ordered

    def _in_order(self, tests: Iterable[str]) -> list[str]:
        """Return the tests that call the fewest functions first, eight cases of each, then more."""
        cases: Counter[str] = Counter()
        ordered = []
        for test in sorted(tests, key=lambda one: (self.n_called[one], self.seconds[one], one)):
            cases[test.split("[")[0]] += 1
            turn = (cases[test.split("[")[0]] - 1) // CASES
            ordered.append((turn, self.n_called[test], self.seconds[test], test))
        return [test for *_, test in sorted(ordered)]


def _is_near(test: str, fault: Fault) -> bool:
    """Return whether a test lies in the folder of tests of the fault's file."""
    return test.startswith(_folder_of_tests(fault.file))


@functools.cache
def _importers(file: str, depth: int = 2) -> frozenset[str]:
    """Return the file, those that import it, and those that import them."""
    package, _, last = file.removesuffix(".py").removesuffix("/__init__").rpartition("/")
    package = package.replace("/", ".")
    name = rf"from {re.escape(package)}(\.{last} import|( import .*\b{last}\b))"
    found = [one for one, text in _texts().items() if re.search(name, text)] if depth else []
    return frozenset({file}.union(*(_importers(one, depth - 1) for one in found)))


@functools.cache
def _texts() -> dict[str, str]:
    files = (ROOT / "podium").rglob("*.py")
    return {file.relative_to(ROOT).as_posix(): file.read_text(encoding="utf-8") for file in files}


@functools.cache
def _folder_of_tests(file: str) -> str:
    folder = Path("tests", *Path(file).parts[1:-1])
    while not (ROOT / folder).is_dir():
        folder = folder.parent
    return f"{folder.as_posix()}/"


def _between(tests: list[str], seconds: dict[str, float], first: float, last: float) -> list[str]:
    """Return the tests that begin between two moments, if they run one after the other."""
    began, found = 0.0, []
    for test in tests:
        if first <= began < last:
            found.append(test)
        began += seconds[test] + 0.02
    return found


# Planting ----------------------------------------------------------------------------------------

_LIBRARIES = (
    "albumentations",
    "cv2",
    "hypothesis",
    "lightning_fabric",
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

    def __init__(self, seconds: dict[str, float], told: Path, longest: float = LONGEST) -> None:
        self.seconds, self.told, self.longest = seconds, told, longest
        self.has_failed = False
        self.limit("")

    def limit(self, test: str) -> None:
        """Let the process end by a signal when the test that begins takes too long."""
        most = self.longest + 10 * self.seconds.get(test, 0.0)
        signal.setitimer(signal.ITIMER_PROF, most)
        signal.setitimer(signal.ITIMER_REAL, PATIENCE * most)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.told.write_text(nodeid)
        self.limit(nodeid)

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed:
            self.has_failed = True
            self.told.write_text(report.nodeid)

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self.told.write_text(report.nodeid)


class Copy:
    """A copy of the package and its tests: a fault is planted in the file, all is imported anew."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self.seconds, self.place = seconds, _folder()
        self.root, self.told = self.place / "podium", self.place / "told"
        ignored = shutil.ignore_patterns("results")
        for folder in ("podium", "tests", "examples", "docs", "benchmarks"):
            shutil.copytree(ROOT / folder, self.root / folder, ignore=ignored)
        for one in (*ROOT.glob("*.toml"), *ROOT.glob("*.md"), ROOT / "Makefile"):
            shutil.copy2(one, self.root / one.name)

    def start(self, fault: Fault | None, tests: list[str]) -> int:
        """Start the tests in a fork of this process; return its id."""
        if fault:
            place = self.root / fault.file
            place.write_bytes(_with(fault))
            # A time of its own: no file compiled for another fault is taken for this one's.
            os.utime(place, (next(_TIMES),) * 2)
            if _is_compiled(fault):
                self._forget_compiled(fault)
        self.told.write_text("")
        process = os.fork()
        if process == 0:
            _be_alone(self.place / "log", lambda: self._run(tests))
        return process

    def end(self, fault: Fault) -> None:
        """Bring the file back as it was."""
        shutil.copy2(ROOT / fault.file, self.root / fault.file)
        if _is_compiled(fault):
            self._forget_compiled(fault)
            for file in _importers(fault.file):
                for old in _compiled_files(ROOT / file):
                    shutil.copy2(old, self.root / old.relative_to(ROOT))

    def _forget_compiled(self, fault: Fault) -> None:
        """Delete what numba keeps of the file, and of those that may inline it."""
        for file in _importers(fault.file):
            for old in _compiled_files(self.root / file):
                old.unlink()

    def _run(self, tests: list[str]) -> int:
        os.chdir(self.root)
        os.environ["PYTHONPATH"] = os.pathsep.join([str(self.root), str(self.root / "tests")])
        ours = (str(ROOT), str(ROOT / "benchmarks"))
        sys.path[:] = [str(self.root), *(one for one in sys.path if one not in ours)]
        words = [*_PYTEST, "-x", f"--basetemp={self.place / 'temporary'}", *tests]
        watch = _Watch(self.seconds, self.told, LONGEST + COMPILING)
        return int(importlib.import_module("pytest").main(words, plugins=[watch]))


_PYTEST = ["-q", "--no-header", "-p", "no:cacheprovider", "-n", "0", "-m", "not long and not alone"]
_PYTEST += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
_TIMES = itertools.count(1_000_000_000)


def _compiled_files(file: Path) -> list[Path]:
    """Return what numba keeps of the functions of a file."""
    return list(file.parent.glob(f"__pycache__/{file.stem}.*.nb?"))


def _is_compiled(fault: Fault) -> bool:
    """Return whether numba may compile the fault's function."""
    text = _texts()[fault.file]
    return "import numba" in text or "podium.codecs._kernels import" in text


def _folder() -> Path:
    memory = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="mutants-", dir=memory if memory.is_dir() else None))


def _with(fault: Fault) -> bytes:
    """Return the file with the fault, of as many lines as without it."""
    whole = (ROOT / fault.file).read_bytes()
    gone = whole[fault.start : fault.end].count(b"\n")
    return whole[: fault.start] + fault.new.encode() + b"\n" * gone + whole[fault.end :]


def _be_alone(log: Path, run: Callable[[], int]) -> NoReturn:
    """Run in a fork that can be ended with all that it starts, then leave at once."""
    code = 70
    try:
        os.setsid()
        with log.open("w") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        code = run()
    finally:
        os._exit(code)


class Fork:
    """A fork of a process that has collected the tests: the fault's function gets other code.

    Quick, but what was computed on import, what numba compiled and what tests run as a program is
    as it was: what nothing finds so is tried in a `Copy`.
    """

    def __init__(self, session: Any, seconds: dict[str, float]) -> None:
        self.seconds, self.place = seconds, _folder()
        self.told, self.session = self.place / "told", session
        self.items = {item.nodeid: item for item in session.items}
        self.unnoted: dict[str, list[str]] = defaultdict(list)  # new cases of tests, by test
        for test in self.items.keys() - seconds.keys():
            self.unnoted[test.split("[")[0]].append(test)
        self.functions: dict[str, list[FunctionType]] = defaultdict(list)
        for function in _functions_there():
            self.functions[function.__code__.co_filename].append(function)

    def start(self, fault: Fault | None, tests: list[str]) -> int:
        """Start the tests in a fork of this process; return its id."""
        self.told.write_text("")
        process = os.fork()
        if process == 0:
            _be_alone(self.place / "log", lambda: self._run(fault, tests))
        return process

    def end(self, fault: Fault) -> None:
        """Do nothing: the fault ended with the fork."""

    def _run(self, fault: Fault | None, tests: list[str]) -> int:
        if fault and not self._exchange(fault):
            return 0
        watch = _Watch(self.seconds, self.told)
        self.session.config.pluginmanager.register(watch)
        factory = self.session.config._tmp_path_factory
        factory._given_basetemp, factory._basetemp = self.place / "temporary", None
        new = [one for test in tests for one in self.unnoted.get(test.split("[")[0], ())]
        items = [self.items[test] for test in dict.fromkeys([*new, *tests]) if test in self.items]
        for item, following in itertools.zip_longest(items, items[1:]):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if watch.has_failed:
                return 1
        return 0

    def _exchange(self, fault: Fault) -> bool:
        """Give the functions of the file the code that they have with the fault."""
        file = str(ROOT / fault.file)
        functions = self.functions.get(file, [])
        if not functions:  # imported by a test only
            name = fault.file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            importlib.import_module(name)
            functions = [one for one in _functions_there() if one.__code__.co_filename == file]
        codes: dict[tuple[str, int], list[CodeType]] = defaultdict(list)
        for code in _codes(compile(_with(fault), file, "exec", dont_inherit=True)):
            codes[code.co_qualname, code.co_firstlineno].append(code)
        is_changed = False
        for function in functions:
            old = function.__code__
            found = codes[old.co_qualname, old.co_firstlineno]
            if len(found) == 1 and found[0] != old and found[0].co_freevars == old.co_freevars:
                function.__code__ = found[0]
                is_changed = True
        return is_changed


def _functions_there() -> Iterator[FunctionType]:
    """Yield the package's functions that are in memory."""
    gc.unfreeze()
    for one in gc.get_objects():
        if type(one) is FunctionType and one.__code__.co_filename.startswith(_PACKAGE):
            yield one


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield from _codes(one)


@dataclass(frozen=True)
class _Trial:
    """A run of tests: with the fault, or without it of the test that found it."""

    fault: Fault
    tests: list[str]
    how: str = ""  # what is to be confirmed without the fault
    test: str = ""  # that found it
    then: tuple[str, ...] = ()  # tests to go on with if it fails without the fault, too
    seconds: float = 0.0


class _Planting:
    """Tries faults, as many at once as there are places to run tests in."""

    def __init__(self, calls: Calls, places: Sequence[Copy | Fork], seconds: Seconds) -> None:
        self.calls, self.seconds = calls, seconds
        self.places, self.free = places, list(places)
        self.passing: set[str] = set()  # tests that pass without a fault
        self.failing: set[str] = set()  # tests that do not

    def run(self, faults: list[Fault]) -> Iterator[dict[str, Any]]:
        """Yield of each fault whether it was found."""
        untried, waiting = list(reversed(faults)), list[_Trial]()
        running: dict[int, tuple[_Trial, Copy | Fork, float]] = {}
        try:
            while untried or waiting or running:
                while (untried or waiting) and self.free:
                    trial = waiting.pop() if waiting else self._first_trial(untried.pop())
                    tests = [test for test in trial.tests if test not in self.failing]
                    place = self.free.pop()
                    process = place.start(None if trial.how else trial.fault, tests)
                    running[process] = trial, place, time.perf_counter()
                process, status = os.wait()
                trial, place, began = running.pop(process)
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(process, signal.SIGKILL)
                place.end(trial.fault)
                self.free.append(place)
                took = trial.seconds + time.perf_counter() - began
                then = self._judge(replace(trial, seconds=took), status, place.told.read_text())
                if isinstance(then, _Trial):
                    waiting.append(then)
                else:
                    ending = {"how": then[0], "test": then[1], "seconds": round(took, 1)}
                    yield asdict(trial.fault) | ending
        finally:
            for place in self.places:
                shutil.rmtree(place.place, ignore_errors=True)

    def _first_trial(self, fault: Fault) -> _Trial:
        ours, others = self.calls.tests_of(fault)
        return _Trial(fault, _between([*ours, *others], self.calls.seconds, *self.seconds))

    def _judge(self, trial: _Trial, status: int, told: str) -> _Trial | tuple[str, str]:
        """Return what is tried next, or how it ended and by which test."""
        ended_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        has_passed = not ended_by and os.WEXITSTATUS(status) in (0, 5)  # 5: none was left to run
        if trial.how:
            (self.passing if has_passed else self.failing).update(trial.tests)
            if has_passed:
                return trial.how, trial.test
            return _Trial(trial.fault, list(trial.then), seconds=trial.seconds)
        if has_passed:
            return "survived", ""
        how = "hangs" if ended_by in (signal.SIGPROF, signal.SIGALRM) else "found"
        if told in self.passing:
            return how, told
        # An error before any test, or when a file is collected, is confirmed by one of its tests.
        asked = [told] if told in trial.tests else []
        asked = asked or [test for test in trial.tests if test.startswith(told)] or trial.tests
        return replace(trial, tests=asked[:1], how=how, test=told, then=tuple(trial.tests))


class _Forking:
    """A plugin of pytest that tries faults in forks, instead of running the collected tests."""

    def __init__(self, faults: list[Fault], calls: Calls, workers: int, seconds: Seconds) -> None:
        self.faults, self.calls, self.workers, self.seconds = faults, calls, workers, seconds

    def pytest_runtestloop(self, session: Any) -> bool:
        places = [Fork(session, self.calls.seconds) for _ in range(self.workers)]
        gc.freeze()
        for result in _Planting(self.calls, places, self.seconds).run(self.faults):
            _write(result | ({"how": "passed"} if result["how"] == "survived" else {}))
        return True


def _plant_in_forks(faults: list[Fault], calls: Calls, workers: int, seconds: Seconds) -> None:
    """Try faults in forks of a process that collects all tests that may be asked for."""
    if not faults:
        return
    process = os.fork()
    if process:
        os.waitpid(process, 0)
        return

    def run() -> int:
        os.chdir(ROOT)
        os.environ |= {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        sys.path.insert(0, str(ROOT))
        chosen = [calls.tests_of(fault) for fault in faults]
        meant = [_between([*one, *two], calls.seconds, *seconds) for one, two in chosen]
        files = sorted({test.split("::")[0] for tests in meant for test in tests})
        plugin = _Forking(faults, calls, workers, seconds)
        return int(importlib.import_module("pytest").main([*_PYTEST, *files], plugins=[plugin]))

    _be_alone(KNOWN / "forks.log", run)


def _write(result: dict[str, Any]) -> None:
    with (KNOWN / "results.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(result) + "\n")
    if result["how"] == "survived":
        print("survived: {file}:{line} {function}: {was} → {becomes}".format(**result), flush=True)


def plant(n: int, seed: int, rooms: Sequence[str], workers: int, again: bool, more: float) -> None:
    """Plant `n` faults, and write after each whether it was found; those known are passed over."""
    KNOWN.mkdir(parents=True, exist_ok=True)
    calls, faults = Calls.read(), drawn(n, seed, rooms)
    _load_libraries()

    def open_faults(*hows: str) -> list[Fault]:
        now = _results(n, seed, rooms)
        return [f for f in faults if now.get(f, {"how": "new"})["how"] in hows]

    def in_copies(chosen: list[Fault], seconds: Seconds) -> None:
        if chosen:
            places = [Copy(calls.seconds) for _ in range(workers)]
            for result in _Planting(calls, places, seconds).run(chosen):
                _write(result)

    # A few tests near by find most faults. Numba compiles in copies alone. Then the other tests.
    new = open_faults("new", "survived") if again else open_faults("new")
    _plant_in_forks([f for f in new if not _is_compiled(f)], calls, workers, (0, FIRST))
    in_copies([fault for fault in new if _is_compiled(fault)], (0, more / 2))
    _plant_in_forks(open_faults("passed"), calls, workers, (FIRST, more))
    in_copies(open_faults("passed"), (0, more / 2))


def _results(n: int, seed: int, rooms: Sequence[str]) -> dict[Fault, dict[str, Any]]:
    """Return what is known of the drawn faults; the last trial of each counts."""
    file = KNOWN / "results.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    found = {}
    for line in lines:
        result = json.loads(line)
        found[tuple(result[name] for name in Fault.__annotations__)] = result
    ordered = {fault: found.get(tuple(asdict(fault).values())) for fault in drawn(n, seed, rooms)}
    return {fault: result for fault, result in ordered.items() if result}


def table(n: int, seed: int, rooms: Sequence[str] = ()) -> str:
    """Return the tables: what was planted and found in each room, and which are equivalent."""
    equivalent = equivalent_faults()
    found = faults_by_room()
    there = {room: len(found[room]) for room in found if room in (rooms or found)}
    rows: dict[str, Counter[str]] = {room: Counter() for room in there}
    reasons = []
    for fault, result in _results(n, seed, rooms).items():
        how = result["how"]
        if how == "passed":  # a run that was stopped: it counts as survived until it is tried again
            how = "survived"
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
    parser.add_argument("--rooms", nargs="+", choices=list(ROOMS), default=[], help="these alone")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--again", action="store_true", help="try those that survived again")
    parser.add_argument("--more", type=float, default=MORE, help="seconds of tests tried then")
    given = parser.parse_args()
    if given.command == "calls":
        note_calls(given.tests, given.workers)
        return
    if given.command == "plant":
        plant(given.n, given.seed, given.rooms, given.workers, given.again, given.more)
    print(table(given.n, given.seed, given.rooms))


if __name__ == "__main__":
    main()
