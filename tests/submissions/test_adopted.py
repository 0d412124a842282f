"""Submissions sent by other means: each is one row, whatever is listed how often."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from podium.submissions import Endpoint, submit_file
from podium.submissions.board.view import board
from podium.submissions.upload.client import HostListing, Limits, ListedSubmission
from podium.submissions.upload.receipt import prepare_receipt
from podium.workspace.layout import Workspace
from podium.workspace.ledger import Ledger
from podium.workspace.records import Record, write_record

ENDPOINT = Endpoint("http://127.0.0.1:9")
DATE = "2026-11-20T06:58:54.318000Z"
STATUSES = st.sampled_from(["PENDING", "COMPLETE", "ERROR"])


def entry(ref, description="by hand", *, name="x.csv", score=0.5, status="COMPLETE", size=None):
    return ListedSubmission(ref, DATE, description, name, status, "", score, None, bytes=size)


class Lists:
    """A client that lists what it is given."""

    def __init__(self, *entries):
        self.entries = entries

    def listing(self):
        return HostListing(Limits(1, 1, 4), tuple(self.entries), ())


def board_with(workspace, competition, *entries):
    return board(workspace, competition, ENDPOINT, client=Lists(*entries))


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.dictionaries(st.integers(1, 5), STATUSES, max_size=5), max_size=6))
def test_no_sequence_of_listings_loses_or_doubles_a_row(tmp_path_factory, competition_of, listings):
    competition = competition_of()
    workspace = Workspace(tmp_path_factory.mktemp("w"))
    newest = {}
    for statuses in listings:
        entries = [entry(ref, f"number {ref}", status=status) for ref, status in statuses.items()]
        newest |= statuses
        for _ in range(2):
            view = board_with(workspace, competition, *entries)
        states = {"PENDING": "submitted", "COMPLETE": "complete", "ERROR": "error"}
        expected = {(ref, states[status]) for ref, status in newest.items()}
        assert len(view.rows) == len(newest)
        assert {(row.ref, row.state) for row in view.rows} == expected
        assert board(workspace, competition).rows == view.rows  # without the host


def test_a_file_of_a_blend_s_name_brings_its_honest_score(workspace, competition_of):
    folder = workspace.blends / "mix-0a1b2c3d"
    folder.mkdir(parents=True)
    record = Record(
        kind="blend",
        id="mix-0a1b2c3d",
        name="mix",
        created=datetime(2026, 11, 20, tzinfo=UTC),
        status="finished",
        parents=["a-11111111", "b-22222222"],
        scores={"honest": 0.71, "honest_interval": [0.6, 0.8]},
        details={"method": "mean"},
    )
    write_record(folder, record)
    (row,) = board_with(workspace, competition_of(), entry(1, name="mix-0a1b2c3d.csv")).rows
    assert (row.adopted, row.likely_from, row.honest) == (True, ("mix-0a1b2c3d",), 0.71)
    assert row.came_from == "likely mix-0a1b2c3d (mean of a-11111111 and b-22222222)"
    runs = [*record.parents, "c-33333333"]
    weighed = record.model_copy(
        update={
            "parents": runs,
            "inputs": {"sets": [f"runs/{one}/predictions/aabbccdd" for one in runs]},
            "details": {"method": "paying", "weights": [0.6, 0, 0.4]},
        }
    )
    write_record(folder, weighed)
    (row,) = board(workspace, competition_of()).rows
    told = "weighted mean, where a member must pay, of a-11111111 and c-33333333"
    assert row.came_from == f"likely mix-0a1b2c3d ({told})", "one without a weight is not named"
    assert board(workspace, competition_of()).blends[0].weighed == ("a-11111111", "c-33333333")


def test_submission_from_another_machine_is_matched_by_content(workspace, competition_of):
    workspace.submissions.mkdir()
    for name, label in (("a-11111111", "cat"), ("b-22222222", "dog")):  # of one size
        (workspace.submissions / f"{name}.csv").write_text(f"id,label\na.png,{label}\n")
    file = workspace.submissions / "b-22222222.csv"
    there = prepare_receipt(workspace, file, slug="pets", target="host", message="hi").description
    size = file.stat().st_size
    competition = competition_of()
    (row,) = board_with(workspace, competition, entry(1, there, size=size)).rows
    assert (row.adopted, row.sources, row.likely_from) == (True, ("b-22222222",), ())
    rows = board_with(workspace, competition, entry(1, there, size=size), entry(2, size=size)).rows
    origins = {(row.sources, row.likely_from) for row in rows}
    assert origins == {(("b-22222222",), ()), ((), ("a-11111111", "b-22222222"))}


def test_a_lost_receipt_comes_back_as_an_adopted_row_and_one_that_returns_takes_it_over(
    workspace, competition_of, good_file, host
):
    competition = competition_of()
    receipt = submit_file(workspace, competition, good_file, endpoint=ENDPOINT, client=host)
    folder = workspace.submissions / receipt.id
    shutil.move(folder, workspace.root / "kept")
    (row,) = board(workspace, competition, ENDPOINT, client=host).rows
    assert (row.adopted, row.ref, row.public_score) == (True, 1, 0.75)
    shutil.rmtree(workspace.private, ignore_errors=True)
    assert board(workspace, competition).rows == (row,)
    shutil.move(workspace.root / "kept", folder)
    (row,) = board(workspace, competition, ENDPOINT, client=host).rows
    assert (row.adopted, row.id) == (False, receipt.id)
    ledger = Ledger(workspace)
    ledger.refresh()
    assert [one.id for one in ledger.artefacts("submission")] == [receipt.id]


def test_the_same_content_twice_at_the_host_is_two_rows(workspace, competition_of, good_file, host):
    competition = competition_of()
    receipt = submit_file(workspace, competition, good_file, endpoint=ENDPOINT, client=host)
    twin = entry(7, receipt.description)
    rows = board_with(workspace, competition, twin, host.submissions[0]).rows
    assert sorted((row.ref, row.adopted) for row in rows) == [(1, False), (7, True)]


def test_a_host_that_lists_late_takes_no_score_back(workspace, competition_of, good_file, host):
    competition = competition_of()
    submit_file(workspace, competition, good_file, endpoint=ENDPOINT, client=host)
    late = entry(1, host.submissions[0].description, status="PENDING", score=None)
    (row,) = board_with(workspace, competition, late).rows
    assert (row.state, row.public_score) == ("complete", 0.75)


def test_the_ledger_has_its_scores_and_a_rebuild_gives_the_same(workspace, competition_of):
    competition = competition_of()
    board_with(workspace, competition, entry(1, status="PENDING", score=None))
    ledger = Ledger(workspace)
    ledger.refresh()
    board_with(workspace, competition, entry(1, score=0.625), entry(2))
    ledger.refresh()
    found = ledger.artefacts("submission")
    assert [(one.scores, one.status) for one in found if one.details["ref"] == 1] == [
        ({"public_score": 0.625}, "finished")
    ]
    assert len(found) == 2
    assert ledger.rebuild()["submission"] == 2
    assert ledger.artefacts("submission") == found


def test_several_boards_at_once_lose_and_double_nothing(workspace, competition_of):
    competition = competition_of()
    entries = [entry(ref, f"number {ref}") for ref in range(1, 6)]

    def look(n):
        return len(board_with(workspace, competition, *entries[: n % 5 + 1]).rows)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(look, range(24)))
    assert sorted(row.ref for row in board(workspace, competition).rows) == [1, 2, 3, 4, 5]
    lines = (workspace.board / "adopted.jsonl").read_text().splitlines()
    assert len(lines) == 5


def test_each_file_is_read_once_however_many_are_adopted(workspace, competition_of, monkeypatch):
    competition = competition_of()
    for number in range(20):
        (workspace.submissions / "x").parent.mkdir(exist_ok=True)
        (workspace.submissions / f"mine-{number}.csv").write_text("id,label\n")
    made = []

    def counted(*words, **options):
        made.append(words)
        return prepare_receipt(*words, **options)

    monkeypatch.setattr("podium.submissions.board.adopted.prepare_receipt", counted)
    size = (workspace.submissions / "mine-0.csv").stat().st_size
    entries = [entry(n, f"[podium-{n:08x}]", size=size) for n in range(1, 51)]
    assert len(board_with(workspace, competition, *entries).rows) == 50
    assert len(made) == 20 * 5  # repetitions that are tried, not the submissions
