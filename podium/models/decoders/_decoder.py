"""The base of all decoders: which level of the pyramid comes from which of the backbone's maps.

smp's decoders expect maps of stride 2, 4, 8, 16 and 32. Here a level is an octave, 2^octave being
its stride, and backbones that have other strides are fitted to them without parameters:

    stride 4, 8, 16, 32 (ConvNeXt, Swin)    level 1 is a map without channels, as in smp
    stride 8, 16, 32 (Visformer)            level 2 is the map of level 3, scaled up
    one stride (ViT)                        four blocks become levels 2 to 5, scaled up and down
    stride 64 (LeViT)                       levels 2 to 6: masks come out in half the resolution

`u_shaped` builds U-Net, UNet++ and MA-Net, which go from level to level back up to the image's
size, `pyramidal` decoders with as many channels on every level; `atrous_rates` gives the dilation
of DeepLabV3 and DeepLabV3+.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import torch.nn.functional as F
from torch import Tensor, nn

from podium.errors import RecipeError
from podium.models.features import DEEPEST_OCTAVE, FeatureShape, is_isotropic

__all__ = [
    "Decoder",
    "Decoding",
    "OnDeepest",
    "atrous_rates",
    "deepest_level",
    "encoder_channels",
    "find_levels",
    "on_levels",
    "pyramidal",
    "u_shaped",
]


MOST_LEVELS = 5


class Decoding(NamedTuple):
    """A decoder that is built.

    Args:
        module: from the list of the pyramid's maps to one map `(N, channels, h, w)`.
        channels: of that map.
        kernel_size: of the convolution that makes logits of it.
        after: from the number of logits to a module that the logits go through, as one that learns
            to scale them up; None for none.
    """

    module: nn.Module
    channels: int
    kernel_size: int = 1
    after: Callable[[int], nn.Module] | None = None


@dataclass(frozen=True)
class Decoder:
    """A decoder, as a file of `decoders/` exports it.

    Args:
        build: from the backbone's `FeatureShape` and the recipe's options to a `Decoding`.
        reads: whether it wants a map of every stride, the deepest one alone, or (tokens) blocks of
            a transformer before its last norm: their maps, then the class and register tokens of
            each, `(N, F, T, 1)`, where `FeatureShape.tokens` is not empty.
        renames: what begins the keys of torchvision's file, and what begins those of the head in
            its place, as ("classifier.4.", "convolution."); the first that fits counts.
    """

    build: Callable[..., Decoding]
    reads: Literal["pyramid", "deepest", "tokens"] = "pyramid"
    renames: tuple[tuple[str, str], ...] = ()


class OnDeepest(nn.Sequential):
    """Layers one after another, the first of which reads the deepest map."""

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        found = maps[-1]
        for layer in self:
            found = layer(found)
        return found


class Level(NamedTuple):
    """One level of the pyramid: 2^`octave` pixels of the image beside one of the map.

    `source` is the position of its map among those of the pyramid, None for a map without channels.
    """

    octave: int
    channels: int
    source: int | None


def find_levels(
    shape: FeatureShape,
    *,
    depth: int = MOST_LEVELS,
    least: int = 1,
    is_doubling: bool = False,
    is_full: bool = False,
) -> tuple[Level, ...]:
    """Return the levels that a decoder gets, finest first.

    Args:
        shape: of the backbone.
        depth: how many levels at most; the deepest ones are left out.
        least: how many the decoder needs.
        is_doubling: every level must be half as large as the one before, so that of the stages of a
            dilated backbone that share a stride the last one counts.
        is_full: no level may be without channels.

    Raises:
        RecipeError: the backbone has fewer levels than the decoder needs.
    """
    picked = _levels_of_maps(shape)
    if is_doubling or len(picked) > MOST_LEVELS:
        picked = list({one.octave: one for one in picked}.values())
    first = max(1, picked[-1].octave - MOST_LEVELS + 1)
    picked = [one for one in picked if one.octave >= first]
    finest = picked[0]
    missing = [finest._replace(octave=octave) for octave in range(first, finest.octave)]
    if missing and not is_full:
        missing[0] = Level(first, 0, None)
    found = (*missing, *picked)[:depth]
    if len(found) < least:
        raise RecipeError(
            f"this decoder needs {least} levels, and gets {len(found)} from this backbone",
            where="model.heads.segment",
            fix="raise or drop depth, or choose unet or linear, which do with fewer",
        )
    return found


def deepest_level(shape: FeatureShape, depth: int) -> Level:
    """Return the one level that a decoder without skips reads, at most the `depth`th.

    Of a network with one stride that is the last block, in its own resolution.
    """
    last = len(shape.pyramid) - 1
    stride = shape.strides[shape.pyramid[last]]
    if is_isotropic([shape.strides[i] for i in shape.pyramid]):
        return Level(_octave(stride), shape.channels[shape.pyramid[last]], last)
    return find_levels(shape, depth=depth, is_full=True)[-1]


def _levels_of_maps(shape: FeatureShape) -> list[Level]:
    strides = [shape.strides[i] for i in shape.pyramid]
    octaves = [_octave(stride) for stride in strides]
    if is_isotropic(strides):
        octaves = list(range(DEEPEST_OCTAVE - len(strides) + 1, DEEPEST_OCTAVE + 1))
    return [
        Level(octave, shape.channels[i], source)
        for source, (octave, i) in enumerate(zip(octaves, shape.pyramid, strict=True))
    ]


def _octave(stride: int) -> int:
    return round(math.log2(stride))


def encoder_channels(levels: Sequence[Level]) -> list[int]:
    """Return the channels as smp's decoders take them: of the image, then of every level."""
    # No decoder here reads the image, so it is declared to have no channels.
    return [0, *(level.channels for level in levels)]


def on_levels(
    decoder: Any,
    shape: FeatureShape,
    levels: Sequence[Level],
    *,
    channels: int,
    kernel_size: int = 1,
) -> Decoding:
    """Return smp's `decoder` as one that reads the maps of the pyramid, with smp's start weights.

    Args:
        decoder: from a list of maps (the image's size first) to one map.
        shape: of the backbone.
        levels: which maps the decoder was built for.
        channels: of its result.
        kernel_size: of the convolution that makes logits of it.
    """
    from segmentation_models_pytorch.base.initialization import initialize_decoder

    initialize_decoder(decoder)
    return Decoding(_OnLevels(decoder, shape, levels), channels, kernel_size)


class _OnLevels(nn.Module):
    def __init__(self, decoder: nn.Module, shape: FeatureShape, levels: Sequence[Level]) -> None:
        super().__init__()
        self.smp = decoder
        self._levels = tuple(levels)
        self._finest_octave = _octave(shape.strides[shape.pyramid[0]])

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        whole = _empty(maps[0], self._size(maps[0], self._levels[0].octave - 1))
        decoded: Tensor = self.smp([whole, *(self._level(maps, level) for level in self._levels)])
        return decoded

    def _level(self, maps: Sequence[Tensor], level: Level) -> Tensor:
        size = self._size(maps[0], level.octave)
        if level.source is None:
            return _empty(maps[0], size)
        one = maps[level.source]
        if one.shape[-2:] == size:
            return one
        return F.interpolate(one, size=size, mode="bilinear", align_corners=False)

    def _size(self, finest: Tensor, octave: int) -> tuple[int, int]:
        """Return (h, w) of a level: each is twice as large as the next, whatever the maps are."""
        deepest = self._levels[-1].octave
        height, width = (
            max(1, round(side * 2.0 ** (self._finest_octave - deepest))) * 2 ** (deepest - octave)
            for side in finest.shape[-2:]
        )
        return height, width


def _empty(like: Tensor, size: tuple[int, int]) -> Tensor:
    return like.new_empty((like.shape[0], 0, *size))


U_CHANNELS = (256, 128, 64, 32, 16)


def u_shaped(smp_class: Callable[..., Any], **level_rules: Any) -> Decoder:
    """Return a decoder that is smp's `smp_class`; its result has the size of the image.

    Args:
        smp_class: a decoder with `decoder_channels`, one a level.
        level_rules: its requirements on the levels, as `find_levels` takes them.
    """

    def build(
        shape: FeatureShape,
        *,
        depth: int = 5,
        decoder_channels: Sequence[int] | None = None,
        **options: Any,
    ) -> Decoding:
        levels = find_levels(shape, depth=depth, **level_rules)
        channels = tuple(decoder_channels or U_CHANNELS[-len(levels) :])
        decoder = smp_class(
            encoder_channels(levels), decoder_channels=channels, n_blocks=len(levels), **options
        )
        return on_levels(decoder, shape, levels, channels=channels[-1], kernel_size=3)

    return Decoder(build)


def pyramidal(
    smp_class: Callable[..., Any],
    *,
    option: str = "decoder_channels",
    default: int,
    depth_option: str = "encoder_depth",
    kernel_size: int = 1,
    **level_rules: Any,
) -> Decoder:
    """Return a decoder that is smp's `smp_class` and has as many channels on every level.

    Args:
        smp_class: a decoder of all levels.
        option: which of its options gives the channels of its result.
        default: those, where a recipe does not name them.
        depth_option: which one gives the number of levels.
        kernel_size: of the convolution that makes logits of the result.
        level_rules: its requirements on the levels, as `find_levels` takes them.
    """

    def build(shape: FeatureShape, *, depth: int = 5, **options: Any) -> Decoding:
        levels = find_levels(shape, depth=depth, **level_rules)
        given = {option: default, **options}
        decoder = smp_class(encoder_channels(levels), **{depth_option: len(levels)}, **given)
        return on_levels(decoder, shape, levels, channels=given[option], kernel_size=kernel_size)

    return Decoder(build)


RATES_AT_STRIDE_8 = (12, 24, 36)


def atrous_rates(given: Sequence[int] | None, deepest: Level) -> tuple[int, ...]:
    """Return `given`, or rates that span as many pixels of the image as those of the paper.

    stride 8: 12, 24, 36;  stride 16: 6, 12, 18   (Chen et al. 2017, sections 4.1 and 4.2)
    """
    if given is not None:
        return tuple(given)
    stride = 2**deepest.octave
    return tuple(max(1, rate * 8 // stride) for rate in RATES_AT_STRIDE_8)
