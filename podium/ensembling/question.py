"""What is asked of a blend: which members, on which rows, and how each task is blended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.spec import Competition, TaskName
from podium.ensembling.method import method_identity
from podium.predictions.reading import PredictionSet
from podium.workspace.layout import Workspace

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LABEL_METHOD", "MASK_METHOD", "Question"]

LABEL_METHOD, MASK_METHOD = "hill_climb", "mean"
"""How labels and masks are blended where nobody says it."""


@dataclass(frozen=True)
class Question:
    """Which members are blended, how, and on which rows.

    Attributes:
        workspace, competition: whose.
        samples: the train part.
        folds: `(N,)`, its folds.
        sets: prediction sets of the members.
        method: how labels are blended.
        mask_method: how masks are.
        families: how the scored task may be blended; the method is then chosen of these. Empty: it
            is blended as `method` or `mask_method` says.
        grid: steps with values to try for the scored task; none: podium's own search.
        trials, seed: of the searches.
        storage: URL of an Optuna database for the study of a mask decision; None keeps none.
        notes: for who reads the scores.
        raw: whether decisions are the raw maximum, and not the robust choice.
    """

    workspace: Workspace
    competition: Competition
    samples: pd.DataFrame
    folds: NDArray[np.int64]
    sets: Sequence[Path]
    method: str = LABEL_METHOD
    mask_method: str = MASK_METHOD
    families: tuple[str, ...] = ()
    trials: int = 50
    seed: int = 0
    storage: str | None = None
    notes: tuple[str, ...] = ()
    grid: tuple[dict[str, Any], ...] = ()
    raw: bool = False

    @property
    def groups(self) -> NDArray[Any] | None:
        """`(N,)`; None: the competition has no groups."""
        if self.competition.folds.group is None:
            return None
        return np.asarray(self.samples["group"].to_numpy())

    def method_of(self, task: TaskName) -> str:
        """Return how this task is blended."""
        return self.method if task == "classify" else self.mask_method

    def identity_of(self, task: TaskName) -> str | list[str]:
        """Return what an id hashes of how this task is blended.

        Where the method is chosen of families, they are hashed in its place: which of them it will
        be is known only after fitting.
        """
        families, root = self.families_of(task), self.workspace.root
        if families:
            return [method_identity(one, root=root) for one in families]
        return method_identity(self.method_of(task), root=root)

    def families_of(self, task: TaskName) -> tuple[str, ...]:
        """Return the methods of which one is chosen for this task; none where it is given."""
        return self.families if task == self.competition.scored_task else ()

    def grid_of(self, task: TaskName) -> tuple[dict[str, Any], ...]:
        """Return the decisions that are tried for this task; none: those of podium's search."""
        return self.grid if task == self.competition.scored_task else ()

    def how(self, task: TaskName) -> str:
        """Return in words how this task is blended."""
        families = self.families_of(task)
        return f"methods to try: {len(families)}" if families else self.method_of(task)

    def having(self, task: TaskName) -> list[Path]:
        """Return the sets of the members that predict `task`."""
        return [one for one in self.sets if task in PredictionSet(one).tasks("oof")]
