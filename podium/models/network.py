"""Networks: one backbone, the heads that read it, and how both are built from a recipe's `model:`.

    features(images) -> Features
    decode(features) -> {"classify": logits (N, C), "segment": logits (N, C, H, W)}

The two halves can be called apart, so that a method may disturb the features between them.

Frozen parts (`set_frozen`) keep their weights and their batch-norm statistics. The statistics of a
backbone that learns can be frozen alone: its batch norms then normalise as they do in evaluation.

Gradient checkpointing (`checkpoint_gradients`; Chen et al. 2016, arXiv:1604.06174): a backbone
keeps few of its maps, and computes the others again in the backward pass. Results do not change:
dropout draws the same again (torch restores its generator), and batch norm, which would count every
batch twice, leaves its statistics alone when it runs again.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.module_tracker import ModuleTracker

from podium.errors import RecipeError, plural
from podium.models import heads
from podium.models.backbone_factory import Backbone, build_backbone
from podium.models.features import (
    CompiledReadFunction,
    FeatureNeed,
    FeatureReader,
    Features,
    ReadFunction,
    compile_reader,
    pad_to_stride,
    padded_size,
    read_maps,
    unchanged_map,
)
from podium.models.heads.classify import ColumnUnits, with_column_units
from podium.models.heads.segment import load_decoder
from podium.models.layers import is_layer_slice, layers_of, slice_layers
from podium.models.lora import add_lora, batch_norms, frozen_statistics
from podium.models.slices import ATTENTION, SlicedReader, count_slices, read_by_slice
from podium.models.spec import ClassifyHead, Heads, ModelSpec, SegmentHead
from podium.models.trained_on import TrainedOn
from podium.models.weights.files import find_weights
from podium.models.weights.loading import capture_timm_log, hub_load_report, load_weights
from podium.models.weights.report import LoadReport
from podium.tasks.protocols.names import IMAGES, PIXELS, has_images
from podium.workspace import extensions

__all__ = ["Network", "build_network", "set_column_units", "set_frozen", "train_mode"]


PLAIN_READER = FeatureReader(unchanged_map)


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
        reading: ReadFunction = PLAIN_READER,
        stride: int = 1,
        read: CompiledReadFunction = read_maps,
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self._reading, self._stride, self._read = reading, stride, read
        self.heads = nn.ModuleDict(dict(heads))
        self.mean, self.std = mean, std
        self.loaded: LoadReport | None = None
        """what became of the start weights; None: there are none"""
        self.trained_on = TrainedOn()
        """the labelled images that its weights learnt"""
        self._frozen: frozenset[str] = frozenset()
        self._has_frozen_statistics = False
        self._resting = frozenset(f"backbone.{name}" for name in frozen_statistics(backbone))
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
        """The slices of an image, of `in_chans / n_slices` channels each; 1: it is no stack."""
        reading = self._reading
        return self.in_chans // reading.channels if isinstance(reading, SlicedReader) else 1

    @property
    def stride(self) -> int:
        """`features` pads the sides of images to multiples of it; 1 without a segment head."""
        return self._stride

    @property
    def parts(self) -> dict[str, nn.Module]:
        """The parts that `freeze` may name: the backbone, then each head by its task."""
        return {"backbone": self.backbone, **dict(self.heads.items())}

    @property
    def frozen(self) -> frozenset[str]:
        """Parts, and slices of the backbone, whose weights and statistics stay as they are."""
        return self._frozen

    def freeze_only(self, parts: Collection[str], *, statistics: bool = False) -> None:
        """Freeze `parts`, free all others; a frozen part stays in eval mode until it is freed.

        Args:
            parts: some of `parts`, and slices of the backbone's layers, as `backbone[:-2]`.
            statistics: keep all batch norms of the backbone in eval mode, too; their weights learn.

        Raises:
            RecipeError: there is a slice, and the backbone does not group its layers.
        """
        self._frozen, self._asleep = frozenset(parts), self._resting
        self._has_frozen_statistics = statistics
        if statistics:
            self._asleep |= {f"backbone.{name}" for name in batch_norms(self.backbone)}
        kept: set[str] = set()
        slices = [name for name in parts if is_layer_slice(name)]
        if slices:
            layers = layers_of(self.backbone)
            chosen = {layer for name in slices for layer in slice_layers(name, layers.n)}
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
        copied.freeze_only(
            {one for one in self._frozen if is_layer_slice(one) or one in copied.parts},
            statistics=self._has_frozen_statistics,
        )
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

        Pooled features `(N, F)`, which were computed before, are maps of one pixel.
        """
        if images.ndim == 2:
            return Features((images[:, :, None, None],), (1, 1), (1, 1))
        height, width = images.shape[-2:]
        padded = pad_to_stride(images, self._stride)
        maps = self._read(self._reading, self.backbone, padded)
        return Features(maps, (height, width), (padded.shape[-2], padded.shape[-1]))

    def decode(self, features: Features, tasks: Collection[str] | None = None) -> dict[str, Tensor]:
        """Return the logits by task: `{"classify": (N, C), "segment": (N, C, H, W)}`.

        Masks have the size of the images that `features` were made of, without the padding.

        Args:
            features: of a batch.
            tasks: which heads to run; None runs all. One that is not run costs nothing, and its
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
    column_units: bool = False,
) -> Network:
    """Return the network that `spec` describes, with its start weights loaded.

    Args:
        spec: the recipe's `model:`. With `from:`, the caller loads the run's weights afterwards, so
            nothing is fetched here.
        n_outputs: logits by task, as `{"classify": 3}`; tasks without one get no head. With none at
            all the network is its backbone, whatever heads `spec` names.
        in_chans: channels of the images. Weights for red, green and blue, from the hub or a file,
            are repeated in the first convolution, and scaled so that its output keeps its size; for
            one channel they are summed (timm's `adapt_input_conv`).
        image_size: (height, width); None takes the size the backbone was made for.
        weights_root: the workspace's folder: a relative `weights:` starts there, and modules of
            the user's own are looked for there first.
        column_units: whether the outputs of labels are numbers in the units of their columns, which
            `set_column_units` measures.

    Raises:
        RecipeError: the backbone is unknown, does not fit the size, or its weights are not to be
            had. A network never starts from random weights in place of the requested ones.
    """
    from_hub = spec.pretrained and spec.weights is None and spec.from_run is None
    requested = _requested_heads(spec.heads, n_outputs)
    need = _need(requested, weights_root)
    n_slices = count_slices(spec.slices, in_chans)
    with capture_timm_log() as messages:
        backbone = build_backbone(
            spec,
            in_chans // n_slices,
            image_size,
            from_hub=from_hub,
            need=need,
            root=weights_root,
        )
    loaded = hub_load_report(messages, spec.backbone, backbone.module) if from_hub else None
    built = {
        task: extensions.load(heads, task, "HEAD", error=RecipeError)(
            backbone.shape, n_outputs[task], head_spec, root=weights_root
        )
        for task, head_spec in requested.items()
    }
    if spec.slices is not None:
        backbone = read_by_slice(backbone, spec.slices, n_slices)
    if spec.weights is not None:
        loaded = load_weights(
            find_weights(spec.weights, weights_root),
            backbone.module,
            built,
            renames=_renames(requested, weights_root),
        )
    if need.pyramid:
        _try_decoder(built[PIXELS], backbone, image_size or (256, 256))
    if spec.lora is not None:
        add_lora(backbone.module, spec.lora, free=(ATTENTION,))
    if spec.checkpointing:
        checkpoint_gradients(backbone.module, spec.backbone)
    if column_units and IMAGES in built:
        built[IMAGES] = with_column_units(built[IMAGES], n_outputs[IMAGES])
    network = Network(
        backbone.module,
        built,
        mean=backbone.mean,
        std=backbone.std,
        reading=backbone.reading,
        stride=backbone.stride,
        read=compile_reader() if spec.compile else read_maps,
    )
    network.loaded = loaded
    return network


def set_column_units(network: Network, measured: Mapping[str, Tensor]) -> None:
    """Set the buffers of the columns that a network was built with; of others do nothing.

    Args:
        network: changed in place.
        measured: `(C,)` by name: mean, scale, low and high, as `ColumnUnits` has them.
    """
    for units in network.heads.modules():
        if isinstance(units, ColumnUnits):
            units.load_state_dict(dict(measured))


def _requested_heads(
    given: Heads | None, n_outputs: Mapping[str, int]
) -> dict[str, ClassifyHead | SegmentHead]:
    """Return the heads that the recipe names, of the tasks that have outputs, classify first."""
    if not n_outputs:
        return {}  # a network that learns from images alone has no heads
    named = given or Heads(classify=ClassifyHead(), segment=SegmentHead())
    requested = {task: getattr(named, task, None) for task in sorted(n_outputs)}
    found = {task: head for task, head in requested.items() if head is not None}
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
    requested: Mapping[str, ClassifyHead | SegmentHead], root: Path
) -> tuple[tuple[str, str], ...]:
    """Return the names of the segment head's parts in torchvision's files."""
    head = requested.get(PIXELS)
    return load_decoder(head.decoder, root).renames if isinstance(head, SegmentHead) else ()


def _need(requested: Mapping[str, ClassifyHead | SegmentHead], root: Path) -> FeatureNeed:
    head = requested.get(PIXELS)
    if not isinstance(head, SegmentHead):
        return FeatureNeed()
    reads = load_decoder(head.decoder, root).reads
    return FeatureNeed(
        classify=has_images(requested),
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


def set_frozen(network: Network, parts: Sequence[str], *, statistics: bool = False) -> None:
    """Freeze exactly `parts` of `network`; every other part is free again.

    A frozen part gets no gradient and stays in eval mode whatever `network.train()` sets, so that
    batch norm keeps its statistics and dropout is off. `backbone[:-2]` are all layers of the
    backbone but the last two, counted from the image to the head as Python counts (`Layers`).

    Args:
        network: whose parts.
        parts: their names.
        statistics: freeze the statistics of the backbone's batch norms, whose weights learn all the
            same; those of a head, which may have learnt none yet, are free.

    Raises:
        RecipeError: a name is not a part, a slice holds no layer or all of them, the backbone does
            not group its layers, or no part would be left to train.
    """
    known = list(network.parts)
    slices = [name for name in parts if is_layer_slice(name)]
    unknown = sorted(set(parts) - set(known) - set(slices))
    if unknown:
        raise RecipeError(
            f"freeze: {', '.join(unknown)} is no part of the network",
            fix=f"its parts are {', '.join(known)}; backbone[:-2] is all but its last two layers",
        )
    if slices:
        _refuse_none_or_all(slices, layers_of(network.backbone).n)
    if set(known) <= set(parts):
        raise RecipeError("freeze names every part: nothing is left to train", fix="free one part")
    network.freeze_only(parts, statistics=statistics)


def _refuse_none_or_all(slices: Sequence[str], n: int) -> None:
    chosen = {name: set(slice_layers(name, n)) for name in slices}
    for name, layers in chosen.items():
        if not layers:
            raise RecipeError(
                f"freeze: {name} is no layer: the backbone has {n}",
                fix=f"write backbone[:{n - 1}], or backbone[:-1], for all but the last",
            )
    if set().union(*chosen.values()) == set(range(n)):
        raise RecipeError(
            f"freeze: {', '.join(slices)} is all of the backbone's {plural(n, 'layer')}",
            fix="write backbone, or leave a layer out, as backbone[:-1]",
        )


def train_mode(network: Network) -> None:
    """Bring `network` into training mode, its frozen parts into eval mode."""
    network.train()


_TRACKER = ModuleTracker()
_SAVED = "_statistics_before_running_again"


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
    except AssertionError as error:  # raised by timm's networks that do not implement it
        raise RecipeError(
            f"{name} has no gradient checkpointing",
            where="model.checkpointing",
            fix="leave it out, and halve batch_size and double accumulate where memory is short",
        ) from error
    for module in backbone.modules():
        if getattr(module, "running_mean", None) is not None:
            module.register_forward_pre_hook(_save_statistics)
            # Running again ends by an exception as soon as every map is there.
            module.register_forward_hook(_restore_statistics, always_call=True)


def _save_statistics(module: nn.Module, arguments: Any) -> None:
    if module.training and _TRACKER.is_bw:
        module.__dict__[_SAVED] = dict(module._buffers)
        module._buffers.update(
            {name: None if one is None else one.clone() for name, one in module._buffers.items()}
        )


def _restore_statistics(module: nn.Module, arguments: Any, made: Any) -> None:
    module._buffers.update(module.__dict__.pop(_SAVED, {}))
