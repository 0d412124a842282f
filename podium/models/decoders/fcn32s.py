"""FCN-32s: masks from the deepest map alone (Shelhamer et al. 2017, arXiv:1605.06211).

Two ways up from a map of stride 32, by the option `upsampling`:

    bilinear (default)   the paper's: a 7x7 convolution (fc6) and a 1x1 one (fc7) with ReLU and
                         dropout, the head's 1x1 convolution to the classes, then one transposed
                         convolution of 64x64 with stride 32 that starts as bilinear interpolation
                         and is trained
    steps                five transposed convolutions of 3x3 that double the map, each with ReLU and
                         then batch norm, then the head's 1x1 convolution at the image's size

    w(i, j) = (1 - |i - c| / s) (1 - |j - c| / s),  c = (k - 1) / 2    (s: stride, k: kernel)
    from a class to itself, 0 from one to another (the paper's section 3.3)

The paper pads images by 100 pixels for a 7x7 convolution without padding, and cuts the result;
here that convolution pads its map by 3. fc6 and fc7 start at random: those of a pretrained VGG
belong to its classifier.

The transposed convolution of `bilinear` has (2 · stride)² weights for every pair of classes: 26 MB
for 40 classes. A map of another stride, as a dilated backbone has it, is scaled up by that stride,
and doubled as often as it takes.

Options: upsampling (bilinear, steps); of bilinear channels (4096), dropout (0.5); of steps
decoder_channels (512, 256, 128, 64, 32).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import Literal

import torch
from segmentation_models_pytorch.base.initialization import initialize_decoder
from torch import nn

from podium.errors import RecipeError, plural
from podium.models.decoders._decoder import Decoder, Decoding, OnDeepest
from podium.models.features import FeatureShape

__all__ = ["DECODER"]

CHANNELS = (512, 256, 128, 64, 32)


def build(
    shape: FeatureShape,
    *,
    upsampling: Literal["bilinear", "steps"] = "bilinear",
    channels: int | None = None,
    dropout: float | None = None,
    decoder_channels: Sequence[int] | None = None,
) -> Decoding:
    """Return the decoder; logits come out at the image's size, made of the deepest map.

    Raises:
        RecipeError: an option belongs to the other way, or there are not as many channels as steps.
    """
    n_features, stride = shape.channels[shape.pyramid[-1]], shape.strides[shape.pyramid[-1]]
    if upsampling == "steps":
        _refuse("steps", channels=channels, dropout=dropout)
        return _by_steps(n_features, stride, decoder_channels)
    if upsampling != "bilinear":
        raise RecipeError(
            f"fcn32s scales up by bilinear or by steps, not by {upsampling!r}",
            where="model.heads.segment.options",
            fix="write upsampling: bilinear (the paper's) or upsampling: steps",
        )
    _refuse("bilinear", decoder_channels=decoder_channels)
    return _as_the_paper(n_features, stride, channels or 4096, 0.5 if dropout is None else dropout)


def _as_the_paper(n_features: int, stride: int, channels: int, dropout: float) -> Decoding:
    layers = OnDeepest(
        nn.Conv2d(n_features, channels, 7, padding=3),
        nn.ReLU(inplace=True),
        nn.Dropout(dropout),
        nn.Conv2d(channels, channels, 1),
        nn.ReLU(inplace=True),
        nn.Dropout(dropout),
    )
    initialize_decoder(layers)
    return Decoding(layers, channels, after=partial(_interpolation, stride))


def _by_steps(n_features: int, stride: int, given: Sequence[int] | None) -> Decoding:
    n_steps = max(1, (stride - 1).bit_length())
    channels = tuple(given or CHANNELS[-n_steps:])
    if len(channels) != n_steps:
        raise RecipeError(
            f"a map of stride {stride} doubles {n_steps} times up to the image, and "
            f"decoder_channels has {plural(len(channels), 'number')}",
            where="model.heads.segment.options",
            fix=f"write {plural(n_steps, 'number')}, or drop decoder_channels",
        )
    layers: list[nn.Module] = []
    for before, after in pairwise((n_features, *channels)):
        layers += [
            nn.ConvTranspose2d(before, after, 3, stride=2, padding=1, output_padding=1),
            nn.ReLU(inplace=True),
            nn.BatchNorm2d(after),
        ]
    return Decoding(OnDeepest(*layers), channels[-1])


def _interpolation(stride: int, n_outputs: int) -> nn.Module:
    """Return a transposed convolution to `stride` times the size, bilinear at the start."""
    kernel = 2 * stride - stride % 2
    layer = nn.ConvTranspose2d(
        n_outputs, n_outputs, kernel, stride, padding=(kernel - stride) // 2, bias=False
    )
    off = (torch.arange(kernel) - (kernel - 1) / 2).abs()
    triangle = 1 - off / stride
    with torch.no_grad():
        layer.weight.zero_()
        layer.weight[range(n_outputs), range(n_outputs)] = triangle[:, None] * triangle
    return layer


def _refuse(upsampling: str, **options: object) -> None:
    given = [name for name, value in options.items() if value is not None]
    if given:
        raise RecipeError(
            f"upsampling: {upsampling} does not take {', '.join(given)}",
            where="model.heads.segment.options",
            fix="drop it, or choose the other upsampling",
        )


DECODER = Decoder(build, reads="deepest")
