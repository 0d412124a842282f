"""What the mean of K fold models adds to the score of test masks, from their disagreement there.

As for labels (`expected.py`), the truth of a test image is drawn from what the mean p̄ of the models
predicts of its pixels. Pixels of an image are not independent: an object is there or not, its edge
lies further in or out as a whole. So all pixels of an image share one noise g a class (Gumbel;
logistic for yes or no). Each pixel's truth then has the probability that it should have,
softmax(log p̄ / t), and that of an image is a mask as a network would draw it:

    classes:    y = argmax_c (log p̄_c / t + g_c)
    yes or no:  y = (logit p̄ / t + g > 0)

Single models, one an image, should score against such truths what they scored out of fold. Where
they score less with t = 1, p̄ is sharpened: t < 1, one number for all images. Where they score more,
they err alike, which no disagreement shows: then a share of the truth is what no model predicts,
and nobody scores there, neither single models nor the mean. The gain is that of the rest:

    honest ≤ S_single(1):  gain = (S_mean(1) - S_single(1)) · honest / S_single(1)

Blunting p̄ instead (t > 1), as for labels, makes edges uncertain that are not, and decisions of rare
classes worth less than they are: the mean, which makes fewer of them, then seems worse than single
models (docs/decisions/0064-gain-of-the-mean-of-masks.md).

Of each image only the counts of pixels are kept, and of all images their sums; t is a grid.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.competition.scores.expected import (
    Gain,
    bounded_slope,
    contradicts,
    makes_perfect,
)
from podium.errors import DataError

if TYPE_CHECKING:
    from podium.tasks.protocols.kind import Kind

__all__ = ["DecidedPixels", "gain_on_masks", "probs_with_presence"]

SHARPNESS = np.exp(np.linspace(0, -3, 5))  # t of the truths that are tried
_LEAST_PROB = 1e-4
_TRUTHS = (4, 16)  # of an image, least and most
_TRUTHS_IN_ALL = 800

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class DecidedPixels:
    """Pixels of a test image, and what K models and their mean predict of them.

    Attributes:
        mean: `(P, C)`, the probabilities by the mean; of a decision with a gate
            `probs_with_presence`.
        decided: uint8 `(K + 1, P)`, multilabel `(K + 1, P, C)`: the masks by each model, and last
            by the mean.
        weights: `(P,)`, of how many pixels of the image each is one; None: of itself.
    """

    mean: Floats
    decided: NDArray[np.uint8]
    weights: Floats | None = None


def gain_on_masks(
    metric: str | Metric,
    images: Iterable[DecidedPixels],
    kind: Kind,
    *,
    n_images: int,
    honest: float,
    error: float,
    shares: NDArray[np.float64],
    seed: int = 0,
    **options: Any,
) -> Gain | None:
    """Return what the mean of K models scores on test masks, less what single ones do.

    None where they contradict each other more than models of such a score can, as `gain_of_mean`;
    and of a metric of which less is better, or that can be negative.

    Args:
        metric: one of counts of pixels.
        images: the test images, or some of them; one is held at a time.
        kind: of the pixels.
        n_images: how many `images` are.
        honest: the score of the models out of fold, one an image.
        error: its standard error, between whose ends the slope is.
        shares: `(K,)`, of the out-of-fold images that each model predicted.
        seed: of the truths.
        options: of the metric.

    Raises:
        DataError: no truth that is drawn has a score.
    """
    metric, rng = metrics.get(metric), np.random.default_rng(seed)
    n_truths = int(np.clip(_TRUTHS_IN_ALL // max(1, n_images), *_TRUTHS))
    totals: NDArray[np.float64] | None = None
    for image in images:
        counts = _counts(image, kind, n_truths, rng)
        steps, _, n_masks = counts.shape[:3]
        flat = counts.reshape(-1, *counts.shape[3:])
        sums = metrics.of_counts(metric, flat, kind=kind, **options)
        # In sums over truths; those of single models in the shares of an out-of-fold score.
        by_mask = sums.reshape(steps, n_truths, n_masks, -1).sum(axis=1, dtype=np.float64)
        totals = by_mask if totals is None else totals + by_mask
    if totals is None:
        raise DataError("there is no test image to look at")
    single = _scores(metric, np.tensordot(totals[:, :-1], shares / shares.sum(), (1, 0)), options)
    of_mean = _scores(metric, totals[:, -1], options)
    is_known = ~(np.isnan(single) | np.isnan(of_mean))
    if not is_known.any():
        raise DataError(f"{metric.name} is undefined for these images")
    single, gains = single[is_known], (of_mean - single)[is_known]
    if not metric.greater_is_better or min(honest, single.min()) < 0:
        return None
    # Where nothing of the truth is as any model predicts it, neither scores: (0, 0).
    order = np.argsort(single)
    known, gains = np.append(0, single[order]), np.append(0, gains[order])

    def at(score: float) -> tuple[float, float]:
        return float(np.clip(score, 0, known[-1])), float(np.interp(score, known, gains))

    reached, value = at(honest)
    if contradicts(metric, honest, reached, error) or makes_perfect(metric, honest, value):
        return None
    return Gain(value, bounded_slope(at(honest - error), at(honest + error), error))


def probs_with_presence(probs: Floats, presence: Floats, kind: Kind) -> Floats:
    """Return probabilities of an image's pixels as one who also knows its classifier has them.

    A decision with a gate knows it. Of exclusive classes the foreground is shared out anew, by what
    both find; else no pixel is likelier than its class is in the image.

    Args:
        probs: `(P, C)`, of the pixels of one image.
        presence: `(mask classes,)`, of the image.
        kind: of the pixels.
    """
    if not kind.is_exclusive:
        highest = np.maximum(probs.max(axis=0, initial=0), _LEAST_PROB)
        return np.asarray(probs * np.minimum(1, presence / highest))
    found = np.array(probs, dtype=np.float64)
    found[:, 1:] *= np.maximum(presence, _LEAST_PROB)
    total = np.maximum(found[:, 1:].sum(axis=1), 1e-12)
    found[:, 1:] *= (probs[:, 1:].sum(axis=1) / total)[:, None]
    return found


def _scores(metric: Metric, totals: NDArray[np.float64], options: dict[str, Any]) -> Floats:
    """Return the score of each row of sums, nan where it is undefined."""
    found = np.full(len(totals), np.nan)
    for row, sums in enumerate(totals):
        try:
            found[row] = metrics.value(metric, sums[None], **options)
        except DataError:
            continue
    return found


def _counts(
    image: DecidedPixels, kind: Kind, n_truths: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return the `mask_counts` of every mask against each truth: `(T, R, K + 1, rows, 4)`."""
    if kind.is_exclusive:
        return _counts_of_classes(image, rng.gumbel(size=(n_truths, image.mean.shape[1])))
    noise = logit((np.arange(n_truths) + 0.5) / n_truths)
    each = [
        _counts_of_bits(
            image.mean[:, c],
            image.decided.reshape(*image.decided.shape[:2], -1)[:, :, c],
            rng.permutation(noise),
            image.weights,
        )
        for c in range(image.mean.shape[1])
    ]
    return np.stack([one[..., 1, :] for one in each], axis=3) if kind.is_by_class else each[0]


def _counts_of_classes(image: DecidedPixels, noise: Floats) -> NDArray[np.float64]:
    """Return the counts `(T, R, K + 1, C, 4)` of exclusive classes, of noise `(R, C)`."""
    n_pixels, n_values = image.mean.shape
    weights = np.ones(n_pixels) if image.weights is None else image.weights
    # Class by class: over a short last axis numpy's argmax takes several times as long.
    log = np.log(np.clip(image.mean.T, _LEAST_PROB, 1)).astype(np.float32)
    found = np.zeros((len(SHARPNESS), len(noise), len(image.decided), n_values, 4))
    found[..., 3] = weights.sum()
    for m, decided in enumerate(image.decided):
        found[:, :, m, :, 1] = np.bincount(decided, weights, n_values)
    for step, t in enumerate(SHARPNESS):
        log_t = log / np.float32(t)
        for r, own in enumerate(noise.astype(np.float32)):
            truth = (log_t + own[:, None]).argmax(axis=0)
            found[step, r, :, :, 2] = np.bincount(truth, weights, n_values)
            for m, decided in enumerate(image.decided):
                hits = decided == truth
                found[step, r, m, :, 0] = np.bincount(truth[hits], weights[hits], n_values)
    return found


def _counts_of_bits(
    probs: Floats, decided: NDArray[np.uint8], noise: Floats, weights: Floats | None
) -> NDArray[np.float64]:
    """Return the counts `(T, R, K + 1, 2, 4)` of one class, yes or no, of noise `(R,)`.

    Args:
        probs: `(P,)`, by the mean.
        decided: `(K + 1, P)`.
        noise: of each truth: it has the pixels whose logit / t is above -noise.
        weights: `(P,)`, or None.
    """
    levels = -np.multiply.outer(SHARPNESS, noise)  # (T, R)
    order = np.argsort(levels.ravel())
    # The number of levels that each pixel's logit is above: one pass for all of them.
    place = np.searchsorted(
        levels.ravel()[order], logit(np.clip(probs, _LEAST_PROB, 1 - _LEAST_PROB))
    )
    own = np.ones(len(probs)) if weights is None else weights
    n_levels, total = levels.size, own.sum()

    def above(chosen: NDArray[np.bool_] | None) -> NDArray[np.float64]:
        taken = (place, own) if chosen is None else (place[chosen], own[chosen])
        by_place = np.bincount(*taken, n_levels + 1)
        found = np.empty(n_levels)
        found[order] = by_place[::-1].cumsum()[::-1][1:]
        return found.reshape(levels.shape)

    true = above(None)
    found = np.empty((*levels.shape, len(decided), 2, 4))
    found[..., 3] = total
    for m, mask in enumerate(decided.astype(np.bool_)):
        both, predicted = above(mask), own[mask].sum()
        found[:, :, m, 1, 0], found[:, :, m, 1, 1], found[:, :, m, 1, 2] = both, predicted, true
        found[:, :, m, 0, 0] = total - predicted - true + both
        found[:, :, m, 0, 1], found[:, :, m, 0, 2] = total - predicted, total - true
    return found
