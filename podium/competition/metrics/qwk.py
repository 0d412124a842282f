"""Quadratic weighted kappa of ratings: agreement beyond chance, far misses costing most.

    κ = 1 - Σ_ij W_ij O_ij / Σ_ij W_ij E_ij,   W_ij = (i - j)²,   E = (histogram of truth) ⊗
    (histogram of decisions) / N

(Cohen 1968; APTOS 2019, PetFinder adoption.) W goes by the ratings themselves, so a rating that no
row has leaves no gap to close. Both sums are of five numbers a row, N Σ (t - d)² and
N Σ (t² + d²) - 2 Σ t Σ d, which are whole: folds pool exactly.

A constant decision scores 0. One rating only, in truth and decisions alike, is 0/0: an error, or
with `undefined: one` or `zero` that score. `n_classes` refuses a rating beyond those of the
competition.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._metric import Metric, pooled
from podium.errors import DataError

__all__ = ["METRIC"]


def _sums(
    truth: NDArray[Any], decisions: NDArray[Any], *, n_classes: int | None, undefined: str
) -> NDArray[np.float64]:
    if undefined not in ("error", "one", "zero"):
        raise DataError(f"qwk: undefined must be error, one or zero, got {undefined!r}")
    for what, ratings in (("true", truth), ("decided", decisions)):
        wrong = (ratings < 0) | (ratings != np.floor(ratings))
        if n_classes is not None:
            wrong |= ratings >= n_classes
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            known = "" if n_classes is None else f" of {n_classes}"
            raise DataError(
                f"qwk: the {what} rating of row {row} is {ratings[row]}, no class index{known}",
                fix="pass class indices from 0 on, not values or probs",
            )
    right, predicted = truth.astype(np.float64), decisions.astype(np.float64)
    each = [
        (right - predicted) ** 2,
        right**2 + predicted**2,
        right,
        predicted,
        np.ones(len(right)),
    ]
    return np.column_stack(each)


def _values(
    sums: NDArray[np.float64], *, n_classes: int | None, undefined: str
) -> NDArray[np.float64]:
    apart, squares, right, predicted, n = sums.T
    by_chance = n * squares - 2 * right * predicted
    found = 1 - n * apart / np.where(by_chance > 0, by_chance, 1.0)
    return np.where(by_chance > 0, found, {"one": 1.0, "zero": 0.0}.get(undefined, np.nan))


METRIC = Metric.from_sums(
    "qwk",
    needs="decisions",
    greater_is_better=True,
    perfect=1.0,
    worst=-1.0,
    kinds=frozenset({"multiclass", "ordinal"}),
    sums=_sums,
    value=pooled(
        "qwk",
        _values,
        undefined="one rating only, in truth and decisions alike",
        fix="score the pooled rows of all folds, or set undefined: one, or zero",
    ),
    values=_values,
    options={"n_classes": None, "undefined": "error"},
)

_GERMAN = tuple(
    f"quadratisch gewichtete{end} {kappa}"
    for end in ("s", "n", "m", "r", "")
    for kappa in ("kappa", "cohens kappa", "cohen kappa")
)

CALLED = (
    "quadratic weighted kappa", "quadratically weighted kappa", "weighted kappa",
    "quadratic kappa", "二次加权kappa", "二次加权 kappa", "二次加權kappa", "二次重み付きカッパ",
    "重み付きカッパ係数", "이차 가중 카파", "kappa quadratique pondéré",
    "kappa ponderado cuadrático",
    "quadratic weighted cohen's kappa", "quadratically weighted cohen's kappa",
    "kappa with quadratic weights", "kappa with quadratic weighting", "kappa (quadratic weights)",
    *_GERMAN, "kappa mit quadratischen gewichten", "kappa mit quadratischer gewichtung",
    "kappa pondéré quadratique", "kappa à pondération quadratique",
    "kappa avec pondération quadratique", "kappa cuadrático ponderado",
    "kappa con pesos cuadráticos", "kappa con ponderación cuadrática",
    "kappa pesato quadratico", "kappa quadratico pesato", "kappa con pesi quadratici",
    "kappa di cohen con pesi quadratici", "kappa de cohen con pesos cuadráticos",
    "kappa ponderado quadrático", "kappa quadrático ponderado", "kappa com pesos quadráticos",
    "kwadratisch gewogen kappa", "kvadratiskt viktad kappa", "kvadratiskt viktat kappa",
    "kvadratisk vektet kappa", "kappa z wagami kwadratowymi", "kvadraticky vážená kappa",
    "квадратично взвешенная каппа", "каппа с квадратичными весами",
    "karesel ağırlıklı kappa",
)  # fmt: skip
