"""What hill climbing asks of a metric, one file each, found by the metric's name.

Such a file exports `additions`, which says what the mean of all picks and one more member scores
without scoring every such mean: bounds that often leave one candidate, and the score of any picks,
the very number that the plain way gives. It returns None for what it does not know exactly (an
option, a kind of task, values that the metric refuses); a metric without a file, and `TopKMembers`,
go the plain way, too. An objective that is not of labels may have `additions` of its own.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from podium.competition import metrics
from podium.ensembling.climbing._additions import Additions, Plain
from podium.predictions.top_k import TopKMembers
from podium.tuning.scoring import Scorer
from podium.workspace import extensions

if TYPE_CHECKING:
    from podium.ensembling.method import Objective

__all__ = ["Additions", "additions_of"]


def additions_of(members: Any, objective: Objective) -> Additions:
    """Return what `climb` asks of members `(M, N, C)` or `TopKMembers`, which were checked."""
    metric = objective.metric
    plain = Plain(members, objective)
    if isinstance(members, TopKMembers):
        return plain
    if not isinstance(objective, Scorer):
        own: Callable[[Any], Additions | None] | None = getattr(objective, "additions", None)
        return (None if own is None else own(members)) or plain
    # A function may have the name of a metric, and a metric another direction than its own.
    known = extensions.names(sys.modules[__name__])
    if metric.name not in known or metric != metrics.get(metric.name):
        return plain
    make = extensions.load(sys.modules[__name__], metric.name, "additions")
    found: Additions | None = make(members, objective)
    return plain if found is None else found
