"""The drift of the test set at the last check, which is kept for every score that is shown.

.podium/cache/checked/drift.npz     one ratio a sample; safe to delete
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.scores.estimates import effective_size
from podium.errors import DAMAGED_ARRAY, DAMAGED_CACHE, DataError
from podium.workspace import digests
from podium.workspace.atomic import remove, replacing
from podium.workspace.layout import Workspace

__all__ = ["DRIFT_FORMAT", "Drift", "drift_digest", "read_drift", "save_drift", "unlike_share"]

DRIFT_FORMAT = 1
"""Of the file; what is computed otherwise has another one, and another digest."""
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


def save_drift(workspace: Workspace, drift: Drift | None) -> None:
    """Keep `drift` for the scores that are shown; None removes that of an earlier check."""
    file = workspace.checked_drift
    try:
        if drift is None:
            remove(file)
            return
        facts = {
            "format": DRIFT_FORMAT,
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
        return str(facts["digest"]) if facts["format"] == DRIFT_FORMAT else None
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
        if facts.pop("format") != DRIFT_FORMAT:
            return None
        low, high = facts.pop("auc_interval")
        return Drift(auc_interval=(low, high), **facts, **arrays)
    except DAMAGED_ARRAY as error:
        fix = "remove the file, and run `podium check` again"
        raise DataError(f"damaged: {error}", where=file, fix=fix) from error
