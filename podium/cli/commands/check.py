"""`podium check`: the data, or a submission file, before either costs anything."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from podium.cli.context import opened, progress
from podium.cli.options import AsJson

EXAMPLE = "podium check   (the data)   ·   podium check submission.csv   (a submission)"


def run(
    ctx: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="A submission file; without it, the data.")
    ] = None,
    adversarial: Annotated[
        bool, typer.Option(help="Also try to tell train from test images apart.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Check the data folder, or with FILE a submission, and say how to mend what is wrong."""
    if file is None:
        _check_data(ctx, adversarial=adversarial, as_json=as_json)
    else:
        _check_file(ctx, file, as_json=as_json)


def _check_data(ctx: typer.Context, *, adversarial: bool, as_json: bool) -> None:
    from podium.cli.tables import print_json, print_table
    from podium.competition.checks import check_data

    workspace, competition = opened(ctx)
    findings = check_data(workspace, competition, adversarial=adversarial, progress=progress())
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        rows = [(f.level, f.title, f.detail, f.fix) for f in findings]
        print_table(("", "what", "found", "fix"), rows)
    if any(finding.level == "error" for finding in findings):
        raise typer.Exit(2)


def _check_file(ctx: typer.Context, file: Path, *, as_json: bool) -> None:
    from podium.cli.tables import print_json
    from podium.submissions import check

    _, competition = opened(ctx)
    problems = check(file, competition)
    if as_json:
        print_json([asdict(problem) for problem in problems])
    elif problems:
        for problem in problems:
            print(problem)
    else:
        print(f"{file}: no problem found")
    if any(problem.level == "error" for problem in problems):
        raise typer.Exit(2)
