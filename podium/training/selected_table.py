"""What is told of the samples that a method answered: each of them, and how many are right."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.training.method import Selected
from podium.training.selected_rows import has_label
from podium.workspace.atomic import write_text

__all__ = ["precision_of", "write_table"]


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
    judged = (right >= 0) & has_label(labels)
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
