"""Rules of rows for multilabel tasks: of how many classes a row says, at least and at most.

Where a metric scores a row by all of its labels together (F-beta of samples, accuracy of rows), a
row that says nothing, or too much, loses more than a threshold of each class can mend. "Never
empty" is the plainest such rule (`at_least: 1`); the numbers of labels of the rows at hand bound
what is tried.

With n ≤ k the two rules change different rows: those that say fewer than n, and those that say more
than k. Of a mean over rows, so, the best n is best whatever k is, and each is sought by itself. A
rule is kept where it gains more than the standard error of its gain (see `worth.py`).

Thresholds are not fitted again with the rules: on simulated rows (n = 200 and 1,000) that gained
0.000 ± 0.001 on others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from podium.competition import metrics
from podium.predictions.decide import Step, default_steps
from podium.tuning.scoring import Scorer
from podium.tuning.worth import is_worth_it

__all__ = ["MOST_LABELS", "scores_rows_jointly", "with_row_rules"]

MOST_LABELS = 8  # of a row: larger numbers are not tried

Steps = list[dict[str, Any]]


def scores_rows_jointly(scorer: Scorer) -> bool:
    """Return whether a row's score depends on all its labels together, as rules of rows do.

    A mean over classes does not: there a label of one class has nothing to do with another's. Of a
    metric that is the user's own nobody knows: then it may.
    """
    if scorer.kind != "multilabel" or not scorer.needs_decisions:
        return False
    name, options = scorer.metric.name, scorer.metric.complete(scorer.options)
    if name not in metrics.names() or scorer.metric is not metrics.get(name):
        return True
    return options.get("average") == "samples" or options.get("over") == "row"


def with_row_rules(
    scorer: Scorer,
    probs: NDArray[Any],
    held: Sequence[Step],
    *,
    tuned: Sequence[Step],
    groups: NDArray[Any] | None = None,
    seed: int = 0,
) -> Steps:
    """Return `held`, or thresholds with rules of rows that gain more than chance over it.

    The rules are tried with the thresholds of `held`, and then with those that were not held: they
    were tuned for rows without rules, or not at all, and either may be better with them.

    Args:
        scorer: the metric and the truth of the rows.
        probs: `(N, C)`.
        held: the decision without rules; empty: the plain one.
        tuned: the thresholds that were tuned.
        groups: `(N,)`: rows that are drawn together; None: each by itself.
        seed: of the draws for the standard error of a gain.

    Returns:
        steps of `decide`; where no rule is worth it `held`.
    """
    best = [dict(one) for one in held]
    if not scores_rows_jointly(scorer) or scorer.truth.shape[1] < 2:
        return best
    tried = _Tried(scorer, probs, groups, seed)
    plain = default_steps("multilabel")
    for thresholds in (best or plain, plain if best else tuned):
        start = [dict(one) for one in thresholds]
        found = tried.with_rules(start)
        if found != start and tried.is_worth_it(best, found):
            best = found
    return best


@dataclass(frozen=True)
class _Tried:
    """Rows on which rules are tried; attributes are the arguments of `with_row_rules`."""

    scorer: Scorer
    probs: NDArray[Any]
    groups: NDArray[Any] | None
    seed: int

    def is_worth_it(self, held: Steps, steps: Steps) -> bool:
        """Return whether steps gain more over those that are held than chance."""
        if self._goodness(steps) <= self._goodness(held):
            return False  # nothing needs to be drawn
        said = [self.scorer.prediction(self.probs, one) for one in (held, steps)]
        return is_worth_it(self.scorer, *said, groups=self.groups, seed=self.seed)

    def with_rules(self, start: Steps) -> Steps:
        """Return `start` and after it the rules that gain more than chance."""
        truth = self.scorer.truth
        most = int(min(truth.shape[1] - 1, MOST_LABELS, max(1, (truth > 0).sum(axis=1).max())))
        with_least = self._best(start, "at_least", range(1, most + 1))
        least = with_least[-1].get("at_least", 1)
        # The plainest first, of equal scores it is kept: so few labels added, so many left.
        return self._best(with_least, "at_most", range(most, least - 1, -1))

    def _best(self, held: Steps, rule: str, numbers: Iterable[int]) -> Steps:
        """Return `held` with the number of `rule` that scores best, if it is worth it."""
        best = max(([*held, {rule: number}] for number in numbers), key=self._goodness)
        return best if self.is_worth_it(held, best) else held

    def _goodness(self, steps: Steps) -> float:
        score = self.scorer.of_probs(self.probs, steps)
        return score if self.scorer.metric.greater_is_better else -score
