"""The estimate for this test set, from `podium check` to every place where a score is shown.

The pictures of a workspace are light or dark. A fifth of the train images are dark and four fifths
of the test images; the run is right on 19 of 20 light ones and on half of the dark ones.
"""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import yaml
from inkless_pages import draw_nothing
from like_the_test import save_even_drift
from PIL import Image
from typer.testing import CliRunner
from workflows.submission.test_rehearsing import masks

from podium.cli import artefacts
from podium.cli.app import app
from podium.competition.checks.checked_drift import read_drift
from podium.competition.checks.data import check_data
from podium.competition.checks.drift import summarise_drift
from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples
from podium.competition.scores import on_test_like
from podium.competition.scores.density_ratio import DensityRatio
from podium.competition.spec import Competition, load_competition
from podium.ensembling import estimate_for_test, run_units
from podium.ensembling.estimate_for_test import estimate_of_blend, weights_by_predictions
from podium.ensembling.record import read_blend
from podium.predictions.kept_scores import ESTIMATE_FILE, kept_estimate
from podium.predictions.store.writing import write_fold
from podium.reporting.data_summary import summarise_data
from podium.reporting.plots.data import drift as plot
from podium.reporting.report import build_report
from podium.reporting.subjects import DataSubject
from podium.submissions.board.view import board
from podium.submissions.upload.receipt import prepare_receipt, save_receipt
from podium.workflows.blends.blending import blend_runs
from podium.workflows.blends.expected import estimate_of_run
from podium.workspace.layout import Workspace
from podium.workspace.machine import now
from podium.workspace.records import Record, read_record, write_record

N_TRAIN, N_TEST = 240, 120
CLASSES = ["cat", "dog"]
RUN = "r-00000001"


def picture(seed: int, *, is_dark: bool) -> Image.Image:
    rng = np.random.default_rng(seed)
    light = rng.uniform(20, 60) if is_dark else rng.uniform(150, 220)
    return Image.fromarray(np.clip(rng.normal(light, 8, (16, 16, 3)), 0, 255).astype(np.uint8))


def is_dark_in(split: str, row: int) -> bool:
    return row % 5 == 0 if split == "train" else row % 5 != 0


def a_workspace(root: Path, *, drifts: bool = True) -> tuple[Workspace, Competition]:
    rows = []
    for split, n in (("train", N_TRAIN), ("test", N_TEST)):
        (root / split).mkdir(parents=True)
        for row in range(n):
            is_dark = is_dark_in(split if drifts else "train", row)
            name = f"{split}{row:03d}"
            seed = row + 1000 * (split == "test")
            picture(seed, is_dark=is_dark).save(root / split / f"{name}.png")
            if split == "train":
                rows.append([name, CLASSES[row // 5 % 2]])
    with (root / "train.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["id", "label"], *rows])
    spec = {
        "tasks": {"classify": "multiclass"},
        "classes": CLASSES,
        "data": {
            "train": {
                "table": "train.csv",
                "id": "id",
                "images": "train/{id}.png",
                "label": "label",
            },
            "test": {"images": "test/*.png"},
        },
        "folds": {"n": 3},
        "metric": {"name": "accuracy"},
        "submission": {"value": "name"},
    }
    (root / "competition.yaml").write_text(yaml.safe_dump({"name": "pets", **spec}))
    return Workspace(root), load_competition(root)


def add_run(workspace: Workspace, competition: Competition, *, with_test: bool = True) -> None:
    """Write a run that is as sure of dark images as it is right on them."""
    samples = load_samples(competition, "train")
    folds = ensure_folds(workspace, competition, samples)
    rng = np.random.default_rng(0)

    def probs(split: str, ids: list[str], truths: list[int]) -> np.ndarray:
        made = []
        for name, truth in zip(ids, truths, strict=True):
            is_dark = is_dark_in(split, int(name[-3:]))
            sure = rng.uniform(0.5, 0.6) if is_dark else rng.uniform(0.85, 1.0)
            is_right = rng.random() < (0.5 if is_dark else 0.95)
            made.append(sure if (truth == 1) == is_right else 1 - sure)
        return np.column_stack([1 - np.array(made), made]).astype(np.float32)

    root = workspace.runs / RUN / "predictions/aabbccdd"
    right: list[bool] = []
    for fold in range(3):
        at = np.flatnonzero(folds == fold)
        ids = [str(samples["id"].iloc[i]) for i in at]
        truths = [int(samples["label"].iloc[i]) for i in at]
        mine = probs("train", ids, truths)
        right += (mine.argmax(axis=1) == truths).tolist()
        write_fold(root, "oof", "classify", fold, ids=ids, probs=mine, model="m")
        if with_test:
            names = [f"test{row:03d}" for row in range(N_TEST)]
            rows = rng.integers(2, size=N_TEST).tolist()
            write_fold(
                root,
                "test",
                "classify",
                fold,
                ids=names,
                probs=probs("test", names, rows),
                model="m",
            )
    scores: dict[str, Any] = {"metric": "accuracy", "oof": float(np.mean(right)), "folds": {}}
    record = Record(
        kind="run",
        id=RUN,
        name="r",
        created=now(),
        status="finished",
        scores={**scores, "tasks": {"classify": scores}},
    )
    write_record(workspace.runs / RUN, record)


def blended(workspace: Workspace, competition: Competition) -> Path:
    member = str(workspace.runs / RUN / "predictions/aabbccdd")
    return blend_runs(workspace, competition, [member], method="mean", trials=2)


@pytest.fixture(scope="module")
def dark(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Competition, Path]:
    """A checked workspace whose test set is darker, with a run and a blend of it."""
    workspace, competition = a_workspace(tmp_path_factory.mktemp("dark"))
    add_run(workspace, competition)
    check_data(workspace, competition)
    return workspace, competition, blended(workspace, competition)


def run_cli(workspace: Workspace, *arguments: str) -> str:
    done = CliRunner().invoke(app, ["-w", str(workspace.root), *arguments])
    assert done.exit_code == 0, done.output
    return done.output


def test_check_tells_how_much_of_the_test_is_unlike_train(dark):
    workspace, _, _ = dark
    drift = read_drift(workspace)
    assert drift is not None
    assert drift.differs
    # 60 % more of the test than of train is dark.
    assert drift.share_unlike == pytest.approx(0.6, abs=0.1)
    is_dark = np.array([is_dark_in("train", int(name[-3:])) for name in drift.train_ids])
    # 4 and a quarter; of so few images the classifier is less sure than it could be.
    assert 2.5 < np.median(drift.weights[is_dark]) < 4.5
    assert 0.2 < np.median(drift.weights[~is_dark]) < 0.5
    found = summarise_drift(drift, n_examples=5)
    assert [is_dark_in("test", int(one.id[-3:])) for one in found.unlike] == [True] * 5
    assert [is_dark_in("test", int(one.id[-3:])) for one in found.alike] == [False] * 5
    assert found.unlike[0].path.startswith("test/test")
    assert found.sentence.startswith(f"about {drift.share_unlike:.0%} of the 120 test images")
    assert found.n_train == N_TRAIN


def test_the_estimate_is_the_accuracy_of_a_darker_set(dark):
    workspace, _, folder = dark
    blend, _ = read_blend(folder)
    found = estimate_of_blend(workspace, folder)
    assert blend.honest == pytest.approx(0.8 * 0.95 + 0.2 * 0.5, abs=0.06)
    assert found is not None
    assert found.score == pytest.approx(0.2 * 0.95 + 0.8 * 0.5, abs=0.12)
    assert found.score < blend.honest - 0.1
    assert found.interval is not None
    assert found.interval[0] < found.score < found.interval[1]
    assert json.loads((folder / ESTIMATE_FILE).read_text())["score"] == found.score


def test_a_run_has_an_estimate_of_its_own(dark):
    workspace, competition, folder = dark
    found = estimate_of_run(workspace, competition, workspace.runs / RUN)
    assert found is not None
    assert found.score == pytest.approx(estimate_of_blend(workspace, folder).score, abs=1e-9)
    assert kept_estimate(workspace, workspace.runs / RUN) == found


def test_predictions_tell_what_images_do_not(dark):
    """By another drift the images are alike, and the network is less sure of the test set."""
    workspace, _, _ = dark
    drift = read_drift(workspace)
    assert drift is not None
    flat = type(drift)(**{**vars(drift), "features": np.zeros_like(drift.features)})
    weights = weights_by_predictions(flat, workspace.runs / RUN / "predictions/aabbccdd")
    assert weights is not None
    is_dark = np.array([is_dark_in("train", int(name[-3:])) for name in drift.train_ids])
    assert np.median(weights[is_dark]) > 3 > 1 > np.median(weights[~is_dark])


def test_predictions_do_not_hide_what_the_check_found(dark, monkeypatch):
    workspace, _, _ = dark
    drift = read_drift(workspace)
    assert drift.differs
    n, m = len(drift.train_ids), len(drift.test_ids)
    none = DensityRatio(np.ones(n), np.ones(m), 0.5, (0.4, 0.6), 0.5)
    monkeypatch.setattr(estimate_for_test, "density_ratio", lambda *_, **__: none)
    root = workspace.runs / RUN / "predictions/aabbccdd"
    assert weights_by_predictions(drift, root) is None
    # Nothing is hidden where the check found nothing, either.
    even = replace(drift, auc_interval=(0.4, 0.6))
    np.testing.assert_array_equal(weights_by_predictions(even, root), np.ones(n))


def test_every_command_shows_it(dark, monkeypatch):
    monkeypatch.setattr(artefacts, "phase_scores", lambda folder: [])  # nothing was trained here
    workspace, _, folder = dark
    found = estimate_of_blend(workspace, folder)
    assert found is not None
    text = f"{found.score:.4f}"
    assert f"look like the test: accuracy {text}" in run_cli(workspace, "show", folder.name)
    assert json.loads(run_cli(workspace, "show", folder.name, "--json"))["on_test_like"] == {
        **found.to_json(),
        "interval": list(found.interval),
    }
    assert f"look like the test: accuracy {text}" in run_cli(workspace, "show", RUN)
    assert "on_test_like" in json.loads(run_cli(workspace, "show", RUN, "--json"))
    assert f"look like the test {text}" in run_cli(workspace, "submit", folder.name, "--dry-run")


def test_the_board_shows_what_was_kept(dark):
    workspace, competition, folder = dark
    found = estimate_of_blend(workspace, folder)
    estimate_of_run(workspace, competition, workspace.runs / RUN)
    blend, _ = read_blend(folder)
    file = workspace.root / "sent.csv"
    file.write_text("id,label\n")
    receipt = prepare_receipt(
        workspace,
        file,
        slug="pets",
        target="kaggle",
        message="",
        sources=[folder.name],
        honest=blend.honest,
    )
    save_receipt(workspace, receipt, file)
    view = board(workspace, competition)
    assert view.rows[0].on_test_like == found
    assert view.runs[0].on_test_like is not None
    shown = run_cli(workspace, "board", "--offline")
    assert "test-like" in shown
    assert shown.count(f"{found.score:.4f}") >= 2
    row = json.loads(run_cli(workspace, "board", "--offline", "--json"))["rows"][0]
    assert row["on_test_like"]["score"] == found.score


def test_an_estimate_of_other_scores_is_not_shown(dark):
    """As after the same run was made again, by another version or on another processor."""
    workspace, competition, _ = dark
    run = workspace.runs / RUN
    estimate_of_run(workspace, competition, run)
    assert kept_estimate(workspace, run) is not None
    record = read_record(run)
    write_record(run, record.model_copy(update={"scores": {**record.scores, "note": "again"}}))
    assert kept_estimate(workspace, run) is None
    estimate_of_run(workspace, competition, run)
    assert kept_estimate(workspace, run) is not None
    write_record(run, record)


def test_the_report_draws_both_strips(dark):
    workspace, competition, _ = dark
    subject = DataSubject(workspace, competition, summarise_data(workspace, competition), ())
    (drawn,) = plot.plots(subject)
    shown = [axes for axes in drawn.figure.axes if axes.images]
    assert len(shown) == 16
    light = [float(np.mean(axes.images[0].get_array())) for axes in shown]
    assert max(light[:8]) < 90 < min(light[8:])
    assert "have no counterpart in train" in drawn.caption


def test_the_report_has_the_estimate_of_each_blend(dark, monkeypatch):
    draw_nothing(monkeypatch)
    workspace, competition, folder = dark
    found = estimate_of_blend(workspace, folder)
    assert found is not None
    page = build_report(workspace, competition).read_text()
    text = f"{found.score:.4f}"
    assert page.count("Test-like") >= 3  # a column of blends, one of the board, and what it is
    assert "look like the test" in page
    # In the head, and in the table of blends.
    assert page.count(text) >= 2


def test_without_a_check_nothing_is_shown(tmp_path):
    workspace, competition = a_workspace(tmp_path)
    add_run(workspace, competition)
    folder = blended(workspace, competition)
    assert estimate_of_blend(workspace, folder) is None
    assert "look like the test" not in run_cli(workspace, "show", folder.name)
    assert not (folder / ESTIMATE_FILE).exists()


@pytest.mark.slow
def test_without_drift_it_is_the_honest_score(tmp_path):
    workspace, competition = a_workspace(tmp_path, drifts=False)
    add_run(workspace, competition, with_test=False)
    titles = [finding.title for finding in check_data(workspace, competition)]
    assert "test images unlike train" not in titles
    drift = read_drift(workspace)
    assert drift is not None
    assert not drift.differs
    assert drift.share_unlike == 0
    folder = blended(workspace, competition)
    found = estimate_of_blend(workspace, folder)
    assert found is not None
    assert found.score == read_blend(folder)[0].honest
    subject = DataSubject(workspace, competition, summarise_data(workspace, competition), ())
    assert list(plot.plots(subject)) == []


def test_an_estimate_of_other_data_is_not_shown(dark, tmp_path):
    workspace, _, folder = dark
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    content = json.loads((copy / ESTIMATE_FILE).read_text())
    assert kept_estimate(workspace, copy) is not None
    (copy / ESTIMATE_FILE).write_text(json.dumps({**content, "drift": "00000000"}))
    assert kept_estimate(workspace, copy) is None
    (copy / ESTIMATE_FILE).write_text("[")
    assert kept_estimate(workspace, copy) is None


def test_a_damaged_drift_is_no_estimate(tmp_path, dark):
    workspace, _, folder = dark
    copied = Workspace(tmp_path)
    copied.checked_drift.parent.mkdir(parents=True)
    copied.checked_drift.write_bytes(workspace.checked_drift.read_bytes()[:200])
    assert kept_estimate(copied, folder) is None
    assert estimate_of_blend(copied, folder) is None


def test_images_that_came_after_the_check_have_no_estimate(dark):
    drift = read_drift(dark[0])
    assert drift is not None
    assert drift.weights_of([*drift.train_ids[:3], "new"]) is None
    few = drift.weights_of(drift.train_ids[:3])
    assert few is not None
    assert few.tolist() == drift.weights[:3].tolist()


def test_a_unit_has_the_mean_weight_of_its_images(dark):
    drift = read_drift(dark[0])
    assert drift is not None
    units = np.array([f"u{row // 2}" for row in range(N_TRAIN)])
    of_units = type(drift)(**{**vars(drift), "train_units": units})
    found = of_units.weights_of(["u1", "u0"])
    assert found == pytest.approx([drift.weights[2:4].mean(), drift.weights[:2].mean()])


def test_a_run_of_masks_is_scored_by_the_counts_that_training_kept(tmp_path, monkeypatch):
    """Its units have the mean Dice of the decided masks, in plain numpy; eleven are too few."""
    workspace, competition, probs = masks(tmp_path, "a mask an image")
    samples = load_samples(competition, "train")
    job = SimpleNamespace(
        workspace=workspace,
        competition=competition,
        run=workspace.runs / RUN,
        data=SimpleNamespace(samples=samples),
    )
    monkeypatch.setattr(run_units, "load_job", lambda *of: job)
    dice = []
    for name in samples["id"]:
        file = tmp_path / f"masks/{name}.png"
        if file.is_file():
            truth = np.asarray(Image.open(file)) > 0
            decided = np.round(probs[name][..., 0] * 254) >= 127  # as masks are kept
            both = truth.sum() + decided.sum()
            dice.append(1.0 if both == 0 else 2 * (truth & decided).sum() / both)
    scores = {"metric": competition.metric.name, "oof": float(np.mean(dice)), "folds": {}}
    record = Record(kind="run", id=RUN, name="r", created=now(), status="finished", scores=scores)
    write_record(workspace.runs / RUN, record)
    save_even_drift(workspace, samples["id"].tolist())
    found = estimate_of_run(workspace, competition, workspace.runs / RUN)
    assert found is not None
    assert found.n_effective == len(dice)
    assert found.score is None
    assert found.why_not == f"only {len(dice)} train rows have a score, and 30 at least are needed"
    monkeypatch.setattr(on_test_like, "LEAST_EFFECTIVE", 5)
    (workspace.runs / RUN / ESTIMATE_FILE).unlink()
    found = estimate_of_run(workspace, competition, workspace.runs / RUN)
    assert found is not None
    assert found.score == pytest.approx(np.mean(dice))
    assert found.metric == competition.metric.name
