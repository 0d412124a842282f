"""How far a competition has come, read from the workspace's files alone, and what comes next."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from podium.competition.checks.checked_tables import tables_changed
from podium.errors import PodiumError
from podium.submissions.board.blend_order import current_submission_file, ranked_blends
from podium.submissions.board.view import BlendScore, BoardRow, BoardView, RunScore, board
from podium.submissions.upload.receipt import file_sha256
from podium.training.recipe import load_recipe
from podium.training.runs.content import kept_data_changes
from podium.workflows.next_command import NextCommand, first_training
from podium.workspace.auto_record import auto_records
from podium.workspace.blend_notes import member_to_send
from podium.workspace.display import show_path
from podium.workspace.machine import now
from podium.workspace.records import (
    ENDED_EARLY,
    is_label_free_run,
    read_json,
    scan,
    scored_on_fewer_rows,
    scores_of_all,
)

if TYPE_CHECKING:
    from podium.competition.spec import Competition
    from podium.workspace.auto_record import AutoRecord
    from podium.workspace.layout import Workspace
    from podium.workspace.records import Record

__all__ = ["WorkspaceStatus", "current_file", "recipe_of_run", "workspace_status"]

Checked = Literal["no", "yes", "before competition.yaml changed", "before its tables changed"]


@dataclass(frozen=True)
class UnfinishedRun:
    """A run that lacks folds: how many of its `n_folds` are trained; None: not known."""

    id: str
    n_trained: int
    n_folds: int | None
    ended_early: bool = False
    """Whether a fold was trained for fewer epochs than its recipe has."""


@dataclass(frozen=True)
class WorkspaceStatus:
    """The status of a competition.

    `n_runs_of_other_data` counts the runs that learnt other data than today's, and is None unless a
    table changed since the check: images are then compared, too, which takes its time.
    `to_choose` are keys of competition.yaml with several readings. `n_folds` is None without
    `folds.csv`. `unfinished` are the recipes of the runs that lack folds, `begun` the runs: a plan
    may train some folds of a run alone. The best run is a finished one; it and the best blend are
    of those scored on the most rows, and `n_runs_apart` and `n_blends_apart` count those of fewer
    rows, whose scores are not compared with theirs. `unsent` are files in `submissions/` that no
    host has, `alike` those of them that have the same content. `has_host`: somebody is named who
    takes files over the network. `sent_today` counts what this workspace sent since 00:00 UTC, of
    `daily_limit`; what was sent elsewhere only the host knows.
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
    best_run: RunScore | None
    n_runs_apart: int
    n_blends: int
    best_blend: BlendScore | None
    n_blends_apart: int
    unsent: tuple[str, ...]
    alike: tuple[tuple[str, ...], ...]
    has_host: bool
    n_sent: int
    best_public: BoardRow | None
    sent_today: int
    daily_limit: int
    next: NextCommand

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
    ranked = ranked_blends(workspace, competition, view)
    best_blend = ranked[0].score if ranked else None
    sent = [one for one in view.rows if one.state in ("submitted", "complete", "error")]
    today = now().date().isoformat()
    blended = {member for one in view.blends if len(one.members) > 1 for member in one.members}
    if best_blend is not None and (plan := _plan_of_last_blend(workspace, best_blend.id)):
        # A blend may have one member alone, as no other run made it better.
        blended |= {*plan.known, *(step.run for step in plan.steps if step.run is not None)}
        made = next(one.created for one in records if one.id == best_blend.id)
        goodness = {one.id: sign * one.oof for one in view.runs if one.oof is not None}
        least = sign * (best_blend.honest or 0.0)
        blended |= {
            one.id for one in runs if one.created < made and goodness.get(one.id, least) <= least
        }
    trained = [one.id for one in runs if one.status == "finished" and not is_label_free_run(one)]
    n_folds, checked = _n_folds(workspace.folds_file), _checked(workspace, competition)
    changes: set[str] = set()
    if checked == _TABLES_CHANGED:
        found = kept_data_changes(
            workspace, competition, *(workspace.runs / one.id for one in runs)
        )
        changes = {one.artefact for one in found} & {one.id for one in runs}
    planned = _runs_of_plans(workspace)
    # Whoever trained another one to its end since has left it.
    ended = max((one.created for one in runs if one.status == "finished"), default=None)
    left = {one.id for one in unfinished if ended is not None and one.created < ended}
    cut_short = [one for one in unfinished if one.id not in planned | left]
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
        best_run=best_run,
        n_runs_apart=n_runs_apart,
        n_blends=len(view.blends),
        best_blend=best_blend,
        n_blends_apart=sum(one.is_of_fewer_rows for one in ranked),
        unsent=view.unsent,
        alike=_alike(workspace.submissions, view.unsent),
        has_host=competition.kaggle.is_named,
        n_sent=len(sent),
        best_public=next((one for one in view.rows if one.id == view.best_public), None),
        sent_today=sum((one.submitted or one.created).startswith(today) for one in sent),
        daily_limit=competition.kaggle.daily_limit,
        next=_next(
            workspace,
            competition,
            checked=checked,
            unfinished=cut_short[-1] if cut_short else None,
            partial=[one for one in begun if one.n_trained and not one.ended_early],
            is_new=not view.blends or (len(trained) > 1 and bool(set(trained) - blended)),
            n_trained=len(trained),
            best_blend=best_blend,
            better_alone=None if best_blend is None else _better_alone(view, best_blend, records),
            was_sent=bool(ranked) and ranked[0].was_sent,
            sent=sent,
        ),
    )


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


def _runs_of_plans(workspace: Workspace) -> set[str | None]:
    """Return the runs of finished steps of `podium auto`, which may have planned some folds."""
    try:
        plans = auto_records(workspace)
    except PodiumError:  # `podium auto` tells which file is damaged
        return set()
    return {step.run for plan in plans for step in plan.steps if step.state == "finished"}


def _plan_of_last_blend(workspace: Workspace, blend: str) -> AutoRecord | None:
    """Return the newest plan of `podium auto` with a blend, where its last one is `blend`."""
    try:
        plans = auto_records(workspace)
    except PodiumError:  # `podium auto` tells which file is damaged
        return None
    for plan in reversed(plans):
        sent = [step.sent for step in plan.steps if step.sent is not None]
        if sent:
            return plan if sent[-1] == blend else None
    return None


def _begun(workspace: Workspace, run: Record) -> UnfinishedRun:
    n_trained, n_folds = len(scores_of_all(run.scores).get("folds", {})), run.details.get("n_folds")
    files = (workspace.runs / run.id).glob("fold-*/done.json")
    done = (read_json(one, fix="train it again") for one in files)
    return UnfinishedRun(run.id, n_trained, n_folds, any(ENDED_EARLY in one for one in done))


def _alike(folder: Path, names: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Return the files of the same content, those that have a like alone."""
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(file_sha256(folder / name), []).append(name)
    return tuple(tuple(some) for some in found.values() if len(some) > 1)


def _next(
    workspace: Workspace,
    competition: Competition,
    *,
    checked: Checked,
    unfinished: Record | None,
    partial: Sequence[UnfinishedRun],
    is_new: bool,
    n_trained: int,
    best_blend: BlendScore | None,
    better_alone: str | None,
    was_sent: bool,
    sent: list[BoardRow],
) -> NextCommand:
    """Return the first step of a competition that is not done yet.

    Args:
        workspace, competition: as everywhere.
        checked, best_blend: as the status has them.
        unfinished: the newest run whose training was cut short.
        partial: runs of which some folds are trained, oldest first.
        is_new: a finished run is in no blend of several.
        n_trained: number of finished runs.
        better_alone: a member of the best blend that scores better alone, and is no blend yet.
        was_sent: a host has the file of the best blend.
        sent: what a host has.
    """
    recipes = [file.stem for file in sorted(workspace.recipes.glob("*.yaml"))]
    can_send = competition.kaggle.is_named
    if competition.to_choose:
        return NextCommand("", f"choose in competition.yaml: {', '.join(competition.to_choose)}")
    if checked != "yes":
        return NextCommand("podium check", "find what stops a training before it starts")
    if unfinished and unfinished.name in recipes:
        recipe = recipe_of_run(workspace, unfinished.id)
        return NextCommand(f"podium train {recipe}", "continue the unfinished training")
    rest = _command_for_missing_folds(workspace, partial)
    if not n_trained and best_blend is None:  # a blend may be of some folds of a run
        if rest is not None:
            return rest
        return first_training(workspace, competition)
    if is_new:
        return NextCommand("podium blend", "weigh the runs and tune decisions, across the folds")
    if best_blend is not None and not was_sent:
        best = better_alone or best_blend.id
        if competition.data.test is None:
            return NextCommand(f"podium submit {best} --rehearse", "score it here")
        if competition.kaggle.kind == "code":
            return NextCommand(f"podium submit {best} --code", "send it as a notebook")
        file = current_file(workspace, competition, best)
        alone = "" if better_alone is None else f": it scores better alone than {best_blend.id}"
        if can_send:
            what = f"{best}{alone}" if alone else "the best blend"
            what = what if file is None else f"{file}, the file of the best blend"
            return NextCommand(f"podium submit {best}", f"send {what}")
        if file is None:
            command = f"podium submit {best} --dry-run"
            what = f"its file{alone}" if alone else "its file, to hand it in"
            return NextCommand(command, f"write and check {what}")
        more = "podium recipes suggest" if rest is None else rest.command
        return NextCommand("", f"hand in {file}, the file of the best blend; for more: {more}")
    if len(sent) > competition.kaggle.finals:
        return NextCommand("podium finals", "choose what counts for the private leaderboard")
    if rest is not None:
        return rest
    return NextCommand("podium recipes suggest", "find what else to train")


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


def _better_alone(view: BoardView, best: BlendScore, records: Sequence[Record]) -> str | None:
    """Return the member that a note of the best blend says scores better alone, and is to be sent.

    None where there is none, and where it was made a blend of its own, which is no better.
    """
    record = next(one for one in records if one.id == best.id)
    members = record.details.get("members", ())
    found = member_to_send(record.details.get("notes", ()), members)
    is_blend = any(one.members == (found,) for one in view.blends)
    return None if not found or is_blend else found


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


def _checked(workspace: Workspace, competition: Competition) -> Checked:
    seen = workspace.checked_images
    if not seen.is_file():
        return "no"
    is_older = seen.stat().st_mtime < workspace.competition_file.stat().st_mtime
    if is_older:
        return "before competition.yaml changed"
    return _TABLES_CHANGED if tables_changed(workspace, competition) else "yes"


def _n_folds(file: Path) -> int | None:
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            found = {row.get("fold") for row in csv.DictReader(stream)}
    except (OSError, ValueError):
        return None
    return len(found - {"-1", None, ""})
