"""Reading one fold folder of the prediction store: its rows, chunk by chunk."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.errors import DAMAGED_ARRAY, DataError, UsageError, plural
from podium.predictions.top_k import TopK
from podium.workspace import digests

__all__ = ["FoldReader", "Probs", "unreadable_fold"]

Floats = NDArray[np.float32]
Probs = Floats | TopK
"""`(N, C)`: all of them, or the k largest of each row."""


class FoldReader:
    """The rows of one fold folder, read chunk by chunk.

    Attributes:
        meta: what `meta.json` holds.
        model: what made these rows.
        channels: C, values a row.
        k: how many of them are kept; None: all.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        digests.check(folder / "meta.json")
        try:
            self.meta: dict[str, Any] = json.loads((folder / "meta.json").read_text())
            self.model = str(self.meta["model"])
            self.channels = int(self.meta["channels"])
            self.k: int | None = int(self.meta["k"]) if "k" in self.meta else None
            self._n_rows, self._n_chunks = int(self.meta["rows"]), int(self.meta["chunks"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise unreadable_fold(folder, error) from error

    @cached_property
    def ids(self) -> list[str]:
        """`(N,)`, in stored order."""
        from pyarrow import parquet

        digests.check(self.folder / "ids.parquet")
        try:
            table = parquet.read_table(self.folder / "ids.parquet", columns=["id"])
        except (OSError, ValueError) as error:  # pyarrow's own errors are ValueErrors
            raise unreadable_fold(self.folder, error) from error
        if len(table) != self._n_rows:
            raise unreadable_fold(
                self.folder, f"{plural(len(table), 'id')} for {self._n_rows} rows"
            )
        return [str(one) for one in table.column("id").to_pylist()]

    def probs(self) -> Probs:
        """Return all rows, `(N, C)`."""
        return self.rows(0, len(self.ids))

    def rows(self, start: int, stop: int) -> Probs:
        """Return rows `start` to `stop`, `(stop - start, C)`; only their chunks are read."""
        return self._of(lambda chunks: _rows(chunks, start, stop))

    def take(self, at: NDArray[np.int64]) -> Probs:
        """Return the rows `at`, in that order, `(len(at), C)`."""
        return self._of(lambda chunks: _rows_at(chunks, at))

    def _of(self, read: Callable[[list[NDArray[Any]]], NDArray[Any]]) -> Probs:
        values = read(self._chunks)
        return values if self.k is None else TopK(read(self._classes), values, self.channels)

    @cached_property
    def _chunks(self) -> list[NDArray[Any]]:
        if self.meta.get("dtype", "float32") != "float32":
            raise UsageError(
                "these predictions are masks",
                where=self.folder,
                fix="read them with oof_masks or mean_masks",
            )
        return self._read("chunk")

    @cached_property
    def _classes(self) -> list[NDArray[Any]]:
        return self._read("classes")

    def _read(self, name: str) -> list[NDArray[Any]]:
        width = self.channels if self.k is None else self.k
        paths = [self.folder / f"{name}-{i:04d}.npy" for i in range(self._n_chunks)]
        for path in paths:
            digests.check(path)
        try:
            chunks = [np.load(path, mmap_mode="r").reshape(-1, width) for path in paths]
        except DAMAGED_ARRAY as error:
            raise unreadable_fold(self.folder, error) from error
        n_there = sum(map(len, chunks))
        if n_there != self._n_rows:
            raise unreadable_fold(self.folder, f"{n_there} of {self._n_rows} rows are there")
        return chunks


def _rows(chunks: list[NDArray[Any]], start: int, stop: int) -> NDArray[Any]:
    parts, first = [chunks[0][:0]], 0
    for chunk in chunks:
        last = first + len(chunk)
        if first < stop and start < last:
            parts.append(chunk[max(0, start - first) : stop - first])
        first = last
    return np.concatenate(parts)


def _rows_at(chunks: list[NDArray[Any]], at: NDArray[np.int64]) -> NDArray[Any]:
    out = np.empty((len(at), chunks[0].shape[1]), chunks[0].dtype)
    first = 0
    for chunk in chunks:
        here = np.flatnonzero((at >= first) & (at < first + len(chunk)))
        out[here] = chunk[at[here] - first]
        first += len(chunk)
    return out


def unreadable_fold(folder: Path, why: object) -> DataError:
    """Return the error of a folder that is damaged, or is not of this form."""
    return DataError(
        f"cannot read these predictions: {why}",
        where=folder,
        fix="remove the folder, predict again",
    )
