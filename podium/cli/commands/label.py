"""`podium label`: ask people for the labels that would tell most, and learn from the answers."""

from __future__ import annotations

import typer

from podium.cli.labelling import answers, request

app = typer.Typer(no_args_is_help=True, help="Ask people for labels, and bring the answers back.")

for _name, _command in (("request", request), ("import", answers)):
    app.command(_name, epilog=f"Example: {_command.EXAMPLE}")(_command.run)
