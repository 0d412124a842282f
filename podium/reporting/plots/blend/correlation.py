"""Which members of a blend are wrong together."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from podium.ensembling.artefact import Part
from podium.ensembling.member_file import read_members
from podium.reporting.figures.correlation import correlation_map
from podium.reporting.plot import NARROW_PX, Plot
from podium.reporting.subjects import BlendSubject

TITLE, PLACE = "Members", 10

WIDE_FROM = 16  # members
CAPTION = (
    "Pearson’s, of what members are wrong by out of fold. Those that are alike stand together; "
    "two that err alike bring little more than one."
)


def plots(subject: BlendSubject) -> Iterator[Plot]:
    """Yield a map for each task of which there are two members or more.

    Labels are read; of masks it is drawn where `podium show BLEND --members` has worked it out.
    """
    for task, part in subject.entry.parts.items():
        names = part.blend.members
        found = _correlation(subject, part) if len(names) > 1 else None
        if found is None:
            continue
        width = 420 if len(names) <= WIDE_FROM else 560
        what = " of masks" if task == "segment" else ""
        yield Plot(
            correlation_map(found, names, width_px=width),
            f"correlation-{task}",
            f"Errors{what} in common",
            f"Correlation of the errors{what} of {len(names)} members of {subject.entry.id}"
            f"{_extremes(found, names)}",
            CAPTION,
            correlation_map(found, names, width_px=NARROW_PX),
        )


def _correlation(subject: BlendSubject, part: Part) -> NDArray[np.float64] | None:
    blend = part.blend
    if blend.task == "segment":
        if next(iter(subject.entry.parts)) != "segment":
            return None
        kept = read_members(subject.workspace.blends / subject.entry.id)
        is_of_it = kept is not None and tuple(one.name for one in kept.members) == blend.members
        return kept.correlation if kept is not None and is_of_it else None
    if subject.data.samples is None:
        return None
    return subject.errors.correlation(part.sets, subject.competition, subject.data.samples)


def _extremes(table: NDArray[np.float64], names: tuple[str, ...]) -> str:
    """Return the pairs that are most and least alike, in words."""
    one, other = np.triu_indices(len(names), 1)
    values = table[one, other]
    if np.isnan(values).all():
        return "; it is undefined"
    said = []
    for word, at in (("highest", np.nanargmax(values)), ("lowest", np.nanargmin(values))):
        said.append(f"{word} {values[at]:.2f}, {names[one[at]]} and {names[other[at]]}")
    return "; " + "; ".join(dict.fromkeys(said) if len(values) > 1 else said[:1])
