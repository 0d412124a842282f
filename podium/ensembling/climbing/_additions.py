"""Means of picks and one more member: what is asked of them, and the plain way to score them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from podium.predictions.top_k import TopKMembers, mean_top_k

if TYPE_CHECKING:
    from podium.ensembling.method import Objective

__all__ = ["EPS", "Additions", "Plain", "RunningSum", "known_dtype"]

EPS = float(np.finfo(np.float64).eps)

Picks = tuple[int, ...]
Bounds = tuple[NDArray[np.float64], NDArray[np.float64]]


class Additions(Protocol):
    """Scores of the mean of some picks, in which a member may stand several times."""

    def bounds(self, picks: Picks, allowed: NDArray[np.int64]) -> Bounds | None:
        """Return bounds of what `score((*picks, m))` is for each m of `allowed`, `(K,)` each.

        Where the two are equal they are the score. None: nothing is known without scoring.
        """

    def score(self, picks: Picks) -> float:
        """Return what the objective gives the mean of one pick or more, to the last bit."""


class RunningSum:
    """The sum of what members say, in float64, added in the order of the picks."""

    def __init__(self, values: Any) -> None:
        self._values = values  # (M, …)
        self._picks: list[int] = []
        self._total = np.zeros(np.shape(values)[1:])

    def of(self, picks: Picks) -> NDArray[np.float64]:
        """Return the sum, which the next call may change; picks that go on cost one addition."""
        if tuple(self._picks) != picks[: len(self._picks)]:
            self._picks.clear()
            self._total[...] = 0
        for pick in picks[len(self._picks) :]:
            self._total += self._values[pick]
            self._picks.append(pick)
        return self._total


class Plain:
    """Every mean is made and scored: for any metric, and for `TopKMembers`."""

    def __init__(self, members: Any, objective: Objective) -> None:
        self._members, self._objective = members, objective
        self._sum: RunningSum | None = None

    def bounds(self, picks: Picks, allowed: NDArray[np.int64]) -> Bounds | None:
        return None

    def score(self, picks: Picks) -> float:
        return self._objective.of_probs(self._mean(picks))

    def _mean(self, picks: Picks) -> Any:
        members = self._members
        if isinstance(members, TopKMembers):
            counts = np.bincount(picks, minlength=len(members))
            return mean_top_k(list(members), counts / counts.sum())
        if self._sum is None:  # float64 (N, C): much, and bounds may never ask for it
            self._sum = RunningSum(members)
        return (self._sum.of(picks[:-1]) + members[picks[-1]]) / len(picks)


def known_dtype(members: NDArray[Any]) -> NDArray[Any]:
    """Return members as float32 or float64, side by side, for compiled loops; none is rounded."""
    if members.dtype in (np.float32, np.float64):
        return np.ascontiguousarray(members)
    return members.astype(np.float32 if members.dtype == np.float16 else np.float64, order="C")
