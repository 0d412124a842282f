"""Validation: losses, and a score for each task, on rows that a network is not trained on.

Labels are scored all at once, masks batch by batch: their logits are never in memory together.
Masks are scored at the size of the network's input, as pixel counts of each image; the score of a
run, from whole images in the competition's frame, comes from its stored predictions.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from podium.competition.spec import Competition
from podium.competition.units import Units, has_label
from podium.errors import DataError
from podium.models.network import Network
from podium.predictions.top_k import TopK, concatenate, require_dense, uniform_top_k
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import (
    IMAGES,
    PIXELS,
    TaskName,
    has_images,
    has_pixels,
    is_of_images,
)
from podium.training.data.rows import SampleRows
from podium.training.data.streams import Normaliser
from podium.training.fit.collapse import (
    CollapseSign,
    EpochOutputs,
    OutputRange,
    class_ranges,
    find_label_collapse,
    find_mask_collapse,
)
from podium.training.inference.features import BackboneFeatures, logits_of
from podium.training.inference.images import (
    Autocast,
    EvalImages,
    PreparedBatch,
    activate,
    evaluation_mode,
)
from podium.training.objective import Objective
from podium.training.ordinal_links import Link
from podium.training.outputs import label_outputs_of, mask_outputs_of
from podium.training.processes import Processes
from podium.training.runs.scoring import FoldLabelScorer, FoldMaskScorer

__all__ = ["Evaluation", "Validation", "plain_masks"]


class Validation:
    """The fold's own rows, and the tasks that are scored on them.

    Args:
        images: the rows, prepared; with masks where the network predicts them.
        competition: whose metric scores its task; the other one is scored in the usual metric.
        tasks: those that the network has a head for. A task without any label or mask among the
            rows is not scored.
        truth: labels of the rows as the metric takes them, where labels are scored.
        units: which of the rows are one in the metric; None where each is scored by itself.
        where: named in an error: `fold 3`.
        link: how the network outputs ratings, where the labels are ratings.
        top_k: of thousands of classes, number of each row that are scored; their losses are then
            those of batches, and no more than one has all classes. None: all.

    Raises:
        DataError: no row has a label or mask for the task that the run is chosen by, or its
            metric is undefined on these rows.
    """

    def __init__(
        self,
        images: EvalImages,
        competition: Competition,
        tasks: Sequence[TaskName],
        *,
        truth: NDArray[Any] | None = None,
        where: str,
        link: Link | None = None,
        units: Units | None = None,
        top_k: int | None = None,
    ) -> None:
        self.images, self._where = images, where
        leading = competition.scored_task if competition.scored_task in tasks else tasks[0]
        if not len(_rows_with_target(images.rows, leading)):
            what = "label" if is_of_images(leading) else "mask"
            raise DataError(f"none of the rows to validate on has a {what}", where=where)
        scored = [task for task in tasks if len(_rows_with_target(images.rows, task))]
        # The task that the run is chosen by comes first.
        self._tasks = sorted(scored, key=lambda task: task != leading)
        self._kinds = {task: competition.kind_of(task) for task in self._tasks}
        self._link, self._top_k = link, top_k
        self._labels = None
        if has_images(self._tasks):
            assert truth is not None
            known = _rows_with_target(images.rows, IMAGES)
            if units is not None:
                truth = units.truth(truth)
                known = np.flatnonzero(has_label(truth))
            elif competition.open_set is not None:
                known = np.arange(len(truth))  # "none of the classes" is a label, too
            self._labels = _Labels(FoldLabelScorer(competition), truth, known, units)
        self._masks = FoldMaskScorer(competition) if has_pixels(self._tasks) else None
        if is_of_images(leading):
            assert self._labels is not None
            # A metric that is undefined here must fail before the first epoch, not after it.
            n, n_outputs = len(images.rows), competition.n_outputs
            if top_k is None:
                self._labels.score(np.full((n, n_outputs), 1 / n_outputs), where=where)
            else:
                self._labels.score(uniform_top_k(n, n_outputs, top_k), where=where)

    @property
    def names(self) -> list[str]:
        """The metrics, that of the task which the run is chosen by first."""
        return [self._scorer(task).name for task in self._tasks]

    def is_better(self, score: float, other: float) -> bool:
        """Return whether a score of the first metric beats another one strictly."""
        return self._scorer(self._tasks[0]).is_better(score, other)

    @torch.inference_mode()
    def evaluate(
        self,
        network: nn.Module,
        objectives: Mapping[str, Objective],
        normalise: Normaliser,
        *,
        autocast: Autocast = nullcontext,
        features: BackboneFeatures | None = None,
    ) -> Evaluation:
        """Return the evaluation of `network`; its mode is put back.

        Args:
            network: on the device of `normalise`.
            objectives: the losses of each task that the phase learns.
            normalise: of the network.
            autocast: the precision that networks run in.
            features: of its backbone, where they are kept; of labels no image is looked at then.
        """
        evaluators = {
            task: self._evaluator(task, objectives.get(task), normalise.device)
            for task in self._tasks
        }
        if features is not None and not has_pixels(self._tasks):
            assert isinstance(network, Network)
            vectors = features(self.images.rows)
            with evaluation_mode(network):
                for index in np.array_split(np.arange(len(vectors)), -(-len(vectors) // 4096)):
                    with autocast():
                        pooled = torch.from_numpy(vectors[index]).to(normalise.device)
                        logits_of_rows = logits_of(network, pooled)
                    batch = PreparedBatch(torch.empty(0), None, index)
                    evaluators[IMAGES].add(logits_of_rows.float(), batch)
            return Evaluation(evaluators, self.names)
        processes = Processes.current()
        with evaluation_mode(network):
            for batch in self.images.batches(processes):
                with autocast():
                    logits = network(normalise(batch.images))
                for task, evaluator in evaluators.items():
                    evaluator.add(logits[task].float(), batch)
        if processes.count > 1:
            of_each = processes.exchange({task: one.found() for task, one in evaluators.items()})
            for task, evaluator in evaluators.items():
                evaluator.join([found[task] for found in of_each])
        return Evaluation(evaluators, self.names)

    def _scorer(self, task: str) -> FoldLabelScorer | FoldMaskScorer:
        if is_of_images(task):
            assert self._labels is not None
            return self._labels.scorer
        assert self._masks is not None
        return self._masks

    def _evaluator(
        self, task: TaskName, objective: Objective | None, device: torch.device
    ) -> _TaskEvaluator:
        rows, kind = self.images.rows, self._kinds[task]
        if is_of_images(task):
            assert self._labels is not None
            outputs = _LabelOutputs(kind, self._link)
            if self._top_k is not None:
                shared = (self._labels, objective, device, self._where)
                return _TopKEvaluator(rows, outputs, self._top_k, *shared)
            return _LabelEvaluator(rows, outputs, self._labels, objective, device, self._where)
        assert self._masks is not None
        return _MaskEvaluator(rows, kind, self._masks, objective, device)


@dataclass(frozen=True)
class _Labels:
    """The labels of rows, or of units, of which `known` are known, and their scorer."""

    scorer: FoldLabelScorer
    truth: NDArray[Any]
    known: NDArray[np.int64]
    units: Units | None

    def score(self, probs: NDArray[Any] | TopK, *, where: str) -> float:
        """Return the score of the predictions for all rows."""
        if self.units is not None:
            probs = self.units.probs(require_dense(probs, who="the mean of a unit"))
        return self.scorer(probs[self.known], self.truth[self.known], where=where)


class Evaluation:
    """Evaluation of a network: the loss at once, scores when they are called for.

    (A diverged network has a loss to complain about and no scores.)
    """

    def __init__(self, evaluators: Mapping[TaskName, _TaskEvaluator], names: Sequence[str]) -> None:
        self._evaluators, self._names = evaluators, names
        losses = {task: evaluator.loss() for task, evaluator in evaluators.items()}
        self._losses = {task: loss for task, loss in losses.items() if loss is not None}
        self.loss: float | None = sum(self._losses.values()) if self._losses else None
        """Sum over the tasks that the phase learns and that are scored; None without any."""

    def scores(self) -> dict[str, float]:
        """Return metric → score, the one that the run is chosen by first; nan where undefined.

        Raises:
            DataError: the score of the first metric, one of labels, is undefined.
        """
        named = zip(self._names, self._evaluators.values(), strict=True)
        return {
            name: evaluator.score(is_leading=number == 0)
            for number, (name, evaluator) in enumerate(named)
        }

    def epoch_outputs(self) -> dict[str, EpochOutputs]:
        """Return by task, of those that the phase learns, whether all predictions are alike."""
        found = self._losses.items()
        return {task: EpochOutputs(loss, self._evaluators[task].stuck()) for task, loss in found}


class _TaskEvaluator(Protocol):
    def add(self, logits: Tensor, batch: PreparedBatch) -> None: ...

    def found(self) -> Any:
        """Return what the batches so far gave, for other processes."""

    def join(self, of_each: Sequence[Any]) -> None:
        """Take what the batches of all processes gave in place of one's own."""

    def loss(self) -> float | None: ...

    def score(self, *, is_leading: bool) -> float: ...

    def stuck(self) -> CollapseSign | None: ...


@dataclass(frozen=True)
class _LabelOutputs:
    """Turns the logits of labels into probabilities or ratings."""

    kind: Kind
    link: Link | None

    @property
    def trained_kind(self) -> Kind:
        return self.kind if self.link is None else self.link.kind

    def probs(self, logits: Tensor) -> Tensor:
        if self.link is None:
            return label_outputs_of(self.kind).stored(activate(logits, self.kind))
        return self.link.ratings(activate(logits, self.link.kind))


class _LabelEvaluator:
    def __init__(
        self,
        rows: SampleRows,
        outputs: _LabelOutputs,
        labels: _Labels,
        objective: Objective | None,
        device: torch.device,
        where: str,
    ) -> None:
        self._rows, self._outputs, self._labels = rows, outputs, labels
        self._objective, self._device, self._where = objective, device, where
        self._parts: list[Tensor] = []

    def add(self, logits: Tensor, batch: PreparedBatch) -> None:
        self._parts.append(logits)

    def found(self) -> list[Tensor]:
        return [one.cpu() for one in self._parts]

    def join(self, of_each: Sequence[list[Tensor]]) -> None:
        self._parts = [one.to(self._device) for one in _in_turn(of_each)]

    def loss(self) -> float | None:
        if self._objective is None:
            return None
        target = torch.from_numpy(self._rows.target[IMAGES][:]).to(self._device)
        terms = self._objective({IMAGES: torch.cat(self._parts)}, {IMAGES: target})
        return float(terms["total"])

    def score(self, *, is_leading: bool) -> float:
        probs = self._outputs.probs(torch.cat(self._parts)).cpu().numpy()
        try:
            return self._labels.score(probs, where=self._where)
        except DataError:
            if is_leading:
                raise
            return math.nan

    def stuck(self) -> CollapseSign | None:
        known, outputs, kind = (
            _rows_with_target(self._rows, IMAGES),
            OutputRange(),
            self._outputs.trained_kind,
        )
        outputs.update(activate(torch.cat(self._parts), kind)[torch.from_numpy(known)])
        return find_label_collapse(outputs, self._rows.target[IMAGES][known], kind)


class _TopKEvaluator:
    """Labels of thousands of classes: of each row the likeliest are kept, and the loss of batches.

    The loss is the mean over rows of what their batches have: where class weights make the rows of
    a batch count more than those of another, that is not the loss of all rows at once.
    """

    def __init__(
        self,
        rows: SampleRows,
        outputs: _LabelOutputs,
        k: int,
        labels: _Labels,
        objective: Objective | None,
        device: torch.device,
        where: str,
    ) -> None:
        self._outputs, self._k, self._labels = outputs, k, labels
        self._objective, self._device, self._where = objective, device, where
        self._target = torch.from_numpy(rows.target[IMAGES][:])
        self._parts: list[TopK] = []
        self._loss, self._n_targets = 0.0, 0
        self._range = OutputRange()

    def add(self, logits: Tensor, batch: PreparedBatch) -> None:
        probs = self._outputs.probs(logits)
        self._parts.append(TopK.of(probs.cpu().numpy(), self._k))
        target = self._target[torch.from_numpy(batch.index)]
        self._range.update(probs[(target >= 0).to(probs.device)])
        n_targets = int((target >= 0).sum())
        if self._objective is not None and n_targets:
            terms = self._objective({IMAGES: logits}, {IMAGES: target.to(self._device)})
            self._loss += float(terms["total"]) * n_targets
            self._n_targets += n_targets

    def found(self) -> tuple[list[TopK], float, int, OutputRange]:
        return self._parts, self._loss, self._n_targets, self._range.on_host()

    def join(self, of_each: Sequence[tuple[list[TopK], float, int, OutputRange]]) -> None:
        parts, losses, counts, ranges = zip(*of_each, strict=True)
        self._parts, self._range = _in_turn(parts), OutputRange()
        self._loss, self._n_targets = sum(losses), sum(counts)
        self._range.join(ranges)

    def loss(self) -> float | None:
        if self._objective is None or not self._n_targets:
            return None
        return self._loss / self._n_targets

    def score(self, *, is_leading: bool) -> float:
        try:
            return self._labels.score(concatenate(self._parts), where=self._where)
        except DataError:
            if is_leading:
                raise
            return math.nan

    def stuck(self) -> CollapseSign | None:
        target = self._target.numpy()
        return find_label_collapse(self._range, target[target >= 0], self._outputs.trained_kind)


class _MaskEvaluator:
    def __init__(
        self,
        rows: SampleRows,
        kind: Kind,
        scorer: FoldMaskScorer,
        objective: Objective | None,
        device: torch.device,
    ) -> None:
        self._rows, self._kind, self._scorer = rows, kind, scorer
        self._objective, self._device = objective, device
        self._counts: dict[int, NDArray[np.int64]] = {}
        self._is_known = np.zeros(len(rows), dtype=bool)
        self._is_known[_rows_with_target(rows, PIXELS)] = True
        self._loss, self._n_targets = 0.0, 0
        self._range = OutputRange()

    def add(self, logits: Tensor, batch: PreparedBatch) -> None:
        assert batch.masks is not None
        known = np.flatnonzero(self._is_known[batch.index])
        if not len(known):
            return
        if self._objective is not None:
            self._add_loss(logits, batch.masks, len(known))
            self._range.update(class_ranges(logits, self._kind))
        decisions = plain_masks(logits, self._kind)
        for place in known:
            row = int(batch.index[place])
            counts = self._scorer.counts(batch.masks[place].numpy(), decisions[place])
            # One image may come in several windows.
            self._counts[row] = counts + self._counts.get(row, 0)

    def _add_loss(self, logits: Tensor, masks: Tensor, n_targets: int) -> None:
        assert self._objective is not None
        assert self._rows.form is not None
        target = self._rows.form.targets(masks, self._device)
        total = self._objective({PIXELS: logits}, {PIXELS: target})["total"]
        self._loss += float(total) * n_targets
        self._n_targets += n_targets

    def found(self) -> tuple[dict[int, NDArray[np.int64]], float, int, OutputRange]:
        return self._counts, self._loss, self._n_targets, self._range.on_host()

    def join(
        self, of_each: Sequence[tuple[dict[int, NDArray[np.int64]], float, int, OutputRange]]
    ) -> None:
        counts, losses, n_targets, ranges = zip(*of_each, strict=True)
        rows = sorted({row for one in counts for row in one})
        self._counts = {row: sum(one[row] for one in counts if row in one) for row in rows}
        self._loss, self._n_targets, self._range = sum(losses), sum(n_targets), OutputRange()
        self._range.join(ranges)

    def loss(self) -> float | None:
        return None if self._objective is None else self._loss / self._n_targets

    def score(self, *, is_leading: bool) -> float:
        try:
            return self._scorer(np.stack(list(self._counts.values())))
        except DataError:
            # As the IoU of a class that this fold has nowhere: pooled over all folds it is defined.
            return math.nan

    def stuck(self) -> CollapseSign | None:
        counts = np.stack(list(self._counts.values()))
        return find_mask_collapse(self._range, counts, self._kind)


def _in_turn(of_each: Sequence[list[Any]]) -> list[Any]:
    """Return the entries of batches that processes had in turn, in the order of the batches."""
    return [one for each in itertools.zip_longest(*of_each) for one in each if one is not None]


def plain_masks(logits: Tensor, kind: Kind) -> NDArray[np.uint8]:
    """Return the masks `(N, H, W)` or `(N, H, W, C)` that logits `(N, C, H, W)` mean.

    The likeliest class where classes exclude each other, else one half.
    """
    decisions = mask_outputs_of(kind).decided(logits)
    return np.ascontiguousarray(decisions.to(torch.uint8).cpu().numpy())


def _rows_with_target(rows: SampleRows, task: str) -> NDArray[np.int64]:
    return rows.with_answer([task])
