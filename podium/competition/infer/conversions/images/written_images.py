"""Image files that were written of other data: what they are made of, and what they are called."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

__all__ = ["WrittenImages", "copied_tables", "row_names"]


class WrittenImages(NamedTuple):
    """Images of a part as files: their folder, or a file beside, what it is made of, a note."""

    path: Path
    sources: tuple[Path, ...]
    reader: str
    note: str


def copied_tables(data: Path, tables: Sequence[str], target: Path) -> list[WrittenImages]:
    """Copy tables beside the images, and return them."""
    written = []
    for path in tables:
        file = target / Path(path).name
        shutil.copyfile(data / path, file)
        written.append(WrittenImages(file, (data / path,), "a copy", f"{file.name} is a copy"))
    return written


def row_names(n: int, expected: pd.Series[str] | None) -> list[str]:
    """Return the ids of a sample submission, where there is one an image; else row numbers."""
    each = [] if expected is None else [str(one) for one in dict.fromkeys(expected)]
    if len(each) == n:
        return each
    return [str(row) for row in range(n)]
