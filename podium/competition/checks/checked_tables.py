"""Digests of the tables of the data at the last check, in the metadata of its images.parquet."""

from __future__ import annotations

import json

from pyarrow import parquet

from podium.competition.spec import Competition, MaskTable
from podium.workspace.ids import FileDigests
from podium.workspace.layout import Workspace

__all__ = ["metadata_of_tables", "tables_changed"]

_TABLES = b"tables"


def metadata_of_tables(workspace: Workspace, competition: Competition) -> dict[bytes, bytes]:
    """Return the digests of the tables of the data, as metadata of a Parquet file."""
    return {_TABLES: json.dumps(_table_digests(workspace, competition)).encode()}


def tables_changed(workspace: Workspace, competition: Competition) -> bool:
    """Return whether a table of the data is another one than at the last check.

    A table is read only where its file was written since; without a check nothing is known.
    """
    file = workspace.checked_images
    try:
        checked = file.stat().st_mtime
        written = [(competition.root / name).stat() for name in _tables(competition)]
        if all(max(one.st_mtime, one.st_ctime) <= checked for one in written):
            return False
        known = json.loads((parquet.read_schema(file).metadata or {}).get(_TABLES, b"null"))
        return known is not None and known != _table_digests(workspace, competition)
    except (OSError, ValueError):
        return False  # who reads the file, or the table, reports it


def _table_digests(workspace: Workspace, competition: Competition) -> dict[str, str]:
    names = _tables(competition)
    files = [competition.root / name for name in names]
    return dict(zip(names, FileDigests(workspace).each(files), strict=True))


def _tables(competition: Competition) -> list[str]:
    data = competition.data
    every = [data.train, data.unlabelled, data.test, *data.extra.values()]
    sources = [one for one in every if one is not None]
    names = [table for source in sources for table in source.tables]
    names += [one.mask.table for one in sources if isinstance(one.mask, MaskTable)]
    return list(dict.fromkeys(names))
