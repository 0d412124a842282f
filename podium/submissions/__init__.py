"""Submission files and their way to a host: write, read back, check, upload, board.

The names are loaded when they are first used, so that a light command stays light.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.workspace.lazy import lazy_attributes

if TYPE_CHECKING:
    from podium.submissions.board.view import BoardView
    from podium.submissions.format.checking import check
    from podium.submissions.format.mask_files import write_masks
    from podium.submissions.format.object_files import write_instances
    from podium.submissions.format.pixel_files import write_pixels
    from podium.submissions.format.problems import Problem
    from podium.submissions.format.writing import write_submission
    from podium.submissions.upload.endpoint import Endpoint
    from podium.submissions.upload.receipt import Receipt
    from podium.submissions.upload.submit import submit_file

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
    "BoardView": "board.view",
    "Endpoint": "upload.endpoint",
    "Problem": "format.problems",
    "Receipt": "upload.receipt",
    "check": "format.checking",
    "submit_file": "upload.submit",
    "write_instances": "format.object_files",
    "write_masks": "format.mask_files",
    "write_pixels": "format.pixel_files",
    "write_submission": "format.writing",
}

if not TYPE_CHECKING:  # a checker reports names that there are not
    __getattr__ = lazy_attributes(__name__, _HOMES)
