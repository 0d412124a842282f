"""The decision on masks that scores best, by looking up the counts of all candidates.

A decision is a candidate of the grid and a gate; a multilabel task has one of each for every class,
since the counts of a class depend on that class's threshold, area and gate only. They are found
class by class, the others held, starting from the best decision that is common to all.

A richer decision is kept where it gains more than the standard error of its gain: the common one
over the plain one, then the one by class over what was kept (see `worth.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.competition.sum_scorer import SumScorer
from podium.errors import DataError
from podium.tuning.mask_space import GATES
from podium.tuning.mask_sums import SumTable
from podium.tuning.mask_table import Counts, CountTable, Keep
from podium.tuning.worth import is_gain_of_sums_worth_it

if TYPE_CHECKING:
    from podium.competition.spec import TaskKind

__all__ = [
    "PLAIN",
    "GatedTable",
    "MaskChoice",
    "MaskScorer",
    "fit_mask_choice",
    "gate_keeps",
    "steps_of",
]

MAX_SWEEPS = 3  # over the classes of a multilabel task


@dataclass(frozen=True)
class MaskScorer:
    """A metric of masks bound to the kind of its task."""

    metric: Metric
    kind: TaskKind
    options: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(
        cls, metric: str | Metric, kind: TaskKind, options: Mapping[str, Any] | None = None
    ) -> MaskScorer:
        """Return the scorer of a metric of masks.

        Raises:
            DataError: the metric cannot score masks of this kind, or has no such option.
        """
        given = {name: one for name, one in (options or {}).items() if name != "kind"}
        return cls(metrics.fitting(metric, kind, given, task="segment"), kind, given)

    def sums(self, counts: Counts) -> NDArray[Any]:
        """Return the metric's sums `(n, S)` of counts `(n, K, 4)`."""
        return metrics.of_counts(self.metric, counts, kind=self.kind, **self.options)

    def score(self, counts: Counts) -> float:
        """Return the score of the images with these counts `(n, K, 4)`."""
        return metrics.value(self.metric, self.sums(counts), **self.options)

    def goodness(self, counts: Counts) -> float:
        """Return the score, greater for better; -inf where it is undefined."""
        try:
            score = self.score(counts)
        except DataError:  # nothing is there and nothing is said: no candidate is the better one
            return -np.inf
        return score if self.metric.greater_is_better else -score


@dataclass(frozen=True)
class MaskChoice:
    """A decision on masks: (candidate, gate) for all classes, or one pair a class.

    The numbers point into a table's candidates and into the gates of a `GatedTable`.
    """

    picks: tuple[tuple[int, int], ...]


PLAIN = MaskChoice(((0, 0),))


@dataclass(frozen=True)
class GatedTable:
    """A table of counts or sums, and where to look when a classifier's word empties masks.

    Attributes:
        table: of the candidates.
        gates: `(G,)` probabilities; the first, 0, is no gate.
        wheres: `(G,)`, for each gate what `table.where` returned.
    """

    table: CountTable | SumTable
    gates: tuple[float, ...]
    wheres: tuple[NDArray[np.int64], ...]

    @classmethod
    def of(
        cls, table: CountTable | SumTable, presence: NDArray[np.floating[Any]] | None
    ) -> GatedTable:
        """Return the table with gates on `presence` `(N, C)`; None: without a gate."""
        if presence is None:
            return cls(table, (0.0,), (table.where(),))
        wheres = [table.where(gate_keeps(presence, gate)) for gate in GATES]
        return cls(table, (0.0, *GATES), (table.where(), *wheres))

    def look_up(self, choice: MaskChoice, rows: NDArray[np.int64]) -> Counts:
        """Return the counts `(n, K, 4)`, or sums, that a decision has on the images `rows`."""
        found = [self.table.look_up(a, self.wheres[g], rows) for a, g in choice.picks]
        if len(found) == 1:
            return found[0]
        return np.stack([one[:, c] for c, one in enumerate(found)], axis=1)

    def common(self) -> Iterator[MaskChoice]:
        """Give every decision that is common to all classes, the plain one first."""
        for g in range(len(self.gates)):
            for a in range(len(self.table.candidates)):
                yield MaskChoice(((a, g),))


def gate_keeps(presence: NDArray[np.floating[Any]], gate: float) -> Keep:
    """Return bool `(N, C)`: which classes a gate leaves, compared as float32 as deciding does."""
    return np.asarray(presence, dtype=np.float32) >= np.float32(gate)


def fit_mask_choice(
    gated: GatedTable,
    scorer: MaskScorer | SumScorer,
    rows: NDArray[np.int64],
    *,
    groups: NDArray[Any] | None = None,
    seed: int = 0,
) -> MaskChoice:
    """Return the decision that scores best on the images `rows`; the plain one where it may be.

    Args:
        gated: counts of all candidates on all images; no other image than `rows` is looked at.
        scorer: the metric.
        rows: `(n,)`.
        groups: `(N,)`: images that are drawn together for the standard error of a gain.
        seed: of those draws.
    """
    best = max(gated.common(), key=lambda one: scorer.goodness(gated.look_up(one, rows)))
    richer = [best]
    n_classes = gated.table.empty.shape[1]
    if isinstance(scorer, MaskScorer) and scorer.kind == "multilabel" and n_classes > 1:
        richer.append(_by_class(gated, scorer, rows, best, n_classes))
    held = PLAIN
    for choice in richer:
        if choice != held and is_gain_of_sums_worth_it(
            scorer.metric,
            *(scorer.sums(gated.look_up(one, rows)) for one in (held, choice)),
            groups=None if groups is None else groups[rows],
            options=scorer.options,
            seed=seed,
        ):
            held = choice
    return held


def _by_class(
    gated: GatedTable,
    scorer: MaskScorer,
    rows: NDArray[np.int64],
    start: MaskChoice,
    n_classes: int,
) -> MaskChoice:
    """Return the decision with a candidate and a gate for each class, found class by class."""
    picks = list(start.picks) * n_classes
    counts = gated.look_up(start, rows).copy()
    best = scorer.goodness(counts)

    def goodness_with(c: int) -> Callable[[tuple[int, int]], float]:
        tried = counts.copy()

        def goodness(pick: tuple[int, int]) -> float:
            tried[:, c] = gated.table.look_up(pick[0], gated.wheres[pick[1]], rows)[:, c]
            return scorer.goodness(tried)

        return goodness

    for _ in range(MAX_SWEEPS):
        before = list(picks)
        for c in range(n_classes):
            goodness = goodness_with(c)
            for axis in (
                lambda pick: [(a, pick[1]) for a in range(len(gated.table.candidates))],
                lambda pick: [(pick[0], g) for g in range(len(gated.gates))],
            ):
                found = max(axis(picks[c]), key=goodness)
                if (reached := goodness(found)) > best:
                    picks[c], best = found, reached
            a, g = picks[c]
            counts[:, c] = gated.table.look_up(a, gated.wheres[g], rows)[:, c]
        if picks == before:
            break
    return start if len(set(picks)) == 1 else MaskChoice(tuple(picks))


def steps_of(gated: GatedTable, choice: MaskChoice, n_outputs: int) -> list[dict[str, Any]]:
    """Return a decision as steps of `decide`; none for the plain decision.

    Args:
        gated: the table that the choice points into.
        choice: the decision.
        n_outputs: channels of the network.
    """
    if choice == PLAIN:
        return []
    candidates = [gated.table.candidates[a] for a, _ in choice.picks]
    gates = [gated.gates[g] for _, g in choice.picks]
    steps: list[dict[str, Any]] = [{"gate": _one_or_all(gates)}] if any(gates) else []
    if gated.table.kind == "multiclass":
        level = candidates[0].level
        if level != 1:
            steps.append({"class_weights": [level, *[1.0] * (n_outputs - 1)]})
        return [*steps, {"argmax": None}, *candidates[0].cleaning]
    steps.append({"threshold": _one_or_all([one.level for one in candidates])})
    if candidates[0].apart is not None:
        return [*steps, *candidates[0].cleaning]
    areas = [one.min_area for one in candidates]
    return [*steps, {"min_area": _one_or_all(areas)}] if any(areas) else steps


def _one_or_all(values: Sequence[Any]) -> Any:
    """Return the value that all have in common, else the list of them."""
    return values[0] if len(set(values)) == 1 else list(values)
