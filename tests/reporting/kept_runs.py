"""Runs that kept features or masks, as training leaves them, without one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from podium.predictions.snapshots import write_snapshot
from podium.reporting.data_summary import summarise_data
from podium.reporting.entries import runs_of
from podium.reporting.subjects import RunSubject
from podium.workspace.records import Record, scan_all


def subject_of(made: Any, name: str) -> RunSubject:
    """Return a run of a made workspace as its figures get it."""
    workspace, competition = made.workspace, made.competition
    data = summarise_data(workspace, competition)
    found = [(folder, one) for folder, one in scan_all(workspace) if isinstance(one, Record)]
    runs = runs_of(found, competition, data.n_answered)
    (entry,) = [run for run in runs if run.id == name]
    return RunSubject(workspace, competition, entry, tuple(runs), ("accuracy",), data)


def keep_features(
    run: Path, ids: list[str], labels: Any, *, fold: Any = 0, epochs: tuple[int, ...] = (1, 4, 9)
) -> dict[int, np.ndarray]:
    """Write features of some epochs; those of one label draw together."""
    rng, made = np.random.default_rng(4), {}
    pull = np.zeros(len(ids)) if labels is None else np.nan_to_num(np.asarray(labels, float))
    pull = pull.reshape(len(ids), -1)
    for epoch in epochs:
        features = rng.normal(size=(len(ids), 6))
        features[:, : pull.shape[1]] += epoch * pull[:, :6]
        made[epoch] = features.astype(np.float32)
        given = None if labels is None else np.asarray(labels)
        write_snapshot(run, fold, epoch, features=(ids, given, made[epoch]))
    return made
