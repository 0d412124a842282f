"""Which share of the test set is public: as competition.yaml says, or as an embedded host marks."""

from __future__ import annotations

import csv

from podium.competition.spec import Competition
from podium.hosting.spec import HostFolder

__all__ = ["public_share_of"]


def public_share_of(competition: Competition) -> float | None:
    """Return the public share of the test set, in [0, 1]; None: it is not known.

    It is `kaggle.public_share` of the competition, else what the solution of the embedded host in
    `kaggle.host` marks as public: there, 1 where it marks nothing.
    """
    said, host = competition.kaggle.public_share, competition.kaggle.host
    if said is not None or host is None or "://" in host:
        return said
    counts = {"public": 0, "private": 0}
    try:
        with HostFolder(competition.root / host).solution.open(newline="") as file:
            reader = csv.reader(file)
            names = [name.lower() for name in next(reader)]
            if "usage" not in names:
                return 1.0
            place = names.index("usage")
            for row in reader:
                usage = row[place].strip().lower() if len(row) > place else ""
                counts[usage] = counts.get(usage, 0) + 1
    except (OSError, ValueError, csv.Error, StopIteration):
        return None
    n = counts["public"] + counts["private"]
    return counts["public"] / n if n else None
