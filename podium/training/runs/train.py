"""Train a recipe over the folds, resumably; finished work is never repeated.

Torch is imported only when something is left to train.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from podium.competition import metrics
from podium.competition.cache import CachedImages, open_images
from podium.competition.folds.leaks import refuse_pictures_in_folds, refuse_shared_pictures
from podium.competition.spec import Competition
from podium.competition.truths.volumes import refuse_torn_volumes, volumes_of
from podium.errors import RecipeError, UsageError
from podium.models.weights.reach import require_weights
from podium.predictions.store.reading import Split
from podium.tasks.protocols.names import IMAGES, has_images
from podium.training import fit, policies
from podium.training.inference import prediction_sets
from podium.training.loggers import find_loggers
from podium.training.ordinal_links import link_of
from podium.training.recipe import Recipe, errors_with_lines, load_recipe, naming_key
from podium.training.runs import record as run_record
from podium.training.runs.fold_files import Fold
from podium.training.runs.history import EpochListener, read_metrics
from podium.training.runs.ids import run_id
from podium.training.runs.job import (
    Deadline,
    Job,
    OutOfTime,
    TrainingData,
    cached_side,
    image_paths,
    n_kept_classes,
    predicted_tasks,
    require_folds,
)
from podium.training.runs.pretraining import is_label_free, refuse_labelled_weights, refuse_labels
from podium.training.runs.recipe_edits import effective_overrides
from podium.training.runs.scoring import check_metric, refuse_undefined_folds
from podium.training.runs.status import RunOutlook
from podium.workspace import extensions
from podium.workspace.atomic import remove
from podium.workspace.layout import Workspace
from podium.workspace.locks import hold
from podium.workspace.progress import SILENT, Progress

__all__ = [
    "CONTINUES",
    "BegunRun",
    "Trained",
    "begin_run",
    "decode_images",
    "end_here",
    "plan_job",
    "train",
    "train_fold",
]

CONTINUES = "the same command continues"
"""What ends the reason of a training that stopped in time."""


@dataclass(frozen=True)
class Trained:
    """State of a run after training.

    Attributes:
        run: its folder.
        finished: cross-validated folds that are trained and predicted.
        missing: those that are not.
        stopped: why training stopped before it was done; None when it did not.
        scores: as in the run's record: `folds`, pooled `oof`, `metric` and `scored_rows` of the
            scored task, and under `tasks` of each; `selected_on_fold`. Empty without labels.
        without_labels: whether one network learnt from images alone, to be started from: it has no
            folds and no predictions.
        was_finished: whether there was nothing to do, as all of it was trained before.
        full: whether a network of all rows is trained and has predicted, beside the folds or alone.
    """

    run: Path
    finished: tuple[int, ...]
    missing: tuple[int, ...]
    stopped: str | None
    scores: dict[str, Any]
    without_labels: bool = False
    was_finished: bool = False
    full: bool = False


def train(
    workspace: Workspace,
    competition: Competition,
    recipe_file: Path,
    *,
    overrides: Sequence[str] = (),
    folds: Sequence[int] | None = None,
    full: bool = False,
    max_time_s: float | None = None,
    again: int = 0,
    name: str | None = None,
    outer_fold: int | None = None,
    watch: EpochListener | None = None,
    runs_after: int = 0,
    progress: Progress = SILENT,
) -> Trained:
    """Train the recipe's model for each fold and predict the fold's rows and the test set with it.

    The same call resumes a run that was interrupted, at any moment, and does nothing to a finished
    one. A recipe whose phases all learn without labels trains one network, which predicts nothing.

    Args:
        workspace: where the run is kept.
        competition: what is trained for.
        recipe_file: the recipe.
        overrides: changes to the recipe, as "optimizer.lr=1e-3".
        folds: only these; None trains all, () none.
        full: also a refit on all rows, after the folds; it counts in the mean of the test set.
            Without folds it is trained alone.
        max_time_s: stop, resumably, before so many seconds are over.
        again: 1, 2, …: the same recipe once more, under another id.
        name: of the run; default: the recipe file's; for the recipe of a run, that run's.
        outer_fold: train as if the rows of this fold were not there; such a run stays unfinished.
        watch: called with every epoch of every requested fold, also those that are over; an
            exception that it raises ends the training, which the same call continues.
        runs_after: runs that the caller trains after this one, for the time that is left.
        progress: gets bars and one sentence a fold.

    Raises:
        UsageError: there is no such fold, or the recipe learns without labels and has no folds.
        PodiumError: the recipe, the data or the machine make it impossible; finished work is kept.
    """
    deadline = Deadline(max_time_s)
    with begin_run(
        workspace,
        competition,
        recipe_file,
        overrides=overrides,
        folds=folds,
        full=full,
        again=again,
        name=name,
        outer_fold=outer_fold,
        progress=progress,
    ) as begun:
        for fold, outlook in begun.left(RunOutlook(runs_after=runs_after), watch):
            ended = train_fold(
                begun.job,
                fold,
                todo=begun.todo,
                deadline=deadline,
                watch=watch,
                outlook=outlook,
                progress=progress,
            )
            begun.end_fold(fold, ended, progress)
        return begun.conclude()


def end_here(
    workspace: Workspace,
    competition: Competition,
    recipe_file: Path,
    *,
    overrides: Sequence[str] = (),
    folds: Sequence[int] | None = None,
    progress: Progress = SILENT,
) -> Trained:
    """Return the run whose first begun fold ends at its checkpoint, and predicts as it is.

    Its record has the epochs that it was trained for, and no later call trains it on.

    Args:
        workspace, competition, recipe_file, overrides, folds: as `train` has them.
        progress: gets bars and one sentence.

    Raises:
        RunError: no epoch of the fold's last phase is over, or another process is at it.
    """
    with begin_run(
        workspace, competition, recipe_file, overrides=overrides, folds=folds, progress=progress
    ) as begun:
        if (first := next(begun.left(RunOutlook()), None)) is not None:
            fold, outlook = first
            ended = train_fold(
                begun.job,
                fold,
                todo=(fold,),
                deadline=Deadline(None),
                outlook=outlook,
                ends_here=True,
                progress=progress,
            )
            begun.end_fold(fold, ended, progress)
        return begun.conclude()


@dataclass
class BegunRun:
    """A run that is listed, and whose folds can be trained by any process.

    Attributes:
        job: the run.
        requested: the folds that are asked for; "full" alone where it learns without labels.
        todo: those of them that are not trained and predicted.
        predictions: the id of its prediction set; "" without labels.
        stopped: why a fold stopped before it was done; None while none did.
    """

    job: Job
    requested: tuple[Fold, ...]
    todo: tuple[Fold, ...]
    predictions: str
    stopped: str | None = None

    def left(
        self, outlook: RunOutlook, watch: EpochListener | None = None
    ) -> Iterator[tuple[Fold, RunOutlook]]:
        """Yield what is left to do, fold by fold until one stops, each with its outlook.

        Args:
            outlook: of the runs around this one; its times are those of all folds.
            watch: called with the epochs of folds that are over.
        """
        for position, fold in enumerate(self.requested, start=1):
            if fold not in self.todo:
                _report_history(self.job, fold, watch)
            elif self.stopped is None:
                after = len(self.todo) - 1 - self.todo.index(fold)
                n_folds = len(self.requested)
                yield fold, replace(outlook, position=position, n_folds=n_folds, folds_after=after)

    def end_fold(self, fold: Fold, stopped: str | None, progress: Progress) -> None:
        """Bring the record up to date after `fold`, and print its score, or why it stopped."""
        if stopped is None:
            self._report_score(fold, progress)
        else:
            self.stopped = self.stopped or stopped
            progress.say(f"{self.job.files(fold).title}: {stopped}")

    def conclude(self) -> Trained:
        """Bring the run's record up to date with its folds, and return the state of the run."""
        record = run_record.update(self.job, self.predictions)
        if self.job.is_label_free:
            return Trained(
                self.job.run,
                (),
                (),
                self.stopped,
                {},
                without_labels=True,
                was_finished=not self.todo,
            )
        finished = run_record.finished_folds(self.job, self.predictions)
        missing = tuple(k for k in self.job.data.fold_numbers if k not in finished)
        return Trained(
            self.job.run,
            finished,
            missing,
            self.stopped,
            dict(record.scores),
            was_finished=not self.todo,
            full="full" in record.details["finished"],
        )

    def _report_score(self, fold: Fold, progress: Progress) -> None:
        if self.job.is_label_free:
            progress.say(
                f"{self.job.run.name} has learnt without labels {_trained_images(self.job)}"
            )
            return
        record = run_record.update(self.job, self.predictions)
        _report_score(record.scores, fold, self.job, progress)


@contextmanager
def begin_run(
    workspace: Workspace,
    competition: Competition,
    recipe_file: Path,
    *,
    overrides: Sequence[str] = (),
    folds: Sequence[int] | None = None,
    full: bool = False,
    again: int = 0,
    name: str | None = None,
    outer_fold: int | None = None,
    progress: Progress = SILENT,
) -> Iterator[BegunRun]:
    """Begin a run: what its folds share is checked, decoded and in the cache.

    Its folder is removed where the body refuses the data or the recipe and nothing is trained in
    it. Arguments and errors are those of `train`.
    """
    competition.require_chosen("data", "tasks", "classes", "frame")
    name = name or _name_of(recipe_file)
    with errors_with_lines(recipe_file, tuple(overrides)):
        if not any(workspace.runs.glob(f"{name}-*")):  # else it may be finished, and need none
            # All parts at once that there are not, before weights are looked for.
            recipe = load_recipe(recipe_file, tuple(overrides))
            fit.phase_plans.check_parts(recipe, workspace.root)
            require_weights(recipe.model, workspace.root)
        job = plan_job(
            workspace,
            competition,
            recipe_file,
            tuple(overrides),
            again=again,
            name=name,
            outer_fold=outer_fold,
            progress=progress,
        )
        with run_record.begun(job):
            if job.is_label_free:
                yield _begun_without_labels(job, folds, progress)
            else:
                yield _begun_with_folds(job, _requested_folds(job, folds, full), progress)


def _name_of(recipe_file: Path) -> str:
    """Return the name of a run of a recipe: one of `runs/base-1234abcd/recipe.yaml` is `base`."""
    folder = recipe_file.resolve().parent
    is_of_run = recipe_file.name == "recipe.yaml" and folder.parent.name == "runs"
    return folder.name.rpartition("-")[0] if is_of_run else recipe_file.stem


def _begun_with_folds(job: Job, requested: Sequence[Fold], progress: Progress) -> BegunRun:
    views = prediction_sets.views_of(job.recipe, job.competition)
    splits = prediction_sets.splits_of(job)
    predictions = prediction_sets.set_id(job, splits, views, progress)
    todo = [fold for fold in requested if not run_record.is_finished(job, fold, predictions)]
    _require_siblings(job, requested, todo)
    if IMAGES in job.tasks:
        numbers = [one for one in todo if one != "full"]
        refuse_undefined_folds(job.competition, job.data.samples, job.data.folds, numbers)
    _require_weights(job, todo)
    prediction_sets.require_disk_space(job, todo, splits=splits, progress=progress)
    if todo:
        images = decode_images(job, splits, progress)
        if "oof" in images and job.competition.folds.duplicates != "allow":
            # Saved again, a picture has other bytes: now that all are decoded, pixels tell.
            same = images["oof"].same_pixels()
            refuse_pictures_in_folds(job.competition, job.data.samples, job.data.folds, same)
    return BegunRun(job, tuple(requested), tuple(todo), predictions)


def _require_siblings(job: Job, requested: Sequence[Fold], todo: Sequence[Fold]) -> None:
    """Raise where a refit would need folds that are neither trained nor asked for.

    Where each fold chooses its epoch, their mean is for how long the refit is trained.
    """
    if "full" not in todo or not job.recipe.is_selected_on_fold or job.files("full").is_done:
        return
    missing = [k for k in job.data.fold_numbers if k not in requested and not job.files(k).is_done]
    if missing:
        raise UsageError(
            f"{job.files(missing[0]).title} is not trained, and the epochs that the folds choose "
            "are for how long a network of all labels is trained",
            fix="train the folds with it: --full, without --folds; or let no fold choose: "
            "checkpoint: last, and no early_stopping",
        )


def _begun_without_labels(job: Job, folds: Sequence[int] | None, progress: Progress) -> BegunRun:
    """Return the begun run of one network from images alone."""
    if folds is not None:
        raise UsageError(
            f"{job.run.name} learns without labels: one network from all images, in no folds",
            fix="leave --folds out",
        )
    todo: tuple[Fold, ...] = () if job.files("full").is_done else ("full",)
    if todo:
        _require_weights(job, todo)
        decode_images(job, tuple(job.recipe.unlabelled_shares), progress)
    return BegunRun(job, ("full",), todo, "")


LOCK_WAIT_S = 60.0
"""A process that is about to end, as one of a command that was killed, still has its fold."""


def train_fold(
    job: Job,
    fold: Fold,
    *,
    todo: Sequence[Fold] = (),
    deadline: Deadline,
    watch: EpochListener | None = None,
    outlook: RunOutlook,
    wait_s: float = 0.0,
    ends_here: bool = False,
    progress: Progress = SILENT,
) -> str | None:
    """Train and predict one fold of a run that has begun; return why it stopped, None once done.

    It goes on from the fold's checkpoint, on whatever machine that was written. The run's record is
    left to who asked for the fold.

    Args:
        job: of the run.
        fold: which.
        todo: the folds that are trained next: their start weights are checked with this one's.
        deadline: before which it stops, resumably.
        watch: as `train` has it.
        outlook: gets how long it took.
        wait_s: so long another process may still be at the fold.
        ends_here: train no further, and predict with what its checkpoint has.
        progress: gets bars.

    Raises:
        RunError: another process is at the fold.
        PodiumError: as `train`.
    """
    is_whole = not job.files(fold).is_done and not job.files(fold).resume.is_file()
    began = deadline.now()
    try:
        with _fitted(job, fold, deadline, watch, outlook, progress, todo, wait_s, ends_here):
            trained = deadline.now()
            if not job.is_label_free:
                prediction_sets.predict_fold(job, fold, deadline=deadline, progress=progress)
    except OutOfTime as reason:
        return f"out of time: {reason}; {CONTINUES}"
    outlook.predict_s.append(deadline.now() - trained)
    if is_whole:
        outlook.fold_s.append(deadline.now() - began)
    return None


def _require_weights(job: Job, todo: Sequence[Fold]) -> None:
    """Raise where a fold has yet to begin and its start weights are out of reach."""
    files = [job.files(fold) for fold in todo]
    if any(not (one.is_done or one.resume.is_file()) for one in files):
        require_weights(job.recipe.model, job.workspace.root)


def _trained_images(job: Job) -> str:
    """Return a description of the images that a run was trained on; test images are named."""
    images = job.files("full").read_done()["pools"]["images"]
    parts = [f"{n:,} {name}" for name, n in images.items()]
    return f"from {' + '.join(parts)} images"


def plan_job(
    workspace: Workspace,
    competition: Competition,
    recipe_file: Path,
    overrides: tuple[str, ...] = (),
    *,
    again: int = 0,
    name: str,
    outer_fold: int | None = None,
    progress: Progress = SILENT,
) -> Job:
    """Return the job of a training, as `train` takes it; its folder is not begun.

    Everything that needs no network is checked here.
    """
    recipe = load_recipe(recipe_file, overrides)
    label_free = is_label_free(recipe, workspace.root)
    if isinstance(recipe.input.train, str):
        with naming_key("input.train"):
            extensions.require(policies, recipe.input.train, error=RecipeError)
    find_loggers(recipe.loggers, root=workspace.root)
    if label_free:
        refuse_labels(recipe)
        refuse_labelled_weights(recipe, workspace)
    else:
        _check_answers(recipe, competition)
    if label_free and outer_fold is None:
        data = TrainingData.of_images(workspace, competition)
    else:
        data = TrainingData.load(workspace, competition, outer_fold=outer_fold)
    if metrics.of(competition).scores_volumes and not label_free:
        refuse_torn_volumes(volumes_of(data.samples), data.folds)
    identity, inputs = run_id(
        workspace,
        competition,
        recipe,
        name=name,
        samples=data.samples,
        folds=data.folds,
        again=again,
        outer_fold=outer_fold,
        progress=progress,
    )
    if not label_free:
        refuse_shared_pictures(workspace, competition, data.samples, data.folds, progress)
    kept = effective_overrides(workspace, recipe_file, overrides)
    return Job(workspace, competition, recipe, data, workspace.runs / identity, inputs, kept)


def _check_answers(recipe: Recipe, competition: Competition) -> None:
    """Raise for a task of the recipe that cannot be predicted or scored."""
    prediction_sets.views_of(recipe, competition)
    check_metric(competition)
    link_of(recipe.model, competition)
    if has_images(predicted_tasks(recipe, competition)):
        n_kept_classes(recipe, competition)


def decode_images(
    job: Job, splits: Sequence[Split], progress: Progress
) -> dict[Split, CachedImages]:
    """Bring every image into the cache: a damaged one is reported before anything is trained.

    And a huge one is decoded while torch's libraries do not take a gigabyte beside it.

    Returns:
        the images of each split.
    """
    return {
        split: open_images(
            job.workspace,
            job.competition,
            image_paths(job.samples(split)),
            shorter_side=cached_side(job.recipe.input),
            progress=progress,
        )
        for split in splits
    }


def _requested_folds(job: Job, folds: Sequence[int] | None, full: bool) -> list[Fold]:
    known = job.data.fold_numbers
    require_folds(folds or (), known)
    chosen: list[Fold] = list(known if folds is None else dict.fromkeys(folds))
    return [*chosen, "full"] if full else chosen


@contextmanager
def _fitted(
    job: Job,
    fold: Fold,
    deadline: Deadline,
    watch: EpochListener | None,
    outlook: RunOutlook,
    progress: Progress,
    todo: Sequence[Fold],
    wait_s: float,
    ends_here: bool,
) -> Iterator[None]:
    """Train what of `fold` is not trained yet; inside, nobody else is at it."""
    files = job.files(fold)
    deadline.require(0, "this fold")
    with hold(files.lock, what=files.title, wait_s=wait_s):
        run_record.begin(job)  # gone where another process was refused and had begun the run
        if files.is_done:
            _report_history(job, fold, watch)
        else:
            from podium.training.fit.devices import fit_fold_together

            remove(files.failed)
            fit_fold_together(
                job,
                fold,
                todo=todo,
                deadline=deadline,
                watch=watch,
                outlook=outlook,
                ends_here=ends_here,
                progress=progress,
            )
        files.forget_unfinished()
        yield


def _report_history(job: Job, fold: Fold, watch: EpochListener | None) -> None:
    if watch is not None:
        for row in read_metrics(job.files(fold).metrics):
            watch(fold, row)


def _report_score(scores: dict[str, Any], fold: Fold, job: Job, progress: Progress) -> None:
    if fold == "full":
        progress.say(f"{job.files(fold).title} is trained on all rows")
        return
    parts = [
        f"{of_task['metric']} {of_task['folds'][str(fold)]:.4f}"
        for of_task in scores["tasks"].values()
        if of_task["folds"].get(str(fold)) is not None
    ]
    progress.say(f"{job.files(fold).title}: {', '.join(parts) or 'predicted'}")
