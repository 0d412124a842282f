"""`podium auto`: the best file that fits into a time."""

from __future__ import annotations

from typing import Annotated

import typer

from podium.cli.context import open_workspace
from podium.cli.options import AsJson, On, parse_duration

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
    runs so far is decided, written to submissions/auto.csv and checked. Stopped at any moment, the
    last file stands; the same command goes on with what is left of the time.
    """
    from podium.cli.auto import run_auto

    seconds = parse_duration(time, "--time")
    assert seconds is not None
    run_auto(*open_workspace(ctx), seconds, plan_only=plan, on=on, as_json=as_json)
