"""Weights of a blend for one fold that no label of the fold had a part in.

The weights that a blend keeps were fitted on all out-of-fold rows: what they make of unlabelled
images knows every fold. For whoever teaches the student of fold k, they are fitted anew on the rows
of the other folds. As everywhere, that is cross-fitted, not nested: the members that predicted
those rows were trained on fold k.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podium.ensembling.joint import Labels, Masks, Question
from podium.ensembling.method import Fitted, load_method
from podium.tuning.scoring import Scorer

if TYPE_CHECKING:
    from podium.competition.spec import TaskName

__all__ = ["fitted_by_fold"]


def fitted_by_fold(asked: Question, task: TaskName) -> dict[int, Fitted]:
    """Return, for each fold, what combines the members, from other folds' rows only.

    Args:
        asked: the members' sets, the methods, the seed, and the folds. Where folds are of time,
            only earlier ones are asked; where no other fold is there, all members weigh the same.
        task: of the part whose members they are.

    Raises:
        DataError: no row was predicted out of fold by every member, or the metric is undefined on
            the rows of the other folds.
        UsageError: the method refuses these members.
    """
    every = [int(fold) for fold in np.unique(asked.folds) if fold >= 0]
    name, n_members = asked.method_of(task), len(asked.sets)
    if n_members == 1 or name == "mean":
        return dict.fromkeys(every, Fitted.equal(n_members))
    if task == "segment":
        return _of_masks(asked, every)
    method, labels = load_method(name, root=asked.workspace.root), Labels.of(asked)
    rows, is_time = labels.rows, asked.competition.folds.scheme == "time"
    scorer = Scorer.of(
        labels.metric,
        rows.truth,
        n_outputs=rows.members.shape[2],
        kind=asked.competition.kind,
        options=labels.options,
        n_classes=len(asked.competition.classes) or None,
    )
    members = method.prepared(rows.members, rows.folds)
    found = {}
    for fold in every:
        others = np.flatnonzero(rows.folds < fold if is_time else rows.folds != fold)
        found[fold] = (
            method.fitted(members[:, others], scorer.take(others), seed=asked.seed)
            if len(others)
            else Fitted.equal(n_members)
        )
    return found


def _of_masks(asked: Question, folds: list[int]) -> dict[int, Fitted]:
    """Return what combines members' masks, from drawn pixels of other folds' images only."""
    masks = Masks.of(asked)
    method = load_method(asked.mask_method, root=asked.workspace.root)
    pixels, is_time = masks.fits().pixels, asked.competition.folds.scheme == "time"
    pixels.check(asked.mask_method)
    of_image = masks.rows.folds
    return {
        fold: pixels.sample.fitted(
            method, of_image < fold if is_time else of_image != fold, seed=asked.seed
        )
        for fold in folds
    }
