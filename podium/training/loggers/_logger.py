"""What a logger promises: the history of a fold's training, told to another program."""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from podium.training.standing import HistoryRow

__all__ = ["Logger"]


class Logger(abc.ABC):
    """Tells the epochs of one fold's training to a program that draws them.

    The history that the fold keeps is the truth. Every process that works on the fold calls first
    `log_all` with all of it, then `log` after each further epoch, then `close`; a process that was
    killed did not call `close`, and may have logged epochs that come again.

    Attributes:
        needs: modules that must be installed; the extra of podium that brings them has the
            logger's name.

    Args:
        folder: of the fold; a logger that writes files writes them into a folder of its own there.
        title: the fold for people, as "fold 0 of baseline-3fa1c2d4".
        settings: the resolved recipe as plain data.
    """

    needs: ClassVar[tuple[str, ...]] = ()

    def __init__(self, folder: Path, *, title: str, settings: Mapping[str, Any]) -> None:
        self.folder, self.title, self.settings = folder, title, settings

    @abc.abstractmethod
    def log_all(self, history: Sequence[HistoryRow]) -> None:
        """Make the log tell `history` and nothing else, and the settings once."""

    @abc.abstractmethod
    def log(self, row: HistoryRow, number: int) -> None:
        """Add an epoch.

        Args:
            row: its line of `metrics.csv`: names, numbers and the phase's name.
            number: which epoch of the whole training it is, from 1, over all phases: the length of
                the history with it.
        """

    def close(self) -> None:  # noqa: B027 — nothing to do is a usual case
        """Write what is not written yet; nothing is logged after it."""
