"""The texts that a host puts beside the data, as README.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from podium.competition.infer.files import DataFolder, common_parent

__all__ = ["texts_beside"]

_ENDS = (".md", ".txt", ".rst", ".html", ".htm")
_LARGEST = 200_000  # bytes of a text that tells of a competition


def texts_beside(folder: DataFolder, *, by_line: bool = False) -> Iterator[tuple[str, str]]:
    """Yield path and text of those in the data folder itself, in small letters.

    Where all files lie in one folder of it, as a zip of a folder has them, those in this one.

    Words have one blank between them: no hyphens or signs of Markdown and HTML. Lines end where
    they do `by_line`, else in a blank, too.
    """
    between = r"[^\S\n]" if by_line else r"\s"
    every = [*(image.path for image in folder.images), *folder.tables, *folder.others]
    places = ("", common_parent(path.rpartition("/")[0] for path in every))
    for path in folder.others:
        file = folder.path / path
        is_beside = path.rpartition("/")[0] in places and path.lower().endswith(_ENDS)
        if not is_beside or file.stat().st_size > _LARGEST:
            continue
        text = re.sub(r"<[^<>]*>", " ", _read(file))
        yield path, re.sub(rf"(?:{between}|[_*`-])+", " ", text).casefold()


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return file.read_text(encoding="cp1252", errors="replace")
