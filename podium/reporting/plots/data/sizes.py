"""Image sizes: a dot for each size, larger if more images have it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from podium.errors import plural
from podium.reporting.figures._panel import GRID, legend_above, panel, plain, series, tint
from podium.reporting.plot import NARROW_PX, Plot
from podium.reporting.subjects import DataSubject

__all__ = ["PLACE", "TITLE", "example", "image_sizes", "plots"]

TITLE, PLACE = "Images", 20


def plots(subject: DataSubject) -> Iterator[Plot]:
    """Yield width by height; nothing where all images have one size."""
    looked = subject.data.looked
    if looked is None:
        return
    is_known = (looked.sizes > 0).all(axis=1)
    known = looked.sizes[is_known]
    if len(np.unique(known, axis=0)) < 2:
        return
    names = list(dict.fromkeys(looked.splits[is_known].tolist()))
    sizes = {name: known[looked.splits[is_known] == name] for name in names}
    medians = (f"{name} {_median(one[:, 0])} × {_median(one[:, 1])}" for name, one in sizes.items())
    alt = (
        f"Height by width of {plural(len(known), 'image')}, {subject.data.sizes} pixels; medians: "
        f"{', '.join(medians)}"
    )
    caption = "The larger the dot, the more images have the size."
    narrow = image_sizes(sizes, width_px=NARROW_PX)
    yield Plot(image_sizes(sizes), "image-sizes", "Image sizes", alt, caption, narrow)


def _median(sides: NDArray[np.int64]) -> str:
    return f"{float(np.median(sides)):g}"


MOST_DOTS = 300  # of a part; of more sizes, near ones are one dot
_MARKERS = "osD^vP"
_LEAST_PT2, _MOST_PT2 = 20, 420
_LOG_FROM = 8  # the longest side over the shortest


def image_sizes(sizes: Mapping[str, ArrayLike], *, width_px: float = 420) -> Figure:
    """Return width by height of the images of each part of the data.

    Args:
        sizes: part → `(N, 2)`, height and width in pixels, above 0.
        width_px: of the figure.
    """
    parts = {name: np.asarray(one, dtype=np.float64).reshape(-1, 2) for name, one in sizes.items()}
    every = np.concatenate(list(parts.values()))
    is_log = every.max() >= _LOG_FROM * every.min()
    figure, axes = panel(width_px, 0.86 * width_px)
    dots = {name: merged(one) for name, one in parts.items() if len(one)}
    most = max(int(counts.max()) for _, counts in dots.values())
    for number, (name, (places, counts)) in enumerate(dots.items()):
        color = series(number)
        axes.scatter(
            places[:, 1],
            places[:, 0],
            s=_LEAST_PT2 + (_MOST_PT2 - _LEAST_PT2) * (counts / most),
            marker=_MARKERS[number % len(_MARKERS)],
            facecolors=tint(color, [0.3] * len(places)),
            edgecolors=color,
            linewidths=1,
            label=plain(name),
        )
    if is_log:
        axes.set(xscale="log", yscale="log")
    axes.set(xlabel="width, pixels", ylabel="height, pixels")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda value, _: f"{value:g}")
        axis.set_minor_formatter(lambda *_: "")
    axes.margins(0.12)
    axes.grid(color=GRID)
    axes.set_axisbelow(True)
    legend_above(figure, axes)
    for handle in figure.legends[0].legend_handles:
        handle.set_sizes([45])  # type: ignore[union-attr]
    return figure


def merged(sizes: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the different sizes `(M, 2)` of `(N, 2)` and how many images have each.

    Of more than `MOST_DOTS`, those that fall into one field of a grid (of equal steps of the
    logarithm) are one, in their middle.
    """
    places, counts = np.unique(sizes, axis=0, return_counts=True)
    if len(places) <= MOST_DOTS:
        return places, counts
    logs, side = np.log(places), int(np.sqrt(MOST_DOTS))
    low, span = logs.min(axis=0), np.maximum(np.ptp(logs, axis=0), 1e-9)
    field = np.minimum(((logs - low) / span * side).astype(int), side - 1)
    _, of = np.unique(field, axis=0, return_inverse=True)
    total = np.bincount(of, weights=counts)
    middle = [np.bincount(of, weights=counts * places[:, axis]) / total for axis in (0, 1)]
    return np.column_stack(middle), total.astype(np.int64)


def example() -> Figure:
    """Return it of two made-up parts, one of them of photographs from two cameras."""
    rng = np.random.default_rng(0)
    cameras = np.array([[480, 640], [640, 480], [768, 1024]])
    train = cameras[rng.choice(3, 200, p=[0.6, 0.3, 0.1])]
    test = np.concatenate([np.tile(cameras[0], (40, 1)), rng.integers(300, 900, (25, 2))])
    return image_sizes({"train": train, "test": test})
