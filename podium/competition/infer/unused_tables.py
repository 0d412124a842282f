"""Tables of a data folder that were read, and that nothing in `competition.yaml` is from."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from podium.competition.infer.files import named_as_images
from podium.competition.infer.sample.submission import is_sample_submission
from podium.competition.infer.shares import HALF, NEARLY_ALL
from podium.competition.infer.sources import Sources
from podium.competition.made_files import MADE
from podium.competition.spelling import name_words

__all__ = ["unused_tables"]

_SHOWN = 4
_PROBED = 200
_TABLES = f"{MADE}/tables/"
_TEXT_WORDS = frozenset(
    {"readme", "licence", "license", "changelog", "codebook", "dictionary", "checksums", "sizes"}
)
"""Of tables that tell of the data and hold none."""


def unused_tables(sources: Sources, text: str, notes: Sequence[str]) -> list[str]:
    """Return one note on the tables that were read and are used nowhere, with why; [] without any.

    A table is used where the text names it, or one that was made of it. Tables of which a note
    tells already, files named as images, and lists of the columns of other tables are left out.

    Args:
        sources: the files, and the tables that were made of them.
        text: `competition.yaml` with its comments.
        notes: on the same folder.
    """
    folder = sources.folder
    images = {image.path.rpartition(".")[0] for image in folder.images}
    beside = {path for one in named_as_images(folder) for path in one.paths.values()}
    beside |= {path for path in folder.tables if path.rpartition(".")[0] in images}
    sources_of = {one.path: _paths_of(sources, one.path) for one in sources.made}
    made_of_texts = {
        path: origin
        for path, origin in sources_of.items()
        if path.startswith(_TABLES) and not set(origin) & {*folder.tables, *folder.books}
        if not set(origin) & set(sources_of)
    }
    read = [*(one for one in (*folder.tables, *folder.books) if one not in beside), *made_of_texts]
    told = "\n".join(one for one in notes if not one.startswith(_TABLES))
    used = _named_in(f"{_in_one_line(text)}\n{told}", {*read, *sources_of, *folder.tables}, sources)
    used |= {path for path in sources_of if not path.startswith(_TABLES)}
    while new := {one for path in used for one in sources_of.get(path, ())} - used:
        used |= new
    rest = [one for one in read if one not in used and not _is_text(one, sources)]
    if not rest:
        return []
    listed = [f"{_called(one, made_of_texts)} ({_why(one, sources, used)})" for one in rest]
    more = [f"{len(rest) - _SHOWN:,} more"] if len(rest) > _SHOWN else []
    what = "table is" if len(rest) == 1 else "tables are"
    return [f"{len(rest):,} {what} read and not used: {', '.join([*listed[:_SHOWN], *more])}"]


def _paths_of(sources: Sources, made: str) -> tuple[str, ...]:
    """Return what a made file is of: paths in the data folder, or in the workspace.

    One that was written once more, as with its ids joined, is of what it was made of before, too.
    """
    roots = (sources.folder.path.absolute(), sources.root.absolute())
    return tuple(
        source.relative_to(root).as_posix()
        for one in sources.made
        if one.path == made
        for source in one.sources
        for root in roots
        if source.is_relative_to(root)
    )


def _in_one_line(text: str) -> str:
    """Return a text of YAML in which comments and texts in quotes are not broken."""
    return re.sub(r"\n\s*#\s*", " ", text).replace("''", "'")


def _named_in(text: str, paths: Collection[str], sources: Sources) -> set[str]:
    found = set()
    for path in paths:
        for name in {path, sources.folder.spell(path)}:
            if name in text and re.search(rf"(?<![\w/.-]){re.escape(name)}(?![\w-])", text):
                found.add(path)
    return found


def _is_text(path: str, sources: Sources) -> bool:
    """Return whether a table tells of the data: by its name, or as it lists columns of others."""
    if _TEXT_WORDS & set(name_words(path.rpartition("/")[2].partition(".")[0])):
        return True
    table = _table_of(path, sources)
    others = [one for name, one in sources.tables.items() if name != path]
    columns = {str(column) for one in others for column in one}
    if table is None or table.empty:
        return False
    shares = (table[column].isin(columns).mean() for column in table)
    return len(table) > 1 and max(shares, default=0) >= NEARLY_ALL


def _table_of(path: str, sources: Sources) -> pd.DataFrame | None:
    """Return the cells of a table, as they are or as they were written once more; or None."""
    if path in sources.tables:
        return sources.tables[path]
    of_path = [one.path for one in sources.made if path in _paths_of(sources, one.path)]
    # One may have been written once more, and again.
    for one in of_path:
        table = None if one == path else _table_of(one, sources)
        if table is not None:
            return table
    return None


def _called(path: str, made_of_texts: Mapping[str, tuple[str, ...]]) -> str:
    origin = made_of_texts.get(path, ())
    return f"{path} of {origin[0]}" if origin else path


def _why(path: str, sources: Sources, used: Collection[str]) -> str:
    """Return why nothing is from a table, as far as its cells show it."""
    table = _table_of(path, sources)
    if table is None:
        is_sample = is_sample_submission(path)
        return "another sample submission" if is_sample else "no table of train, test or a key"
    if table.empty:
        return "it has no rows"
    # A table that is used is named before one that is not.
    others = sorted(sources.tables.items(), key=lambda one: one[0] not in used)
    for column in map(str, table):
        probe = table[column].iloc[:: max(1, len(table) // _PROBED)]
        if probe.map(lambda cell: bool(sources.folder.named(cell))).mean() < NEARLY_ALL:
            continue
        rest = [one for one in map(str, table) if one != column]
        if not rest:
            return f"its {column!r} names images, and it says nothing else of them"
        return f"its {column!r} names images; no label or group is taken from its other columns"
    for column in map(str, table):
        cells = set(table[column]) - {""}
        for name, one in others:
            if (
                one is not table
                and column in one
                and cells
                and len(cells & set(one[column])) >= HALF * len(cells)
            ):
                return (
                    f"its {column!r} is that of {name}; no label or group is taken from its other "
                    "columns"
                )
    return "none of its columns names images, or is one of another table"
