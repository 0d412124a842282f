"""Some cells of the fault matrix, and what holds the matrix itself; the whole of it is slow.

The client is the unmodified official one, and the host knows nothing of podium.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from submissions import fault_matrix_cell
from submissions.fault_matrix import (
    FAULT_ROWS,
    HOLD_ROWS,
    KILL_COLUMNS,
    STAGES,
    STEP_NAMES,
    STEPS,
    cells,
    printed,
    summary,
)
from submissions.fault_matrix_cell import Cell, Outcome, steps_of_a_run, tried
from submissions.faulty_host import KINDS, Fault

ROOT = Path(__file__).parents[2]
CREATE, PUT = "CreateSubmission", "PUT of the bytes"
ARRIVED = "ListSubmissions (in doubt: it arrived)"


SLICE = {
    (CREATE, "lost after", "once"): "found 1→1",
    (CREATE, "listed late", "once"): "doubt 1→1",
    ("CreateSubmission handled, no answer", "command", ""): "uploading 1→1",
}
SLOW_SLICE = {
    (CREATE, "lost before", "once"): "refused 0→1",
    (CREATE, "acts later", "once"): "found 1→1",
    (CREATE, "429, acted", "once"): "found 1→1",
    (PUT, "500", "always"): "refused 0→1",
    ("ListSubmissions (poll)", "429", "always"): "unscored 1→1",
    (ARRIVED, "503", "always"): "doubt 1→1",
    ("IntrospectToken (look)", "401", "always"): "refused 0→1",
    ("half of the bytes sent", "both", ""): "uploading 0→1",
    ("answered; before the receipt says so", "command", ""): "uploading 1→1",
}
LONG_SLICE = {
    (CREATE, "403, acted", "once"): "found 1→1",
    (CREATE, "slow, acted", "once"): "found 1→1",
    (CREATE, "403", "always"): "refused 0→1",
    (ARRIVED, "wrong shape", "always"): "doubt 1→1",
    ("CreateSubmission came, handled later", "command", ""): "uploading 0→1",
    ("CreateSubmission came, not handled", "client", ""): "refused 0→1",
}


def tried_side_by_side(keys):
    """Return the outcomes of some cells: each waits more than it works."""
    chosen = cells()
    with ThreadPoolExecutor(4) as pool:
        return dict(zip(keys, pool.map(tried, (chosen[key] for key in keys)), strict=True))


@pytest.fixture(scope="module")
def outcomes():
    return tried_side_by_side(SLICE)


@pytest.fixture(scope="module")
def slow_outcomes():
    return tried_side_by_side(SLOW_SLICE)


@pytest.fixture(scope="module")
def long_outcomes():
    return tried_side_by_side(LONG_SLICE)


@pytest.mark.parametrize("key", SLICE, ids=" ".join)
def test_after_a_fault_the_same_command_leaves_exactly_one_submission(outcomes, key):
    assert outcomes[key].problems == ()
    assert str(outcomes[key]) == SLICE[key]


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("key", SLOW_SLICE, ids=" ".join)
def test_after_more_faults_it_leaves_one_too(slow_outcomes, key):
    assert slow_outcomes[key].problems == ()
    assert str(slow_outcomes[key]) == SLOW_SLICE[key]


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("key", LONG_SLICE, ids=" ".join)
def test_after_other_faults_it_leaves_one_too(long_outcomes, key):
    assert long_outcomes[key].problems == ()
    assert str(long_outcomes[key]) == LONG_SLICE[key]


@pytest.mark.slow
def test_the_steps_that_are_killed_are_the_steps_of_a_submission():
    assert tuple(steps_of_a_run()) == STEPS


@pytest.mark.slow
def test_a_command_that_does_not_check_an_uncertain_upload_fails_cells(tmp_path, monkeypatch):
    """The matrix can fail: the same command, but no look finds or counts anything."""
    blind = tmp_path / "blind.py"
    blind.write_text(
        "import runpy, sys\n"
        "from podium.submissions.upload.client import KaggleClient, Limits, SubmissionLookup\n"
        "look = KaggleClient.look\n"
        "nothing = SubmissionLookup(Limits(0, 0, 5), None)\n"
        "blind = lambda self, marker: look(self, marker) and nothing\n"
        "KaggleClient.look = blind\n"
        f"sys.argv[0] = {str(fault_matrix_cell.ENTRY)!r}\n"
        "runpy.run_path(sys.argv[0], run_name='__main__')\n"
    )
    monkeypatch.setattr(fault_matrix_cell, "ENTRY", blind)
    outcome = tried(Cell((Fault("CreateSubmission", "lost after", "upload"),)))
    assert (outcome.word, outcome.after_first, outcome.after_second) == ("refused", 1, 2)
    assert "the receipt says failed, and the host has it" in outcome.problems
    assert any(one.startswith("2 submissions, 1 receipts after run 2") for one in outcome.problems)


@pytest.mark.slow
def test_a_fault_that_never_comes_fails_its_cell():
    outcome = tried(Cell((Fault("CreateSubmission", "500", "board"),)))
    assert "the fault was never met" in outcome.problems


def test_the_documentation_summarises_every_cell_of_the_matrix():
    page = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
    found = {key: Outcome("sent", 1, 1) for key in cells()}
    assert [row for rows in STAGES.values() for row in rows] == list(FAULT_ROWS)
    assert _frame(page, "fault in") == _frame(summary(found), "fault in")
    for text in (page, summary(found)):
        table = re.search(r"^\| fault in \|.*\n(?:\|.*\n?)+", text, re.MULTILINE)
        assert table is not None
        faults = sum(int(count) for count in re.findall(r"[a-z] (\d+)", table[0]))
        assert faults == sum(often != "" for _, _, often in cells())
    assert f"{len(cells())} cells, 0 failures" in page
    assert f"The other {sum(often == '' for _, _, often in cells())} cells" in page


def test_the_matrix_prints_a_row_for_every_call_and_kill():
    made = printed({key: Outcome("sent", 1, 1) for key in cells()})
    assert len(_frame(made, "call")) == len(FAULT_ROWS) + 2 + len(KINDS)
    assert len(_frame(made, "killed")) == len(HOLD_ROWS) + len(STEP_NAMES) + 2 + len(KILL_COLUMNS)


def _frame(text: str, corner: str) -> list[str]:
    """Return the columns of the table and the first cells of its rows."""
    table = re.search(rf"^\| {corner} \|.*\n(?:\|.*\n?)+", text, re.MULTILINE)
    assert table is not None, corner
    rows = [line.strip("| ").split(" | ") for line in table[0].splitlines()]
    return [*rows[0], *(row[0] for row in rows[1:])]


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.alone
def test_no_cell_of_a_sample_of_the_fault_matrix_fails():
    """Every 23rd: a row has 30 cells, so that columns take turns. All of them take minutes."""
    program = ROOT / "tests" / "submissions" / "fault_matrix.py"
    done = subprocess.run(
        [sys.executable, str(program), "--every", "23"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ,
    )
    assert done.returncode == 0, done.stderr
    assert f"{-(-len(cells()) // 23)} cells, 0 failures" in done.stdout
