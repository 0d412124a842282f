"""The maps of a network's layers: of each stage of its backbone, or of modules by name."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any

from torch import Tensor, nn

from podium.errors import UsageError
from podium.models._reading import Need, find_reading
from podium.models.features import Features, pad_to_stride
from podium.models.network import Network

__all__ = ["STAGES", "layer_maps"]

STAGES = "stages"


def layer_maps(
    network: Network,
    image: Tensor,
    features: Features,
    layers: Sequence[str],
    left_out: list[str],
) -> Iterator[tuple[str, Tensor]]:
    """Give the name and the map `(F, h, w)` of each layer.

    Of an image that is a stack of slices, the maps are of the slice in the middle.

    Args:
        network: in evaluation mode.
        image: `(1, C, H, W)`, normalised.
        features: of the image.
        layers: "stages" and names of modules of the backbone.
        left_out: gets a sentence where the backbone does not tell its stages.

    Raises:
        UsageError: there is no such layer, or what it gives is no map.
    """
    c = network.in_chans // network.n_slices
    middle = network.n_slices // 2 * c
    seen = pad_to_stride(image, network.stride)[:, middle : middle + c]
    names = [name for name in layers if name != STAGES]
    for name in names:
        _require(network.backbone, name)
    if STAGES in layers:
        yield from _stages(network.backbone, seen, features, left_out)
    yield from _named(network.backbone, seen, features, names)


def _stages(
    backbone: nn.Module, seen: Tensor, features: Features, left_out: list[str]
) -> Iterator[tuple[str, Tensor]]:
    need = Need(classify=False, segment=True, pyramid=True)
    try:
        reading, _ = find_reading(backbone, seen, need, to_map=None, output=None)
        maps = reading(backbone, seen)
    except (ValueError, NotImplementedError) as error:
        left_out.append(f"Of the backbone's stages the last alone is shown: {error}.")
        yield "last stage", features.deepest[0]
        return
    for number, one in enumerate(maps, 1):
        yield f"stage {number}", one[0]


def _named(
    backbone: nn.Module, seen: Tensor, features: Features, names: Sequence[str]
) -> Iterator[tuple[str, Tensor]]:
    if not names:
        return
    made: dict[str, Any] = {}

    def note(name: str, module: nn.Module, given: Any, output: Any) -> None:
        # What follows may write into it, as an activation in place does.
        made[name] = output.detach().clone() if isinstance(output, Tensor) else output

    with ExitStack() as listening:
        for name in names:
            module = backbone.get_submodule(name)
            listening.callback(module.register_forward_hook(partial(note, name)).remove)
        backbone(seen)
    for name in names:
        yield name, _as_map(backbone, made.get(name), features, name)


def _as_map(backbone: nn.Module, output: Any, features: Features, name: str) -> Tensor:
    """Return a layer's output as `(F, h, w)`: tokens without those that are no patches."""
    is_last = getattr(backbone, "output_fmt", "NCHW") == "NHWC"
    if isinstance(output, Tensor) and output.ndim == 4:
        return output[0].permute(2, 0, 1) if is_last else output[0]
    height, width = features.deepest.shape[-2:]
    if isinstance(output, Tensor) and output.ndim == 3:
        patches = output[0, int(getattr(backbone, "num_prefix_tokens", 0)) :]
        if len(patches) == height * width:
            return patches.T.reshape(-1, height, width)
    what = f"{tuple(output.shape[1:])}" if isinstance(output, Tensor) else "no tensor"
    raise UsageError(
        f"--layers: {name} gives {what}, which is no map (F, h, w)",
        fix="name a stage or a block; leave --layers out for one map a stage",
    )


def _require(backbone: nn.Module, name: str) -> None:
    known = [one for one, _ in backbone.named_modules() if one]
    if name in known:
        return
    near = difflib.get_close_matches(name, known, n=3) or known[:3]
    raise UsageError(
        f"--layers: the backbone has no layer {name!r}",
        fix=f"write {STAGES}, or a module of it, as {', '.join(near)}",
    )
