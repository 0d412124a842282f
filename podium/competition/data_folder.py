"""The folder that a competition's data lie in, which `podium init` was given."""

from __future__ import annotations

import os
from pathlib import Path

from podium.competition.ids.patterns import Pattern
from podium.competition.made_files import MADE
from podium.competition.spec import Competition

__all__ = ["data_folder"]


def data_folder(competition: Competition) -> Path | None:
    """Return the folder that holds all files of train and test; None where it is the workspace.

    Where a table was written into the workspace, it is the folder of the images.
    """
    root = competition.root
    parts = [one for one in (competition.data.train, competition.data.test) if one is not None]
    tables = [root / path for part in parts for path in part.tables]
    folders = [root / Pattern(one).fixed_part for part in parts for one in part.patterns]
    for places in ([*folders, *(path.parent for path in tables)], folders):
        texts = [os.path.normpath(one) for one in places if not one.is_relative_to(root / MADE)]
        try:
            found = Path(os.path.commonpath(texts))
        except ValueError:  # none, or on several drives
            continue
        if found.is_dir() and not root.is_relative_to(found):
            return found
    return None
