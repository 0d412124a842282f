"""Feature maps of a backbone: their shapes, how they are read in one forward pass, and compiled.

Heads read the backbone's maps of a batch, finest first, deepest last. timm's
`forward_intermediates` gives the intermediate maps; the weights, their names and the deepest map
stay those of the network without a decoder (docs/decisions/0006-segmentation-networks.md).
`compile_reader` puts the backbone through `torch.compile`: fewer and larger steps on a GPU, and
other last bits.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from podium.errors import RecipeError

__all__ = [
    "CompiledReadFunction",
    "FeatureNeed",
    "FeatureReader",
    "FeatureShape",
    "Features",
    "ReadFunction",
    "ToMap",
    "compile_reader",
    "find_reader",
    "is_isotropic",
    "pad_to_stride",
    "padded_size",
    "read_maps",
    "size_multiple",
    "unchanged_map",
]


@dataclass(frozen=True)
class FeatureShape:
    """The shape of a backbone's maps, by which a head is built.

    Args:
        channels: of each map, finest first, deepest last.
        strides: pixels of the image beside each pixel of the map.
        pyramid: positions of the maps that a decoder reads. The deepest map is left out where the
            backbone puts layers for classification alone behind its last stage.
        tokens: positions of what goes with the maps of the pyramid where a decoder needs it: the
            T class and register tokens of each, as a map `(N, F, T, 1)`.
    """

    channels: tuple[int, ...]
    strides: tuple[int, ...]
    pyramid: tuple[int, ...]
    tokens: tuple[int, ...] = ()

    @property
    def n_features(self) -> int:
        """Channels of the deepest map."""
        return self.channels[-1]


@dataclass(frozen=True)
class Features:
    """The maps of one batch.

    Args:
        maps: `(N, F, h, w)` each, finest first; the last one is what classification reads.
        size: (H, W) of the images as they came.
        padded: (H', W') that the backbone saw: `size`, or more at the bottom and on the right.
    """

    maps: tuple[Tensor, ...]
    size: tuple[int, int]
    padded: tuple[int, int]

    @property
    def deepest(self) -> Tensor:
        """The last map `(N, F, h, w)`."""
        return self.maps[-1]

    def map(self, function: Callable[[Tensor], Tensor]) -> Features:
        """Return the features with `function` applied to every map, as a method disturbs them."""
        return replace(self, maps=tuple(function(one) for one in self.maps))


def padded_size(size: tuple[int, int], stride: int) -> tuple[int, int]:
    """Return the smallest (H', W') that are multiples of `stride` and hold `size`."""
    height, width = size
    return -(-height // stride) * stride, -(-width // stride) * stride


def pad_to_stride(images: Tensor, stride: int) -> Tensor:
    """Return `images` `(N, in_chans, H, W)`, repeating the last row and column up to the stride.

    Only the last pixels decide what is added, so that a tile which ends where its image ends is
    padded as the whole image is (docs/decisions/0006-segmentation-networks.md).
    """
    height, width = images.shape[-2:]
    bottom, right = padded_size((height, width), stride)
    if (bottom, right) == (height, width):
        return images
    return F.pad(images, (0, right - width, 0, bottom - height), mode="replicate")


ToMap = Callable[[Tensor, nn.Module, tuple[int, int]], Tensor]
ReadFunction = Callable[[Any, Tensor], tuple[Tensor, ...]]
"""The function from a backbone and images to its maps, as `Reading`."""

ISOTROPIC_MAPS = 4  # of a network with one stride, taken at quarters of its depth
CERTAIN_PX = 16  # side of a map from which its size determines its stride
DEEPEST_OCTAVE = 5  # log2 of the stride that the pyramid of such a network ends with


@dataclass(frozen=True)
class FeatureNeed:
    """The maps that the heads read.

    Args:
        classify: a head for classification reads the deepest map.
        segment: a head for masks reads the deepest map that still has rows and columns.
        pyramid: that head reads a map of every stride.
        tokens: and the class tokens beside these maps, where there are any; both of blocks of one
            stride as they are, without the last norm.
    """

    classify: bool = True
    segment: bool = False
    pyramid: bool = False
    tokens: bool = False

    @property
    def classify_alone(self) -> bool:
        return not self.segment


@dataclass(frozen=True)
class FeatureReader:
    """A function from a backbone and images to its maps, finest first, deepest last.

    Args:
        to_map: brings the backbone's own output (tokens, channels last) to `(N, F, h, w)`; None
            where the output is not read.
        indices: which of the backbone's intermediate maps come before it.
        norm: let the backbone's last norm see them, too.
        tokens: put before them the tokens that are no patches, each map's as a map `(N, F, T, 1)`.
    """

    to_map: ToMap | None
    indices: tuple[int, ...] = ()
    norm: bool = False
    tokens: bool = False

    def __call__(self, backbone: Any, images: Tensor) -> tuple[Tensor, ...]:
        size = (images.shape[-2], images.shape[-1])
        if not self.indices:
            assert self.to_map is not None
            return (self.to_map(backbone(images), backbone, size),)
        found = backbone.forward_intermediates(
            images,
            indices=list(self.indices),
            norm=self.norm,
            output_fmt="NCHW",
            intermediates_only=self.to_map is None,
            **({"return_prefix_tokens": True} if self.tokens else {}),
        )
        final, maps = (None, found) if self.to_map is None else found
        if self.tokens:
            maps = [*(_tokens_as_map(beside) for _, beside in maps), *(one for one, _ in maps)]
        if self.to_map is None or final is None:
            return tuple(maps)
        return (*maps, self.to_map(_behind_the_stages(backbone, final), backbone, size))


def unchanged_map(features: Tensor, module: nn.Module, image_size: tuple[int, int]) -> Tensor:
    """Return `features`, which are a map `(N, F, h, w)` already."""
    return features


def find_reader(
    backbone: nn.Module,
    images: Tensor,
    need: FeatureNeed,
    *,
    to_map: ToMap | None,
    output: Tensor | None,
) -> tuple[FeatureReader, FeatureShape]:
    """Find how to read what the heads need, by running `images` through `backbone` in eval mode.

    Args:
        backbone: a network without classifier.
        images: one random image of a size that the backbone takes.
        need: what the heads read, see `Need`.
        to_map: what makes a map of the backbone's output; None where it has no map without pooling,
            and the last stage's map takes its place.
        output: what the backbone made of `images`; None where `to_map` is.

    Raises:
        ValueError: the backbone does not give the maps of its stages.
    """
    with torch.no_grad():
        size = (images.shape[-2], images.shape[-1])
        plain = None if to_map is None or output is None else to_map(output, backbone, size)
        if need.classify_alone and plain is not None:
            return FeatureReader(to_map), _feature_shape(backbone, images, (), [plain])
        if plain is not None and not need.pyramid and _is_as_fine(plain, backbone, images):
            return FeatureReader(to_map), _feature_shape(backbone, images, (), [plain])
        stages, norm = _stages(backbone, images, normed=not need.tokens)
        indices = _choose(backbone, images, stages) if need.pyramid else (len(stages) - 1,)
        maps = [stages[i] for i in indices]
        tokens = need.tokens and _gives_tokens(backbone)
        if plain is None or not need.classify or _are_same_maps(stages[-1], plain):
            shape = _feature_shape(backbone, images, indices, maps)
            return FeatureReader(None, indices, norm, tokens), _with_tokens(
                shape
            ) if tokens else shape
        reading = FeatureReader(to_map, indices, norm, tokens)
        if not _are_same_maps(reading(backbone, images)[-1], plain):
            raise ValueError("what lies behind its stages cannot be read together with them")
        shape = _feature_shape(backbone, images, indices, [*maps, plain])
        return reading, _with_tokens(shape) if tokens else shape


def is_isotropic(strides: Sequence[int]) -> bool:
    """Return whether several maps all have one stride, as the blocks of a vision transformer."""
    return len(strides) > 1 and len(set(strides)) == 1


def size_multiple(backbone: nn.Module, need: FeatureNeed, shape: FeatureShape | None = None) -> int:
    """Return what the sides of an image must be multiples of, for every map to fit the next.

    Args:
        backbone: declares its strides itself, if it is timm's.
        need: what the heads read.
        shape: as found by running the backbone; None before that.
    """
    if need.classify_alone:
        return 1
    found = [] if shape is None else [shape.strides[i] for i in shape.pyramid]
    strides = _declared(backbone) or found or [2**DEEPEST_OCTAVE]
    deepest = max(strides + found)
    if need.pyramid and is_isotropic(strides):
        # Its pyramid goes on to stride 32 (28, for patches of 14).
        deepest <<= max(0, DEEPEST_OCTAVE - round(math.log2(deepest)))
    return deepest


def _feature_shape(
    backbone: nn.Module, images: Tensor, indices: tuple[int, ...], maps: list[Tensor]
) -> FeatureShape:
    """Describe `maps`: those of the stages `indices`, and maybe one that stands behind them."""
    declared = _declared(backbone) or []
    declared_strides: list[int | None] = [
        declared[i] if i < len(declared) else None for i in indices
    ]
    # A map behind the stages that is read alone is at least as fine as the last of them.
    declared_strides += [declared[-1] if declared and not indices else None] * (
        len(maps) - len(declared_strides)
    )
    strides = [
        _stride(images, one, declared=stride)
        for one, stride in zip(maps, declared_strides, strict=True)
    ]
    # What stands behind the stages is for classification, unless it is all there is.
    pyramid = tuple(range(len(indices) or 1))
    return FeatureShape(tuple(one.shape[1] for one in maps), tuple(strides), pyramid)


def _with_tokens(shape: FeatureShape) -> FeatureShape:
    """Return `shape` with a map of tokens for each map of the pyramid, before all others."""
    n = len(shape.pyramid)
    return FeatureShape(
        (*(shape.channels[i] for i in shape.pyramid), *shape.channels),
        (*(shape.strides[i] for i in shape.pyramid), *shape.strides),
        tuple(n + i for i in shape.pyramid),
        tuple(range(n)),
    )


def _gives_tokens(backbone: Any) -> bool:
    takes = inspect.signature(backbone.forward_intermediates).parameters
    return "return_prefix_tokens" in takes and getattr(backbone, "num_prefix_tokens", 0) > 0


def _tokens_as_map(tokens: Tensor) -> Tensor:
    return tokens.transpose(1, 2)[..., None]  # (N, T, F) to (N, F, T, 1)


def _stages(backbone: Any, images: Tensor, *, normed: bool = True) -> tuple[list[Tensor], bool]:
    """Return every intermediate map, and whether the last norm saw them, as it may if `normed`."""
    if not hasattr(backbone, "forward_intermediates"):
        raise ValueError("it does not give the maps of its stages")
    take = {"output_fmt": "NCHW", "intermediates_only": True}
    maps = list(backbone.forward_intermediates(images, **take))
    if not normed or not is_isotropic([_stride(images, one) for one in maps]):
        return maps, False
    # Blocks of a transformer add to one stream, whose scale only the last norm makes comparable.
    return list(backbone.forward_intermediates(images, norm=True, **take)), True


def _choose(backbone: nn.Module, images: Tensor, stages: list[Tensor]) -> tuple[int, ...]:
    """Return the last map of every stage; of a network with one stride, four at equal distances."""
    n = len(stages)
    declared = _declared(backbone) or []
    of_stages = declared if len(declared) == n else [None] * n
    strides = [
        _stride(images, one, declared=stride) for one, stride in zip(stages, of_stages, strict=True)
    ]
    if is_isotropic(strides):
        quarters = range(1, ISOTROPIC_MAPS + 1)
        return tuple(sorted({max(0, round(n * q / ISOTROPIC_MAPS) - 1) for q in quarters}))
    last_of = {(s, one.shape[1]): i for i, (s, one) in enumerate(zip(strides, stages, strict=True))}
    return tuple(i for (stride, _), i in last_of.items() if stride > 1)


def _declared(backbone: nn.Module) -> list[int] | None:
    """Return the strides that a timm network declares for its stages."""
    info = getattr(backbone, "feature_info", None)
    if info is None or not hasattr(backbone, "forward_intermediates"):
        return None
    return [int(one["reduction"]) for one in getattr(info, "info", info)]


def _behind_the_stages(backbone: Any, final: Tensor) -> Tensor:
    behind = getattr(backbone, "forward_head", None)
    return final if behind is None else behind(final)


def _stride(images: Tensor, one: Tensor, *, declared: int | None = None) -> int:
    """Return the stride as measured, or as the backbone declares where that is nearer the truth."""
    ratio = max(images.shape[-2] / one.shape[-2], images.shape[-1] / one.shape[-1])
    measured = max(1, round(ratio))
    if declared is None or measured <= declared:
        return measured
    # Convolutions without padding (Inception) make small maps look coarser; a large map that looks
    # twice as coarse is so (timm 1.0.31 declares 2 for TResNet's first, which is 4).
    is_certain = min(one.shape[-2:]) >= CERTAIN_PX and ratio >= 1.5 * declared
    return measured if is_certain else declared


def _is_as_fine(plain: Tensor, backbone: nn.Module, images: Tensor) -> bool:
    """Return whether the output has the rows and columns of the last stage, as vgg's has not."""
    if not hasattr(backbone, "forward_intermediates"):
        return True
    last = _stages(backbone, images)[0][-1]
    return plain.shape[-2] >= last.shape[-2] and plain.shape[-1] >= last.shape[-1]


def _are_same_maps(one: Tensor, other: Tensor) -> bool:
    return one.shape == other.shape and torch.equal(one, other)


CompiledReadFunction = Callable[[ReadFunction, nn.Module, Tensor], tuple[Tensor, ...]]

BACKEND = "inductor"
# Of training and evaluating, of a teacher, of layers frozen by phase: beyond its usual 8 forms of a
# function torch goes on without compiling.
FORMS = 64


def read_maps(reading: ReadFunction, backbone: nn.Module, images: Tensor) -> tuple[Tensor, ...]:
    """Return the maps of `images`, as `reading` has them."""
    return reading(backbone, images)


def compile_reader() -> CompiledReadFunction:
    """Return `read_maps`, compiled at the first call for a backbone and a form of images.

    The backbone is an argument: its weights keep their names, its intermediate maps are compiled
    too, and a copy of a network computes with its own weights.

    Raises:
        RecipeError: this machine cannot compile.
    """
    torch.compiler.reset()  # forms of networks that are gone count, too
    torch._dynamo.config.cache_size_limit = FORMS
    device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.compile(_trial, backend=BACKEND)(torch.ones(8, device=device))
    except Exception as error:  # of torch, of the compiler, of the linker
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise RecipeError(
            f"this machine cannot compile: {reason}",
            where="model.compile",
            fix="install a C++ compiler (g++) and, for a GPU, triton; or write compile: false; to "
            "predict with a network that was compiled, set TORCH_COMPILE_DISABLE=1",
        ) from error
    made: CompiledReadFunction = torch.compile(read_maps, backend=BACKEND)
    return made


def _trial(numbers: Tensor) -> Tensor:
    return numbers.sin() + 1
