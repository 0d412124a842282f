"""The backbone of a name: timm's, podium's own (`backbones/`), or the user's `module:object`.

Any timm backbone becomes a map of features, with the hub's weights or a clear error.
"""

from __future__ import annotations

import contextlib
import difflib
import inspect
import re
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import timm
import torch
from huggingface_hub import constants as hub
from huggingface_hub import errors as hub_errors
from torch import Tensor, nn

from podium.errors import RecipeError
from podium.models import backbones
from podium.models.features import (
    FeatureNeed,
    FeatureReader,
    FeatureShape,
    ReadFunction,
    ToMap,
    find_reader,
    padded_size,
    size_multiple,
    unchanged_map,
)
from podium.models.spec import ModelSpec
from podium.models.user_modules import (
    MODULE_BUILDER,
    build_user_module,
    call_user_code,
    describe_object,
)
from podium.models.weights.loading import only_tensors
from podium.models.weights.reach import (
    hub_answers,
    names_with_weights_first,
    no_weights_to_fetch,
)
from podium.workspace import extensions

__all__ = ["Backbone", "build_backbone", "input_size", "require_backbone"]


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
    return not extensions.is_user_object(name) and name not in extensions.names(backbones)


def build_backbone(
    spec: ModelSpec,
    in_chans: int,
    image_size: tuple[int, int] | None,
    *,
    from_hub: bool,
    need: FeatureNeed,
    root: Path,
) -> Backbone:
    """Return the backbone of `spec`, from the hub's weights or random ones.

    Raises:
        RecipeError: it is unknown, does not fit the size or the heads, or its weights are not to be
            had.
    """
    is_own = extensions.is_user_object(spec.backbone)
    if _is_of_timm(spec.backbone):
        return timm_backbone(
            spec, in_chans=in_chans, image_size=image_size, from_hub=from_hub, need=need
        )
    if from_hub:
        raise no_weights_to_fetch(spec.backbone)
    build = extensions.load(
        backbones, spec.backbone, "BACKBONE", error=RecipeError, root=root, contract=MODULE_BUILDER
    )
    arguments = {"in_chans": in_chans, **spec.options}
    if spec.drop_path:
        arguments["drop_path"] = spec.drop_path
    if is_own:
        module = build_user_module(lambda: build(**arguments), spec.backbone, "model")
    else:
        module = _own_backbone(build, arguments, spec.backbone)
    mean, std = per_channel(IMAGENET_MEAN, in_chans), per_channel(IMAGENET_STD, in_chans)
    probe = (image_size if is_own else None) or _PROBE
    reading, shape = _read_user_backbone(module, spec.backbone, in_chans, probe, need)
    return Backbone(module, reading, shape, size_multiple(module, need, shape), mean, std)


def _own_backbone(
    build: Callable[..., nn.Module], arguments: dict[str, Any], name: str
) -> nn.Module:
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


def _read_user_backbone(
    module: nn.Module,
    name: str,
    in_chans: int,
    size: tuple[int, int],
    need: FeatureNeed,
) -> tuple[FeatureReader, FeatureShape]:
    was_training = module.training
    images = torch.randn(1, in_chans, *size, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        output = call_user_code(lambda: module.eval()(images), name, "model")
    _refuse_no_map(output, name)
    try:
        found = find_reader(module, images, need, to_map=unchanged_map, output=output)
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
            f"{name} makes {describe_object(output)} of an image, not one map (N, F, h, w)",
            where="model.backbone",
            fix="return the last map before pooling; of a vector x, return x[:, :, None, None]",
        )


# What most networks with a segmentation head pad to; a wrong guess builds the network twice.
USUAL_STRIDE = 32
_DIGITS = re.compile(r"\d+")
_NEAR, _SUGGESTED = 20, 3  # names like one that is none: looked at, and proposed


class Backbone(NamedTuple):
    """A backbone with the facts that the heads and the input need."""

    module: nn.Module
    reading: ReadFunction
    shape: FeatureShape
    stride: int
    mean: tuple[float, ...]
    std: tuple[float, ...]


def timm_backbone(
    spec: ModelSpec,
    *,
    in_chans: int,
    image_size: tuple[int, int] | None,
    from_hub: bool,
    need: FeatureNeed,
) -> Backbone:
    """Return timm's network `spec.backbone` without pooling and classifier.

    Raises:
        RecipeError: unknown name or option, unfit image size, weights out of reach.
    """
    require_timm(spec.backbone)
    arguments: dict[str, Any] = {**spec.options, "in_chans": in_chans}
    if spec.drop_path:
        arguments["drop_path_rate"] = spec.drop_path
    config = timm.get_pretrained_cfg(spec.backbone)
    if image_size is not None and config is not None and config.fixed_input_size:
        arguments.setdefault(
            "img_size", padded_size(image_size, USUAL_STRIDE if need.segment else 1)
        )
    module, is_pooled = _create(spec.backbone, arguments, from_hub)
    stride = size_multiple(module, need)
    if image_size is not None and "img_size" in arguments and "img_size" not in spec.options:
        # The strides can be read from the network alone, and it is made for the padded size.
        padded = padded_size(image_size, stride)
        if padded != arguments["img_size"]:
            arguments["img_size"] = padded
            module, is_pooled = _create(spec.backbone, arguments, from_hub)
    made: dict[str, Any] = timm.data.resolve_data_config(model=module)
    size = padded_size(image_size or made["input_size"][1:], stride)
    reading, shape = _probe(module, spec.backbone, in_chans, size, need, is_pooled)
    mean, std = per_channel(made["mean"], in_chans), per_channel(made["std"], in_chans)
    return Backbone(module, reading, shape, size_multiple(module, need, shape), mean, std)


def require_timm(name: str) -> None:
    """Check that timm has the network `name`, or may find it on the hub or in a folder.

    Raises:
        RecipeError: it has not; the near names are suggested, first those whose weights are here.
    """
    if name.startswith(("hf-hub:", "local-dir:")) or timm.is_model(name):
        return
    near = difflib.get_close_matches(name, timm.list_models(), _NEAR)
    # Of a wrong number, those of another number before those of other letters, as resnet51q.
    letters = _DIGITS.sub("", name)
    near.sort(key=lambda one: _DIGITS.sub("", one) != letters)
    chosen = names_with_weights_first(near)[:_SUGGESTED]
    hint = f"write {' or '.join(chosen)}" if chosen else "timm.list_models() names them all"
    raise RecipeError(f"there is no backbone {name!r}", where="model.backbone", fix=hint)


def _create(name: str, arguments: dict[str, Any], from_hub: bool) -> tuple[nn.Module, bool]:
    """Return timm's network, and whether its output is pooled because it cannot do without."""
    try:
        with _hub_or_its_cache() if from_hub else contextlib.nullcontext():
            return _without_pooling(name, {**arguments, "pretrained": from_hub})
    except TypeError as error:
        raise RecipeError(
            f"{name} does not take these arguments: {error}",
            where="model.options",
            fix="leave out what it does not take (drop_path counts as drop_path_rate)",
        ) from error
    except Exception as error:
        if not from_hub:
            raise RecipeError(
                f"timm cannot build {name}: {_first_line(error)}", where="model"
            ) from error
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


def _without_pooling(name: str, arguments: dict[str, Any]) -> tuple[nn.Module, bool]:
    try:
        return timm.create_model(name, num_classes=0, global_pool="", **arguments), False
    except AssertionError as error:
        if "pooling" not in str(error):
            raise
    return timm.create_model(name, num_classes=0, **arguments), True


def _first_line(error: Exception) -> str:
    """Return an error's first line; without a message, as of a bare assert, its source line."""
    if message := str(error).strip():
        return message.splitlines()[0]
    line = traceback.extract_tb(error.__traceback__)[-1].line
    return f"{type(error).__name__}: {line}"


@contextlib.contextmanager
def _hub_or_its_cache() -> Iterator[None]:
    """Make the hub's client use its cache alone when the hub does not answer, and read no pickle.

    Left to itself the client (2.4.0) sends six requests for each of two files: 46 s until the
    error.
    """
    before = hub.HF_HUB_OFFLINE
    hub.HF_HUB_OFFLINE = before or not hub_answers()
    try:
        with only_tensors():
            yield
    finally:
        hub.HF_HUB_OFFLINE = before


def _probe(
    module: nn.Module,
    name: str,
    in_chans: int,
    image_size: tuple[int, int],
    need: FeatureNeed,
    is_pooled: bool,
) -> tuple[FeatureReader, FeatureShape]:
    """Find the layout of the features by running one image."""
    was_training = module.training
    module.eval()
    # From a generator of its own: the weights that are drawn next must not depend on it.
    images = torch.randn(1, in_chans, *image_size, generator=torch.Generator().manual_seed(0))
    try:
        with torch.no_grad():
            output = None if is_pooled else module(images)
        if not isinstance(output, Tensor):  # a list of maps, or pooled
            output = None
        to_map = None if output is None else _layout(module, output)
        found = find_reader(module, images, need, to_map=to_map, output=output)
    except Exception as error:
        height, width = image_size
        raise RecipeError(
            f"{name} does not take images of {height} x {width}: {_first_line(error)}",
            where="input.size",
            fix="choose a multiple of 32, or the size that the network was made for",
        ) from error
    module.train(was_training)
    return found


def _layout(module: nn.Module, features: Tensor) -> ToMap:
    if features.ndim == 4:
        return _channels_first if getattr(module, "output_fmt", "NCHW") == "NHWC" else unchanged_map
    if features.ndim == 3:
        return _tokens_to_map
    if features.ndim == 2:
        return _vector_to_map
    raise ValueError(f"features of shape {tuple(features.shape)} are not a map")


def _channels_first(features: Tensor, module: nn.Module, image_size: tuple[int, int]) -> Tensor:
    return features.permute(0, 3, 1, 2)


def _vector_to_map(features: Tensor, module: nn.Module, image_size: tuple[int, int]) -> Tensor:
    return features[:, :, None, None]


def _tokens_to_map(features: Tensor, module: nn.Module, image_size: tuple[int, int]) -> Tensor:
    """Leave out class and register tokens, and lay the patches out on their grid."""
    patches = features[:, int(getattr(module, "num_prefix_tokens", 0)) :]  # (N, h * w, F)
    patch_height, patch_width = _patch_size(module, image_size, patches.shape[1])
    height, width = image_size[0] // patch_height, image_size[1] // patch_width
    return patches.transpose(1, 2).reshape(patches.shape[0], -1, height, width)


def _patch_size(module: nn.Module, image_size: tuple[int, int], n_patches: int) -> tuple[int, int]:
    embed = getattr(module, "patch_embed", None) or getattr(module, "stem", None)  # MLP-Mixer's
    size = getattr(embed, "patch_size", None)
    if isinstance(size, int):
        size = size, size
    if size is not None and (image_size[0] // size[0]) * (image_size[1] // size[1]) == n_patches:
        return int(size[0]), int(size[1])
    side = round((image_size[0] * image_size[1] / n_patches) ** 0.5)
    return side, side


def per_channel(values: tuple[float, ...], in_chans: int) -> tuple[float, ...]:
    """Return one value a channel: those of red, green, blue, then round again."""
    return tuple(float(values[c % len(values)]) for c in range(in_chans))


def input_size(backbone: str) -> tuple[int, int]:
    """Return the (height, width) that the pretrained weights of `backbone` were made for.

    That is timm's `input_size`; some networks do better at a larger one, timm's `test_input_size`.

    Args:
        backbone: as in a recipe.

    Raises:
        RecipeError: there is no such backbone, or it declares no size, as podium's own.
    """
    if extensions.is_user_object(backbone) or backbone in extensions.names(backbones):
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
