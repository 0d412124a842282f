"""Options that several commands share, each said in one way."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["AsJson", "Overrides", "Seed", "Trials"]

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--override", "-o", help="Change a value: a.b=c (repeatable)."),
]
Seed = Annotated[int, typer.Option(min=0, help="Of Optuna's trials.")]
Trials = Annotated[int, typer.Option(min=1, help="Optuna trials for each fit of the decisions.")]
