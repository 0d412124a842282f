"""2.5-D: images that are stacks of slices go through the backbone slice by slice.

    x (N, S·c, H, W)  ->  N·S images (c, H, W)  ->  maps m_s (N, F, h, w) of each slice  ->  pooled

    mean        1/S · Σ_s m_s
    max         max_s m_s, of each number
    attention   Σ_s a_s m_s,    a = softmax_s(<q, k_s> / √F),    k_s = mean over (h, w) of m_s

k is of the deepest map, and the weights a are those of every map, so that a decoder's maps belong
together. q `(F,)` is trained, the simplest of the poolings of Ilse et al. 2018 (arXiv:1802.04712);
it begins at 0, which is the mean.

Slices share the backbone's weights and batch norm, which gets N·S images. A backbone for c channels
has the weights and the names that it has without slices, so pretrained ones fit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from podium.errors import RecipeError
from podium.models.backbone_factory import Backbone
from podium.models.features import ReadFunction
from podium.models.spec import SlicePool, SliceSpec

__all__ = ["ATTENTION", "SliceAttention", "SlicedReader", "count_slices", "read_by_slice"]

ATTENTION = "slice_attention"
"""The name of the module in a backbone that weighs slices."""


class SliceAttention(nn.Module):
    """Weights `(N, S)` of slices, float32 and of sum 1, from their deepest maps."""

    def __init__(self, n_features: int) -> None:
        super().__init__()
        self.query = nn.Parameter(torch.zeros(n_features))

    def forward(self, deepest: Tensor) -> Tensor:
        keys = deepest.float().mean(dim=(3, 4))  # (N, S, F)
        scores = (keys * self.query.float()).sum(dim=2) / self.query.numel() ** 0.5
        weight: Tensor = scores.softmax(dim=1)
        return weight


@dataclass(frozen=True)
class SlicedReader:
    """A reading that sees every slice by itself, and pools each map over the slices.

    Args:
        reading: of the backbone, for images of `channels`.
        channels: of a slice; those of one slice stand together in an image.
        pool: over slices.
    """

    reading: ReadFunction
    channels: int
    pool: SlicePool

    def __call__(self, backbone: Any, images: Tensor) -> tuple[Tensor, ...]:
        n_slices = images.shape[1] // self.channels
        slices = images.reshape(-1, self.channels, *images.shape[-2:])  # (N·S, c, H, W)
        maps = [one.reshape(-1, n_slices, *one.shape[1:]) for one in self.reading(backbone, slices)]
        if self.pool == "mean":
            return tuple(one.mean(dim=1) for one in maps)
        if self.pool == "max":
            return tuple(one.amax(dim=1) for one in maps)
        weight = getattr(backbone, ATTENTION)(maps[-1])[:, :, None, None, None]
        return tuple((one * weight.to(one.dtype)).sum(dim=1) for one in maps)


def count_slices(slices: SliceSpec | None, in_chans: int) -> int:
    """Return how many slices an image of `in_chans` channels has; 1 where `slices` is None.

    Raises:
        RecipeError: the channels of a slice do not divide them.
    """
    if slices is None:
        return 1
    if in_chans % slices.channels:
        fitting = [str(c) for c in range(1, in_chans + 1) if in_chans % c == 0]
        raise RecipeError(
            f"images of {in_chans} channels are no stack of slices of {slices.channels}",
            where="model.slices.channels",
            fix=f"write {' or '.join(fitting)}; or leave slices out: they are channels then",
        )
    return in_chans // slices.channels


def read_by_slice(backbone: Backbone, slices: SliceSpec, n_slices: int) -> Backbone:
    """Return `backbone`, which takes single slices, as one that takes images of `n_slices`.

    The query of `attention` becomes a part of the backbone's module, and files of weights may lack
    it: whatever is done with a backbone (frozen, followed by an average, copied, started from) is
    done with it too. A frozen backbone without a trained query so takes the mean.
    """
    if slices.pool == "attention":
        backbone.module.add_module(ATTENTION, SliceAttention(backbone.shape.n_features))
    return backbone._replace(
        reading=SlicedReader(backbone.reading, slices.channels, slices.pool),
        mean=backbone.mean * n_slices,
        std=backbone.std * n_slices,
    )
