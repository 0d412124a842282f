"""Labels of shapes as the sample submission calls its classes, without those that it has none of.

7.json: outlines of ひび割れ, マンホール   class_list.csv: ひび割れ,crack   sample: 9,crack,1 3
→  outlines of crack
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from podium.competition.infer.annotations.shapes import AnnotatedImage, Annotations
from podium.competition.languages import is_called
from podium.competition.spelling import letters_of
from podium.errors import plural, some

__all__ = ["as_sent"]


class _Listed(NamedTuple):
    """What classes are called in the sample, by their labels, and the table that tells so."""

    names: Mapping[str, str]
    path: str


def as_sent(
    annotations: Annotations, tables: Mapping[str, pd.DataFrame], sent: Collection[str]
) -> tuple[Annotations, str]:
    """Return annotations whose labels are classes of a sample, and the table that lists these.

    Where labels are called otherwise, one table has a row for each label, with the class beside it.
    Shapes of other labels are left out, but those of what is no class, as of void. Where a class of
    the sample has no label, nothing changes. "" where no table is needed.

    Args:
        annotations: of a tool.
        tables: by path, without those of the tool and the sample submission.
        sent: the names of classes that the sample has.
    """
    shapes = [shape for one in annotations.images for shape in one.shapes]
    labels = {label for label, _, _ in shapes}
    if not sent or annotations.are_boxes or not labels:
        return annotations, ""
    wanted = {letters_of(one) for one in sent}
    listed = _Listed({one: one for one in labels}, "")
    if not wanted <= set(map(letters_of, labels)):
        of_tables = [each for path, one in tables.items() for each in _listed(path, one, labels)]
        fitting = [one for one in of_tables if {*sent} <= {*one.names.values()}]
        if len(fitting) != 1:
            return annotations, ""
        [listed] = fitting
    left = {
        one
        for one in labels
        if letters_of(listed.names[one]) not in wanted and not is_called(one, "void", "background")
    }
    if not left and not listed.path:
        return annotations, ""
    images = [_named(one, listed.names, left) for one in annotations.images]
    notes = [*annotations.notes]
    if listed.path:
        pairs = (f"{one} is {listed.names[one]}" for one in sorted(labels - left))
        notes.append(f"shapes are called as {listed.path} has it: {', '.join(pairs)}")
    if left:
        n = sum(label in left for label, _, _ in shapes)
        notes.append(
            f"{plural(n, 'shape')} of {some(sorted(left))} left out: the sample submission has no "
            "such class"
        )
    order = [listed.names[one] for one in annotations.classes if one in labels - left]
    return replace(annotations, images=images, classes=order, notes=notes), listed.path


def _listed(path: str, table: pd.DataFrame, labels: Collection[str]) -> list[_Listed]:
    """Return the names in each column beside the one that has each label once."""
    columns = [str(one) for one in table.columns if table[one].is_unique]
    keys = [one for one in columns if {*labels} <= {*table[one]}]
    if len(keys) != 1:
        return []
    rest = [one for one in map(str, table.columns) if one != keys[0]]
    cells = {one: table[one][table[one] != ""] for one in rest}
    return [
        _Listed(dict(zip(table[keys[0]], table[one], strict=True)), path)
        for one in rest
        if cells[one].is_unique
    ]


def _named(
    image: AnnotatedImage, names: Mapping[str, str], left: Collection[str]
) -> AnnotatedImage:
    """Return an image whose shapes have these names, without the labels that are left out."""
    kept = [k for k, (label, _, _) in enumerate(image.shapes) if label not in left]
    shapes = [(names[image.shapes[k][0]], *image.shapes[k][1:]) for k in kept]
    difficult = frozenset(new for new, k in enumerate(kept) if k in image.difficult)
    return image._replace(shapes=shapes, difficult=difficult)
