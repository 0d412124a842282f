"""Which backbone a name means: timm's, podium's own, or the user's."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from podium.errors import RecipeError
from podium.models import backbones
from podium.models._own import WANTED, built, described, tried
from podium.models._reading import Need, Reading, as_is, find_reading, multiple_of
from podium.models._timm import Backbone, per_channel, require_timm, timm_backbone
from podium.models.features import FeatureShape
from podium.models.spec import ModelSpec
from podium.workspace import extensions

__all__ = ["build_backbone", "require_backbone"]

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
_PROBE = (64, 64)


def require_backbone(name: str) -> None:
    """Check that there is a backbone `name`; one of the user's own is not looked for.

    Raises:
        RecipeError: there is none; the near names are suggested.
    """
    if _is_of_timm(name):
        require_timm(name)


def _is_of_timm(name: str) -> bool:
    return not extensions.is_foreign(name) and name not in extensions.names(backbones)


def build_backbone(
    spec: ModelSpec,
    in_chans: int,
    image_size: tuple[int, int] | None,
    *,
    from_hub: bool,
    need: Need,
    root: Path,
) -> Backbone:
    """Return the backbone of `spec`, from the hub's weights or random ones.

    Raises:
        RecipeError: it is unknown, does not fit the size or the heads, or its weights are not to be
            had.
    """
    is_own = extensions.is_foreign(spec.backbone)
    if _is_of_timm(spec.backbone):
        return timm_backbone(
            spec, in_chans=in_chans, image_size=image_size, from_hub=from_hub, need=need
        )
    if from_hub:
        raise RecipeError(
            f"{spec.backbone} has no pretrained weights to fetch",
            where="model.pretrained",
            fix="write pretrained: false to start from random weights, or weights: path",
        )
    build = extensions.load(
        backbones, spec.backbone, "BACKBONE", error=RecipeError, root=root, wanted=WANTED
    )
    arguments = {"in_chans": in_chans, **spec.options}
    if spec.drop_path:
        arguments["drop_path"] = spec.drop_path
    if is_own:
        module = built(lambda: build(**arguments), spec.backbone, "model", root)
    else:
        module = _of_podium(build, arguments, spec.backbone)
    mean, std = per_channel(IMAGENET_MEAN, in_chans), per_channel(IMAGENET_STD, in_chans)
    probe = (image_size if is_own else None) or _PROBE
    reading, shape = _read_own(module, spec.backbone, in_chans, probe, need, root)
    return Backbone(module, reading, shape, multiple_of(module, need, shape), mean, std)


def _of_podium(build: Callable[..., nn.Module], arguments: dict[str, Any], name: str) -> nn.Module:
    try:
        return build(**arguments)
    except TypeError as error:
        own = {"in_chans", "drop_path"}  # given beside options
        known = [one for one in inspect.signature(build).parameters if one not in own]
        raise RecipeError(
            f"{name} does not take these options: {error}",
            where="model.options",
            fix=f"its options are {', '.join(known)}",
        ) from error


def _read_own(
    module: nn.Module,
    name: str,
    in_chans: int,
    size: tuple[int, int],
    need: Need,
    root: Path,
) -> tuple[Reading, FeatureShape]:
    was_training = module.training
    images = torch.randn(1, in_chans, *size, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        output = tried(lambda: module.eval()(images), name, "model", root)
    _refuse_no_map(output, name)
    try:
        found = find_reading(module, images, need, to_map=as_is, output=output)
    except ValueError as error:
        raise RecipeError(
            f"{name} cannot feed a decoder: {error}",
            where="model.heads.segment",
            fix="write decoder: linear, or give it a forward_intermediates as timm's networks have",
        ) from error
    module.train(was_training)
    return found


def _refuse_no_map(output: Any, name: str) -> None:
    if not isinstance(output, Tensor) or output.ndim != 4:
        raise RecipeError(
            f"{name} makes {described(output)} of an image, not one map (N, F, h, w)",
            where="model.backbone",
            fix="return the last map before pooling; of a vector x, return x[:, :, None, None]",
        )
