"""Features that a run's network makes of images: by epoch, in a plane, and nearest neighbours.

Features (and masks) that training kept are read at three epochs of one fold. They are shown in a
plane by PCA and t-SNE, which is cached, in groups of rows: by class, by value, or of none.

Nearest images: where the run's prediction set has embeddings (`predict: {embeddings: true}`), rows
of a fold are compared with the rows that its network was trained on; else the rows of which
features were kept are compared with each other. A row never finds itself or one of its group.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from podium.competition.samples import truth
from podium.competition.spec import Competition
from podium.errors import DAMAGED_CACHE, DataError, either, plural
from podium.predictions.retrieval import EMBED, embeddings, gallery_of_fold, nearest_neighbours
from podium.predictions.snapshots import (
    EpochFeatures,
    EpochMasks,
    read_epoch_features,
    read_epoch_masks,
    snapshot_epochs,
    snapshot_folds,
)
from podium.predictions.store.reading import Fold, PredictionSet
from podium.reporting.subjects import RunSubject
from podium.workspace.atomic import replacing
from podium.workspace.layout import Workspace

if TYPE_CHECKING:
    from podium.reporting.entries import RunEntry

__all__ = [
    "FeatureNeighbours",
    "FeaturesByEpoch",
    "RowGroups",
    "balanced_rows",
    "cached_tsne",
    "can_find_neighbours",
    "choose_queries",
    "has_kept",
    "is_among_best",
    "kept_features_of",
    "kept_masks_of",
    "neighbours_of",
    "project_together",
    "row_groups",
    "run_folder",
]


KeptKind = Literal["features", "masks"]


@dataclass(frozen=True)
class FeaturesByEpoch:
    """Features of the same N rows after some epochs, of which all are finite.

    Attributes:
        fold: whose.
        epochs: `(E,)`, of the run, from 1.
        ids: `(N,)`.
        labels: as `EpochFeatures` has them.
        features: `(E,)` of `(N, F)`.
        broken: epochs that are left out: what they hold are no numbers.
    """

    fold: Fold
    epochs: list[int]
    ids: list[str]
    labels: NDArray[Any] | None
    features: list[NDArray[np.float32]]
    broken: list[int]


def run_folder(subject: RunSubject) -> Path:
    """Return the folder of the run."""
    return subject.workspace.runs / subject.entry.id


def has_kept(subject: RunSubject, run: RunEntry, what: KeptKind) -> bool:
    """Return whether a run of the subject's workspace kept `what` of any fold."""
    return _first_fold(subject.workspace.runs / run.id, what) is not None


def is_among_best(subject: RunSubject, n: int, counts: Callable[[RunEntry], bool]) -> bool:
    """Return whether the run is one of the `n` best of those that count."""
    found = 0
    for run in subject.runs:
        if run.id == subject.entry.id:
            break
        found += counts(run)
        if found == n:
            return False
    return True


def kept_features_of(run: Path) -> FeaturesByEpoch | None:
    """Return the first, middle and last features that the first fold kept; None: there are none.

    Raises:
        RunError: a file is damaged.
    """
    fold = _first_fold(run, "features")
    if fold is None:
        return None
    read = read_epoch_features(run, fold, epochs=_three(snapshot_epochs(run, fold, "features")))
    good = [one for one in read if len(one.features) and np.isfinite(one.features).all()]
    broken = [one.epoch for one in read if not np.isfinite(one.features).all()]
    if not good:
        return None
    last = good[-1]
    # Another recipe's `keep:` may have left other rows; these are compared with nothing.
    same = [one for one in good if _is_like(one, last)]
    return FeaturesByEpoch(
        fold, [one.epoch for one in same], last.ids, last.labels,
        [one.features for one in same], broken,
    )  # fmt: skip


def kept_masks_of(run: Path) -> tuple[Fold, list[EpochMasks]]:
    """Return the first fold that kept masks, and these at its first, middle and last epoch.

    Raises:
        RunError: a file is damaged.
    """
    fold = _first_fold(run, "masks")
    if fold is None:
        return 0, []
    return fold, read_epoch_masks(run, fold, epochs=_three(snapshot_epochs(run, fold, "masks")))


def _first_fold(run: Path, what: KeptKind) -> Fold | None:
    return next((fold for fold in snapshot_folds(run) if snapshot_epochs(run, fold, what)), None)


def _three(epochs: list[int]) -> list[int]:
    """Return the first, the one that is nearest to the middle, and the last of `epochs`."""
    middle = (epochs[0] + epochs[-1]) / 2
    nearest = min(epochs, key=lambda one: abs(one - middle))
    return sorted({epochs[0], nearest, epochs[-1]})


def _is_like(one: EpochFeatures, last: EpochFeatures) -> bool:
    return one.ids == last.ids and one.features.shape == last.features.shape


_MOST_QUERIES, _MOST_OF_GALLERY = 1_000, 10_000

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class FeatureNeighbours:
    """Q images and their K nearest; all rows are positions in the train part.

    Attributes:
        queries: `(Q,)`.
        found: `(Q, K)`, the nearest first; -1 without one.
        similarity: `(Q, K)`, cosines.
        same: `(Q, K)`: 1 of the same class (multilabel: of a label in common), 0 of another, -1
            if unknown; None if labels are not classes.
        where: the gallery that was searched, as text.
    """

    queries: Rows
    found: Rows
    similarity: NDArray[np.float32]
    same: NDArray[np.int8] | None
    where: str

    def share(self, k: int | None = None) -> float:
        """Return the share of the `k` nearest (None: of all) that are of the class; nan of none.

        Neighbours of unknown class are left out.
        """
        if self.same is None:
            return float("nan")
        known = self.same[:, :k]
        return float(known[known >= 0].mean()) if (known >= 0).any() else float("nan")


def can_find_neighbours(subject: RunSubject, run: RunEntry) -> bool:
    """Return whether a run of the subject's workspace kept what `neighbours_of` needs."""
    return bool(_embedded_folds(run)) or has_kept(subject, run, "features")


def neighbours_of(subject: RunSubject, k: int) -> FeatureNeighbours | None:
    """Return the `k` nearest images of each by the run's features; None if it kept none.

    Raises:
        RunError: a file is damaged.
        DataError: the predictions are of other images than the data.
    """
    if subject.data.samples is None:
        return None
    return _by_embeddings(subject, k) or _by_kept_features(subject, k)


def choose_queries(near: FeatureNeighbours, classes: NDArray[Any] | None, n: int) -> list[int]:
    """Return `n` rows of `near` to show: two thirds mistakes, most confident first, then correct.

    A mistake is an image whose nearest one is of another class; the most confident has the fewest
    of its own class among its neighbours, and then the nearest of them. As many classes as possible
    are shown. If the classes are unknown, rows are drawn.

    Args:
        near: the neighbours to choose from.
        classes: `(Q,)`, of the rows; None: unknown.
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
    folds, prediction_set = _embedded_folds(subject.entry), PredictionSet(predictions)
    if not folds:
        return None
    samples, spec = data.samples, subject.competition.folds
    groups = None if spec.group is None else list(samples["group"])
    queries, gallery = gallery_of_fold(
        data.folds, folds[0], groups=groups, scheme=spec.scheme, samples=samples
    )
    queries, gallery = _some(queries, _MOST_QUERIES), _some(gallery, _MOST_OF_GALLERY)
    vectors = [
        embeddings(
            prediction_set, "train", folds[0], [str(one) for one in samples["id"].iloc[rows]]
        )
        for rows in (queries, gallery)
    ]
    near = nearest_neighbours(vectors[0], vectors[1], k)
    found = np.where(near.rows < 0, -1, gallery[near.rows])
    where = (
        f"{plural(len(queries), 'image')} of fold {folds[0]} among {len(gallery):,} that it was "
        "trained on"
    )
    return _with_agreement(subject, queries, found, near.similarity, where)


def _embedded_folds(run: RunEntry) -> list[int]:
    """Return the folds of which the newest prediction set has embeddings."""
    if run.predictions is None or not (run.predictions / "train" / EMBED).is_dir():
        return []
    return [fold for fold in PredictionSet(run.predictions).folds("train", EMBED) if fold != "full"]


def _by_kept_features(subject: RunSubject, k: int) -> FeatureNeighbours | None:
    kept, samples = kept_features_of(run_folder(subject)), subject.data.samples
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
    near = nearest_neighbours(features[rows], features[rows], k, query_keys=keys, gallery_keys=keys)
    found = np.where(near.rows < 0, -1, at[near.rows])
    of = "that it was trained on" if kept.fold == "full" else f"of fold {kept.fold}"
    where = f"{plural(len(at), 'image')} {of} among each other, epoch {kept.epochs[-1]}"
    return _with_agreement(subject, at, found, near.similarity, where)


def _keys(subject: RunSubject, at: Rows) -> Rows:
    """Return a number for each row that it shares with its group alone."""
    keys = np.arange(len(at), dtype=np.int64)
    samples = subject.data.samples
    if subject.competition.folds.group is None or samples is None or "group" not in samples:
        return keys
    codes = samples["group"].iloc[at].astype("category").cat.codes.to_numpy().astype(np.int64)
    return np.where(codes < 0, keys, len(at) + codes)


def _with_agreement(
    subject: RunSubject, queries: Rows, found: Rows, similarity: NDArray[np.float32], where: str
) -> FeatureNeighbours:
    competition, samples = subject.competition, subject.data.samples
    if not competition.has_labels or competition.kind.is_continuous:
        return FeatureNeighbours(queries, found, similarity, None, where)
    assert samples is not None  # present, since neighbours were found
    try:
        labels = truth(samples, competition)
    except DataError:  # images of a pretraining may have no labels
        return FeatureNeighbours(queries, found, similarity, None, where)
    query_labels, found_labels = labels[queries], labels[np.maximum(found, 0)]
    if labels.ndim == 2:
        is_known = (query_labels >= 0).any(axis=1, keepdims=True) & (found_labels >= 0).any(axis=2)
        is_same = ((query_labels[:, None] == 1) & (found_labels == 1)).any(axis=2)
    else:
        is_known, is_same = (
            (query_labels >= 0)[:, None] & (found_labels >= 0),
            query_labels[:, None] == found_labels,
        )
    same = np.where(is_known & (found >= 0), is_same, -1).astype(np.int8)
    return FeatureNeighbours(queries, found, similarity, same, where)


def _some(rows: Rows, most: int) -> Rows:
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(0).choice(rows, most, replace=False))


_FORMAT = "1"
"""Raised when `tsne` changes, so that what is kept is not read any more."""
_MOST_COMPONENTS = 50  # input of t-SNE: van der Maaten & Hinton 2008, JMLR 9, section 4.2, has 30
_PERPLEXITY, _FEWEST = 30, 8

Plane = NDArray[np.float64]
Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class SharedProjection:
    """Several sets of features on the axes of the last of them.

    Attributes:
        clouds: each `(N, 2)`.
        shown: each `(2,)`: the share of a set's own variance that lies along either axis; 0 where
            it has none.
    """

    clouds: list[Plane]
    shown: list[NDArray[np.float64]]


def balanced_rows(codes: ArrayLike, n: int, *, seed: int = 0) -> NDArray[np.int64]:
    """Return at most `n` rows in order, of each group as many as of any other, as far as it goes.

    Args:
        codes: `(N,)`, the group of each row.
        n: how many.
        seed: of the choice.
    """
    of = np.asarray(codes)
    if len(of) <= n:
        return np.arange(len(of))
    shuffled = np.random.default_rng(seed).permutation(len(of))
    turn = np.empty(len(of), dtype=np.int64)
    for code in np.unique(of):
        rows = shuffled[of[shuffled] == code]
        turn[rows] = np.arange(len(rows))
    first = shuffled[np.argsort(turn[shuffled], kind="stable")][:n]
    return np.sort(first)


def project_together(features: list[Vectors]) -> SharedProjection:
    """Return each of `features` `(N, F)` on the two principal axes of the last one (PCA).

    Where there is one direction only, the second axis is 0.
    """
    from sklearn.decomposition import PCA

    last = features[-1].astype(np.float64)
    n_axes = min(2, *last.shape)
    fitted = PCA(n_axes, svd_solver="full").fit(last) if last.var(axis=0).any() else None
    axes = np.zeros((2, last.shape[1]))
    if fitted is not None:
        axes[:n_axes] = fitted.components_
    middle = last.mean(axis=0)
    clouds, shown = [], []
    for each in features:
        cloud = (each.astype(np.float64) - middle) @ axes.T
        total = each.var(axis=0, dtype=np.float64).sum()
        clouds.append(cloud)
        shown.append(cloud.var(axis=0) / total if total > 0 else np.zeros(2))
    return SharedProjection(clouds, shown)


def tsne(features: Vectors) -> Plane | None:
    """Return `(N, 2)` by t-SNE of `features` `(N, F)`, from their PCA; None: too few, or all equal.

    Equal features give equal planes. The perplexity is 30, or a third of the rows.
    """
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    values = features.astype(np.float64)
    n, width = values.shape
    if n < _FEWEST or width < 2 or not values.var(axis=0).any():
        return None
    values = PCA(min(_MOST_COMPONENTS, n, width), svd_solver="full").fit_transform(values)
    perplexity = min(_PERPLEXITY, (n - 1) / 3)
    fitted = TSNE(2, init="pca", perplexity=perplexity, random_state=0)
    found: Plane = fitted.fit_transform(values / values.std()).astype(np.float64)
    return found


def cached_tsne(workspace: Workspace, features: Vectors, *, make: bool = True) -> Plane | None:
    """Return `tsne(features)`, from the workspace's cache where it was made before.

    Args:
        workspace: in whose cache it is kept, under the digest of the features.
        features: `(N, F)`.
        make: whether to make it where it is not there, which takes seconds; else None is returned.
    """
    digest = hashlib.sha256(f"{_FORMAT} {features.dtype} {features.shape}".encode())
    digest.update(np.ascontiguousarray(features).tobytes())
    file = workspace.cache / "report-tsne" / f"{digest.hexdigest()[:16]}.npy"
    with suppress(*DAMAGED_CACHE):
        found: Plane = np.load(file, allow_pickle=False)
        if found.shape == (len(features), 2):
            return found
    plane = tsne(features) if make else None
    if plane is not None:
        with suppress(OSError):  # a full or read-only disk: it is made again the next time
            file.parent.mkdir(parents=True, exist_ok=True)
            with replacing(file) as temporary, temporary.open("wb") as stream:
                np.save(stream, plane)
    return plane


MOST_GROUPS = 20
_COMMONEST, _STEPS = 7, 6


@dataclass(frozen=True)
class RowGroups:
    """Groups of the rows.

    Attributes:
        codes: `(N,)`, positions in `names`; -1 of none of them.
        names: of the groups.
        rest: name of the rows in no group.
        ordered: whether the groups are steps of one quantity.
        what: the kind of the groups, as text.
    """

    codes: NDArray[np.int64]
    names: list[str]
    rest: str = "no label"
    ordered: bool = False
    what: str = "class"


def row_groups(labels: NDArray[Any] | None, competition: Competition, n: int) -> RowGroups:
    """Return the groups of `n` rows with these labels.

    Classes are groups, of more than 20 the 7 that most rows are of; a row of several labels is of
    a group where it has one alone. Values are cut into 6 steps of equal width, ratings are not cut
    where they are at most 20.

    Args:
        labels: as `competition.samples.truth` has them, of `n` rows; None: there are none.
        competition: what the labels are.
        n: rows.
    """
    if labels is None:
        return RowGroups(np.full(n, -1), [], what="nothing")
    kind, names = competition.kind, competition.label_names
    if kind.is_by_column:
        return _of_values(labels[:, 0])
    if kind.is_continuous:
        return _of_values(labels.astype(np.float64))
    if kind.is_by_class:
        alone = (labels == 1).sum(axis=1) == 1
        codes = np.where(alone, (labels == 1).argmax(axis=1), -1)
        return _of_classes(codes, names, "several labels or none")
    codes = labels.astype(np.int64)
    if kind.is_ordered and len(names) <= MOST_GROUPS:
        return RowGroups(codes, names, ordered=True, what="rating")
    return _of_classes(codes, names, "no label")


def _of_classes(codes: NDArray[np.int64], names: list[str], rest: str) -> RowGroups:
    counts = np.bincount(codes[codes >= 0], minlength=len(names))
    there = np.flatnonzero(counts)
    if len(there) > MOST_GROUPS:
        most = np.sort(np.argsort(-counts, kind="stable")[:_COMMONEST])
        rest = f"{either(len(there) - len(most), 'other class', 'other classes')}"
        there = most
    place = np.full(len(names) + 1, -1)  # the last one is that of code -1
    place[there] = np.arange(len(there))
    return RowGroups(place[codes], [names[i] for i in there], rest)


def _of_values(values: NDArray[np.float64]) -> RowGroups:
    known = np.isfinite(values)
    if not known.any():
        return RowGroups(np.full(len(values), -1), [], what="nothing")
    edges = np.linspace(values[known].min(), values[known].max(), _STEPS + 1)
    if edges[0] == edges[-1]:
        return RowGroups(np.where(known, 0, -1), [f"{edges[0]:.4g}"], ordered=True, what="value")
    codes = np.searchsorted(edges[1:-1], values, side="right")
    names = [f"{low:.4g} to {high:.4g}" for low, high in pairwise(edges)]
    return RowGroups(np.where(known, codes, -1), names, ordered=True, what="value")
