"""Pseudo-labels that `podium pseudo` wrote, as rows to learn from: selection, weights and balance.

A label counts where its confidence reaches its class's threshold; of those a class may keep the
most confident only. Noisy Student (Xie et al. 2020, §3.2) balances what is left by repeating images
of rare classes. Here the rare ones weigh more instead: a repeated row would be the same picture
under the same augmentation. A label weighs MOST times another at most, else three images, right or
wrong, would weigh as much as all others of a batch.
"""

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

from podium.competition.cache import CachedMasks, PackEntry, open_packs, pack_folder, shrunk_size
from podium.competition.images import first_file, image_size
from podium.competition.spec import Competition
from podium.competition.truths.masks import n_mask_classes, resize_nearest
from podium.errors import RecipeError, suggest
from podium.predictions.confidence import label_confidence
from podium.predictions.decisions.labels import decide
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES, PIXELS, has_images, has_pixels
from podium.training.data.rows import SampleRows, rows_of, targets_of
from podium.training.pseudo.tables import (
    FoldTable,
    MaskLocation,
    PseudoLabels,
    check_images,
    classes_in,
    leak_free_table,
    open_pseudo,
    read_pseudo_mask,
)
from podium.training.recipe import PseudoUse, Recipe, naming_key
from podium.training.runs.job import Job, cached_side, image_digests
from podium.workspace.ids import FileDigests
from podium.workspace.layout import Workspace
from podium.workspace.progress import Progress

if TYPE_CHECKING:
    from podium.training.runs.fold_files import Fold

__all__ = [
    "FoldPseudoLabels",
    "balancing_weights",
    "class_counts",
    "confident_labels",
    "fold_pseudo_labels",
    "most_confident",
    "pseudo_facts",
    "pseudo_rows",
    "validation_images",
]


Bools = NDArray[np.bool_]


def fold_pseudo_labels(job: Job, fold: Fold) -> list[FoldPseudoLabels]:
    """Return the pseudo-labels of `fold` of each artefact in the recipe; nothing is decoded.

    Raises:
        DataError: as `leak_free_table`.
        RecipeError: an artefact has no labels for a head of the network, or a threshold is set for
            labels that have no confidence.
        UsageError: there is no such artefact.
    """
    return [FoldPseudoLabels.of(job, fold, use) for use in job.recipe.pseudo]


def pseudo_rows(taught: Sequence[FoldPseudoLabels], progress: Progress) -> list[SampleRows]:
    """Return the pseudo-labels as rows, one part for each artefact that has any.

    Labels of a lower confidence than the threshold are missing, as are pixels of masks; images
    without any are left out. The weight is the recipe's.

    Raises:
        DataError: an image is not the one that the teachers predicted.
    """
    for one in taught:
        if not len(one.kept):
            progress.say(
                f"{one.job.files(one.fold).title}: nothing in {one.labels.record.id} reaches "
                f"{one.requirement}, so nothing is learnt of it"
            )
    return [one.rows(progress) for one in taught if len(one.kept)]


def pseudo_facts(workspace: Workspace, recipe: Recipe) -> dict[str, Any]:
    """Return what a run's id hashes of the artefacts that its recipe names; {} for none.

    Raises:
        DataError, UsageError: an artefact is not there, or not whole.
    """
    if not recipe.pseudo:
        return {}
    every = []
    for number, use in enumerate(recipe.pseudo):
        with naming_key(f"pseudo[{number}].from"):
            every.append(open_pseudo(workspace, use.artefact).content())
    return {"artefacts": every}


def validation_images(taught: Sequence[FoldPseudoLabels]) -> int:
    """Return the number of pseudo-labelled images that are, by content, the fold's validation rows.

    Their labels are predictions of models that were not trained on the true ones: this is allowed,
    and reported.
    """
    if not taught:
        return 0
    job = taught[0].job
    _, valid = job.data.rows(taught[0].fold)
    frame = job.data.samples.iloc[valid]
    validated = set(image_digests(job.workspace, job.competition, frame))
    return sum(one.labels.items.digests[row] in validated for one in taught for row in one.kept)


@dataclass(frozen=True)
class FoldPseudoLabels:
    """One artefact's table for one fold, and the part of it that is learnt.

    Attributes:
        job, fold, labels, table: of the student and of the artefact.
        use: the recipe's settings for it.
        threshold, mask_threshold: of labels whose class has none of its own, and of pixels; the
            artefact's where that is higher.
        known: task → which labels are confident enough, `(N,)` or (multilabel labels) `(N, C)`.
        kept: the rows with any of them.
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
    def of(cls, job: Job, fold: Fold, use: PseudoUse) -> FoldPseudoLabels:
        labels = open_pseudo(job.workspace, use.artefact)
        table = leak_free_table(labels, fold, job.inputs["folds"])
        threshold = max(use.threshold, labels.threshold)
        of_masks = use.threshold if use.mask_threshold is None else use.mask_threshold
        mask_threshold = max(of_masks, labels.threshold)
        known: dict[str, Bools] = {}
        if has_images(job.tasks) and table.probs is not None:
            known[IMAGES] = _chosen_labels(job, table, use, labels.threshold)
        if has_pixels(job.tasks) and table.masks is not None:
            known[PIXELS] = table.masks.known(mask_threshold)
        if not known:
            raise RecipeError(
                f"{labels.record.id} has no pseudo-labels for {' or '.join(job.tasks)}",
                where="pseudo",
                fix="name pseudo-labels of a run that predicts it",
            )
        refuse_unused(use, list(known), labels.record.id)
        any_known = np.any([_of_rows(one) for one in known.values()], axis=0)
        kept = np.flatnonzero(any_known)
        return cls(job, fold, labels, table, use, threshold, mask_threshold, known, kept)

    @property
    def requirement(self) -> str:
        """The thresholds, as the end of a sentence."""
        is_one = not self.use.class_thresholds and self.threshold == self.mask_threshold
        return f"the threshold {self.threshold:g}" if is_one else "its threshold"

    def facts(self) -> dict[str, Any]:
        """Return facts for the record, as JSON has them.

        Returns:
            artefact: its id; images: number with a label or mask; labels, masks: number of labels,
            and of masks with a pixel, where they are learnt; classes: number of labels of each.
        """
        facts: dict[str, Any] = {"artefact": self.labels.record.id, "images": len(self.kept)}
        if has_images(self.known):
            known = self.known[IMAGES][self.kept]
            facts["labels"] = int(_of_rows(known).sum())
            if not self.job.competition.kind.is_continuous:
                probs = np.asarray(self.table.probs)[self.kept]
                facts["classes"] = class_counts(probs, known, self.job.competition)
        if has_pixels(self.known):
            facts["masks"] = int(self.known[PIXELS][self.kept].sum())
        return facts

    def rows(self, progress: Progress) -> SampleRows:
        check_images(self.labels, self.job.competition, self.kept.tolist())
        rows = rows_of(self.job, self._frame(), progress, answers=False)
        if has_images(self.job.tasks):
            rows = self._with_labels(rows)
        if has_pixels(self.job.tasks):
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
        known = self.known[IMAGES][self.kept]
        probs = np.asarray(self.table.probs)[self.kept]
        answers = _hard_decisions(probs, known, self.job.competition.kind)
        return balancing_weights(answers, self.use.per_class)

    def _with_labels(self, rows: SampleRows) -> SampleRows:
        kind = self.job.competition.kind
        if has_images(self.known):
            known = self.known[IMAGES][self.kept]
            answers = _hard_decisions(np.asarray(self.table.probs)[self.kept], known, kind)
        else:
            n_classes = len(self.job.competition.classes)
            shape = (len(rows), n_classes) if kind.is_wide else (len(rows),)
            known = np.zeros(shape, dtype=bool)
            answers = np.full(shape, np.nan if kind.is_continuous else -1)
        return replace(
            rows,
            target={IMAGES: self._targets(known, targets_of(self.job, answers))},
            answered={**rows.answered, IMAGES: _of_rows(known)},
            strata=None if kind.is_continuous else answers,
        )

    def _targets(self, known: Bools, hard: NDArray[Any]) -> NDArray[Any]:
        """Return the targets: `hard`, or probabilities with nan where the label is missing."""
        if self.use.labels == "hard" or not has_images(self.known):
            return hard
        probs = np.asarray(self.table.probs)[self.kept]
        soft = np.where(known[:, None] if known.ndim == 1 else known, probs, np.float32(np.nan))
        return np.asarray(soft.reshape(-1) if hard.ndim == 1 and probs.shape[1] == 1 else soft)

    def _with_masks(self, rows: SampleRows, progress: Progress) -> SampleRows:
        known = np.zeros(len(rows), dtype=bool)
        masks = None
        if has_pixels(self.known):
            known = self.known[PIXELS][self.kept]
            masks = _open_masks(self, known, progress)
        rows = replace(rows, masks=masks, answered={**rows.answered, PIXELS: known})
        is_balanced = self.job.balances_masks
        if not is_balanced and self.job.recipe.empty_share is None:
            return rows
        has_class = _shown(masks, len(rows), n_mask_classes(self.job.competition), progress)
        return rows.with_shown(has_class, known, balanced=is_balanced)


def _chosen_labels(job: Job, table: FoldTable, use: PseudoUse, least: float) -> Bools:
    """Return which labels are learnt, `(N,)` or (multilabel) `(N, C)`."""
    competition, probs = job.competition, np.asarray(table.probs)
    thresholds = class_thresholds(use, competition, least)
    known = confident_labels(probs, competition.kind, thresholds)
    if use.per_class is None:
        return known
    return most_confident(probs, competition.kind, known, use.per_class, table.ids)


def _of_rows(known: Bools) -> Bools:
    """Return whether any label of each row is known."""
    return known if known.ndim == 1 else np.asarray(known.any(axis=1))


def _hard_decisions(probs: NDArray[np.float32], known: Bools, kind: Kind) -> NDArray[Any]:
    """Return the plain decisions, -1 (regression: nan) where they are not sure enough."""
    decided = decide(probs, None, kind)
    if kind.is_continuous:
        return decided
    return np.where(known, decided.astype(np.int64), -1)


def _open_masks(taught: FoldPseudoLabels, known: Bools, progress: Progress) -> CachedMasks:
    """Return the masks of the kept rows in the geometry of their images, from the cache."""
    job, table, items = taught.job, taught.table, taught.labels.items
    assert table.masks is not None
    side, file = cached_side(job.recipe.input), table.folder / "masks.bin"
    source = FileDigests(job.workspace).of(file)
    makers: list[Callable[[], NDArray[np.uint8]] | None] = []
    entries: list[PackEntry] = []
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
        entries.append(PackEntry(digest, size[0] * size[1] * max(1, place.layers), make))
    folder = pack_folder(job.workspace, "pseudo-masks", side)
    found, _ = open_packs(folder, entries, what="pseudo-masks", progress=progress)
    rest = iter(found)
    places = [None if make is None else next(rest) for make in makers]
    return CachedMasks(makers, places, is_flat=not table.masks.layers)


def _mask_at(
    file: Path, place: MaskLocation, size: tuple[int, int], threshold: float
) -> NDArray[np.uint8]:
    """Return a mask `(h, w, C)`, C = 1 for masks of one layer, at the size of its image."""
    return resize_nearest(read_pseudo_mask(file, place, threshold), size).reshape(*size, -1)


def _shown(
    masks: CachedMasks | None, n: int, n_classes: int, progress: Progress
) -> NDArray[np.uint8]:
    """Return which classes each mask shows, `(n, C)`."""
    has_class = np.zeros((n, n_classes), dtype=np.uint8)
    with progress.bar("reading pseudo-masks", n) as advance:
        for row in range(n):
            mask = None if masks is None else masks.window(row)
            if mask is not None:
                has_class[row] = classes_in(mask, n_classes)
            advance(1)
    return has_class


MOST = 10.0


def class_thresholds(
    use: PseudoUse, competition: Competition, least: float
) -> NDArray[np.float32] | np.float32:
    """Return the lowest confidence that counts: of every class `(C,)`, or one where all are alike.

    Args:
        use: the recipe's settings.
        competition: whose classes; a binary task has two.
        least: the artefact's own threshold, which holds where the recipe's is lower.

    Raises:
        RecipeError: labels of this kind have no confidence or no single class, or a named class
            does not exist.
    """
    _refuse_selection(use, competition.kind)
    general = max(use.threshold, least)
    if not use.class_thresholds:
        return np.float32(general)
    names = competition.label_names
    for name in use.class_thresholds:
        if name not in names:
            others = f"choose of {', '.join(names)}"
            raise RecipeError(
                f"there is no class {name!r}",
                where="pseudo.class_thresholds",
                fix=suggest(name, names, "did you mean {}?", otherwise=others),
            )
    each = [max(use.class_thresholds.get(name, use.threshold), least) for name in names]
    return np.array(each, dtype=np.float32)


def confident_labels(
    probs: NDArray[np.float32], kind: Kind, thresholds: NDArray[np.float32] | np.float32
) -> Bools:
    """Return which labels are sure enough: `(N,)`; multilabel `(N, C)`, each class alone.

    A threshold of a class is that of the labels that name it; multilabel: of its yes and its no.
    """
    confidence = label_confidence(probs, kind)
    of_class = np.asarray(thresholds, dtype=np.float32)
    if of_class.ndim and kind.is_one_class:
        of_class = of_class[_decided(probs, kind)]
    return np.asarray(confidence >= of_class)


def most_confident(
    probs: NDArray[np.float32], kind: Kind, known: Bools, per_class: int, ids: Sequence[str]
) -> Bools:
    """Return `known` `(N,)` with only the `per_class` most confident labels of every class.

    Of equal confidences the first ids stay.
    """
    confidence, answers = label_confidence(probs, kind), _decided(probs, kind)
    left = np.zeros_like(known)
    best_first = np.lexsort((np.asarray(ids, dtype=np.str_), -confidence))
    for answer in np.unique(answers[known]):
        of_class = best_first[(known & (answers == answer))[best_first]]
        left[of_class[:per_class]] = True
    return left


def balancing_weights(answers: NDArray[np.int64], per_class: int) -> NDArray[np.float64]:
    """Return a factor of each label, `(N,)` in [1, MOST], with which each class weighs `per_class`.

    A class of fewer than a MOST-th of that weighs less.

    Args:
        answers: `(N,)` classes, of none more than `per_class`.
        per_class: number of labels that a class counts as.

    Example:
        >>> balancing_weights(np.array([0, 0, 1]), 2).tolist()
        [1.0, 1.0, 2.0]
        >>> balancing_weights(np.array([0]), 500).tolist()
        [10.0]
    """
    _, of_row, counts = np.unique(answers, return_inverse=True, return_counts=True)
    return np.minimum(per_class / counts[of_row].astype(np.float64), MOST)


def class_counts(
    probs: NDArray[np.float32], known: Bools, competition: Competition
) -> dict[str, int]:
    """Return the number of known labels of each class; of several labels, the number of yes.

    Args:
        probs: `(N, C)`; not of a regression.
        known: `(N,)`; multilabel `(N, C)`.
        competition: whose classes.
    """
    decided, names = decide(probs, None, competition.kind), competition.label_names
    if competition.kind.is_by_class:
        counts = (decided.astype(bool) & known).sum(axis=0)
    else:
        counts = np.bincount(decided[known].astype(np.int64), minlength=len(names))
    return dict(zip(names, counts.tolist(), strict=True))


def _decided(probs: NDArray[np.float32], kind: Kind) -> NDArray[np.int64]:
    return np.asarray(decide(probs, None, kind).astype(np.int64).reshape(len(probs)))


def _refuse_selection(use: PseudoUse, kind: Kind) -> None:
    """Raise for what labels of this kind cannot be chosen by."""
    if not kind.is_prob and (use.threshold > 0 or use.class_thresholds):
        raise RecipeError(
            f"labels of kind {kind} have no confidence",
            where="pseudo",
            fix="leave threshold out" if use.threshold > 0 else "leave class_thresholds out",
        )
    if use.labels == "soft" and not kind.is_prob:
        raise RecipeError(
            f"labels of kind {kind} have no probabilities to learn",
            where="pseudo.labels",
            fix="leave labels out",
        )
    if use.per_class is not None and not kind.is_one_class:
        why = "have several classes" if kind.is_by_class else "have no confidence"
        raise RecipeError(
            f"labels of kind {kind} {why}, so there are no surest of a class",
            where="pseudo.per_class",
            fix="leave per_class out",
        )


def refuse_unused(use: PseudoUse, tasks: Sequence[str], artefact: str) -> None:
    """Raise where the recipe has options for labels or masks that this artefact does not teach."""
    of_labels = {
        "class_thresholds": bool(use.class_thresholds),
        "per_class": use.per_class is not None,
        "labels": use.labels == "soft",
    }
    named = [name for name, is_set in of_labels.items() if is_set]
    if named and not has_images(tasks):
        raise RecipeError(
            f"{named[0]} is about labels, and of {artefact} only masks are learnt",
            where=f"pseudo.{named[0]}",
            fix=f"leave {named[0]} out",
        )
    if use.mask_threshold is not None and not has_pixels(tasks):
        raise RecipeError(
            f"mask_threshold is about masks, and of {artefact} only labels are learnt",
            where="pseudo.mask_threshold",
            fix="write threshold, or leave it out",
        )
    if use.balance and has_pixels(tasks):
        raise RecipeError(
            "a weight of an image is that of its mask, too, so classes of labels cannot balance it",
            where="pseudo.balance",
            fix="leave balance out",
        )
