"""Networks learn classes that need many bits and all channels; a run of such images resumes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml
from numpy.typing import NDArray
from PIL import Image
from training.fold_fits import fit, fit_in_steps, job_on, left_behind

from podium.competition.spec import Competition, load_competition
from podium.errors import RunError
from podium.models import checkpoints
from podium.predictions import PredictionSet
from podium.training.inference.prediction_sets import predict
from podium.training.recipe import Recipe
from podium.training.runs.ids import run_id
from podium.training.runs.job import Job, TrainingData
from podium.training.runs.train import train
from podium.workspace.layout import Workspace

N, SIDE = 24, 24
DEEP = {"name": "npy", "channels": 4, "dtype": "uint16", "range": [0, 4095]}
MODEL = {"backbone": "cnn", "pretrained": False, "options": {"widths": [8, 16]}}
MEASURED = {"size": SIDE, "mean": "data", "std": "data"}

Draw = Callable[[int, np.random.Generator], NDArray[Any]]
Made = tuple[Workspace, Competition]


def faint(label: int, rng: np.random.Generator) -> NDArray[Any]:
    """The last of four channels encodes the class, in the lowest 4 of 12 bits.

    In 8 bits, 2048 to 2063 of 4095 are one value.
    """
    image = rng.integers(2050, 2062, (SIDE, SIDE, 4))
    image[..., 3] = rng.integers(0, 6, (SIDE, SIDE)) + (2056 if label else 2050)
    return image.astype(np.uint16)


def high(label: int, rng: np.random.Generator) -> NDArray[Any]:
    """The last of four channels encodes the class in its high bits; the low 8 are noise."""
    image = rng.integers(0, 4096, (SIDE, SIDE, 4))
    image[..., 3] = rng.integers(0, 256, (SIDE, SIDE)) + 256 * rng.integers(2, 6)
    image[..., 3] += 2048 if label else 0
    return image.astype(np.uint16)


def grey(label: int, rng: np.random.Generator) -> NDArray[Any]:
    """One channel of 8 bits: stripes, or noise."""
    image = rng.integers(60, 190, (SIDE, SIDE, 1))
    image[:: 2 - label] += 60
    return image.astype(np.uint8)


def write(root: Path, draw: Draw, reader: Any, recipe: dict[str, Any], **data: Any) -> Made:
    """Write a competition of two classes and a recipe, `recipes/tiny.yaml`."""
    rng = np.random.default_rng(0)
    lines = ["id,label"]
    for split, n in (("train", N), ("test", 6), ("more", 12)):
        (root / "data" / split).mkdir(parents=True)
        for i in range(n):
            np.save(root / f"data/{split}/{split}{i:02d}.npy", draw(i % 2, rng))
            if split == "train":
                lines.append(f"train{i:02d},{'ab'[i % 2]}")
    (root / "data/train.csv").write_text("\n".join(lines) + "\n")
    table = {"table": "data/train.csv", "id": "id", "label": "label"}
    spec = {
        "name": "deep",
        "tasks": {"classify": "multiclass"},
        "classes": ["a", "b"],
        "data": {
            "train": {**table, "images": "data/train/{id}.npy"},
            "test": {"images": "data/test/*.npy"},
            "unlabelled": {"images": "data/more/*.npy"},
            "reader": reader,
            **data,
        },
        "folds": {"scheme": "stratified", "n": 2, "seed": 0},
        "metric": {"name": "accuracy"},
    }
    (root / "competition.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
    (root / "recipes").mkdir()
    given = {"model": MODEL, "optimizer": {"lr": 3e-2}, "batch_size": 8, **recipe}
    (root / "recipes/tiny.yaml").write_text(yaml.safe_dump(given))
    return Workspace(root), load_competition(root)


def recipe(epochs: int = 8, **given: Any) -> dict[str, Any]:
    return {"input": MEASURED, "phases": [{"name": "all", "epochs": epochs}], **given}


def trained(made: Made) -> tuple[Path, float]:
    """Return the run's folder, and the share of images that are right out of fold."""
    workspace, competition = made
    done = train(workspace, competition, workspace.root / "recipes/tiny.yaml")
    return done.run, float(done.scores["oof"])


def of_test(run: Path) -> NDArray[np.int64]:
    (folder,) = (run / "predictions").iterdir()
    found = PredictionSet(folder).fold("test", "classify", 0).probs()
    assert np.isfinite(found).all()
    return np.asarray(found).argmax(axis=1)


def test_network_learns_a_class_in_the_lowest_bits_of_the_last_channel(tmp_path: Path) -> None:
    run, score = trained(write(tmp_path, faint, DEEP, recipe(predict={"tta": ["hflip", "rot90"]})))
    assert score >= 0.9
    assert (of_test(run) == np.arange(6) % 2).mean() >= 0.8
    state = checkpoints.load(run / "fold-0/last.pt")
    first = next(one for one in state["network"].values() if one.ndim == 4)
    assert first.shape[1] == 4
    found = state["normalisation"]
    np.testing.assert_allclose(found["mean"], [2055.5 / 4095] * 4, atol=1e-4)
    assert 0 < min(found["std"]) < max(found["std"]) < 0.002


def test_network_cannot_learn_the_same_images_rounded_to_eight_bits(tmp_path: Path) -> None:
    """Control of the test above: rounded, no network separates the classes."""

    def rounded(label: int, rng: np.random.Generator) -> NDArray[Any]:
        return (faint(label, rng) >> 4 << 4).astype(np.uint16)

    _, score = trained(write(tmp_path, rounded, DEEP, recipe(2)))
    assert score <= 0.6


@pytest.mark.slow
def test_a_grey_network_of_one_channel_learns(tmp_path: Path) -> None:
    reader = {"name": "npy", "channels": 1}
    run, score = trained(write(tmp_path, grey, reader, recipe(input={"size": SIDE})))
    assert score >= 0.9
    assert checkpoints.load(run / "fold-0/last.pt")["normalisation"]["mean"] == [0.485]


# What a policy makes of such images is in test_any_pixels.py, of every policy.
@pytest.mark.slow
@pytest.mark.parametrize("policy", ["strong", pytest.param("byol", marks=pytest.mark.long)])
def test_fixmatch_learns_the_high_bits_of_the_last_channel(tmp_path: Path, policy: str) -> None:
    method = {"name": "fixmatch", "ratio": 1, "threshold": 0.6, "strong": policy}
    phases = [{"name": "sure", "epochs": 8, "steps_per_epoch": 4, "method": method}]
    run, score = trained(write(tmp_path, high, DEEP, recipe(phases=phases)))
    assert score >= 0.75
    assert (of_test(run) == np.arange(6) % 2).mean() > 0.5
    kept = (run / "fold-0/metrics.csv").read_text().splitlines()
    assert len(kept) == 9


@pytest.mark.slow
@pytest.mark.parametrize(
    "method", [{"name": "pseudo_label", "threshold": 0.5}, {"name": "byol", "hidden": 8, "size": 4}]
)
def test_other_methods_take_such_images(tmp_path: Path, method: dict[str, Any]) -> None:
    phases = [
        {"name": "first", "epochs": 1, "steps_per_epoch": 2, "method": method},
        {"name": "labels", "epochs": 6},
    ]
    mix = {"mixup": 0.2, "cutmix": 1.0, "probability": 0.3}
    _, score = trained(write(tmp_path, high, DEEP, recipe(phases=phases, mix=mix)))
    assert score >= 0.7


@pytest.mark.other_cases("long", of="quick")
@pytest.mark.parametrize("slices", [None, {"pool": "max"}])
def test_five_slices_are_five_channels(tmp_path: Path, slices: dict[str, Any] | None) -> None:
    """Of the first convolution, or of a backbone of one channel that sees each slice alone."""

    def own(label: int, rng: np.random.Generator) -> NDArray[Any]:
        return rng.integers(0, 4096, (SIDE, SIDE, 1)).astype(np.uint16)

    reader = {"name": "npy", "channels": 1, "dtype": "uint16", "range": [0, 4095]}
    given = {} if slices is None else {"slices": slices}
    made = write(tmp_path, own, reader, recipe(1, model={**MODEL, **given}))
    spec = yaml.safe_load((tmp_path / "competition.yaml").read_text())
    stacked = {"volume": "volume", "order": "order", "around": [-2, -1, 0, 1, 2]}
    rows = [f"train{i:02d},{'ab'[i % 2]},v{i // 6},{i % 6}" for i in range(N)]
    (tmp_path / "data/train.csv").write_text("id,label,volume,order\n" + "\n".join(rows) + "\n")
    tests = [f"test{i:02d},t,{i}" for i in range(6)]
    (tmp_path / "data/test.csv").write_text("id,volume,order\n" + "\n".join(tests) + "\n")
    spec["data"]["train"]["slices"] = stacked
    del spec["data"]["unlabelled"]
    spec["data"]["test"] = {
        "table": "data/test.csv",
        "id": "id",
        "images": "data/test/{id}.npy",
        "slices": stacked,
    }
    spec["folds"] = {"scheme": "group", "n": 2, "seed": 0, "group": "volume"}
    (tmp_path / "competition.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
    competition = load_competition(tmp_path)
    assert competition.pixels.channels == 5
    run, _ = trained((made[0], competition))
    assert len(of_test(run)) == 6
    state = checkpoints.load(run / "fold-0/last.pt")
    mean = state["normalisation"]["mean"]
    assert len(mean) == 5
    assert len(set(mean)) == (5 if slices is None else 1)  # a slice looks alike wherever it is
    first = next(one for one in state["network"].values() if one.ndim == 4)
    assert first.shape[1] == (5 if slices is None else 1)


@pytest.mark.slow
def test_weights_over_slices_learn_a_class_shown_by_one_of_four_slices(
    tmp_path: Path,
) -> None:
    slices = {"channels": 1, "pool": "attention"}
    model = {**MODEL, "slices": slices}
    run, score = trained(write(tmp_path, high, DEEP, recipe(10, model=model)))
    assert score >= 0.75
    state = checkpoints.load(run / "fold-0/last.pt")["network"]
    assert state["backbone.slice_attention.query"].abs().max() > 0


# Further parameters of the network beside those of the test of floats below.
@pytest.mark.slow
@pytest.mark.long
def test_stopped_after_every_step_a_run_of_slices_ends_as_the_unbroken_one(tmp_path: Path) -> None:
    change = {"model": {**MODEL, "slices": {"channels": 2, "pool": "attention"}}}
    unbroken = job_of(write(tmp_path / "a", faint, DEEP, STRONG), **change)
    broken = job_of(write(tmp_path / "b", faint, DEEP, STRONG), **change)
    fit(unbroken)
    assert fit_in_steps(broken) == 4
    assert left_behind(broken) == left_behind(unbroken)


@pytest.mark.parametrize(
    "fit", ["tile", pytest.param("resize", marks=[pytest.mark.slow, pytest.mark.long])]
)
def test_masks_of_multichannel_images_are_trained_and_predicted(tmp_path: Path, fit: str) -> None:
    """The object is what the last channel's high bits show, in windows and in whole images."""
    rng = np.random.default_rng(0)
    made = write(tmp_path, high, DEEP, {"phases": [{"name": "all", "epochs": 6}]})
    (tmp_path / "data/masks").mkdir()
    for file in sorted((tmp_path / "data/train").iterdir()) + sorted(
        (tmp_path / "data/test").iterdir()
    ):
        image = rng.integers(0, 1500, (44, 40, 4)).astype(np.uint16)
        top, left = rng.integers(0, 20, 2)
        image[top : top + 18, left : left + 18, 3] += 2560
        np.save(file, image)
        mask = np.zeros((44, 40), dtype=np.uint8)
        mask[top : top + 18, left : left + 18] = 255
        Image.fromarray(mask).save(tmp_path / f"data/masks/{file.stem}.png")
    spec = yaml.safe_load((tmp_path / "competition.yaml").read_text())
    del spec["classes"]
    spec |= {"tasks": {"segment": "binary"}, "frame": "native"}
    spec["data"]["train"]["mask"] = "data/masks/{id}.png"
    del spec["data"]["train"]["label"]
    spec["metric"] = {"name": "mean_dice", "task": "segment"}
    spec["folds"] = {"scheme": "stratified", "n": 2, "seed": 0}
    (tmp_path / "competition.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
    given = {
        "model": {**MODEL, "heads": {"segment": {"decoder": "linear"}}},
        "input": {**MEASURED, "fit": fit, "train": "weak"},
        "optimizer": {"lr": 3e-2},
        "batch_size": 8,
        "phases": [{"name": "all", "epochs": 6, "mix": {"cutmix": 1.0, "probability": 0.3}}],
        "predict": {"tta": ["hflip"]},
    }
    (tmp_path / "recipes/tiny.yaml").write_text(yaml.safe_dump(given))
    _, score = trained((made[0], load_competition(tmp_path)))
    assert score > 0.7


def job_of(made: Made, **change: Any) -> Job:
    workspace, competition = made
    given = yaml.safe_load((workspace.root / "recipes/tiny.yaml").read_text())
    return job_on(workspace, competition, Recipe.model_validate({**given, **change}))


STRONG = {
    "input": {**MEASURED, "train": "strong"},
    "phases": [{"name": "all", "epochs": 2, "steps_per_epoch": 2}],
    "mix": {"cutmix": 1.0, "mixup": 0.2},
    "ema_decay": 0.9,
}


def test_stopped_after_every_step_a_run_of_floats_ends_as_the_unbroken_one(tmp_path: Path) -> None:
    unbroken = job_of(write(tmp_path / "a", faint, DEEP, STRONG))
    broken = job_of(write(tmp_path / "b", faint, DEEP, STRONG))
    fit(unbroken)
    assert fit_in_steps(broken) == 4
    assert left_behind(broken) == left_behind(unbroken)


# test_pools_of_streams.py has the batches that processes make, test_run.py a run of them.
@pytest.mark.slow
@pytest.mark.long
def test_workers_change_nothing_of_floats(tmp_path: Path) -> None:
    none = job_of(write(tmp_path / "a", faint, DEEP, STRONG))
    two = job_of(write(tmp_path / "b", faint, DEEP, STRONG), workers=2)
    for job in (none, two):
        fit(job)
    assert left_behind(two) == left_behind(none)


def test_a_resumed_run_normalises_as_it_began(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is in the checkpoint: nothing is measured a second time."""
    job = job_of(write(tmp_path, faint, DEEP, STRONG))
    assert fit_in_steps(job, most=1) == 1
    before = torch.load(job.files(0).resume, weights_only=True)["normalisation"]

    def measured(*_: Any) -> Any:
        raise AssertionError("measured again")

    monkeypatch.setattr("podium.training.fit.fold.measure_normalisation", measured)
    fit(job)
    assert left_behind(job)["normalisation"] == before


def test_the_form_of_the_images_is_in_a_runs_id_and_predicting_requires_the_same(
    tmp_path: Path,
) -> None:
    made = write(tmp_path, faint, DEEP, recipe(1))
    workspace, competition = made
    run, _ = trained(made)
    text = (tmp_path / "competition.yaml").read_text()
    assert "4095" in text
    (tmp_path / "competition.yaml").write_text(text.replace("4095", "8191"))
    other = load_competition(tmp_path)
    with pytest.raises(RunError, match=r"changed since .* was trained"):
        predict(workspace, other, run)
    data = TrainingData.load(workspace, competition)
    given = Recipe.model_validate(yaml.safe_load((tmp_path / "recipes/tiny.yaml").read_text()))
    facts = {"name": "tiny", "samples": data.samples, "folds": data.folds}
    first, inputs = run_id(workspace, competition, given, **facts)
    assert first == run.name
    assert inputs["pixels"] == {"channels": 4, "dtype": "uint16", "low": 0.0, "high": 4095.0}
    assert run_id(workspace, other, given, **facts)[0] != first
