"""The rows that a blend is fitted and scored on: those that every member predicted out of fold."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.ensembling.hill_climbing import check_members
from podium.errors import DataError, RunError, UsageError, plural, some
from podium.predictions.imports.oof_status import import_notes
from podium.predictions.store.positions import positions
from podium.predictions.store.reading import Oof, PredictionSet, single_view
from podium.predictions.top_k import TopK, TopKMembers, require_dense
from podium.tuning.cross_fit import check_groups
from podium.workspace.digests import DamagedError
from podium.workspace.records import UNKNOWN_START, read_record

if TYPE_CHECKING:
    from podium.competition.units import Units
    from podium.predictions.store.masks import OofMasks

__all__ = [
    "LONE",
    "PARTS_OF_A_LONE_FOLD",
    "LoneGroupError",
    "OofRows",
    "gather",
    "in_units",
    "is_lone",
    "parts_of",
    "refuse_lone_group",
    "set_name",
]

PARTS_OF_A_LONE_FOLD = 5


class LoneGroupError(DataError):
    """All rows are of one fold and one group: what is fitted on them has no honest score."""


Members = Any
"""`(M, N, C)`, of thousands of classes `TopKMembers`."""


@dataclass(frozen=True)
class OofRows:
    """Members, truth, folds and groups of the same rows.

    Attributes:
        members: `(M, N, C)`, of thousands of classes `TopKMembers`.
        truth: `(N,)` or `(N, C)`.
        folds: `(N,)`.
        groups: `(N,)`, object; None: there are none.
        names: `(M,)`.
        notes: what was left out, and whose rows flatter it.
        ids: `(N,)`; None where members are arrays.
    """

    members: Members
    truth: NDArray[Any]
    folds: NDArray[np.int64]
    groups: NDArray[Any] | None
    names: tuple[str, ...]
    notes: tuple[str, ...] = field(default=())
    ids: tuple[str, ...] | None = None

    def take(self, rows: NDArray[np.int64]) -> OofRows:
        """Return the rows at these positions."""
        return replace(
            self,
            members=self.members[:, rows],
            truth=self.truth[rows],
            folds=self.folds[rows],
            groups=None if self.groups is None else self.groups[rows],
            ids=None if self.ids is None else tuple(self.ids[int(i)] for i in rows),
        )

    def units(self) -> NDArray[np.int64]:
        """Return `(N,)` numbers from 0: equal for rows of one group; a row of no group is alone."""
        return units_of(self.unit_keys())

    def unit_keys(self) -> list[Any]:
        """Return the unit of each row, `(N,)`, kept whole by splits: its group, or the row."""
        return keys_of(self.groups, range(len(self.truth)) if self.ids is None else self.ids)

    def digest(self) -> str:
        """Return 8 hex of everything that a blend is fitted on; names are no part of it."""
        digest = hashlib.sha256()
        parts: list[Any] = [self.members]
        if isinstance(self.members, TopKMembers):
            parts = [part for one in self.members for part in (one.classes, one.probs)]
        for array in (*parts, self.truth, self.folds, self.units()):
            dtype = np.float32 if array.dtype.kind == "f" else np.int64
            plain = np.ascontiguousarray(array, dtype=dtype)
            digest.update(repr(plain.shape).encode())
            digest.update(plain.data)
        return digest.hexdigest()[:8]


def gather(
    members: Members | Sequence[Members] | Sequence[PredictionSet],
    truth: NDArray[Any],
    folds: NDArray[np.int64],
    *,
    groups: Sequence[Any] | NDArray[Any] | None,
    ids: Sequence[str] | None,
    names: Sequence[str] | None,
    task: str = "classify",
) -> OofRows:
    """Return the rows of `members`; arguments as `blend` has them.

    Raises:
        DataError: a value is not finite, lengths differ, a set has other folds or no common row.
        UsageError: sets without ids, or as many names as there are not members.
    """
    right, fold_of = np.asarray(truth), np.asarray(folds)
    group_of = None if groups is None else as_object_array(groups)
    check_lengths(len(right), folds=fold_of, groups=group_of, ids=ids)
    if len(members) == 0:
        raise UsageError("there is no member to blend", fix="name at least one run")
    sets = [one for one in members if isinstance(one, PredictionSet)]
    if not sets:
        labels = names_of_members(names, [f"member {m}" for m in range(len(members))])
        stacked = check_members(_stack(list(members), labels), labels, ids)
        if stacked.shape[1] != len(right):
            raise DataError(f"members have {stacked.shape[1]} rows, the truth has {len(right)}")
        return OofRows(stacked, right, fold_of, group_of, labels)
    if ids is None or len(sets) < len(members):
        raise UsageError("prediction sets are blended by ids, and not with arrays", fix="pass ids")
    labels = names_of_members(names, [set_name(one.root) for one in sets])
    oofs = [one.oof(task) for one in sets]
    at = np.stack([positions(oof.ids, ids) for oof in oofs])  # (M, N)
    keep = common_rows(at, labels)
    for oof, where, label in zip(oofs, at[:, keep], labels, strict=True):
        check_folds(oof, where, fold_of[keep], [ids[int(i)] for i in keep], label)
    stacked = _stack([oof.probs[p] for oof, p in zip(oofs, at[:, keep], strict=True)], labels)
    return OofRows(
        check_members(stacked, labels, [ids[int(i)] for i in keep]),
        right[keep],
        fold_of[keep],
        None if group_of is None else group_of[keep],
        labels,
        (*left_out_note(len(keep), len(right)), *selection_notes(sets, labels)),
        tuple(ids[int(i)] for i in keep),
    )


def in_units(rows: OofRows, units: Units) -> OofRows:
    """Return the units of `rows` as rows: an id is a unit's name, a fold that of its images.

    Each member's own predictions are aggregated, before members are blended.

    Args:
        rows: of images, with ids.
        units: of these rows.

    Raises:
        DataError: the labels of a unit differ, or its images lie in two folds.
    """
    check_groups(rows.folds, [units.names[one] for one in units.of_row])
    return replace(
        rows,
        members=np.stack(
            [
                units.probs(require_dense(member, who="the mean of a unit"))
                for member in rows.members
            ]
        ),
        truth=units.truth(rows.truth),
        folds=rows.folds[units.first],
        groups=None if rows.groups is None else rows.groups[units.first],
        ids=units.names,
    )


def keys_of(groups: Sequence[Any] | NDArray[Any] | None, names: Sequence[Any]) -> list[Any]:
    """Return the group of each row, or its own name where it has none."""
    if groups is None:
        return [("row", name) for name in names]
    each = zip(groups, names, strict=True)
    return [("row", name) if _is_none(group) else ("group", group) for group, name in each]


def units_of(keys: Sequence[Any]) -> NDArray[np.int64]:
    """Return `(N,)` numbers from 0, equal for equal keys, in the order in which they come."""
    numbers: dict[Any, int] = {}
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)


LONE = "one fold with one group cannot be cross-fitted"
LONE_NOTE = (
    "one fold with one group: nothing was fitted on it, so that the scores are those of the plain "
    "decision out of fold; a tuned one would have no honest score"
)


def is_lone(folds: NDArray[np.int64], units: NDArray[np.int64]) -> bool:
    """Return whether rows of folds `(N,)` and units `(N,)` are of one fold and one unit."""
    return len(np.unique(folds)) == 1 and len(np.unique(units)) == 1


def refuse_lone_group(
    folds: NDArray[np.int64], units: NDArray[np.int64], n_members: int, method: str
) -> None:
    """Raise LoneGroupError where a method would fit weights on one fold with one group."""
    if n_members > 1 and method != "mean" and is_lone(folds, units):
        raise LoneGroupError(
            f"{LONE}: the weights of {method}",
            fix="train another fold; or weigh all members alike: podium blend --method mean",
        )


def parts_of(
    folds: NDArray[np.int64], units: NDArray[np.int64], seed: int, *, plain: bool = False
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Return the folds to fit across; a lone fold, which no network trained on, is cut by groups.

    Args:
        folds: `(N,)`.
        units: `(N,)`, what `units_of` returned.
        seed: of the cut.
        plain: whether the decision is the plain one: then one fold with one group is one part, of
            which nothing may be fitted (`refuse_lone_group`).

    Returns:
        `(N,)`, and caveats of the score.

    Raises:
        LoneGroupError: there is one fold with one group, and the decision is to be fitted.
    """
    if len(np.unique(folds)) > 1:
        return folds, ()
    if is_lone(folds, units):
        if plain:
            return np.zeros_like(folds), (LONE_NOTE,)
        raise LoneGroupError(LONE, fix="train another fold")
    n_units = int(units.max()) + 1
    n_parts = min(PARTS_OF_A_LONE_FOLD, n_units)
    part_of_unit = np.random.default_rng(seed).permutation(n_units) % n_parts
    note = f"one fold only: its rows were cut in {plural(n_parts, 'part')} to cross-fit"
    return part_of_unit[units].astype(np.int64), (note,)


def set_name(root: Path) -> str:
    """Return the run's id of a set at `runs/<id>/predictions/<8 hex>`, else the folder's name.

    A set of one view alone, but the identity, has the view's name after it: `<id>:hflip`.
    """
    name = root.parent.parent.name if root.parent.name == "predictions" else root.name
    alone = single_view(root)
    return f"{name}:{alone}" if alone else name


def common_rows(at: NDArray[np.int64], names: tuple[str, ...]) -> NDArray[np.int64]:
    keep = np.flatnonzero((at >= 0).all(axis=0))
    if keep.size == 0:
        counts = ", ".join(f"{n} {int((p >= 0).sum())}" for n, p in zip(names, at, strict=True))
        raise DataError(
            f"no row was predicted out of fold by every member (rows of each: {counts})",
            fix="train the same folds of every run",
        )
    return keep


def left_out_note(n_kept: int, n: int) -> tuple[str, ...]:
    if n_kept == n:
        return ()
    return (
        f"scored {n_kept} of {plural(n, 'row')}: those that every member predicted out of fold",
    )


def selection_notes(members: Sequence[object], names: tuple[str, ...]) -> tuple[str, ...]:
    """Return notes on sets that were trusted, and on those whose scores something may flatter.

    Raises:
        DataError: a set was imported, and nothing shows that its rows are out of fold.
    """
    named_sets = zip(members, names, strict=True)
    sets = {name: one for one, name in named_sets if isinstance(one, PredictionSet)}
    trusted = import_notes([one.root for one in sets.values()], list(sets))
    scores = {name: _scores_of_run(one.root) for name, one in sets.items()}
    notes = [
        (flag, [name for name, one in scores.items() if one.get(key)])
        for key, flag in _FLATTERING.items()
    ]
    return (*trusted, *(f"{flag}: {some(marked)}" for flag, marked in notes if marked))


_FLATTERING = {
    "selected_on_fold": "selected on their own folds, which flatters every score here",
    UNKNOWN_START: "started from weights of unknown origin, which may have learnt these rows",
}


def _scores_of_run(root: Path) -> dict[str, Any]:
    try:
        return read_record(root.parent.parent).scores
    except DamagedError:
        raise
    except RunError:  # the set is of no run: made elsewhere, or by hand
        return {}


def check_folds(
    oof: Oof | OofMasks, at: NDArray[np.int64], folds: NDArray[np.int64], ids: list[str], name: str
) -> None:
    other = np.flatnonzero(oof.folds[at] != folds)
    if other.size:
        raise DataError(
            f"{name} was made with other folds: {some([ids[int(i)] for i in other])}",
            fix="folds.csv changed since: train this run again",
        )


def check_lengths(n: int, **arrays: Any) -> None:
    for name, array in arrays.items():
        if array is not None and len(array) != n:
            raise DataError(f"{len(array)} {name} for {plural(n, 'row')}")


def names_of_members(chosen: Sequence[str] | None, default: list[str]) -> tuple[str, ...]:
    names = tuple(default if chosen is None else chosen)
    if len(names) != len(default):
        raise UsageError(f"{plural(len(names), 'name')} for {plural(len(default), 'member')}")
    return names


def _stack(members: list[Members], names: tuple[str, ...]) -> Members:
    if any(isinstance(one, TopK) for one in members):
        return TopKMembers(members)
    arrays = [np.asarray(one) for one in members]
    shapes = {name: one.shape for name, one in zip(names, arrays, strict=True)}
    if len(set(shapes.values())) > 1:
        text = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise DataError(f"members have different shapes: {text}")
    return np.stack(arrays)


def as_object_array(groups: Sequence[Any] | NDArray[Any]) -> NDArray[Any]:
    found = np.empty(len(groups), dtype=object)
    found[:] = list(groups)
    return found


def _is_none(group: Any) -> bool:
    return group is None or group != group
