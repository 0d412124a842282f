"""The summary of a network: its parts in forward order, output shapes and parameter counts."""

from __future__ import annotations

import copy
import logging
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from podium.errors import RecipeError
from podium.models.features import read_maps
from podium.models.layers import is_layer_slice, layers_of, slice_layers
from podium.models.network import Network
from podium.models.network_summary import NetworkPart
from podium.models.slices import ATTENTION

__all__ = ["frozen_parts", "has_idle_parameters", "head_inputs", "network_parts"]

_logger = logging.getLogger(__name__)
_MAIN = 0.1  # share of a layer's parameters from which a module gives it its name


@dataclass(frozen=True)
class _PartModules:
    """The modules of a part, of which the last to run gives its shape."""

    name: str
    of: str
    modules: frozenset[str]
    parameters: frozenset[str]
    layer: int | None = None


def network_parts(network: Network, size: tuple[int, int]) -> tuple[NetworkPart, ...]:
    """Return the parts of `network`: the layers of its backbone, then what each head is made of.

    The parameters of all parts together are those of the network. Modules without any that do not
    change the shape of what they get, as dropout, are no parts. The last part of a head of masks is
    its up-sampling, "logits", where it has one.

    Args:
        network: with nothing frozen; it stays as it is. A copy without numbers is run once.
        size: (H, W) of its images. Where the copy cannot be run, shapes are None.
    """
    places = [*_backbone_parts(network.backbone), *_head_parts(network)]
    shapes = _shapes(network, size, places)
    weights = dict(network.named_parameters())
    parts: list[NetworkPart] = []
    before = deepest = None
    for number, place in enumerate(places):
        if number and place.of != places[number - 1].of:
            before = deepest = deepest or before  # every head reads the backbone
        own = [weights[name] for name in sorted(place.parameters) if name in weights]
        shape = shapes.get(place)
        if place.of != "backbone" and not own and shape in (None, before):
            continue
        n, n_trainable = (sum(one.numel() for one in some) for some in (own, _learnable(own)))
        parts.append(NetworkPart(place.name, place.of, shape, n, n_trainable, place.layer))
        before = shape or before
    return tuple(parts)


def frozen_parts(parts: Sequence[NetworkPart], freeze: Collection[str]) -> tuple[bool, ...]:
    """Return which of `parts` a phase leaves as they are; of LoRA's, those that it does not adapt.

    Args:
        parts: of a network.
        freeze: as the phase has it: parts by name, and slices as `backbone[:-2]`.
    """
    n_layers = len({part.layer for part in parts if part.layer is not None})
    layers = {
        layer for name in freeze if is_layer_slice(name) for layer in slice_layers(name, n_layers)
    }
    return tuple(
        part.of in freeze or part.layer in layers or 0 == part.learnable < part.parameters
        for part in parts
    )


def head_inputs(
    network: Network, size: tuple[int, int], parts: Sequence[NetworkPart]
) -> dict[str, tuple[int, ...]]:
    """Return task → positions in `parts` of the backbone's maps that its head reads, in order.

    A copy without numbers shows which maps the outputs have a gradient to. A map is that of the
    last part that gives its shape, also where others before it do; what a stem reduces itself, as
    by pooling, is recognised as the stem.

    Args:
        network, size: as `parts_of` has them.
        parts: of it, as `parts_of` returns them.
    """
    try:
        with torch.random.fork_rng(devices=[]):
            hollow = _meta_copy(network)
            with torch.no_grad():
                features = hollow.features(torch.empty(2, network.in_chans, *size, device="meta"))
            places = _parts_of_maps([tuple(one.shape[1:]) for one in features.maps], parts)
            found = {}
            for task, head in hollow.heads.items():
                maps = tuple(one.detach().requires_grad_() for one in features.maps)
                head(replace(features, maps=maps)).sum().backward()
                read = [at for one, at in zip(maps, places, strict=True) if one.grad is not None]
                found[task] = tuple(sorted({at for at in read if at is not None}))
    except Exception as error:  # whatever a network of anybody does where there are no numbers
        _logger.debug("what the heads of this network read is not known: %s", error)
        return {}
    return found


def has_idle_parameters(network: Network, size: tuple[int, int], tasks: Collection[str]) -> bool:
    """Return whether a parameter that learns gets no gradient where the heads of `tasks` are run.

    Args:
        network, size: as `parts_of` has them.
        tasks: the heads.

    Returns:
        True where only a pass of numbers through the network can show it.
    """
    try:
        with torch.random.fork_rng(devices=[]):
            hollow = _meta_copy(network)
            for copied, own in zip(hollow.parameters(), network.parameters(), strict=True):
                copied.requires_grad_(own.requires_grad)
            logits = hollow(torch.empty(2, network.in_chans, *size, device="meta"), tasks)
            total = torch.stack([one.sum() for one in logits.values()]).sum()
            torch.autograd.backward(total)
    except Exception as error:  # whatever a network of anybody does where there are no numbers
        _logger.debug("whether all of this network learns is not known: %s", error)
        return True
    return any(one.requires_grad and one.grad is None for one in hollow.parameters())


def _parts_of_maps(
    maps: Sequence[tuple[int, ...]], parts: Sequence[NetworkPart]
) -> list[int | None]:
    """Return the part that each map `(C, h, w)` is of; None where that is unknown."""
    backbone = [at for at, part in enumerate(parts) if part.of == "backbone"]
    stem = parts[backbone[0]].shape
    found: list[int | None] = []
    for number, shape in enumerate(maps):
        alike = [at for at in backbone if _is_map(parts[at].shape, shape)]
        # Where a last layer ends a backbone, decoders have the map before it, too.
        if maps[number:] in ([maps[-1]], [maps[-1]] * 2):
            found.append(backbone[-1])
        elif alike:
            found.append(alike[-1])
        else:
            is_of_stem = number == 0 and stem is not None and stem[0] == shape[0]
            found.append(backbone[0] if is_of_stem else None)
    return found


def _is_map(shape: tuple[int, ...] | None, expected: tuple[int, ...]) -> bool:
    """Return whether a part's shape is that of a map `(C, h, w)`, or of as many tokens."""
    if shape is None or len(shape) != 2:
        return shape == expected
    return shape[1] == expected[0] and shape[0] >= expected[1] * expected[2] > shape[0] - 8


def _learnable(weights: Sequence[Tensor]) -> list[Tensor]:
    return [one for one in weights if one.requires_grad]


def _backbone_parts(backbone: nn.Module) -> list[_PartModules]:
    try:
        layers = layers_of(backbone)
    except RecipeError:
        return list(_children(backbone, "backbone", "backbone"))
    places = []
    for layer in range(layers.n):
        inside = layers.modules({layer})
        tops = [one for one in inside if one.rpartition(".")[0] not in inside]
        places.append(
            _PartModules(
                _layer_name(backbone, tops, layer),
                "backbone",
                frozenset(f"backbone.{one}" for one in inside if one.split(".")[0] != ATTENTION),
                frozenset(f"backbone.{one}" for one in layers.parameters({layer})),
                layer,
            )
        )
    return places


def _layer_name(backbone: nn.Module, tops: Sequence[str], layer: int) -> str:
    """Return the names of the modules that most of a layer's parameters lie in."""
    sizes = {one: sum(p.numel() for p in backbone.get_submodule(one).parameters()) for one in tops}
    order = [one for one, _ in backbone.named_modules() if sizes.get(one)]
    main = [one for one in order if sizes[one] >= _MAIN * sum(sizes.values())]
    if layer == 0 and len(order) > 1:
        return "stem"
    return " + ".join(main[:2]) or f"layer {layer}"


def _head_parts(network: Network) -> Iterator[_PartModules]:
    for task, head in network.heads.items():
        prefix = f"heads.{task}"
        yield from _children(head, prefix, task)
        yield _PartModules("logits", task, frozenset({prefix}), frozenset())


def _children(module: nn.Module, prefix: str, of: str) -> Iterator[_PartModules]:
    """Yield a place for each module in `module`, and one for the parameters that it has itself."""
    names = [one for one, _ in module.named_modules() if one]
    own = frozenset(f"{prefix}.{one}" for one, _ in module.named_parameters(recurse=False))
    if own or not names:
        yield _PartModules(of, of, frozenset({prefix}) if not names else frozenset(), own)
    for child, inner in module.named_children():
        below = frozenset(f"{prefix}.{one}" for one in names if f"{one}.".startswith(f"{child}."))
        weights = frozenset(f"{prefix}.{child}.{one}" for one, _ in inner.named_parameters())
        yield _PartModules(child, of, below, weights)


def _shapes(
    network: Network, size: tuple[int, int], places: Sequence[_PartModules]
) -> dict[_PartModules, tuple[int, ...]]:
    """Return the output shape at each place, as far as a network without numbers has it."""
    found: dict[_PartModules, tuple[int, ...]] = {}
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            hollow = _meta_copy(network)
            modules = dict(hollow.named_modules())
            for place in places:

                def note(_: nn.Module, __: Any, output: Any, place: _PartModules = place) -> None:
                    shape = _shape(output, size)
                    if shape is not None:
                        found[place] = shape

                for name in place.modules & modules.keys():
                    modules[name].register_forward_hook(note)
            hollow(torch.empty(2, network.in_chans, *size, device="meta"))
    except Exception as error:  # whatever a network of anybody does where there are no numbers
        _logger.debug("the shapes of this network are not known: %s", error)
    return found


def _meta_copy(network: Network) -> Network:
    """Return a copy of `network` in evaluation mode whose tensors have shapes, and no numbers."""
    memo: dict[int, Any] = {
        id(one): nn.Parameter(one.detach().to("meta"), requires_grad=False)
        for one in network.parameters()
    }
    memo |= {id(one): one.to("meta") for one in network.buffers()}
    hollow = copy.deepcopy(network, memo)
    hollow._read = read_maps  # there is nothing to compile
    return hollow.eval()


def _shape(output: Any, size: tuple[int, int]) -> tuple[int, ...] | None:
    """Return the shape of an output without its batch; None where it is no tensor.

    Some networks keep the channels of a map last: the sides of a map are as those of the image.
    """
    if isinstance(output, list | tuple) and output:
        output = output[0]
    if not isinstance(output, Tensor) or output.ndim < 2:
        return None
    shape = tuple(int(one) for one in output.shape[1:])
    if len(shape) == 3 and not _alike(shape[1:], size) and _alike(shape[:2], size):
        return shape[2], shape[0], shape[1]
    return shape


def _alike(sides: Sequence[int], size: tuple[int, int]) -> bool:
    """Return whether a map of these sides, which may be rounded, can be one of such images."""
    return abs(sides[0] * size[1] - sides[1] * size[0]) <= max(size)
