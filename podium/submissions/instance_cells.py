"""The objects of an image as rows of a submission, and the objects in one row.

With `rows: instance` a row is an object. Else a row is an image, and its cell lists the objects:
each is `form.item`, words and fields with `form.sep` between them, as `{label} {conf} {mask}`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.codecs.rle import RleError
from podium.competition.instances import Instances
from podium.errors import SubmissionError
from podium.submissions.cells import CellError, number
from podium.submissions.format import Format
from podium.submissions.mask_cells import decode_cell, decode_mask, encoded
from podium.submissions.mask_sizes import Size
from podium.submissions.misfits import CLASS_FIELDS

__all__ = ["ItemError", "ObjectCells", "Said", "holds_objects", "refuse_objects"]

_USUAL_ITEM = "{label} {conf} {mask}"


def holds_objects(form: Format) -> bool:
    """Return whether a file of `form` says objects, in rows or in lists."""
    return form.task == "segment" and form.kind == "instance" and form.rows in ("instance", "image")


class ItemError(RleError):
    """What is wrong with one object of a cell.

    Args:
        title: the kind of fault.
        detail: what stands there.
        fix: how to mend it.
        column: the character of the cell at which it stands, from 1.
        position: of the cell's column in the file; None: the value's.
    """

    def __init__(
        self, title: str, detail: str, fix: str, *, column: int, position: int | None = None
    ) -> None:
        super().__init__(detail, column=column)
        self.title, self.remedy, self.position = title, fix, position


@dataclass(frozen=True)
class Said:
    """One object as a file says it: its mask as text, its class, how sure it is.

    `column` is the character of the cell at which the mask begins, from 1.
    """

    mask: str
    label: int
    score: np.float32
    column: int = 1


@dataclass(frozen=True)
class ObjectCells:
    """Rows of objects in one format.

    Args:
        form: a format for which `holds_objects`.
    """

    form: Format
    _words: list[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        item = self.form.item or _USUAL_ITEM
        object.__setattr__(self, "_words", item.split(self.form.sep if self.form.item else " "))

    @property
    def in_lists(self) -> bool:
        """Whether a row is an image and its cell a list."""
        return self.form.rows == "image"

    def rows(self, sample_id: str, objects: Instances) -> list[list[str]]:
        """Return the cells of the rows of one image; none where `empty_row` drops them.

        Each text was decoded again and found to be its mask.

        Raises:
            SubmissionError: a text does not decode to its mask, a fault of the codec.
        """
        form, size = self.form, objects.size
        sure = objects.scores
        said = [
            Said(encoded(plane, form), int(objects.classes[i]), sure[i])
            for i, plane in enumerate(objects.planes())
        ]
        if self.in_lists:
            cell = form.sep.join(map(self._item, said)) or form.empty
            return [form.row_cells(sample_id, None, [cell], size=size)]
        if said:
            return [form.row_cells(sample_id, one.label, [one.mask], size=size) for one in said]
        if form.empty_row == "drop":
            return []
        # The host reads a class in every row; in one that says nothing any will do.
        return [form.row_cells(sample_id, 0, [form.empty], size=size)]

    def said(self, cells: Sequence[str]) -> list[Said]:
        """Return the objects that a row says, in order.

        Raises:
            ItemError: the value cell is no list of items, or a class or a confidence is none.
        """
        text = cells[self.form.value_column]
        if text == self.form.empty:
            return []
        if self.in_lists:
            return list(self._items(text))
        return [Said(text, self.label(cells), np.float32(1))]

    def label(self, cells: Sequence[str]) -> int:
        """Return the class of a row of one object.

        Raises:
            ItemError: the cell names none.
        """
        for position, of in enumerate(self.form.columns.values()):
            if of in CLASS_FIELDS:
                known = self._labels[of]
                if cells[position] not in known:
                    raise _unknown(cells[position], known, 1, position)
                return known[cells[position]]
        return 0

    def plane(self, one: Said, size: Size) -> NDArray[np.bool_]:
        """Return the mask `(H, W)` of an object.

        Raises:
            RleError: it cannot be decoded; `column` is one of the cell.
        """
        decode = decode_mask if self.in_lists else decode_cell
        try:
            return decode(one.mask, self.form, size)
        except RleError as error:
            raise RleError(error.message, column=error.column + one.column - 1) from error

    @cached_property
    def _labels(self) -> dict[str, dict[str, int]]:
        """The index of each class, by the field that says it and the text there."""
        n = max(1, len(self.form.classes))
        from_0 = {str(i): i for i in range(n)}
        from_1 = {str(i + 1): i for i in range(n)}
        names = {name: i for i, name in enumerate(self.form.classes)} or {"": 0}
        plain = names if self.form.classes else from_0
        return {
            "class": from_0,
            "class_number": from_1,
            "class_name": names,
            "{label}": plain,
            "{index}": from_0,
            "{number}": from_1,
        }

    def _item(self, one: Said) -> str:
        texts = {
            "{label}": self.form.classes[one.label] if self.form.classes else "0",
            "{index}": str(one.label),
            "{number}": str(one.label + 1),
            "{conf}": score_text(one.score),
            "{mask}": one.mask,
        }
        return self.form.sep.join(texts.get(word, word) for word in self._words)

    def _items(self, text: str) -> Iterator[Said]:
        sep, n = self.form.sep, len(self._words)
        parts = text.split(sep)
        if "" in parts:
            at = 1 + sum(len(part) + len(sep) for part in parts[: parts.index("")])
            fix = f"write {sep!r} once between two words, and none at the ends"
            raise ItemError("lists with a word missing", repr(text[:20]), fix, column=at)
        if len(parts) % n:
            raise ItemError(
                f"lists that are not of {n} words an object",
                f"{len(parts)} words",
                f"write {' '.join(self._words)} for each object",
                column=1,
            )
        at = 1
        for first in range(0, len(parts), n):
            yield self._one(parts[first : first + n], at)
            at += sum(map(len, parts[first : first + n])) + n * len(sep)

    def _one(self, parts: Sequence[str], at: int) -> Said:
        mask, label, score, mask_at = "", 0, np.float32(1), at
        for word, part in zip(self._words, parts, strict=True):
            if word == "{mask}":
                mask, mask_at = part, at
            elif word == "{conf}":
                score = _confidence(part, at)
            elif word in self._labels:
                known = self._labels[word]
                if part not in known:
                    raise _unknown(part, known, at)
                label = known[part]
            elif part != word:
                raise ItemError(
                    f"words that are not {word!r}", repr(part[:20]), f"write {word}", column=at
                )
            at += len(part) + len(self.form.sep)
        return Said(mask, label, score, mask_at)


def score_text(score: Any) -> str:
    """Return a score as the shortest plain decimal number that reads back as the same float32."""
    return np.format_float_positional(np.float32(score), trim="-")


def _confidence(text: str, column: int) -> np.float32:
    try:
        found = number(text)
    except CellError as error:
        fix = error.fix if isinstance(error.fix, str) else error.fix()
        raise ItemError(error.title, repr(text[:20]), fix, column=column) from None
    if not 0 <= found <= 1 or math.isnan(found):
        raise ItemError(
            "confidences outside [0, 1]", repr(text[:20]), "write a score of 0 to 1", column=column
        )
    return np.float32(found)


def _unknown(
    text: str, known: dict[str, int], column: int, position: int | None = None
) -> ItemError:
    fix = f"known are {', '.join(list(known)[:10])}"
    return ItemError("unknown classes", repr(text[:40]), fix, column=column, position=position)


def refuse_objects(sample_id: str, objects: Instances, form: Format, size: Size | None) -> None:
    """Refuse objects that a file of `form` cannot say, or of another size than the image.

    Raises:
        SubmissionError: what is wrong.
    """
    if size is not None and objects.size != tuple(size):
        raise SubmissionError(
            f"the objects of {sample_id!r} are of {objects.size} pixels, its image {tuple(size)}",
            fix="bring masks to the competition's frame, (height, width), before they are decided",
        )
    n = max(1, len(form.classes))
    if len(objects) and not (objects.classes.min() >= 0 and objects.classes.max() < n):
        raise SubmissionError(
            f"the classes of the objects of {sample_id!r} must be 0 to {n - 1}, "
            f"got {sorted(set(objects.classes.tolist()))}"
        )
    sure = objects.scores
    if len(sure) and not (np.isfinite(sure) & (sure >= 0) & (sure <= 1)).all():
        raise SubmissionError(f"the scores of the objects of {sample_id!r} must be in [0, 1]")
    if len(objects) and not objects.areas.all():
        raise SubmissionError(f"an object of {sample_id!r} has no pixel", fix="leave it out")
