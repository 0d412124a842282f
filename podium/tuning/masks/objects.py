"""Scores of every candidate decision on objects, in a metric without sums: average precision.

Such a metric ranks the objects of all images together, so that no image has a part of the score.
But it can compute the scores of many sets of images at once, a set being how often each image is in
it (`Metric.score_draws`). So every set that fits and standard errors need is scored while the
objects of a candidate are at hand; afterwards, choosing is looking up.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics import Metric
from podium.competition.truths.instances import Instances
from podium.errors import DataError
from podium.predictions.decisions.objects import decide_instances, filter_objects
from podium.tuning.masks.space import MaskCandidate, MaskSpace, StepSpace
from podium.tuning.step_grid import StepCandidate
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    from podium.predictions.store.masks import MaskProbs
    from podium.tasks.protocols.kind import Kind

__all__ = [
    "ImageDraws",
    "candidate_steps",
    "choose_candidate",
    "draws_of",
    "score_candidates",
    "scores_of_draws",
    "sets_of_fits",
]

Floats = NDArray[np.float64]
ImageDraws = NDArray[np.int64]
"""`(B, N)`: how often each of N images is in each of B sets."""


def sets_of_fits(
    rows: Sequence[NDArray[np.int64]], units: NDArray[np.int64], *, n: int, seed: int
) -> ImageDraws:
    """Return the sets that choices need: of each fit its images, `n` draws, and what each lacks.

    Args:
        rows: of each fit, the images that it may see.
        units: `(N,)`, as `draws_of` takes them.
        n: draws for the standard error of a gain.
        seed: of the draws.
    """
    sets = []
    for one in rows:
        whole = np.zeros(len(units), np.int64)
        whole[one] = 1
        drawn = draws_of(units, whole, n=n, seed=seed)
        sets += [whole[None], drawn, np.where(drawn > 0, 0, whole)]
    return np.concatenate(sets)


def draws_of(
    units: NDArray[np.int64], inside: NDArray[np.int64], *, n: int, seed: int
) -> ImageDraws:
    """Return `n` bootstrap draws of the units of the images `inside`, `(N,)` of 0 and 1.

    Args:
        units: `(N,)`, numbers from 0: images of one are drawn together.
        inside: which images there are.
        n: number of draws.
        seed: of the draws.
    """
    there = np.unique(units[inside > 0])
    drawn = np.random.default_rng(seed).integers(len(there), size=(n, len(there)))
    counts = np.zeros((n, int(units.max()) + 1), np.int64)
    for row, places in enumerate(drawn):
        np.add.at(counts[row], there[places], 1)
    return counts[:, units] * inside


def scores_of_draws(
    metric: Metric,
    truths: Sequence[Any],
    predictions: Sequence[Any],
    draws: ImageDraws,
    options: Mapping[str, Any],
) -> Floats:
    """Return the scores of sets of images, `(B,)`; nan where one is undefined."""
    complete = metric.complete(options)
    if metric.score_draws is not None:
        return np.asarray(
            metric.score_draws(truths, predictions, draws, **complete), dtype=np.float64
        )
    scores = []
    for one in draws:
        rows = np.repeat(np.arange(len(one)), one).tolist()
        try:
            found = metric.score(
                [truths[i] for i in rows], [predictions[i] for i in rows], **complete
            )
        except DataError:
            found = np.nan
        scores.append(float(found))
    return np.array(scores, dtype=np.float64)


def score_candidates(
    probs: MaskProbs,
    truths: Sequence[Instances],
    space: MaskSpace | StepSpace,
    metric: Metric,
    kind: Kind,
    draws: ImageDraws,
    *,
    options: Mapping[str, Any],
    workers: int | None = None,
    progress: Progress = SILENT,
) -> Floats:
    """Return the score of every candidate of `space` on every set of images, `(A, B)`.

    The objects of all images are in memory for one candidate at a time, each in its box.

    Args:
        probs: probabilities of N images.
        truths: `(N,)`.
        space: the candidates, of objects.
        metric: one of objects.
        kind: of the pixel predictions.
        draws: the sets.
        options: of the metric.
        workers: threads; None: one a core.
        progress: gets a bar.

    Raises:
        DataError: an image has another size than its truth.
    """
    with progress.bar("deciding objects in every way", len(space.candidates)) as advance:
        if isinstance(space, StepSpace):
            scores = []
            for candidate in space.candidates:
                decided = decide_instances(probs, candidate.steps, kind, workers=workers)
                every = [one for _, one in decided]
                scores.append(scores_of_draws(metric, truths, every, draws, options))
                advance(1)
            return np.stack(scores)
        values: dict[MaskCandidate, Floats] = {}
        by_level = sorted(space.candidates, key=lambda one: (one.level, one.apart, one.min_area))
        for _, alike in itertools.groupby(by_level, key=lambda one: (one.level, one.apart)):
            group = list(alike)
            found = decide_instances(probs, candidate_steps(group[0])[:2], kind, workers=workers)
            objects = [one for _, one in found]
            for one in group:
                keep = [("min_area", one.min_area)]
                kept = [filter_objects(each, keep, probs.channels) for each in objects]
                values[one] = scores_of_draws(metric, truths, kept, draws, options)
                advance(1)
    return np.stack([values[one] for one in space.candidates])


def choose_candidate(values: Floats, metric: Metric, *, raw: bool = False) -> int:
    """Return the best candidate of a fit; the plain one, 0, where choosing so does not pay.

    What choosing gains is measured on the images that a draw lacks: there the candidate that is
    best on the draw is compared to the plain one. The mean of that must be larger than the standard
    error of the best candidate's gain.

    Args:
        values: `(A, 1 + 2 n)`, of the images of the fit, of draws of them, and of what each lacks.
        metric: determines what is better.
        raw: take the best candidate, however small its gain.
    """
    goodness = metric.goodness(values)
    whole = goodness[:, 0]
    best = int(np.argmax(whole))
    if best == 0 or not np.isfinite(whole[[0, best]]).all():
        return 0
    if raw:
        return best
    inside, outside = np.split(goodness[:, 1:], 2, axis=1)
    chosen = outside[inside.argmax(axis=0), np.arange(inside.shape[1])]
    gains = _differences(chosen, outside[0])
    errors = _differences(inside[best], inside[0])
    is_known = len(gains) > 1 and len(errors) > 1
    return best if is_known and gains.mean() > float(np.std(errors, ddof=1)) else 0


def _differences(ours: Floats, theirs: Floats) -> Floats:
    """Return by how much ours are more, where both are defined."""
    are_known = np.isfinite(ours) & np.isfinite(theirs)
    return ours[are_known] - theirs[are_known]


def candidate_steps(candidate: MaskCandidate | StepCandidate) -> list[dict[str, Any]]:
    """Return a candidate as steps of `decide`."""
    return candidate.steps
