"""Arguments as arrays: lists, numpy arrays, series, frames and tensors; texts and paths."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.errors import DataError, UsageError, plural, some

__all__ = [
    "Array",
    "array",
    "check_finite",
    "check_order_of_rows",
    "folds",
    "frame_or_array",
    "groups",
    "is_gap",
    "is_listed",
    "metric_named",
    "numbers",
    "path",
    "refuse",
    "refuse_masks",
    "shown",
    "squeezed",
    "texts",
    "unwrapped",
    "vector",
    "whole",
    "whole_groups",
]


Array = NDArray[Any]


def shown(given: object) -> str:
    """Return type and value of what was given, short enough for a message."""
    text = repr(given)
    short = text if len(text) <= 40 else f"{text[:39]}…"
    return f"{type(given).__name__} {short}" if "\n" not in short else type(given).__name__


def is_listed(given: object) -> bool:
    """Return whether `given` has a length and items."""
    return hasattr(given, "__len__") and hasattr(given, "__getitem__")


def refuse(argument: str, expected: str, given: object, fix: str | None = None) -> NoReturn:
    """Raise the error of an argument that is of another form.

    Raises:
        UsageError: always.
    """
    raise UsageError(f"{argument} must be {expected}, got {shown(given)}", fix=fix)


def path(given: Any, argument: str) -> Path:
    """Return `given` as a path; "~" is the home folder."""
    if not isinstance(given, str | Path):
        refuse(argument, "a path, as text or Path", given)
    return Path(given).expanduser()


def whole(given: Any, argument: str, *, least: int) -> int:
    """Return `given` as a whole number of at least `least`."""
    try:
        number = operator.index(given)
    except TypeError:
        refuse(argument, "a whole number", given)
    if isinstance(given, bool) or number < least:
        raise UsageError(f"{argument} must be a whole number of at least {least}, got {given!r}")
    return number


def array(given: Any, argument: str) -> Array:
    """Return `given` as an array of one row a sample; texts are objects, truth values integers."""
    expected = "an array, list, series, frame or tensor with a row a sample"
    if given is None or isinstance(given, str | bytes | Path | Mapping | set | frozenset):
        refuse(argument, expected, given)
    found = unwrapped(given)
    if isinstance(found, list | tuple):
        items = [unwrapped(one) for one in found]
        has_gaps = any(isinstance(one, str) for one in items) and any(map(is_gap, items))
        try:
            found = np.asarray(items, dtype=object if has_gaps else None)
        except ValueError as error:
            sizes = {one.shape for one in items if getattr(one, "ndim", 0) > 1}
            if sizes:
                refuse_masks(argument, f"arrays {some(sorted(sizes))}")
            raise UsageError(
                f"{argument} has rows of different lengths", fix="give as many columns in each row"
            ) from error
    array: Array = np.asarray(found)
    if array.ndim == 0:
        refuse(argument, expected, given)
    if array.dtype.kind == "S":
        array = np.char.decode(array, "utf-8")
    if array.dtype.kind == "U":
        return array.astype(object)
    return array.astype(np.int64) if array.dtype.kind == "b" else array


def check_order_of_rows(given: Mapping[str, Any], ids: Sequence[str] | None = None) -> None:
    """Refuse series and frames whose indices name the same rows in another order.

    Rows are taken as they stand, and not by an index. Indices of other labels, as two parts of a
    frame have, and those with a label twice tell nothing.

    Args:
        given: arguments by their names; of what has no index nothing is asked.
        ids: of the rows, which an index may name, too.

    Raises:
        UsageError: two orders differ; names both arguments and the first row.
    """
    indices = {
        name: one.index for name, one in given.items() if isinstance(one, pd.Series | pd.DataFrame)
    }
    _refuse_other_order(indices)
    if ids is not None:
        # One from 0 on is what a series of an array has: it names no id.
        of_ids = {
            name: index.map(str)
            for name, index in indices.items()
            if not index.equals(pd.RangeIndex(len(index)))
        }
        _refuse_other_order({"ids": pd.Index(ids, dtype=object), **of_ids})


def _refuse_other_order(indices: Mapping[str, pd.Index[Any]]) -> None:
    """Refuse indices of which one has the labels of another in another order."""
    known: dict[str, pd.Index[Any]] = {}  # the first of each order
    for name, index in indices.items():
        if not index.is_unique or any(index.equals(one) for one in known.values()):
            continue
        for first, like in known.items():
            if len(index) != len(like) or set(index) != set(like):
                continue
            row = next((at for at, one in enumerate(index) if one != like[at]), None)
            if row is not None:
                raise UsageError(
                    f"{name} has the rows of {first} in another order: row {row} is "
                    f"{some([index[row]])} in {name}, and {some([like[row]])} in {first}",
                    fix=f"put both into one order by the index, or drop it: {name}.to_numpy()",
                )
        known[name] = index


def refuse_masks(argument: str, shape: object) -> NoReturn:
    """Raise the error of masks where labels are taken.

    Raises:
        UsageError: always.
    """
    raise UsageError(
        f"{argument} must be of labels, (N,) or (N, C), got {shape}",
        fix="of masks podium.score takes truth and decisions, with a metric as mean_dice; "
        "fit_mask_threshold of podium.tuning and decide_mask of podium.predictions.decisions.masks "
        "take probabilities (H, W, C), as MaskArrays of podium.predictions.store.masks; a "
        "workspace blends them: ws.import_predictions(masks, ids=ids), ws.blend(…)",
    )


def is_gap(entry: Any) -> bool:
    """Return whether an entry of a list or an array is None, nan or pandas' NA."""
    return entry is None or entry is pd.NA or (isinstance(entry, float) and entry != entry)


def unwrapped(given: Any) -> Any:
    """Return the array behind a tensor (torch is not imported for it), a series or a frame."""
    if hasattr(given, "detach") and hasattr(given, "cpu"):
        tensor = given.detach().cpu()
        try:
            return tensor.numpy()
        except TypeError:  # numpy has no bfloat16
            return tensor.float().numpy()
    return given.to_numpy() if hasattr(given, "to_numpy") else given


def frame_or_array(given: Any, argument: str) -> Array:
    """Return `given` as an array of one row a sample; of columns all hold numbers."""
    found = array(given, argument)
    if found.dtype == object and found.ndim == 2 and found.shape[1] > 1:
        raise UsageError(
            f"{argument} has {found.shape[1]} columns, not all of them numbers",
            fix='pass the column of the labels, as frame["label"]',
        )
    return found


def squeezed(array: Array) -> Array:
    """Return one column `(N, 1)` as `(N,)`, and any other array as it is."""
    return array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array


def vector(given: Any, argument: str, *, like: int) -> Array:
    """Return `given` as `(N,)`, N = `like`."""
    found = squeezed(array(given, argument))
    if found.ndim != 1 or len(found) != like:
        raise UsageError(
            f"{argument} must have one entry a row, ({like},), got {found.shape}",
            fix="pass rows in the order of the truth",
        )
    return found


def groups(given: Any, *, like: int) -> Array | None:
    """Return the group of each row, `(N,)`; None where none are given."""
    return None if given is None else vector(given, "groups", like=like)


def whole_groups(given: Any, *, like: int) -> Array:
    """Return the group of each row, `(N,)`, where a row of none is a group of its own."""
    found = vector(given, "groups", like=like)
    is_alone = np.array([is_gap(one) for one in found.tolist()], dtype=bool)
    if not is_alone.any():
        return found
    names = [
        f"row {at}" if alone else f"group {one}"
        for at, (one, alone) in enumerate(zip(found.tolist(), is_alone, strict=True))
    ]
    return np.array(names, dtype=object)


def texts(given: Any, argument: str, *, like: int) -> list[str]:
    """Return `given`, `(N,)`, as texts."""
    return [str(one) for one in vector(given, argument, like=like).tolist()]


def folds(given: Any, like: int | None = None) -> NDArray[np.int64]:
    """Return the fold of each row, `(N,)`."""
    if isinstance(given, list | tuple) and any(map(is_listed, given)):
        refuse(
            "folds",
            "the fold of each row",
            given,
            "of splits, each of train and validation: folds[validation] = number of the split",
        )
    found = array(given, "folds")
    found = vector(given, "folds", like=len(found) if like is None else like)
    try:
        numbers = found.astype(np.int64)
    except (TypeError, ValueError):
        numbers = None
    if numbers is None or not np.array_equal(numbers, found):
        raise UsageError(
            "folds must be whole numbers from 0 on, one a row",
            fix="podium.make_folds(y) makes them",
        )
    return np.asarray(numbers)


def numbers(given: Any, argument: str) -> Array:
    """Return `given` as an array of numbers."""
    found = array(given, argument)
    if found.dtype.kind in "iuf":
        return found
    try:
        return np.asarray(found, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"{argument} must hold numbers, got {shown(found.reshape(-1)[0])}",
            fix="truth comes first, then the prediction" if argument == "y_pred" else None,
        ) from error


def metric_named(given: Any) -> Metric:
    """Return the metric that `given` names or is."""
    if not isinstance(given, str | Metric):
        refuse(
            "metric",
            "a metric's name",
            given,
            'podium.score("accuracy", y_true, y_pred); podium.metrics.names() lists them',
        )
    return metrics.get(given)


def check_finite(found: Array, argument: str) -> None:
    """Refuse numbers of which one is nan or infinite."""
    width = int(np.prod(found.shape[1:]))
    is_odd = ~np.isfinite(found).reshape(len(found), width).all(axis=1)
    if is_odd.any():
        raise DataError(
            f"{argument} has {int(is_odd.sum()):,} of {plural(len(found), 'row')} that are not "
            "finite: "
            f"{some(np.flatnonzero(is_odd).tolist())}",
            fix="predict these rows, too, or leave them out in each argument",
        )
