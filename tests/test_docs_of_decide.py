"""docs/decide.md names every step, and its examples are steps that can be meant."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from podium.predictions.decisions import regions
from podium.predictions.decisions.labels import check_steps, label_steps
from podium.predictions.decisions.masks import (
    BEFORE,
    MOST_RADIUS,
    REGIONS,
    check_mask_steps,
    decision_names,
)
from podium.tuning.masks.space import step_space
from podium.tuning.step_grid import StepGrid
from podium.workspace.marked_yaml import parse_yaml, plain_value

TEXT = (Path(__file__).resolve().parents[1] / "docs/decide.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n# (.*?)\n(.*?)```", TEXT, flags=re.DOTALL)


def read(text: str) -> Any:
    marked, problems = parse_yaml(text, "example")
    assert marked is not None
    assert not problems
    return plain_value(marked)


def of_section(title: str) -> set[str]:
    """Return the names of the steps in the first table under a title."""
    table = TEXT.split(f"\n## {title}\n")[1].split("\n\n|", 1)[1].split("\n\n")[0]
    cells = [cell for row in table.splitlines() for cell in row.split("|")[1:3]]
    return {found[1] for cell in cells if (found := re.match(r"\s*`(\w+)", cell))}


def test_the_tables_name_every_step_and_no_other() -> None:
    assert of_section("Labels") == set(label_steps())
    decisions = {*decision_names("binary"), *decision_names("multiclass")}
    assert of_section("Masks") == {*BEFORE, *decisions, *REGIONS, "objects"}
    assert all(callable(getattr(regions, name)) for name in REGIONS)
    assert f"the largest r is {MOST_RADIUS}" in TEXT


@pytest.mark.parametrize(("what", "text"), EXAMPLES, ids=[what for what, _ in EXAMPLES])
def test_the_examples_can_be_meant(what: str, text: str) -> None:
    steps = read(text)
    match what:
        case "multilabel, 2 classes":
            check_mask_steps(steps, "multilabel", 2)
        case "multiclass, 3 channels":
            check_mask_steps(steps, "multiclass", 3)
        case "binary grid":
            space = step_space(steps, "binary", "binary", n_outputs=1, trials=1000)
            assert len(space.candidates) == 3 * 4 * 3 * 2 * 5
        case "multiclass grid, 9 channels":
            space = step_space(steps, "multiclass", "multiclass", n_outputs=9, trials=1000)
            assert len(space.candidates) == 3 * 3  # values of a gate do not count
        case "labels of 3 classes, multiclass grid":
            found = StepGrid.of(steps).candidates(
                50, lambda one: check_steps(one, "multiclass", n_outputs=3)
            )
            assert len(found) == 10
        case "binary grid of 5,346 decisions":
            space = step_space(steps, "binary", "binary", n_outputs=1, trials=6000)
            assert len(space.candidates) == 5346
        case "labels of 3 classes, multilabel grid":
            found = StepGrid.of(steps).candidates(
                100, lambda one: check_steps(one, "multilabel", n_outputs=3)
            )
            assert len(found) == 4 * 2 * 2 * 3
        case "labels of 3 classes, multilabel":
            check_steps(steps, "multilabel", n_outputs=3)
        case _:
            raise AssertionError(what)


def test_every_rule_of_the_table_can_be_meant() -> None:
    rules = re.findall(r"`(hysteresis: [\[{].*?)` \|\n", TEXT)
    assert len(rules) == 5
    for one in rules:
        check_mask_steps([read(one)], "binary", 1)


def test_values_that_do_nothing_can_be_written() -> None:
    for name, value in (("fill_holes", 0), ("min_area", 0), ("open", 0), ("close", 0)):
        check_mask_steps([{name: value}], "binary", 1)
        assert f"`{name}: {value}`" in TEXT
    check_mask_steps([{"median": 1}, {"fill_holes": [0]}], "binary", 1)
    check_mask_steps([{"gate": 0}, {"hysteresis": {"low": 0.5, "area": 0}}], "binary", 1)
