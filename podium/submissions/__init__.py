"""Submission files and their way to a host: write, read back, check, upload, board.

The names are loaded when they are first used, so that a light command stays light.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from podium.submissions.board import BoardView
    from podium.submissions.checking import check
    from podium.submissions.endpoint import Endpoint
    from podium.submissions.problems import Problem
    from podium.submissions.receipt import Receipt
    from podium.submissions.upload import submit_file
    from podium.submissions.write import write_submission

__all__ = [
    "BoardView",
    "Endpoint",
    "Problem",
    "Receipt",
    "check",
    "submit_file",
    "write_submission",
]

_HOMES = {
    "BoardView": "board",
    "Endpoint": "endpoint",
    "Problem": "problems",
    "Receipt": "receipt",
    "check": "checking",
    "submit_file": "upload",
    "write_submission": "write",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found
