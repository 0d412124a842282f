"""What the objects of single images are worth, for the report."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.objects import truth_instances
from podium.competition.sum_scorer import SumScorer
from podium.errors import DataError
from podium.workspace.atomic import replacing
from podium.workspace.cores import n_cores
from podium.workspace.ids import short_digest
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    import pandas as pd

    from podium.competition.spec import Competition
    from podium.reporting.mask_lens import MaskSource

__all__ = ["ObjectScores", "object_scores"]


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
    """Return what the decided objects are worth; None where images have no scores by themselves.

    Args:
        competition: whose metric.
        source: who decides.
        samples: `(N,)`, in the order of the source.
        beside: the file of the counts of the same decision, beside which the sums are kept.
        progress: gets a bar while images are decided.
    """
    metric = metrics.of(competition)
    if competition.scored_task != "segment" or metric.needs != "instances" or metric.sums is None:
        return None
    scorer = SumScorer.of_competition(competition)
    kept = beside.with_name(f"{beside.stem}-{short_digest(metrics.facts_of(competition))}.npy")
    if kept.is_file():
        return ObjectScores(scorer, np.load(kept, allow_pickle=False))
    truths = truth_instances(competition, samples)

    def work(i: int) -> NDArray[Any]:
        said = source.objects(i, competition.mask_kind)
        return np.asarray(scorer.measure([truths[i]], [said])[0])

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
