"""The score of a blend of several tasks: what its parts score together, honestly.

Weights and decisions of each part were fitted across the folds; here their honest predictions of
single rows are put side by side. A row is scored once both are there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from podium.competition import metrics
from podium.competition.scores.bootstrap import unit_codes
from podium.competition.scores.combination import (
    RowSums,
    combined_metric,
    combined_score,
    row_scores,
    row_sums,
    weighted_sums,
)
from podium.competition.sections.tasks import Combination, combination_of
from podium.ensembling.blend import folds_as_text
from podium.ensembling.honest import OofUnits, aligned, honest_by_fold, units_interval
from podium.errors import DataError
from podium.tasks.protocols.names import TaskName, is_of_images

if TYPE_CHECKING:
    from podium.competition.spec import Competition
    from podium.ensembling.record import BlendPart

__all__ = ["CombinedScore", "combine_parts", "pooled_units", "rows_without_mask"]


@dataclass(frozen=True)
class CombinedScore:
    """The score of a blend whose parts are scored together.

    Attributes:
        metric: its name.
        honest: of the rows that every part predicted.
        honest_interval: bounds of 95 %, over rows or groups; None where it is undefined.
        optimistic: fitted and scored on the same rows; None of an expression, and where a part
            has other rows.
        greater_is_better: its direction.
        by_fold: fold → its honest score.
        n_scored: rows.
        parts: the name of each part → its metric, honest score and weight.
        identity: how the score is made, as competition.yaml has it.
        expression: of the parts; "" where weights are all.
        units: the rows; None where a part is no function of sums.
    """

    metric: str
    honest: float
    honest_interval: tuple[float, float] | None
    optimistic: float | None
    greater_is_better: bool
    by_fold: dict[int, float]
    n_scored: int
    parts: dict[str, dict[str, Any]]
    identity: dict[str, Any]
    expression: str = ""
    units: OofUnits | None = field(default=None, repr=False, compare=False)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON that a record keeps of it."""
        found = {name: one for name, one in vars(self).items() if name != "units"}
        return {**found, "by_fold": folds_as_text(self.by_fold)}

    def scores(self) -> dict[str, Any]:
        """Return the scores of the blend's record."""
        return {
            "honest": self.honest,
            "honest_interval": self.honest_interval,
            "optimistic": self.optimistic,
            "untuned": None,
            "metric": self.metric,
            "greater_is_better": self.greater_is_better,
            "folds": folds_as_text(self.by_fold),
            "scored_rows": self.n_scored,
        }


def combine_parts(
    competition: Competition,
    parts: Sequence[BlendPart],
    folds: Mapping[str, int],
    *,
    seed: int = 0,
) -> CombinedScore | None:
    """Return what the parts of a blend score together; None where one metric scores.

    Args:
        competition: whose metric it is.
        parts: of the blend, fitted, with their units.
        folds: of each row, by id.
        seed: of the interval.

    Raises:
        DataError: no row was predicted by every part, or the score is undefined.
    """
    combination = combination_of(competition.metric)
    if combination is None:
        return None
    by_task = {one.blend.task: one for one in parts}
    found = [by_task[task] for task in _tasks_of(combination)]
    units = _units(combination, found, root=competition.root)
    shown = {
        part.label: {
            "metric": one.blend.metric,
            "task": one.blend.task,
            "honest": one.blend.honest,
            **({} if combination.expression else {"weight": part.weight}),
        }
        for part, one in zip(combination.parts_of_tasks, found, strict=True)
    }
    optimistic = None
    # Of parts with other rows it would not be the score of these rows.
    n_scored = {one.blend.n_scored for one in found} | ({len(units)} if units else set())
    if combination.expression is None and len(n_scored) == 1:
        optimistic = combined_score(combination, [one.blend.optimistic for one in found])
    if units is None:
        shared = set.intersection(*(set(one.blend.by_fold) for one in found))
        return CombinedScore(
            metric=combination.name,
            honest=combined_score(combination, [one.blend.honest for one in found]),
            honest_interval=None,
            optimistic=optimistic,
            greater_is_better=combined_metric(combination, root=competition.root).greater_is_better,
            by_fold={
                fold: combined_score(combination, [one.blend.by_fold[fold] for one in found])
                for fold in sorted(shared)
            },
            n_scored=min(one.blend.n_scored for one in found),
            parts=shown,
            identity=combination.written(),
        )
    return CombinedScore(
        metric=combination.name,
        honest=units.score(),
        honest_interval=units_interval(units, seed=seed),
        optimistic=optimistic,
        greater_is_better=units.metric.greater_is_better,
        by_fold=honest_by_fold(
            lambda rows: units.score(rows), np.array([folds[one] for one in units.ids.tolist()])
        ),
        n_scored=len(units),
        parts=shown,
        identity=combination.written(),
        expression=combination.expression or "",
        units=units,
    )


def _tasks_of(combination: Combination) -> list[TaskName]:
    return [one.task for one in combination.parts_of_tasks if one.task is not None]


def _units(combination: Combination, parts: Sequence[BlendPart], *, root: Path) -> OofUnits | None:
    """Return the rows that all parts predicted, with the sums of their score."""
    every = []
    for one in parts:
        units = None if one.units is None else _with_sums(one.units)
        if units is None or units.sums is None:
            if combination.expression is not None:
                raise DataError(f"no row has a {one.blend.metric} of its own")
            return None
        every.append(units)
    if combination.expression is not None:
        return _units_of_expression(combination, every, root)
    same = aligned(every)
    metric, sums = weighted_sums(combination, [_row_sums(one) for one in same])
    return OofUnits(same[0].ids, same[0].groups, metric, {}, sums=sums)


def pooled_units(
    combination: Combination,
    parts: Sequence[OofUnits],
    group_of: Mapping[str, Any],
    *,
    root: Path | None = None,
) -> OofUnits | None:
    """Return the rows that any part predicted, with the sums of their weighted score.

    Each part is scored on its own rows, as in a run's score: one that it lacks adds nothing to its
    sums. Of an expression they are the rows that every part predicted. None where a part is no
    function of sums.

    Args:
        combination: of the score.
        parts: units of each of its parts, in their order.
        group_of: the group of each row, by id; rows of one are drawn together.
        root: the workspace of a user's own metrics.
    """
    if combination.expression is not None:
        return _units_of_all(combination, parts[0], [_alone(one) for one in parts], root)
    every = [_with_sums(one) for one in parts]
    ids = list(dict.fromkeys(name for one in parts for name in one.ids.tolist()))
    row_of = {name: row for row, name in enumerate(ids)}
    of_parts = []
    for one in every:
        if one.sums is None:
            return None
        sums = np.zeros((len(ids), one.sums.shape[1]), one.sums.dtype)
        sums[[row_of[name] for name in one.ids.tolist()]] = one.sums
        of_parts.append(RowSums(one.metric, one.options, sums))
    metric, joined = weighted_sums(combination, of_parts)
    groups = unit_codes([group_of[name] for name in ids], len(ids))
    return OofUnits(np.array(ids), groups, metric, {}, sums=joined)


def _units_of_expression(
    combination: Combination, every: Sequence[OofUnits], root: Path
) -> OofUnits:
    """Return the rows whose score an expression makes.

    Masks were fitted, and so predicted honestly, on the rows alone that they change: in the others
    any score of theirs will do.
    """
    alone = [_alone(one) for one in every]
    labels = next(
        at for at, part in enumerate(combination.parts_of_tasks) if is_of_images(str(part.task))
    )
    for one in rows_without_mask(combination, every[labels]):
        for at, scores in enumerate(alone):
            if at != labels:
                scores.setdefault(one, 0.0)
    return _units_of_all(combination, every[labels], alone, root)


def _units_of_all(
    combination: Combination,
    units: OofUnits,
    alone: Sequence[Mapping[str, float]],
    root: Path | None,
) -> OofUnits:
    """Return those of `units` that every part has a score `alone` of, and what is made of these."""
    keep = [
        row for row, one in enumerate(units.ids.tolist()) if all(one in scores for scores in alone)
    ]
    if not keep:
        raise DataError(
            f"{combination.name}: no row was predicted out of fold by every part",
            fix="train the same folds of every run",
        )
    kept = units.take(np.array(keep))
    found = [np.array([scores[one] for one in kept.ids.tolist()]) for scores in alone]
    metric, sums = row_sums(combination, found, root=root)
    return OofUnits(kept.ids, kept.groups, metric, {}, sums=sums)


def _alone(units: OofUnits) -> dict[str, float]:
    """Return row → its score by itself."""
    return dict(zip(units.ids.tolist(), _row_sums(units).alone().tolist(), strict=True))


_SCORES_TRIED = (-1.0, 0.0, 0.25, 0.5, 0.75, 1.0, 10.0)


def rows_without_mask(combination: Combination, labels: OofUnits) -> set[str]:
    """Return the ids of the rows whose score no mask changes, as where the label is wrong.

    Args:
        combination: an expression of a part of labels and one of masks.
        labels: the rows of the former, honestly predicted.
    """
    scores = _row_sums(labels).alone()
    named = [is_of_images(str(part.task)) for part in combination.parts_of_tasks]
    found = np.stack(
        [
            row_scores(
                combination,
                [scores if is_label else np.full(len(scores), tried) for is_label in named],
            )
            for tried in _SCORES_TRIED
        ]
    )
    same = (found == found[0]).all(axis=0)  # nan, where a row has no score, is no such row
    return set(labels.ids[same].tolist())


def _row_sums(units: OofUnits) -> RowSums:
    sums = _with_sums(units).sums
    if sums is None:
        raise DataError(f"{units.metric.name} is no function of sums of single rows")
    return RowSums(units.metric, units.options, sums)


def _with_sums(units: OofUnits) -> OofUnits:
    """Return the units with the metric's sums of each; as they are where it has none."""
    metric = units.metric
    if units.sums is not None or not metric.has_sums:
        return units
    sums = metrics.sums(metric, units.truth, units.prediction, **units.options)
    return replace(units, sums=sums, truth=None, prediction=None)
