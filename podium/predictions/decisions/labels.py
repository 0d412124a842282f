"""Decisions from probabilities of labels: a list of named steps with parameters.

A step is a mapping of one key, its name, to its parameter. One step decides:

    {"argmax": None}                    multiclass: the most probable class
    {"class_weights": [1.0, 0.4, 2.1]}  multiclass: argmax of w_c · p_c
    {"threshold": 0.37}                 binary, multilabel: p >= t, one t or one a class
    {"round": None}                     ordinal: the nearest class, a half upwards
    {"cuts": [0.5, 1.4, 2.6]}           ordinal: how many cut points the rating reaches (>=)
    {"topk": {"k": 5, "unknown": 0.3}}  multiclass: the k likeliest, and where none of them stands
    {"confident": {"unknown": 0.3}}     multiclass: the likeliest and how sure; none below 0.3

`unknown` may be left out of both: then nothing is, see `top_k.py`. After `threshold` a
multilabel task may have rules of rows, each once:

    {"at_least": 1}                     at least so many classes: the likeliest are added
    {"at_most": 3}                      no more: the likeliest of those predicted stay

Probabilities and thresholds are compared as float32, the type in which predictions are stored, so
that a threshold fitted on stored values splits them in the same way ever after.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.errors import DataError, UsageError, either
from podium.predictions.decisions.kinds import LabelStep, decisions_of
from podium.predictions.decisions.parameters import is_whole
from podium.predictions.top_k import TopK, at_least, at_most
from podium.tasks.protocols.find import image_kind, kind_names
from podium.tasks.protocols.names import IMAGES
from podium.tasks.protocols.needs import are_confident, are_decisions, are_ranked

if TYPE_CHECKING:
    from podium.competition.metrics import Metric, Needs
    from podium.tasks.protocols.kind import Kind

__all__ = [
    "Step",
    "check_steps",
    "decide",
    "default_steps",
    "label_steps",
    "metric_input",
    "name_and_parameter",
    "steps_output",
]

Step = Mapping[str, Any]


def decide(
    probs: NDArray[np.floating[Any]] | TopK, steps: Sequence[Step] | None, kind: str
) -> NDArray[Any]:
    """Return the decisions that `steps` make of `probs`.

    Args:
        probs: `(N, C)`, of thousands of classes `TopK`; binary, regression and ordinal (ratings)
            `(N, 1)` or `(N,)`.
        steps: what to do; none takes `default_steps(kind)`.
        kind: the kind of the task.

    Returns:
        multiclass, ordinal and binary `(N,)` int64, multilabel `(N, C)` uint8, regression `(N,)`
        float64; of `topk` int64 `(N, k)`, -1 where there is no class any more, C: none of them; of
        `confident` float64 `(N, 2)`, a class and its confidence; (-1, 0) where none is predicted.

    Raises:
        UsageError: a step is unknown, does not fit the task or has a parameter of a wrong length;
            or it needs more classes than are kept.

    Example:
        >>> decide(np.array([[0.6, 0.4], [0.5, 0.5]]), [{"class_weights": [1, 2]}], "multiclass")
        array([1, 1])
    """
    kind = image_kind(kind)
    every = list(steps) if steps else default_steps(kind)
    if isinstance(probs, TopK):
        return _decide_top_k(probs, every, kind)
    values = _shaped(np.asarray(probs), kind)
    check_steps(every, kind, n_outputs=values.shape[1])
    known = decisions_of(kind)
    if known.undecided is not None:
        return known.undecided(values)
    (name, parameter), *rules = map(name_and_parameter, every)
    decisions = known.steps[name].decide(values, parameter)
    for rule, number in rules:
        decisions = _RULES[rule](decisions, values, int(number))
    return decisions


def _decide_top_k(probs: TopK, steps: Sequence[Step], kind: Kind) -> NDArray[Any]:
    """Return the decision of `steps` on the k likeliest classes, where these suffice for it."""
    check_steps(steps, kind, n_outputs=probs.n_classes)
    name, parameter = name_and_parameter(steps[0]) if steps else ("", None)
    step = decisions_of(kind).steps.get(name)
    if step is None or step.decide_likeliest is None:
        raise UsageError(
            f"decide: {name or kind} needs the probabilities of all "
            f"{either(probs.n_classes, 'class', 'classes')}, "
            f"and {probs.k} are kept of each row",
            fix="write predict: {top_k: all}, and run `podium predict` again",
        )
    return step.decide_likeliest(probs, parameter)


def metric_input(
    probs: NDArray[np.floating[Any]] | TopK,
    steps: Sequence[Step] | None,
    kind: str,
    metric: Metric,
    options: Mapping[str, Any],
) -> NDArray[Any]:
    """Return the input of `metric` with its `options`: probabilities, or what `steps` make of them.

    No steps take the plain ones of what it needs. A sum of metrics gets each form that its terms
    need, and steps are of decisions. Other arguments are those of `decide`.

    Raises:
        DataError: it needs all probabilities, and some are kept.
    """
    kind = image_kind(kind)
    if metric.scores_several:

        def one_form(form: Needs) -> NDArray[Any]:
            own = steps if are_decisions(form) else default_steps(kind, form, k=k)
            return metric_input(probs, own, kind, metric.terms_of(form)[0].metric, {})

        k = metric.n_ranked(options)
        return metric.side_by_side(one_form, options)
    if metric.scores_probs:
        if isinstance(probs, TopK):
            raise DataError(
                f"{metric.name} scores the probabilities of all "
                f"{either(probs.n_classes, 'class', 'classes')}, and "
                f"of each row the {probs.k} likeliest are kept",
                fix="write predict: {top_k: all}, and run `podium predict` again",
            )
        # Several outputs that are no probabilities make one number, as cos and sin an angle.
        is_decided = not (kind.is_prob or kind.is_single)
        return decide(probs, None, kind) if is_decided else np.asarray(probs)
    k = metric.n_ranked(options)
    return decide(probs, steps or default_steps(kind, metric.needs, k=k), kind)


def default_steps(kind: str, needs: Needs = "decisions", *, k: int = 1) -> list[dict[str, Any]]:
    """Return the default steps of a task, without tuning.

    They are argmax, rounding, or a threshold of 0.5; the `k` likeliest classes where a ranking is
    needed; the likeliest one and how sure it is where `needs` is confident.
    """
    if are_ranked(needs):
        return [{"topk": {"k": k}}]
    if are_confident(needs):
        return [{"confident": None}]
    return decisions_of(image_kind(kind)).plain


def check_steps(steps: Sequence[Step], kind: str, *, n_outputs: int) -> None:
    """Raise UsageError unless `steps` can decide a task of this kind with `n_outputs` columns."""
    kind = image_kind(kind)
    deciding, rules = (
        decisions_of(kind).steps,
        _RULES if kind.is_thresholded and kind.is_by_class else {},
    )
    allowed = [*deciding, *rules]
    named = [name_and_parameter(step) for step in steps]
    unknown = [name for name, _ in named if name not in allowed]
    if unknown:
        raise UsageError(
            f"decide: {unknown[0]!r} is not a step for {kind.named} task",
            fix=f"choose one of {', '.join(allowed)}" if allowed else "leave decide empty",
        )
    names = [name for name, _ in named if name in deciding]
    if len(names) != min(1, len(allowed)):
        raise UsageError(
            f"decide: {kind.named} task takes {min(1, len(allowed))} of these steps, "
            f"got {len(names)}",
            fix=f"keep one of {', '.join(deciding)}" if deciding else "leave decide empty",
        )
    for name, parameter in named:
        check = deciding[name].check if name in deciding else None
        if check is not None:
            check(parameter, n_outputs)
    if len(named) > len(names):
        _check_rules(named, n_outputs)


def label_steps() -> list[str]:
    """Return the names of all steps of labels, of any kind of task; first those of classes."""
    return [*_deciding(), *_RULES]


def steps_output(steps: Sequence[Step]) -> Needs:
    """Return the kind of output of these steps: a ranking, confident classes, or decisions."""
    known = _deciding()
    found = (known.get(name_and_parameter(step)[0]) for step in steps)
    return next((step.gives for step in found if step is not None), "decisions")


@cache
def _deciding() -> dict[str, LabelStep]:
    """Return the steps that decide, of all kinds by name; those of kinds with classes first."""
    kinds = sorted(map(image_kind, kind_names(IMAGES)), key=lambda kind: not kind.needs_classes)
    return {name: step for kind in kinds for name, step in decisions_of(kind).steps.items()}


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


def _check_rules(named: Sequence[tuple[str, Any]], n_outputs: int) -> None:
    """Raise UsageError unless `threshold` and rules of rows after it can be meant together."""
    if named[0][0] in _RULES:
        raise UsageError(
            f"decide: {named[0][0]} changes the decisions of a threshold, and stands after it",
            fix=f"write - threshold: 0.5, then - {named[0][0]}: {named[0][1]}",
        )
    given: dict[str, int] = {}
    for name, number in named[1:]:
        if name in given:
            raise UsageError(f"decide: {name} stands twice", fix="keep one of them")
        least, most = (0, n_outputs) if name == "at_least" else (1, None)
        if not is_whole(number) or number < least or (most is not None and number > most):
            raise UsageError(
                f"decide: {name} needs a whole number of classes, got {number!r}",
                fix=f"give {least} or more" if most is None else f"give {least} to {most}",
            )
        given[name] = int(number)
    if given.get("at_least", 0) > given.get("at_most", n_outputs):
        raise UsageError(
            f"decide: no row has at least {given['at_least']} classes and at most "
            f"{given['at_most']}",
            fix="give at_most the larger number",
        )


def _shaped(probs: NDArray[Any], kind: Kind) -> NDArray[np.float32]:
    values = probs[:, None] if probs.ndim == 1 else probs
    n_outputs = kind.fixed_outputs
    if values.ndim != 2 or n_outputs not in (None, values.shape[1]):
        expected = "(N,) or (N, 1)" if kind.is_single else f"(N, {n_outputs or 'C'})"
        raise UsageError(f"decide: {kind.named} task has probs {expected}, got {probs.shape}")
    return values.astype(np.float32, copy=False)


_RULES: dict[str, Callable[[NDArray[np.uint8], NDArray[np.float32], int], NDArray[np.uint8]]] = {
    "at_least": at_least,
    "at_most": at_most,
}
"""Rules of rows in a multilabel task: how many classes are predicted. Each changes rows that the
other leaves alone, so that their order makes no difference."""
