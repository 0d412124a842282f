"""A weighted sum of metrics of one task: `0.5 auc + 0.5 f1`, of which the name has all terms.

    score = sum_i w_i m_i(t, p_i)

m_i are metrics of one task, w_i their weights, and p_i what each of them needs of one prediction:
its probabilities, its decisions. Terms are gains or losses alike; a loss among gains has a negative
weight. An option of a term stands under the name of its metric: `f1: {average: macro}`; where a
metric stands twice, the second is `f1_2`.

It has sums of single rows where each term has them. Beside them a row has a 1 and, for each term,
how many sums are its own: this, too, adds up, so that any rows show which columns are whose.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._metric import (
    DECISIONS,
    FORMS,
    PROBS,
    RANKING,
    Metric,
    MetricTerm,
    Needs,
    values_one_by_one,
)
from podium.competition.sections.sums import sum_labels, sum_name
from podium.errors import DataError

__all__ = ["direction_of_sum", "of_need", "sum_of_metrics"]

Table = NDArray[Any]
_MADE: dict[tuple[Any, ...], Metric] = {}


def direction_of_sum(terms: Sequence[tuple[str, float, bool]]) -> bool:
    """Return whether a greater sum is better, of terms (name, weight, greater is better).

    Raises:
        DataError: some terms are gains and some are losses.
    """
    better = {name: is_gain == (weight > 0) for name, weight, is_gain in terms}
    if len(set(better.values())) > 1:
        listed = ", ".join(f"{name}: {'higher' if up else 'lower'}" for name, up in better.items())
        raise DataError(
            f"the parts of the score have other directions ({listed} is better)",
            fix="give the losses among them a negative weight",
        )
    return next(iter(better.values()))


def sum_of_metrics(weighted: Sequence[tuple[float, Metric]]) -> Metric:
    """Return the weighted sum of metrics of one task; of equal terms it is one object.

    Raises:
        DataError: terms are of different tasks or directions, or of masks and of different forms.
    """
    key = tuple((weight, metric.identity, metric.root) for weight, metric in weighted)
    if key not in _MADE:
        _MADE[key] = _made(weighted)
    return _MADE[key]


def _made(weighted: Sequence[tuple[float, Metric]]) -> Metric:
    name = sum_name([(weight, one.name) for weight, one in weighted])
    labels = sum_labels([one.name for _, one in weighted])
    terms = tuple(
        MetricTerm(label, weight, one)
        for label, (weight, one) in zip(labels, weighted, strict=True)
    )
    every = [one for _, one in weighted]
    needs = _needs(name, every)
    greater_is_better = direction_of_sum(
        [(one.label, one.weight, one.metric.greater_is_better) for one in terms]
    )

    def each(
        truth: Any, prediction: Any, given: Mapping[str, Any]
    ) -> Iterator[tuple[MetricTerm, Any, Mapping[str, Any]]]:
        """Yield each term, the prediction as it needs it, and its options."""
        split = _split(terms, truth, prediction, given) if needs == "several" else {}
        for one in terms:
            yield one, split.get(one.metric.needs, prediction), given[one.label]

    def score(truth: Any, prediction: Any, **given: Any) -> float:
        return float(
            sum(
                one.weight * one.metric.score(truth, own, **options)
                for one, own, options in each(truth, prediction, given)
            )
        )

    def sums(truth: Any, prediction: Any, **given: Any) -> Table:
        return _joined(
            [
                _sums(one, truth, own, options)
                for one, own, options in each(truth, prediction, given)
            ]
        )

    def of_counts(counts: Table, *, kind: Any, **given: Any) -> Table:
        found = []
        for one in terms:
            assert one.metric.of_counts is not None
            found.append(one.metric.of_counts(counts, **{**given[one.label], "kind": kind}))
        return _joined(found)

    def value(table: Table, **given: Any) -> float:
        total = 0.0
        for one, own in zip(terms, _columns(name, table, len(terms)), strict=True):
            assert one.metric.value is not None
            total += one.weight * one.metric.value(own, **given[one.label])
        return total

    def values(table: Table, **given: Any) -> NDArray[np.float64]:
        total = np.full(len(table), np.nan)
        has_rows = table[:, 0] > 0
        if has_rows.any():
            columns = _columns(name, table[has_rows], len(terms))
            total[has_rows] = sum(
                one.weight * _values(one.metric, own, given[one.label])
                for one, own in zip(terms, columns, strict=True)
            )
        return total

    def score_draws(
        truth: Any, prediction: Any, counts: Table, **given: Any
    ) -> NDArray[np.float64]:
        total = np.zeros(len(counts))
        for one, own, options in each(truth, prediction, given):
            total += one.weight * _drawn(one, truth, own, counts, options)
        return total

    has_sums = all(one.has_sums for one in every)
    has_counts = has_sums and all(one.of_counts is not None for one in every)
    is_drawn = any(one.score_draws is not None for one in every) and all(
        one.has_sums or one.score_draws is not None for one in every
    )
    of_values = [one for one in every if one.scores_probs]
    losses = [dict(one.usual_loss) for one in every]
    return Metric(
        name,
        needs,
        greater_is_better,
        frozenset.intersection(*(one.kinds for one in every)),
        score,
        MappingProxyType({label: {} for label in labels}),
        sums if has_sums else None,
        value if has_sums else None,
        score_draws=score_draws if is_drawn else None,
        task=every[0].task,
        of_counts=of_counts if has_counts else None,
        values=values if has_sums and all(one.values is not None for one in every) else None,
        perfect=_weighted(terms, [one.perfect for one in every]),
        worst=_weighted(terms, [one.worst for one in every]),
        source="-".join(dict.fromkeys(one.source for one in every if one.source)),
        skips_missing=all(one.skips_missing for one in every),
        usual_loss=MappingProxyType(losses[0] if all(one == losses[0] for one in losses) else {}),
        # Those that score no values see no probability: what is proper for the others is for all.
        is_proper=bool(of_values)
        and all(one.is_proper and one.weights_of is None for one in of_values),
        root=next((one.root for one in every if one.root is not None), None),
        terms=terms,
    )


def _needs(name: str, every: Sequence[Metric]) -> Needs:
    """Return what all terms need, or that they need several forms of one prediction."""
    if len({one.task for one in every}) > 1:
        raise DataError(
            f"{name}: {' and '.join(sorted({one.task for one in every}))} are two tasks",
            fix="write metric.parts with a task for each, and not one name",
        )
    forms = {one.needs for one in every}
    if len(forms) == 1:
        return every[0].needs
    if not forms <= {*FORMS}:
        listed = ", ".join(f"{one.name}: {one.needs}" for one in every)
        raise DataError(
            f"{name}: metrics of masks are added where they score the same, and these do not "
            f"({listed})",
            fix="choose one of them, or write a metric of your own, as metric: my_metric:METRIC",
        )
    return "several"


def _weighted(terms: Sequence[MetricTerm], ends: Sequence[float | None]) -> float | None:
    """Return the sum at one end of the scale of each term; None where a term's is unknown."""
    known = [end for end in ends if end is not None]
    if len(known) < len(terms):
        return None
    return float(sum(one.weight * end for one, end in zip(terms, known, strict=True)))


def _sums(one: MetricTerm, truth: Any, prediction: Any, options: Mapping[str, Any]) -> Table:
    assert one.metric.sums is not None
    return one.metric.sums(truth, prediction, **options)


def _joined(tables: Sequence[Table]) -> Table:
    """Return the sums of all terms `(N, S)`: a 1, how many sums each term has, and these."""
    found = [np.asarray(one, dtype=np.float64) for one in tables]
    own = np.tile([1.0, *(float(one.shape[1]) for one in found)], (len(found[0]), 1))
    return np.hstack([own, *found])


def _columns(name: str, table: Table, n_terms: int) -> list[Table]:
    """Return the sums of each term, of any sets of rows.

    Raises:
        DataError: there is no row.
    """
    totals = table[:, : 1 + n_terms].sum(axis=0, dtype=np.float64)
    if not totals[0] > 0:
        raise DataError(f"{name} is undefined: there are no rows to score")
    widths = np.rint(totals[1:] / totals[0]).astype(np.int64)
    return np.split(table[:, 1 + n_terms :], np.cumsum(widths)[:-1], axis=1)


def _values(metric: Metric, sums: Table, options: Mapping[str, Any]) -> NDArray[np.float64]:
    assert metric.value is not None
    if metric.values is not None:
        return metric.values(sums, **options)
    return values_one_by_one(metric.value, sums, options)


def _drawn(
    one: MetricTerm, truth: Any, prediction: Any, counts: Table, options: Mapping[str, Any]
) -> NDArray[np.float64]:
    """Return the scores `(B,)` of a term in B resamples."""
    if one.metric.score_draws is not None:
        return one.metric.score_draws(truth, prediction, counts, **options)
    totals = counts.astype(np.float64) @ _sums(one, truth, prediction, options)
    return _values(one.metric, totals, options)


def _split(
    terms: Sequence[MetricTerm], truth: Table, table: Table, given: Mapping[str, Any]
) -> dict[str, Table]:
    """Return the prediction in each form, of the columns that `Metric.side_by_side` joined.

    Decisions are as wide as the truth, rankings have their places, and the rest are probabilities.
    """
    forms = [form for form in FORMS if any(one.metric.needs == form for one in terms)]
    widths = {
        "decisions": truth.shape[1] if truth.ndim == 2 else 1,
        "ranking": max(one.metric.n_ranked(given[one.label]) for one in terms),
        "confident": 2,
    }
    widths["probs"] = table.shape[1] - sum(widths[one] for one in forms if one != PROBS)
    found: dict[str, Table] = {}
    start = 0
    for form in forms:
        own = table[:, start : start + widths[form]]
        start += widths[form]
        if form == RANKING or (form == DECISIONS and truth.dtype.kind in "biu"):
            own = own.astype(np.int64)
        is_vector = own.shape[1] == 1 and form != RANKING
        found[form] = own[:, 0] if is_vector else own
    return found


def of_need(
    metric: Metric, form: Needs, options: Mapping[str, Any]
) -> tuple[float, Metric, dict[str, Any]]:
    """Return the terms of a sum that need `form`: a factor of their score, its metric and options.

    One term is its metric, and the factor its weight; several are their sum.
    """
    chosen = metric.terms_of(form)
    own = {one.label: dict(options[one.label]) for one in chosen if one.label in options}
    if len(chosen) == 1:
        (one,) = chosen
        return one.weight, one.metric, own.get(one.label, {})
    return 1.0, sum_of_metrics([(one.weight, one.metric) for one in chosen]), own
