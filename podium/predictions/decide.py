"""From probabilities to decisions: a list of named steps with parameters.

A step is a mapping of one key, its name, to its parameter:

    {"argmax": None}                    multiclass: the most probable class
    {"class_weights": [1.0, 0.4, 2.1]}  multiclass: argmax of w_c · p_c
    {"threshold": 0.37}                 binary, multilabel: p >= t, one t or one a class
    {"round": None}                     ordinal: the nearest class, a half upwards
    {"cuts": [0.5, 1.4, 2.6]}           ordinal: how many cut points the rating reaches (>=)

Probabilities and thresholds are compared as float32, the type in which predictions are stored, so
that a threshold fitted on stored values splits them in the same way ever after.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from podium.errors import UsageError

if TYPE_CHECKING:
    from podium.competition.spec import TaskKind

__all__ = ["Step", "check_steps", "decide", "default_steps", "name_and_parameter"]

Step = Mapping[str, Any]


def decide(
    probs: NDArray[np.floating[Any]], steps: Sequence[Step] | None, kind: TaskKind
) -> NDArray[Any]:
    """Return the decisions that `steps` make of `probs`.

    Args:
        probs: `(N, C)`; binary, regression and ordinal (ratings) `(N, 1)` or `(N,)`.
        steps: what to do; none takes `default_steps(kind)`.
        kind: the kind of the task.

    Returns:
        multiclass, ordinal and binary `(N,)` int64, multilabel `(N, C)` uint8, regression `(N,)`
        float64.

    Raises:
        UsageError: a step is unknown, does not fit the task or has a parameter of a wrong length.

    Example:
        >>> decide(np.array([[0.6, 0.4], [0.5, 0.5]]), [{"class_weights": [1, 2]}], "multiclass")
        array([1, 1])
    """
    every = list(steps) if steps else default_steps(kind)
    values = _shaped(np.asarray(probs), kind)
    check_steps(every, kind, n_outputs=values.shape[1])
    if kind == "regression":
        return values[:, 0].astype(np.float64)
    name, parameter = name_and_parameter(every[0])
    return _STEPS[kind][name](values, parameter)


def default_steps(kind: TaskKind) -> list[dict[str, Any]]:
    """Return the steps of a task that nobody tuned: argmax, rounding, or a threshold of 0.5."""
    if kind in ("multiclass", "ordinal"):
        return [{"argmax" if kind == "multiclass" else "round": None}]
    return [] if kind == "regression" else [{"threshold": 0.5}]


def check_steps(steps: Sequence[Step], kind: TaskKind, *, n_outputs: int) -> None:
    """Raise UsageError unless `steps` can decide a task of this kind with `n_outputs` columns."""
    allowed = _STEPS[kind]
    named = [name_and_parameter(step) for step in steps]
    unknown = [name for name, _ in named if name not in allowed]
    if unknown:
        raise UsageError(
            f"decide: {unknown[0]!r} is not a step for a {kind} task",
            fix=f"choose one of {', '.join(allowed)}" if allowed else "leave decide empty",
        )
    if len(named) != min(1, len(allowed)):
        raise UsageError(
            f"decide: a {kind} task takes {min(1, len(allowed))} of these steps, got {len(named)}",
            fix=f"keep one of {', '.join(allowed)}" if allowed else "leave decide empty",
        )
    for name, parameter in named:
        _check_parameter(name, parameter, n_outputs)


def name_and_parameter(step: Step | str) -> tuple[str, Any]:
    """Return a step's name and its parameter; a bare name has none."""
    if isinstance(step, str):
        return step, None
    if not isinstance(step, Mapping) or len(step) != 1:
        raise UsageError(
            f"decide: a step is one name with its parameter, got {step!r}",
            fix="write it as {threshold: 0.5}",
        )
    ((name, parameter),) = step.items()
    return str(name), parameter


def _check_parameter(name: str, parameter: Any, n_outputs: int) -> None:
    if name in ("argmax", "round"):
        return
    if name == "cuts":
        _check_cuts(parameter)
        return
    try:
        values = np.asarray(parameter, dtype=np.float64)
    except (TypeError, ValueError):
        values = np.array(np.nan)
    sizes = {(n_outputs,)} if name == "class_weights" else {(n_outputs,), ()}
    if values.shape not in sizes or not np.isfinite(values).all():
        raise UsageError(
            f"decide: {name} needs {n_outputs} finite numbers, got {parameter!r}",
            fix="give one number a class, in the order of `classes`",
        )
    if name == "class_weights" and ((values < 0).any() or not values.any()):
        raise UsageError(
            f"decide: class_weights must be >= 0 and not all 0, got {parameter!r}",
            fix="give a positive number a class",
        )


def _check_cuts(parameter: Any) -> None:
    try:
        cuts = np.asarray(parameter, dtype=np.float64)
    except (TypeError, ValueError):
        cuts = np.array(np.nan)
    is_list = cuts.ndim == 1 and len(cuts) > 0
    if not is_list or not np.isfinite(cuts).all() or (np.diff(cuts) < 0).any():
        raise UsageError(
            f"decide: cuts needs finite numbers in ascending order, got {parameter!r}",
            fix="give one number less than there are classes, as [0.5, 1.5]",
        )


def _shaped(probs: NDArray[Any], kind: TaskKind) -> NDArray[np.float32]:
    values = probs[:, None] if probs.ndim == 1 else probs
    is_one = kind in ("binary", "regression", "ordinal")
    if values.ndim != 2 or (is_one and values.shape[1] != 1):
        wanted = "(N,) or (N, 1)" if is_one else "(N, C)"
        raise UsageError(f"decide: a {kind} task has probs {wanted}, got {probs.shape}")
    return values.astype(np.float32, copy=False)


def _argmax(probs: NDArray[np.float32], _: None) -> NDArray[np.int64]:
    return np.asarray(np.argmax(probs, axis=1), dtype=np.int64)


def _class_weights(probs: NDArray[np.float32], weights: ArrayLike) -> NDArray[np.int64]:
    weighted = probs * np.asarray(weights, dtype=np.float64)
    return np.asarray(np.argmax(weighted, axis=1), dtype=np.int64)


def _threshold_binary(probs: NDArray[np.float32], threshold: ArrayLike) -> NDArray[np.int64]:
    return (probs >= np.asarray(threshold, dtype=np.float32))[:, 0].astype(np.int64)


def _threshold_multilabel(probs: NDArray[np.float32], threshold: ArrayLike) -> NDArray[np.uint8]:
    return (probs >= np.asarray(threshold, dtype=np.float32)).astype(np.uint8)


def _round(ratings: NDArray[np.float32], _: None) -> NDArray[np.int64]:
    # In float32 the number below 0.5 plus a half is 1.
    nearest = np.floor(ratings[:, 0].astype(np.float64) + 0.5)
    return np.maximum(nearest, 0).astype(np.int64)


def _cuts(ratings: NDArray[np.float32], cuts: ArrayLike) -> NDArray[np.int64]:
    return np.searchsorted(np.asarray(cuts, dtype=np.float32), ratings[:, 0], side="right")


_STEPS: dict[str, dict[str, Callable[[NDArray[np.float32], Any], NDArray[Any]]]] = {
    "multiclass": {"argmax": _argmax, "class_weights": _class_weights},
    "binary": {"threshold": _threshold_binary},
    "multilabel": {"threshold": _threshold_multilabel},
    "ordinal": {"round": _round, "cuts": _cuts},
    "regression": {},
}
