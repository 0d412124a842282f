"""What is drawn of our own submissions: which rows, on which day, at which host."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest
from matplotlib.dates import num2date

from podium.reporting.board_summary import BoardSummary
from podium.reporting.plots.board import own_scores, quota
from podium.reporting.subjects import BoardSubject
from podium.submissions.board.analysis import BoardAnalysis
from podium.submissions.board.best_to_send import FinishedWork
from podium.submissions.board.view import BoardRow, BoardView


def row(number, at, honest=0.5, public=0.6, **changes):
    given = {
        "id": f"s{number}", "created": at, "sources": (), "state": "complete", "target": "kaggle",
        "ref": number, "honest": honest, "honest_interval": None, "optimistic": None,
        "public_score": public, "private_score": None, "message": "", "error": "",
    }  # fmt: skip
    return BoardRow(**given | changes)


def subject(*rows, limit=5, **changes):
    view = BoardView("accuracy", True, "kaggle", rows, (), **changes)
    competition = SimpleNamespace(kaggle=SimpleNamespace(daily_limit=limit))
    summary = BoardSummary(BoardAnalysis(), FinishedWork(0, (), (), (), None))
    return BoardSubject(None, competition, view, summary)


def lines_of(plot):
    (axes,) = plot.figure.axes
    plot.figure.draw_without_rendering()
    return {line.get_label(): line.get_ydata().tolist() for line in axes.lines}


def test_scores_stand_in_the_order_in_which_they_were_sent():
    (plot,) = own_scores.plots(
        subject(
            row(3, "2026-11-03T10:00:00+00:00", 0.7, None, state="submitted"),
            row(2, "2026-11-02T10:00:00+00:00", 0.4, 0.8),
            row(1, "2026-11-01T23:00:00+00:00", 0.6, 0.5, submitted="2026-11-02T00:30:00+00:00"),
            row(4, "2026-11-04T10:00:00+00:00", 0.9, 0.9, target="host"),
            row(5, "2026-11-05T10:00:00+00:00", 0.95, None, state="prepared"),
        )
    )
    found = lines_of(plot)
    assert found["honest"] == [0.6, 0.4, 0.7], "no other host, and nothing that was not sent"
    assert found["best honest"] == [0.6, 0.6, 0.7]
    assert found["public"][:2] == [0.5, 0.8]
    assert found["best public"] == [0.5, 0.8, 0.8]
    assert "3 submissions from 2026-11-02 to 2026-11-03" in plot.alt
    assert "best honest from 0.6000 to 0.7000; best public from 0.5000 to 0.8000" in plot.alt


@pytest.mark.parametrize(
    "rows",
    [
        (),
        (row(1, "2026-11-01T10:00:00+00:00"),),
        tuple(row(k, f"2026-11-0{k}T10:00:00+00:00", None, None) for k in (1, 2)),
    ],
)
def test_without_two_scores_there_is_no_line(rows):
    assert list(own_scores.plots(subject(*rows))) == []


def test_days_are_of_utc_with_those_on_which_nothing_was_sent():
    (plot,) = quota.plots(
        subject(
            row(1, "2026-11-01T23:59:59+00:00"),
            row(2, "2026-11-02T00:00:00+00:00"),
            row(3, "2026-11-04T12:00:00+00:00", state="submitted"),
            row(4, "2026-11-04T13:00:00+00:00"),
            row(5, "2026-11-01T13:00:00+00:00", target="host"),
            row(6, "2026-11-09T13:00:00+00:00", state="prepared"),
            limit=2,
        )
    )
    (axes,) = plot.figure.axes
    kaggle, host = axes.containers
    assert (kaggle.get_label(), host.get_label()) == ("Kaggle", "own host")
    assert [bar.get_height() for bar in kaggle] == [1, 1, 0, 2]
    assert [bar.get_height() for bar in host] == [1, 0, 0, 0]
    middles = [num2date(bar.get_x() + bar.get_width()).date() for bar in kaggle]
    assert middles == [date(2026, 11, day) for day in (1, 2, 3, 4)]
    assert "Kaggle 4, on 1 days all of it, own host 1, on 0 days all of it" in plot.alt


def test_of_a_long_competition_the_last_days_are_drawn():
    rows = (row(1, "2025-01-01T10:00:00+00:00"), row(2, "2026-11-01T10:00:00+00:00"))
    (plot,) = quota.plots(subject(*rows))
    (axes,) = plot.figure.axes
    assert len(axes.patches) == quota.SHOWN
    assert f"The last {quota.SHOWN} days." in plot.caption
    assert sum(bar.get_height() for bar in axes.patches) == 1


@pytest.mark.parametrize("rows", [(), (row(1, "2026-11-01T10:00:00+00:00"),)])
def test_of_one_submission_no_quota_is_drawn(rows):
    assert list(quota.plots(subject(*rows))) == []
