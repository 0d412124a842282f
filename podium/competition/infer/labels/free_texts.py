"""Cells that tell of an image in sentences or in JSON, and name no class.

The lighting is good, and the subject sharp.      {"Leaf": [{"state": "healthy", "points": []}]}
"""

from __future__ import annotations

import json
import re

import pandas as pd

from podium.competition.infer.labels.cells import known_cells
from podium.competition.infer.shares import HALF

__all__ = ["are_free_texts"]

# A full stop also ends names, as `Malus domestica (Suckow) Borkh.`: these have few words.
_SENTENCE = re.compile(r"(?:\S+\s+){4,}\S*[^\W\d_]{2,}\W*\.\W*|.*\S\s+\S.*[!?]\W*|.{5,}。", re.S)


def are_free_texts(cells: pd.Series[str]) -> bool:
    """Return whether half of the different cells are sentences, or records in JSON.

    Example:
        >>> are_free_texts(pd.Series(["The x-ray shows a mass.", "The scan shows an arrow."]))
        True
        >>> are_free_texts(pd.Series(["Acer platanoides L.", "a list of five names", '["x", "y"]']))
        False
    """
    values = known_cells(cells).unique()
    n_texts = sum(_SENTENCE.fullmatch(one) is not None or _is_record(one) for one in values)
    return n_texts > 0 and n_texts >= HALF * len(values)


def _is_record(cell: str) -> bool:
    """Return whether a cell is an object of JSON, or a list of such."""
    if not cell.lstrip().startswith(("{", "[")):
        return False
    try:
        read = json.loads(cell)
    except ValueError:
        return False
    records = read if isinstance(read, list) else [read]
    return bool(records) and all(isinstance(one, dict) for one in records)
