"""`podium recipes`: the starter recipes, and those of the workspace."""

from __future__ import annotations

from typing import Annotated

import typer

from podium.cli.context import session

EXAMPLE = "podium recipes strong > recipes/strong.yaml"


def run(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(help="Print this starter recipe.")] = None,
) -> None:
    """List the starter recipes and the workspace's own, or print one."""
    from podium.cli.tables import print_table
    from podium.training.starters import read_starter, starters

    if name is not None:
        print(read_starter(name), end="")
        return
    rows = [(starter.name, "starter", starter.summary) for starter in starters()]
    workspace = session(ctx).workspace_if_any()
    own = [] if workspace is None else sorted(workspace.recipes.glob("*.yaml"))
    rows += [(f"recipes/{path.name}", "workspace", "") for path in own]
    print_table(("recipe", "from", "what it is"), rows)
