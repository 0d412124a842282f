"""The grid of places that photos of one kind all show, as plates with wells: found in these alone.

    photos/P1.png … P90.png, 4 × 6 wells each   →   A1 at x 36, y 36; 48 apart; 45 × 45 pixels

All photos are alike but for some pixels of play and for what lies in the places. Each is moved to
where its edges fit the mean edges of all best. Where the mean of all, or what varies among them, is
above a threshold, or below it, and leaves just rows × columns pieces of one size in even rows and
columns, these are the places. Of several thresholds the one with the largest pieces counts, as
places may hold smaller things in a grid of their own (the glare of a lamp).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from podium.competition.infer.pictures import picture_size, read_pixels

__all__ = ["PhotoGrid", "find_grid"]

_FEWEST = 3  # photos of a part
_MOST_IN_MEAN = 64  # photos
_LONGEST = 400  # pixels of a side at which grids are looked for
_SMALLEST = 5  # pixels of a side of a place there
_THRESHOLDS = np.linspace(0.05, 0.95, 19)
_ALIKE = 1.25  # the largest place by the smallest one, width and height each
_UNEVEN = 0.1  # of a step
_PLAY = 0.4  # of a step
_FITS = 0.5  # of the median correlation of photos with the mean
_LOOKS_ALIKE = 0.7  # correlation with the mean place
_BLUR = 1.5  # pixels, of noise that is no edge


class _Lattice(NamedTuple):
    """The centre of the first place, the steps, and the size of places: x and y each, in pixels."""

    first: NDArray[np.float64]
    step: NDArray[np.float64]
    size: NDArray[np.float64]

    def __mul__(self, scale: object) -> _Lattice:
        """Return the lattice in an image that is larger by `scale`, `(2,)`."""
        by = np.asarray(scale, dtype=np.float64)
        # A pixel has its centre half a pixel behind its edge at each scale.
        return _Lattice((self.first + 0.5) * by - 0.5, self.step * by, self.size * by)


@dataclass(frozen=True)
class PhotoGrid:
    """A grid of places in photos of one size.

    Attributes:
        lattice: of a photo without play.
        moves: how far each photo's grid lies right of and below it, in pixels, by path.
        size: height and width of the photos.
    """

    lattice: _Lattice
    moves: Mapping[str, NDArray[np.float64]]
    size: tuple[int, int]

    def box(self, path: str, row: int, column: int) -> list[str]:
        """Return left, top, width and height of a place in whole pixels, inside the photo."""
        first, step, size = self.lattice
        centre = first + step * (column, row) + self.moves[path]
        height, width = self.size
        # The pixel at 36 reaches from 36 to 37.
        start = np.maximum(np.rint(centre + 0.5 - size / 2), 0)
        end = np.minimum(np.rint(start + size), (width, height))
        return [str(int(one)) for one in (*start, *(end - start))]

    def describe(self) -> str:
        """Return centre, step and size for a note."""
        first, step, size = (_pair(one) for one in self.lattice)
        play = max(float(np.abs(one).max()) for one in self.moves.values())
        return (
            f"whose centre is at x, y = {first}; the next ones are {step} pixels to the right and "
            f"down, crops are {size} pixels, and are moved by up to {play:.0f} pixels as single "
            "photos lie"
        )


def _pair(of: NDArray[np.float64]) -> str:
    x, y = (f"{one:.0f}" for one in of)
    return f"{x}, {y}"


def find_grid(
    root: Path, parts: Sequence[Collection[str]], n_rows: int, n_columns: int
) -> PhotoGrid | None:
    """Return the grid that all photos show; None where this is not certain.

    Photos have one size. Those of each part show the grid in their own mean, to a tenth of a step
    at the same place, and nothing one step beside it that looks as its places do. Every photo fits
    the mean edges at least half as well as the median one does, within four tenths of a step.

    Args:
        root: of the paths.
        parts: the photos to learn from, and those to predict.
        n_rows: of places, in a photo.
        n_columns: likewise.
    """
    paths = list(dict.fromkeys(path for part in parts for path in part))
    sizes = {picture_size(root / path) for path in paths}
    size = next(iter(sizes), None)
    if len(sizes) != 1 or size is None or min(map(len, parts)) < _FEWEST:
        return None
    scale = max(1.0, max(size) / _LONGEST)
    small = (round(size[1] / scale), round(size[0] / scale))
    moves = _moves(root, paths, small, n_rows, n_columns)
    if moves is None:
        return None
    each = []
    for part in parts:
        views = list(_views(root, part, small, moves))
        found = _lattice(views, n_rows, n_columns)
        if found is None or _goes_on(views, found, n_rows, n_columns):
            return None
        each.append(found)
    if any(_differ(one, each[0], (n_columns - 1, n_rows - 1)) for one in each):
        return None
    play = max(float(np.abs(one / each[0].step).max()) for one in moves.values())
    if play > _PLAY:
        return None
    by = np.array(size[::-1]) / small
    return PhotoGrid(each[0] * by, {path: one * by for path, one in moves.items()}, size)


def _differ(one: _Lattice, other: _Lattice, last: tuple[int, int]) -> bool:
    """Return whether the first or the last places lie more than a tenth of a step apart."""
    first = np.abs(one.first - other.first)
    ends = np.abs(one.first + one.step * last - other.first - other.step * last)
    return bool((np.maximum(first, ends) > _UNEVEN * other.step).any())


def _moves(
    root: Path, paths: Sequence[str], small: tuple[int, int], n_rows: int, n_columns: int
) -> dict[str, NDArray[np.float64]] | None:
    """Return how far each photo lies right of and below the mean of all, in pixels of `small`.

    None where one cannot be read, or does not fit.
    """
    edges = dict[str, NDArray[np.float32]]()
    for path in paths[:: len(paths) // _MOST_IN_MEAN + 1]:
        pixels = _read(root / path, small)
        if pixels is None:
            return None
        edges[path] = _edges(pixels)
    mean = np.asarray(np.mean([*edges.values()], axis=0), dtype=np.float32)
    across, down = small[0] // (2 * n_columns), small[1] // (2 * n_rows)
    inner = mean[down:-down, across:-across]
    moves, fits = dict[str, NDArray[np.float64]](), []
    for path in paths:
        own = edges.get(path)
        if own is None:
            pixels = _read(root / path, small)
            if pixels is None:
                return None
            own = _edges(pixels)
        found = cv2.matchTemplate(own, inner, cv2.TM_CCOEFF_NORMED)
        _, fit, _, (x, y) = cv2.minMaxLoc(found)
        moves[path] = np.array([x - across, y - down], dtype=np.float64)
        fits.append(fit)
    middle = np.median([*moves.values()], axis=0)
    is_sure = min(fits) >= _FITS * float(np.median(fits))
    return {path: one - middle for path, one in moves.items()} if is_sure else None


def _read(path: Path, small: tuple[int, int]) -> NDArray[np.float32] | None:
    pixels = read_pixels(path)
    if pixels is None or pixels.ndim not in (2, 3):
        return None
    pixels = pixels.astype(np.float32).reshape(*pixels.shape[:2], -1)[..., :3]
    shrunk = cv2.resize(pixels, small, interpolation=cv2.INTER_AREA)
    return np.asarray(shrunk, dtype=np.float32).reshape(small[1], small[0], -1)


def _edges(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how steep the pixels are, `(H, W)`."""
    soft = cv2.GaussianBlur(pixels, (0, 0), _BLUR).reshape(pixels.shape)
    steep = np.zeros(pixels.shape[:2], dtype=np.float32)
    for channel in range(pixels.shape[2]):
        plane = np.ascontiguousarray(soft[..., channel])
        steep += cv2.Sobel(plane, cv2.CV_32F, 1, 0) ** 2 + cv2.Sobel(plane, cv2.CV_32F, 0, 1) ** 2
    return np.asarray(np.sqrt(steep), dtype=np.float32)


def _views(
    root: Path,
    paths: Collection[str],
    small: tuple[int, int],
    moves: Mapping[str, NDArray[np.float64]],
) -> Iterator[NDArray[np.float32]]:
    """Yield what shows places, `(H, W)` each.

    It is the mean of photos, how far this is from that of their borders, and what varies.
    """
    total = squares = np.zeros((), dtype=np.float64)
    for path in paths:
        pixels = _read(root / path, small)
        assert pixels is not None  # it was read before
        x, y = moves[path]
        back = np.array([[1, 0, -x], [0, 1, -y]])
        moved = cv2.warpAffine(pixels, back, small, borderMode=cv2.BORDER_REPLICATE)
        moved = moved.reshape(pixels.shape).astype(np.float64)
        total, squares = total + moved, squares + moved**2
    mean = total / len(paths)
    spread = np.sqrt(np.maximum(squares / len(paths) - mean**2, 0)).mean(axis=2)
    border = np.concatenate([mean[0], mean[-1], mean[:, 0], mean[:, -1]])
    apart = np.abs(mean - np.median(border, axis=0)).max(axis=2)
    for one in (mean.mean(axis=2), apart, spread):
        yield one.astype(np.float32)


def _lattice(views: Sequence[NDArray[np.float32]], n_rows: int, n_columns: int) -> _Lattice | None:
    """Return the grid of the largest pieces that a threshold of any view leaves; None without."""
    best = None
    for view in views:
        for level in np.quantile(view, _THRESHOLDS):
            for above in (view > level, view < level):
                _, _, found, _ = cv2.connectedComponentsWithStats(
                    above.astype(np.uint8), connectivity=4
                )
                one = _even(found[1:, :4].astype(np.float64), n_rows, n_columns)
                if one is not None and (best is None or one.size.prod() > best.size.prod()):
                    best = one
    return best


def _goes_on(
    views: Sequence[NDArray[np.float32]], of: _Lattice, n_rows: int, n_columns: int
) -> bool:
    """Return whether what lies one step beside the grid, in the photo, looks as its places do."""
    columns, rows = (each.ravel() for each in np.meshgrid(range(-1, n_columns + 1),
                                                          range(-1, n_rows + 1)))  # fmt: skip
    starts = np.rint(of.first + of.step * np.stack([columns, rows], axis=1) - of.step / 2)
    width, height = np.rint(of.step).astype(int)
    inside = (columns >= 0) & (columns < n_columns) & (rows >= 0) & (rows < n_rows)
    for view in views:
        padded = cv2.copyMakeBorder(view, height, height, width, width, cv2.BORDER_REPLICATE)
        is_whole = (starts >= -of.size / 2).all(axis=1)
        is_whole &= (starts + of.step <= np.array(view.shape[::-1]) + of.size / 2).all(axis=1)
        is_whole |= inside
        patches = np.array([padded[y + height :, x + width :][:height, :width].ravel()
                            for x, y in starts[is_whole].astype(int)])  # fmt: skip
        own = inside[is_whole]
        template = patches[own].mean(axis=0)
        alike = np.array([_correlation(one, template) for one in patches])
        if (alike[~own] >= _LOOKS_ALIKE).any() and np.median(alike[own]) >= _LOOKS_ALIKE:
            return True
    return False


def _correlation(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Return Pearson's correlation; 0 where one is flat."""
    one, other = one - one.mean(), other - other.mean()
    spread = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / spread if spread else 0.0


def _even(boxes: NDArray[np.float64], n_rows: int, n_columns: int) -> _Lattice | None:
    """Return the grid that the pieces of one size lie in; None where they are more, or uneven.

    Args:
        boxes: left, top, width and height of each piece, `(N, 4)`.
        n_rows: of the grid.
        n_columns: likewise.
    """
    n = n_rows * n_columns
    boxes = boxes[(boxes[:, 2:] >= _SMALLEST).all(axis=1)]
    boxes = boxes[np.argsort(-boxes[:, 2:].prod(axis=1))][: 2 * n]
    for of in boxes[: max(0, len(boxes) - n + 1)]:
        ratio = boxes[:, 2:] / of[2:]
        alike = boxes[((ratio < _ALIKE) & (ratio > 1 / _ALIKE)).all(axis=1)]
        if len(alike) != n:
            continue
        centres = alike[:, :2] + (alike[:, 2:] - 1) / 2
        size = np.median(alike[:, 2:], axis=0)
        by_row = np.argsort(centres[:, 1], kind="stable").reshape(n_rows, n_columns)
        grid = np.array([centres[one[np.argsort(centres[one, 0])]] for one in by_row])
        x, y = grid[..., 0].mean(axis=0), grid[..., 1].mean(axis=1)
        step = np.array([np.diff(x).mean(), np.diff(y).mean()])
        first = np.array([x.mean(), y.mean()]) - step * (n_columns - 1, n_rows - 1) / 2
        columns, rows = np.meshgrid(np.arange(n_columns), np.arange(n_rows))
        even = first + step * np.stack([columns, rows], axis=-1)
        if (size <= step).all() and (np.abs(grid - even) <= _UNEVEN * step).all():
            return _Lattice(first, step, size)
    return None
