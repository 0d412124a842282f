"""The watch over the board with the official client and a running host."""

from __future__ import annotations

import pytest

from podium.hosting import running
from podium.submissions.board.view import board
from podium.submissions.upload.client import KaggleClient
from podium.workflows.board import watch_board
from podium.workspace.layout import Workspace


@pytest.mark.slow
def test_scores_and_ranks_of_others_arrive_while_it_watches(
    host_of, competition, answers, tmp_path
):
    workspace = Workspace(tmp_path)
    messages = []
    with running(host_of()) as hosted:
        ann = hosted.endpoint("ann")
        to_do = [("ann", 5), ("bob", 1)]

        def sleep(seconds):
            if not to_do:
                raise KeyboardInterrupt
            user, wrong = to_do.pop(0)
            file = tmp_path / f"{user}.csv"
            file.write_text(answers.text(wrong=wrong))
            KaggleClient(hosted.endpoint(user), "shapes").submit(file, f"by {user}")

        with pytest.raises(KeyboardInterrupt):
            watch_board(
                workspace,
                competition,
                every_s=60,
                on_change=lambda change, view: messages.append(change),
                complain=messages.append,
                ask=lambda: board(workspace, competition, ann),
                sleep=sleep,
            )
    first, second = messages
    assert first[0].endswith("was sent by other means: by ann")
    assert first[1].endswith("has the public score 0.6")  # rows 0 and 4 of 0, 4, 8, 12, 16
    assert first[2:] == ["rank 1 of 1", "the leader is ann with 0.6"]
    assert second == ["lost: rank 2 of 2, it was 1", "the leader is bob with 0.8"]
    (row,) = board(workspace, competition).rows
    assert (row.rank, row.n_teams, row.adopted) == (2, 2, True)
