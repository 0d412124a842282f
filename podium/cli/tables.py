"""Results on stdout: a table for people, JSON for scripts."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

__all__ = ["number", "print_json", "print_table"]

PLAIN_WIDTH = 140


def print_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    title: str | None = None,
    width: int | None = None,
) -> None:
    """Print `rows` under `columns`; names from data are printed as they are, never as markup.

    `width` in characters; default: the terminal's.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    # Not on a terminal, nothing should be folded at 80 columns: a log or a pipe reads it.
    plain = None if sys.stdout.isatty() else PLAIN_WIDTH
    console = Console(width=width or plain)
    if title is not None:
        # A title of the table's own would be folded at the table's width: a path in it is to stay
        # one word for whoever copies it.
        console.print(Text(title, style="italic"), soft_wrap=True)
    console.print(table)


def print_json(value: Any) -> None:
    """Print `value` as indented JSON on stdout; dates and paths as text."""
    print(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def number(value: float | None, digits: int = 4) -> str:
    """Return `value` with `digits` decimals, or a dash for None.

    Example:
        >>> number(0.51234), number(None)
        ('0.5123', '–')
    """
    return "–" if value is None else f"{value:.{digits}f}"
