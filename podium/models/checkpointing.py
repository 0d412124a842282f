"""Gradient checkpointing: a backbone keeps few of its maps, and makes the others again backwards.

    Chen et al. 2016, arXiv:1604.06174

Results do not change: dropout draws the same again (torch restores its generator), and batch norm,
which would count every batch twice, leaves its statistics alone when it runs again.
"""

from __future__ import annotations

from typing import Any

from torch import nn
from torch.utils.module_tracker import ModuleTracker

from podium.errors import RecipeError

__all__ = ["checkpoint_gradients"]

_TRACKER = ModuleTracker()
_KEPT = "_statistics_before_running_again"


def checkpoint_gradients(backbone: nn.Module, name: str) -> None:
    """Switch gradient checkpointing on, in place.

    Args:
        backbone: with `set_grad_checkpointing`, as timm's networks have it.
        name: of it, as the recipe has it.

    Raises:
        RecipeError: it cannot.
    """
    switch = getattr(backbone, "set_grad_checkpointing", None)
    try:
        assert callable(switch)
        switch(True)
    except AssertionError as error:  # timm's way to say that a network has it not
        raise RecipeError(
            f"{name} has no gradient checkpointing",
            where="model.checkpointing",
            fix="leave it out, and halve batch_size and double accumulate where memory is short",
        ) from error
    for module in backbone.modules():
        if getattr(module, "running_mean", None) is not None:
            module.register_forward_pre_hook(_put_aside)
            # Running again ends by an exception as soon as every map is there.
            module.register_forward_hook(_put_back, always_call=True)


def _put_aside(module: nn.Module, arguments: Any) -> None:
    if module.training and _TRACKER.is_bw:
        module.__dict__[_KEPT] = dict(module._buffers)
        module._buffers.update(
            {name: None if one is None else one.clone() for name, one in module._buffers.items()}
        )


def _put_back(module: nn.Module, arguments: Any, made: Any) -> None:
    module._buffers.update(module.__dict__.pop(_KEPT, {}))
