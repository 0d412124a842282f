"""Rows as dots in a plane, once for each epoch, in the same colours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from numpy.typing import ArrayLike, NDArray

from podium.reporting.figures._panel import (
    ACCENT,
    GRID,
    LEGEND,
    MUTED,
    SERIES,
    panels,
    plain,
    tint,
)
from podium.reporting.masks.painting import class_colors_of
from podium.reporting.pages.hover import name_points
from podium.reporting.plot import Plot
from podium.reporting.run_features import (
    FeaturesByEpoch,
    RowGroups,
    balanced_rows,
    cached_tsne,
    has_kept,
    is_among_best,
    kept_features_of,
    project_together,
    row_groups,
    run_folder,
)
from podium.reporting.subjects import RunSubject

__all__ = ["PLACE", "TITLE", "embedding", "example", "plots"]

TITLE, PLACE = "Representations", 50
MOST_ROWS, MOST_OF_OTHERS = 800, 400
"""Rows of the best runs that kept features, and of others: a page holds thirty."""
BEST = 3


def plots(subject: RunSubject) -> Iterator[Plot]:
    """Yield the features on shared principal axes, and, of the best runs, by t-SNE."""
    kept = kept_features_of(run_folder(subject))
    if kept is None:
        return
    is_best = is_among_best(subject, BEST, lambda run: has_kept(subject, run, "features"))
    groups = row_groups(kept.labels, subject.competition, len(kept.ids))
    rows = balanced_rows(groups.codes, MOST_ROWS if is_best else MOST_OF_OTHERS)
    groups = replace(groups, codes=groups.codes[rows])
    ids = [kept.ids[row] for row in rows]
    kept = replace(kept, features=[one[rows] for one in kept.features])
    first, last = kept.features[0], kept.features[-1]
    is_still = len(kept.epochs) > 1 and np.array_equal(first, last)
    if is_still:
        kept = replace(kept, features=kept.features[-1:], epochs=kept.epochs[-1:])
    text = _describe_rows(kept, groups, is_still=is_still)
    colors = class_colors_of(groups.names, subject.competition.label_names)
    yield _pca(subject, kept, groups, text, ids, colors)
    planes = [cached_tsne(subject.workspace, one, make=is_best) for one in kept.features]
    titles = [f"epoch {one}" for one in kept.epochs]
    there = [
        (plane, title) for plane, title in zip(planes, titles, strict=True) if plane is not None
    ]
    if not there:
        return
    clouds, titles = [plane for plane, _ in there], [title for _, title in there]
    wide, narrow = (
        embedding(
            clouds, groups.codes, groups.names, titles=titles, rest=groups.rest,
            ordered=groups.ordered, shared=False, narrow=is_narrow, ids=ids, colors=colors,
        )
        for is_narrow in (False, True)
    )  # fmt: skip
    alt = (
        f"t-SNE of the features of run {subject.entry.id}, by {groups.what}: "
        f"{', '.join(titles)}. {text}"
    )
    caption = (
        "Each epoch anew: near dots are alike; distances between heaps, sizes and "
        f"directions mean nothing. {text}"
    )
    yield Plot(wide, "features-tsne", "t-SNE of the features", alt, caption, narrow)


def _pca(
    subject: RunSubject,
    kept: FeaturesByEpoch,
    groups: RowGroups,
    text: str,
    ids: Sequence[str],
    colors: Sequence[str] | None,
) -> Plot:
    plane, last = project_together(kept.features), kept.epochs[-1]
    shares = [f"{100 * shown.sum():.0f} %" for shown in plane.shown]
    titles = [f"epoch {one}: {share}" for one, share in zip(kept.epochs, shares, strict=True)]
    wide, narrow = (
        embedding(
            plane.clouds, groups.codes, groups.names, titles=titles, rest=groups.rest,
            ordered=groups.ordered, labels=("axis 1", "axis 2"), narrow=is_narrow, ids=ids,
            colors=colors,
        )
        for is_narrow in (False, True)
    )  # fmt: skip
    x, y = (f"{100 * share:.0f} %" for share in plane.shown[-1])
    is_one = len(shares) == 1
    caption = f"The principal axes of epoch {last}: {x} and {y} of its variance."
    if not is_one:
        caption += " All panels have them; above each, what both show of its own variance."
    alt = f"PCA of the features of run {subject.entry.id}, by {groups.what}: {', '.join(titles)}"
    alt += f" of the variance. {text}"
    caption += f" {text}"
    return Plot(wide, "features-pca", "PCA of the features", alt, caption, narrow)


def _describe_rows(kept: FeaturesByEpoch, groups: RowGroups, *, is_still: bool) -> str:
    n, every = len(groups.codes), len(kept.ids)
    of = f"{n:,}" if n == every else f"{n:,} of {every:,}"
    seen = (
        "images it was trained on"
        if kept.fold == "full"
        else f"validation images of fold {kept.fold}"
    )
    text = f"{of} {seen}, {kept.features[-1].shape[1]} features."
    if is_still:
        text += " All kept epochs have the same features: the backbone was not trained."
    if kept.broken:
        text += f" Epochs {_listed([str(one) for one in kept.broken])} have no finite values."
    return text


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


_COLORS = SERIES[:6]  # the seventh is grey, which is what the rest is
_SIDE_PX, _NARROW_PX, _ROW_PX = 225, 330, 19
_DOT, _FEW = 4.6, 300
_EPSILON = 1e-5  # of the side: a stroke of no length is not drawn by every renderer


@dataclass(frozen=True)
class _Mark:
    """A marker of one stroke: its offset from the middle, in sides of the axes, and its end.

    A class is one path of such strokes: an element for each of a thousand dots makes a page slow.
    """

    legend: str
    stroke: tuple[float, float]
    cap: Any
    width: float


_MARKS = (
    _Mark("o", (_EPSILON, 0), "round", _DOT),
    _Mark("|", (0, 0.032), "butt", 0.6 * _DOT),  # after the dot: the least like it
    _Mark("D", (_EPSILON, _EPSILON), "projecting", 0.9 * _DOT),
    _Mark("s", (_EPSILON, 0), "projecting", 0.9 * _DOT),
)
_REST = _Mark("o", (_EPSILON, 0), "round", 0.7 * _DOT)


def embedding(
    clouds: Sequence[ArrayLike],
    codes: ArrayLike,
    names: Sequence[str],
    *,
    titles: Sequence[str],
    rest: str = "others",
    ordered: bool = False,
    shared: bool = True,
    labels: tuple[str, str] = ("", ""),
    narrow: bool = False,
    ids: Sequence[str] | None = None,
    colors: Sequence[str] | None = None,
) -> Figure:
    """Return a panel for each of `clouds`, side by side, with one legend.

    Args:
        clouds: each `(N, 2)`, of the same rows.
        codes: `(N,)`, the group of each row; -1: of none, drawn small and grey below the others.
        names: of the groups. Six colours with four signs; more than 24 repeat.
        titles: of the panels.
        rest: what rows of no group are.
        ordered: the groups are steps of one quantity, the weakest tint first.
        shared: all panels have the same limits, so that a row that moves is one that has changed.
        labels: of the axes; "" where they mean nothing.
        narrow: for a phone: below each other.
        ids: `(N,)`, what a page shows beside the pointer; None: nothing.
        colors: of the groups, where they have some on the page; None: six that repeat.
    """
    planes, of = [np.asarray(one, dtype=float) for one in clouds], np.asarray(codes)
    n, width = len(planes), _NARROW_PX if narrow else max(_NARROW_PX, _SIDE_PX * len(planes))
    side = min(_NARROW_PX - 40, _SIDE_PX)
    n_names = len(np.unique(np.maximum(of, -1)))
    rows = -(-n_names // _columns(names, width))
    height = (side + 36) * (n if narrow else 1) + _ROW_PX * rows
    figure, grid = panels(*((n, 1) if narrow else (1, n)), width, height)
    windows = [_window(np.concatenate(planes) if shared else plane) for plane in planes]
    scale = 1.3 if len(of) < _FEW else 1.0
    look = _ordered(len(names)) if ordered else _distinct(len(names), colors or _COLORS)
    handles: dict[str, Line2D] = {}
    for axes, plane, title, window in zip(grid.flat, planes, titles, windows, strict=True):
        _frame(axes, window, plain(title, longest=40))
        for code in (-1, *range(len(names))):
            at = plane[of == code]
            if not len(at):
                continue
            color, mark = ((MUTED, 0.35), _REST) if code < 0 else look[code]
            axes.add_patch(_strokes(at, mark, color, window[1], scale))
            name = plain(rest if code < 0 else names[code], longest=34 if code < 0 else 20)
            if ids is not None:
                name_points(
                    axes, at, [ids[row] for row in np.flatnonzero(of == code).tolist()], name=name
                )
            handles.setdefault(str(code), _handle(mark, color, name))
    for axes in grid[-1]:
        axes.set_xlabel(labels[0])
    for axes in grid[:, 0]:
        axes.set_ylabel(labels[1])
    shown = [handles[key] for key in sorted(handles, key=lambda key: int(key) % (len(names) + 1))]
    if shown:
        columns = -(-len(shown) // rows)
        figure.legend(handles=shown, loc="outside upper left", ncols=columns, **LEGEND)
    return figure


def example() -> Figure:
    """Return made-up classes that separate during training."""
    rng = np.random.default_rng(0)
    codes = np.repeat([0, 1, 2, -1], 40)
    middles = np.array([[-1, 0], [1, 1], [1, -1], [0, 0]])[codes]
    noise = rng.normal(size=(160, 2))
    clouds = [step * middles + 0.5 * noise for step in (0, 1, 2)]
    titles = ["epoch 1", "epoch 10", "epoch 20"]
    return embedding(clouds, codes, ["cat", "dog", "eel"], titles=titles, rest="no label")


def _columns(names: Sequence[str], width: float) -> int:
    longest = max((min(len(name), 20) for name in names), default=1)
    return max(1, min(8, int(width // (30 + 6.4 * longest))))


def _window(points: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Return the middle of all points and the side of a square that holds them with a margin."""
    low, high = points.min(axis=0), points.max(axis=0)
    return (low + high) / 2, 1.1 * float((high - low).max()) or 1.0


def _frame(axes: Axes, window: tuple[NDArray[np.float64], float], title: str) -> None:
    (x, y), side = window
    axes.set(xlim=(x - side / 2, x + side / 2), ylim=(y - side / 2, y + side / 2))
    axes.set_aspect("equal")
    axes.spines[:].set_visible(True)
    axes.spines[:].set_color(GRID)
    axes.set_title(title, fontsize=11)


def _strokes(
    at: NDArray[np.float64], mark: _Mark, color: Any, side: float, scale: float
) -> PathPatch:
    step = scale * side * np.array(mark.stroke) / 2
    ends = np.stack([at - step, at + step], axis=1).reshape(-1, 2)
    path = Path(ends, np.tile([Path.MOVETO, Path.LINETO], len(at)))
    path.should_simplify = False  # it would drop strokes as short as these
    # Snapped to whole pixels, it would have no length again.
    return PathPatch(
        path,
        fill=False,
        ec=color,
        lw=scale * mark.width,
        capstyle=mark.cap,
        joinstyle="miter",
        snap=False,
    )


def _handle(mark: _Mark, color: Any, name: str) -> Line2D:
    is_bar = mark.legend == "|"
    size, edge = (_DOT + 5, 0.6 * _DOT) if is_bar else (_DOT + 1, 1.5)
    return Line2D([], [], ls="", marker=mark.legend, ms=size, color=color, mew=edge, label=name)


def _distinct(n: int, colors: Sequence[str]) -> list[tuple[Any, _Mark]]:
    n_colors, n_marks = len(set(colors)), len(_MARKS)
    return [(colors[i % len(colors)], _MARKS[i // n_colors % n_marks]) for i in range(n)]


def _ordered(n: int) -> list[tuple[Any, _Mark]]:
    return [(color, _MARKS[0]) for color in tint(ACCENT, np.linspace(0.2, 1, n))]
