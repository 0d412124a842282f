"""The score to expect of the test set, as it was kept beside the record of a run or a blend."""

from __future__ import annotations

import json
import logging
from pathlib import Path

from podium.competition.scores.expected import ExpectedScore
from podium.workspace import digests
from podium.workspace.atomic import sweep, write_text

__all__ = ["FILE", "kept_expected", "write_expected"]

FILE = "expected.json"
_FORMAT = 1
_logger = logging.getLogger(__name__)


def kept_expected(folder: Path, digest: str | None = None) -> ExpectedScore | None:
    """Return what was kept in `folder`, for these facts; None: nothing was.

    Args:
        folder: of the run or the blend.
        digest: of the facts that it follows from; None: any.
    """
    if digests.is_damaged(folder / FILE):
        return None
    try:
        found = json.loads((folder / FILE).read_text())
        is_known, of = found.pop("format") == _FORMAT, found.pop("digest")
        if not is_known or digest not in (None, of):
            return None
        return ExpectedScore.from_json(found)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None  # it can be computed again


def write_expected(folder: Path, digest: str, found: ExpectedScore) -> None:
    """Keep the score to expect in `folder`."""
    content = {"format": _FORMAT, "digest": digest, **found.to_json()}
    try:
        sweep(folder)  # what a killed writer left
        write_text(folder / FILE, json.dumps(content, indent=2) + "\n")
    except OSError as error:
        _logger.warning("the score to expect is not kept: %s", error)
