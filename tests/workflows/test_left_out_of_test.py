"""Test images that are damaged or lost: they stop nothing, and their rows hold a constant."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import mask_miniatures
import numpy as np
import pytest
import yaml
from command_line import podium

from podium.competition.spec import Competition, load_competition
from podium.errors import PodiumError
from podium.reporting.data_summary import summarise_data
from podium.submissions.format.checking import check
from podium.submissions.format.expected import expected_of_test
from podium.workflows.auto.prior import write_prior
from podium.workflows.blends.blending import blend_runs
from podium.workflows.checking import check_format, check_left_out, check_workspace
from podium.workflows.submission.submitting import write_blend_file
from podium.workflows.training import train_recipes
from podium.workspace.layout import Workspace

SPEC = """\
name: shapes
tasks: {classify: multiclass}
classes: [cat, dog, fox]
data:
  train: {images: "data/train/{class}/*.png"}
  test: {images: "data/test/*.png"}
folds: {n: 2}
metric: {name: accuracy}
submission: {columns: {id: id, label: value}, value: name, sample: sample.csv}
"""
MODEL: dict[str, Any] = {
    "backbone": "cnn",
    "pretrained": False,
    "options": {"widths": [8]},
}
TINY: dict[str, Any] = {
    "model": MODEL,
    "input": {"size": 16, "train": "none"},
    "optimizer": {"name": "adamw", "lr": 3e-2},
    "batch_size": 8,
    "phases": [{"name": "network", "epochs": 1}],
}


def cut(image: Path) -> None:
    """Leave the first half of a file."""
    image.write_bytes(image.read_bytes()[: image.stat().st_size // 2])


def leaving_out(root: Path, ids: list[str]) -> Competition:
    """Return the competition with `data.test.exclude`."""
    file = root / "competition.yaml"
    spec = yaml.safe_load(file.read_text())
    spec["data"]["test"]["exclude"] = ids
    file.write_text(yaml.safe_dump(spec, sort_keys=False))
    return load_competition(file)


def rows_of(file: Path) -> dict[str, list[str]]:
    """Return the cells of each row behind its first one."""
    with file.open(newline="") as stream:
        return {row[0]: row[1:] for row in csv.reader(stream)}


def blend_file(workspace: Workspace, competition: Competition, recipe: dict[str, Any]) -> Path:
    """Train a recipe, and return the file of its blend."""
    path = workspace.root / "tiny.yaml"
    path.write_text(yaml.safe_dump(recipe))
    [attempt] = train_recipes(workspace, competition, [path])
    blend = blend_runs(workspace, competition, [attempt.result().run.name], name="one")
    return write_blend_file(workspace, competition, blend)


def shapes(root: Path, miniatures: ModuleType) -> tuple[Workspace, list[str]]:
    """Write a competition of three classes, most of them dogs; return its test images, too."""
    miniatures.class_folders(root / "data", n=12, size=16, n_test=5)
    dog = (root / "data/train/dog/dog0001.png").read_bytes()
    (root / "data/train/dog/more.png").write_bytes(dog)
    ids = sorted(one.stem for one in (root / "data/test").iterdir())
    (root / "sample.csv").write_text("id,label\n" + "".join(f"{one},cat\n" for one in ids))
    (root / "competition.yaml").write_text(SPEC)
    return Workspace(root), ids


def test_a_damaged_and_a_lost_test_image_stop_no_training(
    tmp_path: Path, miniatures: ModuleType
) -> None:
    workspace, ids = shapes(tmp_path, miniatures)
    cut(tmp_path / f"data/test/{ids[0]}.png")
    competition = load_competition(tmp_path / "competition.yaml")
    [broken] = [
        one
        for one in check_workspace(workspace, competition, adversarial=False)
        if one.title == "images that cannot be read"
    ]
    assert f"podium choose 'data.test.exclude=[\"{ids[0]}\"]'; in its row of" in broken.fix
    assert "data.train" not in broken.fix
    (tmp_path / f"data/test/{ids[2]}.png").unlink()

    competition = leaving_out(tmp_path, [ids[0], ids[2]])
    assert [one.title for one in check_format(competition)] == []
    [left_out] = check_left_out(competition)
    assert left_out.level == "warning"
    assert left_out.items == (ids[0], ids[2])
    file = blend_file(workspace, competition, TINY)
    assert check(file, competition) == []
    rows = rows_of(file)
    assert [*rows][1:] == ids
    assert rows[ids[0]] == rows[ids[2]] == ["dog"]
    printed = " ".join(podium(tmp_path, "submit", "one", "--dry-run").split())
    assert "2 samples of the file are not predicted" in printed
    assert "2 samples of the file" in summarise_data(workspace, competition).not_predicted


def test_what_the_sample_does_not_have_cannot_be_left_out(
    tmp_path: Path, miniatures: ModuleType
) -> None:
    shapes(tmp_path, miniatures)
    [strange] = check_left_out(leaving_out(tmp_path, ["no_such_image"]))
    assert strange.level == "error"
    assert strange.items == ("no_such_image",)


def test_where_no_test_image_is_left_out_nothing_is_reported(
    tmp_path: Path, miniatures: ModuleType
) -> None:
    workspace, _ = shapes(tmp_path, miniatures)
    competition = load_competition(tmp_path / "competition.yaml")
    assert check_left_out(competition) == []
    assert summarise_data(workspace, competition).not_predicted == ""


@pytest.mark.other_cases("long")
@pytest.mark.parametrize(
    "name",
    [
        "tissue",
        *(pytest.param(one, marks=pytest.mark.slow) for one in ("salt", "ships", "defects")),
    ],
)
def test_a_damaged_test_image_has_no_mask(name: str, tmp_path: Path) -> None:
    made: Callable[..., Any] = getattr(mask_miniatures, name)
    found = made(tmp_path / "data", n=8, n_test=3)
    (tmp_path / "competition.yaml").write_text(yaml.safe_dump(found.spec))
    workspace = Workspace(tmp_path)
    competition = load_competition(tmp_path / "competition.yaml")
    sizes = expected_of_test(competition).sizes
    damaged = sizes.ids[1]
    image = next((tmp_path / "data").glob(f"test*/**/{Path(damaged).stem}.*"))
    image.write_bytes(b"no image")
    competition = leaving_out(tmp_path, [damaged])
    heads = {"heads": {"segment": {"decoder": "linear"}}}
    file = blend_file(workspace, competition, {**TINY, "model": {**MODEL, **heads}})
    assert [one for one in check(file, competition) if one.level == "error"] == []
    constant = rows_of(write_prior(tmp_path / "constant.csv", competition))
    own, expected = (
        {key: cells for key, cells in rows.items() if key.startswith(damaged)}
        for rows in (rows_of(file), constant)
    )
    assert own == expected


@pytest.mark.slow
def test_a_number_is_the_median_of_train(tmp_path: Path, miniatures: ModuleType) -> None:
    workspace, ids = shapes(tmp_path, miniatures)
    images = sorted((tmp_path / "data/train").rglob("*.png"))
    rows = [f"{one.relative_to(tmp_path)},{n}" for n, one in enumerate(images)]
    (tmp_path / "train.csv").write_text("path,age\n" + "\n".join(rows) + "\n")
    (tmp_path / "sample.csv").write_text("id,age\n" + "".join(f"{one},0\n" for one in ids))
    spec = yaml.safe_load(SPEC) | {
        "tasks": {"classify": "regression"},
        "classes": [],
        "metric": {"name": "mae"},
        "submission": {"columns": {"id": "id", "age": "value"}, "sample": "sample.csv"},
    }
    spec["data"]["train"] = {"table": "train.csv", "id": "path", "images": "{path}", "label": "age"}
    (tmp_path / "competition.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
    cut(tmp_path / f"data/test/{ids[3]}.png")
    with pytest.raises(PodiumError, match="truncated"):
        blend_file(workspace, load_competition(tmp_path / "competition.yaml"), TINY)
    competition = leaving_out(tmp_path, [ids[3]])
    file = blend_file(workspace, competition, TINY)
    assert check(file, competition) == []
    assert float(rows_of(file)[ids[3]][0]) == np.median(np.arange(len(images)))
