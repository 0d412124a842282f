"""`podium recipes`: the starter recipes and those of the workspace, and suggestions."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from podium.cli.context import open_workspace, progress, session
from podium.cli.options import AsJson

if TYPE_CHECKING:
    from podium.workflows.suggesting import CompetitionFacts, SpecialCase


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
    from podium.cli.tables import print_json, print_table
    from podium.workflows.suggesting import (
        competition_facts,
        recipe_text,
        special_cases,
        suggest_recipes,
        write_suggestions,
    )
    from podium.workspace.machine import this_machine

    workspace, competition = open_workspace(ctx)
    facts = competition_facts(workspace, competition, this_machine(), progress=progress())
    suggestions = suggest_recipes(facts)
    written, kept = write_suggestions(workspace.recipes, suggestions) if write else ([], [])
    if as_json:
        listed = [{**asdict(one), "text": recipe_text(one)} for one in suggestions]
        print_json(
            {"facts": asdict(facts), "recipes": listed, "written": [str(p) for p in written]}
        )
        return
    print(_describe_facts(facts))
    for one in suggestions:
        rows = [(choice.key, _format_value(choice.value), choice.why) for choice in one.choices]
        print_table((one.name, "", "why"), rows, title=f"{one.name}: {one.about}")
    for line in _other_cases(facts, special_cases(facts)[1:-1]):
        print(line)
    for path in written:
        print(f"written: {path}")
    for path in kept:
        print(f"not written: {path} is there already")
    if written:
        print(f"to train one: podium train {written[0].stem}")
    if not write:
        print("to put them into recipes/: podium recipes suggest --write")


def _describe_facts(facts: CompetitionFacts) -> str:
    tasks = ", ".join(f"{task}: {kind}" for task, kind in facts.tasks.items())
    machine = facts.machine
    memory = "" if machine.memory is None else f", {machine.memory / 2**30:.0f} GiB free"
    gpu = machine.gpu and f"{machine.gpu} with {machine.gpu_memory / 2**30:.0f} GiB"
    unlabelled = f", {facts.n_unlabelled:,} unlabelled" if facts.n_unlabelled else ""
    return (
        f"{tasks}; {facts.n:,} samples{unlabelled}, images of {facts.side:,} pixels and more\n"
        f"{gpu or 'no GPU'}, {machine.cores} cores{memory}"
    )


def _format_value(value: object) -> str:
    from podium.workflows.suggesting import inline_yaml

    return inline_yaml(value)


def _other_cases(facts: CompetitionFacts, others: tuple[SpecialCase, ...]) -> list[str]:
    return [f"special here, too: {one.about.format(f=facts)}" for one in others]


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


app.command("suggest", epilog=f"Example: {_SUGGEST_EXAMPLE}")(_suggest)
