"""What docs/studies.md shows works: its commands, its space, its errors, its snippet."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import optuna
import pytest
from typer.testing import CliRunner

from podium.cli.app import app
from podium.errors import RecipeError
from podium.tuning.recipe_space import read_space
from podium.tuning.studies import PRUNERS, SAMPLERS

PAGE = (Path(__file__).resolve().parents[1] / "docs/studies.md").read_text(encoding="utf-8")
RECIPE = """\
model: {heads: {classify: {}, segment: {}}}
phases:
  - {name: joint, epochs: 2, loss: {segment: {ce: 1, dice: 1}}}
  - {name: masks, epochs: 2, method: {name: fixmatch}}
"""


def commands() -> list[str]:
    """Return the podium commands of the page's indented blocks and of its first table."""
    shown = re.findall(r"^    (?:\$ )?(podium tune [^#\n]*)", PAGE, flags=re.MULTILINE)
    in_table = re.findall(r"^\| `(podium tune [^`]*)`", PAGE, flags=re.MULTILINE)
    return sorted({line.strip() for line in [*shown, *in_table]})


@pytest.mark.parametrize("line", commands())
def test_a_command_exists_with_its_options(line: str) -> None:
    name = shlex.split(line)[2]
    done = CliRunner().invoke(app, ["tune", name, "--help"], terminal_width=200)
    assert done.exit_code == 0, done.output
    for option in re.findall(r"(?<!\S)\[?(--?[a-z][a-z-]*)", line):
        assert option in done.output, f"{option} is no option of podium tune {name}"


def test_the_space_is_one_that_a_recipe_takes(tmp_path: Path) -> None:
    [space] = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
    (tmp_path / "space.yaml").write_text(space)
    (tmp_path / "base.yaml").write_text(RECIPE)
    read = read_space(tmp_path / "space.yaml", tmp_path / "base.yaml")
    assert len(read.parameters) == space.count("\n")


@pytest.mark.parametrize(
    ("line", "written"),
    [
        (1, "optimizer.lr: {low: 0, high: 1e-2, log: true}"),
        (2, "model.backbone: [resnet18, resnet118]"),
        (3, "input.sise: {low: 160, high: 320, step: 32}"),
    ],
)
def test_documented_errors_are_raised(
    line: int, written: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "space.yaml").write_text("\n" * (line - 1) + written)
    (tmp_path / "base.yaml").write_text(RECIPE)
    with pytest.raises(RecipeError) as caught:
        read_space(Path("space.yaml"), Path("base.yaml"))
    said = "\n".join(f"    {part}" for part in f"podium: {caught.value}".splitlines())
    assert said in PAGE


def test_samplers_and_pruners_are_those_that_there_are() -> None:
    samplers, pruners = PAGE.split("`--sampler`:")[1].split("`--pruner`")
    assert set(re.findall(r"^\| `(\w+)`", samplers, flags=re.MULTILINE)) == set(SAMPLERS)
    named = re.findall(r"^\| `(\w+)`", pruners, flags=re.MULTILINE)
    assert tuple(named[: len(PRUNERS)]) == PRUNERS


@pytest.mark.slow
def test_the_snippet_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    [snippet] = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    exec(compile(snippet, "studies.md", "exec"), {})
    assert "'x':" in capsys.readouterr().out
