"""What each step of `podium auto` brought for its time: the honest score over minutes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from podium.reporting.figures._panel import ACCENT, GRID, INK, MUTED, panel, plain
from podium.reporting.plot import NARROW_PX, Plot
from podium.reporting.subjects import BlendsSubject
from podium.workspace.auto_record import auto_records

__all__ = ["PLACE", "TITLE", "example", "plots", "score_over_time"]

TITLE, PLACE = "Score over time", 5

CAPTION = (
    "Each point is the blend of the runs so far, from which the file was written; the line behind "
    "it is its 95 % interval. Bands of grey are the times of steps; the dashed line is the end of "
    "the time."
)


def plots(subject: BlendsSubject) -> Iterator[Plot]:
    """Yield the newest plan of `podium auto` that came to a blend; nothing without one."""
    done = [
        one
        for one in auto_records(subject.workspace)
        if any(step.honest is not None for step in one.steps)
    ]
    if not done:
        return
    record = done[-1]
    ends = [
        (step, end / 60)
        for step, end in zip(record.steps, record.ends(), strict=True)
        if step.state != "planned" and not step.is_unused
    ]
    names = [step.name for step, _ in ends]
    scores = [np.nan if step.honest is None else step.honest for step, _ in ends]
    bounds = [step.honest_interval or (np.nan, np.nan) for step, _ in ends]
    wide, narrow = (
        score_over_time(
            names,
            [end for _, end in ends],
            scores,
            label=record.metric,
            intervals=bounds,
            start=record.planning_s / 60,
            budget=record.budget_s / 60,
            width_px=width,
        )
        for width in (720, NARROW_PX)
    )
    after_steps = (
        f"{step.name} {step.honest:.4f} at {end:.1f} min"
        for step, end in ends
        if step.honest is not None
    )
    alt = f"Honest {record.metric} after each step of podium auto: {'; '.join(after_steps)}"
    yield Plot(wide, "score-over-time", "Score over time", alt, CAPTION, narrow)


def score_over_time(
    names: Sequence[str],
    ends: ArrayLike,
    scores: ArrayLike,
    *,
    label: str,
    intervals: ArrayLike | None = None,
    start: float = 0.0,
    budget: float | None = None,
    width_px: float = 720,
) -> Figure:
    """Return the score after each step over the minutes, the steps' times as bands behind it.

    Args:
        names: `(S,)`, of the steps.
        ends: `(S,)`, minutes at which they ended.
        scores: `(S,)`; nan where a step came to none.
        label: the metric.
        intervals: `(S, 2)`, bounds of the scores; nan where there are none.
        start: minutes before the first step.
        budget: minutes in all.
        width_px: of the figure.
    """
    at, honest = (np.asarray(one, dtype=np.float64) for one in (ends, scores))
    begins = np.concatenate([[start], at[:-1]])
    figure, axes = panel(width_px, 330)
    for number, (begin, end) in enumerate(zip(begins, at, strict=True)):
        if number % 2 == 0:
            axes.axvspan(begin, end, color=GRID, alpha=0.55, lw=0, zorder=0)
    is_known = np.isfinite(honest)
    if intervals is not None:
        bounds = np.asarray(intervals, dtype=np.float64).reshape(-1, 2)
        axes.vlines(at, *bounds.T, color=ACCENT, lw=2.2, alpha=0.3)
    axes.plot(at[is_known], honest[is_known], drawstyle="steps-post", color=ACCENT, lw=1.6)
    axes.plot(at[is_known], honest[is_known], "o", ms=7, color=ACCENT)
    last = float(max([*at, start]))
    right = last if budget is None else max(budget, last)
    if budget is not None:
        axes.axvline(budget, color=MUTED, lw=1.2, ls=(0, (3, 3)))
    axes.set_xlim(0, right * 1.02)
    axes.margins(y=0.2)
    is_narrow = width_px <= NARROW_PX
    for number, name in enumerate(names):
        text = str(number + 1) if is_narrow else plain(name)
        middle = (begins[number] + at[number]) / 2
        axes.annotate(
            text,
            (middle, 1),
            (0, 5 + 13 * (0 if is_narrow else number % 2)),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=10.5,
            color=INK,
            annotation_clip=False,
        )
    axes.set(xlabel="minutes", ylabel=plain(f"honest {label}"))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5))
    axes.grid(axis="y")
    axes.set_axisbelow(True)
    return figure


def example() -> Figure:
    """Return the figure of a plan of five steps in ten minutes."""
    names = ["probe", "self-training", "fine-tune", "student", "second-size"]
    scores = [0.712, 0.741, 0.803, 0.812, 0.818]
    bounds = [(one - 0.03, one + 0.03) for one in scores]
    return score_over_time(
        names,
        [1.1, 1.9, 5.2, 7.4, 8.9],
        scores,
        label="accuracy",
        intervals=bounds,
        start=0.3,
        budget=10,
    )
