"""What a study found: a row of scores by seed for each arm, and how far arms lie apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean, stdev

__all__ = ["Difference", "Row", "difference", "near_the_best", "ranked"]


@dataclass(frozen=True)
class Row:
    """The scores of one arm of a study.

    Attributes:
        name: "A", or a recipe's.
        says: what sets the arm apart, column → text.
        seeds: that were asked for.
        scores: seed → score of the competition's metric; a seed that is not done, or has failed, is
            not there.
        runs: seed → the run that was scored.
        failed: seed → why there is no score.
    """

    name: str
    says: dict[str, str]
    seeds: tuple[int, ...]
    scores: dict[int, float] = field(default_factory=dict)
    runs: dict[int, str] = field(default_factory=dict)
    failed: dict[int, str] = field(default_factory=dict)

    @property
    def mean(self) -> float | None:
        """The mean of the scores; None where there is none."""
        return fmean(self.scores.values()) if self.scores else None

    @property
    def std(self) -> float | None:
        """Their standard deviation, with n - 1 below; None for fewer than two."""
        return stdev(self.scores.values()) if len(self.scores) > 1 else None

    @property
    def error(self) -> float | None:
        """The standard error of the mean, std / √n; None for fewer than two scores."""
        return None if self.std is None else self.std / math.sqrt(len(self.scores))

    @property
    def left(self) -> tuple[int, ...]:
        """The seeds that are neither scored nor failed."""
        return tuple(s for s in self.seeds if s not in self.scores and s not in self.failed)


@dataclass(frozen=True)
class Difference:
    """How far one arm lies from another, seed by seed.

    Attributes:
        of: name of the arm that the other is taken off.
        minus: the other's.
        by_seed: seed → difference, of the seeds that both have.
        mean: of the differences; None without any.
        std: their standard deviation, with n - 1 below; None for fewer than two.
    """

    of: str
    minus: str
    by_seed: dict[int, float]
    mean: float | None
    std: float | None

    @property
    def name(self) -> str:
        """As "C − A"."""
        return f"{self.of} − {self.minus}"


def difference(one: Row, other: Row) -> Difference:
    """Return the score of `one` less that of `other`, paired by seed.

    Where both arms are lucky with the same seed, pairs vary less than the arms do: that is the
    spread to hold a difference against.

    Example:
        >>> high = Row("C", {}, (0, 1), {0: 0.75, 1: 0.5})
        >>> low = Row("A", {}, (0, 1), {0: 0.5, 1: 0.25})
        >>> difference(high, low).mean, difference(high, low).std
        (0.25, 0.0)
    """
    both = [s for s in one.seeds if s in one.scores and s in other.scores]
    by_seed = {s: one.scores[s] - other.scores[s] for s in both}
    values = list(by_seed.values())
    mean = fmean(values) if values else None
    return Difference(
        one.name, other.name, by_seed, mean, stdev(values) if len(values) > 1 else None
    )


def ranked(rows: Sequence[Row], *, greater_is_better: bool) -> list[Row]:
    """Return the rows with the best mean first, those without a score last."""
    sign = -1.0 if greater_is_better else 1.0
    return sorted(rows, key=lambda row: math.inf if row.mean is None else sign * row.mean)


def near_the_best(rows: Sequence[Row], *, greater_is_better: bool) -> set[str]:
    """Return the names of the rows within one standard error of the best one's mean, it included.

    That is Breiman's rule (1984), by the best row's own error; with one seed nothing is known of
    it, and there is only the best.
    """
    first = next(iter(ranked(rows, greater_is_better=greater_is_better)), None)
    if first is None or first.mean is None:
        return set()
    error = first.error or 0.0
    return {
        row.name for row in rows if row.mean is not None and abs(row.mean - first.mean) <= error
    }
