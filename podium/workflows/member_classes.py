"""Members of blends, and whether their columns are those of today's classes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from podium.competition.spec import Competition
from podium.errors import RunError, UsageError
from podium.workspace.records import read_record

__all__ = ["refuse_other_classes"]


def refuse_other_classes(sets: Iterable[Path], competition: Competition) -> None:
    """Raise UsageError where a member's columns are not those of today's classes, in their order.

    A set that was made by hand does not say its classes.
    """
    for root in sets:
        try:
            record = read_record(root.parent.parent)
        except RunError:
            continue
        known = record.inputs.get("classes")
        if known is not None and known != list(competition.classes):
            raise UsageError(
                f"{record.id} knows other classes than competition.yaml, or in another order",
                fix="train or import it again, or write its classes as they were",
            )
