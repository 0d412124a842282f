"""Honest predictions of each scored unit, and what follows: scores, intervals, the best member.

`OofUnits` is what a blend honestly predicts of each unit. `units.npz` beside its record holds the
smallest form from which the score of any units follows: the metric's sums of each, else the
truth and the cross-fitted prediction. Scores of single units show how far the scores of two
submissions move together, which their honest scores alone do not.

Whether a blend gains anything is measured in pairs: the blend and the member that scores best
alone, each decided as it would be sent (plainly, or where that pays by a decision of its own that
was fitted on the other folds), are scored on the same resampled rows or groups, labels and masks
alike.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.competition.scores import bootstrap
from podium.competition.scores.bootstrap import draw_counts, scores_of_counts
from podium.competition.scores.combination import combined_metric
from podium.errors import DAMAGED_ARRAY, DataError, RunError, plural
from podium.workspace import atomic, digests

if TYPE_CHECKING:
    from podium.competition.scores.sum_scorer import SumScorer
    from podium.ensembling.masks.rows import MaskRows
    from podium.ensembling.rows import OofRows
    from podium.tuning.masks.decision import CountScorer
    from podium.tuning.scoring import LabelScorer

__all__ = [
    "UNITS_FILE",
    "BestMember",
    "OofUnits",
    "aligned",
    "best_alone",
    "drawn_scores",
    "honest_by_fold",
    "honest_interval",
    "paired_draws",
    "read_units",
    "share_of_better",
    "share_of_wins",
    "units_from",
    "units_interval",
    "write_units",
]


UNITS_FILE = "units.npz"
LONE_DRAW = "no interval: the rows are of one group, and any draw of it is the same"
_FORMAT = 1

Drawn = TypeVar("Drawn")


@dataclass(frozen=True)
class OofUnits:
    """Out-of-fold predictions of N scored units, in the form that the metric needs.

    Attributes:
        ids: str `(N,)`.
        groups: int64 `(N,)`, numbers from 0, equal for units of one group; None: each is alone.
        metric: what scores them.
        options: of the metric, with all that it needs to score any of the units.
        sums: `(N, S)` of the metric; None where truth and prediction are kept.
        truth: as the metric takes it, `(N, …)`.
        prediction: cross-fitted, as the metric takes it, `(N, …)`.
    """

    ids: NDArray[Any]
    groups: NDArray[np.int64] | None
    metric: Metric
    options: dict[str, Any] = field(default_factory=dict)
    sums: NDArray[Any] | None = None
    truth: NDArray[Any] | None = None
    prediction: NDArray[Any] | None = None

    def __post_init__(self) -> None:
        has_rows = self.truth is not None and self.prediction is not None
        if (self.sums is None) != has_rows:
            raise DataError("units have either sums, or a truth and a prediction")
        if self.sums is not None and self.metric.value is None:
            raise DataError(f"{self.metric.name} is no function of sums")
        for one in (self.groups, self.sums, self.truth, self.prediction):
            if one is not None and len(one) != len(self.ids):
                raise DataError(f"{plural(len(one), 'row')} for {plural(len(self.ids), 'unit')}")

    def __len__(self) -> int:
        return len(self.ids)

    def score(self, rows: NDArray[np.int64] | None = None) -> float:
        """Return the score of the units at these positions, which may repeat; None: of all.

        Raises:
            DataError: the score of these is undefined.
        """
        some = self if rows is None else self.take(rows)
        if some.sums is not None:
            return metrics.value(some.metric, some.sums, **some.options)
        return metrics.score(some.metric, some.truth, some.prediction, **some.options)

    def take(self, rows: NDArray[np.int64]) -> OofUnits:
        """Return the units at these positions."""
        at = np.asarray(rows, dtype=np.int64)
        return replace(
            self,
            ids=self.ids[at],
            groups=None if self.groups is None else self.groups[at],
            sums=None if self.sums is None else self.sums[at],
            truth=None if self.truth is None else self.truth[at],
            prediction=None if self.prediction is None else self.prediction[at],
        )

    def by_id(self) -> OofUnits:
        """Return the units in the order of their ids, groups numbered in that order.

        Equal seeds then draw the same of a run and of a blend of it alone, which have other orders.
        Groups of one unit each are none.
        """
        some = self.take(np.argsort(self.ids, kind="stable"))
        if some.groups is None:
            return some
        _, first, number = np.unique(some.groups, return_index=True, return_inverse=True)
        is_alone = len(first) == len(some)
        return replace(some, groups=None if is_alone else np.argsort(np.argsort(first))[number])

    def summed(self, most: int) -> OofUnits:
        """Return the units with sums, which draws look up; as they are without any so small.

        Args:
            most: how many numbers the sums may be.
        """
        metric = self.metric
        if self.sums is not None or metric.sums is None or metric.score_draws is not None:
            return self
        assert self.truth is not None
        assert self.prediction is not None
        # One row first: the sums of all may be what memory does not hold.
        one = metrics.sums(metric, self.truth[:1], self.prediction[:1], **self.options)
        if one is None or len(self) * one.shape[1] > most:
            return self
        sums = metrics.sums(metric, self.truth, self.prediction, **self.options)
        return replace(self, sums=sums, truth=None, prediction=None)

    def draws(self, n: int, sizes: Sequence[int], seed: int = 0) -> NDArray[np.float64]:
        """Return scores of `n` draws of test sets, `(n, len(sizes))`, nan where undefined.

        A column is a part of the test set, as the public and the private one: its units are drawn
        anew, with replacement, by whole groups where there are any. As many groups are drawn as
        have `size` units on average, at least one. Equal seeds and groups draw equal units: the
        draws of two submissions of the same units are paired.

        Args:
            n: number of draws.
            sizes: units of each part.
            seed: of the draws.
        """
        return paired_draws([self], n, sizes, seed)[:, :, 0]


def paired_draws(
    units: Sequence[OofUnits], n: int, sizes: Sequence[int], seed: int = 0
) -> NDArray[np.float64]:
    """Return the `OofUnits.draws` of K submissions, `(n, len(sizes), K)`, drawn once for all.

    Args:
        units: `(K,)`, what `aligned` returned.
        n, sizes, seed: as in `OofUnits.draws`.
    """
    if n < 1 or not sizes or min(sizes) < 1:
        raise DataError(f"draws need n and sizes of at least 1, got {n} and {list(sizes)}")
    first = units[0]
    codes = np.arange(len(first)) if first.groups is None else _codes(first.groups)
    n_codes = int(codes.max()) + 1
    found = np.empty((n, len(sizes), len(units)))
    for column, size in enumerate(sizes):
        n_drawn, at = max(1, round(size * n_codes / len(first))), 0
        for counts in draw_counts(
            n_codes, n_drawn, n, len(first), np.random.default_rng([seed, column])
        ):
            for k, one in enumerate(units):
                found[at : at + len(counts), column, k] = scores_of_counts(
                    one.metric,
                    codes,
                    [counts],
                    one.truth,
                    one.prediction,
                    sums=one.sums,
                    **one.options,
                )
            at += len(counts)
    return found


def aligned(units: Sequence[OofUnits]) -> list[OofUnits]:
    """Return the units that all have, in one order, so that equal seeds draw equal units.

    Groups are those of the first.

    Raises:
        DataError: there is none that all have.
    """
    if not units:
        return []
    first = units[0]
    if all(np.array_equal(one.ids, first.ids) for one in units):
        return [replace(one, groups=first.groups) for one in units]
    shared = set(first.ids.tolist()).intersection(*(one.ids.tolist() for one in units[1:]))
    expected = [one for one in first.ids.tolist() if one in shared]
    if not expected:
        raise DataError(
            "no unit was predicted out of fold by all of these blends",
            fix="train the same folds of every run",
        )
    found = []
    for one in units:
        place = {name: row for row, name in enumerate(one.ids.tolist())}
        found.append(one.take(np.array([place[name] for name in expected], dtype=np.int64)))
    return [replace(one, groups=found[0].groups) for one in found]


def units_from(
    ids: Sequence[str] | None,
    groups: NDArray[np.int64] | None,
    metric: Metric,
    options: dict[str, Any],
    *,
    sums: NDArray[Any] | None = None,
    truth: NDArray[Any] | None = None,
    prediction: NDArray[Any] | None = None,
) -> OofUnits | None:
    """Return units in the smaller form; None where they have no ids, so that they cannot be found.

    Args:
        ids: `(N,)`.
        groups: `(N,)`, numbers of what is drawn together; None: each unit is alone.
        metric, options: what scores them.
        sums: `(N, S)`; of labels truth and prediction are given instead, `(N, …)`.
    """
    if ids is None:
        return None
    names = np.array([str(one) for one in ids])
    if sums is not None:
        return OofUnits(names, groups, metric, options, sums=sums)
    assert truth is not None
    assert prediction is not None
    found = OofUnits(names, groups, metric, options, truth=truth, prediction=prediction)
    return found.summed(most=truth.size + prediction.size - 1)


def write_units(folder: Path, units: OofUnits) -> Path:
    """Write `units.npz` into the folder of a blend, whole or not at all, and return its path."""
    facts = {
        "format": _FORMAT,
        "metric": units.metric.name,
        "source": units.metric.source,
        "options": dict(units.options),
    }
    if "combined" in units.metric.options:  # what its value is made of
        facts["options"] = {"combined": units.metric.options["combined"]}
    arrays = {
        name: values
        for name, values in (
            ("groups", units.groups),
            ("sums", units.sums),
            ("truth", units.truth),
            ("prediction", units.prediction),
        )
        if values is not None
    }
    file = folder / UNITS_FILE
    with atomic.replacing(file) as temporary, temporary.open("wb") as stream:
        np.savez_compressed(
            stream,
            facts=np.array(json.dumps(facts, default=_plain)),
            ids=units.ids,
            **arrays,  # type: ignore[arg-type]  # numpy's stub takes them for allow_pickle
        )
    return file


def read_units(folder: Path) -> OofUnits | None:
    """Return the units of the blend in `folder`; None where there is no file.

    `podium blend` with the same members makes a file that was removed again.

    Raises:
        RunError: the file cannot be read, a newer podium wrote it, or a metric of the workspace's
            own changed since.
        DataError: the metric is gone.
    """
    file = folder / UNITS_FILE
    if not file.is_file():
        return None
    digests.check(file)
    try:
        # Opened here: of a damaged file numpy leaves its own handle open.
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files if name != "facts"}
            facts = json.loads(str(stored["facts"]))
        name, options, source = facts["metric"], facts["options"], facts["source"]
        ids, written = arrays.pop("ids"), int(facts["format"])
    except DAMAGED_ARRAY as error:
        raise RunError(
            f"cannot be read: {error}", where=file, fix="remove it, and repeat `podium blend`"
        ) from error
    if written != _FORMAT:
        raise RunError(
            f"has format {written}, this podium reads {_FORMAT}",
            where=file,
            fix="use the podium that made it; or remove it, and repeat `podium blend`",
        )
    root = folder.resolve().parent.parent
    made_of = options.pop("combined", None)
    if made_of is None:
        metric = metrics.get(name, root=root)
    else:
        metric = combined_metric(
            made_of["combination"], widths=made_of["widths"], options=made_of["options"], root=root
        )
    if metric.source != source:
        raise RunError(
            f"the metric {name} changed since", where=file, fix="make the blend again: podium blend"
        )
    return OofUnits(ids, arrays.pop("groups", None), metric, options, **arrays)


def _codes(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the groups as numbers from 0 without a gap."""
    return np.unique(groups, return_inverse=True)[1].astype(np.int64)


def _plain(value: Any) -> Any:
    """Return numpy's numbers as plain values for JSON; tuples are lists already."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"{value!r} is no option that can be kept")


@dataclass(frozen=True)
class BestMember:
    """The member that a blend must beat: the one that scores best alone.

    Attributes:
        name: its name.
        honest: its score with the decision that would be sent for it: the plain one, or where that
            is tuned one that was fitted on the other folds.
        drawn: `(n,)`, its scores in the draws, nan where one has none.
    """

    name: str
    honest: float
    drawn: NDArray[np.float64]

    @classmethod
    def of(cls, name: str, units: OofUnits, *, n: int, seed: int) -> BestMember:
        """Return the member whose honest predictions are `units`; see `drawn_scores`."""
        return cls(name, units.score(), drawn_scores(units, n=n, seed=seed))


def drawn_scores(units: OofUnits, *, n: int, seed: int) -> NDArray[np.float64]:
    """Return the scores `(n,)` of resampled units, whole groups at a time, nan where undefined.

    Equal seeds draw equal units: scores of two predictions of the same units are paired.
    """
    return _resampled(bootstrap.scores, units, n=n, seed=seed)


def units_interval(units: OofUnits, *, n: int = 1000, seed: int) -> tuple[float, float] | None:
    """Return the bounds of 95 % of the units' score; None where it is undefined."""
    try:
        return _resampled(bootstrap.interval, units, n=n, seed=seed)
    except DataError:
        return None


def _resampled(draw: Callable[..., Drawn], units: OofUnits, *, n: int, seed: int) -> Drawn:
    """Return what `draw` of `bootstrap` makes of `n` draws of the units."""
    return draw(
        units.metric,
        units.truth,
        units.prediction,
        sums=units.sums,
        groups=units.groups,
        n=n,
        seed=seed,
        **units.options,
    )


def best_alone(scores: Sequence[float], is_better: Callable[[float, float], bool]) -> int:
    """Return which of the members' scores `(M,)` is best, the first of equal ones."""
    best = 0
    for m, score in enumerate(scores):
        if is_better(score, scores[best]):
            best = m
    return best


def share_of_wins(units: OofUnits, best: BestMember, *, seed: int) -> float | None:
    """Return the share of draws in which `units` score better than `best`, ties counted half.

    Args:
        units: the blend's honest predictions of the units that `best` was scored on.
        best: the best member; as many draws are made as it has.
        seed: that `best` was drawn with.

    Returns:
        in [0, 1]; None where no draw has a score of both.
    """
    drawn = drawn_scores(units, n=len(best.drawn), seed=seed)
    return share_of_better(drawn, best.drawn, greater_is_better=units.metric.greater_is_better)


def share_of_better(
    drawn: NDArray[np.float64], other: NDArray[np.float64], *, greater_is_better: bool
) -> float | None:
    """Return how often paired draws `(n,)` score better than others, ties counted half.

    None where no draw has a score of both.
    """
    gains = (1.0 if greater_is_better else -1.0) * (drawn - other)
    gains = gains[~np.isnan(gains)]
    if not len(gains):
        return None
    return float(np.mean(gains > 0) + np.mean(gains == 0) / 2)


def honest_interval(
    scorer: LabelScorer | CountScorer | SumScorer,
    rows: OofRows | MaskRows,
    *,
    truth: NDArray[Any] | None = None,
    prediction: NDArray[Any] | None = None,
    sums: NDArray[Any] | None = None,
    n: int,
    seed: int,
) -> tuple[tuple[float, float] | None, tuple[str, ...]]:
    """Return the bounds of 95 % over rows or groups; None, and a note, where there are none.

    Args:
        scorer: has the metric and its options.
        rows: that were scored; their groups are drawn together.
        truth, prediction, sums: as `bootstrap.interval` takes them.
        n: number of draws.
        seed: of the draws.
    """
    groups = None if rows.groups is None else rows.units()
    if groups is not None and len(np.unique(groups)) == 1:
        return None, (LONE_DRAW,)
    try:
        bounds = bootstrap.interval(
            scorer.metric,
            truth,
            prediction,
            sums=sums,
            groups=groups,
            n=n,
            seed=seed,
            **scorer.options,
        )
    except DataError as error:
        return None, (f"no interval: {error.message}",)
    return bounds, ()


def honest_by_fold(
    score: Callable[[NDArray[np.int64]], float], folds: NDArray[np.int64]
) -> dict[int, float]:
    """Return the `score` of the positions of each fold, where it is defined.

    It is not where rank metrics find one class alone, or where no mask is there and none is
    predicted.
    """
    found = {}
    for fold in np.unique(folds).tolist():
        try:
            found[fold] = score(np.flatnonzero(folds == fold))
        except DataError:
            continue
    return found
