"""Optuna studies: storages, samplers and pruners, and trials that are counted exactly.

Importing the room imports no Optuna: commands that tune nothing start without it.
"""

from __future__ import annotations

from podium.tuning.studies.samplers import PRUNERS, SAMPLERS, pruner, sampler
from podium.tuning.studies.storages import OpenStudy, open_storage, open_study, storage_url
from podium.tuning.studies.trials import (
    RunningTrial,
    TrialFailed,
    TrialInterrupted,
    TrialOutcome,
    TrialPruned,
    release,
    run_trials,
)

__all__ = [
    "PRUNERS",
    "SAMPLERS",
    "OpenStudy",
    "RunningTrial",
    "TrialFailed",
    "TrialInterrupted",
    "TrialOutcome",
    "TrialPruned",
    "open_storage",
    "open_study",
    "pruner",
    "release",
    "run_trials",
    "sampler",
    "storage_url",
]
