"""Calibration of probabilities against known truth: s · log p + b, fitted by maximum likelihood.

A network that learnt for long is too sure, one that learnt smoothed or mixed labels not sure
enough. One number s for all classes mends either (temperature scaling, Guo et al. 2017,
arXiv:1706.04599, with s = 1/T), and offsets b that classes are preferred (Alexandari et al. 2020,
arXiv:1901.06852). Nothing is fitted where that is no likelier than the probabilities as they are,
by the Laplace approximation of the evidence (MacKay 1992, Neural Computation 4): first s alone,
which is one number, then b, too.

**Means of fold models.** Out of fold a row is predicted by one fold model, on the test set by the
mean of K. Where they err apart the mean is less sure, and right more often: what mends one of them
makes the mean too unsure. The fold models' predictions of the test rows show by how much they
differ, without a label: of the variance v of log p (centred in each row) the part w is their own,
and in the mean of logarithms w / K is left of it. A slope against a measured x is that against the
true one times the reliability of x (attenuation, Spearman 1904), so s becomes
s · v / (v - w + w / K) there, and the scale for the logarithm of the mean is the one that comes
nearest to the probabilities so made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from podium.tasks.protocols.outputs import as_indices, blocks, output_names
from podium.tuning.labels.class_weights import LEAST_PROB, SCALES, fit_offsets

if TYPE_CHECKING:
    from podium.tasks.protocols.kind import Kind

__all__ = ["TemperatureScaling", "fit_calibration"]

LEAST_EVIDENCE = 1.5  # the logarithm of a Bayes factor: 4.5 times as likely
SCALE_ROWS = 2.0  # that the prior of s is worth: a network that learnt little may need s = 3
ROWS_OF_A_CLASS = 10  # fewer, on average, say nothing about a number that each class has
_SHOWN = 5  # temperatures

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class TemperatureScaling:
    """Numbers that make probabilities equal to observed frequencies.

    Attributes:
        scales: s: of classes that exclude each other one, else one a column of yes or no.
        offsets: b, for each s: one a class; of a column those of no and of yes.
        is_exclusive: whether classes exclude each other.
        sizes: how many classes each of several outputs has, which exclude each other there; ()
            where there is one output.
    """

    scales: tuple[float, ...]
    offsets: tuple[tuple[float, ...], ...]
    is_exclusive: bool
    sizes: tuple[int, ...] = ()

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> TemperatureScaling:
        """Return the calibration that `to_json` wrote."""
        offsets = tuple(tuple(one) for one in found["offsets"])
        sizes = tuple(found.get("sizes", ()))
        return cls(tuple(found["scales"]), offsets, found["is_exclusive"], sizes)

    def to_json(self) -> dict[str, Any]:
        """Return what JSON can hold."""
        return {
            "scales": list(self.scales),
            "offsets": [list(one) for one in self.offsets],
            "is_exclusive": self.is_exclusive,
            **({"sizes": list(self.sizes)} if self.sizes else {}),
        }

    @property
    def is_plain(self) -> bool:
        """Whether it leaves probabilities as they are."""
        return all(scale == 1 for scale in self.scales) and not np.any(self.offsets)

    def plainly(self) -> TemperatureScaling:
        """Return the one that leaves probabilities as they are."""
        zeros = tuple((0.0,) * len(one) for one in self.offsets)
        return replace(self, scales=(1.0,) * len(self.scales), offsets=zeros)

    def __str__(self) -> str:
        return self.describe()

    def describe(self, names: Sequence[str] = ()) -> str:
        """Return the temperatures other than 1, of several columns with the `names` of these.

        Of several outputs the names are of their classes.
        """
        if self.sizes and len(names) == sum(self.sizes):
            names = output_names(names)
        named = names if len(self.scales) == len(names) > 1 else [""] * len(self.scales)
        fitted = [(one, name) for one, name in zip(self.scales, named, strict=True) if one != 1]
        temperatures = ", ".join(
            f"{1 / one:.3g}{f' of {name}' if name else ''}" for one, name in fitted[:_SHOWN]
        )
        if len(fitted) > _SHOWN:
            temperatures += ", …"
        shifted = sum(bool(np.any(one)) for one in self.offsets)
        parts = [f"temperature {temperatures}"] if fitted else []
        if shifted:
            of_classes = self.is_exclusive or self.sizes
            parts.append("an offset for each class" if of_classes else f"{shifted} offsets")
        return " and ".join(parts) or "as they are"

    def answers(self, probs: NDArray[Any]) -> Floats:
        """Return the probability of each answer: `(N, C)`, of yes or no `(N, C, 2)`.

        Those of several outputs stand beside each other.

        Args:
            probs: `(N, C)`, or `(N,)` of one answer.
        """
        every = _logs(probs, self.is_exclusive, self.sizes)
        made = [
            softmax(scale * logs + np.asarray(offsets), axis=1)
            for logs, scale, offsets in zip(every, self.scales, self.offsets, strict=True)
        ]
        if self.is_exclusive or self.sizes:
            return np.hstack(made)
        return np.stack(made, axis=1)

    def of_means(self, each: NDArray[Any], mean: NDArray[Any]) -> TemperatureScaling:
        """Return the calibration of means over fold models, by what these predict of the same rows.

        Args:
            each: `(K, n, C)`: what each fold model predicts of rows without known truth.
            mean: `(n, C)`: their mean.
        """
        of_folds = [_logs(one, self.is_exclusive, self.sizes) for one in each]
        of_means = _logs(mean, self.is_exclusive, self.sizes)
        scales = tuple(
            _scale_of_means(
                np.stack([_centred(one[i]) for one in of_folds]), _centred(logs), scale, offsets
            )
            for i, (logs, scale, offsets) in enumerate(
                zip(of_means, self.scales, self.offsets, strict=True)
            )
        )
        return replace(self, scales=scales)

    def calibrated(self, probs: NDArray[Any]) -> NDArray[np.float32]:
        """Return the probabilities that it makes of `probs`, in their shape."""
        if self.is_plain:
            return np.asarray(probs, dtype=np.float32)
        made = self.answers(probs)
        is_whole = self.is_exclusive or self.sizes
        return (made if is_whole else made[..., 1].reshape(probs.shape)).astype(np.float32)


def fit_calibration(
    probs: NDArray[Any],
    truth: NDArray[Any],
    kind: Kind,
    *,
    n_units: int | None = None,
    weights: NDArray[np.float64] | None = None,
    scale_rows: float = SCALE_ROWS,
) -> TemperatureScaling:
    """Return the calibration that makes the truth likeliest.

    Args:
        probs: `(N, C)`, or `(N,)` of one answer.
        truth: as a metric takes it; -1 is unknown.
        kind: of answers with probabilities.
        n_units: how many rows the N are worth, where those of a group err alike; None: N.
        weights: of the cells of the truth, in its shape, in the likelihood, of several outputs
            `(N, O)`; None: 1 each. Those of a column count by their ratios.
        scale_rows: how many rows the prior of s is worth, more or less.
    """
    sizes = kind.sizes if kind.is_by_output else ()
    right = (as_indices(truth, sizes) if sizes else truth.reshape(len(truth), -1)).T
    of_cells = np.ones(right.shape) if weights is None else weights.reshape(len(truth), -1).T
    worth = 1.0 if n_units is None else n_units / len(truth)
    logs = _logs(probs, kind.is_exclusive, sizes)
    each = [
        _fitted(one, other, cells, worth, scale_rows)
        for one, other, cells in zip(logs, right, of_cells, strict=True)
    ]
    scales = tuple(scale for scale, _ in each)
    offsets = tuple(offsets for _, offsets in each)
    return TemperatureScaling(scales, offsets, kind.is_exclusive, sizes)


def _logs(probs: NDArray[Any], is_exclusive: bool, sizes: Sequence[int]) -> list[Floats]:
    """Return the logarithms `(N, C)` of each set of classes, or those `(N, 2)` of each column."""
    values = np.asarray(probs, dtype=np.float64)
    if sizes:
        return [np.log(np.maximum(values[:, one], LEAST_PROB)) for one in blocks(sizes)]
    if is_exclusive:
        return [np.log(np.maximum(values, LEAST_PROB))]
    columns = values.reshape(len(values), -1).T
    return [np.log(np.maximum(np.stack([1 - p, p], axis=1), LEAST_PROB)) for p in columns]


def _centred(logs: Floats) -> Floats:
    return np.asarray(logs - logs.mean(axis=1, keepdims=True))


def _scale_of_means(each: Floats, mean: Floats, scale: float, offsets: tuple[float, ...]) -> float:
    """Return s for the logarithms of means `(n, C)` of K models, whose own are `(K, n, C)`."""
    n_models, added = len(each), np.asarray(offsets)
    own, whole = float(each.var(axis=0, ddof=1).mean()), float(np.square(each).mean())
    left = whole - own + own / n_models
    gained = float(np.clip(whole / left, 1, n_models)) if left > 0 else 1.0
    target = softmax(scale * gained * each.mean(axis=0) + added, axis=1)

    def loss(logarithm: float) -> float:
        made = log_softmax(np.exp(logarithm) * mean + added, axis=1)
        return -float((target * made).sum())

    bounds = tuple(np.log(SCALES).tolist())
    return float(np.exp(minimize_scalar(loss, bounds=bounds, method="bounded").x))


def _fitted(
    logs: Floats, truth: NDArray[Any], weights: Floats, worth: float, scale_rows: float
) -> tuple[float, tuple[float, ...]]:
    """Return s and b of one set of classes; 1 and zeros where nothing is likelier."""
    best, scale, offsets = LEAST_EVIDENCE, 1.0, np.zeros(logs.shape[1])
    known = truth >= 0
    if weights[known].any():  # a column may weigh nothing
        weights = weights[known] / weights[known].mean()
        right = truth[known].astype(np.int64)
        has_rows = len(right) >= ROWS_OF_A_CLASS * logs.shape[1]
        for free in (False, True) if has_rows else (False,):
            tried, factor, evidence = fit_offsets(
                logs[known], right, weights=weights, with_offsets=free, scale_rows=scale_rows
            )
            if worth * evidence > best:
                best, scale = worth * evidence, factor
                offsets = tried if free else np.zeros(logs.shape[1])
    return scale, tuple(offsets.tolist())
