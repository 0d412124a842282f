"""Learning rates and batch sizes on a terminal: which are too high or large, and which are best."""

from __future__ import annotations

from dataclasses import asdict
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from podium.cli.context import command_line, progress
from podium.cli.tables import is_ascii_only, print_json, print_table
from podium.reporting.figures.rates import rates
from podium.reporting.plot import svg_file
from podium.tuning.batch_size import fastest_batch, largest_batch
from podium.tuning.learning_rate import STEPS
from podium.workflows.tuning.rate_and_batch import batch_trials, range_test
from podium.workspace.atomic import write_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from podium.competition.spec import Competition
    from podium.tuning.batch_size import BatchTrial
    from podium.tuning.learning_rate import LearningRateTest
    from podium.workflows.tuning.rate_and_batch import RecipeRate
    from podium.workspace.layout import Workspace

__all__ = ["draw_rates", "print_batches", "print_rates", "tune_batch", "tune_rate"]

ROWS, WIDTH = 16, 40


def tune_rate(
    workspace: Workspace,
    competition: Competition,
    recipe: str,
    *,
    overrides: tuple[str, ...],
    phase: str | None,
    steps: int,
    low: float,
    high: float,
    figure: Path | None,
    as_json: bool,
) -> None:
    """Raise the learning rate step by step, and print the losses and which rates are best.

    Args:
        workspace, competition: as everywhere.
        recipe: its file or name.
        overrides: of it.
        phase: of it; None: the first.
        steps: at most.
        low, high: the first and the last step's rate.
        figure: the SVG to draw it into.
        as_json: print JSON.
    """
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
        draw_rates(found, figure)
    print_rates(found, own, recipe, overrides, steps=steps, figure=figure, as_json=as_json)


def print_rates(
    found: LearningRateTest,
    own: RecipeRate,
    recipe: str,
    overrides: Sequence[str] = (),
    *,
    steps: int,
    figure: Path | None,
    as_json: bool,
) -> None:
    """Print the losses of rising rates, which is too high, and the recipe's own.

    Args:
        found: the losses.
        own: the rate of the recipe.
        recipe, overrides: as they were typed, for the next command.
        steps: of the test at most, as they were asked for.
        figure: the file that they are drawn in.
        as_json: print JSON.
    """
    following = _next_command(found, own, recipe, overrides)
    if as_json:
        print_json({**_as_json(found, own.value), "next": [following] if following else []})
        return
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
        highest = f"{found.rates[-1]:.1e}"
        print(f"it does not diverge up to lr {highest}, as is usual with Adam or clip_norm")
    else:
        print(f"diverges at lr {found.diverges:.1e}: at most {found.safe:.1e} is safe")
    if steps < STEPS:
        print(f"of {steps} steps what is proposed may be off by ten times: take --steps {STEPS}")
    print(f"the recipe has {own.key} {own.value:g}")
    if figure is not None:
        print(f"figure: {figure}")
    if following is not None:
        print(f"next: {following}")


def _next_command(
    found: LearningRateTest, own: RecipeRate, recipe: str, overrides: Sequence[str]
) -> str | None:
    """Return the command that trains with the rate of the steepest fall, or the safe one if lower.

    None: the test proposes no rate.
    """
    proposed = [one for one in (found.steepest, found.safe) if one is not None]
    if not proposed:
        return None
    kept = [one for one in overrides if one.partition("=")[0].strip() != own.key]
    return _with_overrides(("train", recipe), (*kept, f"{own.key}={min(proposed):.1e}"))


def _with_overrides(words: Sequence[str], overrides: Sequence[str]) -> str:
    return command_line(*words, *(word for one in overrides for word in ("-o", one)))


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


def draw_rates(found: LearningRateTest, path: Path) -> None:
    """Draw the losses of rising rates into the SVG `path`."""
    marks = {"steepest": found.steepest, "safe": found.safe}
    known = {name: rate for name, rate in marks.items() if rate is not None}
    n = len(found.smoothed)
    drawing = rates(found.rates[:n], found.losses[:n], found.smoothed, marks=known)
    write_text(path, svg_file(drawing, name="rates"))


def tune_batch(
    workspace: Workspace,
    competition: Competition,
    recipe: str,
    *,
    overrides: tuple[str, ...],
    phase: str | None,
    start: int,
    most: int,
    memory: int | None,
    as_json: bool,
) -> None:
    """Try batch sizes by real steps of training, and print which are useful.

    Args:
        workspace, competition: as everywhere.
        recipe: its file or name.
        overrides: of it.
        phase: of it; None: the first.
        start, most: the first size and the largest.
        memory: bytes of a step on a CPU; None: most of what is free.
        as_json: print JSON.
    """
    trials = batch_trials(
        workspace,
        competition,
        recipe,
        overrides=overrides,
        phase=phase,
        start=start,
        most=most,
        memory=memory,
        progress=progress(),
    )
    print_batches(trials, recipe, overrides, limit=most, as_json=as_json)


def print_batches(
    trials: Sequence[BatchTrial],
    recipe: str,
    overrides: Sequence[str] = (),
    *,
    limit: int,
    as_json: bool,
) -> None:
    """Print how batch sizes did: the largest that fits, and the smallest that is as fast as any.

    Args:
        trials: one a batch size.
        recipe, overrides: as they were typed, for the next command.
        limit: none larger was to be tried; where images are fewer, these are the limit.
        as_json: print JSON.
    """
    most, quick = largest_batch(trials), fastest_batch(trials)
    if as_json:
        best = {"largest": most, "fastest": quick}
        sizes = {name: None if one is None else one.size for name, one in best.items()}
        print_json({**sizes, "trials": [asdict(one) for one in trials]})
        return
    rows = [
        (
            one.size,
            one.why if one.speed is None else f"{one.speed:.1f}",
            "–" if one.memory is None else f"{one.memory / 1e9:.2f} GB",
        )
        for one in trials
    ]
    print_table(("batch_size", "images/s", "memory of its steps"), rows)
    if most is None or quick is None:
        print(
            "no batch fits: choose a smaller input.size or backbone, or model.checkpointing: true"
        )
        return
    is_end = all(one.fits for one in trials)
    n_fit = sum(one.fits for one in trials)
    largest = "the largest that was tried" if is_end else "the largest that fits"
    if n_fit == 1:
        largest = "the only size that was tried" if is_end else "the only size that fits"
    print(f"{largest}: {most.size}")
    if quick != most:
        print(f"speed no longer grows beyond: {quick.size}")
    elif n_fit > 1:
        further = ": raise --most" if is_end and most.size == limit else ""
        print(f"speed still grows at {most.size}{further}")
    print(f"to write: batch_size: {quick.size}")
    command = _with_overrides(("tune", "lr", recipe), (*overrides, f"batch_size={quick.size}"))
    print(f"another batch size needs another learning rate: {command}")
