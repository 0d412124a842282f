"""By how much each member of a blend was wrong out of fold, for how far two are wrong together.

Sets are read a fold at a time, each once for all blends of a page; what is kept of one is a few
hundred thousand numbers at most.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podium.competition.samples import truth as truth_of
from podium.ensembling.member_table import correlation, errors_of
from podium.predictions.reading import PredictionSet, positions

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from podium.competition.spec import Competition

__all__ = ["MemberErrors"]

MOST_NUMBERS = 200_000  # of one member: classes of a multilabel row, or rows
LEAST_ROWS = 500


@dataclass(frozen=True)
class MemberErrors:
    """Errors of prediction sets of labels; those that were read once are kept."""

    kept: dict[Path, NDArray[np.float32]] = field(default_factory=dict, repr=False)

    def correlation(
        self, sets: Sequence[Path], competition: Competition, samples: pd.DataFrame
    ) -> NDArray[np.float64]:
        """Return the correlations `(M, M)` of the errors of sets of labels, nan where undefined.

        Of many rows some are looked at, evenly spread; of a row only what all members said.

        Args:
            sets: of the members.
            competition: what the labels are of.
            samples: the train part.

        Raises:
            DataError: predictions are missing or damaged.
        """
        each = np.stack([self._of(one, competition, samples) for one in sets])
        is_common = np.isfinite(each).all(axis=0)
        return correlation(each[:, is_common].astype(np.float64))

    def _of(
        self, root: Path, competition: Competition, samples: pd.DataFrame
    ) -> NDArray[np.float32]:
        """Return the errors of one set `(R,)`, nan of rows that it lacks."""
        if root not in self.kept:
            self.kept[root] = _errors(root, competition, samples)
        return self.kept[root]


def _errors(root: Path, competition: Competition, samples: pd.DataFrame) -> NDArray[np.float32]:
    truth = truth_of(samples, competition)
    is_known = samples["label"].notna().to_numpy()
    if competition.kind == "multiclass":  # of an open set, -1 is no class
        is_known = is_known & (truth >= 0)
    width = truth.shape[1] if truth.ndim > 1 else 1
    rows = np.flatnonzero(is_known)
    n = min(len(rows), max(LEAST_ROWS, MOST_NUMBERS // width))
    rows = rows[np.linspace(0, len(rows) - 1, n).astype(np.int64)] if n else rows
    place = np.full(len(samples), -1)
    place[rows] = np.arange(len(rows))
    found = np.full((len(rows), width), np.nan, np.float32)
    ids = list(samples["id"])
    predicted = PredictionSet(root)
    for fold in predicted.folds("oof", "classify"):
        reader = predicted.fold("oof", "classify", fold)
        at = positions(ids, reader.ids)
        looked_at = np.flatnonzero((at >= 0) & (place[at] >= 0))
        if not len(looked_at):
            continue
        probs, right = reader.probs()[looked_at], truth[at[looked_at]]
        wrong = errors_of([probs], right, competition.kind)
        found[place[at[looked_at]]] = wrong.reshape(len(looked_at), width)
    return found.ravel()
