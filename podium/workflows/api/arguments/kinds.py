"""Kinds of tasks of arrays: as they are named, or as shapes, metrics and steps show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from podium.competition.metrics import Metric
from podium.errors import UsageError
from podium.predictions.decisions import labels as label_decisions
from podium.predictions.decisions.kinds import decisions_of
from podium.predictions.imports.schema import SUM_TOLERANCE
from podium.tasks.protocols.find import image_kind, kind_names
from podium.tasks.protocols.names import IMAGES
from podium.workflows.api.arguments.plain import Array, metric_named

if TYPE_CHECKING:
    from podium.tasks.protocols.kind import Kind

__all__ = [
    "kind",
    "kind_for",
    "kind_of_probs",
    "kinds_of",
    "of_kind",
    "scores_no_probs",
    "scores_numbers",
    "sums_to_one",
]


def kinds_of(metric: Metric) -> list[Kind]:
    """Return the kinds of images that a metric of labels scores."""
    return [image_kind(one) for one in sorted(metric.kinds) if one in kind_names(IMAGES)]


def scores_numbers(metric: Metric) -> bool:
    """Return whether the truth of a metric may be numbers that are no classes."""
    return any(kind.is_continuous for kind in kinds_of(metric))


def scores_no_probs(metric: Metric) -> bool:
    """Return whether several outputs that a metric scores may be no probabilities."""
    return any(not (kind.is_prob or kind.is_single) for kind in kinds_of(metric))


def of_kind(metric: Metric, truth: Array, probs: Array, kind: str | None) -> Array:
    """Return the truth as the kind of task has it: of one right class a row, its number.

    Raises:
        UsageError: rows of the truth have one right class each, and rows of the probabilities sum
            to 1, so that it may be of one right class or of several, and no kind is named.
    """
    if truth.ndim != 2 or truth.shape != probs.shape or truth.shape[1] < 2:
        return truth
    is_one_hot = np.isin(truth, (0, 1)).all() and (truth.sum(axis=1) == 1).all()
    if not is_one_hot:
        return truth
    if kind is not None:
        return np.asarray(truth.argmax(axis=1)) if image_kind(kind).is_exclusive else truth
    kinds = kinds_of(metric)
    may_be_one = any(one.is_exclusive for one in kinds)
    may_be_several = any(one.is_by_class for one in kinds)
    if metric.scores_probs and may_be_one and may_be_several and sums_to_one(probs):
        raise UsageError(
            "each row of y_true has one right class, and each row of y_pred sums to 1, so it may "
            "be of one right class or of several",
            fix='say kind="multiclass" or kind="multilabel"',
        )
    return truth


def kind(name: str | None) -> Kind | None:
    """Return the kind of images of that name, if there is a name."""
    return None if name is None else image_kind(name)


def kind_for(metric: Any, name: str | None, members: Array) -> Kind | None:
    """Return the kind of that name, or the only one of a metric with so many columns.

    None: shapes and truth show it.

    Raises:
        UsageError: there is no such kind, or members have degrees where directions are blended.
    """
    found = kind(name)
    if found is None and not callable(metric):
        kinds = kinds_of(metric_named(metric))
        if len(kinds) > 1:
            kinds = [one for one in kinds if one.is_single == (members.shape[2] == 1)]
        found = kinds[0] if len(kinds) == 1 else None
    if found is not None and found.is_circular and members.shape[2] == 1:
        raise UsageError(
            "y_preds has one column, and directions are blended as vectors",
            fix="pass cosine and sine, (N, 2): numpy.stack([cos, sin], axis=1) of the angle",
        )
    return found


def kind_of_probs(probs: Array, steps: Sequence[Any] | None) -> Kind:
    """Return the kind of task whose predictions these are."""
    names = {label_decisions.name_and_parameter(one)[0] for one in steps or ()}
    is_single = probs.ndim == 1 or probs.shape[1] == 1
    kinds = [one for one in map(image_kind, kind_names(IMAGES)) if one.is_single == is_single]
    deciding = [one for one in kinds if names & decisions_of(one).steps.keys()]
    if deciding:
        return deciding[0]
    if is_single and not names and ((probs < 0) | (probs > 1)).any():
        raise UsageError(
            "y_pred has values outside [0, 1], so it may be of numbers or of ratings",
            fix='say kind="regression" or kind="ordinal"',
        )
    if is_single or names:
        return image_kind("binary" if is_single else "multiclass")
    if not sums_to_one(probs):
        raise UsageError(
            "y_pred has rows that do not sum to 1, so it may be of several right classes or of one",
            fix='say kind="multilabel" or kind="multiclass"',
        )
    return image_kind("multiclass")


def sums_to_one(array: Array) -> bool:
    """Return whether each row of several columns sums to 1, as one of one right class does."""
    if array.ndim != 2 or array.dtype.kind not in "iuf":
        return False
    return bool((np.abs(array.astype(np.float64).sum(axis=1) - 1) <= SUM_TOLERANCE).all())
