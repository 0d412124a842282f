"""What `podium submit` prints of a dry run."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from podium.cli.submission_files import print_receipt


def test_a_dry_run_is_called_so_and_has_no_score(capsys: pytest.CaptureFixture[str]) -> None:
    receipt: Any = SimpleNamespace(file="submissions/a.csv", state="dry_run", ref=None)
    nothing: Any = None
    print_receipt(nothing, nothing, receipt, dry_run=True, as_json=False)
    assert capsys.readouterr().out == (
        "submissions/a.csv: dry run, written and checked; nothing was sent, so there is no score\n"
    )
