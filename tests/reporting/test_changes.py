"""What changed since the last report, told from a small file beside the page."""

import json
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from inkless_pages import leave_out_figures

from podium.reporting import build_report
from podium.reporting.changes import PageHistory, PageSummary, page_changes, read_page_history
from podium.workspace.records import read_record, write_record

START = datetime(2026, 3, 1, 8, tzinfo=UTC)


def board_state(days=0, *, higher=True, metric="accuracy", **given):
    plain = {"runs": {}, "blends": {}, "submissions": {}, "best": {}}
    at = START + timedelta(days=days)
    return PageSummary.model_validate(
        {"at": at, "metric": metric, "greater_is_better": higher, **plain, **given}
    )


def test_a_second_page_of_the_same_keeps_the_news_of_the_first():
    old = PageHistory(now=board_state(0, blends={"a": 0.5}))
    news = old.followed_by(board_state(1, blends={"a": 0.5, "b": 0.6}))
    again = news.followed_by(board_state(2, blends={"a": 0.5, "b": 0.6}))
    assert again == news
    assert page_changes(again).blends == (("b", 0.6),)
    assert page_changes(again).since == START
    later = again.followed_by(board_state(3, blends={"a": 0.5, "b": 0.6}, rank=4))
    assert page_changes(later).blends == ()
    assert page_changes(later).since == START + timedelta(days=1)
    assert page_changes(old) is None


@pytest.mark.parametrize(("higher", "good"), [(True, True), (False, False)])
def test_score_changes_show_old_value_and_whether_it_improved(higher, good):
    before = board_state(
        0, higher=higher, rank=9, best={"honest": 0.5, "OOF": 0.4},
        runs={"r": {"status": "unfinished"}, "old": {"status": "finished", "oof": 0.4}},
        submissions={"s": {}, "t": {"public": 0.5}},
    )  # fmt: skip
    after = board_state(
        1, higher=higher, rank=4, n_teams=30, best={"honest": 0.75, "OOF": 0.4, "public": 0.7},
        runs={"new": {"status": "unfinished"}, "r": {"status": "finished", "oof": 0.3}},
        submissions={"u": {}, "s": {"public": 0.7}, "t": {"public": 0.5, "private": 0.45}},
    )  # fmt: skip
    told = page_changes(PageHistory(now=before).followed_by(after))
    assert told.runs == (("new", None),)
    assert told.finished == (("r", 0.3),)
    assert told.gone == ("old",)
    assert told.submissions == ("u",)
    assert [(name, one.name, one.before, one.now) for name, one in told.scored] == [
        ("s", "public", None, 0.7), ("t", "private", None, 0.45)
    ]  # fmt: skip
    assert (told.rank.before, told.rank.now, told.rank.is_better) == (9, 4, True)
    best = {one.name: (one.before, one.now, one.by, one.is_better) for one in told.best}
    assert best == {"honest": (0.5, 0.75, 0.25, good), "public": (None, 0.7, None, None)}


def test_best_scores_of_two_metrics_are_not_compared():
    before, after = board_state(best={"OOF": 0.5}), board_state(1, metric="auc", best={"OOF": 0.9})
    told = page_changes(PageHistory(now=before).followed_by(after))
    assert told.best == ()
    assert told.is_empty


@pytest.fixture(autouse=True)
def without_figures(monkeypatch):
    leave_out_figures(monkeypatch)


def words(made):
    text = build_report(made.workspace, made.competition).read_text(encoding="utf-8")
    return unescape(text)


def test_a_page_tells_what_is_new_on_it_and_a_page_made_again_tells_it_again(make):
    made = make()
    run = made.add_run("a-00000001", folds=(0, 1))
    assert "What changed" not in words(made)
    file = made.workspace.report.with_name("shown.json")
    assert json.loads(file.read_text())["now"]["runs"] == {
        "a-00000001": {"status": "unfinished", "oof": 0.6}
    }
    write_record(run, read_record(run).model_copy(update={"status": "finished"}))
    blend = made.add_blend("a-00000001")
    made.add_submission(blend.name, public_score=0.71)
    page = words(made)
    told = page[page.index('id="changes"') : page.index('id="board"')]
    for part in (f'"#blend-{blend.name}"', '"#run-a-00000001"', "New submissions", "0.7100</b>"):
        assert part in told
    kept = file.read_bytes()
    made.workspace.report.unlink()
    assert told in words(made), "a page of the same workspace keeps its news"
    assert file.read_bytes() == kept


def test_a_damaged_file_tells_nothing_and_stops_nothing(make):
    made = make()
    made.add_run("a-00000001")
    file = made.workspace.report.with_name("shown.json")
    assert read_page_history(file.parent) is None
    file.parent.mkdir()
    for damage in (b"", b"[]", b'{"now": 3}', b'{"now": {"at": "x"}}', b"\xff\xfe"):
        file.write_bytes(damage)
        assert read_page_history(file.parent) is None
    assert "What changed" not in words(made)
    assert read_page_history(file.parent).before is None
