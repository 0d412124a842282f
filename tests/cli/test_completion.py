"""Completion by the Tab key: what a shell gets for a half-written command."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import podium
from typer._completion_classes import completion_init
from typer.testing import CliRunner

from podium.cli import completion
from podium.cli.app import app
from podium.training.recipe import load_recipe

PROGRAM = "from podium.cli.app import main; main()"
HEAVY = ("torch", "numpy", "pandas", "optuna", "timm")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "competition.yaml").write_text("name: leaves\nclasses: [oak, olive, maple]\n")
    for folder in ("runs/oak-net-0a1b2c3d", "blends/both-99999999", "imports/mate-12345678"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "record.json").write_text("{}")
    (tmp_path / "recipes").mkdir()
    recipes = {
        "baseline": "optimizer: {name: adamw, lr: 5e-4}\nphases:\n  - {name: head, epochs: 1}\n"
        "  - {name: all, epochs: 4}\npredict: {tta: [hflip]}\nbatch_size: 32\n",
        "big": "extends: baseline.yaml\noptimizer: {lr: 1e-3}\nphases: [{epochs: 9}]\n",
    }
    for name, text in recipes.items():
        (tmp_path / "recipes" / f"{name}.yaml").write_text(text)
    return tmp_path


def completed(line: str, root: Path, shell: str = "fish") -> list[str]:
    """Return the completions of the last word of `line`, as the script of `shell` asks for them."""
    completion_init()
    asked = {
        "_PODIUM_COMPLETE": f"complete_{shell}",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        "_TYPER_COMPLETE_ARGS": line,
        "PODIUM_WORKSPACE": str(root),
    }
    done = CliRunner().invoke(app, [], env=asked, prog_name="podium")
    assert not done.stderr
    assert done.exit_code == 0
    return [one.partition("\t")[0] for one in done.stdout.splitlines() if one]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("podium bo", ["board"]),
        ("podium tune thr", ["thresholds"]),
        ("podium board --off", ["--offline"]),
        ("podium train b", ["baseline", "big"]),
        ("podium train baseline b", ["big"]),
        ("podium tune losses ba", ["baseline"]),
        ("podium predict ", ["oak-net-0a1b2c3d"]),
        ("podium blend ", ["mate-12345678", "oak-net-0a1b2c3d"]),
        ("podium submit b", ["both-99999999"]),
        ("podium blend --method hill", ["hill_climb"]),
        ("podium host init h --metric mean_d", ["mean_dice"]),
        ("podium check s.csv --classes o", ["oak", "olive"]),
        ("podium check s.csv --classes oak,o", ["oak,olive"]),
        ("podium completion ", ["bash", "zsh", "fish"]),
        ("podium presets seve", ["severstal"]),
        ("podium recipes print basel", ["baseline"]),
        ("podium train baseline -o opt", ["optimizer.lr=", "optimizer.name="]),
        ("podium train baseline -o ph", ["phases.all.epochs=", "phases.all.name=",
                                         "phases.head.epochs=", "phases.head.name="]),
        ("podium train big -o ph", ["phases[0].epochs="]),
        ("podium train big -o b", ["batch_size="]),
        ("podium train baseline -o optimizer.lr=1e-2 -o opt", ["optimizer.name="]),
        ("podium train baseline -o optimizer.lr=", ["optimizer.lr=1e-3", "optimizer.lr=5e-4"]),
        ("podium train -o pred", ["predict.tta="]),
        ("podium tune recipe baseline -o batch_size=", ["batch_size=32"]),
        ("podium predict oak-net-0a1b2c3d --on r", ["ray"]),
    ],
)  # fmt: skip
def test_the_shell_completes(line: str, expected: list[str], workspace: Path) -> None:
    assert completed(line, workspace) == expected


@pytest.mark.parametrize(
    ("cores", "expected"), [(1, ["local:1"]), (6, ["local:1", "local:2", "local:4", "local:6"])]
)
def test_engines_are_completed_with_as_many_processes_as_there_are_cores(
    cores: int, expected: list[str], workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(completion, "n_cores", lambda: cores)
    assert completed("podium train baseline --on ", workspace) == [*expected, "ray"]


def test_keys_of_a_recipe_that_cannot_be_read_are_left_out(workspace: Path) -> None:
    (workspace / "recipes/big.yaml").write_text("optimizer: [\n")
    assert completed("podium train big -o ", workspace) == []
    (workspace / "recipes/big.yaml").write_text("extends: big.yaml\nseed: 1\n")
    assert completed("podium train big -o ", workspace) == ["seed="]


def test_a_key_that_the_shell_completes_is_one_that_train_takes(workspace: Path) -> None:
    recipe = workspace / "recipes/baseline.yaml"
    for line in completed("podium train baseline -o phases.", workspace):
        value = {"epochs=": "3", "name=": "other"}[line.rpartition(".")[2]]
        _, step, key = line.removesuffix("=").split(".")
        changed = load_recipe(recipe, (line + value,))
        at = {"head": 0, "all": 1}[step]
        assert str(getattr(changed.phases[at], key)) == value


def test_the_workspace_of_the_line_is_the_one_that_counts(workspace: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "competition.yaml").write_text("")
    line = f"podium -w {shlex.quote(str(workspace))} predict "
    assert completed(line, elsewhere) == ["oak-net-0a1b2c3d"]
    assert completed("podium predict ", elsewhere) == []


def test_nothing_is_completed_or_complained_of_outside_a_workspace(tmp_path: Path) -> None:
    assert completed("podium predict ", tmp_path) == []
    (tmp_path / "competition.yaml").write_text("classes: [\n")
    assert completed("podium check s.csv --classes o", tmp_path) == []


def test_a_script_that_runs_the_module_answers_the_shell_and_prints_no_status(
    workspace: Path,
) -> None:
    """The program of `python -m podium` has another name, by which click would look for its own."""
    asked = {
        **os.environ,
        "_PODIUM_COMPLETE": "complete_bash",
        "COMP_WORDS": "podium presets seve",
        "COMP_CWORD": "2",
        "PODIUM_WORKSPACE": str(workspace),
    }
    command = [sys.executable, "-m", "podium"]
    done = subprocess.run(command, env=asked, capture_output=True, text=True, check=False)
    assert (done.stdout.split(), done.stderr) == (["severstal"], "")


def test_completion_imports_nothing_heavy(workspace: Path) -> None:
    asked = {
        **os.environ,
        "_PODIUM_COMPLETE": "complete_bash",
        "COMP_WORDS": f"podium -w {workspace} check s.csv --classes o",
        "COMP_CWORD": "6",
    }
    loaded = f"print(*(one for one in {HEAVY!r} if one in sys.modules), file=sys.stderr)"
    code = f"import sys; sys.argv[0] = 'podium'\ntry: {PROGRAM}\nfinally: {loaded}"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=asked, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["oak", "olive"]
    assert not done.stderr.strip()


@pytest.mark.other_cases("slow", every=3)
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("podium train ba", ["baseline"]),
        ("podium completion ", ["bash", "zsh", "fish"]),
        # bash completes what is behind = and : alone
        ("podium train baseline -o optimizer.l", ["optimizer.lr="]),
        ("podium train baseline -o optimizer.lr=5", ["5e-4"]),
        ("podium train baseline --on local:1", ["1"]),
        ("podium train baseline --on ra", ["ray"]),
    ],
)
def test_bash_completes_by_the_script_that_is_printed(
    line: str, expected: list[str], workspace: Path
) -> None:
    script = podium(workspace, "completion", "bash")
    bin_folder = workspace / "bin"
    bin_folder.mkdir()
    program = bin_folder / "podium"
    program.write_text(f"#!{sys.executable}\n{PROGRAM}\n")
    program.chmod(0o755)
    asked = (
        f"{script}\nCOMP_LINE='{line}'; COMP_POINT={len(line)}\n"
        "$(complete -p podium | sed 's/.*-F \\([^ ]*\\).*/\\1/') podium\necho ${COMPREPLY[@]}"
    )
    environment = {
        **os.environ,
        "PATH": f"{bin_folder}:{os.environ['PATH']}",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    done = subprocess.run(
        ["bash", "--norc", "-c", asked], cwd=workspace, env=environment, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split() == expected


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_scripts_of_other_shells_register_the_program(shell: str, workspace: Path) -> None:
    script = podium(workspace, "completion", shell)
    assert "_PODIUM_COMPLETE=complete_" + shell in script
    assert "podium" in script.splitlines()[-1]


def test_zsh_completes_options_with_their_help(workspace: Path) -> None:
    [*_, last] = completed("podium boar", workspace, "zsh")
    assert '"board"' in last
    assert "Show runs" in last
