"""What `podium submit` without a name sends: the best of what is finished, blended where it is new.

The truth is the accuracy of made-up probabilities, whose rows are wrong as each test says.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from import_workspaces import Team, labels
from inkless_pages import draw_nothing
from recorded_progress import RecordedProgress

from podium.cli.blends import _next_step, print_blend
from podium.cli.board import show_board
from podium.competition.samples import truth
from podium.errors import SubmissionError
from podium.predictions.store.writing import write_fold
from podium.reporting import build_report
from podium.submissions.board.best_to_send import finished_work
from podium.training.runs.content import folds_digest
from podium.workflows.auto import run as running
from podium.workflows.blends.blending import blend_runs
from podium.workflows.status import workspace_status
from podium.workflows.submission.submitting import find_blend, write_blend_file
from podium.workspace.layout import is_file_before
from podium.workspace.machine import now
from podium.workspace.records import Record, read_record, write_record


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return labels(tmp_path)


def add_run(team: Team, name: str, wrong: slice, *, folds: tuple[int, ...] = (0, 1, 2)) -> str:
    """Write a run that is right but for some rows of each fold; return its id."""
    return predict(team, f"{name}-00000000", wrong, folds=folds)


def predict(
    team: Team,
    run_id: str,
    wrong: slice,
    *,
    folds: tuple[int, ...] = (0, 1, 2),
    of: str = "aabbccdd",
) -> str:
    """Write what training and predicting leave of a run, but for the folds that are there."""
    run, right = team.workspace.runs / run_id, truth(team.samples, team.competition)
    at = {fold: np.flatnonzero(team.folds == fold) for fold in folds}
    given = right.copy()
    for rows in at.values():
        given[rows[wrong]] = (given[rows[wrong]] + 1) % 3
    root, scores = run / "predictions" / of, {}
    for fold, rows in at.items():
        about: dict[str, Any] = {"fold": fold, "model": f"{run_id}/fold-{fold}/last"}
        probs = 0.1 + 0.7 * np.eye(3)[given]
        ids = [team.ids[int(row)] for row in rows]
        if not (root / f"oof/classify/fold-{fold}").exists():
            write_fold(root, "oof", "classify", ids=ids, probs=probs[rows], **about)
            of_test = team.test_probs(fold)
            write_fold(root, "test", "classify", ids=team.test, probs=of_test, **about)
        scores[str(fold)] = float((given[rows] == right[rows]).mean())
    every = np.concatenate(list(at.values()))
    record = {
        "kind": "run", "id": run_id, "name": run_id.rpartition("-")[0],
        "created": f"2026-11-20T06:{len(list(team.workspace.runs.iterdir())):02d}:00Z",
        "status": "finished" if len(folds) == 3 else "unfinished",
        "inputs": {
            "folds": folds_digest(team.ids, team.folds), "classes": team.competition.classes,
            "tasks": {"classify": "multiclass"},
        },
        "scores": {
            "metric": "accuracy", "folds": scores, "scored_rows": len(every),
            "oof": float((given[every] == right[every]).mean()),
        },
        "details": {"n_folds": 3},
    }  # fmt: skip
    write_record(run, Record.model_validate(record))
    return run_id


def blend(team: Team, *runs: str, name: str = "blend") -> str:
    options: dict[str, Any] = {"method": "mean", "name": name, "trials": 1, "plain": True}
    return blend_runs(team.workspace, team.competition, list(runs), **options).name


def send(team: Team) -> tuple[str, list[str]]:
    progress = RecordedProgress()
    found = find_blend(team.workspace, team.competition, None, progress)
    return found.name, progress.lines


ONE, HALF = slice(0, 1), slice(0, 4)


def test_the_best_blend_is_sent_and_no_further_one_is_made(team: Team) -> None:
    good, bad = add_run(team, "good", ONE), add_run(team, "bad", HALF)
    best = blend(team, good, name="only-good")
    both = blend(team, good, bad)
    worse = read_record(team.workspace.blends / both).scores["honest"]
    assert worse < read_record(team.workspace.blends / best).scores["honest"]
    name, lines = send(team)
    assert name == best
    assert lines == [
        f"  no name is given, so {best} is taken: honest 0.8750, the best of 2 blends",
        f"  the newest run, {bad}, is not in it: 0.5000 out of fold is worse in 100% of draws; "
        f"to send it: podium submit {bad}",
    ]
    assert {one.name for one in team.workspace.blends.iterdir()} == {best, both}
    status = workspace_status(team.workspace, team.competition)
    assert status.best_blend is not None
    assert status.best_blend.id == name


def test_a_newer_run_that_stays_behind_is_named_with_its_labels_and_perhaps_by_chance(
    team: Team,
) -> None:
    old, new = add_run(team, "old", ONE), add_run(team, "new", slice(0, 2))
    record = read_record(team.workspace.runs / new)
    answered = record.inputs | {"imported_labels": {"samples": 30, "content": "00"}}
    write_record(team.workspace.runs / new, record.model_copy(update={"inputs": answered}))
    blend(team, old, name="only-old")
    blend(team, old, new)
    _, lines = send(team)
    # 3 rows of 24 are right in the old run alone: a sign test has p = 0.25.
    pattern = (
        f"  the newest run, {new}, is not in it: 0.7500 out of fold is worse in 9[678]% of draws, "
        f"perhaps by chance; it learnt from 30 more labels of people; to send it: "
        f"podium submit {new}"
    )
    assert re.fullmatch(pattern, lines[-1])
    newest = add_run(team, "newest", slice(0, 0))
    blend(team, newest, name="only-newest")
    blend(team, old, new, newest)
    name, lines = send(team)
    assert name.startswith("only-newest")
    assert len(lines) == 1, "the newest run is what is sent"


def test_blends_that_are_as_good_as_the_best_are_named(team: Team) -> None:
    good, bad = add_run(team, "good", ONE), add_run(team, "bad", HALF)
    first, worse = blend(team, good, name="first"), blend(team, bad, name="worse")
    record = read_record(team.workspace.blends / first)
    again = record.model_copy(update={"id": "again-00000000", "created": now()})
    write_record(team.workspace.blends / again.id, again)
    best = finished_work(team.workspace, team.competition).best
    assert best is not None
    assert best.name == first
    assert best.why == "honest 0.8750, the best of 3 blends; as good: again-00000000"
    assert worse not in best.why


@pytest.mark.slow
def test_runs_that_no_blend_weighs_are_blended_first(team: Team) -> None:
    first = add_run(team, "first", HALF)
    before = blend(team, first, name="only-first")
    new = add_run(team, "second", ONE)
    work = finished_work(team.workspace, team.competition)
    assert work.not_blended == (first, new)
    name, lines = send(team)
    assert name != before
    assert new in read_record(team.workspace.blends / name).parents
    assert lines[-1].startswith(f"  no name is given, so {name} is taken: honest 0.8750")
    assert finished_work(team.workspace, team.competition).not_blended == ()


@pytest.mark.slow
def test_a_member_that_scores_better_alone_is_made_a_blend_and_sent(team: Team) -> None:
    good, bad = add_run(team, "good", ONE), add_run(team, "bad", slice(0, 7))
    both = blend(team, good, bad)
    best = finished_work(team.workspace, team.competition).best
    assert best is not None
    assert (best.name, best.blend.id, best.is_alone) == (good, both, True)
    name, lines = send(team)
    assert name.startswith("only-good-")
    told = f"  {good} is made a blend of its own: it scores better alone than {both}"
    assert told in lines


@pytest.mark.slow
def test_all_name_the_same_file_as_the_best(
    team: Team, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside the blend of `podium auto`: a run that is better alone, and a blend of one fold."""
    draw_nothing(monkeypatch)
    good, bad = add_run(team, "good", ONE), add_run(team, "bad", slice(0, 7))
    of_auto = blend(team, good, bad, name="auto")
    few = blend(team, add_run(team, "part", HALF, folds=(0,)), name="few")
    workspace, competition = team.workspace, team.competition
    file = write_blend_file(workspace, competition, workspace.blends / of_auto)
    assert best_names(team, few, capsys) == [good] * 4

    held = workspace.submissions / "auto.csv"
    held.write_text(file.read_text().replace("tst_000,0", "tst_000,2"))
    progress = RecordedProgress()
    runner = running._Runner(workspace, competition, team.root, held, None, progress)
    best = runner.end_with_best(of_auto)
    assert best is not None
    assert best.startswith("only-good-")
    assert f"  {good} is made a blend of its own: it scores better alone than {of_auto}" in (
        progress.lines
    )
    assert held.read_bytes() == (workspace.submissions / f"{best}.csv").read_bytes()
    assert best_names(team, few, capsys) == [best] * 4
    assert send(team)[0] == best
    assert runner.end_with_best(best) == best, "repeated, it changes nothing"

    def cannot(*_: object, **__: object) -> Path:
        raise SubmissionError("no space is left")

    monkeypatch.setattr(running, "write_blend_file", cannot)
    assert runner.end_with_best(of_auto) == of_auto
    assert progress.lines[-1] == f"  the file stays that of {of_auto}: no space is left"


@pytest.mark.slow
def test_all_name_the_simplest_of_equal_blends(
    team: Team, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    draw_nothing(monkeypatch)
    of_auto = blend(team, add_run(team, "good", ONE), add_run(team, "good-too", ONE), name="auto")
    alone = blend(team, "good-00000000", name="only-good")
    workspace, competition = team.workspace, team.competition
    assert best_names(team, of_auto, capsys) == [alone] * 4
    assert send(team)[0] == alone
    held = workspace.submissions / "auto.csv"
    runner = running._Runner(workspace, competition, team.root, held, None, RecordedProgress())
    assert runner.end_with_best(of_auto) == alone


def test_the_board_names_the_views_that_a_run_is_sent_with(
    team: Team, capsys: pytest.CaptureFixture[str]
) -> None:
    run = add_run(team, "one", ONE)
    record = read_record(team.workspace.runs / run)
    own = {**record.details, "predictions": "aabbccdd"}
    write_record(team.workspace.runs / run, record.model_copy(update={"details": own}))
    show = partial(show_board, offline=True, show_all=False, as_json=False)
    show(team.workspace, team.competition)
    assert "sent with" not in capsys.readouterr().out
    newest = team.workspace.runs / run / "predictions/11223344"
    shutil.copytree(newest.with_name("aabbccdd"), newest)
    os.utime(newest, (2e9, 2e9))
    views = {"views": ["identity", "hflip"], "tta_mean": "geometric"}
    (newest / "set.json").write_text(json.dumps({"details": views}))
    show(team.workspace, team.competition)
    assert "sent with hflip, geometric mean" in capsys.readouterr().out


def best_names(team: Team, other: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return the best by the status, as a blend that is another one ends, the board, the page."""
    workspace, competition = team.workspace, team.competition
    step = workspace_status(workspace, competition).next
    best = finished_work(workspace, competition).best
    show_board(workspace, competition, offline=True, show_all=False, as_json=False)
    page = build_report(workspace, competition).read_text(encoding="utf-8")
    [shown] = re.findall(r"<b>To send:</b> <bdi>(.*?)</bdi>", page)
    told = (
        f"{step.command} {step.purpose}",
        _next_step(workspace, competition, workspace.blends / other, best),
        capsys.readouterr().out.partition("the best of all that is finished: ")[2],
        shown,
    )
    names = (re.search(r"(good|only-good|auto|few)-[0-9a-f]{8}", one) for one in told)
    return ["" if one is None else one[0] for one in names]


def test_a_blend_tells_which_runs_lack_folds_and_which_blend_is_the_same(
    team: Team, capsys: pytest.CaptureFixture[str]
) -> None:
    good = add_run(team, "good", ONE)
    add_run(team, "part", HALF, folds=(0, 2))
    workspace, competition = team.workspace, team.competition
    options: dict[str, Any] = {"trials": 1, "plain": True}
    first = blend_runs(workspace, competition, [good], method="mean", name="auto", **options).name
    progress = RecordedProgress()
    folder = blend_runs(workspace, competition, progress=progress, **options)
    assert progress.lines[0] == (
        "  part-00000000 is left out: it has folds 0, 2 alone; "
        "podium train runs/part-00000000/recipe.yaml trains the others"
    )
    print_blend(workspace, folder, competition, with_next=True)
    alike = f"members, weights and decision are those of {first}: one file for all"
    assert alike in capsys.readouterr().out.splitlines()
    other = blend(team, add_run(team, "other", HALF))
    print_blend(workspace, workspace.blends / other, competition, with_next=True)
    assert "members, weights and decision" not in capsys.readouterr().out


@pytest.mark.slow
def test_a_run_that_scores_better_than_the_best_blend_is_the_best(team: Team) -> None:
    """It is a member of another blend, which is not the best, and so no note tells of it."""
    add_run(team, "good", ONE)
    for name in ("a", "b"):
        add_run(team, name, slice(1, 3))
    add_run(team, "bad", slice(0, 7))
    best = blend(team, "a-00000000", "b-00000000", name="pair")
    blend(team, "good-00000000", "bad-00000000")
    found = finished_work(team.workspace, team.competition)
    assert found.not_blended == ()
    assert found.ranked[0].score.id == best
    assert found.best is not None
    assert found.best.name == "good-00000000"
    assert found.best.why == (f"its OOF score, 0.8750, is better than honest 0.7500 of {best}")


@pytest.mark.slow
def test_a_run_is_blended_again_where_it_predicted_anew_or_has_further_folds(team: Team) -> None:
    one, other = add_run(team, "one", ONE), add_run(team, "other", HALF)
    blend(team, one, other)
    assert finished_work(team.workspace, team.competition).not_blended == ()
    predict(team, one, ONE, of="11223344")
    newest = team.workspace.runs / one / "predictions" / "11223344"
    os.utime(newest, (2e9, 2e9))
    assert finished_work(team.workspace, team.competition).not_blended == (one,)
    part = add_run(team, "part", ONE, folds=(0,))
    blend(team, other, part, name="part")
    predict(team, part, ONE)
    assert finished_work(team.workspace, team.competition).not_blended == (one, part)


@pytest.mark.slow
def test_a_blend_whose_runs_have_further_folds_since_is_not_sent_beside_one_of_all(
    team: Team,
) -> None:
    """Its score is of the first fold alone, and its file would be of all."""
    part, other = add_run(team, "part", ONE, folds=(0,)), add_run(team, "other", HALF)
    old = blend(team, part, name="old")
    assert finished_work(team.workspace, team.competition).ranked[0].score.id == old
    predict(team, part, slice(0, 7))  # the first fold stays as it was
    new = blend(team, part, other, name="new")
    found = finished_work(team.workspace, team.competition)
    assert [one.score.id for one in found.ranked] == [new]
    assert found.not_blended == ()


@pytest.mark.slow
def test_runs_of_other_folds_are_neither_blended_nor_sent(team: Team) -> None:
    old, other = add_run(team, "old", slice(0, 0)), add_run(team, "older", slice(0, 0))
    stale = blend(team, old, other, name="stale")
    assert send(team)[0] == stale
    table = team.workspace.folds_file.read_text().splitlines()
    turned = [f"{line[:-1]}{(int(line[-1]) + 1) % 3}" for line in table[1:]]
    team.workspace.folds_file.write_text("\n".join([table[0], *turned, ""]))
    work = finished_work(team.workspace, team.competition)
    assert (work.n_members, work.not_blended, work.best) == (0, (), None)
    again = Team(team.root)
    new = add_run(again, "new", HALF)
    name, lines = send(again)
    assert name != stale
    assert read_record(team.workspace.blends / name).parents == [new]
    assert any(f"{old} is left out" in line for line in lines)


@pytest.mark.slow
def test_a_blend_whose_runs_are_gone_is_not_sent(team: Team) -> None:
    good, bad = add_run(team, "good", ONE), add_run(team, "bad", HALF)
    gone, there = blend(team, good, name="gone"), blend(team, bad, name="there")
    shutil.rmtree(team.workspace.runs / good)
    assert send(team)[0] == there
    team.workspace.submissions.mkdir(exist_ok=True)
    (team.workspace.submissions / f"{gone}.csv").write_text("")
    found = finished_work(team.workspace, team.competition)
    assert found.ranked[0].score.id == gone, "its file can be handed in"


@pytest.mark.slow
@pytest.mark.parametrize("had_test", [True, False])
def test_a_blend_of_other_test_rows_is_not_sent(team: Team, had_test: bool) -> None:
    """As where test images come later: the run predicts them in a set of its own."""
    run = add_run(team, "one", ONE)
    old = blend(team, run, name="old")
    of_old = team.workspace.runs / run / "predictions/aabbccdd"
    shutil.rmtree(of_old / "test")
    if had_test:
        about: dict[str, Any] = {"fold": 0, "model": f"{run}/fold-0/last"}
        probs = team.test_probs()[:1]
        write_fold(of_old, "test", "classify", ids=team.test[:1], probs=probs, **about)
    predict(team, run, ONE, of="11223344")
    os.utime(of_old, (1e9, 1e9))
    name, _ = send(team)
    assert name != old
    write_blend_file(team.workspace, team.competition, team.workspace.blends / name)
    assert workspace_status(team.workspace, team.competition).best_blend is not None


@pytest.mark.slow
def test_a_file_of_other_folds_is_kept_when_it_is_written_anew(team: Team) -> None:
    part = add_run(team, "part", ONE, folds=(0,))
    folder = team.workspace.blends / blend(team, part)
    file = write_blend_file(team.workspace, team.competition, folder)
    of_one = file.read_bytes()
    progress = RecordedProgress()
    write_blend_file(team.workspace, team.competition, folder, progress=progress)
    assert progress.lines == []
    assert list(team.workspace.submissions.glob("*.csv")) == [file]
    predict(team, part, ONE)  # its other folds predict the test set, too
    write_blend_file(team.workspace, team.competition, folder, progress=progress)
    assert file.read_bytes() != of_one
    (kept,) = (one for one in team.workspace.submissions.glob("*.csv") if one != file)
    assert kept.read_bytes() == of_one
    assert kept.name.startswith(f"{file.stem}-before-")
    assert is_file_before(kept.name)
    assert not is_file_before(file.name)
    (line,) = progress.lines
    assert line.endswith(f"it is kept as {kept.name}")
