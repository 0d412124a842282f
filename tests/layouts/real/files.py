"""Writers of lists, JSON, spreadsheets, arrays and boxes beside images."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layouts.real.made import Builder

__all__ = ["write_box_xml", "write_json", "write_lines", "write_matlab", "write_workbook"]


def write_lines(made: Builder, name: str, lines: Iterable[str]) -> None:
    made.text(name, "\n".join(lines) + "\n")


def write_json(made: Builder, name: str, content: Any) -> None:
    made.text(name, json.dumps(content))


def write_workbook(path: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Write a spreadsheet."""
    import openpyxl

    book = openpyxl.Workbook()
    for row in (header, *rows):
        book.active.append(list(row))
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def write_matlab(path: Path, **arrays: NDArray[np.generic]) -> None:
    from scipy.io import savemat

    content = io.BytesIO()
    savemat(content, arrays)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.getvalue())


def write_box_xml(made: Builder, path: str, name: str) -> None:
    made.text(path, f"<annotation><filename>{Path(path).stem}.jpg</filename><size><width>28</width><height>20"
              f"</height><depth>3</depth></size><object><name>{name}</name><bndbox><xmin>3</xmin><ymin>2</ymin>"
              "<xmax>12</xmax><ymax>11</ymax></bndbox></object></annotation>")  # fmt: skip
