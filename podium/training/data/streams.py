"""Streams: from cached images to endless batches, of which any step can be made at any time.

The micro-batch m of a stream of batch size b takes the positions m·b … (m+1)·b − 1 of an endless
row of passes; pass p is the permutation that `pass_order` derives for it. Nothing depends on what
was drawn before, or on other streams. Each sample is read once and augmented for all views of its
stream; batches are made ahead of need, in a background thread or in processes.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Protocol, TypeVar, overload

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from podium.competition.truths.masks import Mask
from podium.tasks.protocols.names import PIXELS
from podium.training.data.augment import Augmentation, AugmentedImage, Image
from podium.training.data.crops import CropWindow
from podium.training.data.rows import MaskForm, SampleRows, concatenated, missing_answers
from podium.training.data.sampling import ViewSpec, derive_seed, named_digest, pass_order
from podium.training.method import LABELLED, Batch, Pool, Step, Stream
from podium.training.processes import ALONE, Processes

__all__ = [
    "Feed",
    "HostBatch",
    "ImageView",
    "Normaliser",
    "StackedViews",
    "in_background",
    "in_processes",
    "stacked",
    "stacked_with_masks",
]


class ImageView(Protocol):
    """One way to see an image: `(H, W, C)` to `(h, w, C)`, deterministic in the seed.

    What comes out is uint8, or float32 in [0, 1]. Given the image's mask, too, it returns both.
    """

    @overload
    def __call__(self, image: Image, seed: int, /) -> Image: ...

    @overload
    def __call__(self, image: Image, seed: int, mask: Mask, /) -> tuple[Image, Mask]: ...

    def showing(self, image: Image, seed: int, mask: Mask | None = None, /) -> AugmentedImage:
        """Return what a call does, and which pixels show the image."""
        ...

    def following(self, image: Image, seed: int, mask: Mask | None = None, /) -> AugmentedImage:
        """Return what `showing` does, and where in `image` each pixel is from."""
        ...


def stacked(
    rows: SampleRows,
    index: Iterable[int],
    view: ImageView,
    seeds: Iterable[int],
    windows: Sequence[CropWindow] | None = None,
) -> Tensor:
    """Return the view of the samples `index` of `rows`, each with its seed, `(N, h, w, C)`.

    Args:
        rows: the samples.
        index: positions in `rows`.
        view: the augmentation.
        seeds: one a sample.
        windows: which part of each; None: all of it.
    """
    cuts = _cuts(index, windows)
    views = [view(rows.pixels(*cut), seed) for cut, seed in zip(cuts, seeds, strict=True)]
    return torch.from_numpy(np.stack(views))


def stacked_with_masks(
    rows: SampleRows,
    index: Iterable[int],
    view: ImageView,
    seeds: Iterable[int],
    windows: Sequence[CropWindow] | None = None,
) -> tuple[Tensor, Tensor]:
    """Return what `stacked` does, and the masks `(N, h, w)` or `(N, h, w, C)` that belong to it.

    A sample without a mask gets one of `IGNORE`.
    """
    assert rows.form is not None
    images, masks = [], []
    for cut, seed in zip(_cuts(index, windows), seeds, strict=True):
        image, mask = rows.pixels(*cut), rows.mask(*cut)
        if mask is None:
            one = view(image, seed)
            mask = rows.form.unknown(one.shape[:2])
        else:
            one, mask = view(image, seed, mask)
        images.append(one)
        masks.append(mask)
    return torch.from_numpy(np.stack(images)), torch.from_numpy(np.stack(masks))


@dataclass(frozen=True)
class SeededView:
    """One of the views of a stream, for the samples of a batch.

    Attributes:
        spec: from the stream.
        view: the augmentation.
        seeds: one a sample.
    """

    spec: ViewSpec
    view: ImageView
    seeds: Sequence[int]


@dataclass(frozen=True)
class StackedViews:
    """The views of a batch by name.

    Attributes:
        images: `(N, h, w, C)`, uint8, or float32 in [0, 1].
        masks: `(N, h, w)` or `(N, h, w, C)`, uint8.
        shown: `(N, h, w)`, bool.
        places: `(N, h, w)`, int32, of views `of` another.
    """

    images: dict[str, Tensor]
    masks: dict[str, Tensor]
    shown: dict[str, Tensor]
    places: dict[str, Tensor]


def stacked_views(
    rows: SampleRows,
    index: Iterable[int],
    seeded: Sequence[SeededView],
    windows: Sequence[CropWindow] | None = None,
    *,
    masks: bool,
) -> StackedViews:
    """Return the samples `index` of `rows` in all views of a stream; each is read once.

    Args:
        rows: the samples.
        index: positions in `rows`.
        seeded: the stream's views in order.
        windows: which part of each sample; None: all of it.
        masks: whether to return which pixels are shown, and the masks where rows have any.
    """
    stacks = StackedViews({}, {}, {}, {})
    cuts = _cuts(index, windows)
    if not masks:
        images = [rows.pixels(*cut) for cut in cuts]
        made: dict[str, NDArray[Any]] = {}
        for drawn in seeded:
            under = images if drawn.spec.of is None else made[drawn.spec.of]
            made[drawn.spec.name] = _viewed(drawn.view, under, drawn.seeds)
        stacks.images.update({name: torch.from_numpy(one) for name, one in made.items()})
        return stacks
    views = [_viewed_with_masks(rows, *cut, seeded, nth) for nth, cut in enumerate(cuts)]
    for nth, drawn in enumerate(seeded):
        _stack(stacks, drawn.spec, [one[nth] for one in views])
    return stacks


def _viewed(view: ImageView, images: Iterable[Image], seeds: Sequence[int]) -> NDArray[Any]:
    if isinstance(view, Augmentation):
        return view.of_batch(images, seeds)
    return np.stack([view(*one) for one in zip(images, seeds, strict=True)])


def _viewed_with_masks(
    rows: SampleRows, row: int, window: CropWindow | None, seeded: Sequence[SeededView], nth: int
) -> list[AugmentedImage]:
    image = rows.pixels(row, window)
    mask = None if rows.masks is None else rows.mask(row, window)
    views: dict[str, AugmentedImage] = {}
    for drawn in seeded:
        if drawn.spec.of is None:
            one = drawn.view.showing(image, drawn.seeds[nth], mask)
        else:
            one = _followed(views[drawn.spec.of], drawn.view, drawn.seeds[nth])
        if one.mask is None and rows.masks is not None:
            assert rows.form is not None
            one = replace(one, mask=rows.form.unknown(one.shown.shape[:2]))
        views[drawn.spec.name] = one
    return list(views.values())


def _followed(under: AugmentedImage, view: ImageView, seed: int) -> AugmentedImage:
    """Return the view drawn on top of `under`: it shows no more of the image than that one does."""
    followed = view.following(under.image, seed, under.mask)
    assert followed.places is not None
    return replace(followed, shown=followed.shown & under.shown.ravel()[followed.places])


def _stack(stacks: StackedViews, spec: ViewSpec, views: Sequence[AugmentedImage]) -> None:
    stacks.images[spec.name] = _as_tensor([one.image for one in views])
    stacks.shown[spec.name] = _as_tensor([one.shown for one in views])
    given = [one.mask for one in views if one.mask is not None]
    if given:
        stacks.masks[spec.name] = _as_tensor(given)
    places = [one.places for one in views if one.places is not None]
    if places:
        stacks.places[spec.name] = _as_tensor(places)


def _as_tensor(arrays: Sequence[NDArray[np.generic]]) -> Tensor:
    return torch.from_numpy(np.stack(arrays))


def _cuts(
    index: Iterable[int], windows: Sequence[CropWindow] | None
) -> list[tuple[int, CropWindow | None]]:
    positions = [int(row) for row in index]
    parts: Sequence[CropWindow | None] = windows or [None] * len(positions)
    return list(zip(positions, parts, strict=True))


_PASSES_KEPT = 12  # of each stream the last two: few methods have more than six


@dataclass(frozen=True)
class HostBatch:
    """A batch in host memory, complete: `Feed.to_batch` needs nothing else.

    Attributes:
        views: images and masks as views show them, and where their pixels are from; of a batch that
            processes make together, those of this one.
        index: `(N,)`: rows of the stream's pools.
        targets: task → targets of these rows, without masks.
        weight: `(N,)`, float32.
        form: of the masks.
    """

    views: StackedViews
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

    rows: SampleRows
    pools: Sequence[Pool]
    since: int
    round: int

    def names(self, row: int) -> tuple[str | int, ...]:
        """Return the names by which the draws of a row differ from those of others."""
        # Labelled samples from the start have no more names: their draws are older than the pools.
        pool = () if self.pools[row] == LABELLED else (self.pools[row],)
        return (*pool, self.round) if self.round else pool


@dataclass(frozen=True)
class _PoolPart:
    """Rows of a pool, the optimiser step from which they count, and their round."""

    rows: SampleRows
    since: int = 0
    round: int = 0


class Feed:
    """Makes the batches of any step of a phase.

    Args:
        pools: the fold's samples; of a pool that is missing no stream gives anything.
        views: augmentation of samples: `augment.StreamAugmentations`.
        seed, phase: name everything that is drawn.
        accumulate: micro-batches an optimiser step.
        processes: that make each batch together.
    """

    def __init__(
        self,
        pools: Mapping[Pool, SampleRows],
        views: Callable[[ViewSpec], ImageView],
        *,
        seed: int,
        phase: int,
        accumulate: int = 1,
        processes: Processes = ALONE,
    ) -> None:
        self._processes = processes
        self._pools = {pool: _PoolPart(rows) for pool, rows in pools.items() if len(rows)}
        self._views = views
        self._seed, self._phase, self._accumulate = seed, phase, accumulate
        self._source = lru_cache(maxsize=None)(self._join)
        self._pass = lru_cache(maxsize=_PASSES_KEPT)(self._draw_pass)

    def put(self, pool: Pool, rows: SampleRows | None, *, since: int, round: int) -> None:
        """Let `pool` hold `rows` from here on: streams that draw from it start a new order.

        Args:
            pool: what to fill.
            rows: None, or none of them: the pool is empty.
            since: optimiser step of the phase at which the new order starts; earlier ones can no
                longer be made. Streams that count their batches themselves count on.
            round: distinguishes this order from those before; 0 draws as an unchanged pool.
        """
        self._pools.pop(pool, None)
        if rows is not None and len(rows):
            self._pools[pool] = _PoolPart(rows, since, round)
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
        self._processes.require(size)
        first = self._micro_batch(stream, step, source) * size
        stream = replace(stream, number=None)  # or its passes would be drawn anew for every batch
        drawn = [self._at(stream, position) for position in range(first, first + size)]
        index = np.array([row for row, _, _ in drawn], dtype=np.int64)
        part = self._processes.part(size)
        drawn = drawn[part]  # each sample's views are its own, whoever makes them
        seeded = [
            SeededView(
                spec,
                self._views(spec),
                self._view_seeds(stream, spec.policy, number, drawn),
            )
            for number, spec in enumerate(stream.views)
        ]
        windows = self._windows(stream, drawn)
        views = stacked_views(source.rows, index[part], seeded, windows, masks=stream.masks)
        return _host_batch(source.rows, index, views)

    def ids(self, stream: Stream, index: NDArray[np.int64]) -> list[str]:
        """Return the names of rows of a stream's pools."""
        names = self._of(stream).rows.ids
        return [names[row] for row in index]

    def to_batch(self, made: HostBatch, normalise: Normaliser) -> Batch:
        """Return `made` on the training device, with the rows of all processes."""
        device, views, n = normalise.device, made.views, len(made.index)
        targets = {
            task: values.to(device, non_blocking=True) for task, values in made.targets.items()
        }
        masks: dict[str, Tensor] = {}
        if views.masks:
            assert made.form is not None
            masks = {
                name: made.form.targets(self._whole(one, n, device), device)
                for name, one in views.masks.items()
            }
            targets[PIXELS] = next(iter(masks.values()))
        return Batch(
            {name: normalise(self._whole(one, n, device)) for name, one in views.images.items()},
            targets,
            made.weight.to(device, non_blocking=True),
            torch.from_numpy(made.index).to(device, non_blocking=True),
            masks,
            {name: self._moved(shown, n, device) for name, shown in views.shown.items()},
            {name: self._moved(one, n, device).long() for name, one in views.places.items()},
        )

    def _whole(self, own: Tensor, n: int, device: torch.device) -> Tensor:
        """Return the `n` rows of all processes; where there is one, `own` as it is."""
        if self._processes.count == 1:
            return own
        return self._processes.gather(_moved(own, device), n)

    def _moved(self, own: Tensor, n: int, device: torch.device) -> Tensor:
        return self._processes.gather(_moved(own, device), n)

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
    ) -> list[CropWindow] | None:
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
        drawn = pass_order(
            rows.pass_length,
            seed=self._seed,
            phase=self._phase,
            stream=stream.name,
            pass_=pass_,
            round=source.round,
            sampling=stream.sampling,
            labels=_visit_order(visits, rows.strata),
            weights=_visit_order(visits, rows.weight),
            empty=_visit_order(visits, rows.empty),
            empty_share=stream.empty_share,
        )
        visited = drawn if visits is None else visits[drawn]
        return visited, _repeats(visited)

    def _view_seeds(
        self, stream: Stream, policy: str, number: int, drawn: Sequence[tuple[int, int, int]]
    ) -> list[int]:
        # Two equal policies (strong, strong′) differ by their number; a sample drawn twice by its
        # repeat.
        source = self._of(stream)
        begun = {
            pass_: named_digest("view", self._seed, self._phase, pass_, stream.name, policy, number)
            for pass_ in {pass_ for _, pass_, _ in drawn}
        }
        ids, names = source.rows.ids, source.names
        return [
            int.from_bytes(
                named_digest(ids[row], repeat, *names(row), begun=begun[pass_]).digest(), "little"
            )
            for row, pass_, repeat in drawn
        ]

    def _seed_of(self, what: str, stream: Stream, row: int, pass_: int, repeat: int) -> int:
        source = self._of(stream)
        names = (source.rows.ids[row], repeat, *source.names(row))
        return derive_seed(what, self._seed, self._phase, pass_, stream.name, *names)


def _moved(pixels: Tensor, device: torch.device) -> Tensor:
    """Return `pixels` on the device: of memory that is not pinned, the host would wait for it."""
    return (pixels.pin_memory() if device.type == "cuda" else pixels).to(device, non_blocking=True)


def _host_batch(rows: SampleRows, index: NDArray[np.int64], views: StackedViews) -> HostBatch:
    targets = {
        task: torch.from_numpy(np.asarray(values[index])) for task, values in rows.target.items()
    }
    weight = torch.from_numpy(rows.weight[index])
    return HostBatch(views, index, targets, weight, rows.form)


def _joined(parts: Sequence[SampleRows]) -> SampleRows:
    """Return the rows of some pools as one; a target that some lack is missing there."""
    if len(parts) == 1:
        return parts[0]
    like = {task: values for one in reversed(parts) for task, values in one.target.items()}
    has_empty = any(one.empty is not None for one in parts)
    return concatenated([_completed(one, like, has_empty=has_empty) for one in parts])


def _completed(
    rows: SampleRows, like: Mapping[str, NDArray[Any]], *, has_empty: bool
) -> SampleRows:
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


def _visit_order(visits: NDArray[np.int64] | None, values: Any) -> Any:
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
        """Return `images`, uint8, or float32 in [0, 1], as input of the network, normalised.

        Features `(N, F)`, which were computed before, stay as they are.
        """
        if images.ndim == 2:
            return images.to(self.device, non_blocking=True)
        factor = self._factors[images.dtype]
        if self.device.type == "cuda" and images.device.type == "cpu":
            images = images.pin_memory()
        moved = images.to(self.device, non_blocking=True).permute(0, 3, 1, 2)  # (N, C, h, w)
        return torch.addcmul(self._offset, moved.float(), factor)

    def _by_channel(self, values: Sequence[float]) -> Tensor:
        made = torch.tensor(values, dtype=torch.float64).float()
        return made.view(1, -1, 1, 1).to(self.device)


AHEAD = 2  # batches made in advance: one being taken, one waiting

Item = TypeVar("Item")
Made = TypeVar("Made")


def in_background(
    make: Callable[[Item], Made], items: Iterable[Item]
) -> Generator[Made, None, None]:
    """Give `make(item)` for each item, in order, made in a thread while the caller works.

    OpenCV and numpy release the interpreter, so decoding overlaps with the network. An exception of
    `make` is raised where its result would have come; closing the iterator ends the thread.
    """
    ready: queue.Queue[tuple[Made | None, BaseException | None]] = queue.Queue(maxsize=AHEAD)
    leave = threading.Event()

    def work() -> None:
        for item in items:
            try:
                entry: tuple[Made | None, BaseException | None] = (make(item), None)
            except BaseException as error:
                entry = (None, error)
            if not _put(ready, entry, leave) or entry[1] is not None:
                return
        _put(ready, (None, StopIteration()), leave)

    thread = threading.Thread(target=work, name="podium-feed", daemon=True)
    thread.start()
    try:
        while True:
            made, error = ready.get()
            if isinstance(error, StopIteration):
                return
            if error is not None:
                raise error
            yield made  # type: ignore[misc]  # None only beside an error
    finally:
        leave.set()
        _end(thread)


def _end(thread: threading.Thread) -> None:
    """Wait for `thread`, on Linux until the system has ended it, too.

    Python's `join` returns a moment before that, in which OpenCV cleans up behind the thread under
    a lock. A process that is forked then has the lock for ever, and its first resize waits for it.
    """
    thread.join()
    place, latest = Path(f"/proc/self/task/{thread.native_id}"), monotonic() + 1
    while place.exists() and monotonic() < latest:
        sleep(0.0002)


def in_processes(
    make: Callable[[Item], Made], items: Sequence[Item], *, workers: int
) -> Generator[Made, None, None]:
    """Give `make(item)` for each item, in order, made in `workers` forked processes.

    Useful beside a GPU and with cores to spare; on two cores it is slower than `ahead`.
    """
    loader: DataLoader[Made] = DataLoader(
        _Made(make, items),
        batch_size=None,
        num_workers=workers,
        prefetch_factor=AHEAD,
        multiprocessing_context="fork",  # what makes batches holds caches that do not pickle
        collate_fn=_as_it_is,
    )
    yield from loader


class _Made(Dataset[Made]):
    """`make(item)` by the number of the item, for a DataLoader."""

    def __init__(self, make: Callable[[Item], Made], items: Sequence[Item]) -> None:
        self._make: Callable[[int], Made] = lambda number: make(items[number])
        self._n = len(items)

    def __len__(self) -> int:
        return self._n

    def __getitem__(self, number: int) -> Made:
        return self._make(number)


def _as_it_is(made: Made) -> Made:
    return made


def _put(
    ready: queue.Queue[tuple[Made | None, BaseException | None]],
    entry: tuple[Made | None, BaseException | None],
    leave: threading.Event,
) -> bool:
    """Queue `entry` unless the caller has left; return whether it was queued."""
    while not leave.is_set():
        try:
            ready.put(entry, timeout=0.05)
        except queue.Full:
            continue
        return True
    return False
