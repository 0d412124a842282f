"""Units: the scored things where each is several images, as a breast of two views, or a study.

Networks predict images, and predictions are kept by image. They are aggregated to units when they
are scored, decided or written, by `units.aggregate` of `competition.yaml`:

    mean      Σ_i p_i / n
    max       max_i p_i
    noisy_or  1 - Π_i (1 - p_i)         of findings, any of which suffices (Pearl 1988, §4.3.2)

The truth of a unit is the label that its images share (`units.truth: agree`), or the highest of
theirs (`max`): a breast has cancer if one view of it shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from podium.competition.sections.data import SpecSection
from podium.errors import DataError, either, plural, some

if TYPE_CHECKING:
    import pandas as pd

    from podium.competition.spec import Competition

__all__ = [
    "Aggregate",
    "Units",
    "UnitsSpec",
    "describe_units",
    "has_label",
    "has_units",
    "refuse_units",
    "unit_facts",
    "units_of",
]


@dataclass(frozen=True)
class Units:
    """The assignment of N rows to U units.

    Attributes:
        names: `(U,)`, in the order of their first rows.
        of_row: int64 `(N,)`: the position of each row's unit in `names`.
        aggregate, truth_rule: as `units` of `competition.yaml` has them.
    """

    names: tuple[str, ...]
    of_row: NDArray[np.int64]
    aggregate: Aggregate = "mean"
    truth_rule: UnitTruth = "agree"

    @classmethod
    def of(
        cls, names: Sequence[Any], aggregate: Aggregate = "mean", truth_rule: UnitTruth = "agree"
    ) -> Units:
        """Return the units of rows whose units are called `names` `(N,)`."""
        number: dict[str, int] = {}
        of_row = [number.setdefault(str(name), len(number)) for name in names]
        return cls(tuple(number), np.array(of_row, dtype=np.int64), aggregate, truth_rule)

    def __len__(self) -> int:
        return len(self.names)

    @property
    def first(self) -> NDArray[np.int64]:
        """The position of the first row of each unit, `(U,)`, ascending."""
        return np.asarray(np.unique(self.of_row, return_index=True)[1], dtype=np.int64)

    def take(self, rows: NDArray[np.int64]) -> Units:
        """Return the units of these rows, without those that have none among them."""
        named = [self.names[one] for one in self.of_row[rows]]
        return Units.of(named, self.aggregate, self.truth_rule)

    def probs(self, values: NDArray[Any]) -> NDArray[np.float32]:
        """Return `values` `(N, C)` of rows aggregated to units, `(U, C)`, computed in float64.

        Example:
            >>> breasts = Units.of(["7_L", "7_L", "7_R"], "noisy_or")
            >>> breasts.probs(np.array([[0.5], [0.5], [0.25]])).tolist()
            [[0.75], [0.25]]
        """
        of_rows = np.asarray(values, dtype=np.float64).reshape(len(self.of_row), -1)
        if self.aggregate == "max":
            found = np.full((len(self), of_rows.shape[1]), -np.inf)
            np.maximum.at(found, self.of_row, of_rows)
        elif self.aggregate == "noisy_or":
            found = np.ones((len(self), of_rows.shape[1]))
            np.multiply.at(found, self.of_row, 1 - of_rows)
            found = 1 - found
        else:
            found = np.zeros((len(self), of_rows.shape[1]))
            np.add.at(found, self.of_row, of_rows)
            found /= np.bincount(self.of_row, minlength=len(self))[:, None]
        return found.astype(np.float32)

    def truth(self, labels: NDArray[Any]) -> NDArray[Any]:
        """Return the labels of units `(U,)` or `(U, C)` from those of rows.

        Args:
            labels: as `samples.truth` returns them, -1 or nan where missing: the label of such an
                image's unit comes from its other images; so does a class that is unknown of one.

        Raises:
            DataError: the labels of a unit differ, and `units.truth` does not decide.
        """
        right = np.asarray(labels)
        missing = np.nan if right.dtype.kind == "f" else -1
        known = np.flatnonzero(has_label(right))
        dtype = right.dtype if right.dtype.kind == "f" else np.int64
        found = np.full((len(self), *right.shape[1:]), missing, dtype=dtype)
        found[self.of_row[known]] = right[known]
        if self.truth_rule == "max":
            np.fmax.at(found, self.of_row[known], right[known].astype(dtype))
            return found
        if right.ndim == 2 and right.dtype.kind != "f":
            # A class that is unknown of one image may be known of another one.
            np.maximum.at(found, self.of_row[known], right[known].astype(dtype))
        own = found[self.of_row[known]]
        is_other = (own != right[known]) & ~((own != own) & (right[known] != right[known]))  # nan
        if right.ndim == 2 and right.dtype.kind != "f":
            is_other &= right[known] != missing
        differs = is_other.reshape(len(known), -1).any(axis=1)
        if differs.any():
            torn = dict.fromkeys(self.names[one] for one in self.of_row[known[differs]])
            raise DataError(
                f"{either(len(torn), 'unit has', 'units have')} images of different labels: "
                f"{some(torn)}",
                where="data.train.unit",
                fix="mend the labels, or write units: {truth: max} if the highest one counts",
            )
        return found


def unit_facts(competition: Competition) -> dict[str, Any]:
    """Return the facts that a score depends on beside its metric; {} where images are scored.

    How rows are called is among the facts, what they are called is not.
    """
    if not competition.scores_units:
        return {}
    spec = competition.units.model_dump(mode="json")
    return {"units": {"of": competition.data.train.unit, **spec}}


def describe_units(samples: pd.DataFrame) -> str:
    """Return how many units `samples` are, and how many images one has.

    Example:
        >>> import pandas as pd
        >>> describe_units(pd.DataFrame({"unit": ["7_L", "7_L", "7_R"]}))
        '3 images of 2 units, 1 to 2 each'
    """
    sizes = samples["unit"].value_counts()
    return (
        f"{plural(len(samples), 'image')} of {plural(len(sizes), 'unit')}, {sizes.min()} "
        f"to {sizes.max()} each"
    )


def has_units(*frames: pd.DataFrame) -> bool:
    """Return whether some row of some of `frames` is of a unit that is not itself."""
    return any(bool((one["unit"] != one["id"]).any()) for one in frames)


def has_label(labels: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which of `labels` `(N,)` or `(N, C)` are there: neither nan nor negative integers.

    Of several numbers, or classes, one is enough.
    """
    if labels.dtype.kind == "f":
        return np.asarray(np.isfinite(labels).reshape(len(labels), -1).any(axis=1))
    return np.asarray((labels.reshape(len(labels), -1) >= 0).any(axis=1))


def units_of(
    samples: pd.DataFrame, competition: Competition, aggregate: Aggregate | None = None
) -> Units | None:
    """Return the units of `samples`; None where the labels of single images are scored.

    Args:
        samples: rows with `unit`.
        competition: whose.
        aggregate: in place of the competition's.
    """
    if not competition.scores_units:
        return None
    spec = competition.units
    return Units.of(list(samples["unit"]), aggregate or spec.aggregate, spec.truth)


Aggregate = Literal["mean", "max", "noisy_or"]
UnitTruth = Literal["agree", "max"]


class UnitsSpec(SpecSection):
    """Aggregation of the predictions and labels of several images to one of their unit."""

    aggregate: Aggregate = Field(
        default="mean",
        description="a unit's prediction from those of its images: mean; max (binary, "
        "multilabel, ordinal); noisy_or, 1 - Π (1 - p) (binary, multilabel)",
    )
    truth: UnitTruth = Field(
        default="agree",
        description="the label of a unit: agree, that of all its images; max, the highest of "
        "theirs (binary, multilabel, ordinal)",
    )


def refuse_units(competition: Competition) -> None:
    """Raise a ValueError unless `units` fits the data and the task."""
    train, test, spec = competition.data.train, competition.data.test, competition.units
    if train.unit is None:
        if spec != UnitsSpec():
            raise ValueError("units: data.train.unit is missing: name the column of the units")
        if test is not None and test.unit is not None:
            raise ValueError("data.test.unit: set data.train.unit, too")
        return
    if competition.scores_masks:
        if spec != UnitsSpec():
            raise ValueError("units: labels become those of units, and here masks are scored")
        return
    if test is not None and test.unit is None:
        raise ValueError("data.test needs unit: train's images are scored by units")
    kind = competition.kind
    has_highest = kind.is_thresholded or kind.is_ordered
    able = ["mean", *(["max"] if has_highest else [])]
    able += ["noisy_or"] if kind.is_thresholded else []
    if spec.aggregate not in able:
        raise ValueError(
            f"units.aggregate: {kind} labels take {' or '.join(able)}, not {spec.aggregate}"
        )
    if spec.truth == "max" and not has_highest:
        raise ValueError(f"units.truth: no {kind} label is the highest: write agree")
