"""A score made of scores of several tasks: their weighted sum, or row by row an expression of them.

Of one task a weighted sum of metrics is a metric itself (`metrics/_sum.py`), also as one part here.

    Σ_p w_p · S_p(rows)                  without an expression
    mean over rows i of e(s_1i, s_2i …)  with one; s_pi is the score of part p of row i alone

Both are functions of sums of single rows where the parts are, so that folds pool, intervals are
drawn and shares of a test set are simulated as of a single metric. Of a weighted sum these are the
sums of all parts side by side; of an expression its value in each row, and whether it has one. A
row without one, as an empty mask that is skipped, is left out of the mean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.competition.sections.expressions import evaluate_expression
from podium.competition.sections.tasks import (
    Combination,
    MetricPart,
    MetricSpec,
    combination_of,
    written_combination,
)
from podium.errors import DataError

if TYPE_CHECKING:
    from podium.competition.spec import Competition

__all__ = [
    "RowSums",
    "check_combination",
    "check_part",
    "combined_metric",
    "combined_score",
    "metric_of_spec",
    "row_scores",
    "row_sums",
    "score_metric",
    "score_name",
    "weighted_sums",
]


@dataclass(frozen=True)
class RowSums:
    """The metric's sums of one part for N rows.

    Args:
        metric: one of sums.
        options: of the metric, with all that it needs for any of the rows.
        sums: `(N, S)`.
    """

    metric: Metric
    options: Mapping[str, Any]
    sums: NDArray[Any]

    def alone(self) -> NDArray[np.float64]:
        """Return the score of each row by itself `(N,)`, nan where it has none."""
        return metrics.values(self.metric, self.sums, **self.options)


def score_name(competition: Competition) -> str:
    """Return what the competition's score is called: its metric, or what combines several."""
    combination = combination_of(competition.metric)
    return competition.metric.name if combination is None else combination.name


def score_metric(competition: Competition) -> Metric:
    """Return the metric of the competition's score; of several parts it has no score of arrays.

    Raises:
        DataError: there is no such metric, or parts of other directions are added.
    """
    return metric_of_spec(competition.metric, competition.root)


def metric_of_spec(spec: MetricSpec, root: Path | None) -> Metric:
    """Return the metric that `metric` in competition.yaml or host.yaml stands for; see above."""
    combination = combination_of(spec)
    if combination is None:
        return metrics.get(spec.name, root=root)
    return combined_metric(combination, root=root)


def check_combination(competition: Competition) -> None:
    """Raise DataError unless the parts of a combined score fit their tasks and each other."""
    combination = written_combination(competition.metric)
    if combination is None:
        return
    for part in combination.parts:
        check_part(competition, combination, part)
    if combination.is_of_one_task:
        metrics.of(competition)
    else:
        _is_greater_better(combination, competition.root)


def check_part(competition: Competition, combination: Combination, part: MetricPart) -> None:
    """Raise DataError unless a part of a combined score fits its task, and the expression."""
    metric, task = metrics.get(part.name, root=competition.root), part.task
    task = competition.scored_task if task is None else task
    metrics.fitting(
        metric,
        competition.tasks[task],
        part.options,
        task=task,
        n_classes=len(competition.classes),
    )
    if combination.expression is not None and not metric.has_sums:
        raise DataError(
            f"a single row has no {part.name}, so it cannot stand in an expression",
            fix="add scores with weights, or take a metric of single rows, as accuracy or mean_iou",
        )


def _is_greater_better(combination: Combination, root: Path | None) -> bool:
    """Return the direction of the score; an expression is a gain."""
    if combination.expression is not None:
        return True
    return metrics.direction_of_sum(
        [
            (part.label, part.weight, metrics.get(part.name, root=root).greater_is_better)
            for part in combination.parts_of_tasks
        ]
    )


def combined_score(combination: Combination, scores: Sequence[float]) -> float:
    """Return the weighted sum of the scores of the parts, in their order."""
    return float(
        sum(part.weight * one for part, one in zip(combination.parts_of_tasks, scores, strict=True))
    )


def weighted_sums(
    combination: Combination, parts: Sequence[RowSums]
) -> tuple[Metric, NDArray[Any]]:
    """Return the metric and the sums `(N, S)` of a weighted sum of scores of N rows.

    Args:
        combination: of the score.
        parts: of the same rows, in the order of its parts.
    """
    widths = [one.sums.shape[1] for one in parts]
    used = [dict(one.options) for one in parts]
    found = _metric(combination, [one.metric for one in parts], widths, used)
    return found, np.hstack([one.sums for one in parts])


def row_scores(
    combination: Combination, alone: Sequence[NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Return what the expression makes of the scores of each row `(N,)`, nan where undefined.

    Args:
        combination: has an expression.
        alone: `(N,)` for each of its parts, in their order.
    """
    assert combination.expression is not None
    named = {part.label: one for part, one in zip(combination.parts_of_tasks, alone, strict=True)}
    return evaluate_expression(combination.expression, named)


def row_sums(
    combination: Combination, alone: Sequence[NDArray[np.float64]], *, root: Path | None = None
) -> tuple[Metric, NDArray[np.float64]]:
    """Return the metric and the sums `(N, 2)` of the mean of an expression of N rows.

    Arguments are those of `row_scores`.
    """
    each = row_scores(combination, alone)
    is_there = ~np.isnan(each)
    sums = np.column_stack([np.where(is_there, each, 0.0), is_there])
    return combined_metric(combination, root=root), sums


def combined_metric(
    written: Combination | Mapping[str, Any],
    *,
    widths: Sequence[int] = (),
    options: Sequence[Mapping[str, Any]] = (),
    root: Path | None = None,
) -> Metric:
    """Return the metric of a combined score.

    Args:
        written: the combination, as itself or as competition.yaml has it.
        widths, options: of a weighted sum, how many sums each part has and its metric's options;
            without them the metric has a name and a direction, and no value.
        root: the workspace of a user's own metrics.
    """
    combination = (
        written if isinstance(written, Combination) else Combination.model_validate(written)
    )
    found = [metrics.get(part.name, root=root) for part in combination.parts_of_tasks]
    return _metric(combination, found, widths, options, root=root)


def _metric(
    combination: Combination,
    parts: Sequence[Metric],
    widths: Sequence[int],
    options: Sequence[Mapping[str, Any]],
    *,
    root: Path | None = None,
) -> Metric:
    bounds = np.cumsum([0, *widths]).tolist()

    def value(sums: NDArray[Any], **_: Any) -> float:
        if combination.expression is None:
            return combined_score(
                combination,
                [
                    metrics.value(one, sums[:, start:stop], **given)
                    for one, given, start, stop in zip(
                        parts, options, bounds, bounds[1:], strict=False
                    )
                ],
            )
        total, n = np.asarray(sums, dtype=np.float64).sum(axis=0).tolist()
        if n == 0:
            raise DataError(f"{combination.name} is undefined: no row has a score of every part")
        return float(total / n)

    written = {
        "combination": combination.written(),
        "widths": list(widths),
        "options": [dict(one) for one in options],
    }
    return Metric(
        name=combination.name,
        needs="decisions",
        greater_is_better=_is_greater_better(combination, root),
        kinds=frozenset(),
        score=_has_no_arrays,
        options=MappingProxyType({"combined": written}),
        value=value,
        source="-".join(one.source for one in parts if one.source),
    )


def _has_no_arrays(*_: Any, **__: Any) -> float:
    raise DataError("a combined score is made of scores of its parts, not of arrays")
