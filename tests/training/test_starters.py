from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from podium.cli.app import app
from podium.competition.spec import Competition
from podium.errors import UsageError
from podium.training.recipe import load_recipe
from podium.training.starters import first_recipe, fitting_recipes, read_starter, starters
from podium.training.starters.fitted import copy_starters

OF_LABELS = frozenset({"baseline", "frozen", "probe", "strong"})


def competition(**tasks: str) -> Competition:
    train: dict[str, Any] = {"table": "train.csv", "id": "id", "images": "{id}.png"}
    if "classify" in tasks:
        train["label"] = "label"
    if "segment" in tasks:
        train["mask"] = "masks/{id}.png"
    many = {"multiclass", "multilabel"} & set(tasks.values())
    return Competition.model_validate(
        {
            "name": "x",
            "tasks": tasks,
            "classes": ["a", "b"] if many else [],
            "data": {"train": train, "test": {"images": "*.png"}},
            "metric": {"name": "mean_dice" if "segment" in tasks else "accuracy"},
        }
    )


def test_quick_recipes_come_behind_baseline_and_before_others(tmp_path: Path) -> None:
    quickest = ("suggested-probe", "suggested-short", "quick")
    for name in ("suggested-few", *quickest, "baseline", "frozen", "slow"):
        (tmp_path / f"{name}.yaml").write_text("model: {heads: {classify: {}}}\n")
    assert fitting_recipes(tmp_path, competition(classify="multiclass")) == [
        "baseline", *quickest, "frozen", "slow", "suggested-few",
    ]  # fmt: skip


def test_the_first_recipe_predicts_what_is_scored(tmp_path: Path) -> None:
    """One of labels alone leaves a competition of masks without a file to send."""
    both = competition(classify="multiclass", segment="multiclass")
    assert first_recipe(tmp_path, both) is None
    copy_starters(tmp_path, both)
    assert both.scored_task == "segment"
    assert first_recipe(tmp_path, both) == "joint"
    # Written for labels and masks before masks alone were asked for.
    assert first_recipe(tmp_path, competition(segment="multiclass")) == "segment"
    assert first_recipe(tmp_path, competition(classify="multiclass")) == "baseline"
    (tmp_path / "damaged.yaml").write_text("model: [")
    (tmp_path / "joint.yaml").unlink()
    assert first_recipe(tmp_path, both) == "segment"


def test_every_starter_describes_its_purpose() -> None:
    assert {starter.name for starter in starters()} == {*OF_LABELS, "segment", "joint"}
    assert all(len(starter.summary) > 20 for starter in starters())


@pytest.mark.parametrize("segment", [None, "binary", "multiclass", "multilabel"])
@pytest.mark.parametrize("classify", [None, "binary", "multiclass", "multilabel", "regression"])
def test_the_starters_of_a_competition_predict_its_tasks_with_losses_that_fit(
    classify: Any, segment: Any, tmp_path: Path
) -> None:
    tasks = {"classify": classify, "segment": segment}
    tasks = {task: kind for task, kind in tasks.items() if kind is not None}
    if not tasks:
        return
    written = copy_starters(tmp_path, competition(**tasks))
    expected = set(OF_LABELS) if classify else set()
    expected |= {"segment"} if segment else set()
    expected |= {"joint"} if classify and segment else set()
    assert {path.stem for path in written} == expected
    usual = {"multiclass": "ce", "binary": "bce", "multilabel": "bce", "regression": "mse"}
    for path in written:
        recipe = load_recipe(path)
        for phase in recipe.phases:
            for task, terms in (phase.loss or {}).items():
                assert set(terms) - {"dice"} == {usual[tasks[task]]}


@pytest.mark.parametrize(("kind", "loss"), [("binary", "bce"), ("instance", "bce")])
def test_a_printed_starter_fits_the_tasks_of_the_workspace(
    kind: str, loss: str, tmp_path: Path
) -> None:
    of_masks = competition(segment=kind).model_dump(mode="json", exclude_defaults=True)
    (tmp_path / "competition.yaml").write_text(yaml.safe_dump(of_masks))
    at = ["-w", str(tmp_path), "recipes", "print"]
    printed = CliRunner().invoke(app, [*at, "segment"])
    assert printed.exit_code == 0, printed.output
    phases = yaml.safe_load(printed.stdout)["phases"]
    assert [phase["loss"] for phase in phases] == [{"segment": {loss: 1, "dice": 1}}] * 2
    strange = CliRunner().invoke(app, [*at, "joint"])
    assert "joint has a head for classify, which this competition does not have" in strange.stderr
    (tmp_path / "competition.yaml").write_text("tasks: 3\n")
    damaged = CliRunner().invoke(app, [*at, "segment"])
    assert damaged.stdout == read_starter("segment")
    assert "printed as it is" in damaged.stderr


def test_the_joint_starter_warms_up_joins_and_ends_with_masks_on_a_frozen_backbone(
    tmp_path: Path,
) -> None:
    copy_starters(tmp_path, competition(classify="multiclass", segment="multiclass"))
    phases = load_recipe(tmp_path / "joint.yaml").phases
    assert [set(phase.loss or ()) for phase in phases] == [
        {"classify"},
        {"classify", "segment"},
        {"segment"},
    ]
    assert [phase.freeze for phase in phases] == [
        ["backbone"],
        ["backbone"],
        ["backbone", "classify"],
    ]


def test_a_recipe_that_is_there_is_kept(make: Callable) -> None:
    workspace, competition = make()
    mine = workspace.recipes / "baseline.yaml"
    mine.write_text("mine")
    assert mine not in copy_starters(workspace.recipes, competition)
    assert mine.read_text() == "mine"


def test_a_regression_gets_no_label_smoothing(make: Callable) -> None:
    workspace, competition = make(kind="regression")
    for path in copy_starters(workspace.recipes, competition):
        assert load_recipe(path).label_smoothing == 0


def test_an_unknown_starter_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="baseline"):
        read_starter("baselin")
