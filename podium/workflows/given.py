"""The `competition.yaml` that a host gave out beside its data, taken instead of a guess."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath

from podium.competition.spec import Competition, load_competition
from podium.errors import DataError
from podium.workspace.atomic import write_text

__all__ = ["taken"]

_FILE = "competition.yaml"


def taken(data: Path, root: Path) -> tuple[Competition | None, str | None]:
    """Write the file that lies in `data` as that of the workspace `root`, if it is fit for it.

    It comes from somewhere else, so it may name no code, no host, and no file outside the data.

    Args:
        data: the competition's files as downloaded.
        root: the workspace; its data are in `root/data`.

    Returns:
        The competition, or None where there is no such file or it was not taken; and a sentence on
        what was done, or None.
    """
    file = data / _FILE
    if data != root / "data" or not file.is_file():
        return None, None
    what = f"{data.name}/{_FILE}"
    try:
        competition = load_competition(data).at(root)
    except DataError as error:
        return None, f"{what} was not taken: {error.message}"
    strange = _strange(competition)
    if strange is not None:
        return None, f"{what} was not taken: it names {strange}"
    write_text(root / _FILE, file.read_text(encoding="utf-8"))
    return competition, f"competition.yaml is the host's own, {what}"


def _strange(competition: Competition) -> str | None:
    """Return what a file from somewhere else must not name, or None."""
    reader = competition.data.reader
    reader = reader if isinstance(reader, str) else json.dumps(reader.get("name", ""))
    if ":" in competition.metric.name or ":" in reader:
        return "code of its own"
    if competition.kaggle.host is not None:
        return "a host"
    named = competition.data
    sources = [named.train, named.test, named.unlabelled, *named.extra.values()]
    paths: list[str | None] = [competition.submission.sample]
    for source in sources:
        if source is not None:
            mask = source.mask
            paths += [source.table, *source.patterns]
            paths.append(mask if mask is None or isinstance(mask, str) else mask.table)
    for path in filter(None, paths):
        parts = PurePosixPath(path).parts
        if parts[:1] != ("data",) or ".." in parts:
            return f"a file outside the data: {path}"
    return None
