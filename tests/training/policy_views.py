"""How many different views of one image eight seeds give at least."""

from __future__ import annotations

from typing import Any

import albumentations as A

from podium.training import policies
from podium.workspace import extensions

_FLIPS = (A.HorizontalFlip, A.VerticalFlip, A.Transpose, A.RandomRotate90, A.D4)


def fewest_views(policy: Any) -> int:
    """Return 1 of a policy that does nothing, 2 of flips and turns alone, else 6."""
    if not isinstance(policy, str):
        return 6
    transforms = extensions.load(policies, policy, "POLICY")((32, 48))
    if not transforms:
        return 1
    return 2 if all(isinstance(one, _FLIPS) for one in transforms) else 6
