"""The table of the board fits its terminal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from podium.cli.board import print_board
from podium.submissions.board.view import BlendScore, BoardRow, BoardView
from podium.submissions.upload.client import Limits

ROW = BoardRow(
    "0a1b2c3d", "2026-11-20T06:00:00+00:00", ("blend-of-many-0a1b2c3d",), "complete", "kaggle", 1,
    0.7123, (0.65, 0.77), 0.74, 0.7351, 0.7212, "two backbones and a longer message", "",
    rank=123, n_teams=4567,
)  # fmt: skip
VIEW = BoardView(
    "accuracy", True, "kaggle", (ROW,), (), limits=Limits(1, 1, 4), own=(7, "us", 0.7351),
    n_teams=4567, seen="2026-11-20T20:30:00+00:00", asked="2026-11-20T20:30:00+00:00",
)  # fmt: skip


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_no_line_is_wider_than_the_terminal_and_the_scores_stay(width, capsys):
    print_board(VIEW, width=width)
    table, _, below = capsys.readouterr().out.partition("* the best")
    assert max(len(line.rstrip()) for line in table.splitlines()) <= width
    row = next(line for line in table.splitlines() if "0a1b2c3d" in line)
    assert "0.7123 *" in row
    assert "0.7351 *" in row
    assert ("two backbones" in row) == (width == 200)
    assert "us is 7 of 4567" in below
    assert "submissions left today: 4 (the day ends at 00:00 UTC, in 3 h 30 min)" in below


def test_blends_and_files_that_were_not_sent_are_on_the_board(capsys):
    blend = BlendScore("auto-11111111", ("net-22222222", "far-33333333"), 0.81, (0.7, 0.9), 0.85)
    print_board(replace(VIEW, blends=(blend,), unsent=("auto-11111111.csv",)), width=200)
    out = capsys.readouterr().out
    row = next(line for line in out.splitlines() if "auto-11111111 " in line)
    assert row.split() == [
        "auto-11111111", "net-22222222,", "far-33333333", "0.8100", "0.700", "to", "0.900", "0.8500"
    ]  # fmt: skip
    assert "not sent: submissions/auto-11111111.csv" in out.splitlines()
