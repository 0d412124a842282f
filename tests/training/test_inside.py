"""Files of `podium explain`, against the run's own predictions and maps taken by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mask_miniatures
import numpy as np
import pytest
import torch
import yaml
from training.handmade import TRANSFORMER
from typer.testing import CliRunner

from podium.cli.app import app
from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples, truth
from podium.competition.spec import load_competition
from podium.errors import RunError, UsageError
from podium.predictions import PredictionSet
from podium.predictions.explanations import (
    Explanation,
    GradCamMap,
    StageActivations,
    explained_folds,
    explanation_file,
    latest_explanations,
    write_explanation,
)
from podium.training.inference.network import load_trained_network
from podium.training.inference.prediction_sets import load_job
from podium.training.runs.train import train
from podium.workflows.blends.blending import newest_set
from podium.workflows.explaining import explain
from podium.workspace.layout import Workspace

RECIPE: dict[str, Any] = {
    "model": {**TRANSFORMER, "heads": {"classify": {}, "segment": {"decoder": "linear"}}},
    "input": {"size": 16},
    "optimizer": {"lr": 1e-2},
    "batch_size": 4,
    "phases": [{"name": "all", "epochs": 1, "steps_per_epoch": 1}],
}
WITHOUT_LABELS = """\
model: {backbone: cnn, pretrained: false, options: {widths: [6, 10]}}
input: {size: 32}
batch_size: 8
unlabelled: [train]
phases:
  - name: images
    epochs: 1
    steps_per_epoch: 1
    method: {name: byol, hidden: 16, size: 8}
"""


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return a workspace with a small transformer of two heads, trained in both folds, its run."""
    root = tmp_path_factory.mktemp("inside") / "ws"
    made = mask_miniatures.pictures_and_masks(root / "data", n=16, n_test=2, size=20)
    spec = {**made.spec, "folds": {**made.spec["folds"], "n": 2}}
    (root / "competition.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
    workspace = Workspace(root)
    workspace.recipes.mkdir()
    file = workspace.recipes / "tiny.yaml"
    file.write_text(yaml.safe_dump(RECIPE, sort_keys=False))
    competition = load_competition(root)
    return workspace, competition, train(workspace, competition, file).run


def cli(workspace: Workspace, *words: str) -> Any:
    return CliRunner().invoke(app, ["-w", str(workspace.root), "explain", *words])


def facts(workspace: Workspace, run: Path) -> tuple[list[str], np.ndarray, np.ndarray]:
    competition = load_competition(workspace.root)
    samples = load_samples(competition, "train", workspace=workspace)
    folds = ensure_folds(workspace, competition, samples)
    return list(samples["id"]), folds, truth(samples, competition)


def test_by_default_the_most_confident_mistakes_are_explained_by_their_held_out_models(
    seen: Any,
) -> None:
    workspace, competition, run = seen
    ids, folds, labels = facts(workspace, run)
    oof = PredictionSet(newest_set(run)).oof("classify")
    wrong = []
    for name, probs in zip(oof.ids, np.asarray(oof.probs), strict=True):
        right = labels[ids.index(name)]
        if right >= 0 and probs.argmax() != right:
            wrong.append((-float(probs.max()), name))
    assert len(wrong) >= 3, "one step teaches little"
    found = explain(workspace, competition, run)
    assert [one.inside.id for one in found] == [name for _, name in sorted(wrong)[:3]]
    assert [one.id for _, one in latest_explanations(run, 3)] == [one.inside.id for one in found]
    for one in found:
        assert one.fold == folds[ids.index(one.inside.id)]
        assert not one.inside.is_trained_on
        assert one.inside.predicted != one.inside.truth
        predicted, right = [heat for heat in one.inside.heats if heat.task == "classify"]
        assert (predicted.of, right.of) == ("predicted", "truth")
        assert (predicted.name, right.name) == (one.inside.predicted, one.inside.truth)
        probs = np.asarray(oof.probs)[oof.ids.index(one.inside.id)]
        names = competition.classes
        assert predicted.score == pytest.approx(probs[names.index(predicted.name)], abs=1e-5)
        assert right.score == pytest.approx(probs[names.index(right.name)], abs=1e-5)


def test_what_is_kept_is_read_back_and_the_same_again(seen: Any) -> None:
    workspace, competition, run = seen
    (name, *_), _, _ = facts(workspace, run)
    before = {file: file.read_bytes() for file in run.glob("fold-*/*.pt")}
    (first,) = explain(workspace, competition, run, [name])
    whole = first.file.read_bytes()
    (again,) = explain(workspace, competition, run, [name])
    assert again.file == first.file
    assert again.file.read_bytes() == whole
    assert {file: file.read_bytes() for file in run.glob("fold-*/*.pt")} == before
    ((fold, kept),) = latest_explanations(run, 1)
    assert fold == str(first.fold)
    assert kept.id == name, "the last look comes first"
    assert kept.image.shape == (16, 16, 3)
    for one, other in zip(kept.stages, first.inside.stages, strict=True):
        assert one[:3] == other[:3]
        np.testing.assert_array_equal(one.maps, other.maps)
    for one, other in zip(kept.heats, first.inside.heats, strict=True):
        assert one[:5] == other[:5]
        np.testing.assert_array_equal(one.map, other.map)
        assert one.map.min() >= 0
        assert one.map.max() in (0, 1)


def test_attention_is_of_the_class_token_over_the_patches(seen: Any) -> None:
    workspace, competition, run = seen
    (name, *_), _, _ = facts(workspace, run)
    (found,) = explain(workspace, competition, run, [name])
    attention = found.inside.attention
    assert attention is not None
    assert attention.by == "class token"
    for one in (attention.last, attention.rollout):
        assert one.shape == (4, 4)
        # What is missing to 1 is what the class token gives itself.
        assert 0 < one.astype(float).sum() < 1


def test_maps_are_the_channels_with_the_highest_means(seen: Any) -> None:
    workspace, competition, run = seen
    (name, *_), _, _ = facts(workspace, run)
    (found,) = explain(workspace, competition, run, [name], layers=["stages", "blocks.0"])
    *stages, block = found.inside.stages
    assert [one.name for one in stages] == ["stage 1", "stage 2"]
    assert (block.name, block.n_channels, block.maps.shape) == ("blocks.0", 12, (8, 4, 4))
    network: Any = load_trained_network(load_job(workspace, competition, run), found.fold).eval()
    pixels = torch.tensor(found.inside.image).permute(2, 0, 1)[None] / 255
    mean, std = (torch.tensor(one).view(1, -1, 1, 1) for one in (network.mean, network.std))
    backbone = network.backbone
    with torch.no_grad():
        tokens = backbone._pos_embed(backbone.patch_embed((pixels - mean) / std))
        patches = backbone.blocks[0](backbone.norm_pre(tokens))[0, 1:].T.reshape(12, 4, 4)
    means = [float(one.mean()) for one in patches]
    assert block.channels == sorted(range(12), key=lambda channel: -means[channel])[:8]
    np.testing.assert_allclose(block.maps, patches[block.channels], rtol=2e-3, atol=2e-3)


def test_test_images_are_shown_to_the_first_fold_and_a_fold_may_be_named(seen: Any) -> None:
    workspace, competition, run = seen
    ids, folds, _ = facts(workspace, run)
    (other,) = explain(workspace, competition, run, ["t000"])
    assert (other.fold, other.inside.part, other.inside.truth) == (0, "test", "")
    assert {heat.of for heat in other.inside.heats} == {"predicted"}
    name = ids[int(np.flatnonzero(folds == 1)[0])]
    (own,) = explain(workspace, competition, run, [name])
    assert (own.fold, own.inside.is_trained_on) == (1, False)
    (learnt,) = explain(workspace, competition, run, [name], fold=0)
    assert (learnt.fold, learnt.inside.is_trained_on) == (0, True)
    assert set(explained_folds(run)) == {"0", "1"}


def test_wrong_names_are_reported_with_near_ones(seen: Any) -> None:
    workspace, competition, run = seen
    printed = cli(workspace, "tiny", "g00O")
    assert printed.exit_code == 2
    assert "there is no image 'g00O'" in printed.stderr
    assert "did you mean g0" in printed.stderr
    with pytest.raises(UsageError, match=r"no layer 'blocks.7'") as layer:
        explain(workspace, competition, run, ["t000"], layers=["blocks.7"])
    assert "blocks.1" in str(layer.value.fix)
    with pytest.raises(UsageError, match="which is no map"):
        explain(workspace, competition, run, ["t000"], layers=["blocks.0.attn.attn_drop"])
    with pytest.raises(UsageError, match="there is no fold 7"):
        explain(workspace, competition, run, ["t000"], fold=7)
    assert cli(workspace, "tiny", "--layers", ",").exit_code == 2


def test_the_command_prints_its_results(seen: Any) -> None:
    workspace, _, run = seen
    (one,) = json.loads(cli(workspace, "tiny", "t001", "--json").stdout)["images"]
    assert (one["id"], one["fold"], one["layers"]) == ("t001", 0, ["stage 1", "stage 2"])
    assert Path(one["file"]) == explanation_file(run, 0, "t001")
    assert "t001 (test), fold 0, predicted" in cli(workspace, "tiny", "t001").stdout


def test_a_run_without_labels_has_maps_alone(tmp_path: Path, make_in: Callable[..., Any]) -> None:
    workspace, competition = make_in(tmp_path / "ws")
    file = workspace.recipes / "images.yaml"
    file.write_text(WITHOUT_LABELS)
    run = train(workspace, competition, file).run
    found = explain(workspace, competition, run)
    assert [one.fold for one in found] == ["full"] * 3
    (one, *_) = found
    assert (one.inside.heats, one.inside.attention, one.inside.predicted) == ([], None, "")
    assert [stage.maps.shape for stage in one.inside.stages] == [(6, 16, 16), (8, 8, 8)]
    assert "learnt without labels" in one.inside.left_out[0]


@pytest.mark.slow
def test_of_masks_alone_the_images_that_score_lowest_are_explained(tmp_path: Path) -> None:
    root = tmp_path / "ws"
    made = mask_miniatures.salt(root / "data", n=18, n_test=2, size=16)
    spec = {**made.spec, "folds": {"n": 2}}
    (root / "competition.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
    workspace = Workspace(root)
    workspace.recipes.mkdir()
    file = workspace.recipes / "tiny.yaml"
    model = {**TRANSFORMER, "heads": {"segment": {"decoder": "linear"}}}
    file.write_text(yaml.safe_dump({**RECIPE, "model": model}, sort_keys=False))
    competition = load_competition(root)
    run = train(workspace, competition, file).run
    oof = PredictionSet(newest_set(run)).oof_masks()
    ious = {}
    for i, name in enumerate(oof.ids):
        decided, true = oof.band(i, 0, 16)[0] >= 0.5, made.train[name][0]
        either = (decided | true).sum()
        if either:  # nothing in both teaches nothing
            ious[name] = (decided & true).sum() / either
    found = explain(workspace, competition, run)
    assert len(found) == 3
    assert sorted(ious[one.inside.id] for one in found) == sorted(ious.values())[:3]
    assert not any(one.inside.is_trained_on for one in found)
    assert [one.inside.id for one in found] != list(oof.ids[:3])


@pytest.mark.parametrize("name", ["../../x", "a\n<b>$\u202e", "\ud800", "x" * 999, ".", ""])
def test_any_id_is_a_file_in_the_folder_and_comes_back(tmp_path: Path, name: str) -> None:
    heat = GradCamMap("classify", "both", "</script>", 0.5, 0.0, np.zeros((2, 2), np.float16))
    stage = StageActivations(name, 3, [2], np.ones((1, 2, 2), np.float16))
    picture = np.zeros((4, 4, 3), np.uint8)
    inside = Explanation(name, "train", True, picture, "a", "b", [stage], [heat], None, ["no"])
    file = write_explanation(tmp_path, 0, inside)
    assert file.parent == tmp_path / "fold-0/inside"
    ((_, found),) = latest_explanations(tmp_path, 2)
    assert (found.id, found.stages[0].name, found.left_out) == (name, name, ["no"])


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    file = explanation_file(tmp_path, "full", "one")
    file.parent.mkdir(parents=True)
    file.write_bytes(b"PK no archive")
    with pytest.raises(RunError, match="damaged") as error:
        latest_explanations(tmp_path, 1)
    assert error.value.where == str(file)
