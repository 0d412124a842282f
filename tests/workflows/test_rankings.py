"""Competitions of rankings and confident classes: predictions, a blend, a file, the host's score.

Nothing is trained: the runs are handmade.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from podium.competition import metrics
from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples, truth
from podium.competition.sections.tasks import MetricSpec
from podium.competition.spec import Competition, load_competition
from podium.ensembling import read_blend
from podium.errors import UsageError
from podium.hosting.scoring.score import refuse_unscorable, score_file
from podium.hosting.scoring.solution import Solution, read_solution
from podium.hosting.spec import HostSpec
from podium.predictions import write_fold
from podium.predictions.top_k import most_confident, rank
from podium.reporting.entries import decision_of
from podium.reporting.labels.evaluation import evaluate_blend_labels
from podium.submissions.format.spec import SubmissionFormat, format_of
from podium.training.runs.scoring import FoldLabelScorer
from podium.workflows.blends.blending import blend_runs
from podium.workflows.submission.submitting import write_blend_file
from podium.workspace.layout import Workspace

CLASSES = ["w_1", "w_2", "w_3", "w_4"]
N, N_TEST = 40, 9
SPEC = """\
name: whales
tasks: {{classify: multiclass}}
classes: [w_1, w_2, w_3, w_4]
data:
  train: {{table: train.csv, id: id, images: "train/{{id}}.png", label: Id}}
  test: {{images: "test/*.png"}}
folds: {{n: 3, scheme: stratified}}
metric: {metric}
submission: {submission}
"""


def made(root: Path, *, metric: str, submission: str) -> tuple[Workspace, Competition]:
    """Return a workspace whose images are all alike."""
    for folder, count in (("train", N), ("test", N_TEST)):
        (root / folder).mkdir()
        for i in range(count):
            Image.new("RGB", (4, 4), (i, 0, 0)).save(root / folder / f"{folder}{i:02d}.png")
    rows = [f"train{i:02d},{CLASSES[i % 4]}" for i in range(N)]
    (root / "train.csv").write_text("\n".join(["id,Id", *rows]) + "\n")
    (root / "competition.yaml").write_text(SPEC.format(metric=metric, submission=submission))
    return Workspace(root), load_competition(root)


def probs_of(n: int, seed: int, right: np.ndarray | None = None) -> np.ndarray:
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(n, 4))
    if right is not None:
        logits[np.arange(n), right] += 1
    return (np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)).astype(np.float32)


def add_run(workspace: Workspace, competition: Competition) -> tuple[Path, np.ndarray, np.ndarray]:
    """Return a handmade prediction set, and what it says of train and test rows."""
    samples = load_samples(competition, "train")
    folds = ensure_folds(workspace, competition, samples)
    of_train = probs_of(N, 1, truth(samples, competition))
    of_test = probs_of(N_TEST, 2)
    root = workspace.runs / "r-00000001" / "predictions" / "aabbccdd"
    for fold in np.unique(folds).tolist():
        inside = np.flatnonzero(folds == fold)
        about: dict[str, Any] = {"task": "classify", "fold": fold, "model": f"m/{fold}"}
        ids = [str(samples["id"].iloc[i]) for i in inside]
        write_fold(root, "oof", **about, ids=ids, probs=of_train[inside])
        test_ids = [f"test{i:02d}" for i in range(N_TEST)]
        write_fold(root, "test", **about, ids=test_ids, probs=of_test)
    return root, of_train, of_test


def host_of(competition: Competition) -> HostSpec:
    metric, form = competition.metric, format_of(competition)
    return HostSpec(slug="whales", title="Whales", metric=metric, format=form)


def cells_of(file: Path) -> dict[str, str]:
    with file.open(encoding="utf-8", newline="") as stream:
        return {row[0]: row[1] for row in list(csv.reader(stream))[1:]}


def test_five_whales_an_image_go_from_predictions_to_the_hosts_score(tmp_path):
    workspace, competition = made(
        tmp_path,
        metric="{name: map_at_k, k: 3}",
        submission="{value: topk, k: 3, columns: {Image: id, Id: value}}",
    )
    root, of_train, of_test = add_run(workspace, competition)
    samples = load_samples(competition, "train")
    right = truth(samples, competition)

    folder = blend_runs(workspace, competition, [str(root)], method="mean")
    blend, sets = read_blend(folder)
    places = [
        np.argsort(-row, kind="stable").tolist().index(t)
        for row, t in zip(of_train, right, strict=True)
    ]
    by_hand = np.mean([1 / (place + 1) if place < 3 else 0 for place in places])
    assert blend.honest == pytest.approx(by_hand)
    assert FoldLabelScorer(competition)(of_train, right, where="fold 0") == pytest.approx(by_hand)

    file = write_blend_file(workspace, competition, folder)
    cells = cells_of(file)
    expected = [" ".join(CLASSES[c] for c in row) for row in rank(of_test, 3)]
    assert [cells[f"test{i:02d}"] for i in range(N_TEST)] == expected

    host = host_of(competition)
    ids, answers = tuple(f"test{i:02d}" for i in range(N_TEST)), np.arange(N_TEST) % 4
    solution = Solution(ids, answers, np.ones(N_TEST, bool), np.zeros(N_TEST, bool))
    refuse_unscorable(host, solution)
    assert score_file(file, host, solution).public == pytest.approx(
        metrics.score("map_at_k", answers, rank(of_test, 3), k=3)
    )

    lens = evaluate_blend_labels(
        competition, blend, sets, samples, ensure_folds(workspace, competition, samples)
    )
    np.testing.assert_array_equal(lens.decisions, lens.probs.argmax(axis=1))
    assert decision_of(blend, CLASSES) == [("topk", [("k", 3.0)])]


def test_a_file_of_lists_has_all_of_its_places_where_only_the_first_counts(tmp_path):
    workspace, competition = made(
        tmp_path,
        metric="{name: top_k_error, k: 1}",
        submission="{value: topk, k: 2, columns: {id: id, predicted: value}}",
    )
    root, of_train, of_test = add_run(workspace, competition)
    folder = blend_runs(workspace, competition, [str(root)], method="mean")
    blend, _ = read_blend(folder)
    right = truth(load_samples(competition, "train"), competition)
    assert blend.honest == pytest.approx(np.mean(of_train.argmax(axis=1) != right))
    cells = cells_of(write_blend_file(workspace, competition, folder))
    expected = [" ".join(CLASSES[c] for c in row) for row in rank(of_test, 2)]
    assert [cells[f"test{i:02d}"] for i in range(N_TEST)] == expected


def test_one_class_and_how_sure_it_is_goes_from_predictions_to_the_hosts_score(tmp_path):
    workspace, competition = made(
        tmp_path,
        metric="{name: gap}",
        submission="{value: name, item: '{label} {conf}', columns: {id: id, landmarks: value}}",
    )
    root, of_train, of_test = add_run(workspace, competition)
    folder = blend_runs(workspace, competition, [str(root)], method="mean")
    blend, _ = read_blend(folder)
    right = truth(load_samples(competition, "train"), competition)
    assert blend.honest == pytest.approx(metrics.score("gap", right, most_confident(of_train)))
    file = write_blend_file(workspace, competition, folder)
    predicted = most_confident(of_test)
    for i in range(N_TEST):
        name, confidence = cells_of(file)[f"test{i:02d}"].split(" ")
        assert name == CLASSES[int(predicted[i, 0])]
        assert float(confidence) == pytest.approx(predicted[i, 1])

    host = host_of(competition)
    rows = [f"test{i:02d},{CLASSES[i % 4] if i % 3 else ''}" for i in range(N_TEST)]
    (tmp_path / "solution.csv").write_text("\n".join(["id,landmarks", *rows]) + "\n")
    solution = read_solution(tmp_path / "solution.csv", host.format)
    answers = np.array([i % 4 if i % 3 else -1 for i in range(N_TEST)])  # a third has none
    assert isinstance(solution, Solution)
    np.testing.assert_array_equal(solution.truth, answers)
    refuse_unscorable(host, solution)
    expected = metrics.score("gap", answers, predicted)
    assert score_file(file, host, solution).public == pytest.approx(expected)


def test_a_host_knows_the_label_of_what_is_none_of_the_classes(tmp_path):
    form = SubmissionFormat(
        kind="multiclass",
        classes=tuple(CLASSES),
        columns={"Image": "id", "Id": "value"},
        value="topk",
        k=2,
        unknown="new_whale",
    )
    host = HostSpec(slug="w", title="W", metric=MetricSpec(name="map_at_k", k=2), format=form)
    (tmp_path / "solution.csv").write_text("Image,Id\na,w_2\nb,new_whale\nc,new_whale\n")
    solution = read_solution(tmp_path / "solution.csv", form)
    assert isinstance(solution, Solution)
    assert solution.truth.tolist() == [1, -1, -1]
    refuse_unscorable(host, solution)
    (tmp_path / "s.csv").write_text("Image,Id\na,w_2\nb,w_1 new_whale\nc,w_1 w_2\n")
    assert score_file(tmp_path / "s.csv", host, solution).public == pytest.approx(0.5)


@pytest.mark.slow
def test_a_file_holds_rankings_where_decisions_are_scored_and_the_other_way_round(tmp_path):
    workspace, competition = made(
        tmp_path,
        metric="{name: accuracy}",
        submission="{value: topk, k: 2, columns: {id: id, predicted: value}}",
    )
    root, _, of_test = add_run(workspace, competition)
    folder = blend_runs(workspace, competition, [str(root)], method="mean")
    cells = cells_of(write_blend_file(workspace, competition, folder))
    assert [cells[f"test{i:02d}"] for i in range(N_TEST)] == [
        " ".join(CLASSES[c] for c in row) for row in rank(of_test, 2)
    ]
    submission = "submission: {value: name, columns: {id: id, predicted: value}}"
    text = (tmp_path / "competition.yaml").read_text()
    text = text.replace("{name: accuracy}", "{name: map_at_k}").split("submission:")[0]
    (tmp_path / "competition.yaml").write_text(text + submission + "\n")
    competition = load_competition(tmp_path)
    folder = blend_runs(workspace, competition, [str(root)], method="mean")
    cells = cells_of(write_blend_file(workspace, competition, folder))
    assert [cells[f"test{i:02d}"] for i in range(N_TEST)] == [
        CLASSES[c] for c in of_test.argmax(axis=1)
    ]


@pytest.mark.parametrize(
    ("metric", "value"), [("map_at_k", "prob"), ("top_k_error", "name"), ("gap", "prob")]
)
def test_a_host_ranks_what_other_files_hold(metric, value, tmp_path):
    n = 12
    columns = {"id": "id", **{name: f"prob[{name}]" for name in CLASSES}}
    if value == "name":
        columns = {"id": "id", "Id": "value"}
    form = SubmissionFormat(kind="multiclass", classes=tuple(CLASSES), columns=columns, value=value)
    host = HostSpec(slug="w", title="W", metric=MetricSpec(name=metric), format=form)
    ids, answers = tuple(f"i{i}" for i in range(n)), np.arange(n) % 4
    solution = Solution(ids, answers, np.ones(n, bool), np.zeros(n, bool))
    refuse_unscorable(host, solution)
    probs = probs_of(n, 3).astype(np.float64)
    file = tmp_path / "s.csv"
    cells = probs if value == "prob" else [[CLASSES[c]] for c in probs.argmax(axis=1)]
    lines = [",".join([one, *map(str, row)]) for one, row in zip(ids, cells, strict=True)]
    file.write_text("\n".join([",".join(columns), *lines]) + "\n")
    predicted = (
        most_confident(probs) if metric == "gap" else rank(probs, 5 if metric == "map_at_k" else 1)
    )
    expected = metrics.score(metric, answers, predicted)
    assert score_file(file, host, solution).public == pytest.approx(expected)


def test_a_host_cannot_score_how_sure_a_class_is_if_the_file_does_not_tell(tmp_path):
    columns = {"id": "id", "Id": "value"}
    form = SubmissionFormat(
        kind="multiclass", classes=tuple(CLASSES), columns=columns, value="name"
    )
    host = HostSpec(slug="w", title="W", metric=MetricSpec(name="gap"), format=form)
    everything, nothing = np.ones(4, bool), np.zeros(4, bool)
    solution = Solution(("a", "b", "c", "d"), np.arange(4), everything, nothing)
    with pytest.raises(UsageError, match="needs a class and how sure it is"):
        refuse_unscorable(host, solution)
