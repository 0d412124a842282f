"""Where predictions made elsewhere are brought to: our samples, their order, folds and sizes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.folds_file import ensure_folds
from podium.competition.images import first_file, image_size
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.predictions.mask_reading import Size
from podium.predictions.reading import Split
from podium.training.identity import folds_digest
from podium.workspace.ids import short_digest
from podium.workspace.layout import Workspace

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Home"]

IMPORT_FORMAT = 1
"""Raised by hand when podium changes what becomes of the same files."""


@dataclass(frozen=True)
class Home:
    """Where predictions are brought to.

    Attributes:
        workspace, competition: ours.
        train, test: samples; those of test may have no row.
        folds: `(N,)` of train.
    """

    workspace: Workspace
    competition: Competition
    train: pd.DataFrame
    test: pd.DataFrame
    folds: NDArray[np.int64]

    @classmethod
    def of(cls, workspace: Workspace, competition: Competition) -> Home:
        """Return the samples and folds of a workspace; the first call makes `folds.csv`."""
        train = load_samples(competition, "train", workspace=workspace)
        test = load_samples(competition, "test")
        return cls(workspace, competition, train, test, ensure_folds(workspace, competition, train))

    @property
    def train_ids(self) -> list[str]:
        return [str(one) for one in self.train["id"]]

    @property
    def test_ids(self) -> list[str]:
        return [str(one) for one in self.test["id"]]

    @property
    def id_names(self) -> tuple[str, ...]:
        """What a column of ids is called in the competition's own tables."""
        data = self.competition.data
        sources = [one for one in (data.train, data.test) if one is not None]
        return tuple(dict.fromkeys(one.id for one in sources if one.table is not None and one.id))

    @property
    def groups(self) -> list[list[Any]]:
        """Lists of `(N,)` keys of train rows that no fold may tear apart."""
        columns = ["unit"] if self.competition.folds.group is None else ["unit", "group"]
        return [self.train[one].tolist() for one in columns]

    def sizes(self, split: Split, rows: Sequence[int]) -> list[Size]:
        """Return (height, width) of the masks of some rows of a split, in the frame."""
        competition = self.competition
        if competition.frame != "native":
            return [competition.frame] * len(rows)
        images = (self.train if split == "oof" else self.test)["images"]
        return [
            image_size(competition.root / first_file(images.iloc[i]), competition.reader)
            for i in rows
        ]

    def facts(self) -> dict[str, Any]:
        """Return what an import depends on beside its files."""
        competition = self.competition
        return {
            "format": IMPORT_FORMAT,
            "folds": folds_digest(self.train["id"], self.folds),
            "together": short_digest([[str(one) for one in keys] for keys in self.groups]),
            "test": short_digest(self.test_ids),
            "tasks": {name: str(kind) for name, kind in competition.tasks.items()},
            "classes": list(competition.classes),
            "frame": str(competition.frame),
        }
