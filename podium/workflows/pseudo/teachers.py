"""The teachers of pseudo-labels: the fold models of a run, or of every member of a blend.

No teacher of fold k was trained on labels of fold k. Refused are predictions averaged over folds,
models of other folds than today's, networks whose epoch was chosen by their own fold's labels, and
runs that started from such models or were trained on their pseudo-labels.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from podium.competition.spec import Competition
from podium.ensembling.method import BlendMethod, Fitted, load_method
from podium.ensembling.plan import LABEL_METHOD, MASK_METHOD, BlendRequest, fitted_by_fold
from podium.ensembling.predicting import mixed_masks
from podium.ensembling.record import BlendPart, read_parts
from podium.errors import DataError, RunError, UsageError
from podium.predictions.store.masks import MaskProbs
from podium.predictions.store.reading import PredictionSet, Split
from podium.predictions.top_k import concatenate, require_dense
from podium.predictions.views import ViewSet
from podium.tasks.protocols.names import TaskName, is_of_images, is_of_pixels
from podium.training.inference import prediction_sets
from podium.training.recipe import load_recipe
from podium.training.runs.fold_files import Fold
from podium.training.runs.job import Job, require_folds
from podium.workspace.layout import Workspace
from podium.workspace.progress import Progress
from podium.workspace.records import UNKNOWN_START, Record, read_record

__all__ = ["FoldModels", "TeacherPredictions", "Teachers", "find_teachers", "predict_with_teachers"]


@dataclass(frozen=True, eq=False)
class FoldModels:
    """The fold models of one run, with a set of test-time views."""

    job: Job
    views: ViewSet

    def facts(self, split: Split, progress: Progress) -> str:
        """Return what its predictions of `split` follow from, predicted or not."""
        return (
            f"{self.job.run.name} {prediction_sets.set_id(self.job, [split], self.views, progress)}"
        )

    def planned(
        self, split: Split, folds: Sequence[int], progress: Progress
    ) -> PredictionSet | prediction_sets.PlannedSet:
        """Return predictions of the models of `folds` for `split`, or what is to be predicted."""
        found = prediction_sets.find_set(self.job, split, self.views, folds, progress)
        if found is not None:
            return PredictionSet(found)
        return prediction_sets.plan_set(self.job, (split,), self.views, folds, progress)

    def check(
        self, prediction_set: PredictionSet, split: Split, task: TaskName, folds: Sequence[int]
    ) -> None:
        """Raise DataError unless a fold's folder contains predictions of that fold's model."""
        for fold in folds:
            model = prediction_set.fold(split, task, fold).model
            if not model.startswith(f"{self.job.run.name}/fold-{fold}/"):
                raise DataError(
                    f"these predictions of fold {fold} were made by {model}",
                    where=prediction_set.root / split / task,
                    fix="remove them, and `podium predict` again",
                )


TeacherPredictions = Mapping[FoldModels, PredictionSet]


def predict_with_teachers(
    fold_models: Sequence[FoldModels],
    splits: Sequence[Split],
    folds: Sequence[int],
    predict_sets: prediction_sets.PredictSets,
    progress: Progress,
) -> dict[str, TeacherPredictions]:
    """Return what each member's models of `folds` predict for each split; what is missing is made.

    Args:
        predict_sets: that predicts, all that is missing at once.
    """
    found = {one: {v: v.planned(one, folds, progress) for v in fold_models} for one in splits}
    every = [one for members in found.values() for one in members.values()]
    predict_sets([one for one in every if isinstance(one, prediction_sets.PlannedSet)], progress)
    return {
        split: {
            v: one if isinstance(one, PredictionSet) else PredictionSet(one.root)
            for v, one in members.items()
        }
        for split, members in found.items()
    }


@dataclass(frozen=True)
class TeacherEnsemble:
    """Ensemble of teachers for one task.

    Attributes:
        task: that it predicts.
        fold_models: its members, `(M,)`.
        method: name of the blending method.
        how: the method.
        fitted: fold → parameters of the method; those of fold k are fitted without its labels.
    """

    task: TaskName
    fold_models: tuple[FoldModels, ...]
    method: str
    how: BlendMethod
    fitted: Mapping[Fold, Fitted]

    def labels(
        self,
        predictions: TeacherPredictions,
        split: Split,
        folds: Sequence[int],
        fitted: Fitted,
        ids: Sequence[str],
    ) -> NDArray[np.float32]:
        """Return the probabilities of `ids`, `(N, C)`, each member averaged over `folds`."""
        members = []
        for member in self.fold_models:
            blocks = predictions[member].mean_blocks(split, self.task, folds=folds, ids=ids)
            probs = concatenate([probs for _, probs in blocks])
            members.append(require_dense(probs, who="a table of pseudo-labels"))
        found: NDArray[np.float32] = self.how.combined(self.how.prepared(members), fitted)
        return found

    def masks(
        self,
        predictions: TeacherPredictions,
        split: Split,
        folds: Sequence[int],
        fitted: Fitted,
        ids: Sequence[str],
    ) -> MaskProbs:
        """Return the masks of `ids`, mixed band by band when they are read."""
        members = [
            predictions[member].mean_masks(split, self.task, folds=folds)
            for member in self.fold_models
        ]
        return mixed_masks(self.how, fitted, members, ids)


@dataclass(frozen=True)
class Teachers:
    """All teachers of the pseudo-labels of one artefact.

    Attributes:
        source: record of the run or blend.
        ensembles: one a task.
        folds: of the models to run.
        every: all folds of the competition.
        digest: of the present folds.
        round: of their labels: 1, or one more than that of the labels they were trained on.
        notes: warnings for users of the labels.
        unknown_start: whether nobody knows what a teacher's start weights had learnt.
    """

    source: Record
    ensembles: tuple[TeacherEnsemble, ...]
    folds: tuple[int, ...]
    every: tuple[int, ...]
    digest: str
    round: int
    notes: tuple[str, ...] = ()
    unknown_start: bool = False

    @property
    def fold_models(self) -> list[FoldModels]:
        """Everybody once."""
        return list(dict.fromkeys(member for one in self.ensembles for member in one.fold_models))

    @property
    def tables(self) -> list[tuple[Fold, tuple[int, ...]]]:
        """Whom the tables teach, and by which fold models; "full" where all of them are there."""
        single: list[tuple[Fold, tuple[int, ...]]] = [(fold, (fold,)) for fold in self.folds]
        return [*single, ("full", self.every)] if self.folds == self.every else single

    def names(self, fold: Fold, models: Sequence[int]) -> list[str]:
        """Return "run/fold-k" of all whose word counts in the table of `fold`."""
        runs = dict.fromkeys(
            member.job.run.name
            for one in self.ensembles
            for member, weight in zip(one.fold_models, one.fitted[fold].weights, strict=True)
            if weight > 0
        )
        return [f"{run}/fold-{model}" for run in runs for model in models]


_NOTES = (
    "decided by the largest probability or one half: a tuned decision is fitted on all folds",
    "weights for fold k come from the rows of other folds, whose models were trained on fold k",
)


def find_teachers(
    workspace: Workspace,
    competition: Competition,
    source: str,
    *,
    folds: Sequence[int] | None = None,
) -> Teachers:
    """Return the teachers for pseudo-labels of the run or blend `source`.

    Args:
        workspace, competition: as everywhere.
        source: id or name.
        folds: only these; None takes all, which must be trained.

    Raises:
        UsageError: there is no such artefact or fold.
        RunError: a fold is not trained, or folds or training data changed since.
        DataError: a teacher may have been trained on labels of the fold that it would teach.
    """
    folder = workspace.artefact(source, rooms=("runs", "blends", "imports"))
    record = read_record(folder)
    members = _OpenedRuns(workspace, competition)
    if record.kind == "run":
        ensembles = members.alone(folder)
    elif record.kind == "blend":
        parts = read_parts(folder)
        ensembles = tuple(members.together(task, part) for task, part in parts.items())
    else:
        raise _averaged_error(record.id, folder)
    jobs = list(members.jobs.values())
    every, digest = jobs[0].data.fold_numbers, str(jobs[0].inputs["folds"])
    chosen = _chosen_folds(folds, every)
    for job in jobs:
        _refuse_untrained(job, chosen, every)
    rounds = [_round(workspace, job.run, digest) for job in jobs]
    notes = _NOTES if len(jobs) > 1 else ()
    unknown = any(UNKNOWN_START in read_record(job.run).scores for job in jobs)
    return Teachers(record, ensembles, chosen, every, digest, 1 + max(rounds), notes, unknown)


@dataclass
class _OpenedRuns:
    """The teacher runs, each opened once."""

    workspace: Workspace
    competition: Competition
    jobs: dict[Path, Job] = field(default_factory=dict)
    fold_models: dict[tuple[Path, ViewSet], FoldModels] = field(default_factory=dict)

    def alone(self, run: Path) -> tuple[TeacherEnsemble, ...]:
        """Return the ensembles of one run: itself, for each task that it predicts."""
        job = self._job(run)
        member = self._member(run, prediction_sets.views_of(job.recipe, self.competition))
        itself = Fitted.equal(1)
        fitted: dict[Fold, Fitted] = {"full": itself}
        fitted |= dict.fromkeys(job.data.fold_numbers, itself)
        return tuple(
            TeacherEnsemble(task, (member,), "mean", load_method("mean"), fitted)
            for task in job.tasks
        )

    def together(self, task: TaskName, part: BlendPart) -> TeacherEnsemble:
        """Return the ensemble of one part of a blend, with weights of their own for each fold."""
        fold_models = tuple(self._of_set(one, task) for one in part.sets)
        data = fold_models[0].job.data
        method, how = part.blend.method, part.blend.how
        if not how.gives_probs:
            raise UsageError(
                f"a blend by {method} has no probabilities that could teach",
                fix="blend again with another --method",
            )
        request = BlendRequest(
            self.workspace,
            self.competition,
            data.samples,
            data.folds,
            part.sets,
            method=method if is_of_images(task) else LABEL_METHOD,
            mask_method=method if is_of_pixels(task) else MASK_METHOD,
            seed=part.blend.seed,
        )
        fitted: dict[Fold, Fitted] = {"full": part.blend.fitted}
        fitted.update(fitted_by_fold(request, task).items())
        return TeacherEnsemble(task, fold_models, method, how, fitted)

    def _of_set(self, root: Path, task: TaskName) -> FoldModels:
        """Return the run that made a prediction set, with the same views."""
        run = root.parent.parent
        is_run = run.parent.resolve() == self.workspace.runs.resolve()
        if not is_run or root.parent.name != "predictions" or read_record(run).kind != "run":
            raise _averaged_error(run.name, root)
        known = PredictionSet(root)
        first = known.fold("oof", task, known.folds("oof", task)[0])
        return self._member(run, ViewSet.from_facts(first.meta["details"]))

    def _member(self, run: Path, views: ViewSet) -> FoldModels:
        key = run.resolve(), views
        if key not in self.fold_models:
            self.fold_models[key] = FoldModels(self._job(run), key[1])
        return self.fold_models[key]

    def _job(self, run: Path) -> Job:
        key = run.resolve()
        if key not in self.jobs:
            self.jobs[key] = prediction_sets.load_job(self.workspace, self.competition, run)
        return self.jobs[key]


def _averaged_error(name: str, where: Path) -> DataError:
    return DataError(
        f"{name} was not made by this workspace's fold models: averaged over folds, it knows the "
        "labels of every fold",
        where=where,
        fix="take a run, or a blend of runs",
    )


def _chosen_folds(folds: Sequence[int] | None, every: tuple[int, ...]) -> tuple[int, ...]:
    require_folds(folds or (), every)
    return every if folds is None else tuple(fold for fold in every if fold in folds)


def _refuse_untrained(job: Job, chosen: Sequence[int], every: Sequence[int]) -> None:
    missing = [fold for fold in chosen if not job.files(fold).is_done]
    if not missing:
        return
    there = [str(fold) for fold in every if job.files(fold).is_done]
    few = f", or take the others with --folds {','.join(there)}" if there else ""
    raise RunError(
        f"{job.run.name} has no model of fold {', '.join(map(str, missing))} yet",
        where=job.run,
        fix=f"finish it with `podium train`{few}",
    )


def _round(workspace: Workspace, run: Path, folds: str) -> int:
    """Return the largest round of the pseudo-labels that a run was trained on, 0 for none.

    Raises:
        DataError: it, or a run it started from, was trained on labels of the folds to teach.
    """
    largest = 0
    for folder, record in _ancestors(workspace, run):
        if load_recipe(folder / "recipe.yaml").is_selected_on_fold:
            raise DataError(
                f"{_relation(run, folder)}: the labels of each fold chose the epoch of its own "
                "model, which therefore cannot teach it",
                where=folder,
                fix="train the teacher with checkpoint: last and without early_stopping",
            )
        pseudo = record.inputs.get("pseudo", {}).get("artefacts", [])
        if any(one["folds"] != folds for one in pseudo):
            raise DataError(
                f"{_relation(run, folder)}: it was trained on pseudo-labels of other folds",
                where=folder,
                fix="train the teacher again, from pseudo-labels of the present folds",
            )
        largest = max([largest, *(int(one["round"]) for one in pseudo)])
    return largest


def _ancestors(workspace: Workspace, run: Path) -> Iterator[tuple[Path, Record]]:
    """Give the run and its record, the runs that it started from, or is a soup of, and so on."""
    record = read_record(run)
    yield run, record
    start = str(record.inputs.get("start", ""))
    earlier = [start.removeprefix("run ")] if start.startswith("run ") else []
    for one in [*earlier, *record.inputs.get("soup", {}).get("of", [])]:
        yield from _ancestors(workspace, workspace.runs / one)


def _relation(run: Path, folder: Path) -> str:
    return run.name if folder == run else f"{folder.name}, from which {run.name} started"
