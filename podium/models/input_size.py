"""The size of image that a backbone's weights were made for, without building it."""

from __future__ import annotations

import timm

from podium.errors import RecipeError
from podium.models import backbones
from podium.models._timm import require_timm
from podium.workspace import extensions

__all__ = ["input_size"]


def input_size(backbone: str) -> tuple[int, int]:
    """Return the (height, width) that the pretrained weights of `backbone` were made for.

    That is timm's `input_size`; some networks do better at a larger one, timm's `test_input_size`.

    Args:
        backbone: as in a recipe.

    Raises:
        RecipeError: there is no such backbone, or no size is known of it, as of podium's own.
    """
    if extensions.is_foreign(backbone) or backbone in extensions.names(backbones):
        raise _unknown(backbone, "it is none of timm's")
    require_timm(backbone)
    config = timm.get_pretrained_cfg(backbone)
    if config is None or config.input_size is None:
        raise _unknown(backbone, "timm has no entry for its weights")
    _, height, width = config.input_size
    return int(height), int(width)


def _unknown(backbone: str, reason: str) -> RecipeError:
    return RecipeError(
        f"the size that {backbone} was made for is not known: {reason}",
        where="input.size",
        fix="write the side in pixels, as size: 224",
    )
