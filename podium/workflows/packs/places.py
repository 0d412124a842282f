"""Where the files of a test set lie for a package, which calls the folder of the data `data/`.

`podium init ~/downloads/leaves` in an empty folder leaves the data where they are: the one folder
that has all of them then takes the place of `data/`, and tables that podium made of it go along.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from podium.competition.made_files import MADE
from podium.competition.spec import Competition
from podium.errors import UsageError
from podium.workspace.layout import COMPETITION_FILE
from podium.workspace.marked_yaml import dump_yaml, load_plain_yaml

__all__ = ["PlacesOfData", "folder_of_data", "places_of_data"]

PlacesOfData = tuple[str, dict[Path, bytes]]
"""The text of `competition.yaml` with `data/` before its paths, and made tables by their places."""
_OUTSIDE = re.compile(r"(/|\.\./)[^/]")
_BELOW = "data/"


def places_of_data(competition: Competition, text: str) -> PlacesOfData:
    """Return the text of `competition.yaml` for a package, and the made tables that it reads.

    Raises:
        UsageError: a file of the test set lies elsewhere, or a host will hide rows of a made table.
    """
    test, spec = competition.data.test, competition.submission
    where = competition.root / COMPETITION_FILE
    if test is None:
        raise UsageError(
            "the path of the test images is unknown",
            where=where,
            fix="write data.test as they will be named",
        )
    folder = folder_of_data(competition, text)
    if folder is not None:
        text = dump_yaml(_moved(load_plain_yaml(text), folder))
    lookup = None if spec.file.lookup is None else spec.file.lookup.table
    tables = [one for one in (*test.tables, spec.sample, lookup) if one is not None]
    made = [one for one in tables if one.startswith(f"{MADE}/")]
    if made and competition.kaggle.kind == "code":
        raise UsageError(
            f"podium init made {made[0]} of the files that are here, and the host's hidden images "
            "have no row in it",
            where=where,
            fix="name the host's own file in data.test and submission.sample",
        )
    for one in (*test.patterns, *tables):
        below = str(_moved(one, folder))
        if one not in made and (not below.startswith(_BELOW) or ".." in below.split("/")):
            raise UsageError(
                f"{one} does not lie below data/, which the competition's folder takes the place "
                "of, nor with train and the sample in one other folder",
                where=where,
                fix="move it there, and write data/ before it",
            )
    return text, {Path(one): (competition.root / one).read_bytes() for one in made}


def folder_of_data(competition: Competition, text: str) -> str | None:
    """Return the folder outside the workspace that has all its data, as `text` writes it.

    None where some of the data lie below `data/`, or no one folder has the others.
    """
    document = load_plain_yaml(text)
    data = document.get("data", {})
    parts = [data.get("train"), data.get("test"), competition.submission.sample]
    found = list(_texts(parts))
    outside = [one for one in found if _OUTSIDE.match(one)]
    if not outside or any(one.startswith(_BELOW) for one in found):
        return None
    folders = [re.split(r"[{*?]", one)[0].rpartition("/")[0] for one in outside]
    try:
        common = os.path.commonpath(folders)
    except ValueError:  # an absolute path beside one of another kind
        return None
    return None if common.replace("..", "").strip("/") == "" else common


def _moved(value: Any, folder: str | None) -> Any:
    """Return `value` with `data/` in the place of the folder, in every text."""
    if folder is None:
        return value
    if isinstance(value, Mapping):
        return {key: _moved(one, folder) for key, one in value.items()}
    if isinstance(value, list):
        return [_moved(one, folder) for one in value]
    is_below = isinstance(value, str) and value.startswith(f"{folder}/")
    return _BELOW + value.removeprefix(f"{folder}/") if is_below else value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, str):
        yield value
