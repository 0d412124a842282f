"""The gate of masks: probabilities of a blend's classification part for the images to be decided.

The gate empties a mask where the classifier finds its class unlikely. For an honest score that
classifier must not be fitted on the rows that are scored: its weights are fitted anew without them,
while its members are out of fold already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.ensembling.method import BlendMethod, Fitted, Members
from podium.ensembling.rows import OofRows
from podium.predictions.store.positions import positions
from podium.predictions.store.reading import PredictionSet
from podium.predictions.top_k import require_dense
from podium.tasks.protocols.names import IMAGES
from podium.tuning.scoring import LabelScorer

if TYPE_CHECKING:
    from podium.ensembling.masks.rows import MaskRows
    from podium.tasks.protocols.kind import Kind

__all__ = ["GateClassifier", "can_gate", "presence_of"]

Floats = NDArray[np.float32]


def can_gate(classify: Kind, segment: Kind) -> bool:
    """Return whether the classes of a classification determine which mask classes are there.

    A binary classification is about all of them; one of several classes is about the same classes,
    and does not apply to a mask of foreground and background.
    """
    if classify.is_yes_no:
        return True
    return classify.is_prob and not classify.is_single and not segment.is_single


def presence_of(probs: NDArray[np.floating[Any]], n_classes: int) -> Floats:
    """Return for each mask class the probability that it is there, `(N, n_classes)`.

    Args:
        probs: `(N, C)` of a classification that `can_gate`; binary `(N, 1)`.
        n_classes: mask classes: 1 for a binary one.
    """
    values = np.asarray(probs, dtype=np.float32).reshape(len(probs), -1)
    return np.repeat(values, n_classes, axis=1) if values.shape[1] == 1 else values


@dataclass(frozen=True)
class GateClassifier:
    """The classification part of a blend, which can be fitted without some images.

    Args:
        rows: what it is fitted on.
        scorer: the metric and truth of these rows.
        method: how its members are weighted.
        fitted: what it combines them with, fitted on all rows.
        members: `(M, N, C)`: its members' out-of-fold predictions of the N images of a mask blend.
        n_classes: mask classes.
        seed: of the fit.
    """

    rows: OofRows
    scorer: LabelScorer
    method: BlendMethod
    fitted: Fitted
    members: Members
    n_classes: int
    seed: int = 0

    def presence(self, images: MaskRows, held: NDArray[np.int64]) -> Floats:
        """Return `(N, n_classes)` by what saw no row of the images `held`.

        Rows of their groups and, where there are several folds, of their folds are left out, too.
        """
        fitted = self._fitted_without(images, held) if held.size else self.fitted
        return presence_of(self.method.combined(self.members, fitted), self.n_classes)

    def _fitted_without(self, images: MaskRows, held: NDArray[np.int64]) -> Fitted:
        keys = images.unit_keys()
        left_out = {keys[int(i)] for i in held}
        is_left = np.array([key not in left_out for key in self.rows.unit_keys()])
        if len(np.unique(images.folds)) > 1:
            is_left &= ~np.isin(self.rows.folds, images.folds[held])
        left = np.flatnonzero(is_left)
        if left.size == 0:
            return Fitted.equal(len(self.members))
        return self.method.fitted(
            self.rows.members[:, left], self.scorer.take(left), seed=self.seed
        )


def members_of_ids(sets: Sequence[PredictionSet], ids: Sequence[str]) -> Members | None:
    """Return out-of-fold predictions of `sets` for `ids`, `(M, N, C)`; None if one lacks some."""
    found = []
    for one in sets:
        oof = one.oof(IMAGES)
        at = positions(oof.ids, ids)
        if (at < 0).any():
            return None
        found.append(require_dense(oof.probs[at], who="a gate"))
    return np.stack(found)
