"""Numbers of a file against train, where sugar is 11 to 19.3 and weight 150 to 340."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from command_line import podium
from PIL import Image

from podium.competition.spec import load_competition
from podium.workflows.submission.numbers_beyond_train import numbers_beyond_train
from podium.workspace.layout import Workspace

SUGAR = [11, 12.5, 13, 14, 14.5, 15, 15.5, 16, 17, 18, 19, 19.3]
WEIGHT = [150, 160, 200, 210, 220, 230, 240, 250, 260, 300, 320, 340]
TEST = ["K1", "K2", "K3"]
BOTH = {"id": "id", "sugar": "value[sugar]", "weight": "value[weight]"}


def workspace(root: Path, **changed: Any) -> Path:
    """Write images, a table of two numbers for each, and competition.yaml; return the folder."""
    for part, names in (("train", [f"T{k}" for k in range(len(SUGAR))]), ("test", TEST)):
        (root / "data" / part).mkdir(parents=True)
        for name in names:
            Image.new("RGB", (4, 4)).save(root / "data" / part / f"{name}.png")
    rows = [f"T{k},{a},{b}" for k, (a, b) in enumerate(zip(SUGAR, WEIGHT, strict=True))]
    (root / "data/train.csv").write_text("\n".join(["id,sugar,weight", *rows, ""]))
    spec: dict[str, Any] = {
        "name": "fruit",
        "tasks": {"classify": "multitarget"},
        "classes": ["sugar", "weight"],
        "data": {
            "train": {
                "table": "data/train.csv",
                "id": "id",
                "images": "data/train/{id}.png",
                "label": ["sugar", "weight"],
            },
            "test": {"images": "data/test/*.png"},
        },
        "metric": {"name": "mcrmse"},
        "submission": {"columns": BOTH},
    }
    (root / "competition.yaml").write_text(yaml.safe_dump(spec | changed))
    return root


def of_sugar_alone(root: Path) -> Path:
    root = workspace(root)
    spec = yaml.safe_load((root / "competition.yaml").read_text())
    del spec["classes"]
    spec["tasks"], spec["metric"] = {"classify": "regression"}, {"name": "rmse"}
    spec["data"]["train"]["label"] = "sugar"
    spec["submission"] = {"columns": {"id": "id", "sugar": "value"}}
    (root / "competition.yaml").write_text(yaml.safe_dump(spec))
    return root


def warnings_of(root: Path, *lines: str) -> list[str]:
    file = root / "sent.csv"
    file.write_text("\n".join([*lines, ""]))
    found = numbers_beyond_train(Workspace(root), load_competition(root), file)
    assert all(one.level == "warning" and one.fix for one in found)
    return [f"{one.line}: {one.message}" for one in found]


def test_a_number_ten_times_too_large_is_told_with_its_row_and_the_range_of_train(
    tmp_path: Path,
) -> None:
    root = workspace(tmp_path)
    found = warnings_of(root, "id,sugar,weight", "K1,14.8,250", "K2,148,25", "K3,15.1,2500")
    assert found == [
        "3: column 'sugar': 1 number far beyond those of train, 11 to 19.3: 148 in 'K2' (line 3)",
        "4: column 'weight': 1 number far beyond those of train, 150 to 340: 2500 in 'K3' (line 4)",
    ]


# The width of train is 8.3: from 2.7 to 27.6 nothing is told.
@pytest.mark.parametrize(
    ("number", "is_told"), [("2.69", 1), ("2.71", 0), ("27.5", 0), ("27.7", 1)]
)
def test_beyond_train_by_more_than_its_width(tmp_path: Path, number: str, is_told: int) -> None:
    root = of_sugar_alone(tmp_path)
    assert len(warnings_of(root, "id,sugar", f"K1,{number}", "K2,15", "K3,15")) == is_told


def test_the_row_of_a_class_is_held_against_the_column_of_that_class(tmp_path: Path) -> None:
    rows = {
        "rows": "image_class",
        "id": "{id}_{class}",
        "columns": {"id": "id", "number": "value"},
        "value": "scalar",
    }
    root = workspace(tmp_path, submission=rows)
    each = [f"{one}_{name},{n}" for one in TEST for name, n in (("sugar", 15), ("weight", 250))]
    assert warnings_of(root, "id,number", *each) == []
    each[2] = "K2_sugar,250"  # as heavy as fruit is
    [found] = warnings_of(root, "id,number", *each)
    assert found.startswith("4: column 'number of sugar': 1 number far beyond those of train, 11 ")


def test_a_task_of_classes_and_too_few_numbers_tell_nothing(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    table = root / "data/train.csv"
    table.write_text("".join(table.read_text().splitlines(keepends=True)[:10]))
    assert warnings_of(root, "id,sugar,weight", "K1,148,1", "K2,148,1", "K3,148,1") == []


def test_podium_check_prints_it_and_lets_the_file_pass(tmp_path: Path) -> None:
    root = of_sugar_alone(tmp_path)
    (root / "sent.csv").write_text("id,sugar\nK1,148\nK2,15\nK3,15\n")
    printed = " ".join(podium(root, "check", root / "sent.csv").split())
    assert (
        "warning: line 2: column 'sugar': 1 number far beyond those of train, 11 to 19.3" in printed
    )
    assert "148 in 'K1'" in printed
    assert "lost decimal sign" in printed
