"""Nearest images: by embeddings, exact, of queries in a gallery.

    s(q, g) = 1/M · Σ_m <q_m, g_m>                 the mean cosine over M fold models

Each model's embeddings have length 1, so this is the cosine of the embeddings of all models one
after the other. (Averages of embeddings over models mean nothing: each model has axes of its own.)
Blocks of queries meet blocks of the gallery, so memory does not grow with either.

`podium predict`, with `predict: {embeddings: true}` in the recipe, keeps in a prediction set

    train/embed/fold-K/        what the model of fold K outputs for every training image
    test/embed/fold-K/         of every test image; unlabelled/embed/ alike

A model's own fold is evaluated so: its queries are the rows of fold K, its gallery all other
training rows but those of their groups. A gallery of test images is every training row, by every
model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.folds import fold_rows
from podium.competition.folds.leaks import rows_of_fold
from podium.errors import DataError, UsageError
from podium.predictions.store.positions import require_positions
from podium.predictions.store.reading import Fold, PredictionSet, Split
from podium.predictions.top_k import TopK, likeliest

if TYPE_CHECKING:
    import pandas as pd

    from podium.competition.spec import FoldScheme

__all__ = [
    "EMBED",
    "Neighbours",
    "class_scores",
    "embeddings",
    "gallery_of_fold",
    "nearest_neighbours",
]

EMBED = "embed"
"""The folder of embeddings, beside those of tasks."""
CELLS_AT_ONCE = 4_000_000  # similarities that are held at a time: 16 MB

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Neighbours:
    """The nearest gallery rows of each query, the nearest first; of equally near ones the first.

    Attributes:
        rows: int64 `(Q, k)`: positions in the gallery, -1 where there is none any more.
        similarity: float32 `(Q, k)`: cosines; 0 where there is none.
    """

    rows: NDArray[np.int64]
    similarity: Vectors


def nearest_neighbours(
    queries: Vectors | Sequence[Vectors],
    gallery: Vectors | Sequence[Vectors],
    k: int,
    *,
    query_keys: NDArray[np.int64] | None = None,
    gallery_keys: NDArray[np.int64] | None = None,
) -> Neighbours:
    """Return the `k` nearest gallery rows of each query by the mean cosine over models.

    Args:
        queries: `(Q, D)`, or one such array a model; lengths do not count.
        gallery: `(G, D)`, or one a model.
        k: at least 1.
        query_keys, gallery_keys: `(Q,)` and `(G,)`: a query does not find rows of its own key
            (itself, its group); None: all are found.

    Raises:
        DataError: shapes do not fit, or a vector is 0 or not finite.

    Example:
        >>> gallery = np.array([[1, 0], [0, 1], [1, 1]], dtype=np.float32)
        >>> nearest_neighbours(gallery[:1], gallery, 2).rows
        array([[0, 2]])
    """
    if k < 1:
        raise UsageError(f"k must be at least 1, got {k}")
    by_query, by_row = _by_model(queries, "queries"), _by_model(gallery, "gallery")
    widths = [[one.shape[1] for one in side] for side in (by_query, by_row)]
    if widths[0] != widths[1]:
        raise DataError(f"queries have embeddings of {widths[0]} numbers, the gallery {widths[1]}")
    n_queries, n_gallery = len(by_query[0]), len(by_row[0])
    step = max(1, min(n_gallery, CELLS_AT_ONCE // 64))
    block = max(1, CELLS_AT_ONCE // step)
    rows = np.full((n_queries, k), -1, dtype=np.int64)
    best = np.full((n_queries, k), -np.inf, dtype=np.float32)
    for start in range(0, n_queries, block):
        inside = slice(start, start + block)
        for first in range(0, n_gallery, step):
            there = slice(first, first + step)
            each = _cosines([q[inside] for q in by_query], [g[there] for g in by_row])
            if query_keys is not None and gallery_keys is not None:
                each[query_keys[inside, None] == gallery_keys[None, there]] = -np.inf
            rows[inside], best[inside] = _merged(rows[inside], best[inside], each, first, k)
    rows[np.isneginf(best)] = -1
    return Neighbours(rows, np.where(rows < 0, np.float32(0), best))


def _cosines(queries: list[Vectors], gallery: list[Vectors]) -> Vectors:
    total = queries[0] @ gallery[0].T
    for q, g in zip(queries[1:], gallery[1:], strict=True):
        total += q @ g.T
    return np.asarray(total / np.float32(len(queries)))


def _merged(
    rows: NDArray[np.int64], best: Vectors, each: Vectors, first: int, k: int
) -> tuple[NDArray[np.int64], Vectors]:
    """Return the k best of those found so far and of a block of the gallery from `first` on."""
    near, values = likeliest(each, k)
    every = np.concatenate([rows, near + first], axis=1)
    values = np.concatenate([best, values], axis=1)
    # Stable: what came earlier in the gallery stays before its equals.
    order = np.argsort(-values, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(every, order, axis=1), np.take_along_axis(values, order, axis=1)


def _by_model(vectors: Vectors | Sequence[Vectors], what: str) -> list[Vectors]:
    each = [vectors] if isinstance(vectors, np.ndarray) else list(vectors)
    if not each or any(one.ndim != 2 for one in each) or len({len(one) for one in each}) > 1:
        raise DataError(f"{what}: give (N, D), or one such array a model, of the same rows")
    found = []
    for one in each:
        lengths = np.linalg.norm(one.astype(np.float32), axis=1, keepdims=True)
        bad = np.flatnonzero(~(np.isfinite(lengths) & (lengths > 0))[:, 0])
        if len(bad):
            raise DataError(f"{what}: the embedding of row {bad[0]} is 0, or not finite")
        found.append((one / lengths).astype(np.float32))
    if len(found[0]) == 0:
        raise DataError(f"{what}: there is no row")
    return found


def class_scores(
    found: Neighbours,
    labels: NDArray[np.int64],
    n_classes: int,
    *,
    k: int = 50,
) -> TopK:
    """Return classes by their nearest images, as predictions that are decided like any other.

    Args:
        found: neighbours of Q queries.
        labels: `(G,)`: classes of the gallery; a row with -1 is of no class and counts for none.
        n_classes: C.
        k: how many classes are kept of a query; at most C are.

    Returns:
        Q rows: a class has the cosine of its nearest image, at least 0, and 0 without a neighbour.
        They do not sum to 1, and a threshold for "none of the classes" is a cosine.
    """
    neighbour_labels = np.where(found.rows < 0, -1, labels[found.rows])
    values = np.where(neighbour_labels < 0, 0, np.maximum(found.similarity, 0)).astype(np.float32)
    block = max(1, CELLS_AT_ONCE // n_classes)
    parts = []
    for start in range(0, len(neighbour_labels), block):
        inside = slice(start, start + block)
        row, column = np.nonzero(neighbour_labels[inside] >= 0)
        classes, numbers = neighbour_labels[inside][row, column], values[inside][row, column]
        table = np.zeros((len(neighbour_labels[inside]), n_classes), dtype=np.float32)
        np.maximum.at(table, (row, classes), numbers)
        parts.append(TopK.of(table, k))
    return TopK(
        np.concatenate([one.classes for one in parts]),
        np.concatenate([one.probs for one in parts]),
        n_classes,
    )


def embeddings(predictions: PredictionSet, split: Split, fold: Fold, ids: Sequence[str]) -> Vectors:
    """Return the embeddings of the images `ids` of a split by the model of `fold`, `(N, D)`.

    Raises:
        DataError: they were not kept, or not of one of these images.
    """
    folder = predictions.root / split / EMBED / f"fold-{fold}"
    if not folder.is_dir():
        raise DataError(
            "there are no embeddings here",
            where=folder,
            fix="write predict: {embeddings: true} in the recipe, then podium train it again: "
            "it predicts what is missing",
        )
    reader = predictions.fold(split, EMBED, fold)
    at = require_positions(reader.ids, ids, "the embeddings", where=folder)
    found = reader.take(at)
    assert isinstance(found, np.ndarray)
    return found


def gallery_of_fold(
    folds: NDArray[np.int64],
    fold: int,
    *,
    groups: Sequence[Any] | NDArray[Any] | None = None,
    scheme: FoldScheme = "stratified",
    samples: pd.DataFrame | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the query rows of `fold` and the rows of their gallery.

    The gallery is the rows that the fold's model was trained on, without the rows of a group (None
    or nan: of no group) of which the fold has a row.

    Args:
        folds: `(N,)`.
        fold: which.
        groups: `(N,)`.
        scheme: of the folds; with "time" the gallery is of earlier folds.
        samples: `(N,)`: of "shared_files", rows that share a file with a query are in no gallery.

    Raises:
        DataError: there is no such fold, or the gallery is empty.
    """
    if samples is None:
        gallery_rows, query_rows = fold_rows(folds, fold, scheme=scheme)
    else:
        gallery_rows, query_rows = rows_of_fold(samples, folds, fold, scheme=scheme)
    if groups is not None:
        own = {groups[int(i)] for i in query_rows if not _is_none(groups[int(i)])}
        gallery_rows = np.array(
            [i for i in gallery_rows if groups[int(i)] not in own], dtype=np.int64
        )
    if not len(gallery_rows):
        raise DataError(f"fold {fold} has no gallery: all other rows are of its groups")
    return query_rows, gallery_rows


def _is_none(group: Any) -> bool:
    return group is None or bool(group != group)
