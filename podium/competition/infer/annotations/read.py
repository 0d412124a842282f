"""What people drew, marked or chose in images, from the files of any tool in `tools/`."""

from __future__ import annotations

from collections.abc import Collection

from podium.competition.infer.annotations import tools
from podium.competition.infer.annotations.shapes import (
    AnnotationFiles,
    Annotations,
    without_slips,
)
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.spelling import letters_of
from podium.workspace import extensions

__all__ = ["read_annotations"]


def read_annotations(data: CompetitionData, sent: Collection[str] = ()) -> Annotations | None:
    """Return what the files of an annotation tool have; None where there are none.

    Args:
        data: with tables, as a tool may write one.
        sent: the names of classes that are asked for, as far as they are known.

    Raises:
        DataError: a file is of a tool, and cannot be read.
    """
    files = AnnotationFiles(data.folder, data.tables, frozenset(map(letters_of, sent)))
    for name in extensions.names(tools):
        found: Annotations | None = extensions.load(tools, name, "read_tool")(files)
        if found is not None and found.images:
            return without_slips(found)
    return None
