"""From receipts and blends to what to choose, on a workspace whose blends were made by hand."""

from __future__ import annotations

import functools
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from ensembling.fits import fit_rows
from typer.testing import CliRunner

from podium.cli.app import app
from podium.competition.spec import Competition, load_competition
from podium.ensembling.blend import Blend
from podium.ensembling.honest import UNITS_FILE, OofUnits
from podium.ensembling.record import write_blend
from podium.ensembling.rows import OofRows
from podium.errors import UsageError
from podium.submissions.board.analysis import BoardAnalysis, n_test_units
from podium.submissions.board.view import RunScore, board
from podium.submissions.upload.receipt import prepare_receipt, save_receipt
from podium.workflows.board import analyse_board, analyse_board_or_explain
from podium.workspace.atomic import write_bytes
from podium.workspace.layout import Workspace

SPEC = """\
name: shapes
tasks: {classify: multiclass}
classes: [cat, dog]
data: {train: {images: "train/{class}/*.png"}, test: {images: "test/*.png"}}
metric: {name: accuracy}
kaggle: {slug: shapes%s}
"""
N, N_TEST = 300, 200
TRUTH = np.arange(N) % 2
IDS = tuple(f"u{i:03d}" for i in range(N))


def member(seed: int, p: float) -> np.ndarray:
    hits = np.random.default_rng(seed).random(N) < p
    predicted = np.where(hits, TRUTH, 1 - TRUTH)
    return np.stack([1 - predicted, predicted], axis=1).astype(np.float32)


@functools.cache  # most tests have the same few blends
def fitted(place: int, p: float) -> tuple[Blend, OofUnits]:
    rows = OofRows(member(place, p)[None], TRUTH, np.arange(N) % 3, None, (f"m{place}",), ids=IDS)
    return fit_rows(rows, "accuracy", "multiclass", trials=2, n_resamples=100)


def add(
    workspace: Workspace,
    competition: Competition,
    place: int,
    p: float,
    public: float | None,
    *,
    with_units: bool = True,
    source: str | None = None,
) -> str:
    """Write a blend of accuracy `p` and the receipt of its file; return the blend's id."""
    made, units = fitted(place, p)
    sets = [workspace.runs / f"r{place}" / "predictions" / "aabbccdd"]
    folder = write_blend(
        workspace, made, sets, name=f"b{place}", units=units if with_units else None
    )
    file = workspace.root / f"f{place}.csv"
    file.write_text(f"{place}\n")
    sources = [folder.name] if source is None else [source]
    receipt = prepare_receipt(
        workspace, file, slug="shapes", target="kaggle", message="", sources=sources,
        honest=made.honest if source is None else None,
    )  # fmt: skip
    state = "complete" if public is not None else "submitted"
    changes = {"state": state, "public_score": public, "ref": place}
    changes["created"] = receipt.created + timedelta(seconds=place)
    save_receipt(workspace, receipt.model_copy(update=changes), file)
    return folder.name


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "competition.yaml").write_text(SPEC % "")
    (tmp_path / "test").mkdir()
    for k in range(N_TEST):
        (tmp_path / "test" / f"t{k:03d}.png").write_bytes(b"")
    return Workspace(tmp_path)


@pytest.fixture
def competition(workspace: Workspace) -> Competition:
    return load_competition(workspace.root)


def analysed(workspace: Workspace, competition: Competition, **options: object) -> BoardAnalysis:
    given = {"public_share": 0.3, **options}
    return analyse_board(workspace, competition, board(workspace, competition), **given)


def test_without_a_host_nothing_is_to_be_submitted(workspace):
    assert_why = "there is no complete submission yet: podium submit"
    assert analysed(workspace, load_competition(workspace.root)).why_not["finals"] == assert_why
    spec = workspace.root / "competition.yaml"
    spec.write_text((SPEC % "").replace("kaggle: {slug: shapes}\n", ""))
    why = analysed(workspace, load_competition(workspace.root)).why_not["finals"]
    assert "no slug and no host" in why
    assert "write kaggle.slug" in why


def test_four_blends_give_a_line_a_shake_up_and_two_to_choose(workspace, competition):
    scores = {1: 0.7, 2: 0.75, 3: 0.8, 4: 0.85}
    ids = {place: add(workspace, competition, place, p, p) for place, p in scores.items()}
    found = analysed(workspace, competition)
    assert found.why_not == {}
    assert found.cv_lb.n == 4
    assert found.cv_lb.rank_correlation > 0.7
    assert (found.shake_up.n_public, found.shake_up.n_private) == (60, 140)
    assert len(found.finals.chosen) == 2
    assert found.came_from[found.finals.chosen[0]] == ids[4]
    assert json.loads(json.dumps(found.as_dict()))["public_share"] == 0.3


@pytest.mark.slow
def test_missing_public_share_is_requested_and_the_cv_lb_line_is_fitted(workspace, competition):
    for place in (1, 2, 3):
        add(workspace, competition, place, 0.6 + 0.1 * place, 0.6 + 0.1 * place)
    found = analysed(workspace, competition, public_share=None)
    assert found.cv_lb.slope is not None
    assert found.finals is None
    assert "kaggle.public_share" in found.why_not["finals"]
    (workspace.root / "competition.yaml").write_text(SPEC % ", public_share: 0.4")
    known = analysed(workspace, load_competition(workspace.root), public_share=None)
    assert known.shake_up.n_public == 80


def test_an_embedded_host_names_its_public_rows(workspace, competition):
    for place in (1, 2):
        add(workspace, competition, place, 0.7 + 0.1 * place, 0.8)
    host = workspace.root / "host"
    host.mkdir()
    (workspace.root / "competition.yaml").write_text(SPEC % ", host: host")
    hosted = load_competition(workspace.root)
    rows = [("id", "label", "Usage"), ("a", 0, "Public"), ("b", 0, "Private"), ("c", 1, "ignored")]
    (host / "solution.csv").write_text("".join(f"{a},{b},{c}\n" for a, b, c in rows))
    found = analysed(workspace, hosted, public_share=None)
    assert found.public_share == 0.5
    assert found.finals is not None
    (host / "solution.csv").write_text("id,label\na,0\n")
    assert "no private score" in analysed(workspace, hosted, public_share=None).why_not["finals"]
    (host / "solution.csv").unlink()
    assert analysed(workspace, hosted, public_share=None).public_share is None


def test_nothing_to_choose_from_is_reported(workspace, competition):
    nothing = analysed(workspace, competition)
    assert "podium submit" in nothing.why_not["finals"]
    add(workspace, competition, 1, 0.7, None)
    waiting = analysed(workspace, competition)
    assert "podium board" in waiting.why_not["finals"]
    add(workspace, competition, 2, 0.8, 0.8)
    alone = analysed(workspace, competition)
    assert "needs two" in alone.why_not["finals"]
    assert alone.shake_up is not None
    assert "1 submission" in alone.why_not["cv_lb"]


def test_blends_without_units_and_files_of_unknown_source_are_left_out(workspace, competition):
    for place in (1, 2):
        add(workspace, competition, place, 0.7 + 0.1 * place, 0.8)
    add(workspace, competition, 3, 0.8, 0.8, with_units=False)
    add(workspace, competition, 4, 0.8, 0.9, source="elsewhere.csv")
    found = analysed(workspace, competition)
    reasons = " | ".join(found.left_out.values())
    assert len(found.left_out) == 2
    assert "podium blend r3 --name b3 --method mean --trials 2" in reasons
    assert "elsewhere.csv is no blend here" in reasons
    assert any("2 complete submissions are left out" in one for one in found.finals.unknown)


def test_adopted_submissions_are_matched_to_likely_sources_and_marked_unreliable(
    workspace, competition
):
    for place in (1, 2):
        add(workspace, competition, place, 0.7 + 0.1 * place, 0.8)
    view = board(workspace, competition)
    best = view.rows[0]
    adopted = replace(best, id="adopted", sources=(), adopted=True, likely_from=best.sources)
    strange = replace(adopted, id="strange", likely_from=())
    rows = (adopted, strange, *view.rows[1:])
    found = analyse_board(workspace, competition, replace(view, rows=rows), public_share=0.3)
    doubts = {one.id: one.doubt for one in found.finals.candidates}
    assert "only likely" in doubts["adopted"]
    assert found.finals.chosen[0] != "adopted"
    assert "sent by other means" in found.left_out["strange"]


def test_optimistic_or_outlying_submissions_are_flagged_and_never_first(workspace, competition):
    scores = {1: (0.7, 0.7), 2: (0.75, 0.75), 3: (0.8, 0.8), 4: (0.85, 0.85), 5: (0.95, 0.3)}
    ids = {place: add(workspace, competition, place, *pair) for place, pair in scores.items()}
    view = board(workspace, competition)
    # The parents of a blend are its runs; that of the fourth was chosen on its fold.
    runs = (RunScore("r4", {}, 0.85, selected_on_fold=True),)
    found = analyse_board(workspace, competition, replace(view, runs=runs), public_share=0.3)
    doubts = {found.came_from[one.id]: one.doubt for one in found.finals.candidates}
    assert "r4 was chosen on its own fold" in doubts[ids[4]]
    assert "much worse" in doubts[ids[5]]
    assert found.came_from[found.finals.chosen[0]] == ids[3]


def test_a_file_named_after_a_blend_is_likely_of_it(workspace, competition):
    ids = [add(workspace, competition, place, 0.7 + 0.1 * place, 0.8) for place in (1, 2)]
    view = board(workspace, competition)
    named = replace(view.rows[0], sources=(f"submissions/{ids[1]}.csv",))
    found = analyse_board(
        workspace, competition, replace(view, rows=(named, view.rows[1])), public_share=0.3
    )
    assert found.came_from[named.id] == ids[1]
    assert {one.doubt.partition(":")[0] for one in found.finals.candidates} == {
        "", "sent as a file"
    }  # fmt: skip


def test_a_damaged_or_foreign_units_file_is_refused(workspace, competition):
    ids = [add(workspace, competition, place, 0.6 + 0.1 * place, 0.8) for place in (1, 2, 3)]
    one, other = (workspace.blends / name / UNITS_FILE for name in ids[:2])
    write_bytes(one, b"PK")
    write_bytes(other, (workspace.blends / ids[2] / UNITS_FILE).read_bytes())
    reasons = " | ".join(analysed(workspace, competition).left_out.values())
    assert "cannot be read" in reasons
    assert "another score" in reasons


def test_the_same_file_sent_again_is_one_candidate(workspace, competition):
    for place in (1, 2):
        add(workspace, competition, place, 0.7 + 0.1 * place, 0.8)
    view = board(workspace, competition)
    again = replace(view.rows[0], id="again")
    found = analyse_board(
        workspace, competition, replace(view, rows=(again, *view.rows)), public_share=0.3
    )
    assert len(found.finals.candidates) == 2
    assert "the same as" in found.left_out[view.rows[0].id]


def test_the_size_of_the_test_set_is_that_of_its_folder(workspace, competition):
    assert n_test_units(competition) == N_TEST


def test_a_share_that_is_none_is_refused(workspace, competition):
    with pytest.raises(UsageError, match="between 0 and 1"):
        analysed(workspace, competition, public_share=30)


def test_the_command_proposes_two_and_shows_where_to_select_them(
    workspace, competition, monkeypatch
):
    for place in (1, 2, 3):
        add(workspace, competition, place, 0.6 + 0.1 * place, 0.6 + 0.1 * place)
    call = ["-w", str(workspace.root), "finals", "--offline", "--public-share", "0.3"]
    done = CliRunner().invoke(app, call)
    assert done.exit_code == 0, done.output
    for text in (
        "CV–LB over 3 submissions", "shake-up: ", "1. ", "the best honest score",
        "two best public", "best OOF twice", "expected regret", "competitions/shapes/submissions",
        "unknown:",
    ):  # fmt: skip
        assert text in done.output
    as_json = CliRunner().invoke(app, [*call, "--json"])
    assert len(json.loads(as_json.stdout)["finals"]["chosen"]) == 2


def test_the_finals_of_a_class_are_ticked_at_its_host(
    workspace: Workspace, competition: Competition, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in (3, 4):
        add(workspace, competition, place, 0.7 + place / 50, 0.7 + place / 50)
    call = ["-w", str(workspace.root), "finals", "--offline", "--public-share", "0.3"]
    assert "kaggle.com/competitions/shapes" in CliRunner().invoke(app, call).stdout
    with monkeypatch.context() as shell:
        shell.setenv("KAGGLE_API_ENVIRONMENT", "LOCALHOST")
        shell.setenv("HTTP_PROXY", "http://127.0.0.1:8123")
        [line] = CliRunner().invoke(app, call).stdout.splitlines()[-1:]
        assert "http://127.0.0.1:8123/competitions/shapes/team," in line
        assert "kaggle.com" not in line
    for file in workspace.submissions.glob("*/receipt.json"):  # another shell, later
        write_bytes(file, file.read_bytes().replace(b'"kaggle"', b'"host"'))
    [line] = CliRunner().invoke(app, call).stdout.splitlines()[-1:]
    assert line.startswith("tick them on the team's page of the host, before")


def test_the_command_ends_as_a_wrong_use_where_nothing_can_be_proposed(workspace, competition):
    add(workspace, competition, 1, 0.7, 0.7)
    done = CliRunner().invoke(
        app, ["-w", str(workspace.root), "finals", "--offline", "--public-share", "0.3"]
    )
    assert done.exit_code == 2
    assert "needs two" in done.output


def test_the_board_has_a_line_of_each_and_its_json_the_analysis(workspace, competition):
    (workspace.root / "competition.yaml").write_text(SPEC % ", public_share: 0.3")
    for place in (1, 2, 3):
        add(workspace, competition, place, 0.6 + 0.1 * place, 0.6 + 0.1 * place)
    call = ["-w", str(workspace.root), "board", "--offline"]
    lines = CliRunner().invoke(app, call).output.splitlines()
    assert sum(line.startswith("CV–LB over 3") for line in lines) == 1
    assert sum(line.startswith("shake-up: private") for line in lines) == 1
    found = json.loads(CliRunner().invoke(app, [*call, "--json"]).stdout)["analysis"]
    assert found["shake_up"]["n_public"] == 60


def test_a_failed_analysis_does_not_stop_the_board(workspace, competition):
    add(workspace, competition, 1, 0.7, 0.7)
    view = board(workspace, competition)
    text = (SPEC % "").replace("name: accuracy", 'name: "gone:METRIC"')
    (workspace.root / "competition.yaml").write_text(text)
    found = analyse_board_or_explain(workspace, load_competition(workspace.root), view)
    assert found.cv_lb is None
    assert "no module 'gone'" in found.why_not["shake_up"]
