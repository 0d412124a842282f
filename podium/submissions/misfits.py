"""What keeps a submission format from being written: parts of it that contradict one another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from podium.errors import some

if TYPE_CHECKING:
    from podium.submissions.format import Format

__all__ = ["CLASS_FIELDS", "PROB_FIELD", "misfits"]

PROB_FIELD = re.compile(r"prob\[(.*)\]", re.DOTALL)
CLASS_FIELDS = frozenset({"class", "class_name", "class_number"})
_KINDS_OF_VALUE: dict[str, frozenset[str]] = {
    "prob": frozenset({"multiclass", "multilabel", "binary"}),
    "label": frozenset({"multiclass", "multilabel", "binary"}),
    "name": frozenset({"multiclass", "binary"}),
    "labels": frozenset({"multilabel"}),
    "scalar": frozenset({"regression"}),
    "rle": frozenset({"multiclass", "multilabel", "binary"}),
}
_CLASS_IN_ID = ("{class}", "{index}", "{number}")


def misfits(form: Format) -> Iterator[str]:
    """Yield why `form` is no format, one sentence each."""
    fields = list(form.columns.values())
    of_class = [match.group(1) for field in fields if (match := PROB_FIELD.fullmatch(field))]
    plain = {"id", "value"} | CLASS_FIELDS
    unknown = [f for f in fields if f not in plain and not PROB_FIELD.fullmatch(f)]
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
    if form.task == "segment":
        yield from _of_masks(form, fields, wide=bool(of_class))
    else:
        yield from _of_labels(form, fields, wide=bool(of_class))


def _of_the_id(form: Format) -> Iterator[str]:
    if "{id}" not in form.id:
        yield f"submission.id {form.id!r} does not hold {{id}}"
    try:
        form.id.format(id="", index=0, number=1, **{"class": ""})
    except (KeyError, IndexError, ValueError, AttributeError):
        yield f"submission.id {form.id!r} may use {{id}}, {', '.join(_CLASS_IN_ID)}"


def _names_class(form: Format, fields: list[str]) -> bool:
    return any(one in form.id for one in _CLASS_IN_ID) or bool(CLASS_FIELDS & set(fields))


def _of_labels(form: Format, fields: list[str], *, wide: bool) -> Iterator[str]:
    if form.value == "rle":
        yield "value rle needs a task segment that the metric scores"
    elif form.kind not in _KINDS_OF_VALUE[form.value]:
        yield f"value {form.value} is not possible for a {form.kind} task"
    if form.value == "labels":
        yield from _of_lists(form)
    if form.rows == "image_class":
        if not _names_class(form, fields):
            yield "rows image_class need {class} in submission.id, or a column for the class"
        if wide or form.value not in ("prob", "label") or form.kind == "binary":
            yield "rows image_class take one value column with prob or label"
        if form.value == "label" and form.kind == "multiclass":
            yield "rows image_class with value label need a multilabel task"
    elif CLASS_FIELDS & set(fields):
        yield "a column for the class needs rows: image_class"
    elif form.kind == "multilabel" and not wide and form.value != "labels":
        yield f"a multilabel task with one value column needs value labels, not {form.value}"
    elif form.kind == "multiclass" and not wide and form.value == "prob":
        yield "probabilities of a multiclass task need a column for each class"


def _of_lists(form: Format) -> Iterator[str]:
    cut = [name for name in form.classes if form.sep in name]
    if cut:
        yield f"class names that hold the separator {form.sep!r}: {some(cut)}"
    if form.empty in form.classes:
        yield f"{form.empty!r} is a class and stands for no class, too"


def _of_masks(form: Format, fields: list[str], *, wide: bool) -> Iterator[str]:
    if form.value != "rle":
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
    elif CLASS_FIELDS & set(fields):
        yield "a column for the class needs rows: image_class"
    elif form.n_masks > 1:
        yield (
            f"one row an image holds one mask, and there are {form.n_masks} classes: write "
            "rows: image_class (a label for each pixel cannot be written)"
        )
    numbers = form.empty.split()
    if numbers and all(one.isascii() and one.isdecimal() for one in numbers) and int(numbers[-1]):
        yield f"submission.empty {form.empty!r} reads as a mask"
