"""What a loop asks at the end of an epoch beside scores: who looks on changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from torch import nn

from podium.training.evaluation import Autocast
from podium.training.standing import HistoryRow, Standing
from podium.training.streams import Normaliser

__all__ = ["Moment", "Onlooker"]


@dataclass(frozen=True)
class Moment:
    """The end of an epoch.

    Attributes:
        phase: 0-based index of the phase.
        epoch: 1-based epoch of the phase.
        number: 1-based epoch of the run, over all phases.
        ends_phase: whether the phase is over, be it early.
        ends_run: whether the run is.
    """

    phase: int
    epoch: int
    number: int
    ends_phase: bool
    ends_run: bool

    @classmethod
    def of(cls, standing: Standing, is_over: bool, n_phases: int) -> Moment:
        """Return the end of the epoch that `standing` has not noted yet.

        Args:
            standing: of the training.
            is_over: whether the phase is.
            n_phases: how many the run has.
        """
        is_last = is_over and standing.phase == n_phases - 1
        number = len(standing.history) + 1
        return cls(standing.phase, standing.epoch + 1, number, is_over, is_last)


class Onlooker(Protocol):
    """Looks at a network while it is trained; its draws are its own, and the mode is put back."""

    def is_due(self, at: Moment) -> bool:
        """Tell whether there is something to see at this moment."""
        ...

    def look(
        self, network: nn.Module, at: Moment, normalise: Normaliser, autocast: Autocast
    ) -> HistoryRow:
        """Look at the network that predicts, a `Network`; return columns of the epoch's line."""
        ...
