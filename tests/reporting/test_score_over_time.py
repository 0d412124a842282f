"""The figure of what each step of `podium auto` brought for its time."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import numpy as np

from podium.reporting.plots.blends.score_over_time import plots, score_over_time
from podium.reporting.subjects import BlendsSubject
from podium.workspace.auto_record import AutoRecord, AutoStep, write_auto
from podium.workspace.layout import Workspace


def record(*steps: AutoStep, day: int = 1) -> AutoRecord:
    """Return a plan of ten minutes that was made in one."""
    return AutoRecord(
        id=f"{day:08d}",
        created=datetime(2026, 1, day, tzinfo=UTC),
        budget_s=600,
        metric="accuracy",
        greater_is_better=True,
        facts=(),
        planning_s=60,
        steps=steps,
    )


def step(name: str, seconds: float, honest: float | None, **facts: Any) -> AutoStep:
    """Return a step that is over."""
    known = {"kind": "of_test", "why": "", "expected_s": 1.0, "state": "finished", **facts}
    return AutoStep(name=name, seconds=seconds, honest=honest, **known)


def subject(root: Path) -> BlendsSubject:
    """Return the blends of a workspace that has none."""
    return BlendsSubject(Workspace(root), cast(Any, None), ())


def test_points_are_at_the_ends_of_their_steps() -> None:
    figure = score_over_time(
        ["a", "b", "c"], [2.0, 5.0, 6.0], [0.5, np.nan, 0.7], label="accuracy", budget=10.0
    )
    [axes] = figure.axes
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    [points] = [np.asarray(line.get_xydata()).tolist() for line in dots]
    assert points == [[2.0, 0.5], [6.0, 0.7]]
    assert [one.get_text() for one in axes.texts] == ["a", "b", "c"]


def test_the_newest_plan_that_came_to_a_blend_is_drawn(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    assert list(plots(subject(tmp_path))) == []
    done = record(step("probe", 60, 0.5), step("late", 0, None, state="skipped"), day=1)
    newer = record(step("fine-tune", 120, 0.6), day=2)
    nothing = record(step("probe", 1, None, state="failed"), day=3)
    for one in (nothing, done, newer):
        write_auto(workspace.auto / one.id, one)
    [plot] = plots(subject(tmp_path))
    # A minute of planning, two of the step.
    assert plot.alt.endswith("fine-tune 0.6000 at 3.0 min")
    assert "probe" not in plot.alt
