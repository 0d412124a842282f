"""How the scores of a recipe over several seeds look on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from podium.cli.tables import number, print_table

if TYPE_CHECKING:
    from podium.workflows.training import OverSeeds

__all__ = ["print_over_seeds"]


def print_over_seeds(spread: Sequence[OverSeeds]) -> None:
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
