"""From cached images to batches: endless streams, from which any step can be made at any time.

The micro-batch m of a stream of batch size b takes the positions m·b … (m+1)·b − 1 of an endless
row of passes; pass p is the permutation that `sampling.order` derives for it. Nothing depends on
what was drawn before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol, overload

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from podium.training.crops import Window
from podium.training.method import Batch, Step, Stream
from podium.training.randomness import derive
from podium.training.rows import Rows
from podium.training.sampling import order

__all__ = ["Feed", "HostBatch", "Normaliser", "Rows", "View", "stacked", "stacked_with_masks"]

_PASSES_KEPT = 4

Pixels = NDArray[np.uint8]


class View(Protocol):
    """One way to see an image: `(H, W, 3)` to `(h, w, 3)` uint8, deterministic in the seed.

    Given the image's mask, too, it returns both.
    """

    @overload
    def __call__(self, image: Pixels, seed: int, /) -> Pixels: ...

    @overload
    def __call__(self, image: Pixels, seed: int, mask: Pixels, /) -> tuple[Pixels, Pixels]: ...


@dataclass(frozen=True)
class HostBatch:
    """A batch in host memory: uint8 images `(N, h, w, 3)` a view, and which samples they are.

    Masks, `(N, h, w)` or `(N, h, w, C)` uint8 a view, are there for streams that learn from them.
    """

    views: dict[str, Tensor]
    index: NDArray[np.int64]
    masks: dict[str, Tensor] = field(default_factory=dict)


def stacked(
    rows: Rows,
    index: Iterable[int],
    view: View,
    seeds: Iterable[int],
    windows: Sequence[Window] | None = None,
) -> Tensor:
    """Return the samples `index` of `rows`, each seen with its seed, `(N, h, w, 3)` uint8.

    Args:
        rows: where they stand.
        index: positions in `rows`.
        view: how they are seen.
        seeds: one a sample.
        windows: which part of each; None: all of it.
    """
    cuts = _cuts(index, windows)
    seen = [view(rows.pixels(*cut), seed) for cut, seed in zip(cuts, seeds, strict=True)]
    return torch.from_numpy(np.stack(seen))


def stacked_with_masks(
    rows: Rows,
    index: Iterable[int],
    view: View,
    seeds: Iterable[int],
    windows: Sequence[Window] | None = None,
) -> tuple[Tensor, Tensor]:
    """Return what `stacked` does, and the masks `(N, h, w)` or `(N, h, w, C)` that belong to it.

    A sample without a mask gets one of `IGNORE`.
    """
    assert rows.form is not None
    images, masks = [], []
    for cut, seed in zip(_cuts(index, windows), seeds, strict=True):
        image, mask = rows.pixels(*cut), rows.mask(*cut)
        if mask is None:
            seen = view(image, seed)
            mask = rows.form.unknown(seen.shape[:2])
        else:
            seen, mask = view(image, seed, mask)
        images.append(seen)
        masks.append(mask)
    return torch.from_numpy(np.stack(images)), torch.from_numpy(np.stack(masks))


def _cuts(
    index: Iterable[int], windows: Sequence[Window] | None
) -> list[tuple[int, Window | None]]:
    positions = [int(row) for row in index]
    parts: Sequence[Window | None] = windows or [None] * len(positions)
    return list(zip(positions, parts, strict=True))


class Feed:
    """Makes the batches of any step of a phase.

    Args:
        rows: the fold's training samples.
        views: augmentation by policy name.
        seed, phase: name everything that is drawn.
        accumulate: micro-batches an optimiser step.
    """

    def __init__(
        self, rows: Rows, views: Mapping[str, View], *, seed: int, phase: int, accumulate: int = 1
    ) -> None:
        self._rows, self._views = rows, views
        self._seed, self._phase, self._accumulate = seed, phase, accumulate
        self._pass = lru_cache(maxsize=_PASSES_KEPT)(self._draw_pass)

    def make(self, stream: Stream, step: Step) -> HostBatch:
        """Return the batch of `stream` at `step`."""
        size = min(stream.batch_size, self._rows.pass_length)
        first = (step.index * self._accumulate + step.micro) * size
        drawn = [self._at(stream, position) for position in range(first, first + size)]
        index = np.array([row for row, _, _ in drawn], dtype=np.int64)
        windows = self._windows(stream, drawn)
        made = HostBatch({}, index)
        for number, spec in enumerate(stream.views):
            seeds = [self._view_seed(stream, spec.policy, number, *one) for one in drawn]
            seen = (self._rows, index, self._views[spec.policy], seeds, windows)
            if stream.masks and self._rows.masks is not None:
                made.views[spec.name], made.masks[spec.name] = stacked_with_masks(*seen)
            else:
                made.views[spec.name] = stacked(*seen)
        return made

    def to_batch(self, made: HostBatch, normalise: Normaliser) -> Batch:
        """Return `made` on the training device, with its targets."""
        device, index = normalise.device, made.index
        targets = {
            task: torch.from_numpy(np.asarray(values[index])).to(device, non_blocking=True)
            for task, values in self._rows.target.items()
        }
        masks: dict[str, Tensor] = {}
        if made.masks:
            assert self._rows.form is not None
            masks = {
                policy: self._rows.form.targets(one, device) for policy, one in made.masks.items()
            }
            targets["segment"] = next(iter(masks.values()))
        return Batch(
            {policy: normalise(images) for policy, images in made.views.items()},
            targets,
            torch.from_numpy(self._rows.weight[index]).to(device, non_blocking=True),
            torch.from_numpy(index).to(device, non_blocking=True),
            masks,
        )

    def _windows(
        self, stream: Stream, drawn: Sequence[tuple[int, int, int]]
    ) -> list[Window] | None:
        """Return the part of the image that every view of each sample shows."""
        tiles = self._rows.tiles
        if tiles is None:
            return None
        return [tiles.draw(one[0], self._seed_of("window", stream, *one)) for one in drawn]

    def _at(self, stream: Stream, position: int) -> tuple[int, int, int]:
        """Return the row at a position, its pass, and how often the pass had it before."""
        pass_, within = divmod(position, self._rows.pass_length)
        rows, repeats = self._pass(stream, pass_)
        return int(rows[within]), pass_, int(repeats[within])

    def _draw_pass(self, stream: Stream, pass_: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        visits = self._rows.visits
        drawn = order(
            self._rows.pass_length,
            seed=self._seed,
            phase=self._phase,
            stream=stream.name,
            pass_=pass_,
            sampling=stream.sampling,
            labels=_of(visits, self._rows.strata),
            weights=_of(visits, self._rows.weight),
            empty=_of(visits, self._rows.empty),
            empty_share=stream.empty_share,
        )
        rows = drawn if visits is None else visits[drawn]
        return rows, _repeats(rows)

    def _view_seed(
        self, stream: Stream, policy: str, number: int, row: int, pass_: int, repeat: int
    ) -> int:
        # Two equal policies (strong, strong′) differ by their number; a sample drawn twice by its
        # repeat.
        return derive(
            "view",
            self._seed,
            self._phase,
            pass_,
            stream.name,
            policy,
            number,
            self._rows.ids[row],
            repeat,
        )

    def _seed_of(self, what: str, stream: Stream, row: int, pass_: int, repeat: int) -> int:
        ids = self._rows.ids
        return derive(what, self._seed, self._phase, pass_, stream.name, ids[row], repeat)


def _of(visits: NDArray[np.int64] | None, values: Any) -> Any:
    return values if visits is None or values is None else values[visits]


def _repeats(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how often each entry stood before in `rows`.

    Example:
        >>> _repeats(np.array([5, 2, 5, 5])).tolist()
        [0, 0, 1, 2]
    """
    by_value = np.argsort(rows, kind="stable")
    ordered = rows[by_value]
    is_first = np.r_[True, ordered[1:] != ordered[:-1]][: len(rows)]
    starts = np.flatnonzero(is_first)
    counts = np.arange(len(rows)) - np.repeat(starts, np.diff(np.r_[starts, len(rows)]))
    repeats = np.empty(len(rows), dtype=np.int64)
    repeats[by_value] = counts
    return repeats


class Normaliser:
    """Moves uint8 images `(N, h, w, 3)` to the device as normalised float32 `(N, 3, h, w)`.

    Channels last is the layout in which the images already lie in memory, and in which convolutions
    are up to twice as fast on a CPU (depthwise ones most).
    """

    def __init__(
        self, mean: Sequence[float], std: Sequence[float], device: torch.device | str = "cpu"
    ) -> None:
        self.device = torch.device(device)
        scale = 255.0 * torch.tensor(std, dtype=torch.float64)
        self._factor = (1 / scale).float().view(1, 3, 1, 1).to(self.device)
        offset = -torch.tensor(mean, dtype=torch.float64) / torch.tensor(std, dtype=torch.float64)
        self._offset = offset.float().view(1, 3, 1, 1).to(self.device)

    def __call__(self, images: Tensor) -> Tensor:
        if self.device.type == "cuda":
            images = images.pin_memory()
        moved = images.to(self.device, non_blocking=True).permute(0, 3, 1, 2)  # (N, 3, h, w)
        return torch.addcmul(self._offset, moved.float(), self._factor)
