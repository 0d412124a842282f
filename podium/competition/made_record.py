"""What `made/made.json` records: the files that `podium init` made, each with what it was made of.

Reading it here needs nothing else of podium: messages on samples name the files behind a table.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

__all__ = ["MADE", "RECORD_FILE", "MadeFile", "read_made", "remaking"]

MADE = "made"
"""The folder of the workspace that they are written to."""
RECORD_FILE = "made.json"


@dataclass(frozen=True)
class MadeFile:
    """A file of the workspace, or a folder of files, and what it was made of.

    Attributes:
        path: relative to the workspace.
        sources: the files, absolute.
        reader: as what they were read.
    """

    path: str
    sources: tuple[Path, ...]
    reader: str


def remaking(data: str) -> str:
    """Return the command that makes the files again; `data` as the workspace spells it."""
    return f"podium init {data} --remake"


def read_made(root: Path) -> tuple[list[MadeFile], str]:
    """Return the made files of a workspace, and the command that makes them again.

    None and "" where there is no record, or a damaged one, which is reported where data that
    changed are.
    """
    try:
        record = json.loads((root / MADE / RECORD_FILE).read_text(encoding="utf-8"))
        files = [
            MadeFile(
                str(one["path"]),
                tuple(root / str(source["path"]) for source in one["sources"]),
                str(one["reader"]),
            )
            for one in record["files"]
        ]
        return files, str(record["command"])
    except (OSError, ValueError, KeyError, TypeError):
        return [], ""
