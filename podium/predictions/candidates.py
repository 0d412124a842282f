"""Which runs and imports `podium blend` takes where none are named, by their records alone."""

from __future__ import annotations

from collections.abc import Iterable, Set
from pathlib import Path
from typing import TYPE_CHECKING

from podium.predictions.imports.oof_status import blend_refusal
from podium.predictions.store.reading import is_separate_view

if TYPE_CHECKING:
    from podium.competition.spec import Competition
    from podium.workspace.records import Record

__all__ = ["find_newest_set", "import_gaps", "is_current", "newest_imports"]


def is_current(record: Record, competition: Competition, folds: str) -> bool:
    """Return whether a run or an import is of today's tasks, some of them, folds and classes.

    Args:
        record: of the run or import.
        competition: as it is today.
        folds: digest of today's folds.
    """
    tasks = record.inputs.get("tasks")
    return (
        record.inputs.get("folds") == folds
        and record.inputs.get("classes") == list(competition.classes)
        and isinstance(tasks, dict)
        and all(competition.tasks.get(task) == kind for task, kind in tasks.items())
    )


def find_newest_set(member: Path) -> Path | None:
    """Return the newest prediction set of a run or import that has out-of-fold rows, if any.

    Sets of one view each, of `podium predict --each-view`, are used only by name.
    """
    sets = [path.parent for path in member.glob("predictions/*/oof")]
    sets = [one for one in sets if not is_separate_view(one)]
    return max(sets, key=lambda path: (path.stat().st_mtime_ns, path.name), default=None)


def newest_imports(found: Iterable[tuple[Path, Record]]) -> list[tuple[Path, Record]]:
    """Return the imports of `podium import` among artefacts, oldest first; of one name the newest.

    Imports of nearest neighbours are used only by name.
    """
    imports = [one for one in found if one[1].kind == "import" and "tasks" in one[1].details]
    imports.sort(key=lambda one: (one[1].created, one[0]))
    return list({record.name: (folder, record) for folder, record in imports}.values())


def import_gaps(record: Record, competition: Competition, folds: Set[int]) -> str:
    """Return why an import is not taken unless it is named; "" where it is as whole as a run.

    Args:
        record: of the import.
        competition: that it was imported for.
        folds: all of `folds.csv`.
    """
    refused = blend_refusal(record)
    if refused is not None:
        return refused.message.partition(": ")[2]
    for facts in record.details["tasks"].values():
        if set(facts["folds"]) != folds:
            return "it has not all folds"
        if competition.data.test is not None and not facts["test_rows"]:
            return "it has no test predictions"
    return ""
