"""What `import podium` offers on arrays alone: the truth first, then the prediction.

Each function is that of a room (`podium.competition`, `tuning`, `ensembling`, `predictions`,
`submissions`) behind one reading of its arguments. Lists, numpy arrays, series, frames and tensors
are taken; class names in the place of numbers; paths as text. An argument that cannot be used is
named in an error of podium's own.
"""

from __future__ import annotations

import csv
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium import ensembling, tuning
from podium.competition import folds as competition_folds
from podium.competition import metrics, spec
from podium.competition.metrics import Metric
from podium.competition.presets import find_preset
from podium.competition.spec import Competition
from podium.competition.tables import reading_table
from podium.ensembling.blend import Blend
from podium.ensembling.simplex import SimplexFit
from podium.errors import DataError, SubmissionError, UsageError, some
from podium.predictions.decisions import labels as label_decisions
from podium.predictions.decisions.kinds import decisions_of
from podium.predictions.store.reading import PredictionSet
from podium.submissions.format import checking, mask_files, writing
from podium.submissions.format.problems import Problem
from podium.submissions.format.spec import format_of
from podium.submissions.values import LabelValue
from podium.submissions.values import of as value_of
from podium.tasks.protocols.find import image_kind, kind_names
from podium.tasks.protocols.names import IMAGES
from podium.tasks.protocols.needs import are_probs
from podium.tuning.cross_fit import CrossFit
from podium.tuning.curves import Curve
from podium.tuning.scoring import kind_of
from podium.workspace.atomic import temporary_folder
from podium.workspace.layout import Workspace

if TYPE_CHECKING:
    from podium.competition.spec import FoldScheme
    from podium.tasks.protocols.kind import Kind

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
Array = NDArray[Any]
Ids = Sequence[Any] | Array

SUM_TOLERANCE = 0.01
"""A row of probabilities may differ from 1 by so much: float16 and three digits of text do."""


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
        scheme: as in `competition.yaml`; None: `stratified`, with groups `stratified_group`, of
            0/1 `(N, C)` `multilabel_stratified`.

    Raises:
        UsageError: `y`, `groups` or `ids` is no array of one entry a row, or `n_splits` or `seed`
            no whole number.
        DataError: there are fewer rows or groups than folds, or a fold has rows of one class only.

    Example:
        >>> import podium
        >>> podium.make_folds(["cat", "cat", "dog", "dog"], n_splits=2).tolist()
        [1, 0, 0, 1]
    """
    labels = _frame_or_array(y, "y")
    n = _whole(n_splits, "n_splits", least=1 if scheme in ("holdout", "column", "time") else 2)
    columns = {
        name: _vector(given, f"{name}s", like=len(labels))
        for name, given in (("id", ids), ("group", groups))
        if given is not None
    }
    samples = pd.DataFrame(columns, index=range(len(labels)))
    labels = _squeezed(labels)
    if scheme is None and groups is not None:
        scheme = "stratified_group"
    elif scheme is None:
        scheme = "multilabel_stratified" if labels.ndim == 2 else "stratified"
    return competition_folds.make_folds(
        samples, scheme=scheme, n=n, seed=_whole(seed, "seed", least=0), labels=labels
    )


def score(
    metric: str | Metric,
    y_true: Any,
    y_pred: Any,
    *,
    classes: Sequence[Any] | None = None,
    **options: Any,
) -> float:
    """Return the score of `y_pred`, a finite float.

    Args:
        metric: a metric's name (`podium.metrics.names()` lists them), `module:object`, or a Metric.
        y_true: class numbers or names `(N,)`, 0/1 `(N, C)`, numbers `(N,)`; of a metric of masks N
            masks.
        y_pred: what the metric needs: probabilities `(N, C)` in [0, 1], whose rows sum to 1 where
            one class is right, `(N,)` of a yes-or-no task; decisions, shaped as `y_true`; or N
            masks. The columns of a frame may stand in any order, if they are the classes.
        classes: what stands for class 0, 1, …; None: names in ascending order, numbers as they are.
        options: options of the metric.

    Raises:
        UsageError: an argument is of another form, or truth and prediction change places.
        DataError: there is no such metric or option, the score is undefined, or rows of
            probabilities do not sum to 1.

    Example:
        >>> import podium
        >>> podium.score("accuracy", ["cat", "dog", "dog"], ["cat", "dog", "cat"])
        0.6666666666666666
        >>> round(podium.score("log_loss", ["cat", "dog"], [[0.9, 0.1], [0.2, 0.8]]), 4)
        0.1643
    """
    found = _metric(metric)
    if found.scores_masks:
        truth, prediction = _masks(y_true, "y_true"), _masks(y_pred, "y_pred")
        return metrics.score(found, truth, prediction, **options)
    truth, prediction, _ = _pair(y_true, y_pred, classes)
    _check_pair(found, truth, prediction)
    return metrics.score(found, truth, prediction, **options)


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
        `thresholds` float32 `(T,)`, ascending, and `scores` `(T,)`; `best()` and `robust()` choose.

    Raises:
        UsageError: the metric scores no decisions, or truth and prediction change places.
        DataError: `y_true` is not 0 or 1, or lengths differ.

    Example:
        >>> import podium
        >>> curve = podium.threshold_curve([0, 0, 1], [0.1, 0.6, 0.7], "accuracy")
        >>> curve.scores.round(2).tolist(), round(curve.best(), 2)
        ([0.33, 0.67, 1.0, 0.67], 0.65)
    """
    truth, prediction = _yes_or_no(y_true, y_pred, classes)
    return tuning.threshold_curve(prediction, truth, _metric(metric), **options)


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
        DataError: `y_true` is not 0 or 1, lengths differ, or the metric is undefined everywhere.

    Example:
        >>> import podium
        >>> podium.fit_thresholds([0, 0, 1, 1], [0.1, 0.4, 0.6, 0.9], "f1", raw=True).tolist()
        [0.5]
    """
    truth, prediction = _yes_or_no(y_true, y_pred, classes)
    return tuning.fit_thresholds(
        prediction,
        truth,
        _metric(metric),
        kind_of(truth, 1),
        raw=raw,
        groups=_groups(groups, like=len(truth)),
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
                f"{name} must be a function, got {_shown(given)}",
                fix="cross_fit(fit, apply, folds=folds)",
            )
    numbers = _folds(folds)
    return tuning.cross_fit(fit, apply, folds=numbers, groups=_groups(groups, like=len(numbers)))


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
        DataError: members differ in shape, a value is not finite, or rows do not sum to 1.

    Example:
        >>> import podium
        >>> members = {"good": [0.1, 0.9, 0.8, 0.2], "bad": [0.5] * 4}
        >>> podium.hill_climb([0, 1, 1, 0], members, "log_loss")
        array([1., 0.])
    """
    truth, members, _ = _members(y_true, y_preds, classes, metric)
    return ensembling.hill_climb(
        members,
        truth,
        metric,
        rounds=rounds,
        bags=bags,
        patience=patience,
        seed=seed,
        kind=_kind(kind),
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
    truth, members, _ = _members(y_true, y_preds, classes, metric)
    return ensembling.simplex_weights(members, truth, metric, kind=_kind(kind), options=options)


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
        DataError: members differ in shape, a value is not finite, rows do not sum to 1, or a group
            crosses folds.

    Example:
        >>> import podium
        >>> y, folds = [0, 1, 0, 1], [0, 0, 1, 1]
        >>> members = {"a": [0.1, 0.9, 0.2, 0.7], "b": [0.6, 0.4, 0.5, 0.6]}
        >>> blend = podium.blend(y, members, "auc", folds)
        >>> blend.members, blend.weights, blend.honest
        (('a', 'b'), (1.0, 0.0), 1.0)
    """
    _metric(metric)
    if _are_sets(y_preds):
        truth, _ = _truth(y_true, classes)
        members: Any = list(y_preds)
        if ids is None:
            raise UsageError(
                "ids are needed to find the rows of prediction sets",
                fix="pass ids=, (N,), in the order of y_true",
            )
    else:
        truth, members, keys = _members(y_true, y_preds, classes, metric)
        names = keys if names is None else names
    numbers = _folds(folds, like=len(truth))
    return ensembling.blend(
        members,
        truth,
        metric,
        numbers,
        groups=_groups(groups, like=len(truth)),
        ids=None if ids is None else _texts(ids, "ids", like=len(truth)),
        kind=_kind(kind),
        method=method,
        names=names,
        trials=trials,
        seed=seed,
        metric_options=options,
    )


def combine(blend: Blend, y_preds: Any) -> NDArray[np.float32]:
    """Return one prediction, float32 `(N, C)`, of what the members of `blend` predict.

    Args:
        blend: as `podium.blend` returned it, or one of a workspace.
        y_preds: its members' predictions of the same N rows, such as the test set: a mapping by the
            names of the members, or a list in their order, of `(N, C)` or `(N,)`; or `(M, N, C)`.

    Raises:
        UsageError: a member lacks its prediction, or there are more than members.
        DataError: members differ in shape.

    Example:
        >>> import podium
        >>> blend = podium.blend([0, 1, 0, 1], {"a": [0.1, 0.9, 0.2, 0.7]}, "auc", [0, 0, 1, 1])
        >>> podium.combine(blend, {"a": [0.25, 0.5]}).tolist()
        [[0.25], [0.5]]
    """
    if not isinstance(blend, Blend):
        raise UsageError(
            f"blend must be a Blend, got {_shown(blend)}", fix="combine(blend, y_preds)"
        )
    if isinstance(y_preds, Mapping):
        lost = [name for name in blend.members if name not in y_preds]
        if lost:
            raise UsageError(
                f"y_preds lacks the members {some(lost)}",
                fix=f"give a prediction for each of {some(blend.members)}",
            )
        y_preds = [y_preds[name] for name in blend.members]
    members, _ = _stacked(y_preds)
    if len(members) != len(blend.members):
        raise UsageError(
            f"y_preds holds {len(members)} members, the blend has {len(blend.members)}",
            fix=f"give them in the order of {some(blend.members)}",
        )
    how = blend.how
    return np.asarray(how.combined(how.prepared(members), blend.fitted), dtype=np.float32)


def decide(
    y_pred: Any,
    steps: Sequence[Mapping[str, Any]] | None = None,
    *,
    kind: str | None = None,
    classes: Sequence[Any] | None = None,
) -> Array:
    """Return the decisions that `steps` make of probabilities.

    Args:
        y_pred: `(N, C)`; `(N,)` or `(N, 1)` of a yes-or-no task, of ratings and of numbers.
        steps: as `blend.decision` has them, such as `[{"threshold": 0.4}]`; none: the most
            probable class, the nearest rating, or a threshold of 0.5.
        kind: multiclass, multilabel, binary, ordinal or regression; None: what the steps are for,
            else multiclass where rows of `(N, C)` sum to 1, and binary for one column.
        classes: what stands for class 0, 1, …; the decisions are these then.

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
    probs = _numbers(y_pred, "y_pred")
    if steps is not None and (isinstance(steps, str | Mapping) or not _is_listed(steps)):
        raise UsageError(
            f"steps must be a list of steps, got {_shown(steps)}",
            fix='write [{"threshold": 0.5}]',
        )
    made = label_decisions.decide(probs, steps, _kind(kind) or _kind_of_probs(probs, steps))
    if classes is None:
        return made
    if made.ndim != 1 or made.dtype.kind not in "iu":
        raise UsageError(
            f"classes names one class a row, and the decisions are {made.dtype} {made.shape}",
            fix="leave classes out",
        )
    names = _array(list(classes), "classes")
    if len(made) and int(made.max()) >= len(names):
        raise UsageError(
            f"classes names {len(names)}, and class {int(made.max())} was decided",
            fix="name one a column of y_pred",
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
    return spec.load_competition(_path(path, "path"))


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
        path: the CSV to write; its folder must be there.
        ids: `(N,)`, each once, in the order of `y_pred`.
        y_pred: what the format holds: probabilities `(N, C)` or `(N,)`; decisions, as class numbers
            or names `(N,)`, 0/1 `(N, C)`, a ranking `(N, k)`; numbers `(N,)`; or N masks.
        competition: the competition, a workspace, or the path of either.
        sample: without a competition: a sample submission, whose header, ids and number of columns
            set the format: the id first, then one column of answers or one a class.
        preset: with a sample: the name of a known competition, whose format it is.
        classes: without a competition: what stands for class 0, 1, …; None: the columns of the
            sample, or names in ascending order.

    Raises:
        UsageError: the format is unknown, or an argument is of another form.
        SubmissionError: ids differ from the sample's, or shapes or values do not fit the format.
        DataError: the sample or the spec cannot be used.

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
    target = _path(path, "path")
    with _sample_file(sample) as sample_file:
        where = _competition(competition, sample_file, preset, classes, y_pred)
        form = format_of(where)
        value = value_of(form)
        if not isinstance(value, LabelValue):
            masks = _masks(y_pred, "y_pred")
            names = _texts(ids, "ids", like=len(masks))
            return mask_files.write_masks(target, where, zip(names, masks, strict=True))
        names = [str(one) for one in (classes if classes is not None else form.classes)]
        array = _in_order(y_pred, names)
        texts = _texts(ids, "ids", like=len(array))
        if array.dtype.kind in "OUS":
            array = _codes(array, "y_pred", names)
        if are_probs(value.source(form)):
            probs = _numbers(array, "y_pred").astype(np.float64)
            return writing.write_submission(target, where, texts, probs)
        if array.dtype.kind == "f":
            raise SubmissionError(
                f"the format holds a {form.value} in each cell, and y_pred holds probabilities",
                where=target,
                fix="pass podium.decide(y_pred)",
            )
        return writing.write_submission(target, where, texts, None, array)


def check_submission(
    file: str | Path,
    competition: Competition | HasCompetition | str | Path | None = None,
    *,
    sample: str | Path | pd.DataFrame | None = None,
    preset: str | None = None,
    classes: Sequence[Any] | None = None,
    size: tuple[int, int] | None = None,
) -> list[Problem]:
    """Return every problem of a submission, errors first; [] when it may be sent.

    Args:
        file: the CSV.
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
    given = _path(file, "file")
    with _sample_file(sample) as sample_file:
        if preset is not None and competition is None:
            named = [str(one) for one in classes or ()]
            return checking.check_by_preset(
                given, preset, sample=sample_file, size=size, classes=named
            )
        where = _competition(competition, sample_file, preset, classes, None)
        return checking.check(given, where)


def _shown(given: object) -> str:
    text = repr(given)
    short = text if len(text) <= 40 else f"{text[:39]}…"
    return f"{type(given).__name__} {short}" if "\n" not in short else type(given).__name__


def _is_listed(given: object) -> bool:
    return hasattr(given, "__len__") and hasattr(given, "__getitem__")


def _refuse(argument: str, expected: str, given: object, fix: str | None = None) -> NoReturn:
    raise UsageError(f"{argument} must be {expected}, got {_shown(given)}", fix=fix)


def _path(given: Any, argument: str) -> Path:
    if not isinstance(given, str | Path):
        _refuse(argument, "a path, as text or Path", given)
    return Path(given).expanduser()


def _whole(given: Any, argument: str, *, least: int) -> int:
    try:
        number = operator.index(given)
    except TypeError:
        _refuse(argument, "a whole number", given)
    if isinstance(given, bool) or number < least:
        raise UsageError(f"{argument} must be a whole number of at least {least}, got {given!r}")
    return number


def _array(given: Any, argument: str) -> Array:
    """Return `given` as an array of one row a sample; texts are objects, truth values integers."""
    expected = "an array, list, series, frame or tensor with a row a sample"
    if given is None or isinstance(given, str | bytes | Path | Mapping | set | frozenset):
        _refuse(argument, expected, given)
    found = _plain(given)
    if isinstance(found, list | tuple):
        try:
            found = np.asarray([_plain(one) for one in found])
        except ValueError as error:
            raise UsageError(
                f"{argument} has rows of different lengths", fix="give as many columns in each row"
            ) from error
    array: Array = np.asarray(found)
    if array.ndim == 0:
        _refuse(argument, expected, given)
    if array.dtype.kind in "US":
        return array.astype(object)
    return array.astype(np.int64) if array.dtype.kind == "b" else array


def _plain(given: Any) -> Any:
    """Return the array behind a tensor (torch is not imported for it), a series or a frame."""
    if hasattr(given, "detach") and hasattr(given, "cpu"):
        tensor = given.detach().cpu()
        try:
            return tensor.numpy()
        except TypeError:  # numpy has no bfloat16
            return tensor.float().numpy()
    return given.to_numpy() if hasattr(given, "to_numpy") else given


def _frame_or_array(given: Any, argument: str) -> Array:
    found = _array(given, argument)
    if found.dtype == object and found.ndim == 2 and found.shape[1] > 1:
        raise UsageError(
            f"{argument} has {found.shape[1]} columns, not all of them numbers",
            fix='pass the column of the labels, as frame["label"]',
        )
    return found


def _squeezed(array: Array) -> Array:
    """Return one column `(N, 1)` as `(N,)`, and any other array as it is."""
    return array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array


def _vector(given: Any, argument: str, *, like: int) -> Array:
    found = _squeezed(_array(given, argument))
    if found.ndim != 1 or len(found) != like:
        raise UsageError(
            f"{argument} must have one entry a row, ({like},), got {found.shape}",
            fix="pass rows in the order of the truth",
        )
    return found


def _groups(given: Any, *, like: int) -> Array | None:
    return None if given is None else _vector(given, "groups", like=like)


def _texts(given: Any, argument: str, *, like: int) -> list[str]:
    return [str(one) for one in _vector(given, argument, like=like).tolist()]


def _folds(given: Any, like: int | None = None) -> NDArray[np.int64]:
    found = _array(given, "folds")
    found = _vector(given, "folds", like=len(found) if like is None else like)
    try:
        numbers = found.astype(np.int64)
    except (TypeError, ValueError):
        numbers = None
    if numbers is None or not np.array_equal(numbers, found):
        raise UsageError(
            "folds must be whole numbers from 0 on, one a row",
            fix="podium.make_folds(y) makes them",
        )
    return np.asarray(numbers)


def _numbers(given: Any, argument: str) -> Array:
    found = _array(given, argument)
    if found.dtype.kind in "iuf":
        return found
    try:
        return np.asarray(found, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"{argument} must hold numbers, got {_shown(found.reshape(-1)[0])}",
            fix="truth comes first, then the prediction" if argument == "y_pred" else None,
        ) from error


def _metric(given: Any) -> Metric:
    if not isinstance(given, str | Metric):
        _refuse(
            "metric",
            "a metric's name",
            given,
            'podium.score("accuracy", y_true, y_pred); podium.metrics.names() lists them',
        )
    return metrics.get(given)


def _masks(given: Any, argument: str) -> Any:
    """Return masks as the metrics take them: an array, or a list of arrays."""
    if given is None or isinstance(given, str | bytes | Path) or not hasattr(given, "__len__"):
        _refuse(argument, "a list of masks, one an image", given)
    found = _plain(given)
    return [_plain(one) for one in found] if isinstance(found, list | tuple) else found


def _truth(y_true: Any, classes: Sequence[Any] | None) -> tuple[Array, list[Any] | None]:
    """Return the truth as numbers, and what stands for class 0, 1, … where that is named."""
    found = _frame_or_array(y_true, "y_true")
    if found.ndim > 2:
        raise UsageError(
            f"y_true must be (N,) or (N, C), got {found.shape}",
            fix="the truth comes first, then the prediction",
        )
    found = _squeezed(found)
    if _has_names(found):
        names = sorted({str(one) for one in found}) if classes is None else list(classes)
        return _codes(found, "y_true", names), names
    found = _numbers(found, "y_true")
    are_texts = classes is not None and all(isinstance(one, str) for one in classes)
    if classes is not None and not are_texts and found.ndim == 1:
        return _codes(found, "y_true", list(classes)), list(classes)
    return found, None if classes is None else list(classes)


def _has_names(array: Array) -> bool:
    return array.dtype == object and any(isinstance(one, str) for one in array.reshape(-1))


def _codes(found: Array, argument: str, names: Sequence[Any]) -> NDArray[np.int64]:
    """Return which of `names` each entry is, int64 of the same shape."""
    number = {name: at for at, name in enumerate(names)}
    codes = np.array([number.get(one, -1) for one in found.reshape(-1).tolist()], dtype=np.int64)
    if (codes < 0).any():
        first = int(np.argmax(codes < 0))
        row = first // max(1, int(np.prod(found.shape[1:])))
        raise DataError(
            f"{argument} holds {found.reshape(-1)[first]!r} at row {row}, which is none of the "
            f"classes {some(names)}",
            fix="name every class in classes",
        )
    return codes.reshape(found.shape)


def _in_order(given: Any, names: Sequence[Any]) -> Array:
    """Return predictions, the columns of a frame in the order of the classes if it names them."""
    columns = list(getattr(given, "columns", ()))
    if columns and len(columns) == len(names) and set(columns) == set(names):
        given = given[list(names)]
    return _array(given, "y_pred")


def _pair(
    y_true: Any, y_pred: Any, classes: Sequence[Any] | None
) -> tuple[Array, Array, list[Any] | None]:
    """Return truth and prediction as numbers, and the names of the classes where there are any."""
    predicted = _array(y_pred, "y_pred")
    columns = list(getattr(y_pred, "columns", ()))
    right = _array(y_true, "y_true")
    is_named, has_names = _has_names(right), _has_names(predicted)
    if classes is None and is_named:
        if len(columns) > 1 and all(isinstance(one, str) for one in columns):
            classes = columns
        elif has_names:
            classes = sorted({str(one) for one in [*right.reshape(-1), *predicted.reshape(-1)]})
    truth, names = _truth(y_true, classes)
    if names is not None:
        predicted = _in_order(y_pred, names)
    if has_names:
        if names is None:
            raise UsageError(
                "y_pred holds names, and y_true holds numbers",
                fix="pass both in the same way; the truth comes first, y_true and then y_pred",
            )
        return truth, _codes(predicted, "y_pred", names), names
    prediction = _numbers(predicted, "y_pred")
    n_columns = prediction.shape[1] if prediction.ndim == 2 else 1
    is_by_class = is_named and prediction.dtype.kind == "f" and n_columns > 1
    if is_by_class and names is not None and n_columns != len(names):
        raise UsageError(
            f"y_pred has {n_columns} columns, and y_true has the {len(names)} classes "
            f"{some(names)}",
            fix="name the class of each column: classes=[…]",
        )
    return truth, prediction, names


def _fraction_at(found: Array) -> int | None:
    """Return the first row with a number that is not whole; None where all are."""
    if found.dtype.kind != "f":
        return None
    is_odd = (found != np.floor(found)).reshape(len(found), -1).any(axis=1)
    return int(np.flatnonzero(is_odd)[0]) if is_odd.any() else None


def _check_pair(metric: Metric, truth: Array, prediction: Array) -> None:
    """Refuse a prediction in the place of the truth, and rows of probabilities that are none."""
    if len(truth) != len(prediction):
        raise DataError(
            f"y_true has {len(truth):,} rows, y_pred {len(prediction):,}",
            fix="give one row a sample in both",
        )
    if not _scores_numbers(metric):
        _check_classes(metric, truth, prediction)
    is_vector = truth.ndim == 1 and prediction.ndim == 2 and prediction.shape[1] > 1
    if metric.scores_probs and is_vector and not _scores_no_probs(metric):
        _check_probs(prediction, "y_pred")


def _kinds_of(metric: Metric) -> list[Kind]:
    """Return the kinds of images that a metric of labels scores."""
    return [image_kind(one) for one in sorted(metric.kinds) if one in kind_names(IMAGES)]


def _scores_numbers(metric: Metric) -> bool:
    """Return whether the truth of a metric may be numbers that are no classes."""
    return any(kind.is_continuous for kind in _kinds_of(metric))


def _scores_no_probs(metric: Metric) -> bool:
    """Return whether several outputs that a metric scores may be no probabilities."""
    return any(not (kind.is_prob or kind.is_single) for kind in _kinds_of(metric))


def _check_classes(metric: Metric, truth: Array, prediction: Array) -> None:
    odd = _fraction_at(truth)
    if odd is not None or (truth.ndim == 2 and prediction.ndim == 1 and metric.scores_probs):
        where = "" if odd is None else f" at row {odd}"
        what = f"y_true holds probabilities{where}, not classes"
        also = "" if _fraction_at(prediction) is not None else ", and y_pred holds classes"
        raise UsageError(
            what + also, fix=f'the truth comes first: podium.score("{metric.name}", y_true, y_pred)'
        )
    if metric.scores_decisions:
        odd = _fraction_at(prediction)
        if odd is not None:
            raise UsageError(
                f"{metric.name} scores decisions, and y_pred holds probabilities at row {odd}",
                fix="pass podium.decide(y_pred), or fit a threshold: podium.fit_thresholds",
            )


def _check_probs(probs: Array, argument: str) -> None:
    """Refuse rows `(N, C)` that are no probabilities of one right class."""
    values = probs.astype(np.float64)
    is_outside = np.asarray(((values < 0) | (values > 1 + SUM_TOLERANCE)).any(axis=1))
    totals = values.sum(axis=1)
    is_off = np.abs(totals - 1) > SUM_TOLERANCE
    if is_off.any() or is_outside.any():
        row = int(np.flatnonzero(is_off | is_outside)[0])
        what = (
            f"has a value outside [0, 1], {values[row][np.argmax(np.abs(values[row] - 0.5))]:.4g}"
            if is_outside[row]
            else f"sums to {totals[row]:.4g}"
        )
        n = int((is_off | is_outside).sum())
        raise DataError(
            f"{argument} has {n:,} of {len(values):,} rows that are no probabilities: "
            f"row {row} {what}",
            fix="pass probabilities, whose rows sum to 1: a softmax of logits, or each row divided "
            "by its sum",
        )


def _yes_or_no(y_true: Any, y_pred: Any, classes: Sequence[Any] | None) -> tuple[Array, Array]:
    """Return a truth of 0 and 1, and predictions of the same shape."""
    truth, prediction, _ = _pair(y_true, y_pred, classes)
    if truth.ndim == 1:
        prediction = _squeezed(prediction)
    if not np.isin(truth, (0, 1)).all():
        row = int(np.flatnonzero(~np.isin(truth, (0, 1)).reshape(len(truth), -1).all(axis=1))[0])
        if np.isin(prediction, (0, 1)).all():
            raise UsageError(
                "y_true holds values and y_pred holds 0 and 1: they change places",
                fix="the truth comes first, then the prediction",
            )
        raise DataError(
            f"y_true must be 0 or 1, got {np.asarray(truth[row]).tolist()} at row {row}",
            fix="pass one column of 0 and 1 a class",
        )
    if truth.shape != prediction.shape:
        raise DataError(
            f"y_true has the shape {truth.shape}, y_pred {prediction.shape}",
            fix="give one value a row, and a column a class in both",
        )
    return truth, prediction


def _are_sets(given: Any) -> bool:
    return isinstance(given, list | tuple) and any(isinstance(one, PredictionSet) for one in given)


def _stacked(given: Any) -> tuple[Array, list[str] | None]:
    """Return members `(M, N, C)` and their names, if they have some."""
    names: list[str] | None = None
    if isinstance(given, Mapping):
        names, given = [str(one) for one in given], list(given.values())
    if isinstance(given, list | tuple):
        keys = names or [str(at) for at in range(len(given))]
        if not keys:
            raise UsageError("y_preds is empty: there is no member", fix="give one prediction each")
        each = [_numbers(one, f"y_preds[{key!r}]") for key, one in zip(keys, given, strict=True)]
        shapes = {one.shape[:1] + (one.shape[1:] or (1,)) for one in each}
        if len(shapes) > 1:
            raise DataError(
                f"y_preds holds members of different shapes: {some(sorted(shapes))}",
                fix="give each the same rows and columns",
            )
        members = np.stack([one.reshape(len(one), -1) if one.ndim == 1 else one for one in each])
    else:
        members = _numbers(given, "y_preds")
    members = members[..., None] if members.ndim == 2 else members
    if members.ndim != 3:
        raise UsageError(
            f"y_preds must be (M, N, C), M predictions of N rows, got {members.shape}",
            fix="give a list of predictions, or a mapping by name",
        )
    return members, names


def _members(
    y_true: Any, y_preds: Any, classes: Sequence[Any] | None, metric: Any
) -> tuple[Array, Array, list[str] | None]:
    """Return truth, members `(M, N, C)` and the members' names."""
    truth, known = _truth(y_true, classes)
    if isinstance(y_preds, str) or not hasattr(y_preds, "__len__"):
        _refuse("y_preds", "a list of predictions, or a mapping by name", y_preds)
    if known is not None and isinstance(y_preds, Mapping):
        y_preds = {name: _in_order(one, known) for name, one in y_preds.items()}
    elif known is not None and isinstance(y_preds, list | tuple):
        y_preds = [_in_order(one, known) for one in y_preds]
    members, names = _stacked(y_preds)
    if members.shape[1] != len(truth):
        raise DataError(
            f"y_true has {len(truth):,} rows, the members of y_preds {members.shape[1]:,}",
            fix="the truth comes first, then the predictions, one row a sample in both",
        )
    if not callable(metric):
        found = _metric(metric)
        for at, member in enumerate(members):
            name = f"y_preds[{(names[at] if names else at)!r}]"
            is_of_classes = truth.ndim == 1 and member.shape[1] > 1
            if found.scores_probs and is_of_classes and not _scores_no_probs(found):
                _check_probs(member, name)
        if not _scores_numbers(found) and _fraction_at(truth) is not None:
            raise UsageError(
                f"y_true holds probabilities at row {_fraction_at(truth)}, not classes",
                fix="the truth comes first, then the predictions",
            )
    return truth, members, names


def _kind(name: str | None) -> Kind | None:
    """Return the kind of images of that name, if there is a name."""
    return None if name is None else image_kind(name)


def _kind_of_probs(probs: Array, steps: Sequence[Any] | None) -> Kind:
    """Return the kind of task whose predictions these are."""
    names = {label_decisions.name_and_parameter(one)[0] for one in steps or ()}
    if probs.ndim not in (1, 2):
        raise UsageError(f"y_pred must be (N,) or (N, C), got {probs.shape}")
    is_single = probs.ndim == 1 or probs.shape[1] == 1
    kinds = [one for one in map(image_kind, kind_names(IMAGES)) if one.is_single == is_single]
    deciding = [one for one in kinds if names & decisions_of(one).steps.keys()]
    if deciding:
        return deciding[0]
    if is_single or names:
        return image_kind("binary" if is_single else "multiclass")
    totals = probs.astype(np.float64).sum(axis=1)
    if (np.abs(totals - 1) > SUM_TOLERANCE).any():
        raise UsageError(
            "y_pred has rows that do not sum to 1, so it may be of several right classes or of one",
            fix='say kind="multilabel" or kind="multiclass"',
        )
    return image_kind("multiclass")


@contextmanager
def _sample_file(sample: Any) -> Iterator[Path | None]:
    """Give the file of a sample submission; a frame is written to one meanwhile."""
    if sample is None:
        yield None
    elif hasattr(sample, "to_csv"):
        with temporary_folder("podium-sample") as folder:
            file = folder / "sample_submission.csv"
            sample.to_csv(file, index=False)
            yield file
    else:
        yield _path(sample, "sample")


def _competition(
    given: Any,
    sample: Path | None,
    preset: str | None,
    classes: Sequence[Any] | None,
    y_pred: Any,
) -> Competition:
    """Return the competition whose format a file has."""
    if given is not None:
        if sample is not None or preset is not None:
            raise UsageError("the competition has a sample and a format", fix="leave sample out")
        if isinstance(given, Competition):
            return given
        inner = getattr(given, "competition", None)
        if isinstance(inner, Competition):
            return inner
        root = given.root if isinstance(given, Workspace) else given
        return load_competition(_path(root, "competition"))
    if sample is None:
        raise UsageError(
            "the format of the file is unknown",
            fix="pass competition=, or sample= with a sample submission",
        )
    header = _header(sample)
    if preset is not None:
        spec_of = _spec_of_preset(preset, header, classes)
    else:
        spec_of = _spec_of_sample(sample, header, classes, y_pred)
    spec_of["submission"]["sample"] = str(sample.resolve())
    try:
        return Competition.model_validate(spec_of).at(Path.cwd())
    except ValueError as error:
        raise UsageError(f"sample {sample.name}: {error}", fix="name the classes") from error


def _header(sample: Path) -> list[str]:
    try:
        with sample.open(encoding="utf-8-sig", newline="") as file:
            columns = [cell.strip() for cell in next(csv.reader(file), [])]
    except OSError as error:
        raise DataError(
            error.strerror or "cannot be read", where=sample, fix="correct sample="
        ) from error
    if len(columns) < 2:
        raise DataError(
            "a sample submission has a column of ids and one of answers, or more",
            where=sample,
            fix="pass another file, or competition=",
        )
    return columns


def _spec_of_sample(
    sample: Path, header: list[str], classes: Sequence[Any] | None, y_pred: Any
) -> dict[str, Any]:
    """Return the spec of a competition whose sample has these columns."""
    key, *rest = header
    if len(rest) > 1:
        columns = {key: "id"} | {name: f"prob[{name}]" for name in rest}
        one_right = y_pred is not None and _sums_to_one(_array(y_pred, "y_pred"))
        return _spec("multiclass" if one_right else "multilabel", rest, columns, "prob")
    columns = {key: "id", rest[0]: "value"}
    if classes is not None:
        return _spec("multiclass", [str(one) for one in classes], columns, "name")
    if y_pred is None:
        with reading_table(sample):
            cells = pd.read_csv(sample, usecols=[1], nrows=1000).iloc[:, 0]
        if cells.dtype.kind in "biuf":
            return _spec("regression", [], columns, "scalar")
        raise UsageError(
            f"the column {rest[0]!r} of the sample holds names", fix="name them all: classes=[…]"
        )
    array = _array(y_pred, "y_pred")
    if array.ndim == 2 and array.shape[1] > 1:
        raise UsageError(
            f"y_pred has {array.shape[1]} columns, and the sample one of answers",
            fix="pass decisions: podium.decide(y_pred)",
        )
    if array.dtype.kind in "OUS":
        names = sorted({str(one) for one in array.reshape(-1)})
        names = names if len(names) > 1 else [*names, f"not {names[0]}"]
        return _spec("multiclass", names, columns, "name")
    if array.dtype.kind in "iu" and len(array) and int(array.min()) >= 0:
        n = max(2, int(array.max()) + 1)
        return _spec("multiclass", [str(one) for one in range(n)], columns, "label")
    return _spec("regression", [], columns, "scalar")


def _spec_of_preset(name: str, header: list[str], classes: Sequence[Any] | None) -> dict[str, Any]:
    preset = find_preset(name)
    named = [str(one) for one in classes or preset.classes]
    kind = next(iter(preset.tasks.values()))
    found = _spec(kind, named or (header[1:] if len(header) > 2 else []), {}, "")
    found["submission"] = {"preset": preset.name}
    found["metric"] = preset.metric.model_dump(exclude_unset=True)
    return found


def _sums_to_one(array: Array) -> bool:
    if array.ndim != 2 or array.dtype.kind not in "iuf":
        return False
    return bool((np.abs(array.astype(np.float64).sum(axis=1) - 1) <= SUM_TOLERANCE).all())


def _spec(
    kind: str, classes: Sequence[str], columns: Mapping[str, str], value: str
) -> dict[str, Any]:
    """Return a spec whose data nobody looks for."""
    return {
        "name": "submission",
        "tasks": {IMAGES: str(kind)},
        "classes": list(classes),
        "data": {
            "train": {"table": "-.csv", "id": "id", "images": "-/{id}", "label": "label"},
            "test": {"images": "-/{id}", "id": "{id}"},
        },
        "metric": {"name": metrics.usual(IMAGES, image_kind(kind))},
        "submission": {"columns": dict(columns), "value": value},
    }
