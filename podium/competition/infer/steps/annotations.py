"""The step of annotation tools: what they have of images, and the labels that it gives."""

from __future__ import annotations

from dataclasses import replace

from podium.competition.infer.annotations.read import read_annotations
from podium.competition.infer.annotations.sent_labels import as_sent
from podium.competition.infer.annotations.shapes import Annotations
from podium.competition.infer.conversions.labels.classes_of_shapes import classes_of_shapes
from podium.competition.infer.conversions.labels.counts.annotated_labels import (
    labels_of_images,
    numbers_of_shapes,
)
from podium.competition.infer.conversions.labels.unpredicted import (
    are_beside_class_folders,
    has_boxes_to_send,
)
from podium.competition.infer.conversions.parts.equal_names import with_named_by_sample
from podium.competition.infer.conversions.tables.rows.several_rows import no_boxes
from podium.competition.infer.masks.files import train_masks
from podium.competition.infer.sample.runs import key_column, runs_column, split_keys
from podium.competition.infer.sources import Sources
from podium.errors import plural, some

__all__ = ["with_annotations"]


def with_annotations(found: Sources) -> Sources:
    """Return the sources with the annotations of images, as a table where these give labels."""
    if train_masks(found.folder) or found.outlines is not None:
        return found
    apart = with_named_by_sample(found.folder, found.sample)
    sent = _classes_sent(found)
    annotations = read_annotations(replace(found, folder=apart), sent)
    if annotations is None:
        return found
    rest = found.without_tables(annotations.sources)
    annotations, listed = as_sent(annotations, rest.tables, sent)
    found = replace(found.without_tables([listed]), annotations=annotations)
    rest = replace(rest.without_tables([listed]), annotations=annotations)
    joint = classes_of_shapes(replace(found, tables=rest.tables), annotations)
    if joint is not None and found.label is None and not found.masks_alone:
        annotations, of_images = joint
        found = replace(rest, annotations=annotations).with_note(*annotations.notes)
        return found.with_table("labels.csv", of_images)
    numbers = numbers_of_shapes(replace(found, tables=rest.tables), annotations)
    labels = None if numbers else labels_of_images(annotations)
    if labels is None and not numbers and annotations.are_boxes:
        if found.label is None and are_beside_class_folders(found.folder, found.sample):
            files = f"{plural(len(annotations.sources), 'file')}, as {annotations.sources[0]}"
            return found.with_note(f"boxes in {files}, are not used: images lie in class folders")
        _refuse_boxes(found, annotations)
    if labels is None and not numbers:
        return found
    found = rest.with_note(*annotations.notes)
    for name, table in numbers.items():
        found = found.with_table(name, table)
        found = found if found.counted else replace(found, counted=found.made[-1].path)
    return found if labels is None else found.with_table("labels.csv", labels)


def _classes_sent(found: Sources) -> list[str]:
    """Return the names, or numbers, of the classes that rows of the sample are of; [] of none."""
    sample = found.sample
    if sample is None:
        return []
    key = key_column(sample)
    if key is not None:
        return list(sample.table[key].unique())
    split = split_keys(list(sample.table[sample.id]), found.folder)
    return [] if split is None else split.names


def _refuse_boxes(found: Sources, annotations: Annotations) -> None:
    """Raise where all that was drawn are boxes, and the sample asks for such or for a number.

    Raises:
        DataError: podium predicts no boxes.
    """
    sample, rest = found.sample, found.without_tables(annotations.sources)
    if sample is None or found.label is not None:
        return
    # Answers of a table are no objects: the boxes are further facts then.
    if any(set(sample.values) & {*table.columns} for table in rest.tables.values()):
        return
    if not (sample.has_numbers and runs_column(sample) is None) and not has_boxes_to_send(sample):
        return
    n = sum(len(one.shapes) for one in annotations.images)
    source, *more = annotations.sources
    told = f" of {some(annotations.sources)}" if more else ""
    raise no_boxes(
        f"the {plural(n, 'object')}{told} {'is' if n == 1 else 'are'} boxes without outlines",
        where=found.folder.path / source,
    )
