"""The classes that rows of a sample submission have, held against the values of mask files.

Rows may be called by the values themselves (10, 20, 40). Where each value but 0 has rows, 0 is
background, or pixels that are not labelled: a question, if masks without it speak for the latter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice, permutations
from typing import NamedTuple

from podium.competition.infer.evidence import OpenKey
from podium.competition.infer.ids.keys import find_split
from podium.competition.infer.masks.files import MaskFiles
from podium.competition.infer.masks.values import ZEROS, is_ground
from podium.competition.infer.sample.runs import key_column
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.tasks.settle import InferredTasks, of_sent_classes
from podium.errors import either, some
from podium.tasks.protocols.find import pixel_kind

__all__ = ["settle_values"]

_IGNORE = "data.train.ignore"
_VALUES = "data.train.mask_values"
_MOST_ORDERS = 6  # of colours
_LAST = 255
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
    tasks: InferredTasks,
    sample: SampleSubmission,
    ids: Sequence[str],
    numbers: Mapping[str, int],
) -> InferredTasks:
    """Return the tasks where rows of the sample are called by values of masks, or leave 0 open.

    Args:
        tasks: with masks that are submitted.
        ids: of the images to predict.
        numbers: name to number, where a list has that of each class beside its colour.
    """
    masks = tasks.masks
    if tasks.labels is not None or not isinstance(masks, MaskFiles):
        return tasks
    if masks.by_class or masks.by_object:
        return tasks
    if len(sample.values) == 1 and sorted(sample.table[sample.id]) == sorted(ids):
        return _of_one_mask(tasks, masks)
    rows = _sent_rows(sample, ids)
    if rows is None:
        return tasks
    if all(name.isdecimal() for name in rows.names):
        numbered = _by_numbers(masks, rows) or _by_listed_numbers(masks, rows, numbers)
        if numbered is not None:
            tasks = replace(numbered, notes=[*tasks.notes, *numbered.notes])
        else:
            tasks = _with_open_colours(tasks, rows)
    return _with_open_zero(tasks, rows)


def _with_open_colours(tasks: InferredTasks, rows: _SentRows) -> InferredTasks:
    """Return the tasks with the question which colour is which number of the rows.

    Colours of one channel each are taken in the order of red, green and blue.
    """
    masks = tasks.masks
    if not isinstance(masks, MaskFiles) or not masks.kind.is_exclusive:
        return tasks
    content, classes = masks.content, masks.classes
    values = content.values or {}
    colours = [one for one, name in values.items() if name in classes and isinstance(one, str)]
    made = [f"class {n}" for n in range(1, len(classes) + 1)]
    is_open = any(one.key == _VALUES for one in content.open)
    if classes != made or len({len(classes), len(colours), len(rows.names)}) > 1 or is_open:
        return tasks
    channels = [[n for n in (1, 3, 5) if one[n : n + 2] != "00"] for one in colours]
    if all(len(one) == 1 for one in channels) and len({one[0] for one in channels}) == len(
        channels
    ):
        colours = [colour for _, colour in sorted(zip(channels, colours, strict=True))]
    first, *others = (
        {one: name for one, name in values.items() if name not in classes}
        | dict(zip(order, classes, strict=True))
        for order in islice(permutations(colours), _MOST_ORDERS)
    )
    why = f"no colour tells which of the rows {some(rows.names, 4)} is its own"
    opened = OpenKey(_VALUES, tuple((one, why) for one in others))
    content = replace(content, values=first, open=(*content.open, opened))
    return replace(tasks, masks=replace(masks, content=content))


def _of_one_mask(tasks: InferredTasks, masks: MaskFiles) -> InferredTasks:
    """Return the tasks; of two named values 0 is background, where rows are of images alone."""
    values = masks.content.values or {}
    zero = next((one for one in ZEROS if one in values), None)
    if len(masks.classes) != 2 or len(values) != 2 or zero is None or masks.content.open:
        return tasks
    content = replace(
        masks.content,
        kind=pixel_kind("binary"),
        classes=[],
        values={one: "background" if one == zero else "foreground" for one in values},
    )
    return replace(tasks, masks=replace(masks, content=content), classes=[])


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
    """Return the task whose classes are the values, or the numbers in one channel, of the rows."""
    content = masks.content
    channel = content.channel
    if channel is None:
        return _by_values(masks, rows)
    plain = replace(
        content,
        found=tuple(channel.numbers.values()),
        values=channel.plain(content.values or {}),
        ignore=channel.plain_value(content.ignore),
    )
    task = _by_values(replace(masks, content=plain), rows)
    if task is None or not isinstance(task.masks, MaskFiles):
        return None
    named = task.masks.content
    content = replace(
        named,
        found=content.found,
        values=channel.coloured(named.values or {}),
        ignore=channel.colour(named.ignore),
        open=tuple(
            OpenKey(one.key, tuple((channel.coloured_value(n), why) for n, why in one.others))
            if one.key == _IGNORE
            else one
            for one in named.open
        ),
    )
    return replace(task, masks=replace(task.masks, content=content))


def _by_listed_numbers(
    masks: MaskFiles, rows: _SentRows, numbers: Mapping[str, int]
) -> InferredTasks | None:
    """Return the task whose classes are those that a list has the numbers of the rows for, or None.

    Numbers that do not count on from 0 or 1 are what the classes are called by.
    """
    names = {n: name for name, n in numbers.items() if name in masks.classes}
    codes = {int(one): one for one in rows.names}
    values = masks.content.values
    if values is None or len(codes) < len(rows.names) or not codes.keys() <= names.keys():
        return None
    ordered, first = sorted(codes), min(codes)
    if first in (0, 1) and ordered == list(range(first, first + len(codes))):
        return of_sent_classes(masks, [names[one] for one in ordered])
    called = {name: codes.get(n, name) for n, name in names.items()}
    content = replace(
        masks.content,
        classes=[called.get(one, one) for one in masks.classes],
        values={one: called.get(name, name) for one, name in values.items()},
    )
    return of_sent_classes(replace(masks, content=content), [codes[one] for one in ordered])


def _by_values(masks: MaskFiles, rows: _SentRows) -> InferredTasks | None:
    """Return the task whose classes are the values that rows name; None where they name none."""
    content = masks.content
    codes = {int(name): name for name in rows.names}
    values = [one for one in content.found if isinstance(one, int)]
    inside = {one for one in values if one != content.ignore and (one or 0 in codes)}
    absent, rest = codes.keys() - inside, sorted(inside - codes.keys())
    is_read = not absent or not (rest or content.all_read or 2 * len(absent) > len(codes))
    if len(values) < len(content.found) or len(codes) < len(rows.names) or not is_read:
        return None
    if rest and content.numbered is not None:
        return None  # images to predict may have fewer objects
    ordered, first = sorted(codes), min(codes)
    are_in_order = first in (0, 1) and ordered == list(range(first, first + len(codes)))
    if are_in_order:
        # Numbers of the classes, which have names of their own.
        named: Mapping[int | str, str] = content.values or _usual(content.classes)
        names = [named.get(one, "") for one in ordered]
        if all(names) and len(set(names)) == len(names) and "background" not in names:
            whole = replace(content, values=dict(named)) if rest else content
            return of_sent_classes(replace(masks, content=whole), names)
        if first == 1 or rest:
            return None
    if not rows.of_each and (content.kind.finds_objects or content.numbered is not None):
        return None  # numbers of the objects that an image has
    named = content.values or _usual(content.classes)
    opened = [one for one in content.open if one.key == _IGNORE]
    ground = [0] if 0 in values and 0 not in codes and content.ignore != 0 else []
    if ground and content.zero is not None and not is_ground(named.get(0, "background")):
        opened.append(_open_value(0, f"({named[0]}) "))
    made = {"background", *(f"class {n}" for n in range(1, len(named) + 1))}
    listed = content.zero is not None or not made.issuperset(named.values())
    if rest == [_LAST] and not listed and content.ignore is None:
        opened.append(_open_value(_LAST))
    only = f"the sample submission has rows for {some(rows.names, 4)} alone"
    left = [named.get(one, str(one)) if listed else str(one) for one in rest]
    names = [codes[one] for one in ordered]
    meaning = dict.fromkeys([*ground, *rest], "background") | codes
    content = replace(
        content,
        kind=pixel_kind("multiclass"),
        classes=names,
        values=dict(sorted(meaning.items())),
        why=f"{content.why}; rows of the sample are called by these values",
        open=tuple(opened),
        notes=[],
        other=None,
        numbered=None,
    )
    notes = [f"{only}: the pixels of {some(left, 4)} are background"] if left else []
    return InferredTasks(None, replace(masks, content=content), names, notes)


def _usual(classes: Sequence[str]) -> dict[int | str, str]:
    """Return what values mean where none is named."""
    return dict(enumerate(["background", *classes]))


def _open_value(value: int, named: str = "") -> OpenKey:
    return OpenKey(_IGNORE, ((value, f"pixels of {value} {named}may not be scored"),))


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
        f"pixels of {zero} may not be labelled: nothing names them, the sample has rows for "
        f"{some(rows.names, 3)}, and {content.n_without_zero:,} of "
        f"{either(content.n_read, 'mask has', 'masks have')} "
        "no such pixel"
    )
    content = replace(content, open=(*content.open, OpenKey(_IGNORE, ((zero, why),))))
    return replace(tasks, masks=replace(masks, content=content))
