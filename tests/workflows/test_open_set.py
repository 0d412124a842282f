"""Whales that nobody knows: tuned without their fold, scored as new, written as new_whale.

Nothing is trained: the run is handmade, of models that are unsure where they never saw the class.
"""

from __future__ import annotations

import csv
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples, truth
from podium.competition.spec import load_competition
from podium.ensembling import read_blend
from podium.predictions import write_fold
from podium.predictions.top_k import rank
from podium.reporting.labels.evaluation import evaluate_blend_labels
from podium.tuning.labels.decision import unknown_curve
from podium.tuning.scoring import LabelScorer
from podium.workflows.blends.blending import blend_runs
from podium.workflows.blends.expected import expected_of_blend
from podium.workflows.submission.submitting import submit, write_blend_file
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT

LABELS = ["w_1", "w_2", "w_3"] * 16 + [f"lone_{i}" for i in range(12)]
CLASSES = sorted(set(LABELS))
N, N_TEST, K = len(LABELS), 8, 3
SPEC = f"""\
name: whales
tasks: {{classify: multiclass}}
open_set: new_whale
classes: {{table: train.csv, column: Id}}
data:
  train: {{table: train.csv, id: id, images: "train/{{id}}.png", label: Id}}
  test: {{images: "test/*.png"}}
folds: {{n: 3}}
metric: {{name: map_at_k, k: {K}}}
submission: {{value: topk, k: {K}, columns: {{Image: id, Id: value}}}}
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return whales(tmp_path, LABELS)


def whales(tmp_path: Path, labels: list[str]) -> Workspace:
    for folder, count in (("train", N), ("test", N_TEST)):
        (tmp_path / folder).mkdir()
        for i in range(count):
            Image.new("RGB", (4, 4), (i, 0, 0)).save(tmp_path / folder / f"{folder}{i:02d}.png")
    rows = [f"train{i:02d},{label}" for i, label in enumerate(labels)]
    (tmp_path / "train.csv").write_text("\n".join(["id,Id", *rows]) + "\n")
    (tmp_path / "competition.yaml").write_text(SPEC)
    return Workspace(tmp_path)


def probs_of(right: np.ndarray, seed: int, n_classes: int = len(CLASSES)) -> np.ndarray:
    logits = np.random.default_rng(seed).normal(size=(len(right), n_classes))
    known = np.flatnonzero(right >= 0)
    logits[known, right[known]] += 5
    probs = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return probs.astype(np.float32)


def predicted_by(
    workspace: Workspace, folds: np.ndarray, of_train: np.ndarray, of_test: np.ndarray
) -> Path:
    root = workspace.runs / "r-00000001" / "predictions" / "aabbccdd"
    for fold in range(3):
        inside, about = np.flatnonzero(folds == fold), {"fold": fold, "model": f"m/{fold}"}
        ids = [f"train{i:02d}" for i in inside]
        write_fold(root, "oof", "classify", **about, ids=ids, probs=of_train[inside])
        test_ids = [f"test{i:02d}" for i in range(N_TEST)]
        write_fold(root, "test", "classify", **about, ids=test_ids, probs=of_test)
    return root


def test_lone_whales_tune_where_new_ones_stand_and_new_whale_is_written(workspace):
    competition = load_competition(workspace.root)
    samples = load_samples(competition, "train")
    folds = ensure_folds(workspace, competition, samples)
    right = np.array([-1 if label.startswith("lone") else CLASSES.index(label) for label in LABELS])
    of_train = probs_of(right, 1)
    of_test = probs_of(np.where(np.arange(N_TEST) % 2, CLASSES.index("w_2"), -1), 2)
    root = predicted_by(workspace, folds, of_train, of_test)

    folder = blend_runs(workspace, competition, [str(root)], method="mean")
    blend, sets = read_blend(folder)
    predicted = np.empty((N, K), dtype=np.int64)
    for fold in range(3):
        others = folds != fold
        options = {"k": K}
        scorer = LabelScorer.of("map_at_k", right[others], n_outputs=len(CLASSES), options=options)
        threshold = unknown_curve(of_train[others], scorer).best()
        predicted[folds == fold] = rank(of_train[folds == fold], K, unknown=threshold)
    answers = np.where(right < 0, len(CLASSES), right)
    places = [
        list(row).index(a) + 1 if a in row else 0 for a, row in zip(answers, predicted, strict=True)
    ]
    assert blend.honest == pytest.approx(np.mean([1 / p if p else 0 for p in places]))
    assert blend.untuned is not None
    assert blend.untuned < blend.honest - 0.1
    note = "new_whale is right for 12 of 60 rows: 0 are labelled so, of 12 the model"
    assert any(note in one for one in blend.notes)

    with write_blend_file(workspace, competition, folder).open() as stream:
        cells = dict(list(csv.reader(stream))[1:])
    first = [cells[f"test{i:02d}"].split(" ")[0] for i in range(N_TEST)]
    assert first == ["new_whale", "w_2"] * (N_TEST // 2)

    # The page is about classes: of those that no model saw it has rows of their own label.
    lens = evaluate_blend_labels(competition, blend, sets, samples, folds)
    np.testing.assert_array_equal(lens.truth, truth(lens.samples, competition))


def test_without_a_new_whale_nothing_is_promised_and_a_note_tells_that_the_file_holds_none(
    tmp_path,
):
    labels = ["w_1", "w_2", "w_3"] * 16
    workspace = whales(tmp_path, [*labels, *labels[: N - len(labels)]])
    competition = load_competition(workspace.root)
    folds = ensure_folds(workspace, competition, load_samples(competition, "train"))
    of_train, of_test = probs_of(np.arange(N) % 3, 1, 3), probs_of(np.arange(N_TEST) % 3, 2, 3)
    root = predicted_by(workspace, folds, of_train, of_test)
    folder = blend_runs(workspace, competition, [str(root)], method="mean")
    assert any("tunes a threshold for new_whale" in one for one in read_blend(folder)[0].notes)
    found = expected_of_blend(workspace, competition, folder)
    assert found.score is None
    assert "no scored row is new_whale" in str(found)

    told = list[str]()
    to = SimpleNamespace(say=told.append, bar=SILENT.bar)
    submit(workspace, competition, folder.name, dry_run=True, progress=to)
    assert f"  {found}" in told
    by_hand = "write a threshold by hand, `- topk: {k: 3, unknown: 0.3}`"
    assert any(f"no row of the file holds new_whale: {by_hand}" in one for one in told)
