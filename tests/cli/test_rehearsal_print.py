"""What `podium submit --rehearse` prints of two scores that should be one."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.cli import submission_files
from podium.workflows.submission.rehearsing import Rehearsal


@pytest.mark.parametrize(
    ("score", "own", "differ"),
    [
        (17.449176, 17.449175, False),  # cells of eight digits
        (0.000001, 0.0, False),
        (17.4492, 17.4480, True),
        (0.8530, 0.8529, True),
    ],
)
def test_scores_that_the_digits_of_cells_part_do_not_differ(
    score: float,
    own: float,
    differ: bool,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = Rehearsal(Path("oof.csv"), [], 98, "rmse", score, own)
    submission_files._print_rehearsal(found, as_json=False)
    assert ("they differ" in capsys.readouterr().out) == differ
