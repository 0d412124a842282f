"""The step of annotation tools: what they have of images, and the labels that it gives."""

from __future__ import annotations

from dataclasses import replace

from podium.competition.infer.annotations.read import read_annotations
from podium.competition.infer.conversions.labels.annotated_labels import (
    labels_of_images,
    numbers_of_shapes,
)
from podium.competition.infer.conversions.parts.equal_names import with_named_by_sample
from podium.competition.infer.masks.files import train_masks
from podium.competition.infer.sources import Sources

__all__ = ["with_annotations"]


def with_annotations(found: Sources) -> Sources:
    """Return the sources with the annotations of images, as a table where these give labels."""
    if train_masks(found.folder) or found.outlines is not None:
        return found
    apart = with_named_by_sample(found.folder, found.sample)
    annotations = read_annotations(apart, found.tables)
    if annotations is None:
        return found
    found = replace(found, annotations=annotations)
    rest = found.without_tables(annotations.sources)
    numbers = numbers_of_shapes(found.folder, rest.tables, annotations, found.sample)
    labels = None if numbers else labels_of_images(annotations)
    if labels is None and not numbers:
        return found
    found = rest
    for note in annotations.notes:
        found = found.with_note(note)
    for name, table in numbers.items():
        found = found.with_table(name, table)
        found = found if found.counted else replace(found, counted=found.made[-1].path)
    return found if labels is None else found.with_table("labels.csv", labels)
