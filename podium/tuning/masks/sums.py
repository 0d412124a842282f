"""Sums of every candidate decision where pixels alone do not determine the score: objects, volumes.

Such a metric scores whole objects, or at all slices of a volume together. Its sums of a unit, an
image or a volume, are taken for each candidate as the image or volume is decided, so that later
deciding and scoring is looking up, as it is with counts of pixels.

Images are decided several at once; of volumes there is one in memory at a time: its truth, and its
decision.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.scores.sum_scorer import SumScorer
from podium.competition.truths.instances import Instances
from podium.competition.truths.volumes import volume_of
from podium.errors import UsageError, naming_place, plural
from podium.predictions.decisions.candidates import candidate_instances
from podium.predictions.decisions.masks import decide_mask
from podium.predictions.decisions.objects import filter_objects, instances_by_split
from podium.predictions.store.masks import grey_values
from podium.tuning.masks.counts import PIXELS_AT_ONCE, PixelBudget, known_truth, of_each
from podium.tuning.masks.space import MaskCandidate, MaskSpace, StepSpace
from podium.tuning.step_grid import StepCandidate
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    from podium.competition.truths.masks import Mask
    from podium.competition.truths.volumes import Volume
    from podium.predictions.store.masks import MaskProbs
    from podium.tasks.protocols.kind import Kind

__all__ = ["SumTable", "sum_objects", "sum_probs", "sum_volumes"]

Sums = NDArray[Any]


@dataclass(frozen=True)
class SumTable:
    """The sums of A candidates on N units.

    Attributes:
        kind: instance, or of the masks of volumes.
        candidates: `(A,)`, the plain decision first.
        sums: `(A, N, S)`.
        empty: `(N, S)`, of empty decisions.
    """

    kind: Kind
    candidates: tuple[MaskCandidate | StepCandidate, ...]
    sums: Sums
    empty: Sums

    @property
    def n_images(self) -> int:
        return len(self.empty)

    def where(self, keep: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
        """Return where the sums of each unit stand; -1 where a gate, `(N, 1)`, empties it."""
        units = np.arange(self.n_images, dtype=np.int64)
        if keep is None:
            return units
        if keep.shape != (self.n_images, 1):
            raise UsageError(f"sums of objects have a gate for an image, not {keep.shape}")
        return np.where(keep[:, 0], units, -1)

    def look_up(self, candidate: int, where: NDArray[np.int64], rows: NDArray[np.int64]) -> Sums:
        """Return the sums `(n, S)` of a candidate on the units `rows`; see `where`."""
        at = where[rows]
        found = self.sums[candidate][at]
        return np.where((at < 0)[:, None], self.empty[rows], found)


def sum_objects(
    probs: MaskProbs,
    truths: Sequence[Instances | None],
    space: MaskSpace | StepSpace,
    scorer: SumScorer,
    *,
    workers: int | None = None,
    progress: Progress = SILENT,
) -> SumTable:
    """Return the sums of every candidate of `space` on the objects of every image of `probs`.

    Args:
        probs: probabilities of N images.
        truths: `(N,)`, in the frame of `probs`; each is read once, by a thread.
        space: the candidates, of objects.
        scorer: the metric.
        workers: threads; None: one a core.
        progress: gets a bar.

    Raises:
        DataError: an image has no truth, or one of another size.
    """
    n = len(probs.ids)
    if len(truths) != n:
        raise UsageError(f"{plural(len(truths), 'truth')} for {plural(n, 'image')}")
    budget = PixelBudget(PIXELS_AT_ONCE)

    def work(i: int) -> tuple[Sums, Sums]:
        height, width = probs.sizes[i]
        # Beside the mask, its labels and what a watershed needs for each pixel.
        with budget.of(height * width * probs.channels * 4), naming_place(probs.ids[i]):
            truth = known_truth(truths[i])
            nothing = scorer.measure([truth], [Instances.nothing(truth.size)])
            return _of_image(probs, i, truth, space, scorer), nothing[0]

    found = of_each("deciding objects in every way", work, n, workers=workers, progress=progress)
    return SumTable(
        space.kind,
        space.candidates,
        np.stack([sums for sums, _ in found], axis=1),
        np.stack([nothing for _, nothing in found]),
    )


def _of_image(
    probs: MaskProbs, i: int, truth: Instances, space: MaskSpace | StepSpace, scorer: SumScorer
) -> Sums:
    """Return the sums `(A, S)` of one image; what candidates share is found once."""
    if isinstance(space, StepSpace):
        steps = [one.steps for one in space.candidates]
        found = {
            number: scorer.measure([truth], [objects])[0]
            for number, objects in candidate_instances(probs, i, steps, scorer.kind)
        }
        return np.stack([found[number] for number in range(len(steps))])
    places: dict[MaskCandidate, Sums] = {}
    by_level = sorted(space.candidates, key=lambda one: (one.level, one.apart, one.min_area))
    for level, at_level in itertools.groupby(by_level, key=lambda one: one.level):
        groups = [
            list(alike) for _, alike in itertools.groupby(at_level, key=lambda one: one.apart)
        ]
        splits = [group[0].objects for group in groups]
        each = instances_by_split(probs, i, [{"threshold": level}], splits, scorer.kind)
        for group, objects in zip(groups, each, strict=True):
            known: dict[int, Sums] = {}  # by number: larger areas keep some of the same objects
            for one in group:
                kept = filter_objects(objects, [("min_area", one.min_area)], probs.channels)
                if len(kept) not in known:
                    known[len(kept)] = scorer.measure([truth], [kept])[0]
                places[one] = known[len(kept)]
    return np.stack([places[one] for one in space.candidates])


def sum_probs(
    probs: MaskProbs,
    truths: Sequence[Mask | None],
    scorer: SumScorer,
    *,
    progress: Progress = SILENT,
) -> SumTable:
    """Return the sums of the probabilities of every image: nothing is decided, nothing is tried.

    Args:
        probs: probabilities of N images.
        truths: `(N,)`, in the frame of `probs`.
        scorer: a metric of masks that needs probabilities.
        progress: gets a bar.

    Raises:
        DataError: an image has no truth, or one of another size.
    """
    found, empty = [], []
    with progress.bar("scoring probabilities", len(probs.ids)) as advance:
        for i, (name, values) in enumerate(grey_values(probs)):
            with naming_place(name):
                truth = known_truth(truths[i])
                found.append(scorer.measure([truth], [values])[0])
                empty.append(scorer.measure([truth], [np.zeros_like(values)])[0])
            advance(1)
    return SumTable(scorer.kind, (MaskCandidate(0.5),), np.stack(found)[None], np.stack(empty))


def sum_volumes(
    probs: MaskProbs,
    truths: Sequence[Mask | None],
    volumes: Sequence[Volume],
    space: MaskSpace | StepSpace,
    scorer: SumScorer,
    *,
    progress: Progress = SILENT,
) -> SumTable:
    """Return the sums of every candidate of `space` on every volume.

    Args:
        probs: probabilities of N slices.
        truths: `(N,)`, in the frame of `probs`; each is read once.
        volumes: which of the slices are one, in order.
        space: the candidates.
        scorer: the metric.
        progress: gets a bar.

    Raises:
        DataError: a slice has no truth, or the slices of a volume have different sizes.
    """
    sums, empty = [], []
    with progress.bar("deciding volumes in every way", len(volumes)) as advance:
        for volume in volumes:
            with naming_place(volume.name):
                rows = volume.rows.tolist()
                truth = volume_of((truths[i] for i in rows), len(rows))
                decision = np.zeros_like(truth)
                empty.append(scorer.measure([truth], [decision])[0])
                of_each = []
                for one in space.candidates:
                    steps = _steps(one, scorer.kind, probs.channels)
                    for place, i in enumerate(rows):
                        decision[place] = decide_mask(probs, i, steps, scorer.kind)
                    of_each.append(scorer.measure([truth], [decision])[0])
                sums.append(np.stack(of_each))
            advance(1)
    return SumTable(scorer.kind, space.candidates, np.stack(sums, axis=1), np.stack(empty))


def _steps(one: MaskCandidate | StepCandidate, kind: Kind, n_outputs: int) -> list[dict[str, Any]]:
    if isinstance(one, StepCandidate):
        return one.steps
    if kind.is_exclusive:
        return [{"class_weights": [one.level, *[1.0] * (n_outputs - 1)]}, *one.cleaning]
    return [{"threshold": one.level}, *one.cleaning]
