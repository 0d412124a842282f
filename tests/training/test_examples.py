"""The recipes of the examples are as their teams had them; every part that they name is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.training.fit.phase_plans import check_parts, method_options
from podium.training.recipe import load_recipe

EXAMPLES = Path(__file__).parents[2] / "examples"
RECIPES = [
    file for file in sorted(EXAMPLES.glob("s[0-9]/*.yaml")) if file.name != "competition.yaml"
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
