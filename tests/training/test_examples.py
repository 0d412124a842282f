"""The recipes of the examples are as their teams had them; every part that they name is there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from podium.training.fit.phase_plans import check_parts, method_options
from podium.training.recipe import load_recipe

EXAMPLES = Path(__file__).parents[2] / "examples"
RECIPES = [
    file
    for file in sorted(EXAMPLES.glob("s[0-9]/*.yaml"))
    if file.name not in ("competition.yaml", "median.yaml")
]


@pytest.mark.parametrize("file", RECIPES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_every_recipe_can_be_read_and_names_parts_that_are_there(file: Path) -> None:
    check_parts(load_recipe(file))


@pytest.mark.parametrize("mode", ["classical", "permanent", "local"])
def test_the_study_of_pseudo_labels(mode: str) -> None:
    recipe = load_recipe(EXAMPLES / "s1" / f"{mode}.yaml")
    [phase] = recipe.phases
    assert phase.method.model_dump()["mode"] == mode
    assert (recipe.optimizer.name, recipe.optimizer.lr, recipe.optimizer.momentum) == (
        "sgd",
        1e-3,
        0.9,
    )
    assert recipe.optimizer.schedule == "constant"
    assert "wandb" in recipe.loggers


def test_a_threshold_that_rises_is_one_override() -> None:
    change = "phases[0].method.threshold={start: 0.9, step: 0.02}"
    recipe = load_recipe(EXAMPLES / "s1/classical.yaml", (change,))
    options = method_options(recipe.phases[0])
    assert [round(options.threshold.at(epoch), 2) for epoch in (0, 1, 4, 5, 9)] == [  # type: ignore[attr-defined]
        0.9,
        0.92,
        0.98,
        0.99,
        0.99,
    ]


@pytest.mark.parametrize(
    ("name", "threshold", "graph_threshold", "graph_weight"),
    [("comatch", 0.55, 0.25, 5), ("comatch_more", 0.52, 0.22, 3)],
)
def test_the_settings_of_comatch(
    name: str, threshold: float, graph_threshold: float, graph_weight: float
) -> None:
    recipe = load_recipe(EXAMPLES / "s3" / f"{name}.yaml")
    found = recipe.phases[0].method.model_dump()
    assert recipe.batch_size == 64
    assert {
        "ratio": 4,
        "weight": 10,
        "smoothing": 0.9,
        "bank": 30000,
        "temperature": 0.1,
        "threshold": threshold,
        "graph_threshold": graph_threshold,
        "graph_weight": graph_weight,
    }.items() <= found.items()


ROW = re.compile(r"^\| ([\w, ]+) \| ([\w.\-]+) \| (.+?) \| (.+?) \| ?(.*?) ?\|$")


def rows() -> list[tuple[str, str, str, str, str, str]]:
    """Return folder, recipe, key, the study's value, ours and the reason, of every table."""
    found = []
    for readme in sorted(EXAMPLES.glob("s[0-9]/README.md")):
        lines = readme.read_text(encoding="utf-8").split("## As in the study\n")[1].splitlines()
        start = next(n for n, line in enumerate(lines) if line.startswith("| ---")) + 1
        for line in lines[start:]:
            if not line.startswith("|"):
                break
            matched = ROW.match(line)
            assert matched, f"{readme.parent.name}: {line}"
            recipes, *rest = matched.groups()
            found += [(readme.parent.name, recipe, *rest) for recipe in recipes.split(", ")]
    return found


def resolved_recipe(folder: str, recipe: str) -> Any:
    """Return a recipe with all defaults, those of methods among them."""
    read = load_recipe(EXAMPLES / folder / f"{recipe}.yaml")
    found: Any = read.model_dump(mode="json")
    for phase, dumped in zip(read.phases, found["phases"], strict=True):
        dumped["method"] |= method_options(phase).model_dump(mode="json")
    return found


def value_at(found: Any, key: str) -> Any:
    """Return a key of a resolved recipe; an element of a list is named: a phase, a transform."""
    for part in key.split("."):
        if isinstance(found, list):
            found = next(one for one in found if one["name"] == part)
        else:
            found = found[part]
    return found


def plain(value: Any) -> Any:
    """Return a value with numbers that YAML takes for text, as 5e-4, as numbers."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, str) and re.fullmatch(r"[\d.]+e-?\d+", value):
        return float(value)
    return value


def matches_row(value: Any, told: Any) -> bool:
    """Whether a resolved value is what a row says; of a mapping, the keys that the row names."""
    if isinstance(told, dict) and isinstance(value, dict):
        return all(name in value and matches_row(value[name], one) for name, one in told.items())
    return bool(value == told)


def value_in_row(study: str, here: str) -> Any:
    """Return the value that a row says the recipe has."""
    return plain(yaml.safe_load(study if here == "same" else here))


NAMED = (("phases",), ("input", "train"))
"""Lists whose elements have names."""


def written(value: Any, above: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """Return what a recipe's file writes, by place; a phase and a transform by its name."""
    if above in NAMED and isinstance(value, list):
        value = {one["name"]: {**one, "name": None} for one in value}
    if not isinstance(value, dict):
        return {above: value}
    found: dict[tuple[str, ...], Any] = {}
    for key, one in value.items():
        if not (key == "name" and one is None):
            found |= written(one, (*above, key))
    return found


@pytest.mark.parametrize(("folder", "recipe"), sorted({row[:2] for row in rows()}))
def test_rows_of_the_table_are_what_the_recipe_has(folder: str, recipe: str) -> None:
    resolved = resolved_recipe(folder, recipe)
    for *of, key, study, here, reason in rows():
        if of != [folder, recipe]:
            continue
        assert matches_row(plain(value_at(resolved, key)), value_in_row(study, here)), key
        assert bool(reason) == (here != "same"), f"{key}: a difference has a reason"
        assert here != study, key


# The seed is any, but where a study names one; the others follow from the size and the folder.
UNTOLD = {("seed",), ("extends",), ("input", "train", "RandomResizedCrop", "size")}


@pytest.mark.parametrize("file", RECIPES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_every_key_that_a_recipe_of_a_study_writes_is_in_its_table(file: Path) -> None:
    told: set[tuple[str, ...]] = set()
    for folder, recipe, key, study, here, _ in rows():
        if (folder, recipe) == (file.parent.name, file.stem):
            told |= written(value_in_row(study, here), tuple(key.split("."))).keys()
    lines = yaml.safe_load(file.read_text(encoding="utf-8"))
    # A number may stand for a mapping: threshold for threshold.start.
    above = {place[:depth] for place in told for depth in range(1, len(place) + 1)}
    left = written(lines).keys() - UNTOLD - above
    assert not left, [".".join(one) for one in sorted(left)]
