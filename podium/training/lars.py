"""LARS: each weight's step is as long as a share of the weight (You et al. 2017, arXiv:1708.03888).

    g ← g + λ w                           the gradient with its decay
    t = η |w| / |g|, or 1 where either is 0
    b ← m b + t g
    w ← w − lr b

The paper has |g| + λ |w|, before the decay, under |w|; this is how those who use it wrote it. The
rate is outside the momentum, so that a schedule acts at once (facebookresearch/barlowtwins and
deepmind-research/byol agree; SimCLR's own code multiplies it in). Norms and biases, groups with
`is_adapted: False`, have t = 1: their length says nothing about how far they should move.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

__all__ = ["LARS"]


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
