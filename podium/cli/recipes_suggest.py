"""`podium recipes suggest`: recipes for this competition, with a reason for every choice."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from podium.cli.context import opened, progress
from podium.cli.options import AsJson

if TYPE_CHECKING:
    from podium.workflows.suggesting import Special
    from podium.workflows.suggesting_facts import Facts

EXAMPLE = "podium recipes suggest --write"


def run(
    ctx: typer.Context,
    write: Annotated[
        bool, typer.Option("--write", help="Put them into recipes/; never over a file.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Propose three recipes for the data and this machine: quick, strong, and a special one.

    The third is for what is special here: images too large for a network, many unlabelled images,
    few answers, rare classes; else another family of networks, to blend. Rules choose, so the same
    data and machine give the same recipes; whether they are good the folds say.
    """
    from podium.cli.tables import print_json, print_table
    from podium.workflows.suggested_recipes import text_of, write_suggestions
    from podium.workflows.suggesting import specials_of, suggest
    from podium.workflows.suggesting_facts import facts_of
    from podium.workspace.machine import this_machine

    workspace, competition = opened(ctx)
    facts = facts_of(workspace, competition, this_machine(), progress=progress())
    suggestions = suggest(facts)
    written, kept = write_suggestions(workspace.recipes, suggestions) if write else ([], [])
    if as_json:
        said = [{**asdict(one), "text": text_of(one)} for one in suggestions]
        print_json({"facts": asdict(facts), "recipes": said, "written": [str(p) for p in written]})
        return
    print(_said(facts))
    for one in suggestions:
        rows = [(choice.key, _value(choice.value), choice.why) for choice in one.choices]
        print_table((one.name, "", "why"), rows, title=f"{one.name}: {one.about}")
    for line in _others(facts, specials_of(facts)[1:-1]):
        print(line)
    for path in written:
        print(f"written: {path}")
    for path in kept:
        print(f"not written: {path} is there already")
    if written:
        print(f"to train one: podium train {written[0].stem}")
    if not write:
        print("to put them into recipes/: podium recipes suggest --write")


def _said(facts: Facts) -> str:
    tasks = ", ".join(f"{task}: {kind}" for task, kind in facts.tasks.items())
    machine = facts.machine
    memory = "" if machine.memory is None else f", {machine.memory / 2**30:.0f} GiB free"
    gpu = machine.gpu and f"{machine.gpu} with {machine.gpu_memory / 2**30:.0f} GiB"
    unlabelled = f", {facts.n_unlabelled:,} unlabelled" if facts.n_unlabelled else ""
    return (
        f"{tasks}; {facts.n:,} samples{unlabelled}, images of {facts.side:,} pixels and more\n"
        f"{gpu or 'no GPU'}, {machine.cores} cores{memory}"
    )


def _value(value: object) -> str:
    from podium.workflows.suggested_recipes import flow

    return flow(value)


def _others(facts: Facts, others: tuple[Special, ...]) -> list[str]:
    return [f"special here, too: {one.about.format(f=facts)}" for one in others]
