"""Results on stdout: a table for people, JSON for scripts."""

from __future__ import annotations

import json
import os
import shutil
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from podium.cli.context import json_lines

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["fit_columns", "is_ascii_only", "print_json", "print_table", "table_console"]

PLAIN_WIDTH = 140
GAP = 3
"""Characters between two columns, and around all of them."""


def print_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    title: str | None = None,
    width: int | None = None,
) -> None:
    """Print `rows` under `columns`; names from data are printed as they are, never as markup.

    `width` in characters; default: the terminal's. A table that is too wide is turned, if rows then
    fit as columns; else each row is printed as a card.
    """
    from rich import box
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text

    shown = [["" if cell is None else str(cell) for cell in row] for row in rows]
    console = table_console(width)
    if title is not None:
        # A title of the table's own would be folded at the table's width: a path in it must stay
        # one word, to be copied.
        console.print(Text(title, style="italic"), soft_wrap=True)
    by_column = [[name, *cells] for name, *cells in zip(columns, *shown, strict=True)]
    least = [max(cell_len(word) for cell in cells for word in cell.split() or [""])
             for cells in by_column]  # fmt: skip
    most = [max(cell_len(line) for cell in cells for line in cell.splitlines() or [""])
            for cells in by_column]  # fmt: skip
    widths = _column_widths(least, most, console.width - GAP * len(columns))
    if widths is None and len(columns) > len(shown) > 1:
        lines = [[columns[0], *(row[0] for row in shown)], *by_column[1:]]
        turned = [max(map(cell_len, cells)) for cells in zip(*lines, strict=True)]
        if sum(turned) + GAP * len(turned) <= console.width:
            (columns, *shown), widths = lines, turned
    if widths is None:
        for row in shown:
            _print_card(columns, row, console.width)
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column, cells in zip(columns, widths, strict=True):
        table.add_column(column, overflow="fold", width=cells)
    for row in shown:
        table.add_row(*map(Text, row))
    console.print(table)


def _column_widths(least: Sequence[int], most: Sequence[int], room: int) -> list[int] | None:
    """Return the widths that fill at most `room`, the widest columns cut first; None: none do.

    `least` are the longest words of the columns, which are never broken, `most` their lines.
    """
    widths = list(most)
    while sum(widths) > room:
        wide = [i for i, width in enumerate(widths) if width > least[i]]
        if not wide:
            return None
        widths[max(wide, key=widths.__getitem__)] -= 1
    return widths


def _print_card(columns: Sequence[str], row: Sequence[str], width: int) -> None:
    """Print one row of a table that is too wide: a line for each cell, no word of it broken."""
    print(f"{columns[0]} {row[0]}" if row[0].isdigit() else row[0])
    for column, cell in zip(columns[1:], row[1:], strict=True):
        if cell:
            text = " ".join(f"{column}: {cell}".split()) if column else cell
            print(textwrap.fill(text, max(width, 20), initial_indent="  ", subsequent_indent="    ",
                                break_long_words=False, break_on_hyphens=False))  # fmt: skip


def fit_columns(
    columns: Mapping[str, Sequence[str]], least: Iterable[str], width: int
) -> dict[str, Sequence[str]]:
    """Return the columns that stand side by side in `width` characters, with no cell folded.

    Args:
        columns: the cells of each, by its name.
        least: names that may be left out, the least important first. Before any of them is, names
            that are wider than their cells are broken at spaces.
        width: characters of a line.
    """

    def room(shown: Mapping[str, Sequence[str]]) -> int:
        return sum(
            max(len(line) for line in (*name.split("\n"), *cells)) + GAP
            for name, cells in shown.items()
        )

    shown = dict(columns)
    if room(shown) <= width:
        return shown
    names = {name: _wrap(name, cells) for name, cells in columns.items()}
    shown = {names[name]: cells for name, cells in columns.items()}
    for name in least:
        if room(shown) <= width:
            break
        shown.pop(names.get(name, ""), None)
    return shown


def _wrap(name: str, cells: Sequence[str]) -> str:
    longest = max(map(len, (*name.split(), *cells)), default=1)
    return "\n".join(textwrap.wrap(name, longest, break_on_hyphens=False))


def table_console(width: int | None = None) -> Console:
    """Return what prints tables on stdout, `width` characters wide; default: the terminal's."""
    from rich.console import Console

    # Not on a terminal, nothing should be folded at 80 columns: a log or a pipe reads it.
    if width is None and sys.stdout.isatty():
        width = shutil.get_terminal_size().columns  # rich takes 80 for a terminal that is "dumb"
    return Console(width=width or PLAIN_WIDTH)


def print_json(value: Any) -> None:
    """Print `value` as indented JSON on stdout, with --json-lines in a line; paths as text."""
    lines = json_lines()
    if lines is not None:
        lines.event("result", **(value if isinstance(value, dict) else {"found": value}))
        return
    print(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def is_ascii_only() -> bool:
    """Return whether only ASCII can be shown."""
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    return os.environ.get("TERM") == "dumb" or not encoding.startswith("utf")
