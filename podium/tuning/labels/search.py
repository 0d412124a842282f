"""The search for a decision on labels: what it may cost, and the part of a kind that makes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from podium.tasks.protocols.find import find_part

if TYPE_CHECKING:
    from podium.tasks.protocols.kind import Kind
    from podium.tuning.curves import CurveRows, ParameterCurve
    from podium.tuning.scoring import LabelScorer

__all__ = ["Search", "Tuning", "tuning_of"]


@dataclass(frozen=True)
class Search:
    """How a decision is looked for.

    Attributes:
        trials: of the search for class weights.
        seed: of the search, and of draws.
        raw: take what scores best itself, not the robust choice.
        groups: `(N,)`: rows that are drawn together; None: each by itself.
        storage: URL of an Optuna database that keeps the study; None keeps none.
        study_name: the study's name there.
        is_believed: gains are also expected by the rows' probabilities.
    """

    trials: int = 50
    seed: int = 0
    raw: bool = False
    groups: NDArray[Any] | None = None
    storage: str | None = None
    study_name: str = "class-weights"
    is_believed: bool = False


class Tuning(Protocol):
    """The part `tuning` of a kind of images whose decision has parameters."""

    def candidates(
        self, probs: NDArray[Any], scorer: LabelScorer, how: Search
    ) -> list[list[dict[str, Any]]]:
        """Return decisions, steps of `decide` each, of which an inner cross-fit keeps what pays.

        They are fitted on the rows given, be it by chance, with numbers that are the nearer to the
        plain ones the fewer rows there are. There are as many for any rows, of the same meaning.

        Args:
            probs: `(N, C)`; of one output `(N,)`, too.
            scorer: the metric, of decisions, and the truth of the rows.
            how: the search.
        """

    def curves(
        self,
        values: NDArray[np.float32],
        rows: CurveRows,
        scorer: LabelScorer,
        steps: list[dict[str, Any]],
        names: Sequence[str],
    ) -> Iterator[ParameterCurve]:
        """Yield a curve for each parameter of `steps`, the others held.

        Args:
            values: `(N, C)`.
            rows: what is scored.
            scorer: the metric and the truth of the rows.
            steps: the decision.
            names: of the classes `(C,)`.
        """


def tuning_of(kind: Kind) -> Tuning:
    """Return what tunes the decision of a kind of images."""
    return cast(Tuning, find_part(kind, "tuning"))
