"""The network of timm that a file of weights is of: by its name, and by each tensor's shape."""

from __future__ import annotations

from pathlib import Path

import timm

from podium.errors import RecipeError
from podium.models.backbone_factory import build_backbone
from podium.models.features import FeatureNeed
from podium.models.spec import ModelSpec
from podium.models.weights.loading import load_weights
from podium.models.weights.reach import WeightFile, letters_of, names_network

__all__ = ["backbone_of"]

TRIED = 3
"""networks with the longest names that a file's name holds"""


def backbone_of(file: WeightFile, root: Path) -> str | None:
    """Return timm's name of the network whose weights `file` holds; None: it is of none.

    Args:
        file: as `weight_files` finds them.
        root: the workspace's folder.
    """
    named = [one for one in timm.list_models() if names_network(file.text, one)]
    # TensorFlow's networks pad otherwise, and files for them load into both.
    named.sort(key=lambda one: (-len(letters_of(one)), not one.startswith("tf_")))
    return next((one for one in named[:TRIED] if _fits(one, file.path, root)), None)


def _fits(backbone: str, file: Path, root: Path) -> bool:
    spec = ModelSpec(backbone=backbone, pretrained=False)
    try:
        built = build_backbone(spec, 3, None, from_hub=False, need=FeatureNeed(), root=root)
        load_weights(file, built.module)
    except RecipeError:
        return False
    return True
