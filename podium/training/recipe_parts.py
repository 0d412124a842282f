"""Whether the parts that a recipe names are there and take their options, before data are read."""

from __future__ import annotations

import typing
from pathlib import Path

from podium.competition.spec import TaskKind, TaskName
from podium.errors import RecipeError
from podium.models.any_backbone import require_backbone
from podium.training import losses, policies
from podium.training.losses._loss import Loss
from podium.training.objective import build_objective
from podium.training.phase_plans import method_options
from podium.training.policies._listed import listed
from podium.training.recipe import Phase, Recipe
from podium.workspace import extensions

__all__ = ["check_parts"]

_KINDS: tuple[TaskKind, ...] = ("multiclass", "binary", "multilabel", "regression")
_TASKS: tuple[str, ...] = typing.get_args(TaskName)


def check_parts(recipe: Recipe, root: Path | None = None) -> None:
    """Check the backbone, the augmentation, and each phase's method and losses.

    No network is built and nothing is read but code. What a competition refuses, as a loss of masks
    where all answers are labels, is found when a run is planned.

    Args:
        recipe: as it is resolved.
        root: the workspace's folder, in which `module:object` is looked for first.

    Raises:
        RecipeError: there is no such part, or it refuses its options.
    """
    require_backbone(recipe.model.backbone)
    if isinstance(recipe.input.train, str):
        extensions.load(policies, recipe.input.train, "POLICY", error=RecipeError, root=root)
    else:
        listed(recipe.input.train)
    for phase in recipe.phases:
        method_options(phase, root)
        _check_losses(phase, root, recipe.model.cosine_scale)


def _check_losses(phase: Phase, root: Path | None, cosine_scale: float | None) -> None:
    for task, terms in (phase.loss or {}).items():
        if task not in _TASKS:
            raise RecipeError(
                f"there is no task {task!r}", where="loss", fix=f"write {' or '.join(_TASKS)}"
            )
        for name, setting in terms.items():
            build_objective(
                {task: {name: setting}},
                kinds={task: _kind(name, root)},
                root=root,
                cosine_scale=cosine_scale,
            )


def _kind(name: str, root: Path | None) -> TaskKind:
    """Return a kind of task that the loss `name` fits; any does for the weight of a head."""
    if name == "weight":
        return "multiclass"
    loss = extensions.load(losses, name, "LOSS", error=RecipeError, root=root)
    return next(kind for kind in _KINDS if not isinstance(loss, Loss) or kind in loss.kinds)
