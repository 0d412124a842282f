"""Compare methods: several recipes at equal epochs or in equal time, over seeds.

Where time is equal, an epoch of each recipe is measured first, its evaluation included.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from time import monotonic

from podium.competition.spec import Competition
from podium.errors import UsageError
from podium.training.recipe import Recipe, load_recipe
from podium.training.runs.fold_files import Fold
from podium.training.runs.history import HistoryRow
from podium.training.runs.job import Deadline
from podium.training.runs.pretraining import is_label_free
from podium.training.runs.train import train
from podium.workflows.engines import HERE, Engine, Flow
from podium.workflows.studies.runs import (
    FROM_SCRATCH,
    SeedResult,
    StudyArm,
    StudySetting,
    refuse_unscored,
    run_study,
    seconds_of,
)
from podium.workflows.studies.table import (
    ArmScores,
    Study,
    StudyFolder,
    optimism_note,
    rank_arms,
    study_inputs,
    within_one_standard_error,
)
from podium.workflows.training import find_recipe
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

__all__ = ["compare_study"]


NO_TIME = "out of time: an epoch of each recipe is measured first; the same command continues"


@dataclass(frozen=True)
class _Entry:
    """A recipe of the comparison.

    Attributes:
        epochs: of each phase.
        seconds: that an epoch of each phase took in its trial; None where none was made.
    """

    file: Path
    recipe: Recipe
    is_label_free: bool
    epochs: tuple[int, ...] = ()
    seconds: tuple[float, ...] | None = None

    @property
    def name(self) -> str:
        return self.file.stem

    @property
    def overrides(self) -> tuple[str, ...]:
        return tuple(f"phases[{at}].epochs={n}" for at, n in enumerate(self.epochs))


def compare_study(
    workspace: Workspace,
    competition: Competition,
    recipes: Sequence[Path | str],
    *,
    epochs: int | None = None,
    minutes: float | None = None,
    then: Path | str | None = None,
    seeds: Sequence[int] = (0, 1, 2),
    folds: Sequence[int] | None = None,
    max_time_s: float | None = None,
    on: str | Engine | None = HERE,
    progress: Progress = SILENT,
) -> Study:
    """Train every recipe with an equal budget, over seeds, and order them by their mean score.

    A recipe without labels is followed by `then`, trained unchanged from that run; the run of
    `then` is scored. Runs are ordinary ones, named `<recipe>-compared` and
    `<then>-after-<recipe>`. The same call resumes after an interruption and trains nothing twice.

    Args:
        workspace: where runs and the study are kept.
        competition: to train for.
        recipes: files, or names of the workspace's recipes, two or more.
        epochs: of each recipe; of several phases together, in the recipe's proportions.
        minutes: instead of epochs: training time of one model of each recipe. An epoch of each is
            measured first, once: the study keeps the result.
        then: the recipe with labels to train after one without.
        seeds: of the recipes, one run of each recipe for each.
        folds: train and score these alone; None: all.
        max_time_s: stop, resumably, before so many seconds have passed.
        on: the engine that trains all runs side by side, each fold a task; by default they follow
            each other in this process. Scores are the same, to the bit with as many threads.
        progress: shows bars and messages.

    Raises:
        UsageError: fewer than two recipes, two of one name, none or both of epochs and minutes,
            or a recipe without labels and no `then`.
        PodiumError: as `podium.training.runs.train.train`. A training that fails, as by a collapse,
            leaves its place in the table empty.
    """
    deadline = Deadline(max_time_s)
    entries = _entries(workspace, recipes)
    _refuse_lengths(epochs, minutes)
    after = _recipe_after(workspace, entries, then)
    scored = {one.name: one.recipe for one in entries if not one.is_label_free}
    scored |= {} if after is None else {after.stem: load_recipe(after)}
    for name, recipe in scored.items():
        refuse_unscored(recipe, competition, name)
    setting = StudySetting.of(workspace, competition, folds, progress)
    facts = {
        "recipes": [setting.run_id(one.file) for one in entries],
        "then": None if after is None else setting.run_id(after, FROM_SCRATCH),
        "epochs": epochs,
        "minutes": minutes,
    }
    inputs = study_inputs("compare", competition, seeds, setting.folds, **facts)
    folder = StudyFolder(workspace, "compare", inputs)
    notes = _notes(entries, epochs, minutes, after)

    def study_of(rows: Sequence[ArmScores], stopped: str | None) -> Study:
        greater = setting.metric.greater_is_better
        near = within_one_standard_error(rows, greater_is_better=greater)
        order = rank_arms(rows, greater_is_better=greater)
        return setting.study(folder, order, stopped, near_the_best=frozenset(near), notes=notes)

    planned = _planned(setting, folder, entries, epochs, minutes, deadline)
    notes += _same_notes(planned or ())
    if planned is None:
        empty = [ArmScores(one.name, {}, tuple(seeds)) for one in entries]
        study = study_of(empty, NO_TIME)
        folder.write(study, with_figure=False)
        return study
    arms = [_arm(setting, one, after) for one in planned]
    return run_study(folder, study_of, arms, seeds, deadline, progress, on=on)


def _entries(workspace: Workspace, recipes: Sequence[Path | str]) -> list[_Entry]:
    if len(recipes) < 2:
        raise UsageError("a comparison is of two recipes or more", fix="name another recipe")
    files = [find_recipe(workspace, one) for one in recipes]
    names = [file.stem for file in files]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(
            f"{', '.join(twice)} is named twice", fix="give each recipe a file name of its own"
        )
    found = []
    for file in files:
        recipe = load_recipe(file)
        found.append(_Entry(file, recipe, is_label_free(recipe, workspace.root)))
    return found


def _refuse_lengths(epochs: int | None, minutes: float | None) -> None:
    if (epochs is None) == (minutes is None):
        raise UsageError(
            "recipes are compared at equal epochs or in equal time",
            fix="write either --epochs N or --minutes M",
        )
    if (epochs is not None and epochs < 1) or (minutes is not None and not minutes > 0):
        raise UsageError("the budget is zero", fix="write --epochs 1, or more")


def _recipe_after(
    workspace: Workspace, entries: Sequence[_Entry], then: Path | str | None
) -> Path | None:
    free = [one.name for one in entries if one.is_label_free]
    if then is None:
        if free:
            raise UsageError(
                f"{', '.join(free)} learns without labels, so it has no score of its own",
                fix="write --then RECIPE: what is trained with labels from there, and scored",
            )
        return None
    file = find_recipe(workspace, then)
    if not free:
        raise UsageError(
            "every recipe learns with labels and is scored itself, so nothing comes after",
            fix="leave --then out",
        )
    if is_label_free(load_recipe(file), workspace.root):
        raise UsageError(
            f"--then {file.stem} learns without labels, too, and has no score",
            fix="name a recipe that learns with labels",
        )
    return file


def _planned(
    setting: StudySetting,
    folder: StudyFolder,
    entries: Sequence[_Entry],
    epochs: int | None,
    minutes: float | None,
    deadline: Deadline,
) -> list[_Entry] | None:
    """Return the recipes with their epochs; None: there was no time to measure them."""
    if minutes is None:
        assert epochs is not None
        return [replace(one, epochs=epochs_shared(one.recipe, epochs)) for one in entries]
    planned = []
    for one in entries:
        known = folder.noted.get("seconds", {}).get(one.name)
        if known is None:
            setting.progress.say(f"{one.name}: how long an epoch takes")
            seconds = measure_epochs(
                setting,
                one,
                name=f"{one.name}-trial-of-{folder.path.name}",
                deadline=deadline,
            )
            if seconds is None:
                return None
            known = list(seconds)
            folder.note({"seconds": {**folder.noted.get("seconds", {}), one.name: known}})
        n = epochs_in(one.recipe, minutes, known)
        planned.append(replace(one, epochs=n, seconds=tuple(known)))
    return planned


def _arm(setting: StudySetting, entry: _Entry, after: Path | None) -> StudyArm:
    """Return what trains one recipe, and what comes after it."""
    took: list[float] = []
    name = f"{entry.name}-compared"

    def run(seed: int, deadline: Deadline) -> Flow[SeedResult]:
        setting.progress.say(f"{entry.name}, seed {seed}")
        free = entry.is_label_free
        overrides = (*entry.overrides, f"seed={seed}")
        first = yield from setting.train(entry.file, overrides, name, deadline, without_labels=free)
        if first.stopped is not None:
            return SeedResult(first.run.name, None, first.stopped)
        took.append(seconds_of(first.run, ("full",) if free else setting.folds))
        columns = _columns(entry, fmean(took), after)
        if not free:
            return SeedResult.of(setting, first, columns)
        assert after is not None
        start = ("model.weights=null", f"model.from={first.run.name}", f"seed={seed}")
        last = yield from setting.train(after, start, f"{after.stem}-after-{entry.name}", deadline)
        return SeedResult.of(setting, last, columns)

    return StudyArm(entry.name, _columns(entry, None, after), run)


def _columns(entry: _Entry, took: float | None, after: Path | None) -> dict[str, str]:
    """Return the columns of a recipe; `took` is how many seconds a model of it took."""
    n = sum(entry.epochs)
    each = None if took is None else took / n
    if entry.seconds is not None:
        each = sum(k * s for k, s in zip(entry.epochs, entry.seconds, strict=True)) / n
    columns = {
        "epochs": str(n),
        "s/epoch": "–" if each is None else f"{each:.3g}",
        "minutes": "–" if took is None else f"{took / 60:.3g}",
    }
    if after is not None:
        columns["then"] = after.stem if entry.is_label_free else "–"
    return columns


def _notes(
    entries: Sequence[_Entry], epochs: int | None, minutes: float | None, after: Path | None
) -> tuple[str, ...]:
    if minutes is not None:
        length = f"{minutes:g} minutes a model each"
    else:
        length = "1 epoch each" if epochs == 1 else f"{epochs} epochs each"
    found = [f"{length}; * within one standard error of the best mean."]
    chosen = [one.name for one in entries if one.recipe.is_selected_on_fold]
    if after is not None:
        found.append(f"Where {after.stem} follows, its own training comes on top, as it stands.")
        last = load_recipe(after)
        chosen += [one.name for one in entries if one.is_label_free and last.is_selected_on_fold]
    return (*found, optimism_note(chosen)) if chosen else tuple(found)


def _same_notes(entries: Sequence[_Entry]) -> tuple[str, ...]:
    """Return a note for each recipe that others are equal to once each has its epochs."""
    found = [(one.name, load_recipe(one.file, one.overrides)) for one in entries]
    groups = [[name for name, other in found if other == one] for _, one in found]
    same = dict.fromkeys(tuple(names) for names in groups if len(names) > 1)
    return tuple(
        f"{' and '.join(names)} are one recipe with these epochs, so their scores are equal."
        for names in same
    )


TRIAL_EPOCHS = 2


def epochs_shared(recipe: Recipe, total: int) -> tuple[int, ...]:
    """Return the epochs of each phase that sum to `total`, in the proportions of the recipe.

    Each has at least one; the remainder of rounding goes to the phases that lost most by it.
    """
    planned = [phase.epochs for phase in recipe.phases]
    exact = [total * one / sum(planned) for one in planned]
    found = [max(1, int(one)) for one in exact]
    by_loss = sorted(range(len(exact)), key=lambda at: found[at] - exact[at])
    for at in by_loss[: max(0, total - sum(found))]:
        found[at] += 1
    return tuple(found)


def epochs_in(recipe: Recipe, minutes: float, seconds: Sequence[float]) -> tuple[int, ...]:
    """Return the epochs of each phase that take `minutes` together, as nearly as whole ones do.

    Args:
        recipe: whose proportions of epochs stay.
        minutes: of training, of one model.
        seconds: that an epoch of each phase takes.
    """
    planned = [phase.epochs for phase in recipe.phases]
    takes = sum(n * one for n, one in zip(planned, seconds, strict=True))
    factor = 60 * minutes / max(takes, 1e-9)
    return tuple(max(1, round(factor * one)) for one in planned)


class _MeasuringDone(Exception):  # noqa: N818 — no error: the measurement is complete
    """Ends a trial."""


def measure_epochs(
    setting: StudySetting,
    entry: _Entry,
    *,
    name: str,
    deadline: Deadline,
) -> tuple[float, ...] | None:
    """Return the seconds that an epoch of each phase takes here, its evaluation among them.

    A short training of one fold is timed: the second epoch of each phase, because the first one
    also warms up caches and the device. Its run is removed.

    Args:
        name: of that run, used for nothing else: a run left by an earlier process is removed.

    Returns:
        A number for each phase; None: the deadline came first.

    Raises:
        PodiumError: as `podium.training.runs.train.train`.
    """
    _remove_runs(setting, name)
    ends: dict[str, list[float]] = {phase.name: [] for phase in entry.recipe.phases}

    def watch(_: Fold, row: HistoryRow) -> None:
        ends[str(row["phase"])].append(monotonic())
        if len(ends[entry.recipe.phases[-1].name]) == TRIAL_EPOCHS:
            raise _MeasuringDone

    every = [f"phases[{at}].epochs={TRIAL_EPOCHS}" for at in range(len(entry.recipe.phases))]
    try:
        train(
            setting.workspace,
            setting.competition,
            entry.file,
            overrides=tuple(every),
            folds=None if entry.is_label_free else setting.folds[:1],
            max_time_s=deadline.left(),
            name=name,
            watch=watch,
            progress=setting.progress,
        )
    except _MeasuringDone:
        pass
    finally:
        _remove_runs(setting, name)
    if any(len(moments) < TRIAL_EPOCHS for moments in ends.values()):
        return None
    return tuple(moments[-1] - moments[-2] for moments in ends.values())


def _remove_runs(setting: StudySetting, name: str) -> None:
    runs = setting.workspace.runs
    found = [one for one in runs.glob("*") if one.name.rpartition("-")[0] == name]
    for run in found:
        shutil.rmtree(run, ignore_errors=True)
