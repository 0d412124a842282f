"""Readings of what the data leave open, and the evidence for and against each.

A reading is one way to understand something: ids, the values of masks, the content of a cell. Each
is tested against all that there is. One is certain only where every test was made, it passed them
all, and no other reading did; where two pass, a person must choose.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from podium.competition.calibrate.codec import Certainty

__all__ = ["OpenKey", "Reading", "ReadingChoice", "choose"]

T = TypeVar("T")


@dataclass(frozen=True)
class Reading(Generic[T]):
    """One way to understand the data.

    Attributes:
        value: what it would write into competition.yaml.
        why: the evidence for it.
        against: what contradicts it, with an example; "" where nothing does.
        n_against: rows, pixels or files that contradict it.
    """

    value: T
    why: str
    against: str = ""
    n_against: int = 0


@dataclass(frozen=True)
class ReadingChoice(Generic[T]):
    """The reading that was chosen, how sure it is, and those that fit as well.

    Attributes:
        chosen: the best reading.
        sure: certain: it alone fits; likely: it fits but for a few rows; not sure: another fits as
            well, or none does.
        others: readings of other values that fit as well.
    """

    chosen: Reading[T]
    sure: Certainty
    others: tuple[Reading[T], ...] = ()


@dataclass(frozen=True)
class OpenKey:
    """A key of competition.yaml for which several readings fit.

    Attributes:
        key: with dots, as `submission.id`.
        others: the other values that fit, with the evidence for each.
    """

    key: str
    others: tuple[tuple[object, str], ...]


_FEW = 0.05
"""The share of rows that may contradict a reading that is still likely: a stale sample."""


def choose(readings: Sequence[Reading[T]], n: int) -> ReadingChoice[T]:
    """Return the choice among `readings`, of which an earlier one is preferred to a later one.

    Args:
        readings: one at least.
        n: rows, pixels or files that were tested.

    Example:
        >>> fits, bad = Reading("a", "all fit"), Reading("b", "", "row 3", 7)
        >>> choose([bad, fits], 10).chosen.value, choose([bad, fits], 10).sure
        ('a', 'certain')
        >>> choose([fits, Reading("c", "")], 10).sure
        'not sure'
    """
    ranked = sorted(readings, key=lambda one: one.n_against)
    best = ranked[0]
    if best.n_against:
        sure: Certainty = "likely" if best.n_against <= _FEW * n else "not sure"
        return ReadingChoice(best, sure)
    fitting = [one for one in ranked if not one.n_against]
    others = tuple(one for one in fitting[1:] if one.value != best.value)
    return ReadingChoice(best, "not sure" if others else "certain", others)
