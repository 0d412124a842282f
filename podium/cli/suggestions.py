"""Suggested recipes on a terminal: what is known of data and machine, why each value, its time."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import typer

from podium.cli.context import (
    command_line,
    note_busy_machine,
    open_workspace,
    print_to_type,
    progress,
    session,
    to_type_here,
)
from podium.cli.tables import print_json, print_table
from podium.errors import DataError, plural
from podium.training.starters import read_starter
from podium.training.starters.fitted import read_fitted_starter
from podium.workflows.fit_time import describe_seconds
from podium.workflows.next_command import first_to_train
from podium.workflows.suggestions.recipes import (
    PREFIX,
    Suggestion,
    find_suggestion,
    inline_yaml,
    recipe_text,
    suggest_recipes,
    write_suggestions,
)
from podium.workflows.suggestions.times import (
    LeftOut,
    TimedSuggestion,
    facts_here,
    timed_suggestions,
)
from podium.workspace.display import show_path
from podium.workspace.machine import this_machine

if TYPE_CHECKING:
    from podium.competition.spec import Competition
    from podium.workflows.suggestions.recipes import CompetitionFacts
    from podium.workspace.layout import Workspace

__all__ = ["print_named", "suggest"]


def suggest(
    workspace: Workspace,
    competition: Competition,
    *,
    names: Sequence[str],
    time_s: float | None,
    measure: bool,
    write: bool,
    why: bool,
    as_json: bool,
) -> None:
    """Print the recipes that rules choose for the data and this machine; `write` keeps them.

    Args:
        workspace, competition: of the data.
        names: of those alone; all, if none is named.
        time_s: seconds that a recipe may take; None: no limit.
        measure: whether to measure how long each takes.
        write: put them into `recipes/`.
        why: print the reason of every value, too.
        as_json: print JSON.
    """
    facts = facts_here(workspace, competition, this_machine(), progress=progress())
    chosen = tuple(find_suggestion(facts, name) for name in names) or suggest_recipes(facts)
    timed: list[TimedSuggestion] = []
    left_out: list[LeftOut] = []
    if measure or time_s is not None:
        if not as_json:
            note_busy_machine()
        timed, left_out = timed_suggestions(
            workspace, competition, chosen, time_s=time_s, progress=progress()
        )
        chosen = tuple(one.suggestion for one in timed)
    times = {one.suggestion.name: one for one in timed}
    written, kept = write_suggestions(workspace.recipes, chosen) if write else ([], [])
    if as_json:
        print_json(
            {
                "facts": asdict(facts),
                "recipes": [_as_json(one, times.get(one.name)) for one in chosen],
                "left_out": [asdict(one) for one in left_out],
                "written": [str(path) for path in written],
            }
        )
        return
    print(_describe_facts(facts))
    _print_overview(chosen, times)
    for missing in left_out:
        print_to_type(f"left out: {missing.name}: {missing.why}")
    if why:
        _print_reasons(chosen)
    for path in written:
        print(f"written: {path}")
    for path in kept:
        print(f"not written: {path} is there already")
    if chosen and not why:
        within = () if time_s is None else ("--time", f"{time_s:g}s")
        unmeasured = () if measure else ("--no-measure",)
        again = shlex.join(["podium", "recipes", "suggest", *names, *within, *unmeasured, "--why"])
        print_to_type(f"why they are so: {again}")
    if written:
        first = first_to_train(workspace, competition, [path.stem for path in written])
        print_to_type(f"to train one: podium train {first or written[0].stem}")
    elif chosen and not write:
        name = PREFIX + chosen[0].name
        file = workspace.recipes / f"{name}.yaml"
        place = shlex.quote(show_path(file))
        print(f"to keep one: {command_line('recipes', 'print', name)} > {place}")
        print_to_type("to put all of them into recipes/: podium recipes suggest --write")


def print_named(ctx: typer.Context, name: str) -> None:
    """Print a starter recipe, or a suggestion, as `suggested-few`, as a file has it.

    In a workspace a starter has the losses of its tasks' kinds, as one that `podium init` writes.
    """
    if not name.startswith(PREFIX):
        print(_starter_here(ctx, name), end="")
        return
    workspace, competition = open_workspace(ctx)
    facts = facts_here(workspace, competition, this_machine(), progress=progress())
    print(recipe_text(find_suggestion(facts, name)), end="")


def _starter_here(ctx: typer.Context, name: str) -> str:
    """Return the text of a starter, for the workspace's competition where there is one."""
    if session(ctx).workspace_if_any() is None:
        return read_starter(name)
    try:
        _, competition = open_workspace(ctx)
    except DataError as error:
        progress().say(f"{name} is printed as it is, for no competition: {error}")
        return read_starter(name)
    text, lacking = read_fitted_starter(name, competition)
    if lacking:
        progress().say(
            f"{name} has a head for {' and '.join(lacking)}, which this competition does not have: "
            f"podium train would refuse it; its tasks are {', '.join(competition.tasks)}"
        )
    return text


def _print_reasons(chosen: Sequence[Suggestion]) -> None:
    """Print why the recipes have their values, a reason of several once, with their names."""
    names: dict[tuple[str, str, str], dict[str, None]] = {}
    for one in chosen:
        for choice in one.choices:
            row = choice.key, _value_in_table(choice.key, choice.value), to_type_here(choice.why)
            names.setdefault(row, {})[one.name] = None
    order = list(dict.fromkeys(key for key, _, _ in names))
    rows = sorted(names, key=lambda row: order.index(row[0]))
    if len(chosen) == 1:
        print_table(("value", "", "why"), rows, title=f"Why {PREFIX}{chosen[0].name} is so")
        return
    of = {row: "all" if len(names[row]) == len(chosen) else ", ".join(names[row]) for row in rows}
    title = "Why they are so"
    print_table(("recipes", "value", "", "why"), [(of[row], *row) for row in rows], title=title)


def _value_in_table(key: str, value: Any) -> str:
    """Return a value as a table shows it: of weights the file's name, whose path stands above."""
    if key == "model.weights" and value is not None:
        return PurePath(value).name
    return inline_yaml(value)


def _as_json(one: Suggestion, timed: TimedSuggestion | None) -> dict[str, Any]:
    found: dict[str, Any] = {**asdict(one), "text": recipe_text(one)}
    if timed is None:
        return found
    minutes = round(timed.timing.total_s / 60, 2)
    return {**found, "minutes": minutes, "timing": asdict(timed.timing), "cut": list(timed.cut)}


def _print_overview(chosen: Sequence[Suggestion], times: dict[str, TimedSuggestion]) -> None:
    """Print one line a recipe, with its expected time where it was measured."""
    if not times:
        rows = [(PREFIX + one.name, one.about) for one in chosen]
        print_table(("recipe", "what for"), rows, title="Recipes")
        return
    timed_rows = []
    for one in chosen:
        timing = times[one.name].timing
        seconds = [phase.step_s for phase in timing.phases if phase.steps]
        steps = ", ".join(f"{one:.0f}" if one >= 10 else f"{one:.2g}" for one in seconds)
        epochs = " + ".join(str(phase.epochs) for phase in timing.phases)
        about = one.about + (" (cut to the time)" if times[one.name].cut else "")
        folds = str(timing.folds)
        expected = describe_seconds(timing.total_s, up=True)
        timed_rows.append((PREFIX + one.name, expected, steps, epochs, folds, about))
    columns = ("recipe", "expected", "s a step", "epochs", "folds", "what for")
    print_table(columns, timed_rows, title="Expected on this machine, over all folds")


def _describe_facts(facts: CompetitionFacts) -> str:
    tasks = ", ".join(f"{task}: {kind}" for task, kind in facts.tasks.items())
    machine = facts.machine
    memory = "" if machine.memory is None else f", {machine.memory / 2**30:.0f} GiB free"
    gpu = machine.gpu and f"{machine.gpu} with {machine.gpu_memory / 2**30:.0f} GiB"
    each = f" ({facts.a_class})" if facts.a_class else ""
    unlabelled = f", {facts.n_unlabelled:,} unlabelled" if facts.n_unlabelled else ""
    sides = f"{plural(facts.side, 'pixel')}"
    if facts.largest > facts.side:
        sides += f" on the shorter side (the median), {facts.largest:,} at most"
    return (
        f"{tasks}; {plural(facts.n, 'sample')}{each}{unlabelled}, images of {sides}\n"
        f"{gpu or 'no GPU'}, {plural(machine.cores, 'core')}{memory}\n{_describe_weights(facts)}"
    )


def _describe_weights(facts: CompetitionFacts) -> str:
    if facts.hub:
        return "pretrained weights: the hub answers"
    here = ", ".join(
        f"{one.backbone} ({one.weights or 'in the cache of the hub'})" for one in facts.local
    )
    return f"pretrained weights: the hub does not answer; {here or 'none are on this machine'}"
