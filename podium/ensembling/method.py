"""The contract of a blending method: a file of `methods/`, found by name, that exports a `METHOD`.

A method is three functions. `fit` takes members and truth and finds numbers; `combine` makes one
prediction of the members with these numbers; `prepare`, where there is one, changes a member by
itself first (such as ranks instead of probabilities). Labels and masks take the same methods: to a
method a pixel is a row.

A method that finds nothing but a weight for each member gives `BlendMethod` a `fit` alone. One that
combines otherwise, even without fitting a number, puts that into `Fitted.params`, which `combine`
takes: `methods/geometric.py` is such a one. Where classes exclude each other
(`objective.kind.is_exclusive`), rows of members sum to 1, and so must those that `combine` makes.

Callers use `prepared`, `fitted` and `combined`, in this order.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.ensembling import methods
from podium.errors import PodiumError, RunError, UsageError
from podium.predictions.top_k import TopK, TopKMembers, mean_top_k
from podium.tasks.protocols.outputs import blocks
from podium.tuning.labels.calibration import TemperatureScaling
from podium.tuning.scoring import LabelScorer
from podium.workspace import extensions
from podium.workspace.blend_notes import CALIBRATION
from podium.workspace.ids import short_digest

if TYPE_CHECKING:
    from podium.competition.metrics import Metric
    from podium.tasks.protocols.kind import Kind

__all__ = [
    "BlendMethod",
    "BlendObjective",
    "Fitted",
    "Members",
    "influence",
    "load_method",
    "method_identity",
    "method_names",
    "weighted_mean",
]


Members = Any
"""`(M, N, C)`, finite; of thousands of classes `TopKMembers`."""
Floats = NDArray[np.floating[Any]]


class BlendObjective(Protocol):
    """The objective that members are fitted for: a metric bound to the truth of N rows.

    `LabelScorer` of `tuning/scoring.py` is one for labels, `PixelObjective` of
    `masks/combining.py` for pixels of masks.
    """

    @property
    def metric(self) -> Metric: ...
    @property
    def truth(self) -> NDArray[Any]: ...  # (N,); multilabel (N, C)
    @property
    def kind(self) -> Kind: ...
    @property
    def options(self) -> Mapping[str, Any]: ...

    def of_probs(self, probs: Any) -> float:
        """Return the score of probabilities `(N, C)`, plainly decided where that is scored."""

    def take(self, rows: NDArray[np.int64]) -> BlendObjective:
        """Return the objective of these rows."""


def before_thresholds(objective: BlendObjective) -> BlendObjective:
    """Return what weights are fitted for, where thresholds or cut points are fitted after them.

    Of probabilities it is log loss: decided at 0.5, a member that ranks well but lies below it on
    rare classes scores nothing, and would get no weight. Of ratings it is the squared error. Of a
    sum that scores values, too, it is what these score. Other objectives stay as they are, those of
    pixels among them.
    """
    kind = objective.kind
    is_decided_after = kind.is_thresholded or kind.is_ordered
    if kind.is_of_pixels or not (is_decided_after and objective.metric.scores_decisions):
        return objective
    truth = objective.truth
    n_outputs = truth.shape[1] if truth.ndim == 2 else 1
    metric: str | Metric = "rmse" if kind.is_ordered else "log_loss"
    options: Mapping[str, Any] = {}
    if objective.metric.needs_probs:
        _, metric, options = metrics.of_need(objective.metric, "probs", objective.options)
    return LabelScorer.of(metric, truth, n_outputs=n_outputs, kind=kind, options=options)


OUTPUT_SIZES = "output_sizes"
"""The key for how many classes each of several outputs has, whose probabilities are to sum to 1."""


@dataclass(frozen=True)
class Fitted:
    """The result of a fit; JSON can hold it.

    Attributes:
        weights: `(M,)`, the share of each member, >= 0 with sum 1, as a table shows it. A member
            whose share is 0 changes nothing and need not be read.
        params: what `combine` needs beside the shares; numbers, texts, lists and mappings, no
            arrays. Empty: members are averaged by their shares, and `combine` is not called. The
            keys "calibration" and "output_sizes" are podium's, and no method sees the former.
        notes: caveats for readers of the blend, such as a duality gap.
    """

    weights: tuple[float, ...]
    params: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        weights: Sequence[float] | NDArray[np.floating[Any]],
        params: Mapping[str, Any] | None = None,
        notes: Sequence[str] = (),
    ) -> Fitted:
        """Return the fit of these weights, scaled to sum 1, and parameters."""
        values = np.asarray(weights, dtype=np.float64)
        total = float(values.sum())
        shares = values if total == 1.0 else values / total
        return cls(tuple(shares.tolist()), dict(params or {}), tuple(notes))

    def calibrated_by(self, calibration: TemperatureScaling, classes: Sequence[str] = ()) -> Fitted:
        """Return the fit whose prediction is calibrated, with a note on it, which names classes."""
        params = {**self.params, CALIBRATION: calibration.to_json()}
        note = (
            f"probabilities are calibrated ({calibration.describe(classes)}): the metric rewards it"
        )
        notes = self.notes if calibration.is_plain else (*self.notes, note)
        return replace(self, params=params, notes=notes)

    @property
    def calibration(self) -> TemperatureScaling | None:
        """How its prediction is calibrated."""
        found = self.params.get(CALIBRATION)
        return None if found is None else TemperatureScaling.from_json(found)

    def uncalibrated(self) -> Fitted:
        """Return the fit whose prediction is as the method makes it."""
        params = {key: one for key, one in self.params.items() if key != CALIBRATION}
        return replace(self, params=params)

    def calibrated_for_means(self, each: NDArray[Any], mean: NDArray[Any]) -> Fitted:
        """Return the fit for means over K fold models; it was calibrated on one of them a row.

        Args:
            each: `(K, n, C)`, uncalibrated: what each fold model predicts of rows without truth.
            mean: `(n, C)`, uncalibrated: their mean.
        """
        calibration = self.calibration
        if calibration is None or len(each) < 2:
            return self
        return self.uncalibrated().calibrated_by(calibration.of_means(each, mean))

    @property
    def facts(self) -> Any:
        """The part that an id hashes: the shares, with the parameters where there are some."""
        shares = list(self.weights)
        return {"weights": shares, "params": dict(self.params)} if self.params else shares

    @classmethod
    def equal(cls, n_members: int) -> Fitted:
        """Return equal shares.

        Raises:
            UsageError: there is no member.
        """
        if n_members < 1:
            raise UsageError("there is no member to blend", fix="name at least one run")
        return cls.of(np.full(n_members, 1 / n_members))


class Fit(Protocol):
    """The function from prepared members and the objective of their N rows to what `combine` needs.

    It reads nothing else, does not change its arguments, and returns the same for the same. It
    is not called for a lone member.
    """

    def __call__(self, members: Members, objective: BlendObjective, *, seed: int) -> Fitted: ...


def weighted_mean(members: Any, fitted: Fitted) -> Any:
    """Return Σ_m w_m · p_m, `(N, C)`, summed in float64 and stored as float32.

    Args:
        members: M arrays `(N, C)`, or of thousands of classes `TopK`, which it is then;
            those with weight 0 are not read.
        fitted: has the weights.
    """
    if isinstance(members[0], TopK):
        return mean_top_k(list(members), np.asarray(fitted.weights))
    total = np.zeros(np.shape(members[0]), dtype=np.float64)
    for member, weight in zip(members, fitted.weights, strict=True):
        if weight:
            total += np.multiply(member, weight, dtype=np.float64)
    return total.astype(np.float32)


def _nothing(objective: BlendObjective) -> str:
    return ""


def _one_a_member(n_members: int, n_outputs: int) -> int:
    return n_members - 1


@dataclass(frozen=True)
class BlendMethod:
    """One way to blend.

    Args:
        fit: finds the numbers.
        combine: makes one prediction `(N, C)`, float32, of all M members `(N, C)`, those with the
            share 0 too, in a list or an array. Rows do not depend on each other, so that it can be
            applied to any block of rows, or of pixels. It is called where `fit` found `params`;
            without them members are averaged by their weights.
        prepare: from a member's `(N, C)` and the fold of each row `(N,)` to `(N, C)`, before
            anything is fitted; rows of the test set are one fold. None: the member as it is. A
            method that has one blends no masks.
        n_fitted: from numbers of members and of outputs to how many numbers `fit` finds: of methods
            that score alike the one with fewer is preferred.
        refuses: why an objective cannot be blended so, or "".
        takes_top_k: whether members of thousands of classes may be `TopK`.
        gives_probs: whether what it makes are probabilities; others are no training targets and are
            not written where probabilities are scored by their values.
        name: `module:object`, of one outside podium; `load_method` fills it in, and `source`.
        source: digest of its code.
    """

    fit: Fit
    combine: Callable[[Any, Fitted], Any] = weighted_mean
    prepare: Callable[[Floats, NDArray[np.int64]], Floats] | None = None
    n_fitted: Callable[[int, int], int] = _one_a_member
    refuses: Callable[[BlendObjective], str] = _nothing
    takes_top_k: bool = False
    gives_probs: bool = True
    name: str = ""
    source: str = ""

    def prepared(self, members: Members, folds: NDArray[np.int64] | None = None) -> Members:
        """Return the members as `fitted` and `combined` take them.

        Args:
            members: `(M, N, C)`, or M arrays.
            folds: `(N,)`; None: all rows are of one.
        """
        if self.prepare is None or len(members) == 1:
            return members
        fold_of = np.zeros(len(members[0]), dtype=np.int64) if folds is None else folds
        with self._with_user_location():
            return np.stack([self.prepare(np.asarray(one), fold_of) for one in members])

    def fitted(self, members: Members, objective: BlendObjective, *, seed: int) -> Fitted:
        """Return the fit on prepared members; a lone member has the share 1."""
        if len(members) == 1:
            return Fitted.equal(1)
        with self._with_user_location():
            found = self.fit(members, objective, seed=seed)
            if self.source:
                _check_fitted(found, len(members))
        kind = objective.kind
        if kind.is_by_output and self.gives_probs and found.params:
            return replace(found, params={**found.params, OUTPUT_SIZES: list(kind.sizes)})
        return found

    def combined(self, members: Any, fitted: Fitted) -> Any:
        """Return one prediction `(N, C)`.

        A lone member is what it is. Where nothing could be fitted (`Fitted.equal`), members are
        averaged, whatever the method. Probabilities of each of several outputs are scaled to sum 1.
        The result is calibrated last, where the fit holds how.
        """
        calibration, plain = fitted.calibration, fitted.uncalibrated()
        if len(members) == 1 or not plain.params:
            made = weighted_mean(members, plain)
        else:
            with self._with_user_location():
                made = self.combine(members, plain)
                if self.source and not isinstance(made, TopK):
                    _check_combined(made, np.shape(members[0]))
            made = _by_output(made, plain.params.get(OUTPUT_SIZES, ()))
        return made if calibration is None else calibration.calibrated(made)

    def check(self, name: str, members: Members, objective: BlendObjective) -> None:
        """Raise UsageError where these members cannot be blended so."""
        if len(members) == 1:
            return
        with self._with_user_location():
            reason = self.refuses(objective)
        if isinstance(members, TopKMembers) and not self.takes_top_k:
            reason = "it needs the probabilities of all classes, and the likeliest are kept"
        if reason:
            raise UsageError(
                f"members cannot be blended by {name}: {reason}", fix="choose another --method"
            )

    @contextmanager
    def _with_user_location(self) -> Iterator[None]:
        """Raise an error of code outside podium with the line that raised it."""
        try:
            yield
        except PodiumError:
            raise
        except Exception as cause:
            if not self.source:
                raise
            raise RunError(
                f"the blending method {self.name} fails: {type(cause).__name__}: {cause}",
                where=extensions.user_code_location(cause),
                fix="mend it, or choose another --method",
            ) from cause


def _by_output(probs: Any, sizes: Sequence[int]) -> Any:
    """Return probabilities `(N, C)` that sum to 1 in each output; as they are without outputs."""
    if not sizes:
        return probs
    each = [np.asarray(probs, dtype=np.float64)[:, one] for one in blocks(sizes)]
    scaled = [
        np.divide(one, total, out=np.full_like(one, 1 / one.shape[1]), where=total > 0)
        for one in each
        for total in [one.sum(axis=1, keepdims=True)]
    ]
    return np.hstack(scaled).astype(np.float32)


def _check_fitted(found: Any, n_members: int) -> None:
    """Raise what is wrong with the find of a method outside podium."""
    if not isinstance(found, Fitted):
        raise TypeError(f"fit returns a {type(found).__name__}, not a Fitted")
    weights = np.asarray(found.weights, dtype=np.float64)
    is_share = weights.shape == (n_members,) and bool((weights >= 0).all())
    if not (is_share and np.isclose(weights.sum(), 1)):
        raise ValueError(
            f"fit finds the weights {weights.tolist()}: {n_members} are needed, >= 0 with sum 1"
        )
    try:
        json.dumps(dict(found.params))
    except (TypeError, ValueError) as error:
        raise TypeError(f"fit finds params that JSON cannot keep: {error}") from error


def _check_combined(made: Any, expected: tuple[int, ...]) -> None:
    """Raise what is wrong with the prediction of a method outside podium."""
    if np.shape(made) != expected:
        raise ValueError(f"combine returns the shape {np.shape(made)}, and members have {expected}")
    if not np.isfinite(made).all():
        raise ValueError("combine returns values that are not finite")


def method_names() -> list[str]:
    """Return the names of podium's blending methods; none is imported."""
    return extensions.names(methods)


_CONTRACT = extensions.ExtensionContract(
    "a podium.ensembling.method.BlendMethod", lambda found: isinstance(found, BlendMethod)
)


def load_method(name: str, *, root: Path | None = None) -> BlendMethod:
    """Return the blending method `name`.

    Args:
        name: a file of `methods/`, or `module:object`.
        root: the workspace's folder, in which such a module is looked for first.

    Raises:
        UsageError: there is none, or what `module:object` names is none.
    """
    found: BlendMethod = extensions.load(methods, name, "METHOD", root=root, contract=_CONTRACT)
    if not extensions.is_user_object(name):
        return found
    return replace(found, name=name, source=_source_of(name, root))


def method_identity(name: str, *, root: Path | None = None) -> str:
    """Return the name; of a method outside podium the digest of its code, too, as a metric has it.

    Raises:
        UsageError: there is no such module.
    """
    return f"{name} {_source_of(name, root)}" if extensions.is_user_object(name) else name


def _source_of(name: str, root: Path | None) -> str:
    """Return the digest of the module and of what it imports from the workspace."""
    return short_digest(extensions.sources([name], root))


def influence(coefficients: NDArray[np.floating[Any]] | Sequence[Any]) -> NDArray[np.float64]:
    """Return `(M,)`, the shares of Σ |w| of each member, with sum 1; equal where all weights are 0.

    Args:
        coefficients: `(M,)`, or `(M, C)` with a weight for each output.
    """
    sizes = np.abs(np.asarray(coefficients, dtype=np.float64)).reshape(len(coefficients), -1)
    total = sizes.sum()
    return sizes.sum(axis=1) / total if total > 0 else np.full(len(sizes), 1 / len(sizes))
