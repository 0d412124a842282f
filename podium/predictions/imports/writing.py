"""Imported predictions written into our store, by our folds and in our order, a block at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from podium.predictions.imports.mask_folder import MaskFolder
from podium.predictions.imports.matching import ImportSource, OofMatch, TestMatch
from podium.predictions.imports.other_workspace import FoldMasks
from podium.predictions.imports.schema import ImportSchema
from podium.predictions.imports.tables import ImportedLabels
from podium.predictions.store.mask_writing import require_space, write_masks
from podium.predictions.store.masks import MaskDtype, Size
from podium.predictions.store.reading import Fold, Split
from podium.predictions.store.writing import begin_set, write_fold
from podium.predictions.top_k import AUTO_FROM, DEFAULT_K, TopK, concatenate
from podium.tasks.protocols.names import TaskName, is_of_images

__all__ = ["begin_import", "require_sizes", "write_oof", "write_test"]

_VALUES_AT_ONCE = 2**20

Ints = NDArray[np.int64]
Sizes = Callable[[Split, Sequence[int]], list[Size]]
"""Returns (height, width), in the competition's frame, of rows of a split."""


def begin_import(
    root: Path,
    oof: Mapping[TaskName, OofMatch],
    test: Mapping[TaskName, TestMatch],
    details: Mapping[str, Any],
) -> None:
    """Write which folds make the set in `root` complete."""
    folds: dict[Split, list[Fold]] = {}
    if oof:
        folds["oof"] = sorted({fold for one in oof.values() for fold in one.fold_numbers})
    if test:
        folds["test"] = sorted({fold for one in test.values() for fold in one.folds}, key=str)
    begin_set(root, folds=folds, splits=list(folds), tasks=sorted({*oof, *test}), details=details)


def require_sizes(
    sources: Sequence[ImportSource], oof: OofMatch | None, test: TestMatch | None, sizes: Sizes
) -> None:
    """Raise DataError where a mask is not of its image's size; only headers are read.

    Args:
        sources: sources of masks: those of the training rows, or those of the test rows.
        oof, test: where our rows stand in them; one of the two.
        sizes: of masks.
    """
    masks = cast("Sequence[MaskFolder | FoldMasks]", sources)
    if oof is not None:
        expected = sizes("oof", oof.rows.tolist())
        for number, i, size in zip(oof.source.tolist(), oof.at.tolist(), expected, strict=True):
            masks[number].require_size(i, size)
    if test is not None:
        expected = sizes("test", range(len(test.at[0])))
        for one, at in zip(masks, test.at, strict=True):
            for i, size in zip(at.tolist(), expected, strict=True):
                one.require_size(i, size)


def write_oof(
    root: Path,
    form: ImportSchema,
    sources: Sequence[ImportSource],
    places: OofMatch,
    *,
    ids: Sequence[str],
    name: str,
    sizes: Sizes,
    advance: Callable[[int], None],
) -> None:
    """Write the out-of-fold rows of one task, those of each of our folds into its folder.

    Args:
        root: the set's folder.
        form: the expected values.
        sources: the sources.
        places: where our rows stand in them.
        ids: `(N,)` of the training rows.
        name: of the import.
        sizes: of masks.
        advance: is called with how many rows were written.

    Raises:
        DataError: a value is no probability.
    """
    for fold in places.fold_numbers:
        inside = np.flatnonzero(places.folds == fold)
        pairs = list(zip(places.source[inside].tolist(), places.at[inside].tolist(), strict=True))
        _write(
            root, "oof", fold, form, sources, pairs, places.rows[inside], ids, name, sizes, advance
        )


def write_test(
    root: Path,
    form: ImportSchema,
    sources: Sequence[ImportSource],
    places: TestMatch,
    *,
    ids: Sequence[str],
    name: str,
    sizes: Sizes,
    advance: Callable[[int], None],
) -> None:
    """Write the test rows of one task, each source into a fold's folder; as `write_oof`."""
    rows = np.arange(len(ids))
    for number, (fold, at) in enumerate(zip(places.folds, places.at, strict=True)):
        pairs = [(number, one) for one in at.tolist()]
        _write(root, "test", fold, form, sources, pairs, rows, ids, name, sizes, advance)


def _write(
    root: Path,
    split: Split,
    fold: Fold,
    form: ImportSchema,
    sources: Sequence[ImportSource],
    pairs: Sequence[tuple[int, int]],
    rows: Ints,
    ids: Sequence[str],
    name: str,
    sizes: Sizes,
    advance: Callable[[int], None],
) -> None:
    names = [ids[int(i)] for i in rows]
    model = f"{name}/fold-{fold}/imported"
    if is_of_images(form.task):
        labels = cast("Sequence[ImportedLabels]", sources)
        blocks = _label_blocks(labels, form, pairs, advance)
        write_fold(root, split, form.task, fold, ids=names, probs=blocks, model=model)
        return
    masks = cast("Sequence[MaskFolder | FoldMasks]", sources)
    expected = sizes(split, rows.tolist())
    dtype: MaskDtype = "uint8" if all(one.dtype == "uint8" for one in masks) else "float16"
    require_space(root, expected, form.n_channels, dtype)
    watched = _MaxTracker(_mask_bands(masks, pairs, advance))
    write_masks(
        root, split, fold, ids=names, sizes=expected, bands=watched, model=model, dtype=dtype
    )
    for one in masks:
        one.refuse_numbers(watched.greatest)


def _label_blocks(
    sources: Sequence[ImportedLabels],
    form: ImportSchema,
    pairs: Sequence[tuple[int, int]],
    advance: Callable[[int], None],
) -> Iterator[Any]:
    """Yield blocks of rows, `(n, C)` float32, or the likeliest of thousands of classes."""
    per_block = max(1, _VALUES_AT_ONCE // form.n_channels)
    for first in range(0, len(pairs), per_block):
        block = np.array(pairs[first : first + per_block], dtype=np.int64)
        parts, order = [], []
        for number in np.unique(block[:, 0]):
            inside = np.flatnonzero(block[:, 0] == number)
            parts.append(sources[int(number)].take(block[inside, 1], form))
            order.append(inside)
        back = np.argsort(np.concatenate(order))
        found = concatenate(parts)[back]
        is_long = form.kind.is_exclusive and form.n_channels >= AUTO_FROM
        if is_long and not isinstance(found, TopK):
            found = TopK.of(found, DEFAULT_K)
        yield found
        advance(len(block))


def _mask_bands(
    sources: Sequence[MaskFolder | FoldMasks],
    pairs: Sequence[tuple[int, int]],
    advance: Callable[[int], None],
) -> Iterator[NDArray[np.floating[Any]]]:
    for number, i in pairs:
        yield from sources[number].bands(i)
        advance(1)


class _MaxTracker:
    """Bands as they come, of which the greatest value is remembered; background does not count."""

    def __init__(self, bands: Iterator[NDArray[np.floating[Any]]]) -> None:
        self._bands, self.greatest = bands, 0.0

    def __iter__(self) -> Iterator[NDArray[np.floating[Any]]]:
        for band in self._bands:
            sources = band[..., 1:] if band.shape[2] > 1 else band
            self.greatest = max(self.greatest, float(sources.max()))
            yield band
