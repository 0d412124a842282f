"""The pool of samples that a method gave answers of its own: as rows, on disk, and as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from podium.competition.masks import IGNORE, Mask
from podium.competition.spec import TaskKind
from podium.errors import RunError
from podium.training.method import Selected
from podium.training.packed_masks import PackedMasks
from podium.training.pseudo_tables import classes_in
from podium.training.rows import Rows
from podium.workspace.atomic import replacing, write_text

__all__ = [
    "AskedOfMasks",
    "Selection",
    "known_labels",
    "precision_of",
    "read_selected",
    "rows_of_selected",
    "write_selected",
    "write_table",
]


@dataclass(frozen=True)
class AskedOfMasks:
    """What the sampling of a recipe asks about masks.

    Attributes:
        n_classes: that a mask tells apart beside background.
        balanced: whether their classes are to come as often as each other.
    """

    n_classes: int
    balanced: bool


@dataclass(frozen=True)
class Selection:
    """What a method selected, and at the beginning of which epoch of its phase."""

    selected: Selected
    epoch: int


def rows_of_selected(
    selected: Selected,
    pool: Rows,
    kinds: Mapping[str, TaskKind],
    asked: AskedOfMasks | None = None,
) -> Rows | None:
    """Return the selected samples of `pool` as rows to learn from; None where none is selected.

    Args:
        selected: what the method returned.
        pool: the unlabelled samples.
        kinds: kind of each task that the network has a head for.
        asked: what must be known of their masks, so that they can be sampled beside the labelled
            ones; None: nothing.
    """
    if not len(selected):
        return None
    chosen, labels = pool.subset(selected.index), selected.labels
    n, at, answered = len(selected), chosen.at.tolist(), {}
    if "classify" in kinds:
        labels = _missing_labels(n, kinds["classify"]) if labels is None else labels
        answered["classify"] = known_labels(labels)
    if "segment" in kinds:
        answered["segment"] = np.full(n, selected.masks is not None)
    rows = replace(
        chosen,
        target={} if labels is None else {"classify": labels},
        weight=np.ones(n, dtype=np.float32) if selected.weight is None else selected.weight,
        strata=_strata(labels, kinds.get("classify")),
        masks=None if selected.masks is None else _GivenMasks(len(pool.images), at, selected.masks),
        answered=answered,
    )
    return rows if asked is None else _with_shown(rows, asked)


def _strata(labels: NDArray[Any] | None, kind: TaskKind | None) -> NDArray[Any] | None:
    # Unknown is one stratum with the labelled samples that have no label, who say -1.
    return None if labels is None or kind == "regression" else np.nan_to_num(labels, nan=-1)


def _with_shown(rows: Rows, asked: AskedOfMasks) -> Rows:
    has_class = np.zeros((len(rows), asked.n_classes), dtype=np.uint8)
    is_known = np.zeros(len(rows), dtype=bool)
    for row in range(len(rows)):
        mask = None if rows.masks is None else rows.whole_mask(row)
        if mask is not None:
            has_class[row] = classes_in(mask, asked.n_classes)
            is_known[row] = (mask != IGNORE).any()
    # As the training rows have them: of whom nothing is known is a stratum of its own.
    strata = np.column_stack([has_class, ~is_known]) if asked.balanced else rows.strata
    return replace(rows, empty=is_known & ~has_class.any(axis=1), strata=strata)


def known_labels(labels: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which of `labels`, `(N,)` or `(N, C)`, are answers: not -1 and not nan."""
    known = np.isfinite(labels) & (labels >= 0)
    return np.asarray(known if labels.ndim == 1 else known.any(axis=1))


def _missing_labels(n: int, kind: TaskKind) -> NDArray[Any]:
    if kind == "multiclass":
        return np.full(n, -1, dtype=np.int64)
    return np.full(n, np.nan, dtype=np.float32)


class _GivenMasks:
    """Masks of the images `at` of `n`, not touched before one is read; None for all others."""

    def __init__(self, n: int, at: Sequence[int], masks: Sequence[Mask]) -> None:
        self._n, self._masks = n, masks
        self._where = {image: number for number, image in enumerate(at)}

    def __len__(self) -> int:
        return self._n

    def __getitem__(self, index: int, /) -> Mask | None:
        mask = self.window(index)
        return None if mask is None else np.array(mask)

    def window(self, index: int) -> Mask | None:
        number = self._where.get(int(index))
        return None if number is None else self._masks[number]


def write_selected(path: Path, selected: Selected) -> None:
    """Write `selected` to an `.npz` file, whole or not at all."""
    arrays: dict[str, NDArray[Any]] = {
        "index": selected.index,
        "confidence": selected.confidence,
        "round": selected.round,
    }
    if selected.labels is not None:
        arrays["labels"] = selected.labels
    if selected.weight is not None:
        arrays["weight"] = selected.weight
    if selected.masks is not None:
        arrays |= PackedMasks.of(selected.masks).to_arrays()
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def read_selected(path: Path) -> Selected:
    """Return what `write_selected` wrote.

    Raises:
        RunError: the file is missing or damaged.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in arrays.files}
        return Selected(
            found["index"],
            found["confidence"],
            found["round"],
            found.get("labels"),
            PackedMasks.from_arrays(found) if "masks" in found else None,
            found.get("weight"),
        )
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise RunError(
            f"the pseudo-labels of an unfinished training cannot be read: {error}",
            where=path,
            fix="remove the fold's folder and train it again",
        ) from error


def precision_of(selected: Selected, truth: NDArray[np.int64] | None) -> float | None:
    """Return the share of right labels among the selected whose truth is known.

    Args:
        selected: with labels of classes, `(M,)`.
        truth: `(N,)` classes of the unlabelled pool, -1 where nobody knows; it is never learnt.
    """
    labels = selected.labels
    if truth is None or labels is None or labels.ndim != 1:
        return None
    right = truth[selected.index]
    judged = (right >= 0) & known_labels(labels)
    return float((labels == right)[judged].mean()) if judged.any() else None


def write_table(
    path: Path,
    phase: str,
    selected: Selected,
    *,
    ids: Sequence[str],
    sources: Sequence[str],
    classes: Sequence[str],
) -> None:
    """Write what a phase selected, a line a sample, beside what earlier phases did.

    Columns: phase, source and id of the image, label (a class, or numbers), confidence, round (the
    epoch in which it was labelled, from 1).
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    header = ["phase", "source", "id", "label", "confidence", "round"]
    writer.writerow(header)
    writer.writerows(line for line in _lines(path)[1:] if line[0] != phase)
    for number, row in enumerate(selected.index.tolist()):
        label = "" if selected.labels is None else _said(selected.labels[number], classes)
        confidence = f"{float(selected.confidence[number]):.6g}"
        epoch = int(selected.round[number]) + 1
        writer.writerow([phase, sources[row], ids[row], label, confidence, epoch])
    write_text(path, text.getvalue())


def _lines(path: Path) -> list[list[str]]:
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def _said(label: Any, classes: Sequence[str]) -> str:
    if np.ndim(label):
        return " ".join(f"{float(one):g}" for one in label)
    if not np.isfinite(label) or label < 0:
        return ""
    is_class = float(label).is_integer() and int(label) < len(classes)
    return classes[int(label)] if is_class else f"{float(label):g}"
