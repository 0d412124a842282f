"""Train the model of one fold: from samples and recipe to weights (torch from here on)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import ValidationError

from podium.competition.cache import open_images
from podium.competition.samples import truth
from podium.competition.spec import Competition
from podium.errors import RecipeError, RunError
from podium.models import checkpoints
from podium.models.freezing import set_frozen
from podium.models.network import Network, build_network
from podium.training import methods
from podium.training.augment import build_eval, build_train
from podium.training.deadline import Deadline
from podium.training.device import make_fabric, own_random_state, use_all_cores
from podium.training.evaluation import EvalImages
from podium.training.fold_files import Fold, FoldFiles
from podium.training.job import Job, cached_side, image_paths
from podium.training.loop import CHECKPOINT_EVERY_S, Loop, Validation, save_network
from podium.training.methods._protocol import Method, Setting
from podium.training.objective import build_objective, class_weights_for
from podium.training.optim import build_optimizer
from podium.training.phase_run import PhasePlan
from podium.training.randomness import derive
from podium.training.recipe import Phase, Recipe, load_recipe
from podium.training.scoring import Scorer
from podium.training.standing import Standing
from podium.training.streams import Rows, View
from podium.workspace import extensions
from podium.workspace.progress import Progress
from podium.workspace.records import read_record

__all__ = ["fit_fold", "n_outputs"]


def fit_fold(
    job: Job,
    fold: Fold,
    *,
    deadline: Deadline,
    progress: Progress,
    checkpoint_every_s: float = CHECKPOINT_EVERY_S,
) -> None:
    """Train the model of `fold`, or go on training it, until its `done.json` is written.

    Raises:
        OutOfTime: the deadline came first; the same call continues.
        DataError: the fold leaks, an image cannot be read, or the metric is undefined on the fold.
        RecipeError: the recipe asks for something impossible.
        RunError: training diverged, or the GPU's memory is too small.
    """
    use_all_cores()
    train, valid = job.data.rows(fold)
    every = _rows(job, progress)
    rows = _subset(every, train)
    validation = None if fold == "full" else _validation(job, _subset(every, valid), valid, fold)
    with own_random_state(), _memory_advice():
        network = _network(job, fold)
        phases = _plans(job, train, fold)
        _refuse_impossible(network, phases)
        loop = Loop(
            job.recipe,
            phases,
            network=network,
            rows=rows,
            validation=validation,
            files=job.files(fold),
            fabric=make_fabric(job.recipe),
            deadline=deadline,
            progress=progress,
            checkpoint_every_s=checkpoint_every_s,
        )
        trained = loop.run()
        save_network(job.files(fold).checkpoint("last"), trained)
    job.files(fold).write_done(_facts(job, fold, loop.standing, len(train), len(valid)))


def n_outputs(competition: Competition) -> dict[str, int]:
    """Return how many numbers the network gives, by task."""
    return {"classify": competition.n_outputs}


def _rows(job: Job, progress: Progress) -> Rows:
    """Return all training samples."""
    samples = job.data.samples
    images = open_images(
        job.workspace,
        job.competition,
        image_paths(samples),
        shorter_side=cached_side(job.recipe.input),
        progress=progress,
    )
    answers = truth(samples, job.competition)
    is_class = job.competition.kind == "multiclass"
    return Rows(
        images=images,
        at=np.arange(len(samples)),
        ids=list(samples["id"]),
        target={"classify": answers if is_class else answers.astype(np.float32)},
        weight=samples["weight"].to_numpy(dtype=np.float32),
        strata=None if job.competition.kind == "regression" else answers,
    )


def _subset(rows: Rows, at: NDArray[np.int64]) -> Rows:
    return Rows(
        images=rows.images,
        at=rows.at[at],
        ids=[rows.ids[i] for i in at],
        target={task: target[at] for task, target in rows.target.items()},
        weight=rows.weight[at],
        strata=None if rows.strata is None else rows.strata[at],
    )


def _validation(job: Job, rows: Rows, valid: NDArray[np.int64], fold: Fold) -> Validation:
    answers = truth(job.data.samples.iloc[valid], job.competition)
    scorer = Scorer(job.competition)
    # A metric that is undefined on this fold must say so before the first epoch, not after it.
    same = np.full((len(valid), job.competition.n_outputs), 1 / job.competition.n_outputs)
    scorer(same, answers, where=f"fold {fold}")
    images = EvalImages(rows, build_eval(job.recipe.input), batch_size=job.recipe.batch_size)
    return Validation(images, answers, job.competition.kind, scorer)


def _network(job: Job, fold: Fold) -> Network:
    recipe = job.recipe
    torch.manual_seed(derive("network", recipe.seed))
    if job.files(fold).resume.is_file():
        # Every weight comes from the checkpoint: nothing needs to be fetched.
        recipe = recipe.model_copy(
            update={"model": recipe.model.model_copy(update={"pretrained": False, "weights": None})}
        )
    network = build_network(
        recipe.model,
        n_outputs=n_outputs(job.competition),
        image_size=recipe.input.height_width,
        weights_root=job.workspace.root,
    )
    if recipe.model.from_run is not None:
        _start_from(job, fold, network, recipe.model.from_run)
    return network


def _start_from(job: Job, fold: Fold, network: Network, name: str) -> None:
    """Load the weights of another run's model of the same fold."""
    source = job.workspace.artefact(name, rooms=("runs",))
    record = read_record(source)
    if record.inputs.get("folds") != job.inputs["folds"]:
        raise RecipeError(
            f"model.from: {record.id} had other folds, so its fold {fold} may know our rows",
            fix="train it again on the present folds.csv",
        )
    files = FoldFiles(source, fold)
    files.read_done()
    rule = "last" if fold == "full" else load_recipe(source / "recipe.yaml").checkpoint
    theirs = checkpoints.load(files.checkpoint(rule))["network"]
    ours = network.state_dict()
    fitting = {k: v for k, v in theirs.items() if k in ours and v.shape == ours[k].shape}
    lost = [key for key in ours if key.startswith("backbone.") and key not in fitting]
    if lost:
        raise RecipeError(
            f"model.from: {record.id} has another backbone: {len(lost)} misfits, as {lost[0]}",
            fix="write the same model.backbone as in its recipe",
        )
    network.load_state_dict(fitting, strict=False)


def _plans(job: Job, train: NDArray[np.int64], fold: Fold) -> list[PhasePlan]:
    epochs = _epochs(job, fold)
    labels = truth(job.data.samples.iloc[train], job.competition)
    return [
        PhasePlan(
            spec=phase,
            optimizer=phase.optimizer or job.recipe.optimizer,
            method=_method(job, phase, labels),
            views=_views(job.recipe),
            epochs=n,
        )
        for phase, n in zip(job.recipe.phases, epochs, strict=True)
    ]


def _views(recipe: Recipe) -> Mapping[str, View]:
    return {"train": build_train(recipe.input)}


def _method(job: Job, phase: Phase, labels: NDArray[Any]) -> Method:
    recipe, competition = job.recipe, job.competition
    kind: type[Method] = extensions.load(methods, phase.method.name, "METHOD", error=RecipeError)
    try:
        options = kind.Options(**(phase.method.model_extra or {}))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(map(str, first["loc"]))
        raise RecipeError(f"method.{key}: {first['msg']}", where=f"phase {phase.name}") from error
    weights = class_weights_for(
        recipe.class_weights,
        labels,
        kind=competition.kind,
        n_classes=competition.n_outputs,
    )
    objective = build_objective(
        phase.loss,
        kinds={str(task): kind for task, kind in competition.tasks.items()},
        class_weights=weights,
        label_smoothing=recipe.label_smoothing,
    )
    setting = Setting(
        kind=competition.kind,
        n_outputs=competition.n_outputs,
        objective=objective,
        batch_size=recipe.batch_size,
        sampling=recipe.sampling,
        mix=phase.mix or recipe.mix,
    )
    return kind(options, setting)


def _epochs(job: Job, fold: Fold) -> list[int]:
    """Return the epochs of each phase; a refit has as many as its siblings had on average."""
    planned = [phase.epochs for phase in job.recipe.phases]
    if fold != "full" or not job.recipe.is_selected_on_fold:
        return planned
    siblings = [job.files(k).read_done() for k in job.data.fold_numbers]
    run = np.array([facts["epochs"] for facts in siblings], dtype=float)  # (F, phases)
    if job.recipe.checkpoint == "best":
        run[:, -1] = [facts["best_epoch"] for facts in siblings]
    return [max(1, round(n)) for n in run.mean(axis=0)]


def _refuse_impossible(network: Network, phases: Sequence[PhasePlan]) -> None:
    """Raise for what a later phase would stumble over, before the first epoch is spent."""
    for plan in phases:
        set_frozen(network, plan.spec.freeze)
        build_optimizer(network, plan.optimizer)
    set_frozen(network, [])


def _facts(job: Job, fold: Fold, standing: Standing, n_train: int, n_valid: int) -> dict[str, Any]:
    last = standing.history[-1]
    facts: dict[str, Any] = {
        "format": 1,
        "model": job.model(fold),
        "epochs": standing.epochs_run,
        "best_epoch": standing.best_epoch,
        "last_epoch": dict(last),
        "selected_on_fold": fold != "full" and job.recipe.is_selected_on_fold,
        "rows": {"train": n_train, "valid": n_valid},
        "seconds": round(standing.seconds, 1),
        "device": torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu",
        "torch": torch.__version__,
    }
    return {**facts, "sibling": job.run.name} if fold == "full" else facts


@contextmanager
def _memory_advice() -> Iterator[None]:
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise RunError(
            "the GPU's memory is too small for this step",
            fix="halve batch_size and double accumulate, or choose a smaller input.size",
        ) from error
