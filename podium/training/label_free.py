"""Runs that learn from images alone: one network on all of them, no folds, nothing predicted.

Where no phase needs labels there is nothing that a fold could hide, so `podium train` trains one
network, fold "full", on what the recipe's `unlabelled` names. It is there to be started from, with
`model.from`; the folds that do may be of any kind. No torch here before a method is looked at.
"""

from __future__ import annotations

from pathlib import Path

from podium.errors import RecipeError
from podium.models.weight_files import find_weights
from podium.training.recipe import Recipe
from podium.workspace.layout import Workspace
from podium.workspace.records import RECORD_FILE, learnt_without_labels, read_record

__all__ = ["is_label_free", "refuse_labelled_weights", "refuse_labels", "require_scores"]


def is_label_free(recipe: Recipe, root: Path | None = None) -> bool:
    """Tell whether no phase of `recipe` learns from labels.

    Args:
        recipe: as resolved.
        root: the workspace's folder, in which a method `module:object` is looked for first.

    Raises:
        RecipeError: there is no such method.
    """
    if any(phase.method.name == "supervised" for phase in recipe.phases):
        return False
    from podium.training.batches import LABELLED
    from podium.training.phase_plans import method_of

    return all(LABELLED not in method_of(phase, root).needs for phase in recipe.phases)


def refuse_labels(recipe: Recipe) -> None:
    """Raise for what a recipe whose phases learn without labels says of labels all the same.

    Raises:
        RecipeError: names the key.
    """
    given = [
        ("pseudo", bool(recipe.pseudo)),
        ("extra", bool(recipe.extra)),
        ("class_weights", recipe.class_weights != "none"),
        ("label_smoothing", recipe.label_smoothing > 0),
        ("sampling", recipe.sampling != "shuffle"),
        *((f"phase {phase.name}: loss", phase.loss is not None) for phase in recipe.phases),
    ]
    for key, is_given in given:
        if is_given:
            raise RecipeError(
                "no phase learns from labels, so this would teach nothing",
                where=key,
                fix="leave it out, or add a phase that learns from labels",
            )


def refuse_labelled_weights(recipe: Recipe, workspace: Workspace) -> None:
    """Raise where a recipe without labels starts from a checkpoint of a run that had some.

    Such a run is refused as `model.from`, too.

    Raises:
        RecipeError: names the run; or there is no such file.
    """
    if recipe.model.weights is None:
        return
    file = find_weights(recipe.model.weights, workspace.root).resolve()
    runs = workspace.runs.resolve()
    if not file.is_relative_to(runs):
        return
    run = runs / file.relative_to(runs).parts[0]
    if (run / RECORD_FILE).is_file() and not learnt_without_labels(read_record(run)):
        raise RecipeError(
            f"these weights are of {run.name}, which learnt from labels, and this run does not: "
            "whose folds started from this one would know the labels of their validation rows",
            where="model.weights",
            fix="start from a run that learnt without labels, or put both phases into one recipe",
        )


def require_scores(recipe: Recipe, root: Path | None = None) -> None:
    """Raise for a recipe that is to be tried, and learns nothing that could be scored.

    Raises:
        RecipeError: no phase learns from labels.
    """
    if is_label_free(recipe, root):
        raise RecipeError(
            "trials are scored, and no phase of this recipe learns from labels",
            where="phases",
            fix="add a phase that learns from labels, or try one that starts from this run",
        )
