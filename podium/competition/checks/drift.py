"""Drift that a person understands: how much of the test set is unlike train, and which images.

`find_drift` compares what `podium check` measured of each image: size, file, colours, texture, and
the main components of its thumbnail. The result of the last check is kept, so that every score can
be shown beside an estimate of it on this test set:

    .podium/cache/checked/drift.npz     one ratio a sample; safe to delete
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.checks.image_facts import ImageFacts
from podium.competition.scores.density_ratio import (
    MIN_ROWS,
    N_FOLDS,
    DensityRatio,
    density_ratio,
    effective_size,
    principal_components,
)
from podium.errors import DAMAGED_ARRAY, DAMAGED_CACHE, DataError
from podium.workspace import digests
from podium.workspace.atomic import remove, replacing
from podium.workspace.ids import short_digest
from podium.workspace.layout import Workspace

__all__ = [
    "Drift",
    "DriftExample",
    "DriftSummary",
    "drift_digest",
    "drift_features",
    "drift_groups",
    "find_drift",
    "read_drift",
    "save_drift",
    "summarise_drift",
    "unlike_share",
]

_FORMAT = 1
_COMPONENTS = 24
_SIDE = 8  # pixels of the thumbnail whose components are taken
_LEFT = 0.6  # AUC of test against weighted train above which train has nothing like some of test
_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Drift:
    """The test set against train, at the last check.

    Attributes:
        auc: how well a cross-fitted classifier separates test from train; 0.5: not at all.
        auc_interval: its 95 % interval.
        auc_left: of the same classifier against the weighted train rows.
        train_ids: `(N,)`.
        train_units: `(N,)`, what the submission scores: the ids where that is images.
        weights: `(N,)`, how much more frequent each train row's like is in test; all 1 where the
            parts do not differ.
        test_ids: `(M,)`.
        test_paths: `(M,)`, of the first file of each, as the samples name it.
        ratios: `(M,)`, how much more frequent each test image's like is in test than in train.
        features: `(N + M, F)`, what was compared, train rows first.
        groups: `(N + M,)`, numbers of the images' groups: equal files are one, too.
        digest: 8 hex of all this.
    """

    auc: float
    auc_interval: tuple[float, float]
    auc_left: float
    train_ids: NDArray[Any] = field(repr=False)
    train_units: NDArray[Any] = field(repr=False)
    weights: NDArray[np.float64] = field(repr=False)
    test_ids: NDArray[Any] = field(repr=False)
    test_paths: NDArray[Any] = field(repr=False)
    ratios: NDArray[np.float64] = field(repr=False)
    features: NDArray[np.float32] = field(repr=False)
    groups: NDArray[np.int64] = field(repr=False)
    digest: str = ""

    @property
    def differs(self) -> bool:
        """Whether test and train differ by more than chance."""
        return self.auc_interval[0] > 0.5

    @property
    def n_effective(self) -> float:
        """Number of train rows that the weighted ones count as."""
        return effective_size(self.weights)

    @property
    def share_unlike(self) -> float:
        """Share of the test images that train has no counterpart of, by what is separable.

        Ratios are estimates, and their noise alone makes a share. Where parts are separated with
        an AUC of A, images of a share of 2 A - 1 at most have no counterpart: the area under a
        concave ROC curve is at least that of the triangle through its point furthest from chance.
        """
        return min(unlike_share(self.ratios), max(0.0, 2 * self.auc_interval[1] - 1))

    @property
    def is_uncovered(self) -> bool:
        """Whether some test images have next to nothing like them in train: no weight helps."""
        return self.differs and self.auc_left > _LEFT

    def weights_of(
        self, ids: Sequence[str] | NDArray[Any], weights: NDArray[np.float64] | None = None
    ) -> NDArray[np.float64] | None:
        """Return the weights of scored units `(U,)`, the mean over the images of each.

        None where one of them has no image that the check has seen.

        Args:
            ids: of units; of images where these are scored.
            weights: `(N,)`, of the train rows, others than the check's own.
        """
        of_rows = pd.Series(self.weights if weights is None else weights)
        for names in (self.train_units, self.train_ids):
            by_name = of_rows.groupby(names).mean()
            found = by_name.reindex([str(one) for one in ids]).to_numpy(dtype=np.float64)
            if not np.isnan(found).any():
                return np.asarray(found)
        return None


def unlike_share(ratios: NDArray[np.float64]) -> float:
    """Return the share of test images by which they outnumber their like in train.

    It is the total variation distance of both parts, E_test max(0, 1 - 1 / w): 0 where they are of
    one source, 1 where they share nothing, and where one kind of images rises from 20 % of train to
    50 % of test 0.3.

    Args:
        ratios: `(M,)`, of densities, test over train, at the test images.
    """
    return float(np.maximum(0, 1 - 1 / np.maximum(ratios, 1)).mean())


def drift_features(facts: Sequence[ImageFacts]) -> NDArray[np.float64]:
    """Return what is compared of images of both parts together, `(N, F)`, nan where unknown."""
    measured = np.stack([one.features for one in facts])
    thumbnails = np.stack([one.thumbnail for one in facts])
    n, step = len(facts), thumbnails.shape[1] // _SIDE
    blocks = thumbnails.reshape(n, _SIDE, step, _SIDE, step, 3)
    small = blocks.mean(axis=(2, 4), dtype=np.float32).reshape(n, -1)
    # The axes are of the images of both parts, whichever part each is of: nothing is fitted to it.
    return np.hstack([measured, principal_components(small, _COMPONENTS)])


def find_drift(images: pd.DataFrame, *, seed: int = 0) -> Drift | None:
    """Return the test set against train; None where one of them has fewer than 20 images.

    Args:
        images: one row a sample: split, id, path, group, facts, and unit where units are scored.
            Images that cannot be read are left out.
        seed: of the folds and the classifiers.

    Raises:
        DataError: the images are of too few groups.
    """
    is_known = images["facts"].map(lambda fact: fact.error is None)
    train, test = (images[is_known & (images["split"] == part)] for part in ("train", "test"))
    if min(len(train), len(test)) < MIN_ROWS:
        return None
    both = pd.concat([train, test])
    features = drift_features(list(both["facts"]))
    groups = drift_groups(both)
    kept = features.astype(np.float32)
    ratio = density_ratio(kept[: len(train)], kept[len(train) :], groups=groups, seed=seed)
    return _drift_of(train, test, ratio, kept, groups)


def drift_groups(images: pd.DataFrame) -> list[str]:
    """Return what must not be in training and validation when images are told apart, `(N,)`.

    The group of a row; else its folder, where other rows have groups and those without lie in
    several folders, as slices of patients do; else its content; or, of rows of several files, the
    first file, where other rows have it beside other files: the picture is that of the first one.

    Args:
        images: one row a sample: path, group, facts.
    """
    contents = [fact.sha256 for fact in images["facts"]]
    n_beside = pd.Series(contents, images.index).groupby(images["path"]).transform("nunique")
    folders = _folders_of_groups(images)

    def alone(row: int) -> str:
        if folders:
            return f"folder {folders[row]}"
        return contents[row] if n_beside.iloc[row] == 1 else f"file {images['path'].iloc[row]}"

    return [
        alone(row) if pd.isna(group) else f"group {group}"
        for row, group in enumerate(images["group"])
    ]


def _folders_of_groups(images: pd.DataFrame) -> list[str]:
    """Return the folder of each row, where it stands for the group that some lack; else [].

    A test patient's slices find each other across folds, and those of train patients do not.
    """
    is_alone = images["group"].isna()
    if is_alone.all() or not is_alone.any():
        return []
    folders = images["path"].map(lambda path: str(Path(path).parent))
    n_folders = folders[is_alone].nunique()
    return folders.tolist() if N_FOLDS <= n_folders < is_alone.sum() else []


def _drift_of(
    train: pd.DataFrame,
    test: pd.DataFrame,
    ratio: DensityRatio,
    features: NDArray[np.float32],
    groups: Sequence[str],
) -> Drift:
    ids = train["id"].astype(str).to_numpy(dtype=str)
    units = train["unit"].astype(str).to_numpy(dtype=str) if "unit" in train else ids
    test_ids = test["id"].astype(str).to_numpy(dtype=str)
    codes = np.unique(np.array(groups), return_inverse=True)[1]
    # Not the ratios, but what they follow from.
    arrays = (np.ascontiguousarray(features), codes)
    contents = [hashlib.sha256(one.tobytes()).hexdigest() for one in arrays]
    facts = [_FORMAT, ids.tolist(), units.tolist(), test_ids.tolist(), contents]
    return Drift(
        auc=ratio.auc,
        auc_interval=ratio.auc_interval,
        auc_left=ratio.auc_left,
        train_ids=ids,
        train_units=units,
        weights=ratio.weights,
        test_ids=test_ids,
        test_paths=test["path"].astype(str).to_numpy(dtype=str),
        ratios=ratio.test,
        features=features,
        groups=codes,
        digest=short_digest(facts),
    )


@dataclass(frozen=True)
class DriftExample:
    """A test image; its like is `ratio` times as frequent in test as in train."""

    id: str
    path: str
    ratio: float


@dataclass(frozen=True)
class DriftSummary:
    """Drift for people.

    Attributes:
        share_unlike: share of the test images that train has no counterpart of, 0 to 1.
        sentence: how much that is, and how it is known.
        advice: what to do; "" where test and train look alike.
        unlike: the test images that are least like train, the least first; of no drift none.
        alike: those that are most like it, the most first.
        auc, auc_interval: of the classifier of test against train.
        n_train: train images.
        n_effective: number of train images that count as like the test's.
    """

    share_unlike: float
    sentence: str
    advice: str
    unlike: tuple[DriftExample, ...]
    alike: tuple[DriftExample, ...]
    auc: float
    auc_interval: tuple[float, float]
    n_train: int
    n_effective: float


def summarise_drift(drift: Drift, *, n_examples: int = 8) -> DriftSummary:
    """Return `drift` in words, with so many examples of each kind."""
    share, n_effective = drift.share_unlike, drift.n_effective
    unlike: tuple[DriftExample, ...] = ()
    alike: tuple[DriftExample, ...] = ()
    if not drift.differs:
        sentence = "train and test look alike: the honest score is the estimate"
        advice = ""
    else:
        order = np.argsort(drift.ratios, kind="stable")
        unlike = tuple(_example(drift, at) for at in order[::-1][:n_examples])
        alike = tuple(_example(drift, at) for at in order[:n_examples])
        amount = f"about {share:.0%}" if share >= 0.005 else "fewer than 1%"
        sentence = (
            f"{amount} of the {len(drift.ratios):,} test images have no counterpart in "
            f"train; {len(drift.weights):,} train images, weighted to look like the "
            f"test's, count as {n_effective:,.0f}"
        )
        advice = (
            "rely on the score on train rows that look like the test, which stands beside the "
            "honest one"
        )
        if drift.is_uncovered:
            sentence += "; some are like nothing in train"
            advice += ", though it does not hold these: find images like them"
    return DriftSummary(
        share,
        sentence,
        advice,
        unlike,
        alike,
        drift.auc,
        drift.auc_interval,
        len(drift.weights),
        n_effective,
    )


def _example(drift: Drift, at: int) -> DriftExample:
    return DriftExample(str(drift.test_ids[at]), str(drift.test_paths[at]), float(drift.ratios[at]))


def save_drift(workspace: Workspace, drift: Drift | None) -> None:
    """Keep `drift` for the scores that are shown; None removes that of an earlier check."""
    file = workspace.checked_drift
    try:
        if drift is None:
            remove(file)
            return
        facts = {
            "format": _FORMAT,
            "auc": drift.auc,
            "auc_interval": drift.auc_interval,
            "auc_left": drift.auc_left,
            "digest": drift.digest,
        }
        with replacing(file) as temporary, Path(temporary).open("wb") as stream:
            np.savez_compressed(
                stream,
                facts=np.array(json.dumps(facts)),
                train_ids=drift.train_ids,
                train_units=drift.train_units,
                weights=drift.weights,
                test_ids=drift.test_ids,
                test_paths=drift.test_paths,
                ratios=drift.ratios,
                features=drift.features,
                groups=drift.groups,
            )
    except OSError as error:
        _logger.warning("the drift of the test set is not kept: %s", error)


def drift_digest(workspace: Workspace) -> str | None:
    """Return the digest of the drift of the last check, which is quicker than reading all of it.

    None where there is none, or the file is damaged.
    """
    try:
        # Opened here: of a damaged file numpy leaves its own handle open.
        with (
            workspace.checked_drift.open("rb") as stream,
            np.load(stream, allow_pickle=False) as stored,
        ):
            facts = json.loads(str(stored["facts"]))
        return str(facts["digest"]) if facts["format"] == _FORMAT else None
    except DAMAGED_CACHE:
        return None


def read_drift(workspace: Workspace) -> Drift | None:
    """Return the drift of the last check; None where there is none of this version.

    Raises:
        DataError: the file is damaged.
    """
    file = workspace.checked_drift
    if not file.is_file():
        return None
    digests.check(file)
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files if name != "facts"}
            facts = json.loads(str(stored["facts"]))
        if facts.pop("format") != _FORMAT:
            return None
        low, high = facts.pop("auc_interval")
        return Drift(auc_interval=(low, high), **facts, **arrays)
    except DAMAGED_ARRAY as error:
        fix = "remove the file, and run `podium check` again"
        raise DataError(f"damaged: {error}", where=file, fix=fix) from error
