"""`podium status`, and `podium` alone in a workspace: how far one has come, and what comes next."""

from __future__ import annotations

import socket
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

import typer

from podium.cli.context import command_line, open_workspace, to_type_here
from podium.cli.options import AsJson
from podium.cli.tables import print_json
from podium.workspace.display import number, show_path
from podium.workspace.jobs import describe_jobs
from podium.workspace.layout import is_file_before
from podium.workspace.machine import now

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from podium.workflows.status import WorkspaceStatus

EXAMPLE = "podium status   (or podium alone)   ·   podium status --json"


def run(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Show how far the competition has come, and the next command; nothing leaves the machine."""
    from podium.workflows.status import workspace_status

    workspace, competition = open_workspace(ctx)
    status = workspace_status(workspace, competition)
    if as_json:
        print_json(status.as_dict())
    else:
        print_status(status, workspace.submissions, describe_jobs(workspace))


def print_status(status: WorkspaceStatus, submissions: Path, tasks: str | None = None) -> None:
    """Print a line for each step of a competition, its tasks, and the next command.

    Args:
        status: of the competition.
        submissions: the folder of its files.
        tasks: how many of them there are, where there are any.
    """
    print(f"{status.competition}, scored by {status.metric}\n")
    folds = "not made" if status.n_folds is None else str(status.n_folds)
    checked = {"no": "not checked", "yes": "checked"}.get(
        status.checked, f"checked {status.checked}"
    )
    if status.n_runs_of_other_data:
        checked += f"; runs of other data: {status.n_runs_of_other_data} ({command_line('verify')})"
    lines = {"data": checked, "folds": folds}
    lines["runs"] = str(status.n_runs) if status.n_runs else "none with all folds"
    if status.best_run is not None:
        lines["runs"] += f"; best {status.best_run.id}, OOF {number(status.best_run.oof)}"
        lines["runs"] += _apart(status.n_runs_apart)
    busy = {one.run for one in status.in_training}
    if some := [one for one in status.begun if one.n_trained and one.id not in busy]:
        early = {one.id: ", ended early" if one.ended_early else "" for one in some}
        each = [
            f"{one.id} ({one.n_trained} of {one.n_folds or '?'}{early[one.id]})" for one in some
        ]
        lines["runs"] += f"; {len(some)} with some folds: {', '.join(each)}"
    others = [one for one in status.begun if one.id not in busy]
    if whole := [one.id for one in others if one.of_all_labels]:
        lines["runs"] += f"; {len(whole)} of all labels, without a score: {', '.join(whole)}"
    none = [
        one.id for one in others if not one.n_trained and not one.failed and one.id not in whole
    ]
    if none:
        lines["unfinished"] = ", ".join(none)
    if failed := [f"{one.id} ({one.failed})" for one in others if one.failed]:
        lines["failed"] = ", ".join(failed)
    if busy:
        lines["training"] = "; ".join(_in_training(status))
    if tasks is not None:
        lines["tasks"] = f"{tasks} ({command_line('jobs')})"
    lines["blends"] = str(status.n_blends) if status.n_blends else "none"
    if status.best_blend is not None:
        lines["blends"] += (
            f"; best {status.best_blend.id}, honest {number(status.best_blend.honest)}"
            f"{_compared(status)}"
        )
        lines["blends"] += f"; {to_type_here(status.doubt)}" if status.doubt else ""
    if status.unsent:
        # A host that takes files by mail tells nobody what it has.
        lines["not sent" if status.has_host else "files"] = _files(status, submissions)
    if status.has_host or status.n_sent:
        lines["sent"] = str(status.n_sent) if status.n_sent else "none"
        if status.best_public is not None:
            best = status.best_public
            lines["sent"] += f"; best {best.id}, public {number(best.public_score)}"
        lines["sent"] += f"; today {status.sent_today} of {status.daily_limit} (UTC)"
    width = max(map(len, lines))
    for name, text in lines.items():
        print(f"  {name:<{width}}  {text}")
    command, purpose = map(to_type_here, (status.next.command, status.next.purpose))
    print(f"\nnext: {command}   ({purpose})" if command else f"\nnext: {purpose}")


def _in_training(status: WorkspaceStatus) -> Iterator[str]:
    """Yield each run that is in training now: its folds that are done, and who is at which."""
    begun = [one for one in status.begun if one.n_trained]
    done = {one.id: f"{one.n_trained} of {one.n_folds or '?'} folds; " for one in begun}
    here, today = socket.gethostname(), f"{now():%m-%d}"
    for run, group in groupby(status.in_training, key=lambda one: one.run):
        folds = []
        for one in group:
            began = f"{datetime.fromisoformat(one.since):%m-%d %H:%M} UTC"
            folds.append(
                f"fold {one.fold} by process {one.pid}"
                + (f" on {one.host}" if one.host != here else "")
                + f" since {began.removeprefix(f'{today} ')}"
            )
        yield f"{run} ({done.get(run, '')}{', '.join(folds)})"


def _files(status: WorkspaceStatus, submissions: Path) -> str:
    """Return the files that no host has, those of the same content once."""
    alike = {some[0]: some[1:] for some in status.alike}
    repeated = {name for others in alike.values() for name in others}
    return ", ".join(
        show_path(submissions / name)
        + " (the file before)" * is_file_before(name)
        + (f" (the same as {', '.join(alike[name])})" if name in alike else "")
        for name in status.unsent
        if name not in repeated
    )


def _compared(status: WorkspaceStatus) -> str:
    """Return which blends of other rows the best was compared with, and which not; "" of none."""
    assert status.best_blend is not None
    found, n_others = "", status.n_blends_apart
    if status.beaten_blend is not None:
        beaten = status.beaten_blend
        found = (
            f" on {status.best_blend.scored_rows} rows, in the folds of both better than "
            f"{beaten.id}, honest {number(beaten.honest)} on {beaten.scored_rows}"
        )
    if status.blend_apart is not None:
        apart, n_others = status.blend_apart, n_others - 1
        found += (
            f" ({apart.id}, honest {number(apart.honest)} on {apart.scored_rows} rows: not "
            "compared, as no fold is scored in both)"
        )
    return found + _apart(n_others)


def _apart(n: int) -> str:
    """Return that scores of fewer rows were not compared with the best; "" of none."""
    return f" ({n} scored on fewer rows: not compared)" if n else ""
