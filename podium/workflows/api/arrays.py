"""What `import podium` offers on arrays alone: the truth first, then the prediction.

Each function is that of a room (`podium.competition`, `tuning`, `ensembling`, `predictions`,
`submissions`) behind one reading of its arguments. Lists, numpy arrays, series, frames and tensors
are taken; class names in the place of numbers; paths as text. An argument that cannot be used is
named in an error of podium's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium import ensembling, tuning
from podium.competition import folds as competition_folds
from podium.competition import metrics, spec
from podium.competition.metrics import Metric
from podium.competition.spec import Competition
from podium.ensembling.blend import Blend
from podium.ensembling.simplex import SimplexFit
from podium.errors import UsageError, plural, some, suggest
from podium.predictions.decisions import labels as label_decisions
from podium.submissions.format import checking, mask_files, writing
from podium.submissions.format.answers_alike import answers_alike
from podium.submissions.format.problems import Problem
from podium.submissions.format.spec import format_of
from podium.submissions.values import label_value
from podium.tasks.protocols.needs import are_decisions, are_probs, are_ranked
from podium.tuning.cross_fit import CrossFit, check_groups
from podium.tuning.curves import Curve
from podium.tuning.scoring import kind_of
from podium.workflows.api import arguments
from podium.workflows.api.arguments import Array
from podium.workspace.layout import name_of_id

if TYPE_CHECKING:
    from podium.competition.spec import FoldScheme

__all__ = [
    "blend",
    "check_submission",
    "combine",
    "cross_fit",
    "decide",
    "fit_thresholds",
    "hill_climb",
    "load_competition",
    "make_folds",
    "score",
    "simplex_weights",
    "threshold_curve",
    "write_submission",
]

P = TypeVar("P")
Ids = Sequence[Any] | Array


class HasCompetition(Protocol):
    """What knows its competition, such as a `podium.Workspace`."""

    @property
    def competition(self) -> Competition: ...


def make_folds(
    y: Any,
    n_splits: int = 5,
    groups: Any = None,
    seed: int = 42,
    *,
    ids: Any = None,
    scheme: FoldScheme | None = None,
) -> NDArray[np.int64]:
    """Return the fold of every row, int64 `(N,)`, 0 to n_splits - 1.

    Args:
        y: the labels: names or whole numbers `(N,)`, numbers `(N,)` (cut into tenths), or 0/1
            `(N, C)`, also as a frame with a column a class.
        n_splits: how many folds, at least 2.
        groups: `(N,)`: rows of one group lie in one fold; None or nan for rows of no group.
        seed: of the shuffling.
        ids: `(N,)`, each once: with them the folds do not depend on the order of the rows.
        scheme: as in `competition.yaml`, without those of columns or files (`time`, `column`,
            `shared_files`); None: `stratified`, with groups `stratified_group`, of 0/1 `(N, C)`
            `multilabel_stratified`.

    Raises:
        UsageError: `y`, `groups` or `ids` is no array of one entry a row, `n_splits` or `seed` no
            whole number, or there is no such scheme, or it needs what is not given.
        DataError: there are fewer rows or groups than folds, a fold has rows of one class only, or
            `scheme` splits a group.

    Example:
        >>> import podium
        >>> podium.make_folds(["cat", "cat", "dog", "dog"], n_splits=2).tolist()
        [1, 0, 0, 1]
    """
    labels = arguments.frame_or_array(y, "y")
    arguments.labelled(labels, "y")
    _check_scheme(scheme, has_groups=groups is not None)
    n = arguments.whole(n_splits, "n_splits", least=1 if scheme == "holdout" else 2)
    columns, named = {}, None
    if ids is not None:
        columns["id"] = arguments.vector(ids, "ids", like=len(labels))
        named = [str(one) for one in columns["id"].tolist()]
    if groups is not None:
        columns["group"] = arguments.whole_groups(groups, like=len(labels))
    arguments.check_order_of_rows({"y": y, "groups": groups, "ids": ids}, named)
    samples = pd.DataFrame(columns, index=range(len(labels)))
    labels = arguments.squeezed(labels)
    if scheme is None and groups is not None:
        scheme = "stratified_group"
    elif scheme is None:
        scheme = "multilabel_stratified" if labels.ndim == 2 else "stratified"
    made = competition_folds.make_folds(
        samples, scheme=scheme, n=n, seed=arguments.whole(seed, "seed", least=0), labels=labels
    )
    if groups is not None:
        check_groups(made, columns["group"])  # some schemes ignore groups
    return made


_OF_COLUMNS = ("time", "column", "shared_files")  # schemes that need more of the samples


def _check_scheme(scheme: FoldScheme | None, *, has_groups: bool) -> None:
    """Refuse a scheme that there is not, and one that needs what `make_folds` is not given."""
    if scheme is None:
        return
    known = [one for one in get_args(spec.FoldScheme) if one not in _OF_COLUMNS]
    if scheme not in known and scheme not in _OF_COLUMNS:
        raise UsageError(
            f"scheme must be one of {', '.join(known)}, got {arguments.shown(scheme)}",
            fix=suggest(
                str(scheme),
                known,
                "did you mean {}?",
                otherwise="leave it out: y and groups show which one is meant",
                any_case=True,
            ),
        )
    if scheme in ("group", "stratified_group") and not has_groups:
        raise UsageError(
            f"scheme {scheme} needs groups",
            fix="pass groups=, (N,): rows of one group lie in one fold",
        )
    if scheme in _OF_COLUMNS:
        raise UsageError(
            f"scheme {scheme} needs a column of the samples, and make_folds has none",
            fix="folds that you have or cut by yourself are passed as they are, to podium.blend "
            f"and the others; or let a workspace make these: folds: {{scheme: {scheme}}}",
        )


def score(
    metric: str | Metric,
    y_true: Any,
    y_pred: Any,
    *,
    classes: Sequence[Any] | None = None,
    kind: str | None = None,
    **options: Any,
) -> float:
    """Return the score of `y_pred`, a finite float.

    Args:
        metric: a metric's name (`podium.metrics.names()` lists them), `module:object`, a weighted
            sum of some, as `0.5 auc + 0.5 f1`, or a Metric.
        y_true: class numbers or names `(N,)`, 0/1 `(N, C)`, numbers `(N,)`; of a metric of masks N
            masks: 0/1 `(H, W)` or, as a network of one channel gives them, `(1, H, W)`; 0 and class
            numbers from 1 on, `(H, W)`; 0/1 of each class, `(H, W, C)`. 255 marks unlabelled
            pixels, which are not scored; a PNG whose foreground is 255 is passed as `mask > 0`.
        y_pred: what the metric needs: probabilities `(N, C)` in [0, 1], whose rows sum to 1 where
            one class is right, `(N,)` of a yes-or-no task; decisions, shaped as `y_true`; rankings
            `(N, k)`, the likeliest first, or the cells of a file that list names; or N masks. The
            columns of a frame may stand in any order, if they are the classes, or are called as
            those of a frame `y_true`. Of a sum whose metrics need several of these, one of each, by
            what it is: `{"probs": …, "decisions": …}`.
        classes: what stands for class 0, 1, …: names, or numbers that labels and decisions have;
            None: names in ascending order, those of an ordered categorical in its order, numbers as
            they are, also where ratings or numbers are written as text. Of masks the classes
            beside the background. Ratings that are no decisions lie in [0, C - 1] all the same.
        kind: of the task; needed where a truth 0/1 `(N, C)` has one 1 in each row, and rows of
            `y_pred` sum to 1: one class may be right, or several.
        options: options of the metric; of a sum those of each by its name, `f1={"average": …}`.

    Raises:
        UsageError: an argument is of another form, truth and prediction change places, or no name
            of `y_pred` is in `y_true` and no `classes` name it.
        DataError: there is no such metric or option, the score is undefined, rows of probabilities
            do not sum to 1, masks hold 0 and 255 alone, or without `classes` a class below the
            highest has no pixel in truth and prediction, as of grey values.

    Example:
        >>> import podium
        >>> podium.score("accuracy", ["cat", "dog", "dog"], ["cat", "dog", "cat"])
        0.6666666666666666
        >>> round(podium.score("log_loss", ["cat", "dog"], [[0.9, 0.1], [0.2, 0.8]]), 4)
        0.1643
        >>> podium.score("0.75 accuracy + 0.25 kappa", [0, 1, 1, 0], [0, 1, 0, 0])
        0.6875
    """
    found = arguments.metric_named(metric)
    if found.terms:
        return _score_of_sum(found, y_true, y_pred, classes, kind, options)
    arguments.check_order_of_rows({"y_true": y_true, "y_pred": y_pred})
    if found.scores_masks:
        truth, prediction = arguments.pair_of_masks(found, y_true, y_pred)
        given = arguments.options_of_masks(found, classes, kind, options)
        return metrics.score(found, truth, prediction, **given)
    kind = arguments.kind(kind)
    truth, prediction, _ = arguments.pair(y_true, y_pred, classes, found)
    truth = arguments.of_kind(found, truth, prediction, kind)
    arguments.check_pair(found, truth, prediction)
    return metrics.score(found, truth, prediction, **options)


def _score_of_sum(
    metric: Metric,
    y_true: Any,
    y_pred: Any,
    classes: Sequence[Any] | None,
    kind: str | None,
    options: Mapping[str, Any],
) -> float:
    """Return the score of a sum of metrics, each of which checks what it is given."""
    metric.complete(options)  # refuses those that no term has
    of_form = dict.fromkeys(metric.forms, y_pred)
    if metric.scores_several:
        if not isinstance(y_pred, Mapping) or {*y_pred} != {*metric.forms}:
            each = ", ".join(f'"{form}": …' for form in metric.forms)
            raise UsageError(
                f"{metric.name} scores {' and '.join(metric.forms)}, one beside the other",
                fix=f"pass both: y_pred={{{each}}}; podium.decide makes decisions",
            )
        of_form = dict(y_pred)
    return sum(
        one.weight
        * score(
            one.metric,
            y_true,
            of_form[one.metric.needs],
            classes=classes,
            kind=kind,
            **options.get(one.label, {}),
        )
        for one in metric.terms
    )


def threshold_curve(
    y_true: Any,
    y_pred: Any,
    metric: str | Metric,
    *,
    classes: Sequence[Any] | None = None,
    **options: Any,
) -> Curve:
    """Return the score of `y_pred >= t` for every threshold t that makes a difference.

    Args:
        y_true: `(N,)`, 0 or 1, or two names, of which the second is 1.
        y_pred: `(N,)` or `(N, 1)`, finite, float; compared as float32.
        metric: one that scores decisions.
        classes: the two names, no before yes; None: in ascending order.
        options: options of the metric.

    Returns:
        `thresholds` float32 `(T,)`, ascending, and `scores` `(T,)`. Of these `best()` returns the
        raw maximum, `robust()` the centre of what is as good within chance, as `fit_thresholds`.

    Raises:
        UsageError: the metric scores no decisions, or truth and prediction change places.
        DataError: `y_true` is not 0 or 1, or lengths differ.

    Example:
        >>> import podium
        >>> curve = podium.threshold_curve([0, 0, 1], [0.1, 0.6, 0.7], "accuracy")
        >>> curve.scores.round(2).tolist(), round(curve.best(), 2)
        ([0.33, 0.67, 1.0, 0.67], 0.65)
    """
    arguments.check_order_of_rows({"y_true": y_true, "y_pred": y_pred})
    truth, prediction = arguments.yes_or_no(y_true, y_pred, classes)
    return tuning.threshold_curve(prediction, truth, arguments.metric_named(metric), **options)


def fit_thresholds(
    y_true: Any,
    y_pred: Any,
    metric: str | Metric,
    *,
    groups: Any = None,
    raw: bool = False,
    seed: int = 0,
    classes: Sequence[Any] | None = None,
    **options: Any,
) -> NDArray[np.float64]:
    """Return the threshold of each class, float64 `(C,)`; `(1,)` of a yes-or-no task.

    Args:
        y_true: 0 or 1, `(N,)` or `(N, C)`, or two names `(N,)`, of which the second is 1.
        y_pred: finite floats of the same shape.
        metric: one that scores decisions.
        groups: `(N,)`: rows that belong together where a standard error is drawn.
        raw: take the best score itself, not the centre of what is as good within chance.
        seed: of these draws.
        classes: the two names, no before yes; None: in ascending order.
        options: options of the metric.

    Raises:
        UsageError: the metric scores no decisions, or truth and prediction change places.
        DataError: `y_true` is not 0 or 1, lengths differ, or the metric is undefined or the same
            everywhere, as f1 where no row is 1.

    Example:
        >>> import podium
        >>> podium.fit_thresholds([0, 0, 1, 1], [0.1, 0.4, 0.6, 0.9], "f1", raw=True).tolist()
        [0.5]
    """
    arguments.check_order_of_rows({"y_true": y_true, "y_pred": y_pred, "groups": groups})
    truth, prediction = arguments.yes_or_no(y_true, y_pred, classes)
    found, of_kind = arguments.metric_named(metric), kind_of(truth, 1)
    n_outputs = 1 if prediction.ndim == 1 else prediction.shape[1]
    arguments.check_classes(found, truth, n_outputs, of_kind, options)
    return tuning.fit_thresholds(
        prediction,
        truth,
        found,
        of_kind,
        raw=raw,
        groups=arguments.groups(groups, like=len(truth)),
        seed=seed,
        options=options,
    )


def cross_fit(
    fit: Callable[[NDArray[np.int64]], P],
    apply: Callable[[P, NDArray[np.int64]], Array],
    *,
    folds: Any,
    groups: Any = None,
) -> CrossFit[P]:
    """Return parameters fitted without each fold, and what they give on it.

    Args:
        fit: from row numbers (ascending, int64) to parameters; it may look at no other row.
        apply: from parameters and row numbers to one prediction a row.
        folds: `(N,)`: the fold of each row, at least two different ones, none negative.
        groups: `(N,)`: a group in two folds is refused; None or nan for rows of no group.

    Returns:
        `prediction` `(N, …)`, each row by parameters of the other folds; `by_fold`, fold → its
        parameters; `final`, the parameters of all rows.

    Raises:
        UsageError: `fit` or `apply` is no function, `folds` holds no fold numbers or one fold only,
            or `apply` does not return one prediction a row.
        DataError: a group lies in two folds.

    Example:
        >>> import numpy as np
        >>> import podium
        >>> y = np.array([0.0, 0.0, 3.0, 3.0])
        >>> fitted = podium.cross_fit(
        ...     lambda rows: y[rows].mean(),
        ...     lambda mean, rows: np.full(len(rows), mean),
        ...     folds=[0, 0, 1, 1],
        ... )
        >>> fitted.prediction.tolist(), float(fitted.final)
        ([3.0, 3.0, 0.0, 0.0], 1.5)
    """
    for name, given in (("fit", fit), ("apply", apply)):
        if not callable(given):
            raise UsageError(
                f"{name} must be a function, got {arguments.shown(given)}",
                fix="cross_fit(fit, apply, folds=folds)",
            )
    arguments.check_order_of_rows({"folds": folds, "groups": groups})
    numbers = arguments.folds(folds)
    return tuning.cross_fit(
        fit, apply, folds=numbers, groups=arguments.groups(groups, like=len(numbers))
    )


def hill_climb(
    y_true: Any,
    y_preds: Any,
    metric: str | Metric | Callable[..., float],
    *,
    rounds: int = 50,
    bags: int = 1,
    patience: int | None = None,
    seed: int = 0,
    classes: Sequence[Any] | None = None,
    kind: str | None = None,
    **options: Any,
) -> NDArray[np.float64]:
    """Return the weights that hill climbing finds, float64 `(M,)`, >= 0 with sum 1.

    Args:
        y_true: class numbers or names `(N,)`, 0/1 `(N, C)`, or numbers `(N,)`.
        y_preds: the members: a list, or a mapping by name, of M predictions `(N, C)` or `(N,)`; or
            `(M, N, C)`.
        metric: a metric's name, a Metric, or `f(truth, probs) -> float`, of which more is better.
        rounds: number of picks.
        bags: 1 climbs over all members; more climb over random halves.
        patience: stop after so many rounds without a better score; None goes on to the last.
        seed: of the halves.
        classes: what stands for class 0, 1, …; None: names in ascending order.
        kind: of the task; None sees it from the shapes.
        options: options of the metric.

    Raises:
        UsageError: an argument is of another form, truth and prediction change places, or `rounds`,
            `bags` or `patience` is below 1.
        DataError: members differ in shape, a value is not finite, rows do not sum to 1, or `y_true`
            holds one class and the metric is the same whatever is decided.

    Example:
        >>> import podium
        >>> members = {"good": [0.1, 0.9, 0.8, 0.2], "bad": [0.5] * 4}
        >>> podium.hill_climb([0, 1, 1, 0], members, "log_loss")
        array([1., 0.])
    """
    arguments.check_order_of_rows({"y_true": y_true, **arguments.by_member(y_preds)})
    truth, members, _, _, of_kind = arguments.members(y_true, y_preds, classes, metric, kind)
    arguments.check_classes(metric, truth, members.shape[2], of_kind, options)
    return ensembling.hill_climb(
        members,
        truth,
        metric,
        rounds=rounds,
        bags=bags,
        patience=patience,
        seed=seed,
        kind=of_kind,
        options=options,
    )


def simplex_weights(
    y_true: Any,
    y_preds: Any,
    metric: str | Metric | Callable[..., float],
    *,
    classes: Sequence[Any] | None = None,
    kind: str | None = None,
    **options: Any,
) -> SimplexFit:
    """Return the weights of the mean with the lowest loss, `weights` float64 `(M,)`, and the gap.

    Arguments are those of `hill_climb`.

    Raises:
        UsageError: an argument is of another form, or the task has no loss to minimise.
        DataError: members differ in shape, a value is not finite, or rows do not sum to 1.

    Example:
        >>> import podium
        >>> members = [[0.1, 0.4, 0.6, 0.9], [0.4, 0.1, 0.9, 0.6], [0.5, 0.5, 0.5, 0.5]]
        >>> podium.simplex_weights([0, 0, 1, 1], members, "log_loss").weights.round(6).tolist()
        [0.5, 0.5, 0.0]
    """
    arguments.check_order_of_rows({"y_true": y_true, **arguments.by_member(y_preds)})
    truth, members, _, _, of_kind = arguments.members(y_true, y_preds, classes, metric, kind)
    return ensembling.simplex_weights(
        members,
        truth,
        metric,
        kind=of_kind,
        options=options,
    )


def blend(
    y_true: Any,
    y_preds: Any,
    metric: str | Metric,
    folds: Any,
    *,
    groups: Any = None,
    ids: Any = None,
    method: str = "hill_climb",
    names: Sequence[str] | None = None,
    classes: Sequence[Any] | None = None,
    kind: str | None = None,
    trials: int = 50,
    seed: int = 0,
    **options: Any,
) -> Blend:
    """Return the blend of out-of-fold predictions, with its honest and its optimistic score.

    Args:
        y_true: class numbers or names `(N,)`, 0/1 `(N, C)`, or numbers `(N,)`.
        y_preds: the members' out-of-fold predictions: a mapping by name or a list of M arrays
            `(N, C)` or `(N,)`; `(M, N, C)`; or a list of prediction sets, whose rows are found by
            `ids`.
        metric: a metric's name, or the metric.
        folds: `(N,)`: the fold whose model predicted the row.
        groups: `(N,)`: a group may lie in one fold only; None or nan for rows of none.
        ids: `(N,)`, needed for prediction sets.
        method: `mean`, `hill_climb` or another file of `podium/ensembling/methods`, or
            `module:object`.
        names: `(M,)`; default: the keys of a mapping, or numbers.
        classes: what stands for class 0, 1, …; None: names in ascending order.
        kind: of the task; None sees it from the shapes.
        trials: of the search for class weights.
        seed: of the searches and of the interval.
        options: options of the metric.

    Returns:
        `weights`, `decision` (steps of `decide`), `honest` and `optimistic`; a cell shows a table.
        `combine` applies it to other rows.

    Raises:
        UsageError: an argument is of another form, or there is no such method.
        DataError: members differ in shape, a value is not finite, rows do not sum to 1, a group
            crosses folds, or `y_true` holds one class and the metric is the same whatever is
            decided.

    Example:
        >>> import podium
        >>> y, folds = [0, 1, 0, 1], [0, 0, 1, 1]
        >>> members = {"a": [0.1, 0.9, 0.2, 0.7], "b": [0.6, 0.4, 0.5, 0.6]}
        >>> blend = podium.blend(y, members, "auc", folds)
        >>> blend.members, blend.weights, blend.honest
        (('a', 'b'), (1.0, 0.0), 1.0)
    """
    arguments.metric_named(metric)
    if arguments.are_sets(y_preds):
        truth, known = arguments.truth_of(y_true, classes)
        members: Any = list(y_preds)
        if ids is None:
            raise UsageError(
                "ids are needed to find the rows of prediction sets",
                fix="pass ids=, (N,), in the order of y_true",
            )
        of_kind = arguments.kind(kind)
    else:
        truth, members, keys, known, of_kind = arguments.members(
            y_true, y_preds, classes, metric, kind
        )
        names = keys if names is None else arguments.member_names(names)
        arguments.check_classes(metric, truth, members.shape[2], of_kind, options)
    named = None if ids is None else arguments.texts(ids, "ids", like=len(truth))
    by_row = {"y_true": y_true, "folds": folds, "groups": groups, "ids": ids}
    arguments.check_order_of_rows(by_row | arguments.by_member(y_preds), named)
    numbers = arguments.folds(folds, like=len(truth))
    found = ensembling.blend(
        members,
        truth,
        metric,
        numbers,
        groups=arguments.groups(groups, like=len(truth)),
        ids=named,
        kind=of_kind,
        method=method,
        names=names,
        trials=trials,
        seed=seed,
        metric_options=options,
    )
    return replace(found, classes=tuple(known or ()))


class HasBlend(Protocol):
    """What knows its blend, such as `Workspace.blend` returns it."""

    @property
    def blend(self) -> Blend: ...


def combine(blend: Blend | HasBlend, y_preds: Any) -> NDArray[np.float32]:
    """Return one prediction, float32 `(N, C)`, of what the members of `blend` predict.

    Its columns stand in the order of `blend.classes`.

    Args:
        blend: as `podium.blend` returned it, or one of a workspace.
        y_preds: its members' predictions of the same N rows, such as the test set: a mapping by the
            names of the members (`forest` for `forest-76a865e3`, where only one is called so), or a
            list in their order, of `(N, C)` or `(N,)`; or `(M, N, C)`. The columns of a frame may
            stand in any order, if they are `blend.classes`.

    Raises:
        UsageError: a member lacks its prediction, or there are more than members.
        DataError: members differ in shape, have other columns than `blend.classes`, a value is not
            finite, or rows of one right class do not sum to 1.

    Example:
        >>> import podium
        >>> blend = podium.blend([0, 1, 0, 1], {"a": [0.1, 0.9, 0.2, 0.7]}, "auc", [0, 0, 1, 1])
        >>> podium.combine(blend, {"a": [0.25, 0.5]}).tolist()
        [[0.25], [0.5]]
    """
    inner = blend if isinstance(blend, Blend) else getattr(blend, "blend", None)
    if not isinstance(inner, Blend):
        raise UsageError(
            f"blend must be a Blend, got {arguments.shown(blend)}", fix="combine(blend, y_preds)"
        )
    blend = inner
    if isinstance(y_preds, Mapping):
        keys = _keys_of_members(blend.members, y_preds)
        lost = [name for name, key in zip(blend.members, keys, strict=True) if key not in y_preds]
        if lost:
            raise UsageError(
                f"y_preds lacks the members {some(lost)}",
                fix=f"give a prediction for each of {some(blend.members)}",
            )
        y_preds = {key: y_preds[key] for key in keys}
    arguments.check_order_of_rows(arguments.by_member(y_preds))
    if blend.classes:
        y_preds = arguments.each_in_order(y_preds, blend.classes)
    members, _ = arguments.stacked(y_preds)
    if len(members) != len(blend.members):
        raise UsageError(
            f"y_preds holds {plural(len(members), 'member')}, the blend has {len(blend.members)}",
            fix=f"give them in the order of {some(blend.members)}",
        )
    arguments.check_members(members, blend)
    how = blend.how
    return np.asarray(how.combined(how.prepared(members), blend.fitted), dtype=np.float32)


def _keys_of_members(members: Sequence[str], given: Mapping[str, Any]) -> list[str]:
    """Return which key of `given` has each member: its name, or that without its digits.

    Example:
        >>> _keys_of_members(["a-0a1b2c3d", "b"], {"a": 1, "b": 2})
        ['a', 'b']
        >>> _keys_of_members(["a-0a1b2c3d", "a-ffffffff"], {"a": 1})
        ['a-0a1b2c3d', 'a-ffffffff']
    """
    short = [name_of_id(name) for name in members]
    return [
        bare if name not in given and bare in given and short.count(bare) == 1 else name
        for name, bare in zip(members, short, strict=True)
    ]


def decide(
    y_pred: Any,
    steps: Sequence[Mapping[str, Any]] | None = None,
    *,
    kind: str | None = None,
    classes: Sequence[Any] | None = None,
) -> Array:
    """Return the decisions that `steps` make of probabilities.

    Args:
        y_pred: `(N, C)`; `(N,)` or `(N, 1)` of a yes-or-no task, of ratings and of numbers. The
            columns of a frame may stand in any order, if they are `classes`.
        steps: as `blend.decision` has them, such as `[{"threshold": 0.4}]`; none: the most
            probable class, the nearest rating, or a threshold of 0.5.
        kind: multiclass, multilabel, binary, ordinal or regression; None: what the steps are for,
            else multiclass where rows of `(N, C)` sum to 1, and binary for one column.
        classes: what stands for class 0, 1, …; the decisions are these then. A rating beyond the
            last class is of the last. Only where one class a row is decided: of several right
            classes, rankings and numbers leave it out, and the columns stay those of `y_pred`.

    Returns:
        One class a row: int64 `(N,)`, or `classes` of them; multilabel: uint8 `(N, C)`; regression:
        float64 `(N,)`; ranked: int64 `(N, k)`.

    Raises:
        UsageError: a step is unknown or fits no such prediction, or `kind` cannot be seen.

    Example:
        >>> import podium
        >>> podium.decide([[0.6, 0.4], [0.2, 0.8]], classes=["cat", "dog"]).tolist()
        ['cat', 'dog']
        >>> podium.decide([0.2, 0.35, 0.9], [{"threshold": 0.35}]).tolist()
        [0, 1, 1]
    """
    given = y_pred if classes is None else arguments.in_order(y_pred, list(classes))
    probs = arguments.numbers(given, "y_pred")
    if probs.ndim > 2:
        arguments.refuse_masks("y_pred", probs.shape)
    arguments.check_finite(probs, "y_pred")
    if steps is not None and (isinstance(steps, str | Mapping) or not arguments.is_listed(steps)):
        raise UsageError(
            f"steps must be a list of steps, got {arguments.shown(steps)}",
            fix='write [{"threshold": 0.5}]',
        )
    of_kind = arguments.kind(kind) or arguments.kind_of_probs(probs, steps)
    if of_kind.is_ordered and classes is not None:
        probs = probs.clip(0, len(classes) - 1)
    made = label_decisions.decide(probs, steps, of_kind)
    if classes is None:
        return made
    if made.ndim != 1 or made.dtype.kind not in "iu":
        raise UsageError(
            f"classes names one class a row, and the decisions are {made.dtype} {made.shape}",
            fix="leave classes out",
        )
    names = arguments.array(list(classes), "classes")
    if len(made) and int(made.max()) >= len(names):
        n = probs.shape[1] if probs.ndim == 2 else 0
        raise UsageError(
            f"classes has {plural(len(names), 'name')}, and y_pred has "
            f"{max(int(made.max()) + 1, n)} classes",
            fix="give a name for each column of y_pred",
        )
    return np.asarray(names[made])


def load_competition(path: str | Path) -> Competition:
    """Return the competition that `path`, a `competition.yaml` or its folder, describes.

    Args:
        path: text or a path; "~" is the home folder.

    Raises:
        UsageError: `path` is no path.
        DataError: the file is missing, is not YAML, or a key or value is wrong; names the line.

    Example:
        >>> import podium
        >>> podium.load_competition("~/leaves").classes
        ['cat', 'dog', 'fox']
    """
    return spec.load_competition(arguments.path(path, "path"))


def write_submission(
    path: str | Path,
    ids: Any,
    y_pred: Any,
    *,
    competition: Competition | HasCompetition | str | Path | None = None,
    sample: str | Path | pd.DataFrame | None = None,
    preset: str | None = None,
    classes: Sequence[Any] | None = None,
) -> Path:
    """Write a submission, read it back, and return its path.

    The rows stand in the order of the sample submission, and the file takes its name only when
    what was read back is what was meant.

    Args:
        path: the CSV to write; a folder that is not there is made.
        ids: `(N,)`, each once, in the order of `y_pred`.
        y_pred: what the format holds: probabilities `(N, C)` or `(N,)`; decisions, as class numbers
            or names `(N,)`, 0/1 `(N, C)`, a ranking `(N, k)`; numbers `(N,)`; or N masks
            without 255, 0/1 or class numbers `(H, W)`, `(1, H, W)` or `(H, W, 1)`, of several right
            classes 0/1 `(H, W, C)`. Masks need `competition` or `preset`.
        competition: the competition, a workspace, or the path of either.
        sample: without a competition: a sample submission, whose header, ids and number of columns
            set the format: the id first, then one column of answers or one a class.
        preset: with a sample: the name of a known competition, whose format it is; masks have its
            size, where all of its images have one.
        classes: without a competition: what stands for class 0, 1, …; None: the columns of the
            sample, or names in ascending order.

    Raises:
        UsageError: the format is unknown, an argument is of another form, or numbers stand for
            names that `classes` does not give.
        SubmissionError: ids differ from the sample's, or shapes or values do not fit the format.
        DataError: the sample or the spec cannot be used, or a name is none of `classes`.

    Example:
        >>> import podium
        >>> ids = [f"50000{number}" for number in range(9)]
        >>> labels = ["cat", "dog", "fox"] * 3
        >>> file = podium.write_submission(
        ...     "~/leaves/mine.csv", ids, labels, sample="~/leaves/data/sample_submission.csv"
        ... )
        >>> print(file.read_text()[:38])
        image_id,species
        500000,cat
        500001,dog
    """
    target = arguments.path(path, "path")
    with (
        arguments.sample_file(sample) as sample_file,
        arguments.explaining_other_rows(has_sample=sample is not None),
    ):
        where = arguments.competition(competition, sample_file, preset, classes, y_pred)
        form = format_of(where)
        if form.kind.is_of_pixels:
            masks = arguments.decided_masks(y_pred, is_by_class=form.kind.is_by_class)
            named = arguments.ids_of(ids, like=len(masks), of=y_pred)
            pairs = list(zip(named, masks, strict=True))
            # Nobody has the images of a preset: a mask that need not be of one size has its own.
            own = {one: mask.shape[:2] for one, mask in pairs if mask.ndim > 1}
            return mask_files.write_masks(
                target, where, pairs, own if competition is None else None
            )
        value = label_value(form)
        labels = list(classes if classes is not None else form.classes)
        names, source = [str(one) for one in labels], value.source(form)
        array = arguments.in_order(y_pred, names)
        texts = arguments.ids_of(ids, like=len(array), of=y_pred)
        if array.dtype.kind in "OUS":
            array = arguments.codes(array, "y_pred", names)
        elif form.kind.is_class and (are_decisions(source) or are_ranked(source)):
            array = arguments.class_codes(array, "y_pred", labels)
        if are_probs(source):
            probs = arguments.numbers(array, "y_pred").astype(np.float64)
            return writing.write_submission(target, where, texts, probs)
        decided = arguments.class_numbers(array, value=form.value)
        return writing.write_submission(target, where, texts, None, decided)


def check_submission(
    file: str | Path | pd.DataFrame,
    competition: Competition | HasCompetition | str | Path | None = None,
    *,
    sample: str | Path | pd.DataFrame | None = None,
    preset: str | None = None,
    classes: Sequence[Any] | None = None,
    size: tuple[int, int] | None = None,
) -> list[Problem]:
    """Return every problem of a submission, errors first; [] when it may be sent.

    A file without errors may still get warnings. One is for a column of at least ten rows that all
    hold the same value. The other is for answers of 0 and 1 alone, where the metric of
    `competition` or `preset` scores probabilities.

    Args:
        file: the CSV, or a frame of what it would hold.
        competition: the competition, a workspace, or the path of either.
        sample: without a competition: a sample submission, as `write_submission` takes it.
        preset: the name of a known competition; its sample, if given, has the ids.
        classes: without a competition: the names that cells may hold.
        size: with a preset of masks: (height, width) of all of them.

    Raises:
        UsageError: the format is unknown, or an argument is of another form.
        DataError: the sample or the spec cannot be used.

    Example:
        >>> import podium
        >>> podium.check_submission("~/leaves/data/sample_submission.csv", "~/leaves")
        []
        >>> for problem in podium.check_submission("~/leaves/data/train.csv", "~/leaves"):
        ...     print(problem)
        line 1: the header must be 'image_id,species', got 'image_id,species,animal_id'
          fix: drop 'animal_id'
    """
    with (
        arguments.table_file(file, "file", "submission.csv") as given,
        arguments.sample_file(sample) as sample_file,
    ):
        if preset is not None and competition is None:
            named = [str(one) for one in classes or ()]
            found = checking.check_by_preset(
                given, preset, sample=sample_file, size=size, classes=named
            )
            where = checking.competition_of_preset(
                preset, classes=named, header_of=sample_file or given
            )
        else:
            where = arguments.competition(competition, sample_file, preset, classes, None)
            found = checking.check(given, where)
        if any(one.level == "error" for one in found):
            return found
        is_known = competition is not None or preset is not None
        return found + answers_alike(given, where, has_metric=is_known)
