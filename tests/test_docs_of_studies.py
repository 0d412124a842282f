"""What docs/studies.md shows works: its spaces, its errors, its snippet."""

from __future__ import annotations

import re
from pathlib import Path

import optuna
import pytest

from podium.errors import RecipeError
from podium.training.starters import read_starter
from podium.tuning.recipe_space import read_space
from podium.tuning.studies import PRUNERS, SAMPLERS

PAGE = (Path(__file__).resolve().parents[1] / "docs/studies.md").read_text(encoding="utf-8")
RECIPE = """\
model: {heads: {classify: {}, segment: {}}}
phases:
  - {name: joint, epochs: 2, loss: {segment: {ce: 1, dice: 1}}}
  - {name: masks, epochs: 2, method: {name: fixmatch}}
"""


def test_the_space_is_one_that_a_recipe_takes(tmp_path: Path) -> None:
    [space] = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
    (tmp_path / "space.yaml").write_text(space)
    (tmp_path / "base.yaml").write_text(RECIPE)
    read = read_space(tmp_path / "space.yaml", tmp_path / "base.yaml")
    assert len(read.parameters) == space.count("\n")


def test_the_first_space_is_one_that_the_starter_recipe_takes(tmp_path: Path) -> None:
    [space] = re.findall(r"((?:^    \S+: [\[{].*\n)+)", PAGE, flags=re.MULTILINE)
    (tmp_path / "space.yaml").write_text(space.replace("    ", ""))
    (tmp_path / "baseline.yaml").write_text(read_starter("baseline"))
    assert len(read_space(tmp_path / "space.yaml", tmp_path / "baseline.yaml").parameters) == 3


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
