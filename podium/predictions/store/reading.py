"""Reading a prediction set: the pooled OOF predictions, and averages over fold models."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from podium.errors import DataError, RunError, plural, some
from podium.predictions.store.fold_reader import FoldReader, Probs, unreadable_fold
from podium.predictions.store.masks import MaskFold, MeanMasks, OofMasks
from podium.predictions.store.positions import require_positions
from podium.predictions.top_k import TopK, concatenate, mean_top_k
from podium.predictions.views import ViewSet
from podium.tasks.protocols.names import IMAGES, PIXELS
from podium.workspace import digests
from podium.workspace.display import html_table, text_table
from podium.workspace.records import read_json

__all__ = [
    "Fold",
    "Oof",
    "PredictionSet",
    "Split",
    "averaged",
    "is_separate_view",
    "mean_of_folds",
    "single_view",
    "views_in",
]

Split = Literal["oof", "test", "unlabelled", "train"]
"""Rows that a fold model predicts: its own fold, other images, or (embeddings) all of train."""
SPLITS: tuple[Split, ...] = ("oof", "test", "unlabelled")
Fold = int | Literal["full"]

_FOLD = re.compile(r"fold-(\d+|full)")
_NETWORK = re.compile(r"(.+-[0-9a-f]{8})/fold-.+")
_BLOCK_ROWS = 65_536


def averaged(split: Split, there: Sequence[Fold]) -> Sequence[Fold]:
    """Return the models whose mean predicts a split: of test those of the folds and the refit.

    Elsewhere a refit counts only where it is alone: students of a fold's pseudo-labels must not
    learn from a model that saw the fold's labels.

    Args:
        split: "test" or "unlabelled".
        there: the models that predicted it, in their order.
    """
    if split == "test":
        return there
    return [fold for fold in there if fold != "full"] or there


def single_view(root: Path) -> str:
    """Return the view that a prediction set is of alone; "" if it has the identity in it."""
    return views_in(root).lone


def views_in(root: Path) -> ViewSet:
    """Return the views that a prediction set is the mean of; of an import the identity."""
    return ViewSet.from_facts(_details(root))


def is_separate_view(root: Path) -> bool:
    """Return whether a set was made as one view of several: it does not stand for its run."""
    return bool(single_view(root) or _details(root).get("apart"))


def _details(root: Path) -> dict[str, Any]:
    file = root / "set.json"
    return _plan(root).get("details", {}) if file.is_file() else {}


def _fix_of_missing(root: Path) -> str:
    """Return what makes the predictions of the set at `root` again."""
    is_import = root.absolute().parent.parent.parent.name == "imports"
    return "repeat the `podium import` that made it" if is_import else "run `podium predict`"


def _plan(root: Path) -> dict[str, Any]:
    """Return what `set.json` has of the set in `root`.

    Raises:
        DataError: it is damaged.
    """
    digests.check(root / "set.json")
    try:
        plan = read_json(root / "set.json", fix="")
    except (OSError, RunError) as error:
        raise unreadable_fold(root, error) from error
    if not isinstance(plan.get("details", {}), dict):
        raise unreadable_fold(root, "details of set.json are no object")
    return plan


@dataclass(frozen=True)
class Oof:
    """Out-of-fold predictions of all folds there are, pooled; rows stand fold after fold.

    Attributes:
        ids: `(N,)`.
        probs: `(N, C)`, float32; of thousands of classes `TopK`.
        folds: `(N,)`, int64: the fold of each row.
        models: fold → what made its rows.
    """

    ids: list[str]
    probs: Probs
    folds: NDArray[np.int64]
    models: dict[int, str]

    @property
    def row_models(self) -> list[str]:
        """`(N,)`: what made each row."""
        return [self.models[int(fold)] for fold in self.folds]

    def align(self, ids: Sequence[str]) -> Oof:
        """Return the rows in the order of `ids`.

        Raises:
            DataError: one of `ids` has no prediction.
        """
        take = require_positions(self.ids, ids, "the OOF", where=None)
        return Oof(list(ids), self.probs[take], self.folds[take], self.models)


class PredictionSet:
    """The predictions of one run's fold models for its splits: `predictions/<8 hex>`.

    Example:
        >>> import podium
        >>> found = podium.Workspace("~/leaves", quiet=True).predictions("baseline")
        >>> found.oof("classify").probs.shape
        (36, 3)
        >>> ids, probs = found.mean("test")
        >>> len(ids), probs.shape
        (9, (9, 3))
    """

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root).expanduser()
        if not self.root.is_dir():
            raise DataError(
                "there are no predictions here", where=self.root, fix=_fix_of_missing(self.root)
            )

    def __repr__(self) -> str:
        return f"PredictionSet({str(self.root)!r})\n{text_table(*self._table())}"

    def _repr_html_(self) -> str:
        missing = [f"missing: {some(self.missing)}"] if self.missing else []
        columns, rows = self._table()
        return html_table(columns, rows, title=f"predictions in {self.root}", notes=missing)

    def _table(self) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
        """Return columns and rows: what is there of each split and task."""
        rows: list[tuple[object, ...]] = []
        for split in self.splits:
            for task in self.tasks(split):
                folds = self.folds(split, task)
                counts = [len(self.fold(split, task, fold).ids) for fold in folds]
                n_rows = sum(counts) if split == "oof" else max(counts)
                rows.append((split, task, ", ".join(map(str, folds)), f"{n_rows:,}"))
        return ("split", "task", "folds", "rows"), rows

    @property
    def splits(self) -> tuple[Split, ...]:
        """The splits of which at least one fold is there."""
        return tuple(split for split in SPLITS if self.tasks(split))

    def tasks(self, split: Split) -> tuple[str, ...]:
        """Return the tasks of `split` of which at least one fold is there."""
        folder = self.root / split
        found = sorted(one.name for one in folder.iterdir()) if folder.is_dir() else []
        return tuple(task for task in found if self.folds(split, task))

    def folds(self, split: Split, task: str) -> tuple[Fold, ...]:
        """Return the folds that are there, numbers first, then "full"."""
        folder = self.root / split / task
        names = [_FOLD.fullmatch(one.name) for one in folder.iterdir()] if folder.is_dir() else []
        found = [match[1] for match in names if match is not None]
        numbers = sorted(int(one) for one in found if one != "full")
        return (*numbers, "full") if "full" in found else tuple(numbers)

    def ids(self, split: Split, task: str = IMAGES) -> list[str]:
        """Return the ids of the rows that `mean` averages, in its order.

        Raises:
            DataError: there are no predictions for `split`.
        """
        return self.fold(split, task, self.averaged_folds(split, task)[0]).ids

    def fold(self, split: Split, task: str, fold: Fold) -> FoldReader:
        """Return the reader of one fold.

        Raises:
            DataError: it is not there, or is that of another fold or run, copied to this place.
        """
        folder = self.root / split / task / f"fold-{fold}"
        if not folder.is_dir():
            raise DataError(
                "these predictions are missing", where=folder, fix=_fix_of_missing(self.root)
            )
        reader = FoldReader(folder)
        self._refuse_misplaced(reader, split, task, fold)
        return reader

    def _refuse_misplaced(self, reader: FoldReader, split: Split, task: str, fold: Fold) -> None:
        """Raise where a folder, whole by its digests, was written for another place."""
        meta, run = reader.meta, self.root.parent.parent
        own = {"split": split, "task": task, "fold": fold}
        written = {name: meta.get(name, value) for name, value in own.items()}
        found = ", ".join(f"{name} {written[name]}" for name in own if written[name] != own[name])
        maker = _NETWORK.fullmatch(reader.model)  # models of imports have other names
        if not found and maker and run.parent.name == "runs" and maker[1] != run.name:
            found = f"the run {maker[1]}"
        if found:
            raise DataError(
                f"these predictions are of {found}, and were copied to this place",
                where=reader.folder,
                fix="copy the right folder back, or remove this one and run `podium predict`",
            )

    @property
    def missing(self) -> tuple[str, ...]:
        """The parts that `set.json` expects and that are not there, as `split/task/fold-K`.

        A set without `set.json` expects every fold that one of its splits has from each of them.
        """
        return tuple(
            f"{split}/{task}/fold-{fold}"
            for split, task, fold in self._expected()
            if not (self.root / split / task / f"fold-{fold}").is_dir()
        )

    @property
    def is_complete(self) -> bool:
        """Whether every expected fold is there."""
        return bool(self.splits) and not self.missing

    def _expected(self) -> list[tuple[Split, str, Fold]]:
        file = self.root / "set.json"
        if file.is_file():
            plan = _plan(self.root)
            try:
                folds, splits = plan["folds"], plan["splits"]
                of = folds if isinstance(folds, dict) else dict.fromkeys(splits, folds)
                every = [(s, t, f) for s in splits for t in plan["tasks"] for f in of[s]]
            except (ValueError, KeyError, TypeError) as error:
                raise unreadable_fold(self.root, error) from error
        else:
            there = [(s, t) for s in self.splits for t in self.tasks(s)]
            known = {fold for s, t in there for fold in self.folds(s, t)}
            every = [(s, t, f) for s, t in there for f in sorted(known, key=str)]
        return [(s, t, f) for s, t, f in every if not (s == "oof" and f == "full")]

    def oof(self, task: str = IMAGES) -> Oof:
        """Return the out-of-fold predictions of all folds there are, pooled.

        Raises:
            DataError: there are none, a row stands in two folds, or folds differ in their columns.
        """
        folds = self._oof_folds(task)
        readers = {fold: self.fold("oof", task, fold) for fold in folds}
        self._check_channels(list(readers.values()))
        ids = [one for reader in readers.values() for one in reader.ids]
        self._check_each_row_once(ids)
        return Oof(
            ids=ids,
            probs=concatenate([reader.probs() for reader in readers.values()]),
            folds=np.repeat(
                np.array(folds, dtype=np.int64), [len(r.ids) for r in readers.values()]
            ),
            models={fold: reader.model for fold, reader in readers.items()},
        )

    def averaged_folds(self, split: Split, task: str = IMAGES) -> Sequence[Fold]:
        """Return the models that a mean is of, as `averaged` has it.

        Raises:
            DataError: there is none.
        """
        chosen = averaged(split, self.folds(split, task))
        if not chosen:
            raise DataError(
                f"there are no predictions for {split}", where=self.root, fix="run `podium predict`"
            )
        return chosen

    def mean(
        self, split: Split, task: str = IMAGES, *, folds: Sequence[Fold] | None = None
    ) -> tuple[list[str], Probs]:
        """Return `(ids, probs)` with `probs` `(N, C)` averaged over the fold models.

        Args:
            split: "test" or "unlabelled".
            task: the task.
            folds: which models; None takes those of `averaged_folds`.

        Raises:
            DataError: none is there, or they predicted different rows.
        """
        blocks = list(self.mean_blocks(split, task, folds=folds))
        ids = [one for block_ids, _ in blocks for one in block_ids]
        return ids, concatenate([probs for _, probs in blocks])

    def mean_blocks(
        self,
        split: Split,
        task: str = IMAGES,
        *,
        folds: Sequence[Fold] | None = None,
        ids: Sequence[str] | None = None,
    ) -> Iterator[tuple[list[str], Probs]]:
        """Yield what `mean` returns in blocks of rows, so that memory does not grow with N · F.

        Args:
            split: "test" or "unlabelled".
            task: the task.
            folds: which fold models, as `mean` has it.
            ids: the order of the rows, and all of them; None takes the first fold's.
        """
        averaged = self.averaged_folds(split, task) if folds is None else folds
        readers = [self.fold(split, task, fold) for fold in averaged]
        self._check_channels(readers)
        ids = readers[0].ids if ids is None else list(ids)
        orders = [self._order(reader, ids) for reader in readers]
        for start in range(0, len(ids), _BLOCK_ROWS):
            stop = min(start + _BLOCK_ROWS, len(ids))
            parts = (
                reader.rows(start, stop) if order is None else reader.take(order[start:stop])
                for reader, order in zip(readers, orders, strict=True)
            )
            yield ids[start:stop], _mean(parts, len(readers))

    def oof_masks(self, task: str = PIXELS) -> OofMasks:
        """Return the out-of-fold masks of all folds there are, pooled; read on demand.

        Raises:
            DataError: there are none, an image stands in two folds, or folds differ in channels.
        """
        folds = {
            fold: MaskFold(self.fold("oof", task, fold).folder) for fold in self._oof_folds(task)
        }
        self._check_channels(list(folds.values()))
        self._check_each_row_once([one for fold in folds.values() for one in fold.ids])
        return OofMasks.of(folds)

    def mean_masks(
        self, split: Split, task: str = PIXELS, *, folds: Sequence[Fold] | None = None
    ) -> MeanMasks:
        """Return the masks averaged over the fold models, of which each counts where it covers.

        Args:
            split: "test" or "unlabelled".
            task: the task.
            folds: which fold models, as `mean` has it.

        Raises:
            DataError: none is there, or they predicted different images or sizes.
        """
        chosen = self.averaged_folds(split, task) if folds is None else folds
        readers = [MaskFold(self.fold(split, task, fold).folder) for fold in chosen]
        self._check_channels(readers)
        return MeanMasks(readers, [self._order(reader, readers[0].ids) for reader in readers])

    def _oof_folds(self, task: str) -> list[int]:
        folds = [fold for fold in self.folds("oof", task) if fold != "full"]
        if not folds:
            raise DataError(
                "there are no out-of-fold predictions", where=self.root, fix="run `podium predict`"
            )
        return folds

    def _order(self, reader: FoldReader | MaskFold, ids: list[str]) -> NDArray[np.int64] | None:
        if reader.ids == ids:
            return None
        if len(reader.ids) != len(ids):
            raise DataError(
                f"the fold models predicted {len(ids)} and {plural(len(reader.ids), 'row')}",
                where=reader.folder,
            )
        return require_positions(reader.ids, ids, "this fold", where=reader.folder)

    def _check_channels(self, readers: Sequence[FoldReader | MaskFold]) -> None:
        counts = {reader.channels for reader in readers}
        if len(counts) > 1:
            raise DataError(
                f"folds differ in their number of columns: {sorted(counts)}", where=self.root
            )
        kept = {reader.meta.get("k") for reader in readers}
        if len(kept) > 1:
            raise DataError(
                f"folds keep different numbers of classes a row: {sorted(map(str, kept))}",
                where=self.root,
            )

    def _check_each_row_once(self, ids: Sequence[str]) -> None:
        if len(set(ids)) < len(ids):
            repeated = [one for one, n in Counter(ids).items() if n > 1]
            raise DataError(
                f"rows are out of fold twice: {some(repeated)}",
                where=self.root,
                fix="folds.csv changed between folds: train again",
            )


def mean_of_folds(rows: Sequence[Probs]) -> Probs:
    """Return the mean of the predictions of some fold models on the same rows."""
    return _mean(iter(rows), len(rows))


def _mean(parts: Iterator[Probs], n: int) -> Probs:
    """Return the mean of `n` fold models; of all probabilities one is in memory beside the sum."""
    first = next(parts)
    if isinstance(first, TopK):
        every = [first, *(one for one in parts if isinstance(one, TopK))]
        return mean_top_k(every, np.full(n, 1 / n))
    total = first.astype(np.float64)
    for one in parts:
        total += np.asarray(one)
    return (total / n).astype(np.float32)
