"""Digests of finished trials: a value that changed in a database later is found.

A database of studies is written all the time, so a digest of the file would be old at once; but a
trial that ended does not change any more. Its digest is written with it, just before it ends, as
Optuna takes nothing afterwards. A trial that others gave up in between has failed without a reason
and without values, and holds nothing that counts.

Times are not part of it: they are only shown. Nor is a trial without a digest checked, as one that
a notebook added, or that an older podium ended.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from podium.errors import RunError, some

if TYPE_CHECKING:
    import optuna

__all__ = ["DIGEST", "add_digest", "changed_trials", "refuse_changed", "trial_digest"]

DIGEST = "digest"
"""The attribute of a trial that holds its digest."""

RESTORE = "restore it from a copy, or remove it with its trials"


def trial_digest(
    trial: optuna.trial.FrozenTrial, state: str, values: Sequence[float] | None = None
) -> str:
    """Return the digest of all that counts of a trial, as it ends.

    Args:
        trial: with its parameters, its scores on the way and its facts.
        state: Optuna's name of the state in which it ends.
        values: of a trial that is complete; of others the scores on the way are all.
    """
    import optuna

    ranges = trial.distributions.items()
    facts = [
        state,
        [float(one) for one in values or ()] if state == "COMPLETE" else [],
        trial.params,
        {name: optuna.distributions.distribution_to_json(one) for name, one in ranges},
        {str(step): score for step, score in trial.intermediate_values.items()},
        {name: one for name, one in trial.user_attrs.items() if name != DIGEST},
        trial.system_attrs,
    ]
    text = json.dumps(facts, sort_keys=True, default=repr)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def add_digest(trial: optuna.trial.FrozenTrial) -> None:
    """Add its digest to a finished trial that is in memory, as before it is added to a storage."""
    trial.set_user_attr(DIGEST, trial_digest(trial, trial.state.name, trial.values))


def changed_trials(trials: Sequence[optuna.trial.FrozenTrial]) -> list[int]:
    """Return the numbers of the finished trials that are not as they ended."""
    return [
        one.number
        for at, one in enumerate(sorted(trials, key=lambda one: one.number))
        if one.state.is_finished()
        and DIGEST in one.user_attrs
        and (one.number != at or not _is_as_it_ended(one))
    ]


def _is_as_it_ended(trial: optuna.trial.FrozenTrial) -> bool:
    state, last, values = trial.state.name, trial.last_step, trial.values
    if state == "PRUNED" and values not in (None, [trial.intermediate_values.get(last or 0)]):
        return False  # Optuna copies the last score on the way
    states = [state]
    if state == "FAIL" and values is None:
        if "reason" not in trial.user_attrs:
            return True  # given up by others
        states.append("PRUNED")  # given up after its reason was written
    kept = trial.user_attrs[DIGEST]
    return any(kept == trial_digest(trial, one, values) for one in states)


def refuse_changed(study: optuna.Study, where: str) -> None:
    """Refuse a study with finished trials that changed.

    Args:
        study: any; only trials with a digest are checked.
        where: its storage, for people.

    Raises:
        RunError: naming the study and the trials.
    """
    if changed := changed_trials(study.get_trials(deepcopy=False)):
        raise RunError(
            f"changed since they ended: trials {some(changed)} of the study {study.study_name!r}; "
            "the database is damaged, or was edited",
            where=where,
            fix=RESTORE,
        )
