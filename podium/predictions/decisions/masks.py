"""Masks from probabilities of pixels, image by image: the steps, their order and parameters.

    before     {"gate": 0.4}              a class whose probability for the image (the classifier's)
                                          is below the gate is absent
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
the decisions one; regions come after, in any order and as often as needed. Where there is no
decision, the default one is taken.

For a task of objects, one more step splits the mask into objects, and the steps after it act on
objects:

    objects    {"objects": {}}            pixels that touch by a side or a corner; with
                                          connectivity: 1 by a side
               {"objects": {"split": "watershed", "distance": 5, "seed": 0.7}}
                                          see `ObjectSplit`
    after it   {"min_area": 30}           objects of fewer pixels are dropped
               {"largest": 1}             only the n largest objects of a class stay

Probabilities and thresholds are compared as float32, the type in which stored ones are read. Steps
on single pixels run on bands of rows, so that no image's probabilities are in memory whole. One
image of H × W needs its mask (H · W bytes, times C where it is multilabel), a few bands of 4 MiB,
for steps on regions 7 bytes a pixel of the box around a class, and for hysteresis 9 bytes a pixel
of the image.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from podium.errors import PodiumError, UsageError
from podium.predictions import decisions
from podium.predictions.decisions.hysteresis import HysteresisRules
from podium.predictions.decisions.labels import Step, name_and_parameter
from podium.predictions.decisions.parameters import (
    is_list,
    numbers,
    one_per_class,
    per_class,
    whole_numbers,
)
from podium.predictions.store.masks import row_bands
from podium.tasks.protocols.find import pixel_kind
from podium.workspace.machine import n_cores

if TYPE_CHECKING:
    from podium.competition.truths.masks import Mask
    from podium.predictions.store.masks import MaskProbs
    from podium.tasks.protocols.kind import Kind

__all__ = [
    "REGIONS",
    "ObjectSplit",
    "apply_regions",
    "changes_nothing",
    "check_mask_steps",
    "check_object_steps",
    "checked_presence",
    "decide_mask",
    "decide_masks",
    "decide_pixels",
    "decide_without_regions",
    "default_mask_steps",
    "finds_objects",
    "mask_classes",
    "object_steps",
    "ordered_results",
    "sorted_steps",
    "with_mask_name",
]


BEFORE = ("gate", "class_weights")
REGIONS = ("fill_holes", "min_area", "largest", "open", "close", "median")
OF_OBJECTS = ("min_area", "largest")
MOST_MEDIAN = 99
MOST_RADIUS = 49  # of a disc: its window is that of the widest median

NamedStep = tuple[str, Any]
# Grids have these values, so that a step can be tried against being left out.
_CHANGES_NOTHING = {
    "gate": 0, "fill_holes": 0, "min_area": 0, "open": 0, "close": 0, "median": 1,
}  # fmt: skip


@dataclass(frozen=True)
class ObjectSplit:
    """The parameter of the step `objects`: how a mask is split into objects.

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


def default_mask_steps(kind: str) -> list[dict[str, Any]]:
    """Return the default steps of a task, without tuning: argmax, or a threshold of 0.5."""
    name = decision_names(kind)[0]
    return [{name: 0.5 if name == "threshold" else None}]


def decision_names(kind: str) -> tuple[str, ...]:
    """Return the names of the steps that decide single pixels, the default one first.

    Raises:
        UsageError: the pixels of this kind have no decision.
    """
    kind = pixel_kind(kind)
    if kind.is_exclusive:
        return ("argmax",)
    if kind.is_thresholded:
        return ("threshold", "hysteresis")
    raise UsageError(
        f"decide: no step decides {kind} masks",
        fix="predict a kind of masks with one class, or yes and no, a pixel",
    )


def changes_nothing(name: str, parameter: Any) -> bool:
    """Return whether a step leaves every mask as it is, for all classes."""
    nothing = _CHANGES_NOTHING.get(name)
    each = parameter if is_list(parameter) else [parameter]
    return nothing is not None and all(one == nothing for one in each)


def mask_classes(kind: str, n_outputs: int) -> int:
    """Return how many classes a mask of `n_outputs` channels has; background is none."""
    return n_outputs - pixel_kind(kind).has_background


def mask_planes(kind: Kind, n_classes: int) -> int:
    """Return how many planes a decided mask has: one a class where classes may overlap."""
    return n_classes if kind.is_by_class else 1


def check_mask_steps(steps: Sequence[Step] | None, kind: str, n_outputs: int) -> None:
    """Raise UsageError unless `steps` can decide masks of this kind with `n_outputs` channels."""
    sorted_steps(steps, kind, n_outputs)


def sorted_steps(
    steps: Sequence[Step] | None, kind: str, n_outputs: int
) -> tuple[list[NamedStep], NamedStep, list[NamedStep]]:
    """Return the steps before the decision, the decision, and the steps on regions.

    Raises:
        UsageError: a step is unknown, does not fit the task, stands in a wrong place or twice, or
            has a parameter that cannot be meant.
    """
    kind = pixel_kind(kind)
    named = [name_and_parameter(step) for step in steps or ()]
    (default,) = (name_and_parameter(step) for step in default_mask_steps(kind))
    before = [name for name in BEFORE if name != "class_weights" or kind.is_exclusive]
    decisions = decision_names(kind)
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
    steps: Sequence[Step] | None, kind: str, n_outputs: int
) -> tuple[list[Step], ObjectSplit, list[NamedStep]]:
    """Return the steps of the mask, how it is taken apart, and the steps on objects.

    Raises:
        UsageError: as `sorted_steps`, or a parameter of `objects` cannot be meant.
    """
    kind = pixel_kind(kind)
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


def check_object_steps(steps: Sequence[Step] | None, kind: str, n_outputs: int) -> None:
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


def _check_parameter(name: str, parameter: Any, kind: Kind, n_outputs: int) -> None:
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
        HysteresisRules.of(parameter, n_classes)
    elif name == "min_area":
        values = numbers(name, parameter, [(n_classes,), ()], "pixels, one a class or one for all")
        if (values < 0).any():
            raise UsageError(f"decide: min_area is in pixels, >= 0, got {parameter!r}")
    elif name != "argmax":
        _check_whole(name, parameter, kind, n_classes)


def _check_whole(name: str, parameter: Any, kind: Kind, n_classes: int) -> None:
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
        if is_list(parameter) and kind.is_exclusive:
            raise UsageError(
                f"decide: median of {kind} masks is one number, got {parameter!r}",
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


_BAND_VALUES = 2**20
_BYTES_IN_FLIGHT = 2**26  # of masks that wait for their turn; a larger one is decided alone

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]
Steps = tuple[list[NamedStep], NamedStep, list[NamedStep]]
Decided = TypeVar("Decided")


def decide_mask(
    probs: MaskProbs,
    i: int,
    steps: Sequence[Step] | None,
    kind: str,
    *,
    presence: Floats | None = None,
) -> Mask:
    """Return the mask that `steps` make of the probabilities of image `i`.

    Args:
        probs: C channels; multiclass has background as channel 0.
        i: which image.
        steps: what to do, see `mask_steps`; without a decision among them, the default one.
        kind: of the segmentation.
        presence: `(mask classes,)`, how probable the classifier finds each class in this image; the
            step `gate` needs it.

    Returns:
        uint8. binary `(H, W)` of 0 and 1; multiclass `(H, W)` of 0, background, and class index
        + 1; multilabel `(H, W, C)` of 0 and 1. A pixel that no view covered is background. Of steps
        that find objects, their union.

    Raises:
        UsageError: a step is unknown, does not fit, or stands in a wrong place; or a gate has no
            presence.
    """
    kind = pixel_kind(kind)
    if finds_objects(steps):
        found = decisions.objects.instances_of(probs, i, steps, kind, presence=presence)
        return decisions.objects.union_mask(found, kind, probs)
    plan = sorted_steps(steps, kind, probs.channels)
    shape = (1, mask_classes(kind, probs.channels))
    table = checked_presence(
        None if presence is None else np.reshape(presence, (1, -1)), plan, shape
    )
    return _decide(probs, i, plan, kind, None if table is None else table[0])


def decide_masks(
    probs: MaskProbs,
    steps: Sequence[Step] | None,
    kind: str,
    *,
    presence: Floats | None = None,
    workers: int | None = None,
) -> Iterator[tuple[str, Mask]]:
    """Yield the id and the mask of every image, in order, as `decide_mask` makes it.

    Images are decided in threads. Few masks wait for the caller: together 64 MiB, or one.

    Args:
        probs: C channels; multiclass has background as channel 0.
        steps: what to do, see `mask_steps`; without a decision among them, the default one.
        kind: of the segmentation.
        presence: `(N, mask classes)`, how probable the classifier finds each class; the step `gate`
            needs it.
        workers: threads; None takes one a core.

    Raises:
        UsageError: a step is unknown, does not fit, or stands in a wrong place; or a gate has no
            presence.
        PodiumError: an image cannot be decided; names it.
    """
    kind = pixel_kind(kind)
    if finds_objects(steps):
        objects = decisions.objects
        found = objects.decide_instances(probs, steps, kind, presence=presence, workers=workers)
        return ((one, objects.union_mask(its, kind, probs)) for one, its in found)
    plan = sorted_steps(steps, kind, probs.channels)
    n_classes = mask_classes(kind, probs.channels)
    table = checked_presence(presence, plan, (len(probs.ids), n_classes))

    def work(i: int) -> Mask:
        row = None if table is None else table[i]
        return with_mask_name(probs.ids[i], lambda: _decide(probs, i, plan, kind, row))

    planes = mask_planes(kind, n_classes)
    sizes = [height * width * planes for height, width in probs.sizes]
    return ordered_results(list(probs.ids), sizes, work, n_cores() if workers is None else workers)


def decide_pixels(
    probs: Floats, before: Sequence[NamedStep], decision: NamedStep, kind: str, is_open: Bools
) -> Mask:
    """Return the decision on each pixel of `probs` `(h, W, C)`, without steps on regions.

    Args:
        probs: nan where no view covered the pixel, which makes it background.
        before: what `sorted_steps` put before the decision.
        decision: argmax or a threshold; hysteresis depends on more than a pixel.
        kind: of the segmentation.
        is_open: `(mask classes,)`, which classes may be there.
    """
    kind = pixel_kind(kind)
    if kind.is_exclusive:
        weights = dict(before).get("class_weights")
        return _argmax(probs, weights, is_open)
    values, width = probs.astype(np.float32, copy=False), probs.shape[1]
    thresholds = per_class(decision[1], probs.shape[2]).astype(np.float32)
    thresholds[~is_open] = np.inf
    # Whole rows at once: numpy is slow over a short last axis.
    bits = values.reshape(len(values), -1) >= np.tile(thresholds, width)
    mask = bits.view(np.uint8).reshape(values.shape)
    return mask if kind.is_by_class else mask[..., 0]


def open_classes(presence: Floats | None, before: Sequence[NamedStep], n_classes: int) -> Bools:
    """Return which classes may be in an image, `(n_classes,)`: those with presence >= the gate."""
    gate = dict(before).get("gate")
    if gate is None or presence is None:
        return np.ones(n_classes, dtype=np.bool_)
    thresholds = per_class(gate, n_classes).astype(np.float32)
    return np.asarray(presence.astype(np.float32) >= thresholds, dtype=np.bool_)


def _decide(probs: MaskProbs, i: int, plan: Steps, kind: Kind, presence: Floats | None) -> Mask:
    before, decision, regions = plan
    n_classes = mask_classes(kind, probs.channels)
    is_open = open_classes(presence, before, n_classes)
    mask = decide_without_regions(probs, i, before, decision, kind, is_open)
    return apply_regions(mask, regions, n_classes) if is_open.any() else mask


def decide_without_regions(
    probs: MaskProbs,
    i: int,
    before: Sequence[NamedStep],
    decision: NamedStep,
    kind: str,
    is_open: Bools,
) -> Mask:
    """Return the decision on every pixel of image `i`, without steps on regions.

    Arguments are those of `decide_pixels`.
    """
    kind = pixel_kind(kind)
    height, width = probs.sizes[i]
    n_classes = mask_classes(kind, probs.channels)
    shape = (height, width, n_classes) if kind.is_by_class else (height, width)
    mask = np.zeros(shape, np.uint8)
    if not is_open.any():
        return mask
    name, parameter = decision
    rules = HysteresisRules.of(parameter, n_classes) if name == "hysteresis" else None
    for rows, band in row_bands(probs, i, _BAND_VALUES):
        if rules is None:
            mask[rows] = decide_pixels(band, before, decision, kind, is_open)
        else:
            mask[rows] = rules.reached(band, is_open).reshape(len(band), *shape[1:])
    if rules is None:
        return mask
    if mask.ndim == 2:
        return rules.mask(mask, 0)
    for c in range(n_classes):
        mask[..., c] = rules.mask(np.ascontiguousarray(mask[..., c]), c)
    return mask


def _argmax(probs: Floats, weights: Sequence[float] | None, is_open: Bools) -> Mask:
    """Return the first channel with the highest `w · p`, of those that are open."""
    # Plane by plane: over few channels numpy's argmax takes ten times as long.
    best = _plane(probs, 0, weights)
    out = np.zeros(best.shape, np.uint8)
    for channel in np.flatnonzero(is_open) + 1:
        plane = _plane(probs, int(channel), weights)
        wins = plane > best  # never where they are nan
        np.maximum(best, plane, out=best)
        # Channels rise, so that the larger of the two is the winner's.
        np.maximum(out, wins.view(np.uint8) * np.uint8(channel), out=out)
    return out


def _plane(probs: Floats, channel: int, weights: Sequence[float] | None) -> Floats:
    if weights is None:
        return np.array(probs[..., channel], dtype=np.float32)
    return np.multiply(probs[..., channel], weights[channel], dtype=np.float64)


def apply_regions(mask: Mask, regions: Sequence[NamedStep], n_classes: int) -> Mask:
    """Return a decided mask after steps on regions; `mask` itself is changed, too."""
    if not regions:
        return mask
    if mask.ndim == 2:
        return _apply(mask, regions, n_classes, slice(None))
    for i in range(n_classes):
        plane = np.ascontiguousarray(mask[..., i])
        mask[..., i] = _apply(plane, regions, n_classes, slice(i, i + 1))
    return mask


def _apply(mask: Mask, regions: Sequence[NamedStep], n_classes: int, classes: slice) -> Mask:
    for name, parameter in regions:
        step: Callable[[Mask, Any], Mask] = getattr(decisions.regions, name)
        values = one_per_class(name, parameter, n_classes)[classes]
        mask = step(mask, values[0] if name == "median" else values)
    return mask


def checked_presence(presence: Floats | None, plan: Steps, shape: tuple[int, int]) -> Floats | None:
    """Return `presence` in the `shape` (images, classes) for a gate of `plan`; None without one.

    Raises:
        UsageError: there is a gate without `presence`, or `presence` has another shape.
    """
    if "gate" not in dict(plan[0]):
        return None
    if presence is None:
        raise UsageError(
            "decide: gate needs a classifier's probabilities of the same images",
            fix="predict a classification, too, or remove the step gate",
        )
    table = np.asarray(presence)
    table = table[:, None] if table.ndim == 1 else table
    if table.shape != shape or not np.isfinite(table).all():
        raise UsageError(
            f"decide: gate needs finite probabilities {shape} of the classifier, got {table.shape}",
            fix="give one row an image, one column a class of the masks",
        )
    return table


def ordered_results(
    ids: Sequence[str], sizes: Sequence[int], work: Callable[[int], Decided], workers: int
) -> Iterator[tuple[str, Decided]]:
    """Yield the results of `work`, of `sizes` in bytes, in order; few of them wait."""
    if workers <= 1:
        for i, one in enumerate(ids):
            yield one, work(i)
        return
    pool = ThreadPoolExecutor(workers, thread_name_prefix="decide")
    waiting: deque[tuple[int, Future[Decided]]] = deque()
    n_started = in_flight = 0
    try:
        while n_started < len(ids) or waiting:
            while (
                n_started < len(ids)
                and len(waiting) < 2 * workers
                and (not waiting or in_flight + sizes[n_started] <= _BYTES_IN_FLIGHT)
            ):
                waiting.append((n_started, pool.submit(work, n_started)))
                in_flight += sizes[n_started]
                n_started += 1
            i, future = waiting.popleft()
            decided = future.result()
            del future  # it holds what was decided
            in_flight -= sizes[i]
            yield ids[i], decided
    finally:
        pool.shutdown(cancel_futures=True)


def with_mask_name(name: str, work: Callable[[], Decided]) -> Decided:
    """Return the result of `work`; an error names the mask that it was about."""
    try:
        return work()
    except PodiumError as error:
        message = f"the mask of {name!r}: {error.message}"
        raise type(error)(message, where=error.where, fix=error.fix) from error
    except Exception as error:
        error.add_note(f"while deciding the mask of {name!r}")
        raise
