"""Submission files and their way to a host: write, read back, check, upload, board.

The names are loaded when they are first used, so that a light command stays light.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.workspace.lazy import on_first_use

if TYPE_CHECKING:
    from podium.submissions.board import BoardView
    from podium.submissions.checking import check
    from podium.submissions.endpoint import Endpoint
    from podium.submissions.instance_writing import write_instances
    from podium.submissions.mask_writing import write_masks
    from podium.submissions.pixel_writing import write_pixels
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
    "write_instances",
    "write_masks",
    "write_pixels",
    "write_submission",
]

_HOMES = {
    "BoardView": "board",
    "Endpoint": "endpoint",
    "Problem": "problems",
    "Receipt": "receipt",
    "check": "checking",
    "submit_file": "upload",
    "write_instances": "instance_writing",
    "write_masks": "mask_writing",
    "write_pixels": "pixel_writing",
    "write_submission": "write",
}

__getattr__ = on_first_use(__name__, _HOMES)
