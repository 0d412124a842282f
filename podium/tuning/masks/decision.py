"""The decision on masks that scores best, by looking up the counts of all candidates.

A decision is a candidate of the grid and a gate; a multilabel task has one of each for every class,
since the counts of a class depend on that class's threshold, area and gate only. They are found
class by class, the others held, starting from the best decision that is common to all.

Of the levels, all else held, the one is taken that lies in the middle of those as good as the best
for all that the images can say (see `robust_level.py`). A richer decision is kept where it gains
more than the standard error of its gain: the common one over the plain one, then the one by class
over what was kept (see `worth.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.competition.sum_scorer import SumScorer
from podium.errors import DataError
from podium.tuning.masks.goodness import goodness_of_all, goodness_of_totals
from podium.tuning.masks.robust_level import level_of, middle_level
from podium.tuning.masks.space import GATES, MaskCandidate
from podium.tuning.masks.sums import SumTable
from podium.tuning.masks.table import Counts, CountTable, Keep
from podium.tuning.plateau import plateau_error
from podium.tuning.step_grid import StepCandidate, are_alike, merged
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
        gates: `(G,)` probabilities; 0 is no gate.
        wheres: `(G,)`, for each gate what `table.where` returned.
    """

    table: CountTable | SumTable
    gates: tuple[float, ...]
    wheres: tuple[NDArray[np.int64], ...]

    @classmethod
    def of(
        cls,
        table: CountTable | SumTable,
        presence: NDArray[np.floating[Any]] | None,
        gates: Sequence[float] = (0.0, *GATES),
    ) -> GatedTable:
        """Return the table with `gates` on `presence` `(N, C)`; None: without a gate."""
        if presence is None:
            return cls(table, (0.0,), (table.where(),))
        wheres = [table.where(gate_keeps(presence, gate) if gate else None) for gate in gates]
        return cls(table, tuple(gates), tuple(wheres))

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

    def look_up_each(
        self, picks: Sequence[tuple[int, int]], rows: NDArray[np.int64]
    ) -> NDArray[Any]:
        """Return the counts `(P, n, K, 4)`, or sums, of decisions common to all classes."""
        return np.stack([self.table.look_up(a, self.wheres[g], rows) for a, g in picks])


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
    raw: bool = False,
) -> MaskChoice:
    """Return the decision that scores best on the images `rows`; the plain one where it may be.

    Args:
        gated: counts of all candidates on all images; no other image than `rows` is looked at.
        scorer: the metric.
        rows: `(n,)`.
        groups: `(N,)`: images that are drawn together for the standard error of a gain.
        seed: of those draws.
        raw: take the best level, not the robust one.
    """
    every = [one.picks[0] for one in gated.common()]
    goodness = goodness_of_all(
        scorer, lambda some: gated.look_up_each([every[i] for i in some], rows), len(every)
    )
    best = MaskChoice((every[int(np.argmax(goodness))],))
    richer = [best]
    n_classes = gated.table.empty.shape[1]
    if (
        isinstance(scorer, MaskScorer)
        and scorer.kind == "multilabel"
        and n_classes > 1
        and _can_be_merged(gated)
    ):
        richer.append(_by_class(gated, scorer, rows, best, n_classes))
    if not raw and np.isfinite(goodness).any():
        richer = [_robust(gated, scorer, rows, one, groups, seed) for one in richer]
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

    def goodness_with(c: int, tried: Sequence[tuple[int, int]]) -> NDArray[np.float64]:
        def look_up(some: Sequence[int]) -> Counts:
            found = np.repeat(counts[None], len(some), axis=0)
            found[:, :, c] = gated.look_up_each([tried[i] for i in some], rows)[:, :, c]
            return found

        return goodness_of_all(scorer, look_up, len(tried))

    for _ in range(MAX_SWEEPS):
        before = list(picks)
        for c in range(n_classes):
            for axis in (
                lambda pick: [(a, pick[1]) for a in range(len(gated.table.candidates))],
                lambda pick: [(pick[0], g) for g in range(len(gated.gates))],
            ):
                tried = axis(picks[c])
                goodness = goodness_with(c, tried)
                if (reached := float(goodness.max())) > best:
                    picks[c], best = tried[int(np.argmax(goodness))], reached
            a, g = picks[c]
            counts[:, c] = gated.table.look_up(a, gated.wheres[g], rows)[:, c]
        if picks == before:
            break
    return start if len(set(picks)) == 1 else MaskChoice(tuple(picks))


def _robust(
    gated: GatedTable,
    scorer: MaskScorer | SumScorer,
    rows: NDArray[np.int64],
    choice: MaskChoice,
    groups: NDArray[Any] | None,
    seed: int,
) -> MaskChoice:
    """Return the decision with the robust level in place of the best; of classes, one by one."""
    picks = list(choice.picks)
    for c, (a, g) in enumerate(choice.picks):
        numbers = _other_levels(gated, a)
        if len(numbers) < 3:
            continue
        each = [MaskChoice((*picks[:c], (other, g), *picks[c + 1 :])) for other in numbers]
        sums = np.stack([scorer.sums(gated.look_up(one, rows)) for one in each])  # (T, n, S)
        goodness = goodness_of_totals(scorer, sums.sum(axis=1, dtype=np.float64))
        errors = plateau_error(
            scorer.metric,
            sums,
            options=scorer.options,
            groups=None if groups is None else groups[rows],
            seed=seed,
        )
        levels = np.array([_level(gated, other) for other in numbers])
        is_weight = gated.table.kind == "multiclass"
        picks[c] = (numbers[middle_level(levels, goodness, errors, is_weight=is_weight)], g)
    return MaskChoice(tuple(picks))


def _other_levels(gated: GatedTable, a: int) -> list[int]:
    """Return the numbers of the candidates that differ from `a` in their level alone, ascending."""
    mine = level_of(gated.table.candidates[a])
    if mine is None:
        return []
    found = {}
    for number, one in enumerate(gated.table.candidates):
        its = level_of(one)
        if its is not None and its[1] == mine[1]:
            found[its[0]] = number
    return [found[level] for level in sorted(found)]


def _level(gated: GatedTable, a: int) -> float:
    found = level_of(gated.table.candidates[a])
    assert found is not None
    return found[0]


def steps_of(gated: GatedTable, choice: MaskChoice, n_outputs: int) -> list[dict[str, Any]]:
    """Return a decision as steps of `decide`; none for podium's plain decision.

    Args:
        gated: the table that the choice points into.
        choice: the decision.
        n_outputs: channels of the network.
    """
    found = [gated.table.candidates[a] for a, _ in choice.picks]
    gates = [gated.gates[g] for _, g in choice.picks]
    steps: list[dict[str, Any]] = [{"gate": _one_or_all(gates)}] if any(gates) else []
    written = [one for one in found if isinstance(one, StepCandidate)]
    if written:
        return [*steps, *merged(written)]
    if choice == PLAIN:
        return []
    candidates = [one for one in found if isinstance(one, MaskCandidate)]
    if gated.table.kind == "multiclass":
        level = candidates[0].level
        if level != 1:
            steps.append({"class_weights": [level, *[1.0] * (n_outputs - 1)]})
        return [*steps, {"argmax": None}, *candidates[0].cleaning]
    steps.append({"threshold": _one_or_all([one.level for one in candidates])})
    if candidates[0].apart is not None:
        return [*steps, *candidates[0].cleaning]
    sides = [max(1, one.median) for one in candidates]
    steps += [{"median": _one_or_all(sides)}] if max(sides) > 1 else []
    areas = [one.min_area for one in candidates]
    return [*steps, {"min_area": _one_or_all(areas)}] if any(areas) else steps


def _can_be_merged(gated: GatedTable) -> bool:
    """Return whether each class may have a candidate of its own; of a user's, not always."""
    written = [one for one in gated.table.candidates if isinstance(one, StepCandidate)]
    return not written or are_alike(written)


def _one_or_all(values: Sequence[Any]) -> Any:
    """Return the value that all have in common, else the list of them."""
    return values[0] if len(set(values)) == 1 else list(values)
