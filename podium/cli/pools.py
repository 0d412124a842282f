"""What a run learnt from beside its own rows, for the screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from podium.training.fold_files import Fold, FoldFiles
from podium.workspace.records import Record

__all__ = ["print_pools"]


def print_pools(folder: Path, record: Record) -> None:
    """Print how many answers, pseudo-labels and unlabelled images each fold learnt from, if any."""
    folds = [FoldFiles(folder, int(k)) for k in record.details.get("folds", {}) if k != "full"]
    by_fold = {one.fold: one.read_done().get("pools", {}) for one in folds if one.is_done}
    pools = list(by_fold.values())
    for start, count in _seen_by_starts(folds).items():
        print(f"{start}, which it starts from, has seen {count:,} validation images without labels")
    if pools and record.inputs.get("imported_labels"):
        out = sum(one.get("imported_labels_left_out", 0) for one in pools)
        what = f", {out:,} left out of folds that hold their images out" if out else ""
        print(f"labels of people: {_each([one.get('imported_labels', 0) for one in pools])}{what}")
    if pools and record.inputs.get("pseudo"):
        what = _of_validation(pools, "pseudo_validation_images")
        n = _each([one.get("pseudo", 0) for one in pools])
        print(f"pseudo-labels learnt from: {n}, {what}")
        _print_artefacts(by_fold)
    seen = [one for one in pools if "unlabelled" in one]
    if seen:
        what = _of_validation(seen, "validation_images")
        print(f"images seen without labels: {_each([one['unlabelled'] for one in seen])}, {what}")


def _seen_by_starts(folds: Sequence[FoldFiles]) -> dict[str, int]:
    """Return how many images of the folds' validation rows the runs without labels have seen."""
    starts = [one.read_done().get("start", {}) for one in folds if one.is_done]
    seen: dict[str, int] = {}
    for one in starts:
        if one.get("validation_images"):
            named = " and ".join(one["without_labels"])
            seen[named] = seen.get(named, 0) + int(one["validation_images"])
    return seen


def _print_artefacts(pools: Mapping[Fold, Mapping[str, Any]]) -> None:
    """Print what each fold learnt of each artefact; runs of older versions do not tell."""
    from podium.cli.pseudo import of_each_class
    from podium.cli.tables import print_table

    learnt = [
        (fold, one) for fold, facts in pools.items() for one in facts.get("pseudo_artefacts", [])
    ]
    parts = [part for part in ("labels", "masks") if any(part in one for _, one in learnt)]
    rows = [
        (
            one["artefact"],
            fold,
            *(f"{one[part]:,}" if part in one else "" for part in parts),
            of_each_class(one),
        )
        for fold, one in learnt
    ]
    if rows:
        print_table(("pseudo-labels of", "fold", *parts, "labels of each class"), rows)


def _each(counts: Sequence[int]) -> str:
    return f"{'/'.join(f'{one:,}' for one in dict.fromkeys(counts))} a fold"


def _of_validation(pools: Sequence[Mapping[str, int]], key: str) -> str:
    known = sum(one.get(key, 0) for one in pools)
    return f"{known:,} of them validation images" if known else "no validation image among them"
