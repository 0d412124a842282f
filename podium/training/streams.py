"""From cached images to batches: endless streams, from which any step can be made at any time.

The micro-batch m of a stream of batch size b takes the positions m·b … (m+1)·b − 1 of an endless
row of passes; pass p is the permutation that `sampling.order` derives for it. Nothing depends on
what was drawn before, or on the streams beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from podium.training.crops import Window
from podium.training.method import LABELLED, Batch, Pool, Step, Stream, ViewSpec
from podium.training.randomness import derive
from podium.training.rows import Rows, concatenated, missing_answers
from podium.training.sampling import order
from podium.training.showing import (
    Look,
    Stacks,
    View,
    stacked,
    stacked_views,
    stacked_with_masks,
)
from podium.training.targets import MaskForm

__all__ = ["Feed", "HostBatch", "Normaliser", "Rows", "View", "stacked", "stacked_with_masks"]

_PASSES_KEPT = 12  # of each stream the last two: few methods have more than six


@dataclass(frozen=True)
class HostBatch:
    """A batch in host memory, complete: `Feed.to_batch` needs nothing else.

    Attributes:
        views: images and masks as views show them, and where their pixels are from.
        index: `(N,)`: rows of the stream's pools.
        targets: task → answers of these rows, without masks.
        weight: `(N,)`, float32.
        form: what the masks look like.
    """

    views: Stacks
    index: NDArray[np.int64]
    targets: dict[str, Tensor]
    weight: Tensor
    form: MaskForm | None


@dataclass(frozen=True)
class _Source:
    """The pools of a stream as one.

    Attributes:
        rows: of all pools, one after the other.
        pools: from which pool each is, `(N,)`.
        since: optimiser step at which the youngest pool came.
        round: which one it was; 0 for pools that have been there from the start.
    """

    rows: Rows
    pools: Sequence[Pool]
    since: int
    round: int

    def names(self, row: int) -> tuple[str | int, ...]:
        """Return what tells the draws of a row from those of its namesakes."""
        # Labelled samples from the start have no more names: their draws are older than the pools.
        pool = () if self.pools[row] == LABELLED else (self.pools[row],)
        return (*pool, self.round) if self.round else pool


@dataclass(frozen=True)
class _Put:
    """What lies in a pool, since which optimiser step, and in which round it was put there."""

    rows: Rows
    since: int = 0
    round: int = 0


class Feed:
    """Makes the batches of any step of a phase.

    Args:
        pools: the fold's samples; of a pool that is missing no stream gives anything.
        views: how samples are seen: `augment.Views`.
        seed, phase: name everything that is drawn.
        accumulate: micro-batches an optimiser step.
    """

    def __init__(
        self,
        pools: Mapping[Pool, Rows],
        views: Callable[[ViewSpec], View],
        *,
        seed: int,
        phase: int,
        accumulate: int = 1,
    ) -> None:
        self._pools = {pool: _Put(rows) for pool, rows in pools.items() if len(rows)}
        self._views = views
        self._seed, self._phase, self._accumulate = seed, phase, accumulate
        self._source = lru_cache(maxsize=None)(self._join)
        self._pass = lru_cache(maxsize=_PASSES_KEPT)(self._draw_pass)

    def put(self, pool: Pool, rows: Rows | None, *, since: int, round: int) -> None:
        """Let `pool` hold `rows` from here on: streams that draw from it start a new order.

        Args:
            pool: what to fill.
            rows: None, or none of them: the pool is empty.
            since: optimiser step of the phase at which the new order starts; earlier ones can no
                longer be made. Streams that count their batches themselves count on.
            round: tells this order from those before; 0 draws as if the pool had always been there.
        """
        self._pools.pop(pool, None)
        if rows is not None and len(rows):
            self._pools[pool] = _Put(rows, since, round)
        self._source.cache_clear()
        self._pass.cache_clear()

    def make(self, stream: Stream, step: Step) -> HostBatch | None:
        """Return the batch of `stream` at `step`; None where all of its pools are empty.

        Raises:
            ValueError: the step lies before the one at which a pool of the stream was put.
        """
        source = self._source(stream.pools)
        if source is None:
            return None
        size = min(stream.batch_size, source.rows.pass_length)
        first = self._micro_batch(stream, step, source) * size
        stream = replace(stream, number=None)  # or its passes would be drawn anew for every batch
        drawn = [self._at(stream, position) for position in range(first, first + size)]
        index = np.array([row for row, _, _ in drawn], dtype=np.int64)
        looks = [
            Look(
                spec,
                self._views(spec),
                [self._view_seed(stream, spec.policy, number, *one) for one in drawn],
            )
            for number, spec in enumerate(stream.views)
        ]
        windows = self._windows(stream, drawn)
        views = stacked_views(source.rows, index, looks, windows, masks=stream.masks)
        return _host_batch(source.rows, index, views)

    def ids(self, stream: Stream, index: NDArray[np.int64]) -> list[str]:
        """Return the names of rows of a stream's pools."""
        names = self._of(stream).rows.ids
        return [names[row] for row in index]

    def to_batch(self, made: HostBatch, normalise: Normaliser) -> Batch:
        """Return `made` on the training device."""
        device, views = normalise.device, made.views
        targets = {
            task: values.to(device, non_blocking=True) for task, values in made.targets.items()
        }
        masks: dict[str, Tensor] = {}
        if views.masks:
            assert made.form is not None
            masks = {name: made.form.targets(one, device) for name, one in views.masks.items()}
            targets["segment"] = next(iter(masks.values()))
        return Batch(
            {name: normalise(images) for name, images in views.images.items()},
            targets,
            made.weight.to(device, non_blocking=True),
            torch.from_numpy(made.index).to(device, non_blocking=True),
            masks,
            {name: _moved(shown, device) for name, shown in views.shown.items()},
            {name: _moved(places, device).long() for name, places in views.places.items()},
        )

    def _join(self, pools: tuple[Pool, ...]) -> _Source | None:
        there = [pool for pool in pools if pool in self._pools]
        if not there:
            return None
        put = [self._pools[pool] for pool in there]
        return _Source(
            _joined([one.rows for one in put]),
            [pool for pool, one in zip(there, put, strict=True) for _ in range(len(one.rows))],
            since=max(one.since for one in put),
            round=max(one.round for one in put),
        )

    def _of(self, stream: Stream) -> _Source:
        source = self._source(stream.pools)
        assert source is not None
        return source

    def _micro_batch(self, stream: Stream, step: Step, source: _Source) -> int:
        if stream.number is not None:
            return stream.number
        steps = step.index - source.since
        if steps < 0:
            raise ValueError(f"step {step.index} is before {source.since}, when a pool was put")
        return steps * self._accumulate + step.micro

    def _windows(
        self, stream: Stream, drawn: Sequence[tuple[int, int, int]]
    ) -> list[Window] | None:
        """Return the part of the image that every view of each sample shows."""
        tiles = self._of(stream).rows.tiles
        if tiles is None:
            return None
        return [tiles.draw(one[0], self._seed_of("window", stream, *one)) for one in drawn]

    def _at(self, stream: Stream, position: int) -> tuple[int, int, int]:
        """Return the row at a position, its pass, and how often the pass had it before."""
        pass_, within = divmod(position, self._of(stream).rows.pass_length)
        rows, repeats = self._pass(stream, pass_)
        return int(rows[within]), pass_, int(repeats[within])

    def _draw_pass(self, stream: Stream, pass_: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        source = self._of(stream)
        rows, visits = source.rows, source.rows.visits
        drawn = order(
            rows.pass_length,
            seed=self._seed,
            phase=self._phase,
            stream=stream.name,
            pass_=pass_,
            round=source.round,
            sampling=stream.sampling,
            labels=_visited(visits, rows.strata),
            weights=_visited(visits, rows.weight),
            empty=_visited(visits, rows.empty),
            empty_share=stream.empty_share,
        )
        visited = drawn if visits is None else visits[drawn]
        return visited, _repeats(visited)

    def _view_seed(
        self, stream: Stream, policy: str, number: int, row: int, pass_: int, repeat: int
    ) -> int:
        # Two equal policies (strong, strong′) differ by their number; a sample drawn twice by its
        # repeat.
        source = self._of(stream)
        return derive(
            "view",
            self._seed,
            self._phase,
            pass_,
            stream.name,
            policy,
            number,
            source.rows.ids[row],
            repeat,
            *source.names(row),
        )

    def _seed_of(self, what: str, stream: Stream, row: int, pass_: int, repeat: int) -> int:
        source = self._of(stream)
        names = (source.rows.ids[row], repeat, *source.names(row))
        return derive(what, self._seed, self._phase, pass_, stream.name, *names)


def _moved(pixels: Tensor, device: torch.device) -> Tensor:
    """Return `pixels` on the device: of memory that is not pinned, the host would wait for it."""
    return (pixels.pin_memory() if device.type == "cuda" else pixels).to(device, non_blocking=True)


def _host_batch(rows: Rows, index: NDArray[np.int64], views: Stacks) -> HostBatch:
    targets = {
        task: torch.from_numpy(np.asarray(values[index])) for task, values in rows.target.items()
    }
    weight = torch.from_numpy(rows.weight[index])
    return HostBatch(views, index, targets, weight, rows.form)


def _joined(parts: Sequence[Rows]) -> Rows:
    """Return the rows of some pools as one; an answer that some have is missing for the others."""
    if len(parts) == 1:
        return parts[0]
    like = {task: values for one in reversed(parts) for task, values in one.target.items()}
    has_empty = any(one.empty is not None for one in parts)
    return concatenated([_completed(one, like, has_empty=has_empty) for one in parts])


def _completed(rows: Rows, like: Mapping[str, NDArray[Any]], *, has_empty: bool) -> Rows:
    missing = {task: values for task, values in like.items() if task not in rows.target}
    unknown = {task: np.zeros(len(rows), dtype=bool) for task in missing}
    empty = np.zeros(len(rows), dtype=bool) if rows.empty is None and has_empty else rows.empty
    return replace(
        rows,
        target={
            **rows.target,
            **{task: missing_answers(len(rows), missing[task]) for task in missing},
        },
        answered={**rows.answered, **unknown},
        empty=empty,
    )


def _visited(visits: NDArray[np.int64] | None, values: Any) -> Any:
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
    """Moves images `(N, h, w, C)` to the device as normalised float32 `(N, C, h, w)`.

    Channels last is the layout in which the images already lie in memory, and in which convolutions
    are up to twice as fast on a CPU (depthwise ones most).

    Args:
        mean, std: of images in [0, 1], one number a channel.
        device: where to.
    """

    def __init__(
        self, mean: Sequence[float], std: Sequence[float], device: torch.device | str = "cpu"
    ) -> None:
        self.device = torch.device(device)
        self._offset = self._by_channel([-m / s for m, s in zip(mean, std, strict=True)])
        self._factors = {
            torch.uint8: self._by_channel([1 / (255.0 * s) for s in std]),
            torch.float32: self._by_channel([1 / s for s in std]),
        }

    def __call__(self, images: Tensor) -> Tensor:
        """Return `images`, uint8, or float32 in [0, 1], as the network wants them."""
        factor = self._factors[images.dtype]
        if self.device.type == "cuda":
            images = images.pin_memory()
        moved = images.to(self.device, non_blocking=True).permute(0, 3, 1, 2)  # (N, C, h, w)
        return torch.addcmul(self._offset, moved.float(), factor)

    def _by_channel(self, values: Sequence[float]) -> Tensor:
        made = torch.tensor(values, dtype=torch.float64).float()
        return made.view(1, -1, 1, 1).to(self.device)
