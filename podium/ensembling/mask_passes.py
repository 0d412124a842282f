"""Passes over the images of a blend of masks: what every candidate decision gives of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.competition.sum_scorer import SumScorer, is_of_counts
from podium.ensembling.mask_candidates import candidates_for
from podium.ensembling.mask_rows import MaskRows
from podium.ensembling.presence import Classifier
from podium.predictions.mask_probs import MaskProbs
from podium.predictions.mask_steps import mask_classes
from podium.tuning.masks.decision import PLAIN, GatedTable, MaskScorer
from podium.tuning.masks.space import MaskSpace
from podium.tuning.masks.step_space import StepSpace
from podium.tuning.masks.sums import SumTable, sum_objects, sum_probs, sum_volumes
from podium.tuning.masks.table import CountTable, count_candidates
from podium.workspace.progress import Progress

if TYPE_CHECKING:
    from podium.competition.spec import TaskKind

__all__ = ["Counting", "presences_of", "scorer_of"]

Floats = NDArray[np.float32]


def scorer_of(
    metric: str | Metric, kind: TaskKind, options: Mapping[str, Any] | None, n_outputs: int
) -> MaskScorer | SumScorer:
    """Return who scores counts of pixels, or sums of units that pixels alone do not say."""
    if not is_of_counts(metrics.get(metric)):
        return SumScorer.of(metric, kind, options, n_classes=mask_classes(kind, n_outputs))
    return MaskScorer.of(metric, kind, options)


@dataclass(frozen=True)
class Counting:
    """One pass over the images for each question."""

    rows: MaskRows
    scorer: MaskScorer | SumScorer
    n_outputs: int
    workers: int | None
    progress: Progress

    def of(
        self,
        probs: MaskProbs,
        space: MaskSpace | StepSpace,
        keeps: Sequence[NDArray[np.bool_]] = (),
    ) -> CountTable | SumTable:
        truths: Any = self.rows.truths
        at_work: dict[str, Any] = {"progress": self.progress}
        if isinstance(self.scorer, MaskScorer):
            at_work |= {"n_outputs": self.n_outputs, "keeps": keeps, "workers": self.workers}
            return count_candidates(probs, truths, space, **at_work)
        if self.scorer.metric.needs == "probs":
            return sum_probs(probs, truths, self.scorer, **at_work)
        if self.rows.volumes:
            return sum_volumes(probs, truths, self.rows.volumes, space, self.scorer, **at_work)
        return sum_objects(probs, truths, space, self.scorer, workers=self.workers, **at_work)

    def alone(self) -> list[float]:
        """Return the score of each member by itself, with the plain decision."""
        found = []
        for m in range(len(self.rows.members)):
            probs = self.rows.mixed([float(m == other) for other in range(len(self.rows.members))])
            plain = candidates_for(
                self.scorer.metric, self.scorer.kind, probs, n_outputs=self.n_outputs, trials=1
            )
            gated = GatedTable.of(self.of(probs, plain), None)
            every = np.arange(gated.table.n_images)
            found.append(self.scorer.score(gated.look_up(PLAIN, every)))
        return found


def presences_of(
    rows: MaskRows, parts: NDArray[np.int64], classifier: Classifier | None
) -> dict[int | None, Floats | None]:
    """Return what the classifier says without each part, and, under None, with all of them.

    Equal answers are one array, so that they are looked up as one.
    """
    held = {int(part): np.flatnonzero(parts == part) for part in np.unique(parts)}
    if classifier is None:
        return dict.fromkeys([*held, None])
    found: dict[int | None, Floats | None] = {}
    different: dict[bytes, Floats] = {}
    for part, images in (*held.items(), (None, np.zeros(0, np.int64))):
        presence = classifier.presence(rows, images)
        found[part] = different.setdefault(presence.tobytes(), presence)
    return found
