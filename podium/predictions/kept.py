"""What a run kept at chosen epochs, for figures of how it learnt: features, and masks.

    fold-K/kept/epoch-0050/  features.npy (n, F) float32 · features.parquet (id, label)
                             masks.npz ("0", "1", … uint8) · masks.parquet (id, learnt)

A folder is there whole or not at all. Which rows and masks these are says the recipe's `keep:`; the
rows are the same in every epoch, and in every run with these folds. No torch here.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from podium.competition.masks import Mask
from podium.errors import RunError
from podium.predictions.reading import Fold
from podium.workspace.atomic import new_folder, sweep

__all__ = [
    "KeptCounts",
    "KeptFeatures",
    "KeptMasks",
    "count_kept",
    "epoch_folder",
    "kept_epochs",
    "kept_folds",
    "read_features",
    "read_masks",
    "write_kept",
]

Vectors = NDArray[np.float32]


class KeptFeatures(NamedTuple):
    """What the classifier saw of some images after an epoch.

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


class KeptMasks(NamedTuple):
    """The masks that the network of an epoch made.

    Attributes:
        epoch: of the run, from 1, counted over its phases.
        ids: `(n,)`, as the recipe names them.
        masks: `(n,)`, of the truth's size: uint8 as `decide_mask` makes them of plain decisions.
        learnt: `(n,)`, bool: whether the fold learns from the image's own mask.
    """

    epoch: int
    ids: list[str]
    masks: list[Mask]
    learnt: NDArray[np.bool_]


class KeptCounts(NamedTuple):
    """How much a fold kept.

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
    return _room(run, fold) / f"epoch-{epoch:04d}"


def write_kept(
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
        features: ids, labels and vectors, see `KeptFeatures`.
        masks: ids, masks and whether each is learnt from, see `KeptMasks`.

    Raises:
        RunError: it is there already.
    """
    import pyarrow as pa
    from pyarrow import parquet

    room = _room(run, fold)
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
            names, each, learnt = masks
            table = pa.table({"id": list(names), "learnt": [bool(one) for one in learnt]})
            parquet.write_table(table, folder / "masks.parquet")
            numbered: dict[str, Any] = {str(i): mask for i, mask in enumerate(each)}
            np.savez_compressed(folder / "masks.npz", **numbered)


def kept_folds(run: Path) -> list[Fold]:
    """Return the folds of a run that have kept something, in order, "full" last."""
    names = [room.parent.name.removeprefix("fold-") for room in run.glob("fold-*/kept")]
    numbers: list[Fold] = sorted(int(one) for one in names if one.isdigit())
    return [*numbers, "full"] if "full" in names else numbers


def kept_epochs(run: Path, fold: Fold, what: Literal["features", "masks"]) -> list[int]:
    """Return the epochs of which a fold kept features, or masks, in order."""
    file = "features.npy" if what == "features" else "masks.npz"
    return [epoch for epoch, folder in _epochs(run, fold) if (folder / file).is_file()]


def read_features(
    run: Path, fold: Fold, *, epochs: Container[int] | None = None
) -> list[KeptFeatures]:
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
        try:
            columns = _columns(folder / "features.parquet")
            labels = np.array(columns["label"]) if "label" in columns else None
            found.append(KeptFeatures(epoch, columns["id"], labels, np.load(file)))
        except (OSError, ValueError, KeyError) as error:
            raise _damaged(folder, error) from error
    return found


def read_masks(run: Path, fold: Fold, *, epochs: Container[int] | None = None) -> list[KeptMasks]:
    """Return the masks that a fold kept, the earliest epoch first; arguments as `read_features`.

    Raises:
        RunError: a file is damaged.
    """
    found = []
    for epoch, folder in _epochs(run, fold, epochs):
        file = folder / "masks.npz"
        if not file.is_file():
            continue
        try:
            columns = _columns(folder / "masks.parquet")
            with np.load(file) as stored:
                masks = [stored[str(i)] for i in range(len(columns["id"]))]
        except (OSError, ValueError, KeyError) as error:
            raise _damaged(folder, error) from error
        found.append(KeptMasks(epoch, columns["id"], masks, np.array(columns["learnt"])))
    return found


def count_kept(run: Path, fold: Fold) -> KeptCounts:
    """Return how much a fold kept, without reading it; arguments as `read_features`.

    Raises:
        RunError: a file is damaged.
    """
    epochs, features, masks = [], 0, 0
    for epoch, folder in _epochs(run, fold):
        epochs.append(epoch)
        features = max(features, _n_rows(folder, "features.parquet"))
        masks = max(masks, _n_rows(folder, "masks.parquet"))
    return KeptCounts(epochs, features, masks)


def _room(run: Path, fold: Fold) -> Path:
    return run / f"fold-{fold}" / "kept"


def _epochs(
    run: Path, fold: Fold, epochs: Container[int] | None = None
) -> Iterator[tuple[int, Path]]:
    numbered = {
        int(number): folder
        for folder in _room(run, fold).glob("epoch-*")
        if (number := folder.name.removeprefix("epoch-")).isdigit()
    }
    yield from sorted(one for one in numbered.items() if epochs is None or one[0] in epochs)


def _columns(file: Path) -> dict[str, list[Any]]:
    from pyarrow import parquet

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
