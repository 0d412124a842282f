"""`metrics.csv` in the fold's folder, which the training itself writes, named or not."""

from __future__ import annotations

from collections.abc import Sequence

from podium.training.loggers import Logger
from podium.training.runs.history import HistoryRow

__all__ = ["LOGGER"]


class CsvLogger(Logger):
    """A name for what is there anyway."""

    def log_all(self, history: Sequence[HistoryRow]) -> None:
        """Do nothing: the file is written from the history."""

    def log(self, row: HistoryRow, number: int) -> None:
        """Do nothing: the file is written from the history."""


LOGGER = CsvLogger
