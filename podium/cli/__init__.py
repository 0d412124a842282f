"""The command line: a command parses and loads what it does only when it runs.

`commands` holds options and help, which `--help` loads; the modules here hold, by subject, what is
called and printed. Those that commands call are attributes here, each loaded at its first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.workspace.lazy import lazy_attributes

if TYPE_CHECKING:
    from podium.cli import (
        artefacts,
        auto,
        blends,
        board,
        file_problems,
        findings,
        folds,
        hosting,
        imports,
        packs,
        predictions,
        pseudo_labels,
        submission_files,
        suggestions,
        trainings,
        tuning,
    )

__all__ = [
    "artefacts",
    "auto",
    "blends",
    "board",
    "file_problems",
    "findings",
    "folds",
    "hosting",
    "imports",
    "packs",
    "predictions",
    "pseudo_labels",
    "submission_files",
    "suggestions",
    "trainings",
    "tuning",
]

__getattr__ = lazy_attributes(__name__, {name: name for name in __all__})
