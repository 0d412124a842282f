"""The estimate for this test set on a terminal, beside the score that it corrects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from podium.cli.tables import number
from podium.workflows.blends.expected import estimate_of_run, expected_of_run

if TYPE_CHECKING:
    from podium.competition.scores.expected import ExpectedScore
    from podium.competition.scores.on_test_like import OnTestLike
    from podium.competition.spec import Competition
    from podium.training.runs.train import Trained
    from podium.workspace.layout import Workspace

__all__ = ["describe_estimate", "estimates_of_runs", "expected_of_runs"]


def estimates_of_runs(
    workspace: Workspace, competition: Competition, trained: Sequence[Trained]
) -> dict[str, OnTestLike]:
    """Return the estimates of the finished runs that have one, by id."""
    finished = [one.run for one in trained if not one.missing and not one.without_labels]
    found = {run.name: estimate_of_run(workspace, competition, run) for run in finished}
    return {name: one for name, one in found.items() if one is not None}


def expected_of_runs(
    workspace: Workspace, competition: Competition, trained: Sequence[Trained]
) -> dict[str, ExpectedScore]:
    """Return what to expect of the finished runs that predicted the test set, by id."""
    finished = [one.run for one in trained if not one.missing and not one.without_labels]
    found = {run.name: expected_of_run(workspace, competition, run) for run in finished}
    return {name: one for name, one in found.items() if one is not None}


def describe_estimate(found: OnTestLike, metric: str) -> str:
    """Return the estimate for this test set as a line."""
    if found.score is None:
        return f"no estimate for this test set: {found.why_not}"
    bounds = "" if found.interval is None else "  [{}, {}]".format(*map(number, found.interval))
    return (
        f"on train rows that look like the test: {metric} {number(found.score)}{bounds}, of "
        f"{found.n_effective:,.0f} effective rows"
    )
