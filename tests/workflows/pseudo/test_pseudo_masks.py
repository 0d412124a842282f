"""Pseudo-masks by fold, beside labels: what is kept, with which pixels, and what students see."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from command_line import podium
from mask_miniatures import draw, pictures_and_masks, salt
from miniatures import save

from podium.competition.spec import load_competition
from podium.competition.truths.masks import IGNORE
from podium.errors import RecipeError
from podium.predictions import PredictionSet
from podium.training.pseudo.selection import fold_pseudo_labels, pseudo_rows
from podium.training.pseudo.tables import leak_free_table, open_pseudo
from podium.training.recipe import load_recipe
from podium.training.runs.job import Job, TrainingData
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT
from podium.workspace.records import read_record

JOINT = """\
model: {backbone: cnn, pretrained: false, options: {widths: [8, 16]},
        heads: {classify: {dropout: 0.1}, segment: {decoder: linear}}}
input: {size: 32, train: none}
optimizer: {name: adamw, lr: 1e-2, schedule: constant}
batch_size: 12
phases: [{name: all, epochs: 2}]
"""


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a workspace of labels and masks with a trained run; unlabelled images of two sizes."""
    root = tmp_path_factory.mktemp("masks") / "ws"
    made = pictures_and_masks(root / "data", n=16, n_test=4)
    rng = np.random.default_rng(5)
    for number in range(5):
        image, _ = draw((40 + 8 * number, 48), [number % 2], 2, rng)
        save(root / f"data/unlabelled/u{number}.jpg", image)
    spec = made.spec | {"folds": {"n": 2}}
    spec["data"] = spec["data"] | {"unlabelled": {"images": "data/unlabelled/*.jpg"}}
    (root / "competition.yaml").write_text(json.dumps(spec))  # JSON is YAML, too
    (root / "recipes").mkdir()
    (root / "recipes/joint.yaml").write_text(JOINT)
    (root / "recipes/masks.yaml").write_text(JOINT.replace("classify: {dropout: 0.1}, ", ""))
    (root / "recipes/labels.yaml").write_text(JOINT.replace(", segment: {decoder: linear}", ""))
    podium(root, "train", "joint")
    podium(root, "pseudo", "joint", "--threshold", "0.36")
    return root


def job_of(root: Path, recipe: str, *overrides: str) -> Job:
    """Return a job that learns from the artefact, without training anything."""
    workspace, competition = Workspace(root), load_competition(root)
    inputs = {"folds": read_record(workspace.artefact("pseudo-joint")).inputs["folds"]}
    data = TrainingData.load(workspace, competition)
    chosen = load_recipe(workspace.recipes / f"{recipe}.yaml", overrides)
    return Job(workspace, competition, chosen, data, workspace.runs / "none", inputs)


def test_masks_are_the_decided_ones_with_unsure_pixels_unknown(taught: Path) -> None:
    workspace = Workspace(taught)
    labels = open_pseudo(workspace, "pseudo-joint")
    (split,) = workspace.artefact("joint", rooms=("runs",)).glob("predictions/*/unlabelled")
    every = PredictionSet(split.parent)
    n_unknown = 0
    for fold in (0, 1, "full"):
        table = leak_free_table(labels, fold, labels.record.inputs["folds"])  # type: ignore[arg-type]
        models = [0, 1] if fold == "full" else [fold]
        masks = every.mean_masks("unlabelled", folds=models)  # type: ignore[arg-type]
        assert table.ids == list(masks.ids) == [f"u{i}" for i in range(5)]
        for i, (height, width) in enumerate(masks.sizes):
            assert (height, width) == (40 + 8 * i, 48)
            probs = masks.band(i, 0, height)
            sure = np.rint(probs.max(axis=2) * 254) / 254
            for threshold in (0.0, 0.4):  # the artefact's own is higher than the first
                wanted = probs.argmax(axis=2)
                wanted[sure.astype(np.float32) < np.float32(max(threshold, 0.36))] = IGNORE
                assert np.array_equal(table.mask(i, threshold), wanted)
                n_unknown += int((wanted == IGNORE).sum())
    assert n_unknown > 0


def test_masks_have_a_threshold_of_their_own(taught: Path) -> None:
    use = "pseudo=[{from: pseudo-joint, threshold: 0.99, mask_threshold: 0.4}]"
    job = job_of(taught, "joint", use)
    (rows,) = pseudo_rows(fold_pseudo_labels(job, 0), SILENT)
    assert not rows.answered["classify"].any()
    assert rows.answered["segment"].any()
    alike = job_of(taught, "masks", "pseudo=[{from: pseudo-joint, threshold: 0.4}]")
    (wanted,) = pseudo_rows(fold_pseudo_labels(alike, 0), SILENT)
    assert rows.ids == wanted.ids
    for row in range(len(rows)):
        assert np.array_equal(rows.mask(row), wanted.mask(row))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("recipe", "more", "why"),
    [
        ("masks", "per_class: 2", "is about labels"),
        ("joint", "per_class: 2, balance: true", "that of its mask, too"),
    ],
)
def test_labels_do_not_choose_masks(taught: Path, recipe: str, more: str, why: str) -> None:
    with pytest.raises(RecipeError, match=why):
        fold_pseudo_labels(job_of(taught, recipe, f"pseudo=[{{from: pseudo-joint, {more}}}]"), 0)


def test_students_see_the_masks_in_the_geometry_of_their_images(taught: Path) -> None:
    use = "pseudo=[{from: pseudo-joint, threshold: 0.4, weight: 0.25}]"
    job = job_of(taught, "joint", use)
    (rows,) = pseudo_rows(fold_pseudo_labels(job, 0), SILENT)
    labels = open_pseudo(job.workspace, "pseudo-joint")
    table = leak_free_table(labels, 0, job.inputs["folds"])
    assert rows.weight.tolist() == [0.25] * len(rows)
    assert table.probs is not None
    for row, name in enumerate(rows.ids):
        at = table.ids.index(name)
        image, mask = rows.pixels(row), rows.mask(row)
        assert rows.answered["segment"][row] == (mask is not None)
        sure = table.probs[at].max() >= np.float32(0.4)
        assert rows.answered["classify"][row] == sure
        assert rows.target["classify"][row] == (table.probs[at].argmax() if sure else -1)
        if mask is None:
            continue
        # The images are kept a little smaller: each pixel of the mask is one of the whole mask.
        whole = table.mask(at, 0.4)
        ys, xs = (
            ((np.arange(n) + 0.5) * m / n).astype(int)
            for n, m in zip(mask.shape, whole.shape, strict=True)
        )
        assert mask.shape == image.shape[:2]
        assert np.array_equal(mask, whole[ys][:, xs])


def test_heads_take_what_is_theirs(taught: Path) -> None:
    use = "pseudo=[{from: pseudo-joint}]"
    (of_masks,) = pseudo_rows(fold_pseudo_labels(job_of(taught, "masks", use), 1), SILENT)
    (of_labels,) = pseudo_rows(fold_pseudo_labels(job_of(taught, "labels", use), 1), SILENT)
    assert (set(of_masks.answered), set(of_labels.answered)) == ({"segment"}, {"classify"})
    assert of_labels.masks is None
    assert not of_masks.target


def test_images_without_a_confident_pixel_or_label_are_left_out(taught: Path) -> None:
    use = "pseudo=[{from: pseudo-joint, threshold: 1.0}]"
    assert pseudo_rows(fold_pseudo_labels(job_of(taught, "joint", use), 0), SILENT) == []


def test_balanced_sampling_knows_what_pseudo_masks_show(taught: Path) -> None:
    job = job_of(
        taught, "masks", "pseudo=[{from: pseudo-joint}]", "sampling=balanced", "empty_share=0.5"
    )
    (rows,) = pseudo_rows(fold_pseudo_labels(job, 0), SILENT)
    assert rows.strata is not None
    assert rows.empty is not None
    for row in range(len(rows)):
        mask = rows.mask(row)
        assert mask is not None
        shown = [int((mask == 1).any()), int((mask == 2).any()), 0]
        assert rows.strata[row].tolist() == shown
        assert rows.empty[row] == (not any(shown))


def test_a_student_trains_with_masks_and_labels(taught: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(taught, tmp_path / "ws"))
    use = "pseudo=[{from: pseudo-joint, threshold: 0.4}]"
    podium(root, "train", "joint", "-o", use, "--folds", "0")
    student = Workspace(root).artefact("joint", rooms=("runs",))
    facts = json.loads((student / "fold-0/done.json").read_text())
    assert facts["pools"]["pseudo"] == len(
        pseudo_rows(fold_pseudo_labels(job_of(root, "joint", use), 0), SILENT)[0]
    )
    (told,) = facts["pools"]["pseudo_artefacts"]
    assert facts["pools"]["pseudo"] == told["images"] >= max(told["masks"], told["labels"]) > 0
    assert sum(told["classes"].values()) == told["labels"]
    heads = ["pseudo-labels", "of", "fold", "labels", "masks", "labels", "of", "each", "class"]
    assert any(line.split() == heads for line in podium(root, "show", student.name).splitlines())
    assert read_record(student).inputs["pseudo"]["artefacts"][0]["round"] == 1
    assert "masks" in podium(root, "show", "pseudo-joint")


@pytest.mark.other_cases("long", of="quick")
@pytest.mark.parametrize(
    ("fit", "frame", "shape"),
    [("tile, foreground: 0.5", "native", (40, 40)), ("resize", [20, 30], (20, 30))],
)
def test_binary_masks_of_windows_and_in_a_frame(
    tmp_path: Path, fit: str, frame: object, shape: tuple[int, int]
) -> None:
    root = tmp_path / "ws"
    made = salt(root / "data", n=8, n_test=4, size=40)
    spec = made.spec | {"folds": {"n": 2}, "frame": frame}
    (root / "competition.yaml").write_text(json.dumps(spec))
    (root / "recipes").mkdir()
    recipe = JOINT.replace("classify: {dropout: 0.1}, ", "").replace("none}", f"none, fit: {fit}}}")
    (root / "recipes/some.yaml").write_text(recipe)
    podium(root, "train", "some")
    text = podium(root, "pseudo", "some", "--split", "test", "--threshold", "0.5")
    assert "pixels known" in text
    podium(root, "train", "some", "-o", "pseudo=[{from: pseudo-some}]", "--folds", "1")
    labels = open_pseudo(Workspace(root), "pseudo-some")
    table = leak_free_table(labels, 1, labels.record.inputs["folds"])
    assert table.probs is None
    assert table.mask(0).shape == shape
    assert set(np.unique(table.mask(0))) <= {0, 1, IGNORE}
