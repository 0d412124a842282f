"""Loggers, one file each, found by file name; a file exports `LOGGER`, a subclass of `Logger`.

A logger passes the history of a fold's training to another program. Importing a file imports
nothing of that program.
"""

from __future__ import annotations

import abc
import importlib.util
import io
import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from podium.errors import RecipeError
from podium.training.runs.history import HistoryRow
from podium.workspace import extensions

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Logger", "find_loggers", "open_loggers", "pixels_of"]


_DPI, _MOST_PIXELS = 144, 16_000_000


class Logger(abc.ABC):
    """Passes the epochs of one fold's training to a program that draws them.

    The history that the fold keeps is the truth. Every process that works on the fold calls first
    `log_all` with all of it, then `log` after each further epoch, then `close`; a process that was
    killed did not call `close`, and may have logged epochs that come again.

    Attributes:
        needs: modules that must be installed; the extra of podium that installs them has the
            logger's name.

    Args:
        folder: of the fold; a logger that writes files writes them into a folder of its own there.
        title: the fold in messages, as "fold 0 of baseline-3fa1c2d4".
        settings: the resolved recipe as plain data.
    """

    needs: ClassVar[tuple[str, ...]] = ()

    def __init__(self, folder: Path, *, title: str, settings: Mapping[str, Any]) -> None:
        self.folder, self.title, self.settings = folder, title, settings

    @abc.abstractmethod
    def log_all(self, history: Sequence[HistoryRow]) -> None:
        """Make the log hold `history` and nothing else, and the settings once."""

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
        `figures` beside its folds: it gets `figure` for each then, no history, and `close`.
        An exception that it raises is reported and fails no run.

        Args:
            name: as text, unique among the run's.
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


def find_loggers(names: Sequence[str], *, root: Path | None = None) -> list[type[Logger]]:
    """Return the classes of the loggers `names`, each once; nothing is opened or written.

    Args:
        names: file names of this folder, or `module:object`.
        root: the workspace, where modules of one's own lie.

    Raises:
        RecipeError: there is no such logger, or what it needs is not installed.
    """
    contract = extensions.ExtensionContract(
        "a subclass of podium.training.loggers.Logger", _is_logger
    )
    found = []
    for name in dict.fromkeys(names):
        kind: type[Logger] = extensions.load(
            sys.modules[__name__], name, "LOGGER", error=RecipeError, contract=contract, root=root
        )
        _require_installed(name, kind)
        found.append(kind)
    return found


def _is_logger(found: Any) -> bool:
    return isinstance(found, type) and issubclass(found, Logger)


def _require_installed(name: str, kind: type[Logger]) -> None:
    missing = [one for one in kind.needs if importlib.util.find_spec(one) is None]
    if missing:
        by_extra = (
            f"pip install 'podium-kaggle[{name}]'" if ":" not in name else f"install {missing[0]}"
        )
        raise RecipeError(
            f"the logger {name} needs {' and '.join(missing)}, which is not installed",
            where="loggers",
            fix=f"{by_extra}, or take {name} out of loggers",
        )


def open_loggers(
    names: Sequence[str],
    folder: Path,
    *,
    title: str,
    settings: Mapping[str, Any] | None = None,
    root: Path | None = None,
) -> list[Logger]:
    """Return the loggers `names` of one fold; nothing is written before `log_all`.

    Args:
        names: as in a recipe's `loggers`.
        folder: of the fold.
        title: the fold for people.
        settings: the resolved recipe as plain data; logged once.
        root: the workspace, where modules of one's own lie.

    Raises:
        RecipeError: there is no such logger, or what it needs is not installed.
    """
    kinds = find_loggers(names, root=root)
    return [kind(folder, title=title, settings=settings or {}) for kind in kinds]
