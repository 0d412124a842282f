"""Search of loss weights: the weights that change a result, and short trainings to score them.

A phase minimises a sum of weighted terms. A factor that all of them have in common changes
nothing: Adam and AdamW divide a gradient by its own size, and for SGD it is the learning rate under
another name. So only the ratios of the terms within a phase are searched, and the first term keeps
its weight. A weight has a name, and one factor for all phases that have it:

    segment.dice       a term of a task's loss, as in `loss: {segment: {dice: 1}}`
    segment.weight     the head: of all terms of the task, `loss: {segment: {weight: 1}}`
    fixmatch.weight    an option of the phase's method, called weight or …_weight: of its term about
                       unlabelled samples

A weight of 0 switches a term off and stays 0. A trial is scored on its held-out fold, and its
weights are not kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.spec import Competition
from podium.errors import DataError, RecipeError
from podium.tasks.protocols.names import IMAGES, has_images, is_of_images
from podium.training.data.sampling import LABELLED
from podium.training.fit.fold import fit_fold
from podium.training.fit.phase_plans import method_of, method_options
from podium.training.objective import HEAD_WEIGHT
from podium.training.ordinal_links import link_of
from podium.training.recipe import MethodChoice, Phase, Recipe
from podium.training.runs.ids import run_id
from podium.training.runs.job import Deadline, Job, TrainingData, predicted_tasks
from podium.training.runs.pretraining import require_scores
from podium.training.runs.scoring import FoldLabelScorer, FoldMaskScorer
from podium.workspace.atomic import remove
from podium.workspace.digests import is_damaged
from podium.workspace.ids import short_digest
from podium.workspace.layout import Workspace
from podium.workspace.locks import hold
from podium.workspace.progress import SILENT, Progress

__all__ = [
    "loss_weights",
    "searched_weights",
    "trial_metrics",
    "trial_scores",
    "with_default_losses",
    "with_factors",
]


DIGITS = 4
"""Of a weight in a recipe that is written."""

Weights = dict[str, float]


def with_default_losses(recipe: Recipe, competition: Competition) -> Recipe:
    """Return the recipe with the usual losses named in every phase that leaves them out.

    What it trains is the same; its weights have a place to stand.

    Raises:
        RecipeError: the recipe names a method or a link that cannot be.
    """
    predicted = predicted_tasks(recipe, competition)
    kinds = {task: metrics.kind_to_learn(competition, task) for task in predicted}
    link = link_of(recipe.model, competition)
    if link is not None and has_images(kinds):
        kinds[IMAGES] = link.kind

    def named(phase: Phase) -> Phase:
        if LABELLED not in method_of(phase, competition.root).needs:
            return phase
        loss: Mapping[str, Mapping[str, Any]] = phase.loss or {task: {} for task in kinds}
        usual = {
            # A task that the competition has not is refused where the objective is built.
            task: kinds[task].usual_loss if task in kinds and not _terms(terms) else {}
            for task, terms in loss.items()
        }
        return phase.model_copy(
            update={"loss": {task: {**terms, **usual[task]} for task, terms in loss.items()}}
        )

    return recipe.model_copy(update={"phases": [named(phase) for phase in recipe.phases]})


def loss_weights(recipe: Recipe, root: Path | None = None) -> Weights:
    """Return every weight above 0 by its name; of several phases that of the last counts.

    Args:
        recipe: with its losses named, as `with_default_losses` returns it.
        root: the workspace's folder, in which methods outside podium are looked for first.
    """
    found: Weights = {}
    for phase in recipe.phases:
        found |= {name: weight for name, weight in _of_phase(phase, root).items() if weight > 0}
    return found


def searched_weights(recipe: Recipe, root: Path | None = None) -> tuple[str, ...]:
    """Return the names of the weights that a search can use, in the order of the recipe.

    A weight is searched if it changes a ratio of two terms of one phase that no other searched
    weight changes. They are tried from the last to the first; the first terms of tasks, and then
    the first head, come last: of `{classify: {ce: 1}, segment: {ce: 1, dice: 1}}` there remain
    `segment.weight`, masks against labels, and `segment.dice`, against the other term of masks. A
    term that is alone in its phases has no ratio.

    Args:
        recipe: with its losses named, as `with_default_losses` returns it.
        root: as in `loss_weights`.

    Raises:
        RecipeError: there is none.
    """
    order = _candidates(recipe, root)
    effect = _ratios(recipe, order, root)  # (terms of all phases, candidates)
    chosen: list[int] = []
    for index in reversed(range(len(order))):
        rank = np.linalg.matrix_rank(effect[:, [*chosen, index]]) if len(effect) else 0
        if rank > len(chosen):
            chosen.append(index)
    if not chosen:
        raise RecipeError(
            "no phase has two loss terms, so there are no weights to search",
            where="phases",
            fix="write two terms or more, as loss: {segment: {ce: 1, dice: 1}}",
        )
    kept = {order[index] for index in chosen}
    return tuple(name for name in loss_weights(recipe, root) if name in kept)


def with_factors(recipe: Recipe, factors: Mapping[str, float], root: Path | None = None) -> Recipe:
    """Return the recipe with each named weight multiplied by its factor, in every phase.

    Weights are rounded to four digits; a factor of 1 leaves them as they are written.
    """
    changed = {name: factor for name, factor in factors.items() if factor != 1}
    phases = [_multiplied(phase, changed, root) for phase in recipe.phases]
    return recipe.model_copy(update={"phases": phases})


def _multiplied(phase: Phase, factors: Mapping[str, float], root: Path | None) -> Phase:
    own = _of_phase(phase, root)
    new = {
        name: float(f"{own[name] * factor:.{DIGITS}g}")
        for name, factor in factors.items()
        if name in own
    }
    loss = {
        task: {
            **terms,
            **{
                part: _with_weight(terms.get(part), new[f"{task}.{part}"])
                for part in (HEAD_WEIGHT, *_terms(terms))
                if f"{task}.{part}" in new
            },
        }
        for task, terms in (phase.loss or {}).items()
    }
    choice = phase.method
    options = {
        part: new[f"{choice.name}.{part}"]
        for part in _weights_of_method(phase, root)
        if f"{choice.name}.{part}" in new
    }
    method = MethodChoice(**{**choice.model_dump(), **options}) if options else choice
    return phase.model_copy(update={"loss": loss or phase.loss, "method": method})


def _with_weight(setting: object, weight: float) -> object:
    return {**setting, "weight": weight} if isinstance(setting, Mapping) else weight


def _of_phase(phase: Phase, root: Path | None) -> Weights:
    """Return the weights of one phase, zeros too, tasks first, then the method's."""
    found: Weights = {}
    for task, terms in (phase.loss or {}).items():
        found[f"{task}.{HEAD_WEIGHT}"] = _weight(terms.get(HEAD_WEIGHT, 1.0))
        found |= {f"{task}.{name}": _weight(terms[name]) for name in _terms(terms)}
    for name, weight in _weights_of_method(phase, root).items():
        found[f"{phase.method.name}.{name}"] = weight
    return found


def _candidates(recipe: Recipe, root: Path | None) -> list[str]:
    """Return the names of all weights, those first that are to keep theirs."""
    present = loss_weights(recipe, root)
    first: dict[str, str] = {}
    heads: dict[str, None] = {}
    for phase in recipe.phases:
        for task, terms in (phase.loss or {}).items():
            heads[f"{task}.{HEAD_WEIGHT}"] = None
            for name in _terms(terms):
                if f"{task}.{name}" in present:
                    first.setdefault(task, f"{task}.{name}")
    keeping = [*first.values(), *(name for name in heads if name in present)]
    return [*keeping, *(name for name in present if name not in keeping)]


def _ratios(recipe: Recipe, names: list[str], root: Path | None) -> NDArray[np.float64]:
    """Return how the terms of the phases move against each other, `(terms, names)`.

    Entry (t, n) is the derivative of the logarithm of term t's weight by that of n's factor, less
    the mean over the terms of t's phase.
    """
    rows: list[NDArray[np.float64]] = []
    for phase in recipe.phases:
        own = {name: weight for name, weight in _of_phase(phase, root).items() if weight > 0}
        moved_by = [
            {f"{task}.{HEAD_WEIGHT}", f"{task}.{name}"}
            for task, terms in (phase.loss or {}).items()
            for name in _terms(terms)
            if f"{task}.{name}" in own and f"{task}.{HEAD_WEIGHT}" in own
        ]
        moved_by += [
            {name}
            for part in _weights_of_method(phase, root)
            if (name := f"{phase.method.name}.{part}") in own
        ]
        if moved_by:
            moves = np.array([[float(name in by) for name in names] for by in moved_by])
            rows.extend(moves - moves.mean(axis=0))
    return np.array(rows).reshape(len(rows), len(names))


def _terms(terms: Mapping[str, Any]) -> list[str]:
    return [name for name in terms if name != HEAD_WEIGHT]


def _weight(setting: object) -> float:
    found = setting.get("weight", 1.0) if isinstance(setting, Mapping) else setting
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise RecipeError(f"a weight is a number of at least 0, got {found!r}", where="phases")
    return float(found)


def _weights_of_method(phase: Phase, root: Path | None) -> Weights:
    """Return the method's own weights by the names of its options, defaults included."""
    return {
        name: float(value)
        for name, value in method_options(phase, root)
        if (name == "weight" or name.endswith("_weight")) and isinstance(value, int | float)
    }


def trial_metrics(competition: Competition, recipe: Recipe) -> dict[str, bool]:
    """Return the metrics that can score a trial of `recipe`, and whether a greater score is better.

    One metric for each task that the network predicts: the competition's for the task that it
    scores, the usual one for the other. The competition's comes first.

    Raises:
        RecipeError: the network has no head for the task that the competition scores, or the recipe
            learns without labels.
        DataError: the competition's metric cannot score its task.
    """
    require_scores(recipe, competition.root)
    tasks, scored = predicted_tasks(recipe, competition), competition.scored_task
    if scored not in tasks:
        raise RecipeError(
            f"trials are scored by {competition.metric.name}, and the network has no head "
            f"for {scored}",
            where="model.heads",
            fix=f"add {scored} to the heads, or leave heads out",
        )
    found: dict[str, bool] = {}
    for task in (scored, *(one for one in tasks if one != scored)):
        scorer = FoldLabelScorer(competition) if is_of_images(task) else FoldMaskScorer(competition)
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
    # A search would fill `runs/` with trials, of which nothing is used but the score.
    recipe = recipe.model_copy(update={"loggers": (), "keep": None})
    job = Job(workspace, competition, recipe, data, workspace.private / "trials" / folder, inputs)
    files = job.files(fold)
    files.folder.mkdir(parents=True, exist_ok=True)
    with hold(files.lock, what=f"fold {fold} of trial {identity}"):
        if is_damaged(files.done):
            remove(files.done)
        if not files.is_done:
            fit_fold(job, fold, deadline=Deadline(None), progress=progress)
        # Nobody predicts with it, and a hundred networks fill a disk.
        for rule in ("last", "best"):
            remove(files.checkpoint(rule))
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
