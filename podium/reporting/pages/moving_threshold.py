"""The score and the confusion at each of a few thresholds, for the slider of the page.

All is counted when the page is made: the slider looks up a row. Of masks one pass over the pixels
gives their counts at every threshold; the page holds a small picture of the probabilities of the
few images that it shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.truths.masks import IGNORE, resize_nearest
from podium.errors import DataError
from podium.predictions.store.masks import MaskProbs
from podium.predictions.top_k import require_dense
from podium.reporting.figures.confusion import WRITTEN_UP_TO
from podium.reporting.images.thumbnails import as_webp, data_uri
from podium.reporting.labels.evaluation import LabelEvaluation
from podium.reporting.labels.statistics import confusion_counts
from podium.reporting.masks.evaluation import MaskClassScorer, MaskEvaluation, mask_names
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES
from podium.tasks.protocols.needs import are_decisions

__all__ = ["metric_of_decisions", "moving_labels", "moving_masks", "score_of_decisions"]

GRID = np.arange(1, 20, dtype=np.float64) / 20
"""Thresholds of masks; those of labels begin at 0 where a row may be left out."""
_LABEL_GRID = np.arange(0, 21, dtype=np.float64) / 20
MOST_IMAGES, MOST_VALUES = 1000, 300_000_000
PICTURE_PX = 96

Counts = NDArray[np.int64]


def moving_labels(lens: LabelEvaluation) -> dict[str, Any] | None:
    """Return what the slider of labels shows, as JSON has it; None where no threshold decides.

    Of yes or no, and of several labels a row, a label is there from the threshold on. Of one class
    of several, a row is left out where its decision is less probable than the threshold.

    Args:
        lens: the rows.
    """
    kind, names = lens.competition.kind, lens.competition.label_names
    if not kind.is_prob or kind.is_by_output or len(names) > WRITTEN_UP_TO:
        return None
    probs = require_dense(lens.probs, who="a threshold").astype(np.float64)
    name, options = metric_of_decisions(lens)
    steps = []
    truth = np.asarray(lens.truth)
    sure = probs[np.arange(len(truth)), lens.decisions] if kind.is_exclusive else None
    for at in _LABEL_GRID:
        if sure is not None:
            kept = sure >= at
            right, decided = truth[kept], np.asarray(lens.decisions)[kept]
            table = confusion_counts(right, decided, len(names)).tolist()
        else:
            kept = np.ones(len(truth), bool)
            decided = (probs >= at).astype(np.int64).reshape(truth.shape)
            right = truth
            table = _yes_no_table(right.reshape(len(right), -1), decided.reshape(len(right), -1))
        steps.append(
            [
                round(float(at), 3),
                score_of_decisions(name, right, decided, options),
                table,
                int(kept.sum()),
                None if sure is not None else [_f1(*row) for row in table],
            ]
        )
    return {
        "of": "labels",
        "how": "sure" if kind.is_exclusive else "yes",
        "metric": name,
        "class_metric": "F1",
        "greater_is_better": metrics.get(name, root=lens.competition.root).greater_is_better,
        "names": names if kind.is_exclusive or kind.is_by_class else [names[-1] if names else "1"],
        "n": len(truth),
        "start": 0.0 if kind.is_exclusive else 0.5,
        "steps": steps,
    }


def _yes_no_table(right: NDArray[Any], decided: NDArray[Any]) -> list[list[int]]:
    """Return (found, missed, false alarms, rightly absent) of each column, where it is known."""
    is_there, is_absent, is_decided = right == 1, right == 0, decided == 1
    each = [
        (is_there & is_decided).sum(axis=0),
        (is_there & ~is_decided).sum(axis=0),
        (is_absent & is_decided).sum(axis=0),
        (is_absent & ~is_decided).sum(axis=0),
    ]
    return [[int(one) for one in row] for row in np.stack(each, axis=1)]


def _f1(both: int, missed: int, alarms: int, _: int) -> float | None:
    whole = 2 * both + missed + alarms
    return round(2 * both / whole, 5) if whole else None


def metric_of_decisions(lens: LabelEvaluation) -> tuple[str, dict[str, Any]]:
    """Return (name, options) of the labels' metric if it scores decisions; else of one that does.

    Args:
        lens: the rows.
    """
    competition = lens.competition
    scored = competition.metric_of(IMAGES)
    if scored is not None:
        metric = metrics.get(scored.name, root=competition.root)
        if are_decisions(metric.needs):
            return scored.name, dict(scored.options)
        if metric.scores_decisions:
            _, decided, options = metrics.of_need(metric, "decisions", scored.options)
            return decided.name, options
    return ("macro_f1" if competition.kind.is_by_class else "accuracy"), {}


def score_of_decisions(
    name: str, truth: Any, decided: Any, options: dict[str, Any]
) -> float | None:
    """Return the score of rows by a metric that `metric_of_decisions` names; None: undefined."""
    if not len(truth):
        return None
    try:
        found = metrics.score(name, truth, decided, **options)
    except DataError:
        return None
    return round(found, 5) if np.isfinite(found) else None


def moving_masks(lens: MaskEvaluation, shown: Sequence[int]) -> dict[str, Any] | None:
    """Return what the slider of masks shows, as JSON has it; None where masks are single objects.

    A pixel is of its likeliest class where the probability of all classes together reaches the
    threshold; where classes may overlap, each has its own. Gates and steps on regions are left out.
    Of more than 1,000 images, as many evenly spaced ones are counted.

    Args:
        lens: the images.
        shown: those of which the page has a picture.
    """
    kind, probs = lens.kind, lens.source.probs
    if lens.competition.has_objects or lens.of_objects is not None or not len(lens.samples):
        return None
    height, width = max(probs.sizes, key=lambda one: one[0] * one[1])
    most = min(MOST_IMAGES, MOST_VALUES // max(height * width * probs.channels, 1))
    n = len(lens.samples)
    if most < 1:
        return None
    rows = np.linspace(0, n - 1, min(n, most)).round().astype(int)
    each = np.stack([_counted(lens, int(i)) for i in np.unique(rows)])  # (N, T, K, 4)
    of_class = MaskClassScorer.of(lens.competition)
    steps = []
    for number, at in enumerate(GRID):
        counts = each[:, number]
        try:
            score: float | None = round(float(lens.scorer(counts)), 5)
        except DataError:
            score = None
        of = (counts if kind.is_by_class else counts[:, 1:]).sum(axis=0)
        table = [
            [
                int(both),
                int(true - both),
                int(predicted - both),
                int(known - true - predicted + both),
            ]
            for both, predicted, true, known in of.tolist()
        ]
        by_class = [round(one, 5) if np.isfinite(one) else None for one in of_class(counts)]
        steps.append([round(float(at), 3), score, table, len(each), by_class])
    return {
        "of": "masks",
        "how": "pixels",
        "metric": lens.scorer.name,
        "class_metric": of_class.name,
        "greater_is_better": lens.scorer.is_better(1.0, 0.0),
        "names": mask_names(lens.competition),
        "n": n,
        "start": 0.5,
        "steps": steps,
        "images": [probability_picture(lens, i) for i in shown],
    }


def _counted(lens: MaskEvaluation, i: int) -> Counts:
    return counts_by_threshold(_whole(lens.source.probs, i), lens.truth(i), lens.kind)


def _whole(probs: MaskProbs, i: int) -> NDArray[np.float32]:
    height, _ = probs.sizes[i]
    return np.nan_to_num(np.asarray(probs.band(i, 0, height), dtype=np.float32))


def _parts(
    probs: NDArray[np.float32], kind: Kind
) -> tuple[NDArray[np.float32], NDArray[np.int64] | None]:
    """Return what is held against the threshold, and the class that a pixel then has."""
    if kind.is_thresholded:
        return probs, None
    return 1 - probs[..., 0], probs[..., 1:].argmax(axis=-1) + 1


def counts_by_threshold(probs: NDArray[np.float32], truth: NDArray[np.uint8], kind: Kind) -> Counts:
    """Return the pixel counts of one image at each of `GRID`, `(T, K, 4)`, as `mask_counts` has.

    Args:
        probs: `(H, W, C)`.
        truth: its true mask.
        kind: of the masks.
    """
    held, winner = _parts(probs, kind)
    grid = GRID.astype(np.float32)
    bins = np.searchsorted(grid, held, side="right")  # how many thresholds are reached
    t = len(GRID)
    if winner is None:
        planes = [
            _of_plane(bins[..., c], truth[..., c] if kind.is_by_class else truth, t)
            for c in range(probs.shape[2])
        ]
        if kind.is_by_class:
            return np.stack(planes, axis=1)
        (yes,) = planes
        return np.stack([_rest(yes), yes], axis=1)
    k = probs.shape[2]
    known = truth != IGNORE
    cells = (winner[known] * k + truth[known].astype(np.int64)) * (t + 1) + bins[known]
    table = np.bincount(cells, minlength=k * k * (t + 1)).reshape(k, k, t + 1)
    # Pixels that reach threshold number i are those of all bins beyond it.
    reached = table[..., ::-1].cumsum(axis=-1)[..., ::-1][..., 1:]  # (winner, truth, T)
    true = table.sum(axis=(0, 2))
    counts = np.zeros((t, k, 4), np.int64)
    counts[..., 1] = reached.sum(axis=1).T
    counts[:, :, 0] = reached[np.arange(k), np.arange(k)].T
    counts[..., 2], counts[..., 3] = true, int(known.sum())
    counts[:, 0, 1] = counts[:, 0, 3] - counts[:, 1:, 1].sum(axis=1)
    counts[:, 0, 0] = true[0] - reached[:, 0].sum(axis=0)
    return counts


def _of_plane(bins: NDArray[np.int64], truth: NDArray[np.uint8], t: int) -> Counts:
    known = truth != IGNORE
    counts = np.zeros((t, 4), np.int64)
    for column, where in ((0, known & (truth == 1)), (1, known)):
        found = np.bincount(bins[where], minlength=t + 1)
        counts[:, column] = found[::-1].cumsum()[::-1][1:]
    counts[:, 2], counts[:, 3] = int((known & (truth == 1)).sum()), int(known.sum())
    return counts


def _rest(yes: Counts) -> Counts:
    both, predicted, true, known = np.moveaxis(yes, -1, 0)
    return np.stack([known - predicted - true + both, known - predicted, known - true, known], -1)


def probability_picture(lens: MaskEvaluation, i: int) -> dict[str, Any]:
    """Return the probabilities and the true mask of image `i`, small, as the slider paints them.

    The picture's red is the probability, green the class that a pixel would have, blue the true
    class, 0 for background and 255 for what is not scored. Of classes that overlap, it is the
    likeliest class, and the first true one.
    """
    probs, truth = _whole(lens.source.probs, i), lens.truth(i)
    scale = min(1.0, PICTURE_PX / max(truth.shape[:2]))
    size = max(1, round(truth.shape[0] * scale)), max(1, round(truth.shape[1] * scale))
    held, winner = _parts(probs, lens.kind)
    if winner is None:
        winner, held = held.argmax(axis=-1) + 1, held.max(axis=-1)
    if lens.kind.is_by_class:
        is_true = truth == 1
        truth = np.where(is_true.any(axis=-1), is_true.argmax(axis=-1) + 1, 0)
    elif lens.kind.is_yes_no:
        truth = np.where(truth == IGNORE, 255, truth)
    planes = [np.floor(255 * held), winner, truth]
    small = [resize_nearest(one.astype(np.uint8), size) for one in planes]
    uri = data_uri(as_webp(np.stack(small, axis=-1), lossless=True))
    return {"id": str(lens.samples["id"].iloc[i]), "picture": uri}
