"""Folds trained on miniatures with masks: losses, refusals, resuming and messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import mask_miniatures
import numpy as np
import pytest
import torch
import yaml
from PIL import Image
from training.fold_fits import fit, fit_in_pieces, history, job_on, left_behind

from podium.competition.spec import load_competition
from podium.errors import DataError, RecipeError
from podium.training.data.rows import training_rows, with_tiles
from podium.training.recipe import Recipe
from podium.training.runs.job import Job
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT

CNN = {"backbone": "cnn", "pretrained": False, "options": {"widths": [8, 16]}}
BOTH = {"classify": {"dropout": 0.2}, "segment": {"decoder": "linear"}}
PHASES = [
    {"name": "warm-up", "epochs": 1, "freeze": ["backbone"], "loss": {"classify": {"ce": 1}}},
    {
        "name": "joint",
        "epochs": 2,
        "loss": {"classify": {"ce": 1}, "segment": {"ce": 1, "dice": 1, "weight": 0.5}},
    },
    {
        "name": "masks",
        "epochs": 1,
        "freeze": ["backbone", "classify"],
        "loss": {"segment": {"ce": 1}},
    },
]
ONE = [{"name": "only", "epochs": 1}]

MakeJob = Callable[..., Job]


@pytest.fixture
def job_of(tmp_path: Path) -> MakeJob:
    """Return a function that writes a miniature and returns a job on it."""

    def write(write_data: Any, where: str = "ws", spec: Any = None, **recipe: Any) -> Job:
        root = tmp_path / where
        miniature = write_data(root / "data")
        described = {**miniature.spec, **(spec or {})}
        (root / "competition.yaml").write_text(yaml.safe_dump(described, sort_keys=False))
        given = {
            "model": CNN,
            "input": {"size": 32, "train": "weak"},
            "optimizer": {"lr": 1e-2},
            "batch_size": 4,
            "phases": ONE,
            **recipe,
        }
        return job_on(Workspace(root), load_competition(root), Recipe.model_validate(given))

    return write


def weights(job: Job, name: str = "last") -> dict[str, torch.Tensor]:
    return torch.load(job.files(0).checkpoint(name), weights_only=True)["network"]  # type: ignore[arg-type,no-any-return]


def joint(job_of: MakeJob, where: str = "ws", **recipe: Any) -> Job:
    model = {**CNN, "heads": BOTH}
    return job_of(
        mask_miniatures.pictures_and_masks, where, **{"model": model, "phases": PHASES, **recipe}
    )


def test_two_heads_learn_in_phases_and_the_stages_are_recorded(job_of: MakeJob) -> None:
    job = joint(job_of)
    facts = fit(job)
    assert [(one["phase"], one["epochs"]) for one in facts["stages"]] == [
        ("start", 0),
        ("warm-up", 1),
        ("joint", 2),
        ("masks", 1),
    ]
    rows = history(job)
    for stage, row in zip(facts["stages"][1:], [rows[0], rows[2], rows[3]], strict=True):
        assert list(stage["scores"]) == ["mean_dice", "accuracy"]
        for name, score in stage["scores"].items():
            assert float(row[name]) == score
            assert 0 <= score <= 1
    for row, names in zip(rows, [{"classify"}, {"classify", "segment"}] * 2, strict=False):
        if row["phase"] == "joint":
            names = {"classify", "segment"}
        terms = {name.split("/")[0] for name, value in row.items() if "/" in name and value}
        assert terms == ({"segment"} if row["phase"] == "masks" else names)
        assert np.isfinite(float(row["valid_loss"]))
    # Frozen parts have not moved: classify's score is the same before and after the masks' phase.
    assert rows[3]["accuracy"] == rows[2]["accuracy"]


def test_a_phase_learns_from_the_rows_with_a_target_of_its_task(job_of: MakeJob) -> None:
    job = joint(job_of)
    samples, (train, _) = job.data.samples, job.data.rows(0)
    from podium.training.fit.phase_plans import plan_phase

    rows = training_rows(job, SILENT).subset(train)
    has_label = samples["label"].notna().to_numpy()[train]
    has_mask = samples["mask"].notna().to_numpy()[train]
    assert 0 < has_label.sum() < len(train)
    assert 0 < has_mask.sum() < len(train)
    expected = [has_label, has_label | has_mask, has_mask]
    for phase, wanted in zip(job.recipe.phases, expected, strict=True):
        plan = plan_phase(job, phase, {"labelled": rows}, epochs=1, class_weights=None)
        assert plan.pools["labelled"].ids == list(samples["id"].iloc[train[wanted]])


@pytest.mark.slow
def test_a_frozen_part_stays_as_it_was_to_the_bit(job_of: MakeJob) -> None:
    whole, begun = joint(job_of, "a"), joint(job_of, "b", phases=PHASES[:2])
    fit(whole)
    fit(begun)
    before, after = weights(begun), weights(whole)
    for name, tensor in before.items():
        is_frozen = not name.startswith("heads.segment.")
        assert torch.equal(tensor, after[name]) == is_frozen, name


def test_training_on_masks_improves_the_score(job_of: MakeJob) -> None:
    job = job_of(
        mask_miniatures.salt,
        phases=[{"name": "only", "epochs": 12}],
        batch_size=8,
        spec={"metric": {"name": "mean_dice"}},
        model={**CNN, "heads": {"segment": {"decoder": "linear"}}},
    )
    stages = fit(job)["stages"]
    assert stages[-1]["scores"]["mean_dice"] > 0.8 > stages[0]["scores"]["mean_dice"]


@pytest.mark.other_cases("long", of="quick", every=3)
@pytest.mark.parametrize(
    ("write", "changes"),
    [
        (mask_miniatures.defects, {"sampling": "balanced"}),
        (mask_miniatures.defects, {"mix": {"cutmix": 1.0}, "input": {"size": [24, 40]}}),
        (mask_miniatures.salt, {"empty_share": 0.25, "input": {"size": 32, "fit": "pad"}}),
        (mask_miniatures.salt, {"checkpoint": "best", "ema_decay": 0.9}),
        (mask_miniatures.tissue, {"input": {"size": 32, "fit": "centre_crop", "train": "strong"}}),
        (
            mask_miniatures.tissue,
            {"input": {"size": 32, "fit": "tile", "foreground": 0.5, "train": "medium"}},
        ),
    ],
)
def test_a_competition_of_masks_alone_trains(
    job_of: MakeJob, write: Any, changes: dict[str, Any]
) -> None:
    job = job_of(write, **changes)
    facts = fit(job)
    row = history(job)[-1]
    assert facts["stages"][-1]["scores"].keys() == {job.competition.metric.name}
    assert np.isfinite(float(row["train_loss"]))
    assert np.isfinite(float(row["valid_loss"]))
    assert job.files(0).checkpoint("best").is_file() == ("checkpoint" in changes)


def test_a_head_for_masks_alone_trains_in_a_competition_of_both(job_of: MakeJob) -> None:
    model = {**CNN, "heads": {"segment": {"decoder": "linear"}}}
    job = joint(job_of, model=model, phases=ONE)
    assert fit(job)["stages"][-1]["scores"].keys() == {"mean_dice"}
    assert not any("classify" in name for name in weights(job))


def test_a_head_for_labels_alone_is_scored_by_labels(job_of: MakeJob) -> None:
    job = joint(job_of, model={**CNN, "heads": {"classify": {}}}, phases=ONE)
    assert fit(job)["stages"][-1]["scores"].keys() == {"accuracy"}


@pytest.mark.slow
def test_the_best_epoch_is_chosen_by_the_scored_task(job_of: MakeJob) -> None:
    spec = {"metric": {"name": "log_loss", "task": "classify"}}
    for scored, better in (({}, max), (spec, min)):
        phases = [{**PHASES[1], "epochs": 4, "early_stopping": {"patience": 4}}]
        job = job_of(
            mask_miniatures.pictures_and_masks,
            f"ws{len(scored)}",
            spec=scored,
            model={**CNN, "heads": BOTH},
            phases=phases,
            checkpoint="best",
        )
        facts = fit(job)
        name = "log_loss" if scored else "mean_dice"
        scores = [float(row[name]) for row in history(job)]
        assert facts["best_epoch"] == scores.index(better(scores)) + 1


TILES = {
    "input": {"size": 24, "fit": "tile", "foreground": 0.5, "train": "strong"},
    "phases": [{"name": "only", "epochs": 2}],
    "sampling": "balanced",
    "batch_size": 12,
}


def some_tissue(data: Path) -> mask_miniatures.MaskMiniature:
    return mask_miniatures.tissue(data, n=12, n_test=1)


def test_windows_come_from_the_image_at_its_own_scale_and_cover_it_once_a_pass(
    job_of: MakeJob,
) -> None:
    job = job_of(some_tissue, **TILES)
    train, valid = job.data.rows(0)
    every = training_rows(job, SILENT)
    rows = with_tiles(every.subset(train), job, SILENT, foreground=0.5)
    assert rows.tiles is not None
    sizes = [every.images[int(row)].shape[:2] for row in train]
    assert list(rows.tiles.images) == sizes
    assert rows.pass_length == sum(-(-h // 24) * -(-w // 24) for h, w in sizes)
    assert all(places is not None for places in rows.tiles.places)
    # Folds are of images, so all windows of an image are on one side.
    others = with_tiles(every.subset(valid), job, SILENT)
    assert not set(rows.at[rows.visits]) & set(others.at[others.visits])


@pytest.mark.slow
def test_workers_change_nothing_of_masks_and_windows(job_of: MakeJob) -> None:
    alone = job_of(some_tissue, "a", **TILES)
    helped = job_of(some_tissue, "b", **TILES, workers=2)
    fit(alone)
    fit(helped)
    assert left_behind(helped) == left_behind(alone)


@pytest.mark.slow
@pytest.mark.other_cases("long")
@pytest.mark.parametrize("kind", ["joint", "tiles"])
def test_training_that_is_stopped_again_and_again_ends_as_the_unbroken_one(
    job_of: MakeJob, kind: str
) -> None:
    def make(where: str) -> Job:
        if kind == "joint":
            return joint(job_of, where, mix={"cutmix": 1.0}, ema_decay=0.9)
        return job_of(some_tissue, where, **TILES)

    unbroken, broken = make("a"), make("b")
    fit(unbroken)
    assert 2 <= fit_in_pieces(broken, 6) < 40
    assert left_behind(broken) == left_behind(unbroken)


@pytest.mark.slow
def test_a_class_that_a_fold_has_nowhere_leaves_its_score_open_and_stops_no_training(
    job_of: MakeJob,
) -> None:
    def job(where: str, **recipe: Any) -> Job:
        spec = {"metric": {"name": "mean_iou", "over": "class", "empty": "error"}}
        made = job_of(mask_miniatures.defects, where, spec=spec, **recipe)
        samples, (_, valid) = made.data.samples, made.data.rows(0)
        for row in valid:
            runs = tuple(one for one in samples["mask"][row].runs if one[0] != 3)
            samples.at[row, "mask"] = replace(samples["mask"][row], runs=runs)
        return made

    phases = [{"name": "only", "epochs": 4, "loss": {"segment": {"bce": 1}}}]
    facts = fit(job("a", phases=phases))
    assert facts["stages"][-1]["scores"]["mean_iou"] is None
    assert facts["last_epoch"]["mean_iou"] is None
    with pytest.raises(DataError, match="no epoch can be the best one"):
        fit(job("b", phases=phases, checkpoint="best"))


def test_a_refit_on_all_rows_has_stages_without_scores(job_of: MakeJob) -> None:
    job = joint(job_of, phases=PHASES[:1])
    facts = fit(job, "full")
    assert facts["stages"] == [
        {"phase": "start", "epochs": 0, "scores": {}},
        {"phase": "warm-up", "epochs": 1, "scores": {}},
    ]


TILE = {"size": 32, "fit": "tile"}
MASKS = [{"name": "m", "epochs": 1, "loss": {"segment": {"ce": 1}}}]


@pytest.mark.parametrize(
    ("recipe", "complaint"),
    [
        ({"mix": {"mixup": 0.2}, "phases": PHASES}, "MixUp has no meaning for class masks"),
        ({"input": TILE, "phases": PHASES}, "has not the image's label"),
        (
            {"model": {**CNN, "heads": {"classify": {}}}, "phases": MASKS},
            "phase m: loss names segment, and the network has no head",
        ),
        (
            {"model": {**CNN, "heads": {"segment": {}}}, "phases": PHASES},
            "loss names classify, and the network has no head",
        ),
        (
            {"phases": [{**MASKS[0], "freeze": ["backbone", "segment"]}]},
            "names every part that the losses reach",
        ),
        (
            {
                "model": {**CNN, "heads": {"segment": {}}},
                "phases": MASKS,
                "class_weights": "balanced",
            },
            "class_weights are of labels",
        ),
        (
            {"model": {**CNN, "heads": {"classify": {}}}, "phases": ONE, "empty_share": 0.2},
            "empty_share is about masks",
        ),
        ({"phases": PHASES, "empty_share": 0.2}, "no mask is empty"),
        ({"model": {**CNN, "heads": {}}, "phases": ONE}, "model.heads: the network has no head"),
        (
            {"model": {**CNN, "heads": {"classify": {}}}, "phases": ONE, "input": TILE},
            "has not the image's label",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_trained(
    job_of: MakeJob, recipe: dict[str, Any], complaint: str
) -> None:
    job = joint(job_of, **recipe)
    with pytest.raises(RecipeError, match=complaint):
        fit(job)
    assert not job.files(0).metrics.is_file() or not history(job)


def test_an_unknown_mask_is_not_an_empty_one(job_of: MakeJob, tmp_path: Path) -> None:
    def write(data: Path) -> mask_miniatures.MaskMiniature:
        miniature = mask_miniatures.pictures_and_masks(data, n=12, n_test=1, size=16)
        for name, pixel in [("g000", 9), ("g001", 0)]:
            Image.fromarray(np.full((16, 16), pixel, np.uint8)).save(data / f"masks/{name}.png")
        miniature.spec["data"]["train"]["ignore"] = 9
        return miniature

    job = job_of(write, sampling="balanced", empty_share=0.5)
    rows = training_rows(job, SILENT)
    assert rows.empty is not None
    assert [rows.ids[i] for i in np.flatnonzero(rows.empty)] == ["g001"]
    assert rows.strata is not None
    nobody_knows = [rows.ids[i] for i in np.flatnonzero(rows.strata[:, 2])]
    assert nobody_knows == ["g000", "g003", "g007", "g011"]


def test_mixup_is_for_phases_that_learn_no_masks(job_of: MakeJob) -> None:
    phases = [{**PHASES[0], "mix": {"mixup": 0.4}}, PHASES[2]]
    fit(joint(job_of, phases=phases))


def test_a_phase_without_any_target_is_refused(job_of: MakeJob) -> None:
    model = {**CNN, "heads": {"segment": {"decoder": "linear"}}}
    job = joint(job_of, phases=MASKS, model=model)
    train, valid = job.data.rows(0)
    job.data.samples.loc[train, "mask"] = None
    with pytest.raises(RecipeError, match=r"none of the .* samples to learn from has a mask"):
        fit(job)
    job.data.samples.loc[valid, "mask"] = None
    with pytest.raises(DataError, match="none of the rows to validate on has a mask"):
        fit(job)
