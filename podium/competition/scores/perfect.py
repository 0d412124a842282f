"""Doubt of a perfect score, which is rarely a network's merit: one rule for all that shows it."""

from __future__ import annotations

from podium.competition.metrics import Metric

__all__ = ["is_doubtful", "perfect_score_warning"]

FEWEST_PERFECT = 50
"""rows of which none is wrong, from which on that is doubted"""


def is_doubtful(metric: Metric, score: float | None, n_rows: int | None) -> bool:
    """Return whether none of many rows is wrong.

    Args:
        metric: of the score.
        score: out of fold; None where there is none.
        n_rows: that were scored; None where that is unknown.
    """
    return score is not None and score == metric.perfect and (n_rows or 0) >= FEWEST_PERFECT


def perfect_score_warning(metric: Metric, score: float | None, n_rows: int | None) -> str:
    """Return why a perfect score is doubted, in short; "" for any other.

    Args:
        metric, score, n_rows: as of `is_doubtful`.

    Example:
        >>> from podium.competition import metrics
        >>> perfect_score_warning(metrics.get("accuracy"), 1.0, 179).partition(";")[0]
        'none of 179 rows is wrong: often the folds leak'
    """
    if not is_doubtful(metric, score, n_rows):
        return ""
    return (
        f"none of {n_rows:,} rows is wrong: often the folds leak; see duplicates and "
        "sequences in podium check"
    )
