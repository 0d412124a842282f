"""How a trial ends, other than by a score that its study can compare."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["Failed", "Interrupted", "Outcome", "Pruned"]


@dataclass(frozen=True)
class Outcome:
    """What a trial found.

    Attributes:
        values: one score for each direction of the study.
        facts: JSON values that are kept with the trial, by name: the run, scores by fold.
    """

    values: tuple[float, ...]
    facts: dict[str, Any] = field(default_factory=dict)


class Pruned(Exception):  # noqa: N818 — no error: the trial is hopeless and stops
    """A trial stops, since others were better by as far as it came."""


class Failed(Exception):  # noqa: N818 — kept with the trial; the study goes on
    """A trial that cannot be scored; the reason is kept with it, and the study goes on."""


class Interrupted(Exception):  # noqa: N818 — no error: the trial is done again
    """A trial stops before its time, as at the end of --max-time, and is to be done again."""
