"""Truth and prediction of labels and numbers: names, numbers as text, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.metrics import Metric
from podium.errors import DataError, UsageError, either, naming_place, plural, some
from podium.predictions.imports.schema import SUM_TOLERANCE
from podium.tuning.scoring import LabelScorer
from podium.workflows.api.arguments.columns import column_names, in_order, named_columns
from podium.workflows.api.arguments.kinds import kinds_of, scores_no_probs, scores_numbers
from podium.workflows.api.arguments.plain import (
    Array,
    array,
    frame_or_array,
    is_gap,
    numbers,
    refuse_masks,
    squeezed,
)

if TYPE_CHECKING:
    from podium.tasks.protocols.kind import Kind

__all__ = [
    "check_classes",
    "check_pair",
    "check_probs",
    "class_codes",
    "codes",
    "fraction_at",
    "labelled",
    "ordered_categories",
    "pair",
    "refuse_other_order",
    "truth_of",
    "yes_or_no",
]


def truth_of(
    y_true: Any, classes: Sequence[Any] | None, *, as_numbers: bool = False
) -> tuple[Array, list[Any] | None]:
    """Return the truth as numbers, and what stands for class 0, 1, … where that is named.

    Args:
        as_numbers: whether numbers that are written as text are those numbers, and no names.
    """
    found = frame_or_array(y_true, "y_true")
    if found.ndim > 2:
        refuse_masks("y_true", found.shape)
    found = squeezed(found)
    if _has_names(found):
        labelled(found, "y_true")
        if as_numbers and classes is None and _are_numbers(found):
            return numbers(found, "y_true"), None
        classes = sorted({str(one) for one in found}) if classes is None else classes
    if classes is None:
        return numbers(found, "y_true"), None
    if found.ndim == 1:
        return class_codes(found, "y_true", classes), list(classes)
    return numbers(found, "y_true"), list(classes)


def class_codes(found: Array, argument: str, classes: Sequence[Any]) -> Array:
    """Return which of `classes` each label is; class numbers of classes that are named stay.

    Args:
        found: labels or decisions, as `classes` has them; -1 of a ranking is none of them.
        argument: its name, for messages.
        classes: what stands for class 0, 1, …: names or numbers.

    Raises:
        DataError: a label is none of the classes.
        UsageError: labels are numbers, and classes other numbers as text: a label may be a class
            number, or the class that is called so.
    """
    are_texts = all(isinstance(one, str) for one in classes)
    if _has_names(found):
        labelled(found, argument)
        if are_texts or not _are_numbers(found):
            return codes(found, argument, list(classes))
    found = numbers(found, argument)
    if not are_texts:
        return codes(found, argument, list(classes), has_none=found.ndim == 2)
    names = np.array(list(classes), dtype=object)
    if _are_numbers(names) and not np.array_equal(names.astype(float), np.arange(len(names))):
        raise UsageError(
            f"{argument} holds numbers, and the classes are numbers as text, {some(names)}: 1 may "
            "be class number 1, or the class '1'",
            fix="pass the classes as numbers, classes=[…], or the labels as text",
        )
    return found


def _has_names(array: Array) -> bool:
    return array.dtype == object and any(isinstance(one, str) for one in array.reshape(-1))


def _are_numbers(array: Array) -> bool:
    """Return whether every entry of texts is a number."""
    try:
        np.asarray(array, dtype=np.float64)
    except (TypeError, ValueError):
        return False
    return True


def labelled(found: Array, argument: str) -> None:
    """Refuse labels `(N,)` or `(N, C)` of which one is None or nan."""
    if found.dtype.kind not in "fO" or not found.size:
        return
    rows = found.reshape(len(found), -1)
    if found.dtype == object:
        is_missing = np.array([any(map(is_gap, one)) for one in rows.tolist()], dtype=bool)
    else:
        is_missing = np.asarray(np.isnan(rows).any(axis=1))
    if is_missing.any():
        raise DataError(
            f"{argument} has {int(is_missing.sum()):,} of {plural(len(found), 'row')} without a "
            "label: "
            f"{some(np.flatnonzero(is_missing).tolist())}",
            fix="leave these rows out, in each argument",
        )


def codes(
    found: Array, argument: str, names: Sequence[Any], *, has_none: bool = False
) -> NDArray[np.int64]:
    """Return which of `names` each entry is, int64 of the same shape; -1 is none, if allowed."""
    number = {name: at for at, name in enumerate(names)}
    codes = np.array([number.get(one, -1) for one in found.reshape(-1).tolist()], dtype=np.int64)
    is_unknown = codes < 0
    if has_none:
        is_unknown &= found.reshape(-1) != -1
    if is_unknown.any():
        first = int(np.argmax(is_unknown))
        row = first // max(1, int(np.prod(found.shape[1:])))
        raise DataError(
            f"{argument} holds {found.reshape(-1).tolist()[first]!r} at row {row}, which is none "
            f"of the classes {some(names)}",
            fix="name every class in classes, as labels and decisions have them",
        )
    return codes.reshape(found.shape)


def pair(
    y_true: Any, y_pred: Any, classes: Sequence[Any] | None, metric: Metric | None = None
) -> tuple[Array, Array, list[Any] | None]:
    """Return truth and prediction as numbers, and the names of the classes where there are any.

    Args:
        metric: what scores them; None: a curve of one that scores decisions.
    """
    predicted = array(y_pred, "y_pred")
    right = array(y_true, "y_true")
    classes = ordered_categories(y_true) if classes is None else classes
    is_given = classes is not None
    is_named, has_names = _has_names(right), _has_names(predicted)
    as_numbers = metric is not None and not is_given and _may_be_numbers(metric, right, predicted)
    if metric is not None and has_names and (is_given or is_named) and not as_numbers:
        known = set(map(str, right.reshape(-1).tolist() if classes is None else classes))
        if (listed := _listed_names(metric, predicted, known)) is not None:
            y_pred = predicted = listed
    if classes is None and is_named and not as_numbers:
        columns = column_names(y_pred)
        if columns and all(isinstance(one, str) for one in columns):
            classes = columns
        elif has_names:
            both = [*right.reshape(-1), *predicted.reshape(-1)]
            classes = sorted({str(one) for one in both if not is_gap(one)})
    outputs = named_columns(y_true, y_pred) if classes is None else list(classes)
    if column_names(y_true) and outputs is not None:
        y_true = in_order(y_true, outputs, "y_true")
    truth, names = truth_of(y_true, classes, as_numbers=as_numbers)
    if names is not None or outputs is not None:
        predicted = in_order(y_pred, names or outputs or ())
    if as_numbers:
        predicted = numbers(predicted, "y_pred")
    elif has_names:
        if names is None:
            raise UsageError(
                "y_pred holds names, and y_true holds numbers",
                fix="where these numbers are places in a list of classes, as of a workspace's "
                "samples, pass classes=…, in a workspace ws.competition.classes; else pass both "
                "in the same way, y_true before y_pred",
            )
        return truth, class_codes(predicted, "y_pred", names), names
    prediction = numbers(predicted, "y_pred")
    if metric is not None and is_given and names is not None and truth.ndim == 1:
        prediction = _as_class_codes(metric, prediction, names)
    n_columns = prediction.shape[1] if prediction.ndim == 2 else 1
    is_by_class = is_named and prediction.dtype.kind == "f" and n_columns > 1
    if is_by_class and names is not None:
        if n_columns != len(names):
            raise UsageError(
                f"y_pred has {plural(n_columns, 'column')}, and y_true has the "
                f"{either(len(names), 'class', 'classes')} "
                f"{some(names)}",
                fix="name the class of each column: classes=[…]",
            )
        if classes is None:
            refuse_other_order(names)
    return truth, prediction, names


_SEPARATORS = ("|", ";", ",", " ")  # of the names in a cell of a file; blanks stand beside others


def _listed_names(metric: Metric, predicted: Array, known: set[str]) -> Array | None:
    """Return cells of a file that list names, the likeliest first, as `(N, k)`; None: they do not.

    A row of fewer names is filled up with its first one, which counts once.

    Raises:
        UsageError: cells list names, and the metric scores one a row; or no name is in the truth.
    """
    cells = squeezed(predicted)
    names = {one for one in predicted.reshape(-1).tolist() if isinstance(one, str)}
    rows = _split_cells(cells.tolist(), known) if cells.ndim == 1 else None
    if rows is not None and metric.scores_ranking:
        width = max(map(len, rows))
        return np.array([row + row[:1] * (width - len(row)) for row in rows], dtype=object)
    if names & known:
        return None
    if rows is not None:
        raise UsageError(
            f"{metric.name} scores one name a row, and y_pred lists several: {cells[0]!r}",
            fix="pass the first one of each, or score rankings: map_at_k, top_k_accuracy",
        )
    raise UsageError(
        f"y_pred holds {some(sorted(names))}: none of these is in y_true, {some(sorted(known))}",
        fix="spell names in y_pred as y_true does; where this is meant, name all in classes=[…]",
    )


def _split_cells(cells: Sequence[Any], known: set[str]) -> list[list[str]] | None:
    """Return the names that each cell lists; None where cells list none.

    Most of what stands between separators are known names, where a cell itself is none.
    """
    if not all(isinstance(one, str) for one in cells):
        return None
    for sign in _SEPARATORS:
        rows = [
            [one] if one in known else [part.strip() for part in one.split(sign) if part.strip()]
            for one in cells
        ]
        listed = [name for row in rows if len(row) > 1 for name in row]
        if 2 * sum(name in known for name in listed) > len(listed):
            return [row or [""] for row in rows]
    return None


def ordered_categories(given: Any) -> list[Any] | None:
    """Return the categories of an ordered pandas categorical; None of anything else."""
    found = getattr(given, "dtype", None)
    if not isinstance(found, pd.CategoricalDtype) or not found.ordered:
        return None
    return list(found.categories)


def _as_class_codes(metric: Metric, prediction: Array, classes: Sequence[Any]) -> Array:
    """Return which of `classes` each decision or ranked class is; probabilities as they are."""
    if not (metric.scores_decisions or metric.scores_ranking):
        return prediction
    _refuse_probabilities(metric, prediction, classes)
    return class_codes(squeezed(prediction), "y_pred", classes)


def _refuse_probabilities(
    metric: Metric, prediction: Array, classes: Sequence[Any] | None = None
) -> None:
    """Refuse what is no decision; classes that are named may be fractions, as half stars are."""
    odd = fraction_at(prediction)
    if odd is None or (classes is not None and np.isin(prediction[odd], classes).all()):
        return
    alone = squeezed(prediction)
    if alone.ndim == 1 and ((alone < 0) | (alone > 1)).any():
        named = "" if classes is None else ", classes=classes"
        raise UsageError(
            f"{metric.name} scores decisions, and y_pred holds {alone[odd]:.4g} at row {odd}",
            fix=f'of ratings pass podium.decide(y_pred, kind="ordinal"{named})',
        )
    raise UsageError(
        f"{metric.name} scores decisions, and y_pred holds probabilities at row {odd}",
        fix="pass podium.decide(y_pred), or fit a threshold: podium.fit_thresholds"
        if classes is None
        else "pass podium.decide(y_pred, classes=classes)",
    )


def _may_be_numbers(metric: Metric, truth: Array, prediction: Array) -> bool:
    """Return whether texts of truth and prediction are to be taken as the numbers they write.

    Of numbers, ratings and decisions they are: '10' is not before '2'. What has a column a class,
    or the probability of one, names the class by its text.
    """
    if not all(_are_numbers(one) for one in (truth, prediction) if _has_names(one)):
        return False
    if squeezed(prediction).shape != squeezed(truth).shape:
        return False
    return scores_numbers(metric) or metric.scores_decisions


def refuse_other_order(names: Sequence[Any]) -> None:
    """Refuse numbers as names of columns whose order as text is not that of the numbers."""
    if all(isinstance(one, str) for one in names) and _are_numbers(np.array(names, dtype=object)):
        by_number = sorted(names, key=float)
        if by_number != list(names):
            raise UsageError(
                f"y_true holds numbers as text: as text their order is {some(names)}, as numbers "
                f"{some(by_number)}",
                fix="pass y_true as numbers, or name the class of each column: classes=[…]",
            )


def fraction_at(found: Array) -> int | None:
    """Return the first row with a number that is not whole; None where all are."""
    if found.dtype.kind != "f" or not len(found):
        return None
    is_odd = (found != np.floor(found)).reshape(len(found), -1).any(axis=1)
    return int(np.flatnonzero(is_odd)[0]) if is_odd.any() else None


def check_pair(metric: Metric, truth: Array, prediction: Array) -> None:
    """Refuse a prediction in the place of the truth, and rows of probabilities that are none."""
    if len(truth) != len(prediction):
        raise DataError(
            f"y_true has {plural(len(truth), 'row')}, y_pred {len(prediction):,}",
            fix="give one row a sample in both",
        )
    if metric.scores_ranking and fraction_at(prediction) is not None:
        raise UsageError(
            f"{metric.name} scores classes from the likeliest on, and y_pred holds probabilities",
            fix="pass numpy.argsort(-y_pred, axis=1)",
        )
    if not scores_numbers(metric):
        _check_classes(metric, truth, prediction)
    is_vector = truth.ndim == 1 and prediction.ndim == 2 and prediction.shape[1] > 1
    if metric.scores_probs and is_vector and not scores_no_probs(metric):
        check_probs(prediction, "y_pred")


def _check_classes(metric: Metric, truth: Array, prediction: Array) -> None:
    labelled(truth, "y_true")
    odd = fraction_at(truth)
    if odd is not None or (truth.ndim == 2 and prediction.ndim == 1 and metric.scores_probs):
        where = "" if odd is None else f" at row {odd}"
        are_both = odd is not None and truth.ndim == 1 and fraction_at(prediction) is not None
        if are_both and any(one.is_ordered for one in kinds_of(metric)):
            raise UsageError(
                f"y_true holds {truth[odd]:.4g} at row {odd}, which is no class number",
                fix="name the ratings, classes=[0.5, 1, 1.5, …]; of probabilities: the truth comes "
                "first",
            )
        what = f"y_true holds probabilities{where}, not classes"
        also = "" if fraction_at(prediction) is not None else ", and y_pred holds classes"
        raise UsageError(
            what + also, fix=f'the truth comes first: podium.score("{metric.name}", y_true, y_pred)'
        )
    if metric.scores_decisions:
        _refuse_probabilities(metric, prediction)


def check_probs(probs: Array, argument: str) -> None:
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
            f"{argument} has {n:,} of {plural(len(values), 'row')} that are no probabilities: "
            f"row {row} {what}",
            fix="pass probabilities, whose rows sum to 1: a softmax of logits, or each row divided "
            "by its sum",
        )


def check_classes(
    metric: Any, truth: Array, n_outputs: int, kind: Kind | None, options: Mapping[str, Any]
) -> None:
    """Refuse a truth of one class whose score does not depend on what is decided.

    Raises:
        DataError: right and wrong decisions score the same, or the score is undefined.
    """
    if len(np.unique(truth)) != 1:
        return
    scorer = LabelScorer.of(metric, truth, n_outputs=n_outputs, kind=kind, options=options)
    if not (scorer.needs_decisions and scorer.is_tunable):
        return
    with naming_place("y_true"):
        right, wrong = (scorer.score(one) for one in (truth, (truth == 0).astype(np.int64)))
    if right == wrong:
        raise DataError(
            f"y_true holds one class alone, number {truth.reshape(-1)[0]:g}, and "
            f"{scorer.metric.name} is {right:g} then, whatever is decided: there is nothing to fit",
            fix="pass rows of several classes, or take a metric that tells these apart, as "
            "accuracy",
        )


def yes_or_no(y_true: Any, y_pred: Any, classes: Sequence[Any] | None) -> tuple[Array, Array]:
    """Return a truth of 0 and 1, and predictions of the same shape."""
    truth, prediction, _ = pair(y_true, y_pred, classes)
    labelled(truth, "y_true")
    if truth.ndim == 1:
        prediction = squeezed(prediction)
    if not np.isin(truth, (0, 1)).all():
        row = int(np.flatnonzero(~np.isin(truth, (0, 1)).reshape(len(truth), -1).all(axis=1))[0])
        if np.isin(prediction, (0, 1)).all():
            raise UsageError(
                "y_true holds values and y_pred holds 0 and 1: they change places",
                fix="the truth comes first, then the prediction",
            )
        values = np.unique(truth).tolist()
        raise DataError(
            f"y_true must be 0 or 1, got {np.asarray(truth[row]).tolist()} at row {row}",
            fix=f"pass y_true == {values[1]:g}, or classes={values}, no before yes"
            if len(values) == 2
            else "pass one column of 0 and 1 a class; cut points of ratings are fitted by "
            "podium.blend, of one member, too",
        )
    if truth.shape != prediction.shape:
        raise DataError(
            f"y_true has the shape {truth.shape}, y_pred {prediction.shape}",
            fix="give one value a row, and a column a class in both",
        )
    return truth, prediction
