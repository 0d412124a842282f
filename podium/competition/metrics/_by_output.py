"""A metric of one class, by output: the mean of its scores over outputs that have classes each.

    score = sum_o u_o m(t_o, p_o) / sum_o u_o

m is a metric of multiclass tasks, with whose name this one begins: `accuracy_by_output`. t_o are
the classes of output o in the rows where they are known, p_o their predictions, u the option
`weights`, 1 where it is left out. `outputs` is how many classes each output has. An option with a
number a class, as `class_weights` of `log_loss`, is the same for each output, or has one for each
class of all outputs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._metric import Metric
from podium.competition.sections.tasks import BY_OUTPUT
from podium.errors import DataError, plural
from podium.tasks.protocols.find import image_kind
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES
from podium.tasks.protocols.outputs import as_indices, blocks

__all__ = ["BY_OUTPUT", "by_output", "can_be_by_output"]

_BASE = "multiclass"
_OWN = ("outputs", "weights")
_OF_CLASSES = "class_weights"


def can_be_by_output(metric: Metric) -> bool:
    """Return whether there is a mean over outputs of `metric`: it scores classes of images."""
    scores_classes = metric.scores_probs or metric.scores_decisions
    return metric.task == IMAGES and _BASE in metric.kinds and scores_classes


_MADE: dict[tuple[str, Path | None], Metric] = {}


def by_output(metric: Metric) -> Metric:
    """Return the mean of `metric` over outputs; of one metric it is one object.

    Raises:
        DataError: it scores no single classes.
    """
    name = f"{metric.name}{BY_OUTPUT}"
    if not can_be_by_output(metric):
        raise DataError(
            f"there is no metric {name!r}: {metric.name} does not score one class of several",
            fix=f"write accuracy{BY_OUTPUT}, or another metric of multiclass tasks",
        )
    if (metric.identity, metric.root) in _MADE:
        return _MADE[metric.identity, metric.root]
    own = {one: value for one, value in metric.options.items() if one != "n_classes"}
    options = MappingProxyType({**own, "outputs": None, "weights": None})

    def inner(given: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the options of the metric of each output."""
        sizes = _sizes(given)
        found = {one: value for one, value in given.items() if one not in _OWN}
        each = [dict(found) for _ in sizes]
        for own, size, block in zip(each, sizes, blocks(sizes), strict=True):
            if "n_classes" in metric.options:
                own["n_classes"] = size
            if _is_sized(own.get(_OF_CLASSES), sum(sizes)):
                own[_OF_CLASSES] = own[_OF_CLASSES][block]
        return each

    def each(
        truth: NDArray[Any], prediction: NDArray[Any], given: Mapping[str, Any]
    ) -> Iterator[tuple[NDArray[np.bool_], NDArray[Any], NDArray[Any], dict[str, Any]]]:
        """Yield of each output which rows are known, their truth, prediction and the options."""
        sizes = _sizes(given)
        if truth.ndim != 2 or truth.shape[1] != sum(sizes):
            raise DataError(
                f"{name}: outputs {list(sizes)} are {sum(sizes)} columns, got {truth.shape}",
                fix="set outputs to the number of classes of each output",
            )
        for one, own in zip(blocks(sizes), inner(given), strict=True):
            is_known = np.asarray((truth[:, one] == 1).any(axis=1))
            right = truth[is_known, one].argmax(axis=1)
            said = prediction[is_known, one]
            said = said if metric.scores_probs else said.argmax(axis=1)
            yield is_known, right, said, own

    def mean(
        scores: Sequence[NDArray[np.float64]], given: Mapping[str, Any]
    ) -> NDArray[np.float64]:
        shares = _weights(given, len(scores))
        counted = [(one, share) for one, share in zip(scores, shares, strict=True) if share]
        total = sum(one * share for one, share in counted)
        return np.asarray(total / sum(share for _, share in counted), dtype=np.float64)

    def score(truth: NDArray[Any], prediction: NDArray[Any], **given: Any) -> float:
        found = []
        shares = _weights(given, len(_sizes(given)))
        for at, (_, right, said, own) in enumerate(each(truth, prediction, given)):
            value = np.nan
            if shares[at]:
                value = _named(at, name, lambda r, s, o: metric.score(r, s, **o), right, said, own)
            found.append(np.array(value))
        return float(mean(found, given))

    def sums(truth: NDArray[Any], prediction: NDArray[Any], **given: Any) -> NDArray[Any]:
        assert metric.sums is not None
        found = []
        for is_known, right, said, own in each(truth, prediction, given):
            width = _width(metric, own.get("n_classes", said), own)
            table = np.zeros((len(truth), width))
            if is_known.any():
                table[is_known] = metric.sums(right, said, **own)
            found.append(table)
        return np.hstack(found)

    def split(totals: NDArray[Any], given: Mapping[str, Any]) -> Iterator[tuple[NDArray[Any], Any]]:
        sizes = _sizes(given)
        owns = inner(given)
        ends = list(accumulate(_width(metric, s, own) for s, own in zip(sizes, owns, strict=True)))
        for start, end, own in zip([0, *ends], ends, owns, strict=False):
            yield totals[:, start:end], own

    def value(totals: NDArray[Any], **given: Any) -> float:
        assert metric.value is not None
        found = []
        shares = _weights(given, len(_sizes(given)))
        for at, (one, own) in enumerate(split(totals, given)):
            number = np.nan
            if shares[at]:
                number = _named(at, name, lambda s, o: _value(metric, s, o), one, own)
            found.append(np.array(number))
        return float(mean(found, given))

    def values(totals: NDArray[Any], **given: Any) -> NDArray[np.float64]:
        found = []
        for one, own in split(totals, given):
            if metric.values is not None:
                is_empty = ~one.any(axis=1)
                known = np.full(len(one), np.nan)
                if not is_empty.all():
                    known[~is_empty] = metric.values(one[~is_empty], **own)
                found.append(known)
            else:
                found.append(np.array([_or_nan(metric, row[None], own) for row in one]))
        return mean(found, given)

    def refuse(kind: Kind, n_classes: int, given: Mapping[str, Any]) -> None:
        sizes = kind.sizes or _sizes(given)
        if given["outputs"] is not None and tuple(given["outputs"]) != tuple(sizes):
            raise DataError(
                f"{name}: outputs {given['outputs']} are not those of the classes, {list(sizes)}",
                fix="leave outputs out: they follow from classes",
            )
        _weights(given, len(sizes))
        if metric.refuse is not None:
            for size, own in zip(sizes, inner({**given, "outputs": sizes}), strict=True):
                metric.refuse(image_kind(_BASE), size, own)

    def weights_of(truth: NDArray[Any], **given: Any) -> NDArray[np.float64]:
        """Return how much each output of each row weighs among the rows of that output."""
        assert metric.weights_of is not None
        indices = as_indices(truth, _sizes(given))
        columns = [
            metric.weights_of(one, **own) for one, own in zip(indices.T, inner(given), strict=True)
        ]
        return np.stack(columns, axis=1)

    made = _MADE[metric.identity, metric.root] = Metric(
        name,
        metric.needs,
        metric.greater_is_better,
        frozenset({"multioutput"}),
        score,
        options,
        sums if metric.has_sums else None,
        value if metric.has_sums else None,
        values=values if metric.has_sums else None,
        perfect=metric.perfect,
        worst=metric.worst,
        source=metric.source,
        refuse=refuse,
        skips_missing=True,
        is_proper=metric.is_proper,
        weights_of=None if metric.weights_of is None else weights_of,
        root=metric.root,
    )
    return made


def _is_sized(given: Any, n: int) -> bool:
    """Return whether an option is a list of `n` numbers."""
    return isinstance(given, list | tuple) and len(given) == n


def _sizes(given: Mapping[str, Any]) -> tuple[int, ...]:
    if not given["outputs"]:
        raise DataError(
            "the number of classes of each output is unknown",
            fix="pass outputs=[3, 2], the number of classes of each output",
        )
    return tuple(int(one) for one in given["outputs"])


def _weights(given: Mapping[str, Any], n: int) -> list[float]:
    weights = given["weights"]
    if weights is None:
        return [1.0] * n
    if not _is_sized(weights, n) or not all(
        isinstance(one, int | float) and not isinstance(one, bool) and 0 <= one < np.inf
        for one in weights
    ):
        raise DataError(
            f"weights must be {plural(n, 'number')} of at least 0, one an output, got {weights!r}",
            fix="write them by name, as weights: {colour: 2, shape: 1}; 0 leaves an output out",
        )
    if not any(weights):
        raise DataError("weights must not all be 0", fix="1 counts an output once")
    return [float(one) for one in weights]


def _width(metric: Metric, size: Any, own: Mapping[str, Any]) -> int:
    """Return how many sums a row of an output has, whose number of classes is `size`."""
    n = size if isinstance(size, int) else int(size.shape[1]) if size.ndim == 2 else 1
    return _known_width(metric, n, tuple(sorted((one, repr(v)) for one, v in own.items())), own)


_WIDTHS: dict[tuple[Any, ...], int] = {}


def _known_width(metric: Metric, n: int, key: tuple[Any, ...], own: Mapping[str, Any]) -> int:
    at = (metric.identity, n, key)
    if at not in _WIDTHS:
        assert metric.sums is not None
        said = np.full((1, n), 1 / n) if metric.scores_probs else np.zeros(1, dtype=np.int64)
        _WIDTHS[at] = metric.sums(np.zeros(1, dtype=np.int64), said, **own).shape[1]
    return _WIDTHS[at]


def _value(metric: Metric, sums: NDArray[Any], own: Mapping[str, Any]) -> float:
    assert metric.value is not None
    if not sums.any():
        raise DataError("no row has a known answer")
    return metric.value(sums, **own)


def _or_nan(metric: Metric, sums: NDArray[Any], own: Mapping[str, Any]) -> float:
    try:
        return _value(metric, sums, own)
    except DataError:
        return np.nan


def _named(at: int, name: str, function: Callable[..., float], *given: Any) -> float:
    """Return what `function` does; an error names the output."""
    if not len(given[0]):
        raise DataError(f"{name} is undefined: no row has an answer of output {at + 1}")
    try:
        return function(*given)
    except DataError as error:
        raise DataError(f"{name}, output {at + 1}: {error.message}", fix=error.fix) from None
