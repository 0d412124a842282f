"""What in `competition.yaml` contradicts something else in it, as a ValueError each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.competition.data_spec import MaskTable, Source

if TYPE_CHECKING:
    from podium.competition.spec import Competition, TaskKind, TaskName

__all__ = [
    "refuse_classes",
    "refuse_columns",
    "refuse_extra",
    "refuse_labels",
    "refuse_masks",
    "refuse_object_files",
    "refuse_open_set",
    "refuse_slices",
]

MAX_MASK_CLASSES = 254  # a mask is 8 bits a pixel, and 255 stands for pixels that nobody labelled


def refuse_classes(competition: Competition, task: TaskName, kind: TaskKind) -> None:
    """Raise unless `classes` fit a task of that kind."""
    count = len(competition.classes)
    # One class of a multilabel or multiclass mask is something: there is background, too.
    least = 1 if task == "segment" else 2
    if kind in ("multiclass", "multilabel", "ordinal") and count < least:
        raise ValueError(f"classes: a {kind} task needs at least {least}, got {count}")
    if task == "segment" and kind in ("regression", "ordinal"):
        raise ValueError(
            f"tasks: segment is binary, multiclass, multilabel or instance, not {kind}"
        )
    if task == "classify" and kind == "instance":
        raise ValueError("tasks: objects have masks: write tasks: {segment: instance}")
    if task == "segment" and count > MAX_MASK_CLASSES:
        raise ValueError(f"classes: masks have at most {MAX_MASK_CLASSES}, got {count}")
    if kind == "binary" and competition.only_binary and count not in (0, 2):
        raise ValueError(
            "classes: a binary task has none (labels are 0 and 1) or two [negative, positive], "
            f"got {count}"
        )
    if kind == "regression" and len(competition.tasks) == 1 and count:
        raise ValueError(f"classes: a regression task has none, got {count}")


def refuse_open_set(competition: Competition) -> None:
    """Raise where what is none of the classes could not be told from a class, or be scored."""
    name = competition.open_set
    if name is None:
        return
    if dict(competition.tasks) != {"classify": "multiclass"}:
        raise ValueError("open_set: it is of one task alone, tasks: {classify: multiclass}")
    if name in competition.classes:
        raise ValueError(
            f"open_set: {name!r} is one of classes: take it out of them, and nothing is learnt of "
            "it; or leave open_set out, and it is a class as the others are"
        )
    if competition.submission.unknown not in (None, name):
        raise ValueError(
            f"open_set: {name!r} is {competition.submission.unknown!r} in submission.unknown: one "
            "name for what is none of the classes"
        )
    if isinstance(competition.data.train.label, list):
        raise ValueError("open_set: columns of 0 and 1 cannot say it; name one column of labels")
    if competition.data.train.unit is not None:
        raise ValueError("open_set: not where data.train.unit joins images to units")


def refuse_extra(competition: Competition) -> None:
    """Raise unless train says some answer to a task, if not to each."""
    train = competition.data.train
    has_masks = "segment" in competition.tasks and train.mask is not None
    has_labels = "classify" in competition.tasks and train.has_labels
    if has_masks:
        refuse_masks(competition, train)
    if has_labels:
        refuse_columns(competition, train)
    if not has_masks and not has_labels:
        raise ValueError(
            "data.train says no answer to learn from: it needs label, a folder in the place of "
            "{class} or, for a task segment, mask"
        )


def refuse_columns(competition: Competition, train: Source, part: str = "data.train") -> None:
    """Raise unless there is a label column a class, where there is a list of them."""
    if isinstance(train.label, list) and len(train.label) != len(competition.classes):
        raise ValueError(
            f"{part}.label names {len(train.label)} columns for {len(competition.classes)} "
            "classes: one 0/1 column a class, in the order of classes"
        )


def refuse_slices(competition: Competition) -> None:
    """Raise where a slice is seen as the neighbour of one that another fold validates."""
    slices = competition.data.train.slices
    folds = competition.folds
    if slices is not None and folds.group is None and folds.scheme != "column":
        raise ValueError(
            "data.train.slices: a slice is part of its neighbours' images, and must not cross "
            f"folds: write folds: {{scheme: stratified_group, group: {slices.volume}}}"
        )


def refuse_masks(competition: Competition, train: Source) -> None:
    """Raise unless the masks of `train` are said in the classes of the competition."""
    kind = competition.mask_kind
    names = {"background", *(["foreground"] if competition.masks_are_binary else [])}
    names |= set(competition.classes if kind != "binary" else competition.classes_of("segment"))
    if competition.masks_by_class or competition.masks_by_object:
        names -= set(competition.classes)
    unknown = sorted(set((train.mask_values or {}).values()) - names)
    if unknown:
        raise ValueError(
            f"data.train.mask_values: there is no class {unknown[0]!r}; known are "
            f"{', '.join(sorted(names))}"
        )
    if not isinstance(train.mask, MaskTable):
        if competition.has_objects:
            refuse_object_files(competition, train)
        return
    names_class = train.mask.label is not None or "{class}" in train.mask.id
    if kind == "binary" and names_class:
        raise ValueError(
            "data.train.mask: a binary mask has no classes: leave out label and {class}, or "
            "write tasks: {segment: multilabel}"
        )
    if kind != "binary" and len(competition.classes) > 1 and not names_class:
        raise ValueError(
            "data.train.mask needs label: the column that names the class of a row, or an id "
            "of {id} and {class}"
        )


def refuse_object_files(competition: Competition, train: Source) -> None:
    """Raise unless files of objects say which class each object is, and what their pixels mean."""
    if len(competition.classes) > 1 and not competition.masks_by_class:
        raise ValueError(
            "data.train.mask: files of objects of several classes have {class} in their path, as "
            "data/masks/{id}/{class}/*.png or data/masks/{class}/{id}.png; or write a table with "
            "label"
        )
    if train.mask_values is not None and not competition.masks_by_object:
        raise ValueError(
            "data.train.mask_values: the values of such a file number the objects, and 0 is "
            "background; write a * for the name of a file of one object, as data/masks/{id}/*.png"
        )


def refuse_labels(competition: Competition, train: Source) -> None:
    """Raise unless `train` says where labels are."""
    refuse_columns(competition, train)
    if competition.labels_from_masks and competition.kind in ("binary", "multilabel"):
        if competition.kind == "multilabel" and competition.mask_kind == "binary":
            raise ValueError(
                "data.train needs label: a binary mask does not say which of the classes it is"
            )
        return
    if train.table is None:
        if not train.is_by_class or competition.kind in ("multilabel", "regression"):
            raise ValueError(
                f"data.train: labels of a {competition.kind} task come from a table and its label "
                "column, or, for one class an image, from a folder in the place of {class}"
            )
    elif train.label is None:
        raise ValueError("data.train needs label: the column of the table that holds the label")
