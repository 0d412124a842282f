"""Optuna studies: where they are kept, who draws and prunes, and trials that are counted exactly.

Importing the room imports no Optuna: commands that tune nothing start without it.
"""

from __future__ import annotations

from podium.tuning.studies.outcome import Failed, Interrupted, Outcome, Pruned
from podium.tuning.studies.pruners import PRUNERS, pruner
from podium.tuning.studies.samplers import SAMPLERS, sampler
from podium.tuning.studies.storages import OpenStudy, open_storage, open_study, storage_url
from podium.tuning.studies.trials import Running, release, run_trials

__all__ = [
    "PRUNERS",
    "SAMPLERS",
    "Failed",
    "Interrupted",
    "OpenStudy",
    "Outcome",
    "Pruned",
    "Running",
    "open_storage",
    "open_study",
    "pruner",
    "release",
    "run_trials",
    "sampler",
    "storage_url",
]
