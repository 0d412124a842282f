"""Weights & Biases: one run a fold, `<run>` as its group; WANDB_* variables are obeyed.

A fold's W&B id is drawn once and kept in `fold-K/wandb-id`. Offline (`WANDB_MODE=offline`) every
process writes the whole history into a folder of its own and removes those of processes before it;
`wandb sync` sends it. Online the run is resumed, and epochs that are there are not logged again:
training is resumed exactly, so they are the same. The figures of a finished run are a W&B run of
their own in the same group, with an id in `figures/wandb-id`.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from podium.errors import RunError
from podium.training.loggers import Logger, pixels_of
from podium.training.runs.history import HistoryRow
from podium.workspace.atomic import write_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["LOGGER"]

ID_FILE = "wandb-id"
PROJECT = "podium"
_ID_BYTES = 4


class WandbLogger(Logger):
    """Every row of `metrics.csv` as a step, from 1; the settings as the run's config."""

    # Not Lightning's: W&B's own steps count its calls there, so that what is logged twice stands
    # twice, and it would write into a run that a notebook has open.
    needs: ClassVar[tuple[str, ...]] = ("wandb",)
    _run: Any = None

    def log_all(self, history: Sequence[HistoryRow]) -> None:
        """Begin or resume the fold's run, and log what is not there yet."""
        self.close()
        self._run = self._begin()
        for number, row in enumerate(history, start=1):
            self.log(row, number)

    def log(self, row: HistoryRow, number: int) -> None:
        """Log the epoch, unless the run that was resumed has it."""
        if number >= self._run.starting_step:
            self._run.log(dict(row), step=number, commit=True)

    def figure(self, name: str, figure: Figure) -> None:
        """Log it as a picture."""
        import wandb

        if self._run is None:
            self._run = self._begin()
        self._run.log({name: wandb.Image(pixels_of(figure))})

    def close(self) -> None:
        """Finish W&B's run; a later process may go on with it."""
        if self._run is not None:
            self._run.finish()
            self._run = None

    def _begin(self) -> Any:
        import wandb

        identity = self._identity()
        for leftover in self.folder.glob(f"wandb/offline-run-*-{identity}"):
            # The process that wrote it may be dead and W&B's service still writing its last lines.
            shutil.rmtree(leftover, ignore_errors=True)
        try:
            return wandb.init(
                project=os.environ.get("WANDB_PROJECT", PROJECT),
                id=identity,
                name=self.title,
                group=os.environ.get("WANDB_RUN_GROUP", self.folder.parent.name),
                dir=self.folder,
                config=dict(self.settings),
                allow_val_change=True,
                resume="allow",
                reinit="create_new",
                settings=wandb.Settings(console="off", quiet=True),
            )
        except wandb.errors.Error as error:
            raise RunError(
                f"W&B does not take the run: {error}",
                where=self.title,
                fix="wandb login, or WANDB_MODE=offline, or take wandb out of loggers; if the run "
                f"was deleted there, remove {self.folder / ID_FILE}",
            ) from error

    def _identity(self) -> str:
        """Return the id of the fold's run, drawn at the first call."""
        file = self.folder / ID_FILE
        if not file.is_file():
            write_text(file, secrets.token_hex(_ID_BYTES) + "\n")
        return file.read_text(encoding="utf-8").strip()


LOGGER = WandbLogger
