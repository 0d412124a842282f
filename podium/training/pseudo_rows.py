"""Pseudo-labels that `podium pseudo` wrote, as rows to learn from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from podium.competition.spec import Competition
from podium.training.recipe import Recipe
from podium.workspace.layout import Workspace
from podium.workspace.progress import Progress

if TYPE_CHECKING:
    from podium.training.fold_files import Fold
    from podium.training.job import Job
    from podium.training.rows import Rows

__all__ = ["pseudo_facts", "pseudo_rows"]


def pseudo_rows(job: Job, fold: Fold, progress: Progress) -> list[Rows]:
    """Return what the recipe's artefacts say for `fold` as rows."""
    return []


def pseudo_facts(workspace: Workspace, competition: Competition, recipe: Recipe) -> dict[str, Any]:
    """Return what a run's id hashes of them."""
    return {}
