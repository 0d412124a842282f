"""Networks: one backbone, the heads that read it, and how both are built from a recipe's `model:`.

    features(images) -> Features
    decode(features) -> {"classify": logits (N, C), "segment": logits (N, C, H, W)}

The two halves can be called apart, so that a method may disturb the features between them.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from podium.errors import RecipeError
from podium.models import heads
from podium.models._reading import Need, Read, Reading, as_is
from podium.models._timm import Backbone
from podium.models.any_backbone import build_backbone
from podium.models.checkpointing import checkpoint_gradients
from podium.models.compiling import ReadMaps, compiled, read_maps
from podium.models.features import Features, pad_to_stride, padded_size
from podium.models.heads.segment import load_decoder
from podium.models.hub_report import hub_report, listening
from podium.models.layers import is_slice, layers_of, sliced
from podium.models.load_report import LoadReport
from podium.models.lora import put_lora, resting
from podium.models.slices import ATTENTION, SlicedReading, count_slices, read_by_slice
from podium.models.spec import ClassifyHead, Heads, ModelSpec, SegmentHead
from podium.models.weight_files import find_weights
from podium.models.weights import load_weights
from podium.workspace import extensions

__all__ = ["Network", "build_network"]

PLAIN = Reading(as_is)


class Network(nn.Module):
    """A backbone and its heads.

    Args:
        backbone: a module that takes images `(N, in_chans, H, W)`, or single slices of them.
        heads: by task, each maps `Features` to logits.
        mean, std: what images in [0, 1] are normalised with, one number a channel.
        reading: brings images through the backbone to its maps, finest first, deepest last.
        stride: what the sides of the images are padded to a multiple of.
        read: calls `reading`; a compiled one is quicker.
    """

    def __init__(
        self,
        backbone: nn.Module,
        heads: Mapping[str, nn.Module],
        *,
        mean: tuple[float, ...],
        std: tuple[float, ...],
        reading: Read = PLAIN,
        stride: int = 1,
        read: ReadMaps = read_maps,
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self._reading, self._stride, self._read = reading, stride, read
        self.heads = nn.ModuleDict(dict(heads))
        self.mean, self.std = mean, std
        self.loaded: LoadReport | None = None
        """what became of the start weights; None: there are none"""
        self._frozen: frozenset[str] = frozenset()
        self._resting = frozenset(f"backbone.{name}" for name in resting(backbone))
        self._asleep = self._resting
        # Some networks hold parameters that are never trained: unfreezing must not wake them.
        self._trainable = frozenset(n for n, p in self.named_parameters() if p.requires_grad)
        for name in self._resting:
            self.get_submodule(name).eval()

    @property
    def in_chans(self) -> int:
        """Channels of the images."""
        return len(self.mean)

    @property
    def n_slices(self) -> int:
        """How many slices an image is, of `in_chans / n_slices` channels each; 1: it is none."""
        reading = self._reading
        return self.in_chans // reading.channels if isinstance(reading, SlicedReading) else 1

    @property
    def stride(self) -> int:
        """What `features` pads the sides of images to a multiple of; 1 without a segment head."""
        return self._stride

    @property
    def parts(self) -> dict[str, nn.Module]:
        """The parts that `freeze` may name: the backbone, then each head by its task."""
        return {"backbone": self.backbone, **dict(self.heads.items())}

    @property
    def frozen(self) -> frozenset[str]:
        """Parts, and slices of the backbone, whose weights and statistics stay as they are."""
        return self._frozen

    def freeze_only(self, parts: Collection[str]) -> None:
        """Freeze `parts`, free all others; a frozen part stays in eval mode until it is freed.

        Args:
            parts: some of `parts`, and slices of the backbone's layers, as `backbone[:-2]`.

        Raises:
            RecipeError: there is a slice, and the backbone does not tell its layers.
        """
        self._frozen, self._asleep = frozenset(parts), self._resting
        kept: set[str] = set()
        slices = [name for name in parts if is_slice(name)]
        if slices:
            layers = layers_of(self.backbone)
            chosen = {layer for name in slices for layer in sliced(name, layers.n)}
            kept = {f"backbone.{name}" for name in layers.parameters(chosen)}
            self._asleep |= {f"backbone.{name}" for name in layers.modules(chosen)}
        for name, part in self.parts.items():
            prefix = "backbone." if name == "backbone" else f"heads.{name}."
            for inner, parameter in part.named_parameters():
                free = prefix + inner in self._trainable - kept
                parameter.requires_grad_(free and name not in self._frozen)
        self.train(self.training)

    def with_heads(self, tasks: Collection[str]) -> Network:
        """Return a copy with the heads of `tasks` alone; what is frozen of it stays frozen."""
        copied = copy.deepcopy(self)
        copied.heads = nn.ModuleDict({t: head for t, head in copied.heads.items() if t in tasks})
        copied.freeze_only({one for one in self._frozen if is_slice(one) or one in copied.parts})
        return copied

    def train(self, mode: bool = True) -> Network:
        # A frozen batch norm in training mode would still move its running statistics.
        super().train(mode)
        asleep = [part for name, part in self.parts.items() if name in self._frozen]
        for module in (*asleep, *map(self.get_submodule, self._asleep)):
            module.eval()
        return self

    def features(self, images: Tensor) -> Features:
        """Return the backbone's maps of normalised images `(N, in_chans, H, W)`.

        With a segmentation head the images are padded to multiples of `stride` at the bottom and on
        the right; classification then pools over what was added, too.
        """
        height, width = images.shape[-2:]
        padded = pad_to_stride(images, self._stride)
        maps = self._read(self._reading, self.backbone, padded)
        return Features(maps, (height, width), (padded.shape[-2], padded.shape[-1]))

    def decode(self, features: Features, tasks: Collection[str] | None = None) -> dict[str, Tensor]:
        """Return the logits by task: `{"classify": (N, C), "segment": (N, C, H, W)}`.

        Masks have the size of the images that `features` were made of, without the padding.

        Args:
            features: of a batch.
            tasks: which heads to ask; None asks all. One that is not asked costs nothing, and its
                batch norm sees nothing.
        """
        asked = self.heads.keys() if tasks is None else tasks
        return {task: head(features) for task, head in self.heads.items() if task in asked}

    def forward(self, images: Tensor, tasks: Collection[str] | None = None) -> dict[str, Tensor]:
        return self.decode(self.features(images), tasks)


def build_network(
    spec: ModelSpec,
    *,
    n_outputs: Mapping[str, int],
    in_chans: int = 3,
    image_size: tuple[int, int] | None = None,
    weights_root: Path = Path(),
) -> Network:
    """Return the network that `spec` describes, with its start weights loaded.

    Args:
        spec: the recipe's `model:`. With `from:`, the caller loads the run's weights afterwards, so
            nothing is fetched here.
        n_outputs: logits by task, as `{"classify": 3}`; tasks without one get no head. With none at
            all the network is its backbone, whatever heads `spec` names.
        in_chans: channels of the images. Weights for red, green and blue, from the hub or a file,
            are repeated in the first convolution, and scaled so that its answer keeps its size; for
            one channel they are summed (timm's `adapt_input_conv`).
        image_size: (height, width); None takes the size the backbone was made for.
        weights_root: the workspace's folder: a relative `weights:` starts there, and modules of
            the user's own are looked for there first.

    Raises:
        RecipeError: the backbone is unknown, does not fit the size, or its weights are not to be
            had. Never is a network started from random weights in place of the asked ones.
    """
    from_hub = spec.pretrained and spec.weights is None and spec.from_run is None
    wanted = _wanted_heads(spec.heads, n_outputs)
    need = _need(wanted, weights_root)
    n_slices = count_slices(spec.slices, in_chans)
    with listening() as told:
        backbone = build_backbone(
            spec,
            in_chans // n_slices,
            image_size,
            from_hub=from_hub,
            need=need,
            root=weights_root,
        )
    loaded = hub_report(told, spec.backbone, backbone.module) if from_hub else None
    built = {
        task: extensions.load(heads, task, "HEAD", error=RecipeError)(
            backbone.shape, n_outputs[task], head_spec, root=weights_root
        )
        for task, head_spec in wanted.items()
    }
    if spec.slices is not None:
        backbone = read_by_slice(backbone, spec.slices, n_slices)
    if spec.weights is not None:
        loaded = load_weights(
            find_weights(spec.weights, weights_root),
            backbone.module,
            built,
            renames=_renames(wanted, weights_root),
        )
    if need.pyramid:
        _try_decoder(built["segment"], backbone, image_size or (256, 256))
    if spec.lora is not None:
        put_lora(backbone.module, spec.lora, free=(ATTENTION,))
    if spec.checkpointing:
        checkpoint_gradients(backbone.module, spec.backbone)
    network = Network(
        backbone.module,
        built,
        mean=backbone.mean,
        std=backbone.std,
        reading=backbone.reading,
        stride=backbone.stride,
        read=compiled() if spec.compile else read_maps,
    )
    network.loaded = loaded
    return network


def _wanted_heads(
    given: Heads | None, n_outputs: Mapping[str, int]
) -> dict[str, ClassifyHead | SegmentHead]:
    """Return the heads that the recipe names, of the tasks that have outputs, classify first."""
    if not n_outputs:
        return {}  # of a network that learns from images alone, nothing is asked
    named = given or Heads(classify=ClassifyHead(), segment=SegmentHead())
    wanted = {task: getattr(named, task, None) for task in sorted(n_outputs)}
    found = {task: head for task, head in wanted.items() if head is not None}
    if not found:
        lines = "classify: {pool: avg}", "segment: {decoder: unet}"
        fitting = [line for line in lines if line.split(":")[0] in n_outputs]
        raise RecipeError(
            "the network has no head",
            where="model.heads",
            fix=f"write heads: {{{', '.join(fitting)}}}, or leave heads out",
        )
    return found


def _renames(
    wanted: Mapping[str, ClassifyHead | SegmentHead], root: Path
) -> tuple[tuple[str, str], ...]:
    """Return what torchvision's files call the parts of the segment head."""
    head = wanted.get("segment")
    return load_decoder(head.decoder, root).renames if isinstance(head, SegmentHead) else ()


def _need(wanted: Mapping[str, ClassifyHead | SegmentHead], root: Path) -> Need:
    head = wanted.get("segment")
    if not isinstance(head, SegmentHead):
        return Need()
    reads = load_decoder(head.decoder, root).reads
    return Need(
        classify="classify" in wanted,
        segment=True,
        pyramid=reads != "deepest",
        tokens=reads == "tokens",
    )


def _try_decoder(head: nn.Module, backbone: Backbone, image_size: tuple[int, int]) -> None:
    """Run the head once on empty maps: a map may be too small for what a decoder does with it."""
    padded = padded_size(image_size, backbone.stride)
    maps = [
        torch.zeros(1, n, max(1, padded[0] // stride), max(1, padded[1] // stride))
        for n, stride in zip(backbone.shape.channels, backbone.shape.strides, strict=True)
    ]
    try:
        with torch.no_grad():
            head.eval()(Features(tuple(maps), image_size, padded))
    except Exception as error:
        height, width = image_size
        raise RecipeError(
            f"the decoder does not take the maps of {height} x {width} images: {error}",
            where="model.heads.segment",
            fix="choose another decoder, a larger input.size, or larger maps where the backbone "
            "can give them, model.options: {output_stride: 16}",
        ) from error
    head.train()
