"""When a running trial gave its last sign of life, read and dated back: no test waits for time."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from podium.tuning.studies.storages import open_storage

__all__ = ["LONG_AGO", "date_back", "last_sign"]

LONG_AGO = datetime(2001, 1, 1)
_SIGNS = sa.table(
    "trial_heartbeats", sa.column("trial_id", sa.Integer), sa.column("heartbeat", sa.DateTime)
)
_TRIALS = sa.table("trials", sa.column("trial_id", sa.Integer), sa.column("number", sa.Integer))


def date_back(url: str, number: int) -> None:
    """Have the last sign of life of a trial come from long ago; its database has one study."""
    with open_storage(url) as storage, storage.engine.begin() as connection:
        done = connection.execute(
            sa.update(_SIGNS).where(_is_of(number)).values(heartbeat=LONG_AGO)
        )
        assert done.rowcount == 1


def last_sign(url: str, number: int) -> datetime:
    """Return when the trial gave its last sign of life."""
    with open_storage(url) as storage, storage.engine.connect() as connection:
        found: datetime = connection.execute(
            sa.select(_SIGNS.c.heartbeat).where(_is_of(number))
        ).scalar_one()
    return found


def _is_of(number: int) -> sa.ColumnElement[bool]:
    of_trial = sa.select(_TRIALS.c.trial_id).where(_TRIALS.c.number == number)
    return _SIGNS.c.trial_id.in_(of_trial)
