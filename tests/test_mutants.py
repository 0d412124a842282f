"""Planted faults: which there are, that tests find one, and that the listed ones still exist."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from scripts import BENCHMARKS, script

ROOT = Path(__file__).resolve().parents[1]
CODE = '''
def first(values, most):
    """Return 7."""
    if values and not most:
        raise ValueError(f"{most + 1}")
    progress.say("row", 3)
    values.clear()
    most += 2
    if not (values or most):
        return None
    return values[0] if most else -most * 5
'''


@pytest.fixture(scope="module")
def mutants() -> Any:
    """The program that plants faults."""
    return script(BENCHMARKS / "mutants.py")


def test_faults_are_those_of_code_that_does_something(mutants: Any, tmp_path: Path) -> None:
    file = tmp_path / "one.py"
    file.write_text(CODE)
    found = list(mutants.faults_of("room", file, tmp_path))
    assert {(fault.was, fault.becomes) for fault in found} == {
        ("if values and not most:", "if values or not most:"),
        ("if values and not most:", "if values and most:"),
        ("values.clear()", "pass"),
        ("most += 2", "pass"),
        ("if not (values or most):", "if (values or most):"),
        ("if not (values or most):", "if not (values and most):"),
        ("most += 2", "most += 3"),
        ("return values[0] if most else -most * 5", "return values[0] if not most else -most * 5"),
        ("return values[0] if most else -most * 5", "return values[1] if most else -most * 5"),
        ("return values[0] if most else -most * 5", "return values[0] if most else -most / 5"),
        ("return values[0] if most else -most * 5", "return values[0] if most else -most * 6"),
    }
    assert {fault.function for fault in found} == {"first"}
    lines = CODE.splitlines()
    assert all(lines[fault.line - 1].strip() == fault.was for fault in found)


def test_each_room_gets_as_many_faults_and_the_same_ones_each_time(mutants: Any) -> None:
    drawn = mutants.drawn(45, seed=1)
    assert drawn == mutants.drawn(45, seed=1)
    assert len(set(drawn)) == 45
    rooms = [fault.room for fault in drawn]
    assert {rooms.count(room) for room in mutants.ROOMS} == {5}
    for fault in drawn:
        whole = (ROOT / fault.file).read_bytes()
        compile(whole[: fault.start] + fault.new.encode() + whole[fault.end :], fault.file, "exec")


def test_each_fault_listed_as_equivalent_still_exists_and_has_a_reason(mutants: Any) -> None:
    there = {mutants._key(f) for faults in mutants.faults_by_room().values() for f in faults}
    listed = mutants.equivalent_faults()
    assert set(listed) <= there
    assert all(listed.values())


@pytest.mark.slow
def test_planted_faults_are_found_hang_or_survive(tmp_path: Path) -> None:
    for folder in ("benchmarks", "podium/codecs", "tests/codecs", "examples", "docs"):
        (tmp_path / folder).mkdir(parents=True)
    program = (ROOT / "benchmarks/mutants.py").read_text()
    program = program.replace("LONGEST = 20.0", "LONGEST = 1.0").replace("in _LIBRARIES", "in ()")
    (tmp_path / "benchmarks/mutants.py").write_text(program)
    (tmp_path / "benchmarks/equivalent_faults.toml").write_text("fault = []\n")
    (tmp_path / "pyproject.toml").write_text('[tool.pytest.ini_options]\nmarkers = ["slow: no"]\n')
    (tmp_path / "Makefile").touch()
    for folder in ("podium", "podium/codecs"):
        (tmp_path / folder / "__init__.py").touch()
    (tmp_path / "podium/codecs/steps.py").write_text(
        "def countdown(n):\n    while n > 0:\n        n -= 1\n    return n\n\n\n"
        "def same(n):\n    return n\n"
    )
    (tmp_path / "tests/codecs/test_steps.py").write_text(
        "from pathlib import Path\n\nfrom podium.codecs.steps import countdown, same\n\n\n"
        "def test_it_fails_in_a_copy():\n"  # it calls two functions, and so comes last
        f"    assert countdown(same(0)) == 0 and str(Path.cwd()) == {str(tmp_path)!r}\n\n\n"
        "def test_nothing_is_left():\n    assert countdown(2) in (0, -1)\n"
    )
    # As in a shell: a test run in parallel tells its children that they are workers.
    plain = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")}
    environment = {**plain, "PYTHONPATH": str(tmp_path)}
    for command in ("calls", "plant"):
        words = [sys.executable, "benchmarks/mutants.py", command, "-n", "9", "--workers", "1"]
        done = subprocess.run(
            words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    # Without a step it never ends; `n <= 0` leaves 2, `n > 1` leaves 1; steps of 2 leave nothing.
    assert "| codecs | 4 | 4 | 3 | 1 | 0 | 1 | 75.0% |" in done.stdout
    assert "survived: podium/codecs/steps.py:3 countdown: n -= 1 → n -= 2" in done.stdout
