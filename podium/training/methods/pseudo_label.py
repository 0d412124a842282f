"""Pseudo-labels: the network's own predictions, learnt as labels (Lee 2013, ICML WREPL).

    q = softmax(z), without gradient       kept = max_c q_c ≥ τ        ŷ = argmax_c q_c

    append      once, at first or after `after` epochs, or anew every `every` epochs from there on:
                {(u, ŷ): kept} joins the labelled samples
    permanent   every epoch: those kept that have not joined yet do so; none changes or leaves
    local       rounds of two epochs: on {(u, ŷ): kept} alone, then on the labelled samples alone;
                the first rests where fewer than two are kept
    classical   labels are made anew at every step, by the network as it is (Lee's eq. 15):

        L = objective(labelled) + a(t) · 1/U · Σ_u kept_u · H(ŷ_u, z_u)
        a(t) = 0 for t < T1, weight · (t − T1) / (T2 − T1) up to T2, weight afterwards     (eq. 16)

U counts all unlabelled samples, kept or not: the loss is small while few are confident.
`schedule: alternate` takes steps in turn, μ on the unlabelled term alone, then one on labelled
samples. A binary task, and each class of a multilabel one, is the same with two classes:
(1 − σ(z), σ(z)). Of masks every pixel that shows the image is such a sample. H is the phase's
`loss`; where that is no mean over targets (Dice), it is taken of those kept and multiplied by
their share.

`tasks` names whose predictions are learnt so, where labels and masks are learnt together. The other
task of such a sample is missing.

The first three run the network that predicts, at the beginning of an epoch, without augmentation;
an image joins when any of its predictions is kept. An epoch is a pass over the labelled samples
(with alternate, as many steps as it takes until they have had one), however many have joined them.
With the phase's `epoch: all` it is one over the labelled samples and those that joined, and a round
of local is a pass over all that are kept, then one over the labelled samples; with `unlabelled` an
epoch of classical is a pass over the unlabelled samples.

An image is selected when any of its predictions is confident enough: its label, or a pixel of its
mask. Those that are not stay missing. Its confidence is that of its label where it has one, else
the mean over the pixels that are kept. Where each class has a number of places, the most confident
labels of it take them, of equal ones those that come first in the pool. An image without a place
stays only for its mask: masks have no class to be counted by.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal, Self

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field, ValidationInfo, field_validator, model_validator
from torch import Tensor

from podium.competition.truths.masks import IGNORE, Mask
from podium.errors import RecipeError
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import (
    IMAGES,
    PIXELS,
    TaskName,
    has_images,
    has_pixels,
    is_of_pixels,
)
from podium.training.method import (
    LABELLED,
    PSEUDO,
    UNLABELLED,
    Batch,
    Method,
    Options,
    PhaseSetting,
    Pool,
    Predict,
    PredictedSamples,
    SelectedSamples,
    Step,
    Stream,
    ViewSpec,
)
from podium.training.methods.supervised import training_logits
from podium.training.pseudo.labelled_by_method import PackedMasks, from_state, to_state
from podium.training.semi_supervised import HardLabels, hard_labels, probabilities

__all__ = ["METHOD"]


_VIEW = ViewSpec("train")

Confidence = Annotated[float, Field(ge=0, lt=1)]


class Threshold(Options):
    """Lowest confidence of a pseudo-label: a number, or one that rises with the epochs."""

    start: Confidence
    """in the first epoch"""
    step: Annotated[float, Field(ge=0)] = 0.0
    """by how much it rises from one epoch to the next"""
    max: Confidence = 0.99
    """where it stays; below 1, which no confidence reaches"""

    @model_validator(mode="before")
    @classmethod
    def _of_a_number(cls, given: Any) -> Any:
        is_number = isinstance(given, int | float) and not isinstance(given, bool)
        return {"start": given, "max": given} if is_number else given

    @model_validator(mode="after")
    def _rises(self) -> Self:
        if self.start > self.max:
            raise ValueError(f"start: {self.start:g} is above max: {self.max:g}")
        return self

    def at(self, epoch: int) -> float:
        """Return the threshold in `epoch` of the phase, from 0."""
        return min(self.max, self.start + self.step * epoch)


class PseudoLabelOptions(Options):
    """The options of `method: {name: pseudo_label}`."""

    mode: Literal["append", "classical", "permanent", "local"] = "append"
    """when the network labels images: append at the start of the phase; permanent at every epoch,
    and they stay; local in rounds, of its own labels and of the true ones; classical at every step
    """
    threshold: Threshold = Threshold(start=0.95)
    """lowest confidence of a pseudo-label (τ), or {start, step, max} by epoch; 0: all count"""
    mask_threshold: Threshold | None = None
    """the same of the pixels of masks; default: as of labels"""
    per_class: Annotated[int, Field(ge=1)] | None = None
    """append, permanent, local: how many labels of each class join at a time, the surest; images
    that join for their mask are not counted; default: all"""
    tasks: Annotated[tuple[TaskName, ...], Field(min_length=1)] | None = None
    """whose predictions are pseudo-labels: [classify] labels classes alone, where masks are learnt,
    too; default: all that the phase learns"""
    weight: Annotated[float, Field(ge=0)] = 1.0
    """of a pseudo-labelled sample beside 1 for a labelled one; classical: of the unlabelled term"""
    every: Annotated[int, Field(ge=1)] | None = None
    """append: epochs after which the labels are made anew; default: never"""
    after: Annotated[int, Field(ge=0)] = 0
    """append: epochs of the phase before the labels are made; until then it learns from labels
    alone, with one schedule of the rate for all"""
    schedule: Literal["joint", "alternate"] = "joint"
    """classical: both terms in one step, or steps in turn"""
    ratio: Annotated[int, Field(ge=1)] = 7
    """classical: unlabelled samples, or steps in turn, for each labelled one (μ)"""
    ramp: tuple[Annotated[float, Field(ge=0)], Annotated[float, Field(ge=0)]] | None = None
    """classical: [T1, T2], epochs between which the weight rises from 0; default: it is constant"""

    @field_validator("every", "after", "schedule", "ratio", "ramp")
    @classmethod
    def _belongs_to_the_mode(cls, value: Any, info: ValidationInfo) -> Any:
        mode = "append" if info.field_name in ("every", "after") else "classical"
        if info.data.get("mode", mode) != mode:
            raise ValueError(f"only mode: {mode} has it")
        return value

    @field_validator("per_class")
    @classmethod
    def _is_of_a_selection(cls, value: int | None, info: ValidationInfo) -> int | None:
        if value is not None and info.data.get("mode") == "classical":
            raise ValueError("mode: classical chooses anew at every step, and no surest of a class")
        return value

    @field_validator("ramp")
    @classmethod
    def _ramp_rises(cls, value: tuple[float, float] | None) -> tuple[float, float] | None:
        if value is not None and value[0] > value[1]:
            raise ValueError(f"the ramp begins at {value[0]:g} and ends before, at {value[1]:g}")
        return value


class PseudoLabel(Method):
    """Learns from labelled samples, and from its own predictions for the others."""

    Options = PseudoLabelOptions
    needs = (LABELLED, UNLABELLED)
    options: PseudoLabelOptions

    def __init__(self, options: PseudoLabelOptions, setting: PhaseSetting) -> None:
        super().__init__(options, setting)
        learnt, labelled = setting.objective.tasks, options.tasks or setting.objective.tasks
        if not {*labelled} <= {*learnt}:
            raise RecipeError(
                f"pseudo-labels are to be of {' and '.join(sorted(labelled))}, and this phase "
                f"learns {' and '.join(learnt)}",
                where="method.tasks",
                fix="name tasks of the phase's loss",
            )
        self._kinds: dict[str, Kind] = {task: setting.kinds[task] for task in sorted(labelled)}
        self._objective = setting.objective.of_tasks(self._kinds)  # of the unlabelled
        self._kept: SelectedSamples | None = None
        self._grown_in: int | None = None
        _refuse(options, setting, self._kinds)
        self.averages_dropout = options.mode != "classical"

    def epoch_steps(self, passes: Mapping[Pool, int]) -> int:
        steps = super().epoch_steps(passes)
        return steps * (self.options.ratio + 1) if self._alternates else steps

    def pass_steps(self, pool: Pool, passes: Mapping[Pool, int]) -> int | None:
        if pool == LABELLED:
            return self.epoch_steps(passes)
        if self._alternates and pool == UNLABELLED:
            turn = self.options.ratio
            batch_size = turn * self.setting.batch_size
            return (turn + 1) * self.steps_of_pass(passes[pool], batch_size)
        return super().pass_steps(pool, passes)

    def start_epoch(self, epoch: int, predict: Predict) -> SelectedSamples | None:
        mode, every, since = self.options.mode, self.options.every, epoch - self.options.after
        if mode == "permanent":
            return self._weighted(self._grown(epoch, predict))
        is_append = mode == "append" and since >= 0
        is_due = is_append and (since % every == 0 if every else since == 0)
        if is_due or (mode == "local" and epoch % 2 == 0):
            return self._weighted(self._select(epoch, predict))
        return None

    def streams(self, step: Step) -> tuple[Stream, ...]:
        labelled, mode = self.setting.labelled, self.options.mode
        if mode == "local":
            if step.epoch % 2:
                rounds = step.epoch // 2
                return (self._numbered(labelled, rounds * step.per_epoch + step.within, step),)
            # The order starts anew with every selection, so this one is not numbered.
            return (replace(labelled, name=PSEUDO, pools=(PSEUDO,), empty_share=None),)
        if mode != "classical":
            return (replace(labelled, pools=(LABELLED, PSEUDO)),)
        ratio = self.options.ratio
        if not self._alternates:
            return (labelled, self.setting.unlabelled(ratio, (_VIEW,)))
        rounds, within = divmod(step.index, ratio + 1)
        if within == ratio:
            return (self._numbered(labelled, rounds, step),)
        unlabelled = self.setting.unlabelled(1, (_VIEW,))
        return (self._numbered(unlabelled, rounds * ratio + within, step),)

    def losses(self, batches: Mapping[str, Batch], step: Step) -> dict[str, Tensor]:
        if self.options.mode == "classical":
            return self._classical(batches, step)
        if LABELLED in batches:
            return self._learn(batches[LABELLED], step)
        # Local, and nothing was sure enough; or one image, of which batch norm has no variance.
        least = min(2, self.setting.batch_size)
        if PSEUDO not in batches or len(batches[PSEUDO].index) < least:
            return {}
        # All weights of a batch being equal, they cancel out in its mean.
        losses = {
            name: self.options.weight * value
            for name, value in self._learn(batches[PSEUDO], step).items()
        }
        return {"pseudo": losses["total"], "total": losses["total"]}

    def state_dict(self) -> dict[str, Any]:
        if self._kept is None:
            return {}
        return {"grown_in": self._grown_in, "kept": to_state(self._kept)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self._grown_in = state.get("grown_in")
        self._kept = from_state(state["kept"]) if "kept" in state else None

    @property
    def _alternates(self) -> bool:
        return self.options.mode == "classical" and self.options.schedule == "alternate"

    def _numbered(self, stream: Stream, steps: int, step: Step) -> Stream:
        """Return `stream` as it goes on after `steps` optimiser steps in which it did not rest."""
        return replace(stream, number=steps * self.setting.accumulate + step.micro)

    def _grown(self, epoch: int, predict: Predict) -> SelectedSamples:
        """Return the set with those that are confident by now; it grows at most once an epoch."""
        if self._kept is None:
            self._kept = self._select(epoch, predict)
        elif epoch != self._grown_in:
            new = self._select(epoch, predict, without=self._kept.index)
            self._kept = merge_selected(self._kept, new)
        self._grown_in = epoch
        return self._kept

    def _select(
        self, epoch: int, predict: Predict, without: NDArray[np.int64] | None = None
    ) -> SelectedSamples:
        return select_confident(
            predict(UNLABELLED),
            self._kinds,
            thresholds={task: self._threshold(task, epoch) for task in self._kinds},
            epoch=epoch,
            per_class=self.options.per_class,
            without=without,
        )

    def _threshold(self, task: str, epoch: int) -> float:
        """Return the lowest confidence of a pseudo-label of `task`."""
        of_masks = self.options.mask_threshold
        if is_of_pixels(task) and of_masks is not None:
            return of_masks.at(epoch)
        return self.options.threshold.at(epoch)

    def _weighted(self, selected: SelectedSamples) -> SelectedSamples:
        weight = np.full(len(selected), self.options.weight, dtype=np.float32)
        return replace(selected, weight=weight)

    def _learn(self, batch: Batch, step: Step) -> dict[str, Tensor]:
        """Return the losses of samples with labels or pseudo-labels."""
        images, targets = self.setting.mixed(batch, step)
        logits = training_logits(self.network, images, self.setting.objective.tasks)
        return self.setting.objective(logits, targets, batch.weight)

    def _classical(self, batches: Mapping[str, Batch], step: Step) -> dict[str, Tensor]:
        weight = self._ramped(step)
        if UNLABELLED not in batches:
            losses = self._learn(batches[LABELLED], step)
            return {**losses, "labelled": losses["total"]}
        if LABELLED not in batches:
            if weight == 0:  # no step at all: momentum and weight decay would move the weights
                return {}
            batch = batches[UNLABELLED]
            logits = self.network(batch.images, self._objective.tasks)
            losses = self._of_unlabelled(logits, batch, step, weight)
            return {**losses, "total": losses["pseudo"]}
        return self._joint(batches[LABELLED], batches[UNLABELLED], step, weight)

    def _joint(
        self, labelled: Batch, unlabelled: Batch, step: Step, weight: float
    ) -> dict[str, Tensor]:
        images, targets = self.setting.mixed(labelled, step)
        n, objective = len(images), self.setting.objective
        # One forward: batch norm sees both kinds of images at once.
        logits = self.network(torch.cat([images, unlabelled.images]), objective.tasks)
        losses = objective(
            {task: logits[task][:n] for task in objective.tasks}, targets, labelled.weight
        )
        rest = {task: logits[task][n:] for task in self._kinds}
        pseudo = self._of_unlabelled(rest, unlabelled, step, weight)
        total = losses["total"]
        return {**losses, **pseudo, "labelled": total, "total": total + pseudo["pseudo"]}

    def _of_unlabelled(
        self, logits: Mapping[str, Tensor], batch: Batch, step: Step, weight: float
    ) -> dict[str, Tensor]:
        """Return the unlabelled term, with its weight, which share counts, and how sure all are."""
        hard = {task: self._hard(task, logits[task], batch, step) for task in self._kinds}
        objective = self._objective
        terms = objective(logits, {task: one.target for task, one in hard.items()})
        # The objective's means are over the targets that count; ours are over all.
        parts = [terms[name] * hard[name.split("/")[0]].share for name in objective.names]
        shares = {f"{task}/pseudo_kept": one.share for task, one in hard.items()}
        if has_images(hard):
            labels = hard[IMAGES]
            shares[f"{IMAGES}/confidence"] = labels.confidence.mean()
            shares |= self.setting.precision_sums(batch, labels.answer, labels.kept)
        return {**shares, "pseudo": weight * torch.stack(parts).sum()}

    def _hard(self, task: str, logits: Tensor, batch: Batch, step: Step) -> HardLabels:
        kind = self._kinds[task]
        return hard_labels(
            probabilities(logits, kind),
            kind,
            threshold=self._threshold(task, step.epoch),
            shown=batch.shown.get(_VIEW.name) if is_of_pixels(task) else None,
        )

    def _ramped(self, step: Step) -> float:
        """Return the weight of the unlabelled term at a step; epochs are counted in fractions."""
        if self.options.ramp is None:
            return self.options.weight
        begin, end = self.options.ramp
        epoch = step.index / step.per_epoch
        if epoch < begin:
            return 0.0
        share = 1.0 if epoch >= end else (epoch - begin) / (end - begin)
        return self.options.weight * share


def _refuse(options: PseudoLabelOptions, setting: PhaseSetting, kinds: Mapping[str, Kind]) -> None:
    """Raise RecipeError for a phase that cannot learn in this way."""
    for task, kind in kinds.items():
        if not kind.is_prob:
            raise RecipeError(
                "a number has no confidence, so a regression has no pseudo-labels",
                where=f"method.name, for {task}",
                fix="write method: {name: supervised}",
            )
    if options.mask_threshold is not None and not has_pixels(kinds):
        raise RecipeError(
            "mask_threshold is about masks, and this phase learns none",
            where="method.mask_threshold",
            fix="write threshold",
        )
    has_one_class = has_images(kinds) and kinds[IMAGES].is_one_class
    if options.per_class is not None and not has_one_class:
        raise RecipeError(
            "per_class counts labels, and here no image has a label of one class",
            where="method.per_class",
            fix="leave per_class out",
        )
    if options.mode == "local" and setting.epochs % 2:
        raise RecipeError(
            f"a round of mode: local is two epochs, and the phase has {setting.epochs}",
            where="method.mode",
            fix="write an even number of epochs",
        )
    if options.mode == "local" and setting.stops_early:
        raise RecipeError(
            "a phase of mode: local that stops early may end on its own labels alone",
            where="early_stopping",
            fix="leave early_stopping out, or take another mode",
        )
    if options.after >= setting.epochs:
        raise RecipeError(
            f"labels are made after epoch {options.after}, and the phase has {setting.epochs}",
            where="method.after",
            fix="write fewer epochs than the phase has, or leave it out",
        )
    if options.ramp is not None and options.ramp[0] >= setting.epochs:
        raise RecipeError(
            f"the weight rises from epoch {options.ramp[0]:g} on, and the phase has "
            f"{setting.epochs}: nothing would be learnt from unlabelled samples",
            where="method.ramp",
            fix="write [T1, T2] within the epochs of the phase",
        )


METHOD = PseudoLabel


Index = NDArray[np.int64]
Sureness = NDArray[np.float32]


def select_confident(
    predictions: Iterable[PredictedSamples],
    kinds: Mapping[str, Kind],
    *,
    thresholds: Mapping[str, float],
    epoch: int,
    per_class: int | None = None,
    without: Index | None = None,
) -> SelectedSamples:
    """Return the samples with a confident prediction, and these predictions as pseudo-labels.

    Args:
        predictions: for the unlabelled pool.
        kinds: of the tasks to label.
        thresholds: task → lowest confidence that counts; 0: all count.
        epoch: noted as the round of each sample.
        per_class: number of labels of a class that count at most (multiclass, binary); None: all.
        without: rows of the pool that are passed over.
    """
    index, of_labels, of_masks, labels, masks = [], [], [], [], PackedMasks()
    for predicted in predictions:
        is_new = ~np.isin(predicted.index, [] if without is None else without)
        sure = np.full(len(is_new), np.nan, dtype=np.float32)
        sure_of_mask = sure.copy()
        given: NDArray[Any] | None = None
        if has_images(kinds):
            given, sure = _hard_labels(predicted, kinds[IMAGES], thresholds[IMAGES])
        if has_pixels(kinds):
            assert predicted.masks is not None
            for position, probs in enumerate(predicted.masks):
                if is_new[position]:
                    mask, sureness = _hard_mask(probs, kinds[PIXELS], thresholds[PIXELS])
                    sure_of_mask[position] = sureness
                    if not (np.isnan(sure[position]) and np.isnan(sureness)):
                        masks.append(mask)
        passes = is_new & ~(np.isnan(sure) & np.isnan(sure_of_mask))
        index.append(predicted.index[passes])
        of_labels.append(sure[passes])
        of_masks.append(sure_of_mask[passes])
        if given is not None:
            labels.append(given[passes])
    rows = np.concatenate([np.empty(0, np.int64), *index])
    of_label = np.concatenate([np.empty(0, np.float32), *of_labels])
    of_mask = np.concatenate([np.empty(0, np.float32), *of_masks])
    chosen = SelectedSamples(
        index=rows,
        confidence=np.where(np.isnan(of_label), of_mask, of_label),
        round=np.full(len(rows), epoch, dtype=np.int64),
        labels=np.concatenate(labels) if labels else None,
        masks=masks if has_pixels(kinds) else None,
    )
    return (
        chosen
        if per_class is None
        else _most_confident_of_classes(chosen, of_label, of_mask, per_class)
    )


def _most_confident_of_classes(
    chosen: SelectedSamples, of_label: Sureness, of_mask: Sureness, per_class: int
) -> SelectedSamples:
    """Return `chosen` with at most `per_class` labels of each class, the surest."""
    assert chosen.labels is not None
    has_place = np.zeros(len(chosen), dtype=bool)
    surest_first = np.lexsort((chosen.index, -of_label))  # nan, no label, comes last
    for label in np.unique(chosen.labels[~np.isnan(of_label)]):
        of_class = surest_first[(chosen.labels == label)[surest_first]]
        has_place[of_class[:per_class]] = True
    is_class = np.issubdtype(chosen.labels.dtype, np.integer)
    labels = np.where(
        has_place, chosen.labels, chosen.labels.dtype.type(-1 if is_class else np.nan)
    )
    stays = np.flatnonzero(has_place | ~np.isnan(of_mask))
    return SelectedSamples(
        index=chosen.index[stays],
        confidence=np.where(has_place, of_label, of_mask)[stays],
        round=chosen.round[stays],
        labels=labels[stays],
        masks=chosen.masks.subset(stays) if isinstance(chosen.masks, PackedMasks) else None,
    )


def _hard_labels(
    predicted: PredictedSamples, kind: Kind, threshold: float
) -> tuple[NDArray[Any], Sureness]:
    """Return hard labels, `(n,)` or `(n, C)`, and how sure each sample is of those it has."""
    assert predicted.labels is not None
    hard = hard_labels(torch.from_numpy(predicted.labels), kind, threshold=threshold)
    target = hard.target.numpy()
    return (target[:, 0] if kind.is_single else target), _mean_confidence(hard)


def _hard_mask(probs: NDArray[np.float32], kind: Kind, threshold: float) -> tuple[Mask, np.float32]:
    """Return the hard mask of `probs` `(H, W, C)` as truth has masks, and how sure it is."""
    channels_first = torch.from_numpy(probs).permute(2, 0, 1).unsqueeze(0)  # (1, C, H, W)
    hard = hard_labels(channels_first, kind, threshold=threshold)
    answer = hard.answer.masked_fill(~hard.kept, IGNORE)
    mask = answer[0].to(torch.uint8).numpy()  # (H, W), or (C, H, W)
    if kind.is_single:
        mask = mask[0]
    elif kind.is_by_class:
        mask = mask.transpose(1, 2, 0)
    return mask, _mean_confidence(hard)[0]


def _mean_confidence(hard: HardLabels) -> Sureness:
    """Return the mean confidence of each sample's labels that count, `(n,)`; nan for none."""
    kept = hard.kept.flatten(1) if hard.kept.ndim > 1 else hard.kept.unsqueeze(1)
    confidence = hard.confidence.reshape(kept.shape).double().masked_fill(~kept, 0)
    mean = confidence.sum(dim=1) / kept.sum(dim=1)
    return np.asarray(mean.float().numpy())


def merge_selected(old: SelectedSamples, new: SelectedSamples) -> SelectedSamples:
    """Return what `old` has, as it is, and behind it what `new` has."""
    masks = None
    if isinstance(old.masks, PackedMasks) and isinstance(new.masks, PackedMasks):
        masks = old.masks + new.masks
    labels = None
    if old.labels is not None and new.labels is not None:
        labels = np.concatenate([old.labels, new.labels])
    return SelectedSamples(
        index=np.concatenate([old.index, new.index]),
        confidence=np.concatenate([old.confidence, new.confidence]),
        round=np.concatenate([old.round, new.round]),
        labels=labels,
        masks=masks,
    )
