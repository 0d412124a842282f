from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from podium.errors import RunError
from podium.training.runs.history import PhaseScores, phase_scores
from podium.workspace import atomic, machine
from podium.workspace.records import Record, write_record

PHASES = [
    {"name": "warm-up", "epochs": 3, "freeze": ["backbone"]},
    {
        "name": "both",
        "epochs": 9,
        "loss": {
            "classify": {"ce": 1},
            "segment": {"weight": 0.5, "dice": {"weight": 2}, "bce": 1},
        },
        "early_stopping": {"patience": 2},
    },
]


def stage(phase: str, epochs: int, **scores: float | None) -> dict[str, Any]:
    return {"phase": phase, "epochs": epochs, "scores": scores}


def selecting(of: dict[str, Any], n: int, precision: float) -> dict[str, Any]:
    return {**of, "selected": {"pseudo_n": n, "pseudo_precision": precision}}


def written(run: Path, folds: dict[str, dict[str, Any]]) -> Path:
    """Write a run with the given `done.json` of each fold."""
    run.mkdir()
    record = Record(
        kind="run",
        id=run.name,
        name="some",
        created=machine.now(),
        status="finished",
        details={"folds": folds},
    )
    write_record(run, record)
    (run / "recipe.yaml").write_text(yaml.safe_dump({"phases": PHASES}, sort_keys=False))
    for fold, facts in folds.items():
        (run / f"fold-{fold}").mkdir()
        atomic.write_text(run / f"fold-{fold}" / "done.json", json.dumps(facts))
    return run


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return tmp_path / "some-00000000"


def test_stages_are_gathered_over_the_folds_and_a_refit_is_none_of_them(run: Path) -> None:
    first = [
        stage("start", 0, mean_iou=0.1, accuracy=0.5),
        stage("warm-up", 3, mean_iou=None, accuracy=0.7),
        stage("both", 9, mean_iou=0.5, accuracy=0.75),
    ]
    second = [
        stage("start", 0, mean_iou=0.3, accuracy=0.5),
        stage("warm-up", 3, mean_iou=0.4, accuracy=0.8),
        selecting(stage("both", 5, mean_iou=0.9, accuracy=0.25), 40, 0.75),
    ]
    every = [stage("start", 0), stage("warm-up", 3), stage("both", 7)]
    folds = {"0": {"stages": first}, "1": {"stages": second}, "full": {"stages": every}}
    assert phase_scores(written(run, folds)) == [
        PhaseScores("start", (0, 0), (), (), {"mean_iou": (0.1, 0.3), "accuracy": (0.5, 0.5)}),
        PhaseScores(
            "warm-up",
            (3, 3),
            (),
            ("backbone",),
            {"mean_iou": (0.4,), "accuracy": (0.7, 0.8)},
            "supervised",
        ),
        PhaseScores(
            "both",
            (9, 5),
            ("classify.ce", "segment.dice", "segment.bce"),
            (),
            {"mean_iou": (0.5, 0.9), "accuracy": (0.75, 0.25)},
            "supervised",
            (40,),
            (0.75,),
        ),
    ]


def test_a_mean_is_over_the_folds_that_have_the_score() -> None:
    one = PhaseScores("a", (1, 1, 1), (), (), {"auc": (0.5, 1.0), "f1": ()})
    assert one.mean("auc") == 0.75
    assert one.mean("f1") is None
    assert one.mean("rmse") is None


@pytest.mark.parametrize(
    ("folds", "complaint"),
    [
        ({}, "no fold of some-00000000 is trained"),
        ({"full": {"stages": []}}, "no fold of some-00000000 is trained"),
        ({"0": {"epochs": [3, 9]}}, "kept no stages"),
    ],
)
def test_a_run_without_stages_gives_the_reason(
    run: Path, folds: dict[str, dict[str, Any]], complaint: str
) -> None:
    with pytest.raises(RunError, match=complaint) as caught:
        phase_scores(written(run, folds))
    assert caught.value.fix
