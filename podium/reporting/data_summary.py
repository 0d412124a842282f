"""Summary of the data: images by split, labels and masks, classes, and their shares by fold."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podium.competition.checks.image_facts import CheckedImages, read_checked_images
from podium.competition.checks.mask_facts import list_mask_facts, mask_fact_arrays
from podium.competition.folds.file import read_folds
from podium.competition.samples import left_out_sentence, load_extra, load_samples, truth
from podium.competition.spec import Competition
from podium.competition.truths.masks import n_mask_classes
from podium.competition.units import units_of
from podium.errors import PodiumError
from podium.reporting.masks.evaluation import mask_names
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    import pandas as pd

    from podium.competition.checks.mask_facts import MaskFacts

__all__ = ["DataSummary", "MaskSummary", "summarise_data"]

EMPTY = "empty mask"


@dataclass(frozen=True)
class MaskSummary:
    """Summary of the true masks; C mask classes.

    Attributes:
        names: `(C,)`.
        n_masks: images with a mask.
        n_empty: of these, without one pixel of any class.
        n_beside: images with a mask and a label.
        images: `(C,)`, images with a pixel of the class.
        share: `(C,)`, pixels of the class as a share of all labelled pixels.
        typical: `(C,)`, median of that share over the images that have the class; nan without any.
        unknown: share of the masks' pixels without a label.
        counts: `(C + 1, F)`: images with the class in each fold, and with an empty mask.
        examples: `(C,)`: row of the train part whose mask shows the class as large as is typical;
            -1 where none shows it.
    """

    names: tuple[str, ...]
    n_masks: int
    n_empty: int
    n_beside: int
    images: NDArray[np.int64]
    share: NDArray[np.float64]
    typical: NDArray[np.float64]
    unknown: float
    counts: NDArray[np.int64]
    examples: tuple[int, ...] = ()


@dataclass(frozen=True)
class DataSummary:
    """Counts; None where a part could not be read or does not exist.

    Attributes:
        splits: (name, images) of each part.
        samples: rows of the train part.
        folds: `(N,)`, -1 for rows that are never validated.
        fold_names: `(F,)`.
        classes: `(C,)`, of the labels.
        counts: `(C, F)`: rows of each class in each fold.
        n_labels: rows with a label.
        n_groups: groups in the train part.
        masks: of the true masks.
        n_answered: rows (units, if units are scored) that are validated and labelled for the
            scored task.
        not_predicted: what stands in rows of test that are not predicted; "" where all are.
        looked: the images as the last `podium check` read them; None before the first check.
        problems: files that could not be read, and why.
    """

    splits: tuple[tuple[str, int], ...] = ()
    samples: pd.DataFrame | None = None
    folds: NDArray[np.int64] | None = None
    fold_names: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    counts: NDArray[np.int64] | None = None
    n_labels: int | None = None
    n_groups: int | None = None
    masks: MaskSummary | None = None
    n_answered: int | None = None
    not_predicted: str = ""
    looked: CheckedImages | None = None
    problems: tuple[str, ...] = ()

    @property
    def n_unlooked(self) -> int:
        """Number of images added or removed since the last check."""
        if self.looked is None:
            return 0
        names, counts = np.unique(self.looked.splits, return_counts=True)
        then, now = dict(zip(names.tolist(), counts.tolist(), strict=True)), dict(self.splits)
        return sum(abs(now.get(name, 0) - then.get(name, 0)) for name in {*now, *then})

    @property
    def sizes(self) -> str:
        """The sizes of all images as text, height × width; "" before the first check."""
        if self.looked is None or not (self.looked.sizes > 0).any():
            return ""
        known = self.looked.sizes[(self.looked.sizes > 0).all(axis=1)]
        least, most = (fn(known, axis=0).tolist() for fn in (np.min, np.max))
        texts = [f"{height:,} × {width:,}" for height, width in (least, most)]
        return texts[0] if least == most else f"{texts[0]} to {texts[1]}"


def summarise_data(
    workspace: Workspace, competition: Competition, *, progress: Progress = SILENT
) -> DataSummary:
    """Return a summary of the data; files that cannot be read are listed, not raised."""
    problems: list[str] = []
    splits: list[tuple[str, int]] = []
    train: pd.DataFrame | None = None
    for name in ("train", "unlabelled", "test"):
        if getattr(competition.data, name) is None:
            continue
        try:
            samples = load_samples(competition, name, workspace=workspace)
        except PodiumError as error:
            problems.append(f"{name}: {error}")
            continue
        splits.append((name, len(samples)))
        train = samples if name == "train" else train
    for name in competition.data.extra:
        try:
            n = len(load_extra(competition, name, workspace=workspace))
            splits.append((f"extra {name}", n))
        except PodiumError as error:
            problems.append(f"extra {name}: {error}")
    folds: NDArray[np.int64] | None = None
    if train is not None and workspace.folds_file.is_file():
        try:
            folds = read_folds(workspace, competition, train)
        except PodiumError as error:
            problems.append(f"folds: {error}")
    looked = None
    try:
        looked = read_checked_images(workspace)
    except PodiumError as error:
        problems.append(str(error))
    not_predicted = ""
    with suppress(PodiumError):  # the part itself reports it
        not_predicted = left_out_sentence(competition)
    known = DataSummary(tuple(splits), train, folds, not_predicted=not_predicted, looked=looked)
    if train is None:
        return replace(known, problems=tuple(problems))
    known = _counted(known, competition, train)
    if competition.has_masks:
        masks = _masks(workspace, competition, known, train, problems, progress)
        known = replace(known, masks=masks)
    return replace(known, problems=tuple(problems))


def _counted(known: DataSummary, competition: Competition, train: pd.DataFrame) -> DataSummary:
    has_groups = competition.folds.group is not None
    answers = train["mask" if competition.scores_masks else "label"].notna().to_numpy()
    if known.folds is not None:
        answers = answers & (known.folds >= 0)
    units = units_of(train, competition)
    n_answered = int(answers.sum()) if units is None else len(np.unique(units.of_row[answers]))
    known = replace(
        known,
        n_groups=int(train["group"].nunique()) if has_groups else None,
        fold_names=_fold_names(known.folds),
        n_answered=n_answered,
    )
    if not competition.has_labels:
        return known
    known = replace(known, n_labels=int(train["label"].notna().sum()))
    if competition.kind.is_continuous:
        return known
    classes = tuple(competition.label_names)
    labels = truth(train, competition)
    if competition.kind.is_by_class:
        counts = _by_fold(np.asarray(labels == 1), known.folds)
    else:
        counts = _classes_by_fold(labels, len(classes), known.folds)
    return replace(known, classes=classes, counts=counts)


def _masks(
    workspace: Workspace,
    competition: Competition,
    known: DataSummary,
    train: pd.DataFrame,
    problems: list[str],
    progress: Progress,
) -> MaskSummary | None:
    try:
        facts = list_mask_facts(workspace, competition, train, progress=progress)
    except PodiumError as error:
        problems.append(f"masks: {error}")
        return None
    broken = [one.error for one in facts if one.error is not None]
    if broken:
        more = f" (and {len(broken) - 1:,} more)" if len(broken) > 1 else ""
        problems.append(f"masks: {broken[0]}{more}")
    return _summary_of_masks(
        mask_fact_arrays(facts, n_mask_classes(competition), train),
        mask_names(competition),
        known.folds,
        train["label"].notna().to_numpy(),
    )


def _summary_of_masks(
    facts: MaskFacts,
    names: list[str],
    folds: NDArray[np.int64] | None,
    has_label: NDArray[np.bool_],
) -> MaskSummary:
    is_class = facts.has_class == 1
    is_empty = facts.present & ~is_class.any(axis=1)
    area = np.where(facts.present, facts.sizes.prod(axis=1), 0)
    known = np.maximum(area - facts.unknown, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = facts.pixels / known[:, None]
        share = facts.pixels.sum(axis=0) / known.sum()
        unknown = float(facts.unknown.sum() / area.sum())
    typical = [
        float(np.median(shares[there, number])) if there.any() else np.nan
        for number, there in enumerate(is_class.T)
    ]
    return MaskSummary(
        names=tuple(names),
        n_masks=int(facts.present.sum()),
        n_empty=int(is_empty.sum()),
        n_beside=int((facts.present & has_label).sum()),
        images=is_class.sum(axis=0),
        share=share,
        typical=np.array(typical),
        unknown=unknown,
        counts=_by_fold(np.column_stack([is_class, is_empty]), folds),
        examples=_examples(shares, is_class, np.array(typical)),
    )


def _examples(
    shares: NDArray[np.float64], is_class: NDArray[np.bool_], typical: NDArray[np.float64]
) -> tuple[int, ...]:
    """Return a row for each class: of those with the fewest classes the most typical, each once."""
    rows: list[int] = []
    n_classes = is_class.sum(axis=1)
    for number, there in enumerate(is_class.T):
        candidates = np.flatnonzero(there)
        fresh = candidates[~np.isin(candidates, rows)]
        candidates = fresh if len(fresh) else candidates
        away = np.abs(shares[candidates, number] - typical[number])
        order = np.lexsort((away, n_classes[candidates]))
        rows.append(int(candidates[order[0]]) if len(candidates) else -1)
    return tuple(rows)


def _fold_names(folds: NDArray[np.int64] | None) -> tuple[str, ...]:
    if folds is None:
        return ("no folds yet",)
    return tuple("never validated" if k < 0 else str(k) for k in np.unique(folds))


def _classes_by_fold(
    labels: NDArray[np.int64], n_classes: int, folds: NDArray[np.int64] | None
) -> NDArray[np.int64]:
    """Return what `_by_fold` does of classes `(N,)`, -1 for none: there may be thousands."""
    numbers = np.zeros(len(labels), dtype=np.int64) if folds is None else folds
    names, columns = np.unique(numbers, return_inverse=True)
    counts = np.zeros((n_classes, len(names)), dtype=np.int64)
    known = labels >= 0
    np.add.at(counts, (labels[known].astype(np.int64), columns[known]), 1)
    return counts


def _by_fold(is_class: NDArray[np.bool_], folds: NDArray[np.int64] | None) -> NDArray[np.int64]:
    """Return `(C, F)`, in how many rows of each fold each of `is_class` `(N, C)` is true."""
    numbers = np.zeros(len(is_class), dtype=np.int64) if folds is None else folds
    names, columns = np.unique(numbers, return_inverse=True)
    counts = np.zeros((len(names), is_class.shape[1]), dtype=np.int64)
    np.add.at(counts, columns, is_class.astype(np.int64))
    return counts.T
