"""What a vision transformer attends to: of each block the weights of its attention, and rollout.

    Ã_l = (A_l + I) / 2,    R = Ã_L ··· Ã_2 Ã_1

Attention rollout (Abnar & Zuidema 2020, arXiv:2005.00928, §3); A_l is the mean over the heads of
block l, its rows sum to 1, and so do those of R. The class token's row is
the first, where there is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["attention_modules", "on_patches", "rollout", "watched_attention"]


def attention_modules(backbone: nn.Module) -> list[Any]:
    """Return the attention of each block of timm's transformers; none of other networks."""
    blocks = getattr(backbone, "blocks", None)
    if not isinstance(blocks, nn.Sequential | nn.ModuleList):
        return []
    found = [getattr(block, "attn", None) for block in blocks]
    # Other kinds, as of windows or of channels, have no weights of all tokens.
    known = [one for one in found if hasattr(one, "fused_attn") and hasattr(one, "attn_drop")]
    return known if len(known) == len(found) else []


@contextmanager
def watched_attention(modules: Sequence[Any]) -> Iterator[list[Tensor]]:
    """Give a list that gets the weights `(N, heads, T, T)` of each of `modules` as they are made.

    A fused kernel makes none, so that fused attention is off inside; after it every module is as
    it was, and nothing listens any more.
    """
    seen: list[Tensor] = []
    before = [module.fused_attn for module in modules]
    listening = []

    def note(module: nn.Module, given: tuple[Any, ...]) -> None:
        seen.append(given[0].detach())

    try:
        for module in modules:
            module.fused_attn = False
            listening.append(module.attn_drop.register_forward_pre_hook(note))
        yield seen
    finally:
        for handle in listening:
            handle.remove()
        for module, was_fused in zip(modules, before, strict=True):
            module.fused_attn = was_fused


def rollout(weights: Sequence[Tensor]) -> Tensor:
    """Return R `(T, T)` of blocks' weights `(T, T)`, the first block's first."""
    first = weights[0]
    one = torch.eye(len(first), dtype=first.dtype, device=first.device)
    found = one
    for each in weights:
        found = (each + one) / 2 @ found
    return found


def on_patches(weights: Tensor, grid: tuple[int, int], *, n_prefix: int, has_class: bool) -> Tensor:
    """Return how much each patch is looked at, `(h, w)`.

    Args:
        weights: `(T, T)`: a row for each token that looks.
        grid: (h, w) of the patches.
        n_prefix: class and register tokens before the patches.
        has_class: by the class token, the first; else by all patches on average.
    """
    row = weights[0] if has_class else weights[n_prefix:].mean(dim=0)
    return row[n_prefix:].reshape(grid)
