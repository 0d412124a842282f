"""From one run of labels and masks to rows of both, scored together: figures worked by hand.

Of 30 images a network sees a core at .9 and a ring around it at .5. In 6 of them its label is
right and the mask is core and ring; in 24 its label is wrong and the mask is the core alone.
"""

from __future__ import annotations

import csv
import json
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

from podium.cli.app import app
from podium.cli.trainings import describe_gain
from podium.competition import metrics
from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples
from podium.competition.scores import on_test_like
from podium.competition.sections.tasks import combination_of
from podium.competition.spec import Competition, load_competition
from podium.ensembling.combined import pooled_units
from podium.ensembling.estimate_for_test import estimate_for_test
from podium.ensembling.honest import OofUnits, read_units
from podium.ensembling.record import read_combined, read_parts
from podium.errors import DataError
from podium.hosting.setup.from_competition import init_host
from podium.predictions import write_fold
from podium.predictions.kept_scores import ESTIMATE_FILE, kept_estimate
from podium.predictions.store.mask_writing import write_masks
from podium.reporting import build_report
from podium.submissions import check
from podium.submissions.board.view import board
from podium.training.runs.content import folds_digest
from podium.training.runs.record import scores_of
from podium.workflows.blends.blending import blend_runs, tune_decisions
from podium.workflows.submission.rehearsing import rehearse
from podium.workflows.submission.submitting import load_board, submit, write_blend_file
from podium.workspace import machine
from podium.workspace.atomic import write_text
from podium.workspace.layout import Workspace
from podium.workspace.records import Record, read_record, write_record

CLASSES = ["a", "b", "c"]
N, N_RIGHT, N_TEST, SIDE = 30, 6, 5, 8
CORE = np.zeros((SIDE, SIDE), dtype=bool)
CORE[3:5, 3:5] = True
WHOLE = np.zeros((SIDE, SIDE), dtype=bool)
WHOLE[2:6, 2:6] = True
SHARE = 4 / 16  # IoU of core and whole
# Down the columns from 1: of the whole columns and rows 2 to 5, of the core 3 and 4, from 0.
WHOLE_RUNS, CORE_RUNS = "19 4 27 4 35 4 43 4", "28 2 36 2"
SUM: dict[str, Any] = {
    "name": "both",
    "parts": [
        {"name": "accuracy", "task": "classify", "weight": 0.25},
        {"name": "mean_iou", "task": "segment", "weight": 0.75, "over": "image"},
    ],
}
ROWWISE: dict[str, Any] = {"name": "rowwise", "expression": "right * iou"}


def is_right(number: int) -> bool:
    return number % 5 == 0


def opened(root: Path, metric: dict[str, Any]) -> tuple[Workspace, Competition]:
    """Write images, labels, masks and predictions of one run, and return the workspace."""
    data = root / "data"
    for folder in ("train", "test", "masks"):
        (data / folder).mkdir(parents=True)
    train, test = [f"i{i:02d}" for i in range(N)], [f"t{i}" for i in range(N_TEST)]
    for folder, ids in (("train", train), ("test", test)):
        for number, one in enumerate(ids):
            pixels = np.full((SIDE, SIDE, 3), 7 * number % 251, np.uint8)
            Image.fromarray(pixels).save(data / folder / f"{one}.png")
    for number, one in enumerate(train):
        mask = WHOLE if is_right(number) else CORE
        Image.fromarray(mask.astype(np.uint8)).save(data / "masks" / f"{one}.png")
    with (data / "train.csv").open("w", newline="") as file:
        csv.writer(file).writerows(
            [["id", "label"], *([one, "abc"[i % 3]] for i, one in enumerate(train))]
        )
    spec = {
        "name": "both",
        "tasks": {"classify": "multiclass", "segment": "binary"},
        "classes": CLASSES,
        "data": {
            "train": {
                "table": "data/train.csv", "id": "id", "images": "data/train/{id}.png",
                "label": "label", "mask": "data/masks/{id}.png",
            },
            "test": {"images": "data/test/*.png"},
        },
        "folds": {"n": 3},
        "metric": metric,
        "submission": {
            "columns": [
                {"name": "id", "value": "id"},
                {"name": "label", "value": "name", "task": "classify"},
                {"name": "rle", "value": "rle", "task": "segment"},
            ]
        },
        "kaggle": {"host": "host"},
    }  # fmt: skip
    (root / "competition.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
    workspace, competition = Workspace(root), load_competition(root)
    add_run(workspace, competition, test)
    return workspace, competition


def add_run(workspace: Workspace, competition: Competition, test: list[str]) -> None:
    """Write what training and predicting leave of a finished run."""
    samples = load_samples(competition, "train")
    folds = ensure_folds(workspace, competition, samples)
    run = workspace.runs / "joint-00000001"
    root = run / "predictions" / "aabbccdd"
    probs = np.where(CORE, 0.9, np.where(WHOLE, 0.5, 0.1))[..., None]
    for fold in range(3):
        inside = [str(one) for one in samples["id"][folds == fold]]
        for split, ids in (("oof", inside), ("test", test)):
            # All of it on one class, so that no weight of classes changes a label.
            named = [((int(one[1:]) + (not is_right(int(one[1:])))) % 3) for one in ids]
            write_fold(root, split, "classify", fold, ids=ids, probs=np.eye(3)[named], model="m")
            sizes, bands = [(SIDE, SIDE)] * len(ids), [probs] * len(ids)
            write_masks(root, split, fold, ids=ids, sizes=sizes, bands=bands, model="m")
    write_record(
        run,
        Record(
            kind="run",
            id=run.name,
            name="joint",
            created=machine.now(),
            status="finished",
            inputs={
                "tasks": dict(competition.tasks),
                "classes": list(competition.classes),
                "folds": folds_digest(samples["id"], folds),
            },
        ),
    )


def decided_masks(workspace: Workspace, competition: Competition, folder: Path) -> set[str]:
    """Return the runs that the file of a blend holds."""
    file = write_blend_file(workspace, competition, folder)
    return {line.split(",")[2] for line in file.read_text().splitlines()[1:]}


def test_parts_of_a_sum_are_tuned_apart_and_added(tmp_path: Path) -> None:
    workspace, competition = opened(tmp_path, SUM)
    folder = blend_runs(workspace, competition)
    # 24 of 30 masks are the core: the ring is left out, and the other 6 score a quarter.
    assert decided_masks(workspace, competition, folder) == {CORE_RUNS}
    iou = (24 + 6 * SHARE) / 30
    scores = read_record(folder).scores
    assert scores["metric"] == "both"
    assert scores["honest"] == pytest.approx(0.25 * 6 / 30 + 0.75 * iou)
    assert scores["optimistic"] == pytest.approx(scores["honest"])
    assert scores["scored_rows"] == N
    combined = read_combined(folder)
    assert combined is not None
    assert combined["parts"]["mean_iou"]["honest"] == pytest.approx(iou)
    units = read_units(folder)
    assert units is not None
    assert units.score() == pytest.approx(scores["honest"])
    # Of the first five rows one is right.
    rows = np.array([units.ids.tolist().index(f"i0{i}") for i in range(5)])
    assert units.score(rows) == pytest.approx(0.25 / 5 + 0.75 * (4 + SHARE) / 5)


@pytest.mark.slow
def test_blend_of_a_combined_metric_is_reported_by_the_metrics_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, competition = opened(tmp_path, SUM)
    monkeypatch.setattr(on_test_like, "LEAST_EFFECTIVE", 5)
    save_even_drift(workspace, load_samples(competition, "train")["id"].tolist())
    folder = blend_runs(workspace, competition)
    honest = read_record(folder).scores["honest"]

    def podium(*words: str) -> str:
        return CliRunner().invoke(app, ["-w", str(tmp_path), *words]).output

    shown = podium("show", folder.name)
    like = f"look like the test: both {honest:.4f}"
    assert like in shown[shown.index("together:") :]
    assert shown.count("look like the test") == 1
    sent = podium("submit", folder.name, "--dry-run")
    assert f"honest {honest:.4f}; on train rows that look like the test {honest:.4f}" in sent
    assert "was made for" not in sent


@pytest.mark.slow
def test_an_estimate_of_one_task_does_not_stand_beside_scores_of_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, competition = opened(tmp_path, SUM)
    monkeypatch.setattr(on_test_like, "LEAST_EFFECTIVE", 5)
    save_even_drift(workspace, load_samples(competition, "train")["id"].tolist())
    folder = blend_runs(workspace, competition)
    run = workspace.runs / "joint-00000001"
    together = {"metric": "both", "folds": {"0": 0.5}, "oof": 0.5}
    record = read_record(run)
    write_record(run, record.model_copy(update={"scores": {"combined": together}}))
    assert estimate_for_test(workspace, run, read_units(folder), []) is not None
    kept = json.loads((run / ESTIMATE_FILE).read_text())
    assert board(workspace, competition).runs[0].on_test_like is not None
    write_text(run / ESTIMATE_FILE, json.dumps(kept | {"metric": "mean_iou"}))
    assert kept_estimate(workspace, run) is not None
    assert board(workspace, competition).runs[0].on_test_like is None


@pytest.mark.slow
def test_masks_of_an_expression_are_fitted_where_they_count(tmp_path: Path) -> None:
    workspace, competition = opened(tmp_path, ROWWISE)
    folder = blend_runs(workspace, competition)
    # Where the label is wrong no mask scores; where it is right the ring belongs to it.
    assert decided_masks(workspace, competition, folder) == {WHOLE_RUNS}
    assert read_record(folder).scores["honest"] == pytest.approx(6 / 30)
    assert read_parts(folder)["segment"].blend.n_scored == N_RIGHT
    assert any("6 rows whose score a mask changes" in note
               for note in read_parts(folder)["segment"].blend.notes)  # fmt: skip
    assert tune_decisions(workspace, competition, folder.name) == folder


def scored_run(workspace: Workspace, competition: Competition) -> Path:
    """Write the scores of the run, as training does at its end, and return its folder."""
    samples = load_samples(competition, "train")
    folds = ensure_folds(workspace, competition, samples)
    run = workspace.runs / "joint-00000001"
    job: Any = SimpleNamespace(
        workspace=workspace,
        competition=competition,
        run=run,
        tasks=competition.tasks,
        data=SimpleNamespace(samples=samples, folds=folds),
        recipe=SimpleNamespace(is_selected_on_fold=False),
    )
    scores = scores_of(job, "aabbccdd", [0, 1, 2])
    write_record(run, read_record(run).model_copy(update={"scores": scores}))
    return run


def test_a_run_has_the_score_that_an_expression_makes_of_each_row(tmp_path: Path) -> None:
    workspace, competition = opened(tmp_path, ROWWISE)
    run = scored_run(workspace, competition)
    folds = ensure_folds(workspace, competition, load_samples(competition, "train"))
    # A half of .5 is yes: the whole is decided, which is right where the label is.
    right = np.array([is_right(number) for number in range(N)])
    scores = read_record(run).scores["combined"]
    assert scores["metric"] == "rowwise"
    assert scores["oof"] == pytest.approx(right.mean())
    for fold in range(3):
        assert scores["folds"][str(fold)] == pytest.approx(right[folds == fold].mean())
    assert board(workspace, competition).runs[0].oof == scores["oof"]


def test_rows_of_an_expression_are_those_that_every_part_predicted(tmp_path: Path) -> None:
    _, competition = opened(tmp_path, ROWWISE)
    combination = combination_of(competition.metric)
    assert combination is not None

    def part(name: str, ids: str, scores: list[float]) -> OofUnits:
        sums = np.column_stack([scores, np.ones(len(scores))])
        return OofUnits(np.array(list(ids)), np.arange(len(ids)), metrics.get(name), {}, sums=sums)

    parts = [part("accuracy", "abc", [1, 0, 1]), part("accuracy", "dca", [0.9, 0.5, 0.7])]
    units = pooled_units(combination, parts, {})
    assert units is not None
    assert units.ids.tolist() == ["a", "c"]
    assert units.score() == pytest.approx((0.7 + 0.5) / 2)


def test_a_run_is_called_best_by_the_score_of_all_tasks_and_not_by_a_part(tmp_path: Path) -> None:
    workspace, competition = opened(tmp_path, ROWWISE)
    run = scored_run(workspace, competition)
    scores = read_record(run).scores
    trained: Any = SimpleNamespace(run=run, scores=scores, was_finished=False)
    gain = describe_gain(workspace, competition, [trained], 2.0)
    assert gain is not None
    assert gain.startswith("best: joint-00000001, OOF rowwise 0.2000")
    record = read_record(run)
    alone = record.scores["tasks"]["segment"]
    part = {**alone, "tasks": {"segment": alone}}
    write_record(run, record.model_copy(update={"scores": part}))
    gain = describe_gain(
        workspace, competition, [SimpleNamespace(run=run, scores=part, was_finished=False)], 2.0
    )  # type: ignore[list-item]
    assert gain is not None
    assert "best" not in gain
    assert "mean_iou is one part of rowwise" in gain
    shown = CliRunner().invoke(app, ["-w", str(tmp_path), "board"]).output
    assert "joint-00000001" in shown
    assert "scores it again" not in shown


def test_the_report_states_that_its_scores_are_of_a_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, competition = opened(tmp_path, ROWWISE)
    scored_run(workspace, competition)
    draw_nothing(monkeypatch)
    page = build_report(workspace, competition).read_text(encoding="utf-8")
    assert "of mean_iou alone, one part of rowwise" in page
    assert "Best OOF mean_iou" in page
    assert "Best OOF score" not in page


@pytest.mark.slow
def test_rehearsal_scores_what_the_blend_promises(tmp_path: Path) -> None:
    for name, metric in (("sum", SUM), ("rowwise", ROWWISE)):
        workspace, competition = opened(tmp_path / name, metric)
        folder = blend_runs(workspace, competition)
        found = rehearse(workspace, competition, folder)
        assert found.problems == []
        assert found.metric == metric["name"]
        assert found.score == pytest.approx(read_record(folder).scores["honest"])


@pytest.mark.slow
def test_the_file_of_a_blend_is_written_checked_and_scored_by_a_host(tmp_path: Path) -> None:
    workspace, competition = opened(tmp_path, ROWWISE)
    solution = tmp_path / "solution.csv"
    whole, core = WHOLE_RUNS, CORE_RUNS
    solution.write_text(
        "id,label,rle,height,width,Usage\n"
        f"t0,a,{whole},8,8,Public\n"  # right, and its mask
        f"t1,a,{whole},8,8,Public\n"  # a wrong label
        f"t2,a,{core},8,8,Private\n"  # right, its mask a quarter
        f"t3,a,{core},8,8,Private\n"
        f"t4,b,{whole},8,8,Private\n"
    )
    init_host(tmp_path / "host", competition, solution, ["you"])
    folder = blend_runs(workspace, competition)
    file = write_blend_file(workspace, competition, folder)
    lines = [f"t0,a,{whole}", f"t1,c,{whole}", f"t2,a,{whole}", f"t3,b,{whole}",
             f"t4,c,{whole}"]  # fmt: skip
    assert file.read_text().splitlines() == ["id,label,rle", *lines]
    assert check(file, competition) == []
    receipt = submit(workspace, competition, folder.name)
    assert receipt.public_score == pytest.approx(1 / 2)
    view = load_board(workspace, competition, refresh=True)
    assert (view.metric, view.rows[0].public_score) == ("rowwise", pytest.approx(1 / 2))
    assert view.rows[0].honest == pytest.approx(6 / 30)


@pytest.mark.slow
def test_blend_depends_on_the_weights(tmp_path: Path) -> None:
    workspace, competition = opened(tmp_path, SUM)
    first = blend_runs(workspace, competition)
    assert blend_runs(workspace, competition) == first
    other = json.loads(json.dumps(SUM))
    other["parts"][0]["weight"] = 0.5
    text = yaml.safe_load((tmp_path / "competition.yaml").read_text()) | {"metric": other}
    (tmp_path / "competition.yaml").write_text(yaml.safe_dump(text))
    assert blend_runs(workspace, load_competition(tmp_path)) != first


def test_metric_that_a_single_row_does_not_have_cannot_stand_in_an_expression(
    tmp_path: Path,
) -> None:
    from podium.training.runs.scoring import check_metric

    metric = {
        "name": "x",
        "expression": "auc * mean_dice",
        "parts": [{"name": "auc", "task": "classify"}, {"name": "mean_dice", "task": "segment"}],
    }
    _, competition = opened(tmp_path, metric)
    assert combination_of(competition.metric) is not None
    with pytest.raises(DataError, match="a single row has no auc"):
        check_metric(competition)
