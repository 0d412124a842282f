"""One image decided by many lists of steps: what the candidates share is computed once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podium.predictions.decisions.labels import Step
from podium.predictions.decisions.masks import (
    NamedStep,
    ObjectSplit,
    apply_regions,
    decide_without_regions,
    mask_classes,
    object_steps,
    sorted_steps,
)
from podium.predictions.decisions.objects import class_planes, filter_objects, split_planes
from podium.predictions.store.masks import MaskArrays

if TYPE_CHECKING:
    from podium.competition.truths.instances import Instances
    from podium.competition.truths.masks import Mask
    from podium.predictions.store.masks import MaskProbs
    from podium.tasks.protocols.kind import Kind

__all__ = ["candidate_instances", "decide_candidates"]

_SHARED_VALUES = 2**22  # of an image that is read once; a larger one is read for each decision


def decide_candidates(
    probs: MaskProbs,
    i: int,
    candidates: Sequence[Sequence[Step]],
    kind: Kind,
    *,
    is_open: NDArray[np.bool_] | None = None,
) -> Iterator[tuple[int, Mask]]:
    """Yield the number of each candidate and its mask of image `i`, as `decide_mask` makes it.

    Those with the same first steps follow each other, so that these are done once: the order is not
    that of `candidates`. The caller must not change a mask.

    Args:
        probs: C channels; multiclass has background as channel 0.
        i: which image.
        candidates: steps of masks, without a gate.
        kind: of the segmentation.
        is_open: `(mask classes,)`, which classes may be there; None: all.

    Raises:
        UsageError: a candidate cannot be meant.
    """
    probs, i = _in_memory(probs, i)
    n_classes = mask_classes(kind, probs.channels)
    able = np.ones(n_classes, np.bool_) if is_open is None else is_open
    plans = [sorted_steps(one, kind, probs.channels) for one in candidates]
    # The decision on single pixels, then a step on regions at a time.
    ways = [[repr((before, decision)), *map(repr, last)] for before, decision, last in plans]
    done: list[tuple[str, Mask]] = []
    for number in sorted(range(len(ways)), key=ways.__getitem__):
        (before, decision, regions), way = plans[number], ways[number]
        n_same = 0
        while n_same < min(len(done), len(way)) and done[n_same][0] == way[n_same]:
            n_same += 1
        del done[n_same:]
        for name in way[n_same:]:
            if not done:
                mask = decide_without_regions(probs, i, before, decision, kind, able)
            else:
                mask = apply_regions(done[-1][1].copy(), [regions[len(done) - 1]], n_classes)
            done.append((name, mask))
        yield number, done[-1][1]


@dataclass
class _SplitCandidates:
    """The steps after the mask: how it is split, and the objects that each candidate keeps."""

    split: ObjectSplit
    after: list[tuple[int, list[NamedStep]]] = field(default_factory=list)


def candidate_instances(
    probs: MaskProbs, i: int, candidates: Sequence[Sequence[Step]], kind: Kind
) -> Iterator[tuple[int, Instances]]:
    """Yield the number of each candidate and the objects that it makes of image `i`.

    They are those of `instances_of`, without a gate; the order is that of `decide_candidates`.

    Raises:
        UsageError: a candidate cannot be meant.
    """
    probs, i = _in_memory(probs, i)
    masks: dict[str, tuple[list[Step], dict[str, _SplitCandidates]]] = {}
    for number, one in enumerate(candidates):
        before, split, after = object_steps(one, kind, probs.channels)
        _, splits = masks.setdefault(repr(before), (before, {}))
        splits.setdefault(repr(split), _SplitCandidates(split)).after.append((number, after))
    each = list(masks.values())
    for place, mask in decide_candidates(probs, i, [steps for steps, _ in each], kind):
        planes = class_planes(mask)
        for of_split in each[place][1].values():
            objects = split_planes(probs, i, planes, of_split.split)
            for number, after in of_split.after:
                yield number, filter_objects(objects, after, probs.channels)


def _in_memory(probs: MaskProbs, i: int) -> tuple[MaskProbs, int]:
    height, width = probs.sizes[i]
    if height * width * probs.channels > _SHARED_VALUES:
        return probs, i
    return MaskArrays([probs.ids[i]], [probs.band(i, 0, height)]), 0
