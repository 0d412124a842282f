"""Parameters of steps: one value for all classes, or a list with one a class."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.errors import UsageError, plural

__all__ = [
    "is_list",
    "is_whole",
    "numbers",
    "one_per_class",
    "one_per_output",
    "per_class",
    "whole_numbers",
]


def per_class(parameter: Any, n_classes: int) -> NDArray[np.float64]:
    """Return `parameter` as one number a class, `(n_classes,)`."""
    return np.broadcast_to(np.asarray(parameter, dtype=np.float64), (n_classes,))


def one_per_class(name: str, parameter: Any, n_classes: int) -> list[Any]:
    """Return `parameter`, one value or a list of them, as one value a class.

    Raises:
        UsageError: a list has another length.
    """
    if not is_list(parameter):
        return [parameter] * n_classes
    if len(parameter) != n_classes:
        expected = "1 value" if n_classes == 1 else f"{plural(n_classes, 'value')}, or one for all"
        raise UsageError(
            f"decide: {name} needs {expected}, got {parameter!r}",
            fix="give one a class, in the order of `classes`",
        )
    return list(parameter)


def one_per_output(
    name: str, parameter: Any, n_outputs: int, *, or_one: bool = False
) -> NDArray[np.float64]:
    """Return `parameter`, of a step of labels, as one number an output or, `or_one`, one for all.

    Raises:
        UsageError: it is none, or holds what is no finite number.
    """
    try:
        values = np.asarray(parameter, dtype=np.float64)
    except (TypeError, ValueError):
        values = np.array(np.nan)
    fits = values.shape == (n_outputs,) or (or_one and values.shape == ())
    if not fits or not np.isfinite(values).all():
        raise UsageError(
            f"decide: {name} needs {n_outputs} finite numbers, got {parameter!r}",
            fix="give one number a class, in the order of `classes`",
        )
    return values


def is_list(parameter: Any) -> bool:
    """Return whether `parameter` has a value for each class."""
    return isinstance(parameter, np.ndarray) or (
        isinstance(parameter, Sequence) and not isinstance(parameter, str)
    )


def numbers(
    name: str, parameter: Any, shapes: Sequence[tuple[int, ...]], what: str
) -> NDArray[np.float64]:
    """Return `parameter` as an array of one of `shapes`.

    Raises:
        UsageError: it is none, or holds what is no finite number; `what` is to be given.
    """
    try:
        values = np.asarray(parameter, dtype=np.float64)
    except (TypeError, ValueError):
        values = np.array(np.nan)
    if values.shape not in shapes or not np.isfinite(values).all():
        expected = " or ".join(dict.fromkeys(str(shape[0]) if shape else "1" for shape in shapes))
        raise UsageError(
            f"decide: {name} needs {expected} finite numbers, got {parameter!r}", fix=f"give {what}"
        )
    return values


def whole_numbers(
    name: str,
    parameter: Any,
    n_classes: int,
    fits: Callable[[int], bool],
    *,
    needs: str,
    fix: str,
    or_none: bool = False,
) -> None:
    """Raise UsageError unless `parameter` is a whole number that fits, or one a class.

    Args:
        name: of the step.
        parameter: what it was given.
        n_classes: of the masks.
        fits: whether a number can be meant.
        needs: what the step needs, in words.
        fix: an example.
        or_none: None can be meant, too.
    """
    for one in one_per_class(name, parameter, n_classes):
        if one is None and or_none:
            continue
        if not is_whole(one) or not fits(int(one)):
            raise UsageError(f"decide: {name} needs {needs}, got {parameter!r}", fix=fix)


def is_whole(value: Any) -> bool:
    """Return whether `value` is a whole number, and no bool."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)
