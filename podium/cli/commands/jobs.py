"""`podium jobs`: the tasks of commands that run `--on` an engine."""

from __future__ import annotations

from typing import Annotated

import typer

from podium.cli.context import print_to_type, session
from podium.cli.options import AsJson
from podium.cli.tables import print_json, print_table
from podium.workspace.jobs import JobRecord, cancel_job, describe_times, jobs_of

EXAMPLE = "podium jobs   ·   podium jobs --cancel baseline-3fa1c2d4.fold-0"


def run(
    ctx: typer.Context,
    cancel: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Cancel this task, or all whose name begins so; work is kept."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what runs where, since when, how far it is, and what failed and why.

    A task is a fold of a run, a worker of a study, or a network that predicts. Each keeps its own
    record in the workspace, so this works from any machine that sees it. Tasks that ended are
    listed for a day.
    """
    workspace = session(ctx).workspace()
    if cancel is not None:
        for name in cancel_job(workspace, cancel):
            print(f"{name} will be cancelled")
        return
    found = jobs_of(workspace)
    if as_json:
        print_json([one.to_json() for one in found])
    elif not found:
        print_to_type(
            "no tasks: only commands with --on have some, as podium train RECIPE --on local:2; "
            "any other is shown where it runs"
        )
    else:
        print_jobs(found)


def print_jobs(jobs: list[JobRecord]) -> None:
    """Print a line for each task."""
    columns = ("task", "on", "where", "state", "since", "how far")
    print_table(
        columns,
        [
            (one.name, one.engine, one.worker, one.describe_state(), describe_times(one), one.line)
            for one in jobs
        ],
    )
