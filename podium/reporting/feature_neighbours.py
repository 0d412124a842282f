"""The nearest images of each image by what a run's network sees, and what they say of its class.

Where the run's prediction set has embeddings (`predict: {embeddings: true}`), rows of a fold look
among the rows that its network learnt from; else the rows of which features were kept look among
each other. A row never finds itself or one of its group.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.samples import truth
from podium.errors import DataError
from podium.predictions.reading import PredictionSet
from podium.predictions.retrieval import EMBED, embeddings, gallery_of_fold, nearest
from podium.reporting.kept_of_run import features_of, has_kept, run_folder
from podium.reporting.subjects import RunSubject

if TYPE_CHECKING:
    from podium.reporting.entries import RunEntry

__all__ = ["FeatureNeighbours", "can_tell", "chosen_queries", "neighbours_of"]

_MOST_QUERIES, _MOST_OF_GALLERY = 1_000, 10_000

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class FeatureNeighbours:
    """Q images and their K nearest; all rows are positions in the train part.

    Attributes:
        queries: `(Q,)`.
        found: `(Q, K)`, the nearest first; -1 where there is none.
        similarity: `(Q, K)`, cosines.
        same: `(Q, K)`: 1 of the same class (multilabel: of a label in common), 0 of another, -1
            where that is not known; None where labels are no classes.
        where: what was looked among, in words.
    """

    queries: Rows
    found: Rows
    similarity: NDArray[np.float32]
    same: NDArray[np.int8] | None
    where: str

    def share(self, k: int | None = None) -> float:
        """Return the share of the `k` nearest (None: of all) that are of the class; nan: of none.

        Those of which nobody knows are left out.
        """
        if self.same is None:
            return float("nan")
        known = self.same[:, :k]
        return float(known[known >= 0].mean()) if (known >= 0).any() else float("nan")


def can_tell(subject: RunSubject, run: RunEntry) -> bool:
    """Return whether a run of the subject's workspace kept what `neighbours_of` needs."""
    return bool(_embedded_folds(run)) or has_kept(subject, run, "features")


def neighbours_of(subject: RunSubject, k: int) -> FeatureNeighbours | None:
    """Return the `k` nearest images of each, by what the run saw; None where it kept nothing.

    Raises:
        RunError: a file is damaged.
        DataError: the predictions are of other images than the data.
    """
    if subject.data.samples is None:
        return None
    return _by_embeddings(subject, k) or _by_kept_features(subject, k)


def chosen_queries(near: FeatureNeighbours, classes: NDArray[Any] | None, n: int) -> list[int]:
    """Return `n` rows of `near` to look at: two thirds mistakes, the surest first, then right ones.

    A mistake is an image whose nearest one is of another class; the surest has the fewest of its
    own class among its neighbours, and then the nearest of them. As many classes as possible are
    shown. Where nothing is known of classes, rows are drawn.

    Args:
        near: of which.
        classes: `(Q,)`, what the rows are; None: not known.
        n: how many.
    """
    has_any = np.flatnonzero(near.found[:, 0] >= 0)
    same = near.same
    if same is None or classes is None or not (same[has_any, 0] >= 0).any():
        drawn = np.random.default_rng(0).permutation(has_any)[:n]
        return [int(one) for one in np.sort(drawn)]
    first, own = same[:, 0], (same == 1).sum(axis=1)
    sure = -near.similarity[:, 0]
    wrong = _spread([int(i) for i in np.lexsort((sure, own)) if first[i] == 0], classes)
    right = _spread([int(i) for i in np.lexsort((sure, -own)) if first[i] == 1], classes)
    n_wrong = max(min(len(wrong), -(-2 * n // 3)), n - len(right))
    return (wrong[:n_wrong] + right[: n - min(n_wrong, len(wrong))])[:n]


def _spread(rows: list[int], classes: NDArray[Any]) -> list[int]:
    """Return the rows so that those that are the first of their class come first."""
    by_class: dict[Any, int] = {}
    for row in rows:
        by_class.setdefault(classes[row], row)
    first = list(by_class.values())
    return first + [row for row in rows if row not in by_class.values()]


def _by_embeddings(subject: RunSubject, k: int) -> FeatureNeighbours | None:
    predictions, data = subject.entry.predictions, subject.data
    if predictions is None or data.samples is None or data.folds is None:
        return None
    folds, said = _embedded_folds(subject.entry), PredictionSet(predictions)
    if not folds:
        return None
    samples, spec = data.samples, subject.competition.folds
    groups = None if spec.group is None else list(samples["group"])
    asking, learnt = gallery_of_fold(data.folds, folds[0], groups=groups, scheme=spec.scheme)
    asking, learnt = _some(asking, _MOST_QUERIES), _some(learnt, _MOST_OF_GALLERY)
    vectors = [
        embeddings(said, "train", folds[0], [str(one) for one in samples["id"].iloc[rows]])
        for rows in (asking, learnt)
    ]
    near = nearest(vectors[0], vectors[1], k)
    found = np.where(near.rows < 0, -1, learnt[near.rows])
    where = f"{len(asking):,} images of fold {folds[0]} among {len(learnt):,} that it learnt from"
    return _judged(subject, asking, found, near.similarity, where)


def _embedded_folds(run: RunEntry) -> list[int]:
    """Return the folds of which the newest prediction set has embeddings."""
    if run.predictions is None or not (run.predictions / "train" / EMBED).is_dir():
        return []
    return [fold for fold in PredictionSet(run.predictions).folds("train", EMBED) if fold != "full"]


def _by_kept_features(subject: RunSubject, k: int) -> FeatureNeighbours | None:
    kept, samples = features_of(run_folder(subject)), subject.data.samples
    if kept is None or samples is None:
        return None
    place = {str(name): row for row, name in enumerate(samples["id"])}
    features = kept.features[-1]
    is_there = np.array([name in place for name in kept.ids]) & features.any(axis=1)
    rows = _some(np.flatnonzero(is_there), _MOST_QUERIES)
    if len(rows) < 2:
        return None
    at = np.array([place[kept.ids[int(row)]] for row in rows], dtype=np.int64)
    keys = _keys(subject, at)
    near = nearest(features[rows], features[rows], k, query_keys=keys, gallery_keys=keys)
    found = np.where(near.rows < 0, -1, at[near.rows])
    of = "that it learnt from" if kept.fold == "full" else f"of fold {kept.fold}"
    where = f"{len(at):,} images {of} among each other, epoch {kept.epochs[-1]}"
    return _judged(subject, at, found, near.similarity, where)


def _keys(subject: RunSubject, at: Rows) -> Rows:
    """Return a number for each row that it shares with its group alone."""
    keys = np.arange(len(at), dtype=np.int64)
    samples = subject.data.samples
    if subject.competition.folds.group is None or samples is None or "group" not in samples:
        return keys
    codes = samples["group"].iloc[at].astype("category").cat.codes.to_numpy().astype(np.int64)
    return np.where(codes < 0, keys, len(at) + codes)


def _judged(
    subject: RunSubject, queries: Rows, found: Rows, similarity: NDArray[np.float32], where: str
) -> FeatureNeighbours:
    competition, samples = subject.competition, subject.data.samples
    if "classify" not in competition.tasks or competition.kind == "regression":
        return FeatureNeighbours(queries, found, similarity, None, where)
    assert samples is not None  # who found neighbours has them
    try:
        labels = truth(samples, competition)
    except DataError:  # images of a pretraining have labels only where they are known
        return FeatureNeighbours(queries, found, similarity, None, where)
    asked, said = labels[queries], labels[np.maximum(found, 0)]
    if labels.ndim == 2:
        is_known = (asked >= 0).all(axis=1, keepdims=True) & (said >= 0).all(axis=2)
        is_same = ((asked[:, None] == 1) & (said == 1)).any(axis=2)
    else:
        is_known, is_same = (asked >= 0)[:, None] & (said >= 0), asked[:, None] == said
    same = np.where(is_known & (found >= 0), is_same, -1).astype(np.int8)
    return FeatureNeighbours(queries, found, similarity, same, where)


def _some(rows: Rows, most: int) -> Rows:
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(0).choice(rows, most, replace=False))
