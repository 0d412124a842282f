"""Autoencoder: reconstruct the image from a few numbers (Hinton & Salakhutdinov 2006).

    c = W · pool(f(x̃)) + b,   L = mean over pixels and channels of (d(c) − x)²                 (mse)
                              L = mean of −[y log σ(d(c)) + (1 − y) log(1 − σ(d(c)))]          (bce)

f is the backbone with average pooling, c the code, d the decoder; x the normalised image, y the
same in [0, 1]. The code is the decoder's only input: with a skip connection the image would pass
beside it, and the backbone learn nothing. The plain autoencoder has x̃ = x; the denoising one
(Vincent et al. 2008) adds noise to x̃, or empties patches of it, and x stays clean. Heads are not
run and not trained.

The squares are of normalised pixels, so that every channel counts by its own spread, and a decoder
that outputs the mean alone has a loss of about 1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Literal

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from podium.errors import RecipeError, either
from podium.models.network import Network
from podium.training.method import UNLABELLED, Batch, Options, PhaseSetting, Step, ViewSpec
from podium.training.self_supervised import SelfSupervised, n_pooled, pooled, spread_metrics

__all__ = ["METHOD", "AutoencoderDecoder", "erased_patches"]

FIRST_PX = 7  # the decoder starts with a map of at most so many rows and columns
MOST_CHANNELS = 512


class AutoencoderOptions(Options):
    """The options of `method: {name: autoencoder}`."""

    view: str = "weak"
    """policy of the images, which are also what is to be drawn"""
    size: Annotated[int, Field(ge=1)] = 128
    """numbers of the code"""
    width: Annotated[int, Field(ge=1)] = 32
    """channels of the decoder's last map; every map before has twice as many, up to 512"""
    loss: Literal["mse", "bce"] = "mse"
    """mse of normalised pixels, or bce of pixels in [0, 1]"""
    noise: Annotated[float, Field(ge=0)] = 0.0
    """denoising: standard deviation of what is added to the normalised pixels the backbone sees"""
    mask: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """denoising: share of the square patches that the backbone sees empty"""
    patch: Annotated[int, Field(ge=1)] = 8
    """side of these patches, px"""


class AutoencoderDecoder(nn.Module):
    """Draws images of one size from codes.

    A linear layer gives the first map, of at most 7 x 7. Then the map grows to twice its size (less
    a row or column where the sides are odd) by repeating pixels, which leaves no chequerboard as
    transposed convolutions do, and a 3x3 convolution, batch norm and ReLU follow, until the image
    is reached; a 3x3 convolution gives its channels.

    Args:
        n_code: numbers of a code.
        size: (height, width) of the images.
        channels: of the images.
        width: channels of the last map.
    """

    def __init__(self, n_code: int, size: tuple[int, int], channels: int, width: int) -> None:
        super().__init__()
        self.sizes = _upsampling(size)
        widths = [min(width * 2**k, max(width, MOST_CHANNELS)) for k in range(len(self.sizes))]
        widths.reverse()
        height, wide = self.sizes[0]
        self.first = nn.Sequential(
            nn.Linear(n_code, widths[0] * height * wide),
            nn.Unflatten(1, (widths[0], height, wide)),
            nn.ReLU(inplace=True),
        )
        self.stages = nn.ModuleList(_convolution(*pair) for pair in pairwise(widths))
        self.last = nn.Conv2d(width, channels, 3, padding=1)

    def forward(self, code: Tensor) -> Tensor:
        """Return images `(N, channels, H, W)`, of no fixed range, of codes `(N, n_code)`."""
        drawn = self.first(code)
        for size, stage in zip(self.sizes[1:], self.stages, strict=True):
            drawn = stage(F.interpolate(drawn, size=size, mode="nearest"))
        image: Tensor = self.last(drawn)
        return image


def _upsampling(size: tuple[int, int]) -> list[tuple[int, int]]:
    """Return the sizes of the decoder's maps, of which the last is `size`."""
    sizes = [size]
    while max(sizes[0]) > FIRST_PX:
        height, width = sizes[0]
        sizes.insert(0, (-(-height // 2), -(-width // 2)))
    return sizes


def _convolution(before: int, after: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, 3, padding=1, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(inplace=True),
    )


class _Modules(nn.Module):
    """Modules of the autoencoder beside the backbone."""

    mean: Tensor
    std: Tensor

    def __init__(
        self, network: Network, options: AutoencoderOptions, setting: PhaseSetting
    ) -> None:
        super().__init__()
        self.code = nn.Linear(n_pooled(network, setting.size), options.size)
        self.decoder = AutoencoderDecoder(
            options.size, setting.size, network.in_chans, options.width
        )
        for name, values in (("mean", network.mean), ("std", network.std)):
            self.register_buffer(name, torch.tensor(values).view(-1, 1, 1), persistent=False)


class Autoencoder(SelfSupervised):
    """Learns a backbone from images alone."""

    Options = AutoencoderOptions
    options: AutoencoderOptions
    _own: _Modules

    def __init__(self, options: AutoencoderOptions, setting: PhaseSetting) -> None:
        super().__init__(options, setting)
        if options.mask:
            _refuse_all_or_nothing(options, setting.size)

    def views(self) -> list[ViewSpec]:
        return [ViewSpec("image", self.options.view)]

    def own_modules(self, network: Network) -> nn.Module:
        return _Modules(network, self.options, self.setting)

    def losses(self, batches: Mapping[str, Batch], step: Step) -> dict[str, Tensor]:
        images = batches[UNLABELLED].images
        code = self._own.code(pooled(self.network.features(self._disturbed(images))))
        drawn = self._own.decoder(code).float()
        return {"total": self._difference(drawn, images), **spread_metrics(code)}

    def _disturbed(self, images: Tensor) -> Tensor:
        # The loop seeds torch's generator anew for every micro-batch.
        noise, mask = self.options.noise, self.options.mask
        if noise:
            images = images + noise * torch.randn_like(images)
        return erased_patches(images, mask, self.options.patch) if mask else images

    def _difference(self, drawn: Tensor, images: Tensor) -> Tensor:
        if self.options.loss == "mse":
            return F.mse_loss(drawn, images)
        # Rounding may have left [0, 1].
        target = (images * self._own.std + self._own.mean).clamp(0, 1)
        return F.binary_cross_entropy_with_logits(drawn, target)


def _refuse_all_or_nothing(options: AutoencoderOptions, size: tuple[int, int]) -> None:
    n = math.prod(_patches(size, options.patch))
    n_emptied = round(options.mask * n)
    if n_emptied in (0, n):
        raise RecipeError(
            f"images of {size[0]} x {size[1]} have {either(n, 'patch', 'patches')} of "
            f"{options.patch} px, and "
            f"{options.mask:g} of them are {n_emptied}",
            where="method.mask",
            fix="write a smaller patch, or another mask",
        )


def _patches(size: tuple[int, int], side: int) -> tuple[int, int]:
    return -(-size[0] // side), -(-size[1] // side)


def erased_patches(images: Tensor, share: float, side: int) -> Tensor:
    """Return `images` `(N, C, H, W)` with `share` of the patches of each set to 0, the mean.

    The patches are squares of `side` px, smaller at the bottom and on the right where it does not
    divide the image; of n of them round(share · n) are drawn, by torch's generator.
    """
    n, _, height, width = images.shape
    rows, columns = _patches((height, width), side)
    drawn = torch.rand(n, rows * columns, device=images.device).argsort(dim=1)
    stays = (drawn >= round(share * rows * columns)).view(n, 1, rows, columns)
    pixels = stays.repeat_interleave(side, dim=2).repeat_interleave(side, dim=3)
    return images * pixels[..., :height, :width]


METHOD = Autoencoder
