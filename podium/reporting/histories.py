"""The history of a training, read from `metrics.csv`: one row an epoch, over all phases."""

from __future__ import annotations

import csv
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from podium.errors import RunError
from podium.training.fold_files import FoldFiles

__all__ = ["History", "column", "longest", "read_histories"]

_logger = logging.getLogger(__name__)
START = "start"  # what training calls the network before its first phase
_NOT_VALUES = ("phase", "epoch")


@dataclass(frozen=True)
class History:
    """One fold's training.

    Attributes:
        phases: (first epoch, name) of each phase; epochs count from 1, over all phases.
        columns: name → `(epochs,)`, nan where nothing was written.
        start: metric → score of the network before the first epoch, where it was written.
    """

    phases: tuple[tuple[int, str], ...]
    columns: dict[str, NDArray[np.float64]]
    start: dict[str, float] = field(default_factory=dict)

    @property
    def n_epochs(self) -> int:
        return len(next(iter(self.columns.values()), ()))


def read_histories(run: Path) -> dict[str, History]:
    """Return fold → history of each fold of `run` that has finished an epoch, in order."""
    names = [folder.name.removeprefix("fold-") for folder in run.glob("fold-*")]
    numbers = sorted(int(one) for one in names if one.isdigit())
    found = {}
    for name in [*map(str, numbers), *(["full"] if "full" in names else [])]:
        files = FoldFiles(run, int(name) if name.isdigit() else "full")
        history = _read(files.metrics)
        if history is not None and history.n_epochs:
            found[name] = replace(history, start=_start(files))
    return found


def longest(histories: Mapping[str, History]) -> History:
    """Return the history with most epochs, the first of several; it knows all phases."""
    return max(histories.values(), key=lambda one: one.n_epochs)


def column(histories: Mapping[str, History], name: str) -> dict[str, NDArray[np.float64]]:
    """Return fold → `(epochs,)` of each fold that wrote a finite value of `name`."""
    found = {fold: one.columns[name] for fold, one in histories.items() if name in one.columns}
    return {fold: values for fold, values in found.items() if np.isfinite(values).any()}


def _start(files: FoldFiles) -> dict[str, float]:
    """Return the scores before the first phase, which a finished fold has."""
    try:
        stages = files.read_done().get("stages", []) if files.is_done else []
        first = [one["scores"] for one in stages if one["phase"] == START]
        return {
            name: float(value) for one in first for name, value in one.items() if value is not None
        }
    except (RunError, TypeError, KeyError, ValueError, AttributeError) as error:
        _logger.warning("skipped: %s has no scores of its start: %s", files.done, error)
        return {}


def _read(file: Path) -> History | None:
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        phases: list[tuple[int, str]] = []
        for number, row in enumerate(rows, start=1):
            if not phases or phases[-1][1] != row["phase"]:
                phases.append((number, row["phase"]))
        names = [name for name in (rows[0] if rows else ()) if name not in _NOT_VALUES]
        columns = {
            name: np.array([float(row[name] or "nan") for row in rows], dtype=np.float64)
            for name in names
        }
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, csv.Error) as error:
        _logger.warning("skipped: %s is no history: %s", file, error)
        return None
    return History(tuple(phases), columns)
