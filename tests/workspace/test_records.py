"""Tests of records: written whole, read back the same, refused with a reason."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

import podium
from podium.errors import RunError
from podium.workspace.layout import Workspace
from podium.workspace.records import RECORD_FILE, Record, read_record, scan, write_record

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def record(**changes):
    about = {"kind": "run", "id": "a-00000001", "name": "a", "created": NOON, "status": "finished"}
    return Record(**about | changes)


def test_a_record_reads_back_as_it_was_written(tmp_path):
    written = record(scores={"folds": {"0": 0.1 + 0.2}}, parents=["b"], inputs={"files": "ab"})
    write_record(tmp_path, written)
    assert read_record(tmp_path) == written
    assert written.podium == podium.__version__


def test_times_are_kept_in_utc_and_naive_ones_refused(tmp_path):
    summer = timezone(timedelta(hours=2))
    assert record(created=datetime(2026, 7, 1, 14, tzinfo=summer)).created.hour == 12
    with pytest.raises(ValidationError):
        record(created=datetime(2026, 7, 1))


def test_a_score_that_is_not_a_number_is_never_written(tmp_path):
    write_record(tmp_path, record())
    with pytest.raises(RunError, match=r"scores\.oof is no finite number"):
        write_record(tmp_path, record(scores={"oof": float("nan")}))
    assert read_record(tmp_path).scores == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{", "not a record"),
        ("{}", "not a record: kind"),
        ("[]", "not a record"),
        (record().model_dump_json().replace('"finished"', '"ready"'), "not a record: status"),
        (record().model_dump_json()[:-1] + ',"x":1}', "not a record: x"),
        (record().model_dump_json().replace(":1,", ":2,", 1), "schema version must be 1, got 2"),
    ],
)
def test_a_file_that_is_no_record_is_refused_by_name(tmp_path, text, expected):
    (tmp_path / RECORD_FILE).write_text(text)
    with pytest.raises(RunError, match=expected) as caught:
        read_record(tmp_path)
    assert caught.value.where == str(tmp_path / RECORD_FILE)
    assert caught.value.fix


def test_a_missing_record_is_reported(tmp_path):
    with pytest.raises(RunError, match="there is no record"):
        read_record(tmp_path)


def test_scan_finds_every_room_and_leaves_out_what_it_cannot_read(tmp_path, caplog):
    workspace = Workspace(tmp_path)
    for room in ("runs", "blends", "imports", "pseudo", "submissions"):
        write_record(tmp_path / room / "a-00000001", record(name=room))
    (tmp_path / "runs" / "b-00000002").mkdir()
    (tmp_path / "runs" / "b-00000002" / RECORD_FILE).write_text("{")
    found = scan(workspace)
    assert sorted(one.name for _, one in found) == sorted(
        ("runs", "blends", "imports", "pseudo", "submissions")
    )
    assert all((folder / RECORD_FILE).is_file() for folder, _ in found)
    assert "b-00000002" in caplog.text
