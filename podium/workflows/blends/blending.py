"""From runs to a blend: collect their predictions, fit weights and decisions, keep the result.

`member_contributions` measures each member's contribution: the blend is fitted again without it,
and with it and the best member alone.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples
from podium.competition.sections.tasks import combination_of
from podium.competition.spec import Competition
from podium.ensembling.auto import FamilyFit, FamilyFits, fit_family
from podium.ensembling.blend import Blend
from podium.ensembling.combined import combine_parts
from podium.ensembling.estimate_for_test import estimate_of_blend
from podium.ensembling.honest import UNITS_FILE, OofUnits
from podium.ensembling.leaks import leak_notes
from podium.ensembling.members import (
    MemberTable,
    errors_of,
    kept_members,
    member_table,
    write_members,
)
from podium.ensembling.method import load_method
from podium.ensembling.plan import (
    LABEL_METHOD,
    MASK_METHOD,
    BlendPlan,
    BlendRequest,
    LabelPlan,
    MaskPlan,
    plan_blend,
)
from podium.ensembling.record import add_units, find_parts, read_parts, sets_of, write_blend
from podium.ensembling.rows import LONE, LoneGroupError
from podium.errors import RunError, UsageError, some
from podium.predictions.candidates import (
    find_newest_set,
    import_gaps,
    is_current,
    newest_imports,
)
from podium.predictions.imports.oof_status import blend_refusal
from podium.tasks.protocols.names import IMAGES, PIXELS
from podium.training.runs.content import DataChange, RowContents, data_changes, folds_digest
from podium.training.runs.fold_files import find_failure
from podium.training.runs.recipe_edits import (
    override_lines,
    recipe_edit,
    runs_with_overrides,
)
from podium.workflows.blends.expected import expected_of_blend
from podium.workflows.engines import HERE, Engine, Needs, Task, open_engine, run_tasks
from podium.workspace import extensions
from podium.workspace.digests import DamagedError
from podium.workspace.ids import short_digest
from podium.workspace.layout import Workspace, require_folder_name
from podium.workspace.progress import SILENT, Progress
from podium.workspace.records import (
    RECORD_FILE,
    Record,
    is_label_free_run,
    is_of_all_labels,
    read_record,
    refuse_label_free,
    scan,
    scores_of_all,
)

__all__ = [
    "NoFinishedRunError",
    "blend_runs",
    "finished_runs",
    "member_contributions",
    "newest_set",
    "refuse_other_classes",
    "tune_decisions",
]

_logger = logging.getLogger(__name__)


def tune_decisions(
    workspace: Workspace,
    competition: Competition,
    artefact: str,
    *,
    trials: int = 50,
    seed: int = 0,
    grid: Sequence[dict[str, Any]] = (),
    raw: bool = False,
    plain: bool = False,
    progress: Progress = SILENT,
) -> Path:
    """Return a blend of the run or blend `artefact` with newly tuned decisions.

    A run becomes a blend of one member: decisions live in blends only, and tuning retrains nothing.

    Args:
        workspace, competition: of the artefact.
        artefact: an id, or a name.
        trials: decisions that are tried, at most.
        seed: of the searches.
        grid: steps with values to try, as `StepGrid` has them; none: podium's own search.
        raw: take the raw maximum instead of the centre of the plateau within one standard error.
        plain: take the plain decision, and tune nothing; its name then begins with `plain`.
        progress: gets a message for each blend.

    Raises:
        UsageError: there is no such run or blend, the grid is invalid, or there is nothing to tune:
            the metric scores values as they are, or each output has its most probable class. No
            blend is kept then.
    """
    folder = workspace.artefact(artefact)
    if not plain and combination_of(competition.metric) is None:
        scored_metric = metrics.of(competition)
        if scored_metric.scores_probs:
            raise UsageError(
                f"{scored_metric.name} scores values as they are: there is no decision to tune",
                fix="`podium blend` weighs runs, and `podium submit` takes a run as it is",
            )
        if competition.has_labels and competition.kind.is_by_output:
            raise UsageError(
                "there is nothing to tune: the most probable class of each output is the decision",
                fix="`podium blend` weighs runs, and `podium submit` takes a run as it is",
            )
    record = read_record(folder)
    if record.kind == "blend":
        parts = read_parts(folder)
        members = [str(one) for one in sets_of(parts)]
        methods = {task: part.blend.method for task, part in parts.items()}
        # One that was chosen of several keeps its name, and with it the table of them.
        name = f"tuned-{record.name}" if record.details.get("choice") else record.name
        if plain:
            name = f"plain-{record.name}"
    else:
        members, name = [str(folder)], f"{'plain' if plain else 'tuned'}-{record.name}"
        methods = {IMAGES: "mean", PIXELS: "mean"}
    scored = competition.scored_task
    return blend_runs(
        workspace,
        competition,
        members,
        method=methods.get(scored),
        label_method=methods.get(IMAGES),
        name=name,
        trials=trials,
        seed=seed,
        storage=f"sqlite:///{workspace.studies_db.resolve()}",
        grid=grid,
        raw=raw,
        plain=plain,
        must_tune=not plain,
        progress=progress,
    )


def blend_runs(
    workspace: Workspace,
    competition: Competition,
    members: Sequence[str] | None = None,
    *,
    method: str | None = None,
    label_method: str | None = None,
    families: Sequence[str] = (),
    name: str = "blend",
    trials: int = 50,
    seed: int = 0,
    storage: str | None = None,
    grid: Sequence[dict[str, Any]] = (),
    imports: bool = True,
    raw: bool = False,
    plain: bool = False,
    must_tune: bool = False,
    on: str | Engine | None = HERE,
    progress: Progress = SILENT,
) -> Path:
    """Return the folder of a blend of `members`; an existing one is kept as it is.

    Where masks are scored, it has a part for the labels, too, if members predict them; a member
    without masks is in that part only.

    Where all rows are of one fold and one group, nothing that is fitted on them has an honest
    score: members then weigh alike and are decided plainly, which needs no fit.

    Args:
        members: runs by id or name, or folders of prediction sets; None: every finished run, and
            the complete imports.
        method: a file of `ensembling/methods/`, for the scored task; None: hill climbing for
            labels, the mean for masks.
        label_method: of labels that are blended beside masks; None: hill climbing.
        families: methods for the scored task, of which one is chosen by honest scores; none: it is
            blended by `method`.
        name: of the folder, before its 8 hex digits.
        trials: Optuna trials for each fit of the decisions.
        seed: of the searches.
        storage: URL of an Optuna database for the study of a mask decision; None keeps none.
        grid: steps with values to try for the scored task; none: podium's own search.
        imports: whether imports are members if `members` is None.
        raw: take the raw maximum of a decision, in place of the robust choice.
        plain: take the plain decision, and tune nothing.
        must_tune: refuse rows of one fold and one group, as named families, a grid, and a method
            that would fit weights are refused there in any case.
        on: the engine that fits the families side by side; the choice is the same.
        progress: gets a message for each blend.

    Raises:
        UsageError: no run is finished, a member or a family is named twice, there is no such
            method or family, it would be chosen for one member alone, a member has other classes,
            or `name` cannot name a folder.
        DataError: no row of the scored task was predicted out of fold by every member.
        RunError: a member has no predictions.
    """
    require_folder_name(name, "a blend")
    _check_families(families, workspace.root)
    for one in filter(None, (method, label_method)):
        load_method(one, root=workspace.root)
    samples = load_samples(competition, "train", workspace=workspace)
    folds = ensure_folds(workspace, competition, samples)
    if not competition.scores_masks:
        label_method = method
    today = RowContents.of(workspace, competition, samples, progress)
    sets = _sets(workspace, competition, members, list(samples["id"]), folds, imports, progress)
    changes = _changes(workspace, competition, sets, today)
    for line in (*changes, *override_lines(runs_with_overrides(workspace, *_owners(sets)))):
        progress.say(f"  {line}")
    request = BlendRequest(
        workspace,
        competition,
        samples,
        folds,
        sets,
        method=label_method or LABEL_METHOD,
        mask_method=method or MASK_METHOD,
        families=tuple(families),
        trials=trials,
        seed=seed,
        storage=storage,
        notes=(*_notes(competition), *map(str, changes), *leak_notes(_records(sets))),
        grid=tuple(grid),
        raw=raw,
        plain=plain,
        fit_families=partial(_fit_families_on, workspace, on),
    )
    if families and len(request.having(competition.scored_task)) < 2:
        raise UsageError(
            "there is nothing to choose: one member is what it is by any method",
            fix="blend two members or more",
        )
    plan = plan_blend(request, progress)
    if plan.is_lone:
        if must_tune or families or grid:
            raise LoneGroupError(LONE, fix="train another fold")
        if method in (None, "mean") or len(sets) == 1:
            plan = plan.plainly()
            progress.say(f"  {LONE}: decided plainly, and scored so")
    combination = combination_of(competition.metric)
    together = None if combination is None else combination.written()
    known = find_parts(workspace, plan.inputs(), name=name, combined=together)
    if known is not None:
        progress.say(f"  {known.name} is there already")
        folder = known if combination is not None else _with_units(known, plan, progress)
    else:
        progress.say(f"  {name}: {plan}")
        scored, *beside = plan.fit(progress)
        fold_of = dict(zip(samples["id"].astype(str), folds.tolist(), strict=True))
        combined = combine_parts(competition, [scored, *beside], fold_of, seed=seed)
        folder = write_blend(
            workspace,
            scored.blend,
            scored.sets,
            name=name,
            beside=beside,
            units=scored.units if combined is None else combined.units,
            combined=combined,
            contents=today,
        )
    estimate_of_blend(workspace, folder)  # kept for the board and the submission
    expected_of_blend(workspace, competition, folder)
    return folder


def _fit_families_on(
    workspace: Workspace,
    on: str | Engine | None,
    fits: FamilyFits,
    methods: Sequence[str],
    parts: NDArray[np.int64] | None,
    progress: Progress,
) -> list[FamilyFit]:
    """Fit the families of a blend, each a task."""
    for one in methods:
        if extensions.is_user_object(one):
            extensions.require_allowed(one.partition(":")[0], workspace.root)
    rows = short_digest([list(fits.parts[1]), *map(int, fits.parts[0])])
    tasks = {
        f"blend-{rows}.{one}": Task(
            f"blend-{rows}.{one}",
            f"family {one}",
            workspace.jobs,
            fit_one_family,
            {"fits": fits, "method": one, "parts": parts},
            Needs(gpus=0),
        )
        for one in methods
    }
    found: dict[str, FamilyFit] = {}
    with open_engine(on) as engine, progress.bar("families", len(methods)) as advance:
        for end in run_tasks(engine, tasks.values(), progress=progress):
            if end.error is not None:
                raise end.error
            if end.is_cancelled:
                raise RunError(f"{end.name} was cancelled", fix="repeat the command")
            found[end.name] = end.value
            advance(1)
    return [found[one] for one in tasks]


def fit_one_family(
    *,
    fits: FamilyFits,
    method: str,
    parts: NDArray[np.int64] | None,
    progress: Progress,
) -> FamilyFit:
    """Fit one family of a blend as a task.

    Args:
        fits, method, parts: as `fit_family` has them.
        progress: of the task.
    """
    return fit_family(fits, method, parts)


def _changes(
    workspace: Workspace, competition: Competition, sets: Iterable[Path], today: RowContents
) -> list[DataChange]:
    """Return which members, and runs that they come from, saw other data than today's."""
    return data_changes(workspace, competition, *_owners(sets), today=today)


def _owners(sets: Iterable[Path]) -> list[Path]:
    """Return the folders of the runs and imports that prediction sets are of."""
    return list(dict.fromkeys(one.resolve().parent.parent for one in sets))


def _check_families(families: Sequence[str], root: Path) -> None:
    repeated = sorted({one for one in families if families.count(one) > 1})
    if repeated:
        raise UsageError(f"methods named more than once: {some(repeated)}", fix="name each once")
    for one in families:
        load_method(one, root=root)


def _with_units(known: Path, plan: BlendPlan, progress: Progress) -> Path:
    """Return `known`; a blend whose file of units was removed is fitted again, to keep them."""
    if (known / UNITS_FILE).is_file() or not plan.has_units:
        return known
    progress.say("  fitted again, to keep its out-of-fold predictions of each unit")
    units = plan.fit(progress)[0].units
    if units is not None and not add_units(known, units):
        progress.say(
            "  not kept: podium changed since, and fits it otherwise; a new one has them: "
            "podium blend --name NAME"
        )
    return known


def _records(sets: Sequence[Path]) -> list[Record]:
    """Return the records of the runs and imports of prediction sets, where there are any."""
    found = []
    for folder in _owners(sets):
        with suppress(RunError):  # a set that was made by hand
            found.append(read_record(folder))
    return found


def _notes(competition: Competition) -> tuple[str, ...]:
    if competition.folds.scheme != "time":
        return ()
    return ("time folds: weights and decisions of a fold come from later folds, too",)


def finished_runs(workspace: Workspace) -> list[tuple[Path, Record]]:
    """Return the runs whose folds are all trained, oldest first, each with its record.

    Runs trained without labels are left out.
    """
    runs = [
        (folder, record)
        for folder, record in scan(workspace)
        if record.kind == "run" and record.status == "finished" and not is_label_free_run(record)
    ]
    return sorted(runs, key=lambda run: (run[1].created, run[0]))


def newest_set(run: Path) -> Path:
    """Return the newest prediction set of `run` that has out-of-fold rows.

    Raises:
        RunError: there is none yet.
    """
    found = find_newest_set(run)
    if found is None:
        if (run / RECORD_FILE).is_file():
            refuse_label_free(record := read_record(run))
            if is_of_all_labels(record):
                raise RunError(
                    "this run was trained on all labels alone, so it has no out-of-fold "
                    "predictions",
                    where=run,
                    fix=f"train its folds: podium train runs/{run.name}/recipe.yaml; or send it "
                    f"as it is: podium submit {run.name}",
                )
        if run.parent.name == "imports":
            raise RunError(
                "this import has no out-of-fold predictions any more",
                where=run,
                fix="restore them from a copy, or repeat the `podium import` that made it",
            )
        failure = find_failure(run)
        if failure is not None:
            raise RunError(
                f"this run has no out-of-fold predictions: fold {failure.fold} failed: "
                f"{failure.what}",
                where=run,
                fix=f"leave it out, or train otherwise: {failure.fix}",
            )
        raise RunError(
            "this run has no out-of-fold predictions yet",
            where=run,
            fix=f"finish it with `podium train`, or `podium predict {run.name}`",
        )
    return found


def _sets(
    workspace: Workspace,
    competition: Competition,
    members: Sequence[str] | None,
    ids: Sequence[str],
    folds: NDArray[np.int64],
    imports: bool,
    progress: Progress,
) -> list[Path]:
    """Return the members' prediction sets that predict the scored task, or help to decide it.

    Default: all finished runs over today's folds and classes, and the imports that are as whole.
    """
    if members is not None:
        sets = [_prediction_set(workspace, member, progress) for member in members]
        places = [one.resolve() for one in sets]
        repeated = {one.parent.parent.name for one in places if places.count(one) > 1}
        if repeated:
            raise UsageError(
                f"named more than once: {some(sorted(repeated))}", fix="name a member once"
            )
        refuse_other_classes(places, competition)
        return sets
    digest, found = folds_digest(ids, folds), []
    every_fold = {int(fold) for fold in np.unique(folds) if fold >= 0}
    imported = newest_imports(scan(workspace)) if imports else []
    for folder, record in [*finished_runs(workspace), *imported]:
        if not is_current(record, competition, digest):
            why = "it was made with other folds or classes"
        else:
            why = "" if record.kind == "run" else import_gaps(record, competition, every_fold)
        if why:
            progress.say(f"  {folder.name} is left out: {why}")
        else:
            found.append(folder)
    if not found:
        raise _no_finished_run(workspace, competition, digest)
    for line in _left_out_for_folds(workspace, competition, digest):
        progress.say(f"  {line}")
    return [newest_set(folder) for folder in found]


def _left_out_for_folds(workspace: Workspace, competition: Competition, digest: str) -> list[str]:
    """Return a line for each run of today's folds that lacks some, with what trains them.

    Args:
        workspace, competition: as everywhere.
        digest: of today's folds.
    """
    runs = [(record.created, folder, record) for folder, record in scan(workspace)]
    lines = []
    for _, folder, record in sorted(runs, key=lambda one: one[:2]):
        is_run = record.kind == "run" and not is_label_free_run(record)
        if not is_run or record.status == "finished" or not is_current(record, competition, digest):
            continue
        trained = list(scores_of_all(record.scores).get("folds", {}))
        has = f"it has {'folds' if len(trained) > 1 else 'fold'} {', '.join(trained)} alone"
        failure = find_failure(folder)
        rest = "the others" if trained else "them"
        fix = f"podium train runs/{folder.name}/recipe.yaml trains {rest}"
        if failure is not None:
            fix = f"fold {failure.fold} failed: {failure.what}"
        if not trained:
            is_whole = is_of_all_labels(record)
            has = "it was trained on all labels alone" if is_whole else "it has no fold yet"
        lines.append(f"{folder.name} is left out: {has}; {fix}")
    return lines


class NoFinishedRunError(UsageError):
    """No run has all folds, and no import is as whole."""


def _no_finished_run(
    workspace: Workspace, competition: Competition, digest: str
) -> NoFinishedRunError:
    """Return the error where no run has all folds, which names what there is in its place.

    Args:
        workspace, competition: as everywhere.
        digest: of today's folds.
    """
    found = sorted(scan(workspace), key=lambda one: one[1].created)
    runs = [one for one in found if one[1].kind == "run" and one[1].status != "finished"]
    begun = [folder.name for folder, _ in runs]
    blends = [folder.name for folder, one in found if one.kind == "blend"]
    what = "there is no finished run to blend"
    if begun:
        what = f"{what}: of {some(begun, 3)} folds are missing"
    ways = [f"podium train runs/{begun[-1]}/recipe.yaml" if begun else "podium train RECIPE"]
    failure = find_failure(runs[-1][0]) if runs else None
    if failure is not None:
        what = f"{what}; fold {failure.fold} of {begun[-1]} failed: {failure.what}"
        ways = [failure.fix]
    current = [one for one in runs if is_current(one[1], competition, digest)]
    if parts := _sharing_folds(current):
        ways.append(f"blend the folds that are there: podium blend {' '.join(parts)}")
    if whole := [folder.name for folder, one in current if is_of_all_labels(one)]:
        ways.append(
            f"send the network of all labels, which has no score: podium submit {whole[-1]}"
        )
    if blends:
        ways.append(
            f"name the blend that is there in place of all runs: podium submit {blends[-1]} "
            "--dry-run"
        )
    return NoFinishedRunError(what, fix="; or ".join(ways))


def _sharing_folds(runs: Sequence[tuple[Path, Record]]) -> list[str]:
    """Return the unfinished runs that predict a fold which all of them predict, oldest first.

    The one with the most folds is among them, of several the newest.
    """
    folds = {
        folder.name: set(record.scores.get("folds", {}))
        for folder, record in runs
        if any(folder.glob("predictions/*/oof"))
    }
    kept: list[str] = []
    common: set[str] = set()
    newest_first = list(folds)[::-1]
    for name in sorted(newest_first, key=lambda one: len(folds[one]), reverse=True):
        shared = folds[name] if not kept else common & folds[name]
        if shared:
            common = shared
            kept.append(name)
    return [one for one in folds if one in kept]


def _prediction_set(workspace: Workspace, member: str, progress: Progress) -> Path:
    path = Path(member)
    if (path / "oof").is_dir():
        return path
    try:
        folder = workspace.artefact(member, rooms=("runs", "imports"))
    except UsageError:
        blends = [one.name for one in workspace.artefact_folders() if one.parent.name == "blends"]
        if any(one == member or one.rpartition("-")[0] == member for one in blends):
            raise UsageError(
                f"{member} is a blend, and blends are no members", fix="name its members"
            ) from None
        if several := _several_members(workspace, member):
            raise UsageError(
                f"there is no run {member!r}",
                fix=f"write a blank between runs: podium blend {' '.join(several)}",
            ) from None
        raise
    record = read_record(folder)
    refused = blend_refusal(record) if record.kind == "import" else None
    if refused is not None:
        raise refused
    if member != folder.name:
        _note_finished_run(workspace, member, record, folder, progress)
        if (edit := recipe_edit(workspace, member, folder)) is not None:
            progress.say(f"  {edit}")
    return newest_set(folder)


def _several_members(workspace: Workspace, text: str) -> list[str]:
    """Return the runs and imports that a text names with another sign between them than a blank."""
    names = re.split(r"\s*[,;+|]\s*", text.strip())
    try:
        for name in names:
            workspace.artefact(name, rooms=("runs", "imports"))
    except UsageError:
        return []
    return names if len(names) > 1 else []


def _note_finished_run(
    workspace: Workspace, member: str, record: Record, folder: Path, progress: Progress
) -> None:
    """Print that a name means a run without all folds, where an earlier one has them all."""
    if record.kind != "run" or record.status == "finished":
        return
    earlier = [one.name for one, other in finished_runs(workspace) if other.name == record.name]
    if earlier:
        progress.say(
            f"  {member} is {folder.name}, the newest of that name, which has not all folds; "
            f"to blend the finished one, write {earlier[-1]}"
        )


def member_contributions(
    workspace: Workspace, competition: Competition, folder: Path, *, progress: Progress = SILENT
) -> MemberTable:
    """Return each member's contribution to the scored part of the blend in `folder`.

    About three blends a member are fitted, each across the folds; `members.json` beside the record
    keeps the results, for the next time and for the report.

    Raises:
        RunError: the data, the folds or a member's predictions changed since the blend was made.
    """
    parts = read_parts(folder)
    methods = {task: part.blend.method for task, part in parts.items()}
    scored = next(iter(parts.values())).blend
    samples = load_samples(competition, "train", workspace=workspace)
    plan = plan_blend(
        BlendRequest(
            workspace,
            competition,
            samples,
            ensure_folds(workspace, competition, samples),
            sets_of(parts),
            method=methods.get(IMAGES, LABEL_METHOD),
            mask_method=methods.get(PIXELS, MASK_METHOD),
            trials=scored.trials,
            seed=scored.seed,
            grid=scored.grid,
        ),
        progress,
    )
    part = plan.masks or plan.labels
    assert part is not None
    if part.inputs()["data"] != scored.data:
        raise RunError(
            "what this blend was fitted on changed since",
            where=folder,
            fix="make the blend again: podium blend",
        )
    kept = kept_members(folder, scored)
    if kept is not None:
        return kept
    if plan.masks is not None:
        found = _mask_contributions(plan.masks, plan.labels, scored.method, scored.seed, progress)
    else:
        assert plan.labels is not None
        found = _label_contributions(plan.labels, scored.method, scored.seed, progress)
    # The result can be computed again: it is returned even if it cannot be written.
    try:
        write_members(folder, found)
    except OSError as error:
        _logger.warning("the contributions of the members are not kept: %s", error)
    return found


def _label_contributions(
    labels: LabelPlan, method: str, seed: int, progress: Progress
) -> MemberTable:
    fits, rows = labels.fits(), labels.rows

    return member_table(
        lambda chosen: fits.of_members(chosen).by(method),
        len(rows.members),
        errors_of(rows.members, rows.truth, fits.kind),
        seed=seed,
        progress=progress,
    )


def _mask_contributions(
    masks: MaskPlan, labels: LabelPlan | None, method: str, seed: int, progress: Progress
) -> MemberTable:
    rows = masks.rows
    classifier = None
    if labels is not None:
        classifier = labels.classifier(labels.fit(SILENT).blend, rows)

    def fit(chosen: tuple[int, ...]) -> tuple[Blend, OofUnits | None]:
        few = replace(
            rows,
            members=tuple(rows.members[m] for m in chosen),
            names=tuple(rows.names[m] for m in chosen),
        )
        return replace(masks, rows=few).fits(classifier).by(method)

    pixels = masks.fits(classifier).pixels.sample
    errors = errors_of(pixels.members, pixels.objective.truth, pixels.objective.kind)
    return member_table(fit, len(rows.members), errors, seed=seed, progress=progress)


def refuse_other_classes(sets: Iterable[Path], competition: Competition) -> None:
    """Raise UsageError if a member's columns are not today's classes, in their order.

    A prediction set made by hand does not list its classes.
    """
    for root in sets:
        try:
            record = read_record(root.parent.parent)
        except DamagedError:
            raise
        except RunError:
            continue
        known = record.inputs.get("classes")
        if known is not None and known != list(competition.classes):
            raise UsageError(
                f"{record.id} has other classes than competition.yaml, or in another order",
                fix="train or import it again, or write its classes as they were",
            )
