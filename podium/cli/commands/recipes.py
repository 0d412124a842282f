"""`podium recipes`: the starter recipes and those of the workspace, and suggestions."""

from __future__ import annotations

from typing import Annotated

import typer

from podium import cli
from podium.cli.completion import starter_names
from podium.cli.context import open_workspace, session
from podium.cli.options import AsJson, parse_duration
from podium.cli.tables import print_table
from podium.training.starters import starters

_SUGGEST_EXAMPLE = "podium recipes suggest --time 30m --write"


def _suggest(
    ctx: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]...", help="These alone, as few; default: all that apply."),
    ] = None,
    time: Annotated[
        str | None,
        typer.Option(help="Cut what takes longer over all folds, or leave it out: 30m, 2h."),
    ] = None,
    measure: Annotated[
        bool, typer.Option(help="Measure some steps of each: the time that it will take.")
    ] = True,
    write: Annotated[
        bool, typer.Option("--write", help="Put them into recipes/; never over a file.")
    ] = False,
    why: Annotated[
        bool, typer.Option("--why", help="Print the reason of every value, too.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Propose recipes for the data and this machine, with the minutes that each will take, about.

    One is quick, one strong, and there is one for each special case here: few labels, small images,
    images too large for a network, many unlabelled images, rare classes, another family of networks
    to blend. What needs weights that are out of reach is not proposed. Rules choose, so the same
    data and machine give the same recipes; the scores of the folds show whether they are good.
    Each value has a reason, which `--why` prints and a written recipe has as a comment.
    """
    cli.suggestions.suggest(
        *open_workspace(ctx),
        names=tuple(names or ()),
        time_s=parse_duration(time, "--time"),
        measure=measure,
        write=write,
        why=why,
        as_json=as_json,
    )


app = typer.Typer(
    invoke_without_command=True,
    help="List the starter recipes and the workspace's own, print one, or have some suggested.",
)


@app.callback()
def _list(ctx: typer.Context) -> None:
    if ctx.invoked_subcommand is not None:
        return
    rows = [(starter.name, "starter", starter.summary) for starter in starters()]
    workspace = session(ctx).workspace_if_any()
    own = [] if workspace is None else sorted(workspace.recipes.glob("*.yaml"))
    rows += [(f"recipes/{path.name}", "workspace", "") for path in own]
    print_table(("recipe", "from", "what it is"), rows)


@app.command("print", epilog="Example: podium recipes print strong > recipes/strong.yaml")
def _print(
    ctx: typer.Context,
    name: Annotated[
        str,
        typer.Argument(
            help="A starter that `podium recipes` lists, or a suggestion's name.",
            autocompletion=starter_names,
        ),
    ],
) -> None:
    """Print a starter recipe, or a suggested one, as suggested-few."""
    cli.suggestions.print_named(ctx, name)


app.command("suggest", epilog=f"Example: {_SUGGEST_EXAMPLE}")(_suggest)
