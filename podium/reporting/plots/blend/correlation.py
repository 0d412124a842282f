"""Correlated errors of the members of a blend."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.ensembling.members import read_members
from podium.ensembling.record import BlendPart
from podium.reporting.figures.correlation import correlation_map
from podium.reporting.plot import NARROW_PX, Plot
from podium.reporting.subjects import BlendSubject
from podium.tasks.protocols.names import is_of_pixels

TITLE, PLACE = "What members bring", 10

WIDE_FROM = 16  # members
CAPTION = (
    "Pearson’s, of what members are wrong by out of fold. Those that are alike stand together; "
    "two that err alike bring little more than one."
)
ALIKE = (
    "Share of the rows, or of their labels, that two members decide alike, each by itself: where "
    "decisions are scored, a member that never differs changes nothing."
)


def plots(subject: BlendSubject) -> Iterator[Plot]:
    """Yield a map for each task with two members or more.

    Labels are read; for masks it is drawn if `podium show BLEND --members` has computed it.
    Where labels are scored as decisions, a second map shows the share of equal decisions.
    """
    for task, part in subject.entry.parts.items():
        names = part.blend.members
        if len(names) < 2:
            continue
        what = " of masks" if is_of_pixels(task) else ""
        found = _correlation(subject, part)
        if found is not None:
            of_what = f"Correlation of the errors{what}"
            yield _plot(
                found, part, subject, f"correlation-{task}", f"Errors{what} in common", of_what,
                "correlation", CAPTION,
            )  # fmt: skip
        alike = _agreement(subject, part)
        if alike is not None:
            yield _plot(
                alike, part, subject, f"agreement-{task}", "Decisions in common",
                "Share of equal decisions", "share", ALIKE,
            )  # fmt: skip


def _plot(
    table: NDArray[np.float64],
    part: BlendPart,
    subject: BlendSubject,
    name: str,
    title: str,
    what: str,
    label: str,
    caption: str,
) -> Plot:
    names = part.blend.members
    wide, narrow = (
        correlation_map(table, names, label=label, width_px=width)
        for width in (420 if len(names) <= WIDE_FROM else 560, NARROW_PX)
    )
    alt = f"{what} of {len(names)} members of {subject.entry.id}{_extremes(table, names)}"
    return Plot(wide, name, title, alt, caption, narrow)


def _correlation(subject: BlendSubject, part: BlendPart) -> NDArray[np.float64] | None:
    blend = part.blend
    if is_of_pixels(blend.task):
        if not is_of_pixels(next(iter(subject.entry.parts))):
            return None
        kept = read_members(subject.workspace.blends / subject.entry.id)
        is_of_it = kept is not None and tuple(one.name for one in kept.members) == blend.members
        return kept.correlation if kept is not None and is_of_it else None
    if subject.data.samples is None:
        return None
    return subject.errors.correlation(part.sets, subject.competition, subject.data.samples)


def _agreement(subject: BlendSubject, part: BlendPart) -> NDArray[np.float64] | None:
    blend, competition, samples = part.blend, subject.competition, subject.data.samples
    if samples is None or is_of_pixels(blend.task) or competition.kind.is_continuous:
        return None
    is_beside = competition.scores_masks
    scored_by = metrics.get(blend.metric) if is_beside else metrics.of(competition)
    if not scored_by.scores_decisions:
        return None
    return subject.errors.agreement(part.sets, competition, samples)


def _extremes(table: NDArray[np.float64], names: tuple[str, ...]) -> str:
    """Return the most and the least similar pair, as text."""
    one, other = np.triu_indices(len(names), 1)
    values = table[one, other]
    if np.isnan(values).all():
        return "; it is undefined"
    texts = []
    for word, at in (("highest", np.nanargmax(values)), ("lowest", np.nanargmin(values))):
        texts.append(f"{word} {values[at]:.2f}, {names[one[at]]} and {names[other[at]]}")
    return "; " + "; ".join(dict.fromkeys(texts) if len(values) > 1 else texts[:1])
