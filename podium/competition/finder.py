"""The files that fields and the wildcards of a pattern lead to, each folder listed once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from podium.competition.patterns import Pattern

__all__ = ["Finder"]


class Finder:
    """Finds files of `pattern` below `root` by the values of its fields.

    Folders are listed once: asking a mounted drive for every file takes minutes.
    """

    def __init__(self, root: Path, pattern: Pattern) -> None:
        self._root = root
        self._pattern = pattern
        self._listings: dict[str, frozenset[str]] = {}
        self._by_fields: dict[tuple[str, ...], list[str]] = {}
        if pattern.has_wildcards:
            for path, fields in pattern.find(root):
                self._by_fields.setdefault(self._key(fields), []).append(path)

    def of(self, fields: Mapping[str, str]) -> list[str]:
        """Return the paths of the files that are there; without wildcards, one at most."""
        if self._pattern.has_wildcards:
            return self._by_fields.get(self._key(fields), [])
        path = self._pattern.fill(fields)
        folder, _, name = path.rpartition("/")
        if folder not in self._listings:
            # A path that begins with "/" has an empty folder, which is not the root's.
            self._listings[folder] = _file_names(self._root / (folder or path[: -len(name)]))
        return [path] if name in self._listings[folder] else []

    def _key(self, fields: Mapping[str, str]) -> tuple[str, ...]:
        return tuple(fields[name] for name in self._pattern.fields)


def _file_names(folder: Path) -> frozenset[str]:
    try:
        with os.scandir(folder) as entries:
            return frozenset(entry.name for entry in entries if entry.is_file())
    except (FileNotFoundError, NotADirectoryError):
        return frozenset()
