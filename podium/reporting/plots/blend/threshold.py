"""The score of a decision along its thresholds: the curve, its plateau, and what was chosen."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import FormatStrFormatter, LogLocator, MaxNLocator
from numpy.typing import NDArray

from podium.ensembling.plan import BlendRequest, LabelPlan, curves_of_labels
from podium.reporting.figures._panel import (
    ACCENT,
    GRID,
    INK,
    MUTED,
    SERIES,
    legend_above,
    panel,
    panels,
    plain,
)
from podium.reporting.plot import NARROW_PX, Plot
from podium.reporting.subjects import BlendSubject
from podium.tasks.protocols.names import is_of_images
from podium.tuning.curves import ParameterCurve, most_influential, read_curves

__all__ = ["PLACE", "TITLE", "plots", "threshold_curves"]

TITLE, PLACE = "Thresholds", 40

MOST_NUMBERS = 2_000_000  # of all members: curves of more are drawn only where they are kept


def plots(subject: BlendSubject) -> Iterator[Plot]:
    """Yield the curves that `podium tune thresholds BLEND` keeps; of few labels they are made."""
    entry = subject.entry
    curves = read_curves(subject.workspace.blends / entry.id)
    if entry.scored_by is not None:
        return
    if curves is None:
        curves = _of_labels(subject)
    if not curves:
        return
    shown = most_influential(curves, SHOWN)
    metric = entry.blend.metric
    chosen = "; ".join(
        f"{' '.join(filter(None, (one.parameter.replace('_', ' '), one.name)))} {one.chosen:.3g}, "
        f"as good from {one.plateau[0]:.3g} to {one.plateau[1]:.3g}"
        for one in shown[:6]
    )
    caption = (
        "On the rows that the decision was fitted on, all else held: how flat the summit is, not "
        "how good the decision. Shaded: indistinguishable from the highest point."
    )
    if any(one.parameter == "gate" for one in shown):
        caption += " Gate: below this classifier probability a class is absent."
    if any(not one.plateau[0] <= one.chosen <= one.plateau[1] for one in shown):
        caption += " A chosen value outside the shaded stretch was not chosen by this curve alone."
    if len(shown) < len(curves):
        caption += f" The {len(shown)} of {len(curves)} whose tuning changes the score most."
    yield Plot(
        threshold_curves(shown, label=metric),
        "thresholds",
        "Score by threshold",
        f"{metric} of {entry.id} by threshold; chosen: {chosen}",
        caption,
        threshold_curves(shown, label=metric, width_px=NARROW_PX),
    )


def _of_labels(subject: BlendSubject) -> tuple[ParameterCurve, ...]:
    """Return the curves of labels that are few; none of masks, or where the rows changed since."""
    part, data = next(iter(subject.entry.parts.values())), subject.data
    blend, competition = part.blend, subject.competition
    if not is_of_images(blend.task) or data.samples is None or data.folds is None:
        return ()
    if blend.n_scored * len(blend.members) * max(len(competition.classes), 1) > MOST_NUMBERS:
        return ()
    labels = LabelPlan.of(
        BlendRequest(
            subject.workspace,
            competition,
            data.samples,
            data.folds,
            part.sets,
            trials=blend.trials,
            seed=blend.seed,
        )
    )
    return curves_of_labels(labels, blend) if labels.rows.digest() == blend.data else ()


SHOWN = 12  # curves
_LOWEST_SHARE = 0.15  # of the points that may be below the axes: the summit is what matters


def threshold_curves(
    curves: Sequence[ParameterCurve], *, label: str, width_px: float = 720
) -> Figure:
    """Return a small axes for each curve, all with the same scores; of many the first 12.

    A band of one standard error (of a point's difference from the best one) is around each. The
    shaded stretch is the plateau, from the lowest to the highest threshold that is
    indistinguishable from the best one.

    Args:
        curves: result of `podium.workflows.blends.decision_curves.decision_curves`.
        label: the metric.
        width_px: of the figure.
    """
    shown = list(curves)[:SHOWN]
    n = max(len(shown), 1)
    columns = min(n, 3 if width_px > 500 else 2)
    n_rows = -(-n // columns)
    if n == 1:
        figure, lone = panel(min(width_px, 420), 270)
        grid = np.array([lone])
    else:
        figure, found = panels(
            n_rows, columns, width_px, 60 + (175 if width_px > 500 else 150) * n_rows
        )
        engine = figure.get_layout_engine()
        assert isinstance(engine, ConstrainedLayoutEngine)
        engine.set(wspace=0.05)  # numbers at the ends of two axes would touch
        grid = found.ravel()
    low, high = _range(shown)
    for number, axes in enumerate(grid):
        if number >= len(shown):
            axes.set_visible(False)
            continue
        _draw(axes, shown[number])
        axes.set_ylim(low, high)
        is_first = number % columns == 0
        axes.tick_params(labelleft=is_first)
        if is_first:
            axes.set_ylabel(plain(label))
        what = shown[number].parameter.replace("_", " ")
        name = plain(shown[number].name, longest=22)
        if n > 1:
            axes.set_title(name or what, fontsize=11, loc="left", color=INK)
        what = what if n > 1 or not name else f"{what}, {name}"
        axes.set_xlabel(f"{what} (log)" if axes.get_xscale() == "log" else what)
    legend_above(figure, grid[0], columns=5 if width_px > 400 else 2)
    return figure


def _draw(axes: Axes, curve: ParameterCurve) -> None:
    values = np.asarray(curve.values)
    scores, errors = _numbers(curve.scores), _numbers(curve.standard_errors)
    has_errors = bool(np.nan_to_num(errors).any())
    if has_errors:
        # Unscored thresholds leave a gap; the best one has no error by its definition.
        around = np.where(np.isnan(scores), np.nan, np.nan_to_num(errors))
        axes.axvspan(*curve.plateau, color=SERIES[2], alpha=0.16, lw=0, label="plateau")
        axes.fill_between(
            values,
            scores - around,
            scores + around,
            color=ACCENT,
            alpha=0.18,
            lw=0,
            label="± 1 standard error",
        )
    if curve.plain is not None:
        axes.axvline(curve.plain, color=MUTED, lw=1.2, ls=(0, (2, 2)), label="plain")
    axes.plot(values, scores, color=ACCENT, lw=1.7)
    best, chosen = (
        (value, math.nan if score is None else score)
        for value, score in ((one, curve.score_at(one)) for one in (curve.best, curve.chosen))
    )
    axes.plot(*best, "D", ms=6.5, mfc="none", mew=1.5, color=SERIES[1], label="highest")
    axes.plot(*chosen, "o", ms=7.5, color=SERIES[2], label="chosen")
    if curve.parameter == "class_weights" and values[0] > 0:
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(numticks=3))
        axes.xaxis.set_major_formatter(FormatStrFormatter("%g"))
        axes.minorticks_off()
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=3))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5))
    if values[0] < values[-1]:
        axes.set_xlim(values[0], values[-1])
    axes.spines["bottom"].set_visible(True)
    axes.grid(color=GRID)
    axes.set_axisbelow(True)


def _numbers(values: Sequence[float | None]) -> NDArray[np.float64]:
    return np.array([math.nan if one is None else one for one in values], dtype=np.float64)


def _range(curves: Sequence[ParameterCurve]) -> tuple[float, float]:
    """Return from where to where scores are shown: each summit and choice, and most of the rest."""
    shown: list[float] = []
    for curve in curves:
        scores = _numbers(curve.scores)
        ends = [0.0, 1 - _LOWEST_SHARE] if not curve.greater_is_better else [_LOWEST_SHARE, 1.0]
        chosen = curve.score_at(curve.chosen)
        shown += [*np.nanquantile(scores, ends).tolist(), *([] if chosen is None else [chosen])]
    low, high = min(shown, default=0.0), max(shown, default=1.0)
    edge = 0.08 * max(high - low, 1e-6)
    return low - edge, high + edge


def example() -> Figure:
    """Return the figure of three classes, one of them rare."""
    values, made = np.linspace(0.02, 0.98, 97), []
    for name, summit, width in (("cat", 0.48, 0.5), ("dog", 0.36, 0.35), ("eel", 0.15, 0.18)):
        scores = 0.82 - 0.3 * np.minimum(((values - summit) / width) ** 2, 1) * (1 - summit / 2)
        errors = 0.02 * np.sqrt(np.minimum(np.abs(values - summit) / width, 1))
        best = float(values[np.argmax(scores)])
        made.append(
            ParameterCurve(
                "threshold",
                name,
                tuple(values.tolist()),
                tuple(scores.tolist()),
                tuple(errors.tolist()),
                chosen=float(values[np.argmin(np.abs(values - summit - 0.02))]),
                plain=0.5,
                best=best,
            )
        )
    return threshold_curves(made, label="macro F1")
