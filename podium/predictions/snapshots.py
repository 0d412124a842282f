"""Snapshots of a training, for figures: features and masks by epoch, and previews of its streams.

    fold-K/kept/epoch-0050/     features.npy (n, F) float32 · features.parquet (id, label)
                                masks.npz ("0", "1", … uint8) · masks.parquet (id, learnt)
    fold-K/seen/P/STREAM.npz    first samples of a stream of phase P (from 1), in all their views

An epoch's folder is there whole or not at all. The recipe's `keep:` names the rows and masks to
keep; the rows are the same in every epoch, and in every run with these folds. A preview is there
whole or not at all, and never changes; only the fold that a run trains first has previews. The name
of a stream is written as in a URL. No torch here.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import quote, unquote

import numpy as np
from numpy.typing import NDArray

from podium.competition.truths.masks import Mask
from podium.errors import DAMAGED_ARRAY, RunError
from podium.predictions.store.reading import Fold
from podium.workspace import digests
from podium.workspace.atomic import new_folder, replacing, sweep

__all__ = [
    "EpochFeatures",
    "EpochMasks",
    "StreamPreview",
    "ViewPreview",
    "count_snapshots",
    "epoch_folder",
    "preview_file",
    "preview_folds",
    "read_epoch_features",
    "read_epoch_masks",
    "read_previews",
    "snapshot_epochs",
    "snapshot_folds",
    "write_preview",
    "write_snapshot",
]


Vectors = NDArray[np.float32]


class EpochFeatures(NamedTuple):
    """Features of some images after an epoch: the input of the classifier.

    Attributes:
        epoch: of the run, from 1, counted over its phases.
        ids: `(n,)`.
        labels: `(n,)` classes, -1 where unknown; `(n, C)` of a multilabel task; numbers, nan where
            unknown, of a regression; None where images have no labels.
        features: `(n, F)`.
    """

    epoch: int
    ids: list[str]
    labels: NDArray[Any] | None
    features: Vectors


class EpochMasks(NamedTuple):
    """The masks that the network of an epoch made.

    Attributes:
        epoch: of the run, from 1, counted over its phases.
        ids: `(n,)`, as the recipe names them.
        masks: `(n,)`, of the truth's size: uint8 as `decide_mask` makes them of plain decisions.
        is_trained_on: `(n,)`, bool: whether the fold is trained on the image's own mask.
    """

    epoch: int
    ids: list[str]
    masks: list[Mask]
    is_trained_on: NDArray[np.bool_]


class SnapshotCounts(NamedTuple):
    """The number of epochs, rows and masks that a fold kept.

    Attributes:
        epochs: of the run, from 1.
        features: of how many images; the most of an epoch.
        masks: of how many images; the most of an epoch.
    """

    epochs: list[int]
    features: int
    masks: int


def epoch_folder(run: Path, fold: Fold, epoch: int) -> Path:
    """Return the folder of what is kept at an epoch's end."""
    return _snapshots_folder(run, fold) / f"epoch-{epoch:04d}"


def write_snapshot(
    run: Path,
    fold: Fold,
    epoch: int,
    *,
    features: tuple[Sequence[str], NDArray[Any] | None, Vectors] | None = None,
    masks: tuple[Sequence[str], Sequence[Mask], Sequence[bool]] | None = None,
) -> None:
    """Write what is kept at an epoch's end, in one folder that appears whole.

    Args:
        run, fold, epoch: whose.
        features: ids, labels and vectors, see `EpochFeatures`.
        masks: ids, masks and whether each is trained on, see `EpochMasks`.

    Raises:
        RunError: it is there already.
    """
    import pyarrow as pa
    from pyarrow import parquet

    room = _snapshots_folder(run, fold)
    room.mkdir(parents=True, exist_ok=True)
    sweep(room)  # what a killed writer left there
    with new_folder(epoch_folder(run, fold, epoch)) as folder:
        if features is not None:
            ids, labels, vectors = features
            columns: dict[str, Any] = {"id": list(ids)}
            if labels is not None:
                columns["label"] = labels.tolist()
            parquet.write_table(pa.table(columns), folder / "features.parquet")
            np.save(folder / "features.npy", vectors.astype(np.float32, copy=False))
        if masks is not None:
            names, each, is_trained_on = masks
            table = pa.table({"id": list(names), "learnt": [bool(one) for one in is_trained_on]})
            parquet.write_table(table, folder / "masks.parquet")
            numbered: dict[str, Any] = {str(i): mask for i, mask in enumerate(each)}
            np.savez_compressed(folder / "masks.npz", **numbered)


def snapshot_folds(run: Path) -> list[Fold]:
    """Return the folds of a run that have kept something, in order, "full" last."""
    names = [room.parent.name.removeprefix("fold-") for room in run.glob("fold-*/kept")]
    numbers: list[Fold] = sorted(int(one) for one in names if one.isdigit())
    return [*numbers, "full"] if "full" in names else numbers


def snapshot_epochs(run: Path, fold: Fold, what: Literal["features", "masks"]) -> list[int]:
    """Return the epochs of which a fold kept features, or masks, in order."""
    file = "features.npy" if what == "features" else "masks.npz"
    return [epoch for epoch, folder in _epochs(run, fold) if (folder / file).is_file()]


def read_epoch_features(
    run: Path, fold: Fold, *, epochs: Container[int] | None = None
) -> list[EpochFeatures]:
    """Return the features that a fold kept, the earliest epoch first; none where it kept none.

    Args:
        run: the run's folder.
        fold: its number, or "full".
        epochs: only of these; None: of all.

    Raises:
        RunError: a file is damaged.
    """
    found = []
    for epoch, folder in _epochs(run, fold, epochs):
        file = folder / "features.npy"
        if not file.is_file():
            continue
        digests.check(file)
        try:
            columns = _columns(folder / "features.parquet")
            labels = np.array(columns["label"]) if "label" in columns else None
            found.append(EpochFeatures(epoch, columns["id"], labels, np.load(file)))
        except DAMAGED_ARRAY as error:
            raise _damaged(folder, error) from error
    return found


def read_epoch_masks(
    run: Path, fold: Fold, *, epochs: Container[int] | None = None
) -> list[EpochMasks]:
    """Return the masks that a fold kept, by epoch; arguments as of `read_epoch_features`.

    Raises:
        RunError: a file is damaged.
    """
    found = []
    for epoch, folder in _epochs(run, fold, epochs):
        file = folder / "masks.npz"
        if not file.is_file():
            continue
        digests.check(file)
        try:
            columns = _columns(folder / "masks.parquet")
            with np.load(file) as stored:
                masks = [stored[str(i)] for i in range(len(columns["id"]))]
        except DAMAGED_ARRAY as error:
            raise _damaged(folder, error) from error
        found.append(EpochMasks(epoch, columns["id"], masks, np.array(columns["learnt"])))
    return found


def count_snapshots(run: Path, fold: Fold) -> SnapshotCounts:
    """Return how much a fold kept, without reading it; arguments as `read_epoch_features`.

    Raises:
        RunError: a file is damaged.
    """
    epochs, features, masks = [], 0, 0
    for epoch, folder in _epochs(run, fold):
        epochs.append(epoch)
        features = max(features, _n_rows(folder, "features.parquet"))
        masks = max(masks, _n_rows(folder, "masks.parquet"))
    return SnapshotCounts(epochs, features, masks)


def _snapshots_folder(run: Path, fold: Fold) -> Path:
    return run / f"fold-{fold}" / "kept"


def _epochs(
    run: Path, fold: Fold, epochs: Container[int] | None = None
) -> Iterator[tuple[int, Path]]:
    numbered = {
        int(number): folder
        for folder in _snapshots_folder(run, fold).glob("epoch-*")
        if (number := folder.name.removeprefix("epoch-")).isdigit()
    }
    yield from sorted(one for one in numbered.items() if epochs is None or one[0] in epochs)


def _columns(file: Path) -> dict[str, list[Any]]:
    from pyarrow import parquet

    digests.check(file)
    columns: dict[str, list[Any]] = parquet.read_table(file).to_pydict()
    return columns


def _n_rows(folder: Path, name: str) -> int:
    from pyarrow import parquet

    if not (folder / name).is_file():
        return 0
    try:
        return int(parquet.read_metadata(folder / name).num_rows)
    except (OSError, ValueError) as error:
        raise _damaged(folder, error) from error


def _damaged(folder: Path, error: Exception) -> RunError:
    return RunError(f"damaged: {error}", where=folder, fix="remove the folder")


class ViewPreview(NamedTuple):
    """One view of a stream's samples.

    Attributes:
        name: as the method calls it: "train", "weak", "strong".
        policy: by which it is drawn; "train" is the recipe's own.
        of: the earlier view on top of which it is drawn; empty: of the image itself.
        images: `(n, h, w, 3)`, as they are before they are normalised, made smaller.
        masks: `(n, h, w)` or `(n, h, w, C)` as `competition.truths.masks.Mask`, 255 where nothing
            is known; None where the stream has none.
    """

    name: str
    policy: str
    of: str
    images: NDArray[np.uint8]
    masks: Mask | None


class StreamPreview(NamedTuple):
    """Some samples of a batch of a stream.

    Attributes:
        phase: number of the phase, from 1.
        name: of the stream.
        step: optimiser step of the phase that saw them, from 1.
        ids: `(n,)`.
        labels: `(n,)`, the training label of each as text; empty where there is none.
        views: in the order of the stream.
    """

    phase: int
    name: str
    step: int
    ids: list[str]
    labels: list[str]
    views: list[ViewPreview]


def preview_file(run: Path, fold: Fold, phase: int, stream: str) -> Path:
    """Return the file of a stream; `phase` counts from 1."""
    return _previews_folder(run, fold) / str(phase) / f"{quote(stream, safe=' ')}.npz"


def preview_folds(run: Path) -> list[str]:
    """Return the folds of which something is kept: their numbers, or "full"."""
    rooms = sorted(run.glob("fold-*/seen"))
    return [room.parent.name.removeprefix("fold-") for room in rooms]


def write_preview(run: Path, fold: Fold, seen: StreamPreview) -> None:
    """Write the file of `seen`.

    Raises:
        OSError: it cannot be written.
    """
    arrays: dict[str, NDArray[np.generic]] = {
        "step": np.array(seen.step),
        "ids": _texts(seen.ids),
        "labels": _texts(seen.labels),
        "views": _texts([view.name for view in seen.views]),
        "policies": _texts([view.policy for view in seen.views]),
        "of": _texts([view.of for view in seen.views]),
    }
    for number, view in enumerate(seen.views):
        arrays[f"images-{number}"] = view.images
        if view.masks is not None:
            arrays[f"masks-{number}"] = view.masks
    with (
        replacing(preview_file(run, fold, seen.phase, seen.name)) as temporary,
        temporary.open("wb") as stream,
    ):
        np.savez_compressed(stream, allow_pickle=False, **arrays)


def read_previews(run: Path, fold: Fold | str) -> list[StreamPreview]:
    """Return a fold's previews, by phase and then by the stream's name; none where none is kept.

    Args:
        run: the run's folder.
        fold: its number, or "full".

    Raises:
        RunError: a file is damaged.
    """
    phases = {
        int(folder.name): folder
        for folder in (run / f"fold-{fold}" / "seen").glob("*")
        if folder.name.isdigit()
    }
    return [
        _read_preview(number, file)
        for number, folder in sorted(phases.items())
        for file in sorted(folder.glob("[!.]*.npz"))
    ]


def _read_preview(phase: int, file: Path) -> StreamPreview:
    digests.check(file)
    try:
        with np.load(file) as stored:
            names, policies, of = (stored[key].tolist() for key in ("views", "policies", "of"))
            views = [
                ViewPreview(
                    name,
                    policies[number],
                    of[number],
                    stored[f"images-{number}"],
                    stored.get(f"masks-{number}"),
                )
                for number, name in enumerate(names)
            ]
            ids, labels = stored["ids"].tolist(), stored["labels"].tolist()
            stream = unquote(file.name.removesuffix(".npz"))
            return StreamPreview(phase, stream, int(stored["step"]), ids, labels, views)
    except DAMAGED_ARRAY as error:
        raise RunError(f"damaged: {error}", where=file, fix="remove the file") from error


def _texts(texts: Sequence[str]) -> NDArray[np.str_]:
    return np.array(texts, dtype=np.str_)


def _previews_folder(run: Path, fold: Fold) -> Path:
    return run / f"fold-{fold}" / "seen"
