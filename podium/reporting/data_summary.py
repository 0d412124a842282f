"""What the data are: images by split, classes, and how the folds share them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podium.competition.folds import read_folds
from podium.competition.samples import load_samples, truth
from podium.competition.spec import Competition
from podium.errors import PodiumError
from podium.reporting.best import class_names
from podium.workspace.layout import Workspace

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DataSummary", "summarise"]


@dataclass(frozen=True)
class DataSummary:
    """Counts; None where a part could not be read or does not exist.

    Attributes:
        splits: (name, images) of each part.
        samples: rows of the train part.
        folds: `(N,)`, -1 for rows that are never validated.
        fold_names: `(F,)`.
        classes: `(C,)`.
        counts: `(C, F)`: rows of each class in each fold.
        n_groups: groups in the train part.
        problems: what could not be read, and why.
    """

    splits: tuple[tuple[str, int], ...] = ()
    samples: pd.DataFrame | None = None
    folds: NDArray[np.int64] | None = None
    fold_names: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    counts: NDArray[np.int64] | None = None
    n_groups: int | None = None
    problems: tuple[str, ...] = ()


def summarise(workspace: Workspace, competition: Competition) -> DataSummary:
    """Return what the data are; what cannot be read is told, not raised."""
    problems: list[str] = []
    splits: list[tuple[str, int]] = []
    train: pd.DataFrame | None = None
    for name in ("train", "unlabelled", "test"):
        if getattr(competition.data, name) is None:
            continue
        try:
            samples = load_samples(competition, name)
        except PodiumError as error:
            problems.append(f"{name}: {error}")
            continue
        splits.append((name, len(samples)))
        train = samples if name == "train" else train
    folds: NDArray[np.int64] | None = None
    if train is not None and workspace.folds_file.is_file():
        try:
            folds = read_folds(workspace, competition, train)
        except PodiumError as error:
            problems.append(f"folds: {error}")
    known = DataSummary(tuple(splits), train, folds, problems=tuple(problems))
    return known if train is None else _counted(known, competition, train)


def _counted(known: DataSummary, competition: Competition, train: pd.DataFrame) -> DataSummary:
    from dataclasses import replace

    has_groups = competition.folds.group is not None
    known = replace(known, n_groups=int(train["group"].nunique()) if has_groups else None)
    folds = np.zeros(len(train), dtype=np.int64) if known.folds is None else known.folds
    numbers, columns = np.unique(folds, return_inverse=True)
    names = tuple("never validated" if k < 0 else str(k) for k in numbers)
    if known.folds is None:
        names = ("no folds yet",)
    known = replace(known, fold_names=names)
    if competition.kind == "regression":
        return known
    classes = tuple(class_names(competition))
    labels = truth(train, competition)
    if competition.kind != "multilabel":
        labels = labels[:, None] == np.arange(len(classes))
    counts = np.zeros((len(names), len(classes)), dtype=np.int64)
    np.add.at(counts, columns, labels.astype(np.int64))
    return replace(known, classes=classes, counts=counts.T)
