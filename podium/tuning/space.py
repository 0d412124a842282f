"""A space of parameters that a study draws from: numbers between two ends, or one of several."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from podium.errors import UsageError

if TYPE_CHECKING:
    import optuna

__all__ = ["CategoricalValues", "NumberRange", "SearchParameter", "SearchSpace", "is_plain"]


@dataclass(frozen=True)
class NumberRange:
    """A number from `low` to `high`, both included.

    Attributes:
        low, high: whole numbers for a whole one.
        log: drawn evenly on a logarithmic scale.
        step: distance between two values; None: any (whole numbers: 1).

    Raises:
        UsageError: the ends are the wrong way round or not finite, a logarithm of what is not
            positive, or a step that does not lead from one end to the other.
    """

    low: float
    high: float
    log: bool = False
    step: float | None = None

    def __post_init__(self) -> None:
        if not -math.inf < self.low < self.high < math.inf:
            raise UsageError(
                f"from {self.low} to {self.high} is no range", fix="write low: 1, high: 2"
            )
        if self.log and self.low <= 0:
            raise UsageError(f"a logarithmic range cannot begin at {self.low}", fix="leave out log")
        if self.step is not None:
            self._check_step(self.step)

    def _check_step(self, step: float) -> None:
        if self.log:
            raise UsageError("a logarithmic range has no step", fix="leave out log or step")
        if not 0 < step < math.inf or (self.is_whole and step != int(step)):
            raise UsageError(f"a step of {step} leads nowhere", fix="write step: 1")
        low, width = Decimal(str(self.low)), Decimal(str(step))  # 0.1 is a tenth to its author
        if rest := (Decimal(str(self.high)) - low) % width:
            raise UsageError(
                f"steps of {step} from {self.low} do not end at {self.high}",
                fix=f"write high: {Decimal(str(self.high)) - rest}",
            )

    @property
    def is_whole(self) -> bool:
        return isinstance(self.low, int) and isinstance(self.high, int)

    def holds(self, value: Any) -> bool:
        """Return whether `value` is a number of this range; steps are not looked at."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return self.low <= value <= self.high and (not self.is_whole or value == int(value))


@dataclass(frozen=True)
class CategoricalValues:
    """One of several values, drawn evenly: numbers, texts, yes or no, None, lists or mappings.

    Raises:
        UsageError: there is none, two are equal, or one is no JSON value.
    """

    values: tuple[Any, ...]

    def __post_init__(self) -> None:
        if not self.values:
            raise UsageError("a choice needs a value", fix="write choice: [a, b]")
        kept = self.kept
        for i, one in enumerate(kept):
            if one in kept[:i]:  # Optuna finds values by ==, by which 1, 1.0 and true are one
                raise UsageError(f"{self.values[i]!r} is there twice", fix="leave one out")

    @property
    def kept(self) -> tuple[Any, ...]:
        """The values as Optuna keeps them: lists and mappings as JSON text."""
        return tuple(_kept(one) for one in self.values)

    def holds(self, value: Any) -> bool:
        """Return whether `value` is one of the values; 1 is not true."""
        return any(type(one) is type(value) and one == value for one in self.values)


@dataclass(frozen=True)
class SearchParameter:
    """A parameter of a search: the values that are drawn under one name.

    Attributes:
        name: as people and Optuna call it: `optimizer.lr`.
        domain: its values.
    """

    name: str
    domain: NumberRange | CategoricalValues


@dataclass(frozen=True)
class SearchSpace:
    """Parameters that are drawn together, each name once.

    Raises:
        UsageError: a name is there twice.
    """

    parameters: tuple[SearchParameter, ...]

    def __post_init__(self) -> None:
        names = [one.name for one in self.parameters]
        for name in {one for one in names if names.count(one) > 1}:
            raise UsageError(f"the parameter {name!r} is there twice", fix="leave one out")

    def drawn(self, trial: optuna.Trial) -> dict[str, Any]:
        """Return the values of a trial, by name.

        Raises:
            ValueError: the study of the trial has other choices under one of the names.
        """
        return {one.name: _drawn(one, trial) for one in self.parameters}

    def as_params(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return values as Optuna keeps them, to put a trial in its queue.

        Args:
            values: of all parameters, or of some: the others are drawn.

        Raises:
            UsageError: a name that is no parameter, or a value outside its range or choice.
        """
        by_name = {one.name: one.domain for one in self.parameters}
        for name, value in values.items():
            if name not in by_name:
                raise UsageError(f"{name!r} is no parameter of this space")
            if not by_name[name].holds(value):
                raise UsageError(f"{name} cannot be {value!r} in this space")
        return {
            name: _kept(value) if isinstance(by_name[name], CategoricalValues) else value
            for name, value in values.items()
        }

    def distributions(self) -> dict[str, optuna.distributions.BaseDistribution]:
        """Return Optuna's distributions, by name, for trials that were made elsewhere."""
        return {one.name: _distribution(one.domain) for one in self.parameters}


def is_plain(value: Any) -> bool:
    """Return whether Optuna keeps `value` as it is, not as a JSON text."""
    return value is None or isinstance(value, _PLAIN)


_PLAIN = (bool, int, float, str)


def _kept(value: Any) -> Any:
    if is_plain(value):
        return value
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"a choice cannot be {value!r}: {error}", fix="take numbers, texts, lists and mappings"
        ) from error


def _drawn(one: SearchParameter, trial: optuna.Trial) -> Any:
    domain = one.domain
    if isinstance(domain, CategoricalValues):
        kept = domain.kept
        return domain.values[kept.index(trial.suggest_categorical(one.name, kept))]
    if domain.is_whole:
        return trial.suggest_int(
            one.name, int(domain.low), int(domain.high), step=int(domain.step or 1), log=domain.log
        )
    return trial.suggest_float(one.name, domain.low, domain.high, step=domain.step, log=domain.log)


def _distribution(domain: NumberRange | CategoricalValues) -> optuna.distributions.BaseDistribution:
    from optuna import distributions

    if isinstance(domain, CategoricalValues):
        return distributions.CategoricalDistribution(domain.kept)
    low, high, log = domain.low, domain.high, domain.log
    if domain.is_whole:
        return distributions.IntDistribution(int(low), int(high), log, int(domain.step or 1))
    return distributions.FloatDistribution(low, high, log, domain.step)
