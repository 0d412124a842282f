"""Classes of masks that files to send have: others are background, or a person is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from podium.competition.infer.conversions.tables.samples.nested_samples import NestedSample
from podium.competition.infer.evidence import OpenKey
from podium.competition.infer.files import DataFolder
from podium.competition.infer.masks.files import MaskFiles
from podium.competition.infer.readme.scored_classes import (
    ScoredNumber,
    readme_numbers_of_classes,
)
from podium.competition.infer.tasks.settle import InferredTasks
from podium.errors import either, some

__all__ = ["with_sent_classes"]

_CLASSES, _VALUES = "classes", "data.train.mask_values"
_FEWEST = 2  # classes; of one alone masks are binary


def with_sent_classes(
    folder: DataFolder,
    tasks: InferredTasks,
    rows: Sequence[str],
    nested: NestedSample | None,
) -> InferredTasks:
    """Return the tasks; classes of masks that files to send lack are background.

    A sample has rows, or records, of some of the classes alone. That of records may have left the
    others out as no image of it has them: unless a text tells as many classes, all of them are
    another reading. Where no sample names any, and a text tells fewer than masks have, it is asked
    which.

    Args:
        tasks: as the masks alone show them.
        rows: the classes that the sample submission has rows for.
        nested: a sample of records in records.
    """
    masks = tasks.masks
    if not isinstance(masks, MaskFiles) or tasks.labels is not None or masks.by_class:
        return tasks
    if not masks.kind.is_exclusive or masks.kind.finds_objects or _are_classes_open(masks):
        return tasks
    words = {*rows} if nested is None else {*nested.words}
    named = [one for one in tasks.classes if one in words]
    told = readme_numbers_of_classes(folder)
    if len(named) == len(tasks.classes) or (nested is None and not {*rows} <= {*named}):
        return tasks
    if len(named) < _FEWEST:
        return tasks if named or rows else _with_question(tasks, masks, told)
    path = "the sample submission" if nested is None else nested.path
    same = next((one.told for one in told if one.n == len(named)), "")
    return _of_named(tasks, masks, named, path, same, is_sure=nested is None or bool(same))


def _are_classes_open(masks: MaskFiles) -> bool:
    return bool({_CLASSES, _VALUES} & {one.key for one in masks.content.open})


def _of_named(
    tasks: InferredTasks,
    masks: MaskFiles,
    named: list[str],
    path: str,
    told: str,
    *,
    is_sure: bool,
) -> InferredTasks:
    """Return the tasks of the named classes, with the others as background.

    Args:
        tasks, masks: as they are.
        named: the classes of the file to send.
        path: what has these alone.
        told: the text that tells as many classes; "" without.
        is_sure: whether the others cannot be scored, too.
    """
    content, rest = masks.content, [one for one in tasks.classes if one not in named]
    drawn = content.values or dict(enumerate(["background", *content.classes]))
    ground = f"{some(rest)} {'is' if len(rest) == 1 else 'are'} background"
    why = f"{path} has {some(named)} alone{f', and {told}' if told else ''}"
    values = {one: name if name in named else "background" for one, name in drawn.items()}
    others = content.open
    if not is_sure:
        where = "where all classes of the masks are scored"
        others += (
            OpenKey(_CLASSES, ((list(tasks.classes), where),)),
            OpenKey(_VALUES, ((drawn, where),)),
        )
    content = replace(
        content, classes=named, values=values, why=f"{content.why}; {ground}: {why}", open=others
    )
    notes = [*tasks.notes, f"{why}: the pixels of {ground}"]
    return replace(tasks, masks=replace(masks, content=content), classes=named, notes=notes)


def _with_question(
    tasks: InferredTasks, masks: MaskFiles, told: Sequence[ScoredNumber]
) -> InferredTasks:
    """Return the tasks; which classes are scored is asked where a text tells fewer than masks have.

    No question is asked where it tells as many as there are, too.
    """
    n = len(tasks.classes)
    fewer = [one for one in told if one.n < n]
    if not fewer or any(one.n >= n for one in told):
        return tasks
    [first, *_] = fewer
    why = f"{first.told}, and masks have {n}: give the others as background in {_VALUES}"
    open_key = OpenKey(
        _CLASSES, ((f"<the {either(first.n, 'class', 'classes')} that are scored>", why),)
    )
    content = replace(masks.content, open=(*masks.content.open, open_key))
    return replace(tasks, masks=replace(masks, content=content))
