"""What `podium check` keeps of a test set, as tests need it: how much its likes in train weigh."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from podium.competition.checks.checked_drift import Drift, save_drift
from podium.workspace.layout import Workspace


def save_even_drift(workspace: Workspace, train_ids: Sequence[str]) -> None:
    """Keep a drift by which all rows of train look like the test set alike."""
    ids = np.array([str(one) for one in train_ids])
    drift = Drift(
        auc=0.9,
        auc_interval=(0.8, 1.0),
        auc_left=0.5,
        train_ids=ids,
        train_units=ids,
        weights=np.ones(len(ids)),
        test_ids=ids[:1],
        test_paths=ids[:1],
        ratios=np.ones(1),
        features=np.zeros((len(ids) + 1, 1), np.float32),
        groups=np.arange(len(ids) + 1),
        digest="01234567",
    )
    save_drift(workspace, drift)
