"""One class of several: the most probable, weighted or not, or the likeliest ones in order."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from podium.errors import UsageError
from podium.predictions.decisions.kinds import LabelDecisions, LabelStep
from podium.predictions.decisions.parameters import is_whole, one_per_output
from podium.predictions.top_k import TopK, most_confident, rank

Values = NDArray[np.float32]


def _argmax(probs: Values, _: None) -> NDArray[np.int64]:
    return np.asarray(np.argmax(probs, axis=1), dtype=np.int64)


def _likeliest(probs: TopK, _: None) -> NDArray[np.int64]:
    return probs.best(1)[0][:, 0]


def _class_weights(probs: Values, weights: ArrayLike) -> NDArray[np.int64]:
    weighted = probs * np.asarray(weights, dtype=np.float64)
    return np.asarray(np.argmax(weighted, axis=1), dtype=np.int64)


def _check_weights(parameter: Any, n_outputs: int) -> None:
    values = one_per_output("class_weights", parameter, n_outputs)
    if (values < 0).any() or not values.any():
        raise UsageError(
            f"decide: class_weights must be >= 0 and not all 0, got {parameter!r}",
            fix="give a positive number a class",
        )


def _topk(probs: Values | TopK, parameter: Mapping[str, Any]) -> NDArray[np.int64]:
    return rank(probs, int(parameter["k"]), unknown=parameter.get("unknown"))


def _check_topk(parameter: Any, _: int) -> None:
    if not _may_be_unknown(parameter, {"k"}) or not is_whole(parameter["k"]) or parameter["k"] < 1:
        raise _unfit_ranking("topk", parameter, "{k: 5, unknown: 0.3}")


def _confident(probs: Values | TopK, parameter: Mapping[str, Any] | None) -> NDArray[np.float64]:
    return most_confident(probs, unknown=(parameter or {}).get("unknown"))


def _check_confident(parameter: Any, _: int) -> None:
    if not _may_be_unknown({} if parameter is None else parameter, set()):
        raise _unfit_ranking("confident", parameter, "{unknown: 0.3}")


def _may_be_unknown(given: Any, needed: set[str]) -> bool:
    """Return whether a mapping has the `needed` keys and at most `unknown`, a number, with them."""
    if not isinstance(given, Mapping) or not needed <= set(given) <= needed | {"unknown"}:
        return False
    unknown = given.get("unknown", 0)
    return isinstance(unknown, int | float) and math.isfinite(unknown)


def _unfit_ranking(name: str, parameter: Any, example: str) -> UsageError:
    return UsageError(
        f"decide: {name} cannot take {parameter!r}",
        fix=f"write {name}: {example}; k is at least 1, unknown a number or left out",
    )


DECISIONS = LabelDecisions(
    {
        "argmax": LabelStep(_argmax, decide_likeliest=_likeliest),
        "class_weights": LabelStep(_class_weights, check=_check_weights),
        "topk": LabelStep(_topk, None, _check_topk, _topk, gives="ranking"),
        "confident": LabelStep(_confident, None, _check_confident, _confident, gives="confident"),
    }
)
