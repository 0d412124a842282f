"""`podium presets`: the competitions whose format, metric and frame are known."""

from __future__ import annotations

from typing import Annotated

import typer

from podium.cli.completion import part_names
from podium.cli.options import AsJson
from podium.cli.tables import print_json, print_table

EXAMPLE = "podium presets   (all of them)   ·   podium presets severstal   (what it stands for)"


def run(
    name: Annotated[
        str | None,
        typer.Argument(
            help="Show this one: its name, or Kaggle's slug.",
            autocompletion=part_names("competition/presets"),
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the known competitions, or show the settings of `submission: {preset: NAME}`."""
    from podium.competition.presets import all_presets, find_preset, preset_text

    presets = all_presets() if name is None else [find_preset(name)]
    if as_json:
        listed = [preset.model_dump(mode="json") for preset in presets]
        print_json(listed if name is None else listed[0])
    elif name is not None:
        print(preset_text(presets[0].name), end="")
    else:
        columns = ("preset", "task", "value", "metric", "sent", "competition")
        print_table(columns, (preset.summary for preset in presets))
