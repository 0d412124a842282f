"""Rates of a blend's thresholds on the test set, and thresholds that match them (`--match-rates`).

A threshold is tuned on out-of-fold predictions, each by one fold model; test predictions average
several and lie closer together, so that the same threshold is reached more seldom, or more often.
The rate-matched threshold is reached on the test set as often as the tuned one is out of fold. That
is right where both sets have as many positives, which nobody knows: look at both rates first.

Of one class of several there is no threshold. There the test set gets class weights by which it has
as many rows of each class as out of fold: right where its images are seen otherwise, as by another
camera, and its classes are as frequent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from podium.competition import metrics
from podium.competition.samples import load_samples
from podium.competition.samples import truth as truth_of
from podium.competition.spec import Competition
from podium.competition.units import has_label
from podium.ensembling.predicting import blend_masks, blend_scored
from podium.ensembling.record import BlendPart
from podium.errors import DataError, UsageError
from podium.predictions.decisions.labels import decide, default_steps, name_and_parameter
from podium.predictions.store.masks import row_bands
from podium.predictions.store.reading import PredictionSet
from podium.predictions.top_k import require_dense
from podium.tasks.protocols.find import find_kind
from podium.tasks.protocols.names import TaskName, is_of_pixels
from podium.tasks.protocols.needs import are_decisions, are_probs
from podium.tuning.paying import Scored, evidence_of
from podium.tuning.scoring import LabelScorer
from podium.workflows.blends.files import blend_parts
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    from podium.competition.metrics import Needs
    from podium.ensembling.blend import Blend
    from podium.predictions.store.masks import MaskProbs
    from podium.predictions.store.reading import Split
    from podium.tasks.protocols.kind import Kind
    from podium.tuning.paying import GainEvidence

__all__ = [
    "ThresholdTransfer",
    "has_class_weights",
    "match_rate",
    "match_shares",
    "matching_evidence",
    "threshold_rates",
    "with_matched_rates",
]


RESOLUTION = 2.0**-16
"""Pixels are counted in a histogram: a matched threshold lies at most so far below a value that is
there. Rates are exact."""


_BAND_VALUES = 2**20


TEMPERATURES, ROUNDS, CONVERGED = (1.0, 0.3, 0.1, 0.03, 0.01), 60, 1e-3
"""of the smoothed decisions, the first ones as the probabilities are; rounds at each, at most; and
by how much the logarithm of a share then still moves"""
LEAST_PROB = 1e-12


_IN_FRONT = {"gate", "threshold"}  # of the steps on regions


@dataclass(frozen=True)
class ThresholdTransfer:
    """A threshold out of fold and on the test set; rates are shares of rows, or of pixels.

    Attributes:
        name: the class; "" where there is one only.
        threshold: the blend's; of one class of several the weight of this one.
        oof_rate: share of out-of-fold predictions that reach it, by the final weights; of one class
            of several those that are decided as this one.
        test_rate: share of test predictions that do.
        matched: the threshold whose rate on the test set is nearest to `oof_rate`, or the weight.
        matched_rate: that rate.
        n_oof: rows, or pixels that a view covered, out of fold.
        n_test: of the test set.
        resolution: 0: `matched` is a value of the test set; else the grid of pixel values.
        is_weight: whether it is the weight of one class of several.
    """

    name: str
    threshold: float
    oof_rate: float
    test_rate: float
    matched: float
    matched_rate: float
    n_oof: int
    n_test: int
    resolution: float = 0.0
    is_weight: bool = False

    def __str__(self) -> str:
        """Return both rates of positives, and what keeps the first one, in a sentence."""
        named = f"weight of {self.name}" if self.is_weight else self.name or "threshold"
        positive = "" if self.is_weight else " positive"
        return (
            f"{named} {self.threshold:.4f}: {self.oof_rate:.2%}{positive} out of fold, "
            f"{self.test_rate:.2%} of the test set; with {self.matched:.4f} {self.matched_rate:.2%}"
        )


def threshold_rates(
    workspace: Workspace, competition: Competition, blend: Path, *, progress: Progress = SILENT
) -> tuple[ThresholdTransfer, ...]:
    """Return the rates of each threshold of a blend on the test set, one per class.

    Of masks, single pixels are counted, before any other step (a gate, regions). Of one class of
    several the rates are those of its decisions.

    Args:
        workspace: whose images may be needed for the scored units.
        competition: of the blend.
        blend: its folder.
        progress: shows a bar for each pass over masks.

    Raises:
        UsageError: the scored task has no thresholds and no class weights, or hysteresis instead.
        DataError: a member lacks the test set, or rows of it.
        RunError: the record cannot be read, or units are scored now and were not then.
    """
    needs = metrics.of(competition).needs
    task = competition.scored_task
    kind, part = competition.kind_of(task), blend_parts(blend, competition)[task]
    if has_class_weights(competition):
        return _class_rates(workspace, competition, part)
    thresholds = _thresholds(part.blend, kind, needs, competition.outputs(task))
    if is_of_pixels(task):
        return _mask_rates(part, thresholds, _names(competition, task), progress)
    oof = _label_probs(workspace, competition, part, "oof")
    test = _label_probs(workspace, competition, part, "test")
    names, found = _names(competition, task), []
    for c, threshold in enumerate(thresholds):
        n_positive = int(np.count_nonzero(oof[:, c] >= threshold))
        matched, rate = match_rate(test[:, c], n_positive, len(oof))
        found.append(
            ThresholdTransfer(
                names[c] if names else "",
                float(threshold),
                n_positive / len(oof),
                np.count_nonzero(test[:, c] >= threshold) / len(test),
                matched,
                rate,
                len(oof),
                len(test),
            )
        )
    return tuple(found)


def has_class_weights(competition: Competition) -> bool:
    """Return whether rates are those of one class of several, which class weights decide."""
    task, needs = competition.scored_task, metrics.of(competition).needs
    return (
        competition.kind_of(task).is_exclusive and are_decisions(needs) and not is_of_pixels(task)
    )


def _class_rates(
    workspace: Workspace, competition: Competition, part: BlendPart
) -> tuple[ThresholdTransfer, ...]:
    oof = _label_probs(workspace, competition, part, "oof")
    test = _label_probs(workspace, competition, part, "test")
    (step,) = part.blend.decision or default_steps(part.blend.kind)
    weights = np.asarray(step.get("class_weights", np.ones(oof.shape[1])), dtype=np.float64)
    n_oof, n_test = (_decided(one, weights) for one in (oof, test))
    matched = match_shares(test, n_oof)
    n_matched = _decided(test, matched)
    return tuple(
        ThresholdTransfer(
            name,
            float(weights[c]),
            n_oof[c] / len(oof),
            n_test[c] / len(test),
            float(matched[c]),
            n_matched[c] / len(test),
            len(oof),
            len(test),
            is_weight=True,
        )
        for c, name in enumerate(competition.classes_of(competition.scored_task))
    )


def _decided(probs: NDArray[np.float32], weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return how many rows are decided as each class, `(C,)`."""
    decided = decide(probs, [{"class_weights": weights.tolist()}], "multiclass")
    return np.bincount(decided, minlength=probs.shape[1])


def matching_evidence(
    workspace: Workspace, competition: Competition, blend: Path
) -> GainEvidence | None:
    """Return what matching the rate gains across the folds; None where that is not estimated.

    Each fold is decided by the thresholds that as many of its rows reach as the blend's do in the
    other folds. Masks and units are not estimated.

    Args:
        workspace, competition: of the blend.
        blend: its folder.

    Raises:
        as `threshold_rates`.
    """
    task, needs = competition.scored_task, metrics.of(competition).needs
    part, kind = blend_parts(blend, competition)[task], competition.kind_of(task)
    thresholds = _thresholds(part.blend, kind, needs, competition.outputs(task))
    if is_of_pixels(task) or competition.scores_units:
        return None
    samples = load_samples(competition, "train", workspace=workspace)
    ids, found = blend_scored(part.blend, part.sets, "oof", samples, competition)
    probs = require_dense(found, who="a rate of positives")
    pooled = PredictionSet(part.sets[0]).oof(task)
    fold_of = dict(zip(pooled.ids, pooled.folds.tolist(), strict=True))
    truth_by_id = dict(zip(samples["id"], truth_of(samples, competition), strict=True))
    truth = np.stack([truth_by_id[one] for one in ids])
    known = has_label(truth)
    truth, probs = truth[known], probs[known]
    folds = np.array([fold_of[one] for one in ids])[known]
    scorer = LabelScorer.of(
        metrics.of(competition),
        truth,
        n_outputs=probs.shape[1],
        kind=kind,
        options=competition.metric.options,
    )
    rules = [dict(step) for step in part.blend.decision if "threshold" not in step]

    def decided(rows: NDArray[np.int64], by: NDArray[Any]) -> NDArray[Any]:
        given = float(by[0]) if kind.is_single else by.tolist()
        return scorer.prediction(probs[rows], [{"threshold": given}, *rules])

    own = decided(np.arange(len(probs)), thresholds)
    matched = own.copy()
    for fold in np.unique(folds):
        inside, outside = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        if not len(outside):
            return None
        reached = np.count_nonzero(probs[outside] >= thresholds, axis=0)
        by = [match_rate(probs[inside, c], int(n), len(outside))[0] for c, n in enumerate(reached)]
        matched[inside] = decided(inside, np.array(by))
    scored = [Scored(scorer.metric, scorer.options, one, truth) for one in (own, matched)]
    return evidence_of(scored[0], scored[1:])


def match_rate(values: NDArray[np.floating[Any]], n_positive: int, n: int) -> tuple[float, float]:
    """Return the threshold that a share of `values` nearest to `n_positive / n` reaches, and it.

    The threshold is one of the values, or, where no positive at all is nearer, the next float32
    above them. Of two shares that are equally near the smaller one is taken.

    Args:
        values: `(N,)`, compared as float32, as `decide` does.
        n_positive: how many of `n` others are positive.
        n: how many others there are.

    Example:
        >>> match_rate(np.array([0.125, 0.25, 0.5, 0.75]), 3, 10)
        (0.75, 0.25)
    """
    each, counts = np.unique(np.asarray(values, dtype=np.float32), return_counts=True)
    best, rate = _nearest(counts, n_positive, n)
    if best == len(each):
        return float(np.nextafter(each[-1], np.float32(np.inf))), rate
    return float(each[best]), rate


def match_shares(
    probs: NDArray[np.floating[Any]], counts: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return class weights `(C,)` by which rows are decided in shares nearest to those of `counts`.

    The rows that are decided as a class are a step function of the weights. It is smoothed by a
    softmax of the weighted probabilities, whose shares are scaled to the given ones (Sinkhorn's
    iteration), at lower and lower temperatures; the weights with the nearest decisions are taken.

    Args:
        probs: `(N, C)`, of one class of several.
        counts: `(C,)`: in whose shares.

    Returns:
        the largest is 1; that of a class without a count is 0.

    Example:
        >>> rows = np.array([[0.6, 0.4], [0.7, 0.3], [0.8, 0.2], [0.9, 0.1]])
        >>> (rows * match_shares(rows, np.array([1, 1]))).argmax(axis=1).tolist()
        [1, 1, 0, 0]
    """
    there = np.flatnonzero(counts)
    shares = counts[there] / counts.sum()
    logits = np.log(np.maximum(probs[:, there].astype(np.float64), LEAST_PROB))
    offsets = best = np.zeros(len(there))
    least = np.inf
    for temperature in TEMPERATURES:
        for _ in range(ROUNDS):
            decided = np.bincount((logits + offsets).argmax(axis=1), minlength=len(there))
            distance = float(np.abs(decided / len(logits) - shares).sum())
            if distance < least:
                least, best = distance, offsets
            given = softmax((logits + offsets) / temperature, axis=1).mean(axis=0)
            step = np.log(shares / np.maximum(given, LEAST_PROB))
            if np.abs(step).max() < CONVERGED:
                break
            offsets = offsets + temperature * step
    weights = np.zeros(len(counts))
    weights[there] = np.exp(best - best.max())
    return weights


def with_matched_rates(
    parts: Mapping[TaskName, BlendPart], task: TaskName, found: Sequence[ThresholdTransfer]
) -> dict[TaskName, BlendPart]:
    """Return the parts of a blend with the thresholds of `found` in the place of its own.

    Args:
        parts: what `read_parts` returned.
        task: whose thresholds they are.
        found: what `rates` returned, a class each.
    """
    part = parts[task]
    matched: Any = [one.matched for one in found]
    if any(one.is_weight for one in found):
        decision: tuple[dict[str, Any], ...] = ({"class_weights": matched},)
        return {**parts, task: replace(part, blend=replace(part.blend, decision=decision))}
    if find_kind(task, part.blend.kind).is_single:
        (matched,) = matched
    gates = [dict(step) for step in part.blend.decision if "gate" in step]
    others = [dict(step) for step in part.blend.decision if not step.keys() & _IN_FRONT]
    decision = (*gates, {"threshold": matched}, *others)
    return {**parts, task: replace(part, blend=replace(part.blend, decision=decision))}


def _names(competition: Competition, task: TaskName) -> list[str]:
    return competition.classes_of(task) if competition.kind_of(task).is_by_class else []


def _thresholds(blend: Blend, kind: Kind, needs: Needs, n_outputs: int) -> NDArray[np.float32]:
    """Return the threshold of each class, `(C,)`.

    Raises:
        UsageError: nothing is decided by thresholds.
    """
    if not kind.is_thresholded or are_probs(needs):
        why = "nothing is decided" if are_probs(needs) else f"{kind.named} task has none"
        raise UsageError(
            f"the blend has no thresholds whose rates could be matched: {why}",
            fix="binary, multilabel and multiclass labels, and binary and multilabel masks have "
            "rates, where decisions are scored",
        )
    steps = dict(name_and_parameter(step) for step in blend.decision)
    if "hysteresis" in steps:
        raise UsageError("the blend decides by hysteresis, whose rate is not that of a threshold")
    (plain,) = default_steps(kind)
    given = steps.get("threshold", plain["threshold"])
    return np.broadcast_to(np.asarray(given, dtype=np.float32), (n_outputs,))


def _label_probs(
    workspace: Workspace, competition: Competition, part: BlendPart, split: Split
) -> NDArray[np.float32]:
    samples = load_samples(competition, "train" if split == "oof" else "test", workspace=workspace)
    _, probs = blend_scored(part.blend, part.sets, split, samples, competition)
    return require_dense(probs, who="a rate of positives")


@dataclass(frozen=True)
class _Pixels:
    """Counts of pixel values: of each class how many lie in each bin, and reach its threshold."""

    bins: NDArray[np.int64]  # (C, 1 / RESOLUTION + 1): a bin holds its lower edge
    n_positive: NDArray[np.int64]  # (C,)
    n: int


def _mask_rates(
    part: BlendPart, thresholds: NDArray[np.float32], names: list[str], progress: Progress
) -> tuple[ThresholdTransfer, ...]:
    masks = blend_masks(part.blend, part.sets, "oof")
    oof = _pixels(masks, thresholds, "pixels out of fold", progress)
    masks = blend_masks(part.blend, part.sets, "test")
    test = _pixels(masks, thresholds, "pixels of the test set", progress)
    found = []
    for c, threshold in enumerate(thresholds):
        occupied = np.flatnonzero(test.bins[c])
        best, rate = _nearest(test.bins[c, occupied], int(oof.n_positive[c]), oof.n)
        edge = occupied[best] if best < len(occupied) else occupied[-1] + 1
        found.append(
            ThresholdTransfer(
                names[c] if names else "",
                float(threshold),
                int(oof.n_positive[c]) / oof.n,
                int(test.n_positive[c]) / test.n,
                float(edge * RESOLUTION),
                rate,
                oof.n,
                test.n,
                RESOLUTION,
            )
        )
    return tuple(found)


def _pixels(
    probs: MaskProbs, thresholds: NDArray[np.float32], label: str, progress: Progress
) -> _Pixels:
    n_bins = round(1 / RESOLUTION) + 1
    bins = np.zeros((len(thresholds), n_bins), dtype=np.int64)
    n_positive = np.zeros(len(thresholds), dtype=np.int64)
    n = 0
    with progress.bar(label, len(probs.ids)) as advance:
        for i in range(len(probs.ids)):
            for _, band in row_bands(probs, i, _BAND_VALUES):
                pixels = band.reshape(-1, probs.channels)
                pixels = pixels[~np.isnan(pixels[:, 0])]
                n += len(pixels)
                n_positive += np.count_nonzero(pixels >= thresholds, axis=0)
                # A power of two times a float32 is exact: a value on an edge is in its bin.
                at = (pixels * np.float32(1 / RESOLUTION)).astype(np.int64)
                for c in range(len(thresholds)):
                    bins[c] += np.bincount(at[:, c], minlength=n_bins)
            advance(1)
    if n == 0:
        raise DataError(f"no {label} are covered, so there is no rate")
    return _Pixels(bins, n_positive, n)


def _nearest(counts: NDArray[np.int64], n_positive: int, n: int) -> tuple[int, float]:
    """Return the first ascending value whose share is nearest to `n_positive / n`, and that share.

    A value's share is that of all values from it on; index K means none of them.

    Args:
        counts: `(K,)`, frequency of each of K different values.
        n_positive, n: the share, in whole numbers so that equal distances compare as equal.
    """
    reach = np.append(np.cumsum(counts[::-1])[::-1], 0)  # (K + 1,): so many are this value or more
    total = int(reach[0])
    # Whole numbers in float64 are exact below 2 ** 53; pixels times pixels are more than that.
    distance = [abs(int(one) * n - n_positive * total) for one in reach]
    best = min(range(len(distance)), key=lambda k: (distance[k], -k))
    return best, int(reach[best]) / total
