"""Wide residual networks for small images (Zagoruyko & Komodakis 2016, 1605.07146): WRN-28-2.

A 3x3 stem of 16 channels without pooling, three stages of (depth - 4) / 6 blocks with 16, 32 and
64 times `widen` channels, of which the second and the third begin with stride 2, then batch norm
and activation. A block is before its additions: norm, activation, 3x3, norm, activation, 3x3; where
it changes the channels or the stride, the 1x1 way around it starts after the first activation.

With 10 classes WRN-28-2 has 1,467,610 parameters. FixMatch and its relatives use it on 32 px, with
leaky activations of slope 0.1 and, over a million steps, a momentum of batch norm of 0.001.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from podium.errors import RecipeError

__all__ = ["BACKBONE", "WideResNet"]

STEM = 16
STRIDES = (1, 2, 2)


class WideResNet(nn.Module):
    """A stem, three stages, and a last norm with activation.

    Args:
        in_chans: channels of the images.
        depth: convolutions on the longest way, without the 1x1 ones, and the classifier: 6n + 4.
        widen: factor of the channels.
        leaky: slope of the activations below 0; 0 is ReLU.
        momentum: of batch norm's running statistics, the share of a new batch.
        drop_path: share of the images for which the last block is left out in training; of the
            blocks before proportionally less (Huang et al. 2016, 1603.09382).
    """

    def __init__(
        self,
        *,
        in_chans: int = 3,
        depth: int = 28,
        widen: int = 2,
        leaky: float = 0.1,
        momentum: float = 0.1,
        drop_path: float = 0.0,
    ) -> None:
        super().__init__()
        blocks, rest = divmod(depth - 4, 6)
        if blocks < 1 or rest or widen < 1:
            raise RecipeError(
                f"wide_resnet needs a depth of 6n + 4 and a widen of at least 1, got {depth} and "
                f"{widen}",
                fix="write for example options: {depth: 28, widen: 2}",
            )
        if not 0 < momentum <= 1 or not 0 <= leaky < 1:
            raise RecipeError(
                f"wide_resnet needs 0 < momentum <= 1 and 0 <= leaky < 1, got {momentum} and "
                f"{leaky}",
                fix="write for example options: {leaky: 0.1, momentum: 0.1}",
            )
        self.stem = nn.Conv2d(in_chans, STEM, 3, padding=1, bias=False)
        before, stages, last = STEM, [], max(1, len(STRIDES) * blocks - 1)
        for at, stride in enumerate(STRIDES):
            after, stage = STEM * 2**at * widen, []
            for index in range(blocks):
                drop = drop_path * (at * blocks + index) / last
                stage.append(_Block(before, after, stride, leaky, momentum, drop))
                before, stride = after, 1
            stages.append(nn.Sequential(*stage))
        self.stages = nn.ModuleList(stages)
        self.norm = nn.BatchNorm2d(before, momentum=momentum)
        self.leaky = leaky
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(
                    module.weight, a=leaky, mode="fan_out", nonlinearity="leaky_relu"
                )

    def group_matcher(self, coarse: bool = False) -> dict[str, str]:
        """Return the patterns that group parameter names by layer, as timm's networks do."""
        blocks = r"^stages\.(\d+)" if coarse else r"^stages\.(\d+)\.(\d+)"
        return {"stem": r"^stem", "blocks": blocks}

    def forward(self, images: Tensor) -> Tensor:
        """Return features `(N, 64 · widen, H / 4, W / 4)` (rounded up)."""
        maps = self.stem(images)
        for stage in self.stages:
            maps = stage(maps)
        return self._finished(maps)

    def forward_intermediates(
        self,
        images: Tensor,
        indices: Sequence[int] | None = None,
        norm: bool = False,
        output_fmt: str = "NCHW",
        intermediates_only: bool = False,
    ) -> list[Tensor] | tuple[Tensor, list[Tensor]]:
        """Return the maps of the stages `indices` (default: all), as timm's networks do.

        Without `intermediates_only` the features come first. The last stage's map is the features:
        the others are sums of blocks before any norm. `norm` and `output_fmt` change nothing.
        """
        chosen = range(len(self.stages)) if indices is None else indices
        kept, maps = [], self.stem(images)
        for index, stage in enumerate(self.stages):
            maps = stage(maps)
            if index == len(self.stages) - 1:
                maps = self._finished(maps)
            if index in chosen:
                kept.append(maps)
        return kept if intermediates_only else (maps, kept)

    def _finished(self, maps: Tensor) -> Tensor:
        return F.leaky_relu(self.norm(maps), self.leaky, inplace=True)


class _Block(nn.Module):
    """Two convolutions, each after norm and activation, and a way around them."""

    def __init__(
        self, before: int, after: int, stride: int, leaky: float, momentum: float, drop: float
    ) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(before, momentum=momentum)
        self.conv1 = nn.Conv2d(before, after, 3, stride, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(after, momentum=momentum)
        self.conv2 = nn.Conv2d(after, after, 3, padding=1, bias=False)
        is_other = before != after or stride != 1
        self.around = nn.Conv2d(before, after, 1, stride, bias=False) if is_other else None
        self.leaky, self.drop = leaky, drop

    def forward(self, maps: Tensor) -> Tensor:
        active = F.leaky_relu(self.norm1(maps), self.leaky, inplace=True)
        inner = F.leaky_relu(self.norm2(self.conv1(active)), self.leaky, inplace=True)
        branch: Tensor = self.conv2(inner)
        if self.training and self.drop > 0:
            kept = torch.rand(len(branch), 1, 1, 1, device=branch.device) >= self.drop
            branch = branch * (kept / (1 - self.drop)).to(branch.dtype)
        return branch + (maps if self.around is None else self.around(active))


def build(
    *,
    in_chans: int = 3,
    drop_path: float = 0.0,
    depth: int = 28,
    widen: int = 2,
    leaky: float = 0.1,
    momentum: float = 0.1,
) -> WideResNet:
    """Return a `WideResNet`, with WRN-28-2's numbers by default."""
    return WideResNet(
        in_chans=in_chans,
        depth=depth,
        widen=widen,
        leaky=leaky,
        momentum=momentum,
        drop_path=drop_path,
    )


BACKBONE = build
