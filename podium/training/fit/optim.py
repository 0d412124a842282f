"""Optimisers and learning-rate schedules.

    optimizer = build_optimizer(network, spec)
    set_lr(optimizer, schedule(spec, step, steps_total, steps_per_epoch))
    set_weight_decay(optimizer, spec, step, steps_total)

Schedules are pure functions of the step, so that a resumed run has nothing to restore.

LARS (You et al. 2017, arXiv:1708.03888): each weight's step is as long as a share of the weight.

    g ← g + λ w                           the gradient with its decay
    t = η |w| / |g|, or 1 where either is 0
    b ← m b + t g
    w ← w − lr b

The paper has |g| + λ |w|, before the decay, under |w|; published code has the form above. The
rate is outside the momentum, so that a schedule acts at once (facebookresearch/barlowtwins and
deepmind-research/byol agree; SimCLR's own code multiplies it in). Norms and biases, groups with
`is_adapted: False`, have t = 1: their length is no measure of how far they should move.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import torch
from timm.models._manipulate import group_with_matcher
from torch import Tensor, nn
from torch.optim import Optimizer

from podium.errors import RecipeError
from podium.models.network import Network
from podium.training.recipe import OptimizerSpec

__all__ = [
    "LARS",
    "build_optimizer",
    "schedule",
    "set_lr",
    "set_weight_decay",
]


# Smith & Topin 2019 (arXiv:1708.07120) with the figures of fastai and torch: a rise over 30 % of
# the steps from 1/25 of the rate, then a fall to 1/25e4.
ONE_CYCLE_RISE, ONE_CYCLE_START, ONE_CYCLE_END = 0.3, 1 / 25, 1 / 25e4


def build_optimizer(
    network: Network,
    spec: OptimizerSpec,
    *,
    extra_groups: Sequence[Mapping[str, Any]] = (),
    is_fused: bool = False,
) -> Optimizer:
    """Return the optimiser of the parameters that are not frozen in `network`.

    Every group has `initial_lr`, which `set_lr` multiplies. Norms, biases and the parameters that
    the backbone lists (position embeddings) are not decayed, unless the recipe sets it, and LARS
    takes their gradient as it is. With `layer_decay` d < 1 a backbone layer that lies k layers
    below the head learns at lr d^k (Bao et al. 2021, arXiv:2106.08254). `rates` multiply the rate
    of the parts that they name.

    Args:
        network: freeze its parts first.
        spec: the phase's or the recipe's `optimizer:`.
        extra_groups: of modules that a method adds: `{"params": [...]}` and, where it differs,
            "norms" (they are norms and biases), "lr_scale" and "is_constant" (their rate has no
            schedule).
        is_fused: whether Adam's step is one kernel for all weights, as is fastest on a GPU.

    Raises:
        RecipeError: nothing is left to train, or `rates` names a part that the network has not.
    """
    groups = _network_groups(network, spec) + [_extra(group, spec) for group in extra_groups]
    if not any(group["params"] for group in groups):
        raise RecipeError("nothing is left to train", fix="free a part: shorten freeze")
    if spec.name == "sgd":
        nesterov = spec.nesterov and spec.momentum > 0
        return torch.optim.SGD(groups, lr=spec.lr, momentum=spec.momentum, nesterov=nesterov)
    if spec.name == "lars":
        return LARS(groups, lr=spec.lr, momentum=spec.momentum, trust=spec.trust)
    kind = torch.optim.AdamW if spec.name == "adamw" else torch.optim.Adam
    return kind(groups, lr=spec.lr, fused=is_fused or None)


def set_lr(optimizer: Optimizer, factor: float) -> None:
    """Set every group's rate to `factor` times its initial one, unless it has no schedule."""
    for group in optimizer.param_groups:
        is_constant = group.get("is_constant", False)  # which checkpoints had not at first
        group["lr"] = group["initial_lr"] * (1.0 if is_constant else factor)


def set_weight_decay(
    optimizer: Optimizer, spec: OptimizerSpec, step: int, steps_total: int
) -> None:
    """Set the decay of every group that decays to that of `step`, where the recipe has a schedule.

    w_t = w_T + (w_0 - w_T) (1 + cos(pi t / T)) / 2
    """
    if spec.weight_decay_end is None:
        return
    decay = _cosine(spec.weight_decay, spec.weight_decay_end, step / steps_total)
    for group in optimizer.param_groups:
        if group["decays"]:
            group["weight_decay"] = decay


def _network_groups(network: Network, spec: OptimizerSpec) -> list[dict[str, Any]]:
    scales = _lr_scales(network.backbone, spec.layer_decay) if spec.layer_decay < 1 else {}
    for name, factor in _part_rates(network, spec.rates).items():
        scales[name] = scales.get(name, 1.0) * factor
    undecayed = _undecayed(network.backbone)
    groups: dict[tuple[float, bool], list[nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        if parameter.requires_grad:
            is_norm = parameter.ndim <= 1 or name.removeprefix("backbone.") in undecayed
            groups.setdefault((scales.get(name, 1.0), is_norm), []).append(parameter)
    return [
        _group(parameters, spec, scale=scale, is_norm=is_norm)
        for (scale, is_norm), parameters in groups.items()
    ]


def _part_rates(network: Network, rates: Mapping[str, float]) -> dict[str, float]:
    """Return the rate's factor by parameter name: of the longest name that holds it."""
    found: dict[str, float] = {}
    names = [name for name, _ in network.named_parameters()]
    for part, factor in sorted(rates.items(), key=lambda one: len(one[0])):
        held = [name for name in names if name == part or name.startswith(f"{part}.")]
        if not held:
            there = ["backbone", *(f"heads.{task}" for task in network.heads)]
            raise RecipeError(
                f"the network has no part {part}",
                where="optimizer.rates",
                fix=f"name {', '.join(there)}, or a module in one of them",
            )
        found |= dict.fromkeys(held, factor)
    return found


def _extra(group: Mapping[str, Any], spec: OptimizerSpec) -> dict[str, Any]:
    return _group(
        list(group["params"]),
        spec,
        scale=group.get("lr_scale", 1.0),
        is_norm=group.get("norms", False),
        is_constant=group.get("is_constant", False),
    )


def _group(
    parameters: list[nn.Parameter],
    spec: OptimizerSpec,
    *,
    scale: float,
    is_norm: bool,
    is_constant: bool = False,
) -> dict[str, Any]:
    lr = scale * (spec.norm_lr if is_norm and spec.norm_lr is not None else spec.lr)
    decays = spec.decay_norms or not is_norm
    group = {
        "params": parameters,
        "lr": lr,
        "initial_lr": lr,
        "is_constant": is_constant,
        "decays": decays,
        "weight_decay": spec.weight_decay if decays else 0.0,
    }
    return {**group, "is_adapted": not is_norm} if spec.name == "lars" else group


def _undecayed(backbone: nn.Module) -> set[str]:
    own = getattr(backbone, "no_weight_decay", None)
    return set(own()) if callable(own) else set()


def _lr_scales(backbone: nn.Module, layer_decay: float) -> dict[str, float]:
    """Return the rate's factor by parameter name, with timm's own idea of what a layer is."""
    matcher = getattr(backbone, "group_matcher", None)
    if not callable(matcher):
        raise RecipeError(
            "this backbone does not name its layers",
            where="optimizer.layer_decay",
            fix="write layer_decay: 1.0",
        )
    # The classifier was left out of the backbone; its name keeps the layers counted as timm does.
    named = [*backbone.named_parameters(), (_classifier_name(backbone), None)]
    layer_of: dict[str, int] = group_with_matcher(named, matcher(coarse=False), reverse=True)
    top = max(layer_of.values())
    return {f"backbone.{name}": layer_decay ** (top - layer) for name, layer in layer_of.items()}


def _classifier_name(backbone: nn.Module) -> str:
    config = getattr(backbone, "pretrained_cfg", None) or {}
    name = config.get("classifier") or "head"
    return f"{name if isinstance(name, str) else name[0]}.weight"


def schedule(spec: OptimizerSpec, step: int, steps_total: int, steps_per_epoch: int) -> float:
    """Return the factor on the learning rate at `step`.

        warm-up, W steps:  (step + 1) / W                                       (not for one_cycle)
        constant:          1
        cosine:            m + (1 - m) (1 + cos(pi t)) / 2,      t = (step - W) / (steps_total - W)
        with cosine_epochs T:                                    t = epoch / T, as torch has it
        cosine_7_16:       cos(7 pi t / 16)                      (FixMatch: Sohn et al. 2020, 2.1)
        poly:              (1 - t) ^ power
        step:              gamma ^ floor(epoch / step_epochs)
        one_cycle:         cosine from 1/25 to 1 over W (or 30 % of the) steps, then to 1/25e4

    m = min_lr / lr is the floor of every schedule after its warm-up.

    Args:
        spec: the schedule's parameters, in epochs.
        step: optimiser step of the phase, in [0, steps_total).
        steps_total: steps of the phase, at least 1.
        steps_per_epoch: steps of an epoch, at least 1.
    """
    if not 0 <= step < steps_total or steps_per_epoch < 1:
        raise ValueError(f"expected a step in [0, {steps_total}), got {step}")
    warm_up = min(round(spec.warmup_epochs * steps_per_epoch), steps_total)
    if spec.schedule == "one_cycle":
        return max(_one_cycle(step, steps_total, warm_up), _floor(spec))
    if step < warm_up:
        return (step + 1) / warm_up
    if spec.schedule == "constant":
        return 1.0
    epoch = step // steps_per_epoch
    done = (step - warm_up) / (steps_total - warm_up)
    if spec.schedule == "cosine":
        if spec.cosine_epochs is not None:
            done = epoch / spec.cosine_epochs
        return _cosine(1.0, _floor(spec), done)
    if spec.schedule == "cosine_7_16":
        return max(math.cos(7 * math.pi * done / 16), _floor(spec))
    if spec.schedule == "poly":
        return max(math.pow(1 - done, spec.power), _floor(spec))
    return max(spec.gamma ** (epoch // spec.step_epochs), _floor(spec))


def _floor(spec: OptimizerSpec) -> float:
    return min(spec.min_lr / spec.lr, 1.0)


def _cosine(start: float, end: float, done: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * done)) / 2


def _one_cycle(step: int, steps_total: int, warm_up: int) -> float:
    last = steps_total - 1
    peak = warm_up - 1 if warm_up else ONE_CYCLE_RISE * steps_total - 1
    if step <= peak:
        return _cosine(ONE_CYCLE_START, 1.0, step / peak if peak > 0 else 1.0)
    fall = last - peak
    return _cosine(1.0, ONE_CYCLE_END, (step - peak) / fall)


class LARS(Optimizer):
    """Stochastic gradient descent with momentum and a rate of its own for each weight tensor.

    Args:
        params: parameters or groups of them; a group may have `is_adapted`, `weight_decay` and all
            else that is an argument here.
        lr: the rate.
        momentum: share of the last step that goes on (m).
        weight_decay: λ.
        trust: η.
    """

    def __init__(
        self,
        params: Iterable[Any],
        *,
        lr: float,
        momentum: float = 0.9,
        weight_decay: float = 0.0,
        trust: float = 1e-3,
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "momentum": momentum,
                "weight_decay": weight_decay,
                "trust": trust,
                "is_adapted": True,
            },
        )

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move every parameter that has a gradient; return what `closure` returns."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            weights = [one for one in group["params"] if one.grad is not None]
            if weights:
                self._move(weights, group)
        return loss

    def _move(self, weights: list[Tensor], group: dict[str, Any]) -> None:
        gradients = [one.grad for one in weights if one.grad is not None]
        if group["weight_decay"]:
            gradients = list(torch._foreach_add(gradients, weights, alpha=group["weight_decay"]))
        if group["is_adapted"]:
            long = zip(torch._foreach_norm(weights), torch._foreach_norm(gradients), strict=True)
            trusts = [_trust(w, g, group["trust"]) for w, g in long]
            gradients = list(torch._foreach_mul(gradients, trusts))
        buffers = [self._buffer(one) for one in weights]
        torch._foreach_mul_(buffers, group["momentum"])
        torch._foreach_add_(buffers, gradients)
        torch._foreach_add_(weights, buffers, alpha=-group["lr"])

    def _buffer(self, weight: Tensor) -> Tensor:
        state = self.state[weight]
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = torch.zeros_like(weight)
        buffer: Tensor = state["momentum_buffer"]
        return buffer


def _trust(weight: Tensor, gradient: Tensor, share: float) -> Tensor:
    """Return the factor of a gradient, of the lengths of both, without a wait for the device."""
    is_known = (weight > 0) & (gradient > 0)
    return torch.where(is_known, share * weight / gradient, 1.0)
