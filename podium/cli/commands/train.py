"""`podium train`: train a recipe over the folds; finished work is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

import typer

from podium.cli.context import json_lines, open_workspace, progress
from podium.cli.options import AsJson, Overrides, parse_duration, parse_integers
from podium.cli.tables import number, print_json, print_table

if TYPE_CHECKING:
    from podium.competition.on_test_like import OnTestLike
    from podium.training.runs.train import Trained
    from podium.workflows.training import SeedSummary

__all__ = ["print_over_seeds"]


EXAMPLE = "podium train baseline -o optimizer.lr=3e-4 --folds 0,1 --max-time 3h"


def run(
    ctx: typer.Context,
    recipes: Annotated[list[str], typer.Argument(help="Recipe files, or names in recipes/.")],
    override: Overrides = None,
    folds: Annotated[str | None, typer.Option(help="Only these folds: 0,1 or 0-2.")] = None,
    full: Annotated[
        bool, typer.Option(help="Also train on all rows, beside the cross-validated folds.")
    ] = False,
    seeds: Annotated[
        str | None,
        typer.Option(help="One run a seed: 42,43,44; and the mean and spread of their OOF scores."),
    ] = None,
    max_time: Annotated[
        str | None, typer.Option(help="Stop, resumably, before this much time: 90m, 3h.")
    ] = None,
    fit_time: Annotated[
        str | None,
        typer.Option(help="Set epochs and schedules so that all folds together take it: 20m, 3h."),
    ] = None,
    again: Annotated[
        int,
        typer.Option(
            min=0,
            help="1, 2, …: the run again, under another id; for other draws: --seeds.",
        ),
    ] = 0,
    as_json: AsJson = False,
    as_json_lines: Annotated[
        bool,
        typer.Option("--json-lines", help="Print progress and result as a JSON object a line."),
    ] = False,
) -> None:
    """Train each recipe over the folds and write OOF and test predictions.

    A recipe whose phases all learn without labels trains one network, to be started from: it has no
    folds and no predictions.

    The same command resumes an unfinished run and does nothing to a finished one. A training that
    diverges or collapses keeps its last good state; the other recipes and seeds go on, and the
    command ends with exit code 1.

    --fit-time measures some steps on this machine first, and then acts as the overrides that it
    prints: the run's id says what was trained.

    Without a terminal, progress is a line a minute. The last lines are what the runs brought, and
    two commands to go on with.
    """
    from podium.cli.estimates import (
        describe_estimate,
        describe_expected,
        estimates_of_runs,
        expected_of_runs,
    )
    from podium.cli.trainings import describe_gain, next_commands
    from podium.training.runs.advice import run_advice
    from podium.workflows.training import raise_failed, summarise_seeds, train_recipes

    workspace, competition = open_workspace(ctx)
    began, lines = monotonic(), json_lines() if as_json_lines else None
    chosen = parse_integers(seeds, "--seeds")
    attempts = train_recipes(
        workspace,
        competition,
        recipes,
        overrides=tuple(override or ()),
        folds=parse_integers(folds, "--folds"),
        full=full,
        seeds=chosen,
        max_time_s=parse_duration(max_time, "--max-time"),
        fit_time_s=parse_duration(fit_time, "--fit-time"),
        again=again,
        progress=lines or progress(),
    )
    trained = [one.trained for one in attempts if one.trained is not None]
    spread = summarise_seeds(attempts) if chosen else []
    estimates = estimates_of_runs(workspace, competition, trained)
    brought = describe_gain(workspace, competition, trained, monotonic() - began)
    commands = next_commands(workspace, trained)
    if as_json or lines is not None:
        runs = [
            {
                **asdict(one),
                "run": one.run.name,
                "advice": run_advice(competition, one.run),
                **_estimate_as_json(estimates.get(one.run.name)),
            }
            for one in trained
        ]
        seeds_found = [asdict(one) for one in spread]
        if lines is not None:
            lines.event("result", runs=runs, over_seeds=seeds_found, brought=brought, next=commands)
        else:
            print_json({"runs": runs, "over_seeds": seeds_found} if chosen else runs)
    elif trained:
        print_table(
            ("run", "folds", f"OOF {competition.metric.name}", "state"), map(_table_row, trained)
        )
        for name, expected in expected_of_runs(workspace, competition, trained).items():
            print(f"{name} {describe_expected(expected)}")
        for name, found in estimates.items():
            print(f"{name} {describe_estimate(found, competition.metric.name)}")
        for one in trained:
            for line in run_advice(competition, one.run):
                print(f"{one.run.name}: {line}")
        if chosen and len(chosen) > 1:
            print_over_seeds(spread)
        if brought is not None:
            print(brought)
        print("next:", *commands, sep="\n  ")
    raise_failed(attempts)


def _estimate_as_json(found: OnTestLike | None) -> dict[str, Any]:
    return {} if found is None else {"on_test_like": found.to_json()}


def _table_row(one: Trained) -> tuple[str, str, str, str]:
    """Return the cells of the table for a run."""
    if one.without_labels:
        return (
            one.run.name,
            "",
            "",
            one.stopped or f"finished without labels: {_describe_use(one.run.name)}",
        )
    folds = one.scores.get("folds", {})
    return (
        one.run.name,
        ", ".join(number(folds.get(str(fold))) for fold in one.finished),
        number(one.scores.get("oof")),
        one.stopped or _describe_missing(one.missing),
    )


def _describe_use(run: str) -> str:
    """Return the next command to use a run trained without labels."""
    return f"start from it, model.from={run}"


def _describe_missing(missing: tuple[int, ...]) -> str:
    """Return what a run still lacks.

    Example:
        >>> _describe_missing((0, 2)), _describe_missing(())
        ('folds 0, 2 to do', 'finished')
    """
    if not missing:
        return "finished"
    return f"fold{'s' if len(missing) > 1 else ''} {', '.join(map(str, missing))} to do"


def print_over_seeds(spread: Sequence[SeedSummary]) -> None:
    """Print mean and standard deviation of each recipe and task; of finished runs alone."""
    rows = [
        (
            one.recipe,
            one.metric,
            ", ".join(map(str, one.oof)) or None,
            number(one.mean),
            number(one.std),
        )
        for one in spread
    ]
    if rows:
        columns = ("recipe", "metric", "seeds", "mean", "std (n - 1)")
        print_table(columns, rows, title="OOF over the seeds of finished runs")
