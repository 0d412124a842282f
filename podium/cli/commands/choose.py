"""`podium choose`: answer what `podium init` left open, and change keys of competition.yaml."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from podium.cli.context import command_line, open_workspace, print_to_type
from podium.cli.options import AsJson
from podium.cli.tables import print_json
from podium.errors import shortened
from podium.workspace.marked_yaml import yaml_text

if TYPE_CHECKING:
    from podium.competition.checks import Finding
    from podium.workflows.open_questions import Question

EXAMPLE = (
    "podium choose   (what is open)   ·   podium choose 1b 2a   ·   "
    "podium choose metric.name=f1 folds.n=10   ·   podium choose --keep"
)

_LONGEST = 160
"""Characters of a value, and of a reason."""


def run(
    ctx: typer.Context,
    answers: Annotated[
        list[str] | None,
        typer.Argument(help="Readings as 1b, or KEY=VALUE; without any, what is open is printed."),
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep what stands in the file for all the rest.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List what is open in competition.yaml, answer it, or change any key."""
    from podium.workflows.open_questions import open_questions

    workspace, _ = open_workspace(ctx)
    faults: Sequence[Finding] = ()
    if answers or keep:
        # Its checks take longer to import than listing what is open takes.
        from podium.workflows.choosing import answer, faults_left, other_folds

        answered = answer(workspace, answers or (), keep=keep)
        for one in answered:
            value = "left out" if one.is_left_out else _short(one.value)
            print(f"{one.key}: {value}" + (f"  ({one.why})" if one.why else ""))
        faults = faults_left(workspace)
        for fault in faults:
            print(f"still stops you: {fault.title}: {fault.detail}; {fault.fix}")
        for found in () if faults else other_folds(workspace, answered):
            print_to_type(f"{found.title}: {found.detail}; {found.fix}")
    questions = open_questions(workspace)
    if as_json:
        print_json([asdict(one) for one in questions])
    else:
        _print(questions, is_at_fault=bool(faults))


def _print(questions: Sequence[Question], *, is_at_fault: bool) -> None:
    """Print the questions with their readings, and how to answer.

    Args:
        questions: that are open.
        is_at_fault: what stops the user was printed before.
    """
    if not questions:
        usual = "nothing is open in competition.yaml; next"
        at_fault = "no question is open; when this is mended"
        print_to_type(f"{at_fault if is_at_fault else usual}: podium check")
        return
    for one in questions:
        print(f"\n{one.key}")
        for reading in one.readings:
            stands = "stands there" if reading is one.readings[0] else ""
            with_it = f"goes with {', '.join(reading.goes_with)}" if reading.goes_with else ""
            why = "; ".join(filter(None, (stands, shortened(reading.why, _LONGEST), with_it)))
            print(f"  {reading.name}  {_short(reading.value)}" + (f"  ({why})" if why else ""))
        for name, meaning in one.terms.items():
            print(f"  {name}: {meaning}")
    first = questions[0]
    example = command_line("choose", first.readings[0].name)
    print(f"\nto answer: {example}; another value: {command_line('choose', f'{first.key}=VALUE')}")
    print(f"to keep what stands there: {command_line('choose', '--keep')}")


def _short(value: object) -> str:
    """Return a value as YAML has it, a long one cut."""
    text = yaml_text(value)
    if isinstance(value, dict):  # its keys are read as text: a number needs no quotes
        keys = [key if str(key).isalnum() else yaml_text(str(key)) for key in value]
        cells = map(yaml_text, value.values())
        text = f"{{{', '.join(f'{key}: {one}' for key, one in zip(keys, cells, strict=True))}}}"
    return shortened(text, _LONGEST)
