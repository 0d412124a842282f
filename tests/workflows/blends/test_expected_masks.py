"""The score to expect of test masks, from fold models on disk to every place that shows it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner
from workflows.blends.test_blending_masks import SIDE, Drawn, drawn, opened

from podium.cli.app import app
from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples
from podium.competition.scores.expected_masks import (
    DecidedPixels,
    gain_on_masks,
    probs_with_presence,
)
from podium.competition.spec import Competition
from podium.ensembling.record import read_blend
from podium.predictions import PredictionSet, write_fold
from podium.predictions.decisions.masks import decide_mask
from podium.predictions.store.mask_writing import write_masks
from podium.predictions.store.masks import MaskArrays
from podium.tasks.protocols.find import pixel_kind
from podium.workflows.blends import expected
from podium.workflows.blends.blending import blend_runs
from podium.workflows.blends.expected import expected_of_blend
from podium.workspace.layout import Workspace
from podium.workspace.machine import now
from podium.workspace.records import Record, write_record

__all__ = ["drawn"]  # the fixture
RUN = "run1-00000001"


def noisy(mask: np.ndarray, seed: list[int]) -> np.ndarray:
    """Return probabilities of three channels that are right about edges more often than not."""
    rng = np.random.default_rng(seed)
    layers = (mask[..., None] == np.arange(3)) + 0.3 * rng.normal(size=(*mask.shape, 3))
    powers = np.exp(4 * layers)
    return (powers / powers.sum(axis=-1, keepdims=True)).astype(np.float32)


def a_run(workspace: Workspace, competition: Competition, made: Drawn) -> None:
    samples = load_samples(competition, "train")
    folds = ensure_folds(workspace, competition, samples)
    run = workspace.runs / RUN
    root = run / "predictions" / "aabbccdd"
    for fold in range(3):
        inside = [str(one) for one in samples["id"][folds == fold]]
        for split, ids in (("oof", inside), ("test", [one for one in made.masks if one[0] == "t"])):
            masks = [noisy(made.masks[one], [fold, int(one[1:]), len(split)]) for one in ids]
            sizes = [(SIDE, SIDE)] * len(ids)
            write_masks(root, split, fold, ids=ids, sizes=sizes, bands=masks, model="m")
            labels = made.class_probs(ids, fold)
            write_fold(root, split, "classify", fold, ids=ids, probs=labels, model="m")
    write_record(
        run, Record(kind="run", id=run.name, name="run1", created=now(), status="finished")
    )


@pytest.fixture
def made(tmp_path: Path, drawn: Drawn) -> tuple[Workspace, Competition]:
    workspace, competition = opened(tmp_path)
    a_run(workspace, competition, drawn)
    return workspace, competition


@pytest.mark.other_cases("long", of="quick")
@pytest.mark.parametrize("grid", [(), ({"gate": 0.4},)], ids=["plain", "gate"])
def test_it_is_what_the_stored_masks_of_each_fold_make_of_the_honest_score(
    made, drawn, grid, monkeypatch
):
    workspace, competition = made
    how = {"grid": grid, "trials": 2} if grid else {"plain": True}
    folder = blend_runs(workspace, competition, [RUN], method="mean", **how)
    blend, sets = read_blend(folder)
    found = expected_of_blend(workspace, competition, folder)
    assert (found.n_models, found.n_rows) == (3, 8)
    assert found.score == pytest.approx(blend.honest + found.gain)
    assert found.interval[0] < found.score < found.interval[1]
    # From the predictions on disk, image by image, whole.
    kind, stored = pixel_kind("multiclass"), PredictionSet(sets[0])
    masks = [*(stored.mean_masks("test", folds=[k]) for k in range(3)), stored.mean_masks("test")]
    labels = [*(stored.mean("test", folds=[k])[1] for k in range(3)), stored.mean("test")[1]]
    images = []
    for i in range(8):
        decided = [
            decide_mask(one, i, blend.decision, kind, presence=predicted[i])
            for one, predicted in zip(masks, labels, strict=True)
        ]
        probs = masks[-1].band(i, 0, SIDE).reshape(-1, 3)
        if grid:
            probs = probs_with_presence(probs, labels[-1][i], kind)
        images.append(DecidedPixels(probs, np.stack(decided).reshape(4, -1)))
    gain = gain_on_masks(
        "mean_dice",
        images,
        kind,
        n_images=8,
        honest=blend.honest,
        error=1.0,
        shares=np.ones(3),
        n_classes=2,
    )
    assert found.gain == pytest.approx(gain.value)
    # Of pixels that are drawn the gain is much the same.
    (folder / "expected.json").unlink()
    monkeypatch.setattr(expected, "_MOST_PIXELS", 200)
    monkeypatch.setattr(expected, "_STRIP_PIXELS", 100)
    some = expected_of_blend(workspace, competition, folder)
    assert some.gain == pytest.approx(found.gain, abs=0.05)


def test_commands_show_what_the_mean_of_masks_adds(made):
    workspace, competition = made
    folder = blend_runs(workspace, competition, [RUN], method="mean", plain=True)
    (folder / "expected.json").unlink()  # as one that an older podium made
    arguments = ["-w", str(workspace.root), "show", folder.name]
    shown = CliRunner().invoke(app, arguments)
    assert shown.exit_code == 0, shown.output
    assert ": mean of 3 models, 8 test rows" in " ".join(shown.output.split())
    as_json = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).output)
    assert as_json["expected"]["gain"] > 0


@pytest.mark.parametrize("most", [4096, 30])
def test_drawn_pixels_of_layers_stand_for_all_pixels(monkeypatch, most):
    """Ten classes are two bytes of bits; drawn pixels weigh as many as there are."""
    monkeypatch.setattr(expected, "_MOST_PIXELS", most)
    monkeypatch.setattr(expected, "_STRIP_PIXELS", 50)
    rng, kind = np.random.default_rng(0), pixel_kind("multilabel")
    probs = (rng.random((12, 14, 10)) ** 9).astype(np.float32)
    probs[3, 4] = np.nan  # no view covers it
    models = [(rng.random((168, 10)) < 0.05).astype(np.uint8) for _ in range(3)]
    packed = [np.packbits(one, axis=1) for one in models]
    found = expected._pixels(MaskArrays(["a"], [probs]), 0, packed, kind, rng)
    if most == 4096:
        np.testing.assert_array_equal(found.mean, np.nan_to_num(probs.reshape(168, 10)))
        np.testing.assert_array_equal(found.decided, np.stack(models))
        assert (found.weights == 1).all()
    is_found = found.decided.any(axis=(0, 2))
    n_found = np.stack(models).any(axis=(0, 2)).sum()
    assert found.weights[is_found].sum() == pytest.approx(n_found)
    assert found.weights[~is_found].sum() == pytest.approx(168 - n_found)
