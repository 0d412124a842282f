"""Members of a blend: predictions in a list, in a mapping by name, or prediction sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from podium.errors import DataError, UsageError, either, plural, some
from podium.predictions.store.reading import PredictionSet
from podium.workflows.api.arguments.columns import (
    column_names,
    in_order,
    named_columns,
    with_columns,
)
from podium.workflows.api.arguments.kinds import (
    kind_for,
    of_kind,
    scores_no_probs,
    scores_numbers,
)
from podium.workflows.api.arguments.labels import (
    check_probs,
    fraction_at,
    labelled,
    ordered_categories,
    refuse_other_order,
    truth_of,
)
from podium.workflows.api.arguments.plain import (
    Array,
    check_finite,
    metric_named,
    numbers,
    refuse,
)

if TYPE_CHECKING:
    from podium.ensembling.blend import Blend
    from podium.tasks.protocols.kind import Kind

__all__ = [
    "are_sets",
    "by_member",
    "check_members",
    "each_in_order",
    "member_names",
    "members",
    "stacked",
]


def are_sets(given: Any) -> bool:
    """Return whether `given` is a list with prediction sets."""
    return isinstance(given, list | tuple) and any(isinstance(one, PredictionSet) for one in given)


def stacked(given: Any) -> tuple[Array, list[str] | None]:
    """Return members `(M, N, C)` and their names, if they have some."""
    names: list[str] | None = None
    if isinstance(given, Mapping):
        names, given = [str(one) for one in given], list(given.values())
    if isinstance(given, list | tuple):
        keys: Sequence[Any] = names or range(len(given))
        if not keys:
            raise UsageError("y_preds is empty: there is no member", fix="give one prediction each")
        each = [_member(one, f"y_preds[{key!r}]") for key, one in zip(keys, given, strict=True)]
        shapes = {one.shape[:1] + (one.shape[1:] or (1,)) for one in each}
        if len(shapes) > 1:
            raise DataError(
                f"y_preds holds members of different shapes: {some(sorted(shapes))}",
                fix="give each the same rows and columns",
            )
        members = np.stack([one.reshape(len(one), -1) if one.ndim == 1 else one for one in each])
    else:
        members = numbers(given, "y_preds")
    members = members[..., None] if members.ndim == 2 else members
    if members.ndim != 3:
        raise UsageError(
            f"y_preds must be (M, N, C), M predictions of N rows, got {members.shape}",
            fix="give a list of predictions, or a mapping by name",
        )
    return members, names


def _member(given: Any, argument: str) -> Array:
    """Return one member's prediction, of a frame all columns."""
    if isinstance(given, pd.DataFrame):
        is_number = [pd.api.types.is_numeric_dtype(one) for one in given.dtypes]
        other = [name for name, is_one in zip(given.columns, is_number, strict=True) if not is_one]
        if other:
            raise UsageError(
                f"{argument} is a frame, and columns of it hold no numbers: {some(other)}",
                fix="pass the columns of its predictions: frame[ws.competition.classes]",
            )
    return numbers(given, argument)


def members(
    y_true: Any,
    y_preds: Any,
    classes: Sequence[Any] | None,
    metric: Any,
    kind: str | None = None,
) -> tuple[Array, Array, list[str] | None, list[Any], Kind | None]:
    """Return truth, members `(M, N, C)`, their names, the class of each column, and the kind.

    The kind is None where shapes and truth show it.
    """
    if isinstance(y_preds, str) or not hasattr(y_preds, "__len__"):
        refuse("y_preds", "a list of predictions, or a mapping by name", y_preds)
    each = by_member(y_preds).values()
    classes = ordered_categories(y_true) if classes is None else classes
    outputs = named_columns(y_true, *each) if classes is None else list(classes)
    if column_names(y_true) and outputs is not None:
        y_true = in_order(y_true, outputs, "y_true")
    found = None if callable(metric) else metric_named(metric)
    as_numbers = found is not None and scores_numbers(found)
    truth, known = truth_of(y_true, classes, as_numbers=as_numbers)
    order = known or outputs
    members, names = stacked(y_preds if order is None else each_in_order(y_preds, order))
    if members.shape[1] != len(truth):
        is_one = len(members) == len(truth)
        raise DataError(
            f"y_true has {plural(len(truth), 'row')}, the members of y_preds {members.shape[1]:,}",
            fix="put one member into a list, [y_pred]"
            if is_one
            else "the truth comes first, then the predictions, one row a sample in both",
        )
    columns = order or list(range(members.shape[2]))
    if found is None:
        return truth, members, names, columns, kind_for(metric, kind, members)
    if not as_numbers:
        labelled(truth, "y_true")
        if fraction_at(truth) is not None:
            raise UsageError(
                f"y_true holds probabilities at row {fraction_at(truth)}, not classes",
                fix="the truth comes first, then the predictions",
            )
    if known is not None and classes is None and members.shape[2] > 1:
        refuse_other_order(known)
    truth = of_kind(found, truth, members[0], kind)
    for at, member in enumerate(members):
        is_of_one_class = truth.ndim == 1 and member.shape[1] > 1
        if is_of_one_class and not scores_no_probs(found):
            check_probs(member, f"y_preds[{(names[at] if names else at)!r}]")
    task = kind_for(found, kind, members)
    is_of_classes = not as_numbers and truth.ndim == 1 and not np.isin(truth, (-1, 0, 1)).all()
    if task is None and is_of_classes and members.shape[2] == 1:
        raise UsageError(
            f"y_true has {either(len(np.unique(truth)), 'class', 'classes')}, and the members "
            "one column",
            fix='of ratings say kind="ordinal"; of classes give a column each',
        )
    if task is not None and task.is_ordered:
        # As ratings of networks and of imports are: beyond the last class there is none.
        members = members.clip(0, len(known) - 1 if known else truth.max())
    return truth, members, names, columns, task


def by_member(y_preds: Any) -> dict[str, Any]:
    """Return the predictions of a mapping by name or of a list, each by what messages call it."""
    if isinstance(y_preds, Mapping):
        return {f"y_preds[{name!r}]": one for name, one in y_preds.items()}
    is_listed = isinstance(y_preds, list | tuple)
    return {f"y_preds[{at}]": one for at, one in enumerate(y_preds)} if is_listed else {}


def each_in_order(y_preds: Any, order: Sequence[Any]) -> Any:
    """Return the predictions of a mapping or a list, columns of frames in the order of `order`."""
    if isinstance(y_preds, Mapping):
        return {
            name: with_columns(one, order, f"y_preds[{name!r}]") for name, one in y_preds.items()
        }
    if isinstance(y_preds, list | tuple):
        return [with_columns(one, order, f"y_preds[{at}]") for at, one in enumerate(y_preds)]
    return y_preds


def member_names(given: Sequence[str]) -> list[str]:
    """Return the names of members, each of which is there once."""
    names = [str(one) for one in given]
    twice = sorted({one for one in names if names.count(one) > 1})
    if twice:
        raise UsageError(
            f"names has {some(twice)} more than once", fix="give each member a name of its own"
        )
    return names


def check_members(members: Array, blend: Blend) -> None:
    """Refuse predictions `(M, N, C)` that are not of the form of those that were blended."""
    n_columns = len(blend.classes)
    if n_columns and members.shape[2] not in (1, n_columns):
        raise DataError(
            f"y_preds has {members.shape[2]} columns, the blend is of {n_columns}: "
            f"{some(blend.classes)}",
            fix="give one column a class, as to podium.blend",
        )
    for name, member in zip(blend.members, members, strict=True):
        check_finite(member, f"y_preds[{name!r}]")
        if blend.kind.is_exclusive:
            check_probs(member, f"y_preds[{name!r}]")
