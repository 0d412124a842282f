"""Fit one fold model: from samples and recipe to weights (torch from here on).

`fit_fold` builds the network, the pools, the phases, loggers and callbacks, and runs the loop until
the fold's `done.json` is written. `network.json` describes the network once for all folds.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from podium.competition.folds import merge_tied_groups
from podium.competition.folds.open_set import NO_CLASS, is_unseen_class
from podium.competition.units import units_of
from podium.errors import RecipeError, RunError, from_memory_error, is_out_of_memory
from podium.models import checkpoints
from podium.models.lora import lora_facts
from podium.models.network import Network, set_column_units, set_frozen
from podium.models.network_summary import NETWORK_FILE, NetworkSummary, write_network_summary
from podium.models.summarise import (
    frozen_parts,
    has_idle_parameters,
    head_inputs,
    network_parts,
)
from podium.models.weights.loading import load_from_run
from podium.tasks.protocols.names import has_pixels, is_of_images, of_images
from podium.training.data.augment import (
    Normalisation,
    build_eval,
    measure_normalisation,
    set_normalisation,
)
from podium.training.data.pools import FoldPools, fold_pools, image_pools
from podium.training.data.rows import SampleRows, labels_of, training_rows, with_tiles
from podium.training.data.sampling import UNLABELLED, derive_seed
from podium.training.data.streams import Normaliser
from podium.training.device import (
    advise_precision,
    keep_freed_memory,
    make_fabric,
    own_random_state,
    use_all_cores,
)
from podium.training.fit.callbacks import probe_callback, snapshot_callback, with_first_batches
from podium.training.fit.checkpoint import save_network
from podium.training.fit.collapse import find_embedding_collapse
from podium.training.fit.loop import CHECKPOINT_EVERY_S, Callback, Loop
from podium.training.fit.optim import build_optimizer
from podium.training.fit.phase_plans import (
    TILED_LABELS,
    class_weights_of,
    column_scale_of,
    needed_pools,
    plan_phase,
)
from podium.training.fit.phase_run import PhasePlan
from podium.training.fit.validation import Validation
from podium.training.inference.features import BackboneFeatures
from podium.training.inference.images import Autocast, EvalImages, plan_windows
from podium.training.inference.network import build_network_of
from podium.training.loggers import Logger, open_loggers
from podium.training.recipe import Recipe
from podium.training.runs.fold_files import Fold, report_loaded
from podium.training.runs.history import EpochListener, HistoryRow, TrainingState
from podium.training.runs.job import Deadline, Job
from podium.training.runs.pretraining import StartWeights, refuse_labels, start_facts, start_weights
from podium.training.runs.provenance import (
    mark_other_files,
    refuse_trained_rows,
    trained_on,
    trained_on_before,
)
from podium.training.runs.status import RunOutlook
from podium.training.runs.versions import versions_here
from podium.workspace.progress import Progress
from podium.workspace.records import ENDED_EARLY, UNKNOWN_START

__all__ = ["fit_fold", "memory_advice", "start_of_phase"]


def fit_fold(
    job: Job,
    fold: Fold,
    *,
    deadline: Deadline,
    progress: Progress,
    todo: Sequence[Fold] = (),
    checkpoint_every_s: float = CHECKPOINT_EVERY_S,
    watch: EpochListener | None = None,
    outlook: RunOutlook | None = None,
    ends_here: bool = False,
) -> None:
    """Train the model of `fold`, or go on training it, until its `done.json` is written.

    The start weights of the folds `todo`, which are trained next, are checked with its own.
    `watch` is called with every epoch, also those before an interruption; `outlook` has the folds
    around this one, for the time that is left. With `ends_here` it is what it is at its checkpoint,
    and `done.json` has the epochs that it was trained for.

    Raises:
        OutOfTime: the deadline came first; the same call continues.
        DataError: the fold leaks, an image cannot be read, or the metric is undefined on the fold.
        RecipeError: the recipe is impossible for these data.
        RunError: training diverged, or the GPU's memory is too small.
    """
    if job.is_label_free:
        refuse_labels(job.recipe)
    else:
        _refuse_idle_heads(job)
    use_all_cores()
    keep_freed_memory()
    samples = _images(job, progress) if job.is_label_free else _samples(job, fold, progress)
    pools, train, valid, validation = (
        samples.pools,
        samples.train,
        samples.valid,
        samples.validation,
    )
    callbacks = _callbacks(job, fold, progress)
    with own_random_state(), memory_advice():
        network = _network(job, fold)
        if not job.files(fold).resume.is_file():  # else the checkpoint tells
            before = trained_on_before(job, fold)
            # Of model.from every fold has weights of its own.
            alike = [fold, *todo] if job.recipe.model.weights is not None else [fold]
            refuse_trained_rows(job, alike, before, progress)
            before = mark_other_files(job, fold, before, progress)
            network.trained_on = trained_on(job, fold, before, progress)
        lora = lora_facts(network.backbone)
        report_loaded(job.files(fold), network.loaded, progress)
        is_first = outlook is None or outlook.position == 1
        if is_first and (advice := advise_precision(job.recipe.precision, network)) is not None:
            progress.say(f"{job.run.name}: {advice}")
        start = start_facts(job, fold, progress)  # of a run that could be started from
        _normalise(job, fold, network, samples.train_rows, progress)
        _measure_columns(job, network, pools)
        phases = _plans(job, pools, train, fold)
        _refuse_impossible(network, phases, job.recipe)
        write_network_file(job, network)
        loop = Loop(
            job.recipe,
            with_first_batches(phases, job, fold, progress),
            network=network,
            validation=validation,
            files=job.files(fold),
            pools=pools,
            pixels=job.competition.pixels,
            kinds=job.kinds,
            classes=_class_names(job),
            fabric=make_fabric(job.recipe, has_idle=_has_idle(network, phases, job.recipe)),
            deadline=deadline,
            progress=progress,
            checkpoint_every_s=checkpoint_every_s,
            loggers=_loggers(job, fold) + ([] if watch is None else [ListenerLogger(fold, watch)]),
            callbacks=callbacks,
            make_features=partial(_features, job, deadline, progress),
            groups=partial(_groups, job.data.samples),
            outlook=outlook,
            ends_here=ends_here,
        )
        trained = loop.run()
        normalisation, learnt = Normalisation.of(network), network.trained_on
        save_network(job.files(fold).checkpoint("last"), trained, normalisation, learnt)
    facts = _facts(job, fold, loop.state, pools, len(train), len(valid))
    if ends_here:
        facts[ENDED_EARLY] = True
    if not network.trained_on.is_known:
        facts[UNKNOWN_START] = True
    features = _feature_facts(loop.state.history)
    found = {name: one for name, one in (("start", start), ("lora", lora)) if one}
    job.files(fold).write_done({**facts, **found, **features})


def start_of_phase(
    job: Job, fold: Fold, index: int, *, progress: Progress
) -> tuple[Network, PhasePlan]:
    """Return the network that `fold` starts from, and phase `index` made ready; nothing is kept.

    Args:
        job: with a folder that is not there.
        fold: one of its folds; "full" of a run that learns without labels.
        index: 0-based, of the recipe's phases.
        progress: of reading the images.

    Raises:
        PodiumError: as `fit_fold`.
    """
    if job.is_label_free:
        refuse_labels(job.recipe)
        samples = _images(job, progress)
    else:
        _refuse_idle_heads(job)
        samples = _samples(job, fold, progress)
    network = _network(job, fold)
    _normalise(job, fold, network, samples.train_rows, progress)
    _measure_columns(job, network, samples.pools)
    phases = _plans(job, samples.pools, samples.train, fold)
    _refuse_impossible(network, phases, job.recipe)
    return network, phases[index]


@dataclass(frozen=True)
class _TrainingSamples:
    """The samples of a fold's training.

    Attributes:
        pools: by pool.
        train_rows: the rows of the fold's training, as they were given.
        train, valid: positions of the fold's training samples; none of a run without labels.
        validation: of the fold's rows; None of a refit and of a run that learns from images alone.
    """

    pools: FoldPools
    train_rows: SampleRows
    train: NDArray[np.int64]
    valid: NDArray[np.int64]
    validation: Validation | None


def _samples(job: Job, fold: Fold, progress: Progress) -> _TrainingSamples:
    train, valid = job.data.rows(fold)
    every = training_rows(job, progress)
    pools = fold_pools(job, fold, every, needed_pools(job.recipe, job.workspace.root), progress)
    validation = None
    if fold != "full":
        own = with_tiles(every.subset(valid), job, progress)
        validation = _validation(job, own, train, valid, fold)
    return _TrainingSamples(pools, every.subset(train), train, valid, validation)


def _images(job: Job, progress: Progress) -> _TrainingSamples:
    pools, none = image_pools(job, progress), np.empty(0, dtype=np.int64)
    return _TrainingSamples(pools, pools.rows[UNLABELLED], none, none, None)


def _class_names(job: Job) -> Sequence[str]:
    """Return the names that labels stand for; none where they are numbers."""
    kind = of_images(job.kinds)
    return job.competition.classes if kind is not None and kind.is_exclusive else ()


def _loggers(job: Job, fold: Fold) -> list[Logger]:
    return open_loggers(
        job.recipe.loggers,
        job.files(fold).folder,
        title=job.files(fold).title,
        settings=job.recipe.model_dump(mode="json", by_alias=True),
        root=job.workspace.root,
    )


def _callbacks(job: Job, fold: Fold, progress: Progress) -> list[Callback]:
    found = [
        probe_callback(job, fold, progress),
        snapshot_callback(job, fold, sum(_epochs(job, fold)), progress),
    ]
    return [one for one in found if one is not None]


def _refuse_idle_heads(job: Job) -> None:
    """Raise where no head is left to learn, or one for a task that the competition has not."""
    heads = job.recipe.model.heads
    named = {} if heads is None else dict(heads)
    for task, head in named.items():
        if head is not None and task not in job.competition.tasks:
            raise RecipeError(
                f"the competition has no task {task}, so this head would learn nothing",
                where=f"model.heads.{task}",
                fix=f"leave it out; the competition has {', '.join(job.competition.tasks)}",
            )
        if head is not None and is_of_images(task) and job.recipe.input.fit == "tile":
            fix = "leave the head out, or write another fit"
            raise RecipeError(TILED_LABELS, where="model.heads.classify", fix=fix)
    if job.tasks:
        return
    if job.recipe.input.fit == "tile" and heads is None:
        raise RecipeError(TILED_LABELS, where="input.fit", fix="write another fit")
    raise RecipeError(
        "the network has no head",
        where="model.heads",
        fix=f"name one for {' or '.join(job.competition.tasks)}, or leave heads out",
    )


def _validation(
    job: Job, rows: SampleRows, train: NDArray[np.int64], valid: NDArray[np.int64], fold: Fold
) -> Validation:
    tasks, labels = job.tasks, labels_of(job)
    right = None if labels is None else labels[valid]
    if job.competition.open_set is not None and labels is not None and right is not None:
        right = np.where(is_unseen_class(right, labels[train]), NO_CLASS, right)
    images = EvalImages(
        rows,
        build_eval(job.recipe.input, job.competition.pixels),
        batch_size=job.recipe.batch_size,
        with_masks=has_pixels(tasks),
    )
    return Validation(
        images,
        job.competition,
        tasks,
        truth=right,
        link=job.link,
        top_k=job.top_k,
        units=units_of(job.data.samples.iloc[valid], job.competition),
        where=f"fold {fold}",
    )


def _network(job: Job, fold: Fold) -> Network:
    model = job.recipe.model
    torch.manual_seed(derive_seed("network", job.recipe.seed))
    if job.files(fold).resume.is_file():
        # Every weight comes from the checkpoint: nothing needs to be fetched.
        model = model.model_copy(update={"pretrained": False, "weights": None})
    network = build_network_of(job, model)
    if model.from_run is not None:
        _start_from(start_weights(job, fold), network)
    return network


def _normalise(
    job: Job, fold: Fold, network: Network, train: SampleRows, progress: Progress
) -> None:
    """Set what images are normalised with; a run that goes on has it in its checkpoint."""
    resume = job.files(fold).resume

    def measure() -> Normalisation:
        if resume.is_file():
            return Normalisation.from_state(checkpoints.load(resume)["normalisation"])
        return measure_normalisation(
            with_tiles(train, job, progress), job.competition.pixels, progress
        )

    set_normalisation(network, job.recipe.input, measure)


def _measure_columns(job: Job, network: Network, pools: FoldPools) -> None:
    """Set the units of the columns of labels; a run that goes on has them in its checkpoint."""
    scale = column_scale_of(job, pools.rows)
    if scale is not None:
        measured = {name: torch.from_numpy(one) for name, one in scale._asdict().items()}
        set_column_units(network, measured)


def _features(
    job: Job,
    deadline: Deadline,
    progress: Progress,
    network: Network,
    normalise: Normaliser,
    autocast: Autocast,
) -> BackboneFeatures | None:
    if not BackboneFeatures.suit(job, network):
        return None
    size = job.recipe.batch_size
    return BackboneFeatures(job, network, normalise, autocast, size, deadline, progress)


def _groups(samples: pd.DataFrame, rows: SampleRows) -> NDArray[np.int64]:
    """Return a number for each row, the same of rows of one group, and of one image.

    Rows that are none of the training samples have no group that is known.
    """
    names = [f"row {i}" for i in range(len(rows))] if rows.contents is None else rows.contents
    each = np.unique(names, return_inverse=True)[1].astype(np.int64)
    groups = zip(samples["id"], samples["group"], strict=True)
    known = {name: group for name, group in groups if group is not None}
    labels = [
        f"group {known[one]}" if one in known else f"row {i}" for i, one in enumerate(rows.ids)
    ]
    return merge_tied_groups(np.unique(labels, return_inverse=True)[1].astype(np.int64), each)


def _start_from(source: StartWeights, network: Network) -> None:
    """Load the weights of another run's model; of one that learnt without labels the backbone's."""
    record = source.record
    theirs = checkpoints.load(source.files.checkpoint(source.rule))["network"]
    network.loaded = load_from_run(network, theirs, record.id)


def _plans(job: Job, pools: FoldPools, train: NDArray[np.int64], fold: Fold) -> list[PhasePlan]:
    labels = labels_of(job)
    weights = class_weights_of(job, None if labels is None else labels[train])
    evaluator = pools.evaluator
    return [
        plan_phase(
            job, phase, pools.rows, epochs=epochs, class_weights=weights, evaluator=evaluator
        )
        for phase, epochs in zip(job.recipe.phases, _epochs(job, fold), strict=True)
    ]


def _epochs(job: Job, fold: Fold) -> list[int]:
    """Return the epochs of each phase; a refit has as many as its siblings had on average."""
    planned = [phase.epochs for phase in job.recipe.phases]
    if fold != "full" or job.is_label_free or not job.recipe.is_selected_on_fold:
        return planned
    siblings = [job.files(k).read_done() for k in job.data.fold_numbers]
    run = np.array([facts["epochs"] for facts in siblings], dtype=float)  # (F, phases)
    if job.recipe.checkpoint == "best":
        run[:, -1] = [facts["best_epoch"] for facts in siblings]
    return [max(1, round(n)) for n in run.mean(axis=0)]


def _refuse_impossible(network: Network, phases: Sequence[PhasePlan], recipe: Recipe) -> None:
    """Raise for what a later phase or predicting would stumble over, before an epoch is spent."""
    if recipe.input.fit == "tile":
        plan_windows(recipe, recipe.input.height_width, network.stride)
    for plan in phases:
        set_frozen(network, plan.spec.freeze)
        build_optimizer(network, plan.optimizer)
    set_frozen(network, [])


def _has_idle(network: Network, phases: Sequence[PhasePlan], recipe: Recipe) -> bool:
    """Return whether a phase leaves a parameter that it trains without a gradient."""
    if recipe.devices == 1:
        return True  # nobody asks
    found = False
    for plan in phases:
        set_frozen(network, plan.spec.freeze)
        tasks = plan.method.setting.objective.tasks
        found |= has_idle_parameters(network, recipe.input.height_width, tasks)
    set_frozen(network, [])
    return found


def _facts(
    job: Job, fold: Fold, state: TrainingState, pools: FoldPools, n_train: int, n_valid: int
) -> dict[str, Any]:
    last = state.history[-1]
    facts: dict[str, Any] = {
        "format": 1,
        "model": job.model(fold),
        "epochs": state.epochs_run,
        "best_epoch": state.best_epoch,
        "stages": [{**one, "scores": _json_row(one["scores"])} for one in state.stages],
        "last_epoch": _json_row(last),
        "selected_on_fold": fold != "full" and job.recipe.is_selected_on_fold,
        "rows": {"train": n_train, "valid": n_valid},
        "pools": pools.facts,
        "seconds": round(state.seconds, 1),
        "device": torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu",
        **versions_here(),
    }
    if job.recipe.devices > 1:
        facts["devices"] = job.recipe.devices
    if job.is_label_free:
        del facts["rows"]  # the record has them under "pools"
        return facts
    return {**facts, "sibling": job.run.name} if fold == "full" else facts


def _feature_facts(history: Sequence[HistoryRow]) -> dict[str, Any]:
    """Return the facts on features for the record: the last probe, and a collapse."""
    names = ("phase", "epoch", "knn", "linear")
    probed = [row for row in history if "knn" in row or "linear" in row]
    alike = find_embedding_collapse(history)
    last = {name: row[name] for row in probed[-1:] for name in names if name in row}
    return ({"probe": last} if last else {}) | ({"alike": alike} if alike else {})


def _json_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return `row` as JSON has it: an undefined score is null."""
    return {key: None if value != value else value for key, value in row.items()}


@contextmanager
def memory_advice() -> Iterator[None]:
    """Add advice to the error of a GPU, or of the machine, whose memory is too small."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise RunError(
            "the GPU's memory is too small for this step",
            fix="halve batch_size and double accumulate, or choose a smaller input.size",
        ) from error
    except (RuntimeError, MemoryError) as error:
        if is_out_of_memory(error):
            raise from_memory_error(error) from error
        # What torch raises, at any line, when such a process ends.
        if not str(error).startswith("DataLoader worker"):
            raise
        raise RunError(
            f"a process that makes batches was ended from outside, as a machine short of memory "
            f"does: {error}",
            fix="set workers lower in the recipe (0: a thread makes them), and train again: it "
            "goes on where it stopped",
        ) from error


class ListenerLogger(Logger):
    """Passes every epoch on to `watch`, which may raise to end the training.

    Args:
        fold: that is trained.
        watch: called with the fold and the epoch's line of `metrics.csv`.
    """

    def __init__(self, fold: Fold, watch: EpochListener) -> None:
        super().__init__(Path(), title="", settings={})
        self._fold, self._watch = fold, watch

    def log_all(self, history: Sequence[HistoryRow]) -> None:
        for row in history:
            self._watch(self._fold, row)

    def log(self, row: HistoryRow, number: int) -> None:
        self._watch(self._fold, row)


_logger = logging.getLogger(__name__)


def write_network_file(job: Job, network: Network) -> None:
    """Write the parts of `network`, and which of them each phase freezes, unless a fold has.

    It only informs and determines nothing, so that nothing it meets stops a training.

    Args:
        job: whose run.
        network: with nothing frozen.
    """
    if (job.run / NETWORK_FILE).is_file():
        return
    recipe = job.recipe
    height, width = recipe.input.height_width
    try:
        parts = network_parts(network, (height, width))
        anatomy = NetworkSummary(
            recipe.model.backbone,
            (network.in_chans, height, width),
            parts,
            tuple(phase.name for phase in recipe.phases),
            tuple(frozen_parts(parts, phase.freeze) for phase in recipe.phases),
            head_inputs(network, (height, width), parts),
        )
        write_network_summary(job.run, anatomy)
    except Exception as error:
        _logger.warning("%s has no drawing of its network: %s", job.run.name, error)
