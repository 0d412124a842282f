"""`podium recipes`: the starter recipes and those of the workspace, and suggestions."""

from __future__ import annotations

from typing import Annotated

import typer

from podium.cli.context import open_workspace, session
from podium.cli.options import AsJson
from podium.cli.tables import print_table

_SUGGEST_EXAMPLE = "podium recipes suggest --write"


def _suggest(
    ctx: typer.Context,
    write: Annotated[
        bool, typer.Option("--write", help="Put them into recipes/; never over a file.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Propose three recipes for the data and this machine: quick, strong, and a special one.

    The third is for the special case here: images too large for a network, many unlabelled images,
    few answers, rare classes; else another family of networks, to blend. Rules choose, so the same
    data and machine give the same recipes; the scores of the folds show whether they are good.
    """
    from podium.cli.suggestions import suggest

    suggest(*open_workspace(ctx), write=write, as_json=as_json)


app = typer.Typer(
    invoke_without_command=True,
    help="List the starter recipes and the workspace's own, print one, or have some suggested.",
)


@app.callback()
def _list(ctx: typer.Context) -> None:
    if ctx.invoked_subcommand is not None:
        return
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


app.command("suggest", epilog=f"Example: {_SUGGEST_EXAMPLE}")(_suggest)
