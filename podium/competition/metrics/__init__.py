"""Metrics, one file each, found by the file's name; `module:object` names one outside podium.

    >>> score("accuracy", [0, 1, 1], [0, 1, 0])
    0.6666666666666666

Rules that hold for all of them: the options are explicit and none of their defaults is a library's;
an undefined score is a DataError that names the column, never nan; scoring is done in float64.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from podium.competition.metrics._metric import Metric, checked
from podium.errors import DataError
from podium.workspace import extensions

if TYPE_CHECKING:
    from podium.competition.spec import TaskKind

__all__ = ["Metric", "checked", "fitting", "get", "names", "score", "sums"]


def names() -> list[str]:
    """Return the names of podium's metrics; none is imported."""
    return extensions.names(sys.modules[__name__])


def get(name: str | Metric) -> Metric:
    """Return the metric `name`.

    Raises:
        DataError: there is no such metric; the nearest name is suggested.
    """
    if isinstance(name, Metric):
        return name
    found = extensions.load(sys.modules[__name__], name, "METRIC", error=DataError)
    if not isinstance(found, Metric):
        raise DataError(f"{name} is a {type(found).__name__}, not a Metric")
    return found


def score(
    name: str | Metric, truth: Any, prediction: Any, *, where: object = None, **options: Any
) -> float:
    """Return the score of `prediction`, one row a unit, shapes as in `Metric`.

    Args:
        name: a metric's name, or the metric.
        truth: `(N,)`, or `(N, C)` for a multilabel task.
        prediction: what the metric needs: probabilities or decisions.
        where: named in an error: a file, or `fold 3`.
        options: options of the metric.

    Raises:
        DataError: the score is undefined, the arrays do not match, or an option is unknown or
            impossible.

    Example:
        >>> round(score("log_loss", [0, 1], [[1.0, 0.0], [1.0, 0.0]]), 4)
        17.2694
    """
    metric = get(name)
    try:
        complete = metric.complete(options)
        return float(metric.score(*checked(metric, truth, prediction), **complete))
    except DataError as error:
        if where is None or error.where is not None:
            raise
        raise DataError(error.message, where=where, fix=error.fix) from error


def sums(name: str | Metric, truth: Any, prediction: Any, **options: Any) -> NDArray[Any] | None:
    """Return per-unit sums `(N, S)` of the checked arrays; None where the metric has none."""
    metric = get(name)
    if metric.sums is None:
        return None
    return metric.sums(*checked(metric, truth, prediction), **metric.complete(options))


def fitting(name: str | Metric, kind: TaskKind, options: Mapping[str, Any] | None = None) -> Metric:
    """Return the metric `name` if it can score a task of `kind` with `options`; ask early.

    Raises:
        DataError: it is unknown, it cannot score such a task, or it has no such option.
    """
    metric = get(name)
    if kind not in metric.kinds:
        able = ", ".join(one for one in names() if kind in get(one).kinds)
        raise DataError(
            f"metric {metric.name} cannot score a {kind} task", fix=f"choose one of {able}"
        )
    metric.complete(options or {})
    return metric
