from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from podium.errors import HostError
from podium.submissions import Endpoint, submit_file
from podium.submissions.board.view import board
from podium.submissions.upload.client import ListedSubmission
from podium.workspace.records import Record, write_record

ENDPOINT = Endpoint("http://127.0.0.1:9")
AT = datetime(2026, 11, 20, 6, 58, tzinfo=UTC)


@pytest.fixture
def sent(workspace, competition_of, good_file, host):
    """One submission, made from a blend of one run whose records lie beside it; not scored yet."""
    competition = competition_of()
    for folder, record in [
        (
            workspace.blends / "blend-0a1b2c3d",
            Record(
                kind="blend",
                id="blend-0a1b2c3d",
                name="blend",
                created=AT,
                status="finished",
                parents=["base-11111111"],
                scores={"honest": 0.71, "honest_interval": [0.6, 0.8], "optimistic": 0.74},
            ),
        ),
        (
            workspace.runs / "base-11111111",
            Record(
                kind="run",
                id="base-11111111",
                name="base",
                created=AT,
                status="finished",
                scores={"folds": {"0": 0.7, "1": 0.72}, "oof": 0.71},
                details={"n_folds": 5},
            ),
        ),
    ]:
        folder.mkdir(parents=True)
        write_record(folder, record)
    host.wait = lambda marker, wait_s: None
    submit_file(
        workspace,
        competition,
        good_file,
        endpoint=ENDPOINT,
        client=host,
        provenance=["blend-0a1b2c3d"],
    )
    return competition


def test_the_board_works_without_the_host(sent, workspace):
    view = board(workspace, sent)
    (row,) = view.rows
    assert (row.state, row.public_score) == ("submitted", None)
    assert (row.honest, row.honest_interval, row.optimistic) == (0.71, (0.6, 0.8), 0.74)
    assert view.runs[0].folds == {"0": 0.7, "1": 0.72}
    assert view.runs[0].n_folds == 5
    assert view.quota_left is None
    (blend,) = view.blends
    assert (blend.id, blend.members, blend.honest) == ("blend-0a1b2c3d", ("base-11111111",), 0.71)


def test_the_board_names_the_files_that_no_host_has(sent, workspace, good_file):
    assert board(workspace, sent).unsent == ()
    workspace.submissions.joinpath("sent.csv").write_bytes(good_file.read_bytes())
    workspace.submissions.joinpath("other.csv").write_text("id,label\na.png,cat\n")
    workspace.submissions.joinpath("results.json").write_text("[]\n")
    workspace.submissions.joinpath("rehearsal-of-train-a.csv").write_text("id,label\na.png,cat\n")
    assert board(workspace, sent).unsent == ("other.csv", "results.json")


def test_asking_the_host_brings_scores_quota_and_a_snapshot(sent, workspace, host):
    type(host).wait(host, host.submissions[0].description, 0)  # the host scores it
    host.submissions.append(
        ListedSubmission(2, None, "by hand", "x.csv", "COMPLETE", "", 0.1, None)
    )
    view = board(workspace, sent, ENDPOINT, client=host)
    by_hand, ours = sorted(view.rows, key=lambda row: not row.adopted)
    assert (ours.public_score, by_hand.public_score, by_hand.message) == (0.75, 0.1, "by hand")
    assert (view.quota_left, by_hand.adopted, ours.adopted) == (3, True, False)
    assert board(workspace, sent).rows == view.rows  # it was written down
    board(workspace, sent, ENDPOINT, client=host)
    (line,) = (workspace.board / "leaderboard.jsonl").read_text().splitlines()  # nothing changed
    assert json.loads(line)["top"] == [["us", 0.75]]


def test_a_line_cut_by_a_kill_does_not_swallow_the_next(sent, workspace, host):
    workspace.board.mkdir()
    (workspace.board / "leaderboard.jsonl").write_text('{"half":')
    board(workspace, sent, ENDPOINT, client=host)
    lines = (workspace.board / "leaderboard.jsonl").read_text().splitlines()
    assert lines[0] == '{"half":'
    assert json.loads(lines[1])["kind"] == "leaderboard"


def test_a_host_that_does_not_answer_is_an_error_and_the_offline_board_still_works(
    sent, workspace, host
):
    host.fail = {"listing": "before"}
    with pytest.raises(HostError):
        board(workspace, sent, ENDPOINT, client=host)
    assert len(board(workspace, sent).rows) == 1


def test_a_broken_receipt_is_skipped_and_named(sent, workspace, caplog):
    folder = workspace.submissions / "ffffffff"
    folder.mkdir()
    (folder / "receipt.json").write_text("{")
    assert len(board(workspace, sent).rows) == 1
    assert "ffffffff" in caplog.text


def test_the_view_is_json(sent, workspace):
    assert json.loads(json.dumps(board(workspace, sent).as_dict()))["rows"][0]["honest"] == 0.71


def test_the_ledger_knows_the_submission_from_its_receipt(sent, workspace):
    from podium.workspace.ledger import Ledger

    ledger = Ledger(workspace)
    ledger.rebuild()
    (row,) = ledger.artefacts("submission")
    assert row.parents == ("blend-0a1b2c3d",) or list(row.parents) == ["blend-0a1b2c3d"]


def test_a_submission_is_ranked_among_the_other_teams(sent, workspace, host):
    type(host).wait(host, host.submissions[0].description, 0)  # the host scores it: 0.75
    (row,) = board(workspace, sent, ENDPOINT, client=host).rows
    for file in workspace.board.iterdir():
        file.unlink()
    line = {"kind": "leaderboard", "at": AT.isoformat(), "target": row.target, "n_teams": 3}
    line |= {"top": [["best", 0.8], ["us", 0.78], ["them", 0.5]], "own": [2, "us", 0.78]}
    (workspace.board / "leaderboard.jsonl").write_text(json.dumps(line))
    (row,) = board(workspace, sent).rows
    assert (row.rank, row.n_teams) == (2, 3), "our better score is no rival"
    line |= {"top": [["them", 0.75], ["us", 0.75], ["last", 0.5]], "own": [2, "us", 0.75]}
    (workspace.board / "leaderboard.jsonl").write_text(json.dumps(line))
    (row,) = board(workspace, sent).rows
    assert (row.rank, row.n_teams) == (2, 3), "of a tie the host knows the order"
