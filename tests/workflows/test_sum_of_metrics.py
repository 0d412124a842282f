"""A score that is a weighted sum of metrics of one task, from a run to the host's score.

Sixty images of yes or no; one run ranks them well, and its probabilities lie far below a half. The
score is half the area under the curve of its probabilities, half the F1 of its decisions.
"""

from __future__ import annotations

import csv
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import yaml
from inkless_pages import draw_nothing
from PIL import Image
from sklearn.metrics import f1_score, roc_auc_score
from typer.testing import CliRunner

from podium.cli.app import app
from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples
from podium.competition.scores.combination import score_name
from podium.competition.spec import Competition, load_competition
from podium.ensembling.honest import read_units
from podium.ensembling.record import read_parts
from podium.errors import UsageError
from podium.hosting.scoring.score import score_file
from podium.hosting.scoring.solution import read_solution
from podium.hosting.setup.from_competition import init_host
from podium.predictions import write_fold
from podium.reporting import build_report
from podium.submissions import check
from podium.training.runs.content import folds_digest
from podium.training.runs.record import scores_of
from podium.workflows.blends.blending import blend_runs, tune_decisions
from podium.workflows.checking import check_format
from podium.workflows.submission.rehearsing import rehearse
from podium.workflows.submission.submitting import load_board, submit, write_blend_file
from podium.workspace import machine
from podium.workspace.layout import Workspace
from podium.workspace.records import Record, read_record, write_record

N, N_TEST = 60, 30
NAME = "0.5 auc + 0.5 f1"
METRIC: list[dict[str, Any]] = [{"name": "auc", "weight": 0.5}, {"name": "f1", "weight": 0.5}]
BOTH = [
    {"name": "id", "value": "id"},
    {"name": "prob", "value": "prob"},
    {"name": "label", "value": "label"},
]


def truth_of(number: int) -> int:
    return int(number % 3 == 0)


def prob_of(number: int, run: int = 0) -> float:
    """Return a probability that ranks most rows rightly and lies below a half."""
    noise = np.random.default_rng([number, run]).uniform(-0.13, 0.13)
    return round(0.15 + 0.15 * truth_of(number) + float(noise), 4)


def opened(root: Path, **submission: Any) -> tuple[Workspace, Competition]:
    """Write images, labels and predictions of two runs, and return the workspace."""
    data = root / "data"
    train, test = [f"i{i:02d}" for i in range(N)], [f"t{i:02d}" for i in range(N_TEST)]
    for folder, ids in (("train", train), ("test", test)):
        (data / folder).mkdir(parents=True)
        for number, one in enumerate(ids):
            pixels = np.full((8, 8, 3), 7 * number % 251, np.uint8)
            Image.fromarray(pixels).save(data / folder / f"{one}.png")
    with (data / "train.csv").open("w", newline="") as file:
        rows = [[one, truth_of(i)] for i, one in enumerate(train)]
        csv.writer(file).writerows([["id", "label"], *rows])
    spec = {
        "name": "sum",
        "tasks": {"classify": "binary"},
        "data": {
            "train": {
                "table": "data/train.csv", "id": "id", "images": "data/train/{id}.png",
                "label": "label",
            },
            "test": {"images": "data/test/*.png"},
        },
        "folds": {"n": 3},
        "metric": METRIC,
        "submission": submission or {"columns": BOTH},
        "kaggle": {"host": "host"},
    }  # fmt: skip
    (root / "competition.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
    workspace, competition = Workspace(root), load_competition(root)
    for run in (0, 1):
        add_run(workspace, competition, test, run)
    return workspace, competition


def add_run(workspace: Workspace, competition: Competition, test: list[str], number: int) -> None:
    """Write what training and predicting leave of a finished run."""
    samples = load_samples(competition, "train")
    folds = ensure_folds(workspace, competition, samples)
    run = workspace.runs / f"run-0000000{number + 1}"
    root = run / "predictions" / "aabbccdd"
    for fold in range(3):
        inside = [str(one) for one in samples["id"][folds == fold]]
        for split, ids in (("oof", inside), ("test", test)):
            probs = np.array([[prob_of(int(one[1:]), number)] for one in ids], np.float32)
            write_fold(root, split, "classify", fold, ids=ids, probs=probs, model="m")
    write_record(
        run,
        Record(
            kind="run",
            id=run.name,
            name="run",
            created=machine.now(),
            status="finished",
            inputs={
                "tasks": dict(competition.tasks),
                "classes": list(competition.classes),
                "folds": folds_digest(samples["id"], folds),
            },
        ),
    )


def by_hand(truth: Any, probs: Any, decided: Any) -> float:
    return float(0.5 * roc_auc_score(truth, probs) + 0.5 * f1_score(truth, decided))


def scored_run(workspace: Workspace, competition: Competition) -> dict[str, Any]:
    """Write the scores of the first run, as training does at its end, and return them."""
    samples = load_samples(competition, "train")
    folds = ensure_folds(workspace, competition, samples)
    run = workspace.runs / "run-00000001"
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
    return scores


def test_run_is_scored_by_probabilities_and_plain_decisions(tmp_path: Path) -> None:
    workspace, competition = opened(tmp_path)
    assert competition.metric.name == score_name(competition) == NAME
    found = scored_run(workspace, competition)
    truth = np.array([truth_of(i) for i in range(N)])
    probs = np.array([prob_of(i) for i in range(N)], np.float32).astype(float)
    assert found["metric"] == NAME
    assert found["oof"] == pytest.approx(by_hand(truth, probs, probs >= 0.5))
    folds = np.array(ensure_folds(workspace, competition, load_samples(competition, "train")))
    for fold, score in found["folds"].items():
        rows = folds == int(fold)
        assert score == pytest.approx(by_hand(truth[rows], probs[rows], probs[rows] >= 0.5))


@pytest.mark.slow
def test_tuned_blend_is_sent_in_two_columns_and_scored_by_the_host(tmp_path: Path) -> None:
    workspace, competition = opened(tmp_path)
    scored_run(workspace, competition)
    folder = tune_decisions(workspace, competition, "run-00000001")
    blend = read_parts(folder)["classify"].blend
    ((name, threshold),) = blend.decision[0].items()
    assert (blend.metric, name) == (NAME, "threshold")
    assert 0.1 < threshold < 0.4  # the plain one finds nothing
    assert blend.untuned is not None
    assert blend.honest > blend.untuned + 0.2
    file = write_blend_file(workspace, competition, folder)
    assert check(file, competition) == []
    with file.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [set(one) for one in rows] == [{"id", "prob", "label"}] * N_TEST
    probs, decided = ([float(one[name]) for one in rows] for name in ("prob", "label"))
    assert decided == [float(one >= threshold) for one in probs]

    found = rehearse(workspace, competition, folder)
    assert (found.problems, found.metric) == ([], NAME)
    assert found.score == pytest.approx(blend.optimistic, abs=1e-4)

    right = [truth_of(i) for i in range(N_TEST)]
    solution = tmp_path / "solution.csv"
    lines = [f"t{i:02d},{one},{one},Public" for i, one in enumerate(right)]
    solution.write_text("\n".join(["id,prob,label,Usage", *lines, ""]))
    init_host(tmp_path / "host", competition, solution, ["you"])
    receipt = submit(workspace, competition, folder.name)
    assert receipt.public_score == pytest.approx(by_hand(right, probs, decided), abs=1e-5)
    view = load_board(workspace, competition, refresh=True)
    assert (view.metric, view.rows[0].honest) == (NAME, pytest.approx(blend.honest))


def test_status_board_and_report_name_the_terms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, competition = opened(tmp_path)
    oof = scored_run(workspace, competition)["oof"]
    draw_nothing(monkeypatch)
    page = build_report(workspace, competition).read_text(encoding="utf-8")
    assert f">{NAME}<" in page
    for command in ("status", "board"):
        shown = CliRunner().invoke(app, ["-w", str(tmp_path), command])
        assert shown.exit_code == 0, shown.output
    assert f"{oof:.4f}" in shown.output


@pytest.mark.slow
@pytest.mark.parametrize("method", ["hill_climb", "simplex"])
def test_blend_of_two_runs_has_an_honest_score_of_the_sum(tmp_path: Path, method: str) -> None:
    workspace, competition = opened(tmp_path)
    folder = blend_runs(workspace, competition, method=method)
    scores, blend = read_record(folder).scores, read_parts(folder)["classify"].blend
    assert scores["metric"] == NAME
    assert sum(blend.weights) == pytest.approx(1)
    units = read_units(folder)
    assert units is not None
    assert units.score() == pytest.approx(blend.honest)
    assert blend.honest_interval is not None
    assert blend.honest_interval[0] < blend.honest < blend.honest_interval[1]


def test_host_makes_decisions_of_a_file_of_probabilities(tmp_path: Path) -> None:
    _, competition = opened(tmp_path, columns={"id": "id", "prob": "value"}, value="prob")
    right = [truth_of(i) for i in range(N_TEST)]
    probs = [min(0.9, 2.4 * prob_of(i)) for i in range(N_TEST)]
    solution, file = tmp_path / "solution.csv", tmp_path / "sent.csv"
    solution.write_text("id,prob\n" + "".join(f"t{i:02d},{t}\n" for i, t in enumerate(right)))
    file.write_text("id,prob\n" + "".join(f"t{i:02d},{p}\n" for i, p in enumerate(probs)))
    spec = init_host(tmp_path / "host", competition, solution).spec()
    found = score_file(file, spec, read_solution(solution, spec.format))
    assert found.public == pytest.approx(by_hand(right, probs, np.array(probs) >= 0.5))
    told = [one.title for one in check_format(competition)]
    assert f"{NAME} scores decisions, and the file would hold probabilities" in told


def test_host_of_labels_alone_is_refused(tmp_path: Path) -> None:
    _, competition = opened(tmp_path, columns={"id": "id", "label": "value"}, value="label")
    solution = tmp_path / "solution.csv"
    solution.write_text("id,label\n" + "".join(f"t{i:02d},{i % 2}\n" for i in range(N_TEST)))
    with pytest.raises(UsageError, match="auc needs probabilities"):
        init_host(tmp_path / "host", competition, solution)
