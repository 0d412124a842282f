"""Predictions of one image by runs, imports and blends; of each prediction set one row is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.samples import truth as truth_of
from podium.competition.spec import Competition
from podium.competition.truths.masks import IGNORE, Mask, n_mask_classes, truth_masks
from podium.competition.units import Units, has_label, units_of
from podium.ensembling.masks.gate import presence_of
from podium.ensembling.predicting import blend_scored, mixed_masks
from podium.ensembling.record import BlendPart, read_parts
from podium.errors import DataError, PodiumError
from podium.predictions.decisions.masks import decide_mask
from podium.predictions.store.fold_reader import Probs
from podium.predictions.store.masks import MaskProbs
from podium.predictions.store.one_image import image_label_prediction, image_mask_prediction
from podium.predictions.store.positions import positions
from podium.predictions.store.reading import Fold, PredictionSet, Split, is_separate_view
from podium.predictions.top_k import TopK, concatenate, require_dense
from podium.reporting.labels.evaluation import LabelSource
from podium.reporting.masks.evaluation import mask_names
from podium.reporting.shown_answers import shown_of
from podium.tasks.protocols.find import pixel_kind
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES, PIXELS, TaskName, of_images, of_pixels
from podium.training.runs.scoring import FoldMaskScorer
from podium.workspace.layout import Workspace
from podium.workspace.records import Record, is_label_free_run, scan_all

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ImagePrediction", "format_mask_shares", "predictions_of_image", "unit_truth"]

SHOWN_CLASSES = 3


@dataclass(frozen=True)
class ImagePrediction:
    """The prediction of one run, import or blend for one task.

    Attributes:
        source: its id.
        kind: "run", "import" or "blend".
        task: of images or of pixels.
        folds: of the models that predicted it: for a train image, the model not trained on it.
        text: the decision as text; of a mask its classes with their share of the pixels.
        is_right: whether the label is the true one; for a blend that predicts units, that of the
            unit. None if the true label is unknown, and for numbers and masks.
        confidence: probability of the decision; None for numbers and masks.
        of_truth: probability of the true label, of several labels that of the least probable; None
            if it is unknown, or not among the classes that are kept.
        top: the likeliest classes with their probabilities; empty for a number.
        value: the predicted value of a regression or of ratings; else None.
        score: of a mask against the truth, by the competition's metric on this image alone.
        metric: that metric.
    """

    source: str
    kind: str
    task: TaskName
    folds: tuple[Fold, ...]
    text: str
    is_right: bool | None = None
    confidence: float | None = None
    of_truth: float | None = None
    top: tuple[tuple[str, float], ...] = ()
    value: float | None = None
    score: float | None = None
    metric: str = ""


def predictions_of_image(
    workspace: Workspace,
    competition: Competition,
    split: Split,
    samples: pd.DataFrame,
    row: int,
    *,
    fold: int | None,
    problems: list[str],
) -> list[ImagePrediction]:
    """Return the predictions of each run, import and blend for an image, the oldest first.

    Args:
        workspace: that contains them.
        competition: of the image.
        split: "oof" of an image of train, else "test" or "unlabelled".
        samples: of that split.
        row: of the image.
        fold: that the image is validated in, if it is known.
        problems: list that what cannot be read is appended to.
    """
    predictions = _ImagePredictions(competition, split, samples, row, fold)
    found: list[ImagePrediction] = []
    records = [(path, one) for path, one in scan_all(workspace) if isinstance(one, Record)]
    for folder, record in sorted(records, key=lambda pair: pair[1].created):
        try:
            if record.kind in ("run", "import") and not is_label_free_run(record):
                found += predictions.run(folder, record)
            elif record.kind == "blend":
                found += predictions.blend(record, read_parts(folder))
        except (PodiumError, OSError) as error:
            problems.append(f"{record.id}: {error}")
    return found


@dataclass(frozen=True)
class _ImagePredictions:
    competition: Competition
    split: Split
    samples: pd.DataFrame
    row: int
    near: int | None

    @cached_property
    def name(self) -> str:
        return str(self.samples["id"].iloc[self.row])

    @cached_property
    def truth(self) -> Any:
        """The label, as `samples.truth` has it; None if it is unknown."""
        if not self.competition.has_labels or self.samples["label"].iloc[self.row] is None:
            return None
        right = truth_of(self.samples.iloc[[self.row]], self.competition)
        return right[0] if has_label(right)[0] else None

    @cached_property
    def unit_truth(self) -> Any:
        return unit_truth(self.competition, self.samples, self.row)

    @cached_property
    def mask(self) -> Mask | None:
        if not self.competition.has_masks or self.samples["mask"].iloc[self.row] is None:
            return None
        return truth_masks(self.competition, self.samples.iloc[[self.row]])[0]

    @cached_property
    def scorer(self) -> FoldMaskScorer:
        return FoldMaskScorer(self.competition)

    def run(self, folder: Path, record: Record) -> list[ImagePrediction]:
        """Return the predictions of a run or an import, with the plain decision."""
        root = _own_set(folder, record)
        if root is None:
            return []
        known, found = PredictionSet(root), []
        label = image_label_prediction(known, self.split, self.name, near=self.near)
        if label is not None:
            source = LabelSource(self.competition, (root,))
            found.append(self._label(record, label.folds, label.probs, source, self.truth))
        mask = image_mask_prediction(known, self.split, self.name, near=self.near)
        if mask is not None:
            found.append(self._mask(record, mask.folds, mask, (), None))
        return found

    def blend(self, record: Record, parts: Mapping[TaskName, BlendPart]) -> list[ImagePrediction]:
        """Return a blend's predictions with the weights and decision that the test set gets."""
        found, label = [], None
        if (part := of_images(parts)) is not None:
            label = self._blended(part)
            if label is not None:
                source = LabelSource(self.competition, part.sets, part.blend)
                right = self.truth if part.blend.aggregate is None else self.unit_truth
                found.append(self._label(record, *label, source, right))
        if (part := of_pixels(parts)) is not None:
            presence = None
            if any("gate" in step for step in part.blend.decision):
                if label is None:  # the gate has no probabilities of presence
                    return found
                probs = require_dense(label[1], who="a gate")
                presence = presence_of(probs, n_mask_classes(self.competition))[0]
            sets = [PredictionSet(root) for root in part.sets]
            masks = [
                image_mask_prediction(one, self.split, self.name, near=self.near) for one in sets
            ]
            there = [one for one in masks if one is not None]
            if len(there) == len(masks):
                mixed = mixed_masks(part.blend.how, part.blend.fitted, there)
                steps = part.blend.decision
                found.append(self._mask(record, _folds(there), mixed, steps, presence))
        return found

    def _blended(self, part: BlendPart) -> tuple[tuple[Fold, ...], Probs] | None:
        """Return the blended prediction for the image or its unit; None if a member lacks one."""
        blend, method = part.blend, part.blend.how
        names, unit = self._images_of_unit() if blend.aggregate is not None else ([self.name], "")
        sets = [PredictionSet(root) for root in part.sets]
        by_member = [
            [image_label_prediction(one, self.split, name, near=self.near) for name in names]
            for one in sets
        ]
        if any(one is None for row in by_member for one in row):
            return None
        there = [[one for one in row if one is not None] for row in by_member]
        folds = _folds([one for row in there for one in row])
        if method.prepare is not None and len(sets) > 1:  # it uses all rows of a member
            ids, probs = blend_scored(blend, part.sets, self.split, self.samples, self.competition)
            at = positions(ids, [unit or self.name])
            return None if at[0] < 0 else (folds, probs[at])
        each: list[Any] = [concatenate([one.probs for one in row]) for row in there]
        if blend.aggregate is not None:
            units = Units.of([unit] * len(names), blend.aggregate)
            each = [units.probs(require_dense(one, who="the mean of a unit")) for one in each]
        return folds, method.combined(each, blend.fitted)

    def _images_of_unit(self) -> tuple[list[str], str]:
        unit = str(self.samples["unit"].iloc[self.row])
        return list(self.samples["id"][self.samples["unit"].astype(str) == unit]), unit

    def _label(
        self, record: Record, folds: tuple[Fold, ...], probs: Probs, source: LabelSource, right: Any
    ) -> ImagePrediction:
        kind, names = self.competition.kind, self.competition.label_names
        shown, decision = shown_of(kind), source.decide(probs)[0]
        text = shown.text(decision, names)
        plain = ImagePrediction(record.id, record.kind, IMAGES, folds, text)
        if right is not None and not kind.is_continuous:
            plain = replace(plain, is_right=bool(np.all(decision == right)))
        if kind.is_by_column:  # the text has every number
            return plain
        if not kind.is_prob:
            return replace(plain, value=float(shown.values(probs)[0]))
        each = _each(probs, kind)
        order = sorted(each, key=lambda number: -each[number])[:SHOWN_CLASSES]
        return replace(
            plain,
            confidence=_probability_of(each, decision, kind),
            of_truth=None if right is None else _probability_of(each, right, kind),
            top=tuple((names[number], each[number]) for number in order),
        )

    def _mask(
        self,
        record: Record,
        folds: tuple[Fold, ...],
        probs: MaskProbs,
        steps: Sequence[Mapping[str, Any]],
        presence: NDArray[np.float32] | None,
    ) -> ImagePrediction:
        kind = self.competition.mask_kind
        mask = decide_mask(probs, 0, steps, kind, presence=presence)
        score = None
        if self.mask is not None:
            try:
                score = float(self.scorer(self.scorer.counts(self.mask, mask)[None]))
            except DataError:  # both masks are empty: the metric is undefined
                score = None
        text = format_mask_shares(mask, mask_names(self.competition), kind)
        name = "" if score is None else self.scorer.name
        return ImagePrediction(
            record.id, record.kind, PIXELS, folds, text, score=score, metric=name
        )


def unit_truth(competition: Competition, samples: pd.DataFrame, row: int) -> Any:
    """Return the label of a row's unit, as `samples.truth` has it; None if it is unknown."""
    inside = samples[samples["unit"].astype(str) == str(samples["unit"].iloc[row])]
    labelled = inside[inside["label"].notna()]
    units = units_of(labelled, competition) if len(labelled) else None
    if units is None:
        return None
    right = units.truth(truth_of(labelled, competition))
    return right[0] if has_label(right)[0] else None


def format_mask_shares(mask: Mask, names: Sequence[str], kind: str) -> str:
    """Return the classes of a mask with their share of its labelled pixels, the largest first.

    Example:
        >>> format_mask_shares(np.array([[1, 0], [2, 1]], dtype=np.uint8), ["a", "b"], "multiclass")
        'a 50.0 %, b 25.0 %'
    """
    if pixel_kind(kind).is_by_class:
        known = np.maximum((mask != IGNORE).sum(axis=(0, 1)), 1)
        shares = (mask == 1).sum(axis=(0, 1)) / known
    else:
        counts = np.bincount(mask.ravel(), minlength=IGNORE + 1)
        shares = counts[1 : len(names) + 1] / max(1, mask.size - int(counts[IGNORE]))
    order = np.argsort(-shares, kind="stable").tolist()
    return ", ".join(f"{names[i]} {_share(float(shares[i]))}" for i in order if shares[i])


def _share(share: float) -> str:
    """Return a share that is not 0 in per cent.

    Example:
        >>> _share(0.0001)
        '< 0.1 %'
    """
    return f"{100 * share:.1f} %" if share >= 0.0005 else "< 0.1 %"


def _own_set(folder: Path, record: Record) -> Path | None:
    """Return the prediction set used for a run or an import; None without one."""
    name = record.details.get("predictions")
    if isinstance(name, str) and (folder / "predictions" / name).is_dir():
        return folder / "predictions" / name
    sets = [one for one in (folder / "predictions").glob("[!.]*") if not is_separate_view(one)]
    return max(sets, key=lambda one: one.stat().st_mtime, default=None)


def _folds(predictions: Sequence[Any]) -> tuple[Fold, ...]:
    every = dict.fromkeys(fold for one in predictions for fold in one.folds)
    return tuple(sorted(every, key=lambda fold: (isinstance(fold, str), str(fold))))


def _each(probs: Probs, kind: Kind) -> dict[int, float]:
    """Return class → probability of the one row; of `TopK` of the classes that are listed."""
    if isinstance(probs, TopK):
        pairs = zip(probs.classes[0].tolist(), probs.probs[0].tolist(), strict=True)
        return dict(pairs)
    values = np.asarray(probs, dtype=np.float64)[0].tolist()
    if kind.is_yes_no:
        return {0: 1 - values[0], 1: values[0]}
    return dict(enumerate(values))


def _probability_of(each: Mapping[int, float], label: Any, kind: Kind) -> float | None:
    """Return how probable a label is; of several the least probable of them."""
    if not kind.is_by_class:
        return each.get(int(label))
    sides = (p if label[number] == 1 else 1 - p for number, p in each.items() if label[number] >= 0)
    return min(sides, default=None)
