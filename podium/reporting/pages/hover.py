"""The points of a figure with their values: what a page shows beside the pointer.

Lines, dots and bars are read from the figure itself; what only its maker knows, such as the id of
an image or the count of a tile, is attached with `name_points`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import PathCollection
from matplotlib.container import BarContainer
from matplotlib.dates import DateFormatter, DateLocator
from matplotlib.figure import Figure
from matplotlib.ticker import FixedFormatter, FixedLocator, FuncFormatter
from numpy.typing import ArrayLike, NDArray

__all__ = ["hover_points", "name_points"]

MOST_POINTS = 1200
"""Of a figure; of more, each line gives as many evenly spaced ones as it may."""


class _Points(NamedTuple):
    """Points of one line: its name, the names of the axes, places in pixels, and two texts each."""

    name: str
    x: str
    y: str
    at: NDArray[np.float64]
    texts: list[tuple[str, str]]


_NAMED: WeakKeyDictionary[Axes, list[tuple[str, NDArray[np.float64], list[str]]]]
_NAMED = WeakKeyDictionary()


def name_points(axes: Axes, at: ArrayLike, texts: Sequence[str], *, name: str = "") -> None:
    """Attach a text to each point `at` `(N, 2)` of `axes`, in the units of the data.

    Args:
        axes: of the points.
        at: their places.
        texts: `(N,)`.
        name: of all of them; "" where there is none.
    """
    places = np.asarray(at, dtype=np.float64).reshape(-1, 2)
    _NAMED.setdefault(axes, []).append((name, places, list(texts)))


def hover_points(figure: Figure, width: float, height: float) -> str:
    """Return the points of a figure that was drawn, as JSON; "" where it has none.

    A list of `[name, x axis, y axis, [[x, y, text of x, text of y], …]]`, places in a picture of
    this width and height with its origin above.

    Args:
        figure: which has been drawn, so that its layout stands.
        width, height: of the picture.
    """
    found = [one for axes in figure.axes if axes.get_visible() for one in _of_axes(axes)]
    most = max(2, MOST_POINTS // max(len(found), 1))
    box = figure.bbox
    groups = []
    for one in found:
        keep = np.linspace(0, len(one.at) - 1, min(len(one.at), most)).round().astype(int)
        x = one.at[keep, 0] / box.width * width
        y = (1 - one.at[keep, 1] / box.height) * height
        points = [
            [round(a), round(b), *one.texts[i]]
            for a, b, i in zip(x.tolist(), y.tolist(), keep.tolist(), strict=True)
        ]
        groups.append([one.name, one.x, one.y, points])
    if not groups:
        return ""
    return json.dumps(groups, ensure_ascii=False, separators=(",", ":"))


def _of_axes(axes: Axes) -> Iterator[_Points]:
    x, y = (_clean(one.get_label_text()) for one in (axes.xaxis, axes.yaxis))
    for name, at, texts in _NAMED.get(axes, ()):
        known: NDArray[np.bool_] = np.asarray(np.isfinite(at).all(axis=1))
        if known.any():
            places = axes.transData.transform(at[known])
            kept = [(text, "") for text, ok in zip(texts, known, strict=True) if ok]
            yield _Points(name, "", "", places, kept)
    if axes in _NAMED:
        return
    barred: set[Artist] = set()
    for container in axes.containers:
        if isinstance(container, BarContainer):
            barred.update(container.patches)
            yield from _of_bars(axes, container, x, y)
    for line in axes.lines:
        if line.get_visible() and line.get_transform() == axes.transData:
            yield from _of_points(axes, line, np.asarray(line.get_xydata(), float), x, y)
    for drawn in axes.collections:
        if isinstance(drawn, PathCollection) and drawn.get_offset_transform() == axes.transData:
            at = np.asarray(drawn.get_offsets(), dtype=float)
            yield from _of_points(axes, drawn, at, x, y)


def _of_points(
    axes: Axes, drawn: Artist, at: NDArray[np.float64], x: str, y: str
) -> Iterator[_Points]:
    at = at[np.isfinite(at).all(axis=1)]
    if not len(at):
        return
    label = str(drawn.get_label())
    texts = [(_text(axes.xaxis, a), _text(axes.yaxis, b)) for a, b in at.tolist()]
    yield _Points(_name(label), x, y, axes.transData.transform(at), texts)


def _of_bars(axes: Axes, bars: BarContainer, x: str, y: str) -> Iterator[_Points]:
    at, texts = [], []
    for patch in bars.patches:
        left, bottom = patch.get_xy()
        width, height = patch.get_width(), patch.get_height()
        middle = left + width / 2, bottom + height / 2
        if not np.isfinite([*middle]).all():
            continue
        is_flat = bars.orientation == "horizontal"
        at.append(middle)
        long = _number(width if is_flat else height)
        texts.append(
            (long, _text(axes.yaxis, middle[1]))
            if is_flat
            else (_text(axes.xaxis, middle[0]), long)
        )
    label = str(bars.get_label())
    if at:
        yield _Points(_name(label), x, y, axes.transData.transform(np.array(at)), texts)


def _text(axis: Axis, value: float) -> str:
    """Return a place on an axis as text: the name that stands there, a day, or a number."""
    formatter, locator = axis.get_major_formatter(), axis.get_major_locator()
    if isinstance(formatter, FixedFormatter | FuncFormatter) and isinstance(locator, FixedLocator):
        ticks = np.asarray(locator(), dtype=np.float64)
        if len(ticks):
            nearest = int(np.argmin(np.abs(ticks - value)))
            name = formatter(float(ticks[nearest]), nearest)
            if abs(ticks[nearest] - value) < 0.5 and name:
                return _clean(name)
    if isinstance(locator, DateLocator):
        return str(DateFormatter("%Y-%m-%d %H:%M")(value))
    return _number(value)


_UNNAMED = re.compile(r"_(child|line|collection|container|nolegend)\w*")


def _name(label: str) -> str:
    """Return the name of a line; one that begins with "_" is in no legend, and may be a name."""
    return "" if _UNNAMED.fullmatch(label) else _clean(label.removeprefix("_"))


def _number(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")


_ESCAPED = re.compile(r"\\(\$)")


def _clean(text: Any) -> str:
    return _ESCAPED.sub(r"\1", str(text))
