"""Plans of a recipe's phases: losses, method, views, and the samples that each is trained on.

`check_parts` checks that the parts that a recipe names exist and take their options, before data
are read.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ValidationError

from podium.competition.truths.masks import n_mask_classes
from podium.errors import RecipeError, plural, suggest
from podium.models.backbone_factory import require_backbone
from podium.tasks.protocols.find import find_kind, kind_names
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import (
    IMAGES,
    PIXELS,
    TaskName,
    has_images,
    has_pixels,
    is_of_images,
)
from podium.training import methods, policies
from podium.training.data.augment import Augmentation, StreamAugmentations
from podium.training.data.mixing import CUTMIX
from podium.training.data.rows import ColumnScale, SampleRows, column_scale
from podium.training.data.sampling import LABELLED, PSEUDO, UNLABELLED, Pool, ViewSpec
from podium.training.fit.phase_run import PhasePlan
from podium.training.method import (
    FIRST_STEP,
    Method,
    PhaseSetting,
    PseudoLabelEvaluator,
    SolvedMethod,
)
from podium.training.objective import (
    Objective,
    build_objective,
    class_weights_for,
    find_loss,
)
from podium.training.policies._load import (
    build_transforms,
    moving_transforms,
    turning_transforms,
)
from podium.training.pseudo.labelled_by_method import MaskSampling
from podium.training.recipe import (
    ManyFaultsError,
    MethodChoice,
    Phase,
    Recipe,
    naming_key,
)
from podium.training.runs.job import Job
from podium.workspace import extensions
from podium.workspace.documents import validation_problems, wrong_numbers
from podium.workspace.marked_yaml import DocumentProblem, dump_yaml, parse_yaml

__all__ = [
    "TILED_LABELS",
    "check_parts",
    "class_weights_of",
    "column_scale_of",
    "method_of",
    "method_options",
    "needed_pools",
    "plan_phase",
    "refuse_turning",
]


TILED_LABELS = "fit: tile shows a part of an image, which has not the image's label"


def needed_pools(recipe: Recipe, root: Path | None = None) -> set[Pool]:
    """Return the pools that the methods of a recipe's phases need.

    Raises:
        RecipeError: there is no such method, or it has not these options.
    """
    return {
        pool
        for phase in recipe.phases
        for pool in method_of(phase, root).pools(method_options(phase, root))
    }


def method_of(phase: Phase, root: Path | None = None) -> type[Method]:
    """Return the class of a phase's method; one outside podium is looked for in `root` first.

    Raises:
        RecipeError: there is no such method.
    """
    with naming_key("method.name"):
        kind: type[Method] = extensions.load(
            methods, phase.method.name, "METHOD", error=RecipeError, root=root, contract=_CONTRACT
        )
    return kind


def plan_phase(
    job: Job,
    phase: Phase,
    pools: Mapping[Pool, SampleRows],
    *,
    epochs: int,
    class_weights: NDArray[np.float64] | None,
    evaluator: PseudoLabelEvaluator | None = None,
) -> PhasePlan:
    """Return `phase` made ready.

    Args:
        pools: the fold's samples; of the labelled ones the phase takes those that have a label or
            mask for its tasks.
        epochs: number of epochs to run.
        class_weights: as `class_weights_of` returns them.
        evaluator: measures pseudo-labels against known labels.

    Raises:
        RecipeError: the phase is impossible, or none of the rows has a label or mask for its tasks.
    """
    recipe, kinds = job.recipe, {str(task): kind for task, kind in job.kinds.items()}
    scale = column_scale_of(job, pools)
    given: dict[str, Any] = {
        "class_weights": class_weights,
        "label_smoothing": recipe.label_smoothing,
        "n_outputs": job.n_outputs,
        "link": job.link,
        "cosine_scale": recipe.model.cosine_scale,
        "column_units": None if scale is None else scale.scale,
        "root": job.workspace.root,
    }
    _refuse_headless(job, phase)
    _refuse_unlearnt_statistics(job, phase)
    _refuse_unscored(job, phase)
    objective = Objective([])
    if not job.is_label_free:
        try:
            objective = build_objective(phase.loss, kinds=kinds, **given)
        except RecipeError as error:
            number = [one.name for one in recipe.phases].index(phase.name)
            where = f"phases[{number}].{error.where or 'loss'}"
            raise RecipeError(error.message, where=where, fix=error.fix) from error
    _refuse_useless_losses(job, phase, objective)
    by_task = {
        task: build_objective(
            None if phase.loss is None else {task: phase.loss[task]},
            kinds={task: kinds[task]},
            **given,
        )
        for task in sorted(objective.tasks)
    }
    method = _method(job, phase, objective, evaluator)
    _refuse_two_that_predict(recipe, phase, method)
    if isinstance(method, SolvedMethod):
        _refuse_unsolvable(job, phase, objective)
    _refuse_one_mask(job, phase, method, objective)
    chosen = dict(pools)
    if LABELLED in method.needs:
        chosen[LABELLED] = _with_targets(pools[LABELLED], phase, objective.tasks)
    views = StreamAugmentations(recipe.input, job.workspace.root, job.competition.pixels)
    for stream in method.streams(FIRST_STEP):
        views.check(stream.views)  # what is refused is refused before an epoch is spent
        if has_images(objective.tasks) and not set(method.needs) <= {UNLABELLED}:
            refuse_turning(stream.views, views, job.competition.kind)
    passes = {pool: rows.pass_length for pool, rows in chosen.items()}
    per_epoch = phase.steps_per_epoch or _epoch_steps(phase, method, passes)
    return PhasePlan(
        spec=phase,
        optimizer=phase.optimizer or recipe.optimizer,
        method=method,
        views=views,
        epochs=epochs,
        per_epoch=per_epoch,
        pools=chosen,
        objectives=by_task,
        mask_sampling=_mask_sampling(job),
    )


def _epoch_steps(phase: Phase, method: Method, passes: Mapping[Pool, int]) -> int:
    """Return the optimiser steps of an epoch of a phase, before any pseudo-label has joined.

    Raises:
        RecipeError: the method draws nothing of what the phase's epochs should pass over.
    """
    if phase.epoch is None:
        return method.epoch_steps(passes)
    where, name = f"phase {phase.name}", phase.method.name
    if phase.epoch == "all":
        # Of mode: local only the odd epochs are of labelled samples.
        steps = [replace(FIRST_STEP, epoch=epoch, index=epoch) for epoch in range(2)]
        if not any(PSEUDO in one.pools for step in steps for one in method.streams(step)):
            raise RecipeError(
                f"nothing joins the samples that {name} learns from, by which an epoch could grow",
                where=where,
                fix="write epoch: labelled or unlabelled",
            )
        return method.epoch_steps(passes)
    found = method.pass_steps(UNLABELLED if phase.epoch == "unlabelled" else LABELLED, passes)
    if found is None:
        raise RecipeError(
            f"{name} draws no batches of {phase.epoch} samples, so there is no pass over them",
            where=where,
            fix="leave epoch out, or write steps_per_epoch",
        )
    return found


def refuse_turning(
    specs: Sequence[ViewSpec], augmentation_of: Callable[[ViewSpec], Augmentation], kind: Kind
) -> None:
    """Raise where a view flips, turns or moves images whose answers would change with them.

    Args:
        specs: views of a stream, by the recipe's policy or by one that the method names.
        augmentation_of: builds a view.
        kind: of the labels.

    Raises:
        RecipeError: a view does, or may do so.
    """
    for spec in specs if kind.turns_with_image else ():
        listed = moving_transforms if kind.moves_with_image else turning_transforms
        turning = listed(augmentation_of(spec).transforms)
        if turning:
            how = "moves or turns" if kind.moves_with_image else "flips or turns"
            policy = "input.train" if spec.policy == "train" else f"the policy {spec.policy}"
            raise RecipeError(
                f"{turning[0]} of {policy} {how} the image, and the {kind} of an image "
                f"would have to {how.split()[-1][:-1]} with it",
                where="input.train" if spec.policy == "train" else f"view {spec.name}",
                fix="take a policy of colours alone, as photometric"
                if kind.moves_with_image
                else "take a policy of crops, shifts and colours"
                + ("" if spec.policy == "train" else ", or another method"),
            )


def _mask_sampling(job: Job) -> MaskSampling | None:
    if not job.balances_masks and job.recipe.empty_share is None:
        return None
    return MaskSampling(n_mask_classes(job.competition), job.balances_masks)


def class_weights_of(job: Job, labels: NDArray[Any] | None) -> NDArray[np.float64] | None:
    """Return the weights of the recipe's `class_weights:` on the labels of the training rows.

    Raises:
        RecipeError: there are no labels to weigh, or the weights do not fit the classes.
    """
    if labels is not None:
        return class_weights_for(
            job.recipe.class_weights,
            labels,
            kind=job.competition.kind,
            n_classes=len(job.competition.classes),
        )
    if job.recipe.class_weights != "none":
        raise RecipeError(
            "class_weights are of labels, and the network has no head for them",
            fix="write class_weights: none",
        )
    return None


def column_scale_of(job: Job, pools: Mapping[Pool, SampleRows]) -> ColumnScale | None:
    """Return the scale of the numbers to learn, by column; None where labels are no numbers."""
    if not job.in_column_units or LABELLED not in pools:
        return None
    target = pools[LABELLED].target[IMAGES]
    # Of quantiles each output has the one number of its row.
    columns = np.broadcast_to(target.reshape(len(target), -1), (len(target), job.n_outputs[IMAGES]))
    return column_scale(columns)


def _with_targets(rows: SampleRows, phase: Phase, tasks: Collection[str]) -> SampleRows:
    """Return the rows with a label or mask for one of `tasks`: others would teach nothing."""
    at = rows.with_answer(tasks)
    if not len(at):
        what = "mask" if set(tasks) == {PIXELS} else "label"
        raise RecipeError(
            f"none of the {plural(len(rows), 'sample')} to learn from has a {what}",
            where=f"phase {phase.name}",
        )
    return rows if len(at) == len(rows) else rows.subset(at)


def _refuse_headless(job: Job, phase: Phase) -> None:
    where = f"phase {phase.name}"
    for task in phase.loss or ():
        if is_of_images(task) and job.recipe.input.fit == "tile":
            fix = "write loss: {segment: …} or another fit"
            raise RecipeError(TILED_LABELS, where=where, fix=fix)
        if task in job.competition.tasks and task not in job.tasks:
            raise RecipeError(
                f"loss names {task}, and the network has no head for it",
                where=where,
                fix=f"add {task} to model.heads, or leave its loss out",
            )


def _refuse_unlearnt_statistics(job: Job, phase: Phase) -> None:
    """Raise where statistics would stay that are of nothing: a mean of 0 and a variance of 1."""
    model, phases = job.recipe.model, job.recipe.phases
    before = phases[: [one.name for one in phases].index(phase.name)]
    have_learnt = any(not one.freeze_statistics and "backbone" not in one.freeze for one in before)
    has_start = model.pretrained or model.weights is not None or model.from_run is not None
    if phase.freeze_statistics and not has_start and not have_learnt:
        raise RecipeError(
            "freeze_statistics keeps what batch norms have seen, and this network starts from "
            "nothing",
            where=f"phase {phase.name}",
            fix="leave freeze_statistics out, or write it in a phase after one that trains the "
            "backbone",
        )


def _refuse_two_that_predict(recipe: Recipe, phase: Phase, method: Method) -> None:
    has_own = type(method).evaluation_network is not Method.evaluation_network
    if has_own and recipe.ema_decay is not None:
        raise RecipeError(
            f"ema_decay averages the network that predicts, and {phase.method.name} has its own",
            where=f"phase {phase.name}",
            fix="leave ema_decay out",
        )


def _refuse_unscored(job: Job, phase: Phase) -> None:
    """Raise where a phase that learns without labels is to be stopped, or chosen, by its scores."""
    if LABELLED in method_of(phase, job.workspace.root).needs:
        return
    where, what = f"phase {phase.name}", f"{phase.method.name} learns without labels"
    if "backbone" in phase.freeze:
        raise RecipeError(
            f"{what}, so only the backbone, and it is frozen", where=where, fix="leave freeze out"
        )
    if phase.early_stopping is not None:
        raise RecipeError(
            f"{what}: there is no loss to stop it by", where=where, fix="leave early_stopping out"
        )
    if job.recipe.checkpoint == "best" and phase is job.recipe.phases[-1]:
        raise RecipeError(
            f"{what}: none of its epochs is the best", where=where, fix="write checkpoint: last"
        )


def _refuse_useless_losses(job: Job, phase: Phase, objective: Objective) -> None:
    """Raise for a phase whose losses cannot teach anything, or teach nonsense."""
    where, tasks = f"phase {phase.name}", objective.tasks
    if not {"backbone", *tasks} - set(phase.freeze):
        raise RecipeError(
            "freeze names every part that the losses reach: nothing is learnt",
            where=where,
            fix=f"free one of backbone, {', '.join(sorted(tasks))}",
        )
    if tasks and objective.weight == 0:
        raise RecipeError(
            "the losses weigh 0 together: nothing is learnt from labels",
            where=where,
            fix="write a weight above 0, as ce: 1",
        )
    mix = phase.mix or job.recipe.mix
    if has_pixels(tasks) and mix.mixup > 0 and mix.probability > 0:
        raise RecipeError(
            "MixUp has no meaning for class masks", where=where, fix=f"{CUTMIX}, or mixup: 0"
        )
    if not objective.takes_soft_labels and max(mix.mixup, mix.cutmix) > 0:
        raise RecipeError(
            "arcface learns classes, and mix makes labels that lie between them",
            where=where,
            fix="leave mix out, in this phase by mix: {}; or write ce",
        )


def _refuse_unsolvable(job: Job, phase: Phase, objective: Objective) -> None:
    """Raise for what a phase without steps cannot have, or would do nothing there."""
    where, name = f"phase {phase.name}", phase.method.name
    if "backbone" not in phase.freeze:
        raise RecipeError(
            f"{name} solves for the head on features that stay as they are",
            where=where,
            fix="write freeze: [backbone]",
        )
    if phase.epochs != 1 or phase.steps_per_epoch is not None or phase.epoch is not None:
        raise RecipeError(
            f"{name} is solved at once, without steps",
            where=where,
            fix="write epochs: 1, and no steps_per_epoch or epoch",
        )
    if objective.tasks != (IMAGES,):
        raise RecipeError(
            f"{name} solves for the head of labels, and the phase learns "
            f"{' and '.join(objective.tasks)}",
            where=where,
            fix="write loss: {classify: {weight: 1}}",
        )
    mix = phase.mix or job.recipe.mix
    if max(mix.mixup, mix.cutmix) > 0 and mix.probability > 0:
        raise RecipeError(f"{name} mixes no images", where=where, fix="write mix: {} in the phase")
    if job.recipe.sampling != "shuffle":
        raise RecipeError(
            f"{name} draws no samples: it learns from all of them at once",
            where="sampling",
            fix="write sampling: shuffle, and class_weights: balanced where classes are rare",
        )


def _refuse_one_mask(job: Job, phase: Phase, method: Method, objective: Objective) -> None:
    """Raise where the recipe has several dropout masks, and the method uses only one."""
    heads = job.recipe.model.heads
    head = None if heads is None else heads.classify
    if head is None or head.dropout_samples == 1 or not has_images(objective.tasks):
        return
    is_stepped = not isinstance(method, SolvedMethod)  # which drops nothing
    if LABELLED in method.needs and is_stepped and not method.averages_dropout:
        raise RecipeError(
            f"{phase.method.name} learns by one dropout mask a step",
            where=f"phase {phase.name}",
            fix="leave model.heads.classify.dropout_samples out",
        )


_CONTRACT = extensions.ExtensionContract(
    "a subclass of podium.training.method.Method",
    lambda found: isinstance(found, type) and issubclass(found, Method),
)


def _wrong_options(found: Sequence[DocumentProblem], phase: Phase) -> RecipeError:
    """Return the error on wrong options of a phase's method, worded as for other keys."""
    fixes = [one.fix for one in found if one.fix]
    return RecipeError(
        "; ".join(one.message for one in found),
        where=f"phase {phase.name}, method {phase.method.name}",
        fix="; ".join(fixes) or None,
    )


def _refuse_misspelt(given: Mapping[str, Any], options: type[BaseModel], phase: Phase) -> None:
    """Raise RecipeError where an option that there is not is spelt like a key of all methods."""
    for key in given:
        near = suggest(key, MethodChoice.model_fields, "{}", otherwise="")
        if near and not suggest(key, options.model_fields, otherwise=""):
            raise RecipeError(
                f"unknown key {key!r}, did you mean {near!r}?",
                where=f"phase {phase.name}, method {phase.method.name}",
                fix=f"write {near}",
            )


def method_options(phase: Phase, root: Path | None = None) -> BaseModel:
    """Return the options of a phase's method, the defaults among them.

    Raises:
        RecipeError: there is no such method, or it has not these options.
    """
    kind, given = method_of(phase, root), phase.method.model_extra or {}
    document, _ = parse_yaml(dump_yaml(given), phase.method.name, numbered=False)
    assert document is not None  # it is written by dump_yaml
    try:
        options = kind.Options(**given)
    except ValidationError as error:
        _refuse_misspelt(given, kind.Options, phase)
        raise _wrong_options(validation_problems(error, document, kind.Options), phase) from error
    if wrong := wrong_numbers(document, kind.Options):
        raise _wrong_options(wrong, phase)
    return options


def _method(
    job: Job, phase: Phase, objective: Objective, evaluator: PseudoLabelEvaluator | None
) -> Method:
    recipe = job.recipe
    kind = method_of(phase, job.workspace.root)
    options = method_options(phase, job.workspace.root)
    setting = PhaseSetting(
        kinds={str(task): kind for task, kind in job.kinds.items()},
        outputs=job.n_outputs,
        objective=objective,
        batch_size=recipe.batch_size,
        sampling=recipe.sampling,
        mix=phase.mix or recipe.mix,
        empty_share=recipe.empty_share,
        size=recipe.input.height_width,
        epochs=phase.epochs,
        stops_early=phase.early_stopping is not None,
        accumulate=recipe.accumulate,
        evaluator=evaluator,
    )
    return kind(options, setting)


_TASKS: tuple[TaskName, ...] = typing.get_args(TaskName)


def check_parts(recipe: Recipe, root: Path | None = None) -> None:
    """Check the backbone, the augmentation, and each phase's method and losses.

    No network is built and nothing is read but code. An option that only the competition rules out,
    as a loss of masks where it has labels alone, is found when a run is planned.

    Args:
        recipe: as it is resolved.
        root: the workspace's folder, in which `module:object` is looked for first.

    Raises:
        RecipeError: there is no such part, or it refuses its options; it holds every such fault.
    """
    checks = [_backbone_check(recipe), _policy_check(recipe, root)]
    for number, phase in enumerate(recipe.phases):
        checks.append(partial(method_options, phase, root))
        checks += [
            partial(_naming_phase, number, check)
            for check in _loss_checks(phase, root, recipe.model.cosine_scale)
        ]
    found: list[RecipeError] = []
    for check in checks:
        try:
            check()
        except RecipeError as error:
            found.append(error)
    if found:
        raise found[0] if len(found) == 1 else ManyFaultsError(found)


def _backbone_check(recipe: Recipe) -> Callable[[], object]:
    return partial(_naming, "model.backbone", partial(require_backbone, recipe.model.backbone))


def _policy_check(recipe: Recipe, root: Path | None) -> Callable[[], object]:
    given = recipe.input.train
    if isinstance(given, str):
        load = partial(extensions.load, policies, given, "POLICY", error=RecipeError, root=root)
        return partial(_naming, "input.train", load)
    return partial(_naming, "input.train", partial(build_transforms, given))


def _naming(key: str, check: Callable[[], object]) -> None:
    with naming_key(key):
        check()


def _naming_phase(number: int, check: Callable[[], object]) -> None:
    try:
        check()
    except RecipeError as error:
        where = f"phases[{number}].{error.where or 'loss'}"
        raise RecipeError(error.message, where=where, fix=error.fix) from error


def _loss_checks(
    phase: Phase, root: Path | None, cosine_scale: float | None
) -> Iterator[Callable[[], object]]:
    """Yield a check of each loss of a phase, and of each task that it names."""
    for task, terms in (phase.loss or {}).items():
        if task not in _TASKS:
            yield partial(_refuse_task, task)
            continue
        for name, setting in terms.items():
            check = partial(_check_loss, task, name, setting, root, cosine_scale)
            yield partial(_naming, f"loss.{task}.{name}", check)


def _refuse_task(task: str) -> None:
    fix = f"write {' or '.join(_TASKS)}"
    raise RecipeError(f"there is no task {task!r}", where="loss", fix=fix)


def _check_loss(
    task: TaskName, name: str, setting: Any, root: Path | None, cosine_scale: float | None
) -> None:
    build_objective(
        {task: {name: setting}},
        kinds={task: _kind(task, name, root)},
        root=root,
        cosine_scale=cosine_scale,
    )


def _kind(task: TaskName, name: str, root: Path | None) -> Kind:
    """Return a kind of task that the loss `name` fits; any does for the weight of a head."""
    kinds = _kinds(task)
    if name == "weight":
        return kinds[0]
    # A loss that only the competition rules out may fit a kind of the other task alone.
    kinds += [kind for other in _TASKS if other != task for kind in _kinds(other)]
    loss = find_loss(name, root)
    return next((kind for kind in kinds if loss.fits(kind)), kinds[0])


def _kinds(task: TaskName) -> list[Kind]:
    """Return the kinds of `task`, those whose losses take most options first."""
    kinds = [find_kind(task, name) for name in kind_names(task)]
    return sorted(kinds, key=lambda one: (not one.is_exclusive, not one.is_yes_no, not one.is_prob))
