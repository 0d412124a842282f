"""What fold models say of rows that they learnt from, which is never out of fold.

    fold-K/learnt.json    ids, and the classes that were said of each

It lies outside the prediction sets: nothing that tunes, blends or scores can take it for one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from podium.errors import RunError
from podium.predictions.reading import Fold
from podium.workspace.atomic import write_text

__all__ = ["Learnt", "learnt_file", "read_learnt", "write_learnt"]

_FORMAT = 1


class Learnt(NamedTuple):
    """Rows that a fold learnt from, asked once it was trained.

    Attributes:
        ids: `(n,)`, of the train part.
        classes: `(n,)`, what is said of each: a class, or in a multilabel task any number.
    """

    ids: list[str]
    classes: list[list[int]]

    @classmethod
    def of(cls, ids: list[str], decisions: NDArray[np.integer[Any]]) -> Learnt:
        """Return what was decided of `ids`: `(n,)` classes, or `(n, C)` of 0 and 1."""
        if decisions.ndim == 1:
            return cls(ids, decisions[:, None].tolist())
        return cls(ids, [np.flatnonzero(row).tolist() for row in decisions])


def learnt_file(run: Path, fold: Fold | str) -> Path:
    """Return where it is kept."""
    return run / f"fold-{fold}" / "learnt.json"


def write_learnt(run: Path, fold: Fold | str, learnt: Learnt) -> Path:
    """Write it in place of an earlier answer, and return the file.

    Raises:
        OSError: it cannot be written.
    """
    file = learnt_file(run, fold)
    # ASCII alone: an id may hold a lone surrogate, which UTF-8 has not.
    write_text(file, json.dumps({"format": _FORMAT, "ids": learnt.ids, "classes": learnt.classes}))
    return file


def read_learnt(run: Path) -> dict[int, Learnt]:
    """Return what was kept, by fold in order; nothing where `podium explain` was not asked.

    Raises:
        RunError: a file is damaged.
    """
    each = {int(file.parent.name[5:]): file for file in run.glob("fold-[0-9]*/learnt.json")}
    return {fold: _read(each[fold]) for fold in sorted(each)}


def _read(file: Path) -> Learnt:
    try:
        facts = json.loads(file.read_text(encoding="ascii"))
        if facts["format"] != _FORMAT:
            raise ValueError(f"format {facts['format']} is not ours, {_FORMAT}")
        ids = [str(one) for one in facts["ids"]]
        classes = [[int(one) for one in each] for each in facts["classes"]]
        if len(classes) != len(ids):
            raise ValueError(f"{len(ids)} rows, and {len(classes)} answers")
    except (OSError, ValueError, KeyError, TypeError) as error:
        fix = "remove the file, and ask `podium explain --learnt` again"
        raise RunError(f"damaged: {error}", where=file, fix=fix) from error
    return Learnt(ids, classes)
