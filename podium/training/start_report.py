"""What became of the weights that a fold started from: said once a run, kept beside its network.

fold-K/loaded.json holds a `LoadReport` whole, key by key; it is missing where a network started
from random weights.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from podium.models.load_report import LoadReport
from podium.training.fold_files import FoldFiles
from podium.workspace.atomic import write_json
from podium.workspace.progress import Progress

__all__ = ["lines_of", "read_loaded", "tell_loaded"]


def tell_loaded(files: FoldFiles, report: LoadReport | None, progress: Progress) -> None:
    """Keep `report`, and say its line unless a fold of this run has said the same.

    Args:
        files: of the fold.
        report: None where nothing was loaded; then nothing is said nor kept.
        progress: gets the sentence.
    """
    if report is None:
        return
    said = lines_of(files.run)
    write_json(files.loaded, report.facts())
    if report.line not in said:
        progress.say(report.line)


def lines_of(run: Path) -> list[str]:
    """Return what became of the start weights of a run, in one line; several where folds differ."""
    found = [read_loaded(file) for file in sorted(run.glob("fold-*/loaded.json"))]
    return list(dict.fromkeys(str(facts["line"]) for facts in found if "line" in facts))


def read_loaded(file: Path) -> dict[str, Any]:
    """Return what one `loaded.json` says, nothing where it is damaged: it only informs."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
