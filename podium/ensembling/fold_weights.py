"""Weights of a blend for one fold that no label of the fold had a part in.

The weights that a blend keeps were fitted on all out-of-fold rows: what they make of unlabelled
images knows every fold. For whoever teaches the student of fold k, they are fitted anew on the rows
of the other folds. As everywhere, that is cross-fitted, not nested: the members that predicted
those rows were trained on fold k.
"""

from __future__ import annotations

import numpy as np

from podium.ensembling.blend import load_method
from podium.ensembling.joint import Labels, Question
from podium.ensembling.weights import mean_weights
from podium.tuning.scoring import Scorer

__all__ = ["weights_by_fold"]


def weights_by_fold(asked: Question) -> dict[int, tuple[float, ...]]:
    """Return, for each fold, the weights of the members for labels, from other folds' rows only.

    Args:
        asked: the members' sets, the method, the seed, and the folds. Where folds are of time, only
            earlier ones are asked; where no other fold is there, all members weigh the same.

    Raises:
        DataError: no row was predicted out of fold by every member, or the metric is undefined on
            the rows of the other folds.
    """
    method, n_members = load_method(asked.method), len(asked.sets)
    every = [int(fold) for fold in np.unique(asked.folds) if fold >= 0]
    equal = tuple(mean_weights(n_members).tolist())
    if n_members == 1 or asked.method == "mean":
        return dict.fromkeys(every, equal)
    labels = Labels.of(asked)
    rows, is_time = labels.rows, asked.competition.folds.scheme == "time"
    scorer = Scorer.of(
        labels.metric,
        rows.truth,
        n_outputs=rows.members.shape[2],
        kind=asked.competition.kind,
        options=labels.options,
        n_classes=len(asked.competition.classes) or None,
    )
    found = {}
    for fold in every:
        others = np.flatnonzero(rows.folds < fold if is_time else rows.folds != fold)
        found[fold] = equal
        if len(others):
            inside = method.fit(rows.members[:, others], scorer.take(others), seed=asked.seed)
            found[fold] = tuple(inside.tolist())
    return found
