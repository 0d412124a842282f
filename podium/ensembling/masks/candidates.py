"""Candidate decisions of a blend of masks, and the passes over the images that count each of them.

The candidates are those of podium's grid, or those of the user's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.competition.scores.sum_scorer import SumScorer, is_of_counts
from podium.ensembling.masks.gate import GateClassifier
from podium.ensembling.masks.rows import MaskRows
from podium.errors import UsageError
from podium.predictions.decisions.masks import mask_classes
from podium.predictions.store.masks import MaskProbs
from podium.tasks.protocols.find import pixel_kind
from podium.tuning.masks.counts import CountTable, count_candidates
from podium.tuning.masks.decision import PLAIN, CountScorer, GatedTable
from podium.tuning.masks.space import MaskSpace, StepSpace, mask_space, most_candidates, step_space
from podium.tuning.masks.sums import SumTable, sum_objects, sum_probs, sum_volumes
from podium.workspace.progress import Progress

if TYPE_CHECKING:
    from podium.tasks.protocols.kind import Kind

__all__ = [
    "CandidateCounter",
    "candidates_for",
    "gate_classifier",
    "mask_scorer_of",
    "presences_of",
]


def candidates_for(
    metric: Metric,
    kind: Kind,
    probs: MaskProbs,
    *,
    n_outputs: int,
    trials: int,
    grid: Sequence[dict[str, Any]] = (),
) -> MaskSpace | StepSpace:
    """Return the decisions that are tried; one where a metric decides nothing or cannot be tuned.

    Args:
        metric: one of masks, of objects or of volumes.
        kind: of the pixel predictions.
        probs: their sizes are those of the masks.
        n_outputs: channels of the network.
        trials: how many at most, the gates not counted.
        grid: steps with values to try, see `step_grid.py`; none: podium's own grid.

    Raises:
        UsageError: the grid cannot be meant, or nothing is decided.
    """
    of_objects = metric.scores_objects
    has_no_sums = of_objects and metric.sums is None
    if metric.scores_probs or (has_no_sums and metric.score_draws is None):
        trials = 1
    space_kind = pixel_kind("instance") if of_objects else kind
    n_classes = mask_classes(kind, n_outputs)
    if not grid:
        return mask_space(space_kind, probs.sizes, trials=trials, n_classes=n_classes)
    if metric.scores_probs:
        raise UsageError(
            f"{metric.name} scores probabilities: nothing is decided", fix="leave out --steps"
        )
    if not of_objects:
        trials = min(trials, most_candidates(kind, len(probs.sizes), n_classes))
    space = step_space(grid, space_kind, kind, n_outputs=n_outputs, trials=trials)
    if space.has_gate and has_no_sums:
        raise UsageError(
            f"decide: {metric.name} ranks the objects of all images together: no gate is tuned",
            fix="remove the step gate",
        )
    return space


def gate_classifier(
    space: MaskSpace | StepSpace, classifier: GateClassifier | None
) -> GateClassifier | None:
    """Return the classifier for the gates of these decisions; None: there is no gate.

    Raises:
        UsageError: there is a gate of the user's, and no classifier for it.
    """
    if isinstance(space, MaskSpace):
        return classifier
    if not space.has_gate:
        return None
    if classifier is None:
        raise UsageError(
            "decide: gate needs a classifier's probabilities of the same images",
            fix="blend runs that predict labels, too, or remove the step gate",
        )
    return classifier


Floats = NDArray[np.float32]


def mask_scorer_of(
    metric: str | Metric, kind: Kind, options: Mapping[str, Any] | None, n_outputs: int
) -> CountScorer | SumScorer:
    """Return the scorer of pixel counts, or of sums of units where pixels do not suffice."""
    if not is_of_counts(metrics.get(metric)):
        return SumScorer.of(metric, kind, options, n_classes=mask_classes(kind, n_outputs))
    return CountScorer.of(metric, kind, options)


@dataclass(frozen=True)
class CandidateCounter:
    """One pass over the images for each question."""

    rows: MaskRows
    scorer: CountScorer | SumScorer
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
        if isinstance(self.scorer, CountScorer):
            at_work |= {"n_outputs": self.n_outputs, "keeps": keeps, "workers": self.workers}
            return count_candidates(probs, truths, space, **at_work)
        if self.scorer.metric.scores_probs:
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
    rows: MaskRows, parts: NDArray[np.int64], classifier: GateClassifier | None
) -> dict[int | None, Floats | None]:
    """Return the classifier's predictions, fitted without each part, and, under None, on all.

    Equal predictions are one array, so that they are looked up as one.
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
