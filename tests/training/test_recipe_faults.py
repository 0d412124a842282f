"""All that is wrong with a recipe's parts is told at once, each with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.errors import RecipeError
from podium.training.fit.phase_plans import check_parts
from podium.training.recipe import errors_with_lines, load_recipe

RECIPE = """\
model: {backbone: resnet81, pretrained: false}
input: {size: 32, train: medum}
phases:
  - name: first
    epochs: 1
    loss: {classify: {cross_entropy: 1.0}}
  - {name: second, epochs: 1, method: {name: fixmach}}
"""


def refusal(file: Path, *overrides: str) -> str:
    with pytest.raises(RecipeError) as refused, errors_with_lines(file, overrides):
        check_parts(load_recipe(file, overrides))
    return str(refused.value)


def test_all_faults_of_a_recipe_are_told_at_once(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "r.yaml"
    file.write_text(RECIPE)
    head, *lines = refusal(file).splitlines()
    assert head == "r.yaml: 4 problems"
    told = [
        (line.split(": ")[0].strip(), fix.strip())
        for line, fix in zip(lines[::2], lines[1::2], strict=True)
    ]
    assert told[1:] == [
        ("r.yaml:2", "fix: write medium"),
        ("r.yaml:6", "fix: write ce"),
        ("r.yaml:7", "fix: write fixmatch"),
    ]
    assert told[0][0] == "r.yaml:1"
    assert told[0][1].startswith("fix: write resnet18")


def test_one_fault_is_told_as_it_is(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "r.yaml"
    file.write_text("phases:\n  - {name: all, epochs: 1}\n")
    text = refusal(file, "input.train=medum")
    assert text == (
        "-o input.train=medum: input.train: there is no 'medum' among the policies\n"
        "  fix: write medium"
    )
