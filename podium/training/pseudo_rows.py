"""Pseudo-labels that `podium pseudo` wrote, as rows to learn from (no torch until there are)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.cache import Masks, pack_folder, shrunk_size
from podium.competition.images import first_file, image_size
from podium.competition.masks import n_mask_classes, nearest
from podium.competition.packs import Entry, open_packs
from podium.competition.spec import Competition, TaskKind
from podium.errors import RecipeError
from podium.predictions.decide import decide
from podium.training.job import Job, cached_side, image_digests
from podium.training.pseudo_choice import (
    balancing_weights,
    class_counts,
    class_thresholds,
    known_labels,
    refuse_unused,
    surest,
)
from podium.training.pseudo_gate import PseudoLabels, check_images, honest_table, open_pseudo
from podium.training.pseudo_tables import (
    FoldTable,
    MaskPlace,
    classes_in,
    read_pseudo_mask,
)
from podium.training.recipe import PseudoUse, Recipe
from podium.workspace.ids import FileDigests
from podium.workspace.layout import Workspace
from podium.workspace.progress import Progress

if TYPE_CHECKING:
    from podium.training.fold_files import Fold
    from podium.training.rows import Rows

__all__ = [
    "Taught",
    "pseudo_facts",
    "pseudo_rows",
    "taught_by",
    "validation_images",
]

Bools = NDArray[np.bool_]


def taught_by(job: Job, fold: Fold) -> list[Taught]:
    """Return what each artefact that the recipe names says for `fold`; nothing is decoded.

    Raises:
        DataError: as `honest_table`.
        RecipeError: an artefact says nothing of what the network answers, or a threshold is set for
            labels that have no confidence.
        UsageError: there is no such artefact.
    """
    return [Taught.of(job, fold, use) for use in job.recipe.pseudo]


def pseudo_rows(taught: Sequence[Taught], progress: Progress) -> list[Rows]:
    """Return what is taught as rows, one part each that says something.

    Labels that are less sure than the threshold are missing, as are pixels of masks; what says
    nothing then is left out. The weight is the recipe's.

    Raises:
        DataError: an image is not the one that the teachers saw.
    """
    for one in taught:
        if not len(one.kept):
            progress.say(
                f"{one.job.files(one.fold).title}: nothing in {one.labels.record.id} reaches "
                f"{one.asked}, so nothing is learnt of it"
            )
    return [one.rows(progress) for one in taught if len(one.kept)]


def pseudo_facts(workspace: Workspace, competition: Competition, recipe: Recipe) -> dict[str, Any]:
    """Return what a run's id hashes of the artefacts that its recipe names; {} for none.

    Raises:
        DataError, UsageError: an artefact is not there, or not whole.
    """
    if not recipe.pseudo:
        return {}
    every = [open_pseudo(workspace, use.artefact).content() for use in recipe.pseudo]
    return {"artefacts": every}


def validation_images(taught: Sequence[Taught]) -> int:
    """Return how many images with pseudo-labels are, by content, of their fold's validation rows.

    Their labels are what models said that never saw the true ones: it is allowed, and told.
    """
    if not taught:
        return 0
    job = taught[0].job
    _, valid = job.data.rows(taught[0].fold)
    frame = job.data.samples.iloc[valid]
    judged = set(image_digests(job.workspace, job.competition, frame))
    return sum(one.labels.items.digests[row] in judged for one in taught for row in one.kept)


@dataclass(frozen=True)
class Taught:
    """One artefact's table for one fold, and what of it is learnt.

    Attributes:
        job, fold, labels, table: whose.
        use: what the recipe says of it.
        threshold, mask_threshold: of labels whose class has none of its own, and of pixels; the
            artefact's where that is higher.
        known: task → whose answer is sure enough, `(N,)` or (multilabel labels) `(N, C)`.
        kept: the rows with any answer.
    """

    job: Job
    fold: Fold
    labels: PseudoLabels
    table: FoldTable
    use: PseudoUse
    threshold: float
    mask_threshold: float
    known: Mapping[str, Bools]
    kept: NDArray[np.int64]

    @classmethod
    def of(cls, job: Job, fold: Fold, use: PseudoUse) -> Taught:
        labels = open_pseudo(job.workspace, use.artefact)
        table = honest_table(labels, fold, job.inputs["folds"])
        threshold = max(use.threshold, labels.threshold)
        of_masks = use.threshold if use.mask_threshold is None else use.mask_threshold
        mask_threshold = max(of_masks, labels.threshold)
        known: dict[str, Bools] = {}
        if "classify" in job.tasks and table.probs is not None:
            known["classify"] = _known_labels(job, table, use, labels.threshold)
        if "segment" in job.tasks and table.masks is not None:
            known["segment"] = table.masks.known(mask_threshold)
        if not known:
            raise RecipeError(
                f"{labels.record.id} says nothing of {' or '.join(job.tasks)}",
                where="pseudo",
                fix="name pseudo-labels of a run that answers it",
            )
        refuse_unused(use, list(known), labels.record.id)
        any_known = np.any([_of_rows(one) for one in known.values()], axis=0)
        kept = np.flatnonzero(any_known)
        return cls(job, fold, labels, table, use, threshold, mask_threshold, known, kept)

    @property
    def asked(self) -> str:
        """What its answers had to reach, in words."""
        is_one = not self.use.class_thresholds and self.threshold == self.mask_threshold
        return f"the threshold {self.threshold:g}" if is_one else "its threshold"

    def facts(self) -> dict[str, Any]:
        """Return what is learnt, as JSON has it.

        Returns:
            artefact: its id; images: how many say anything; labels, masks: how many say a label or
            a pixel, where they are learnt; classes: how many labels say each.
        """
        facts: dict[str, Any] = {"artefact": self.labels.record.id, "images": len(self.kept)}
        if "classify" in self.known:
            known = self.known["classify"][self.kept]
            facts["labels"] = int(_of_rows(known).sum())
            if self.job.competition.kind != "regression":
                probs = np.asarray(self.table.probs)[self.kept]
                facts["classes"] = class_counts(probs, known, self.job.competition)
        if "segment" in self.known:
            facts["masks"] = int(self.known["segment"][self.kept].sum())
        return facts

    def rows(self, progress: Progress) -> Rows:
        from podium.training.training_rows import rows_of

        check_images(self.labels, self.job.competition, self.kept.tolist())
        rows = rows_of(self.job, self._frame(), progress, answers=False)
        if "classify" in self.job.tasks:
            rows = self._with_labels(rows)
        if "segment" in self.job.tasks:
            rows = self._with_masks(rows, progress)
        return rows

    def _frame(self) -> pd.DataFrame:
        items, rows = self.labels.items, self.kept.tolist()
        return pd.DataFrame(
            {
                "id": [items.ids[row] for row in rows],
                "images": [items.images[row] for row in rows],
                "weight": self.use.weight * self._balance(),
            }
        )

    def _balance(self) -> NDArray[np.float64]:
        """Return the factors of the kept rows' weights, `(n,)`."""
        if not self.use.balance:
            return np.ones(len(self.kept))
        assert self.use.per_class is not None
        known = self.known["classify"][self.kept]
        probs = np.asarray(self.table.probs)[self.kept]
        answers = _decided(probs, known, self.job.competition.kind)
        return balancing_weights(answers, self.use.per_class)

    def _with_labels(self, rows: Rows) -> Rows:
        from podium.training.training_rows import targets_of

        competition = self.job.competition
        if "classify" in self.known:
            known = self.known["classify"][self.kept]
            answers = _decided(np.asarray(self.table.probs)[self.kept], known, competition.kind)
        else:
            shape = (len(rows), *([len(competition.classes)] * (competition.kind == "multilabel")))
            known = np.zeros(shape, dtype=bool)
            answers = np.full(shape, np.nan if competition.kind == "regression" else -1)
        return replace(
            rows,
            target={"classify": self._targets(known, targets_of(self.job, answers))},
            answered={**rows.answered, "classify": _of_rows(known)},
            strata=None if competition.kind == "regression" else answers,
        )

    def _targets(self, known: Bools, hard: NDArray[Any]) -> NDArray[Any]:
        """Return what is learnt: `hard`, or probabilities in which what is not known is nan."""
        if self.use.labels == "hard" or "classify" not in self.known:
            return hard
        probs = np.asarray(self.table.probs)[self.kept]
        soft = np.where(known[:, None] if known.ndim == 1 else known, probs, np.float32(np.nan))
        return np.asarray(soft.reshape(-1) if hard.ndim == 1 and probs.shape[1] == 1 else soft)

    def _with_masks(self, rows: Rows, progress: Progress) -> Rows:
        known = np.zeros(len(rows), dtype=bool)
        masks = None
        if "segment" in self.known:
            known = self.known["segment"][self.kept]
            masks = _open_masks(self, known, progress)
        rows = replace(rows, masks=masks, answered={**rows.answered, "segment": known})
        is_balanced = self.job.balances_masks
        if not is_balanced and self.job.recipe.empty_share is None:
            return rows
        has_class = _shown(masks, len(rows), n_mask_classes(self.job.competition), progress)
        return rows.with_shown(has_class, known, balanced=is_balanced)


def _known_labels(job: Job, table: FoldTable, use: PseudoUse, least: float) -> Bools:
    """Return which labels are learnt, `(N,)` or (multilabel) `(N, C)`."""
    competition, probs = job.competition, np.asarray(table.probs)
    thresholds = class_thresholds(use, competition, least)
    known = known_labels(probs, competition.kind, thresholds)
    if use.per_class is None:
        return known
    return surest(probs, competition.kind, known, use.per_class, table.ids)


def _of_rows(known: Bools) -> Bools:
    """Return whether anything of each row is known."""
    return known if known.ndim == 1 else np.asarray(known.any(axis=1))


def _decided(probs: NDArray[np.float32], known: Bools, kind: TaskKind) -> NDArray[Any]:
    """Return the plain decisions, -1 (regression: nan) where they are not sure enough."""
    decided = decide(probs, None, kind)
    if kind == "regression":
        return decided
    return np.where(known, decided.astype(np.int64), -1)


def _open_masks(taught: Taught, known: Bools, progress: Progress) -> Masks:
    """Return the masks of the kept rows in the geometry of their images, from the cache."""
    job, table, items = taught.job, taught.table, taught.labels.items
    assert table.masks is not None
    side, file = cached_side(job.recipe.input), table.folder / "masks.bin"
    source = FileDigests(job.workspace).of(file)
    makers: list[Callable[[], NDArray[np.uint8]] | None] = []
    entries: list[Entry] = []
    for row, is_known in zip(taught.kept.tolist(), known.tolist(), strict=True):
        if not is_known:
            makers.append(None)
            continue
        place = table.masks.place(row)
        image = job.competition.root / first_file(items.images[row])
        size = shrunk_size(image_size(image, job.competition.reader), side)
        make = partial(_mask_at, file, place, size, taught.mask_threshold)
        makers.append(make)
        key = f"{source} {place.start} {size} {taught.mask_threshold!r}"
        digest = hashlib.sha256(key.encode()).hexdigest()
        entries.append(Entry(digest, size[0] * size[1] * max(1, place.layers), make))
    folder = pack_folder(job.workspace, "pseudo-masks", side)
    found, _ = open_packs(folder, entries, what="pseudo-masks", progress=progress)
    rest = iter(found)
    places = [None if make is None else next(rest) for make in makers]
    return Masks(makers, places, is_flat=not table.masks.layers)


def _mask_at(
    file: Path, place: MaskPlace, size: tuple[int, int], threshold: float
) -> NDArray[np.uint8]:
    """Return a mask `(h, w, C)`, C = 1 for masks of one layer, at the size of its image."""
    return nearest(read_pseudo_mask(file, place, threshold), size).reshape(*size, -1)


def _shown(masks: Masks | None, n: int, n_classes: int, progress: Progress) -> NDArray[np.uint8]:
    """Return which classes each mask shows, `(n, C)`."""
    has_class = np.zeros((n, n_classes), dtype=np.uint8)
    with progress.bar("look at pseudo-masks", n) as advance:
        for row in range(n):
            mask = None if masks is None else masks.window(row)
            if mask is not None:
                has_class[row] = classes_in(mask, n_classes)
            advance(1)
    return has_class
