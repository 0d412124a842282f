"""`podium` alone: how far a competition has come, and the next command."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from command_line import podium
from typer.testing import CliRunner

from podium.cli.app import app
from podium.competition.spec import load_competition
from podium.competition.truths.annotations_file import Annotation, add_annotations
from podium.errors import RunError
from podium.training.runs.fold_files import FoldFiles
from podium.workflows.blends.blending import newest_set
from podium.workflows.status import next_commands, training_to_begin_with
from podium.workspace.auto_record import AutoRecord, AutoStep, write_auto
from podium.workspace.layout import Workspace
from podium.workspace.locks import hold
from podium.workspace.machine import now

RECIPE = "phases: [{name: all, epochs: 1}]\n"
COMPETITION = """\
name: leaves
tasks: {classify: multiclass}
classes: [oak, olive]
data:
  train: {table: train.csv, id: id, images: "train/{id}.png", label: label}
  test: {images: "test/*.png"}
metric: {name: accuracy}
kaggle: {slug: leaves}
"""


def record(root: Path, kind: str, name: str, **facts: Any) -> None:
    folder = root / f"{kind}s" / name
    folder.mkdir(parents=True)
    content = {
        "kind": kind,
        "id": name,
        "name": name.rpartition("-")[0],
        "created": "2026-11-20T06:00:00Z",
        "status": "finished",
        **facts,
    }
    (folder / "record.json").write_text(json.dumps(content))


def next_command(root: Path) -> str:
    return str(json.loads(podium(root, "status", "--json"))["next"]["command"])


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "competition.yaml").write_text(COMPETITION)
    (tmp_path / "recipes").mkdir()
    (tmp_path / "recipes/baseline.yaml").write_text("")
    return tmp_path


def test_each_step_leads_to_the_next(workspace: Path) -> None:
    assert next_command(workspace) == "podium check"
    seen = workspace / ".podium/cache/checked/images.parquet"
    seen.parent.mkdir(parents=True)
    seen.write_bytes(b"")
    os.utime(seen, (time.time() + 5,) * 2)
    assert next_command(workspace) == "podium train baseline"  # it makes the folds
    (workspace / "folds.csv").write_text("id,fold\na,0\nb,1\nc,-1\n")
    assert next_command(workspace) == "podium train baseline"
    record(workspace, "run", "baseline-00000000", status="unfinished")
    assert next_command(workspace) == "podium train baseline"
    # Another value than the recipe's, by -o: the recipe's name would train another run.
    own = workspace / "runs/baseline-00000000/recipe.yaml"
    own.write_text(RECIPE.replace("epochs: 1", "epochs: 2"))
    (workspace / "recipes/baseline.yaml").write_text(RECIPE)
    assert next_command(workspace) == f"podium train {own.relative_to(workspace)}"
    own.write_text(RECIPE)
    assert next_command(workspace) == "podium train baseline"
    for name, oof in [("baseline-11111111", 0.7), ("big-22222222", 0.8)]:
        record(workspace, "run", name, scores={"metric": "accuracy", "folds": {}, "oof": oof})
    assert "continue" in podium(workspace, "status")
    record(
        workspace, "run", "later-44444444", created="2026-11-20T07:00:00Z",
        scores={"metric": "accuracy", "folds": {}, "oof": 0.6},
    )  # fmt: skip
    assert next_command(workspace) == "podium blend"  # the one that was cut short is left
    (workspace / "runs/later-44444444/record.json").unlink()
    (workspace / "runs/baseline-00000000/record.json").unlink()
    assert next_command(workspace) == "podium blend"
    record(
        workspace, "blend", "blend-33333333", parents=["baseline-11111111", "big-22222222"],
        scores={"metric": "accuracy", "honest": 0.81},
    )  # fmt: skip
    assert next_command(workspace) == "podium submit blend-33333333"
    shown = podium(workspace)
    assert "2; best big-22222222, OOF 0.8000" in shown
    assert "1; best blend-33333333, honest 0.8100" in shown
    assert "folds   2" in shown
    (workspace / "submissions").mkdir()
    file = workspace / "submissions/blend-33333333.csv"
    file.write_text("id,label\nx,oak\n")
    assert "submissions/blend-33333333.csv" in podium(workspace)
    receipt(workspace, file)
    shown = podium(workspace)
    assert "not sent" not in shown
    assert "1; best 0a0a0a0a, public 0.7900; today 1 of 5 (UTC)" in shown
    assert next_command(workspace) == "podium recipes suggest"
    file.write_text("id,label\nx,olive\n")
    assert "submissions/blend-33333333.csv" in podium(workspace)
    assert f"not sent: {file}" in podium(workspace, "board", "--offline")
    before = file.with_name("blend-33333333-before-3e55538f.csv")
    before.write_text("id,label\nx,elm\n")
    assert f"{before} (the file before), {file}\n" in podium(workspace)
    assert f"not sent: {before} (the file before)\n" in podium(workspace, "board", "--offline")


def test_a_recipe_whose_weights_cannot_be_had_is_not_proposed(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(workspace / "hub"))
    monkeypatch.setenv("TORCH_HOME", str(workspace / "torch"))
    seen = workspace / ".podium/cache/checked/images.parquet"
    seen.parent.mkdir(parents=True)
    seen.write_bytes(b"")
    os.utime(seen, (time.time() + 5,) * 2)
    (workspace / "folds.csv").write_text("id,fold\na,0\nb,1\nc,-1\n")
    recipe = "model: {backbone: resnet18, START, heads: {classify: {}}}\n" + RECIPE
    recipes = workspace / "recipes"
    (recipes / "baseline.yaml").write_text(recipe.replace("START", "pretrained: true"))
    with monkeypatch.context() as patch:  # timm takes many seconds to load
        patch.setitem(sys.modules, "podium.models.backbone_factory", None)
        assert next_command(workspace) == "podium recipes suggest --write"
    assert "the weights of baseline cannot be downloaded" in podium(workspace)
    refused = podium(workspace, "train", "baseline", code=2)
    assert "cannot be downloaded" in refused, "train refuses what is not proposed"

    (recipes / "masks.yaml").write_text("model: {pretrained: false, heads: {segment: {}}}\n")
    assert next_command(workspace) == "podium recipes suggest --write", "it predicts no labels"
    (recipes / "scratch.yaml").write_text(recipe.replace("START", "pretrained: false"))
    assert next_command(workspace) == "podium train scratch"
    weights = workspace / "hub/models--timm--resnet18.a1_in1k/snapshots/abc/model.safetensors"
    weights.parent.mkdir(parents=True)
    weights.write_bytes(b"")
    assert next_command(workspace) == "podium train baseline"


def test_a_blend_of_some_folds_of_a_run_is_sent_before_another_training(workspace: Path) -> None:
    """As `podium auto` leaves it where its time had room for one fold."""
    seen = workspace / ".podium/cache/checked/images.parquet"
    seen.parent.mkdir(parents=True)
    seen.write_bytes(b"")
    os.utime(seen, (time.time() + 5,) * 2)
    (workspace / "folds.csv").write_text("id,fold\na,0\nb,1\nc,-1\n")
    record(workspace, "run", "fine-tune-00000000", status="unfinished")
    assert next_command(workspace) == "podium train baseline"
    record(
        workspace, "blend", "auto-33333333", parents=["fine-tune-00000000"],
        scores={"metric": "accuracy", "honest": 0.81},
    )  # fmt: skip
    assert next_command(workspace) == "podium submit auto-33333333"


def ready(root: Path) -> None:
    """Check the data and make the folds, as far as the status sees it."""
    seen = root / ".podium/cache/checked/images.parquet"
    seen.parent.mkdir(parents=True)
    seen.write_bytes(b"")
    os.utime(seen, (time.time() + 5,) * 2)
    (root / "folds.csv").write_text("id,fold\na,0\nb,1\nc,2\n")


def of_some_folds(root: Path, name: str, *folds: int) -> None:
    scores = {"metric": "accuracy", "folds": dict.fromkeys(map(str, folds), 0.8), "oof": 0.8}
    record(root, "run", name, status="unfinished", scores=scores, details={"n_folds": 3})


def test_a_run_that_failed_shows_its_reason_and_is_not_continued(
    workspace: Path,
) -> None:
    ready(workspace)
    record(workspace, "run", "baseline-00000000", status="unfinished")
    shown = podium(workspace, "status")
    assert "unfinished  baseline-00000000\n" in shown
    assert "continue the unfinished training" in shown
    files = FoldFiles(workspace / "runs/baseline-00000000", 0)
    files.folder.mkdir()
    files.write_failed("the loss became nan", "lower optimizer.lr")
    shown = podium(workspace, "status")
    assert "unfinished" not in shown
    assert "failed  baseline-00000000 (the loss became nan)\n" in shown
    with pytest.raises(RunError, match=r"fold 0 failed: the loss became nan\n.*lower optimizer.lr"):
        newest_set(workspace / "runs/baseline-00000000")


def test_a_run_in_training_is_waited_for_and_not_continued(workspace: Path) -> None:
    ready(workspace)
    record(workspace, "run", "baseline-00000000", status="unfinished")
    with hold(FoldFiles(workspace / "runs/baseline-00000000", 1).lock, what="fold 1"):
        shown = podium(workspace)
        assert f"training  baseline-00000000 (fold 1 by process {os.getpid()} since " in shown
        assert "unfinished" not in shown
        assert "next: wait for baseline-00000000, in training now\n" in shown
        facts = json.loads(podium(workspace, "status", "--json"))
        assert [(one["run"], one["fold"]) for one in facts["in_training"]] == [
            ("baseline-00000000", "1")
        ]
        # What needs no training comes first.
        scores = {"metric": "accuracy", "folds": {}, "oof": 0.9}
        record(workspace, "run", "small-11111111", scores=scores)
        steps = next_commands(Workspace(workspace), load_competition(workspace), 4)
        assert [one.command for one in steps] == ["podium blend", ""]
        of_some_folds(workspace, "big-11111111", 0, 1)
        with hold(FoldFiles(workspace / "runs/big-11111111", 2).lock, what="fold 2"):
            assert "big-11111111 (2 of 3 folds; fold 2 by process " in podium(workspace)
    shown = podium(workspace)
    assert "training  " not in shown
    assert "big-11111111 (2 of 3)" in shown


def test_runs_of_which_a_plan_trains_some_folds_are_counted_with_them(workspace: Path) -> None:
    ready(workspace)
    of_some_folds(workspace, "baseline-00000000", 0)
    of_some_folds(workspace, "big-11111111", 0, 1)
    record(workspace, "run", "small-22222222", status="unfinished")
    step = AutoStep(
        name="baseline", kind="probe", why="", expected_s=1, folds=1, state="finished",
        run="baseline-00000000",
    )  # fmt: skip
    plan = AutoRecord(
        id="0a0a0a0a", created=now(), budget_s=60, metric="accuracy", greater_is_better=True,
        facts=(), planning_s=1, steps=(step,),
    )  # fmt: skip
    write_auto(Workspace(workspace).auto / plan.id, plan)
    shown = podium(workspace, "status")
    assert (
        "none with all folds; 2 with some folds: baseline-00000000 (1 of 3), big-11111111 (2 of 3)"
        in shown
    )
    assert "unfinished  small-22222222\n" in shown
    # A finished step of a plan is not to be continued, though a recipe is called like it.
    big = "podium train runs/big-11111111/recipe.yaml"
    (workspace / "runs/big-11111111/recipe.yaml").write_text(RECIPE)
    assert next_command(workspace) == big
    members = ["baseline-00000000", "big-11111111"]
    scores = {"metric": "accuracy", "honest": 0.81}
    record(workspace, "blend", "auto-33333333", parents=members, scores=scores)
    assert next_command(workspace) == "podium submit auto-33333333"
    (workspace / "submissions").mkdir()
    file = workspace / "submissions/auto-33333333.csv"
    file.write_text("id,label\nx,oak\n")
    receipt(workspace, file, "auto-33333333")
    assert next_command(workspace) == big, "nothing else is left to do with what is trained"


def test_without_a_host_the_file_of_the_best_blend_is_to_be_handed_in(workspace: Path) -> None:
    spec = workspace / "competition.yaml"
    spec.write_text(COMPETITION.replace("kaggle: {slug: leaves}\n", ""))
    ready(workspace)
    runs = ["baseline-11111111", "big-22222222"]
    for name in runs:
        record(workspace, "run", name, scores={"metric": "accuracy", "folds": {}, "oof": 0.8})
    # As `podium auto` makes one after each run: of equal ones that with the file is the best.
    for created, name, members in [
        ("06", "auto-aaaaaaaa", runs[:1]),
        ("07", "auto-33333333", runs),
    ]:
        record(
            workspace, "blend", name, parents=members, created=f"2026-11-20T{created}:00:00Z",
            scores={"metric": "accuracy", "honest": 0.81},
        )  # fmt: skip
    assert next_command(workspace) == "podium submit auto-aaaaaaaa --dry-run"
    (workspace / "submissions").mkdir()
    (workspace / "submissions/auto-33333333.csv").write_text("id,label\nx,oak\n")
    assert next_command(workspace) == "", "no second file of the same score is asked for"
    (workspace / "submissions/auto.csv").write_text("id,label\nx,oak\n")
    shown = podium(workspace, "status")
    file = workspace / "submissions/auto-33333333.csv"
    assert f"next: hand in {file}, the file of the best blend" in shown
    here = Workspace(workspace)
    competition = load_competition(workspace / "competition.yaml")
    (only,) = next_commands(here, competition, 2)
    assert only.purpose.endswith("; for more: podium recipes suggest"), "no command is told twice"
    same = f"{file} (the same as auto.csv)"
    assert f"  files   {same}\n" in shown
    assert "sent" not in shown, "nobody takes files over the network"
    # It may be of another form than is asked for now.
    os.utime(spec, (time.time() + 2,) * 2)
    assert next_command(workspace) == "podium submit auto-aaaaaaaa --dry-run"


@pytest.mark.parametrize(
    ("best", "later", "is_sent"),
    [("auto-33333333", None, True), ("auto-aaaaaaaa", None, True), ("auto-33333333", 0.7, False)],
)
def test_what_auto_weighed_is_not_to_be_blended_again(
    workspace: Path, best: str, later: float | None, is_sent: bool
) -> None:
    """Its blends have one member of two, and are no better for an older run that is worse."""
    ready(workspace)
    for name, score in (("old-00000000", 0.6), ("weak-11111111", 0.7), ("good-22222222", 0.8)):
        record(workspace, "run", name, scores={"metric": "accuracy", "folds": {}, "oof": score})
    for at, name in (("07", "auto-aaaaaaaa"), ("08", "auto-33333333")):
        record(
            workspace, "blend", name, parents=["good-22222222"],
            created=f"2026-11-20T{at}:00:00Z",
            scores={"metric": "accuracy", "honest": 0.82 if name == best else 0.81},
        )  # fmt: skip
    steps = tuple(
        AutoStep(name=run[:4], kind="probe", why="", expected_s=1, state="finished", run=run,
                 blend=blend)
        for run, blend in (("weak-11111111", "auto-aaaaaaaa"), ("good-22222222", "auto-33333333"))
    )  # fmt: skip
    plan = AutoRecord(
        id="0a0a0a0a", created=now(), budget_s=60, metric="accuracy", greater_is_better=True,
        facts=(), planning_s=1, steps=steps,
    )  # fmt: skip
    write_auto(Workspace(workspace).auto / plan.id, plan)
    if later is not None:
        scores = {"metric": "accuracy", "folds": {}, "oof": later}
        record(workspace, "run", "new-33333333", created="2026-11-20T09:00:00Z", scores=scores)
    assert next_command(workspace) == (f"podium submit {best}" if is_sent else "podium blend")


def test_a_run_that_got_its_last_fold_behind_the_blend_of_a_plan_is_blended_again(
    workspace: Path,
) -> None:
    """`podium auto` had time for some folds of it, and `podium train` finished them."""
    ready(workspace)
    for name in ("probe-00000000", "tuned-11111111"):
        scores = {"metric": "accuracy", "folds": {"0": 0.8, "1": 0.8}, "oof": 0.8}
        record(workspace, "run", name, scores=scores)
    oof = workspace / "runs/tuned-11111111/predictions/0a0a0a0a/oof/classify"
    (oof / "fold-0").mkdir(parents=True)
    created = "2026-11-20T07:00:00Z"
    times = datetime.fromisoformat(created).timestamp() - 60
    for folder in (oof / "fold-0", oof, oof.parent):
        os.utime(folder, (times, times))
    record(
        workspace, "blend", "auto-33333333", created=created,
        parents=["probe-00000000", "tuned-11111111"],
        scores={"metric": "accuracy", "honest": 0.85, "folds": {"0": 0.85}},
    )  # fmt: skip
    step = AutoStep(
        name="tuned", kind="fine_tune", why="", expected_s=1, state="finished",
        run="tuned-11111111", blend="auto-33333333",
    )  # fmt: skip
    plan = AutoRecord(
        id="0a0a0a0a", created=now(), budget_s=60, metric="accuracy", greater_is_better=True,
        facts=(), known=("probe-00000000",), planning_s=1, steps=(step,),
    )  # fmt: skip
    write_auto(Workspace(workspace).auto / plan.id, plan)
    assert next_command(workspace) == "podium submit auto-33333333"
    (oof / "fold-1").mkdir()
    shown = podium(workspace)
    assert "next: podium blend " in shown
    assert "tuned-11111111 predicted more since it was blended" in shown


def receipt(root: Path, file: Path, blend: str = "blend-33333333") -> None:
    folder = root / "submissions/0a0a0a0a"
    folder.mkdir()
    content = {
        "id": "0a0a0a0a", "description_id": "podium-0a0a0a0a", "created": now().isoformat(),
        "slug": "leaves", "target": "kaggle", "file": f"submissions/{file.name}",
        "file_sha256": hashlib.sha256(file.read_bytes()).hexdigest(), "bytes": 10,
        "sources": [blend], "state": "complete", "public_score": 0.79,
        "submitted": now().isoformat(), "ref": 1,
    }  # fmt: skip
    (folder / "receipt.json").write_text(json.dumps(content))


def test_status_proposes_check_after_a_change_of_the_competition(workspace: Path) -> None:
    seen = workspace / ".podium/cache/checked/images.parquet"
    seen.parent.mkdir(parents=True)
    seen.write_bytes(b"")
    os.utime(seen, (1, 1))
    assert "checked before competition.yaml changed" in podium(workspace)
    assert next_command(workspace) == "podium check"


def test_outside_a_workspace_it_shows_the_first_steps_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, [])
    assert done.exit_code == 0
    assert len(done.output.splitlines()) == 4
    for command in ("podium demo ", "podium init DATA ", "podium --help "):
        assert command in done.output


def test_status_of_a_draft_lists_the_steps_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PODIUM_WORKSPACE", raising=False)
    (tmp_path / "competition.draft.yaml").write_text("name: leaves\n")
    done = CliRunner().invoke(app, [])
    assert done.exit_code == 2
    assert "only the draft of one" in done.output
    assert "call it competition.yaml" in done.output


def scored(metric_score: dict[str, float], rows: int | None) -> dict[str, Any]:
    return {"scores": {"metric": "accuracy", "folds": {}, "scored_rows": rows, **metric_score}}


def test_a_better_score_of_fewer_rows_is_neither_the_best_nor_proposed(workspace: Path) -> None:
    seen = workspace / ".podium/cache/checked/images.parquet"
    seen.parent.mkdir(parents=True)
    seen.write_bytes(b"")
    os.utime(seen, (time.time() + 5,) * 2)
    (workspace / "folds.csv").write_text("id,fold\na,0\nb,1\nc,-1\n")
    for name, score, rows in [("a", 0.9, 219), ("b", 0.7, 273), ("c", 0.8, 273), ("d", 0.6, None)]:
        record(workspace, "run", f"{name}-00000000", **scored({"oof": score}, rows))
        record(workspace, "blend", f"auto-{name * 8}", parents=[f"{x}-00000000" for x in "abcd"],
               **scored({"honest": score}, rows))  # fmt: skip
    shown = podium(workspace)
    of_fewer = "(1 scored on fewer rows: not compared)"
    assert f"4; best c-00000000, OOF 0.8000 {of_fewer}" in shown
    apart = "(auto-aaaaaaaa, honest 0.9000 on 219 rows: not compared, as no fold is scored in both)"
    assert f"4; best auto-cccccccc, honest 0.8000 {apart}\n" in shown
    assert next_command(workspace) == "podium submit auto-cccccccc"


@pytest.mark.parametrize("is_better", [True, False])
def test_a_blend_of_fewer_rows_is_the_best_where_it_is_better_in_the_folds_of_both(
    workspace: Path, is_better: bool
) -> None:
    """As `podium auto` leaves it whose last step had time for one fold."""
    ready(workspace)
    for at, (name, honest, folds, rows) in enumerate(
        [("whole", 0.8, [0.95 - 0.1 * is_better, 0.65], 200), ("part", 0.9, [0.9], 100)]
    ):
        record(
            workspace, "blend", f"{name}-00000000", parents=["a-00000000"] + ["b-00000000"] * at,
            scores={"metric": "accuracy", "honest": honest, "scored_rows": rows,
                    "folds": {str(fold): score for fold, score in enumerate(folds)}},
        )  # fmt: skip
    shown = podium(workspace)
    best = "part" if is_better else "whole"
    assert f"next: podium submit {best}-00000000 " in shown
    assert ("whole-00000000, honest 0.8000 on 200" in shown) == is_better
    assert "not compared" not in shown


def test_a_run_that_no_blend_has_is_to_be_blended_though_it_is_the_only_finished_one(
    workspace: Path,
) -> None:
    ready(workspace)
    of_some_folds(workspace, "part-00000000", 0)
    scores = {"metric": "accuracy", "honest": 0.7}
    record(workspace, "blend", "blend-33333333", parents=["part-00000000"], scores=scores)
    run = {"metric": "accuracy", "folds": {}, "oof": 0.9}
    record(
        workspace, "run", "whole-00000000", scores=run, created="2026-11-20T07:00:00Z"
    )  # fmt: skip
    shown = podium(workspace)
    assert "next: podium blend " in shown
    assert "no blend has whole-00000000 yet" in shown


def test_a_check_is_not_in_the_way_of_what_is_trained(workspace: Path) -> None:
    scores = {"metric": "accuracy", "folds": {}, "oof": 0.9}
    record(workspace, "run", "baseline-00000000", scores=scores)
    assert next_command(workspace) == "podium blend"
    later = next_commands(Workspace(workspace), load_competition(workspace), 2)
    assert [one.command for one in later] == ["podium blend", "podium check"]


def test_the_training_that_was_cut_short_last_is_continued(workspace: Path) -> None:
    ready(workspace)
    (workspace / "recipes/above.yaml").write_text("")
    for hour, name in (("07", "above"), ("06", "baseline")):
        created = f"2026-11-20T{hour}:00:00Z"
        record(workspace, "run", f"{name}-00000000", status="unfinished", created=created)
    assert next_command(workspace) == "podium train above"


def test_what_learnt_without_labels_is_to_be_started_from(workspace: Path) -> None:
    ready(workspace)
    record(workspace, "run", "byol-00000000", inputs={"without_labels": True})
    start = "-o model.from=byol-00000000 -o model.weights=null"  # of a recipe with weights, too
    assert next_command(workspace) == f"podium train RECIPE {start}"


def test_labels_of_people_that_are_newer_than_the_last_run_are_to_be_learnt(
    workspace: Path,
) -> None:
    ready(workspace)
    scores = {"metric": "accuracy", "folds": {"0": 0.7, "1": 0.7}, "oof": 0.7}
    record(workspace, "run", "baseline-11111111", scores=scores)
    record(
        workspace, "blend", "blend-33333333", parents=["baseline-11111111"],
        scores={"metric": "accuracy", "honest": 0.81},
    )  # fmt: skip
    assert next_command(workspace) == "podium submit blend-33333333"
    when = [f"2026-11-20T0{hour}:30:00+00:00" for hour in (5, 6, 7)]  # the run is of 06:00
    answers = [Annotation(f"u{k}", "0" * 64, "oak", "", "eva", one) for k, one in enumerate(when)]
    add_annotations(Workspace(workspace), answers)
    shown = podium(workspace)
    assert next_command(workspace) == "podium train baseline"
    assert "2 new labels since the last run" in shown
    record(
        workspace, "run", "baseline-22222222", created="2026-11-20T08:00:00Z", scores=scores
    )  # fmt: skip
    assert next_command(workspace) == "podium blend"


def test_new_labels_are_learnt_by_the_recipe_of_the_best_run(workspace: Path) -> None:
    ready(workspace)
    (workspace / "recipes/small.yaml").write_text("")
    for name, oof, hour in (("baseline-11111111", 0.7, 5), ("small-22222222", 0.6, 6)):
        scores = {"metric": "accuracy", "folds": {"0": oof}, "oof": oof}
        record(workspace, "run", name, scores=scores, created=f"2026-11-20T0{hour}:00:00Z")
    when = "2026-11-20T07:30:00+00:00"
    add_annotations(Workspace(workspace), [Annotation("u", "0" * 64, "oak", "", "eva", when)])
    assert next_command(workspace) == "podium train baseline"
    competition = load_competition(workspace)
    begin = training_to_begin_with(Workspace(workspace), competition)
    assert begin.command == "podium train baseline"


def test_what_auto_had_no_time_to_train_comes_behind_its_file(workspace: Path) -> None:
    ready(workspace)
    scores = {"metric": "accuracy", "folds": {"0": 0.7}, "oof": 0.7}
    record(workspace, "run", "small-11111111", scores=scores)
    created = "2026-11-20T07:00:00Z"
    record(workspace, "run", "baseline-22222222", status="unfinished", created=created)
    assert next_command(workspace) == "podium train baseline"
    record(
        workspace, "blend", "auto-33333333", parents=["small-11111111"],
        scores={"metric": "accuracy", "honest": 0.81}, created=created,
    )  # fmt: skip
    assert next_command(workspace) == "podium train baseline"
    step = AutoStep(
        name="baseline", kind="probe", why="", expected_s=1, state="stopped",
        run="baseline-22222222", note="out of time",
    )  # fmt: skip
    plan = AutoRecord(
        id="0a0a0a0a", created=now(), budget_s=60, metric="accuracy", greater_is_better=True,
        facts=(), planning_s=1, steps=(step,),
    )  # fmt: skip
    write_auto(Workspace(workspace).auto / plan.id, plan)
    steps = next_commands(Workspace(workspace), load_competition(workspace), 3)
    assert [one.command for one in steps][:2] == [
        "podium submit auto-33333333",
        "podium train baseline",
    ]


def test_the_best_run_is_a_finished_one(workspace: Path) -> None:
    record(workspace, "run", "probe-00000000", **scored({"oof": 0.7}, 273))
    unfinished = {**scored({"oof": 0.9}, 273), "status": "unfinished"}
    record(workspace, "run", "probe-size-00000000", **unfinished)
    shown = podium(workspace)
    assert "1; best probe-00000000, OOF 0.7000\n" in shown
    assert "unfinished  probe-size-00000000\n" in shown
