"""New images, of any folder, are predicted as those of the test set."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from types import ModuleType

import mask_miniatures
import pytest
import yaml

from podium.competition.samples import load_samples
from podium.competition.spec import Competition, load_competition
from podium.errors import DataError, UsageError
from podium.training.runs.train import train
from podium.workflows.packs.new_images import predict_new_images
from podium.workflows.submission.submitting import find_blend, write_blend_file
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT

SPEC = """
name: new images
tasks: {classify: multiclass}
classes: [cat, dog, fox]
data:
  train: {images: "data/train/{class}/*.png"}
  test: {images: "data/test/*.png"}
folds: {n: 2}
metric: {name: log_loss}
submission:
  columns: {id: id, cat: "prob[cat]", dog: "prob[dog]", fox: "prob[fox]"}
"""
HEADS = {"classify": {}, "segment": {"decoder": "linear"}}


def trained(root: Path) -> tuple[Workspace, Competition, str]:
    """Train two folds of a small network; return the workspace, and the run's name."""
    workspace, competition = Workspace(root), load_competition(root / "competition.yaml")
    recipe = {
        "model": {
            "backbone": "cnn",
            "pretrained": False,
            "options": {"widths": [8]},
            "heads": {task: HEADS[task] for task in competition.tasks},
        },
        "input": {"size": 16, "train": "none"},
        "batch_size": 8,
        "phases": [{"name": "network", "epochs": 2}],
    }
    file = root / "recipes/tiny.yaml"
    file.parent.mkdir()
    file.write_text(yaml.safe_dump(recipe))
    return workspace, competition, train(workspace, competition, file).run.name


def cells(file: Path) -> dict[str, list[str]]:
    with file.open(encoding="utf-8") as lines:
        _, *rows = csv.reader(lines)
    return {first: rest for first, *rest in rows}


@pytest.fixture(scope="module")
def labels(
    tmp_path_factory: pytest.TempPathFactory, miniatures: ModuleType
) -> tuple[Workspace, Competition, str]:
    root = tmp_path_factory.mktemp("labels")
    miniatures.class_folders(root / "data", n=18, size=16, n_test=6)
    (root / "competition.yaml").write_text(SPEC)
    return trained(root)


def test_copies_of_test_images_get_the_answers_of_the_file_to_send(
    labels: tuple[Workspace, Competition, str], tmp_path: Path
) -> None:
    workspace, competition, run = labels
    (tmp_path / "new/deep").mkdir(parents=True)
    for n, one in enumerate(sorted((workspace.root / "data/test").iterdir())):
        shutil.copyfile(one, tmp_path / f"new/{'deep/' * (n % 2)}photo_{one.name}")
    before = sorted(workspace.runs.rglob("*"))
    made = predict_new_images(
        workspace, competition, run, images=tmp_path / "new", to=tmp_path / "made.csv"
    )
    sent = write_blend_file(workspace, competition, find_blend(workspace, competition, run, SILENT))
    assert cells(made) == {f"photo_{one}": row for one, row in cells(sent).items()}
    assert sorted(workspace.runs.rglob("*")) == before


def test_images_of_one_name_are_told_by_their_paths(
    labels: tuple[Workspace, Competition, str], tmp_path: Path
) -> None:
    workspace, competition, run = labels
    [image, *_] = sorted((workspace.root / "data/test").iterdir())
    for name in ("a", "b"):
        (tmp_path / f"new/{name}").mkdir(parents=True)
        shutil.copyfile(image, tmp_path / f"new/{name}/1.png")
    made = predict_new_images(
        workspace, competition, run, images=tmp_path / "new", to=tmp_path / "made.csv"
    )
    rows = cells(made)
    assert [*rows] == ["a/1.png", "b/1.png"]
    assert rows["a/1.png"] == rows["b/1.png"]


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_a_folder_without_images_is_named(
    labels: tuple[Workspace, Competition, str], tmp_path: Path, name: str
) -> None:
    (tmp_path / "empty").mkdir()
    to = tmp_path / "made.csv"
    with pytest.raises(DataError, match="there is no") as error:
        predict_new_images(*labels, images=tmp_path / name, to=to)
    assert str(tmp_path / name) in str(error.value)
    assert not to.exists()


def test_rows_of_several_images_are_refused(
    labels: tuple[Workspace, Competition, str], tmp_path: Path
) -> None:
    workspace, competition, run = labels
    test = competition.data.test
    assert test is not None
    data = competition.data.model_copy(update={"test": test.model_copy(update={"unit": "{stem}"})})
    with pytest.raises(UsageError, match="more than the name of one image"):
        predict_new_images(
            workspace,
            competition.model_copy(update={"data": data}).at(competition.root),
            run,
            images=workspace.root / "data/test",
            to=tmp_path / "made.csv",
        )


@pytest.mark.slow
def test_new_images_get_masks(tmp_path: Path) -> None:
    root = tmp_path / "ws"
    found = mask_miniatures.defects(root / "data", n=8, n_test=3)
    (root / "competition.yaml").write_text(yaml.safe_dump(found.spec))
    workspace, competition, run = trained(root)
    sent = write_blend_file(workspace, competition, find_blend(workspace, competition, run, SILENT))
    files = [root / one for images in load_samples(competition, "test")["images"] for one in images]
    for one in files:
        (tmp_path / "new").mkdir(exist_ok=True)
        shutil.copyfile(one, tmp_path / "new" / one.name)
    made = predict_new_images(
        workspace, competition, run, images=tmp_path / "new", to=tmp_path / "made.csv"
    )
    assert cells(made) == cells(sent)


@pytest.mark.slow
def test_the_form_that_the_sample_shows_is_kept(tmp_path: Path, miniatures: ModuleType) -> None:
    root = tmp_path / "ws"
    miniatures.class_folders(root / "data", n=18, size=16, n_test=4)
    spec = yaml.safe_load(SPEC)
    names = sorted(one.stem for one in (root / "data/test").iterdir())
    lines = ["picture,animal", *(f"{one},cat" for one in names)]
    (root / "data/sample.csv").write_text("\n".join(lines) + "\n")
    spec |= {"submission": {"sample": "data/sample.csv"}, "metric": {"name": "accuracy"}}
    (root / "competition.yaml").write_text(yaml.safe_dump(spec))
    workspace, competition, run = trained(root)
    to = tmp_path / "made.csv"
    made = predict_new_images(workspace, competition, run, images=root / "data/test", to=to)
    sent = write_blend_file(workspace, competition, find_blend(workspace, competition, run, SILENT))
    assert made.read_text() == sent.read_text()
    with pytest.raises(UsageError, match="this is a folder"):
        predict_new_images(workspace, competition, run, images=root / "data/test", to=tmp_path)


def test_a_truncated_image_is_named_in_its_folder(
    labels: tuple[Workspace, Competition, str], tmp_path: Path
) -> None:
    workspace, competition, run = labels
    whole, *_ = sorted((workspace.root / "data/test").iterdir())
    (tmp_path / "new/deep").mkdir(parents=True)
    shutil.copyfile(whole, tmp_path / "new/whole.png")
    broken = tmp_path / "new/deep/half.png"
    broken.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    to = tmp_path / "made.csv"
    with pytest.raises(DataError) as error:
        predict_new_images(workspace, competition, run, images=tmp_path / "new", to=to)
    assert str(error.value.where) == str(broken)
    assert "take it out of the folder" in str(error.value.fix)
    assert "data.train" not in str(error.value)
    assert not to.exists()
