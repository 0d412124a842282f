"""The stored predictions of one image, read without the values of the others."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from podium.predictions.store.fold_reader import FoldReader, Probs, unreadable_fold
from podium.predictions.store.masks import MaskFold, Size, weighted_mean
from podium.predictions.store.reading import Fold, PredictionSet, Split, averaged, mean_of_folds
from podium.tasks.protocols.names import IMAGES, PIXELS
from podium.workspace import digests

__all__ = [
    "ImageLabelPrediction",
    "ImageMaskPrediction",
    "image_label_prediction",
    "image_mask_prediction",
]


@dataclass(frozen=True)
class ImageLabelPrediction:
    """The predicted label of an image.

    Attributes:
        folds: of the models that predict it; of out-of-fold predictions the held-out fold.
        probs: `(1, C)`, the mean over these models; of thousands of classes `TopK`.
    """

    folds: tuple[Fold, ...]
    probs: Probs


@dataclass(frozen=True)
class ImageMaskPrediction:
    """The predicted mask of an image, as `MaskProbs` of one.

    Attributes:
        folds: as of a label; each counts where it covers a pixel.
        ids: `(1,)`.
    """

    folds: tuple[Fold, ...]
    ids: tuple[str]
    _stored: tuple[tuple[MaskFold, int], ...]

    @property
    def sizes(self) -> list[Size]:
        """`(1,)`, (height, width)."""
        reader, row = self._stored[0]
        return [reader.sizes[row]]

    @property
    def channels(self) -> int:
        """C."""
        return self._stored[0][0].channels

    def band(self, i: int, top: int, bottom: int) -> NDArray[np.float32]:
        """Return rows `top` to `bottom` of the mask, `(bottom - top, W, C)`; nan: not covered."""
        if len(self._stored) == 1:
            reader, row = self._stored[0]
            return reader.band(row, top, bottom)
        reads = [(partial(reader.stored, row), 1.0) for reader, row in self._stored]
        return weighted_mean(reads, top, bottom)


def image_label_prediction(
    predictions: PredictionSet, split: Split, name: str, *, near: Fold | None = None
) -> ImageLabelPrediction | None:
    """Return a set's prediction of the label of the image `name`; None where it has none.

    Args:
        predictions: the set.
        split: "oof", or "test" or "unlabelled", which are averaged over the fold models.
        name: the image's id.
        near: the fold that is looked into first: of an out-of-fold image its own.

    Raises:
        DataError: files are damaged.
    """
    places = _stored_rows(predictions, split, IMAGES, name, near)
    if not places:
        return None
    rows = [FoldReader(folder).take(np.array([row])) for _, folder, row in places]
    return ImageLabelPrediction(tuple(fold for fold, _, _ in places), mean_of_folds(rows))


def image_mask_prediction(
    predictions: PredictionSet, split: Split, name: str, *, near: Fold | None = None
) -> ImageMaskPrediction | None:
    """Return a set's prediction of the mask of an image, as `image_label_prediction` does."""
    places = _stored_rows(predictions, split, PIXELS, name, near)
    if not places:
        return None
    stored = tuple((MaskFold(folder), row) for _, folder, row in places)
    return ImageMaskPrediction(tuple(fold for fold, _, _ in places), (name,), stored)


def _stored_rows(
    predictions: PredictionSet, split: Split, task: str, name: str, near: Fold | None
) -> list[tuple[Fold, Path, int]]:
    """Return (fold, folder, row) of each fold model that predicts the image."""
    folds = list(predictions.folds(split, task))
    if split == "oof":
        folds = [fold for fold in folds if fold != "full"]
    else:
        folds = list(averaged(split, folds))
    found: list[tuple[Fold, Path, int]] = []
    for fold in sorted(folds, key=lambda one: one != near):
        folder = predictions.root / split / task / f"fold-{fold}"
        row = _row(folder, name)
        if row >= 0:
            found.append((fold, folder, row))
            if split == "oof":  # a row is out of one fold
                break
    return found


def _row(folder: Path, name: str) -> int:
    """Return the row of an image in a fold folder, -1 where it is not there."""
    import pyarrow as pa
    from pyarrow import compute, parquet

    digests.check(folder / "ids.parquet")
    try:
        column = parquet.read_table(folder / "ids.parquet", columns=["id"]).column("id")
        return int(compute.index(column, pa.scalar(name, type=column.type)).as_py())
    except (OSError, ValueError, KeyError) as error:  # pyarrow's own errors are ValueErrors
        raise unreadable_fold(folder, error) from error
