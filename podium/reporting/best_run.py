"""Whether the best run is better than the second one beyond chance: both on the same images.

Draws of their rows tell it, as `podium train` and `submit` do; of volumes and sets of objects, of
which a run keeps no single scores, a sign test of the images. Where one of them lacks folds, the
two are compared on the folds that both have.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from podium.ensembling.chance import in_draws
from podium.errors import plural

if TYPE_CHECKING:
    from podium.reporting.entries import RunEntry

__all__ = ["Lead", "lead_of_best"]

LEVEL = 0.05


@dataclass(frozen=True)
class Lead:
    """The best run beside the second one.

    Attributes:
        best, second: ids of the runs.
        by: how much the score of the best is better; below 0 where it is worse on the rows that
            both have.
        ahead, behind: numbers of images, or groups of them, that the best predicts better, and
            worse.
        in_groups: whether groups of images are counted, and not images.
        is_real: whether a sign test finds so many on the side of the better score unlikely by
            chance.
        n_both: number of rows that both have, where one of them has others, too; `by` is then the
            mean over the folds of both.
        is_of_more_rows: whether the best has more rows than the second one, and so stands first.
        share: of draws of the rows, in which the best is better; None: that is not known.
    """

    best: str
    second: str
    by: float
    ahead: int
    behind: int
    in_groups: bool
    is_real: bool
    n_both: int | None = None
    is_of_more_rows: bool = False
    share: float | None = None

    def __str__(self) -> str:
        """The lead as a sentence.

        Example:
            >>> print(Lead("a", "b", 0.0083, 28, 25, False, False, share=0.66))
            a is 0.0083 better than b in 66% of draws, perhaps by chance (28 images against 25)
            >>> print(Lead("a", "b", -0.1, 4, 6, False, False))
            b is 0.1000 better than a: perhaps by chance, by a sign test (6 images against 4)
        """
        better, other, ahead, behind = self.best, self.second, self.ahead, self.behind
        share = self.share
        if self.by < 0:  # it leads by rows that the second one has not
            better, other, ahead, behind = other, better, behind, ahead
            share = None if share is None else 1 - share
        verdict = ": beyond chance" if self.is_real else ": perhaps by chance"
        verdict = f"{verdict}, by a sign test" if share is None else in_draws(share)
        counted = "image" if ahead == 1 else "images"
        if self.in_groups:
            counted = f"{'group' if ahead == 1 else 'groups'} of images"
        counts = f"({ahead:,} {counted} against {behind:,})"
        where = (
            "" if self.n_both is None else f" on the {plural(self.n_both, 'row')} that both have"
        )
        stands = f"; {self.best} stands first, as more rows score it"
        return (
            f"{better} is {abs(self.by):.4f} better than {other}{where}{verdict} {counts}"
            f"{stands if self.by < 0 and self.is_of_more_rows else ''}"
        )


def lead_of_best(
    runs: Sequence[RunEntry],
    answers: Mapping[str, Mapping[str, float]],
    groups: Mapping[str, object],
    *,
    share_of: Callable[[str, str], float | None],
    greater_is_better: bool = True,
) -> Lead | None:
    """Return the lead of the best run with answers over the second one; None of fewer than two.

    Args:
        runs: the best first; those scored by another metric are left out.
        answers: run → id of an image → how good the run's answer is, the larger the better.
        groups: id of an image → its group, where images have one: they are no units of their own.
        share_of: from two ids to the share of draws in which the first is better, if it is known.
        greater_is_better: of the scores.
    """
    from scipy.stats import binomtest

    known = [one for one in runs if one.id in answers and not one.scored_by and one.oof is not None]
    if len(known) < 2:
        return None
    best, second = known[:2]
    assert best.oof is not None
    assert second.oof is not None
    both = answers[best.id].keys() & answers[second.id].keys()
    has_others = best.folds.keys() != second.folds.keys()
    by = _gain_in_folds_of_both(best, second) if has_others else best.oof - second.oof
    if by is None:
        return None
    by = by if greater_is_better else -by
    gains: dict[object, float] = defaultdict(float)
    for one in both:
        gains[groups.get(one, one)] += answers[best.id][one] - answers[second.id][one]
    ahead = sum(gain > 0 for gain in gains.values())
    behind = sum(gain < 0 for gain in gains.values())
    agrees = behind > ahead if by < 0 else ahead > behind
    return Lead(
        best.id,
        second.id,
        by,
        ahead,
        behind,
        bool(groups),
        agrees and bool(binomtest(ahead, ahead + behind).pvalue < LEVEL),
        len(both) if has_others else None,
        len(answers[best.id]) > len(answers[second.id]),
        share_of(best.id, second.id),
    )


def _gain_in_folds_of_both(best: RunEntry, second: RunEntry) -> float | None:
    """Return the mean of how much higher `best` scores in the folds of both; None without one."""
    both = best.folds.keys() & second.folds.keys()
    if not both:
        return None
    return float(np.mean([best.folds[fold] - second.folds[fold] for fold in sorted(both)]))
