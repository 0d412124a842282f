"""Low-rank adaptation of a pretrained backbone (LoRA; Hu et al. 2021, arXiv:2106.09685, eq. 3).

    W x  ->  W x + (alpha / rank) B A x        A (rank, in), B (out, rank)

A begins at Kaiming's uniform draw, B at 0, so the start is the pretrained network. W stays as it
is; A and B are trained. The names of a layer's own weights do not change: `lora_a` and `lora_b`
stand beside `weight` and `bias`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from podium.errors import RecipeError
from podium.models.spec import LoraSpec

__all__ = [
    "LoraConv",
    "LoraLinear",
    "add_lora",
    "batch_norms",
    "frozen_statistics",
    "is_lora",
    "lora_facts",
]

NAMES = "lora_a", "lora_b"


class LoraLinear(nn.Linear):
    """A linear layer with a low-rank addition.

    Networks that read `weight` and multiply by it themselves get the sum W + (alpha / rank) B A.
    """

    lora_a: nn.Parameter
    lora_b: nn.Parameter
    scale: float

    def __init__(self, base: nn.Linear, rank: int, alpha: float) -> None:
        _adopt_weights(self, base, base.in_features, base.out_features, rank, alpha)

    @property
    def weight(self) -> Tensor:  # type: ignore[override]
        return self.base_weight + self.scale * (self.lora_b @ self.lora_a)

    @property
    def base_weight(self) -> Tensor:
        """The pretrained kernel `(out, in)`."""
        return _base_weight(self)

    def forward(self, features: Tensor) -> Tensor:
        low = F.linear(F.linear(features, self.lora_a), self.lora_b)
        return F.linear(features, self.base_weight, self.bias) + self.scale * low


class LoraConv(nn.Conv2d):
    """A 1x1 convolution with a low-rank addition."""

    lora_a: nn.Parameter
    lora_b: nn.Parameter
    scale: float

    def __init__(self, base: nn.Conv2d, rank: int, alpha: float) -> None:
        _adopt_weights(self, base, base.in_channels, base.out_channels, rank, alpha)

    @property
    def weight(self) -> Tensor:  # type: ignore[override]
        return self.base_weight + self.scale * (self.lora_b @ self.lora_a)[:, :, None, None]

    @property
    def base_weight(self) -> Tensor:
        """The pretrained kernel `(out, in, 1, 1)`."""
        return _base_weight(self)

    def forward(self, maps: Tensor) -> Tensor:
        a, b = self.lora_a[:, :, None, None], self.lora_b[:, :, None, None]
        low = F.conv2d(F.conv2d(maps, a, None, self.stride, self.padding), b)
        base = F.conv2d(maps, self.base_weight, self.bias, self.stride, self.padding)
        return base + self.scale * low


def add_lora(backbone: nn.Module, spec: LoraSpec, *, free: Collection[str] = ()) -> None:
    """Put low-rank additions into `backbone`, in place, and freeze all else of it.

    Args:
        backbone: with its pretrained weights. The draws are of torch's global generator.
        spec: the recipe's `model.lora`.
        free: modules of `backbone` that are not pretrained, and learn as they are.

    Raises:
        RecipeError: there is no layer of a name.
    """
    able = dict(_adaptable_layers(backbone))
    names = {path: path.rpartition(".")[2] for path in able}
    if spec.layers is None:
        chosen = [path for path in able if _is_of_attention(path)]
        missing = [] if chosen else ["of attention"]
    else:
        chosen = [path for path, name in names.items() if name in spec.layers]
        missing = [f"named {one}" for one in spec.layers if one not in names.values()]
    if missing:
        raise RecipeError(
            f"the backbone has no linear layer or 1x1 convolution {' or '.join(missing)}",
            where="model.lora.layers",
            fix=_list_choices(names),
        )
    for path, parameter in backbone.named_parameters():
        parameter.requires_grad_(parameter.requires_grad and path.split(".")[0] in free)
    made: dict[int, nn.Module] = {}  # a layer that stands in two places is one in both
    for path in chosen:
        base = able[path]
        kind: Any = LoraLinear if isinstance(base, nn.Linear) else LoraConv
        if id(base) not in made:
            made[id(base)] = kind(base, spec.rank, spec.alpha)
        parent, _, name = path.rpartition(".")
        setattr(backbone.get_submodule(parent), name, made[id(base)])


def frozen_statistics(backbone: nn.Module) -> set[str]:
    """Return the names of modules whose statistics stay, as the weights of a backbone with LoRA.

    They are its batch norms; a backbone without LoRA has none.
    """
    has_lora = any(isinstance(one, LoraLinear | LoraConv) for one in backbone.modules())
    return batch_norms(backbone) if has_lora else set()


def batch_norms(backbone: nn.Module) -> set[str]:
    """Return the names of modules that keep statistics of what they have seen in training."""
    found = backbone.named_modules()
    return {name for name, one in found if getattr(one, "running_mean", None) is not None}


def lora_facts(backbone: nn.Module) -> dict[str, Any]:
    """Return the facts of LoRA in a backbone, as `add_lora` left it; nothing of one without LoRA.

    Returns:
        `rank`; `layers`, how many have an addition, by their last names; and how many numbers of
        the backbone are `learnt`, of how many `weights`.
    """
    adapted = {
        path: module
        for path, module in backbone.named_modules()
        if isinstance(module, LoraLinear | LoraConv)
    }
    if not adapted:
        return {}
    sizes = [(one.numel(), one.requires_grad) for one in backbone.parameters()]
    return {
        "rank": next(iter(adapted.values())).lora_a.shape[0],
        "layers": dict(sorted(Counter(path.rpartition(".")[2] for path in adapted).items())),
        "learnt": sum(n for n, learns in sizes if learns),
        "weights": sum(n for n, _ in sizes),
    }


def is_lora(key: str) -> bool:
    """Return whether a key of a network's state is one that LoRA adds."""
    return key.rpartition(".")[2] in NAMES


def _adopt_weights(
    own: Any, base: nn.Module, n_in: int, n_out: int, rank: int, alpha: float
) -> None:
    """Make `own` what `base` is, weights, settings and hooks, with the low-rank addition."""
    own.__dict__.update(base.__dict__)
    weight = _base_weight(base)
    own.scale = alpha / rank
    own.lora_a = nn.Parameter(weight.new_empty(rank, n_in))
    own.lora_b = nn.Parameter(weight.new_zeros(n_out, rank))
    nn.init.kaiming_uniform_(own.lora_a, a=math.sqrt(5))


def _base_weight(layer: nn.Module) -> Tensor:
    weight = layer._parameters["weight"]  # not by its name, which gives the sum
    assert weight is not None
    return weight


def _adaptable_layers(backbone: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """Yield the layers that can have an addition: by no forward but torch's own."""
    for path, module in backbone.named_modules(remove_duplicate=False):
        if isinstance(module, nn.Linear) and type(module).forward is nn.Linear.forward:
            yield path, module
        if isinstance(module, nn.Conv2d) and type(module).forward is nn.Conv2d.forward:
            is_plain = module.groups == 1 and module.padding_mode == "zeros"
            if is_plain and module.kernel_size == (1, 1):
                yield path, module


def _list_choices(names: Mapping[str, str]) -> str:
    """Return the possible values of `layers`, from the last names of layers by their paths."""
    offered = []
    for name in sorted(set(names.values())):
        paths = [path for path, one in names.items() if one == name]
        written = f'"{name}"' if name.isdigit() else name  # else YAML reads a number
        offered.append(f"{written} ({len(paths)}, as {paths[0]})")
    if not offered:
        return "leave model.lora out"
    return f"it has {', '.join(offered)}: name some as layers, or leave model.lora out"


def _is_of_attention(path: str) -> bool:
    parent = path.rpartition(".")[0].rpartition(".")[2]
    return "attn" in parent or "attention" in parent
