"""The watch over the board, with a clock and a host that do as they are told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from podium.competition.spec import load_competition
from podium.errors import HostError, RunError, UsageError
from podium.submissions.board.view import BoardRow, BoardView, describe_changes
from podium.submissions.upload.client import Limits
from podium.workflows.board import watch_board
from podium.workspace.layout import Workspace

SPEC = """\
name: shapes
tasks: {classify: multiclass}
classes: [cat, dog]
data: {train: {images: "train/{class}/*.png"}, test: {images: "test/*.png"}}
metric: {name: accuracy}
kaggle: {slug: x}
"""
ROW = BoardRow(
    "0a1b2c3d", "2026-11-20T06:00:00+00:00", (), "submitted", "kaggle", 1, 0.7, None, None, None,
    None, "first", "",
)  # fmt: skip
VIEW = BoardView(
    "accuracy",
    True,
    "kaggle",
    (ROW,),
    (),
    limits=Limits(1, 1, 4),
    own=(5, "us", 0.5),
    n_teams=9,
    leader=("them", 0.9),
    asked="2026-11-20T23:50:00+00:00",
)


@pytest.fixture
def here(tmp_path):
    (tmp_path / "competition.yaml").write_text(SPEC)
    return Workspace(tmp_path), load_competition(tmp_path)


def run(here, answers, every_s=600.0):
    """Return messages, complaints and pauses, until the answers end."""
    messages, complaints, pauses = [], [], []
    left = iter(answers)

    def ask():
        answer = next(left, None)
        if answer is None:
            raise KeyboardInterrupt
        if isinstance(answer, Exception):
            raise answer
        return answer

    with pytest.raises(KeyboardInterrupt):
        watch_board(
            *here,
            every_s=every_s,
            on_change=lambda change, view: messages.append(change),
            complain=complaints.append,
            ask=ask,
            sleep=pauses.append,
        )
    return messages, complaints, pauses


def test_only_changes_are_reported(here):
    scored = replace(VIEW, rows=(replace(ROW, public_score=0.8, state="complete"),))
    printed, complaints, pauses = run(here, [VIEW, VIEW, scored, scored])
    assert printed[1:] == [["0a1b2c3d has the public score 0.8"]]
    assert (complaints, pauses) == ([], [600.0] * 4)


def test_pauses_grow_up_to_an_hour_while_the_host_fails_and_the_error_is_reported_once(here):
    gone = HostError("gone")
    _, complaints, pauses = run(here, [VIEW, *[gone] * 5, VIEW])
    assert pauses == [600.0, 1200.0, 2400.0, 3600.0, 3600.0, 3600.0, 600.0]
    assert complaints == ["gone", "the host answers again"]


def test_a_second_watcher_of_a_workspace_is_refused_and_after_the_first_one_it_goes_on(here):
    def ask():
        with pytest.raises(RunError, match="the watch over the board is being worked on by"):
            run(here, [VIEW])
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        watch_board(*here, every_s=60, on_change=lambda *_: None, complain=str, ask=ask)
    run(here, [VIEW])


def test_watching_polls_the_host_less_than_every_second(here):
    with pytest.raises(UsageError, match="every 1 s"):
        watch_board(*here, every_s=1, on_change=lambda *_: None, complain=str)


def test_a_rank_won_a_rank_lost_a_new_leader_and_a_new_day_are_reported():
    assert describe_changes(VIEW, replace(VIEW, own=(3, "us", 0.6))) == [
        "won: rank 3 of 9, it was 5"
    ]
    assert describe_changes(VIEW, replace(VIEW, own=(6, "us", 0.5))) == [
        "lost: rank 6 of 9, it was 5"
    ]
    assert describe_changes(VIEW, replace(VIEW, leader=("new", 0.95))) == [
        "the leader is new with 0.95"
    ]
    tomorrow = replace(VIEW, asked="2026-11-21T00:00:01+00:00", limits=Limits(0, 1, 5))
    assert describe_changes(VIEW, tomorrow) == ["a new day: 5 submissions left"]
    assert describe_changes(VIEW, VIEW) == []
