"""What members should have predicted: the part `blending` of a kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from podium.tasks.protocols.find import find_part

if TYPE_CHECKING:
    from podium.ensembling.method import Members
    from podium.tasks.protocols.kind import Kind

__all__ = ["Blending", "blending_of"]


class Blending(Protocol):
    """The part `blending` of a kind: a row is an image, or a pixel."""

    def errors(self, members: Members, truth: NDArray[Any]) -> NDArray[np.float64]:
        """Return by how much each member is wrong, with its sign, `(M, R)`.

        Args:
            members: `(M, N, C)`, or M arrays.
            truth: as the kind has it; what is missing is left out.
        """

    def comparable(
        self, members: Members, truth: NDArray[Any], *, in_units: bool
    ) -> tuple[NDArray[Any], NDArray[np.float64]]:
        """Return members `(M, N, C)` and targets `(N, C)` whose squared difference is to be small.

        Args:
            members: `(M, N, C)`.
            truth: as the kind has it; a cell without one is 0 in all.
            in_units: whether columns keep their units, as the metric scores them so; else they are
                brought to one.
        """

    def columns(self, truth: NDArray[Any]) -> NDArray[np.float64]:
        """Return what a member that is right predicts, `(N, C)`, for methods that fit squares.

        Args:
            truth: as the kind has it; nan where a cell is missing.
        """


def blending_of(kind: Kind) -> Blending:
    """Return what compares members of a kind with the truth; not of one class of several."""
    return cast(Blending, find_part(kind, "blending"))
