"""Drift that a person understands: how much of the test set is unlike train, and which images.

`find_drift` compares what `podium check` measured of each image: size, file, colours, texture, and
the main components of its thumbnail. The result of the last check is kept (`checked_drift`), so
that every score can be shown beside an estimate of it on this test set.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.checks.checked_drift import DRIFT_FORMAT, Drift
from podium.competition.checks.image_facts import ImageFacts
from podium.competition.scores.density_ratio import (
    MIN_ROWS,
    N_FOLDS,
    DensityRatio,
    density_ratio,
    principal_components,
)
from podium.errors import plural
from podium.workspace.ids import short_digest

__all__ = [
    "DriftExample",
    "DriftSummary",
    "drift_features",
    "drift_groups",
    "find_drift",
    "summarise_drift",
]

_COMPONENTS = 24
_SIDE = 8  # pixels of the thumbnail whose components are taken


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
    facts = [DRIFT_FORMAT, ids.tolist(), units.tolist(), test_ids.tolist(), contents]
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
        unlike: the test images that are least like train, the least first; their like is more
            frequent in test than in train. Of no drift none.
        alike: those that are most like it, the most first; their like is not more frequent there.
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
        # Where test has no image like those of train, none is shown as one.
        of_train = order[drift.ratios[order] <= 1]
        unlike = tuple(_example(drift, at) for at in order[len(of_train) :][::-1][:n_examples])
        alike = tuple(_example(drift, at) for at in of_train[:n_examples])
        amount = f"about {share:.0%}" if share >= 0.005 else "fewer than 1%"
        sentence = (
            f"{amount} of the {plural(len(drift.ratios), 'test image')} have no counterpart in "
            f"train; weighted to look like the test's, the {len(drift.weights):,} train images "
            f"are as exact as {n_effective:,.0f} (effective rows, docs/drift.md)"
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
