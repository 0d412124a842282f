"""The decision on masks that scores best, by looking up the counts of all candidates.

A decision is a candidate of the grid and a gate; a multilabel task has one of each for every class,
since the counts of a class depend on that class's threshold, area and gate only. They are found
class by class, the others held, starting from the best decision that is common to all.

A metric of masks is a function of the sums of its images. So the counts of many decisions are
looked up a block at a time, their sums added over the images, and all scores computed together.

Of the levels (thresholds of a pixel, or weights of the background), all else held, the one is taken
that lies in the middle of those as good as the best, as far as the images can show. As for
thresholds of labels (`Curve.robust`, decision 0022), these are the levels whose loss against the
best is at most its own standard error, by a paired bootstrap over the images. The middle is that of
the log odds of a threshold, and of the logarithm of a weight.

The common decision, or the one by class, is kept where it pays in an inner cross-fit of the images
(`tuning/paying.py`), else the plain one.

`keep_mask_study` writes the grid as an Optuna study that a dashboard or a notebook can open.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.competition.scores.sum_scorer import SumScorer
from podium.errors import plural
from podium.tasks.protocols.find import pixel_kind
from podium.tuning.curves import EQUAL, FAR, plateau_error
from podium.tuning.masks.counts import Counts, CountTable, Keep
from podium.tuning.masks.space import GATES, MaskCandidate, MaskSpace, StepSpace
from podium.tuning.masks.sums import SumTable
from podium.tuning.paying import ASKED, Kept, Scored, inner_parts, keep_what_pays
from podium.tuning.step_grid import StepCandidate, are_alike, merged
from podium.tuning.studies import open_storage
from podium.tuning.studies.samplers import quiet_optuna
from podium.tuning.studies.storages import keep_facts
from podium.tuning.studies.trial_digests import add_digest

if TYPE_CHECKING:
    from collections.abc import Callable

    import optuna

    from podium.tasks.protocols.kind import Kind

__all__ = [
    "PLAIN",
    "CountScorer",
    "GatedTable",
    "MaskChoice",
    "choose_mask_decision",
    "gate_keeps",
    "goodness_of_all",
    "keep_mask_study",
    "level_of",
    "middle_level",
    "steps_of",
]


VALUES_AT_ONCE = 1 << 20  # of a block of look-ups
MIN_IMAGES = 5  # or groups of them
IMAGES_IN_ALL = 400  # over the repeats of the inner split: an image holds many pixels

Floats = NDArray[np.float64]


class TableScorer(Protocol):
    """The scorer of what a table looks up: `MaskScorer` and `SumScorer`."""

    @property
    def metric(self) -> Metric: ...

    @property
    def options(self) -> Mapping[str, Any]: ...

    def sums(self, table: Any) -> NDArray[Any]:
        """Return the sums `(n, S)` of what was looked up, `(n, …)`."""
        ...


def goodness_of_all(
    scorer: TableScorer, look_up: Callable[[Sequence[int]], NDArray[Any]], n: int
) -> Floats:
    """Return the scores `(n,)` of decisions by number, greater for better; -inf where undefined.

    Args:
        scorer: the metric.
        look_up: from numbers to what a table has of these decisions, `(a, images, …)`.
        n: decisions, at least one.
    """
    totals: list[NDArray[Any]] = []
    size = look_up([0]).size
    step = max(1, VALUES_AT_ONCE // max(1, size))
    for start in range(0, n, step):
        found = look_up(range(start, min(n, start + step)))
        totals.append(unit_sums(scorer, found).sum(axis=1, dtype=np.float64))
    return goodness_of_totals(scorer, np.concatenate(totals))


def goodness_of_totals(scorer: TableScorer, totals: NDArray[Any]) -> Floats:
    """Return the scores of sums over all images, `(n, S)`, as `goodness_of_all` does."""
    scores = metrics.values(scorer.metric, totals, **scorer.options)
    return scorer.metric.goodness(scores)


def unit_sums(scorer: TableScorer, found: NDArray[Any]) -> NDArray[Any]:
    """Return the sums `(a, images, S)` of decisions that were looked up, `(a, images, …)`."""
    sums = scorer.sums(found.reshape(-1, *found.shape[2:]))
    return sums.reshape(*found.shape[:2], -1)


def middle_level(levels: Floats, goodness: Floats, errors: Floats, *, is_weight: bool) -> int:
    """Return the number of the level that lies nearest to the middle of those that are good.

    These are the ones from the lowest to the highest that lose at most their standard error. Where
    the middle itself loses much more, there are two summits, and the best level is taken.

    Args:
        levels: `(T,)`, ascending; thresholds, or weights.
        goodness: `(T,)`, of which one at least is finite.
        errors: `(T,)`: standard errors of (best - goodness).
        is_weight: whether levels are weights.

    Example:
        >>> levels, goodness = np.array([0.2, 0.4, 0.6, 0.8]), np.array([0.6, 0.7, 0.69, 0.68])
        >>> middle_level(levels, goodness, np.full(4, 0.02), is_weight=False)
        2
    """
    losses = goodness.max() - goodness
    good = np.flatnonzero(losses <= errors + EQUAL)
    place = np.log(levels if is_weight else levels / (1 - levels))
    middle = (place[good[0]] + place[good[-1]]) / 2
    # Of two that are as near, the better one.
    far = np.abs(place - middle)
    nearest = np.flatnonzero(far <= far.min() + EQUAL)
    found = int(nearest[np.argmax(goodness[nearest])])
    return found if losses[found] <= FAR * errors[found] + EQUAL else int(np.argmax(goodness))


def level_of(candidate: MaskCandidate | StepCandidate) -> tuple[float, Any] | None:
    """Return the level of a candidate, and the rest of it, which candidates may have in common.

    None: it has no level inside (0, 1), or one a class.
    """
    if isinstance(candidate, MaskCandidate):
        return candidate.level, replace(candidate, level=0.0)
    steps = candidate.steps
    level = next((step["threshold"] for step in steps if "threshold" in step), None)
    if not isinstance(level, int | float) or not 0 < level < 1:
        return None
    return float(level), json.dumps([step for step in steps if "threshold" not in step])


MAX_SWEEPS = 3  # over the classes of a multilabel task


@dataclass(frozen=True)
class CountScorer:
    """A metric of masks bound to the kind of its task."""

    metric: Metric
    kind: Kind
    options: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(
        cls, metric: str | Metric, kind: str, options: Mapping[str, Any] | None = None
    ) -> CountScorer:
        """Return the scorer of a metric of masks.

        Raises:
            DataError: the metric cannot score masks of this kind, or has no such option.
        """
        given = {name: one for name, one in (options or {}).items() if name != "kind"}
        task = pixel_kind(kind)
        return cls(metrics.fitting(metric, task, given, task="segment"), task, given)

    def sums(self, counts: Counts) -> NDArray[Any]:
        """Return the metric's sums `(n, S)` of counts `(n, K, 4)`."""
        return metrics.of_counts(self.metric, counts, kind=self.kind, **self.options)

    def score(self, counts: Counts) -> float:
        """Return the score of the images with these counts `(n, K, 4)`."""
        return metrics.value(self.metric, self.sums(counts), **self.options)

    def goodness(self, counts: Counts) -> float:
        """Return the score, greater for better; -inf where it is undefined."""
        # Undefined where nothing is there and nothing is predicted: no candidate is better.
        return self.metric.goodness_of(lambda: self.score(counts))


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
        """Yield every decision that is common to all classes, the plain one first."""
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


def choose_mask_decision(
    gated: GatedTable,
    scorer: CountScorer | SumScorer,
    rows: NDArray[np.int64],
    *,
    groups: NDArray[Any] | None = None,
    seed: int = 0,
    raw: bool = False,
    plain: bool = False,
) -> Kept[MaskChoice]:
    """Return the decision that pays on the images `rows`, and the evidence for it.

    Args:
        gated: counts of all candidates on all images; no other image than `rows` is looked at.
        scorer: the metric.
        rows: `(n,)`.
        groups: `(N,)`: images that are split and drawn together.
        seed: of splits and draws.
        raw: take the best level, not the robust one.
        plain: keep the plain decision, and fit nothing.
    """
    of_rows = np.arange(len(rows)) if groups is None else np.asarray(groups)[rows]
    n_units = len(np.unique(of_rows))
    # As of labels: of the images without a fold, half as many will do.
    n_of_all = n_units if groups is None else len(np.unique(groups))
    if plain or min(2 * n_units, n_of_all) < MIN_IMAGES:
        units = "images" if n_units == len(rows) else "groups"
        of = "" if n_units == len(rows) else f" ({plural(len(rows), 'image')})"
        few = f"{n_units} {units}{of} are too few to tune a decision: it needs {MIN_IMAGES} {units}"
        return Kept.untuned(PLAIN, n_units, ASKED if plain else few)
    return keep_what_pays(
        lambda some: _best_choices(gated, scorer, rows[some], groups=groups, seed=seed, raw=raw),
        lambda choice, some: scorer.sums(gated.look_up(choice, rows[some])),
        lambda sums, _: Scored(scorer.metric, scorer.options, sums),
        PLAIN,
        parts=inner_parts(len(rows), groups=of_rows, seed=seed, rows_in_all=IMAGES_IN_ALL),
        groups=of_rows,
        seed=seed,
    )


def _best_choices(
    gated: GatedTable,
    scorer: CountScorer | SumScorer,
    rows: NDArray[np.int64],
    *,
    groups: NDArray[Any] | None,
    seed: int,
    raw: bool,
) -> list[MaskChoice]:
    """Return the decision that scores best on the images `rows`, then the best one by class.

    The plain one where none has a score on these images.
    """
    every = [one.picks[0] for one in gated.common()]
    goodness = goodness_of_all(
        scorer, lambda some: gated.look_up_each([every[i] for i in some], rows), len(every)
    )
    if not np.isfinite(goodness).any():
        return [PLAIN]
    best = MaskChoice((every[int(np.argmax(goodness))],))
    richer = [best]
    n_classes = gated.table.empty.shape[1]
    if (
        isinstance(scorer, CountScorer)
        and scorer.kind.is_by_class
        and n_classes > 1
        and _can_be_merged(gated)
    ):
        richer.append(_by_class(gated, scorer, rows, best, n_classes))
    if raw:
        return richer
    return [_robust(gated, scorer, rows, one, groups, seed) for one in richer]


def _by_class(
    gated: GatedTable,
    scorer: CountScorer,
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
    scorer: CountScorer | SumScorer,
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
        is_weight = gated.table.kind.is_exclusive
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
    if gated.table.kind.is_exclusive:
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


def keep_mask_study(
    gated: GatedTable,
    scorer: CountScorer | SumScorer,
    space: MaskSpace | StepSpace,
    storage: str,
    *,
    name: str,
    seed: int = 0,
) -> None:
    """Write the scores of all candidates on all images into the study `name`.

    A trial is a candidate with the gate that suits it best, which its attribute `gate` names. Where
    one pass gives the counts at all thresholds of binary or multilabel masks (`level_images.py`), a
    trial is all else, filters and least area, with the best threshold as its attribute `threshold`.
    Trials are look-ups, so the study runs in memory and is then kept; one that is there already,
    and whole, is left as it is.

    Args:
        gated: counts of all candidates.
        scorer: the metric.
        space: the grid.
        storage: URL at which to keep the study, as `open_study` takes it.
        name: of the study.
        seed: of the order of the trials.
    """
    import optuna

    rows = np.arange(gated.table.n_images)
    axes = space.studied
    has_curve = "threshold" not in axes and "threshold" in space.axes

    def objective(trial: optuna.Trial) -> float:
        point = {axis: trial.suggest_categorical(axis, values) for axis, values in axes.items()}
        numbers = space.numbers_at(point)
        if not numbers:
            raise optuna.TrialPruned  # the budget of trials ends before this point of the grid
        picks = [(a, g) for a in numbers for g in range(len(gated.gates))]
        goodness = goodness_of_all(
            scorer, lambda some: gated.look_up_each([picks[i] for i in some], rows), len(picks)
        )
        best = int(np.argmax(goodness))
        if not np.isfinite(goodness[best]):
            raise optuna.TrialPruned
        a, g = picks[best]
        trial.set_user_attr("gate", gated.gates[g])
        if has_curve:
            named = {name: one for step in space.candidates[a].steps for name, one in step.items()}
            trial.set_user_attr("threshold", named["threshold"])
        found = float(goodness[best])
        return found if scorer.metric.greater_is_better else -found

    memory = optuna.storages.InMemoryStorage()
    with quiet_optuna():
        study = optuna.create_study(
            sampler=_sampler(space, axes, seed),
            direction="maximize" if scorer.metric.greater_is_better else "minimize",
            storage=memory,
            study_name=name,
        )
        keep_facts(study, {"kind": "thresholds", "metric": [scorer.metric.name]})
        n_trials = int(np.prod([len(one) for one in axes.values()]))
        if isinstance(space, StepSpace):
            tried = space.tried()
            n_trials = len(tried)
            for point in tried:
                study.enqueue_trial(point)
        study.optimize(objective, n_trials=n_trials)
    for one in study.get_trials(deepcopy=False):  # those in memory themselves, which are copied
        add_digest(one)
    with open_storage(storage, make=True) as to:
        known = {one.study_name: one.n_trials for one in optuna.get_all_study_summaries(to)}
        if known.get(name) == len(study.trials):
            return
        if name in known:  # a killed process left a part of it
            optuna.delete_study(study_name=name, storage=to)
        optuna.copy_study(from_study_name=name, from_storage=memory, to_storage=to)


def _sampler(
    space: MaskSpace | StepSpace, axes: dict[str, list[Any]], seed: int
) -> optuna.samplers.BaseSampler:
    """Return the sampler of the points of podium's grid; a user's points are enqueued."""
    import optuna

    if isinstance(space, StepSpace):  # which may have millions of points, few of them tried
        return optuna.samplers.RandomSampler(seed=seed)
    return optuna.samplers.GridSampler(axes, seed=seed)
