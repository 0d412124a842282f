"""`labels/answers.jsonl` (append-only): the labels of annotators.

A line of the file is one label: the id and content hash of the image, the label as text, the
annotator, the time and the labelling request. The last line about an image counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from podium.errors import DataError
from podium.workspace import json_lines
from podium.workspace.layout import Workspace

__all__ = ["Annotation", "add_annotations", "annotations_file", "read_annotations"]


@dataclass(frozen=True)
class Annotation:
    """The label that one annotator gave one image.

    Attributes:
        id: of the image.
        image: sha256 of its content at the time of the labelling request.
        label: the label as text, as in a table's cell.
        request: id of the labelling request; "" where the file has none.
        who: the annotator.
        when: time in ISO text, UTC.
    """

    id: str
    image: str
    label: str
    request: str
    who: str
    when: str


def annotations_file(workspace: Workspace) -> Path:
    """Return the path of the file of all annotations."""
    return workspace.labels / "answers.jsonl"


def read_annotations(workspace: Workspace) -> dict[str, Annotation]:
    """Return the last annotation of each image, by id; {} where no label was requested.

    Raises:
        DataError: a line is not a valid annotation.
    """
    names = [one.name for one in fields(Annotation)]
    found: dict[str, Annotation] = {}
    for line in json_lines.read(annotations_file(workspace)):
        if set(names) - set(line):
            raise DataError(
                f"a line is no answer: {line}",
                where=annotations_file(workspace),
                fix="restore the file from a copy, or take the line out",
            )
        answer = Annotation(**{name: str(line[name]) for name in names})
        found[answer.id] = answer
    return found


def add_annotations(workspace: Workspace, annotations: Sequence[Annotation]) -> None:
    """Add lines, all in one write; the caller holds `json_lines.growing(workspace.labels)`."""
    json_lines.append(annotations_file(workspace), [asdict(one) for one in annotations])
