"""The steps from probabilities of pixels to a mask: their names, their order, what they take.

    before     {"gate": 0.4}              a class of which the classifier is less sure is not there
               {"class_weights": [1, 2]}  multiclass: argmax of w_c · p_c, background first
    decision   {"argmax": None}           multiclass: the most probable class, or background
               {"threshold": 0.5}         binary, multilabel: p >= t
               {"hysteresis": {"low": 0.3, "high": 0.6}}
                                          instead of a threshold: components of p >= low that hold
                                          a pixel of p >= high, and more, see `hysteresis.py`
    regions    {"fill_holes": None}       background that one class encloses becomes that class;
                                          a number n instead fills holes of at most n pixels
               {"min_area": 30}           components of fewer pixels become background
               {"largest": 1}             only the n largest components of a class stay
               {"open": 2}                where a disc of radius 2 fits into a class, it stays
               {"close": 2}               background into which no disc of radius 2 fits becomes
                                          the class around it
               {"median": 5}              the most frequent value of a 5 × 5 window

All but `class_weights`, `argmax` and a `median` of multiclass masks take one value or one a class,
in the order of `classes`. The first two groups stand in this order, each step at most once, and of
the decisions one; regions come after, in any order and as often as wanted. Where there is no
decision, the default one is taken.

Of a task of objects, one more step takes the mask apart, and what stands after it looks at objects:

    objects    {"objects": {}}            pixels that touch by a side or a corner; with
                                          connectivity: 1 by a side
               {"objects": {"split": "watershed", "distance": 5, "seed": 0.7}}
                                          see `ObjectSplit`
    after it   {"min_area": 30}           objects of fewer pixels are none
               {"largest": 1}             only the n largest objects of a class stay
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from podium.errors import UsageError
from podium.predictions.decide import Step, name_and_parameter
from podium.predictions.hysteresis import Rules
from podium.predictions.step_parameters import is_list, numbers, whole_numbers

if TYPE_CHECKING:
    from podium.competition.spec import TaskKind

__all__ = [
    "OF_OBJECTS",
    "REGIONS",
    "ObjectSplit",
    "check_mask_steps",
    "check_object_steps",
    "default_mask_steps",
    "finds_objects",
    "mask_classes",
    "object_steps",
    "sorted_steps",
]

BEFORE = ("gate", "class_weights")
REGIONS = ("fill_holes", "min_area", "largest", "open", "close", "median")
OF_OBJECTS = ("min_area", "largest")
MOST_MEDIAN = 99
MOST_RADIUS = 49  # of a disc: its window is that of the widest median

NamedStep = tuple[str, Any]


@dataclass(frozen=True)
class ObjectSplit:
    """How a mask is taken apart into objects: the parameter of the step `objects`.

    `split: watershed` takes areas that touch apart: each pixel goes to the seed from which it is
    flooded, from the pixels farthest from the area's edge outwards. Seeds are the areas of pixels
    whose probability is at least `seed`; with a `distance`, they are the points of these areas that
    are farthest from the edge, at least so far from each other. An area without a seed is no
    object.

    Attributes:
        connectivity: 1: pixels touch by a side; 2: by a side or a corner.
        split: none, or watershed.
        seed: probability, one or one a class; None: that of the mask itself.
        distance: pixels between two seeds, at least; 0: each area of `seed` is one.
    """

    connectivity: Literal[1, 2] = 2
    split: Literal["none", "watershed"] = "none"
    seed: Any = None
    distance: float = 0


def default_mask_steps(kind: TaskKind) -> list[dict[str, Any]]:
    """Return the steps of a task that nobody tuned: argmax, or a threshold of 0.5."""
    return [{"argmax": None}] if kind == "multiclass" else [{"threshold": 0.5}]


def decisions_of(kind: TaskKind) -> tuple[str, ...]:
    """Return the names of the steps that decide single pixels, the default one first."""
    return ("argmax",) if kind == "multiclass" else ("threshold", "hysteresis")


def mask_classes(kind: TaskKind, n_outputs: int) -> int:
    """Return how many classes a mask of `n_outputs` channels has; background is none."""
    return n_outputs - (kind == "multiclass")


def check_mask_steps(steps: Sequence[Step] | None, kind: TaskKind, n_outputs: int) -> None:
    """Raise UsageError unless `steps` can decide masks of this kind with `n_outputs` channels."""
    sorted_steps(steps, kind, n_outputs)


def sorted_steps(
    steps: Sequence[Step] | None, kind: TaskKind, n_outputs: int
) -> tuple[list[NamedStep], NamedStep, list[NamedStep]]:
    """Return what comes before the decision, the decision, and the steps on regions.

    Raises:
        UsageError: a step is unknown, does not fit the task, stands in a wrong place or twice, or
            has a parameter that cannot be meant.
    """
    named = [name_and_parameter(step) for step in steps or ()]
    (default,) = (name_and_parameter(step) for step in default_mask_steps(kind))
    before = [name for name in BEFORE if name != "class_weights" or kind == "multiclass"]
    decisions = decisions_of(kind)
    _check_names([name for name, _ in named], before, decisions, kind)
    for name, parameter in named:
        _check_parameter(name, parameter, kind, n_outputs)
    decision = next((step for step in named if step[0] in decisions), default)
    return (
        [step for step in named if step[0] in before],
        decision,
        [step for step in named if step[0] in REGIONS],
    )


def finds_objects(steps: Sequence[Step] | None) -> bool:
    """Return whether one of `steps` takes a mask apart into objects."""
    return any(name_and_parameter(step)[0] == "objects" for step in steps or ())


def object_steps(
    steps: Sequence[Step] | None, kind: TaskKind, n_outputs: int
) -> tuple[list[Step], ObjectSplit, list[NamedStep]]:
    """Return the steps of the mask, how it is taken apart, and the steps on objects.

    Raises:
        UsageError: as `sorted_steps`, or a parameter of `objects` cannot be meant.
    """
    every = list(steps or ())
    names = [name_and_parameter(step)[0] for step in every]
    if names.count("objects") > 1:
        raise UsageError("decide: objects stands twice", fix="keep one of them")
    at = names.index("objects") if "objects" in names else len(every)
    sorted_steps(every[:at], kind, n_outputs)
    split = ObjectSplit()
    if at < len(every):
        split = _split_of(name_and_parameter(every[at])[1], mask_classes(kind, n_outputs))
    after = [name_and_parameter(step) for step in every[at + 1 :]]
    for name, parameter in after:
        if name not in OF_OBJECTS:
            raise UsageError(
                f"decide: {name!r} stands after objects and is no step on objects",
                fix=f"write it before objects; after it stand {', '.join(OF_OBJECTS)}",
            )
        _check_parameter(name, parameter, kind, n_outputs)
    return every[:at], split, after


def check_object_steps(steps: Sequence[Step] | None, kind: TaskKind, n_outputs: int) -> None:
    """Raise UsageError unless `steps` can decide objects in masks of this kind."""
    object_steps(steps, kind, n_outputs)


def _split_of(parameter: Any, n_classes: int) -> ObjectSplit:
    """Return the checked parameter of the step `objects`; None is that of the default."""
    given = {} if parameter is None else parameter
    known = [one.name for one in dataclasses.fields(ObjectSplit)]
    if not isinstance(given, Mapping) or set(given) - set(known):
        raise UsageError(
            f"decide: objects takes {', '.join(known)}, got {parameter!r}",
            fix="write objects: {split: watershed, distance: 5}",
        )
    split = ObjectSplit(**given)
    if split.connectivity not in (1, 2) or split.split not in ("none", "watershed"):
        raise UsageError(
            f"decide: objects has connectivity 1 or 2 and split none or watershed, got {given!r}"
        )
    if split.seed is not None:
        numbers("objects.seed", split.seed, [(n_classes,), ()], "one a class, or one for all")
    (distance,) = numbers("objects.distance", [split.distance], [(1,)], "pixels").tolist()
    if distance < 0:
        raise UsageError(f"decide: objects.distance is in pixels, >= 0, got {distance}")
    if split.split == "none" and (split.seed is not None or distance):
        raise UsageError(
            "decide: objects has seeds only where it splits",
            fix="write split: watershed, or leave out seed and distance",
        )
    if split.split == "watershed" and split.seed is None and not distance:
        raise UsageError(
            "decide: a watershed needs seed, a probability, or distance, pixels between two seeds",
            fix="write objects: {split: watershed, distance: 5}",
        )
    return split


def _check_names(
    names: Sequence[str], before: Sequence[str], decisions: Sequence[str], kind: str
) -> None:
    """Check that `names` are some of `before`, each once, one of `decisions`, then regions."""
    known = (*before, *decisions, *REGIONS)
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UsageError(
            f"decide: {unknown[0]!r} is not a step for {kind} masks",
            fix=f"choose of {', '.join(known)}",
        )
    n_before = len(before)
    place = {name: i for i, name in enumerate(before)} | dict.fromkeys(decisions, n_before)
    for name, following in pairwise(names):
        one, other = (place.get(each, n_before + 1) for each in (name, following))
        if one == other <= n_before:
            fix = f"keep one of {', '.join(dict.fromkeys((name, following)))}"
            if name == following:
                raise UsageError(f"decide: {name} stands twice", fix="keep one of them")
            raise UsageError(f"decide: {name} and {following} decide the same pixels", fix=fix)
        if one > other:
            order = ", ".join([*before, " or ".join(decisions)])
            raise UsageError(
                f"decide: {following} stands after {name}",
                fix=f"the order is {order}, then the steps on regions",
            )


def _check_parameter(name: str, parameter: Any, kind: TaskKind, n_outputs: int) -> None:
    n_classes = mask_classes(kind, n_outputs)
    if name == "class_weights":
        values = numbers(name, parameter, [(n_outputs,)], "one a channel, background first")
        if (values < 0).any() or not values.any():
            raise UsageError(
                f"decide: class_weights must be >= 0 and not all 0, got {parameter!r}",
                fix="give a positive number a channel, background first",
            )
    elif name in ("gate", "threshold"):
        numbers(name, parameter, [(n_classes,), ()], "one a class, in the order of `classes`")
    elif name == "hysteresis":
        Rules.of(parameter, n_classes)
    elif name == "min_area":
        values = numbers(name, parameter, [(n_classes,), ()], "pixels, one a class or one for all")
        if (values < 0).any():
            raise UsageError(f"decide: min_area is in pixels, >= 0, got {parameter!r}")
    elif name != "argmax":
        _check_whole(name, parameter, kind, n_classes)


def _check_whole(name: str, parameter: Any, kind: TaskKind, n_classes: int) -> None:
    """Check the parameter of a step that takes whole numbers."""
    if name == "largest":
        whole_numbers(
            name,
            parameter,
            n_classes,
            lambda n: n >= 1,
            needs="a whole number >= 1",
            fix="write largest: 1",
        )
    elif name == "fill_holes":
        whole_numbers(
            name,
            parameter,
            n_classes,
            lambda n: n >= 0,
            needs="pixels, a whole number >= 0",
            fix="write fill_holes: null to fill holes of every size",
            or_none=True,
        )
    elif name in ("open", "close"):
        whole_numbers(
            name,
            parameter,
            n_classes,
            lambda radius: 0 <= radius <= MOST_RADIUS,
            needs=f"the radius of a disc in pixels, a whole number from 0 to {MOST_RADIUS}",
            fix=f"write {name}: 2",
        )
    else:
        if is_list(parameter) and kind == "multiclass":
            raise UsageError(
                f"decide: median of multiclass masks is one number, got {parameter!r}",
                fix="in a window all classes vote: write median: 5",
            )
        whole_numbers(
            name,
            parameter,
            n_classes,
            lambda side: 1 <= side <= MOST_MEDIAN and side % 2 == 1,
            needs=f"an odd number of pixels, 1 to {MOST_MEDIAN}",
            fix="write median: 5",
        )
