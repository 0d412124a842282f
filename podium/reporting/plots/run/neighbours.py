"""Images beside those that a network finds nearest to them: which are of the same class?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from podium.competition.samples import truth
from podium.competition.spec import Competition
from podium.competition.units import has_label
from podium.errors import DataError
from podium.reporting.figures._panel import INK, MUTED, SERIES, panels, plain
from podium.reporting.images.thumbnails import files_of, shrunk
from podium.reporting.plot import Plot
from podium.reporting.run_features import (
    FeatureNeighbours,
    can_find_neighbours,
    choose_queries,
    is_among_best,
    neighbours_of,
)
from podium.reporting.shown_answers import shown_of
from podium.reporting.subjects import RunSubject

__all__ = ["PLACE", "TITLE", "example", "neighbours", "plots"]

TITLE, PLACE = "Representations", 52
QUERIES, NEAREST, BEST = 6, 5, 3
_SIDE_PX = 72


def plots(subject: RunSubject) -> Iterator[Plot]:
    """Yield six images with their five nearest, of the best runs that kept features."""
    samples = subject.data.samples
    if samples is None or not is_among_best(
        subject, BEST, lambda run: can_find_neighbours(subject, run)
    ):
        return
    near = neighbours_of(subject, NEAREST)
    if near is None:
        return
    labels = _labels(subject)
    classes = None if labels is None else _one_each(labels[near.queries])
    rows = choose_queries(near, classes, QUERIES)
    if not rows:
        return
    at = [[int(near.queries[i]), *(int(one) for one in near.found[i] if one >= 0)] for i in rows]
    pictures: dict[int, NDArray[np.uint8]] = {}
    for one in sorted({one for row in at for one in row}):
        files = files_of(subject.competition, samples["images"].iloc[one])
        pictures[one] = shrunk(files, subject.competition.reader, largest=_SIDE_PX)
    names = [[_name(subject.competition, labels, one) for one in row] for row in at]
    same = None if near.same is None else near.same[rows]
    wide, narrow = (
        neighbours(
            [[pictures[one] for one in row] for row in at],
            names,
            near.similarity[rows],
            same,
            narrow=is_narrow,
        )
        for is_narrow in (False, True)
    )
    text = _describe(subject, near)
    ids = samples["id"]
    alt = f"Nearest images by the features of run {subject.entry.id}. {text} " + "; ".join(
        f"{ids.iloc[row[0]]} ({of[0] or 'no label'}): "
        + ", ".join(one or "no label" for one in of[1:])
        for row, of in zip(at, names, strict=True)
    )
    yield Plot(wide, "neighbours", "Nearest neighbours", alt, text, narrow)


def _labels(subject: RunSubject) -> NDArray[Any] | None:
    samples = subject.data.samples
    if samples is None or not subject.competition.has_labels:
        return None
    try:
        return truth(samples, subject.competition)
    except DataError:
        return None


def _one_each(labels: NDArray[Any]) -> NDArray[Any]:
    """Return a value for each row that equal labels share."""
    if labels.ndim == 1:
        return labels
    return np.array(["".join(map(str, row)) for row in labels.tolist()])


def _name(competition: Competition, labels: NDArray[Any] | None, row: int) -> str:
    if labels is None or not has_label(labels[[row]])[0]:
        return ""
    return shown_of(competition.kind).text(labels[row], competition.label_names)


def _describe(subject: RunSubject, near: FeatureNeighbours) -> str:
    text = f"By the cosine of the network's features: {near.where}."
    if near.same is None or not (near.same >= 0).any():
        return text
    has_several = subject.competition.kind.is_by_class
    what = "have a label in common" if has_several else "are of its class"
    k, share, first = near.found.shape[1], 100 * near.share(), 100 * near.share(1)
    return (
        f"{text} Of an image's {k} nearest, {share:.0f} % {what}; of its nearest one alone, "
        f"{first:.0f} % (kNN accuracy with k = 1). The most confident mistakes come first."
    )


RIGHT, WRONG = SERIES[0], SERIES[1]
_PANEL_PX, _NARROW_PX, _WORDS_PX = 98, 330, 27
_NARROW_COLUMNS = 4  # the image and its three nearest
_ORDER = ("nearest", "2nd", "3rd", "4th", "5th")


def neighbours(
    pictures: Sequence[Sequence[NDArray[np.uint8]]],
    names: Sequence[Sequence[str]],
    similarity: ArrayLike,
    same: ArrayLike | None = None,
    *,
    narrow: bool = False,
) -> Figure:
    """Return a row for each image: the image, then the nearest ones with their cosine.

    A neighbour of the same class has a tick and a green frame, another a cross and an orange one.

    Args:
        pictures: `(Q,)` of `(1 + K,)` of `(H, W, 3)`; a row may have fewer neighbours.
        names: the same of texts, such as classes.
        similarity: `(Q, K)`, cosines.
        same: `(Q, K)`: 1 where a neighbour is of its image's class, 0 where it is not, -1 where
            that is unknown; None: unknown for all.
        narrow: for a phone: the nearest three.
    """
    cosines = np.asarray(similarity, dtype=float)
    of_class = np.full(cosines.shape, -1) if same is None else np.asarray(same, dtype=int)
    n_columns = max(len(row) for row in pictures)
    n_columns = min(n_columns, _NARROW_COLUMNS) if narrow else n_columns
    width = _NARROW_PX if narrow else n_columns * _PANEL_PX
    side = width / n_columns
    height = len(pictures) * (side + _WORDS_PX) + _WORDS_PX
    figure, grid = panels(len(pictures), n_columns, width, height)
    longest = int(side / 6.4)
    for axes in grid.flat:
        axes.set_visible(False)
    for i, row in enumerate(pictures):
        for column, picture in enumerate(row[:n_columns]):
            axes, name = grid[i, column], plain(names[i][column], longest=longest)
            axes.set_visible(True)
            axes.imshow(picture, interpolation="none")
            if not column:
                axes.set_xlabel(name, fontsize=9.5, color=INK)
                continue
            sign, color = _sign(int(of_class[i, column - 1]))
            text = f"{sign}{name}\n{cosines[i, column - 1]:.2f}"
            axes.set_xlabel(text, fontsize=9.5, color=INK, linespacing=1.1)
            _frame(axes, color)
    for axes, title in zip(grid[0], ("image", *_ORDER), strict=False):
        axes.set_title(title, fontsize=10.5, color=MUTED)
    return figure


def example() -> Figure:
    """Return two images of colours among others."""
    rng = np.random.default_rng(0)
    colors = {"red": (200, 60, 60), "blue": (60, 90, 200)}
    names = [["red", "red", "red", "blue"], ["blue", "blue", "blue", "blue"]]
    pictures = [
        [(rng.normal(colors[name], 25, (24, 24, 3)).clip(0, 255)).astype(np.uint8) for name in row]
        for row in names
    ]
    same = [[name == row[0] for name in row[1:]] for row in names]
    return neighbours(pictures, names, [[0.97, 0.93, 0.58], [0.98, 0.96, 0.91]], same)


def _sign(same: int) -> tuple[str, str | None]:
    return {1: ("✓ ", RIGHT), 0: ("✗ ", WRONG)}.get(same, ("", None))


def _frame(axes: Axes, color: str | None) -> None:
    if color is not None:
        axes.spines[:].set(visible=True, edgecolor=color, linewidth=2.5)
