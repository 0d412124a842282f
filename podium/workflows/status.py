"""How far a competition has come, read from the workspace's files alone, and what comes next."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from podium.competition.checks.checked_tables import tables_changed
from podium.competition.truths.annotations_file import read_annotations
from podium.errors import PodiumError, some_names
from podium.submissions.board.best_to_send import best_score_warning, finished_work
from podium.submissions.board.blend_order import current_submission_file
from podium.submissions.board.view import BlendScore, BoardRow, BoardView, RunScore, board
from podium.submissions.upload.receipt import file_sha256
from podium.training.recipe import load_recipe
from podium.training.runs.content import kept_data_changes
from podium.training.runs.fold_files import find_failure, folds_in_training
from podium.workflows.next_command import NextCommand, first_training
from podium.workspace.auto_record import StepState, auto_records
from podium.workspace.display import show_path
from podium.workspace.machine import now
from podium.workspace.records import (
    ENDED_EARLY,
    is_label_free_run,
    is_of_all_labels,
    read_json,
    scan,
    scored_on_fewer_rows,
    scores_of_all,
)

if TYPE_CHECKING:
    from podium.competition.spec import Competition
    from podium.submissions.board.best_to_send import BestToSend, FinishedWork
    from podium.workspace.layout import Workspace
    from podium.workspace.records import Record

__all__ = [
    "WorkspaceStatus",
    "current_file",
    "next_commands",
    "recipe_of_run",
    "steps_of_sending",
    "training_to_begin_with",
    "workspace_status",
]

_AT_HOST = ("submitted", "complete", "error")

Checked = Literal[
    "no",
    "yes",
    "before competition.yaml changed",
    "before its tables changed",
    "before folds.csv changed",
    "with problems that stop you",
]


@dataclass(frozen=True)
class UnfinishedRun:
    """A run that lacks folds: how many of its `n_folds` are trained; None: not known."""

    id: str
    n_trained: int
    n_folds: int | None
    ended_early: bool = False
    """Whether a fold was trained for fewer epochs than its recipe has."""
    failed: str = ""
    """Why the training of a fold stopped by itself; "" where none did."""
    of_all_labels: bool = False
    """Whether a network of all labels is trained, and no fold."""


@dataclass(frozen=True)
class FoldInTraining:
    """A fold of a run that a process trains, or predicts with, now.

    `since` (ISO 8601, UTC) is when it began with this fold, on the machine `host`.
    """

    run: str
    fold: str
    pid: int
    host: str
    since: str


@dataclass(frozen=True)
class WorkspaceStatus:
    """The status of a competition.

    `n_runs_of_other_data` counts the runs that learnt other data than today's, and is None unless a
    table changed since the check: images are then compared, too, which takes its time. `to_choose`
    are keys of competition.yaml with several readings. `n_folds` is None without `folds.csv`.
    `unfinished` are the recipes of the runs that lack folds, `begun` the runs: a plan may train
    some folds of a run alone. `in_training` are the folds that a process is at now. The best run is
    a finished one of those scored on the most rows; `n_runs_apart` counts those of fewer rows,
    whose scores are not compared with its own. Where the best blend is of fewer rows,
    `beaten_blend` is the best of the most rows, which is worse in the folds of both.
    `n_blends_apart` counts the blends of fewer rows that have no fold in common with the best, and
    `blend_apart` is one of them whose score is better. `unsent` are files in `submissions/` that no
    host has, `alike` those of them that have the same content. `has_host`: somebody is named who
    takes files over the network. `sent_today` counts what this workspace sent since 00:00 UTC, of
    `daily_limit`; what was sent elsewhere only the host knows. `doubt` states why the score of the
    best blend is doubted, which is perfect.
    """

    competition: str
    metric: str
    to_choose: tuple[str, ...]
    checked: Checked
    n_runs_of_other_data: int | None
    n_folds: int | None
    n_runs: int
    unfinished: tuple[str, ...]
    begun: tuple[UnfinishedRun, ...]
    in_training: tuple[FoldInTraining, ...]
    best_run: RunScore | None
    n_runs_apart: int
    n_blends: int
    best_blend: BlendScore | None
    beaten_blend: BlendScore | None
    blend_apart: BlendScore | None
    n_blends_apart: int
    unsent: tuple[str, ...]
    alike: tuple[tuple[str, ...], ...]
    has_host: bool
    n_sent: int
    best_public: BoardRow | None
    sent_today: int
    daily_limit: int
    next: NextCommand
    doubt: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the status as JSON values."""
        return asdict(self)


def workspace_status(workspace: Workspace, competition: Competition) -> WorkspaceStatus:
    """Return how far the competition has come. Nothing of it leaves the machine.

    Before a first training the hub of pretrained weights may be asked whether it answers.

    Raises:
        DataError: competition.yaml names a metric that there is not.
    """
    view = board(workspace, competition)
    records = [one for _, one in scan(workspace)]
    runs = [one for one in records if one.kind == "run"]
    unfinished = [one for one in runs if one.status != "finished"]
    sign = 1 if view.greater_is_better else -1
    rows = {one.id: one.scores.get("scored_rows") for one in records}
    begun = tuple(_begun(workspace, one) for one in unfinished)
    begun_ids = {one.id for one in begun}
    best_run, n_runs_apart = _best_of_most_rows(
        [one for one in view.runs if one.id not in begun_ids],
        lambda one: None if one.oof is None else sign * one.oof,
        rows,
    )
    work = finished_work(workspace, competition, view)
    sent = [one for one in view.rows if one.state in _AT_HOST]
    today = now().date().isoformat()
    trained = [one.id for one in runs if one.status == "finished" and not is_label_free_run(one)]
    n_folds, checked = _n_folds(workspace.folds_file), _checked(workspace, competition)
    changes: set[str] = set()
    if checked == _TABLES_CHANGED:
        found = kept_data_changes(
            workspace, competition, *(workspace.runs / one.id for one in runs)
        )
        changes = {one.artefact for one in found} & {one.id for one in runs}
    return WorkspaceStatus(
        competition=competition.name,
        metric=view.metric,
        to_choose=tuple(competition.to_choose),
        checked=checked,
        n_runs_of_other_data=None if checked != _TABLES_CHANGED else len(changes),
        n_folds=n_folds,
        n_runs=len(trained),
        unfinished=tuple(one.name for one in unfinished),
        begun=begun,
        in_training=tuple(_in_training(workspace, records)),
        best_run=best_run,
        n_runs_apart=n_runs_apart,
        n_blends=len(view.blends),
        best_blend=work.ranked[0].score if work.ranked else None,
        beaten_blend=work.beaten,
        blend_apart=work.better_apart(greater_is_better=view.greater_is_better),
        n_blends_apart=sum(not one.is_compared for one in work.ranked),
        unsent=view.unsent,
        alike=_alike(workspace.submissions, view.unsent),
        has_host=competition.kaggle.is_named,
        n_sent=len(sent),
        best_public=next((one for one in view.rows if one.id == view.best_public), None),
        sent_today=sum((one.submitted or one.created).startswith(today) for one in sent),
        daily_limit=competition.kaggle.daily_limit,
        next=next(_steps(workspace, competition, view, records, work, checked)),
        doubt=best_score_warning(competition, work.ranked[0].score) if work.ranked else "",
    )


def next_commands(workspace: Workspace, competition: Competition, n: int) -> list[NextCommand]:
    """Return the next `n` things to do, the first of which `podium status` shows.

    A command that a step before it names is left out.

    Raises:
        DataError: competition.yaml names a metric that there is not.
    """
    view = board(workspace, competition)
    work = finished_work(workspace, competition, view)
    records = [one for _, one in scan(workspace)]
    checked = _checked(workspace, competition)
    steps = _steps(workspace, competition, view, records, work, checked)
    found: list[NextCommand] = []
    for step in islice(steps, n):
        told = (line for one in found for line in (one.command, one.purpose))
        if not any(line.endswith(step.command or step.purpose) for line in told):
            found.append(step)
    return found


def _best_of_most_rows(
    found: Iterable[RunScore],
    goodness: Callable[[RunScore], float | None],
    rows: Mapping[str, int | None],
) -> tuple[RunScore | None, int]:
    """Return the best of those scored on the most rows, and how many are scored on fewer.

    Args:
        found: runs.
        goodness: the greater the better; None: not scored.
        rows: of each, by id; None where it is not known, which is compared as of the most.
    """
    scored = [(known, one) for one in found if (known := goodness(one)) is not None]
    fewer = scored_on_fewer_rows({one.id: rows.get(one.id) for _, one in scored})
    rivals = [pair for pair in scored if pair[1].id not in fewer]
    best = max(rivals, key=lambda pair: pair[0], default=None)
    return None if best is None else best[1], len(scored) - len(rivals)


def _runs_of_plans(workspace: Workspace, state: StepState = "finished") -> set[str | None]:
    """Return the runs of the steps of `podium auto` in a state.

    Of a finished step it may have planned some folds.
    """
    try:
        plans = auto_records(workspace)
    except PodiumError:  # `podium auto` tells which file is damaged
        return set()
    return {step.run for plan in plans for step in plan.steps if step.state == state}


def _begun(workspace: Workspace, run: Record) -> UnfinishedRun:
    n_trained, n_folds = len(scores_of_all(run.scores).get("folds", {})), run.details.get("n_folds")
    files = (workspace.runs / run.id).glob("fold-*/done.json")
    done = (read_json(one, fix="train it again") for one in files)
    ended_early = any(ENDED_EARLY in one for one in done)
    failure = find_failure(workspace.runs / run.id)
    failed = "" if failure is None else failure.what
    return UnfinishedRun(run.id, n_trained, n_folds, ended_early, failed, is_of_all_labels(run))


def _in_training(workspace: Workspace, records: Iterable[Record]) -> Iterator[FoldInTraining]:
    for run in records:
        if run.kind == "run":
            for fold, holder in folds_in_training(workspace.runs / run.id).items():
                yield FoldInTraining(run.id, fold, holder.pid, holder.host, holder.since)


def _alike(folder: Path, names: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Return the files of the same content, those that have a like alone."""
    sizes = {name: (folder / name).stat().st_size for name in names}
    of_size = Counter(sizes.values())
    found: dict[str, list[str]] = {}
    for name in names:
        if of_size[sizes[name]] > 1:  # a large file that has no like is not read
            found.setdefault(file_sha256(folder / name), []).append(name)
    return tuple(tuple(some) for some in found.values() if len(some) > 1)


def _steps(
    workspace: Workspace,
    competition: Competition,
    view: BoardView,
    records: Sequence[Record],
    work: FinishedWork,
    checked: Checked,
) -> Iterator[NextCommand]:
    """Yield the steps of a competition that are not done yet, in their order; at least one.

    While a run is in training, no other training is proposed: the two would share the machine.

    Args:
        workspace, competition, view, records: as everywhere.
        work: what is blended, and the best of it.
        checked: whether the data are.
    """
    runs = sorted((one for one in records if one.kind == "run"), key=lambda one: one.created)
    is_trained = bool(work.n_members or work.ranked)  # a blend may be of some folds of a run
    if competition.to_choose:
        keys = ", ".join(competition.to_choose)
        yield NextCommand("podium choose", f"answer what the data leave open: {keys}")
    purpose = "find faults in the data before you train"
    if checked == _STOPPED:
        purpose = "see what stops you, and how to mend it"
    check = NextCommand("podium check", purpose)
    is_later = checked == "no" and (is_trained or bool(runs))  # a training was not stopped
    if checked != "yes" and not is_later:
        yield check
    if busy := list(dict.fromkeys(one.run for one in _in_training(workspace, records))):
        if set(work.not_blended) - set(busy):
            yield NextCommand("podium blend", _purpose_of_blend(work))
        elif work.best is not None:
            yield from steps_of_sending(workspace, competition, work.best)
        if is_later:
            yield check
        yield NextCommand("", f"wait for {some_names(busy)}, in training now")
        return
    recipes = [file.stem for file in sorted(workspace.recipes.glob("*.yaml"))]
    unfinished = _cut_short(workspace, runs)
    to_continue: list[NextCommand] = []
    if unfinished is not None and unfinished.name in recipes:
        recipe = recipe_of_run(workspace, unfinished.id)
        alone = (
            f" {_OF_ALL_LABELS}" if _folders_of_folds(workspace, unfinished) == _ONLY_FULL else ""
        )
        command = f"podium train {recipe}{alone}"
        to_continue = [NextCommand(command, "continue the unfinished training")]
        # `podium auto` stopped it for want of time, and wrote a file without it.
        is_left = work.best is not None and unfinished.id in _runs_of_plans(workspace, "stopped")
        if not is_left:
            yield to_continue.pop()
    if runs and runs[-1].status == "finished" and is_label_free_run(runs[-1]):
        start = f"podium train RECIPE -o model.from={runs[-1].id} -o model.weights=null"
        yield NextCommand(start, "start from what it learnt without labels")
    begun = (_begun(workspace, one) for one in runs if one.status != "finished")
    rest = _command_for_missing_folds(
        workspace,
        [one for one in begun if one.n_trained and not one.ended_early and not one.failed],
    )
    if not is_trained:
        yield from _sending_of_all_labels(workspace, competition, view, runs)
        yield rest or first_training(workspace, competition)
        if is_later:
            yield check
        return
    yield from _training_on_labels(workspace, view, runs)
    if work.not_blended or work.best is None:
        yield NextCommand("podium blend", _purpose_of_blend(work))
    else:
        more = "podium recipes suggest" if rest is None else rest.command
        yield from steps_of_sending(workspace, competition, work.best, more=more)
    if is_later:
        yield check
    if sum(one.state in _AT_HOST for one in view.rows) > competition.kaggle.finals:
        yield NextCommand("podium finals", "choose what counts for the private leaderboard")
    if rest is not None:
        yield rest
    yield from to_continue
    yield NextCommand("podium recipes suggest", "find what else to train")


_OF_ALL_LABELS = "--folds none --full"
_ONLY_FULL = {"fold-full"}


def _folders_of_folds(workspace: Workspace, run: Record) -> set[str]:
    """Return the names of the folders of the folds of a run that were begun."""
    return {one.name for one in (workspace.runs / run.id).glob("fold-*")}


def _sending_of_all_labels(
    workspace: Workspace, competition: Competition, view: BoardView, runs: Sequence[Record]
) -> Iterator[NextCommand]:
    """Yield what sends the newest run of all labels alone, or hands in its file, if there is one.

    A code competition takes packages, which are made of blends.
    """
    run = next((one for one in reversed(runs) if is_of_all_labels(one)), None)
    if run is None or competition.data.test is None or competition.kaggle.kind == "code":
        return
    if any(run.id in row.sources for row in view.rows if row.state in _AT_HOST):
        return
    file = current_file(workspace, competition, run.id)
    what = "of the network of all labels, which has no score"
    if competition.kaggle.is_named:
        yield NextCommand(f"podium submit {run.id}", f"send the file {what}")
    elif file is None:
        yield NextCommand(f"podium submit {run.id} --dry-run", f"write and check the file {what}")
    else:
        yield NextCommand("", f"hand in {file}, the file {what}")


def _training_on_labels(
    workspace: Workspace, view: BoardView, runs: Sequence[Record]
) -> Iterator[NextCommand]:
    """Yield what learns from labels of people that are newer than the last run, if there are any.

    It is the recipe of the best run that learns from them; where none is scored, of the newest.
    """
    trained = [one for one in runs if not is_label_free_run(one)]
    if not trained:
        return
    with suppress(PodiumError, ValueError):  # a damaged file stops the training, which tells it
        answers = read_annotations(workspace).values()
        n = sum(datetime.fromisoformat(one.when) > runs[-1].created for one in answers)
        if n:
            run = _best_trained(view, trained) or trained[-1].id
            command = f"podium train {recipe_of_run(workspace, run)}"
            new = f"{n:,} new label{'s' if n > 1 else ''} since the last run"
            yield NextCommand(command, f"{new}: every training learns from them")


def _best_trained(view: BoardView, runs: Sequence[Record]) -> str | None:
    """Return the best finished run of those scored on the most rows; None: none is scored."""
    finished = {one.id for one in runs if one.status == "finished"}
    sign = 1 if view.greater_is_better else -1
    best, _ = _best_of_most_rows(
        [one for one in view.runs if one.id in finished],
        lambda one: None if one.oof is None else sign * one.oof,
        {one.id: one.scores.get("scored_rows") for one in runs},
    )
    return None if best is None else best.id


def training_to_begin_with(workspace: Workspace, competition: Competition) -> NextCommand:
    """Return what trains the recipe of the best run, or a first recipe where none is trained."""
    with suppress(PodiumError):  # what is damaged, other commands tell
        records = [one for _, one in scan(workspace)]
        runs = [one for one in records if one.kind == "run" and not is_label_free_run(one)]
        best = _best_trained(board(workspace, competition), runs) if runs else None
        if best is not None:
            command = f"podium train {recipe_of_run(workspace, best)}"
            return NextCommand(command, "train the recipe of the best run")
    return first_training(workspace, competition)


def _cut_short(workspace: Workspace, runs: Sequence[Record]) -> Record | None:
    """Return the newest run whose training was cut short; None: there is none.

    One that failed fails again by the same command.
    """
    planned = _runs_of_plans(workspace)
    # Whoever trained another one to its end since has left it.
    ended = max((one.created for one in runs if one.status == "finished"), default=None)
    found = [one for one in runs if one.status != "finished" and one.id not in planned]
    found = [one for one in found if ended is None or one.created >= ended]
    found = [one for one in found if find_failure(workspace.runs / one.id) is None]
    found = [
        one
        for one in found
        if not (is_of_all_labels(one) and _folders_of_folds(workspace, one) == _ONLY_FULL)
    ]
    return found[-1] if found else None


def _purpose_of_blend(work: FinishedWork) -> str:
    """Return what a blend of all is for."""
    weigh = "weigh the runs and tune decisions, across the folds"
    if not work.ranked:
        return weigh
    new = [one for one in work.not_blended if one not in work.grown]
    if new:
        return f"{weigh}: no blend has {some_names(new)} yet"
    return f"{weigh}: {some_names(work.grown)} predicted more since it was blended"


def steps_of_sending(
    workspace: Workspace,
    competition: Competition,
    best: BestToSend,
    *,
    file: str | None = None,
    more: str = "podium recipes suggest",
) -> Iterator[NextCommand]:
    """Yield what sends the best, or hands in its file; nothing where a host has it.

    Args:
        workspace, competition: as everywhere.
        best: of what is finished.
        file: name of its file, where the caller has shown one.
        more: the command for who has handed the file in.
    """
    if best.was_sent:
        return
    name = best.name
    if competition.data.test is None:
        yield NextCommand(f"podium submit {name} --rehearse", "score it here")
        return
    if competition.kaggle.kind == "code":
        yield NextCommand(f"podium submit {name} --code", "send it as a notebook")
        return
    file = file or current_file(workspace, competition, name)
    alone = f": {best.why}" if best.is_alone else ""
    if competition.kaggle.is_named:
        what = f"{name}{alone}" if alone else "the best blend"
        what = what if file is None else f"{file}, the file of the best blend"
        yield NextCommand(f"podium submit {name}", f"send {what}")
    elif file is None:
        what = f"its file{alone}" if alone else "its file, to hand it in"
        yield NextCommand(f"podium submit {name} --dry-run", f"write and check {what}")
    else:
        yield NextCommand("", f"hand in {file}, the file of the best blend; for more: {more}")


def _command_for_missing_folds(
    workspace: Workspace, partial: Sequence[UnfinishedRun]
) -> NextCommand | None:
    """Return what trains the missing folds of the newest of these runs; None: there is none."""
    if not partial:
        return None
    run = partial[-1]
    known = "" if run.n_folds is None else f" of {run.n_folds}"
    return NextCommand(
        f"podium train {recipe_of_run(workspace, run.id)}",
        f"train the other folds of {run.id}, which has {run.n_trained}{known}",
    )


def current_file(workspace: Workspace, competition: Competition, blend: str) -> str | None:
    """Return the path from here of `current_submission_file`."""
    file = current_submission_file(workspace, competition, blend)
    return None if file is None else show_path(file)


def recipe_of_run(workspace: Workspace, run: str) -> str:
    """Return what `podium train` takes to continue the run with this id.

    That is its recipe's name; where the recipe was edited since, or had overrides, the file in the
    run's folder, as the name would be another run.
    """
    name = run.rpartition("-")[0]
    file = workspace.runs / run / "recipe.yaml"
    try:
        is_same = load_recipe(workspace.recipes / f"{name}.yaml") == load_recipe(file)
    except (OSError, PodiumError):
        is_same = not file.is_file()
    return name if is_same else str(file.relative_to(workspace.root))


_TABLES_CHANGED: Checked = "before its tables changed"
_FOLDS_CHANGED: Checked = "before folds.csv changed"
_STOPPED: Checked = "with problems that stop you"


def _checked(workspace: Workspace, competition: Competition) -> Checked:
    seen = workspace.checked_images
    if not seen.is_file():
        return "no"
    if _is_newer(workspace.competition_file, seen):
        return "before competition.yaml changed"
    if tables_changed(workspace, competition):
        return _TABLES_CHANGED
    with suppress(OSError, PodiumError):  # of a check before there were verdicts
        kept = read_json(workspace.check_verdict, fix="podium check")
        if kept.get("errors"):
            # Other folds may have been what it asked for. Of no fault, they are those it looked at.
            return _FOLDS_CHANGED if _is_newer(workspace.folds_file, seen) else _STOPPED
    return "yes"


def _is_newer(file: Path, other: Path) -> bool:
    return file.is_file() and file.stat().st_mtime > other.stat().st_mtime


def _n_folds(file: Path) -> int | None:
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            found = {row.get("fold") for row in csv.DictReader(stream)}
    except (OSError, ValueError):
        return None
    return len(found - {"-1", None, ""})
