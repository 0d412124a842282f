"""Which of several blends of one honest score is the best: one rule, on records made by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from podium.competition.scores.estimates import ExpectedScore
from podium.competition.spec import Competition, load_competition
from podium.predictions.kept_scores import write_expected
from podium.submissions.board.blend_order import ranked_blends
from podium.submissions.board.view import board
from podium.workflows.status import workspace_status
from podium.workspace.layout import Workspace

SPEC = """\
name: leaves
tasks: {classify: multiclass}
classes: [oak, olive]
data: {train: {images: "train/{class}/*.png"}, test: {images: "test/*.png"}}
metric: {name: accuracy}
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "competition.yaml").write_text(SPEC)
    (tmp_path / "submissions").mkdir()
    return Workspace(tmp_path)


@pytest.fixture
def competition(workspace: Workspace) -> Competition:
    return load_competition(workspace.root)


def add(
    workspace: Workspace,
    name: str,
    honest: float = 0.8,
    *,
    minute: int,
    weights: dict[str, float] | None = None,
    expected: float | None = None,
    rows: int | None = None,
    **details: Any,
) -> None:
    """Write the record of a blend, one that decides as no other where `weights` are not given."""
    folder = workspace.blends / name
    folder.mkdir(parents=True)
    of = weights or {name: 1.0}
    for one in of:
        (workspace.runs / one / "predictions/aabbccdd").mkdir(parents=True, exist_ok=True)
    record = {
        "kind": "blend", "id": name, "name": name.rpartition("-")[0], "status": "finished",
        "created": f"2026-11-20T06:{minute:02d}:00Z", "parents": list(of),
        "scores": {"metric": "accuracy", "honest": honest, "scored_rows": rows},
        "inputs": {"sets": [f"runs/{one}/predictions/aabbccdd" for one in of]},
        "details": {
            "members": list(of), "weights": list(of.values()), "method": "hill_climb",
            "decision": [], **details,
        },
    }  # fmt: skip
    (folder / "record.json").write_text(json.dumps(record))
    if expected is not None:
        write_expected(folder, "00000000", ExpectedScore(expected, None, 0.0, 3, 10))


def order(workspace: Workspace, competition: Competition) -> list[str]:
    ranked = ranked_blends(workspace, competition, board(workspace, competition))
    best = workspace_status(workspace, competition).best_blend
    assert best == ranked[0].score, "the status asks the same rule"
    return [one.score.id for one in ranked]


def test_of_equal_blends_first_what_to_expect_then_the_file_then_the_first(
    workspace: Workspace, competition: Competition
) -> None:
    add(workspace, "better-00000000", 0.9, minute=9)
    add(workspace, "first-11111111", minute=1)
    add(workspace, "bits-22222222", 0.8 + 1e-16, minute=2)
    add(workspace, "file-33333333", minute=3)
    add(workspace, "hopeful-44444444", minute=4, expected=0.85)
    add(workspace, "part-55555555", 0.99, minute=5, rows=5)
    for one in ("better-00000000", "file-33333333"):
        (workspace.submissions / f"{one}.csv").write_text("id,label\n")
        record = workspace.blends / one / "record.json"
        record.write_text(record.read_text().replace('"scored_rows": null', '"scored_rows": 9'))
    assert order(workspace, competition) == [
        "better-00000000",
        "hopeful-44444444",
        "file-33333333",
        "first-11111111",
        "bits-22222222",
        "part-55555555",
    ]


def test_what_is_known_of_one_of_two_that_decide_alike_holds_for_both(
    workspace: Workspace, competition: Competition
) -> None:
    """The members of weight 0, and the method that gave it, change nothing."""
    add(workspace, "blend-11111111", minute=1, weights={"a": 1.0})
    add(workspace, "other-22222222", minute=2, expected=0.82)
    add(workspace, "tuned-33333333", minute=3, weights={"b": 0, "a": 1}, expected=0.85,
        method="best")  # fmt: skip
    add(workspace, "apart-44444444", minute=4, weights={"a": 1.0}, decision=[{"threshold": 0.4}])
    assert order(workspace, competition) == [
        "blend-11111111",
        "tuned-33333333",
        "other-22222222",
        "apart-44444444",
    ]
    (workspace.submissions / "tuned-33333333.csv").write_text("id,label\n")
    assert order(workspace, competition)[0] == "tuned-33333333", "no second file is asked for"


def test_a_blend_of_fewer_rows_is_the_best_where_it_is_better_in_the_folds_of_both(
    workspace: Workspace, competition: Competition
) -> None:
    folds = {"whole-00000000": {"0": 0.8, "1": 0.7}, "part-11111111": {"1": 0.75}}
    folds |= {"worse-22222222": {"0": 0.79}, "same-33333333": {"0": 0.9}, "apart-44444444": {}}
    for minute, name in enumerate(folds):
        rows = 9 if name.startswith("whole") else 5
        of = {"a": 1.0} if name[:4] in ("whol", "same") else None
        add(workspace, name, 0.75 + 0.01 * minute, minute=minute, rows=rows, weights=of)
        record = workspace.blends / name / "record.json"
        content = json.loads(record.read_text())
        content["scores"]["folds"] = folds[name]
        record.write_text(json.dumps(content))
    # Of the same member the one of fewer rows is what the other one was before.
    assert order(workspace, competition)[:2] == ["part-11111111", "whole-00000000"]
    ranked = ranked_blends(workspace, competition, board(workspace, competition))
    apart = {one.score.id for one in ranked if not one.is_compared}
    assert "apart-44444444" in apart
    assert "part-11111111" not in apart
    (workspace.blends / "part-11111111/record.json").unlink()
    assert order(workspace, competition)[0] == "whole-00000000"


def test_of_equal_blends_the_simplest_is_the_best(
    workspace: Workspace, competition: Competition
) -> None:
    add(workspace, "three-00000000", minute=1, weights={"a": 0.5, "b": 0.3, "c": 0.2})
    add(workspace, "tuned-11111111", minute=2, weights={"a": 1}, decision=[{"threshold": 0.4}])
    add(workspace, "two-22222222", minute=3, weights={"a": 0.5, "b": 0.5})
    add(workspace, "plain-33333333", minute=4, weights={"a": 1, "b": 0, "c": 0})
    add(workspace, "later-44444444", minute=5, weights={"b": 1})
    simplest_first = [
        "plain-33333333",
        "later-44444444",
        "tuned-11111111",
        "two-22222222",
        "three-00000000",
    ]
    assert order(workspace, competition) == simplest_first
    (workspace.submissions / "two-22222222.csv").write_text("id,label\n")
    assert order(workspace, competition)[0] == "two-22222222", "no second file is asked for"


def test_an_error_is_the_better_the_lower(workspace: Workspace) -> None:
    spec = SPEC.replace("accuracy", "log_loss").replace("multiclass", "binary")
    (workspace.root / "competition.yaml").write_text(spec)
    competition = load_competition(workspace.root)
    for minute, (name, honest, expected) in enumerate(
        [("a-00000000", 0.5, 0.5), ("b-11111111", 0.5, 0.4), ("c-22222222", 0.6, 0.1)]
    ):
        add(workspace, name, honest, minute=minute, expected=expected)
        record = workspace.blends / name / "record.json"
        record.write_text(record.read_text().replace("accuracy", "log_loss"))
    assert order(workspace, competition) == ["b-11111111", "a-00000000", "c-22222222"]


@pytest.mark.parametrize("is_blend", [False, True])
def test_a_member_that_scores_better_alone_is_the_next_step(
    workspace: Workspace, competition: Competition, is_blend: bool
) -> None:
    """Until it is a blend of its own: then the scores of both are there."""
    checked = workspace.checked_images
    checked.parent.mkdir(parents=True)
    checked.write_bytes(b"")
    note = "good-22222222 alone, decided as it would be sent, scores better: 0.8500"
    members = {"weak-11111111": 0.5, "good-22222222": 0.5}
    add(workspace, "blend-33333333", minute=1, weights=members, notes=[note])
    if is_blend:
        add(workspace, "only-good-44444444", 0.7, minute=2, weights={"good-22222222": 1})
    named = "blend-33333333" if is_blend else "good-22222222"
    status = workspace_status(workspace, competition)
    assert status.next.command == f"podium submit {named} --dry-run"
    assert ("it scores better alone than blend-33333333" in status.next.purpose) != is_blend
