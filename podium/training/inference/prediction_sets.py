"""Prediction sets of a run: predict with its networks and keep the result.

Torch is imported only when something is left to predict.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from podium.competition.sections.frame import plain_frame
from podium.competition.spec import Competition
from podium.competition.truths.masks import truth_masks
from podium.errors import RecipeError, RunError, UsageError
from podium.predictions.retrieval import EMBED
from podium.predictions.store.mask_writing import describe_bytes, require_space
from podium.predictions.store.reading import SPLITS, Split
from podium.predictions.store.writing import begin_set, fold_folder, mark_separate_view
from podium.predictions.views import Shift, TtaView, ViewSet
from podium.tasks.protocols.names import PIXELS, TaskName, has_images, has_pixels
from podium.training.recipe import Recipe, load_recipe
from podium.training.runs.content import DATA_FILE, RowContents, content_digest, folds_digest
from podium.training.runs.fold_files import Fold
from podium.training.runs.ids import network_sources, pixel_facts, prediction_id
from podium.training.runs.job import Deadline, Job, TrainingData, predicted_tasks
from podium.workspace.layout import Workspace
from podium.workspace.locks import hold
from podium.workspace.progress import SILENT, Progress
from podium.workspace.records import Record, read_record, refuse_label_free

__all__ = [
    "PlannedSet",
    "PredictSets",
    "find_set",
    "load_job",
    "missing_embeddings",
    "patterns_of_fold",
    "plan_set",
    "predict",
    "predict_each_view",
    "predict_fold",
    "predict_here",
    "refuse_other_code",
    "require_disk_space",
    "set_id",
    "splits_of",
    "trained_folds",
    "views_of",
]

FoldT = TypeVar("FoldT", bound=Fold)

_OF_TILES = ("dtype", "overlap", "weights", "margin")


@dataclass(frozen=True)
class PlannedSet:
    """A prediction set that has begun, and who is to predict what for it.

    Attributes:
        job: whose networks.
        folds: of the networks.
        splits, views: which rows, and by which views.
        root: its folder.
        run: whose record describes the networks; that of the job, but for networks to try.
    """

    job: Job
    folds: tuple[Fold, ...]
    splits: tuple[Split, ...]
    views: ViewSet
    root: Path
    run: Path


PredictSets = Callable[[Sequence[PlannedSet], Progress], None]
"""Writes what is missing of some sets, in any order."""


def predict_here(sets: Sequence[PlannedSet], progress: Progress) -> None:
    """Predict for the sets with one network after the other, in this process."""
    for one in sets:
        for fold in one.folds:
            predict_fold(
                one.job,
                fold,
                splits=one.splits,
                views=one.views,
                root=one.root,
                progress=progress,
            )


def predict(
    workspace: Workspace,
    competition: Competition,
    run: Path,
    *,
    splits: Sequence[str] | None = None,
    tta: Sequence[str] | None = None,
    tta_mean: str | None = None,
    views: ViewSet | None = None,
    folds: Sequence[int] | None = None,
    predict_sets: PredictSets = predict_here,
    progress: Progress = SILENT,
) -> Path:
    """Return the folder of a prediction set: predictions of the run's networks, a folder a model.

    What is there already is kept; the set is complete when every trained fold of the run is in it.

    Args:
        workspace: the run's.
        competition: as it was when the run was trained; the test set may have changed.
        run: the run's folder.
        splits: which rows: "oof", "test", "unlabelled"; None takes those that training predicts.
        tta: views beside the identity; None takes the recipe's.
        tta_mean: how they become one, of `predict.tta_mean`; None takes the recipe's.
        views: both in one, as a prediction set keeps them; None takes `tta` and `tta_mean`.
        folds: only these folds' networks; None takes all that are trained, a refit on all rows too.
        predict_sets: that predicts; by default one network after the other.
        progress: gets a bar a fold.

    Raises:
        RunError: a fold is not trained, or the training data, the code of a network of one's own
            or the reader changed since.
        RecipeError: a view is unknown, is listed twice, or does not suit the tasks.
        UsageError: there is no such split or fold.
    """
    job = load_job(workspace, competition, run)
    chosen = splits_of(job) if splits is None else _checked_splits(splits, competition)
    if views is None:
        views = views_of(job.recipe, competition, tta=tta, mean=tta_mean)
    planned = plan_set(job, chosen, views, _trained(job, folds), progress)
    predict_sets([planned], progress)
    return planned.root


def plan_set(
    job: Job,
    splits: Sequence[Split],
    views: ViewSet,
    folds: Sequence[Fold],
    progress: Progress,
    *,
    run: Path | None = None,
) -> PlannedSet:
    """Return the set of what the networks of `folds` predict, begun.

    Args:
        job, splits, views, folds: as `PlannedSet` has them.
        progress: gets a bar while images are read for the first time.
        run: whose record describes the networks; None: that of the job.
    """
    root = job.run / "predictions" / set_id(job, splits, views, progress)
    _begin(job, root, splits, views)
    return PlannedSet(job, tuple(folds), tuple(splits), views, root, run or job.run)


def predict_each_view(
    workspace: Workspace,
    competition: Competition,
    run: Path,
    *,
    splits: Sequence[str] | None = None,
    tta: Sequence[str] | None = None,
    folds: Sequence[int] | None = None,
    predict_sets: PredictSets = predict_here,
    progress: Progress = SILENT,
) -> dict[str, Path]:
    """Return a prediction set of each view alone, the identity first: members to blend.

    Arguments and errors as `predict` has them.

    Raises:
        RecipeError: a shift of windows: alone, it leaves pixels that no view covers.
    """
    recipe = load_recipe(run / "recipe.yaml")
    lone = views_of(recipe, competition, tta=tta).each
    for one in lone:
        if recipe.input.fit == "tile" and isinstance(TtaView.of(one.names[0]).step, Shift):
            raise RecipeError(
                f"predict.tta: {one.names[0]} alone does not cover a window's border",
                fix="leave it out: windows overlap, which are shifts, too",
            )
    before = set(run.glob("predictions/*"))
    job = load_job(workspace, competition, run)
    chosen = splits_of(job) if splits is None else _checked_splits(splits, competition)
    trained = _trained(job, folds)
    planned = {one.names[0]: plan_set(job, chosen, one, trained, progress) for one in lone}
    predict_sets(list(planned.values()), progress)
    made = {view: one.root for view, one in planned.items()}
    for root in set(made.values()) - before:  # a run's name goes on to stand for what it did
        mark_separate_view(root)
    return made


def views_of(
    recipe: Recipe,
    competition: Competition,
    *,
    tta: Sequence[str] | None = None,
    mean: str | None = None,
) -> ViewSet:
    """Return the views of `recipe`, or those given instead, checked for its network's tasks.

    Raises:
        RecipeError: a view is unknown, is listed twice, or does not suit the tasks.
    """
    spec = recipe.predict
    views = ViewSet.of(spec.tta if tta is None else tta, mean or spec.tta_mean)
    kinds = {task: competition.kind_of(task) for task in predicted_tasks(recipe, competition)}
    return views.check(kinds)


def splits_of(job: Job) -> tuple[Split, ...]:
    """Return what is predicted after training: the OOF, and the test images where there are any."""
    return ("oof",) if job.competition.data.test is None else ("oof", "test")


def predict_fold(
    job: Job,
    fold: Fold,
    *,
    splits: Sequence[Split] | None = None,
    views: ViewSet | None = None,
    root: Path | None = None,
    deadline: Deadline | None = None,
    wait_s: float = 0.0,
    progress: Progress = SILENT,
) -> None:
    """Write the predictions of one trained fold model for `splits`, where they are not there yet.

    Raises:
        OutOfTime: there is no time left for it.
        RunError: another process is at it.
    """
    splits = splits_of(job) if splits is None else splits
    views = views_of(job.recipe, job.competition) if views is None else views
    folder = root or job.run / "predictions" / set_id(job, splits, views, progress)
    _begin(job, folder, splits, views)
    what = f"predictions of {job.files(fold).title}"
    with hold(folder / f".fold-{fold}.lock", what=what, wait_s=wait_s):
        missing = {split: _missing_tasks(job, folder, split, fold) for split in splits}
        vectors = missing_embeddings(job, folder, splits, fold)
        if any(missing.values()) or vectors:
            from podium.training.inference.network import write_predictions

            write_predictions(
                job,
                fold,
                {s: (_samples(job, s, fold), tasks) for s, tasks in missing.items() if tasks},
                vectors={s: job.samples(s) for s in vectors},
                views=views,
                root=folder,
                deadline=deadline or Deadline(None),
                progress=progress,
            )


def require_disk_space(
    job: Job, folds: Sequence[Fold], *, splits: Sequence[Split], progress: Progress
) -> None:
    """Report how much disk the masks of `folds` will take, before anything is computed for them.

    Raises:
        RunError: the disk is too full for them.
    """
    if not has_pixels(job.tasks) or not folds:
        return
    channels, dtype = job.competition.outputs(PIXELS), job.recipe.predict.dtype
    has_background = job.competition.mask_kind.is_exclusive
    sizes: list[tuple[int, int]] = []
    for split in splits:
        # Each image is out of fold once; all other splits are predicted by every fold model.
        found = truth_masks(job.competition, job.samples(split)).sizes
        n_models = 1 if split == "oof" else len(folds)
        sizes += found * n_models
        needed = describe_bytes(found, channels, dtype, n_models, has_background=has_background)
        progress.say(f"{split}: {needed}")
    require_space(job.run, sizes, channels, dtype, has_background=has_background)


def set_id(job: Job, splits: Sequence[Split], views: ViewSet, progress: Progress) -> str:
    """Return the id of a prediction set, 8 hex digits."""
    contents: dict[str, str] = {
        split: content_digest(job.workspace, job.competition, job.samples(split), progress=progress)
        for split in splits
        if split != "oof"  # the run's id covers the training samples
    }
    return prediction_id(
        job.run.name,
        checkpoint=job.recipe.checkpoint,
        views=views.names,
        mean=views.mean,
        contents=contents,
        masks=_mask_facts(job),
        labels=_label_facts(job),
    )


def find_set(
    job: Job, split: Split, views: ViewSet, folds: Sequence[int], progress: Progress
) -> Path | None:
    """Return a set in which the models of `folds` predicted `split` as it is now, if there is one.

    A set of several splits does as well as one of this split alone.

    Args:
        job: whose.
        split: which rows.
        views: which, and which mean.
        folds: whose models are needed.
        progress: gets a bar while images are read for the first time.
    """
    data = job.competition.data
    absent = {"unlabelled"} if data.unlabelled is None else set()
    absent |= {"test"} if data.test is None else set()
    there = [one for one in SPLITS if one not in absent]
    others = [one for one in there if one != split]
    for n in range(len(others) + 1):
        for beside in combinations(others, n):
            splits = [one for one in SPLITS if one == split or one in beside]
            root = job.run / "predictions" / set_id(job, splits, views, progress)
            if not any(_missing_tasks(job, root, split, fold) for fold in folds):
                return root
    return None


def _label_facts(job: Job) -> dict[str, Any]:
    """Return the settings that change how the labels of the same network are stored."""
    return {} if job.top_k is None else {"top_k": job.top_k}


def _mask_facts(job: Job) -> dict[str, Any] | None:
    """Return what changes the stored masks of the same network, None where it makes none."""
    if not has_pixels(job.tasks):
        return None
    spec, facts = job.recipe.predict, {"frame": plain_frame(job.competition.frame)}
    named = ("dtype",) if job.recipe.input.fit != "tile" else _OF_TILES
    return facts | {name: getattr(spec, name) for name in named}


def load_job(workspace: Workspace, competition: Competition, run: Path) -> Job:
    """Return the job of a run that was trained before, if its data and code are still the same."""
    record = read_record(run)
    refuse_label_free(record)
    recipe = load_recipe(run / "recipe.yaml")
    outer_fold = record.inputs.get("outer_fold")
    data = TrainingData.load(workspace, competition, outer_fold=outer_fold)
    present = {
        "train": content_digest(
            workspace,
            competition,
            data.samples,
            answers=predicted_tasks(recipe, competition),
        ),
        "folds": folds_digest(data.samples["id"], data.folds),
    }
    for what, digest in present.items():
        if record.inputs.get(what) != digest:
            name = "the training samples" if what == "train" else "folds.csv"
            raise RunError(
                f"{name} changed since {record.id} was trained",
                where=run,
                fix="train the recipe again: it gets a new id",
            )
    refuse_other_code(workspace, competition, recipe, record)
    return Job(workspace, competition, recipe, data, run, record.inputs)


def refuse_other_code(
    workspace: Workspace, competition: Competition, recipe: Recipe, record: Record
) -> None:
    """Refuse to read images, or to build the network, by other code than in training.

    Raises:
        RunError: names the module, or the setting, that changed.
    """
    trained = record.inputs.get("sources", {})
    present = network_sources(workspace, competition, recipe)
    changed = [
        f"the module {name}" for name, digest in present.items() if trained.get(name) != digest
    ]
    if record.inputs.get("reader") != competition.data.reader:
        changed.append("data.reader")
    if record.inputs.get("pixels") != pixel_facts(competition).get("pixels"):
        changed.append("the form of the images' pixels")
    if changed:
        raise RunError(
            f"{changed[0]} changed since {record.id} was trained",
            where=workspace.runs / record.id,
            fix="put it back as it was, or train the recipe again: it gets a new id",
        )


def _checked_splits(splits: Sequence[str], competition: Competition) -> tuple[Split, ...]:
    unknown = [split for split in splits if split not in SPLITS]
    if unknown or not splits:
        what = f"there is no split {unknown[0]!r}" if unknown else "no split is named"
        raise UsageError(what, fix=f"choose of {', '.join(SPLITS)}")
    if "unlabelled" in splits and competition.data.unlabelled is None:
        raise UsageError(
            "the competition has no unlabelled images", fix="name them in data.unlabelled"
        )
    if "test" in splits and competition.data.test is None:
        raise UsageError("the competition has no test images", fix="name them in data.test")
    return tuple(split for split in SPLITS if split in splits)


def patterns_of_fold(root: str, fold: Fold) -> tuple[str, ...]:
    """Return patterns of the files that predictions of a fold add to the set in `root`."""
    return (f"{root}/set.json", f"{root}/{DATA_FILE}", f"{root}/*/*/fold-{fold}")


def trained_folds(job: Job, among: Sequence[FoldT]) -> list[FoldT]:
    """Return those folds of `among` whose network is trained.

    Raises:
        RunError: none is.
    """
    trained = [fold for fold in among if job.files(fold).is_done]
    if not trained:
        raise RunError(
            f"no fold of {job.run.name} is trained",
            fix=f"podium train runs/{job.run.name}/recipe.yaml",
        )
    return trained


def _trained(job: Job, folds: Sequence[int] | None) -> list[Fold]:
    if folds is None:
        return trained_folds(job, [*job.data.fold_numbers, "full"])
    for fold in folds:
        job.files(fold).read_done()
    return list(folds)


def _begin(job: Job, folder: Path, splits: Sequence[Split], views: ViewSet) -> None:
    if not (folder / "set.json").is_file():
        if "test" in splits:
            folder.mkdir(parents=True, exist_ok=True)
            test = RowContents.of_test(job.workspace, job.competition, job.samples("test"))
            test.write(folder)
        begin_set(
            folder,
            folds=job.data.fold_numbers,
            splits=splits,
            tasks=job.tasks,
            details={
                "run": job.run.name,
                **views.facts,
                "checkpoint": job.recipe.checkpoint,
            },
        )


def _missing_tasks(job: Job, folder: Path, split: Split, fold: Fold) -> tuple[TaskName, ...]:
    if split == "oof" and fold == "full":
        return ()
    there = {task for task in job.tasks if fold_folder(folder, split, task, fold).is_dir()}
    return tuple(task for task in job.tasks if task not in there)


def missing_embeddings(
    job: Job, folder: Path, splits: Sequence[Split], fold: Fold
) -> tuple[Split, ...]:
    """Return the splits whose embeddings, set in the recipe, are missing from the set.

    They are the training images, which are every query's gallery, and all but "oof" of `splits`.
    """
    if not job.recipe.predict.embeddings or not has_images(job.tasks):
        return ()
    wanted: list[Split] = ["train", *(split for split in splits if split != "oof")]
    return tuple(one for one in wanted if not fold_folder(folder, one, EMBED, fold).is_dir())


def _samples(job: Job, split: Split, fold: Fold) -> pd.DataFrame:
    if split != "oof":
        return job.samples(split)
    _, valid = job.data.rows(fold)
    return job.samples(split).iloc[valid]
