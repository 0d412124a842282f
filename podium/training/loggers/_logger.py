"""What a logger promises: the history of a fold's training, told to another program."""

from __future__ import annotations

import abc
import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from podium.training.standing import HistoryRow

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Logger", "pixels_of"]

_DPI, _MOST_PIXELS = 144, 16_000_000


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

    def figure(self, name: str, figure: Figure) -> None:  # noqa: B027 — many take none
        """Keep a figure of the whole run.

        A logger that takes figures is opened once more when the run is finished, of the folder
        `figures` beside its folds: it hears `figure` for each then, no history, and `close`.
        What it raises is told and fails no run.

        Args:
            name: in words, of one's own among the run's.
            figure: of matplotlib, without a ground; `pixels_of` has it on white.
        """

    def close(self) -> None:  # noqa: B027 — nothing to do is a usual case
        """Write what is not written yet; nothing is logged after it."""


def pixels_of(figure: Figure) -> NDArray[np.uint8]:
    """Return `figure` on white, `(H, W, 3)`, with two pixels for each of a page."""
    from PIL import Image

    width, height = figure.get_size_inches()
    stream = io.BytesIO()
    dpi = min(_DPI, math.sqrt(_MOST_PIXELS / (width * height)))
    figure.savefig(stream, format="png", dpi=dpi, facecolor="white")
    with Image.open(stream) as picture:
        return np.asarray(picture.convert("RGB"))
