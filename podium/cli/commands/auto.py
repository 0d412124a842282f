"""`podium auto`: the best file that fits into a time."""

from __future__ import annotations

from time import monotonic
from typing import Annotated

import typer

from podium import cli
from podium.cli.context import note_busy_machine, open_workspace
from podium.cli.options import AsJson, On, parse_duration
from podium.workspace.auto_record import refuse_short_time

EXAMPLE = "podium auto --time 30m"


def run(
    ctx: typer.Context,
    time: Annotated[
        str, typer.Option("--time", help="For everything, from now on: 10m, 2h.")
    ] = "30m",
    plan: Annotated[
        bool, typer.Option("--plan", help="Print the steps and their seconds, and do nothing.")
    ] = False,
    on: On = "local:1",
    as_json: AsJson = False,
) -> None:
    """Go from a workspace to a checked submission file, with the best that fits into the time.

    Speed is measured on this machine, then the plan is printed. After every step the blend of all
    runs so far is decided, written to submissions/auto.csv and checked. For time that steps leave a
    further plan is made. Stopped at any moment, the last file stands; the same command goes on with
    what is left of the time.
    """
    started = monotonic()  # before what takes long to import
    seconds = parse_duration(time, "--time")
    assert seconds is not None
    refuse_short_time(seconds)
    here = open_workspace(ctx)
    here[1].require_chosen()  # at once
    if not as_json:
        note_busy_machine()
        source = ctx.get_parameter_source("time")
        if source is not None and source.name == "DEFAULT":
            print(f"for {time}, as no --time is given")
    if plan:
        cli.auto.plan_and_print(*here, seconds, as_json=as_json)
    else:
        cli.auto.run_auto(*here, seconds, started=started, on=on, as_json=as_json)
