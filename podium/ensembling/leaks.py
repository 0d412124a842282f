"""Imports whose plain score is doubtful: too good to be out of fold, or far better inverted.

An import's folds are what its maker wrote. Where its models were trained on the rows that they
predict, its plain score is perfect or far above every other; a smaller leak does not show.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import sqrt

from podium.competition import metrics
from podium.errors import PodiumError
from podium.workspace.blend_notes import DOUBT
from podium.workspace.records import Record

__all__ = ["inversion_note", "leak_note", "leak_notes"]

_SHARE = 1 / 3
_ERRORS = 5


def leak_notes(records: Sequence[Record]) -> tuple[str, ...]:
    """Return `leak_note` of each member of a blend beside the others, where there is one."""
    notes = (leak_note(one, (other for other in records if other is not one)) for one in records)
    return tuple(note for note in notes if note)


def leak_note(record: Record, others: Iterable[Record]) -> str:
    """Return a sentence on an import whose plain score is far above all others; "" of any other.

    That is where what it lacks to a perfect score is less than a third of what the best other run
    lacks, and the difference is more than 5 standard errors. The error is that of a mean over as
    many rows: of scores from 0 to 1 at most √(s(1 - s) / n); where less is better, of a row whose
    deviation is twice its mean.

    Args:
        record: of a run or an import.
        others: of other runs and imports; those of the same files are passed over.
    """
    score, n = record.scores.get("oof"), record.scores.get("scored_rows")
    if record.kind != "import" or not isinstance(score, float) or not n:
        return ""
    name = record.scores.get("metric")
    try:
        metric = metrics.get(str(name))
    except PodiumError:  # of the user's own: nobody knows what is perfect
        return ""
    perfect = metric.perfect
    if perfect is None:
        return ""
    files = record.id.rpartition("-")[2]
    known = [
        other.scores["oof"]
        for other in others
        if other.id.rpartition("-")[2] != files
        and other.scores.get("metric") == name
        and isinstance(other.scores.get("oof"), float)
    ]
    if not known:
        return ""
    best = max(known) if metric.greater_is_better else min(known)
    own, lacked = abs(perfect - score), abs(perfect - best)
    deviation = 2 * lacked
    if metric.greater_is_better:
        share = min(lacked, 1.0)
        deviation = sqrt(share * (1 - share))
    if own >= _SHARE * lacked or lacked - own <= _ERRORS * deviation / sqrt(n):
        return ""
    return f"{record.id} scores {score:.4f}, the best other run {best:.4f}: {DOUBT}"


def inversion_note(record: Record) -> str:
    """Return a sentence on an import whose values score far better as 1 - p; "" of any other."""
    score, inverted = record.scores.get("oof"), record.scores.get("inverted")
    if record.kind != "import" or not isinstance(score, float) or inverted is None:
        return ""
    return (
        f"{record.id} scores {score:.4f}, and 1 - p of its values {inverted:.4f}: are they "
        "probabilities of the other class, or of background? If so, import 1 - p"
    )
