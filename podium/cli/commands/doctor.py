"""`podium doctor`: is this machine ready, and if not, what to do."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from podium.cli.context import session
from podium.cli.options import AsJson
from podium.cli.tables import print_json, print_table

EXAMPLE = "podium doctor"

_STEP = "podium.training.step_limits:measure_step"
_MARKS = {"ok": "ok", "warn": "note", "fail": "FAIL"}


def run(
    ctx: typer.Context,
    step: Annotated[
        bool,
        typer.Option(
            "--step", help="Measure a training step, too, and what limits it (some seconds)."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check versions, GPU, disk, network and Kaggle credentials (found, never shown)."""
    from podium.workspace.doctor import examine

    checks = examine(session(ctx).workspace_if_any(), step=_STEP if step else None)
    if as_json:
        print_json([asdict(check) for check in checks])
    else:
        rows = [(_MARKS[c.status], c.name, c.found, c.fix) for c in checks]
        print_table(("", "what", "found", "fix"), rows)
    if any(check.status == "fail" for check in checks):
        raise typer.Exit(1)
