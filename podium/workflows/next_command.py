"""Commands to go on with: what `podium init`, and `podium status` before a first run, propose."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from podium.competition.spec import Competition
from podium.errors import PodiumError
from podium.models.weights.reach import are_within_reach
from podium.training.recipe import load_recipe
from podium.training.starters import first_recipe, fitting_recipes
from podium.workspace.layout import Workspace

__all__ = ["NextCommand", "first_to_train", "first_training"]


@dataclass(frozen=True)
class NextCommand:
    """A command to go on with, and what for; without a command a person has to do something."""

    command: str
    purpose: str


def first_training(workspace: Workspace, competition: Competition) -> NextCommand:
    """Return what trains the first recipe whose pretrained weights `podium train` would find.

    Where there is none, it is what writes some: weights within reach, or a start without any.
    """
    first = first_recipe(workspace.recipes, competition)
    if first is None:
        return NextCommand("podium recipes suggest --write", "write recipes that can run here")
    name = first_to_train(workspace, competition)
    if name is not None:
        return NextCommand(f"podium train {name}", "train a first recipe over the folds")
    purpose = f"write recipes that can run here: the weights of {first} cannot be downloaded"
    return NextCommand("podium recipes suggest --write", purpose)


def first_to_train(
    workspace: Workspace, competition: Competition, among: Collection[str] = ()
) -> str | None:
    """Return the first recipe, of those `among` if any is named, whose weights are within reach."""
    first = first_recipe(workspace.recipes, competition)
    every = [] if first is None else [first, *fitting_recipes(workspace.recipes, competition)]
    for name in dict.fromkeys(every):
        if (not among or name in among) and _can_start(workspace, name):
            return name
    return None


def _can_start(workspace: Workspace, name: str) -> bool:
    """Return whether the weights that a recipe starts from are within reach."""
    try:
        recipe = load_recipe(workspace.recipes / f"{name}.yaml")
    except (OSError, PodiumError):
        return True  # `podium train` tells what is wrong with it
    try:
        # Whether timm has such a network is asked by who trains: loading it takes many seconds.
        return are_within_reach(recipe.model, workspace.root)
    except PodiumError:
        return False
