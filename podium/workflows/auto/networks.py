"""Networks that can be trained here: with weights within reach, and small ones without."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from podium.workflows.suggestions.recipes import SMALL_IMAGE, CompetitionFacts

__all__ = ["NetworkAtHand", "networks_at_hand"]

_FROM_HUB = ("resnet18", "regnety_008")
_FROM_HUB_ON_GPU = ("tf_efficientnetv2_s", "convnext_tiny", "resnet18")
_MOST = 3
_TINY = 16
"""pixels up to which a small network that is trained from nothing comes first"""
_SLOW_ON_CPU = ("tf_efficientnetv2_s", "convnext_tiny", "vit_small_patch16_224.augreg_in21k")


@dataclass(frozen=True)
class NetworkAtHand:
    """A backbone that can be built here.

    Attributes:
        name: in descriptions of steps.
        model: keys of a recipe's `model:`.
        is_pretrained: whether its features are of any use before it is trained.
    """

    name: str
    model: dict[str, Any] = field(default_factory=dict)
    is_pretrained: bool = True


def networks_at_hand(facts: CompetitionFacts) -> tuple[NetworkAtHand, ...]:
    """Return the networks to choose of, the best first.

    Those of the hub where it answers, else those with weights on this machine; for small images,
    and where there is no other, also a small one that is trained from nothing.
    """
    found = []
    if facts.hub:
        names = _FROM_HUB_ON_GPU if facts.has_gpu else _FROM_HUB
        found = [NetworkAtHand(one, {"backbone": one, "pretrained": True}) for one in names]
    for local in facts.local:
        is_cached = local.weights is None
        start: dict[str, Any] = {"pretrained": True} if is_cached else {"weights": local.weights}
        model = {"backbone": local.backbone, **start}
        found.append(NetworkAtHand(local.backbone, model))
    if not facts.has_gpu:  # the quick ones first
        found.sort(key=lambda one: one.name in _SLOW_ON_CPU)
    found = found[:_MOST]
    if facts.side <= SMALL_IMAGE or not found:
        is_tiny = facts.side <= _TINY
        options = {"widths": [32, 64, 128] if is_tiny else [32, 64, 128, 256], "depth": 2}
        small = {"backbone": "cnn", "pretrained": False, "options": options}
        # What was learnt on photographs is little use for 8 pixels of a digit.
        first = 0 if is_tiny else len(found)
        found.insert(first, NetworkAtHand("cnn", small, is_pretrained=False))
    return tuple(found)
