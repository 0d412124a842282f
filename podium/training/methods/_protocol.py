"""What a method of learning promises: one class in one file of this folder, exported as `METHOD`.

For every phase of a recipe the loop makes one method and calls, in this order:

    method = METHOD(METHOD.Options(**options), setting)
    own = method.build(network, sizes)                 once; `own` is saved, restored and optimised
    for every optimiser step:
        for every micro-batch of the step (one, unless the recipe accumulates):
            method.streams(step)                        which batches; a pure function of `step`
            method.losses(batches, step)                named scalars; "total" is minimised
        method.after_step(step)                         the weights have moved: EMA, target networks
    method.evaluation_network()                         whenever the fold's rows are predicted

Batches are drawn ahead of time, in another thread or process: `streams` sees only the step.
Whatever a method draws at random comes from `step.rng(name)`, so that an interrupted run and an
unbroken one are equal to the bit.
"""

from __future__ import annotations

import abc
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from pydantic import BaseModel, ConfigDict
from torch import Tensor, nn

from podium.competition.spec import TaskKind
from podium.training.objective import Objective
from podium.training.randomness import generator
from podium.training.recipe import Mix
from podium.training.sampling import Sampling

__all__ = ["Batch", "Method", "NoOptions", "Setting", "Sizes", "Step", "Stream"]

LABELLED = "labelled"


@dataclass(frozen=True)
class Sizes:
    """How many samples a fold's training has of each source."""

    labelled: int


@dataclass(frozen=True)
class Step:
    """Where training stands.

    Attributes:
        seed: the recipe's.
        phase: 0-based index of the phase.
        epoch: 0-based epoch of the phase.
        index: 0-based optimiser step of the phase.
        micro: 0-based micro-batch of the step; always 0 unless the recipe accumulates.
        per_epoch: optimiser steps in an epoch.
        total: optimiser steps that the phase plans.
    """

    seed: int
    phase: int
    epoch: int
    index: int
    micro: int
    per_epoch: int
    total: int

    def rng(self, *names: str | int) -> np.random.Generator:
        """Return a generator of this micro-batch's own, for the purpose `names`."""
        return generator("batch", self.seed, self.phase, self.index, self.micro, *names)


@dataclass(frozen=True)
class Stream:
    """An endless, independently shuffled stream of samples.

    Attributes:
        name: names the batch, and the order in which samples come.
        batch_size: samples a micro-batch; less when there are not as many.
        views: augmentation policies; "train" is the recipe's own. Each view is drawn independently.
        sampling: how a pass chooses its samples.
        empty_share: share of a pass whose masks are empty; None: as they come.
        masks: whether the batch has the masks of its samples, where there are any. Where images
            are seen in windows, all views of a sample show the same one.
    """

    name: str
    batch_size: int
    views: tuple[str, ...] = ("train",)
    sampling: Sampling = "shuffle"
    empty_share: float | None = None
    masks: bool = False


class Batch:
    """Samples of one stream on the training device.

    Not a dataclass or a mapping on purpose: Fabric would cast the tensors inside one to the
    half-precision type, and a regression target of 1234.5 does not survive bfloat16.

    Attributes:
        views: policy → images `(N, 3, H, W)`, float32, normalised.
        targets: task → class indices `(N,)` int64, or `(N, C)` float32; of "segment", where the
            stream has masks, the mask of the first view: `(N, H, W)` int64 with 0 for background
            (multiclass), or `(N, C, H, W)` float32. -1 or nan where missing.
        weight: `(N,)`, float32.
        index: `(N,)`, int64: rows of the fold's training samples.
        masks: policy → mask of that view, as in `targets`; empty for a stream without masks.
    """

    __slots__ = ("index", "masks", "targets", "views", "weight")

    def __init__(
        self,
        views: dict[str, Tensor],
        targets: dict[str, Tensor],
        weight: Tensor,
        index: Tensor,
        masks: dict[str, Tensor] | None = None,
    ) -> None:
        self.views, self.targets, self.weight, self.index = views, targets, weight, index
        self.masks = masks or {}

    @property
    def images(self) -> Tensor:
        """The first view."""
        return next(iter(self.views.values()))


@dataclass(frozen=True)
class Setting:
    """What a recipe's phase gives to its method.

    Attributes:
        kinds: kind of each task that the network has a head for.
        outputs: how many numbers it gives an image (classify) or a pixel (segment).
        objective: the phase's losses.
        batch_size: labelled samples a micro-batch.
        sampling: how a pass chooses its samples.
        mix: MixUp and CutMix.
        empty_share: share of a pass whose masks are empty; None: as they come.
    """

    kinds: Mapping[str, TaskKind]
    outputs: Mapping[str, int]
    objective: Objective
    batch_size: int
    sampling: Sampling
    mix: Mix
    empty_share: float | None = None

    @property
    def labelled(self) -> Stream:
        """The stream of the samples with answers, of the kinds that the objective asks for."""
        return Stream(
            LABELLED,
            self.batch_size,
            sampling=self.sampling,
            empty_share=self.empty_share,
            masks="segment" in self.objective.tasks,
        )


class NoOptions(BaseModel):
    """The options of a method that has none."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Method(abc.ABC):
    """A way of learning; the defaults fit a method without modules of its own."""

    Options: ClassVar[type[BaseModel]] = NoOptions

    def __init__(self, options: BaseModel, setting: Setting) -> None:
        self.options = options
        self.setting = setting

    def build(self, network: nn.Module, sizes: Sizes) -> nn.Module:
        """Keep `network`, and return the method's own modules (projector, teacher, queue …)."""
        self.network = network
        self.sizes = sizes
        return nn.Module()

    def parameter_groups(self) -> Iterable[dict[str, Any]]:
        """Return optimiser groups for the method's own modules."""
        return ()

    def streams(self, step: Step) -> Sequence[Stream]:
        """Return which batches this micro-batch sees; pure, called ahead of time."""
        return (self.setting.labelled,)

    @abc.abstractmethod
    def losses(self, batches: Mapping[str, Batch], step: Step) -> dict[str, Tensor]:
        """Return named scalars: "total" is minimised, all are recorded."""

    def after_step(self, step: Step) -> None:  # noqa: B027 — nothing to do is the usual case
        """Follow the weights, which have just moved."""

    def evaluation_network(self) -> nn.Module:
        """Return the network that predicts."""
        return self.network

    def state_dict(self) -> dict[str, Any]:
        """Return what is not in the modules of `build` and must survive an interruption."""
        return {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:  # noqa: B027 — as state_dict
        """Restore what `state_dict` returned."""
