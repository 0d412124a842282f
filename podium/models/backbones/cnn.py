"""A small convolutional network of our own, quick on a CPU.

One stage a width: `depth` times 3x3 convolution, batch norm and ReLU. The map shrinks by two at
every stage: by the stride of its first convolution, or with `downsample: max` by 2x2 max pooling
behind its last one, as networks are built by hand. Such a network for 50 classes on 64 px, with
1.6 million weights:

    model:
      backbone: cnn
      pretrained: false
      options: {widths: [32, 64, 128, 256, 512], downsample: max}
      heads: {classify: {dropout: 0.5}}

Options: widths (16, 32, 64, 128), depth (1), downsample (stride, max).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from torch import Tensor, nn

from podium.errors import RecipeError

__all__ = ["BACKBONE", "Cnn"]


class Cnn(nn.Module):
    """Plain convolutions; the map shrinks by two at every stage.

    Args:
        in_chans: channels of the images.
        widths: channels after each stage.
        depth: convolutions in a stage.
        downsample: stride, of a stage's first convolution; or max, pooling of 2x2 behind its last,
            for which the convolutions see four times as many pixels.
        drop: share of the channels of a stage's output that is dropped in training.
    """

    def __init__(
        self,
        *,
        in_chans: int = 3,
        widths: Sequence[int] = (16, 32, 64, 128),
        depth: int = 1,
        downsample: Literal["stride", "max"] = "stride",
        drop: float = 0.0,
    ) -> None:
        super().__init__()
        if not widths or min(widths) < 1 or depth < 1:
            raise RecipeError(
                f"cnn needs widths and a depth of at least 1, got {list(widths)} and {depth}",
                fix="write for example options: {widths: [16, 32, 64], depth: 1}",
            )
        if downsample not in ("stride", "max"):
            raise RecipeError(
                f"cnn shrinks its maps by stride or by max, not by {downsample!r}",
                where="model.options",
                fix="write downsample: stride or downsample: max",
            )
        self.stages = nn.Sequential(
            *(
                _stage(before, after, depth, drop, is_pooled=downsample == "max")
                for before, after in pairwise((in_chans, *widths))
            )
        )

    def group_matcher(self, coarse: bool = False) -> dict[str, str]:
        """Return the patterns that group parameter names by layer, as timm's networks do."""
        return {"blocks": r"^stages\.(\d+)"}

    def forward(self, images: Tensor) -> Tensor:
        """Return features `(N, widths[-1], H / 2^stages, W / 2^stages)` (rounded up)."""
        features: Tensor = self.stages(images)
        return features

    def forward_intermediates(
        self,
        images: Tensor,
        indices: Sequence[int] | None = None,
        norm: bool = False,
        output_fmt: str = "NCHW",
        intermediates_only: bool = False,
    ) -> list[Tensor] | tuple[Tensor, list[Tensor]]:
        """Return the maps of the stages `indices` (default: all), as timm's networks do.

        Without `intermediates_only` the features come first. `norm` and `output_fmt` change nothing
        here: there is no last norm, and one layout.
        """
        chosen = range(len(self.stages)) if indices is None else indices
        maps, features = [], images
        for index, stage in enumerate(self.stages):
            features = stage(features)
            if index in chosen:
                maps.append(features)
        return maps if intermediates_only else (features, maps)


def _stage(before: int, after: int, depth: int, drop: float, *, is_pooled: bool) -> nn.Sequential:
    layers: list[nn.Module] = []
    for index in range(depth):
        stride = 2 if index == 0 and not is_pooled else 1
        layers += [
            nn.Conv2d(before if index == 0 else after, after, 3, stride, padding=1, bias=False),
            nn.BatchNorm2d(after),
            nn.ReLU(inplace=True),
        ]
    if is_pooled:
        # Rounded up, as a convolution with stride rounds: maps of odd sides are the same size.
        layers.append(nn.MaxPool2d(2, ceil_mode=True))
    return nn.Sequential(*layers, nn.Dropout2d(drop)) if drop else nn.Sequential(*layers)


def build(
    *,
    in_chans: int = 3,
    drop_path: float = 0.0,
    widths: Sequence[int] = (16, 32, 64, 128),
    depth: int = 1,
    downsample: Literal["stride", "max"] = "stride",
) -> Cnn:
    """Return a `Cnn`; `drop_path` has no path to drop here and drops channels instead."""
    return Cnn(in_chans=in_chans, widths=widths, depth=depth, downsample=downsample, drop=drop_path)


BACKBONE = build
