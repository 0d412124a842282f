"""The loop over phases and epochs that trains one fold model, resumable at every step.

Lightning Fabric does the device, the precision and its scaler; docs/decisions/0003-fabric.md gives
the reasons for Fabric and against the Trainer. All that happens at a step is a function of (seed,
phase, step), so a run that was killed continues from its last checkpoint exactly. At the end of an
epoch the loop calls its callbacks, which observe the network and change nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import Tensor, nn

from podium.competition.truths.pixels import RGB8, Pixels
from podium.errors import DataError, RunError
from podium.models.network import Network
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import TaskName
from podium.training.data.augment import Normalisation
from podium.training.data.pools import FoldPools
from podium.training.data.rows import SampleRows
from podium.training.data.sampling import UNLABELLED, Pool
from podium.training.data.streams import Normaliser
from podium.training.fit import collapse
from podium.training.fit.averaging import AveragedNetwork
from podium.training.fit.checkpoint import load_training, save_network, save_training
from podium.training.fit.collapse import CollapseGuard
from podium.training.fit.phase_run import PhasePlan, PhaseRun
from podium.training.fit.validation import Evaluation, Validation
from podium.training.inference.features import BackboneFeatures
from podium.training.inference.images import Autocast
from podium.training.inference.network import PoolPredictor
from podium.training.loggers import Logger
from podium.training.method import FeatureRows, PredictedSamples, with_precision
from podium.training.processes import Processes
from podium.training.pseudo.pool import PseudoPool
from podium.training.recipe import Recipe
from podium.training.runs.fold_files import FoldFiles
from podium.training.runs.history import HistoryRow, TrainingState, write_metrics
from podium.training.runs.job import Deadline, OutOfTime
from podium.training.runs.status import FoldWork, RunOutlook, TrainingStatus
from podium.workspace.progress import Progress, bar_with_status

__all__ = ["CHECKPOINT_EVERY_S", "Callback", "EpochEnd", "Loop"]


@dataclass(frozen=True)
class EpochEnd:
    """The end of an epoch.

    Attributes:
        phase: 0-based index of the phase.
        epoch: 1-based epoch of the phase.
        number: 1-based epoch of the run, over all phases.
        ends_phase: whether the phase is over, be it early.
        ends_run: whether the run is.
    """

    phase: int
    epoch: int
    number: int
    ends_phase: bool
    ends_run: bool

    @classmethod
    def of(cls, state: TrainingState, is_over: bool, n_phases: int) -> EpochEnd:
        """Return the end of the epoch that `state` has not recorded yet.

        Args:
            state: of the training.
            is_over: whether the phase is.
            n_phases: number of phases of the run.
        """
        is_last = is_over and state.phase == n_phases - 1
        number = len(state.history) + 1
        return cls(state.phase, state.epoch + 1, number, is_over, is_last)


class Callback(Protocol):
    """Observes a network at the end of epochs; draws its own random numbers, restores the mode."""

    def is_due(self, at: EpochEnd) -> bool:
        """Return whether the callback has something to do at this end of an epoch."""
        ...

    def on_epoch_end(
        self, network: nn.Module, at: EpochEnd, normalise: Normaliser, autocast: Autocast
    ) -> HistoryRow:
        """Observe the network that predicts, a `Network`; return columns of the epoch's line."""
        ...


MakeFeatures = Callable[[Network, Normaliser, Autocast], BackboneFeatures | None]

CHECKPOINT_EVERY_S = 30.0
SLACK = 1.1  # time that work is expected to take, over what it took the last time


class Loop:
    """Trains `network` through `phases`; `state` holds its progress.

    Args:
        recipe: as resolved.
        phases: the recipe's phases, made ready.
        network: with its start weights.
        validation: the fold's rows; None for a refit on all.
        files: the fold's folder.
        pools: the samples of the phases.
        pixels: of their images.
        kinds: kind of each task that the network has a head for.
        classes: names of the classes of labels; empty where labels are numbers.
        fabric: device and precision.
        deadline: when to stop in a resumable state.
        progress: gets one bar of optimiser steps, with the status of the training.
        checkpoint_every_s: seconds between checkpoints.
        loggers: get the line of every epoch, beside `metrics.csv`.
        callbacks: observe the network that predicts at the end of epochs.
        make_features: gives the features of the network's backbone; None: none are kept.
        groups: gives the group of each row, `(N,)`.
        outlook: the folds around this one, for the time that is left.
        ends_here: train no further; the network is what it is at the last checkpoint.
    """

    def __init__(
        self,
        recipe: Recipe,
        phases: Sequence[PhasePlan],
        *,
        network: Network,
        validation: Validation | None,
        files: FoldFiles,
        pools: FoldPools,
        kinds: Mapping[TaskName, Kind],
        classes: Sequence[str],
        fabric: Fabric,
        deadline: Deadline,
        progress: Progress,
        checkpoint_every_s: float = CHECKPOINT_EVERY_S,
        loggers: Sequence[Logger] = (),
        callbacks: Sequence[Callback] = (),
        pixels: Pixels = RGB8,
        make_features: MakeFeatures | None = None,
        groups: Callable[[SampleRows], NDArray[np.int64]] = lambda rows: np.arange(len(rows)),
        outlook: RunOutlook | None = None,
        ends_here: bool = False,
    ) -> None:
        self._make_features, self._groups = make_features, groups
        self._features: BackboneFeatures | None = None
        self._recipe, self._phases, self._ends_here = recipe, phases, ends_here
        self._outlook = RunOutlook() if outlook is None else outlook
        self._validation, self._files, self._fabric = validation, files, fabric
        self._deadline, self._progress = deadline, progress
        self._every_s = checkpoint_every_s
        self._loggers, self._callbacks = loggers, callbacks
        self._network = network.to(fabric.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._normalise = Normaliser(network.mean, network.std, fabric.device)
        self._average = (
            None
            if recipe.ema_decay is None
            else AveragedNetwork(self._network, decay=recipe.ema_decay)
        )
        self._predictor = PoolPredictor(
            recipe,
            kinds,
            stride=network.stride,
            normalise=self._normalise,
            autocast=fabric.autocast,
            pixels=pixels,
        )
        self._pseudo = PseudoPool(files, pools, classes=classes, predict=self._predicted)
        self._collapse_guard = CollapseGuard(files, recipe, phases)
        self._results: Mapping[str, collapse.EpochOutputs] = {}
        self.state = TrainingState()
        self._sums: dict[str, Tensor] = {}
        self._current: PhaseRun | None = None
        self._waiting_state: Mapping[str, Any] | None = None
        self._evaluated: nn.Module = self._network
        self._saved_at = self._counted_at = self._deadline.now()
        self._save_s = self._step_s = self._epoch_s = self._evaluation_s = 0.0
        self._callbacks_s = 0.0

    def run(self) -> nn.Module:
        """Train to the end and return the network that predicts.

        Raises:
            OutOfTime: the deadline came first; what is done is saved.
            RunError: it is to end here, and no epoch of its last phase is over; a loss or weights
                are not finite, or the network predicts the same for every image (`collapse`); the
                last good state is kept.
        """
        self._restore()
        if self._ends_here and not (self._is_last_phase and self.state.epoch):
            raise RunError(
                "no epoch of its last phase is over, so it cannot end here",
                where=self._files.title,
                fix="train on: the same command continues",
            )
        total, bar = sum(self._work().steps), (self._progress, self._files.title)
        with self._logs(), bar_with_status(*bar, total, self._status) as advance:
            advance(self._steps_done())
            self._advance = advance
            while self.state.phase < len(self._phases):
                self._run_phase()
        self._count_time()
        return self._evaluated

    def _work(self) -> FoldWork:
        """Return all that the fold has to do."""
        return FoldWork(
            [plan.per_epoch * plan.epochs for plan in self._phases],
            sum(plan.epochs for plan in self._phases if self._is_evaluated(plan)),
        )

    def _work_left(self) -> FoldWork:
        """Return what the fold has left to do."""
        state, here = self.state, self.state.phase
        steps, evaluations = [0] * len(self._phases), 0
        for number, plan in enumerate(self._phases[here:], start=here):
            epochs = plan.epochs - (state.epoch if number == here else 0)
            steps[number] = plan.per_epoch * epochs
            if number == here:
                grown = plan.per_epoch if self._current is None else self._current.per_epoch
                steps[number] = grown * epochs - state.step
            evaluations += epochs if self._is_evaluated(plan) else 0
        return FoldWork(steps, evaluations)

    @property
    def _is_last_phase(self) -> bool:
        return self.state.phase == len(self._phases) - 1

    def _is_evaluated(self, plan: PhasePlan) -> bool:
        return self._validation is not None and plan.is_scored

    def _steps_done(self) -> int:
        state, per_epoch = self.state, [plan.per_epoch for plan in self._phases]
        # The phases that have not begun are in neither.
        epochs = zip(per_epoch, [*state.epochs_run, state.epoch], strict=False)
        return sum(n * run for n, run in epochs) + state.step

    def _status(self) -> TrainingStatus:
        """Return where the training is; it waits for a GPU to have the loss."""
        state, outlook = self.state, self._outlook
        number = min(state.phase, len(self._phases) - 1)  # after the last step there is no next
        plan, whole = self._phases[number], self._work()
        loss, n_steps = self._sums.get("total"), state.counts.get("total", 0)
        metric = None if self._validation is None else self._validation.names[0]
        scores = [float(row[metric]) for row in state.history if metric in row] if metric else []
        fold_left, all_left = outlook.seconds_left(
            self._work_left(), whole, number, self._evaluation_s
        )
        return TrainingStatus(
            run=self._files.run.name,
            fold=self._files.fold,
            position=outlook.position,
            n_folds=outlook.n_folds,
            phase=plan.spec.name,
            phase_position=number + 1,
            n_phases=len(self._phases),
            epoch=min(state.epoch + 1, plan.epochs),
            epochs=plan.epochs,
            step=self._steps_done(),
            steps=max(sum(whole.steps), self._steps_done()),  # epochs may grow
            loss=float(loss) / (n_steps * self._recipe.accumulate)
            if loss is not None and n_steps
            else None,
            metric=metric if scores else None,
            score=scores[-1] if scores else None,
            images_per_s=outlook.times.images_per_s(number),
            fold_left_s=fold_left,
            all_left_s=all_left,
            runs_after=outlook.runs_after,
        )

    @contextmanager
    def _logs(self) -> Iterator[None]:
        """Pass the epochs so far to the loggers, and close the loggers at the end."""
        with ExitStack() as at_end:
            for logger in self._loggers:
                at_end.callback(logger.close)
                logger.log_all(self.state.history)
            yield

    def _run_phase(self) -> None:
        state = self.state
        plan = self._phases[state.phase]
        self._epoch_s = 0.0
        self._features = self._phase_features(plan)
        self._current = run = PhaseRun(
            state.phase,
            plan,
            self._recipe,
            network=self._network,
            average=self._average,
            normalise=self._normalise,
            fabric=self._fabric,
            features=self._features,
        )
        if self._waiting_state is not None:
            run.load_state_dict(self._waiting_state)
            if (selected_in := self._waiting_state["selected_in"]) is not None:
                self._pseudo.restore(run, selected_in)
            self._waiting_state = None
        self._evaluated = run.evaluation_network()
        if state.phase == state.epoch == state.step == 0 and not state.stages:
            self._note_start(run)
        epochs = state.epoch if self._ends_here else plan.epochs
        while state.epoch < epochs and not self._is_stale(plan):
            self._run_epoch(run)
        self._collapse_guard.refuse_lost(run.modules(), state)
        if (note := self._collapse_guard.idle(state)) is not None:
            self._progress.say(note)
        self._pseudo.write_table(run)
        self._current = None
        names = () if self._validation is None else self._validation.names
        state.note_stage(plan.spec.name, state.last(names), self._pseudo.facts(run))
        state.next_phase()

    def _note_start(self, run: PhaseRun) -> None:
        """Record the scores of the network before its first step."""
        scores: dict[str, float] = {}
        if self._validation is not None:
            scores = self._evaluation(run, self._validation).scores()
        self.state.note_stage("start", scores)

    def _run_epoch(self, run: PhaseRun) -> None:
        state, started, is_whole = self.state, self._deadline.now(), self.state.step == 0
        self._require(self._epoch_s, "an epoch")
        if is_whole:
            state.has_checkpoint = False
            self._pseudo.start_epoch(run, state.epoch, self._evaluated)
        losses = self._solve(run) if run.plan.is_solved else self._train(run)
        rate = {} if run.plan.is_solved else {"lr": run.lr(state.epoch)}
        row: HistoryRow = {
            "phase": run.plan.spec.name,
            "epoch": state.epoch + 1,
            **rate,
            **losses,
            **self._pseudo.facts(run),
        }
        self._results = {}
        self._require(self._callbacks_s, "the end of an epoch")  # before its scores are noted
        if self._validation is not None and run.plan.is_scored:
            row |= self._evaluate(run, self._validation)
        row |= self._run_callbacks(run)
        state.next_epoch(row)
        write_metrics(self._files.metrics, state.history)
        for logger in self._loggers:
            logger.log(row, len(state.history))
        if is_whole:
            self._epoch_s = self._deadline.now() - started
        self._collapse_guard.check(self._results, state)
        self._collapse_guard.report_alike(state, self._progress)
        if self._agreed(state.has_checkpoint or not self._files.resume.is_file()):
            self._save()  # what a fold that collapses in the next epoch goes back to
        else:
            self._save_when_due()

    def _predicted(self, network: nn.Module, rows: SampleRows) -> Iterator[PredictedSamples]:
        """Yield the predictions of `network` for `rows`, if there is time for all of them."""
        n_batches = math.ceil(rows.pass_length / self._recipe.batch_size)
        self._require(n_batches * self._batch_s(), "predicting the pool")
        yield from self._predictor(network, rows)

    def _batch_s(self) -> float:
        """Return the seconds of a batch without gradient: as in validation, else 0."""
        if self._validation is None or not self._evaluation_s:
            return self._step_s
        return self._evaluation_s / self._validation.images.n_batches

    def _train(self, run: PhaseRun) -> HistoryRow:
        """Finish the epoch's steps; return its mean losses."""
        state, device = self.state, self._fabric.device
        self._sums = {
            name: torch.tensor(value, dtype=torch.float64, device=device)
            for name, value in state.sums.items()
        }
        self._require(self._step_s, "a step")
        started, seen = self._deadline.now(), run.n_images
        for losses in run.steps(state.epoch, state.step):
            for name, value in losses.items():
                before = self._sums.get(name)
                self._sums[name] = value.double() if before is None else before + value
                state.counts[name] = state.counts.get(name, 0) + 1
            state.step += 1
            spent, images = self._deadline.now() - started, run.n_images - seen
            self._outlook.times.note(state.phase, spent, images)
            self._advance(1)
            self._step_s = max(self._step_s, self._deadline.now() - started)
            if state.step < run.per_epoch:
                self._save_when_due()
                self._require(self._step_s, "a step")
            started, seen = self._deadline.now(), run.n_images
        return self._means()

    def _solve(self, run: PhaseRun) -> HistoryRow:
        """Solve a phase without steps; return what it found."""
        features = self._features
        assert features is not None  # or the phase would not have been planned
        pools: dict[Pool, FeatureRows] = {}
        method = run.plan.method
        for pool in method.pools(method.options):
            rows = run.plan.pools[pool]
            index = np.arange(len(rows))
            if pool == UNLABELLED:
                index = self._pseudo.unanswered()
            chosen = rows.subset(index)
            groups = self._groups(chosen)
            pools[pool] = FeatureRows(chosen, index, groups, partial(features, chosen))
        try:
            found: HistoryRow = dict(run.solve(pools, self.state.epoch))
        except OutOfTime:
            self._save()
            raise
        return found

    def _phase_features(self, plan: PhasePlan) -> BackboneFeatures | None:
        """Return the features of a phase whose backbone stays as it is; None: none are kept."""
        if self._make_features is None or "backbone" not in plan.spec.freeze:
            return None
        if self._recipe.sharded:
            return None  # the first process alone might run out of time over them
        return self._make_features(self._network, self._normalise, self._fabric.autocast)

    def _means(self) -> HistoryRow:
        # A method may have a loss in some steps only.
        each = {name: n * self._recipe.accumulate for name, n in self.state.counts.items()}
        means = {name: float(value) / each[name] for name, value in self._sums.items()}
        total = means.pop("total", None)
        if total is None:
            return dict(with_precision(means))
        self._collapse_guard.refuse_nan(total, self.state)
        return {"train_loss": total, **with_precision(means)}

    def _evaluate(self, run: PhaseRun, validation: Validation) -> HistoryRow:
        evaluation = self._evaluation(run, validation)
        row: HistoryRow = {}
        if evaluation.loss is not None:
            self._collapse_guard.refuse_nan(evaluation.loss, self.state)
            self.state.note_loss(evaluation.loss)
            row["valid_loss"] = evaluation.loss
        self._results = evaluation.epoch_outputs()
        scores = evaluation.scores()
        self._keep_best(scores[validation.names[0]], validation)
        return {**row, **scores}

    def _evaluation(self, run: PhaseRun, validation: Validation) -> Evaluation:
        expected = self._evaluation_s or self._step_s * validation.images.n_batches
        self._require(expected, "an evaluation")
        started = self._deadline.now()
        try:
            evaluation = validation.evaluate(
                self._evaluated,
                run.plan.objectives,
                self._normalise,
                autocast=self._fabric.autocast,
                features=self._features,
            )
        except OutOfTime:  # while features were made
            self._save()
            raise
        self._evaluation_s = self._deadline.now() - started
        return evaluation

    def _run_callbacks(self, run: PhaseRun) -> HistoryRow:
        """Run the callbacks on the network that predicts, as it is after this epoch."""
        state, started = self.state, self._deadline.now()
        is_over = state.epoch + 1 >= run.plan.epochs or self._is_stale(run.plan)
        at = EpochEnd.of(state, is_over, len(self._phases))
        row: HistoryRow = {}
        for one in self._callbacks:
            if one.is_due(at):
                row |= one.on_epoch_end(self._evaluated, at, self._normalise, self._fabric.autocast)
        self._callbacks_s = max(self._callbacks_s, self._deadline.now() - started)
        return row

    def _keep_best(self, score: float, validation: Validation) -> None:
        """Keep the weights of the last phase's best epoch, if the recipe has `checkpoint: best`."""
        state = self.state
        if self._recipe.checkpoint != "best" or not self._is_last_phase:
            return
        if math.isnan(score):
            raise DataError(
                f"{validation.names[0]} is undefined on these rows: no epoch can be the best one",
                where=self._files.title,
                fix="write checkpoint: last, or change the metric's options",
            )
        if state.best_score is None or validation.is_better(score, state.best_score):
            state.best_score, state.best_epoch = score, state.epoch + 1
            best, normalisation = self._files.checkpoint("best"), Normalisation.of(self._network)
            save_network(best, self._evaluated, normalisation, self._network.trained_on)

    def _is_stale(self, plan: PhasePlan) -> bool:
        stopping = plan.spec.early_stopping
        return (
            stopping is not None
            and self._validation is not None
            and self.state.stale >= stopping.patience
        )

    def _require(self, seconds: float, what: str) -> None:
        """Go on if so many seconds and a checkpoint fit before the deadline; else save, stop."""
        if not self._agreed(self._deadline.allows(SLACK * seconds + self._save_s)):
            self._save()
            raise OutOfTime(f"no time left for {what}")

    def _save_when_due(self) -> None:
        if self._agreed(self._deadline.now() - self._saved_at >= self._every_s):
            self._save()

    def _agreed(self, own: bool) -> bool:
        """Return the first process's answer, where all act on it together: shards are gathered."""
        return Processes.current().exchange(own)[0] if self._recipe.sharded else own

    def _save(self) -> None:
        processes = Processes.current()
        if processes.rank > 0 and not self._recipe.sharded:
            return  # of processes that train together each has the same
        started = self._deadline.now()
        self.state.sums = {name: float(value) for name, value in self._sums.items()}
        if self.state.step == 0:
            self.state.sums, self.state.counts = {}, {}
        self._count_time()
        run = self._current
        if run is not None:
            run.gather()
            self._collapse_guard.refuse_lost(run.modules(), self.state)
        phase = None if run is None else run.state_dict()
        if processes.rank > 0:
            return
        save_training(self._files, self.state, self._network, self._average, phase)
        self._pseudo.forget_others(run)
        self._saved_at = self._counted_at = self._deadline.now()
        self._save_s = self._saved_at - started

    def _count_time(self) -> None:
        now = self._deadline.now()
        self.state.seconds += now - self._counted_at
        self._counted_at = now

    def _restore(self) -> None:
        """Load the last checkpoint; without one, start at the beginning."""
        saved = load_training(self._files, self._network, self._average)
        if saved is not None:
            self.state, self._waiting_state = saved
            if self._average is not None:
                self._evaluated = self._average.network
        # Lines that were written after the checkpoint belong to epochs that come again.
        write_metrics(self._files.metrics, self.state.history)
