"""Short trainings of one fold for a search: scored on its validation rows, kept nowhere else."""

from __future__ import annotations

from collections.abc import Mapping

from podium.competition import metrics
from podium.competition.spec import Competition
from podium.errors import DataError, RecipeError
from podium.training.deadline import Deadline
from podium.training.identity import run_id
from podium.training.job import Job, TrainingData
from podium.training.recipe import Phase, Recipe
from podium.workspace.ids import short_digest
from podium.workspace.layout import Workspace
from podium.workspace.locks import hold
from podium.workspace.progress import SILENT, Progress

__all__ = ["loss_weights", "trial_score", "with_loss_weights"]


def trial_score(
    workspace: Workspace,
    competition: Competition,
    recipe: Recipe,
    *,
    name: str,
    fold: int,
    progress: Progress = SILENT,
) -> float:
    """Return the competition's score on `fold` after training `recipe` without it.

    The score is that of the last epoch, at the network's own resolution. What is trained lies in
    the workspace's private folder: the same call after an interruption goes on, and a trial that
    ran is not run again.

    Raises:
        RecipeError: the network has no head for the task that is scored.
        DataError: the score is undefined on the fold.
        PodiumError: as training does.
    """
    from podium.training.fitting import fit_fold

    data = TrainingData.load(workspace, competition)
    identity, inputs = run_id(
        workspace, competition, recipe, name=name, samples=data.samples, folds=data.folds
    )
    # What is kept of a training has the scores, and another metric scores anew.
    folder = f"{identity}-{short_digest(metrics.facts_of(competition))}"
    recipe = recipe.model_copy(update={"loggers": ()})  # a search would bury the runs there
    job = Job(workspace, competition, recipe, data, workspace.private / "trials" / folder, inputs)
    task, metric = competition.scored_task, competition.metric.name
    if task not in job.tasks:
        raise RecipeError(
            f"trials are scored by {metric}, and the network has no head for {task}",
            where="model.heads",
            fix=f"add {task} to the heads, or leave heads out",
        )
    files = job.files(fold)
    files.folder.mkdir(parents=True, exist_ok=True)
    with hold(files.lock, what=f"trial {identity}"):
        if not files.is_done:
            fit_fold(job, fold, deadline=Deadline(None), progress=progress)
    score = files.read_done()["stages"][-1]["scores"][metric]
    if score is None:
        raise DataError(
            f"{metric} is undefined on these rows: trials cannot be compared by it",
            where=files.title,
            fix="choose another fold, or change the metric's options",
        )
    return float(score)


def loss_weights(recipe: Recipe) -> dict[str, float]:
    """Return the weight of each loss term of the recipe's phases, as `segment.dice`.

    A term that several phases have counts with its weight in the last of them.

    Raises:
        RecipeError: no phase names its losses.
    """
    found: dict[str, float] = {}
    for phase in recipe.phases:
        for task, terms in (phase.loss or {}).items():
            found |= {
                f"{task}.{name}": _weight(one) for name, one in terms.items() if _is_term(name)
            }
    if not found:
        raise RecipeError(
            "no phase names its losses, so there is nothing to weigh",
            where="phases",
            fix="write loss: {segment: {ce: 1, dice: 1}} in a phase",
        )
    return found


def with_loss_weights(recipe: Recipe, weights: Mapping[str, float]) -> Recipe:
    """Return the recipe with these weights in every phase that has the terms."""
    phases = [_reweighted(phase, weights) for phase in recipe.phases]
    return recipe.model_copy(update={"phases": phases})


def _reweighted(phase: Phase, weights: Mapping[str, float]) -> Phase:
    loss = {
        task: {
            name: _with_weight(setting, weights.get(f"{task}.{name}"))
            for name, setting in terms.items()
        }
        for task, terms in (phase.loss or {}).items()
    }
    return phase.model_copy(update={"loss": loss or phase.loss})


def _with_weight(setting: object, weight: float | None) -> object:
    if weight is None:
        return setting
    return {**setting, "weight": weight} if isinstance(setting, Mapping) else weight


def _is_term(name: str) -> bool:
    return name != "weight"  # directly under a task it is the weight of the head


def _weight(setting: object) -> float:
    found = setting.get("weight", 1.0) if isinstance(setting, Mapping) else setting
    return float(found)  # type: ignore[arg-type]
