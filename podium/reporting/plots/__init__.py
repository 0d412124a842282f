"""Plots of a run, of a blend, of the data …: a folder for each, a file for each subject.

A file exports

    TITLE = "Training"    the heading of its plots; files may share one
    PLACE = 10            sort key among the headings
    def plots(subject) -> Iterator[Plot]

and is found by its name. It yields nothing if the subject has no such data, and raises a
`PodiumError` if a file that it needs is damaged: the page reports it and goes on. It yields a plot
at a time, so that of fifty runs no more than one figure is in memory. A figure that no other file
draws stands below it: a function on arrays, with an `example()` for the gallery.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from podium.errors import PodiumError
from podium.reporting.plot import Drawing, Plot, drawn
from podium.workspace import extensions

__all__ = ["Group", "drawn_by_title", "plots_of"]

Group = tuple[str, list[Drawing]]
"""A heading with its plots."""


def plots_of(
    package: ModuleType,
    subject: Any,
    *,
    problems: list[str],
    of: str,
) -> Iterator[tuple[str, Plot]]:
    """Yield (title, plot) of each file of `package` in order.

    Args:
        package: a folder of this one.
        subject: of `podium.reporting.subjects`, the kind that the folder's files take.
        problems: get what cannot be drawn.
        of: the subject in such a line.
    """
    names = extensions.names(package)
    files = [importlib.import_module(f"{package.__name__}.{name}") for name in names]
    for file in sorted(files, key=lambda one: (one.PLACE, one.__name__)):
        try:
            for plot in _quietly(file.plots(subject)):
                yield file.TITLE, plot
        except (PodiumError, OSError, ValueError) as error:
            problems.append(f"{of}: {file.TITLE.lower()}: {error}")


def _quietly(plots: Iterator[Plot]) -> Iterator[Plot]:
    """Yield `plots`; a name of letters that matplotlib's font lacks is measured without a word."""
    while True:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph .* missing from")
            plot = next(plots, None)
        if plot is None:
            return
        yield plot


def drawn_by_title(
    package: ModuleType, subject: Any, *, problems: list[str], of: str
) -> list[Group]:
    """Return the plots of `plots_of`, grouped by heading, as a page contains them."""
    groups: dict[str, list[Drawing]] = {}
    for title, plot in plots_of(package, subject, problems=problems, of=of):
        groups.setdefault(title, []).append(drawn(plot, of=of))
    return list(groups.items())
