"""The classes that rows of a sample submission have, held against the values of mask files.

Rows may be called by the values themselves (10, 20, 40). Where each value but 0 has rows, 0 is
background, or pixels that are not labelled: a question, if masks without it speak for the latter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from podium.competition.infer.evidence import OpenKey
from podium.competition.infer.keys import find_split
from podium.competition.infer.mask_values import ZEROS, is_ground
from podium.competition.infer.masks import MaskContent, MaskFiles
from podium.competition.infer.runs import key_column
from podium.competition.infer.submission import SampleSubmission
from podium.competition.infer.tasks import InferredTasks, of_sent_classes
from podium.errors import some
from podium.tasks.protocols.find import pixel_kind

__all__ = ["settle_values"]

_IGNORE = "data.train.ignore"
_WITHOUT_ZERO = 0.05
"""The share of masks without a pixel of 0 from which on 0 may be what is not labelled."""


class _SentRows(NamedTuple):
    """The classes of the rows of a sample submission.

    Attributes:
        names: each once, in order.
        of_each: whether every image has a row of each of them.
    """

    names: list[str]
    of_each: bool


def settle_values(
    tasks: InferredTasks, sample: SampleSubmission, ids: Sequence[str]
) -> InferredTasks:
    """Return the tasks where rows of the sample are called by values of masks, or leave 0 open.

    Args:
        tasks: with masks that are submitted.
        sample: the sample submission.
        ids: of the images to predict.
    """
    masks, rows = tasks.masks, _sent_rows(sample, ids)
    if tasks.labels is not None or rows is None or not isinstance(masks, MaskFiles):
        return tasks
    if masks.by_class or masks.by_object:
        return tasks
    if all(name.isdecimal() for name in rows.names):
        numbered = _by_numbers(masks, rows)
        if numbered is not None:
            tasks = replace(numbered, notes=[*tasks.notes, *numbered.notes])
    return _with_open_zero(tasks, rows)


def _sent_rows(sample: SampleSubmission, ids: Sequence[str]) -> _SentRows | None:
    key, cells = key_column(sample), list(sample.table[sample.id])
    if key is not None:
        ends = list(sample.table[key])
    else:
        split = find_split(cells, set(ids).__contains__)
        if split is None or split.n_other or not split.names:
            return None
        cells, ends = list(split.ids), list(split.ends)
    names = list(dict.fromkeys(ends))
    n_pairs = len(set(zip(cells, ends, strict=True)))
    of_each = len(cells) == n_pairs == len(set(cells)) * len(names)
    return None if len(names) < 2 else _SentRows(names, of_each)


def _by_numbers(masks: MaskFiles, rows: _SentRows) -> InferredTasks | None:
    """Return the task whose classes are the values that rows name; None where they name none."""
    content = masks.content
    codes = {int(name): name for name in rows.names}
    zero_is_sent = 0 in codes
    values = [one for one in content.found if isinstance(one, int)]
    inside = {one for one in values if one != content.ignore and (zero_is_sent or one)}
    absent = codes.keys() - inside
    if len(values) < len(content.found) or len(codes) < len(rows.names):
        return None
    if inside - codes.keys() or len(inside) < 2 or 2 * len(absent) > len(codes):
        return None
    if absent and content.all_read:
        return None
    ordered = sorted(codes)
    if ordered == list(range(1, len(ordered) + 1)):
        # Numbers of the classes, which have names of their own.
        named = content.values or {}
        names = [named.get(one, "") for one in ordered]
        is_named = all(names) and len(set(names)) == len(names) and "background" not in names
        return of_sent_classes(masks, names) if is_named else None
    if not rows.of_each and (content.kind.finds_objects or content.numbered is not None):
        return None  # numbers of the objects that an image has
    has_ground = 0 in values and not zero_is_sent and content.ignore != 0
    ground: dict[int | str, str] = {0: "background"} if has_ground else {}
    names = [codes[one] for one in ordered]
    why = f"{content.why}; rows of the sample are called by these values"
    if content.zero is not None and content.values is not None and ground:
        of_zero = content.values.get(0, "")
        content = content if is_ground(of_zero) else _asked(content, of_zero)
    content = replace(
        content,
        kind=pixel_kind("multiclass"),
        classes=names,
        values={**ground, **dict(zip(ordered, names, strict=True))},
        why=why,
        open=tuple(one for one in content.open if one.key == _IGNORE),
        notes=[],
        other=None,
        numbered=None,
    )
    return InferredTasks(None, replace(masks, content=content), names)


def _asked(content: MaskContent, named: str) -> MaskContent:
    why = f"where pixels of 0 ({named}) are not scored"
    return replace(content, open=(*content.open, OpenKey(_IGNORE, ((0, why),))))


def _with_open_zero(tasks: InferredTasks, rows: _SentRows) -> InferredTasks:
    """Return the tasks with a question where 0, which nothing names, may be no background."""
    masks = tasks.masks
    if not isinstance(masks, MaskFiles) or not masks.kind.is_exclusive:
        return tasks
    content = masks.content
    zero = next((one for one in ZEROS if one in content.found), None)
    zero_is_ground = zero is not None and (
        content.values is None or content.values.get(zero) == "background"
    )
    are_without = content.n_without_zero >= max(1, _WITHOUT_ZERO * content.n_read)
    is_open = any(one.key == _IGNORE for one in content.open)
    if not zero_is_ground or not are_without or is_open or content.ignore is not None:
        return tasks
    if content.zero is not None or len(rows.names) != len(masks.classes):
        return tasks
    why = (
        f"where pixels of {zero} are not labelled: nothing names them, the sample has rows for "
        f"{some(rows.names, 3)}, and {content.n_without_zero:,} of {content.n_read:,} masks have "
        "no such pixel"
    )
    content = replace(content, open=(*content.open, OpenKey(_IGNORE, ((zero, why),))))
    return replace(tasks, masks=replace(masks, content=content))
