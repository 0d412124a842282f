"""One phase at run time: its method, its optimiser, and one optimiser step after the other."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, cast

import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from podium.errors import RecipeError
from podium.models.network import Network, set_frozen, train_mode
from podium.tasks.protocols.names import IMAGES
from podium.training.data.augment import StreamAugmentations
from podium.training.data.rows import SampleRows
from podium.training.data.sampling import (
    LABELLED,
    PSEUDO,
    UNLABELLED,
    Batch,
    Pool,
    Stream,
    ViewSpec,
    derive_seed,
)
from podium.training.data.streams import (
    Feed,
    HostBatch,
    ImageView,
    Normaliser,
    in_background,
    in_processes,
)
from podium.training.fit.averaging import AveragedNetwork
from podium.training.fit.optim import build_optimizer, schedule, set_lr, set_weight_decay
from podium.training.fit.shards import Shards, load_whole_state, whole_state
from podium.training.inference.features import BackboneFeatures
from podium.training.method import FIRST_STEP, FeatureRows, Method, PoolSizes, SolvedMethod, Step
from podium.training.methods.supervised import Supervised
from podium.training.objective import Objective
from podium.training.processes import Processes, divided
from podium.training.pseudo.labelled_by_method import MaskSampling, Selection, rows_of_selected
from podium.training.recipe import OptimizerSpec, Phase, Recipe

__all__ = ["PhasePlan", "PhaseRun"]

_ONE_VALUE = "more than 1 value per channel"  # from torch's message, of batch norm


class BatchListener(Protocol):
    """Receives batches of streams for previews, and changes nothing."""

    def is_due(self, phase: int, stream: str) -> bool:
        """Return whether to pass the next batch of a stream; `phase` is an index from 0."""
        ...

    def note(self, step: Step, stream: Stream, batch: HostBatch, ids: Sequence[str]) -> None:
        """See a batch with the ids `(N,)` of its samples."""
        ...


@dataclass(frozen=True)
class PhasePlan:
    """A phase of the recipe, made ready.

    Attributes:
        spec: the recipe's phase.
        optimizer: its own settings, or the recipe's.
        method: not yet built.
        views: augmentation of a stream's views.
        epochs: number to run; the schedule always plans for `spec.epochs`.
        per_epoch: optimiser steps of an epoch, where epochs grow before anything joined; 0 of a
            phase that is solved.
        pools: the fold's samples; of the labelled ones, those with a label or mask of its tasks.
        objectives: the losses of each task, for samples that are not trained on.
        mask_sampling: facts on the masks of samples labelled by the method that sampling needs.
        witness: receives batches for previews; None: nobody does.
    """

    spec: Phase
    optimizer: OptimizerSpec
    method: Method
    views: StreamAugmentations
    epochs: int
    per_epoch: int
    pools: Mapping[Pool, SampleRows]
    objectives: Mapping[str, Objective] = field(default_factory=dict)
    mask_sampling: MaskSampling | None = None
    witness: BatchListener | None = None

    @property
    def is_scored(self) -> bool:
        """Whether it learns from labels or masks, so that scores measure it."""
        return LABELLED in self.method.needs

    @property
    def grows(self) -> bool:
        """Whether epochs are longer where more pseudo-labels have joined."""
        return self.spec.epoch == "all"

    @property
    def is_solved(self) -> bool:
        """Whether it has no steps: its method solves for the head's weights."""
        return isinstance(self.method, SolvedMethod)


def learns_from_features(plan: PhasePlan, recipe: Recipe) -> bool:
    """Return whether a phase by steps sees every image in one way only, through a frozen backbone.

    Then its head learns the same from features that were computed once.
    """
    method, objective = plan.method, plan.method.setting.objective
    if type(method) is not Supervised or "backbone" not in plan.spec.freeze:
        return False
    streams = method.streams(FIRST_STEP)
    views = [spec for stream in streams for spec in stream.views]
    mix = plan.spec.mix or recipe.mix
    return (
        objective.tasks == (IMAGES,)
        and len(views) == 1
        and not plan.views(views[0]).transforms
        and not (max(mix.mixup, mix.cutmix) > 0 and mix.probability > 0)
    )


def _on_features(plan: PhasePlan, features: BackboneFeatures) -> PhasePlan:
    """Return the plan with features in place of the images of its labelled samples."""
    rows = plan.pools[LABELLED]
    vectors = _VectorStore(features(rows))
    own = replace(rows, images=vectors, at=np.arange(len(rows)))
    pools = {pool: own if pool == LABELLED else one for pool, one in plan.pools.items()}
    # What is drawn for previews would be no image.
    return replace(plan, pools=pools, witness=None)


class _VectorStore:
    """Features by position, in place of images."""

    def __init__(self, vectors: NDArray[np.float32]) -> None:
        self._vectors = vectors

    def __len__(self) -> int:
        return len(self._vectors)

    def __getitem__(self, index: int, /) -> NDArray[np.float32]:
        return np.asarray(self._vectors[index])


def _unchanged_view(spec: ViewSpec) -> ImageView:
    """Return the view of a feature: itself."""
    return cast(ImageView, lambda vector, seed: vector)


class _ForwardInput:
    """The input of one forward; a plain class, so that Fabric casts nothing in it."""

    __slots__ = ("batches", "step")

    def __init__(self, batches: dict[str, Batch], step: Step) -> None:
        self.batches, self.step = batches, step


class _Learner(nn.Module):
    """Network and method as one module, for Fabric to wrap: its forward gives the losses."""

    def __init__(self, network: Network, method: Method, sizes: PoolSizes) -> None:
        super().__init__()
        self.network = network
        # Else Fabric moves them, and warns of parts that lie on two devices.
        self.own = method.build(network, sizes).to(next(network.parameters()).device)
        self._method = method

    def forward(self, work: _ForwardInput) -> dict[str, Tensor]:
        return self._method.losses(work.batches, work.step)


class PhaseRun:
    """The moving parts of a phase; `n_images` counts those of all streams in its steps so far.

    Args:
        index: 0-based index of the phase.
        plan: what to do.
        network: on its device; its frozen parts are set here.
        average: the averaged copy, if the recipe has one.
        rate: learning rate at an optimiser step, for trials of rates; default: by the schedule.
        features: of the backbone, where it stays as it is; None: they are not kept.
    """

    def __init__(
        self,
        index: int,
        plan: PhasePlan,
        recipe: Recipe,
        *,
        network: Network,
        average: AveragedNetwork | None,
        normalise: Normaliser,
        fabric: Fabric,
        rate: Callable[[int], float] | None = None,
        features: BackboneFeatures | None = None,
    ) -> None:
        views: Callable[[ViewSpec], ImageView] = plan.views
        if features is not None and learns_from_features(plan, recipe):
            plan, views = _on_features(plan, features), _unchanged_view
        self.index, self.plan, self._rate = index, plan, rate
        self.per_epoch = plan.per_epoch
        self._lengths: list[int] = []  # steps of each epoch so far, where they differ
        self._n_joined = 0
        self._recipe, self._network, self._average = recipe, network, average
        self._normalise, self._fabric = normalise, fabric
        self._processes = Processes.current()
        self._feed = Feed(
            plan.pools,
            views,
            seed=recipe.seed,
            phase=index,
            accumulate=recipe.accumulate,
            processes=self._processes,
        )
        self.selection: Selection | None = None
        self.n_images = 0
        set_frozen(network, plan.spec.freeze, statistics=plan.spec.freeze_statistics)
        # A resumed process comes here with other draws behind it than an unbroken one.
        torch.manual_seed(derive_seed("method", recipe.seed, index))
        sizes = {pool: len(rows) for pool, rows in plan.pools.items()}
        n_labelled, n_unlabelled = sizes.get(LABELLED, 0), sizes.get(UNLABELLED, 0)
        is_sharded = recipe.sharded and self._processes.count > 1
        self._shards = Shards(network) if is_sharded else None
        self._learning = network if self._shards is None else self._shards.network
        learner = _Learner(self._learning, plan.method, PoolSizes(n_labelled, n_unlabelled))
        self._own = learner.own
        if self._processes.count > 1 and self._shards is None:
            # They are equal in all processes, and gloo does not pass on every type.
            buffers = [name for name, _ in learner.named_buffers()]
            ignore = DistributedDataParallel._set_params_and_buffers_to_ignore_for_model
            ignore(learner, buffers)  # type: ignore[no-untyped-call]
        self._learner = fabric.setup_module(learner)
        self._optimizer = build_optimizer(
            self._learning,
            plan.optimizer,
            extra_groups=list(plan.method.parameter_groups()),
            is_fused=_suits_fused(fabric, plan.optimizer),
        )
        if rate is not None:
            for group in self._optimizer.param_groups:
                group["is_constant"] = False
        self._stepper = fabric.setup_optimizers(self._optimizer)

    def evaluation_network(self) -> nn.Module:
        """Return the network that predicts: the averaged one where there is one."""
        if self._average is not None:
            return self._average.network
        if self._shards is not None:
            return self._network
        return self.plan.method.evaluation_network()

    def solve(self, pools: Mapping[Pool, FeatureRows], epoch: int) -> dict[str, float]:
        """Solve for the head's weights; the averaged network, if there is one, gets them, too."""
        method = self.plan.method
        assert isinstance(method, SolvedMethod)
        found = method.solve(pools, self._step(epoch, 0, 0))
        if self._average is not None:
            self._average.restart()
        return found

    def modules(self) -> list[nn.Module]:
        """Return what a step of the phase changes."""
        averaged = [] if self._average is None else [self._average.network]
        return [self._network, self._own, *averaged]

    def select(self, selection: Selection) -> None:
        """Make the pool PSEUDO what the method selected at the beginning of an epoch."""
        self.selection = selection
        unlabelled = self.plan.pools[UNLABELLED]
        labelled, sampling = self.plan.pools[LABELLED], self.plan.mask_sampling
        rows = rows_of_selected(selection.selected, unlabelled, labelled, sampling)
        self._n_joined = 0 if rows is None else rows.pass_length
        since = self._start(selection.epoch)
        self._feed.put(PSEUDO, rows, since=since, round=selection.epoch + 1)

    def lr(self, epoch: int) -> float:
        """Return the learning rate at the end of an epoch, before any decay over layers."""
        last = (epoch + 1) * self.per_epoch - 1
        if self._rate is not None:
            return self._rate(last)
        return self.plan.optimizer.lr * self._scheduled(last)

    def steps(self, epoch: int, first: int) -> Iterator[dict[str, Tensor]]:
        """Do the optimiser steps of `epoch` from number `first` on; give the losses of each.

        They are detached, and summed over the micro-batches of the step.
        """
        train_mode(self._learning)
        if self._shards is not None:
            self._shards.make_room()
        if self.plan.grows:
            self.per_epoch = self._grown_steps(epoch)
            self._lengths[epoch:] = [self.per_epoch]
        micro = self._recipe.accumulate
        todo = [
            self._step(epoch, within, number)
            for within in range(first, self.per_epoch)
            for number in range(micro)
        ]
        with closing(self._made_ahead(todo)) as batches:
            losses: dict[str, Tensor] = {}
            for step, made in zip(todo, batches, strict=True):
                self.n_images += sum(len(batch.index) for batch in made.values())
                for name, value in self._micro_step(step, made).items():
                    losses[name] = losses[name] + value if name in losses else value
                self._show(step, made)  # not before: a step that is refused leaves nothing
                if step.micro == micro - 1:
                    if "total" in losses:
                        self._move(step)
                    yield losses
                    losses = {}
        if self._shards is not None:
            self._shards.end_steps()

    def gather(self) -> None:
        """Bring the network up to the last step, where its shards learn.

        Processes that train together call this, `state_dict` and `load_state_dict` together.
        """
        if self._shards is not None:
            self._shards.gather()

    def state_dict(self) -> dict[str, Any]:
        return {
            "own": self._own.state_dict(),
            "selected_in": None if self.selection is None else self.selection.epoch,
            "method": self.plan.method.state_dict(),
            "lengths": self._lengths,
            "optimizer": whole_state(self._optimizer),
            "precision": self._fabric.strategy.precision.state_dict(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self._own.load_state_dict(state["own"])
        self.plan.method.load_state_dict(state["method"])
        self._lengths = list(state.get("lengths", ()))  # which checkpoints had not at first
        load_whole_state(self._optimizer, state["optimizer"])
        self._fabric.strategy.precision.load_state_dict(state["precision"])

    def _start(self, epoch: int) -> int:
        """Return the optimiser step with which an epoch begins."""
        return sum(self._lengths[:epoch]) if self.plan.grows else epoch * self.plan.per_epoch

    def _grown_steps(self, epoch: int) -> int:
        """Return the optimiser steps of an epoch: a pass over all that it learns from by now."""
        start, method = self._start(epoch), self.plan.method
        step = replace(FIRST_STEP, epoch=epoch, index=start, start=start)
        passes = {pool: rows.pass_length for pool, rows in self.plan.pools.items()}
        passes[PSEUDO] = self._n_joined
        [stream] = [one for one in method.streams(step) if {LABELLED, PSEUDO} & {*one.pools}]
        n = sum(passes[pool] for pool in stream.pools)
        return method.steps_of_pass(n, stream.batch_size) if n else 1  # one, in which it rests

    def _step(self, epoch: int, within: int, micro: int) -> Step:
        start = self._start(epoch)
        return Step(
            seed=self._recipe.seed,
            phase=self.index,
            epoch=epoch,
            index=start + within,
            micro=micro,
            per_epoch=self.per_epoch,
            total=start + (self.plan.spec.epochs - epoch) * self.per_epoch,
            start=start,
        )

    def _made_ahead(self, todo: list[Step]) -> Generator[dict[str, HostBatch], None, None]:
        workers = self._recipe.workers
        return (
            in_processes(self._make, todo, workers=workers)
            if workers
            else in_background(self._make, todo)
        )

    def _make(self, step: Step) -> dict[str, HostBatch]:
        made = {one.name: self._feed.make(one, step) for one in self.plan.method.streams(step)}
        return {name: batch for name, batch in made.items() if batch is not None}

    def _show(self, step: Step, made: dict[str, HostBatch]) -> None:
        witness = self.plan.witness
        if witness is None or step.micro:
            return
        due = {name for name in made if witness.is_due(self.index, name)}
        for stream in self.plan.method.streams(step) if due else ():
            if stream.name in due:
                batch = made[stream.name]
                witness.note(step, stream, batch, self._feed.ids(stream, batch.index))

    def _micro_step(self, step: Step, made: dict[str, HostBatch]) -> dict[str, Tensor]:
        # Dropout and drop path draw from torch's global generator: give every micro-batch its own.
        _seed(
            derive_seed("torch", step.seed, step.phase, step.index, step.micro),
            self._fabric.device,
        )
        batches = {name: self._feed.to_batch(one, self._normalise) for name, one in made.items()}
        losses = self._losses(_ForwardInput(batches, step))
        if "total" in losses:
            # Each process has the gradient by its own rows; of all DDP takes the mean, not the sum.
            total = losses["total"] * self._processes.count
            self._fabric.backward(total / self._recipe.accumulate)
        return {name: value.detach() for name, value in losses.items()}

    def _losses(self, work: _ForwardInput) -> dict[str, Tensor]:
        try:
            with divided(self._processes):
                losses: dict[str, Tensor] = self._learner(work)
        except ValueError as error:
            if _ONE_VALUE not in str(error):
                raise
            raise RecipeError(
                "batch norm sees a single value of each channel here, which varies by nothing",
                where="batch_size",
                fix="write batch_size: 2, or more; accumulate does not help",
            ) from error
        return losses

    def _move(self, step: Step) -> None:
        spec = self.plan.optimizer
        # Where epochs differ in length, schedules follow the share of the epochs that is done.
        done = step.epoch * step.per_epoch + step.within
        rate = None if self._rate is None else self._rate(step.index) / spec.lr
        set_lr(self._optimizer, self._scheduled(done) if rate is None else rate)
        set_weight_decay(self._optimizer, spec, done, self.plan.spec.epochs * step.per_epoch)
        self.plan.method.before_step(step)
        if spec.clip_norm is not None:
            self._fabric.clip_gradients(
                self._learner,
                self._stepper,
                max_norm=spec.clip_norm,
                error_if_nonfinite=False,  # the scaler skips such a step by itself
            )
        self._stepper.step()
        self._optimizer.zero_grad(set_to_none=True)
        if self._average is not None:
            self._average.update()
        self.plan.method.after_step(step)

    def _scheduled(self, done: int) -> float:
        total = self.plan.spec.epochs * self.per_epoch
        return schedule(self.plan.optimizer, done, total, self.per_epoch)


def _suits_fused(fabric: Fabric, spec: OptimizerSpec) -> bool:
    """Return whether a step may be one kernel: on a GPU, where it need not unscale gradients.

    A fused step takes the scaler's factor itself, and clipping would have to come between.
    """
    has_scaler = getattr(fabric.strategy.precision, "scaler", None) is not None
    return fabric.device.type == "cuda" and not (has_scaler and spec.clip_norm is not None)


def _seed(seed: int, device: torch.device) -> None:
    """Seed the generators that a step on `device` draws from.

    On a processor alone `torch.manual_seed` takes 0.4 ms, as it notes the stack of calls for each
    kind of accelerator.
    """
    if device.type == "cpu":
        torch.default_generator.manual_seed(seed)
    else:
        torch.manual_seed(seed)
