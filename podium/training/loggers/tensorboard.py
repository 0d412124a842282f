"""TensorBoard: event files in `fold-K/tensorboard/`, for `tensorboard --logdir runs`.

Each process writes the folder anew from the history, so that a training which was killed leaves
neither holes nor doubles. The figures of a finished run lie in `figures/tensorboard/` beside its
folds.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from podium.training.loggers import Logger, pixels_of
from podium.training.runs.history import HistoryRow

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["LOGGER"]

FOLDER = "tensorboard"


class TensorBoardLogger(Logger):
    """Scalars by epoch under their names in `metrics.csv`; the settings as hyperparameters."""

    needs: ClassVar[tuple[str, ...]] = ("tensorboard",)
    _writer: Any = None

    def log_all(self, history: Sequence[HistoryRow]) -> None:
        """Write the folder anew."""
        self._begin()
        self._log_settings()
        for number, row in enumerate(history, start=1):
            self._add(row, number)
        self._writer.save()

    def log(self, row: HistoryRow, number: int) -> None:
        """Add the epoch, and flush it to disk."""
        self._add(row, number)
        self._writer.save()

    def figure(self, name: str, figure: Figure) -> None:
        """Add it as a picture."""
        if self._writer is None:
            self._begin()
        self._writer.experiment.add_image(name, pixels_of(figure), dataformats="HWC")

    def close(self) -> None:
        """Close the event file."""
        if self._writer is not None:
            self._writer.finalize("success")
            self._writer = None

    def _begin(self) -> None:
        from lightning_fabric.loggers.tensorboard import TensorBoardLogger as FabricLogger

        self.close()
        folder = self.folder / FOLDER
        if folder.exists():
            shutil.rmtree(folder)
        self._writer = FabricLogger(self.folder, name="", version=FOLDER)

    def _add(self, row: HistoryRow, number: int) -> None:
        numbers = {name: value for name, value in row.items() if not isinstance(value, str)}
        self._writer.log_metrics(numbers, step=number)

    def _log_settings(self) -> None:
        # Lightning's log_hyperparams writes them beside a metric only, if need be a made-up one.
        from torch.utils.tensorboard.summary import hparams

        events = self._writer.experiment._get_file_writer()
        for summary in hparams(dict(_flat_settings(self.settings)), {}):  # type: ignore[no-untyped-call]
            events.add_summary(summary)


def _flat_settings(settings: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Give `a.b.c` and a number, a word or, for a list, its JSON.

    Example:
        >>> dict(_flat_settings({"optimizer": {"lr": 0.1}, "phases": [{"epochs": 2}], "ema": None}))
        {'optimizer.lr': 0.1, 'phases': '[{"epochs": 2}]', 'ema': 'null'}
    """
    for key, value in settings.items():
        if isinstance(value, Mapping) and value:
            yield from _flat_settings(value, f"{above}{key}.")
        elif isinstance(value, bool | int | float | str):
            yield f"{above}{key}", value
        else:
            yield f"{above}{key}", json.dumps(value, default=str)


LOGGER = TensorBoardLogger
