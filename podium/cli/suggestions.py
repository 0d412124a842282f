"""Suggested recipes on a terminal: what is known of data and machine, and why each value."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from podium.cli.context import progress
from podium.cli.tables import print_json, print_table
from podium.workflows.suggesting import (
    competition_facts,
    inline_yaml,
    recipe_text,
    special_cases,
    suggest_recipes,
    write_suggestions,
)
from podium.workspace.machine import this_machine

if TYPE_CHECKING:
    from podium.competition.spec import Competition
    from podium.workflows.suggesting import CompetitionFacts, SpecialCase
    from podium.workspace.layout import Workspace

__all__ = ["suggest"]


def suggest(workspace: Workspace, competition: Competition, *, write: bool, as_json: bool) -> None:
    """Print the recipes that rules choose for the data and this machine; `write` keeps them."""
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
        rows = [(choice.key, inline_yaml(choice.value), choice.why) for choice in one.choices]
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


def _other_cases(facts: CompetitionFacts, others: tuple[SpecialCase, ...]) -> list[str]:
    return [f"special here, too: {one.about.format(f=facts)}" for one in others]
