"""One reading of the arguments of `arrays`: what cannot be used is named in an error.

Lists, numpy arrays, series, frames and tensors are taken; class names in the place of numbers;
paths as text.
"""

from __future__ import annotations

import csv
import operator
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.competition.presets import find_preset
from podium.competition.spec import Competition, load_competition
from podium.competition.tables import reading_table
from podium.competition.truths.masks import IGNORE
from podium.errors import DataError, SubmissionError, UsageError, some
from podium.predictions.decisions import labels as label_decisions
from podium.predictions.decisions.kinds import decisions_of
from podium.predictions.imports.schema import SUM_TOLERANCE
from podium.predictions.store.reading import PredictionSet
from podium.submissions.format.checking import competition_of_preset
from podium.submissions.format.writing import OtherRowsError
from podium.tasks.protocols.find import image_kind, kind_names, pixel_kind
from podium.tasks.protocols.names import IMAGES, has_pixels
from podium.tasks.protocols.needs import are_objects, are_volumes
from podium.workspace.atomic import temporary_folder
from podium.workspace.layout import Workspace

if TYPE_CHECKING:
    from podium.ensembling.blend import Blend
    from podium.tasks.protocols.kind import Kind

__all__ = [
    "are_sets",
    "array",
    "check_finite",
    "check_members",
    "check_pair",
    "class_codes",
    "class_numbers",
    "codes",
    "competition",
    "decided_masks",
    "each_in_order",
    "explaining_other_rows",
    "folds",
    "frame_or_array",
    "groups",
    "ids_of",
    "in_order",
    "is_listed",
    "kind",
    "kind_for",
    "kind_of_probs",
    "labelled",
    "masks",
    "member_names",
    "members",
    "metric_named",
    "numbers",
    "of_kind",
    "options_of_masks",
    "ordered_categories",
    "pair",
    "pair_of_masks",
    "path",
    "sample_file",
    "shown",
    "squeezed",
    "stacked",
    "texts",
    "truth_of",
    "vector",
    "whole",
    "whole_groups",
    "yes_or_no",
]

Array = NDArray[Any]

"""A row of probabilities may differ from 1 by so much: float16 and three digits of text do."""


def shown(given: object) -> str:
    """Return type and value of what was given, short enough for a message."""
    text = repr(given)
    short = text if len(text) <= 40 else f"{text[:39]}…"
    return f"{type(given).__name__} {short}" if "\n" not in short else type(given).__name__


def is_listed(given: object) -> bool:
    """Return whether `given` has a length and items."""
    return hasattr(given, "__len__") and hasattr(given, "__getitem__")


def _refuse(argument: str, expected: str, given: object, fix: str | None = None) -> NoReturn:
    raise UsageError(f"{argument} must be {expected}, got {shown(given)}", fix=fix)


def path(given: Any, argument: str) -> Path:
    """Return `given` as a path; "~" is the home folder."""
    if not isinstance(given, str | Path):
        _refuse(argument, "a path, as text or Path", given)
    return Path(given).expanduser()


def whole(given: Any, argument: str, *, least: int) -> int:
    """Return `given` as a whole number of at least `least`."""
    try:
        number = operator.index(given)
    except TypeError:
        _refuse(argument, "a whole number", given)
    if isinstance(given, bool) or number < least:
        raise UsageError(f"{argument} must be a whole number of at least {least}, got {given!r}")
    return number


def array(given: Any, argument: str) -> Array:
    """Return `given` as an array of one row a sample; texts are objects, truth values integers."""
    expected = "an array, list, series, frame or tensor with a row a sample"
    if given is None or isinstance(given, str | bytes | Path | Mapping | set | frozenset):
        _refuse(argument, expected, given)
    found = _plain(given)
    if isinstance(found, list | tuple):
        items = [_plain(one) for one in found]
        has_gaps = any(isinstance(one, str) for one in items) and any(map(_is_missing, items))
        try:
            found = np.asarray(items, dtype=object if has_gaps else None)
        except ValueError as error:
            raise UsageError(
                f"{argument} has rows of different lengths", fix="give as many columns in each row"
            ) from error
    array: Array = np.asarray(found)
    if array.ndim == 0:
        _refuse(argument, expected, given)
    if array.dtype.kind == "S":
        array = np.char.decode(array, "utf-8")
    if array.dtype.kind == "U":
        return array.astype(object)
    return array.astype(np.int64) if array.dtype.kind == "b" else array


def _is_missing(entry: Any) -> bool:
    """Return whether an entry of a list or an array is None, nan or pandas' NA."""
    return entry is None or entry is pd.NA or (isinstance(entry, float) and entry != entry)


def _plain(given: Any) -> Any:
    """Return the array behind a tensor (torch is not imported for it), a series or a frame."""
    if hasattr(given, "detach") and hasattr(given, "cpu"):
        tensor = given.detach().cpu()
        try:
            return tensor.numpy()
        except TypeError:  # numpy has no bfloat16
            return tensor.float().numpy()
    return given.to_numpy() if hasattr(given, "to_numpy") else given


def frame_or_array(given: Any, argument: str) -> Array:
    """Return `given` as an array of one row a sample; of columns all hold numbers."""
    found = array(given, argument)
    if found.dtype == object and found.ndim == 2 and found.shape[1] > 1:
        raise UsageError(
            f"{argument} has {found.shape[1]} columns, not all of them numbers",
            fix='pass the column of the labels, as frame["label"]',
        )
    return found


def squeezed(array: Array) -> Array:
    """Return one column `(N, 1)` as `(N,)`, and any other array as it is."""
    return array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array


def vector(given: Any, argument: str, *, like: int) -> Array:
    """Return `given` as `(N,)`, N = `like`."""
    found = squeezed(array(given, argument))
    if found.ndim != 1 or len(found) != like:
        raise UsageError(
            f"{argument} must have one entry a row, ({like},), got {found.shape}",
            fix="pass rows in the order of the truth",
        )
    return found


def groups(given: Any, *, like: int) -> Array | None:
    """Return the group of each row, `(N,)`; None where none are given."""
    return None if given is None else vector(given, "groups", like=like)


def whole_groups(given: Any, *, like: int) -> Array:
    """Return the group of each row, `(N,)`, where a row of none is a group of its own."""
    found = vector(given, "groups", like=like)
    is_alone = np.array([_is_missing(one) for one in found.tolist()], dtype=bool)
    if not is_alone.any():
        return found
    names = [
        f"row {at}" if alone else f"group {one}"
        for at, (one, alone) in enumerate(zip(found.tolist(), is_alone, strict=True))
    ]
    return np.array(names, dtype=object)


def texts(given: Any, argument: str, *, like: int) -> list[str]:
    """Return `given`, `(N,)`, as texts."""
    return [str(one) for one in vector(given, argument, like=like).tolist()]


def ids_of(given: Any, *, like: int) -> list[str]:
    """Return the ids of the rows of y_pred, of which there are `like`, as texts."""
    found = squeezed(array(given, "ids"))
    if found.ndim != 1 or len(found) != like:
        raise UsageError(
            f"ids must have one entry a row of y_pred, which has {like:,}, got {found.shape}",
            fix="pass ids and y_pred of the same rows, in the same order",
        )
    return [str(one) for one in found.tolist()]


def class_numbers(found: Array, *, value: str) -> Array:
    """Return decisions with whole floats as int64; `value` is what a cell holds, for messages."""
    if found.dtype.kind != "f":
        return found
    is_odd = ~np.isfinite(found) | (found != np.floor(found))
    if is_odd.any():
        raise SubmissionError(
            f"the format holds a {value} in each cell, and y_pred holds {found[is_odd][0]:.4g}, "
            "which is no class number",
            fix="of probabilities pass podium.decide(y_pred)",
        )
    return found.astype(np.int64)


@contextmanager
def explaining_other_rows(*, has_sample: bool) -> Iterator[None]:
    """Tell of ids that differ in terms of the arguments, where a sample has the others."""
    try:
        yield
    except OtherRowsError as error:
        fix = _fix_of_ids(error.missing, error.extra) or (
            "pass the ids of the sample, each once, and a prediction for each" if has_sample else ""
        )
        if not fix:
            raise
        raise SubmissionError(error.message, fix=fix) from error


def _fix_of_ids(missing: Sequence[str], extra: Sequence[str]) -> str | None:
    """Return what to do where a table was read with ids as numbers; None where it was not."""
    plain = {one.lstrip("0"): one for one in missing}
    for one in extra:
        other = plain.get(re.sub(r"\.0(?=$|_)", "", one).lstrip("0"))
        if other is not None:
            return (
                f"ids were read as numbers, {one!r} for {other!r}: pass texts, as "
                'pd.read_csv(file, dtype={"id": str}) reads them'
            )
    return None


def folds(given: Any, like: int | None = None) -> NDArray[np.int64]:
    """Return the fold of each row, `(N,)`."""
    if isinstance(given, list | tuple) and any(map(is_listed, given)):
        _refuse(
            "folds",
            "the fold of each row",
            given,
            "of splits, each of train and validation: folds[validation] = number of the split",
        )
    found = array(given, "folds")
    found = vector(given, "folds", like=len(found) if like is None else like)
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


def numbers(given: Any, argument: str) -> Array:
    """Return `given` as an array of numbers."""
    found = array(given, argument)
    if found.dtype.kind in "iuf":
        return found
    try:
        return np.asarray(found, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"{argument} must hold numbers, got {shown(found.reshape(-1)[0])}",
            fix="truth comes first, then the prediction" if argument == "y_pred" else None,
        ) from error


def metric_named(given: Any) -> Metric:
    """Return the metric that `given` names or is."""
    if not isinstance(given, str | Metric):
        _refuse(
            "metric",
            "a metric's name",
            given,
            'podium.score("accuracy", y_true, y_pred); podium.metrics.names() lists them',
        )
    return metrics.get(given)


def masks(given: Any, argument: str) -> Any:
    """Return masks as the metrics take them: an array, or a list of arrays."""
    if given is None or isinstance(given, str | bytes | Path) or not hasattr(given, "__len__"):
        _refuse(argument, "a list of masks, one an image", given)
    found = _plain(given)
    return [_plain(one) for one in found] if isinstance(found, list | tuple) else found


def options_of_masks(
    metric: Metric, classes: Sequence[Any] | None, kind: str | None, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return options of a metric of masks, with the kind and the number of classes that are named.

    Raises:
        UsageError: there is no such kind of masks, or the metric has no classes.
    """
    options = dict(given)
    if kind is not None:
        options["kind"] = str(pixel_kind(kind))
    if classes is not None and "n_classes" in metric.options and not _is_yes_no(kind):
        options.setdefault("n_classes", len(classes))
    return options


def _is_yes_no(kind: str | None) -> bool:
    return kind is not None and pixel_kind(kind).is_yes_no


def pair_of_masks(metric: Metric, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """Return truth and prediction of a metric of masks.

    Of masks `(1, H, W)`, the outputs of a network of one channel, they are `(H, W)`.

    Raises:
        UsageError: a mask is text, or its classes stand before its pixels.
        DataError: the foreground of the truth is 255, which marks unlabelled pixels.
    """
    truth, prediction = masks(y_true, "y_true"), masks(y_pred, "y_pred")
    if are_objects(metric.needs):
        return truth, prediction
    _refuse_texts(truth, "y_true")
    _refuse_texts(prediction, "y_pred")
    _refuse_unlabelled_foreground(truth)
    if are_volumes(metric.needs):
        return truth, prediction
    truth, prediction = [_whole(one) for one in truth], [_whole(one) for one in prediction]
    return _of_one_channel(truth, "y_true"), _of_one_channel(prediction, "y_pred")


def _whole(mask: Any) -> Any:
    """Return a mask of whole floats, as torch has them, as integers; any other as it is."""
    values = np.asarray(mask)
    is_whole = values.dtype.kind == "f" and bool((values == np.floor(values)).all())
    return values.astype(np.int64) if is_whole else mask


def decided_masks(given: Any) -> list[Array]:
    """Return masks to write, whole numbers as uint8, and those of one channel without it."""
    found = masks(given, "y_pred")
    _refuse_texts(found, "y_pred")
    return [_as_bytes(np.asarray(one)) for one in _of_one_channel(found, "y_pred")]


def _as_bytes(mask: Array) -> Array:
    fits = mask.dtype.kind in "iu" and 0 <= int(mask.min(initial=0)) <= int(mask.max(initial=0))
    return mask.astype(np.uint8) if fits and int(mask.max(initial=0)) <= IGNORE else mask


def _refuse_texts(given: Any, argument: str) -> None:
    for at, one in enumerate(given):
        if np.asarray(one).dtype.kind in "SU":
            raise UsageError(
                f"{argument} must hold masks, arrays (H, W), got {shown(one)} at {at}",
                fix="decode texts of runs first: podium.rle.decode(text, (height, width))",
            )


def _of_one_channel(given: Any, argument: str) -> Any:
    """Return masks with those of shape `(1, H, W)` as `(H, W)`: no image has one row of pixels."""
    shapes = [np.shape(one) for one in given]
    for at, shape in enumerate(shapes):
        if len(shape) == 3 and 1 < shape[0] < min(shape[1:]):
            raise UsageError(
                f"{argument} holds masks (H, W, C), and that at {at} has the shape {shape}, with "
                "more classes than rows of pixels",
                fix="the classes come last: masks.transpose(0, 2, 3, 1) of (N, C, H, W)",
            )
    if not any(len(shape) == 3 and shape[0] == 1 for shape in shapes):
        return given
    return [
        np.asarray(one)[0] if len(shape) == 3 and shape[0] == 1 else one
        for one, shape in zip(given, shapes, strict=True)
    ]


def _refuse_unlabelled_foreground(truth: Any) -> None:
    """Refuse masks of 0 and 255 alone, as PNGs hold foreground."""
    has_255 = False
    for one in truth:
        values = np.asarray(one)
        if values.dtype.kind not in "iu" or ((values != 0) & (values != IGNORE)).any():
            return
        has_255 = has_255 or bool((values == IGNORE).any())
    if has_255:
        raise DataError(
            f"y_true holds no other values than 0 and {IGNORE}, and {IGNORE} marks unlabelled "
            "pixels, which are not scored",
            fix="write foreground as 1: pass mask > 0 in the place of each mask",
        )


def truth_of(
    y_true: Any, classes: Sequence[Any] | None, *, as_numbers: bool = False
) -> tuple[Array, list[Any] | None]:
    """Return the truth as numbers, and what stands for class 0, 1, … where that is named.

    Args:
        as_numbers: whether numbers that are written as text are those numbers, and no names.
    """
    found = frame_or_array(y_true, "y_true")
    if found.ndim > 2:
        raise UsageError(
            f"y_true must be (N,) or (N, C), got {found.shape}",
            fix="the truth comes first, then the prediction",
        )
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
        is_missing = np.array([any(map(_is_missing, one)) for one in rows.tolist()], dtype=bool)
    else:
        is_missing = np.asarray(np.isnan(rows).any(axis=1))
    if is_missing.any():
        raise DataError(
            f"{argument} has {int(is_missing.sum()):,} of {len(found):,} rows without a label: "
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


def in_order(given: Any, names: Sequence[Any], argument: str = "y_pred") -> Array:
    """Return `given` as an array, of a frame that has the columns `names` these, in their order."""
    return array(_with_columns(given, names, argument), argument)


def _with_columns(given: Any, names: Sequence[Any], argument: str) -> Any:
    """Return the columns `names` of a frame that has them; anything else as it is.

    Raises:
        UsageError: a frame has some of them.
    """
    columns, wanted = column_names(given), set(names)
    if columns and wanted <= set(columns):
        return given[list(names)]
    if any(one in wanted and not isinstance(one, int) for one in columns):
        raise UsageError(
            f"{argument} has the columns {some(columns)}, the classes are {some(names)}",
            fix="call the columns as the classes are, or pass an array in the order of the classes",
        )
    return given


def column_names(given: Any) -> list[Any]:
    """Return the names of the columns of a frame with several; [] of anything else."""
    columns = list(getattr(given, "columns", ()))
    return columns if len(columns) > 1 else []


def named_columns(*frames: Any) -> list[Any] | None:
    """Return the names of the columns of the first of them that names its columns; None: none.

    Numbers that count the columns name them, too: they may stand in another order in another one.
    """
    for given in frames:
        columns = column_names(given)
        if columns and all(isinstance(one, str) for one in columns):
            return columns
    for given in frames:
        columns = column_names(given)
        if columns and set(columns) == set(range(len(columns))):
            return list(range(len(columns)))
    return None


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
    if classes is None and is_named and not as_numbers:
        columns = column_names(y_pred)
        if columns and all(isinstance(one, str) for one in columns):
            classes = columns
        elif has_names:
            both = [*right.reshape(-1), *predicted.reshape(-1)]
            classes = sorted({str(one) for one in both if not _is_missing(one)})
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
                fix="pass both in the same way; the truth comes first, y_true and then y_pred",
            )
        return truth, class_codes(predicted, "y_pred", names), names
    prediction = numbers(predicted, "y_pred")
    decides = metric is not None and (metric.scores_decisions or metric.scores_ranking)
    if is_given and names is not None and decides and truth.ndim == 1:
        _refuse_fractions(metric, prediction, names)
        prediction = class_codes(squeezed(prediction), "y_pred", names)
    n_columns = prediction.shape[1] if prediction.ndim == 2 else 1
    is_by_class = is_named and prediction.dtype.kind == "f" and n_columns > 1
    if is_by_class and names is not None:
        if n_columns != len(names):
            raise UsageError(
                f"y_pred has {n_columns} columns, and y_true has the {len(names)} classes "
                f"{some(names)}",
                fix="name the class of each column: classes=[…]",
            )
        if classes is None:
            _refuse_other_order(names)
    return truth, prediction, names


def ordered_categories(given: Any) -> list[Any] | None:
    """Return the categories of an ordered pandas categorical; None of anything else."""
    found = getattr(given, "dtype", None)
    if not isinstance(found, pd.CategoricalDtype) or not found.ordered:
        return None
    return list(found.categories)


def _refuse_fractions(metric: Metric | None, prediction: Array, names: Sequence[Any]) -> None:
    """Refuse what is no decision and no class; classes may be fractions, as half stars are."""
    odd = _fraction_at(prediction)
    if metric is not None and odd is not None and not np.isin(prediction[odd], names).all():
        raise UsageError(
            f"{metric.name} scores decisions, and y_pred holds probabilities at row {odd}",
            fix="pass podium.decide(y_pred, classes=classes)",
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
    return _scores_numbers(metric) or metric.scores_decisions


def _refuse_other_order(names: Sequence[Any]) -> None:
    """Refuse numbers as names of columns whose order as text is not that of the numbers."""
    if all(isinstance(one, str) for one in names) and _are_numbers(np.array(names, dtype=object)):
        by_number = sorted(names, key=float)
        if by_number != list(names):
            raise UsageError(
                f"y_true holds numbers as text: as text their order is {some(names)}, as numbers "
                f"{some(by_number)}",
                fix="pass y_true as numbers, or name the class of each column: classes=[…]",
            )


def _fraction_at(found: Array) -> int | None:
    """Return the first row with a number that is not whole; None where all are."""
    if found.dtype.kind != "f" or not len(found):
        return None
    is_odd = (found != np.floor(found)).reshape(len(found), -1).any(axis=1)
    return int(np.flatnonzero(is_odd)[0]) if is_odd.any() else None


def check_pair(metric: Metric, truth: Array, prediction: Array) -> None:
    """Refuse a prediction in the place of the truth, and rows of probabilities that are none."""
    if len(truth) != len(prediction):
        raise DataError(
            f"y_true has {len(truth):,} rows, y_pred {len(prediction):,}",
            fix="give one row a sample in both",
        )
    if metric.scores_ranking and _fraction_at(prediction) is not None:
        raise UsageError(
            f"{metric.name} scores classes from the likeliest on, and y_pred holds probabilities",
            fix="pass numpy.argsort(-y_pred, axis=1)",
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
    labelled(truth, "y_true")
    odd = _fraction_at(truth)
    if odd is not None or (truth.ndim == 2 and prediction.ndim == 1 and metric.scores_probs):
        where = "" if odd is None else f" at row {odd}"
        are_both = odd is not None and truth.ndim == 1 and _fraction_at(prediction) is not None
        if are_both and any(one.is_ordered for one in _kinds_of(metric)):
            raise UsageError(
                f"y_true holds {truth[odd]:.4g} at row {odd}, which is no class number",
                fix="name the ratings, classes=[0.5, 1, 1.5, …]; of probabilities: the truth comes "
                "first",
            )
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


def yes_or_no(y_true: Any, y_pred: Any, classes: Sequence[Any] | None) -> tuple[Array, Array]:
    """Return a truth of 0 and 1, and predictions of the same shape."""
    truth, prediction, _ = pair(y_true, y_pred, classes)
    if truth.ndim == 1:
        prediction = squeezed(prediction)
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


def are_sets(given: Any) -> bool:
    """Return whether `given` is a list with prediction sets."""
    return isinstance(given, list | tuple) and any(isinstance(one, PredictionSet) for one in given)


def stacked(given: Any) -> tuple[Array, list[str] | None]:
    """Return members `(M, N, C)` and their names, if they have some."""
    names: list[str] | None = None
    if isinstance(given, Mapping):
        names, given = [str(one) for one in given], list(given.values())
    if isinstance(given, list | tuple):
        keys: Sequence[Any] = names or range(len(given))
        if not keys:
            raise UsageError("y_preds is empty: there is no member", fix="give one prediction each")
        each = [_member(one, f"y_preds[{key!r}]") for key, one in zip(keys, given, strict=True)]
        shapes = {one.shape[:1] + (one.shape[1:] or (1,)) for one in each}
        if len(shapes) > 1:
            raise DataError(
                f"y_preds holds members of different shapes: {some(sorted(shapes))}",
                fix="give each the same rows and columns",
            )
        members = np.stack([one.reshape(len(one), -1) if one.ndim == 1 else one for one in each])
    else:
        members = numbers(given, "y_preds")
    members = members[..., None] if members.ndim == 2 else members
    if members.ndim != 3:
        raise UsageError(
            f"y_preds must be (M, N, C), M predictions of N rows, got {members.shape}",
            fix="give a list of predictions, or a mapping by name",
        )
    return members, names


def _member(given: Any, argument: str) -> Array:
    """Return one member's prediction, of a frame all columns."""
    if isinstance(given, pd.DataFrame):
        is_number = [pd.api.types.is_numeric_dtype(one) for one in given.dtypes]
        other = [name for name, is_one in zip(given.columns, is_number, strict=True) if not is_one]
        if other:
            raise UsageError(
                f"{argument} is a frame, and columns of it hold no numbers: {some(other)}",
                fix="pass the columns of its predictions: frame[ws.competition.classes]",
            )
    return numbers(given, argument)


def members(
    y_true: Any,
    y_preds: Any,
    classes: Sequence[Any] | None,
    metric: Any,
    kind: str | None = None,
) -> tuple[Array, Array, list[str] | None, list[Any]]:
    """Return truth, members `(M, N, C)`, the members' names, and the class of each column."""
    if isinstance(y_preds, str) or not hasattr(y_preds, "__len__"):
        _refuse("y_preds", "a list of predictions, or a mapping by name", y_preds)
    each = _each_of(y_preds)
    classes = ordered_categories(y_true) if classes is None else classes
    outputs = named_columns(y_true, *each) if classes is None else list(classes)
    if column_names(y_true) and outputs is not None:
        y_true = in_order(y_true, outputs, "y_true")
    found = None if callable(metric) else metric_named(metric)
    as_numbers = found is not None and _scores_numbers(found)
    truth, known = truth_of(y_true, classes, as_numbers=as_numbers)
    order = known or outputs
    members, names = stacked(y_preds if order is None else each_in_order(y_preds, order))
    if members.shape[1] != len(truth):
        is_one = len(members) == len(truth)
        raise DataError(
            f"y_true has {len(truth):,} rows, the members of y_preds {members.shape[1]:,}",
            fix="put one member into a list, [y_pred]"
            if is_one
            else "the truth comes first, then the predictions, one row a sample in both",
        )
    columns = order or list(range(members.shape[2]))
    if found is None:
        return truth, members, names, columns
    if not as_numbers:
        labelled(truth, "y_true")
        if _fraction_at(truth) is not None:
            raise UsageError(
                f"y_true holds probabilities at row {_fraction_at(truth)}, not classes",
                fix="the truth comes first, then the predictions",
            )
    if known is not None and classes is None and members.shape[2] > 1:
        _refuse_other_order(known)
    truth = of_kind(found, truth, members[0], kind)
    for at, member in enumerate(members):
        is_of_classes = truth.ndim == 1 and member.shape[1] > 1
        if is_of_classes and not _scores_no_probs(found):
            _check_probs(member, f"y_preds[{(names[at] if names else at)!r}]")
    return truth, members, names, columns


def each_in_order(y_preds: Any, order: Sequence[Any]) -> Any:
    """Return the predictions of a mapping or a list, columns of frames in the order of `order`."""
    if isinstance(y_preds, Mapping):
        return {
            name: _with_columns(one, order, f"y_preds[{name!r}]") for name, one in y_preds.items()
        }
    if isinstance(y_preds, list | tuple):
        return [_with_columns(one, order, f"y_preds[{at}]") for at, one in enumerate(y_preds)]
    return y_preds


def member_names(given: Sequence[str]) -> list[str]:
    """Return the names of members, each of which is there once."""
    names = [str(one) for one in given]
    twice = sorted({one for one in names if names.count(one) > 1})
    if twice:
        raise UsageError(
            f"names has {some(twice)} more than once", fix="give each member a name of its own"
        )
    return names


def check_members(members: Array, blend: Blend) -> None:
    """Refuse predictions `(M, N, C)` that are not of the form of those that were blended."""
    n_columns = len(blend.classes)
    if n_columns and members.shape[2] not in (1, n_columns):
        raise DataError(
            f"y_preds has {members.shape[2]} columns, the blend is of {n_columns}: "
            f"{some(blend.classes)}",
            fix="give one column a class, as to podium.blend",
        )
    for name, member in zip(blend.members, members, strict=True):
        check_finite(member, f"y_preds[{name!r}]")
        if blend.kind.is_exclusive:
            _check_probs(member, f"y_preds[{name!r}]")


def check_finite(found: Array, argument: str) -> None:
    """Refuse numbers of which one is nan or infinite."""
    width = int(np.prod(found.shape[1:]))
    is_odd = ~np.isfinite(found).reshape(len(found), width).all(axis=1)
    if is_odd.any():
        raise DataError(
            f"{argument} has {int(is_odd.sum()):,} of {len(found):,} rows that are not finite: "
            f"{some(np.flatnonzero(is_odd).tolist())}",
            fix="predict these rows, too, or leave them out in each argument",
        )


def _each_of(y_preds: Any) -> list[Any]:
    """Return the predictions of a mapping by name or of a list."""
    if isinstance(y_preds, Mapping):
        return list(y_preds.values())
    return list(y_preds) if isinstance(y_preds, list | tuple) else []


def of_kind(metric: Metric, truth: Array, probs: Array, kind: str | None) -> Array:
    """Return the truth as the kind of task has it: of one right class a row, its number.

    Raises:
        UsageError: rows of the truth have one right class each, and rows of the probabilities sum
            to 1, so that it may be of one right class or of several, and no kind is named.
    """
    if truth.ndim != 2 or truth.shape != probs.shape or truth.shape[1] < 2:
        return truth
    is_one_hot = np.isin(truth, (0, 1)).all() and (truth.sum(axis=1) == 1).all()
    if not is_one_hot:
        return truth
    if kind is not None:
        return np.asarray(truth.argmax(axis=1)) if image_kind(kind).is_exclusive else truth
    kinds = _kinds_of(metric)
    may_be_one = any(one.is_exclusive for one in kinds)
    may_be_several = any(one.is_by_class for one in kinds)
    if metric.scores_probs and may_be_one and may_be_several and _sums_to_one(probs):
        raise UsageError(
            "each row of y_true has one right class, and each row of y_pred sums to 1, so it may "
            "be of one right class or of several",
            fix='say kind="multiclass" or kind="multilabel"',
        )
    return truth


def kind(name: str | None) -> Kind | None:
    """Return the kind of images of that name, if there is a name."""
    return None if name is None else image_kind(name)


def kind_for(metric: Any, name: str | None, members: Array) -> Kind | None:
    """Return the kind of that name, or the one that a metric scores alone; None: seen by shapes.

    Raises:
        UsageError: there is no such kind, or members have degrees where directions are blended.
    """
    found = kind(name)
    if found is None and not callable(metric):
        kinds = _kinds_of(metric_named(metric))
        found = kinds[0] if len(kinds) == 1 else None
    if found is not None and found.is_circular and members.shape[2] == 1:
        raise UsageError(
            "y_preds has one column, and directions are blended as vectors",
            fix="pass cosine and sine, (N, 2): numpy.stack([cos, sin], axis=1) of the angle",
        )
    return found


def kind_of_probs(probs: Array, steps: Sequence[Any] | None) -> Kind:
    """Return the kind of task whose predictions these are."""
    names = {label_decisions.name_and_parameter(one)[0] for one in steps or ()}
    if probs.ndim not in (1, 2):
        raise UsageError(f"y_pred must be (N,) or (N, C), got {probs.shape}")
    is_single = probs.ndim == 1 or probs.shape[1] == 1
    kinds = [one for one in map(image_kind, kind_names(IMAGES)) if one.is_single == is_single]
    deciding = [one for one in kinds if names & decisions_of(one).steps.keys()]
    if deciding:
        return deciding[0]
    if is_single and not names and ((probs < 0) | (probs > 1)).any():
        raise UsageError(
            "y_pred has values outside [0, 1], so it may be of numbers or of ratings",
            fix='say kind="regression" or kind="ordinal"',
        )
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
def sample_file(sample: Any) -> Iterator[Path | None]:
    """Give the file of a sample submission; a frame is written to one meanwhile."""
    if sample is None:
        yield None
    elif hasattr(sample, "to_csv"):
        with temporary_folder("podium-sample") as folder:
            file = folder / "sample_submission.csv"
            sample.to_csv(file, index=False)
            yield file
    else:
        yield path(sample, "sample")


def competition(
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
        return load_competition(path(root, "competition"))
    if sample is None:
        raise UsageError(
            "the format of the file is unknown",
            fix="pass competition=, or sample= with a sample submission",
        )
    if preset is not None and has_pixels((known := find_preset(preset)).tasks):
        return competition_of_preset(
            preset,
            sample=sample,
            size=known.image_size if known.frame == "native" else None,
            classes=[str(one) for one in classes or ()],
            header_of=sample,
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
    _refuse_masks(y_pred)
    if len(rest) > 1:
        columns = {key: "id"} | {name: f"prob[{name}]" for name in rest}
        one_right = y_pred is not None and _sums_to_one(array(y_pred, "y_pred"))
        return _spec("multiclass" if one_right else "multilabel", rest, columns, "prob")
    columns = {key: "id", rest[0]: "value"}
    if classes is not None:
        return _spec("multiclass", [str(one) for one in classes], columns, "name")
    has_numbers, cell = _cells(sample)
    if y_pred is None:
        if has_numbers:
            return _spec("regression", [], columns, "scalar")
        raise UsageError(
            f"the column {rest[0]!r} of the sample holds names", fix="name them all: classes=[…]"
        )
    found = array(y_pred, "y_pred")
    _refuse_masks(found)
    if found.ndim == 2 and found.shape[1] > 1:
        raise UsageError(
            f"y_pred has {found.shape[1]} columns, and the sample one of answers",
            fix="pass decisions: podium.decide(y_pred)",
        )
    if found.dtype.kind in "OUS":
        names = sorted({str(one) for one in found.reshape(-1)})
        names = names if len(names) > 1 else [*names, f"not {names[0]}"]
        return _spec("multiclass", names, columns, "name")
    if not has_numbers:
        raise UsageError(
            f"y_pred holds numbers, and the column {rest[0]!r} of the sample names, as {cell!r}",
            fix="pass names, or what stands for class 0, 1, …: classes=[…]",
        )
    if found.dtype.kind in "iu" and len(found) and int(found.min()) >= 0:
        n = max(2, int(found.max()) + 1)
        return _spec("multiclass", [str(one) for one in range(n)], columns, "label")
    return _spec("regression", [], columns, "scalar")


def _cells(sample: Path) -> tuple[bool, object]:
    """Return whether the answers of a sample are numbers, or blank, and the first one."""
    with reading_table(sample):
        cells = pd.read_csv(sample, usecols=[1], nrows=1000).iloc[:, 0]
    return cells.dtype.kind in "biuf", cells.iloc[0] if len(cells) else None


def _refuse_masks(y_pred: Any) -> None:
    """Refuse masks where a sample alone is given, which says nothing of how they are written."""
    found = _plain(y_pred)
    is_listed = isinstance(found, list | tuple) and len(found) > 0
    one, n_dims = (_plain(found[0]), 2) if is_listed else (found, 3)
    if getattr(one, "ndim", 0) >= n_dims:
        raise UsageError(
            "y_pred holds masks, and a sample does not tell how cells hold them",
            fix="pass preset= beside sample=, or competition=; or texts in the place of masks: "
            "[podium.rle.encode(mask) for mask in masks]",
        )


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
