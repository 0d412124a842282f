"""`podium calibrate`: the formats that follow from the data, how surely, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from podium.cli.context import open_workspace, print_to_type
from podium.cli.options import AsJson
from podium.cli.tables import print_json, print_table

if TYPE_CHECKING:
    from podium.competition.calibrate.sample import CalibratedParameter

EXAMPLE = "podium calibrate   ·   podium calibrate --write   (into competition.yaml)"


def run(
    ctx: typer.Context,
    write: Annotated[
        bool, typer.Option("--write", help="Set in competition.yaml what is certain or likely.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Infer the format of masks and of the sample submission from the data, and how surely."""
    from podium.competition.calibrate.calibration import calibrate, write_parameters

    workspace, competition = open_workspace(ctx)
    found = calibrate(competition)
    if as_json:
        parameters = [{**asdict(one), "changes": one.changes} for one in found.parameters]
        print_json({"parameters": parameters, "notes": found.notes})
    else:
        rows = [
            (one.name, one.shown, one.now if one.changes else "", one.sure, why)
            for one, why in zip(found.parameters, _reasons(found.parameters), strict=True)
        ]
        print_table(("parameter", "value", "now", "how sure", "why"), rows)
        for note in found.notes:
            print_to_type(f"- {note}")
    if write:
        changed = write_parameters(found, workspace.competition_file)
        what = ", ".join(f"{one.name}: {one.shown}" for one in changed)
        if not as_json:
            print(f"wrote {what}" if changed else "competition.yaml has all of it already")
    elif found.changes and not as_json:
        names = ", ".join(one.name for one in found.changes)
        print_to_type(f"`podium calibrate --write` would change {names}")


def _reasons(parameters: Sequence[CalibratedParameter]) -> list[str]:
    """Return why each parameter has its value; a reason that stands above is named by its row."""
    above: dict[str, str] = {}
    reasons = []
    for one in parameters:
        reason = one.explanation
        for text, name in above.items():
            if text and reason.endswith(text):
                reason = f"{reason.removesuffix(text)}as {name}"
                break
        above.setdefault(one.explanation, one.name)
        reasons.append(reason)
    return reasons
