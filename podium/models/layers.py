"""The layers of a backbone from the image to the head, as its own `group_matcher` groups them.

timm's networks have `group_matcher(coarse=True)`: patterns of parameter names, the stem's first,
then one layer a block (vision transformers) or a stage (convolutional and hierarchical networks).
A parameter that no pattern matches, as of a last norm, belongs where it is registered: to the layer
before it, or to the first one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from timm.models._manipulate import MATCH_PREV_GROUP
from torch import nn

from podium.errors import RecipeError

__all__ = ["Layers", "is_layer_slice", "layers_of", "slice_layers"]

_SLICE = re.compile(r"backbone\[(-?\d+)?:(-?\d+)?\]")
_Key = tuple[float, ...]


@dataclass(frozen=True)
class Layers:
    """The layer of each part of a backbone, counted from 0 at the image.

    Args:
        n: how many there are.
        of_parameters: layer by the name of a parameter.
        of_modules: layer by the name of a module that has neither parameters nor modules of its
            own, as dropout.
    """

    n: int
    of_parameters: dict[str, int]
    of_modules: dict[str, int]

    def parameters(self, layers: Collection[int]) -> set[str]:
        """Return the names of the parameters of `layers`."""
        return {name for name, layer in self.of_parameters.items() if layer in layers}

    def modules(self, layers: Collection[int]) -> set[str]:
        """Return the names of the modules that lie in `layers` with all that they hold."""
        of_all = {**self.of_parameters, **self.of_modules}
        inside = {one for name, layer in of_all.items() if layer in layers for one in _above(name)}
        outside = {
            one for name, layer in of_all.items() if layer not in layers for one in _above(name)
        }
        return inside - outside - self.of_parameters.keys()


def is_layer_slice(name: str) -> bool:
    """Return whether `name`, of `freeze:`, is a slice of the backbone's layers."""
    return _SLICE.fullmatch(name) is not None


def slice_layers(name: str, n: int) -> range:
    """Return which of `n` layers `backbone[start:stop]` means, as Python counts."""
    found = _SLICE.fullmatch(name)
    assert found is not None
    start, stop = (None if one is None else int(one) for one in found.groups())
    return range(n)[start:stop]


def layers_of(backbone: nn.Module) -> Layers:
    """Return the layers of `backbone`.

    Raises:
        RecipeError: it does not group them.
    """
    key = _keys(backbone)
    known = sorted({k for name, _ in backbone.named_parameters() if (k := key(name)) is not None})
    if len(known) < 2:
        raise _unknown_layers()
    numbers = {one: number for number, one in enumerate(known)}
    of_parameters: dict[str, int] = {}
    of_modules: dict[str, int] = {}
    before = 0
    for name, is_parameter in _registered(backbone):
        found = key(name)
        before = before if found is None else numbers.get(found, before)
        (of_parameters if is_parameter else of_modules)[name] = before
    return Layers(len(known), of_parameters, of_modules)


def _registered(backbone: nn.Module) -> Iterator[tuple[str, bool]]:
    """Yield the names of parameters, and of modules without any, in their order."""
    for name, module in backbone.named_modules():
        prefix = f"{name}." if name else ""
        own = [inner for inner, _ in module.named_parameters(recurse=False)]
        yield from ((prefix + inner, True) for inner in own)
        if not own and next(module.children(), None) is None:
            yield name, False


def _above(name: str) -> Iterator[str]:
    """Yield `name` and all that it lies in."""
    while name:
        yield name
        name = name.rpartition(".")[0]


def _keys(backbone: nn.Module) -> Callable[[str], _Key | None]:
    """Return the function from a name to its layer's key, None where the name is of no layer."""
    group_matcher = getattr(backbone, "group_matcher", None)
    try:
        matcher: Any = group_matcher(coarse=True) if callable(group_matcher) else None
    except AssertionError:  # raised by timm's networks that do not implement it
        matcher = None
    if callable(matcher):
        return lambda name: _without_end(matcher(name))
    if not isinstance(matcher, dict):
        raise _unknown_layers()
    patterns = [
        (re.compile(pattern), number, suffix)
        for number, of_layer in enumerate(matcher.values())
        for pattern, suffix in ([(of_layer, None)] if isinstance(of_layer, str) else of_layer or [])
    ]

    def key(name: str) -> _Key | None:
        for pattern, number, suffix in patterns:
            found = pattern.match(name)
            if found is None:
                continue
            if suffix == MATCH_PREV_GROUP:
                return None
            return (number, *(float(one) for one in found.groups() if one), *(suffix or ()))
        return None

    return key


def _without_end(key: Any) -> _Key | None:
    found = tuple(map(float, key if isinstance(key, list | tuple) else (key,)))
    is_end = found[-1] in (*MATCH_PREV_GROUP, float("inf"))
    return None if is_end else found


def _unknown_layers() -> RecipeError:
    return RecipeError(
        "this backbone does not group its layers",
        where="freeze",
        fix="freeze all of it, backbone, or none; one of your own groups them by "
        "group_matcher(coarse), as timm's networks have it",
    )
