"""`podium doctor`: is this machine ready, and if not, what to do."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from podium.cli.context import session
from podium.cli.options import AsJson
from podium.cli.tables import print_json, print_table

EXAMPLE = "podium doctor"

_STEP = "podium.training.step_limits:measure_step"
_SHOWN = 4
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
    """Check versions, GPU, disk, network, weights and Kaggle credentials (found, never shown)."""
    from podium.models.weights.reach import cached_networks, weight_files
    from podium.workspace.doctor import Check, examine

    workspace = session(ctx).workspace_if_any()
    checks = examine(workspace, step=_STEP if step else None)
    root = Path() if workspace is None else workspace.root
    known = [*cached_networks(), *(one.text for one in weight_files(root))]
    place = next((n for n, one in enumerate(checks, 1) if one.name == "network"), len(checks))
    if known:
        more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
        weights = Check("pretrained weights", "ok", ", ".join(known[:_SHOWN]) + more)
    else:
        fix = "put files of weights into the workspace's folder weights, or let it reach the hub"
        weights = Check("pretrained weights", "warn", "none on this machine", fix)
    checks.insert(place, weights)
    if as_json:
        print_json([asdict(check) for check in checks])
    else:
        rows = [(_MARKS[c.status], c.name, c.found, c.fix) for c in checks]
        print_table(("", "what", "found", "fix"), rows)
    if any(check.status == "fail" for check in checks):
        raise typer.Exit(1)
