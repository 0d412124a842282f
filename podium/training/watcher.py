"""A caller that looks on while a fold is trained, told of epochs as loggers are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from podium.training.fold_files import Fold
from podium.training.loggers import Logger
from podium.training.standing import HistoryRow, Watch

__all__ = ["Watcher"]


class Watcher(Logger):
    """Passes every epoch on to `watch`, which may raise to end the training.

    Args:
        fold: that is trained.
        watch: told the fold and the epoch's line of `metrics.csv`.
    """

    def __init__(self, fold: Fold, watch: Watch) -> None:
        super().__init__(Path(), title="", settings={})
        self._fold, self._watch = fold, watch

    def log_all(self, history: Sequence[HistoryRow]) -> None:
        for row in history:
            self._watch(self._fold, row)

    def log(self, row: HistoryRow, number: int) -> None:
        self._watch(self._fold, row)
