"""Scores of the test set that were computed once, beside the record of a run or a blend.

expected.json        the score to expect, for the facts that it follows from; safe to delete
on_test_like.json    the estimate for this test set, for the drift of the last check; likewise
"""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path

from podium.competition.checks.checked_drift import drift_digest
from podium.competition.scores.estimates import ExpectedScore, OnTestLike, public_rows
from podium.errors import RunError
from podium.workspace import digests
from podium.workspace.atomic import sweep, write_text
from podium.workspace.ids import short_digest
from podium.workspace.layout import Workspace
from podium.workspace.records import read_record

__all__ = [
    "ESTIMATE_FILE",
    "EXPECTED_FILE",
    "kept_estimate",
    "kept_expected",
    "kept_expected_of_share",
    "read_estimate",
    "write_estimate",
    "write_expected",
]

EXPECTED_FILE = "expected.json"
ESTIMATE_FILE = "on_test_like.json"
_EXPECTED_FORMAT = 2
_ESTIMATE_FORMAT = 4
_logger = logging.getLogger(__name__)


def kept_expected(folder: Path, digest: str | None = None) -> ExpectedScore | None:
    """Return what was kept in `folder`, for these facts; None: nothing was.

    Args:
        folder: of the run or the blend.
        digest: of the facts that it follows from; None: any.
    """
    if digests.is_damaged(folder / EXPECTED_FILE):
        return None
    try:
        found = json.loads((folder / EXPECTED_FILE).read_text())
        is_known, of = found.pop("format") == _EXPECTED_FORMAT, found.pop("digest")
        if not is_known or digest not in (None, of):
            return None
        return ExpectedScore.from_json(found)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None  # it can be computed again


def kept_expected_of_share(folder: Path, public_share: float | None) -> ExpectedScore | None:
    """Return what was kept in `folder`, where its range is that of today's `public_share`.

    Else None, until a command that shows the run or blend alone makes it anew: pages and commands
    show one range.
    """
    found = kept_expected(folder)
    if found is None or found.n_public == public_rows(found.n_rows, public_share):
        return found
    return replace(found, n_public=None, public_interval=None) if public_share is None else None


def write_expected(folder: Path, digest: str, found: ExpectedScore) -> None:
    """Keep the score to expect in `folder`."""
    content = {"format": _EXPECTED_FORMAT, "digest": digest, **found.to_json()}
    try:
        sweep(folder)  # what a killed writer left
        write_text(folder / EXPECTED_FILE, json.dumps(content, indent=2) + "\n")
    except OSError as error:
        _logger.warning("the score to expect is not kept: %s", error)


def kept_estimate(workspace: Workspace, folder: Path) -> OnTestLike | None:
    """Return the estimate that was kept for the drift of the last check; None where none was."""
    digest = drift_digest(workspace)
    return None if digest is None else read_estimate(folder, digest)


def read_estimate(folder: Path, drift: str) -> OnTestLike | None:
    """Return the estimate that was kept in a folder for the drift of this digest; or None."""
    if digests.is_damaged(folder / ESTIMATE_FILE):
        return None
    try:
        found = json.loads((folder / ESTIMATE_FILE).read_text())
        if found.pop("format") != _ESTIMATE_FORMAT or found.pop("of") != _key(folder, drift):
            return None
        return OnTestLike.from_json(found)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RunError):
        return None  # it can be computed again


def write_estimate(folder: Path, drift: str, found: OnTestLike) -> None:
    """Keep the estimate of a run or a blend for the drift of this digest."""
    try:
        content = {"format": _ESTIMATE_FORMAT, "of": _key(folder, drift), **found.to_json()}
        write_text(folder / ESTIMATE_FILE, json.dumps(content, indent=2) + "\n")
    except (OSError, RunError) as error:
        _logger.warning("the estimate for this test set is not kept: %s", error)


def _key(folder: Path, drift: str) -> str:
    """Return the digest of what an estimate follows from; a run that is made again has others."""
    return short_digest([drift, read_record(folder).scores])
