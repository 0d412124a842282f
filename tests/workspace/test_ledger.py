"""Tests of the ledger: an index that may be lost, broken or shared at any time."""

import json
import shutil
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from forked import ForkedScript

from podium.workspace.layout import Workspace
from podium.workspace.ledger import Ledger
from podium.workspace.records import Record, write_record

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def add(workspace, kind, name, at=0, **more):
    room = {"run": workspace.runs, "blend": workspace.blends}[kind]
    identity = f"{name}-{at:08x}"
    about = {"kind": kind, "id": identity, "name": name, "created": NOON + timedelta(hours=at)}
    write_record(room / identity, Record(**about | {"status": "finished"} | more))
    return room / identity


def add_receipt(workspace, identity, **changes):
    folder = workspace.submissions / identity
    folder.mkdir(parents=True, exist_ok=True)
    receipt = {
        "id": identity,
        "state": "complete",
        "file_sha256": "ab",
        "description_id": "podium-1",
        "sources": ["a-00000000"],
        "honest": 0.7,
        "public_score": 0.6,
        "private_score": None,
        "created": "2026-11-21T12:00:00Z",
    }
    (folder / "receipt.json").write_text(json.dumps(receipt | changes))
    return folder


@pytest.fixture
def workspace(tmp_path):
    workspace = Workspace(tmp_path)
    add(workspace, "run", "b", at=2, scores={"oof": 0.5}, parents=["x"])
    add(workspace, "run", "a", at=1)
    add(workspace, "blend", "mix", at=3)
    add_receipt(workspace, "0123abcd")
    workspace.board.mkdir()
    (workspace.board / "leaderboard.jsonl").write_text('{"rank": 3}\n\n{"rank": 2}\n')
    return workspace


def ids(ledger, kind=None):
    return [artefact.id for artefact in ledger.artefacts(kind)]


def test_a_rebuild_counts_what_the_files_hold(workspace):
    assert Ledger(workspace).rebuild() == {"blend": 1, "run": 2, "submission": 1, "snapshot": 2}


def test_artefacts_come_oldest_first_with_what_their_files_hold(workspace):
    ledger = Ledger(workspace)
    ledger.refresh()
    assert ids(ledger) == ["a-00000001", "b-00000002", "mix-00000003", "0123abcd"]
    assert ids(ledger, "run") == ["a-00000001", "b-00000002"]
    b = ledger.artefacts("run")[1]
    assert (b.scores, b.parents, b.status) == ({"oof": 0.5}, ("x",), "finished")
    assert b.created == NOON + timedelta(hours=2)
    assert workspace.root / b.folder == workspace.runs / "b-00000002"
    sent = ledger.artefacts("submission")[0]
    assert sent.scores == {"honest": 0.7, "public_score": 0.6}
    assert sent.details["description_id"] == "podium-1"
    assert ledger.snapshots() == [{"rank": 3}, {"rank": 2}]


@pytest.mark.parametrize(
    ("state", "status"),
    [("complete", "finished"), ("error", "failed"), ("uploading", "unfinished")],
)
def test_a_receipts_state_becomes_a_status(workspace, state, status):
    add_receipt(workspace, "0123abcd", state=state)
    ledger = Ledger(workspace)
    ledger.refresh()
    assert ledger.artefacts("submission")[0].status == status


def test_a_refresh_reads_only_what_changed(workspace):
    ledger = Ledger(workspace)
    assert ledger.refresh() == 5
    assert ledger.refresh() == 0
    add(workspace, "run", "b", at=2, scores={"oof": 0.875})
    shutil.rmtree(workspace.blends)
    assert ledger.refresh() == 2
    assert ids(ledger) == ["a-00000001", "b-00000002", "0123abcd"]
    assert ledger.artefacts("run")[1].scores == {"oof": 0.875}


def test_deleting_the_private_folder_loses_nothing(workspace):
    ledger = Ledger(workspace)
    ledger.refresh()
    before = ledger.artefacts()
    shutil.rmtree(workspace.private)
    assert ledger.artefacts() == before
    shutil.rmtree(workspace.private)
    fresh = Ledger(workspace)
    fresh.refresh()
    assert fresh.artefacts() == before


def test_files_that_cannot_be_read_are_named_and_skipped(workspace, caplog):
    (workspace.runs / "a-00000001" / "record.json").write_text("{")
    add_receipt(workspace, "0123abcd", created="yesterday")
    (workspace.board / "leaderboard.jsonl").write_text('{"rank": 3}\nno json\n{"rank": 2}\n')
    ledger = Ledger(workspace)
    assert ledger.rebuild() == {"blend": 1, "run": 1, "snapshot": 2}  # a bad line costs no other
    assert len(ledger.problems) == 3
    for named in ("a-00000001/record.json", "0123abcd/receipt.json", "leaderboard.jsonl:2"):
        assert any(named in problem for problem in ledger.problems)
        assert named in caplog.text


def test_a_last_line_that_a_killed_process_left_cut_is_left_out(workspace):
    (workspace.board / "leaderboard.jsonl").write_text('{"rank": 3}\n{"ra')
    ledger = Ledger(workspace)
    ledger.refresh()
    assert ledger.snapshots() == [{"rank": 3}]
    assert ledger.problems == []


def test_a_broken_index_is_made_again(workspace):
    ledger = Ledger(workspace)
    ledger.refresh()
    before = ids(ledger)
    workspace.ledger_db.write_bytes(b"no database " * 1000)
    assert ids(ledger) == before
    workspace.ledger_db.write_bytes(b"no database " * 1000)
    fresh = Ledger(workspace)
    fresh.refresh()
    assert ids(fresh) == before


def test_an_index_of_another_schema_is_made_again(workspace):
    ledger = Ledger(workspace)
    ledger.refresh()
    before = ids(ledger)
    with sqlite3.connect(workspace.ledger_db) as connection:
        connection.execute("UPDATE about SET schema_version = 99")
        connection.execute("ALTER TABLE artefact RENAME COLUMN kind TO sort")
    connection.close()
    fresh = Ledger(workspace)
    fresh.refresh()
    assert ids(fresh) == before


def test_where_no_index_can_be_written_it_is_kept_in_memory(workspace):
    workspace.private.write_text("a file where the folder should be")
    ledger = Ledger(workspace)
    assert ledger.rebuild()["run"] == 2
    assert len(ids(ledger)) == 4


def test_a_locked_index_is_not_thrown_away(workspace, monkeypatch):
    monkeypatch.setattr("podium.workspace.ledger._WAIT_FOR_DATABASE_S", 0.1)
    Ledger(workspace).refresh()
    inode = workspace.ledger_db.stat().st_ino
    other = sqlite3.connect(workspace.ledger_db, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        ledger = Ledger(workspace)
        ledger.refresh()
        assert len(ids(ledger)) == 4
    finally:
        other.close()
    assert workspace.ledger_db.stat().st_ino == inode


def test_several_processes_may_make_the_index_at_once(workspace):
    code = (
        "import sys; from pathlib import Path; from podium.workspace.layout import Workspace;"
        "from podium.workspace.ledger import Ledger; ledger = Ledger(Workspace(Path(sys.argv[1])));"
        "ledger.refresh(); print(len(ledger.artefacts()))"
    )
    running = [ForkedScript(code, [workspace.root]) for _ in range(3)]
    assert [process.communicate() for process in running] == [("4\n", "")] * 3
    assert len(ids(Ledger(workspace))) == 4
