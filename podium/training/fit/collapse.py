"""Collapse and divergence of a training: detection, stopping, and advice.

A run that is stopped wrongly costs more than one that is stopped late, so the rule is a slow one.
After each epoch of a phase that learns a task from labels, its predictions for the fold's
validation rows are

    alike   max_i p_ic − min_i p_ic  ≤  10⁻³ · max_c √(r_c (1 − r_c))   for every output c: i is an
            image, of 10 or more with a label, or a pixel, and r_c the share of labels that are c;
            masks are alike only if no pixel of a class is predicted and some are there;
    empty   as the last, and the likeliest pixel has a probability below ¼ (above, a network that
            is merely unsure may need another threshold);
    dead    alike, with 10⁻⁶ for 10⁻³, so but for rounding; of a regression, by 10⁻⁶ of its values.

The run stops once that was so for so many epochs of a phase in a row, SURE of a dead task or
UNSURE of another, of which none brought the task's validation loss GAIN below the first. The
patience is needed because networks that learn how rare something is, or that wait on a plateau,
also predict much the same for all images for a while: U-Nets that found spots of nine pixels later
were empty, without gain, for seven epochs.

Phases that learn without labels are never stopped. Where a method records how its vectors are
spread (`self_supervised.py`), three epochs in a row of a spread below 0.1, or of less than 1.5
dimensions, are reported and recorded: vectors that are all alike, or lie on one line, mean a
network that outputs the same for all images, or varies along one direction. SimSiam without its
stop-gradient came to a spread of 0.29 and 1.0 dimensions, with it to 0.99 and 3.7
(`benchmarks/self_supervised.py`).

A state whose weights are not finite is never saved. When predictions are all alike for the first
time, the last checkpoint from before that epoch is set aside until this is over, or certain. So the
same command goes on from the last good state; as it draws the same numbers it will be stopped
again, unless the cause was outside of it.

Of a method's options `weight`, `threshold` and `mask_threshold` mean the same everywhere, so advice
names them wherever a method has them; advice that a recipe follows already is left out.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel
from torch import Tensor, nn

from podium.errors import RunError, plural
from podium.models import checkpoints
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import PIXELS, is_of_pixels
from podium.training.fit.phase_run import PhasePlan
from podium.training.inference.images import activate
from podium.training.recipe import Recipe
from podium.training.runs.advice import is_unfiltered, unfiltered_advice
from podium.training.runs.fold_files import FoldFiles
from podium.training.runs.history import HistoryRow, Streak, TrainingState
from podium.workspace.atomic import remove
from podium.workspace.progress import Progress

__all__ = [
    "EPOCHS_IF_ALIKE",
    "EPOCHS_IF_DEAD",
    "CollapseGuard",
    "CollapseSign",
    "EpochOutputs",
    "OutputRange",
    "class_ranges",
    "collapse_advice",
    "divergence_advice",
    "few_pseudo_labels_advice",
    "find_embedding_collapse",
    "find_label_collapse",
    "find_mask_collapse",
    "update_streaks",
]


EPOCHS_IF_DEAD, EPOCHS_IF_ALIKE = 3, 10
GAIN = 1e-3
FEWEST_ROWS = 10
ALIKE, DEAD = 1e-3, 1e-6
LEAST_SPREAD = {"spread": 0.1, "dimensions": 1.5}
"""The lowest that is healthy."""
UNLIKELY = 0.25


@dataclass(frozen=True)
class CollapseSign:
    """Predictions that are all alike.

    Attributes:
        how: a description, as the middle of a sentence.
        patience: number of epochs in a row from which it is a collapse.
    """

    how: str
    patience: int = EPOCHS_IF_DEAD


@dataclass(frozen=True)
class EpochOutputs:
    """Validation results of one epoch for a task that the phase learns.

    Attributes:
        loss: of the validation rows.
        stuck: where predictions are all alike, how.
    """

    loss: float
    stuck: CollapseSign | None = None


def update_streaks(
    before: Mapping[str, Streak], results: Mapping[str, EpochOutputs]
) -> dict[str, Streak]:
    """Return the streaks after an epoch, of the tasks that are stuck.

    Example:
        >>> still = {"classify": EpochOutputs(1.1, CollapseSign("they differ by 0"))}
        >>> update_streaks(update_streaks({}, still), still)
        {'classify': (2, 1.1)}
        >>> less = {"classify": EpochOutputs(1.0, CollapseSign("they differ by 0"))}
        >>> update_streaks({"classify": (2, 1.1)}, less)
        {'classify': (1, 1.0)}
    """
    after: dict[str, Streak] = {}
    for task, one in results.items():
        if one.stuck is None:
            continue
        epochs, first = before.get(task, (0, one.loss))
        has_gained = first - one.loss > GAIN * abs(first)
        after[task] = (1, one.loss) if has_gained else (epochs + 1, first)
    return after


def collapsed_task(
    streaks: Mapping[str, Streak], results: Mapping[str, EpochOutputs]
) -> str | None:
    """Return the task that is stuck for too long by now; None where none is."""
    for task, (epochs, _) in streaks.items():
        stuck = results[task].stuck
        if stuck is not None and epochs >= stuck.patience:
            return task
    return None


class OutputRange:
    """The lowest and the highest value of each output."""

    def __init__(self) -> None:
        self.low: Tensor | None = None
        self.high: Tensor | None = None

    def update(self, values: Tensor) -> None:
        """Widen the range by rows `(n, C)`, which may be none."""
        if not len(values):
            return
        low, high = values.aminmax(dim=0)
        self.low = low if self.low is None else torch.minimum(self.low, low)
        self.high = high if self.high is None else torch.maximum(self.high, high)

    def on_host(self) -> OutputRange:
        """Return the same in host memory."""
        moved = OutputRange()
        moved.join([self])
        moved.low = None if moved.low is None else moved.low.cpu()
        moved.high = None if moved.high is None else moved.high.cpu()
        return moved

    def join(self, others: Sequence[OutputRange]) -> None:
        """Widen the range by those of others."""
        for one in others:
            for bounds in (one.low, one.high):
                if bounds is not None:
                    self.update(bounds[None])

    @property
    def difference(self) -> float:
        """The largest between two rows in one output; 0 where there are none."""
        if self.low is None or self.high is None:
            return 0.0
        return float((self.high - self.low).max())


def find_label_collapse(
    outputs: OutputRange, target: NDArray[Any], kind: Kind
) -> CollapseSign | None:
    """Return how the predictions for all rows are alike; None where they differ enough.

    Args:
        outputs: range of the probabilities (a regression's values) of the rows with a label.
        target: the labels: `(n,)` classes or numbers, or `(n, C)`, nan or -1 where one of a row is
            missing.
        kind: of the network's output.
    """
    if outputs.low is None or outputs.high is None or len(target) < FEWEST_ROWS:
        return None
    deviation = _deviation(target, kind)
    if deviation == 0:
        return None  # one prediction for all of them is right
    if not kind.is_prob:
        largest = float(torch.maximum(outputs.low.abs(), outputs.high.abs()).max())
        patience, name = (
            (EPOCHS_IF_DEAD if outputs.difference <= DEAD * largest else None),
            "values",
        )
    else:
        patience, name = _patience(outputs.difference, deviation), "probabilities"
    if patience is None:
        return None
    how = f"its {name} of {plural(len(target), 'image')} differ by {outputs.difference:.1g} at most"
    return CollapseSign(how, patience)


def _patience(difference: float, deviation: float) -> int | None:
    if difference > ALIKE * deviation:
        return None
    return EPOCHS_IF_DEAD if difference <= DEAD * deviation else EPOCHS_IF_ALIKE


def _deviation(target: NDArray[Any], kind: Kind) -> float:
    """Return the largest standard deviation of an output's targets, 0 where all are alike."""
    if kind.is_exclusive:
        shares = np.bincount(target[target >= 0].astype(np.int64)) / len(target)
        return float(np.sqrt(shares * (1 - shares)).max(initial=0))
    targets = target.reshape(len(target), -1).astype(np.float64)
    is_known = np.isfinite(targets) & ((targets >= 0) | (not kind.is_prob))
    n = np.maximum(is_known.sum(axis=0), 1)
    mean = np.where(is_known, targets, 0).sum(axis=0) / n
    return float(np.sqrt((np.where(is_known, targets - mean, 0) ** 2).sum(axis=0) / n).max())


def find_mask_collapse(
    outputs: OutputRange, counts: NDArray[np.int64], kind: Kind
) -> CollapseSign | None:
    """Return how all masks are empty; None where they are not, or should be.

    Args:
        outputs: range of the probabilities of the classes, of every pixel.
        counts: `(N, K, 4)` of the images with a mask, as `metrics.mask_counts` has them.
        kind: of the masks.
    """
    of_class = counts if kind.is_by_class else counts[:, 1:]  # 0 is background
    predicted, true = of_class[..., 1].sum(), of_class[..., 2].sum(axis=1)
    if outputs.high is None or predicted or not true.any():
        return None
    _, _, pixels, valid = of_class.sum(axis=0).T
    shares = pixels / np.maximum(valid, 1)
    patience = _patience(outputs.difference, float(np.sqrt(shares * (1 - shares)).max()))
    likeliest = float(outputs.high.max())
    if patience is None and likeliest < UNLIKELY:
        patience = EPOCHS_IF_ALIKE
    if patience is None:
        return None
    how = (
        f"its masks of {plural(len(counts), 'image')} are all empty, and "
        f"{(true > 0).sum():,} should not "
    )
    how += f"be; the likeliest pixel has a probability of {likeliest:.1g}"
    return CollapseSign(how, patience)


def find_embedding_collapse(history: Iterable[HistoryRow]) -> dict[str, dict[str, Any]]:
    """Return phase → the first epoch in which its vectors had been alike for long, and its meters.

    Example:
        >>> rows = [{"phase": "a", "epoch": n, "spread": 0.05} for n in (1, 2, 3, 4)]
        >>> find_embedding_collapse(rows)
        {'a': {'epoch': 3, 'spread': 0.05}}
    """
    found: dict[str, dict[str, Any]] = {}
    in_a_row: dict[str, int] = {}
    for row in history:
        phase = str(row["phase"])
        names = (name for name in LEAST_SPREAD if name in row)
        meters: dict[str, Any] = {name: row[name] for name in names}
        is_alike = any(float(value) < LEAST_SPREAD[name] for name, value in meters.items())
        in_a_row[phase] = in_a_row.get(phase, 0) + 1 if is_alike else 0
        if in_a_row[phase] == EPOCHS_IF_DEAD and phase not in found:
            found[phase] = {"epoch": row["epoch"], **meters}
    return found


def class_ranges(logits: Tensor, kind: Kind) -> Tensor:
    """Return the lowest and highest probability `(2, C)` of each class in `(N, C, H, W)` logits.

    Background is none of them.
    """
    probs = activate(logits, kind)[:, int(kind.has_background) :]
    return torch.stack([probs.amin(dim=(0, 2, 3)), probs.amax(dim=(0, 2, 3))])


def trained_tensors(*modules: nn.Module) -> list[Tensor]:
    """Return the parameters, and the running statistics of norms.

    Other buffers may hold what they like: attention masks of -inf, thresholds, empty memories.
    """
    found: list[Tensor] = []
    for module in modules:
        found += list(module.parameters())
        found += [
            buffer
            for name, buffer in module.named_buffers()
            if name.endswith(("running_mean", "running_var"))
        ]
    return found


def are_finite(tensors: Iterable[Tensor]) -> bool:
    """Return whether every number is one, with one wait for the device."""
    flags = [one.detach().isfinite().all() for one in tensors]
    return not flags or bool(torch.stack(flags).all())


FEW = 1e-3
LONG = 5
ANOTHER_RUN = "; that is another run, which begins anew, or by model.from at a finished run's end"


class CollapsedError(RunError):
    """The training of a fold has diverged or collapsed.

    Attributes:
        what: happened, without what was kept and what to do.
        phase: of the recipe, in which it did.
    """

    def __init__(
        self,
        message: str,
        *,
        where: object = None,
        fix: str | None = None,
        what: str = "",
        phase: str = "",
    ) -> None:
        super().__init__(message, where=where, fix=fix)
        self.what, self.phase = what, phase


@dataclass(frozen=True)
class CollapseGuard:
    """Stops the training of a fold that has diverged or collapsed.

    Args:
        files: the fold's folder.
        recipe: as resolved.
        phases: of the recipe, made ready.
    """

    files: FoldFiles
    recipe: Recipe
    phases: Sequence[PhasePlan]

    def refuse_nan(self, loss: float, state: TrainingState) -> None:
        """Raise CollapsedError where the loss is no number."""
        if not math.isfinite(loss):
            raise self._divergence(f"the loss became {loss}", state)

    def refuse_lost(self, modules: Sequence[nn.Module], state: TrainingState) -> None:
        """Raise CollapsedError where a loss so far, or a weight, is no number."""
        self.refuse_nan(state.sums.get("total", 0.0), state)
        if not are_finite(trained_tensors(*modules)):
            raise self._divergence("weights became nan or infinite", state)

    def check(self, results: Mapping[str, EpochOutputs], state: TrainingState) -> None:
        """Set a checkpoint aside while predictions are all alike; raise if they stay so.

        It is the last one from before the first such epoch. Where checkpoints are written within
        epochs, that is the state at the epoch's start.

        Args:
            results: of the validation of the epoch that is over, by task.
            state: of the training; its streaks are updated.

        Raises:
            CollapsedError: a task has collapsed; the checkpoint is the one that was set aside.
        """
        state.stuck = stuck = update_streaks(state.stuck, results)
        task = collapsed_task(stuck, results)
        is_first = all(epochs == 1 for epochs, _ in stuck.values())
        if is_first:  # or none is stuck
            remove(self.files.good)
        if stuck and is_first:
            self.files.set_good_aside(within=state.has_checkpoint)
        if task is not None and (last := results[task].stuck) is not None:
            self.files.return_to_good()
            plan, (epochs, loss) = self.phases[state.phase], stuck[task]
            raise self._stopped(
                f"{task} collapsed in epoch {state.epoch} of phase {plan.spec.name}: "
                f"{last.how}, for {epochs} epochs, in which its validation loss came from "
                f"{loss:.4g} to {results[task].loss:.4g}",
                collapse_advice(task, plan, self.recipe),
                plan.spec.name,
            )

    def report_alike(self, state: TrainingState, progress: Progress) -> None:
        """Report, once a phase, that the vectors which its method compares have become alike.

        The run goes on: nothing is scored here, and some methods recover.
        """
        found = find_embedding_collapse(state.history)
        phase = self.phases[state.phase].spec.name
        one = found.get(phase)
        if one is not None and one["epoch"] == state.epoch:
            meters = [f"{name} {one[name]:.2g}" for name in LEAST_SPREAD if name in one]
            progress.say(
                f"{self.files.title}: the vectors of phase {phase} point in hardly more than one "
                f"direction ({', '.join(meters)}, for {EPOCHS_IF_DEAD} epochs), so the network may "
                "become the same for all images: try a lower rate, larger batches, or another "
                "method"
            )

    def idle(self, state: TrainingState) -> str | None:
        """Return a note on a phase that is over whose method hardly labelled anything by itself.

        That is so where in each of its last LONG epochs it kept less than FEW of its predictions:
        no collapse, the run is as good as one of labels alone. Or, at the other end, on one whose
        thresholds let nearly all of them pass.
        """
        plan = self.phases[state.phase]
        phase = plan.spec.name
        rows = [row for row in state.history if row["phase"] == phase]
        if is_unfiltered(rows):
            return unfiltered_advice(plan.spec.method.name, phase, f"in {self.files.title}")
        rows = rows[-LONG:]
        shares = [float(row.get("kept", 1.0)) for row in rows]
        if len(rows) < LONG or max(shares) >= FEW:
            return None
        tries = few_pseudo_labels_advice(plan.objectives, plan.method.options)
        return (
            f"{self.files.title}: in the last {LONG} epochs of phase {phase} "
            f"{plan.spec.method.name} kept {max(shares):.2%} of its predictions at most, "
            f"so it learnt from the labels alone{'' if tries is None else f': {tries}'}"
        )

    def _divergence(self, what: str, state: TrainingState) -> CollapsedError:
        # Between two epochs it is the one before.
        epoch, plan = state.epoch + (state.step > 0), self.phases[state.phase]
        what = f"{what} in epoch {epoch} of phase {plan.spec.name}"
        return self._stopped(what, divergence_advice(plan, self.recipe), plan.spec.name)

    def _stopped(self, what: str, tries: str, in_phase: str) -> CollapsedError:
        kept = "nothing was saved before, so the same command begins anew"
        if self.files.resume.is_file():
            at = TrainingState.from_state(checkpoints.load(self.files.resume)["training_state"])
            after = f"step {at.step} of epoch {at.epoch + 1}" if at.step else f"epoch {at.epoch}"
            phase = self.phases[at.phase].spec.name
            kept = f"the state after {after} of phase {phase} is kept, from which the same command "
            kept += f"goes on ({self.files.resume.name})"
        self.files.write_failed(what, tries + ANOTHER_RUN)
        return CollapsedError(
            f"{what}; {kept}",
            where=self.files.title,
            fix=tries + ANOTHER_RUN,
            what=what,
            phase=in_phase,
        )


def divergence_advice(plan: PhasePlan, recipe: Recipe) -> str:
    """Return what to try where losses or weights became no numbers, for a message."""
    tries = ["lower optimizer.lr"]
    if plan.optimizer.clip_norm is None:
        tries.append("set optimizer.clip_norm: 1.0")
    if recipe.precision != "fp32":
        tries.append("use precision: fp32")
    return ", ".join(tries[:-1]) + f", or {tries[-1]}" if len(tries) > 1 else tries[0]


def collapse_advice(task: str, plan: PhasePlan, recipe: Recipe) -> str:
    """Return advice for a network that predicts the same for every image, for a message.

    Args:
        task: that collapsed.
        plan: of the phase in which it did.
        recipe: of that phase.
    """
    tries = ["lower optimizer.lr"]
    if plan.optimizer.warmup_epochs == 0:
        tries[0] += ", or let it rise (optimizer.warmup_epochs)"
    options, kinds = plan.method.options, plan.method.setting.kinds
    changes = ["a lower weight"] if getattr(options, "weight", None) else []
    if (threshold := _threshold(task, options)) is not None:
        changes.append(f"a higher {threshold}")
    if changes:
        tries.append(f"give {plan.spec.method.name} {' or '.join(changes)}")
    if is_of_pixels(task):
        tries += _of_masks(plan, recipe, kinds[PIXELS])
    elif recipe.sampling == "shuffle" and not kinds[task].is_continuous and len(kinds) == 1:
        tries.append("write sampling: balanced")
    if plan.spec.freeze:
        tries.append(f"freeze less than {', '.join(plan.spec.freeze)}")
    return "; ".join(tries)


def few_pseudo_labels_advice(tasks: Collection[str], options: BaseModel) -> str | None:
    """Return advice for a method that keeps hardly any pseudo-label; None: there is none."""
    found = {name: None for task in sorted(tasks) if (name := _threshold(task, options))}
    return f"a lower {' or '.join(found)} keeps more" if found else None


def _threshold(task: str, options: BaseModel) -> str | None:
    """Return the option that sets the lowest confidence of a pseudo-label of `task`."""
    if is_of_pixels(task) and getattr(options, "mask_threshold", None) is not None:
        return "mask_threshold"
    return None if getattr(options, "threshold", None) is None else "threshold"


def _of_masks(plan: PhasePlan, recipe: Recipe, kind: Kind) -> list[str]:
    tries = []
    loss, usual = (plan.spec.loss or {}).get(PIXELS), kind.usual_loss
    if loss is not None and not usual.keys() <= loss.keys():
        terms = ", ".join(f"{name}: 1" for name in usual)
        tries.append(f"write loss: {{segment: {{{terms}}}}}")
    if recipe.empty_share != 0:
        tries.append("show fewer empty masks (empty_share)")
    return tries
