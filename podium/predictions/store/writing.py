"""The prediction store: one folder a fold model, written once, read by average.

    <root>/<split>/<task>/fold-K/   meta.json · ids.parquet · chunk-0000.npy …
    <root>/set.json                 which folds and splits make the set complete

Rows keep the order in which they were written. A chunk is a flat array of at most 16 MiB (or one
mask); a row of `ids.parquet` (id, chunk, offset, height, width) holds where its values start.
Classification is float32 and has height and width 1 and `channels` values a row; `mask_store` has
height · width · `channels` of them, uint8 or float16. Where k of C classes are kept of a row,
`meta.json` has `k`, a row of chunk-NNNN.npy the k probabilities, of classes-NNNN.npy (int32) the
classes, and `channels` is C. A folder appears under its name only when it
is whole, and never changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.errors import DataError, RunError, either, plural, some
from podium.predictions.store.reading import Fold, Split
from podium.predictions.top_k import TopK
from podium.tasks.protocols.names import IMAGES
from podium.workspace.atomic import new_folder, sweep, write_json
from podium.workspace.records import read_json

__all__ = [
    "CHUNK_BYTES",
    "begin_set",
    "fold_folder",
    "mark_separate_view",
    "new_fold",
    "write_facts",
    "write_fold",
    "write_index",
]

CHUNK_BYTES = 16 * 2**20
FORMAT = 1

Array = NDArray[np.floating[Any]]


def begin_set(
    root: Path,
    *,
    folds: Sequence[Fold] | Mapping[Split, Sequence[Fold]],
    splits: Sequence[Split],
    tasks: Sequence[str] = (IMAGES,),
    details: Mapping[str, Any] | None = None,
) -> None:
    """Write which folds make the set in `root` complete; writing it again is free.

    Args:
        root: the set's folder, `predictions/<8 hex>`; made when missing.
        folds: the folds that a finished run will have; or, where splits differ, those of each.
        splits: the splits that each of them predicts.
        tasks: the tasks of each split.
        details: kept beside it (views, checkpoint rule …).
    """
    root.mkdir(parents=True, exist_ok=True)
    if isinstance(folds, Mapping):
        every: Any = {split: [_plain_fold(fold) for fold in of] for split, of in folds.items()}
    else:
        every = [_plain_fold(fold) for fold in folds]
    write_json(
        root / "set.json",
        {
            "format": FORMAT,
            "folds": every,
            "splits": list(splits),
            "tasks": list(tasks),
            "details": dict(details or {}),
        },
    )


def mark_separate_view(root: Path) -> None:
    """Mark a set as one view of several: a member of its own, which does not stand for its run."""
    plan = read_json(root / "set.json", fix="remove the set's folder, and predict again")
    plan["details"] = {**plan.get("details", {}), "apart": True}
    write_json(root / "set.json", plan)


def fold_folder(root: Path, split: Split, task: str, fold: Fold) -> Path:
    """Return where the predictions of one fold model for one split lie."""
    return root / split / task / f"fold-{fold}"


def write_fold(
    root: Path,
    split: Split,
    task: str,
    fold: Fold,
    *,
    ids: Sequence[str],
    probs: Array | TopK | Iterable[Array] | Iterable[TopK],
    model: str,
    meta: Mapping[str, Any] | None = None,
) -> Path:
    """Write one fold model's predictions of the rows `ids`, and return the new folder.

    Args:
        root: the set's folder; split, task and fold become folders below it.
        split: which rows these are.
        task: the task, for example "classify".
        fold: the fold whose rows the model did not see, or "full" for a refit on all rows.
        ids: `(N,)`, each once.
        probs: `(N, C)` or `(N,)`, finite, or the k likeliest classes; or an iterable of
            such blocks, in the order of `ids`, which is written as it comes so that the whole need
            not fit in memory.
        model: names what made these rows (run and fold).
        meta: further facts to keep in `meta.json`.

    Raises:
        DataError: an id stands twice, a value is not finite, or the shapes do not fit.
        RunError: the fold is already there.
    """
    target = fold_folder(root, split, task, fold)
    names = [str(one) for one in ids]
    with new_fold(target, names) as folder:
        writer = _ChunkWriter(folder, names, target)
        classes = _ChunkWriter(folder, names, target, name="classes", dtype=np.int32)
        n_classes = 0
        for block in [probs] if isinstance(probs, np.ndarray | TopK) else probs:
            if isinstance(block, TopK):
                writer.add(block.probs)
                classes.add(block.classes)
                n_classes = block.n_classes
            else:
                writer.add(np.asarray(block))
        writer.close()
        if n_classes:
            classes.close()
        _write_rows(folder, names, writer)
        facts = {"model": model, "dtype": "float32", "channels": n_classes or writer.channels}
        if n_classes:
            facts["k"] = writer.channels
        write_facts(folder, target, names, len(writer.chunk_rows), facts, meta)
    return target


@contextmanager
def new_fold(target: Path, ids: Sequence[str]) -> Iterator[Path]:
    """Yield the folder in which the predictions of one fold are written; it is `target` at the end.

    Raises:
        DataError: there is no id, one stands twice, or these are OOF rows of a refit on all rows.
        RunError: the fold is already there.
    """
    if target.name == "fold-full" and target.parent.parent.name == "oof":
        raise DataError("a refit on all rows has no out-of-fold predictions", where=target)
    if target.exists():
        raise RunError(
            "these predictions exist and never change", where=target, fix="keep or remove them"
        )
    _check_ids(ids, target)
    target.parent.mkdir(parents=True, exist_ok=True)
    sweep(target.parent)  # what a killed writer left there
    with new_folder(target) as folder:
        yield folder


def write_facts(
    folder: Path,
    target: Path,
    ids: Sequence[str],
    n_chunks: int,
    facts: Mapping[str, Any],
    details: Mapping[str, Any] | None,
) -> None:
    """Write `meta.json` of the fold folder that becomes `target`."""
    fold = target.name.removeprefix("fold-")
    write_json(
        folder / "meta.json",
        {
            "format": FORMAT,
            "split": target.parent.parent.name,
            "task": target.parent.name,
            "fold": fold if fold == "full" else int(fold),
            "rows": len(ids),
            "chunks": n_chunks,
            **facts,
            "details": dict(details or {}),
        },
    )


def write_index(folder: Path, ids: Sequence[str], **columns: NDArray[np.integer[Any]]) -> None:
    """Write `ids.parquet`: `(N,)` columns chunk, offset, height and width beside the ids."""
    import pyarrow as pa
    from pyarrow import parquet

    table = pa.table({"id": pa.array(list(ids), pa.string()), **columns})
    parquet.write_table(table, folder / "ids.parquet")


def _plain_fold(fold: Fold) -> Fold:
    return "full" if fold == "full" else int(fold)  # numpy's integers are not JSON


def _check_ids(ids: Sequence[str], where: Path) -> None:
    if not ids:
        raise DataError("there are no rows to write", where=where)
    if len(set(ids)) < len(ids):
        repeated = [one for one, n in Counter(ids).items() if n > 1]
        raise DataError(
            f"ids stand twice: {some(repeated)}", where=where, fix="predict each row once"
        )


class _ChunkWriter:
    """Cuts blocks of rows into chunk files; holds at most one chunk in memory."""

    def __init__(
        self,
        folder: Path,
        ids: Sequence[str],
        where: Path,
        *,
        name: str = "chunk",
        dtype: type[np.float32] | type[np.int32] = np.float32,
    ) -> None:
        self.folder, self.ids, self.where = folder, ids, where
        self._name, self._dtype = name, dtype
        self.channels = 0
        self.chunk_rows: list[int] = []
        self._waiting: list[NDArray[Any]] = []
        self._n_waiting = 0
        self._n_seen = 0

    def add(self, block: NDArray[Any]) -> None:
        rows = self._checked(block)
        per_chunk = max(1, CHUNK_BYTES // (4 * self.channels))
        for piece in _pieces(rows, first=per_chunk - self._n_waiting, then=per_chunk):
            self._waiting.append(piece)
            self._n_waiting += len(piece)
            if self._n_waiting == per_chunk:
                self._flush()

    def close(self) -> None:
        self._flush()
        if self._n_seen != len(self.ids):
            raise DataError(
                f"{plural(len(self.ids), 'id')} but {self._n_seen} rows of values", where=self.where
            )

    def _checked(self, block: NDArray[Any]) -> NDArray[Any]:
        rows = block[:, None] if block.ndim == 1 else block
        if (
            rows.ndim != 2
            or rows.shape[1] == 0
            or (self.channels and rows.shape[1] != self.channels)
        ):
            expected = f"(n, {self.channels})" if self.channels else "(n, C) or (n,)"
            raise DataError(
                f"values must have shape {expected}, got {block.shape}", where=self.where
            )
        self.channels = rows.shape[1]
        with np.errstate(over="ignore"):  # what overflows float32 is named below
            values = rows.astype(self._dtype)
        bad = np.flatnonzero(~np.isfinite(values).all(axis=1)) + self._n_seen
        if bad.size:
            offenders = some([self.ids[int(i)] if i < len(self.ids) else f"row {i}" for i in bad])
            raise DataError(
                f"{either(bad.size, 'row is', 'rows are')} not finite numbers: {offenders}",
                where=self.where,
                fix="the training diverged or an image is broken: look at the fold's metrics.csv",
            )
        self._n_seen += len(values)
        return values

    def _flush(self) -> None:
        if not self._n_waiting:
            return
        flat = np.concatenate(self._waiting).ravel()
        np.save(self.folder / f"{self._name}-{len(self.chunk_rows):04d}.npy", flat)
        self.chunk_rows.append(self._n_waiting)
        self._waiting, self._n_waiting = [], 0


def _pieces(rows: NDArray[Any], *, first: int, then: int) -> Iterator[NDArray[Any]]:
    start, size = 0, first
    while start < len(rows):
        yield rows[start : start + size]
        start, size = start + size, then


def _write_rows(folder: Path, ids: Sequence[str], writer: _ChunkWriter) -> None:
    counts = np.asarray(writer.chunk_rows, dtype=np.int64)
    first_of_chunk = np.repeat(np.cumsum(counts) - counts, counts)
    ones = np.ones(len(ids), dtype=np.int32)
    write_index(
        folder,
        ids,
        chunk=np.repeat(np.arange(len(counts), dtype=np.int32), counts),
        offset=(np.arange(len(ids), dtype=np.int64) - first_of_chunk) * writer.channels,
        height=ones,
        width=ones,
    )
