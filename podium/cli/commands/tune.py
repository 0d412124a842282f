"""`podium tune`: decisions of a run or a blend, and of recipes losses, rates and all else."""

from __future__ import annotations

import typer

from podium.cli.tuning import batch, losses, rate, recipe, show, thresholds

app = typer.Typer(no_args_is_help=True, help="Tune decisions, the weights of losses, and recipes.")

for _name, _command in (
    ("thresholds", thresholds),
    ("losses", losses),
    ("lr", rate),
    ("batch", batch),
    ("recipe", recipe),
    ("show", show),
):
    app.command(_name, epilog=f"Example: {_command.EXAMPLE}")(_command.run)
