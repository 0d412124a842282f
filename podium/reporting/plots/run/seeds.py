"""Runs of one recipe that differ in nothing but their seed, as a band."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from podium.reporting.entries import RunEntry
from podium.reporting.figures.seed_bands import seed_bands
from podium.reporting.plot import NARROW_PX, Plot
from podium.reporting.subjects import RunSubject

TITLE, PLACE = "Training", 16

_LOSSES = {"valid_loss": "validation loss", "train_loss": "training loss"}


def plots(subject: RunSubject) -> Iterator[Plot]:
    """Yield loss and metrics over the seeds of the run's recipe, at the first run of them."""
    entry = subject.entry
    seeds = [one for one in subject.runs if one.but_seed and one.but_seed == entry.but_seed]
    seeds = [one for one in seeds if one.histories]
    if len(seeds) < 2 or seeds[0].id != entry.id:
        return
    folds = [one for one in seeds[0].histories if all(one in of.histories for of in seeds)]
    if not folds:
        return
    columns = {**_LOSSES, **{name: name for name in subject.metrics}}
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
    alt = f"{len(seeds)} seeds of one recipe ({numbers}); after the last epoch: {'; '.join(texts)}"
    caption = (
        f"Seeds {numbers} of one recipe on the same data; each is the mean over "
        f"{'fold' if len(folds) == 1 else 'folds'} {', '.join(folds)}. Dark: one standard "
        f"deviation around the mean over seeds (n - 1). Light: from the lowest to the highest. "
        f"After the last epoch: {'; '.join(texts)}."
    )
    yield Plot(wide, "seeds", "Seeds", alt, caption, narrow)


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
