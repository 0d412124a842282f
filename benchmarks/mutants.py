"""Faults planted one at a time in what podium exists for, and whether the tests find them.

    python benchmarks/mutants.py calls             run the tests, note which calls which function
    python benchmarks/mutants.py plant [-n 500]    plant faults, run the tests of their functions
    python benchmarks/mutants.py table             print the table of what was planted

A fault is a small change that a person could make: a condition turned round, a comparison of the
other sign, plus for minus, `and` for `or`, a number one too large, a statement left out. Each is
planted in a copy of the package; the tests of `make test` that call the function run, the quickest
first, until one fails. A fault that makes them hang is found, too. Faults are drawn by a seed, as
many in each room. Some that survive change nothing that anyone could see: they are still counted.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
KNOWN = ROOT / "build/mutants"
ROOMS = {
    "codecs": ["codecs/*.py"],
    "metrics": ["competition/metrics/*.py", "competition/bootstrap.py"],
    "folds": ["competition/folds.py", "competition/folds_file.py", "competition/strata.py"],
    "leakage": ["competition/fold_leaks.py", "competition/checks/*.py"],
    "methods": ["training/methods/*.py", "training/semi_supervised.py"],
    "decide": ["predictions/decisions/*.py"],
    "tune": ["tuning/**/*.py"],
    "blend": ["ensembling/**/*.py"],
    "upload": ["submissions/upload/*.py"],
}
LONGEST = 90  # seconds that the tests of one fault may take
MOST = 60  # tests that are tried for one fault
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
    """One change of one file: the text between two offsets is replaced.

    Attributes:
        room: of `ROOMS`.
        file: relative to the repository.
        function: qualified name of the function that holds it.
        line: of the change.
        start, end: offsets in the file's text.
        new: what stands there instead.
        what: the change in words.
    """

    room: str
    file: str
    function: str
    line: int
    start: int
    end: int
    new: str
    what: str


def faults_of(room: str, path: Path) -> Iterator[Fault]:
    """Yield the faults that can be planted in one file."""
    text = path.read_text(encoding="utf-8")
    starts = [0]
    for one in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(one.encode()))
    data = text.encode()

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

    file = str(path.relative_to(ROOT))
    for name, node in _nodes_of_functions(ast.parse(text)):
        for start, end, new in _changes(node, at, between):
            old = data[start:end].decode()
            what = f"{' '.join(old.split())[:60]} → {new}"
            yield Fault(room, file, name, node.lineno, start, end, new, what)


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
    if isinstance(node, _FUNCTIONS):
        for part in node.body:
            yield from _code(f"{name}.<locals>.{node.name}", part)
        return
    yield name, node
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "decorator_list", "returns"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _code(name, child)


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
        start, end = at(node.test)
        yield start, start, "not "
        del end
    elif isinstance(node, ast.Constant) and type(node.value) is int and abs(node.value) < 1000:
        start, end = at(node)
        yield start, end, str(node.value + 1)
    elif isinstance(node, ast.AugAssign) or _is_call(node):
        yield *at(node), "pass"


def _is_call(node: ast.AST) -> bool:
    """Return whether `node` is a call for its effect; a line of progress is none."""
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return False
    return not (isinstance(node.value.func, ast.Attribute) and node.value.func.attr == "say")


def drawn(n: int, seed: int) -> list[Fault]:
    """Return `n` faults, as many of each room as there are, spread by a seed."""
    shuffled: dict[str, list[Fault]] = {}
    for room, patterns in ROOMS.items():
        files = sorted({file for one in patterns for file in (ROOT / "podium").glob(one)})
        found = [fault for file in files for fault in faults_of(room, file)]
        random.Random(f"{seed} {room}").shuffle(found)
        shuffled[room] = found
    chosen: list[Fault] = []
    while len(chosen) < n and any(shuffled.values()):
        for found in shuffled.values():
            if found and len(chosen) < n:
                chosen.append(found.pop())
    return chosen


# Which test calls which function: a plugin of pytest, loaded with `-p mutants` -------------------

_CALLED: dict[str, Any] = {}
_NOW: list[set[str]] = []


def _see(frame: FrameType, event: str, _argument: Any) -> None:
    code = frame.f_code
    if event == "call" and _NOW and code.co_filename.startswith(_PACKAGE):
        _NOW[-1].add(f"{code.co_filename[len(_PACKAGE) - 7 :]}:{code.co_qualname}")


_PACKAGE = f"{ROOT / 'podium'}{os.sep}"


def pytest_runtest_setup(item: Any) -> None:
    """Begin to note the functions that the test calls."""
    del item
    import threading

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
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        folder = Path(os.environ["PODIUM_CALLS"])
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{worker}.json").write_text(json.dumps(_CALLED))


def note_calls(tests: list[str], workers: int) -> None:
    """Run the quick tests once, and write which of them calls which function."""
    calls = KNOWN / "calls"
    shutil.rmtree(calls, ignore_errors=True)
    path = os.pathsep.join([str(ROOT / "benchmarks"), str(ROOT), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PODIUM_CALLS": str(calls), "PYTHONPATH": path}
    words = ["-m", "pytest", "-q", "-p", "mutants", "-m", "not slow", "-n", str(workers), *tests]
    subprocess.run([sys.executable, *words], cwd=ROOT, env=environment, check=False)


def tests_by_function() -> dict[str, list[str]]:
    """Return file:function → its tests, the quickest first."""
    found: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for file in sorted((KNOWN / "calls").glob("*.json")):
        for test, noted in json.loads(file.read_text()).items():
            for function in noted["functions"]:
                found[function].append((noted["seconds"], test))
    return {function: [test for _, test in sorted(tests)] for function, tests in found.items()}


def tests_for(fault: Fault, known: dict[str, list[str]]) -> list[str]:
    """Return the tests to try: those that call the function, else those of its folder.

    Compiled functions are called by no Python that could be noted.
    """
    tests = known.get(f"{fault.file}:{fault.function}", [])
    if tests:
        return tests[:MOST]
    in_module = [t for f, each in known.items() if f.startswith(f"{fault.file}:") for t in each]
    if in_module:
        return [test for test, _ in Counter(in_module).most_common(MOST)]
    place = Path("tests", *Path(fault.file).parts[1:-1])
    while not (ROOT / place).is_dir():
        place = place.parent
    return [str(place)]


def planted(fault: Fault, copy: Path, tests: list[str]) -> tuple[str, float]:
    """Return "found", "hangs" or "survived", and the seconds that the tests took."""
    if not tests:
        return "survived", 0.0
    place = copy / fault.file
    whole = (ROOT / fault.file).read_bytes()
    place.write_bytes(whole[: fault.start] + fault.new.encode() + whole[fault.end :])
    began = time.perf_counter()
    path = os.pathsep.join([str(copy), str(ROOT / "tests")])
    words = ["-m", "pytest", "-x", "-q", "--no-header", "-p", "no:cacheprovider", "-n", "0"]
    environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
    child = subprocess.Popen(
        [sys.executable, *words, "-m", "not slow", *tests],
        cwd=copy,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        how = "found" if child.wait(LONGEST) else "survived"
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        how = "hangs"
    place.write_bytes(whole)
    return how, time.perf_counter() - began


def plant(n: int, seed: int, workers: int) -> None:
    """Plant `n` faults, and write after each whether it was found; those known are passed over."""
    known, results = tests_by_function(), KNOWN / "results.jsonl"
    KNOWN.mkdir(parents=True, exist_ok=True)
    done = {(r["file"], r["start"], r["new"]) for r in _results()}
    faults = [f for f in drawn(n, seed) if (f.file, f.start, f.new) not in done]
    copies = [Path(tempfile.mkdtemp(prefix="mutants-")) for _ in range(workers)]
    for copy in copies:
        for folder in ("podium", "tests", "examples", "docs", "benchmarks"):
            shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("results"))
        for file in (*ROOT.glob("*.toml"), *ROOT.glob("*.md"), ROOT / "Makefile"):
            shutil.copy(file, copy / file.name)
    free = list(copies)

    def one(fault: Fault) -> None:
        copy = free.pop()
        how, seconds = planted(fault, copy, tests_for(fault, known))
        free.append(copy)
        line = json.dumps({**asdict(fault), "how": how, "seconds": round(seconds, 1)})
        with results.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        if how == "survived":
            print(f"survived: {fault.file}:{fault.line} {fault.function}: {fault.what}", flush=True)

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(one, faults))
    for copy in copies:
        shutil.rmtree(copy, ignore_errors=True)


def _results() -> list[dict[str, Any]]:
    file = KNOWN / "results.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [json.loads(line) for line in lines]


def table() -> str:
    """Return the table: planted, found and found by hanging, of each room."""
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    for result in _results():
        rows[result["room"]][result["how"]] += 1
    total = sum(rows.values(), Counter[str]())
    lines = ["| room | planted | found | share |", "| --- | --- | --- | --- |"]
    for name, counted in [*rows.items(), ("all", total)]:
        n, found = counted.total(), counted["found"] + counted["hangs"]
        lines.append(f"| {name} | {n} | {found} | {found / max(n, 1):.1%} |")
    return "\n".join(lines)


def main() -> None:
    """Run one of the three commands."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=["calls", "plant", "table"])
    parser.add_argument("tests", nargs="*", help="of calls: the tests to run; all")
    parser.add_argument("-n", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    if given.command == "calls":
        note_calls(given.tests, given.workers)
    elif given.command == "plant":
        plant(given.n, given.seed, given.workers)
    print(table())


if __name__ == "__main__":
    main()
