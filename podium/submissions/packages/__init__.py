"""A code competition's package: one folder that predicts where there is no network.

`PackFolder(root).read()` returns what it is made of, `notebook_text` the notebook that runs it.
"""

from __future__ import annotations

from podium.submissions.packages.folder import (
    STATEMENT,
    PackedFile,
    PackedRun,
    PackFolder,
    PackRecord,
    notebook_text,
)

__all__ = ["STATEMENT", "PackFolder", "PackRecord", "PackedFile", "PackedRun", "notebook_text"]
