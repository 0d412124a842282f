"""Start-up is a feature: what the first answers of the command line may not load."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = (
    "torch", "torchvision", "timm", "lightning_fabric", "albumentations", "pandas", "numpy",
    "sklearn", "scipy", "matplotlib", "optuna", "sqlalchemy", "kaggle", "PIL", "cv2", "pyarrow",
    "starlette", "numba",
)  # fmt: skip

HELP = """\
import sys
sys.argv = ['podium', {args}]
from podium.cli.app import main
try: main()
except SystemExit: pass
"""


def loaded_by(code: str) -> set[str]:
    """Return the heavy modules that a fresh interpreter has loaded after `code`."""
    loaded = f"[m for m in {HEAVY!r} if m in sys.modules]"
    report = f"{code}\nimport sys; print('loaded', *{loaded}, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", report], capture_output=True, text=True, check=True
    )
    return set(done.stderr.splitlines()[-1].split()[1:])


def test_import_podium_loads_nothing_heavy() -> None:
    assert loaded_by("import podium") == set()


@pytest.mark.parametrize("args", ["'--help'", "'--version'"])  # of every command: below
def test_help_loads_nothing_heavy(args: str) -> None:
    assert loaded_by(HELP.format(args=args)) == set()


def test_a_name_that_is_no_file_is_answered_before_anything_heavy_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "competition.yaml").write_text("name: looked for, and not read\n")
    monkeypatch.chdir(tmp_path)
    assert loaded_by(HELP.format(args="'check', 'nofile.csv'")) == set()


EVERY_HELP = """\
import typer
from podium.cli.app import app
def ask(command):
    command.main(['--help'], standalone_mode=False)
    for name, one in getattr(command, 'commands', {}).items():
        ask(one)
ask(typer.main.get_command(app))
"""


def test_no_help_loads_anything_heavy() -> None:
    assert loaded_by(EVERY_HELP) == set()


READING = {"numpy", "pandas", "pyarrow", "PIL", "cv2", "kaggle"}


@pytest.mark.slow
@pytest.mark.parametrize("module", ["podium.workflows.status", "podium.submissions.board.view"])
def test_where_one_stands_is_shown_without_what_trains_and_fits(module: str) -> None:
    assert loaded_by(f"import {module}") <= READING


@pytest.mark.slow
def test_a_data_folder_is_read_without_what_trains_and_fits() -> None:
    assert loaded_by("import podium.workflows.initialising") <= READING | {"scipy"}


CLI = Path(__file__).parents[2] / "podium/cli"


def inner_imports(file: Path) -> dict[str, int]:
    """Return how many modules of podium's each function of a file imports."""
    functions = [
        one
        for one in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(one, ast.FunctionDef)
    ]
    found = {
        each.name: sum(
            isinstance(node, ast.ImportFrom) and (node.module or "").startswith("podium")
            for node in ast.walk(each)
        )
        for each in functions
    }
    return {name: n for name, n in found.items() if n}


def test_a_command_loads_its_work_by_one_import_or_two() -> None:
    commands = sorted((CLI / "commands").glob("*.py"))
    many = {one.name: inner_imports(one) for one in commands}
    assert all(n <= 2 for found in many.values() for n in found.values()), many


def test_what_a_command_does_has_its_imports_at_the_top() -> None:
    files = [one for one in sorted(CLI.rglob("*.py")) if one.parent.name != "commands"]
    inner = {one.name: found for one in files if (found := inner_imports(one))}
    assert inner == {"context.py": {"open_workspace": 1}}  # every command loads that file


@pytest.mark.slow
def test_public_rooms_load_no_torch() -> None:
    code = (
        "import podium.competition, podium.tuning, podium.ensembling, podium.submissions\n"
        "from podium.competition import make_folds, metrics\n"
        "from podium.predictions import PredictionSet, decide\n"
        "from podium.tuning import cross_fit, fit_thresholds, threshold_curve\n"
        "from podium.ensembling import blend, hill_climb\n"
        "from podium.submissions import check\n"
    )
    assert "torch" not in loaded_by(code)
