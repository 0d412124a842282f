"""`podium recipes`: the starter recipes and those of the workspace, and suggestions."""

from __future__ import annotations

from typing import Annotated

import typer

from podium.cli import recipes_suggest
from podium.cli.context import session

app = typer.Typer(
    invoke_without_command=True,
    help="List the starter recipes and the workspace's own, print one, or have some suggested.",
)


@app.callback()
def _list(ctx: typer.Context) -> None:
    if ctx.invoked_subcommand is not None:
        return
    from podium.cli.tables import print_table
    from podium.training.starters import starters

    rows = [(starter.name, "starter", starter.summary) for starter in starters()]
    workspace = session(ctx).workspace_if_any()
    own = [] if workspace is None else sorted(workspace.recipes.glob("*.yaml"))
    rows += [(f"recipes/{path.name}", "workspace", "") for path in own]
    print_table(("recipe", "from", "what it is"), rows)


@app.command("print", epilog="Example: podium recipes print strong > recipes/strong.yaml")
def _print(
    name: Annotated[str, typer.Argument(help="A starter recipe: `podium recipes` lists them.")],
) -> None:
    """Print a starter recipe."""
    from podium.training.starters import read_starter

    print(read_starter(name), end="")


app.command("suggest", epilog=f"Example: {recipes_suggest.EXAMPLE}")(recipes_suggest.run)
