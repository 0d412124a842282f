"""Files that `podium init` makes of others, and what each was made of: `made/made.json`.

    made/tables/train.csv     a table, of a list, of JSON, of a table in another dialect
    made/images/train/7.png   images that come as numbers, and made/images/train.csv beside them
    made/masks/7.png          masks that come as outlines

The data folder is never written to. A source that is another file today is reported wherever data
that changed are reported, with the command that makes the files again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import podium
from podium.competition.made_record import MADE, RECORD_FILE, MadeFile, remaking
from podium.errors import RunError
from podium.workspace import digests
from podium.workspace.atomic import write_json
from podium.workspace.ids import FileDigests
from podium.workspace.layout import Workspace
from podium.workspace.records import read_json

__all__ = [
    "MADE",
    "MadeFile",
    "changed_sources",
    "made_readers",
    "remaking",
    "write_made",
]

_Found = TypeVar("_Found")


@dataclass(frozen=True)
class SourceChange:
    """A made file of which sources are other files today.

    Attributes:
        path: of the made file.
        sources: each with what is other: `data/train.json (content)`, or `(gone)`.
        command: makes it again.
    """

    path: str
    sources: tuple[str, ...]
    command: str


def write_made(workspace: Workspace, made: Sequence[MadeFile], command: str) -> None:
    """Write what the files were made of, and the digests of all of them.

    Args:
        workspace: whose competition.yaml is there.
        made: every made file; with none nothing is written.
        command: makes them again.
    """
    if not made:
        return
    every = list(dict.fromkeys(source for one in made for source in one.sources))
    found = dict(zip(every, FileDigests(workspace).each(every), strict=True))
    files = [
        {
            "path": one.path,
            "reader": one.reader,
            "sources": [
                {
                    "path": _spelt(workspace, source),
                    "bytes": source.stat().st_size,
                    "sha256": found[source],
                }
                for source in one.sources
            ],
        }
        for one in made
    ]
    record = {"podium": podium.__version__, "command": command, "files": files}
    write_json(workspace.root / MADE / RECORD_FILE, record)
    digests.note_tree(workspace.root / MADE)


def changed_sources(workspace: Workspace) -> list[SourceChange]:
    """Return the made files of which a source is another file today, or gone.

    Raises:
        RunError: the record of what they were made of is damaged.
    """

    def found(record: dict[str, Any]) -> list[SourceChange]:
        return [
            SourceChange(str(one["path"]), changed, str(record["command"]))
            for one in record["files"]
            if (changed := tuple(_changed(workspace, one["sources"])))
        ]

    return _of_record(workspace, found)


def made_readers(workspace: Workspace) -> dict[str, str]:
    """Return as what the sources of each made file were read, by its path.

    Raises:
        RunError: the record of what they were made of is damaged.
    """

    def found(record: dict[str, Any]) -> list[tuple[str, str]]:
        return [(str(one["path"]), str(one["reader"])) for one in record["files"]]

    return dict(_of_record(workspace, found))


def _of_record(
    workspace: Workspace, found: Callable[[dict[str, Any]], list[_Found]]
) -> list[_Found]:
    """Return what `found` reads in the record of made files; [] where there is none."""
    file = workspace.root / MADE / RECORD_FILE
    if not file.is_file():
        return []
    digests.check(file)
    record = read_json(file, fix=digests.mend(file))
    try:
        return found(record)
    except (KeyError, TypeError) as error:
        raise RunError(
            f"the file is damaged: {error!r}", where=file, fix=digests.mend(file)
        ) from error


def _changed(workspace: Workspace, sources: Sequence[dict[str, Any]]) -> list[str]:
    files = {str(one["path"]): workspace.root / str(one["path"]) for one in sources}
    there = {path: file for path, file in files.items() if file.is_file()}
    today = dict(zip(there, FileDigests(workspace).each(list(there.values())), strict=True))
    return [
        f"{one['path']} ({'content' if one['path'] in today else 'gone'})"
        for one in sources
        if today.get(str(one["path"])) != one["sha256"]
    ]


def _spelt(workspace: Workspace, source: Path) -> str:
    root = workspace.root
    return source.relative_to(root).as_posix() if source.is_relative_to(root) else str(source)
