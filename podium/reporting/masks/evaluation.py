"""Evaluation of out-of-fold masks of a blend or a run: decisions, counts, scores.

Every image is decided once. The counts of its pixels, and the sums of its objects where objects are
scored, are kept in the workspace's cache; by them the few images to show are chosen and read again.
Scores of classes have bootstrap intervals from the sums of single images.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.competition.scores.sum_scorer import SumScorer
from podium.competition.spec import Competition
from podium.competition.truths.instances import Instances
from podium.competition.truths.masks import (
    IGNORE,
    Mask,
    mask_digests,
    n_mask_classes,
    truth_masks,
)
from podium.competition.truths.objects import truth_instances
from podium.ensembling.predicting import blend_masks, blend_presence
from podium.errors import DAMAGED_CACHE, DataError, PodiumError
from podium.predictions.decisions.masks import decide_mask
from podium.predictions.decisions.objects import instances_of
from podium.predictions.store.masks import MaskProbs
from podium.predictions.store.positions import positions
from podium.predictions.store.reading import PredictionSet
from podium.reporting.labels.statistics import bootstrap_draws, confusion_counts
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import PIXELS, TaskName
from podium.training.runs.scoring import FoldMaskScorer
from podium.workspace import digests
from podium.workspace.atomic import replacing
from podium.workspace.ids import short_digest
from podium.workspace.layout import Workspace
from podium.workspace.machine import n_cores
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    import pandas as pd

    from podium.ensembling.record import BlendPart

__all__ = [
    "MaskClassScores",
    "MaskEvaluation",
    "MaskSource",
    "evaluate_masks",
    "mask_class_scores",
    "mask_names",
    "mask_source_of_blend",
    "mask_source_of_run",
]


_FORMAT = 2
"""Raised when decisions or counts change, so that kept counts are not read any more."""
_BYTES_AT_ONCE = 2**28  # of masks, true and decided
FOREGROUND = "foreground"

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class MaskSource:
    """Source of the out-of-fold masks of some images.

    Attributes:
        id: of the blend or run, with a digest of what it predicts.
        probs: of the images.
        steps: of the decision; empty: the plain decision.
        presence: `(N, mask classes)`, probabilities for a gate; None without a gate.
    """

    id: str
    probs: MaskProbs
    steps: tuple[dict[str, Any], ...] = ()
    presence: NDArray[np.float32] | None = None

    def objects(self, i: int, kind: Kind) -> Instances:
        """Return the decided objects of image `i`, of a task of objects in masks of `kind`."""
        presence = None if self.presence is None else self.presence[i]
        return instances_of(self.probs, i, self.steps, kind, presence=presence)


@dataclass(frozen=True)
class MaskEvaluation:
    """N images with a true and a decided mask, all arrays in one order.

    Attributes:
        competition: of the images.
        samples: `(N,)` rows of the train part.
        folds: `(N,)`.
        source: of the decisions.
        counts: `(N, K, 4)`, as `metrics.mask_counts` has them.
        pixels: `(K, K)`, pixels of all images by true and by decided value, background first; None
            where a pixel may have several classes, or one class alone.
        scores: `(N,)`, of each image alone; nan where that is undefined.
        scorer: the metric: the competition's where masks are scored, else the usual one; of volumes
            it scores the pixels of their slices.
        of_objects: scores of the objects, if objects are scored and each image has a score.
    """

    competition: Competition
    samples: pd.DataFrame
    folds: NDArray[np.int64]
    source: MaskSource
    counts: Counts
    scores: NDArray[np.float64]
    scorer: FoldMaskScorer
    of_objects: ObjectScores | None = None
    pixels: Counts | None = None

    @property
    def metric(self) -> str:
        """The name of the metric that images are scored in."""
        return self.scorer.name if self.of_objects is None else self.of_objects.name

    @property
    def kind(self) -> Kind:
        """The kind of the masks."""
        return self.competition.mask_kind

    @property
    def groups(self) -> NDArray[Any] | None:
        """`(N,)`, what is drawn together in a bootstrap; None: images."""
        if self.competition.folds.group is None:
            return None
        return np.asarray(self.samples["group"].to_numpy())

    @property
    def of_classes(self) -> Counts:
        """The counts of the mask classes `(N, C, 4)`: background is none."""
        return self.counts if self.kind.is_by_class else self.counts[:, 1:]

    @property
    def sizes(self) -> NDArray[np.float64]:
        """`(N,)`, share of the labelled pixels that are of a class; at most 1."""
        true, known = self.of_classes[..., 2].sum(axis=1), self.of_classes[..., 3].max(axis=1)
        return np.asarray(np.minimum(true / np.maximum(known, 1), 1.0))

    @property
    def is_touched(self) -> NDArray[np.bool_]:
        """`(N,)`: whether there is anything in the true or the decided mask."""
        return np.asarray(self.of_classes[..., 1:3].any(axis=(1, 2)))

    def score(self) -> float | None:
        """Return the score of all images; None where it is undefined."""
        try:
            if self.of_objects is not None:
                return self.of_objects.score()
            return self.scorer(self.counts)
        except DataError:
            return None

    def truth(self, i: int) -> Mask:
        """Return the true mask of image `i` in the competition's frame."""
        mask = truth_masks(self.competition, self.samples.iloc[[i]])[0]
        assert mask is not None  # only images that have one are under the lens
        return mask

    def decision(self, i: int) -> Mask:
        """Return the decided mask of image `i`."""
        return _decide(self.source, i, self.kind)

    def objects(self, i: int) -> tuple[Instances, Instances]:
        """Return the true and the decided objects of image `i`, of a task of objects."""
        truth = truth_instances(self.competition, self.samples.iloc[[i]])[0]
        assert truth is not None
        return truth, self.source.objects(i, self.kind)

    def cases(self, n: int = 3) -> dict[str, list[int]]:
        """Return up to `n` images under each of "best", "median" and "worst".

        Images of which truth and decision are empty teach nothing: they count only where there are
        no others. Of equal scores, the best are those with the largest object, the worst those
        with the most wrong pixels.
        """
        defined = np.isfinite(self.scores)
        rows = np.flatnonzero(defined & self.is_touched)
        rows = rows if len(rows) else np.flatnonzero(defined)
        n = min(n, max(1, len(rows) // 3))
        scored_by = self.of_objects or self.scorer
        sign = 1 if scored_by.is_better(1.0, 0.0) else -1
        good = sign * self.scores[rows]
        both, predicted, true = np.moveaxis(self.of_classes[rows, :, :3].sum(axis=1), 1, 0)
        best: list[int] = rows[np.lexsort((-true, -good))][:n].tolist()
        lowest = rows[np.lexsort((2 * both - predicted - true, good))].tolist()
        worst = [row for row in lowest if row not in best][:n]
        ranked = rows[np.argsort(-good, kind="stable")]
        nearest = np.argsort(abs(np.arange(len(ranked)) - (len(ranked) - 1) / 2), kind="stable")
        used = {*best, *worst}
        middle = [rank for rank in nearest.tolist() if int(ranked[rank]) not in used][:n]
        return {
            "best": best,
            "median": [int(ranked[rank]) for rank in sorted(middle)],
            "worst": worst,
        }


def mask_names(competition: Competition) -> list[str]:
    """Return the names of the mask classes; that of a binary mask is "foreground"."""
    if competition.mask_kind.is_yes_no:
        return [FOREGROUND]
    return list(competition.classes)


def mask_source_of_blend(
    identity: str,
    parts: Mapping[TaskName, BlendPart],
    competition: Competition,
    samples: pd.DataFrame,
) -> MaskSource:
    """Return the masks of a blend's segment part for the images of `samples` that have a mask.

    The decision is the one applied to the test set; so are the weights of the labels that its
    gate uses.

    Raises:
        DataError: predictions are missing, or no image with a mask has one.
    """
    part = parts[PIXELS]
    ids = _with_mask(blend_masks(part.blend, part.sets, "oof").ids, samples)
    return MaskSource(
        f"{identity}-{_content(part.sets)}",
        blend_masks(part.blend, part.sets, "oof", ids=ids),
        part.blend.decision,
        blend_presence(parts, "oof", ids, n_classes=n_mask_classes(competition)),
    )


def mask_source_of_run(identity: str, predictions: Path, samples: pd.DataFrame) -> MaskSource:
    """Return the masks of a run's prediction set for the same images, with the plain decision.

    Raises:
        DataError: as `mask_source_of_blend`.
    """
    oof = PredictionSet(predictions).oof_masks()
    key = f"{identity}-{predictions.name}-{_content([predictions])}"
    return MaskSource(key, oof.align(_with_mask(oof.ids, samples)))


def _content(sets: Sequence[Path]) -> str:
    """Return 8 hex of the out-of-fold masks in prediction sets."""
    folds = (fold for one in sets for fold in sorted((one / "oof" / PIXELS).glob("fold-*")))
    return short_digest([digests.content_of(fold) for fold in folds])


def evaluate_masks(
    workspace: Workspace,
    competition: Competition,
    source: MaskSource,
    samples: pd.DataFrame,
    folds: NDArray[np.int64],
    *,
    progress: Progress = SILENT,
) -> MaskEvaluation:
    """Return the images of `source` with their counts and scores.

    Args:
        workspace: its cache keeps the counts.
        competition: whose.
        source: of `mask_source_of_blend` or `mask_source_of_run`.
        samples: the train part.
        folds: `(len(samples),)`.
        progress: gets a bar while images are decided.

    Raises:
        DataError: a mask cannot be read, or has another size than its prediction.
    """
    at = positions(list(samples["id"]), source.probs.ids)
    rows = samples.iloc[at].reset_index(drop=True)
    scorer = FoldMaskScorer(competition)
    kept = workspace.cache / "report-masks" / f"{_key(workspace, competition, source, rows)}.npz"
    counted = _read(kept, len(rows))
    if counted is None:
        counted = _count(competition, source, rows, scorer, progress)
        kept.parent.mkdir(parents=True, exist_ok=True)
        with replacing(kept) as temporary, temporary.open("wb") as file:
            np.savez(file, counts=counted[0], pixels=counted[1])
    counts, pixels = counted
    of_objects = object_scores(competition, source, rows, beside=kept, progress=progress)
    scores = (
        np.array([_score_of(scorer, one[None]) for one in counts])
        if of_objects is None
        else of_objects.each()
    )
    return MaskEvaluation(
        competition,
        rows,
        folds[at],
        source,
        counts,
        scores,
        scorer,
        of_objects,
        pixels if pixels.size else None,
    )


def _with_mask(ids: Sequence[str], samples: pd.DataFrame) -> list[str]:
    at = positions(list(samples["id"]), ids)
    if (at < 0).any():
        raise DataError(
            f"{int((at < 0).sum())} predicted images are not in the train part any more"
        )
    has_mask = samples["mask"].notna().to_numpy()[at]
    if not has_mask.any():
        raise DataError("no image with a mask was predicted out of fold")
    return [one for one, known in zip(ids, has_mask, strict=True) if known]


def _key(
    workspace: Workspace, competition: Competition, source: MaskSource, rows: pd.DataFrame
) -> str:
    presence = None if source.presence is None else source.presence.tobytes().hex()
    facts = [
        _FORMAT,
        list(source.probs.ids),
        mask_digests(workspace, competition, rows),
        [dict(step) for step in source.steps],
        presence,
        str(competition.frame),
    ]
    return f"{source.id}-{short_digest(facts)}"


def _count(
    competition: Competition,
    source: MaskSource,
    rows: pd.DataFrame,
    scorer: FoldMaskScorer,
    progress: Progress,
) -> tuple[Counts, Counts]:
    """Decide and count every image, several at a time where they are small.

    Returns:
        The counts `(N, K, 4)`, and the pixels of all images by true and decided value `(K, K)`;
        `(0, 0)` where there is one class, or a pixel may have several.
    """
    truths, kind = truth_masks(competition, rows), competition.mask_kind
    planes = n_mask_classes(competition) if kind.is_by_class else 1
    largest = max(height * width * planes for height, width in source.probs.sizes)
    workers = max(1, min(n_cores(), _BYTES_AT_ONCE // (2 * largest)))

    n_values = 0 if kind.is_by_class or kind.is_yes_no else n_mask_classes(competition) + 1

    def work(i: int) -> tuple[Counts, Counts]:
        truth = truths[i]
        assert truth is not None
        try:
            decision = _decide(source, i, kind)
            return scorer.counts(truth, decision), _pixels(truth, decision, n_values)
        except PodiumError as error:
            message = f"the mask of {source.probs.ids[i]!r}: {error.message}"
            raise type(error)(message, where=error.where, fix=error.fix) from error

    found, pixels = [], np.zeros((n_values, n_values), np.int64)
    with (
        progress.bar("decide masks for the report", len(rows)) as advance,
        ThreadPoolExecutor(workers, thread_name_prefix="report") as pool,
    ):
        for counts, own in pool.map(work, range(len(rows))):
            found.append(counts)
            pixels += own
            advance(1)
    return np.stack(found), pixels


_ROWS_AT_ONCE = 256


def _pixels(truth: Mask, decision: Mask, n_values: int) -> Counts:
    """Return the labelled pixels `(n_values, n_values)` by true and decided value; in bands."""
    found = np.zeros((n_values, n_values), np.int64)
    for top in range(0, len(truth) if n_values else 0, _ROWS_AT_ONCE):
        band = slice(top, top + _ROWS_AT_ONCE)
        is_known = truth[band] != IGNORE
        known = truth[band][is_known].astype(np.int64)
        found += confusion_counts(known, decision[band][is_known], n_values)
    return found


def _decide(source: MaskSource, i: int, kind: Kind) -> Mask:
    presence = None if source.presence is None else source.presence[i]
    return decide_mask(source.probs, i, source.steps, kind, presence=presence)


def _score_of(scorer: FoldMaskScorer, counts: Counts) -> float:
    try:
        return scorer(counts)
    except DataError:
        return float("nan")


def _read(path: Path, n: int) -> tuple[Counts, Counts] | None:
    try:
        with np.load(path, allow_pickle=False) as kept:
            counts, pixels = kept["counts"], kept["pixels"]
    except DAMAGED_CACHE:
        return None
    return (counts, pixels) if len(counts) == n else None


@dataclass(frozen=True)
class ObjectScores:
    """A metric of objects, and its sums `(N, S)` of N images."""

    scorer: SumScorer
    sums: NDArray[Any]

    @property
    def name(self) -> str:
        """The name of the metric."""
        return self.scorer.metric.name

    def is_better(self, score: float, other: float) -> bool:
        """Return whether `score` beats `other` strictly."""
        return self.scorer.metric.is_better(score, other)

    def score(self) -> float:
        """Return the score of all images.

        Raises:
            DataError: it is undefined.
        """
        return self.scorer.score(self.sums)

    def each(self) -> NDArray[np.float64]:
        """Return the score of each image alone, `(N,)`; nan where it is undefined."""
        return np.array([self._one(row) for row in self.sums])

    def _one(self, row: NDArray[Any]) -> float:
        try:
            return self.scorer.score(row[None])
        except DataError:
            return float("nan")


def object_scores(
    competition: Competition,
    source: MaskSource,
    samples: pd.DataFrame,
    *,
    beside: Path,
    progress: Progress = SILENT,
) -> ObjectScores | None:
    """Return the scores of the decided objects; None if single images have no scores.

    Args:
        competition: with the metric.
        source: of the decisions.
        samples: `(N,)`, in the order of the source.
        beside: the file of the counts of the same decision; the sums are kept in its folder.
        progress: shows a bar while images are decided.
    """
    metric = metrics.of(competition)
    if not metric.scores_objects or metric.sums is None:
        return None
    scorer = SumScorer.of_competition(competition)
    kept = beside.with_name(f"{beside.stem}-{short_digest(metrics.facts_of(competition))}.npy")
    with suppress(*DAMAGED_CACHE):  # none yet, or damaged: it is made again
        return ObjectScores(scorer, np.load(kept, allow_pickle=False))
    truths = truth_instances(competition, samples)

    def work(i: int) -> NDArray[Any]:
        predicted = source.objects(i, competition.mask_kind)
        return np.asarray(scorer.measure([truths[i]], [predicted])[0])

    found = []
    with (
        progress.bar("decide objects for the report", len(samples)) as advance,
        ThreadPoolExecutor(n_cores(), thread_name_prefix="report") as pool,
    ):
        for one in pool.map(work, range(len(samples))):
            found.append(one)
            advance(1)
    sums = np.stack(found)
    with replacing(kept) as temporary, temporary.open("wb") as file:
        np.save(file, sums)
    return ObjectScores(scorer, sums)


_BY_CLASS = ("mean_dice", "mean_iou", "global_dice")  # what one class alone has a score of
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class MaskClassScores:
    """Scores and counts of each of C mask classes.

    Attributes:
        metric: of `scores`: the competition's metric, or else the Dice of all pixels.
        scores: `(C,)`; nan where undefined.
        intervals: `(C, 2)`, bounds of the middle 95 % of the draws; nan where undefined.
        true, predicted: `(C,)`: images with a true, with a predicted pixel of the class.
        recall, precision: `(C,)`, of all pixels; nan where the denominator is 0.
    """

    metric: str
    scores: Floats
    intervals: Floats
    true: NDArray[np.int64]
    predicted: NDArray[np.int64]
    recall: Floats
    precision: Floats


@dataclass(frozen=True)
class MaskClassScorer:
    """The score that one mask class alone has: the competition's, or else the Dice of all pixels.

    Attributes:
        name: of the score.
        metric, options: that it is computed with.
        kind: of the masks.
    """

    name: str
    metric: Metric
    options: dict[str, Any]
    kind: Kind

    @classmethod
    def of(cls, competition: Competition) -> MaskClassScorer:
        """Return the score of a class in this competition."""
        spec = competition.metric
        is_scored = competition.scores_masks and spec.name in _BY_CLASS
        options: dict[str, Any] = spec.options if is_scored else {"over": "class", "empty": "skip"}
        return cls(
            f"{spec.name} of the class" if is_scored else "Dice of all pixels",
            metrics.get(spec.name if is_scored else "mean_dice"),
            {**options, "background": False},
            competition.mask_kind,
        )

    def sums(self, counts: Counts) -> list[NDArray[Any]]:
        """Return the metric's sums `(N, S)` of each class, of counts `(N, K, 4)`."""
        of_class = range(counts.shape[1]) if self.kind.is_by_class else range(1, counts.shape[1])
        return [
            metrics.of_counts(
                self.metric,
                counts[:, [number] if self.kind.is_by_class else [0, number]],
                kind=self.kind,
                **self.options,
            )
            for number in of_class
        ]

    def __call__(self, counts: Counts) -> Floats:
        """Return the score of each class `(C,)`, of counts `(N, K, 4)`; nan where undefined."""
        return np.array([_value(self.metric, one, self.options) for one in self.sums(counts)])


def mask_class_scores(lens: MaskEvaluation, *, n: int = 500) -> MaskClassScores:
    """Return the scores of each class, with a percentile bootstrap over images or whole groups.

    Args:
        lens: the images.
        n: number of draws.
    """
    scorer = MaskClassScorer.of(lens.competition)
    sums = scorer.sums(lens.counts)
    both, predicted, true = np.moveaxis(lens.of_classes[..., :3].sum(axis=0), 1, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        recall, precision = both / true, both / predicted
    return MaskClassScores(
        metric=scorer.name,
        scores=scorer(lens.counts),
        intervals=_intervals(scorer.metric, sums, scorer.options, lens.groups, n),
        true=(lens.of_classes[..., 2] > 0).sum(axis=0),
        predicted=(lens.of_classes[..., 1] > 0).sum(axis=0),
        recall=recall,
        precision=precision,
    )


def _intervals(
    metric: Metric,
    tables: list[NDArray[Any]],
    options: dict[str, Any],
    groups: NDArray[Any] | None,
    n: int,
) -> Floats:
    sums = np.stack(tables, axis=1).astype(np.float64)  # (N, C, S)
    if groups is not None:
        codes = np.unique(groups.astype(str), return_inverse=True)[1]
        of_groups = np.zeros((int(codes.max()) + 1, *sums.shape[1:]))
        np.add.at(of_groups, codes, sums)
        sums = of_groups
    flat = sums.reshape(len(sums), -1)
    draws = bootstrap_draws(np.ones(len(sums), np.int64), n, seed=0)
    totals = np.concatenate([block @ flat for block in draws]).reshape(n, *sums.shape[1:])
    drawn = np.array([[_value(metric, one[None], options) for one in draw] for draw in totals])
    bounds = np.full((len(tables), 2), np.nan)
    for number, values in enumerate(drawn.T):
        known = values[np.isfinite(values)]
        if 2 * len(known) > n:
            bounds[number] = np.quantile(known, [0.025, 0.975])
    return bounds


def _value(metric: Metric, sums: NDArray[Any], options: dict[str, Any]) -> float:
    try:
        return metrics.value(metric, sums, **options)
    except DataError:  # no pixel of the class is true, and none is predicted
        return float("nan")
