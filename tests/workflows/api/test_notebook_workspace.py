"""`podium.Workspace`: what a notebook makes is what the commands make."""

from __future__ import annotations

import csv
import doctest
import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import import_workspaces
import numpy as np
import pandas as pd
import pytest
import yaml
from command_line import podium as command
from inkless_pages import leave_out_figures
from sklearn.utils.multiclass import type_of_target

import podium
from podium.competition.samples import truth
from podium.competition.spec import load_competition
from podium.errors import UsageError
from podium.hosting import init_host
from podium.predictions.store.reading import PredictionSet
from podium.workflows.api.workspace import (
    KeptBlend,
    NotebookWorkspace,
    PrintedProgress,
    _typed_labels,
)
from podium.workspace.layout import Workspace

TINY = """\
model: {backbone: cnn, pretrained: false, options: {widths: [8]}}
input: {size: 16, train: none}
optimizer: {name: adamw, lr: 1e-2, schedule: constant}
batch_size: 12
phases: [{name: all, epochs: 2}]
"""


@pytest.fixture(scope="module")
def ws(miniatures: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> NotebookWorkspace:
    """Return a workspace with two trained runs and a host of its own."""
    root = tmp_path_factory.mktemp("notebook") / "leaves"
    made = miniatures.table_and_images(root / "data", n=36, n_test=9, n_unlabelled=0, size=16)
    found = podium.Workspace.create(root / "data", root, quiet=True)
    spec = yaml.safe_load((root / "competition.yaml").read_text())
    spec["folds"]["n"] = 2
    spec["kaggle"] = {**spec.get("kaggle", {}), "host": "../host"}
    (root / "competition.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
    (root / "recipes/baseline.yaml").write_text(TINY)
    with (root.parent / "solution.csv").open("w", newline="") as file:
        rows = [[one, label, "Public"] for one, label in made.truth.items()]
        csv.writer(file).writerows([["image_id", "species", "Usage"], *rows])
    competition = load_competition(root)
    init_host(root.parent / "host", competition, root.parent / "solution.csv", ["me"])
    found.train("baseline")
    found.train("baseline", overrides={"seed": 1, "optimizer.lr": 0.02})
    return found


def test_create_writes_what_init_writes(ws: NotebookWorkspace) -> None:
    assert ws.competition == load_competition(ws.root)
    assert "baseline" in ws.recipes
    assert repr(ws) == f"podium.Workspace({str(ws.root)!r})"
    assert "<td" in ws._repr_html_()
    with pytest.raises(UsageError, match="is a workspace already"):
        podium.Workspace.create(ws.root / "data", ws.root)


def test_it_opens_text_paths_folders_inside_and_the_home(
    ws: NotebookWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(ws.root.parent))
    for path in (str(ws.root), ws.root, ws.root / "data", "~/leaves"):
        assert podium.Workspace(path, quiet=True).root == ws.root.resolve()
    assert Workspace(str(ws.root)).competition_file.is_file()  # type: ignore[arg-type]
    assert Workspace.find("~/leaves").root == ws.root.resolve()


def test_samples_folds_and_checks_are_frames(ws: NotebookWorkspace) -> None:
    folds = ws.folds()
    assert list(folds.columns) == ["id", "fold"]
    assert sorted(folds["fold"].unique()) == [0, 1]
    samples = ws.samples()
    assert samples["fold"].tolist() == folds["fold"].tolist()
    assert len(ws.samples("test")) == 9
    assert set(ws.check(adversarial=False).columns) == {"level", "title", "detail", "fix"}
    with pytest.raises(UsageError, match="part must be"):
        ws.samples("validation")  # type: ignore[arg-type]


@pytest.mark.slow
def test_methods_of_auto_in_two_processes_give_the_same_blend(ws: NotebookWorkspace) -> None:
    methods = ["mean", "best"]
    alone = ws.blend(auto=True, methods=methods, trials=2, name="here")
    both = ws.blend(auto=True, methods=methods, trials=2, name="there", on="local:2")
    assert both.blend.weights == alone.blend.weights
    assert both.blend.honest == alone.blend.honest
    assert both.folder != alone.folder


def test_a_wrong_engine_is_refused_by_name(ws: NotebookWorkspace) -> None:
    for on, why in (("locl:2", "no 'locl'"), ("local:none", "a number of processes")):
        with pytest.raises(UsageError, match=why):
            ws.train("baseline", overrides={"seed": 4}, on=on)
    with pytest.raises(UsageError, match="on must be text, got 2"):
        ws.train("baseline", on=2)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="add auto=True"):
        ws.blend(on="local:2")


@pytest.mark.slow
def test_a_script_without_a_main_guard_trains_once_in_two_processes_what_is_trained_here(
    ws: NotebookWorkspace, tmp_path: Path
) -> None:
    """A spawned process imports the script that started it, which would train there again."""
    alone = ws.train("baseline", overrides={"seed": 2})
    recipe, script = ws.root / "recipes/twice.yaml", tmp_path / "script.py"
    recipe.write_text((ws.root / "recipes/baseline.yaml").read_text())
    script.write_text(
        "import podium\n"
        f"ws = podium.Workspace({str(ws.root)!r}, quiet=True)\n"
        "for one in ws.train_all(['twice'], seeds=[2, 3], on='local:2'):\n"
        "    print('finished', one.finished, one.run)\n"
    )
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False
    )
    recipe.unlink()
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout.count("finished (0, 1)") == done.stdout.count("finished") == 2
    both = [Path(line.split()[-1]) for line in done.stdout.splitlines()]
    pd.testing.assert_frame_equal(ws.oof(both[0]), ws.oof(alone))
    pd.testing.assert_frame_equal(ws.test(both[0]), ws.test(alone))
    jobs = json.loads(command(ws.root, "jobs", "--json"))
    trained = {one["name"] for one in jobs if one["engine"] == "local" and one["state"] == "done"}
    assert trained >= {f"{one.name}.fold-{fold}" for one in both for fold in (0, 1)}
    for run in (*both, alone.run):
        shutil.rmtree(run)


def test_runs_are_those_of_the_command(ws: NotebookWorkspace) -> None:
    runs = ws.runs()
    said = json.loads(command(ws.root, "train", "baseline", "--json"))
    assert runs["run"][0] == said[0]["run"]
    assert runs["oof"][0] == said[0]["scores"]["oof"]
    assert runs["folds"][0] == {int(k): one for k, one in said[0]["scores"]["folds"].items()}
    assert runs["status"].tolist() == ["finished"] * 2
    again = ws.train("baseline", overrides=["seed=1", "optimizer.lr=0.02"])
    assert again.run.name == runs["run"][1], "a mapping and a list say the same"
    only = ws.train_all(["baseline"], seeds=[0], folds=0)
    assert only[0].finished[0] == 0


def test_oof_has_ids_folds_and_a_column_a_class(ws: NotebookWorkspace) -> None:
    run = ws.runs()["run"][0]
    found, competition = ws.oof(run), ws.competition
    assert list(found.columns) == ["id", "fold", *competition.classes]
    stored = ws.predictions(run).oof()
    probs = found.set_index("id").loc[stored.ids, competition.classes].to_numpy()
    assert (probs == stored.probs).all()
    test = ws.test(run)
    assert list(test.columns) == ["id", *competition.classes]
    assert isinstance(ws.predictions(run), PredictionSet)


def test_frames_of_one_workspace_have_the_order_of_its_samples(ws: NotebookWorkspace) -> None:
    samples, runs, classes = ws.samples(), ws.runs(), ws.competition.classes
    assert ws.predictions(runs["run"][0]).oof().ids != samples["id"].tolist(), "stored by fold"
    for what in (runs["run"][0], ws.blend(*runs["run"], method="mean", trials=2)):
        oof, test = ws.oof(what), ws.test(what)
        assert oof["id"].tolist() == samples["id"].tolist() == ws.folds()["id"].tolist()
        assert oof["fold"].tolist() == samples["fold"].tolist()
        assert test["id"].tolist() == ws.samples("test")["id"].tolist()
    decided = ws.oof(runs["run"][0])[classes].to_numpy().argmax(axis=1)
    assert (decided == samples["label"]).mean() == pytest.approx(runs["oof"][0])
    part = ws.oof(ws.train("baseline", overrides={"seed": 8}, folds=0))
    assert part["id"].tolist() == samples.loc[samples["fold"] == 0, "id"].tolist()
    shutil.rmtree(ws.layout.runs / ws.runs()["run"].iloc[-1])


def test_labels_have_a_type_that_scikit_learn_takes(tmp_path: Path) -> None:
    kinds = {"multiclass": "int64", "binary": "int64", "regression": "float64", "multilabel": "O"}
    for kind, dtype in kinds.items():
        team = import_workspaces.labels(tmp_path / kind, kind=kind)
        labels = podium.Workspace(team.root, quiet=True).samples()["label"]
        assert labels.dtype == dtype, kind
        right = truth(team.samples, team.competition)
        assert (np.stack(labels) == right).all()
        if kind != "multilabel":
            assert type_of_target(labels) in ("multiclass", "binary")
    masked = pd.Series([2, None, 0], dtype=object)
    assert _typed_labels(masked).isna().tolist() == [False, True, False]
    assert type_of_target(_typed_labels(masked).dropna()) == "binary"
    assert _typed_labels(pd.Series(["2", None], dtype=object)).tolist() == ["2", None]


def test_a_blend_is_shown_as_a_table_and_read_again(ws: NotebookWorkspace) -> None:
    made = ws.blend(*ws.runs()["run"], method="mean", trials=2)
    assert isinstance(made, KeptBlend)
    assert made.blend.method == "mean"
    assert "<td" in made._repr_html_()
    assert repr(made).startswith(made.id)
    assert "member" in repr(made)
    assert str(made) == repr(made), "a script prints what a cell shows"
    assert ws.read_blend(made.id).blend == made.blend
    shown = json.loads(command(ws.root, "show", made.id, "--json"))
    assert shown["honest"] == made.blend.honest
    pooled = ws.oof(made)
    each = [ws.oof(run).set_index("id").loc[pooled["id"]] for run in ws.runs()["run"]]
    classes = ws.competition.classes
    mean = np.mean([one[classes] for one in each], axis=0)
    assert np.allclose(pooled[classes], mean, atol=1e-6)
    assert pooled["fold"].tolist() == each[0]["fold"].tolist()
    runs = ws.runs()["run"]
    for as_one in (runs, list(runs), tuple(runs)):
        assert ws.blend(as_one, method="mean", trials=2).id == made.id
    with pytest.raises(UsageError, match="auto chooses the method"):
        ws.blend(method="mean", auto=True)
    with pytest.raises(UsageError, match="methods names those that auto tries"):
        ws.blend(methods=["mean"])


def test_the_board_has_runs_and_blends_as_the_command_does(ws: NotebookWorkspace) -> None:
    made = ws.blend(*ws.runs()["run"], method="mean", trials=2)
    board = ws.board(refresh=False).set_index("id")
    shown = json.loads(command(ws.root, "board", "--json", "--offline"))
    for kind, key in (("run", "runs"), ("blend", "blends"), ("submission", "rows")):
        of_kind = [one["id"] for one in shown[key]]
        assert sorted(board.index[board["kind"] == kind]) == sorted(of_kind)
    assert board.loc[made.id, "honest"] == made.blend.honest
    assert board.loc[made.id, "sources"] == ", ".join(made.blend.members)
    assert board.loc[ws.runs()["run"][0], "oof"] == ws.runs()["oof"][0]
    assert np.isnan(board.loc[ws.runs()["run"][0], "honest"])


def test_predictions_are_those_of_the_command(ws: NotebookWorkspace) -> None:
    run = ws.runs()["run"][0]
    before = ws.predictions(run).root
    made = ws.predict(run, tta=["hflip"])
    words = ["predict", run, "--tta", "hflip", "--json-lines"]
    said = json.loads(command(ws.root, *words).splitlines()[-1])
    assert made["set"].tolist() == said["sets"] == [str(ws.predictions(run).root)]
    assert (made["oof"][0], made["run_oof"][0]) == (
        said["scores"][0]["oof"],
        said["scores"][0]["run_oof"],
    )
    assert made["views"][0] == "hflip"
    each = ws.predict("baseline", tta="hflip", each_view=True)
    assert len(each) == 2
    assert ws.blend(*each["set"], method="mean", trials=2).blend.weights == (0.5, 0.5)
    assert str(ws.predict(run)["set"][0]) == str(before), "the run stands for its own views again"
    assert ws.predictions(run).root == before
    with pytest.raises(UsageError, match="views that stay apart"):
        ws.predict(run, each_view=True, tta_mean="max")


def test_problems_are_printed_with_whole_texts(ws: NotebookWorkspace, tmp_path: Path) -> None:
    file = tmp_path / "wrong.csv"
    file.write_text("image_id,species\nnot_one_of_the_images_that_are_to_be_predicted,cat\n")
    found = ws.check(file)
    assert found["message"].str.len().max() > 50, "pandas cuts after so many letters"
    for shown in (repr(found), repr(found[found["level"] == "error"]), found._repr_html_()):
        assert all(text in shown for text in [*found["message"], *found["fix"]])


def test_tuning_makes_a_blend_of_one(ws: NotebookWorkspace) -> None:
    tuned = ws.tune(ws.runs()["run"][0], trials=2)
    assert tuned.blend.members == (ws.runs()["run"][0],)
    stepwise = ws.tune(ws.train("baseline"), steps=[{"argmax": None}], trials=1)
    assert stepwise.blend.grid


@pytest.mark.slow
def test_the_examples_of_the_reference_run(
    ws: NotebookWorkspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", str(ws.root.parent))
    leave_out_figures(monkeypatch)
    finder, runner = doctest.DocTestFinder(recurse=True), doctest.DocTestRunner(verbose=False)
    offered = [podium.Workspace, podium.PredictionSet, podium.Competition]
    names = ("load_competition", "write_submission", "check_submission")
    for one in [*offered, *(getattr(podium, name) for name in names)]:
        for example in finder.find(one, globs={"podium": podium, "ws": ws}):
            runner.run(example)
    assert runner.summarize(verbose=False).failed == 0, capsys.readouterr().out
    assert runner.tries >= 40


@pytest.mark.slow
def test_from_a_blend_to_the_board_and_the_report(
    ws: NotebookWorkspace, capsys: pytest.CaptureFixture[str]
) -> None:
    made = ws.blend(trials=2, name="final")
    rehearsal = ws.submit(made, rehearse=True)
    assert rehearsal.problems == []
    assert rehearsal.score == pytest.approx(rehearsal.own)
    assert rehearsal.honest == made.blend.honest
    first, second, *_ = repr(rehearsal).splitlines()
    assert first == f"honest accuracy: {rehearsal.honest:.4f}", "the one to believe stands first"
    assert second == f"accuracy of the file, fitted on these rows: {rehearsal.score:.4f}"
    assert ws.submit(made, rehearse=True, folds=0).n_rows < rehearsal.n_rows
    assert ws.submit(made, dry_run=True).state == "dry_run"
    assert "submission" not in set(ws.board(refresh=False)["kind"])
    receipt = ws.submit(made, message="first")
    assert receipt.state == "complete"
    board = ws.board()
    assert board.attrs["quota_left"] is not None
    assert board.loc[board["kind"] == "submission", "id"].tolist() == [receipt.id]
    assert board["sources"][0] == made.id, "submissions come first"
    assert board["public_score"][0] == receipt.public_score
    assert board["honest"][0] == made.blend.honest
    rows = json.loads(command(ws.root, "board", "--json", "--offline"))["rows"]
    assert rows[0]["public_score"] == receipt.public_score
    file = ws.root / "submissions" / f"{made.id}.csv"
    assert ws.check(file).empty
    assert podium.check_submission(file, ws) == []
    assert podium.check_submission(file, str(ws.root)) == []
    assert capsys.readouterr().out == "", "it is quiet"


def test_a_submission_of_ones_own_arrays_fits_the_workspace(
    ws: NotebookWorkspace, tmp_path: Path
) -> None:
    ids = ws.test(ws.runs()["run"][0])["id"]
    labels = [ws.competition.classes[at % 3] for at in range(len(ids))]
    path = podium.write_submission(tmp_path / "s.csv", ids, labels, competition=ws.competition)
    assert podium.check_submission(path, ws.competition) == []
    with pytest.raises(UsageError, match="leave sample out"):
        podium.check_submission(path, ws.competition, sample=path)


def test_the_report_is_the_page_of_the_command(
    ws: NotebookWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_out_figures(monkeypatch)
    page = ws.report()
    assert page == ws.layout.report
    assert "<html" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda ws: ws.oof("nothing"), "there is no run"),
        (lambda ws: ws.oof(3), "a run or blend is named by its id"),
        (lambda ws: ws.oof(ws.runs()["run"][0], "segment"), "task must be one of classify"),
        (lambda ws: ws.train("nothing"), "there is no recipe 'nothing'"),
        (lambda ws: ws.train("baseline", folds=["0"]), "folds must be whole numbers"),
        (lambda ws: ws.train("baseline", folds=9), "9"),
        (lambda ws: ws.submit("x.csv"), "there is no file"),
        (lambda ws: ws.submit(folds=[0]), "folds are rehearsed"),
        (lambda ws: ws.submit(str(ws.layout.folds_file), rehearse=True), "a blend is rehearsed"),
        (lambda ws: ws.read_blend("nothing"), "there is no"),
    ],
)
def test_a_wrong_argument_is_refused_by_name(
    ws: NotebookWorkspace, call: Any, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        call(ws)


def test_progress_is_printed_a_line_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    progress = PrintedProgress()
    progress.say("trained")
    with progress.bar("images", 3) as advance:
        advance(1)
    assert capsys.readouterr().out == "trained\n"
