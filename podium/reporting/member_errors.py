"""What each member of a blend said out of fold: how far two are wrong together, or decide alike.

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
from podium.predictions.decide import decide
from podium.predictions.reading import PredictionSet, positions

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from podium.competition.spec import Competition

__all__ = ["MemberErrors"]

MOST_NUMBERS = 200_000  # of one member: classes of a multilabel row, or rows
LEAST_ROWS = 500


@dataclass(frozen=True)
class _Said:
    """What one set says of the rows that are looked at; R numbers, C a row where labels are many.

    Attributes:
        errors: `(R,)`, nan of rows that it lacks.
        decisions: `(R,)`, plainly decided, -1 of rows that it lacks; all are -1 of a regression.
    """

    errors: NDArray[np.float32]
    decisions: NDArray[np.int32]


@dataclass(frozen=True)
class MemberErrors:
    """Errors and decisions of prediction sets of labels; those that were read once are kept."""

    kept: dict[Path, _Said] = field(default_factory=dict, repr=False)

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
        each = np.stack([self._of(one, competition, samples).errors for one in sets])
        is_common = np.isfinite(each).all(axis=0)
        return correlation(each[:, is_common].astype(np.float64))

    def agreement(
        self, sets: Sequence[Path], competition: Competition, samples: pd.DataFrame
    ) -> NDArray[np.float64]:
        """Return the share `(M, M)` of rows, or labels of rows, that two sets decide alike.

        Each is decided plainly: the most probable class, or p >= 0.5. nan where nothing is decided,
        or no row is common. Arguments and errors are those of `correlation`.
        """
        each = np.stack([self._of(one, competition, samples).decisions for one in sets])
        each = each[:, (each >= 0).all(axis=0)]
        if not each.shape[1]:
            return np.full((len(sets), len(sets)), np.nan)
        return np.stack([(each == one).mean(axis=1) for one in each])

    def _of(self, root: Path, competition: Competition, samples: pd.DataFrame) -> _Said:
        if root not in self.kept:
            self.kept[root] = _read(root, competition, samples)
        return self.kept[root]


def _read(root: Path, competition: Competition, samples: pd.DataFrame) -> _Said:
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
    wrong = np.full((len(rows), width), np.nan, np.float32)
    decided = np.full((len(rows), width), -1, np.int32)
    ids = list(samples["id"])
    predicted = PredictionSet(root)
    for fold in predicted.folds("oof", "classify"):
        reader = predicted.fold("oof", "classify", fold)
        at = positions(ids, reader.ids)
        looked_at = np.flatnonzero((at >= 0) & (place[at] >= 0))
        if not len(looked_at):
            continue
        probs, right = reader.probs()[looked_at], truth[at[looked_at]]
        where = place[at[looked_at]]
        errors = errors_of([probs], right, competition.kind)
        wrong[where] = errors.reshape(len(looked_at), width)
        if competition.kind != "regression":
            said = decide(probs, None, competition.kind)
            decided[where] = np.asarray(said).reshape(len(looked_at), width)
    return _Said(wrong.ravel(), decided.ravel())
