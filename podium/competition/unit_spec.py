"""The part of `competition.yaml` that says how images become the units that are scored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from podium.competition.data_spec import Part

if TYPE_CHECKING:
    from podium.competition.spec import Competition

__all__ = ["Aggregate", "UnitTruth", "UnitsSpec", "refuse_units"]

Aggregate = Literal["mean", "max", "noisy_or"]
UnitTruth = Literal["agree", "max"]

_AGGREGATES: dict[str, tuple[Aggregate, ...]] = {
    "binary": ("mean", "max", "noisy_or"),
    "multilabel": ("mean", "max", "noisy_or"),
    "ordinal": ("mean", "max"),
}
_HAS_HIGHEST = ("binary", "multilabel", "ordinal")


class UnitsSpec(Part):
    """How the labels of several images become one, where `data.train.unit` names what they show."""

    aggregate: Aggregate = Field(
        default="mean",
        description="what is said of a unit, from what is said of its images: mean; max (binary, "
        "multilabel, ordinal); noisy_or, 1 - Π (1 - p) (binary, multilabel)",
    )
    truth: UnitTruth = Field(
        default="agree",
        description="the label of a unit: agree, that of all its images; max, the highest of "
        "theirs (binary, multilabel, ordinal)",
    )


def refuse_units(competition: Competition) -> None:
    """Raise a ValueError unless what is said of units fits the data and the task."""
    train, test, spec = competition.data.train, competition.data.test, competition.units
    if train.unit is None:
        if spec != UnitsSpec():
            raise ValueError("units: data.train.unit does not say what the units are")
        if test is not None and test.unit is not None:
            raise ValueError("data.test.unit: say in data.train.unit, too, what the units are")
        return
    if competition.scored_task != "classify":
        if spec != UnitsSpec():
            raise ValueError("units: labels become those of units, and here masks are scored")
        return
    if test is not None and test.unit is None:
        raise ValueError("data.test needs unit: train's images are scored by units")
    kind = competition.kind
    able = _AGGREGATES.get(kind, ("mean",))
    if spec.aggregate not in able:
        raise ValueError(
            f"units.aggregate: {kind} labels take {' or '.join(able)}, not {spec.aggregate}"
        )
    if spec.truth == "max" and kind not in _HAS_HIGHEST:
        raise ValueError(f"units.truth: no {kind} label is the highest: write agree")
