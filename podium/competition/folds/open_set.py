"""Open sets: images of none of the classes, whose label in a submission is `open_set`.

`open_set: new_whale` sets the label of such an image, in train and in the submission. Such rows are
not trained on: their truth is -1, which rankings and confident classes predict where no class is
likely enough, at a threshold that is tuned across folds.

A row is also new to the model of its fold where no training row of that model has its class, for
example the only image of a class. The model cannot predict that class, so the right label is "none
of them". With classes of one image each the threshold can be tuned this way even where train holds
no new ones at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.folds import fold_rows
from podium.errors import DataError, plural

if TYPE_CHECKING:
    from podium.competition.spec import Competition, FoldScheme

__all__ = [
    "NO_CLASS",
    "describe_unseen",
    "is_unseen_class",
    "lacks_unseen",
    "name_threshold",
    "open_set_truth",
    "refuse_open_set_metric",
]

NO_CLASS = -1
"""The truth of what is none of the classes."""


def is_unseen_class(truth: NDArray[np.int64], trained_on: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return bool `(N,)`: whether the class of `truth` `(N,)` is not in `trained_on` `(M,)`.

    Example:
        >>> is_unseen_class(np.array([0, 2, -1]), np.array([0, 1, -1])).tolist()
        [False, True, True]
    """
    return np.asarray((truth == NO_CLASS) | ~np.isin(truth, trained_on))


def open_set_truth(
    truth: NDArray[np.int64], folds: NDArray[np.int64], *, scheme: FoldScheme = "stratified"
) -> NDArray[np.int64]:
    """Return the truth `(N,)`, -1 for rows that are new to the model of their fold.

    Args:
        truth: `(N,)` classes of all training rows, -1 for those of no class.
        folds: `(N,)`; rows with -1, which are never validated, are unchanged.
        scheme: of the folds: with "time" a class that comes later is new.

    Example:
        >>> open_set_truth(np.array([0, 0, 1, -1]), np.array([0, 1, 0, 1])).tolist()
        [0, 0, -1, -1]
    """
    found = truth.copy()
    for fold in np.unique(folds[folds >= 0]).tolist():
        train, valid = fold_rows(folds, fold, scheme=scheme)
        found[valid[is_unseen_class(truth[valid], truth[train])]] = NO_CLASS
    return found


def describe_unseen(competition: Competition, before: NDArray[Any], after: NDArray[Any]) -> str:
    """Return how many rows are of no class, and how many are new to the model of their fold."""
    of_none, lone = (
        int((before == NO_CLASS).sum()),
        int(((after == NO_CLASS) & (before != NO_CLASS)).sum()),
    )
    return (
        f"{competition.open_set} is right for {of_none + lone:,} of {plural(len(after), 'row')}: "
        f"{of_none:,} are labelled so, of {lone:,} the model of their fold never saw the class"
    )


def lacks_unseen(after: NDArray[Any]) -> bool:
    """Return whether no row is of no class: nothing tells how often, or when, that is right."""
    return not bool((after == NO_CLASS).any())


def name_threshold(competition: Competition) -> str:
    """Return what to do where no row tells when "none of the classes" is right."""
    metric, step = metrics.of(competition), "confident: {unknown: 0.3}"
    if metric.scores_ranking:
        k = metric.n_ranked(competition.metric.options)
        step = f"topk: {{k: {k}, unknown: 0.3}}"
    return (
        f"write a threshold by hand, `- {step}` in a file for `podium tune thresholds RUN --steps "
        "FILE`; or give some classes whole to one fold each, by folds: {scheme: column}, whose "
        "rows tune it then"
    )


def refuse_open_set_metric(competition: Competition) -> None:
    """Raise if the metric cannot score "none of the classes".

    Raises:
        DataError: `open_set` is set, and the metric needs neither rankings nor confident classes.
    """
    if competition.open_set is None:
        return
    metric = metrics.of(competition)
    if not (metric.scores_ranking or metric.scores_confident):
        raise DataError(
            f"{metric.name} scores {metric.needs}, in which {competition.open_set!r} cannot stand",
            where="open_set",
            fix="list it in classes, to be trained on like them; or score rankings, as map_at_k",
        )
