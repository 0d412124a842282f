"""The gain of each member of a blend: alone, left out, added to the best; and whose errors agree.

Every score here is honest: weights and decision are fitted anew, across the folds, for each subset
of the members. Differences are paired: both scores are of the same resampled rows or groups.

A blend keeps the table beside its record, in `blends/<id>/members.json`:

    {"format": 1, "metric": "f1", "honest": 0.81, "best": "unet-0a1b2c3d",
     "members": [{"name": "unet-0a1b2c3d", "weight": 0.6, "alone": 0.8,
                  "dropped": {"score": 0.78, "gain": 0.03, "error": 0.01}, "added": null}],
     "correlation": [[1.0]]}

A correlation is null where it is undefined. Nothing depends on the file: it can be removed, and is
made again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.ensembling.blend import Blend
from podium.ensembling.honest import OofUnits, best_alone, drawn_scores
from podium.ensembling.targets import blending_of
from podium.predictions.top_k import TopK
from podium.workspace import atomic, digests
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    from podium.ensembling.method import Members
    from podium.tasks.protocols.kind import Kind

__all__ = [
    "MEMBERS_FILE",
    "MemberContribution",
    "MemberGain",
    "MemberTable",
    "correlation",
    "errors_of",
    "kept_members",
    "member_table",
    "read_members",
    "write_members",
]


DRAWS = 200

FitMembers = Callable[[tuple[int, ...]], tuple[Blend, OofUnits | None]]
"""The function from members' positions, ascending, to their blend and its honest units."""


@dataclass(frozen=True)
class MemberGain:
    """The score of a blend with a member more or less, and the gain from having the member.

    Attributes:
        score: the honest score of that blend.
        gain: how much better it is to have the member, in the metric's direction.
        error: the standard error of it; None: nothing could be drawn.
    """

    score: float
    gain: float
    error: float | None


@dataclass(frozen=True)
class MemberContribution:
    """The contribution of one member to a blend.

    Attributes:
        name: its name.
        weight: in the blend of all.
        alone: its honest score, with a decision of its own.
        dropped: the blend without it, and what is gained by keeping it; None: it is the only one.
        added: the best member and it, and what the best member gains; None: of the best itself.
    """

    name: str
    weight: float
    alone: float
    dropped: MemberGain | None
    added: MemberGain | None


@dataclass(frozen=True)
class MemberTable:
    """The members of a blend.

    Attributes:
        metric: the metric's name.
        honest: the honest score of the blend of all.
        best: the name of the member that honestly scores best alone.
        members: in the blend's order.
        correlation: `(M, M)`, Pearson's, of the members' errors; nan for one that never varies.
    """

    metric: str
    honest: float
    best: str
    members: tuple[MemberContribution, ...]
    correlation: NDArray[np.float64]


def member_table(
    fit: FitMembers,
    n_members: int,
    errors: NDArray[np.float64],
    *,
    n: int = DRAWS,
    seed: int = 0,
    progress: Progress = SILENT,
) -> MemberTable:
    """Return the contribution of each of `n_members`; about 3 M blends are fitted.

    Args:
        fit: blends some of the members.
        n_members: M.
        errors: `(M, R)`, by how much each is wrong, as `errors_of` returns it.
        n: number of bootstrap draws.
        seed: of the draws.
        progress: gets a bar, a step a blend.

    Raises:
        DataError: the metric is undefined.
    """
    every = tuple(range(n_members))
    fits = _Fits(fit, n, seed)
    with progress.bar("blends with and without", 3 * n_members) as advance:
        whole, _ = fits.of(every)
        alone = []
        for m in every:
            alone.append(fits.of((m,)))
            advance(1)
        is_better = whole.greater_is_better
        best = best_alone(
            [one.honest for one, _ in alone], lambda a, b: (a > b) if is_better else (a < b)
        )
        members = []
        for m in every:
            without = every[:m] + every[m + 1 :]
            dropped = None
            if without:
                dropped = MemberGain(fits.of(without)[0].honest, *fits.gain(every, over=without))
            advance(1)
            pair = (min(best, m), max(best, m))
            added = None
            if m != best:
                added = MemberGain(fits.of(pair)[0].honest, *fits.gain(pair, over=(best,)))
            advance(1)
            members.append(
                MemberContribution(
                    whole.members[m], whole.weights[m], alone[m][0].honest, dropped, added
                )
            )
    return MemberTable(
        whole.metric,
        whole.honest,
        whole.members[best],
        tuple(members),
        correlation(errors),
    )


class _Fits:
    """Fits subsets, each once."""

    def __init__(self, fit: FitMembers, n: int, seed: int) -> None:
        self._fit, self._n, self._seed = fit, n, seed
        self._made: dict[tuple[int, ...], tuple[Blend, OofUnits | None]] = {}
        self._drawn: dict[tuple[int, ...], NDArray[np.float64]] = {}

    def of(self, members: tuple[int, ...]) -> tuple[Blend, OofUnits | None]:
        if members not in self._made:
            self._made[members] = self._fit(members)
        return self._made[members]

    def gain(self, members: tuple[int, ...], over: tuple[int, ...]) -> tuple[float, float | None]:
        """Return by how much `members` score better than others, and the standard error of it."""
        (own, _), (theirs, _) = self.of(members), self.of(over)
        sign = 1.0 if own.greater_is_better else -1.0
        gain = sign * (own.honest - theirs.honest)
        of_own, of_other = self._draws(members), self._draws(over)
        if of_own is None or of_other is None:
            return gain, None
        gains = of_own - of_other
        gains = gains[~np.isnan(gains)]
        return gain, float(gains.std(ddof=1)) if len(gains) > 1 else None

    def _draws(self, members: tuple[int, ...]) -> NDArray[np.float64] | None:
        _, units = self.of(members)
        if units is None:
            return None
        if members not in self._drawn:
            self._drawn[members] = drawn_scores(units, n=self._n, seed=self._seed)
        return self._drawn[members]


def errors_of(members: Members, truth: NDArray[Any], kind: Kind) -> NDArray[np.float64]:
    """Return by how much each member is wrong of each row, or pixel, `(M, R)`.

    Of labels: 1 less the probability of what is right, of multilabel for each class; of numbers
    and ratings the signed difference. Rows without a truth, or of no class, are left out.

    Args:
        members: `(M, N, C)`, or of thousands of classes `TopKMembers`.
        truth: `(N,)`, multilabel `(N, C)`.
        kind: of the task.
    """
    if kind.is_exclusive:
        right = np.asarray(truth, dtype=np.float64)
        rows = np.flatnonzero(np.isfinite(right) & (right >= 0))
        classes = right[rows].astype(np.int64)
        return np.stack([1 - _of_class(one, rows, classes) for one in members])
    differences = blending_of(kind).errors(members, truth)
    return np.abs(differences) if kind.is_prob else differences


def correlation(errors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Pearson's correlations `(M, M)` of the rows of `errors` `(M, R)`.

    Where a member never varies, or there are fewer than two columns, they are nan, 1 of each with
    itself.
    """
    apart = errors - errors.mean(axis=1, keepdims=True) if errors.shape[1] else errors
    lengths = np.sqrt((apart**2).sum(axis=1))
    # Of a constant what rounding leaves of its mean is no variation.
    lengths[np.ptp(errors, axis=1) == 0 if errors.shape[1] else slice(None)] = np.nan
    found = (apart @ apart.T) / np.outer(lengths, lengths)
    np.fill_diagonal(found, 1.0)
    return np.asarray(np.clip(found, -1.0, 1.0))


def _of_class(
    member: Any, rows: NDArray[np.int64], classes: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the probability of one class a row `(R,)`, listed or not."""
    if not isinstance(member, TopK):
        return np.asarray(member[rows, classes], dtype=np.float64)
    some = member[rows]
    is_there = some.classes == classes[:, None]
    listed = (some.probs * is_there).sum(axis=1, dtype=np.float64)
    return np.where(is_there.any(axis=1), listed, some.unlisted)


MEMBERS_FILE = "members.json"
_FORMAT = 1


def read_members(folder: Path) -> MemberTable | None:
    """Return the table in a blend's folder; None: missing, damaged, or of another format."""
    if digests.is_damaged(folder / MEMBERS_FILE):
        return None
    try:
        found: Any = json.loads((folder / MEMBERS_FILE).read_text(encoding="utf-8"))
        if found["format"] != _FORMAT:
            return None
        members = tuple(_member(one) for one in found["members"])
        alike = np.array(found["correlation"], dtype=np.float64)  # of null it makes nan
        if alike.shape != (len(members), len(members)):
            return None
        honest, best = float(found["honest"]), str(found["best"])
        return MemberTable(str(found["metric"]), honest, best, members, alike)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def kept_members(folder: Path, blend: Blend) -> MemberTable | None:
    """Return the table that is kept of the members of the `blend` in `folder`.

    None where there is none, or one of other scores. It is of the method by itself: of one that was
    chosen, the choice is no part of it.
    """
    kept = read_members(folder)
    honest = blend.honest if blend.choice is None else blend.choice.taken.honest
    return kept if kept is not None and kept.honest == honest else None


def write_members(folder: Path, table: MemberTable) -> None:
    """Write what `read_members` reads.

    Raises:
        OSError: it cannot be written.
    """
    alike = [[None if np.isnan(one) else float(one) for one in row] for row in table.correlation]
    document = {"format": _FORMAT, **asdict(table), "correlation": alike}
    atomic.write_text(folder / MEMBERS_FILE, json.dumps(document) + "\n")


def _member(found: Mapping[str, Any]) -> MemberContribution:
    dropped, added = (
        None if one is None else MemberGain(**one) for one in (found["dropped"], found["added"])
    )
    name, weight, alone = str(found["name"]), float(found["weight"]), float(found["alone"])
    return MemberContribution(name, weight, alone, dropped, added)
