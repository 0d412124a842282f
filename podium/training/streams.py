"""From cached images to batches: endless streams, from which any step can be made at any time.

The micro-batch m of a stream of batch size b takes the positions m·b … (m+1)·b − 1 of an endless
row of passes; pass p is the permutation that `sampling.order` derives for it. Nothing depends on
what was drawn before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from podium.training.methods._protocol import Batch, Step, Stream
from podium.training.randomness import derive
from podium.training.sampling import order

__all__ = ["Feed", "HostBatch", "Normaliser", "Rows", "View", "stacked"]

_PASSES_KEPT = 4

Pixels = NDArray[np.uint8]


class View(Protocol):
    """One way to see an image: `(H, W, 3)` to `(h, w, 3)` uint8, deterministic in the seed."""

    def __call__(self, image: Pixels, seed: int, /) -> Pixels: ...


class ImageStore(Protocol):
    """Decoded images by position."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> Pixels: ...


@dataclass(frozen=True)
class Rows:
    """Samples to learn from or to predict.

    Attributes:
        images: decoded images of the whole split.
        at: `(N,)`: where these samples stand in `images`.
        ids: `(N,)`.
        target: task → `(N,)` or `(N, C)`; empty for a split without labels.
        weight: `(N,)`, float32.
        strata: `(N,)` classes or `(N, C)` zeros and ones for balanced sampling; None for
            regression.
    """

    images: ImageStore
    at: NDArray[np.int64]
    ids: Sequence[str]
    target: Mapping[str, NDArray[np.generic]]
    weight: NDArray[np.float32]
    strata: NDArray[np.generic] | None = None

    def __len__(self) -> int:
        return len(self.at)


@dataclass(frozen=True)
class HostBatch:
    """A batch in host memory: uint8 images `(N, h, w, 3)` a view, and which samples they are."""

    views: dict[str, Tensor]
    index: NDArray[np.int64]


def stacked(rows: Rows, index: Iterable[int], view: View, seeds: Iterable[int]) -> Tensor:
    """Return the samples `index` of `rows`, each seen with its seed, `(N, h, w, 3)` uint8."""
    seen = [view(rows.images[int(rows.at[i])], s) for i, s in zip(index, seeds, strict=True)]
    return torch.from_numpy(np.stack(seen))


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
        size = min(stream.batch_size, len(self._rows))
        first = (step.index * self._accumulate + step.micro) * size
        drawn = [self._at(stream, position) for position in range(first, first + size)]
        index = np.array([row for row, _, _ in drawn], dtype=np.int64)
        views = {
            policy: stacked(
                self._rows,
                index,
                self._views[policy],
                [self._view_seed(stream, policy, number, *one) for one in drawn],
            )
            for number, policy in enumerate(stream.views)
        }
        return HostBatch(views, index)

    def to_batch(self, made: HostBatch, normalise: Normaliser) -> Batch:
        """Return `made` on the training device, with its targets."""
        device, index = normalise.device, made.index
        targets = {
            task: torch.from_numpy(np.asarray(values[index])).to(device, non_blocking=True)
            for task, values in self._rows.target.items()
        }
        return Batch(
            {policy: normalise(images) for policy, images in made.views.items()},
            targets,
            torch.from_numpy(self._rows.weight[index]).to(device, non_blocking=True),
            torch.from_numpy(index).to(device, non_blocking=True),
        )

    def _at(self, stream: Stream, position: int) -> tuple[int, int, int]:
        """Return the row at a position, its pass, and how often the pass had it before."""
        pass_, within = divmod(position, len(self._rows))
        rows, repeats = self._pass(stream, pass_)
        return int(rows[within]), pass_, int(repeats[within])

    def _draw_pass(self, stream: Stream, pass_: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        rows = order(
            len(self._rows),
            seed=self._seed,
            phase=self._phase,
            stream=stream.name,
            pass_=pass_,
            sampling=stream.sampling,
            labels=self._rows.strata,
            weights=self._rows.weight,
        )
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
