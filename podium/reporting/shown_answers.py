"""How answers of images are shown: the part `report` of a kind, for pages and commands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from podium.predictions.store.fold_reader import Probs
from podium.tasks.protocols.find import find_part
from podium.tasks.protocols.kind import Kind

__all__ = ["MistakeSizes", "ShownAnswers", "shown_of"]


MistakeSizes = tuple[NDArray[np.float64], NDArray[np.bool_]]


class ShownAnswers(Protocol):
    """Answers as text, and how wrong they are; the module `report` of a kind of images.

    A truth or a decision is as `competition.samples.truth` returns it.
    """

    def text(self, label: Any, names: Sequence[str]) -> str:
        """Return a known truth or a decision as readable text.

        Args:
            label: of one row.
            names: of the classes; empty where there are none.
        """

    def mistakes(self, truth: NDArray[Any], probs: Probs, decisions: NDArray[Any]) -> MistakeSizes:
        """Return how bad each of N answers is, the larger the worse, and whether it is wrong.

        It is the confidence in a wrong decision or, where outputs are no probabilities, the error.
        """

    def values(self, probs: Probs) -> NDArray[np.float64]:
        """Return the predicted numbers `(N,)` before the decision, where outputs are no probs.

        Of several columns `(N, C)`.
        """

    def errors(self, truth: NDArray[Any], values: NDArray[Any]) -> NDArray[np.float64]:
        """Return predicted minus true numbers, `(N,)` or `(N, C)`."""


def shown_of(kind: Kind) -> ShownAnswers:
    """Return how answers of a kind of images are shown."""
    return cast(ShownAnswers, find_part(kind, "report"))
