"""`podium tune thresholds` on a terminal: the tuned blend, and the curves of its decision."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from podium.cli.blends import print_blend
from podium.cli.context import progress
from podium.cli.tables import is_ascii_only
from podium.ensembling.record import read_parts
from podium.tasks.protocols.names import is_of_images
from podium.tuning.curves import most_influential
from podium.tuning.step_grid import read_steps
from podium.workflows.blends.blending import tune_decisions
from podium.workflows.blends.decision_curves import decision_curves
from podium.workspace.display import number

if TYPE_CHECKING:
    from podium.competition.spec import Competition
    from podium.tuning.curves import ParameterCurve
    from podium.workspace.layout import Workspace

__all__ = ["MOST_DRAWN", "ROWS", "draw_curve", "tune_thresholds"]

MOST_DRAWN = 6  # curves; the rest is in the JSON
ROWS, COLUMNS = 7, 64  # characters of a plot
BLOCKS = " ▁▂▃▄▅▆▇█"
PLAIN_BLOCKS = "    ####"
LOWEST_SHARE = 0.25  # of the columns that may lie below the plot: the summit matters
_MEANINGS = {"gate": "gate: below this classifier probability a class is absent"}


def tune_thresholds(
    workspace: Workspace,
    competition: Competition,
    artefact: str,
    *,
    steps: Path | None,
    trials: int,
    seed: int,
    raw: bool,
    as_json: bool,
) -> None:
    """Fit the decision of a run or a blend, and print it with its curves."""
    folder = tune_decisions(
        workspace,
        competition,
        artefact,
        trials=trials,
        seed=seed,
        grid=() if steps is None else read_steps(steps),
        raw=raw,
        progress=progress(),
    )
    curves = decision_curves(workspace, competition, folder, progress=progress())
    print_blend(workspace, folder, competition, curves=curves, as_json=as_json)
    if not as_json:
        scored = next(iter(read_parts(folder).values())).blend
        is_drawn = is_of_images(scored.task) and not (scored.raw or scored.grid)
        _print_curves(curves, scored.metric, is_drawn=is_drawn)


def _print_curves(curves: Sequence[ParameterCurve], metric: str, *, is_drawn: bool) -> None:
    """Print the curves whose tuning changes the score most, and the number of the others.

    Args:
        curves, metric: of the decision.
        is_drawn: whether few rows draw a threshold or cut point to the plain one.
    """
    plain = is_ascii_only()
    is_kept = all(one.chosen == one.plain for one in curves)
    for curve in most_influential(tuple(curves), MOST_DRAWN):
        print("\n".join(draw_curve(curve, metric, plain=plain, is_kept=is_kept, is_drawn=is_drawn)))
    if len(curves) > MOST_DRAWN:
        print(f"{len(curves) - MOST_DRAWN} more curves, whose tuning changes less: --json")


def draw_curve(
    curve: ParameterCurve,
    metric: str,
    *,
    plain: bool = False,
    is_kept: bool = False,
    is_drawn: bool = False,
) -> list[str]:
    """Return the lines of a plot of a curve, with its marks and what they are.

    Args:
        curve: what is drawn.
        metric: its name.
        plain: ASCII alone.
        is_kept: the plain decision is kept: nothing of it was chosen.
        is_drawn: few rows draw a threshold or cut point to the plain one.
    """
    places = _Columns(curve)
    scores = [places.score(column) for column in range(COLUMNS)]
    known = [one for one in scores if one is not None]
    low, high = _range(known, greater_is_better=curve.greater_is_better)
    marks = ("^", "x", "|", "=") if plain else ("▲", "◆", "│", "═")
    of_what = " ".join(one for one in (curve.parameter, curve.name) if one)
    lines = [f"{metric} by {of_what}, all else held"]
    ends = {0: number(low), ROWS - 1: number(high)}  # a flat curve has one
    if ends[0] == ends[ROWS - 1]:
        del ends[0]
    for row in range(ROWS - 1, -1, -1):
        label = ends.get(row, "")
        cells = "".join(_cell(one, row, low, high, plain) for one in scores)
        lines.append(f"{label:>9} {'|' if plain else '┤'}{cells}".rstrip())
    lines.append(f"{'':>9} {'+' if plain else '└'}{_marked(curve, places, marks, plain)}")
    first, last = f"{curve.values[0]:.3g}", f"{curve.values[-1]:.3g}"
    lines.append(f"{'':>11}{first}{last:>{COLUMNS - len(first)}}")
    return [*lines, *(f"{'':>11}{line}" for line in _legend(curve, marks, is_kept, is_drawn))]


def _legend(
    curve: ParameterCurve, marks: Sequence[str], is_kept: bool, is_drawn: bool
) -> list[str]:
    """Return what the marks are, each with its score, in lines as wide as the plot."""
    chosen, best = (
        f"{value:.4g} ({_format_score(curve, value)})" for value in (curve.chosen, curve.best)
    )
    word = "kept: plain" if is_kept else "chosen"
    marked = [f"{marks[0]} {word} {chosen}", f"{marks[1]} raw maximum {best}"]
    if curve.plain is not None and not is_kept:
        score = _format_score(curve, curve.plain)
        marked.append(f"{marks[2]} plain {curve.plain:.4g} ({score}), the other values as chosen")
    low, high = curve.plateau
    if any(curve.standard_errors):
        marked.append(f"{marks[3]} within one standard error {low:.3g} to {high:.3g}")
        if not low <= curve.chosen <= high:
            marked.append(_why_outside(curve, is_kept, is_drawn))
    if curve.parameter in _MEANINGS:
        marked.append(_MEANINGS[curve.parameter])
    lines = marked[:1]
    for one in marked[1:]:
        if len(lines[-1]) + 2 + len(one) <= COLUMNS:
            lines[-1] += f"  {one}"
        else:
            lines.append(one)
    return lines


_DRAWN = ("threshold", "cuts")  # the parameters that few rows draw to the plain one


def _why_outside(curve: ParameterCurve, is_kept: bool, is_drawn: bool) -> str:
    """Return why the value of the decision is outside of the interval of one standard error."""
    if is_kept:
        return "kept though outside it: all tuned gains too little"
    if is_drawn and curve.plain is not None and curve.parameter in _DRAWN:
        low, high = curve.plateau
        if min(high, curve.plain) < curve.chosen < max(low, curve.plain):
            return "chosen lies from its centre towards plain: rows of the class are few"
    return "chosen is outside it: this curve alone did not choose"


def _format_score(curve: ParameterCurve, value: float) -> str:
    return number(curve.score_at(value))


class _Columns:
    """Which column of a plot a value has; weights are drawn on a scale of factors."""

    def __init__(self, curve: ParameterCurve) -> None:
        self.curve = curve
        self.is_log = curve.parameter == "class_weights" and curve.values[0] > 0
        self.first, self.last = (self._scaled(curve.values[at]) for at in (0, -1))

    def column(self, value: float) -> int:
        """Return the column of a value, the nearest one where it lies outside."""
        span = (self.last - self.first) or 1.0
        at = round((self._scaled(value) - self.first) / span * (COLUMNS - 1))
        return min(max(at, 0), COLUMNS - 1)

    def score(self, column: int) -> float | None:
        """Return the score of the point that is nearest to the middle of a column."""
        scaled = self.first + (self.last - self.first) * column / (COLUMNS - 1)
        at = int(np.argmin([abs(self._scaled(value) - scaled) for value in self.curve.values]))
        return self.curve.scores[at]

    def _scaled(self, value: float) -> float:
        return math.log(value) if self.is_log and value > 0 else value


def _range(scores: Sequence[float], *, greater_is_better: bool) -> tuple[float, float]:
    """Return what the plot's height stands for; the worst columns may lie outside."""
    worst = float(np.quantile(scores, LOWEST_SHARE if greater_is_better else 1 - LOWEST_SHARE))
    best = max(scores) if greater_is_better else min(scores)
    if worst == best:
        worst = min(scores) if greater_is_better else max(scores)
    return min(worst, best), max(worst, best)


def _cell(score: float | None, row: int, low: float, high: float, plain: bool) -> str:
    if score is None:
        return " "
    blocks = PLAIN_BLOCKS if plain else BLOCKS
    share = 1.0 if high == low else (score - low) / (high - low)
    # The lowest score that is drawn has a line, too: nothing at all is what lies below.
    eighths = round(share * (8 * ROWS - 1)) + 1 - 8 * row if share >= 0 else 0
    return blocks[min(max(eighths, 0), len(blocks) - 1)]


def _marked(curve: ParameterCurve, places: _Columns, marks: Sequence[str], plain: bool) -> str:
    """Return the axis: the plateau, and over it the plain value, the maximum and what is chosen."""
    axis = ["-" if plain else "─"] * COLUMNS
    low, high = curve.plateau
    if any(curve.standard_errors):
        for column in range(places.column(low), places.column(high) + 1):
            axis[column] = marks[3]
    if curve.plain is not None:
        axis[places.column(curve.plain)] = marks[2]
    axis[places.column(curve.best)] = marks[1]
    axis[places.column(curve.chosen)] = marks[0]
    return "".join(axis)
