"""From runs to a blend: collect their predictions, fit weights and decisions, keep the result."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from podium.competition.folds_file import ensure_folds
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.ensembling.artefact import add_units, find_parts, read_parts, sets_of, write_blend
from podium.ensembling.joint import Question, Questions, prepare
from podium.ensembling.units import UNITS_FILE
from podium.errors import RunError, UsageError, some
from podium.training.identity import folds_digest
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress
from podium.workspace.records import Record, read_record, scan

__all__ = ["blend_runs", "finished_runs", "newest_set", "tune"]


def tune(
    workspace: Workspace,
    competition: Competition,
    artefact: str,
    *,
    trials: int = 50,
    seed: int = 0,
    progress: Progress = SILENT,
) -> Path:
    """Return a blend of the run or blend `artefact` with newly tuned decisions.

    A run becomes a blend of one member: decisions live in blends only, and tuning retrains nothing.

    Raises:
        UsageError: there is no such run or blend.
    """
    folder = workspace.artefact(artefact)
    record = read_record(folder)
    if record.kind == "blend":
        parts = read_parts(folder)
        members = [str(one) for one in sets_of(parts)]
        # Masks are averaged; what was chosen is how labels are blended.
        chosen = parts["classify"] if "classify" in parts else parts["segment"]
        method, name = chosen.blend.method, record.name
    else:
        members, method, name = [str(folder)], "mean", f"tuned-{record.name}"
    return blend_runs(
        workspace,
        competition,
        members,
        method=method,
        name=name,
        trials=trials,
        seed=seed,
        storage=f"sqlite:///{workspace.studies_db.resolve()}",
        progress=progress,
    )


def blend_runs(
    workspace: Workspace,
    competition: Competition,
    members: Sequence[str] | None = None,
    *,
    method: str = "hill_climb",
    name: str = "blend",
    trials: int = 50,
    seed: int = 0,
    storage: str | None = None,
    progress: Progress = SILENT,
) -> Path:
    """Return the folder of a blend of `members`; one that was made before is kept as it is.

    Where masks are scored, it has a part for the labels, too, if members predict them; a member
    without masks is in that part only.

    Args:
        members: runs by id or name, or folders of prediction sets; None takes every finished run.
        method: a file of `ensembling/methods/`, for labels; masks are averaged.
        name: of the folder, before its 8 hex digits.
        trials: Optuna trials for each fit of the decisions.
        seed: of the searches.
        storage: URL of an Optuna database for the study of a mask decision; None keeps none.
        progress: is told what is blended.

    Raises:
        UsageError: no run is finished, a member is named twice, or `name` cannot name a folder.
        DataError: no row of the scored task was predicted out of fold by every member.
        RunError: a member has no predictions.
    """
    if re.fullmatch(r"\w[\w.-]*", name) is None:
        raise UsageError(
            f"the name of a blend cannot be {name!r}: it names a folder",
            fix="use letters, digits, '-', '_' and '.', and begin with a letter or digit",
        )
    samples = load_samples(competition, "train", workspace=workspace)
    folds = ensure_folds(workspace, competition, samples)
    asked = Question(
        workspace,
        competition,
        samples,
        folds,
        _sets(workspace, competition, members, folds_digest(samples["id"], folds), progress),
        method=method,
        trials=trials,
        seed=seed,
        storage=storage,
        notes=_notes(competition),
    )
    questions = prepare(asked, progress)
    known = find_parts(workspace, questions.inputs(), name=name)
    if known is not None:
        progress.say(f"  {known.name} is there already")
        return _with_units(known, questions, progress)
    progress.say(f"  {name}: {questions}")
    scored, *beside = questions.fit(progress)
    return write_blend(
        workspace, scored.blend, scored.sets, name=name, beside=beside, units=scored.units
    )


def _with_units(known: Path, questions: Questions, progress: Progress) -> Path:
    """Return `known`; a blend of before podium kept units is fitted again, to keep them."""
    if (known / UNITS_FILE).is_file() or not questions.has_units:
        return known
    progress.say("  fitted again, to keep what it says out of fold of each unit")
    units = questions.fit(progress)[0].units
    if units is not None and not add_units(known, units):
        progress.say(
            "  not kept: podium changed since, and fits it otherwise; a new one has them: "
            "podium blend --name NAME"
        )
    return known


def _notes(competition: Competition) -> tuple[str, ...]:
    if competition.folds.scheme != "time":
        return ()
    return ("time folds: weights and decisions of a fold come from later folds, too",)


def finished_runs(workspace: Workspace) -> list[tuple[Path, Record]]:
    """Return the runs whose folds are all trained, oldest first, each with its record."""
    runs = [
        (folder, record)
        for folder, record in scan(workspace)
        if record.kind == "run" and record.status == "finished"
    ]
    return sorted(runs, key=lambda run: (run[1].created, run[0]))


def newest_set(run: Path) -> Path:
    """Return the newest prediction set of `run` that has out-of-fold rows.

    Raises:
        RunError: there is none yet.
    """
    sets = [path.parent for path in run.glob("predictions/*/oof")]
    if not sets:
        raise RunError(
            "this run has no out-of-fold predictions yet",
            where=run,
            fix=f"finish it with `podium train`, or `podium predict {run.name}`",
        )
    return max(sets, key=lambda path: (path.stat().st_mtime_ns, path.name))


def _sets(
    workspace: Workspace,
    competition: Competition,
    members: Sequence[str] | None,
    folds: str,
    progress: Progress,
) -> list[Path]:
    """Return the members' prediction sets that predict the scored task, or help to decide it.

    Default: all finished runs over today's folds (by their digest) and classes.
    """
    if members is not None:
        sets = [_set_of(workspace, member) for member in members]
        repeated = {one.parent.parent.name for one in sets if sets.count(one) > 1}
        if repeated:
            raise UsageError(
                f"named more than once: {some(sorted(repeated))}", fix="name a member once"
            )
        return sets
    runs = []
    for run, record in finished_runs(workspace):
        if _is_of_today(record, competition, folds):
            runs.append(run)
        else:
            progress.say(f"  {run.name} is left out: it was trained with other folds or classes")
    if not runs:
        raise UsageError("there is no finished run to blend", fix="podium train RECIPE")
    return [newest_set(run) for run in runs]


def _is_of_today(record: Record, competition: Competition, folds: str) -> bool:
    """Return whether a run learnt some of the competition's tasks over these folds and classes."""
    tasks = record.inputs.get("tasks")
    return (
        record.inputs.get("folds") == folds
        and record.inputs.get("classes") == list(competition.classes)
        and isinstance(tasks, dict)
        and all(competition.tasks.get(task) == kind for task, kind in tasks.items())
    )


def _set_of(workspace: Workspace, member: str) -> Path:
    path = Path(member)
    if (path / "oof").is_dir():
        return path
    return newest_set(workspace.artefact(member, rooms=("runs", "imports")))
