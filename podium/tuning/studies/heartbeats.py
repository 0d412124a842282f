"""Signs of life: a running trial whose worker gives none any more is done again by another.

Optuna's `Study.optimize` would do the same, but its thread ends at the first error, and a worker
that was only asleep meets an assertion when it ends a trial that others gave up.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from podium.tuning.studies.quiet import quiet

if TYPE_CHECKING:
    import optuna

__all__ = ["MAX_RETRIES", "again", "beating", "retry"]

MAX_RETRIES = 2
"""So often a trial whose worker died is tried again."""


@contextmanager
def beating(storage: optuna.storages.RDBStorage | None, trial: optuna.Trial) -> Iterator[None]:
    """Record signs of life of `trial` while the body runs; `beat` records the first."""
    if storage is None:
        yield
        return
    stopped = threading.Event()

    def beat_on() -> None:
        while not stopped.wait(storage.heartbeat_interval):
            with suppress(Exception):  # the next one may reach a server that was away
                storage.record_heartbeat(trial._trial_id)
        storage.remove_session()

    thread = threading.Thread(target=beat_on, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


def retry(study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
    """Put a trial whose worker died in the queue, at most `MAX_RETRIES` times."""
    import optuna

    callback = getattr(optuna.storages, "RetryHeartbeatStaleTrialCallback", None)
    with quiet():
        if callback is None:  # before Optuna 4.9
            callback = optuna.storages.RetryFailedTrialCallback
        callback(max_retry=MAX_RETRIES)(study, trial)


def again(study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
    """Put a trial that was interrupted in the queue, with the same values."""
    import optuna

    facts = {name: one for name, one in trial.user_attrs.items() if name != "reason"}
    study.add_trial(
        optuna.create_trial(
            state=optuna.trial.TrialState.WAITING,
            params=trial.params,
            distributions=trial.distributions,
            user_attrs=facts,
            system_attrs=trial.system_attrs,
        )
    )
