"""The contract of a metric: a score with direction, options and, if any, sums that pool exactly.

Truth and prediction are checked here, before any metric is called.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import NDArray

from podium.competition.truths.instances import Instances
from podium.errors import DataError, suggest
from podium.tasks.protocols.find import image_kind, kind_names
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES, TaskName, is_of_pixels
from podium.tasks.protocols.needs import (
    Needs,
    are_confident,
    are_decisions,
    are_objects,
    are_probs,
    are_ranked,
    are_several,
    are_volumes,
)

__all__ = [
    "DECISIONS",
    "FORMS",
    "PROBS",
    "RANKING",
    "Metric",
    "MetricTerm",
    "Needs",
    "pooled",
    "refuse_improper_probs",
    "values_one_by_one",
]

PROBS: Needs = "probs"
DECISIONS: Needs = "decisions"
RANKING: Needs = "ranking"
FORMS: tuple[Needs, ...] = (PROBS, DECISIONS, RANKING, "confident")
"""What terms of a sum may need of one prediction of labels, in the order of their columns."""

KEYS_OF_METRIC = ("name", "task")
"""Keys that stand beside the options of each metric in `competition.yaml`."""


def _found_again(name: str, root: Path | None) -> Metric:
    found: Metric = import_module("podium.competition.metrics").get(name, root=root)
    return found


@dataclass(frozen=True)
class MetricTerm:
    """One term of a weighted sum of metrics.

    Args:
        label: what its options are called among those of the sum.
        weight: of its score; negative turns a loss into a gain.
        metric: what scores it.
    """

    label: str
    weight: float
    metric: Metric


@dataclass(frozen=True)
class Metric:
    """One metric. A file of `podium.competition.metrics` exports one as `METRIC`.

    Shapes, for N units and C classes:

    | task | truth | `needs="probs"` | `needs="decisions"` |
    | --- | --- | --- | --- |
    | multiclass | int (N,) | float (N, C) | int (N,) |
    | binary | 0/1 (N,) | float (N,) or (N, 1) | 0/1 (N,) or (N, 1) |
    | multilabel | 0/1 (N, C), -1 where unknown | float (N, C) | 0/1 (N, C) |
    | ordinal | int (N,) | float (N,) or (N, 1): ratings | int (N,) |
    | regression | float (N,) | float (N,) or (N, 1) | – |
    | multitarget | float (N, C), nan where missing | float (N, C) | as probs |

    For labels there are two more: `needs="ranking"` takes int64 `(N, k)`, classes by descending
    probability, -1 for an empty place; `needs="confident"` float64 `(N, 2)`, a class (-1: none) and
    its confidence. A true class of -1 is none of the classes; a ranking of C classes predicts it
    by the index C. The truth of a ranking may be sets, too: int `(N, M)`, padded with -1.
    `needs="several"` of a sum of metrics takes float64 `(N, …)`, what each form of its terms needs
    side by side, as `side_by_side` puts it.

    A metric of masks (`task="segment"`) takes two sequences of N masks instead, each of the form
    `competition.truths.masks.Mask`, sizes may differ; or arrays `(N, H, W)` and `(N, H, W, C)`.
    With `needs="probs"` the second has the values of each pixel, float `(H, W)` or `(H, W, C)`.
    With `needs="instances"` both are sequences of N `competition.truths.instances.Instances`; with
    `needs="volumes"` of N volumes uint8 `(D, H, W)` or `(D, H, W, C)`, a slice being a mask.

    Call a metric through `podium.competition.metrics.score`, which checks the arrays and the
    options first.

    Args:
        name: the file's name.
        needs: what is scored: probabilities (regression: values), decisions, or another of the
            forms above.
        greater_is_better: whether a higher score is a better one.
        kinds: the kinds of task that it can score.
        score: `(truth, prediction, **options)` → a finite float; DataError where it is undefined.
        options: every option with its default. All are passed to `score`, `sums` and `value`.
        sums: `(truth, prediction, **options)` → `(N, S)`, one row a unit. Summed over any set of
            units they determine the score of that set, so folds pool exactly and a bootstrap needs
            no second pass. Sums of two sets add up if S agrees: pass `n_classes` where it is an
            option.
        value: `(sums (M, S), **options)` → the score of the units whose sums these are. It adds the
            rows up first, so `(1, S)` totals serve as well.
        score_draws: for a metric without sums, or whose sums are large, `(truth, prediction,
            counts (B, N), **options)` → `(B,)`: the scores of B resamples at once, in which row i
            stands `counts[b, i]` times; nan where undefined.
        task: what is scored: a label of an image, or its mask.
        of_counts: for a metric of masks, `(counts (N, K, 4), *, kind, **options)` → sums; the
            counts are those of `mask_counts`.
        values: `(sums (B, S), **options)` → `(B,)`: `value` of each row alone, nan where that is
            undefined; for a metric that is scored thousands of times, as at every threshold.
        perfect: the score of a perfect prediction, which is the best possible; None: unknown.
        worst: the score that none can be worse than; None: unknown, or there is no such end.
        source: digest of the code, for a metric outside podium: scores of different code are not
            comparable.
        refuse: `(kind, n_classes, options)`, all of them; DataError where a task of so many
            classes cannot be scored with these options.
        skips_missing: whether the truth `(N, C)` may be missing in some cells, which are left out:
            nan of several numbers, -1 of several labels.
        usual_loss: of numbers, the losses that a recipe takes where it names none, in place of its
            kind's: those that a prediction minimises which is best by the metric.
        is_proper: whether, of all probabilities, the true ones are expected to score best, or those
            that `weights_of` makes of them, so that calibration pays.
        weights_of: of a proper metric that is a weighted mean of logarithms, `(truth, **options)` →
            how much each cell of the truth `(N, C)` weighs. The best answers are those of the
            greatest weighted likelihood.
        root: the folder beside which a metric outside podium was found.
        terms: of a weighted sum of metrics, each with its weight; () of any other.
    """

    name: str
    needs: Needs
    greater_is_better: bool
    kinds: frozenset[str]
    score: Callable[..., float]
    options: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    sums: Callable[..., NDArray[Any]] | None = None
    value: Callable[..., float] | None = None
    score_draws: Callable[..., NDArray[np.float64]] | None = None
    task: TaskName = IMAGES
    of_counts: Callable[..., NDArray[Any]] | None = None
    values: Callable[..., NDArray[np.float64]] | None = None
    perfect: float | None = None
    worst: float | None = None
    source: str = ""
    refuse: Callable[[Kind, int, Mapping[str, Any]], None] | None = None
    skips_missing: bool = False
    usual_loss: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    is_proper: bool = False
    weights_of: Callable[..., NDArray[np.float64]] | None = None
    root: Path | None = field(default=None, compare=False, repr=False)
    terms: tuple[MetricTerm, ...] = ()

    def __reduce_ex__(self, protocol: SupportsIndex) -> str | tuple[Any, ...]:
        # Functions are no data: another process finds the metric again, by its name.
        with suppress(DataError):
            if _found_again(self.name, self.root) == self:
                return _found_again, (self.name, self.root)
        return super().__reduce_ex__(protocol)

    @classmethod
    def from_sums(
        cls,
        name: str,
        *,
        needs: Needs,
        greater_is_better: bool,
        kinds: frozenset[str],
        sums: Callable[..., NDArray[Any]],
        value: Callable[..., float] | None = None,
        values: Callable[..., NDArray[np.float64]] | None = None,
        options: Mapping[str, Any] | None = None,
        perfect: float | None = None,
        worst: float | None = None,
        skips_missing: bool = False,
        usual_loss: Mapping[str, Any] | None = None,
        is_proper: bool = False,
        weights_of: Callable[..., NDArray[np.float64]] | None = None,
        refuse: Callable[[Kind, int, Mapping[str, Any]], None] | None = None,
    ) -> Metric:
        """Return a metric whose score is `value(sums(truth, prediction))`.

        Without `value` there are two sums: a total, and of how many it is; the score is its mean.
        """
        value = value or _mean

        def score(truth: NDArray[Any], prediction: NDArray[Any], **given: Any) -> float:
            return value(sums(truth, prediction, **given), **given)

        frozen = MappingProxyType(dict(options or {}))
        return cls(
            name,
            needs,
            greater_is_better,
            kinds,
            score,
            frozen,
            sums,
            value,
            values=values,
            perfect=perfect,
            worst=worst,
            refuse=refuse,
            skips_missing=skips_missing,
            usual_loss=MappingProxyType(dict(usual_loss or {})),
            is_proper=is_proper,
            weights_of=weights_of,
        )

    @property
    def identity(self) -> str:
        """The name, and for a metric outside podium the digest of its code: identifies scores."""
        return f"{self.name} {self.source}".rstrip()

    @property
    def has_sums(self) -> bool:
        """Whether the score follows from sums of units: these are there, and their value."""
        return self.sums is not None and self.value is not None

    @property
    def scores_masks(self) -> bool:
        """Whether masks, objects or volumes are scored, not labels."""
        return is_of_pixels(self.task)

    @property
    def scores_probs(self) -> bool:
        """Whether the values themselves are scored: probabilities, or numbers."""
        return are_probs(self.needs)

    @property
    def scores_decisions(self) -> bool:
        """Whether decided answers are scored: classes, yes and no, masks; of a sum, by a term."""
        return are_decisions(self.needs) or any(one.metric.scores_decisions for one in self.terms)

    @property
    def scores_objects(self) -> bool:
        """Whether sets of objects are scored."""
        return are_objects(self.needs)

    @property
    def scores_volumes(self) -> bool:
        """Whether whole volumes of masks are scored."""
        return are_volumes(self.needs)

    @property
    def scores_ranking(self) -> bool:
        """Whether classes by descending probability are scored."""
        return are_ranked(self.needs)

    @property
    def scores_confident(self) -> bool:
        """Whether a class with its confidence is scored."""
        return are_confident(self.needs)

    @property
    def scores_several(self) -> bool:
        """Whether terms of a sum score answers of different forms, as probabilities and classes."""
        return are_several(self.needs)

    def n_ranked(self, options: Mapping[str, Any]) -> int:
        """Return how many places of a ranking count; 1 where none is scored."""
        given = self.complete(options)
        if self.terms:
            return max(one.metric.n_ranked(given[one.label]) for one in self.terms)
        return int(given.get("k") or 1)

    @property
    def needs_probs(self) -> bool:
        """Whether the values themselves are scored, be it by one term of a sum alone."""
        return any(map(are_probs, self.forms))

    @property
    def forms(self) -> tuple[Needs, ...]:
        """What is scored of one prediction: of most metrics one form, of some sums several."""
        if not self.scores_several:
            return (self.needs,)
        return tuple(form for form in FORMS if self.terms_of(form))

    def terms_of(self, form: Needs) -> list[MetricTerm]:
        """Return the terms of a sum that need `form`."""
        return [one for one in self.terms if one.metric.needs == form]

    def side_by_side(
        self, make: Callable[[Needs], NDArray[Any]], options: Mapping[str, Any]
    ) -> NDArray[np.float64]:
        """Return what a sum that `scores_several` takes, `(N, …)`: what `make` makes of each form.

        A ranking has as many places as any term counts by its `options`, empty ones where it lacks
        some.
        """
        found = []
        for form in self.forms:
            made = np.asarray(make(form), dtype=np.float64)
            made = made[:, None] if made.ndim == 1 else made
            if are_ranked(form):
                n_empty = max(0, self.n_ranked(options) - made.shape[1])
                made = np.pad(made, ((0, 0), (0, n_empty)), constant_values=-1)
                made = made[:, : self.n_ranked(options)]
            found.append(made)
        return np.hstack(found)

    def complete(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return `options` with the defaults of those that are not given.

        Raises:
            DataError: this metric has no such option.
        """
        for name in options:
            if name not in self.options:
                known = (
                    f"its options are {', '.join(self.options)}" if self.options else "it has none"
                )
                of_section = suggest(
                    name,
                    KEYS_OF_METRIC,
                    "did you mean the metric's key '{}'?",
                    otherwise=f"leave it out: {known}",
                )
                fix = suggest(name, self.options, otherwise=of_section)
                raise DataError(f"metric {self.name} has no option {name!r}", fix=fix)
        found = {**self.options, **options}
        return found | {one.label: one.metric.complete(found[one.label]) for one in self.terms}

    def is_better(self, score: float, other: float) -> bool:
        """Return whether `score` is strictly better than `other`."""
        return score > other if self.greater_is_better else score < other

    def goodness(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return scores, greater for better; -inf where one is undefined, which is nan."""
        signed = scores if self.greater_is_better else -scores
        return np.where(np.isnan(signed), -np.inf, signed)

    def goodness_of(self, score: Callable[[], float]) -> float:
        """Return what `score` returns, greater for better; -inf where it is undefined."""
        try:
            found = score()
        except DataError:
            return -np.inf
        return found if self.greater_is_better else -found


def values_one_by_one(
    value: Callable[..., float], sums: NDArray[Any], options: Mapping[str, Any]
) -> NDArray[np.float64]:
    """Return `value` of each row of `sums` `(B, S)` alone, nan where that is undefined."""
    each = np.full(len(sums), np.nan)
    for b, row in enumerate(sums[:, None]):
        with suppress(DataError):
            each[b] = value(row, **options)
    return each


def _mean(sums: NDArray[np.float64], **_: Any) -> float:
    total, n = sums.sum(axis=0)
    return float(total / n)


def pooled(
    name: str, values: Callable[..., NDArray[np.float64]], *, undefined: str, fix: str
) -> Callable[..., float]:
    """Return `value` of a metric from its `values`; `undefined` is why these are nan."""

    def value(sums: NDArray[Any], **options: Any) -> float:
        (found,) = values(sums.sum(axis=0, dtype=np.float64)[None], **options)
        if np.isnan(found):
            raise DataError(f"{name} is undefined: {undefined}", fix=fix)
        return float(found)

    return value


def checked(metric: Metric, truth: Any, prediction: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return truth and prediction as arrays that match; those of one output `(N, 1)` as `(N,)`.

    Raises:
        DataError: nothing to score, lengths or shapes that do not match, or numbers that are not
            finite.
    """
    right, predicted = np.asarray(truth), np.asarray(prediction)
    if metric.scores_ranking:  # a column of sets is no vector of classes
        predicted = predicted[:, None] if predicted.ndim == 1 else predicted
    elif right.ndim == 2 and right.shape[1] == 1:
        right = right[:, 0]
    if (
        right.ndim == 1
        and predicted.ndim == 2
        and predicted.shape[1] == 1
        and not metric.scores_ranking
    ):
        predicted = predicted[:, 0]
    _refuse_misfits(metric, right, predicted)
    if metric.scores_ranking or metric.scores_confident:
        _refuse_classes(metric, "truth", right)
        _refuse_classes(
            metric, "predicted class", predicted if metric.scores_ranking else predicted[:, :1]
        )
    return right, predicted


def checked_masks(metric: Metric, truth: Any, prediction: Any) -> tuple[Any, Any]:
    """Return truth and prediction, sequences of masks; each pair is checked when it is counted.

    Of images' objects, and of volumes, the two are sequences, too, and nothing is read here.

    Raises:
        DataError: nothing to score, one mask instead of several, or lengths that differ.
    """
    one, least = "mask", 3
    if metric.scores_objects:
        one, least = "image's objects", 1
    elif metric.scores_volumes:
        one, least = "volume", 4
    for what, masks in (("truth", truth), (metric.needs, prediction)):
        is_one = isinstance(masks, Instances)
        is_one |= isinstance(masks, np.ndarray) and masks.ndim < least
        if not hasattr(masks, "__len__") or not hasattr(masks, "__getitem__") or is_one:
            raise DataError(
                f"{metric.name}: the {what} must be a sequence of {_several(one)}",
                fix=f"put a single {one} into a list",
            )
    if len(truth) != len(prediction):
        units = "volumes" if metric.scores_volumes else "images"
        raise DataError(
            f"{metric.name}: shapes do not match: truth of {len(truth)} {units}, "
            f"{metric.needs} of {len(prediction)}",
            fix=f"give one {one} each in both",
        )
    if len(truth) == 0:
        raise DataError(f"{metric.name} is undefined: there are no rows to score")
    return truth, prediction


def _several(one: str) -> str:
    return one if one.endswith("s") else f"{one}s"


def _refuse_misfits(metric: Metric, truth: NDArray[Any], prediction: NDArray[Any]) -> None:
    shapes = f"truth {truth.shape}, {metric.needs} {prediction.shape}"
    if truth.ndim not in (1, 2) or len(truth) != len(prediction):
        raise DataError(
            f"{metric.name}: shapes do not match: {shapes}", fix="give one row a unit in both"
        )
    if len(truth) == 0:
        raise DataError(f"{metric.name} is undefined: there are no rows to score")
    if metric.scores_ranking or metric.scores_confident:
        _refuse_forms(metric, truth, prediction, shapes)
    if metric.scores_several:  # each of its terms is given what it scores
        _refuse_odd_numbers(metric, truth, prediction)
        return
    wants_same = metric.scores_decisions or (truth.ndim == 2 and not metric.scores_ranking)
    if (wants_same and truth.shape != prediction.shape) or prediction.ndim > 2:
        fix = (
            "turn probabilities into decisions first"
            if metric.scores_decisions
            else "one column a class"
        )
        raise DataError(f"{metric.name}: shapes do not match: {shapes}", fix=fix)
    _refuse_odd_numbers(metric, truth, prediction)


def _refuse_odd_numbers(metric: Metric, truth: NDArray[Any], prediction: NDArray[Any]) -> None:
    """Refuse labels that are unknown, what is no number, and numbers that are not finite."""
    _refuse_unknown_cells(metric, truth)
    if metric.skips_missing and truth.ndim == 2 and truth.dtype.kind == "f":
        truth = np.where(np.isnan(truth), 0.0, truth)
    for what, array in (("truth", truth), (metric.needs, prediction)):
        if array.dtype.kind not in "biuf":
            raise DataError(f"{metric.name}: the {what} must be numbers, got dtype {array.dtype}")
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            row = int(np.flatnonzero(~np.isfinite(array).reshape(len(array), -1).all(axis=1))[0])
            raise DataError(f"{metric.name}: the {what} holds nan or infinity, first at row {row}")


def known_cells(truth: NDArray[Any]) -> NDArray[np.bool_] | None:
    """Return which cells of a truth of labels `(N, C)` are not -1; None: all are known."""
    if truth.ndim != 2 or truth.dtype.kind in "bu":
        return None
    is_known = np.asarray(truth != -1)
    return None if is_known.all() else is_known


def means_of_cells(
    each: NDArray[np.float64], is_known: NDArray[np.bool_] | None
) -> NDArray[np.float64]:
    """Return two sums a row `(N, 2)`, whose ratio over rows is the mean over all known cells.

    Args:
        each: of each cell, `(N,)` or `(N, C)`.
        is_known: which cells count, as `known_cells` has it.
    """
    if is_known is None:
        found = each.reshape(len(each), -1).mean(axis=1)
        return np.column_stack([found, np.ones(len(found))])
    return np.column_stack([np.where(is_known, each, 0.0).mean(axis=1), is_known.mean(axis=1)])


def _refuse_unknown_cells(metric: Metric, truth: NDArray[Any]) -> None:
    """Refuse a truth of 0, 1 and -1 `(N, C)` where the metric cannot leave out single cells."""
    if metric.skips_missing or metric.scores_ranking or truth.dtype.kind != "i":
        return
    if known_cells(truth) is None or not np.isin(truth, (-1, 0, 1)).all():
        return
    kinds = (image_kind(name) for name in kind_names(IMAGES) if name in metric.kinds)
    if not any(kind.is_by_class for kind in kinds):
        return
    raise DataError(
        f"{metric.name}: the truth has labels that are unknown (-1), which it cannot leave out",
        fix="take a metric that does, as auc, log_loss or macro_f1; one of your own has "
        "skips_missing=True where it leaves out the cells of -1",
    )


def _refuse_forms(
    metric: Metric, truth: NDArray[Any], prediction: NDArray[Any], shapes: str
) -> None:
    if metric.scores_ranking:
        fits, fix = prediction.ndim == 2 and prediction.shape[1] > 0, "give (N, k) classes"
    else:
        fits = truth.ndim == 1 and prediction.ndim == 2 and prediction.shape[1] == 2
        fix = "give (N, 2): the class, -1 for none, and how sure it is"
    if not fits:
        raise DataError(f"{metric.name}: shapes do not match: {shapes}", fix=fix)


def _refuse_classes(metric: Metric, what: str, classes: NDArray[Any]) -> None:
    """Refuse values that are not integers from -1 on."""
    is_wrong = (classes < -1) | (classes != np.floor(classes))
    if is_wrong.any():
        row = int(np.flatnonzero(is_wrong.reshape(len(classes), -1).any(axis=1))[0])
        raise DataError(
            f"{metric.name}: the {what} of row {row} is no class index, got "
            f"{np.asarray(classes[row]).tolist()}",
            fix="give whole numbers from 0 on, and -1 for none",
        )


def refuse_improper_probs(metric: str, truth: NDArray[Any], probs: NDArray[np.float64]) -> None:
    """Raise DataError for a truth that is not 0 or 1, or a probability outside [0, 1].

    Of several labels `(N, C)` the truth may be -1, unknown.
    """
    if not np.isin(truth, (-1, 0, 1) if truth.ndim == 2 else (0, 1)).all():
        raise DataError(f"{metric}: the truth of a binary or multilabel task must be 0 or 1")
    is_outside = ((probs < 0) | (probs > 1)).reshape(len(probs), -1).any(axis=1)
    if is_outside.any():
        row = int(np.flatnonzero(is_outside)[0])
        raise DataError(
            f"{metric}: row {row} has a probability outside [0, 1]", fix="pass probs, not logits"
        )
