"""Weights of masks for fold k that no mask of fold k had a part in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from podium.competition.samples import load_samples
from podium.competition.spec import Competition, load_competition
from podium.ensembling.method import load_method
from podium.ensembling.plan import BlendRequest, MaskPlan, fitted_by_fold, plan_blend
from podium.errors import UsageError
from podium.predictions.store.mask_writing import write_masks
from podium.workspace.layout import Workspace

SPEC = """\
name: land
tasks: {segment: binary}
data:
  train: {images: "data/train/*.png", id: "{stem}", mask: "data/masks/{id}.png"}
  test: {images: "data/test/*.png", id: "{stem}"}
folds: {n: 3}
metric: {name: mean_dice}
submission: {value: rle, columns: {id: id, rle: value}}
"""
N, SIDE = 12, 16
IDS, FOLDS = [f"f{i:02d}" for i in range(N)], np.arange(N) % 3


def write_truth(root: Path, seed: int, only: int | None = None) -> None:
    """Write images and masks, or the masks of one fold anew."""
    rng = np.random.default_rng(seed)
    for folder in ("train", "masks", "test"):
        (root / "data" / folder).mkdir(parents=True, exist_ok=True)
    for i, name in enumerate(IDS):
        mask = (rng.random((SIDE, SIDE)) < 0.5).astype(np.uint8) * 255
        if only in (None, FOLDS[i]):
            cv2.imwrite(str(root / f"data/masks/{name}.png"), mask)
        if only is None:
            cv2.imwrite(str(root / f"data/train/{name}.png"), np.dstack([mask] * 3))
    cv2.imwrite(str(root / "data/test/t.png"), np.zeros((SIDE, SIDE, 3), np.uint8))


@pytest.fixture
def competition(tmp_path: Path) -> Competition:
    write_truth(tmp_path, 0)
    (tmp_path / "competition.yaml").write_text(SPEC)
    return load_competition(tmp_path)


def sets_of(root: Path) -> list[Path]:
    """Write three members; each is right on half of the pixels of one fold more."""
    rng, made = np.random.default_rng(1), []
    for m in range(3):
        made.append(root / f"runs/m{m}-0000000{m}/predictions/0a0a0a0a")
        for fold in range(3):
            inside = np.flatnonzero(fold == FOLDS)
            bands = []
            for i in inside:
                right = cv2.imread(str(root / f"data/masks/{IDS[i]}.png"), 0) / 255
                is_reported = rng.random(right.shape) < (0.6 if m == fold else 0.2)
                reported = np.where(is_reported, right, rng.random(right.shape))
                bands.append(reported[..., None].astype(np.float32))
            write_masks(
                made[-1],
                "oof",
                fold,
                ids=[IDS[i] for i in inside],
                sizes=[(SIDE, SIDE)] * len(inside),
                bands=bands,
                model=f"m/fold-{fold}/x",
            )
    return made


def requested(competition: Competition, sets: list[Path], **more: str) -> BlendRequest:
    samples = load_samples(competition, "train")
    return BlendRequest(Workspace(competition.root), competition, samples, FOLDS, sets, **more)


def test_masks_of_a_fold_change_every_weight_but_its_own(competition: Competition) -> None:
    sets = sets_of(competition.root)
    before = fitted_by_fold(requested(competition, sets, mask_method="hill_climb"), "segment")
    write_truth(competition.root, 7, only=1)
    after = fitted_by_fold(requested(competition, sets, mask_method="hill_climb"), "segment")
    assert after[1] == before[1]
    assert after[0] != before[0]
    assert after[2] != before[2]
    sample = MaskPlan.of(requested(competition, sets)).fits().pixels.sample
    expected = sample.fitted(load_method("hill_climb"), FOLDS != 2, seed=0)
    assert after[2] == expected


def test_a_blend_keeps_the_weights_by_which_each_fold_was_combined(
    competition: Competition,
) -> None:
    question = requested(competition, sets_of(competition.root), mask_method="hill_climb")
    blend = plan_blend(replace(question, trials=1, plain=True)).fit()[0].blend
    expected = {fold: one.weights for fold, one in fitted_by_fold(question, "segment").items()}
    assert blend.fold_weights == expected
    assert len(set(expected.values())) > 1


def test_a_mean_reads_no_mask_and_a_rank_method_is_refused(competition: Competition) -> None:
    sets = sets_of(competition.root)
    found = fitted_by_fold(requested(competition, sets, mask_method="mean"), "segment")
    assert {one.weights for one in found.values()} == {(1 / 3, 1 / 3, 1 / 3)}
    with pytest.raises(UsageError, match="cannot be blended by rank"):
        fitted_by_fold(requested(competition, sets, mask_method="rank"), "segment")


def test_time_folds_are_fitted_on_earlier_folds_only(competition: Competition) -> None:
    question = requested(competition, sets_of(competition.root), mask_method="simplex")
    folds = competition.folds.model_copy(update={"scheme": "time", "time": "day"})
    later = competition.model_copy(update={"folds": folds})
    found = fitted_by_fold(replace(question, competition=later), "segment")
    assert found[0].weights == pytest.approx([1 / 3] * 3)
    assert np.argmax(found[1].weights) == 0


@pytest.mark.parametrize("metric", ["mean_dice", "panoptic_quality", "mask_map"])
def test_a_plan_has_units_where_its_blend_keeps_them(tmp_path: Path, metric: str) -> None:
    write_truth(tmp_path, 0)
    (tmp_path / "competition.yaml").write_text(SPEC.replace("mean_dice", metric))
    competition = load_competition(tmp_path)
    request = requested(competition, sets_of(tmp_path)[:1])
    plan = plan_blend(replace(request, trials=1, plain=True))
    assert plan.has_units == (plan.fit()[0].units is not None) == (metric != "mask_map")


@pytest.mark.slow
def test_families_are_tried_on_masks_that_are_read_by_all(competition: Competition) -> None:
    sets = sets_of(competition.root)
    question = BlendRequest(
        Workspace(competition.root),
        competition,
        load_samples(competition, "train"),
        FOLDS,
        sets,
        families=("mean", "hill_climb", "rank"),
        trials=4,
    )
    blend = plan_blend(question).fit()[0].blend
    assert [one.method for one in blend.choice.families] == ["mean", "hill_climb"]
    assert blend.choice.refused["rank"].startswith("it needs all rows of a member at once")
