"""Short trainings for a search: scored on the fold that they did not see, and kept nowhere else."""

from __future__ import annotations

from collections.abc import Sequence

from podium.competition import metrics
from podium.competition.spec import Competition
from podium.errors import DataError, RecipeError
from podium.training.deadline import Deadline
from podium.training.identity import run_id
from podium.training.job import Job, TrainingData, answered_tasks
from podium.training.label_free import require_scores
from podium.training.recipe import Recipe
from podium.training.scoring import MaskScorer, Scorer
from podium.workspace.ids import short_digest
from podium.workspace.layout import Workspace
from podium.workspace.locks import hold
from podium.workspace.progress import SILENT, Progress

__all__ = ["trial_metrics", "trial_scores"]


def trial_metrics(competition: Competition, recipe: Recipe) -> dict[str, bool]:
    """Return what a trial of `recipe` can be scored by, and whether a greater score is better.

    One metric a task that the network answers: the competition's for the task that it scores, the
    usual one for the other. The competition's comes first.

    Raises:
        RecipeError: the network has no head for the task that the competition scores, or the recipe
            learns without labels.
        DataError: the competition's metric cannot score its task.
    """
    require_scores(recipe, competition.root)
    tasks, scored = answered_tasks(recipe, competition), competition.scored_task
    if scored not in tasks:
        raise RecipeError(
            f"trials are scored by {competition.metric.name}, and the network has no head "
            f"for {scored}",
            where="model.heads",
            fix=f"add {scored} to the heads, or leave heads out",
        )
    found: dict[str, bool] = {}
    for task in (scored, *(one for one in tasks if one != scored)):
        scorer = Scorer(competition) if task == "classify" else MaskScorer(competition)
        found[scorer.name] = scorer.is_better(1.0, 0.0)
    return found


def trial_scores(
    workspace: Workspace,
    competition: Competition,
    recipe: Recipe,
    *,
    name: str,
    fold: int,
    by: Sequence[str],
    data: TrainingData | None = None,
    progress: Progress = SILENT,
) -> tuple[float, ...]:
    """Return the scores on `fold` after training `recipe` without it, one for each metric in `by`.

    The scores are those of the last epoch, at the network's own resolution. What is trained lies in
    the workspace's private folder, and of what is finished only the scores are kept: the same call
    after an interruption goes on, and a fold that was trained is not trained again.

    Args:
        workspace: where it is kept.
        competition: whose data are trained on.
        recipe: as resolved.
        name: what such trainings are called.
        fold: one of the competition's.
        by: names of metrics, of those that `trial_metrics` returns.
        data: the training samples, if they are at hand.
        progress: gets a bar of the steps.

    Raises:
        DataError: a score is undefined on the fold.
        PodiumError: as training does.
    """
    data = data or TrainingData.load(workspace, competition)
    identity, inputs = run_id(
        workspace, competition, recipe, name=name, samples=data.samples, folds=data.folds
    )
    # What is kept of a training has the scores, and another metric scores anew.
    folder = f"{identity}-{short_digest(metrics.facts_of(competition))}"
    # A search would bury the runs there, and nobody looks at what its trials keep.
    recipe = recipe.model_copy(update={"loggers": (), "keep": None})
    job = Job(workspace, competition, recipe, data, workspace.private / "trials" / folder, inputs)
    files = job.files(fold)
    files.folder.mkdir(parents=True, exist_ok=True)
    with hold(files.lock, what=f"fold {fold} of trial {identity}"):
        if not files.is_done:
            from podium.training.fitting import fit_fold

            fit_fold(job, fold, deadline=Deadline(None), progress=progress)
        # Nobody predicts with it, and a hundred networks fill a disk.
        for rule in ("last", "best"):
            files.checkpoint(rule).unlink(missing_ok=True)
        files.forget_unfinished()
    scores = files.read_done()["stages"][-1]["scores"]
    undefined = [metric for metric in by if scores[metric] is None]
    if undefined:
        raise DataError(
            f"{undefined[0]} is undefined on these rows: trials cannot be compared by it",
            where=files.title,
            fix="choose other folds, or change the metric's options",
        )
    return tuple(float(scores[metric]) for metric in by)
