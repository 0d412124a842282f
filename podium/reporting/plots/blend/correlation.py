"""Correlations of the members of a blend, similar members side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import ArrayLike, NDArray
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform

from podium.competition import metrics
from podium.ensembling.members import read_members
from podium.ensembling.record import BlendPart
from podium.errors import plural
from podium.reporting.figures._panel import (
    ACCENT,
    GRID,
    INK,
    LEGEND,
    ON_ACCENT,
    panel,
    plain,
    tint,
)
from podium.reporting.pages.hover import name_points
from podium.reporting.plot import NARROW_PX, Plot
from podium.reporting.subjects import BlendSubject
from podium.tasks.protocols.names import is_of_pixels

__all__ = ["PLACE", "TITLE", "clustered", "correlation_map", "plots"]

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
    alt = f"{what} of {plural(len(names), 'member')} of {subject.entry.id}{_extremes(table, names)}"
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


WRITTEN_UP_TO = 12  # members; beyond that the numbers would not be legible
TILES_UP_TO = 20  # beyond that one picture is smaller than so many shapes


def correlation_map(
    correlation: ArrayLike,
    names: Sequence[str],
    *,
    label: str = "correlation",
    width_px: float = 420,
) -> Figure:
    """Return the correlations as tiles, stronger where they are higher; unknown ones are empty.

    The weakest tile is the lowest correlation, rounded down to a tenth, because those of good
    members are close together. Columns have the numbers written before the names.

    Args:
        correlation: `(M, M)`, symmetric; nan where it is undefined.
        names: `(M,)`.
        label: name of the values, if they are another similarity with maximum 1.
        width_px: of the figure; names are cut to a third of it.
    """
    order = clustered(correlation)
    table = np.asarray(correlation, dtype=np.float64)[np.ix_(order, order)]
    n, low = len(table), _lowest(table)
    strength = np.nan_to_num(np.clip((table - low) / (1 - low), 0, 1))
    pitch = min(max((0.62 * width_px) / max(n, 1), 10), 44)
    figure, axes = panel(width_px, 74 + pitch * n)
    if n <= TILES_UP_TO:
        axes.add_collection(_tiles(strength))
    else:
        axes.imshow(
            np.asarray(tint(ACCENT, strength.ravel())).reshape(n, n, 4), interpolation="none"
        )
    if n <= WRITTEN_UP_TO:
        _write(axes, table, strength, 10.5 if pitch > 32 else 8)
    size = min(10.5, 0.78 * pitch)
    longest = max(6, int(width_px / 3 / (0.6 * size)))
    numbered = [f"{k + 1}  {plain(names[at], longest=longest)}" for k, at in enumerate(order)]
    axes.set_yticks(range(n), numbered, fontsize=size)
    every = 1 if pitch > 16 else 5
    numbers = [str(k) for k in range(every, n + 1, every)]
    axes.set_xticks(range(every - 1, n, every), numbers, fontsize=size)
    axes.set(xlim=(-0.5, max(n, 1) - 0.5), ylim=(max(n, 1) - 0.5, -0.5))
    axes.set_aspect("auto")
    axes.spines[:].set_visible(False)
    steps = np.linspace(low, 1, 3)
    patches = [Patch(fc=color, ec=GRID, lw=0.6) for color in tint(ACCENT, (0, 0.5, 1))]
    words = [f"{'' if k else label + ' '}{one:.2f}" for k, one in enumerate(steps)]
    figure.legend(patches, words, loc="outside upper left", ncols=3, **LEGEND)
    return figure


def clustered(correlation: ArrayLike) -> NDArray[np.int64]:
    """Return the members `(M,)` in an order in which similar ones are adjacent.

    It is that of the leaves of average linkage by 1 - correlation, ordered so that neighbours are
    nearest (Bar-Joseph et al. 2001); an undefined correlation counts as 0.
    """
    table = np.nan_to_num(np.asarray(correlation, dtype=np.float64))
    if len(table) < 3:
        return np.arange(len(table))
    apart = np.clip(1 - (table + table.T) / 2, 0, 2)
    np.fill_diagonal(apart, 0)
    near = squareform(apart, checks=False)
    return np.asarray(leaves_list(linkage(near, "average", optimal_ordering=True)), dtype=np.int64)


def _lowest(table: NDArray[np.float64]) -> float:
    others = table[~np.eye(len(table), dtype=np.bool_)]
    known = others[np.isfinite(others)]
    lowest = float(known.min()) if known.size else 0.0
    return float(min(np.floor(10 * lowest) / 10, 0.9))


def _tiles(strength: NDArray[np.float64]) -> PolyCollection:
    row, column = (one.ravel() for one in np.mgrid[: len(strength), : len(strength)])
    half = 0.46
    corners = np.array([[-half, -half], [half, -half], [half, half], [-half, half]])
    at = np.stack([column, row], axis=1)[:, None] + corners
    return PolyCollection(at, facecolors=tint(ACCENT, strength.ravel()), edgecolors=GRID, lw=0.6)


def _write(
    axes: Axes, table: NDArray[np.float64], strength: NDArray[np.float64], size: float
) -> None:
    known = np.argwhere(np.isfinite(table))
    texts = [f"{row + 1} with {column + 1}: {table[row, column]:.3f}" for row, column in known]
    name_points(axes, known[:, ::-1], texts)
    for (row, column), value in np.ndenumerate(table):
        axes.text(
            column,
            row,
            "–" if np.isnan(value) else f"{value:.2f}",
            ha="center",
            va="center",
            fontsize=size,
            color=ON_ACCENT if strength[row, column] > 0.55 else INK,
        )


def example() -> Figure:
    """Return the figure of nine members of three families."""
    rng = np.random.default_rng(0)
    shared, family = rng.normal(size=400), rng.normal(size=(3, 400))
    errors = [shared + family[m % 3] + 0.6 * rng.normal(size=400) for m in range(9)]
    names = [f"{('resnet', 'convnext', 'vit')[m % 3]}-{m // 3}" for m in range(9)]
    return correlation_map(np.corrcoef(errors), names)
