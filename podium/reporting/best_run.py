"""Whether the best run is better than the second one beyond chance: both on the same images."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from podium.reporting.entries import RunEntry

__all__ = ["Lead", "lead_of_best"]

LEVEL = 0.05


@dataclass(frozen=True)
class Lead:
    """The best run beside the second one.

    Attributes:
        best, second: ids of the runs.
        by: how much the score of the best is better, >= 0.
        ahead, behind: numbers of images, or groups of them, that the best predicts better, and
            worse.
        unit: what is counted: "images" or "groups of images".
        is_real: whether a sign test finds so many ahead unlikely by chance.
    """

    best: str
    second: str
    by: float
    ahead: int
    behind: int
    unit: str
    is_real: bool

    def __str__(self) -> str:
        """The lead as a sentence.

        Example:
            >>> print(Lead("a", "b", 0.0083, 28, 25, "images", False))
            a is 0.0083 better than b: within chance (28 images against 25)
        """
        verdict = "beyond chance" if self.is_real else "within chance"
        counts = f"({self.ahead:,} {self.unit} against {self.behind:,})"
        return f"{self.best} is {self.by:.4f} better than {self.second}: {verdict} {counts}"


def lead_of_best(
    runs: Sequence[RunEntry],
    answers: Mapping[str, Mapping[str, float]],
    groups: Mapping[str, object],
) -> Lead | None:
    """Return the lead of the best run with answers over the second one; None of fewer than two.

    Args:
        runs: the best first; those scored by another metric are left out.
        answers: run → id of an image → how good the run's answer is, the larger the better.
        groups: id of an image → its group, where images have one: they are no units of their own.
    """
    from scipy.stats import binomtest

    known = [one for one in runs if one.id in answers and not one.scored_by and one.oof is not None]
    if len(known) < 2:
        return None
    best, second = known[:2]
    assert best.oof is not None
    assert second.oof is not None
    gains: dict[object, float] = defaultdict(float)
    for one, answer in answers[best.id].items():
        if one in answers[second.id]:
            gains[groups.get(one, one)] += answer - answers[second.id][one]
    ahead = sum(gain > 0 for gain in gains.values())
    behind = sum(gain < 0 for gain in gains.values())
    return Lead(
        best.id,
        second.id,
        abs(best.oof - second.oof),
        ahead,
        behind,
        "groups of images" if groups else "images",
        ahead > behind and bool(binomtest(ahead, ahead + behind).pvalue < LEVEL),
    )
