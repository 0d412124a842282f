"""Import facts of a kind: columns of predictions made elsewhere, and other forms of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from podium.tasks.protocols.find import find_part

if TYPE_CHECKING:
    from podium.competition.spec import Competition
    from podium.tasks.protocols.kind import Kind

__all__ = ["Imports", "imports_of"]


class Imports(Protocol):
    """The module `imports` of a kind."""

    def channels(self, competition: Competition) -> tuple[str, ...]:
        """Return the names of the C outputs, in the order in which they are kept."""

    def widths(self, n_channels: int) -> tuple[int, ...]:
        """Return how many columns a row may have; where 1 is one of them, a lone one may be."""

    def outputs(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return values `(n, k)`, k one of `widths`, as `(n, C)`; those of logits, too."""


def imports_of(kind: Kind) -> Imports:
    """Return the import facts of a kind."""
    return cast("Imports", find_part(kind, "imports"))
