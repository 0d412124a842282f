"""What a run kept of how it learnt, as its figures show it: three epochs of one fold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from podium.predictions.kept import (
    KeptFeatures,
    KeptMasks,
    kept_epochs,
    kept_folds,
    read_features,
    read_masks,
)
from podium.predictions.reading import Fold
from podium.reporting.subjects import RunSubject

if TYPE_CHECKING:
    from podium.reporting.entries import RunEntry

__all__ = ["FeaturesByEpoch", "features_of", "has_kept", "is_among_best", "masks_of", "run_folder"]

What = Literal["features", "masks"]


@dataclass(frozen=True)
class FeaturesByEpoch:
    """Features of the same N rows after some epochs, of which all are finite.

    Attributes:
        fold: whose.
        epochs: `(E,)`, of the run, from 1.
        ids: `(N,)`.
        labels: as `KeptFeatures` has them.
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


def has_kept(subject: RunSubject, run: RunEntry, what: What) -> bool:
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


def features_of(run: Path) -> FeaturesByEpoch | None:
    """Return the first, middle and last features that the first fold kept; None: there are none.

    Raises:
        RunError: a file is damaged.
    """
    fold = _first_fold(run, "features")
    if fold is None:
        return None
    read = read_features(run, fold, epochs=_three(kept_epochs(run, fold, "features")))
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


def masks_of(run: Path) -> tuple[Fold, list[KeptMasks]]:
    """Return the first fold that kept masks, and these at its first, middle and last epoch.

    Raises:
        RunError: a file is damaged.
    """
    fold = _first_fold(run, "masks")
    if fold is None:
        return 0, []
    return fold, read_masks(run, fold, epochs=_three(kept_epochs(run, fold, "masks")))


def _first_fold(run: Path, what: What) -> Fold | None:
    return next((fold for fold in kept_folds(run) if kept_epochs(run, fold, what)), None)


def _three(epochs: list[int]) -> list[int]:
    """Return the first, the one that is nearest to the middle, and the last of `epochs`."""
    middle = (epochs[0] + epochs[-1]) / 2
    nearest = min(epochs, key=lambda one: abs(one - middle))
    return sorted({epochs[0], nearest, epochs[-1]})


def _is_like(one: KeptFeatures, last: KeptFeatures) -> bool:
    return one.ids == last.ids and one.features.shape == last.features.shape
