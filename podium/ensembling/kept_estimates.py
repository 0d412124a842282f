"""Estimates for this test set that were kept, for the drift of the last check.

runs/<id>/on_test_like.json, blends/<id>/on_test_like.json      safe to delete
"""

from __future__ import annotations

import json
import logging
from pathlib import Path

from podium.competition.checks.checked_drift import drift_digest
from podium.competition.scores.on_test_like import OnTestLike
from podium.errors import RunError
from podium.workspace import digests
from podium.workspace.atomic import write_text
from podium.workspace.ids import short_digest
from podium.workspace.layout import Workspace
from podium.workspace.records import read_record

__all__ = ["FILE", "kept_estimate", "read_estimate", "write_estimate"]

FILE = "on_test_like.json"
_FORMAT = 3
_logger = logging.getLogger(__name__)


def kept_estimate(workspace: Workspace, folder: Path) -> OnTestLike | None:
    """Return the estimate that was kept for the drift of the last check; None where none was."""
    digest = drift_digest(workspace)
    return None if digest is None else read_estimate(folder, digest)


def read_estimate(folder: Path, drift: str) -> OnTestLike | None:
    """Return the estimate that was kept in a folder for the drift of this digest; or None."""
    if digests.is_damaged(folder / FILE):
        return None
    try:
        found = json.loads((folder / FILE).read_text())
        if found.pop("format") != _FORMAT or found.pop("of") != _key(folder, drift):
            return None
        return OnTestLike.from_json(found)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RunError):
        return None  # it can be computed again


def write_estimate(folder: Path, drift: str, found: OnTestLike) -> None:
    """Keep the estimate of a run or a blend for the drift of this digest."""
    try:
        content = {"format": _FORMAT, "of": _key(folder, drift), **found.to_json()}
        write_text(folder / FILE, json.dumps(content, indent=2) + "\n")
    except (OSError, RunError) as error:
        _logger.warning("the estimate for this test set is not kept: %s", error)


def _key(folder: Path, drift: str) -> str:
    """Return the digest of what an estimate follows from; a run that is made again has others."""
    return short_digest([drift, read_record(folder).scores])
