"""A folder once more, of links, with some files added or replaced."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

__all__ = ["mirror"]


def mirror(
    source: Path, to: Path, *, added: Mapping[str, Path], written: Mapping[str, str]
) -> None:
    """Make the folder `to` that shows what `source` has; nothing is copied.

    Args:
        source: the folder.
        to: the new one.
        added: place below `to` → the file that is linked there.
        written: place below `to` → the text that stands there instead of the source's.
    """
    places = {*added, *written}
    opened = {
        "/".join(parts[:n])
        for parts in (one.split("/") for one in places)
        for n in range(len(parts))
    }
    for folder in sorted(opened | {""}):
        (to / folder).mkdir(parents=True, exist_ok=True)
        if not (source / folder).is_dir():
            continue
        with os.scandir(source / folder) as entries:
            for entry in entries:
                place = f"{folder}/{entry.name}".lstrip("/")
                if place not in opened and place not in places:
                    (to / place).symlink_to(Path(entry.path).resolve())
    for place, file in added.items():
        (to / place).symlink_to(file.resolve())
    for place, text in written.items():
        (to / place).write_text(text, encoding="utf-8")
