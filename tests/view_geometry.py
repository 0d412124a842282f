"""The geometry of a policy alone: what it does to colours left out, borders and holes black."""

from __future__ import annotations

from typing import Any

import albumentations

from podium.training.data.augment import Augmentation, build_train
from podium.training.recipe import Input

NOTHING = 0


def geometry(policy: Any, fit: Any = "resize", size: int = 32) -> Augmentation:
    """Return the view of `policy` that only moves pixels, and fills with `NOTHING`."""
    view = build_train(Input(size=size, train=policy, fit=fit))
    composed = view._compose
    kept = _without_colours(composed.transforms) if composed else []
    for one in kept:
        for inner in getattr(one, "transforms", [one]):
            if hasattr(inner, "fill"):
                inner.fill = NOTHING
    made = Augmentation(kept, view.size, view.fit)
    made._crops_itself = view._crops_itself
    return made


def _without_colours(transforms: list[Any]) -> list[Any]:
    kept = []
    for one in transforms:
        if isinstance(one, albumentations.BaseCompose):
            one.transforms = _without_colours(one.transforms)
        if not isinstance(one, albumentations.ImageOnlyTransform):
            kept.append(one)
    return kept
