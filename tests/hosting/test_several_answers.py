"""Submissions of several answers a row at a host, against scores worked by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from podium.competition.spec import Competition
from podium.errors import DataError, SubmissionError
from podium.hosting.scoring.score import SubmissionScores, score_file
from podium.hosting.scoring.solution import read_solution, solution_digest
from podium.hosting.setup.from_competition import init_host
from podium.hosting.spec import HostFolder

COLUMNS = [
    {"name": "id", "value": "id"},
    {"name": "label", "value": "name", "task": "classify"},
    {"name": "rle", "value": "rle", "task": "segment"},
]
# Masks are of 2 x 3 pixels, counted down the columns from 1.
SOLUTION = """id,label,rle,height,width,Usage
a,cat,1 1 3 1,2,3,Public
b,dog,,2,3,Private
c,dog,5 2,2,3,Private
d,cat,1 6,2,3,Ignored
"""
# a: right, one pixel of three in both; b: wrong, rightly empty; c: right, half of the pixels.
SENT = "id,label,rle\na,cat,1 2\nb,cat,\nc,dog,5 1\nd,dog,1 1\n"
COMBINED: dict[str, Any] = {
    "parts": [
        {"name": "accuracy", "task": "classify", "weight": 0.25},
        {"name": "mean_dice", "task": "segment", "weight": 0.75, "empty": "one"},
    ]
}
ROWWISE: dict[str, Any] = {"name": "rowwise", "expression": "right * iou"}


def competition(metric: dict[str, Any], **changed: Any) -> Competition:
    return Competition.model_validate(
        {
            "name": "both",
            "tasks": {"classify": "multiclass", "segment": "binary"},
            "classes": ["cat", "dog"],
            "data": {
                "train": {
                    "table": "t.csv", "id": "id", "images": "{id}", "label": "label",
                    "mask": "m/{id}.png",
                }
            },
            "frame": [2, 3],
            "metric": metric,
            "submission": {"columns": COLUMNS},
            **changed,
        }
    )  # fmt: skip


def host(tmp_path: Path, metric: dict[str, Any], solution: str = SOLUTION, **changed: Any) -> Any:
    (tmp_path / "solution.csv").write_text(solution)
    made = init_host(
        tmp_path / "host", competition(metric, **changed), tmp_path / "solution.csv", ["you"]
    )
    return HostFolder(made.root)


def scores(tmp_path: Path, folder: HostFolder, sent: str = SENT) -> SubmissionScores:
    (tmp_path / "sent.csv").write_text(sent)
    spec = folder.spec()  # as it stands in host.yaml
    return score_file(tmp_path / "sent.csv", spec, read_solution(folder.solution, spec.format))


def test_weighted_sum_of_scores_worked_by_hand(tmp_path):
    # Dice: a 2 * 1 / (2 + 2) = 1/2; b 1; c 2 * 1 / (2 + 1) = 2/3. Accuracy: 1 public, 1/2 private.
    found = scores(tmp_path, host(tmp_path, COMBINED))
    assert found.public == pytest.approx(0.25 * 1 + 0.75 * 0.5)
    assert found.private == pytest.approx(0.25 * 0.5 + 0.75 * (1 + 2 / 3) / 2)


def test_expression_of_each_row_worked_by_hand(tmp_path):
    # IoU: a 1/3; b 1, but its label is wrong; c 1/2.
    found = scores(tmp_path, host(tmp_path, ROWWISE))
    assert found == SubmissionScores(pytest.approx(1 / 3), pytest.approx((0 + 1 / 2) / 2))
    (tmp_path / "b").mkdir()
    found = scores(tmp_path, host(tmp_path / "b", {**ROWWISE, "expression": "min(right, iou) - 1"}))
    assert found == SubmissionScores(pytest.approx(1 / 3 - 1), pytest.approx(1 / 4 - 1))


def test_one_metric_scores_one_column_and_the_other_is_checked_all_the_same(tmp_path):
    folder = host(tmp_path, {"name": "mean_dice", "task": "segment", "empty": "one"})
    assert scores(tmp_path, folder).public == pytest.approx(0.5)
    with pytest.raises(SubmissionError, match="column 'label': unknown classes: 'cow'"):
        scores(tmp_path, folder, SENT.replace("a,cat", "a,cow"))


def test_all_faults_of_a_file_are_in_one_message(tmp_path):
    with pytest.raises(SubmissionError) as refused:
        scores(tmp_path, host(tmp_path, COMBINED), "id,label,rle\na,cow,1 2\nb,cat,5 9\nc,dog,\n")
    assert refused.value.message.startswith("line 2: column 'label': unknown classes")
    assert "column 'rle': masks of another size" in refused.value.message
    assert "missing (1 of 4): 'd'" in refused.value.message


def test_objects_carry_the_label_of_their_image(tmp_path):
    columns = [*COLUMNS[:2], {"name": "class", "value": "class_name"}, COLUMNS[2]]
    folder = host(
        tmp_path,
        {
            "parts": [
                {"name": "accuracy", "task": "classify"},
                {"name": "mask_map", "task": "segment"},
            ]
        },
        solution="id,label,class,rle,height,width,Usage\n"
        "a,cat,cat,1 1,2,3,Public\na,cat,dog,5 2,2,3,Public\nb,dog,dog,1 2,2,3,Public\n",
        tasks={"classify": "multiclass", "segment": "instance"},
        data={
            "train": {
                "table": "t.csv", "id": "id", "images": "{id}", "label": "label",
                "mask": {"table": "m.csv", "id": "id", "rle": "rle", "label": "class"},
            }
        },
        submission={"columns": columns, "rows": "instance"},
    )  # fmt: skip
    right = "id,label,class,rle\na,cat,cat,1 1\na,cat,dog,5 2\nb,dog,dog,1 2\n"
    assert scores(tmp_path, folder, right).public == pytest.approx(2)
    assert scores(tmp_path, folder, right.replace("b,dog,dog", "b,cat,dog")).public == 1.5


def test_a_class_of_an_image_carries_its_probability(tmp_path):
    folder = host(
        tmp_path,
        {
            "parts": [
                {"name": "brier", "task": "classify", "weight": -1},
                {"name": "mean_dice", "task": "segment", "empty": "one"},
            ]
        },
        solution="id,class,prob,rle,height,width,Usage\n"
        "a,cat,1,1 1,2,3,Public\na,dog,0,,2,3,Public\n",
        tasks={"classify": "multilabel", "segment": "multilabel"},
        data={
            "train": {
                "table": "t.csv", "id": "id", "images": "{id}", "label": ["cat", "dog"],
                "mask": {"table": "m.csv", "id": "id", "rle": "rle", "label": "class"},
            }
        },
        submission={
            "rows": "image_class",
            "columns": [
                COLUMNS[0],
                {"name": "class", "value": "class_name"},
                {"name": "prob", "value": "prob", "task": "classify"},
                COLUMNS[2],
            ],
        },
    )  # fmt: skip
    sent = "id,class,prob,rle\na,cat,0.5,1 1\na,dog,0.0,5 2\n"
    # Squared errors 1/4 and 0; Dice 1 and 0.
    assert scores(tmp_path, folder, sent).public == pytest.approx(-1 / 8 + 1 / 2)


def test_solution_that_contradicts_itself_is_refused(tmp_path):
    with pytest.raises(DataError, match="there is no 'label'"):
        host(tmp_path, COMBINED, SOLUTION.replace("label", "class", 1))
    with pytest.raises(DataError, match="'cow'"):
        host(tmp_path, COMBINED, SOLUTION.replace("b,dog", "b,cow"))


def test_digest_of_a_solution_depends_on_the_weights(tmp_path):
    folder = host(tmp_path, COMBINED)
    spec = folder.spec()
    other = spec.model_copy(update={"metric": competition(ROWWISE).metric})
    assert solution_digest(folder.solution, spec) != solution_digest(folder.solution, other)


def test_parts_of_other_directions_need_a_negative_weight(tmp_path):
    parts = [{"name": "log_loss", "task": "classify"}, {"name": "mean_dice", "task": "segment"}]
    with pytest.raises(DataError, match="negative weight"):
        host(tmp_path, {"parts": parts})
