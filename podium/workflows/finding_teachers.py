"""Find who may teach: every fold's models, none of which knows the labels of the fold it teaches.

Refused are predictions averaged over folds, models of other folds than today's, networks whose
epoch was chosen by their own fold's labels, and whoever started or learnt from such.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from podium.competition.spec import Competition, TaskName
from podium.ensembling.artefact import Part, read_parts
from podium.ensembling.fold_weights import fitted_by_fold
from podium.ensembling.joint import LABEL_METHOD, MASK_METHOD, Question
from podium.ensembling.method import Fitted, load_method
from podium.errors import DataError, RunError, UsageError
from podium.predictions.reading import PredictionSet
from podium.predictions.views import ViewSet
from podium.training import predicting
from podium.training.fold_files import Fold
from podium.training.job import Job, require_folds
from podium.training.recipe import load_recipe
from podium.workflows.pseudo_teachers import Ensemble, Teachers, Voice
from podium.workspace.layout import Workspace
from podium.workspace.records import Record, read_record

__all__ = ["find_teachers"]

_NOTES = (
    "decided by the largest probability or one half: a tuned decision knows all folds",
    "weights for fold k come from the rows of other folds, whose models were trained on fold k",
)


def find_teachers(
    workspace: Workspace,
    competition: Competition,
    source: str,
    *,
    folds: Sequence[int] | None = None,
) -> Teachers:
    """Return who says the pseudo-labels of the run or blend `source`.

    Args:
        workspace, competition: as everywhere.
        source: id or name.
        folds: only these; None takes all, which must be trained.

    Raises:
        UsageError: there is no such artefact or fold.
        RunError: a fold is not trained, or folds or training data changed since.
        DataError: a teacher may know the labels of the fold that it would teach.
    """
    folder = workspace.artefact(source, rooms=("runs", "blends", "imports"))
    record = read_record(folder)
    members = _Members(workspace, competition)
    if record.kind == "run":
        ensembles = members.alone(folder)
    elif record.kind == "blend":
        parts = read_parts(folder)
        ensembles = tuple(members.together(task, part) for task, part in parts.items())
    else:
        raise _averaged(record.id, folder)
    jobs = list(members.jobs.values())
    every, digest = jobs[0].data.fold_numbers, str(jobs[0].inputs["folds"])
    chosen = _chosen(folds, every)
    for job in jobs:
        _refuse_untrained(job, chosen, every)
    rounds = [_round(workspace, job.run, digest) for job in jobs]
    notes = _NOTES if len(jobs) > 1 else ()
    return Teachers(record, ensembles, chosen, every, digest, 1 + max(rounds), notes)


@dataclass
class _Members:
    """The runs that are asked, each opened once."""

    workspace: Workspace
    competition: Competition
    jobs: dict[Path, Job] = field(default_factory=dict)
    voices: dict[tuple[Path, ViewSet], Voice] = field(default_factory=dict)

    def alone(self, run: Path) -> tuple[Ensemble, ...]:
        """Return the ensembles of one run: itself, for each task that it answers."""
        job = self._job(run)
        voice = self._voice(run, predicting.views_of(job.recipe, self.competition))
        itself = Fitted.equal(1)
        fitted: dict[Fold, Fitted] = {"full": itself}
        fitted |= dict.fromkeys(job.data.fold_numbers, itself)
        return tuple(
            Ensemble(task, (voice,), "mean", load_method("mean"), fitted) for task in job.tasks
        )

    def together(self, task: TaskName, part: Part) -> Ensemble:
        """Return the ensemble of one part of a blend, with weights of their own for each fold."""
        voices = tuple(self._of_set(one, task) for one in part.sets)
        data = voices[0].job.data
        method, how = part.blend.method, part.blend.how
        if not how.gives_probs:
            raise UsageError(
                f"a blend by {method} has no probabilities that could teach",
                fix="blend again with another --method",
            )
        asked = Question(
            self.workspace,
            self.competition,
            data.samples,
            data.folds,
            part.sets,
            method=method if task == "classify" else LABEL_METHOD,
            mask_method=method if task == "segment" else MASK_METHOD,
            seed=part.blend.seed,
        )
        fitted: dict[Fold, Fitted] = {"full": part.blend.fitted}
        fitted.update(fitted_by_fold(asked, task).items())
        return Ensemble(task, voices, method, how, fitted)

    def _of_set(self, root: Path, task: TaskName) -> Voice:
        """Return who made a prediction set, asked with the same views."""
        run = root.parent.parent
        is_run = run.parent.resolve() == self.workspace.runs.resolve()
        if not is_run or root.parent.name != "predictions" or read_record(run).kind != "run":
            raise _averaged(run.name, root)
        known = PredictionSet(root)
        first = known.fold("oof", task, known.folds("oof", task)[0])
        return self._voice(run, ViewSet.from_facts(first.meta["details"]))

    def _voice(self, run: Path, views: ViewSet) -> Voice:
        key = run.resolve(), views
        if key not in self.voices:
            self.voices[key] = Voice(self._job(run), key[1])
        return self.voices[key]

    def _job(self, run: Path) -> Job:
        key = run.resolve()
        if key not in self.jobs:
            self.jobs[key] = predicting.job_of(self.workspace, self.competition, run)
        return self.jobs[key]


def _averaged(name: str, where: Path) -> DataError:
    return DataError(
        f"{name} was not made by this workspace's fold models: averaged over folds, it knows the "
        "labels of every fold",
        where=where,
        fix="take a run, or a blend of runs",
    )


def _chosen(folds: Sequence[int] | None, every: tuple[int, ...]) -> tuple[int, ...]:
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
    """Return the largest round of the pseudo-labels that a run learnt from, 0 for none.

    Raises:
        DataError: it, or a run that it started from, knows labels of the folds that it would teach.
    """
    largest = 0
    for folder, record in _line(workspace, run):
        if load_recipe(folder / "recipe.yaml").is_selected_on_fold:
            raise DataError(
                f"{_relation(run, folder)}: the labels of each fold chose the epoch of its own "
                "model, which therefore cannot teach it",
                where=folder,
                fix="train the teacher with checkpoint: last and without early_stopping",
            )
        learnt = record.inputs.get("pseudo", {}).get("artefacts", [])
        if any(one["folds"] != folds for one in learnt):
            raise DataError(
                f"{_relation(run, folder)}: it learnt from pseudo-labels of other folds",
                where=folder,
                fix="train the teacher again, from pseudo-labels of the present folds",
            )
        largest = max([largest, *(int(one["round"]) for one in learnt)])
    return largest


def _line(workspace: Workspace, run: Path) -> Iterator[tuple[Path, Record]]:
    """Give the run and its record, the runs that it started from, or is a soup of, and so on."""
    record = read_record(run)
    yield run, record
    start = str(record.inputs.get("start", ""))
    earlier = [start.removeprefix("run ")] if start.startswith("run ") else []
    for one in [*earlier, *record.inputs.get("soup", {}).get("of", [])]:
        yield from _line(workspace, workspace.runs / one)


def _relation(run: Path, folder: Path) -> str:
    return run.name if folder == run else f"{folder.name}, from which {run.name} started"
