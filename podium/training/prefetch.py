"""Batches made before they are needed: in a background thread, or in processes."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from pathlib import Path
from time import monotonic, sleep
from typing import TypeVar

from torch.utils.data import DataLoader, Dataset

__all__ = ["ahead", "in_processes"]

AHEAD = 2  # batches made in advance: one being taken, one waiting

Item = TypeVar("Item")
Made = TypeVar("Made")


def ahead(
    make: Callable[[Item], Made], items: Iterable[Item], *, depth: int = AHEAD
) -> Generator[Made, None, None]:
    """Give `make(item)` for each item, in order, made in a thread while the caller works.

    OpenCV and numpy release the interpreter, so decoding overlaps with the network. An exception of
    `make` is raised where its result would have come; closing the iterator ends the thread.
    """
    ready: queue.Queue[tuple[Made | None, BaseException | None]] = queue.Queue(maxsize=depth)
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

    Worth it beside a GPU and with cores to spare; on two cores it is slower than `ahead`.
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
