"""The scores before the first phase and after each: what every stage of a training brought."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from podium.reporting.entries import START, longest_history
from podium.reporting.figures._panel import ACCENT, fold_color, legend_above, plain, quiet_panels
from podium.reporting.plot import NARROW_PX, Plot
from podium.reporting.subjects import RunSubject

__all__ = ["PLACE", "TITLE", "example", "plots", "stages"]

TITLE, PLACE = "Training", 11


def plots(subject: RunSubject) -> Iterator[Plot]:
    """Yield the metrics at the end of each phase, of a run with several that the folds share."""
    histories = subject.entry.histories
    if not histories:
        return
    phases = longest_history(histories).phases
    each = {fold: one for fold, one in histories.items() if one.phases == phases}
    if len(phases) < 2:
        return
    names = [name for _, name in phases]
    panels: dict[str, dict[str, list[float]]] = {}
    for metric in subject.metrics:
        folds = {}
        for fold, one in each.items():
            values = one.columns.get(metric, np.empty(0))
            ends = [*(first - 1 for first, _ in phases[1:]), len(values)]
            is_there = [0 < end <= len(values) for end in ends]
            by_phase = [
                values[end - 1] if ok else np.nan for end, ok in zip(ends, is_there, strict=True)
            ]
            folds[fold] = [one.start.get(metric, np.nan), *map(float, by_phase)]
        if np.isfinite(np.array(list(folds.values()))).any():
            panels[metric] = folds
    if not panels:
        return
    if not any(np.isfinite(one[0]) for of in panels.values() for one in of.values()):
        panels = {
            metric: {fold: one[1:] for fold, one in of.items()} for metric, of in panels.items()
        }
    else:
        names = [START, *names]
    wide, narrow = (stages(panels, names, width_px=px) for px in (720, NARROW_PX))
    texts = []
    for metric, of in panels.items():
        table = np.array(list(of.values()))
        means = [float(np.mean(one[np.isfinite(one)])) if np.isfinite(one).any() else np.nan
                 for one in table.T]  # fmt: skip
        known = [f"{name} {value:.4f}" for name, value in zip(names, means, strict=True)
                 if np.isfinite(value)]  # fmt: skip
        texts.append(f"{metric}: {', '.join(known)}")
    alt = f"Stages of run {subject.entry.id}, mean over folds. {'; '.join(texts)}"
    caption = "The scores on the validation rows after each phase. Line: the mean over folds."
    yield Plot(wide, "stages", "Stages", alt, caption, narrow)


def stages(
    panels: Mapping[str, Mapping[str, ArrayLike]], names: Sequence[str], *, width_px: float = 720
) -> Figure:
    """Return a panel for each metric: its mean over folds at each stage, and a dot a fold.

    Args:
        panels: metric → fold → `(S,)`; nan where it is unknown.
        names: `(S,)` of the stages.
        width_px: of the figure; below 500 the panels stand below each other.
    """
    n_columns = 1 if width_px < 500 else min(2, max(1, len(panels)))
    n_rows = max(1, -(-len(panels) // n_columns))
    width = width_px if n_columns > 1 or width_px < 500 else min(width_px, 460)
    figure, grid = quiet_panels(n_rows, n_columns, width, 40 + 230 * n_rows)
    for axes in grid.flat[len(panels) :]:
        axes.set_axis_off()
    at = np.arange(len(names))
    for axes, (metric, folds) in zip(grid.flat, panels.items(), strict=False):
        table = np.array([np.asarray(one, dtype=float) for one in folds.values()])
        known = np.isfinite(table)
        n = known.sum(axis=0)
        mean = np.where(known, table, 0).sum(axis=0) / np.maximum(n, 1)
        mean = np.where(n > 0, mean, np.nan)
        for number, (fold, values) in enumerate(zip(folds, table, strict=True)):
            name = f"fold {fold}" if fold.isdigit() else plain(fold)
            color = fold_color(number, len(folds))
            axes.plot(at, values, "o", ms=5, mew=0, color=color, label=name)
        axes.plot(at, mean, lw=1.8, color=ACCENT, label="mean")
        axes.set_xticks(at, [plain(one, longest=12) for one in names])
        axes.set(ylabel=plain(metric, longest=40), xlim=(-0.4, len(names) - 0.6))
        if len(names) > 4:
            axes.tick_params(axis="x", labelrotation=30)
        axes.grid(axis="y")
        axes.set_axisbelow(True)
    legend_above(figure, grid[0, 0], columns=3 if width < 500 else 6)
    return figure


def example() -> Figure:
    """Return three folds of a training in four phases."""
    rng = np.random.default_rng(4)
    means = np.array([0.02, 0.12, 0.31, 0.39, 0.44])
    each = {str(k): means + rng.normal(0, 0.012, 5) for k in range(3)}
    return stages({"mean IoU": each}, ["start", "warm-up", "masks", "joint", "pseudo-labels"])
