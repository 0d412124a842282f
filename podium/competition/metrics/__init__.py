"""Metrics, one file each, found by the file's name; `module:object` names one outside podium.

    >>> score("accuracy", [0, 1, 1], [0, 1, 0])
    0.6666666666666666

Rules that hold for all of them: the options are explicit and none of their defaults is a library's;
an undefined score is a DataError that names the column, never nan; scoring is done in float64.
"""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._by_output import BY_OUTPUT, by_output, can_be_by_output
from podium.competition.metrics._mask_ratios import mask_counts
from podium.competition.metrics._metric import (
    Metric,
    Needs,
    checked,
    checked_masks,
    known_cells,
    values_one_by_one,
)
from podium.competition.metrics._sum import (
    direction_of_sum,
    of_need,
    sum_of_metrics,
)
from podium.competition.sections.sums import sum_terms
from podium.competition.units import unit_facts
from podium.errors import DataError
from podium.tasks.protocols.find import find_kind, image_kind, pixel_kind, with_kinds
from podium.tasks.protocols.names import IMAGES, PIXELS
from podium.tasks.protocols.needs import are_decisions, are_probs, are_ranked
from podium.tasks.protocols.outputs import as_flags
from podium.workspace import extensions
from podium.workspace.ids import short_digest

if TYPE_CHECKING:
    from podium.competition.spec import Competition
    from podium.tasks.protocols.kind import Kind
    from podium.tasks.protocols.names import TaskName

__all__ = [
    "Metric",
    "Needs",
    "advice",
    "arguments",
    "can_score",
    "checked",
    "direction_of_sum",
    "facts_of",
    "fitting",
    "get",
    "kind_to_learn",
    "known_cells",
    "mask_counts",
    "names",
    "of",
    "of_counts",
    "of_need",
    "phrases",
    "score",
    "sums",
    "usual",
    "value",
    "values",
    "with_classes",
    "with_known",
]

__path__ = with_kinds(__path__, "metrics")

_CONTRACT = extensions.ExtensionContract(
    "a podium.competition.metrics.Metric", lambda found: isinstance(found, Metric)
)


def names() -> list[str]:
    """Return the names of podium's metrics; none is imported.

    Example:
        >>> import podium
        >>> "macro_f1" in podium.metrics.names()
        True
    """
    return extensions.names(sys.modules[__name__])


def phrases(name: str) -> tuple[str, ...]:
    """Return what competitions' pages call a metric of podium: its `CALLED`, and its name.

    Example:
        >>> import podium
        >>> podium.metrics.phrases("mae")[:2]
        ('mae', 'mean absolute error')
    """
    module = import_module(f"{__name__}.{name}")
    return name.replace("_", " "), *getattr(module, "CALLED", ())


_LEAST_ALIKE = 0.65


def advice(name: str) -> str:
    """Return what to write in the place of a name that no metric has.

    Case and signs do not count, nor does a "score" at the end. Names that competitions' pages use
    lead to the metric; so do names spelt like them. Where none is alike, all are listed.

    Example:
        >>> advice("QWK"), advice("quadratic_kappa"), advice("F1-Score")
        ('write qwk', 'write qwk', 'write f1 or macro_f1')
    """
    meant, known = _words(name), names()
    called: dict[str, list[str]] = {}
    for one in known:
        if _words(one) == meant:
            return f"write {one}"
        for phrase in phrases(one):
            called.setdefault(_words(phrase), []).append(one)
    found = {*called.get(meant, ()), *called.get(meant.removesuffix(" score"), ())}
    for near in difflib.get_close_matches(meant, called, 1, _LEAST_ALIKE) if not found else ():
        found.update(called[near])
    if not found:
        return f"choose one of {', '.join(known)}"
    return f"write {' or '.join(sorted(found))}"


def _words(name: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", name.casefold()))


def get(name: str | Metric, *, root: Path | None = None) -> Metric:
    """Return the metric `name`.

    Args:
        name: a metric's name, `module:object` (which is then its name), a weighted sum of some
            (`0.5 auc + 0.5 f1`), or the metric.
        root: the workspace's folder, in which such a module is looked for first.

    Raises:
        DataError: there is no such metric; the nearest name is suggested. Or the object of
            `module:object` cannot be loaded, or is not a metric. Or terms of a sum do not add.

    Example:
        >>> import podium
        >>> metric = podium.metrics.get("fbeta")
        >>> metric.needs, metric.greater_is_better, metric.options["beta"]
        ('decisions', True, 2.0)
    """
    if isinstance(name, Metric):
        return name
    terms = sum_terms(name)
    if terms is not None:
        return sum_of_metrics([(weight, get(one, root=root)) for weight, one in terms])
    if name.endswith(BY_OUTPUT):
        return by_output(get(name.removesuffix(BY_OUTPUT), root=root))
    found: Metric = extensions.load(
        sys.modules[__name__], name, "METRIC", error=DataError, root=root, contract=_CONTRACT
    )
    if ":" not in name:
        return found
    source = short_digest(extensions.sources([name], root, error=DataError))
    return replace(found, name=name, source=source, root=root)


def of(competition: Competition) -> Metric:
    """Return the metric that `competition` names, a user's own from beside `competition.yaml`.

    Raises:
        DataError: as `get`.
    """
    return get(competition.metric.name, root=competition.root)


def kind_to_learn(competition: Competition, task: TaskName) -> Kind:
    """Return the kind of a network's output for `task`, with the losses that its metric asks for.

    Raises:
        DataError: as `get`.
    """
    kind, scored_by = competition.kind_of(task), competition.metric_of(task)
    if scored_by is None or not kind.is_continuous:
        return kind
    metric = get(scored_by.name, root=competition.root)
    return kind.with_facts(usual_loss=dict(metric.usual_loss)) if metric.usual_loss else kind


def facts_of(competition: Competition) -> dict[str, Any]:
    """Return the facts that a score depends on: the competition's metric, its options and code.

    And on how images become units, where these are scored.

    Raises:
        DataError: as `get`.
    """
    facts = competition.metric.model_dump(mode="json")
    source = of(competition).source if ":" in competition.metric.name else ""
    facts |= unit_facts(competition)
    if competition.open_set is not None:  # rows that are new to their fold's model are of no class
        facts["open_set"] = competition.open_set
    return {**facts, "source": source} if source else facts


def score(
    name: str | Metric, truth: Any, prediction: Any, *, where: object = None, **options: Any
) -> float:
    """Return the score of `prediction`, one row a unit, shapes as in `Metric`.

    Args:
        name: a metric's name, or the metric.
        truth: `(N,)`, or `(N, C)` for a multilabel task; N masks for a metric of masks.
        prediction: what the metric needs: probabilities or decisions.
        where: named in an error: a file, or `fold 3`.
        options: options of the metric.

    Raises:
        DataError: the score is undefined, the arrays do not match, or an option is unknown or
            impossible.

    Example:
        >>> round(score("log_loss", [0, 1], [[1.0, 0.0], [1.0, 0.0]]), 4)
        17.2694
    """
    metric = get(name)
    try:
        complete = metric.complete(options)
        given = arguments(metric, truth, prediction)
        return float(_called(metric, metric.score, *given, **complete))
    except DataError as error:
        fix = error.fix or _value_to_write(metric, error.message)
        if fix == error.fix and (where is None or error.where is not None):
            raise
        raise DataError(error.message, where=error.where or where, fix=fix) from error


def sums(name: str | Metric, truth: Any, prediction: Any, **options: Any) -> NDArray[Any] | None:
    """Return per-unit sums `(N, S)` of the checked arrays; None where the metric has none.

    Example:
        >>> import podium
        >>> podium.metrics.sums("accuracy", [0, 1, 1], [0, 1, 0]).tolist()
        [[1.0, 1.0], [1.0, 1.0], [0.0, 1.0]]
    """
    metric = get(name)
    if metric.sums is None:
        return None
    given = arguments(metric, truth, prediction)
    found: NDArray[Any] = _called(metric, metric.sums, *given, **metric.complete(options))
    return found


def of_counts(
    name: str | Metric, counts: NDArray[Any], *, kind: Kind, **options: Any
) -> NDArray[Any]:
    """Return the sums `(N, S)` of a metric of masks from `mask_counts` of every image.

    Args:
        name: a metric's name, or the metric.
        counts: `(N, K, 4)`, whole numbers, or floats where pixels have weights.
        kind: of the task that the counts are of.
        options: options of the metric; give the same ones to `value`.

    Raises:
        DataError: this is no metric of masks, or an option is unknown or impossible.
    """
    metric, kind = get(name), pixel_kind(kind)
    if metric.of_counts is None:
        raise DataError(f"metric {metric.name} scores no masks", fix=_able(PIXELS, kind))
    if counts.ndim != 3 or counts.shape[2] != 4 or len(counts) == 0:
        raise DataError(f"{metric.name}: counts have the shape (N, K, 4), got {counts.shape}")
    complete = {**metric.complete(options), "kind": kind}
    found: NDArray[Any] = _called(metric, metric.of_counts, counts, **complete)
    return found


def value(name: str | Metric, sums: NDArray[Any], **options: Any) -> float:
    """Return the score of the units whose sums `(N, S)` these are.

    Raises:
        DataError: the metric is no function of sums, the score is undefined, or an option is
            unknown or impossible.

    Example:
        >>> import numpy as np
        >>> import podium
        >>> batches = [([0, 1], [0, 1]), ([1, 2], [0, 2])]
        >>> sums = [podium.metrics.sums("accuracy", *batch) for batch in batches]
        >>> podium.metrics.value("accuracy", np.concatenate(sums))
        0.75
    """
    metric = get(name)
    if metric.value is None:
        raise DataError(f"{metric.name} is no function of sums of single units")
    if sums.ndim != 2 or len(sums) == 0:
        raise DataError(f"{metric.name}: sums have the shape (N, S), got {sums.shape}")
    return float(_called(metric, metric.value, sums, **metric.complete(options)))


def values(name: str | Metric, sums: NDArray[Any], **options: Any) -> NDArray[np.float64]:
    """Return the scores `(B,)` of B sets of units whose sums `(B, S)` these are.

    Each equals `value` of that row; nan where it is undefined.

    Raises:
        DataError: the metric is no function of sums, or an option is unknown or impossible.
    """
    metric = get(name)
    if metric.value is None:
        raise DataError(f"{metric.name} is no function of sums of single units")
    if sums.ndim != 2:
        raise DataError(f"{metric.name}: sums have the shape (B, S), got {sums.shape}")
    complete = metric.complete(options)
    if metric.values is not None:
        found: NDArray[np.float64] = _called(metric, metric.values, sums, **complete)
        return found
    return np.asarray(_called(metric, values_one_by_one, metric.value, sums, complete))


def fitting(
    name: str | Metric,
    kind: Kind,
    options: Mapping[str, Any] | None = None,
    *,
    task: TaskName = IMAGES,
    n_classes: int | None = None,
) -> Metric:
    """Return the metric `name` if it can score a task of `kind` with `options`.

    Args:
        name: a metric's name, or the metric.
        kind: of the task.
        options: options of the metric.
        task: what is scored, labels (classify) or masks (segment).
        n_classes: of the task: its options are looked at, too.

    Raises:
        DataError: it is unknown, it cannot score such a task, or it has no such option, or one of
            this value cannot score the task.
    """
    metric, kind = get(name), find_kind(task, kind)
    if metric.terms:
        metric.complete(options or {})
        for one in metric.terms:
            own = (options or {}).get(one.label) or {}
            fitting(one.metric, kind, own, task=task, n_classes=n_classes)
        return metric
    if metric.task != task:
        scored = {IMAGES: "labels of images", PIXELS: "masks"}
        raise DataError(
            f"metric {metric.name} scores {scored[metric.task]}, not {scored[task]}",
            fix=f"{_able(task, kind)}, or set metric.task to {metric.task}",
        )
    if not can_score(metric, kind, task):
        raise DataError(
            f"metric {metric.name} cannot score {kind.named} task", fix=_able(task, kind)
        )
    given = metric.complete(options or {})
    try:
        if metric.refuse is not None and n_classes is not None:
            metric.refuse(kind, n_classes, given)
        if options and n_classes is not None:
            _try_options(metric, kind, n_classes, options)
    except DataError as error:
        if error.fix is not None:
            raise
        fix = _value_to_write(metric, error.message)
        raise DataError(error.message, where=error.where, fix=fix) from error
    return metric


def _value_to_write(metric: Metric, message: str) -> str | None:
    """Return the advice to write what an option is by default; None where a message names none."""
    if metric.terms:
        advices = (_value_to_write(one.metric, message) for one in metric.terms)
        return next((one for one in advices if one is not None), None)
    for option, default in metric.options.items():
        if re.search(rf"(?<!is )\b{re.escape(option)}(?:: | must be )", message):
            if default is None:
                return f"leave {option} out, and it follows from the data"
            return f"write {option}: {default}, its default"
    return None


_MOST_CLASSES_TRIED = 50


def _try_options(metric: Metric, kind: Kind, n_classes: int, options: Mapping[str, Any]) -> None:
    """Raise DataError where a right answer can be scored without options, and not with these."""
    right = _right_answer(metric, kind, n_classes)
    if right is None:
        return
    plain = {"outputs": list(kind.sizes)} if kind.is_by_output else {}
    options = {**plain, **options}
    try:
        score(metric, *right, **plain)
    except DataError:
        return  # it needs options, or more than a few rows
    try:
        score(metric, *right, **options)
    except (TypeError, ValueError) as error:
        given = ", ".join(f"{name}: {value!r}" for name, value in options.items())
        raise DataError(f"{metric.name} has no meaning for {given}: {error}") from error


def _right_answer(
    metric: Metric, kind: Kind, n_classes: int
) -> tuple[NDArray[Any], NDArray[Any]] | None:
    """Return a truth of a few rows and the answer with the best score; None: of other kinds."""
    if metric.task != IMAGES or n_classes > _MOST_CLASSES_TRIED:
        return None
    if kind.is_continuous:
        shape = (4, n_classes) if kind.is_by_column else (4,)
        numbers = np.arange(1.0, 1 + np.prod(shape)).reshape(shape)
        return numbers, numbers
    if kind.is_yes_no:
        truth = np.array([0, 1, 0, 1])
        return truth, truth.astype(np.float64) if are_probs(metric.needs) else truth
    if kind.is_by_output:
        if not kind.sizes:
            return None
        rows = np.arange(max(kind.sizes))[:, None] % np.array(kind.sizes)
        flags = as_flags(rows, kind.sizes)
        return flags, flags.astype(np.float64) if are_probs(metric.needs) else flags
    if kind.is_by_class and n_classes > 1:
        each = np.eye(n_classes, dtype=np.int64)
        return each, each.astype(np.float64) if are_probs(metric.needs) else each
    if not kind.is_exclusive or n_classes < 2:
        return None
    truth = np.tile(np.arange(n_classes), 2)
    probs = np.eye(n_classes)[truth]
    if are_ranked(metric.needs):
        return truth, np.argsort(-probs, axis=1, kind="stable")
    if are_decisions(metric.needs):
        return truth, truth
    return (truth, probs) if are_probs(metric.needs) else None


def with_classes(
    name: str | Metric, options: Mapping[str, Any], kind: Kind, n_classes: int
) -> dict[str, Any]:
    """Return `options`, with `n_classes` where the metric has that option and it is not set.

    So with the levels of quantiles. Sums of different rows agree in their length then, also where
    a class is absent.
    """
    metric, kind = get(name), image_kind(kind)
    known: dict[str, Any] = {"n_classes": n_classes} if kind.is_counted else {}
    if kind.sizes:
        known["outputs"] = list(kind.sizes)
    if kind.levels:
        known["levels"] = list(kind.levels)
    return with_known(metric, options, known)


def with_known(
    metric: Metric, options: Mapping[str, Any], known: Mapping[str, Any]
) -> dict[str, Any]:
    """Return `options`, with those of `known` that the metric has and that are not set.

    Of a sum they are options of each of its terms.
    """
    if metric.terms:
        return dict(options) | {
            one.label: with_known(one.metric, options.get(one.label) or {}, known)
            for one in metric.terms
        }
    given = dict(options)
    for name, value in known.items():
        if name in metric.options and not given.get(name):
            given[name] = value
    return given


def _called(metric: Metric, function: Callable[..., Any], *given: Any, **options: Any) -> Any:
    """Call `function` of `metric`; an error in a user's own metric is reported with its line."""
    try:
        return function(*given, **options)
    except DataError:
        raise
    except Exception as cause:
        if not metric.source:
            raise
        raise DataError(
            f"the metric {metric.name} fails: {type(cause).__name__}: {cause}",
            where=extensions.user_code_location(cause),
            fix="mend that line, or raise podium.errors.DataError where the score is undefined",
        ) from cause


def arguments(metric: Metric, truth: Any, prediction: Any) -> tuple[Any, Any]:
    """Return truth and prediction as `metric.score` and the like take them, checked.

    Raises:
        DataError: as `score`, except for errors found only in counting masks and objects.
    """
    if metric.scores_masks:
        return checked_masks(metric, truth, prediction)
    return checked(metric, truth, prediction)


def _able(task: TaskName, kind: Kind) -> str:
    """Return the advice to take a metric that can score such a task."""
    able = [one for one in names() if can_score(one, kind, task)]
    if kind.is_by_output:
        able = [f"{one}{BY_OUTPUT}" for one in names() if can_be_by_output(get(one))]
    return f"choose one of {', '.join(able)}"


def can_score(name: str | Metric, kind: Kind, task: TaskName) -> bool:
    """Return whether a metric scores such a task: ratings are numbers, and decided, classes.

    Args:
        name: a metric's name, or the metric.
        kind: of the task.
        task: what is scored, labels (classify) or masks (segment).
    """
    metric = get(name)
    if metric.terms:
        return all(can_score(one.metric, kind, task) for one in metric.terms)
    if metric.task != task:
        return False
    if kind.plain_name in metric.kinds or not kind.is_ordered:
        return kind.plain_name in metric.kinds
    like = "multiclass" if metric.scores_decisions else "regression"
    return (metric.scores_decisions or metric.scores_probs) and like in metric.kinds


def usual(task: TaskName, kind: Kind) -> str:
    """Return the name of the metric for a task beside the one that a competition scores.

    Example:
        >>> usual("classify", "multiclass"), usual("segment", "binary")
        ('accuracy', 'mean_dice')
    """
    return find_kind(task, kind).usual_metric
