"""Batch sizes on a terminal: the largest that fits, and the smallest that is as fast as any."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from podium.cli.context import progress
from podium.cli.options import parse_bytes
from podium.cli.tables import print_json, print_table
from podium.tuning.batch_size import fastest_batch, largest_batch
from podium.workflows.tuning.rate_and_batch import batch_trials

if TYPE_CHECKING:
    from collections.abc import Sequence

    from podium.competition.spec import Competition
    from podium.tuning.batch_size import BatchTrial
    from podium.workspace.layout import Workspace

__all__ = ["find_batch"]


def find_batch(
    workspace: Workspace,
    competition: Competition,
    recipe: str,
    *,
    phase: str | None,
    memory: str | None,
    start: int,
    most: int,
    overrides: tuple[str, ...],
    as_json: bool,
) -> None:
    """Try batch sizes by real steps of training, and print which are useful."""
    trials = batch_trials(
        workspace,
        competition,
        recipe,
        overrides=overrides,
        phase=phase,
        start=start,
        most=most,
        memory=None if memory is None else parse_bytes(memory, "--memory"),
        progress=progress(),
    )
    if as_json:
        best = {"largest": largest_batch(trials), "fastest": fastest_batch(trials)}
        sizes = {name: None if one is None else one.size for name, one in best.items()}
        print_json({**sizes, "trials": [asdict(one) for one in trials]})
        return
    _print(trials)


def _print(trials: Sequence[BatchTrial]) -> None:
    rows = [
        (
            one.size,
            one.why if one.speed is None else f"{one.speed:.1f}",
            "–" if one.memory is None else f"{one.memory / 1e9:.2f} GB",
        )
        for one in trials
    ]
    print_table(("batch_size", "images/s", "memory of its steps"), rows)
    most, quick = largest_batch(trials), fastest_batch(trials)
    if most is None or quick is None:
        print(
            "no batch fits: choose a smaller input.size or backbone, or model.checkpointing: true"
        )
        return
    is_end = all(one.fits for one in trials)
    print(f"{'the largest that was tried' if is_end else 'the largest that fits'}: {most.size}")
    print(f"speed no longer grows beyond: {quick.size}")
    print(f"to write: batch_size: {quick.size}")
