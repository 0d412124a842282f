"""Why the plain decision is sent, where a tuned one was tried or could have been.

A blend keeps it as a fact (`KeptPlain`); its note and the sentence of the report are made of that.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from podium.competition.metrics import Metric
    from podium.tuning.paying import Kept

__all__ = ["KeptPlain", "notes_on_parts", "why_plain", "worse_across_folds"]

_KEPT = ": the plain decision is kept"


@dataclass(frozen=True)
class KeptPlain:
    """Why the plain decision is kept.

    Attributes:
        reason: in words, without what follows from it.
        gain: of tuning over the plain decision, on rows that it was not fitted on, above 0 where it
            is better; None: it was not measured, or no row is decided otherwise.
        error: the standard error of the gain; None where there is no gain.
        is_of_folds: whether it is that decisions tuned for each fold by the others score worse.
    """

    reason: str
    gain: float | None = None
    error: float | None = None
    is_of_folds: bool = False

    @property
    def sentence(self) -> str:
        """What tuning would gain, and that the plain decision is kept, for a reader of a report."""
        if self.gain is None or self.error is None:
            return f"{self.reason[:1].upper()}{self.reason[1:]}{_KEPT}."
        gains = f"gains {self.gain:+.4f}" if self.gain >= 0 else f"loses {-self.gain:.4f}"
        rows = "on rows that it was not fitted on"
        return f"Tuning the decision {gains} ± {self.error:.4f} {rows}{_KEPT}."

    def note(self, honest: float, untuned: float) -> str:
        """Return the note on a blend.

        Args:
            honest: its honest score, by decisions that were fitted anew for each fold.
            untuned: its honest score with the plain decision.
        """
        if untuned == honest:
            return f"{self.reason}{_KEPT}"
        told = f"{self.reason}{_KEPT}, which scores {untuned:.4f} across the folds"
        if self.is_of_folds:
            return told
        of_folds = "is of what each fold would choose, some a tuned one"
        return f"{told}; the honest score {honest:.4f} {of_folds}"


def why_plain(
    metric: Metric, kept: Kept[Any], parts: Collection[Kept[Any]], honest: float, plain: float
) -> KeptPlain | None:
    """Return why the plain decision is sent, None where the tuned one is.

    Args:
        metric: what is scored.
        kept: the decision that was fitted on all rows.
        parts: those that were fitted without each fold.
        honest: the score of decisions that were fitted anew for each fold.
        plain: the score of the same predictions, decided plainly.
    """
    if not kept.is_tuned:
        found = kept.evidence
        if found.lacking or not found.n_changed:
            return KeptPlain(str(found))
        return KeptPlain(str(found), float(found.gain), float(found.error))
    if parts and all(one.evidence.lacking for one in parts):
        # The honest score would be that of the plain decision, and the file of another one.
        most = max(parts, key=lambda one: one.evidence.n_units)
        return KeptPlain(f"no fold can be decided by the others: {most.evidence.lacking}")
    return worse_across_folds(metric, honest, plain)


def notes_on_parts(kept: Kept[Any], parts: Collection[Kept[Any]]) -> tuple[str, ...]:
    """Return the note on a tuned decision whose honest score is that of the plain one.

    Tuning may pay on all rows, and not on the fewer ones without any of the folds.

    Args:
        kept: the decision that is sent.
        parts: those that were fitted without each fold.
    """
    if not kept.is_tuned or any(one.is_tuned for one in parts):
        return ()
    return (
        "the honest score is of the plain decision, which each fold gets from the fewer rows of "
        f"the others; the tuned one is sent, as on all rows {kept.evidence}",
    )


def worse_across_folds(metric: Metric, honest: float, plain: float) -> KeptPlain | None:
    """Return that decisions which were tuned for each fold score worse, None where they do not."""
    if not metric.is_better(plain, honest):
        return None
    return KeptPlain(f"tuned for each fold by the others it scores {honest:.4f}", is_of_folds=True)
