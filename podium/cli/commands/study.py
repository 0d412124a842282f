"""`podium study`: what a start is worth, and which method is best, over seeds."""

from __future__ import annotations

import typer

from podium.cli.studies import compare, transfer

app = typer.Typer(
    no_args_is_help=True, help="Compare starts of a recipe, or recipes, over seeds, in one table."
)

for _name, _command in (("transfer", transfer), ("compare", compare)):
    app.command(_name, epilog=f"Example: {_command.EXAMPLE}")(_command.run)
