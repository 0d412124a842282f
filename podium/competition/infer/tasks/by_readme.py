"""Labels and masks as a text beside the data scores them: ratings, numbers, classes, directions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from podium.competition.infer.classes.order import class_order, where_classes_are_listed
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.labels.cells.directions import find_angle_unit
from podium.competition.infer.files import DataFolder
from podium.competition.infer.labels.cells import (
    has_fractions,
    known_cells,
    may_number_classes,
    sort_classes,
)
from podium.competition.infer.labels.kinds import NOT_CERTAIN, InferredLabels, as_ratings
from podium.competition.infer.labels.negatives import is_called_none
from podium.competition.infer.masks.files import MaskFiles
from podium.competition.infer.parts.train import TrainPart
from podium.competition.infer.readme.metrics import (
    find_readme_metrics,
    readme_directions,
)
from podium.competition.infer.readme.numbers import as_readme_classes, as_readme_numbers
from podium.competition.infer.readme.scored_classes import readme_scored_classes
from podium.competition.infer.readme.texts import as_in_texts, texts_beside
from podium.competition.infer.tasks.settle import InferredTasks
from podium.competition.languages import is_called
from podium.competition.phrases import any_phrase, bounded, plain_text
from podium.competition.truths.turns import DEGREES
from podium.tasks.protocols.find import image_kind
from podium.tasks.protocols.names import IMAGES

__all__ = ["with_readme_labels", "with_scored_classes"]


def with_readme_labels(
    data: CompetitionData,
    train: TrainPart,
    tasks: InferredTasks,
    *,
    sends_masks: bool,
    is_ranking: bool,
) -> InferredTasks:
    """Return the tasks with labels as the texts beside the data score them.

    Args:
        data: whose tables may show the order of ratings.
        train: the images, with the table of their labels.
        tasks: as the labels alone show them.
        sends_masks: whether masks are sent, so that a metric is none of labels.
        is_ranking: whether a row to send ranks labels: what is ranked are classes.
    """
    folder = data.folder
    tasks = _with_listed_classes(data, tasks)
    if not sends_masks:
        tasks = _with_readme_ratings(data, train, tasks)
        if not is_ranking:
            tasks = _with_readme_numbers(folder, train, tasks)
    return _with_numbered_classes(folder, train, _with_directions(folder, train, tasks))


def _with_listed_classes(data: CompetitionData, tasks: InferredTasks) -> InferredTasks:
    """Return the tasks; a list of classes shows whether the word for none is one of them."""
    labels = tasks.labels
    if labels is None or not labels.none or labels.is_none_sure or labels.as_lists is not None:
        return tasks
    rest = [one for one in labels.classes if one != labels.none]
    every = sort_classes([*rest, labels.none])
    alone = _why_none_is_no_class(data.folder, labels)
    if alone:
        labels = replace(labels, classes=rest, is_none_sure=True, why=f"{labels.why}; {alone}")
        return replace(tasks, labels=labels, classes=rest)
    without = where_classes_are_listed(data, rest)
    with_it = where_classes_are_listed(data, every)
    if with_it:
        why = f"{labels.why}; {with_it} lists {labels.none!r} with the classes"
        # A dictionary has an entry for a word of a language for none, too: that is asked.
        none = labels.none if is_called_none(labels.none) else ""
        labels = replace(labels, classes=every, none=none, why=why)
    elif without:
        why = f"{labels.why}; {without} lists the classes without {labels.none!r}"
        labels = replace(labels, classes=rest, is_none_sure=True, why=why)
    return replace(tasks, labels=labels, classes=labels.classes)


def _why_none_is_no_class(folder: DataFolder, labels: InferredLabels) -> str:
    """Return why the word for none is surely no class where each row has a score; "" where not.

    It is right where it stands in truth and answer, as a class is: both readings have one score,
    and without the class it is never sent beside another. It is called so, or a text explains it.
    """
    named = find_readme_metrics(folder, labels.kind, labels.kind.task)[:1]
    if not named or named[0].average != "samples":
        return ""
    said = f"scored by {named[0].called!r} of each row, it counts as a class would"
    if is_called_none(labels.none):
        return said
    told = _explained_as_none(folder, labels.none)
    return f"{told}, and {said}" if told else ""


def _explained_as_none(folder: DataFolder, word: str) -> str:
    """Return which text explains a label as none of the others, in an item that begins with it."""
    name = re.escape(plain_text(as_in_texts(word)))
    begins = re.compile(rf"\W*{bounded(name)}")
    for path, text in texts_beside(folder, by_item=True):
        for line in text.split("\n"):
            plain = plain_text(line)
            if begins.match(plain) and any_phrase("none of the others").search(plain):
                return f"{path} says {' '.join(line.split())!r}"
    return ""


def _with_readme_ratings(
    data: CompetitionData, train: TrainPart, tasks: InferredTasks
) -> InferredTasks:
    """Return the tasks with ratings, where a text names a metric of such first.

    Of whole numbers the order is known. Of names a text or a table may show it, and else it is
    asked for: in another order the metric is another one.
    """
    labels, kind = tasks.labels, image_kind("ordinal")
    if labels is None or train.match is None or (labels.kind.is_ordered and not labels.is_guess):
        return tasks
    named = find_readme_metrics(data.folder, kind, kind.task)[:1]
    if not named or named[0].name != kind.usual_metric:
        return tasks
    if labels.is_guess:
        scored = f"and {named[0].path} scores by {named[0].called!r}, which is of ratings"
        why = f"{labels.why.removesuffix(NOT_CERTAIN)}, {scored}"
        return replace(tasks, labels=replace(labels, why=why, is_guess=False))
    why = f"{named[0].path} scores by {named[0].called!r}, so that its whole numbers are ratings"
    rated = as_ratings(labels, train.match.table, why)
    if rated is labels and labels.kind.is_exclusive and len(labels.classes) > 2:
        order = class_order(data, labels.classes)
        scored = f"{named[0].path} scores by {named[0].called!r}, for which their order counts"
        why = f"{labels.why}, and {scored}: {'nothing shows it' if order is None else order.why}"
        rated = replace(
            labels,
            kind=kind,
            why=why,
            open_order="these are in the alphabet's",
            as_lists=None,
            none="",
        )
        if order is not None:
            rated = replace(
                rated,
                classes=order.classes,
                open_order="" if order.is_proof else f"these are in that of {order.why}",
            )
    rated = replace(rated, columns=labels.columns)  # where the label is open, it stays so
    return replace(tasks, labels=rated, classes=rated.classes or tasks.classes)


def _with_readme_numbers(
    folder: DataFolder, train: TrainPart, tasks: InferredTasks
) -> InferredTasks:
    """Return the tasks with numbers in place of classes, or the reverse, as a text scores them."""
    if tasks.labels is None or train.match is None:
        return tasks
    labels = as_readme_numbers(folder, tasks.labels, train.match.table)
    labels = as_readme_classes(folder, labels, train.match.table)
    if labels is tasks.labels:
        return tasks
    return replace(tasks, labels=labels, classes=labels.classes)


def _with_directions(folder: DataFolder, train: TrainPart, tasks: InferredTasks) -> InferredTasks:
    """Return the tasks with another reading of numbers that may be directions, as a text states."""
    labels = tasks.labels
    if labels is None or train.match is None or not isinstance(labels.column, str):
        return tasks
    if not labels.kind.is_continuous or labels.kind.is_circular:
        return tasks
    turn = find_angle_unit(known_cells(train.match.table[labels.column]))
    told = "" if turn is None else readme_directions(folder)
    if turn is None or not told:
        return tasks
    if turn is not DEGREES:
        note = (
            f"{labels.column} may hold directions in {turn.name}, as {told}, and is taken as plain "
            "numbers: if so, call it direction in train and in the sample submission"
        )
        return replace(tasks, notes=[*tasks.notes, note])
    kind = image_kind("angle")
    why = (
        f"as {told}, and {labels.column} has numbers from 0 to 360; with submission.value: degrees"
    )
    return replace(tasks, labels=replace(labels, other=(kind, why)))


def _with_numbered_classes(
    folder: DataFolder, train: TrainPart, tasks: InferredTasks
) -> InferredTasks:
    """Return the tasks with columns that may number classes, beside fractions, as other labels.

    As `species` of 0, 1, 2 beside `length_mm`: predicted as a number, it is 1.4. A text that names
    a metric of numbers alone shows that it is one.
    """
    labels = tasks.labels
    if labels is None or train.match is None or labels.columns or not labels.kind.is_by_column:
        return tasks
    table = train.match.table
    whole = [one for one in labels.column_names if may_number_classes(table[one])]
    numbered = [one for one in whole if not is_called(one, "count")]
    if not numbered or not any(has_fractions(table[one]) for one in labels.column_names):
        return tasks
    classes = find_readme_metrics(folder, image_kind("multiclass"), IMAGES)
    if find_readme_metrics(folder, labels.kind, IMAGES) and not classes:
        return tasks
    return replace(tasks, labels=replace(labels, columns=tuple(numbered)))


def with_scored_classes(
    folder: DataFolder, tasks: InferredTasks, rows: Sequence[str]
) -> InferredTasks:
    """Return the tasks; the one class of masks that a text leaves out of the score is background.

    A note tells it where that cannot be so: the file to send has rows for it, or the masks have
    another background.

    Args:
        tasks: as the masks alone show them.
        rows: the classes that the sample submission has rows for.
    """
    masks = tasks.masks
    if masks is None or tasks.labels is not None or not masks.kind.is_exclusive:
        return tasks
    told = None if masks.kind.finds_objects else readme_scored_classes(folder, tasks.classes)
    if told is None:
        return tasks
    [rest] = {*tasks.classes} - {*told.names}
    said = f"{told.path} says {told.quote!r}"
    drawn = _drawn_values(masks) if isinstance(masks, MaskFiles) else {}
    if rest in rows or not isinstance(masks, MaskFiles) or "background" in drawn.values():
        why = "the sample submission has rows for it" if rest in rows else "and others background"
        note = f"{said}, and the masks have the class {rest}, too ({why}): is it scored?"
        return replace(tasks, notes=[*tasks.notes, note])
    content = replace(
        masks.content,
        classes=told.names,
        values={one: "background" if name == rest else name for one, name in drawn.items()},
        why=f"{masks.content.why}; {rest} is background: {told.path} scores the others alone",
    )
    note = f"{said}: the pixels of {rest} are background"
    masks = replace(masks, content=content)
    return replace(tasks, masks=masks, classes=told.names, notes=[*tasks.notes, note])


def _drawn_values(masks: MaskFiles) -> dict[int | str, str]:
    """Return the names of the values of masks, without a background that no pixel has."""
    content = masks.content
    values = content.values or dict(enumerate(["background", *content.classes]))
    return {
        value: name
        for value, name in values.items()
        if name != "background" or value in content.found
    }
