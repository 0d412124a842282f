"""What keeps a submission format from being written: parts of it that contradict one another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from podium.errors import some
from podium.submissions import values

if TYPE_CHECKING:
    from podium.submissions.format import Format

__all__ = ["CLASS_FIELDS", "PROB_FIELD", "SIZE_FIELDS", "TEXT_FIELD", "misfits"]

PROB_FIELD = re.compile(r"prob\[(.*)\]", re.DOTALL)
TEXT_FIELD = re.compile(r"text\[(.*)\]", re.DOTALL)
CLASS_FIELDS = frozenset({"class", "class_name", "class_number"})
SIZE_FIELDS = frozenset({"width", "height"})
_CLASS_IN_ID = ("{class}", "{index}", "{number}")
_PIXEL_IN_ID = ("{row}", "{column}")
_OF_A_PIXEL = frozenset({"prob", "score", "label", "name", "scalar"})


def misfits(form: Format) -> Iterator[str]:
    """Yield why `form` is no format, one sentence each."""
    fields = list(form.columns.values())
    of_class = [match.group(1) for field in fields if (match := PROB_FIELD.fullmatch(field))]
    plain = {"id", "value"} | CLASS_FIELDS | SIZE_FIELDS
    unknown = [
        f
        for f in fields
        if f not in plain and not PROB_FIELD.fullmatch(f) and not TEXT_FIELD.fullmatch(f)
    ]
    if unknown:
        yield f"unknown fields {some(unknown)}"
    foreign = [name for name in of_class if name not in form.classes]
    if foreign:
        yield f"columns of classes that do not exist: {some(foreign)}"
    if fields.count("id") != 1:
        yield "exactly one column must be the id"
    if bool(of_class) == ("value" in fields) or fields.count("value") > 1:
        yield "it needs either one value column or a column for each class"
    if of_class and set(of_class) != set(form.classes):
        missing = [name for name in form.classes if name not in of_class]
        yield f"no column for the classes {some(missing)}"
    yield from _of_the_id(form)
    value = values.of(form)
    if form.task == "segment":
        yield from _of_masks(form, fields, wide=bool(of_class))
    elif isinstance(value, values.LabelValue):
        yield from _of_labels(form, value, fields, wide=bool(of_class))
    else:
        yield f"value {form.value} needs a task segment that the metric scores"
    if form.kind in value.kinds:
        yield from value.misfits(form)


def _of_the_id(form: Format) -> Iterator[str]:
    if "{id}" not in form.id:
        yield f"submission.id {form.id!r} does not hold {{id}}"
    may_use = _PIXEL_IN_ID if form.rows == "pixel" else _CLASS_IN_ID
    try:
        form.id.format(id="", **{one.strip("{}"): "" for one in may_use})
    except (KeyError, IndexError, ValueError, AttributeError):
        yield f"submission.id {form.id!r} may use {{id}}, {', '.join(may_use)}"


def _names_class(form: Format, fields: list[str]) -> bool:
    return any(one in form.id for one in _CLASS_IN_ID) or bool(CLASS_FIELDS & set(fields))


def _of_labels(
    form: Format, value: values.LabelValue, fields: list[str], *, wide: bool
) -> Iterator[str]:
    if form.kind not in value.kinds:
        yield f"value {form.value} is not possible for a {form.kind} task"
    if form.rows in ("instance", "pixel"):
        yield f"rows {form.rows} need a task segment that the metric scores"
    if SIZE_FIELDS & set(fields):
        yield "columns for width and height are those of a mask"
    if form.rows == "image_class":
        if not _names_class(form, fields):
            yield "rows image_class need {class} in submission.id, or a column for the class"
        if wide or value.of_class is None or form.kind == "binary":
            yield "rows image_class take one value column with prob, score or label"
        if value.of_class == "flag" and form.kind == "multiclass":
            yield f"rows image_class with value {form.value} need a multilabel task"
    elif CLASS_FIELDS & set(fields):
        yield "a column for the class needs rows: image_class"
    elif form.kind == "multilabel" and not wide and value.of_class is not None:
        yield f"a multilabel task with one value column needs value labels, not {form.value}"
    elif form.kind == "multiclass" and not wide and value.of_class == "graded":
        yield "probabilities of a multiclass task need a column for each class"


def _of_masks(form: Format, fields: list[str], *, wide: bool) -> Iterator[str]:
    if form.rows == "pixel":
        yield from _of_pixels(form)
    elif not isinstance(values.of(form), values.MaskValue):
        yield f"masks are written as runs, value rle, not {form.value}"
    if wide:
        yield "masks take one value column"
    if form.rows == "image_class":
        if form.kind == "binary":
            yield "a binary mask has one row an image: rows: image"
        elif not _names_class(form, fields):
            yield (
                "rows image_class need {class} or {number} in submission.id, or a column for the "
                "class"
            )
    elif form.rows == "instance":
        if form.kind != "instance":
            yield f"rows: instance are the objects of a task {{segment: instance}}, not {form.kind}"
    elif CLASS_FIELDS & set(fields):
        yield "a column for the class needs rows: image_class, or rows: instance"
    elif form.rows == "image" and form.kind == "instance":
        value = values.of(form)
        if not (isinstance(value, values.MaskValue) and value.many):
            yield f"a cell of value {form.value} holds one mask: write rows: instance for objects"
    elif form.rows == "image" and form.n_masks > 1:
        yield (
            f"one row an image holds one mask, and there are {form.n_masks} classes: write "
            "rows: image_class (or rows: pixel, a label for each pixel)"
        )


def _of_pixels(form: Format) -> Iterator[str]:
    absent = [one for one in _PIXEL_IN_ID if one not in form.id]
    if absent:
        yield f"rows: pixel need {some(absent)} in submission.id"
    if form.value not in _OF_A_PIXEL:
        yield f"a pixel has one of {', '.join(sorted(_OF_A_PIXEL))}, not {form.value}"
    if form.kind == "instance":
        yield "a pixel says nothing of objects: rows: instance"
