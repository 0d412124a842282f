"""Whether imported predictions are out of fold here, and how they may be used.

A row is out of fold where the model that predicted it did not train on it, nor on its group. An
import counts as that by itself only if its folds are ours; else a person must have asserted it.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from podium.errors import DataError, PodiumError, RunError, UsageError, some
from podium.workspace.records import Record, read_record

__all__ = [
    "OofStatus",
    "blend_refusal",
    "groups_across_folds",
    "import_notes",
    "is_same_partition",
    "oof_status_of",
]

OofStatus = Literal["ours", "other folds", "folds unknown", "torn groups", "test only"]

_AGAIN = "import it again with --trust-folds, which declares that"
_WHY: dict[str, tuple[str, str]] = {
    "other folds": (
        "its folds are not those of folds.csv, so nothing shows that its rows are out of fold",
        "train it again over folds.csv; or, if no model predicted a row that it was trained on, "
        + _AGAIN,
    ),
    "folds unknown": (
        "it does not name the fold of each row, so nothing shows that its rows are out of fold",
        "import it again with a column `fold`, --folds-file FILE, or one file a fold; or, if no "
        "model predicted a row that it was trained on, " + _AGAIN,
    ),
    "torn groups": (
        "its folds tear groups apart: its models were trained on the groups that they predicted",
        "train it again over folds.csv",
    ),
    "test only": (
        "it has no out-of-fold predictions of the training rows, so it can neither be weighted nor "
        "scored",
        "import its out-of-fold predictions, too: podium import OOF --test TEST; predictions that "
        "are averaged over folds depend on every row",
    ),
}


def is_same_partition(ours: NDArray[np.int64], theirs: Sequence[Hashable]) -> bool:
    """Return whether two lists of folds part the rows in the same way, whatever folds are called.

    Example:
        >>> is_same_partition(np.array([0, 0, 1]), ["b", "b", "a"])
        True
    """
    pairs = set(zip(ours.tolist(), theirs, strict=True))
    return len(pairs) == len({mine for mine, _ in pairs}) == len({other for _, other in pairs})


def groups_across_folds(folds: Sequence[Hashable], keys: Sequence[Any]) -> list[Any]:
    """Return the groups that lie in more than one fold, in order; None and nan are no group."""
    home: dict[Any, Hashable] = {}
    found: dict[Any, None] = {}
    for fold, key in zip(folds, keys, strict=True):
        if key is not None and key == key and home.setdefault(key, fold) != fold:
            found[key] = None
    return list(found)


def oof_status_of(
    ours: NDArray[np.int64],
    theirs: Sequence[str] | None,
    groups: Sequence[Sequence[Any]],
    *,
    knows_the_past_only: bool = True,
) -> OofStatus:
    """Return how the out-of-fold rows of an import stand to our folds.

    Args:
        ours: `(n,)`, our folds of its rows.
        theirs: `(n,)`, what it calls their folds; None: it names none.
        groups: lists of `(n,)` keys whose rows must not be torn apart.
        knows_the_past_only: False where our folds are of time and nothing shows that its are.
    """
    if theirs is None or not knows_the_past_only:
        return "folds unknown"
    if is_same_partition(ours, theirs):
        return "ours"
    return (
        "torn groups"
        if any(groups_across_folds(theirs, keys) for keys in groups)
        else "other folds"
    )


def blend_refusal(record: Record) -> PodiumError | None:
    """Return why the import of `record` cannot be blended; None where it can."""
    oof_status = record.details.get("cross_fitted", "ours")
    if oof_status == "ours" or (record.details.get("trusted") and oof_status != "test only"):
        return None
    why, fix = _WHY.get(oof_status, _WHY["folds unknown"])
    return UsageError(f"{record.id} cannot be blended: {why}", fix=fix)


def import_notes(roots: Sequence[Path], names: Sequence[str]) -> tuple[str, ...]:
    """Return the notes of a blend on members that were imported on trust.

    Raises:
        DataError: a member is an import that may not be blended.
    """
    trusted = []
    for root, name in zip(roots, names, strict=True):
        record = _import_of(root)
        if record is None or record.details.get("cross_fitted", "ours") == "ours":
            continue
        refused = blend_refusal(record)
        if refused is not None:
            raise DataError(refused.message, where=root, fix=refused.fix)
        trusted.append(name)
    if not trusted:
        return ()
    return (
        f"out of fold only as declared by --trust-folds: {some(trusted)}; the honest score is "
        "right only if that is",
    )


def _import_of(root: Path) -> Record | None:
    try:
        record = read_record(root.parent.parent)
    except RunError:  # the set is of no run: made by hand
        return None
    return record if record.kind == "import" else None
