"""Features and masks that are kept at chosen epochs, against what the finished run predicts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import mask_miniatures
import numpy as np
import pytest
import torch
import yaml
from recorded_progress import RecordedProgress
from typer.testing import CliRunner

from podium.cli.app import app
from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples
from podium.competition.spec import load_competition
from podium.errors import RecipeError, RunError
from podium.predictions import PredictionSet
from podium.predictions.decisions.masks import decide_masks
from podium.predictions.snapshots import (
    count_snapshots,
    epoch_folder,
    read_epoch_features,
    read_epoch_masks,
)
from podium.training.runs.fold_files import FoldFiles
from podium.training.runs.train import Trained, train
from podium.workspace.layout import Workspace
from podium.workspace.records import read_record

BOTH = {"classify": {"pool": "max"}, "segment": {"decoder": "linear"}}
RECIPE: dict[str, Any] = {
    "model": {
        "backbone": "cnn",
        "pretrained": False,
        "options": {"widths": [8, 16]},
        "heads": BOTH,
    },
    "input": {"size": 32},
    "optimizer": {"lr": 1e-2},
    "batch_size": 4,
    "phases": [
        {"name": "head", "epochs": 1, "steps_per_epoch": 2, "freeze": ["backbone"]},
        {"name": "whole", "epochs": 3, "steps_per_epoch": 2},
    ],
}
KEEP = {"epochs": ["first", 3, "last", 99], "features": 5}


def workspace_in(root: Path) -> Workspace:
    made = mask_miniatures.pictures_and_masks(root / "data", n=24, n_test=3, size=40)
    spec = {**made.spec, "folds": {**made.spec["folds"], "n": 2}}
    (root / "competition.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
    return Workspace(root)


def go(workspace: Workspace, keep: Any, **options: Any) -> Trained:
    recipe = {**RECIPE, **options.pop("recipe", {})}
    if keep is not None:
        recipe["keep"] = keep
    workspace.recipes.mkdir(exist_ok=True)
    file = workspace.recipes / "kept.yaml"
    file.write_text(yaml.safe_dump(recipe, sort_keys=False))
    return train(workspace, load_competition(workspace.root), file, folds=[0], **options)


def ids_of(workspace: Workspace) -> tuple[list[str], np.ndarray]:
    competition = load_competition(workspace.root)
    samples = load_samples(competition, "train", workspace=workspace)
    return list(samples["id"]), ensure_folds(workspace, competition, samples)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Trained, list[str]]:
    """Return a run that kept features and masks, and the ids of these masks."""
    workspace = workspace_in(tmp_path_factory.mktemp("kept") / "ws")
    ids, folds = ids_of(workspace)
    names = [ids[np.flatnonzero(folds == 0)[0]], ids[np.flatnonzero(folds == 1)[0]]]
    test = load_samples(load_competition(workspace.root), "test")
    names.append(str(test["id"].iloc[0]))
    return workspace, go(workspace, {**KEEP, "masks": names}), names


def test_the_named_epochs_are_kept_and_no_others(
    kept: tuple[Workspace, Trained, list[str]],
) -> None:
    _, run, _ = kept
    assert [one.epoch for one in read_epoch_features(run.run, 0)] == [1, 3, 4]
    assert [one.epoch for one in read_epoch_masks(run.run, 0)] == [1, 3, 4]
    assert read_epoch_features(run.run, 1) == []


def test_show_lists_the_kept_epochs(kept: tuple[Workspace, Trained, list[str]]) -> None:
    workspace, run, _ = kept
    asked = ["-w", str(workspace.root), "show", run.run.name]
    answer = json.loads(CliRunner().invoke(app, [*asked, "--json"]).stdout)["kept"]
    assert answer == {"0": {"epochs": [1, 3, 4], "features": 5, "masks": 3}}
    text = " ".join(CliRunner().invoke(app, asked).stdout.split())
    assert "kept of fold 0 after epochs 1, 3, 4: features of 5 images, masks of 3 images" in text


def test_a_damaged_table_is_reported(tmp_path: Path) -> None:
    folder = epoch_folder(tmp_path, 0, 1)
    folder.mkdir(parents=True)
    (folder / "features.parquet").write_text("no table")
    with pytest.raises(RunError, match=r"epoch-0001(?s:.*)remove the folder"):
        count_snapshots(tmp_path, 0)


def test_the_rows_are_validation_rows_the_same_every_time(
    kept: tuple[Workspace, Trained, list[str]],
) -> None:
    workspace, run, _ = kept
    ids, folds = ids_of(workspace)
    each = read_epoch_features(run.run, 0)
    assert len({tuple(one.ids) for one in each}) == 1
    assert len(set(each[0].ids)) == 5
    assert all(folds[ids.index(name)] == 0 for name in each[0].ids)
    samples = load_samples(load_competition(workspace.root), "train", workspace=workspace)
    labels = dict(zip(samples["id"], samples["label"], strict=True))
    for one in each:
        assert one.labels is not None
        assert one.labels.tolist() == [labels[name] for name in one.ids]
        assert one.features.dtype == np.float32
        assert one.features.shape == (5, 16)


def test_features_are_the_input_of_the_classifier(
    kept: tuple[Workspace, Trained, list[str]],
) -> None:
    _, run, _ = kept
    last = read_epoch_features(run.run, 0)[-1]
    state = torch.load(run.run / "fold-0/last.pt", weights_only=True)["network"]
    weight = state["heads.classify.linear.weight"].numpy()
    logits = last.features @ weight.T + state["heads.classify.linear.bias"].numpy()
    name = read_record(run.run).details["predictions"]
    oof = PredictionSet(run.run / "predictions" / name).oof("classify")
    predicted = oof.probs[[list(oof.ids).index(one) for one in last.ids]]
    kind = load_competition(kept[0].root).kind
    if kind == "multiclass":
        exp = np.exp(logits - logits.max(axis=1, keepdims=True))
        probs = exp / exp.sum(axis=1, keepdims=True)
    else:
        probs = 1 / (1 + np.exp(-logits))
    np.testing.assert_allclose(probs.reshape(predicted.shape), predicted, atol=1e-5)


def test_the_head_alone_is_trained_at_first_so_features_stay_and_then_move(
    kept: tuple[Workspace, Trained, list[str]],
) -> None:
    _, run, _ = kept
    first, third, last = (one.features for one in read_epoch_features(run.run, 0))
    assert not np.allclose(first, third)
    assert not np.allclose(third, last)


def test_masks_are_those_that_the_finished_fold_predicts(
    kept: tuple[Workspace, Trained, list[str]],
) -> None:
    workspace, run, names = kept
    last = read_epoch_masks(run.run, 0)[-1]
    assert last.ids == names
    assert last.is_trained_on.tolist() == [False, True, False]
    competition = load_competition(workspace.root)
    found = PredictionSet(run.run / "predictions" / read_record(run.run).details["predictions"])
    for split, name in (("oof", names[0]), ("test", names[2])):
        probs: Any = found.oof_masks() if split == "oof" else found.mean_masks("test", "segment")
        every = dict(decide_masks(probs, None, competition.mask_kind))
        mask = last.masks[names.index(name)]
        assert mask.shape == every[name].shape
        assert mask.dtype == np.uint8
        assert (mask == every[name]).mean() > 0.99  # stored probabilities have steps of 1/254
    assert any(mask.any() for mask in last.masks)


def test_keeping_changes_neither_the_id_nor_a_weight_nor_a_score(
    kept: tuple[Workspace, Trained, list[str]], tmp_path: Path
) -> None:
    _, run, _ = kept
    plain = go(workspace_in(tmp_path / "ws"), None)
    assert plain.run.name == run.run.name
    found = [
        torch.load(one.run / "fold-0/last.pt", weights_only=True)["network"] for one in (plain, run)
    ]
    assert all(torch.equal(found[0][name], found[1][name]) for name in found[0])
    assert plain.scores == run.scores
    assert not (plain.run / "fold-0/kept").exists()


def test_a_run_that_goes_on_writes_nothing_twice(
    kept: tuple[Workspace, Trained, list[str]], tmp_path: Path
) -> None:
    _, whole, names = kept
    workspace = workspace_in(tmp_path / "ws")
    at = ("", 0)

    def stop(_: object, row: Any) -> None:
        if (row["phase"], row["epoch"]) == at:
            raise KeyboardInterrupt

    keep = {**KEEP, "masks": names}
    written: dict[str, int] = {}
    for phase, epoch in (("head", 1), ("whole", 2)):
        at = (phase, epoch)
        with pytest.raises(KeyboardInterrupt):
            go(workspace, keep, watch=stop)
        for file in workspace.runs.glob("*/fold-0/kept/*/*"):
            before = written.setdefault(str(file), file.stat().st_mtime_ns)
            assert before == file.stat().st_mtime_ns
    resumed = go(workspace, keep)
    assert len(written) == 8 + 2  # with SHA256SUMS
    assert all(Path(file).stat().st_mtime_ns == then for file, then in written.items())
    for one, other in zip(
        read_epoch_features(whole.run, 0), read_epoch_features(resumed.run, 0), strict=True
    ):
        assert (one.epoch, one.ids) == (other.epoch, other.ids)
        np.testing.assert_array_equal(one.features, other.features)


@pytest.mark.slow
def test_what_is_killed_in_the_middle_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = workspace_in(tmp_path / "ws")
    name = ids_of(workspace)[0][0]
    save = np.savez_compressed

    def killed(file: Any, **arrays: Any) -> None:
        if Path(getattr(file, "name", file)).name == "masks.npz":
            raise KeyboardInterrupt
        save(file, **arrays)

    monkeypatch.setattr(np, "savez_compressed", killed)
    keep = {"epochs": [1], "features": 2, "masks": [name]}
    with pytest.raises(KeyboardInterrupt):
        go(workspace, keep)
    (room,) = workspace.runs.glob("*/fold-0/kept")
    assert not list(room.iterdir())
    monkeypatch.setattr(np, "savez_compressed", save)
    run = go(workspace, keep)
    (one,) = read_epoch_masks(run.run, 0)
    assert one.ids == [name]


def test_reading_needs_no_torch(kept: tuple[Workspace, Trained, list[str]]) -> None:
    _, run, _ = kept
    code = (
        "import sys; from pathlib import Path\n"
        "from podium.predictions.snapshots import read_epoch_features, read_epoch_masks\n"
        f"run = Path({str(run.run)!r})\n"
        "assert len(read_epoch_features(run, 0)) == len(read_epoch_masks(run, 0)) == 3\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_last_epoch_is_that_in_which_a_phase_stops_early(tmp_path: Path) -> None:
    phase = {"name": "only", "epochs": 9, "steps_per_epoch": 1, "early_stopping": {"patience": 1}}
    recipe = {"phases": [phase], "optimizer": {"lr": 1e-12}}
    keep = {"epochs": ["middle", "last"], "features": 1}
    run = go(workspace_in(tmp_path / "ws"), keep, recipe=recipe)
    n = sum(FoldFiles(run.run, 0).read_done()["epochs"])
    assert n < 9
    assert [one.epoch for one in read_epoch_features(run.run, 0)] == sorted(
        {5, n} & {*range(n + 1)}
    )


def test_a_run_without_labels_keeps_features_of_training_images(tmp_path: Path) -> None:
    workspace = workspace_in(tmp_path / "ws")
    byol = {"name": "byol", "hidden": 16, "size": 8}
    phase = {"name": "images", "epochs": 2, "steps_per_epoch": 1, "method": byol}
    recipe = {**RECIPE, "phases": [phase], "unlabelled": ["train"]}
    recipe["keep"] = {"epochs": ["first", "middle", "last"], "features": 7}
    workspace.recipes.mkdir()
    file = workspace.recipes / "images.yaml"
    file.write_text(yaml.safe_dump(recipe))
    competition = load_competition(workspace.root)
    run = train(workspace, competition, file)
    each = read_epoch_features(run.run, "full")
    assert [one.epoch for one in each] == [1, 2]
    assert all(one.features.shape == (7, 16) and one.labels is not None for one in each)
    recipe["keep"] = {"epochs": [1], "masks": [ids_of(workspace)[0][0]]}
    recipe["seed"] = 1
    file.write_text(yaml.safe_dump(recipe))
    with pytest.raises(RecipeError, match="learns without labels"):
        train(workspace, competition, file)


@pytest.mark.parametrize(
    ("keep", "message"),
    [
        ({"epochs": [1], "masks": ["nobody"]}, "there is no train or test image 'nobody'"),
        ({"epochs": [1]}, "keeps nothing"),
        ({"epochs": [], "features": 3}, "epochs"),
        ({"epochs": [0], "features": 3}, "epochs"),
        ({"epochs": ["late"], "features": 3}, "epochs"),
        ({"epochs": [1], "masks": ["a", "a"]}, "twice"),
    ],
)
def test_what_cannot_be_kept_is_refused(tmp_path: Path, keep: Any, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        go(workspace_in(tmp_path / "ws"), keep)


def test_masks_without_a_head_for_them_are_refused(tmp_path: Path) -> None:
    workspace = workspace_in(tmp_path / "ws")
    recipe = {"model": {**RECIPE["model"], "heads": {"classify": {}}}}
    keep = {"epochs": [1], "masks": [ids_of(workspace)[0][0]]}
    with pytest.raises(RecipeError, match="no head for masks"):
        go(workspace, keep, recipe=recipe)


def test_epochs_that_do_not_come_are_reported(tmp_path: Path) -> None:
    progress = RecordedProgress()
    phase = {"name": "only", "epochs": 1, "steps_per_epoch": 1}
    run = go(workspace_in(tmp_path / "ws"), KEEP, recipe={"phases": [phase]}, progress=progress)
    assert any("keep names epoch 3, 99, and there are 1" in line for line in progress.lines)
    assert epoch_folder(run.run, 0, 1).is_dir()
