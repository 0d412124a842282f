"""The contract of a method of learning: one class in one file of `methods/`, exported as `METHOD`.

For every phase of a recipe the loop makes one method object and calls, in this order:

    method = METHOD(METHOD.Options(**options), setting)
    own = method.build(network, sizes)                 once; `own` is saved and restored
    method.epoch_steps(passes)                         once: how long an epoch is
    for every epoch:
        method.start_epoch(epoch, predict)             which samples it labels itself
        for every optimiser step:
            for every micro-batch of the step (one, unless the recipe accumulates):
                method.streams(step)                   which batches; a pure function of `step`
                method.losses(batches, step)           named scalars; "total" is minimised
            method.before_step(step)                   there are gradients, and weights will move
            method.after_step(step)                    the weights have moved: EMA, target networks
    method.evaluation_network()                        whenever the fold's rows are predicted

Samples lie in three pools: LABELLED (the fold's own, with labels), UNLABELLED (the same fold's
training images and all others, without) and PSEUDO (what `start_epoch` labelled). A stream draws
from one of them, or from several as if they were one.

The loop puts `network` into training mode before every epoch, and leaves the modules of `build` as
they are; the network that predicts is in evaluation mode while it does, and then as it was.

Batches are drawn ahead of time, in another thread or process: `streams` depends on the step alone.
All random draws of a method come from `step.rng(name)`, so that an interrupted run and an unbroken
one are equal to the bit.

Where the truth of unlabelled images is known, a method measures how many of its pseudo-labels are
right: it passes them to `PseudoLabelEvaluator` and gets two sums back, never a truth. Their
quotient over an epoch is "classify/precision".

A method without steps, a `SolvedMethod`, has one epoch and no batches: the loop calls `solve` with
the pooled features of the frozen backbone (docs/decisions/0034-features-once.md).
"""

from __future__ import annotations

import abc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from torch import Tensor, nn

from podium.competition.truths.masks import Mask
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import has_pixels
from podium.training.data.mixing import mix_batch
from podium.training.data.rows import SampleRows
from podium.training.data.sampling import (
    LABELLED,
    PSEUDO,
    UNLABELLED,
    Batch,
    Pool,
    Sampling,
    Stream,
    ViewSpec,
    generator,
)
from podium.training.objective import Objective
from podium.training.recipe import Mix

__all__ = [
    "FIRST_STEP",
    "LABELLED",
    "PSEUDO",
    "UNLABELLED",
    "Batch",
    "FeatureRows",
    "Method",
    "Options",
    "PhaseSetting",
    "Pool",
    "PoolSizes",
    "Predict",
    "PredictedSamples",
    "PseudoLabelEvaluator",
    "SelectedSamples",
    "SolvedMethod",
    "Step",
    "Stream",
    "ViewSpec",
    "with_precision",
]


@dataclass(frozen=True)
class PoolSizes:
    """Number of samples that a fold's training has in each pool."""

    labelled: int
    unlabelled: int = 0


@dataclass(frozen=True)
class Step:
    """Position of a micro-batch in the training.

    Attributes:
        seed: the recipe's.
        phase: 0-based index of the phase.
        epoch: 0-based epoch of the phase.
        index: 0-based optimiser step of the phase.
        micro: 0-based micro-batch of the step; always 0 unless the recipe accumulates.
        per_epoch: optimiser steps in this epoch.
        total: optimiser steps that the phase plans.
        start: optimiser step with which the epoch begins; None: all epochs before were as long.
    """

    seed: int
    phase: int
    epoch: int
    index: int
    micro: int
    per_epoch: int
    total: int
    start: int | None = None

    @property
    def within(self) -> int:
        """0-based optimiser step of the epoch."""
        return self.index - (self.epoch * self.per_epoch if self.start is None else self.start)

    def rng(self, *names: str | int) -> np.random.Generator:
        """Return a generator of this micro-batch's own, for the purpose `names`."""
        return generator("batch", self.seed, self.phase, self.index, self.micro, *names)


FIRST_STEP = Step(seed=0, phase=0, epoch=0, index=0, micro=0, per_epoch=1, total=1)


@dataclass(frozen=True)
class PredictedSamples:
    """Predictions of the network for some samples of a pool, without augmentation.

    Attributes:
        index: `(n,)`, int64: rows of the pool.
        labels: `(n, C)` float32 probabilities (a regression's values); None without such a head.
        masks: `n` arrays `(H, W, C)` float32 of probabilities, each in its own image's geometry, as
            the pool has it, nan where no window covered the image; None without such a head. Made
            when they are read, one after the other.
    """

    index: NDArray[np.int64]
    labels: NDArray[np.float32] | None
    masks: Iterator[NDArray[np.float32]] | None


Predict = Callable[[Pool], Iterator[PredictedSamples]]
"""Predicts every sample of a pool, in the pool's order; of the unlabelled ones those that are not
the fold's own training images, which have labels already."""


@dataclass(frozen=True)
class SelectedSamples:
    """Samples of the unlabelled pool with the pseudo-labels that a method gave them.

    Attributes:
        index: `(M,)`, int64: rows of the unlabelled pool.
        confidence: `(M,)` float32 in [0, 1].
        round: `(M,)` int64: the epoch in which each was labelled.
        labels: `(M,)` int64 classes or `(M, C)` float32, with -1 or nan for none; None where the
            method labels no labels.
        masks: `M` uint8 masks in the geometry of the pool's images, as truth has them, `IGNORE`
            where nothing is predicted; None where the method makes no masks.
        weight: `(M,)` float32; None: 1.
    """

    index: NDArray[np.int64]
    confidence: NDArray[np.float32]
    round: NDArray[np.int64]
    labels: NDArray[Any] | None = None
    masks: Sequence[Mask] | None = None
    weight: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.index)


@dataclass(frozen=True)
class PhaseSetting:
    """Settings and parts that a recipe's phase gives to its method.

    Attributes:
        kinds: kind of each task that the network has a head for.
        outputs: number of outputs for an image (classify) or a pixel (segment).
        objective: the phase's losses: `objective(logits, targets, weight)` returns each by name,
            "segment/dice", and their sum as "total".
        batch_size: labelled samples a micro-batch.
        sampling: how a pass chooses its samples.
        mix: MixUp and CutMix.
        empty_share: share of a pass whose masks are empty; None: as they come.
        size: (height, width) of the network's input.
        epochs: number that the phase plans.
        stops_early: whether it may end before.
        accumulate: micro-batches a step.
        evaluator: evaluator with the known labels of unlabelled samples; None where none is known.
    """

    kinds: Mapping[str, Kind]
    outputs: Mapping[str, int]
    objective: Objective
    batch_size: int
    sampling: Sampling
    mix: Mix
    empty_share: float | None = None
    size: tuple[int, int] = (224, 224)
    epochs: int = 1
    stops_early: bool = False
    accumulate: int = 1
    evaluator: PseudoLabelEvaluator | None = None

    @property
    def labelled(self) -> Stream:
        """The stream of the samples with labels or masks for the tasks of the objective."""
        return Stream(
            LABELLED,
            self.batch_size,
            sampling=self.sampling,
            empty_share=self.empty_share,
            masks=has_pixels(self.objective.tasks),
        )

    def unlabelled(self, ratio: int, views: tuple[ViewSpec, ...]) -> Stream:
        """The stream of the samples without, `ratio` of them for each labelled one."""
        return Stream(
            UNLABELLED,
            ratio * self.batch_size,
            pools=(UNLABELLED,),
            views=views,
            masks=has_pixels(self.objective.tasks),
        )

    def mixed(self, batch: Batch, step: Step) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the first view of `batch` and its targets, mixed by the recipe's `mix:`."""
        return mix_batch(
            batch.images,
            batch.targets,
            self.mix,
            step.rng("mix"),
            kinds=self.kinds,
            outputs=self.outputs,
        )

    def precision_sums(self, batch: Batch, answer: Tensor, weight: Tensor) -> dict[str, Tensor]:
        """Return the sums for the precision of the pseudo-labels of unlabelled samples.

        Args:
            batch: of UNLABELLED alone.
            answer: `(N,)` classes of its samples; of a binary task `(N, 1)` of 0 and 1.
            weight: in the shape of `answer`: how much each counts.

        Returns:
            Scalars for `losses`; none where no label is known, or labels are no classes.
        """
        return {} if self.evaluator is None else self.evaluator(batch.index, answer, weight)

    def label_precision(
        self, index: NDArray[np.int64], answer: Tensor, kept: Tensor
    ) -> float | None:
        """Return the share of right pseudo-labels of unlabelled samples; None: no label is known.

        Args:
            index: `(n,)`: rows of the unlabelled pool.
            answer: `(n,)` classes; of a binary task `(n, 1)` of 0 and 1.
            kept: in the shape of `answer`, bool: whether it counts.
        """
        if self.evaluator is None:
            return None
        sums = self.evaluator(torch.from_numpy(index), answer, kept)
        means = {name: float(value) for name, value in sums.items()}
        return with_precision(means).get(_PRECISION)


class Options(BaseModel):
    """The options of a method, to be subclassed; a key that it has not is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class NoOptions(Options):
    """The options of a method that has none."""


class Method(abc.ABC):
    """A way of learning; the defaults fit a method without modules of its own.

    Attributes:
        Options: what a recipe may write beside the method's name.
        needs: the pools that must not be empty; an epoch is a pass over the first. A phase whose
            method does not need LABELLED learns nothing that could be scored: its epochs are not
            validated.
        divides_batches: whether `losses` runs networks only whole and on images of the step, as
            `network(images, tasks)`, and nothing else is trained or predicted, so that several
            devices may each run a part of the rows.
        copies_network: whether it keeps a copy of the network, as a teacher: one whose weights are
            divided among devices (`sharded`) has none.
        averages_dropout: whether it learns labels by `dropout_samples.logits_to_learn`; where not,
            a head with `dropout_samples` is refused. It may be of the instance, by its options.
    """

    Options: ClassVar[type[BaseModel]] = NoOptions
    needs: ClassVar[tuple[Pool, ...]] = (LABELLED,)
    divides_batches: ClassVar[bool] = False
    copies_network: ClassVar[bool] = False
    averages_dropout: bool = False

    def __init__(self, options: Any, setting: PhaseSetting) -> None:
        self.options = options
        self.setting = setting

    @classmethod
    def pools(cls, options: Any) -> tuple[Pool, ...]:
        """Return the pools that must not be empty with these options, at least those it `needs`."""
        return cls.needs

    def build(self, network: nn.Module, sizes: PoolSizes) -> nn.Module:
        """Keep `network`, and return the method's own modules (projector, teacher, queue …).

        What must be in a checkpoint is among them, a teacher too, with `requires_grad_(False)`. A
        copy of `network` has its mode, and keeps what the phase freezes.
        """
        self.network = network
        self.sizes = sizes
        return nn.Module()

    def parameter_groups(self) -> Iterable[dict[str, Any]]:
        """Return optimiser groups of the method's own modules that are trained."""
        return ()

    def epoch_steps(self, passes: Mapping[Pool, int]) -> int:
        """Return the optimiser steps of an epoch: by default one pass over the first pool it needs.

        Args:
            passes: how many samples a pass over each pool has.
        """
        pool = self.needs[0]
        return self.steps_of_pass(passes[pool], self._batch_size(pool) or self.setting.batch_size)

    def pass_steps(self, pool: Pool, passes: Mapping[Pool, int]) -> int | None:
        """Return the optimiser steps of a pass over `pool`; None: no batch is drawn from it."""
        size = self._batch_size(pool)
        return self.steps_of_pass(passes[pool], size) if size and pool in passes else None

    def _batch_size(self, pool: Pool) -> int | None:
        """Return the samples of a micro-batch that a stream draws from `pool`; None: none does."""
        first = Step(seed=0, phase=0, epoch=0, index=0, micro=0, per_epoch=1, total=1)
        return next((one.batch_size for one in self.streams(first) if pool in one.pools), None)

    def steps_of_pass(self, n: int, batch_size: int) -> int:
        """Return the optimiser steps of a pass over `n` samples, to the nearest whole step.

        Every batch is full (streams run on across epochs), so that no batch norm sees a rest of one
        image.
        """
        return max(1, round(n / (min(batch_size, n) * self.setting.accumulate)))

    def start_epoch(self, epoch: int, predict: Predict) -> SelectedSamples | None:
        """Return the samples that the pool PSEUDO shall have from here on; None: as it is.

        Called at the beginning of every epoch of the phase, and again if that is where a run was
        interrupted. A method that keeps something of what it returned keeps it in `state_dict`.
        """
        return None

    def streams(self, step: Step) -> Sequence[Stream]:
        """Return which batches this micro-batch sees; pure, called ahead of time."""
        return (self.setting.labelled,)

    @abc.abstractmethod
    def losses(self, batches: Mapping[str, Batch], step: Step) -> dict[str, Tensor]:
        """Return named scalars: "total" is minimised, all are recorded.

        A stream whose pools are all empty has no batch. Without "total" nothing is learnt in this
        micro-batch.
        """

    def before_step(self, step: Step) -> None:  # noqa: B027 — nothing to do is the usual case
        """Change gradients, of all micro-batches together, before they are clipped and used.

        Not called where nothing was learnt. In fp16 they are scaled by a power of two.
        """

    def after_step(self, step: Step) -> None:  # noqa: B027 — nothing to do is the usual case
        """Follow the weights, which have just moved; not called where nothing was learnt.

        `step.index` is of the step just done: after it there were `step.index + 1`.
        """

    def evaluation_network(self) -> nn.Module:
        """Return the network that predicts, where the recipe averages none (`ema_decay`).

        The next phase goes on from `network`, the one that learns.
        """
        return self.network

    def state_dict(self) -> dict[str, Any]:
        """Return what is not in the modules of `build` and must survive an interruption."""
        return {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:  # noqa: B027 — as state_dict
        """Restore what `state_dict` returned: tensors, numbers, text, lists and dicts of them."""


@dataclass(frozen=True)
class FeatureRows:
    """Rows of a pool, as the pooled features of a frozen backbone.

    Attributes:
        rows: with targets and weights; of UNLABELLED those that are not the fold's own training
            images.
        index: `(N,)` int64: which rows of the pool they are.
        groups: `(N,)` int64: rows of one number are of one group of the competition, or one image.
        features: from the name of a test-time view to `(N, D)` float32, in the order of the rows.
    """

    rows: SampleRows
    index: NDArray[np.int64]
    groups: NDArray[np.int64]
    features: Callable[[str], NDArray[np.float32]]


class SolvedMethod(Method):
    """A method without steps: it solves for weights of the head, on features computed once.

    Its phase has one epoch and freezes the backbone.
    """

    def epoch_steps(self, passes: Mapping[Pool, int]) -> int:
        return 0

    def streams(self, step: Step) -> Sequence[Stream]:
        return ()

    def losses(self, batches: Mapping[str, Batch], step: Step) -> dict[str, Tensor]:
        raise AssertionError("a solved method has no steps")

    @abc.abstractmethod
    def solve(self, pools: Mapping[Pool, FeatureRows], step: Step) -> dict[str, float]:
        """Write the solution into the head of `network`; return columns of the epoch's line.

        A function of its arguments: an interrupted phase is solved again.
        """


_RIGHT, _EVALUATED, _PRECISION = "classify/right", "classify/evaluated", "classify/precision"


class PseudoLabelEvaluator:
    """Counts right pseudo-labels of images whose labels are known, which are never learnt from.

    Args:
        truth: `(N,)` int64: classes of the rows of the unlabelled pool, -1 where unknown, or where
            the label is among the labelled samples.
    """

    def __init__(self, truth: Tensor) -> None:
        self._truth = truth

    def __call__(self, index: Tensor, answer: Tensor, weight: Tensor) -> dict[str, Tensor]:
        """Return the mean weight of right labels and of all whose truth is known, as scalars.

        Args:
            index: `(n,)` int64: rows of the unlabelled pool.
            answer: `(n,)` classes, or `(n, 1)` of 0 and 1.
            weight: in the shape of `answer`, bool or float: how much each counts.
        """
        self._truth = self._truth.to(index.device)  # moved once
        truth = self._truth[index]
        labels, weight = answer.reshape(-1).long(), weight.reshape(-1).float()
        known = weight * (truth >= 0)
        return {_RIGHT: (known * (labels == truth)).mean(), _EVALUATED: known.mean()}


def with_precision(means: Mapping[str, float]) -> dict[str, float]:
    """Return an epoch's means with the precision in place of its two sums, where truth is known."""
    row = dict(means)
    right, known = row.pop(_RIGHT, 0.0), row.pop(_EVALUATED, 0.0)
    return {**row, _PRECISION: right / known} if known > 0 else row
