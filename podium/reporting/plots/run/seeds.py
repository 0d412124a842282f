"""One recipe trained with several seeds: the mean of a curve, and how far seeds lie apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from podium.errors import plural
from podium.reporting.entries import RunEntry
from podium.reporting.figures._panel import (
    ACCENT,
    MUTED,
    band_of,
    legend_above,
    plain,
    quiet_panels,
)
from podium.reporting.figures.curves import mark_phases
from podium.reporting.plot import NARROW_PX, Plot
from podium.reporting.subjects import RunSubject

__all__ = ["PLACE", "TITLE", "example", "plots", "seed_bands"]

TITLE, PLACE = "Training", 16

_LOSSES = {"valid_loss": "validation loss", "train_loss": "training loss"}


def plots(subject: RunSubject) -> Iterator[Plot]:
    """Yield loss, metrics and thresholds over the seeds of the recipe, at the first run of them."""
    entry = subject.entry
    seeds = [one for one in subject.runs if one.but_seed and one.but_seed == entry.but_seed]
    seeds = [one for one in seeds if one.histories]
    if len(seeds) < 2 or seeds[0].id != entry.id:
        return
    folds = [one for one in seeds[0].histories if all(one in of.histories for of in seeds)]
    if not folds:
        return
    scored = {**_LOSSES, **{name: name for name in subject.metrics}}
    known = dict.fromkeys(name for one in seeds[0].histories.values() for name in one.columns)
    thresholds = {
        name: name.replace("_", " ") for name in known if name.rpartition("/")[2] == "threshold"
    }
    yield from _bands(seeds, folds, scored, "seeds", "Seeds")
    yield from _bands(seeds, folds, thresholds, "thresholds-by-seed", "Thresholds by seed")


def _bands(
    seeds: Sequence[RunEntry],
    folds: Sequence[str],
    columns: Mapping[str, str],
    name_of_file: str,
    title: str,
) -> Iterator[Plot]:
    panels = {}
    for name, label in columns.items():
        curves = {one.seed: _over_folds(one, name, folds) for one in seeds}
        known = {seed: one for seed, one in curves.items() if np.isfinite(one).any()}
        if len(known) > 1 and not (name == "train_loss" and "validation loss" in panels):
            panels[label] = known
    if not panels:
        return
    starts = {tuple(one.histories[fold].phases) for one in seeds for fold in folds}
    phases = next(iter(starts)) if len(starts) == 1 else ()
    wide, narrow = (seed_bands(panels, phases=phases, width_px=px) for px in (720, NARROW_PX))
    numbers = ", ".join(map(str, sorted(one.seed for one in seeds)))
    texts = [f"{label} {_describe_last(list(of.values()))}" for label, of in panels.items()]
    alt = (
        f"{plural(len(seeds), 'seed')} of one recipe ({numbers}); after the last epoch: "
        f"{'; '.join(texts)}"
    )
    caption = (
        f"Seeds {numbers} of one recipe on the same data; each is the mean over "
        f"{'fold' if len(folds) == 1 else 'folds'} {', '.join(folds)}. Dark: one standard "
        f"deviation around the mean over seeds (n - 1). Light: from the lowest to the highest. "
        f"After the last epoch: {'; '.join(texts)}."
    )
    yield Plot(wide, name_of_file, title, alt, caption, narrow)


def _over_folds(run: RunEntry, name: str, folds: Sequence[str]) -> NDArray[np.float64]:
    """Return the mean over `folds` by epoch, nan where one of them has no value (yet)."""
    found = [run.histories[fold].columns.get(name, np.empty(0)) for fold in folds]
    table = np.full((len(found), max(map(len, found))), np.nan)
    for row, one in zip(table, found, strict=True):
        row[: len(one)] = one
    return np.asarray(table.mean(axis=0))


def _describe_last(curves: Sequence[NDArray[np.float64]]) -> str:
    """Return mean and deviation of what each seed had last."""
    last = [one[np.isfinite(one)][-1] for one in curves]
    return f"{np.mean(last):.4g} ± {np.std(last, ddof=1):.2g}"


def seed_bands(
    panels: Mapping[str, Mapping[int, ArrayLike]],
    *,
    phases: Sequence[tuple[int, str]] = (),
    width_px: float = 720,
) -> Figure:
    """Return a panel for each value: its mean over seeds, one deviation around it, and its range.

    Each seed is a thin line. The deviation has n - 1, and stands where two seeds have the epoch.

    Args:
        panels: what is drawn, as "loss" → seed → `(epochs,)`; nan where nothing was written.
        phases: (first epoch, name) of each phase; epochs count from 1, over all phases.
        width_px: of the figure; below 500 the panels stand below each other.
    """
    n_columns = 1 if width_px < 500 else min(2, max(1, len(panels)))
    n_rows = max(1, -(-len(panels) // n_columns))
    width = width_px if n_columns > 1 or width_px < 500 else min(width_px, 460)
    figure, grid = quiet_panels(n_rows, n_columns, width, 40 + 230 * n_rows)
    for axes in grid.flat[len(panels) :]:
        axes.set_axis_off()
    for axes, (label, seeds) in zip(grid.flat, panels.items(), strict=False):
        _band(axes, list(seeds.values()))
        axes.set_ylabel(plain(label, longest=40))
        longest = max((len(np.asarray(one)) for one in seeds.values()), default=1)
        axes.set_xlim(0.5, longest + 0.5)
        mark_phases(axes, phases)
    legend_above(figure, grid[0, 0], columns=2 if width < 500 else 4)
    return figure


def _band(axes: Axes, seeds: Sequence[ArrayLike]) -> None:
    low, mean, high, std = band_of(seeds)
    epochs = np.arange(1, len(mean) + 1)
    marker = "o" if np.isfinite(mean).sum() < 16 else ""
    axes.fill_between(epochs, low, high, color=ACCENT, alpha=0.12, lw=0, label="lowest to highest")
    axes.fill_between(
        epochs, mean - std, mean + std, color=ACCENT, alpha=0.22, lw=0, label="± standard deviation"
    )
    for one in seeds:
        values = np.asarray(one, dtype=float)
        axes.plot(epochs[: len(values)], values, lw=0.7, color=MUTED, alpha=0.5, label="seed")
    axes.plot(epochs, mean, lw=2, ms=3.5, marker=marker, color=ACCENT, label="mean")


def example() -> Figure:
    """Return loss and accuracy of five seeds."""
    draw, epochs = np.random.default_rng(2), np.arange(1, 31)
    loss, accuracy = {}, {}
    for seed in range(5):
        speed = draw.uniform(6, 9)
        loss[seed] = 0.4 + 1.8 * np.exp(-epochs / speed) + draw.normal(0, 0.02, 30)
        accuracy[seed] = 0.88 - 0.7 * np.exp(-epochs / speed) + draw.normal(0, 0.008, 30)
    return seed_bands({"validation loss": loss, "accuracy": accuracy}, phases=[(1, "train")])
