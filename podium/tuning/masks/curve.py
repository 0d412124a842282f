"""Curves of masks: the metric at every threshold, exactly, from one pass over the probabilities.

A metric that is a function of the counts of pixels (`Metric.of_counts`) needs at each threshold
what cumulative sums of histograms say (`histograms.py`). Where its sums of images are counts
themselves (global Dice, IoU of classes), one histogram of all images serves; where a score of each
image is averaged (mean Dice), each image has its own, and its sums are added to those of the images
before it, in the order in which `metrics.value` adds them: the scores are those of `decide` and
`metrics.score` to the bit, in memory of T thresholds, not of N × T.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.errors import DataError, UsageError
from podium.tuning.curve import Curve
from podium.tuning.masks.histograms import (
    Bins,
    Histograms,
    are_stored,
    every_threshold,
    histograms,
)
from podium.tuning.plateau import plateau_error
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    from podium.competition.masks import Mask
    from podium.competition.spec import TaskKind
    from podium.predictions.mask_probs import MaskProbs

__all__ = ["fit_mask_threshold", "mask_threshold_curve", "mask_unit_sums"]

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]
Thresholds = Sequence[float] | NDArray[np.floating[Any]]

MOST_UNITS_OF = 200  # thresholds for which the sums of every image may be asked
MOST_UNIT_SUMS = 1 << 24  # numbers that they may be together: 128 MB
FEWEST_DRAWN = 32  # thresholds with standard errors, however many images there are
BESIDE = 4  # thresholds on each side of the best one that have them
SLICE_CELLS = 1 << 16  # thresholds × images × classes whose sums are made at a time


@overload
def mask_threshold_curve(
    probs: MaskProbs,
    truths: Sequence[Mask | None],
    metric: str | Metric,
    *,
    kind: TaskKind = "binary",
    thresholds: Thresholds | None = None,
    options: Mapping[str, Any] | None = None,
    per_class: Literal[False] = False,
    workers: int | None = None,
    progress: Progress = SILENT,
) -> Curve: ...
@overload
def mask_threshold_curve(
    probs: MaskProbs,
    truths: Sequence[Mask | None],
    metric: str | Metric,
    *,
    kind: TaskKind = "binary",
    thresholds: Thresholds | None = None,
    options: Mapping[str, Any] | None = None,
    per_class: Literal[True],
    workers: int | None = None,
    progress: Progress = SILENT,
) -> list[Curve]: ...
def mask_threshold_curve(
    probs: MaskProbs,
    truths: Sequence[Mask | None],
    metric: str | Metric,
    *,
    kind: TaskKind = "binary",
    thresholds: Thresholds | None = None,
    options: Mapping[str, Any] | None = None,
    per_class: bool = False,
    workers: int | None = None,
    progress: Progress = SILENT,
) -> Curve | list[Curve]:
    """Return the score of masks `probs >= t` at every threshold t, nan where it is undefined.

    Args:
        probs: probabilities of N images; a pixel that no view covered reaches no threshold.
        truths: `(N,)`, in the frame of `probs`; each is read once, by a thread.
        metric: one of masks that needs decisions.
        kind: binary or multilabel.
        thresholds: numbers from 0 on. None: all that make a difference, which are the distinct
            values of masks kept as float16 or uint8; of others those float16 values between which
            there is a value, see `every_threshold`.
        options: of the metric.
        per_class: give a curve for each class, `(C,)`, as if there were no other; else one for a
            threshold that all classes share.
        workers: threads; None: one a core.
        progress: gets a bar.

    Raises:
        UsageError: the task has no thresholds, the metric needs none, or `thresholds` are wrong.
        DataError: an image has no truth, or one that does not fit; an option is impossible.

    Example:
        >>> from podium.predictions.mask_probs import MaskArrays
        >>> probs = MaskArrays(["a"], [np.array([[[0.25], [0.5], [0.75]]], np.float16)])
        >>> truth = np.array([[0, 1, 1]], np.uint8)
        >>> curve = mask_threshold_curve(probs, [truth], "global_dice")
        >>> curve.thresholds.tolist(), curve.scores.round(3).tolist()
        ([0.25, 0.5, 0.75, 0.75048828125], [0.8, 1.0, 0.667, 0.0])
    """
    asked = _Asked.of(metric, kind, options, channels=probs.channels)
    bins = Bins.of(every_threshold(probs) if thresholds is None else thresholds)
    columns = [slice(None)]
    if per_class:
        columns = [slice(c, c + 1) for c in range(probs.channels)]
    totals, seen = _totals(
        asked, probs, truths, bins, columns=columns, workers=workers, progress=progress
    )
    curves = []
    for one, total in zip(columns, totals, strict=True):
        at = slice(None) if thresholds is not None else _that_matter(seen[one])
        curves.append(asked.curve(bins.thresholds[at], total[at]))
    return curves if per_class else curves[0]


def fit_mask_threshold(
    probs: MaskProbs,
    truths: Sequence[Mask | None],
    metric: str | Metric,
    *,
    kind: TaskKind = "binary",
    options: Mapping[str, Any] | None = None,
    groups: NDArray[Any] | None = None,
    raw: bool = False,
    seed: int = 0,
    workers: int | None = None,
    progress: Progress = SILENT,
) -> float:
    """Return the threshold of pixels that all classes share: a robust one, see `Curve.robust`.

    Standard errors are drawn over images at some of the thresholds, for which the images are read
    once more, and their squares are interpolated between these by the pixels that lie between.

    Args:
        probs, truths, metric, kind, options: as `mask_threshold_curve` has them.
        groups: `(N,)`: images that are drawn together; None: each by itself.
        raw: take the centre of the best scores, which asks for no standard errors.
        seed: of the draws.
        workers, progress: as there.

    Returns:
        In [0, 1] or just above; of masks that are not kept as float16 or uint8 one of the
        thresholds of the curve, since between these it says nothing.

    Raises:
        UsageError: as `mask_threshold_curve`.
        DataError: as there, or the score is undefined at every threshold.
    """
    asked = _Asked.of(metric, kind, options, channels=probs.channels)
    bins = Bins.of(every_threshold(probs))
    rows: dict[str, Any] = {"workers": workers, "progress": progress}
    (total,), seen = _totals(asked, probs, truths, bins, columns=[slice(None)], **rows)
    at = _that_matter(seen)
    curve = asked.curve(bins.thresholds[at], total[at])
    if raw or np.isnan(curve.scores).all():
        chosen = curve.best()
    else:
        reached = seen.sum(axis=(0, 2))[::-1].cumsum()[::-1][1:][at]
        most = MOST_UNIT_SUMS // (len(probs.ids) * total.shape[1])
        points = _points(curve, reached, max(FEWEST_DRAWN, min(most, MOST_UNITS_OF)))
        sums = mask_unit_sums(
            probs, truths, metric, curve.thresholds[points], kind=kind, options=options, **rows
        )
        errors = plateau_error(asked.metric, sums, options=asked.options, groups=groups, seed=seed)
        squares = np.interp(-reached, -reached[points], errors**2)
        chosen = curve.robust(np.sqrt(squares))
    if are_stored(probs):
        return chosen
    place = int(np.searchsorted(curve.thresholds, np.float32(chosen)))
    return float(curve.thresholds[min(place, len(curve.thresholds) - 1)])


def _points(curve: Curve, reached: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Return the numbers of some thresholds, ascending, the best and those beside it among them.

    Half of the others have as many pixels between them, half as many thresholds, which are closer
    the smaller they are.
    """
    n = len(reached)
    if n <= most:
        return np.arange(n)
    best = int(np.nanargmax(curve.scores if curve.greater_is_better else -curve.scores))
    beside = np.arange(max(0, best - BESIDE), min(n, best + BESIDE + 1))
    each = (most - len(beside)) // 2
    by_pixels = np.searchsorted(-reached, np.linspace(-reached[0], -reached[-1], each))
    by_number = np.linspace(0, n - 1, each).round().astype(np.int64)
    return np.unique(np.concatenate([beside, by_pixels, by_number]))


def mask_unit_sums(
    probs: MaskProbs,
    truths: Sequence[Mask | None],
    metric: str | Metric,
    thresholds: Thresholds,
    *,
    kind: TaskKind = "binary",
    options: Mapping[str, Any] | None = None,
    workers: int | None = None,
    progress: Progress = SILENT,
) -> Floats:
    """Return the metric's sums of every image at each threshold, `(T, N, S)`, float64.

    They are what a bootstrap over images draws from. Arguments are those of `mask_threshold_curve`.

    Args:
        probs, truths, metric: N images.
        thresholds: `(T,)`, ascending, at most 200, since all are kept.
        kind, options, workers, progress: as there.

    Raises:
        UsageError: there are more thresholds, they do not ascend, or as there.
        DataError: as there.
    """
    asked = _Asked.of(metric, kind, options, channels=probs.channels)
    bins = Bins.of(thresholds)
    given = np.asarray(thresholds, dtype=np.float32)
    if not np.array_equal(given, bins.thresholds) or len(given) > MOST_UNITS_OF:
        raise UsageError(f"give at most {MOST_UNITS_OF} thresholds, ascending")
    each = histograms(
        probs, truths, bins, asked.sums, by_image=True, workers=workers, progress=progress
    )
    return np.concatenate(list(each)).swapaxes(0, 1)


def _totals(
    asked: _Asked,
    probs: MaskProbs,
    truths: Sequence[Mask | None],
    bins: Bins,
    *,
    columns: Sequence[slice],
    workers: int | None,
    progress: Progress,
) -> tuple[list[Floats], Histograms]:
    """Return the sums of all images `(T, S)` for the classes of each of `columns`.

    And the histogram of all images, `(C, T + 1, 2)`.
    """
    totals: list[Floats | None] = [None] * len(columns)
    seen = np.zeros((probs.channels, len(bins), 2), np.int64)

    def take(found: Histograms) -> tuple[Histograms, list[Floats]]:
        whole = found.sum(axis=0)
        return whole, [] if asked.is_pooled else [asked.sums(found[:, one]) for one in columns]

    by_image = not asked.is_pooled
    blocks = histograms(
        probs, truths, bins, take, by_image=by_image, workers=workers, progress=progress
    )
    for whole, sums in blocks:
        seen += whole
        for c, block in enumerate(sums):
            totals[c] = _added(totals[c], block)
    if asked.is_pooled:
        return [asked.sums(seen[None, one])[0] for one in columns], seen
    return [one for one in totals if one is not None], seen


def _added(total: Floats | None, block: Floats) -> Floats:
    """Return the sums of images `(T, S)` with those of a block `(b, T, S)`, one after the other."""
    for one in block:
        total = one.copy() if total is None else np.add(total, one, out=total)
    assert total is not None
    return total


def _that_matter(seen: Histograms) -> NDArray[np.int64]:
    """Return the places of thresholds that some pixel reaches and the next not, and the next one.

    Args:
        seen: `(C, T + 1, 2)`.
    """
    there = np.flatnonzero(seen[:, 1:].any(axis=(0, 2)))
    last = seen.shape[1] - 2
    return np.append(there, min(there[-1] + 1, last) if len(there) else 0)


@dataclass(frozen=True)
class _Asked:
    """A metric of masks, bound to a kind of task.

    Attributes:
        is_pooled: whether the sums of images are counts that add up before the metric is asked.
    """

    metric: Metric
    kind: TaskKind
    options: Mapping[str, Any]
    is_pooled: bool

    @classmethod
    def of(
        cls,
        metric: str | Metric,
        kind: TaskKind,
        options: Mapping[str, Any] | None,
        *,
        channels: int,
    ) -> _Asked:
        if kind not in ("binary", "multilabel"):
            raise UsageError(f"masks of a {kind} task are not made by a threshold of each class")
        if kind == "binary" and channels != 1:
            raise UsageError(f"binary masks have 1 channel, these have {channels} channels")
        given = {name: one for name, one in (options or {}).items() if name != "kind"}
        found = metrics.fitting(metric, kind, given, task="segment")
        if found.needs != "decisions" or found.of_counts is None:
            raise UsageError(f"{found.name} is no function of the pixels of decided masks")
        # A mask that is right in its one pixel: whatever the options, its sums are defined.
        sums = metrics.of_counts(found, np.ones((1, 2, 4), np.int64), kind=kind, **given)
        is_known = ":" not in found.name and found is metrics.get(found.name)
        return cls(found, kind, given, is_known and sums.dtype.kind == "i")

    def sums(self, found: Histograms) -> Floats:
        """Return the metric's sums of each image at each threshold, `(n, T, S)`."""
        counts = _counts(found, self.kind)
        rows = counts.reshape(-1, *counts.shape[2:])  # (n · T, K, 4)
        step = max(1, SLICE_CELLS // rows.shape[1])
        sums = [self._sums_of(rows[at : at + step]) for at in range(0, len(rows), step)]
        return np.concatenate(sums).reshape(*counts.shape[:2], -1)

    def _sums_of(self, counts: Counts) -> Floats:
        """Return the sums of counts `(n, K, 4)`, nan where a pair is undefined."""
        try:
            found = metrics.of_counts(self.metric, counts, kind=self.kind, **self.options)
            return np.asarray(found, dtype=np.float64)
        except DataError:
            if len(counts) == 1:
                one = np.ones_like(counts)
                return np.full_like(self._sums_of(one), np.nan)
        half = len(counts) // 2
        return np.concatenate([self._sums_of(part) for part in (counts[:half], counts[half:])])

    def curve(self, thresholds: NDArray[np.float32], totals: Floats) -> Curve:
        scores = metrics.values(self.metric, totals, **self.options)
        return Curve(thresholds, scores, self.metric.greater_is_better)


def _counts(found: Histograms, kind: TaskKind) -> Counts:
    """Return the counts `(n, T, K, 4)` of masks at each threshold, as `metrics.mask_counts`."""
    above = found[:, :, ::-1].cumsum(axis=2)[:, :, ::-1]  # (n, C, T + 1, 2): in a bin from here on
    above = above.swapaxes(1, 2)  # (n, T + 1, C, 2)
    both, predicted = above[:, 1:, :, 1], above[:, 1:].sum(axis=3)
    true, valid = above[:, :1, :, 1], above[:, :1].sum(axis=3)
    counts = np.empty((*both.shape, 4), np.int64)
    for place, one in enumerate((both, predicted, true, valid)):
        counts[..., place] = one
    if kind == "multilabel":
        return counts
    background = counts.copy()
    background[..., :3] = valid[..., None] - counts[..., [1, 1, 2]]
    background[..., 0] += both - true
    return np.concatenate([background, counts], axis=2)
