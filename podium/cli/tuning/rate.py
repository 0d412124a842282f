"""Learning rates on a terminal: which is too high, and with which a recipe learns fastest."""

from __future__ import annotations

from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from podium.cli.context import open_workspace, progress
from podium.cli.tables import is_ascii_only, print_json, print_table
from podium.errors import UsageError
from podium.reporting.figures.rates import rates
from podium.reporting.plot import svg_file
from podium.workflows.tuning.rate_and_batch import range_test
from podium.workspace.atomic import write_text

if TYPE_CHECKING:
    from podium.tuning.learning_rate import LearningRateTest

__all__ = ["find_rate"]

ROWS, WIDTH = 16, 40


def find_rate(
    ctx: typer.Context,
    recipe: str,
    *,
    phase: str | None,
    steps: int,
    low: float,
    high: float,
    figure: Path | None,
    overrides: tuple[str, ...],
    as_json: bool,
) -> None:
    """Raise the learning rate step by step until training diverges, and print two rates."""
    if figure is not None and figure.suffix != ".svg":
        raise UsageError(
            f"the figure is an SVG, and {figure} is named as something else",
            fix=f"write --figure {figure.with_suffix('.svg')}",
        )
    workspace, competition = open_workspace(ctx)
    found, own = range_test(
        workspace,
        competition,
        recipe,
        overrides=overrides,
        phase=phase,
        steps=steps,
        low=low,
        high=high,
        progress=progress(),
    )
    if figure is not None:
        _draw(found, figure)
    if as_json:
        print_json(_as_json(found, own))
        return
    _print(found, own)
    if figure is not None:
        print(f"figure: {figure}")


def _print(found: LearningRateTest, own: float) -> None:
    smoothed = found.smoothed
    n = len(smoothed)
    shown = sorted({round(at * (n - 1) / (ROWS - 1)) for at in range(ROWS)}) if n else []
    bottom, top = (min(smoothed), max(smoothed)) if n else (0.0, 1.0)
    # One exploding loss would hide the differences of all others.
    top = min(top, bottom + 1.5 * max(smoothed[0] - bottom, 1e-12)) if n else top
    rows = [
        (
            f"{found.rates[at]:.1e}",
            f"{smoothed[at]:.4g}",
            _bar((smoothed[at] - bottom) / (top - bottom or 1)),
        )
        for at in shown
    ]
    print_table(("lr", "loss", "smoothed over steps"), rows)
    steep = "the loss hardly falls: take more --steps, or check the data and the frozen parts"
    if found.steepest is not None:
        steep = f"falls fastest at lr {found.steepest:.1e}"
    print(steep)
    if found.safe is None:
        print(f"it does not diverge up to lr {found.rates[-1]:.1e}: try a larger --high")
    else:
        print(f"diverges at lr {found.diverges:.1e}: at most {found.safe:.1e} is safe")
    print(f"the recipe has lr {own:g}")


def _bar(share: float) -> str:
    return ("#" if is_ascii_only() else "█") * max(1, round(WIDTH * min(share, 1.0)))


def _as_json(found: LearningRateTest, own: float) -> dict[str, Any]:
    return {
        "lr": [float(rate) for rate in found.rates],
        "loss": [float(one) if isfinite(one) else None for one in found.losses],
        "smoothed": [float(one) for one in found.smoothed],
        "steepest": found.steepest,
        "diverges": found.diverges,
        "safe": found.safe,
        "recipe": own,
    }


def _draw(found: LearningRateTest, path: Path) -> None:
    marks = {"steepest": found.steepest, "safe": found.safe}
    known = {name: rate for name, rate in marks.items() if rate is not None}
    n = len(found.smoothed)
    drawing = rates(found.rates[:n], found.losses[:n], found.smoothed, marks=known)
    write_text(path, svg_file(drawing, name="rates"))
