"""`podium check`: checks of the data before anything is trained on them.

A check returns findings: level, fault, place, and how to mend it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from podium.errors import DataError, some

__all__ = ["Finding", "Level", "count_with_examples", "finding_from_error"]


Level = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Finding:
    """One thing that a check found.

    Args:
        level: an `error` must be mended before training, a `warning` should be understood, a `note`
            is information on the data.
        title: the finding in a few words.
        detail: amount and place; one sentence.
        fix: what to do; empty where nothing is to be done.
        items: every affected file, id or class.
    """

    level: Level
    title: str
    detail: str
    fix: str = ""
    items: tuple[str, ...] = ()


def count_with_examples(names: Sequence[str]) -> str:
    """Return how many names there are, and the first five."""
    return f"{len(names):,}: {some(names)}"


def finding_from_error(error: DataError, title: str) -> Finding:
    """Return a finding with the message of `error`."""
    where = "" if error.where is None else f"{error.where}: "
    return Finding("error", title, f"{where}{error.message}", error.fix or "")
